/* measure.c: runs a command some times; says how long each took to its last byte, and how much memory it
 * held.
 *
 *      measure [-n RUNS] [-w WARM] COMMAND ARGUMENT...
 *
 * Prints one line: median, least and most wall time in milliseconds, the median of the processor's time in
 * milliseconds, and the greatest peak of resident memory in KiB. WARM runs come first and do not count.
 * The command's output is read to its end and thrown away; what it says as errors goes through. A run that
 * does not exit with 0 ends the measurement with exit code 1. */
#define _DEFAULT_SOURCE /* wait4: times and peak memory of one child */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MOST 10000

typedef struct sample {
    double wall_ms, processor_ms;
    long peak_kib;
} sample;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double milliseconds(struct timeval t) {
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static int fail(const char *what, const char *name) {
    fprintf(stderr, "measure: cannot %s %s: %s\n", what, name, strerror(errno));
    return 1;
}

/* Reads until the writer has closed. */
static int drain(int fd) {
    char bytes[65536];
    for (;;) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n == 0) return 0;
        if (n < 0 && errno != EINTR) return -1;
    }
}

static void become(char **command, const int ends[2]) {
    if (dup2(ends[1], STDOUT_FILENO) < 0) _exit(126);
    close(ends[0]);
    close(ends[1]);
    execvp(command[0], command);
    fprintf(stderr, "measure: cannot run %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

/* One run, from before the fork to the last byte. */
static int run_once(char **command, sample *out) {
    int ends[2], status;
    struct rusage used;
    if (pipe(ends) != 0) return fail("open a pipe for", command[0]);
    double begin = now_ms();
    pid_t child = fork();
    if (child < 0) return fail("fork for", command[0]);
    if (child == 0) become(command, ends);
    close(ends[1]);
    int drained = drain(ends[0]);
    out->wall_ms = now_ms() - begin;
    close(ends[0]);
    while (wait4(child, &status, 0, &used) < 0) {
        if (errno != EINTR) return fail("wait for", command[0]);
    }
    if (drained) return fail("read from", command[0]);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "measure: %s %s %d\n", command[0],
                WIFEXITED(status) ? "exited with" : "was ended by signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        return 1;
    }
    out->processor_ms = milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
    out->peak_kib = used.ru_maxrss;
    return 0;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, long count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void report(const sample *samples, long runs) {
    double *wall = calloc((size_t)runs, sizeof *wall), *processor = calloc((size_t)runs, sizeof *processor);
    long peak = 0;
    if (!wall || !processor) abort();
    for (long i = 0; i < runs; i++) {
        wall[i] = samples[i].wall_ms;
        processor[i] = samples[i].processor_ms;
        if (samples[i].peak_kib > peak) peak = samples[i].peak_kib;
    }
    double middle = median(wall, runs);
    printf("%.3f %.3f %.3f %.3f %ld\n", middle, wall[0], wall[runs - 1], median(processor, runs), peak);
    free(wall);
    free(processor);
}

/* A number of runs, or -1. */
static long count_of(const char *text) {
    char *end;
    long n = text ? strtol(text, &end, 10) : -1;
    return text && *text && !*end && n >= 0 && n <= RUNS_MOST ? n : -1;
}

int main(int argc, char **argv) {
    long runs = 1, warm = 0;
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        long *which = strcmp(argv[i], "-n") == 0 ? &runs : strcmp(argv[i], "-w") == 0 ? &warm : NULL;
        if (!which || (*which = count_of(argv[i + 1])) < 0) break;
    }
    if (i >= argc || argv[i][0] == '-' || runs < 1) {
        fprintf(stderr, "usage: measure [-n RUNS] [-w WARM] COMMAND ARGUMENT...\n");
        return 2;
    }
    sample *samples = calloc((size_t)runs, sizeof *samples);
    if (!samples) return fail("take memory for", argv[i]);
    for (long k = -warm; k < runs; k++) {
        if (run_once(argv + i, &samples[k < 0 ? 0 : k])) return 1;
    }
    report(samples, runs);
    free(samples);
    return 0;
}

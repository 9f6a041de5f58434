/* measure.c: runs a command some times; says how long each took to its last byte, and how much memory it
 * held.
 *
 *      measure [-n RUNS] [-w WARM] [-o FILE] [-l SECONDS] COMMAND ARGUMENT...
 *
 * Prints one line: median, least and most wall time in milliseconds, the median of the processor's time in
 * milliseconds, and the greatest peak of resident memory in KiB. WARM runs come first and do not count.
 * The command's output is read to its end and thrown away, or with -o goes into a file, anew each time; what
 * it says as errors goes through. A run that does not exit with 0, or with -l takes more of the processor's
 * time, ends the measurement with exit code 1. */
#define _DEFAULT_SOURCE /* wait4: times and peak memory of one child */
#include <errno.h>
#include <fcntl.h>
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

typedef struct plan {
    char **command;
    const char *file; /* of the output; NULL: a pipe */
    long seconds;     /* of the processor at most; 0: no limit */
} plan;

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

/* The limit is the kernel's: a command that catches its signal is killed a second later. */
static void become(const plan *p, int out) {
    if (dup2(out, STDOUT_FILENO) < 0) _exit(126);
    if (p->seconds > 0) {
        struct rlimit limit = {.rlim_cur = (rlim_t)p->seconds, .rlim_max = (rlim_t)p->seconds + 1};
        if (setrlimit(RLIMIT_CPU, &limit) != 0) _exit(126);
    }
    execvp(p->command[0], p->command);
    fprintf(stderr, "measure: cannot run %s: %s\n", p->command[0], strerror(errno));
    _exit(127);
}

/* Where the output goes: ends[1]; ends[0] is where it is read, -1 for a file. */
static int open_output(const plan *p, int ends[2]) {
    if (!p->file) {
        if (pipe(ends) != 0) return fail("open a pipe for", p->command[0]);
        fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    } else {
        ends[0] = -1;
        ends[1] = open(p->file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (ends[1] < 0) return fail("write", p->file);
    }
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

/* One run, from before the fork to the last byte, or into a file to the exit. */
static int run_once(const plan *p, sample *out) {
    const char *name = p->command[0];
    int ends[2], status;
    struct rusage used;
    if (open_output(p, ends)) return 1;
    double begin = now_ms();
    pid_t child = fork();
    if (child < 0) return fail("fork for", name);
    if (child == 0) become(p, ends[1]);
    close(ends[1]);
    int drained = p->file ? 0 : drain(ends[0]);
    if (!p->file) out->wall_ms = now_ms() - begin;
    while (wait4(child, &status, 0, &used) < 0) {
        if (errno != EINTR) return fail("wait for", name);
    }
    if (p->file) out->wall_ms = now_ms() - begin;
    if (!p->file) close(ends[0]);
    if (drained) return fail("read from", name);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "measure: %s %s %d\n", name,
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

/* Takes the options; the index of the command among the arguments, or -1. */
static int read_options(int argc, char **argv, long *runs, long *warm, plan *p) {
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i], "-o") == 0) {
            p->file = argv[i + 1];
            continue;
        }
        long *which = strcmp(argv[i], "-n") == 0   ? runs
                      : strcmp(argv[i], "-w") == 0 ? warm
                      : strcmp(argv[i], "-l") == 0 ? &p->seconds
                                                   : NULL;
        if (!which || (*which = count_of(argv[i + 1])) < 0) return -1;
    }
    return i < argc && argv[i][0] != '-' && *runs > 0 ? i : -1;
}

int main(int argc, char **argv) {
    long runs = 1, warm = 0;
    plan p = {0};
    int first = read_options(argc, argv, &runs, &warm, &p);
    if (first < 0) {
        fprintf(stderr, "usage: measure [-n RUNS] [-w WARM] [-o FILE] [-l SECONDS] COMMAND ARGUMENT...\n");
        return 2;
    }
    p.command = argv + first;
    sample *samples = calloc((size_t)runs, sizeof *samples);
    if (!samples) return fail("take memory for", argv[first]);
    for (long k = -warm; k < runs; k++) {
        if (run_once(&p, &samples[k < 0 ? 0 : k])) return 1;
    }
    report(samples, runs);
    free(samples);
    return 0;
}

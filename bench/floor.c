/* floor.c: the least that any monitor has to do with a log: find its time points, names, events and values.
 *
 *      floor LOG
 *
 * One pass over the mapped file, a byte at a time, nothing copied, nothing looked up; integers are converted.
 * Prints time points, events, fields, the sum of all integers and of all time stamps: numbers that no
 * compiler can leave out, and that say whether the whole log was read. A log in the plain form of gen_mfotl.py
 * is expected (no comments, no commands). */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct counts {
    uint64_t points, events, fields, numbers, stamps;
} counts;

/* What ends a bare word. */
static const unsigned char STOPS[256] = {
    [' '] = 1, ['\n'] = 1, ['\t'] = 1, [','] = 1, ['('] = 1, [')'] = 1, [';'] = 1, ['@'] = 1};

/* A value at p, before `end`: the first byte after it. */
static const unsigned char *value(const unsigned char *p, const unsigned char *end, counts *c) {
    c->fields++;
    if (*p == '"') {
        for (p++; p < end && *p != '"'; p++) {
            if (*p == '\\') p++;
        }
        return p < end ? p + 1 : end;
    }
    uint64_t n = 0, minus = *p == '-';
    const unsigned char *digits = p += minus;
    for (; p < end && (unsigned)(*p - '0') < 10; p++) n = n * 10 + (*p - '0');
    if (p < end && !STOPS[*p]) { /* a float, or a word */
        while (p < end && !STOPS[*p]) p++;
    } else if (p > digits) {
        c->numbers += minus ? 0 - n : n;
    }
    return p;
}

static const unsigned char *stamp(const unsigned char *p, const unsigned char *end, counts *c) {
    uint64_t n = 0;
    for (; p < end && (unsigned)(*p - '0') < 10; p++) n = n * 10 + (*p - '0');
    c->points++;
    c->stamps += n;
    return p;
}

/* The fields of an event from after its `(` to after its `)`. */
static const unsigned char *fields(const unsigned char *p, const unsigned char *end, counts *c) {
    while (p < end && *p != ')') {
        if (*p == ',' || *p == ' ' || STOPS[*p]) {
            p++;
        } else {
            p = value(p, end, c);
        }
    }
    return p < end ? p + 1 : end;
}

static counts tokenize(const unsigned char *p, const unsigned char *end) {
    counts c = {0};
    while (p < end) {
        if (*p == '@') {
            p = stamp(p + 1, end, &c);
        } else if (*p == '(') {
            c.events++;
            p = fields(p + 1, end, &c);
        } else if (STOPS[*p]) {
            p++;
        } else { /* a name */
            while (p < end && !STOPS[*p]) p++;
        }
    }
    return c;
}

static int fail(const char *name) {
    fprintf(stderr, "floor: cannot read %s: %s\n", name, strerror(errno));
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: floor LOG\n");
        return 2;
    }
    int fd = open(argv[1], O_RDONLY);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0) return fail(argv[1]);
    counts c = {0};
    if (about.st_size > 0) {
        size_t size = (size_t)about.st_size;
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED) return fail(argv[1]);
        c = tokenize(bytes, (const unsigned char *)bytes + size);
        munmap(bytes, size);
    }
    close(fd);
    printf("%llu points, %llu events, %llu fields, numbers %llu, stamps %llu\n", (unsigned long long)c.points,
           (unsigned long long)c.events, (unsigned long long)c.fields, (unsigned long long)c.numbers,
           (unsigned long long)c.stamps);
    return 0;
}

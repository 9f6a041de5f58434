/* disk.h: files in memory for the targets whose code reads files: nothing on the machine is touched. */
#ifndef KADESH_FUZZ_DISK_H
#define KADESH_FUZZ_DISK_H

#include "../tests/simdisk.h"

/* Puts a file, in place of one that is there; folders on the way are made. */
static inline void disk_put(simdisk *d, const char *path, kd_str bytes) {
    if (kd_write_file(&d->os, path, bytes, 0600, false, NULL)) abort();
}

/* The bytes before `mark`, which are eaten with it; all that is left when the mark is not there. */
static inline kd_str disk_cut(kd_str *rest, const char *mark) {
    size_t n = strlen(mark), i = 0;
    while (i + n <= rest->n && memcmp(rest->p + i, mark, n) != 0) i++;
    bool there = i + n <= rest->n;
    kd_str part = {rest->p, there ? i : rest->n};
    size_t eaten = there ? i + n : rest->n;
    *rest = (kd_str){rest->p + eaten, rest->n - eaten};
    return part;
}

#endif

/* reader.h: a book's files on disk, as `book` reads them. */
#ifndef KADESH_STORE_READER_H
#define KADESH_STORE_READER_H

#include <kadesh/store.h>

/* Files under `prefix`. Bundles go into `keep` when it is given and stay; everything else lasts until the
 * next read. */
typedef struct disk_reader {
    const kd_os *os;
    const char *prefix;
    kd_arena *keep;
    kd_arena last;
} disk_reader;

void disk_reader_open(disk_reader *r, const kd_os *os, const char *prefix, const kd_allocator *from,
                      kd_arena *keep);
void disk_reader_close(disk_reader *r);
kd_book_reader disk_reader_table(disk_reader *r);

#endif

/* reader.c: gives `book` the files of a book's folder. */
#include "store/reader.h"
#include "store/files.h"
#include <string.h>

void disk_reader_open(disk_reader *r, const kd_os *os, const char *prefix, const kd_allocator *from,
                      kd_arena *keep) {
    *r = (disk_reader){.os = os, .prefix = prefix, .keep = keep};
    kd_arena_open(&r->last, from);
}

void disk_reader_close(disk_reader *r) {
    kd_arena_close(&r->last);
}

static kd_status read_disk(void *ctx, const char *path, size_t limit, kd_str *out, kd_error *e) {
    disk_reader *r = ctx;
    char at[KD_PATH_MAX_BYTES];
    kd_error here = {0};
    const kd_allocator *from = r->last.from;
    kd_arena *into = r->keep && strncmp(path, "tile/entries/", 13) == 0 ? r->keep : &r->last;
    if (into == &r->last) {
        kd_arena_close(into);
        kd_arena_open(into, from);
    }
    kd_status s = kd_path_join(at, r->prefix, path, &here);
    if (!s) s = kd_read_file(r->os, at, limit, into, out, &here);
    if (!s) return KD_OK;
    if (strcmp(here.reason, "absent") == 0) return kd_fail(e, KD_FAILED, "absent", "the file is not there");
    return kd_fail(e, s, here.reason, "%s", here.message);
}

kd_book_reader disk_reader_table(disk_reader *r) {
    return (kd_book_reader){read_disk, r};
}

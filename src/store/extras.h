/* extras.h: the files of a book's folder that its head does not call for. */
#ifndef KADESH_STORE_EXTRAS_H
#define KADESH_STORE_EXTRAS_H

#include <kadesh/store.h>

/* Looks at every file under `prefix`. A partial tile of an earlier head must agree with the tile that took
 * its place (KD_FAILED stale_tile). Files beyond the head, which a crash may leave, and foreign ones are
 * counted in `b`. */
kd_status extras_check(const kd_os *os, const char *prefix, int64_t size, const kd_allocator *from,
                       kd_held_book *b, kd_error *e);

#endif

/* failing.h: an allocator that counts what is out and fails at a chosen call, so that running out is
 * rehearsed at each. */
#ifndef KADESH_TESTS_FAILING_H
#define KADESH_TESTS_FAILING_H

#include <kadesh/base.h>
#include <stdlib.h>

typedef struct failing {
    long calls;   /* that asked for memory so far */
    long fail_at; /* from 0; this call and all later ones get nothing; -1 for never */
    long bytes;   /* out at the moment: 0 again when all was given back, with the right sizes */
} failing;

static void *failing_resize(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    failing *f = ctx;
    if (new_bytes == 0) {
        f->bytes -= (long)old_bytes;
        free(p);
        return NULL;
    }
    if (f->fail_at >= 0 && f->calls >= f->fail_at) return NULL;
    f->calls++;
    void *made = realloc(p, new_bytes);
    if (made) f->bytes += (long)new_bytes - (long)old_bytes;
    return made;
}

#endif

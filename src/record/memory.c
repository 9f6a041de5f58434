/* memory.c: arrays that double, and arrays of a length known beforehand. */
#include "record/inside.h"
#include <string.h>

bool rec_grow(const kd_allocator *from, void **items, size_t *room, size_t need, size_t bytes) {
    if (need <= *room) return true;
    size_t wanted = *room ? *room : 16;
    while (wanted < need) {
        if (wanted > SIZE_MAX / 2) return false;
        wanted *= 2;
    }
    if (wanted > SIZE_MAX / bytes) return false;
    void *p = from->resize(from->ctx, *items, *room * bytes, wanted * bytes);
    if (!p) return false;
    *items = p;
    *room = wanted;
    return true;
}

void rec_free(const kd_allocator *from, void *items, size_t room, size_t bytes) {
    if (items) from->resize(from->ctx, items, room * bytes, 0);
}

void *rec_take(const kd_allocator *from, size_t count, size_t bytes) {
    if (count >= SIZE_MAX / bytes) return NULL;
    void *p = from->resize(from->ctx, NULL, 0, (count + 1) * bytes);
    return p ? memset(p, 0, (count + 1) * bytes) : NULL;
}

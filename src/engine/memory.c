/* memory.c: counted memory under a ceiling, and arrays that grow. */
#include "engine/memory.h"

#include <string.h>

void *eng_resize(eng_mem *m, void *p, size_t old_bytes, size_t new_bytes) {
    if (m->ceiling && new_bytes > old_bytes) {
        size_t more = new_bytes - old_bytes;
        if (more > m->ceiling || m->bytes > m->ceiling - more) return NULL;
    }
    void *q = m->from->resize(m->from->ctx, p, old_bytes, new_bytes);
    if (!q && new_bytes) return NULL;
    m->bytes = m->bytes - old_bytes + new_bytes;
    return q;
}

static void *counted(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    return eng_resize(ctx, p, old_bytes, new_bytes);
}

void eng_mem_open(eng_mem *m, const kd_allocator *from, size_t ceiling) {
    *m = (eng_mem){.from = from ? from : &kd_allocator_libc, .ceiling = ceiling};
    m->counted = (kd_allocator){counted, m};
}

bool eng_reserve(eng_mem *m, void *array, size_t *room, size_t need, size_t item_bytes) {
    if (need <= *room) return true;
    size_t wanted = *room < 4 ? 4 : *room;
    while (wanted < need) {
        if (wanted > SIZE_MAX / 2) return false;
        wanted *= 2;
    }
    if (wanted == *room) wanted *= 2;
    return eng_reserve_exactly(m, array, room, wanted, item_bytes);
}

/* The array's pointer is copied as bytes, so that arrays of every type can be handed in. */
bool eng_reserve_exactly(eng_mem *m, void *array, size_t *room, size_t wanted, size_t item_bytes) {
    if (wanted <= *room) return true;
    if (wanted > SIZE_MAX / 2 / item_bytes) return false;
    void *p;
    memcpy(&p, array, sizeof p);
    void *q = eng_resize(m, p, *room * item_bytes, wanted * item_bytes);
    if (!q) return false;
    memcpy(array, &q, sizeof q);
    *room = wanted;
    return true;
}

void eng_release(eng_mem *m, void *array, size_t *room, size_t item_bytes) {
    void *p;
    memcpy(&p, array, sizeof p);
    if (p) eng_resize(m, p, *room * item_bytes, 0);
    p = NULL;
    memcpy(array, &p, sizeof p);
    *room = 0;
}

/* memory.h: memory of a plan or an engine: counted, under a ceiling, in arrays that grow and are kept.
 *
 * Everything that an engine holds comes through one eng_mem, so that --stats can tell it, the ceiling is
 * exact, and running out of memory at any call can be rehearsed. */
#ifndef ENGINE_MEMORY_H
#define ENGINE_MEMORY_H

#include <kadesh/base.h>

typedef struct eng_mem {
    const kd_allocator *from;
    kd_allocator counted; /* hands out under the ceiling; its ctx is this struct, which must not move */
    size_t bytes, ceiling;
    size_t live_rows; /* entries of all tables */
} eng_mem;

/* `from` may be NULL for libc; ceiling 0: none. */
void eng_mem_open(eng_mem *m, const kd_allocator *from, size_t ceiling);
/* As kd_allocator.resize. */
void *eng_resize(eng_mem *m, void *p, size_t old_bytes, size_t new_bytes);

/* Makes room for `need` items in the array whose pointer lies at `array` (its room in items at `room`), at
 * least doubling. False when there is no memory; the array is then untouched. */
bool eng_reserve(eng_mem *m, void *array, size_t *room, size_t need, size_t item_bytes);
/* The same, with room for just that many. */
bool eng_reserve_exactly(eng_mem *m, void *array, size_t *room, size_t need, size_t item_bytes);
/* Frees such an array and sets it to NULL. */
void eng_release(eng_mem *m, void *array, size_t *room, size_t item_bytes);

/* A list of numbers that grows. */
typedef struct eng_list {
    uint32_t *items;
    size_t n, room;
} eng_list;

static inline bool eng_list_put(eng_mem *m, eng_list *l, uint32_t v) {
    if (l->n == l->room && !eng_reserve(m, &l->items, &l->room, l->n + 1, sizeof *l->items)) return false;
    l->items[l->n++] = v;
    return true;
}

static inline void eng_list_close(eng_mem *m, eng_list *l) {
    eng_release(m, &l->items, &l->room, sizeof *l->items);
    l->n = 0;
}

#endif

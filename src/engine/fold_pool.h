/* fold_pool.h: equal pieces of plain bytes in one array, numbered, reused when they are given up. */
#ifndef ENGINE_FOLD_POOL_H
#define ENGINE_FOLD_POOL_H

#include "engine/table.h"

typedef struct eng_pool {
    eng_mem *mem;
    size_t piece_bytes, room;
    unsigned char *pieces;
    uint32_t used, live, free; /* free: the first piece to be reused, which has the next in its first bytes */
} eng_pool;

/* Allocates nothing. piece_bytes is a multiple of 8. */
void eng_pool_open(eng_pool *p, eng_mem *mem, size_t piece_bytes);
void eng_pool_close(eng_pool *p); /* copes with one that was never opened */
/* A piece to be filled, ENG_NONE when there is no memory. Pointers to others are void. */
uint32_t eng_pool_take(eng_pool *p);
void eng_pool_give(eng_pool *p, uint32_t piece);

static inline void *eng_pool_at(const eng_pool *p, uint32_t piece) {
    return p->pieces + (size_t)piece * p->piece_bytes;
}

#endif

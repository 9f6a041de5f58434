/* fold_pool.c: equal pieces of plain bytes in one array. */
#include "engine/fold_pool.h"

#include <string.h>

void eng_pool_open(eng_pool *p, eng_mem *mem, size_t piece_bytes) {
    *p = (eng_pool){.mem = mem, .piece_bytes = piece_bytes, .free = ENG_NONE};
}

void eng_pool_close(eng_pool *p) {
    if (!p->mem) return;
    p->mem->live_rows -= p->live;
    eng_release(p->mem, &p->pieces, &p->room, p->piece_bytes);
    p->used = p->live = 0;
    p->free = ENG_NONE;
}

uint32_t eng_pool_take(eng_pool *p) {
    uint32_t piece = p->free;
    if (piece != ENG_NONE) {
        memcpy(&p->free, eng_pool_at(p, piece), sizeof p->free);
    } else {
        if (p->used == ENG_NONE ||
            !eng_reserve(p->mem, &p->pieces, &p->room, (size_t)p->used + 1, p->piece_bytes))
            return ENG_NONE;
        piece = p->used++;
    }
    p->live++;
    p->mem->live_rows++;
    return piece;
}

void eng_pool_give(eng_pool *p, uint32_t piece) {
    memcpy(eng_pool_at(p, piece), &p->free, sizeof p->free);
    p->free = piece;
    p->live--;
    p->mem->live_rows--;
}

/* join_many_index.h: the rows of a level as a trie, one column a step, for the operator that joins many at
 * once.
 *
 *      rows (x,y), by y:     root ──▶ [1] ──▶ row (7,1) ──▶ row (3,1)        a node is found by the node above it and a
 *                              └────▶ [2] ──▶ row (3,2)                      value; below the last ones are rows
 *
 * The rows lie in a table that others keep: rows are added behind, a row that no longer stands stays where
 * it is, and may stand again, until all such are swept at once (a lazy window, or a level that the join
 * keeps itself). So the trie only follows: it takes in what was added since it was last asked, and begins
 * again after a sweep. Nothing is done for rows that come when nobody asks, and each row is taken in at
 * most once between two sweeps. */
#ifndef ENGINE_JOIN_MANY_INDEX_H
#define ENGINE_JOIN_MANY_INDEX_H

#include "engine/run.h"

typedef struct eng_trie_node {
    kd_value value;
    uint32_t above;
    uint32_t next;  /* the next one below the same node */
    uint32_t first; /* below it: a node, or a row */
    uint32_t count; /* of those, also of rows that stand no more */
} eng_trie_node;

typedef struct eng_trie {
    eng_mem *mem;
    unsigned width;                /* of a row */
    uint8_t columns[KD_WIDTH_MAX]; /* of a row, in the order of the steps */
    eng_trie_node *nodes;          /* nodes[0] is the root */
    uint32_t *slots;               /* nodes by hash, linear probing; 0 is empty */
    uint32_t *mates;               /* by row: the next one below the same node */
    size_t node_room, slot_room, mates_room;
    uint32_t used, mask;
    uint32_t followed; /* rows below this were taken in */
    uint64_t turn;     /* of the rows that it follows */
} eng_trie;

/* Over rows of `width` columns, taken in the order of `columns`. Allocates nothing. */
void eng_trie_open(eng_trie *t, eng_mem *mem, const uint8_t *columns, unsigned width);
void eng_trie_close(eng_trie *t);
/* Takes in what was added to the rows. KD_NOMEM. */
kd_status eng_trie_follow(eng_trie *t, const eng_rows *rows);
/* Forgets all rows: they are others now. */
void eng_trie_clear(eng_trie *t);
size_t eng_trie_bytes(const eng_trie *t);

static inline uint32_t eng_trie_hash(uint32_t above, kd_value value) {
    uint64_t h = ((uint64_t)value ^ (uint64_t)above << 32) * UINT64_C(0xFF51AFD7ED558CCD);
    return (uint32_t)(h >> 32 ^ h >> 12);
}

/* The node with that value below `above`, which is no last one; ENG_NONE. */
static inline uint32_t eng_trie_find(const eng_trie *t, uint32_t above, kd_value value) {
    if (!t->used) return ENG_NONE;
    for (uint32_t i = eng_trie_hash(above, value) & t->mask, e; (e = t->slots[i]); i = (i + 1) & t->mask)
        if (t->nodes[e].value == value && t->nodes[e].above == above) return e;
    return ENG_NONE;
}

#endif

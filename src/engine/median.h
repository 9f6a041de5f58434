/* median.h: the values of each group in order, so that the k-th can be told: order statistics under insertion
 * and deletion, log n a change in the worst case, whatever the values and however many copies.
 *
 * A tree a group, balanced by weight (Nievergelt and Reingold 1973; Adams 1993), in one pool of nodes of
 * plain bytes. A value with copies is one node. */
#ifndef ENGINE_MEDIAN_H
#define ENGINE_MEDIAN_H

#include "engine/fold_pool.h"
#include "engine/walk.h"

typedef struct eng_ordered {
    eng_pool nodes;
} eng_ordered;

void eng_ordered_open(eng_ordered *o, eng_mem *mem);
void eng_ordered_close(eng_ordered *o);
/* `count` more copies of the value in the tree at *root (ENG_NONE when empty), or fewer. KD_NOMEM; KD_INVALID
 * when their number overflows. */
kd_status eng_ordered_add(eng_ordered *o, uint32_t *root, kd_value value, int64_t count);
/* The values of one group in order; when loading into an empty tree, there must be `count` copies in all. */
kd_status eng_ordered_walk(eng_walk *w, eng_ordered *o, uint32_t *root, int64_t count);
/* The value at place k, from 0, of all copies in ascending order; k below their number. */
kd_value eng_ordered_at(const eng_ordered *o, uint32_t root, int64_t k);

#endif

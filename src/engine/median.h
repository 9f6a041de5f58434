/* median.h: the values of each group in order, so that the k-th can be told: order statistics under insertion
 * and deletion, log n a change in the worst case, whatever the values and however many copies.
 *
 *      up to 255 values     | 3 | 5 5 9         |      one sorted array a group, copies side by side: two cache lines
 *                                                      moved cost less than a walk down a tree
 *      more                 a tree balanced by weight (Nievergelt and Reingold 1973; Adams 1993), in which a value
 *                           with copies is one node
 *
 * A tree becomes an array again when its values are a quarter of that; arrays double and halve. All lie in
 * pools of pieces of plain bytes. */
#ifndef ENGINE_MEDIAN_H
#define ENGINE_MEDIAN_H

#include "engine/fold_pool.h"

typedef struct eng_walk eng_walk;

#define ENG_ORDERED_ARRAYS 6 /* sizes of arrays: 7, 15, .. 255 values */

typedef struct eng_ordered {
    eng_pool nodes; /* of trees */
    eng_pool arrays[ENG_ORDERED_ARRAYS];
} eng_ordered;

void eng_ordered_open(eng_ordered *o, eng_mem *mem);
void eng_ordered_close(eng_ordered *o);
/* A group keeps a root and its form; ENG_NONE and 0 when it is empty. `count` more copies of the value, or
 * fewer. KD_NOMEM; KD_INVALID when their number overflows. */
kd_status eng_ordered_add(eng_ordered *o, uint32_t *root, uint8_t *form, kd_value value, int64_t count);
/* The value at place k, from 0, of all copies in ascending order; k below their number. */
kd_value eng_ordered_at(const eng_ordered *o, uint32_t root, uint8_t form, int64_t k);
/* The values of one group in order; when loading into an empty one, there must be `count` copies in all. */
kd_status eng_ordered_walk(eng_walk *w, eng_ordered *o, uint32_t *root, uint8_t *form, int64_t count);
void eng_ordered_measure(eng_walk *w, const eng_ordered *o);

#endif

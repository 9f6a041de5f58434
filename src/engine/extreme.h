/* extreme.h: the least or greatest value of each group under insertion and deletion.
 *
 * A pairing heap a group, whose nodes are the entries of one table of (group, value): no memory of its own,
 * any value can leave. Amortized: constant for a value that comes, log n for one that goes. */
#ifndef ENGINE_EXTREME_H
#define ENGINE_EXTREME_H

#include "engine/walk.h"

typedef struct eng_extremes {
    eng_table values; /* (group, value) */
    eng_list touched;
    bool greatest;
    eng_order order;
} eng_extremes;

void eng_extremes_open(eng_extremes *x, eng_mem *mem, bool greatest, eng_order order);
void eng_extremes_close(eng_extremes *x);
/* `count` more copies of the value in the group, or fewer. KD_NOMEM; KD_INVALID when their number overflows.
 * */
kd_status eng_extremes_add(eng_extremes *x, uint32_t group, kd_value value, int64_t count);
/* Brings the heaps up to date with what was added; `root_of` gives where a group keeps its heap's root
 * (ENG_NONE when it is empty). */
void eng_extremes_settle(eng_extremes *x, uint32_t *(*root_of)(void *owner, uint32_t group), void *owner);
/* The values that are there, and the heaps made of them anew: all roots are ENG_NONE before. `groups` has
 * the groups. */
kd_status eng_extremes_walk(eng_walk *w, eng_extremes *x, const eng_table *groups,
                            uint32_t *(*root_of)(void *owner, uint32_t group), void *owner);
/* How often the value of an entry is there. */
int64_t eng_extremes_count(const eng_extremes *x, uint32_t e);
/* The value at a root. */
kd_value eng_extremes_value(const eng_extremes *x, uint32_t root);

#endif

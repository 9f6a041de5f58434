/* timers.h: who must wake when: sets of nodes, the next instant of each node, a heap of rows' instants.
 *
 *      eng_wakes    one instant a node, changed in place   what the run loop looks at
 *      eng_timers   one instant a row, inside one node     what a timer node looks at; its head is the node's
 *
 * A row that goes leaves its timer behind, dead. Dead timers are dropped when they come to the head, and all
 * at once when they are more than half. */
#ifndef ENGINE_TIMERS_H
#define ENGINE_TIMERS_H

#include "engine/memory.h"
#include <kadesh/engine.h>

/* A set of numbers from which the lowest is taken: 64 to a word, words summed up in a level above. */
typedef struct eng_bits {
    uint64_t *level[6];
    size_t words[6];
    unsigned levels;
} eng_bits;

bool eng_bits_open(eng_bits *b, eng_mem *mem, size_t size);
void eng_bits_close(eng_bits *b, eng_mem *mem);
void eng_bits_set_above(eng_bits *b, uint32_t n); /* when there are several levels */
uint32_t eng_bits_take_above(eng_bits *b);

static inline void eng_bits_set(eng_bits *b, uint32_t n) {
    if (b->levels == 1)
        b->level[0][0] |= UINT64_C(1) << n;
    else
        eng_bits_set_above(b, n);
}

/* The lowest, taken out; UINT32_MAX when there is none. */
static inline uint32_t eng_bits_take(eng_bits *b) {
    if (b->levels != 1) return eng_bits_take_above(b);
    uint64_t word = b->level[0][0];
    if (!word) return UINT32_MAX;
    b->level[0][0] = word & (word - 1);
    return (uint32_t)__builtin_ctzll(word);
}
static inline bool eng_bits_has(const eng_bits *b, uint32_t n) {
    return b->level[0][n / 64] >> n % 64 & 1;
}
static inline bool eng_bits_none(const eng_bits *b) {
    return !b->level[b->levels - 1][0];
}

/* The next instant of each node that has one: a heap that knows where each node stands in it. */
typedef struct eng_wakes {
    struct eng_wake {
        kd_instant at;
        uint32_t node;
    } * heap;
    size_t n;
    uint32_t *place; /* by node: 1 + its place in the heap; 0: not there */
    size_t size;
} eng_wakes;

bool eng_wakes_open(eng_wakes *w, eng_mem *mem, size_t size);
void eng_wakes_close(eng_wakes *w, eng_mem *mem);
void eng_wakes_set(eng_wakes *w, uint32_t node, kd_instant at); /* KD_NEVER: takes it out */
static inline kd_instant eng_wakes_next(const eng_wakes *w) {
    return w->n ? w->heap[0].at : KD_NEVER;
}
/* Takes out one node that is due at or before `now`; UINT32_MAX when there is none. */
uint32_t eng_wakes_take_due(eng_wakes *w, kd_instant now);
static inline uint32_t eng_wakes_take(eng_wakes *w, kd_instant now) {
    return eng_wakes_next(w) <= now && w->n ? eng_wakes_take_due(w, now) : UINT32_MAX;
}

typedef struct eng_timer_row {
    kd_instant at;
    int64_t
        token; /* counts up: ties fire in the order they were set; matches the row's, or the timer is dead */
    uint32_t entry;
} eng_timer_row;

typedef struct eng_timers {
    eng_timer_row *heap;
    size_t n, room, dead;
    int64_t last_token;
} eng_timers;

typedef bool eng_timer_alive(const void *owner, const eng_timer_row *t);

void eng_timers_close(eng_timers *t, eng_mem *mem);
bool eng_timers_put(eng_timers *t, eng_mem *mem, kd_instant at, uint32_t entry, int64_t *token);
/* One that was saved, with the token that it had. */
bool eng_timers_restore(eng_timers *t, eng_mem *mem, kd_instant at, uint32_t entry, int64_t token);
/* A timer's row went. */
void eng_timers_died(eng_timers *t, eng_timer_alive *alive, const void *owner);
/* Drops dead timers from the head and takes the first live one due at or before `now`; false when there is
 * none. */
bool eng_timers_take(eng_timers *t, kd_instant now, eng_timer_alive *alive, const void *owner,
                     eng_timer_row *out);
/* Instant of the first live timer, or KD_NEVER. */
kd_instant eng_timers_next(eng_timers *t, eng_timer_alive *alive, const void *owner);

#endif

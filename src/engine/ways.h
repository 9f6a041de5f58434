/* ways.h: an automaton run forward: the ways that have begun so far, advanced one time point at a time.
 *
 *      begun ─▶ now ─▶ jumps and tests, until nothing is new ─▶ found: rows whose ways end here
 *        ▲       └────▶ steps ─┐
 *        └─────────────────────┘
 *
 * Ways that stand in one state with one row differ only in where they began. Whoever asks only whether some
 * beginning lies in the interval needs of those old enough (low) the newest, as it stays longest; the oldest
 * when the interval never ends. Those too young yet are kept one by one. So a time point costs as many steps
 * as there are states and rows, with low > 0 and an end times the instants of the last `low` seconds. Whoever
 * asks for each beginning (`each`) has a way for each. */
#ifndef ENGINE_WAYS_H
#define ENGINE_WAYS_H

#include "engine/automaton.h"
#include "engine/walk.h"

/* The rows that a test has at the time point. */
typedef struct eng_test_rows {
    const kd_value *rows;
    size_t n;
    unsigned width;
} eng_test_rows;

/* Looks a test's rows up by some of its columns. */
typedef struct eng_way_index {
    uint32_t test, bound;
    unsigned count;
    uint8_t columns[KD_WIDTH_MAX];
    bool open; /* at this time point */
    eng_match match;
} eng_way_index;

typedef struct eng_ways {
    eng_automaton a;
    bool each;
    eng_test_rows *tests; /* filled by the owner before each time point */
    /* A way, and in its last word where it began: an instant if that is young, the time point's number when
     * each is asked for, else absent. */
    eng_table begun, now;
    eng_table found; /* what began (as in a way, or 0), and the row */
    eng_list work;
    eng_way_index *indexes;
    size_t index_count, index_room;
} eng_ways;

/* KD_NOMEM. */
kd_status eng_ways_open(eng_ways *w, kd_engine *g, const eng_node *n, bool each);
void eng_ways_close(eng_ways *w, eng_mem *mem);
/* What has begun; when each beginning is asked for, at time points below `limit`. */
kd_status eng_ways_walk(eng_walk *w, eng_ways *ways, const eng_node *n, uint64_t limit);
/* The time point of that number and instant, with the tests' rows; `found` is then what ends here. KD_NOMEM. */
kd_status eng_ways_advance(eng_ways *w, eng_mem *mem, uint64_t index, kd_instant at);

#endif

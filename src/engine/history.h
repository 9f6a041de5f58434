/* history.h: the rows that a match's tests had at the time points of a window, found by time point and by
 * some of their columns.
 *
 *      rows     | 7: r r | 9: r | ...                     a queue for each test
 *      index    time point, values of the bound columns, 0, 1, ... ─▶ number of a row
 *
 * An index is made when first asked for. */
#ifndef ENGINE_HISTORY_H
#define ENGINE_HISTORY_H

#include "engine/automaton.h"
#include "engine/walk.h"

typedef struct eng_past_rows {
    eng_queue queue;
    uint64_t dropped; /* rows that have left it: the number of the first that is there */
    unsigned width;
} eng_past_rows;

typedef struct eng_past_index {
    uint32_t test, bound;
    unsigned count;
    uint8_t columns[KD_WIDTH_MAX];
    eng_table rows;
} eng_past_index;

typedef struct eng_history {
    eng_past_rows *tests;
    uint32_t test_count;
    eng_past_index *indexes;
    size_t index_count, index_room;
} eng_history;

/* KD_NOMEM, as all below. */
kd_status eng_history_open(eng_history *h, kd_engine *g, const eng_node *n);
void eng_history_close(eng_history *h, eng_mem *mem);
/* What test k gives out at g's time point. */
kd_status eng_history_put(eng_history *h, kd_engine *g, const eng_node *test, uint32_t k);
/* The rows that are there; indexes are made when they are next asked for. */
kd_status eng_history_walk(eng_walk *w, eng_history *h);
/* Forgets the time points up to that number. */
void eng_history_drop(eng_history *h, uint64_t index);

/* The rows of an edge's test at a time point that agree with a way in what it has bound. */
typedef struct eng_past_found {
    const eng_past_index *index;
    kd_value key[2 + KD_WIDTH_MAX];
    uint64_t count;
} eng_past_found;

kd_status eng_history_find(eng_history *h, eng_mem *mem, const eng_edge *d, uint64_t index,
                           const kd_value *way, eng_past_found *out);
/* Row i of those found; valid until the next put or drop. */
const kd_value *eng_history_row(const eng_history *h, eng_past_found *f, uint64_t i);

#endif

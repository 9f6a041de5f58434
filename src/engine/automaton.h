/* automaton.h: a regular expression over time points as the match operators run it: states with their edges,
 * and the rows of which some columns are not bound yet.
 *
 *      way      [state | mask | row]      mask: a bit for each column that is bound; the others are 0
 *
 * Jumps are gone: a state has the edges of all states that jumps lead to from it. Read backward, the edges are
 * turned round, and the first state is the last. */
#ifndef ENGINE_AUTOMATON_H
#define ENGINE_AUTOMATON_H

#include "engine/run.h"

typedef struct eng_edge {
    uint32_t to;
    uint32_t test; /* number among the node's tests; ENG_NONE: a step */
    bool negated;
    uint8_t count;
    const uint8_t *columns; /* `count` columns of the row, one for each of the test's */
} eng_edge;

typedef struct eng_automaton {
    kd_interval within;
    unsigned width;
    uint32_t first; /* where a way begins */
    eng_edge *edges;
    uint32_t *first_edge; /* by state, and one more: its edges end where those of the next begin */
    bool *ends;           /* by state: a way may end here */
} eng_automaton;

/* The words of a match node, in front of its moves. A move: from, to, what, test, negated, the number of
 * columns, the columns. */
enum {
    MATCH_LOW,
    MATCH_HIGH,
    MATCH_WIDTH,
    MATCH_STATES,
    MATCH_BACKWARD, /* the future operator is to run from ends to beginnings */
    MATCH_MOVES,    /* how many */
    MATCH_WORDS
};

/* The words in front of a way's row. */
enum { WAY_STATE, WAY_MASK, WAY_WORDS };

/* Everything in the engine's arena. KD_NOMEM. */
kd_status eng_automaton_open(eng_automaton *a, kd_engine *g, const eng_node *n, bool backward);

/* The test's columns that the way has bound: a set of bits, and gathered with their values. */
uint32_t eng_edge_bound(const eng_edge *d, uint64_t mask);
unsigned eng_edge_key(const eng_edge *d, uint32_t bound, const kd_value *way_row, uint8_t *columns,
                      kd_value *key);

/* The way that goes on along the edge with a row of its test that agrees in what is bound; false when the
 * row disagrees with itself. `to` has WAY_WORDS + width words. */
bool eng_edge_bind(const eng_edge *d, const kd_value *way, const kd_value *test_row, unsigned width,
                   kd_value *to);

/* A way that was read: one of the node's states, and no columns bound that are not there. */
static inline bool eng_way_is_sound(const eng_node *n, const kd_value *way) {
    return way[WAY_STATE] >= 0 && way[WAY_STATE] < n->words[MATCH_STATES] &&
           (uint64_t)way[WAY_MASK] >> n->width == 0;
}

/* Seconds from one time point to another, not before it; 0 to itself, though it be never. */
static inline int64_t eng_way_age(kd_instant from, kd_instant to) {
    return from == to ? 0 : eng_gap(from, to);
}

#endif

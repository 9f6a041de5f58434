/* tail.h: what is done at once to the rows that an operator makes, before they are put out: selects and
 * maps that choose columns, which are then no nodes of their own (place.c).
 *
 *      join a1 = b1 ─▶ select (6 < #3) ─▶ map #3, #1     is run as     join a1 = b1, if (6 < #3), as #3, #1
 *
 * The row that the operator makes is its first input's and its second's side by side; it is never laid out
 * where a test fails. What a join compares is equal on both sides and is taken from the side that is at
 * hand. */
#ifndef ENGINE_TAIL_H
#define ENGINE_TAIL_H

#include "engine/run.h"

#define ENG_TAIL_MAX 16 /* selects and maps of one tail */

/* Where a value of the made row is found: column of input 0 or 1, or (2) the value of the test. */
typedef struct eng_spot {
    uint8_t side, column;
} eng_spot;

typedef struct eng_tail_test {
    bool compares; /* x op y; else the code tells */
    uint8_t op;
    eng_spot x, y;
    kd_value value;
    eng_code code;
    unsigned count; /* values that the code reads, and where they are found */
    eng_spot from[KD_WIDTH_MAX];
} eng_tail_test;

typedef struct eng_tail {
    unsigned width, left; /* columns that are put out; of input 0 */
    eng_spot from[KD_WIDTH_MAX];
    eng_tail_test *tests;
    uint32_t test_count;
} eng_tail;

/* Reads the plan's nodes above n->head, up to n->plan; `own` also that one, when it is a select or a map
 * itself. KD_NOMEM. */
kd_status eng_tail_open(kd_engine *g, const eng_node *n, bool own, eng_tail *t);
/* What is equal on both sides is taken from `side`. */
void eng_tail_prefer(eng_tail *t, const eng_pairs *on, unsigned side);
/* Does it read that side alone? */
bool eng_tail_is_of(const eng_tail *t, unsigned side);
/* Does the made row of a and b pass all tests? KD_INVALID when one cannot be computed. */
kd_status eng_tail_test_row(kd_engine *g, const eng_tail *t, const kd_value *a, const kd_value *b,
                            bool *passes);
/* Is the time point that runs the supposed last one? */
static inline bool eng_is_behind_the_end(const kd_engine *g) {
    return g->ended && g->now == KD_NEVER;
}
/* No number is right for the instant of the supposed last time point: what cannot be computed of it is not
 * there, instead of ending a log in which nothing was wrong. */
bool eng_is_forgiven(kd_engine *g, kd_status s);

/* Can `node`, a reader of what stands for the plan's node n->plan, be done as part of n? */
bool eng_tail_takes(const kd_plan *p, const eng_node *n, kd_node node);
/* The label of the node or of what is part of it, the last first; it may be empty. */
kd_str eng_label_of(const kd_plan *p, const eng_node *n);
/* Is the node of the plan a map that only chooses columns? */
bool eng_chooses_columns(const kd_plan *p, kd_node node);

/* Puts out what becomes of the row made of a and b (NULL where there is no second input). */
static inline kd_status eng_tail_put(kd_engine *g, eng_node *n, const eng_tail *t, const kd_value *a,
                                     const kd_value *b, int64_t count, uint32_t order) {
    if (t->test_count) {
        bool passes;
        kd_status s = eng_tail_test_row(g, t, a, b, &passes);
        if (s || !passes) return s;
    }
    kd_value *row = eng_emit(g, n, count, order);
    if (!row) return KD_NOMEM;
    const kd_value *side[2] = {a, b};
    for (unsigned i = 0; i < t->width; i++) row[i] = side[t->from[i].side][t->from[i].column];
    return KD_OK;
}

#endif

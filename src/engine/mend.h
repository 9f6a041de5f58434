/* mend.h: which events to add to a part of the log so that a node has a row there that it has in the whole. */
#ifndef ENGINE_MEND_H
#define ENGINE_MEND_H

#include "engine/story.h"

/* A set of items, ascending. Not ok: there is no way. */
typedef struct eng_pick {
    uint32_t *items;
    uint32_t n;
    bool ok;
} eng_pick;

#define ENG_NO_PICK ((eng_pick){0})
#define ENG_NOTHING ((eng_pick){.ok = true}) /* it is so already */

/* What is wanted of a row of a node at a time: that the part has it, has it as often as the whole, has it no more
 * often than the whole. */
typedef enum eng_want { ENG_SOME, ENG_ALL, ENG_NO_MORE } eng_want;

typedef struct eng_mender {
    eng_teller *t;
    kd_arena arena;
    eng_table memo; /* picks by node, want, time and row */
    unsigned depth;
    bool nomem;
} eng_mender;

void eng_mender_open(eng_mender *m, eng_teller *t);
void eng_mender_close(eng_mender *m);

/* A small set after which the part and the whole may agree: each event of it is on the way from the row down to
 * where they differ. What is added may bring rows that the whole has not; asking again tells what keeps them
 * away. Check m->nomem. */
eng_pick eng_ask(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want);
/* As eng_ask, but a way out only when the part and the whole do differ in this. */
eng_pick eng_gain(eng_mender *m, kd_node node, eng_when when, const kd_value *row);
eng_pick eng_lessen(eng_mender *m, kd_node node, eng_when when, const kd_value *row);

/* The better of two ways. */
static inline eng_pick eng_better(eng_pick a, eng_pick b) {
    return !b.ok || (a.ok && a.n <= b.n) ? a : b;
}

/* All of several picks. */
typedef struct eng_basket {
    eng_mender *m;
    eng_pick all;
    uint32_t room;
} eng_basket;
static inline eng_basket eng_basket_of(eng_mender *m) {
    return (eng_basket){.m = m, .all = ENG_NOTHING};
}
void eng_basket_add(eng_basket *b, eng_pick p);
eng_pick eng_basket_close(eng_basket *b); /* ascending, each once */

const eng_tale *eng_mender_tale(eng_mender *m, kd_node node, bool whole);

/* The operators of time, of folds, of matches: mend_time.c, mend_fold.c, mend_match.c. */
eng_pick eng_mend_time(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want);
eng_pick eng_mend_currents(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want);
eng_pick eng_mend_fold(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want);
eng_pick eng_mend_match(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want);

#endif

/* story.h: which rows every node had, and when: as the trace has it, or as it would be with some events only.
 *
 *      whole    what the engine's nodes gave out (trace.h), read as rows with their spans of time
 *      part     the same of a log of which only some events are left; told node by node, each by its meaning,
 *               from the stories of its inputs: what does not rest on an event is taken from the whole
 *
 * A part's story is as short as its events are few: nothing walks time points at which nothing happens. Nodes
 * that the question does not rest on are not told. */
#ifndef ENGINE_STORY_H
#define ENGINE_STORY_H

#include "engine/trace.h"

typedef struct eng_span {
    const kd_value *row;
    eng_when from, to; /* of a level: [from, to); a pulse is at `from` */
    int64_t count;
    uint32_t order; /* of a pulse: place of the pushed event that it comes from */
    uint32_t item;  /* of an input: number of its event's origin among all origins */
    uint32_t next;  /* of the spans with the same hash */
} eng_span;

typedef struct eng_tale { /* of one node */
    eng_span *spans;      /* of a pulse by `from`, those of one time point in the order of the batch */
    size_t n, room;
    uint32_t *heads; /* 1 + the first span of each hash */
    uint32_t mask;
    bool told;
} eng_tale;

typedef struct eng_story {
    kd_engine *g;
    kd_arena arena;
    eng_tale *tales; /* by the plan's number */
    eng_table items; /* of the whole: origins of the inputs told so far; an entry's number is its item */
} eng_story;

kd_status eng_story_open(eng_story *s, kd_engine *g);
void eng_story_close(eng_story *s);

/* One more span; false when there is no memory. The row is not copied. */
bool eng_tale_put(eng_story *s, eng_tale *t, eng_span x);
/* Orders and indexes a tale that is complete. */
bool eng_tale_settle(eng_story *s, eng_tale *t, kd_kind kind, unsigned width);
/* The spans of each row that overlap or touch become one, with count 1. Settles `out`. */
bool eng_tale_merge(eng_story *s, eng_tale *raw, eng_tale *out, unsigned width);
/* The first span (of a pulse: of any time) with that row, then the others; ENG_NONE. */
uint32_t eng_tale_first(const eng_tale *t, const kd_value *row, unsigned width);
uint32_t eng_tale_next(const eng_tale *t, uint32_t i, unsigned width);
/* The first pulse not before a time. */
size_t eng_tale_from(const eng_tale *t, eng_when when);

/* The tale of a node in the whole log; NULL when there is no memory. A level input has a span for each event: a
 * row that is taken out takes back the first of those that are there. */
const eng_tale *eng_whole_tale(eng_story *whole, kd_node node);

static inline bool eng_span_at(const eng_span *x, kd_kind kind, eng_when when) {
    if (kind == KD_PULSE) return eng_when_order(x->from, when) == 0;
    return !eng_when_less(when, x->from) && eng_when_less(when, x->to);
}
/* How often the row is there. */
int64_t eng_tale_count(const eng_tale *t, kd_kind kind, const kd_value *row, unsigned width, eng_when when);

/* ---- Telling a part (tell.c, tell_time.c, tell_fold.c) ------------------------------------------------------*/

typedef struct eng_teller {
    kd_engine *g;
    eng_story *whole;
    eng_story part, before; /* before: the pass before this one, for feedback */
    const bool *in;         /* by item: which events are left; an event goes with all others of its origin */
    bool *cone;             /* by node: does the question rest on it? */
    bool circular;          /* there is feedback among them */
    bool *moved;            /* by node: does it rest on events? */
    eng_code **codes;       /* by node: compiled, or NULL; in `memory` */
    kd_arena memory;
    eng_when end;      /* nothing after it is asked for */
    bool nomem, wrong; /* wrong: an expression failed; the part's engine would have, too */
} eng_teller;

kd_status eng_teller_open(eng_teller *t, eng_story *whole, kd_node node, eng_when end);
void eng_teller_close(eng_teller *t);
/* Tells the part whose events are in[]. KD_NOMEM. */
kd_status eng_tell(eng_teller *t, const bool *in);

/* How one node is told: from the tales of its inputs. False: no memory. */
bool eng_tell_time(eng_teller *t, kd_node node, eng_tale *out);
bool eng_tell_fold(eng_teller *t, kd_node node, eng_tale *out);
bool eng_tell_match(eng_teller *t, kd_node node, eng_tale *out);
bool eng_tell_join_many(eng_teller *t, kd_node node, eng_tale *out);

/* Does the select's row hold, what does the map's or extend's row become? *holds is false too when it fails. */
bool eng_teller_row(eng_teller *t, kd_node node, const kd_value *row, eng_when when, kd_value *out,
                    bool *holds);

/* The input of a node; a feedback's is its body. */
kd_node eng_input_node(const kd_plan *p, kd_node node, unsigned k);

/* When a pulse's row stands through ONCE; false: at no time. */
bool eng_once_span(const kd_engine *g, kd_interval within, eng_when pulse, eng_when *from, eng_when *to);
/* The same for EVENTUALLY. */
bool eng_ahead_span(const kd_engine *g, kd_interval within, eng_when pulse, eng_when *from, eng_when *to);
/* When the timer of a row that is there [from, ...) fires. */
eng_when eng_timer_at(const kd_engine *g, eng_when from, kd_value due);
/* Does the row of a agree with that of b? */
static inline bool eng_pairs_agree(const eng_pairs *on, const kd_value *a, const kd_value *b) {
    for (unsigned i = 0; i < on->count; i++)
        if (a[on->left[i]] != b[on->right[i]]) return false;
    return true;
}

/* Spans by the values of some columns. */
typedef struct eng_by_key {
    const eng_tale *t;
    const uint8_t *columns;
    unsigned count;
    uint32_t *heads, *next; /* 1 + a span */
    uint32_t mask;
} eng_by_key;
bool eng_by_key_open(kd_arena *arena, eng_by_key *k, const eng_tale *t, const uint8_t *columns,
                     unsigned count);
/* The first span with that key, then the others, in the order of the tale; ENG_NONE. */
uint32_t eng_by_key_first(const eng_by_key *k, const kd_value *key);
uint32_t eng_by_key_next(const eng_by_key *k, uint32_t i, const kd_value *key);

#endif

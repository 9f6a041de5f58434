/* walk.h: one pass over the state of an engine, which saves it, loads it or measures it.
 *
 * Each operator names every piece of its state once, in its `walk`; the pieces below know how they are written.
 *
 *      saving       state ─▶ bytes ─▶ put
 *      loading      bytes ─▶ state; the engine was just opened, what it holds is replaced
 *      measuring    entries and bytes are counted, nothing is changed
 *
 * Bytes are little-endian words without padding. Nothing that can be computed again is written: slots of tables, links
 * of lists, shapes of heaps. A list is written as the sequence of its members, so that any bytes make a sound list or
 * are refused: what points at an entry is checked to be an entry. No count is believed that the bytes left could not
 * hold, so that loading takes at most some fifty times as much memory as it is given bytes (a table's entry that is
 * free is 5 bytes, and as large as the live ones in memory).
 *
 * After the first failure, kept in `failed`, loads give zeros and saves do nothing; so a walk looks at it where it
 * would go on by what was read. */
#ifndef ENGINE_WALK_H
#define ENGINE_WALK_H

#include "engine/current.h"
#include "engine/queue.h"
#include "engine/window.h"

#define ENG_WALK_BLOCK 4096

enum eng_walk_way { ENG_SAVING, ENG_LOADING, ENG_MEASURING };

struct eng_walk {
    kd_engine *g; /* of a walk that saves or measures only what it points at, and never changed */
    enum eng_walk_way way;
    kd_status failed;
    const eng_node *node; /* whose state it is at */
    /* saving */
    kd_put put;
    void *ctx;
    size_t filled;
    uint64_t sum;
    unsigned char block[ENG_WALK_BLOCK];
    /* loading */
    const unsigned char *p;
    size_t left;
    /* measuring */
    size_t live, bytes;
};

/* Sum of the bytes as a walk that saves makes it: kd_hash of each block, seeded with that of the one before it. It
 * finds damage and proves nothing. */
uint64_t eng_walk_sum(const unsigned char *bytes, size_t n);

/* Refuses what was read: `failed` is KD_INVALID, if nothing failed before. Gives w->failed. */
kd_status eng_walk_refuse(eng_walk *w);
static inline bool eng_walk_loads(const eng_walk *w) {
    return w->way == ENG_LOADING;
}
/* Refuses unless `sound`, when loading. True when the walk may go on. */
static inline bool eng_walk_check(eng_walk *w, bool sound) {
    if (!sound && w->way == ENG_LOADING) eng_walk_refuse(w);
    return !w->failed;
}

void eng_walk_bytes(eng_walk *w, void *bytes, size_t n);
void eng_walk_u8(eng_walk *w, uint8_t *v);
void eng_walk_u32(eng_walk *w, uint32_t *v);
void eng_walk_u64(eng_walk *w, uint64_t *v);
void eng_walk_i64(eng_walk *w, int64_t *v);
void eng_walk_bool(eng_walk *w, bool *v); /* refuses other than 0 and 1 */
void eng_walk_values(eng_walk *w, kd_value *v, size_t n);
/* How many things follow, of at least `bytes_each` (not 0) bytes; false when the walk may not go on. */
bool eng_walk_count(eng_walk *w, size_t *n, size_t bytes_each);

/* What a table keeps with an entry, field by field. The payload of one that is loaded is zeroed. */
typedef void eng_walk_payload(eng_walk *w, void *payload);

/* Entries keep their numbers, and free ones the order in which they are used again. `payload` may be NULL. All of
 * these give w->failed. */
kd_status eng_walk_table(eng_walk *w, eng_table *t, eng_walk_payload *payload);
/* Nothing when the bag was never opened. */
kd_status eng_walk_bag(eng_walk *w, eng_bag *b);
kd_status eng_walk_keyed(eng_walk *w, eng_keyed *k);
kd_status eng_walk_current(eng_walk *w, eng_current *c);
/* Rows of `width` values. */
kd_status eng_walk_queue(eng_walk *w, eng_queue *q, unsigned width, bool counted);
/* Each number below `limit`. */
kd_status eng_walk_list(eng_walk *w, eng_list *l, uint32_t limit);
kd_status eng_walk_bits(eng_walk *w, eng_bits *b, uint32_t limit);
/* Rows, their young pulses and their keys; `by_number`: pulses are known by the numbers of their time points. */
kd_status eng_walk_window(eng_walk *w, eng_window *x, bool by_number);
/* The timers of a bag's rows whose note is not 0: it is the token of theirs. */
kd_status eng_walk_timers(eng_walk *w, eng_timers *t, const eng_bag *rows, eng_timer_alive *alive,
                          const void *owner);

/* Entries of a table in some order, for lists of any kind: saving, `e` is the next member, or ENG_NONE behind the last;
 * loading, the next member is given, checked to be a live entry, ENG_NONE behind the last. */
uint32_t eng_walk_member(eng_walk *w, const eng_table *t, uint32_t e);

/* A number of a time point that was pushed, or one more; what lies in a queue. */
static inline bool eng_walk_knows(const eng_walk *w, uint64_t index) {
    return index <= w->g->points;
}
/* Memory of an array, when measuring. */
static inline void eng_walk_measure(eng_walk *w, size_t live, size_t bytes) {
    w->live += live;
    w->bytes += bytes;
}

/* Will the node run at the next time point of its stage, whatever comes? */
static inline bool eng_walk_runs_next(const eng_node *n) {
    return eng_bits_has(&n->stage->at_next, n->id);
}

/* What a node holds now. */
void eng_walk_node(eng_walk *w, eng_node *n);

#endif

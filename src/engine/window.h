/* window.h: rows that stand while the newest of their pulses is not too old.
 *
 *      pulse ─▶ [young, by time] ─▶ low seconds ─▶ [standing, by newest pulse] ─▶ above high seconds ─▶ gone
 *
 * A row that is pulsed again while it stands moves to the end of the standing: there is one entry a row, and
 * nothing is searched when time goes on. With low = 0 there are no young, with no high nothing is in order.
 *
 * What a node is not asked for is not kept: rows are chained by key only for SINCE and for readers that look
 * them up by some columns; and when all readers look rows up (eng_node.silent), no changes are given out. A silent
 * window of rows that are neither chained nor young is lazy: an old row stays, seen to be old by whoever finds
 * it, until the table is full and is swept; then a row costs one probe when it comes and nothing when it goes. */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include "engine/run.h"

typedef struct eng_window_row {
    int64_t newest;      /* of its pulses that are old enough: an instant (ahead.c: or a number) */
    uint32_t next, prev; /* among the standing */
    uint32_t key;        /* when rows are chained */
    uint8_t stands, was, touched, unused;
} eng_window_row;

/* Kept beside the rows, by entry, where somebody needs them. */
typedef struct eng_mates {
    uint32_t next, prev; /* rows with the same key */
} eng_mates;
typedef struct eng_youth {
    uint32_t first, last; /* the row's young pulses */
} eng_youth;

typedef struct eng_window_key {
    uint64_t renewed; /* since.c: one more than the number of the time point that last found a, or b anew */
    uint32_t first;   /* of its rows */
    uint32_t next, prev; /* since.c: in the order of renewal */
    uint32_t unused;
} eng_window_key;

typedef struct eng_young {
    kd_instant at;
    uint32_t row;
    uint32_t next, prev; /* among all young, by time; `next` of one that is free */
    uint32_t mate;       /* the row's next younger pulse */
} eng_young;

typedef struct eng_window {
    kd_engine *g;
    eng_table rows;
    kd_interval within;
    bool silent, chained, has_youth, listed, lazy;
    int64_t bound; /* lazy: rows whose newest lies below it are gone */
    uint8_t key_columns[KD_WIDTH_MAX];
    unsigned key_count;
    eng_table keys;
    eng_mates *mates;
    eng_youth *youth;
    size_t mates_room, youth_room;
    uint32_t first, last; /* standing, oldest first */
    eng_young *young;
    size_t young_used, young_room;
    uint32_t young_free, young_first, young_last;
    eng_list touched;
    bool looked; /* some reader looks rows up: */
    bool by_key; /* by key_columns, else by all columns */
    /* since.c: told of a key that is about to be given up. */
    void (*leaving)(struct eng_window *w, uint32_t key);
} eng_window;

/* Before opening, and before eng_window_chain: rows of the node. */
void eng_window_open(eng_window *w, kd_engine *g, const eng_node *n, kd_interval within);
void eng_window_close(eng_window *w);
/* Rows are to be chained by these columns (ascending). May be called before eng_window_open. */
void eng_window_chain(eng_window *w, const uint8_t *columns, unsigned count);
/* Lets the young come of age and the old go, as of g->now. KD_NOMEM. */
kd_status eng_window_pass(eng_window *w);
/* Lets those go whose newest is below `bound`. KD_NOMEM. */
kd_status eng_window_expire(eng_window *w, int64_t bound);
/* A pulse of the row at `at`, no older than any before. KD_NOMEM. */
kd_status eng_window_pulse(eng_window *w, const kd_value *row, kd_instant at, uint32_t *entry);
/* The row stands from now on, by a pulse of `at`, which may be older than the newest standing: it is put in
 * its place from the end. KD_NOMEM. */
kd_status eng_window_stand_in_order(eng_window *w, const kd_value *row, int64_t at);
/* Takes away all pulses of the rows of a key. KD_NOMEM. */
kd_status eng_window_kill(eng_window *w, uint32_t key);
/* The same of one row, where the whole row is the key. */
kd_status eng_window_kill_row(eng_window *w, uint32_t entry);
/* Puts out through `n` what changed (nothing when silent). KD_NOMEM. */
kd_status eng_window_settle(eng_window *w, eng_node *n);
/* The next instant at which something changes by itself. */
kd_instant eng_window_wake(const eng_window *w);

static inline eng_window_row *eng_window_at(const eng_window *w, uint32_t entry) {
    return eng_table_payload(&w->rows, entry);
}
static inline eng_window_key *eng_window_key_at(const eng_window *w, uint32_t key) {
    return eng_table_payload(&w->keys, key);
}

/* The parts of an eng_lookup that all windows share; n->state begins with the eng_window. */
bool eng_window_offers(eng_node *n, const uint8_t *columns, unsigned count);
uint32_t eng_window_first(const eng_node *n, const kd_value *key);
void eng_window_first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries);
uint32_t eng_window_next(const eng_node *n, uint32_t entry);
const kd_value *eng_window_found(const eng_node *n, uint32_t entry);

#endif

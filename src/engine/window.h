/* window.h: rows that stand while the newest of their pulses is not too old.
 *
 *      pulse ─▶ [young, by time] ─▶ low seconds ─▶ [standing, by newest pulse] ─▶ above high seconds ─▶ gone
 *
 * A row that is pulsed again while it stands moves to the end of the standing: there is one entry a row, and
 * nothing is searched when time goes on. With low = 0 there are no young, with no high nothing is in order.
 *
 * What a node is not asked for is not kept: rows are chained by key only for SINCE and for readers that look
 * them up by some columns; and when all readers look rows up (eng_node.silent), no changes are given out. A silent
 * window without young rows is lazy: it keeps of a row its newest pulse and, when chained, its key and the next row of
 * it. An old row stays, seen to be old by whoever finds it, until there are twice as many rows as were young enough
 * when it was swept last (four times, of few); then it is swept. So a row costs one probe when it comes and nothing when it goes. */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include "engine/run.h"

/* `next` of a row that is in no chain. */
#define ENG_UNCHAINED (ENG_NONE - 1)

/* Of a lazy window's row; when it is not chained, the first field alone. */
typedef struct eng_lazy_row {
    int64_t newest;
    uint32_t next, key; /* the next row of the same key */
} eng_lazy_row;

typedef struct eng_window_row {
    int64_t newest;      /* of its pulses that are old enough: an instant (ahead.c: or a number) */
    uint32_t next, prev; /* among the standing; in a heap: `next` is its place */
    uint32_t key;        /* when rows are chained */
    uint8_t stands, was, touched, unused;
} eng_window_row;

/* Kept beside the rows of a window that is not lazy, by entry, where somebody needs them. */
typedef struct eng_mates {
    uint32_t next, prev; /* rows with the same key */
} eng_mates;
typedef struct eng_youth {
    uint32_t first, last; /* the row's young pulses */
} eng_youth;

typedef struct eng_window_key {
    uint64_t renewed; /* since.c: one more than the number of the time point that last found a, or b anew */
    uint32_t first;   /* of its rows */
    uint32_t place;   /* since.c: 1 + where it stands among the renewed; 0: it does not */
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
    bool picked;       /* rows of a key are killed one by one, whatever the chains are: set before opening */
    bool heaped;       /* ahead.c: the standing come in no order: they are a heap, and `first` is its head */
    int64_t bound;     /* lazy: rows whose newest lies below it are gone */
    uint64_t turn;     /* lazy: how often they were swept */
    uint32_t sweep_at; /* lazy: with so many rows it is swept */
    uint8_t key_columns[KD_WIDTH_MAX];
    unsigned key_count;
    eng_table keys;
    eng_mates *mates;
    eng_youth *youth;
    size_t mates_room, youth_room;
    uint32_t first, last; /* standing, oldest first */
    eng_list heap;        /* the standing, where they are a heap */
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
/* Lets the young come of age and the old go, as of g->now, of a window that is not lazy. KD_NOMEM. */
kd_status eng_window_go_on(eng_window *w);
/* Lets those go whose newest is below `bound`. KD_NOMEM. */
kd_status eng_window_expire(eng_window *w, int64_t bound);
/* A pulse of the row at `at`, no older than any before. KD_NOMEM. */
kd_status eng_window_pulse(eng_window *w, const kd_value *row, kd_instant at, uint32_t *entry);
/* The same of `n` rows, which lie one behind the other. */
kd_status eng_window_pulses(eng_window *w, const kd_value *rows, size_t n, kd_instant at);
/* The row stands from now on, by a pulse of `at`, which may be older than the newest standing (when these are a heap,
 * or the window is lazy) and than the row's own (then nothing changes). KD_NOMEM. */
kd_status eng_window_stand_in_order(eng_window *w, const kd_value *row, int64_t at);
/* Takes away all pulses of the rows of a key. KD_NOMEM. */
kd_status eng_window_kill(eng_window *w, uint32_t key);
/* The same of one row, where the whole row is the key. */
kd_status eng_window_kill_row(eng_window *w, uint32_t entry);
/* Puts out through `n` what changed (nothing when silent). KD_NOMEM. */
kd_status eng_window_settle(eng_window *w, eng_node *n);
/* Puts a row that stands behind the others, or in the heap. KD_NOMEM. */
kd_status eng_window_enter(eng_window *w, uint32_t entry);
/* The next instant at which something changes by itself. */
kd_instant eng_window_wake(const eng_window *w);

static inline eng_window_row *eng_window_at(const eng_window *w, uint32_t entry) {
    return eng_table_payload(&w->rows, entry);
}
static inline eng_window_key *eng_window_key_at(const eng_window *w, uint32_t key) {
    return eng_table_payload(&w->keys, key);
}

/* Below this a pulse is too old. At the supposed end of the log every window that ends has ended. */
static inline int64_t eng_window_oldest(const eng_window *w) {
    int64_t bound;
    if (w->g->now == KD_NEVER) return KD_NEVER;
    return __builtin_sub_overflow(w->g->now, w->within.high, &bound) ? INT64_MIN : bound;
}

/* Lets the young come of age and the old go, as of g->now. KD_NOMEM. */
static inline kd_status eng_window_pass(eng_window *w) {
    if (!w->lazy) return eng_window_go_on(w);
    if (w->within.high != KD_NEVER) w->bound = eng_window_oldest(w);
    return KD_OK;
}

static inline eng_lazy_row *eng_window_lazy_at(const eng_window *w, uint32_t entry) {
    return eng_table_payload(&w->rows, entry);
}
/* When rows are chained: the key of one, and the next one that has it. */
static inline uint32_t *eng_window_key_of(const eng_window *w, uint32_t entry) {
    return w->lazy ? &eng_window_lazy_at(w, entry)->key : &eng_window_at(w, entry)->key;
}
static inline uint32_t *eng_window_mate(const eng_window *w, uint32_t entry) {
    return w->lazy ? &eng_window_lazy_at(w, entry)->next : &w->mates[entry].next;
}

/* Are old rows taken out of the chains by whoever meets them? Not where SINCE kills by chain. */
static inline bool eng_window_prunes(const eng_window *w) {
    return w->lazy && !w->leaving;
}

/* Does the row of that entry stand? */
static inline bool eng_window_stands(const eng_window *w, uint32_t entry) {
    return w->lazy ? eng_window_lazy_at(w, entry)->newest >= w->bound : eng_window_at(w, entry)->stands;
}

/* The parts of an eng_lookup that all windows share; n->state begins with the eng_window. */
bool eng_window_offers(eng_node *n, const uint8_t *columns, unsigned count);
uint32_t eng_window_first(const eng_node *n, const kd_value *key);
void eng_window_first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries);
bool eng_window_near(const eng_node *n);
uint32_t eng_window_next(const eng_node *n, uint32_t entry);
const kd_value *eng_window_found(const eng_node *n, uint32_t entry);
/* The same for a window from 0 seconds on whose rows nobody takes away. */
bool eng_window_offers_rows(eng_node *n);
kd_status eng_window_rows(eng_node *n, bool sweep, eng_rows *out);

#endif

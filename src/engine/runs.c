/* runs.c: the first half of UNTIL: each row of b with the first time point from which a held without a break
 * until just before it (present), or from which no a came (absent).
 *
 *      a      . a a a . a a          b at 3: from 1       b at 4: from 4 itself, unless a at 3 ... 
 *      b      . . . b . . b
 *      index  0 1 2 3 4 5 6          the row goes out as (b's columns, number of that time point) */
#include "engine/runs.h"
#include "engine/walk.h"

/* What is kept of a key of a. */
typedef struct run_key {
    uint64_t begun, last; /* one more than the numbers of the first and the newest time point of its run */
    kd_instant at;        /* of the newest */
    uint32_t next, prev;  /* in the order of `last` */
} run_key;

typedef struct runs {
    eng_pairs on;
    bool plain[2]; /* the key is the first columns of a, of b, in their order */
    eng_table keys;
    int64_t high;
    uint32_t first, last;
} runs;

static kd_status open(kd_engine *g, eng_node *n) {
    runs *s = n->state;
    s->high = n->words[1];
    eng_pairs_read(&s->on, n->words + 2);
    s->plain[0] = s->plain[1] = true;
    for (unsigned i = 0; i < s->on.count; i++) {
        s->plain[0] &= s->on.left[i] == i;
        s->plain[1] &= s->on.right[i] == i;
    }
    eng_table_open(&s->keys, &g->mem, s->on.count, sizeof(run_key));
    s->first = s->last = ENG_NONE;
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    runs *s = n->state;
    eng_table_close(&s->keys);
}

static run_key *key_at(const runs *s, uint32_t e) {
    return eng_table_payload(&s->keys, e);
}

static void unlink_key(runs *s, const run_key *k) {
    if (k->prev == ENG_NONE)
        s->first = k->next;
    else
        key_at(s, k->prev)->next = k->next;
    if (k->next == ENG_NONE)
        s->last = k->prev;
    else
        key_at(s, k->next)->prev = k->prev;
}

static void append_key(runs *s, uint32_t e) {
    run_key *k = key_at(s, e);
    k->next = ENG_NONE;
    k->prev = s->last;
    if (s->last == ENG_NONE)
        s->first = e;
    else
        key_at(s, s->last)->next = e;
    s->last = e;
}

/* Keys that can matter to no b from now on: a run that is broken (present), an a that lies farther back than any
 * b can reach (absent). Two for each that comes keep the table as small as what is alive. */
static void forget(const kd_engine *g, runs *s, bool present) {
    for (unsigned i = 0; i < 2 && s->first != ENG_NONE; i++) {
        uint32_t e = s->first;
        const run_key *k = key_at(s, e);
        bool over = present ? k->last < g->index : eng_later(k->at, s->high) < g->now;
        if (!over) return;
        unlink_key(s, k);
        eng_table_remove(&s->keys, e);
    }
}

/* The key of a row of a (side 0) or b: the row itself, where that begins with it, else gathered at `room`. */
static inline const kd_value *key_of(const runs *s, unsigned side, const kd_value *row, kd_value *room) {
    if (s->plain[side]) return row;
    eng_gather(room, row, side ? s->on.right : s->on.left, s->on.count);
    return room;
}

static kd_status give(kd_engine *g, eng_node *n, const runs *s, bool present) {
    const eng_node *b = n->in[1];
    const kd_value *row = b->out.rows;
    for (size_t i = 0; i < b->out.n; i++, row += b->width) {
        kd_value room[KD_WIDTH_MAX], *to;
        uint32_t e = s->keys.live ? eng_table_find(&s->keys, key_of(s, 1, row, room)) : ENG_NONE;
        uint64_t from = present ? g->index : 0;
        if (e != ENG_NONE && present && key_at(s, e)->last == g->index) from = key_at(s, e)->begun - 1;
        if (e != ENG_NONE && !present) from = key_at(s, e)->last;
        if (!(to = eng_emit(g, n, 1, 0))) return KD_NOMEM;
        eng_copy(to, row, b->width);
        to[b->width] = (kd_value)from;
    }
    return KD_OK;
}

static kd_status take_a(kd_engine *g, const eng_node *a, runs *s, bool present) {
    for (size_t i = 0; i < a->out.n; i++) {
        kd_value room[KD_WIDTH_MAX];
        bool fresh;
        forget(g, s, present);
        uint32_t e = eng_table_add(&s->keys, key_of(s, 0, eng_batch_row(a, i), room), &fresh);
        if (e == ENG_NONE) return KD_NOMEM;
        run_key *k = key_at(s, e);
        if (!fresh) unlink_key(s, k);
        if (fresh || k->last < g->index) k->begun = g->index + 1;
        k->last = g->index + 1;
        k->at = g->now;
        append_key(s, e);
    }
    return KD_OK;
}

/* b at this time point asks for a until just before it. */
static kd_status run(kd_engine *g, eng_node *n, bool present) {
    runs *s = n->state;
    kd_status st = give(g, n, s, present);
    return st ? st : take_a(g, n->in[0], s, present);
}
static kd_status present_run(kd_engine *g, eng_node *n) {
    return run(g, n, true);
}
static kd_status absent_run(kd_engine *g, eng_node *n) {
    return run(g, n, false);
}

bool eng_runs_over(const eng_node *n, const kd_value *row, uint64_t index) {
    const runs *s = n->state;
    kd_value room[KD_WIDTH_MAX];
    if (n->stage->next <= index) return false; /* nothing of it is known */
    uint32_t e = eng_table_find(&s->keys, key_of(s, 1, row, room));
    if (n->op == &eng_op_runs_absent) return e != ENG_NONE && key_at(s, e)->last > index;
    return e == ENG_NONE || key_at(s, e)->last < n->stage->next || key_at(s, e)->begun > index + 1;
}

static void walk_key(eng_walk *w, void *payload) {
    run_key *k = payload;
    eng_walk_u64(w, &k->begun);
    eng_walk_u64(w, &k->last);
    eng_walk_i64(w, &k->at);
    eng_walk_check(w, k->begun > 0 && k->begun <= k->last && eng_walk_knows(w, k->last));
    if (eng_walk_loads(w)) k->next = k->prev = ENG_NONE;
}

/* Keys in the order of `last`: all of them, each once. */
static void load_order(eng_walk *w, runs *s) {
    size_t met = 0;
    s->first = s->last = ENG_NONE;
    for (uint32_t e; (e = eng_walk_member(w, &s->keys, 0)) != ENG_NONE; met++) {
        const run_key *k = key_at(s, e);
        bool in_order = s->last == ENG_NONE || key_at(s, s->last)->last <= k->last;
        if (!eng_walk_check(w, in_order && k->prev == ENG_NONE && s->first != e)) return;
        append_key(s, e);
    }
    eng_walk_check(w, met == s->keys.live);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    runs *s = n->state;
    eng_walk_table(w, &s->keys, walk_key);
    if (!w->failed && eng_walk_loads(w)) load_order(w, s);
    if (w->failed || eng_walk_loads(w)) return w->failed;
    for (uint32_t e = s->first; e != ENG_NONE; e = key_at(s, e)->next) eng_walk_member(w, &s->keys, e);
    eng_walk_member(w, &s->keys, ENG_NONE);
    return w->failed;
}

const eng_operator eng_op_runs_present = {.name = "runs",
                                          .state_bytes = sizeof(runs),
                                          .open = open,
                                          .close = close,
                                          .run = present_run,
                                          .walk = walk};
const eng_operator eng_op_runs_absent = {.name = "runs",
                                         .state_bytes = sizeof(runs),
                                         .open = open,
                                         .close = close,
                                         .run = absent_run,
                                         .walk = walk};

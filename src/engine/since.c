/* since.c: rows of b stand as ONCE has them, while a came at every pushed time point after (present) or at
 * none (absent).
 *
 *      keys:  key ─▶ row ─▶ row          absent: a pulse of a takes away the rows of its key
 *             key ─▶ row                 present: keys stand in the order in which a last renewed them; at a
 *                                        pushed time point those at the front that were not renewed lose
 *                                        their rows, nobody walks the others */
#include "engine/window.h"

typedef struct since_key {
    uint64_t renewed;    /* number of the push that last found a, or b anew */
    uint32_t first;      /* of its rows */
    uint32_t next, prev; /* in the order of renewal */
    uint32_t unused;
} since_key;

typedef struct since {
    eng_window window;
    eng_pairs on; /* left: a, right: b */
    eng_table keys;
    uint32_t first, last; /* keys, longest without renewal first */
} since;

static kd_status open(kd_engine *g, eng_node *n) {
    since *s = n->state;
    eng_window_open(&s->window, g, n->width, (kd_interval){n->words[0], n->words[1]});
    eng_pairs_read(&s->on, n->words + 2);
    eng_table_open(&s->keys, &g->mem, s->on.count, sizeof(since_key));
    s->first = s->last = ENG_NONE;
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    since *s = n->state;
    eng_window_close(&s->window);
    eng_table_close(&s->keys);
}

static since_key *key_at(const since *s, uint32_t key) {
    return eng_table_payload(&s->keys, key);
}

static void unlink_key(since *s, const since_key *k) {
    if (k->prev == ENG_NONE)
        s->first = k->next;
    else
        key_at(s, k->prev)->next = k->next;
    if (k->next == ENG_NONE)
        s->last = k->prev;
    else
        key_at(s, k->next)->prev = k->prev;
}

static void append_key(since *s, uint32_t key, uint64_t renewed) {
    since_key *k = key_at(s, key);
    k->renewed = renewed;
    k->next = ENG_NONE;
    k->prev = s->last;
    if (s->last == ENG_NONE)
        s->first = key;
    else
        key_at(s, s->last)->next = key;
    s->last = key;
}

/* A row's entry is given up: it leaves its key, and the last row of a key takes the key with it. */
static void leaving(void *owner, uint32_t entry) {
    since *s = owner;
    const eng_window_row *r = eng_window_at(&s->window, entry);
    if (r->mate_next != ENG_NONE) eng_window_at(&s->window, r->mate_next)->mate_prev = r->mate_prev;
    if (r->mate_prev != ENG_NONE) {
        eng_window_at(&s->window, r->mate_prev)->mate_next = r->mate_next;
    } else if (r->mate_next != ENG_NONE) {
        key_at(s, r->key)->first = r->mate_next;
    } else {
        unlink_key(s, key_at(s, r->key));
        eng_table_remove(&s->keys, r->key);
    }
}

static kd_status join_key(kd_engine *g, since *s, const kd_value *row, uint32_t entry) {
    kd_value key[KD_WIDTH_MAX];
    bool fresh;
    eng_gather(key, row, s->on.right, s->on.count);
    uint32_t e = eng_table_add(&s->keys, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    since_key *k = key_at(s, e);
    if (fresh) {
        k->first = ENG_NONE;
        append_key(s, e, g->pushes);
    }
    eng_window_row *r = eng_window_at(&s->window, entry);
    r->key = e;
    r->mate_next = k->first;
    if (k->first != ENG_NONE) eng_window_at(&s->window, k->first)->mate_prev = entry;
    k->first = entry;
    return KD_OK;
}

static kd_status kill_rows(since *s, uint32_t key) {
    for (uint32_t e = key_at(s, key)->first; e != ENG_NONE; e = eng_window_at(&s->window, e)->mate_next) {
        kd_status st = eng_window_kill(&s->window, e);
        if (st) return st;
    }
    return KD_OK;
}

static uint32_t key_of_a(const since *s, const eng_node *a, size_t i) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, eng_batch_row(a, i), s->on.left, s->on.count);
    return eng_table_find(&s->keys, key);
}

/* b's pulses come after a's have done their work: they stand at their own time point whatever a does. */
static kd_status take_b(kd_engine *g, since *s, const eng_node *b) {
    for (size_t i = 0; i < b->out.n; i++) {
        const kd_value *row = eng_batch_row(b, i);
        uint32_t entry;
        bool fresh;
        kd_status st = eng_window_pulse(&s->window, row, b->out.marks[i].reason, &entry, &fresh);
        if (!st && fresh) st = join_key(g, s, row, entry);
        if (st) return st;
    }
    return KD_OK;
}

/* ---- NOT a SINCE b --------------------------------------------------------------------------------------*/

static kd_status absent_run(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = eng_window_pass(&s->window);
    for (size_t i = 0; !st && i < n->in[0]->out.n; i++) {
        uint32_t key = key_of_a(s, n->in[0], i);
        if (key != ENG_NONE) st = kill_rows(s, key);
    }
    if (!st) st = take_b(g, s, n->in[1]);
    return st ? st : eng_window_settle(&s->window, n, leaving, s);
}

/* ---- a SINCE b ------------------------------------------------------------------------------------------*/

/* With lineage the rows of the key rest on this a too, each on one a of each time point. */
static kd_status renew(kd_engine *g, since *s, uint32_t key, kd_reason reason) {
    if (key_at(s, key)->renewed == g->pushes) return KD_OK;
    unlink_key(s, key_at(s, key));
    append_key(s, key, g->pushes);
    if (!reason) return KD_OK;
    for (uint32_t e = key_at(s, key)->first; e != ENG_NONE; e = eng_window_at(&s->window, e)->mate_next) {
        kd_status st = eng_window_lean(&s->window, e, reason);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status renew_and_kill(kd_engine *g, eng_node *n, since *s) {
    const eng_node *a = n->in[0];
    for (size_t i = 0; i < a->out.n; i++) {
        uint32_t key = key_of_a(s, a, i);
        kd_status st = key == ENG_NONE ? KD_OK : renew(g, s, key, a->out.marks[i].reason);
        if (st) return st;
    }
    while (s->first != ENG_NONE && key_at(s, s->first)->renewed != g->pushes) {
        uint32_t key = s->first;
        kd_status st = kill_rows(s, key);
        if (st) return st;
        unlink_key(s, key_at(s, key));
        append_key(s, key, g->pushes);
    }
    return KD_OK;
}

/* Between two pushes every key bears the number of the first, so that a timer's time point asks nothing of a.
 * */
static kd_status present_run(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = eng_window_pass(&s->window);
    if (!st) st = renew_and_kill(g, n, s);
    if (!st) st = take_b(g, s, n->in[1]);
    if (!st) st = eng_window_settle(&s->window, n, leaving, s);
    if (s->first != ENG_NONE) eng_bits_set(&g->at_next_push, n->id);
    return st;
}

const eng_operator eng_op_since_absent = {"since", sizeof(since), open, close, absent_run};
const eng_operator eng_op_since_present = {"since", sizeof(since), open, close, present_run};

/* since.c: rows of b stand as ONCE has them, while a came at every pushed time point after (present) or at
 * none (absent).
 *
 *      keys:  key ─▶ row ─▶ row          absent: a pulse of a takes away the rows of its key
 *             key ─▶ row                 present: keys stand in the order in which a last renewed them; those
 *                                        at the front that were not renewed at a time point lose their rows,
 *                                        nobody walks the others */
#include "engine/walk.h"

typedef struct since {
    eng_window window;    /* chained by the columns of b that a is matched on */
    eng_pairs on;         /* left: a, right: b, in the order of b's columns */
    eng_queue late;       /* of b, from another stage: feedback */
    uint32_t first, last; /* keys, longest without renewal first */
    bool by_row;          /* absent, and the whole row is the key: nothing need be chained */
} since;

/* The number that marks what happened at g's time point: of pushes, so that a timer's time point asks nothing. */
static uint64_t mark_of(const kd_engine *g) {
    return g->index + 2; /* above 0 before the first push, too */
}

static void unlink_key(since *s, const eng_window_key *k) {
    if (k->prev == ENG_NONE)
        s->first = k->next;
    else
        eng_window_key_at(&s->window, k->prev)->next = k->next;
    if (k->next == ENG_NONE)
        s->last = k->prev;
    else
        eng_window_key_at(&s->window, k->next)->prev = k->prev;
}

static void append_key(since *s, uint32_t key, uint64_t mark) {
    eng_window_key *k = eng_window_key_at(&s->window, key);
    k->renewed = mark;
    k->next = ENG_NONE;
    k->prev = s->last;
    if (s->last == ENG_NONE)
        s->first = key;
    else
        eng_window_key_at(&s->window, s->last)->next = key;
    s->last = key;
}

static void leaving(eng_window *w, uint32_t key) {
    since *s = (since *)(void *)w; /* the window stands first in it */
    if (eng_window_key_at(w, key)->renewed) unlink_key(s, eng_window_key_at(w, key));
}

static kd_status open(kd_engine *g, eng_node *n) {
    since *s = n->state;
    eng_window_open(&s->window, g, n, (kd_interval){n->words[0], n->words[1]});
    s->window.leaving = leaving;
    s->first = s->last = ENG_NONE;
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    since *s = n->state;
    eng_window_close(&s->window);
    eng_queue_close(&s->late, &g->mem);
}

/* Rows are chained by the key of `a` whoever else looks them up. */
static bool prepare(eng_node *n) {
    since *s = n->state;
    if (s->window.chained || s->by_row) return true;
    if (!eng_pairs_sorted(&s->on, n->words + 2, 1)) return false;
    s->by_row = n->op == &eng_op_since_absent && s->on.count == n->width;
    if (s->by_row) return true;
    eng_window_chain(&s->window, s->on.right, s->on.count);
    return true;
}

static bool offers(eng_node *n, const uint8_t *columns, unsigned count) {
    return prepare(n) && eng_window_offers(n, columns, count);
}

static kd_status open_since(kd_engine *g, eng_node *n) {
    return prepare(n) ? open(g, n) : KD_INVALID; /* build.c lets no column of b stand twice */
}

static uint32_t key_of_a(const since *s, const eng_node *a, size_t i) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, eng_batch_row(a, i), s->on.left, s->on.count);
    return eng_table_find(s->by_row ? &s->window.rows : &s->window.keys, key);
}

static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    since *s = n->state;
    eng_wake_index(n, g->index + 1);
    return eng_queue_put(&s->late, g, n->in[k]);
}

/* b's row, of the time point with that mark. */
static kd_status take_row(since *s, const kd_value *row, kd_instant at, uint64_t mark, bool present) {
    uint32_t entry;
    kd_status st = eng_window_pulse(&s->window, row, at, &entry);
    if (st || !present) return st;
    uint32_t key = eng_window_at(&s->window, entry)->key;
    eng_window_key *k = eng_window_key_at(&s->window, key);
    if (k->renewed == mark) return KD_OK;
    if (k->renewed) unlink_key(s, k);
    append_key(s, key, mark);
    return KD_OK;
}

/* b's pulses come after a's have done their work: they stand at their own time point whatever a does. Those
 * that come late met no a yet, and come before. */
static kd_status take_late(kd_engine *g, const eng_node *n, since *s, bool present) {
    for (; !eng_queue_empty(&s->late); eng_queue_drop(&s->late)) {
        const eng_point *p = eng_queue_front(&s->late);
        for (size_t i = 0; i < p->rows; i++) {
            kd_status st = take_row(s, eng_queue_row(&s->late, i, n->width), p->at, p->index + 2, present);
            if (st) return st;
        }
    }
    return KD_OK;
}

static kd_status take_b(kd_engine *g, const eng_node *n, since *s, bool present) {
    const eng_node *b = n->in[1];
    for (size_t i = 0; b->stage == n->stage && i < b->out.n; i++) {
        kd_status st = take_row(s, eng_batch_row(b, i), g->now, mark_of(g), present);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status finish(kd_engine *g, eng_node *n, since *s) {
    if (n->silent) return KD_OK;
    kd_status st = eng_window_settle(&s->window, n);
    eng_wake_at(n, eng_window_wake(&s->window));
    return st;
}

/* ---- NOT a SINCE b --------------------------------------------------------------------------------------*/

static kd_status absent_run(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = take_late(g, n, s, false);
    if (!st) st = eng_window_pass(&s->window);
    for (size_t i = 0; !st && i < n->in[0]->out.n; i++) {
        uint32_t key = key_of_a(s, n->in[0], i);
        if (key == ENG_NONE) continue;
        st = s->by_row ? eng_window_kill_row(&s->window, key) : eng_window_kill(&s->window, key);
    }
    if (!st) st = take_b(g, n, s, false);
    return st ? st : finish(g, n, s);
}

static kd_status absent_look(kd_engine *g, eng_node *n) {
    return eng_window_pass(n->state);
}

/* ---- a SINCE b ------------------------------------------------------------------------------------------*/

/* Keys that were last renewed before the time point with that mark lose their rows. */
static kd_status kill_before(since *s, uint64_t mark) {
    while (s->first != ENG_NONE && eng_window_key_at(&s->window, s->first)->renewed < mark) {
        uint32_t key = s->first;
        unlink_key(s, eng_window_key_at(&s->window, key));
        eng_window_key_at(&s->window, key)->renewed =
            0; /* in no order, until b comes anew or it is given up */
        kd_status st = eng_window_kill(&s->window, key);
        if (st) return st;
    }
    return KD_OK;
}

/* Between two pushes every key bears the number of the first, so that a timer's time point asks nothing of a. */
static kd_status present_run(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = take_late(g, n, s, true);
    if (!st) st = eng_window_pass(&s->window);
    if (!st && g->pushed) st = kill_before(s, mark_of(g) - 1);
    for (size_t i = 0; !st && i < n->in[0]->out.n; i++) {
        uint32_t key = key_of_a(s, n->in[0], i);
        if (key == ENG_NONE || !eng_window_key_at(&s->window, key)->renewed) continue;
        unlink_key(s, eng_window_key_at(&s->window, key));
        append_key(s, key, mark_of(g));
    }
    if (!st) st = kill_before(s, mark_of(g));
    if (!st) st = take_b(g, n, s, true);
    if (!st) st = finish(g, n, s);
    if (s->first != ENG_NONE && !n->silent) eng_wake_next(n);
    return st;
}

/* When it did not run at this time point, no a came: every key is dead. */
static kd_status present_look(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = eng_window_pass(&s->window);
    return st ? st : kill_before(s, mark_of(g));
}

static const eng_lookup absent_lookup = {.offers = offers,
                                         .settle = absent_look,
                                         .first = eng_window_first,
                                         .first_many = eng_window_first_many,
                                         .next = eng_window_next,
                                         .row = eng_window_found};
static const eng_lookup present_lookup = {.offers = offers,
                                          .settle = present_look,
                                          .first = eng_window_first,
                                          .first_many = eng_window_first_many,
                                          .next = eng_window_next,
                                          .row = eng_window_found};

/* Keys in the order of their renewal; those that are in no order bear none. */
static void load_order(eng_walk *w, since *s) {
    const eng_table *keys = &s->window.keys;
    size_t met = 0;
    s->first = s->last = ENG_NONE;
    for (uint32_t e; (e = eng_walk_member(w, keys, 0)) != ENG_NONE; met++) {
        eng_window_key *k = eng_window_key_at(&s->window, e);
        bool fresh = k->next == ENG_NONE && k->prev == ENG_NONE && s->first != e;
        if (!eng_walk_check(w, k->renewed && fresh && met < keys->live)) return;
        append_key(s, e, k->renewed);
    }
    for (uint32_t e = 0; !w->failed && e < keys->used; e++)
        if (eng_table_live(keys, e) && eng_window_key_at(&s->window, e)->renewed) met--;
    eng_walk_check(w, met == 0);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    since *s = n->state;
    eng_walk_window(w, &s->window, false);
    eng_walk_queue(w, &s->late, n->width, false);
    if (w->failed || eng_walk_loads(w)) {
        if (!w->failed) load_order(w, s);
        return w->failed;
    }
    for (uint32_t e = s->first; e != ENG_NONE; e = eng_window_key_at(&s->window, e)->next)
        eng_walk_member(w, &s->window.keys, e);
    eng_walk_member(w, &s->window.keys, ENG_NONE);
    return w->failed;
}

const eng_operator eng_op_since_absent = {.name = "since",
                                          .state_bytes = sizeof(since),
                                          .open = open_since,
                                          .close = close,
                                          .run = absent_run,
                                          .take = take,
                                          .lookup = &absent_lookup,
                                          .reach = ENG_EARLIER_LOW,
                                          .walk = walk};
const eng_operator eng_op_since_present = {.name = "since",
                                           .state_bytes = sizeof(since),
                                           .open = open_since,
                                           .close = close,
                                           .run = present_run,
                                           .take = take,
                                           .lookup = &present_lookup,
                                           .reach = ENG_EARLIER_LOW,
                                           .walk = walk};

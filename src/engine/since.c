/* since.c: rows of b stand as ONCE has them, while a came at every pushed time point after (present) or at
 * none (absent).
 *
 *      keys:     key ─▶ row ─▶ row       absent: a pulse of a takes away the rows of its key
 *                key ─▶ row
 *      renewed:  | key | key | key |     present: the keys that a renewed at the last time point, or b began. What is
 *                                        not renewed at this one loses its rows; each stands here by a row of the
 *                                        time point before, so that looking at all costs no more than those did */
#include "engine/walk.h"

#define SOME 16 /* rows of a that are looked up at once */

typedef struct since {
    eng_window window; /* chained by the columns of b that a is matched on */
    eng_pairs on;      /* left: a, right: b, in the order of b's columns */
    eng_queue late;    /* of b, from another stage: feedback */
    eng_list renewed;  /* present: keys whose `renewed` is not 0 */
    uint64_t oldest;   /* none of them was renewed before that mark */
    bool by_row;       /* absent, and the whole row is the key: nothing need be chained */
} since;

/* The number that marks what happened at g's time point: of pushes, so that a timer's time point asks nothing. */
static uint64_t mark_of(const kd_engine *g) {
    return g->index + 2; /* above 0 before the first push, too */
}

static void put_at(since *s, uint32_t place, uint32_t key) {
    s->renewed.items[place] = key;
    eng_window_key_at(&s->window, key)->place = place + 1;
}

static void leaving(eng_window *w, uint32_t key) {
    since *s = (since *)(void *)w; /* the window stands first in it */
    uint32_t place = eng_window_key_at(w, key)->place;
    if (!place) return;
    uint32_t last = s->renewed.items[--s->renewed.n];
    if (last != key) put_at(s, place - 1, last);
}

static kd_status renew(since *s, uint32_t key, uint64_t mark) {
    eng_window_key *k = eng_window_key_at(&s->window, key);
    if (k->renewed >= mark) return KD_OK;
    k->renewed = mark;
    if (k->place) return KD_OK;
    if (!eng_list_put(&s->window.g->mem, &s->renewed, key)) return KD_NOMEM;
    k->place = (uint32_t)s->renewed.n;
    if (mark < s->oldest) s->oldest = mark;
    return KD_OK;
}

static kd_status open(kd_engine *g, eng_node *n) {
    since *s = n->state;
    eng_window_open(&s->window, g, n, (kd_interval){n->words[0], n->words[1]});
    s->window.leaving = leaving;
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    since *s = n->state;
    eng_window_close(&s->window);
    eng_queue_close(&s->late, &g->mem);
    eng_list_close(&g->mem, &s->renewed);
}

/* Rows are chained by the key of `a` whoever else looks them up. */
static bool prepare(eng_node *n) {
    since *s = n->state;
    if (s->window.chained || s->by_row) return true;
    if (!eng_pairs_sorted(&s->on, n->words + 2, 1)) return false;
    s->by_row = n->op == &eng_op_since_absent && s->on.count == n->width;
    s->window.picked = s->by_row;
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

/* The keys, or by row the rows, that `some` rows of a name from the `from`-th on; ENG_NONE where nothing is kept. */
static void keys_of_a(const since *s, const eng_node *a, size_t from, size_t some, uint32_t *entries) {
    kd_value keys[SOME * KD_WIDTH_MAX];
    unsigned count = s->on.count;
    const kd_value *rows = eng_batch_row(a, from);
    if (count == 1)
        for (size_t i = 0; i < some; i++) keys[i] = rows[i * a->width + s->on.left[0]];
    else
        for (size_t i = 0; i < some; i++)
            eng_gather(keys + i * count, rows + i * a->width, s->on.left, count);
    eng_table_find_many(s->by_row ? &s->window.rows : &s->window.keys, keys, some, entries);
}

static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    since *s = n->state;
    eng_wake_index(n, g->index + 1);
    return eng_queue_put(&s->late, g, n->in[k]);
}

/* Rows of b, of the time point with that mark. */
static kd_status take_rows(since *s, const kd_value *rows, size_t n, kd_instant at, uint64_t mark,
                           bool present) {
    if (!present) return eng_window_pulses(&s->window, rows, n, at);
    unsigned width = s->window.rows.key_words;
    for (size_t i = 0; i < n; i++) {
        uint32_t entry;
        kd_status st = eng_window_pulse(&s->window, rows + i * width, at, &entry);
        if (!st) st = renew(s, *eng_window_key_of(&s->window, entry), mark);
        if (st) return st;
    }
    return KD_OK;
}

/* Keys that were last renewed before the time point with that mark lose their rows. */
static kd_status kill_before(since *s, uint64_t mark) {
    if (s->oldest >= mark) return KD_OK;
    size_t n = s->renewed.n;
    kd_status st = KD_OK;
    s->renewed.n = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t key = s->renewed.items[i];
        eng_window_key *k = eng_window_key_at(&s->window, key);
        if (st || k->renewed >= mark) {
            put_at(s, (uint32_t)s->renewed.n++, key);
            continue;
        }
        k->renewed = k->place = 0; /* until b comes anew or it is given up */
        st = eng_window_kill(&s->window, key);
    }
    s->oldest = mark;
    return st;
}

/* b's pulses come after a's have done their work: they stand at their own time point whatever a does. Those that come
 * late met no a yet, and come before; where nothing was run for their time point, no a came to it. */
static kd_status take_late(since *s, bool present) {
    kd_status st = KD_OK;
    for (; !st && !eng_queue_empty(&s->late); eng_queue_drop(&s->late)) {
        const eng_point *p = eng_queue_front(&s->late);
        const kd_value *rows = eng_queue_row(&s->late, 0, s->window.rows.key_words);
        if (present) st = kill_before(s, p->index + 2);
        if (!st) st = take_rows(s, rows, p->rows, p->at, p->index + 2, present);
    }
    return st;
}

static kd_status take_b(kd_engine *g, const eng_node *n, since *s, bool present) {
    const eng_node *b = n->in[1];
    if (b->stage != n->stage) return KD_OK;
    return take_rows(s, b->out.rows, b->out.n, g->now, mark_of(g), present);
}

static kd_status finish(kd_engine *g, eng_node *n, since *s) {
    if (n->silent) return KD_OK;
    kd_status st = eng_window_settle(&s->window, n);
    eng_wake_at(n, eng_window_wake(&s->window));
    return st;
}

/* ---- NOT a SINCE b --------------------------------------------------------------------------------------*/

static kd_status kill(since *s, const eng_node *a) {
    const eng_table *t = s->by_row ? &s->window.rows : &s->window.keys;
    uint32_t keys[SOME];
    for (size_t from = 0; t->live && from < a->out.n; from += SOME) {
        size_t some = a->out.n - from < SOME ? a->out.n - from : SOME;
        keys_of_a(s, a, from, some, keys);
        for (size_t i = 0; i < some; i++) {
            if (keys[i] == ENG_NONE || !eng_table_live(t, keys[i])) continue; /* one may be named twice */
            kd_status st =
                s->by_row ? eng_window_kill_row(&s->window, keys[i]) : eng_window_kill(&s->window, keys[i]);
            if (st) return st;
        }
    }
    return KD_OK;
}

static kd_status absent_run(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = take_late(s, false);
    if (!st) st = eng_window_pass(&s->window);
    if (!st) st = kill(s, n->in[0]);
    if (!st) st = take_b(g, n, s, false);
    return st ? st : finish(g, n, s);
}

static kd_status absent_look(kd_engine *g, eng_node *n) {
    return eng_window_pass(n->state);
}

/* ---- a SINCE b ------------------------------------------------------------------------------------------*/

/* Who was not renewed at the last push is dead. Between two pushes every key bears the number of the first, so that a
 * timer's time point asks nothing of a. */
static kd_status renew_by_a(const kd_engine *g, since *s, const eng_node *a) {
    uint64_t mark = mark_of(g), least = g->pushed ? mark - 1 : mark;
    uint32_t keys[SOME];
    for (size_t from = 0; s->renewed.n && from < a->out.n; from += SOME) {
        size_t some = a->out.n - from < SOME ? a->out.n - from : SOME;
        keys_of_a(s, a, from, some, keys);
        for (size_t i = 0; i < some; i++) {
            if (keys[i] == ENG_NONE) continue;
            eng_window_key *k = eng_window_key_at(&s->window, keys[i]);
            if (k->renewed >= least && k->place) k->renewed = mark;
        }
    }
    return kill_before(s, mark);
}

static kd_status present_run(kd_engine *g, eng_node *n) {
    since *s = n->state;
    kd_status st = take_late(s, true);
    if (!st) st = eng_window_pass(&s->window);
    if (!st) st = renew_by_a(g, s, n->in[0]);
    if (!st) st = take_b(g, n, s, true);
    if (!st) st = finish(g, n, s);
    if (s->renewed.n && !n->silent) eng_wake_next(n);
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
                                         .near = eng_window_near,
                                         .next = eng_window_next,
                                         .row = eng_window_found};
static const eng_lookup present_lookup = {.offers = offers,
                                          .settle = present_look,
                                          .first = eng_window_first,
                                          .first_many = eng_window_first_many,
                                          .near = eng_window_near,
                                          .next = eng_window_next,
                                          .row = eng_window_found};

/* All keys that bear a mark, and no others; those that do not are in no list. */
static void load_renewed(eng_walk *w, since *s) {
    const eng_table *keys = &s->window.keys;
    size_t bear = 0;
    for (uint32_t e = 0; e < keys->used; e++)
        bear += eng_table_live(keys, e) && eng_window_key_at(&s->window, e)->renewed != 0;
    s->renewed.n = 0;
    for (uint32_t e; (e = eng_walk_member(w, keys, 0)) != ENG_NONE;) {
        eng_window_key *k = eng_window_key_at(&s->window, e);
        if (!eng_walk_check(w, k->renewed && !k->place)) return;
        if (!eng_list_put(&w->g->mem, &s->renewed, e)) w->failed = KD_NOMEM;
        if (w->failed) return;
        k->place = (uint32_t)s->renewed.n;
    }
    eng_walk_check(w, s->renewed.n == bear);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    since *s = n->state;
    eng_walk_measure(w, 0, s->renewed.room * sizeof *s->renewed.items);
    eng_walk_window(w, &s->window, false);
    eng_walk_queue(w, &s->late, n->width, false);
    eng_walk_u64(w, &s->oldest);
    if (w->failed || eng_walk_loads(w)) {
        if (!w->failed) load_renewed(w, s);
        return w->failed;
    }
    for (size_t i = 0; i < s->renewed.n; i++) eng_walk_member(w, &s->window.keys, s->renewed.items[i]);
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

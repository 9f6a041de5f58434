/* antijoin.c: rows that match no row of another relation. */
#include "engine/look.h"
#include "engine/tail.h"
#include "engine/walk.h"

/* ---- Pulse without pulse --------------------------------------------------------------------------------*/

typedef struct pulses {
    eng_pairs on;
    eng_tail tail;
} pulses;

static kd_status pulses_open(kd_engine *g, eng_node *n) {
    pulses *s = n->state;
    eng_pairs_read(&s->on, n->words);
    return eng_tail_open(g, n, false, &s->tail);
}

/* Row i of a matches nothing. */
static inline kd_status put(kd_engine *g, eng_node *n, const eng_tail *t, size_t i) {
    const eng_node *a = n->in[0];
    return eng_tail_put(g, n, t, eng_batch_row(a, i), NULL, 1, eng_batch_order(a, i));
}

static kd_status pulses_run(kd_engine *g, eng_node *n) {
    const pulses *p = n->state;
    const eng_pairs *on = &p->on;
    const eng_batch *a = &n->in[0]->out, *b = &n->in[1]->out;
    if (!a->n) return KD_OK;
    kd_status s = eng_match_open(&g->match, &g->mem, b->rows, b->n, n->in[1]->width, on->right, on->count);
    for (size_t i = 0; !s && i < a->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(n->in[0], i), on->left, on->count);
        if (eng_match_find(&g->match, key, 0) == b->n) s = put(g, n, &p->tail, i);
    }
    return s;
}

/* ---- What a level has of each key -------------------------------------------------------------------------
 *
 * Of b only the keys matter: a bag of them tells which keys came and which went. */
static kd_status take_keys(eng_bag *keys, const eng_node *b, const eng_pairs *on) {
    for (size_t i = 0; i < b->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(b, i), on->right, on->count);
        kd_status s = eng_bag_add(keys, key, b->out.counts[i], NULL);
        if (s) return s;
    }
    return KD_OK;
}

static void settle_keys(eng_bag *keys) {
    for (size_t i = 0; i < keys->touched.n; i++) eng_bag_release(keys, keys->touched.items[i]);
    keys->touched.n = 0;
}

/* ---- Pulse without level --------------------------------------------------------------------------------*/

typedef struct probe {
    eng_pairs on;
    eng_tail tail;
    eng_look look;
    eng_bag keys;
} probe;

static kd_status probe_open(kd_engine *g, eng_node *n) {
    probe *s = n->state;
    if (n->look[1])
        eng_pairs_sorted(&s->on, n->words, 1);
    else
        eng_pairs_read(&s->on, n->words);
    eng_bag_open(&s->keys, &g->mem, s->on.count);
    eng_look_open(&s->look, n->in[0]->width, s->on.left, s->on.count);
    return eng_tail_open(g, n, false, &s->tail);
}

static void probe_close(kd_engine *g, eng_node *n) {
    probe *s = n->state;
    eng_bag_close(&s->keys);
}

/* b lets its rows be looked up: there is nothing to keep. Tried ahead of its time (early.c), row by row:
 * one that may still be found leaves all undecided. */
static kd_status look_early(kd_engine *g, eng_node *n, const probe *s) {
    const eng_node *a = n->in[0], *b = n->in[1];
    for (size_t i = 0; i < a->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(a, i), s->on.left, s->on.count);
        if (b->op->lookup->first(b, key) != ENG_NONE) continue;
        if (eng_is_open(g, b, key)) return KD_OK;
        kd_status st = put(g, n, &s->tail, i);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status look_run(kd_engine *g, eng_node *n, const probe *s) {
    const eng_node *a = n->in[0];
    eng_node *b = n->in[1];
    if (!a->out.n) return KD_OK;
    kd_status st = b->op->lookup->settle(g, b);
    if (st || g->hurried) return st ? st : look_early(g, n, s);
    if (eng_look_singly(a, b)) {
        for (size_t i = 0; !st && i < a->out.n; i++)
            if (eng_look_up(&s->look, a, b, i) == ENG_NONE) st = put(g, n, &s->tail, i);
        return st;
    }
    eng_found f; /* filled round by round */
    for (size_t i = 0, looked; i < a->out.n; i += looked) {
        looked = eng_look_round(&s->look, a, b, i, &f);
        for (size_t k = 0; k < looked; k++)
            if (f.entries[k] == ENG_NONE && (st = put(g, n, &s->tail, i + k))) return st;
    }
    return KD_OK;
}

static kd_status probe_run(kd_engine *g, eng_node *n) {
    probe *s = n->state;
    if (n->look[1]) return look_run(g, n, s);
    const eng_node *a = n->in[0];
    kd_status st = take_keys(&s->keys, n->in[1], &s->on);
    if (st) return st;
    settle_keys(&s->keys);
    for (size_t i = 0; i < a->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(a, i), s->on.left, s->on.count);
        if (eng_table_find(&s->keys.rows, key) != ENG_NONE) continue;
        if ((st = put(g, n, &s->tail, i))) return st;
    }
    return KD_OK;
}

static kd_status probe_walk(eng_walk *w, eng_node *n) {
    return eng_walk_bag(w, &((probe *)n->state)->keys);
}

/* ---- Level without level --------------------------------------------------------------------------------*/

typedef struct levels {
    eng_pairs on;
    eng_tail tail;
    eng_keyed rows; /* of a, with or without a match */
    eng_bag keys;   /* of b */
} levels;

static kd_status levels_open(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_pairs_read(&s->on, n->words);
    eng_keyed_open(&s->rows, &g->mem, n->in[0]->width, s->on.left, s->on.count);
    eng_bag_open(&s->keys, &g->mem, s->on.count);
    return eng_tail_open(g, n, false, &s->tail);
}

static void levels_close(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_keyed_close(&s->rows);
    eng_bag_close(&s->keys);
}

/* A key of b came or went: all rows of a that have it go or come. */
static kd_status flip(kd_engine *g, eng_node *n, const levels *s, uint32_t key, int sign) {
    for (uint32_t e = eng_keyed_find(&s->rows, eng_bag_row(&s->keys, key)); e != ENG_NONE;
         e = eng_keyed_member(&s->rows, e)->next) {
        kd_status st = eng_tail_put(g, n, &s->tail, eng_keyed_row(&s->rows, e), NULL,
                                    sign * eng_keyed_member(&s->rows, e)->count, 0);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status changed_keys(kd_engine *g, eng_node *n, levels *s) {
    for (size_t i = 0; i < s->keys.touched.n; i++) {
        uint32_t key = s->keys.touched.items[i];
        eng_change c = eng_bag_change(&s->keys, key);
        kd_status st = KD_OK;
        if (c == ENG_CAME) st = flip(g, n, s, key, -1);
        if (c == ENG_WENT) st = flip(g, n, s, key, 1);
        if (st) return st;
    }
    settle_keys(&s->keys);
    return KD_OK;
}

/* First b's changes against the rows that a had, then a's changes against the keys that b has now. */
static kd_status levels_run(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    const eng_node *a = n->in[0];
    kd_status st = take_keys(&s->keys, n->in[1], &s->on);
    if (st || (st = changed_keys(g, n, s))) return st;
    for (size_t i = 0; i < a->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        const kd_value *row = eng_batch_row(a, i);
        int64_t count = a->out.counts[i];
        if ((st = eng_keyed_add(&s->rows, row, count))) return st;
        eng_gather(key, row, s->on.left, s->on.count);
        if (eng_table_find(&s->keys.rows, key) != ENG_NONE) continue;
        if ((st = eng_tail_put(g, n, &s->tail, row, NULL, count, 0))) return st;
    }
    return KD_OK;
}

static kd_status levels_walk(eng_walk *w, eng_node *n) {
    levels *s = n->state;
    eng_walk_keyed(w, &s->rows);
    return eng_walk_bag(w, &s->keys);
}

const eng_operator eng_op_antijoin_pulses = {
    .name = "antijoin", .state_bytes = sizeof(pulses), .open = pulses_open, .run = pulses_run};
const eng_operator eng_op_antijoin_probe = {.name = "antijoin",
                                            .state_bytes = sizeof(probe),
                                            .open = probe_open,
                                            .close = probe_close,
                                            .run = probe_run,
                                            .walk = probe_walk};
const eng_operator eng_op_antijoin_levels = {.name = "antijoin",
                                             .state_bytes = sizeof(levels),
                                             .open = levels_open,
                                             .close = levels_close,
                                             .run = levels_run,
                                             .walk = levels_walk};

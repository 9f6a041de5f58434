/* antijoin.c: rows that match no row of another relation. */
#include "engine/walk.h"

/* ---- Pulse without pulse --------------------------------------------------------------------------------*/

static kd_status pairs_open(kd_engine *g, eng_node *n) {
    eng_pairs_read(n->state, n->words);
    return KD_OK;
}

static kd_status pulses_run(kd_engine *g, eng_node *n) {
    const eng_pairs *on = n->state;
    const eng_batch *a = &n->in[0]->out, *b = &n->in[1]->out;
    if (!a->n) return KD_OK;
    kd_status s = eng_match_open(&g->match, &g->mem, b->rows, b->n, n->in[1]->width, on->right, on->count);
    for (size_t i = 0; !s && i < a->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(n->in[0], i), on->left, on->count);
        if (eng_match_find(&g->match, key, 0) == b->n)
            s = eng_emit_row(g, n, eng_batch_row(n->in[0], i), 1, eng_batch_order(n->in[0], i));
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
    eng_bag keys;
} probe;

static kd_status probe_open(kd_engine *g, eng_node *n) {
    probe *s = n->state;
    if (n->look[1])
        eng_pairs_sorted(&s->on, n->words, 1);
    else
        eng_pairs_read(&s->on, n->words);
    eng_bag_open(&s->keys, &g->mem, s->on.count);
    return KD_OK;
}

static void probe_close(kd_engine *g, eng_node *n) {
    probe *s = n->state;
    eng_bag_close(&s->keys);
}

/* b lets its rows be looked up: there is nothing to keep. */
static kd_status look_run(kd_engine *g, eng_node *n, const probe *s) {
    const eng_node *a = n->in[0];
    eng_node *b = n->in[1];
    if (!a->out.n) return KD_OK;
    kd_status st = b->op->lookup->settle(g, b);
    for (size_t i = 0; !st && i < a->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(a, i), s->on.left, s->on.count);
        if (b->op->lookup->first(b, key) != ENG_NONE) continue;
        if (g->hurried && eng_is_open(g, b, key)) return KD_OK;
        st = eng_emit_row(g, n, eng_batch_row(a, i), 1, eng_batch_order(a, i));
    }
    return st;
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
        if ((st = eng_emit_row(g, n, eng_batch_row(a, i), 1, eng_batch_order(a, i)))) return st;
    }
    return KD_OK;
}

static kd_status probe_walk(eng_walk *w, eng_node *n) {
    return eng_walk_bag(w, &((probe *)n->state)->keys);
}

/* ---- Level without level --------------------------------------------------------------------------------*/

typedef struct levels {
    eng_pairs on;
    eng_keyed rows; /* of a, with or without a match */
    eng_bag keys;   /* of b */
} levels;

static kd_status levels_open(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_pairs_read(&s->on, n->words);
    eng_keyed_open(&s->rows, &g->mem, n->width, s->on.left, s->on.count);
    eng_bag_open(&s->keys, &g->mem, s->on.count);
    return KD_OK;
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
        kd_status st =
            eng_emit_row(g, n, eng_keyed_row(&s->rows, e), sign * eng_keyed_member(&s->rows, e)->count, 0);
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
        if ((st = eng_emit_row(g, n, row, count, 0))) return st;
    }
    return KD_OK;
}

static kd_status levels_walk(eng_walk *w, eng_node *n) {
    levels *s = n->state;
    eng_walk_keyed(w, &s->rows);
    return eng_walk_bag(w, &s->keys);
}

const eng_operator eng_op_antijoin_pulses = {
    .name = "antijoin", .state_bytes = sizeof(eng_pairs), .open = pairs_open, .run = pulses_run};
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

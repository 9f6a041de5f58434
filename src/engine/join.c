/* join.c: rows of two relations side by side: pulse with pulse, pulse with level, level with level. */
#include "engine/walk.h"

static const char TOO_MANY[] = "there are too many copies of a row";

/* The row that both make. */
static kd_status emit(kd_engine *g, eng_node *n, const kd_value *a, const kd_value *b, int64_t count,
                      uint32_t order) {
    kd_value *row = eng_emit(g, n, count, order);
    if (!row) return KD_NOMEM;
    unsigned left = n->in[0]->width;
    eng_copy(row, a, left);
    eng_copy(row + left, b, n->width - left);
    return KD_OK;
}

/* ---- Pulse with pulse -----------------------------------------------------------------------------------*/

static kd_status pairs_open(kd_engine *g, eng_node *n) {
    eng_pairs_read(n->state, n->words);
    return KD_OK;
}

static kd_status pulses_run(kd_engine *g, eng_node *n) {
    const eng_pairs *on = n->state;
    const eng_batch *a = &n->in[0]->out, *b = &n->in[1]->out;
    if (!a->n || !b->n) return KD_OK;
    kd_status s = eng_match_open(&g->match, &g->mem, b->rows, b->n, n->in[1]->width, on->right, on->count);
    for (size_t i = 0; !s && i < a->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        const kd_value *row = eng_batch_row(n->in[0], i);
        uint32_t oa = eng_batch_order(n->in[0], i);
        eng_gather(key, row, on->left, on->count);
        for (size_t k = eng_match_find(&g->match, key, 0); !s && k < b->n;
             k = eng_match_find(&g->match, key, k + 1)) {
            uint32_t ob = eng_batch_order(n->in[1], k);
            s = emit(g, n, row, eng_batch_row(n->in[1], k), 1, oa > ob ? oa : ob);
        }
    }
    return s;
}

/* ---- Pulse with level -----------------------------------------------------------------------------------*/

typedef struct probe {
    eng_pairs on;
    eng_keyed level;
} probe;

static kd_status probe_open(kd_engine *g, eng_node *n, unsigned level) {
    probe *s = n->state;
    if (n->look[level])
        eng_pairs_sorted(&s->on, n->words, level);
    else
        eng_pairs_read(&s->on, n->words);
    eng_keyed_open(&s->level, &g->mem, n->in[level]->width, level ? s->on.right : s->on.left, s->on.count);
    return KD_OK;
}
static kd_status probe_open_right(kd_engine *g, eng_node *n) {
    return probe_open(g, n, 1);
}
static kd_status probe_open_left(kd_engine *g, eng_node *n) {
    return probe_open(g, n, 0);
}

static void probe_close(kd_engine *g, eng_node *n) {
    probe *s = n->state;
    eng_keyed_close(&s->level);
}

static kd_status take_level(eng_keyed *k, const eng_node *in) {
    for (size_t i = 0; i < in->out.n; i++) {
        kd_status s = eng_keyed_add(k, eng_batch_row(in, i), in->out.counts[i]);
        if (s) return s;
    }
    return KD_OK;
}

/* One row of the pulse against the level: as many copies come out as the level has. */
static kd_status probe_row(kd_engine *g, eng_node *n, const probe *s, unsigned level, const kd_value *row,
                           uint32_t order) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, row, level ? s->on.left : s->on.right, s->on.count);
    for (uint32_t e = eng_keyed_find(&s->level, key); e != ENG_NONE;
         e = eng_keyed_member(&s->level, e)->next) {
        const kd_value *other = eng_keyed_row(&s->level, e);
        for (int64_t copies = eng_keyed_member(&s->level, e)->count; copies > 0; copies--) {
            kd_status st = emit(g, n, level ? row : other, level ? other : row, 1, order);
            if (st) return st;
        }
    }
    return KD_OK;
}

/* The level lets its rows be looked up: there is nothing to keep. */
static kd_status look_run(kd_engine *g, eng_node *n, const probe *s, unsigned level) {
    const eng_node *pulse = n->in[1 - level];
    eng_node *kept = n->in[level];
    const eng_lookup *look = kept->op->lookup;
    kd_status st = pulse->out.n ? look->settle(g, kept) : KD_OK;
    for (size_t i = 0; !st && i < pulse->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        const kd_value *row = eng_batch_row(pulse, i);
        eng_gather(key, row, level ? s->on.left : s->on.right, s->on.count);
        if (g->hurried && look->first(kept, key) == ENG_NONE && eng_is_open(g, kept, key)) return KD_OK;
        for (uint32_t e = look->first(kept, key); !st && e != ENG_NONE; e = look->next(kept, e)) {
            const kd_value *other = look->row(kept, e);
            st = emit(g, n, level ? row : other, level ? other : row, 1, eng_batch_order(pulse, i));
        }
    }
    return st;
}

static kd_status probe_run(kd_engine *g, eng_node *n, unsigned level) {
    probe *s = n->state;
    if (n->look[level]) return look_run(g, n, s, level);
    const eng_node *pulse = n->in[1 - level];
    kd_status st = take_level(&s->level, n->in[level]);
    for (size_t i = 0; !st && i < pulse->out.n; i++)
        st = probe_row(g, n, s, level, eng_batch_row(pulse, i), eng_batch_order(pulse, i));
    return st;
}
static kd_status probe_run_right(kd_engine *g, eng_node *n) {
    return probe_run(g, n, 1);
}
static kd_status probe_run_left(kd_engine *g, eng_node *n) {
    return probe_run(g, n, 0);
}

static kd_status probe_walk(eng_walk *w, eng_node *n) {
    return eng_walk_keyed(w, &((probe *)n->state)->level);
}

/* ---- Level with level -------------------------------------------------------------------------------------
 *
 * (A + dA) with (B + dB) less A with B is dA with B, then (A + dA) with dB: each side's changes meet what the
 * other side keeps at that moment. */
typedef struct levels {
    eng_pairs on;
    eng_keyed side[2];
} levels;

static kd_status levels_open(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_pairs_read(&s->on, n->words);
    for (unsigned k = 0; k < 2; k++)
        eng_keyed_open(&s->side[k], &g->mem, n->in[k]->width, k ? s->on.right : s->on.left, s->on.count);
    return KD_OK;
}

static void levels_close(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_keyed_close(&s->side[0]);
    eng_keyed_close(&s->side[1]);
}

static kd_status levels_row(kd_engine *g, eng_node *n, const levels *s, unsigned k, const kd_value *row,
                            int64_t copies) {
    const eng_keyed *others = &s->side[1 - k];
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, row, k ? s->on.right : s->on.left, s->on.count);
    for (uint32_t e = eng_keyed_find(others, key); e != ENG_NONE; e = eng_keyed_member(others, e)->next) {
        const kd_value *other = eng_keyed_row(others, e);
        int64_t count;
        if (__builtin_mul_overflow(copies, eng_keyed_member(others, e)->count, &count))
            return eng_complain(g, "overflow", TOO_MANY);
        kd_status st = emit(g, n, k ? other : row, k ? row : other, count, 0);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status levels_run(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    for (unsigned k = 0; k < 2; k++) {
        const eng_node *in = n->in[k];
        for (size_t i = 0; i < in->out.n; i++) {
            kd_status st = levels_row(g, n, s, k, eng_batch_row(in, i), in->out.counts[i]);
            if (st) return st;
        }
        kd_status st = take_level(&s->side[k], in);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status levels_walk(eng_walk *w, eng_node *n) {
    levels *s = n->state;
    eng_walk_keyed(w, &s->side[0]);
    return eng_walk_keyed(w, &s->side[1]);
}

const eng_operator eng_op_join_pulses = {
    .name = "join", .state_bytes = sizeof(eng_pairs), .open = pairs_open, .run = pulses_run};
const eng_operator eng_op_join_probe_right = {.name = "join",
                                              .state_bytes = sizeof(probe),
                                              .open = probe_open_right,
                                              .close = probe_close,
                                              .run = probe_run_right,
                                              .walk = probe_walk};
const eng_operator eng_op_join_probe_left = {.name = "join",
                                             .state_bytes = sizeof(probe),
                                             .open = probe_open_left,
                                             .close = probe_close,
                                             .run = probe_run_left,
                                             .walk = probe_walk};
const eng_operator eng_op_join_levels = {.name = "join",
                                         .state_bytes = sizeof(levels),
                                         .open = levels_open,
                                         .close = levels_close,
                                         .run = levels_run,
                                         .walk = levels_walk};

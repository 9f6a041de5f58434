/* join.c: rows of two relations side by side: pulse with pulse, pulse with level, level with level. */
#include "engine/run.h"

static const char TOO_MANY[] = "there are too many copies of a row";

/* The row that both make, with the reasons of both. */
static kd_status emit(kd_engine *g, eng_node *n, const kd_value *a, const kd_value *b, int64_t count,
                      kd_reason ra, kd_reason rb, uint32_t order) {
    kd_reason reason;
    kd_status s = eng_both(g, ra, rb, &reason);
    if (s) return s;
    kd_value *row = eng_emit(g, n, count, reason, order);
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
        const eng_mark *ma = &a->marks[i];
        eng_gather(key, row, on->left, on->count);
        for (size_t k = eng_match_find(&g->match, key, 0); !s && k < b->n;
             k = eng_match_find(&g->match, key, k + 1)) {
            const eng_mark *mb = &b->marks[k];
            s = emit(g, n, row, eng_batch_row(n->in[1], k), 1, ma->reason, mb->reason,
                     ma->order > mb->order ? ma->order : mb->order);
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
    eng_pairs_read(&s->on, n->words);
    eng_keyed_open(&s->level, &g->mem, n->in[level]->width, level ? s->on.right : s->on.left, s->on.count,
                   g->options.lineage);
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
        kd_status s = eng_keyed_add(k, eng_batch_row(in, i), in->out.marks[i].count, in->out.marks[i].reason);
        if (s) return s;
    }
    return KD_OK;
}

/* One row of the pulse against the level: as many copies come out as the level has. */
static kd_status probe_row(kd_engine *g, eng_node *n, const probe *s, unsigned level, const kd_value *row,
                           const eng_mark *m) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, row, level ? s->on.left : s->on.right, s->on.count);
    for (uint32_t e = eng_keyed_find(&s->level, key); e != ENG_NONE;
         e = eng_keyed_member(&s->level, e)->next) {
        const kd_value *other = eng_keyed_row(&s->level, e);
        kd_reason reason = eng_keyed_reason(&s->level, e);
        for (int64_t copies = eng_keyed_member(&s->level, e)->count; copies > 0; copies--) {
            kd_status st =
                emit(g, n, level ? row : other, level ? other : row, 1, m->reason, reason, m->order);
            if (st) return st;
        }
    }
    return KD_OK;
}

static kd_status probe_run(kd_engine *g, eng_node *n, unsigned level) {
    probe *s = n->state;
    const eng_node *pulse = n->in[1 - level];
    kd_status st = take_level(&s->level, n->in[level]);
    for (size_t i = 0; !st && i < pulse->out.n; i++)
        st = probe_row(g, n, s, level, eng_batch_row(pulse, i), &pulse->out.marks[i]);
    return st;
}
static kd_status probe_run_right(kd_engine *g, eng_node *n) {
    return probe_run(g, n, 1);
}
static kd_status probe_run_left(kd_engine *g, eng_node *n) {
    return probe_run(g, n, 0);
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
        eng_keyed_open(&s->side[k], &g->mem, n->in[k]->width, k ? s->on.right : s->on.left, s->on.count,
                       g->options.lineage);
    return KD_OK;
}

static void levels_close(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_keyed_close(&s->side[0]);
    eng_keyed_close(&s->side[1]);
}

static kd_status levels_row(kd_engine *g, eng_node *n, const levels *s, unsigned k, const kd_value *row,
                            const eng_mark *m) {
    const eng_keyed *others = &s->side[1 - k];
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, row, k ? s->on.right : s->on.left, s->on.count);
    for (uint32_t e = eng_keyed_find(others, key); e != ENG_NONE; e = eng_keyed_member(others, e)->next) {
        const kd_value *other = eng_keyed_row(others, e);
        int64_t count;
        if (__builtin_mul_overflow(m->count, eng_keyed_member(others, e)->count, &count))
            return eng_complain(g, "overflow", TOO_MANY);
        kd_status st =
            emit(g, n, k ? other : row, k ? row : other, count, m->reason, eng_keyed_reason(others, e), 0);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status levels_run(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    for (unsigned k = 0; k < 2; k++) {
        const eng_node *in = n->in[k];
        for (size_t i = 0; i < in->out.n; i++) {
            kd_status st = levels_row(g, n, s, k, eng_batch_row(in, i), &in->out.marks[i]);
            if (st) return st;
        }
        kd_status st = take_level(&s->side[k], in);
        if (st) return st;
    }
    return KD_OK;
}

const eng_operator eng_op_join_pulses = {"join", sizeof(eng_pairs), pairs_open, NULL, pulses_run};
const eng_operator eng_op_join_probe_right = {"join", sizeof(probe), probe_open_right, probe_close,
                                              probe_run_right};
const eng_operator eng_op_join_probe_left = {"join", sizeof(probe), probe_open_left, probe_close,
                                             probe_run_left};
const eng_operator eng_op_join_levels = {"join", sizeof(levels), levels_open, levels_close, levels_run};

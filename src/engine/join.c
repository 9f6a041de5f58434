/* join.c: rows of two relations side by side: pulse with pulse, pulse with level, level with level. */
#include "engine/look.h"
#include "engine/tail.h"
#include "engine/walk.h"

#define FEW_ROWS 8 /* of one side: each row is held against each, since a table costs more */

static const char TOO_MANY[] = "there are too many copies of a row";

/* ---- Pulse with pulse -----------------------------------------------------------------------------------*/

typedef struct pulses {
    eng_pairs on;
    eng_tail tail;
    bool filters; /* b only says which rows of a stay */
} pulses;

/* In log time a pulse is a set. A row that is pushed several times may be there as often, and where b adds no column its
 * copies must not multiply: a formula may meet the same events again and again. */
static bool only_filters(const kd_engine *g, const eng_node *n, const eng_pairs *on) {
    uint32_t asked = 0;
    for (unsigned i = 0; i < on->count; i++) asked |= UINT32_C(1) << on->right[i];
    return g->options.log_time && asked == (UINT32_C(1) << n->in[1]->width) - 1;
}

static kd_status pulses_open(kd_engine *g, eng_node *n) {
    pulses *s = n->state;
    eng_pairs_read(&s->on, n->words);
    s->filters = only_filters(g, n, &s->on);
    return eng_tail_open(g, n, false, &s->tail);
}

static kd_status put_pair(kd_engine *g, eng_node *n, const pulses *s, size_t i, size_t k) {
    uint32_t a = eng_batch_order(n->in[0], i), b = eng_batch_order(n->in[1], k);
    return eng_tail_put(g, n, &s->tail, eng_batch_row(n->in[0], i), eng_batch_row(n->in[1], k), 1,
                        a > b ? a : b);
}

static inline bool agree(const kd_value *a, const kd_value *b, const eng_pairs *on, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (a[on->left[i]] != b[on->right[i]]) return false;
    return true;
}

/* Each row with each: what few rows are met with. `count` is known to the compiler. */
static inline kd_status meet_all(kd_engine *g, eng_node *n, const pulses *s, unsigned count) {
    const eng_batch *a = &n->in[0]->out, *b = &n->in[1]->out;
    unsigned left = n->in[0]->width, right = n->in[1]->width;
    for (size_t i = 0; i < a->n; i++) {
        const kd_value *row = a->rows + i * left, *other = b->rows;
        for (size_t k = 0; k < b->n; k++, other += right) {
            if (!agree(row, other, &s->on, count)) continue;
            kd_status st = put_pair(g, n, s, i, k);
            if (st) return st;
            if (s->filters) break;
        }
    }
    return KD_OK;
}

/* The smaller side is laid in a table, the rows of the larger one find theirs there. */
static kd_status meet_by_hash(kd_engine *g, eng_node *n, const pulses *s) {
    unsigned small = s->filters || n->in[1]->out.n <= n->in[0]->out.n;
    const eng_node *in = n->in[small], *large = n->in[1 - small];
    kd_status st = eng_match_open(&g->match, &g->mem, in->out.rows, in->out.n, in->width,
                                  small ? s->on.right : s->on.left, s->on.count);
    for (size_t i = 0; !st && i < large->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(large, i), small ? s->on.left : s->on.right, s->on.count);
        for (size_t k = eng_match_find(&g->match, key, 0); !st && k < in->out.n;
             k = s->filters ? in->out.n : eng_match_find(&g->match, key, k + 1))
            st = put_pair(g, n, s, small ? i : k, small ? k : i);
    }
    return st;
}

static kd_status pulses_run(kd_engine *g, eng_node *n) {
    const pulses *s = n->state;
    size_t a = n->in[0]->out.n, b = n->in[1]->out.n;
    if (!a || !b) return KD_OK;
    if (s->on.count && a > FEW_ROWS && b > FEW_ROWS) return meet_by_hash(g, n, s);
    switch (s->on.count) {
    case 1:
        return meet_all(g, n, s, 1);
    case 2:
        return meet_all(g, n, s, 2);
    default:
        return meet_all(g, n, s, s->on.count);
    }
}

/* ---- Pulse with level -----------------------------------------------------------------------------------*/

typedef struct probe {
    eng_pairs on;
    eng_tail tail;
    eng_look look;
    bool single;   /* looked up by all columns: there is one row of a key at most */
    bool only_key; /* of the level's row nothing is read that is not the pulse's too */
    eng_keyed level;
} probe;

static kd_status probe_open(kd_engine *g, eng_node *n, unsigned level) {
    probe *s = n->state;
    if (n->look[level])
        eng_pairs_sorted(&s->on, n->words, level);
    else
        eng_pairs_read(&s->on, n->words);
    eng_keyed_open(&s->level, &g->mem, n->in[level]->width, level ? s->on.right : s->on.left, s->on.count);
    kd_status st = eng_tail_open(g, n, false, &s->tail);
    if (st) return st;
    eng_tail_prefer(&s->tail, &s->on, 1 - level);
    eng_look_open(&s->look, n->in[1 - level]->width, level ? s->on.left : s->on.right, s->on.count);
    s->single = n->look[level] && s->on.count == n->in[level]->width;
    s->only_key = eng_tail_is_of(&s->tail, 1 - level);
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

/* The pulse's row beside one of the level. */
static kd_status put(kd_engine *g, eng_node *n, const probe *s, unsigned level, const kd_value *row,
                     const kd_value *other, uint32_t order) {
    return eng_tail_put(g, n, &s->tail, level ? row : other, level ? other : row, 1, order);
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
            kd_status st = put(g, n, s, level, row, other, order);
            if (st) return st;
        }
    }
    return KD_OK;
}

/* ---- The level lets its rows be looked up: there is nothing to keep ------------------------------------*/

/* Row i of the pulse, of which the level's first row is `e`. */
static inline kd_status found(kd_engine *g, eng_node *n, const probe *s, unsigned level, size_t i,
                              uint32_t e) {
    const eng_node *pulse = n->in[1 - level], *kept = n->in[level];
    const eng_lookup *look = kept->op->lookup;
    const kd_value *row = eng_batch_row(pulse, i);
    for (; e != ENG_NONE; e = s->single ? ENG_NONE : look->next(kept, e)) {
        kd_status st =
            put(g, n, s, level, row, s->only_key ? row : look->row(kept, e), eng_batch_order(pulse, i));
        if (st) return st;
    }
    return KD_OK;
}

/* Tried ahead of its time (early.c), row by row: one that may still be found leaves all undecided. */
static kd_status look_early(kd_engine *g, eng_node *n, const probe *s, unsigned level) {
    const eng_node *pulse = n->in[1 - level], *kept = n->in[level];
    for (size_t i = 0; i < pulse->out.n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(pulse, i), level ? s->on.left : s->on.right, s->on.count);
        uint32_t e = kept->op->lookup->first(kept, key);
        if (e == ENG_NONE && eng_is_open(g, kept, key)) return KD_OK;
        kd_status st = found(g, n, s, level, i, e);
        if (st) return st;
    }
    return KD_OK;
}

static inline kd_status look_run(kd_engine *g, eng_node *n, const probe *s, unsigned level) {
    const eng_node *pulse = n->in[1 - level];
    eng_node *kept = n->in[level];
    if (!pulse->out.n) return KD_OK;
    kd_status st = kept->op->lookup->settle(g, kept);
    if (st || g->hurried) return st ? st : look_early(g, n, s, level);
    if (eng_look_singly(pulse, kept)) {
        for (size_t i = 0; !st && i < pulse->out.n; i++)
            st = found(g, n, s, level, i, eng_look_up(&s->look, pulse, kept, i));
        return st;
    }
    eng_found f; /* filled round by round */
    for (size_t i = 0, looked; i < pulse->out.n; i += looked) {
        looked = eng_look_round(&s->look, pulse, kept, i, &f);
        for (size_t k = 0; k < looked; k++)
            if (f.entries[k] != ENG_NONE && (st = found(g, n, s, level, i + k, f.entries[k]))) return st;
    }
    return KD_OK;
}

static inline kd_status probe_run(kd_engine *g, eng_node *n, unsigned level) {
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
    eng_tail tail;
    eng_keyed side[2];
} levels;

static kd_status levels_open(kd_engine *g, eng_node *n) {
    levels *s = n->state;
    eng_pairs_read(&s->on, n->words);
    for (unsigned k = 0; k < 2; k++)
        eng_keyed_open(&s->side[k], &g->mem, n->in[k]->width, k ? s->on.right : s->on.left, s->on.count);
    return eng_tail_open(g, n, false, &s->tail);
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
        kd_status st = eng_tail_put(g, n, &s->tail, k ? other : row, k ? row : other, count, 0);
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
    .name = "join", .state_bytes = sizeof(pulses), .open = pulses_open, .run = pulses_run};
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

/* fold_pulse.c: folds by group of the rows that a pulse has at one time point.
 *
 * Nothing is kept from one time point to the next but the room: rows of one group are found by g->match,
 * their values gathered side by side, and folded at once. */
#include "engine/fold.h"

typedef struct pulse_fold {
    eng_folding fold;
    kd_value *values; /* of the group at hand */
    size_t n, room;
} pulse_fold;

/* ---- Kinds ----------------------------------------------------------------------------------------------*/

static __int128 sum(const kd_value *v, size_t n) {
    __int128 all = 0; /* of less than 2^63 values, each below 2^63 */
    for (size_t i = 0; i < n; i++) all += v[i];
    return all;
}

static kd_value float_sum(const kd_value *v, size_t n, int64_t count) {
    unsigned __int128 limbs[ENG_FLOAT_LIMBS] = {0};
    for (size_t i = 0; i < n; i++) {
        eng_float_part parts[2];
        unsigned k = eng_float_parts(v[i], 1, parts);
        while (k-- > 0) limbs[parts[k].limb] += parts[k].add;
    }
    return eng_float_sum(limbs, count);
}

static kd_value extreme(const eng_folding *f, const kd_value *v, size_t n) {
    kd_value best = v[0];
    for (size_t i = 1; i < n; i++)
        if (eng_fold_beats(f, v[i], best)) best = v[i];
    return eng_fold_told(f, best);
}

/* Lets v[i] sink in a heap of n with the greatest on top. */
static void sink(kd_value *v, size_t i, size_t n) {
    kd_value x = v[i];
    for (size_t below; (below = 2 * i + 1) < n; i = below) {
        if (below + 1 < n && v[below + 1] > v[below]) below++;
        if (v[below] <= x) break;
        v[i] = v[below];
    }
    v[i] = x;
}

/* A heap gives up its upper half: n log n whatever the values. */
static kd_value median(kd_value *v, size_t n, bool floats) {
    for (size_t i = n / 2; i-- > 0;) sink(v, i, n);
    size_t left = n;
    while (left > n / 2 + 1) {
        v[0] = v[--left];
        sink(v, 0, left);
    }
    kd_value high = v[0], low = high;
    if (n % 2 == 0) low = left > 2 && v[2] > v[1] ? v[2] : v[1];
    return eng_fold_middle(low, high, floats);
}

static kd_status fold_values(kd_engine *g, const pulse_fold *f, kd_value *out) {
    kd_value *v = f->values;
    size_t n = f->n;
    switch (f->fold.what) {
    case KD_COUNT:
        *out = (kd_value)n;
        return KD_OK;
    case KD_SUM:
        return eng_fold_whole(g, sum(v, n), out);
    case KD_AVERAGE:
        *out = eng_fold_mean(sum(v, n), (int64_t)n);
        return KD_OK;
    case KD_LEAST:
    case KD_GREATEST:
    case KD_FLEAST:
    case KD_FGREATEST:
        *out = extreme(&f->fold, v, n);
        return KD_OK;
    case KD_MEDIAN:
        *out = median(v, n, false);
        return KD_OK;
    case KD_FMEDIAN:
        *out = median(v, n, true);
        return KD_OK;
    case KD_FSUM:
        *out = float_sum(v, n, 1);
        return KD_OK;
    default:
        *out = float_sum(v, n, (int64_t)n);
        return KD_OK;
    }
}

/* ---- Running --------------------------------------------------------------------------------------------*/

static kd_status open(kd_engine *g, eng_node *n) {
    eng_fold_read(&((pulse_fold *)n->state)->fold, g->plan, n->words, n->word_count);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    pulse_fold *f = n->state;
    eng_release(&g->mem, &f->values, &f->room, sizeof *f->values);
}

static void put(pulse_fold *f, const kd_value *row) {
    kd_value v = eng_fold_value(&f->fold, row);
    if (v != KD_ABSENT) f->values[f->n++] = v;
}

/* The group whose first row is i. Its row counts as pushed with the last of those it is made of. */
static kd_status group(kd_engine *g, eng_node *n, size_t i, const kd_value *key) {
    pulse_fold *f = n->state;
    const eng_node *in = n->in[0];
    uint32_t order = 0;
    f->n = 0;
    while (i < in->out.n) {
        uint32_t o = eng_batch_order(in, i);
        if (o > order) order = o;
        put(f, eng_batch_row(in, i));
        i = eng_match_find(&g->match, key, i + 1);
    }
    kd_value value;
    if (!f->n) return KD_OK;
    kd_status s = fold_values(g, f, &value);
    if (eng_is_forgiven(g, s)) return KD_OK;
    kd_value *row = s ? NULL : eng_emit(g, n, 1, order);
    if (!row) return s ? s : KD_NOMEM;
    eng_copy(row, key, f->fold.group_count);
    row[f->fold.group_count] = value;
    return KD_OK;
}

static kd_status run(kd_engine *g, eng_node *n) {
    pulse_fold *f = n->state;
    const eng_batch *in = &n->in[0]->out;
    if (!eng_reserve(&g->mem, &f->values, &f->room, in->n, sizeof *f->values)) return KD_NOMEM;
    kd_status s = eng_match_open(&g->match, &g->mem, in->rows, in->n, n->in[0]->width, f->fold.groups,
                                 f->fold.group_count);
    for (size_t i = 0; !s && i < in->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_batch_row(n->in[0], i), f->fold.groups, f->fold.group_count);
        if (eng_match_find(&g->match, key, 0) == i) s = group(g, n, i, key);
    }
    return s;
}

const eng_operator eng_op_aggregate_pulse = {
    .name = "aggregate", .state_bytes = sizeof(pulse_fold), .open = open, .close = close, .run = run};

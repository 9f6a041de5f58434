/* fold.c: counts, sums, least and greatest by group: of what a level holds (aggregate), of all that a pulse
 * ever gave (accumulate). */
#include "engine/evidence.h"
#include "engine/extreme.h"

#include <string.h>

typedef struct group {
    unsigned char sum[16]; /* of __int128, copied in and out: entries are aligned to 8 */
    int64_t count;         /* rows folded */
    kd_value extreme;      /* accumulate: the least or greatest so far */
    kd_value shown;        /* value given out last */
    kd_reason reason;      /* accumulate: of all so far */
    kd_reason shown_reason;
    uint32_t root;   /* aggregate: heap of the group's values */
    uint32_t leaves; /* aggregate: rows in the tree of reasons */
    uint8_t was, touched;
} group;

typedef struct fold fold;

/* One row a kind of fold. `add` takes `count` copies of a value in, or out; `value` tells the result of a
 * group with rows. */
typedef struct fold_kind {
    kd_status (*add)(fold *f, uint32_t e, kd_value v, int64_t count);
    kd_status (*value)(const fold *f, const group *p, kd_value *out);
} fold_kind;

struct fold {
    kd_engine *g;
    const fold_kind *kind;
    bool counts, greatest;
    unsigned column, key_count;
    uint8_t columns[KD_WIDTH_MAX];
    eng_table groups;
    eng_list touched;
    eng_extremes extremes; /* aggregate, least and greatest */
    eng_evidence evidence; /* aggregate, with lineage */
};

static group *group_at(const fold *f, uint32_t e) {
    return eng_table_payload(&f->groups, e);
}

/* ---- Kinds ----------------------------------------------------------------------------------------------*/

static kd_status count_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    return KD_OK;
}

static kd_status count_value(const fold *f, const group *p, kd_value *out) {
    *out = p->count;
    return KD_OK;
}

/* Kept in 128 bits, so that it matters not in which order the rows of a time point come. */
static kd_status sum_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    group *p = group_at(f, e);
    __int128 sum;
    memcpy(&sum, p->sum, sizeof sum);
    if (__builtin_add_overflow(sum, (__int128)v * count, &sum))
        return eng_complain(f->g, "overflow", "a sum does not fit 127 bits");
    memcpy(p->sum, &sum, sizeof sum);
    return KD_OK;
}

static kd_status sum_value(const fold *f, const group *p, kd_value *out) {
    __int128 sum;
    memcpy(&sum, p->sum, sizeof sum);
    if (sum > INT64_MAX || sum <= INT64_MIN)
        return eng_complain(f->g, "overflow", "a sum does not fit 63 bits");
    *out = (kd_value)sum;
    return KD_OK;
}

static kd_status extreme_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    return eng_extremes_add(&f->extremes, e, v, count);
}

static kd_status extreme_value(const fold *f, const group *p, kd_value *out) {
    *out = eng_extremes_value(&f->extremes, p->root);
    return KD_OK;
}

static kd_status record_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    group *p = group_at(f, e);
    bool better = f->greatest ? v > p->extreme : v < p->extreme;
    if (p->count == count || better) p->extreme = v; /* the first, or a better one */
    return KD_OK;
}

static kd_status record_value(const fold *f, const group *p, kd_value *out) {
    *out = p->extreme;
    return KD_OK;
}

static const fold_kind aggregate_kinds[] = {
    [KD_COUNT] = {count_add, count_value},
    [KD_SUM] = {sum_add, sum_value},
    [KD_LEAST] = {extreme_add, extreme_value},
    [KD_GREATEST] = {extreme_add, extreme_value},
};

static const fold_kind accumulate_kinds[] = {
    [KD_COUNT] = {count_add, count_value},
    [KD_SUM] = {sum_add, sum_value},
    [KD_LEAST] = {record_add, record_value},
    [KD_GREATEST] = {record_add, record_value},
};

/* ---- Opening --------------------------------------------------------------------------------------------*/

static kd_status open(kd_engine *g, eng_node *n, const fold_kind *kinds) {
    fold *f = n->state;
    f->g = g;
    f->kind = &kinds[n->words[0]];
    f->counts = n->words[0] == KD_COUNT;
    f->greatest = n->words[0] == KD_GREATEST;
    f->column = (unsigned)n->words[1];
    f->key_count = (unsigned)(n->word_count - 2);
    for (unsigned i = 0; i < f->key_count; i++) f->columns[i] = (uint8_t)n->words[2 + i];
    eng_table_open(&f->groups, &g->mem, f->key_count, sizeof(group));
    eng_extremes_open(&f->extremes, &g->mem, f->greatest);
    eng_evidence_open(&f->evidence, g);
    return KD_OK;
}
static kd_status aggregate_open(kd_engine *g, eng_node *n) {
    return open(g, n, aggregate_kinds);
}
static kd_status accumulate_open(kd_engine *g, eng_node *n) {
    return open(g, n, accumulate_kinds);
}

static void close(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    eng_table_close(&f->groups);
    eng_list_close(&g->mem, &f->touched);
    eng_extremes_close(&f->extremes);
    eng_evidence_close(&f->evidence);
}

/* ---- Running --------------------------------------------------------------------------------------------*/

/* The group of a row, to be looked at when settling; ENG_NONE when there is no memory. */
static uint32_t touch(fold *f, const kd_value *row) {
    kd_value key[KD_WIDTH_MAX];
    bool fresh;
    eng_gather(key, row, f->columns, f->key_count);
    uint32_t e = eng_table_add(&f->groups, key, &fresh);
    if (e == ENG_NONE) return e;
    group *p = group_at(f, e);
    if (fresh) p->root = ENG_NONE;
    if (!p->touched) {
        if (!eng_list_put(&f->g->mem, &f->touched, e)) return ENG_NONE;
        p->touched = 1;
    }
    return e;
}

static kd_status take(fold *f, const eng_node *in, size_t i, uint32_t *e) {
    const kd_value *row = eng_batch_row(in, i);
    int64_t count = in->out.marks[i].count;
    *e = ENG_NONE;
    if (!f->counts && row[f->column] == KD_ABSENT) return KD_OK;
    if ((*e = touch(f, row)) == ENG_NONE) return KD_NOMEM;
    group *p = group_at(f, *e);
    if (__builtin_add_overflow(p->count, count, &p->count)) return KD_INVALID;
    return f->kind->add(f, *e, f->counts ? 0 : row[f->column], count);
}

/* Puts out (group, value). */
static kd_status emit(fold *f, eng_node *n, uint32_t e, int64_t count, kd_value value, kd_reason reason) {
    kd_value *row = eng_emit(f->g, n, count, reason, 0);
    if (!row) return KD_NOMEM;
    eng_copy(row, eng_table_key(&f->groups, e), f->key_count);
    row[f->key_count] = value;
    return KD_OK;
}

static kd_status settle_group(fold *f, eng_node *n, uint32_t e, kd_reason reason) {
    group *p = group_at(f, e);
    bool is = p->count > 0;
    kd_value value = 0;
    kd_status s = is ? f->kind->value(f, p, &value) : KD_OK;
    bool same = is && p->was && value == p->shown && reason == p->shown_reason;
    if (!s && p->was && !same) s = emit(f, n, e, -1, p->shown, p->shown_reason);
    if (!s && is && !same) s = emit(f, n, e, 1, value, reason);
    p->was = is;
    p->shown = value;
    p->shown_reason = reason;
    p->touched = 0;
    if (!is) eng_table_remove(&f->groups, e);
    return s;
}

static uint32_t *root_of(void *owner, uint32_t e) {
    return &group_at(owner, e)->root;
}

static kd_status aggregate_run(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        const eng_mark *m = &in->out.marks[i];
        uint32_t e;
        kd_status s = take(f, in, i, &e);
        if (!s && e != ENG_NONE && g->options.lineage)
            s = eng_evidence_add(&f->evidence, e, &group_at(f, e)->leaves, m->reason, m->count);
        if (s) return s;
    }
    eng_extremes_settle(&f->extremes, root_of, f);
    for (size_t i = 0; i < f->touched.n; i++) {
        uint32_t e = f->touched.items[i];
        kd_status s = settle_group(f, n, e, eng_evidence_all(&f->evidence, e, group_at(f, e)->leaves));
        if (s) return s;
    }
    f->touched.n = 0;
    return KD_OK;
}

static kd_status accumulate_run(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        uint32_t e;
        kd_status s = take(f, in, i, &e);
        if (!s && e != ENG_NONE)
            s = eng_both(g, group_at(f, e)->reason, in->out.marks[i].reason, &group_at(f, e)->reason);
        if (s) return s;
    }
    for (size_t i = 0; i < f->touched.n; i++) {
        uint32_t e = f->touched.items[i];
        kd_status s = settle_group(f, n, e, group_at(f, e)->reason);
        if (s) return s;
    }
    f->touched.n = 0;
    return KD_OK;
}

const eng_operator eng_op_aggregate = {"aggregate", sizeof(fold), aggregate_open, close, aggregate_run};
const eng_operator eng_op_accumulate = {"accumulate", sizeof(fold), accumulate_open, close, accumulate_run};

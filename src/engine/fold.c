/* fold.c: folds by group that are kept up by changes: of what a level holds (aggregate), of all that a
 * pulse ever gave (accumulate). Once a group and time point the result is told. */
#include "engine/fold.h"
#include "engine/walk.h"

typedef struct fold {
    eng_groups groups;
    eng_list touched;
} fold;

/* ---- Opening --------------------------------------------------------------------------------------------*/

static kd_status touch(fold *f, uint32_t e) {
    eng_group *p = eng_group_at(&f->groups, e);
    if (p->touched) return KD_OK;
    if (!eng_list_put(&f->groups.g->mem, &f->touched, e)) return KD_NOMEM;
    p->touched = 1;
    return KD_OK;
}

/* A fold that always has a row has it before the first time point, as a constant has. */
static kd_status aggregate_open(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    kd_status s = eng_groups_open(&f->groups, g, n, false);
    if (s || !f->groups.fold.always) return s;
    eng_bits_set(&n->stage->dirty, n->id);
    return touch(f, 0);
}
static kd_status accumulate_open(kd_engine *g, eng_node *n) {
    return eng_groups_open(&((fold *)n->state)->groups, g, n, true);
}

static void close(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    eng_groups_close(&f->groups);
    eng_list_close(&g->mem, &f->touched);
}

/* ---- Running --------------------------------------------------------------------------------------------*/

static kd_status take(fold *f, const kd_value *row, int64_t count) {
    kd_value v = eng_fold_value(&f->groups.fold, row);
    if (v == KD_ABSENT) return KD_OK;
    uint32_t e = eng_groups_of(&f->groups, row);
    kd_status s = e == ENG_NONE ? KD_NOMEM : touch(f, e);
    return s ? s : eng_groups_add(&f->groups, e, v, count);
}

/* Puts out (group, value). */
static kd_status emit(fold *f, eng_node *n, uint32_t e, int64_t count, kd_value value) {
    unsigned keys = f->groups.fold.group_count;
    kd_value *row = eng_emit(f->groups.g, n, count, 0);
    if (!row) return KD_NOMEM;
    eng_copy(row, eng_table_key(&f->groups.table, e), keys);
    row[keys] = value;
    return KD_OK;
}

/* What a touched group is now; a silent node's value waits until somebody looks, unless it may fail. */
static kd_status settle_group(fold *f, eng_node *n, uint32_t e) {
    eng_group *p = eng_group_at(&f->groups, e);
    bool is = p->count > 0 || f->groups.fold.always, later = n->silent && !f->groups.kind->fails;
    kd_value value = p->value;
    kd_status s = is && !later ? eng_groups_value(&f->groups, p, &value) : KD_OK;
    if (eng_is_forgiven(f->groups.g, s)) is = false, s = KD_OK;
    bool same = n->silent || (is && p->was && value == p->value);
    if (!s && p->was && !same) s = emit(f, n, e, -1, p->value);
    if (!s && is && !same) s = emit(f, n, e, 1, value);
    p->was = is;
    p->value = value;
    p->stale = later;
    p->touched = 0;
    eng_groups_release(&f->groups, e);
    return s;
}

static kd_status run(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        kd_status s = take(f, eng_batch_row(in, i), eng_batch_count(in, i));
        if (s) return s;
    }
    eng_groups_settle(&f->groups);
    for (size_t i = 0; i < f->touched.n; i++) {
        kd_status s = settle_group(f, n, f->touched.items[i]);
        if (s) return s;
    }
    f->touched.n = 0;
    return KD_OK;
}

/* It runs whenever its input changes. */
static kd_status up_to_date(kd_engine *g, eng_node *n) {
    return KD_OK;
}

static const eng_lookup lookup = {.offers = eng_fold_offers,
                                  .settle = up_to_date,
                                  .first = eng_groups_first,
                                  .first_many = eng_groups_first_many,
                                  .next = eng_fold_next,
                                  .row = eng_groups_row};

static kd_status walk(eng_walk *w, eng_node *n) {
    fold *f = n->state;
    eng_walk_measure(w, 0, f->touched.room * sizeof *f->touched.items);
    if (eng_walk_loads(w)) f->touched.n = 0;
    return eng_groups_walk(w, &f->groups);
}

const eng_operator eng_op_aggregate = {.name = "aggregate",
                                       .state_bytes = sizeof(fold),
                                       .open = aggregate_open,
                                       .close = close,
                                       .run = run,
                                       .lookup = &lookup,
                                       .walk = walk};
const eng_operator eng_op_accumulate = {.name = "accumulate",
                                        .state_bytes = sizeof(fold),
                                        .open = accumulate_open,
                                        .close = close,
                                        .run = run,
                                        .lookup = &lookup,
                                        .walk = walk};

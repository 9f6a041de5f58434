/* fold.h: what all folds share: what a fold was asked for, how values compare, and the groups that are kept.
 *
 * Who keeps what, chosen when the plan is laid out:
 *
 *      fold.c           any level, by its changes; all that a pulse ever gave (accumulate)
 *      fold_window.c    the rows of ONCE[0,high], when the fold is looked up and nobody else reads the window
 *      fold_extreme.c   least and greatest of ONCE[0,high], looked up: a queue of candidates and no rows
 *      fold_pulse.c     a pulse's rows of one time point: nothing is kept */
#ifndef ENGINE_FOLD_H
#define ENGINE_FOLD_H

#include "engine/extreme.h"
#include "engine/floats.h"
#include "engine/median.h"
#include "engine/plan.h"
#include "engine/tail.h"

/* ---- What a fold was asked for ----------------------------------------------------------------------------
 *
 * words: the fold, its column, 1 + the number of the plan's order or 0, whether there is a value of no rows,
 * and that value; then the columns of the groups. */
enum { ENG_FOLD_WHAT, ENG_FOLD_COLUMN, ENG_FOLD_ORDER, ENG_FOLD_ALWAYS, ENG_FOLD_NONE, ENG_FOLD_GROUPS };

typedef struct eng_folding {
    kd_fold what;
    bool always;   /* there is a row even when no row is folded: it has the value `none` */
    bool greatest; /* of GREATEST and FGREATEST */
    bool by_order; /* floats that are compared: seen as integers of the same order */
    kd_value none;
    eng_order order; /* of LEAST and GREATEST */
    unsigned column, group_count;
    uint8_t groups[KD_WIDTH_MAX];
} eng_folding;

static inline bool eng_fold_of_floats(kd_fold f) {
    return f == KD_FSUM || f == KD_FLEAST || f == KD_FGREATEST || f == KD_FAVERAGE || f == KD_FMEDIAN;
}
static inline bool eng_fold_is_extreme(kd_fold f) {
    return f == KD_LEAST || f == KD_GREATEST || f == KD_FLEAST || f == KD_FGREATEST;
}

static inline void eng_fold_read(eng_folding *f, const kd_plan *p, const kd_value *words, size_t word_count) {
    f->what = (kd_fold)words[ENG_FOLD_WHAT];
    f->greatest = f->what == KD_GREATEST || f->what == KD_FGREATEST;
    f->by_order = f->what == KD_FLEAST || f->what == KD_FGREATEST || f->what == KD_FMEDIAN;
    f->order = words[ENG_FOLD_ORDER] ? p->orders[words[ENG_FOLD_ORDER] - 1] : (eng_order){0};
    f->always = words[ENG_FOLD_ALWAYS] != 0;
    f->none = words[ENG_FOLD_NONE];
    f->column = (unsigned)words[ENG_FOLD_COLUMN];
    f->group_count = (unsigned)(word_count - ENG_FOLD_GROUPS);
    for (unsigned i = 0; i < f->group_count; i++) f->groups[i] = (uint8_t)words[ENG_FOLD_GROUPS + i];
}

/* What is folded of a row: KD_ABSENT when the row is left out. */
static inline kd_value eng_fold_value(const eng_folding *f, const kd_value *row) {
    if (f->what == KD_COUNT) return 0;
    kd_value v = row[f->column];
    return f->by_order && v != KD_ABSENT ? eng_float_order(v) : v;
}
/* The value as it is given out. */
static inline kd_value eng_fold_told(const eng_folding *f, kd_value v) {
    return f->by_order ? eng_float_order(v) : v;
}
/* Is a further out than b, where least or greatest is asked for? */
static inline bool eng_fold_beats(const eng_folding *f, kd_value a, kd_value b) {
    return f->greatest ? eng_order_less(&f->order, b, a) : eng_order_less(&f->order, a, b);
}

/* ---- How results are told -------------------------------------------------------------------------------*/

static const char eng_fold_too_large[] = "a sum does not fit 63 bits";

static inline bool eng_fold_fits(__int128 sum) {
    int64_t low = (int64_t)sum;
    return low == sum && low != INT64_MIN;
}
static inline kd_status eng_fold_whole(kd_engine *g, __int128 sum, kd_value *out) {
    if (!eng_fold_fits(sum)) return eng_complain(g, "overflow", eng_fold_too_large);
    *out = (kd_value)sum;
    return KD_OK;
}

static inline kd_value eng_fold_mean(__int128 sum, int64_t count) {
    return kd_float_value((double)sum / (double)count);
}

/* The mean of the middle two, as a float; of floats these are as eng_float_order made them. Their sum may lie
 * beyond all doubles where their mean does not. */
static inline kd_value eng_fold_middle(kd_value a, kd_value b, bool floats) {
    if (!floats) return kd_float_value((double)((__int128)a + b) / 2);
    if (a == b) return eng_float_order(a);
    double x = kd_value_float(eng_float_order(a)), y = kd_value_float(eng_float_order(b));
    double sum = x + y, limit = 1e308;
    return kd_float_value(sum <= limit && sum >= -limit ? sum / 2 : x / 2 + y / 2);
}

/* ---- Groups ---------------------------------------------------------------------------------------------*/

/* A sum that does not fit 63 bits ends the log, but at the supposed last time point (eng_is_forgiven), where
 * its group has no value.
 *
 * A group's entry: its key, then `value`, so that both together are the row that is given out. Behind it
 * SUM and AVERAGE have an __int128 (copied in and out, as entries are aligned to 8), the least or greatest
 * of ACCUMULATE one value. */
typedef struct eng_group {
    kd_value value; /* given out last; when looked up, up to date unless `stale` */
    int64_t count;  /* rows folded */
    uint32_t root;  /* of its heap, array or tree, chain */
    uint8_t form;   /* of that root: median.h */
    uint8_t was, touched, stale;
} eng_group;

typedef struct eng_groups eng_groups;

/* One row a kind of fold. `add` takes `count` copies of a value in, or out; `value` tells the result of a
 * group with rows. */
typedef struct eng_fold_kind {
    size_t extra; /* bytes behind the group */
    kd_status (*add)(eng_groups *f, uint32_t e, kd_value v, int64_t count);
    kd_status (*value)(const eng_groups *f, const eng_group *p, kd_value *out);
    bool fails; /* value may fail: it is told at once and not when it is asked for */
} eng_fold_kind;

struct eng_groups {
    kd_engine *g;
    const eng_fold_kind *kind;
    eng_folding fold;
    eng_table table;
    eng_extremes extremes; /* least and greatest of a level */
    eng_ordered ordered;   /* medians */
    eng_pool limbs;        /* sums of floats */
    size_t unfit;          /* groups whose sum does not fit 63 bits */
};

/* `ever`: nothing ever goes. KD_NOMEM. */
kd_status eng_groups_open(eng_groups *f, kd_engine *g, const eng_node *n, bool ever);
void eng_groups_close(eng_groups *f);
/* Gives the group up when it has no rows, unless its fold always has one. */
void eng_groups_release(eng_groups *f, uint32_t e);
/* Heaps are brought up to date with what was added. */
void eng_groups_settle(eng_groups *f);
kd_status eng_groups_walk(eng_walk *w, eng_groups *f);

static inline eng_group *eng_group_at(const eng_groups *f, uint32_t e) {
    return eng_table_payload(&f->table, e);
}

/* The group with that key; ENG_NONE when there is no memory. One that is always there is the only one, and
 * entry 0. */
static inline uint32_t eng_groups_find(eng_groups *f, const kd_value *key) {
    bool fresh;
    if (f->fold.always) return 0;
    uint32_t e = eng_table_add(&f->table, key, &fresh);
    if (fresh && e != ENG_NONE) eng_group_at(f, e)->root = ENG_NONE;
    return e;
}
static inline uint32_t eng_groups_of(eng_groups *f, const kd_value *row) {
    kd_value key[KD_WIDTH_MAX];
    if (f->fold.group_count == 1 && f->table.slot_count) { /* most are of one column, and there */
        const kd_value *one = row + f->fold.groups[0];
        uint32_t e = eng_table_entry(&f->table, eng_table_seek(&f->table, one, eng_hash(one, 1), 1));
        if (e != ENG_NONE) return e;
    }
    eng_gather(key, row, f->fold.groups, f->fold.group_count);
    return eng_groups_find(f, key);
}

static inline kd_status eng_groups_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    eng_group *p = eng_group_at(f, e);
    if (__builtin_add_overflow(p->count, count, &p->count)) return KD_INVALID;
    return f->kind->add(f, e, v, count);
}

static inline kd_status eng_groups_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    if (p->count > 0) return f->kind->value(f, p, out);
    *out = f->fold.none;
    return KD_OK;
}

/* ---- In a window's place (fuse.c) -----------------------------------------------------------------------*/

/* The ONCE that the fold stands for. */
const plan_node *eng_fused_window(const kd_plan *p, const eng_node *fold);

/* Pulses of before that instant are too old; at the supposed end of the log every window that ends has
 * ended. */
static inline kd_instant eng_fused_bound(const kd_engine *g, int64_t high) {
    kd_instant bound;
    if (high == KD_NEVER) return INT64_MIN;
    if (g->now == KD_NEVER) return KD_NEVER;
    return __builtin_sub_overflow(g->now, high, &bound) ? INT64_MIN : bound;
}

/* Parts of an eng_lookup; n->state begins with the eng_groups. */
bool eng_fold_offers(eng_node *n, const uint8_t *columns, unsigned count);
uint32_t eng_groups_first(const eng_node *n, const kd_value *key);
void eng_groups_first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries);
uint32_t eng_fold_next(const eng_node *n, uint32_t entry); /* a group is one row */
const kd_value *eng_groups_row(const eng_node *n, uint32_t entry);

#endif

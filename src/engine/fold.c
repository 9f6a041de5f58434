/* fold.c: folds by group that are kept up: of what a level holds (aggregate), of all that a pulse ever gave
 * (accumulate).
 *
 * What a change costs, s being the different values of its group:
 *
 *      COUNT, SUM, AVERAGE     1           a number; of sums 128 bits, so that their order does not matter
 *      LEAST, GREATEST         log s       a pairing heap (extreme.h); constant for a value that comes
 *      MEDIAN                  log s       a tree with counts (median.h)
 *      FSUM, FAVERAGE          1           exact limbs (floats.h), a short chain a group of those not 0
 *
 * and once a group and time point the result is told. Exact limbs, and not a tree of partial sums over the
 * live rows: they take no memory per row, and what went before cannot be seen in the result at all. */
#include "engine/fold.h"
#include "engine/extreme.h"
#include "engine/median.h"

#include <string.h>

/* A group's entry: its key, then `value`, so that both together are the row that is given out. */
typedef struct group {
    kd_value value; /* given out last; when looked up, up to date unless `stale` */
    int64_t count;  /* rows folded */
    uint32_t root;  /* of its heap, tree or chain */
    uint8_t was, touched, stale, unused;
} group;
/* A SUM and an AVERAGE have an __int128 behind it, copied in and out as entries are aligned to 8; the least
 * or greatest of ACCUMULATE is one value. */

typedef struct fold fold;

/* One row a kind of fold. `add` takes `count` copies of a value in, or out; `value` tells the result of a
 * group with rows. */
typedef struct fold_kind {
    size_t extra; /* bytes behind the group */
    kd_status (*add)(fold *f, uint32_t e, kd_value v, int64_t count);
    kd_status (*value)(const fold *f, const group *p, kd_value *out);
    bool fails; /* value may fail: it is told at once and not when it is asked for */
} fold_kind;

struct fold {
    kd_engine *g;
    const fold_kind *kind;
    bool counts, greatest, floats, by_order;
    unsigned column, key_count;
    uint8_t columns[KD_WIDTH_MAX];
    eng_table groups;
    eng_list touched;
    eng_extremes extremes; /* aggregate, least and greatest */
    eng_ordered ordered;   /* medians */
    eng_pool limbs;        /* sums of floats */
};

static group *group_at(const fold *f, uint32_t e) {
    return eng_table_payload(&f->groups, e);
}

/* ---- Whole numbers --------------------------------------------------------------------------------------*/

static kd_status count_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    return KD_OK;
}

static kd_status count_value(const fold *f, const group *p, kd_value *out) {
    *out = p->count;
    return KD_OK;
}

static __int128 sum_in(const group *p) {
    __int128 sum;
    memcpy(&sum, p + 1, sizeof sum);
    return sum;
}

static kd_status sum_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    group *p = group_at(f, e);
    __int128 sum = sum_in(p);
    if (__builtin_add_overflow(sum, (__int128)v * count, &sum))
        return eng_complain(f->g, "overflow", "a sum does not fit 127 bits");
    memcpy(p + 1, &sum, sizeof sum);
    return KD_OK;
}

static kd_status sum_value(const fold *f, const group *p, kd_value *out) {
    return eng_fold_whole(f->g, sum_in(p), out);
}

static kd_status average_value(const fold *f, const group *p, kd_value *out) {
    *out = eng_fold_mean(sum_in(p), p->count);
    return KD_OK;
}

/* ---- Least and greatest ---------------------------------------------------------------------------------*/

static kd_value as_told(const fold *f, kd_value v) {
    return f->by_order ? eng_float_order(v) : v;
}

static kd_status extreme_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    return eng_extremes_add(&f->extremes, e, v, count);
}

static kd_status extreme_value(const fold *f, const group *p, kd_value *out) {
    *out = as_told(f, eng_extremes_value(&f->extremes, p->root));
    return KD_OK;
}

static kd_status record_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    group *p = group_at(f, e);
    kd_value best;
    memcpy(&best, p + 1, sizeof best);
    bool better = f->greatest ? v > best : v < best;
    if (p->count == count || better) memcpy(p + 1, &v, sizeof v); /* the first, or a better one */
    return KD_OK;
}

static kd_status record_value(const fold *f, const group *p, kd_value *out) {
    kd_value best;
    memcpy(&best, p + 1, sizeof best);
    *out = as_told(f, best);
    return KD_OK;
}

/* ---- Medians --------------------------------------------------------------------------------------------*/

static kd_status median_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    return eng_ordered_add(&f->ordered, &group_at(f, e)->root, v, count);
}

static kd_status median_value(const fold *f, const group *p, kd_value *out) {
    kd_value low = eng_ordered_at(&f->ordered, p->root, (p->count - 1) / 2);
    kd_value high = p->count % 2 ? low : eng_ordered_at(&f->ordered, p->root, p->count / 2);
    *out = eng_fold_middle(low, high, f->floats);
    return KD_OK;
}

/* ---- Sums of floats -------------------------------------------------------------------------------------*/

/* A limb that is not 0, in the chain of its group. */
typedef struct limb {
    unsigned char total[16]; /* of unsigned __int128 */
    uint32_t next, place;
} limb;

static limb *limb_at(const fold *f, uint32_t at) {
    return eng_pool_at(&f->limbs, at);
}

static kd_status limb_add(fold *f, uint32_t e, eng_float_part part) {
    uint32_t before = ENG_NONE, at = group_at(f, e)->root;
    while (at != ENG_NONE && limb_at(f, at)->place != part.limb) {
        before = at;
        at = limb_at(f, at)->next;
    }
    if (at == ENG_NONE) {
        if ((at = eng_pool_take(&f->limbs)) == ENG_NONE) return KD_NOMEM;
        limb *fresh = limb_at(f, at);
        *fresh = (limb){.next = group_at(f, e)->root, .place = part.limb};
        group_at(f, e)->root = at;
        before = ENG_NONE;
    }
    limb *l = limb_at(f, at);
    unsigned __int128 total;
    memcpy(&total, l->total, sizeof total);
    total += part.add;
    memcpy(l->total, &total, sizeof total);
    if (total) return KD_OK;
    if (before == ENG_NONE)
        group_at(f, e)->root = l->next;
    else
        limb_at(f, before)->next = l->next;
    eng_pool_give(&f->limbs, at);
    return KD_OK;
}

static kd_status float_add(fold *f, uint32_t e, kd_value v, int64_t count) {
    eng_float_part parts[2];
    unsigned n = count ? eng_float_parts(v, count, parts) : 0;
    kd_status s = KD_OK;
    for (unsigned i = 0; !s && i < n; i++) s = limb_add(f, e, parts[i]);
    return s;
}

static kd_value float_total(const fold *f, const group *p, int64_t count) {
    unsigned __int128 limbs[ENG_FLOAT_LIMBS] = {0};
    for (uint32_t at = p->root; at != ENG_NONE;) {
        const limb *l = limb_at(f, at);
        memcpy(&limbs[l->place], l->total, sizeof l->total);
        at = l->next;
    }
    return eng_float_sum(limbs, count);
}

static kd_status float_sum_value(const fold *f, const group *p, kd_value *out) {
    *out = float_total(f, p, 1);
    return KD_OK;
}

static kd_status float_average_value(const fold *f, const group *p, kd_value *out) {
    *out = float_total(f, p, p->count);
    return KD_OK;
}

/* ---- Kinds ----------------------------------------------------------------------------------------------*/

#define SUM_BYTES sizeof(__int128)

static const fold_kind aggregate_kinds[] = {
    [KD_COUNT] = {0, count_add, count_value, false},
    [KD_SUM] = {SUM_BYTES, sum_add, sum_value, true},
    [KD_LEAST] = {0, extreme_add, extreme_value, false},
    [KD_GREATEST] = {0, extreme_add, extreme_value, false},
    [KD_AVERAGE] = {SUM_BYTES, sum_add, average_value, false},
    [KD_MEDIAN] = {0, median_add, median_value, false},
    [KD_FSUM] = {0, float_add, float_sum_value, false},
    [KD_FLEAST] = {0, extreme_add, extreme_value, false},
    [KD_FGREATEST] = {0, extreme_add, extreme_value, false},
    [KD_FAVERAGE] = {0, float_add, float_average_value, false},
    [KD_FMEDIAN] = {0, median_add, median_value, false},
};

/* Nothing goes: the best so far is enough. A median keeps its values all the same. */
static const fold_kind accumulate_record = {sizeof(kd_value), record_add, record_value, false};

static bool is_extreme(kd_fold f) {
    return f == KD_LEAST || f == KD_GREATEST || f == KD_FLEAST || f == KD_FGREATEST;
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

static kd_status open(kd_engine *g, eng_node *n, const fold_kind *kind) {
    fold *f = n->state;
    kd_fold what = (kd_fold)n->words[0];
    f->g = g;
    f->kind = kind;
    f->counts = what == KD_COUNT;
    f->greatest = what == KD_GREATEST || what == KD_FGREATEST;
    f->floats = eng_fold_of_floats(what);
    f->by_order = eng_fold_by_order(what);
    f->column = (unsigned)n->words[1];
    f->key_count = (unsigned)(n->word_count - 2);
    for (unsigned i = 0; i < f->key_count; i++) f->columns[i] = (uint8_t)n->words[2 + i];
    eng_table_open(&f->groups, &g->mem, f->key_count, sizeof(group) + kind->extra);
    eng_extremes_open(&f->extremes, &g->mem, f->greatest);
    eng_ordered_open(&f->ordered, &g->mem);
    eng_pool_open(&f->limbs, &g->mem, sizeof(limb));
    return KD_OK;
}
static kd_status aggregate_open(kd_engine *g, eng_node *n) {
    return open(g, n, &aggregate_kinds[n->words[0]]);
}
static kd_status accumulate_open(kd_engine *g, eng_node *n) {
    bool record = is_extreme((kd_fold)n->words[0]);
    return open(g, n, record ? &accumulate_record : &aggregate_kinds[n->words[0]]);
}

static void close(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    eng_table_close(&f->groups);
    eng_list_close(&g->mem, &f->touched);
    eng_extremes_close(&f->extremes);
    eng_ordered_close(&f->ordered);
    eng_pool_close(&f->limbs);
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

static kd_status take(fold *f, const kd_value *row, int64_t count) {
    kd_value v = f->counts ? 0 : row[f->column];
    if (v == KD_ABSENT) return KD_OK;
    uint32_t e = touch(f, row);
    if (e == ENG_NONE) return KD_NOMEM;
    group *p = group_at(f, e);
    if (__builtin_add_overflow(p->count, count, &p->count)) return KD_INVALID;
    return f->kind->add(f, e, as_told(f, v), count);
}

/* Puts out (group, value). */
static kd_status emit(fold *f, eng_node *n, uint32_t e, int64_t count, kd_value value) {
    kd_value *row = eng_emit(f->g, n, count, 0);
    if (!row) return KD_NOMEM;
    eng_copy(row, eng_table_key(&f->groups, e), f->key_count);
    row[f->key_count] = value;
    return KD_OK;
}

/* What a touched group is now; a silent node's value waits until somebody looks, unless it may fail. */
static kd_status settle_group(fold *f, eng_node *n, uint32_t e) {
    group *p = group_at(f, e);
    bool is = p->count > 0, later = n->silent && !f->kind->fails;
    kd_value value = p->value;
    kd_status s = is && !later ? f->kind->value(f, p, &value) : KD_OK;
    bool same = n->silent || (is && p->was && value == p->value);
    if (!s && p->was && !same) s = emit(f, n, e, -1, p->value);
    if (!s && is && !same) s = emit(f, n, e, 1, value);
    p->was = is;
    p->value = value;
    p->stale = later;
    p->touched = 0;
    if (!is) eng_table_remove(&f->groups, e);
    return s;
}

static uint32_t *root_of(void *owner, uint32_t e) {
    return &group_at(owner, e)->root;
}

static kd_status run(kd_engine *g, eng_node *n) {
    fold *f = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        kd_status s = take(f, eng_batch_row(in, i), eng_batch_count(in, i));
        if (s) return s;
    }
    eng_extremes_settle(&f->extremes, root_of, f);
    for (size_t i = 0; i < f->touched.n; i++) {
        kd_status s = settle_group(f, n, f->touched.items[i]);
        if (s) return s;
    }
    f->touched.n = 0;
    return KD_OK;
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

static bool offers(eng_node *n, const uint8_t *columns, unsigned count) {
    if (count + 1 != n->width) return false;
    for (unsigned i = 0; i < count; i++)
        if (columns[i] != i) return false;
    return true;
}

/* It runs whenever its input changes. */
static kd_status up_to_date(kd_engine *g, eng_node *n) {
    return KD_OK;
}

static uint32_t first(const eng_node *n, const kd_value *key) {
    const fold *f = n->state;
    return eng_table_find(&f->groups, key);
}

static uint32_t next(const eng_node *n, uint32_t entry) {
    return ENG_NONE;
}

static const kd_value *row(const eng_node *n, uint32_t entry) {
    const fold *f = n->state;
    group *p = group_at(f, entry);
    if (p->stale) {
        f->kind->value(f, p, &p->value); /* of the kinds that cannot fail */
        p->stale = 0;
    }
    return eng_table_key(&f->groups, entry);
}

static const eng_lookup lookup = {
    .offers = offers, .settle = up_to_date, .first = first, .next = next, .row = row};

/* ---- Saved and loaded -----------------------------------------------------------------------------------*/

static void walk_wide(eng_walk *w, void *bytes) {
    unsigned __int128 v;
    memcpy(&v, bytes, sizeof v);
    uint64_t low = (uint64_t)v, high = (uint64_t)(v >> 64);
    eng_walk_u64(w, &low);
    eng_walk_u64(w, &high);
    v = (unsigned __int128)high << 64 | low;
    if (eng_walk_loads(w)) memcpy(bytes, &v, sizeof v);
}

static void walk_group(eng_walk *w, void *payload) {
    group *p = payload;
    size_t extra = ((const fold *)w->node->state)->kind->extra;
    eng_walk_i64(w, &p->value);
    eng_walk_i64(w, &p->count);
    eng_walk_u8(w, &p->was);
    eng_walk_u8(w, &p->stale);
    eng_walk_check(w, p->count > 0 && p->was == 1 && p->stale < 2);
    if (extra == sizeof(__int128)) walk_wide(w, p + 1);
    if (extra == sizeof(kd_value)) eng_walk_i64(w, (kd_value *)(void *)(p + 1));
    if (eng_walk_loads(w)) p->root = ENG_NONE;
}

/* The limbs of one group: no more than there are places, each at its own. */
static void walk_limbs(eng_walk *w, fold *f, group *p) {
    size_t n = 0;
    uint64_t places = 0;
    for (uint32_t at = p->root; at != ENG_NONE; at = ((limb *)eng_pool_at(&f->limbs, at))->next) n++;
    if (!eng_walk_count(w, &n, 20)) return;
    for (uint32_t at = p->root; !eng_walk_loads(w) && at != ENG_NONE;) {
        limb *l = eng_pool_at(&f->limbs, at);
        eng_walk_u32(w, &l->place);
        walk_wide(w, l->total);
        at = l->next;
    }
    for (size_t i = 0; eng_walk_loads(w) && !w->failed && i < n; i++) {
        limb l = {.next = p->root};
        eng_walk_u32(w, &l.place);
        walk_wide(w, l.total);
        if (!eng_walk_check(w, l.place < ENG_FLOAT_LIMBS && !(places >> l.place & 1))) return;
        places |= UINT64_C(1) << l.place;
        uint32_t at = eng_pool_take(&f->limbs);
        if (at == ENG_NONE) {
            w->failed = KD_NOMEM;
            return;
        }
        memcpy(eng_pool_at(&f->limbs, at), &l, sizeof l);
        p->root = at;
    }
}

static void measure_pool(eng_walk *w, const eng_pool *p) {
    eng_walk_measure(w, p->live, p->room * p->piece_bytes);
}

/* A group has as many rows as its values say: so whatever goes later, a group with rows has a value. */
static void check_counts(eng_walk *w, fold *f) {
    const eng_table *values = &f->extremes.values;
    for (uint32_t e = 0; !w->failed && e < values->used; e++) {
        if (!eng_table_live(values, e)) continue;
        group *p = group_at(f, (uint32_t)eng_table_key(values, e)[0]);
        int64_t count = eng_extremes_count(&f->extremes, e);
        if (eng_walk_check(w, count <= p->count)) p->count -= count;
    }
    for (uint32_t e = 0; !w->failed && e < f->groups.used; e++)
        if (eng_table_live(&f->groups, e)) eng_walk_check(w, group_at(f, e)->count == 0);
    for (uint32_t e = 0; !w->failed && e < values->used; e++)
        if (eng_table_live(values, e))
            group_at(f, (uint32_t)eng_table_key(values, e)[0])->count += eng_extremes_count(&f->extremes, e);
}

/* Does the fold keep the values of a group apart, in a heap, a tree or a chain? */
static kd_status walk_parts(eng_walk *w, fold *f) {
    bool heaps = f->kind->add == extreme_add, trees = f->kind->add == median_add;
    if (heaps) eng_extremes_walk(w, &f->extremes, &f->groups, root_of, f);
    if (heaps && eng_walk_loads(w)) check_counts(w, f);
    for (uint32_t e = 0; !w->failed && e < f->groups.used; e++) {
        if (!eng_table_live(&f->groups, e)) continue;
        group *p = group_at(f, e);
        if (trees) eng_ordered_walk(w, &f->ordered, &p->root, p->count);
        if (f->kind->add == float_add) walk_limbs(w, f, p);
    }
    return w->failed;
}

static kd_status walk(eng_walk *w, eng_node *n) {
    fold *f = n->state;
    measure_pool(w, &f->ordered.nodes);
    measure_pool(w, &f->limbs);
    eng_walk_measure(w, 0, f->touched.room * sizeof *f->touched.items);
    if (eng_walk_loads(w)) {
        f->touched.n = 0;
        eng_pool_close(&f->ordered.nodes);
        eng_pool_close(&f->limbs);
    }
    if (w->way == ENG_MEASURING) eng_walk_table(w, &f->extremes.values, NULL);
    if (eng_walk_table(w, &f->groups, walk_group) || w->way == ENG_MEASURING) return w->failed;
    return walk_parts(w, f);
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

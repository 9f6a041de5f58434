/* fold_groups.c: the groups of a fold: how each kind of fold takes values in and out and tells its result.
 *
 * What a change costs, s being the different values of its group:
 *
 *      COUNT, SUM, AVERAGE     1           a number; of sums 128 bits, so that their order does not matter
 *      LEAST, GREATEST         log s       a pairing heap (extreme.h); constant for a value that comes
 *      MEDIAN                  log s       a sorted array; of many values a tree with counts (median.h)
 *      FSUM, FAVERAGE          1           exact limbs (floats.h), a short chain a group of those not 0
 *
 * Exact limbs, and not a tree of partial sums over the live rows: they take no memory per row, and what
 * went before cannot be seen in the result at all. */
#include "engine/fold.h"
#include "engine/walk.h"

#include <string.h>

/* ---- Whole numbers --------------------------------------------------------------------------------------*/

static kd_status count_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    return KD_OK;
}

static kd_status count_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    *out = p->count;
    return KD_OK;
}

static __int128 sum_in(const eng_group *p) {
    __int128 sum;
    memcpy(&sum, p + 1, sizeof sum);
    return sum;
}

static kd_status too_large(eng_groups *f) {
    return eng_complain(f->g, "overflow", "a sum does not fit 127 bits");
}

static kd_status total_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    eng_group *p = eng_group_at(f, e);
    __int128 sum = sum_in(p);
    if (__builtin_add_overflow(sum, (__int128)v * count, &sum)) return too_large(f);
    memcpy(p + 1, &sum, sizeof sum);
    return KD_OK;
}

/* The same, and it is known whether some group's sum does not fit. */
static kd_status sum_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    eng_group *p = eng_group_at(f, e);
    __int128 before = sum_in(p), sum;
    if (__builtin_add_overflow(before, (__int128)v * count, &sum)) return too_large(f);
    f->unfit += (size_t)eng_fold_fits(before) - (size_t)eng_fold_fits(sum);
    memcpy(p + 1, &sum, sizeof sum);
    return KD_OK;
}

static kd_status sum_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    return eng_fold_whole(f->g, sum_in(p), out);
}

static kd_status average_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    *out = eng_fold_mean(sum_in(p), p->count);
    return KD_OK;
}

/* ---- Least and greatest ---------------------------------------------------------------------------------*/

static kd_status extreme_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    return eng_extremes_add(&f->extremes, e, v, count);
}

static kd_status extreme_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    *out = eng_fold_told(&f->fold, eng_extremes_value(&f->extremes, p->root));
    return KD_OK;
}

static kd_status record_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    eng_group *p = eng_group_at(f, e);
    kd_value best;
    memcpy(&best, p + 1, sizeof best);
    bool first = p->count == count;
    if (first || eng_fold_beats(&f->fold, v, best)) memcpy(p + 1, &v, sizeof v);
    return KD_OK;
}

static kd_status record_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    kd_value best;
    memcpy(&best, p + 1, sizeof best);
    *out = eng_fold_told(&f->fold, best);
    return KD_OK;
}

/* ---- Medians --------------------------------------------------------------------------------------------*/

static kd_status median_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    eng_group *p = eng_group_at(f, e);
    return eng_ordered_add(&f->ordered, &p->root, &p->form, v, count);
}

static kd_status median_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    kd_value low = eng_ordered_at(&f->ordered, p->root, p->form, (p->count - 1) / 2);
    kd_value high = p->count % 2 ? low : eng_ordered_at(&f->ordered, p->root, p->form, p->count / 2);
    *out = eng_fold_middle(low, high, f->fold.by_order);
    return KD_OK;
}

/* ---- Sums of floats -------------------------------------------------------------------------------------*/

/* A limb that is not 0, in the chain of its group. */
typedef struct limb {
    unsigned char total[16]; /* of unsigned __int128 */
    uint32_t next, place;
} limb;

static limb *limb_at(const eng_groups *f, uint32_t at) {
    return eng_pool_at(&f->limbs, at);
}

static kd_status limb_add(eng_groups *f, uint32_t e, eng_float_part part) {
    uint32_t before = ENG_NONE, at = eng_group_at(f, e)->root;
    while (at != ENG_NONE && limb_at(f, at)->place != part.limb) {
        before = at;
        at = limb_at(f, at)->next;
    }
    if (at == ENG_NONE) {
        if ((at = eng_pool_take(&f->limbs)) == ENG_NONE) return KD_NOMEM;
        limb *fresh = limb_at(f, at);
        *fresh = (limb){.next = eng_group_at(f, e)->root, .place = part.limb};
        eng_group_at(f, e)->root = at;
        before = ENG_NONE;
    }
    limb *l = limb_at(f, at);
    unsigned __int128 total;
    memcpy(&total, l->total, sizeof total);
    total += part.add;
    memcpy(l->total, &total, sizeof total);
    if (total) return KD_OK;
    if (before == ENG_NONE)
        eng_group_at(f, e)->root = l->next;
    else
        limb_at(f, before)->next = l->next;
    eng_pool_give(&f->limbs, at);
    return KD_OK;
}

static kd_status float_add(eng_groups *f, uint32_t e, kd_value v, int64_t count) {
    eng_float_part parts[2];
    unsigned n = count ? eng_float_parts(v, count, parts) : 0;
    kd_status s = KD_OK;
    for (unsigned i = 0; !s && i < n; i++) s = limb_add(f, e, parts[i]);
    return s;
}

static kd_value float_total(const eng_groups *f, const eng_group *p, int64_t count) {
    unsigned __int128 limbs[ENG_FLOAT_LIMBS] = {0};
    for (uint32_t at = p->root; at != ENG_NONE;) {
        const limb *l = limb_at(f, at);
        memcpy(&limbs[l->place], l->total, sizeof l->total);
        at = l->next;
    }
    return eng_float_sum(limbs, count);
}

static kd_status float_sum_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    *out = float_total(f, p, 1);
    return KD_OK;
}

static kd_status float_average_value(const eng_groups *f, const eng_group *p, kd_value *out) {
    *out = float_total(f, p, p->count);
    return KD_OK;
}

/* ---- Kinds ----------------------------------------------------------------------------------------------*/

#define SUM_BYTES sizeof(__int128)

static const eng_fold_kind aggregate_kinds[] = {
    [KD_COUNT] = {0, count_add, count_value, false},
    [KD_SUM] = {SUM_BYTES, sum_add, sum_value, true},
    [KD_LEAST] = {0, extreme_add, extreme_value, false},
    [KD_GREATEST] = {0, extreme_add, extreme_value, false},
    [KD_AVERAGE] = {SUM_BYTES, total_add, average_value, false},
    [KD_MEDIAN] = {0, median_add, median_value, false},
    [KD_FSUM] = {0, float_add, float_sum_value, false},
    [KD_FLEAST] = {0, extreme_add, extreme_value, false},
    [KD_FGREATEST] = {0, extreme_add, extreme_value, false},
    [KD_FAVERAGE] = {0, float_add, float_average_value, false},
    [KD_FMEDIAN] = {0, median_add, median_value, false},
};

/* Nothing goes: the best so far is enough. A median keeps its values all the same. */
static const eng_fold_kind accumulate_record = {sizeof(kd_value), record_add, record_value, false};

/* ---- Opening --------------------------------------------------------------------------------------------*/

kd_status eng_groups_open(eng_groups *f, kd_engine *g, const eng_node *n, bool ever) {
    eng_fold_read(&f->fold, g->plan, n->words, n->word_count);
    bool record = ever && eng_fold_is_extreme(f->fold.what);
    f->g = g;
    f->kind = record ? &accumulate_record : &aggregate_kinds[f->fold.what];
    eng_table_open(&f->table, &g->mem, f->fold.group_count, sizeof(eng_group) + f->kind->extra);
    eng_extremes_open(&f->extremes, &g->mem, f->fold.greatest, f->fold.order);
    eng_ordered_open(&f->ordered, &g->mem);
    eng_pool_open(&f->limbs, &g->mem, sizeof(limb));
    if (!f->fold.always) return KD_OK;
    bool fresh; /* of the one group without columns: entry 0 */
    uint32_t e = eng_table_add(&f->table, NULL, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    eng_group_at(f, e)->root = ENG_NONE;
    eng_group_at(f, e)->value = f->fold.none;
    return KD_OK;
}

void eng_groups_close(eng_groups *f) {
    eng_table_close(&f->table);
    eng_extremes_close(&f->extremes);
    eng_ordered_close(&f->ordered);
    eng_pool_close(&f->limbs);
}

void eng_groups_release(eng_groups *f, uint32_t e) {
    if (eng_group_at(f, e)->count <= 0 && !f->fold.always) eng_table_remove(&f->table, e);
}

static uint32_t *root_of(void *owner, uint32_t e) {
    return &eng_group_at(owner, e)->root;
}

void eng_groups_settle(eng_groups *f) {
    eng_extremes_settle(&f->extremes, root_of, f);
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

bool eng_fold_offers(eng_node *n, const uint8_t *columns, unsigned count) {
    if (count + 1 != n->width) return false;
    for (unsigned i = 0; i < count; i++)
        if (columns[i] != i) return false;
    return true;
}

uint32_t eng_fold_next(const eng_node *n, uint32_t entry) {
    return ENG_NONE;
}

uint32_t eng_groups_first(const eng_node *n, const kd_value *key) {
    const eng_groups *f = n->state;
    uint32_t e = f->fold.always ? 0 : eng_table_search(&f->table, key);
    bool fits = !f->unfit || !f->kind->fails || e == ENG_NONE || eng_fold_fits(sum_in(eng_group_at(f, e)));
    return fits ? e : ENG_NONE;
}

void eng_groups_first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries) {
    const eng_groups *f = n->state;
    if (!f->unfit && !f->fold.always)
        eng_table_find_many(&f->table, keys, count, entries);
    else
        for (size_t i = 0; i < count; i++) entries[i] = eng_groups_first(n, keys + i * f->fold.group_count);
}

const kd_value *eng_groups_row(const eng_node *n, uint32_t entry) {
    const eng_groups *f = n->state;
    eng_group *p = eng_group_at(f, entry);
    if (p->stale) {
        eng_groups_value(f, p, &p->value); /* of what cannot fail, or was seen not to */
        p->stale = 0;
    }
    return eng_table_key(&f->table, entry);
}

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
    eng_group *p = payload;
    eng_groups *f = w->node->state;
    size_t extra = f->kind->extra;
    eng_walk_i64(w, &p->value);
    eng_walk_i64(w, &p->count);
    eng_walk_u8(w, &p->was);
    eng_walk_u8(w, &p->stale);
    bool over = eng_is_behind_the_end(w->g);
    eng_walk_check(w, (p->count > 0 || (p->count == 0 && f->fold.always)) && p->stale < 2);
    if (extra == sizeof(__int128)) walk_wide(w, p + 1);
    bool fits = !f->kind->fails || eng_fold_fits(sum_in(p));
    eng_walk_check(w, (p->was == 1 && fits) || (over && !fits && p->was < 2));
    if (eng_walk_loads(w)) f->unfit += !fits;
    if (extra == sizeof(kd_value)) eng_walk_i64(w, (kd_value *)(void *)(p + 1));
    if (eng_walk_loads(w)) p->root = ENG_NONE;
}

/* The limbs of one group: no more than there are places, each at its own. */
static void walk_limbs(eng_walk *w, eng_groups *f, eng_group *p) {
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

/* A group has as many rows as its values say: so whatever goes later, a group with rows has a value. */
static void check_counts(eng_walk *w, eng_groups *f) {
    const eng_table *values = &f->extremes.values;
    for (uint32_t e = 0; !w->failed && e < values->used; e++) {
        if (!eng_table_live(values, e)) continue;
        eng_group *p = eng_group_at(f, (uint32_t)eng_table_key(values, e)[0]);
        int64_t count = eng_extremes_count(&f->extremes, e);
        if (eng_walk_check(w, count <= p->count)) p->count -= count;
    }
    for (uint32_t e = 0; !w->failed && e < f->table.used; e++)
        if (eng_table_live(&f->table, e)) eng_walk_check(w, eng_group_at(f, e)->count == 0);
    for (uint32_t e = 0; !w->failed && e < values->used; e++)
        if (eng_table_live(values, e))
            eng_group_at(f, (uint32_t)eng_table_key(values, e)[0])->count +=
                eng_extremes_count(&f->extremes, e);
}

/* Does the fold keep the values of a group apart, in a heap, a tree or a chain? */
static kd_status walk_parts(eng_walk *w, eng_groups *f) {
    bool heaps = f->kind->add == extreme_add, trees = f->kind->add == median_add;
    if (heaps) eng_extremes_walk(w, &f->extremes, &f->table, root_of, f);
    if (heaps && eng_walk_loads(w)) check_counts(w, f);
    for (uint32_t e = 0; !w->failed && e < f->table.used; e++) {
        if (!eng_table_live(&f->table, e)) continue;
        eng_group *p = eng_group_at(f, e);
        if (trees) eng_ordered_walk(w, &f->ordered, &p->root, &p->form, p->count);
        if (f->kind->add == float_add) walk_limbs(w, f, p);
    }
    return w->failed;
}

kd_status eng_groups_walk(eng_walk *w, eng_groups *f) {
    eng_ordered_measure(w, &f->ordered);
    eng_walk_measure(w, f->limbs.live, f->limbs.room * f->limbs.piece_bytes);
    if (eng_walk_loads(w)) {
        eng_ordered_close(&f->ordered);
        eng_pool_close(&f->limbs);
        f->unfit = 0;
    }
    if (w->way == ENG_MEASURING) eng_walk_table(w, &f->extremes.values, NULL);
    if (eng_walk_table(w, &f->table, walk_group) || w->way == ENG_MEASURING) return w->failed;
    eng_walk_check(w, !f->fold.always || (f->table.live == 1 && eng_table_live(&f->table, 0)));
    return walk_parts(w, f);
}

/* mfotl_lower_fold.c: aggregations: over the set of all rows of the body, columns that are not grouped
 * included. */
#include "lang/mfotl_functions.h"
#include "lang/mfotl_lower.h"

#include <math.h>

static bool is_text(mf_type t) {
    return t == MF_STRING || t == MF_REGEXP;
}

static kd_fold fold_of(mf_fold f, bool is_int) {
    static const kd_fold ints[] = {KD_COUNT, KD_SUM, KD_LEAST, KD_GREATEST, KD_AVERAGE, KD_MEDIAN};
    static const kd_fold floats[] = {KD_COUNT, KD_FSUM, KD_FLEAST, KD_FGREATEST, KD_FAVERAGE, KD_FMEDIAN};
    return is_int ? ints[f] : floats[f];
}

/* The value of no rows at all. */
static bool default_of(mf_lowering *l, mf_fold f, mf_type t, kd_value *out) {
    *out = 0; /* of floats too: the bits of 0.0 */
    if (f != MF_MIN && f != MF_MAX) return true;
    if (is_text(t)) {
        int64_t s = kd_symbol(l->functions->symbols, KD_STR(""));
        *out = s;
        return s >= 0;
    }
    if (t != MF_INT) *out = mf_float_value(f == MF_MIN ? (double)INFINITY : -(double)INFINITY);
    return true;
}

/* Without groups there is always one row; a fold of a level sees to that itself. */
static bool always_one(const mf_formula *f, kd_kind kind) {
    return !f->var_count && kind == KD_LEVEL;
}

static mf_rel fold_body(mf_lowering *l, const mf_formula *f, mf_rel body) {
    unsigned group[KD_WIDTH_MAX];
    int over = mf_rel_column(&body, f->over);
    mf_type type = l->p->vars[f->over].type;
    bool extreme = f->fold == MF_MIN || f->fold == MF_MAX;
    for (uint32_t i = 0; i < f->var_count; i++) {
        int c = mf_rel_column(&body, f->vars[i]);
        if (c < 0) return mf_lower_fail(l, KD_INVALID, f, "column", "a group has no column");
        group[i] = (unsigned)c;
    }
    if (over < 0) return mf_lower_fail(l, KD_INVALID, f, "column", "what is aggregated has no column");
    kd_fold_more more = {0};
    kd_value none;
    if (always_one(f, kd_plan_kind(l->plan, body.node))) {
        if (!default_of(l, f->fold, type, &none)) return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
        more.none = &none;
    }
    if (is_text(type) && extreme) {
        more.compare = mf_compare_texts;
        more.ctx = l->functions;
    }
    kd_fold fold = fold_of(f->fold, type == MF_INT || is_text(type));
    body.node = kd_plan_aggregate_more(l->plan, body.node, group, f->var_count, fold, (unsigned)over, &more);
    return body;
}

/* Without groups there is one row at every time point: the value of no rows where a pulse has none. */
static mf_rel or_default(mf_lowering *l, const mf_formula *f, mf_rel r) {
    kd_value none;
    if (!default_of(l, f->fold, l->p->vars[f->over].type, &none))
        return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    mf_rel other = mf_rel_of(l, kd_plan_constant(l->plan, &none, 1, 1), (mf_vars){&f->result, 1}, NULL);
    other = mf_rel_pulse(l, other);
    if (other.node == 0) return other;
    other.node = kd_plan_antijoin(l->plan, other.node, r.node, NULL, 0);
    r = mf_rel_union(l, r, other);
    r.bag = false; /* one or the other */
    return r;
}

mf_rel mf_lower_aggregate(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_vars all = mf_vars_of(f->a);
    mf_rel body = mf_rel_set(l, mf_rel_tidy(l, mf_lower_formula(l, f->a, all), all));
    if (body.node == 0) return body;
    if (f->var_count >= KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "an aggregation with more than 23 groups");
    mf_rel r = fold_body(l, f, body);
    if (r.node == 0) return r;
    r.kind = kd_plan_kind(l->plan, r.node);
    r.bag = r.loose = false;
    r.width = f->var_count + 1;
    for (uint32_t i = 0; i < f->var_count; i++) r.at[i] = f->vars[i];
    r.at[f->var_count] = f->result;
    return f->var_count || r.kind == KD_LEVEL ? r : or_default(l, f, r);
}

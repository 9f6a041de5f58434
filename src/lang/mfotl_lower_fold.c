/* mfotl_lower_fold.c: aggregations: over the set of all rows of the body, columns that are not grouped
 * included. */
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

/* Least and greatest texts by bytes, which symbols do not follow: rows for which there is none beyond them.
 * The work grows with the square of a group. */
static mf_rel extreme_text(mf_lowering *l, const mf_formula *f, mf_rel body) {
    mf_var names[KD_WIDTH_MAX];
    mf_vars group = {f->vars, f->var_count}, order = {names, 0};
    for (uint32_t i = 0; i < group.count && i < KD_WIDTH_MAX - 1; i++) names[order.count++] = group.items[i];
    if (!mf_vars_have(group, f->over)) names[order.count++] = f->over;
    body = mf_rel_set(l, mf_rel_tidy(l, body, order));
    if (body.node == 0) return body;
    if (2 * body.width > KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "too many groups for MIN or MAX of texts");
    int over = mf_rel_column(&body, f->over);
    kd_on on[KD_WIDTH_MAX];
    for (unsigned i = 0; i < f->var_count; i++) on[i] = (kd_on){i, i};
    kd_node pairs = kd_plan_join(l->plan, body.node, body.node, on, f->var_count);
    /* Two names for the two columns: any two variables do. */
    mf_term one = {.kind = MF_VAR, .type = MF_STRING, .var = f->over}, other = one;
    other.var = f->result;
    mf_formula beyond = {.kind = MF_LESS,
                         .place = f->place,
                         .t1 = f->fold == MF_MIN ? &other : &one,
                         .t2 = f->fold == MF_MIN ? &one : &other};
    l->column_of[one.var] = (uint32_t)over;
    l->column_of[other.var] = body.width + (uint32_t)over;
    kd_expr less = pairs ? mf_lower_comparison(l->p, l->plan, l->functions, &beyond, l->column_of) : 0;
    l->column_of[one.var] = l->column_of[other.var] = UINT32_MAX;
    kd_node beaten = less ? kd_plan_select(l->plan, pairs, less) : 0;
    for (unsigned i = 0; i < body.width; i++) on[i] = (kd_on){i, i};
    body.node = beaten ? kd_plan_antijoin(l->plan, body.node, beaten, on, body.width) : 0;
    kd_expr columns[KD_WIDTH_MAX];
    for (unsigned i = 0; i < f->var_count; i++) columns[i] = kd_plan_column(l->plan, i);
    columns[f->var_count] = kd_plan_column(l->plan, (unsigned)over);
    if (body.node) body.node = kd_plan_map(l->plan, body.node, columns, f->var_count + 1);
    return body;
}

static mf_rel fold_body(mf_lowering *l, const mf_formula *f, mf_rel body) {
    unsigned group[KD_WIDTH_MAX];
    int over = mf_rel_column(&body, f->over);
    for (uint32_t i = 0; i < f->var_count; i++) {
        int c = mf_rel_column(&body, f->vars[i]);
        if (c < 0) return mf_lower_fail(l, KD_INVALID, f, "column", "a group has no column");
        group[i] = (unsigned)c;
    }
    if (over < 0) return mf_lower_fail(l, KD_INVALID, f, "column", "what is aggregated has no column");
    kd_fold fold = fold_of(f->fold, l->p->vars[f->over].type == MF_INT);
    body.node = kd_plan_aggregate(l->plan, body.node, group, f->var_count, fold, (unsigned)over);
    return body;
}

/* Without groups there is always one row. */
static mf_rel or_default(mf_lowering *l, const mf_formula *f, mf_rel r) {
    kd_value none;
    if (!default_of(l, f->fold, l->p->vars[f->over].type, &none))
        return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    mf_rel other = mf_rel_of(l, kd_plan_constant(l->plan, &none, 1, 1), (mf_vars){&f->result, 1}, NULL);
    if (r.kind == KD_PULSE) other = mf_rel_pulse(l, other);
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
    bool text = is_text(l->p->vars[f->over].type) && (f->fold == MF_MIN || f->fold == MF_MAX);
    mf_rel r = text ? extreme_text(l, f, body) : fold_body(l, f, body);
    if (r.node == 0) return r;
    r.kind = kd_plan_kind(l->plan, r.node);
    r.bag = r.loose = false;
    r.width = f->var_count + 1;
    for (uint32_t i = 0; i < f->var_count; i++) r.at[i] = f->vars[i];
    r.at[f->var_count] = f->result;
    return f->var_count ? r : or_default(l, f, r);
}

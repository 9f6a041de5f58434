/* mfotl_lower_time.c: SINCE and UNTIL, and the runs of time points at which something holds. */
#include "lang/mfotl_lower.h"
#include "lang/mfotl_lower_run.h"

static const mf_interval always = {0, KD_NEVER};

/* ---- Runs -----------------------------------------------------------------------------------------------*/

mf_rel mf_all_rows(mf_lowering *l, const mf_formula *f) {
    return mf_rel_tidy(l, mf_lower_formula(l, f, mf_vars_of(f)), mf_vars_of(f));
}

mf_rel mf_with_index(mf_lowering *l, mf_rel r) {
    return mf_rel_with(l, mf_rel_pulse(l, r), kd_plan_op(l->plan, KD_X_INDEX, 0, 0, 0), MF_SAME);
}

kd_node mf_since_node(mf_lowering *l, const mf_rel *a, const mf_rel *b, mf_interval within, bool negated) {
    kd_on on[KD_WIDTH_MAX];
    if (a->node == 0 || b->node == 0) return 0;
    unsigned n = mf_rel_shared(a, b, on);
    l->out->all_points |= !negated || a->kind == KD_LEVEL || b->kind == KD_LEVEL;
    return kd_plan_since(l->plan, a->node, b->node, on, n, within, negated);
}

mf_rel mf_begins(mf_lowering *l, mf_rel h) {
    h = mf_rel_pulse(l, h);
    if (h.node == 0) return h;
    l->out->all_points = true;
    mf_rel before = h;
    before.node = kd_plan_previous(l->plan, h.node, always);
    return mf_rel_antijoin(l, h, before);
}

mf_rel mf_runs(mf_lowering *l, mf_rel h) {
    mf_rel begins = mf_with_index(l, mf_begins(l, h)), run = begins;
    run.node = mf_since_node(l, &h, &begins, always, false);
    run.kind = KD_LEVEL;
    run.bag = run.loose = false;
    return run;
}

/* ---- SINCE and UNTIL ------------------------------------------------------------------------------------*/

/* Both sides, b with what is needed above and on the left. */
static void both_sides(mf_lowering *l, const mf_formula *f, mf_vars need, mf_rel *a, mf_rel *b) {
    mf_vars wanted = mf_vars_needed(l, f->b, mf_vars_plus(l, need, mf_vars_of(f->a)));
    *a = mf_all_rows(l, mf_is_negated(f->a) ? f->a->a : f->a);
    *b = mf_rel_tidy(l, mf_lower_formula(l, f->b, wanted), wanted);
}

/* The last time point in reach at which g held, for each row of g: (g's columns, its index). */
static mf_rel last_index(mf_lowering *l, const mf_formula *g, mf_interval within) {
    mf_rel r = mf_with_index(l, mf_all_rows(l, g));
    unsigned group[KD_WIDTH_MAX];
    if (r.node == 0) return r;
    for (unsigned i = 0; i < r.width; i++) group[i] = i;
    kd_node once = kd_plan_once(l->plan, r.node, within);
    r.node = once ? kd_plan_aggregate(l->plan, once, group, r.width - 1, KD_GREATEST, r.width - 1) : 0;
    r.kind = KD_LEVEL;
    r.bag = r.loose = false;
    return r;
}

/* f SINCE g where f has variables that g lacks: rows of f now, whose run began no later than just after the
 * last g in reach. */
static mf_rel wider_since(mf_lowering *l, const mf_formula *f) {
    mf_rel run = mf_runs(l, mf_all_rows(l, f->a)), last = last_index(l, f->b, f->within);
    if (run.node == 0 || last.node == 0) return mf_rel_failed();
    unsigned begin = run.width - 1, end = run.width + last.width - 1;
    if (end >= KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "a subformula needs rows of more than 24 columns");
    mf_rel r = mf_rel_join(l, run, last); /* neither is a bag: the columns stay where they are */
    kd_expr just_after =
        kd_plan_op(l->plan, KD_X_ADD, kd_plan_column(l->plan, end), kd_plan_value(l->plan, 1), 0);
    return mf_rel_select(l, r, kd_plan_op(l->plan, KD_X_GE, just_after, kd_plan_column(l->plan, begin), 0));
}

mf_rel mf_lower_since(mf_lowering *l, const mf_formula *f, mf_vars need) {
    if (!mf_covers(f->b, f->a)) return wider_since(l, f);
    mf_rel a, b;
    both_sides(l, f, need, &a, &b);
    kd_node n = mf_since_node(l, &a, &b, f->within, mf_is_negated(f->a));
    return mf_rel_of(l, n, mf_rel_named(l, &b), NULL);
}

/* With the present in reach, g now is enough. */
mf_rel mf_filter_since(mf_lowering *l, mf_rel in, const mf_formula *f) {
    in = mf_rel_pulse(l, in);
    mf_vars order = mf_rel_named(l, &in);
    mf_rel now = mf_rel_tidy(l, mf_rel_join(l, in, mf_all_rows(l, f->b)), order);
    mf_rel before = mf_rel_tidy(l, mf_rel_join(l, in, wider_since(l, f)), order);
    return mf_rel_set(l, mf_rel_union(l, now, before));
}

mf_rel mf_lower_until(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_rel a, b;
    kd_on on[KD_WIDTH_MAX];
    both_sides(l, f, need, &a, &b);
    if (a.node == 0 || b.node == 0) return mf_rel_failed();
    bool negated = mf_is_negated(f->a);
    unsigned n = mf_rel_shared(&a, &b, on);
    l->out->future = true;
    l->out->all_points |= !negated || a.kind == KD_LEVEL || b.kind == KD_LEVEL;
    return mf_rel_of(l, kd_plan_until(l->plan, a.node, b.node, on, n, f->within, negated),
                     mf_rel_named(l, &b), NULL);
}

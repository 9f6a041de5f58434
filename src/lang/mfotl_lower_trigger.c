/* mfotl_lower_trigger.c: TRIGGER, without looking into the future for what must be kept in the past.
 *
 * f TRIGGER I g says of a row, for every time point j in reach (between I.low and I.high ago): g holds at
 * j, or f has held since. Rows of g that are absent at j cannot be listed; what is kept instead depends on
 * the interval. */
#include "lang/mfotl_lower.h"
#include "lang/mfotl_lower_run.h"

static kd_expr op(mf_lowering *l, kd_op what, kd_expr a, kd_expr b) {
    return kd_plan_op(l->plan, what, a, b, 0);
}

static kd_expr column(mf_lowering *l, unsigned c) {
    return kd_plan_column(l->plan, c);
}

static kd_expr value(mf_lowering *l, kd_value v) {
    return kd_plan_value(l->plan, v);
}

/* ---- FALSE TRIGGER [0,b] g ------------------------------------------------------------------------------*/

/* With no end to the past: g at the first time point and ever since. */
static mf_rel ever_since(mf_lowering *l, mf_rel g) {
    mf_rel first = mf_rel_select(l, g, op(l, KD_X_EQ, op(l, KD_X_INDEX, 0, 0), value(l, 0)));
    kd_node n = mf_since_node(l, &g, &first, (mf_interval){0, KD_NEVER}, false);
    return mf_rel_of(l, n, mf_rel_named(l, &g), NULL);
}

/* A row of g fails when it was absent at some time point in reach. If so it begins again after the last of
 * these, and the time point before that begin is in reach:
 *
 *      g     # # . . # # # #          the begin is kept with the instant of the time point before it
 *                  ^ ^     ^ now                                                                      */
mf_rel mf_lower_historically(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_rel g = mf_rel_pulse(l, mf_all_rows(l, f->b));
    if (g.node == 0) return g;
    l->out->all_points = true;
    if (f->within.high == KD_NEVER) return ever_since(l, g);
    if (g.width + 2 > KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "a subformula needs rows of more than 24 columns");
    mf_rel begins = mf_begins(l, g);
    kd_node tick = kd_plan_tick(l->plan);
    kd_node gap = tick ? kd_plan_previous(l->plan, tick, (mf_interval){0, f->within.high}) : 0;
    if (begins.node == 0 || gap == 0) return mf_rel_failed();
    kd_expr columns[KD_WIDTH_MAX];
    for (unsigned i = 0; i < g.width; i++) columns[i] = column(l, i);
    columns[g.width] = column(l, g.width + 1); /* tick is (index, instant) */
    kd_node after = kd_plan_join(l->plan, begins.node, gap, NULL, 0);
    kd_node kept = after ? kd_plan_map(l->plan, after, columns, g.width + 1) : 0;
    mf_rel recent = g;
    recent.node = kept ? kd_plan_once(l->plan, kept, (mf_interval){0, f->within.high}) : 0;
    recent.kind = KD_LEVEL;
    recent.at[recent.width++] = MF_SAME;
    mf_rel both = recent;
    kd_on on[KD_WIDTH_MAX];
    unsigned shared = mf_rel_shared(&g, &recent, on);
    both.node = recent.node ? kd_plan_join(l->plan, g.node, recent.node, on, shared) : 0;
    if (both.node == 0) return mf_rel_failed();
    kd_expr age = op(l, KD_X_SUB, op(l, KD_X_NOW, 0, 0), column(l, 2 * g.width));
    kd_node late = kd_plan_select(l->plan, both.node, op(l, KD_X_LE, age, value(l, f->within.high)));
    for (unsigned i = 0; i < g.width; i++) on[i] = (kd_on){i, i};
    g.node = late ? kd_plan_antijoin(l->plan, g.node, late, on, g.width) : 0;
    return g;
}

/* ---- Away from the present ------------------------------------------------------------------------------
 *
 * For the rows of `in`, by counting: of the time points in reach, from number lo to number hi, those since
 * the last f (number k) must all have g:
 *
 *      number of g in reach since k  =  max(0, hi - max(lo, k) + 1)
 *
 * The number of g is kept for every row that has any: the window holds (row, index) and f takes away what
 * came before it. */
typedef struct counting {
    mf_lowering *l;
    mf_interval within;
    mf_rel in;      /* rows, then lo, hi */
    unsigned width; /* of the rows alone */
    mf_vars names;
} counting;

static mf_rel bound(counting *c, kd_node window, kd_fold f) {
    mf_rel r = {.node = kd_plan_aggregate(c->l->plan, window, NULL, 0, f, 0), .kind = KD_LEVEL, .width = 1};
    r.at[0] = MF_SAME;
    return r;
}

static mf_rel only_rows(counting *c, mf_rel r) {
    return mf_rel_tidy(c->l, r, c->names);
}

/* Rows with one column more: how many g there must be when the last f was at `k` (0: there was none). */
static mf_rel with_wanted(counting *c, mf_rel r, kd_expr k) {
    mf_lowering *l = c->l;
    kd_expr from = column(l, c->width);
    if (k) from = op(l, KD_X_MAX, from, k);
    kd_expr count = op(l, KD_X_ADD, op(l, KD_X_SUB, column(l, c->width + 1), from), value(l, 1));
    kd_expr columns[KD_WIDTH_MAX];
    for (unsigned i = 0; i < c->width; i++) columns[i] = column(l, i);
    columns[c->width] = op(l, KD_X_MAX, value(l, 0), count);
    if (r.node == 0) return r;
    r.node = kd_plan_map(l->plan, r.node, columns, c->width + 1);
    r.width = c->width + 1;
    r.at[c->width] = MF_SAME;
    return r;
}

/* (columns of f, index of its last time point): a level. */
static mf_rel last_f(counting *c, mf_rel f) {
    mf_lowering *l = c->l;
    unsigned group[KD_WIDTH_MAX];
    mf_rel r = mf_with_index(l, f);
    if (r.node == 0) return r;
    for (unsigned i = 0; i < r.width; i++) group[i] = i;
    kd_node once = kd_plan_once(l->plan, r.node, (mf_interval){0, c->within.high});
    r.node = once ? kd_plan_aggregate(l->plan, once, group, r.width - 1, KD_GREATEST, r.width - 1) : 0;
    r.kind = KD_LEVEL;
    r.bag = r.loose = false;
    return r;
}

/* The rows with what they must have; where the left side is NOT h, rows without h now are good at once. */
static mf_rel wanted(counting *c, const mf_formula *left, mf_rel h, mf_rel *good) {
    mf_lowering *l = c->l;
    if (mf_is_false(left)) return with_wanted(c, c->in, 0);
    bool negated = mf_is_negated(left);
    mf_rel since = negated ? mf_runs(l, h) : last_f(c, h);
    mf_rel with = mf_rel_join(l, c->in, since), without = mf_rel_antijoin(l, c->in, since);
    if (with.node == 0) return with;
    kd_expr k = column(l, with.width - 1);
    if (negated) k = op(l, KD_X_SUB, k, value(l, 1)); /* h runs since k + 1 */
    with = with_wanted(c, with, k);
    if (negated) {
        *good = mf_rel_union(l, *good, only_rows(c, without));
        return with;
    }
    return mf_rel_union(l, with, with_wanted(c, without, 0));
}

/* (columns of g, number of g): a level. */
static mf_rel counted(counting *c, const mf_formula *left, mf_rel h, mf_rel g) {
    mf_lowering *l = c->l;
    mf_rel r = mf_with_index(l, g);
    unsigned group[KD_WIDTH_MAX];
    if (r.node == 0) return r;
    for (unsigned i = 0; i < r.width; i++) group[i] = i;
    kd_node kept = mf_is_false(left) ? kd_plan_once(l->plan, r.node, c->within)
                                     : mf_since_node(l, &h, &r, c->within, !mf_is_negated(left));
    r.node = kept ? kd_plan_aggregate(l->plan, kept, group, r.width - 1, KD_COUNT, 0) : 0;
    r.kind = KD_LEVEL;
    r.bag = r.loose = false;
    return r;
}

mf_rel mf_filter_trigger(mf_lowering *l, mf_rel in, const mf_formula *f) {
    if (mf_is_true(f->a) || in.node == 0) return in;
    in = mf_rel_pulse(l, in);
    counting c = {.l = l, .within = f->within, .names = mf_rel_named(l, &in)};
    in = mf_rel_tidy(l, in, c.names);
    in = mf_rel_set(l, in);
    c.width = in.width;
    mf_rel g = mf_all_rows(l, f->b), h = in;
    if (!mf_is_false(f->a)) h = mf_all_rows(l, mf_is_negated(f->a) ? f->a->a : f->a);
    l->out->all_points = true;
    kd_node tick = kd_plan_tick(l->plan), window = 0;
    if (c.width + 4 + g.width > KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "a subformula needs rows of more than 24 columns");
    kd_expr index = column(l, 0);
    if (tick) window = kd_plan_once(l->plan, kd_plan_map(l->plan, tick, &index, 1), f->within);
    if (window == 0 || h.node == 0 || g.node == 0) return mf_rel_failed();
    mf_rel lo = bound(&c, window, KD_LEAST), hi = bound(&c, window, KD_GREATEST);
    mf_rel good = mf_rel_antijoin(l, in, hi); /* nothing in reach */
    c.in = mf_rel_join(l, mf_rel_join(l, in, lo), hi);
    mf_rel asked = wanted(&c, f->a, h, &good);
    kd_expr none = op(l, KD_X_EQ, column(l, c.width), value(l, 0));
    good = mf_rel_union(l, good, only_rows(&c, mf_rel_select(l, asked, none)));
    mf_rel have = mf_rel_join(l, asked, counted(&c, f->a, h, g));
    if (have.node == 0) return have;
    kd_expr all = op(l, KD_X_EQ, column(l, c.width), column(l, have.width - 1));
    good = mf_rel_union(l, good, only_rows(&c, mf_rel_select(l, have, all)));
    good.bag = false; /* the parts exclude each other */
    return good;
}

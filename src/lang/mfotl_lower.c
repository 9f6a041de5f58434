/* mfotl_lower.c: from a safe formula to a plan: each subformula becomes a relation, its parts first. */
#include "lang/mfotl_lower.h"

#include <string.h>

#define LOWER_DEPTH  2000 /* nested subformulas: rewriting may deepen what the parser has bounded */
#define LABEL_BYTES  120
#define LABELS_BYTES (1u << 22) /* text printed for labels, at most: a bound on the time, not on memory */

/* ---- Atoms ----------------------------------------------------------------------------------------------*/

/* x = t, t without variables: one row that is always there. */
static mf_rel lower_equal(mf_lowering *l, const mf_formula *f) {
    if (mf_is_false(f)) return mf_rel_constant(l, false);
    mf_rel yes = mf_rel_constant(l, true);
    if (mf_is_true(f)) return yes;
    if (f->free_count == 0) return mf_filter_comparison(l, yes, f, false);
    const mf_term *t = f->t1->kind == MF_VAR ? f->t2 : f->t1;
    kd_value v;
    if (t->kind > MF_CONST_REGEXP)
        return mf_rel_with(l, yes, mf_lower_term(l->p, l->plan, l->functions, t, l->column_of), f->free[0]);
    if (!mf_constant_value(l->functions, t, &v)) return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    return mf_rel_of(l, kd_plan_constant(l->plan, &v, 1, 1), mf_vars_of(f), NULL);
}

static mf_rel lower_not(mf_lowering *l, const mf_formula *f) {
    if (mf_is_never(f)) {
        kd_value none = 0;
        return mf_rel_of(l, kd_plan_constant(l->plan, &none, 0, 1), mf_vars_of(f), NULL);
    }
    mf_rel h = mf_lower_formula(l, f->a, (mf_vars){0});
    return mf_rel_antijoin(l, mf_rel_constant(l, true), h);
}

mf_rel mf_filter_comparison(mf_lowering *l, mf_rel in, const mf_formula *f, bool negated) {
    if (in.node == 0) return in;
    const uint32_t *column_of = mf_rel_columns(l, &in);
    mf_rel out = in;
    if (f->kind != MF_MATCHES) {
        kd_expr holds = mf_lower_comparison(l->p, l->plan, l->functions, f, column_of);
        if (negated && holds) holds = kd_plan_op(l->plan, KD_X_NOT, holds, 0, 0);
        out = mf_rel_select(l, in, holds);
        mf_rel_forget(l, &in);
        return out;
    }
    mf_var *vars = kd_arena_array(&l->scratch, (size_t)f->arg_count + 1, sizeof *vars);
    uint32_t count = 0;
    if (!vars) return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    out.node = mf_lower_matches(l->p, l->plan, l->functions, f, in.node, column_of, vars, &count);
    mf_rel_forget(l, &in);
    if (out.node == 0) return mf_rel_failed();
    if (in.width + count > KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "rows of more than 24 columns");
    for (uint32_t i = 0; i < count; i++) out.at[out.width++] = vars[i];
    return negated ? mf_rel_antijoin(l, in, out) : out;
}

/* ---- Operators of one time point ------------------------------------------------------------------------*/

static mf_rel lower_or(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_vars order = mf_vars_needed(l, f, need);
    mf_rel a = mf_rel_tidy(l, mf_lower_formula(l, f->a, order), order);
    mf_rel b = mf_rel_tidy(l, mf_lower_formula(l, f->b, order), order);
    return mf_rel_union(l, a, b);
}

/* The columns stay; only their names go, so that nothing above takes them for what they no longer are. */
static mf_rel lower_exists(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_vars bound = {f->vars, f->var_count};
    mf_rel r = mf_lower_formula(l, f->a, mf_vars_minus(l, need, bound));
    for (unsigned i = 0; i < r.width; i++)
        if (r.at[i] < MF_SAME && mf_vars_have(bound, r.at[i])) r.at[i] = MF_GONE;
    return r;
}

/* ---- Operators of time ----------------------------------------------------------------------------------*/

static mf_rel lower_step(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_vars order = mf_vars_needed(l, f, need);
    mf_rel r = mf_rel_tidy(l, mf_lower_formula(l, f->a, order), order);
    if (r.node == 0) return r;
    l->out->all_points = true;
    l->out->future |= f->kind == MF_NEXT;
    kd_node n = f->kind == MF_NEXT ? kd_plan_next(l->plan, r.node, f->within)
                                   : kd_plan_previous(l->plan, r.node, f->within);
    return mf_rel_of(l, n, order, &r);
}

static mf_rel lower_once(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_vars order = mf_vars_needed(l, f, need);
    mf_rel r = mf_rel_tidy(l, mf_lower_formula(l, f->a, order), order);
    if (r.node == 0) return r;
    l->out->all_points |= r.kind == KD_LEVEL;
    l->out->future |= f->kind == MF_EVENTUALLY;
    kd_node n = f->kind == MF_ONCE ? kd_plan_once(l->plan, r.node, f->within)
                                   : kd_plan_eventually(l->plan, r.node, f->within);
    return mf_rel_of(l, n, order, NULL);
}

static mf_rel lower_let(mf_lowering *l, const mf_formula *f, mf_vars need) {
    l->definitions[f->let] = f;
    return mf_lower_formula(l, f->b, need);
}

static mf_rel lower(mf_lowering *l, const mf_formula *f, mf_vars need) {
    switch (f->kind) {
    case MF_PREDICATE:
        return f->let ? mf_lower_let_call(l, f, need) : mf_lower_predicate(l, f, need);
    case MF_EQUAL:
        return lower_equal(l, f);
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
    case MF_MATCHES:
        return mf_filter_comparison(l, mf_rel_constant(l, true), f, false);
    case MF_NOT:
        return lower_not(l, f);
    case MF_AND:
        return mf_lower_and(l, f, need);
    case MF_OR:
        return lower_or(l, f, need);
    case MF_EXISTS:
        return lower_exists(l, f, need);
    case MF_AGGREGATE:
        return mf_lower_aggregate(l, f, need);
    case MF_PREVIOUS:
    case MF_NEXT:
        return lower_step(l, f, need);
    case MF_ONCE:
    case MF_EVENTUALLY:
        return lower_once(l, f, need);
    case MF_SINCE:
        return mf_lower_since(l, f, need);
    case MF_UNTIL:
        return mf_lower_until(l, f, need);
    case MF_TRIGGER:
        return mf_lower_historically(l, f, need);
    case MF_LET:
    case MF_LETPAST:
        return lower_let(l, f, need);
    case MF_FORWARD:
    case MF_BACKWARD:
        return mf_lower_match(l, f, need);
    default:
        return mf_lower_fail(l, KD_INVALID, f, "fragment", "a formula that is not in normal form");
    }
}

/* So that an error at run time names the subformula. */
static void label(mf_lowering *l, const mf_formula *f, kd_node n) {
    if (n == 0 || l->printed > LABELS_BYTES) return;
    kd_text_clear(&l->text);
    mf_print(&l->text, l->p, f);
    l->printed += l->text.n;
    kd_str s = kd_text_str(&l->text);
    if (s.n > LABEL_BYTES) s.n = LABEL_BYTES;
    while (s.n && kd_utf8_check(s) < s.n) s.n--; /* not in the middle of a character */
    kd_plan_label(l->plan, n, s);
}

mf_rel mf_lower_formula(mf_lowering *l, const mf_formula *f, mf_vars need) {
    if (l->depth >= LOWER_DEPTH)
        return mf_lower_fail(l, KD_INVALID, f, "depth",
                             "subformulas nested too deep once they are rewritten");
    l->depth++;
    mf_rel r = mf_lower_failed(l) ? mf_rel_failed() : lower(l, f, need);
    l->depth--;
    label(l, f, r.node);
    return r;
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

static bool open_lowering(mf_lowering *l) {
    const mf_program *p = l->p;
    kd_arena_open(&l->scratch, l->functions->from);
    kd_text_open(&l->text, l->functions->from);
    l->definitions = kd_arena_array(&l->scratch, (size_t)p->let_count + 1, sizeof *l->definitions);
    l->shared = kd_arena_array(&l->scratch, (size_t)p->let_count + 1, sizeof *l->shared);
    l->column_of = kd_arena_array(&l->scratch, (size_t)p->var_count + 1, sizeof *l->column_of);
    if (!l->definitions || !l->shared || !l->column_of) return false;
    memset(l->column_of, 0xff, ((size_t)p->var_count + 1) * sizeof *l->column_of);
    return true;
}

kd_status mf_lower(const mf_program *p, kd_plan *plan, mf_functions *functions, mf_circuit *out,
                   kd_error *e) {
    mf_lowering l = {.p = p, .plan = plan, .functions = functions, .out = out, .error = e};
    *out = (mf_circuit){0};
    if (!open_lowering(&l)) l.status = kd_fail_nomem(e);
    mf_vars columns = {p->columns, p->column_count};
    mf_rel r = l.status == KD_OK ? mf_lower_formula(&l, p->normal, columns) : mf_rel_failed();
    r = mf_rel_tidy(&l, r, columns);
    if (r.node) {
        kd_plan_watch(plan, r.node);
        out->watched = r.node;
        out->all_points |= r.kind == KD_LEVEL;
    }
    kd_text_close(&l.text);
    kd_arena_close(&l.scratch);
    if (l.status == KD_NOMEM) return kd_fail_nomem(e);
    if (l.status != KD_OK) return l.status;
    return kd_plan_error(plan, e);
}

/* mfotl_lower_let.c: LET and LETPAST: a definition is lowered once for each set of columns that its uses
 * need. */
#include "lang/mfotl_lower.h"

/* What a LET has become: columns by the position of the parameter. Of a LETPAST there is one with all
 * columns, and while its definition is being lowered `rel` is the feedback. */
struct mf_shared {
    const mf_shared *next;
    const bool *needed; /* by parameter */
    mf_rel rel;         /* its columns are named by positions, not by variables */
};

static bool same_needs(const bool *a, const bool *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (a[i] != b[i]) return false;
    return true;
}

static mf_shared *share(mf_lowering *l, const mf_formula *let, const bool *needed, mf_rel rel) {
    mf_shared *s = kd_arena_take(&l->scratch, sizeof *s);
    if (!s) {
        l->status = KD_NOMEM;
        return NULL;
    }
    *s = (mf_shared){l->shared[let->let], needed, rel};
    l->shared[let->let] = s;
    return s;
}

/* Columns of the definition's parameters get the parameters' positions for names. */
static mf_rel by_position(const mf_formula *let, mf_rel r) {
    for (unsigned i = 0; i < r.width; i++) {
        if (r.at[i] >= MF_SAME) continue;
        mf_var at = MF_GONE;
        for (uint32_t k = 0; k < let->var_count; k++)
            if (let->vars[k] == r.at[i]) at = k;
        r.at[i] = at;
    }
    return r;
}

static mf_shared *lower_past(mf_lowering *l, const mf_formula *let, const bool *needed) {
    mf_vars all = {let->vars, let->var_count};
    if (all.count > KD_WIDTH_MAX) {
        mf_lower_fail(l, KD_INVALID, let, "width", "a LETPAST with more than 24 parameters");
        return NULL;
    }
    kd_node feedback = kd_plan_feedback(l->plan, all.count);
    mf_shared *s = share(l, let, needed, by_position(let, mf_rel_of(l, feedback, all, NULL)));
    if (!s || !s->rel.node) return NULL;
    s->rel.loose = true;
    l->out->all_points = true;
    mf_rel body = mf_rel_tidy(l, mf_lower_formula(l, let->a, all), all);
    body = mf_rel_set(l, body);
    if (body.node) kd_plan_feed(l->plan, feedback, body.node);
    s->rel = by_position(let, body);
    return s;
}

static const mf_shared *definition(mf_lowering *l, const mf_formula *let, const bool *needed) {
    bool past = let->kind == MF_LETPAST;
    for (const mf_shared *s = l->shared[let->let]; s; s = s->next)
        if (past || same_needs(s->needed, needed, let->var_count)) return s;
    if (past) return lower_past(l, let, needed);
    mf_var *at = kd_arena_array(&l->scratch, (size_t)let->var_count + 1, sizeof *at);
    if (!at) {
        l->status = KD_NOMEM;
        return NULL;
    }
    mf_vars need = {at, 0};
    for (uint32_t i = 0; i < let->var_count; i++)
        if (needed[i]) at[need.count++] = let->vars[i];
    mf_rel r = mf_lower_formula(l, let->a, need);
    return r.node ? share(l, let, needed, by_position(let, r)) : NULL;
}

static bool is_first(const mf_formula *f, uint32_t i) {
    for (uint32_t k = 0; k < i; k++)
        if (f->args[k]->kind == MF_VAR && f->args[k]->var == f->args[i]->var) return false;
    return true;
}

static bool comes_again(const mf_formula *f, uint32_t i) {
    for (uint32_t k = i + 1; k < f->arg_count; k++)
        if (f->args[k]->kind == MF_VAR && f->args[k]->var == f->args[i]->var) return true;
    return false;
}

/* The rows of the definition whose columns are what the use's arguments say. */
static mf_rel as_used(mf_lowering *l, const mf_formula *f, mf_rel shared, mf_vars need) {
    mf_rel r = shared;
    for (unsigned i = 0; i < r.width; i++)
        if (r.at[i] < MF_SAME) r.at[i] = MF_GONE;
    for (uint32_t i = 0; i < f->arg_count && r.node; i++) {
        const mf_term *t = f->args[i];
        int c = mf_rel_column(&shared, i);
        if (c < 0) continue;
        kd_expr column = kd_plan_column(l->plan, (unsigned)c), other = 0;
        kd_value v;
        if (t->kind != MF_VAR) {
            if (!mf_constant_value(l->functions, t, &v))
                return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
            other = kd_plan_value(l->plan, v);
        } else if (mf_rel_column(&r, t->var) >= 0) {
            other = kd_plan_column(l->plan, (unsigned)mf_rel_column(&r, t->var));
        } else {
            r.at[c] = t->var;
            continue;
        }
        r.at[c] = MF_SAME;
        r = mf_rel_select(l, r, kd_plan_op(l->plan, KD_X_EQ, column, other, 0));
    }
    for (unsigned i = 0; i < r.width; i++)
        if (r.at[i] < MF_SAME && !mf_vars_have(need, r.at[i])) r.at[i] = MF_GONE;
    return r;
}

mf_rel mf_lower_let_call(mf_lowering *l, const mf_formula *f, mf_vars need) {
    const mf_formula *let = l->definitions[f->let];
    bool *needed = kd_arena_array(&l->scratch, (size_t)f->arg_count + 1, sizeof *needed);
    if (!needed) return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    for (uint32_t i = 0; i < f->arg_count; i++) {
        const mf_term *t = f->args[i];
        needed[i] = t->kind != MF_VAR || mf_vars_have(need, t->var) || !is_first(f, i) || comes_again(f, i);
    }
    const mf_shared *s = definition(l, let, needed);
    return s ? as_used(l, f, s->rel, need) : mf_rel_failed();
}

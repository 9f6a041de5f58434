/* naive_mfotl_rules.c: one rule for each operator of metric first-order temporal logic, as it is defined. */
#include "naive_mfotl_rules.h"

#include <stdlib.h>
#include <string.h>

/* ---- What binds what ----------------------------------------------------------------------------------*/

static bool subset(const nm_set *a, const nm_set *b) {
    for (unsigned k = 0; k < NM_VARIABLES_MAX / 64; k++)
        if (a->words[k] & ~b->words[k]) return false;
    return true;
}

static nm_set both(const nm_set *a, const nm_set *b) {
    nm_set s = *a;
    for (unsigned k = 0; k < NM_VARIABLES_MAX / 64; k++) s.words[k] |= b->words[k];
    return s;
}

static bool has(const nm_set *s, unsigned v) {
    return s->words[v / 64] >> v % 64 & 1;
}

static bool term_bound(const nm_term *t, const nm_set *bound) {
    if (!t) return true;
    if (t->op == NM_VARIABLE) return has(bound, t->var);
    return term_bound(t->a, bound) && term_bound(t->b, bound);
}

static bool pair_can(machine *m, const nm_formula *first, const nm_formula *second, const nm_set *bound) {
    nm_set more = both(bound, &first->free);
    return nm_can(m, first, bound) && nm_can(m, second, &more);
}

/* f is looked at where g's variables are bound. */
static bool along_can(machine *m, const nm_formula *f, const nm_formula *g, const nm_set *bound) {
    nm_set more = both(bound, &g->free);
    return nm_can(m, g, bound) && (!f || (subset(&f->free, &more) && nm_can(m, f, &more)));
}

static bool throughout_can(machine *m, const nm_formula *f, const nm_formula *g, nm_interval in,
                           const nm_set *bound) {
    nm_set all = f ? both(&f->free, &g->free) : g->free;
    if (in.low > 0 || (!in.unbounded && in.low > in.high))
        return subset(&all, bound) && nm_can(m, g, bound) && (!f || nm_can(m, f, bound));
    return along_can(m, f, g, bound);
}

static bool predicate_can(const nm_formula *f, const nm_set *bound) {
    nm_set more = *bound;
    for (unsigned k = 0; k < f->count; k++)
        if (f->args[k]->op == NM_VARIABLE)
            more.words[f->args[k]->var / 64] |= UINT64_C(1) << f->args[k]->var % 64;
    for (unsigned k = 0; k < f->count; k++)
        if (!term_bound(f->args[k], &more)) return false;
    return true;
}

bool nm_can(machine *m, const nm_formula *f, const nm_set *bound) {
    static const nm_set none = {{0}};
    const nm_term *x, *y;
    nm_set a, b;
    switch (f->op) {
    case NM_TRUE:
    case NM_FALSE:
    case NM_RE_STEP:
        return true;
    case NM_EQ:
        x = f->args[0], y = f->args[1];
        return (term_bound(x, bound) && (y->op == NM_VARIABLE || term_bound(y, bound))) ||
               (x->op == NM_VARIABLE && term_bound(y, bound));
    case NM_LT:
    case NM_LE:
    case NM_SUBSTRING:
        return subset(&f->free, bound);
    case NM_PRED:
        return predicate_can(f, bound);
    case NM_NOT:
        return subset(&f->free, bound) && nm_can(m, f->a, bound);
    case NM_AND:
    case NM_RE_CAT:
        return pair_can(m, f->a, f->b, bound) || pair_can(m, f->b, f->a, bound);
    case NM_OR:
    case NM_RE_ALT:
        a = both(&f->a->free, bound), b = both(&f->b->free, bound);
        return subset(&a, &b) && subset(&b, &a) && nm_can(m, f->a, bound) && nm_can(m, f->b, bound);
    case NM_SINCE:
    case NM_UNTIL:
        return along_can(m, f->a, f->b, bound);
    case NM_TRIGGER:
    case NM_RELEASE:
        return throughout_can(m, f->a, f->b, f->in, bound);
    case NM_HISTORICALLY:
    case NM_ALWAYS:
        return throughout_can(m, NULL, f->a, f->in, bound);
    case NM_LET:
    case NM_LETPAST:
        return nm_can(m, f->a, &none) && nm_can(m, f->b, bound);
    case NM_RE_STAR:
        return subset(&f->free, bound) && nm_can(m, f->a, bound);
    case NM_MATCHES:
        return false; /* another library's expressions: not for this evaluator */
    default:
        return nm_can(m, f->a, bound);
    }
}

/* ---- Time ---------------------------------------------------------------------------------------------*/

uint64_t nm_distance(const machine *m, unsigned i, unsigned j) {
    if (i == j) return 0;
    if (j >= m->count) return UINT64_MAX;
    return (uint64_t)m->w->points[j].at - (uint64_t)m->w->points[i].at;
}

static bool inside(const machine *m, nm_interval in, unsigned i, unsigned j) {
    uint64_t d = nm_distance(m, i, j);
    return d >= in.low && (in.unbounded || d <= in.high);
}

/* ---- Atoms --------------------------------------------------------------------------------------------*/

static void rule_true(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    nm_emit(m, f, r);
}

static void rule_false(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {}

static bool value_of(machine *m, const nm_term *t, nm_value *out) {
    if (nm_evaluate(m->w, t, m->env, out)) return true;
    m->arithmetic = true;
    return false;
}

static bool bound_now(const machine *m, const nm_term *t) {
    if (!t) return true;
    if (t->op == NM_VARIABLE) return m->env[t->var].type != NM_OPEN;
    return bound_now(m, t->a) && bound_now(m, t->b);
}

static void rule_equal(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    const nm_term *x = f->args[0], *y = f->args[1];
    if (!bound_now(m, x)) {
        x = f->args[1];
        y = f->args[0];
    }
    nm_value v, w;
    if (!value_of(m, x, &v)) return;
    if (y->op == NM_VARIABLE && m->env[y->var].type == NM_OPEN) {
        m->env[y->var] = v;
        nm_emit(m, f, r);
        m->env[y->var].type = NM_OPEN;
    } else if (value_of(m, y, &w) && nm_same(v, w)) {
        nm_emit(m, f, r);
    }
}

static bool occurs(kd_str part, kd_str whole) {
    for (size_t k = 0; k + part.n <= whole.n; k++)
        if (!memcmp(whole.p + k, part.p, part.n)) return true;
    return false;
}

static void rule_compare(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    nm_value v, w;
    bool left = value_of(m, f->args[0], &v), right = value_of(m, f->args[1], &w);
    if (!left || !right) return;
    bool holds = f->op == NM_LT ? nm_order(m->w, v, w) < 0
                 : f->op == NM_LE
                     ? nm_order(m->w, v, w) <= 0
                     : occurs(kd_symbol_text(m->w->texts, v.bits), kd_symbol_text(m->w->texts, w.bits));
    if (holds) nm_emit(m, f, r);
}

/* One tuple against the arguments: variables without a value get the tuple's. */
static void match(machine *m, const nm_formula *f, const nm_value *tuple, rows *r) {
    unsigned char fresh[NM_COLUMNS_MAX] = {0};
    bool same = f->count <= NM_COLUMNS_MAX;
    for (unsigned k = 0; same && k < f->count; k++) {
        nm_value *v = f->args[k]->op == NM_VARIABLE ? &m->env[f->args[k]->var] : NULL;
        fresh[k] = v && v->type == NM_OPEN;
        if (fresh[k])
            *v = tuple[k];
        else
            same = !v || nm_same(*v, tuple[k]);
    }
    for (unsigned k = 0; same && k < f->count; k++) {
        nm_value v;
        same = f->args[k]->op == NM_VARIABLE || (value_of(m, f->args[k], &v) && nm_same(v, tuple[k]));
    }
    if (same) nm_emit(m, f, r);
    for (unsigned k = 0; k < f->count && k < NM_COLUMNS_MAX; k++)
        if (fresh[k]) m->env[f->args[k]->var].type = NM_OPEN;
}

/* A defined predicate: the solutions of its definition, in the order of its parameters. */
static void match_defined(machine *m, const nm_formula *f, unsigned i, rows *r) {
    const nm_formula *def = f->def, *body = def->a;
    nm_value *outer = m->env, tuple[NM_COLUMNS_MAX];
    m->env = nm_take(m, NM_VARIABLES_MAX, sizeof *m->env); /* its own: a definition may come back to itself */
    const rows *all = nm_solve(m, body, i, 0);
    m->env = outer;
    for (size_t k = 0; k < all->count; k++) {
        for (unsigned p = 0; p < def->name_count; p++)
            for (unsigned c = 0; c < body->fv_count; c++)
                if (body->fv[c] == def->vars[p]) tuple[p] = all->values[k * body->fv_count + c];
        match(m, f, tuple, r);
    }
}

static void rule_predicate(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (f->def) {
        match_defined(m, f, i, r);
        return;
    }
    bool tp = kd_str_is(f->name, "tp") && f->count == 1, ts = kd_str_is(f->name, "ts") && f->count == 1;
    if (tp || ts || (kd_str_is(f->name, "tpts") && f->count == 2)) {
        if (!tp && i >= m->count) {
            nm_stuck(m, "the time stamp of the end of the log");
            return;
        }
        nm_value at = nm_int(i < m->count ? m->w->points[i].at : 0);
        match(m, f, (nm_value[]){ts ? at : nm_int(i), at}, r);
        return;
    }
    const nm_point *p = i < m->count ? &m->w->points[i] : NULL;
    for (size_t k = 0; p && k < p->count; k++) {
        const nm_pred *pred = &m->w->preds[p->tuples[k].pred];
        if (kd_str_equal(pred->name, f->name) && pred->arity == f->count) match(m, f, p->tuples[k].values, r);
    }
}

/* ---- Connectives --------------------------------------------------------------------------------------*/

static bool holds(machine *m, const nm_formula *f, unsigned i) {
    return nm_solve(m, f, i, 0)->count > 0;
}

static void rule_not(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (!holds(m, f->a, i)) nm_emit(m, f, r);
}

/* All of g's solutions at i (from i to j) that f has. */
static void join(machine *m, const nm_formula *f, const nm_formula *first, unsigned i1, unsigned j1,
                 const nm_formula *second, unsigned i2, unsigned j2, rows *r) {
    nm_value outer[NM_COLUMNS_MAX], inner[NM_COLUMNS_MAX];
    const rows *a = nm_solve(m, first, i1, j1);
    for (size_t k = 0; k < a->count; k++) {
        nm_bind(m, first, a->values + k * first->fv_count, outer);
        const rows *b = nm_solve(m, second, i2, j2);
        for (size_t n = 0; n < b->count; n++) {
            nm_bind(m, second, b->values + n * second->fv_count, inner);
            nm_emit(m, f, r);
            nm_unbind(m, second, inner);
        }
        nm_unbind(m, first, outer);
    }
}

static bool swapped(machine *m, const nm_formula *f) {
    nm_set bound = {{0}};
    for (unsigned c = 0; c < f->fv_count; c++)
        if (m->env[f->fv[c]].type != NM_OPEN) bound.words[f->fv[c] / 64] |= UINT64_C(1) << f->fv[c] % 64;
    return !pair_can(m, f->a, f->b, &bound);
}

static void rule_and(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (swapped(m, f))
        join(m, f, f->b, i, 0, f->a, i, 0, r);
    else
        join(m, f, f->a, i, 0, f->b, i, 0, r);
}

/* Each solution of g at (i, j) is one of f. */
static void take_over(machine *m, const nm_formula *f, const nm_formula *g, unsigned i, unsigned j, rows *r) {
    nm_value saved[NM_COLUMNS_MAX];
    const rows *a = nm_solve(m, g, i, j);
    for (size_t k = 0; k < a->count; k++) {
        nm_bind(m, g, a->values + k * g->fv_count, saved);
        nm_emit(m, f, r);
        nm_unbind(m, g, saved);
    }
}

static void rule_or(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    take_over(m, f, f->a, i, j, r);
    take_over(m, f, f->b, i, j, r);
}

static void rule_exists(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    take_over(m, f, f->a, i, 0, r);
}

static void rule_let(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    take_over(m, f, f->b, i, 0, r);
}

/* ---- Temporal operators -------------------------------------------------------------------------------*/

static void rule_previous(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (i > 0 && inside(m, f->in, i - 1, i)) take_over(m, f, f->a, i - 1, 0, r);
}

static void rule_next(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (i + 1 < m->total && inside(m, f->in, i, i + 1)) take_over(m, f, f->a, i + 1, 0, r);
}

/* Some k <= i with t(i) - t(k) in I, g at k, and f at every n with k < n <= i. ONCE: no f. */
static void rule_since(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    const nm_formula *left = f->b ? f->a : NULL, *right = f->b ? f->b : f->a;
    nm_value saved[NM_COLUMNS_MAX];
    for (unsigned k = 0; k <= i; k++) {
        if (!inside(m, f->in, k, i)) continue;
        const rows *g = nm_solve(m, right, k, 0);
        for (size_t row = 0; row < g->count; row++) {
            nm_bind(m, right, g->values + row * right->fv_count, saved);
            bool all = true;
            for (unsigned n = k + 1; left && n <= i && all; n++) all = holds(m, left, n);
            if (all) nm_emit(m, f, r);
            nm_unbind(m, right, saved);
        }
    }
}

/* Some k >= i with t(k) - t(i) in I, g at k, and f at every n with i <= n < k. EVENTUALLY: no f. */
static void rule_until(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    const nm_formula *left = f->b ? f->a : NULL, *right = f->b ? f->b : f->a;
    nm_value saved[NM_COLUMNS_MAX];
    for (unsigned k = i; k < m->total; k++) {
        if (!inside(m, f->in, i, k)) continue;
        const rows *g = nm_solve(m, right, k, 0);
        for (size_t row = 0; row < g->count; row++) {
            nm_bind(m, right, g->values + row * right->fv_count, saved);
            bool all = true;
            for (unsigned n = i; left && n < k && all; n++) all = holds(m, left, n);
            if (all) nm_emit(m, f, r);
            nm_unbind(m, right, saved);
        }
    }
}

/* TRIGGER: for all k <= i with t(i) - t(k) in I: g at k, or f at some n with k < n <= i.
 * RELEASE: for all k >= i with t(k) - t(i) in I: g at k, or f at some n with i <= n < k.
 * HISTORICALLY and ALWAYS: no f. */
static bool throughout(machine *m, const nm_formula *f, const nm_formula *left, const nm_formula *right,
                       unsigned i) {
    bool past = f->op == NM_TRIGGER || f->op == NM_HISTORICALLY;
    for (unsigned k = past ? 0 : i; k < (past ? i + 1 : m->total); k++) {
        if (!(past ? inside(m, f->in, k, i) : inside(m, f->in, i, k))) continue;
        bool good = holds(m, right, k);
        for (unsigned n = past ? k + 1 : i; left && !good && n < (past ? i + 1 : k); n++)
            good = holds(m, left, n);
        if (!good) return false;
    }
    return true;
}

static void rule_throughout(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    const nm_formula *left = f->b ? f->a : NULL, *right = f->b ? f->b : f->a;
    nm_value saved[NM_COLUMNS_MAX];
    if (!inside(m, f->in, i, i)) { /* then all variables have values */
        if (throughout(m, f, left, right, i)) nm_emit(m, f, r);
        return;
    }
    const rows *g = nm_solve(m, right, i, 0); /* at i itself there is no n: g must hold */
    for (size_t row = 0; row < g->count; row++) {
        nm_bind(m, right, g->values + row * right->fv_count, saved);
        if (throughout(m, f, left, right, i)) nm_emit(m, f, r);
        nm_unbind(m, right, saved);
    }
}

/* ---- Match operators ----------------------------------------------------------------------------------*/

static void rule_forward(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    for (unsigned k = i; k < m->total; k++)
        if (inside(m, f->in, i, k)) take_over(m, f, f->a, i, k, r);
}

static void rule_backward(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    for (unsigned k = 0; k <= i; k++)
        if (inside(m, f->in, k, i)) take_over(m, f, f->a, k, i, r);
}

static void rule_step(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (j == i + 1) nm_emit(m, f, r);
}

static void rule_test(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    if (i == j) take_over(m, f, f->a, i, 0, r);
}

static void rule_cat(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    bool second_first = swapped(m, f);
    for (unsigned k = i; k <= j; k++)
        if (second_first)
            join(m, f, f->b, k, j, f->a, i, k, r);
        else
            join(m, f, f->a, i, k, f->b, k, j, r);
}

static void rule_star(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    bool there = i == j;
    for (unsigned k = i + 1; k <= j && !there; k++)
        there = nm_solve(m, f->a, i, k)->count && nm_solve(m, f, k, j)->count;
    if (there) nm_emit(m, f, r);
}

void nm_rule_aggregate(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r);

const nm_rule nm_rules[NM_OPS] = {
    [NM_TRUE] = rule_true,
    [NM_FALSE] = rule_false,
    [NM_EQ] = rule_equal,
    [NM_LT] = rule_compare,
    [NM_LE] = rule_compare,
    [NM_SUBSTRING] = rule_compare,
    [NM_MATCHES] = rule_false,
    [NM_PRED] = rule_predicate,
    [NM_NOT] = rule_not,
    [NM_AND] = rule_and,
    [NM_OR] = rule_or,
    [NM_EXISTS] = rule_exists,
    [NM_PREVIOUS] = rule_previous,
    [NM_NEXT] = rule_next,
    [NM_ONCE] = rule_since,
    [NM_EVENTUALLY] = rule_until,
    [NM_HISTORICALLY] = rule_throughout,
    [NM_ALWAYS] = rule_throughout,
    [NM_SINCE] = rule_since,
    [NM_UNTIL] = rule_until,
    [NM_TRIGGER] = rule_throughout,
    [NM_RELEASE] = rule_throughout,
    [NM_AGGREGATE] = nm_rule_aggregate,
    [NM_LET] = rule_let,
    [NM_LETPAST] = rule_let,
    [NM_FORWARD] = rule_forward,
    [NM_BACKWARD] = rule_backward,
    [NM_RE_STEP] = rule_step,
    [NM_RE_TEST] = rule_test,
    [NM_RE_CAT] = rule_cat,
    [NM_RE_ALT] = rule_or,
    [NM_RE_STAR] = rule_star,
};

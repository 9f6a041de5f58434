/* mfotl_range.c: safe-range formulas: every variable is restricted to finitely many values by the form of the
 * formula (Abiteboul, Hull, Vianu, Foundations of Databases, 1995, section 5.4), time included. */
#include "lang/mfotl_lower.h"

typedef struct ranging {
    mf_program *p;
    bool bad; /* a bound variable is not restricted, or there is no memory */
} ranging;

static bool *set_of(ranging *r) {
    bool *set = kd_arena_array(r->p->arena, (size_t)r->p->var_count + 1, sizeof *set);
    if (!set) r->bad = true;
    return set;
}

static void range(ranging *r, const mf_formula *f, bool holds, bool *set);

static void restrict_all(const mf_formula *f, bool *set) {
    for (uint32_t i = 0; i < f->free_count; i++) set[f->free[i]] = true;
}

/* x = t restricts x once the variables of t are; false when it adds nothing. */
static bool by_equation(ranging *r, const mf_formula *f, bool *set) {
    mf_var missing = 0;
    unsigned count = 0;
    for (uint32_t i = 0; i < f->free_count; i++)
        if (!set[f->free[i]]) {
            missing = f->free[i];
            count++;
        }
    if (count != 1) return false;
    bool alone =
        (f->t1->kind == MF_VAR && f->t1->var == missing) || (f->t2->kind == MF_VAR && f->t2->var == missing);
    if (!mf_solve(r->p, f, missing) || (!alone && f->t1->type != MF_INT)) return false;
    set[missing] = true;
    return true;
}

static bool by_equations(ranging *r, const mf_formula *f, bool holds, bool *set) {
    if (f->kind == MF_NOT) return by_equations(r, f->a, !holds, set);
    if (f->kind == (holds ? MF_AND : MF_OR)) {
        bool a = by_equations(r, f->a, holds, set), b = by_equations(r, f->b, holds, set);
        return a || b;
    }
    return f->kind == MF_EQUAL && holds && by_equation(r, f, set);
}

static void either(ranging *r, const mf_formula *a, const mf_formula *b, bool holds, bool *set) {
    bool *one = set_of(r), *two = set_of(r);
    if (r->bad) return;
    range(r, a, holds, one);
    range(r, b, holds, two);
    for (mf_var v = 0; v < r->p->var_count; v++) set[v] |= one[v] && two[v];
}

static void all_of(ranging *r, const mf_formula *f) {
    bool *set = set_of(r);
    if (!set) return;
    range(r, f, true, set);
    while (by_equations(r, f, true, set)) {
    }
    for (uint32_t i = 0; i < f->free_count; i++) r->bad |= !set[f->free[i]];
}

static void exists(ranging *r, const mf_formula *f, bool holds, bool *set) {
    bool *inner = set_of(r);
    if (!inner) return;
    range(r, f->a, true, inner);
    while (by_equations(r, f->a, true, inner)) {
    }
    for (uint32_t i = 0; i < f->var_count; i++) r->bad |= !inner[f->vars[i]];
    for (uint32_t i = 0; i < f->free_count && holds; i++) set[f->free[i]] |= inner[f->free[i]];
}

static bool same_variable(const mf_formula *f) {
    return f->t1->kind == MF_VAR && f->t2->kind == MF_VAR && f->t1->var == f->t2->var;
}

static void sides(ranging *r, const mf_formula *f, bool holds, bool *set) {
    bool dual = f->kind == MF_TRIGGER || f->kind == MF_RELEASE, present = f->within.low == 0;
    if (holds != dual || present) range(r, f->b, holds, set);
    if (holds && !dual && !present) range(r, f->a, true, set);
}

static void range(ranging *r, const mf_formula *f, bool holds, bool *set) {
    if (r->bad) return;
    switch (f->kind) {
    case MF_PREDICATE:
        if (holds) restrict_all(f, set);
        return;
    case MF_FORWARD:
    case MF_BACKWARD:
        for (uint32_t i = 0; i < f->free_count && holds; i++)
            set[f->free[i]] |= mf_regex_binds(f->regex, f->free[i]);
        return;
    case MF_EQUAL:
        if (holds)
            by_equation(r, f, set);
        else if (same_variable(f))
            restrict_all(f, set);
        return;
    case MF_LESS:
        if (holds && same_variable(f)) restrict_all(f, set);
        return;
    case MF_NOT:
        range(r, f->a, !holds, set);
        return;
    case MF_AND:
    case MF_OR:
        if ((f->kind == MF_AND) != holds) {
            either(r, f->a, f->b, holds, set);
            return;
        }
        range(r, f->a, holds, set);
        range(r, f->b, holds, set);
        while (by_equations(r, f, holds, set)) {
        }
        return;
    case MF_EXISTS:
        exists(r, f, holds, set);
        return;
    case MF_AGGREGATE:
        all_of(r, f->a);
        if (holds) restrict_all(f, set);
        return;
    case MF_PREVIOUS:
    case MF_NEXT:
        if (holds) range(r, f->a, true, set);
        return;
    case MF_ONCE:
    case MF_EVENTUALLY:
        if (holds || f->within.low == 0) range(r, f->a, holds, set);
        return;
    case MF_SINCE:
    case MF_UNTIL:
    case MF_TRIGGER:
    case MF_RELEASE:
        sides(r, f, holds, set);
        return;
    case MF_LET:
    case MF_LETPAST:
        all_of(r, f->a);
        range(r, f->b, holds, set);
        return;
    default:
        return;
    }
}

bool mf_safe_range(mf_program *p, const mf_formula *f) {
    ranging r = {.p = p};
    all_of(&r, f);
    return !r.bad;
}

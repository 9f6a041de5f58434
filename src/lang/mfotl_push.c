/* mfotl_push.c: rewriting: what is known beside a formula is put inside it, where it binds what was free of
 * bounds.
 *
 *      f AND (g OR h)        f AND ((f AND g) OR (f AND h))
 *      f AND EXISTS x. g     f AND EXISTS x. (f AND g)
 *      f AND NOT g           f AND NOT (f AND g)
 *      f AND EVENTUALLY I g  f AND EVENTUALLY I ((ONCE I f) AND g)     and so on, by the mirror operator
 *
 * Past operators have their mirror in the future, which delays the verdicts; so what does not depend on
 * time is taken out of them first, and PREVIOUS and NEXT go over the connectives inside. What only filters the
 * guard's rows and looks ahead itself would delay them too, so it stays outside. */
#include "lang/mfotl_lower.h"

static const mf_formula *made(mf_safety *s, const mf_formula *f) {
    if (!f) s->no_memory = true;
    return f;
}

static const mf_formula *two(mf_safety *s, mf_kind kind, const mf_formula *a, const mf_formula *b) {
    return a && b ? made(s, mf_make2(s->program, kind, a, b)) : NULL;
}

static const mf_formula *safe_and(mf_safety *s, const mf_formula *a, const mf_formula *b) {
    const mf_formula *f = two(s, MF_AND, a, b);
    return f ? mf_try(s, f) : NULL;
}

static const mf_formula *like(mf_safety *s, const mf_formula *f, const mf_formula *a, const mf_formula *b) {
    mf_formula with = *f;
    with.a = a;
    with.b = b;
    return made(s, mf_make(s->program, with));
}

static bool is_rigid(const mf_formula *f) {
    return mf_is_comparison(f) || (f->kind == MF_NOT && mf_is_comparison(f->a));
}

/* Parts of a conjunction that do not depend on time, and the others; NULL where there are none. */
static void split(mf_safety *s, const mf_formula *f, const mf_formula **rigid, const mf_formula **others) {
    if (f->kind == MF_AND) {
        split(s, f->a, rigid, others);
        split(s, f->b, rigid, others);
        return;
    }
    const mf_formula **to = is_rigid(f) ? rigid : others;
    *to = *to ? two(s, MF_AND, *to, f) : f;
}

static const mf_formula *truth_under(mf_safety *s, const mf_formula *f) {
    const mf_formula *yes = made(s, mf_truth(s->program, true, f->place));
    return yes ? like(s, f, yes, NULL) : NULL;
}

/* f is a temporal operator with one operand: an equivalent with the comparisons outside. */
static const mf_formula *without_rigid(mf_safety *s, const mf_formula *f) {
    const mf_formula *rigid = NULL, *others = NULL;
    split(s, f->a, &rigid, &others);
    if (!rigid || s->no_memory) return NULL;
    return two(s, MF_AND, others ? like(s, f, others, NULL) : truth_under(s, f), rigid);
}

/* PREVIOUS and NEXT look at one time point, so they go over every connective. */
static const mf_formula *step_inside(mf_safety *s, const mf_formula *f) {
    const mf_formula *a = f->a;
    switch (a->kind) {
    case MF_NOT: {
        const mf_formula *under = like(s, f, a->a, NULL);
        const mf_formula *not_under = under ? made(s, mf_make1(s->program, MF_NOT, under)) : NULL;
        return two(s, MF_AND, truth_under(s, f), not_under);
    }
    case MF_AND:
    case MF_OR:
        return two(s, a->kind, like(s, f, a->a, NULL), like(s, f, a->b, NULL));
    case MF_EXISTS: {
        const mf_formula *under = like(s, f, a->a, NULL);
        return under ? like(s, a, under, NULL) : NULL;
    }
    default:
        return NULL;
    }
}

static const mf_formula *push_step(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    const mf_formula *inside = without_rigid(s, f);
    if (!inside) inside = step_inside(s, f);
    const mf_formula *safe = inside ? safe_and(s, guard, inside) : NULL;
    if (safe) return safe;
    mf_kind mirror = f->kind == MF_PREVIOUS ? MF_NEXT : MF_PREVIOUS;
    const mf_formula *there = made(s, mf_time(s->program, mirror, f->within, guard, NULL));
    const mf_formula *a = there ? safe_and(s, there, f->a) : NULL;
    return a ? like(s, f, a, NULL) : NULL;
}

/* What the mirror operator makes of the guard, where f's operand is looked for. */
static const mf_formula *mirrored(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    bool past = f->kind == MF_ONCE || f->kind == MF_SINCE;
    if (past && f->within.high == KD_NEVER) return NULL;
    return made(s, mf_time(s->program, past ? MF_EVENTUALLY : MF_ONCE, f->within, guard, NULL));
}

static const mf_formula *push_once(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    const mf_formula *inside = without_rigid(s, f);
    if (f->a->kind == MF_OR) inside = two(s, MF_OR, like(s, f, f->a->a, NULL), like(s, f, f->a->b, NULL));
    const mf_formula *safe = inside ? safe_and(s, guard, inside) : NULL;
    if (safe) return safe;
    const mf_formula *there = mirrored(s, guard, f);
    const mf_formula *a = there ? safe_and(s, there, f->a) : NULL;
    return a ? like(s, f, a, NULL) : NULL;
}

static const mf_formula *push_since(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    const mf_formula *there = mirrored(s, guard, f);
    const mf_formula *b = there ? safe_and(s, there, f->b) : NULL;
    const mf_formula *whole = b ? like(s, f, f->a, b) : NULL;
    return whole ? mf_try(s, whole) : NULL;
}

static const mf_formula *push_or(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    const mf_formula *a = safe_and(s, guard, f->a), *b = a ? safe_and(s, guard, f->b) : NULL;
    return b && mf_same_free(a, b) ? two(s, MF_OR, a, b) : NULL;
}

/* A group that the guard does not have is of no concern: the guard may stand in the body, over the groups
 * alone. */
static const mf_formula *push_aggregate(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    mf_program *p = s->program;
    mf_var *extra = kd_arena_array(p->arena, (size_t)guard->free_count + 1, sizeof *extra);
    if (!extra) return made(s, NULL);
    uint32_t n = 0, kept = 0;
    for (uint32_t i = 0; i < guard->free_count; i++) {
        bool group = false;
        for (uint32_t k = 0; k < f->var_count; k++) group |= f->vars[k] == guard->free[i];
        if (group)
            kept++;
        else
            extra[n++] = guard->free[i];
    }
    if (kept == 0) return NULL;
    const mf_formula *narrow = made(s, mf_bind_vars(p, f, extra, n, guard));
    const mf_formula *a = narrow ? safe_and(s, narrow, f->a) : NULL;
    return a && mf_same_free(a, f->a) ? like(s, f, a, NULL) : NULL;
}

static bool looks_ahead(const mf_formula *f);

static bool tests_ahead(const mf_regex *r) {
    return r && ((r->test && looks_ahead(r->test)) || tests_ahead(r->a) || tests_ahead(r->b));
}

static bool looks_ahead(const mf_formula *f) {
    if (!f) return false;
    bool self = f->kind == MF_NEXT || f->kind == MF_EVENTUALLY || f->kind == MF_UNTIL ||
                f->kind == MF_RELEASE || f->kind == MF_FORWARD;
    return self || looks_ahead(f->a) || looks_ahead(f->b) || tests_ahead(f->regex);
}

/* The guard without those parts of a conjunction that look ahead and bind nothing that those before them do not. It
 * may have more rows: they go when the whole is joined with what the guard was taken from. */
static const mf_formula *loosened(mf_safety *s, const mf_formula *guard) {
    if (guard->kind != MF_AND) return guard;
    const mf_formula *a = loosened(s, guard->a);
    if (!a || (mf_same_free(a, guard) && looks_ahead(guard->b))) return a;
    return a == guard->a ? guard : two(s, MF_AND, a, guard->b);
}

const mf_formula *mf_push(mf_safety *s, const mf_formula *guard, const mf_formula *f) {
    const mf_formula *a;
    guard = loosened(s, guard);
    if (!guard) return NULL;
    switch (f->kind) {
    case MF_NOT:
        a = mf_push(s, guard, f->a);
        if (!a) a = safe_and(s, guard, f->a);
        return a ? made(s, mf_make1(s->program, MF_NOT, a)) : NULL;
    case MF_OR:
        return push_or(s, guard, f);
    case MF_EXISTS:
        a = safe_and(s, guard, f->a);
        return a ? made(s, mf_bind_vars(s->program, f, f->vars, f->var_count, a)) : NULL;
    case MF_AGGREGATE:
        return push_aggregate(s, guard, f);
    case MF_PREVIOUS:
    case MF_NEXT:
        return push_step(s, guard, f);
    case MF_ONCE:
    case MF_EVENTUALLY:
        return push_once(s, guard, f);
    case MF_SINCE:
    case MF_UNTIL:
        return push_since(s, guard, f);
    case MF_TRIGGER:
    case MF_RELEASE: {
        const mf_formula *other = made(s, mf_negate(s->program, f));
        a = other ? safe_and(s, guard, other) : NULL;
        return a ? made(s, mf_make1(s->program, MF_NOT, a)) : NULL;
    }
    case MF_LET: {
        const mf_formula *def = mf_try(s, f->a);
        a = def ? safe_and(s, guard, f->b) : NULL;
        return a ? like(s, f, def, a) : NULL;
    }
    default:
        return NULL;
    }
}

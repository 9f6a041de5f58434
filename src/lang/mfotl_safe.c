/* mfotl_safe.c: what can be monitored: a formula whose rows are finite and follow from those of its parts. */
#include "lang/mfotl_lower.h"

static const char why_equal[] = "An equation gives rows by itself only as x = t where t has no variables.";
static const char why_compare[] =
    "<, <=, SUBSTRING and MATCHES can only stand beside a formula that has their "
    "variables.";
static const char why_not[] =
    "NOT f with free variables has infinitely many rows; it can only stand beside a "
    "formula that has these variables, or left of SINCE or UNTIL.";
static const char why_or[] = "Both sides of OR must have the same free variables.";

const mf_formula *mf_refuse(mf_safety *s, const mf_formula *f, const char *why) {
    s->refused = f;
    s->why = why;
    return NULL;
}

/* ---- What was asked before ------------------------------------------------------------------------------*/

static mf_verdict *slot_of(mf_verdict *slots, size_t room, const mf_formula *f) {
    size_t i = (size_t)kd_hash(&f, sizeof f, 0) & (room - 1);
    while (slots[i].asked && slots[i].asked != f) i = (i + 1) & (room - 1);
    return &slots[i];
}

static bool make_room(mf_safety *s) {
    if (s->known_room > 2 * s->known_count) return true;
    size_t room = s->known_room ? 2 * s->known_room : 64;
    mf_verdict *slots = kd_arena_array(s->program->arena, room, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < s->known_room; i++)
        if (s->known[i].asked) *slot_of(slots, room, s->known[i].asked) = s->known[i];
    s->known = slots;
    s->known_room = room;
    return true;
}

static void remember(mf_safety *s, const mf_formula *asked, const mf_formula *safe) {
    if (!make_room(s)) {
        s->no_memory = true;
        return;
    }
    mf_verdict *v = slot_of(s->known, s->known_room, asked);
    if (!v->asked) s->known_count++;
    *v = (mf_verdict){asked, safe, safe ? NULL : s->refused, safe ? NULL : s->why};
}

/* ---- Operator by operator -------------------------------------------------------------------------------*/

static bool is_closed_term(const mf_term *t) {
    return !t || (t->kind != MF_VAR && is_closed_term(t->a) && is_closed_term(t->b));
}

static const mf_formula *safe_equal(mf_safety *s, const mf_formula *f) {
    if (f->free_count == 0) return f;
    if (f->t1->kind == MF_VAR && is_closed_term(f->t2)) return f;
    if (f->t2->kind == MF_VAR && is_closed_term(f->t1)) return f;
    const mf_formula *solved = f->free_count == 1 ? mf_solve(s->program, f, f->free[0]) : NULL;
    return solved ? solved : mf_refuse(s, f, why_equal);
}

static const mf_formula *part(mf_safety *s, const mf_formula *f, const mf_formula *a, const mf_formula *b) {
    if ((f->a && !a) || (f->b && !b)) return NULL;
    if (a == f->a && b == f->b) return f;
    mf_formula like = *f;
    like.a = a;
    like.b = b;
    const mf_formula *made = mf_make(s->program, like);
    if (!made) s->no_memory = true;
    return made;
}

/* Of a closed formula, duality in time gains nothing: it comes back here. */
static bool gains(const mf_formula *f, const mf_formula *other) {
    if (other->kind == MF_NOT && other->a == f->a) return false;
    return f->free_count > 0 || f->a->kind < MF_PREVIOUS || f->a->kind > MF_RELEASE;
}

static const mf_formula *safe_not(mf_safety *s, const mf_formula *f) {
    if (mf_is_never(f)) return f;
    const mf_formula *h = f->free_count == 0 ? mf_try(s, f->a) : NULL;
    if (h) return part(s, f, h, NULL);
    const mf_formula *other = mf_negate(s->program, f->a);
    if (!other) {
        s->no_memory = true;
        return NULL;
    }
    const mf_formula *safe = gains(f, other) ? mf_try(s, other) : NULL;
    if (safe) return safe;
    return f->free_count == 0 ? mf_safe(s, f->a) : mf_refuse(s, f, why_not);
}

static const mf_formula *safe_or(mf_safety *s, const mf_formula *f) {
    const mf_formula *a = mf_safe(s, f->a);
    const mf_formula *b = a ? mf_safe(s, f->b) : NULL;
    if (!b) return NULL;
    if (!mf_same_free(a, b)) return mf_refuse(s, f, why_or);
    return part(s, f, a, b);
}

/* EXISTS goes over the sides of an OR that do not have the same variables. */
static const mf_formula *spread_exists(mf_safety *s, const mf_formula *f) {
    if (f->a->kind != MF_OR || s->as_it_is) return NULL;
    mf_program *p = s->program;
    const mf_formula *a = mf_bind_vars(p, f, f->vars, f->var_count, f->a->a);
    const mf_formula *b = mf_bind_vars(p, f, f->vars, f->var_count, f->a->b);
    const mf_formula *either = a && b ? mf_make2(p, MF_OR, a, b) : NULL;
    if (!either) s->no_memory = true;
    return either ? mf_try(s, either) : NULL;
}

static const mf_formula *safe_exists(mf_safety *s, const mf_formula *f) {
    const mf_formula *a = mf_try(s, f->a);
    if (a) return part(s, f, a, NULL);
    const mf_formula *spread = spread_exists(s, f);
    return spread ? spread : mf_safe(s, f->a);
}

/* A definition that is not safe may be where it is used, beside what is there. */
static const mf_formula *safe_let(mf_safety *s, const mf_formula *f) {
    const mf_formula *a = mf_try(s, f->a);
    const mf_formula *b = a ? mf_safe(s, f->b) : NULL;
    if (a) return part(s, f, a, b);
    if (f->kind == MF_LET && !s->as_it_is) {
        const mf_formula *unfolded = mf_unfold_lets(s->program, f, MF_UNFOLD_FULL);
        if (!unfolded) s->no_memory = true;
        const mf_formula *safe = unfolded && unfolded != f ? mf_try(s, unfolded) : NULL;
        if (safe) return safe;
    }
    return mf_safe(s, f->a);
}

static const mf_formula *decide(mf_safety *s, const mf_formula *f) {
    switch (f->kind) {
    case MF_PREDICATE:
        return f;
    case MF_EQUAL:
        return safe_equal(s, f);
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
        return f->free_count == 0 ? f : mf_refuse(s, f, why_compare);
    case MF_MATCHES:
        return is_closed_term(f->t1) && is_closed_term(f->t2) && f->free_count == 0
                   ? f
                   : mf_refuse(s, f, why_compare);
    case MF_NOT:
        return safe_not(s, f);
    case MF_AND:
        return mf_safe_and(s, f);
    case MF_OR:
        return safe_or(s, f);
    case MF_EXISTS:
        return safe_exists(s, f);
    case MF_AGGREGATE:
    case MF_PREVIOUS:
    case MF_NEXT:
    case MF_ONCE:
    case MF_EVENTUALLY:
        return part(s, f, mf_safe(s, f->a), NULL);
    case MF_SINCE:
        return mf_safe_since(s, f);
    case MF_UNTIL:
        return mf_safe_until(s, f);
    case MF_TRIGGER:
        return mf_safe_trigger(s, f);
    case MF_RELEASE:
        return mf_safe_release(s, f);
    case MF_LET:
    case MF_LETPAST:
        return safe_let(s, f);
    case MF_FORWARD:
    case MF_BACKWARD:
        return mf_safe_match(s, f);
    default:
        return mf_refuse(s, f, "It is not in normal form.");
    }
}

const mf_formula *mf_safe(mf_safety *s, const mf_formula *f) {
    if (s->no_memory || !f) {
        s->no_memory = true;
        return NULL;
    }
    if (s->known_room) {
        const mf_verdict *v = slot_of(s->known, s->known_room, f);
        if (v->asked && v->safe) return v->safe;
        if (v->asked) return mf_refuse(s, v->refused, v->why);
    }
    if (s->steps >= MF_SAFE_STEPS || s->depth >= MF_SAFE_DEPTH) {
        s->too_large = true;
        return mf_refuse(s, f, "It takes too many rewritings to find a form of it that can be.");
    }
    s->steps++;
    s->depth++;
    const mf_formula *safe = decide(s, f);
    s->depth--;
    if (s->no_memory) return NULL;
    if (safe || !s->too_large) remember(s, f, safe);
    if (safe && safe != f) remember(s, safe, safe);
    return safe;
}

const mf_formula *mf_try(mf_safety *s, const mf_formula *f) {
    const mf_formula *refused = s->refused;
    const char *why = s->why;
    const mf_formula *safe = mf_safe(s, f);
    if (!safe) {
        s->refused = refused;
        s->why = why;
    }
    return safe;
}

/* ---- Equations over integers ----------------------------------------------------------------------------*/

static unsigned occurrences(const mf_term *t, mf_var v) {
    if (!t) return 0;
    if (t->kind == MF_VAR) return t->var == v;
    return occurrences(t->a, v) + occurrences(t->b, v);
}

static const mf_term *term2(mf_program *p, mf_term_kind kind, const mf_term *a, const mf_term *b) {
    return mf_make_term(p, (mf_term){.kind = kind, .type = MF_INT, .place = a->place, .a = a, .b = b});
}

/* x + 1 = t gives x = t - 1, step by step down to x. Over integers the steps are exact; over floats not. */
const mf_formula *mf_solve(mf_program *p, const mf_formula *equal, mf_var v) {
    if (equal->kind != MF_EQUAL || occurrences(equal->t1, v) + occurrences(equal->t2, v) != 1) return NULL;
    bool left = occurrences(equal->t1, v) == 1;
    const mf_term *x = left ? equal->t1 : equal->t2, *t = left ? equal->t2 : equal->t1;
    while (x->kind != MF_VAR && t) {
        if (x->type != MF_INT) return NULL;
        bool in_a = occurrences(x->a, v) == 1;
        const mf_term *with = in_a ? x->a : x->b, *other = in_a ? x->b : x->a;
        if (x->kind == MF_ADD)
            t = term2(p, MF_SUB, t, other);
        else if (x->kind == MF_SUB)
            t = in_a ? term2(p, MF_ADD, t, other) : term2(p, MF_SUB, other, t);
        else if (x->kind == MF_NEGATE)
            t = term2(p, MF_NEGATE, t, NULL);
        else
            return NULL;
        x = with;
    }
    if (!t) return NULL;
    return mf_make(p, (mf_formula){.kind = MF_EQUAL, .place = equal->place, .t1 = x, .t2 = t});
}

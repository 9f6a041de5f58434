/* mfotl_safe_time.c: which SINCE, UNTIL, TRIGGER, RELEASE and match operators can be monitored. */
#include "lang/mfotl_lower.h"

static const char why_left[] =
    "In f SINCE g and f UNTIL g, the free variables of f must be free in g, or the interval must exclude 0.";
static const char why_trigger[] =
    "f TRIGGER g and f RELEASE g by themselves need 0 in the interval, and the free "
    "variables of f free in g.";
static const char why_regex[] =
    "Every way through the regular expression must have tests, not negated, of all "
    "its free variables.";
static const char why_negated[] =
    "A test with NOT in a regular expression needs its free variables bound by tests "
    "before it; in a match of the future, all of them before or all after.";
static const char why_test[] = "A test in a regular expression must be monitorable, or NOT of what is.";

static const mf_formula *made(mf_safety *s, const mf_formula *f) {
    if (!f) s->no_memory = true;
    return f;
}

static const mf_formula *and_of(mf_safety *s, const mf_formula *a, const mf_formula *b) {
    return a && b ? made(s, mf_make2(s->program, MF_AND, a, b)) : NULL;
}

static const mf_formula *not_of(mf_safety *s, const mf_formula *a) {
    return a ? made(s, mf_make1(s->program, MF_NOT, a)) : NULL;
}

static const mf_formula *time_of(mf_safety *s, mf_kind kind, mf_interval within, const mf_formula *a,
                                 const mf_formula *b) {
    return a ? made(s, mf_time(s->program, kind, within, a, b)) : NULL;
}

const mf_formula *mf_safe_side(mf_safety *s, const mf_formula *f) {
    if (f->kind == MF_NOT) {
        const mf_formula *h = mf_try(s, f->a);
        if (h) return not_of(s, h);
    }
    const mf_formula *safe = mf_try(s, f);
    if (safe) return safe;
    const mf_formula *other = made(s, mf_negate(s->program, f));
    return not_of(s, other ? mf_try(s, other) : NULL);
}

/* The left side of SINCE or UNTIL is only asked for rows that the right side has in reach: what is not safe
 * alone may be beside them. */
static const mf_formula *left_beside(mf_safety *s, const mf_formula *f, const mf_formula *g) {
    const mf_formula *side = mf_safe_side(s, f->a);
    if (side || s->as_it_is) return side;
    mf_interval until = {0, f->within.high};
    const mf_formula *reach = time_of(s, f->kind == MF_SINCE ? MF_ONCE : MF_EVENTUALLY, until, g, NULL);
    const mf_formula *kept = reach ? mf_try(s, and_of(s, reach, f->a)) : NULL;
    if (kept) return kept;
    const mf_formula *other = made(s, mf_negate(s->program, f->a));
    return other && reach ? not_of(s, mf_try(s, and_of(s, reach, other))) : NULL;
}

static const mf_formula *with_sides(mf_safety *s, const mf_formula *f, const mf_formula *a,
                                    const mf_formula *b) {
    if (mf_is_true(a)) return time_of(s, f->kind == MF_SINCE ? MF_ONCE : MF_EVENTUALLY, f->within, b, NULL);
    if (mf_is_false(a) && f->within.low == 0) return b;
    if (a == f->a && b == f->b) return f;
    return time_of(s, f->kind, f->within, a, b);
}

const mf_formula *mf_safe_since(mf_safety *s, const mf_formula *f) {
    const mf_formula *b = mf_safe(s, f->b);
    if (!b) return NULL;
    if (mf_covers(b, f->a)) {
        const mf_formula *a = left_beside(s, f, b);
        return a ? with_sides(s, f, a, b) : mf_safe(s, f->a->kind == MF_NOT ? f->a->a : f->a);
    }
    if (f->within.low == 0) return mf_refuse(s, f, why_left);
    const mf_formula *a = mf_safe(s, f->a);
    return a ? time_of(s, MF_SINCE, f->within, a, b) : NULL;
}

/* With 0 not in the interval, f holds at least now and just before g: f UNTIL (g AND PREVIOUS f). */
static const mf_formula *wider_until(mf_safety *s, const mf_formula *f, const mf_formula *b) {
    if (f->within.low == 0) return mf_refuse(s, f, why_left);
    const mf_formula *a = mf_safe(s, f->a);
    if (!a) return NULL;
    const mf_formula *before = time_of(s, MF_PREVIOUS, (mf_interval){0, KD_NEVER}, a, NULL);
    return mf_safe(s, time_of(s, MF_UNTIL, f->within, a, and_of(s, b, before)));
}

const mf_formula *mf_safe_until(mf_safety *s, const mf_formula *f) {
    const mf_formula *b = mf_safe(s, f->b);
    if (!b) return NULL;
    if (!mf_covers(b, f->a)) return wider_until(s, f, b);
    const mf_formula *a = left_beside(s, f, b);
    return a ? with_sides(s, f, a, b) : mf_safe(s, f->a->kind == MF_NOT ? f->a->a : f->a);
}

/* Closed ones by duality. With 0 in the interval g holds now, and has held as far back as the interval
 * reaches, or since f and g held together (then f TRIGGER g needs g no further back):
 *
 *      f TRIGGER [0,b] g  =  (g SINCE [0,b] (f AND g)) OR (FALSE TRIGGER [0,b] g) */
const mf_formula *mf_safe_trigger(mf_safety *s, const mf_formula *f) {
    if (f->free_count == 0) return mf_safe(s, not_of(s, made(s, mf_negate(s->program, f))));
    if (f->within.low != 0 || !mf_covers(f->b, f->a)) return mf_refuse(s, f, why_trigger);
    const mf_formula *b = mf_safe(s, f->b);
    if (!b || mf_is_true(f->a)) return b;
    const mf_formula *never = made(s, mf_truth(s->program, false, f->place));
    const mf_formula *always = never ? time_of(s, MF_TRIGGER, f->within, never, b) : NULL;
    if (!always || mf_is_false(f->a)) return mf_is_false(f->a) && b == f->b ? f : always;
    const mf_formula *both = mf_safe(s, and_of(s, b, f->a));
    const mf_formula *since = both ? time_of(s, MF_SINCE, f->within, b, both) : NULL;
    return since && always ? made(s, mf_make2(s->program, MF_OR, since, always)) : NULL;
}

/* The future can be asked with what is past: rows of g now, unless they fail some time on:
 *
 *      f RELEASE [0,b] g  =  g AND NOT (NOT f UNTIL [0,b] NOT g) */
const mf_formula *mf_safe_release(mf_safety *s, const mf_formula *f) {
    const mf_formula *until = made(s, mf_negate(s->program, f));
    if (!until) return NULL;
    if (f->free_count == 0) return mf_safe(s, not_of(s, until));
    if (f->within.low != 0 || !mf_covers(f->b, f->a)) return mf_refuse(s, f, why_trigger);
    const mf_formula *b = mf_safe(s, f->b);
    if (!b) return NULL;
    const mf_formula *fails = mf_try(s, until);
    if (!fails && !s->as_it_is) fails = mf_push(s, b, until);
    if (!fails && !s->as_it_is) fails = mf_try(s, and_of(s, b, until));
    return fails ? and_of(s, b, not_of(s, fails)) : mf_refuse(s, f, why_trigger);
}

/* ---- Match operators ------------------------------------------------------------------------------------*/

bool mf_regex_binds(const mf_regex *r, mf_var v) {
    switch (r->kind) {
    case MF_RE_TEST:
        return !mf_is_negated(r->test) && mf_is_free(r->test, v);
    case MF_RE_CONCAT:
        return mf_regex_binds(r->a, v) || mf_regex_binds(r->b, v);
    case MF_RE_EITHER:
        return mf_regex_binds(r->a, v) && mf_regex_binds(r->b, v);
    default:
        return false;
    }
}

/* Walks r, forward or against the direction of time, with v bound or not where it begins; the result is
 * whether it is where r ends. *bad: a negated test of v was met where v is not. */
static bool walk(const mf_regex *r, mf_var v, bool against, bool bound, bool *bad) {
    switch (r->kind) {
    case MF_RE_TEST:
        if (!mf_is_free(r->test, v)) return bound;
        if (mf_is_negated(r->test) && !bound) *bad = true;
        return bound || !mf_is_negated(r->test);
    case MF_RE_CONCAT:
        bound = walk(against ? r->b : r->a, v, against, bound, bad);
        return walk(against ? r->a : r->b, v, against, bound, bad);
    case MF_RE_EITHER: {
        bool a = walk(r->a, v, against, bound, bad), b = walk(r->b, v, against, bound, bad);
        return a && b;
    }
    case MF_RE_STAR:
        walk(r->a, v, against, bound, bad);
        return bound;
    default:
        return bound;
    }
}

/* Negated tests filter rows whose variables were bound before them; a match into the future can also be run
 * from its end. */
static bool can_run(const mf_formula *f, bool against) {
    bool bad = false;
    for (uint32_t i = 0; i < f->free_count; i++) walk(f->regex, f->free[i], against, false, &bad);
    return !bad;
}

static const mf_regex *safe_regex(mf_safety *s, const mf_regex *r) {
    mf_regex *copy = kd_arena_take(s->program->arena, sizeof *copy);
    if (!copy) {
        s->no_memory = true;
        return NULL;
    }
    *copy = *r;
    if (r->test && !(copy->test = mf_safe_side(s, r->test))) {
        mf_safe(s, r->test->kind == MF_NOT ? r->test->a : r->test);
        if (mf_is_comparison(r->test)) mf_refuse(s, r->test, why_test);
        return NULL;
    }
    if (r->a && !(copy->a = safe_regex(s, r->a))) return NULL;
    if (r->b && !(copy->b = safe_regex(s, r->b))) return NULL;
    return copy;
}

const mf_formula *mf_safe_match(mf_safety *s, const mf_formula *f) {
    mf_formula like = *f;
    like.regex = safe_regex(s, f->regex);
    if (!like.regex) return NULL;
    for (uint32_t i = 0; i < f->free_count; i++)
        if (!mf_regex_binds(like.regex, f->free[i])) return mf_refuse(s, f, why_regex);
    const mf_formula *safe = made(s, mf_make(s->program, like));
    if (!safe || can_run(safe, false) || (f->kind == MF_FORWARD && can_run(safe, true))) return safe;
    return mf_refuse(s, f, why_negated);
}

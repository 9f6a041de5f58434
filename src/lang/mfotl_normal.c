/* mfotl_normal.c: the normal form: fewer connectives, NOT further in. */
#include "lang/mfotl_lower.h"

bool mf_is_true(const mf_formula *f) {
    return f->kind == MF_EQUAL && f->t1->kind == MF_CONST_INT && f->t2->kind == MF_CONST_INT &&
           f->t1->number == f->t2->number;
}

bool mf_is_false(const mf_formula *f) {
    return f->kind == MF_EQUAL && f->t1->kind == MF_CONST_INT && f->t2->kind == MF_CONST_INT &&
           f->t1->number != f->t2->number;
}

bool mf_is_comparison(const mf_formula *f) {
    return f->kind == MF_EQUAL || f->kind == MF_LESS || f->kind == MF_LESS_EQUAL || f->kind == MF_SUBSTRING ||
           f->kind == MF_MATCHES;
}

bool mf_is_never(const mf_formula *f) {
    const mf_formula *h = f->a;
    return f->kind == MF_NOT && h->kind == MF_EQUAL && h->t1->kind == MF_VAR && h->t2->kind == MF_VAR &&
           h->t1->var == h->t2->var;
}

bool mf_is_negated(const mf_formula *f) {
    return f->kind == MF_NOT && !mf_is_never(f);
}

bool mf_covers(const mf_formula *outer, const mf_formula *inner) {
    for (uint32_t i = 0; i < inner->free_count; i++)
        if (!mf_is_free(outer, inner->free[i])) return false;
    return true;
}

bool mf_same_free(const mf_formula *a, const mf_formula *b) {
    return a->free_count == b->free_count && mf_covers(a, b);
}

const mf_formula *mf_truth(mf_program *p, bool truth, mf_place place) {
    const mf_term *zero = mf_make_term(p, (mf_term){.kind = MF_CONST_INT, .type = MF_INT, .place = place});
    const mf_term *other =
        mf_make_term(p, (mf_term){.kind = MF_CONST_INT, .type = MF_INT, .place = place, .number = !truth});
    if (!zero || !other) return NULL;
    return mf_make(p, (mf_formula){.kind = MF_EQUAL, .place = place, .t1 = zero, .t2 = other});
}

const mf_formula *mf_time(mf_program *p, mf_kind kind, mf_interval within, const mf_formula *a,
                          const mf_formula *b) {
    if (!a) return NULL;
    return mf_make(p, (mf_formula){.kind = kind, .place = a->place, .within = within, .a = a, .b = b});
}

const mf_formula *mf_bind_vars(mf_program *p, const mf_formula *like, const mf_var *vars, uint32_t count,
                               const mf_formula *a) {
    mf_var *kept = count ? kd_arena_array(p->arena, count, sizeof *kept) : NULL;
    if (!a || (count && !kept)) return NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++)
        if (mf_is_free(a, vars[i])) kept[n++] = vars[i];
    if (n == 0) return a;
    return mf_make(
        p, (mf_formula){.kind = MF_EXISTS, .place = like->place, .a = a, .vars = kept, .var_count = n});
}

static const mf_formula *both(mf_program *p, mf_kind kind, const mf_formula *a, const mf_formula *b) {
    return a && b ? mf_make2(p, kind, a, b) : NULL;
}

static const mf_formula *with_part(mf_program *p, const mf_formula *like, const mf_formula *a,
                                   const mf_formula *b) {
    if ((like->a && !a) || (like->b && !b)) return NULL;
    if (a == like->a && b == like->b) return like;
    mf_formula f = *like;
    f.a = a;
    f.b = b;
    return mf_make(p, f);
}

/* ---- NOT ------------------------------------------------------------------------------------------------*/

/* f SINCE g, f UNTIL g and their duals when f is a constant that an operator of its own stands for. */
static const mf_formula *dual(mf_program *p, const mf_formula *f) {
    const mf_formula *left = f->b ? f->a : NULL, *right = f->b ? f->b : f->a;
    const mf_formula *r = mf_negate(p, right);
    if (!r) return NULL;
    bool past = f->kind == MF_ONCE || f->kind == MF_SINCE || f->kind == MF_TRIGGER;
    if (f->kind == MF_TRIGGER || f->kind == MF_RELEASE) {
        if (mf_is_false(left)) return mf_time(p, past ? MF_ONCE : MF_EVENTUALLY, f->within, r, NULL);
        return mf_time(p, past ? MF_SINCE : MF_UNTIL, f->within, mf_negate(p, left), r);
    }
    const mf_formula *l = left ? mf_negate(p, left) : mf_truth(p, false, f->place);
    return mf_time(p, past ? MF_TRIGGER : MF_RELEASE, f->within, l, r);
}

const mf_formula *mf_negate(mf_program *p, const mf_formula *f) {
    switch (f->kind) {
    case MF_NOT:
        return f->a;
    case MF_EQUAL:
        if (mf_is_true(f) || mf_is_false(f)) return mf_truth(p, mf_is_false(f), f->place);
        break;
    case MF_AND:
        return both(p, MF_OR, mf_negate(p, f->a), mf_negate(p, f->b));
    case MF_OR:
        return both(p, MF_AND, mf_negate(p, f->a), mf_negate(p, f->b));
    case MF_LET:
        return with_part(p, f, f->a, mf_negate(p, f->b));
    case MF_ONCE:
    case MF_EVENTUALLY:
    case MF_SINCE:
    case MF_UNTIL:
    case MF_TRIGGER:
    case MF_RELEASE:
        return dual(p, f);
    default:
        break;
    }
    return mf_make1(p, MF_NOT, f);
}

/* NOT of a formula in normal form: through NOT, OR and LET, which costs nothing. A conjunction under NOT
 * stays one: as the right side of an anti-join it is better than the disjunction that it would become. */
static const mf_formula *negate_plain(mf_program *p, const mf_formula *f) {
    if (!f) return NULL;
    switch (f->kind) {
    case MF_NOT:
        return f->a;
    case MF_OR:
        return both(p, MF_AND, negate_plain(p, f->a), negate_plain(p, f->b));
    case MF_LET: /* not through LETPAST, which cannot be unfolded where the negation is unsafe */
        return with_part(p, f, f->a, negate_plain(p, f->b));
    default:
        return mf_make1(p, MF_NOT, f);
    }
}

/* ---- The normal form ------------------------------------------------------------------------------------*/

static bool is_plain_term(const mf_term *t) {
    return t->kind <= MF_CONST_REGEXP;
}

/* p(t) becomes EXISTS y. p(y) AND y = t where t is neither a variable nor a constant. */
static const mf_formula *plain_predicate(mf_program *p, const mf_formula *f) {
    uint32_t compound = 0;
    for (uint32_t i = 0; i < f->arg_count; i++) compound += !is_plain_term(f->args[i]);
    if (compound == 0) return f;
    const mf_term **args = kd_arena_array(p->arena, f->arg_count, sizeof *args);
    mf_var *vars = kd_arena_array(p->arena, compound, sizeof *vars);
    if (!args || !vars) return NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->arg_count; i++) {
        args[i] = f->args[i];
        if (is_plain_term(f->args[i])) continue;
        mf_term v = {.kind = MF_VAR, .type = f->args[i]->type, .place = f->args[i]->place};
        if (!mf_new_var(p, v.type, &v.var) || !(args[i] = mf_make_term(p, v))) return NULL;
        vars[n++] = v.var;
    }
    mf_formula with = *f;
    with.args = args;
    const mf_formula *all = mf_make(p, with);
    for (uint32_t i = 0; i < f->arg_count && all; i++)
        if (!is_plain_term(f->args[i]))
            all = both(p, MF_AND, all,
                       mf_make(p, (mf_formula){.kind = MF_EQUAL,
                                               .place = f->args[i]->place,
                                               .t1 = args[i],
                                               .t2 = f->args[i]}));
    return all ? mf_bind_vars(p, f, vars, n, all) : NULL;
}

static const mf_regex *plain_regex(mf_program *p, const mf_regex *r) {
    mf_regex *copy = kd_arena_take(p->arena, sizeof *copy);
    if (!copy) return NULL;
    *copy = *r;
    if (r->test && !(copy->test = mf_plain(p, r->test))) return NULL;
    if (r->a && !(copy->a = plain_regex(p, r->a))) return NULL;
    if (r->b && !(copy->b = plain_regex(p, r->b))) return NULL;
    return copy;
}

static const mf_formula *plain_match(mf_program *p, const mf_formula *f) {
    mf_formula with = *f;
    with.regex = plain_regex(p, f->regex);
    return with.regex ? mf_make(p, with) : NULL;
}

const mf_formula *mf_plain(mf_program *p, const mf_formula *f) {
    if (f->kind == MF_PREDICATE) return plain_predicate(p, f);
    if (mf_is_comparison(f)) return f;
    if (f->kind == MF_FORWARD || f->kind == MF_BACKWARD) return plain_match(p, f);
    const mf_formula *a = mf_plain(p, f->a), *b = f->b ? mf_plain(p, f->b) : NULL;
    if (!a || (f->b && !b)) return NULL;
    switch (f->kind) {
    case MF_NOT:
        return negate_plain(p, a);
    case MF_IMPLIES:
        return both(p, MF_OR, negate_plain(p, a), b);
    case MF_EQUIV:
        return both(p, MF_AND, both(p, MF_OR, negate_plain(p, a), b), both(p, MF_OR, a, negate_plain(p, b)));
    case MF_EXISTS:
        return mf_bind_vars(p, f, f->vars, f->var_count, a);
    case MF_FORALL:
        return negate_plain(p, mf_bind_vars(p, f, f->vars, f->var_count, negate_plain(p, a)));
    case MF_HISTORICALLY:
        return negate_plain(p, mf_time(p, MF_ONCE, f->within, negate_plain(p, a), NULL));
    case MF_ALWAYS:
        return negate_plain(p, mf_time(p, MF_EVENTUALLY, f->within, negate_plain(p, a), NULL));
    default:
        return with_part(p, f, a, b);
    }
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

static const mf_formula *first_extra(const mf_formula *f);

static const mf_formula *first_extra_in(const mf_regex *r) {
    const mf_formula *found = r->test ? first_extra(r->test) : NULL;
    if (!found && r->a) found = first_extra_in(r->a);
    return found || !r->b ? found : first_extra_in(r->b);
}

/* The first subformula whose operator is an abbreviation that only the normal form explains. */
static const mf_formula *first_extra(const mf_formula *f) {
    if (f->kind == MF_IMPLIES || f->kind == MF_EQUIV || f->kind == MF_FORALL || f->kind == MF_ALWAYS ||
        f->kind == MF_HISTORICALLY)
        return f;
    if (f->regex) return first_extra_in(f->regex);
    const mf_formula *found = f->a ? first_extra(f->a) : NULL;
    return found || !f->b ? found : first_extra(f->b);
}

static kd_status refusal(mf_program *p, const mf_safety *s, bool fragment, const mf_formula **refused,
                         kd_error *e) {
    kd_text text;
    kd_text_open(&text, p->arena->from);
    mf_print(&text, p, s->refused);
    bool cut = text.n > 200;
    kd_status status = kd_fail(e, KD_FAILED, fragment ? "fragment" : "unsafe",
                               "this subformula cannot be monitored: %.*s%s. %s", (int)(cut ? 200 : text.n),
                               text.p ? text.p : "", cut ? "..." : "", s->why);
    kd_text_close(&text);
    kd_error_place(e, p->file, s->refused->place.line, s->refused->place.column);
    if (refused) *refused = s->refused;
    return status;
}

kd_status mf_normalize(mf_program *p, const mf_rewriting *r, const mf_formula **refused, kd_error *e) {
    mf_safety s = {.program = p, .as_it_is = r->as_it_is};
    const mf_formula *f = p->formula;
    if (r->negate && !(f = mf_make1(p, MF_NOT, f))) return kd_fail_nomem(e);
    if (r->as_it_is && (s.refused = first_extra(f))) {
        s.why = "Without rewriting there is no IMPLIES, EQUIV, FORALL, ALWAYS, HISTORICALLY.";
        return refusal(p, &s, true, refused, e);
    }
    if (!r->as_it_is && !(f = mf_unfold_lets(p, f, r->unfold))) return kd_fail_nomem(e);
    if (!(f = mf_plain(p, f))) return kd_fail_nomem(e);
    const mf_formula *safe = mf_safe(&s, f);
    if (s.no_memory) return kd_fail_nomem(e);
    if (!safe && s.too_large) {
        s.refused = f;
        s.why = "It takes too many rewritings to find a form of it that can be.";
    }
    if (!safe) return refusal(p, &s, s.too_large || mf_safe_range(p, f), refused, e);
    p->normal = safe;
    return KD_OK;
}

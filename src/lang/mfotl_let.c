/* mfotl_let.c: LETs replaced by their definitions. */
#include "lang/mfotl_lower.h"

#define UNFOLD_MOST 20000 /* nodes that unfolding may make; past it, the LETs stay */

typedef struct unfolding {
    mf_program *p;
    mf_unfold how;
    const mf_formula **lets; /* by number: the LET whose uses are replaced, its definition unfolded */
    mf_var *renamed;         /* of the copy that is being made: by variable */
    uint32_t made;
    bool too_large, no_memory;
} unfolding;

static const mf_formula *keep(unfolding *u, mf_formula like) {
    if (++u->made > UNFOLD_MOST) u->too_large = true;
    const mf_formula *f = u->too_large ? NULL : mf_make(u->p, like);
    if (!f && !u->too_large) u->no_memory = true;
    return f;
}

static void *room(unfolding *u, size_t count, size_t bytes) {
    void *at = kd_arena_array(u->p->arena, count + 1, bytes);
    if (!at) u->no_memory = true;
    return at;
}

/* ---- A copy under other names ---------------------------------------------------------------------------*/

static const mf_formula *copy(unfolding *u, const mf_formula *f);

static const mf_term *copy_term(unfolding *u, const mf_term *t) {
    if (!t) return NULL;
    mf_term with = *t;
    if (t->kind == MF_VAR) with.var = u->renamed[t->var];
    if (t->a && !(with.a = copy_term(u, t->a))) return NULL;
    if (t->b && !(with.b = copy_term(u, t->b))) return NULL;
    const mf_term *made = mf_make_term(u->p, with);
    if (!made) u->no_memory = true;
    return made;
}

static bool rename_fresh(unfolding *u, mf_var v) {
    mf_var fresh;
    if (!mf_new_var(u->p, u->p->vars[v].type, &fresh)) {
        u->no_memory = true;
        return false;
    }
    u->renamed[v] = fresh;
    return true;
}

/* What the node binds gets new names: the variables of a quantifier, the parameters of a LET, what an
 * aggregation's body has besides the groups. */
static bool rename_bound(unfolding *u, const mf_formula *f) {
    if (f->kind == MF_EXISTS || f->kind == MF_FORALL || f->kind == MF_LET || f->kind == MF_LETPAST)
        for (uint32_t i = 0; i < f->var_count; i++)
            if (!rename_fresh(u, f->vars[i])) return false;
    if (f->kind != MF_AGGREGATE) return true;
    for (uint32_t i = 0; i < f->a->free_count; i++)
        if (!mf_is_free(f, f->a->free[i]) && !rename_fresh(u, f->a->free[i])) return false;
    return true;
}

static const mf_regex *copy_regex(unfolding *u, const mf_regex *r) {
    mf_regex *to = room(u, 1, sizeof *to);
    if (!to) return NULL;
    *to = *r;
    if (r->test && !(to->test = copy(u, r->test))) return NULL;
    if (r->a && !(to->a = copy_regex(u, r->a))) return NULL;
    if (r->b && !(to->b = copy_regex(u, r->b))) return NULL;
    return to;
}

static bool copy_args(unfolding *u, const mf_formula *f, mf_formula *with) {
    if (f->arg_count == 0) return true;
    const mf_term **args = room(u, f->arg_count, sizeof *args);
    for (uint32_t i = 0; i < f->arg_count && args; i++)
        if (f->args[i] && !(args[i] = copy_term(u, f->args[i]))) return false;
    with->args = args;
    return args != NULL;
}

static bool copy_vars(unfolding *u, const mf_formula *f, mf_formula *with) {
    if (f->var_count == 0) return true;
    mf_var *vars = room(u, f->var_count, sizeof *vars);
    for (uint32_t i = 0; i < f->var_count && vars; i++) vars[i] = u->renamed[f->vars[i]];
    with->vars = vars;
    return vars != NULL;
}

static const mf_formula *copy(unfolding *u, const mf_formula *f) {
    mf_formula with = *f;
    if (!rename_bound(u, f) || !copy_args(u, f, &with) || !copy_vars(u, f, &with)) return NULL;
    if (f->kind == MF_AGGREGATE) {
        with.result = u->renamed[f->result];
        with.over = u->renamed[f->over];
    }
    if (f->t1 && !(with.t1 = copy_term(u, f->t1))) return NULL;
    if (f->t2 && !(with.t2 = copy_term(u, f->t2))) return NULL;
    if (f->regex && !(with.regex = copy_regex(u, f->regex))) return NULL;
    if (f->a && !(with.a = copy(u, f->a))) return NULL;
    if (f->b && !(with.b = copy(u, f->b))) return NULL;
    return keep(u, with);
}

/* ---- Uses -----------------------------------------------------------------------------------------------*/

static bool met_before(const mf_formula *use, uint32_t i) {
    for (uint32_t k = 0; k < i; k++)
        if (use->args[k]->kind == MF_VAR && use->args[k]->var == use->args[i]->var) return true;
    return false;
}

/* The definition with the arguments for its parameters; an argument that is no variable, or one that came
 * before, becomes EXISTS y. ... AND y = t. */
static const mf_formula *replace(unfolding *u, const mf_formula *let, const mf_formula *use) {
    mf_var *made = room(u, use->arg_count, sizeof *made), *outer = u->renamed;
    mf_var *renamed = room(u, u->p->var_count, sizeof *renamed);
    if (!made || !renamed) return NULL;
    u->renamed = renamed;
    for (mf_var v = 0; v < u->p->var_count; v++) renamed[v] = v;
    uint32_t n = 0;
    for (uint32_t i = 0; i < use->arg_count && !u->no_memory; i++) {
        const mf_term *t = use->args[i];
        if (t->kind == MF_VAR && !met_before(use, i))
            renamed[let->vars[i]] = t->var;
        else if (rename_fresh(u, let->vars[i]))
            made[n++] = renamed[let->vars[i]];
    }
    const mf_formula *f = u->no_memory ? NULL : copy(u, let->a);
    uint32_t k = 0;
    for (uint32_t i = 0; i < use->arg_count && f; i++) {
        const mf_term *t = use->args[i];
        if (t->kind == MF_VAR && !met_before(use, i)) continue;
        mf_var y = made[k++];
        const mf_term *at =
            mf_make_term(u->p, (mf_term){.kind = MF_VAR, .type = t->type, .place = t->place, .var = y});
        if (!at) u->no_memory = true;
        const mf_formula *same =
            at ? keep(u, (mf_formula){.kind = MF_EQUAL, .place = t->place, .t1 = at, .t2 = t}) : NULL;
        f = same ? keep(u, (mf_formula){.kind = MF_AND, .place = use->place, .a = f, .b = same}) : NULL;
    }
    u->renamed = outer;
    if (!f || n == 0) return f;
    f = mf_bind_vars(u->p, use, made, n, f);
    if (!f) u->no_memory = true;
    return f;
}

static uint32_t uses_of(const mf_formula *f, uint32_t let);

static uint32_t uses_in(const mf_regex *r, uint32_t let) {
    return (r->test ? uses_of(r->test, let) : 0) + (r->a ? uses_in(r->a, let) : 0) +
           (r->b ? uses_in(r->b, let) : 0);
}

static uint32_t uses_of(const mf_formula *f, uint32_t let) {
    if (f->kind == MF_PREDICATE) return f->let == let;
    return (f->a ? uses_of(f->a, let) : 0) + (f->b ? uses_of(f->b, let) : 0) +
           (f->regex ? uses_in(f->regex, let) : 0);
}

static const mf_formula *unfold(unfolding *u, const mf_formula *f);

static const mf_regex *unfold_regex(unfolding *u, const mf_regex *r) {
    mf_regex *to = room(u, 1, sizeof *to);
    if (!to) return NULL;
    *to = *r;
    if (r->test && !(to->test = unfold(u, r->test))) return NULL;
    if (r->a && !(to->a = unfold_regex(u, r->a))) return NULL;
    if (r->b && !(to->b = unfold_regex(u, r->b))) return NULL;
    return to;
}

static const mf_formula *unfold(unfolding *u, const mf_formula *f) {
    if (f->kind == MF_PREDICATE) return f->let && u->lets[f->let] ? replace(u, u->lets[f->let], f) : f;
    if (mf_is_comparison(f)) return f;
    mf_formula with = *f;
    if (f->regex && !(with.regex = unfold_regex(u, f->regex))) return NULL;
    if (f->a && !(with.a = unfold(u, f->a))) return NULL;
    if (f->kind == MF_LET && (u->how == MF_UNFOLD_FULL || uses_of(f->b, f->let) <= 1)) {
        if (!(u->lets[f->let] = keep(u, with))) return NULL;
        return unfold(u, f->b);
    }
    if (f->b && !(with.b = unfold(u, f->b))) return NULL;
    return keep(u, with);
}

const mf_formula *mf_unfold_lets(mf_program *p, const mf_formula *f, mf_unfold how) {
    if (how == MF_UNFOLD_NO || p->let_count == 0) return f;
    unfolding u = {.p = p, .how = how};
    u.lets = room(&u, p->let_count, sizeof *u.lets);
    const mf_formula *unfolded = u.lets ? unfold(&u, f) : NULL;
    if (u.no_memory) return NULL;
    return unfolded ? unfolded : f;
}

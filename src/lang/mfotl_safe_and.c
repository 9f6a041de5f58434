/* mfotl_safe_and.c: conjunctions: which parts give rows, which only filter those of the others.
 *
 * A conjunction is a set of parts. Those that are safe by themselves give rows; the variables of these are
 * known. A part that needs variables to be known is taken once they are, and may make more known (x = t,
 * the groups of MATCHES). What is left then is rewritten with a guard of parts already taken (mf_push). */
#include "lang/mfotl_lower.h"

static const char why_compare[] =
    "Beside a formula f, all variables of a comparison must be free in f, except x "
    "in x = t or t = x where those of t are free in f, and groups of MATCHES.";
static const char why_not[] = "In f AND NOT g, the free variables of g must be free in f.";

typedef struct conjunct {
    const mf_formula *item, *done; /* done: its safe form, once taken */
} conjunct;

typedef struct conjunction {
    mf_safety *s;
    conjunct *items;
    uint32_t count, room;
    const mf_formula *all;  /* those taken, in order */
    const mf_formula *rows; /* of these, the ones that give rows */
} conjunction;

static bool add(conjunction *c, const mf_formula *f) {
    if (f->kind == MF_AND) return add(c, f->a) && add(c, f->b);
    if (f->kind == MF_NOT && f->a->kind == MF_OR) {
        const mf_formula *both = mf_negate(c->s->program, f->a);
        return both && add(c, both);
    }
    if (c->count == c->room) {
        uint32_t room = c->room ? 2 * c->room : 8;
        conjunct *items = kd_arena_array(c->s->program->arena, room, sizeof *items);
        if (!items) return false;
        for (uint32_t i = 0; i < c->count; i++) items[i] = c->items[i];
        c->items = items;
        c->room = room;
    }
    c->items[c->count++] = (conjunct){f, NULL};
    return true;
}

static const mf_formula *joined(conjunction *c, const mf_formula *a, const mf_formula *b) {
    if (!a) return b;
    const mf_formula *f = mf_make2(c->s->program, MF_AND, a, b);
    if (!f) c->s->no_memory = true;
    return f;
}

static void take(conjunction *c, conjunct *k, const mf_formula *done, bool rows) {
    k->done = done;
    c->all = joined(c, c->all, done);
    if (rows) c->rows = joined(c, c->rows, done);
}

static bool known(const conjunction *c, const mf_formula *f) {
    return f->free_count == 0 || (c->all && mf_covers(c->all, f));
}

static bool term_known(const conjunction *c, const mf_term *t) {
    if (!t) return true;
    if (t->kind == MF_VAR) return c->all && mf_is_free(c->all, t->var);
    return term_known(c, t->a) && term_known(c, t->b);
}

/* ---- Parts that need others -----------------------------------------------------------------------------*/

static const mf_formula *place_equal(conjunction *c, const mf_formula *f) {
    if (known(c, f)) return f;
    if (f->t1->kind == MF_VAR && term_known(c, f->t2)) return f;
    if (f->t2->kind == MF_VAR && term_known(c, f->t1)) return f;
    mf_var missing = 0;
    unsigned count = 0;
    for (uint32_t i = 0; i < f->free_count; i++)
        if (!c->all || !mf_is_free(c->all, f->free[i])) {
            missing = f->free[i];
            count++;
        }
    return count == 1 ? mf_solve(c->s->program, f, missing) : NULL;
}

static const mf_formula *place_matches(conjunction *c, const mf_formula *f) {
    if (!term_known(c, f->t1) || !term_known(c, f->t2)) return NULL;
    for (uint32_t i = 0; i < f->arg_count; i++)
        if (f->args[i] && f->args[i]->kind != MF_VAR && !term_known(c, f->args[i])) return NULL;
    return f;
}

/* TRIGGER away from the present: a filter, when its sides can be had. */
static const mf_formula *place_trigger(conjunction *c, const mf_formula *f) {
    mf_safety *s = c->s;
    if (f->within.low == 0 || !known(c, f) || !mf_covers(f->b, f->a)) return NULL;
    const mf_formula *b = mf_try(s, f->b), *a = b ? mf_safe_side(s, f->a) : NULL;
    if (!a) return NULL;
    const mf_formula *made = mf_time(s->program, MF_TRIGGER, f->within, a, b);
    if (!made) s->no_memory = true;
    return made;
}

static const mf_formula *negated(conjunction *c, const mf_formula *h) {
    const mf_formula *f = h ? mf_make1(c->s->program, MF_NOT, h) : NULL;
    if (h && !f) c->s->no_memory = true;
    return f;
}

/* The same the other way round: NOT of its negation, which is a filter when that is safe. */
static const mf_formula *place_dual(conjunction *c, const mf_formula *f) {
    const mf_formula *h = mf_negate(c->s->program, f);
    if (!h) {
        c->s->no_memory = true;
        return NULL;
    }
    const mf_formula *safe = mf_try(c->s, h);
    if (!safe && h->kind == MF_TRIGGER) safe = place_trigger(c, h);
    return negated(c, safe);
}

static const mf_formula *place_not(conjunction *c, const mf_formula *f) {
    if (!known(c, f)) return NULL;
    const mf_formula *h = f->a;
    if (mf_is_comparison(h)) return f;
    const mf_formula *safe = mf_try(c->s, h);
    if (!safe && h->kind == MF_TRIGGER) safe = place_trigger(c, h);
    if (safe) return safe == h ? f : negated(c, safe);
    if (h->kind != MF_ONCE && h->kind != MF_SINCE) return NULL;
    const mf_formula *other = mf_negate(c->s->program, h);
    if (!other) c->s->no_memory = true;
    return other ? place_trigger(c, other) : NULL;
}

/* A SINCE whose left side has variables that its right side lacks, the present included. */
static const mf_formula *place_since(conjunction *c, const mf_formula *f) {
    mf_safety *s = c->s;
    if (f->within.low != 0 || mf_covers(f->b, f->a)) return NULL;
    const mf_formula *b = mf_try(s, f->b), *a = b ? mf_try(s, f->a) : NULL;
    if (!a) return NULL;
    const mf_formula *made = mf_time(s->program, MF_SINCE, f->within, a, b);
    if (!made) s->no_memory = true;
    return made;
}

static const mf_formula *place(conjunction *c, const mf_formula *f) {
    switch (f->kind) {
    case MF_EQUAL:
        return place_equal(c, f);
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
        return known(c, f) ? f : NULL;
    case MF_MATCHES:
        return place_matches(c, f);
    case MF_NOT:
        return place_not(c, f);
    default:
        break;
    }
    if (!known(c, f)) return NULL;
    const mf_formula *done = NULL;
    if (f->kind == MF_TRIGGER) done = place_trigger(c, f);
    if (f->kind == MF_SINCE) done = place_since(c, f);
    bool past_or_dual =
        f->kind == MF_TRIGGER || f->kind == MF_RELEASE || f->kind == MF_SINCE || f->kind == MF_ONCE;
    return done || !past_or_dual ? done : place_dual(c, f);
}

/* ---- Guards ---------------------------------------------------------------------------------------------*/

/* What is known of the variables of f: parts that give rows, each of which adds one, without the variables
 * that f does not have. */
static const mf_formula *guard_for(conjunction *c, const mf_formula *f) {
    const mf_formula *guard = NULL;
    for (uint32_t i = 0; i < c->count; i++) {
        const mf_formula *g = c->items[i].done;
        if (!g || !c->rows || !mf_covers(c->rows, g) || !mf_try(c->s, g)) continue;
        bool adds = false;
        for (uint32_t k = 0; k < g->free_count; k++)
            adds |= mf_is_free(f, g->free[k]) && !(guard && mf_is_free(guard, g->free[k]));
        if (adds) guard = joined(c, guard, g);
    }
    bool enough = guard != NULL;
    for (uint32_t k = 0; k < f->free_count && enough; k++)
        enough = !mf_is_free(c->all, f->free[k]) || mf_is_free(guard, f->free[k]);
    if (!enough) guard = c->all;
    if (!guard) return NULL;
    mf_program *p = c->s->program;
    mf_var *extra = guard->free_count ? kd_arena_array(p->arena, guard->free_count, sizeof *extra) : NULL;
    uint32_t n = 0;
    for (uint32_t k = 0; k < guard->free_count && extra; k++)
        if (!mf_is_free(f, guard->free[k])) extra[n++] = guard->free[k];
    const mf_formula *narrow = extra || !guard->free_count ? mf_bind_vars(p, f, extra, n, guard) : NULL;
    if (!narrow) c->s->no_memory = true;
    return narrow ? mf_try(c->s, narrow) : NULL;
}

static bool push_one(conjunction *c) {
    if (c->s->as_it_is || !c->all) return false;
    for (uint32_t i = 0; i < c->count; i++) {
        conjunct *k = &c->items[i];
        if (k->done || mf_is_comparison(k->item)) continue;
        if (k->item->kind == MF_NOT && mf_is_comparison(k->item->a)) continue;
        const mf_formula *guard = guard_for(c, k->item);
        const mf_formula *pushed = guard ? mf_push(c->s, guard, k->item) : NULL;
        if (!pushed) continue;
        bool filter = pushed->kind == MF_NOT && pushed->free_count > 0;
        if (filter && !known(c, pushed)) continue;
        take(c, k, pushed, !filter);
        return true;
    }
    return false;
}

/* ---- All together ---------------------------------------------------------------------------------------*/

static void take_rows(conjunction *c) {
    for (uint32_t i = 0; i < c->count; i++) {
        const mf_formula *f = c->items[i].item;
        if (f->kind == MF_NOT && f->a->free_count && (mf_is_comparison(f->a) || mf_try(c->s, f->a))) continue;
        const mf_formula *safe = mf_try(c->s, f);
        if (safe) take(c, &c->items[i], safe, true);
    }
}

static bool take_others(conjunction *c) {
    bool any = false, more = true;
    while (more && !c->s->no_memory) {
        more = false;
        for (uint32_t i = 0; i < c->count; i++) {
            conjunct *k = &c->items[i];
            const mf_formula *done = k->done ? NULL : place(c, k->item);
            if (!done) continue;
            take(c, k, done, false);
            more = any = true;
        }
    }
    return any;
}

/* NOT h with h safe that found nothing to filter: it may give rows itself, with the NOT further in. */
static bool take_negations(conjunction *c) {
    bool any = false;
    for (uint32_t i = 0; i < c->count; i++) {
        conjunct *k = &c->items[i];
        const mf_formula *safe = k->done || k->item->kind != MF_NOT ? NULL : mf_try(c->s, k->item);
        if (!safe) continue;
        take(c, k, safe, true);
        any = true;
    }
    return any;
}

static const mf_formula *refuse_first(conjunction *c, const mf_formula *f) {
    for (uint32_t i = 0; i < c->count; i++) {
        const mf_formula *k = c->items[i].item;
        if (c->items[i].done) continue;
        if (mf_is_comparison(k) || (k->kind == MF_NOT && mf_is_comparison(k->a)))
            return mf_refuse(c->s, f, why_compare);
        if (k->kind == MF_NOT && mf_try(c->s, k->a)) return mf_refuse(c->s, f, why_not);
        return mf_safe(c->s, k->kind == MF_NOT ? k->a : k);
    }
    return NULL;
}

const mf_formula *mf_safe_and(mf_safety *s, const mf_formula *f) {
    conjunction c = {.s = s};
    if (!add(&c, f)) {
        s->no_memory = true;
        return NULL;
    }
    take_rows(&c);
    while (!s->no_memory && (take_others(&c) || take_negations(&c) || push_one(&c))) {
    }
    if (s->no_memory) return NULL;
    for (uint32_t i = 0; i < c.count; i++)
        if (!c.items[i].done) return refuse_first(&c, f);
    return c.all;
}

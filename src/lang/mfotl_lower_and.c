/* mfotl_lower_and.c: conjunctions: rows first, each joined on what is known, and filters as soon as they
 * can be.
 *
 *      pulse ─▶ filters ─▶ join level ─▶ filters ─▶ join ... ─▶ anti-joins ─▶
 *
 * A pulse comes first, so that levels are probed and not kept twice; then what shares variables with what
 * is there, and first of all what is there by all its variables, which is a filter. What looks ahead comes
 * last: until it is known only the rows that are left then have to wait, and no level is carried along with
 * them. */
#include "lang/mfotl_lower.h"

typedef enum part_kind {
    ROWS,
    POINT,   /* tp, ts, tpts */
    TEST,    /* a comparison, or NOT of one */
    ABSENCE, /* NOT h */
    FILTER   /* TRIGGER away from the present, NOT of one, SINCE with a wider left side */
} part_kind;

typedef struct part {
    const mf_formula *f;
    part_kind kind;
    mf_rel rel; /* of ROWS and ABSENCE */
    bool ahead; /* these are known later */
    bool done;
} part;

typedef struct conjunction {
    mf_lowering *l;
    part *parts;
    uint32_t count;
    mf_rel rel; /* node 0 until there is something */
} conjunction;

/* ---- Which part is what ---------------------------------------------------------------------------------*/

static bool is_filter(const mf_formula *f) {
    if (f->kind == MF_TRIGGER) return f->within.low > 0;
    return f->kind == MF_SINCE && f->within.low == 0 && !mf_covers(f->b, f->a);
}

static part_kind kind_of(const mf_formula *f) {
    if (mf_is_comparison(f)) return TEST;
    if (f->kind == MF_NOT) return mf_is_comparison(f->a) ? TEST : is_filter(f->a) ? FILTER : ABSENCE;
    if (f->kind == MF_PREDICATE && f->builtin != MF_NO_BUILTIN) return POINT;
    return is_filter(f) ? FILTER : ROWS;
}

static uint32_t count_parts(const mf_formula *f) {
    uint32_t n = 1;
    for (; f->kind == MF_AND; f = f->a) n += count_parts(f->b);
    return n;
}

static uint32_t put_parts(part *to, const mf_formula *f) {
    uint32_t n = 0;
    if (f->kind == MF_AND) {
        n = put_parts(to, f->a);
        return n + put_parts(to + n, f->b);
    }
    to[0] = (part){.f = f, .kind = kind_of(f)};
    return 1;
}

/* Rows are asked for what is needed above and by the other parts. */
static bool lower_parts(conjunction *c, mf_vars need) {
    mf_lowering *l = c->l;
    for (uint32_t i = 0; i < c->count; i++) {
        part *p = &c->parts[i];
        if (p->kind == ABSENCE) {
            p->rel = mf_lower_formula(l, p->f->a, mf_vars_of(p->f->a));
        } else if (p->kind == ROWS) {
            mf_vars wanted = mf_vars_needed(l, p->f, need);
            for (uint32_t k = 0; k < c->count; k++)
                if (k != i)
                    wanted = mf_vars_plus(l, wanted, mf_vars_needed(l, p->f, mf_vars_of(c->parts[k].f)));
            p->rel = mf_lower_formula(l, p->f, wanted);
        }
        if (mf_lower_failed(l)) return false;
        p->ahead = p->rel.node && kd_plan_looks_ahead(l->plan, p->rel.node);
    }
    return true;
}

/* ---- What can be applied --------------------------------------------------------------------------------*/

static bool has_all(const mf_rel *r, const mf_formula *f) {
    for (uint32_t i = 0; i < f->free_count; i++)
        if (mf_rel_column(r, f->free[i]) < 0) return false;
    return true;
}

static bool has_term(const mf_rel *r, const mf_term *t) {
    if (!t) return true;
    if (t->kind == MF_VAR) return mf_rel_column(r, t->var) >= 0;
    return has_term(r, t->a) && has_term(r, t->b);
}

static bool is_new(const mf_rel *r, const mf_term *t) {
    return t->kind == MF_VAR && mf_rel_column(r, t->var) < 0;
}

static mf_rel assign(mf_lowering *l, mf_rel r, mf_var v, const mf_term *t) {
    const uint32_t *column_of = mf_rel_columns(l, &r);
    kd_expr e = mf_lower_term(l->p, l->plan, l->functions, t, column_of);
    mf_rel_forget(l, &r);
    return mf_rel_with(l, r, e, v);
}

static bool can_match(const mf_rel *r, const mf_formula *f) {
    if (!has_term(r, f->t1) || !has_term(r, f->t2)) return false;
    for (uint32_t i = 0; i < f->arg_count; i++)
        if (f->args[i] && f->args[i]->kind != MF_VAR && !has_term(r, f->args[i])) return false;
    return true;
}

static bool apply_test(conjunction *c, const mf_formula *f) {
    bool negated = f->kind == MF_NOT;
    const mf_formula *atom = negated ? f->a : f;
    if (has_all(&c->rel, atom)) {
        c->rel = mf_filter_comparison(c->l, c->rel, atom, negated);
    } else if (!negated && atom->kind == MF_EQUAL && is_new(&c->rel, atom->t1) &&
               has_term(&c->rel, atom->t2)) {
        c->rel = assign(c->l, c->rel, atom->t1->var, atom->t2);
    } else if (!negated && atom->kind == MF_EQUAL && is_new(&c->rel, atom->t2) &&
               has_term(&c->rel, atom->t1)) {
        c->rel = assign(c->l, c->rel, atom->t2->var, atom->t1);
    } else if (!negated && atom->kind == MF_MATCHES && can_match(&c->rel, atom)) {
        c->rel = mf_filter_comparison(c->l, c->rel, atom, false);
    } else {
        return false;
    }
    return true;
}

static bool apply_filter(conjunction *c, const mf_formula *f) {
    const mf_formula *h = f->kind == MF_NOT ? f->a : f;
    if (!has_all(&c->rel, h)) return false;
    mf_rel kept =
        h->kind == MF_TRIGGER ? mf_filter_trigger(c->l, c->rel, h) : mf_filter_since(c->l, c->rel, h);
    if (f->kind == MF_NOT) {
        mf_vars all = mf_rel_named(c->l, &kept);
        c->rel = mf_rel_antijoin(c->l, mf_rel_pulse(c->l, c->rel), mf_rel_tidy(c->l, kept, all));
    } else {
        c->rel = kept;
    }
    return true;
}

static bool apply(conjunction *c, part *p) {
    switch (p->kind) {
    case TEST:
        return apply_test(c, p->f);
    case POINT:
        c->rel = mf_rel_at_point(c->l, c->rel, p->f);
        return true;
    case ABSENCE:
        if (!has_all(&c->rel, p->f)) return false;
        c->rel = mf_rel_antijoin(c->l, c->rel, p->rel);
        return true;
    case FILTER:
        return apply_filter(c, p->f);
    default:
        return false;
    }
}

static bool has_rows_at_hand(const conjunction *c) {
    for (uint32_t i = 0; i < c->count; i++) {
        const part *p = &c->parts[i];
        if (!p->done && !p->ahead && (p->kind == ROWS || p->kind == POINT)) return true;
    }
    return false;
}

/* Filters that cost least first: a kind is tried only when nothing before it can be done. Those that look
 * ahead wait for all rows that do not. */
static bool apply_some(conjunction *c) {
    static const part_kind order[] = {TEST, ABSENCE, FILTER};
    for (unsigned k = 0; k < sizeof order / sizeof *order; k++)
        for (uint32_t i = 0; i < c->count; i++) {
            part *p = &c->parts[i];
            if (p->done || p->kind != order[k]) continue;
            if ((p->ahead && has_rows_at_hand(c)) || !apply(c, p)) continue;
            p->done = true;
            return true;
        }
    return false;
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

/* How well a part goes on from what is there; below 0: not at all. */
static int worth(const conjunction *c, const part *p) {
    if (p->done || (p->kind != ROWS && p->kind != POINT)) return -1;
    if (p->kind == POINT) return c->rel.node ? 13 : 9; /* a column more, or all time points */
    int score = p->rel.kind == KD_LEVEL ? 0 : c->rel.node ? 2 : 16;
    kd_on on[KD_WIDTH_MAX];
    unsigned shared = c->rel.node ? mf_rel_shared(&c->rel, &p->rel, on) : 0;
    if (shared) score += shared == p->rel.width ? 5 : 4;
    if (!p->ahead) score += 8;
    return score;
}

/* Tests of one part's own columns, before the join. */
static mf_rel filtered(conjunction *c, mf_rel r) {
    for (uint32_t i = 0; i < c->count && r.node; i++) {
        part *p = &c->parts[i];
        const mf_formula *atom = p->f->kind == MF_NOT ? p->f->a : p->f;
        if (p->done || p->kind != TEST || atom->kind == MF_MATCHES || !has_all(&r, atom)) continue;
        r = mf_filter_comparison(c->l, r, atom, p->f->kind == MF_NOT);
        p->done = true;
    }
    return r;
}

/* Without the columns that only say again what others say: a join leaves them out as it makes its rows, and
 * whoever keeps rows keeps less. */
static mf_rel lean(mf_lowering *l, mf_rel r) {
    unsigned again = 0;
    for (unsigned i = 0; i < r.width; i++) again += r.at[i] == MF_SAME;
    if (r.node == 0 || !again) return r;
    kd_expr columns[KD_WIDTH_MAX];
    mf_rel to = r;
    to.width = 0;
    for (unsigned i = 0; i < r.width; i++) {
        if (r.at[i] == MF_SAME) continue;
        columns[to.width] = kd_plan_column(l->plan, i);
        to.at[to.width++] = r.at[i];
    }
    to.node = kd_plan_map(l->plan, r.node, columns, to.width);
    return to;
}

static bool join_next(conjunction *c) {
    part *best = NULL;
    int most = -1;
    for (uint32_t i = 0; i < c->count; i++) {
        int score = worth(c, &c->parts[i]);
        if (score <= most) continue;
        most = score;
        best = &c->parts[i];
    }
    if (!best) return false;
    best->done = true;
    if (best->kind == POINT) {
        c->rel = mf_rel_at_point(c->l, c->rel.node ? c->rel : mf_rel_tick(c->l), best->f);
    } else {
        mf_rel r = best->rel.kind == KD_PULSE || !c->rel.node ? filtered(c, best->rel) : best->rel;
        c->rel = c->rel.node ? lean(c->l, mf_rel_join(c->l, c->rel, r)) : r;
    }
    return true;
}

/* Would the part narrow what is known joined with one more level? Then joins go one by one. */
static bool narrows(const conjunction *c, const part *p, const mf_rel *level) {
    uint32_t missing = 0;
    if (p->done || p->kind == ROWS || p->kind == POINT) return false;
    for (uint32_t i = 0; i < p->f->free_count; i++) {
        mf_var v = p->f->free[i];
        missing += mf_rel_column(&c->rel, v) < 0 && mf_rel_column(level, v) < 0;
    }
    return missing <= (p->f->kind == MF_EQUAL); /* x = t binds x */
}

/* Is it answered when the inputs are, so that a pulse that is can be joined with it at once? */
static bool is_prompt(const conjunction *c, const mf_rel *r) {
    return !kd_plan_looks_ahead(c->l->plan, r->node);
}

/* Levels that are known as soon as a pulse is, all in one join. */
static bool join_many(conjunction *c) {
    const mf_rel *levels[KD_SIDES_MAX];
    part *taken[KD_SIDES_MAX];
    unsigned n = 0;
    bool known = c->rel.node != 0;
    if (known && (c->rel.kind == KD_LEVEL || !is_prompt(c, &c->rel))) return false;
    for (uint32_t i = 0; i < c->count; i++) {
        part *p = &c->parts[i];
        if (p->done || (p->kind != ROWS && p->kind != POINT)) continue;
        if (p->kind == POINT || p->rel.kind == KD_PULSE) return false; /* these come first */
        if (!mf_can_join_many(&p->rel) || (known && !is_prompt(c, &p->rel))) continue;
        if (n == KD_SIDES_MAX) return false;
        for (uint32_t k = 0; k < c->count; k++)
            if (narrows(c, &c->parts[k], &p->rel)) return false;
        taken[n] = p;
        levels[n++] = &p->rel;
    }
    mf_rel r = n ? mf_rel_join_many(c->l, known ? &c->rel : NULL, levels, n) : mf_rel_failed();
    if (r.node == 0) return false;
    c->rel = r;
    for (unsigned i = 0; i < n; i++) taken[i]->done = true;
    return true;
}

/* NOT (x = x) with an x that nothing else has: no rows. */
static bool join_never(conjunction *c) {
    for (uint32_t i = 0; i < c->count; i++) {
        part *p = &c->parts[i];
        if (p->done || !mf_is_never(p->f)) continue;
        c->rel = mf_rel_join(c->l, c->rel, mf_lower_formula(c->l, p->f, mf_vars_of(p->f)));
        p->done = true;
        return true;
    }
    return false;
}

static bool has_rows(const conjunction *c) {
    for (uint32_t i = 0; i < c->count; i++)
        if (c->parts[i].kind == ROWS || c->parts[i].kind == POINT) return true;
    return false;
}

mf_rel mf_lower_and(mf_lowering *l, const mf_formula *f, mf_vars need) {
    conjunction c = {.l = l};
    c.parts = kd_arena_array(&l->scratch, count_parts(f), sizeof *c.parts);
    if (!c.parts) return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    c.count = put_parts(c.parts, f);
    if (!lower_parts(&c, need)) return mf_rel_failed();
    if (!has_rows(&c)) c.rel = mf_rel_constant(l, true);
    while (!mf_lower_failed(l) &&
           ((c.rel.node && apply_some(&c)) || join_many(&c) || join_next(&c) || join_never(&c))) {
    }
    for (uint32_t i = 0; i < c.count; i++)
        if (!c.parts[i].done && !mf_lower_failed(l))
            return mf_lower_fail(l, KD_INVALID, c.parts[i].f, "fragment",
                                 "a part of a conjunction that nothing binds");
    return c.rel;
}

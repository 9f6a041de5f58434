/* naive_mfotl_core.c: from the formula as written to its core form: each variable a number of its own,
 * derived connectives by their definitions, NOT inward through AND and OR, types of variables. */
#include "naive_mfotl.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct binding {
    kd_str name;
    unsigned var;
    struct binding *up;
} binding;

typedef struct definition {
    const nm_formula *let;
    struct definition *up;
} definition;

/* Where names are looked up: first what quantifiers bound, then what is free in the formula, in the
 * definition or in the body of the aggregation around. */
typedef struct scope {
    binding *bound, **open;
    definition *defs;
} scope;

typedef struct maker {
    nm_world *w;
    nm_core *core;
    bool failed;
} maker;

static void *take(maker *m, size_t count, size_t bytes) {
    void *p = kd_arena_array(m->w->arena, count, bytes);
    if (!p) abort();
    return p;
}

static void fail(maker *m, const char *what, kd_str name) {
    if (!m->failed) snprintf(m->w->complaint, sizeof m->w->complaint, "%s '%.*s'", what, KD_STR_ARGS(name));
    m->failed = true;
}

/* ---- Names --------------------------------------------------------------------------------------------*/

static void bind(maker *m, binding **list, kd_str name) {
    binding *b = take(m, 1, sizeof *b);
    *b = (binding){name, m->core->variables, *list};
    if (++m->core->variables > NM_VARIABLES_MAX) {
        fail(m, "too many variables at", name);
        m->core->variables--;
    }
    *list = b;
}

static unsigned look_up(maker *m, const scope *s, kd_str name) {
    for (const binding *b = s->bound; b; b = b->up)
        if (kd_str_equal(b->name, name)) return b->var;
    for (const binding *b = *s->open; b; b = b->up)
        if (kd_str_equal(b->name, name)) return b->var;
    bind(m, s->open, name);
    return (*s->open)->var;
}

/* ---- Sets of variables --------------------------------------------------------------------------------*/

static void set_add(nm_set *s, unsigned v) {
    s->words[v / 64] |= UINT64_C(1) << v % 64;
}
static void set_drop(nm_set *s, unsigned v) {
    s->words[v / 64] &= ~(UINT64_C(1) << v % 64);
}
static bool set_has(const nm_set *s, unsigned v) {
    return s->words[v / 64] >> v % 64 & 1;
}

static void set_join(nm_set *s, const nm_formula *f) {
    for (unsigned k = 0; f && k < NM_VARIABLES_MAX / 64; k++) s->words[k] |= f->free.words[k];
}

static void set_term(nm_set *s, const nm_term *t) {
    if (!t) return;
    if (t->op == NM_VARIABLE) set_add(s, t->var);
    set_term(s, t->a);
    set_term(s, t->b);
}

/* Free variables of a node whose parts are finished. */
static nm_formula *finish(maker *m, nm_formula *f) {
    if (!f) return NULL;
    f->free = (nm_set){{0}};
    switch (f->op) {
    case NM_AGGREGATE:
        set_add(&f->free, f->result);
        for (unsigned i = 0; i < f->name_count; i++) set_add(&f->free, f->vars[i]);
        break;
    case NM_LET:
    case NM_LETPAST:
        set_join(&f->free, f->b);
        break;
    default:
        set_join(&f->free, f->a);
        set_join(&f->free, f->b);
        for (unsigned i = 0; i < f->count; i++) set_term(&f->free, f->args[i]);
        for (unsigned i = 0; f->op == NM_EXISTS && i < f->name_count; i++) set_drop(&f->free, f->vars[i]);
    }
    f->fv = take(m, NM_COLUMNS_MAX, sizeof *f->fv);
    f->fv_count = 0;
    for (unsigned v = 0; v < m->core->variables; v++)
        if (set_has(&f->free, v) && f->fv_count < NM_COLUMNS_MAX) f->fv[f->fv_count++] = v;
    f->id = m->core->nodes++;
    return f;
}

static nm_formula *node(maker *m, nm_op op, nm_formula *a, nm_formula *b) {
    nm_formula *f = take(m, 1, sizeof *f);
    f->op = op;
    f->a = a;
    f->b = b;
    return m->failed ? NULL : finish(m, f);
}

/* NOT f, with the NOT pushed through NOT, AND, OR and LET. */
static nm_formula *opposite(maker *m, nm_formula *f) {
    if (!f) return NULL;
    switch (f->op) {
    case NM_TRUE:
        return node(m, NM_FALSE, NULL, NULL);
    case NM_FALSE:
        return node(m, NM_TRUE, NULL, NULL);
    case NM_NOT:
        return f->a;
    case NM_AND:
        return node(m, NM_OR, opposite(m, f->a), opposite(m, f->b));
    case NM_OR:
        return node(m, NM_AND, opposite(m, f->a), opposite(m, f->b));
    case NM_LET:
    case NM_LETPAST: {
        nm_formula *g = take(m, 1, sizeof *g);
        *g = *f;
        g->b = opposite(m, f->b);
        return finish(m, g);
    }
    default:
        return node(m, NM_NOT, f, NULL);
    }
}

/* ---- Formulas -----------------------------------------------------------------------------------------*/

static nm_formula *make(maker *m, const nm_formula *f, scope s);

static nm_term *make_term(maker *m, const nm_term *t, const scope *s) {
    if (!t) return NULL;
    nm_term *c = take(m, 1, sizeof *c);
    *c = *t;
    if (t->op == NM_VARIABLE) c->var = look_up(m, s, t->name);
    c->a = make_term(m, t->a, s);
    c->b = make_term(m, t->b, s);
    return c;
}

static bool known(maker *m, nm_formula *c, const scope *s) {
    for (const definition *d = s->defs; d; d = d->up)
        if (kd_str_equal(d->let->name, c->name) && d->let->name_count == c->count) {
            c->def = d->let;
            return true;
        }
    for (unsigned k = 0; k < m->w->pred_count; k++)
        if (kd_str_equal(m->w->preds[k].name, c->name) && m->w->preds[k].arity == c->count) return true;
    return false;
}

/* An argument `_x` is bound right here. */
static nm_formula *make_predicate(maker *m, const nm_formula *f, nm_formula *c, scope s) {
    nm_formula *q = take(m, 1, sizeof *q);
    q->op = NM_EXISTS;
    q->vars = take(m, f->count + 1, sizeof *q->vars);
    c->args = take(m, f->count + 1, sizeof(nm_term *));
    for (unsigned i = 0; i < f->count; i++) {
        const nm_term *t = f->args[i];
        if (t->op == NM_VARIABLE && t->name.p[0] == '_') {
            bool again = false;
            for (const binding *b = s.bound; b && !again; b = b->up)
                for (unsigned k = 0; k < q->name_count; k++)
                    again = again || (b->var == q->vars[k] && kd_str_equal(b->name, t->name));
            if (!again) {
                bind(m, &s.bound, t->name);
                q->vars[q->name_count++] = s.bound->var;
            }
        }
        c->args[i] = make_term(m, t, &s);
    }
    if (!known(m, c, &s)) fail(m, "unknown predicate", f->name);
    q->a = m->failed ? NULL : finish(m, c);
    return m->failed ? NULL : q->name_count ? finish(m, q) : q->a;
}

static nm_formula *make_aggregate(maker *m, const nm_formula *f, nm_formula *c, scope s) {
    binding *inside = NULL;
    c->vars = take(m, f->name_count + 1, sizeof *c->vars);
    c->result = look_up(m, &s, f->name);
    for (unsigned i = 0; i < f->name_count; i++) {
        c->vars[i] = look_up(m, &s, f->names[i]);
        binding *b = take(m, 1, sizeof *b);
        *b = (binding){f->names[i], c->vars[i], inside};
        inside = b;
    }
    scope body = {NULL, &inside, s.defs};
    c->over_var = look_up(m, &body, f->over);
    c->a = make(m, f->a, body);
    if (!m->failed && !set_has(&c->a->free, c->over_var))
        fail(m, "aggregation over a variable that is not there:", f->over);
    for (unsigned i = 0; !m->failed && i < f->name_count; i++)
        if (!set_has(&c->a->free, c->vars[i]))
            fail(m, "aggregation by a variable that is not there:", f->names[i]);
    return m->failed ? NULL : finish(m, c);
}

static nm_formula *make_let(maker *m, const nm_formula *f, nm_formula *c, scope s) {
    binding *inside = NULL;
    c->vars = take(m, f->name_count + 1, sizeof *c->vars);
    for (unsigned i = 0; i < f->name_count; i++) {
        bind(m, &inside, f->names[i]);
        c->vars[i] = inside->var;
    }
    definition here = {c, s.defs};
    const binding *parameters = inside;
    c->a = make(m, f->a, (scope){NULL, &inside, f->op == NM_LETPAST ? &here : s.defs});
    if (inside != parameters) fail(m, "variable that is no parameter:", inside->name);
    s.defs = &here;
    c->b = make(m, f->b, s);
    return m->failed ? NULL : finish(m, c);
}

static nm_formula *make_quantifier(maker *m, const nm_formula *f, nm_formula *c, scope s) {
    c->op = NM_EXISTS;
    c->vars = take(m, f->name_count + 1, sizeof *c->vars);
    for (unsigned i = 0; i < f->name_count; i++) {
        bind(m, &s.bound, f->names[i]);
        c->vars[i] = s.bound->var;
    }
    c->a = make(m, f->a, s);
    if (f->op == NM_FORALL) /* FORALL x. f is NOT EXISTS x. NOT f */
        c->a = opposite(m, c->a);
    if (m->failed) return NULL;
    finish(m, c);
    return f->op == NM_FORALL ? opposite(m, c) : c;
}

static nm_formula *make(maker *m, const nm_formula *f, scope s) {
    if (!f || m->failed) return NULL;
    nm_formula *c = take(m, 1, sizeof *c);
    *c = *f;
    switch (f->op) {
    case NM_PRED:
        return make_predicate(m, f, c, s);
    case NM_AGGREGATE:
        return make_aggregate(m, f, c, s);
    case NM_LET:
    case NM_LETPAST:
        return make_let(m, f, c, s);
    case NM_EXISTS:
    case NM_FORALL:
        return make_quantifier(m, f, c, s);
    default:
        break;
    }
    c->args = take(m, f->count + 1, sizeof(nm_term *));
    for (unsigned i = 0; i < f->count; i++) c->args[i] = make_term(m, f->args[i], &s);
    c->a = make(m, f->a, s);
    c->b = make(m, f->b, s);
    if (m->failed) return NULL;
    switch (f->op) {
    case NM_NOT:
        return opposite(m, c->a);
    case NM_IMPLIES:
        return node(m, NM_OR, opposite(m, c->a), c->b);
    case NM_EQUIV:
        return node(m, NM_AND, node(m, NM_OR, opposite(m, c->a), c->b),
                    node(m, NM_OR, c->a, opposite(m, c->b)));
    default:
        return finish(m, c);
    }
}

/* Future: f, then a step. Past: a step, then f. */
static void spell_out(maker *m, nm_formula *f, bool forward) {
    if (!f || f->op < NM_RE_STEP) return;
    if (f->op == NM_RE_PLAIN) {
        nm_formula *test = node(m, NM_RE_TEST, f->a, NULL), *step = node(m, NM_RE_STEP, NULL, NULL);
        f->op = NM_RE_CAT;
        f->a = forward ? test : step;
        f->b = forward ? step : test;
        return;
    }
    spell_out(m, f->a, forward);
    spell_out(m, f->b, forward);
}

static void spell_out_all(maker *m, nm_formula *f) {
    if (!f) return;
    if (f->op == NM_FORWARD || f->op == NM_BACKWARD) spell_out(m, f->a, f->op == NM_FORWARD);
    spell_out_all(m, f->a);
    spell_out_all(m, f->b);
}

/* ---- Types --------------------------------------------------------------------------------------------*/

static nm_type term_type(const nm_core *c, const nm_term *t) {
    switch (t->op) {
    case NM_VARIABLE:
        return c->types[t->var];
    case NM_CONSTANT:
        return t->value.type;
    case NM_ADD:
    case NM_SUB:
    case NM_MUL:
    case NM_DIV:
    case NM_NEG: {
        nm_type a = term_type(c, t->a);
        return a == NM_OPEN && t->b ? term_type(c, t->b) : a;
    }
    case NM_I2F:
    case NM_S2F:
        return NM_FLOAT;
    case NM_I2S:
    case NM_F2S:
    case NM_R2S:
    case NM_DATE:
        return NM_STRING;
    case NM_S2R:
        return NM_REGEXP;
    default:
        return NM_INT;
    }
}

/* Returns whether something new is known. */
static bool learn(nm_core *c, const nm_term *t, nm_type type) {
    if (!t) return false;
    bool fresh = false;
    if (t->op == NM_VARIABLE) {
        fresh = c->types[t->var] == NM_OPEN && type != NM_OPEN;
        if (fresh) c->types[t->var] = type;
        return fresh;
    }
    static const nm_type wants[] = {
        [NM_MOD] = NM_INT,    [NM_F2I] = NM_FLOAT,  [NM_I2F] = NM_INT,     [NM_I2S] = NM_INT,
        [NM_S2I] = NM_STRING, [NM_F2S] = NM_FLOAT,  [NM_S2F] = NM_STRING,  [NM_R2S] = NM_REGEXP,
        [NM_S2R] = NM_STRING, [NM_YEAR] = NM_FLOAT, [NM_MONTH] = NM_FLOAT, [NM_DAY] = NM_FLOAT,
        [NM_DATE] = NM_FLOAT};
    nm_type inner = wants[t->op] != NM_OPEN      ? wants[t->op]
                    : term_type(c, t) != NM_OPEN ? term_type(c, t)
                                                 : type;
    fresh = learn(c, t->a, inner);
    return learn(c, t->b, inner) || fresh;
}

static bool learn_var(nm_core *c, unsigned var, nm_type type) {
    return learn(c, &(nm_term){.op = NM_VARIABLE, .var = var}, type);
}

static bool learn_all(nm_world *w, nm_core *c, const nm_formula *f) {
    if (!f) return false;
    bool fresh = learn_all(w, c, f->a);
    fresh = learn_all(w, c, f->b) || fresh;
    for (unsigned i = 0; f->op == NM_PRED && i < f->count; i++) {
        nm_type type = f->def ? c->types[f->def->vars[i]] : NM_OPEN;
        for (unsigned k = 0; !f->def && k < w->pred_count; k++)
            if (kd_str_equal(w->preds[k].name, f->name) && w->preds[k].arity == f->count)
                type = w->preds[k].types[i];
        fresh = learn(c, f->args[i], type) || fresh;
        if (f->def) fresh = learn_var(c, f->def->vars[i], term_type(c, f->args[i])) || fresh;
    }
    bool same = f->op == NM_EQ || f->op == NM_LT || f->op == NM_LE;
    for (unsigned i = 0; f->op != NM_PRED && i < f->count; i++) {
        nm_type type = same                            ? term_type(c, f->args[1 - i])
                       : f->op == NM_MATCHES && i == 1 ? NM_REGEXP
                                                       : NM_STRING;
        fresh = learn(c, f->args[i], type) || fresh;
    }
    if (f->op == NM_AGGREGATE) {
        bool as_it_is = f->fold == NM_SUM || f->fold == NM_MIN || f->fold == NM_MAX;
        nm_type type = f->fold == NM_CNT ? NM_INT : as_it_is ? c->types[f->over_var] : NM_FLOAT;
        fresh = learn_var(c, f->result, type) || fresh;
        if (as_it_is) fresh = learn_var(c, f->over_var, c->types[f->result]) || fresh;
    }
    return fresh;
}

bool nm_make_core(nm_world *w, const nm_formula *f, bool negate, nm_core *out) {
    *out = (nm_core){0};
    maker m = {w, out, false};
    binding *open = NULL;
    nm_formula *c = make(&m, f, (scope){NULL, &open, NULL});
    if (negate) c = opposite(&m, c);
    if (m.failed || !c) return false;
    spell_out_all(&m, c);
    out->formula = c;
    while (learn_all(w, out, c)) {
    }
    unsigned n = nm_columns(w, f, out->columns);
    scope s = {NULL, &open, NULL};
    for (unsigned i = 0; i < n; i++) {
        unsigned var = look_up(&m, &s, out->columns[i]);
        if (!set_has(&c->free, var)) continue;
        out->columns[out->column_count] = out->columns[i];
        out->column_vars[out->column_count++] = var;
    }
    if (out->column_count != c->fv_count) fail(&m, "a variable stands inside an argument only, in", f->name);
    return !m.failed;
}

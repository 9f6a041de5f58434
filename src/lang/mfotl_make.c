/* mfotl_make.c: nodes of formulas: made once, with their free variables, never changed. */
#include "lang/mfotl.h"

/* ---- Sets of variables -----------------------------------------------------------------------------------
 *
 * p->mark[v] == p->mark_now says that v has been met since `fresh`: unions cost one step a variable. */
static void fresh(mf_program *p) {
    p->mark_now++;
}

/* True when v is met for the first time. */
static bool mark(mf_program *p, mf_var v) {
    if (p->mark[v] == p->mark_now) return false;
    p->mark[v] = p->mark_now;
    return true;
}

/* Collects variables, each once. Without `into` it only counts. */
typedef struct gather {
    mf_program *p;
    mf_var *into;
    uint32_t count;
} gather;

static void meet(gather *g, mf_var v) {
    if (!mark(g->p, v)) return;
    if (g->into) g->into[g->count] = v;
    g->count++;
}

static void meet_all(gather *g, const mf_var *vars, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) meet(g, vars[i]);
}

static void meet_term(gather *g, const mf_term *t) {
    if (!t) return;
    if (t->kind == MF_VAR) meet(g, t->var);
    meet_term(g, t->a);
    meet_term(g, t->b);
}

static void meet_regex(gather *g, const mf_regex *r) {
    if (!r) return;
    if (r->kind == MF_RE_TEST) meet_all(g, r->test->free, r->test->free_count);
    meet_regex(g, r->a);
    meet_regex(g, r->b);
}

/* Plain arguments first: a variable inside a compound argument has no place of its own in the order. */
static void meet_arguments(gather *g, const mf_formula *f) {
    for (uint32_t i = 0; i < f->arg_count; i++)
        if (f->args[i] && (f->kind == MF_MATCHES || f->args[i]->kind == MF_VAR)) meet_term(g, f->args[i]);
    if (f->kind == MF_MATCHES) return;
    for (uint32_t i = 0; i < f->arg_count; i++) meet_term(g, f->args[i]);
}

/* The variables that are bound do not count: they are marked before. */
static void meet_unbound(gather *g, const mf_formula *f) {
    for (uint32_t i = 0; i < f->var_count; i++) mark(g->p, f->vars[i]);
    meet_all(g, f->a->free, f->a->free_count);
}

static void meet_both(gather *g, const mf_formula *first, const mf_formula *then) {
    meet_all(g, first->free, first->free_count);
    meet_all(g, then->free, then->free_count);
}

/* The order of the output's columns: as written, but of the operators with two sides in time the right one
 * first. */
static void meet_formula(gather *g, const mf_formula *f) {
    switch (f->kind) {
    case MF_PREDICATE:
        meet_arguments(g, f);
        break;
    case MF_EQUAL:
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
    case MF_MATCHES:
        meet_term(g, f->t1);
        meet_term(g, f->t2);
        if (f->kind == MF_MATCHES) meet_arguments(g, f);
        break;
    case MF_EXISTS:
    case MF_FORALL:
        meet_unbound(g, f);
        break;
    case MF_AGGREGATE:
        meet(g, f->result);
        meet_all(g, f->vars, f->var_count);
        break;
    case MF_SINCE:
    case MF_UNTIL:
    case MF_TRIGGER:
    case MF_RELEASE:
        meet_both(g, f->b, f->a);
        break;
    case MF_AND:
    case MF_OR:
    case MF_IMPLIES:
    case MF_EQUIV:
        meet_both(g, f->a, f->b);
        break;
    case MF_LET:
    case MF_LETPAST:
        meet_all(g, f->b->free, f->b->free_count);
        break;
    case MF_FORWARD:
    case MF_BACKWARD:
        meet_regex(g, f->regex);
        break;
    default:
        meet_all(g, f->a->free, f->a->free_count);
        break;
    }
}

/* A part whose free variables, when there are `count`, are those of the whole in the same order; or NULL. */
static const mf_formula *same_free(const mf_formula *f, uint32_t count) {
    const mf_formula *part = f->a;
    switch (f->kind) {
    case MF_PREDICATE:
    case MF_EQUAL:
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
    case MF_MATCHES:
    case MF_AGGREGATE:
    case MF_FORWARD:
    case MF_BACKWARD:
        return NULL;
    case MF_SINCE:
    case MF_UNTIL:
    case MF_TRIGGER:
    case MF_RELEASE:
    case MF_LET:
    case MF_LETPAST:
        part = f->b;
        break;
    default:
        break;
    }
    return part->free_count == count ? part : NULL;
}

const mf_formula *mf_make(mf_program *p, mf_formula like) {
    mf_formula *f = kd_arena_take(p->arena, sizeof *f);
    if (!f) return NULL;
    *f = like;
    gather g = {.p = p};
    fresh(p);
    meet_formula(&g, f);
    const mf_formula *part = same_free(f, g.count);
    f->free_count = g.count;
    f->free = NULL;
    if (part) {
        f->free = part->free;
    } else if (g.count) {
        g.into = kd_arena_array(p->arena, g.count, sizeof *g.into);
        if (!g.into) return NULL;
        g.count = 0;
        fresh(p);
        meet_formula(&g, f);
        f->free = g.into;
    }
    return f;
}

const mf_formula *mf_make1(mf_program *p, mf_kind kind, const mf_formula *a) {
    mf_formula f = {.kind = kind, .place = a->place, .a = a, .within = {0, KD_NEVER}};
    return mf_make(p, f);
}

const mf_formula *mf_make2(mf_program *p, mf_kind kind, const mf_formula *a, const mf_formula *b) {
    mf_formula f = {.kind = kind, .place = a->place, .a = a, .b = b, .within = {0, KD_NEVER}};
    return mf_make(p, f);
}

const mf_term *mf_make_term(mf_program *p, mf_term like) {
    mf_term *t = kd_arena_take(p->arena, sizeof *t);
    if (t) *t = like;
    return t;
}

static bool grow_vars(mf_program *p) {
    uint32_t room = p->var_room ? 2 * p->var_room : 16;
    if (room > UINT32_MAX / 4) return false;
    mf_name *vars = kd_arena_array(p->arena, room, sizeof *vars);
    uint64_t *marks = kd_arena_array(p->arena, room, sizeof *marks);
    if (!vars || !marks) return false;
    for (uint32_t i = 0; i < p->var_count; i++) {
        vars[i] = p->vars[i];
        marks[i] = p->mark[i];
    }
    p->vars = vars;
    p->mark = marks;
    p->var_room = room;
    return true;
}

bool mf_new_named_var(mf_program *p, kd_str name, mf_type type, mf_var *out) {
    if (p->var_count == p->var_room && !grow_vars(p)) return false;
    *out = p->var_count++;
    p->vars[*out] = (mf_name){name, type};
    return true;
}

bool mf_new_var(mf_program *p, mf_type type, mf_var *out) {
    const char *name = kd_arena_printf(p->arena, "_%u", (unsigned)(p->made_vars + 1));
    if (!name || !mf_new_named_var(p, kd_str_of(name), type, out)) return false;
    p->made_vars++;
    return true;
}

bool mf_is_free(const mf_formula *f, mf_var v) {
    for (uint32_t i = 0; i < f->free_count; i++)
        if (f->free[i] == v) return true;
    return false;
}

/* Whether `v` is among the first *left variables written in t; counts them down. (By position: one node may
 * stand in several places.) */
static bool stands_before(const mf_term *t, mf_var v, uint32_t *left) {
    if (!t || !*left) return false;
    if (t->kind == MF_VAR) {
        --*left;
        return t->var == v;
    }
    return stands_before(t->a, v, left) || stands_before(t->b, v, left);
}

typedef struct listing {
    const mf_term *root;
    mf_var *out;
    uint32_t room, count, met; /* met: variables passed, also again */
} listing;

static void list_vars(listing *l, const mf_term *t) {
    if (!t) return;
    if (t->kind == MF_VAR) {
        uint32_t left = l->met++;
        if (stands_before(l->root, t->var, &left)) return;
        if (l->count < l->room) l->out[l->count] = t->var;
        l->count++;
        return;
    }
    list_vars(l, t->a);
    list_vars(l, t->b);
}

uint32_t mf_term_vars(const mf_term *t, mf_var *out, uint32_t room) {
    listing l = {.root = t, .out = out, .room = room};
    list_vars(&l, t);
    return l.count;
}

/* mfotl_type.c: types of variables and terms, by unification.
 *
 * Every variable is a cell, and so is every type that is known; what must have one type is united, and a cell
 * knows what is decided of it:
 *
 *      any ── number ──┬── int
 *        │             └── float
 *        ├── string
 *        └── regexp
 *
 * The parameters of a LET are the variables of its definition: a use unites its arguments with them. */
#include "lang/mfotl_front.h"

static const mf_function functions[] = {
    {MF_I2F, "i2f", MF_INT, MF_FLOAT},
    {MF_F2I, "f2i", MF_FLOAT, MF_INT},
    {MF_I2S, "i2s", MF_INT, MF_STRING},
    {MF_S2I, "s2i", MF_STRING, MF_INT},
    {MF_F2S, "f2s", MF_FLOAT, MF_STRING},
    {MF_S2F, "s2f", MF_STRING, MF_FLOAT},
    {MF_R2S, "r2s", MF_REGEXP, MF_STRING},
    {MF_S2R, "s2r", MF_STRING, MF_REGEXP},
    {MF_YEAR, "YEAR", MF_FLOAT, MF_INT},
    {MF_MONTH, "MONTH", MF_FLOAT, MF_INT},
    {MF_DAY_OF_MONTH, "DAY_OF_MONTH", MF_FLOAT, MF_INT},
    {MF_FORMAT_DATE, "FORMAT_DATE", MF_FLOAT, MF_STRING},
};

const mf_function *mf_function_of(mf_term_kind k) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].kind == k) return &functions[i];
    return NULL;
}

const char *mf_type_name(mf_type t) {
    static const char *const names[] = {"any", "num", "int", "float", "string", "regexp"};
    return names[t];
}

/* Cells 0 .. MF_REGEXP are the types themselves, then the variables. */
typedef uint32_t cell;
enum { FIRST_VAR = MF_REGEXP + 1 };

typedef struct typing {
    mf_program *p;
    cell *parent;
    mf_type *type;
    const mf_var **parameters; /* by number of LET */
    kd_error *error;
} typing;

static cell root(typing *g, cell c) {
    while (g->parent[c] != c) {
        g->parent[c] = g->parent[g->parent[c]];
        c = g->parent[c];
    }
    return c;
}

static cell of_var(mf_var v) {
    return FIRST_VAR + v;
}

/* What is both; false: nothing is. */
static bool both(mf_type a, mf_type b, mf_type *out) {
    mf_type less = a < b ? a : b, more = a < b ? b : a;
    *out = more;
    return less == more || less == MF_OPEN || (less == MF_NUMBER && more <= MF_FLOAT);
}

/* What is typed: a term, or the variable of an aggregation. */
typedef struct subject {
    const mf_term *term; /* NULL: the variable */
    mf_var var;
    mf_place place;
} subject;

static kd_status misfit(typing *g, subject what, mf_type is, mf_type wanted) {
    const char *hint = "";
    char text[MF_EXCERPT];
    if (what.term)
        mf_excerpt_term(g->p, what.term, text);
    else
        mf_excerpt_text(g->p->vars[what.var].text, text);
    if ((is == MF_INT && wanted == MF_FLOAT) || (is == MF_FLOAT && wanted == MF_INT))
        hint = "; nothing is converted by itself: use i2f(...) or f2i(...)";
    else if ((is == MF_STRING && wanted == MF_REGEXP) || (is == MF_REGEXP && wanted == MF_STRING))
        hint = "; use s2r(...) or r2s(...), or write r\"...\" for a regular expression";
    else if (is == MF_STRING || wanted == MF_STRING)
        hint = "; a text goes between quotes, a number does not";
    kd_fail(g->error, KD_INVALID, "type", "%s has the type %s where %s is expected%s", text, mf_type_name(is),
            wanted == MF_NUMBER ? "a number (int or float)" : mf_type_name(wanted), hint);
    kd_error_place(g->error, g->p->file, what.place.line, what.place.column);
    return KD_INVALID;
}

static kd_status unite(typing *g, cell is, cell wanted, subject what) {
    cell a = root(g, is), b = root(g, wanted);
    mf_type t;
    if (a == b) return KD_OK;
    if (!both(g->type[a], g->type[b], &t)) return misfit(g, what, g->type[a], g->type[b]);
    g->parent[a] = b;
    g->type[b] = t;
    return KD_OK;
}

/* A number, int or float still open. */
static kd_status numeric(typing *g, cell is, subject what) {
    cell a = root(g, is);
    mf_type t;
    if (!both(g->type[a], MF_NUMBER, &t)) return misfit(g, what, g->type[a], MF_NUMBER);
    g->type[a] = t;
    return KD_OK;
}

/* ---- Terms ----------------------------------------------------------------------------------------------*/

static kd_status infer(typing *g, const mf_term *t, cell *out);

static kd_status expect(typing *g, const mf_term *t, cell wanted) {
    cell c;
    kd_status st = infer(g, t, &c);
    return st == KD_OK ? unite(g, c, wanted, (subject){t, 0, t->place}) : st;
}

static kd_status infer_number(typing *g, const mf_term *t, cell *out) {
    kd_status st = infer(g, t, out);
    return st == KD_OK ? numeric(g, *out, (subject){t, 0, t->place}) : st;
}

static kd_status infer(typing *g, const mf_term *t, cell *out) {
    kd_status st;
    switch (t->kind) {
    case MF_VAR:
        *out = of_var(t->var);
        return KD_OK;
    case MF_CONST_INT:
        *out = MF_INT;
        return KD_OK;
    case MF_CONST_FLOAT:
        *out = MF_FLOAT;
        return KD_OK;
    case MF_CONST_STRING:
        *out = MF_STRING;
        return KD_OK;
    case MF_CONST_REGEXP:
        *out = MF_REGEXP;
        return KD_OK;
    case MF_ADD:
    case MF_SUB:
    case MF_MUL:
    case MF_DIV:
        st = infer_number(g, t->a, out);
        return st == KD_OK ? expect(g, t->b, *out) : st;
    case MF_NEGATE:
        return infer_number(g, t->a, out);
    case MF_MOD:
        *out = MF_INT;
        st = expect(g, t->a, MF_INT);
        return st == KD_OK ? expect(g, t->b, MF_INT) : st;
    default: {
        const mf_function *f = mf_function_of(t->kind);
        *out = f->to;
        return expect(g, t->a, f->from);
    }
    }
}

/* Once all is united. What is below has its type already. */
static mf_type final_type(const mf_program *p, const mf_term *t) {
    const mf_function *f;
    switch (t->kind) {
    case MF_VAR:
        return p->vars[t->var].type;
    case MF_ADD:
    case MF_SUB:
    case MF_MUL:
    case MF_DIV:
    case MF_NEGATE:
        return t->a->type;
    case MF_MOD:
        return MF_INT;
    default:
        f = mf_function_of(t->kind);
        return f ? f->to : t->type;
    }
}

/* ---- Formulas -------------------------------------------------------------------------------------------*/

static kd_status walk(typing *g, const mf_formula *f);

static kd_status walk_predicate(typing *g, const mf_formula *f) {
    kd_status st = KD_OK;
    for (uint32_t i = 0; i < f->arg_count && st == KD_OK; i++) {
        cell wanted = MF_INT; /* of tp, ts, tpts */
        if (f->let) wanted = of_var(g->parameters[f->let][i]);
        if (f->predicate) wanted = f->predicate->types[i];
        st = expect(g, f->args[i], wanted);
    }
    return st;
}

static kd_status walk_comparison(typing *g, const mf_formula *f) {
    cell c = MF_STRING;
    bool texts = f->kind == MF_SUBSTRING || f->kind == MF_MATCHES;
    kd_status st = texts ? expect(g, f->t1, MF_STRING) : infer(g, f->t1, &c);
    if (st == KD_OK) st = expect(g, f->t2, f->kind == MF_MATCHES ? (cell)MF_REGEXP : c);
    for (uint32_t i = 0; i < f->arg_count && st == KD_OK; i++)
        if (f->args[i]) st = expect(g, f->args[i], MF_STRING);
    return st;
}

static kd_status walk_aggregate(typing *g, const mf_formula *f) {
    bool own = f->fold == MF_SUM || f->fold == MF_MIN || f->fold == MF_MAX; /* the result has the type of x */
    kd_status st = walk(g, f->a);
    if (st == KD_OK && (f->fold == MF_SUM || f->fold == MF_AVG || f->fold == MF_MED))
        st = numeric(g, of_var(f->over), (subject){NULL, f->over, f->place});
    if (st != KD_OK) return st;
    cell wanted = own ? of_var(f->over) : (cell)(f->fold == MF_CNT ? MF_INT : MF_FLOAT);
    return unite(g, of_var(f->result), wanted, (subject){NULL, f->result, f->place});
}

static kd_status walk_regex(typing *g, const mf_regex *r) {
    if (!r) return KD_OK;
    kd_status st = r->kind == MF_RE_TEST ? walk(g, r->test) : KD_OK;
    if (st == KD_OK) st = walk_regex(g, r->a);
    return st == KD_OK ? walk_regex(g, r->b) : st;
}

static kd_status walk(typing *g, const mf_formula *f) {
    kd_status st = KD_OK;
    switch (f->kind) {
    case MF_PREDICATE:
        return walk_predicate(g, f);
    case MF_EQUAL:
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
    case MF_MATCHES:
        return walk_comparison(g, f);
    case MF_AGGREGATE:
        return walk_aggregate(g, f);
    case MF_FORWARD:
    case MF_BACKWARD:
        return walk_regex(g, f->regex);
    case MF_LET:
    case MF_LETPAST:
        g->parameters[f->let] = f->vars;
        break;
    default:
        break;
    }
    if (f->a) st = walk(g, f->a);
    return st == KD_OK && f->b ? walk(g, f->b) : st;
}

kd_status mf_type_check(mf_program *p, mf_term *const *terms, size_t count, kd_error *e) {
    size_t cells = (size_t)FIRST_VAR + p->var_count;
    typing g = {.p = p, .error = e};
    g.parent = kd_arena_array(p->arena, cells, sizeof *g.parent);
    g.type = kd_arena_array(p->arena, cells, sizeof *g.type);
    g.parameters = kd_arena_array(p->arena, (size_t)p->let_count + 1, sizeof *g.parameters);
    if (!g.parent || !g.type || !g.parameters) return kd_fail_nomem(e);
    for (cell c = 0; c < cells; c++) {
        g.parent[c] = c;
        g.type[c] = c < FIRST_VAR ? (mf_type)c : MF_OPEN;
    }
    kd_status st = walk(&g, p->formula);
    if (st != KD_OK) return st;
    for (mf_var v = 0; v < p->var_count; v++) p->vars[v].type = g.type[root(&g, of_var(v))];
    for (size_t i = 0; i < count; i++) terms[i]->type = final_type(p, terms[i]);
    return KD_OK;
}

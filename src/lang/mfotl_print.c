/* mfotl_print.c: formulas as text, in the form that they are read in.
 *
 * Variables print by their names. Rewriting can bring two of one name together; where a quantifier would
 * then seem to bind what is free below it, its own variable gets a mark behind its name: EXISTS x'.
 * p(x',x). */
#include "lang/mfotl_front.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Variables that print with marks, the innermost first. */
typedef struct marked {
    const struct marked *up;
    mf_var var;
    unsigned marks;
} marked;

typedef struct printer {
    kd_text *out;
    const mf_program *p;
    const marked *marks;
} printer;

static void put(printer *w, const char *z) {
    kd_text_puts(w->out, z);
}

static unsigned marks_of(const printer *w, mf_var v) {
    for (const marked *m = w->marks; m; m = m->up)
        if (m->var == v) return m->marks;
    return 0;
}

static void put_var(printer *w, mf_var v) {
    kd_text_put(w->out, w->p->vars[v].text);
    kd_text_repeat(w->out, '\'', marks_of(w, v));
}

static void put_vars(printer *w, const mf_var *vars, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i) put(w, ",");
        put_var(w, vars[i]);
    }
}

/* ---- Terms ----------------------------------------------------------------------------------------------*/

/* The shortest of two forms that reads as the same number, never with an exponent: the language has none. */
static void put_float(printer *w, double d) {
    char text[400];
    snprintf(text, sizeof text, "%.15g", d);
    if (strtod(text, NULL) != d) snprintf(text, sizeof text, "%.17g", d);
    const char *e = strchr(text, 'e');
    if (e) {
        int exponent = (int)strtol(e + 1, NULL, 10);
        snprintf(text, sizeof text, "%.*f", exponent < 0 ? 14 - exponent : 1, d);
        if (strtod(text, NULL) != d) snprintf(text, sizeof text, "%.*f", exponent < 0 ? 17 - exponent : 1, d);
        size_t n = strlen(text);
        while (text[n - 1] == '0') text[--n] = '\0';
    }
    put(w, text);
    if (!strpbrk(text, ".n")) put(w, ".");
}

static void put_term(printer *w, const mf_term *t);

static void put_inner(printer *w, const mf_term *t) {
    bool binary = t->kind >= MF_ADD && t->kind <= MF_NEGATE;
    if (binary) put(w, "(");
    put_term(w, t);
    if (binary) put(w, ")");
}

static void put_quoted(printer *w, const char *before, kd_str text) {
    put(w, before);
    kd_text_put(w->out, text);
    put(w, "\"");
}

static void put_term(printer *w, const mf_term *t) {
    static const char *const signs[] = {" + ", " - ", " * ", " / ", " MOD "};
    const mf_function *f;
    switch (t->kind) {
    case MF_VAR:
        put_var(w, t->var);
        break;
    case MF_CONST_INT:
        kd_text_printf(w->out, "%lld", (long long)t->number);
        break;
    case MF_CONST_FLOAT:
        put_float(w, t->real);
        break;
    case MF_CONST_STRING:
        put_quoted(w, "\"", t->text);
        break;
    case MF_CONST_REGEXP:
        put_quoted(w, "r\"", t->text);
        break;
    case MF_ADD:
    case MF_SUB:
    case MF_MUL:
    case MF_DIV:
    case MF_MOD:
        put_inner(w, t->a);
        put(w, signs[t->kind - MF_ADD]);
        put_inner(w, t->b);
        break;
    case MF_NEGATE: /* a name may begin with a digit, and the sign would be taken for a number's */
        put(w, "-(");
        put_term(w, t->a);
        put(w, ")");
        break;
    default:
        f = mf_function_of(t->kind);
        put(w, f ? f->name : "?");
        put(w, "(");
        put_term(w, t->a);
        put(w, ")");
        break;
    }
}

static void put_args(printer *w, const mf_formula *f) {
    put(w, "(");
    for (uint32_t i = 0; i < f->arg_count; i++) {
        if (i) put(w, ",");
        if (f->args[i])
            put_term(w, f->args[i]);
        else
            put(w, "_");
    }
    put(w, ")");
}

/* ---- Formulas -------------------------------------------------------------------------------------------*/

static void put_formula(printer *w, const mf_formula *f);

static bool is_atom(const mf_formula *f) {
    return f->kind <= MF_MATCHES;
}

static bool is_binary(const mf_formula *f) {
    return (f->kind >= MF_AND && f->kind <= MF_EQUIV) || (f->kind >= MF_SINCE && f->kind <= MF_RELEASE);
}

static void put_wrapped(printer *w, const mf_formula *f, bool wrap) {
    if (wrap) put(w, "(");
    put_formula(w, f);
    if (wrap) put(w, ")");
}

static void put_interval(printer *w, mf_interval i) {
    if (i.high == KD_NEVER)
        kd_text_printf(w->out, "[%lld,*)", (long long)i.low);
    else
        kd_text_printf(w->out, "[%lld,%lld]", (long long)i.low, (long long)i.high);
}

static void put_regex(printer *w, const mf_regex *r);

static void put_inner_regex(printer *w, const mf_regex *r, bool wrap) {
    if (wrap) put(w, "(");
    put_regex(w, r);
    if (wrap) put(w, ")");
}

static void put_regex(printer *w, const mf_regex *r) {
    switch (r->kind) {
    case MF_RE_STEP:
        put(w, ".");
        break;
    case MF_RE_TEST:
        put_wrapped(w, r->test, r->test->kind != MF_PREDICATE);
        put(w, "?");
        break;
    case MF_RE_CONCAT:
        put_inner_regex(w, r->a, r->a->kind == MF_RE_CONCAT || r->a->kind == MF_RE_EITHER);
        put(w, " ");
        put_inner_regex(w, r->b, r->b->kind == MF_RE_EITHER);
        break;
    case MF_RE_EITHER:
        put_inner_regex(w, r->a, r->a->kind == MF_RE_CONCAT || r->a->kind == MF_RE_EITHER);
        put(w, " + ");
        put_inner_regex(w, r->b, r->b->kind == MF_RE_CONCAT || r->b->kind == MF_RE_EITHER);
        break;
    case MF_RE_STAR:
        put_inner_regex(w, r->a, r->a->kind != MF_RE_STEP);
        put(w, "*");
        break;
    }
}

static const char *word_of(mf_kind k) {
    switch (k) {
    case MF_EQUAL:
        return " = ";
    case MF_LESS:
        return " < ";
    case MF_LESS_EQUAL:
        return " <= ";
    case MF_SUBSTRING:
        return " SUBSTRING ";
    case MF_MATCHES:
        return " MATCHES ";
    case MF_NOT:
        return "NOT";
    case MF_AND:
        return "AND";
    case MF_OR:
        return "OR";
    case MF_IMPLIES:
        return "IMPLIES";
    case MF_EQUIV:
        return "EQUIV";
    case MF_EXISTS:
        return "EXISTS ";
    case MF_FORALL:
        return "FORALL ";
    case MF_PREVIOUS:
        return "PREVIOUS";
    case MF_NEXT:
        return "NEXT";
    case MF_ONCE:
        return "ONCE";
    case MF_EVENTUALLY:
        return "EVENTUALLY";
    case MF_HISTORICALLY:
        return "PAST_ALWAYS";
    case MF_ALWAYS:
        return "ALWAYS";
    case MF_SINCE:
        return "SINCE";
    case MF_UNTIL:
        return "UNTIL";
    case MF_TRIGGER:
        return "TRIGGER";
    case MF_RELEASE:
        return "RELEASE";
    case MF_LET:
        return "LET ";
    case MF_LETPAST:
        return "LETPAST ";
    case MF_FORWARD:
        return "|>";
    case MF_BACKWARD:
        return "<|";
    default:
        return "";
    }
}

static bool is_truth(const mf_formula *f, int64_t other) {
    const mf_term *a = f->t1, *b = f->t2;
    return f->kind == MF_EQUAL && a->kind == MF_CONST_INT && b->kind == MF_CONST_INT && a->number == 0 &&
           b->number == other;
}

static void put_comparison(printer *w, const mf_formula *f) {
    if (is_truth(f, 0) || is_truth(f, 1)) {
        put(w, is_truth(f, 0) ? "TRUE" : "FALSE");
        return;
    }
    put_term(w, f->t1);
    put(w, word_of(f->kind));
    put_term(w, f->t2);
    if (f->kind == MF_MATCHES && f->args) {
        put(w, " ");
        put_args(w, f);
    }
}

/* How many marks keep `v`, bound over `body`, from seeming to bind another variable there. */
static unsigned marks_needed(const printer *w, const mf_formula *body, mf_var v) {
    kd_str name = w->p->vars[v].text;
    unsigned marks = 0;
    for (uint32_t i = 0; i < body->free_count; i++) {
        mf_var u = body->free[i];
        if (u == v || !kd_str_equal(w->p->vars[u].text, name) || marks_of(w, u) < marks) continue;
        marks = marks_of(w, u) + 1;
    }
    return marks;
}

/* From the variable `k` on: each that needs it is marked, then the formula. */
static void put_bound(printer *w, const mf_formula *f, uint32_t k) {
    while (k < f->var_count && !marks_needed(w, f->a, f->vars[k])) k++;
    if (k < f->var_count) {
        marked m = {w->marks, f->vars[k], marks_needed(w, f->a, f->vars[k])};
        w->marks = &m;
        put_bound(w, f, k + 1);
        w->marks = m.up;
        return;
    }
    put(w, word_of(f->kind));
    put_vars(w, f->vars, f->var_count);
    put(w, ". ");
    put_wrapped(w, f->a, is_binary(f->a));
}

static void put_aggregate(printer *w, const mf_formula *f) {
    static const char *const folds[] = {"CNT", "SUM", "MIN", "MAX", "AVG", "MED"};
    put_var(w, f->result);
    put(w, " <- ");
    put(w, folds[f->fold]);
    put(w, " ");
    put_var(w, f->over);
    if (f->var_count) {
        put(w, "; ");
        put_vars(w, f->vars, f->var_count);
    }
    put(w, " ");
    put_wrapped(w, f->a, is_binary(f->a));
}

static void put_let(printer *w, const mf_formula *f) {
    put(w, word_of(f->kind));
    kd_text_put(w->out, f->name);
    put(w, "(");
    put_vars(w, f->vars, f->var_count);
    put(w, ") = ");
    put_formula(w, f->a);
    put(w, " IN ");
    put_formula(w, f->b);
}

static void put_binary(printer *w, const mf_formula *f) {
    put_wrapped(w, f->a, !is_atom(f->a));
    put(w, " ");
    put(w, word_of(f->kind));
    if (f->kind >= MF_SINCE) put_interval(w, f->within);
    put(w, " ");
    put_wrapped(w, f->b, !is_atom(f->b));
}

static void put_formula(printer *w, const mf_formula *f) {
    switch (f->kind) {
    case MF_PREDICATE:
        kd_text_put(w->out, f->name);
        put_args(w, f);
        break;
    case MF_EQUAL:
    case MF_LESS:
    case MF_LESS_EQUAL:
    case MF_SUBSTRING:
    case MF_MATCHES:
        put_comparison(w, f);
        break;
    case MF_EXISTS:
    case MF_FORALL:
        put_bound(w, f, 0);
        break;
    case MF_AGGREGATE:
        put_aggregate(w, f);
        break;
    case MF_LET:
    case MF_LETPAST:
        put_let(w, f);
        break;
    case MF_FORWARD:
    case MF_BACKWARD:
        put(w, word_of(f->kind));
        put_interval(w, f->within);
        put(w, " ");
        put_regex(w, f->regex);
        break;
    default:
        if (is_binary(f)) {
            put_binary(w, f);
            break;
        }
        put(w, word_of(f->kind));
        if (f->kind != MF_NOT) put_interval(w, f->within);
        put(w, " ");
        put_wrapped(w, f->a, is_binary(f->a));
        break;
    }
}

void mf_print(kd_text *out, const mf_program *p, const mf_formula *f) {
    printer w = {out, p, NULL};
    put_formula(&w, f);
}

void mf_print_term(kd_text *out, const mf_program *p, const mf_term *t) {
    printer w = {out, p, NULL};
    put_term(&w, t);
}

/* ---- Shortened, for messages ----------------------------------------------------------------------------*/

const char *mf_excerpt_text(kd_str text, char out[MF_EXCERPT]) {
    size_t n = text.n, room = MF_EXCERPT - 4;
    bool cut = n > room;
    if (cut) {
        n = room;
        while (n && ((unsigned char)text.p[n] & 0xC0) == 0x80) n--;
    }
    if (n) memcpy(out, text.p, n);
    memcpy(out + n, cut ? "..." : "", cut ? 4 : 1);
    return out;
}

const char *mf_excerpt(const mf_program *p, const mf_formula *f, char out[MF_EXCERPT]) {
    kd_text t;
    kd_text_open(&t, p->arena->from);
    mf_print(&t, p, f);
    mf_excerpt_text(kd_text_str(&t), out);
    kd_text_close(&t);
    return out;
}

const char *mf_excerpt_term(const mf_program *p, const mf_term *t, char out[MF_EXCERPT]) {
    kd_text text;
    kd_text_open(&text, p->arena->from);
    mf_print_term(&text, p, t);
    mf_excerpt_text(kd_text_str(&text), out);
    kd_text_close(&text);
    return out;
}

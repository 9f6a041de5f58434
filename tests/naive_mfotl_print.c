/* naive_mfotl_print.c: formulas and verdicts of the naive evaluator as text. */
#include "naive_mfotl.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[NM_OPS] = {
    [NM_TRUE] = "TRUE",
    [NM_FALSE] = "FALSE",
    [NM_EQ] = "=",
    [NM_LT] = "<",
    [NM_LE] = "<=",
    [NM_SUBSTRING] = "SUBSTRING",
    [NM_MATCHES] = "MATCHES",
    [NM_NOT] = "NOT",
    [NM_AND] = "AND",
    [NM_OR] = "OR",
    [NM_IMPLIES] = "IMPLIES",
    [NM_EQUIV] = "EQUIV",
    [NM_EXISTS] = "EXISTS",
    [NM_FORALL] = "FORALL",
    [NM_PREVIOUS] = "PREVIOUS",
    [NM_NEXT] = "NEXT",
    [NM_ONCE] = "ONCE",
    [NM_EVENTUALLY] = "EVENTUALLY",
    [NM_HISTORICALLY] = "HISTORICALLY",
    [NM_ALWAYS] = "ALWAYS",
    [NM_SINCE] = "SINCE",
    [NM_UNTIL] = "UNTIL",
    [NM_TRIGGER] = "TRIGGER",
    [NM_RELEASE] = "RELEASE",
    [NM_LET] = "LET",
    [NM_LETPAST] = "LETPAST",
    [NM_FORWARD] = "|>",
    [NM_BACKWARD] = "<|",
};

/* ---- Terms --------------------------------------------------------------------------------------------*/

/* A constant as it must be written in a formula. */
static void put_constant(const nm_world *w, nm_value v, kd_text *out) {
    switch (v.type) {
    case NM_FLOAT: {
        kd_text t;
        kd_text_open(&t, out->from);
        kd_text_printf(&t, "%.17f", nm_double(v)); /* no exponents in formulas */
        while (t.n && t.p[t.n - 1] == '0') t.n--;
        kd_text_put(out, kd_text_str(&t));
        kd_text_close(&t);
        break;
    }
    case NM_STRING:
    case NM_REGEXP:
        kd_text_puts(out, v.type == NM_REGEXP ? "r\"" : "\"");
        kd_text_put(out, kd_symbol_text(w->texts, v.bits));
        kd_text_putc(out, '"');
        break;
    default:
        kd_text_printf(out, "%lld", (long long)v.bits);
    }
}

static void put_term(const nm_world *w, const nm_term *t, kd_text *out) {
    static const char *const signs[] = {
        [NM_ADD] = " + ", [NM_SUB] = " - ", [NM_MUL] = " * ", [NM_DIV] = " / ", [NM_MOD] = " MOD "};
    static const char *const functions[] = {
        [NM_NEG] = "- ",           [NM_F2I] = "f2i ",   [NM_I2F] = "i2f ",     [NM_I2S] = "i2s ",
        [NM_S2I] = "s2i ",         [NM_F2S] = "f2s ",   [NM_S2F] = "s2f ",     [NM_R2S] = "r2s ",
        [NM_S2R] = "s2r ",         [NM_YEAR] = "YEAR ", [NM_MONTH] = "MONTH ", [NM_DAY] = "DAY_OF_MONTH ",
        [NM_DATE] = "FORMAT_DATE "};
    if (!t) {
        kd_text_putc(out, '_');
    } else if (t->op == NM_VARIABLE) {
        kd_text_put(out, t->name);
    } else if (t->op == NM_CONSTANT) {
        put_constant(w, t->value, out);
    } else {
        kd_text_puts(out, t->op >= NM_NEG ? functions[t->op] : "");
        kd_text_putc(out, '(');
        put_term(w, t->a, out);
        if (t->op < NM_NEG) {
            kd_text_puts(out, signs[t->op]);
            put_term(w, t->b, out);
        }
        kd_text_putc(out, ')');
    }
}

/* ---- Formulas -----------------------------------------------------------------------------------------*/

static void put_interval(nm_interval in, kd_text *out) {
    if (in.unbounded)
        kd_text_printf(out, "[%llu,*)", (unsigned long long)in.low);
    else if (in.low > in.high)
        kd_text_printf(out, "(%llu,%llu)", (unsigned long long)in.high, (unsigned long long)in.low);
    else
        kd_text_printf(out, "[%llu,%llu]", (unsigned long long)in.low, (unsigned long long)in.high);
}

static void put_names(const nm_formula *f, kd_text *out) {
    for (unsigned i = 0; i < f->name_count; i++) {
        kd_text_puts(out, i ? ", " : "");
        kd_text_put(out, f->names[i]);
    }
}

static void put_terms(const nm_world *w, const nm_formula *f, unsigned from, kd_text *out) {
    kd_text_putc(out, '(');
    for (unsigned i = from; i < f->count; i++) {
        kd_text_puts(out, i > from ? ", " : "");
        put_term(w, f->args[i], out);
    }
    kd_text_putc(out, ')');
}

static void put_aggregate(const nm_world *w, const nm_formula *f, kd_text *out) {
    static const char *const folds[] = {"CNT", "SUM", "MIN", "MAX", "AVG", "MED"};
    kd_text_put(out, f->name);
    kd_text_printf(out, " <- %s %.*s", folds[f->fold], KD_STR_ARGS(f->over));
    kd_text_puts(out, f->name_count ? "; " : "");
    put_names(f, out);
    kd_text_putc(out, ' ');
    nm_print(w, f->a, out);
}

static void put_regex(const nm_world *w, const nm_formula *f, kd_text *out) {
    switch (f->op) {
    case NM_RE_STEP:
        kd_text_putc(out, '.');
        break;
    case NM_RE_TEST:
    case NM_RE_PLAIN:
        nm_print(w, f->a, out);
        kd_text_puts(out, f->op == NM_RE_TEST ? "?" : "");
        break;
    case NM_RE_STAR:
        kd_text_putc(out, '(');
        put_regex(w, f->a, out);
        kd_text_puts(out, ")*");
        break;
    default:
        kd_text_putc(out, '(');
        put_regex(w, f->a, out);
        kd_text_puts(out, f->op == NM_RE_ALT ? " + " : " ");
        put_regex(w, f->b, out);
        kd_text_putc(out, ')');
    }
}

static void put_inner(const nm_world *w, const nm_formula *f, kd_text *out) {
    switch (f->op) {
    case NM_PRED:
        kd_text_put(out, f->name);
        put_terms(w, f, 0, out);
        break;
    case NM_EQ:
    case NM_LT:
    case NM_LE:
    case NM_SUBSTRING:
    case NM_MATCHES:
        put_term(w, f->args[0], out);
        kd_text_printf(out, " %s ", words[f->op]);
        put_term(w, f->args[1], out);
        if (f->grouped) put_terms(w, f, 2, out);
        break;
    case NM_EXISTS:
    case NM_FORALL:
        kd_text_printf(out, "%s ", words[f->op]);
        put_names(f, out);
        kd_text_puts(out, ". ");
        nm_print(w, f->a, out);
        break;
    case NM_LET:
    case NM_LETPAST:
        kd_text_printf(out, "%s %.*s(", words[f->op], KD_STR_ARGS(f->name));
        put_names(f, out);
        kd_text_puts(out, ") = ");
        nm_print(w, f->a, out);
        kd_text_puts(out, " IN ");
        nm_print(w, f->b, out);
        break;
    case NM_AGGREGATE:
        put_aggregate(w, f, out);
        break;
    case NM_TRUE:
    case NM_FALSE:
        kd_text_puts(out, words[f->op]);
        break;
    default:
        if (f->b) {
            nm_print(w, f->a, out);
            kd_text_putc(out, ' ');
        }
        kd_text_puts(out, words[f->op]);
        if (f->op >= NM_PREVIOUS) put_interval(f->in, out);
        kd_text_putc(out, ' ');
        if (f->op == NM_FORWARD || f->op == NM_BACKWARD)
            put_regex(w, f->a, out);
        else
            nm_print(w, f->b ? f->b : f->a, out);
    }
}

void nm_print(const nm_world *w, const nm_formula *f, kd_text *out) {
    bool bare = f->op == NM_PRED || f->op == NM_TRUE || f->op == NM_FALSE;
    kd_text_puts(out, bare ? "" : "(");
    put_inner(w, f, out);
    kd_text_puts(out, bare ? "" : ")");
}

/* ---- Output columns -----------------------------------------------------------------------------------*/

typedef struct names {
    kd_str *list;
    unsigned count;
} names;

static void add(names *n, kd_str name) {
    for (unsigned i = 0; i < n->count; i++)
        if (kd_str_equal(n->list[i], name)) return;
    if (n->count < NM_COLUMNS_MAX) n->list[n->count++] = name;
}

static void add_term(names *n, const nm_term *t) {
    if (!t) return;
    if (t->op == NM_VARIABLE) add(n, t->name);
    add_term(n, t->a);
    add_term(n, t->b);
}

static void columns(const nm_formula *f, names *n) {
    if (!f) return;
    kd_str inner_list[NM_COLUMNS_MAX];
    names inner = {inner_list, 0};
    switch (f->op) {
    case NM_PRED:
        for (unsigned i = 0; i < f->count; i++)
            if (f->args[i]->op == NM_VARIABLE && f->args[i]->name.p[0] != '_') add(n, f->args[i]->name);
        break;
    case NM_EXISTS:
    case NM_FORALL:
        columns(f->a, &inner);
        for (unsigned i = 0; i < inner.count; i++) {
            bool bound = false;
            for (unsigned k = 0; k < f->name_count; k++)
                bound = bound || kd_str_equal(f->names[k], inner.list[i]);
            if (!bound) add(n, inner.list[i]);
        }
        break;
    case NM_AGGREGATE:
        add(n, f->name);
        for (unsigned i = 0; i < f->name_count; i++) add(n, f->names[i]);
        break;
    case NM_LET:
    case NM_LETPAST:
        columns(f->b, n);
        break;
    case NM_SINCE:
    case NM_UNTIL:
    case NM_TRIGGER:
    case NM_RELEASE:
        columns(f->b, n);
        columns(f->a, n);
        break;
    default:
        for (unsigned i = 0; i < f->count; i++) add_term(n, f->args[i]);
        columns(f->a, n);
        columns(f->b, n);
    }
}

unsigned nm_columns(const nm_world *w, const nm_formula *f, kd_str *out) {
    names n = {out, 0};
    columns(f, &n);
    return n.count;
}

/* ---- Verdicts -----------------------------------------------------------------------------------------*/

void nm_put_value(const nm_world *w, nm_value v, kd_text *out) {
    kd_str s;
    switch (v.type) {
    case NM_INT:
        kd_text_printf(out, "%lld", (long long)v.bits);
        break;
    case NM_FLOAT:
        kd_text_printf(out, "%g", nm_double(v));
        break;
    case NM_STRING:
        s = kd_symbol_text(w->texts, v.bits);
        if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
            kd_text_put(out, s);
        else
            kd_text_printf(out, "\"%.*s\"", KD_STR_ARGS(s));
        break;
    case NM_REGEXP:
        kd_text_printf(out, "r\"%.*s\"", KD_STR_ARGS(kd_symbol_text(w->texts, v.bits)));
        break;
    default:
        kd_text_putc(out, '?');
    }
}

void nm_put_verdict(const nm_result *r, size_t i, kd_text *out) {
    const nm_verdict *v = &r->verdicts[i];
    if (!v->count) return;
    kd_text_printf(out, "@%lld (time point %zu):", (long long)v->at, i);
    unsigned width = r->core.column_count;
    if (!width) kd_text_puts(out, " true");
    for (size_t k = 0; width && k < v->count; k++) {
        kd_text_puts(out, " (");
        for (unsigned c = 0; c < width; c++) {
            kd_text_puts(out, c ? "," : "");
            nm_put_value(&r->world, v->rows[k * width + c], out);
        }
        kd_text_putc(out, ')');
    }
}

void nm_put_event(const nm_world *w, const nm_tuple *e, kd_text *out) {
    const nm_pred *p = &w->preds[e->pred];
    kd_text_printf(out, " %.*s(", KD_STR_ARGS(p->name));
    for (unsigned i = 0; i < p->arity; i++) {
        kd_text_puts(out, i ? "," : "");
        nm_put_value(w, e->values[i], out);
    }
    kd_text_putc(out, ')');
}

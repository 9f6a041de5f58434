/* naive_mfotl_parse.c: formula text to tree, by the grammar of MonPoly's notes, for the naive evaluator. */
#include "naive_mfotl_lex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    nm_world *w;
    nm_token *tokens;
    size_t count, at;
    bool failed;
    unsigned fresh; /* for each lone "_" */
} reader;

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static void *take(nm_world *w, size_t count, size_t bytes) {
    void *p = kd_arena_array(w->arena, count, bytes);
    if (!p) abort();
    return p;
}

/* ---- Parser -------------------------------------------------------------------------------------------*/

static nm_formula *binary(reader *r, int tightest);
static nm_term *term(reader *r);

static nm_token peek(const reader *r, size_t ahead) {
    return r->at + ahead < r->count ? r->tokens[r->at + ahead] : (nm_token){T_END, {"", 0}};
}

static bool sees(const reader *r, const char *key) {
    nm_token t = peek(r, 0);
    return t.kind == T_KEY && kd_str_is(t.text, key);
}

static bool eat(reader *r, const char *key) {
    if (!sees(r, key)) return false;
    r->at++;
    return true;
}

static void want(reader *r, const char *key) {
    if (!eat(r, key)) r->failed = true;
}

static kd_str word(reader *r) {
    nm_token t = peek(r, 0);
    if (t.kind != T_WORD) {
        r->failed = true;
        return KD_STR("");
    }
    r->at++;
    return t.text;
}

/* A variable that is bound here: a lone "_" is a new one each time. */
static kd_str binder(reader *r) {
    kd_str name = word(r);
    if (!kd_str_is(name, "_")) return name;
    char *p = kd_arena_printf(r->w->arena, "_%u'", ++r->fresh);
    if (!p) abort();
    return kd_str_of(p);
}

static nm_formula *node(reader *r, nm_op op, nm_formula *a, nm_formula *b) {
    nm_formula *f = take(r->w, 1, sizeof *f);
    f->op = op;
    f->a = a;
    f->b = b;
    return f;
}

static nm_term *leaf(reader *r, nm_term_op op, nm_term *a, nm_term *b) {
    nm_term *t = take(r->w, 1, sizeof *t);
    t->op = op;
    t->a = a;
    t->b = b;
    return t;
}

static bool whole(kd_str s, int64_t *out) {
    uint64_t u = 0;
    bool minus = s.n && s.p[0] == '-';
    for (size_t i = minus; i < s.n; i++) {
        if (__builtin_mul_overflow(u, (uint64_t)10, &u) ||
            __builtin_add_overflow(u, (uint64_t)(s.p[i] - '0'), &u))
            return false;
    }
    if (u > (uint64_t)INT64_MAX + minus) return false;
    *out = minus ? (int64_t)(0 - u) : (int64_t)u;
    return true;
}

static nm_term *constant(reader *r, nm_token t) {
    nm_term *c = leaf(r, NM_CONSTANT, NULL, NULL);
    int64_t i = 0;
    char *z = kd_arena_copy(r->w->arena, t.text.p, t.text.n);
    if (!z) abort();
    switch (t.kind) {
    case T_INT:
        if (!whole(t.text, &i)) r->failed = true;
        c->value = nm_int(i);
        break;
    case T_FLOAT:
        c->value = nm_float(strtod(z, NULL));
        break;
    default:
        c->value = nm_text(r->w, t.kind == T_REGEXP ? NM_REGEXP : NM_STRING, t.text);
    }
    return c;
}

static const struct {
    const char *key;
    nm_term_op op;
} functions[] = {{"f2i", NM_F2I},         {"i2f", NM_I2F},     {"i2s", NM_I2S}, {"s2i", NM_S2I},
                 {"f2s", NM_F2S},         {"s2f", NM_S2F},     {"r2s", NM_R2S}, {"s2r", NM_S2R},
                 {"YEAR", NM_YEAR},       {"MONTH", NM_MONTH}, {"-", NM_NEG},   {"DAY_OF_MONTH", NM_DAY},
                 {"FORMAT_DATE", NM_DATE}};

static nm_term *factor(reader *r) {
    nm_token t = peek(r, 0);
    nm_term *x = NULL;
    for (size_t k = 0; k < LENGTH(functions) && !x; k++)
        if (eat(r, functions[k].key)) x = leaf(r, functions[k].op, factor(r), NULL);
    if (x && x->op == NM_NEG) return x;
    if (!x && eat(r, "(")) {
        x = term(r);
        want(r, ")");
    } else if (!x && t.kind != T_KEY && t.kind != T_END && t.kind != T_UNIT) {
        r->at++;
        x = t.kind == T_WORD ? leaf(r, NM_VARIABLE, NULL, NULL) : constant(r, t);
        if (t.kind == T_WORD) x->name = t.text;
    } else if (!x) {
        r->failed = true;
        return leaf(r, NM_CONSTANT, NULL, NULL);
    }
    if (eat(r, "MOD")) /* takes all that is arithmetic to its right */
        return leaf(r, NM_MOD, x, term(r));
    return x;
}

static nm_term *product(reader *r) {
    nm_term *x = factor(r);
    for (;;) {
        if (eat(r, "*"))
            x = leaf(r, NM_MUL, x, factor(r));
        else if (eat(r, "/"))
            x = leaf(r, NM_DIV, x, factor(r));
        else
            return x;
    }
}

static nm_term *term(reader *r) {
    nm_term *x = product(r);
    for (;;) {
        if (eat(r, "+"))
            x = leaf(r, NM_ADD, x, product(r));
        else if (eat(r, "-"))
            x = leaf(r, NM_SUB, x, product(r));
        else
            return x;
    }
}

static uint64_t bound(reader *r) {
    nm_token t = peek(r, 0);
    int64_t n = 0;
    uint64_t unit = 1;
    kd_str digits = t.text;
    if (t.kind == T_UNIT) {
        digits.n--;
        switch (t.text.p[digits.n]) {
        case 's':
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86400;
            break;
        default:
            r->failed = true;
        }
    } else if (t.kind != T_INT) {
        r->failed = true;
        return 0;
    }
    r->at++;
    uint64_t all = 0;
    if (!whole(digits, &n) || n < 0 || __builtin_mul_overflow((uint64_t)n, unit, &all)) r->failed = true;
    return all;
}

static nm_interval interval(reader *r) {
    nm_interval in = {0, 0, true};
    nm_token second = peek(r, 1), third = peek(r, 2);
    bool round = sees(r, "(") && (second.kind == T_INT || second.kind == T_UNIT) && third.kind == T_KEY &&
                 kd_str_is(third.text, ",");
    if (!round && !sees(r, "[")) return in;
    r->at++;
    in.low = bound(r);
    want(r, ",");
    if (eat(r, "*")) {
        in.low += round;
        if (!eat(r, ")")) want(r, "]");
        return in;
    }
    in.unbounded = false;
    in.high = bound(r);
    bool open = eat(r, ")");
    if (!open) want(r, "]");
    if (in.low > in.high || (in.low == in.high && (round || open))) r->failed = true;
    in.low += round;
    if (open) /* (0,1) stays: low above high, so nothing lies in it */
        in.high--;
    return in;
}

static nm_formula *prefix(reader *r);
static nm_formula *regex(reader *r);

/* The formula in parentheses that begins here, or NULL. */
static nm_formula *parenthesized(reader *r) {
    size_t at = r->at;
    r->at++;
    nm_formula *f = r->failed ? NULL : binary(r, 0);
    if (!r->failed && eat(r, ")")) return f;
    r->at = at;
    return NULL;
}

static nm_formula *regex_base(reader *r) {
    nm_formula *f = NULL;
    if (r->failed) return NULL;
    if (eat(r, ".")) {
        f = node(r, NM_RE_STEP, NULL, NULL);
    } else {
        size_t at = r->at;
        bool round = sees(r, "(");
        nm_formula *inner = prefix(r);
        if (r->failed && round) { /* what is in parentheses is no formula: then an expression */
            r->failed = false;
            r->at = at + 1;
            f = regex(r);
            want(r, ")");
        } else {
            f = node(r, eat(r, "?") ? NM_RE_TEST : NM_RE_PLAIN, inner, NULL);
        }
    }
    while (!r->failed && eat(r, "*")) f = node(r, NM_RE_STAR, f, NULL);
    return f;
}

static bool regex_goes_on(const reader *r) {
    static const char *const stops[] = {")",  "AND", "OR",      "IMPLIES", "EQUIV", "SINCE", "UNTIL",
                                        "IN", "]",   "TRIGGER", "RELEASE", "?",     "*"};
    for (size_t k = 0; k < LENGTH(stops); k++)
        if (sees(r, stops[k])) return false;
    return peek(r, 0).kind != T_END;
}

static nm_formula *regex(reader *r) {
    nm_formula *f = regex_base(r);
    if (r->failed || !regex_goes_on(r)) return f;
    if (eat(r, "+")) return node(r, NM_RE_ALT, f, regex(r));
    return node(r, NM_RE_CAT, f, regex(r));
}

static void variables(reader *r, nm_formula *f) {
    kd_str *names = take(r->w, r->count + 1, sizeof *names);
    do names[f->name_count++] = binder(r);
    while (!r->failed && eat(r, ","));
    f->names = names;
}

static nm_formula *let(reader *r, nm_op op) {
    nm_formula *f = node(r, op, NULL, NULL);
    f->name = word(r);
    want(r, "(");
    if (!sees(r, ")")) variables(r, f);
    want(r, ")");
    want(r, "=");
    f->a = binary(r, 0);
    want(r, "IN");
    f->b = r->failed ? NULL : binary(r, 0);
    return f;
}

static nm_formula *aggregate(reader *r) {
    static const char *const folds[] = {"CNT", "SUM", "MIN", "MAX", "AVG", "MED"};
    nm_formula *f = node(r, NM_AGGREGATE, NULL, NULL);
    f->name = word(r);
    want(r, "<-");
    size_t k = 0;
    while (k < LENGTH(folds) && !eat(r, folds[k])) k++;
    if (k == LENGTH(folds)) r->failed = true;
    f->fold = (nm_fold)k;
    f->over = word(r);
    if (eat(r, ";")) variables(r, f);
    f->a = r->failed ? NULL : binary(r, 0);
    return f;
}

static nm_formula *predicate(reader *r) {
    nm_formula *f = node(r, NM_PRED, NULL, NULL);
    f->name = word(r);
    want(r, "(");
    f->args = take(r->w, r->count - (r->at < r->count ? r->at : r->count) + 1, sizeof *f->args);
    while (!r->failed && !sees(r, ")")) {
        nm_term *t = term(r);
        f->args[f->count++] = t;
        if (t->op == NM_VARIABLE && kd_str_is(t->name, "_")) {
            r->at--;
            t->name = binder(r);
        }
        if (!eat(r, ",")) break;
    }
    want(r, ")");
    return f;
}

static nm_formula *comparison(reader *r) {
    static const struct {
        const char *key;
        nm_op op;
        bool swap;
    } table[] = {{"=", NM_EQ, false},           {"<", NM_LT, false},
                 {"<=", NM_LE, false},          {">", NM_LT, true},
                 {">=", NM_LE, true},           {"SUBSTRING", NM_SUBSTRING, false},
                 {"MATCHES", NM_MATCHES, false}};
    size_t at = r->at;
    if (r->failed) return NULL;
    nm_term *left = term(r);
    for (size_t k = 0; k < LENGTH(table) && !r->failed; k++) {
        if (!eat(r, table[k].key)) continue;
        nm_formula *f = node(r, table[k].op, NULL, NULL);
        nm_term *right = term(r);
        f->args = take(r->w, r->count + 2, sizeof *f->args);
        f->args[0] = table[k].swap ? right : left;
        f->args[1] = table[k].swap ? left : right;
        f->count = 2;
        f->grouped = f->op == NM_MATCHES && eat(r, "(");
        if (f->grouped) {
            do {
                nm_term *g = sees(r, ")") ? NULL : term(r);
                if (g) f->args[f->count++] = g->op == NM_VARIABLE && kd_str_is(g->name, "_") ? NULL : g;
            } while (!r->failed && eat(r, ","));
            want(r, ")");
        }
        return f;
    }
    r->failed = false; /* no comparison: the tokens may still be something else */
    r->at = at;
    return NULL;
}

static nm_formula *prefix(reader *r) {
    static const struct {
        const char *key;
        nm_op op;
    } temporal[] = {{"PREVIOUS", NM_PREVIOUS},
                    {"NEXT", NM_NEXT},
                    {"ONCE", NM_ONCE},
                    {"EVENTUALLY", NM_EVENTUALLY},
                    {"HISTORICALLY", NM_HISTORICALLY},
                    {"ALWAYS", NM_ALWAYS},
                    {"|>", NM_FORWARD},
                    {"<|", NM_BACKWARD}};
    for (size_t k = 0; k < LENGTH(temporal); k++)
        if (eat(r, temporal[k].key)) {
            nm_interval in = interval(r);
            bool match = temporal[k].op == NM_FORWARD || temporal[k].op == NM_BACKWARD;
            nm_formula *f = r->failed ? NULL : match ? regex(r) : binary(r, 4);
            f = node(r, temporal[k].op, f, NULL);
            f->in = in;
            return f;
        }
    bool every = sees(r, "FORALL");
    if (eat(r, "EXISTS") || eat(r, "FORALL")) {
        nm_formula *f = node(r, every ? NM_FORALL : NM_EXISTS, NULL, NULL);
        variables(r, f);
        want(r, ".");
        f->a = r->failed ? NULL : binary(r, 4);
        return f;
    }
    if (eat(r, "NOT")) return node(r, NM_NOT, prefix(r), NULL);
    if (eat(r, "TRUE")) return node(r, NM_TRUE, NULL, NULL);
    if (eat(r, "FALSE")) return node(r, NM_FALSE, NULL, NULL);
    if (eat(r, "LET")) return let(r, NM_LET);
    if (eat(r, "LETPAST")) return let(r, NM_LETPAST);
    nm_token next = peek(r, 1);
    if (peek(r, 0).kind == T_WORD && next.kind == T_KEY && kd_str_is(next.text, "<-")) return aggregate(r);
    nm_formula *compared = comparison(r);
    if (compared) return compared;
    if (sees(r, "(")) {
        nm_formula *f = parenthesized(r);
        if (!f) r->failed = true;
        return f;
    }
    return predicate(r);
}

static const struct {
    const char *key;
    nm_op op;
    int level;
    bool right;
} binaries[] = {{"SINCE", NM_SINCE, 2, true},     {"UNTIL", NM_UNTIL, 2, true},
                {"TRIGGER", NM_TRIGGER, 2, true}, {"RELEASE", NM_RELEASE, 2, true},
                {"EQUIV", NM_EQUIV, 5, false},    {"IMPLIES", NM_IMPLIES, 6, true},
                {"OR", NM_OR, 7, false},          {"AND", NM_AND, 8, false}};

static nm_formula *binary(reader *r, int tightest) {
    nm_formula *left = prefix(r);
    for (size_t k = 0; k < LENGTH(binaries) && !r->failed;) {
        if (binaries[k].level < tightest || !eat(r, binaries[k].key)) {
            k++;
            continue;
        }
        nm_interval in = {0, 0, true};
        if (binaries[k].level == 2) in = interval(r);
        nm_formula *right = binary(r, binaries[k].level + !binaries[k].right);
        left = node(r, binaries[k].op, left, right);
        left->in = in;
        k = 0;
    }
    return left;
}

nm_formula *nm_parse(nm_world *w, kd_str text) {
    reader r = {.w = w};
    r.tokens = nm_lex(w, text, &r.count);
    nm_formula *f = r.tokens ? binary(&r, 0) : NULL;
    if (f && !r.failed && r.at == r.count) return f;
    kd_str near = peek(&r, 0).text;
    snprintf(w->complaint, sizeof w->complaint, "formula cannot be read near token %zu '%.*s'", r.at,
             KD_STR_ARGS(near));
    return NULL;
}

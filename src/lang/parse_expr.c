/* parse_expr.c: conditions and sums. One grammar for both, loosest first:
 *
 *      or      and      not      = != < <= > >=      + -      *      atom
 *
 * since a bracket may hold either; which of them was meant is seen when types are known. */
#include "lang/parse.h"

static kd_ast_x *parse_or(kd_parser *p);

kd_ast_x *kd_new_x(kd_parser *p, kd_ast_op op, kd_place at) {
    kd_ast_x *x = kd_front_take(p->f, 1, sizeof *x);
    x->op = op;
    x->at = at;
    return x;
}

bool kd_deeper(kd_parser *p) {
    if (p->nesting++ < KD_AST_NESTING_MAX) return true;
    kd_diagnose(p->f, p->tok[0].at, "brackets and `not` stand in each other more than %d deep",
                KD_AST_NESTING_MAX);
    p->broken = true;
    return false;
}

static void add_kid(kd_parser *p, kd_ast_x *x, kd_ast_x *kid) {
    *(kd_ast_x **)kd_front_push(p->f, &x->kids, &x->kid_count, sizeof kid) = kid;
}

/* NOTICE "." FIELD ["(" args ")"] ["by" term] ["about" term] */
static kd_ast_x *parse_of_field(kd_parser *p, kd_ast_op op, kd_place at) {
    kd_ast_x *x = kd_new_x(p, op, at);
    kd_ast_pattern *pattern = kd_front_take(p->f, 1, sizeof *pattern);
    kd_word name = {0}, field = {0};
    if (!kd_need_name(p, &name, "a notice") || !kd_need(p, '.', "`.` and a field") ||
        !kd_need_name(p, &field, "a field"))
        return NULL;
    pattern->name = name.text;
    pattern->at = name.at;
    if (kd_at(p, '(') && (!kd_open(p) || !kd_parse_args(p, pattern))) return NULL;
    if (!kd_parse_speaker(p, pattern)) return NULL;
    x->pattern = pattern;
    x->field_name = field.text;
    x->at = kd_join(at, field.at);
    return x;
}

static kd_ast_x *parse_bracket(kd_parser *p) {
    if (!kd_deeper(p) || !kd_open(p)) return NULL;
    kd_ast_x *x = parse_or(p);
    if (!x || !kd_close(p)) return NULL;
    p->nesting--;
    return x;
}

static kd_ast_x *parse_count(kd_parser *p, kd_place at) {
    kd_ast_x *x = kd_new_x(p, KD_AST_COUNT, at);
    /* A pattern may hold comparisons, and these counts again. */
    if (!kd_deeper(p)) return NULL;
    x->pattern = kd_parse_pattern(p);
    if (!x->pattern) return NULL;
    p->nesting--;
    x->at = kd_join(at, x->pattern->at);
    return x;
}

static kd_ast_x *parse_call(kd_parser *p) {
    kd_ast_x *x = kd_new_x(p, KD_AST_CALL, p->tok[0].at);
    kd_ast_pattern *pattern = kd_front_take(p->f, 1, sizeof *pattern);
    pattern->name = p->tok[0].text;
    pattern->at = p->tok[0].at;
    x->pattern = pattern;
    kd_advance(p);
    return kd_open(p) && kd_parse_args(p, pattern) ? x : NULL;
}

static kd_ast_x *parse_atom(kd_parser *p) {
    if (p->pending) {
        kd_ast_x *x = p->pending;
        p->pending = NULL;
        return x;
    }
    kd_place at = p->tok[0].at;
    if (kd_at(p, '(')) return parse_bracket(p);
    if (kd_at_words(p, "in", "force")) {
        kd_advance(p);
        kd_advance(p);
        return kd_new_x(p, KD_AST_IN_FORCE, kd_join(at, p->last));
    }
    if (kd_at_words(p, "some", "breach")) {
        kd_advance(p);
        kd_advance(p);
        kd_ast_x *x = kd_new_x(p, KD_AST_SOME_BREACH, kd_join(at, p->last));
        return kd_need_word(p, "by") && kd_parse_term(p, &x->term) ? x : NULL;
    }
    if (kd_at_word(p, "latest") && p->tok[1].kind == TOK_NAME) {
        kd_advance(p);
        return parse_of_field(p, KD_AST_LATEST, at);
    }
    if (kd_at_words(p, "sum", "of") || kd_at_words(p, "count", "of")) {
        bool sum = kd_is(&p->tok[0], "sum");
        kd_advance(p);
        kd_advance(p);
        return sum ? parse_of_field(p, KD_AST_TOTAL, at) : parse_count(p, at);
    }
    if (kd_at(p, TOK_NAME) && p->tok[1].kind == '(' && !kd_is(&p->tok[0], "not")) return parse_call(p);
    kd_ast_x *x = kd_new_x(p, KD_AST_TERM, at);
    if (!kd_parse_term(p, &x->term)) return NULL;
    x->at = x->term.at;
    return x;
}

static kd_ast_x *parse_product(kd_parser *p) {
    kd_ast_x *first = parse_atom(p);
    if (!first || !kd_at(p, '*')) return first;
    kd_ast_x *x = kd_new_x(p, KD_AST_PRODUCT, first->at);
    add_kid(p, x, first);
    while (kd_eat(p, '*')) {
        kd_ast_x *next = parse_atom(p);
        if (!next) return NULL;
        add_kid(p, x, next);
    }
    x->at = kd_join(x->at, p->last);
    return x;
}

static kd_ast_x *parse_sum(kd_parser *p) {
    kd_ast_x *first = parse_product(p);
    if (!first || !(kd_at(p, '+') || kd_at(p, '-'))) return first;
    kd_ast_x *x = kd_new_x(p, KD_AST_SUM, first->at);
    add_kid(p, x, first);
    while (kd_at(p, '+') || kd_at(p, '-')) {
        bool minus = p->tok[0].kind == '-';
        kd_advance(p);
        kd_ast_x *next = parse_product(p);
        if (!next) return NULL;
        /* A sum in brackets is a node of its own, so this mark is nobody else's. */
        next->minus = minus;
        add_kid(p, x, next);
    }
    x->at = kd_join(x->at, p->last);
    return x;
}

static bool at_compare(const kd_parser *p, kd_ast_compare *out) {
    static const struct {
        int kind;
        kd_ast_compare compare;
    } signs[] = {{'=', KD_CMP_EQ},    {TOK_NE, KD_CMP_NE}, {'<', KD_CMP_LT},
                 {TOK_LE, KD_CMP_LE}, {'>', KD_CMP_GT},    {TOK_GE, KD_CMP_GE}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (kd_at(p, signs[i].kind)) {
            *out = signs[i].compare;
            return true;
        }
    return false;
}

static kd_ast_x *parse_compare(kd_parser *p) {
    kd_ast_x *left = parse_sum(p);
    kd_ast_compare compare;
    if (!left || !at_compare(p, &compare)) return left;
    kd_advance(p);
    kd_ast_x *right = parse_sum(p);
    if (!right) return NULL;
    kd_ast_x *x = kd_new_x(p, KD_AST_COMPARE, kd_join(left->at, p->last));
    x->compare = compare;
    add_kid(p, x, left);
    add_kid(p, x, right);
    return x;
}

static kd_ast_x *parse_not(kd_parser *p) {
    if (p->pending || !kd_at_word(p, "not")) return parse_compare(p);
    kd_place at = p->tok[0].at;
    if (!kd_deeper(p)) return NULL;
    kd_advance(p);
    kd_ast_x *kid = parse_not(p);
    if (!kid) return NULL;
    p->nesting--;
    kd_ast_x *x = kd_new_x(p, KD_AST_NOT, kd_join(at, p->last));
    add_kid(p, x, kid);
    return x;
}

static kd_ast_x *parse_and(kd_parser *p) {
    kd_ast_x *first = parse_not(p);
    if (!first || !kd_at_word(p, "and")) return first;
    kd_ast_x *x = kd_new_x(p, KD_AST_AND, first->at);
    add_kid(p, x, first);
    while (kd_eat_word(p, "and")) {
        kd_ast_x *next = parse_not(p);
        if (!next) return NULL;
        add_kid(p, x, next);
    }
    x->at = kd_join(x->at, p->last);
    return x;
}

static kd_ast_x *parse_or(kd_parser *p) {
    kd_ast_x *first = parse_and(p);
    if (!first || !kd_at_word(p, "or")) return first;
    kd_ast_x *x = kd_new_x(p, KD_AST_OR, first->at);
    add_kid(p, x, first);
    while (kd_eat_word(p, "or")) {
        kd_ast_x *next = parse_and(p);
        if (!next) return NULL;
        add_kid(p, x, next);
    }
    x->at = kd_join(x->at, p->last);
    return x;
}

kd_ast_x *kd_parse_condition(kd_parser *p) {
    kd_ast_x *x = parse_or(p);
    return p->f->nomem ? NULL : x;
}

kd_ast_x *kd_parse_comparison(kd_parser *p) {
    kd_ast_x *x = parse_compare(p);
    return p->f->nomem ? NULL : x;
}

kd_ast_x *kd_parse_value(kd_parser *p) {
    kd_ast_x *x = parse_sum(p);
    return p->f->nomem ? NULL : x;
}

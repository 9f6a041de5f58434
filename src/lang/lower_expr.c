/* lower_expr.c: values: the newest figure of a notice, sums and counts, and the numbers made of them. */
#include "lang/lower.h"

#include <string.h>

static uint64_t bound_slots(const rel *r) {
    uint64_t slots = 0;
    for (unsigned i = 0; i < r->width; i++)
        if (r->tag[i] < 64) slots |= UINT64_C(1) << r->tag[i];
    return slots;
}

static unsigned slot_tags(uint64_t slots, uint8_t *tags) {
    unsigned n = 0;
    for (unsigned i = 0; i < 64 && n < KD_WIDTH_MAX; i++)
        if (slots >> i & 1) tags[n++] = (uint8_t)i;
    return n;
}

/* ---- The atoms -----------------------------------------------------------------------------------------------*/

/* Rows of the pattern's variables with the field as TAG_VALUE, where it was given, and TAG_DATED. */
static rel field_rows(lower *L, const kd_ast_x *x) {
    const kd_notice *n = &L->t->notices[x->pattern->index];
    low_want wants[] = {{(int)x->field, TAG_VALUE}, {n->dated, TAG_DATED}};
    rel r = low_pattern(L, x->pattern, -1, wants, n->dated >= 0 ? 2 : 1);
    if (!r.node) return r;
    if (n->fields[x->field].many == KD_OPTIONAL)
        r = rel_where(L, r, x_op1(L, KD_X_NOT, x_op1(L, KD_X_IS_ABSENT, rel_expr(L, &r, TAG_VALUE))));
    kd_expr day = x_today(L);
    if (n->dated < 0) return rel_with(L, r, TAG_DATED, day);
    const kd_field *f = &n->fields[n->dated];
    if (f->type == KD_T_DATE && f->many != KD_OPTIONAL) return r;
    kd_expr dated = x_op1(L, KD_X_DAY_BEGIN, rel_expr(L, &r, TAG_DATED));
    return rel_with(L, r, TAG_DATED, x_op(L, KD_X_OR_ELSE, dated, day));
}

static rel latest(lower *L, const kd_ast_x *x) {
    uint8_t keys[KD_WIDTH_MAX];
    rel r = field_rows(L, x);
    return rel_latest(L, r, keys, slot_tags(bound_slots(&r), keys));
}

/* The fold of all rows that agree on x's variables; of a figure also the newest statement. */
static rel folded(lower *L, const kd_ast_x *x, bool figure) {
    uint8_t keys[KD_WIDTH_MAX];
    rel r = x->op == KD_AST_TOTAL ? field_rows(L, x) : low_pattern(L, x->pattern, -1, NULL, 0);
    unsigned n = slot_tags(bound_slots(&r) & x->variables, keys);
    rel sum = rel_fold(L, r, keys, n, x->op == KD_AST_TOTAL ? KD_SUM : KD_COUNT, TAG_VALUE, TAG_VALUE);
    if (!figure) return sum;
    return rel_join(L, sum, rel_fold(L, r, keys, n, KD_GREATEST, TAG_STATEMENT, TAG_STATEMENT));
}

/* Whether x has a value, 0, where no row is. */
static bool may_be_nothing(const kd_ast_x *x) {
    return x->op == KD_AST_COUNT || x->op == KD_AST_TOTAL;
}

static rel atom(lower *L, const kd_ast_x *x, bool figure) {
    if (may_be_nothing(x)) return folded(L, x, figure);
    if (x->op == KD_AST_LATEST) return latest(L, x);
    return low_apply(L, low_number(L, x->index)->whole, x->args, x->arg_count);
}

/* Joins the atom's value to the rows of base; gives the column's expression. */
static kd_expr join_atom(lower *L, rel *base, const kd_ast_x *x, bool figure) {
    unsigned as = TAG_EXTRA;
    while (rel_has(base, as)) as++;
    rel a = rel_retag(atom(L, x, figure), TAG_VALUE, as);
    if (!figure) a = rel_retag(rel_retag(a, TAG_STATEMENT, TAG_NONE), TAG_DATED, TAG_NONE);
    if (!may_be_nothing(x)) {
        *base = rel_join(L, *base, a);
        return rel_expr(L, base, as);
    }
    *base = rel_join(L, *base, low_domains(L, bound_slots(&a) & ~bound_slots(base)));
    bool known = (bound_slots(&a) & ~bound_slots(base)) == 0;
    rel with = rel_join(L, *base, a);
    rel without = known ? rel_with(L, rel_antijoin(L, *base, a), as, x_value(L, 0)) : (rel){.node = 0};
    *base = rel_union(L, with, without);
    return rel_expr(L, base, as);
}

/* ---- What is made of them ------------------------------------------------------------------------------------*/

/* The values of variables that several counts of a sum would bind, each its own: those that any of them knows. */
static void join_known(lower *L, rel *base, const kd_ast_x *x) {
    uint8_t keys[KD_WIDTH_MAX];
    uint64_t open = 0;
    rel known = {.node = 0};
    size_t counts = 0;
    for (size_t i = 0; i < x->kid_count; i++) {
        if (!may_be_nothing(x->kids[i])) continue;
        rel a = atom(L, x->kids[i], false);
        uint64_t slots = bound_slots(&a) & ~bound_slots(base);
        if (!slots || (open && slots != open)) continue;
        open = slots;
        known = rel_union(L, known, rel_keep(L, a, keys, slot_tags(slots, keys)));
        counts++;
    }
    if (counts > 1) *base = rel_join(L, *base, rel_distinct(L, known));
}

/* All is joined before any expression is made: columns move when rows become wider. */
static void join_all(lower *L, rel *base, const kd_ast_x *x, bool figure, unsigned *made) {
    if (x->op == KD_AST_SUM) join_known(L, base, x);
    for (size_t i = 0; i < x->kid_count; i++) join_all(L, base, x->kids[i], figure, made);
    if (x->op == KD_AST_NUMBER || x->op == KD_AST_LATEST || may_be_nothing(x)) {
        join_atom(L, base, x, figure);
        ++*made;
    }
}

/* The expression over what was joined, atoms in the order in which they were. */
static kd_expr expression(lower *L, const rel *base, const kd_ast_x *x, unsigned *next) {
    kd_expr all = 0;
    switch (x->op) {
    case KD_AST_TERM:
        return low_term(L, base, &x->term);
    case KD_AST_NUMBER:
    case KD_AST_LATEST:
    case KD_AST_TOTAL:
    case KD_AST_COUNT:
        return rel_expr(L, base, (*next)++);
    default:
        break;
    }
    for (size_t i = 0; i < x->kid_count; i++) {
        kd_expr one = expression(L, base, x->kids[i], next);
        kd_op op = x->op == KD_AST_PRODUCT ? KD_X_MUL : x->kids[i]->minus ? KD_X_SUB : KD_X_ADD;
        if (i == 0 && op != KD_X_SUB)
            all = one;
        else
            all = x_op(L, op, i == 0 ? x_value(L, 0) : all, one);
    }
    return all;
}

static bool values(lower *L, rel *base, kd_ast_x *const *x, size_t count, bool figure, kd_expr *out) {
    unsigned next = TAG_EXTRA, made = 0;
    while (rel_has(base, next)) next++;
    for (size_t i = 0; i < count; i++) join_all(L, base, x[i], figure, &made);
    if (next + made >= TAG_NONE) {
        low_fail(L, "width", "an expression has more than %d parts", KD_WIDTH_MAX);
        return false;
    }
    if (!base->node) return false;
    for (size_t i = 0; i < count; i++) out[i] = expression(L, base, x[i], &next);
    return true;
}

bool low_values(lower *L, rel *base, kd_ast_x *const *x, size_t count, kd_expr *out) {
    return values(L, base, x, count, false, out);
}

/* ---- Numbers -------------------------------------------------------------------------------------------------*/

/* Gathers the keys of which x's counts know anything; false when a part of x must be known anyway. */
static bool gather_shown(lower *L, const kd_ast_x *x, uint64_t keys, rel *shown) {
    uint8_t tags[KD_WIDTH_MAX];
    rel part = {.node = 0};
    if (x->op == KD_AST_LATEST) return false;
    if (x->op == KD_AST_NUMBER) {
        part = low_number(L, x->index)->shown;
        if (!part.node) return false;
        part = low_apply(L, part, x->args, x->arg_count);
    }
    if (may_be_nothing(x)) part = atom(L, x, false);
    if (part.node) {
        part = rel_join(L, part, low_domains(L, keys & ~bound_slots(&part)));
        *shown = rel_union(L, *shown, rel_keep(L, part, tags, slot_tags(keys, tags)));
    }
    for (size_t i = 0; i < x->kid_count; i++)
        if (!gather_shown(L, x->kids[i], keys, shown)) return false;
    return true;
}

number low_figure(lower *L, kd_ast_x *x, uint64_t keys) {
    uint8_t tags[KD_WIDTH_MAX];
    number n = {.whole = L->unit, .shown = {.node = 0}};
    kd_expr v;
    if (!values(L, &n.whole, &x, 1, true, &v)) return (number){.whole = {.node = 0}};
    n.whole = rel_with(L, n.whole, TAG_VALUE, v);
    n.whole = rel_join(L, n.whole, low_domains(L, keys & ~bound_slots(&n.whole)));
    unsigned count = slot_tags(keys, tags);
    if (count > KD_WIDTH_MAX - 3) {
        low_fail(L, "width", "a number of %u parameters; %d are possible", count, KD_WIDTH_MAX - 3);
        return n;
    }
    tags[count] = TAG_VALUE;
    tags[count + 1] = TAG_STATEMENT;
    tags[count + 2] = TAG_DATED;
    n.whole = rel_keep(L, n.whole, tags, count + 3);
    if (!gather_shown(L, x, keys, &n.shown)) n.shown = (rel){.node = 0};
    n.shown = rel_distinct(L, n.shown);
    return n;
}

/* n plus what a Party adds, where there is any. */
static rel added(lower *L, rel n, rel more) {
    rel both = rel_join(L, n, rel_retag(more, TAG_VALUE, TAG_EXTRA));
    kd_expr sum = x_op(L, KD_X_ADD, rel_expr(L, &both, TAG_VALUE), rel_expr(L, &both, TAG_EXTRA));
    return rel_union(L, rel_keep(L, rel_with(L, both, TAG_VALUE, sum), n.tag, n.width),
                     rel_antijoin(L, n, more));
}

const number *low_number(lower *L, uint32_t index) {
    const kd_ast_number *d = &L->ast->numbers[index];
    number *n = &L->numbers[L->reading * L->ast->number_count + index];
    if (n->whole.node) return n;
    const kd_ast_vars *outer = L->vars;
    L->vars = &d->vars;
    uint64_t keys = d->arity >= 64 ? UINT64_MAX : (UINT64_C(1) << d->arity) - 1;
    *n = low_figure(L, d->value, keys);
    for (size_t i = 0; i < d->counted_count; i++)
        if (d->counted[i].party == L->t->readings[L->reading].of)
            n->whole = added(L, n->whole, low_figure(L, d->counted[i].add, keys).whole);
    L->vars = outer;
    return n;
}

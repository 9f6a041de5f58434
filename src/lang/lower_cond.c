/* lower_cond.c: conditions: which rows they hold for. */
#include "lang/lower.h"

#include <string.h>

static rel filter(lower *L, rel base, const kd_ast_x *c, bool loosely);

static uint64_t slots_of(const rel *r) {
    uint64_t slots = 0;
    for (unsigned i = 0; i < r->width; i++)
        if (r->tag[i] < 64) slots |= UINT64_C(1) << r->tag[i];
    return slots;
}

rel low_domains(lower *L, uint64_t slots) {
    rel r = L->unit;
    for (unsigned i = 0; i < 64; i++) {
        if (!(slots >> i & 1) || !L->vars || i >= L->vars->count) continue;
        rel one = low_domain(L, i);
        if (one.node) r = rel_join(L, r, one);
    }
    return r;
}

/* ---- Tests ---------------------------------------------------------------------------------------------------*/

/* Those of whom some rule is breached, under the variable when the Party is one. */
static rel breached(lower *L, const kd_ast_term *party) {
    rel r = low_breaches(L);
    if (party->what == KD_TERM_VARIABLE) return rel_retag(r, TAG_PARTY, party->slot);
    r = rel_where(L, r, x_op(L, KD_X_EQ, rel_expr(L, &r, TAG_PARTY), low_term(L, &r, party)));
    return rel_retag(r, TAG_PARTY, TAG_NONE);
}

static rel in_force(lower *L) {
    return rel_retag(L->in_force_bare, TAG_ENTRY, TAG_NONE);
}

/* Rows that a test which is no comparison joins with. */
static rel test_rows(lower *L, const kd_ast_x *c) {
    if (c->op == KD_AST_FACT) return low_pattern(L, c->pattern, -1, NULL, 0);
    return c->op == KD_AST_IN_FORCE ? in_force(L) : breached(L, &c->term);
}

static rel compare(lower *L, rel base, const kd_ast_x *c, bool loosely) {
    static const kd_op ops[] = {[KD_CMP_EQ] = KD_X_EQ, [KD_CMP_NE] = KD_X_NE, [KD_CMP_LT] = KD_X_LT,
                                [KD_CMP_LE] = KD_X_LE, [KD_CMP_GT] = KD_X_GT, [KD_CMP_GE] = KD_X_GE};
    kd_expr v[2];
    if (!low_values(L, &base, c->kids, 2, v)) return (rel){.node = 0};
    if (!loosely) return rel_where(L, base, x_op(L, ops[c->compare], v[0], v[1]));
    kd_expr either = x_op(L, KD_X_OR, x_op1(L, KD_X_IS_ABSENT, v[0]), x_op1(L, KD_X_IS_ABSENT, v[1]));
    return rel_where(L, base, x_op1(L, KD_X_NOT, either));
}

/* ---- What is made of tests -----------------------------------------------------------------------------------*/

/* First what binds variables, then what compares, then what takes away. */
static int turn(const kd_ast_x *c) {
    return c->op == KD_AST_NOT ? 2 : c->op == KD_AST_COMPARE ? 1 : 0;
}

static rel all_of(lower *L, rel base, const kd_ast_x *c, bool loosely) {
    for (int now = 0; now < 3; now++)
        for (size_t i = 0; i < c->kid_count; i++)
            if (turn(c->kids[i]) == now) base = filter(L, base, c->kids[i], loosely);
    return base;
}

/* The columns of base and the variables that every alternative binds. */
static rel any_of(lower *L, rel base, const kd_ast_x *c, bool loosely) {
    rel *parts = kd_arena_array(L->arena, c->kid_count, sizeof *parts), r;
    uint64_t common = UINT64_MAX;
    if (!parts) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    for (size_t i = 0; i < c->kid_count; i++) {
        parts[i] = filter(L, base, c->kids[i], loosely);
        common &= slots_of(&parts[i]);
    }
    for (size_t i = 0; i < c->kid_count; i++) {
        uint8_t tags[KD_WIDTH_MAX];
        unsigned n = 0;
        for (unsigned j = 0; j < parts[i].width; j++) {
            unsigned tag = parts[i].tag[j];
            if (tag != TAG_NONE && (tag >= 64 || common >> tag & 1) && !memchr(tags, (int)tag, n))
                tags[n++] = (uint8_t)tag;
        }
        parts[i] = rel_keep(L, parts[i], tags, n);
    }
    r = rel_union_all(L, parts, c->kid_count);
    return rel_distinct(L, r);
}

rel low_unless(lower *L, rel base, const kd_ast_x *c) {
    uint8_t tags[64];
    unsigned n = 0;
    if (!base.node) return base;
    if (c->op == KD_AST_NOT) return low_filter(L, base, c->kids[0]);
    if (c->op == KD_AST_FACT || c->op == KD_AST_IN_FORCE || c->op == KD_AST_SOME_BREACH)
        return rel_antijoin(L, base, test_rows(L, c));
    for (unsigned i = 0; i < base.width; i++)
        if (base.tag[i] < 64 && c->variables >> base.tag[i] & 1 && !memchr(tags, base.tag[i], n))
            tags[n++] = base.tag[i];
    rel asked = n == 0 ? L->unit : rel_keep(L, base, tags, n);
    if (n && rel_is_level(L, base)) asked = rel_distinct(L, asked);
    return rel_antijoin(L, base, rel_keep(L, low_filter(L, asked, c), tags, n));
}

static rel filter(lower *L, rel base, const kd_ast_x *c, bool loosely) {
    if (!base.node) return base;
    switch (c->op) {
    case KD_AST_AND:
        return all_of(L, base, c, loosely);
    case KD_AST_OR:
        return any_of(L, base, c, loosely);
    case KD_AST_COMPARE:
        return compare(L, base, c, loosely);
    case KD_AST_NOT:
        if (loosely && c->kids[0]->op == KD_AST_COMPARE) return compare(L, base, c->kids[0], true);
        return low_unless(L, base, c->kids[0]);
    default:
        return rel_join(L, base, test_rows(L, c));
    }
}

rel low_filter(lower *L, rel base, const kd_ast_x *c) {
    return filter(L, base, c, false);
}

/* The slots for which c has rows of its own, whatever is asked. */
static uint64_t binds(const kd_ast_x *c) {
    uint64_t slots = c->op == KD_AST_OR ? UINT64_MAX : 0;
    switch (c->op) {
    case KD_AST_FACT:
        return c->pattern->variables;
    case KD_AST_SOME_BREACH:
        return c->term.what == KD_TERM_VARIABLE ? UINT64_C(1) << c->term.slot : 0;
    case KD_AST_COMPARE:
        for (size_t i = 0; i < 2; i++)
            if (c->kids[i]->op == KD_AST_NUMBER || c->kids[i]->op == KD_AST_LATEST)
                slots |= c->kids[i]->variables;
        return slots;
    case KD_AST_AND:
        for (size_t i = 0; i < c->kid_count; i++) slots |= binds(c->kids[i]);
        return slots;
    case KD_AST_OR:
        for (size_t i = 0; i < c->kid_count; i++) slots &= binds(c->kids[i]);
        return slots;
    default:
        return 0;
    }
}

static rel condition(lower *L, const kd_ast_x *c, bool loosely) {
    return filter(L, low_domains(L, c->variables & ~binds(c)), c, loosely);
}

rel low_condition(lower *L, const kd_ast_x *c) {
    return condition(L, c, false);
}

rel low_condition_loosely(lower *L, const kd_ast_x *c) {
    return condition(L, c, true);
}

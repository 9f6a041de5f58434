/* lower_reading.c: readings: which facts they do without, whom they free, and what they have not said. */
#include "lang/lower.h"

#include <string.h>

/* ---- Facts held invalid --------------------------------------------------------------------------------------*/

/* Rows of the fact that the clause speaks of. */
static rel spoken_of(lower *L, const kd_ast_reading_clause *c) {
    rel r = low_fact_as_declared(L, c->fact->index);
    kd_ast_term args[KD_AST_FACT_ARITY];
    for (size_t i = 0; i < c->fact->arg_count && i < KD_AST_FACT_ARITY; i++) args[i] = c->fact->args[i].term;
    return low_apply(L, r, args, c->fact->arg_count);
}

static int from_field(const kd_notice *n) {
    for (size_t i = 0; i < n->field_count; i++)
        if (kd_str_is(n->fields[i].name, "from") && n->fields[i].column >= 0 &&
            (n->fields[i].type == KD_T_DATE || n->fields[i].type == KD_T_INSTANT))
            return (int)i;
    return -1;
}

/* The statements by which the reading holds it invalid, at the time that they speak of, or else at their receipt. */
static rel held_since(lower *L, const kd_ast_pattern *x) {
    const kd_notice *n = &L->t->notices[x->index];
    int from = from_field(n);
    rel r = low_pattern(L, x, from, NULL, 0);
    if (from < 0 || n->fields[from].many != KD_OPTIONAL) return r;
    low_want want = {from, TAG_WHEN};
    rel undated = low_pattern(L, x, -1, &want, 1);
    undated = rel_where(L, undated, x_op1(L, KD_X_IS_ABSENT, rel_expr(L, &undated, TAG_WHEN)));
    return rel_union(L, r, rel_keep(L, undated, r.tag, r.width));
}

/* Level of the fact's parameters, as far as the clause names them, that the reading holds invalid: from the
 * statement's time on, until the fact no longer holds. */
static rel invalid(lower *L, const kd_ast_reading_clause *c) {
    uint8_t shared[KD_WIDTH_MAX], tags[KD_AST_FACT_ARITY];
    kd_expr values[KD_AST_FACT_ARITY];
    const kd_ast_vars *outer = L->vars;
    L->vars = &c->vars;
    rel fact = spoken_of(L, c), since = held_since(L, c->since);
    unsigned n = rel_shared(&fact, &since, shared), count = 0;
    rel end = rel_fall(L, rel_distinct(L, rel_keep(L, fact, shared, n)));
    rel r = rel_hold(L, rel_keep(L, since, shared, n), end, shared, n);
    for (size_t i = 0; i < c->fact->arg_count && i < KD_AST_FACT_ARITY; i++) {
        const kd_ast_term *x = &c->fact->args[i].term;
        bool variable = x->what == KD_TERM_VARIABLE || x->what == KD_TERM_OTHER;
        if (x->what == KD_TERM_ANY || (variable && !rel_has(&r, x->slot))) continue;
        tags[count] = (uint8_t)c->fact->args[i].field;
        values[count++] = low_term(L, &r, x);
    }
    L->vars = outer;
    if (!r.node) return r;
    return rel_of(L->p, kd_plan_map(L->p, r.node, values, count), tags);
}

rel low_fact(lower *L, uint32_t fact) {
    rel *held = &L->held[L->reading * L->t->fact_count + fact];
    if (held->node) return *held;
    const kd_ast_reading *x = L->ast->readings ? &L->ast->readings[L->reading] : NULL;
    rel r = low_fact_as_declared(L, fact);
    for (size_t i = 0; x && i < x->clause_count; i++)
        if (x->clauses[i].op == KD_READ_HOLDS_INVALID && x->clauses[i].fact->index == fact)
            r = rel_antijoin(L, r, invalid(L, &x->clauses[i]));
    return *held = r;
}

/* ---- Marks ---------------------------------------------------------------------------------------------------*/

/* Rows r, which have TAG_GROUP, TAG_PARTY and TAG_STATEMENT, as the reading's marks. */
static void mark(lower *L, rel r, kd_mark what) {
    if (!r.node) return;
    kd_expr row[] = {x_value(L, L->reading), x_value(L, what), rel_expr(L, &r, TAG_GROUP),
                     rel_expr(L, &r, TAG_PARTY), rel_expr(L, &r, TAG_STATEMENT)};
    kd_node node = kd_plan_map(L->p, r.node, row, 5);
    if (node) kd_plan_sink(L->p, node, KD_SINK_BINDING);
}

static rel groups(lower *L, const uint32_t *list, size_t count) {
    static const uint8_t tags[] = {TAG_GROUP};
    kd_value *rows = kd_arena_array(L->arena, count ? count : 1, sizeof *rows);
    if (!rows) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    for (size_t i = 0; i < count; i++) rows[i] = list ? (kd_value)list[i] : (kd_value)i;
    return rel_of(L->p, kd_plan_constant(L->p, rows, count, 1), tags);
}

/* One row of the clause's condition for each of its groups and the Party; no condition always holds. */
static rel while_holds(lower *L, const kd_ast_reading_clause *c, rel of_groups, uint32_t party) {
    static const uint8_t statement[] = {TAG_STATEMENT};
    rel r = c->cond ? rel_keep(L, low_condition(L, c->cond), statement, 1) : L->unit;
    return rel_with(L, rel_join(L, r, of_groups), TAG_PARTY, x_value(L, party));
}

/* What the Party's statements list, each from its receipt on, while the condition holds. */
static rel named(lower *L, const kd_ast_reading_clause *c, uint32_t party) {
    static const kd_on statement = {1, 0};
    static const uint8_t columns[] = {TAG_GROUP, TAG_STATEMENT};
    rel r = low_notice(L, c->notice, -1);
    kd_node list = low_input(L, c->notice, -1, (int)c->field);
    if (!r.node || !list) return (rel){.node = 0};
    if (!L->t->notices[c->notice].by_both)
        r = rel_where(L, r, x_op(L, KD_X_EQ, kd_plan_column(L->p, 0), x_value(L, party)));
    rel listed = rel_of(L->p, kd_plan_join(L->p, r.node, list, &statement, 1), NULL);
    if (!listed.node) return listed;
    listed.tag[1] = TAG_STATEMENT;
    listed.tag[listed.width - 1] = TAG_GROUP;
    rel level = rel_forever(L, rel_keep(L, listed, columns, 2));
    if (c->cond) level = rel_join(L, level, rel_keep(L, low_condition(L, c->cond), NULL, 0));
    return rel_with(L, level, TAG_PARTY, x_value(L, party));
}

static bool speaks_of(const kd_ast_x *x, uint32_t fact) {
    if (!x) return false;
    if (x->op == KD_AST_FACT && x->pattern->index == fact) return true;
    if (x->op == KD_AST_COUNT && x->pattern->target == KD_OF_FACT && x->pattern->index == fact) return true;
    for (size_t i = 0; i < x->kid_count; i++)
        if (speaks_of(x->kids[i], fact)) return true;
    return false;
}

static bool excuses(const kd_ast_rule *r, uint32_t fact) {
    if (speaks_of(r->excused, fact)) return true;
    for (size_t i = 0; i < r->refuse_count; i++)
        if (speaks_of(r->refuse[i], fact)) return true;
    return false;
}

/* The groups that the fact matters to: those that some reading frees while it holds, and those of the rules that it
 * excuses; all when there are none. */
static rel groups_touched(lower *L, uint32_t fact) {
    const kd_treaty *t = L->t;
    uint32_t *list = kd_arena_array(L->arena, t->group_count ? t->group_count : 1, sizeof *list);
    size_t n = 0;
    if (!list) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    for (uint32_t g = 0; g < t->group_count; g++) {
        bool touched = false;
        for (size_t i = 0; !touched && i < t->reading_count; i++)
            for (size_t j = 0; !touched && j < L->ast->readings[i].clause_count; j++) {
                const kd_ast_reading_clause *c = &L->ast->readings[i].clauses[j];
                if (c->op != KD_READ_FREES || !speaks_of(c->cond, fact)) continue;
                for (size_t k = 0; k < c->group_count; k++) touched |= c->groups[k] == g;
            }
        for (size_t r = 0; !touched && r < t->rule_count; r++)
            touched = t->rules[r].group == g && excuses(&L->ast->rules[r], fact);
        if (touched) list[n++] = g;
    }
    return n ? groups(L, list, n) : groups(L, NULL, t->group_count);
}

/* The fact holds and the reading has not yet said that it is invalid. */
static void unsaid(lower *L, const kd_ast_reading_clause *c) {
    rel r = low_fact_as_declared(L, c->fact->index), party = low_parties(L, UINT64_MAX);
    for (size_t i = 0; i < c->fact->arg_count; i++) {
        const kd_ast_arg *arg = &c->fact->args[i];
        bool fixed = arg->term.what == KD_TERM_VALUE || arg->term.what == KD_TERM_TEXT;
        if (fixed)
            r = rel_where(L, r, x_op(L, KD_X_EQ, rel_expr(L, &r, arg->field), low_term(L, &r, &arg->term)));
    }
    r = rel_antijoin(L, r, invalid(L, c));
    const kd_fact *fact = &L->t->facts[c->fact->index];
    unsigned i = 0;
    while (i < fact->arity && fact->params[i].type != KD_T_PARTY) i++;
    r = i < fact->arity ? rel_with(L, r, TAG_PARTY, rel_expr(L, &r, i)) : rel_join(L, r, party);
    mark(L, rel_join(L, r, groups_touched(L, c->fact->index)), KD_MARK_UNSAID);
}

static void clause(lower *L, const kd_ast_reading_clause *c) {
    rel all = groups(L, NULL, L->t->group_count), some = groups(L, c->groups, c->group_count);
    uint32_t own = L->t->readings[L->reading].of;
    L->vars = &c->vars;
    switch (c->op) {
    case KD_READ_HOLDS_INVALID:
        unsaid(L, c);
        break;
    case KD_READ_FREES:
        mark(L, while_holds(L, c, some, c->party), KD_MARK_FREED);
        break;
    case KD_READ_KEEPS:
        mark(L, while_holds(L, c, some, own), KD_MARK_KEEPS);
        break;
    case KD_READ_KEEPS_WHAT:
        mark(L, named(L, c, own), KD_MARK_KEEPS);
        break;
    case KD_READ_LETS_WITHHOLD:
        mark(L, while_holds(L, c, some, c->party), KD_MARK_WITHHELD);
        break;
    case KD_READ_LETS_WHAT:
        mark(L, named(L, c, c->party), KD_MARK_WITHHELD);
        break;
    case KD_READ_SAYS_NOTHING:
        mark(L, while_holds(L, c, all, c->party), KD_MARK_NO_CLAIM);
        break;
    }
}

void low_bindings(lower *L) {
    const kd_ast_reading *x = L->ast->readings ? &L->ast->readings[L->reading] : NULL;
    for (size_t i = 0; x && i < x->clause_count; i++) clause(L, &x->clauses[i]);
}

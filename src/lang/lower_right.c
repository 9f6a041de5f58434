/* lower_right.c: rights: that they were used, and what the other owes then. */
#include "lang/lower.h"

/* Each use: TAG_PARTY and, when it is a variable, its slot: who uses it. */
static rel uses(lower *L, const kd_ast_rule *x) {
    static const low_want by = {-1, TAG_PARTY};
    rel r = rel_join(L, low_pattern(L, x->may, -1, &by, 1), L->in_force_bare);
    kd_expr party = rel_expr(L, &r, TAG_PARTY);
    if (x->may_who.what != KD_TERM_VARIABLE)
        r = rel_where(L, r, x_op(L, KD_X_EQ, party, low_term(L, &r, &x->may_who)));
    else if (rel_has(&r, x->may_who.slot))
        r = rel_where(L, r, x_op(L, KD_X_EQ, party, rel_expr(L, &r, x->may_who.slot)));
    else
        r = rel_with(L, r, x->may_who.slot, party);
    return rel_with(L, r, TAG_DAY, x_today(L));
}

static rel reply(lower *L, uint32_t index, rel used) {
    const kd_ast_rule *x = &L->ast->rules[index];
    const kd_ast_x **excuses = kd_arena_array(L->arena, x->refuse_count + 1, sizeof *excuses);
    size_t n = 0;
    if (!excuses) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    if (x->excused) excuses[n++] = x->excused;
    for (size_t i = 0; i < x->refuse_count; i++) excuses[n++] = x->refuse[i];
    rel t = low_owing(L, index, used, x->reply.who_kind, &x->reply.who);
    low_owed o = {.trigger = rel_with(L, t, TAG_FIRE, low_too_late(L, &x->reply.deadline, x_now(L))),
                  .kept_by_count = 1,
                  .notice = (uint32_t)low_pattern_notice(L, x->reply.pattern),
                  .jointly = x->reply.who_kind == KD_WHO_JOINTLY,
                  .excuses = excuses,
                  .excuse_count = n};
    o.kept_by[0] = low_keeping(L, x->reply.pattern, x->reply.who_kind, &x->reply.who);
    return low_obligation(L, &o);
}

/* Who may use it: the Parties that its `each` or its own name says. */
static rel holders(lower *L, uint32_t index) {
    const kd_ast_term *who = &L->ast->rules[index].may_who;
    rel all = low_parties(L, L->t->rules[index].only);
    if (who->what != KD_TERM_VALUE) return all;
    return rel_where(L, all, x_op(L, KD_X_EQ, rel_expr(L, &all, TAG_PARTY), x_value(L, who->value)));
}

rel low_right(lower *L, uint32_t index) {
    static const uint8_t party[] = {TAG_PARTY}, columns[] = {TAG_PARTY, TAG_DAY, TAG_STATEMENT};
    const kd_ast_rule *x = &L->ast->rules[index];
    rel used = low_bound_parties(L, index, uses(L, x));
    rel last = rel_latest(L, rel_keep(L, used, columns, 3), party, 1);
    rel r = rel_union(L, low_status(L, last, KD_KEPT),
                      low_status(L, rel_antijoin(L, holders(L, index), last), KD_NOT_SHOWN));
    r = rel_join(L, r, L->in_force_bare);
    return x->has_reply ? rel_union(L, r, reply(L, index, used)) : r;
}

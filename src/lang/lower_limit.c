/* lower_limit.c: limits: the newest figure against the bound of its phase. */
#include "lang/lower.h"

/* First day of a phase, over rows that carry TAG_ENTRY. */
static kd_expr first_day(lower *L, const rel *r, const kd_limit_phase *p) {
    if (!p->from_in_force) return x_value(L, p->from);
    return x_op(L, KD_X_ADD_MONTHS, rel_expr(L, r, TAG_ENTRY), x_value(L, 12 * p->years));
}

/* While in force: TAG_ENTRY and, as TAG_WHEN, the first day of the phase begun last, absent before the first. */
static rel phase_in_force(lower *L, const kd_rule *rule) {
    static const uint8_t fire[] = {TAG_FIRE}, columns[] = {TAG_ENTRY, TAG_WHEN};
    rel starts = {.node = 0};
    for (size_t i = 0; i < rule->phase_count; i++) {
        const kd_limit_phase *p = &rule->phases[i];
        rel base = p->from_in_force ? L->in_force_bare : L->unit;
        starts =
            rel_union(L, starts, rel_keep(L, rel_with(L, base, TAG_FIRE, first_day(L, &base, p)), fire, 1));
    }
    rel begun = rel_fold(L, rel_timer(L, starts, TAG_FIRE), NULL, 0, KD_GREATEST, TAG_FIRE, TAG_WHEN);
    rel in = rel_keep(L, rel_join(L, L->in_force_bare, begun), columns, 2);
    return rel_union(L, in, rel_keep(L, rel_antijoin(L, L->in_force_bare, begun), columns, 2));
}

/* The number of the last phase whose first day is not after the day. */
static kd_expr bound_of(lower *L, const rel *r, const kd_rule *rule, kd_expr day) {
    kd_expr bound = x_value(L, rule->phase_count ? rule->phases[0].at_most : KD_ABSENT);
    for (size_t i = 1; i < rule->phase_count; i++)
        bound = x_if(L, x_op(L, KD_X_LE, first_day(L, r, &rule->phases[i]), day),
                     x_value(L, rule->phases[i].at_most), bound);
    return bound;
}

/* A count of what is now has no date: it belongs to the phase in force. */
static rel judge(lower *L, rel r, const kd_rule *rule) {
    kd_expr dated = rel_expr(L, &r, TAG_DATED), phase = rel_expr(L, &r, TAG_WHEN);
    kd_expr first = first_day(L, &r, &rule->phases[0]);
    kd_expr undated = x_op1(L, KD_X_IS_ABSENT, dated), not_begun = x_op1(L, KD_X_IS_ABSENT, phase);
    kd_expr before = x_op(L, KD_X_LT, dated, first);
    kd_expr pending = x_op(L, KD_X_AND, not_begun, x_op(L, KD_X_OR, undated, before));
    kd_expr not_shown = x_op(L, KD_X_LT, dated, phase);
    kd_expr day = x_if(L, pending, first, x_if(L, x_op(L, KD_X_OR, not_shown, undated), phase, dated));
    kd_expr bound = bound_of(L, &r, rule, day);
    kd_expr kept = x_op(L, KD_X_LE, rel_expr(L, &r, TAG_VALUE), bound);
    kd_expr judged = x_if(L, kept, x_value(L, KD_KEPT), x_value(L, KD_BREACHED));
    kd_expr status =
        x_if(L, pending, x_value(L, KD_PENDING), x_if(L, not_shown, x_value(L, KD_NOT_SHOWN), judged));
    kd_expr due = x_if(L, pending, first, x_value(L, KD_ABSENT));
    static const uint8_t tags[] = {TAG_PARTY, TAG_STATUS, TAG_DUE, TAG_BOUND};
    kd_expr values[] = {rel_expr(L, &r, TAG_PARTY), status, due, bound};
    return rel_with_all(L, r, tags, values, 4);
}

/* Those of whom no figure is known. */
static rel without_figure(lower *L, const kd_rule *rule, rel parties, rel state, rel figures) {
    rel r = rel_antijoin(L, rel_join(L, parties, state), figures);
    kd_expr day = x_op(L, KD_X_OR_ELSE, rel_expr(L, &r, TAG_WHEN), first_day(L, &r, &rule->phases[0]));
    return low_status(L, rel_with(L, r, TAG_BOUND, bound_of(L, &r, rule, day)), KD_NOT_SHOWN);
}

rel low_limit(lower *L, uint32_t index) {
    const kd_rule *rule = &L->t->rules[index];
    const kd_ast_rule *x = &L->ast->rules[index];
    if (!rule->phase_count) return (rel){.node = 0};
    number n = low_figure(L, x->on, x->has_each ? UINT64_C(1) << x->each : 0);
    rel figures = n.shown.node ? rel_join(L, n.whole, n.shown) : n.whole;
    figures = low_judged(L, index, figures);
    rel state = phase_in_force(L, rule), rows = judge(L, rel_join(L, figures, state), rule);
    if (x->excused) {
        kd_expr is_breached = x_op(L, KD_X_EQ, rel_expr(L, &rows, TAG_STATUS), x_value(L, KD_BREACHED));
        rel breached = rel_where(L, rows, is_breached);
        const kd_ast_x *excuse = x->excused;
        rows = rel_union(L, rel_where(L, rows, x_op1(L, KD_X_NOT, is_breached)),
                         low_excused(L, breached, &excuse, 1));
    }
    return rel_union(L, rows, without_figure(L, rule, low_judged_parties(L, index), state, figures));
}

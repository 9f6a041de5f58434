/* lower_ban.c: bans: what must not happen, or must not hold. */
#include "lang/lower.h"

static const uint8_t PARTY[] = {TAG_PARTY};

/* Those of whom nothing else is to be said: kept where silence shows it. */
static rel quiet(lower *L, uint32_t index, rel parties) {
    int notice = L->t->rules[index].notice;
    if (notice < 0) return low_status(L, parties, KD_NOT_SHOWN);
    bool jointly = low_is_of_both(L, index);
    return rel_union(L, low_status(L, low_shown(L, parties, (uint32_t)notice, jointly), KD_KEPT),
                     low_status(L, low_silent(L, parties, (uint32_t)notice, jointly), KD_NOT_SHOWN));
}

static rel of_status(lower *L, rel rows, kd_verdict_status s) {
    return rel_where(L, rows, x_op(L, KD_X_EQ, rel_expr(L, &rows, TAG_STATUS), x_value(L, s)));
}

/* Each event stays a breach until the treaty ends. */
static rel never_happens(lower *L, uint32_t index) {
    static const uint8_t columns[] = {TAG_PARTY, TAG_DAY, TAG_STATUS, TAG_STATEMENT};
    const kd_ast_rule *x = &L->ast->rules[index];
    const kd_ast_x *excuse = x->excused;
    rel r = rel_join(L, low_pattern(L, x->never, -1, NULL, 0), L->in_force_bare);
    r = low_judged(L, index, r);
    if (x->unless) r = low_unless(L, r, x->unless);
    r = rel_with(L, low_status(L, r, KD_BREACHED), TAG_DAY, x_today(L));
    r = rel_forever(L, rel_keep(L, low_excused(L, r, &excuse, excuse ? 1 : 0), columns, 4));
    rel breached = rel_keep(L, of_status(L, r, KD_BREACHED), PARTY, 1);
    return rel_union(L, r, quiet(L, index, rel_antijoin(L, low_judged_parties(L, index), breached)));
}

/* A breach while it holds; what would be one but for its comparisons is kept. */
static rel never_holds(lower *L, uint32_t index) {
    static const uint8_t columns[] = {TAG_PARTY, TAG_STATUS, TAG_STATEMENT};
    const kd_ast_rule *x = &L->ast->rules[index];
    const kd_ast_x *excuse = x->excused;
    rel strict = low_condition(L, x->never_while), loose = low_condition_loosely(L, x->never_while);
    rel r = low_judged(L, index, strict);
    if (x->unless) r = low_unless(L, r, x->unless);
    r = rel_keep(L, low_excused(L, low_status(L, r, KD_BREACHED), &excuse, excuse ? 1 : 0), columns, 3);
    rel others = rel_antijoin(L, low_judged_parties(L, index), rel_keep(L, r, PARTY, 1));
    if (loose.node != strict.node) {
        rel near = rel_distinct(L, rel_keep(L, low_judged(L, index, loose), PARTY, 1));
        r = rel_union(L, r, low_status(L, rel_join(L, others, near), KD_KEPT));
        others = rel_antijoin(L, others, near);
    }
    return rel_union(L, r, quiet(L, index, others));
}

rel low_ban(lower *L, uint32_t index) {
    rel r = L->ast->rules[index].never ? never_happens(L, index) : never_holds(L, index);
    return rel_join(L, r, L->in_force_bare);
}

/* lower_ladder.c: ladders: which rung is held by whom. */
#include "lang/lower.h"

static void rung(lower *L, size_t ladder, size_t index) {
    const kd_ast_rung *x = &L->ast->ladders[ladder].rungs[index];
    L->vars = &x->vars;
    rel r = low_apply(L, low_fact_as_declared(L, x->fact), x->args, x->arg_count);
    if (!r.node) return;
    kd_expr party = x->both ? x_value(L, KD_BOTH) : rel_expr(L, &r, 0);
    kd_expr row[] = {x_value(L, (kd_value)ladder), x_value(L, (kd_value)index), party,
                     rel_expr(L, &r, TAG_STATEMENT)};
    kd_node node = kd_plan_map(L->p, r.node, row, 4);
    if (node) kd_plan_sink(L->p, node, KD_SINK_RUNG);
}

void low_rungs(lower *L) {
    for (size_t i = 0; i < L->t->ladder_count; i++)
        for (size_t j = 0; j < L->t->ladders[i].rung_count; j++) rung(L, i, j);
}

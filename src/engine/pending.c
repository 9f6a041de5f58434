/* pending.c: the rows that owe something: timers that have not fired, rows that wait for what is ahead of them. */
#include "engine/run.h"

static void tell_of(const kd_engine *g, const eng_node *n, kd_pending each, void *ctx) {
    if (n->op->pending) n->op->pending(g, n, each, ctx);
}

/* In the order of the plan: a node, then whoever carries its rows to later stages. */
void kd_engine_pending(const kd_engine *g, kd_pending each, void *ctx) {
    for (kd_node p = 1; p < g->plan->node_count; p++) {
        const eng_node *n = &g->nodes[g->node_of[p]];
        tell_of(g, n, each, ctx);
        for (uint32_t i = 0; i < n->reader_count; i++) {
            const eng_node *r = g->readers[n->first_reader + i].node;
            if (r->plan == p) tell_of(g, r, each, ctx);
        }
    }
}

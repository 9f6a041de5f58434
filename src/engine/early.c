/* early.c: tells a time point's verdict before all that it could see ahead is known, when what is known decides it.
 *
 *      A(x) AND NOT EVENTUALLY[0,1000] B(x)        no A at this time point: decided at once
 *                                                  B came for every x of A: decided then, not after 1000
 *
 * A row that stands ahead stands for good, so one that is found is final; one that is not found may still come,
 * unless UNTIL's left side has failed since. A stage can be tried so when its rows come from carriers, pass through
 * operators that keep nothing, and look ahead by all columns: then nothing is changed by a try that fails. */
#include "engine/run.h"

static bool keeps_nothing(const eng_operator *op) {
    return op == &eng_op_select || op == &eng_op_map || op == &eng_op_extend || op == &eng_op_union ||
           op == &eng_op_join_pulses || op == &eng_op_antijoin_pulses || op == &eng_op_distinct_pulse;
}

static bool looks_by_all(const eng_node *n, unsigned k) {
    eng_pairs on;
    return n->look[k] && eng_pairs_sorted(&on, n->words, k) && on.count == n->in[k]->width;
}

static bool may_be_tried(const eng_node *n) {
    if (n->op == &eng_op_carry) return n->kind == KD_PULSE;
    if (n->op == &eng_op_eventually || n->op == &eng_op_until) return n->silent;
    if (n->op == &eng_op_join_probe_right || n->op == &eng_op_antijoin_probe) return looks_by_all(n, 1);
    if (n->op == &eng_op_join_probe_left) return looks_by_all(n, 0);
    return n->kind == KD_PULSE && keeps_nothing(n->op);
}

bool eng_may_hurry(const kd_engine *g, const eng_stage *s) {
    if (!g->watch.node || g->watch.node->stage != s || g->watch.node->kind != KD_PULSE || g->trace)
        return false;
    for (uint32_t i = 1; i < g->node_count; i++) {
        const eng_node *n = &g->nodes[i];
        if (n->stage != s) continue;
        if (!may_be_tried(n) || n->sink_count) return false;
        for (uint32_t k = 0; k < n->reader_count; k++)
            if (g->readers[n->first_reader + k].later) return false;
    }
    return true;
}

/* The carriers' rows go, or stay for the next try. */
static void settle(kd_engine *g, const eng_stage *s, bool done) {
    for (uint32_t i = 1; i < g->node_count; i++)
        if (g->nodes[i].stage == s && g->nodes[i].op == &eng_op_carry) eng_carry_tried(g, &g->nodes[i], done);
}

kd_status eng_hurry(kd_engine *g, eng_stage *s, bool *ran, kd_error *e) {
    uint64_t i = s->next;
    g->stage = s;
    g->index = i;
    g->now = s->now = eng_log_at(g, i);
    g->before = s->before = i ? eng_log_at(g, i - 1) : INT64_MIN;
    *ran = true;
    for (uint32_t id; (id = eng_wakes_take(&s->indices, (int64_t)i)) != UINT32_MAX;)
        eng_bits_set(&s->dirty, id);
    for (uint32_t id; (id = eng_bits_take(&s->at_next)) != UINT32_MAX;) eng_bits_set(&s->dirty, id);
    if (!eng_bits_none(&s->dirty)) {
        g->hurried = true;
        kd_status st = eng_run_point(g, e);
        bool undecided = g->undecided;
        g->hurried = g->undecided = false;
        if (undecided) eng_clear_point(g);
        settle(g, s, !undecided);
        *ran = !undecided;
        if (st) return st;
    }
    if (*ran) s->next = i + 1;
    return KD_OK;
}

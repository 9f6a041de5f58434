/* test_engine_plan.c: what the builders of a plan refuse, and that no engine opens on a plan that failed. */
#include "kdtest.h"
#include <kadesh/engine.h>

#include <string.h>

#define KEYS(...) (const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned)
#define NO_KEYS   (const unsigned[]){0}, 0

static kd_node pulse(kd_plan *p) {
    return kd_plan_input(p, KD_STR("pulse"), KD_PULSE, 2);
}
static kd_node level(kd_plan *p) {
    return kd_plan_input(p, KD_STR("level"), KD_LEVEL, 2);
}

#define BUILD(name) static uint32_t name(kd_plan *p)
BUILD(r_other_input) {
    return level(p) ? kd_plan_input(p, KD_STR("level"), KD_PULSE, 2) : 1;
}
BUILD(r_other_width) {
    return level(p) ? kd_plan_input(p, KD_STR("level"), KD_LEVEL, 3) : 1;
}
BUILD(r_no_name) {
    return kd_plan_input(p, KD_STR(""), KD_LEVEL, 3);
}
BUILD(r_wide) {
    return kd_plan_input(p, KD_STR("wide"), KD_LEVEL, KD_WIDTH_MAX + 1);
}
BUILD(r_node_0) {
    return kd_plan_rise(p, 0);
}
BUILD(r_node_99) {
    return kd_plan_rise(p, 99);
}
BUILD(r_select_column) {
    return kd_plan_select(p, pulse(p), kd_plan_column(p, 2));
}
BUILD(r_select_nothing) {
    return kd_plan_select(p, pulse(p), 0);
}
BUILD(r_now_in_level) {
    return kd_plan_select(p, level(p), kd_plan_op(p, KD_X_NOW, 0, 0, 0));
}
BUILD(r_now_deep) {
    kd_expr x = kd_plan_op(p, KD_X_ADD, kd_plan_op(p, KD_X_NOW, 0, 0, 0), kd_plan_value(p, 1), 0);
    return kd_plan_map(p, level(p), &x, 1);
}
BUILD(r_column_99) {
    return kd_plan_column(p, 99);
}
BUILD(r_operands) {
    return kd_plan_op(p, KD_X_ADD, kd_plan_value(p, 1), 0, 0);
}
BUILD(r_too_many_operands) {
    return kd_plan_op(p, KD_X_NOT, kd_plan_value(p, 1), kd_plan_value(p, 1), 0);
}
BUILD(r_operator) {
    return kd_plan_op(p, (kd_op)77, 0, 0, 0);
}
BUILD(r_huge) {
    kd_expr x = kd_plan_column(p, 0);
    for (int i = 0; i < 64; i++) x = kd_plan_op(p, KD_X_ADD, x, x, 0);
    return x;
}
BUILD(r_deep) {
    kd_expr x = kd_plan_column(p, 0);
    for (int i = 0; i < 2000; i++) x = kd_plan_op(p, KD_X_NOT, x, 0, 0);
    return x;
}
BUILD(r_stack) {
    kd_expr x = kd_plan_column(p, 0), one = kd_plan_value(p, 1);
    for (int i = 0; i < 300; i++) x = kd_plan_op(p, KD_X_ADD, one, x, 0);
    return x;
}
BUILD(r_join_column) {
    return kd_plan_join(p, pulse(p), level(p), &(kd_on){2, 0}, 1);
}
BUILD(r_join_wide) {
    kd_node w = kd_plan_input(p, KD_STR("w"), KD_PULSE, 20);
    return kd_plan_join(p, w, w, NULL, 0);
}
BUILD(r_level_less_pulse) {
    return kd_plan_antijoin(p, level(p), pulse(p), NULL, 0);
}
BUILD(r_union_kinds) {
    return kd_plan_union(p, level(p), pulse(p));
}
BUILD(r_hold_level) {
    return kd_plan_hold(p, level(p), pulse(p), KEYS(0, 1));
}
BUILD(r_hold_end) {
    return kd_plan_hold(p, pulse(p), pulse(p), KEYS(0));
}
BUILD(r_latest_key) {
    return kd_plan_latest(p, pulse(p), KEYS(5));
}
BUILD(r_once_empty) {
    return kd_plan_once(p, pulse(p), (kd_interval){5, 4});
}
BUILD(r_once_negative) {
    return kd_plan_once(p, pulse(p), (kd_interval){-1, 4});
}
BUILD(r_since_twice) {
    return kd_plan_since(p, pulse(p), pulse(p), (const kd_on[]){{0, 1}, {1, 1}}, 2, (kd_interval){0, 4},
                         true);
}
BUILD(r_rise_pulse) {
    return kd_plan_rise(p, pulse(p));
}
BUILD(r_timer_column) {
    return kd_plan_timer(p, level(p), 2);
}
BUILD(r_schedule_none) {
    return kd_plan_schedule(p, (kd_schedule){0, 0, 0, KD_NEVER});
}
BUILD(r_schedule_both) {
    return kd_plan_schedule(p, (kd_schedule){0, 1, 1, KD_NEVER});
}
BUILD(r_sum_column) {
    return kd_plan_aggregate(p, level(p), NO_KEYS, KD_SUM, 2);
}
BUILD(r_fold) {
    return kd_plan_aggregate(p, level(p), NO_KEYS, (kd_fold)99, 0);
}
BUILD(r_accumulate_level) {
    return kd_plan_accumulate(p, level(p), NO_KEYS, KD_COUNT, 0);
}

BUILD(r_sink_0) {
    kd_plan_sink(p, 0, 1);
    return 0;
}

static const struct refusal {
    const char *what;
    uint32_t (*build)(kd_plan *p);
    kd_status status;
    const char *reason;
} refusals[] = {
    {"an input of another kind under a name that is taken", r_other_input, KD_INVALID, "input"},
    {"an input of another width under a name that is taken", r_other_width, KD_INVALID, "input"},
    {"an input without a name", r_no_name, KD_USAGE, "name"},
    {"a row that is too wide", r_wide, KD_INVALID, "width"},
    {"node 0", r_node_0, KD_USAGE, "no_node"},
    {"a node that is not there", r_node_99, KD_USAGE, "no_node"},
    {"a condition over a column that is not there", r_select_column, KD_INVALID, "column"},
    {"no condition", r_select_nothing, KD_USAGE, "expression"},
    {"now in a level", r_now_in_level, KD_INVALID, "now"},
    {"now deep in a level's column", r_now_deep, KD_INVALID, "now"},
    {"a column that no row has", r_column_99, KD_INVALID, "column"},
    {"an operator without its operand", r_operands, KD_USAGE, "expression"},
    {"an operator with an operand too many", r_too_many_operands, KD_USAGE, "expression"},
    {"an operator that is not there", r_operator, KD_USAGE, "expression"},
    {"an expression that would take for ever", r_huge, KD_INVALID, "expression"},
    {"an expression nested too deeply", r_deep, KD_INVALID, "expression"},
    {"an expression that keeps too many values waiting", r_stack, KD_INVALID, "expression"},
    {"a join on a column that is not there", r_join_column, KD_INVALID, "column"},
    {"a join that is too wide", r_join_wide, KD_INVALID, "width"},
    {"a level less a pulse", r_level_less_pulse, KD_INVALID, "kind"},
    {"a union of kinds", r_union_kinds, KD_INVALID, "kind"},
    {"a hold of a level", r_hold_level, KD_INVALID, "kind"},
    {"a hold whose end has other columns than the keys", r_hold_end, KD_INVALID, "width"},
    {"a latest by a column that is not there", r_latest_key, KD_INVALID, "column"},
    {"an empty interval", r_once_empty, KD_INVALID, "interval"},
    {"an interval from below zero", r_once_negative, KD_INVALID, "interval"},
    {"since with a column matched twice", r_since_twice, KD_INVALID, "column"},
    {"rise of a pulse", r_rise_pulse, KD_INVALID, "kind"},
    {"a timer on a column that is not there", r_timer_column, KD_INVALID, "column"},
    {"a schedule without a step", r_schedule_none, KD_INVALID, "schedule"},
    {"a schedule with two steps", r_schedule_both, KD_INVALID, "schedule"},
    {"a sum of a column that is not there", r_sum_column, KD_INVALID, "column"},
    {"a fold that is not there", r_fold, KD_USAGE, "fold"},
    {"an accumulate of a level", r_accumulate_level, KD_INVALID, "kind"},
    {"a sink of node 0", r_sink_0, KD_USAGE, "no_node"},
};

static void check_refusals(void) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        kd_plan *p;
        kd_error e = {0}, first = {0};
        if (kd_plan_open(NULL, &p)) continue;
        uint32_t made = r->build(p);
        kd_status s = kd_plan_error(p, &e);
        kdtest_claim(made == 0 && s == r->status && !strcmp(e.reason, r->reason), "refused: %s (%d %s: %s)",
                     r->what, s, e.reason, e.message);
        kd_plan_rise(p, 0);
        kd_plan_error(p, &first);
        kdtest_claim(!strcmp(first.message, e.message), "the first failure stays: %s", r->what);
        kd_engine *g;
        kd_engine_options o = {0};
        kdtest_claim(kd_engine_open(p, &o, &g, &e) == r->status && !g, "no engine opens on it: %s", r->what);
        kd_plan_close(p);
    }
}

int main(void) {
    check_refusals();
    return kdtest_end("test_engine_plan");
}

/* test_engine.c: what each operator of the engine says, claim by claim. */
#include "engine_script.h"
#include "kdtest.h"

#include <string.h>

/* ---- Plans ----------------------------------------------------------------------------------------------*/

#define PLAN(name) static void name(script_plan *s)
#define KEYS(...)  (const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned)
#define NO_KEYS    (const unsigned[]){0}, 0

static kd_expr col(script_plan *s, unsigned c) {
    return kd_plan_column(s->p, c);
}
static kd_expr val(script_plan *s, kd_value v) {
    return kd_plan_value(s->p, v);
}
static kd_expr op(script_plan *s, kd_op o, kd_expr a, kd_expr b) {
    return kd_plan_op(s->p, o, a, b, 0);
}
static kd_node map1(script_plan *s, kd_node in, kd_expr x) {
    return kd_plan_map(s->p, in, &x, 1);
}
static const kd_on first_columns = {0, 0};

/* Sinks an expression over the two columns of pulse p. */
static void expression(script_plan *s, kd_expr x) {
    kd_plan_sink(s->p, map1(s, script_pulse(s, 'p', 2), x), 1);
}
static void binary(script_plan *s, kd_op o) {
    expression(s, op(s, o, col(s, 0), col(s, 1)));
}

PLAN(p_pulse) {
    kd_plan_sink(s->p, script_pulse(s, 'p', 1), 1);
}
PLAN(p_level) {
    kd_plan_sink(s->p, script_level(s, 'f', 1), 1);
}
PLAN(p_wide0) {
    kd_plan_sink(s->p, script_level(s, 'f', 0), 1);
}
PLAN(p_two_sinks) {
    kd_node f = script_level(s, 'f', 1);
    kd_plan_sink(s->p, f, 7);
    kd_plan_sink(s->p, map1(s, f, val(s, 0)), 3);
}
PLAN(p_shared_sink) {
    kd_node f = script_level(s, 'f', 1), p = script_pulse(s, 'p', 2);
    kd_plan_sink(s->p, p, 3);
    kd_plan_sink(s->p, f, 3);
    kd_plan_sink(s->p, f, 3);
}
PLAN(p_constant) {
    kd_value rows[] = {4, 5, 4};
    script_pulse(s, 'p', 1);
    kd_node c = kd_plan_constant(s->p, rows, 3, 1);
    kd_plan_sink(s->p, c, 1);
    kd_plan_sink(s->p, kd_plan_rise(s->p, c), 2);
    kd_plan_sink(s->p, kd_plan_aggregate(s->p, c, NO_KEYS, KD_COUNT, 0), 3);
}
PLAN(p_constant_due) {
    kd_value rows[] = {15, KD_NEVER, KD_ABSENT};
    script_pulse(s, 'p', 1);
    kd_plan_sink(s->p, kd_plan_timer(s->p, kd_plan_constant(s->p, rows, 3, 1), 0), 1);
}

PLAN(x_add) {
    binary(s, KD_X_ADD);
}
PLAN(x_sub) {
    binary(s, KD_X_SUB);
}
PLAN(x_mul) {
    binary(s, KD_X_MUL);
}
PLAN(x_max) {
    binary(s, KD_X_MAX);
}
PLAN(x_min) {
    binary(s, KD_X_MIN);
}
PLAN(x_eq) {
    binary(s, KD_X_EQ);
}
PLAN(x_ne) {
    binary(s, KD_X_NE);
}
PLAN(x_lt) {
    binary(s, KD_X_LT);
}
PLAN(x_le) {
    binary(s, KD_X_LE);
}
PLAN(x_gt) {
    binary(s, KD_X_GT);
}
PLAN(x_ge) {
    binary(s, KD_X_GE);
}
PLAN(x_and) {
    binary(s, KD_X_AND);
}
PLAN(x_or) {
    binary(s, KD_X_OR);
}
PLAN(x_or_else) {
    binary(s, KD_X_OR_ELSE);
}
PLAN(x_not) {
    expression(s, op(s, KD_X_NOT, col(s, 0), 0));
}
PLAN(x_is_absent) {
    expression(s, op(s, KD_X_IS_ABSENT, col(s, 0), 0));
}
PLAN(x_now) {
    expression(s, kd_plan_op(s->p, KD_X_NOW, 0, 0, 0));
}
PLAN(x_if) {
    expression(s, kd_plan_op(s->p, KD_X_IF, col(s, 0), col(s, 1), val(s, 9)));
}
PLAN(x_guard) { /* 0 when col 0 is 0, else col 1 times itself */
    expression(s, kd_plan_op(s->p, KD_X_IF, col(s, 0), op(s, KD_X_MUL, col(s, 1), col(s, 1)), val(s, 0)));
}
PLAN(x_guard_and) {
    expression(s, op(s, KD_X_AND, col(s, 0), op(s, KD_X_MUL, col(s, 1), col(s, 1))));
}
PLAN(x_day_begin) {
    expression(s, op(s, KD_X_DAY_BEGIN, col(s, 0), 0));
}
PLAN(x_day_end) {
    expression(s, op(s, KD_X_DAY_END, col(s, 0), 0));
}
PLAN(x_add_days) {
    binary(s, KD_X_ADD_DAYS);
}
PLAN(x_add_months) {
    binary(s, KD_X_ADD_MONTHS);
}
PLAN(x_year_from_feb_5) {
    expression(
        s, kd_plan_op(s->p, KD_X_PERIOD, col(s, 0), col(s, 1), val(s, kd_day_begin(kd_day_of(2011, 2, 5)))));
}
PLAN(x_month_from_31) {
    expression(
        s, kd_plan_op(s->p, KD_X_PERIOD, col(s, 0), col(s, 1), val(s, kd_day_begin(kd_day_of(2011, 1, 31)))));
}
PLAN(x_week) {
    expression(s, kd_plan_op(s->p, KD_X_PERIOD_DAYS, col(s, 0), col(s, 1),
                             val(s, kd_day_begin(kd_day_of(2023, 1, 2)))));
}

PLAN(p_select) {
    kd_plan_sink(s->p, kd_plan_select(s->p, script_pulse(s, 'p', 1), op(s, KD_X_GT, col(s, 0), val(s, 5))),
                 1);
}
PLAN(p_select_level) {
    kd_plan_sink(s->p, kd_plan_select(s->p, script_level(s, 'f', 1), op(s, KD_X_GT, col(s, 0), val(s, 5))),
                 1);
}
PLAN(p_project) {
    kd_plan_sink(s->p, map1(s, script_level(s, 'f', 2), col(s, 0)), 1);
}
PLAN(p_union) {
    kd_plan_sink(s->p, kd_plan_union(s->p, script_level(s, 'f', 1), script_level(s, 'g', 1)), 1);
}
PLAN(p_distinct_pulse) {
    kd_plan_sink(s->p, kd_plan_distinct(s->p, script_pulse(s, 'p', 1)), 1);
}
PLAN(p_distinct_count) { /* how many different first columns */
    kd_node d = kd_plan_distinct(s->p, map1(s, script_level(s, 'f', 2), col(s, 0)));
    kd_plan_sink(s->p, kd_plan_aggregate(s->p, d, NO_KEYS, KD_COUNT, 0), 1);
}

PLAN(p_join_pulses) {
    kd_plan_sink(s->p,
                 kd_plan_join(s->p, script_pulse(s, 'p', 2), script_pulse(s, 'q', 2), &first_columns, 1), 1);
}
PLAN(p_join_probe) {
    kd_plan_sink(s->p,
                 kd_plan_join(s->p, script_pulse(s, 'p', 1), script_level(s, 'f', 2), &first_columns, 1), 1);
}
PLAN(p_join_probe_left) {
    kd_plan_sink(s->p,
                 kd_plan_join(s->p, script_level(s, 'f', 2), script_pulse(s, 'p', 1), &first_columns, 1), 1);
}
PLAN(p_join_levels) {
    kd_plan_sink(s->p,
                 kd_plan_join(s->p, script_level(s, 'f', 2), script_level(s, 'g', 2), &first_columns, 1), 1);
}
PLAN(p_join_self) {
    kd_node f = script_level(s, 'f', 2);
    kd_plan_sink(s->p, kd_plan_join(s->p, f, f, &(kd_on){0, 1}, 1), 1);
}
PLAN(p_product) {
    kd_plan_sink(s->p, kd_plan_join(s->p, script_pulse(s, 'p', 1), script_level(s, 'f', 1), NULL, 0), 1);
}
PLAN(p_antijoin_pulses) {
    kd_plan_sink(
        s->p, kd_plan_antijoin(s->p, script_pulse(s, 'p', 2), script_pulse(s, 'q', 1), &first_columns, 1), 1);
}
PLAN(p_antijoin_probe) {
    kd_plan_sink(
        s->p, kd_plan_antijoin(s->p, script_pulse(s, 'p', 1), script_level(s, 'f', 1), &first_columns, 1), 1);
}
PLAN(p_antijoin_levels) {
    kd_plan_sink(
        s->p, kd_plan_antijoin(s->p, script_level(s, 'f', 2), script_level(s, 'g', 1), &first_columns, 1), 1);
}
PLAN(p_antijoin_any) {
    kd_plan_sink(s->p, kd_plan_antijoin(s->p, script_level(s, 'f', 1), script_level(s, 'g', 0), NULL, 0), 1);
}

PLAN(p_hold) {
    kd_node begin = script_pulse(s, 'b', 2), end = script_pulse(s, 'e', 1);
    kd_plan_sink(s->p, kd_plan_hold(s->p, begin, end, KEYS(0)), 1);
}
PLAN(p_hold_count) {
    kd_node h = kd_plan_hold(s->p, script_pulse(s, 'b', 2), script_pulse(s, 'e', 1), KEYS(0));
    kd_plan_sink(s->p, kd_plan_aggregate(s->p, h, NO_KEYS, KD_SUM, 1), 1);
}
PLAN(p_latest) {
    kd_plan_sink(s->p, kd_plan_latest(s->p, script_pulse(s, 'p', 2), KEYS(0)), 1);
}
PLAN(p_latest_of_two) {
    kd_node both = kd_plan_union(s->p, script_pulse(s, 'p', 2), script_pulse(s, 'q', 2));
    kd_plan_sink(s->p, kd_plan_latest(s->p, both, KEYS(0)), 1);
}
PLAN(p_latest_all) {
    kd_plan_sink(s->p, kd_plan_latest(s->p, script_pulse(s, 'p', 1), NO_KEYS), 1);
}
PLAN(p_once_5) {
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){0, 5}), 1);
}
PLAN(p_once_2_5) {
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){2, 5}), 1);
}
PLAN(p_once_ever) {
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){0, KD_NEVER}), 1);
}
PLAN(p_once_old) {
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){3, KD_NEVER}), 1);
}
PLAN(p_once_now) {
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){0, 0}), 1);
}

static void since(script_plan *s, kd_interval within, bool negated) {
    kd_node a = script_pulse(s, 'a', 1), b = script_pulse(s, 'b', 2);
    kd_plan_sink(s->p, kd_plan_since(s->p, a, b, &first_columns, 1, within, negated), 1);
}
PLAN(p_since) {
    since(s, (kd_interval){0, KD_NEVER}, false);
}
PLAN(p_since_5) {
    since(s, (kd_interval){0, 5}, false);
}
PLAN(p_since_2_5) {
    since(s, (kd_interval){2, 5}, false);
}
PLAN(p_not_since) {
    since(s, (kd_interval){0, KD_NEVER}, true);
}
PLAN(p_not_since_5) {
    since(s, (kd_interval){0, 5}, true);
}
PLAN(p_not_since_2_5) {
    since(s, (kd_interval){2, 5}, true);
}
PLAN(p_since_any) { /* any a at all keeps any b */
    kd_node a = script_pulse(s, 'a', 0), b = script_pulse(s, 'b', 1);
    kd_plan_sink(s->p, kd_plan_since(s->p, a, b, NULL, 0, (kd_interval){0, KD_NEVER}, false), 1);
}
PLAN(p_since_timers) { /* a once stands beside: its timers make time points */
    since(s, (kd_interval){0, KD_NEVER}, false);
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){0, 2}), 2);
}
PLAN(p_previous) {
    kd_plan_sink(s->p, kd_plan_previous(s->p, script_pulse(s, 'p', 1), (kd_interval){0, 5}), 1);
}
PLAN(p_previous_timers) {
    p_previous(s);
    kd_plan_sink(s->p, kd_plan_once(s->p, script_pulse(s, 'q', 1), (kd_interval){0, 1}), 2);
}

PLAN(p_rise_fall) {
    kd_node f = map1(s, script_level(s, 'f', 2), col(s, 0));
    kd_plan_sink(s->p, kd_plan_rise(s->p, f), 1);
    kd_plan_sink(s->p, kd_plan_fall(s->p, f), 2);
}
PLAN(p_timer) {
    kd_plan_sink(s->p, kd_plan_timer(s->p, script_level(s, 'f', 2), 1), 1);
}
PLAN(p_timer_of_copies) { /* the same row for two reasons */
    kd_node f = kd_plan_map(s->p, script_level(s, 'f', 3), (kd_expr[]){col(s, 0), col(s, 1)}, 2);
    kd_plan_sink(s->p, kd_plan_timer(s->p, f, 1), 1);
}
PLAN(p_overdue) { /* owed at p(x, due), done at q(x); overdue holds until done */
    kd_node begin = script_pulse(s, 'p', 2), end = script_pulse(s, 'q', 1);
    kd_node owed = kd_plan_hold(s->p, begin, end, KEYS(0));
    kd_plan_sink(s->p, owed, 1);
    kd_plan_sink(s->p, kd_plan_hold(s->p, kd_plan_timer(s->p, owed, 1), end, KEYS(0)), 2);
}
PLAN(p_docs) { /* the example of docs/engine.md */
    kd_node change = script_pulse(s, 'c', 1), notice = script_pulse(s, 'n', 1);
    kd_expr last = op(s, KD_X_ADD_DAYS, kd_plan_op(s->p, KD_X_NOW, 0, 0, 0), val(s, 5));
    kd_expr due = op(s, KD_X_ADD, op(s, KD_X_DAY_END, last, 0), val(s, 1));
    kd_node begun = kd_plan_map(s->p, change, (kd_expr[]){col(s, 0), due}, 2);
    kd_node owed = kd_plan_hold(s->p, begun, notice, KEYS(0));
    kd_plan_sink(s->p, owed, 1);
    kd_plan_sink(s->p, kd_plan_hold(s->p, kd_plan_timer(s->p, owed, 1), notice, KEYS(0)), 2);
}
PLAN(p_timer_and_window) { /* the row goes out of its window at the instant it is due */
    kd_node w = kd_plan_once(s->p, script_pulse(s, 'p', 1), (kd_interval){0, 4});
    kd_plan_sink(s->p, kd_plan_timer(s->p, w, 0), 1);
}
PLAN(p_timer_chain) { /* what fires at an instant is due at that instant again */
    kd_node owed = script_level(s, 'f', 1);
    kd_node first = kd_plan_latest(s->p, kd_plan_timer(s->p, owed, 0), NO_KEYS);
    kd_plan_sink(s->p, kd_plan_timer(s->p, first, 0), 1);
}

static void schedule(script_plan *s, kd_schedule x) {
    script_pulse(s, 'p', 1);
    kd_plan_sink(s->p, kd_plan_schedule(s->p, x), 1);
}
static kd_instant date(int year, unsigned month, unsigned day) {
    return kd_day_begin(kd_day_of(year, month, day));
}
PLAN(p_half_years) {
    schedule(s, (kd_schedule){date(2011, 3, 1), 6, 0, KD_NEVER});
}
PLAN(p_months_from_31) {
    schedule(s, (kd_schedule){date(2011, 12, 31), 1, 0, date(2012, 3, 31)});
}
PLAN(p_days) {
    schedule(s, (kd_schedule){100, 0, 1, 100 + KD_DAY_S});
}
PLAN(p_last_years) {
    schedule(s, (kd_schedule){date(9998, 6, 1), 12, 0, KD_NEVER});
}
PLAN(p_quota) { /* inspections of the year that the schedule says has begun */
    kd_schedule year = {date(2011, 2, 5), 12, 0, KD_NEVER};
    kd_node now = kd_plan_latest(s->p, kd_plan_schedule(s->p, year), NO_KEYS);
    kd_node in_year = kd_plan_join(s->p, script_pulse(s, 'p', 1), now, NULL, 0);
    kd_plan_sink(s->p, kd_plan_accumulate(s->p, in_year, KEYS(2), KD_COUNT, 0), 1);
}

static void aggregate(script_plan *s, kd_fold f) {
    kd_plan_sink(s->p, kd_plan_aggregate(s->p, script_level(s, 'f', 2), KEYS(0), f, 1), 1);
}
PLAN(p_count) {
    aggregate(s, KD_COUNT);
}
PLAN(p_sum) {
    aggregate(s, KD_SUM);
}
PLAN(p_least) {
    aggregate(s, KD_LEAST);
}
PLAN(p_greatest) {
    aggregate(s, KD_GREATEST);
}
PLAN(p_sum_labelled) {
    kd_node n = kd_plan_aggregate(s->p, script_level(s, 'f', 2), KEYS(0), KD_SUM, 1);
    kd_plan_label(s->p, n, KD_STR("II.1(a), line 12"));
    kd_plan_label(s->p, n, KD_STR("another"));
    kd_plan_sink(s->p, n, 1);
}
static void accumulate(script_plan *s, kd_fold f) {
    kd_plan_sink(s->p, kd_plan_accumulate(s->p, script_pulse(s, 'p', 2), KEYS(0), f, 1), 1);
}
PLAN(p_count_ever) {
    accumulate(s, KD_COUNT);
}
PLAN(p_sum_ever) {
    accumulate(s, KD_SUM);
}
PLAN(p_least_ever) {
    accumulate(s, KD_LEAST);
}
PLAN(p_greatest_ever) {
    accumulate(s, KD_GREATEST);
}

/* ---- Claims ---------------------------------------------------------------------------------------------*/

static const struct claim {
    const char *what;
    void (*build)(script_plan *s);
    const char *script, *expected;
} claims[] = {
    {"a pulse holds at its time point", p_pulse, "@1 p(5) @2", "1:1+(5)[1]"},
    {"a pulse is heard as often as it comes", p_pulse, "@1 p(5) p(5)", "1:1+(5)[1] 1:1+(5)[1]"},
    {"a level is heard when it comes and when it goes", p_level, "@1 f(5) @2 @3 -f(5)",
     "1:1+(5)[1] 3:1-(5)[1]"},
    {"a level is heard as a set", p_level, "@1 f(5) f(5) @2 -f(5) @3 -f(5)", "1:1+(5)[1] 3:1-(5)[2]"},
    {"what comes and goes at once is not heard", p_level, "@1 f(5) -f(5)", ""},
    {"what goes and comes at once is not heard", p_level, "@1 f(5) @2 -f(5) f(5) @3 -f(5)",
     "1:1+(5) 3:1-(5)[3]"},
    {"a row without columns is a yes or no", p_wide0, "@1 f() @2 -f()", "1:1+() 2:1-()"},
    {"a row that is not there cannot go", p_level, "@1 f(5) @2 -f(6)",
     "1:1+(5) !not_there:1970-01-01T00:00:02Z"},
    {"sinks are heard by number, deletions first", p_two_sinks, "@1 f(1) @2 -f(1) f(2)",
     "1:3+(0) 1:7+(1) 2:7-(1) 2:7+(2)"},
    {"several nodes are heard under one number, in the order they were made, each once", p_shared_sink,
     "@1 p(1,2) f(5)", "1:3+(5) 1:3+(1,2)"},
    {"time may stand still", p_pulse, "@1 p(1) @1 p(2)", "1:1+(1) 1:1+(2)"},
    {"time does not go back", p_pulse, "@5 p(1) @4 p(2)", "5:1+(1) !time_goes_back"},
    {"time does not go back behind what has passed", p_pulse, ">5 @4 p(2)", "!time_goes_back"},
    {"time goes on before 1970", p_pulse, "@1969-12-31 p(1) @0 p(2)", "-86400:1+(1) 0:1+(2)"},

    {"a constant is heard at the first time point, did not rise, and its copies count", p_constant, "@9 @10",
     "9:1+(4)[] 9:1+(5) 9:3+(3)"},
    {"a constant's timer fires, absent and never do not", p_constant_due, "@10 @20", "15:1+(15)[]"},
    {"a constant's timer fires at its own instant though the first push is later", p_constant_due, "@20",
     "15:1+(15)"},

    {"a sum", x_add, "@1 p(2,3)", "1:1+(5)"},
    {"a sum with an absent value is absent", x_add, "@1 p(2,-) p(-,2)", "1:1+(-) 1:1+(-)"},
    {"a sum may be the largest number", x_add, "@1 p(9223372036854775806,1)", "1:1+(9223372036854775807)"},
    {"a sum that does not fit is an error", x_add, "@1 p(9223372036854775807,1)", "!overflow:63 bits"},
    {"a sum that would be read as absent is an error", x_sub, "@1 p(-9223372036854775807,1)",
     "!overflow:63 bits"},
    {"a difference", x_sub, "@1 p(2,3) p(-,3)", "1:1+(-1) 1:1+(-)"},
    {"a difference that does not fit is an error", x_sub, "@1 p(-9223372036854775807,2)", "!overflow:map"},
    {"a product", x_mul, "@1 p(-2,3) p(-,0)", "1:1+(-6) 1:1+(-)"},
    {"a product that does not fit is an error", x_mul, "@1 p(4611686018427387904,2)", "!overflow:63 bits"},
    {"the larger and the smaller", x_max, "@1 p(2,3) p(3,2) p(-,1)", "1:1+(3) 1:1+(3) 1:1+(-)"},
    {"the smaller", x_min, "@1 p(2,3) p(3,2) p(1,-)", "1:1+(2) 1:1+(2) 1:1+(-)"},
    {"equal; absent is equal to nothing", x_eq, "@1 p(2,2) p(2,3) p(-,-)", "1:1+(1) 1:1+(0) 1:1+(0)"},
    {"unequal; absent is unequal to nothing", x_ne, "@1 p(2,2) p(2,3) p(-,2)", "1:1+(0) 1:1+(1) 1:1+(0)"},
    {"less", x_lt, "@1 p(1,2) p(2,2) p(-,2)", "1:1+(1) 1:1+(0) 1:1+(0)"},
    {"at most", x_le, "@1 p(1,2) p(2,2) p(3,2) p(-,2)", "1:1+(1) 1:1+(1) 1:1+(0) 1:1+(0)"},
    {"greater", x_gt, "@1 p(3,2) p(2,2) p(2,-)", "1:1+(1) 1:1+(0) 1:1+(0)"},
    {"at least", x_ge, "@1 p(3,2) p(2,2) p(1,2) p(2,-)", "1:1+(1) 1:1+(1) 1:1+(0) 1:1+(0)"},
    {"and, with anything but 0 and absent for true", x_and, "@1 p(2,3) p(0,1) p(1,-)",
     "1:1+(1) 1:1+(0) 1:1+(0)"},
    {"or", x_or, "@1 p(0,3) p(0,0) p(-,2)", "1:1+(1) 1:1+(0) 1:1+(1)"},
    {"not; absent is not true", x_not, "@1 p(0,0) p(7,0) p(-,0)", "1:1+(1) 1:1+(0) 1:1+(1)"},
    {"if", x_if, "@1 p(1,5) p(0,5) p(-,5)", "1:1+(5) 1:1+(9) 1:1+(9)"},
    {"if computes only what it gives", x_guard, "@1 p(0,4611686018427387904) p(1,3)", "1:1+(0) 1:1+(9)"},
    {"and computes its right side only when it matters", x_guard_and, "@1 p(0,4611686018427387904) p(1,3)",
     "1:1+(0) 1:1+(1)"},
    {"is absent", x_is_absent, "@1 p(-,0) p(0,0)", "1:1+(1) 1:1+(0)"},
    {"or else", x_or_else, "@1 p(-,4) p(3,4) p(0,4)", "1:1+(4) 1:1+(3) 1:1+(0)"},
    {"now is the time point's instant", x_now, "@42 p(0,0)", "42:1+(42)"},
    {"the day of an instant begins and ends", x_day_begin, "@1 p(2023-02-28T14:02:11Z,0) p(-,0) p(never,0)",
     "1:1+(2023-02-28) 1:1+(-) 1:1+(never)"},
    {"a day ends at its last second", x_day_end, "@1 p(2023-02-28T14:02:11Z,0) p(1969-12-31,0)",
     "1:1+(2023-02-28T23:59:59Z) 1:1+(-1)"},
    {"days later, same hour", x_add_days, "@1 p(2023-02-28T10:00:00Z,30) p(2024-02-28,1) p(never,5) p(5,-)",
     "1:1+(2023-03-30T10:00:00Z) 1:1+(2024-02-29) 1:1+(never) 1:1+(-)"},
    {"days beyond the calendar are an error", x_add_days, "@1 p(9999-12-31,1)", "!overflow:years 1 to 9999"},
    {"so many days that seconds overflow are an error", x_add_days, "@1 p(0,9000000000000000000)",
     "!overflow:years"},
    {"months later, last day of a shorter month", x_add_months,
     "@1 p(2023-01-31T10:00:00Z,1) p(2024-01-31,1) p(2023-03-31,-1)",
     "1:1+(2023-02-28T10:00:00Z) 1:1+(2024-02-29) 1:1+(2023-02-28)"},
    {"months before the calendar are an error", x_add_months, "@1 p(0,-24000)", "!overflow:years 1 to 9999"},
    {"no month is so far that it wraps", x_add_months, "@1 p(0,9223372036854775807)",
     "!overflow:years 1 to 9999"},
    {"a treaty year begins on its day", x_year_from_feb_5,
     "@1 p(2011-02-05,12) p(2012-02-04T23:59:59Z,12) p(2012-02-05,12) p(2010-02-05,12) p(2010-02-04,12)",
     "1:1+(2011-02-05) 1:1+(2011-02-05) 1:1+(2012-02-05) 1:1+(2010-02-05) 1:1+(2009-02-05)"},
    {"a month that begins on a 31st begins on the last day of a shorter one", x_month_from_31,
     "@1 p(2011-02-27,1) p(2011-02-28,1) p(2011-03-30,1) p(2011-03-31,1)",
     "1:1+(2011-01-31) 1:1+(2011-02-28) 1:1+(2011-02-28) 1:1+(2011-03-31)"},
    {"weeks are counted in both directions", x_week, "@1 p(2023-01-08,7) p(2023-01-09,7) p(2023-01-01,7)",
     "1:1+(2023-01-02) 1:1+(2023-01-09) 1:1+(2022-12-26)"},
    {"a period of nothing is an error", x_week, "@1 p(0,0)", "!overflow:not longer than zero"},
    {"a period of an absent length is absent", x_week, "@1 p(0,-)", "1:1+(-)"},

    {"select keeps what fulfils the condition", p_select, "@1 p(5) p(6) p(-)", "1:1+(6)[2]"},
    {"select of a level passes deletions", p_select_level, "@1 f(5) f(6) @2 -f(5) -f(6)", "1:1+(6) 2:1-(6)"},
    {"a projected row stays while another stands for it", p_project, "@1 f(1,1) f(1,2) @2 -f(1,1) @3 -f(1,2)",
     "1:1+(1)[1] 3:1-(1)[2]"},
    {"a union is there while one side is", p_union, "@1 f(1) @2 g(1) @3 -f(1) @4 -g(1)",
     "1:1+(1)[1] 4:1-(1)[2]"},
    {"distinct gives each row of a pulse once, the first", p_distinct_pulse, "@1 p(2) p(1) p(2)",
     "1:1+(2)[1] 1:1+(1)[2]"},
    {"distinct makes copies count once", p_distinct_count, "@1 f(1,1) f(1,2) f(2,1) @2 -f(1,1) @3 -f(1,2)",
     "1:1+(2)[1,3] 3:1-(2)[2,3] 3:1+(1)[3]"},

    {"pulses join within a time point", p_join_pulses, "@1 p(1,2) q(1,3) q(2,4) @2 q(1,5)",
     "1:1+(1,2,1,3)[1,2]"},
    {"a pulse probes a level as it is after this time point's changes", p_join_probe,
     "@1 p(1) @2 f(1,7) p(1) @3 -f(1,7) p(1)", "2:1+(1,1,7)[2,3]"},
    {"a pulse on the right probes the same way", p_join_probe_left, "@1 f(1,7) f(1,8) @2 p(1)",
     "2:1+(1,8,1)[2,3] 2:1+(1,7,1)[1,3]"},
    {"levels join as they come and go", p_join_levels, "@1 f(1,2) @2 g(1,3) @3 -f(1,2) @4 f(1,4)",
     "2:1+(1,2,1,3)[1,2] 3:1-(1,2,1,3)[1,2] 4:1+(1,4,1,3)[2,4]"},
    {"both sides of a join may change at once", p_join_levels,
     "@1 f(1,2) g(1,3) @2 -f(1,2) -g(1,3) f(1,4) g(1,5)", "1:1+(1,2,1,3) 2:1-(1,2,1,3) 2:1+(1,4,1,5)"},
    {"a level joins with itself", p_join_self, "@1 f(1,2) @2 f(2,1) @3 -f(1,2)",
     "2:1+(2,1,1,2)[1,2] 2:1+(1,2,2,1)[1,2] 3:1-(1,2,2,1) 3:1-(2,1,1,2)"},
    {"no pairs give the product", p_product, "@1 f(1) f(2) @2 p(9)", "2:1+(9,2)[2,3] 2:1+(9,1)[1,3]"},
    {"absent joins with absent as a value of its own", p_join_probe, "@1 f(-,1) p(-)", "1:1+(-,-,1)"},

    {"pulses without a match", p_antijoin_pulses, "@1 p(1,2) p(2,3) q(1) @2 p(1,4)",
     "1:1+(2,3)[2] 2:1+(1,4)[4]"},
    {"a pulse without a level", p_antijoin_probe, "@1 p(1) @2 f(1) p(1) @3 -f(1) p(1)",
     "1:1+(1)[1] 3:1+(1)[5]"},
    {"a level's rows go when a match comes, and return with it gone", p_antijoin_levels,
     "@1 f(1,2) f(1,3) f(2,2) @2 g(1) @3 g(1) @4 -g(1) @5 -g(1)",
     "1:1+(1,2) 1:1+(1,3) 1:1+(2,2) 2:1-(1,3) 2:1-(1,2)[1] 5:1+(1,3) 5:1+(1,2)[1]"},
    {"a row may come to a match and leave it", p_antijoin_levels, "@1 g(1) f(1,2) @2 -f(1,2) @3 -g(1)", ""},
    {"a match and a row that come at once", p_antijoin_levels, "@1 g(1) @2 -g(1) f(1,2) @3 g(1) -f(1,2)",
     "2:1+(1,2) 3:1-(1,2)"},
    {"unless there is anything at all", p_antijoin_any, "@1 f(1) @2 g() @3 -g()", "1:1+(1) 2:1-(1) 3:1+(1)"},

    {"hold: from begin to end", p_hold, "@1 b(1,5) @2 e(1) @3 e(1)", "1:1+(1,5)[1] 2:1-(1,5)[1]"},
    {"hold: a begin while it holds changes nothing", p_hold, "@1 b(1,5) @2 b(1,6) @3 e(1)",
     "1:1+(1,5)[1] 3:1-(1,5)[1]"},
    {"hold: begin wins over an end at the same time point", p_hold, "@1 b(1,5) e(1) @2 e(1)",
     "1:1+(1,5) 2:1-(1,5)"},
    {"hold: end and begin together replace the row", p_hold, "@1 b(1,5) @2 e(1) b(1,6)",
     "1:1+(1,5) 2:1-(1,5) 2:1+(1,6)[3]"},
    {"hold: end and begin of the same row are not heard", p_hold, "@1 b(1,5) @2 b(1,5) e(1) @3 e(1)",
     "1:1+(1,5) 3:1-(1,5)[2]"},
    {"hold: of two begins the first pushed counts", p_hold, "@1 b(1,5) b(1,6)", "1:1+(1,5)[1]"},
    {"hold: keys do not touch each other", p_hold, "@1 b(1,5) b(2,6) @2 e(1) e(3)",
     "1:1+(1,5) 1:1+(2,6) 2:1-(1,5)"},
    {"hold: a key that ended holds no memory of its row", p_hold_count, "@1 b(1,5) @2 e(1) @3 b(1,7)",
     "1:1+(5) 2:1-(5) 3:1+(7)[3]"},

    {"latest: the newest row of each key", p_latest, "@1 p(1,5) @2 p(1,6) p(2,7)",
     "1:1+(1,5) 2:1-(1,5)[1] 2:1+(1,6)[2] 2:1+(2,7)"},
    {"latest: the same row again is not heard", p_latest, "@1 p(1,5) @2 p(1,5)", "1:1+(1,5)"},
    {"latest: of two at a time point the later pushed counts", p_latest, "@1 p(1,5) p(1,6)", "1:1+(1,6)[2]"},
    {"latest: even when they came by different ways", p_latest_of_two, "@1 q(1,5) p(1,6) @2 p(1,7) q(1,8)",
     "1:1+(1,6)[2] 2:1-(1,6) 2:1+(1,8)[4]"},
    {"latest: without keys there is one row", p_latest_all, "@1 p(5) @2 p(6)", "1:1+(5) 2:1-(5) 2:1+(6)"},

    {"once: to the end of its interval, which counts", p_once_5, "@1 p(7) @6 @7", "1:1+(7)[1] 7:1-(7)"},
    {"once: it goes by its own timer", p_once_5, "@1 p(7) @20", "1:1+(7) 7:1-(7)[1]"},
    {"once: seen again it stays longer", p_once_5, "@1 p(7) @5 p(7) @20", "1:1+(7) 11:1-(7)[2]"},
    {"once: it comes when it is old enough", p_once_2_5, "@1 p(7) @20", "3:1+(7)[1] 7:1-(7)[1]"},
    {"once: a younger pulse does not hide an older one", p_once_2_5, "@1 p(7) @5 p(7) @20",
     "3:1+(7) 11:1-(7)[2]"},
    {"once: a gap between two pulses is seen", p_once_2_5, "@1 p(7) @6 p(7) @20",
     "3:1+(7) 7:1-(7) 8:1+(7)[2] 12:1-(7)[2]"},
    {"once: ever is for ever", p_once_ever, "@1 p(7) @1000000 p(7)", "1:1+(7)"},
    {"once: at least so long ago", p_once_old, "@1 p(7) @2 p(7) @100", "4:1+(7)"},
    {"once: now lasts for the instant", p_once_now, "@1 p(7) @1 @2", "1:1+(7) 2:1-(7)"},

    {"since: at b's own time point whatever a does", p_since, "@1 b(1,5)", "1:1+(1,5)[1]"},
    {"since: a keeps it, its absence ends it", p_since, "@1 b(1,5) @2 a(1) @3 a(1) a(2) @4 a(2)",
     "1:1+(1,5)[1] 4:1-(1,5)[1,2,3]"},
    {"since: an empty time point ends it", p_since, "@1 b(1,5) @2", "1:1+(1,5) 2:1-(1,5)"},
    {"since: a new b starts anew", p_since, "@1 b(1,5) @2 b(1,6) @3 a(1)", "1:1+(1,5) 2:1-(1,5) 2:1+(1,6)"},
    {"since: the interval ends it", p_since_5, "@1 b(1,5) @3 a(1) @6 a(1) @9 a(1)",
     "1:1+(1,5) 7:1-(1,5)[1,2,3]"},
    {"since: young pulses of b need a too", p_since_2_5, "@1 b(1,5) @2 @9", ""},
    {"since: young pulses of b that a kept come of age", p_since_2_5, "@1 b(1,5) @2 a(1) @9",
     "3:1+(1,5)[1,2] 7:1-(1,5)"},
    {"since: without pairs any a keeps any b", p_since_any, "@1 b(1) @2 a() @3", "1:1+(1) 3:1-(1)"},
    {"since: the time points of timers do not ask for a", p_since_timers, "@1 b(1,5) p(9) @7 a(1) @8",
     "1:1+(1,5) 1:2+(9) 4:2-(9) 8:1-(1,5)"},
    {"not since: until a comes", p_not_since, "@1 b(1,5) @2 a(2) @3 a(1)", "1:1+(1,5) 3:1-(1,5)[1]"},
    {"not since: b at a's time point stands", p_not_since, "@1 b(1,5) @2 a(1) b(1,5) @3 a(1)",
     "1:1+(1,5) 3:1-(1,5)[3]"},
    {"not since: a takes away all rows of its key", p_not_since, "@1 b(1,5) b(1,6) b(2,7) @2 a(1)",
     "1:1+(1,5) 1:1+(1,6) 1:1+(2,7) 2:1-(1,6) 2:1-(1,5)"},
    {"not since: the interval ends it", p_not_since_5, "@1 b(1,5) @20", "1:1+(1,5) 7:1-(1,5)"},
    {"not since: a takes away the young", p_not_since_2_5, "@1 b(1,5) @2 a(1) @9", ""},
    {"not since: a b after a comes of age", p_not_since_2_5, "@1 b(1,5) @2 a(1) b(1,5) @9",
     "4:1+(1,5)[3] 8:1-(1,5)"},

    {"previous: the rows of the time point before", p_previous, "@1 p(5) @3 p(6) @4",
     "3:1+(5)[1] 4:1+(6)[2]"},
    {"previous: the gap must lie within the interval", p_previous, "@1 p(5) @7 @8", ""},
    {"previous: the time points of timers do not count", p_previous_timers, "@1 p(5) q(1) @5",
     "1:2+(1) 3:2-(1) 5:1+(5)[1]"},

    {"rise and fall of a level as a set", p_rise_fall, "@1 f(1,1) @2 f(1,2) @3 -f(1,1) @4 -f(1,2)",
     "1:1+(1)[1] 4:2+(1)[2]"},
    {"what rises and falls at once does neither", p_rise_fall, "@1 f(1,1) -f(1,1)", ""},

    {"a timer fires at its instant", p_timer, "@1 f(1,5) @9", "5:1+(1,5)[1]"},
    {"a timer fires at the instant of a push, before it", p_timer, "@1 f(1,5) @5 -f(1,5)", "5:1+(1,5)"},
    {"a timer does not fire when its row is gone", p_timer, "@1 f(1,5) @4 -f(1,5) @9", ""},
    {"a timer fires once", p_timer, "@1 f(1,5) @9 @19 -f(1,5)", "5:1+(1,5)"},
    {"a timer whose instant is over fires at once", p_timer, "@7 f(1,5) @9", "7:1+(1,5)"},
    {"a timer that is due now fires at a time point of its own", p_timer, "@5 f(1,5) @9", "5:1+(1,5)"},
    {"a row that comes back is due again", p_timer, "@1 f(1,5) @2 -f(1,5) @3 f(1,5) @9", "5:1+(1,5)[3]"},
    {"a row that comes back after it fired fires again", p_timer, "@1 f(1,5) @9 -f(1,5) @10 f(1,5)",
     "5:1+(1,5) 10:1+(1,5)"},
    {"absent and never are not due", p_timer, "@1 f(1,-) f(2,never) @1000", ""},
    {"timers fire in the order of their instants", p_timer, "@1 f(1,9) f(2,4) f(3,4) @20",
     "4:1+(2,4) 4:1+(3,4) 9:1+(1,9)"},
    {"time that passes fires timers too", p_timer, "@1 f(1,5) >4 >5", "5:1+(1,5)"},
    {"a row that stays for another reason keeps its timer and fires once", p_timer_of_copies,
     "@1 f(1,5,1) @2 f(1,5,2) @3 -f(1,5,1) @9", "5:1+(1,5)[2]"},
    {"a row that stays for another reason after it fired does not fire again", p_timer_of_copies,
     "@1 f(1,5,1) @9 f(1,5,2) -f(1,5,1) @10", "5:1+(1,5)"},
    {"owed, done in time", p_overdue, "@1 p(1,5) @4 q(1) @9", "1:1+(1,5) 4:1-(1,5)"},
    {"owed, done too late", p_overdue, "@1 p(1,5) @9 q(1)", "1:1+(1,5) 5:2+(1,5)[1] 9:1-(1,5) 9:2-(1,5)"},
    {"five days from the first end with the sixth", p_docs, "@2023-03-01T12:00:00Z c(7) @2023-03-08 n(7)",
     "2023-03-01T12:00:00Z:1+(7,2023-03-07)[1] 2023-03-07:2+(7,2023-03-07)[1] "
     "2023-03-08:1-(7,2023-03-07) 2023-03-08:2-(7,2023-03-07)[1]"},
    {"and a notice in the last second of the sixth is in time", p_docs,
     "@2023-03-01T12:00:00Z c(7) @2023-03-06T23:59:59Z n(7) @2023-03-08",
     "2023-03-01T12:00:00Z:1+(7,2023-03-07) 2023-03-06T23:59:59Z:1-(7,2023-03-07)"},
    {"a row that goes at the instant it is due does not fire", p_timer_and_window, "@1 p(6) @9", ""},
    {"a row that goes a second later fires", p_timer_and_window, "@1 p(5) @9", "5:1+(5)"},
    {"what a timer sets for its own instant fires there", p_timer_chain, "@1 f(5) @9", "5:1+(5)"},

    {"half-years from 1 March, counted from the anchor", p_half_years, "@2012-03-01 p(1)",
     "2011-03-01:1+(-,2011-03-01,2011-09-01) 2011-09-01:1+(2011-03-01,2011-09-01,2012-03-01) "
     "2012-03-01:1+(2011-09-01,2012-03-01,2012-09-01)"},
    {"months from a 31st keep to the last day, and end with `until`", p_months_from_31, "@2013-01-01",
     "2011-12-31:1+(-,2011-12-31,2012-01-31) 2012-01-31:1+(2011-12-31,2012-01-31,2012-02-29) "
     "2012-02-29:1+(2012-01-31,2012-02-29,2012-03-31) 2012-03-31:1+(2012-02-29,2012-03-31,2012-04-30)"},
    {"days, at the anchor's hour", p_days, "@1000000", "100:1+(-,100,86500) 86500:1+(100,86500,172900)"},
    {"the calendar ends a schedule", p_last_years, "@9999-12-31",
     "9998-06-01:1+(-,9998-06-01,9999-06-01) 9999-06-01:1+(9998-06-01,9999-06-01,never)"},
    {"a count by treaty year", p_quota, "@2011-02-05 p(1) @2012-02-04T23:59:59Z p(2) @2012-02-05 p(3)",
     "2011-02-05:1+(2011-02-05,1)[1] 2012-02-04T23:59:59Z:1-(2011-02-05,1) "
     "2012-02-04T23:59:59Z:1+(2011-02-05,2)[1,2] "
     "2012-02-05:1+(2012-02-05,1)[3]"},

    {"count by group", p_count, "@1 f(1,5) f(1,6) f(2,-) @2 -f(1,5) @3 -f(1,6)",
     "1:1+(1,2)[1,2] 1:1+(2,1) 2:1-(1,2) 2:1+(1,1)[2] 3:1-(1,1)"},
    {"copies count", p_count, "@1 f(1,5) f(1,5)", "1:1+(1,2)[1,2]"},
    {"sum by group, absent left out", p_sum, "@1 f(1,5) f(1,6) f(1,-) f(2,-) @2 -f(1,5)",
     "1:1+(1,11)[1,2] 2:1-(1,11) 2:1+(1,6)[2]"},
    {"a group of absent values has no row", p_sum, "@1 f(2,-)", ""},
    {"a sum may pass through what does not fit", p_sum,
     "@1 f(1,9223372036854775807) f(1,9223372036854775806) -f(1,9223372036854775807)",
     "1:1+(1,9223372036854775806)"},
    {"a sum that does not fit is an error with label and instant", p_sum_labelled,
     "@2012-03-07 f(1,9223372036854775807) @2012-03-08 f(1,1)",
     "2012-03-07:1+(1,9223372036854775807) !overflow:II.1(a), line 12, at 2012-03-08T00:00:00Z"},
    {"the least of a group returns when it goes", p_least,
     "@1 f(1,5) f(1,3) f(1,4) @2 -f(1,3) @3 -f(1,4) -f(1,5)",
     "1:1+(1,3)[2] 2:1-(1,3) 2:1+(1,4)[3] 3:1-(1,4)"},
    {"the greatest of a group", p_greatest, "@1 f(1,5) f(1,9) f(1,9) @2 -f(1,9) @3 -f(1,9)",
     "1:1+(1,9) 3:1-(1,9) 3:1+(1,5)[1]"},
    {"count of all that ever came", p_count_ever, "@1 p(1,5) @2 p(1,5) p(2,5)",
     "1:1+(1,1) 2:1-(1,1) 2:1+(1,2)[1,2] 2:1+(2,1)[3]"},
    {"sum of all that ever came", p_sum_ever, "@1 p(1,5) @2 p(1,-) @3 p(1,-7)",
     "1:1+(1,5)[1] 3:1-(1,5) 3:1+(1,-2)[1,3]"},
    {"a sum of all that ever came may not fit", p_sum_ever, "@1 p(1,9223372036854775807) @2 p(1,1)",
     "1:1+(1,9223372036854775807) !overflow:accumulate"},
    {"the least that ever came", p_least_ever, "@1 p(1,5) @2 p(1,7) @3 p(1,2)",
     "1:1+(1,5) 3:1-(1,5) 3:1+(1,2)"},
    {"the greatest that ever came, below zero too", p_greatest_ever, "@1 p(1,-5) @2 p(1,-7) @3 p(1,-2)",
     "1:1+(1,-5) 3:1-(1,-5) 3:1+(1,-2)"},
};

static void check_claims(void) {
    static char got[4000];
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        const struct claim *c = &claims[i];
        for (int trace = 0; trace < 2; trace++) {
            bool passes = script_passes(c->build, c->script, c->expected, trace, got, sizeof got);
            kdtest_claim(passes, "%s (trace %d)\n    wanted %s\n    heard  %s", c->what, trace, c->expected,
                         got);
        }
    }
}

int main(void) {
    check_claims();
    return kdtest_end("test_engine");
}

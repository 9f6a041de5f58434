/* test_engine_cost.c: what the engine costs: who is woken, what is allocated, what is kept, and that large
 * states stay right. */
#include "kdtest.h"
#include <kadesh/engine.h>

#include <stdlib.h>
#include <string.h>

#define KEYS(...) (const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned)

static size_t allocations; /* asked of the allocator below */

static void *counting(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    allocations += new_bytes != 0;
    return kd_allocator_libc.resize(kd_allocator_libc.ctx, p, old_bytes, new_bytes);
}
static const kd_allocator counter = {counting, NULL};

typedef struct bench {
    kd_plan *p;
    kd_engine *g;
    kd_error e;
    uint64_t heard;
    kd_value last[KD_WIDTH_MAX];
} bench;

static void heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    bench *b = ctx;
    b->heard++;
    if (sign < 0) return;
    memcpy(b->last, row, width * sizeof *row);
}

static void start(bench *b) {
    memset(b, 0, sizeof *b);
    if (kd_plan_open(&counter, &b->p)) abort();
}

static void run(bench *b) {
    kd_engine_options o = {.from = &counter, .heard = heard, .ctx = b};
    kdtest_claim(kd_engine_open(b->p, &o, &b->g, &b->e) == KD_OK, "an engine opens: %s", b->e.message);
}

static void end(bench *b) {
    kd_engine_close(b->g);
    kd_plan_close(b->p);
}

static bool push(bench *b, kd_instant at, kd_node in, int sign, uint32_t origin, kd_value x, kd_value y) {
    kd_value row[2] = {x, y};
    kd_event v = {in, sign, origin, row};
    return kd_engine_push(b->g, at, &v, 1, &b->e) == KD_OK;
}

/* ---- Sharing --------------------------------------------------------------------------------------------*/

static void what_is_the_same_is_built_once(void) {
    bench b;
    start(&b);
    kd_node p = kd_plan_input(b.p, KD_STR("p"), KD_PULSE, 2),
            q = kd_plan_input(b.p, KD_STR("q"), KD_PULSE, 2);
    kd_expr x = kd_plan_op(b.p, KD_X_LT, kd_plan_column(b.p, 0), kd_plan_value(b.p, 7), 0);
    kd_expr y = kd_plan_op(b.p, KD_X_LT, kd_plan_column(b.p, 0), kd_plan_value(b.p, 7), 0);
    kd_value rows[] = {1, 2}, other[] = {1, 3};
    kdtest_claim(p == kd_plan_input(b.p, KD_STR("p"), KD_PULSE, 2), "an input of one name is one node");
    kdtest_claim(x == y, "an expression is built once");
    kdtest_claim(kd_plan_select(b.p, p, x) == kd_plan_select(b.p, p, y), "a select is built once");
    kdtest_claim(kd_plan_select(b.p, p, x) != kd_plan_select(b.p, q, x), "over another input it is another");
    kdtest_claim(kd_plan_once(b.p, p, (kd_interval){0, 5}) != kd_plan_once(b.p, p, (kd_interval){0, 6}),
                 "with another interval it is another");
    kdtest_claim(kd_plan_constant(b.p, rows, 2, 1) == kd_plan_constant(b.p, rows, 2, 1),
                 "a constant is built once");
    kdtest_claim(kd_plan_constant(b.p, rows, 2, 1) != kd_plan_constant(b.p, other, 2, 1),
                 "of other rows it is another");
    kdtest_claim(kd_plan_constant(b.p, rows, 2, 1) != kd_plan_constant(b.p, rows, 1, 2),
                 "of another shape it is another");
    kdtest_claim(kd_plan_size(b.p) == 9, "nodes are counted: %zu", kd_plan_size(b.p));
    kdtest_claim(kd_plan_kind(b.p, p) == KD_PULSE && kd_plan_width(b.p, p) == 2,
                 "a node tells its kind and width");
    end(&b);
}

/* ---- Who is woken ---------------------------------------------------------------------------------------*/

static void only_what_is_downstream_is_woken(void) {
    enum { RULES = 10000 };
    static kd_node begins[RULES], ends[RULES];
    bench b;
    start(&b);
    for (uint32_t i = 0; i < RULES; i++) {
        char name[24];
        snprintf(name, sizeof name, "begin%u", i);
        begins[i] = kd_plan_input(b.p, kd_str_of(name), KD_PULSE, 2);
        snprintf(name, sizeof name, "end%u", i);
        ends[i] = kd_plan_input(b.p, kd_str_of(name), KD_PULSE, 1);
        kd_node owed = kd_plan_hold(b.p, begins[i], ends[i], KEYS(0));
        kd_plan_sink(b.p, kd_plan_timer(b.p, owed, 1), i);
    }
    run(&b);
    kdtest_claim(kd_plan_size(b.p) == 4 * RULES, "10,000 rules are 40,000 nodes");
    for (uint32_t i = 0; i < RULES; i++) push(&b, 1, begins[i], 1, 0, 7, 1000000 + i);
    uint64_t before = kd_engine_statistics(b.g).nodes_run;
    for (int i = 0; i < 1000; i++) push(&b, 2, begins[77], 1, 0, i, 2000000);
    uint64_t woken = kd_engine_statistics(b.g).nodes_run - before;
    kdtest_claim(woken <= 3000, "a push wakes its input, the hold and the timer: %.3f nodes",
                 (double)woken / 1000);
    before = kd_engine_statistics(b.g).nodes_run;
    kd_engine_push(b.g, 3, NULL, 0, &b.e);
    kdtest_claim(kd_engine_statistics(b.g).nodes_run == before, "an empty time point wakes nobody");
    before = b.heard;
    kd_engine_advance(b.g, 1000000 + 41, &b.e);
    kdtest_claim(b.heard - before == 42, "the timers of 42 rules fire and no others");
    kdtest_claim(kd_engine_next_timer(b.g) == 1000000 + 42, "the next timer is known");
    end(&b);
}

/* ---- What is allocated ----------------------------------------------------------------------------------*/

/* A plan that has every operator; inputs p and e are pulses of two columns and one, f a level of two. */
static void every_operator(kd_plan *p) {
    kd_node a = kd_plan_input(p, KD_STR("p"), KD_PULSE, 2), e = kd_plan_input(p, KD_STR("e"), KD_PULSE, 1);
    kd_node f = kd_plan_input(p, KD_STR("f"), KD_LEVEL, 2);
    kd_on on = {0, 0};
    kd_value rows[] = {1, 2};
    uint32_t sink = 0;
    kd_expr columns[2] = {kd_plan_column(p, 1),
                          kd_plan_op(p, KD_X_ADD, kd_plan_op(p, KD_X_NOW, 0, 0, 0), kd_plan_value(p, 3), 0)};
    kd_node due = kd_plan_map(p, a, columns, 2), held = kd_plan_hold(p, a, e, KEYS(0));
    kd_node c = kd_plan_constant(p, rows, 1, 2), owed = kd_plan_latest(p, due, KEYS(0));
    kd_node all[] = {
        kd_plan_join(p, a, due, &on, 1),
        kd_plan_join(p, a, f, &on, 1),
        kd_plan_join(p, f, a, &on, 1),
        kd_plan_join(p, f, held, &on, 1),
        kd_plan_antijoin(p, a, e, &on, 1),
        kd_plan_antijoin(p, a, f, &on, 1),
        kd_plan_antijoin(p, held, f, &on, 1),
        kd_plan_union(p, f, c),
        kd_plan_distinct(p, a),
        kd_plan_distinct(p, kd_plan_union(p, f, held)),
        kd_plan_select(p, f, kd_plan_op(p, KD_X_GT, kd_plan_column(p, 0), kd_plan_value(p, 2), 0)),
        kd_plan_once(p, a, (kd_interval){2, 9}),
        kd_plan_since(p, e, a, &on, 1, (kd_interval){0, 9}, false),
        kd_plan_since(p, e, a, &on, 1, (kd_interval){1, 9}, true),
        kd_plan_previous(p, a, (kd_interval){0, 9}),
        kd_plan_rise(p, f),
        kd_plan_fall(p, f),
        kd_plan_timer(p, owed, 1),
        kd_plan_aggregate(p, f, KEYS(0), KD_SUM, 1),
        kd_plan_aggregate(p, f, KEYS(0), KD_LEAST, 1),
        kd_plan_accumulate(p, a, KEYS(0), KD_GREATEST, 1),
        kd_plan_schedule(p, (kd_schedule){0, 0, 1, KD_NEVER})};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) kd_plan_sink(p, all[i], sink++);
}

/* Rows come and go in rounds that are all alike. */
static void round_of_events(bench *b, int round) {
    kd_node p = kd_plan_input(b->p, KD_STR("p"), KD_PULSE, 2),
            e = kd_plan_input(b->p, KD_STR("e"), KD_PULSE, 1);
    kd_node f = kd_plan_input(b->p, KD_STR("f"), KD_LEVEL, 2);
    kd_instant at = (kd_instant)round * 200;
    for (int i = 0; i < 40; i++) {
        push(b, at + i, f, 1, 1, i % 10, i);
        push(b, at + i, p, 1, 2, i % 20, i % 7);
        push(b, at + i, e, 1, 3, i % 15, 0);
    }
    for (int i = 0; i < 40; i++) push(b, at + 100, f, -1, 4, i % 10, i);
}

static void nothing_is_allocated_once_warm(void) {
    bench b;
    start(&b);
    every_operator(b.p);
    kd_error e = {0};
    kdtest_claim(kd_plan_error(b.p, &e) == KD_OK, "a plan has every operator: %s", e.message);
    run(&b);
    for (int i = 0; i < 20; i++) round_of_events(&b, i);
    size_t before = allocations, bytes = kd_engine_statistics(b.g).bytes;
    for (int i = 20; i < 200; i++) round_of_events(&b, i);
    kdtest_claim(b.heard > 10000, "much was heard");
    kdtest_claim(allocations == before, "no event allocates once warm: %zu did", allocations - before);
    kdtest_claim(kd_engine_statistics(b.g).bytes == bytes, "and nothing grows");
    end(&b);
}

/* ---- What is kept ---------------------------------------------------------------------------------------*/

/* Runs `events` of `step` through an operator and tells whether memory stays where it was after the first
 * tenth. */
static void stays_small(const char *what,
                        kd_node (*build)(kd_plan *p, kd_node pulse, kd_node end, kd_node level),
                        void (*step)(bench *b, kd_node pulse, kd_node end, kd_node level, int i)) {
    bench b;
    start(&b);
    kd_node p = kd_plan_input(b.p, KD_STR("p"), KD_PULSE, 2),
            e = kd_plan_input(b.p, KD_STR("e"), KD_PULSE, 1);
    kd_node f = kd_plan_input(b.p, KD_STR("f"), KD_LEVEL, 2);
    kd_plan_sink(b.p, build(b.p, p, e, f), 1);
    run(&b);
    size_t early = 0;
    for (int i = 0; i < 50000; i++) {
        step(&b, p, e, f, i);
        if (i == 5000) early = kd_engine_statistics(b.g).bytes;
    }
    kd_engine_stats s = kd_engine_statistics(b.g);
    kdtest_claim(!b.e.message[0] && s.bytes == early && s.live_rows <= 700,
                 "%s: %zu bytes, then %zu; %zu rows; %s", what, early, s.bytes, s.live_rows, b.e.message);
    end(&b);
}

static kd_node b_timer(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_timer(p, level, 1);
}
static kd_node b_hold(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_hold(p, pulse, finish, KEYS(0));
}
static kd_node b_once(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_once(p, pulse, (kd_interval){5, 20});
}
static kd_node b_since(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_since(p, finish, pulse, &(kd_on){0, 0}, 1, (kd_interval){5, KD_NEVER}, true);
}
static kd_node b_since_present(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_since(p, finish, pulse, &(kd_on){0, 0}, 1, (kd_interval){0, KD_NEVER}, false);
}
static kd_node b_least(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_aggregate(p, level, KEYS(0), KD_LEAST, 1);
}
static kd_node b_join(kd_plan *p, kd_node pulse, kd_node finish, kd_node level) {
    return kd_plan_join(p, level, level, &(kd_on){0, 0}, 1);
}

static void level_step(bench *b, kd_node p, kd_node e, kd_node f,
                       int i) { /* rows due in a far year, each gone soon */
    push(b, i, f, 1, 0, i, INT64_C(90000000000) + i % 977);
    if (i >= 100) push(b, i, f, -1, 0, i - 100, INT64_C(90000000000) + (i - 100) % 977);
}
static void hold_step(bench *b, kd_node p, kd_node e, kd_node f, int i) {
    push(b, i, p, 1, 0, i, 1);
    if (i >= 100) push(b, i, e, 1, 0, i - 100, 0);
}
static void same_row_step(bench *b, kd_node p, kd_node e, kd_node f, int i) {
    push(b, i, p, 1, 0, 7, 7);
}

static void what_is_gone_is_reclaimed(void) {
    stays_small("timers of rows that went do not pile up", b_timer, level_step);
    stays_small("a hold that ended is gone", b_hold, hold_step);
    stays_small("a window forgets what left it", b_once, hold_step);
    stays_small("a row pulsed again and again is one entry", b_once, same_row_step);
    stays_small("what a killed in not-since is gone", b_since, hold_step);
    stays_small("what a did not renew in since is gone", b_since_present, hold_step);
    stays_small("values that left a group are gone", b_least, level_step);
    stays_small("joined rows that went are gone", b_join, level_step);
}

/* ---- Large states ---------------------------------------------------------------------------------------*/

static uint64_t seed = 1;
static unsigned below(unsigned n) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static kd_value extreme_of(const unsigned *copies, unsigned n, bool greatest) {
    for (unsigned i = 0; i < n; i++) {
        unsigned v = greatest ? n - 1 - i : i;
        if (copies[v]) return v;
    }
    return -1;
}

static void extremes_stay_right(bool greatest) {
    enum { VALUES = 3000 };
    static unsigned copies[VALUES];
    memset(copies, 0, sizeof copies);
    bench b;
    start(&b);
    kd_node f = kd_plan_input(b.p, KD_STR("f"), KD_LEVEL, 2);
    kd_plan_sink(b.p, kd_plan_aggregate(b.p, f, KEYS(0), greatest ? KD_GREATEST : KD_LEAST, 1), 1);
    run(&b);
    bool right = true;
    for (int i = 0; i < 40000 && right; i++) {
        unsigned v = below(VALUES);
        bool out = copies[v] && i % 7000 > 3500 + (int)below(2000); /* grows, then shrinks */
        copies[v] += out ? -1u : 1u;
        right = push(&b, i, f, out ? -1 : 1, 0, 5, v);
        kd_value want = extreme_of(copies, VALUES, greatest);
        right = right && (want < 0 || b.last[1] == want);
    }
    kdtest_claim(right, "the %s of a group that grows and shrinks stays right",
                 greatest ? "greatest" : "least");
    end(&b);
}

static void counts_stay_right(void) {
    enum { ROWS = 300 };
    static bool there[ROWS];
    memset(there, 0, sizeof there);
    bench b;
    start(&b);
    kd_node f = kd_plan_input(b.p, KD_STR("f"), KD_LEVEL, 2);
    kd_plan_sink(b.p, kd_plan_aggregate(b.p, f, KEYS(0), KD_COUNT, 0), 1);
    run(&b);
    bool right = true;
    size_t live = 0;
    for (int i = 0; i < 8000 && right; i++) {
        unsigned v = below(ROWS);
        bool out = there[v];
        there[v] = !out;
        live += out ? -(size_t)1 : 1;
        right = push(&b, i, f, out ? -1 : 1, 1000 + v, 5, v);
        if (live) right = right && b.last[1] == (kd_value)live;
    }
    kdtest_claim(right, "a count is that of the rows that are there, as they come and go");
    kdtest_claim(kd_engine_statistics(b.g).live_rows < ROWS * 5, "and keeps no more of them");
    end(&b);
}

static void tables_grow_and_shrink(void) {
    enum { ROWS = 100000 };
    bench b;
    start(&b);
    kd_node f = kd_plan_input(b.p, KD_STR("f"), KD_LEVEL, 2),
            g = kd_plan_input(b.p, KD_STR("g"), KD_LEVEL, 2);
    kd_node open = kd_plan_antijoin(b.p, f, g, &(kd_on){0, 0}, 1);
    kd_plan_sink(b.p, kd_plan_aggregate(b.p, open, NULL, 0, KD_COUNT, 0), 1);
    run(&b);
    bool right = true;
    for (int i = 0; i < ROWS; i++) right &= push(&b, 1, f, 1, 0, i, i);
    for (int i = 0; i < ROWS; i += 2) right &= push(&b, 1, g, 1, 0, i, 0);
    kdtest_claim(right && b.last[0] == ROWS / 2, "100,000 rows, half of them matched");
    for (int i = 0; i < ROWS; i++) right &= push(&b, 1, f, -1, 0, i, i);
    for (int i = 0; i < ROWS; i += 2) right &= push(&b, 1, g, -1, 0, i, 0);
    kdtest_claim(right && kd_engine_statistics(b.g).live_rows == 0, "all gone, nothing kept: %zu",
                 kd_engine_statistics(b.g).live_rows);
    end(&b);
}

/* ---- Asking ---------------------------------------------------------------------------------------------*/

typedef struct listing {
    size_t n;
    kd_value sum;
    kd_instant at;
} listing;

static void list(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    listing *l = ctx;
    l->n++;
    l->sum += row[1];
    l->at = at;
}

static void sinks_keep_their_rows(void) {
    bench b;
    start(&b);
    kd_node f = kd_plan_input(b.p, KD_STR("f"), KD_LEVEL, 2),
            p = kd_plan_input(b.p, KD_STR("p"), KD_PULSE, 2);
    kd_value rows[] = {1, 2};
    kd_plan_sink(b.p, f, 5);
    kd_plan_sink(b.p, p, 6);
    kd_plan_sink(b.p, kd_plan_constant(b.p, rows, 1, 2), 7);
    run(&b);
    listing l = {0};
    kd_engine_rows(b.g, 7, list, &l);
    kdtest_claim(l.n == 0, "a constant is listed once it was heard");
    push(&b, 10, f, 1, 0, 1, 100);
    push(&b, 11, f, 1, 0, 2, 200);
    push(&b, 12, f, 1, 0, 2, 200);
    push(&b, 13, f, -1, 0, 1, 100);
    push(&b, 14, p, 1, 0, 1, 1);
    kd_engine_rows(b.g, 5, list, &l);
    kdtest_claim(l.n == 1 && l.sum == 200 && l.at == 11,
                 "a level's rows are listed with the instant at which they came");
    l = (listing){0};
    kd_engine_rows(b.g, 6, list, &l);
    kd_engine_rows(b.g, 99, list, &l);
    kdtest_claim(l.n == 0, "a pulse and a number that is not there have none");
    kd_engine_rows(b.g, 7, list, &l);
    kdtest_claim(l.n == 1 && l.at == 10, "a constant came at the first time point");
    kd_engine_stats s = kd_engine_statistics(b.g);
    kdtest_claim(s.time_points == 5 && s.events == 5, "time points and events are counted");
    end(&b);
}

static void refuses(const char *what, kd_status status, const char *reason, kd_instant at, kd_event v) {
    bench b;
    start(&b);
    kd_node f = kd_plan_input(b.p, KD_STR("f"), KD_LEVEL, 2),
            p = kd_plan_input(b.p, KD_STR("p"), KD_PULSE, 2);
    kd_plan_sink(b.p, kd_plan_rise(b.p, f), 1);
    run(&b);
    kd_status s = kd_engine_push(b.g, at, &v, 1, &b.e);
    kdtest_claim(s == status && !strcmp(b.e.reason, reason), "refused: %s (%s)", what, b.e.message);
    kdtest_claim(!push(&b, 1000, p, 1, 0, 1, 1) && !strcmp(b.e.reason, "engine_failed"),
                 "and then only closed: %s", what);
    end(&b);
}

static void events_are_checked(void) {
    static const kd_value row[2] = {1, 2};
    refuses("an event for node 0", KD_USAGE, "no_input", 1, (kd_event){0, 1, 0, row});
    refuses("an event for a node that is not there", KD_USAGE, "no_input", 1, (kd_event){99, 1, 0, row});
    refuses("an event for a node that is no input", KD_USAGE, "no_input", 1, (kd_event){3, 1, 0, row});
    refuses("a pulse that goes", KD_USAGE, "sign", 1, (kd_event){2, -1, 0, row});
    refuses("a sign of 2", KD_USAGE, "sign", 1, (kd_event){1, 2, 0, row});
    refuses("no row", KD_USAGE, "no_row", 1, (kd_event){1, 1, 0, NULL});
    refuses("a row that is not there goes", KD_INVALID, "not_there", 1, (kd_event){1, -1, 0, row});
    refuses("a time point at never", KD_INVALID, "no_instant", KD_NEVER, (kd_event){1, 1, 0, row});
    refuses("a time point without instant", KD_INVALID, "no_instant", KD_ABSENT, (kd_event){1, 1, 0, row});
}

int main(void) {
    what_is_the_same_is_built_once();
    only_what_is_downstream_is_woken();
    nothing_is_allocated_once_warm();
    what_is_gone_is_reclaimed();
    extremes_stay_right(false);
    extremes_stay_right(true);
    counts_stay_right();
    tables_grow_and_shrink();
    sinks_keep_their_rows();
    events_are_checked();
    return kdtest_end("test_engine_cost");
}

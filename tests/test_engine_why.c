/* test_engine_why.c: why a row is there: on random plans and logs every set that the engine tells is checked by
 * replays (check_why.h); on plans made by hand it has the size of the least proof.
 *
 *      test_engine_why [cases [first seed]]      LONG in the environment: 40,000 cases */
#include "check_why.h"
#include "kdtest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Chance: splitmix64 ---------------------------------------------------------------------------------*/

typedef struct dice {
    uint64_t state;
} dice;

static unsigned below(dice *d, unsigned n) {
    uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (unsigned)((z ^ z >> 31) % n);
}
static bool chance(dice *d, unsigned percent) {
    return below(d, 100) < percent;
}

/* ---- Random plans ---------------------------------------------------------------------------------------*/

#define NODES 14
#define WIDTH 4

typedef struct draft {
    dice dice;
    bool log_time;
    kd_plan *p;
    kd_node nodes[NODES];
    bool plain[NODES]; /* its rows come each from one event of their own: which was pushed first is clear */
    unsigned n, wanted;
    bool said;
} draft;

/* What the builder needs to make the same plan again. */
typedef struct recipe {
    uint64_t seed;
    bool log_time;
    unsigned node; /* that is asked about */
    kd_node nodes[NODES];
    unsigned n;
} recipe;

static int pick(draft *d, int kind) {
    int found[NODES], n = 0;
    for (unsigned i = 0; i < d->n; i++)
        if (kind < 0 || (int)kd_plan_kind(d->p, d->nodes[i]) == kind) found[n++] = (int)i;
    if (!n) return -1;
    int a = (int)below(&d->dice, (unsigned)n), b = (int)below(&d->dice, (unsigned)n);
    return found[a > b ? a : b];
}

static unsigned width_of(const draft *d, int i) {
    return kd_plan_width(d->p, d->nodes[i]);
}
static kd_kind kind_of(const draft *d, int i) {
    return kd_plan_kind(d->p, d->nodes[i]);
}

static kd_interval some_interval(draft *d, bool ends) {
    kd_interval w = {chance(&d->dice, 60) ? 0 : below(&d->dice, 4), 0};
    w.high = !ends && chance(&d->dice, 25) ? KD_NEVER : w.low + below(&d->dice, 7);
    return w;
}

/* Each column of the right side at most once. */
static unsigned some_pairs(draft *d, kd_on *on, unsigned left, unsigned right) {
    unsigned n = 0;
    for (unsigned i = 0; i < right && left && n < 2; i++)
        if (chance(&d->dice, 60)) on[n++] = (kd_on){below(&d->dice, left), i};
    return n;
}

static kd_expr some_condition(draft *d, unsigned width) {
    static const kd_op ops[] = {KD_X_EQ, KD_X_NE, KD_X_LT, KD_X_GE};
    kd_expr a = kd_plan_column(d->p, below(&d->dice, width));
    kd_expr b = chance(&d->dice, 50) ? kd_plan_column(d->p, below(&d->dice, width))
                                     : kd_plan_value(d->p, below(&d->dice, 3));
    return kd_plan_op(d->p, ops[below(&d->dice, 4)], a, b, 0);
}

static kd_node some_map(draft *d, int a) {
    kd_expr columns[WIDTH];
    unsigned width = width_of(d, a), count = 1 + below(&d->dice, 2);
    for (unsigned i = 0; i < count; i++) {
        columns[i] = chance(&d->dice, 80) ? kd_plan_column(d->p, below(&d->dice, width))
                                          : kd_plan_value(d->p, below(&d->dice, 3));
        if (kind_of(d, a) == KD_PULSE && !d->log_time && chance(&d->dice, 20)) {
            kd_expr now = kd_plan_op(d->p, KD_X_NOW, 0, 0, 0);
            columns[i] = kd_plan_op(d->p, KD_X_ADD, now, kd_plan_value(d->p, below(&d->dice, 5)), 0);
        }
    }
    return kd_plan_map(d->p, d->nodes[a], columns, count);
}

static int turned_around(void *ctx, kd_value a, kd_value b) {
    return (a < b) - (a > b);
}

static kd_node some_fold(draft *d, int a) {
    static const kd_fold folds[] = {KD_COUNT, KD_SUM, KD_LEAST, KD_GREATEST, KD_AVERAGE, KD_MEDIAN};
    kd_fold f = folds[below(&d->dice, 6)];
    unsigned width = width_of(d, a), group = below(&d->dice, width), column = below(&d->dice, width);
    unsigned count = chance(&d->dice, 60);
    if (kind_of(d, a) == KD_PULSE && chance(&d->dice, 40))
        return kd_plan_accumulate(d->p, d->nodes[a], &group, count, f, column);
    bool ordered = (f == KD_LEAST || f == KD_GREATEST) && chance(&d->dice, 30);
    kd_value none = (kd_value)below(&d->dice, 3);
    kd_fold_more more = {.compare = ordered ? turned_around : NULL};
    if (!count && kind_of(d, a) == KD_LEVEL && chance(&d->dice, 50)) more.none = &none;
    return kd_plan_aggregate_more(d->p, d->nodes[a], &group, count, f, column, &more);
}

/* a single way or two through a few states: every test names all columns of its node. */
static kd_node some_match(draft *d, int a, int b) {
    static const unsigned columns[WIDTH] = {0, 1, 2, 3};
    bool negated = chance(&d->dice, 30) && width_of(d, b) <= width_of(d, a);
    unsigned width = width_of(d, a) > width_of(d, b) ? width_of(d, a) : width_of(d, b);
    if (!negated && width_of(d, a) < width && width_of(d, b) < width) return 0;
    kd_move moves[] = {
        {.from = 0, .to = 1, .what = KD_MOVE_TEST, .test = d->nodes[a], .columns = columns},
        {.from = 1, .to = 2, .what = KD_MOVE_STEP},
        {.from = 2, .to = 2, .what = KD_MOVE_STEP},
        {.from = 2,
         .to = 3,
         .what = KD_MOVE_TEST,
         .test = d->nodes[b],
         .columns = columns,
         .negated = negated},
        {.from = 1, .to = 3, .what = KD_MOVE_JUMP},
    };
    bool forward = chance(&d->dice, 50);
    unsigned count = width_of(d, a) == width && chance(&d->dice, 50) ? 5 : 4;
    return kd_plan_match(d->p, moves, count, 4, width, some_interval(d, forward), forward);
}

enum {
    SELECT,
    MAP,
    UNION,
    DISTINCT,
    JOIN,
    ANTIJOIN,
    ANTIJOIN_AGAIN,
    ONCE,
    SINCE,
    SINCE_AGAIN,
    PREVIOUS,
    FOLD,
    JOIN_MANY,
    BOTH, /* the last of those that there are in every time */
    HOLD = BOTH,
    LATEST,
    RISE,
    FALL,
    TIMER,
    ENGINE_OPS,
    EVENTUALLY = BOTH,
    UNTIL,
    NEXT,
    MATCH,
    RECURSION,
    LOG_OPS
};

static kd_node two_inputs(draft *d, unsigned op, int a, int b) {
    kd_on on[2];
    unsigned n = some_pairs(d, on, width_of(d, a), width_of(d, b));
    kd_node x = d->nodes[a], y = d->nodes[b];
    if (op == UNION)
        return kind_of(d, a) == kind_of(d, b) && width_of(d, a) == width_of(d, b) ? kd_plan_union(d->p, x, y)
                                                                                  : 0;
    if (op == JOIN) return width_of(d, a) + width_of(d, b) <= WIDTH ? kd_plan_join(d->p, x, y, on, n) : 0;
    if (op == ANTIJOIN || op == ANTIJOIN_AGAIN)
        return kind_of(d, a) == KD_LEVEL && kind_of(d, b) == KD_PULSE ? 0
                                                                      : kd_plan_antijoin(d->p, x, y, on, n);
    if (!d->log_time && (kind_of(d, a) == KD_LEVEL || kind_of(d, b) == KD_LEVEL)) return 0;
    bool negated = chance(&d->dice, 50);
    if (op == SINCE || op == SINCE_AGAIN)
        return kd_plan_since(d->p, x, y, on, n, some_interval(d, false), negated);
    return kd_plan_until(d->p, x, y, on, n, some_interval(d, true), negated);
}

/* a and two more, each with columns of its own as long as there is room, else with others'. */
static kd_node some_join_many(draft *d, int a, int b) {
    unsigned columns[3][WIDTH], width = 0, pulses = 0;
    int parts[] = {a, b, pick(d, KD_LEVEL)};
    kd_side sides[3];
    for (unsigned k = 0; k < 3; k++) {
        bool used[WIDTH] = {false};
        pulses += kind_of(d, parts[k]) == KD_PULSE;
        for (unsigned i = 0; i < width_of(d, parts[k]); i++) {
            unsigned c = width < WIDTH && (!width || chance(&d->dice, 40)) ? width : below(&d->dice, width);
            while (c < width && used[c]) c = (c + 1) % WIDTH;
            columns[k][i] = c;
            used[c] = true;
            if (c == width) width++;
        }
        sides[k] = (kd_side){d->nodes[parts[k]], columns[k]};
    }
    return pulses < 2 ? kd_plan_join_many(d->p, sides, 3, width) : 0;
}

static kd_node of_pulses(draft *d, unsigned op, int a, bool *fine) {
    unsigned keys[WIDTH], width = width_of(d, a), count = width;
    for (unsigned i = 0; i < width; i++) keys[i] = i;
    if (d->plain[a] && chance(&d->dice, 60)) count = 1;
    *fine = kind_of(d, a) == KD_PULSE;
    if (!*fine) return 0;
    if (op == LATEST) return kd_plan_latest(d->p, d->nodes[a], keys, count);
    int b = pick(d, KD_PULSE);
    return width_of(d, b) == count ? kd_plan_hold(d->p, d->nodes[a], d->nodes[b], keys, count) : 0;
}

/* What a seed says of its body: previous(x) or b, once more. */
static kd_node some_recursion(draft *d, int a) {
    if (kind_of(d, a) != KD_PULSE || d->said) return 0;
    d->said = true;
    kd_node f = kd_plan_feedback(d->p, width_of(d, a));
    kd_node body = kd_plan_union(d->p, d->nodes[a], kd_plan_previous(d->p, f, (kd_interval){0, KD_NEVER}));
    int stop = pick(d, KD_PULSE);
    if (width_of(d, stop) == width_of(d, a)) {
        kd_on on[WIDTH];
        for (unsigned i = 0; i < width_of(d, a); i++) on[i] = (kd_on){i, i};
        body = kd_plan_antijoin(d->p, body, d->nodes[stop], on, width_of(d, a));
    }
    kd_plan_feed(d->p, f, body);
    return body;
}

static kd_node some_node(draft *d) {
    unsigned op = below(&d->dice, d->log_time ? LOG_OPS : ENGINE_OPS);
    int a = pick(d, -1), b = pick(d, -1);
    kd_node x = d->nodes[a];
    bool pulse = kind_of(d, a) == KD_PULSE, fine;
    d->plain[d->n] = op == SELECT && d->plain[a];
    if (op == SELECT) return kd_plan_select(d->p, x, some_condition(d, width_of(d, a)));
    if (op == MAP) return some_map(d, a);
    if (op == DISTINCT) return kd_plan_distinct(d->p, x);
    if (op == JOIN_MANY) return some_join_many(d, a, b);
    if (op == FOLD) return width_of(d, a) < WIDTH ? some_fold(d, a) : 0;
    if (op == ONCE) return pulse || d->log_time ? kd_plan_once(d->p, x, some_interval(d, false)) : 0;
    if (op == PREVIOUS) return pulse || d->log_time ? kd_plan_previous(d->p, x, some_interval(d, false)) : 0;
    if (op < BOTH || (d->log_time && op == UNTIL)) return two_inputs(d, op, a, b);
    if (d->log_time) {
        if (op == EVENTUALLY) return kd_plan_eventually(d->p, x, some_interval(d, true));
        if (op == NEXT) return kd_plan_next(d->p, x, some_interval(d, true)); /* not to the supposed end */
        return op == MATCH ? some_match(d, a, b) : some_recursion(d, a);
    }
    if (op == HOLD || op == LATEST) return of_pulses(d, op, a, &fine);
    if (pulse) return 0;
    if (op == TIMER) return kd_plan_timer(d->p, x, below(&d->dice, width_of(d, a)));
    return op == RISE ? kd_plan_rise(d->p, x) : kd_plan_fall(d->p, x);
}

static kd_node build(void *ctx, kd_plan *p) {
    recipe *r = ctx;
    draft d = {.dice = {r->seed}, .log_time = r->log_time, .p = p};
    static const kd_value rows[] = {0, 1};
    d.nodes[d.n++] = kd_plan_input(p, KD_STR("a"), KD_PULSE, 1);
    d.nodes[d.n++] = kd_plan_input(p, KD_STR("b"), KD_PULSE, 2);
    d.nodes[d.n++] = kd_plan_input(p, KD_STR("c"), KD_LEVEL, 1 + below(&d.dice, 2));
    d.plain[0] = d.plain[1] = true;
    if (chance(&d.dice, 20)) d.nodes[d.n++] = kd_plan_constant(p, rows, 2, 1);
    d.wanted = d.n + 1 + below(&d.dice, NODES - d.n);
    for (unsigned tries = 0; d.n < d.wanted && tries < 60; tries++) {
        kd_node made = some_node(&d);
        if (made) d.nodes[d.n++] = made;
    }
    memcpy(r->nodes, d.nodes, sizeof d.nodes);
    r->n = d.n;
    return d.nodes[r->node < d.n ? r->node : 0];
}

/* ---- Random logs ----------------------------------------------------------------------------------------*/

#define PUSHES 14
#define EVENTS 80

typedef struct random_log {
    check_push pushes[PUSHES];
    kd_event events[EVENTS];
    kd_value rows[EVENTS][2];
    bool taken[EVENTS];
    size_t push_count, n;
} random_log;

static void put_event(random_log *l, const kd_event *v) {
    l->events[l->n++] = *v;
}

/* Takes out a row that an earlier push put there. */
static bool take_out(random_log *l, dice *d, size_t before) {
    size_t i = below(d, (unsigned)(before + 1));
    if (i >= before || l->events[i].sign < 0 || l->taken[i] || l->events[i].input != 3) return false;
    l->taken[i] = true;
    kd_event v = l->events[i];
    v.sign = -1;
    put_event(l, &v);
    return true;
}

/* The inputs are the first nodes of the plan. */
static void make_log(random_log *l, dice *d, const recipe *r, const kd_plan *p) {
    memset(l, 0, sizeof *l);
    kd_instant at = below(d, 3);
    l->push_count = 4 + below(d, PUSHES - 4);
    for (size_t i = 0; i < l->push_count; i++) {
        at += chance(d, 75) ? below(d, 3) : 0;
        size_t before = l->n, count = below(d, 5);
        l->pushes[i] = (check_push){at, l->events + l->n, 0};
        for (size_t k = 0; k < count && l->n < EVENTS; k++) {
            if (chance(d, 25) && take_out(l, d, before)) continue;
            kd_node in = r->nodes[below(d, 3)];
            kd_value *row = l->rows[l->n];
            for (unsigned c = 0; c < kd_plan_width(p, in); c++) row[c] = below(d, 3);
            put_event(l, &(kd_event){in, 1, (uint32_t)l->n, row});
        }
        l->pushes[i].count = l->n - before;
    }
}

/* ---- What was heard, and why ----------------------------------------------------------------------------*/

#define ROWS 4000

typedef struct said {
    uint32_t node; /* number in the recipe */
    uint64_t point, pushed;
    kd_instant at;
    kd_value row[WIDTH + 1];
} said;

typedef struct hearing {
    kd_engine *g;
    const recipe *r;
    bool log_time;
    uint64_t pushed;
    said all[ROWS];
    size_t n;
} hearing;

static void heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    hearing *h = ctx;
    if (sign < 0 || h->n == ROWS || at == KD_NEVER) return; /* the supposed time point gets no verdict */
    said *s = &h->all[h->n++];
    *s = (said){.node = sink, .point = kd_engine_time_point(h->g), .pushed = h->pushed, .at = at};
    if (h->log_time) s->pushed = s->point + 1;
    memcpy(s->row, row, width * sizeof *row);
}

static uint64_t asked, events_told, longest, given_up;

static kd_status run_log(hearing *h, const random_log *l, kd_error *e) {
    kd_status s = KD_OK;
    for (size_t i = 0; !s && i < l->push_count; i++) {
        h->pushed = i;
        if (!h->log_time) s = kd_engine_advance(h->g, l->pushes[i].at, e);
        h->pushed = i + 1;
        if (!s) s = kd_engine_push(h->g, l->pushes[i].at, l->pushes[i].events, l->pushes[i].count, e);
    }
    if (!s)
        s = h->log_time ? kd_engine_finish(h->g, e)
                        : kd_engine_advance(h->g, l->pushes[l->push_count - 1].at + 6, e);
    return s;
}

static bool check_one(const said *s, const hearing *h, recipe *r, const random_log *l) {
    uint32_t set[EVENTS];
    size_t n;
    kd_error e = {0};
    kd_status st = kd_engine_why(h->g, r->nodes[s->node], s->point, s->row, set, EVENTS, &n, &e);
    if (!kdtest_claim(!st, "seed %" PRIu64 ": node %u at point %" PRIu64 " is told: %s", r->seed, s->node,
                      s->point, e.message))
        return false;
    r->node = s->node;
    check_case c = {build, r, l->pushes, l->push_count, r->log_time};
    const char *wrong = check_why(&c, &(check_row){s->at, s->pushed, s->row}, set, n);
    asked++;
    events_told += n;
    if (n > longest) longest = n;
    if (wrong[0] == 0) return kdtest_claim(true, "fine");
    printf("  node %u at %" PRId64 " point %" PRIu64 " row", s->node, s->at, s->point);
    for (unsigned i = 0; i < WIDTH; i++) printf(" %" PRId64, s->row[i]);
    printf(" set");
    for (size_t i = 0; i < n; i++) printf(" %u", set[i]);
    putchar('\n');
    return kdtest_claim(false, "seed %" PRIu64 " (log time %d): %s", r->seed, r->log_time, wrong);
}

static bool run_case(uint64_t seed) {
    static hearing h;
    static random_log l;
    recipe r = {.seed = seed, .log_time = seed & 1};
    dice d = {seed ^ UINT64_C(0x5DEECE66D)};
    kd_plan *p;
    kd_error e = {0};
    if (kd_plan_open(NULL, &p)) abort();
    build(&r, p);
    if (kd_plan_error(p, &e)) { /* a match that cannot run: such a plan is refused */
        given_up++;
        kd_plan_close(p);
        return true;
    }
    for (unsigned i = 0; i < r.n; i++) kd_plan_sink(p, r.nodes[i], i);
    make_log(&l, &d, &r, p);
    h = (hearing){.r = &r, .log_time = r.log_time};
    kd_engine_options o = {.trace = true, .log_time = r.log_time, .heard = heard, .ctx = &h};
    kd_status s = kd_engine_open(p, &o, &h.g, &e);
    if (!s) s = run_log(&h, &l, &e);
    given_up += s != KD_OK;
    bool fine = true;
    for (size_t i = 0; !s && fine && i < 8 && h.n; i++) {
        size_t a = below(&d, (unsigned)h.n), b = below(&d, (unsigned)h.n); /* deeper nodes more often */
        fine = check_one(&h.all[h.all[a].node > h.all[b].node ? a : b], &h, &r, &l);
    }
    kd_engine_close(h.g);
    kd_plan_close(p);
    return fine;
}

/* ---- Proofs by hand -------------------------------------------------------------------------------------
 *
 * In log time. Inputs p, q and r are pulses of one column; a log is a line: time points at instants 0, 1, 2, ...
 * apart by bars, an event a letter, its row (0); "p5" has row (5). Origins count the letters from 1. */
typedef kd_node (*maker)(kd_plan *p, kd_node a, kd_node b, kd_node c);

static const kd_on same[] = {{0, 0}};
#define ALWAYS_BACK   ((kd_interval){0, KD_NEVER})
#define IN(low, high) ((kd_interval){low, high})

#define MAKE(name) static kd_node name(kd_plan *p, kd_node a, kd_node b, kd_node c)
MAKE(m_and) {
    return kd_plan_join(p, a, b, same, 1);
}
MAKE(m_or) {
    return kd_plan_union(p, kd_plan_join(p, a, b, same, 1), kd_plan_join(p, c, c, same, 1));
}
MAKE(m_not) {
    return kd_plan_antijoin(p, a, b, same, 1);
}
MAKE(m_not_not) {
    return kd_plan_antijoin(p, a, kd_plan_antijoin(p, a, b, same, 1), same, 1);
}
MAKE(m_once) {
    return kd_plan_once(p, a, IN(0, 3));
}
MAKE(m_since) {
    return kd_plan_since(p, a, b, same, 1, ALWAYS_BACK, false);
}
MAKE(m_not_since) {
    return kd_plan_since(p, a, b, same, 1, ALWAYS_BACK, true);
}
MAKE(m_historically) { /* c and at no time point without a: p only ever came with r */
    return kd_plan_antijoin(p, c, kd_plan_once(p, kd_plan_antijoin(p, a, b, same, 1), ALWAYS_BACK), same, 1);
}
MAKE(m_previous) {
    return kd_plan_previous(p, a, ALWAYS_BACK);
}
MAKE(m_next) {
    return kd_plan_next(p, a, ALWAYS_BACK);
}
MAKE(m_eventually) {
    return kd_plan_eventually(p, a, IN(0, 4));
}
MAKE(m_until) {
    return kd_plan_until(p, a, b, same, 1, IN(0, 9), false);
}
MAKE(m_release) {
    return kd_plan_until(p, a, b, same, 1, IN(0, 9), true);
}
MAKE(m_least) {
    return kd_plan_accumulate(p, a, NULL, 0, KD_LEAST, 0);
}
MAKE(m_count) {
    return kd_plan_accumulate(p, a, NULL, 0, KD_COUNT, 0);
}
MAKE(m_latest) {
    return kd_plan_latest(p, a, NULL, 0);
}
MAKE(m_not_latest) { /* a of one value hides a of another */
    kd_expr zero = kd_plan_op(p, KD_X_EQ, kd_plan_column(p, 0), kd_plan_value(p, 5), 0);
    return kd_plan_antijoin(p, c, kd_plan_select(p, kd_plan_latest(p, kd_plan_union(p, a, c), NULL, 0), zero),
                            NULL, 0);
}
MAKE(m_hold) {
    return kd_plan_hold(p, a, b, (const unsigned[]){0}, 1);
}
MAKE(m_recursion) {
    kd_node f = kd_plan_feedback(p, 1);
    kd_expr first = kd_plan_column(p, 0);
    kd_node out = kd_plan_union(
        p, b, kd_plan_map(p, kd_plan_join(p, kd_plan_previous(p, f, ALWAYS_BACK), a, same, 1), &first, 1));
    kd_plan_feed(p, f, out);
    return out;
}
MAKE(m_match) { /* p, then anything, then q */
    static const unsigned columns[] = {0};
    kd_move moves[] = {{0, 1, KD_MOVE_TEST, a, columns, false},
                       {1, 2, KD_MOVE_STEP, 0, NULL, false},
                       {2, 2, KD_MOVE_STEP, 0, NULL, false},
                       {2, 3, KD_MOVE_TEST, b, columns, false}};
    return kd_plan_match(p, moves, 4, 4, 1, ALWAYS_BACK, false);
}

static const struct proof {
    const char *what;
    maker make;
    const char *log;
    uint64_t point;
    kd_value row[WIDTH];
    const char *set; /* "-": any set of that size would do; then its size */
} proofs[] = {
    {"both sides of a conjunction", m_and, "p|pqr", 1, {0, 0}, "2 3"},
    {"the cheaper side of a disjunction", m_or, "pqr", 0, {0, 0}, "3"},
    {"what is absent needs no event", m_not, "p|q", 0, {0}, "1"},
    {"what keeps away a row that the chosen events would make", m_not_not, "r|pq", 1, {0}, "2 3"},
    {"one pulse of a window", m_once, "p|p|p|", 3, {0}, "-1"},
    {"since: b, and a at each time point after it", m_since, "q|p|pq|p|pr", 4, {0}, "4 5 6"},
    {"since at b's own time point needs b alone", m_since, "q|p|pq", 2, {0}, "4"},
    {"not a since b: b alone", m_not_since, "qp|q|r|r", 3, {0}, "3"},
    {"always p only with q: the newest without p needs nothing of the past",
     m_historically,
     "pq|pq|r",
     2,
     {0},
     "5"},
    {"the row of the time point before", m_previous, "p|q", 1, {0}, "1"},
    {"the row of the next", m_next, "r|p", 0, {0}, "2"},
    {"one of those that come", m_eventually, "|q|p|p", 0, {0}, "-1"},
    {"until: the nearest b, and a up to it", m_until, "p|p|q|pq", 0, {0}, "1 2 3"},
    {"until met at once", m_until, "pq|p|q", 0, {0}, "2"},
    {"not a until b: b alone", m_release, "r|r|q|p", 0, {0}, "3"},
    {"the least rests on one row", m_least, "p3|p0|p5", 2, {0}, "2"},
    {"a count rests on all its rows", m_count, "p|p|p", 2, {3}, "1 2 3"},
    {"the latest rests on the newest", m_latest, "p|p5|p7", 2, {7}, "3"},
    {"a newer value that no other hides", m_not_latest, "p5|p0r0", 1, {0}, "3"},
    {"held since its begin", m_hold, "p|q|p|r", 3, {0}, "3"},
    {"recursion: each step of the chain", m_recursion, "q|p|p|p", 3, {0}, "1 2 3 4"},
    {"recursion begun anew is shorter", m_recursion, "q|p|pq|p", 3, {0}, "4 5"},
    {"a match: its tests, nothing in between", m_match, "p|r|p|r|q", 4, {0}, "-2"},
};

typedef struct by_hand {
    maker make;
    kd_node inputs[3];
} by_hand;

static kd_node build_by_hand(void *ctx, kd_plan *p) {
    by_hand *h = ctx;
    static const char *const names[] = {"p", "q", "r"};
    for (int i = 0; i < 3; i++) h->inputs[i] = kd_plan_input(p, kd_str_of(names[i]), KD_PULSE, 1);
    return h->make(p, h->inputs[0], h->inputs[1], h->inputs[2]);
}

static void read_log(const char *text, const by_hand *h, random_log *l) {
    memset(l, 0, sizeof *l);
    l->pushes[0] = (check_push){0, l->events, 0};
    l->push_count = 1;
    for (const char *z = text; *z; z++) {
        if (*z == '|') {
            l->pushes[l->push_count] = (check_push){(kd_instant)l->push_count, l->events + l->n, 0};
            l->push_count++;
            continue;
        }
        kd_value *row = l->rows[l->n];
        put_event(l, &(kd_event){h->inputs[*z - 'p'], 1, (uint32_t)l->n + 1, row});
        if (z[1] >= '0' && z[1] <= '9') row[0] = *++z - '0';
        l->pushes[l->push_count - 1].count++;
    }
}

static bool is_expected(const char *set, const uint32_t *told, size_t n) {
    if (*set == '-') return n == strtoul(set + 1, NULL, 10);
    size_t i = 0;
    for (const char *z = set; *z; i++) {
        char *end;
        unsigned long v = strtoul(z, &end, 10);
        if (i >= n || told[i] != v) return false;
        for (z = end; *z == ' ';) z++;
    }
    return i == n;
}

static void check_proof(const struct proof *x) {
    static random_log l;
    by_hand h = {.make = x->make};
    kd_plan *p;
    kd_engine *g = NULL;
    kd_error e = {0};
    uint32_t set[EVENTS];
    size_t n = 0;
    if (kd_plan_open(NULL, &p)) abort();
    kd_node node = build_by_hand(&h, p);
    read_log(x->log, &h, &l);
    kd_engine_options o = {.trace = true, .log_time = true};
    kd_status s = kd_engine_open(p, &o, &g, &e);
    for (size_t i = 0; !s && i < l.push_count; i++)
        s = kd_engine_push(g, l.pushes[i].at, l.pushes[i].events, l.pushes[i].count, &e);
    if (!s) s = kd_engine_finish(g, &e);
    if (!s) s = kd_engine_why(g, node, x->point, x->row, set, EVENTS, &n, &e);
    if (kdtest_claim(!s, "%s: told (%s)", x->what, e.message)) {
        char told[200] = "";
        for (size_t i = 0; i < n && i < 20; i++) snprintf(told + strlen(told), 8, " %u", set[i]);
        kdtest_claim(is_expected(x->set, set, n), "%s: wanted %s, told%s", x->what, x->set, told);
        check_case c = {build_by_hand, &h, l.pushes, l.push_count, true};
        check_row r = {(kd_instant)x->point, x->point + 1, x->row};
        kdtest_claim(!*check_why(&c, &r, set, n), "%s: %s", x->what, check_why(&c, &r, set, n));
        if (n && n < l.n) { /* the checker itself: less is not enough, and more is too much */
            kdtest_claim(*check_why(&c, &r, set, n - 1), "%s: less would do", x->what);
            uint32_t extra = 1;
            for (size_t i = 0; i < n; i++) extra += set[i] == extra;
            set[n] = extra;
            kdtest_claim(*check_why(&c, &r, set, n + 1), "%s: the checker lets a superfluous event pass",
                         x->what);
        }
    }
    kd_engine_close(g);
    kd_plan_close(p);
}

static void check_refusals(void) {
    kd_plan *p;
    kd_engine *g = NULL;
    kd_error e = {0};
    size_t n;
    kd_value row = 7;
    if (kd_plan_open(NULL, &p)) abort();
    kd_node in = kd_plan_input(p, KD_STR("p"), KD_PULSE, 1);
    for (int trace = 0; trace < 2; trace++) {
        kd_engine_options o = {.trace = trace};
        if (kd_engine_open(p, &o, &g, &e) || kd_engine_push(g, 1, &(kd_event){in, 1, 1, &row}, 1, &e))
            abort();
        kdtest_claim(kd_engine_why(g, in, 0, &row, NULL, 0, &n, &e) == (trace ? KD_OK : KD_USAGE) &&
                         n == (size_t)trace,
                     "without trace nothing can be asked; without room the number is told (trace %d)", trace);
        kdtest_claim(kd_engine_why(g, 99, 0, &row, NULL, 0, &n, &e) == KD_USAGE, "a node that is not there");
        if (trace) {
            kdtest_claim(kd_engine_why(g, in, 0, &(kd_value){8}, NULL, 0, &n, &e) == KD_FAILED,
                         "a row it never had");
            kdtest_claim(kd_engine_why(g, in, 5, &row, NULL, 0, &n, &e) == KD_FAILED,
                         "a time point that never was");
        }
        kd_engine_close(g);
    }
    kd_plan_close(p);
}

int main(int argc, char **argv) {
    unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 10) : getenv("LONG") ? 40000 : 2500;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++) check_proof(&proofs[i]);
    check_refusals();
    for (unsigned long i = 0; i < cases && failed < (argc > 3 ? 1000u : 5u); i++)
        failed += !run_case(first + i);
    printf("  %" PRIu64 " rows asked about, %" PRIu64 " events told, %" PRIu64 " at most, %" PRIu64
           " runs given up\n",
           asked, events_told, longest, given_up);
    return kdtest_end("test_engine_why");
}

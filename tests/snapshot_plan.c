/* snapshot_plan.c: random plans over all operators and their events. */
#include "snapshot_plan.h"

#include <string.h>

/* splitmix64 */
uint64_t snapshot_chance(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

unsigned snapshot_below(uint64_t *state, unsigned n) {
    return (unsigned)(snapshot_chance(state) % n);
}

/* ---- Plans ----------------------------------------------------------------------------------------------*/

static unsigned below(snapshot_plan *s, unsigned n) {
    return snapshot_below(&s->chance, n);
}

/* One of the nodes made so far, of the kind (2: any) and the width (0: any) wanted; 0: none. */
static kd_node pick(snapshot_plan *s, unsigned kind, unsigned width) {
    for (unsigned tries = 0; tries < 40; tries++) {
        kd_node n = s->nodes[below(s, s->count)];
        if ((kind == 2 || kd_plan_kind(s->p, n) == (kd_kind)kind) &&
            (width == 0 || kd_plan_width(s->p, n) == width) && kd_plan_width(s->p, n) > 0)
            return n;
    }
    return 0;
}

static kd_interval interval(snapshot_plan *s, bool ends) {
    kd_interval w = {below(s, 3) ? below(s, 6) : 0, 0};
    w.high = !ends && !below(s, 5) ? KD_NEVER : w.low + below(s, 9);
    return w;
}

static kd_on pair(snapshot_plan *s, kd_node a, kd_node b) {
    return (kd_on){below(s, kd_plan_width(s->p, a)), below(s, kd_plan_width(s->p, b))};
}

/* Brings the row to two columns, so that plans get deep and not wide. */
static kd_node narrow(snapshot_plan *s, kd_node n) {
    if (!n || kd_plan_width(s->p, n) <= 2) return n;
    kd_expr x[2] = {kd_plan_column(s->p, below(s, kd_plan_width(s->p, n))), kd_plan_column(s->p, 0)};
    return kd_plan_map(s->p, n, x, 2);
}

static kd_node match(snapshot_plan *s) {
    kd_node a = pick(s, 0, 1), b = pick(s, 2, 1);
    static const unsigned column[1] = {0};
    if (!a || !b) return 0;
    bool negated = below(s, 2), forward = below(s, 2);
    kd_move moves[] = {{0, 1, KD_MOVE_TEST, a, column, false},
                       {1, 2, KD_MOVE_STEP, 0, NULL, false},
                       {2, 1, KD_MOVE_TEST, b, column, negated},
                       {2, 3, KD_MOVE_TEST, a, column, false},
                       {1, 3, KD_MOVE_JUMP, 0, NULL, false}};
    return kd_plan_match(s->p, moves, 4 + below(s, 2), 4, 1, interval(s, forward), forward);
}

/* ONCE of what this very node had before. */
static kd_node recursion(snapshot_plan *s) {
    kd_node from = pick(s, 0, 2);
    if (!from) return 0;
    kd_node f = kd_plan_feedback(s->p, 2);
    kd_node back =
        below(s, 2) ? kd_plan_previous(s->p, f, (kd_interval){0, KD_NEVER})
                    : kd_plan_join(s->p, from, kd_plan_once(s->p, f, (kd_interval){1, 9}), &(kd_on){0, 1}, 1);
    kd_node body = kd_plan_distinct(s->p, kd_plan_union(s->p, from, narrow(s, back)));
    kd_plan_feed(s->p, f, body);
    return body;
}

static kd_node ahead(snapshot_plan *s) {
    kd_node a = pick(s, 2, 0), b = pick(s, 2, 0);
    if (!a || !b) return 0;
    kd_on on = pair(s, a, b);
    switch (below(s, 6)) {
    case 0:
        return kd_plan_next(s->p, a, interval(s, false));
    case 1:
        return kd_plan_eventually(s->p, a, interval(s, true));
    case 2:
        return match(s);
    case 3:
        return recursion(s);
    default:
        return kd_plan_until(s->p, a, b, &on, 1, interval(s, true), below(s, 2));
    }
}

static kd_node of_treaties(snapshot_plan *s) {
    static const kd_value rows[] = {0, 12, 1, 9, 2, 40};
    kd_node a = pick(s, KD_LEVEL, 2);
    if (!a) return 0;
    switch (below(s, 3)) {
    case 0:
        return kd_plan_schedule(s->p, (kd_schedule){below(s, 90000), 0, 1, KD_NEVER});
    case 1:
        return kd_plan_constant(s->p, rows, 1 + below(s, 3), 2);
    default:
        return kd_plan_timer(s->p, a, 1);
    }
}

static kd_node fold(snapshot_plan *s) {
    kd_node a = pick(s, 2, 2), b = pick(s, 0, 2);
    unsigned group = below(s, 2);
    kd_fold f = (kd_fold)below(s, KD_FMEDIAN + 1);
    if (!a || !b) return 0;
    kd_value none = (kd_value)below(s, 3);
    unsigned count = below(s, 2);
    kd_fold_more more = {.none = !count && kd_plan_kind(s->p, a) == KD_LEVEL && below(s, 2) ? &none : NULL};
    return below(s, 3) ? kd_plan_aggregate_more(s->p, a, &group, count, f, 1 - group, &more)
                       : kd_plan_accumulate(s->p, b, &group, below(s, 2), f, 1 - group);
}

static kd_node one_input(snapshot_plan *s) {
    kd_node any = pick(s, 2, 0), pulse = pick(s, 0, 0), level = pick(s, 1, 0);
    unsigned key = 0;
    if (!any || !pulse || !level) return 0;
    kd_expr small = kd_plan_op(s->p, KD_X_LT, kd_plan_column(s->p, 0), kd_plan_value(s->p, 2), 0);
    switch (below(s, 8)) {
    case 0:
        return kd_plan_select(s->p, any, small);
    case 1:
        return kd_plan_distinct(s->p, any);
    case 2:
        return kd_plan_latest(s->p, pulse, &key, 1);
    case 3:
        return kd_plan_previous(s->p, s->log_time ? any : pulse, interval(s, false));
    case 4:
        return below(s, 2) ? kd_plan_rise(s->p, level) : kd_plan_fall(s->p, level);
    case 5:
        return fold(s);
    default:
        return kd_plan_once(s->p, s->log_time ? any : pulse, interval(s, false));
    }
}

static kd_node two_inputs(snapshot_plan *s) {
    kd_node a = pick(s, 2, 0), b = pick(s, 2, 0), p = pick(s, 0, 2), q = pick(s, 0, 1), r = pick(s, 0, 0);
    unsigned key = 0;
    if (!a || !b || !p || !q || !r) return 0;
    kd_on on = pair(s, a, b), ons = pair(s, s->log_time ? a : r, s->log_time ? b : p);
    bool fits = kd_plan_kind(s->p, a) == KD_PULSE || kd_plan_kind(s->p, b) == KD_LEVEL;
    switch (below(s, 5)) {
    case 0:
        return narrow(s, kd_plan_join(s->p, a, b, &on, 1));
    case 1:
        return fits ? kd_plan_antijoin(s->p, a, b, &on, 1) : 0;
    case 2:
        return kd_plan_hold(s->p, p, q, &key, 1);
    case 3:
        return kd_plan_union(s->p, p, s->inputs[0]);
    default:
        return kd_plan_since(s->p, s->log_time ? a : r, s->log_time ? b : p, &ons, 1, interval(s, false),
                             below(s, 2));
    }
}

/* Three relations of two columns, in a cycle, that a pulse asks for or not. */
static kd_node cycle(snapshot_plan *s) {
    static const unsigned xy[] = {0, 1}, yz[] = {1, 2}, zx[] = {2, 0};
    kd_node a = pick(s, below(s, 2) ? 2 : KD_LEVEL, 2), b = pick(s, KD_LEVEL, 2), c = pick(s, KD_LEVEL, 2);
    kd_side sides[] = {{a, xy}, {b, yz}, {c, zx}};
    return a && b && c ? narrow(s, kd_plan_join_many(s->p, sides, 3, 3)) : 0;
}

bool snapshot_build(snapshot_plan *s, uint64_t seed, unsigned nodes, bool log_time) {
    *s = (snapshot_plan){.chance = seed, .log_time = log_time};
    if (kd_plan_open(NULL, &s->p)) return false;
    s->inputs[0] = kd_plan_input(s->p, KD_STR("p"), KD_PULSE, 2);
    s->inputs[1] = kd_plan_input(s->p, KD_STR("q"), KD_PULSE, 2);
    s->inputs[2] = kd_plan_input(s->p, KD_STR("r"), KD_PULSE, 1);
    s->inputs[3] = kd_plan_input(s->p, KD_STR("f"), KD_LEVEL, 2);
    for (; s->count < 4; s->count++) s->nodes[s->count] = s->inputs[s->count];
    for (unsigned i = 0; i < nodes && s->count < SNAPSHOT_NODES; i++) {
        unsigned what = below(s, 7);
        kd_node n = what == 6  ? cycle(s)
                    : what < 2 ? one_input(s)
                    : what < 4 ? two_inputs(s)
                    : log_time ? ahead(s)
                               : of_treaties(s);
        if (n) s->nodes[s->count++] = n;
    }
    for (unsigned i = 0; i < 4; i++) kd_plan_sink(s->p, s->nodes[below(s, s->count)], i);
    kd_plan_sink(s->p, s->nodes[s->count - 1], 4);
    if (log_time) kd_plan_watch(s->p, s->nodes[s->count - 1]);
    return kd_plan_error(s->p, NULL) == KD_OK;
}

/* ---- Events ---------------------------------------------------------------------------------------------*/

kd_status snapshot_push(const snapshot_plan *s, kd_engine *g, uint64_t seed, unsigned i, kd_instant *at,
                        kd_error *e) {
    uint64_t chance = seed * 1000003 + i;
    kd_value rows[12][2];
    kd_event events[12];
    size_t n = 0;
    *at += snapshot_below(&chance, 4);
    for (unsigned count = snapshot_below(&chance, 3) ? snapshot_below(&chance, 8) : 0; n < count; n++) {
        rows[n][0] = snapshot_below(&chance, 4);
        rows[n][1] =
            snapshot_below(&chance, 4) ? *at + snapshot_below(&chance, 9) : snapshot_below(&chance, 3);
        events[n] = (kd_event){s->inputs[snapshot_below(&chance, 4)], 1, 0, rows[n]};
    }
    if (i % 3 == 2) { /* a row of the level comes and, later, goes */
        rows[n][0] = 7;
        rows[n][1] = i % 6 == 2 ? i : i - 3;
        events[n] = (kd_event){s->inputs[3], i % 6 == 2 ? 1 : -1, 0, rows[n]};
        n++;
    }
    return kd_engine_push(g, *at, events, n, e);
}

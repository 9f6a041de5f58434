/* test_engine_random.c: random plans and events through the engine and through the naive evaluator: every
 * time point of both must say the same. A difference is shrunk and printed as seed, plan and events.
 *
 *      test_engine_random [cases [first seed]]      LONG in the environment: 100,000 cases */
#include "kdtest.h"
#include "naive_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PUSHES 40
#define EVENTS 30 /* of a time point at most; mostly 6 */

typedef struct push {
    kd_instant at;
    naive_event events[EVENTS];
    unsigned count;
} push;

typedef struct test_case {
    uint64_t seed;
    naive_node nodes[NAIVE_NODES];
    unsigned node_count;
    push pushes[PUSHES];
    unsigned push_count;
    bool trace;
    bool ends; /* only nodes that nobody reads are heard: others may be looked up, or part of their readers */
} test_case;

/* ---- Chance: splitmix64 ---------------------------------------------------------------------------------*/

static uint64_t state;

static uint64_t next_random(void) {
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static unsigned below(unsigned n) {
    return (unsigned)(next_random() % n);
}
static bool chance(unsigned percent) {
    return below(100) < percent;
}

/* ---- Making plans ---------------------------------------------------------------------------------------*/

static kd_instant unit; /* of the case's instants: a second, or half a day so that calendars take part */

/* A node made before that is of the kind and width wanted (any width: 0), or -1. */
static int pick(const test_case *c, int relation, unsigned max_width) {
    int found[NAIVE_NODES], n = 0;
    for (unsigned i = 0; i < c->node_count; i++) {
        const naive_node *d = &c->nodes[i];
        if ((relation < 0 || d->relation == (kd_kind)relation) && d->width <= max_width) found[n++] = (int)i;
    }
    /* the newer ones more often, so that plans get deep */
    if (!n) return -1;
    int a = (int)below((unsigned)n), b = (int)below((unsigned)n);
    return found[a > b ? a : b];
}

static kd_value small_value(void) {
    return chance(6) ? KD_ABSENT : (kd_value)below(3);
}

static int add_term(naive_node *d, naive_term t) {
    d->terms[d->term_count] = t;
    return (int)d->term_count++;
}

static int random_term(naive_node *d, unsigned width, bool now, unsigned depth) {
    static const kd_op ops[] = {KD_X_ADD, KD_X_SUB, KD_X_MAX,       KD_X_MIN,    KD_X_EQ,  KD_X_NE,
                                KD_X_LT,  KD_X_LE,  KD_X_GT,        KD_X_GE,     KD_X_AND, KD_X_OR,
                                KD_X_NOT, KD_X_IF,  KD_X_IS_ABSENT, KD_X_OR_ELSE};
    if (depth == 0 || chance(30) || d->term_count > NAIVE_TERMS - 5) {
        naive_term leaf = {.what = TERM_VALUE, .part = {-1, -1, -1}, .value = small_value()};
        if (width && chance(70))
            leaf.what = TERM_COLUMN, leaf.value = below(width);
        else if (now && chance(30))
            leaf.what = TERM_OP, leaf.op = KD_X_NOW;
        return add_term(d, leaf);
    }
    naive_term t = {.what = TERM_OP, .op = ops[below(sizeof ops / sizeof *ops)], .part = {-1, -1, -1}};
    unsigned arity = t.op == KD_X_NOT || t.op == KD_X_IS_ABSENT ? 1 : t.op == KD_X_IF ? 3 : 2;
    for (unsigned i = 0; i < arity && d->term_count < NAIVE_TERMS - 4; i++)
        t.part[i] = random_term(d, width, now, depth - 1);
    for (unsigned i = 0; i < arity; i++)
        if (t.part[i] < 0)
            return t.part[0] < 0 ? add_term(d, (naive_term){.what = TERM_VALUE, .part = {-1, -1, -1}})
                                 : t.part[0];
    return add_term(d, t);
}

/* Of a column with a value or a column, on either side: done in place, where other terms are lists of steps. */
static int random_comparison(naive_node *d, unsigned width) {
    naive_term t = {.what = TERM_OP, .op = KD_X_EQ + (kd_op)below(6)};
    for (unsigned i = 0; i < 3; i++) t.part[i] = -1;
    unsigned column = below(2);
    for (unsigned i = 0; i < 2; i++) {
        naive_term leaf = {.what = TERM_VALUE, .part = {-1, -1, -1}, .value = small_value()};
        if (i == column || chance(30)) leaf.what = TERM_COLUMN, leaf.value = below(width);
        t.part[i] = add_term(d, leaf);
    }
    return add_term(d, t);
}

static void random_on(naive_node *d, unsigned left, unsigned right) {
    d->on_count = left && right ? below(3) : 0;
    if (d->on_count == 0 && left && right && chance(70)) d->on_count = 1;
    for (unsigned i = 0; i < d->on_count; i++) d->on[i] = (kd_on){below(left), below(right)};
}

static void random_keys(naive_node *d, unsigned width) {
    d->key_count = width ? below(width + 1) : 0;
    if (d->key_count > 2) d->key_count = 2;
    for (unsigned i = 0; i < d->key_count; i++) d->keys[i] = below(width);
}

static kd_interval random_interval(void) {
    kd_interval w = {chance(50) ? 0 : below(6) * unit, 0};
    w.high = chance(10) ? KD_NEVER : w.low + below(7) * unit;
    return w;
}

static bool map_node(test_case *c, naive_node *d, int in) {
    bool now = c->nodes[in].relation == KD_PULSE, chooses = c->nodes[in].width && chance(40);
    d->width = below(4);
    for (unsigned i = 0; i < d->width; i++) {
        if (chooses) {
            naive_term column = {.what = TERM_COLUMN, .part = {-1, -1, -1}};
            column.value = below(c->nodes[in].width);
            d->columns[i] = add_term(d, column);
        } else if (now && chance(20)) { /* an instant to come, for timers */
            int a = add_term(d, (naive_term){.what = TERM_OP, .op = KD_X_NOW, .part = {-1, -1, -1}});
            int b =
                add_term(d, (naive_term){.what = TERM_VALUE, .part = {-1, -1, -1}, .value = below(6) * unit});
            d->columns[i] = add_term(d, (naive_term){.what = TERM_OP, .op = KD_X_ADD, .part = {a, b, -1}});
        } else
            d->columns[i] = random_term(d, c->nodes[in].width, now, below(3));
    }
    return d->term_count < NAIVE_TERMS;
}

/* Fills in a node of that kind over earlier nodes; false when there are none that fit. */
static bool random_node(test_case *c, naive_node *d) {
    int a = -1, b = -1;
    switch (d->kind) {
    case NAIVE_SCHEDULE:
        d->width = 3;
        d->schedule = (kd_schedule){(kd_instant)below(20) * unit, 0, 0, KD_NEVER};
        if (chance(20))
            d->schedule.months = 1;
        else
            d->schedule.days = 1 + below(4);
        d->schedule.until = chance(50) ? (kd_instant)below(200) * unit : INT64_C(400) * KD_DAY_S;
        return unit > 1;
    case NAIVE_CONSTANT:
        d->width = below(3);
        d->relation = KD_LEVEL;
        d->row_count = below(4);
        for (unsigned r = 0; r < d->row_count; r++)
            for (unsigned i = 0; i < d->width; i++) d->rows[r][i] = small_value();
        return true;
    case NAIVE_SELECT:
    case NAIVE_MAP:
    case NAIVE_DISTINCT:
        if ((a = pick(c, -1, NAIVE_WIDTH)) < 0) return false;
        d->in[0] = a;
        d->relation = c->nodes[a].relation;
        d->width = c->nodes[a].width;
        if (d->kind == NAIVE_MAP) return map_node(c, d, a);
        if (d->kind == NAIVE_SELECT)
            d->columns[0] = d->width && chance(50) ? random_comparison(d, d->width)
                                                   : random_term(d, d->width, d->relation == KD_PULSE, 2);
        return true;
    case NAIVE_JOIN:
    case NAIVE_ANTIJOIN:
    case NAIVE_UNION:
        a = pick(c, -1, NAIVE_WIDTH);
        b = pick(c, -1, NAIVE_WIDTH);
        if (a < 0 || b < 0) return false;
        d->in[0] = a, d->in[1] = b;
        d->relation = c->nodes[a].relation;
        d->width = c->nodes[a].width;
        if (d->kind == NAIVE_UNION)
            return d->relation == c->nodes[b].relation && d->width == c->nodes[b].width;
        random_on(d, d->width, c->nodes[b].width);
        if (d->kind == NAIVE_ANTIJOIN) return d->relation == KD_PULSE || c->nodes[b].relation == KD_LEVEL;
        d->width += c->nodes[b].width;
        if (c->nodes[b].relation == KD_PULSE) d->relation = KD_PULSE;
        return d->width <= NAIVE_WIDTH;
    case NAIVE_HOLD:
    case NAIVE_SINCE:
        a = pick(c, KD_PULSE, NAIVE_WIDTH);
        b = pick(c, KD_PULSE, NAIVE_WIDTH);
        if (a < 0 || b < 0) return false;
        d->in[0] = a, d->in[1] = b;
        d->relation = KD_LEVEL;
        d->width = c->nodes[d->kind == NAIVE_HOLD ? a : b].width;
        if (d->kind == NAIVE_HOLD) {
            d->key_count = c->nodes[b].width;
            for (unsigned i = 0; i < d->key_count; i++) d->keys[i] = d->width ? below(d->width) : 0;
            return d->key_count == 0 || d->width > 0;
        }
        random_on(d, c->nodes[a].width, d->width);
        if (d->on_count == 2 && d->on[0].right == d->on[1].right) d->on_count = 1; /* no column of b twice */
        d->within = random_interval();
        d->negated = chance(50);
        return true;
    case NAIVE_LATEST:
    case NAIVE_ONCE:
    case NAIVE_PREVIOUS:
        if ((a = pick(c, KD_PULSE, NAIVE_WIDTH)) < 0) return false;
        d->in[0] = a;
        d->width = c->nodes[a].width;
        d->relation = d->kind == NAIVE_PREVIOUS ? KD_PULSE : KD_LEVEL;
        random_keys(d, d->width);
        d->within = random_interval();
        return true;
    case NAIVE_RISE:
    case NAIVE_FALL:
    case NAIVE_TIMER:
        if ((a = pick(c, KD_LEVEL, NAIVE_WIDTH)) < 0) return false;
        d->in[0] = a;
        d->width = c->nodes[a].width;
        d->column = d->width ? below(d->width) : 0;
        return d->kind != NAIVE_TIMER || d->width > 0;
    case NAIVE_AGGREGATE:
    case NAIVE_ACCUMULATE:
        if ((a = pick(c, d->kind == NAIVE_AGGREGATE ? KD_LEVEL : KD_PULSE, NAIVE_WIDTH)) < 0) return false;
        d->in[0] = a;
        d->relation = KD_LEVEL;
        random_keys(d, c->nodes[a].width);
        d->width = d->key_count + 1;
        d->fold = (kd_fold)below(4);
        if (c->nodes[a].width == 0) d->fold = KD_COUNT;
        d->column = d->fold == KD_COUNT ? 0 : below(c->nodes[a].width);
        if (d->kind == NAIVE_ACCUMULATE) return true;
        d->negated = (d->fold == KD_LEAST || d->fold == KD_GREATEST) && chance(30);
        d->row_count = !d->key_count && chance(50);
        d->rows[0][0] = (kd_value)below(3);
        return true;
    default:
        return false;
    }
}

static void add_input(test_case *c, kd_kind relation, unsigned width) {
    naive_node *d = &c->nodes[c->node_count++];
    *d = (naive_node){.kind = NAIVE_INPUT, .relation = relation, .width = width};
}

static void random_plan(test_case *c) {
    add_input(c, KD_PULSE, 1 + below(2));
    add_input(c, KD_PULSE, 1 + below(3));
    if (chance(50)) add_input(c, KD_PULSE, below(3));
    add_input(c, KD_LEVEL, 1 + below(3));
    if (chance(60)) add_input(c, KD_LEVEL, below(3));
    unsigned wanted = c->node_count + 1 + below(NAIVE_NODES - c->node_count);
    for (unsigned tries = 0; c->node_count < wanted && tries < 60; tries++) {
        naive_node d = {.kind = (naive_kind)(1 + below(NAIVE_KINDS - 1))};
        if (random_node(c, &d)) c->nodes[c->node_count++] = d;
    }
}

/* ---- Making events --------------------------------------------------------------------------------------*/

typedef struct held_rows {
    struct {
        int input;
        kd_value row[NAIVE_WIDTH];
    } rows[256];
    unsigned n;
} held_rows;

static bool random_event(test_case *c, held_rows *held, kd_instant at, naive_event *e) {
    int input = (int)below(5);
    if ((unsigned)input >= c->node_count || c->nodes[input].kind != NAIVE_INPUT) return false;
    const naive_node *d = &c->nodes[input];
    *e = (naive_event){.input = input, .sign = 1};
    if (d->relation == KD_LEVEL && held->n && chance(50)) { /* take out a row that is there */
        unsigned i = below(held->n);
        e->input = held->rows[i].input;
        e->sign = -1;
        memcpy(e->row, held->rows[i].row, sizeof e->row);
        held->rows[i] = held->rows[--held->n];
        return true;
    }
    for (unsigned i = 0; i < d->width; i++)
        e->row[i] = i + 1 == d->width && chance(30) ? at + ((kd_value)below(6) - 1) * unit : small_value();
    if (d->relation == KD_PULSE) return true;
    if (held->n == 256) return false;
    held->rows[held->n].input = input;
    memcpy(held->rows[held->n++].row, e->row, sizeof e->row);
    return true;
}

static void random_pushes(test_case *c) {
    static held_rows held;
    held.n = 0;
    kd_instant at = (kd_instant)below(5) * unit;
    c->push_count = 5 + below(PUSHES - 4);
    for (unsigned i = 0; i < c->push_count; i++) {
        push *p = &c->pushes[i];
        if (chance(80)) at += (kd_instant)below(chance(10) ? 12 : 4) * unit;
        p->at = at;
        unsigned wanted = chance(20) ? 0 : 1 + below(chance(4) ? EVENTS : 6);
        for (unsigned k = 0; k < wanted; k++)
            if (random_event(c, &held, at, &p->events[p->count])) p->count++;
    }
}

static void make_case(test_case *c, uint64_t seed) {
    memset(c, 0, sizeof *c);
    c->seed = seed;
    state = seed;
    unit = chance(70) ? 1 : 43200;
    random_plan(c);
    random_pushes(c);
}

/* ---- The plan in the engine's own terms -----------------------------------------------------------------*/

static kd_expr expr_of(kd_plan *p, const naive_node *d, int t) {
    const naive_term *x = &d->terms[t];
    if (x->what == TERM_COLUMN) return kd_plan_column(p, (unsigned)x->value);
    if (x->what == TERM_VALUE) return kd_plan_value(p, x->value);
    kd_expr part[3] = {0, 0, 0};
    for (unsigned i = 0; i < 3; i++)
        if (x->part[i] >= 0) part[i] = expr_of(p, d, x->part[i]);
    return kd_plan_op(p, x->op, part[0], part[1], part[2]);
}

static int turned_around(void *ctx, kd_value a, kd_value b) {
    return (a < b) - (a > b);
}

static kd_node build_node(kd_plan *p, const naive_node *d, int i, const kd_node *made) {
    kd_node a = made[d->in[0]], b = made[d->in[1]];
    kd_value rows[4 * NAIVE_WIDTH];
    kd_expr columns[NAIVE_EXPRS];
    char name[16];
    switch (d->kind) {
    case NAIVE_INPUT:
        snprintf(name, sizeof name, "input%d", i);
        return kd_plan_input(p, kd_str_of(name), d->relation, d->width);
    case NAIVE_CONSTANT:
        for (unsigned r = 0; r < d->row_count; r++)
            memcpy(rows + r * d->width, d->rows[r], d->width * sizeof *rows);
        return kd_plan_constant(p, rows, d->row_count, d->width);
    case NAIVE_SCHEDULE:
        return kd_plan_schedule(p, d->schedule);
    case NAIVE_SELECT:
        return kd_plan_select(p, a, expr_of(p, d, d->columns[0]));
    case NAIVE_MAP:
        for (unsigned c = 0; c < d->width; c++) columns[c] = expr_of(p, d, d->columns[c]);
        return kd_plan_map(p, a, columns, d->width);
    case NAIVE_JOIN:
        return kd_plan_join(p, a, b, d->on, d->on_count);
    case NAIVE_ANTIJOIN:
        return kd_plan_antijoin(p, a, b, d->on, d->on_count);
    case NAIVE_UNION:
        return kd_plan_union(p, a, b);
    case NAIVE_DISTINCT:
        return kd_plan_distinct(p, a);
    case NAIVE_HOLD:
        return kd_plan_hold(p, a, b, d->keys, d->key_count);
    case NAIVE_LATEST:
        return kd_plan_latest(p, a, d->keys, d->key_count);
    case NAIVE_ONCE:
        return kd_plan_once(p, a, d->within);
    case NAIVE_SINCE:
        return kd_plan_since(p, a, b, d->on, d->on_count, d->within, d->negated);
    case NAIVE_PREVIOUS:
        return kd_plan_previous(p, a, d->within);
    case NAIVE_RISE:
        return kd_plan_rise(p, a);
    case NAIVE_FALL:
        return kd_plan_fall(p, a);
    case NAIVE_TIMER:
        return kd_plan_timer(p, a, d->column);
    case NAIVE_AGGREGATE:
        return kd_plan_aggregate_more(p, a, d->keys, d->key_count, d->fold, d->column,
                                      &(kd_fold_more){.compare = d->negated ? turned_around : NULL,
                                                      .none = d->row_count ? d->rows[0] : NULL});
    case NAIVE_ACCUMULATE:
        return kd_plan_accumulate(p, a, d->keys, d->key_count, d->fold, d->column);
    default:
        return 0;
    }
}

/* ---- What is heard --------------------------------------------------------------------------------------*/

typedef struct said {
    uint64_t point; /* groups what was heard at one time point */
    kd_instant at;
    uint32_t sink;
    int sign;
    unsigned width;
    kd_value row[NAIVE_WIDTH + 1];
} said;

typedef struct hearing {
    said *all;
    size_t n, room;
    const kd_engine *engine;
} hearing;

static void say(hearing *h, said s) {
    if (h->n == h->room) {
        h->room = h->room ? h->room * 2 : 256;
        h->all = realloc(h->all, h->room * sizeof *h->all);
        if (!h->all) abort();
    }
    h->all[h->n++] = s;
}

static void heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    hearing *h = ctx;
    said s = {.at = at, .sink = sink, .sign = sign, .width = width};
    s.point = h->engine ? kd_engine_statistics(h->engine).time_points : 0;
    memcpy(s.row, row, width * sizeof *row);
    say(h, s);
}

static int by_row(const void *a, const void *b) {
    const said *x = a, *y = b;
    if (x->sink != y->sink) return x->sink < y->sink ? -1 : 1;
    if (x->sign != y->sign) return x->sign < y->sign ? -1 : 1;
    for (unsigned i = 0; i < x->width; i++)
        if (x->row[i] != y->row[i]) return x->row[i] < y->row[i] ? -1 : 1;
    return 0;
}

static bool used(const test_case *c, unsigned node) {
    for (unsigned i = node + 1; i < c->node_count; i++)
        for (int k = 0; k < 2; k++)
            if (c->nodes[i].kind != NAIVE_INPUT && c->nodes[i].in[k] == (int)node) return true;
    return false;
}

static bool is_heard(const test_case *c, unsigned node) {
    return !c->ends || !used(c, node);
}

/* What the naive evaluator would have said at its time points from `from` on. */
static void naive_says(const test_case *c, const naive *v, size_t from, hearing *h) {
    static const naive_relation nothing;
    for (size_t k = from; k < v->n; k++)
        for (unsigned i = 0; i < v->node_count; i++) {
            if (!is_heard(c, i)) continue;
            const naive_node *d = &v->nodes[i];
            const naive_relation *now = &v->points[k].value[i],
                                 *was = k > 1 ? &v->points[k - 1].value[i] : &nothing;
            for (int sign = -1; sign <= 1; sign += 2) {
                const naive_relation *here = sign > 0 ? now : was, *there = sign > 0 ? was : now;
                if (d->relation == KD_PULSE && sign < 0) continue;
                for (size_t r = 0; r < here->n; r++) {
                    said s = {.point = k, .at = v->points[k].at, .sink = i, .sign = sign, .width = d->width};
                    memcpy(s.row, here->rows[r].v, d->width * sizeof *s.row);
                    naive_relation before = {here->rows, r, r};
                    bool again = naive_copies(&before, s.row, d->width) > 0;
                    if (d->relation == KD_LEVEL && (again || naive_copies(there, s.row, d->width))) continue;
                    say(h, s);
                }
            }
        }
}

/* Sorts each time point's sayings; the engine's must come by sink and sign already. False when they do not.
 * */
static bool sort_points(hearing *h) {
    bool in_order = true;
    for (size_t i = 0, end; i < h->n; i = end) {
        for (end = i + 1; end < h->n && h->all[end].point == h->all[i].point; end++) {
            const said *x = &h->all[end - 1], *y = &h->all[end];
            if (x->sink > y->sink || (x->sink == y->sink && x->sign > y->sign)) in_order = false;
        }
        qsort(h->all + i, end - i, sizeof *h->all, by_row);
    }
    return in_order;
}

static bool same_hearing(const hearing *a, const hearing *b, size_t *where) {
    uint64_t points_a = 0, points_b = 0;
    for (*where = 0; *where < a->n && *where < b->n; ++*where) {
        const said *x = &a->all[*where], *y = &b->all[*where];
        if (*where && x->point != a->all[*where - 1].point) points_a++;
        if (*where && y->point != b->all[*where - 1].point) points_b++;
        if (x->at != y->at || by_row(x, y) || x->width != y->width || points_a != points_b) return false;
    }
    return a->n == b->n;
}

/* ---- Running a case -------------------------------------------------------------------------------------*/

static uint64_t time_points, rows_heard, given_up; /* of all cases */

typedef struct outcome {
    bool differs;
    char why[400];
} outcome;

static void describe(char *to, size_t room, const char *who, const hearing *h, size_t i) {
    size_t n = (size_t)snprintf(to, room, "%s: ", who);
    if (i >= h->n) {
        snprintf(to + n, room - n, "nothing");
        return;
    }
    const said *s = &h->all[i];
    n += (size_t)snprintf(to + n, room - n, "at %" PRId64 " node %u %s(", s->at, s->sink,
                          s->sign > 0 ? "+" : "-");
    for (unsigned c = 0; c < s->width && n < room; c++) {
        if (s->row[c] == KD_ABSENT)
            n += (size_t)snprintf(to + n, room - n, "%sabsent", c ? " " : "");
        else
            n += (size_t)snprintf(to + n, room - n, "%s%" PRId64, c ? " " : "", s->row[c]);
    }
    if (n < room) snprintf(to + n, room - n, ")");
}

static void compare(hearing *engine, hearing *plain, outcome *o) {
    size_t where;
    if (!sort_points(engine)) {
        o->differs = true;
        snprintf(o->why, sizeof o->why, "sinks are not heard in order, deletions first");
    }
    sort_points(plain);
    if (o->differs || same_hearing(engine, plain, &where)) return;
    o->differs = true;
    char a[180], b[180];
    describe(a, sizeof a, "engine", engine, where);
    describe(b, sizeof b, "definition", plain, where);
    snprintf(o->why, sizeof o->why, "%s; %s", a, b);
}

/* The rows that the sinks say they hold, against the levels as they are. */
static void compare_rows(const test_case *c, const kd_engine *g, const naive *v, outcome *o) {
    if (v->n < 2) return;
    for (unsigned i = 0; i < v->node_count && !o->differs; i++) {
        if (!is_heard(c, i)) continue;
        const naive_relation *now = &v->points[v->n - 1].value[i];
        hearing h = {.engine = g};
        kd_engine_rows(g, i, heard, &h);
        size_t different = 0;
        for (size_t r = 0; r < now->n; r++) {
            naive_relation before = {now->rows, r, r};
            different +=
                v->nodes[i].relation == KD_LEVEL && !naive_copies(&before, now->rows[r].v, v->nodes[i].width);
        }
        o->differs = h.n != different;
        for (size_t r = 0; r < h.n; r++) o->differs |= !naive_copies(now, h.all[r].row, v->nodes[i].width);
        if (o->differs) snprintf(o->why, sizeof o->why, "node %u holds other rows at the end", i);
        free(h.all);
    }
}

static kd_status push_one(kd_engine *g, const push *p, const kd_node *made, uint32_t *events, kd_error *e) {
    kd_event event[EVENTS];
    for (unsigned k = 0; k < p->count; k++)
        event[k] = (kd_event){made[p->events[k].input], p->events[k].sign, (*events)++, p->events[k].row};
    return kd_engine_push(g, p->at, event, p->count, e);
}

static outcome run_case(const test_case *c) {
    outcome o = {0};
    kd_plan *plan;
    kd_engine *g = NULL;
    kd_error e = {0};
    kd_node made[NAIVE_NODES];
    hearing engine = {0}, plain = {0};
    naive v;
    uint32_t origin = 0;
    if (kd_plan_open(NULL, &plan)) abort();
    for (unsigned i = 0; i < c->node_count; i++) {
        made[i] = build_node(plan, &c->nodes[i], (int)i, made);
        if (is_heard(c, i)) kd_plan_sink(plan, made[i], i);
    }
    kd_engine_options options = {.trace = c->trace, .heard = heard, .ctx = &engine};
    naive_open(&v, c->nodes, c->node_count);
    kd_status s = kd_engine_open(plan, &options, &g, &e);
    engine.engine = g;
    for (unsigned i = 0; !s && i < c->push_count; i++) {
        size_t before = v.n;
        naive_push(&v, c->pushes[i].at, c->pushes[i].events, c->pushes[i].count);
        if (v.unclear) break;
        naive_says(c, &v, before, &plain);
        s = push_one(g, &c->pushes[i], made, &origin, &e);
    }
    time_points += v.n;
    rows_heard += engine.n;
    given_up += v.unclear;
    if (s) {
        o.differs = true;
        snprintf(o.why, sizeof o.why, "the engine failed: %.300s", e.message);
    } else {
        compare(&engine, &plain, &o);
        if (!o.differs && !v.unclear) compare_rows(c, g, &v, &o);
    }
    kd_engine_close(g);
    kd_plan_close(plan);
    naive_close(&v);
    free(engine.all);
    free(plain.all);
    return o;
}

/* ---- Shrinking and printing -----------------------------------------------------------------------------*/

static bool still_differs(const test_case *c) {
    return run_case(c).differs;
}

/* Leaves out time points, events, the last nodes, as long as the difference stays. Events of level inputs may
 * then take out what is not there; such a trial fails in another way and is not taken. */
static void shrink(test_case *c) {
    static test_case trial;
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (unsigned i = c->push_count; i-- > 0;) {
            trial = *c;
            memmove(&trial.pushes[i], &trial.pushes[i + 1], (--trial.push_count - i) * sizeof(push));
            if (strstr(run_case(&trial).why, "not there") || !still_differs(&trial)) continue;
            *c = trial;
            smaller = true;
        }
        for (unsigned i = 0; i < c->push_count; i++)
            for (unsigned k = c->pushes[i].count; k-- > 0;) {
                trial = *c;
                push *p = &trial.pushes[i];
                memmove(&p->events[k], &p->events[k + 1], (--p->count - k) * sizeof *p->events);
                if (strstr(run_case(&trial).why, "not there") || !still_differs(&trial)) continue;
                *c = trial;
                smaller = true;
            }
        while (c->node_count > 1 && !used(c, c->node_count - 1)) {
            trial = *c;
            trial.node_count--;
            if (c->nodes[trial.node_count].kind == NAIVE_INPUT || !still_differs(&trial)) break;
            *c = trial;
            smaller = true;
        }
    }
}

static void print_value(kd_value x) {
    if (x == KD_ABSENT)
        printf(" absent");
    else if (x == KD_NEVER)
        printf(" never");
    else
        printf(" %" PRId64, x);
}

static void print_node(const naive_node *d, unsigned i) {
    static const char *const names[] = {"input",  "constant", "schedule",  "select",    "map",
                                        "join",   "antijoin", "union",     "distinct",  "hold",
                                        "latest", "once",     "since",     "previous",  "rise",
                                        "fall",   "timer",    "aggregate", "accumulate"};
    printf("    %2u %s %s width %u, of %d %d", i, d->relation == KD_LEVEL ? "level" : "pulse", names[d->kind],
           d->width, d->in[0], d->in[1]);
    for (unsigned k = 0; k < d->on_count; k++) printf(", on %u=%u", d->on[k].left, d->on[k].right);
    for (unsigned k = 0; k < d->key_count; k++) printf(", key %u", d->keys[k]);
    printf(", within"), print_value(d->within.low), print_value(d->within.high);
    printf(", negated %d, fold %d of column %u, schedule %" PRId64 " months %" PRId64 " days %" PRId64
           " until %" PRId64 "\n",
           d->negated, (int)d->fold, d->column, d->schedule.anchor, d->schedule.months, d->schedule.days,
           d->schedule.until);
    for (unsigned r = 0; r < d->row_count; r++) {
        printf("         row");
        for (unsigned k = 0; k < d->width; k++) print_value(d->rows[r][k]);
        putchar('\n');
    }
    for (unsigned t = 0; t < d->term_count; t++) {
        const naive_term *x = &d->terms[t];
        if (x->what == TERM_OP)
            printf("         term %u: op %d of %d %d %d\n", t, (int)x->op, x->part[0], x->part[1],
                   x->part[2]);
        else
            printf("         term %u: %s", t, x->what == TERM_COLUMN ? "column" : "value"),
                print_value(x->value), putchar('\n');
    }
}

static void print_case(const test_case *c) {
    printf("  seed %" PRIu64 ", trace %d, only ends are heard %d, plan:\n", c->seed, c->trace, c->ends);
    for (unsigned i = 0; i < c->node_count; i++) print_node(&c->nodes[i], i);
    printf("  events:\n");
    for (unsigned i = 0; i < c->push_count; i++) {
        printf("    @%" PRId64 "\n", c->pushes[i].at);
        for (unsigned k = 0; k < c->pushes[i].count; k++) {
            const naive_event *e = &c->pushes[i].events[k];
            printf("        %c input %d:", e->sign > 0 ? '+' : '-', e->input);
            for (unsigned w = 0; w < c->nodes[e->input].width; w++) print_value(e->row[w]);
            putchar('\n');
        }
    }
}

int main(int argc, char **argv) {
    static test_case c;
    unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 10) : getenv("LONG") ? 100000 : 4000;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    bool all_same = true;
    for (unsigned long i = 0; all_same && i < cases; i++) {
        make_case(&c, first + i);
        for (int way = 0; all_same && way < 3; way++) {
            c.trace = way == 1;
            c.ends = way == 2;
            outcome o = run_case(&c);
            all_same = kdtest_claim(!o.differs, "seed %" PRIu64 " says the same: %s", c.seed, o.why);
        }
        if (all_same) continue;
        shrink(&c);
        printf("  shrunk: %s\n", run_case(&c).why);
        print_case(&c);
    }
    if (argc < 2)
        kdtest_claim(time_points > 20000, "tens of thousands of time points: %" PRIu64, time_points);
    printf("  %" PRIu64 " time points, %" PRIu64 " rows heard, %" PRIu64 " runs given up half way\n",
           time_points, rows_heard, given_up);
    return kdtest_end("test_engine_random");
}

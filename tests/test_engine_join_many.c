/* test_engine_join_many.c: joins of many relations at once: claims one by one, and random ones against
 * nested loops over lists of what every side holds.
 *
 *      test_engine_join_many [CASES [SEED]] */
#include "engine_script.h"
#include "kdtest.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))

/* ---- Claims ---------------------------------------------------------------------------------------------*/

static kd_node triangle(script_plan *s, kd_node seed, kd_node a, kd_node b, kd_node c) {
    const unsigned xy[] = {0, 1}, yz[] = {1, 2}, zx[] = {2, 0};
    kd_side sides[] = {{a, xy}, {b, yz}, {c, zx}, {seed, NULL}};
    return kd_plan_join_many(s->p, sides, seed ? 4 : 3, 3);
}

static void asked_for(script_plan *s) {
    kd_interval ten = {0, 10};
    kd_node t = script_pulse(s, 't', 0);
    kd_node a = kd_plan_once(s->p, script_pulse(s, 'a', 2), ten),
            b = kd_plan_once(s->p, script_pulse(s, 'b', 2), ten),
            c = kd_plan_once(s->p, script_pulse(s, 'c', 2), ten);
    kd_plan_sink(s->p, triangle(s, t, a, b, c), 1);
}

static void standing(script_plan *s) {
    kd_node a = script_level(s, 'a', 2), b = script_level(s, 'b', 2), c = script_level(s, 'c', 2);
    kd_plan_sink(s->p, triangle(s, 0, a, b, c), 1);
}

static void counted(script_plan *s) {
    const unsigned keys[] = {0, 1, 2};
    kd_node a = script_level(s, 'a', 2), b = script_level(s, 'b', 2), c = script_level(s, 'c', 2);
    kd_plan_sink(s->p, kd_plan_aggregate(s->p, triangle(s, 0, a, b, c), keys, 3, KD_COUNT, 0), 1);
}

static void with_itself(script_plan *s) {
    kd_node t = script_pulse(s, 't', 0), a = kd_plan_once(s->p, script_pulse(s, 'a', 2), (kd_interval){0, 5});
    kd_plan_sink(s->p, triangle(s, t, a, a, a), 1);
}

static void with_a_filter(script_plan *s) {
    const unsigned y[] = {1}, xy[] = {0, 1};
    kd_node p = script_pulse(s, 'p', 1), on = script_level(s, 'n', 0), a = script_level(s, 'a', 2);
    kd_side sides[] = {{on, NULL}, {a, xy}, {p, y}};
    kd_plan_sink(s->p, kd_plan_join_many(s->p, sides, 3, 2), 1);
}

static void looked_up_twice(script_plan *s) {
    const unsigned x[] = {0}, xy[] = {0, 1};
    kd_node p = script_pulse(s, 'p', 1), a = kd_plan_once(s->p, script_pulse(s, 'a', 2), (kd_interval){0, 5});
    kd_side sides[] = {{p, x}, {a, xy}};
    kd_on on = {0, 0};
    kd_plan_sink(s->p, kd_plan_join_many(s->p, sides, 2, 2), 1);
    kd_plan_sink(s->p, kd_plan_join(s->p, p, a, &on, 1), 2);
}

static const struct {
    const char *what;
    void (*build)(script_plan *s);
    const char *script, *expected;
} claims[] = {
    {"a triangle is told when it is asked for, with the events that make it", asked_for,
     "@1 a(1,2) b(2,3) @2 c(3,1) @3 t()", "3:1+(1,2,3)[1,2,3,4]"},
    {"nobody asks, nothing is told", asked_for, "@1 a(1,2) b(2,3) c(3,1) @2", ""},
    {"a side that has passed closes no triangle", asked_for, "@1 a(1,2) @12 b(2,3) c(3,1) t()", ""},
    {"one that came again does", asked_for, "@1 a(1,2) @9 a(1,2) @12 b(2,3) c(3,1) t()",
     "12:1+(1,2,3)[2,3,4,5]"},
    {"rows that came after one was asked are found by the next", asked_for,
     "@1 a(1,2) b(2,3) t() @2 c(3,1) t() @3 a(1,4) b(4,3) t()",
     "2:1+(1,2,3)[1,2,4,5] 3:1+(1,4,3)[4,6,7,8] 3:1+(1,2,3)[1,2,4,8]"},
    {"levels alone: a triangle comes with its last side and goes with any", standing,
     "@1 a(1,2) b(2,3) @2 c(3,1) @3 -b(2,3)", "2:1+(1,2,3)[1,2,3] 3:1-(1,2,3)"},
    {"three sides at one time point make one triangle", standing, "@1 a(1,2) b(2,3) c(3,1)",
     "1:1+(1,2,3)[1,2,3]"},
    {"a side that comes as another goes makes none", standing, "@1 a(1,2) b(2,3) @2 c(3,1) -a(1,2)", ""},
    {"copies multiply", counted, "@1 a(1,2) a(1,2) b(2,3) b(2,3) b(2,3) c(3,1) @2 -a(1,2)",
     "1:1+(1,2,3,6) 2:1-(1,2,3,6) 2:1+(1,2,3,3)"},
    {"a relation is joined with itself", with_itself, "@1 a(1,1) a(1,2) a(2,1) @2 t()",
     "2:1+(2,1,1) 2:1+(1,2,1) 2:1+(1,1,2) 2:1+(1,1,1)"},
    {"a side without columns lets all through, or none", with_a_filter,
     "@1 a(1,2) a(3,2) a(4,5) p(2) @2 n() p(2) @3 -n() p(2)", "2:1+(3,2)[2,5,6] 2:1+(1,2)[1,5,6]"},
    {"a level that another looks up by key is read all the same", looked_up_twice,
     "@1 a(1,2) @2 p(1) @9 p(1)", "2:1+(1,2)[1,2] 2:2+(1,1,2)[1,2]"},
};

static void test_claims(void) {
    char got[4096];
    for (size_t i = 0; i < COUNT(claims); i++)
        for (unsigned trace = 0; trace < 2; trace++)
            kdtest_claim(
                script_passes(claims[i].build, claims[i].script, claims[i].expected, trace, got, sizeof got),
                "%s%s: got %s", claims[i].what, trace ? " (trace)" : "", got);
}

/* ---- What the builder refuses ---------------------------------------------------------------------------*/

static void test_refusals(void) {
    static const unsigned same[] = {0, 0}, far[] = {0, 3}, good[] = {0, 1}, only[] = {1, 2};
    static const struct {
        const char *what;
        const unsigned *a, *b;
        unsigned width;
        bool pulse; /* a is one, and b */
        const char *reason;
    } rows[] = {
        {"a column named twice by a side", same, good, 2, false, "sides"},
        {"a column that the result has not", far, good, 3, false, "sides"},
        {"a column of the result that no side has", good, good, 3, false, "sides"},
        {"another such", only, only, 3, false, "sides"},
        {"two pulses", good, good, 2, true, "sides"},
        {"more columns than a row may have", good, good, KD_WIDTH_MAX + 1, false, "width"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        kd_plan *p;
        kd_error e = {0};
        if (kd_plan_open(NULL, &p)) abort();
        kd_kind kind = rows[i].pulse ? KD_PULSE : KD_LEVEL;
        kd_side sides[] = {{kd_plan_input(p, KD_STR("a"), kind, 2), rows[i].a},
                           {kd_plan_input(p, KD_STR("b"), kind, 2), rows[i].b}};
        kd_node made = kd_plan_join_many(p, sides, 2, rows[i].width);
        kdtest_claim(made == 0 && kd_plan_error(p, &e) && !strcmp(e.reason, rows[i].reason), "%s: %s",
                     rows[i].what, e.reason);
        kd_plan_close(p);
    }
}

/* ---- Random joins ---------------------------------------------------------------------------------------*/

#define SIDES   5
#define WIDTH   5
#define PULSES  4000 /* of one input, all along */
#define ANSWERS 20000

static uint64_t state;

static unsigned below(unsigned n) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (unsigned)((state >> 11) % n);
}

typedef struct pulse {
    kd_instant at;
    kd_value row[WIDTH];
} pulse;

typedef enum what { TRIGGER, WINDOW, LEVEL } what;

typedef struct input {
    what what;
    kd_node node;
    unsigned width;
    pulse *pulses; /* of a level: rows that are there */
    size_t n;
} input;

typedef struct answer {
    kd_value row[WIDTH + 1]; /* and how often */
} answer;

typedef struct answers {
    answer *all;
    size_t n;
} answers;

typedef struct test_case {
    kd_plan *p;
    unsigned width, side_count;
    input inputs[SIDES];
    unsigned input_of[SIDES];
    unsigned columns[SIDES][WIDTH];
    kd_interval within;
    unsigned domain;
    kd_node node;
    answers told, expected;
} test_case;

static bool same_row(const kd_value *a, const kd_value *b, unsigned width) {
    return !width || !memcmp(a, b, width * sizeof *a);
}

static void random_side(test_case *c, unsigned k, what kind) {
    bool used[WIDTH] = {false};
    unsigned width = kind == TRIGGER ? below(3) : 1 + below(3);
    if (width > c->width) width = c->width;
    for (unsigned i = 0; i < width; i++) {
        unsigned v = below(c->width);
        while (used[v]) v = (v + 1) % c->width;
        used[c->columns[k][i] = v] = true;
    }
    c->input_of[k] = k;
    for (unsigned o = 1; kind != TRIGGER && o < k; o++)
        if (below(5) == 0 && c->inputs[o].width == width && c->inputs[o].what == kind) c->input_of[k] = o;
    c->inputs[k].what = kind;
    c->inputs[k].width = width;
    c->inputs[k].n = 0;
}

/* Is every column of the result some side's? */
static bool names_all(const test_case *c) {
    bool named[WIDTH] = {false};
    for (unsigned k = 0; k < c->side_count; k++)
        for (unsigned i = 0; i < c->inputs[k].width; i++) named[c->columns[k][i]] = true;
    for (unsigned v = 0; v < c->width; v++)
        if (!named[v]) return false;
    return true;
}

static void random_plan(test_case *c) {
    kd_side sides[SIDES];
    bool trigger = below(4) > 0;
    do {
        c->width = 1 + below(WIDTH);
        c->side_count = 2 + below(SIDES - 1);
        for (unsigned k = 0; k < c->side_count; k++)
            random_side(c, k, trigger && k == 0 ? TRIGGER : below(3) ? WINDOW : LEVEL);
    } while (!names_all(c));
    c->domain = below(3) ? 2 + below(4) : 2 + below(40);
    c->within = (kd_interval){below(4) ? 0 : below(4), 0};
    c->within.high = below(8) ? c->within.low + below(12) : KD_NEVER;
    if (kd_plan_open(NULL, &c->p)) abort();
    unsigned keys[WIDTH];
    for (unsigned v = 0; v < c->width; v++) keys[v] = v;
    for (unsigned k = 0; k < c->side_count; k++) {
        input *in = &c->inputs[k];
        char name[16];
        snprintf(name, sizeof name, "in%u", k);
        in->node = kd_plan_input(c->p, kd_str_of(name), in->what == LEVEL ? KD_LEVEL : KD_PULSE, in->width);
        const input *own = &c->inputs[c->input_of[k]];
        sides[k] = (kd_side){own->what == WINDOW ? kd_plan_once(c->p, own->node, c->within) : own->node,
                             c->columns[k]};
    }
    kd_node made = kd_plan_join_many(c->p, sides, c->side_count, c->width);
    c->node = kd_plan_aggregate(c->p, made, keys, c->width, KD_COUNT, 0);
    kd_plan_sink(c->p, c->node, trigger ? 0 : 1);
}

/* What a side holds now. */
static bool holds(const test_case *c, const input *in, const pulse *x, kd_instant now) {
    if (in->what == LEVEL) return true;
    if (in->what == TRIGGER) return x->at == now;
    return now - x->at >= c->within.low && now - x->at <= c->within.high;
}

static void expect(test_case *c, const kd_value *row) {
    for (size_t i = 0; i < c->expected.n; i++)
        if (same_row(c->expected.all[i].row, row, c->width)) {
            c->expected.all[i].row[c->width]++;
            return;
        }
    if (c->expected.n == ANSWERS) abort();
    answer *a = &c->expected.all[c->expected.n++];
    memcpy(a->row, row, c->width * sizeof *row);
    a->row[c->width] = 1;
}

/* A window holds a row once, however often it was pulsed. */
static bool is_again(const test_case *c, const input *in, size_t i, kd_instant now) {
    for (size_t k = 0; in->what == WINDOW && k < i; k++)
        if (holds(c, in, &in->pulses[k], now) && same_row(in->pulses[k].row, in->pulses[i].row, in->width))
            return true;
    return false;
}

static void nested(test_case *c, unsigned k, kd_value *row, const bool *bound, kd_instant now) {
    if (k == c->side_count) {
        expect(c, row);
        return;
    }
    const input *in = &c->inputs[c->input_of[k]];
    for (size_t i = 0; i < in->n; i++) {
        kd_value with[WIDTH];
        bool then[WIDTH], fits = holds(c, in, &in->pulses[i], now);
        memcpy(with, row, sizeof with);
        memcpy(then, bound, sizeof then);
        for (unsigned v = 0; fits && v < in->width; v++) {
            unsigned column = c->columns[k][v];
            fits = !then[column] || with[column] == in->pulses[i].row[v];
            with[column] = in->pulses[i].row[v];
            then[column] = true;
        }
        if (fits && !is_again(c, in, i, now)) nested(c, k + 1, with, then, now);
    }
}

/* A pulse is told anew at each time point; a level's rows come and go. */
static void hear(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    test_case *c = ctx;
    if (sign > 0) {
        if (c->told.n == ANSWERS) abort();
        memcpy(c->told.all[c->told.n++].row, row, width * sizeof *row);
        return;
    }
    for (size_t i = 0; i < c->told.n; i++)
        if (same_row(c->told.all[i].row, row, width)) {
            c->told.all[i] = c->told.all[--c->told.n];
            return;
        }
    abort();
}

static int by_row(const void *a, const void *b) {
    const answer *x = a, *y = b;
    for (unsigned i = 0; i <= WIDTH; i++)
        if (x->row[i] != y->row[i]) return x->row[i] < y->row[i] ? -1 : 1;
    return 0;
}

static bool same_answers(test_case *c) {
    if (c->told.n != c->expected.n) return false;
    for (size_t i = 0; i < c->told.n; i++)
        for (unsigned v = c->width + 1; v <= WIDTH; v++)
            c->told.all[i].row[v] = c->expected.all[i].row[v] = 0;
    if (c->told.n) qsort(c->told.all, c->told.n, sizeof *c->told.all, by_row);
    if (c->told.n) qsort(c->expected.all, c->told.n, sizeof *c->expected.all, by_row);
    for (size_t i = 0; i < c->told.n; i++)
        if (by_row(&c->told.all[i], &c->expected.all[i])) return false;
    return true;
}

/* ---- A long run -----------------------------------------------------------------------------------------*/

/* By sink: the rows told, put together so that their order does not matter. */
static void sum_up(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    uint64_t *sums = ctx, sum = (uint64_t)at;
    for (unsigned i = 0; i < width; i++) sum = (sum ^ (uint64_t)row[i]) * UINT64_C(0xFF51AFD7ED558CCD);
    sums[2 * sink] += sum ^ sum >> 32;
    sums[2 * sink + 1]++;
}

/* Triangles of one window with itself, all at once, beside the same two at a time: it is swept many times,
 * by itself and when it is asked, while three sides read it. */
static void test_long_run(bool by_rows) {
    static const unsigned xy[] = {0, 1}, yz[] = {1, 2}, zx[] = {2, 0};
    const kd_interval within = {0, 100};
    uint64_t sums[4] = {0};
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    if (kd_plan_open(NULL, &p)) abort();
    kd_node a = kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), b = kd_plan_input(p, KD_STR("b"), KD_PULSE, 2),
            t = kd_plan_input(p, KD_STR("t"), KD_PULSE, 0);
    kd_node once = kd_plan_once(p, a, within), other = kd_plan_once(p, b, within);
    kd_side sides[] = {{by_rows ? a : t, xy}, {once, yz}, {once, zx}, {once, xy}};
    kd_plan_sink(p, kd_plan_join_many(p, sides, by_rows ? 3 : 4, 3), 0);
    kd_node two = kd_plan_join(p, by_rows ? b : kd_plan_join(p, t, other, NULL, 0), other, &(kd_on){1, 0}, 1);
    two = kd_plan_join(p, two, other, (kd_on[]){{3, 0}, {0, 1}}, 2);
    kd_expr columns[] = {kd_plan_column(p, 0), kd_plan_column(p, 1), kd_plan_column(p, 3)};
    kd_plan_sink(p, kd_plan_map(p, two, columns, 3), 1);
    kd_engine_options o = {.heard = sum_up, .ctx = sums};
    kd_status s = kd_engine_open(p, &o, &g, &e);
    state = 7;
    for (kd_instant at = 0; !s && at < 40000; at++) {
        kd_value rows[3][2];
        kd_event v[7];
        size_t n = 0;
        for (unsigned k = below(4); k > 0; k--) {
            rows[k - 1][0] = below(30), rows[k - 1][1] = below(30);
            v[n++] = (kd_event){a, 1, 0, rows[k - 1]};
            v[n++] = (kd_event){b, 1, 0, rows[k - 1]};
        }
        if (at % 37 == 0) v[n++] = (kd_event){t, 1, 0, NULL};
        s = kd_engine_push(g, at, v, n, &e);
    }
    kdtest_claim(!s && sums[1] > 1000 && sums[0] == sums[2] && sums[1] == sums[3],
                 "a window with itself, asked by %s: %llu rows at once, %llu two at a time. %s",
                 by_rows ? "its own rows" : "a trigger", (unsigned long long)sums[1],
                 (unsigned long long)sums[3], e.message);
    kd_engine_close(g);
    kd_plan_close(p);
}

/* ---- Running them ---------------------------------------------------------------------------------------*/

typedef struct bytes {
    unsigned char all[1 << 20];
    size_t n;
} bytes;

static kd_status put(void *ctx, const void *p, size_t n) {
    bytes *b = ctx;
    if (n > sizeof b->all - b->n) return KD_NOMEM;
    memcpy(b->all + b->n, p, n);
    b->n += n;
    return KD_OK;
}

static bool reopen(test_case *c, const kd_engine_options *o, kd_engine **g) {
    static bytes b;
    kd_error e = {0};
    b.n = 0;
    if (kd_engine_save(*g, put, &b)) return false;
    kd_engine_close(*g);
    return !kd_engine_load(c->p, o, b.all, b.n, g, &e);
}

static size_t random_events(test_case *c, kd_instant at, kd_event *events, unsigned most) {
    size_t n = 0;
    for (unsigned i = below(most + 1); i > 0; i--) {
        input *in = &c->inputs[below(c->side_count)];
        if (in->n == PULSES || (in->what == LEVEL && in->n > 60)) continue;
        if (in->what == TRIGGER && below(3)) continue;
        pulse *x = &in->pulses[in->n++];
        x->at = at;
        for (unsigned v = 0; v < in->width; v++) x->row[v] = below(below(3) ? 2 : c->domain);
        events[n++] = (kd_event){in->node, 1, 0, x->row};
    }
    return n;
}

/* Rows of levels go, those that came before. */
static size_t random_ends(test_case *c, kd_event *events, pulse *gone) {
    size_t n = 0;
    for (unsigned k = 0; k < c->side_count; k++) {
        input *in = &c->inputs[k];
        for (unsigned i = in->what == LEVEL ? below(4) : 0; i > 0 && in->n; i--) {
            size_t which = below((unsigned)in->n);
            gone[n] = in->pulses[which];
            in->pulses[which] = in->pulses[--in->n];
            events[n] = (kd_event){in->node, -1, 0, gone[n].row};
            n++;
        }
    }
    return n;
}

static bool run_case(uint64_t seed, size_t *answers_met) {
    static test_case c;
    static answer told[ANSWERS], expected[ANSWERS];
    static pulse pulses_of[SIDES][PULSES];
    static kd_event events[700];
    static pulse gone[SIDES * 4];
    state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    c.told.all = told, c.expected.all = expected;
    for (unsigned k = 0; k < SIDES; k++) c.inputs[k].pulses = pulses_of[k];
    random_plan(&c);
    kd_engine *g;
    kd_error e = {0};
    kd_engine_options o = {.trace = below(4) == 0, .heard = hear, .ctx = &c};
    if (kd_engine_open(c.p, &o, &g, &e)) {
        printf("    %s\n", e.message);
        kd_plan_close(c.p);
        return false;
    }
    bool good = true, pulses = c.inputs[0].what == TRIGGER;
    kd_instant at = 100;
    c.told.n = 0;
    for (unsigned i = 0; good && i < 60; i++) {
        at += below(4) ? 1 : below(9); /* never 0: what a window holds is then what it holds last */
        at += c.inputs[0].what == TRIGGER ? 1 : 0;
        size_t n = random_ends(&c, events, gone);
        n += random_events(&c, at, events + n, below(20) ? 6 : c.side_count == 2 && !below(3) ? 600 : 150);
        if (pulses) c.told.n = 0;
        if (!o.trace && below(20) == 0 && !reopen(&c, &o, &g)) return false;
        good = !kd_engine_push(g, at, events, n, &e);
        kd_value row[WIDTH] = {0};
        bool bound[WIDTH] = {false};
        c.expected.n = 0;
        nested(&c, 0, row, bound, at);
        *answers_met += c.expected.n;
        good = good && same_answers(&c);
    }
    if (!good) printf("    %zu rows told, %zu expected. %s\n", c.told.n, c.expected.n, e.message);
    kd_engine_close(g);
    kd_plan_close(c.p);
    return good;
}

int main(int argc, char **argv) {
    unsigned cases = argc > 1 ? (unsigned)atoi(argv[1]) : 600;
    uint64_t seed = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
    size_t answers_met = 0;
    test_claims();
    test_refusals();
    test_long_run(false);
    test_long_run(true);
    for (unsigned i = 0; i < cases; i++)
        kdtest_claim(run_case(seed + i, &answers_met), "seed %llu", (unsigned long long)(seed + i));
    kdtest_claim(cases == 0 || answers_met > cases, "there is something to find: %zu rows", answers_met);
    return kdtest_end("test_engine_join_many");
}

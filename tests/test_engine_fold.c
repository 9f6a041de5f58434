/* test_engine_fold.c: folds of levels, of pulses and of all that ever came, against rows of claims and
 * against folds made anew at every time point. */
#include "kdtest.h"
#include <kadesh/engine.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- A plan of one fold -----------------------------------------------------------------------------------
 *
 * Rows are (group, value, number); the fold goes over the value by group. What it has at each time point is
 * heard through the watch. */
typedef enum form { LEVEL, PULSE, EVER } form;

#define HEARD_MAX 4096

typedef struct bench {
    kd_plan *p;
    kd_engine *g;
    kd_node in;
    kd_value heard[HEARD_MAX][3]; /* of the newest time point */
    size_t heard_count;
    unsigned width;
} bench;

static kd_status hear(void *ctx, uint64_t index, kd_instant at, const kd_value *rows, size_t count) {
    bench *b = ctx;
    b->heard_count = 0;
    for (size_t i = 0; i < count && i < HEARD_MAX; i++)
        memcpy(b->heard[b->heard_count++], rows + i * b->width, b->width * sizeof *rows);
    return KD_OK;
}

static bool open_bench(bench *b, form how, kd_fold f, bool grouped) {
    static const unsigned group[] = {0};
    memset(b, 0, sizeof *b);
    if (kd_plan_open(NULL, &b->p)) return false;
    b->in = kd_plan_input(b->p, KD_STR("r"), how == LEVEL ? KD_LEVEL : KD_PULSE, 3);
    kd_node n = how == EVER ? kd_plan_accumulate(b->p, b->in, group, grouped, f, 1)
                            : kd_plan_aggregate(b->p, b->in, group, grouped, f, 1);
    b->width = 1 + (unsigned)grouped;
    kd_plan_watch(b->p, n);
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = b};
    return kd_engine_open(b->p, &o, &b->g, NULL) == KD_OK;
}

static void close_bench(bench *b) {
    kd_engine_close(b->g);
    kd_plan_close(b->p);
}

/* ---- Claims ---------------------------------------------------------------------------------------------*/

typedef struct claim {
    const char *name;
    form how;
    kd_fold f;
    const char *points; /* "+v -v; ..." : a time point each; values are integers or (F folds) numbers */
    const char *told;   /* the last value: an integer, or as %.17g; "none"; "error" */
} claim;

static bool reads_floats(kd_fold f) {
    return f >= KD_FSUM;
}
static bool gives_float(kd_fold f) {
    return f == KD_AVERAGE || f == KD_MEDIAN || f >= KD_FSUM;
}

static const claim claims[] = {
    {"a count counts copies", LEVEL, KD_COUNT, "+5 +5 +6", "3"},
    {"a group without rows has no row", LEVEL, KD_COUNT, "+5; -5", "none"},
    {"a sum may pass beyond 64 bits between its rows", LEVEL, KD_SUM,
     "+9223372036854775807 +9223372036854775807 -9223372036854775807", "9223372036854775807"},
    {"a sum beyond 63 bits is an error", LEVEL, KD_SUM, "+9223372036854775807 +1", "error"},
    {"a sum beyond 63 bits below is an error", LEVEL, KD_SUM, "+n9223372036854775807 +n1", "error"},
    {"so is that of a pulse", PULSE, KD_SUM, "+9223372036854775807 +1", "error"},
    {"so is one that came bit by bit", EVER, KD_SUM, "+9223372036854775807; +1", "error"},
    {"the least comes back when a lesser one goes", LEVEL, KD_LEAST, "+5 +3 +7; -3", "5"},
    {"the greatest stays while a copy is left", LEVEL, KD_GREATEST, "+5 +9 +9; -9", "9"},
    {"an average is of all copies", LEVEL, KD_AVERAGE, "+1 +1 +2", "1.3333333333333333"},
    {"an average of sums beyond 64 bits is right", LEVEL, KD_AVERAGE,
     "+9223372036854775807 +9223372036854775807", "9.2233720368547758e+18"},
    {"a median of three is the middle one", LEVEL, KD_MEDIAN, "+9 +1 +4", "4"},
    {"a median of four is the mean of the middle two", LEVEL, KD_MEDIAN, "+9 +1 +4 +5", "4.5"},
    {"a median counts copies", LEVEL, KD_MEDIAN, "+1 +1 +1 +8 +9", "1"},
    {"a median follows what goes", LEVEL, KD_MEDIAN, "+1 +2 +3 +4 +5; -1 -2", "4"},
    {"a median of far values does not overflow", LEVEL, KD_MEDIAN,
     "+9223372036854775807 +9223372036854775807 +9223372036854775807 +9223372036854775807",
     "9.2233720368547758e+18"},
    {"a huge float that goes leaves nothing behind", LEVEL, KD_FSUM, "+0.1 +1e300; -1e300",
     "0.10000000000000001"},
    {"many orders of size cancel", LEVEL, KD_FSUM, "+1e308 +1 +1e-300; +1e200 -1e308; -1e200 -1", "1e-300"},
    {"sums of floats round once", LEVEL, KD_FSUM, "+0.1 +0.2 +0.3 +0.4 +0.5 +0.6", "2.1000000000000001"},
    {"a sum may pass beyond all doubles", LEVEL, KD_FSUM, "+1e308 +1e308 +n1e308", "1e+308"},
    {"a sum beyond all doubles is infinite", LEVEL, KD_FSUM, "+1e308 +1e308", "inf"},
    {"its average is not", LEVEL, KD_FAVERAGE, "+1e308 +1.5e308", "1.25e+308"},
    {"the smallest doubles add up", LEVEL, KD_FSUM, "+4.9406564584124654e-324 +4.9406564584124654e-324",
     "9.8813129168249309e-324"},
    {"an infinity rules", LEVEL, KD_FSUM, "+inf +1", "inf"},
    {"and is forgotten when it goes", LEVEL, KD_FSUM, "+inf +1; -inf", "1"},
    {"both infinities are no number", LEVEL, KD_FSUM, "+inf +ninf", "nan"},
    {"no number is forgotten when it goes", LEVEL, KD_FSUM, "+nan +ninf +2; -nan; -ninf", "2"},
    {"x and minus x are 0", LEVEL, KD_FSUM, "+2.5 +n2.5", "0"},
    {"an average of floats", LEVEL, KD_FAVERAGE, "+1.5 +2.5 +5", "3"},
    {"floats compare as numbers: the least", LEVEL, KD_FLEAST, "+n1.5 +n2.5 +3", "-2.5"},
    {"floats compare as numbers: the greatest", LEVEL, KD_FGREATEST, "+n1.5 +n2.5 +n0.5", "-0.5"},
    {"no number is above infinity", LEVEL, KD_FGREATEST, "+inf +nan +3", "nan"},
    {"and never the least beside others", LEVEL, KD_FLEAST, "+inf +nan", "inf"},
    {"a median of floats", LEVEL, KD_FMEDIAN, "+n3 +n1 +2 +0.5", "-0.25"},
    {"the middle of huge floats is finite", LEVEL, KD_FMEDIAN, "+1.5e308 +1.7e308", "1.6e+308"},
    {"a pulse folds the rows of its time point alone", PULSE, KD_SUM, "+5 +6; +7 +1", "8"},
    {"a pulse without rows gives none", PULSE, KD_COUNT, "+5;", "none"},
    {"a pulse's median", PULSE, KD_MEDIAN, "+9 +1 +4 +5", "4.5"},
    {"a pulse's median of one", PULSE, KD_MEDIAN, "+9", "9"},
    {"a pulse's median of two", PULSE, KD_MEDIAN, "+9 +n4", "2.5"},
    {"a pulse's least float", PULSE, KD_FLEAST, "+n1.5 +n2.5", "-2.5"},
    {"a pulse's greatest float", PULSE, KD_FGREATEST, "+n1.5 +n2.5", "-1.5"},
    {"a pulse's sum of floats rounds once", PULSE, KD_FSUM, "+1e300 +0.1 +n1e300", "0.10000000000000001"},
    {"a pulse's average of floats", PULSE, KD_FAVERAGE, "+1e308 +1.5e308", "1.25e+308"},
    {"a pulse's average", PULSE, KD_AVERAGE, "+1 +2", "1.5"},
    {"what is accumulated stays", EVER, KD_SUM, "+5; +6; +7", "18"},
    {"the best of all that came", EVER, KD_GREATEST, "+5; +9; +7", "9"},
    {"the least of all that came, below zero from the first", EVER, KD_LEAST, "+5; +n9; +7", "-9"},
    {"the least float of all that came", EVER, KD_FLEAST, "+5; +n9; +n10.5", "-10.5"},
    {"the greatest float of all that came", EVER, KD_FGREATEST, "+n5; +n9", "-5"},
    {"an average of all that came", EVER, KD_AVERAGE, "+5; +6", "5.5"},
    {"a sum of all floats that came", EVER, KD_FSUM, "+1e300; +0.1; +n1e300", "0.10000000000000001"},
    {"an average of all floats that came", EVER, KD_FAVERAGE, "+1; +0; +5", "2"},
    {"an absent value is left out", LEVEL, KD_SUM, "+absent +4", "4"},
    {"a pulse of absent values gives nothing", PULSE, KD_SUM, "+absent", "none"},
    {"but is counted", PULSE, KD_COUNT, "+absent", "1"},
};

/* A value as a claim writes it: n for minus. */
static kd_value value_of(const char *text, bool floats) {
    char clean[64];
    if (!strncmp(text, "absent", 6)) return KD_ABSENT;
    if (*text == 'n' && strncmp(text, "nan", 3)) {
        snprintf(clean, sizeof clean, "-%s", text + 1);
        text = clean;
    }
    return floats ? kd_float_value(strtod(text, NULL)) : strtoll(text, NULL, 10);
}

static kd_status push_point(bench *b, kd_instant at, const char *text, size_t n, bool floats) {
    kd_value rows[16][3] = {{0}};
    kd_event events[16];
    size_t count = 0;
    for (const char *c = text; c < text + n; c++) {
        if ((*c != '+' && *c != '-') || (c > text && c[-1] != ' ' && c[-1] != ';')) continue;
        rows[count][1] = value_of(c + 1, floats);
        events[count] = (kd_event){.input = b->in, .sign = *c == '+' ? 1 : -1, .row = rows[count]};
        count++;
    }
    return kd_engine_push(b->g, at, events, count, NULL);
}

static void tell(const bench *b, kd_fold f, kd_status s, char *out, size_t room) {
    if (s)
        snprintf(out, room, "error");
    else if (!b->heard_count)
        snprintf(out, room, "none");
    else if (gives_float(f))
        snprintf(out, room, "%.17g", kd_value_float(b->heard[0][0]));
    else
        snprintf(out, room, "%lld", (long long)b->heard[0][0]);
}

static void check_claim(const claim *c) {
    bench b;
    if (!kdtest_claim(open_bench(&b, c->how, c->f, false), "%s: the engine opens", c->name)) {
        close_bench(&b);
        return;
    }
    kd_status s = KD_OK;
    kd_instant at = 0;
    for (const char *t = c->points; !s;) {
        size_t n = strcspn(t, ";");
        s = push_point(&b, at++, t, n, reads_floats(c->f));
        if (!t[n]) break;
        t += n + 1;
    }
    char got[64];
    tell(&b, c->f, s, got, sizeof got);
    kdtest_claim(!strcmp(got, c->told), "%s: told %s, got %s", c->name, c->told, got);
    close_bench(&b);
}

/* ---- At random --------------------------------------------------------------------------------------------
 *
 * The rows that should be there stand in an array, and are folded anew at each time point, plainly. */
#define GROUPS   5
#define ROWS_MAX 600

typedef struct world {
    kd_value rows[ROWS_MAX][3];
    size_t n;
    uint64_t seed;
} world;

static uint64_t dice(world *w) {
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return w->seed;
}

/* Whole numbers small and large; floats that are multiples of 1/8, so that a plain sum of them is exact. */
static kd_value random_value(world *w, bool floats) {
    int64_t small = (int64_t)(dice(w) % 41) - 20,
            large = (int64_t)(dice(w) % (UINT64_C(1) << 33)) - (1 << 30);
    int64_t v = dice(w) % 3 ? small : large;
    return floats ? kd_float_value((double)v / 8) : v;
}

static int by_value(const void *a, const void *b) {
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* The fold of a group's values, as doubles (all values fit them); false when the group has no rows. */
static bool plainly(const world *w, kd_value group, kd_fold f, double *out) {
    double v[ROWS_MAX], sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (w->rows[i][0] != group) continue;
        v[n] = reads_floats(f) ? kd_value_float(w->rows[i][1]) : (double)w->rows[i][1];
        sum += v[n++];
    }
    if (!n) return false;
    qsort(v, n, sizeof *v, by_value);
    switch (f) {
    case KD_COUNT:
        *out = (double)n;
        break;
    case KD_SUM:
    case KD_FSUM:
        *out = sum;
        break;
    case KD_LEAST:
    case KD_FLEAST:
        *out = v[0];
        break;
    case KD_GREATEST:
    case KD_FGREATEST:
        *out = v[n - 1];
        break;
    case KD_AVERAGE:
    case KD_FAVERAGE:
        *out = sum / (double)n;
        break;
    default:
        *out = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
        break;
    }
    return true;
}

/* Pushes one time point of changes to the world. */
static kd_status shake(world *w, bench *b, form how, kd_fold f, kd_instant at) {
    static kd_value rows[ROWS_MAX][3];
    static kd_event events[ROWS_MAX];
    size_t count = 0, comes = dice(w) % (dice(w) % 8 ? 8 : 60),
           goes = how == LEVEL ? dice(w) % (comes + 6) : 0;
    if (how == PULSE) w->n = 0;
    if (how == LEVEL && dice(w) % 40 == 0) goes = w->n;
    bool first_in = dice(w) % 2;
    for (; goes > 0 && w->n > 0; goes--, count++) {
        size_t i = first_in ? 0 : dice(w) % w->n;
        memcpy(rows[count], w->rows[i], sizeof rows[count]);
        events[count] = (kd_event){.input = b->in, .sign = -1, .row = rows[count]};
        w->n--;
        memmove(w->rows[i], w->rows[i + 1], (w->n - i) * sizeof w->rows[i]);
    }
    for (; comes > 0 && w->n < ROWS_MAX / 2 && count < ROWS_MAX; comes--, count++) {
        kd_value row[3] = {(kd_value)(dice(w) % GROUPS), random_value(w, reads_floats(f)),
                           (kd_value)(dice(w) % 4)};
        memcpy(w->rows[w->n++], row, sizeof row);
        memcpy(rows[count], row, sizeof row);
        events[count] = (kd_event){.input = b->in, .sign = 1, .row = rows[count]};
    }
    return kd_engine_push(b->g, at, events, count, NULL);
}

static bool agrees(const world *w, const bench *b, kd_fold f) {
    size_t groups = 0;
    for (kd_value group = 0; group < GROUPS; group++) {
        double want;
        if (!plainly(w, group, f, &want)) continue;
        groups++;
        bool there = false;
        for (size_t i = 0; i < b->heard_count; i++) {
            if (b->heard[i][0] != group) continue;
            kd_value v = b->heard[i][1];
            there = gives_float(f) ? kd_value_float(v) == want : (double)v == want;
        }
        if (!there) return false;
    }
    return groups == b->heard_count;
}

static void check_random(form how, kd_fold f, uint64_t seed) {
    static const char *const forms[] = {"a level", "a pulse", "all that came"};
    static world w;
    bench b;
    w.n = 0;
    w.seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    bool fine = open_bench(&b, how, f, true);
    kd_instant at = 0;
    for (; fine && at < (how == EVER ? 60 : 400); at++)
        fine = shake(&w, &b, how, f, at) == KD_OK && agrees(&w, &b, f);
    kdtest_claim(fine, "fold %d of %s, seed %llu: as made anew at each time point (differs at %lld)", (int)f,
                 forms[how], (unsigned long long)seed, (long long)at - 1);
    close_bench(&b);
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

/* A pulse that asks for its group's value gets the one that the level's rows make, and none where there are
 * none: the fold is silent, as nobody else reads it. */
static void check_looked_up(kd_fold f, uint64_t seed) {
    static const unsigned group[] = {0};
    static world w;
    bench b = {.width = 3};
    w.n = 0;
    w.seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    if (kd_plan_open(NULL, &b.p)) return;
    b.in = kd_plan_input(b.p, KD_STR("r"), KD_LEVEL, 3);
    kd_node asks = kd_plan_input(b.p, KD_STR("q"), KD_PULSE, 1);
    kd_node fold = kd_plan_aggregate(b.p, b.in, group, 1, f, 1);
    kd_plan_watch(b.p, kd_plan_join(b.p, asks, fold, &(kd_on){0, 0}, 1));
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = &b};
    bool fine = kd_engine_open(b.p, &o, &b.g, NULL) == KD_OK;
    for (kd_instant at = 0; fine && at < 400; at += 2) {
        fine = shake(&w, &b, LEVEL, f, at) == KD_OK && b.heard_count == 0;
        kd_value asked = (kd_value)(dice(&w) % GROUPS);
        kd_event q = {.input = asks, .sign = 1, .row = &asked};
        fine = fine && kd_engine_push(b.g, at + 1, &q, 1, NULL) == KD_OK;
        double want;
        bool there = plainly(&w, asked, f, &want);
        fine = fine && b.heard_count == there;
        if (!fine || !there) continue;
        kd_value v = b.heard[0][2];
        fine = b.heard[0][1] == asked && (gives_float(f) ? kd_value_float(v) == want : (double)v == want);
    }
    kdtest_claim(fine, "fold %d looked up in place, seed %llu", (int)f, (unsigned long long)seed);
    close_bench(&b);
}

/* ---- Floats of every size ---------------------------------------------------------------------------------
 *
 * Values whose sizes are far apart come and go; what is left is summed by TwoSum chains that lose nothing
 * (Shewchuk 1997), and both must be the same double. */
static double exactly(const double *v, size_t n) {
    double parts[ROWS_MAX + 1];
    size_t count = 0;
    for (size_t k = 0; k < n; k++) {
        double x = v[k];
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
            double y = parts[i], sum = x + y, z = sum - x, low = (x - (sum - z)) + (y - z);
            if (low != 0) parts[kept++] = low;
            x = sum;
        }
        parts[kept++] = x;
        count = kept;
    }
    double sum = 0, low = 0;
    while (count > 0 && low == 0) {
        double y = parts[--count], x = sum;
        sum = x + y;
        low = y - (sum - x);
    }
    if (count > 0 && ((low < 0 && parts[count - 1] < 0) || (low > 0 && parts[count - 1] > 0))) {
        double twice = low * 2, up = sum + twice; /* half way: the rest decides */
        if (twice == up - sum) sum = up;
    }
    return sum;
}

static void check_sizes(uint64_t seed) {
    static double there[ROWS_MAX];
    world w = {.seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
    bench b;
    size_t n = 0;
    bool fine = open_bench(&b, LEVEL, KD_FSUM, false);
    for (kd_instant at = 0; fine && at < 1500; at++) {
        bool comes = n == 0 || (n < 40 && dice(&w) % 2);
        size_t i = comes ? n++ : dice(&w) % n;
        int spread = dice(&w) % 2 ? 120 : 1800;
        if (comes) {
            double mantissa = (double)(int64_t)(dice(&w) >> 10) - 9e15;
            there[i] = ldexp(mantissa, (int)(dice(&w) % (unsigned)spread) - spread / 2 - 60);
        }
        kd_value row[3] = {0, kd_float_value(there[i]), 0};
        kd_event v = {.input = b.in, .sign = comes ? 1 : -1, .row = row};
        fine = kd_engine_push(b.g, at, &v, 1, NULL) == KD_OK;
        if (!comes) there[i] = there[--n];
        fine = fine && b.heard_count == (n > 0) && (!n || kd_value_float(b.heard[0][0]) == exactly(there, n));
    }
    kdtest_claim(fine, "floats of every size add up exactly, seed %llu", (unsigned long long)seed);
    close_bench(&b);
}

/* ---- Values in and out of order ---------------------------------------------------------------------------
 *
 * Ascending, descending and outward values, first in first out: the worst orders for trees and heaps. */
static void check_orders(kd_fold f, int shape) {
    enum { LONG = 20000, OPEN = 500 };
    bench b;
    bool fine = open_bench(&b, LEVEL, f, false);
    for (int64_t i = 0; fine && i < LONG; i++) {
        kd_value rows[2][3] = {{0}};
        for (int k = 0; k < 2; k++) {
            int64_t t = i - k * OPEN;
            rows[k][1] = shape == 0 ? t : shape == 1 ? -t : t % 2 ? t : -t;
        }
        kd_event v[2] = {{.input = b.in, .sign = 1, .row = rows[0]},
                         {.input = b.in, .sign = -1, .row = rows[1]}};
        fine = kd_engine_push(b.g, i, v, i < OPEN ? 1 : 2, NULL) == KD_OK && b.heard_count == 1;
        if (!fine || i < OPEN || shape == 2) continue;
        double newest = (double)rows[0][1], oldest = newest + (shape ? OPEN - 1 : 1 - OPEN);
        double low = shape ? newest : oldest, high = shape ? oldest : newest;
        double got = f == KD_MEDIAN ? kd_value_float(b.heard[0][0]) : (double)b.heard[0][0];
        fine = got == (f == KD_LEAST ? low : f == KD_GREATEST ? high : (low + high) / 2);
    }
    kd_engine_stats s = fine ? kd_engine_statistics(b.g) : (kd_engine_stats){0};
    kdtest_claim(fine && s.bytes < 400000, "fold %d over values in order %d; %zu bytes", (int)f, shape,
                 s.bytes);
    close_bench(&b);
}

int main(void) {
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) check_claim(&claims[i]);
    for (kd_fold f = KD_COUNT; f <= KD_FMEDIAN; f++)
        for (uint64_t seed = 1; seed <= 6; seed++) {
            check_random(LEVEL, f, seed);
            check_random(PULSE, f, seed);
            if (f != KD_MEDIAN && f != KD_FMEDIAN) check_random(EVER, f, seed);
            check_looked_up(f, seed);
        }
    for (uint64_t seed = 1; seed <= 20; seed++) check_sizes(seed);
    for (int shape = 0; shape < 3; shape++) {
        check_orders(KD_LEAST, shape);
        check_orders(KD_GREATEST, shape);
        check_orders(KD_MEDIAN, shape);
    }
    return kdtest_end("test_engine_fold");
}

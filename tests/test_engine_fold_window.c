/* test_engine_fold_window.c: folds of ONCE that are looked up, against folds of the window's rows made
 * anew at each question: rows that come again, values of no rows, orders of the caller's, windows with
 * other readers, a state saved and loaded on the way; and what such a fold keeps. */
#include "kdtest.h"
#include <kadesh/engine.h>

#include <stdlib.h>
#include <string.h>

#define GROUPS   4
#define ROWS_MAX 3000
#define NONE     INT64_C(-77)

/* One way to ask. The pulse is (group, value, tag), and with `numbered` the number of the time point. */
typedef struct shape {
    const char *name;
    int64_t high;
    bool numbered, grouped, none, reversed, shared, heard, snapshot;
    bool tides; /* many rows for a time, then few */
} shape;

static const shape shapes[] = {
    {"rows that come again stand longer", .high = 9, .grouped = true},
    {"a state is saved and loaded on the way", .high = 9, .grouped = true, .snapshot = true},
    {"rows that come once", .high = 9, .grouped = true, .numbered = true},
    {"and are saved", .high = 9, .grouped = true, .numbered = true, .snapshot = true},
    {"a window without an end", .high = KD_NEVER, .grouped = true, .snapshot = true},
    {"and rows that come once", .high = KD_NEVER, .grouped = true, .numbered = true, .snapshot = true},
    {"no groups", .high = 3},
    {"no groups, and a value of no rows", .high = 3, .none = true, .snapshot = true},
    {"the same of rows that come once", .high = 3, .none = true, .numbered = true, .snapshot = true},
    {"the same without an end", .high = KD_NEVER, .none = true, .numbered = true, .snapshot = true},
    {"and of rows that come again", .high = KD_NEVER, .none = true, .snapshot = true},
    {"the window has another reader", .high = 9, .grouped = true, .shared = true, .snapshot = true},
    {"the fold is heard of", .high = 3, .heard = true},
    {"the fold and its value of no rows are heard of", .high = 3, .heard = true, .none = true,
     .snapshot = true},
    {"an order of the caller's", .high = 9, .grouped = true, .reversed = true, .snapshot = true},
    {"an order of the caller's, heard of", .high = 9, .reversed = true, .heard = true, .snapshot = true},
    {"many rows and few", .high = 60, .tides = true, .snapshot = true},
    {"many rows that come once, and few", .high = 60, .numbered = true, .tides = true},
    {"many rows and few, heard of", .high = 60, .heard = true, .tides = true},
    {"a long window", .high = 400, .grouped = true, .snapshot = true},
};

typedef struct world {
    const shape *shape;
    kd_fold fold;
    uint64_t seed;
    kd_plan *plan;
    kd_engine *engine;
    kd_node pulse, asks;
    unsigned width;
    kd_value heard[8];
    size_t heard_count;
    struct standing {
        kd_value v[4];
        kd_instant newest;
    } rows[ROWS_MAX]; /* all that ever came, each once */
    size_t n;
} world;

static uint64_t dice(world *w, unsigned below) {
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return w->seed % below;
}

static bool reads_floats(kd_fold f) {
    return f >= KD_FSUM;
}
static bool gives_float(kd_fold f) {
    return f == KD_AVERAGE || f == KD_MEDIAN || reads_floats(f);
}

/* ---- The engine -----------------------------------------------------------------------------------------*/

static int reversed(void *ctx, kd_value a, kd_value b) {
    return (a < b) - (a > b);
}

static kd_status hear(void *ctx, uint64_t index, kd_instant at, const kd_value *rows, size_t count) {
    world *w = ctx;
    w->heard_count = count;
    if (count) memcpy(w->heard, rows, w->width * sizeof *rows);
    return KD_OK;
}

static kd_node fold_of(world *w, kd_node once, kd_fold f) {
    static const kd_value none = NONE;
    const shape *s = w->shape;
    kd_fold_more more = {.none = s->none ? &none : NULL};
    if (s->reversed) more.compare = reversed;
    return kd_plan_aggregate_more(w->plan, once, (unsigned[]){0}, s->grouped, f, 1, &more);
}

/* What is watched: the fold, or (asked, group, value) of those asked for. */
static void build(world *w) {
    const shape *s = w->shape;
    kd_plan *p = w->plan;
    w->pulse = kd_plan_input(p, KD_STR("p"), KD_PULSE, 3);
    w->asks = kd_plan_input(p, KD_STR("q"), KD_PULSE, 1);
    kd_expr columns[4] = {kd_plan_column(p, 0), kd_plan_column(p, 1), kd_plan_column(p, 2),
                          kd_plan_op(p, KD_X_INDEX, 0, 0, 0)};
    kd_node rows = kd_plan_map(p, w->pulse, columns, s->numbered ? 4 : 3);
    kd_node once = kd_plan_once(p, rows, (kd_interval){0, s->high});
    kd_node out = fold_of(w, once, w->fold);
    if (!s->heard) out = kd_plan_join(p, w->asks, out, &(kd_on){0, 0}, s->grouped);
    if (s->shared) {
        kd_node count = kd_plan_aggregate(p, once, (unsigned[]){0}, 1, KD_COUNT, 0);
        out = kd_plan_join(p, out, count, &(kd_on){1, 0}, 1);
    }
    w->width = kd_plan_width(p, out);
    kd_plan_watch(p, out);
}

static kd_status keep(void *ctx, const void *bytes, size_t n) {
    kd_text_put(ctx, (kd_str){bytes, n});
    return ((kd_text *)ctx)->failed ? KD_NOMEM : KD_OK;
}

/* Goes on with an engine that was loaded from what this one saves. */
static bool change_engines(world *w, const kd_engine_options *o) {
    kd_engine *other = NULL;
    kd_text bytes;
    kd_error e;
    kd_text_open(&bytes, NULL);
    bool fine = kd_engine_save(w->engine, keep, &bytes) == KD_OK &&
                kd_engine_load(w->plan, o, bytes.p, bytes.n, &other, &e) == KD_OK;
    kd_text_close(&bytes);
    if (!fine) return false;
    kd_engine_close(w->engine);
    w->engine = other;
    return true;
}

/* ---- Plainly --------------------------------------------------------------------------------------------*/

static double number(kd_fold f, kd_value v) {
    return reads_floats(f) ? kd_value_float(v) : (double)v;
}

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Takes a row in: as a set has it. */
static void stand(world *w, const kd_value *v, kd_instant at) {
    for (size_t i = 0; i < w->n; i++)
        if (!memcmp(w->rows[i].v, v, sizeof w->rows[i].v)) {
            w->rows[i].newest = at;
            return;
        }
    memcpy(w->rows[w->n].v, v, sizeof w->rows[w->n].v);
    w->rows[w->n++].newest = at;
}

/* The fold of those that stand; false when there are none. */
static bool plainly(const world *w, kd_fold f, kd_value group, kd_instant now, double *out) {
    static double v[ROWS_MAX];
    const shape *s = w->shape;
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct standing *r = &w->rows[i];
        if ((s->grouped && r->v[0] != group) || (s->high != KD_NEVER && r->newest < now - s->high)) continue;
        if (f != KD_COUNT && r->v[1] == KD_ABSENT) continue;
        sum += v[n++] = number(f, r->v[1]);
    }
    if (!n) return false;
    qsort(v, n, sizeof *v, by_value);
    bool low = s->reversed ? f == KD_GREATEST : f == KD_LEAST || f == KD_FLEAST;
    double middle = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    *out = f == KD_COUNT                         ? (double)n
           : f == KD_SUM || f == KD_FSUM         ? sum
           : f == KD_AVERAGE || f == KD_FAVERAGE ? sum / (double)n
           : f == KD_MEDIAN || f == KD_FMEDIAN   ? middle
           : low                                 ? v[0]
                                                 : v[n - 1];
    return true;
}

static bool agrees(const world *w, bool asked, kd_value group, kd_instant now) {
    const shape *s = w->shape;
    double want = 0, count = 0;
    bool there = plainly(w, w->fold, group, now, &want), told = asked && (there || s->none);
    if (w->heard_count != told) return false;
    if (!told) return true;
    kd_value got = w->heard[s->heard ? 0 : 1 + s->grouped];
    if (!there) return got == NONE;
    if (gives_float(w->fold) ? kd_value_float(got) != want : (double)got != want) return false;
    plainly(w, KD_COUNT, group, now, &count);
    return !s->shared || (double)w->heard[w->width - 1] == count;
}

/* ---- At random ------------------------------------------------------------------------------------------*/

static kd_value random_value(world *w) {
    if (dice(w, 40) == 0 && !w->shape->shared) return KD_ABSENT;
    bool wide = w->shape->tides || dice(w, 4) == 0;
    int64_t v = (int64_t)dice(w, wide ? 4000 : 12) - 6;
    return reads_floats(w->fold) ? kd_float_value((double)v / 8) : v;
}

static bool one_point(world *w, uint64_t index, kd_instant at) {
    kd_value rows[12][4] = {{0}}, group = (kd_value)dice(w, GROUPS);
    kd_event events[13];
    size_t n = dice(w, 3) ? dice(w, 3) : dice(w, 12);
    if (w->shape->tides) n = index / 80 % 2 ? dice(w, 12) : dice(w, 8) == 0;
    if (dice(w, 90) == 0) n = 0;
    for (size_t i = 0; i < n; i++) {
        rows[i][0] = (kd_value)dice(w, GROUPS);
        rows[i][1] = random_value(w);
        rows[i][2] = (kd_value)dice(w, 2);
        if (i && dice(w, 5) == 0) memcpy(rows[i], rows[i - 1], sizeof rows[i]);
        events[i] = (kd_event){.input = w->pulse, .sign = 1, .row = rows[i]};
        rows[i][3] = w->shape->numbered ? (kd_value)index : 0;
        stand(w, rows[i], at);
    }
    bool asked = w->shape->heard || dice(w, 2);
    if (asked) events[n++] = (kd_event){.input = w->asks, .sign = 1, .row = &group};
    w->heard_count = 0;
    return kd_engine_push(w->engine, at, events, n, NULL) == KD_OK && agrees(w, asked, group, at);
}

static void check(const shape *s, kd_fold f, uint64_t seed) {
    static world w;
    memset(&w, 0, sizeof w);
    w.shape = s;
    w.fold = f;
    w.seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    if (kd_plan_open(NULL, &w.plan)) return;
    build(&w);
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = &w};
    kd_instant at = 0;
    uint64_t index = 0;
    bool fine = kd_engine_open(w.plan, &o, &w.engine, NULL) == KD_OK;
    for (; fine && index < 600 && w.n + 12 < ROWS_MAX; index++) {
        at += (kd_instant)dice(&w, dice(&w, 30) ? 3 : 20);
        fine = one_point(&w, index, at);
        if (fine && s->snapshot && dice(&w, 40) == 0) fine = change_engines(&w, &o);
    }
    kdtest_claim(fine, "%s: fold %d, seed %llu (differs at time point %llu)", s->name, (int)f,
                 (unsigned long long)seed, (unsigned long long)index - 1);
    kd_engine_close(w.engine);
    kd_plan_close(w.plan);
}

/* Rows that are gone are swept from the table when there are many: others come again then, and are saved. */
static void check_swept(void) {
    static const shape s = {.high = 400, .grouped = true};
    static world w;
    w.shape = &s;
    w.fold = KD_SUM;
    if (kd_plan_open(NULL, &w.plan)) return;
    build(&w);
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = &w};
    bool fine = kd_engine_open(w.plan, &o, &w.engine, NULL) == KD_OK;
    kd_instant at = 0;
    for (; fine && at < 2900; at++) {
        kd_value fresh[4] = {at % GROUPS, at, 0}, again[4] = {(at - 300) % GROUPS, at - 300, 0},
                 group = at / 7 % GROUPS;
        bool comes_again = at > 300 && at % 3 == 0, asked = at % 7 == 0;
        kd_event events[3] = {{.input = w.pulse, .sign = 1, .row = fresh}};
        size_t n = 1;
        if (comes_again) events[n++] = (kd_event){.input = w.pulse, .sign = 1, .row = again};
        if (asked) events[n++] = (kd_event){.input = w.asks, .sign = 1, .row = &group};
        stand(&w, fresh, at);
        if (comes_again) stand(&w, again, at);
        w.heard_count = 0;
        fine = kd_engine_push(w.engine, at, events, n, NULL) == KD_OK && agrees(&w, asked, group, at);
        if (fine && (at == 1900 || at == 1901)) fine = change_engines(&w, &o);
    }
    kdtest_claim(fine, "rows are swept (differs at %lld)", (long long)at - 1);
    kd_engine_close(w.engine);
    kd_plan_close(w.plan);
}

/* ---- Sums that do not fit -------------------------------------------------------------------------------*/

/* Told when the rows are in, or when somebody looks after a row went; not before. */
static void check_too_large(void) {
    static const shape s = {.high = 5, .grouped = true};
    static const kd_value rows[][3] = {{1, -1, 0}, {1, INT64_MAX, 0}, {1, 1, 0}};
    static world w;
    w.shape = &s;
    w.fold = KD_SUM;
    if (kd_plan_open(NULL, &w.plan)) return;
    build(&w);
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = &w};
    kd_event e[3] = {{.input = w.pulse, .sign = 1, .row = rows[0]},
                     {.input = w.pulse, .sign = 1, .row = rows[1]},
                     {.input = w.pulse, .sign = 1, .row = rows[2]}};
    kd_event ask = {.input = w.asks, .sign = 1, .row = (const kd_value[]){1}};
    bool fine = kd_engine_open(w.plan, &o, &w.engine, NULL) == KD_OK &&
                kd_engine_push(w.engine, 0, e, 1, NULL) == KD_OK &&
                kd_engine_push(w.engine, 1, e + 1, 2, NULL) == KD_OK &&
                kd_engine_push(w.engine, 5, &ask, 1, NULL) == KD_OK && w.heard_count == 1 &&
                w.heard[2] == INT64_MAX;
    kdtest_claim(fine, "a sum may pass beyond 63 bits between its rows");
    kdtest_claim(fine && kd_engine_push(w.engine, 6, &ask, 1, NULL) == KD_INVALID,
                 "a row that goes may leave a sum that does not fit");
    kd_engine_close(w.engine);
    kd_plan_close(w.plan);
}

/* ---- What is kept ---------------------------------------------------------------------------------------*/

/* The greatest of 20,000 rows in each of 50 groups takes a few candidates a group, in whatever order they
 * come. */
static void check_kept(int order) {
    static const shape s = {.high = 20000, .grouped = true};
    static world w;
    w.shape = &s;
    w.fold = KD_GREATEST;
    w.seed = 5;
    if (kd_plan_open(NULL, &w.plan)) return;
    build(&w);
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = &w};
    bool fine = kd_engine_open(w.plan, &o, &w.engine, NULL) == KD_OK;
    for (kd_instant at = 0; fine && at < 100000; at++) {
        kd_value row[3] = {at % 50, order ? at : (kd_value)dice(&w, 1u << 30), 0};
        kd_event e = {.input = w.pulse, .sign = 1, .row = row};
        fine = kd_engine_push(w.engine, at, &e, 1, NULL) == KD_OK;
    }
    size_t bytes = fine ? kd_engine_statistics(w.engine).bytes : 0;
    kdtest_claim(fine && bytes < 100000, "few of a window's rows can be its greatest: %zu bytes", bytes);
    kd_engine_close(w.engine);
    kd_plan_close(w.plan);
}

int main(void) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (kd_fold f = KD_COUNT; f <= KD_FMEDIAN; f++)
            for (uint64_t seed = 1; seed <= 4; seed++) {
                if (shapes[i].reversed && f != KD_LEAST && f != KD_GREATEST) continue;
                check(&shapes[i], f, seed);
            }
    check_swept();
    check_too_large();
    check_kept(0);
    check_kept(1);
    return kdtest_end("test_engine_fold_window");
}

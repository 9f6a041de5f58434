/* test_engine_nomem.c: memory runs out at the n-th call, for every n, in a plan that has every operator: the
 * engine says so, can be closed, and leaks nothing. */
#include "kdtest.h"
#include <kadesh/engine.h>

#include <stdlib.h>
#include <string.h>

#define KEYS(...) (const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned)

typedef struct purse {
    size_t calls, fail_at; /* 0: never */
    size_t bytes, most, blocks;
    bool wrong_size; /* a block was given back with another size than it had */
} purse;

/* Each block remembers its size, so that a wrong old size is found. */
static void *take(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    purse *u = ctx;
    size_t *block = p ? (size_t *)p - 2 : NULL;
    if ((block ? block[0] : 0) != old_bytes) u->wrong_size = true;
    if (new_bytes && ++u->calls == u->fail_at) return NULL;
    u->bytes += new_bytes - old_bytes;
    u->blocks += (size_t)(new_bytes != 0) - (size_t)(block != NULL);
    if (u->bytes > u->most) u->most = u->bytes;
    if (!new_bytes) {
        free(block);
        return NULL;
    }
    block = realloc(block, new_bytes + 2 * sizeof *block);
    if (!block) abort();
    block[0] = new_bytes;
    return block + 2;
}

/* The fold of a window, looked up by a pulse of (group, value). */
static kd_node asked(kd_plan *p, kd_node a, kd_node rows, int64_t high, kd_fold f, unsigned groups) {
    static const kd_value none = 0;
    kd_node once = kd_plan_once(p, rows, (kd_interval){0, high});
    kd_fold_more more = {.none = groups ? NULL : &none};
    kd_node fold = kd_plan_aggregate_more(p, once, (unsigned[]){0}, groups, f, 1, &more);
    return kd_plan_join(p, a, fold, &(kd_on){0, 0}, groups);
}

static void build(kd_plan *p) {
    kd_node a = kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), e = kd_plan_input(p, KD_STR("e"), KD_PULSE, 1);
    kd_node f = kd_plan_input(p, KD_STR("f"), KD_LEVEL, 2);
    kd_on on = {0, 0};
    kd_value rows[] = {1, 2, 3, 4};
    kd_expr x[2] = {kd_plan_column(p, 1),
                    kd_plan_op(p, KD_X_ADD, kd_plan_column(p, 0), kd_plan_value(p, 3), 0)};
    kd_expr numbered[3] = {kd_plan_column(p, 0), kd_plan_column(p, 1), kd_plan_op(p, KD_X_INDEX, 0, 0, 0)};
    kd_node m = kd_plan_map(p, a, x, 2), held = kd_plan_hold(p, a, e, KEYS(0)),
            c = kd_plan_constant(p, rows, 2, 2);
    kd_plan_label(p, held, KD_STR("II.1"));
    const unsigned xy[] = {0, 1}, yz[] = {1, 2}, zx[] = {2, 0};
    kd_side cycle[] = {{f, xy}, {held, yz}, {kd_plan_once(p, m, (kd_interval){0, 9}), zx}, {e, zx}};
    kd_node all[] = {
        kd_plan_join_many(p, cycle, 3, 3),
        kd_plan_join_many(p, cycle, 4, 3),
        kd_plan_join(p, a, m, &on, 1),
        kd_plan_join(p, a, f, &on, 1),
        kd_plan_join(p, f, a, &on, 1),
        kd_plan_join(p, f, held, &on, 1),
        kd_plan_antijoin(p, a, e, &on, 1),
        kd_plan_antijoin(p, a, f, &on, 1),
        kd_plan_antijoin(p, f, held, &on, 1),
        kd_plan_union(p, f, c),
        kd_plan_distinct(p, m),
        kd_plan_distinct(p, kd_plan_union(p, f, held)),
        kd_plan_select(p, f, kd_plan_op(p, KD_X_GE, kd_plan_column(p, 0), kd_plan_value(p, 0), 0)),
        kd_plan_latest(p, m, KEYS(0)),
        kd_plan_once(p, a, (kd_interval){2, 9}),
        kd_plan_since(p, e, a, &on, 1, (kd_interval){0, 9}, false),
        kd_plan_since(p, e, a, &on, 1, (kd_interval){1, 9}, true),
        kd_plan_previous(p, a, (kd_interval){0, 9}),
        kd_plan_rise(p, f),
        kd_plan_fall(p, f),
        kd_plan_timer(p, held, 1),
        kd_plan_aggregate(p, f, KEYS(0), KD_SUM, 1),
        kd_plan_aggregate(p, f, KEYS(0), KD_GREATEST, 1),
        kd_plan_accumulate(p, a, KEYS(0), KD_LEAST, 1),
        asked(p, a, a, 8, KD_SUM, 1),
        asked(p, a, a, 7, KD_MEDIAN, 0),
        asked(p, a, a, 6, KD_GREATEST, 1),
        asked(p, a, kd_plan_map(p, a, numbered, 3), 5, KD_FAVERAGE, 1),
        kd_plan_schedule(p, (kd_schedule){0, 0, 1, 86400})};
    for (uint32_t i = 0; i < sizeof all / sizeof *all; i++) kd_plan_sink(p, all[i], i);
}

static kd_status events(kd_engine *g, kd_node a, kd_node e, kd_node f, kd_error *err) {
    kd_status s = KD_OK;
    for (int i = 0; !s && i < 60; i++) {
        kd_value rows[24][2];
        kd_event v[24];
        size_t n = 0;
        for (int k = 0; k < (i % 20 ? 4 : 22); k++) {
            rows[n][0] = (i + k) % 13;
            rows[n][1] = i + 5 + k;
            v[n] = (kd_event){k % 4 < 2 ? a : k % 4 == 2 ? f : e, 1, (uint32_t)(i * 30 + k), rows[n]};
            n++;
        }
        s = kd_engine_push(g, i, v, n, err);
        if (s || i % 3) continue;
        kd_value gone[2] = {(i + 2) % 13, i + 5 + 2};
        s = kd_engine_push(g, i, &(kd_event){f, -1, 0, gone}, 1, err);
    }
    return s ? s : kd_engine_advance(g, 90000, err);
}

/* Builds, runs, closes. What went wrong first, and whether it was while running. */
static kd_status live(purse *u, size_t ceiling, bool trace, kd_error *e) {
    kd_allocator from = {take, u};
    kd_plan *p;
    kd_engine *g = NULL;
    kd_status s = kd_plan_open(&from, &p);
    if (s) return s;
    build(p);
    s = kd_plan_error(p, e);
    kd_node a = kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), end = kd_plan_input(p, KD_STR("e"), KD_PULSE, 1);
    kd_node f = kd_plan_input(p, KD_STR("f"), KD_LEVEL, 2);
    kd_engine_options o = {.from = &from, .ceiling_bytes = ceiling, .trace = trace};
    if (!s) s = kd_engine_open(p, &o, &g, e);
    if (!s) s = events(g, a, end, f, e);
    kd_engine_close(g);
    kd_plan_close(p);
    return s;
}

static void at_every_call(bool trace) {
    purse sound = {0};
    kd_error e = {0};
    kd_status s = live(&sound, 0, trace, &e);
    kdtest_claim(s == KD_OK && sound.bytes == 0 && sound.blocks == 0 && !sound.wrong_size,
                 "all is given back when nothing fails (%s)", e.message);
    size_t told = 0, clean = 0;
    for (size_t n = 1; n <= sound.calls; n++) {
        purse u = {.fail_at = n};
        s = live(&u, 0, trace, &e);
        told += s == KD_NOMEM ||
                (s == KD_OK && u.calls > n); /* what only would have given memory back may go on */
        clean += u.bytes == 0 && u.blocks == 0 && !u.wrong_size;
    }
    kdtest_claim(sound.calls > 200, "the plan asks for memory often: %zu times", sound.calls);
    kdtest_claim(told == sound.calls, "each failure is told, with trace %d: %zu of %zu", trace, told,
                 sound.calls);
    kdtest_claim(clean == sound.calls, "and leaks nothing: %zu of %zu", clean, sound.calls);
}

static void under_every_ceiling(bool trace) {
    purse free_hand = {0};
    kd_error e = {0};
    live(&free_hand, 0, trace, &e);
    size_t tried = 0, right = 0;
    bool fits_at_last = false;
    for (size_t ceiling = 100; ceiling < 2 * free_hand.most; ceiling += ceiling / 16, tried++) {
        purse u = {0};
        kd_status s = live(&u, ceiling, trace, &e);
        fits_at_last = s == KD_OK;
        right += (s == KD_OK || s == KD_NOMEM) && u.bytes == 0 && !u.wrong_size;
    }
    kdtest_claim(right == tried, "under a ceiling the engine runs or says so: %zu of %zu", right, tried);
    kdtest_claim(fits_at_last, "under a high one it runs");
}

/* The engine's share alone, which the ceiling bounds. */
static void the_ceiling_is_kept(void) {
    purse of_plan = {0}, of_engine = {0};
    kd_allocator plan_from = {take, &of_plan}, engine_from = {take, &of_engine};
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    if (kd_plan_open(&plan_from, &p)) return;
    kd_node f = kd_plan_input(p, KD_STR("f"), KD_LEVEL, 2);
    kd_plan_sink(p, f, 1);
    kd_engine_options o = {.from = &engine_from, .ceiling_bytes = 1 << 20};
    kd_status s = kd_engine_open(p, &o, &g, &e);
    int64_t n = 0;
    for (; !s && n < 1000000; n++) {
        kd_value row[2] = {n, n};
        s = kd_engine_push(g, n, &(kd_event){f, 1, 0, row}, 1, &e);
    }
    kdtest_claim(s == KD_NOMEM && n > 1000, "a level grows to the ceiling: %lld rows", (long long)n);
    kdtest_claim(of_engine.most <= 1 << 20, "and not above it: %zu", of_engine.most);
    kdtest_claim(g && kd_engine_statistics(g).bytes == of_engine.bytes, "the engine knows what it holds");
    kdtest_claim(kd_engine_push(g, n, NULL, 0, &e) == KD_NOMEM, "after that it can only be closed");
    kd_engine_close(g);
    kd_plan_close(p);
    kdtest_claim(of_engine.bytes == 0 && of_plan.bytes == 0, "which gives all back");
}

int main(void) {
    for (int trace = 0; trace < 2; trace++) {
        at_every_call(trace);
        under_every_ceiling(trace);
    }
    the_ceiling_is_kept();
    return kdtest_end("test_engine_nomem");
}

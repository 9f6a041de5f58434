/* engine.c: events a second through one duty, as the engine's header draws it.
 *
 *      engine EVENTS ITEMS
 *
 * A change of an item makes an obligation that a notice of the same item ends; what is left after five
 * days is overdue. Half the events are changes and half are notices, each a time point of its own, ten
 * minutes apart; one change in a hundred gets no notice. Prints: events a second (the processor's time),
 * changes found overdue, rows alive at most. */
#define _DEFAULT_SOURCE
#include <kadesh/engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WITHIN_S (5 * KD_DAY_S)
#define STEP_S   600

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void hear(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    (void)sink, (void)at, (void)row, (void)width;
    *(int64_t *)ctx += sign > 0;
}

int main(int argc, char **argv) {
    long events = argc > 2 ? atol(argv[1]) : 0, items = argc > 2 ? atol(argv[2]) : 0;
    if (events < 2 || items < 1) {
        fprintf(stderr, "usage: engine EVENTS ITEMS\n");
        return 2;
    }
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    int64_t overdue = 0;
    const unsigned item = 0;
    if (kd_plan_open(&kd_allocator_libc, &p)) abort();
    kd_node change = kd_plan_input(p, KD_STR("change"), KD_PULSE, 1),
            notice = kd_plan_input(p, KD_STR("notice"), KD_PULSE, 1);
    kd_expr now = kd_plan_op(p, KD_X_NOW, 0, 0, 0);
    kd_expr columns[2] = {kd_plan_column(p, 0), kd_plan_op(p, KD_X_ADD, now, kd_plan_value(p, WITHIN_S), 0)};
    kd_node owed = kd_plan_hold(p, kd_plan_map(p, change, columns, 2), notice, &item, 1);
    kd_plan_sink(p, kd_plan_timer(p, owed, 1), 1);
    const kd_engine_options o = {.heard = hear, .ctx = &overdue};
    if (kd_engine_open(p, &o, &g, &e)) abort();
    kd_instant at = kd_day_begin(kd_day_of(2011, 2, 5));
    size_t most = 0;
    double begin = now_s();
    for (long i = 0; i < events; i++, at += STEP_S) {
        /* An item's notice comes `lag` events after its change, within the five days. */
        long pair = i / 2, lag = 300;
        bool told = i % 2 == 1;
        if (told && (pair < lag || pair % 101 == 0)) continue;
        kd_value row = (told ? pair - lag : pair) % items;
        const kd_event event = {told ? notice : change, 1, (uint32_t)i, &row};
        if (kd_engine_push(g, at, &event, 1, &e)) abort();
        if (i % 4096) continue;
        size_t live = kd_engine_statistics(g).live_rows;
        if (live > most) most = live;
    }
    double took = now_s() - begin;
    printf("%.0f %lld %zu\n", (double)kd_engine_statistics(g).events / took, (long long)overdue, most);
    kd_engine_close(g);
    kd_plan_close(p);
    return 0;
}

/* joins.c: triangles A(x,y), B(y,z), C(z,x) over windows: two relations at a time, and all at once.
 *
 *      joins SHAPE WINDOW EVENTS
 *
 * SHAPE is even-trigger, even-pulse, hub-trigger or hub-pulse. Even values are drawn from as many as give
 * each row a few partners; in a hub's relations one half of the rows has 0 on the left, the other half 0
 * on the right, so that two relations have a quarter of the window's square in common and three nearly
 * nothing. `trigger` asks every 200 time points for all triangles, `pulse` at each for those that a row of
 * B closes. One row of each relation comes at a time point; the window is in time points. Prints:
 * nanoseconds an event two at a time and all at once (the processor's time), rows alive at most in both,
 * triangles found. Both must find the same. */
#define _DEFAULT_SOURCE
#include <kadesh/engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ASKED_EACH 200

typedef struct shape {
    bool hub, trigger;
    int64_t window;
    kd_value values;
} shape;

typedef struct outcome {
    double ns;
    int64_t found;
    size_t live;
} outcome;

static uint64_t dice;

static kd_value below(kd_value n) { /* splitmix64 */
    uint64_t z = dice += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (kd_value)((z ^ z >> 31) % (uint64_t)n);
}

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void hear(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    (void)sink, (void)at, (void)row, (void)width;
    *(int64_t *)ctx += sign > 0;
}

static void random_row(const shape *s, kd_value *row) {
    row[0] = below(s->values);
    row[1] = below(s->values);
    if (s->hub) row[below(2)] = 0;
}

/* The pulse's columns come first: none of a trigger, (y, z) of a row of B. */
static kd_node two_at_a_time(kd_plan *p, const shape *s, kd_node pulse, kd_node a, kd_node b, kd_node c) {
    const kd_on y_of_x_y = {0, 1}, y_of_y_z = {1, 0}, pulse_c[] = {{1, 0}, {2, 1}},
                trigger_c[] = {{3, 0}, {0, 1}};
    if (!s->trigger) return kd_plan_join(p, kd_plan_join(p, pulse, a, &y_of_x_y, 1), c, pulse_c, 2);
    kd_node ab = kd_plan_join(p, kd_plan_join(p, pulse, a, NULL, 0), b, &y_of_y_z, 1);
    return kd_plan_join(p, ab, c, trigger_c, 2);
}

static kd_node all_at_once(kd_plan *p, const shape *s, kd_node pulse, kd_node a, kd_node b, kd_node c) {
    static const unsigned xy[] = {0, 1}, yz[] = {1, 2}, zx[] = {2, 0};
    const kd_side sides[] = {{pulse, yz}, {a, xy}, {c, zx}, {b, yz}};
    return kd_plan_join_many(p, sides, s->trigger ? 4 : 3, 3);
}

static outcome measure(const shape *s, long events, bool at_once) {
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    outcome o = {0};
    if (kd_plan_open(&kd_allocator_libc, &p)) abort();
    kd_node in[] = {kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), kd_plan_input(p, KD_STR("b"), KD_PULSE, 2),
                    kd_plan_input(p, KD_STR("c"), KD_PULSE, 2), kd_plan_input(p, KD_STR("t"), KD_PULSE, 0)};
    kd_interval within = {0, s->window};
    kd_node a = kd_plan_once(p, in[0], within), b = kd_plan_once(p, in[1], within),
            c = kd_plan_once(p, in[2], within), pulse = s->trigger ? in[3] : in[1];
    kd_plan_sink(p, (at_once ? all_at_once : two_at_a_time)(p, s, pulse, a, b, c), 1);
    const kd_engine_options options = {.heard = hear, .ctx = &o.found};
    if (kd_engine_open(p, &options, &g, &e)) {
        fprintf(stderr, "joins: %s\n", e.message);
        exit(2);
    }
    dice = 1;
    double begin = now_ns();
    for (long i = 0; i < events / 3; i++) {
        kd_value rows[3][2];
        kd_event v[4];
        for (unsigned k = 0; k < 3; k++) {
            random_row(s, rows[k]);
            v[k] = (kd_event){in[k], 1, 0, rows[k]};
        }
        v[3] = (kd_event){in[3], 1, 0, NULL};
        if (kd_engine_push(g, i, v, s->trigger && i % ASKED_EACH == 0 ? 4 : 3, &e)) abort();
        size_t live = i % 1024 ? 0 : kd_engine_statistics(g).live_rows;
        if (live > o.live) o.live = live;
    }
    o.ns = (now_ns() - begin) / (double)events;
    kd_engine_close(g);
    kd_plan_close(p);
    return o;
}

int main(int argc, char **argv) {
    const char *name = argc == 4 ? argv[1] : "";
    shape s = {.hub = !strncmp(name, "hub-", 4), .window = argc == 4 ? atol(argv[2]) : 0};
    long events = argc == 4 ? atol(argv[3]) : 0;
    s.trigger = strstr(name, "-trigger") != NULL;
    if ((!s.hub && strncmp(name, "even-", 5) != 0) || (!s.trigger && !strstr(name, "-pulse")) ||
        s.window < 1 || events < 3) {
        fprintf(stderr, "usage: joins even-trigger|even-pulse|hub-trigger|hub-pulse WINDOW EVENTS\n");
        return 2;
    }
    s.values = s.hub ? 4 * s.window : s.window / 4 + 2;
    outcome two = measure(&s, events, false), all = measure(&s, events, true);
    printf("%.0f %.0f %zu %zu %lld\n", two.ns, all.ns, two.live, all.live, (long long)all.found);
    if (two.found == all.found) return 0;
    fprintf(stderr, "joins: two at a time found %lld\n", (long long)two.found);
    return 1;
}

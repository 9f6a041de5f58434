/* fuzz_snapshot.c: any bytes as the state of an engine: refused, or loaded into an engine that runs.
 *
 *      first byte    which plan (of a few random ones)
 *      the rest      the state between the head and the sum, which are made to fit */
#include "../tests/snapshot_plan.c"
#include "engine/walk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static kd_status put(void *ctx, const void *bytes, size_t n) {
    kd_text_put(ctx, (kd_str){bytes, n});
    return KD_OK;
}

/* The head that the plan's own states have. */
static void put_head(const snapshot_plan *s, kd_text *t) {
    kd_engine_options o = {.log_time = s->log_time};
    kd_engine *g = NULL;
    kd_error e;
    if (kd_engine_open(s->p, &o, &g, &e)) abort();
    kd_text_open(t, NULL);
    if (kd_engine_save(g, put, t)) abort();
    kd_engine_close(g);
    t->n = 16;
}

static void run_on(const snapshot_plan *s, kd_engine *g) {
    kd_error e = {0};
    kd_instant at = 0;
    kd_status st = KD_OK;
    kd_engine_stats before = kd_engine_statistics(g);
    for (unsigned i = 0; !st && i < 12; i++) st = snapshot_push(s, g, 1, i, &at, &e);
    if (!st && s->log_time) kd_engine_finish(g, &e);
    if (kd_engine_statistics(g).time_points < before.time_points && before.time_points < UINT64_MAX / 2)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 20000) return 0;
    snapshot_plan s;
    uint64_t seed = data[0] % 32;
    while (!snapshot_build(&s, seed, 14, seed % 4 != 0)) {
        kd_plan_close(s.p);
        seed += 32;
    }
    kd_text t;
    put_head(&s, &t);
    kd_text_put(&t, (kd_str){(const char *)data + 1, size - 1});
    uint64_t sum = eng_walk_sum((const unsigned char *)t.p, t.n);
    for (unsigned i = 0; i < 8; i++) kd_text_putc(&t, (char)(sum >> 8 * i));
    kd_engine_options o = {.log_time = s.log_time, .ceiling_bytes = 1 << 22};
    kd_engine *g = NULL;
    kd_error e = {0};
    kd_status st = kd_engine_load(s.p, &o, t.p, t.n, &g, &e);
    if (!st) run_on(&s, g);
    if (st && !e.message[0]) abort();
    kd_engine_close(g);
    kd_text_close(&t);
    kd_plan_close(s.p);
    return 0;
}

/* snapshot_plan.h: random plans over all operators and random events for them, from a seed: for tests of what is saved
 * and loaded. Plans of log time have what looks ahead, recursion and MATCH; the others timers, schedules, constants. */
#ifndef SNAPSHOT_PLAN_H
#define SNAPSHOT_PLAN_H

#include <kadesh/engine.h>

#define SNAPSHOT_NODES 48

typedef struct snapshot_plan {
    kd_plan *p;
    bool log_time;
    kd_node inputs[4]; /* three pulses of width 2, 2, 1 and a level of width 2 */
    kd_node nodes[SNAPSHOT_NODES];
    unsigned count;
    uint64_t chance;
} snapshot_plan;

uint64_t snapshot_chance(uint64_t *state);
unsigned snapshot_below(uint64_t *state, unsigned n);

/* Builds; the caller closes s->p. False when the plan failed. */
bool snapshot_build(snapshot_plan *s, uint64_t seed, unsigned nodes, bool log_time);
/* Pushes time point i of the events that the seed makes; the same seed pushes the same. `at` is the instant before. */
kd_status snapshot_push(const snapshot_plan *s, kd_engine *g, uint64_t seed, unsigned i, kd_instant *at,
                        kd_error *e);

#endif

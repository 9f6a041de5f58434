/* runs.h: what the second half of UNTIL may ask the first. */
#ifndef ENGINE_RUNS_H
#define ENGINE_RUNS_H

#include "engine/run.h"

/* Did a (of the row's key) fail to hold at some time point from `index` on that is known by now: no later b can
 * reach back to `index`. */
bool eng_runs_over(const eng_node *n, const kd_value *row, uint64_t index);

#endif

/* shrink_mfotl.h: makes a failing formula and log small. */
#ifndef SHRINK_MFOTL_H
#define SHRINK_MFOTL_H

#include "random_mfotl.h"

/* Whether the pair still shows the fault. */
typedef bool (*sm_fails)(void *ctx, const rm_pair *p);

/* Tries smaller formulas and logs as long as one still fails; the result is in the arena. */
void sm_shrink(kd_arena *a, rm_pair *p, sm_fails fails, void *ctx);

#endif

/* monitor_change.h: changes of a formula or a log that leave the verdicts as they are, or move them in a
 * known way. */
#ifndef MONITOR_CHANGE_H
#define MONITOR_CHANGE_H

#include "monitor_pair.h"

typedef enum mc_how {
    MC_POINTS, /* the same at every time point, `shift` later */
    MC_STAMPS, /* the same at every time stamp, however many time points have it */
    MC_BEGIN   /* what the first hears the second hears too */
} mc_how;

typedef struct mc_trial {
    kd_arena *a;
    rm_dice *d;
    nm_world *w;   /* with the signature and the log read */
    nm_formula *f; /* as written; to be changed in place */
    rm_pair first, second;
    mp_way first_way, second_way;
    int64_t shift;
    mc_how how;
} mc_trial;

typedef struct mc_row {
    const char *claim;
    bool (*make)(mc_trial *t); /* false: the change does not apply to this pair */
} mc_row;

extern const mc_row mc_rows[];
extern const size_t mc_row_count;

#endif

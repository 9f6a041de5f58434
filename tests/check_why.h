/* check_why.h: does a set of events force a row, and can none of it be left out? Asked of fresh engines that are
 * given those events alone. It shares nothing with the search that found the set.
 *
 * A log of which events are left out keeps its pushed time points. A row that was taken out of a level again goes
 * with the event that put it there, the first of those that are there. */
#ifndef CHECK_WHY_H
#define CHECK_WHY_H

#include <kadesh/engine.h>

typedef struct check_push {
    kd_instant at;
    const kd_event *events;
    size_t count;
} check_push;

typedef struct check_case {
    kd_node (*build)(void *ctx,
                     kd_plan *p); /* makes the plan, always the same; gives the node that is asked about */
    void *ctx;
    const check_push *pushes;
    size_t push_count;
    bool log_time; /* the log is then ended after the last push */
} check_case;

/* The row of the node at an instant, after `pushed` time points were pushed (its own included). */
typedef struct check_row {
    kd_instant at;
    uint64_t pushed;
    const kd_value *row;
} check_row;

/* Is the row there when only events of these origins are left, without that of `but` (UINT32_MAX: with all)? */
bool check_gives(const check_case *c, const check_row *r, const uint32_t *set, size_t count, uint32_t but);
/* "" when the set gives the row and loses it without any one of its events; else what is wrong. */
const char *check_why(const check_case *c, const check_row *r, const uint32_t *set, size_t count);

#endif

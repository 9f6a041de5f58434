/* trace.h: what every node gave out, by time point, kept for kd_engine_why.
 *
 *      node 7   | row, point 3, +1 | row, point 9, -1 | ...          an input's rows: and the origin of each
 *
 * A time point has a place in time that does not depend on what happened at others: its instant, how many time
 * points were pushed so far, and how many time points of timers there were since at that very instant. A log of
 * which events are left out has the same pushed time points, and its timers are placed alike. */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include "engine/run.h"

typedef struct eng_when {
    kd_instant at;
    uint64_t pushed; /* so far, this one included */
    int64_t sub;     /* twice the number of time points at this place before it; odd: just before the next */
} eng_when;

#define ENG_BEGINNING ((eng_when){INT64_MIN, 0, 0}) /* where constants come */
#define ENG_FOREVER   ((eng_when){KD_NEVER, UINT64_MAX, INT64_MAX})

static inline int eng_when_order(eng_when a, eng_when b) {
    if (a.at != b.at) return a.at < b.at ? -1 : 1;
    if (a.pushed != b.pushed) return a.pushed < b.pushed ? -1 : 1;
    return (a.sub > b.sub) - (a.sub < b.sub);
}
static inline bool eng_when_less(eng_when a, eng_when b) {
    return eng_when_order(a, b) < 0;
}
static inline eng_when eng_just_before(eng_when w) {
    w.sub--;
    return w;
}

typedef struct eng_kept {
    eng_when when;
    int64_t count;
    uint32_t order;
} eng_kept;

/* Of one node of the plan. */
typedef struct eng_track {
    eng_kept *kept;
    kd_value *rows;
    size_t n, kept_room, row_room; /* row_room in values */
    eng_list origins;              /* of an input: one a row */
} eng_track;

typedef struct eng_trace {
    eng_track *tracks; /* by the plan's number */
    kd_instant *pushed;
    size_t pushed_count, pushed_room;
    eng_when *points; /* by the number of the time point; in log time empty: those are the pushed ones */
    size_t point_count, point_room;
    eng_when now;
} eng_trace;

/* The place of the pushed time point of that number, from 0. */
static inline eng_when eng_trace_push(const eng_trace *t, uint64_t i) {
    return (eng_when){t->pushed[i], i + 1, 0};
}
/* The first time point not before an instant: in log time a pushed one (ENG_FOREVER when there is none), else
 * what a timer set for it makes. */
eng_when eng_trace_at(const kd_engine *g, kd_instant at);
/* How many time points were pushed before an instant. */
uint64_t eng_trace_pushed_before(const eng_trace *t, kd_instant at);
/* The place of a time point by its number; false when there is none of it. */
bool eng_trace_when(const kd_engine *g, uint64_t point, eng_when *out);

static inline const kd_value *eng_track_row(const eng_track *t, size_t i, unsigned width) {
    return t->rows + i * width;
}

#endif

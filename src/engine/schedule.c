/* schedule.c: a pulse at each boundary of a calendar period. */
#include "engine/calendar.h"
#include "engine/walk.h"

typedef struct schedule {
    kd_schedule plan;
    int64_t k;                 /* of the boundary to come */
    kd_instant previous, next; /* begins; next is KD_NEVER when there is none */
} schedule;

/* Boundary k, counted from the anchor and not from the boundary before it, so that a 31st does not become a
 * 28th for good; KD_NEVER when it lies outside the calendar. */
static kd_instant boundary(const kd_schedule *s, int64_t k) {
    int64_t moved;
    kd_instant at;
    if (__builtin_mul_overflow(k, s->months ? s->months : s->days, &moved)) return KD_NEVER;
    bool there = s->months ? eng_add_months(s->anchor, moved, &at) : eng_add_days(s->anchor, moved, &at);
    return there ? at : KD_NEVER;
}

static void wait_for(kd_engine *g, eng_node *n, schedule *s, kd_instant at) {
    s->next = at <= s->plan.until ? at : KD_NEVER;
    eng_wake_at(n, s->next);
}

static kd_status open(kd_engine *g, eng_node *n) {
    schedule *s = n->state;
    s->plan = (kd_schedule){n->words[0], n->words[1], n->words[2], n->words[3]};
    s->previous = KD_ABSENT;
    wait_for(g, n, s, boundary(&s->plan, 0));
    return KD_OK;
}

static kd_status run(kd_engine *g, eng_node *n) {
    schedule *s = n->state;
    kd_instant after = boundary(&s->plan, ++s->k);
    kd_value *row = eng_emit(g, n, 1, 0);
    if (!row) return KD_NOMEM;
    row[0] = s->previous;
    row[1] = s->next;
    row[2] = after;
    s->previous = s->next;
    wait_for(g, n, s, after);
    return KD_OK;
}

static kd_status walk(eng_walk *w, eng_node *n) {
    schedule *s = n->state;
    eng_walk_i64(w, &s->k);
    eng_walk_i64(w, &s->previous);
    eng_walk_i64(w, &s->next);
    eng_walk_check(w, s->k >= 0 && s->k < INT64_MAX / 2);
    return w->failed;
}

const eng_operator eng_op_schedule = {
    .name = "schedule", .state_bytes = sizeof(schedule), .open = open, .run = run, .walk = walk};

/* log.c: log time: pushed time points are all there are, and each stage runs them when its needs are met.
 *
 *      push(at) ─▶ stage 0 ─▶ the stages that waited for it, in the order of their needs
 *
 * A stage goes from one time point at which something happens to the next: those between cost nothing. */
#include "engine/run.h"

#include <string.h>

/* ---- The instants of time points ------------------------------------------------------------------------*/

/* Forgets the instants that no stage needs any more; the one before the slowest stage's next stays. */
void eng_log_trim(kd_engine *g) {
    eng_log *l = &g->log;
    uint64_t slowest = g->points;
    for (uint32_t i = 0; i < g->stage_count; i++)
        if (g->stages[i].next < slowest) slowest = g->stages[i].next;
    if (g->stage_count < 2 || slowest == 0) return;
    l->head += (size_t)(slowest - 1 - l->first);
    l->first = slowest - 1;
}

/* Only when the array is full it is looked how much of it is needed. */
static bool make_room(kd_engine *g) {
    eng_log *l = &g->log;
    eng_log_trim(g);
    if (l->head <= l->room / 2) return eng_reserve(&g->mem, &l->at, &l->room, l->n + 1, sizeof *l->at);
    memmove(l->at, l->at + l->head, (l->n - l->head) * sizeof *l->at);
    l->n -= l->head;
    l->head = 0;
    return true;
}

static inline bool append(kd_engine *g, kd_instant at) {
    if (g->log.n == g->log.room && !make_room(g)) return false;
    g->log.at[g->log.n++] = at;
    return true;
}

/* ---- When a stage may run -------------------------------------------------------------------------------*/

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* The first time point from `from` on that the need does not meet yet, `points` when that is none. A need ahead is met
 * when the newest time point that the other stage has run, or the first that it has not, lies beyond what is
 * needed; what was found once is not looked at again. */
static uint64_t met_until(const kd_engine *g, eng_stage_need *n, uint64_t from) {
    const eng_stage *of = &g->stages[n->of];
    bool over = g->ended && of->next == g->points;
    if (!n->ahead) {
        if (n->by < 0) return of->next + 1;
        if (over) return g->points;
        return of->next > (uint64_t)n->by ? of->next - (uint64_t)n->by : 0;
    }
    if (n->met < from) n->met = from;
    if (of->next <= n->met) return n->met;
    kd_instant at = eng_log_at(g, of->next < g->points ? of->next : of->next - 1);
    if (over || at == KD_NEVER) n->met = of->next;
    while (n->met < of->next && at > eng_later(eng_log_at(g, n->met), n->by)) n->met++;
    return n->met;
}

/* All time points of the stage before this one may run. */
static uint64_t may_run_until(const kd_engine *g, const eng_stage *s) {
    uint64_t until = g->points;
    for (uint32_t k = 0; until > s->next && k < s->need_count; k++)
        until = least(until, met_until(g, &s->needs[k], s->next));
    return until;
}

/* ---- Running a stage ------------------------------------------------------------------------------------*/

/* Is anything to be done at time point i, at that instant? Marks the nodes that are due. */
static bool wake(eng_stage *s, uint64_t i, kd_instant at) {
    for (uint32_t id; (id = eng_wakes_take(&s->instants, at)) != UINT32_MAX;) eng_bits_set(&s->dirty, id);
    for (uint32_t id; (id = eng_wakes_take(&s->indices, (int64_t)i)) != UINT32_MAX;)
        eng_bits_set(&s->dirty, id);
    for (uint32_t id; (id = eng_bits_take(&s->at_next)) != UINT32_MAX;) eng_bits_set(&s->dirty, id);
    return !eng_bits_none(&s->dirty);
}

/* The first time point from the stage's next on, before `until`, at which something may have to be done. */
static uint64_t next_due(const kd_engine *g, const eng_stage *s, uint64_t until) {
    uint64_t i = s->next;
    if (i == 0 || !eng_bits_none(&s->dirty) || !eng_bits_none(&s->at_next)) return i;
    if (s->indices.n) until = least(until, (uint64_t)eng_wakes_next(&s->indices));
    kd_instant at = eng_wakes_next(&s->instants);
    while (i < until && eng_log_at(g, i) < at) i++;
    return i;
}

static kd_status run_at(kd_engine *g, eng_stage *s, uint64_t i, kd_instant at, kd_instant before,
                        kd_error *e) {
    g->stage = s;
    g->index = i;
    g->now = s->now = at;
    g->before = s->before = before;
    kd_status st = eng_run_point(g, e);
    s->next = i + 1;
    return st;
}

/* All needs but those ahead: what there is to decide at i is known. */
static bool may_be_tried(const kd_engine *g, const eng_stage *s, uint64_t i) {
    if (!s->may_hurry || i >= g->points) return false;
    for (uint32_t k = 0; k < s->need_count; k++) {
        eng_stage_need *n = &s->needs[k];
        if (n->ahead ? g->stages[n->of].next <= i : met_until(g, n, i) <= i) return false;
    }
    return true;
}

static kd_status pass_watch(kd_engine *g, const eng_stage *s, kd_error *e) {
    if (g->watch.idle || !g->watch.node || g->watch.node->stage != s || g->watch.told >= s->next)
        return KD_OK;
    kd_status st = eng_watch_pass(g, s->next);
    if (st == KD_NOMEM) return kd_fail_nomem(e);
    return st;
}

/* Runs stage s as far as it may; did it move? */
static kd_status run_stage(kd_engine *g, eng_stage *s, bool *moved, kd_error *e) {
    uint64_t until = may_run_until(g, s);
    *moved |= s->next < until;
    while (s->next < until) {
        uint64_t i = next_due(g, s, until);
        s->next = i;
        if (i == until) break;
        kd_instant at = eng_log_at(g, i);
        if (wake(s, i, at) || (i == 0 && eng_sinks_wait(g))) {
            kd_status st = run_at(g, s, i, at, i ? eng_log_at(g, i - 1) : INT64_MIN, e);
            if (st) return st;
        }
        s->next = i + 1;
    }
    for (bool ran = true; ran && may_be_tried(g, s, s->next);) {
        kd_status st = eng_hurry(g, s, &ran, e);
        if (st) return st;
    }
    return pass_watch(g, s, e);
}

static kd_status run_later_stages(kd_engine *g, kd_error *e) {
    bool moved;
    do {
        moved = false;
        for (uint32_t i = 1; i < g->stage_count; i++) {
            kd_status s = run_stage(g, &g->stages[i], &moved, e);
            if (s) return s;
        }
    } while (moved && g->circular);
    return KD_OK;
}

/* ---- A pushed time point --------------------------------------------------------------------------------*/

static kd_status fail(kd_engine *g, kd_status s) {
    g->failed = s;
    return s;
}

/* Is nobody to be woken by the time point itself? */
static inline bool wakes_nobody(const eng_stage *s, kd_instant at) {
    return eng_wakes_next(&s->instants) > at && !s->indices.n && eng_bits_none(&s->at_next);
}

static inline kd_status run_first(kd_engine *g, kd_instant at, kd_error *e) {
    eng_stage *s = &g->stages[0];
    kd_instant before = s->now;
    bool woken = wakes_nobody(s, at) ? !eng_bits_none(&s->dirty) : wake(s, s->next, at);
    if (woken || (s->next == 0 && eng_sinks_wait(g))) return run_at(g, s, s->next, at, before, e);
    s->next++;
    s->before = before;
    s->now = at;
    return KD_OK;
}

static kd_status point_of_several(kd_engine *g, kd_instant at, kd_error *e) {
    if (!append(g, at)) return kd_fail_nomem(e);
    kd_status s = run_first(g, at, e);
    if (!s) s = pass_watch(g, &g->stages[0], e);
    return s ? s : run_later_stages(g, e);
}

kd_status eng_log_point(kd_engine *g, kd_instant at, kd_error *e) {
    if (g->trace && eng_trace_point(g, at, true)) return fail(g, kd_fail_nomem(e));
    g->points++;
    g->pushed = true;
    kd_status s;
    if (g->stage_count > 1) {
        s = point_of_several(g, at, e);
    } else {
        s = run_first(g, at, e);
        if (!s && !g->watch.idle) s = pass_watch(g, &g->stages[0], e);
    }
    g->now = at;
    return s ? fail(g, s) : KD_OK;
}

/* Without later stages, and as long as nobody is to wake, empty time points only count. */
kd_instant eng_log_quiet_until(const kd_engine *g) {
    const eng_stage *s = &g->stages[0];
    bool busy = g->stage_count > 1 || g->trace || s->next == 0 || !eng_bits_none(&s->dirty) ||
                !eng_bits_none(&s->at_next) || s->indices.n || !eng_watch_is_quiet(g);
    return busy ? KD_ABSENT : eng_wakes_next(&s->instants);
}

kd_status eng_log_pass(kd_engine *g, kd_instant before, kd_instant at, uint64_t count, kd_error *e) {
    eng_stage *s = &g->stages[0];
    for (; count; count--) {
        if (at < eng_log_quiet_until(g)) {
            s->before = count > 1 ? before : s->now;
            s->now = g->now = at;
            s->next += count;
            g->points += count;
            if (g->watch.node) g->watch.told = s->next;
            return KD_OK;
        }
        kd_status st = eng_log_point(g, at, e);
        if (st) return st;
    }
    return KD_OK;
}

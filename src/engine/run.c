/* run.c: opens an engine on a plan and runs time points: woken nodes, in topological order, once each. */
#include "engine/run.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- Batches --------------------------------------------------------------------------------------------*/

/* Gives back what grew, so that every array's size is known again. */
static bool shrink_back(kd_engine *g, eng_node *n, size_t room) {
    kd_batch *b = &n->out;
    size_t values = n->width ? n->width : 1;
    kd_value *rows =
        eng_resize(&g->mem, b->rows, room * values * sizeof *rows, b->room * values * sizeof *rows);
    if (rows || !b->room) b->rows = rows;
    return false;
}

static void close_batch(kd_engine *g, eng_node *n) {
    kd_batch *b = &n->out;
    size_t values = n->width ? n->width : 1;
    if (b->rows) eng_resize(&g->mem, b->rows, b->room * values * sizeof *b->rows, 0);
    if (b->counts) eng_resize(&g->mem, b->counts, b->room * sizeof *b->counts, 0);
    if (b->orders) eng_resize(&g->mem, b->orders, b->room * sizeof *b->orders, 0);
    *b = (kd_batch){.width = n->width};
}

/* The three arrays have room for the same number of rows, so that one comparison guards them all. */
bool kd_engine_grow(kd_engine *g, kd_batch *b) {
    eng_node *n = (eng_node *)((char *)b - offsetof(eng_node, out));
    size_t room = b->room ? b->room * 2 : 8, values = n->width ? n->width : 1;
    if (room > SIZE_MAX / 16 / (KD_WIDTH_MAX + 1)) return false;
    kd_value *rows =
        eng_resize(&g->mem, b->rows, b->room * values * sizeof *rows, room * values * sizeof *rows);
    if (!rows) return false;
    b->rows = rows;
    int64_t *counts = NULL;
    uint32_t *orders = NULL;
    if (n->counted) {
        counts = eng_resize(&g->mem, b->counts, b->room * sizeof *counts, room * sizeof *counts);
        if (counts) b->counts = counts;
    }
    if (n->ordered) {
        orders = eng_resize(&g->mem, b->orders, b->room * sizeof *orders, room * sizeof *orders);
        if (orders) b->orders = orders;
    }
    if ((n->counted && !counts) || (n->ordered && !orders)) return shrink_back(g, n, room);
    b->room = room;
    return true;
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

static kd_status make_room(kd_engine *g) {
    for (uint32_t i = 0; i < g->stage_count; i++) {
        eng_stage *s = &g->stages[i];
        if (!eng_reserve(&g->mem, &s->emitted.items, &s->emitted.room, g->node_count, sizeof(uint32_t)) ||
            !eng_bits_open(&s->dirty, &g->mem, g->node_count) ||
            !eng_bits_open(&s->at_next, &g->mem, g->node_count) ||
            !eng_wakes_open(&s->instants, &g->mem, g->node_count) ||
            !eng_wakes_open(&s->indices, &g->mem, g->node_count))
            return KD_NOMEM;
    }
    return eng_bits_open(&g->sinks_touched, &g->mem, g->sink_count) ? KD_OK : KD_NOMEM;
}

/* Whom a node's rows wake, as a set where that can be. */
static kd_status join_readers(kd_engine *g) {
    g->inputs = kd_arena_array(&g->arena, g->node_count, sizeof *g->inputs);
    if (!g->inputs) return KD_NOMEM;
    for (uint32_t i = 1; i < g->node_count; i++) {
        eng_node *n = &g->nodes[i];
        n->out.width = n->width;
        n->wakes_many = g->stages[0].dirty.levels > 1;
        if (n->op == &eng_op_input_pulse) g->inputs[g->input_count++] = n;
        for (uint32_t k = 0; k < n->reader_count; k++) {
            const eng_reader *r = &g->readers[n->first_reader + k];
            n->wakes_many |= r->later;
            n->wakes |= UINT64_C(1) << r->node->id % 64;
        }
    }
    return KD_OK;
}

static void close_stages(kd_engine *g) {
    for (uint32_t i = 0; i < g->stage_count; i++) {
        eng_stage *s = &g->stages[i];
        eng_list_close(&g->mem, &s->emitted);
        eng_bits_close(&s->dirty, &g->mem);
        eng_bits_close(&s->at_next, &g->mem);
        eng_wakes_close(&s->instants, &g->mem);
        eng_wakes_close(&s->indices, &g->mem);
    }
}

static kd_status open_nodes(kd_engine *g) {
    for (g->opened = 1; g->opened < g->node_count;) {
        eng_node *n = &g->nodes[g->opened++];
        kd_status s = n->op->open ? n->op->open(g, n) : KD_OK;
        if (s) return s;
    }
    return KD_OK;
}

/* Constants are in place before the first time point, on every stage. */
static kd_status open_stages(kd_engine *g, kd_error *e) {
    g->opening = true;
    kd_status s = KD_OK;
    for (uint32_t i = 0; !s && i < g->stage_count; i++) {
        g->stage = &g->stages[i];
        s = eng_run_point(g, e);
    }
    g->opening = false;
    g->stage = &g->stages[0];
    return s;
}

kd_status kd_engine_open(const kd_plan *p, const kd_engine_options *o, kd_engine **out, kd_error *e) {
    *out = NULL;
    kd_status s = kd_plan_error(p, e);
    if (s) return s;
    if (p->log_time && !o->log_time)
        return kd_fail(e, KD_USAGE, "log_time", "the plan looks ahead: its engine must run in log time");
    const kd_allocator *from = o->from ? o->from : &kd_allocator_libc;
    kd_engine *g = NULL;
    if (!o->ceiling_bytes || o->ceiling_bytes >= sizeof *g) g = from->resize(from->ctx, NULL, 0, sizeof *g);
    if (!g) return kd_fail_nomem(e);
    memset(g, 0, sizeof *g);
    g->plan = p;
    g->options = *o;
    g->now = g->before = INT64_MIN;
    g->index = UINT64_MAX; /* of no time point yet: one more is 0 */
    eng_mem_open(&g->mem, from, o->ceiling_bytes);
    g->mem.bytes = sizeof *g;
    kd_arena_open(&g->arena, &g->mem.counted);
    if ((s = eng_place(g)) || (s = eng_sinks_open(g)) || (s = eng_watch_open(g)) || (s = make_room(g)) ||
        (s = join_readers(g)) || (o->trace && (s = eng_trace_open(g))) || (s = open_nodes(g)))
        s = s == KD_NOMEM ? kd_fail_nomem(e) : kd_fail(e, s, "plan", "the plan cannot be laid out");
    else
        s = open_stages(g, e);
    for (uint32_t i = 1; !s && o->eager && i < g->stage_count; i++)
        g->stages[i].may_hurry = eng_may_hurry(g, &g->stages[i]);
    if (s) {
        kd_engine_close(g);
        return s;
    }
    *out = g;
    return KD_OK;
}

void kd_engine_close(kd_engine *g) {
    if (!g) return;
    for (uint32_t i = 1; i < g->opened; i++) {
        eng_node *n = &g->nodes[i];
        if (n->op->close) n->op->close(g, n);
    }
    for (uint32_t i = 1; i < g->node_count; i++) close_batch(g, &g->nodes[i]);
    eng_sinks_close(g);
    eng_watch_close(g);
    eng_trace_close(g);
    close_stages(g);
    eng_bits_close(&g->sinks_touched, &g->mem);
    eng_release(&g->mem, &g->log.at, &g->log.room, sizeof *g->log.at);
    eng_match_close(&g->match, &g->mem);
    kd_arena_close(&g->arena);
    const kd_allocator *from = g->mem.from;
    from->resize(from->ctx, g, sizeof *g, 0);
}

/* ---- A time point ---------------------------------------------------------------------------------------*/

/* The failure in words: which node, at which time point, what. */
static kd_status tell(kd_engine *g, const eng_node *n, kd_status s, kd_error *e) {
    g->failed = s;
    if (s == KD_NOMEM) return kd_fail_nomem(e);
    char node[160], at[40];
    kd_str label = g->plan->nodes[n->plan].label;
    if (label.n)
        snprintf(node, sizeof node, "%.*s", (int)(label.n < 150 ? label.n : 150), label.p);
    else
        snprintf(node, sizeof node, "node %u (%s)", (unsigned)n->id, n->op->name);
    kd_civil c = kd_civil_of(g->now);
    if (g->options.log_time && g->now == KD_NEVER)
        snprintf(at, sizeof at, "the supposed last time point");
    else if (g->options.log_time && !g->opening)
        snprintf(at, sizeof at, "time point %llu", (unsigned long long)g->index);
    else if (g->opening)
        snprintf(at, sizeof at, "before the first time point");
    else
        snprintf(at, sizeof at, "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year, c.month, c.day, c.hour, c.minute,
                 c.second);
    const char *what = g->complaint ? g->complaint : "there are too many copies of a row";
    return kd_fail(e, s, g->complaint ? g->complaint_word : "overflow", "%s, at %s: %s", node, at, what);
}

/* Wakes the readers of what a node gave out one by one; those who come to it later queue it. */
static kd_status wake_each(kd_engine *g, const eng_node *n) {
    for (uint32_t i = 0; i < n->reader_count; i++) {
        const eng_reader *r = &g->readers[n->first_reader + i];
        if (!r->later) {
            eng_bits_set(&g->stage->dirty, r->node->id);
            continue;
        }
        kd_status s = r->node->op->take(g, r->node, r->input);
        if (s) return s;
    }
    return KD_OK;
}

/* What a node gave out goes to its readers, and is kept for its sinks and the trace. */
static inline kd_status pass_on(kd_engine *g, const eng_node *n) {
    eng_list *emitted = &g->stage->emitted;
    emitted->items[emitted->n++] = n->id;
    g->stats.rows_moved += n->out.n;
    kd_status s = KD_OK;
    if (n->wakes_many)
        s = wake_each(g, n);
    else
        g->stage->dirty.level[0][0] |= n->wakes;
    if (s) return s;
    for (uint32_t i = 0; i < n->sink_count; i++)
        eng_bits_set(&g->sinks_touched, g->sinks_of[n->first_sink + i]);
    return g->trace ? eng_trace_keep(g, n) : KD_OK;
}

void eng_clear_point(kd_engine *g) {
    eng_list *emitted = &g->stage->emitted;
    for (size_t i = 0; i < emitted->n; i++) g->nodes[emitted->items[i]].out.n = 0;
    emitted->n = 0;
}

kd_status eng_run_point(kd_engine *g, kd_error *e) {
    eng_bits *dirty = &g->stage->dirty;
    for (uint32_t id; (id = eng_bits_take(dirty)) != UINT32_MAX;) {
        eng_node *n = &g->nodes[id];
        g->stats.nodes_run++;
        kd_status s = n->op->run(g, n);
        if (!s && n->out.n) s = pass_on(g, n);
        if (s) return tell(g, n, s, e);
    }
    if (!g->stage->emitted.n && !eng_sinks_wait(g)) return KD_OK;
    if (g->undecided) return KD_OK;
    const eng_node *failing = NULL;
    kd_status s = g->sink_count ? eng_sinks_hear(g, &failing) : KD_OK;
    if (s) return tell(g, failing, s, e);
    s = g->watch.node && g->watch.node->out.n ? eng_watch_hear(g) : KD_OK;
    if (s == KD_NOMEM) return tell(g, NULL, s, e);
    if (s) return g->failed = s;
    eng_clear_point(g);
    return KD_OK;
}

/* Fires the timers due up to and including `to`: each instant is a time point, and what a time point sets for
 * its own instant is one more. */
static kd_status fire(kd_engine *g, kd_instant to, kd_error *e) {
    eng_stage *stage = g->stage;
    for (kd_instant at; (at = eng_wakes_next(&stage->instants)) <= to && at != KD_NEVER;) {
        g->now = at;
        g->pushed = false;
        g->stats.time_points++;
        if (g->trace && eng_trace_point(g, at, false)) return tell(g, NULL, KD_NOMEM, e);
        for (uint32_t id; (id = eng_wakes_take(&stage->instants, at)) != UINT32_MAX;) {
            eng_bits_set(&stage->dirty, id);
            g->stats.timers_fired++;
        }
        kd_status s = eng_run_point(g, e);
        if (s) return s;
    }
    return KD_OK;
}

/* ---- What the caller pushes -----------------------------------------------------------------------------*/

static kd_status refuse(kd_engine *g, kd_error *e, kd_status status, const char *reason, const char *what) {
    g->failed = status;
    return kd_fail(e, status, reason, "%s", what);
}

/* Why time may not go on to `at`. */
static kd_status tell_why_not(kd_engine *g, kd_instant at, kd_error *e) {
    if (g->failed)
        return kd_fail(e, g->failed, "engine_failed", "the engine failed before; it can only be closed");
    if (at < g->now)
        return refuse(g, e, KD_INVALID, "time_goes_back", "a time point lies before the one before it");
    if (at == KD_ABSENT || at == KD_NEVER)
        return refuse(g, e, KD_INVALID, "no_instant", "a time point has no instant");
    return refuse(g, e, KD_USAGE, "ended", "the log has ended");
}

/* May time go on to `at`? */
static inline kd_status may_go_on(kd_engine *g, kd_instant at, kd_error *e) {
    bool may = at >= g->now && at != KD_ABSENT && at != KD_NEVER && !g->failed && !g->ended;
    return may ? KD_OK : tell_why_not(g, at, e);
}

static kd_status check_event(kd_engine *g, const kd_event *v, kd_error *e) {
    if (v->input == 0 || v->input >= g->plan->node_count)
        return refuse(g, e, KD_USAGE, "no_input", "an event's node is not in the plan");
    const eng_node *n = &g->nodes[g->node_of[v->input]];
    if (n->op != &eng_op_input_pulse && n->op != &eng_op_input_level)
        return refuse(g, e, KD_USAGE, "no_input", "an event's node is no input");
    if (v->sign != 1 && (v->sign != -1 || n->kind == KD_PULSE))
        return refuse(g, e, KD_USAGE, "sign", "an event's sign is +1, or -1 for a level");
    if (n->width && !v->row) return refuse(g, e, KD_USAGE, "no_row", "an event has no row");
    return KD_OK;
}

/* Rows that come are put in before those that go, so that a time point's order does not matter to a level. */
static kd_status take_in(kd_engine *g, const kd_event *events, size_t count, int sign, kd_error *e) {
    for (size_t i = 0; i < count; i++) {
        const kd_event *v = &events[i];
        if (v->sign != sign) continue;
        eng_node *n = &g->nodes[g->node_of[v->input]];
        kd_status s = eng_input_take(g, n, sign, v->row, (uint32_t)i);
        if (!s && g->trace) s = eng_trace_event(g, n, v);
        if (s) return tell(g, n, s, e);
        eng_bits_set(&g->stages[0].dirty, n->id);
    }
    return KD_OK;
}

static kd_status push_in_log_time(kd_engine *g, kd_instant at, const kd_event *events, size_t count,
                                  kd_error *e) {
    kd_status s;
    if ((s = take_in(g, events, count, 1, e)) || (s = take_in(g, events, count, -1, e))) return s;
    g->stats.time_points++;
    g->stats.events += count;
    return eng_log_point(g, at, e);
}

kd_status kd_engine_push(kd_engine *g, kd_instant at, const kd_event *events, size_t count, kd_error *e) {
    kd_status s = may_go_on(g, at, e);
    for (size_t i = 0; !s && i < count; i++) s = check_event(g, &events[i], e);
    if (s) return s;
    if (g->options.log_time) return push_in_log_time(g, at, events, count, e);
    if ((s = fire(g, at, e))) return s;
    g->now = at;
    g->pushed = true;
    g->index = g->points++;
    g->stats.time_points++;
    g->stats.events += count;
    if (g->trace && eng_trace_point(g, at, true)) return tell(g, NULL, KD_NOMEM, e);
    eng_stage *stage = g->stage;
    for (uint32_t id; (id = eng_bits_take(&stage->at_next)) != UINT32_MAX;) eng_bits_set(&stage->dirty, id);
    if ((s = take_in(g, events, count, 1, e)) || (s = take_in(g, events, count, -1, e))) return s;
    if ((s = eng_run_point(g, e))) return s;
    return fire(g, at, e);
}

/* ---- For readers of logs --------------------------------------------------------------------------------*/

kd_batch *kd_engine_batch(kd_engine *g, kd_node input) {
    eng_node *n = input && input < g->plan->node_count ? &g->nodes[g->node_of[input]] : NULL;
    return n && n->op == &eng_op_input_pulse && g->options.log_time ? &n->out : NULL;
}

/* An input has nothing to compute: its rows wake its readers, unless somebody else is to know of them. */
static inline void begin_inputs(kd_engine *g) {
    eng_stage *first = &g->stages[0];
    uint64_t woken = 0;
    for (eng_node **p = g->inputs, **end = p + g->input_count; p < end; p++) {
        const eng_node *n = *p;
        if (!n->out.n) continue;
        g->stats.events += n->out.n;
        if (n->at_once && !n->wakes_many) {
            first->emitted.items[first->emitted.n++] = n->id;
            woken |= n->wakes;
        } else {
            eng_bits_set(&first->dirty, n->id);
        }
    }
    if (woken) first->dirty.level[0][0] |= woken;
}

kd_status kd_engine_point(kd_engine *g, kd_instant at, kd_error *e) {
    if (!g->options.log_time) return kd_engine_push(g, at, NULL, 0, e);
    kd_status s = may_go_on(g, at, e);
    if (s) return s;
    g->stats.time_points++;
    begin_inputs(g);
    return eng_log_point(g, at, e);
}

kd_status kd_engine_pass(kd_engine *g, kd_instant before, kd_instant at, uint64_t count, kd_error *e) {
    kd_status s = count ? may_go_on(g, at, e) : KD_OK;
    g->stats.time_points += count;
    return s ? s : eng_log_pass(g, before, at, count, e);
}

kd_instant kd_engine_quiet_until(const kd_engine *g) {
    return eng_log_quiet_until(g);
}

kd_status kd_engine_finish(kd_engine *g, kd_error *e) {
    kd_status s = may_go_on(g, g->now > INT64_MIN ? g->now : 0, e);
    if (s) return s;
    g->ended = true;
    return eng_log_point(g, KD_NEVER, e);
}

kd_status kd_engine_advance(kd_engine *g, kd_instant to, kd_error *e) {
    kd_status s = may_go_on(g, to, e);
    if (!s && g->options.log_time)
        s = refuse(g, e, KD_USAGE, "log_time", "in log time nothing happens between");
    if (s || (s = fire(g, to, e))) return s;
    g->now = to;
    return KD_OK;
}

/* ---- What the caller asks -------------------------------------------------------------------------------*/

kd_instant kd_engine_next_timer(const kd_engine *g) {
    return g->options.log_time ? KD_NEVER : eng_wakes_next(&g->stages[0].instants);
}

uint64_t kd_engine_time_point(const kd_engine *g) {
    return g->options.log_time ? g->index : g->stats.time_points - 1;
}

kd_engine_stats kd_engine_statistics(const kd_engine *g) {
    kd_engine_stats s = g->stats;
    s.live_rows = g->mem.live_rows;
    s.bytes = g->mem.bytes;
    return s;
}

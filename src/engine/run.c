/* run.c: opens an engine on a plan and runs time points: woken nodes, in topological order, once each. */
#include "engine/run.h"

#include <stdio.h>
#include <string.h>

/* ---- Opening --------------------------------------------------------------------------------------------*/

/* Who reads whom: the readers of all nodes in one array, those of one node side by side. */
static kd_status connect(kd_engine *g) {
    size_t edges = 0;
    for (uint32_t i = 1; i < g->node_count; i++)
        for (unsigned k = 0; k < 2; k++)
            if (g->nodes[i].in[k]) g->nodes[i].in[k]->reader_count++, edges++;
    g->readers = kd_arena_array(&g->arena, edges + 1, sizeof *g->readers);
    if (!g->readers) return KD_NOMEM;
    uint32_t first = 0;
    for (uint32_t i = 1; i < g->node_count; i++) {
        g->nodes[i].first_reader = first;
        first += g->nodes[i].reader_count;
        g->nodes[i].reader_count = 0;
    }
    for (uint32_t i = 1; i < g->node_count; i++)
        for (unsigned k = 0; k < 2; k++) {
            eng_node *in = g->nodes[i].in[k];
            if (in) g->readers[in->first_reader + in->reader_count++] = &g->nodes[i];
        }
    return KD_OK;
}

static kd_status make_nodes(kd_engine *g) {
    g->node_count = (uint32_t)g->plan->node_count;
    g->nodes = kd_arena_array(&g->arena, g->node_count, sizeof *g->nodes);
    if (!g->nodes) return KD_NOMEM;
    for (uint32_t i = 1; i < g->node_count; i++) {
        const plan_node *p = &g->plan->nodes[i];
        eng_node *n = &g->nodes[i];
        *n = (eng_node){.op = p->op,
                        .words = p->words,
                        .word_count = p->word_count,
                        .kind = p->kind,
                        .width = p->width,
                        .id = i};
        for (unsigned k = 0; k < 2; k++) n->in[k] = p->in[k] ? &g->nodes[p->in[k]] : NULL;
        if (n->op->state_bytes && !(n->state = kd_arena_take(&g->arena, n->op->state_bytes))) return KD_NOMEM;
    }
    return connect(g);
}

static kd_status make_room(kd_engine *g) {
    if (!eng_bits_open(&g->dirty, &g->mem, g->node_count) ||
        !eng_bits_open(&g->at_next_push, &g->mem, g->node_count) ||
        !eng_bits_open(&g->sinks_touched, &g->mem, g->sink_count) ||
        !eng_wakes_open(&g->wakes, &g->mem, g->node_count) ||
        !eng_reserve(&g->mem, &g->emitted.items, &g->emitted.room, g->node_count, sizeof(uint32_t)))
        return KD_NOMEM;
    return KD_OK;
}

static kd_status open_nodes(kd_engine *g) {
    for (g->opened = 1; g->opened < g->node_count;) {
        eng_node *n = &g->nodes[g->opened++];
        kd_status s = n->op->open ? n->op->open(g, n) : KD_OK;
        if (s) return s;
    }
    return KD_OK;
}

static kd_status run_point(kd_engine *g, kd_error *e);

kd_status kd_engine_open(const kd_plan *p, const kd_engine_options *o, kd_engine **out, kd_error *e) {
    *out = NULL;
    kd_status s = kd_plan_error(p, e);
    if (s) return s;
    const kd_allocator *from = o->from ? o->from : &kd_allocator_libc;
    kd_engine *g = NULL;
    if (!o->ceiling_bytes || o->ceiling_bytes >= sizeof *g) g = from->resize(from->ctx, NULL, 0, sizeof *g);
    if (!g) return kd_fail_nomem(e);
    memset(g, 0, sizeof *g);
    g->plan = p;
    g->options = *o;
    g->now = INT64_MIN;
    eng_mem_open(&g->mem, from, o->ceiling_bytes);
    g->mem.bytes = sizeof *g;
    kd_arena_open(&g->arena, &g->mem.counted);
    eng_reasons_open(&g->reasons, &g->mem);
    g->opening = true;
    if ((s = make_nodes(g)) || (s = eng_sinks_open(g)) || (s = make_room(g)) || (s = open_nodes(g)))
        s = kd_fail_nomem(e); /* nothing else can happen here */
    else
        s = run_point(g, e);
    g->opening = false;
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
        eng_release(&g->mem, &n->out.rows, &n->out.row_room, sizeof *n->out.rows);
        eng_release(&g->mem, &n->out.marks, &n->out.mark_room, sizeof *n->out.marks);
    }
    eng_sinks_close(g);
    eng_bits_close(&g->dirty, &g->mem);
    eng_bits_close(&g->at_next_push, &g->mem);
    eng_bits_close(&g->sinks_touched, &g->mem);
    eng_wakes_close(&g->wakes, &g->mem);
    eng_list_close(&g->mem, &g->emitted);
    eng_reasons_close(&g->reasons);
    eng_match_close(&g->match, &g->mem);
    kd_arena_close(&g->arena);
    const kd_allocator *from = g->mem.from;
    from->resize(from->ctx, g, sizeof *g, 0);
}

/* ---- Batches --------------------------------------------------------------------------------------------*/

kd_value *eng_emit(kd_engine *g, eng_node *n, int64_t count, kd_reason reason, uint32_t order) {
    eng_batch *b = &n->out;
    size_t values = (b->n + 1) * n->width + 1; /* never no room at all: the pointer is never NULL */
    if (values > b->row_room && !eng_reserve(&g->mem, &b->rows, &b->row_room, values, sizeof *b->rows))
        return NULL;
    if (b->n == b->mark_room && !eng_reserve(&g->mem, &b->marks, &b->mark_room, b->n + 1, sizeof *b->marks))
        return NULL;
    b->marks[b->n] = (eng_mark){count, reason, order};
    return b->rows + b->n++ * n->width;
}

kd_status eng_emit_row(kd_engine *g, eng_node *n, const kd_value *row, int64_t count, kd_reason reason,
                       uint32_t order) {
    kd_value *to = eng_emit(g, n, count, reason, order);
    if (!to) return KD_NOMEM;
    eng_copy(to, row, n->width);
    return KD_OK;
}

/* ---- A time point ---------------------------------------------------------------------------------------*/

/* The failure in words: which node, at which time point, what. */
static kd_status tell(kd_engine *g, const eng_node *n, kd_status s, kd_error *e) {
    g->failed = s;
    if (s == KD_NOMEM) return kd_fail_nomem(e);
    char node[160], at[32];
    kd_str label = g->plan->nodes[n->id].label;
    if (label.n)
        snprintf(node, sizeof node, "%.*s", (int)(label.n < 150 ? label.n : 150), label.p);
    else
        snprintf(node, sizeof node, "node %u (%s)", (unsigned)n->id, n->op->name);
    kd_civil c = kd_civil_of(g->now);
    if (g->opening)
        snprintf(at, sizeof at, "before the first time point");
    else
        snprintf(at, sizeof at, "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year, c.month, c.day, c.hour, c.minute,
                 c.second);
    const char *what = g->complaint ? g->complaint : "there are too many copies of a row";
    return kd_fail(e, s, g->complaint ? g->complaint_word : "overflow", "%s, at %s: %s", node, at, what);
}

/* What a node gave out wakes those who read it. */
static void pass_on(kd_engine *g, const eng_node *n) {
    g->emitted.items[g->emitted.n++] = n->id;
    g->stats.rows_moved += n->out.n;
    for (uint32_t i = 0; i < n->reader_count; i++)
        eng_bits_set(&g->dirty, g->readers[n->first_reader + i]->id);
    for (uint32_t i = 0; i < n->sink_count; i++)
        eng_bits_set(&g->sinks_touched, g->sinks_of[n->first_sink + i]);
}

static kd_status run_point(kd_engine *g, kd_error *e) {
    for (uint32_t id; (id = eng_bits_take(&g->dirty)) != UINT32_MAX;) {
        eng_node *n = &g->nodes[id];
        g->stats.nodes_run++;
        kd_status s = n->op->run(g, n);
        if (s) return tell(g, n, s, e);
        if (n->out.n) pass_on(g, n);
    }
    const eng_node *failing = NULL;
    kd_status s = eng_sinks_hear(g, &failing);
    if (s) return tell(g, failing, s, e);
    for (size_t i = 0; i < g->emitted.n; i++) g->nodes[g->emitted.items[i]].out.n = 0;
    g->emitted.n = 0;
    return KD_OK;
}

/* Fires the timers due up to and including `to`: each instant is a time point, and what a time point sets for
 * its own instant is one more. */
static kd_status fire(kd_engine *g, kd_instant to, kd_error *e) {
    for (kd_instant at; (at = eng_wakes_next(&g->wakes)) <= to && at != KD_NEVER;) {
        g->now = at;
        g->pushed = false;
        g->stats.time_points++;
        for (uint32_t id; (id = eng_wakes_take(&g->wakes, at)) != UINT32_MAX;) {
            eng_bits_set(&g->dirty, id);
            g->stats.timers_fired++;
        }
        kd_status s = run_point(g, e);
        if (s) return s;
    }
    return KD_OK;
}

/* ---- What the caller pushes -----------------------------------------------------------------------------*/

static kd_status refuse(kd_engine *g, kd_error *e, kd_status status, const char *reason, const char *what) {
    g->failed = status;
    return kd_fail(e, status, reason, "%s", what);
}

/* May time go on to `at`? */
static kd_status may_go_on(kd_engine *g, kd_instant at, kd_error *e) {
    if (g->failed)
        return kd_fail(e, g->failed, "engine_failed", "the engine failed before; it can only be closed");
    if (at < g->now)
        return refuse(g, e, KD_INVALID, "time_goes_back", "a time point lies before the one before it");
    if (at == KD_ABSENT || at == KD_NEVER)
        return refuse(g, e, KD_INVALID, "no_instant", "a time point has no instant");
    return KD_OK;
}

static kd_status check_event(kd_engine *g, const kd_event *v, kd_error *e) {
    if (v->input == 0 || v->input >= g->node_count)
        return refuse(g, e, KD_USAGE, "no_input", "an event's node is not in the plan");
    const eng_node *n = &g->nodes[v->input];
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
        eng_node *n = &g->nodes[v->input];
        kd_reason reason = 0;
        kd_status s = KD_OK;
        if (g->options.lineage && sign > 0) s = eng_reason_event(&g->reasons, v->origin, &reason);
        if (!s) s = eng_input_take(g, n, sign, v->row, reason, (uint32_t)i);
        if (s) return tell(g, n, s, e);
        eng_bits_set(&g->dirty, v->input);
    }
    return KD_OK;
}

kd_status kd_engine_push(kd_engine *g, kd_instant at, const kd_event *events, size_t count, kd_error *e) {
    kd_status s = may_go_on(g, at, e);
    for (size_t i = 0; !s && i < count; i++) s = check_event(g, &events[i], e);
    if (s || (s = fire(g, at, e))) return s;
    g->now = at;
    g->pushed = true;
    g->pushes++;
    g->stats.time_points++;
    g->stats.events += count;
    for (uint32_t id; (id = eng_bits_take(&g->at_next_push)) != UINT32_MAX;) eng_bits_set(&g->dirty, id);
    if ((s = take_in(g, events, count, 1, e)) || (s = take_in(g, events, count, -1, e))) return s;
    if ((s = run_point(g, e))) return s;
    return fire(g, at, e);
}

kd_status kd_engine_advance(kd_engine *g, kd_instant to, kd_error *e) {
    kd_status s = may_go_on(g, to, e);
    if (s || (s = fire(g, to, e))) return s;
    g->now = to;
    return KD_OK;
}

/* ---- What the caller asks -------------------------------------------------------------------------------*/

kd_instant kd_engine_next_timer(const kd_engine *g) {
    return eng_wakes_next(&g->wakes);
}

size_t kd_engine_origins(const kd_engine *g, kd_reason r, uint32_t *origins, size_t room) {
    return eng_reason_origins(&g->reasons, r, origins, room);
}

kd_engine_stats kd_engine_statistics(const kd_engine *g) {
    kd_engine_stats s = g->stats;
    s.live_rows = g->mem.live_rows;
    s.bytes = g->mem.bytes;
    return s;
}

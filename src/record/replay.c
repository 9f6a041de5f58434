/* replay.c: runs the program over the timeline and hears what comes and goes.
 *
 *      timeline ─▶ engine ─▶ heard ─▶ spans ─▶ history            up to the end of `on`
 *                       └──▶ dues heard ──▶ dues                  on to the horizon, as if all fell silent
 *
 * What a deadline finds missing after the end of `known` is not missing yet: nobody can have heard of it.
 * Such rows stay what they were, pending. */
#include "record/inside.h"
#include <stdlib.h>

typedef struct run {
    const kd_record *record;
    const kd_treaty *treaty;
    const kd_replay_options *o;
    const kd_allocator *from;
    kd_instant known_end;
    rec_timeline timeline;
    rec_spans spans;
    kd_engine *engine;
    kd_due *dues;
    size_t due_count, due_room;
    bool ahead;  /* past `on` */
    bool failed; /* no memory for a due */
} run;

/* ---- Hearing --------------------------------------------------------------------------------------------*/

static kd_due due_of(uint32_t sink, kd_instant since, const kd_value *row) {
    return (kd_due){.rule = (uint32_t)row[KD_V_RULE],
                    .party = (uint32_t)row[KD_V_PARTY],
                    .readings = sink - KD_SINK_VERDICT,
                    .since = since,
                    .due = row[KD_V_DUE] == KD_ABSENT ? KD_NEVER : row[KD_V_DUE],
                    .instance = row[KD_V_INSTANCE],
                    .statement = row[KD_V_STATEMENT] == KD_ABSENT ? REC_NONE : (uint32_t)row[KD_V_STATEMENT],
                    .excused = row[KD_V_STATUS] == KD_EXCUSED};
}

static bool add_due(run *u, kd_due due) {
    if (!rec_grow(u->from, (void **)&u->dues, &u->due_room, u->due_count + 1, sizeof *u->dues)) return false;
    u->dues[u->due_count++] = due;
    return true;
}

/* What comes up past `on`: obligations that begin to run. An excused one has to have a day to be one. */
static void hear_ahead(run *u, uint32_t sink, kd_instant at, const kd_value *row) {
    bool pending = row[KD_V_STATUS] == KD_PENDING;
    bool excused = row[KD_V_STATUS] == KD_EXCUSED && row[KD_V_DUE] != KD_ABSENT && row[KD_V_DUE] >= at;
    if ((pending || excused) && !add_due(u, due_of(sink, at, row))) u->failed = true;
}

/* Does this status say that something was not heard? */
static bool is_silence(const kd_treaty *t, const kd_value *row) {
    const kd_rule *r = &t->rules[row[KD_V_RULE]];
    if (row[KD_V_STATUS] == KD_NOT_SHOWN)
        return r->kind == KD_LIMIT || r->kind == KD_DUTY || r->kind == KD_QUOTA;
    if (row[KD_V_STATUS] != KD_BREACHED) return false;
    return r->kind == KD_DUTY || (r->kind == KD_QUOTA && r->at_least);
}

/* A row of silence as a pending one. */
static void as_pending(const kd_value *row, unsigned width, kd_value *out) {
    for (unsigned i = 0; i < width && i < REC_SPAN_WIDTH; i++) out[i] = row[i];
    out[KD_V_STATUS] = KD_PENDING;
}

static void hear_verdict(run *u, uint32_t sink, kd_instant at, int sign, const kd_value *row,
                         unsigned width) {
    if (width != KD_V_WIDTH) return;
    kd_value pending[REC_SPAN_WIDTH];
    uint64_t point = kd_engine_time_point(u->engine);
    bool silent = at > u->known_end && is_silence(u->treaty, row);
    if (silent) as_pending(row, width, pending);
    if (sign > 0 && silent) {
        kd_instant since = rec_spans_pending_since(&u->spans, sink, row, at);
        rec_spans_came(&u->spans, sink, pending, width, at, since, point);
    } else if (sign > 0) {
        rec_spans_came(&u->spans, sink, row, width, at, KD_NEVER, point);
    } else if (silent && !rec_spans_holds(&u->spans, sink, row, width)) {
        rec_spans_went(&u->spans, sink, pending, width, at);
    } else {
        rec_spans_went(&u->spans, sink, row, width, at);
    }
}

static void heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    run *u = ctx;
    if (u->ahead) {
        if (sink >= KD_SINK_VERDICT && sign > 0 && width == KD_V_WIDTH) hear_ahead(u, sink, at, row);
    } else if (sink >= KD_SINK_VERDICT) {
        hear_verdict(u, sink, at, sign, row, width);
    } else if (sink == KD_SINK_PAIRED) {
        return; /* the engine's own: what both say already counts as theirs */
    } else if (sign > 0) {
        rec_spans_came(&u->spans, sink, row, width, at, KD_NEVER, kd_engine_time_point(u->engine));
    } else {
        rec_spans_went(&u->spans, sink, row, width, at);
    }
}

/* ---- Running --------------------------------------------------------------------------------------------*/

static kd_status push_until(run *u, kd_instant end, bool receipts, kd_instant told_by, kd_error *e) {
    for (;;) {
        kd_instant at;
        size_t count;
        if (rec_timeline_next(&u->timeline, end, receipts, told_by, &at, &count)) return kd_fail_nomem(e);
        if (at > end) break;
        if (count == 0) continue;
        kd_status s = kd_engine_push(u->engine, at, u->timeline.events, count, e);
        if (s) return s;
        if (u->spans.failed || u->failed) return kd_fail_nomem(e);
    }
    kd_status s = kd_engine_advance(u->engine, end, e);
    return !s && (u->spans.failed || u->failed) ? kd_fail_nomem(e) : s;
}

/* What stands pending at `on` is due too, and what is excused and has its day still to come. */
static bool dues_at_on(run *u, kd_instant on_end) {
    for (size_t i = 0; i < u->spans.count; i++) {
        const rec_span *x = &u->spans.all[i];
        if (x->state != REC_HOLDS || x->sink < KD_SINK_VERDICT) continue;
        bool pending = x->row[KD_V_STATUS] == KD_PENDING;
        bool excused =
            x->row[KD_V_STATUS] == KD_EXCUSED && x->row[KD_V_DUE] != KD_ABSENT && x->row[KD_V_DUE] > on_end;
        if ((pending || excused) && !add_due(u, due_of(x->sink, x->since, x->row))) return false;
    }
    return true;
}

static kd_status keep_dues(run *u, kd_history *h, kd_arena *arena) {
    h->dues = kd_arena_array(arena, u->due_count, sizeof *h->dues);
    if (!h->dues) return KD_NOMEM;
    for (size_t i = 0; i < u->due_count; i++) h->dues[i] = u->dues[i];
    h->due_count = u->due_count;
    rec_dues_settle(h);
    return KD_OK;
}

static kd_status run_all(run *u, kd_history *h, kd_arena *arena, kd_error *e) {
    kd_instant on_end = kd_day_end(u->o->on);
    kd_status s = push_until(u, on_end, true, KD_NEVER, e);
    if (s) return s;
    rec_spans_end(&u->spans);
    if (!dues_at_on(u, on_end)) return kd_fail_nomem(e);
    if (rec_history_make(h, &u->spans, arena, u->from)) return kd_fail_nomem(e);
    h->statements_used = u->timeline.limit;
    u->ahead = true;
    if (u->o->horizon > u->o->on) s = push_until(u, kd_day_end(u->o->horizon), false, on_end, e);
    if (!s && keep_dues(u, h, arena)) s = kd_fail_nomem(e);
    return s;
}

/* ---- What forces a finding ------------------------------------------------------------------------------*/

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Statements among the origins, and the corrections whose fields stand in for theirs. */
static kd_status keep_statements(const run *u, const uint32_t *origins, size_t count, kd_arena *arena,
                                 rec_why *why) {
    const uint32_t *effective = u->timeline.effective;
    why->statements = kd_arena_array(arena, 2 * count + 1, sizeof *why->statements);
    if (!why->statements) return KD_NOMEM;
    for (size_t i = 0; i < count; i++) {
        uint32_t o = origins[i];
        if (o >= u->record->statement_count) continue;
        why->statements[why->count++] = o;
        if (effective && effective[o] != o && effective[o] != REC_NONE)
            why->statements[why->count++] = effective[o];
    }
    qsort(why->statements, why->count, sizeof *why->statements, by_number);
    return KD_OK;
}

/* The row of a node, if the node had it. *there says whether it did. */
static kd_status ask(const run *u, kd_node node, const rec_span *x, kd_arena *arena, rec_why *why,
                     bool *there, kd_error *e) {
    size_t room = u->record->statement_count + 1, count;
    uint32_t *origins = rec_take(u->from, room, sizeof *origins);
    if (!origins) return kd_fail_nomem(e);
    kd_status s = kd_engine_why(u->engine, node, x->point, x->heard, origins, room, &count, e);
    *there = s == KD_OK;
    if (s == KD_FAILED) s = KD_OK;
    if (!s && *there && keep_statements(u, origins, count, arena, why)) s = kd_fail_nomem(e);
    rec_free(u->from, origins, room + 1, sizeof *origins);
    return s;
}

static bool is_of(const rec_span *x, const kd_verdict *v) {
    if (x->state != REC_HOLDS && x->state != REC_OVER) return false;
    return x->sink == KD_SINK_VERDICT + v->readings && x->since == v->since &&
           x->row[KD_V_RULE] == (kd_value)v->rule && x->row[KD_V_PARTY] == (kd_value)v->party &&
           x->row[KD_V_STATUS] == v->status && x->row[KD_V_INSTANCE] == v->instance &&
           x->row[KD_V_DUE] == v->due && x->row[KD_V_FIGURE] == v->figure;
}

/* Several nodes may be heard under one number: the one that had the row tells. */
static kd_status find_why(const run *u, const kd_program *program, kd_arena *arena, rec_why *why,
                          kd_error *e) {
    for (size_t i = 0; i < u->spans.count; i++) {
        const rec_span *x = &u->spans.all[i];
        if (!is_of(x, why->of)) continue;
        bool there = false;
        for (size_t k = 0; !there; k++) {
            kd_node node = kd_plan_heard(program->plan, x->sink, k);
            if (!node) break;
            kd_status s = ask(u, node, x, arena, why, &there, e);
            if (s) return s;
        }
        if (there) return KD_OK;
    }
    return KD_OK;
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

/* `why` may be NULL, and so may `out`. */
static kd_status replay(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                        kd_arena *arena, const kd_allocator *from, rec_why *why, kd_history **out,
                        kd_error *e) {
    if (!from) from = &kd_allocator_libc;
    run u = {.record = r, .treaty = r->treaty, .o = o, .from = from, .known_end = kd_day_end(o->known)};
    rec_spans_open(&u.spans, from);
    kd_history *h = kd_arena_take(arena, sizeof *h);
    kd_engine_options options = {.from = from, .trace = why != NULL, .heard = heard, .ctx = &u};
    kd_status s = h ? rec_timeline_open(r, program, o, from, &u.timeline) : KD_NOMEM;
    if (s) s = kd_fail_nomem(e);
    if (!s) s = kd_engine_open(program->plan, &options, &u.engine, e);
    if (!s) {
        h->record = r;
        h->asked = *o;
        s = run_all(&u, h, arena, e);
    }
    if (!s && why) s = find_why(&u, program, arena, why, e);
    kd_engine_close(u.engine);
    if (h) rec_timeline_close(&u.timeline);
    rec_spans_close(&u.spans);
    rec_free(from, u.dues, u.due_room, sizeof *u.dues);
    if (!s && out) *out = h;
    return s;
}

kd_status rec_replay(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                     kd_arena *arena, const kd_allocator *from, kd_history **out, kd_error *e) {
    return replay(r, program, o, arena, from, NULL, out, e);
}

kd_status rec_replay_why(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                         kd_arena *arena, const kd_allocator *from, rec_why *why, kd_error *e) {
    return replay(r, program, o, arena, from, why, NULL, e);
}

kd_status kd_replay(const kd_record *r, const kd_replay_options *o, kd_arena *arena, const kd_allocator *from,
                    kd_history **out, kd_error *e) {
    kd_program program = {0};
    kd_status s = kd_treaty_compile(r->treaty, arena, from, r->symbols, &program, e);
    if (!s) s = rec_replay(r, &program, o, arena, from, out, e);
    kd_plan_close(program.plan);
    return s;
}

/* derive.c: the statements that alone make a finding, none of which can be left out.
 *
 *      the engine's why ─▶ candidates ─▶ is it there with them alone? ─▶ leave out what can be left out ─▶ derivation
 *                                               │ no
 *                                               └─▶ every statement that the program hears of
 *
 * The engine tells which events force the row of that instant; a finding is less than a row (its figure may
 * differ), and a statement may give several events. So the engine proposes, and replays confirm. Leaving out
 * goes by halves, quarters and so on down to single statements (Zeller and Hildebrandt, "Simplifying and
 * isolating failure-inducing input", 2002); what the engine proposed mostly stays whole, each tried once. */
#include "record/inside.h"
#include <string.h>

typedef struct deriver {
    const kd_history *h;
    const kd_verdict *v;
    const kd_program *program;
    const kd_allocator *from;
    kd_error *e;
    uint32_t *set; /* what is left */
    size_t count;
    uint32_t *trial;
    int64_t work_left; /* statements that may still be replayed */
} deriver;

/* Bounds the search on a large record: about as much work as replaying a million statements. */
#define WORK_MOST       INT64_C(1000000)
#define WORK_PER_REPLAY 64

static bool is_same(const kd_verdict *v, const kd_verdict *w) {
    return w->rule == v->rule && w->party == v->party && w->status == v->status &&
           (w->readings & v->readings) && kd_instant_day(w->since) == kd_instant_day(v->since);
}

/* Replays these statements alone; is the finding there? */
static kd_status replay_alone(deriver *d, const uint32_t *only, size_t count, bool without_complete,
                              bool *there) {
    static const uint32_t none = 0;
    kd_replay_options o = d->h->asked;
    o.only = only ? only : &none;
    o.only_count = count;
    o.horizon = o.on;
    o.leave_out_complete = o.leave_out_complete || without_complete;
    kd_arena arena;
    kd_arena_open(&arena, d->from);
    kd_history *h = NULL;
    kd_status s = rec_replay(d->h->record, d->program, &o, &arena, d->from, &h, d->e);
    *there = false;
    for (size_t i = 0; !s && i < h->verdict_count && !*there; i++) *there = is_same(d->v, &h->verdicts[i]);
    kd_arena_close(&arena);
    d->work_left -= (int64_t)count + WORK_PER_REPLAY;
    return s;
}

/* Tries without set[begin..end); takes it out for good when the finding stays. */
static kd_status try_without(deriver *d, size_t begin, size_t end, bool *gone) {
    memcpy(d->trial, d->set, begin * sizeof *d->trial);
    memcpy(d->trial + begin, d->set + end, (d->count - end) * sizeof *d->trial);
    size_t left = d->count - (end - begin);
    bool there;
    kd_status s = replay_alone(d, d->trial, left, false, &there);
    *gone = !s && there;
    if (!*gone) return s;
    memcpy(d->set, d->trial, left * sizeof *d->set);
    d->count = left;
    return KD_OK;
}

/* Leaves out whatever can be left out. *done: every statement left was tried alone and is needed. */
static kd_status reduce(deriver *d, bool *done) {
    size_t piece = d->count > 16 ? d->count / 2 : 1;
    *done = false;
    while (d->work_left > 0) {
        bool any = false;
        for (size_t i = 0; i < d->count && d->work_left > 0;) {
            size_t end = i + piece < d->count ? i + piece : d->count;
            bool gone;
            kd_status s = try_without(d, i, end, &gone);
            if (s) return s;
            any = any || gone;
            if (!gone) i = end;
        }
        if (d->work_left <= 0 && d->count) return KD_OK;
        if (!any && piece == 1) {
            *done = true;
            return KD_OK;
        }
        if (!any) piece = piece / 2;
        if (piece > d->count) piece = d->count ? d->count : 1;
    }
    return KD_OK;
}

/* ---- Candidates -----------------------------------------------------------------------------------------*/

static kd_status copy_set(deriver *d, kd_arena *arena, const uint32_t *from, size_t count) {
    d->set = kd_arena_array(arena, count, sizeof *d->set);
    d->trial = kd_arena_array(arena, count, sizeof *d->trial);
    if (!d->set || !d->trial) return kd_fail_nomem(d->e);
    if (count) memcpy(d->set, from, count * sizeof *d->set);
    d->count = count;
    return KD_OK;
}

/* What the engine says, in a replay that keeps what its nodes gave out. */
static kd_status candidates(deriver *d, kd_arena *arena) {
    kd_replay_options o = d->h->asked;
    o.horizon = o.on;
    rec_why why = {.of = d->v};
    kd_status s = rec_replay_why(d->h->record, d->program, &o, arena, d->from, &why, d->e);
    return s ? s : copy_set(d, arena, why.statements, why.count);
}

/* Every known statement that the program hears of, and every correction. */
static kd_status all_heard(deriver *d, kd_arena *arena) {
    const kd_record *r = d->h->record;
    const kd_replay_options *o = &d->h->asked;
    size_t most = o->only ? o->only_count : r->statement_count, count = 0;
    bool *heard = kd_arena_array(arena, r->treaty->notice_count, sizeof *heard);
    uint32_t *all = kd_arena_array(arena, most, sizeof *all);
    if (!heard || !all) return kd_fail_nomem(d->e);
    for (size_t i = 0; i < d->program->feed_count; i++) heard[d->program->feeds[i].notice] = true;
    for (size_t i = 0; i < most; i++) {
        uint32_t n = o->only ? o->only[i] : (uint32_t)i;
        if (r->statements[n].received.at <= kd_day_end(o->known) && heard[r->statements[n].notice])
            all[count++] = n;
    }
    return copy_set(d, arena, all, count);
}

static kd_status derive(deriver *d, kd_arena *scratch, bool *confirmed, bool *silence) {
    bool there = false, done = false;
    kd_status s = candidates(d, scratch);
    if (!s) s = replay_alone(d, d->set, d->count, false, &there);
    if (!s && !there) {
        s = all_heard(d, scratch);
        if (!s) s = replay_alone(d, d->set, d->count, false, &there);
    }
    if (!s && there) s = reduce(d, &done);
    *confirmed = there && done;
    *silence = false;
    if (s || !there || d->h->asked.leave_out_complete) return s;
    s = replay_alone(d, d->set, d->count, true, &there);
    *silence = !there;
    return s;
}

kd_status kd_derive(const kd_history *h, const kd_verdict *v, kd_arena *arena, const kd_allocator *from,
                    kd_derivation *out, kd_error *e) {
    if (!from) from = &kd_allocator_libc;
    kd_arena scratch;
    kd_arena_open(&scratch, from);
    kd_program program = {0};
    deriver d = {.h = h, .v = v, .program = &program, .from = from, .e = e, .work_left = WORK_MOST};
    *out = (kd_derivation){0};
    kd_status s = kd_treaty_compile(h->record->treaty, &scratch, from, h->record->symbols, &program, e);
    if (!s) s = derive(&d, &scratch, &out->confirmed, &out->rests_on_silence);
    if (!s) {
        uint32_t *kept = kd_arena_array(arena, d.count, sizeof *kept);
        if (kept && d.count) memcpy(kept, d.set, d.count * sizeof *kept);
        out->statements = kept;
        out->count = d.count;
        if (!kept) s = kd_fail_nomem(e);
    }
    kd_plan_close(program.plan);
    kd_arena_close(&scratch);
    return s;
}

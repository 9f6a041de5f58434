/* test_replay.c: a record becomes a history: as known and as it was, silence, dues, bindings, derivations. */
#include "record/inside.h"
#include "record_world.h"

/* ---- Verdicts -------------------------------------------------------------------------------------------*/

static void test_late(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "moving", "2012-03-20", "item m1\noccurred 2012-03-01\n");
    say(&w, 0, "told", "2012-03-22", "item m1\n");
    if (world_bind(&w)) {
        if (replay(&w, "2012-04-01", "2012-04-01", 0))
            kdtest_claim(row(&w, "move_told", 0, KD_BREACHED, "2012-03-07", "2012-03-22"),
                         "what is told late happened when it happened: a breach from the day after its term");
        if (replay(&w, "2012-03-10", "2012-03-10", 0))
            kdtest_claim(rows_of(&w, "move_told", 0, KD_BREACHED, NULL) == 0,
                         "as known on a day, nothing later is used");
        if (replay(&w, "2012-03-10", "2012-04-01", 0))
            kdtest_claim(
                row(&w, "move_told", 0, KD_BREACHED, "2012-03-07", ""),
                "as it was on a day, all that is known now is used, and a breach holds that ended later");
        if (replay(&w, "2012-04-01", "2012-04-01", 0))
            kdtest_claim(rows_of(&w, "move_told", 0, KD_PENDING, NULL) == 0 &&
                             rows_of(&w, "move_told", 0, KD_KEPT, NULL) == 1,
                         "pending rows that are over are gone, the last kept one stays");
    }
    world_close(&w);
}

static void test_correction(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "data", "2012-03-20", "as_of 2012-03-01\nlaunchers 900\n");
    add(&w, 0, "data", "2012-05-01", "2012-05-01", "UR/1", "as_of 2012-03-01\nlaunchers 950\n");
    add(&w, 0, "data", "2012-06-01", "2012-06-01", "UR/2", "as_of 2012-03-01\nlaunchers 700\n");
    if (world_bind(&w)) {
        const kd_verdict *v = NULL;
        if (replay(&w, "2012-04-10", "2012-04-10", 0))
            kdtest_claim(rows_of(&w, "launchers_limit", 0, KD_BREACHED, &v) == 1 && v->figure == 900,
                         "before its correction is known a statement says what it said");
        if (replay(&w, "2012-05-10", "2012-05-10", 0))
            kdtest_claim(rows_of(&w, "launchers_limit", 0, KD_BREACHED, &v) == 1 && v->figure == 950 &&
                             kd_instant_day(v->since) == day("2012-03-20"),
                         "once it is known, the correction holds from the time of what it corrects");
        if (replay(&w, "2012-04-10", "2012-07-01", 0))
            kdtest_claim(rows_of(&w, "launchers_limit", 0, KD_BREACHED, NULL) == 0 &&
                             rows_of(&w, "launchers_limit", 0, KD_KEPT, &v) == 1 && v->figure == 700,
                         "a correction of a correction replaces both");
        int64_t first = kd_record_find(w.record, KD_STR("UR/1")),
                second = kd_record_find(w.record, KD_STR("UR/2"));
        kdtest_claim(w.record->statements[second].corrects == (uint32_t)first &&
                         w.record->statements[first].corrected_by == (uint32_t)second,
                     "both ends of a correction know each other");
        kd_derivation d = {0};
        bool own = false, other = false;
        if (v && kd_derive(w.history, v, &w.arena, NULL, &d, &w.error)) v = NULL;
        for (size_t i = 0; i < d.count; i++) {
            own |= d.statements[i] == (uint32_t)first;
            other |= d.statements[i] > (uint32_t)first;
        }
        kdtest_claim(v && own && other && v->statement == (uint32_t)first,
                     "the finding rests on the statement under its own number, and on its correction");
    }
    world_close(&w);
}

/* Days on which rows of a status began, per rule and Party. */
static size_t begun(const world *w, int status, kd_day *out, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < w->history->verdict_count; i++) {
        const kd_verdict *v = &w->history->verdicts[i];
        if (v->status == status && w->treaty->rules[v->rule].kind == KD_DUTY && v->readings & 1 && n < room)
            out[n++] = kd_instant_day(v->since) * 64 + v->rule * 2 + v->party;
    }
    return n;
}

static void tell_story(world *w) {
    begin(w);
    say(w, 0, "data", "2011-09-20", "as_of 2011-09-01\nlaunchers 600\n");
    say(w, 1, "moving", "2012-02-01", "item x\noccurred 2012-02-01\n");
    say(w, 1, "moving", "2012-05-01", "item y\noccurred 2012-05-01\n");
    say(w, 1, "told", "2012-05-04", "item y\n");
}

static void test_silence(void) {
    world open, complete;
    kd_day not_shown[64], breached[64];
    if (!world_open(&open, OPEN_ALL) || !world_open(&complete, COMPLETE_ALL)) return;
    tell_story(&open);
    tell_story(&complete);
    if (world_bind(&open) && world_bind(&complete) && replay(&open, "2013-01-01", "2013-01-01", 0) &&
        replay(&complete, "2013-01-01", "2013-01-01", 0)) {
        size_t n = begun(&open, KD_NOT_SHOWN, not_shown, 64), m = begun(&complete, KD_BREACHED, breached, 64);
        kdtest_claim(n == m && n >= 5 && memcmp(not_shown, breached, n * sizeof *breached) == 0,
                     "declared complete, each of %zu not shown becomes a breach on its day (%zu)", n, m);
        kdtest_claim(begun(&open, KD_BREACHED, breached, 64) == 0 &&
                         begun(&complete, KD_NOT_SHOWN, breached, 64) == 0,
                     "silence is not shown where the record is open, and a breach where it is complete");
    }
    world_close(&open);
    world_close(&complete);
}

static void test_pending(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "moving", "2012-03-01", "item m1\noccurred 2012-03-01\n");
    if (world_bind(&w)) {
        if (replay(&w, "2012-03-10", "2012-03-03", 0)) {
            kdtest_claim(rows_of(&w, "move_told", 0, KD_BREACHED, NULL) == 0 &&
                             row(&w, "move_told", 0, KD_PENDING, "2012-03-01", ""),
                         "silence after what is known is pending, since the obligation began");
            size_t due = 0;
            for (size_t i = 0; i < w.history->due_count; i++)
                due += (int)w.history->dues[i].rule == rule(&w, "move_told");
            kdtest_claim(due >= 1, "and it is due still");
        }
        if (replay(&w, "2012-03-10", "2012-03-10", 0))
            kdtest_claim(row(&w, "move_told", 0, KD_BREACHED, "2012-03-07", ""),
                         "silence that is known is a breach");
    }
    world_close(&w);
}

static size_t dues_of(const world *w, const char *name, uint32_t party, const char *due) {
    size_t n = 0;
    for (size_t i = 0; i < w->history->due_count; i++) {
        const kd_due *d = &w->history->dues[i];
        n += (int)d->rule == rule(w, name) && d->party == party && kd_instant_day(d->due) == day(due);
    }
    return n;
}

static void test_dues(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "moving", "2012-02-20", "item m1\noccurred 2012-02-20\n");
    say(&w, 0, "moving", "2012-02-21", "item m2\noccurred 2012-03-05\n");
    say(&w, 0, "moving", "2012-02-24", "item m3\noccurred 2012-03-06\n");
    if (world_bind(&w) && replay(&w, "2012-02-22", "2012-02-22", 0)) {
        size_t before = w.history->verdict_count;
        kdtest_claim(dues_of(&w, "move_told", 0, "2012-02-25") == 1, "what stands pending is due");
        kdtest_claim(dues_of(&w, "half_data", 1, "2012-03-30") == 0, "what begins later is not due yet");
        if (replay(&w, "2012-02-22", "2012-02-22", 30)) {
            kdtest_claim(dues_of(&w, "half_data", 0, "2012-03-30") == 1 &&
                             dues_of(&w, "half_data", 1, "2012-03-30") == 1,
                         "what comes up before the horizon is due, once for each Party");
            kdtest_claim(dues_of(&w, "move_told", 0, "2012-03-10") == 1,
                         "what is known to come has its own term");
            kdtest_claim(dues_of(&w, "move_told", 0, "2012-03-11") == 0,
                         "what was received later is not foreseen");
            kdtest_claim(w.history->verdict_count == before, "looking ahead changes no verdict");
            bool sorted = true;
            for (size_t i = 1; i < w.history->due_count; i++)
                sorted = sorted && w.history->dues[i - 1].due <= w.history->dues[i].due;
            kdtest_claim(sorted, "dues are in the order of their days");
        }
    }
    world_close(&w);
}

static void test_dues_as_it_was(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "moving", "2012-02-21", "item m2\noccurred 2012-03-05\n");
    say(&w, 0, "moving", "2012-02-24", "item m3\noccurred 2012-03-06\n");
    if (world_bind(&w) && replay(&w, "2012-02-22", "2012-04-01", 30))
        kdtest_claim(dues_of(&w, "move_told", 0, "2012-03-10") == 1 &&
                         dues_of(&w, "move_told", 0, "2012-03-11") == 0,
                     "as it was on a day, what was received after it is not foreseen on it");
    world_close(&w);
}

static void test_pending_limit(void) {
    world w;
    if (!world_open(&w, OPEN_ALL)) return;
    begin(&w);
    say(&w, 0, "data", "2011-12-20", "as_of 2011-12-01\nlaunchers 900\n");
    if (world_bind(&w)) {
        if (replay(&w, "2012-02-01", "2011-12-31", 0))
            kdtest_claim(
                row(&w, "launchers_limit", 0, KD_PENDING, "2011-12-20", "") &&
                    rows_of(&w, "launchers_limit", 0, KD_NOT_SHOWN, NULL) <= 1,
                "a figure before the limit's first day is pending still when nothing later is known");
        if (replay(&w, "2012-02-01", "2012-02-01", 0))
            kdtest_claim(row(&w, "launchers_limit", 0, KD_NOT_SHOWN, "2012-01-01", ""),
                         "and from its first day on not shown when it is known that nothing came");
    }
    world_close(&w);
}

/* What the timeline gives at one instant: the inputs, in order. */
static void test_complete_first(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    kd_program program = {0};
    begin(&w);
    say(&w, 0, "told", "2011-02-05T00:00:00Z", "item m1\n");
    if (world_bind(&w) && !kd_treaty_compile(w.treaty, &w.arena, NULL, w.symbols, &program, &w.error)) {
        kd_replay_options o = {.on = day("2012-01-01"), .known = day("2012-01-01")};
        rec_timeline t;
        kd_instant at = 0;
        size_t count = 0;
        bool fine = rec_timeline_open(w.record, &program, &o, &kd_allocator_libc, &t) == KD_OK &&
                    rec_timeline_next(&t, KD_NEVER - 1, true, KD_NEVER, &at, &count) == KD_OK && count == 4;
        for (size_t i = 0; fine && i < count; i++) fine = t.events[i].input == program.complete;
        fine =
            fine && rec_timeline_next(&t, KD_NEVER - 1, true, KD_NEVER, &at, &count) == KD_OK && count >= 1;
        kdtest_claim(fine && t.events[0].input != program.complete && at == kd_day_begin(day("2011-02-05")),
                     "at one instant, what the record is complete for changes before anything is said");
        rec_timeline_close(&t);
        kd_plan_close(program.plan);
    }
    world_close(&w);
}

static void test_life_and_binding(void) {
    world w;
    if (!world_open(&w, OPEN_ALL)) return;
    begin(&w);
    say(&w, 1, "storm", "2012-03-01", "");
    say(&w, 1, "calm", "2012-06-01", "");
    uint32_t moves = 1;
    if (world_bind(&w)) {
        if (replay(&w, "2011-02-04", "2011-02-04", 0))
            kdtest_claim(!w.history->in_force && w.history->in_force_since == KD_NEVER &&
                             kd_history_binding(w.history, 0, moves, 0).shade == KD_NOT_YET,
                         "before the entry into force nobody is bound yet");
        if (replay(&w, "2012-04-01", "2012-04-01", 0)) {
            kdtest_claim(w.history->in_force &&
                             kd_instant_day(w.history->in_force_since) == day("2011-02-05") &&
                             kd_instant_day(w.history->last_day) == day("2021-02-05"),
                         "in force from the day both said so, to the end of its tenth year");
            kd_binding om = kd_history_binding(w.history, 1, moves, 1);
            kdtest_claim(om.shade == KD_FREED && om.by &&
                             om.by->statement == (uint32_t)kd_record_find(w.record, KD_STR("OM/1")),
                         "a reading frees, by a statement");
            kdtest_claim(kd_history_binding(w.history, 0, moves, 1).shade == KD_BOUND,
                         "under the other reading it is bound");
            kdtest_claim(kd_history_binding(w.history, 1, moves, 0).shade == KD_BOUND,
                         "the other Party is bound");
            kdtest_claim(kd_history_binding(w.history, 1, moves, KD_BOTH).shade == KD_FREED,
                         "what both owe together is not owed while one is free");
            kdtest_claim(kd_history_binding_at(w.history, 1, moves, 1, kd_day_end(day("2012-02-28"))).shade ==
                             KD_BOUND,
                         "the day before, it was bound");
        }
        if (replay(&w, "2012-07-01", "2012-07-01", 0)) {
            kdtest_claim(kd_history_binding(w.history, 1, moves, 1).shade == KD_BOUND,
                         "when the reason is over, it is bound again");
            kdtest_claim(w.history->fact_count == 1 &&
                             kd_instant_day(w.history->facts[0].until) == day("2012-06-01") &&
                             w.history->facts[0].args[0] == 1,
                         "the fact has its Party and its end");
        }
        if (replay(&w, "2021-02-06", "2021-02-06", 0))
            kdtest_claim(w.history->ended && !w.history->in_force &&
                             kd_instant_day(w.history->ended_since) == day("2021-02-06") &&
                             kd_history_binding(w.history, 0, moves, 0).shade == KD_ENDED,
                         "after its last day it has ended");
    }
    world_close(&w);
}

/* ---- Derivations ----------------------------------------------------------------------------------------*/

/* Ids of a derivation, joined. */
static const char *derived(world *w, const kd_verdict *v, kd_derivation *d) {
    kd_text ids;
    kd_text_open(&ids, NULL);
    if (kd_derive(w->history, v, &w->arena, NULL, d, &w->error)) return w->error.message;
    for (size_t i = 0; i < d->count; i++) {
        if (i) kd_text_putc(&ids, ' ');
        kd_said_id(w->record, d->statements[i], &ids);
    }
    const char *all = kd_arena_copy(&w->arena, ids.p ? ids.p : "", ids.n);
    kd_text_close(&ids);
    return all;
}

static void test_derivation(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "gossip", "2011-03-01", "what nothing\n");
    say(&w, 0, "data", "2011-09-20", "as_of 2011-09-01\nlaunchers 600\n");
    say(&w, 1, "storm", "2011-10-01", "");
    say(&w, 1, "calm", "2011-11-01", "");
    say(&w, 1, "moving", "2012-02-01", "item x\noccurred 2012-02-01\n");
    say(&w, 0, "moving", "2012-02-01", "item x\noccurred 2012-02-01\n");
    say(&w, 0, "data", "2012-03-20", "as_of 2012-03-01\nlaunchers 900\n");
    add(&w, 0, "data", "2012-04-01", "2012-04-01", "UR/4", "as_of 2012-03-01\nlaunchers 901\n");
    kd_derivation d;
    const kd_verdict *v = NULL;
    if (world_bind(&w) && replay(&w, "2012-06-01", "2012-06-01", 0)) {
        if (kdtest_claim(rows_of(&w, "move_told", 1, KD_BREACHED, &v) == 1, "there is a breach to derive")) {
            const char *ids = derived(&w, v, &d);
            kdtest_claim(strcmp(ids, "UR/0 OM/0 OM/3") == 0 && d.confirmed,
                         "a breach rests on the entry into force, in both books, and its trigger: %s", ids);
            kdtest_claim(d.rests_on_silence, "and on silence");
        }
        if (kdtest_claim(rows_of(&w, "launchers_limit", 0, KD_BREACHED, &v) == 1,
                         "there is a figure above its limit")) {
            const char *ids = derived(&w, v, &d);
            kdtest_claim(
                strcmp(ids, "UR/0 OM/0 UR/4") == 0 && d.confirmed && !d.rests_on_silence,
                "a figure above a limit rests on no silence, and on no correction that changes nothing: %s",
                ids);
        }
    }
    world_close(&w);
}

/* A record full of what has nothing to do with it. */
static void test_derivation_among_many(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    for (int i = 0; i < 30; i++) say(&w, 0, "told", "2011-03-01", "item none\n");
    say(&w, 1, "moving", "2012-02-01", "item x\noccurred 2012-02-01\n");
    kd_derivation d;
    const kd_verdict *v = NULL;
    if (world_bind(&w) && replay(&w, "2012-06-01", "2012-06-01", 0) &&
        kdtest_claim(rows_of(&w, "move_told", 1, KD_BREACHED, &v) == 1, "there is a breach to derive")) {
        const char *ids = derived(&w, v, &d);
        kdtest_claim(strcmp(ids, "UR/0 OM/0 OM/1") == 0 && d.confirmed,
                     "a finding is derived from among all statements: %s", ids);
    }
    world_close(&w);
}

int main(void) {
    test_late();
    test_correction();
    test_silence();
    test_pending();
    test_dues();
    test_dues_as_it_was();
    test_pending_limit();
    test_complete_first();
    test_life_and_binding();
    test_derivation();
    test_derivation_among_many();
    return kdtest_end("test_replay");
}

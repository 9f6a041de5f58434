/* example.c: runs an in-file example: its statements as a record of their own, its expectations as questions
 * to it. */
#include "record/inside.h"
#include <string.h>

typedef struct trial {
    kd_treaty treaty; /* the treaty, complete for what the example says */
    const kd_example *example;
    kd_symbols *symbols;
    kd_arena arena;
    const kd_allocator *from;
    kd_record *record;
    kd_program program;
    kd_history *history; /* of the day `day` */
    kd_arena history_arena;
    kd_day day;
    kd_error *e;
} trial;

/* ---- The record of an example ---------------------------------------------------------------------------*/

static kd_status declare_complete(trial *x) {
    const kd_example *ex = x->example;
    size_t parties = x->treaty.party_count, n = 0;
    kd_complete *all = kd_arena_array(&x->arena, ex->complete_count * parties, sizeof *all);
    if (!all) return kd_fail_nomem(x->e);
    for (size_t i = 0; i < ex->complete_count; i++)
        for (size_t p = 0; p < parties; p++)
            all[n++] =
                (kd_complete){ex->complete[i], (uint32_t)p, kd_day_begin(kd_day_of(1, 1, 1)), KD_NEVER};
    x->treaty.complete = all;
    x->treaty.complete_count = n;
    x->treaty.has_record = false;
    return KD_OK;
}

/* Fields as a statement has them: in the order of the notice, lists in the order written. */
static kd_status tell_fields(trial *x, const kd_example_statement *st, kd_statement *told) {
    const kd_notice *notice = &x->treaty.notices[st->notice];
    told->fields = kd_arena_array(&x->arena, st->field_count, sizeof *told->fields);
    if (!told->fields) return kd_fail_nomem(x->e);
    for (size_t f = 0; f < notice->field_count; f++)
        for (size_t i = 0; i < st->field_count; i++)
            if (st->fields[i].field == f)
                told->fields[told->field_count++] =
                    (kd_statement_field){notice->fields[f].name, st->fields[i].value, st->line};
    return KD_OK;
}

static kd_status say(trial *x, const kd_example_statement *st, uint32_t party, uint64_t index, kd_said *said,
                     kd_value **row) {
    kd_stamp at = {st->at, st->day_only};
    said->party = party;
    said->index = index;
    said->told = (kd_statement){.treaty = x->treaty.id,
                                .notice = x->treaty.notices[st->notice].name,
                                .by = x->treaty.parties[party].name,
                                .issued = at,
                                .received = at,
                                .has_received = true,
                                .source = KD_STR(""),
                                .grade = KD_STR(""),
                                .corrects = KD_STR("")};
    kd_status s = tell_fields(x, st, &said->told);
    if (!s) s = rec_bind(&x->treaty, x->symbols, &x->arena, said, row, x->e);
    if (s == KD_INVALID && x->e) {
        kd_error_place(x->e, NULL, st->line, 0);
        kd_str file = x->example->file;
        const char *name = kd_arena_copy(&x->arena, file.p, file.n);
        if (name) kd_error_place(x->e, name, st->line, 0);
    }
    return s;
}

static kd_status make_record(trial *x) {
    const kd_example *ex = x->example;
    size_t parties = x->treaty.party_count, most = ex->statement_count * parties, n = 0;
    kd_record *r = kd_arena_take(&x->arena, sizeof *r);
    kd_said *said = kd_arena_array(&x->arena, most, sizeof *said);
    kd_value **rows = kd_arena_array(&x->arena, most, sizeof *rows);
    uint64_t *next = kd_arena_array(&x->arena, parties, sizeof *next);
    if (!r || !said || !rows || !next) return kd_fail_nomem(x->e);
    r->treaty = &x->treaty;
    r->symbols = x->symbols;
    for (size_t i = 0; i < ex->statement_count; i++) {
        const kd_example_statement *st = &ex->statements[i];
        for (uint32_t p = 0; p < parties; p++) {
            if (st->party != KD_BOTH && st->party != p) continue;
            kd_status s = say(x, st, p, next[p]++, &said[n], &rows[n]);
            if (s) return s;
            n++;
        }
    }
    x->record = r;
    return rec_settle(r, &x->arena, said, rows, n, x->e);
}

/* The history of a day, as known on that day. */
static kd_status go_to(trial *x, kd_day day) {
    if (x->history && x->day == day) return KD_OK;
    kd_arena_close(&x->history_arena);
    x->history = NULL;
    kd_replay_options o = {.on = day, .known = day, .horizon = day};
    x->day = day;
    return rec_replay(x->record, &x->program, &o, &x->history_arena, x->from, &x->history, x->e);
}

/* ---- Expectations ---------------------------------------------------------------------------------------*/

static bool under(const kd_verdict *v, uint32_t reading) {
    return v->readings >> reading & 1;
}

static bool of_party(uint32_t wanted, uint32_t party) {
    return wanted == UINT32_MAX || wanted == party;
}

static bool on_day(kd_day wanted, kd_instant at) {
    return wanted == INT64_MIN || (at != KD_NEVER && kd_instant_day(at) == wanted);
}

/* A row that fits; without `until` it must hold at the end of the day asked about. */
static bool fits(const kd_expectation *want, const kd_verdict *v) {
    if (v->rule != want->rule || !of_party(want->party, v->party)) return false;
    if (want->what == KD_EXPECT_FIGURE) return v->figure == want->figure && v->until == KD_NEVER;
    if (v->status != want->status || !on_day(want->since, v->since)) return false;
    return want->until == INT64_MIN ? v->until == KD_NEVER : on_day(want->until, v->until);
}

static bool some_row(const kd_history *h, const kd_expectation *want, uint32_t reading) {
    for (size_t i = 0; i < h->verdict_count; i++)
        if (under(&h->verdicts[i], reading) && fits(want, &h->verdicts[i])) return true;
    return false;
}

static bool rung_held_by(const kd_history *h, const kd_expectation *want, uint32_t party) {
    for (size_t i = 0; i < h->rung_count; i++) {
        const kd_rung_row *r = &h->rungs[i];
        if (r->ladder == want->ladder && r->rung == want->rung && r->party == party && r->until == KD_NEVER)
            return true;
    }
    return false;
}

static bool rung_held(const trial *x, const kd_expectation *want) {
    if (x->treaty.ladders[want->ladder].rungs[want->rung].both)
        return rung_held_by(x->history, want, KD_BOTH);
    if (want->party < x->treaty.party_count) return rung_held_by(x->history, want, want->party);
    for (uint32_t p = 0; p < x->treaty.party_count; p++)
        if (!rung_held_by(x->history, want, p)) return false;
    return true;
}

/* Does what is asked hold under one reading? Without its `no`. */
static bool holds_under(const trial *x, const kd_expectation *want, uint32_t reading) {
    if (want->what == KD_EXPECT_SHADE)
        return kd_history_binding(x->history, reading, want->group, want->party).shade == want->status;
    return some_row(x->history, want, reading);
}

/* Under every reading, or the one that is named; with `no`, under none of them. */
static bool is_met(const trial *x, const kd_expectation *want) {
    if (want->what == KD_EXPECT_IN_FORCE) return x->history->in_force != want->negated;
    if (want->what == KD_EXPECT_RUNG) return rung_held(x, want) != want->negated;
    uint32_t first = want->reading < 0 ? 0 : (uint32_t)want->reading;
    uint32_t end = want->reading < 0 ? (uint32_t)x->treaty.reading_count : first + 1;
    for (uint32_t r = first; r < end; r++)
        if (holds_under(x, want, r) == want->negated) return false;
    return true;
}

/* ---- Saying what was found ------------------------------------------------------------------------------*/

static void put_expected(const trial *x, const kd_expectation *w, kd_text *out) {
    const kd_treaty *t = &x->treaty;
    kd_str party = w->party == UINT32_MAX ? KD_STR("any Party") : rec_party_name(t, w->party);
    kd_text_puts(out, "expected ");
    kd_day_put(out, w->on);
    kd_text_puts(out, w->negated ? " no " : " ");
    switch (w->what) {
    case KD_EXPECT_STATUS:
        kd_text_printf(out, "%.*s %.*s by %.*s", KD_STR_ARGS(kd_verdict_name((kd_verdict_status)w->status)),
                       KD_STR_ARGS(t->rules[w->rule].name), KD_STR_ARGS(party));
        break;
    case KD_EXPECT_SHADE:
        kd_text_printf(out, "%.*s %.*s %.*s", KD_STR_ARGS(kd_shade_name((kd_shade)w->status)),
                       KD_STR_ARGS(party), KD_STR_ARGS(t->groups[w->group].name));
        break;
    case KD_EXPECT_IN_FORCE:
        kd_text_puts(out, "treaty in force");
        break;
    case KD_EXPECT_RUNG:
        kd_text_printf(out, "rung %.*s held", KD_STR_ARGS(t->ladders[w->ladder].rungs[w->rung].name));
        if (w->party != UINT32_MAX) kd_text_printf(out, " by %.*s", KD_STR_ARGS(party));
        break;
    case KD_EXPECT_FIGURE:
        kd_text_printf(out, "figure %.*s by %.*s %lld", KD_STR_ARGS(t->rules[w->rule].name),
                       KD_STR_ARGS(party), (long long)w->figure);
        break;
    }
    if (w->since != INT64_MIN) kd_text_puts(out, " since "), kd_day_put(out, w->since);
    if (w->until != INT64_MIN) kd_text_puts(out, " until "), kd_day_put(out, w->until);
    if (w->reading >= 0) kd_text_printf(out, " under %.*s", KD_STR_ARGS(t->readings[w->reading].name));
}

static void put_row(const trial *x, const kd_verdict *v, kd_text *out) {
    const kd_treaty *t = &x->treaty;
    kd_text_printf(out, "%.*s by %.*s since ", KD_STR_ARGS(kd_verdict_name((kd_verdict_status)v->status)),
                   KD_STR_ARGS(rec_party_name(t, v->party)));
    kd_day_put(out, kd_instant_day(v->since));
    if (v->until != KD_NEVER) kd_text_puts(out, " until "), kd_day_put(out, kd_instant_day(v->until));
    if (v->figure != KD_ABSENT) kd_text_printf(out, ", figure %lld", (long long)v->figure);
    if (t->reading_count < 2) return;
    const char *lead = " (";
    for (uint32_t r = 0; r < t->reading_count; r++) {
        if (!under(v, r)) continue;
        kd_text_printf(out, "%s%.*s", lead, KD_STR_ARGS(t->readings[r].name));
        lead = ", ";
    }
    kd_text_putc(out, ')');
}

/* The rows of the rule; with `since`, the newest last, so that a message that is cut keeps the oldest. */
static void put_rows(const trial *x, uint32_t rule, kd_text *out) {
    size_t n = 0;
    for (size_t i = 0; i < x->history->verdict_count; i++) {
        const kd_verdict *v = &x->history->verdicts[i];
        if (v->rule != rule) continue;
        kd_text_puts(out, n++ ? "; " : "");
        put_row(x, v, out);
    }
    if (n == 0) kd_text_puts(out, "no row of this rule");
}

static void put_shades(const trial *x, const kd_expectation *w, kd_text *out) {
    for (uint32_t r = 0; r < x->treaty.reading_count; r++) {
        kd_binding b = kd_history_binding(x->history, r, w->group, w->party);
        kd_text_printf(out, "%s%.*s under %.*s", r ? ", " : "", KD_STR_ARGS(kd_shade_name((kd_shade)b.shade)),
                       KD_STR_ARGS(x->treaty.readings[r].name));
    }
}

static void put_rungs(const trial *x, const kd_expectation *w, kd_text *out) {
    const char *lead = "held by ";
    for (size_t i = 0; i < x->history->rung_count; i++) {
        const kd_rung_row *r = &x->history->rungs[i];
        if (r->ladder != w->ladder || r->rung != w->rung || r->until != KD_NEVER) continue;
        kd_text_printf(out, "%s%.*s", lead, KD_STR_ARGS(rec_party_name(&x->treaty, r->party)));
        lead = ", ";
    }
    if (*lead == 'h') kd_text_puts(out, "held by nobody");
}

static kd_status not_met(const trial *x, const kd_expectation *w) {
    kd_text text;
    kd_text_open(&text, x->from);
    put_expected(x, w, &text);
    kd_text_puts(&text, "; found ");
    if (w->what == KD_EXPECT_STATUS || w->what == KD_EXPECT_FIGURE) put_rows(x, w->rule, &text);
    if (w->what == KD_EXPECT_SHADE) put_shades(x, w, &text);
    if (w->what == KD_EXPECT_RUNG) put_rungs(x, w, &text);
    if (w->what == KD_EXPECT_IN_FORCE)
        kd_text_puts(&text, x->history->in_force ? "in force" : "not in force");
    kd_text file;
    kd_text_open(&file, x->from);
    kd_text_put(&file, x->example->file);
    kd_error_place(x->e, file.p ? file.p : "", w->line, 0);
    kd_status s =
        kd_fail(x->e, KD_FAILED, "expectation", "%s", text.p ? text.p : "an expectation does not hold");
    kd_text_close(&file);
    kd_text_close(&text);
    return s;
}

static kd_status run(trial *x) {
    kd_status s = declare_complete(x);
    if (!s) s = make_record(x);
    if (!s) s = kd_treaty_compile(&x->treaty, &x->arena, x->from, x->symbols, &x->program, x->e);
    for (size_t i = 0; !s && i < x->example->expectation_count; i++) {
        const kd_expectation *want = &x->example->expectations[i];
        s = go_to(x, want->on);
        if (!s && !is_met(x, want)) s = not_met(x, want);
    }
    return s;
}

kd_status kd_example_run(const struct kd_treaty *t, size_t example, const kd_allocator *from, kd_error *e) {
    if (example >= t->example_count)
        return kd_fail(e, KD_USAGE, "no_such_example", "there is no example %zu", example);
    if (!from) from = &kd_allocator_libc;
    trial x = {.treaty = *t, .example = &t->examples[example], .from = from, .e = e};
    kd_arena_open(&x.arena, from);
    kd_arena_open(&x.history_arena, from);
    kd_status s = kd_symbols_open(from, &x.symbols) ? kd_fail_nomem(e) : run(&x);
    kd_plan_close(x.program.plan);
    kd_symbols_close(x.symbols);
    kd_arena_close(&x.history_arena);
    kd_arena_close(&x.arena);
    return s;
}

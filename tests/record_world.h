/* record_world.h: what the tests of records share: a small treaty of two Parties, UR and OM, books written
 * in a few words, and questions to what a replay of them gives. */
#ifndef RECORD_WORLD_H
#define RECORD_WORLD_H

#include "kadesh/treaty.h"
#include "kdtest.h"
#include <kadesh/record.h>
#include <stdlib.h>
#include <string.h>

static const char treaty_text[] = "```treaty\n"
                                  "treaty toy \"A treaty to test with\"\n"
                                  "party UR en \"Ur\"\n"
                                  "party OM en \"Om\"\n"
                                  "group figures en \"figures\" rests on II\n"
                                  "group moves en \"movements\" rests on IV\n"
                                  "period half_year every 6 months from 2011-03-01\n"
                                  "life\n"
                                  "  cites XIV\n"
                                  "  in force on in_force\n"
                                  "  lasts 10 years\n"
                                  "  ends 3 months after leaving\n"
                                  "notice in_force \"Entry into force\"\n"
                                  "  role in_force\n"
                                  "  by both\n"
                                  "  fields place: text?\n"
                                  "notice leaving \"Withdrawal\"\n"
                                  "  role withdrawal\n"
                                  "  fields events: text?\n"
                                  "notice data \"Data\"\n"
                                  "  role data\n"
                                  "  fields as_of: date, launchers: count, note: text?\n"
                                  "  dated as_of\n"
                                  "notice moving \"A missile moved\"\n"
                                  "  fields item: text, occurred: date\n"
                                  "notice told \"A movement told\"\n"
                                  "  fields item: text, sites: text*\n"
                                  "notice gossip \"Heard by no rule\"\n"
                                  "  fields what: text\n"
                                  "notice storm \"Nothing can be done\"\n"
                                  "  fields what: text?\n"
                                  "notice calm \"Things can be done again\"\n"
                                  "  fields what: text?\n"
                                  "event moved(m) at occurred from moving(item: m)\n"
                                  "fact stormy(P)\n"
                                  "  begins on storm by P\n"
                                  "  ends on calm by P\n"
                                  "limit launchers_limit \"Launchers\"\n"
                                  "  cites II.1\n"
                                  "  group figures\n"
                                  "  each P: party\n"
                                  "  from 2012-01-01 at most 800\n"
                                  "  on latest data.launchers by P\n"
                                  "duty half_data \"Data each half-year\"\n"
                                  "  cites IV.1\n"
                                  "  group figures\n"
                                  "  every half_year\n"
                                  "  each party owes data(as_of: the day after it)\n"
                                  "  within 30 days\n"
                                  "duty move_told \"Tell each movement\"\n"
                                  "  cites IV.2\n"
                                  "  group moves\n"
                                  "  each P: party\n"
                                  "  excused while stormy(P)\n"
                                  "  when moved(m) by P\n"
                                  "  P owes told(item: m)\n"
                                  "  within 5 days\n"
                                  "reading UR \"The storm frees nobody\"\n"
                                  "  of UR\n"
                                  "reading OM \"The storm frees\"\n"
                                  "  of OM\n"
                                  "  frees OM from moves while stormy(OM)\n"
                                  "example \"a movement that nobody told is a breach\"\n"
                                  "  complete told\n"
                                  "  2011-02-05 both in_force(place: \"Hattusa\")\n"
                                  "  2011-03-01 UR moving(item: \"m1\", occurred: 2011-03-01)\n"
                                  "  2011-03-09 UR told(item: \"m1\", sites: {\"a\", \"b\"})\n"
                                  "  expect breached move_told by UR since 2011-03-07 until 2011-03-09\n"
                                  "  on 2011-03-08 expect breached move_told by UR\n"
                                  "  expect in force\n"
                                  "  expect bound UR moves under OM\n"
                                  "example \"one that fails\"\n"
                                  "  complete told\n"
                                  "  2011-02-05 both in_force(place: \"Hattusa\")\n"
                                  "  2011-03-01 UR moving(item: \"m1\", occurred: 2011-03-01)\n"
                                  "  2011-03-09 nothing\n"
                                  "  expect kept move_told by UR\n"
                                  "```\n";

#define COMPLETE_ALL                                                                                         \
    "```record\n"                                                                                            \
    "treaty toy\n"                                                                                           \
    "reconstructed\n"                                                                                        \
    "complete told, data for UR, OM from 2011-02-05\n"                                                       \
    "open everything else\n"                                                                                 \
    "```\n"
#define OPEN_ALL "```record\ntreaty toy\nreconstructed\nopen everything else\n```\n"
#define LIVE                                                                                                 \
    "```record\ntreaty toy\ncomplete told, data for UR, OM from 2011-02-05\nopen everything else\n```\n"

/* ---- A world: a treaty, books, a record -----------------------------------------------------------------*/

enum { LINES_MOST = 64 };

typedef struct world {
    kd_arena arena;
    kd_treaty *treaty;
    kd_symbols *symbols;
    kd_record_entry entries[LINES_MOST];
    size_t count;
    kd_record *record;
    kd_history *history;
    kd_error error;
} world;

__attribute__((unused)) static bool world_open(world *w, const char *record_text) {
    memset(w, 0, sizeof *w);
    kd_arena_open(&w->arena, NULL);
    if (kd_symbols_open(NULL, &w->symbols)) return false;
    kd_source sources[2] = {
        {KD_STR("treaty.md"), {treaty_text, sizeof treaty_text - 1}, KD_SOURCE_TREATY, {NULL, 0}},
        {KD_STR("record.md"), kd_str_of(record_text), KD_SOURCE_RECORD, {NULL, 0}}};
    kd_diagnostics bad = {0};
    kd_status s = kd_treaty_load(&w->arena, sources, 2, &bad, &w->treaty);
    for (size_t i = 0; i < bad.count; i++) {
        kd_text t;
        kd_text_open(&t, NULL);
        kd_diagnostic_put(&t, &bad.items[i]);
        printf("%s", t.p ? t.p : "");
        kd_text_close(&t);
    }
    return kdtest_claim(s == KD_OK, "the treaty of these tests loads");
}

__attribute__((unused)) static void world_close(world *w) {
    kd_symbols_close(w->symbols);
    kd_arena_close(&w->arena);
}

/* Adds an entry. `issued` and, unless NULL, `received`; `fields` are whole lines, each with its LF. */
__attribute__((unused)) static void add_raw(world *w, uint32_t party, const char *text) {
    uint64_t index = 0;
    for (size_t i = 0; i < w->count; i++) index += w->entries[i].party == party;
    char *note = kd_arena_printf(&w->arena, "%s\n\xE2\x80\x94 toy.example q83vASNFZ4kB\n", text);
    w->entries[w->count++] = (kd_record_entry){party, index, kd_str_of(note)};
}

__attribute__((unused)) static void add(world *w, uint32_t party, const char *notice, const char *issued,
                                        const char *received, const char *corrects, const char *fields) {
    const char *p = party == 0 ? "UR" : "OM";
    add_raw(w, party,
            kd_arena_printf(&w->arena,
                            "kadesh.statement/1\ntreaty toy\nnotice %s\nby %s\nissued %s\n%s%s%s%s%s%s%s",
                            notice, p, issued, received ? "received " : "", received ? received : "",
                            received ? "\n" : "", corrects ? "corrects " : "", corrects ? corrects : "",
                            corrects ? "\n" : "", fields));
}

/* A statement received when it is issued. */
__attribute__((unused)) static void say(world *w, uint32_t party, const char *notice, const char *at,
                                        const char *fields) {
    add(w, party, notice, at, at, NULL, fields);
}

/* Both Parties' first entries: the treaty enters into force. */
__attribute__((unused)) static void begin(world *w) {
    say(w, 0, "in_force", "2011-02-05", "place Hattusa\n");
    say(w, 1, "in_force", "2011-02-05", "place Hattusa\n");
}

__attribute__((unused)) static bool world_bind(world *w) {
    kd_status s =
        kd_record_open(w->treaty, w->symbols, w->entries, w->count, &w->arena, &w->record, &w->error);
    return kdtest_claim(s == KD_OK, "the books bind: %s %u: %s", w->error.file, w->error.line,
                        w->error.message);
}

__attribute__((unused)) static kd_day day(const char *z) {
    kd_day d = 0;
    kd_day_parse(kd_str_of(z), &d);
    return d;
}

__attribute__((unused)) static bool replay(world *w, const char *on, const char *known, int horizon_days) {
    kd_replay_options o = {.on = day(on), .known = day(known), .horizon = day(on) + horizon_days};
    kd_status s = kd_replay(w->record, &o, &w->arena, NULL, &w->history, &w->error);
    return kdtest_claim(s == KD_OK, "the replay runs: %s", w->error.message);
}

__attribute__((unused)) static int rule(const world *w, const char *name) {
    return kd_treaty_rule(w->treaty, kd_str_of(name));
}

/* Rows of a rule, Party and status under the reading UR; the day they began, the day they ended ("" while
 * they hold). */
__attribute__((unused)) static size_t rows_of(const world *w, const char *name, uint32_t party, int status,
                                              const kd_verdict **first) {
    size_t n = 0;
    for (size_t i = 0; i < w->history->verdict_count; i++) {
        const kd_verdict *v = &w->history->verdicts[i];
        if ((int)v->rule != rule(w, name) || v->party != party || v->status != status || !(v->readings & 1))
            continue;
        if (n++ == 0 && first) *first = v;
    }
    return n;
}

__attribute__((unused)) static bool row(const world *w, const char *name, uint32_t party, int status,
                                        const char *since, const char *until) {
    for (size_t i = 0; i < w->history->verdict_count; i++) {
        const kd_verdict *v = &w->history->verdicts[i];
        if ((int)v->rule != rule(w, name) || v->party != party || v->status != status || !(v->readings & 1))
            continue;
        if (kd_instant_day(v->since) != day(since)) continue;
        if (*until ? v->until != KD_NEVER && kd_instant_day(v->until) == day(until) : v->until == KD_NEVER)
            return true;
    }
    return false;
}

#endif

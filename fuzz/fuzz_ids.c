/* fuzz_ids.c: any text as the id of a statement or of a finding: what it finds has that id, and what it does
 * not find is told. */
#include "kadesh/treaty.h"
#include "loose.h"
#include <kadesh/record.h>

static const char treaty_text[] = "```treaty\n"
                                  "treaty toy \"Toy\"\n"
                                  "party UR en \"Ur\"\n"
                                  "party OM en \"Om\"\n"
                                  "group moves en \"moves\" rests on IV\n"
                                  "life\n"
                                  "  cites XIV\n"
                                  "  in force on in_force\n"
                                  "  lasts 10 years\n"
                                  "notice in_force \"Entry\"\n"
                                  "  role in_force\n"
                                  "  by both\n"
                                  "notice data \"Data\"\n"
                                  "  fields as_of: date, launchers: count\n"
                                  "  dated as_of\n"
                                  "notice moving \"Moving\"\n"
                                  "  fields item: text, occurred: date\n"
                                  "notice told \"Told\"\n"
                                  "  fields item: text\n"
                                  "event moved(m) at occurred from moving(item: m)\n"
                                  "limit most \"At most\"\n"
                                  "  cites II.1\n"
                                  "  group moves\n"
                                  "  each P: party\n"
                                  "  from 2012-01-01 at most 800\n"
                                  "  on latest data.launchers by P\n"
                                  "duty move_told \"Tell each movement\"\n"
                                  "  cites IV.2\n"
                                  "  group moves\n"
                                  "  each P: party\n"
                                  "  when moved(m) by P\n"
                                  "  P owes told(item: m)\n"
                                  "  within 5 days\n"
                                  "```\n";
static const char record_text[] = "```record\n"
                                  "treaty toy\n"
                                  "reconstructed\n"
                                  "complete told for UR, OM from 2011-02-05\n"
                                  "open everything else\n"
                                  "```\n";

#define STATEMENT(notice, party, at, fields)                                                                 \
    "kadesh.statement/1\ntreaty toy\nnotice " notice "\nby " party "\nissued " at "\nreceived " at           \
    "\n" fields "\n\xE2\x80\x94 x q83vASNFZ4kB\n"
/* Two movements of one day that nobody told: findings with a number behind the day. */
static const struct {
    uint32_t party;
    const char *text;
} said[] = {
    {0, STATEMENT("in_force", "UR", "2011-02-05", "")},
    {1, STATEMENT("in_force", "OM", "2011-02-05", "")},
    {0, STATEMENT("moving", "UR", "2011-03-01", "item m1\noccurred 2011-03-01\n")},
    {0, STATEMENT("moving", "UR", "2011-03-01", "item m2\noccurred 2011-03-01\n")},
    {0, STATEMENT("data", "UR", "2012-02-10", "as_of 2012-02-01\nlaunchers 900\n")},
    {1, STATEMENT("data", "OM", "2012-02-10", "as_of 2012-02-01\nlaunchers 700\n")},
    {0, STATEMENT("data", "UR", "2012-03-10", "as_of 2012-03-01\nlaunchers 800\n")},
};
enum { SAID = sizeof said / sizeof *said, FOUND_MOST = 16 };

static const kd_history *world(void) {
    static kd_arena arena;
    static kd_symbols *symbols;
    static kd_history *h;
    if (h) return h;
    const kd_source sources[] = {
        {KD_STR("treaty.md"), {treaty_text, sizeof treaty_text - 1}, KD_SOURCE_TREATY, {NULL, 0}},
        {KD_STR("record.md"), {record_text, sizeof record_text - 1}, KD_SOURCE_RECORD, {NULL, 0}}};
    static kd_record_entry entries[SAID];
    uint64_t next[2] = {0, 0};
    kd_diagnostics bad = {0};
    kd_treaty *t;
    kd_record *r;
    kd_arena_open(&arena, NULL);
    must(!kd_treaty_load(&arena, sources, 2, &bad, &t) && !kd_symbols_open(NULL, &symbols));
    for (size_t i = 0; i < SAID; i++)
        entries[i] = (kd_record_entry){said[i].party, next[said[i].party]++, kd_str_of(said[i].text)};
    must(!kd_record_open(t, symbols, entries, SAID, &arena, &r, NULL));
    const kd_day on = kd_day_of(2012, 6, 1);
    const kd_replay_options o = {.on = on, .known = on, .horizon = on};
    must(!kd_replay(r, &o, &arena, NULL, &h, NULL));
    bool numbered = false;
    for (size_t i = 0; i < h->verdict_count; i++) numbered = numbered || h->verdicts[i].ordinal > 0;
    must(numbered);
    return h;
}

static void find_statement(const kd_history *h, kd_str id) {
    int64_t found = kd_record_find(h->record, id);
    kd_text own;
    must(found >= -1 && found < (int64_t)h->record->statement_count);
    if (found < 0) return;
    kd_text_open(&own, NULL);
    kd_said_id(h->record, (uint32_t)found, &own);
    must(kd_str_equal(kd_text_str(&own), id));
    kd_text_close(&own);
}

static void find_finding(const kd_history *h, kd_str id) {
    const kd_verdict *found[FOUND_MOST], *again[FOUND_MOST];
    size_t count, same;
    kd_error e = {0};
    kd_status s = kd_history_find(h, id, found, FOUND_MOST, &count, &e);
    must((s == KD_OK) == (count > 0) && count <= FOUND_MOST);
    must(s == KD_OK || (s == KD_USAGE && strcmp(e.reason, "unknown_finding") == 0 && e.message[0]));
    if (kd_utf8_check(id) == id.n) must(kd_utf8_check(kd_str_of(e.message)) == strlen(e.message));
    for (size_t i = 0; i < count; i++) {
        kd_text own;
        bool there = false;
        kd_text_open(&own, NULL);
        kd_verdict_id(h, found[i], &own);
        must(kd_history_find(h, kd_text_str(&own), again, FOUND_MOST, &same, NULL) == KD_OK);
        for (size_t k = 0; k < same; k++) there = there || again[k] == found[i];
        must(there);
        kd_text_close(&own);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const kd_history *h = world();
    kd_str id = {(const char *)data, size};
    find_statement(h, id);
    find_finding(h, id);
    return 0;
}

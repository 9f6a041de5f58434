/* fuzz_record.c: any bytes as the texts of two books' entries: bound and replayed, or refused with a place.
 *
 * Entries end in NUL; the first byte of each says by its last bit whose book it is in. What binds must
 * replay, every row of the history must be found by its own id, and its statements must be statements of the
 * record. */
#include "kadesh/treaty.h"
#include <kadesh/record.h>
#include <stdlib.h>
#include <string.h>

static const char treaty_text[] = "```treaty\n"
                                  "treaty toy \"Toy\"\n"
                                  "party UR en \"Ur\"\n"
                                  "party OM en \"Om\"\n"
                                  "group all_of_it en \"all\" rests on I\n"
                                  "life\n"
                                  "  cites I\n"
                                  "  in force on in_force\n"
                                  "  lasts 10 years\n"
                                  "notice in_force \"Entry\"\n"
                                  "  role in_force\n"
                                  "  by both\n"
                                  "notice data \"Data\"\n"
                                  "  role data\n"
                                  "  fields as_of: date, launchers: count, seen: instant?, sites: text*\n"
                                  "  dated as_of\n"
                                  "event seen_at(n) at seen from data(launchers: n)\n"
                                  "limit most \"At most\"\n"
                                  "  cites II\n"
                                  "  group all_of_it\n"
                                  "  each P: party\n"
                                  "  from 2012-01-01 at most 800\n"
                                  "  on latest data.launchers by P\n"
                                  "duty again \"Tell again what was seen\"\n"
                                  "  cites III\n"
                                  "  group all_of_it\n"
                                  "  each P: party\n"
                                  "  when seen_at(n) by P\n"
                                  "  P owes data(launchers: n)\n"
                                  "  within 5 days\n"
                                  "```\n";
static const char record_text[] = "```record\n"
                                  "treaty toy\n"
                                  "reconstructed\n"
                                  "complete data for UR, OM from 2011-02-05 to 2012-02-05\n"
                                  "open everything else\n"
                                  "```\n";

enum { ENTRIES_MOST = 256 };

static void must(bool holds) {
    if (!holds) abort();
}

static size_t cut(kd_arena *arena, const uint8_t *data, size_t size, kd_record_entry *entries) {
    uint64_t next[2] = {0, 0};
    size_t n = 0;
    for (size_t i = 0; i < size && n < ENTRIES_MOST;) {
        const uint8_t *end = memchr(data + i, 0, size - i);
        size_t length = end ? (size_t)(end - (data + i)) : size - i;
        uint32_t party = length ? data[i] & 1 : 0;
        char *note =
            kd_arena_printf(arena, "%.*s\n\xE2\x80\x94 x q83vASNFZ4kB\n", (int)(length ? length - 1 : 0),
                            (const char *)data + i + (length ? 1 : 0));
        must(note != NULL);
        entries[n++] = (kd_record_entry){party, next[party]++, kd_str_of(note)};
        i += length + 1;
    }
    return n;
}

static void check_history(const kd_record *r, const kd_history *h) {
    for (size_t i = 0; i < h->verdict_count; i++) {
        const kd_verdict *v = &h->verdicts[i], *found[64];
        kd_text id;
        size_t count = 0;
        bool there = false;
        must(v->since < v->until && (i == 0 || h->verdicts[i - 1].since <= v->since));
        must(v->statement == UINT32_MAX || v->statement < r->statement_count);
        kd_text_open(&id, NULL);
        kd_verdict_id(h, v, &id);
        must(kd_history_find(h, kd_text_str(&id), found, 64, &count, NULL) == KD_OK);
        for (size_t k = 0; k < count; k++) there = there || found[k] == v;
        must(there || count == 64);
        kd_text_close(&id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 65536) return 0;
    kd_arena arena;
    kd_arena_open(&arena, NULL);
    kd_source sources[2] = {
        {KD_STR("treaty.md"), {treaty_text, sizeof treaty_text - 1}, KD_SOURCE_TREATY, {NULL, 0}},
        {KD_STR("record.md"), {record_text, sizeof record_text - 1}, KD_SOURCE_RECORD, {NULL, 0}}};
    kd_diagnostics bad = {0};
    kd_treaty *t = NULL;
    kd_symbols *symbols = NULL;
    must(kd_treaty_load(&arena, sources, 2, &bad, &t) == KD_OK && kd_symbols_open(NULL, &symbols) == KD_OK);
    kd_record_entry entries[ENTRIES_MOST];
    size_t count = cut(&arena, data, size, entries);
    kd_record *r = NULL;
    kd_history *h = NULL;
    kd_error e = {0};
    kd_status s = kd_record_open(t, symbols, entries, count, &arena, &r, &e);
    must(s == KD_OK || (s == KD_INVALID && e.file[0] && e.message[0]));
    kd_day on = kd_day_of(2012, 6, 1);
    kd_replay_options o = {.on = on, .known = on, .horizon = on + 400};
    if (!s) s = kd_replay(r, &o, &arena, NULL, &h, &e);
    must(!h == (s != KD_OK));
    if (h) check_history(r, h);
    kd_symbols_close(symbols);
    kd_arena_close(&arena);
    return 0;
}

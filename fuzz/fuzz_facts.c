/* fuzz_facts.c: tables.txt, then after lines "=file=" a and b, the tables of those names. What makes
 * statements is in the order of its receipt and of notices and Parties that there are; a statement that can
 * be written can be read; what makes none is refused with its place. */
#include "disk.h"
#include "loose.h"
#include "store/facts.h"

static const char treaty_text[] = "```treaty\n"
                                  "treaty toy \"Toy\"\n"
                                  "party UR en \"Ur\"\n"
                                  "party OM en \"Om\"\n"
                                  "notice data \"Data\"\n"
                                  "  fields as_of: date, count: count, sites: text*\n"
                                  "notice total \"Total\"\n"
                                  "  fields until: date, count: count\n"
                                  "```\n";

static const kd_treaty *toy(void) {
    static kd_arena arena;
    static kd_treaty *t;
    if (t) return t;
    const kd_source source = {
        KD_STR("treaty.md"), {treaty_text, sizeof treaty_text - 1}, KD_SOURCE_TREATY, {NULL, 0}};
    kd_diagnostics bad = {0};
    kd_arena_open(&arena, NULL);
    must(kd_treaty_load(&arena, &source, 1, &bad, &t) == KD_OK);
    return t;
}

static void check_statement(const kd_treaty *t, kd_arena *arena, const kd_fact_statement *f) {
    kd_statement s = f->statement, again;
    kd_text text;
    must(f->party == KD_BOTH || f->party < t->party_count);
    must(f->file[0] && f->line > 1 && kd_treaty_notice(t, s.notice) >= 0 && s.has_received);
    for (size_t i = 0; i < s.field_count; i++) must(f->columns[i] >= 1);
    s.treaty = KD_STR("toy");
    s.by = f->party == KD_BOTH ? KD_STR("both") : t->parties[f->party].name;
    kd_text_open(&text, NULL);
    kd_status status = kd_statement_put(&text, &s, NULL);
    must(status == KD_OK || status == KD_INVALID);
    if (!status) {
        must(kd_statement_parse(arena, kd_text_str(&text), &again, NULL) == KD_OK);
        must(again.field_count == s.field_count && kd_stamp_order(again.received, s.received) == 0);
    }
    kd_text_close(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const paths[] = {"r/facts/tables.txt", "r/facts/a", "r/facts/b"};
    const kd_treaty *t = toy();
    kd_str rest = {(const char *)data, size};
    kd_arena arena;
    kd_facts facts;
    kd_error e = {0};
    simdisk d;
    simdisk_open(&d);
    kd_arena_open(&arena, NULL);
    for (size_t i = 0; i < 3; i++) disk_put(&d, paths[i], disk_cut(&rest, "=file=\n"));
    kd_status s = kd_facts_read(&d.os, "r", t, &arena, &facts, &e);
    must(s == KD_OK || s == KD_INVALID || s == KD_SYSTEM || s == KD_USAGE);
    must(s == KD_OK || (e.reason[0] && e.message[0] && (e.file[0] || s == KD_USAGE)));
    must(s || facts.count <= facts.rows);
    for (size_t i = 0; !s && i < facts.count; i++) {
        const kd_fact_statement *one = &facts.statements[i];
        must(i == 0 || kd_stamp_order(one[-1].statement.received, one->statement.received) <= 0);
        check_statement(t, &arena, one);
    }
    kd_arena_close(&arena);
    simdisk_close(&d);
    return 0;
}

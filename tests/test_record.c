/* test_record.c: books become a record: order, binding, receipts, names of findings, in-file examples,
 * memory. */
#include "record_world.h"

/* ---- Order ----------------------------------------------------------------------------------------------*/

static void test_order(void) {
    static const struct {
        uint32_t party;
        const char *received;
    } said[] = {{0, "2012-01-02T10:00:00Z"}, {0, "2012-01-01"},           {0, "2012-01-02T10:00:00Z"},
                {0, "2012-01-01T23:59:59Z"}, {1, "2012-01-02T10:00:00Z"}, {1, "2012-01-01"},
                {1, "2012-01-01T23:59:59Z"}, {1, "2012-01-01T00:00:00Z"}};
    static const char *const want[] = {"OM/3", "UR/3", "OM/2", "UR/1", "OM/1", "UR/0", "UR/2", "OM/0"};
    world w;
    if (!world_open(&w, OPEN_ALL)) return;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        say(&w, said[i].party, "gossip", said[i].received, "what x\n");
    if (world_bind(&w)) {
        for (uint32_t i = 0; i < 8; i++) {
            kd_text id;
            kd_text_open(&id, NULL);
            kd_said_id(w.record, i, &id);
            kdtest_claim(kd_str_is(kd_text_str(&id), want[i]),
                         "by second, hours before a day alone, Party, index: number %u is %s, not %s", i,
                         want[i], id.p);
            kdtest_claim(kd_record_find(w.record, kd_str_of(want[i])) == (int64_t)i, "%s is found by its id",
                         want[i]);
            kdtest_claim(w.record->statements[i].row[1] == (kd_value)i,
                         "a row carries its statement's number");
            kd_text_close(&id);
        }
        kdtest_claim(kd_record_find(w.record, KD_STR("UR/9")) < 0 &&
                         kd_record_find(w.record, KD_STR("XX/0")) < 0 &&
                         kd_record_find(w.record, KD_STR("UR")) < 0,
                     "what is not in the record is not found");
    }
    world_close(&w);
}

/* ---- Binding --------------------------------------------------------------------------------------------*/

static void test_refused(void) {
    static const struct {
        const char *what, *text, *reason;
        uint32_t line, column;
    } table[] = {
#define HEAD "kadesh.statement/1\ntreaty toy\n"
#define TAIL "issued 2012-01-01\nreceived 2012-01-01\n"
        {"another treaty", "kadesh.statement/1\ntreaty tory\nnotice data\nby UR\n" TAIL, "other_treaty", 2,
         8},
        {"an unknown notice", HEAD "notice date\nby UR\n" TAIL, "unknown_notice", 3, 8},
        {"another's book", HEAD "notice data\nby OM\n" TAIL, "wrong_book", 4, 4},
        {"an unknown addressee", HEAD "notice leaving\nby UR\nto OM\nto EL\n" TAIL, "unknown_party", 6, 4},
        {"an unknown field", HEAD "notice data\nby UR\n" TAIL "as_of 2012-01-01\nlaunchres 4\n",
         "unknown_field", 8, 1},
        {"fields out of order",
         HEAD "notice data\nby UR\n" TAIL "as_of 2012-01-01\nlaunchers 4\nas_of 2012-01-01\n", "field_order",
         9, 1},
        {"a field that is no list twice",
         HEAD "notice data\nby UR\n" TAIL "as_of 2012-01-01\nas_of 2012-01-01\n", "repeated_field", 8, 1},
        {"a field missing in between", HEAD "notice data\nby UR\n" TAIL "launchers 4\n", "missing_field", 7,
         1},
        {"a field missing at the end", HEAD "notice data\nby UR\n" TAIL "as_of 2012-01-01\n", "missing_field",
         8, 1},
        {"all fields missing", HEAD "notice data\nby UR\n" TAIL, "missing_field", 7, 1},
        {"a day that does not exist", HEAD "notice data\nby UR\n" TAIL "as_of 2023-02-30\nlaunchers 4\n",
         NULL, 7, 7},
        {"a count past 63 bits",
         HEAD "notice data\nby UR\n" TAIL "as_of 2012-01-01\nlaunchers 9223372036854775808\n", NULL, 8, 11},
        {"a correction of another's entry", HEAD "notice leaving\nby UR\n" TAIL "corrects OM/0\n",
         "bad_correction", 7, 10},
        {"a correction of itself", HEAD "notice leaving\nby UR\n" TAIL "corrects UR/0\n", "bad_correction", 7,
         10},
        {"no statement at all", "hello\n", "bad_header", 1, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        world w;
        if (!world_open(&w, OPEN_ALL)) return;
        add_raw(&w, 0, table[i].text);
        kd_status s = kd_record_open(w.treaty, w.symbols, w.entries, w.count, &w.arena, &w.record, &w.error);
        kdtest_claim(s == KD_INVALID && (!table[i].reason || strcmp(w.error.reason, table[i].reason) == 0) &&
                         strcmp(w.error.file, "UR/0") == 0 && w.error.line == table[i].line &&
                         w.error.column == table[i].column,
                     "%s is refused at its place: %s:%u:%u %s: %s", table[i].what, w.error.file, w.error.line,
                     w.error.column, w.error.reason, w.error.message);
        world_close(&w);
    }
}

static void test_nearest(void) {
    world w;
    if (!world_open(&w, OPEN_ALL)) return;
    add_raw(&w, 0, HEAD "notice dota\nby UR\n" TAIL);
    kd_record_open(w.treaty, w.symbols, w.entries, w.count, &w.arena, &w.record, &w.error);
    kdtest_claim(strstr(w.error.message, "did you mean `data`?") != NULL, "the nearest notice is named: %s",
                 w.error.message);
    w.count = 0;
    say(&w, 0, "gossip", "2012-01-01", "what x\n");
    w.entries[0].index = 1;
    kd_status s = kd_record_open(w.treaty, w.symbols, w.entries, w.count, &w.arena, &w.record, &w.error);
    kdtest_claim(s == KD_INVALID && strcmp(w.error.reason, "book_not_whole") == 0,
                 "a book without its first entry is refused");
    world_close(&w);
}

static void test_fields(void) {
    world w;
    if (!world_open(&w, OPEN_ALL)) return;
    say(&w, 0, "told", "2012-01-01", "item m1\nsites a\nsites b\n");
    say(&w, 0, "data", "2012-01-02", "as_of 2011-12-24\nlaunchers 700\n");
    if (world_bind(&w)) {
        kd_str text = {NULL, 0};
        kdtest_claim(kd_said_text(w.record, 0, "sites", 1, &text) && kd_str_is(text, "b") &&
                         !kd_said_text(w.record, 0, "sites", 2, &text) &&
                         !kd_said_text(w.record, 0, "none", 0, &text),
                     "a list's values are read one by one");
        kdtest_claim(w.record->statements[0].list_counts[1] == 2, "a list has its two values");
        kdtest_claim(kd_said_value(w.record, 1, "launchers") == 700 &&
                         kd_said_value(w.record, 1, "note") == KD_ABSENT &&
                         kd_said_value(w.record, 0, "sites") == KD_ABSENT &&
                         kd_said_value(w.record, 9, "x") == KD_ABSENT,
                     "a field has its value, absent ones and lists none");
        kdtest_claim(kd_said_day(w.record, 1) == day("2011-12-24") &&
                         kd_said_day(w.record, 0) == day("2012-01-01"),
                     "a statement speaks of the day it is dated, else of its receipt");
    }
    world_close(&w);
}

/* ---- Receipts -------------------------------------------------------------------------------------------*/

static void test_receipts(void) {
    world w;
    if (!world_open(&w, LIVE)) return;
    add(&w, 0, "gossip", "2012-01-01T09:00:00Z", NULL, NULL, "what first\n");
    add(&w, 0, "gossip", "2012-01-02T09:00:00Z", NULL, NULL, "what second\n");
    add(&w, 0, "gossip", "2012-01-03T09:00:00Z", NULL, NULL, "what third\n");
    add(&w, 0, "gossip", "2012-01-04T09:00:00Z", "2012-01-04T09:00:00Z", NULL, "what fourth\n");
    add(&w, 1, "gossip", "2012-01-01T09:00:00Z", NULL, NULL, "what first\n");
    add(&w, 1, "receipt", "2012-01-06T10:00:00Z", NULL, NULL, "book UR\nsize 3\ntime 2012-01-06T10:00:00Z\n");
    add(&w, 1, "receipt", "2012-01-08T10:00:00Z", NULL, NULL, "book UR\nsize 2\ntime 2012-01-08T10:00:00Z\n");
    add(&w, 1, "receipt", "2012-01-05T10:00:00Z", NULL, NULL, "book UR\nsize 2\ntime 2012-01-05T10:00:00Z\n");
    add(&w, 1, "receipt", "2012-01-07T10:00:00Z", NULL, NULL, "book OM\nsize 9\ntime 2012-01-01T10:00:00Z\n");
    add(&w, 1, "gossip", "2012-01-09T09:00:00Z", NULL, NULL, "what second\n");
    if (world_bind(&w)) {
        static const struct {
            const char *id, *received;
            kd_delivery how;
            const char *claim;
        } want[] = {
            {"UR/0", "2012-01-01T09:00:00Z", KD_DELIVERED_FIRST, "the first entry counts from its issue"},
            {"UR/1", "2012-01-05T10:00:00Z", KD_DELIVERED_RECEIPT,
             "the earliest receipt that covers it delivers an entry"},
            {"UR/2", "2012-01-06T10:00:00Z", KD_DELIVERED_RECEIPT,
             "a receipt covers what lies below its size alone"},
            {"UR/3", NULL, KD_NOT_DELIVERED,
             "where nothing is reconstructed, what a Party says it was received at is not heard"},
            {"OM/5", NULL, KD_NOT_DELIVERED, "nobody gives himself a receipt"},
            {"OM/1", "2012-01-06T10:00:00Z", KD_DELIVERED_ISSUED, "a receipt needs no receipt"},
        };
        for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
            int64_t n = kd_record_find(w.record, kd_str_of(want[i].id));
            const kd_said *s = &w.record->statements[n < 0 ? 0 : n];
            kd_instant at = KD_NEVER;
            if (want[i].received) kd_instant_parse(kd_str_of(want[i].received), &at);
            kdtest_claim(n >= 0 && s->received.at == at && s->delivery == want[i].how, "%s", want[i].claim);
        }
        kdtest_claim(w.record->statements[w.record->statement_count - 1].delivery == KD_NOT_DELIVERED,
                     "what was not received stands last");
    }
    world_close(&w);
}

/* ---- Names ----------------------------------------------------------------------------------------------*/

static void test_ids(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 0, "moving", "2012-03-01T10:00:00Z", "item m1\noccurred 2012-03-01\n");
    say(&w, 0, "moving", "2012-03-01T11:00:00Z", "item m2\noccurred 2012-03-01\n");
    say(&w, 0, "moving", "2012-04-01T11:00:00Z", "item m3\noccurred 2012-04-01\n");
    const kd_verdict *found[8];
    size_t n;
    static const struct {
        const char *id;
        size_t count;
        const char *says;
    } table[] = {
        {"UR-IV.2@2012-03-07", 1, NULL},
        {"UR-IV.2@2012-03-07#2", 1, NULL},
        {"UR-move_told@2012-04-07", 1, NULL},
        {"UR-IV.2", 1, NULL},
        {"UR-IV.2@2012-03-07#3", 0, "UR-IV.2@2012-04-07"},
        {"UR-IV.2@2012-03-08", 0, "UR-IV.2@2012-04-07"},
        {"UR-IV.3", 0, "did you mean `IV."},
        {"EL-IV.2", 0, "is no Party"},
        {"UR-IV.2@2012-02-30", 0, "the day it began"},
        {"OM-IV.2@2012-03-07", 0, "says nothing of this Party"},
        {"", 0, "is no Party"},
    };
    if (world_bind(&w) && replay(&w, "2012-05-01", "2012-05-01", 0)) {
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            kd_status s = kd_history_find(w.history, kd_str_of(table[i].id), found, 8, &n, &w.error);
            if (table[i].count)
                kdtest_claim(s == KD_OK && n == table[i].count, "`%s` names %zu row: %zu, %s", table[i].id,
                             table[i].count, n, s ? w.error.message : "");
            else
                kdtest_claim(s == KD_USAGE && n == 0 && strstr(w.error.message, table[i].says),
                             "`%s` is refused and says `%s`: %s", table[i].id, table[i].says,
                             w.error.message);
        }
        bool back = true;
        for (size_t i = 0; i < w.history->verdict_count; i++) {
            kd_text id;
            kd_text_open(&id, NULL);
            kd_verdict_id(w.history, &w.history->verdicts[i], &id);
            bool there = false;
            if (kd_history_find(w.history, kd_text_str(&id), found, 8, &n, NULL) == KD_OK)
                for (size_t k = 0; k < n; k++) there = there || found[k] == &w.history->verdicts[i];
            back = back && there;
            kd_text_close(&id);
        }
        kdtest_claim(back, "every row is found by its own id");
    }
    world_close(&w);
}

/* ---- Examples -------------------------------------------------------------------------------------------*/

static void test_examples(void) {
    world w;
    if (!world_open(&w, OPEN_ALL)) return;
    kd_error e = {0};
    kdtest_claim(w.treaty->example_count == 2, "there are two examples");
    kdtest_claim(kd_example_run(w.treaty, 0, NULL, &e) == KD_OK, "an example that holds passes: %s",
                 e.message);
    kd_status s = kd_example_run(w.treaty, 1, NULL, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.file, "treaty.md") == 0 && e.line > 0 &&
                     strstr(e.message, "expected 2011-03-09 kept move_told by UR") &&
                     strstr(e.message, "found") && strstr(e.message, "breached by UR since 2011-03-07"),
                 "one that does not says what was expected and what was found: %s:%u: %s", e.file, e.line,
                 e.message);
    kdtest_claim(kd_example_run(w.treaty, 2, NULL, &e) == KD_USAGE, "there is no third");
    world_close(&w);
}

/* ---- Memory ---------------------------------------------------------------------------------------------*/

typedef struct scarce {
    long left;
    long live;
} scarce;

static void *scarce_resize(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    scarce *s = ctx;
    if (new_bytes && s->left-- <= 0) return NULL;
    s->live += (long)new_bytes - (long)(p ? old_bytes : 0);
    return kd_allocator_libc.resize(NULL, p, old_bytes, new_bytes);
}

/* Opens, replays and derives with the n-th allocation refused: everything is given back, and the status says
 * why. */
static kd_status run_scarce(const world *w, scarce *mem) {
    kd_allocator from = {scarce_resize, mem};
    kd_arena arena;
    kd_arena_open(&arena, &from);
    kd_symbols *symbols = NULL;
    kd_record *r = NULL;
    kd_history *h = NULL;
    kd_replay_options o = {.on = day("2012-06-01"), .known = day("2012-06-01"), .horizon = day("2012-07-01")};
    kd_status s = kd_symbols_open(&from, &symbols);
    if (!s) s = kd_record_open(w->treaty, symbols, w->entries, w->count, &arena, &r, NULL);
    if (!s) s = kd_replay(r, &o, &arena, &from, &h, NULL);
    for (size_t i = 0; !s && i < h->verdict_count; i++) {
        kd_derivation d;
        if (h->verdicts[i].status == KD_BREACHED) {
            s = kd_derive(h, &h->verdicts[i], &arena, &from, &d, NULL);
            break;
        }
    }
    kd_symbols_close(symbols);
    kd_arena_close(&arena);
    return s;
}

static void test_memory(void) {
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    begin(&w);
    say(&w, 1, "moving", "2012-02-01", "item x\noccurred 2012-02-01\n");
    say(&w, 0, "data", "2012-03-20", "as_of 2012-03-01\nlaunchers 900\n");
    add(&w, 0, "data", "2012-04-01", "2012-04-01", "UR/1", "as_of 2012-03-01\nlaunchers 901\n");
    bool fine = true, leaked = false;
    long n = 0;
    for (;; n += n < 200 ? 1 : n < 2000 ? 7 : 97) {
        scarce mem = {n, 0};
        kd_status s = run_scarce(&w, &mem);
        leaked = leaked || mem.live != 0;
        if (s == KD_OK) break;
        fine = fine && s == KD_NOMEM;
    }
    kdtest_claim(fine && n > 50, "without memory every call says so (%ld allocations)", n);
    kdtest_claim(!leaked, "and gives back all it took");
    world_close(&w);
}

/* ---- Size -----------------------------------------------------------------------------------------------*/

/* Statements that no rule hears of cost the engine nothing, and the memory of a run does not follow what is
 * over. */
static void test_size(void) {
    enum { MANY = 20000 };
    world w;
    if (!world_open(&w, COMPLETE_ALL)) return;
    kd_record_entry *all = calloc(MANY + 2, sizeof *all);
    begin(&w);
    for (size_t i = 0; all && i < MANY; i++) {
        bool told = i % 4 == 1;
        kd_day d = day("2011-03-01") + (kd_day)(i / 10);
        kd_text when;
        kd_text_open(&when, NULL);
        kd_day_put(&when, d);
        char *note = kd_arena_printf(
            &w.arena,
            "kadesh.statement/1\ntreaty toy\nnotice %s\nby UR\nissued %s\nreceived %s\n%s%zu\n%s%s%s\n",
            told    ? "told"
            : i % 4 ? "gossip"
                    : "moving",
            when.p, when.p, told || i % 4 == 0 ? "item m" : "what m", i / 4, i % 4 == 0 ? "occurred " : "",
            i % 4 == 0 ? when.p : "", i % 4 == 0 ? "\n" : "");
        all[i + 2] = (kd_record_entry){0, i + 1, kd_str_of(note)};
        kd_text_close(&when);
    }
    if (all) {
        all[0] = w.entries[0];
        all[1] = w.entries[1];
        kd_status s = kd_record_open(w.treaty, w.symbols, all, MANY + 2, &w.arena, &w.record, &w.error);
        kdtest_claim(s == KD_OK, "many statements bind: %s %s", w.error.file, w.error.message);
        if (!s && replay(&w, "2016-12-31", "2016-12-31", 0)) {
            kdtest_claim(rows_of(&w, "move_told", 0, KD_BREACHED, NULL) == 0 &&
                             rows_of(&w, "move_told", 0, KD_KEPT, NULL) == 1 &&
                             w.history->verdict_count < 100,
                         "of %d obligations that were kept the last is remembered (%zu rows)", MANY / 4,
                         w.history->verdict_count);
            kdtest_claim(w.history->statements_used == MANY + 2, "all were used");
        }
    }
    free(all);
    world_close(&w);
}

int main(void) {
    test_order();
    test_refused();
    test_nearest();
    test_fields();
    test_receipts();
    test_ids();
    test_examples();
    test_memory();
    test_size();
    return kdtest_end("test_record");
}

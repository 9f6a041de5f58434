/* test_lang_nomem.c: memory runs out at the n-th call, for every n, while a treaty is read: it is said, and
 * all is given back. */
#include "failing.h"
#include "kadesh/treaty.h"
#include "kdtest.h"

static const char text[] =
    "```treaty\n"
    "treaty demo \"Demo\"\n"
    "party US en \"a \\\"b\\\"\"\n"
    "party RU\n"
    "group central rests on II\n"
    "kind delivery = icbm | slbm | bomber\n"
    "period year every 1 year from 2011-02-05\n"
    "notice ratified \"Ratified\" by both\n"
    "notice data \"Data\" role data fields as_of: date, launchers: count dated as_of\n"
    "notice change \"Change\" fields item: text, of: delivery, on: date\n"
    "notice stop \"Stop\" by RU\n"
    "event changed(i) at on from change(item: i)\n"
    "fact stopped(P) begins on stop() by P\n"
    "number launchers(P) := latest data.launchers by P + count of stopped(P)\n"
    "life in force on ratified lasts 10 years\n"
    "limit most \"Most\" cites II.1 group central each P: party from in force at most 3 on launchers(P)\n"
    "duty tell \"Tell\" cites II.1 group central when changed(i) by P P owes change(item: i) within 5 days excused while stopped(P)\n"
    "ban never \"Never\" cites II.2 group central each P: party never launchers(P) > 3 and stopped(P)\n"
    "quota few \"Few\" cites II.3 group central each P: party counts changed(_) by P per year at most 3\n"
    "right look \"Look\" cites II.4 group central P may change(item: i) the other owes change(item: i) within 1 day\n"
    "ladder back \"Back\" rung a each party stopped()\n"
    "reading RU \"R\" of RU frees RU from all while stopped(RU)\n"
    "example \"e\"\n"
    "  2012-01-01 US change(item: x, of: icbm, on: 2012-01-01)\n"
    "  expect kept most by US\n"
    "```\n";

/* The same with mistakes, so that telling them runs out too. */
static const char wrong[] =
    "```treaty\n"
    "treaty demo \"Demo\"\n"
    "party US\n"
    "notice data \"Data\" fields as_of: daet, launchers: count\n"
    "fact stopped(P, Q) begins on dat() by P\n"
    "number a() := b()\nnumber b() := a()\n"
    "limit most \"Most\" citse II.1 group centrl each P: party from in force at most 3 on lanchers(Q)\n"
    "```\n";

static void rehearse(const char *name, kd_str bytes, kd_status wanted) {
    kd_str record = KD_STR("```record\ncomplete data for US from 2011-01-01 but for 2012-01-01\n```\n");
    kd_str messages = KD_STR("```messages\na.b = \"x\" \"y\"\n```\n");
    const kd_source sources[] = {
        {.name = KD_STR("t.md"), .bytes = bytes},
        {.name = KD_STR("record.md"), .bytes = record, .kind = KD_SOURCE_RECORD},
        {.name = KD_STR("en.md"), .bytes = messages, .kind = KD_SOURCE_MESSAGES, .language = KD_STR("en")},
    };
    bool fine = true, done = false;
    long n = 0;
    for (; n < 100000 && fine && !done; n++) {
        /* An arena asks for blocks; small ones make each piece of memory a call of its own. */
        failing f = {.fail_at = n};
        kd_allocator from = {failing_resize, &f};
        kd_arena arena;
        kd_diagnostics d;
        kd_treaty *t;
        kd_arena_open(&arena, &from);
        /* The block is full to its last pieces at another place each time. */
        for (long k = 0; k < n / 4 % 64; k++) kd_arena_take(&arena, 1000);
        kd_status s = kd_treaty_load(&arena, sources, 3, &d, &t);
        done = s == wanted;
        fine = done || (s == KD_NOMEM && t == NULL);
        kd_arena_close(&arena);
        fine &= f.bytes == 0;
    }
    kdtest_claim(fine && done, "%s: memory runs out at each of %ld calls, is said and given back", name, n);
}

/* Every single piece of memory: an arena whose blocks are used up is given pieces by a budget. */
typedef struct budget {
    long left;
} budget;

static void *budget_resize(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    budget *b = ctx;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(p);
        return NULL;
    }
    if ((long)new_bytes > b->left) return NULL;
    b->left -= (long)new_bytes;
    return realloc(p, new_bytes);
}

static void starve(const char *name, kd_str bytes, kd_status wanted) {
    const kd_source source = {.name = KD_STR("t.md"), .bytes = bytes};
    bool fine = true;
    long runs = 0;
    for (size_t used = 0; used < 65000 && fine; used += 48, runs++) {
        budget b = {.left = 70000}; /* one block of 64 KiB and no more */
        kd_allocator from = {budget_resize, &b};
        kd_arena arena;
        kd_diagnostics d;
        kd_treaty *t;
        kd_arena_open(&arena, &from);
        for (size_t k = 0; k < used; k += 48) kd_arena_take(&arena, 48);
        kd_status s = kd_treaty_load(&arena, &source, 1, &d, &t);
        fine = s == wanted || (s == KD_NOMEM && t == NULL);
        kd_arena_close(&arena);
    }
    kdtest_claim(fine && runs > 1000, "%s: the last byte is reached at each of %ld places", name, runs);
}

int main(void) {
    rehearse("a treaty", KD_STR(text), KD_OK);
    rehearse("a treaty with mistakes", KD_STR(wrong), KD_INVALID);
    starve("a treaty", KD_STR(text), KD_OK);
    starve("a treaty with mistakes", KD_STR(wrong), KD_INVALID);
    return kdtest_end("test_lang_nomem");
}

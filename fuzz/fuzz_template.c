/* fuzz_template.c: any text as a message template: filled with values of every kind, some of them empty, or
 * refused with its key. The same text also stands in for forms that other templates call on. */
#include "kadesh/treaty.h"
#include "loose.h"
#include <kadesh/view.h>

static const char treaty_text[] = "```treaty\ntreaty toy \"Toy\"\nparty A\nparty B\n```\n";
static const char words[] = "```messages\n"
                            "plural.rule = \"slavic\"\n"
                            "list.comma = \", \"\n"
                            "list.and = \", \"\n"
                            "list.and.last = \" and \"\n"
                            "list.fuzz = \"FUZZ\"\n"
                            "day.near = \"{mm}-{dd}\"\n"
                            "day.long = \"{day} {month} {year} {day|count.day}\"\n"
                            "day.fuzz = \"FUZZ\"\n"
                            "month.jan = \"January\"\n"
                            "month.feb = \"February\"\n"
                            "month.mar = \"March\"\n"
                            "count.day.one = \"day\"\n"
                            "count.day.few = \"days\"\n"
                            "count.day.many = \"FUZZ\"\n"
                            "party.A = \"FUZZ\"\n"
                            "party.A.short = \"AL\"\n"
                            "```\n";

static kd_treaty *toy(void) {
    static kd_arena arena;
    static kd_treaty *t;
    if (t) return t;
    const kd_source sources[] = {
        {KD_STR("treaty.md"), {treaty_text, sizeof treaty_text - 1}, KD_SOURCE_TREATY, {NULL, 0}},
        {KD_STR("messages/en.md"), {words, sizeof words - 1}, KD_SOURCE_MESSAGES, KD_STR("en")}};
    kd_diagnostics bad = {0};
    kd_arena_open(&arena, NULL);
    must(kd_treaty_load(&arena, sources, 2, &bad, &t) == KD_OK);
    return t;
}

/* `utf8`: all that is filled in is, and then so must be what comes out. */
static void fill(const kd_words *w, kd_str text, int64_t number, bool utf8) {
    static const kd_str items[] = {{"one", 3}, {"two", 3}, {"three", 5}};
    const kd_day day = (kd_day)(number % 1000000);
    const kd_slot slots[] = {
        {.name = "text", .kind = KD_SLOT_TEXT, .text = KD_STR("plain")},
        {.name = "none", .kind = KD_SLOT_TEXT},
        {.name = "n", .kind = KD_SLOT_COUNT, .number = number},
        {.name = "one", .kind = KD_SLOT_COUNT, .number = 1},
        {.name = "no", .kind = KD_SLOT_COUNT, .absent = true},
        {.name = "day", .kind = KD_SLOT_DAY, .number = day},
        {.name = "never", .kind = KD_SLOT_DAY, .absent = true},
        {.name = "P", .kind = KD_SLOT_NAME, .stem = KD_STR("party.A"), .text = KD_STR("A")},
        {.name = "Q", .kind = KD_SLOT_NAME, .stem = KD_STR("party.B"), .text = KD_STR("B")},
        {.name = "list", .kind = KD_SLOT_LIST, .list = items, .count = 3},
        {.name = "nil", .kind = KD_SLOT_LIST}};
    kd_text out;
    kd_error e = {0};
    kd_text_open(&out, NULL);
    kd_text_puts(&out, "before ");
    kd_status s = kd_template_fill(w, &out, "fuzz", text, slots, sizeof slots / sizeof *slots, &e);
    must(kd_str_starts(kd_text_str(&out), "before ") && !out.failed && out.p[out.n] == 0);
    must(s == KD_OK || s == KD_INVALID);
    if (s) must(strcmp(e.reason, "bad_template") == 0 || strcmp(e.reason, "missing_message") == 0);
    if (s) must(e.message[0] && (!utf8 || kd_utf8_check(kd_str_of(e.message)) == strlen(e.message)));
    if (!s && utf8) must(kd_utf8_check(kd_text_str(&out)) == out.n);
    kd_text_close(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const calling[] = {"[{day|fuzz}, ]{n|count.day} {list|fuzz} {P}",
                                          "{day|near}{P|short}"};
    kd_treaty *t = toy();
    kd_words w = {t, KD_STR("en"), 19436};
    kd_cursor c = kd_cursor_of(data, size);
    int64_t number = (int64_t)kd_cursor_u64(&c);
    kd_str text = kd_cursor_bytes(&c, kd_cursor_left(&c));
    bool utf8 = kd_utf8_check(text) == text.n;
    fill(&w, text, number, utf8);
    size_t lent = 0;
    for (size_t i = 0; i < t->message_count; i++) {
        if (!kd_str_is(t->messages[i].text, "FUZZ")) continue;
        t->messages[i].text = text;
        for (size_t k = 0; k < 2; k++) fill(&w, kd_str_of(calling[k]), number, utf8);
        t->messages[i].text = KD_STR("FUZZ");
        lent++;
    }
    must(lent == 4);
    return 0;
}

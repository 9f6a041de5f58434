/* test_view.c: templates say what they say or name what is missing; a page keeps its size whatever it is told; and a treaty
 * that the view has never seen gets as good a page. */
#include "failing.h"
#include "kadesh/treaty.h"
#include "kdtest.h"
#include "view/page.h"
#include <kadesh/record.h>
#include <kadesh/view.h>
#include <stdlib.h>
#include <string.h>

/* ---- Templates -------------------------------------------------------------------------------------------------*/

/* Read as any treaty's messages are. */
static const char english[] = "```messages\n"
                              "plural.rule = \"two\"\n"
                              "list.comma = \", \"\n"
                              "list.and = \", \"\n"
                              "list.and.last = \" and \"\n"
                              "day.long = \"{day} {month} {year}\"\n"
                              "day.near = \"{mm}-{dd}\"\n"
                              "month.mar = \"March\"\n"
                              "count.day.one = \"day\"\n"
                              "count.day.many = \"days\"\n"
                              "party.A = \"Aland\"\n"
                              "party.A.short = \"AL\"\n"
                              "hello = \"hello {x}\"\n"
                              "page.more = \"and {n} more: {command}\"\n"
                              "```\n";
static const char russian[] = "```messages\n"
                              "plural.rule = \"slavic\"\n"
                              "count.day.one = \"день\"\n"
                              "count.day.few = \"дня\"\n"
                              "count.day.many = \"дней\"\n"
                              "```\n";

/* A treaty with these messages and little else; NULL when it does not load. */
static const kd_treaty *small_treaty(kd_arena *arena) {
    const kd_source sources[] = {
        {KD_STR("treaty.md"), KD_STR("```treaty\ntreaty small \"Small\"\nparty A\nparty B\n```\n"),
         KD_SOURCE_TREATY, KD_STR("")},
        {KD_STR("messages/en.md"), kd_str_of(english), KD_SOURCE_MESSAGES, KD_STR("en")},
        {KD_STR("messages/ru.md"), kd_str_of(russian), KD_SOURCE_MESSAGES, KD_STR("ru")},
    };
    kd_diagnostics d = {0};
    kd_treaty *t = NULL;
    kd_status s = kd_treaty_load(arena, sources, 3, &d, &t);
    kdtest_claim(s == KD_OK, "the small treaty loads: %.*s", d.count ? (int)d.items[0].message.n : 0,
                 d.count ? d.items[0].message.p : "");
    return s ? NULL : t;
}

typedef struct template_row {
    const char *claim, *language, *text;
    kd_slot slot;
    const char *expected; /* or NULL: an error */
    const char *reason;
    const char *named; /* what the error's message names */
} template_row;

static const kd_str three[] = {{"a", 1}, {"b", 1}, {"c", 1}};

#define TEXT(v)                                                                                              \
    {                                                                                                        \
        .name = "x", .kind = KD_SLOT_TEXT, .text = { v, sizeof(v) - 1 }                                      \
    }
#define COUNT(v)                                                                                             \
    { .name = "x", .kind = KD_SLOT_COUNT, .number = v }
#define DAY(v)                                                                                               \
    { .name = "x", .kind = KD_SLOT_DAY, .number = v }
#define LIST(v)                                                                                              \
    { .name = "x", .kind = KD_SLOT_LIST, .list = three, .count = v }
#define NAME(s)                                                                                              \
    {                                                                                                        \
        .name = "x", .kind = KD_SLOT_NAME, .stem = {s, sizeof(s) - 1}, .text = { "plain", 5 }                \
    }
#define MARCH_20       19436                  /* 2023-03-20 */
#define TWENTY_LETTERS "жжжжжжжжжжжжжжжжжжжж" /* of two bytes each */

static const template_row template_rows[] = {
    {"a text stands for itself", "en", "<{x}>", TEXT("one"), "<one>", NULL, NULL},
    {"a count is decimal", "en", "{x}", COUNT(-1550), "-1550", NULL, NULL},
    {"a day is written as ISO 8601", "en", "{x}", DAY(MARCH_20), "2023-03-20", NULL, NULL},
    {"a day has a long form", "en", "{x|long}", DAY(MARCH_20), "20 March 2023", NULL, NULL},
    {"a day of the reader's year is written near", "en", "{x|near}", DAY(MARCH_20), "03-20", NULL, NULL},
    {"a day of another year is not", "en", "{x|near}", DAY(MARCH_20 - 365), "2022-03-20", NULL, NULL},
    {"a name has its message", "en", "{x}", NAME("party.A"), "Aland", NULL, NULL},
    {"a name has forms", "en", "{x|short}", NAME("party.A"), "AL", NULL, NULL},
    {"a name without a message stands as the treaty spells it", "en", "{x}", NAME("party.B"), "plain", NULL,
     NULL},
    {"a form of a name must be there", "en", "{x|short}", NAME("party.B"), NULL, "missing_message",
     "party.B.short"},
    {"a list is joined by commas", "en", "{x}", LIST(3), "a, b, c", NULL, NULL},
    {"a list ends with and", "en", "{x|and}", LIST(3), "a, b and c", NULL, NULL},
    {"a list of one is not joined", "en", "{x|and}", LIST(1), "a", NULL, NULL},
    {"one takes the singular", "en", "{x} {x|count.day}", COUNT(1), "1 day", NULL, NULL},
    {"ten take the plural", "en", "{x} {x|count.day}", COUNT(10), "10 days", NULL, NULL},
    {"Russian: 21 is as one", "ru", "{x} {x|count.day}", COUNT(21), "21 день", NULL, NULL},
    {"Russian: 11 is many", "ru", "{x} {x|count.day}", COUNT(11), "11 дней", NULL, NULL},
    {"Russian: 104 is few", "ru", "{x} {x|count.day}", COUNT(104), "104 дня", NULL, NULL},
    {"Russian: 12 is many", "ru", "{x} {x|count.day}", COUNT(12), "12 дней", NULL, NULL},
    {"a part without its value is left out", "en", "a[, b {x}], c", TEXT(""), "a, c", NULL, NULL},
    {"a part with its value stays", "en", "a[, b {x}], c", TEXT("1"), "a, b 1, c", NULL, NULL},
    {"an inner part goes alone", "en", "a[ b[ {x}] c]", TEXT(""), "a b c", NULL, NULL},
    {"an empty list leaves its part out", "en", "a[: {x}]", LIST(0), "a", NULL, NULL},
    {"brackets can be written", "en", "\\[{x}\\] \\{x\\}", TEXT("1"), "[1] {x}", NULL, NULL},
    {"an unknown placeholder is an error that names it", "en", "{y}", TEXT("1"), NULL, "bad_template", "y"},
    {"a brace that is not closed is an error", "en", "a {x", TEXT("1"), NULL, "bad_template", "{x"},
    {"a bracket that is not closed is an error", "en", "a [x", TEXT("1"), NULL, "bad_template", "not closed"},
    {"a bracket that was not opened is an error", "en", "a ]", TEXT("1"), NULL, "bad_template", "]"},
    {"a fault is shown by whole letters", "en", "{xx" TWENTY_LETTERS TWENTY_LETTERS, TEXT("1"), NULL,
     "bad_template", "{xx"},
    {"a long form is named by whole letters", "en",
     "{x|" TWENTY_LETTERS TWENTY_LETTERS TWENTY_LETTERS TWENTY_LETTERS TWENTY_LETTERS "}", DAY(MARCH_20),
     NULL, "missing_message", "day."},
    {"a text has no form", "en", "{x|long}", TEXT("1"), NULL, "bad_template", "long"},
    {"a month without its word is named", "ru", "{x|long}", DAY(MARCH_20 + 31), NULL, "missing_message",
     "month.apr"},
};

static void test_templates(const kd_treaty *t) {
    for (size_t i = 0; i < sizeof template_rows / sizeof *template_rows; i++) {
        const template_row *r = &template_rows[i];
        kd_words w = {t, kd_str_of(r->language), MARCH_20};
        kd_text out;
        kd_error e = {.message = ""};
        kd_text_open(&out, &kd_allocator_libc);
        kd_status s = kd_template_fill(&w, &out, "test", kd_str_of(r->text), &r->slot, 1, &e);
        if (r->expected) {
            kdtest_claim(s == KD_OK && kd_str_is(kd_text_str(&out), r->expected), "%s: got `%s` (%s)",
                         r->claim, out.p ? out.p : "", e.message);
        } else {
            bool whole = kd_utf8_check(kd_str_of(e.message)) == strlen(e.message);
            kdtest_claim(s == KD_INVALID && strcmp(e.reason, r->reason) == 0 && strstr(e.message, r->named) &&
                             whole,
                         "%s: got %d `%s` `%s`", r->claim, s, e.reason, e.message);
        }
        kd_text_close(&out);
    }
    kd_words w = {t, KD_STR("ru"), MARCH_20};
    kd_text out;
    kd_error e = {.message = ""};
    kd_text_open(&out, &kd_allocator_libc);
    const kd_slot x = TEXT("you");
    kdtest_claim(kd_template_put(&w, &out, "hello", &x, 1, &e) == KD_OK &&
                     kd_str_is(kd_text_str(&out), "hello you"),
                 "English stands in for a sentence that a language lacks");
    kdtest_claim(kd_template_put(&w, &out, "nowhere.at_all", &x, 1, &e) == KD_INVALID &&
                     strstr(e.message, "nowhere.at_all"),
                 "a missing message is an error that names its key: %s", e.message);
    kd_text_close(&out);
}

/* ---- The page --------------------------------------------------------------------------------------------------*/

/* Counts lines and finds the widest. */
static size_t measure(kd_str page, size_t *widest) {
    size_t lines = 0;
    kd_cursor c = kd_cursor_of(page.p, page.n);
    kd_str line;
    *widest = 0;
    while (kd_cursor_line(&c, &line)) {
        lines++;
        if (kd_utf8_width(line) > *widest) *widest = kd_utf8_width(line);
    }
    return lines;
}

static void test_page(const kd_treaty *t, kd_arena *arena) {
    kd_error e;
    kd_pen pen = {.arena = arena, .e = &e};
    pen.words = (kd_words){t, KD_STR("en"), MARCH_20};
    kd_page page;
    kd_page_open(&page, &pen, 20);
    kd_page_section(&page, KD_STR("HEAD"), "", false);
    static const struct {
        const char *claim;
        kd_wrapped w;
        const char *expected;
    } rows[] = {
        {"words wrap at the column",
         {2, 0, KD_STR(""), KD_STR("one two three four five"), KD_STR(""), 9},
         "  one two three four\n  five\n"},
        {"a tail stands at the right of the last line",
         {2, 0, KD_STR(""), KD_STR("one two"), KD_STR("RU/1"), 9},
         "  one two       RU/1\n"},
        {"a tail without room has a line of its own",
         {2, 0, KD_STR(""), KD_STR("one two three four"), KD_STR("RU/1"), 9},
         "  one two three four\n                RU/1\n"},
        {"what no line can hold is cut in columns, not in bytes",
         {0, 0, KD_STR(""), KD_STR("абвгдежзийклмнопрстуфхцч"), KD_STR(""), 9},
         "абвгдежзийклмнопрсту\nфхцч\n"},
        {"too many lines end in an ellipsis",
         {0, 0, KD_STR(""), KD_STR("aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii"), KD_STR(""), 2},
         "aaaa bbbb cccc dddd\neeee ffff gggg hhhh…\n"},
        {"control characters do not reach the terminal",
         {0, 0, KD_STR(""), KD_STR("a\033[2Jb\xe2\x80\xaeX"), KD_STR(""), 2},
         "a?[2Jb?X\n"},
        {"combining marks take no column",
         {0, 0, KD_STR(""), KD_STR("aaaaaaaaaaaaaaaaaaaaе́"), KD_STR(""), 1},
         "aaaaaaaaaaaaaaaaaaa…\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kd_page_block(&page, 0, NULL);
        kd_page_wrap(&page, &rows[i].w);
        kd_text out;
        kd_text_open(&out, &kd_allocator_libc);
        const kd_block *b = &page.blocks[page.block_count - 1];
        for (size_t l = 0; l < b->line_count; l++) {
            kd_text_put(&out, b->lines[l]);
            kd_text_putc(&out, '\n');
        }
        kdtest_claim(kd_str_is(kd_text_str(&out), rows[i].expected), "%s: got\n%s", rows[i].claim,
                     out.p ? out.p : "");
        kd_text_close(&out);
    }
}

static void test_fit(const kd_treaty *t, kd_arena *arena) {
    kd_error e;
    kd_pen pen = {.arena = arena, .e = &e};
    pen.words = (kd_words){t, KD_STR("en"), MARCH_20};
    kd_page page;
    kd_page_open(&page, &pen, 30);
    kd_page_section(&page, KD_STR("ONE"), "kadesh status", false);
    static const int ranks[] = {1, 3, 0, 3, -1};
    static const char *const lines[] = {"first", "second", "third", "fourth", "fifth"};
    for (size_t i = 0; i < 5; i++) {
        kd_page_block(&page, ranks[i], NULL);
        kd_page_line(&page, kd_str_of(lines[i]));
    }
    kd_page_fit(&page, 4, 0);
    kd_text out;
    kd_text_open(&out, &kd_allocator_libc);
    kd_page_put(&page, &out);
    kdtest_claim(kd_str_is(kd_text_str(&out), "ONE  and 2 more: kadesh status\nfirst\nthird\nfifth\n"),
                 "what matters least is left out, and the page says where it is: got\n%s",
                 out.p ? out.p : "");
    kd_page_section(&page, KD_STR("TWO"), "", false);
    kd_page_block(&page, KD_RANK_TIGHT, NULL);
    kd_page_line(&page, KD_STR("sixth"));
    kd_page_fit(&page, 6, 0);
    out.n = 0;
    kd_page_put(&page, &out);
    kdtest_claim(
        kd_str_is(kd_text_str(&out), "ONE  and 2 more: kadesh status\nfirst\nthird\nfifth\nTWO\nsixth\n"),
        "an empty line goes before what matters: got\n%s", out.p ? out.p : "");
    kd_page_fit(&page, 5, 0);
    out.n = 0;
    kd_page_put(&page, &out);
    kdtest_claim(kd_str_is(kd_text_str(&out), "ONE  and 2 more: kadesh status\nfirst\nthird\nfifth\nTWO\n"),
                 "and does not come back without room: got\n%s", out.p ? out.p : "");
    kd_page_fit(&page, 7, 0);
    kdtest_claim(kd_page_lines(&page) == 6, "with room it does: %zu lines", kd_page_lines(&page));
    kd_page_fit(&page, 1, 0);
    kdtest_claim(kd_page_lines(&page) == 3, "what may never be left out stays: %zu lines",
                 kd_page_lines(&page));
    kd_text_close(&out);
}

/* ---- A treaty that the view has never seen ---------------------------------------------------------------------*/

static const char river[] =
    "```treaty\n"
    "treaty two-rivers \"The Two Rivers\"\n"
    "party AL en \"Aland\" ru \"Аланд\"\n"
    "party BE en \"Beland\" ru \"Беланд\"\n"
    "group water en \"water\" rests on I\n"
    "group boats en \"boats\" rests on II\n"
    "period season every 3 months from 2020-01-01\n"
    "life\n"
    "  cites IX\n"
    "  in force on in_force\n"
    "  lasts 10 years\n"
    "  ends 6 months after withdrawal\n"
    "kind theme = fish | peace | bread\n"
    "kind view = void | fine\n"
    "notice in_force \"In force\"\n  role in_force\n  by both\n  fields text: text?\n"
    "notice withdrawal \"Withdrawal\"\n  role withdrawal\n  cites IX\n  fields text: text?\n"
    "notice tally \"Tally\"\n  role data\n  fields day: date, boats: count\n  dated day\n"
    "notice halt \"Halt\"\n  role suspension\n  fields text: text?\n"
    "notice word \"Word\"\n  role pledge\n  fields keeps: group+\n"
    "notice answer \"Answer\"\n  role position\n  fields about: notice?, party: party?, stance: view?, topics: theme*\n"
    "notice wish \"Wish\"\n  role condition\n  fields topics: theme+\n"
    "notice bid \"Bid\"\n  role offer\n  fields topics: theme+, if_topics: theme*\n"
    "notice visit \"Visit\"\n  fields text: text?\n"
    "notice call \"Call\"\n  fields text: text?\n"
    "notice pact \"Pact\"\n  role restoration\n  by both\n  fields text: text?\n"
    "fact halted(P)\n  begins on halt by P\n"
    "fact spoken(P)\n  begins on word(keeps: boats) by P\n"
    "limit fleet \"Boats of a Party on the river\"\n  cites II\n  group boats\n  each P: party\n"
    "  from in force at most 10\n  on latest tally.boats by P\n"
    "duty tell \"Tell the other how many boats there are\"\n  cites I\n  group water\n"
    "  every season\n  each party owes tally within 10 days\n"
    "duty visits \"Visit the other\"\n  cites II.2\n  group boats\n"
    "  when call\n  each party owes visit\n  no day set\n"
    "duty recount \"Count again when called\"\n  cites II.3\n  group boats\n"
    "  when call\n  each party owes tally\n  within 10 days\n"
    "ladder back \"The way back\"\n  rung speak \"both give their word\" each party spoken(P)\n"
    "```\n";
static const char river_reading[] =
    "```treaty\n"
    "reading BE \"Halted\"\n  of BE\n  frees BE from water while halted(BE)\n"
    "  keeps what word names in keeps\n"
    "reading AL \"Nothing is halted\"\n  of AL\n"
    "  holds invalid halted(BE) since answer(about: halt, stance: void) by AL\n"
    "```\n";
static const char river_record[] = "```record\ntreaty two-rivers\nreconstructed\n"
                                   "complete tally for AL, BE from 2020-01-01\nopen everything else\n```\n";
/* What a treaty's own messages must have besides the common ones: its Parties' forms, its kinds' clauses. */
static const char river_messages[] =
    "```messages\n"
    "party.AL.cap = \"Aland\"\nparty.AL.short = \"AL\"\nparty.AL.reads = \"as Aland reads it\"\n"
    "party.AL.reading = \"AL reading\"\n"
    "party.AL.counts = \"as Aland counts\"\nparty.AL.ins = \"Аландом\"\nparty.AL.gen = \"Аланда\"\n"
    "party.BE.cap = \"Beland\"\nparty.BE.short = \"BE\"\nparty.BE.reads = \"as Beland reads it\"\n"
    "party.BE.reading = \"BE reading\"\n"
    "party.BE.counts = \"as Beland counts\"\nparty.BE.ins = \"Беландом\"\nparty.BE.gen = \"Беланда\"\n"
    "view.void = \"void\"\nview.void.clause = \"holds that void\"\nview.fine.clause = \"agrees\"\n"
    "```\n";

typedef struct said_row {
    uint32_t party;
    const char *day, *notice, *fields;
} said_row;

static const said_row said[] = {
    {0, "2020-02-01", "in_force", ""},
    {1, "2020-02-01", "in_force", ""},
    {0, "2020-04-05", "tally", "day 2020-04-01\nboats 9\n"},
    {1, "2020-04-06", "tally", "day 2020-04-01\nboats 11\n"},
    {1, "2020-05-01", "halt", ""},
    {1, "2020-05-02", "word", "keeps boats\n"},
    {0, "2020-05-03", "answer", "about halt\nparty BE\nstance void\n"},
    {1, "2020-05-04", "wish", "topics peace\ntopics fish\n"},
    {0, "2020-06-01", "bid", "topics bread\n"},
    {1, "2020-06-02", "wish", "topics fish\ntopics bread\n"},
    {0, "2020-06-03", "bid", "topics peace\ntopics bread\n"},
    {0, "2020-06-04", "bid", "topics bread\nif_topics peace\n"},
    {0, "2020-07-05", "tally", "day 2020-07-01\nboats 8\n"},
    {0, "2020-07-20", "call", ""},
};

static const char *const party_names[] = {"AL", "BE"};

static kd_str file_text(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return KD_STR("");
    char *p = malloc(1 << 20);
    size_t n = p ? fread(p, 1, 1 << 20, f) : 0;
    fclose(f);
    return (kd_str){p, n};
}

typedef struct river_page {
    kd_arena arena;
    kd_symbols *symbols;
    kd_treaty *treaty;
    kd_record *record;
    kd_error e;
} river_page;

static void put_note(kd_text *note, const said_row *r) {
    kd_text_printf(
        note,
        "kadesh.statement/1\ntreaty two-rivers\nnotice %s\nby %s\nissued %s\nreceived %s\nsource a test\n%s",
        r->notice, party_names[r->party], r->day, r->day, r->fields);
    kd_text_puts(note, "\n— test AAAAAAAA\n");
}

static bool open_river(river_page *x, const char *extra_messages, kd_str in_english, kd_str in_russian) {
    *x = (river_page){.symbols = NULL};
    kd_arena_open(&x->arena, &kd_allocator_libc);
    const kd_source sources[] = {
        {KD_STR("treaty.md"), kd_str_of(river), KD_SOURCE_TREATY, KD_STR("")},
        {KD_STR("readings/both.md"), kd_str_of(river_reading), KD_SOURCE_READING, KD_STR("")},
        {KD_STR("record.md"), kd_str_of(river_record), KD_SOURCE_RECORD, KD_STR("")},
        {KD_STR("messages/en.md"), in_english, KD_SOURCE_MESSAGES, KD_STR("en")},
        {KD_STR("messages/ru.md"), in_russian, KD_SOURCE_MESSAGES, KD_STR("ru")},
        {KD_STR("messages/en-own.md"), kd_str_of(extra_messages), KD_SOURCE_MESSAGES, KD_STR("en")},
    };
    kd_diagnostics d = {0};
    kd_status s = kd_treaty_load(&x->arena, sources, 6, &d, &x->treaty);
    if (!kdtest_claim(s == KD_OK, "the river treaty loads: %.*s", d.count ? (int)d.items[0].message.n : 0,
                      d.count ? d.items[0].message.p : ""))
        return false;
    kd_symbols_open(&kd_allocator_libc, &x->symbols);
    static kd_record_entry entries[sizeof said / sizeof *said];
    uint64_t index[2] = {0, 0};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        kd_text note;
        kd_text_open(&note, &kd_allocator_libc);
        put_note(&note, &said[i]);
        kd_str text = {kd_arena_copy(&x->arena, note.p, note.n), note.n};
        entries[i] = (kd_record_entry){said[i].party, index[said[i].party]++, text};
        kd_text_close(&note);
    }
    s = kd_record_open(x->treaty, x->symbols, entries, sizeof said / sizeof *said, &x->arena, &x->record,
                       &x->e);
    return kdtest_claim(s == KD_OK, "the river record opens: %s: %s", x->e.file, x->e.message);
}

static kd_history *river_history(river_page *x, const char *on) {
    kd_day day = 0;
    kd_history *h = NULL;
    kd_day_parse(kd_str_of(on), &day);
    const kd_replay_options o = {.on = day, .known = day, .horizon = day + 31};
    kd_status s = kd_replay(x->record, &o, &x->arena, &kd_allocator_libc, &h, &x->e);
    kdtest_claim(s == KD_OK, "the river record replays to %s: %s", on, x->e.message);
    return h;
}

static const struct {
    const char *on, *claim, *text;
} river_rows[] = {
    {"2020-01-31", "before its day the treaty is not yet in force", "Not yet in force."},
    {"2020-04-06", "a figure above a limit is marked", "11 !"},
    {"2020-04-06", "and said in the summary", "1 declared figure is above a limit."},
    {"2020-05-01", "a suspension is said", "by Beland: law 2020-05-01"},
    {"2020-05-04", "an answer is said with its stance and how much it covers",
     "AL 2020-05-03: void; Beland bound by all 2 groups"},
    {"2020-05-04", "what a Party keeps is said", "BE 2020-05-02: boats"},
    {"2020-05-04", "a condition is said with the treaty's own words", "asks: peace; fish"},
    {"2020-05-04", "the ladder names who has taken a step and who has not", "BE has, not yet AL"},
    {"2020-05-04", "no agreement is said over how many statements",
     "to restore or replace the treaty, in 8 statements of both books"},
    {"2020-06-04",
     "what a Party asks in two statements is one sentence, each topic once, each day with its statement",
     "asks: peace; fish; bread                           05-04 BE/4, 06-02 BE/5"},
    {"2020-06-04", "offers of one kind are one sentence",
     "offers: bread; peace                               06-01 AL/3, 06-03 AL/4"},
    {"2020-06-04", "an offer on a condition stands apart",
     "offers: bread; if: peace                                       06-04 AL/5"},
    {"2020-07-20", "what is owed with no day set is open", "open, no day"},
    {"2020-07-08", "the other's data are due", "2020-07-10 due in 2 days"},
    {"2020-07-11", "what was missing is unmet under the reading that binds", "Unmet: 2 as Aland reads it"},
    {"2020-07-11", "and not under the one that frees", "1 as Beland reads it"},
    {"2030-02-03", "after the end it is said", "The treaty ended with 1 February 2030 and binds nobody now."},
};

static void test_river(kd_str in_english, kd_str in_russian) {
    river_page x;
    if (open_river(&x, river_messages, in_english, in_russian)) {
        for (size_t i = 0; i < sizeof river_rows / sizeof *river_rows; i++) {
            kd_history *h = river_history(&x, river_rows[i].on);
            if (!h) continue;
            for (int russian_too = 0; russian_too < 2; russian_too++) {
                const kd_view v = {.treaty = x.treaty,
                                   .history = h,
                                   .language = russian_too ? KD_STR("ru") : KD_STR("en"),
                                   .checked = {2, 9, 9, 2},
                                   .arena = &x.arena};
                kd_brief *b = NULL;
                kd_text out;
                kd_text_open(&out, &kd_allocator_libc);
                kd_status s = kd_brief_make(&v, &b, &x.e);
                if (!s) s = kd_brief_put(b, &out, &x.e);
                size_t widest, lines = measure(kd_text_str(&out), &widest);
                kdtest_claim(s == KD_OK, "%s: the page is made: %s", river_rows[i].on, x.e.message);
                kdtest_claim(lines <= KD_PAGE_LINES && widest <= KD_PAGE_COLUMNS,
                             "%s: the page keeps its size: %zu x %zu", river_rows[i].on, lines, widest);
                if (!russian_too)
                    kdtest_claim(s == KD_OK && out.p && strstr(out.p, river_rows[i].text),
                                 "%s, %s: `%s` is not in\n%s", river_rows[i].on, river_rows[i].claim,
                                 river_rows[i].text, out.p ? out.p : "");
                kd_text_close(&out);
            }
        }
    }
    kd_symbols_close(x.symbols);
    kd_arena_close(&x.arena);
}

/* Status on a day: what silence says of a rule depends on whether the record is complete for its notice. */
static void test_silence(kd_str in_english, kd_str in_russian) {
    static const struct {
        const char *claim, *on, *expected;
    } rows[] = {
        {"before the treaty is in force nothing is owed", "2020-01-31",
         "Visit the other\n    AL   nothing owed "},
        {"of what the record need not show, silence shows nothing", "2020-07-05",
         "Visit the other\n    AL   not shown "},
        {"of what it would show, nothing was owed", "2020-07-05",
         "Count again when called\n    AL   nothing owed "},
        {"once it is owed it is pending", "2020-07-20", "Visit the other\n    AL   pending "},
    };
    river_page x;
    if (open_river(&x, river_messages, in_english, in_russian)) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const kd_view v = {x.treaty, river_history(&x, rows[i].on), KD_STR("en"), {2, 9, 9, 2}, &x.arena};
            const kd_status_asked asked = {-1, -1};
            kd_text out;
            kd_text_open(&out, &kd_allocator_libc);
            kd_status s = v.history ? kd_status_put(&v, &asked, &out, &x.e) : KD_FAILED;
            kdtest_claim(s == KD_OK && out.p && strstr(out.p, rows[i].expected), "%s: got\n%s", rows[i].claim,
                         out.p ? out.p : x.e.message);
            kd_text_close(&out);
        }
    }
    kd_symbols_close(x.symbols);
    kd_arena_close(&x.arena);
}

/* Names as long as a hostile file could make them, and a template that is not there. */
static void test_hostile(kd_str in_english, kd_str in_russian) {
    static char own[60000];
    char name[1600];
    size_t n = 0;
    for (size_t i = 0; i < 400; i++)
        n += (size_t)snprintf(name + n, sizeof name - n, "%s", i % 7 == 6 ? " " : "Щы");
    int at = snprintf(own, sizeof own, "```messages\n");
    static const char *const keys[] = {
        "party.AL",        "party.BE",         "party.AL.cap",   "party.BE.cap",     "party.AL.short",
        "party.BE.short",  "party.AL.reads",   "party.BE.reads", "party.AL.reading", "party.BE.reading",
        "party.AL.counts", "party.BE.counts",  "party.AL.ins",   "party.BE.ins",     "group.water",
        "group.boats",     "rule.fleet",       "rule.tell",      "theme.fish",       "theme.peace",
        "view.void",       "view.void.clause", "rung.speak"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        at += snprintf(own + at, sizeof own - (size_t)at, "%s = \"%s\"\n", keys[i], name);
    snprintf(own + at, sizeof own - (size_t)at, "```\n");
    static const char *const days[] = {"2020-01-31", "2020-05-04", "2021-09-11", "2030-02-03"};
    river_page x;
    for (size_t d = 0; d < 4 && open_river(&x, own, in_english, in_russian); d++) {
        kd_history *h = river_history(&x, days[d]);
        const kd_view v = {x.treaty, h, KD_STR("en"), {2, INT64_MAX, INT64_MAX, INT64_MAX}, &x.arena};
        kd_brief *b = NULL;
        kd_text out;
        kd_text_open(&out, &kd_allocator_libc);
        kd_status s = h ? kd_brief_make(&v, &b, &x.e) : KD_FAILED;
        if (!s) s = kd_brief_put(b, &out, &x.e);
        size_t widest, lines = measure(kd_text_str(&out), &widest);
        kdtest_claim(s == KD_OK && lines > 5 && lines <= KD_PAGE_LINES && widest <= KD_PAGE_COLUMNS,
                     "names without end do not burst the page of %s: %zu x %zu, %s", days[d], lines, widest,
                     x.e.message);
        kd_text_close(&out);
        kd_symbols_close(x.symbols);
        kd_arena_close(&x.arena);
    }
    if (open_river(&x, "```messages\nparty.AL.short = \"AL\"\n```\n", in_english, in_russian)) {
        kd_history *h = river_history(&x, "2020-05-04");
        const kd_view v = {x.treaty, h, KD_STR("en"), {2, 9, 9, 2}, &x.arena};
        kd_brief *b = NULL;
        kd_status s = h ? kd_brief_make(&v, &b, &x.e) : KD_FAILED;
        kdtest_claim(s == KD_INVALID && strcmp(x.e.reason, "missing_message") == 0 &&
                         strstr(x.e.message, "`party.BE"),
                     "a message that the treaty lacks is named, not left blank: %d %s", s, x.e.message);
    }
    kd_symbols_close(x.symbols);
    kd_arena_close(&x.arena);
}

/* A message that is asked for when most of a page is made: nothing of the page is left. */
static void test_half_a_page(kd_str in_english, kd_str in_russian) {
    static const char key[] = "checked.go_on.label";
    char *less = malloc(in_english.n + 1);
    if (!less) return;
    memcpy(less, in_english.p, in_english.n);
    less[in_english.n] = '\0';
    char *at = strstr(less, key);
    if (kdtest_claim(at, "the messages have `%s`", key)) memcpy(at, "checked.go_no.label", sizeof key - 1);
    river_page x;
    if (open_river(&x, river_messages, (kd_str){less, in_english.n}, in_russian)) {
        const kd_view v = {x.treaty, river_history(&x, "2020-05-04"), KD_STR("en"), {2, 9, 9, 2}, &x.arena};
        kd_brief *b = NULL;
        kd_text out;
        kd_text_open(&out, &kd_allocator_libc);
        kd_text_puts(&out, "before");
        kd_status s = v.history ? kd_brief_make(&v, &b, &x.e) : KD_FAILED;
        if (!s) s = kd_brief_put(b, &out, &x.e);
        kdtest_claim(s == KD_INVALID && strstr(x.e.message, key) && kd_str_is(kd_text_str(&out), "before"),
                     "a page that cannot be made whole is not made: %d %s, got\n%s", s, x.e.message, out.p);
        kd_text_close(&out);
    }
    kd_symbols_close(x.symbols);
    kd_arena_close(&x.arena);
    free(less);
}

/* Running out of memory at each call of each page is an error, and never a crash or a page that looks whole. */
static void test_nomem(kd_str in_english, kd_str in_russian) {
    river_page x;
    if (!open_river(&x, river_messages, in_english, in_russian)) return;
    kd_history *h = river_history(&x, "2020-07-11");
    static const char *const names[] = {"brief", "brief --json", "status", "status --json",
                                        "due",   "due --json",   "no verb"};
    for (int page = 0; h && page < 7; page++) {
        long at = 0, wrong = 0;
        for (kd_status s = KD_NOMEM; s == KD_NOMEM && at < 200000; at++) {
            failing f = {.fail_at = at};
            const kd_allocator from = {failing_resize, &f};
            kd_arena arena;
            kd_text out;
            kd_error e = {.message = ""};
            kd_arena_open(&arena, &from);
            kd_text_open(&out, &from);
            const kd_view v = {x.treaty, h, KD_STR("en"), {2, 9, 9, 2}, &arena};
            const kd_status_asked asked = {-1, -1};
            kd_brief *b = NULL;
            s = page < 2 ? kd_brief_make(&v, &b, &e) : KD_OK;
            if (!s && page == 0) s = kd_brief_put(b, &out, &e);
            if (!s && page == 1) s = kd_brief_json(b, &out, &e);
            if (page == 2) s = kd_status_put(&v, &asked, &out, &e);
            if (page == 3) s = kd_status_json(&v, &asked, &out, &e);
            if (page == 4) s = kd_due_put(&v, &out, &e);
            if (page == 5) s = kd_due_json(&v, &out, &e);
            if (page == 6) s = kd_stand_put(&v, &out, &e);
            wrong += s != KD_OK && s != KD_NOMEM;
            kd_text_close(&out);
            kd_arena_close(&arena);
            wrong += f.bytes != 0;
        }
        kdtest_claim(wrong == 0 && at > 3 && at < 200000,
                     "%s: out of memory at each call is told, and all is given back: %ld, %ld", names[page],
                     at, wrong);
    }
    kd_symbols_close(x.symbols);
    kd_arena_close(&x.arena);
}

int main(void) {
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    const kd_treaty *t = small_treaty(&arena);
    if (t) {
        test_templates(t);
        test_page(t, &arena);
        test_fit(t, &arena);
    }
    kd_arena_close(&arena);
    kd_str in_english = file_text("treaties/new-start/messages/en.md");
    kd_str in_russian = file_text("treaties/new-start/messages/ru.md");
    if (kdtest_claim(in_english.n && in_russian.n,
                     "the messages are where they are (run from the project's root)")) {
        test_river(in_english, in_russian);
        test_silence(in_english, in_russian);
        test_hostile(in_english, in_russian);
        test_half_a_page(in_english, in_russian);
        test_nomem(in_english, in_russian);
    }
    if (in_english.n) free((void *)(uintptr_t)in_english.p);
    if (in_russian.n) free((void *)(uintptr_t)in_russian.p);
    return kdtest_end("test_view");
}

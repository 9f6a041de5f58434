/* test_lang_model.c: what a correct treaty becomes: tables, resolved syntax, messages, a record's words,
 * examples, values. */
#include "kdtest.h"
#include "lang/ast.h"
#include <stdlib.h>
#include <string.h>

static const char treaty_text[] =
    "# Article I\n"
    "Prose is not read: limit x.\n"
    "```treaty\n"
    "treaty demo-one \"Demonstration\"  ru \"Пример\"\n"
    "party US  en \"United States\"  ru \"Соединённые Штаты\"\n"
    "party RU\n"
    "group central  en \"Central limits\"  rests on II, III.1\n"
    "group visits\n"
    "kind delivery = icbm | slbm\n"
    "  | bomber\n"
    "period half_year every 6 months from 2011-03-01\n"
    "period week every 7 days from 2011-03-01\n"
    "life\n"
    "  in force on ratified\n"
    "  lasts 10 years\n"
    "  extended by prolonged until its until, up to 5 years in all\n"
    "  ends 3 months after withdrawn, or on its day if later\n"
    "  cites XIV.1, XIV.2\n"
    "notice ratified \"Ratified\" by both\n"
    "notice prolonged \"Prolonged\"\n"
    "  role extension\n"
    "  by both\n"
    "  fields until: date\n"
    "notice withdrawn \"Withdrawn\" role withdrawal fields day: date?\n"
    "notice data \"Data\"\n"
    "  en \"Aggregate data\"\n"
    "  cites P4.II.2\n"
    "  role data\n"
    "  fields as_of: date, parts: text*\n"
    "         delivery: count?\n"
    "         launchers: count\n"
    "  dated as_of\n"
    "notice change \"Change\" by RU fields item: text, of: delivery, on: date, at: instant?\n"
    "notice told \"Told\" fields item: text, about: party\n"
    "notice session \"Session\" by both fields day: date\n"
    "notice totals \"Totals\" role total fields of: notice, count: count, from: date, until: date\n"
    "notice found \"Found\" role determination\n"
    "  fields about: rule, party: party, from: date, finding: yes_no\n"
    "  alleges when finding = yes\n"
    "  clears when finding = no\n"
    "notice receipt \"Our own receipt\" role receipt fields book: party, size: count, time: instant, clerk: text\n"
    "```\n"
    "# Article II\n"
    "```treaty\n"
    "event changed(i, k) at on from change(item: i, of: k) where k != bomber\n"
    "fact gone(P, i)\n"
    "  begins on change(item: i) by P or told(item: i, about: P)\n"
    "  ends on session or changed(i, _)\n"
    "number launchers(P) \"Launchers\"\n"
    "  cites II.1(c)\n"
    "  := latest data.launchers by P\n"
    "   + 2 * count of gone(P, _)\n"
    "   - 1\n"
    "  as counted by RU add sum of totals.count(of: data) by RU\n"
    "limit most \"At most\"\n"
    "  cites II.1(a), III.1\n"
    "  group central\n"
    "  each P: party\n"
    "  from in force at most 900\n"
    "  from 7 years after in force at most 800\n"
    "  from 2020-01-01 at most 700\n"
    "  on launchers(P)\n"
    "duty tell \"Tell\"\n"
    "  cites II.2\n"
    "  group central\n"
    "  for RU only\n"
    "  each P: party\n"
    "  when changed(i, slbm) by P\n"
    "  the other owes told(item: i) about P\n"
    "    within 5 days\n"
    "  also kept by told(item: i) by the other\n"
    "  excused while gone(P, i) and not gone(the other, i)\n"
    "duty yearly \"Yearly\" cites II.3 group central\n"
    "  every half_year\n"
    "  each party owes data(as_of: the day after it)\n"
    "  no day set\n"
    "duty meet \"Meet\" cites II.4 group visits\n"
    "  when in force\n"
    "  jointly owes session(day: _) by 2012-01-01\n"
    "duty ahead \"Ahead\" cites II.5 group visits\n"
    "  before change(item: i) by P\n"
    "  P owes told(item: i) at least 48 hours ahead and at most 30 days\n"
    "ban never_two \"Never\" cites II.5, II.6 group central\n"
    "  each P: party\n"
    "  never (launchers(P) + 3) * 2 > 900 and gone(P, i)\n"
    "    or gone(P, i)\n"
    "ban never_it \"Never it\" cites II.5 group central\n"
    "  each P: party\n"
    "  never change(of: icbm, on: d) by P where d > 2012-01-01 unless gone(P, _)\n"
    "quota few \"Few\" cites II.7 group visits\n"
    "  each P: party\n"
    "  counts changed(_, _) by P per half_year\n"
    "  or as told by totals(of: change) by P\n"
    "  at most 10\n"
    "quota many \"Many\" cites II.8 group visits jointly counts session per week at least 2\n"
    "right look \"Look\" cites II.9 group visits\n"
    "  P may change(item: i)\n"
    "  the other owes told(item: i) within 24 hours\n"
    "  the other may refuse while gone(the other, i)\n"
    "ladder back \"Back\"\n"
    "  rung first \"First\" en \"The first\" each party gone(_)\n"
    "  rung second both gone(US, \"x\")\n"
    "example \"one\"\n"
    "  complete data, told\n"
    "  2012-03-01 both ratified()\n"
    "  2012-03-02T10:00:00Z RU change(item: m7, of: icbm, on: 2012-03-01)\n"
    "  2012-03-03 US data(as_of: 2012-03-03, parts: {\"a\", b}, launchers: 3)\n"
    "  2012-03-06 nothing\n"
    "  expect breached tell by US since 2012-03-07 until 2012-03-09\n"
    "  on 2012-03-05 expect no pending II.2 under RU\n"
    "  expect not in force\n"
    "  expect pledged US central\n"
    "  expect rung second open\n"
    "  under reading RU, US\n"
    "  expect figure most by RU 800\n"
    "```\n";

static const char us_text[] = "```treaty\nreading US \"No effect\"\n  of US\n"
                              "  holds invalid gone(RU, _) since found(about: II.2, finding: yes) by US\n"
                              "  lets US withhold visits\n    while some breach by RU\n```\n";
static const char ru_text[] =
    "```treaty\nreading RU \"Suspended\" ru \"Приостановлен\"\n  of RU\n"
    "  frees RU from all while gone(RU, _)\n  says nothing of US while in force\n```\n";
static const char en_text[] =
    "```messages\nbrief.in_force = \"one \"\n  \"two\"\nbrief.x.1 = \"y \\\"q\\\" \\\\\"\n```\n";
static const char ru_messages[] = "```messages\nbrief.in_force = \"три\"\n```\n";
static const char record_text[] = "```record\ntreaty demo-one\nreconstructed\n"
                                  "complete data for US, RU from 2011-02-05 to 2012-02-05\n"
                                  "  but for 2011-03-01 but for 2011-03-10 to 2011-03-12\n"
                                  "complete told for US from 2011-02-05\nopen everything else\n```\n";

static kd_treaty *load(kd_arena *arena) {
    const kd_source sources[] = {
        {.name = KD_STR("treaty.md"), .bytes = KD_STR(treaty_text)},
        {.name = KD_STR("readings/RU.md"), .bytes = KD_STR(ru_text), .kind = KD_SOURCE_READING},
        {.name = KD_STR("readings/US.md"), .bytes = KD_STR(us_text), .kind = KD_SOURCE_READING},
        {.name = KD_STR("messages/en.md"),
         .bytes = KD_STR(en_text),
         .kind = KD_SOURCE_MESSAGES,
         .language = KD_STR("en")},
        {.name = KD_STR("messages/ru.md"),
         .bytes = KD_STR(ru_messages),
         .kind = KD_SOURCE_MESSAGES,
         .language = KD_STR("ru")},
        {.name = KD_STR("record.md"), .bytes = KD_STR(record_text), .kind = KD_SOURCE_RECORD},
    };
    kd_diagnostics d;
    kd_treaty *t = NULL;
    kd_treaty_load(arena, sources, sizeof sources / sizeof sources[0], &d, &t);
    for (size_t i = 0; i < d.count; i++)
        printf("  %.*s:%u:%u %.*s\n", KD_STR_ARGS(d.items[i].file), d.items[i].line, d.items[i].column,
               KD_STR_ARGS(d.items[i].message));
    return t;
}

#define IS(condition, claim) kdtest_claim(condition, "%s", claim)

static kd_instant day(const char *text) {
    kd_day d = 0;
    kd_day_parse(kd_str_of(text), &d);
    return kd_day_begin(d);
}

static void check_tables(const kd_treaty *t) {
    IS(kd_str_is(t->id, "demo-one") && kd_str_is(t->title, "Demonstration"),
       "the treaty has its id and title");
    IS(kd_str_is(t->names.en, "Demonstration") && kd_str_is(t->names.ru, "Пример"),
       "a missing English name is the title");
    IS(kd_str_is(t->parties[1].names.ru, "RU") && kd_str_is(t->parties[0].names.ru, "Соединённые Штаты"),
       "a missing name is the declared one");
    IS(t->group_count == 2 && t->groups[0].rests_on_count == 2 &&
           kd_str_is(t->groups[0].rests_on[1], "III.1"),
       "a group rests on articles");
    IS(t->kinds[0].count == 3 && kd_str_is(t->kinds[0].values[2], "bomber"), "a kind goes on over a line");
    IS(t->periods[0].schedule.months == 6 && t->periods[0].schedule.anchor == day("2011-03-01"),
       "a period of months");
    IS(t->periods[1].schedule.days == 7 && t->periods[1].schedule.months == 0, "a period of days");
    int data = kd_treaty_notice(t, KD_STR("data"));
    const kd_notice *n = &t->notices[data < 0 ? 0 : data];
    IS(n->role == KD_ROLE_DATA && n->dated == 0 && n->field_count == 4 && !n->by_both,
       "a notice has its role and the field that dates it");
    IS(n->fields[0].column == 2 && n->fields[1].column == -1 && n->fields[2].column == 3 &&
           n->fields[3].column == 4,
       "columns pass over lists");
    IS(n->fields[1].many == KD_ANY && n->fields[2].many == KD_OPTIONAL && n->fields[3].many == KD_ONE,
       "a line break stands for the comma");
    IS(kd_str_is(n->names.en, "Aggregate data") && kd_str_is(n->cites[0], "P4.II.2"),
       "a notice has names and articles");
    IS(t->notices[kd_treaty_notice(t, KD_STR("change"))].may_say == 2 && n->may_say == 3,
       "who may say a notice is a bit each");
    IS(t->notices[kd_treaty_notice(t, KD_STR("ratified"))].by_both, "a notice is of both");
    IS(t->in_force_notice == 0 && t->extension_notice == 1 && t->withdrawal_notice == 2 &&
           t->life_cites_count == 2,
       "the life has its notices");
    int receipt = kd_treaty_notice(t, KD_STR("receipt")), roster = kd_treaty_notice(t, KD_STR("roster"));
    IS(receipt >= 0 && !t->notices[receipt].prelude && t->notices[receipt].field_count == 4,
       "a treaty replaces a notice of the language");
    IS(roster >= 0 && t->notices[roster].prelude && t->notices[roster].role == KD_ROLE_ROSTER,
       "a record has its roster without a word");
    static const char *const prelude[] = {"appointment",    "revocation", "key_rotation",   "text_revised",
                                          "delivery_proof", "correction", "acknowledgement"};
    for (size_t i = 0; i < sizeof prelude / sizeof prelude[0]; i++)
        kdtest_claim(kd_treaty_notice(t, kd_str_of(prelude[i])) >= 0, "every record has the notice `%s`",
                     prelude[i]);
    IS(t->facts[0].arity == 2 && t->facts[0].params[0].type == KD_T_PARTY &&
           t->facts[0].params[1].type == KD_T_TEXT,
       "a fact's types follow from where it begins");
    IS(t->ladders[0].rung_count == 2 && t->ladders[0].rungs[1].both &&
           kd_str_is(t->ladders[0].rungs[0].names.en, "The first"),
       "a ladder has its rungs");
    IS(t->reading_count == 2 && t->readings[0].of == 1 && kd_treaty_reading(t, KD_STR("US")) == 1,
       "readings come from their files");
}

static void check_rules(const kd_treaty *t) {
    const kd_rule *r = t->rules;
    static const char *const ids[] = {"II.1(a)",        "II.2",          "II.3", "II.4", "II.5.ahead",
                                      "II.5.never_two", "II.5.never_it", "II.7", "II.8", "II.9"};
    for (size_t i = 0; i < t->rule_count && i < 10; i++)
        kdtest_claim(kd_str_is(r[i].id, ids[i]), "the rule `%.*s` is cited as %s", KD_STR_ARGS(r[i].name),
                     ids[i]);
    IS(t->rule_count == 10 && kd_treaty_rule(t, KD_STR("most")) == 0 &&
           kd_treaty_rule(t, KD_STR("III.1")) == 0 && kd_treaty_rule(t, KD_STR("II.5.never_it")) == 6 &&
           kd_treaty_rule(t, KD_STR("II.5")) == 4 && kd_treaty_rule(t, KD_STR("II")) == -1,
       "a rule is found by its name, its id and an article");
    IS(r[0].phase_count == 3 && r[0].phases[0].from_in_force && r[0].phases[1].years == 7 &&
           r[0].phases[2].from == day("2020-01-01") && r[0].quota == 700,
       "a limit has its phases");
    IS(r[1].only == 2 && r[0].only == 3 && r[1].notice == kd_treaty_notice(t, KD_STR("told")),
       "a rule binds whom it binds");
    IS(r[3].jointly && !r[2].jointly && r[2].period == 0, "a duty is joint when it is owed jointly");
    IS(r[7].quota == 10 && !r[7].at_least && r[7].notice == kd_treaty_notice(t, KD_STR("change")),
       "a quota counts the notice behind its event");
    IS(r[8].at_least && r[8].jointly && r[8].period == 1, "a quota may be joint");
    uint32_t line = 1;
    for (const char *p = treaty_text; p < strstr(treaty_text, "limit most"); p++) line += *p == '\n';
    IS(r[0].line == line && kd_str_is(r[0].file, "treaty.md"), "a rule knows its line");
}

static void check_syntax(const kd_treaty *t) {
    const kd_ast *a = t->syntax;
    const kd_ast_event *e = &a->events[0];
    IS(e->field == 2 && e->pattern->arg_count == 2 && e->pattern->args[1].term.slot == 1 &&
           e->params[1].type == KD_T_KIND,
       "an event has its field and parameters");
    IS(e->pattern->where[0]->compare == KD_CMP_NE && e->pattern->where[0]->kids[1]->term.value == 2,
       "a kind's value in a comparison is its place");
    const kd_ast_fact *f = &a->facts[0];
    IS(f->begins_count == 2 && f->ends_count == 2 && f->begins[1]->args[1].term.slot == 0 &&
           f->ends[0]->target == KD_OF_NOTICE && f->ends[1]->target == KD_OF_EVENT &&
           f->ends[1]->args[1].term.what == KD_TERM_ANY,
       "a fact has its sources");
    const kd_ast_number *n = &a->numbers[0];
    IS(n->value->op == KD_AST_SUM && n->value->kid_count == 3 && n->value->kids[2]->minus &&
           n->value->kids[1]->op == KD_AST_PRODUCT,
       "a sum is one node, its product another");
    IS(n->value->kids[0]->op == KD_AST_LATEST && n->value->kids[0]->field == 3 &&
           n->value->kids[0]->pattern->by.slot == 0,
       "a latest value has its field and Party");
    IS(n->counted_count == 1 && n->counted[0].party == 1 && n->counted[0].add->op == KD_AST_TOTAL,
       "a Party adds to a number");
    const kd_ast_rule *r = a->rules;
    IS(r[0].on->op == KD_AST_NUMBER && r[0].on->args[0].slot == r[0].each && r[0].on->type == KD_T_COUNT,
       "a limit's figure is its number");
    IS(r[1].owed.who.what == KD_TERM_OTHER && r[1].owed.who.slot == r[1].each &&
           r[1].owed.pattern->arg_count == 2 && !r[1].owed.pattern->has_by,
       "the other owes; `about` is a field");
    IS(r[1].owed.deadline.what == KD_DUE_WITHIN && r[1].owed.deadline.span.amount == 5 &&
           r[1].owed.deadline.span.unit == KD_SPAN_DAYS,
       "a deadline has its unit");
    IS(r[1].excused->op == KD_AST_AND && r[1].excused->kids[1]->op == KD_AST_NOT &&
           r[1].also_kept->by.what == KD_TERM_OTHER,
       "an excuse is a condition");
    IS(r[2].trigger == KD_EVERY_PERIOD && r[2].owed.pattern->args[0].term.what == KD_TERM_DAY_AFTER &&
           r[2].owed.deadline.what == KD_DUE_NO_DAY,
       "a period's day is a term");
    IS(r[3].trigger == KD_WHEN_IN_FORCE && r[3].owed.deadline.date == day("2012-01-01") &&
           r[3].owed.who_kind == KD_WHO_JOINTLY,
       "a deadline may be a day");
    IS(r[4].trigger == KD_BEFORE_PATTERN && r[4].owed.deadline.span.amount == 48 * 3600 &&
           r[4].owed.deadline.has_most && r[4].owed.deadline.most.amount == 30,
       "hours are seconds");
    IS(r[5].never_while && r[5].never_while->op == KD_AST_OR && r[5].never_while->kids[0]->op == KD_AST_AND &&
           !r[5].never,
       "a ban of a condition that begins with a bracket");
    IS(r[6].never && r[6].never->where_count == 1 && r[6].unless->op == KD_AST_FACT, "a ban of a notice");
    IS(r[7].told && r[7].told->args[0].term.value == kd_treaty_notice(t, KD_STR("change")) &&
           r[7].counts->has_by,
       "a total is of a notice");
    IS(r[9].has_reply && r[9].reply.who.what == KD_TERM_OTHER && r[9].refuse_count == 1 &&
           r[9].may_who.what == KD_TERM_VARIABLE,
       "a right has its reply");
    IS(a->ladders[0].rungs[0].arg_count == 2 && a->ladders[0].rungs[0].args[0].slot == 0 &&
           a->ladders[0].rungs[1].args[0].value == 0,
       "each party fills the first argument");
    IS(a->readings[1].clauses[0].op == KD_READ_HOLDS_INVALID &&
           a->readings[1].clauses[0].since->arg_count == 2 &&
           a->readings[1].clauses[1].cond->op == KD_AST_SOME_BREACH &&
           a->readings[0].clauses[0].group_count == 2,
       "a reading has its clauses");
    const kd_ast_notice *found = &a->notices[kd_treaty_notice(t, KD_STR("found"))];
    IS(found->alleges_field == 3 && found->alleges_value == 1 && found->clears_value == 0,
       "a determination alleges and clears");
    IS(a->life.lasts_years == 10 && a->life.extension_years == 5 && a->life.withdrawal_after.amount == 3 &&
           a->life.withdrawal_later && a->life.withdrawal_on == 0,
       "the life's spans");
    IS(a->order_count == 3 && a->order[0].target == KD_OF_EVENT && a->order[1].target == KD_OF_FACT &&
           a->order[2].target == KD_OF_NUMBER,
       "what is used comes before what uses it");
}

static void check_record(const kd_treaty *t) {
    IS(kd_str_is(kd_treaty_message(t, KD_STR("en"), "brief.in_force"), "one two"),
       "strings that follow each other are one text");
    IS(kd_str_is(kd_treaty_message(t, KD_STR("ru"), "brief.in_force"), "три"),
       "a message is found in its language");
    IS(kd_str_is(kd_treaty_message(t, KD_STR("ru"), "brief.x.1"), "y \"q\" \\"),
       "a message falls back to English");
    IS(kd_treaty_message(t, KD_STR("ru"), "nothing").p == NULL, "a message that is nowhere is none");
    IS(t->has_record && t->reconstructed && t->complete_count == 7, "a record says for what it is complete");
    const kd_complete *c = t->complete;
    IS(c[0].from == day("2011-02-05") && c[0].to == day("2011-03-01") - 1 && c[1].from == day("2011-03-02") &&
           c[1].to == day("2011-03-10") - 1 && c[2].from == day("2011-03-13") &&
           c[2].to == day("2012-02-06") - 1,
       "gaps are cut out, days are whole");
    IS(c[3].party == 1 && c[6].party == 0 && c[6].to == KD_NEVER, "a record may be complete for ever");
    const kd_example *e = &t->examples[0];
    IS(e->complete_count == 2 && e->statement_count == 3 && e->expectation_count == 7,
       "an example has its steps");
    IS(e->statements[0].party == KD_BOTH && e->statements[0].day_only &&
           e->statements[0].at == day("2012-03-02") - 1,
       "a day counts at its end");
    IS(!e->statements[1].day_only && e->statements[1].field_count == 3 &&
           kd_str_is(e->statements[1].fields[0].value, "m7"),
       "an hour is an hour");
    IS(e->statements[2].field_count == 4 &&
           e->statements[2].fields[1].field == e->statements[2].fields[2].field,
       "a list repeats its field");
    const kd_expectation *x = e->expectations;
    IS(x[0].status == KD_BREACHED && x[0].rule == 1 && x[0].party == 0 &&
           x[0].since * KD_DAY_S == day("2012-03-07") && x[0].on * KD_DAY_S == day("2012-03-06") &&
           x[0].reading == -1,
       "an expectation is of the day of the step before");
    IS(x[1].negated && x[1].rule == 1 && x[1].party == UINT32_MAX && x[1].reading == 0 &&
           x[1].since == INT64_MIN,
       "an expectation may be of one reading");
    IS(x[2].what == KD_EXPECT_IN_FORCE && x[2].negated && x[3].what == KD_EXPECT_SHADE &&
           x[3].status == KD_PLEDGED && x[4].what == KD_EXPECT_RUNG && x[4].rung == 1 && x[4].negated,
       "what else an example expects");
    IS(x[5].what == KD_EXPECT_FIGURE && x[5].figure == 800 && x[5].reading == 0 && x[6].reading == 1,
       "the readings of an example hold for what follows");
    IS(e->last == day("2012-03-07") - 1, "an example ends at its last day");
}

static void check_values(const kd_treaty *t) {
    static const struct {
        const char *claim;
        kd_value_type type;
        const char *text, *error; /* NULL: it is one, and is written the same */
    } values[] = {
        {"a Party by its name", KD_T_PARTY, "RU", NULL},
        {"both are a Party", KD_T_PARTY, "both", NULL},
        {"a Party that is none", KD_T_PARTY, "RV", "did you mean `RU`?"},
        {"any text", KD_T_TEXT, "a b  c", NULL},
        {"a count", KD_T_COUNT, "9223372036854775807", NULL},
        {"a count past 63 bits", KD_T_COUNT, "9223372036854775808", "a number is wanted"},
        {"a date", KD_T_DATE, "2023-02-28", NULL},
        {"a date that does not exist", KD_T_DATE, "2023-02-30", "a date as 2018-02-05 is wanted"},
        {"an instant", KD_T_INSTANT, "2023-02-28T23:59:59Z", NULL},
        {"an instant without a zone", KD_T_INSTANT, "2023-02-28T23:59:59", "an instant as"},
        {"an article", KD_T_RULE, "A6.I.1(a)", NULL},
        {"an article that is none", KD_T_RULE, "A6..I", "an article as II.1(a) is wanted"},
        {"a group", KD_T_GROUP, "visits", NULL},
        {"a notice", KD_T_NOTICE, "data", NULL},
        {"a notice that is none", KD_T_NOTICE, "dta", "did you mean `data`?"},
        {"yes", KD_T_YES_NO, "yes", NULL},
        {"no", KD_T_YES_NO, "no", NULL},
        {"neither yes nor no", KD_T_YES_NO, "maybe", "`yes` or `no`"},
        {"a statement", KD_T_STATEMENT, "US/34", NULL},
        {"a statement of nobody", KD_T_STATEMENT, "UK/34", "a statement as US/34"},
        {"a hash", KD_T_HASH, "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
         NULL},
        {"a hash that is short", KD_T_HASH, "sha256:0011", "a hash as sha256:"},
        {"a kind's value", KD_T_KIND, "slbm", NULL},
        {"a kind's value misspelt", KD_T_KIND, "smbl", "did you mean `slbm`?"},
    };
    kd_symbols *symbols;
    if (kd_symbols_open(NULL, &symbols) != KD_OK) abort();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        kd_field field = {.name = KD_STR("f"), .type = values[i].type};
        kd_value v = 0;
        kd_error e = {0};
        kd_text out;
        kd_text_open(&out, NULL);
        kd_status s = kd_treaty_value(t, &field, kd_str_of(values[i].text), symbols, &v, &e);
        if (s == KD_OK) kd_treaty_value_put(t, field.type, 0, v, symbols, &out);
        bool fine = values[i].error ? s == KD_INVALID && strstr(e.message, values[i].error)
                                    : s == KD_OK && kd_str_is(kd_text_str(&out), values[i].text);
        kdtest_claim(fine, "%s: %s %.*s", values[i].claim, e.message, KD_STR_ARGS(kd_text_str(&out)));
        kd_text_close(&out);
    }
    kd_symbols_close(symbols);
}

/* Ten thousand rules, each with notices, facts and numbers that use each other. */
static void check_large(void) {
    kd_text text;
    kd_text_open(&text, NULL);
    kd_text_puts(&text, "```treaty\ntreaty big \"Big\"\nparty US\nparty RU\ngroup g\n");
    for (int i = 0; i < 10000; i++) {
        kd_text_printf(&text, "notice n%d \"N\" fields item: text, count: count, on: date\n", i);
        kd_text_printf(&text, "fact f%d(P, x) begins on n%d(item: x) by P\n", i, i);
        kd_text_printf(&text, "number m%d(P) := count of f%d(P, _)%s", i, i, i ? "" : "\n");
        if (i) kd_text_printf(&text, " + m%d(P)\n", i - 1);
        kd_text_printf(
            &text, "limit l%d \"L\" cites A.%d group g each P: party from in force at most %d on m%d(P)\n", i,
            i, i, i);
    }
    kd_text_puts(&text, "```\n");
    kd_source source = {.name = KD_STR("big.md"), .bytes = kd_text_str(&text)};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_status s = kd_treaty_load(&arena, &source, 1, &d, &t);
    kdtest_claim(!text.failed && s == KD_OK && t->rule_count == 10000 &&
                     kd_treaty_rule(t, KD_STR("A.9999")) == 9999,
                 "a treaty of 10,000 rules is read");
    kd_arena_close(&arena);
    kd_text_close(&text);
}

static void check_alone(void) {
    kd_source source = {.name = KD_STR("t.md"),
                        .bytes = KD_STR("```treaty\ntreaty t \"T\"\nparty US\n```\n")};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    IS(kd_treaty_load(&arena, &source, 1, &d, &t) == KD_OK && t->reading_count == 1 &&
           t->readings[0].of == KD_BOTH && kd_str_is(t->readings[0].name, "text"),
       "without a reading there is one, of nobody");
    IS(kd_treaty_load(&arena, NULL, 0, &d, &t) == KD_INVALID && d.count == 1, "no file is no treaty");
    source.kind = KD_SOURCE_RECORD;
    IS(kd_treaty_load(&arena, &source, 1, &d, &t) == KD_INVALID && d.count > 0,
       "a record's words are no treaty");
    kd_arena_close(&arena);
}

int main(void) {
    kd_arena arena;
    kd_arena_open(&arena, NULL);
    const kd_treaty *t = load(&arena);
    if (IS(t != NULL, "the treaty is read without a mistake")) {
        check_tables(t);
        check_rules(t);
        check_syntax(t);
        check_record(t);
        check_values(t);
    }
    kd_arena_close(&arena);
    check_large();
    check_alone();
    return kdtest_end("test_lang_model");
}

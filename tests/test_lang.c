/* test_lang.c: every mistake that a drafter can make is told where it is, with what was meant; nothing else
 * is told. */
#include "kadesh/treaty.h"
#include "kdtest.h"
#include <stdlib.h>
#include <string.h>

/* What the rows build on. */
static const char base[] =
    "```treaty\n"
    "treaty demo \"Demo\"\n"
    "party US\n"
    "party RU\n"
    "group central rests on II\n"
    "group visits\n"
    "kind delivery = icbm | slbm | bomber\n"
    "period year every 1 year from 2011-02-05\n"
    "notice ratified \"Ratified\" by both\n"
    "notice data \"Data\" role data fields as_of: date, delivery: count, launchers: count dated as_of\n"
    "notice change \"Change\" fields item: text, of: delivery, on: date\n"
    "notice told \"Told\" fields item: text\n"
    "notice stop \"Stop\" by RU fields from: date?\n"
    "notice go \"Go\"\n"
    "notice found \"Found\" role determination fields about: rule, party: party, from: date, finding: yes_no\n"
    "notice pledge \"Pledge\" role pledge fields keeps: group*\n"
    "event changed(i) at on from change(item: i)\n"
    "fact stopped(P) begins on stop() by P ends on go() by P\n"
    "fact deployed(i, P) begins on change(item: i) by P\n"
    "number launchers(P) := latest data.launchers by P\n"
    "reading RU \"Suspended\" of RU frees RU from all while stopped(RU)\n"
    "```\n";

#define LIMIT   "limit x \"X\" cites II.1 group central each P: party\n"
#define DUTY    "duty x \"X\" cites II.1 group central\n"
#define BAN     "ban x \"X\" cites II.1 group central each P: party\n"
#define QUOTA   "quota x \"X\" cites II.1 group central each P: party\n"
#define RIGHT   "right x \"X\" cites II.1 group central each P: party\n"
#define READING "reading US \"U\" of US\n"
#define EXAMPLE "example \"e\"\n"

/* `text` stands in a block from line 2 on. `expected`: lines "line:column fragment", in order; a fragment
 * is found in the message or in the suggestion. */
typedef struct row {
    const char *claim, *text, *expected;
} row;

static const row rows[] = {
    /* Declarations and clauses. */
    {"a whole limit is no mistake", LIMIT "from 2018-02-05 at most 800\non launchers(P)\n", ""},
    {"a misspelt declaration is named with the nearest",
     "limti x \"X\" cites II.1 group central each P: party\n"
     "from in force at most 1 on launchers(P)\n",
     "2:1 did you mean `limit`?"},
    {"a declaration that is near to none is told alone", "frobnicate x\n  y z\n",
     "2:1 unknown declaration `frobnicate`"},
    {"a misspelt declaration behind another is one of its own",
     "party UK\nfcat gone(P) begins on go() by P\n", "3:1 unknown declaration `fcat`"},
    {"a misspelt clause is named with the nearest, and is read as it",
     "limit x \"X\"\n  citesx II.1\n  group central\n"
     "  each P: party\n  from in force at most 1\n  on launchers(P)\n",
     "3:3 unknown clause `citesx` in limit"},
    {"the suggestion for a clause is the clause", LIMIT "form in force at most 1\non launchers(P)\n",
     "3:1 did you mean `from`?"},
    {"a clause of another kind is unknown",
     LIMIT "from in force at most 1\non launchers(P)\nnever go() by P\n",
     "5:1 unknown clause `never` in limit"},
    {"a clause may not stand twice", LIMIT "from in force at most 1\non launchers(P)\non launchers(P)\n",
     "5:1 the clause `on` is here twice"},
    {"a text may not stand twice in a language", "party UK en \"a\" en \"b\"\n",
     "2:17 the name in `en` is here twice"},
    {"a rule has an article",
     "limit x \"X\" group central each P: party from in force at most 1 on launchers(P)\n", "2:1 no `cites`"},
    {"a rule has a group", "limit x \"X\" cites II each P: party from in force at most 1 on launchers(P)\n",
     "2:1 no `group`"},
    {"a limit has a phase", LIMIT "on launchers(P)\n", "2:1 no clause `from`"},
    {"a limit has a figure", LIMIT "from in force at most 1\n", "2:1 no clause `on`"},
    {"a limit is each Party's or joint",
     "limit x \"X\" cites II group central from in force at most 1 on 3\n", "2:1 no `each`"},
    {"a rule is each Party's or joint, not both",
     "limit x \"X\" cites II group central each P: party jointly\n"
     "from in force at most 1 on launchers(P)\n",
     "2:1 both `each` and `jointly`"},
    {"a duty has a trigger", DUTY "each party owes go() within 1 day\n", "2:1 no trigger"},
    {"a duty has one trigger", DUTY "when in force\nevery year\neach party owes go() within 1 day\n",
     "2:1 more than one of"},
    {"a duty owes something", DUTY "when in force\n", "2:1 no `owes`"},
    {"a misspelt `owes` is found", DUTY "when in force\neach party owse go() within 1 day\n",
     "4:12 `owes` is wanted here"},
    {"a fact begins", "fact gone(P) ends on go() by P\n", "2:1 no clause `begins on`"},
    {"an event has its day", "event gone(i) from change(item: i)\n", "2:1 no clause `at`"},
    {"a number has its value", "number three()\n", "2:1 no clause `:=`"},
    {"a ladder has a rung", "ladder back \"B\"\n", "2:1 no `rung`"},
    {"a reading is of a Party", "reading US \"U\"\n", "2:1 no clause `of`"},
    {"a rule has a title",
     "limit x\ncites II group central each P: party from in force at most 1 on launchers(P)\n",
     "2:8 the rule's title in quotes is missing at the end of this line"},
    {"a bracket that stays open is told where the words go astray",
     DUTY "when change(item: i by P\nP owes told(item: i) within 5 days\n",
     "3:21 `,` or `)` is wanted here, not `by`\n4:1 nothing binds `P`"},
    {"a string has no place among clauses", "party UK \"x\"\n", "2:10 a string has no meaning here in party"},
    {"mistakes in several clauses are all told", LIMIT "from yesterday at most 1\non launchrs(P)\n",
     "3:6 a date\n4:4 unknown number `launchrs`"},
    {"mistakes in several declarations are all told", "kind a\nkind b = c | c\nperiod p every 3 days\n",
     "2:7 `=`\n3:14 `c` is here twice\n4:22 `from` is missing"},
    {"the treaty is declared once", "treaty again \"Again\"\n", "2:1 declared twice: line 2"},

    /* Names. */
    {"two rules have two names",
     LIMIT "from in force at most 1\non launchers(P)\nban x \"Y\" cites II group visits each P: party\n"
           "never go() by P\n",
     "5:5 `x` is declared twice: a rule on line 2"},
    {"two notices have two names", "notice told \"Again\"\n",
     "2:8 `told` is declared twice: a notice on line 12 of base.md"},
    {"a rule is not called as a notice is",
     "ban told \"T\" cites II group visits each P: party\nnever go() by P\n", "2:5 `told` is declared twice"},
    {"a group may be called as a notice is",
     "group data\nreading US \"U\" of US keeps data while stopped(RU)\n", ""},
    {"a field stands once in a notice", "notice n \"N\" fields a: text, a: date\n",
     "2:30 the field `a` is here twice"},
    {"a field is not called as one that every statement has",
     "notice n \"N\" fields treaty: text, notice: text, by: party, to: party, issued: date\n"
     "received: date, source: text, grade: text, corrects: text, attach: hash, sources: text\n",
     "2:21 every statement has a field `treaty` of its own\n2:35 `notice`\n2:49 `by`\n2:60 `to`\n"
     "2:71 `issued`\n3:1 `received`\n3:17 `source`\n3:31 `grade`\n3:44 `corrects`\n3:60 `attach`"},
    {"a parameter stands once", "fact f(a, a) begins on told(item: a)\n",
     "2:11 the parameter `a` is here twice"},
    {"an unknown type is named with the nearest", "notice n \"N\" fields a: txet\n",
     "2:24 did you mean `text`?"},
    {"an unknown kind is named with the nearest", "notice n \"N\" fields a: delivry\n",
     "2:24 did you mean `delivery`?"},
    {"a kind is not called as a type is", "kind date = a | b\n", "2:6 is a type of the language"},
    {"an unknown role is named with the nearest", "notice n \"N\" role extention fields until: date\n",
     "2:19 did you mean `extension`?"},
    {"an unknown group is named with the nearest",
     "limit x \"X\" cites II group centrl each P: party from in force at most 1\n"
     "on launchers(P)\n",
     "2:28 did you mean `central`?"},
    {"an unknown Party is named with the nearest", "notice n \"N\" by US, RV\n", "2:21 unknown Party `RV`"},
    {"an unknown period is named with the nearest", DUTY "every yaer\neach party owes go() within 1 day\n",
     "3:7 did you mean `year`?"},
    {"an unknown notice is named with the nearest",
     DUTY "when in force\neach party owes dta() within 1 day\n", "4:17 did you mean `data`?"},
    {"an unknown fact is named with the nearest", BAN "never stoped(P)\n", "3:7 did you mean `stopped`?"},
    {"an unknown number is named with the nearest", LIMIT "from in force at most 1\non lanchers(P)\n",
     "4:4 did you mean `launchers`?"},
    {"an unknown field is named with the nearest", BAN "never change(off: icbm) by P\n",
     "3:14 did you mean `of`?"},
    {"a limit on a field that no notice has is refused",
     LIMIT "from in force at most 1\non latest data.luanchers by P\n",
     "4:4 the notice `data` has no field `luanchers`"},
    {"an unknown Party that counts is named with the nearest",
     "number n(P) := launchers(P) as counted by RUS add 1\n", "2:43 unknown Party `RUS`"},
    {"an article in a pattern is cited somewhere", BAN "never found(about: II.2) by P\n",
     "3:20 nothing cites the article `II.2`"},
    {"an article without a dot is one where it is wanted", BAN "never found(about: II) by P\n", ""},

    /* Roles. */
    {"a determination says about what, of whom, from when",
     "notice n \"N\" role determination fields about: rule, party: party\n", "2:19 `from: date`"},
    {"figures are dated", "notice n \"N\" role data fields launchers: count\n",
     "2:19 needs the clause `dated`"},
    {"a pledge lists groups", "notice n \"N\" role pledge fields keeps: group\n",
     "2:19 a field that lists `group`"},
    {"a total says of what", "notice n \"N\" role total fields count: count, from: date, until: date\n",
     "2:19 `of: notice`"},
    {"only a determination alleges", "notice n \"N\" fields a: yes_no alleges when a = yes\n",
     "2:44 role `determination`"},
    {"a determination alleges by a value of its field",
     "notice n \"N\" role determination fields about: rule, party: party, from: date, f: delivery\n"
     "alleges when f = icmb\n",
     "3:18 did you mean `icbm`?"},

    /* Numbers, dates, units, strings. */
    {"a deadline has a unit", DUTY "when in force\neach party owes go() within 5\n", "4:29 no unit"},
    {"an unknown unit is named with the nearest", DUTY "when in force\neach party owes go() within 5 dayz\n",
     "4:31 did you mean `days`?"},
    {"a number has at most 63 bits", LIMIT "from in force at most 9223372036854775808\non launchers(P)\n",
     "3:23 at most 2^63-1"},
    {"the largest number is one", LIMIT "from in force at most 9223372036854775807\non launchers(P)\n", ""},
    {"a number has no `_`", LIMIT "from in force at most 1_000\non launchers(P)\n", "3:23 without `_`"},
    {"a number has no zeros before it", LIMIT "from in force at most 007\non launchers(P)\n",
     "3:23 without zeros"},
    {"a date exists", LIMIT "from 2023-02-29 at most 1\non launchers(P)\n", "3:6 there is no such day"},
    {"a date has its form", LIMIT "from 2023-2-9 at most 1\non launchers(P)\n",
     "3:6 a date is written as 2018-02-05"},
    {"an instant exists", EXAMPLE "2023-01-01T25:00:00Z US go()\n", "3:1 there is no such day or hour"},
    {"a string is closed on its line", "party UK en \"United\nparty FR\n", "2:13 not closed on its line"},
    {"two escapes are known", "party UK en \"a\\n\"\n", "2:15 only \\\" and \\\\ are escapes"},
    {"a name is Latin: a column is a character", "party UK ru \"Б\"  # Б\nparty \xD0\xA1K\n",
     "3:7 Latin letters"},
    {"a period is of days at least", "period p every 3 hours from 2011-01-01\n", "2:16 a period is of days"},
    {"an owed span is at most 9999 years", DUTY "when in force\neach party owes go() within 10000 years\n",
     "4:29 at most 9999 years"},

    /* Arguments and types. */
    {"the fields of a notice go by name", BAN "never change(icbm) by P\n", "3:14 go by name"},
    {"the arguments of a fact go by place", BAN "never stopped(party: P)\n", "3:15 go by place"},
    {"a fact has as many arguments as it has", BAN "never stopped(P, P)\n",
     "3:7 `stopped` has 1 argument, not 2"},
    {"an event has as many arguments as it has",
     DUTY "when changed(i, i)\neach party owes told(item: i) within 1 day\n",
     "3:6 `changed` has 1 argument, not 2"},
    {"a number has as many arguments as it has", LIMIT "from in force at most 1\non launchers(P, P)\n",
     "4:4 `launchers` has 1 argument, not 2"},
    {"a date is no count", BAN "never data(delivery: 2018-02-05) by P\n",
     "3:22 a number is wanted here, not a date"},
    {"a Party is no date", BAN "never data(as_of: US) by P\n", "3:19 `US` is a Party"},
    {"a variable has one type", BAN "never change(item: i, on: i) by P\n", "3:27 `i` is a text on line 3"},
    {"a text is no kind's value", BAN "never change(of: \"icbm\") by P\n",
     "3:18 a value of `delivery` is wanted here"},
    {"unlike things are not compared", BAN "never launchers(P) > 2018-02-05\n",
     "3:22 a number is wanted here"},
    {"kinds are neither more nor less", BAN "never change(of: k) by P where k > icbm\n",
     "3:32 neither more nor less"},
    {"a condition is not a number", BAN "never launchers(P) and stopped(P)\n", "3:7 wants to be compared"},
    {"a notice is not a condition", BAN "never go(P) and stopped(P)\n", "3:7 a fact is wanted here"},
    {"a fact is asked for with brackets", BAN "never launchers(P) > 3 and stopped\n",
     "3:28 did you mean `stopped()`?"},
    {"a fact is not a number", LIMIT "from in force at most 1\non deployed(_, P)\n",
     "4:4 a number is wanted here"},
    {"a fact does not happen", DUTY "when stopped(P)\nP owes go() within 1 day\n", "3:6 it does not happen"},
    {"`latest` wants one value", LIMIT "from in force at most 1\non latest pledge.keeps by P\n",
     "4:4 a field of one value"},
    {"a limit's figure is a count", LIMIT "from in force at most 1\non latest data.as_of by P\n",
     "4:4 a number is wanted here"},
    {"`about` wants a field to speak of", BAN "never go() by P about P\n", "3:23 no field `about`"},
    {"brackets nest to a depth", BAN "never not not not stopped(P)\n", ""},

    /* Variables. */
    {"a variable used once is a misspelt constant",
     BAN "never change(item: i, of: icmb) by P where i = \"x\"\n", "3:27 did you mean `icbm`?"},
    {"a Party misspelt is found", DUTY "when change(item: _) by Ux\neach party owes go() within 1 day\n",
     "3:25 did you mean `US`?"},
    {"the variable of `each` is used", BAN "never go()\n", "2:41 nothing else uses `P`"},
    {"a parameter is used", "fact f(i, j) begins on told(item: i)\n", "2:24 binds `j`"},
    {"who owes is bound", DUTY "when change(item: i) by P\nQ owes told(item: i) within 1 day\n",
     "3:25 nothing else uses `P`\n4:1 nothing binds `Q`"},
    {"a comparison binds nothing", BAN "never go() by P where x = 3\n", "3:23 nothing binds `x`"},
    {"`not` binds nothing", BAN "never not deployed(i, P) and not deployed(i, P)\n", "3:7 nothing binds `i`"},
    {"a fact binds what another may not hold of", BAN "never deployed(i, P) and not deployed(i, US)\n", ""},
    {"a branch binds for itself alone", BAN "never deployed(i, P) or not deployed(i, P)\n",
     "3:25 nothing binds `i`"},
    {"an alternative binds every parameter", "fact f(i, Q) begins on change(item: i) by Q or told(item: i)\n",
     "2:48 binds `Q`"},
    {"an end may bind some", "fact f(i, Q) begins on change(item: i) by Q ends on told(item: i)\n", ""},
    {"a parameter is not called as a Party is", "fact f(US) begins on go() by US\n", "2:8 `US` is a Party"},
    {"a number depends on others alone", "number a(P) := b(P)\nnumber b(P) := launchers(P) + a(P)\n",
     "2:1 depends on itself: `a`, which uses `b`, which uses `a`"},
    {"a fact does not depend on itself through a number",
     "fact f(P) begins on go() by P where n(P) > 3\nnumber n(P) := count of f(P)\n", "2:1 depends on itself"},
    {"an event is from a notice", "event e(i) at on from changed(i)\n",
     "2:23 a notice is wanted here; `changed` is an event"},
    {"an event is at a date", "event e(i) at item from change(item: i)\n",
     "2:15 at a field of one date or instant"},

    /* Who says what. */
    {"nobody says alone what both say", BAN "never ratified() by P\n", "3:21 said by both"},
    {"nobody says a fact", "number n(P) := count of stopped(P) by P\n", "2:39 nobody says a fact"},
    {"who may not say a notice is not waited for", BAN "never stop() by US and stopped(P)\n",
     "3:7 a fact is wanted here"},
    {"a notice is said by those who may", "fact f() begins on stop() by US\n", "2:30 `US` may not say"},
    {"both owe jointly what both say", DUTY "when in force\njointly owes go() within 1 day\n",
     "4:14 `go` is not `by both`"},
    {"who owes it says it", DUTY "when in force\nUS owes go() by RU within 1 day\n",
     "4:17 another has no place here"},
    {"the other is of two Parties",
     "party UK\n" RIGHT "P may change(item: i)\nthe other owes told(item: i) within 1 day\n",
     "5:1 this one has 3"},
    {"the other is other than someone",
     BAN "never go() by P unless stopped(the other)\n" DUTY
         "when in force\nthe other owes go() within 1 day\n",
     "4:6 `x` is declared twice\n6:1 than whom?"},
    {"the period's days are of duties every period",
     DUTY "when in force\neach party owes data(as_of: the day after it) within 1 day\n",
     "4:29 the days of a period"},
    {"before wants ahead", DUTY "before change(item: i) by P\nP owes told(item: i) within 1 day\n",
     "4:1 `at least ... ahead`"},
    {"ahead wants before", DUTY "when change(item: i) by P\nP owes told(item: i) at least 1 day ahead\n",
     "4:1 `ahead` has a meaning"},
    {"a duty has a deadline", DUTY "when in force\neach party owes go()\n", "4:21 a deadline"},
    {"a told total is a total", QUOTA "counts go() by P per year or as told by data() by P\nat most 3\n",
     "3:41 the role `total`"},
    {"a rule does not ask for breaches", BAN "never some breach by P\n", "3:7 in a reading alone"},

    {"who owes may be named again",
     DUTY "when change(item: i) by P\nP owes told(item: i) by P within 1 day\n", ""},
    {"`by` and `about` stand in either order", BAN "never found about II by P\n", ""},
    {"a deadline may stand on its own line", DUTY "when in force\neach party owes go()\n  no day set\n", ""},
    {"a rule's group is told from a declaration",
     "limit x \"X\"\ncites II.1\ngroup central\neach P: party\n"
     "from in force at most 1\non launchers(P)\ngroup others\ngroup more rests on III\n",
     ""},

    /* Readings, ladders, life. */
    {"a reading frees a Party that is one", READING "frees UX from all while stopped(RU)\n",
     "3:7 unknown Party `UX`"},
    {"a reading is of a Party that is one", "reading US \"U\" of USA\n", "2:19 unknown Party `USA`"},
    {"a reading frees from groups that are", READING "frees US from centrl while stopped(RU)\n",
     "3:15 did you mean `central`?"},
    {"a reading keeps what lists groups", READING "keeps what data names in delivery\n",
     "3:26 a field of groups"},
    {"a reading holds a fact invalid", READING "holds invalid go() since found(about: II) by US\n",
     "3:15 a fact is wanted here"},
    {"a reading frees for a reason", READING "frees US from all\n", "3:18 `while` is missing"},
    {"a rung is a fact's", "ladder l \"L\"\nrung a \"A\" both go()\n", "3:17 a fact is wanted here"},
    {"each party's rung is a fact of a Party", "ladder l \"L\"\nrung a \"A\" each party deployed(_, _)\n",
     "3:23 whose first argument is a Party"},
    {"each party fills the first argument",
     "ladder l \"L\"\nrung a each party stopped()\nrung b each party stopped(P)\nrung c both stopped(US)\n",
     ""},
    {"a treaty enters into force on a notice of both", "life\n  in force on go()\n", "3:15 not `by both`"},
    {"an extension has its day", "life\n  in force on ratified\n  extended by go until its until\n",
     "4:28 no field `until`"},
    {"a treaty has one life", "life\n  lasts 3 years\nlife\n  lasts 4 years\n", "4:1 declared twice: line 2"},

    /* Examples. */
    {"an example is no mistake",
     EXAMPLE "complete data\n2012-01-01 both ratified()\n2012-01-02 US pledge(keeps: {central, visits})\n"
             "expect in force\non 2012-01-01 expect freed RU central under RU\n",
     ""},
    {"an example says what a notice can", EXAMPLE "2012-01-01 US dta()\n", "3:15 did you mean `data`?"},
    {"an example says all that is needed", EXAMPLE "2012-01-01 US data(as_of: 2012-01-01, delivery: 3)\n",
     "3:15 needs its field `launchers`"},
    {"an example says nothing else", EXAMPLE "2012-01-01 US told(item: x, thing: y)\n",
     "3:29 no field `thing`"},
    {"an example's values have their types",
     EXAMPLE "2012-01-01 US change(item: x, of: icmb, on: 2012-01-01)\n", "3:35 did you mean `icbm`?"},
    {"an example's speaker may say it", EXAMPLE "2012-01-01 US stop()\n", "3:12 `US` may not say"},
    {"an example has a status that is one", EXAMPLE "2012-01-01 nothing\nexpect breeched x by US\n",
     "4:8 did you mean `breached`?"},
    {"an example's rule is one", EXAMPLE "2012-01-01 nothing\nexpect kept lunchers by US\n",
     "4:13 unknown rule `lunchers`"},
    {"an expectation has a day", EXAMPLE "expect in force\n", "3:1 `on DATE expect`"},
    {"an example's rung is one", EXAMPLE "on 2012-01-01 expect rung x held\n", "3:27 unknown rung `x`"},
};

/* Takes the next "line:column fragment" off `text`; false at its end. */
static bool next_expected(const char **text, unsigned *line, unsigned *column, char *fragment, size_t room) {
    if (!**text) return false;
    char *end;
    *line = (unsigned)strtoul(*text, &end, 10);
    *column = (unsigned)strtoul(end + 1, &end, 10);
    while (*end == ' ') end++;
    size_t n = strcspn(end, "\n");
    size_t kept = n < room ? n : room - 1;
    memcpy(fragment, end, kept);
    fragment[kept] = '\0';
    *text = end + n + (end[n] == '\n');
    return true;
}

static bool has(kd_str s, const char *fragment) {
    size_t n = strlen(fragment);
    for (size_t i = 0; i + n <= s.n; i++)
        if (memcmp(s.p + i, fragment, n) == 0) return true;
    return n == 0;
}

static void check_row(const row *r) {
    char text[4096];
    snprintf(text, sizeof text, "```treaty\n%s```\n", r->text);
    kd_source sources[] = {{.name = KD_STR("base.md"), .bytes = kd_str_of(base)},
                           {.name = KD_STR("t.md"), .bytes = kd_str_of(text)}};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_status status = kd_treaty_load(&arena, sources, 2, &d, &t);
    const char *left = r->expected;
    char fragment[200];
    unsigned line, column;
    size_t i = 0;
    bool fine = true;
    while (next_expected(&left, &line, &column, fragment, sizeof fragment)) {
        const kd_diagnostic *x = i < d.count ? &d.items[i] : NULL;
        fine &= x && x->line == line && x->column == column &&
                (has(x->message, fragment) || has(x->suggestion, fragment));
        i++;
    }
    fine &= i == d.count && status == (i ? KD_INVALID : KD_OK) && (t != NULL) == (i == 0);
    if (!kdtest_claim(fine, "%s", r->claim))
        for (size_t k = 0; k < d.count; k++)
            printf("    %.*s:%u:%u %.*s | %.*s\n", KD_STR_ARGS(d.items[k].file), d.items[k].line,
                   d.items[k].column, KD_STR_ARGS(d.items[k].message), KD_STR_ARGS(d.items[k].suggestion));
    kd_arena_close(&arena);
}

/* ---- Files ----------------------------------------------------------------------------------------------*/

static const struct file_row {
    const char *claim, *bytes;
    size_t n; /* 0: as a C string */
    const char *fragment;
    unsigned line, column;
} files[] = {
    {"a file without a block is refused", "# Prose\n", 0, "no block marked `treaty`", 1, 1},
    {"a block marked nearly so is refused", "# Prose\n```treatey\n```\n", 0, "unknown block `treatey`", 2, 4},
    {"a fence that is not closed is refused", "x\n\n````treaty\nparty UK\n```\n", 0,
     "this fence is not closed", 3, 1},
    {"a block of another language hides what looks like a fence",
     "````sh\n```treaty\nxx\n```\n````\n```treaty\nparty UK\n```\n", 0, NULL, 0, 0},
    {"prose between blocks is not read", "```treaty\nparty UK\n```\nparty UK\n```treaty\nparty FR\n```\n", 0,
     NULL, 0, 0},
    {"a declaration ends with its block", "```treaty\nparty UK\n```\n\n```treaty\nen \"x\"\n```\n", 0,
     "unknown declaration `en`", 6, 1},
    {"text that is not UTF-8 is refused", "Pr\xC3\xB6se \xFF\n```treaty\n```\n", 0, "0xFF is not UTF-8", 1,
     7},
    {"a byte of nothing is refused", "```treaty\nparty \0UK\n```\n", 24, "control character", 2, 7},
    {"lines may end as on Windows", "```treaty\r\nparty UK\r\n  en \"x\"\r\n```\r\n", 0, NULL, 0, 0},
};

static void check_file(const struct file_row *r) {
    kd_str bytes = {r->bytes, r->n ? r->n : strlen(r->bytes)};
    kd_source sources[] = {{.name = KD_STR("base.md"), .bytes = kd_str_of(base)},
                           {.name = KD_STR("t.md"), .bytes = bytes}};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_treaty_load(&arena, sources, 2, &d, &t);
    bool fine = r->fragment ? d.count && has(d.items[0].message, r->fragment) && d.items[0].line == r->line &&
                                  d.items[0].column == r->column
                            : d.count == 0;
    if (!kdtest_claim(fine, "%s", r->claim))
        for (size_t k = 0; k < d.count; k++)
            printf("    %u:%u %.*s\n", d.items[k].line, d.items[k].column, KD_STR_ARGS(d.items[k].message));
    kd_arena_close(&arena);
}

/* Beside the base: a record's own words, messages, a reading's file. */
static const struct other_row {
    const char *claim;
    int kind;
    const char *bytes, *fragment; /* NULL: no mistake */
    unsigned line, column;
} others[] = {
    {"a record says what it is", KD_SOURCE_RECORD,
     "```record\ntreaty demo\ncomplete data for US from 2011-01-01\n```\n", NULL, 0, 0},
    {"a record is of this treaty", KD_SOURCE_RECORD, "```record\ntreaty dem-o\n```\n", "the treaty is `demo`",
     2, 8},
    {"a record is complete for notices that are", KD_SOURCE_RECORD,
     "```record\ncomplete dta for US from 2011-01-01\n```\n", "unknown notice `dta`", 2, 10},
    {"a record is complete for Parties that are", KD_SOURCE_RECORD,
     "```record\ncomplete data for UX from 2011-01-01\n```\n", "unknown Party `UX`", 2, 19},
    {"a stretch ends after it begins", KD_SOURCE_RECORD,
     "```record\ncomplete data for US from 2012-01-01 to 2011-01-01\n```\n", "before the first", 2, 27},
    {"a record's clause is misspelt", KD_SOURCE_RECORD, "```record\nreconstructet\n```\n",
     "unknown clause `reconstructet` in record", 2, 1},
    {"a record's word is no declaration", KD_SOURCE_RECORD, "```record\nparty US\n```\n",
     "unknown clause `party`", 2, 1},
    {"messages are keys and texts", KD_SOURCE_MESSAGES, "```messages\na.b = \"x\"\n  \"y\"\nc = \"\"\n```\n",
     NULL, 0, 0},
    {"a message stands once", KD_SOURCE_MESSAGES, "```messages\na.b = \"x\"\na.b = \"y\"\n```\n",
     "is here twice", 3, 1},
    {"a message has a text", KD_SOURCE_MESSAGES, "```messages\na.b =\nc = \"x\"\n```\n",
     "a text in quotes is missing", 2, 6},
    {"a message has its sign", KD_SOURCE_MESSAGES, "```messages\na.b \"x\"\nc = \"x\"\n```\n",
     "`=` is wanted here", 2, 5},
    {"a reading's file holds no rules", KD_SOURCE_READING, "```treaty\nparty UK\n```\n",
     "belongs into the treaty", 2, 1},
};

static void check_other(const struct other_row *r) {
    kd_source sources[] = {{.name = KD_STR("base.md"), .bytes = kd_str_of(base)},
                           {.name = KD_STR("o.md"), .bytes = kd_str_of(r->bytes), .language = KD_STR("en")}};
    if (r->kind == KD_SOURCE_RECORD) sources[1].kind = KD_SOURCE_RECORD;
    if (r->kind == KD_SOURCE_MESSAGES) sources[1].kind = KD_SOURCE_MESSAGES;
    if (r->kind == KD_SOURCE_READING) sources[1].kind = KD_SOURCE_READING;
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_treaty_load(&arena, sources, 2, &d, &t);
    bool fine = r->fragment ? d.count == 1 && has(d.items[0].message, r->fragment) &&
                                  d.items[0].line == r->line && d.items[0].column == r->column
                            : d.count == 0;
    if (!kdtest_claim(fine, "%s", r->claim))
        for (size_t k = 0; k < d.count; k++)
            printf("    %u:%u %.*s\n", d.items[k].line, d.items[k].column, KD_STR_ARGS(d.items[k].message));
    kd_arena_close(&arena);
}

static void check_size(void) {
    size_t n = ((size_t)16 << 20) + 1;
    char *bytes = malloc(n);
    if (!bytes) abort();
    memset(bytes, ' ', n);
    kd_source source = {.name = KD_STR("big.md"), .bytes = {bytes, n}};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_status status = kd_treaty_load(&arena, &source, 1, &d, &t);
    kdtest_claim(status == KD_INVALID && d.count && has(d.items[0].message, "16 MiB"),
                 "a file over 16 MiB is refused");
    kd_arena_close(&arena);
    free(bytes);
}

static void check_many(void) {
    kd_text text;
    kd_text_open(&text, NULL);
    kd_text_puts(&text, "```treaty\n");
    for (int i = 0; i < 250; i++) kd_text_puts(&text, "kind\n");
    kd_text_puts(&text, "```\n");
    kd_source source = {.name = KD_STR("many.md"), .bytes = kd_text_str(&text)};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_treaty_load(&arena, &source, 1, &d, &t);
    kdtest_claim(d.count == 100 && d.left_out == 150,
                 "a hundred mistakes are kept and the others counted: %zu, %zu", d.count, d.left_out);
    kd_arena_close(&arena);
    kd_text_close(&text);
}

static void check_caret(void) {
    kd_source sources[] = {
        {.name = KD_STR("base.md"), .bytes = kd_str_of(base)},
        {.name = KD_STR("t.md"), .bytes = KD_STR("```treaty\n\tnotice n \"Ж\" roel data\n```\n")}};
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_text out;
    kd_arena_open(&arena, NULL);
    kd_text_open(&out, NULL);
    kd_treaty_load(&arena, sources, 2, &d, &t);
    if (d.count) kd_diagnostic_put(&out, &d.items[0]);
    const char *wanted = "t.md:2:15: error: unknown clause `roel` in notice\n"
                         "  \tnotice n \"Ж\" roel data\n"
                         "  \t             ^^^^\n"
                         "  did you mean `role`?\n";
    if (!kdtest_claim(kd_str_is(kd_text_str(&out), wanted),
                      "a mistake is shown with its line, a caret and the suggestion"))
        printf("%.*s", KD_STR_ARGS(kd_text_str(&out)));
    kd_text_close(&out);
    kd_arena_close(&arena);
}

int main(void) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_row(&rows[i]);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) check_file(&files[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) check_other(&others[i]);
    check_size();
    check_many();
    check_caret();
    return kdtest_end("test_lang");
}

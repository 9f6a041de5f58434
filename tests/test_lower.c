/* test_lower.c: what a treaty's plan says of its life, of limits and of duties; and how large it is. */
#include "failing.h"
#include "lower_expect.h"

static const lower_claim claims[] = {
    /* The treaty's life. */
    {"a treaty is in force from the later of both statements, on its day",
     "",
     {NULL},
     "2011-02-03 US ratified\n2011-02-05 RU ratified\n",
     "2011-02-05",
     "in_force\nterm 2021-02-05\nno ended\npaired ratified"},
    {"what one side says alone is no event",
     "",
     {NULL},
     "2011-02-03 US ratified\n",
     "2011-02-05",
     "no in_force\nno term 2021-02-03\nno paired ratified"},
    {"different fields are not the same statement",
     "",
     {NULL},
     "2011-02-03 US ratified place=Munich\n2011-02-05 RU ratified place=Prague\n",
     "2011-02-06",
     "no in_force\nno paired ratified"},
    {"the last day counts to its end", "", {NULL}, IN_FORCE, "2021-02-05", "in_force\nno ended"},
    {"the day after the last it has ended",
     "",
     {NULL},
     IN_FORCE,
     "2021-02-06",
     "no in_force\nended\nterm 2021-02-05"},
    {"an extension moves the last day",
     "",
     {NULL},
     IN_FORCE "2021-02-03 both extension until=2026-02-05\n",
     "2021-02-06",
     "in_force\nterm 2026-02-05 said=3\nno term 2021-02-05"},
    {"an extension past the cap ends with the cap",
     "",
     {NULL},
     IN_FORCE "2021-02-03 both extension until=2030-01-01\n",
     "2021-02-06",
     "term 2026-02-05"},
    {"an extension after the end revives nothing",
     "",
     {NULL},
     IN_FORCE "2021-02-08 both extension until=2026-02-05\n",
     "2021-02-09",
     "no in_force\nended\nterm 2021-02-05"},
    {"a second extension within the first holds",
     "",
     {NULL},
     IN_FORCE "2021-02-03 both extension until=2023-02-05\n2023-01-01 both extension until=2025-02-05\n",
     "2023-03-01",
     "in_force\nterm 2025-02-05"},
    {"but not once the first is over",
     "",
     {NULL},
     IN_FORCE "2021-02-03 both extension until=2023-02-05\n2023-03-01 both extension until=2025-02-05\n",
     "2023-03-02",
     "no in_force\nterm 2023-02-05"},
    {"what one said in between does not matter",
     "",
     {NULL},
     "2011-02-03 US session day=2011-02-01\n"
     "2011-02-04 US session day=2011-02-02\n2011-02-05 RU session day=2011-02-02\n",
     "2011-02-05",
     "paired session times=1"},
    {"withdrawal ends it three months after receipt",
     "",
     {NULL},
     IN_FORCE "2019-01-15 US withdrawal\n",
     "2019-04-15",
     "in_force\nterm 2019-04-15 said=2"},
    {"and not a day later",
     "",
     {NULL},
     IN_FORCE "2019-01-15 US withdrawal\n",
     "2019-04-16",
     "no in_force\nended"},
    {"or on the later day that it names",
     "",
     {NULL},
     IN_FORCE "2019-01-15 US withdrawal ends=2019-06-01\n",
     "2019-04-16",
     "in_force\nterm 2019-06-01"},
    {"an earlier day that it names is not used",
     "",
     {NULL},
     IN_FORCE "2019-01-15 US withdrawal ends=2019-02-01\n",
     "2019-04-15",
     "in_force\nterm 2019-04-15"},

    /* Limits. */
    {"no figure: not shown from the entry into force",
     LIMIT,
     {NULL},
     IN_FORCE,
     "2012-01-01",
     "not_shown ceiling US since=2011-02-05\nnot_shown ceiling RU"},
    {"no row before the entry into force", LIMIT, {NULL}, "", "2010-01-01", "no not_shown ceiling any"},
    {"a figure before the limit's day is pending, due on that day",
     LIMIT,
     {NULL},
     IN_FORCE "2017-09-15 US figures as_of=2017-09-01 delivery=800\n",
     "2018-02-04",
     "pending ceiling US due=2018-02-05 figure=800 bound=700 dated=2017-09-01 said=2\n"
     "no breached ceiling US\nnot_shown ceiling RU"},
    {"on the day an older figure shows nothing",
     LIMIT,
     {NULL},
     IN_FORCE "2017-09-15 US figures as_of=2017-09-01 delivery=800\n",
     "2018-02-05",
     "not_shown ceiling US since=2018-02-05 figure=800\nno pending ceiling US\n"
     "no breached ceiling US"},
    {"a figure of the day or later at the bound is kept",
     LIMIT,
     {NULL},
     IN_FORCE "2018-02-22 US figures as_of=2018-02-05 delivery=700\n",
     "2018-03-01",
     "kept ceiling US since=2018-02-22 figure=700 bound=700 dated=2018-02-05 said=2\n"
     "no not_shown ceiling US"},
    {"a figure of the day that was given before it is judged at once",
     LIMIT,
     {NULL},
     IN_FORCE "2018-02-01 US figures as_of=2018-02-05 delivery=701\n",
     "2018-02-02",
     "breached ceiling US since=2018-02-01\nno pending ceiling US"},
    {"above the bound it is a breach from its receipt",
     LIMIT,
     {NULL},
     IN_FORCE "2018-02-22 US figures as_of=2018-02-05 delivery=701\n",
     "2018-03-01",
     "breached ceiling US since=2018-02-22 figure=701\nno kept ceiling US"},
    {"a later figure ends the breach",
     LIMIT,
     {NULL},
     IN_FORCE "2018-02-22 US figures as_of=2018-02-05 delivery=701\n"
              "2018-09-10 US figures as_of=2018-09-01 delivery=690\n",
     "2018-09-10",
     "kept ceiling US since=2018-09-10 figure=690 said=3\nno breached ceiling US"},
    {"rows end with the treaty",
     LIMIT,
     {NULL},
     IN_FORCE "2018-02-22 US figures as_of=2018-02-05 delivery=700\n",
     "2021-02-06",
     "no kept ceiling any\nno not_shown ceiling any"},
    {"phases: each figure under the bound of its own day",
     STEPS "  on latest figures.delivery by P\n",
     {NULL},
     IN_FORCE "2012-03-15 US figures as_of=2012-03-01 delivery=800\n"
              "2018-03-15 RU figures as_of=2018-03-01 delivery=800\n",
     "2018-03-15",
     "breached steps RU bound=700\nnot_shown steps US since=2018-02-05 figure=800 bound=700"},
    {"phases: kept under the first until the second begins",
     STEPS "  on latest figures.delivery by P\n",
     {NULL},
     IN_FORCE "2012-03-15 US figures as_of=2012-03-01 delivery=800\n",
     "2018-02-04",
     "kept steps US bound=900"},
    {"a reading adds what its author counts, under that reading alone",
     "number all(P) := latest figures.delivery by P\n"
     "  as counted by RU add latest claim.delivery by RU about P\n"
     "limit ceiling \"Ceiling\"\n  cites II.1\n  group limits\n  each P: party\n"
     "  from 2018-02-05 at most 800\n  on all(P)\n",
     {READING_US, READING_RU},
     IN_FORCE "2018-02-05 RU claim about=US delivery=101\n"
              "2018-02-22 US figures as_of=2018-02-05 delivery=800\n"
              "2018-02-22 RU figures as_of=2018-02-05 delivery=500\n",
     "2018-03-01",
     "kept ceiling US figure=800 under=US\n"
     "breached ceiling US figure=901 since=2018-02-22 under=RU\nno breached ceiling US under=US\n"
     "kept ceiling RU figure=500"},
    {"a count of nothing shows nothing; a sum takes a missing count as 0",
     "fact there(i, P)\n  begins on moved(item: i) by P\n"
     "number two(P) := count of there(_, P) + count of there(_, P)\n"
     "limit few \"Few\"\n  cites II.3\n  group limits\n  each P: party\n"
     "  from in force at most 1\n  on two(P)\n",
     {NULL},
     IN_FORCE "2012-01-01 US moved item=a day=2012-01-01\n",
     "2012-01-02",
     "breached few US figure=2\nnot_shown few RU"},
    {"for one Party only",
     "limit ceiling \"Ceiling\"\n  cites II.1\n  group limits\n  each P: party\n  for US only\n"
     "  from 2018-02-05 at most 700\n  on latest figures.delivery by P\n",
     {NULL},
     IN_FORCE,
     "2012-01-01",
     "not_shown ceiling US\nno not_shown ceiling RU"},

    /* Duties when. */
    {"at the trigger it is owed, to the end of the fifth day",
     CHANGE,
     {NULL},
     IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n",
     "2012-03-06",
     "pending change US due=2012-03-06T23:59:59Z instance=2012-03-01 said=2\nno pending change RU"},
    {"an open record shows nothing after it",
     CHANGE,
     {NULL},
     IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n",
     "2012-03-07",
     "not_shown change US since=2012-03-07 due=2012-03-06\nno breached change US\n"
     "no pending change US"},
    {"a complete record makes silence a breach",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n",
     "2012-03-07",
     "breached change US since=2012-03-07 due=2012-03-06 said=2\nno not_shown change US\n"
     "no pending change US"},
    {"complete for the other Party says nothing of this one",
     CHANGE,
     {NULL},
     "complete report RU\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n",
     "2012-03-07",
     "not_shown change US\nno breached change US"},
    {"in time it is kept",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n2012-03-06 US report item=a\n",
     "2012-03-10",
     "kept change US since=2012-03-06 instance=2012-03-01 said=2\nno breached change US\n"
     "no pending change US"},
    {"a late notice ends the breach",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n2012-03-09 US report item=a\n",
     "2012-03-09",
     "kept change US since=2012-03-09\nno breached change US"},
    {"a notice of another item keeps nothing",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n2012-03-02 US report item=b\n",
     "2012-03-07",
     "breached change US"},
    {"the other Party's notice keeps nothing",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n2012-03-02 RU report item=a\n",
     "2012-03-07",
     "breached change US"},
    {"a notice earlier on the trigger's day keeps it",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE
     "2012-03-01T08:00:00Z US report item=a\n2012-03-01T10:00:00Z US moved item=a day=2012-03-01\n",
     "2012-03-07",
     "kept change US\nno breached change US\nno pending change US"},
    {"a notice of the day before does not",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE
     "2012-02-29 US report item=a\n2012-03-01T10:00:00Z US moved item=a day=2012-03-01\n",
     "2012-03-07",
     "breached change US"},
    {"while an excuse holds it is excused, and after it a breach again",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n2012-03-03 US excuse\n",
     "2012-03-10",
     "excused change US due=2012-03-06\nno breached change US"},
    {"when the excuse is over it is a breach again",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE
     "2012-03-01 US moved item=a day=2012-03-01\n2012-03-03 US excuse\n2012-03-12 US excuse_over\n",
     "2012-03-12",
     "breached change US since=2012-03-12\nno excused change US"},
    {"two instances are two breaches",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE
     "2012-03-01 US moved item=a day=2012-03-01\n2012-03-02 US moved item=b day=2012-03-02\n",
     "2012-03-20",
     "breached change US times=2"},
    {"before the entry into force nothing is owed",
     CHANGE,
     {NULL},
     "complete report\n2011-01-01 US moved item=a day=2011-01-01\n" IN_FORCE,
     "2011-03-01",
     "no breached change any\nno pending change any"},
    {"when the treaty ends, the breach ends",
     CHANGE,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n",
     "2021-02-06",
     "no breached change any"},
    {"hours are exact",
     REPLY,
     {NULL},
     "complete report\n" IN_FORCE
     "2012-03-01T10:00:00Z US moved item=a day=2012-03-01\n2012-03-02T10:00:01Z RU report item=a\n",
     "2012-03-02",
     "kept reply RU since=2012-03-02T10:00:01Z due=2012-03-02T10:00:00Z\nno kept reply US"},
    {"an hour late is a breach of the next second",
     REPLY,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01T10:00:00Z US moved item=a day=2012-03-01\n",
     "2012-03-02",
     "breached reply RU since=2012-03-02T10:00:01Z"},
    {"when in force, jointly, kept by the notice of both",
     FIRST,
     {NULL},
     "complete session\n" IN_FORCE "2011-03-01 both session day=2011-03-01\n",
     "2011-04-01",
     "kept first both\nno pending first any"},
    {"jointly owed and said by one alone is not kept",
     FIRST,
     {NULL},
     "complete session\n" IN_FORCE "2011-03-01 US session day=2011-03-01\n",
     "2011-03-23",
     "breached first both since=2011-03-23 due=2011-03-22"},
    {"no day set: pending until kept",
     "duty some \"F\"\n  cites XII\n  group visits\n  when in force\n"
     "  each party owes report no day set\n",
     {NULL},
     "complete report\n" IN_FORCE "2014-01-01 RU report item=a\n",
     "2015-01-01",
     "pending some US due=-\nkept some RU\nno pending some RU"},
    {"by a date",
     "duty some \"F\"\n  cites XII\n  group visits\n  when in force\n  each party owes report\n"
     "  by 2012-06-30\n",
     {NULL},
     "complete report\n" IN_FORCE,
     "2012-07-01",
     "breached some US due=2012-06-30 since=2012-07-01"},
    {"also kept by another notice",
     SOME,
     {NULL},
     "complete report\n" IN_FORCE
     "2012-03-01 US moved item=a day=2012-03-01\n2012-03-02 US moved item=b day=2012-03-01\n"
     "2012-03-03 US excuse\n",
     "2012-03-10",
     "kept some US times=1 instance=2012-03-02\nno breached some US\nno pending some US"},
    {"also kept by a notice that knows more of the trigger",
     "duty some \"F\"\n  cites XII\n  group visits\n  when total(count: n, from: f) by US\n"
     "  US owes claim(delivery: n)\n  within 5 days\n"
     "  also kept by figures(as_of: f, delivery: n)\n",
     {NULL},
     "complete claim\n" IN_FORCE "2012-03-01 US total of=moved count=5 from=2012-01-01 until=2012-02-01\n"
     "2012-03-01 US total of=moved count=6 from=2012-01-01 until=2012-02-01\n"
     "2012-03-02 US figures as_of=2012-01-02 delivery=5\n2012-03-02 US figures as_of=2012-01-01 delivery=6\n",
     "2012-03-10",
     "breached some US times=1\nkept some US times=1"},
    {"also kept by the notice, not the other Party's",
     SOME,
     {NULL},
     "complete report\n" IN_FORCE "2012-03-01 US moved item=a day=2012-03-01\n2012-03-03 RU excuse\n",
     "2012-03-10",
     "breached some US"},

    /* Duties every. */
    {"every half-year, thirty days after its last day",
     SIX,
     {NULL},
     "complete figures\n" IN_FORCE,
     "2011-09-30",
     "pending six US due=2011-09-30 instance=2011-03-01\npending six RU"},
    {"then a breach",
     SIX,
     {NULL},
     "complete figures\n" IN_FORCE,
     "2011-10-01",
     "breached six US since=2011-10-01 times=1\nno pending six US"},
    {"kept by the figures of the day after the period",
     SIX,
     {NULL},
     "complete figures\n" IN_FORCE "2011-09-20 US figures as_of=2011-09-01 delivery=1\n",
     "2011-10-01",
     "kept six US instance=2011-03-01 said=2\nno breached six US\nbreached six RU"},
    {"figures of another day keep nothing",
     SIX,
     {NULL},
     "complete figures\n" IN_FORCE "2011-09-20 US figures as_of=2011-09-02 delivery=1\n",
     "2011-10-01",
     "breached six US"},
    {"a half-year that ends on 28 February is due on 30 March",
     SIX,
     {NULL},
     "complete figures\n" IN_FORCE,
     "2019-03-10",
     "pending six US due=2019-03-30"},
    {"each period without it is a breach of its own, ended by its own figures",
     SIX,
     {NULL},
     "complete figures\n" IN_FORCE "2012-05-01 US figures as_of=2011-09-01 delivery=1\n",
     "2012-05-02",
     "breached six US times=1 instance=2011-09-01\nbreached six RU times=2"},
    {"only the latest not shown is a row",
     SIX,
     {NULL},
     IN_FORCE,
     "2013-05-02",
     "not_shown six US times=1\nnot_shown six US instance=2012-09-01"},
    {"a notice without a day of the period keeps all that is owed",
     "duty six \"Six\"\n  cites P4.II\n  group data\n  every half_year\n  each party owes report\n"
     "  within 30 days\n",
     {NULL},
     "complete report\n" IN_FORCE "2012-05-01 US report item=a\n",
     "2012-05-02",
     "no breached six US\nkept six US times=1 instance=2011-09-01\nbreached six RU times=2"},

};

/* ---- The plan itself -----------------------------------------------------------------------------------------*/

static const char LIMITS_HEAD[] = "```treaty\n" COMMON;

static bool open_text(harness *h, const char *text, size_t n) {
    kd_source source = {KD_STR("treaty.md"), {text, n}, KD_SOURCE_TREATY, KD_STR("")};
    return harness_open(h, &source, 1);
}

/* Nodes of the plan of so many limits, each with a bound of its own; 0 when it does not compile. */
static size_t nodes_of_limits(unsigned count) {
    static harness h;
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_text_puts(&t, LIMITS_HEAD);
    for (unsigned i = 0; i < count; i++)
        kd_text_printf(
            &t,
            "limit l%u \"L\"\n  cites A.%u\n  group limits\n  each P: party\n  from 2018-02-05 at most %u\n"
            "  on latest figures.delivery by P\n",
            i, i, i);
    kd_text_puts(&t, "```\n");
    size_t nodes = open_text(&h, t.p, t.n) ? kd_plan_size(h.program.plan) : 0;
    harness_close(&h);
    kd_text_close(&t);
    return nodes;
}

static void check_growth(void) {
    size_t few = nodes_of_limits(100), more = nodes_of_limits(200), many = nodes_of_limits(10000);
    kdtest_claim(few && more && many, "ten thousand limits compile");
    kdtest_claim(many - few == (more - few) * 99, "a plan grows by as much for each limit: %zu %zu %zu", few,
                 more, many);
    kdtest_claim((more - few) / 100 < 12, "and by little: %zu nodes for each", (more - few) / 100);
}

/* A rule on which the readings agree is heard once, for both. */
static void check_sharing(void) {
    static harness h;
    kd_source sources[] = {
        {KD_STR("treaty.md"), KD_STR("```treaty\n" COMMON LIMIT CHANGE "```\n"), KD_SOURCE_TREATY,
         KD_STR("")},
        {KD_STR("US.md"), KD_STR("```treaty\n" READING_US "```\n"), KD_SOURCE_READING, KD_STR("")},
        {KD_STR("RU.md"), KD_STR("```treaty\n" READING_RU "```\n"), KD_SOURCE_READING, KD_STR("")}};
    bool fine = harness_open(&h, sources, 3) && harness_run(&h, IN_FORCE, kd_day_of(2012, 1, 1));
    size_t verdicts_heard = 0, for_both = 0;
    for (size_t i = 0; i < h.row_count; i++) {
        verdicts_heard += h.rows[i].sink >= KD_SINK_VERDICT;
        for_both += h.rows[i].sink == KD_SINK_VERDICT + 3;
    }
    kdtest_claim(fine && verdicts_heard == 2 && for_both == 2,
                 "what readings agree on is heard once, for both: %zu %zu", verdicts_heard, for_both);
    harness_close(&h);
}

/* A notice of both with more fields than can be paired is refused with its name. */
static void check_width(void) {
    static harness h;
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_text_puts(&t, LIMITS_HEAD);
    kd_text_puts(&t, "notice wide \"W\"\n  by both\n  fields a0: count");
    for (int i = 1; i < 14; i++) kd_text_printf(&t, ", a%d: count", i);
    kd_text_puts(&t, "\n```\n");
    bool opened = open_text(&h, t.p, t.n);
    kdtest_claim(!opened && strstr(h.why, "wide") && strstr(h.why, "width"),
                 "a notice of both that is too wide: %s", h.why);
    harness_close(&h);
    kd_text_close(&t);
}

/* Lives with an earlier day to end on, or with extensions alone: what is said after the end moves nothing. */
static void check_ended(void) {
    static const struct {
        const char *says, *life, *said, *on, *expects;
    } lives[] = {
        {"a withdrawal after the end moves the last day no more",
         "lasts 2 years\nends 3 months after out, or on its day\n",
         "2011-02-05 both begun\n2012-01-10 US out day=2012-03-01\n2012-03-02 RU out day=2012-02-01\n",
         "2014-01-01", "term 2012-03-01 said=2"},
        {"one on the last day still does", "lasts 2 years\nends 3 months after out, or on its day\n",
         "2011-02-05 both begun\n2012-01-10 US out day=2012-03-01\n2012-03-01 RU out day=2012-02-01\n",
         "2014-01-01", "term 2012-02-01 said=3"},
        {"a withdrawal ends what only an extension could",
         "extended by longer until its day\nends 3 months after out\n",
         "2011-02-05 both begun\n2011-03-01 US out\n", "2012-06-01", "term 2011-06-01 said=2"},
        {"an extension after the end revives nothing", "extended by longer until its day\n",
         "2011-02-05 both begun\n2011-06-01 both longer day=2012-03-01\n2012-03-02 both longer day=2013-03-01\n",
         "2012-06-01", "term 2012-03-01 said=3"},
    };
    for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
        static harness h;
        kd_text t;
        kd_day on = 0;
        kd_text_open(&t, &kd_allocator_libc);
        kd_text_printf(
            &t,
            "```treaty\ntreaty t \"T\"\nparty US\nparty RU\ngroup limits\nlife\nin force on begun\n%s"
            "notice begun \"B\"\nby both\nnotice out \"O\"\nrole withdrawal\nfields day: date?\n"
            "notice longer \"L\"\nby both\nfields day: date\n```\n",
            lives[i].life);
        kd_day_parse(kd_str_of(lives[i].on), &on);
        if (kdtest_claim(open_text(&h, t.p, t.n) && harness_run(&h, lives[i].said, on), "%s: %s",
                         lives[i].says, h.why)) {
            check_line(&h, lives[i].says, KD_STR("no in_force"));
            check_line(&h, lives[i].says, KD_STR("ended"));
            check_line(&h, lives[i].says, kd_str_of(lives[i].expects));
        }
        harness_close(&h);
        kd_text_close(&t);
    }
}

/* Memory that runs out at any call gives KD_NOMEM, and all that was taken comes back. */
static void check_memory(void) {
    static harness h;
    failing f = {0, -1, 0};
    kd_allocator from = {failing_resize, &f};
    const char *text = "```treaty\n" COMMON LIMIT CHANGE SIX "```\n";
    bool opened = open_text(&h, text, strlen(text)), all = opened, done = false;
    for (long at = 0; opened && all && !done; at++) {
        kd_arena arena;
        kd_symbols *symbols = NULL;
        kd_program program = {.plan = NULL};
        f = (failing){0, at, 0};
        kd_arena_open(&arena, &from);
        kd_status s = kd_symbols_open(&from, &symbols);
        if (!s) s = kd_treaty_compile(h.t, &arena, &from, symbols, &program, NULL);
        done = s == KD_OK;
        all = (done || (s == KD_NOMEM && !program.plan));
        kd_plan_close(program.plan);
        kd_symbols_close(symbols);
        kd_arena_close(&arena);
        all = all && f.bytes == 0;
    }
    kdtest_claim(all && done, "running out of memory at any call is told, and nothing is lost");
    harness_close(&h);
}

int main(void) {
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) check_claim(&claims[i]);
    check_growth();
    check_sharing();
    check_width();
    check_ended();
    check_memory();
    return kdtest_end("test_lower");
}

/* lower_expect.h: claims about what a treaty's plan says: a treaty, statements, and the rows that hold on a day. */
#ifndef LOWER_EXPECT_H
#define LOWER_EXPECT_H

#include "kdtest.h"
#include "lower_harness.h"
#include "lower_texts.h"

typedef struct lower_claim {
    const char *says, *treaty, *readings[2], *said, *on, *expects;
} lower_claim;

/* ---- Expectations --------------------------------------------------------------------------------------------
 *
 *      [no] STATUS RULE PARTY [since= due= instance= dated= figure= bound= said= under= times=]
 *           PARTY: name, both, any
 *      [no] MARK PARTY GROUP [under=] [since=]          MARK: freed keeps withheld unsaid no_claim
 *      [no] in_force | ended | term DAY
 *      [no] rung LADDER RUNG PARTY
 *      [no] fact NAME | paired NOTICE
 *
 * Days stand for the day of an instant; `said` is the number of the statement, from 0. */

static const char *const marks[] = {"freed", "keeps", "withheld", "unsaid", "no_claim"};

static kd_str option(kd_str line, const char *name) {
    size_t n = strlen(name);
    for (kd_str word; (word = harness_word(&line)).n;)
        if (word.n > n && memcmp(word.p, name, n) == 0 && word.p[n] == '=')
            return (kd_str){word.p + n + 1, word.n - n - 1};
    return (kd_str){NULL, 0};
}

/* Whether the value is the day that the option names ("-": none), or the option is not there. */
static bool day_fits(kd_str line, const char *name, kd_value v) {
    kd_str want = option(line, name);
    kd_day day;
    kd_instant instant;
    if (!want.n) return true;
    if (kd_str_is(want, "-")) return v == KD_ABSENT;
    if (kd_instant_parse(want, &instant)) return v == instant;
    return v != KD_ABSENT && kd_day_parse(want, &day) && kd_instant_day(v) == day;
}

static bool number_fits(kd_str line, const char *name, kd_value v) {
    kd_str want = option(line, name);
    int64_t n;
    if (!want.n) return true;
    if (kd_str_is(want, "-")) return v == KD_ABSENT;
    return kd_decimal(want, &n) && n == v;
}

static bool party_fits(const harness *h, kd_str name, kd_value v) {
    if (kd_str_is(name, "any")) return true;
    return v == (kd_str_is(name, "both") ? KD_BOTH : kd_treaty_party(h->t, name));
}

static bool verdict_fits(const harness *h, const harness_row *r, kd_verdict_status status, kd_str rule,
                         kd_str party, kd_str line, uint32_t reading) {
    if (!(r->sink & KD_SINK_VERDICT) || !(r->sink >> reading & 1)) return false;
    return r->value[KD_V_RULE] == kd_treaty_rule(h->t, rule) && party_fits(h, party, r->value[KD_V_PARTY]) &&
           r->value[KD_V_STATUS] == (kd_value)status && day_fits(line, "since", r->since) &&
           day_fits(line, "due", r->value[KD_V_DUE]) && day_fits(line, "instance", r->value[KD_V_INSTANCE]) &&
           day_fits(line, "dated", r->value[KD_V_DATED]) &&
           number_fits(line, "figure", r->value[KD_V_FIGURE]) &&
           number_fits(line, "bound", r->value[KD_V_BOUND]) &&
           number_fits(line, "said", r->value[KD_V_STATEMENT]);
}

/* Rows that fit in the reading where they are fewest (or most, when there should be none). */
static size_t verdicts(const harness *h, kd_verdict_status status, kd_str rule, kd_str party, kd_str line,
                       bool most) {
    kd_str under = option(line, "under");
    size_t best = 0;
    bool first = true;
    for (uint32_t reading = 0; reading < h->program.reading_count; reading++) {
        size_t n = 0;
        if (under.n && (int)reading != kd_treaty_reading(h->t, under)) continue;
        for (size_t i = 0; i < h->row_count; i++)
            n += verdict_fits(h, &h->rows[i], status, rule, party, line, reading);
        if (first || (most ? n > best : n < best)) best = n;
        first = false;
    }
    return best;
}

static size_t marked(const harness *h, kd_mark mark, kd_str party, kd_str group, kd_str line) {
    size_t n = 0;
    kd_str under = option(line, "under");
    for (size_t i = 0; i < h->row_count; i++) {
        const harness_row *r = &h->rows[i];
        if (r->sink != KD_SINK_BINDING || r->value[1] != (kd_value)mark || !party_fits(h, party, r->value[3]))
            continue;
        if (under.n && r->value[0] != kd_treaty_reading(h->t, under)) continue;
        n += r->value[2] == kd_treaty_group(h->t, group) && day_fits(line, "since", r->since);
    }
    return n;
}

static int fact_named(const harness *h, kd_str name) {
    for (size_t i = 0; i < h->t->fact_count; i++)
        if (kd_str_equal(h->t->facts[i].name, name)) return (int)i;
    return -1;
}

static bool rung_fits(const harness *h, const harness_row *r, kd_str ladder, kd_str rung, kd_str party) {
    if (r->sink != KD_SINK_RUNG) return false;
    const kd_ladder *l = &h->t->ladders[r->value[0]];
    return kd_str_equal(l->name, ladder) && kd_str_equal(l->rungs[r->value[1]].name, rung) &&
           party_fits(h, party, r->value[2]);
}

/* How many rows fit the line; -1: it is no line. */
static long count_rows(const harness *h, kd_str line, bool negated) {
    kd_str what = harness_word(&line), rest = line, a = harness_word(&line), b = harness_word(&line);
    kd_str c = harness_word(&line);
    long n = 0;
    for (int s = 0; s < KD_VERDICTS; s++)
        if (kd_str_equal(what, kd_verdict_name((kd_verdict_status)s))) {
            if (kd_treaty_rule(h->t, a) < 0) return -1;
            return (long)verdicts(h, (kd_verdict_status)s, a, b, rest, negated);
        }
    for (int m = 0; m < 5; m++)
        if (kd_str_is(what, marks[m])) return (long)marked(h, (kd_mark)m, a, b, rest);
    for (size_t i = 0; i < h->row_count; i++) {
        const harness_row *r = &h->rows[i];
        if (kd_str_is(what, "in_force"))
            n += r->sink == KD_SINK_LIFE && r->value[0] == KD_LIFE_IN_FORCE;
        else if (kd_str_is(what, "ended"))
            n += r->sink == KD_SINK_LIFE && r->value[0] == KD_LIFE_ENDED;
        else if (kd_str_is(what, "term")) {
            kd_day day;
            n += r->sink == KD_SINK_LIFE && r->value[0] == KD_LIFE_TERM && kd_day_parse(a, &day) &&
                 kd_day_begin(day) == r->value[1] && number_fits(rest, "said", r->value[2]);
        } else if (kd_str_is(what, "rung"))
            n += rung_fits(h, r, a, b, c);
        else if (kd_str_is(what, "fact"))
            n += r->sink == KD_SINK_FACT && r->value[0] == fact_named(h, a);
        else if (kd_str_is(what, "paired"))
            n += r->sink == KD_SINK_PAIRED && r->value[0] == kd_treaty_notice(h->t, a);
        else
            return -1;
    }
    return n;
}

static void check_line(const harness *h, const char *claim, kd_str line) {
    kd_str whole = line, ahead = line;
    bool negated = kd_str_is(harness_word(&ahead), "no");
    if (negated) line = ahead;
    long n = count_rows(h, line, negated);
    int64_t times = 0;
    bool counted = kd_decimal(option(line, "times"), &times);
    bool holds = n >= 0 && (negated ? n == 0 : counted ? n == times : n > 0);
    if (kdtest_claim(holds, "%s: %.*s (%ld rows)", claim, KD_STR_ARGS(whole), n)) return;
    for (size_t i = 0; i < h->row_count; i++) {
        const harness_row *r = &h->rows[i];
        kd_text t;
        kd_text_open(&t, &kd_allocator_libc);
        kd_instant_put(&t, r->since);
        for (unsigned j = 0; j < r->width; j++)
            if (r->value[j] == KD_ABSENT)
                kd_text_puts(&t, " -");
            else
                kd_text_printf(&t, " %lld", (long long)r->value[j]);
        printf("      sink %x since %s\n", r->sink, t.p ? t.p : "");
        kd_text_close(&t);
    }
}

/* ---- Checking ------------------------------------------------------------------------------------------------*/

static void check_claim(const lower_claim *claim) {
    static harness h;
    kd_source sources[3];
    char text[3][8192];
    size_t count = 1;
    snprintf(text[0], sizeof text[0], "# T\n\n```treaty\n" COMMON "%s```\n", claim->treaty);
    sources[0] = (kd_source){KD_STR("treaty.md"), kd_str_of(text[0]), KD_SOURCE_TREATY, KD_STR("")};
    for (; count < 3 && claim->readings[count - 1]; count++) {
        snprintf(text[count], sizeof text[count], "```treaty\n%s```\n", claim->readings[count - 1]);
        sources[count] =
            (kd_source){KD_STR("reading.md"), kd_str_of(text[count]), KD_SOURCE_READING, KD_STR("")};
    }
    kd_day on = 0;
    kd_day_parse(kd_str_of(claim->on), &on);
    bool opened = harness_open(&h, sources, count);
    if (kdtest_claim(opened, "%s: %s", claim->says, h.why) &&
        kdtest_claim(harness_run(&h, claim->said, on), "%s: %s", claim->says, h.why)) {
        kd_str rest = kd_str_of(claim->expects);
        while (rest.n) {
            size_t n = 0;
            while (n < rest.n && rest.p[n] != '\n') n++;
            check_line(&h, claim->says, (kd_str){rest.p, n});
            rest = (kd_str){rest.p + n + (n < rest.n), rest.n - n - (n < rest.n)};
        }
    }
    harness_close(&h);
}

#endif

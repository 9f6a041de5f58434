/* id.c: the names of findings, "RU-P5.I.1@2022-08-08", and the way back from a name to the rows that have
 * it. */
#include "record/inside.h"
#include <stdlib.h>

static bool is_finding(const kd_verdict *v) {
    return v->status != KD_KEPT && v->status != KD_PENDING;
}

/* Limits and quotas judge one figure at a time, so the second at which a row began tells it apart, under
 * every way of counting; other rules can have several instances that begin together. */
static bool judges_figures(const kd_history *h, const kd_verdict *v) {
    kd_rule_kind kind = h->record->treaty->rules[v->rule].kind;
    return kind == KD_LIMIT || kind == KD_QUOTA;
}

static bool same_day(const kd_verdict *a, const kd_verdict *b) {
    return a->rule == b->rule && a->party == b->party && kd_instant_day(a->since) == kd_instant_day(b->since);
}

/* Is it the same finding, seen under another way of counting or at another stage? */
static bool same_finding(const kd_history *h, const kd_verdict *a, const kd_verdict *b) {
    if (a->instance != b->instance) return false;
    return judges_figures(h, a) ? a->since == b->since : a->statement == b->statement;
}

/* By (rule, Party, day); findings before the rest, so that what is merely kept or pending takes no number
 * from them. */
static int group_order(const void *a, const void *b) {
    const kd_verdict *x = *(const kd_verdict *const *)a, *y = *(const kd_verdict *const *)b;
    kd_day p = kd_instant_day(x->since), q = kd_instant_day(y->since);
    if (x->rule != y->rule) return x->rule < y->rule ? -1 : 1;
    if (x->party != y->party) return x->party < y->party ? -1 : 1;
    if (p != q) return p < q ? -1 : 1;
    if (is_finding(x) != is_finding(y)) return is_finding(x) ? -1 : 1;
    return x < y ? -1 : x > y; /* both stand in one array, in its order */
}

/* The ordinal of group[i]: that of an equal one before it, else the next. Only the last few are looked at:
 * more than that on one day are told apart, not compared. */
static uint32_t ordinal_of(const kd_history *h, kd_verdict **group, size_t i, uint32_t next) {
    enum { NEAR = 256 };
    for (size_t k = i; k-- > 0 && i - k <= NEAR;)
        if (same_finding(h, group[k], group[i])) return group[k]->ordinal;
    return next;
}

static void number_group(const kd_history *h, kd_verdict **group, size_t count) {
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        group[i]->ordinal = ordinal_of(h, group, i, next);
        next += group[i]->ordinal == next;
    }
}

bool rec_ordinals(kd_history *h, const kd_allocator *from) {
    kd_verdict **all = rec_take(from, h->verdict_count, sizeof *all);
    if (!all) return false;
    for (size_t i = 0; i < h->verdict_count; i++) all[i] = &h->verdicts[i];
    if (h->verdict_count) qsort(all, h->verdict_count, sizeof *all, group_order);
    for (size_t i = 0, end; i < h->verdict_count; i = end) {
        for (end = i + 1; end < h->verdict_count && same_day(all[i], all[end]);) end++;
        number_group(h, all + i, end - i);
    }
    rec_free(from, all, h->verdict_count + 1, sizeof *all);
    return true;
}

void kd_verdict_id(const kd_history *h, const kd_verdict *v, kd_text *out) {
    const kd_treaty *t = h->record->treaty;
    kd_text_put(out, rec_party_name(t, v->party));
    kd_text_putc(out, '-');
    kd_text_put(out, t->rules[v->rule].id);
    kd_text_putc(out, '@');
    kd_day_put(out, kd_instant_day(v->since));
    if (v->ordinal) kd_text_printf(out, "#%lu", (unsigned long)v->ordinal + 1);
}

/* ---- The way back ---------------------------------------------------------------------------------------*/

typedef struct id_parts {
    uint32_t rule, party;
    bool has_day;
    kd_day day;
    uint32_t ordinal;
} id_parts;

static size_t find_char(kd_str s, char c) {
    size_t i = 0;
    while (i < s.n && s.p[i] != c) i++;
    return i;
}

static kd_status unknown_party(const kd_treaty *t, kd_str met, kd_error *e) {
    kd_text names;
    kd_text_open(&names, NULL);
    for (size_t p = 0; p < t->party_count; p++)
        kd_text_printf(&names, "%.*s, ", KD_STR_ARGS(t->parties[p].name));
    kd_status s =
        kd_fail(e, KD_USAGE, "unknown_finding",
                "`%.*s` is no Party; the name of a finding begins with one (%sboth), as %.*s-%.*s@2022-08-08",
                KD_STR_ARGS(met), names.p ? names.p : "", KD_STR_ARGS(t->parties[0].name),
                KD_STR_ARGS(t->rule_count ? t->rules[0].id : KD_STR("II.1(a)")));
    kd_text_close(&names);
    return s;
}

static kd_status find_rule(const kd_treaty *t, kd_str met, uint32_t *rule, kd_error *e) {
    for (size_t i = 0; i < t->rule_count; i++) {
        if (!kd_str_equal(t->rules[i].id, met)) continue;
        *rule = (uint32_t)i;
        return KD_OK;
    }
    int found = kd_treaty_rule(t, met);
    if (found >= 0) {
        *rule = (uint32_t)found;
        return KD_OK;
    }
    int near = -1;
    unsigned best = 4;
    for (size_t i = 0; i < t->rule_count; i++) {
        unsigned d = kd_str_distance(met, t->rules[i].id, best);
        unsigned n = kd_str_distance(met, t->rules[i].name, best);
        if (n < d) d = n;
        if (d >= best) continue;
        best = d;
        near = (int)i;
    }
    if (near < 0)
        return kd_fail(e, KD_USAGE, "unknown_finding",
                       "the treaty has no rule `%.*s`; `kadesh status` lists them", KD_STR_ARGS(met));
    return kd_fail(e, KD_USAGE, "unknown_finding", "the treaty has no rule `%.*s`; did you mean `%.*s`?",
                   KD_STR_ARGS(met), KD_STR_ARGS(t->rules[near].id));
}

static kd_status split(const kd_treaty *t, kd_str id, id_parts *out, kd_error *e) {
    size_t dash = find_char(id, '-'), at = find_char(id, '@');
    kd_str party = {id.p, dash < at ? dash : at};
    kd_str rule = {id.p + (dash < at ? dash + 1 : at), dash < at ? at - dash - 1 : 0};
    int p = kd_treaty_party(t, party);
    if (p < 0 && !kd_str_is(party, "both")) return unknown_party(t, party, e);
    out->party = p < 0 ? KD_BOTH : (uint32_t)p;
    out->has_day = at < id.n;
    out->ordinal = 0;
    kd_status s = find_rule(t, rule, &out->rule, e);
    if (s || !out->has_day) return s;
    kd_str day = {id.p + at + 1, id.n - at - 1};
    size_t hash = find_char(day, '#');
    int64_t n = 1;
    bool fine = kd_day_parse((kd_str){day.p, hash}, &out->day);
    if (fine && hash < day.n) fine = kd_decimal((kd_str){day.p + hash + 1, day.n - hash - 1}, &n);
    if (!fine || n < 1 || n > UINT32_MAX)
        return kd_fail(e, KD_USAGE, "unknown_finding",
                       "after `@` a finding's name has the day it began, as @2022-08-08");
    out->ordinal = (uint32_t)n - 1;
    return KD_OK;
}

/* Rows that come nearest to what was asked: the other days of this rule and Party. */
static kd_status no_such_row(const kd_history *h, kd_str id, const id_parts *want, kd_error *e) {
    enum { SHOWN = 3 };
    const kd_verdict *near[SHOWN];
    size_t count = 0;
    for (size_t i = h->verdict_count; i-- > 0;) {
        const kd_verdict *v = &h->verdicts[i];
        if (v->rule != want->rule || v->party != want->party) continue;
        bool known = false;
        for (size_t k = 0; k < count; k++) known = known || same_day(near[k], v);
        if (!known && count < SHOWN) near[count++] = v;
    }
    kd_text names;
    kd_text_open(&names, NULL);
    for (size_t k = 0; k < count; k++) {
        if (k) kd_text_puts(&names, ", ");
        kd_verdict_id(h, near[k], &names);
    }
    kd_status s = count && names.p
                      ? kd_fail(e, KD_USAGE, "unknown_finding",
                                "there is no `%.*s` up to this day; there is %s", KD_STR_ARGS(id), names.p)
                      : kd_fail(e, KD_USAGE, "unknown_finding",
                                "there is no `%.*s`: the rule says nothing of this Party up to this day",
                                KD_STR_ARGS(id));
    kd_text_close(&names);
    return s;
}

/* Without a day: under each way of counting the newest row that holds, or the newest of all when none does.
 * */
static bool is_latest(const kd_history *h, const kd_verdict *v) {
    for (size_t i = 0; i < h->verdict_count; i++) {
        const kd_verdict *w = &h->verdicts[i];
        if (w == v || w->rule != v->rule || w->party != v->party || w->readings != v->readings) continue;
        bool v_holds = v->until == KD_NEVER, w_holds = w->until == KD_NEVER;
        if (w_holds && !v_holds) return false;
        if (w_holds == v_holds && w->since > v->since) return false;
    }
    return true;
}

kd_status kd_history_find(const kd_history *h, kd_str id, const kd_verdict **found, size_t room,
                          size_t *count, kd_error *e) {
    id_parts want;
    *count = 0;
    kd_status s = split(h->record->treaty, id, &want, e);
    if (s) return s;
    for (size_t i = 0; i < h->verdict_count && *count < room; i++) {
        const kd_verdict *v = &h->verdicts[i];
        if (v->rule != want.rule || v->party != want.party) continue;
        bool fits = want.has_day ? kd_instant_day(v->since) == want.day && v->ordinal == want.ordinal
                                 : is_latest(h, v);
        if (fits) found[(*count)++] = v;
    }
    return *count ? KD_OK : no_such_row(h, id, &want, e);
}

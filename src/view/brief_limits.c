/* brief_limits.c: declared figures against the limits, other counts of them, and what counts of a running period have come to. */
#include "view/brief.h"

static kd_day first_day(const kd_maker *m, const kd_limit_phase *f) {
    if (!f->from_in_force) return kd_instant_day(f->from);
    if (m->h->in_force_since == KD_NEVER) return KD_NO_DAY;
    return kd_day_add_years(kd_instant_day(m->h->in_force_since), f->years);
}

/* The phase that is in force on the day, else the first one to come. */
static void phase_of(const kd_maker *m, const kd_rule *r, kd_brief_limit *l) {
    kd_day today = kd_instant_day(m->at);
    for (size_t i = 0; i < r->phase_count; i++) {
        kd_day from = first_day(m, &r->phases[i]);
        if (i > 0 && (from == KD_NO_DAY || from > today)) break;
        l->from = from;
        l->bound = r->phases[i].at_most;
        l->ahead = from == KD_NO_DAY || from > today;
    }
}

/* The row of a limit for a Party under a reading that has a figure. */
static const kd_verdict *figure_row(const kd_maker *m, uint32_t rule, uint32_t party, uint32_t reading) {
    const kd_verdict *best = NULL;
    for (size_t i = m->standing.first[rule]; i < m->standing.first[rule + 1]; i++) {
        const kd_verdict *v = m->standing.rows[i];
        if (v->party == party && v->readings >> reading & 1 && v->figure != KD_ABSENT) best = v;
    }
    return best;
}

static void add_count(kd_maker *m, kd_brief_limit *l, uint32_t reading, uint32_t party, const kd_verdict *v) {
    const kd_brief_figure *declared = &l->figures[party];
    kd_brief_count *c = &l->counts[l->count_count++];
    *c = (kd_brief_count){
        .reading = reading, .party = party, .figure = v->figure, .statement = KD_NO_STATEMENT};
    c->more = v->figure - declared->figure;
    c->over = v->status == KD_BREACHED ? v->figure - l->bound : 0;
    for (size_t i = m->r->statement_count; i-- > 0;) { /* its author's newest claim about the Party */
        uint32_t s = (uint32_t)i;
        if (m->r->statements[i].party != m->t->readings[reading].of ||
            kd_told_role(m->h, s) != KD_ROLE_COUNT_CLAIM)
            continue;
        if (!kd_told_counts(m->h, s) || kd_said_value(m->r, s, "about") != (kd_value)party) continue;
        c->statement = s;
        return;
    }
}

/* What a Party declared is what its own reading counts; a reading that counts otherwise has a line of its own. */
static bool add_figures(kd_maker *m, kd_brief_limit *l, uint32_t party) {
    int own = kd_maker_reading_of(m, party);
    const kd_verdict *v = figure_row(m, l->rule, party, own >= 0 ? (uint32_t)own : 0);
    kd_brief_figure *f = &l->figures[party];
    *f = (kd_brief_figure){.dated = KD_NO_DAY, .statement = KD_NO_STATEMENT};
    if (!v) return false;
    f->known = true;
    f->figure = v->figure;
    f->status = v->status;
    f->statement = v->statement;
    if (v->dated != KD_ABSENT) f->dated = kd_instant_day(v->dated);
    for (uint32_t r = 0; r < m->t->reading_count; r++) {
        const kd_verdict *o = figure_row(m, l->rule, party, r);
        if (o && o->figure != v->figure) add_count(m, l, r, party, o);
    }
    return true;
}

/* A quota's row of the running period that has counted something. */
static bool is_running(const kd_maker *m, const kd_rule *r, const kd_verdict *v) {
    if (v->status == KD_NOT_SHOWN || v->figure == KD_ABSENT || v->figure <= 0) return false;
    return !r->at_least || (v->due != KD_ABSENT && v->due >= m->at);
}

static void say_quota(kd_maker *m, uint32_t rule) {
    const kd_rule *r = &m->t->rules[rule];
    kd_str *items =
        kd_pen_array(&m->pen, m->standing.first[rule + 1] - m->standing.first[rule], sizeof *items);
    size_t count = 0;
    kd_cites cites = {.count = 0};
    for (size_t i = m->standing.first[rule]; items && i < m->standing.first[rule + 1]; i++) {
        const kd_verdict *v = m->standing.rows[i];
        if (!is_running(m, r, v)) continue;
        const kd_slot slots[] = {
            kd_slot_text("P", kd_pen_form(&m->pen, kd_slot_party(&m->pen, "", v->party), "short")),
            kd_slot_count("figure", v->figure)};
        kd_str item = kd_pen_say(&m->pen, "limits.quota_item", slots, 2);
        if (count && kd_str_equal(items[count - 1], item))
            continue; /* the same under another way of counting */
        items[count++] = item;
        kd_cite(&cites, v->statement);
    }
    if (!count) return;
    const kd_slot slots[] = {kd_slot_rule(&m->pen, "rule", rule), kd_slot_text("article", r->id),
                             kd_slot_list("items", items, count), kd_slot_count("bound", r->quota)};
    kd_say *say =
        kd_maker_say(m, &m->b->quotas, "limits", r->at_least ? "quota_least" : "quota_most", slots, 4);
    if (!say) return;
    say->rank = 3;
    say->cites = cites;
}

void kd_maker_limits(kd_maker *m) {
    m->b->limits = kd_pen_array(&m->pen, m->t->rule_count, sizeof *m->b->limits);
    for (uint32_t r = 0; m->b->limits && r < m->t->rule_count; r++) {
        const kd_rule *rule = &m->t->rules[r];
        if (rule->kind == KD_QUOTA) say_quota(m, r);
        if (rule->kind != KD_LIMIT) continue;
        kd_brief_limit *l = &m->b->limits[m->b->limit_count];
        *l = (kd_brief_limit){.rule = r, .from = KD_NO_DAY};
        phase_of(m, rule, l);
        l->figures = kd_pen_array(&m->pen, m->t->party_count, sizeof *l->figures);
        l->counts = kd_pen_array(&m->pen, m->t->party_count * m->t->reading_count, sizeof *l->counts);
        if (!l->figures || !l->counts) return;
        bool any = false;
        for (uint32_t p = 0; p < m->t->party_count; p++) any |= add_figures(m, l, p);
        m->b->limit_count += any;
    }
}

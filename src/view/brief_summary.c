/* brief_summary.c: the few sentences for a reader with no time; everything in them is told again below, with its statement. */
#include "view/brief.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

static void say(kd_maker *m, const char *what, const kd_slot *slots, size_t count) {
    kd_maker_say(m, &m->b->summary, "summary", what, slots, count);
}

static const kd_say *standing(const kd_maker *m, const char *what, uint32_t party) {
    for (size_t i = 0; i < m->b->standing.count; i++) {
        const kd_say *s = &m->b->standing.items[i];
        if (kd_str_is(kd_str_of(s->what), what) && (party == UINT32_MAX || s->party == party)) return s;
    }
    return NULL;
}

static void say_term(kd_maker *m) {
    const kd_history *h = m->h;
    bool begun = h->in_force_since != KD_NEVER;
    kd_slot slots[] = {kd_slot_instant("last", h->last_day), kd_slot_instant("since", h->in_force_since)};
    say(m, h->ended ? "ended" : begun ? "in_force" : "not_yet", SLOTS(slots));
}

/* The stance of the first Party that answered the suspension by P. */
static void say_suspension(kd_maker *m, uint32_t p) {
    bool suspended = standing(m, "suspended", p) != NULL;
    if (!suspended && !standing(m, "announced", p)) return;
    uint32_t q = UINT32_MAX, answer = KD_NO_STATEMENT;
    for (size_t i = 0; i < m->b->standing.count && q == UINT32_MAX; i++) {
        const kd_say *s = &m->b->standing.items[i];
        if (!kd_str_starts(kd_str_of(s->what), "answer")) continue;
        q = s->party;
        answer = s->cites.statements[0];
    }
    size_t kept = 0;
    int reading = kd_maker_reading_of(m, p);
    kd_str *keeps = NULL;
    if (reading >= 0) keeps = kd_maker_groups(m, (uint32_t)reading, p, KD_PLEDGED, &kept, NULL);
    const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), kd_slot_party(&m->pen, "Q", q),
                             kd_slot_list("keeps", keeps, kept), kd_maker_stance(m, answer)};
    say(m, m->h->ended ? "suspended_at_end" : suspended ? "suspended" : "announced", SLOTS(slots));
}

static void say_others(kd_maker *m) {
    for (size_t i = 0; i < m->b->standing.count && !m->pen.status; i++) {
        const kd_say *s = &m->b->standing.items[i];
        kd_str what = kd_str_of(s->what);
        const kd_slot slots[] = {kd_slot_party(&m->pen, "P", s->party)};
        if (kd_str_is(what, "withheld") && s->rank == 0)
            say(m, m->h->ended ? "withheld_at_end" : "withheld", SLOTS(slots));
        if (kd_str_is(what, "exempt") && !standing(m, "suspended", UINT32_MAX))
            say(m, "exempt", SLOTS(slots));
    }
}

static void say_limits(kd_maker *m) {
    size_t over = 0, known = 0, judged = 0;
    const kd_brief_limit *ahead = NULL;
    const kd_brief_count *most = NULL;
    uint32_t rule = 0;
    for (size_t i = 0; i < m->b->limit_count; i++) {
        const kd_brief_limit *l = &m->b->limits[i];
        if (l->ahead) ahead = l;
        for (uint32_t p = 0; p < m->t->party_count; p++) {
            known += l->figures[p].known;
            judged += l->figures[p].known && !l->ahead && l->figures[p].status != KD_NOT_SHOWN;
            over += l->ahead ? l->figures[p].known && l->figures[p].figure > l->bound
                             : l->figures[p].status == KD_BREACHED && l->figures[p].known;
        }
        for (size_t c = 0; c < l->count_count; c++) {
            if (l->counts[c].over && (!most || l->counts[c].over > most->over)) {
                most = &l->counts[c];
                rule = l->rule;
            }
        }
    }
    if (!known) return;
    const kd_slot slots[] = {
        kd_slot_count("judged", (int64_t)judged),
        kd_slot_count("known", (int64_t)known),
        kd_slot_count("over", (int64_t)over),
        kd_slot_day("from", ahead ? ahead->from : KD_NO_DAY),
        kd_slot_party(&m->pen, "R", most ? m->t->readings[most->reading].of : UINT32_MAX),
        kd_slot_party(&m->pen, "P", most ? most->party : UINT32_MAX),
        kd_slot_count("n", most ? most->over : 0),
        kd_slot_text("rule", most ? kd_pen_short(&m->pen, kd_slot_rule(&m->pen, "", rule)) : KD_STR(""))};
    if (ahead) {
        say(m, over ? "limits_ahead_over" : "limits_ahead", SLOTS(slots));
        return;
    }
    if (!judged) return;
    say(m, over ? "limits_over" : judged < known ? "limits_partly" : "limits_within", SLOTS(slots));
}

/* How many rows stand against a Party under each reading. */
static void say_findings(kd_maker *m) {
    if (m->h->in_force_since == KD_NEVER) return;
    kd_str *items = kd_pen_array(&m->pen, m->t->reading_count, sizeof *items);
    size_t total = 0;
    for (size_t k = 0; items && k < m->t->reading_count; k++) {
        uint32_t r = m->b->order[k];
        size_t n = 0;
        for (size_t i = 0; i < m->b->row_count; i++) {
            const kd_brief_row *row = &m->b->rows[i];
            bool finding = row->reads[r].status == KD_BREACHED || row->reads[r].status == KD_ALLEGED;
            if (!row->due && !row->open && finding && row->reads[r].how == KD_READS_STANDS) n++;
        }
        total += n;
        const kd_slot slots[] = {kd_slot_count("n", (int64_t)n),
                                 kd_slot_party(&m->pen, "P", m->t->readings[r].of)};
        items[k] = kd_pen_say(&m->pen, "summary.findings_item", SLOTS(slots));
    }
    const kd_slot slots[] = {kd_slot_list("items", items, m->t->reading_count)};
    say(m, !total ? "findings_none" : m->h->ended ? "findings_at_end" : "findings", SLOTS(slots));
}

void kd_maker_summary(kd_maker *m) {
    say_term(m);
    for (uint32_t p = 0; p < m->t->party_count && !m->pen.status; p++) say_suspension(m, p);
    say_others(m);
    say_limits(m);
    say_findings(m);
    for (size_t i = 0; i < m->b->agreement.count; i++) say(m, m->b->agreement.items[i].what, NULL, 0);
}

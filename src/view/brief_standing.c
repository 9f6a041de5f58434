/* brief_standing.c: where the treaty itself stands: its term, what is suspended, exempt or withheld, and the answers. */
#include "view/brief.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

static kd_day day_of(kd_instant at) {
    return at == KD_NEVER ? KD_NO_DAY : kd_instant_day(at);
}

/* Each Party's domestic steps before the entry into force. */
static void say_not_yet(kd_maker *m) {
    kd_str *steps = kd_pen_array(&m->pen, m->r->statement_count, sizeof *steps);
    size_t count = 0;
    kd_cites cites = {.count = 0};
    for (uint32_t s = 0; steps && s < m->r->statement_count; s++) {
        if (kd_told_role(m->h, s) != KD_ROLE_CONSENT || !kd_told_counts(m->h, s)) continue;
        const kd_slot slots[] = {kd_slot_party(&m->pen, "P", m->r->statements[s].party),
                                 kd_slot_day("day", kd_told_day(m->h, s))};
        steps[count++] = kd_pen_say(&m->pen, "standing.step", SLOTS(slots));
        kd_cite(&cites, s);
    }
    const kd_slot slots[] = {kd_slot_list("steps", steps, count)};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing", "not_yet", SLOTS(slots));
    if (say) say->cites = cites;
}

static void say_life(kd_maker *m) {
    const kd_history *h = m->h;
    if (h->in_force_since == KD_NEVER) {
        say_not_yet(m);
        return;
    }
    bool extended = kd_told_role(h, h->term_statement) == KD_ROLE_EXTENSION;
    const kd_slot slots[] = {
        kd_slot_day("since", day_of(h->in_force_since)), kd_slot_day("last", day_of(h->last_day)),
        kd_slot_day("extended", extended ? kd_told_day(h, h->term_statement) : KD_NO_DAY)};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing", h->ended ? "ended" : "in_force", SLOTS(slots));
    if (!say) return;
    say->day = day_of(h->in_force_since);
    kd_cite_pair(&say->cites, h, h->in_force_statement);
    kd_cite_pair(&say->cites, h, h->term_statement);
}

static void say_withdrawal(kd_maker *m) {
    uint32_t s = kd_maker_newest(m, KD_ROLE_WITHDRAWAL, UINT32_MAX);
    if (s == KD_NO_STATEMENT) return;
    const kd_slot slots[] = {kd_slot_party(&m->pen, "P", m->r->statements[s].party),
                             kd_slot_day("day", kd_told_day(m->h, s))};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing", "withdrawal", SLOTS(slots));
    if (say) kd_cite(&say->cites, s);
}

/* The newest statement by another Party about the suspension that takes a stance. */
static uint32_t answer_by(const kd_maker *m, uint32_t q) {
    for (size_t i = m->r->statement_count; i-- > 0;) {
        uint32_t s = (uint32_t)i;
        if (m->r->statements[i].party != q || kd_told_role(m->h, s) != KD_ROLE_POSITION ||
            !kd_told_counts(m->h, s))
            continue;
        kd_value about = kd_said_value(m->r, s, "about");
        if (about < 0 || (size_t)about >= m->t->notice_count || kd_told_field(m->h, s, "stance") < 0)
            continue;
        kd_role role = m->t->notices[about].role;
        if (role != KD_ROLE_SUSPENSION && role != KD_ROLE_SUSPENSION_ANNOUNCED) continue;
        if (kd_said_value(m->r, s, "stance") != KD_ABSENT) return s;
    }
    return KD_NO_STATEMENT;
}

kd_slot kd_maker_stance(kd_maker *m, uint32_t s) {
    if (s == KD_NO_STATEMENT) return kd_slot_text("stance", KD_STR(""));
    int f = kd_told_field(m->h, s, "stance");
    const kd_notice *n = &m->t->notices[m->r->statements[s].notice];
    return kd_slot_value(&m->pen, "stance", n->fields[f].kind, kd_said_value(m->r, s, "stance"));
}

/* What Q answers to P's suspension, and how many groups Q's reading holds P bound by. */
static void say_answer(kd_maker *m, uint32_t p, uint32_t q) {
    uint32_t s = answer_by(m, q);
    if (s == KD_NO_STATEMENT) return;
    size_t bound = 0, groups = m->t->group_count;
    int reading = kd_maker_reading_of(m, q);
    for (uint32_t g = 0; reading >= 0 && g < groups; g++) {
        int shade = kd_maker_binding(m, g, (uint32_t)reading, p)->shade;
        bound += shade == KD_BOUND || shade == KD_PLEDGED;
    }
    const kd_slot slots[] = {
        kd_slot_party(&m->pen, "P", p),           kd_slot_party(&m->pen, "Q", q),
        kd_slot_day("day", kd_told_day(m->h, s)), kd_maker_stance(m, s),
        kd_slot_count("bound", (int64_t)bound),   kd_slot_count("groups", (int64_t)groups)};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing",
                               reading >= 0 && bound == groups ? "answer_all" : "answer", SLOTS(slots));
    if (!say) return;
    say->party = q;
    say->day = kd_told_day(m->h, s);
    kd_cite(&say->cites, s);
}

/* A line for each day on which P named groups in statements of the role that are in effect. */
static void say_named(kd_maker *m, kd_role role, uint32_t p, const char *what) {
    kd_day before = KD_NO_DAY;
    int rank = 0;
    for (uint32_t s = 0; s < m->r->statement_count && !m->pen.status; s++) {
        kd_day day = kd_told_day(m->h, s);
        if (m->r->statements[s].party != p || kd_told_role(m->h, s) != role || day == before) continue;
        size_t count;
        kd_cites by = {.count = 0};
        before = day;
        kd_str *groups = kd_maker_named(m, role, p, day, &count, &by);
        if (!count) continue;
        const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), kd_slot_list("groups", groups, count),
                                 kd_slot_day("day", day)};
        kd_say *say = kd_maker_say(m, &m->b->standing, "standing", what, SLOTS(slots));
        if (!say) return;
        say->party = p;
        say->day = day;
        say->cites = by;
        say->rank = rank;
        rank = 1;
    }
}

/* What P holds itself freed of, by its own reading. */
static void say_frees(kd_maker *m, uint32_t p) {
    int reading = kd_maker_reading_of(m, p);
    if (reading < 0) return;
    size_t count;
    kd_cites by = {.count = 0};
    kd_str *groups = kd_maker_groups(m, (uint32_t)reading, p, KD_FREED, &count, &by);
    if (!count) return;
    const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), kd_slot_list("groups", groups, count)};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing", "frees", SLOTS(slots));
    if (!say) return;
    say->party = p;
    say->cites = by;
    say->rank = 2; /* the table of who is bound shows it too */
}

static kd_slot day_slot(const kd_maker *m, const char *name, uint32_t s) {
    return kd_slot_day(name, s == KD_NO_STATEMENT ? KD_NO_DAY : kd_told_day(m->h, s));
}

/* True when P has announced or begun a suspension that stands. */
static bool say_suspension(kd_maker *m, uint32_t p) {
    uint32_t s = kd_maker_newest(m, KD_ROLE_SUSPENSION, p);
    uint32_t announced = kd_maker_newest(m, KD_ROLE_SUSPENSION_ANNOUNCED, p);
    if (s == KD_NO_STATEMENT && announced == KD_NO_STATEMENT) return false;
    const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), day_slot(m, "announced", announced),
                             day_slot(m, "effect", s)};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing",
                               s == KD_NO_STATEMENT ? "announced" : "suspended", SLOTS(slots));
    if (!say) return true;
    say->party = p;
    kd_cite(&say->cites, announced);
    kd_cite(&say->cites, s);
    return true;
}

/* The treaty's own remark on a suspension, and the articles of withdrawal, of which none was given. */
static void say_remark(kd_maker *m) {
    if (!kd_template_exists(&m->pen.words, "standing.remark") || m->t->withdrawal_notice < 0) return;
    if (kd_maker_newest(m, KD_ROLE_WITHDRAWAL, UINT32_MAX) != KD_NO_STATEMENT) return;
    const kd_notice *n = &m->t->notices[m->t->withdrawal_notice];
    const kd_slot slots[] = {kd_slot_list("articles", n->cites, n->cites_count)};
    kd_say *say = kd_maker_say(m, &m->b->standing, "standing", "remark", SLOTS(slots));
    if (say) say->rank = 2;
}

/* Facts in effect that a Party's exemption or an agreement of both began: they excuse what would be owed. */
static void say_facts(kd_maker *m) {
    for (size_t i = 0; i < m->h->fact_count; i++) {
        const kd_fact_row *f = &m->h->facts[i];
        if (!kd_holds(f->since, f->until, m->at) || f->statement == KD_NO_STATEMENT) continue;
        kd_role role = kd_told_role(m->h, f->statement);
        bool own = role == KD_ROLE_EXEMPTION;
        if (!own && role != KD_ROLE_AGREEMENT && role != KD_ROLE_PAUSE) continue;
        uint32_t p = m->r->statements[f->statement].party;
        const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), kd_slot_fact(&m->pen, "fact", f->fact),
                                 kd_slot_instant("since", f->since)};
        kd_say *say = kd_maker_say(m, &m->b->standing, "standing", own ? "exempt" : "agreed", SLOTS(slots));
        if (!say) return;
        say->party = own ? p : KD_BOTH;
        say->rank = 2;
        kd_cite_pair(&say->cites, m->h, f->statement);
    }
}

void kd_maker_standing(kd_maker *m) {
    bool any = false;
    say_life(m);
    say_withdrawal(m);
    for (uint32_t p = 0; p < m->t->party_count && !m->pen.status; p++) {
        if (!say_suspension(m, p)) continue;
        any = true;
        say_named(m, KD_ROLE_PLEDGE, p, "keeps");
        say_frees(m, p);
        for (uint32_t q = 0; q < m->t->party_count; q++) {
            if (q != p) say_answer(m, p, q);
        }
    }
    if (any) say_remark(m);
    for (uint32_t p = 0; p < m->t->party_count && !m->pen.status; p++) {
        say_named(m, KD_ROLE_COUNTERMEASURE, p, "withheld");
        uint32_t none = KD_NO_STATEMENT;
        if (kd_maker_newest(m, KD_ROLE_SUSPENSION, p) == none &&
            kd_maker_newest(m, KD_ROLE_SUSPENSION_ANNOUNCED, p) == none)
            say_named(m, KD_ROLE_PLEDGE, p, "keeps");
    }
    say_facts(m);
}

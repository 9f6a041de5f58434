/* brief_asks.c: what each side asks, offers and denies, and what it says beside that. */
#include "view/brief.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

/* ---- Conditions, offers and denials ----------------------------------------------------------------------------*/

/* What a Party asks, offers or denies in several statements is one sentence: topics in the order in which they were first
 * named, each once. What is offered on other conditions is another sentence. */
typedef struct group {
    kd_slot ifs;
    kd_str *topics;
    size_t count;
    kd_cites cites;
    kd_day newest;
} group;

/* The first list field of a statement's notice whose name is one of two, as words. */
static kd_slot words_of(kd_maker *m, const char *slot, uint32_t s, const char *field, const char *or_field) {
    size_t count;
    kd_str *words = kd_told_words(&m->pen, s, field, &count);
    if (!count && or_field) words = kd_told_words(&m->pen, s, or_field, &count);
    return kd_slot_list(slot, words, count);
}

/* What a statement is about: its topics, or its own words when it names none. */
static kd_slot topics_of(kd_maker *m, uint32_t s) {
    kd_slot topics = words_of(m, "topics", s, "topics", "of");
    if (topics.count) return topics;
    kd_str *text = kd_pen_array(&m->pen, 1, sizeof *text);
    if (!text) return topics;
    return kd_slot_list("topics", text, kd_said_text(m->r, s, "text", 0, text) && text->n ? 1 : 0);
}

static bool holds(const kd_str *words, size_t count, kd_str word) {
    for (size_t i = 0; i < count; i++) {
        if (kd_str_equal(words[i], word)) return true;
    }
    return false;
}

static bool same_words(const kd_slot *a, const kd_slot *b) {
    for (size_t i = 0; i < a->count; i++) {
        if (!holds(b->list, b->count, a->list[i])) return false;
    }
    for (size_t i = 0; i < b->count; i++) {
        if (!holds(a->list, a->count, b->list[i])) return false;
    }
    return true;
}

/* Known, and not over. What was said after the treaty's last second is over only when another statement says so. */
static bool is_open(const kd_maker *m, uint32_t s) {
    if (!kd_told_counts(m->h, s)) return false;
    return m->r->statements[s].received.at > m->at || kd_told_in_effect(m->h, s, m->at);
}

static void add_topics(kd_maker *m, group *g, uint32_t s, kd_slot topics) {
    kd_str *all = kd_pen_array(&m->pen, g->count + topics.count, sizeof *all);
    if (!all) return;
    for (size_t i = 0; i < g->count; i++) all[i] = g->topics[i];
    g->topics = all;
    for (size_t i = 0; i < topics.count; i++) {
        if (!holds(all, g->count, topics.list[i])) all[g->count++] = topics.list[i];
    }
    kd_cite(&g->cites, s);
    g->newest = kd_told_day(m->h, s);
}

static void say_group(kd_maker *m, const group *g, uint32_t p, const char *what) {
    const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), kd_slot_list("topics", g->topics, g->count),
                             g->ifs};
    kd_say *say = kd_maker_say(m, &m->b->asks, "asks", what, SLOTS(slots));
    if (!say) return;
    say->party = p;
    say->day = g->newest;
    say->cites = g->cites;
}

/* All that P said in a role. A sentence that cites as many statements as it can is followed by another. */
static void say_role(kd_maker *m, uint32_t p, kd_role role, const char *what) {
    group *groups = kd_pen_array(&m->pen, m->r->statement_count, sizeof *groups);
    size_t count = 0;
    for (uint32_t s = 0; groups && s < m->r->statement_count && !m->pen.status; s++) {
        if (m->r->statements[s].party != p || kd_told_role(m->h, s) != role || !is_open(m, s)) continue;
        kd_slot topics = topics_of(m, s), ifs = words_of(m, "ifs", s, "if_topics", NULL);
        if (!topics.count) continue;
        size_t i = 0;
        while (i < count && (!same_words(&groups[i].ifs, &ifs) || groups[i].cites.count == KD_CITES_MAX)) i++;
        if (i == count) groups[count++] = (group){.ifs = ifs};
        add_topics(m, &groups[i], s, topics);
    }
    for (size_t i = 0; i < count && !m->pen.status; i++) say_group(m, &groups[i], p, what);
}

/* ---- Positions and concerns ------------------------------------------------------------------------------------*/

/* The same words by the same Party again only add their statement. */
static bool said_before(kd_maker *m, uint32_t p, kd_str text, uint32_t s) {
    for (size_t i = 0; i + 1 < m->b->asks.count; i++) {
        kd_say *o = &m->b->asks.items[i];
        if (o->party != p || !kd_str_equal(o->text, text)) continue;
        kd_cite(&o->cites, s);
        m->b->asks.count--;
        return true;
    }
    return false;
}

/* True for what P said last of all that is told here. */
static bool is_last_word(const kd_maker *m, uint32_t s) {
    for (size_t i = m->r->statement_count; i-- > 0;) {
        uint32_t o = (uint32_t)i;
        kd_role role = kd_told_role(m->h, o);
        bool told = role == KD_ROLE_CONDITION || role == KD_ROLE_OFFER || role == KD_ROLE_DENIAL ||
                    role == KD_ROLE_POSITION;
        if (told && m->r->statements[i].party == m->r->statements[s].party && kd_told_counts(m->h, o))
            return o == s;
    }
    return false;
}

/* The newest first: older ones are the first to make room. */
static void say_positions(kd_maker *m, uint32_t p) {
    int said = 0;
    for (size_t i = m->r->statement_count; i-- > 0 && !m->pen.status;) {
        uint32_t s = (uint32_t)i;
        if (m->r->statements[i].party != p || kd_told_role(m->h, s) != KD_ROLE_POSITION) continue;
        kd_slot topics = words_of(m, "topics", s, "topics", "of");
        if (!topics.count || !kd_told_counts(m->h, s)) continue;
        const kd_slot slots[] = {kd_slot_party(&m->pen, "P", p), topics};
        kd_say *say = kd_maker_say(m, &m->b->asks, "asks", "position", SLOTS(slots));
        if (!say) return;
        say->party = p;
        say->day = kd_told_day(m->h, s);
        kd_cite(&say->cites, s);
        if (said_before(m, p, say->text, s)) continue;
        say->rank = is_last_word(m, s) ? 1 : 3 + said;
        said++;
    }
}

/* A determination about a limit that makes no finding: a concern. */
static bool is_concern(const kd_maker *m, uint32_t s) {
    if (kd_told_role(m->h, s) != KD_ROLE_DETERMINATION || !kd_told_counts(m->h, s)) return false;
    kd_value about = kd_said_value(m->r, s, "about");
    kd_str article = about >= 0 ? kd_symbol_text(m->r->symbols, about) : KD_STR("");
    int rule = article.n ? kd_treaty_rule(m->t, article) : -1;
    if (rule < 0 || m->t->rules[rule].kind != KD_LIMIT) return false;
    for (size_t i = 0; i < m->h->verdict_count; i++) {
        if (m->h->verdicts[i].statement == s && m->h->verdicts[i].status == KD_ALLEGED) return false;
    }
    return true;
}

static kd_slot result_of(kd_maker *m, uint32_t s) {
    const kd_notice *n = &m->t->notices[m->r->statements[s].notice];
    for (size_t f = 0; f < n->field_count; f++) {
        if (n->fields[f].type != KD_T_KIND || n->fields[f].column < 0) continue;
        kd_value v = kd_said_value(m->r, s, kd_pen_printf(&m->pen, "%.*s", KD_STR_ARGS(n->fields[f].name)).p);
        return kd_slot_value(&m->pen, "result", n->fields[f].kind, v);
    }
    return kd_slot_text("result", KD_STR(""));
}

/* The newest one by Q; earlier ones are in the log. */
static void say_concern(kd_maker *m, uint32_t q) {
    for (size_t i = m->r->statement_count; i-- > 0;) {
        uint32_t s = (uint32_t)i;
        if (m->r->statements[i].party != q || !is_concern(m, s)) continue;
        kd_value party = kd_said_value(m->r, s, "party");
        int rule = kd_treaty_rule(m->t, kd_symbol_text(m->r->symbols, kd_said_value(m->r, s, "about")));
        const kd_slot slots[] = {
            kd_slot_party(&m->pen, "P", party < 0 ? UINT32_MAX : (uint32_t)party),
            kd_slot_party(&m->pen, "Q", m->r->statements[i].party),
            kd_slot_text("rule", kd_pen_short(&m->pen, kd_slot_rule(&m->pen, "", (uint32_t)rule))),
            kd_slot_day("day", kd_told_day(m->h, s)), result_of(m, s)};
        kd_say *say = kd_maker_say(m, &m->b->asks, "asks", "concern", SLOTS(slots));
        if (!say) return;
        say->rank = 4;
        say->party = q;
        say->day = kd_told_day(m->h, s);
        kd_cite(&say->cites, s);
        return;
    }
}

void kd_maker_asks(kd_maker *m) {
    static const struct {
        kd_role role;
        const char *what;
    } roles[] = {{KD_ROLE_CONDITION, "condition"}, {KD_ROLE_OFFER, "offer"}, {KD_ROLE_DENIAL, "denial"}};
    for (uint32_t p = 0; p < m->t->party_count; p++) {
        for (size_t i = 0; i < sizeof roles / sizeof *roles && !m->pen.status; i++)
            say_role(m, p, roles[i].role, roles[i].what);
        if (!m->pen.status) say_positions(m, p);
        if (!m->pen.status) say_concern(m, p);
    }
}

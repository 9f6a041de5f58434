/* brief_ladder.c: the next step of the way back, what was taken early, and whether there is an agreement. */
#include "view/brief.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

/* ---- The ladder ------------------------------------------------------------------------------------------------*/

static const kd_rung_row *held_by(const kd_maker *m, uint32_t ladder, uint32_t rung, uint32_t party) {
    for (size_t i = 0; i < m->h->rung_count; i++) {
        const kd_rung_row *r = &m->h->rungs[i];
        if (r->ladder == ladder && r->rung == rung && r->party == party &&
            kd_holds(r->since, r->until, m->at))
            return r;
    }
    return NULL;
}

static bool held_by_all(const kd_maker *m, uint32_t ladder, uint32_t rung) {
    if (m->t->ladders[ladder].rungs[rung].both) return held_by(m, ladder, rung, KD_BOTH) != NULL;
    for (uint32_t p = 0; p < m->t->party_count; p++) {
        if (!held_by(m, ladder, rung, p)) return false;
    }
    return true;
}

/* Who holds a rung and who does not, as lists of words. */
typedef struct kd_holders {
    kd_str *held, *open;
    size_t held_count, open_count;
    kd_cites by;
} kd_holders;

static kd_holders holders_of(kd_maker *m, uint32_t ladder, uint32_t rung) {
    kd_holders x = {.held = kd_pen_array(&m->pen, m->t->party_count, sizeof(kd_str)),
                    .open = kd_pen_array(&m->pen, m->t->party_count, sizeof(kd_str))};
    for (uint32_t p = 0; x.held && x.open && p < m->t->party_count; p++) {
        const kd_rung_row *r = held_by(m, ladder, rung, p);
        kd_str name = kd_pen_form(&m->pen, kd_slot_party(&m->pen, "P", p), "short");
        if (r) x.held[x.held_count++] = name;
        if (r) kd_cite(&x.by, r->statement);
        if (!r) x.open[x.open_count++] = name;
    }
    return x;
}

static void say_next(kd_maker *m, uint32_t ladder, uint32_t rung) {
    const kd_rung *g = &m->t->ladders[ladder].rungs[rung];
    kd_holders x = {.held_count = 0};
    if (!g->both) x = holders_of(m, ladder, rung);
    const kd_slot slots[] = {
        kd_slot_rung(&m->pen, "rung", ladder, rung), kd_slot_list("held", x.held, x.held_count),
        kd_slot_list("open", x.open, x.open_count), kd_slot_count("step", (int64_t)rung + 1),
        kd_slot_count("steps", (int64_t)m->t->ladders[ladder].rung_count)};
    const char *what = g->both ? "next_both" : x.held_count ? "next_some" : "next_none";
    kd_say *say = kd_maker_say(m, &m->b->ladder, "ladder", what, SLOTS(slots));
    if (!say) return;
    say->cites = x.by;
}

/* Rungs above the standing one that somebody holds already: they count once those below are held. */
static void say_early(kd_maker *m, uint32_t ladder, uint32_t rung) {
    const kd_ladder *l = &m->t->ladders[ladder];
    kd_str *items = kd_pen_array(&m->pen, l->rung_count, sizeof *items);
    size_t count = 0;
    kd_cites by = {.count = 0};
    for (uint32_t g = rung + 1; items && g < l->rung_count; g++) {
        kd_holders x = holders_of(m, ladder, g);
        const kd_rung_row *both = held_by(m, ladder, g, KD_BOTH);
        if (!x.held_count && !both) continue;
        for (size_t i = 0; i < x.by.count; i++) kd_cite(&by, x.by.statements[i]);
        if (both) kd_cite(&by, both->statement);
        kd_str name = kd_pen_form(&m->pen, kd_slot_party(&m->pen, "", KD_BOTH), "short");
        const kd_slot slots[] = {
            kd_slot_text("rung", kd_pen_short(&m->pen, kd_slot_rung(&m->pen, "", ladder, g))),
            kd_slot_list("held", both ? &name : x.held, both ? 1 : x.held_count)};
        items[count++] = kd_pen_say(&m->pen, "ladder.early_item", SLOTS(slots));
    }
    if (!count) return;
    const kd_slot slots[] = {kd_slot_list("early", items, count)};
    kd_say *say = kd_maker_say(m, &m->b->ladder, "ladder", "early", SLOTS(slots));
    if (!say) return;
    say->rank = 2;
    say->cites = by;
}

/* Rungs that a Party can take by a statement of its own, up to the first that needs both at once. */
static void say_at_once(kd_maker *m, uint32_t ladder, uint32_t rung) {
    const kd_ladder *l = &m->t->ladders[ladder];
    kd_str *items = kd_pen_array(&m->pen, l->rung_count, sizeof *items);
    size_t count = 0;
    for (uint32_t g = rung; items && g < l->rung_count && !l->rungs[g].both; g++) {
        if (!held_by_all(m, ladder, g))
            items[count++] = kd_pen_short(&m->pen, kd_slot_rung(&m->pen, "", ladder, g));
    }
    if (!count) return;
    const kd_slot slots[] = {kd_slot_list("rungs", items, count)};
    kd_say *say = kd_maker_say(m, &m->b->ladder, "ladder", "at_once", SLOTS(slots));
    if (say) say->rank = 1;
}

void kd_maker_ladder(kd_maker *m) {
    /* Steps back are of interest once there is something to come back from. */
    bool away = false;
    for (uint32_t p = 0; p < m->t->party_count; p++) {
        away |= kd_maker_newest(m, KD_ROLE_SUSPENSION, p) != KD_NO_STATEMENT ||
                kd_maker_newest(m, KD_ROLE_SUSPENSION_ANNOUNCED, p) != KD_NO_STATEMENT;
    }
    for (uint32_t l = 0; away && l < m->t->ladder_count; l++) {
        uint32_t rung = 0;
        while (rung < m->t->ladders[l].rung_count && held_by_all(m, l, rung)) rung++;
        if (rung == m->t->ladders[l].rung_count) {
            kd_maker_say(m, &m->b->ladder, "ladder", "whole", NULL, 0);
            continue;
        }
        say_next(m, l, rung);
        say_early(m, l, rung);
        if (!m->h->ended) say_at_once(m, l, rung);
    }
}

/* ---- Agreement -------------------------------------------------------------------------------------------------*/

/* Whether the books of all hold an agreement to restore or replace the treaty, one alone does, or none. */
void kd_maker_agreement(kd_maker *m) {
    bool declared = false, away = m->h->ended;
    for (size_t i = 0; i < m->t->notice_count; i++) declared |= m->t->notices[i].role == KD_ROLE_RESTORATION;
    away |= m->b->ladder.count > 0;
    uint32_t s = kd_maker_newest(m, KD_ROLE_RESTORATION, UINT32_MAX);
    if (!declared || (s == KD_NO_STATEMENT && !away)) return;
    uint32_t pair = s == KD_NO_STATEMENT ? s : kd_told_pair(m->h, s);
    const kd_slot slots[] = {
        kd_slot_count("entries", (int64_t)m->b->known), kd_slot_count("books", (int64_t)m->t->party_count),
        kd_slot_party(&m->pen, "P", s == KD_NO_STATEMENT ? UINT32_MAX : m->r->statements[s].party),
        kd_slot_day("day", s == KD_NO_STATEMENT ? KD_NO_DAY
                                                : kd_told_day(m->h, pair == KD_NO_STATEMENT ? s : pair))};
    const char *what = s == KD_NO_STATEMENT ? "none" : pair == KD_NO_STATEMENT ? "one_side" : "held";
    kd_say *say = kd_maker_say(m, &m->b->agreement, "agreement", what, SLOTS(slots));
    if (say && s != KD_NO_STATEMENT) kd_cite_pair(&say->cites, m->h, s);
}

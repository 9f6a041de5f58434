/* brief.c: gathers what a brief says; how it looks is told in brief_text.c and brief_json.c. */
#include "view/brief.h"
#include <string.h>

kd_say *kd_maker_say(kd_maker *m, kd_says *to, const char *part, const char *what, const kd_slot *slots,
                     size_t count) {
    kd_str key = kd_pen_printf(&m->pen, "%s.%s", part, what);
    if (to->count == to->room) {
        size_t room = to->room ? to->room * 2 : 8;
        kd_say *items = kd_pen_array(&m->pen, room, sizeof *items);
        if (!items) return NULL;
        if (to->count) memcpy(items, to->items, to->count * sizeof *items);
        to->items = items;
        to->room = room;
    }
    kd_say *s = &to->items[to->count++];
    *s = (kd_say){.what = what, .party = UINT32_MAX, .day = KD_NO_DAY};
    s->text = kd_pen_say(&m->pen, key.p, slots, count);
    key = kd_pen_printf(&m->pen, "%s.%s.label", part, what);
    s->label = kd_pen_say_if(&m->pen, key.p, slots, count);
    return m->pen.status ? NULL : s;
}

uint32_t kd_maker_newest(const kd_maker *m, kd_role role, uint32_t party) {
    for (size_t i = m->r->statement_count; i-- > 0;) {
        uint32_t s = (uint32_t)i;
        if (kd_told_role(m->h, s) != role || !kd_told_counts(m->h, s)) continue;
        if (party != UINT32_MAX && m->r->statements[i].party != party) continue;
        if (kd_told_in_effect(m->h, s, m->at)) return s;
    }
    return KD_NO_STATEMENT;
}

int kd_maker_reading_of(const kd_maker *m, uint32_t party) {
    for (size_t i = 0; i < m->t->reading_count; i++) {
        if (m->t->readings[i].of == party) return (int)i;
    }
    return -1;
}

const kd_binding *kd_maker_binding(const kd_maker *m, uint32_t group, uint32_t reading, uint32_t party) {
    return &m->b->bindings[((size_t)group * m->t->reading_count + reading) * m->t->party_count + party];
}

kd_str *kd_maker_groups(kd_maker *m, uint32_t reading, uint32_t party, int shade, size_t *count,
                        kd_cites *by) {
    kd_str *names = kd_pen_array(&m->pen, m->t->group_count, sizeof *names);
    *count = 0;
    for (uint32_t g = 0; names && g < m->t->group_count; g++) {
        const kd_binding *b = kd_maker_binding(m, g, reading, party);
        if (b->shade != shade) continue;
        names[(*count)++] = kd_pen_name(&m->pen, kd_slot_group(&m->pen, "", g));
        if (by && b->by) kd_cite(by, b->by->statement);
    }
    return names;
}

/* Marks the groups that a statement's list fields name. */
static bool mark_named(const kd_maker *m, uint32_t statement, bool *named) {
    const kd_said *s = &m->r->statements[statement];
    const kd_notice *n = &m->t->notices[s->notice];
    bool any = false;
    for (size_t f = 0; f < n->field_count; f++) {
        if (n->fields[f].type != KD_T_GROUP || !s->lists || !s->lists[f]) continue;
        for (uint32_t i = 0; i < s->list_counts[f]; i++) {
            kd_value g = s->lists[f][i];
            if (g >= 0 && (size_t)g < m->t->group_count) any = named[g] = true;
        }
    }
    return any;
}

kd_str *kd_maker_named(kd_maker *m, kd_role role, uint32_t party, kd_day day, size_t *count, kd_cites *by) {
    bool *named = kd_pen_array(&m->pen, m->t->group_count, sizeof *named);
    kd_str *names = kd_pen_array(&m->pen, m->t->group_count, sizeof *names);
    *count = 0;
    if (!named || !names) return NULL;
    for (uint32_t s = 0; s < m->r->statement_count; s++) {
        if (m->r->statements[s].party != party || kd_told_role(m->h, s) != role) continue;
        if (kd_told_day(m->h, s) != day || !kd_told_counts(m->h, s) || !kd_told_in_effect(m->h, s, m->at))
            continue;
        if (mark_named(m, s, named)) kd_cite(by, s);
    }
    for (uint32_t g = 0; g < m->t->group_count; g++) {
        if (named[g]) names[(*count)++] = kd_pen_name(&m->pen, kd_slot_group(&m->pen, "", g));
    }
    return names;
}

static void count_known(kd_maker *m) {
    for (uint32_t s = 0; s < m->r->statement_count; s++) {
        if (!kd_told_counts(m->h, s)) continue;
        m->b->known++;
        m->b->unconfirmed += m->r->statements[s].unconfirmed;
    }
}

static void bind(kd_maker *m) {
    const kd_treaty *t = m->t;
    m->b->bindings =
        kd_pen_array(&m->pen, t->group_count * t->reading_count * t->party_count, sizeof(kd_binding));
    if (!m->b->bindings) return;
    kd_binding *to = m->b->bindings;
    for (uint32_t g = 0; g < t->group_count; g++) {
        for (uint32_t r = 0; r < t->reading_count; r++) {
            for (uint32_t p = 0; p < t->party_count; p++) *to++ = kd_history_binding_at(m->h, r, g, p, m->at);
        }
    }
}

kd_status kd_brief_make(const kd_view *v, kd_brief **out, kd_error *e) {
    kd_maker m = {.t = v->treaty, .h = v->history, .r = v->history->record};
    kd_pen_open(&m.pen, v, e);
    m.at = kd_view_instant(m.h);
    m.b = kd_pen_array(&m.pen, 1, sizeof *m.b);
    if (!m.b) return m.pen.status;
    m.b->view = v;
    m.b->words = m.pen.words;
    m.b->at = m.at;
    count_known(&m);
    m.b->order = kd_pen_reading_order(&m.pen);
    bind(&m);
    kd_standing_make(&m.pen, &m.standing);
    if (m.pen.status) return m.pen.status;
    void (*const parts[])(kd_maker *) = {kd_maker_rows,   kd_maker_limits, kd_maker_standing,
                                         kd_maker_asks,   kd_maker_ladder, kd_maker_agreement,
                                         kd_maker_summary};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !m.pen.status; i++) parts[i](&m);
    *out = m.b;
    return m.pen.status;
}

/* said.c: what a page asks of the statements that are known on its day. */
#include "view/pen.h"
#include <string.h>

bool kd_holds(kd_instant since, kd_instant until, kd_instant at) {
    return since <= at && at < until;
}

bool kd_told_counts(const kd_history *h, uint32_t statement) {
    const kd_record *r = h->record;
    if (statement >= r->statement_count) return false;
    const kd_said *s = &r->statements[statement];
    kd_instant end = kd_day_end(h->asked.on < h->asked.known ? h->asked.on : h->asked.known);
    if (s->delivery == KD_NOT_DELIVERED || s->received.at > end) return false;
    uint32_t by = s->corrected_by;
    return by >= r->statement_count || r->statements[by].received.at > end;
}

kd_role kd_told_role(const kd_history *h, uint32_t statement) {
    if (statement >= h->record->statement_count) return KD_ROLE_NONE;
    return h->record->treaty->notices[h->record->statements[statement].notice].role;
}

kd_day kd_told_day(const kd_history *h, uint32_t statement) {
    if (statement >= h->record->statement_count) return KD_NO_DAY;
    return kd_instant_day(h->record->statements[statement].received.at);
}

int kd_told_field(const kd_history *h, uint32_t statement, const char *field) {
    const kd_notice *n = &h->record->treaty->notices[h->record->statements[statement].notice];
    for (size_t i = 0; i < n->field_count; i++) {
        if (kd_str_is(n->fields[i].name, field)) return (int)i;
    }
    return -1;
}

bool kd_told_in_effect(const kd_history *h, uint32_t statement, kd_instant at) {
    bool began = false;
    for (size_t i = 0; i < h->fact_count; i++) {
        const kd_fact_row *f = &h->facts[i];
        if (f->statement != statement) continue;
        if (kd_holds(f->since, f->until, at)) return true;
        began = true;
    }
    return !began;
}

kd_str *kd_told_words(kd_pen *p, uint32_t statement, const char *field, size_t *count) {
    const kd_history *h = p->view->history;
    const kd_said *s = &h->record->statements[statement];
    const kd_notice *n = &p->words.treaty->notices[s->notice];
    int at = kd_told_field(h, statement, field);
    *count = 0;
    if (at < 0 || !s->lists || !s->lists[at]) return NULL;
    const kd_field *f = &n->fields[at];
    kd_str *words = kd_pen_array(p, s->list_counts[at], sizeof *words);
    if (!words) return NULL;
    for (uint32_t i = 0; i < s->list_counts[at]; i++) {
        kd_value v = s->lists[at][i];
        if (f->type == KD_T_KIND) words[(*count)++] = kd_pen_name(p, kd_slot_value(p, "", f->kind, v));
        if (f->type == KD_T_GROUP) words[(*count)++] = kd_pen_name(p, kd_slot_group(p, "", (uint32_t)v));
        if (f->type == KD_T_TEXT) words[(*count)++] = kd_symbol_text(h->record->symbols, v);
    }
    return words;
}

static bool same_fields(const kd_statement *a, const kd_statement *b) {
    if (a->field_count != b->field_count) return false;
    for (size_t i = 0; i < a->field_count; i++) {
        if (!kd_str_equal(a->fields[i].name, b->fields[i].name)) return false;
        if (!kd_str_equal(a->fields[i].value, b->fields[i].value)) return false;
    }
    return true;
}

uint32_t kd_told_pair(const kd_history *h, uint32_t statement) {
    const kd_record *r = h->record;
    if (statement >= r->statement_count) return KD_NO_STATEMENT;
    const kd_said *s = &r->statements[statement];
    for (uint32_t i = 0; i < r->statement_count; i++) {
        const kd_said *o = &r->statements[i];
        if (o->notice == s->notice && o->party != s->party && kd_told_counts(h, i) &&
            same_fields(&s->told, &o->told))
            return i;
    }
    return KD_NO_STATEMENT;
}

kd_str kd_pen_id(kd_pen *p, uint32_t statement) {
    const kd_record *r = p->view->history->record;
    if (statement >= r->statement_count) return KD_STR("");
    const kd_said *s = &r->statements[statement];
    return kd_pen_printf(p, "%.*s/%llu", KD_STR_ARGS(p->words.treaty->parties[s->party].name),
                         (unsigned long long)s->index);
}

/* True for the other half of an agreement whose first half is cited already. */
static bool is_second_half(const kd_history *h, const kd_cites *c, size_t i) {
    const kd_said *s = &h->record->statements[c->statements[i]];
    for (size_t k = 0; k < i; k++) {
        const kd_said *o = &h->record->statements[c->statements[k]];
        if (o->notice == s->notice && h->record->treaty->notices[s->notice].by_both &&
            same_fields(&s->told, &o->told))
            return true;
    }
    return false;
}

kd_str kd_pen_ids(kd_pen *p, const kd_cites *c) {
    kd_str all = KD_STR("");
    for (size_t i = 0; i < c->count; i++) {
        if (is_second_half(p->view->history, c, i)) continue;
        kd_str id = kd_pen_id(p, c->statements[i]);
        all = i ? kd_pen_printf(p, "%.*s %.*s", KD_STR_ARGS(all), KD_STR_ARGS(id)) : id;
    }
    return all;
}

void kd_cite(kd_cites *c, uint32_t statement) {
    if (statement == KD_NO_STATEMENT || c->count == KD_CITES_MAX) return;
    for (size_t i = 0; i < c->count; i++) {
        if (c->statements[i] == statement) return;
    }
    c->statements[c->count++] = statement;
}

void kd_cite_pair(kd_cites *c, const kd_history *h, uint32_t statement) {
    uint32_t pair = KD_NO_STATEMENT;
    if (statement >= h->record->statement_count) return;
    if (h->record->treaty->notices[h->record->statements[statement].notice].by_both)
        pair = kd_told_pair(h, statement);
    kd_cite(c, pair < statement ? pair : statement);
    kd_cite(c, pair < statement ? statement : pair);
}

/* brief_json.c: the brief for machines: all that the page says, and what it had no room for. */
#include "view/brief.h"
#include "view/json.h"

/* The day of each statement that a sentence gathers, in their order. */
static void put_days(kd_json *j, kd_pen *p, const kd_cites *c) {
    kd_json_open(j, "days", '[');
    for (size_t i = 0; i < c->count; i++)
        kd_json_day(j, NULL, kd_told_day(p->view->history, c->statements[i]));
    kd_json_close(j, ']');
}

static void put_says(kd_json *j, kd_pen *p, const kd_brief *b, const char *name, const kd_says *says) {
    kd_json_open(j, name, '[');
    for (size_t i = 0; i < says->count; i++) {
        const kd_say *s = &says->items[i];
        kd_json_open(j, NULL, '{');
        kd_json_text(j, "what", kd_str_of(s->what));
        if (s->party != UINT32_MAX) kd_json_party(j, "party", p->words.treaty, s->party);
        if (s->day != KD_NO_DAY) kd_json_day(j, "day", s->day);
        kd_json_text(j, "text", s->text);
        kd_json_ids(j, "statements", p, &s->cites);
        if (says == &b->asks) put_days(j, p, &s->cites);
        kd_json_close(j, '}');
    }
    kd_json_close(j, ']');
}

static void put_binding(kd_json *j, kd_pen *p, uint32_t reading, uint32_t party, const kd_binding *b) {
    kd_json_open(j, NULL, '{');
    kd_json_text(j, "reading", p->words.treaty->readings[reading].name);
    kd_json_party(j, "party", p->words.treaty, party);
    kd_json_text(j, "shade", kd_shade_name((kd_shade)b->shade));
    kd_json_bool(j, "unsaid", b->unsaid);
    kd_json_bool(j, "no_claim", b->no_claim);
    if (b->by) kd_json_instant(j, "since", b->by->since);
    if (b->by) kd_json_id(j, "statement", p, b->by->statement);
    if (b->kept_by) kd_json_id(j, "kept_by", p, b->kept_by->statement);
    kd_json_close(j, '}');
}

static void put_bound(kd_json *j, kd_pen *p, const kd_brief *b) {
    const kd_treaty *t = p->words.treaty;
    const kd_binding *cell = b->bindings;
    kd_json_open(j, "bound", '[');
    for (size_t g = 0; g < t->group_count; g++) {
        kd_json_open(j, NULL, '{');
        kd_json_text(j, "group", t->groups[g].name);
        kd_json_open(j, "rests_on", '[');
        for (size_t i = 0; i < t->groups[g].rests_on_count; i++)
            kd_json_text(j, NULL, t->groups[g].rests_on[i]);
        kd_json_close(j, ']');
        kd_json_open(j, "cells", '[');
        for (uint32_t r = 0; r < t->reading_count; r++) {
            for (uint32_t party = 0; party < t->party_count; party++) put_binding(j, p, r, party, cell++);
        }
        kd_json_close(j, ']');
        kd_json_close(j, '}');
    }
    kd_json_close(j, ']');
}

static void put_row(kd_json *j, kd_pen *p, const kd_brief_row *row) {
    const kd_treaty *t = p->words.treaty;
    kd_json_open(j, NULL, '{');
    if (row->id.n) kd_json_text(j, "id", row->id);
    kd_json_text(j, "rule", t->rules[row->rule].name);
    kd_json_text(j, "article", t->rules[row->rule].id);
    kd_json_party(j, "party", t, row->party);
    kd_json_instant(j, row->due ? "due" : "since", row->since);
    if (row->due) {
        kd_json_number(j, "in_days", kd_instant_day(row->since) - p->view->history->asked.on);
    } else if (!row->open) {
        kd_json_number(j, "times", (int64_t)row->times);
    }
    kd_json_open(j, "readings", '[');
    for (uint32_t r = 0; r < t->reading_count; r++) kd_json_reads(j, p, r, &row->reads[r]);
    kd_json_close(j, ']');
    kd_json_ids(j, "statements", p, &row->cites);
    kd_json_close(j, '}');
}

static void put_rows(kd_json *j, kd_pen *p, const kd_brief *b, const char *name, bool due, bool open) {
    kd_json_open(j, name, '[');
    for (size_t i = 0; i < b->row_count; i++) {
        if (b->rows[i].due == due && b->rows[i].open == open) put_row(j, p, &b->rows[i]);
    }
    kd_json_close(j, ']');
}

static void put_figure(kd_json *j, kd_pen *p, uint32_t party, const kd_brief_figure *f) {
    kd_json_open(j, NULL, '{');
    kd_json_party(j, "party", p->words.treaty, party);
    if (f->known) {
        kd_json_number(j, "figure", f->figure);
        kd_json_text(j, "status", kd_verdict_name((kd_verdict_status)f->status));
    } else {
        kd_json_null(j, "figure");
    }
    kd_json_day(j, "dated", f->dated);
    kd_json_id(j, "statement", p, f->statement);
    kd_json_close(j, '}');
}

static void put_limit(kd_json *j, kd_pen *p, const kd_brief_limit *l) {
    const kd_treaty *t = p->words.treaty;
    kd_json_open(j, NULL, '{');
    kd_json_text(j, "rule", t->rules[l->rule].name);
    kd_json_text(j, "article", t->rules[l->rule].id);
    kd_json_number(j, "limit", l->bound);
    kd_json_day(j, "from", l->from);
    kd_json_open(j, "declared", '[');
    for (uint32_t party = 0; party < t->party_count; party++) put_figure(j, p, party, &l->figures[party]);
    kd_json_close(j, ']');
    kd_json_open(j, "counted", '[');
    for (size_t i = 0; i < l->count_count; i++) {
        const kd_brief_count *c = &l->counts[i];
        kd_json_open(j, NULL, '{');
        kd_json_text(j, "reading", t->readings[c->reading].name);
        kd_json_party(j, "party", t, c->party);
        kd_json_number(j, "figure", c->figure);
        kd_json_number(j, "difference", c->more);
        kd_json_number(j, "over", c->over);
        kd_json_id(j, "statement", p, c->statement);
        kd_json_close(j, '}');
    }
    kd_json_close(j, ']');
    kd_json_close(j, '}');
}

static void put_unconfirmed(kd_json *j, kd_pen *p, const kd_brief *b) {
    const kd_record *r = p->view->history->record;
    kd_json_open(j, "unconfirmed", '[');
    for (uint32_t s = 0; s < r->statement_count; s++) {
        if (r->statements[s].unconfirmed && kd_told_counts(p->view->history, s)) kd_json_id(j, NULL, p, s);
    }
    kd_json_close(j, ']');
    kd_json_number(j, "statements_known", (int64_t)b->known);
}

static void put_checked(kd_json *j, const kd_checked *c) {
    kd_json_open(j, "checked", '{');
    kd_json_number(j, "books", c->books);
    kd_json_number(j, "entries", c->entries);
    kd_json_number(j, "signatures", c->signatures);
    kd_json_number(j, "heads", c->heads);
    kd_json_close(j, '}');
}

kd_status kd_brief_json(const kd_brief *b, kd_text *out, kd_error *e) {
    size_t from = out->n;
    kd_pen pen;
    kd_pen_open(&pen, b->view, e);
    kd_json j = {out, false};
    kd_json_open(&j, NULL, '{');
    kd_json_head(&j, &pen);
    put_says(&j, &pen, b, "summary", &b->summary);
    put_says(&j, &pen, b, "standing", &b->standing);
    put_bound(&j, &pen, b);
    put_rows(&j, &pen, b, "unmet", false, false);
    put_rows(&j, &pen, b, "no_day_set", false, true);
    put_rows(&j, &pen, b, "due", true, false);
    kd_json_number(&j, "rules_not_shown", (int64_t)b->not_shown);
    kd_json_open(&j, "limits", '[');
    for (size_t i = 0; i < b->limit_count; i++) put_limit(&j, &pen, &b->limits[i]);
    kd_json_close(&j, ']');
    put_says(&j, &pen, b, "quotas", &b->quotas);
    put_says(&j, &pen, b, "asks", &b->asks);
    put_says(&j, &pen, b, "ladder", &b->ladder);
    put_says(&j, &pen, b, "agreement", &b->agreement);
    put_unconfirmed(&j, &pen, b);
    put_checked(&j, &b->view->checked);
    kd_json_close(&j, '}');
    kd_text_putc(out, '\n');
    return kd_pen_end(&pen, out, from);
}

/* due.c: what is overdue, what comes due, what is owed without a day; under each reading. */
#include "view/brief.h"
#include "view/json.h"
#include "view/page.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

typedef struct due_maker {
    kd_pen pen;
    kd_page page;
    const kd_brief *b; /* its rows are what is told here */
    const kd_treaty *t;
    const kd_history *h;
} due_maker;

static kd_status due_open(due_maker *m, const kd_view *v, kd_error *e) {
    *m = (due_maker){.t = v->treaty, .h = v->history};
    kd_brief *b = NULL;
    kd_status s = kd_brief_make(v, &b, e);
    m->b = b;
    kd_pen_open(&m->pen, v, e);
    kd_page_open(&m->page, &m->pen, KD_PAGE_COLUMNS);
    return s;
}

/* "alleged: as the one reads it; freed: as the other reads it" */
static kd_str reads_text(due_maker *m, const kd_read_as *reads) {
    kd_str *items = kd_pen_array(&m->pen, m->t->reading_count, sizeof *items);
    size_t count = 0;
    for (size_t k = 0; items && k < m->t->reading_count; k++) {
        uint32_t r = m->b->order[k];
        if (reads[r].how == KD_READS_NOT) continue;
        const kd_slot slots[] = {kd_slot_text("reads", kd_pen_reads(&m->pen, &reads[r])),
                                 kd_slot_party(&m->pen, "R", m->t->readings[r].of)};
        items[count++] = kd_pen_say(&m->pen, "due.reads", SLOTS(slots));
    }
    const kd_slot slots[] = {kd_slot_list("reads", items, count)};
    return kd_pen_say(&m->pen, "due.all_reads", SLOTS(slots));
}

/* A line for the obligation, then a line for how each reading has it. */
static void put_row(due_maker *m, kd_str label, unsigned columns, kd_str text, const kd_read_as *reads,
                    kd_str tail) {
    kd_page_block(&m->page, 0, NULL);
    const kd_wrapped w = {2, columns, label, text, tail, 3};
    kd_page_wrap(&m->page, &w);
    const kd_wrapped under = {2, columns, KD_STR(""), reads_text(m, reads), KD_STR(""), 3};
    if (under.text.n) kd_page_wrap(&m->page, &under);
}

static kd_str party_short(due_maker *m, uint32_t party) {
    return kd_pen_form(&m->pen, kd_slot_party(&m->pen, "", party), "short");
}

static void put_none(due_maker *m, const char *key) {
    kd_page_block(&m->page, 0, NULL);
    const kd_wrapped w = {.indent = 2, .text = kd_pen_say(&m->pen, key, NULL, 0), .most = 2};
    kd_page_wrap(&m->page, &w);
}

static void put_overdue(due_maker *m) {
    bool any = false;
    const char *heading = m->h->ended ? "unmet.heading_at_end" : "due.overdue";
    kd_page_section(&m->page, kd_pen_say(&m->pen, heading, NULL, 0), "", false);
    for (size_t i = 0; i < m->b->row_count; i++) {
        const kd_brief_row *row = &m->b->rows[i];
        if (row->due || row->open) continue;
        any = true;
        const kd_slot slots[] = {
            kd_slot_rule(&m->pen, "rule", row->rule), kd_slot_text("article", m->t->rules[row->rule].id),
            kd_slot_instant("since", row->since),
            kd_slot_count("n", kd_instant_day(m->b->at) - kd_instant_day(row->since) + 1),
            row->times > 1 ? kd_slot_count("times", (int64_t)row->times) : kd_slot_day("times", KD_NO_DAY)};
        put_row(m, party_short(m, row->party), 5, kd_pen_say(&m->pen, "due.overdue_row", SLOTS(slots)),
                row->reads, kd_pen_ids(&m->pen, &row->cites));
    }
    if (!any) put_none(m, "due.no_overdue");
}

static void put_coming(due_maker *m) {
    bool any = false;
    const kd_slot head[] = {kd_slot_count("n", m->h->asked.horizon - m->h->asked.on)};
    kd_page_section(&m->page, kd_pen_say(&m->pen, "due.coming", SLOTS(head)), "", false);
    for (size_t i = 0; i < m->b->row_count; i++) {
        const kd_brief_row *row = &m->b->rows[i];
        if (!row->due) continue;
        any = true;
        const kd_slot slots[] = {kd_slot_rule(&m->pen, "rule", row->rule),
                                 kd_slot_text("article", m->t->rules[row->rule].id),
                                 kd_slot_count("n", kd_instant_day(row->since) - m->h->asked.on)};
        kd_text day;
        kd_text_open(&day, m->pen.arena->from);
        kd_day_put(&day, kd_instant_day(row->since));
        kd_str label = kd_pen_printf(&m->pen, "%.*s  %.*s", KD_STR_ARGS(kd_text_str(&day)),
                                     KD_STR_ARGS(party_short(m, row->party)));
        kd_text_close(&day);
        put_row(m, label, 17, kd_pen_say(&m->pen, "due.coming_row", SLOTS(slots)), row->reads,
                kd_pen_ids(&m->pen, &row->cites));
    }
    if (!any) put_none(m, "due.no_coming");
}

/* A pending obligation for which the treaty sets no day. */
static bool is_open(const due_maker *m, const kd_due *d) {
    return !m->h->ended && d->due == KD_NEVER;
}

static void put_open(due_maker *m) {
    bool begun = false;
    for (size_t i = 0; i < m->h->due_count; i++) {
        const kd_due *d = &m->h->dues[i];
        if (!is_open(m, d)) continue;
        if (!begun) kd_page_section(&m->page, kd_pen_say(&m->pen, "due.open", NULL, 0), "", false);
        begun = true;
        kd_read_as *reads = kd_pen_array(&m->pen, m->t->reading_count, sizeof *reads);
        if (!reads) return;
        for (uint32_t r = 0; r < m->t->reading_count; r++) reads[r] = kd_view_read_due(m->h, d, r);
        const kd_slot slots[] = {kd_slot_rule(&m->pen, "rule", d->rule),
                                 kd_slot_text("article", m->t->rules[d->rule].id),
                                 kd_slot_instant("since", d->since)};
        put_row(m, party_short(m, d->party), 5, kd_pen_say(&m->pen, "due.open_row", SLOTS(slots)), reads,
                kd_pen_id(&m->pen, d->statement));
    }
}

kd_status kd_due_put(const kd_view *v, kd_text *out, kd_error *e) {
    size_t from = out->n;
    due_maker m;
    kd_status s = due_open(&m, v, e);
    if (s) return s;
    const kd_slot slots[] = {kd_slot_text("treaty", kd_pen_treaty(&m.pen)), kd_slot_day("day", m.h->asked.on),
                             kd_slot_day("known", m.h->asked.known), kd_slot_instant("last", m.h->last_day)};
    kd_page_section(&m.page, kd_pen_say(&m.pen, "due.heading", SLOTS(slots)), "", false);
    kd_page_block(&m.page, 0, NULL);
    if (m.h->asked.known != m.h->asked.on)
        kd_page_line(&m.page, kd_pen_say(&m.pen, "status.known", SLOTS(slots)));
    if (m.h->ended || m.h->in_force_since == KD_NEVER) {
        kd_page_line(&m.page, kd_pen_say(&m.pen, m.h->ended ? "due.ended" : "due.not_yet", SLOTS(slots)));
    }
    if (m.h->in_force_since != KD_NEVER) put_overdue(&m);
    if (!m.h->ended && m.h->in_force_since != KD_NEVER) {
        put_coming(&m);
        put_open(&m);
    }
    kd_page_put(&m.page, out);
    return kd_pen_end(&m.pen, out, from);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------*/

static void json_row(due_maker *m, kd_json *j, uint32_t rule, uint32_t party, const char *when, kd_instant at,
                     const kd_read_as *reads) {
    kd_json_open(j, NULL, '{');
    kd_json_text(j, "rule", m->t->rules[rule].name);
    kd_json_text(j, "article", m->t->rules[rule].id);
    kd_json_party(j, "party", m->t, party);
    kd_json_instant(j, when, at);
    kd_json_open(j, "readings", '[');
    for (uint32_t r = 0; r < m->t->reading_count; r++) kd_json_reads(j, &m->pen, r, &reads[r]);
    kd_json_close(j, ']');
}

static void json_rows(due_maker *m, kd_json *j, const char *name, bool due) {
    kd_json_open(j, name, '[');
    for (size_t i = 0; i < m->b->row_count; i++) {
        const kd_brief_row *row = &m->b->rows[i];
        if (row->open || row->due != due) continue;
        json_row(m, j, row->rule, row->party, due ? "due" : "since", row->since, row->reads);
        if (row->id.n) kd_json_text(j, "id", row->id);
        if (!due) kd_json_number(j, "times", (int64_t)row->times);
        if (due) kd_json_number(j, "in_days", kd_instant_day(row->since) - m->h->asked.on);
        kd_json_ids(j, "statements", &m->pen, &row->cites);
        kd_json_close(j, '}');
    }
    kd_json_close(j, ']');
}

kd_status kd_due_json(const kd_view *v, kd_text *out, kd_error *e) {
    size_t from = out->n;
    due_maker m;
    kd_status s = due_open(&m, v, e);
    if (s) return s;
    kd_json j = {out, false};
    kd_json_open(&j, NULL, '{');
    kd_json_head(&j, &m.pen);
    kd_json_day(&j, "until", m.h->asked.horizon);
    json_rows(&m, &j, "overdue", false);
    json_rows(&m, &j, "due", true);
    kd_json_open(&j, "no_day_set", '[');
    for (size_t i = 0; i < m.h->due_count; i++) {
        const kd_due *d = &m.h->dues[i];
        kd_read_as *reads = kd_pen_array(&m.pen, m.t->reading_count, sizeof *reads);
        if (!reads) break;
        if (!is_open(&m, d)) continue;
        for (uint32_t r = 0; r < m.t->reading_count; r++) reads[r] = kd_view_read_due(m.h, d, r);
        json_row(&m, &j, d->rule, d->party, "since", d->since, reads);
        kd_json_id(&j, "statement", &m.pen, d->statement);
        kd_json_close(&j, '}');
    }
    kd_json_close(&j, ']');
    kd_json_close(&j, '}');
    kd_text_putc(out, '\n');
    return kd_pen_end(&m.pen, out, from);
}

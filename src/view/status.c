/* status.c: every rule, by group: its verdict and who is bound; said once where readings agree. */
#include "view/json.h"
#include "view/page.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

/* How one rule and Party stand under one reading. */
typedef struct cell {
    const kd_verdict *v;
    kd_binding binding;
    size_t times; /* rows of that status that stand */
    bool silent;  /* no row, and the record would not show it if there had been something owed */
} cell;

typedef struct status_maker {
    kd_pen pen;
    kd_page page;
    const kd_status_asked *asked;
    const kd_treaty *t;
    const kd_history *h;
    kd_instant at;
    kd_standing standing;
    uint32_t *order; /* of the readings */
    cell *cells;     /* per reading, of the rule and Party at hand */
} status_maker;

static void status_open(status_maker *m, const kd_view *v, const kd_status_asked *asked, kd_error *e) {
    *m = (status_maker){.asked = asked, .t = v->treaty, .h = v->history, .at = kd_view_instant(v->history)};
    kd_pen_open(&m->pen, v, e);
    m->cells = kd_pen_array(&m->pen, m->t->reading_count, sizeof *m->cells);
    m->order = kd_pen_reading_order(&m->pen);
    kd_page_open(&m->page, &m->pen, KD_PAGE_COLUMNS);
    kd_standing_make(&m->pen, &m->standing);
}

static bool wanted_reading(const status_maker *m, uint32_t r) {
    return m->asked->reading < 0 || (uint32_t)m->asked->reading == r;
}

/* The Parties that a page was asked for and that a rule has rows for: the i-th, or UINT32_MAX behind the last. */
static uint32_t party_of(const status_maker *m, uint32_t rule, size_t i) {
    for (size_t k = 0;; k++) {
        uint32_t p = kd_view_party(m->t, rule, k);
        if (p == UINT32_MAX) return p;
        if (p != KD_BOTH && m->asked->party >= 0 && (uint32_t)m->asked->party != p) continue;
        if (i-- == 0) return p;
    }
}

static void fill_cells(status_maker *m, uint32_t rule, uint32_t party) {
    for (uint32_t r = 0; m->cells && r < m->t->reading_count; r++) {
        cell *x = &m->cells[r];
        *x = (cell){.v = kd_standing_verdict(&m->standing, rule, party, r),
                    .binding = kd_view_binding(m->h, rule, party, r, m->at)};
        x->silent = !x->v && !kd_view_would_show(m->h, rule, party);
        for (size_t i = m->standing.first[rule]; x->v && i < m->standing.first[rule + 1]; i++) {
            const kd_verdict *v = m->standing.rows[i];
            x->times += v->party == party && v->status == x->v->status && (v->readings >> r & 1);
        }
    }
}

static bool same_cell(const cell *a, const cell *b) {
    if (a->binding.shade != b->binding.shade || a->binding.unsaid != b->binding.unsaid ||
        a->binding.no_claim != b->binding.no_claim || a->times != b->times)
        return false;
    if (!a->v || !b->v) return a->v == b->v;
    return a->v->status == b->v->status && a->v->since == b->v->since && a->v->figure == b->v->figure;
}

/* ---- Text ------------------------------------------------------------------------------------------------------*/

static kd_str figure_text(status_maker *m, const kd_verdict *v) {
    if (!v || v->figure == KD_ABSENT) return KD_STR("");
    if (v->status == KD_NOT_SHOWN && m->t->rules[v->rule].kind == KD_QUOTA)
        return KD_STR(""); /* nothing was counted */
    const kd_slot slots[] = {kd_slot_count("figure", v->figure), kd_slot_count("bound", v->bound)};
    return kd_pen_say(&m->pen, v->bound == KD_ABSENT ? "status.figure_alone" : "status.figure", SLOTS(slots));
}

static kd_str shade_text(status_maker *m, const kd_binding *b) {
    const kd_slot slots[] = {kd_slot_word(&m->pen, "shade", "shade", kd_shade_name((kd_shade)b->shade))};
    return kd_pen_say(&m->pen,
                      b->unsaid     ? "bound.unsaid"
                      : b->no_claim ? "bound.no_claim"
                                    : "bound.cell",
                      SLOTS(slots));
}

static kd_str status_text(status_maker *m, const cell *x) {
    if (!x->v && !x->silent) return kd_pen_say(&m->pen, "status.nothing_owed", NULL, 0);
    int status = x->v ? x->v->status : KD_NOT_SHOWN;
    kd_slot word = kd_slot_word(&m->pen, "status", "status", kd_verdict_name((kd_verdict_status)status));
    return x->times > 1 ? kd_pen_printf(&m->pen, "%.*s x%zu", KD_STR_ARGS(word.text), x->times) : word.text;
}

/* The readings that agree with this one, as words; *told when it was told with an earlier one. */
static kd_str readings_text(status_maker *m, uint32_t r, bool *told) {
    kd_str *names = kd_pen_array(&m->pen, m->t->reading_count, sizeof *names);
    size_t count = 0, asked = 0;
    *told = false;
    bool before = true;
    for (size_t k = 0; names && k < m->t->reading_count; k++) {
        uint32_t i = m->order[k];
        before &= i != r;
        if (!wanted_reading(m, i)) continue;
        asked++;
        if (!same_cell(&m->cells[r], &m->cells[i])) continue;
        *told |= before;
        const kd_slot slots[] = {kd_slot_party(&m->pen, "P", m->t->readings[i].of)};
        names[count++] = kd_pen_say(&m->pen, "unmet.reading", SLOTS(slots));
    }
    if (count == asked && asked > 1) return kd_pen_say(&m->pen, "status.all_readings", NULL, 0);
    const kd_slot slots[] = {kd_slot_list("readings", names, count)};
    return kd_pen_say(&m->pen, "status.readings", SLOTS(slots));
}

static void put_cell_row(status_maker *m, uint32_t party, uint32_t r, bool first) {
    bool told;
    kd_str readings = readings_text(m, r, &told);
    if (told) return;
    const cell *x = &m->cells[r];
    const kd_slot since[] = {kd_slot_instant("since", x->v ? x->v->since : KD_NEVER)};
    const kd_str cells[] = {KD_STR(""),
                            first ? kd_pen_form(&m->pen, kd_slot_party(&m->pen, "", party), "short")
                                  : KD_STR(""),
                            status_text(m, x),
                            x->v ? kd_pen_say(&m->pen, "status.since", SLOTS(since)) : KD_STR(""),
                            figure_text(m, x->v),
                            shade_text(m, &x->binding),
                            readings,
                            x->v ? kd_pen_id(&m->pen, x->v->statement) : KD_STR("")};
    static const unsigned columns[] = {4, 5, 15, 11, 14, 11, 14, 6};
    kd_page_line(&m->page, kd_page_cells(&m->page, cells, columns, sizeof columns / sizeof *columns));
}

static void put_rule(status_maker *m, uint32_t rule) {
    const kd_slot slots[] = {kd_slot_text("article", m->t->rules[rule].id),
                             kd_slot_rule(&m->pen, "rule", rule)};
    if (party_of(m, rule, 0) == UINT32_MAX) return;
    kd_page_block(&m->page, 0, NULL);
    kd_page_line(&m->page, kd_pen_printf(&m->pen, "  %.*s",
                                         KD_STR_ARGS(kd_pen_say(&m->pen, "status.rule", SLOTS(slots)))));
    for (size_t i = 0;; i++) {
        uint32_t party = party_of(m, rule, i);
        if (party == UINT32_MAX) break;
        fill_cells(m, rule, party);
        bool first = true;
        for (size_t k = 0; m->order && k < m->t->reading_count; k++) {
            if (!wanted_reading(m, m->order[k])) continue;
            kd_page_block(&m->page, 0, NULL);
            put_cell_row(m, party, m->order[k], first);
            first = false;
        }
    }
}

static void put_group(status_maker *m, uint32_t g) {
    const kd_group *group = &m->t->groups[g];
    const kd_slot slots[] = {kd_slot_group(&m->pen, "group", g),
                             kd_slot_list("articles", group->rests_on, group->rests_on_count)};
    bool begun = false;
    for (uint32_t r = 0; r < m->t->rule_count && !m->pen.status; r++) {
        if (m->t->rules[r].group != g) continue;
        if (!begun) kd_page_section(&m->page, kd_pen_say(&m->pen, "status.group", SLOTS(slots)), "", false);
        begun = true;
        put_rule(m, r);
    }
}

static void put_status_head(status_maker *m) {
    const kd_slot slots[] = {kd_slot_text("treaty", kd_pen_treaty(&m->pen)),
                             kd_slot_day("day", m->h->asked.on), kd_slot_day("known", m->h->asked.known),
                             kd_slot_instant("ended", m->h->last_day)};
    kd_page_section(&m->page, kd_pen_say(&m->pen, "status.heading", SLOTS(slots)), "", false);
    kd_page_block(&m->page, 0, NULL);
    if (m->h->asked.known != m->h->asked.on)
        kd_page_line(&m->page, kd_pen_say(&m->pen, "status.known", SLOTS(slots)));
    if (m->h->in_force_since == KD_NEVER)
        kd_page_line(&m->page, kd_pen_say(&m->pen, "status.not_in_force", NULL, 0));
    if (m->h->ended) kd_page_line(&m->page, kd_pen_say(&m->pen, "status.ended", SLOTS(slots)));
    kd_page_line(&m->page, kd_pen_say(&m->pen, "status.legend", NULL, 0));
}

kd_status kd_status_put(const kd_view *v, const kd_status_asked *asked, kd_text *out, kd_error *e) {
    size_t from = out->n;
    status_maker m;
    status_open(&m, v, asked, e);
    if (m.pen.status) return m.pen.status;
    put_status_head(&m);
    for (uint32_t g = 0; g < m.t->group_count; g++) put_group(&m, g);
    kd_page_put(&m.page, out);
    return kd_pen_end(&m.pen, out, from);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------*/

static void json_value(kd_json *j, const char *name, kd_value v) {
    if (v == KD_ABSENT) {
        kd_json_null(j, name);
    } else {
        kd_json_number(j, name, v);
    }
}

static void json_verdict(status_maker *m, kd_json *j, const kd_verdict *v) {
    kd_text id;
    kd_text_open(&id, m->pen.arena->from);
    kd_verdict_id(m->h, v, &id);
    kd_json_open(j, NULL, '{');
    kd_json_text(j, "id", kd_text_str(&id));
    kd_json_party(j, "party", m->t, v->party);
    kd_json_text(j, "status", kd_verdict_name((kd_verdict_status)v->status));
    kd_json_instant(j, "since", v->since);
    kd_json_instant(j, "due", v->due);
    json_value(j, "figure", v->figure);
    json_value(j, "bound", v->bound);
    kd_json_instant(j, "dated", v->dated);
    kd_json_id(j, "statement", &m->pen, v->statement);
    kd_json_open(j, "readings", '[');
    for (uint32_t r = 0; r < m->t->reading_count; r++) {
        if (!wanted_reading(m, r)) continue;
        kd_read_as x = kd_view_read(m->h, v, r);
        kd_json_reads(j, &m->pen, r, &x);
    }
    kd_json_close(j, ']');
    kd_json_close(j, '}');
    if (id.failed) kd_pen_failed(&m->pen, kd_fail_nomem(m->pen.e));
    kd_text_close(&id);
}

/* How a rule stands for a Party under a reading: what the page's line says. */
static void json_cell(status_maker *m, kd_json *j, uint32_t party, uint32_t r) {
    const cell *x = &m->cells[r];
    kd_json_open(j, NULL, '{');
    kd_json_party(j, "party", m->t, party);
    kd_json_text(j, "reading", m->t->readings[r].name);
    kd_json_text(j, "shade", kd_shade_name((kd_shade)x->binding.shade));
    kd_json_bool(j, "unsaid", x->binding.unsaid);
    kd_json_bool(j, "no_claim", x->binding.no_claim);
    if (x->binding.by) kd_json_id(j, "statement", &m->pen, x->binding.by->statement);
    int status = x->v ? x->v->status : KD_NOT_SHOWN;
    kd_json_text(j, "status",
                 x->v || x->silent ? kd_verdict_name((kd_verdict_status)status) : KD_STR("nothing_owed"));
    kd_json_instant(j, "since", x->v ? x->v->since : KD_NEVER);
    kd_json_close(j, '}');
}

static void json_bound(status_maker *m, kd_json *j, uint32_t rule) {
    kd_json_open(j, "who_is_bound", '[');
    for (size_t i = 0;; i++) {
        uint32_t party = party_of(m, rule, i);
        if (party == UINT32_MAX) break;
        fill_cells(m, rule, party);
        for (uint32_t r = 0; m->cells && r < m->t->reading_count; r++) {
            if (wanted_reading(m, r)) json_cell(m, j, party, r);
        }
    }
    kd_json_close(j, ']');
}

static bool wanted_verdict(const status_maker *m, const kd_verdict *v) {
    if (m->asked->party >= 0 && v->party != KD_BOTH && v->party != (uint32_t)m->asked->party) return false;
    return m->asked->reading < 0 || (v->readings >> m->asked->reading & 1);
}

static void json_rule(status_maker *m, kd_json *j, uint32_t rule) {
    const kd_rule *r = &m->t->rules[rule];
    kd_json_open(j, NULL, '{');
    kd_json_text(j, "rule", r->name);
    kd_json_text(j, "article", r->id);
    kd_json_text(j, "kind", kd_rule_kind_name(r->kind));
    kd_json_text(j, "title", r->title);
    kd_json_text(j, "group", m->t->groups[r->group].name);
    json_bound(m, j, rule);
    kd_json_open(j, "verdicts", '[');
    for (size_t i = m->standing.first[rule]; i < m->standing.first[rule + 1]; i++) {
        if (wanted_verdict(m, m->standing.rows[i])) json_verdict(m, j, m->standing.rows[i]);
    }
    kd_json_close(j, ']');
    kd_json_close(j, '}');
}

kd_status kd_status_json(const kd_view *v, const kd_status_asked *asked, kd_text *out, kd_error *e) {
    size_t from = out->n;
    status_maker m;
    status_open(&m, v, asked, e);
    if (m.pen.status) return m.pen.status;
    kd_json j = {out, false};
    kd_json_open(&j, NULL, '{');
    kd_json_head(&j, &m.pen);
    kd_json_bool(&j, "findings", kd_view_findings(v->history));
    kd_json_open(&j, "rules", '[');
    for (uint32_t r = 0; r < m.t->rule_count && !m.pen.status; r++) json_rule(&m, &j, r);
    kd_json_close(&j, ']');
    kd_json_close(&j, '}');
    kd_text_putc(out, '\n');
    return kd_pen_end(&m.pen, out, from);
}

/* brief_text.c: the brief as one page of text. */
#include "view/brief.h"
#include "view/page.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

enum { INDENT = 2, LABEL = 14, FIGURE = 7, TAIL_LINES = 4, COLUMNS_MOST = 16 };

typedef struct text_maker {
    kd_pen *pen;
    kd_page page;
    const kd_brief *b;
    const kd_treaty *t;
    const kd_history *h;
} text_maker;

static kd_str party_short(text_maker *m, uint32_t party) {
    return kd_pen_form(m->pen, kd_slot_party(m->pen, "", party), "short");
}

static void section(text_maker *m, const char *heading_key, const char *command, bool joined) {
    kd_str heading = heading_key ? kd_pen_say(m->pen, heading_key, NULL, 0) : KD_STR("");
    kd_page_section(&m->page, heading, command, joined);
}

static void wrap(text_maker *m, int rank, const kd_cites *cites, const kd_wrapped *w) {
    kd_page_block(&m->page, rank, cites);
    kd_page_wrap(&m->page, w);
}

/* A sentence over the whole width under the heading. */
static void line(text_maker *m, int rank, kd_str text) {
    const kd_wrapped w = {.indent = INDENT, .text = text, .most = 3};
    wrap(m, rank, NULL, &w);
}

/* ---- Head and summary ------------------------------------------------------------------------------------------*/

/* Two texts at the two ends of one line; the right one is whole. */
static void ends(text_maker *m, kd_str left, kd_str right) {
    unsigned width = (unsigned)kd_utf8_width(right);
    if (width > KD_PAGE_COLUMNS - 2) width = KD_PAGE_COLUMNS - 2;
    const kd_str cells[] = {left, KD_STR(""), right};
    const unsigned columns[] = {KD_PAGE_COLUMNS - 1 - width, 1, width};
    kd_page_line(&m->page, kd_page_cells(&m->page, cells, columns, 3));
}

static void put_head(text_maker *m) {
    const kd_history *h = m->h;
    const kd_treaty *t = m->t;
    const kd_slot slots[] = {kd_slot_text("treaty", kd_pen_treaty(m->pen)), kd_slot_day("day", h->asked.on),
                             kd_slot_day("known", h->asked.known)};
    kd_page_section(&m->page, KD_STR(""), "", false);
    kd_page_block(&m->page, -1, NULL);
    ends(m, kd_pen_say(m->pen, "head.treaty", SLOTS(slots)), kd_pen_say(m->pen, "head.brief", SLOTS(slots)));
    const char *known = h->asked.known == h->asked.on ? "head.known_same" : "head.known";
    if (t->reconstructed) kd_page_line(&m->page, kd_pen_say(m->pen, "head.reconstructed", NULL, 0));
    ends(m, t->reconstructed ? kd_pen_say(m->pen, "head.reconstructed_too", NULL, 0) : KD_STR(""),
         kd_pen_say(m->pen, known, SLOTS(slots)));
    static const char rule[] = "----------------------------------------"
                               "----------------------------------------";
    kd_page_line(&m->page, kd_str_of(rule));
}

static void put_summary(text_maker *m) {
    kd_str all = KD_STR("");
    for (size_t i = 0; i < m->b->summary.count; i++)
        all = kd_pen_printf(m->pen, "%.*s %.*s", KD_STR_ARGS(all), KD_STR_ARGS(m->b->summary.items[i].text));
    const kd_wrapped w = {.text = all, .most = 7};
    kd_page_section(&m->page, KD_STR(""), "", true);
    wrap(m, -1, NULL, &w);
}

/* ---- Sentences with a label and what they rest on --------------------------------------------------------------*/

static void put_says(text_maker *m, const kd_says *says, unsigned label_columns, unsigned most) {
    for (size_t i = 0; i < says->count; i++) {
        const kd_say *s = &says->items[i];
        const kd_wrapped w = {INDENT,
                              label_columns,
                              label_columns ? s->label : KD_STR(""),
                              s->text,
                              kd_pen_ids(m->pen, &s->cites),
                              most};
        wrap(m, s->rank, &s->cites, &w);
    }
}

static void put_standing(text_maker *m) {
    section(m, "standing.heading", "kadesh log", false);
    put_says(m, &m->b->standing, 11, 3);
}

/* ---- Who is bound ----------------------------------------------------------------------------------------------*/

typedef struct bound_table {
    size_t columns, shown; /* a column is a reading and a Party */
    unsigned widths[COLUMNS_MOST + 3];
} bound_table;

static const kd_binding *cell_of(const text_maker *m, size_t group, size_t column) {
    size_t parties = m->t->party_count, reading = m->b->order[column / parties];
    return &m->b->bindings[(group * m->t->reading_count + reading) * parties + column % parties];
}

/* True when every cell of the table has one shade, and no side has something still to say. */
static bool all_the_same(const text_maker *m, size_t columns) {
    const kd_binding *first = cell_of(m, 0, 0);
    for (size_t g = 0; g < m->t->group_count; g++) {
        for (size_t c = 0; c < columns; c++) {
            const kd_binding *b = cell_of(m, g, c);
            if (b->shade != first->shade || b->unsaid) return false;
        }
    }
    return true;
}

/* True for a group by which all are bound under every reading; such groups are told in one line. */
static bool is_plain(const text_maker *m, size_t g, size_t columns) {
    for (size_t c = 0; c < columns; c++) {
        if (cell_of(m, g, c)->shade != KD_BOUND || cell_of(m, g, c)->unsaid) return false;
    }
    return true;
}

static kd_str cell_text(text_maker *m, const kd_binding *b) {
    kd_slot word = kd_slot_word(m->pen, "shade", "shade", kd_shade_name((kd_shade)b->shade));
    const kd_slot slots[] = {word};
    const char *key = b->unsaid ? "bound.unsaid" : b->no_claim ? "bound.no_claim" : "bound.cell";
    return kd_pen_say(m->pen, key, SLOTS(slots));
}

static void put_bound_head(text_maker *m, const bound_table *x) {
    const char *heading = m->h->ended ? "bound.heading_at_end" : "bound.heading";
    kd_str cells[COLUMNS_MOST + 3] = {kd_pen_say(m->pen, heading, NULL, 0)};
    unsigned widths[COLUMNS_MOST + 3] = {x->widths[0] + x->widths[1] + x->widths[2]};
    size_t n = 1, parties = m->t->party_count;
    for (size_t c = 0; c < x->shown; c += parties) {
        const kd_slot slots[] = {kd_slot_party(m->pen, "P", m->t->readings[m->b->order[c / parties]].of)};
        cells[n] = kd_pen_say(m->pen, "bound.reading", SLOTS(slots));
        size_t of_it = x->shown - c < parties ? x->shown - c : parties;
        widths[n++] = (unsigned)of_it * x->widths[3];
    }
    kd_page_section(&m->page, KD_STR(""), "kadesh status", false);
    kd_page_block(&m->page, -1, NULL);
    kd_page_line(&m->page, kd_page_cells(&m->page, cells, widths, n));
    cells[0] = KD_STR("");
    for (size_t c = 0; c < x->shown; c++) {
        cells[c + 1] = party_short(m, (uint32_t)(c % parties));
        widths[c + 1] = x->widths[3];
    }
    kd_page_line(&m->page, kd_page_cells(&m->page, cells, widths, x->shown + 1));
}

static void put_bound_row(text_maker *m, const bound_table *x, uint32_t g, bool *unsaid, bool *no_claim) {
    const kd_group *group = &m->t->groups[g];
    kd_str cells[COLUMNS_MOST + 3] = {KD_STR(""), kd_pen_name(m->pen, kd_slot_group(m->pen, "", g)),
                                      group->rests_on_count ? group->rests_on[0] : KD_STR("")};
    kd_cites cites = {.count = 0};
    for (size_t c = 0; c < x->shown; c++) {
        const kd_binding *b = cell_of(m, g, c);
        cells[c + 3] = cell_text(m, b);
        *unsaid |= b->unsaid;
        *no_claim |= b->no_claim;
        if (b->by) kd_cite(&cites, b->by->statement);
        if (b->kept_by) kd_cite(&cites, b->kept_by->statement);
    }
    kd_page_block(&m->page, 1, &cites);
    kd_page_line(&m->page, kd_page_cells(&m->page, cells, x->widths, x->shown + 3));
}

static void put_bound(text_maker *m) {
    bound_table x = {.columns = m->t->reading_count * m->t->party_count};
    if (m->t->group_count == 0 || x.columns == 0) return;
    if (all_the_same(m, x.columns)) {
        const kd_slot slots[] = {
            kd_slot_word(m->pen, "shade", "shade", kd_shade_name((kd_shade)cell_of(m, 0, 0)->shade)),
            kd_slot_count("groups", (int64_t)m->t->group_count)};
        section(m, "bound.heading", "kadesh status", false);
        line(m, 0, kd_pen_say(m->pen, m->h->ended ? "bound.all_at_end" : "bound.all", SLOTS(slots)));
        return;
    }
    x.widths[0] = INDENT;
    x.widths[1] = 26;
    x.widths[2] = 8;
    x.shown = x.columns < 5 ? x.columns : 5;
    for (size_t c = 0; c < x.shown; c++) x.widths[c + 3] = (KD_PAGE_COLUMNS - 36) / (unsigned)x.shown;
    put_bound_head(m, &x);
    bool unsaid = false, no_claim = false;
    kd_str *plain = kd_pen_array(m->pen, m->t->group_count, sizeof *plain);
    size_t count = 0;
    for (uint32_t g = 0; plain && g < m->t->group_count; g++) {
        if (is_plain(m, g, x.columns)) {
            plain[count++] = kd_pen_name(m->pen, kd_slot_group(m->pen, "", g));
        } else {
            put_bound_row(m, &x, g, &unsaid, &no_claim);
        }
    }
    const kd_slot others[] = {kd_slot_list("groups", plain, count)};
    if (count) line(m, 1, kd_pen_say(m->pen, "bound.others", SLOTS(others)));
    if (unsaid) line(m, 1, kd_pen_say(m->pen, "bound.unsaid_note", NULL, 0));
    if (no_claim) line(m, 1, kd_pen_say(m->pen, "bound.no_claim_note", NULL, 0));
    if (x.shown == x.columns) return;
    const kd_slot slots[] = {kd_slot_count("n", (int64_t)(x.columns - x.shown))};
    line(m, 0, kd_pen_say(m->pen, "bound.more", SLOTS(slots)));
}

/* ---- Unmet or due ----------------------------------------------------------------------------------------------*/

static kd_str rule_text(text_maker *m, uint32_t rule, size_t times) {
    const kd_slot slots[] = {kd_slot_text("rule", kd_pen_short(m->pen, kd_slot_rule(m->pen, "", rule))),
                             times > 1 ? kd_slot_count("times", (int64_t)times)
                                       : kd_slot_day("times", KD_NO_DAY)};
    return kd_pen_say(m->pen, "unmet.rule", SLOTS(slots));
}

static bool same_cells(const text_maker *m, const kd_brief_row *a, const kd_brief_row *b) {
    if (a->rule != b->rule || a->due != b->due || a->open != b->open || a->since != b->since ||
        a->times != b->times)
        return false;
    for (size_t r = 0; r < m->t->reading_count; r++) {
        if (a->reads[r].how != b->reads[r].how || a->reads[r].status != b->reads[r].status ||
            a->reads[r].freed != b->reads[r].freed)
            return false;
    }
    return true;
}

/* How many rows from i on are the same for one Party each; all of them together are shown as of both. */
static size_t same_rows(const text_maker *m, size_t i) {
    size_t n = 1;
    while (i + n < m->b->row_count && m->b->rows[i + n].party > m->b->rows[i + n - 1].party &&
           same_cells(m, &m->b->rows[i], &m->b->rows[i + n]))
        n++;
    return n == m->t->party_count && n > 1 ? n : 1;
}

/* A cell of the r-th column: how the row reads, or for what is still to come in how many days. */
static kd_str cell_of_row(text_maker *m, const kd_brief_row *row, size_t column) {
    const kd_read_as *r = &row->reads[m->b->order[column]];
    if ((!row->due && !row->open) || r->how != KD_READS_STANDS || r->status != KD_PENDING)
        return kd_pen_reads(m->pen, r);
    if (row->open) return kd_pen_say(m->pen, "unmet.open", NULL, 0);
    const kd_slot slots[] = {kd_slot_count("n", kd_instant_day(row->since) - m->h->asked.on)};
    return kd_pen_say(m->pen, "unmet.due", SLOTS(slots));
}

/* Indent, Party, rule, article, since, one column a reading, statement: the articles and readings take what they need,
 * the rule what is left. */
static void unmet_widths(text_maker *m, unsigned *widths, size_t shown) {
    unsigned used = INDENT + 5 + 11 + 6;
    widths[0] = INDENT;
    widths[1] = 5;
    widths[4] = 11;
    widths[5 + shown] = 6;
    for (uint32_t r = 0; r < shown; r++) {
        const kd_slot slots[] = {kd_slot_party(m->pen, "P", m->t->readings[m->b->order[r]].of)};
        widths[5 + r] = (unsigned)kd_utf8_width(kd_pen_say(m->pen, "unmet.reading", SLOTS(slots)));
    }
    for (size_t i = 0; i < m->b->row_count; i++) {
        const kd_brief_row *row = &m->b->rows[i];
        unsigned article = (unsigned)kd_utf8_width(m->t->rules[row->rule].id) + 1;
        if (article > widths[3]) widths[3] = article < 12 ? article : 12;
        for (uint32_t r = 0; r < shown; r++) {
            unsigned w = (unsigned)kd_utf8_width(cell_of_row(m, row, r));
            if (w > widths[5 + r]) widths[5 + r] = w;
        }
    }
    for (size_t r = 0; r < shown; r++) {
        widths[5 + r] = widths[5 + r] < 17 ? widths[5 + r] + 1 : 18;
        used += widths[5 + r];
    }
    used += widths[3];
    widths[2] = used < KD_PAGE_COLUMNS ? KD_PAGE_COLUMNS - used : 0;
}

static void put_row(text_maker *m, size_t i, size_t same, const unsigned *widths, size_t shown) {
    const kd_brief_row *row = &m->b->rows[i];
    const kd_slot since[] = {kd_slot_instant("since", row->since)};
    kd_str cells[COLUMNS_MOST + 6] = {
        KD_STR(""), party_short(m, same > 1 ? KD_BOTH : row->party),
        kd_clipped(m->pen, rule_text(m, row->rule, row->times), widths[2] ? widths[2] - 1 : 0),
        m->t->rules[row->rule].id, kd_pen_say(m->pen, "unmet.since", SLOTS(since))};
    bool stands = false;
    for (size_t r = 0; r < shown; r++) {
        cells[5 + r] = cell_of_row(m, row, r);
        stands |= row->reads[m->b->order[r]].how == KD_READS_STANDS;
    }
    cells[5 + shown] = kd_pen_id(m->pen, row->cites.count ? row->cites.statements[0] : KD_NO_STATEMENT);
    kd_page_block(&m->page, stands || row->open ? 1 : 4, &row->cites);
    kd_page_line(&m->page, kd_page_cells(&m->page, cells, widths, 6 + shown));
}

static void put_unmet_head(text_maker *m, const unsigned *widths, size_t shown) {
    const char *key = m->h->ended ? "unmet.heading_at_end" : "unmet.heading";
    kd_str cells[COLUMNS_MOST + 6] = {kd_pen_say(m->pen, key, NULL, 0),
                                      kd_pen_say(m->pen, "unmet.since_head", NULL, 0)};
    unsigned head[COLUMNS_MOST + 6] = {widths[0] + widths[1] + widths[2] + widths[3], widths[4]};
    for (size_t r = 0; r < shown; r++) {
        const kd_slot slots[] = {kd_slot_party(m->pen, "P", m->t->readings[m->b->order[r]].of)};
        cells[2 + r] = kd_pen_say(m->pen, "unmet.reading", SLOTS(slots));
        head[2 + r] = widths[5 + r];
    }
    bool any = m->b->row_count > 0;
    kd_page_section(&m->page, any ? kd_page_cells(&m->page, cells, head, 2 + shown) : cells[0], "kadesh due",
                    false);
}

/* True when some row is past its day, or was not shown lately. */
static bool any_unmet(const text_maker *m) {
    for (size_t i = 0; i < m->b->row_count; i++) {
        if (!m->b->rows[i].due && !m->b->rows[i].open) return true;
    }
    return false;
}

static void put_unmet(text_maker *m) {
    size_t shown = m->t->reading_count < 3 ? m->t->reading_count : 3;
    unsigned widths[COLUMNS_MOST + 6] = {0};
    if (m->h->in_force_since == KD_NEVER && !m->b->row_count) return;
    unmet_widths(m, widths, shown);
    put_unmet_head(m, widths, shown);
    if (!any_unmet(m)) line(m, 1, kd_pen_say(m->pen, "unmet.none", NULL, 0));
    for (size_t i = 0, n; i < m->b->row_count; i += n) put_row(m, i, n = same_rows(m, i), widths, shown);
    if (!m->b->not_shown || m->h->in_force_since == KD_NEVER) return;
    const kd_slot slots[] = {kd_slot_count("n", (int64_t)m->b->not_shown),
                             kd_slot_count("rules", (int64_t)m->t->rule_count)};
    kd_page_section(&m->page, KD_STR(""), "", true); /* left out without a word when there is no room */
    line(m, 3, kd_pen_say(m->pen, "unmet.not_shown", SLOTS(slots)));
}

/* ---- Limits ----------------------------------------------------------------------------------------------------*/

static kd_str figure_text(text_maker *m, const kd_brief_limit *l, uint32_t party) {
    const kd_brief_figure *f = &l->figures[party];
    if (!f->known) return kd_pen_say(m->pen, "limits.unknown", NULL, 0);
    const kd_slot slots[] = {kd_slot_count("figure", f->figure)};
    bool over = !l->ahead && f->status == KD_BREACHED;
    return kd_pen_say(m->pen, over ? "limits.figure_over" : "limits.figure", SLOTS(slots));
}

static void put_count(text_maker *m, const kd_brief_limit *l, const kd_brief_count *c) {
    const kd_slot slots[] = {kd_slot_party(m->pen, "R", m->t->readings[c->reading].of),
                             kd_slot_party(m->pen, "P", c->party),
                             kd_slot_count("more", c->more < 0 ? -c->more : c->more),
                             kd_slot_count("figure", c->figure),
                             c->over ? kd_slot_count("over", c->over) : kd_slot_day("over", KD_NO_DAY),
                             kd_slot_text("article", m->t->rules[l->rule].id),
                             kd_slot_day("day", kd_told_day(m->h, c->statement))};
    kd_cites cites = {.count = 0};
    kd_cite(&cites, c->statement);
    const kd_wrapped w = {.indent = INDENT + 2,
                          .text =
                              kd_pen_say(m->pen, c->more < 0 ? "limits.fewer" : "limits.more", SLOTS(slots)),
                          .tail = kd_pen_id(m->pen, c->statement),
                          .most = 2};
    wrap(m, 0, &cites, &w);
}

/* Of which day each Party's figures are, and which statement gives them; *early when they are of before a limit's day. */
static kd_str *dated_items(text_maker *m, size_t *count, kd_cites *cites, bool *early) {
    kd_str *items = kd_pen_array(m->pen, m->t->party_count * (m->b->limit_count + 1), sizeof *items);
    *count = 0;
    for (uint32_t p = 0; items && p < m->t->party_count; p++) {
        for (size_t i = 0; i < m->b->limit_count; i++) {
            const kd_brief_limit *l = &m->b->limits[i];
            const kd_brief_figure *f = &l->figures[p];
            *early |=
                f->known && !l->ahead && l->from != KD_NO_DAY && f->dated != KD_NO_DAY && f->dated < l->from;
            if (!f->known || (i && m->b->limits[i - 1].figures[p].statement == f->statement)) continue;
            const kd_slot slots[] = {kd_slot_text("P", party_short(m, p)), kd_slot_day("day", f->dated),
                                     kd_slot_text("id", kd_pen_id(m->pen, f->statement))};
            items[(*count)++] = kd_pen_say(m->pen, "limits.dated_item", SLOTS(slots));
            kd_cite(cites, f->statement);
        }
    }
    return items;
}

/* The heading, with the days of the figures when there is room, else they have a line of their own. */
static void put_limits_head(text_maker *m, size_t parties, unsigned width) {
    kd_cites cites = {.count = 0};
    size_t count;
    bool early = false;
    kd_str *items = dated_items(m, &count, &cites, &early);
    const kd_slot slots[] = {kd_slot_list("items", items, count)};
    kd_str heading = kd_pen_say(m->pen, "limits.heading_dated", SLOTS(slots));
    bool fits = kd_utf8_width(heading) < width;
    if (!fits) heading = kd_pen_say(m->pen, "limits.heading", NULL, 0);
    kd_str cells[COLUMNS_MOST] = {heading, kd_pen_say(m->pen, "limits.limit_head", NULL, 0)};
    unsigned columns[COLUMNS_MOST] = {width, FIGURE};
    for (uint32_t p = 0; p < parties; p++) {
        cells[2 + p] = party_short(m, p);
        columns[2 + p] = FIGURE;
    }
    kd_page_section(&m->page, kd_page_cells(&m->page, cells, columns, 2 + parties), "kadesh status", false);
    kd_page_block(&m->page, 0, &cites);
    if (!fits) {
        const kd_wrapped w = {
            .indent = INDENT, .text = kd_pen_say(m->pen, "limits.dated", SLOTS(slots)), .most = 2};
        kd_page_wrap(&m->page, &w);
    }
    if (early) line(m, 0, kd_pen_say(m->pen, "limits.early", NULL, 0));
}

/* The first days that are still to come, each once. */
static void put_ahead(text_maker *m) {
    kd_day told = KD_NO_DAY;
    for (size_t i = 0; i < m->b->limit_count; i++) {
        const kd_brief_limit *l = &m->b->limits[i];
        if (!l->ahead || l->from == told) continue;
        told = l->from;
        const kd_slot slots[] = {kd_slot_day("from", told)};
        line(m, 0, kd_pen_say(m->pen, "limits.ahead", SLOTS(slots)));
    }
}

static void put_limits(text_maker *m) {
    if (!m->b->limit_count) return;
    size_t parties = m->t->party_count < 5 ? m->t->party_count : 5;
    unsigned widths[COLUMNS_MOST] = {INDENT, KD_PAGE_COLUMNS - INDENT - FIGURE * ((unsigned)parties + 1),
                                     FIGURE};
    for (size_t p = 0; p < parties; p++) widths[3 + p] = FIGURE;
    put_limits_head(m, parties, widths[0] + widths[1]);
    put_ahead(m);
    for (size_t i = 0; i < m->b->limit_count; i++) {
        const kd_brief_limit *l = &m->b->limits[i];
        const kd_slot slots[] = {kd_slot_rule(m->pen, "rule", l->rule),
                                 kd_slot_text("article", m->t->rules[l->rule].id)};
        kd_str row[COLUMNS_MOST] = {KD_STR(""), kd_pen_say(m->pen, "limits.rule", SLOTS(slots)),
                                    kd_pen_printf(m->pen, "%lld", (long long)l->bound)};
        for (uint32_t p = 0; p < parties; p++) row[3 + p] = figure_text(m, l, p);
        kd_page_block(&m->page, 0, NULL);
        kd_page_line(&m->page, kd_page_cells(&m->page, row, widths, 3 + parties));
        for (size_t c = 0; c < l->count_count; c++) put_count(m, l, &l->counts[c]);
    }
}

/* Left out without a word when there is no room: status has them. */
static void put_quotas(text_maker *m) {
    if (!m->b->quotas.count) return;
    kd_page_section(&m->page, KD_STR(""), "", m->b->limit_count > 0);
    put_says(m, &m->b->quotas, 0, 2);
}

/* ---- Asks, steps, agreement ------------------------------------------------------------------------------------*/

/* "02-21 RU/86, 03-20 RU/93 RU/95": the statements that a sentence gathers, each day once. */
static kd_str days_of(text_maker *m, const kd_cites *c) {
    kd_str *items = kd_pen_array(m->pen, c->count, sizeof *items);
    size_t count = 0;
    for (size_t i = 0, n; items && i < c->count; i += n) {
        kd_day day = kd_told_day(m->h, c->statements[i]);
        kd_cites same = {.count = 0};
        for (n = 0; i + n < c->count && kd_told_day(m->h, c->statements[i + n]) == day; n++)
            kd_cite(&same, c->statements[i + n]);
        const kd_slot slots[] = {kd_slot_day("day", day), kd_slot_text("ids", kd_pen_ids(m->pen, &same))};
        items[count++] = kd_pen_say(m->pen, "asks.tail", SLOTS(slots));
    }
    const kd_slot slots[] = {kd_slot_list("items", items, count)};
    return kd_pen_say(m->pen, "asks.tails", SLOTS(slots));
}

/* Many statements follow the sentence as words do: no line holds them all. */
static void put_ask(text_maker *m, const kd_say *s) {
    enum { TAIL_MOST = 48, LINES_MOST = 8 };
    kd_str text = s->text, tail = days_of(m, &s->cites);
    if (kd_utf8_width(tail) > TAIL_MOST) {
        text = kd_pen_printf(m->pen, "%.*s  %.*s", KD_STR_ARGS(text), KD_STR_ARGS(tail));
        tail = KD_STR("");
    }
    const kd_wrapped w = {INDENT, 5, party_short(m, s->party), text, tail, LINES_MOST};
    wrap(m, s->rank, &s->cites, &w);
}

static void put_asks(text_maker *m) {
    if (!m->b->asks.count && !m->b->ladder.count) return;
    section(m, "asks.heading", "kadesh log", false);
    for (size_t i = 0; i < m->b->asks.count; i++) put_ask(m, &m->b->asks.items[i]);
    put_says(m, &m->b->ladder, 0, 3);
}

static void put_agreement(text_maker *m) {
    if (!m->b->agreement.count) return;
    kd_page_section(&m->page, KD_STR(""), "", false);
    for (size_t i = 0; i < m->b->agreement.count; i++) {
        const kd_say *s = &m->b->agreement.items[i];
        const kd_wrapped w = {0, LABEL, s->label, s->text, kd_pen_ids(m->pen, &s->cites), 2};
        wrap(m, -1, &s->cites, &w);
    }
}

/* ---- The last lines: what is unconfirmed, what was checked, where to go on -------------------------------------*/

/* A grade such as "S, day M": what is said is confirmed, its day is not. */
static bool day_is_open(const kd_said *s) {
    kd_str g = s->told.grade;
    for (size_t i = 0; i + 3 <= g.n; i++) {
        if (kd_str_starts((kd_str){g.p + i, g.n - i}, "day")) return true;
    }
    return false;
}

/* Which statements that the page as it now stands rests on are unconfirmed, or of a day that is not certain. */
static void put_unconfirmed(text_maker *m) {
    const kd_record *r = m->h->record;
    kd_str *ids = kd_pen_array(m->pen, r->statement_count, sizeof *ids);
    kd_str *days = kd_pen_array(m->pen, r->statement_count, sizeof *days);
    bool *mark = kd_pen_array(m->pen, r->statement_count, sizeof *mark);
    size_t count = 0, day_count = 0;
    if (!ids || !days || !mark) return;
    for (size_t i = 0; i < m->page.block_count; i++) {
        const kd_block *b = &m->page.blocks[i];
        for (size_t c = 0; !b->left_out && c < b->cites.count; c++) mark[b->cites.statements[c]] = true;
    }
    for (uint32_t s = 0; s < r->statement_count; s++) {
        if (!mark[s]) continue;
        if (r->statements[s].unconfirmed) {
            ids[count++] = kd_pen_id(m->pen, s);
        } else if (day_is_open(&r->statements[s])) {
            days[day_count++] = kd_pen_id(m->pen, s);
        }
    }
    if (!m->b->unconfirmed && !day_count) return;
    const kd_slot slots[] = {kd_slot_list("ids", ids, count), kd_slot_list("days", days, day_count),
                             kd_slot_count("n", (int64_t)m->b->unconfirmed),
                             kd_slot_count("known", (int64_t)m->b->known)};
    const char *key = count ? "unconfirmed.shown" : "unconfirmed.none";
    const kd_wrapped w = {0,
                          LABEL,
                          kd_pen_say(m->pen, "unconfirmed.label", NULL, 0),
                          kd_pen_say(m->pen, key, SLOTS(slots)),
                          KD_STR(""),
                          3};
    wrap(m, -1, NULL, &w);
}

static void put_checked(text_maker *m) {
    const kd_checked *c = &m->b->view->checked;
    kd_str id = kd_brief_finding(m->pen, m->b);
    const kd_slot slots[] = {kd_slot_count("books", c->books), kd_slot_count("entries", c->entries),
                             kd_slot_count("signatures", c->signatures), kd_slot_count("heads", c->heads),
                             kd_slot_text("id", id)};
    const kd_wrapped checked = {0,
                                LABEL,
                                kd_pen_say(m->pen, "checked.label", NULL, 0),
                                kd_pen_say(m->pen, "checked.text", SLOTS(slots)),
                                KD_STR(""),
                                2};
    const kd_wrapped go_on = {0,
                              LABEL,
                              kd_pen_say(m->pen, "checked.go_on.label", NULL, 0),
                              kd_pen_say(m->pen, "checked.go_on", SLOTS(slots)),
                              KD_STR(""),
                              2};
    wrap(m, -1, NULL, &checked);
    wrap(m, -1, NULL, &go_on);
}

kd_status kd_brief_put(const kd_brief *b, kd_text *out, kd_error *e) {
    size_t from = out->n;
    kd_pen pen;
    kd_pen_open(&pen, b->view, e);
    text_maker m = {.pen = &pen, .b = b, .t = b->view->treaty, .h = b->view->history};
    kd_page_open(&m.page, &pen, KD_PAGE_COLUMNS);
    put_head(&m);
    put_summary(&m);
    put_standing(&m);
    put_bound(&m);
    put_unmet(&m);
    put_limits(&m);
    put_quotas(&m);
    put_asks(&m);
    put_agreement(&m);
    kd_page_fit(&m.page, KD_PAGE_LINES, TAIL_LINES + (b->agreement.count == 0));
    kd_page_section(&m.page, KD_STR(""), "", b->agreement.count > 0);
    put_unconfirmed(&m);
    put_checked(&m);
    kd_page_fit(&m.page, KD_PAGE_LINES, 0);
    kd_page_put(&m.page, out);
    return kd_pen_end(&pen, out, from);
}

/* page.c: lays out a page: wraps by columns, clips what no page can hold, leaves out what matters least. */
#include "view/page.h"
#include <string.h>

void kd_page_open(kd_page *p, kd_pen *pen, unsigned columns) {
    *p = (kd_page){.pen = pen, .columns = columns};
}

void kd_page_section(kd_page *p, kd_str heading, const char *command, bool joined) {
    if (p->section_count == p->section_room) {
        size_t room = p->section_room ? p->section_room * 2 : 16;
        kd_section *sections = kd_pen_array(p->pen, room, sizeof *sections);
        if (!sections) return;
        if (p->section_count) memcpy(sections, p->sections, p->section_count * sizeof *sections);
        p->sections = sections;
        p->section_room = room;
    }
    p->sections[p->section_count++] =
        (kd_section){kd_clipped(p->pen, heading, p->columns), kd_str_of(command), joined, false, 0};
}

void kd_page_block(kd_page *p, int rank, const kd_cites *cites) {
    if (p->section_count == 0) return;
    if (p->block_count == p->block_room) {
        size_t room = p->block_room ? p->block_room * 2 : 64;
        kd_block *blocks = kd_pen_array(p->pen, room, sizeof *blocks);
        if (!blocks) return;
        if (p->block_count) memcpy(blocks, p->blocks, p->block_count * sizeof *blocks);
        p->blocks = blocks;
        p->block_room = room;
    }
    kd_block *b = &p->blocks[p->block_count++];
    *b = (kd_block){.section = p->section_count - 1, .rank = rank};
    if (cites) b->cites = *cites;
}

void kd_page_line(kd_page *p, kd_str line) {
    if (!p->block_count) return;
    kd_block *b = &p->blocks[p->block_count - 1];
    if (b->line_count < sizeof b->lines / sizeof *b->lines)
        b->lines[b->line_count++] = kd_clipped(p->pen, line, p->columns);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------*/

/* Control characters, and those that turn the direction of writing: none may reach a terminal from a statement. */
static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

/* Bytes of the longest prefix of at most `columns` columns. */
static size_t prefix(kd_str s, size_t columns) {
    size_t at = 0, width = 0;
    while (at < s.n) {
        uint32_t c = 0;
        unsigned n = kd_utf8_next(s.p + at, s.n - at, &c);
        if (!n) n = 1;
        width += kd_utf8_width((kd_str){s.p + at, n});
        if (width > columns) break;
        at += n;
    }
    return at;
}

static bool all_printable(kd_str s) {
    for (size_t at = 0; at < s.n;) {
        uint32_t c = 0;
        unsigned n = kd_utf8_next(s.p + at, s.n - at, &c);
        if (!n || is_control(c)) return false;
        at += n;
    }
    return true;
}

/* The same text, with "?" for what may not reach a terminal. */
static kd_str printable(kd_pen *pen, kd_str s) {
    if (all_printable(s)) return s;
    char *copy = kd_pen_array(pen, s.n + 1, 1);
    size_t to = 0;
    for (size_t at = 0; copy && at < s.n;) {
        uint32_t c = 0;
        unsigned n = kd_utf8_next(s.p + at, s.n - at, &c);
        if (!n || is_control(c)) {
            copy[to++] = '?';
        } else {
            memcpy(copy + to, s.p + at, n);
            to += n;
        }
        at += n ? n : 1;
    }
    return copy ? (kd_str){copy, to} : KD_STR("");
}

kd_str kd_clipped(kd_pen *pen, kd_str text, unsigned columns) {
    kd_str s = printable(pen, text);
    if (kd_utf8_width(s) <= columns) return s;
    if (columns == 0) return KD_STR("");
    return kd_pen_printf(pen, "%.*s…", (int)prefix(s, columns - 1), s.p);
}

kd_str kd_page_cells(kd_page *p, const kd_str *cells, const unsigned *columns, size_t count) {
    kd_text t;
    kd_text_open(&t, p->pen->arena->from);
    for (size_t i = 0; i < count; i++) {
        kd_str cell = kd_clipped(p->pen, cells[i], columns[i]);
        kd_text_put(&t, cell);
        if (i + 1 < count) kd_text_repeat(&t, ' ', columns[i] - kd_utf8_width(cell));
    }
    while (t.n && t.p[t.n - 1] == ' ') t.n--;
    kd_str line = kd_pen_printf(p->pen, "%.*s", KD_STR_ARGS(kd_text_str(&t)));
    if (t.failed) kd_pen_failed(p->pen, kd_fail_nomem(p->pen->e));
    kd_text_close(&t);
    return line;
}

/* Takes from *rest what fits in `columns`: whole words, or a part of one that is longer than a line. */
static kd_str take_line(kd_str *rest, size_t columns) {
    size_t fits = prefix(*rest, columns), end = fits;
    if (fits < rest->n && rest->p[fits] != ' ') {
        while (end > 0 && rest->p[end - 1] != ' ') end--;
        if (end == 0) end = fits ? fits : rest->n;
    }
    kd_str line = kd_str_trim((kd_str){rest->p, end});
    *rest = kd_str_trim((kd_str){rest->p + end, rest->n - end});
    return line;
}

static void put_line(kd_page *p, const kd_wrapped *w, kd_str label, kd_str text, kd_str tail) {
    unsigned tail_columns = (unsigned)kd_utf8_width(tail);
    unsigned taken = w->indent + w->label_columns + (tail_columns ? tail_columns + 1 : 0);
    unsigned room = p->columns > taken ? p->columns - taken : 1;
    const kd_str cells[] = {KD_STR(""), label, text, KD_STR(""), tail};
    const unsigned columns[] = {w->indent, w->label_columns, room, tail_columns ? 1 : 0, tail_columns};
    kd_page_line(p, kd_page_cells(p, cells, columns, 5));
}

void kd_page_wrap(kd_page *p, const kd_wrapped *w) {
    unsigned used = w->indent + w->label_columns;
    size_t room = p->columns > used + 10 ? p->columns - used : 10;
    kd_str rest = kd_str_trim(printable(p->pen, w->text)), label = w->label;
    kd_str tail = kd_clipped(p->pen, w->tail, (unsigned)room);
    size_t tail_columns = kd_utf8_width(tail);
    for (unsigned i = 1;; i++) {
        kd_str line;
        if (i < w->most) {
            line = take_line(&rest, room);
        } else { /* the last that is allowed: what does not fit is cut */
            size_t last = tail_columns && tail_columns + 11 < room ? room - tail_columns - 1 : room;
            line = kd_clipped(p->pen, rest, (unsigned)last);
            rest.n = 0;
        }
        bool fits = rest.n == 0 && kd_utf8_width(line) + (tail_columns ? tail_columns + 1 : 0) <= room;
        put_line(p, w, label, line, fits ? tail : KD_STR(""));
        label = KD_STR("");
        if (fits) return;
        if (rest.n == 0) break;
    }
    if (tail.n) put_line(p, w, label, KD_STR(""), tail);
}

/* ---- Fitting ---------------------------------------------------------------------------------------------------*/

/* "and 4 more: kadesh status", or empty when nothing was left out. */
static kd_str more_of(const kd_page *p, const kd_section *x) {
    if (!x->left_out || !x->command.n) return KD_STR("");
    const kd_slot slots[] = {kd_slot_count("n", (int64_t)x->left_out), kd_slot_text("command", x->command)};
    return kd_clipped(p->pen, kd_pen_say(p->pen, "page.more", slots, 2), p->columns - 2);
}

/* It stands at the right of the heading when there is room, else on a line of its own. */
static bool in_heading(const kd_page *p, const kd_section *x, kd_str more) {
    return x->heading.n && kd_utf8_width(x->heading) + kd_utf8_width(more) + 2 <= p->columns;
}

size_t kd_page_lines(const kd_page *p) {
    size_t lines = 0;
    for (size_t s = 0; s < p->section_count; s++) {
        const kd_section *x = &p->sections[s];
        kd_str more = more_of(p, x);
        lines +=
            (x->heading.n > 0) + (s > 0 && !x->joined && !x->tight) + (more.n > 0 && !in_heading(p, x, more));
    }
    for (size_t i = 0; i < p->block_count; i++) lines += p->blocks[i].left_out ? 0 : p->blocks[i].line_count;
    return lines;
}

/* Takes away the last empty line between sections; false when there is none left. */
static bool tighten(kd_page *p) {
    for (size_t s = p->section_count; s-- > 1;) {
        if (p->sections[s].joined || p->sections[s].tight) continue;
        p->sections[s].tight = true;
        return true;
    }
    return false;
}

/* Gives back as many as there is room for, those at the top first. */
static void loosen(kd_page *p, size_t lines) {
    for (size_t s = 1; s < p->section_count && kd_page_lines(p) < lines; s++) p->sections[s].tight = false;
}

void kd_page_fit(kd_page *p, size_t lines, size_t kept) {
    while (kd_page_lines(p) + kept > lines) {
        kd_block *worst = NULL;
        for (size_t i = 0; i < p->block_count; i++) {
            kd_block *b = &p->blocks[i];
            if (!b->left_out && b->rank >= 0 && (!worst || b->rank >= worst->rank)) worst = b;
        }
        if ((!worst || worst->rank <= KD_RANK_TIGHT) && tighten(p)) continue;
        if (!worst) return;
        worst->left_out = true;
        p->sections[worst->section].left_out++;
    }
    loosen(p, lines > kept ? lines - kept : 0);
}

static void put_section(const kd_page *p, size_t s, kd_text *out) {
    const kd_section *x = &p->sections[s];
    kd_str more = more_of(p, x);
    bool beside = in_heading(p, x, more);
    if (s > 0 && !x->joined && !x->tight) kd_text_putc(out, '\n');
    if (x->heading.n) {
        kd_text_put(out, x->heading);
        if (more.n && beside) {
            kd_text_repeat(out, ' ', p->columns - kd_utf8_width(x->heading) - kd_utf8_width(more));
            kd_text_put(out, more);
        }
        kd_text_putc(out, '\n');
    }
    for (size_t i = 0; i < p->block_count; i++) {
        const kd_block *b = &p->blocks[i];
        if (b->section != s || b->left_out) continue;
        for (size_t l = 0; l < b->line_count; l++) {
            kd_text_put(out, b->lines[l]);
            kd_text_putc(out, '\n');
        }
    }
    if (!more.n || beside) return;
    kd_text_puts(out, "  ");
    kd_text_put(out, more);
    kd_text_putc(out, '\n');
}

void kd_page_put(const kd_page *p, kd_text *out) {
    for (size_t s = 0; s < p->section_count; s++) put_section(p, s, out);
}

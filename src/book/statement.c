/* statement.c: the text of a statement, taken apart: envelope, then fields. */
#include "book/inside.h"
#include <string.h>

static const char header[] = "kadesh.statement/1";

/* The envelope, in the order in which its lines stand. */
typedef enum envelope_kind { ENVELOPE_WORD, ENVELOPE_STAMP, ENVELOPE_TEXT, ENVELOPE_ENTRY } envelope_kind;
enum { TREATY, NOTICE, BY, TO, ISSUED, RECEIVED, SOURCE, GRADE, CORRECTS, ENVELOPE_COUNT };
static const struct {
    const char *name;
    bool required;
    envelope_kind kind;
} envelope[ENVELOPE_COUNT] = {
    [TREATY] = {"treaty", true, ENVELOPE_WORD},
    [NOTICE] = {"notice", true, ENVELOPE_WORD},
    [BY] = {"by", true, ENVELOPE_WORD},
    [TO] = {"to", false, ENVELOPE_WORD},
    [ISSUED] = {"issued", true, ENVELOPE_STAMP},
    [RECEIVED] = {"received", false, ENVELOPE_STAMP},
    [SOURCE] = {"source", false, ENVELOPE_TEXT},
    [GRADE] = {"grade", false, ENVELOPE_TEXT},
    [CORRECTS] = {"corrects", false, ENVELOPE_ENTRY},
};

typedef struct parser {
    kd_statement *out;
    uint32_t number; /* of the line at hand, from 1 */
    kd_str line;
    int next; /* the envelope line that may come next, ENVELOPE_COUNT once the fields have begun */
    kd_error *e;
} parser;

/* Places the error at a byte of the line and hands it on. */
static kd_error *at(parser *p, size_t offset) {
    uint32_t column = 1;
    for (size_t i = 0; i < offset && i < p->line.n; i++)
        column += ((unsigned char)p->line.p[i] & 0xC0) != 0x80;
    kd_error_place(p->e, NULL, p->number, column);
    return p->e;
}

/* Control characters, and those that make a line read otherwise than it is written: line separators and
 * the marks that turn the direction of writing. */
static bool is_forbidden(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* The bytes of the whole text: UTF-8, and LF the only control character. */
static kd_status check_text(kd_str text, kd_error *e) {
    if (text.n > KD_ENTRY_MAX_BYTES)
        return kd_fail(e, KD_INVALID, "too_long", "an entry has at most %d bytes, this statement %zu",
                       KD_ENTRY_MAX_BYTES, text.n);
    for (size_t i = 0; i < text.n;) {
        uint32_t point;
        unsigned length = kd_utf8_next(text.p + i, text.n - i, &point);
        if (length && (point == '\n' || !is_forbidden(point))) {
            i += length;
            continue;
        }
        kd_book_place(text, i, e);
        if (length == 0) return kd_fail(e, KD_INVALID, "not_utf8", "this is not UTF-8");
        return kd_fail(e, KD_INVALID, "control_character", "U+%04X is not allowed in a statement",
                       (unsigned)point);
    }
    if (text.n && text.p[text.n - 1] == '\n') return KD_OK;
    kd_book_place(text, text.n, e);
    return kd_fail(e, KD_INVALID, "no_final_newline", "the last line does not end");
}

/* True when a code point with the property White_Space stands at the beginning or the end. */
static bool has_outer_blank(kd_str s) {
    uint32_t point;
    if (kd_utf8_next(s.p, s.n, &point) && kd_book_is_space(point)) return true;
    size_t last = s.n - 1;
    while (last && ((unsigned char)s.p[last] & 0xC0) == 0x80) last--;
    return kd_utf8_next(s.p + last, s.n - last, &point) && kd_book_is_space(point);
}

/* The offset of the first byte that cannot stand in a field's name, or n. */
static size_t check_name(kd_str name) {
    size_t i = 0;
    for (; i < name.n; i++) {
        char c = name.p[i];
        bool letter = c >= 'a' && c <= 'z', later = (c >= '0' && c <= '9') || c == '_';
        if (!letter && !(later && i > 0)) break;
    }
    return i;
}

/* Splits `name value`. */
static kd_status split_line(parser *p, kd_str *name, kd_str *value) {
    kd_str line = p->line;
    if (line.n == 0) return kd_fail(at(p, 0), KD_INVALID, "empty_line", "a statement has no empty lines");
    const char *blank = memchr(line.p, ' ', line.n);
    *name = (kd_str){line.p, blank ? (size_t)(blank - line.p) : line.n};
    size_t bad = check_name(*name);
    if (bad < name->n || name->n == 0)
        return kd_fail(at(p, bad), KD_INVALID, "bad_field_name",
                       "a line begins with a name of lower-case letters, digits and `_`, a letter first");
    if (!blank)
        return kd_fail(at(p, line.n), KD_INVALID, "bad_field_line",
                       "a line is a name, one blank and a value");
    *value = (kd_str){blank + 1, line.n - name->n - 1};
    if (value->n == 0) return kd_fail(at(p, line.n), KD_INVALID, "empty_value", "the value is empty");
    if (has_outer_blank(*value))
        return kd_fail(at(p, name->n + 1), KD_INVALID, "bad_blank",
                       "one blank stands between name and value, and none after the value");
    if (kd_str_is(*name, "attach"))
        return kd_fail(at(p, 0), KD_INVALID, "reserved", "attachments are reserved and cannot be used yet");
    if (kd_str_starts(*value, "sealed:"))
        return kd_fail(at(p, name->n + 1), KD_INVALID, "reserved",
                       "values that begin with `sealed:` are reserved and cannot be used yet");
    return KD_OK;
}

static int find_envelope(kd_str name) {
    for (int i = 0; i < ENVELOPE_COUNT; i++)
        if (kd_str_is(name, envelope[i].name)) return i;
    return -1;
}

bool kd_entry_id_parse(kd_str s, kd_str *book, int64_t *index) {
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    if (!slash || slash == s.p) return false;
    size_t n = (size_t)(slash - s.p);
    *book = (kd_str){s.p, n};
    return kd_decimal((kd_str){slash + 1, s.n - n - 1}, index);
}

static bool has_blank(kd_str s) {
    for (size_t i = 0; i < s.n;) {
        uint32_t point = 0;
        unsigned length = kd_utf8_next(s.p + i, s.n - i, &point);
        if (kd_book_is_space(point)) return true;
        i += length ? length : 1;
    }
    return false;
}

static kd_status check_value(parser *p, int which, kd_str value, kd_stamp *stamp) {
    const char *name = envelope[which].name;
    size_t column = kd_str_of(name).n + 1;
    kd_str book;
    int64_t index;
    switch (envelope[which].kind) {
    case ENVELOPE_TEXT:
        return KD_OK;
    case ENVELOPE_STAMP:
        if (kd_stamp_parse(value, stamp)) return KD_OK;
        return kd_fail(at(p, column), KD_INVALID, "bad_stamp",
                       "`%s` is a day, 2022-09-01, or an instant, 2022-09-01T14:02:11Z, that exists", name);
    case ENVELOPE_ENTRY:
        if (!has_blank(value) && kd_entry_id_parse(value, &book, &index)) return KD_OK;
        return kd_fail(at(p, column), KD_INVALID, "bad_value", "`%s` names an entry as US/34", name);
    case ENVELOPE_WORD:
        break;
    }
    if (!has_blank(value)) return KD_OK;
    return kd_fail(at(p, column), KD_INVALID, "bad_value", "`%s` is one word", name);
}

static kd_status store_value(parser *p, int which, kd_str value) {
    kd_statement *out = p->out;
    kd_stamp stamp = {0};
    kd_status status = check_value(p, which, value, &stamp);
    if (status) return status;
    switch (which) {
    case TREATY:
        out->treaty = value;
        break;
    case NOTICE:
        out->notice = value;
        break;
    case BY:
        out->by = value;
        break;
    case TO:
        for (size_t i = 0; i < out->to_count; i++)
            if (kd_str_equal(out->to[i], value))
                return kd_fail(at(p, 0), KD_INVALID, "envelope_repeated",
                               "this addressee stands there already");
        out->to[out->to_count++] = value;
        break;
    case ISSUED:
        out->issued = stamp;
        break;
    case RECEIVED:
        out->received = stamp;
        out->has_received = true;
        break;
    case SOURCE:
        out->source = value;
        break;
    case GRADE:
        out->grade = value;
        break;
    case CORRECTS:
        out->corrects = value;
        break;
    default:
        break;
    }
    return KD_OK;
}

/* Whether the envelope lines from p->next up to `to` may be absent. */
static kd_status check_skipped(parser *p, int to) {
    for (int i = p->next; i < to; i++)
        if (envelope[i].required)
            return kd_fail(at(p, 0), KD_INVALID, "envelope_missing", "the line `%s` should stand here",
                           envelope[i].name);
    return KD_OK;
}

static kd_status read_envelope(parser *p, int which, kd_str value) {
    bool repeats = p->next == which + 1;
    if (repeats && which != TO)
        return kd_fail(at(p, 0), KD_INVALID, "envelope_repeated", "the line `%s` stands there already",
                       envelope[which].name);
    if (which < p->next && !repeats)
        return kd_fail(at(p, 0), KD_INVALID, "envelope_order",
                       "`%s` is no field's name, and its line belongs further up: treaty notice by to issued "
                       "received source grade corrects",
                       envelope[which].name);
    kd_status status = check_skipped(p, which);
    if (status) return status;
    p->next = which + 1;
    return store_value(p, which, value);
}

static kd_status read_line(parser *p) {
    kd_str name, value;
    kd_status status = split_line(p, &name, &value);
    if (status) return status;
    int which = find_envelope(name);
    if (which >= 0) return read_envelope(p, which, value);
    status = check_skipped(p, ENVELOPE_COUNT);
    if (status) return status;
    p->next = ENVELOPE_COUNT + 1; /* one more, so that no envelope line counts as repeated by the fields */
    p->out->fields[p->out->field_count++] = (kd_statement_field){name, value, p->number};
    return KD_OK;
}

static kd_status read_header(parser *p) {
    if (kd_str_is(p->line, header)) return KD_OK;
    return kd_fail(at(p, 0), KD_INVALID, "bad_header", "the first line of a statement is `%s`", header);
}

kd_status kd_statement_parse(kd_arena *arena, kd_str text, kd_statement *out, kd_error *e) {
    kd_status status = check_text(text, e);
    if (status) return status;
    size_t lines = 0;
    for (size_t i = 0; i < text.n; i++) lines += text.p[i] == '\n';
    kd_str none = {"", 0};
    *out = (kd_statement){.source = none, .grade = none, .corrects = none};
    out->to = kd_arena_array(arena, lines, sizeof *out->to);
    out->fields = kd_arena_array(arena, lines, sizeof *out->fields);
    if (!out->to || !out->fields) return kd_fail_nomem(e);
    parser p = {.out = out, .number = 1, .e = e};
    kd_cursor cursor = kd_cursor_of(text.p, text.n);
    kd_cursor_line(&cursor, &p.line);
    status = read_header(&p);
    while (status == KD_OK && kd_cursor_line(&cursor, &p.line)) {
        p.number++;
        status = read_line(&p);
    }
    if (status) return status;
    p.number++;
    return check_skipped(&p, ENVELOPE_COUNT);
}

/* ---- The way back ---- */

static void put_line(kd_text *t, const char *name, kd_str value) {
    if (value.n == 0) return;
    kd_text_puts(t, name);
    kd_text_putc(t, ' ');
    kd_text_put(t, value);
    kd_text_putc(t, '\n');
}

static void put_stamp(kd_text *t, const char *name, kd_stamp stamp) {
    kd_text_puts(t, name);
    kd_text_putc(t, ' ');
    kd_stamp_put(t, stamp);
    kd_text_putc(t, '\n');
}

static void put_all(kd_text *t, const kd_statement *s) {
    kd_text_printf(t, "%s\n", header);
    put_line(t, envelope[TREATY].name, s->treaty);
    put_line(t, envelope[NOTICE].name, s->notice);
    put_line(t, envelope[BY].name, s->by);
    for (size_t i = 0; i < s->to_count; i++) put_line(t, envelope[TO].name, s->to[i]);
    put_stamp(t, envelope[ISSUED].name, s->issued);
    if (s->has_received) put_stamp(t, envelope[RECEIVED].name, s->received);
    put_line(t, envelope[SOURCE].name, s->source);
    put_line(t, envelope[GRADE].name, s->grade);
    put_line(t, envelope[CORRECTS].name, s->corrects);
    for (size_t i = 0; i < s->field_count; i++) {
        kd_text_put(t, s->fields[i].name);
        kd_text_putc(t, ' ');
        kd_text_put(t, s->fields[i].value);
        kd_text_putc(t, '\n');
    }
}

/* A value with a newline in it would read as a line of its own; every other fault the parser finds. */
static bool has_newline(const kd_statement *s) {
    const kd_str pieces[] = {s->treaty, s->notice, s->by, s->source, s->grade, s->corrects};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        if (pieces[i].n && memchr(pieces[i].p, '\n', pieces[i].n)) return true;
    for (size_t i = 0; i < s->to_count; i++)
        if (s->to[i].n && memchr(s->to[i].p, '\n', s->to[i].n)) return true;
    for (size_t i = 0; i < s->field_count; i++) {
        kd_str name = s->fields[i].name, value = s->fields[i].value;
        if ((name.n && memchr(name.p, '\n', name.n)) || (value.n && memchr(value.p, '\n', value.n)))
            return true;
    }
    return false;
}

/* Parses what was written and compares the number of its parts. */
static kd_status read_back(const kd_allocator *from, kd_str text, const kd_statement *s, kd_error *e) {
    kd_arena arena;
    kd_arena_open(&arena, from);
    kd_statement again;
    kd_status status = kd_statement_parse(&arena, text, &again, e);
    if (status == KD_OK && (again.field_count != s->field_count || again.to_count != s->to_count))
        status = kd_fail(e, KD_INVALID, "bad_field_name",
                         "a field has the name of an envelope line, or an empty one");
    kd_arena_close(&arena);
    return status;
}

kd_status kd_statement_put(kd_text *out, const kd_statement *statement, kd_error *e) {
    if (has_newline(statement))
        return kd_fail(e, KD_INVALID, "control_character",
                       "a name or value of a statement has no newline in it");
    size_t before = out->n;
    put_all(out, statement);
    if (out->failed) return kd_fail_nomem(e);
    kd_status status = read_back(out->from, (kd_str){out->p + before, out->n - before}, statement, e);
    if (status) {
        out->n = before;
        out->p[before] = 0;
    }
    return status;
}

kd_status kd_entry_make(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                        kd_error *e) {
    size_t before = out->n;
    kd_status status = kd_note_make(out, crypto, signer, text, e);
    if (status == KD_OK && out->n - before > KD_ENTRY_MAX_BYTES)
        status = kd_fail(e, KD_INVALID, "too_long", "a signed statement has at most %d bytes, this one %zu",
                         KD_ENTRY_MAX_BYTES, out->n - before);
    if (status && out->p) {
        out->n = before;
        out->p[before] = 0;
    }
    return status;
}

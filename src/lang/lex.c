/* lex.c: the words of a block: names, numbers, dates, strings and signs, each with its place. */
#include "lang/parse.h"
#include <string.h>

bool kd_is(const kd_token *t, const char *word) {
    return t->kind == TOK_NAME && kd_str_is(t->text, word);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}

static kd_str rest_of(const kd_parser *p) {
    uint32_t end = p->blocks[p->block].end;
    return (kd_str){p->file->bytes.p + p->pos, end - p->pos};
}

/* Blanks, line ends and comments. True when anything was skipped. */
static bool skip(kd_parser *p) {
    uint32_t from = p->pos;
    const char *bytes = p->file->bytes.p;
    uint32_t end = p->blocks[p->block].end;
    while (p->pos < end) {
        char c = bytes[p->pos];
        if (c == '#') {
            while (p->pos < end && bytes[p->pos] != '\n') p->pos++;
        } else if (c == '\n') {
            p->line++;
            p->fresh = true;
            p->pos++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            p->pos++;
        } else {
            break;
        }
    }
    return p->pos != from;
}

/* How many bytes at the beginning match the shape: 9 stands for a digit. */
static bool has_shape(kd_str s, const char *shape) {
    size_t n = strlen(shape);
    if (s.n < n) return false;
    for (size_t i = 0; i < n; i++)
        if (shape[i] == '9' ? !is_digit(s.p[i]) : s.p[i] != shape[i]) return false;
    return s.n == n || !is_name(s.p[n]);
}

/* A number with two dashes and numbers after it was to be a date. */
static uint32_t date_like(kd_str s) {
    uint32_t i = 0;
    for (int part = 0; part < 3; part++) {
        uint32_t digits = 0;
        while (i < s.n && is_digit(s.p[i])) i++, digits++;
        if (digits == 0 || (part == 0 && digits != 4) || (part > 0 && digits > 2)) return 0;
        if (part < 2 && (i >= s.n || s.p[i++] != '-')) return 0;
    }
    return i;
}

static void lex_number(kd_token *t, kd_str s) {
    uint32_t n = 0;
    if (has_shape(s, "9999-99-99T99:99:99Z")) {
        t->kind = TOK_INSTANT;
        n = 20;
        if (!kd_instant_parse((kd_str){s.p, n}, &t->number)) t->bad = "there is no such day or hour";
    } else if (has_shape(s, "9999-99-99")) {
        kd_day day = 0;
        t->kind = TOK_DATE;
        n = 10;
        if (kd_day_parse((kd_str){s.p, n}, &day))
            t->number = kd_day_begin(day);
        else
            t->bad = "there is no such day";
    } else if ((n = date_like(s)) != 0) {
        t->kind = TOK_DATE;
        while (n < s.n && (is_name(s.p[n]) || s.p[n] == ':')) n++;
        t->bad = "a date is written as 2018-02-05, an instant as 2018-02-05T10:00:00Z";
    } else {
        t->kind = TOK_INT;
        while (n < s.n && is_digit(s.p[n])) n++;
        if (!kd_decimal((kd_str){s.p, n}, &t->number)) {
            bool zero = s.p[0] == '0';
            t->bad = zero ? "a number is written without zeros before it"
                          : "a number is at most 2^63-1, 9223372036854775807";
        }
        if (n < s.n && s.p[n] == '_') {
            while (n < s.n && is_name(s.p[n])) n++;
            t->bad = "a number is digits alone, without `_`";
        }
    }
    t->at.bytes = n;
}

/* "..." on one line; \" and \\ are the only escapes. */
static void lex_string(kd_parser *p, kd_token *t, kd_str s) {
    uint32_t i = 1, escapes = 0;
    bool wrong = false;
    t->kind = TOK_STRING;
    while (i < s.n && s.p[i] != '"' && s.p[i] != '\n') {
        if (s.p[i] == '\\') {
            bool fine = i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\');
            if (!fine) {
                kd_place at = {p->source, p->line, p->pos + i, 1};
                kd_diagnose(p->f, at, "only \\\" and \\\\ are escapes in a string");
                wrong = true;
            } else {
                escapes++;
                i++;
            }
        }
        i++;
    }
    bool closed = i < s.n && s.p[i] == '"';
    t->at.bytes = closed ? i + 1 : i;
    if (!closed) {
        while (t->at.bytes > 1 && s.p[t->at.bytes - 1] == '\r') t->at.bytes--;
        kd_diagnose(p->f, t->at, "this string is not closed on its line");
    }
    t->text = (kd_str){s.p + 1, i - 1};
    if (escapes == 0 || wrong || p->f->nomem) return;
    char *plain = kd_arena_take(p->f->arena, i);
    if (!plain) {
        p->f->nomem = true;
        return;
    }
    size_t n = 0;
    for (uint32_t k = 1; k < i; k++) {
        if (s.p[k] == '\\') k++;
        plain[n++] = s.p[k];
    }
    t->text = (kd_str){plain, n};
}

/* Letters outside the Latin ones, and whatever else no word begins with: told once for a run of them. */
static void skip_strange(kd_parser *p, kd_str s) {
    uint32_t point = 0, n = kd_utf8_next(s.p, s.n, &point);
    kd_place at = {p->source, p->line, p->pos, n ? n : 1};
    if (point < 0x80) {
        while (at.bytes < s.n && s.p[at.bytes] == s.p[0]) at.bytes++;
        kd_diagnose(p->f, at,
                    point < 0x20 || point == 0x7F ? "a control character (0x%02X) has no place here"
                                                  : "the sign `%c` has no meaning here",
                    (int)point);
    } else {
        uint32_t length;
        while (at.bytes < s.n && (length = kd_utf8_next(s.p + at.bytes, s.n - at.bytes, &point)) > 1)
            at.bytes += length;
        kd_diagnose(p->f, at,
                    "names are made of Latin letters, digits and `_`; other letters stand in strings alone");
    }
    p->pos += at.bytes;
    p->fresh = false;
    p->broken = true;
}

static int two_signs(kd_str s) {
    static const struct {
        char text[3];
        int kind;
    } pairs[] = {{":=", TOK_DEFINE}, {"!=", TOK_NE}, {"<=", TOK_LE}, {">=", TOK_GE}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (kd_str_starts(s, pairs[i].text)) return pairs[i].kind;
    return 0;
}

static kd_token lex(kd_parser *p) {
    kd_token t = {.kind = TOK_END, .at = {p->source, p->line, p->pos, 0}};
    while (p->block < p->block_count && !p->f->nomem) {
        bool blank = skip(p);
        kd_str s = rest_of(p);
        t.at = (kd_place){p->source, p->line, p->pos, 1};
        t.first = p->fresh;
        t.joined = !blank && !p->fresh;
        if (s.n == 0) {
            if (!p->broke) {
                p->broke = true;
                t.kind = TOK_BREAK;
                t.first = true;
                t.at.bytes = 0;
                return t;
            }
            p->broke = false;
            if (++p->block < p->block_count) {
                p->pos = p->blocks[p->block].begin;
                p->line = p->blocks[p->block].line;
                p->fresh = true;
            }
            continue;
        }
        if (is_letter(s.p[0])) {
            t.kind = TOK_NAME;
            while (t.at.bytes < s.n && is_name(s.p[t.at.bytes])) t.at.bytes++;
        } else if (is_digit(s.p[0])) {
            lex_number(&t, s);
        } else if (s.p[0] == '"') {
            lex_string(p, &t, s);
        } else if (two_signs(s)) {
            t.kind = two_signs(s);
            t.at.bytes = 2;
        } else if (s.p[0] && strchr("(){}[],:.|=<>+-*?_/", s.p[0])) {
            t.kind = (unsigned char)s.p[0];
        } else {
            skip_strange(p, s);
            continue;
        }
        if (t.kind != TOK_STRING) t.text = (kd_str){s.p, t.at.bytes};
        p->pos += t.at.bytes;
        p->fresh = false;
        return t;
    }
    t.kind = TOK_END;
    t.first = true;
    return t;
}

void kd_advance(kd_parser *p) {
    p->last = p->tok[0].at;
    for (int i = 0; i + 1 < KD_FORESIGHT; i++) p->tok[i] = p->tok[i + 1];
    p->tok[KD_FORESIGHT - 1] = lex(p);
    if (p->f->nomem)
        for (int i = 0; i < KD_FORESIGHT; i++)
            p->tok[i] = (kd_token){.kind = TOK_END, .first = true, .at = p->last};
}

void kd_lex_open(kd_parser *p) {
    p->pos = p->block_count ? p->blocks[0].begin : 0;
    p->line = p->block_count ? p->blocks[0].line : 1;
    p->fresh = true;
    p->last = (kd_place){p->source, p->line, p->pos, 0};
    for (int i = 0; i < KD_FORESIGHT; i++) p->tok[i] = lex(p);
}

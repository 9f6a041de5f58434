/* mfotl_pattern.c: regular expressions of OCaml's Str in the syntax of PCRE2. */
#include "lang/mfotl_functions.h"
#include <string.h>

/* Str is the older tradition: a backslash makes ( ) | special and * plain, and sets know no backslash.
 *
 *      Str       a\(b\|c\)*[^"]$     (x)      a*?
 *      PCRE2     a(b|c)*[^\x22](?![^\n])   \(x\)    a*       what follows a repetition repeats it
 *
 * Whatever is not a letter or digit is written as \xHH, so that nothing gains a meaning on the way. */
typedef struct translation {
    kd_str in;
    size_t at;
    kd_text *out;
    unsigned groups, open;
} translation;

enum { GROUPS_MAX = 200 };

static void put_byte(kd_text *out, unsigned char c) {
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain) {
        kd_text_putc(out, (char)c);
    } else {
        kd_text_printf(out, "\\x%02X", c);
    }
}

/* A set whose `[` has been read. `]` is itself when it comes first, `-` at either end. */
static bool put_set(translation *t, const char **complaint) {
    kd_str in = t->in;
    size_t i = t->at, members = 0;
    bool others = i < in.n && in.p[i] == '^';
    i += others;
    kd_text_puts(t->out, others ? "[^" : "[");
    for (bool first = true; i < in.n && (first || in.p[i] != ']'); first = false) {
        unsigned char low = (unsigned char)in.p[i++], high = low;
        bool range = i + 1 < in.n && in.p[i] == '-' && in.p[i + 1] != ']';
        if (range) {
            high = (unsigned char)in.p[i + 1];
            i += 2;
        }
        if (high < low) continue; /* an empty range holds nothing */
        members++;
        put_byte(t->out, low);
        if (!range) continue;
        kd_text_putc(t->out, '-');
        put_byte(t->out, high);
    }
    if (i >= in.n) {
        *complaint = "a `[` that is not closed";
        return false;
    }
    if (t->out->failed) return false;
    /* A set of nothing would take the `]` as its member. */
    if (members) {
        kd_text_putc(t->out, ']');
    } else {
        t->out->n -= others ? 2 : 1;
        kd_text_puts(t->out, others ? "[\\x00-\\xFF]" : "(?!)");
    }
    t->at = i + 1;
    return true;
}

/* Letters as Str has them: those of Latin-1 too. */
#define LETTERS "[0-9A-Za-z_\\xAA\\xBA\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\xFF]"

typedef enum piece { PIECE_ATOM, PIECE_BEGIN, PIECE_BAD } piece;

static piece put_escape(translation *t, const char **complaint) {
    if (t->at == t->in.n) {
        put_byte(t->out, '\\');
        return PIECE_ATOM;
    }
    char c = t->in.p[t->at++];
    if (c == '(') {
        if (++t->groups > GROUPS_MAX) {
            *complaint = "more than 200 groups";
            return PIECE_BAD;
        }
        t->open++;
        kd_text_putc(t->out, '(');
        return PIECE_BEGIN;
    }
    if (c == ')') {
        if (t->open == 0) {
            *complaint = "a `\\)` without its `\\(`";
            return PIECE_BAD;
        }
        t->open--;
        kd_text_putc(t->out, ')');
    } else if (c == '|') {
        kd_text_putc(t->out, '|');
        return PIECE_BEGIN;
    } else if (c == 'b') {
        kd_text_puts(t->out, "(?:(?<=" LETTERS ")(?!" LETTERS ")|(?<!" LETTERS ")(?=" LETTERS "))");
    } else if (c >= '1' && c <= '9') {
        kd_text_printf(t->out, "\\g{%c}", c);
    } else {
        put_byte(t->out, (unsigned char)c);
    }
    return PIECE_ATOM;
}

static piece put_piece(translation *t, const char **complaint) {
    char c = t->in.p[t->at++];
    switch (c) {
    case '\\':
        return put_escape(t, complaint);
    case '[':
        return put_set(t, complaint) ? PIECE_ATOM : PIECE_BAD;
    case '.':
        kd_text_puts(t->out, "[^\\n]");
        return PIECE_ATOM;
    case '^':
        kd_text_puts(t->out, "(?<![^\\n])");
        return PIECE_ATOM;
    case '$':
        kd_text_puts(t->out, "(?![^\\n])");
        return PIECE_ATOM;
    default: /* also * + ? where there is nothing to repeat */
        put_byte(t->out, (unsigned char)c);
        return PIECE_ATOM;
    }
}

/* The repetitions behind an atom: several together are one of them, never the lazy or possessive ones that they
 * would be in PCRE2. */
static void put_repetitions(translation *t) {
    char what = 0;
    for (; t->at < t->in.n; t->at++) {
        char c = t->in.p[t->at];
        if (c != '*' && c != '+' && c != '?') break;
        what = what == 0 || what == c ? c : '*';
    }
    if (what) kd_text_putc(t->out, what);
}

bool mf_pattern_translate(kd_str pattern, kd_text *out, unsigned *groups, const char **complaint) {
    translation t = {.in = pattern, .out = out};
    *complaint = NULL;
    while (t.at < pattern.n) {
        piece p = put_piece(&t, complaint);
        if (p == PIECE_BAD) return false;
        if (p == PIECE_ATOM) put_repetitions(&t);
    }
    if (t.open) {
        *complaint = "a `\\(` that is not closed";
        return false;
    }
    *groups = t.groups;
    return !out->failed;
}

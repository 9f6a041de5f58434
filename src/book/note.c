/* note.c: signed notes: text, an empty line, signature lines. */
#include "book/inside.h"
#include <string.h>

/* The em dash and the blank that begin a signature line. */
static const char dash[] = "\xE2\x80\x94 ";
#define DASH_BYTES (sizeof dash - 1)

void kd_book_place(kd_str bytes, size_t offset, kd_error *e) {
    if (!e) return;
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < offset && i < bytes.n; i++) {
        if (bytes.p[i] == '\n')
            line++, column = 1;
        else if (((unsigned char)bytes.p[i] & 0xC0) != 0x80)
            column++;
    }
    kd_error_place(e, NULL, line, column);
}

kd_status kd_book_check_bytes(kd_str bytes, kd_error *e) {
    for (size_t i = 0; i < bytes.n;) {
        unsigned char c = (unsigned char)bytes.p[i];
        if ((c >= 0x20 && c < 0x80) || c == '\n') {
            i++;
            continue;
        }
        kd_book_place(bytes, i, e);
        if (c < 0x20) return kd_fail(e, KD_INVALID, "control_character", "byte 0x%02x is not allowed", c);
        unsigned length = kd_utf8_next(bytes.p + i, bytes.n - i, NULL);
        if (length == 0) return kd_fail(e, KD_INVALID, "not_utf8", "byte 0x%02x is not UTF-8 here", c);
        i += length;
    }
    if (e) kd_error_place(e, NULL, 0, 0);
    return KD_OK;
}

/* The offset of the last two LF in a row, or -1. */
static ptrdiff_t find_separator(kd_str bytes) {
    for (size_t i = bytes.n; i >= 2; i--)
        if (bytes.p[i - 1] == '\n' && bytes.p[i - 2] == '\n') return (ptrdiff_t)(i - 2);
    return -1;
}

/* Reads one signature line, given without its LF. */
static kd_status parse_line(kd_arena *arena, kd_str line, kd_note_line *out, kd_error *e) {
    kd_str rest = {"", 0};
    if (kd_str_starts(line, dash)) rest = (kd_str){line.p + DASH_BYTES, line.n - DASH_BYTES};
    const char *blank = rest.n ? memchr(rest.p, ' ', rest.n) : NULL;
    if (!blank)
        return kd_fail(e, KD_INVALID, "bad_signature_line",
                       "a signature line is an em dash, a blank, a name, a blank and base64");
    kd_str name = {rest.p, (size_t)(blank - rest.p)};
    if (!kd_key_name_valid(name))
        return kd_fail(e, KD_INVALID, "bad_key_name",
                       "the signature line's key name is empty, too long or has a "
                       "blank or `+` in it");
    kd_str letters = {blank + 1, rest.n - name.n - 1};
    unsigned char *blob = kd_arena_take(arena, letters.n / 4 * 3 + 4);
    if (!blob) return kd_fail_nomem(e);
    long n = kd_base64_decode(letters, blob, letters.n / 4 * 3 + 4);
    if (n < 0) return kd_fail(e, KD_INVALID, "bad_base64", "the signature is not base64");
    if (n < 5)
        return kd_fail(e, KD_INVALID, "short_signature", "a signature has at least 5 bytes, this one %ld", n);
    out->line = (kd_str){line.p, line.n + 1};
    out->name = name;
    memcpy(out->id, blob, sizeof out->id);
    out->signature = (kd_str){(const char *)blob + sizeof out->id, (size_t)n - sizeof out->id};
    return KD_OK;
}

static size_t count_lines(kd_str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) count += s.p[i] == '\n';
    return count;
}

kd_status kd_note_parse(kd_arena *arena, kd_str bytes, kd_note *out, kd_error *e) {
    if (bytes.n > KD_NOTE_MAX_BYTES)
        return kd_fail(e, KD_INVALID, "too_long", "a note has at most %d bytes, this one %zu",
                       KD_NOTE_MAX_BYTES, bytes.n);
    kd_status status = kd_book_check_bytes(bytes, e);
    if (status) return status;
    if (bytes.n == 0 || bytes.p[bytes.n - 1] != '\n')
        return kd_fail(e, KD_INVALID, "no_final_newline", "the last line does not end");
    ptrdiff_t separator = find_separator(bytes);
    if (separator < 0)
        return kd_fail(e, KD_INVALID, "no_separator", "no empty line stands between text and signatures");
    kd_str text = {bytes.p, (size_t)separator + 1};
    kd_str rest = {bytes.p + separator + 2, bytes.n - (size_t)separator - 2};
    if (rest.n == 0) return kd_fail(e, KD_INVALID, "no_signatures", "nothing is signed: no signature line");
    size_t count = count_lines(rest);
    if (count > KD_NOTE_MAX_LINES)
        return kd_fail(e, KD_INVALID, "too_many_signatures",
                       "at most %d signature lines are read, here are %zu", KD_NOTE_MAX_LINES, count);
    kd_note_line *lines = kd_arena_array(arena, count, sizeof *lines);
    if (!lines) return kd_fail_nomem(e);
    kd_cursor cursor = kd_cursor_of(rest.p, rest.n);
    uint32_t first = (uint32_t)count_lines(text) + 2;
    for (size_t i = 0; i < count; i++) {
        kd_str line;
        kd_cursor_line(&cursor, &line);
        status = parse_line(arena, line, &lines[i], e);
        if (status) {
            if (status == KD_INVALID) kd_error_place(e, NULL, first + (uint32_t)i, 1);
            return status;
        }
    }
    *out = (kd_note){text, lines, count};
    return KD_OK;
}

kd_str kd_book_first_line(kd_str text) {
    const char *lf = text.n ? memchr(text.p, '\n', text.n) : NULL;
    return lf ? (kd_str){text.p, (size_t)(lf - text.p)} : text;
}

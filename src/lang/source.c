/* source.c: the blocks of a Markdown file that are meant for the machine. */
#include "lang/front.h"
#include <string.h>

const char *kd_source_word(const kd_source *s) {
    return s->kind == KD_SOURCE_MESSAGES ? "messages" : s->kind == KD_SOURCE_RECORD ? "record" : "treaty";
}

/* A line that opens or closes a fence: how many backquotes, and the first word after them. */
typedef struct fence {
    size_t ticks;
    kd_str word, rest;
} fence;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static fence fence_of(kd_str line) {
    fence x = {0};
    size_t i = 0;
    while (i < line.n && i < 3 && line.p[i] == ' ') i++;
    while (i + x.ticks < line.n && line.p[i + x.ticks] == '`') x.ticks++;
    i += x.ticks;
    while (i < line.n && is_blank(line.p[i])) i++;
    x.rest = (kd_str){line.p + i, line.n - i};
    while (x.rest.n && is_blank(x.rest.p[x.rest.n - 1])) x.rest.n--;
    x.word = (kd_str){x.rest.p, 0};
    while (x.word.n < x.rest.n && !is_blank(x.rest.p[x.word.n])) x.word.n++;
    return x;
}

/* A word that is nearly the block's own is a slip, and would leave rules unread. */
static bool is_slip(kd_str word, const char *wanted) {
    return word.n > 2 && kd_str_distance(word, kd_str_of(wanted), 3) < 3;
}

static bool check_bytes(kd_front *f, uint32_t source) {
    const kd_source *s = kd_front_source(f, source);
    kd_place at = {source, 1, 0, 0};
    if (s->bytes.n > KD_SOURCE_BYTES_MAX) {
        kd_diagnose(f, at, "the file has %zu bytes; at most %zu (16 MiB) are read", s->bytes.n,
                    KD_SOURCE_BYTES_MAX);
        return false;
    }
    size_t good = kd_utf8_check(s->bytes);
    if (good == s->bytes.n) return true;
    for (size_t i = 0; i < good; i++) at.line += s->bytes.p[i] == '\n';
    at.offset = (uint32_t)good;
    at.bytes = 1;
    kd_diagnose(f, at, "the byte 0x%02X is not UTF-8; the file must be UTF-8",
                (unsigned char)s->bytes.p[good]);
    return false;
}

bool kd_source_blocks(kd_front *f, uint32_t source, kd_block **blocks, size_t *count) {
    const kd_source *s = kd_front_source(f, source);
    const char *wanted = kd_source_word(s);
    *count = 0;
    if (!check_bytes(f, source)) return false;
    fence open = {0};
    kd_place open_at = {0};
    bool ours = false, slipped = false;
    uint32_t line_number = 0, begin = 0;
    for (size_t at = 0; at < s->bytes.n;) {
        const char *newline = memchr(s->bytes.p + at, '\n', s->bytes.n - at);
        size_t end = newline ? (size_t)(newline - s->bytes.p) : s->bytes.n;
        fence here = fence_of((kd_str){s->bytes.p + at, end - at});
        line_number++;
        if (open.ticks == 0 && here.ticks >= 3 && !memchr(here.rest.p, '`', here.rest.n)) {
            open = here;
            open_at = (kd_place){source, line_number, (uint32_t)at, (uint32_t)(end - at)};
            ours = kd_str_is(here.word, wanted);
            begin = (uint32_t)(newline ? end + 1 : end);
            if (!ours && is_slip(here.word, wanted)) {
                kd_place word = {source, line_number, (uint32_t)(here.word.p - s->bytes.p),
                                 (uint32_t)here.word.n};
                kd_str name = kd_str_of(wanted);
                kd_diagnose_near(f, word, here.word, &name, 1, "unknown block `%.*s`",
                                 KD_STR_ARGS(here.word));
                ours = slipped = true;
            }
        } else if (open.ticks && here.ticks >= open.ticks && here.rest.n == 0) {
            if (ours) {
                kd_block *b = kd_front_push(f, blocks, count, sizeof **blocks);
                *b = (kd_block){begin, (uint32_t)at, open_at.line + 1};
            }
            open = (fence){0};
        }
        at = newline ? end + 1 : end;
    }
    if (open.ticks) {
        kd_diagnose(f, open_at, "this fence is not closed: a line of at least %zu backquotes is missing",
                    open.ticks);
        if (ours) {
            kd_block *b = kd_front_push(f, blocks, count, sizeof **blocks);
            *b = (kd_block){begin, (uint32_t)s->bytes.n, open_at.line + 1};
        }
    } else if (*count == 0 && !slipped) {
        kd_diagnose(f, (kd_place){source, 1, 0, 0}, "no block marked `%s` in this file", wanted);
    }
    return true;
}

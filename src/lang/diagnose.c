/* diagnose.c: mistakes, where they are, and what may have been meant. */
#include "lang/front.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const kd_source *kd_front_source(const kd_front *f, uint32_t source) {
    return source == KD_PLACE_PRELUDE ? &f->prelude : &f->sources[source];
}

static size_t code_points(const char *p, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; count++) {
        unsigned length = kd_utf8_next(p + i, n - i, NULL);
        i += length ? length : 1;
    }
    return count;
}

static uint32_t clip(size_t n) {
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* Line, column and the line's text of a place. */
static void locate(const kd_front *f, kd_place at, kd_diagnostic *d) {
    const kd_source *s = kd_front_source(f, at.source);
    d->file = s->name;
    d->line = at.line;
    size_t offset = at.offset < s->bytes.n ? at.offset : s->bytes.n;
    size_t begin = offset, end = offset;
    while (begin > 0 && s->bytes.p[begin - 1] != '\n') begin--;
    while (end < s->bytes.n && s->bytes.p[end] != '\n') end++;
    d->source_line = (kd_str){s->bytes.p + begin, end - begin};
    if (d->source_line.n && s->bytes.p[end - 1] == '\r') d->source_line.n--;
    d->column = clip(code_points(s->bytes.p + begin, offset - begin) + 1);
    size_t bytes = at.bytes < end - offset ? at.bytes : end - offset;
    size_t length = code_points(s->bytes.p + offset, bytes);
    d->length = clip(length ? length : 1);
}

static kd_diagnostic *next(kd_front *f, kd_place at, const char *format, va_list args) {
    kd_diagnostics *all = f->diagnostics;
    if (all->count >= KD_DIAGNOSTICS_KEPT) {
        all->left_out++;
        return NULL;
    }
    char message[512];
    vsnprintf(message, sizeof message, format, args);
    /* What was cut short may end inside a character. */
    message[kd_utf8_check((kd_str){message, strlen(message)})] = '\0';
    char *copy = f->nomem ? NULL : kd_arena_copy(f->arena, message, strlen(message));
    if (!copy) {
        f->nomem = true;
        return NULL;
    }
    kd_diagnostic *d = kd_front_push(f, &all->items, &all->count, sizeof *all->items);
    if (f->nomem) return NULL;
    locate(f, at, d);
    d->message = kd_str_of(copy);
    d->suggestion = KD_STR("");
    return d;
}

void kd_diagnose(kd_front *f, kd_place at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    next(f, at, format, args);
    va_end(args);
}

void kd_diagnose_hint(kd_front *f, kd_place at, kd_str hint, const char *format, ...) {
    va_list args;
    va_start(args, format);
    kd_diagnostic *d = next(f, at, format, args);
    va_end(args);
    if (d) d->suggestion = hint;
}

void kd_diagnose_near(kd_front *f, kd_place at, kd_str met, const kd_str *names, size_t count,
                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    kd_diagnostic *d = next(f, at, format, args);
    va_end(args);
    int nearest = d ? kd_str_nearest(met, names, count) : -1;
    if (nearest >= 0) d->suggestion = kd_front_format(f, "did you mean `%.*s`?", KD_STR_ARGS(names[nearest]));
}

/* By file, in the order in which the files were given (their names' pointers tell), line and column; what
 * was found first at one place stays first. Insertion: there are at most a hundred. */
void kd_diagnostics_sort(kd_front *f) {
    kd_diagnostic *d = f->diagnostics->items;
    size_t order[KD_DIAGNOSTICS_KEPT];
    for (size_t i = 0; i < f->diagnostics->count; i++) {
        order[i] = f->source_count;
        for (size_t s = 0; s < f->source_count && order[i] == f->source_count; s++)
            if (d[i].file.p == f->sources[s].name.p) order[i] = s;
        kd_diagnostic one = d[i];
        size_t rank = order[i], j = i;
        for (; j > 0; j--) {
            const kd_diagnostic *b = &d[j - 1];
            bool later = order[j - 1] != rank  ? order[j - 1] > rank
                         : b->line != one.line ? b->line > one.line
                                               : b->column > one.column;
            if (!later) break;
            d[j] = d[j - 1];
            order[j] = order[j - 1];
        }
        d[j] = one;
        order[j] = rank;
    }
}

/* ---- As text --------------------------------------------------------------------------------------------*/

#define WINDOW 100 /* code points of a long line that are shown before and after its mistake */

/* Control characters would move the cursor, or worse. */
static void put_char(kd_text *out, const char *p, unsigned length, uint32_t point) {
    if (length == 0 || point < 0x20 || (point >= 0x7F && point < 0xA0))
        kd_text_puts(out, point == '\t' ? "\t" : "\xEF\xBF\xBD");
    else
        kd_text_put(out, (kd_str){p, length});
}

void kd_diagnostic_put(kd_text *out, const kd_diagnostic *d) {
    kd_text_printf(out, "%.*s:%u:%u: error: %.*s\n", KD_STR_ARGS(d->file), (unsigned)d->line,
                   (unsigned)d->column, KD_STR_ARGS(d->message));
    kd_str line = d->source_line;
    size_t first = d->column > WINDOW ? d->column - WINDOW : 1, last = (size_t)d->column + WINDOW;
    kd_text caret;
    kd_text_open(&caret, out->from);
    kd_text_puts(out, first > 1 ? "  ..." : "  ");
    kd_text_puts(&caret, first > 1 ? "     " : "  ");
    size_t column = 1;
    for (size_t i = 0; i < line.n && column <= last; column++) {
        uint32_t point = 0;
        unsigned length = kd_utf8_next(line.p + i, line.n - i, &point);
        if (column >= first) {
            put_char(out, line.p + i, length, point);
            size_t width = kd_utf8_width((kd_str){line.p + i, length ? length : 1});
            if (column < d->column)
                kd_text_repeat(&caret, point == '\t' ? '\t' : ' ', point == '\t' ? 1 : width);
        }
        i += length ? length : 1;
    }
    kd_text_putc(out, '\n');
    kd_text_put(out, kd_text_str(&caret));
    kd_text_repeat(out, '^', d->length < WINDOW ? d->length : WINDOW);
    kd_text_putc(out, '\n');
    if (d->suggestion.n) kd_text_printf(out, "  %.*s\n", KD_STR_ARGS(d->suggestion));
    if (caret.failed) out->failed = true;
    kd_text_close(&caret);
}

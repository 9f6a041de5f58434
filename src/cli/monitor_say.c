/* monitor_say.c: what `kadesh monitor` says on stderr: errors with their line, warnings, figures at the end. */
#include "cli/monitor_run.h"
#include <errno.h>
#include <kadesh/store.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW_COLUMNS = 100, BEFORE_CARET = 60 };

/* The line of `text` at which an error lies: where it begins, and in which of its columns. */
static kd_str line_of(const kd_error *e, kd_str text, uint32_t line, uint32_t column, uint32_t *caret) {
    const char *p = text.p, *end = text.p + text.n;
    if (e->line < line) return (kd_str){p, 0};
    for (uint32_t skip = e->line - line; skip; skip--) {
        const char *next = memchr(p, '\n', (size_t)(end - p));
        if (!next) return (kd_str){p, 0};
        p = next + 1;
    }
    uint32_t first = e->line == line ? column : 1;
    if (e->column < first) return (kd_str){p, 0};
    *caret = e->column - first;
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    return (kd_str){p, (size_t)((stop ? stop : end) - p)};
}

/* Moves the line's begin so that the caret's column is in the window. */
static kd_str window(kd_str line, uint32_t *caret, bool *cut) {
    uint32_t drop = *caret > BEFORE_CARET ? *caret - BEFORE_CARET : 0;
    *cut = drop > 0;
    *caret -= drop;
    while (line.n && drop) {
        uint32_t point;
        unsigned length = kd_utf8_next(line.p, line.n, &point);
        line.p += length ? length : 1;
        line.n -= length ? length : 1;
        drop--;
    }
    return line;
}

static void put_excerpt(kd_call *call, kd_str line, uint32_t caret) {
    kd_text *out = &call->err;
    bool cut;
    line = window(line, &caret, &cut);
    kd_text under;
    kd_text_open(&under, call->from);
    kd_text_puts(out, cut ? "  ..." : "  ");
    kd_text_puts(&under, cut ? "     " : "  ");
    for (size_t i = 0, column = 0; i < line.n && column < WINDOW_COLUMNS; column++) {
        uint32_t point;
        unsigned length = kd_utf8_next(line.p + i, line.n - i, &point);
        bool odd = length == 0 || (point < 0x20 && point != '\t') || point == 0x7f;
        kd_str piece = odd ? KD_STR("?") : (kd_str){line.p + i, length};
        kd_text_put(out, piece);
        if (column < caret)
            kd_text_puts(&under, length && point == '\t' ? "\t" : kd_utf8_width(piece) ? " " : "");
        i += length ? length : 1;
    }
    kd_text_putc(out, '\n');
    kd_text_put(out, kd_text_str(&under));
    kd_text_puts(out, "^\n");
    kd_text_close(&under);
}

void monitor_say_error(kd_call *call, const kd_error *e, kd_str text, uint32_t line, uint32_t column) {
    kd_text *out = &call->err;
    kd_put_error(out, e);
    if (!e->line || !e->column) return;
    uint32_t caret = 0;
    kd_str found = line_of(e, text, line, column, &caret);
    if (found.n) put_excerpt(call, found, caret);
}

void monitor_say_now(kd_call *call) {
    kd_str left = kd_text_str(&call->err);
    while (left.n) {
        ssize_t wrote = write(STDERR_FILENO, left.p, left.n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) break; /* nobody is left to be told */
        left.p += wrote;
        left.n -= (size_t)wrote;
    }
    kd_text_clear(&call->err);
}

void monitor_warning(void *ctx, const kd_error *what) {
    monitor_run *r = ctx;
    kd_text *out = &r->call->err;
    kd_progress_end(r->call);
    kd_text_puts(out, "kadesh: warning: ");
    if (what->file[0]) kd_text_printf(out, "%s:%u:%u: ", what->file, what->line, what->column);
    kd_text_printf(out, "%s\n", what->message);
    monitor_say_now(r->call);
}

void monitor_say_stats(monitor_run *r) {
    kd_text *out = &r->call->err;
    kd_engine_stats now = kd_monitor_statistics(r->monitor);
    double seconds = (double)(kd_clock_ns() - r->began_ns) / 1e9;
    kd_text_printf(out, "log bytes        %lld\n", (long long)r->read_bytes);
    kd_text_printf(out, "time points      %llu\n", (unsigned long long)kd_monitor_points(r->monitor));
    kd_text_printf(out, "events taken     %llu\n", (unsigned long long)now.events);
    kd_text_printf(out, "seconds          %.3f\n", seconds);
    kd_text_printf(out, "events a second  %.0f\n", seconds > 0 ? (double)now.events / seconds : 0.0);
    kd_text_printf(out, "rows live        %zu at the end, %zu at most\n", now.live_rows, r->peak_rows);
    kd_text_printf(out, "bytes held       %zu at the end, %zu at most\n", now.bytes, r->peak_bytes);
}

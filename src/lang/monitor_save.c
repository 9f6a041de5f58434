/* monitor_save.c: the state of a monitor as bytes, and back.
 *
 *      "kdmonit2" | points u64 | stamped u8 | at u64 | symbols u32 | (place u32, length u32, bytes) ...
 *          | sum u64 | engine's
 *
 * Numbers are big-endian; `sum` is kd_hash of all before it. The engine's own bytes have a sum of their own and
 * that of the plan. Symbols are those that there are, by ascending place; those of the plan's constants come first, so
 * that those of a monitor just opened on the same formula are a prefix of the ones saved. */
#include "lang/monitor_inside.h"
#include <string.h>

static const char magic[8] = {'k', 'd', 'm', 'o', 'n', 'i', 't', '2'};

static void put_u64(kd_text *out, uint64_t v) {
    for (int i = 7; i >= 0; i--) kd_text_putc(out, (char)(v >> 8 * i & 0xff));
}

static void put_u32(kd_text *out, uint32_t v) {
    for (int i = 3; i >= 0; i--) kd_text_putc(out, (char)(v >> 8 * i & 0xff));
}

static kd_status put_symbols(const kd_monitor *m, kd_text *out) {
    size_t span = kd_symbols_span(m->symbols);
    put_u32(out, (uint32_t)kd_symbols_count(m->symbols));
    for (size_t i = 0; i < span; i++) {
        int64_t symbol = monitor_symbol((uint32_t)i);
        if (!kd_symbol_lives(m->symbols, symbol)) continue;
        kd_str text = kd_symbol_text(m->symbols, symbol);
        if (text.n > UINT32_MAX) return KD_NOMEM;
        put_u32(out, (uint32_t)i);
        put_u32(out, (uint32_t)text.n);
        kd_text_put(out, text);
    }
    return out->failed ? KD_NOMEM : KD_OK;
}

kd_status kd_monitor_save(const kd_monitor *m, kd_put put, void *ctx) {
    if (!m->engine) return KD_USAGE;
    kd_text head;
    kd_text_open(&head, m->from);
    mf_log_position at = mf_log_where(m->log);
    kd_text_put(&head, (kd_str){magic, sizeof magic});
    put_u64(&head, at.points);
    kd_text_putc(&head, at.stamped);
    put_u64(&head, (uint64_t)at.at);
    kd_status s = put_symbols(m, &head);
    if (!s) {
        put_u64(&head, kd_hash(head.p, head.n, 0));
        s = head.failed ? KD_NOMEM : put(ctx, head.p, head.n);
    }
    kd_text_close(&head);
    return s ? s : kd_engine_save(m->engine, put, ctx);
}

static kd_status damaged(kd_error *e, const char *how) {
    return kd_fail(e, KD_INVALID, "state", "this is not the state of a monitor of this formula: %s", how);
}

/* Places that nothing has are made too: so many more than bytes are not believed. */
#define GAPS_MAX ((size_t)1 << 22)

static kd_status read_symbols(kd_monitor *m, kd_cursor *c, kd_error *e) {
    uint32_t count = kd_cursor_u32(c);
    size_t most = GAPS_MAX + 64 * kd_cursor_left(c);
    if (count < kd_symbols_count(m->symbols)) return damaged(e, "constants of the formula are not there");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = kd_cursor_u32(c), length = kd_cursor_u32(c);
        kd_str text = kd_cursor_bytes(c, length);
        if (c->short_read) return damaged(e, "it is cut short");
        if (place > most) return damaged(e, "a symbol's number is too large");
        kd_status s = kd_symbols_put(m->symbols, monitor_symbol(place), text);
        if (s == KD_NOMEM) return kd_fail_nomem(e);
        if (s) return damaged(e, "other constants");
    }
    return KD_OK;
}

/* The length of the head that is followed by its own sum; 0 when there is none. Nothing is changed before that
 * is known to be right. */
static size_t head_length(const void *bytes, size_t n) {
    kd_cursor c = kd_cursor_of(bytes, n);
    kd_str word = kd_cursor_bytes(&c, sizeof magic);
    if (c.short_read || memcmp(word.p, magic, sizeof magic) != 0) return 0;
    kd_cursor_bytes(&c, 17);
    uint32_t count = kd_cursor_u32(&c);
    for (uint32_t i = 0; i < count && !c.short_read; i++) {
        kd_cursor_u32(&c);
        kd_cursor_bytes(&c, kd_cursor_u32(&c));
    }
    size_t length = n - kd_cursor_left(&c);
    uint64_t sum = kd_cursor_u64(&c);
    return !c.short_read && sum == kd_hash(bytes, length, 0) ? length : 0;
}

kd_status kd_monitor_restore(kd_monitor *m, const void *bytes, size_t n, kd_error *e) {
    if (e) *e = (kd_error){0};
    if (!m->engine) return kd_fail(e, KD_USAGE, "monitor", "this formula is not monitored");
    size_t head = head_length(bytes, n);
    if (!head) return damaged(e, "its head is not whole, or of another version");
    kd_cursor c = kd_cursor_of(bytes, n);
    kd_cursor_bytes(&c, sizeof magic);
    mf_log_position at = {.points = kd_cursor_u64(&c)};
    kd_str stamped = kd_cursor_bytes(&c, 1);
    at.stamped = stamped.n && stamped.p[0];
    at.at = (kd_instant)kd_cursor_u64(&c);
    kd_status s = read_symbols(m, &c, e);
    if (s) return s;
    kd_engine *restored = NULL;
    kd_engine_options options = monitor_engine_options(m);
    const unsigned char *p = bytes;
    s = kd_engine_load(m->plan, &options, p + head + 8, n - head - 8, &restored, e);
    if (s) return s;
    kd_engine_close(m->engine);
    m->engine = restored;
    mf_log_resume(m->log, at);
    return KD_OK;
}

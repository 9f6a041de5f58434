/* mfotl_log_fast.c: the reader of logs, the fast way: events and time points as programs write them.
 *
 * What costs is not the bytes but the guesses of where a number, a text, a time point ends, each of which goes
 * wrong one time in a few. So ends are found by comparing many bytes at once: see mfotl_scan.h. */
#include "lang/mfotl_log_inside.h"
#include "lang/mfotl_scan.h"

/* ---- Values ---------------------------------------------------------------------------------------------*/

/* The quote that ends a text, from p on, where a long one goes on or a backslash is. */
static __attribute__((noinline)) const char *far_quote(const char *p, const char *limit) {
    for (;; p += 2) {
        p = mf_scan_quote(p, limit);
        if (!p || *p == '"') return p;
    }
}

/* Behind a text, bare or quoted. Most end within 16 bytes. */
static inline __attribute__((always_inline)) const char *fast_text(const char *p, const char *limit,
                                                                   kd_str *text) {
    if (*p == '"') {
        const char *q = mf_scan_near_quote(++p);
        if (__builtin_expect(*q != '"', 0) && !(q = far_quote(q, limit))) return NULL;
        *text = (kd_str){p, (size_t)(q - p)};
        return q + 1;
    }
    const char *q = mf_scan_word(p, limit);
    if (!q || q == p) return NULL;
    *text = (kd_str){p, (size_t)(q - p)};
    return q;
}

/* A decimal of at most 8 digits before the point and 7 after: with at most 15 in all, one division is exact
 * enough to be rounded right. */
static const char *fast_float(const char *p, kd_value *out) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    bool minus = *p == '-';
    p += minus;
    if (*p == '-') return NULL;
    int64_t whole, part = 0;
    const char *q = mf_scan_int(p, &whole);
    if (!q || q - p > 8) return NULL;
    long places = 0;
    if (*q == '.') {
        const char *r = q + 1;
        if (*r == '-') return NULL;
        q = mf_scan_int(r, &part);
        if (!q || (places = q - r) > 7) return NULL;
    }
    double d = ((double)whole * powers[places] + (double)part) / powers[places];
    *out = mf_float_value(minus ? -d : d);
    return q;
}

static inline __attribute__((always_inline)) const char *fast_int(const char *p, kd_value *out) {
    bool odd;
    const char *q = mf_scan_plain_int(p, out, &odd);
    return __builtin_expect(odd, 0) ? mf_scan_int(p, out) : q;
}

/* fast_fields of a predicate whose fields are integers all. */
static inline const char *fast_ints(mf_log *l, const log_predicate *d, const char *p, const char *limit) {
    log_field *f = l->fields, *last = f + d->arity - 1;
    for (; p < limit; p++, f++) {
        bool odd;
        const char *q = mf_scan_plain_int(p, &f->value, &odd);
        if (__builtin_expect(odd, 0) && !(q = mf_scan_int(p + (*p == ' '), &f->value))) return NULL;
        p = q;
        if (f == last) return *p == ')' ? p + 1 : NULL;
        if (*p != ',') return NULL;
    }
    return NULL;
}

/* fast_fields of a predicate whose fields are texts all, quoted. */
static inline const char *fast_texts(mf_log *l, const log_predicate *d, const char *p, const char *limit) {
    log_field *f = l->fields, *last = f + d->arity - 1;
    for (; p < limit && *p == '"'; p++, f++) {
        p = fast_text(p, limit, &f->text);
        if (!p) return NULL;
        if (f == last) return *p == ')' ? p + 1 : NULL;
        if (*p != ',') return NULL;
    }
    return NULL;
}

/* Behind the fields of which the first is at p, and the `)`, with what they are in l->fields; *missed: the
 * event is of no concern. NULL when they are not as programs write them, or not whole before `limit`. */
static const char *fast_fields(mf_log *l, const log_predicate *d, const char *p, const char *limit,
                               bool *missed) {
    const uint8_t *ops = d->ops;
    log_field *f = l->fields;
    uint32_t last = d->arity - 1;
    if (d->arity == 0) return *p == ')' ? p + 1 : NULL;
    for (uint32_t i = 0; p < limit; i++, f++, p++) {
        if (__builtin_expect(*p == ' ', 0)) p++;
        log_op op = (log_op)ops[i];
        bool fits = true;
        if (op <= LOG_TEXT_IS) {
            p = fast_text(p, limit, &f->text);
            if (p && op == LOG_TEXT_IS) fits = mf_log_same(f->text, d->wanted[i].text);
        } else if (op <= LOG_INT_IS) {
            p = fast_int(p, &f->value);
            if (op == LOG_INT_IS) fits = f->value == d->wanted[i].value;
        } else {
            p = fast_float(p, &f->value);
        }
        if (!p) return NULL;
        if (!fits) {
            ops = d->ops_missed;
            *missed = true;
        }
        if (i == last) return *p == ')' ? p + 1 : NULL;
        if (*p != ',') return NULL;
    }
    return NULL;
}

/* ---- Events ---------------------------------------------------------------------------------------------*/

/* The predicate whose name and `(` stand at p, or NULL. */
static inline log_predicate *fast_name(const mf_log *l, const char *p) {
    uint64_t low = kd_load8(p), high = kd_load8(p + 8);
    log_predicate *d = l->slots[mf_log_slot(l, low)];
    while (((low & d->mask[0]) ^ d->key[0]) | ((high & d->mask[1]) ^ d->key[1])) d = d->next;
    return d->declared ? d : NULL;
}

#ifdef __SSE2__
/* Behind `count` fields from p on and their `)`, of which nothing is wanted; they end within `span` (32 or
 * 64) bytes and have no backslash. NULL: they do not, or are not as programs write them. */
static inline __attribute__((always_inline)) const char *skip_marked(const char *p, uint32_t count,
                                                                     unsigned span) {
    mf_marks marks = mf_scan_marks(p, span);
    uint64_t left = marks.ends;
    unsigned end = 0, odd = marks.escapes;
    for (uint32_t i = 0; i < count; i++) {
        if (!left) return NULL;
        end = (unsigned)__builtin_ctzll(left);
        left &= left - 1;
        if (i + 1 < count) odd |= (unsigned char)p[end] ^ ',';
    }
    if (odd || p[end] != ')') return NULL;
    /* No field is empty, and each text fills its field. */
    uint64_t whole = (UINT64_C(2) << end) - 1, ends = marks.ends & whole, starts = (ends << 1 | 1) & whole;
    uint64_t begun = marks.quotes & whole & marks.inside, ended = marks.quotes & whole & ~marks.inside;
    return (starts & ends) | (begun & ~starts) | (ended << 1 & ~ends) ? NULL : p + end + 1;
}

/* The same, by a window as wide as the last event of its name needed. */
static const char *fast_skip(log_predicate *d, const char *p) {
    const char *q = d->span <= 32 ? skip_marked(p, d->arity, 32) : NULL;
    if (!q && d->span <= 64) q = skip_marked(p, d->arity, 64);
    return q;
}
#else
static const char *fast_skip(log_predicate *d, const char *p) {
    return NULL;
}
#endif

/* An event of d, of which the first field is at p: behind it. NULL when the careful way has to read it, or
 * to say what l->status is. */
static const char *fast_event(mf_log *l, log_predicate *d, const char *p, const char *limit) {
    bool missed = false;
    const char *q = NULL;
    if (d->skipped) q = fast_skip(d, p);
    if (d->ints) q = fast_ints(l, d, p, limit);
    if (d->texts) q = fast_texts(l, d, p, limit);
    if (!q) q = fast_fields(l, d, p, limit, &missed);
    if (!q) return NULL;
    if (d->skipped) d->span = (size_t)(q - p);
    l->current = d;
    return missed || d->use_count == 0 || mf_log_put(l, d) ? q : NULL;
}

#ifdef __SSE2__
/* Passes on what waits, and makes room for two rows: the second is behind the one that is put. */
static bool make_ready(mf_log *l, kd_batch *b) {
    if (!mf_log_pass(l)) return false;
    if (b->n + 1 < b->room || kd_engine_grow(l->engine, b)) return true;
    l->status = kd_fail_nomem(l->error);
    return false;
}

/* The rows of all uses but the first; none when one has no room: that is *full. Inline, as a call would cost
 * those who never come here the constants that wait in registers. */
static inline __attribute__((always_inline)) bool put_further(const log_predicate *d, __m128i pair,
                                                              kd_batch **full) {
    for (uint32_t i = 1; i < d->use_count; i++) {
        kd_batch *b = d->uses[i].batch;
        if (b->n + 1 < b->room) continue;
        *full = b;
        return false;
    }
    for (uint32_t i = 1; i < d->use_count; i++) {
        kd_batch *b = d->uses[i].batch;
        mf_put_pair(b->rows + b->n++ * b->width, pair, d->uses[i].swapped);
    }
    return true;
}

/* Events of brief predicates from p on: one or two numbers of at most eight digits each. They are read
 * without asking how many numbers there are and how long: what stands where a second one would be is
 * looked at anyway, and a row of one value has it behind it, where the next row goes. Where an event ends
 * depends on its `)` alone, so the next one is begun before this one's values are known. Stops before what
 * it does not understand, or because of *full. */
static inline const char *brief_run(mf_log *l, const char *p, const char *limit, kd_batch **full) {
    log_predicate *last = l->current;
    while (p < limit) {
        __m128i front = mf_load16(p);
        log_predicate *d = l->slots[mf_log_slot(l, kd_load8(p))];
        while (!mf_same16(front, d->mask, d->key)) d = d->next;
        if (!d->brief) break;
        size_t skip = d->skip, end = mf_scan_close(front, p + 16);
        const char *one = p + skip;
        unsigned others = mf_scan_no_digits(one), two = d->two;
        size_t n = (size_t)__builtin_ctz(others), whole = (size_t)__builtin_ctz(others & (others - 1));
        size_t m = (whole - n - 1) & two;
        size_t odd = ((n - 1) | ((m - 1) & two)) >> 3 | ((unsigned char)one[n] ^ d->mark) |
                     ((n + ((whole - n) & two)) ^ (end - skip));
        if (__builtin_expect(odd != 0, 0)) break;
        kd_batch *b = d->batch;
        size_t row = b->n;
        if (__builtin_expect(row + 1 >= b->room || l->pass_count, 0)) {
            *full = b;
            break;
        }
        __m128i pair = mf_read_pair(one + n, (unsigned)n, one + whole, (unsigned)m);
        if (d->more && !put_further(d, pair, full)) break;
        b->n = row + 1;
        mf_put_pair(b->rows + row * b->width, pair, d->swapped);
        last = d;
        p += end + 1;
        p += *p == ' ';
    }
    l->current = last;
    return p;
}

static const char *brief_events(mf_log *l, const char *p, const char *limit) {
    kd_batch *full;
    if (!l->briefs || p - l->bytes < 8) return p; /* digits are read from their end */
    do {
        full = NULL;
        const char *begin = p;
        p = brief_run(l, p, limit, &full);
        l->rows |= p != begin;
    } while (full && make_ready(l, full));
    return p;
}
#else
static const char *brief_events(mf_log *l, const char *p, const char *limit) {
    return p;
}
#endif

/* ---- Time points ----------------------------------------------------------------------------------------*/

/* `@digits` at p, and what follows is no part of the number; NULL otherwise. */
static inline __attribute__((always_inline)) const char *fast_stamp(const char *p, kd_instant *at) {
    const char *q = mf_scan_stamp(p + 1, at);
    return q && (*q == ' ' || *q == ';' || !mf_is_word((unsigned char)*q)) ? q : NULL;
}

/* Time points without events, such as a clock writes, from p on as long as they follow each other; nothing is
 * open, and at the first one there is nothing to do. */
static const char *fast_empty(mf_log *l, const char *p, const char *limit) {
    kd_instant at, last = l->stamped ? l->at : INT64_MIN, before = last, until = l->quiet_until;
    uint64_t count = 0;
    for (const char *q; p < limit && *p == '@'; p = q + 1 + (q[1] == '\n')) {
        q = fast_stamp(p, &at);
        if (!q || *q != ';' || at < last || at >= until) break;
        before = last;
        last = at;
        count++;
    }
    if (!count) return p;
    l->stamped = true;
    l->after_command = l->dropped = false;
    l->points += count;
    l->pass_count += count;
    l->at = l->pass_at = last;
    l->pass_before = before;
    return p;
}

/* ---- All of it ------------------------------------------------------------------------------------------*/

const char *mf_log_fast(mf_log *l, const char *p) {
    if (l->end - p <= MF_MARGIN) return p;
    const char *limit = l->end - MF_MARGIN;
    if (l->skipping || (l->open && l->dropped)) return p;
    while (p < limit) {
        char c = *p;
        if (c == ' ' || c == '\n') {
            p++;
        } else if (c == '@') {
            kd_instant at;
            const char *q = fast_stamp(p, &at);
            if (!q) return p;
            if (l->open && !mf_log_close_point(l)) return p;
            if (l->stamped && at < l->at) return p;
            if (*q == ';' && at < l->quiet_until) {
                p = fast_empty(l, p, limit);
                continue;
            }
            l->begin = p;
            l->after_command = false;
            l->open = l->stamped = true;
            l->dropped = l->rows = false;
            l->at = at;
            p = brief_events(l, q + (*q == ' '), limit);
            if (l->status) return p;
        } else if (!l->open) {
            return p;
        } else if (c == ';') {
            if (!mf_log_close_point(l)) return p;
            p++;
        } else {
            log_predicate *d = c == '(' ? l->current : fast_name(l, p);
            if (!d) return p;
            const char *q = fast_event(l, d, p + (c == '(' ? 1 : d->skip), limit);
            if (!q) return p;
            p = brief_events(l, q + (*q == ' '), limit);
            if (l->status) return p;
        }
    }
    return p;
}

/* mfotl_log.c: the reader of logs, the fast way. */
#include "lang/mfotl_log_inside.h"
#include "lang/mfotl_scan.h"
#include <stdio.h>

/* ---- Names ----------------------------------------------------------------------------------------------*/

static inline const log_predicate *find_key(const mf_log *l, uint64_t low, uint64_t high, size_t length) {
    size_t mask = l->slot_count - 1;
    for (size_t i = (size_t)(mf_log_hash(low, high) >> l->slot_shift);; i++) {
        const log_predicate *d = l->slots[i & mask];
        if (!d || (d->key[0] == low && d->key[1] == high && d->declared->name.n == length)) return d;
    }
}

static void name_key(kd_str name, uint64_t key[2]) {
    char bytes[16] = {0};
    if (name.n) memcpy(bytes, name.p, name.n < 16 ? name.n : 16);
    key[0] = mf_load8(bytes);
    key[1] = mf_load8(bytes + 8);
}

const log_predicate *mf_log_find(const mf_log *l, kd_str name) {
    uint64_t key[2];
    name_key(name, key);
    size_t mask = l->slot_count - 1;
    for (size_t i = (size_t)(mf_log_hash(key[0], key[1]) >> l->slot_shift);; i++) {
        const log_predicate *d = l->slots[i & mask];
        if (!d || kd_str_equal(d->declared->name, name)) return d;
    }
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

static bool same_text(kd_str a, kd_str b) {
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool meets(const mf_log *l, const log_test *t) {
    const log_field *f = &l->fields[t->field];
    if (t->other == UINT32_MAX)
        return t->text ? same_text(f->text, t->wanted.text) : f->value == t->wanted.value;
    const log_field *other = &l->fields[t->other];
    return t->text ? same_text(f->text, other->text) : f->value == other->value;
}

/* A row for an input at the next time point that the engine hears of. */
static inline kd_value *new_row(mf_log *l, const log_use *u) {
    if (l->pass_count && !mf_log_pass(l)) return NULL;
    kd_value *row = kd_batch_put(l->engine, u->batch);
    if (!row) l->status = kd_fail_nomem(l->error);
    l->rows = true;
    return row;
}

static bool put_row(mf_log *l, const log_use *u) {
    for (uint32_t i = 0; i < u->test_count; i++) {
        if (!meets(l, &u->tests[i])) return true;
    }
    kd_value *row = new_row(l, u);
    if (!row) return false;
    for (uint32_t i = 0; i < u->put_count; i++) {
        const log_put *put = &u->puts[i];
        kd_value value = l->fields[put->field].value;
        if (put->text) {
            value = kd_symbol(l->o.symbols, l->fields[put->field].text);
            if (value < 0) {
                l->status = kd_fail_nomem(l->error);
                return false;
            }
        }
        row[put->column] = value;
    }
    return true;
}

bool mf_log_put(mf_log *l, const log_predicate *d) {
    for (uint32_t i = 0; i < d->use_count; i++) {
        if (!put_row(l, &d->uses[i])) return false;
    }
    return true;
}

/* The same where most events end: one use, numbers, nothing to test. */
static inline bool fast_put(mf_log *l, const log_predicate *d) {
    const log_use *u = d->uses;
    if (d->use_count != 1 || !u->numbers) return mf_log_put(l, d);
    kd_value *row = new_row(l, u);
    if (!row) return false;
    for (uint32_t i = 0; i < u->put_count; i++) row[u->puts[i].column] = l->fields[u->puts[i].field].value;
    return true;
}

/* ---- Time points ----------------------------------------------------------------------------------------*/

static bool engine_says(mf_log *l, kd_status s) {
    if (s == KD_OK) return true;
    l->status = s;
    if (l->error && l->error->line == 0) mf_log_error_at(l, l->error, l->begin ? l->begin : l->bytes);
    return false;
}

bool mf_log_pass(mf_log *l) {
    uint64_t count = l->pass_count;
    if (count == 0) return true;
    l->pass_count = 0;
    return engine_says(l, kd_engine_pass(l->engine, l->pass_at, l->pass_at, count, l->error));
}

bool mf_log_close_point(mf_log *l) {
    l->open = false;
    l->current = NULL;
    if (l->dropped) return true;
    uint64_t index = l->points++;
    if (!l->rows && !l->o.every_point) {
        l->pass_count++;
        l->pass_at = l->at;
        return true;
    }
    if (l->o.read) l->o.read(l->o.ctx, index, l->at);
    l->rows = false;
    if (!engine_says(l, kd_engine_point(l->engine, l->at, l->error))) return false;
    if (l->o.tidy && kd_symbols_crowded(l->o.symbols)) l->o.tidy(l->o.ctx);
    return true;
}

bool mf_log_open_point(mf_log *l, const char *begin, kd_instant at) {
    l->begin = begin;
    l->after_command = false;
    l->open = true;
    l->dropped = l->stamped && at < l->at;
    l->rows = false;
    if (!l->dropped) {
        l->at = at;
        l->stamped = true;
        return true;
    }
    kd_error what = {0};
    kd_fail(&what, KD_INVALID, "out_of_order", "time stamp %lld goes back behind %lld%s", (long long)at,
            (long long)l->at, l->o.stop_out_of_order ? "" : "; this time point is left out");
    mf_log_error_at(l, &what, begin);
    if (l->o.stop_out_of_order) {
        if (l->error) *l->error = what;
        l->status = KD_INVALID;
        return false;
    }
    if (l->o.warning) l->o.warning(l->o.ctx, &what);
    return true;
}

/* ---- The fast way ---------------------------------------------------------------------------------------*/

/* Behind a quoted text of which `p` is the first byte inside; *text is that inside. */
static const char *fast_quoted(const char *p, const char *limit, kd_str *text) {
    const char *q = p;
    for (;; q += 2) {
        q = mf_scan_quote(q, limit);
        if (!q) return NULL;
        if (*q == '"') break;
    }
    *text = (kd_str){p, (size_t)(q - p)};
    return q + 1;
}

static inline const char *fast_text(const char *p, const char *limit, kd_str *text) {
    if (*p == '"') return fast_quoted(p + 1, limit, text);
    const char *q = mf_scan_word(p, limit);
    if (!q || q == p) return NULL;
    *text = (kd_str){p, (size_t)(q - p)};
    return q;
}

/* A decimal of at most 8 digits before the point and 7 after: with at most 15 in all, one division is exact
 * enough to be rounded right. */
static inline const char *fast_float(const char *p, kd_value *out) {
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

/* fast_tuple of a predicate whose fields are integers all. */
static inline const char *fast_ints(mf_log *l, const log_predicate *d, const char *p, const char *limit) {
    log_field *f = l->fields, *last = f + d->arity - 1;
    for (p++; p < limit; p++, f++) {
        bool odd;
        const char *q = mf_scan_plain_int(p, &f->value, &odd);
        if (__builtin_expect(odd, 0) && !(q = mf_scan_int(p + (*p == ' '), &f->value))) return NULL;
        p = q;
        if (f == last) return *p == ')' ? p + 1 : NULL;
        if (*p != ',') return NULL;
    }
    return NULL;
}

/* Behind the tuple whose `(` is at p, with what it has in l->fields; *missed: it is of no concern. NULL when
 * it is not as programs write them, or not whole before `limit`. */
static const char *fast_tuple(mf_log *l, const log_predicate *d, const char *p, const char *limit,
                              bool *missed) {
    const uint8_t *ops = d->ops;
    uint32_t arity = d->arity;
    log_field *f = l->fields;
    p++;
    if (arity == 0) return *p == ')' ? p + 1 : NULL;
    for (uint32_t i = 0;; i++, f++) {
        if (p >= limit) return NULL;
        if (__builtin_expect(*p == ' ', 0)) p++;
        switch ((log_op)ops[i]) {
        case LOG_INT:
            p = fast_int(p, &f->value);
            break;
        case LOG_INT_IS:
            p = fast_int(p, &f->value);
            if (p && f->value != d->wanted[i].value) {
                ops = d->ops_missed;
                *missed = true;
            }
            break;
        case LOG_TEXT:
        case LOG_WORD:
            p = fast_text(p, limit, &f->text);
            break;
        case LOG_TEXT_IS:
            p = fast_text(p, limit, &f->text);
            if (p && !same_text(f->text, d->wanted[i].text)) {
                ops = d->ops_missed;
                *missed = true;
            }
            break;
        case LOG_FLOAT:
            p = fast_float(p, &f->value);
            break;
        }
        if (!p) return NULL;
        if (i + 1 == arity) return *p == ')' ? p + 1 : NULL;
        if (*p++ != ',') return NULL;
    }
}

/* The predicate that is named at p, and in *p the `(` behind it; NULL when it is not there so. */
static inline const log_predicate *fast_name(const mf_log *l, const char **p) {
    uint64_t low = mf_load8(*p), high = 0;
    uint64_t hit = mf_zero_bytes(low ^ MF_ONES * '(');
    size_t length;
    if (hit) {
        length = (size_t)__builtin_ctzll(hit) >> 3;
        if (length == 0) return l->current;
        low &= (UINT64_C(1) << 8 * length) - 1;
    } else {
        high = mf_load8(*p + 8);
        hit = mf_zero_bytes(high ^ MF_ONES * '(');
        if (!hit) return NULL;
        size_t beyond = (size_t)__builtin_ctzll(hit) >> 3;
        length = 8 + beyond;
        high &= (UINT64_C(1) << 8 * beyond) - 1;
    }
    const log_predicate *d = find_key(l, low, high, length);
    *p += length;
    return d;
}

/* `@digits` at p, and what follows is no part of the number; NULL otherwise. */
static inline __attribute__((always_inline)) const char *fast_stamp(const char *p, kd_instant *at) {
    const char *q = mf_scan_stamp(p + 1, at);
    return q && (*q == ' ' || *q == ';' || !mf_is_word((unsigned char)*q)) ? q : NULL;
}

/* Time points without events, such as a clock writes, from p on as long as they follow each other; nothing is
 * open, and nobody asks for each. */
static const char *fast_empty(mf_log *l, const char *p, const char *limit) {
    kd_instant at, last = l->stamped ? l->at : INT64_MIN;
    uint64_t count = 0;
    for (const char *q; p < limit && *p == '@'; p = q + 1 + (q[1] == '\n')) {
        q = fast_stamp(p, &at);
        if (!q || *q != ';' || at < last) break;
        last = at;
        count++;
    }
    if (!count) return p;
    l->stamped = true;
    l->after_command = l->dropped = false;
    l->points += count;
    l->pass_count += count;
    l->at = l->pass_at = last;
    return p;
}

/* Reads on from p while everything is as programs write it; where it stops, the careful way goes on. */
static const char *fast(mf_log *l, const char *p) {
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
            if (*q == ';' && !l->o.every_point) {
                p = fast_empty(l, p, limit);
                continue;
            }
            l->begin = p;
            l->after_command = false;
            l->open = l->stamped = true;
            l->dropped = l->rows = false;
            l->at = at;
            p = q;
        } else if (!l->open) {
            return p;
        } else if (c == ';') {
            if (!mf_log_close_point(l)) return p;
            p++;
        } else {
            const char *q = p;
            const log_predicate *d = fast_name(l, &q);
            bool missed = false;
            if (!d) return p;
            q = d->ints ? fast_ints(l, d, q, limit) : fast_tuple(l, d, q, limit, &missed);
            if (!q) return p;
            l->current = d;
            if (!missed && !fast_put(l, d)) return p;
            p = q;
        }
    }
    return p;
}

/* ---- Places ---------------------------------------------------------------------------------------------*/

/* Moves `at` over bytes. Columns count code points: the bytes that are no continuation. */
static void move_place(mf_place *at, const char *p, const char *end) {
    const char *line = NULL;
    const char *q = p;
#ifdef __SSE2__
    for (; end - q >= 16;) {
        __m128i counts = _mm_setzero_si128();
        for (unsigned i = 0; i < 255 && end - q >= 16; i++, q += 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)q);
            counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
        }
        __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
        at->line += (uint32_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi16(sums, 4));
    }
#endif
    for (; q < end; q++) at->line += *q == '\n';
    for (q = end; q > p && !line; q--) {
        if (q[-1] == '\n') line = q;
    }
    if (line) at->column = 1;
    for (q = line ? line : p; q < end; q++) at->column += ((unsigned char)*q & 0xc0) != 0x80;
}

void mf_log_error_at(const mf_log *l, kd_error *e, const char *p) {
    mf_place at = l->place;
    move_place(&at, l->bytes, p);
    kd_error_place(e, l->name, at.line, at.column);
}

/* ---- Feeding --------------------------------------------------------------------------------------------*/

/* What cannot be read: an error, or forgiven. True when it goes on. */
static bool forgiven(mf_log *l, log_step step, kd_error *what) {
    if (step == LOG_FAULT && l->o.forgive_errors) {
        size_t n = strlen(what->message);
        snprintf(what->message + n, sizeof what->message - n,
                 "; forgiven: all up to the next time point or command is left out");
        if (l->o.warning) l->o.warning(l->o.ctx, what);
        l->skipping = true;
        return true;
    }
    if (l->status == KD_OK) {
        l->status = KD_INVALID;
        if (l->error) *l->error = *what;
    }
    return false;
}

/* Reads as far as it can; returns where it stopped. l->status says whether that was for an error. */
static const char *read_on(mf_log *l, const char *p) {
    while (l->status == KD_OK) {
        p = fast(l, p);
        if (l->status) break;
        p = mf_log_blank(l, p);
        if (p == l->end || (*p == '#' && !l->last)) break;
        kd_error what = {0};
        log_step step = mf_log_step(l, &p, &what);
        if (step == LOG_WAIT) break;
        if (step != LOG_DONE && !forgiven(l, step, &what)) break;
    }
    return p;
}

static void open_batches(mf_log *l, kd_engine *g) {
    l->engine = g;
    for (size_t i = 0; i < l->o.signature->count; i++) {
        log_predicate *d = &l->predicates[i];
        for (uint32_t k = 0; k < d->use_count; k++) d->uses[k].batch = kd_engine_batch(g, d->uses[k].input);
    }
}

kd_status mf_log_feed(mf_log *l, kd_engine *g, const char *name, const char *bytes, size_t n, bool last,
                      size_t *used, kd_error *e) {
    *used = 0;
    if (l->status) return kd_fail(e, l->status, "log", "the log cannot be read on after an error");
    if (n < l->resume) return kd_fail(e, KD_USAGE, "feed", "bytes that were not taken must come again");
    open_batches(l, g);
    l->name = name;
    l->bytes = l->begin = bytes;
    l->end = bytes + n;
    l->last = last;
    l->error = e;
    const char *p = read_on(l, bytes + l->resume);
    if (!l->status && last) {
        if (l->open) mf_log_close_point(l);
        l->skipping = false;
        p = l->end;
    }
    if (!l->status) mf_log_pass(l);
    if (l->status) return l->status;
    const char *taken = l->open ? l->begin : p;
    l->resume = (size_t)(p - taken);
    *used = (size_t)(taken - bytes);
    if (!last) move_place(&l->place, bytes, taken);
    l->error = NULL;
    return KD_OK;
}

mf_log_position mf_log_where(const mf_log *l) {
    return (mf_log_position){l->points, l->stamped, l->at};
}

void mf_log_resume(mf_log *l, mf_log_position p) {
    l->points = p.points;
    l->stamped = p.stamped;
    l->at = p.at;
}

mf_place mf_log_place(const mf_log *l) {
    return l->place;
}

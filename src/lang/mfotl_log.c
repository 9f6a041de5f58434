/* mfotl_log.c: the reader of logs: rows for the engine, time points, places, and feeding. */
#include "lang/mfotl_log_inside.h"
#include "lang/mfotl_scan.h"
#include <stdio.h>

/* ---- Names ----------------------------------------------------------------------------------------------*/

log_predicate *mf_log_find(const mf_log *l, kd_str name) {
    log_predicate *d = l->slots[mf_log_slot_of(l, name)];
    while (d->declared && !kd_str_equal(d->declared->name, name)) d = d->next;
    return d->declared ? d : NULL;
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

static inline bool meets(const log_field *fields, const log_test *t) {
    const log_field *f = &fields[t->field];
    if (t->other == UINT32_MAX)
        return t->text ? mf_log_same(f->text, t->wanted.text) : f->value == t->wanted.value;
    const log_field *other = &fields[t->other];
    return t->text ? mf_log_same(f->text, other->text) : f->value == other->value;
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
        if (!meets(l->fields, &u->tests[i])) return true;
    }
    kd_value *row = new_row(l, u);
    if (!row) return false;
    for (const log_put *put = u->puts, *end = put + u->put_count; put < end; put++) {
        kd_value value = l->fields[put->field].value;
        if (put->text) {
            kd_str text = l->fields[put->field].text;
            bool wide = l->end - text.p >= 16;
            value = wide ? kd_symbol_wide(l->o.symbols, text) : kd_symbol(l->o.symbols, text);
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
    return engine_says(l, kd_engine_pass(l->engine, l->pass_before, l->pass_at, count, l->error));
}

bool mf_log_close_point(mf_log *l) {
    l->open = false;
    l->current = NULL;
    if (l->dropped) return true;
    uint64_t index = l->points++;
    if (!l->rows) {
        if (l->at < l->quiet_until) {
            l->pass_count++;
            l->pass_before = l->pass_at;
            l->pass_at = l->at;
            return true;
        }
        if (!mf_log_pass(l)) return false;
    }
    if (l->o.read) l->o.read(l->o.ctx, index, l->at);
    l->rows = false;
    if (!engine_says(l, kd_engine_point(l->engine, l->at, l->error))) return false;
    mf_log_ask_quiet(l);
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

/* ---- Places ---------------------------------------------------------------------------------------------*/

/* Moves `at` over bytes. Columns count code points: the bytes that are no continuation. */
static void move_place(mf_place *at, const char *p, const char *end) {
    const char *line = NULL;
    const char *q = p;
#ifdef __SSE2__
    while (end - q >= 64) {
        __m128i counts = _mm_setzero_si128();
        for (unsigned i = 0; i < 63 && end - q >= 64; i++, q += 64) {
            __m128i a = _mm_add_epi8(mf_equal16(q, '\n'), mf_equal16(q + 16, '\n'));
            __m128i b = _mm_add_epi8(mf_equal16(q + 32, '\n'), mf_equal16(q + 48, '\n'));
            counts = _mm_sub_epi8(counts, _mm_add_epi8(a, b));
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
        p = mf_log_fast(l, p);
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

/* Does every event of the predicate become a row of one or two integers for each of its uses? */
static void set_brief(log_predicate *d) {
    d->batch = NULL;
    d->brief = d->ints && d->arity <= 2 && d->use_count > 0;
    for (uint32_t i = 0; d->brief && i < d->use_count; i++) {
        log_use *u = &d->uses[i];
        d->brief = u->numbers && u->put_count > 0 && u->batch && u->batch->width == u->put_count &&
                   !u->batch->orders;
        u->swapped = d->brief && u->puts[0].field != u->puts[0].column;
    }
    if (!d->brief) return;
    d->batch = d->uses->batch;
    d->swapped = d->uses->swapped;
    d->more = d->use_count > 1;
    d->two = d->arity == 2 ? UINT32_MAX : 0;
    d->mark = d->two ? ',' : ')';
}

static void open_batches(mf_log *l, kd_engine *g) {
    l->engine = g;
    mf_log_ask_quiet(l);
    l->briefs = false;
    for (size_t i = 0; i < l->o.signature->count; i++) {
        log_predicate *d = &l->predicates[i];
        for (uint32_t k = 0; k < d->use_count; k++) d->uses[k].batch = kd_engine_batch(g, d->uses[k].input);
        set_brief(d);
        l->briefs |= d->brief;
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

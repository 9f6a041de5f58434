/* spans.c: rows over time: what came, and when it went; only what a reader may ask for is kept.
 *
 *      came ─▶ holds ─▶ went ─▶ closing, until the second is over ─▶ over, or dropped
 *                 ▲                │
 *                 └── came again ──┘   what comes back within the second was never away
 */
#include "record/inside.h"
#include <string.h>

void rec_spans_open(rec_spans *s, const kd_allocator *from) {
    *s = (rec_spans){.from = from, .now = INT64_MIN};
}

void rec_spans_close(rec_spans *s) {
    rec_free(s->from, s->all, s->room, sizeof *s->all);
    rec_free(s->from, s->unused, s->unused_room, sizeof *s->unused);
    rec_free(s->from, s->lately, s->lately_room, sizeof *s->lately);
    rec_free(s->from, s->holding.slots, s->holding.room, sizeof *s->holding.slots);
    rec_free(s->from, s->last.slots, s->last.room, sizeof *s->last.slots);
}

/* ---- Tables of spans ------------------------------------------------------------------------------------*/

static bool is_verdict(uint32_t sink) {
    return sink >= KD_SINK_VERDICT;
}

static uint64_t hash_row(uint32_t sink, const kd_value *row, unsigned width) {
    return kd_hash(row, width * sizeof *row, sink);
}

static bool same_row(const rec_span *x, uint32_t sink, const kd_value *row, unsigned width) {
    return x->sink == sink && x->width == width && memcmp(x->row, row, width * sizeof *row) == 0;
}

/* Rule and Party stand first in a verdict's row. */
static uint64_t hash_kind(const rec_span *x) {
    return kd_hash(x->row, 2 * sizeof *x->row, ~(uint64_t)x->sink);
}

/* Doubles a table; `kind` says by which hash it is kept. */
static bool grow_slots(rec_spans *s, rec_slots *t, bool kind) {
    if ((t->used + 1) * 2 <= t->room) return true;
    size_t wanted = t->room ? t->room * 2 : 64;
    uint32_t *slots = s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *slots);
    if (!slots) return false;
    memset(slots, 0, wanted * sizeof *slots);
    for (size_t i = 0; i < t->room; i++) {
        if (!t->slots[i]) continue;
        const rec_span *x = &s->all[t->slots[i] - 1];
        size_t at = (size_t)(kind ? hash_kind(x) : x->hash) & (wanted - 1);
        while (slots[at]) at = (at + 1) & (wanted - 1);
        slots[at] = t->slots[i];
    }
    rec_free(s->from, t->slots, t->room, sizeof *slots);
    t->slots = slots;
    t->room = wanted;
    return true;
}

/* The slot that has the row, or the empty one where it belongs. */
static size_t find_row(const rec_spans *s, uint32_t sink, const kd_value *row, unsigned width,
                       uint64_t hash) {
    size_t mask = s->holding.room - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        if (!s->holding.slots[i]) return i;
        const rec_span *x = &s->all[s->holding.slots[i] - 1];
        if (x->hash == hash && same_row(x, sink, row, width)) return i;
    }
}

/* Empties a slot and moves those behind it up, so that no search ends too early. */
static void take_out(rec_spans *s, size_t i) {
    rec_slots *t = &s->holding;
    size_t mask = t->room - 1;
    t->used--;
    for (size_t k = i;;) {
        t->slots[i] = 0;
        for (;;) {
            k = (k + 1) & mask;
            if (!t->slots[k]) return;
            size_t home = (size_t)s->all[t->slots[k] - 1].hash & mask;
            if (((k - home) & mask) >= ((k - i) & mask)) break; /* it may stand at i */
        }
        t->slots[i] = t->slots[k];
        i = k;
    }
}

static bool drop(rec_spans *s, uint32_t number) {
    s->all[number].state = REC_FREE;
    if (!rec_grow(s->from, (void **)&s->unused, &s->unused_room, s->unused_count + 1, sizeof *s->unused))
        return false;
    s->unused[s->unused_count++] = number;
    return true;
}

/* ---- Kept rows: the last of each kind -------------------------------------------------------------------*/

/* The slot of the kind of `x` in s->last, or the empty one where it belongs. */
static size_t find_last(const rec_spans *s, const rec_span *x) {
    size_t mask = s->last.room - 1;
    for (size_t i = (size_t)hash_kind(x) & mask;; i = (i + 1) & mask) {
        if (!s->last.slots[i]) return i;
        const rec_span *y = &s->all[s->last.slots[i] - 1];
        if (y->sink == x->sink && y->row[KD_V_RULE] == x->row[KD_V_RULE] &&
            y->row[KD_V_PARTY] == x->row[KD_V_PARTY])
            return i;
    }
}

/* Puts a kept row that is over in the place of the one before it. */
static bool keep_last(rec_spans *s, uint32_t number) {
    if (!grow_slots(s, &s->last, true)) return false;
    size_t i = find_last(s, &s->all[number]);
    uint32_t before = s->last.slots[i];
    s->last.slots[i] = number + 1;
    if (before) return drop(s, before - 1);
    s->last.used++;
    return true;
}

/* ---- Coming and going -----------------------------------------------------------------------------------*/

/* A closing span's second is over: it is kept or dropped. */
static bool settle_one(rec_spans *s, uint32_t number) {
    rec_span *x = &s->all[number];
    if (x->state != REC_CLOSING) return true;
    take_out(s, find_row(s, x->sink, x->row, x->width, x->hash));
    x->state = REC_OVER;
    if (x->until == x->since) return drop(s, number);
    if (!is_verdict(x->sink)) return true;
    if (x->row[KD_V_STATUS] == KD_PENDING) return drop(s, number);
    return x->row[KD_V_STATUS] == KD_KEPT ? keep_last(s, number) : true;
}

static void settle(rec_spans *s) {
    for (size_t i = 0; i < s->lately_count; i++)
        if (!settle_one(s, s->lately[i])) s->failed = true;
    s->lately_count = 0;
}

static void move_to(rec_spans *s, kd_instant at) {
    if (at == s->now) return;
    settle(s);
    s->now = at;
}

static bool new_span(rec_spans *s, uint32_t *number) {
    if (s->unused_count) {
        *number = s->unused[--s->unused_count];
        return true;
    }
    if (s->count >= REC_SILENCE ||
        !rec_grow(s->from, (void **)&s->all, &s->room, s->count + 1, sizeof *s->all))
        return false;
    *number = (uint32_t)s->count++;
    return true;
}

/* A breach goes on when, in the same time point, its row only takes another figure: the limit has been passed since the
 * first. Gives that beginning to `x` and leaves nothing of the row before. */
static void go_on(rec_spans *s, rec_span *x, kd_instant at) {
    if (!is_verdict(x->sink) || x->row[KD_V_STATUS] != KD_BREACHED) return;
    for (size_t i = 0; i < s->lately_count; i++) {
        rec_span *y = &s->all[s->lately[i]];
        if (y == x || y->state != REC_CLOSING || y->sink != x->sink || y->until != at || y->since == at)
            continue;
        if (y->row[KD_V_STATUS] != KD_BREACHED || y->row[KD_V_RULE] != x->row[KD_V_RULE] ||
            y->row[KD_V_PARTY] != x->row[KD_V_PARTY] || y->row[KD_V_INSTANCE] != x->row[KD_V_INSTANCE])
            continue;
        x->since = y->since;
        x->point = y->point;
        memcpy(x->heard, y->heard, sizeof x->heard);
        y->since = at;
        return;
    }
}

void rec_spans_came(rec_spans *s, uint32_t sink, const kd_value *row, unsigned width, kd_instant at,
                    kd_instant since, uint64_t point) {
    if (s->failed || width > REC_SPAN_WIDTH) return;
    move_to(s, at);
    if (!grow_slots(s, &s->holding, false)) {
        s->failed = true;
        return;
    }
    uint64_t hash = hash_row(sink, row, width);
    size_t slot = find_row(s, sink, row, width, hash);
    if (s->holding.slots[slot]) {
        rec_span *x = &s->all[s->holding.slots[slot] - 1];
        x->depth++; /* a closing one has none left */
        x->state = REC_HOLDS;
        x->until = KD_NEVER;
        x->point = point;
        memcpy(x->heard, row, width * sizeof *row);
        if (x->since == at) go_on(s, x, at);
        return;
    }
    uint32_t number;
    if (!new_span(s, &number)) {
        s->failed = true;
        return;
    }
    rec_span *x = &s->all[number];
    *x = (rec_span){.since = since == KD_NEVER ? at : since,
                    .until = KD_NEVER,
                    .hash = hash,
                    .point = point,
                    .sink = sink,
                    .depth = 1,
                    .width = (uint8_t)width,
                    .state = REC_HOLDS};
    memcpy(x->row, row, width * sizeof *row);
    memcpy(x->heard, row, width * sizeof *row);
    if (since == KD_NEVER) go_on(s, x, at);
    s->holding.slots[slot] = number + 1;
    s->holding.used++;
}

void rec_spans_went(rec_spans *s, uint32_t sink, const kd_value *row, unsigned width, kd_instant at) {
    if (s->failed || s->holding.room == 0 || width > REC_SPAN_WIDTH) return;
    move_to(s, at);
    uint32_t found = s->holding.slots[find_row(s, sink, row, width, hash_row(sink, row, width))];
    if (!found) return;
    rec_span *x = &s->all[found - 1];
    if (x->state != REC_HOLDS || --x->depth > 0) return;
    x->state = REC_CLOSING;
    x->until = at;
    if (!rec_grow(s->from, (void **)&s->lately, &s->lately_room, s->lately_count + 1, sizeof *s->lately))
        s->failed = true;
    else
        s->lately[s->lately_count++] = found - 1;
}

bool rec_spans_holds(const rec_spans *s, uint32_t sink, const kd_value *row, unsigned width) {
    if (s->holding.room == 0 || width > REC_SPAN_WIDTH) return false;
    uint32_t found = s->holding.slots[find_row(s, sink, row, width, hash_row(sink, row, width))];
    return found && s->all[found - 1].state == REC_HOLDS;
}

kd_instant rec_spans_pending_since(const rec_spans *s, uint32_t sink, const kd_value *verdict,
                                   kd_instant at) {
    if (s->now != at) return KD_NEVER;
    for (size_t i = 0; i < s->lately_count; i++) {
        const rec_span *x = &s->all[s->lately[i]];
        if (x->state == REC_CLOSING && x->sink == sink && x->row[KD_V_STATUS] == KD_PENDING &&
            x->row[KD_V_RULE] == verdict[KD_V_RULE] && x->row[KD_V_PARTY] == verdict[KD_V_PARTY] &&
            x->row[KD_V_INSTANCE] == verdict[KD_V_INSTANCE])
            return x->since;
    }
    return KD_NEVER;
}

void rec_spans_end(rec_spans *s) {
    settle(s);
    for (size_t i = 0; s->last.room && i < s->count;
         i++) { /* a kept row that holds makes the one before it of no use */
        const rec_span *x = &s->all[i];
        if (x->state != REC_HOLDS || !is_verdict(x->sink) || x->row[KD_V_STATUS] != KD_KEPT) continue;
        uint32_t before = s->last.slots[find_last(s, x)];
        if (before) s->all[before - 1].state = REC_FREE;
    }
}

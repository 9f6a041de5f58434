/* timer.c: a row of a level at the instant that one of its columns holds, if it is still there. */
#include "engine/walk.h"

#include <stdlib.h>
#include <string.h>

/* A row's note is the token of its timer, or 0: it has none, or it has fired. */
typedef struct timer {
    eng_bag rows;
    eng_timers timers;
    unsigned due; /* column */
} timer;

static kd_status open(kd_engine *g, eng_node *n) {
    timer *s = n->state;
    s->due = (unsigned)n->words[0];
    eng_bag_open(&s->rows, &g->mem, n->width);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    timer *s = n->state;
    eng_bag_close(&s->rows);
    eng_timers_close(&s->timers, &g->mem);
}

/* A token is never used twice, so that an entry that was reused does not revive the timer of the row it had
 * before. */
static bool alive(const void *owner, const eng_timer_row *t) {
    const timer *s = owner;
    return eng_table_live(&s->rows.rows, t->entry) && eng_bag_held(&s->rows, t->entry)->note == t->token;
}

static void drop_timers_of_rows_that_went(timer *s) {
    eng_bag *b = &s->rows;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        eng_held *h = eng_bag_held(b, e);
        if (eng_bag_change(b, e) != ENG_WENT || !h->note) continue;
        h->note = 0;
        eng_timers_died(&s->timers, alive, s);
    }
}

static kd_status fire(kd_engine *g, eng_node *n, timer *s) {
    eng_timer_row t;
    while (eng_timers_take(&s->timers, g->now, alive, s, &t)) {
        eng_bag_held(&s->rows, t.entry)->note = 0;
        kd_status st = eng_emit_row(g, n, eng_bag_row(&s->rows, t.entry), 1, 0);
        if (st) return st;
    }
    return KD_OK;
}

/* A row whose instant is over gets a timer for now, which the run loop fires at a time point of its own. */
static kd_status set_timers_of_rows_that_came(kd_engine *g, timer *s) {
    eng_bag *b = &s->rows;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        kd_value due = eng_bag_row(b, e)[s->due];
        if (eng_bag_change(b, e) == ENG_CAME && due != KD_ABSENT && due != KD_NEVER) {
            kd_instant at = due > g->now ? due : g->now;
            if (!eng_timers_put(&s->timers, &g->mem, at, e, &eng_bag_held(b, e)->note)) return KD_NOMEM;
        }
        eng_bag_release(b, e);
    }
    b->touched.n = 0;
    return KD_OK;
}

/* Rows that go at the instant they are due are gone: the level is read after the time point's changes. */
static kd_status run(kd_engine *g, eng_node *n) {
    timer *s = n->state;
    kd_status st = eng_bag_take(&s->rows, n->in[0]->out.rows, n->in[0]->out.counts, n->in[0]->out.n);
    if (st) return st;
    drop_timers_of_rows_that_went(s);
    if ((st = fire(g, n, s)) || (st = set_timers_of_rows_that_came(g, s))) return st;
    eng_wake_at(n, eng_timers_next(&s->timers, alive, s));
    return KD_OK;
}

static kd_status walk(eng_walk *w, eng_node *n) {
    timer *s = n->state;
    eng_walk_bag(w, &s->rows);
    return eng_walk_timers(w, &s->timers, &s->rows, alive, s);
}

/* ---- Pending --------------------------------------------------------------------------------------------*/

static int by_instant(const void *a, const void *b) {
    const eng_timer_row *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return (x->token > y->token) - (x->token < y->token);
}

/* When the row came to the level that the timer reads, if a sink hears of that level. */
static kd_instant came(const kd_engine *g, const eng_node *n, const kd_value *row) {
    for (uint32_t i = 0; i < g->sink_count; i++) {
        const eng_sink *k = &g->sinks[i];
        if (k->node != n->in[0]) continue;
        uint32_t e = eng_table_find(&k->rows.rows, row);
        if (e != ENG_NONE && eng_bag_held(&k->rows, e)->was) return eng_bag_held(&k->rows, e)->note;
    }
    return KD_ABSENT;
}

static void tell_of(const kd_engine *g, const eng_node *n, const eng_timer_row *t, kd_pending each,
                    void *ctx) {
    const kd_value *row = eng_bag_row(&((const timer *)n->state)->rows, t->entry);
    each(ctx, n->plan, came(g, n, row), t->at, row, n->width);
}

/* Without memory for sorting them, each next one is searched. */
static void tell_slowly(const kd_engine *g, const eng_node *n, kd_pending each, void *ctx) {
    const timer *s = n->state;
    eng_timer_row last = {.at = INT64_MIN, .token = 0};
    for (const eng_timer_row *next;; last = *next) {
        next = NULL;
        for (size_t i = 0; i < s->timers.n; i++) {
            const eng_timer_row *t = &s->timers.heap[i];
            if (by_instant(t, &last) > 0 && (!next || by_instant(t, next) < 0) && alive(s, t)) next = t;
        }
        if (!next) return;
        tell_of(g, n, next, each, ctx);
    }
}

static void pending(const kd_engine *g, const eng_node *n, kd_pending each, void *ctx) {
    const timer *s = n->state;
    const kd_allocator *from = g->mem.from;
    size_t bytes = s->timers.n * sizeof *s->timers.heap;
    eng_timer_row *sorted = bytes ? from->resize(from->ctx, NULL, 0, bytes) : NULL;
    if (!sorted) {
        tell_slowly(g, n, each, ctx);
        return;
    }
    memcpy(sorted, s->timers.heap, bytes);
    qsort(sorted, s->timers.n, sizeof *sorted, by_instant);
    for (size_t i = 0; i < s->timers.n; i++)
        if (alive(s, &sorted[i])) tell_of(g, n, &sorted[i], each, ctx);
    from->resize(from->ctx, sorted, bytes, 0);
}

const eng_operator eng_op_timer = {.name = "timer",
                                   .state_bytes = sizeof(timer),
                                   .open = open,
                                   .close = close,
                                   .run = run,
                                   .walk = walk,
                                   .pending = pending};

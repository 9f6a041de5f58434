/* history.c: rows over time become a history: typed and sorted. */
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

typedef struct maker {
    kd_history *h;
    kd_arena *arena;
} maker;

static uint32_t statement_of(kd_value v) {
    return v == KD_ABSENT ? REC_NONE : (uint32_t)v;
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

static void take_verdict(maker *m, const rec_span *x) {
    kd_verdict *v = &m->h->verdicts[m->h->verdict_count++];
    *v = (kd_verdict){.rule = (uint32_t)x->row[KD_V_RULE],
                      .party = (uint32_t)x->row[KD_V_PARTY],
                      .status = (int)x->row[KD_V_STATUS],
                      .readings = x->sink - KD_SINK_VERDICT,
                      .since = x->since,
                      .until = x->until,
                      .instance = x->row[KD_V_INSTANCE],
                      .due = x->row[KD_V_DUE],
                      .figure = x->row[KD_V_FIGURE],
                      .bound = x->row[KD_V_BOUND],
                      .dated = x->row[KD_V_DATED],
                      .statement = statement_of(x->row[KD_V_STATEMENT])};
}

static void take_mark(kd_history *h, const rec_span *x) {
    h->marks[h->mark_count++] = (kd_mark_row){.reading = (uint32_t)x->row[0],
                                              .mark = (int)x->row[1],
                                              .group = (uint32_t)x->row[2],
                                              .party = (uint32_t)x->row[3],
                                              .statement = statement_of(x->row[4]),
                                              .since = x->since,
                                              .until = x->until};
}

static void take_fact(kd_history *h, const rec_span *x) {
    kd_fact_row *f = &h->facts[h->fact_count++];
    *f = (kd_fact_row){.fact = (uint32_t)x->row[0],
                       .statement = statement_of(x->row[1]),
                       .since = x->since,
                       .until = x->until};
    for (unsigned i = 0; i < 6; i++) f->args[i] = i + 2u < x->width ? x->row[i + 2] : KD_ABSENT;
}

static void take_rung(kd_history *h, const rec_span *x) {
    h->rungs[h->rung_count++] = (kd_rung_row){.ladder = (uint32_t)x->row[0],
                                              .rung = (uint32_t)x->row[1],
                                              .party = (uint32_t)x->row[2],
                                              .statement = statement_of(x->row[3]),
                                              .since = x->since,
                                              .until = x->until};
}

/* The treaty's own life: the first entry into force, the last day as the newest row has it, the end. */
static void take_life(kd_history *h, const rec_span *x, kd_instant *term_since) {
    switch ((kd_life)x->row[0]) {
    case KD_LIFE_IN_FORCE:
        h->in_force = h->in_force || x->state == REC_HOLDS;
        if (x->since >= h->in_force_since) break;
        h->in_force_since = x->since;
        h->in_force_statement = statement_of(x->row[2]);
        break;
    case KD_LIFE_TERM:
        if (x->state != REC_HOLDS || x->since < *term_since) break;
        *term_since = x->since;
        h->last_day = x->row[1];
        h->term_statement = statement_of(x->row[2]);
        break;
    case KD_LIFE_ENDED:
        h->ended = h->ended || x->state == REC_HOLDS;
        if (x->since < h->ended_since) h->ended_since = x->since;
        break;
    }
}

/* ---- Order ----------------------------------------------------------------------------------------------*/

#define ORDER_BY(field)                                                                                      \
    if (x->field != y->field) return x->field < y->field ? -1 : 1

static int verdict_order(const void *a, const void *b) {
    const kd_verdict *x = a, *y = b;
    ORDER_BY(since);
    ORDER_BY(rule);
    ORDER_BY(party);
    ORDER_BY(instance);
    ORDER_BY(statement);
    ORDER_BY(readings);
    ORDER_BY(status);
    ORDER_BY(due);
    ORDER_BY(figure);
    ORDER_BY(until);
    ORDER_BY(bound);
    ORDER_BY(dated);
    return 0;
}

static int mark_order(const void *a, const void *b) {
    const kd_mark_row *x = a, *y = b;
    ORDER_BY(since);
    ORDER_BY(reading);
    ORDER_BY(group);
    ORDER_BY(party);
    ORDER_BY(mark);
    ORDER_BY(statement);
    return 0;
}

static int fact_order(const void *a, const void *b) {
    const kd_fact_row *x = a, *y = b;
    ORDER_BY(since);
    ORDER_BY(fact);
    for (unsigned i = 0; i < 6; i++) ORDER_BY(args[i]);
    ORDER_BY(statement);
    return 0;
}

static int rung_order(const void *a, const void *b) {
    const kd_rung_row *x = a, *y = b;
    ORDER_BY(since);
    ORDER_BY(ladder);
    ORDER_BY(rung);
    ORDER_BY(party);
    ORDER_BY(statement);
    return 0;
}

static int due_order(const void *a, const void *b) {
    const kd_due *x = a, *y = b;
    ORDER_BY(due);
    ORDER_BY(rule);
    ORDER_BY(party);
    ORDER_BY(instance);
    ORDER_BY(statement);
    ORDER_BY(readings);
    ORDER_BY(excused);
    ORDER_BY(since);
    return 0;
}

static void sort(void *items, size_t count, size_t bytes, int (*order)(const void *, const void *)) {
    if (count) qsort(items, count, bytes, order);
}

void rec_dues_settle(kd_history *h) {
    sort(h->dues, h->due_count, sizeof *h->dues, due_order);
    size_t n = 0;
    for (size_t i = 0; i < h->due_count; i++) { /* the same obligation again begins no second one */
        const kd_due *d = &h->dues[i], *p = n ? &h->dues[n - 1] : NULL;
        bool again = p && p->due == d->due && p->rule == d->rule && p->party == d->party &&
                     p->instance == d->instance && p->statement == d->statement &&
                     p->readings == d->readings && p->excused == d->excused;
        if (!again) h->dues[n++] = *d;
    }
    h->due_count = n;
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

static bool open_tables(maker *m, const rec_spans *s) {
    size_t verdicts = 0, marks = 0, facts = 0, rungs = 0;
    for (size_t i = 0; i < s->count; i++) {
        const rec_span *x = &s->all[i];
        if (x->state != REC_HOLDS && x->state != REC_OVER) continue;
        verdicts += x->sink >= KD_SINK_VERDICT;
        marks += x->sink == KD_SINK_BINDING;
        facts += x->sink == KD_SINK_FACT;
        rungs += x->sink == KD_SINK_RUNG;
    }
    kd_history *h = m->h;
    h->verdicts = kd_arena_array(m->arena, verdicts, sizeof *h->verdicts);
    h->marks = kd_arena_array(m->arena, marks, sizeof *h->marks);
    h->facts = kd_arena_array(m->arena, facts, sizeof *h->facts);
    h->rungs = kd_arena_array(m->arena, rungs, sizeof *h->rungs);
    return h->verdicts && h->marks && h->facts && h->rungs;
}

static void take_all(maker *m, const rec_spans *s) {
    kd_instant term_since = INT64_MIN;
    for (size_t i = 0; i < s->count; i++) {
        const rec_span *x = &s->all[i];
        if (x->state != REC_HOLDS && x->state != REC_OVER) continue;
        if (x->sink >= KD_SINK_VERDICT) {
            take_verdict(m, x);
        } else if (x->sink == KD_SINK_BINDING) {
            take_mark(m->h, x);
        } else if (x->sink == KD_SINK_FACT) {
            take_fact(m->h, x);
        } else if (x->sink == KD_SINK_LIFE) {
            take_life(m->h, x, &term_since);
        } else if (x->sink == KD_SINK_RUNG) {
            take_rung(m->h, x);
        }
    }
}

kd_status rec_history_make(kd_history *h, const rec_spans *s, kd_arena *arena, const kd_allocator *from) {
    maker m = {.h = h, .arena = arena};
    h->in_force_since = h->last_day = h->ended_since = KD_NEVER;
    h->in_force_statement = h->term_statement = REC_NONE;
    if (!open_tables(&m, s)) return KD_NOMEM;
    take_all(&m, s);
    sort(h->verdicts, h->verdict_count, sizeof *h->verdicts, verdict_order);
    sort(h->marks, h->mark_count, sizeof *h->marks, mark_order);
    sort(h->facts, h->fact_count, sizeof *h->facts, fact_order);
    sort(h->rungs, h->rung_count, sizeof *h->rungs, rung_order);
    return rec_ordinals(h, from) ? KD_OK : KD_NOMEM;
}

/* previous.c: what a pulse gave at the pushed time point before this one. */
#include "engine/run.h"

typedef struct previous {
    kd_interval within;
    kd_value *rows;
    kd_reason *reasons;
    size_t n, row_room, reason_room;
    kd_instant at; /* theirs */
} previous;

static kd_status open(kd_engine *g, eng_node *n) {
    previous *s = n->state;
    s->within = (kd_interval){n->words[0], n->words[1]};
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    previous *s = n->state;
    eng_release(&g->mem, &s->rows, &s->row_room, sizeof *s->rows);
    eng_release(&g->mem, &s->reasons, &s->reason_room, sizeof *s->reasons);
}

static kd_status give(kd_engine *g, eng_node *n, const previous *s) {
    kd_instant gap; /* beyond 63 bits it is within no interval but those that never end */
    if (__builtin_sub_overflow(g->now, s->at, &gap)) gap = KD_NEVER;
    if (gap < s->within.low || gap > s->within.high) return KD_OK;
    for (size_t i = 0; i < s->n; i++) {
        kd_status st = eng_emit_row(g, n, s->rows + i * n->width, 1, s->reasons[i], 0);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status keep(kd_engine *g, previous *s, const eng_node *in) {
    size_t values = in->out.n * in->width;
    s->n = 0;
    if (!in->out.n) return KD_OK;
    if (!eng_reserve(&g->mem, &s->rows, &s->row_room, values + 1, sizeof *s->rows) ||
        !eng_reserve(&g->mem, &s->reasons, &s->reason_room, in->out.n, sizeof *s->reasons))
        return KD_NOMEM;
    for (size_t i = 0; i < values; i++) s->rows[i] = in->out.rows[i];
    for (size_t i = 0; i < in->out.n; i++) s->reasons[i] = in->out.marks[i].reason;
    s->n = in->out.n;
    s->at = g->now;
    return KD_OK;
}

/* A time point of a timer has no part in this. Rows that are kept ask for the next push, so they are never
 * older. */
static kd_status run(kd_engine *g, eng_node *n) {
    previous *s = n->state;
    if (!g->pushed) return KD_OK;
    kd_status st = give(g, n, s);
    if (!st) st = keep(g, s, n->in[0]);
    if (s->n) eng_bits_set(&g->at_next_push, n->id);
    return st;
}

const eng_operator eng_op_previous = {"previous", sizeof(previous), open, close, run};

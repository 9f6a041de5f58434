/* match_past.c: MATCH backward in time: rows whose ways end at the time point and began in the interval. */
#include "engine/ways.h"

static kd_status open(kd_engine *g, eng_node *n) {
    eng_wake_next(n);
    return eng_ways_open(n->state, g, n, false);
}

static void close(kd_engine *g, eng_node *n) {
    eng_ways_close(n->state, &g->mem);
}

/* Every time point is a step, whatever comes. */
static kd_status run(kd_engine *g, eng_node *n) {
    eng_ways *w = n->state;
    eng_wake_next(n);
    if (g->opening || !g->pushed) return KD_OK;
    for (uint32_t k = 0; k < n->more_count; k++) {
        w->tests[k].rows = n->more[k]->out.rows;
        w->tests[k].n = n->more[k]->out.n;
    }
    kd_status s = eng_ways_advance(w, &g->mem, g->index, g->now);
    for (uint32_t e = 0; !s && e < w->found.used; e++)
        s = eng_emit_row(g, n, eng_table_key(&w->found, e) + 1, 1, 0);
    return s;
}

static kd_status walk(eng_walk *w, eng_node *n) {
    return eng_ways_walk(w, n->state, n, 0);
}

const eng_operator eng_op_match_past = {
    .name = "match", .state_bytes = sizeof(eng_ways), .open = open, .close = close, .run = run, .walk = walk};

/* edge.c: the moments at which a level's rows come (rise) or go (fall). */
#include "engine/walk.h"

typedef struct edge {
    eng_bag rows;
} edge;

static kd_status open(kd_engine *g, eng_node *n) {
    edge *s = n->state;
    eng_bag_open(&s->rows, &g->mem, n->width);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    edge *s = n->state;
    eng_bag_close(&s->rows);
}

/* What is in place before the first time point has not come at any. */
static kd_status edge_run(kd_engine *g, eng_node *n, eng_change wanted) {
    eng_bag *b = &((edge *)n->state)->rows;
    kd_status s = eng_bag_take(b, n->in[0]->out.rows, n->in[0]->out.counts, n->in[0]->out.n);
    if (s) return s;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        if (eng_bag_change(b, e) == wanted && !g->opening) {
            if ((s = eng_emit_row(g, n, eng_bag_row(b, e), 1, 0))) return s;
        }
        eng_bag_release(b, e);
    }
    b->touched.n = 0;
    return KD_OK;
}

static kd_status rise_run(kd_engine *g, eng_node *n) {
    return edge_run(g, n, ENG_CAME);
}
static kd_status fall_run(kd_engine *g, eng_node *n) {
    return edge_run(g, n, ENG_WENT);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    return eng_walk_bag(w, &((edge *)n->state)->rows);
}

const eng_operator eng_op_rise = {
    .name = "rise", .state_bytes = sizeof(edge), .open = open, .close = close, .run = rise_run, .walk = walk};
const eng_operator eng_op_fall = {
    .name = "fall", .state_bytes = sizeof(edge), .open = open, .close = close, .run = fall_run, .walk = walk};

/* distinct.c: a relation as a set: each row once. */
#include "engine/walk.h"

static const uint8_t every_column[KD_WIDTH_MAX] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                                   12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};

/* A row comes out when it is the first of its like. */
static kd_status pulse_run(kd_engine *g, eng_node *n) {
    const eng_batch *in = &n->in[0]->out;
    kd_status s = eng_match_open(&g->match, &g->mem, in->rows, in->n, n->width, every_column, n->width);
    for (size_t i = 0; !s && i < in->n; i++) {
        const kd_value *row = eng_batch_row(n->in[0], i);
        if (eng_match_find(&g->match, row, 0) != i) continue;
        s = eng_emit_row(g, n, row, 1, eng_batch_order(n->in[0], i));
    }
    return s;
}

typedef struct distinct {
    eng_bag rows;
} distinct;

static kd_status level_open(kd_engine *g, eng_node *n) {
    distinct *s = n->state;
    eng_bag_open(&s->rows, &g->mem, n->width);
    return KD_OK;
}

static void level_close(kd_engine *g, eng_node *n) {
    distinct *s = n->state;
    eng_bag_close(&s->rows);
}

static kd_status level_run(kd_engine *g, eng_node *n) {
    eng_bag *b = &((distinct *)n->state)->rows;
    kd_status s = eng_bag_take(b, n->in[0]->out.rows, n->in[0]->out.counts, n->in[0]->out.n);
    if (s) return s;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        eng_change c = eng_bag_change(b, e);
        if (c != ENG_SAME && !n->silent) s = eng_emit_row(g, n, eng_bag_row(b, e), c == ENG_CAME ? 1 : -1, 0);
        if (s) return s;
        eng_bag_release(b, e);
    }
    b->touched.n = 0;
    return KD_OK;
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

static bool offers(eng_node *n, const uint8_t *columns, unsigned count) {
    return count == n->width;
}

static kd_status up_to_date(kd_engine *g, eng_node *n) {
    return KD_OK;
}

static uint32_t first(const eng_node *n, const kd_value *key) {
    const distinct *s = n->state;
    return eng_table_find(&s->rows.rows, key);
}

static void first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries) {
    const distinct *s = n->state;
    eng_table_find_many(&s->rows.rows, keys, count, entries);
}

static uint32_t next(const eng_node *n, uint32_t entry) {
    return ENG_NONE;
}

static const kd_value *row(const eng_node *n, uint32_t entry) {
    const distinct *s = n->state;
    return eng_bag_row(&s->rows, entry);
}

static const eng_lookup lookup = {.offers = offers,
                                  .settle = up_to_date,
                                  .first = first,
                                  .first_many = first_many,
                                  .next = next,
                                  .row = row};

static kd_status walk(eng_walk *w, eng_node *n) {
    return eng_walk_bag(w, &((distinct *)n->state)->rows);
}

const eng_operator eng_op_distinct_pulse = {.name = "distinct", .run = pulse_run};
const eng_operator eng_op_distinct_level = {.name = "distinct",
                                            .state_bytes = sizeof(distinct),
                                            .open = level_open,
                                            .close = level_close,
                                            .run = level_run,
                                            .lookup = &lookup,
                                            .walk = walk};

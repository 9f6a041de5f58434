/* source.c: inputs, whose rows the caller pushes, and constants. */
#include "engine/run.h"

/* A level input keeps its rows: what goes must have been there, and with lineage goes for the reason it came.
 * */
typedef struct level_input {
    eng_bag rows;
} level_input;

static kd_status nothing(kd_engine *g, eng_node *n) {
    return KD_OK;
}

static kd_status level_open(kd_engine *g, eng_node *n) {
    level_input *s = n->state;
    eng_bag_open(&s->rows, &g->mem, n->width, g->options.lineage);
    return KD_OK;
}

static void level_close(kd_engine *g, eng_node *n) {
    level_input *s = n->state;
    eng_bag_close(&s->rows);
}

static kd_status level_take(kd_engine *g, eng_node *n, int sign, const kd_value *row, kd_reason reason,
                            uint32_t order) {
    eng_bag *b = &((level_input *)n->state)->rows;
    if (sign < 0) {
        uint32_t there = eng_table_find(&b->rows, row);
        if (there == ENG_NONE) return eng_complain(g, "not_there", "a row is taken out that is not there");
        reason = eng_bag_reason(b, there);
    }
    uint32_t entry;
    kd_status s = eng_bag_add(b, row, sign, reason, &entry);
    if (s) return s;
    eng_bag_release(b, entry);
    b->touched.n = 0;
    return eng_emit_row(g, n, row, sign, reason, order);
}

kd_status eng_input_take(kd_engine *g, eng_node *n, int sign, const kd_value *row, kd_reason reason,
                         uint32_t order) {
    if (n->kind == KD_LEVEL) return level_take(g, n, sign, row, reason, order);
    return eng_emit_row(g, n, row, 1, reason, order);
}

static kd_status constant_open(kd_engine *g, eng_node *n) {
    eng_bits_set(&g->dirty, n->id);
    return KD_OK;
}

/* Runs once, while the engine opens. */
static kd_status constant_run(kd_engine *g, eng_node *n) {
    for (kd_value i = 0; i < n->words[0]; i++) {
        kd_status s = eng_emit_row(g, n, n->words + 1 + i * n->width, 1, 0, 0);
        if (s) return s;
    }
    return KD_OK;
}

const eng_operator eng_op_input_pulse = {"input", 0, NULL, NULL, nothing};
const eng_operator eng_op_input_level = {"input", sizeof(level_input), level_open, level_close, nothing};
const eng_operator eng_op_constant = {"constant", 0, constant_open, NULL, constant_run};

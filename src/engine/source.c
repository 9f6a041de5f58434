/* source.c: inputs, whose rows the caller pushes, and constants. */
#include "engine/walk.h"

/* A level input keeps its rows: what goes must have been there. */
typedef struct level_input {
    eng_bag rows;
} level_input;

static kd_status nothing(kd_engine *g, eng_node *n) {
    return KD_OK;
}

static kd_status level_open(kd_engine *g, eng_node *n) {
    level_input *s = n->state;
    eng_bag_open(&s->rows, &g->mem, n->width);
    return KD_OK;
}

static void level_close(kd_engine *g, eng_node *n) {
    level_input *s = n->state;
    eng_bag_close(&s->rows);
}

static kd_status level_take(kd_engine *g, eng_node *n, int sign, const kd_value *row, uint32_t order) {
    eng_bag *b = &((level_input *)n->state)->rows;
    if (sign < 0 && eng_table_find(&b->rows, row) == ENG_NONE)
        return eng_complain(g, "not_there", "a row is taken out that is not there");
    uint32_t entry;
    kd_status s = eng_bag_add(b, row, sign, &entry);
    if (s) return s;
    eng_bag_release(b, entry);
    b->touched.n = 0;
    return eng_emit_row(g, n, row, sign, order);
}

kd_status eng_input_take(kd_engine *g, eng_node *n, int sign, const kd_value *row, uint32_t order) {
    if (n->kind == KD_LEVEL) return level_take(g, n, sign, row, order);
    return eng_emit_row(g, n, row, 1, order);
}

static kd_status constant_open(kd_engine *g, eng_node *n) {
    eng_bits_set(&n->stage->dirty, n->id);
    return KD_OK;
}

/* Runs once, while the engine opens. */
static kd_status constant_run(kd_engine *g, eng_node *n) {
    for (kd_value i = 0; i < n->words[0]; i++) {
        kd_status s = eng_emit_row(g, n, n->words + 1 + i * n->width, 1, 0);
        if (s) return s;
    }
    return KD_OK;
}

static kd_status level_walk(eng_walk *w, eng_node *n) {
    return eng_walk_bag(w, &((level_input *)n->state)->rows);
}

/* ---- Every time point -----------------------------------------------------------------------------------*/

static kd_status tick_open(kd_engine *g, eng_node *n) {
    eng_wake_next(n);
    return KD_OK;
}

/* The number and the instant of the time point; a timer's time point is not one of the log's. */
static kd_status tick_run(kd_engine *g, eng_node *n) {
    eng_wake_next(n);
    if (!g->pushed) return KD_OK;
    kd_value *row = eng_emit(g, n, 1, 0);
    if (!row) return KD_NOMEM;
    row[0] = (kd_value)g->index;
    row[1] = g->now;
    return KD_OK;
}

const eng_operator eng_op_tick = {.name = "tick", .open = tick_open, .run = tick_run};
const eng_operator eng_op_input_pulse = {.name = "input", .run = nothing};
const eng_operator eng_op_input_level = {.name = "input",
                                         .state_bytes = sizeof(level_input),
                                         .open = level_open,
                                         .close = level_close,
                                         .run = nothing,
                                         .walk = level_walk};
const eng_operator eng_op_constant = {.name = "constant", .open = constant_open, .run = constant_run};

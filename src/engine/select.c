/* select.c: operators that look at one row at a time and keep nothing: select, map, union. */
#include "engine/run.h"

typedef struct codes {
    eng_code *code; /* the condition, or one a column */
} codes;

static kd_status codes_open(kd_engine *g, eng_node *n) {
    codes *s = n->state;
    s->code = kd_arena_array(&g->arena, n->word_count + 1, sizeof *s->code);
    if (!s->code) return KD_NOMEM;
    for (size_t i = 0; i < n->word_count; i++) {
        kd_status st = eng_code_compile(&g->arena, g->plan->exprs, (kd_expr)n->words[i], &s->code[i]);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status compute(kd_engine *g, const eng_code *c, const kd_value *row, kd_value *out) {
    const char *complaint;
    kd_status s = eng_code_run(c, row, g->now, out, &complaint);
    return s ? eng_complain(g, "overflow", complaint) : KD_OK;
}

static kd_status select_run(kd_engine *g, eng_node *n) {
    const codes *s = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        const eng_mark *m = &in->out.marks[i];
        kd_value holds;
        kd_status st = compute(g, &s->code[0], row, &holds);
        if (!st && eng_true(holds)) st = eng_emit_row(g, n, row, m->count, m->reason, m->order);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status map_run(kd_engine *g, eng_node *n) {
    const codes *s = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        const eng_mark *m = &in->out.marks[i];
        kd_value *to = eng_emit(g, n, m->count, m->reason, m->order);
        if (!to) return KD_NOMEM;
        for (unsigned c = 0; c < n->width; c++) {
            kd_status st = compute(g, &s->code[c], row, &to[c]);
            if (st) return st;
        }
    }
    return KD_OK;
}

static kd_status union_run(kd_engine *g, eng_node *n) {
    for (unsigned k = 0; k < 2; k++) {
        const eng_node *in = n->in[k];
        for (size_t i = 0; i < in->out.n; i++) {
            const eng_mark *m = &in->out.marks[i];
            kd_status st = eng_emit_row(g, n, eng_batch_row(in, i), m->count, m->reason, m->order);
            if (st) return st;
        }
    }
    return KD_OK;
}

const eng_operator eng_op_select = {"select", sizeof(codes), codes_open, NULL, select_run};
const eng_operator eng_op_map = {"map", sizeof(codes), codes_open, NULL, map_run};
const eng_operator eng_op_union = {"union", 0, NULL, NULL, union_run};

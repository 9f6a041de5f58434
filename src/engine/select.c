/* select.c: operators that look at one row at a time and keep nothing: select, map, union. */
#include "engine/tail.h"

/* ---- Select, and map where it only chooses columns: nothing but a tail ---------------------------------*/

static kd_status select_open(kd_engine *g, eng_node *n) {
    return eng_tail_open(g, n, true, n->state);
}

static kd_status select_run(kd_engine *g, eng_node *n) {
    const eng_tail *t = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        kd_status s =
            eng_tail_put(g, n, t, eng_batch_row(in, i), NULL, eng_batch_count(in, i), eng_batch_order(in, i));
        if (s) return s;
    }
    return KD_OK;
}

/* ---- Map ------------------------------------------------------------------------------------------------*/

typedef struct codes {
    eng_tail tail;  /* when columns are chosen, and nothing else: no code */
    eng_code *code; /* one a column, or an operand */
} codes;

static kd_status map_open(kd_engine *g, eng_node *n) {
    codes *s = n->state;
    if (eng_chooses_columns(g->plan, n->head)) return eng_tail_open(g, n, true, &s->tail);
    s->code = kd_arena_array(&g->arena, n->word_count + 1, sizeof *s->code);
    if (!s->code) return KD_NOMEM;
    for (size_t i = 0; i < n->word_count; i++) {
        kd_status st = eng_code_compile(&g->arena, g->plan->exprs, (kd_expr)n->words[i], &s->code[i]);
        if (st) return st;
    }
    return KD_OK;
}

static inline kd_status compute(kd_engine *g, const eng_code *c, const kd_value *row, kd_value *out) {
    const char *complaint;
    kd_status s = eng_code_value(c, row, &(eng_moment){g->now, (int64_t)g->index}, out, &complaint);
    return s == KD_INVALID ? eng_complain(g, "overflow", complaint) : s;
}

static kd_status map_run(kd_engine *g, eng_node *n) {
    const codes *s = n->state;
    const eng_node *in = n->in[0];
    if (!s->code) return select_run(g, n);
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        kd_value *to = eng_emit(g, n, eng_batch_count(in, i), eng_batch_order(in, i));
        if (!to) return KD_NOMEM;
        for (unsigned c = 0; c < n->width; c++) {
            kd_status st = compute(g, &s->code[c], row, &to[c]);
            if (st && !eng_is_forgiven(g, st)) return st;
            if (st) {
                n->out.n--;
                break;
            }
        }
    }
    return KD_OK;
}

/* ---- Union ----------------------------------------------------------------------------------------------*/

static kd_status union_run(kd_engine *g, eng_node *n) {
    for (unsigned k = 0; k < 2; k++) {
        const eng_node *in = n->in[k];
        for (size_t i = 0; i < in->out.n; i++) {
            kd_status st =
                eng_emit_row(g, n, eng_batch_row(in, i), eng_batch_count(in, i), eng_batch_order(in, i));
            if (st) return st;
        }
    }
    return KD_OK;
}

/* ---- Extend ---------------------------------------------------------------------------------------------*/

/* words: the number of results, then the operands; the function itself stands in the plan's call. */
static kd_status extend_open(kd_engine *g, eng_node *n) {
    codes *s = n->state;
    const eng_call *call = g->plan->exprs[n->words[1]].call;
    s->code = kd_arena_array(&g->arena, call->count + 1, sizeof *s->code);
    if (!s->code) return KD_NOMEM;
    for (uint32_t i = 0; i < call->count; i++) {
        kd_status st = eng_code_compile(&g->arena, g->plan->exprs, call->args[i], &s->code[i]);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status extend_run(kd_engine *g, eng_node *n) {
    const codes *s = n->state;
    const eng_node *in = n->in[0];
    const eng_call *call = g->plan->exprs[n->words[1]].call;
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        kd_value args[KD_ARGS_MAX], results[KD_WIDTH_MAX], *to;
        const char *complaint = "a function failed";
        bool holds = true;
        kd_status st = KD_OK;
        for (uint32_t k = 0; !st && k < call->count; k++) st = compute(g, &s->code[k], row, &args[k]);
        if (!st) st = call->call(call->ctx, args, results, &holds, &complaint);
        if (st == KD_INVALID) return g->complaint ? st : eng_complain(g, "function", complaint);
        if (st) return st;
        if (!holds) continue;
        if (!(to = eng_emit(g, n, eng_batch_count(in, i), eng_batch_order(in, i)))) return KD_NOMEM;
        eng_copy(to, row, in->width);
        eng_copy(to + in->width, results, n->width - in->width);
    }
    return KD_OK;
}

const eng_operator eng_op_select = {
    .name = "select", .state_bytes = sizeof(eng_tail), .open = select_open, .run = select_run};
const eng_operator eng_op_map = {
    .name = "map", .state_bytes = sizeof(codes), .open = map_open, .run = map_run};
const eng_operator eng_op_extend = {
    .name = "extend", .state_bytes = sizeof(codes), .open = extend_open, .run = extend_run};
const eng_operator eng_op_union = {.name = "union", .run = union_run};

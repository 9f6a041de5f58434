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
    if (c->column >= 0) {
        *out = row[c->column];
        return KD_OK;
    }
    kd_status s = eng_code_run(c, row, &(eng_moment){g->now, (int64_t)g->index}, out, &complaint);
    return s == KD_INVALID ? eng_complain(g, "overflow", complaint) : s;
}

/* No number is right for the instant of the supposed last time point: what cannot be computed of it is not there,
 * instead of ending a log in which nothing was wrong. */
static bool is_forgiven(kd_engine *g, kd_status s) {
    if (s != KD_INVALID || !g->ended || g->now != KD_NEVER) return false;
    g->complaint = g->complaint_word = NULL;
    return true;
}

static kd_status select_run(kd_engine *g, eng_node *n) {
    const codes *s = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        kd_value holds;
        kd_status st = compute(g, &s->code[0], row, &holds);
        if (st && is_forgiven(g, st)) continue;
        if (!st && eng_true(holds))
            st = eng_emit_row(g, n, row, eng_batch_count(in, i), eng_batch_order(in, i));
        if (st) return st;
    }
    return KD_OK;
}

static kd_status map_run(kd_engine *g, eng_node *n) {
    const codes *s = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        kd_value *to = eng_emit(g, n, eng_batch_count(in, i), eng_batch_order(in, i));
        if (!to) return KD_NOMEM;
        for (unsigned c = 0; c < n->width; c++) {
            kd_status st = compute(g, &s->code[c], row, &to[c]);
            if (st && !is_forgiven(g, st)) return st;
            if (st) {
                n->out.n--;
                break;
            }
        }
    }
    return KD_OK;
}

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
    .name = "select", .state_bytes = sizeof(codes), .open = codes_open, .run = select_run};
const eng_operator eng_op_map = {
    .name = "map", .state_bytes = sizeof(codes), .open = codes_open, .run = map_run};
const eng_operator eng_op_extend = {
    .name = "extend", .state_bytes = sizeof(codes), .open = extend_open, .run = extend_run};
const eng_operator eng_op_union = {.name = "union", .run = union_run};

/* describe.c: what a plan is, in words, with what each node holds now: one line a node, and the whole as a tree.
 *
 *      antijoin a1 = b1 · pulse of 2, stage 1                      columns are numbered from 1; `a` is the first
 *        input p · pulse of 2, stage 0                             input, `b` the second
 *        eventually [0,5] · level of 1, stage 1, holds 3 entries in 1024 bytes
 */
#include "engine/automaton.h"
#include "engine/fold.h"
#include "engine/tail.h"
#include "engine/walk.h"

#define DEEPEST_EXPR 12 /* parts below are shown as ... */
#define DEEPEST_LINE 40 /* nodes below are not moved in further */

/* ---- Expressions ----------------------------------------------------------------------------------------*/

static const char *const signs[] = {
    [KD_X_ADD] = "+",    [KD_X_SUB] = "-",   [KD_X_MUL] = "*",   [KD_X_EQ] = "=",
    [KD_X_NE] = "!=",    [KD_X_LT] = "<",    [KD_X_LE] = "<=",   [KD_X_GT] = ">",
    [KD_X_GE] = ">=",    [KD_X_AND] = "and", [KD_X_OR] = "or",   [KD_X_DIV] = "/",
    [KD_X_MOD] = "mod",  [KD_X_FADD] = "+.", [KD_X_FSUB] = "-.", [KD_X_FMUL] = "*.",
    [KD_X_FDIV] = "/.",  [KD_X_FLT] = "<.",  [KD_X_FLE] = "<=.", [KD_X_OR_ELSE] = "or else",
    [KD_X_TO_INT] = NULL};
static const char *const names[] = {[KD_X_MAX] = "max",
                                    [KD_X_MIN] = "min",
                                    [KD_X_NOT] = "not",
                                    [KD_X_IF] = "if",
                                    [KD_X_IS_ABSENT] = "absent",
                                    [KD_X_NOW] = "now",
                                    [KD_X_DAY_BEGIN] = "day begin",
                                    [KD_X_DAY_END] = "day end",
                                    [KD_X_ADD_DAYS] = "add days",
                                    [KD_X_ADD_MONTHS] = "add months",
                                    [KD_X_PERIOD] = "period",
                                    [KD_X_PERIOD_DAYS] = "period of days",
                                    [KD_X_INDEX] = "index",
                                    [KD_X_NEG] = "-",
                                    [KD_X_FNEG] = "-.",
                                    [KD_X_TO_FLOAT] = "float",
                                    [KD_X_TO_INT] = "int"};

static void put_value(kd_text *out, kd_value v) {
    if (v == KD_ABSENT)
        kd_text_puts(out, "absent");
    else if (v == KD_NEVER)
        kd_text_puts(out, "never");
    else
        kd_text_printf(out, "%lld", (long long)v);
}

static void put_expr(const kd_plan *p, kd_expr n, unsigned depth, kd_text *out);

static void put_parts(const kd_plan *p, const kd_expr *parts, unsigned count, unsigned depth, kd_text *out) {
    kd_text_putc(out, '(');
    for (unsigned i = 0; i < count; i++) {
        if (i) kd_text_puts(out, ", ");
        put_expr(p, parts[i], depth + 1, out);
    }
    kd_text_putc(out, ')');
}

/* Not deeper than DEEPEST_EXPR. */
static void put_expr(const kd_plan *p, kd_expr n, unsigned depth, kd_text *out) {
    const eng_expr *x = &p->exprs[n];
    if (x->op == EXPR_COLUMN) {
        kd_text_printf(out, "#%lld", (long long)x->value + 1);
    } else if (x->op == EXPR_VALUE) {
        put_value(out, x->value);
    } else if (depth >= DEEPEST_EXPR) {
        kd_text_puts(out, "...");
    } else if (x->op == EXPR_CALL) {
        kd_text_puts(out, "call");
        put_parts(p, x->call->args, x->call->count, depth, out);
    } else if (signs[x->op]) {
        kd_text_putc(out, '(');
        put_expr(p, x->part[0], depth + 1, out);
        kd_text_printf(out, " %s ", signs[x->op]);
        put_expr(p, x->part[1], depth + 1, out);
        kd_text_putc(out, ')');
    } else {
        kd_text_puts(out, names[x->op]);
        if (eng_expr_arity(x->op)) put_parts(p, x->part, eng_expr_arity(x->op), depth, out);
    }
}

/* ---- What a node was asked for --------------------------------------------------------------------------*/

static void put_interval(const kd_value *words, kd_text *out) {
    kd_text_printf(out, " [%lld,", (long long)words[0]);
    if (words[1] == KD_NEVER)
        kd_text_puts(out, "*)");
    else
        kd_text_printf(out, "%lld]", (long long)words[1]);
}

static void put_pairs(const kd_value *words, kd_text *out) {
    for (kd_value i = 0; i < words[0]; i++)
        kd_text_printf(out, "%s a%lld = b%lld", i ? "," : "", (long long)words[1 + i] + 1,
                       (long long)words[1 + words[0] + i] + 1);
}

static void put_columns(const char *before, const kd_value *columns, size_t count, kd_text *out) {
    for (size_t i = 0; i < count; i++)
        kd_text_printf(out, "%s #%lld", i ? "," : before, (long long)columns[i] + 1);
}

static void put_schedule(const kd_value *w, kd_text *out) {
    kd_text_printf(out, " every %lld %s from ", (long long)(w[1] ? w[1] : w[2]), w[1] ? "months" : "days");
    kd_instant_put(out, w[0]);
    if (w[3] == KD_NEVER) return;
    kd_text_puts(out, " until ");
    kd_instant_put(out, w[3]);
}

static void put_fold(const kd_value *w, size_t count, kd_text *out) {
    static const char *const folds[] = {
        "count",           "sum",           "least",           "greatest",           "average",
        "median",          "sum of floats", "least of floats", "greatest of floats", "average of floats",
        "median of floats"};
    kd_text_printf(out, " %s", folds[w[ENG_FOLD_WHAT]]);
    if (w[ENG_FOLD_WHAT] != KD_COUNT) kd_text_printf(out, " of #%lld", (long long)w[ENG_FOLD_COLUMN] + 1);
    put_columns(" by", w + ENG_FOLD_GROUPS, count - ENG_FOLD_GROUPS, out);
    if (w[ENG_FOLD_ALWAYS]) kd_text_puts(out, " or of none "), put_value(out, w[ENG_FOLD_NONE]);
}

static void put_exprs(const kd_plan *p, const kd_value *words, size_t count, kd_text *out) {
    for (size_t i = 0; i < count; i++) {
        kd_text_puts(out, i ? ", " : " ");
        put_expr(p, (kd_expr)words[i], 0, out);
    }
}

static void put_match(const eng_node *n, kd_text *out) {
    put_interval(n->words, out);
    kd_text_printf(out, " %s, %lld moves between %lld states",
                   n->op == &eng_op_match_past ? "past" : "future", (long long)n->words[MATCH_MOVES],
                   (long long)n->words[MATCH_STATES]);
}

/* Which column of the result each side's columns are. */
static void put_sides(const eng_node *n, kd_text *out) {
    const kd_value *w = n->words + 1;
    for (uint32_t k = n->in[0] ? 0 : 1; k <= n->more_count; k++) {
        unsigned width = k ? n->more[k - 1]->width : n->in[0]->width;
        kd_text_puts(out, " (");
        for (unsigned i = 0; i < width; i++)
            kd_text_printf(out, "%s#%lld", i ? "," : "", (long long)*w++ + 1);
        kd_text_putc(out, ')');
    }
}

static bool is(const eng_node *n, const eng_operator *a, const eng_operator *b, const eng_operator *c) {
    return n->op == a || n->op == b || n->op == c;
}

static void put_parameters(const kd_plan *p, const eng_node *n, kd_text *out) {
    const kd_value *w = n->words;
    kd_str name = p->nodes[n->plan].name;
    if (n->op == &eng_op_carry)
        kd_text_printf(out, " from stage %u", (unsigned)n->in[0]->stage->id);
    else if (is(n, &eng_op_input_pulse, &eng_op_input_level, NULL))
        kd_text_printf(out, " %.*s", KD_STR_ARGS(name));
    else if (n->op == &eng_op_constant)
        kd_text_printf(out, " of %lld rows", (long long)w[0]);
    else if (n->op == &eng_op_schedule)
        put_schedule(w, out);
    else if (is(n, &eng_op_select, &eng_op_map, NULL))
        put_exprs(p, w, n->word_count, out);
    else if (n->op == &eng_op_extend)
        kd_text_puts(out, " by "), put_expr(p, (kd_expr)w[1], 0, out);
    else if (is(n, &eng_op_join_pulses, &eng_op_join_levels, &eng_op_join_probe_left) ||
             is(n, &eng_op_join_probe_right, &eng_op_antijoin_pulses, &eng_op_antijoin_probe) ||
             n->op == &eng_op_antijoin_levels)
        put_pairs(w, out);
    else if (n->op == &eng_op_once_before)
        put_interval(w, out), put_interval(p->nodes[p->nodes[n->head].in[0]].words, out);
    else if (is(n, &eng_op_hold, &eng_op_latest, NULL))
        put_columns(" by", w, n->word_count, out);
    else if (is(n, &eng_op_since_present, &eng_op_runs_present, NULL))
        put_interval(w, out), put_pairs(w + 2, out);
    else if (is(n, &eng_op_since_absent, &eng_op_runs_absent, NULL))
        kd_text_puts(out, " not a"), put_interval(w, out), put_pairs(w + 2, out);
    else if (is(n, &eng_op_match_past, &eng_op_match_future, NULL))
        put_match(n, out);
    else if (is(n, &eng_op_join_many, &eng_op_join_many_levels, NULL))
        put_sides(n, out);
    else if (n->op == &eng_op_timer)
        kd_text_printf(out, " at #%lld", (long long)w[0] + 1);
    else if (is(n, &eng_op_aggregate, &eng_op_aggregate_pulse, &eng_op_accumulate))
        put_fold(w, n->word_count, out);
    else if (is(n, &eng_op_aggregate_window, &eng_op_aggregate_extreme, NULL))
        put_fold(w, n->word_count, out), put_interval(eng_fused_window(p, n)->words, out);
    else if (is(n, &eng_op_once, &eng_op_eventually, &eng_op_until) ||
             is(n, &eng_op_previous, &eng_op_previous_level, &eng_op_next))
        put_interval(w, out);
}

/* What is done to its rows at once, from the node's own operator up. */
static void put_tail(const kd_plan *p, const eng_node *n, kd_text *out) {
    kd_node chain[ENG_TAIL_MAX];
    size_t count = 0;
    for (kd_node at = n->plan; at != n->head && count < ENG_TAIL_MAX; at = p->nodes[at].in[0])
        chain[count++] = at;
    while (count-- > 0) {
        const plan_node *x = &p->nodes[chain[count]];
        kd_text_puts(out, x->op == &eng_op_select ? ", if" : ", as");
        put_exprs(p, x->words, x->word_count, out);
    }
}

static void put_node(const kd_engine *g, eng_node *n, kd_text *out) {
    kd_engine shown = *g;
    eng_walk w = {.g = &shown, .way = ENG_MEASURING};
    kd_str label = eng_label_of(g->plan, n);
    eng_walk_node(&w, n);
    kd_text_puts(out, n->op->name);
    put_parameters(g->plan, n, out);
    put_tail(g->plan, n, out);
    kd_text_printf(out, " · %s of %u", n->kind == KD_LEVEL ? "level" : "pulse", n->width);
    if (g->stage_count > 1) kd_text_printf(out, ", stage %u", (unsigned)n->stage->id);
    if (n->silent) kd_text_puts(out, ", looked up");
    if (n->op->walk) kd_text_printf(out, ", holds %zu entries in %zu bytes", w.live, w.bytes);
    if (label.n) kd_text_printf(out, " (%.*s)", KD_STR_ARGS(label));
}

void kd_engine_describe(const kd_engine *g, kd_node n, kd_text *out) {
    if (n == 0 || n >= g->plan->node_count) return;
    put_node(g, &g->nodes[g->node_of[n]], out);
}

/* ---- The whole plan -------------------------------------------------------------------------------------*/

typedef struct frame {
    uint32_t node, depth;
} frame;

typedef struct tree {
    const kd_engine *g;
    kd_text *out;
    frame *todo; /* room for every edge and every root */
    size_t n;
    bool *shown; /* by node */
} tree;

static void show(tree *t, frame f) {
    const kd_engine *g = t->g;
    eng_node *n = &g->nodes[f.node];
    kd_text_repeat(t->out, ' ', 2 * (size_t)(f.depth < DEEPEST_LINE ? f.depth : DEEPEST_LINE));
    kd_text_printf(t->out, "%u ", (unsigned)f.node);
    if (t->shown[f.node]) {
        kd_text_printf(t->out, "%s, as above\n", n->op->name);
        return;
    }
    t->shown[f.node] = true;
    put_node(g, n, t->out);
    kd_text_putc(t->out, '\n');
    for (uint32_t k = n->more_count; k-- > 0;) t->todo[t->n++] = (frame){n->more[k]->id, f.depth + 1};
    for (unsigned k = 2; k-- > 0;)
        if (n->in[k]) t->todo[t->n++] = (frame){n->in[k]->id, f.depth + 1};
}

static void show_from(tree *t, const eng_node *root) {
    t->todo[t->n++] = (frame){root->id, 1};
    while (t->n) show(t, t->todo[--t->n]);
}

void kd_engine_explain(const kd_engine *g, kd_text *out) {
    const kd_allocator *from = out->from;
    size_t room = 1;
    for (uint32_t i = 1; i < g->node_count; i++) room += 2 + g->nodes[i].more_count;
    tree t = {.g = g, .out = out, .todo = from->resize(from->ctx, NULL, 0, room * sizeof *t.todo)};
    t.shown = from->resize(from->ctx, NULL, 0, g->node_count * sizeof *t.shown);
    if (!t.todo || !t.shown) out->failed = true;
    for (uint32_t i = 0; t.shown && i < g->node_count; i++) t.shown[i] = false;
    if (!out->failed && g->watch.node) {
        kd_text_puts(out, "watched\n");
        show_from(&t, g->watch.node);
    }
    for (uint32_t i = 0; !out->failed && i < g->sink_count; i++) {
        kd_text_printf(out, "sink %u\n", (unsigned)g->sinks[i].id);
        show_from(&t, g->sinks[i].node);
    }
    if (t.todo) from->resize(from->ctx, t.todo, room * sizeof *t.todo, 0);
    if (t.shown) from->resize(from->ctx, t.shown, g->node_count * sizeof *t.shown, 0);
}

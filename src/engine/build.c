/* build.c: the builders of a plan: each checks what it is given and describes one node. */
#include "engine/run.h"

#include <string.h>

/* ---- Checks ---------------------------------------------------------------------------------------------*/

/* The node, when it is there and of a kind that fits; else a failure that names the operator. */
static const plan_node *take(kd_plan *p, kd_node n, const char *what) {
    if (n == 0 || n >= p->node_count) {
        plan_fail(p, KD_USAGE, "no_node", "%s: an input is no node of the plan", what);
        return NULL;
    }
    return &p->nodes[n];
}

static const plan_node *take_kind(kd_plan *p, kd_node n, kd_kind kind, const char *what) {
    const plan_node *x = take(p, n, what);
    if (!x || x->kind == kind) return x;
    plan_fail(p, KD_INVALID, "kind", "%s: an input is a %s; it must be a %s", what,
              kind == KD_LEVEL ? "pulse" : "level", kind == KD_LEVEL ? "level" : "pulse");
    return NULL;
}

static bool has_column(kd_plan *p, unsigned column, unsigned width, const char *what) {
    if (column < width) return true;
    plan_fail(p, KD_INVALID, "column", "%s: column %u of a row that has %u", what, column, width);
    return false;
}

/* Appends columns to a description's words. */
static bool put_columns(kd_plan *p, kd_value *words, size_t *n, const unsigned *columns, unsigned count,
                        unsigned width, const char *what) {
    if (count > KD_WIDTH_MAX) {
        plan_fail(p, KD_INVALID, "width", "%s: %u columns; at most %d are possible", what, count,
                  KD_WIDTH_MAX);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!has_column(p, columns[i], width, what)) return false;
        words[(*n)++] = columns[i];
    }
    return true;
}

/* Appends the pairs of a join: their number, the left columns, the right columns. */
static bool put_pairs(kd_plan *p, kd_value *words, size_t *n, const kd_on *on, unsigned count, unsigned left,
                      unsigned right, const char *what) {
    if (count > KD_WIDTH_MAX) {
        plan_fail(p, KD_INVALID, "width", "%s: %u pairs; at most %d are possible", what, count, KD_WIDTH_MAX);
        return false;
    }
    words[(*n)++] = count;
    for (unsigned i = 0; i < count; i++) {
        if (!has_column(p, on[i].left, left, what) || !has_column(p, on[i].right, right, what)) return false;
        words[*n + i] = on[i].left;
        words[*n + count + i] = on[i].right;
    }
    *n += 2 * (size_t)count;
    return true;
}

static bool put_interval(kd_plan *p, kd_value *words, size_t *n, kd_interval within, const char *what) {
    if (within.low < 0 || within.high < within.low || within.low == KD_NEVER) {
        plan_fail(p, KD_INVALID, "interval", "%s: the interval is empty or begins below zero", what);
        return false;
    }
    words[(*n)++] = within.low;
    words[(*n)++] = within.high;
    return true;
}

static bool fits(kd_plan *p, kd_expr x, const plan_node *in, const char *what) {
    if (x == 0 || x >= p->expr_count) {
        plan_fail(p, KD_USAGE, "expression", "%s: there is no such expression", what);
        return false;
    }
    const eng_expr *e = &p->exprs[x];
    if (e->columns > in->width) return has_column(p, e->columns - 1, in->width, what);
    if (!e->now || in->kind == KD_PULSE) return true;
    plan_fail(p, KD_INVALID, "now", "%s: the time point's instant cannot be part of a level", what);
    return false;
}

/* ---- Sources --------------------------------------------------------------------------------------------*/

kd_node kd_plan_input(kd_plan *p, kd_str name, kd_kind kind, unsigned width) {
    plan_node n = {
        .op = kind == KD_LEVEL ? &eng_op_input_level : &eng_op_input_pulse, .kind = kind, .width = width};
    n.name = name;
    return plan_add_input(p, &n);
}

kd_node kd_plan_constant(kd_plan *p, const kd_value *rows, size_t count, unsigned width) {
    if (width > KD_WIDTH_MAX || count > UINT32_MAX || count > SIZE_MAX / 16 / (KD_WIDTH_MAX + 1))
        return plan_fail(p, KD_INVALID, "width", "constant: %zu rows of %u columns", count, width);
    size_t n = count * width + 1, room = 0;
    kd_value *words = NULL;
    if (!eng_reserve(&p->mem, &words, &room, n, sizeof *words)) return plan_fail(p, KD_NOMEM, "", " ");
    words[0] = (kd_value)count;
    if (n > 1) memcpy(words + 1, rows, (n - 1) * sizeof *words);
    kd_node made = plan_add(
        p, &(plan_node){
               .op = &eng_op_constant, .kind = KD_LEVEL, .width = width, .words = words, .word_count = n});
    eng_release(&p->mem, &words, &room, sizeof *words);
    return made;
}

kd_node kd_plan_schedule(kd_plan *p, kd_schedule s) {
    if ((s.months > 0) == (s.days > 0) || s.months < 0 || s.days < 0)
        return plan_fail(p, KD_INVALID, "schedule", "schedule: exactly one of months and days is above 0");
    kd_value words[] = {s.anchor, s.months, s.days, s.until};
    return plan_add(
        p,
        &(plan_node){.op = &eng_op_schedule, .kind = KD_PULSE, .width = 3, .words = words, .word_count = 4});
}

/* ---- Row by row -----------------------------------------------------------------------------------------*/

kd_node kd_plan_select(kd_plan *p, kd_node in, kd_expr condition) {
    const plan_node *x = take(p, in, "select");
    if (!x || !fits(p, condition, x, "select")) return 0;
    kd_value word = condition;
    return plan_add(p, &(plan_node){.op = &eng_op_select,
                                    .in = {in},
                                    .kind = x->kind,
                                    .width = x->width,
                                    .words = &word,
                                    .word_count = 1});
}

kd_node kd_plan_map(kd_plan *p, kd_node in, const kd_expr *columns, unsigned count) {
    const plan_node *x = take(p, in, "map");
    kd_value words[KD_WIDTH_MAX];
    if (!x) return 0;
    if (count > KD_WIDTH_MAX) return plan_fail(p, KD_INVALID, "width", "map: %u columns", count);
    for (unsigned i = 0; i < count; i++) {
        if (!fits(p, columns[i], x, "map")) return 0;
        words[i] = columns[i];
    }
    return plan_add(p, &(plan_node){.op = &eng_op_map,
                                    .in = {in},
                                    .kind = x->kind,
                                    .width = count,
                                    .words = words,
                                    .word_count = count});
}

kd_node kd_plan_union(kd_plan *p, kd_node a, kd_node b) {
    const plan_node *x = take(p, a, "union"), *y = take(p, b, "union");
    if (!x || !y) return 0;
    if (x->kind != y->kind || x->width != y->width)
        return plan_fail(p, KD_INVALID, "kind", "union: both inputs must be of one kind and width");
    return plan_add(p, &(plan_node){.op = &eng_op_union, .in = {a, b}, .kind = x->kind, .width = x->width});
}

kd_node kd_plan_distinct(kd_plan *p, kd_node in) {
    const plan_node *x = take(p, in, "distinct");
    if (!x) return 0;
    return plan_add(p,
                    &(plan_node){.op = x->kind == KD_LEVEL ? &eng_op_distinct_level : &eng_op_distinct_pulse,
                                 .in = {in},
                                 .kind = x->kind,
                                 .width = x->width});
}

/* ---- Two inputs -----------------------------------------------------------------------------------------*/

kd_node kd_plan_join(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count) {
    static const eng_operator *const by_kinds[2][2] = {
        [KD_PULSE] = {[KD_PULSE] = &eng_op_join_pulses, [KD_LEVEL] = &eng_op_join_probe_right},
        [KD_LEVEL] = {[KD_PULSE] = &eng_op_join_probe_left, [KD_LEVEL] = &eng_op_join_levels},
    };
    const plan_node *x = take(p, a, "join"), *y = take(p, b, "join");
    kd_value words[1 + 2 * KD_WIDTH_MAX];
    size_t n = 0;
    if (!x || !y || !put_pairs(p, words, &n, on, count, x->width, y->width, "join")) return 0;
    return plan_add(p, &(plan_node){.op = by_kinds[x->kind][y->kind],
                                    .in = {a, b},
                                    .kind = x->kind == KD_LEVEL ? y->kind : KD_PULSE,
                                    .width = x->width + y->width,
                                    .words = words,
                                    .word_count = n});
}

kd_node kd_plan_antijoin(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count) {
    const plan_node *x = take(p, a, "antijoin"), *y = take(p, b, "antijoin");
    kd_value words[1 + 2 * KD_WIDTH_MAX];
    size_t n = 0;
    if (!x || !y || !put_pairs(p, words, &n, on, count, x->width, y->width, "antijoin")) return 0;
    if (x->kind == KD_LEVEL && y->kind == KD_PULSE)
        return plan_fail(p, KD_INVALID, "kind", "antijoin: a pulse cannot be taken from a level");
    const eng_operator *op = x->kind == KD_LEVEL   ? &eng_op_antijoin_levels
                             : y->kind == KD_LEVEL ? &eng_op_antijoin_probe
                                                   : &eng_op_antijoin_pulses;
    return plan_add(
        p, &(plan_node){
               .op = op, .in = {a, b}, .kind = x->kind, .width = x->width, .words = words, .word_count = n});
}

/* ---- From pulses ----------------------------------------------------------------------------------------*/

kd_node kd_plan_hold(kd_plan *p, kd_node begin, kd_node end, const unsigned *keys, unsigned count) {
    const plan_node *x = take_kind(p, begin, KD_PULSE, "hold"), *y = take_kind(p, end, KD_PULSE, "hold");
    kd_value words[KD_WIDTH_MAX];
    size_t n = 0;
    if (!x || !y || !put_columns(p, words, &n, keys, count, x->width, "hold")) return 0;
    if (y->width != count)
        return plan_fail(p, KD_INVALID, "width", "hold: the end has %u columns for %u keys", y->width, count);
    return plan_add(p, &(plan_node){.op = &eng_op_hold,
                                    .in = {begin, end},
                                    .kind = KD_LEVEL,
                                    .width = x->width,
                                    .words = words,
                                    .word_count = n});
}

kd_node kd_plan_latest(kd_plan *p, kd_node in, const unsigned *keys, unsigned count) {
    const plan_node *x = take_kind(p, in, KD_PULSE, "latest");
    kd_value words[KD_WIDTH_MAX];
    size_t n = 0;
    if (!x || !put_columns(p, words, &n, keys, count, x->width, "latest")) return 0;
    return plan_add(p, &(plan_node){.op = &eng_op_latest,
                                    .in = {in},
                                    .kind = KD_LEVEL,
                                    .width = x->width,
                                    .words = words,
                                    .word_count = n});
}

kd_node kd_plan_once(kd_plan *p, kd_node in, kd_interval within) {
    const plan_node *x = take_kind(p, in, KD_PULSE, "once");
    kd_value words[2];
    size_t n = 0;
    if (!x || !put_interval(p, words, &n, within, "once")) return 0;
    return plan_add(p, &(plan_node){.op = &eng_op_once,
                                    .in = {in},
                                    .kind = KD_LEVEL,
                                    .width = x->width,
                                    .words = words,
                                    .word_count = n});
}

kd_node kd_plan_since(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count, kd_interval within,
                      bool negated) {
    const plan_node *x = take_kind(p, a, KD_PULSE, "since"), *y = take_kind(p, b, KD_PULSE, "since");
    kd_value words[3 + 2 * KD_WIDTH_MAX];
    size_t n = 0;
    if (!x || !y || !put_interval(p, words, &n, within, "since") ||
        !put_pairs(p, words, &n, on, count, x->width, y->width, "since"))
        return 0;
    return plan_add(p, &(plan_node){.op = negated ? &eng_op_since_absent : &eng_op_since_present,
                                    .in = {a, b},
                                    .kind = KD_LEVEL,
                                    .width = y->width,
                                    .words = words,
                                    .word_count = n});
}

kd_node kd_plan_previous(kd_plan *p, kd_node in, kd_interval within) {
    const plan_node *x = take_kind(p, in, KD_PULSE, "previous");
    kd_value words[2];
    size_t n = 0;
    if (!x || !put_interval(p, words, &n, within, "previous")) return 0;
    return plan_add(p, &(plan_node){.op = &eng_op_previous,
                                    .in = {in},
                                    .kind = KD_PULSE,
                                    .width = x->width,
                                    .words = words,
                                    .word_count = n});
}

/* ---- From levels ----------------------------------------------------------------------------------------*/

static kd_node edge(kd_plan *p, kd_node in, const eng_operator *op) {
    const plan_node *x = take_kind(p, in, KD_LEVEL, op->name);
    if (!x) return 0;
    return plan_add(p, &(plan_node){.op = op, .in = {in}, .kind = KD_PULSE, .width = x->width});
}

kd_node kd_plan_rise(kd_plan *p, kd_node in) {
    return edge(p, in, &eng_op_rise);
}

kd_node kd_plan_fall(kd_plan *p, kd_node in) {
    return edge(p, in, &eng_op_fall);
}

kd_node kd_plan_timer(kd_plan *p, kd_node in, unsigned due) {
    const plan_node *x = take_kind(p, in, KD_LEVEL, "timer");
    if (!x || !has_column(p, due, x->width, "timer")) return 0;
    kd_value word = due;
    return plan_add(p, &(plan_node){.op = &eng_op_timer,
                                    .in = {in},
                                    .kind = KD_PULSE,
                                    .width = x->width,
                                    .words = &word,
                                    .word_count = 1});
}

static kd_node fold(kd_plan *p, kd_node in, kd_kind kind, const eng_operator *op, const unsigned *group,
                    unsigned count, kd_fold f, unsigned column) {
    const plan_node *x = take_kind(p, in, kind, op->name);
    kd_value words[2 + KD_WIDTH_MAX];
    size_t n = 0;
    if (!x) return 0;
    if ((unsigned)f > KD_GREATEST)
        return plan_fail(p, KD_USAGE, "fold", "%s: there is no fold %u", op->name, f);
    if (f == KD_COUNT)
        column = 0;
    else if (!has_column(p, column, x->width, op->name))
        return 0;
    words[n++] = f;
    words[n++] = column;
    if (!put_columns(p, words, &n, group, count, x->width, op->name)) return 0;
    return plan_add(
        p, &(plan_node){
               .op = op, .in = {in}, .kind = KD_LEVEL, .width = count + 1, .words = words, .word_count = n});
}

kd_node kd_plan_aggregate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                          unsigned column) {
    return fold(p, in, KD_LEVEL, &eng_op_aggregate, group, count, f, column);
}

kd_node kd_plan_accumulate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                           unsigned column) {
    return fold(p, in, KD_PULSE, &eng_op_accumulate, group, count, f, column);
}

/* In the order asked for; an engine sorts them when it opens, and hears one asked for twice once. */
void kd_plan_sink(kd_plan *p, kd_node in, uint32_t id) {
    if (!take(p, in, "sink")) return;
    if (!eng_reserve(&p->mem, &p->sinks, &p->sink_room, p->sink_count + 1, sizeof *p->sinks)) {
        plan_fail(p, KD_NOMEM, "", " ");
        return;
    }
    p->sinks[p->sink_count++] = (plan_sink){in, id};
}

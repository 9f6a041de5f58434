/* build.c: the builders of a plan: each checks what it is given and describes one node. */
#include "engine/fold.h"

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

kd_node kd_plan_tick(kd_plan *p) {
    return plan_add(p, &(plan_node){.op = &eng_op_tick, .kind = KD_PULSE, .width = 2});
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

kd_node kd_plan_extend(kd_plan *p, kd_node in, kd_function f, void *ctx, const kd_expr *args, unsigned count,
                       unsigned results) {
    const plan_node *x = take(p, in, "extend");
    if (!x) return 0;
    for (unsigned i = 0; i < count && i < KD_ARGS_MAX; i++)
        if (!fits(p, args[i], x, "extend")) return 0;
    kd_expr call = kd_plan_call(p, f, ctx, args, count);
    if (!call || results > KD_WIDTH_MAX)
        return plan_fail(p, KD_INVALID, "width", "extend: %u results", results);
    kd_value words[] = {results, call};
    return plan_add(p, &(plan_node){.op = &eng_op_extend,
                                    .in = {in},
                                    .kind = x->kind,
                                    .width = x->width + results,
                                    .words = words,
                                    .word_count = 2});
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

kd_node plan_spread(kd_plan *p, kd_node in) {
    const plan_node *x = take(p, in, "spread");
    if (!x || x->kind == KD_PULSE) return x ? in : 0;
    p->log_time = true;
    return plan_add(p, &(plan_node){.op = &eng_op_spread, .in = {in}, .kind = KD_PULSE, .width = x->width});
}

/* A node over one input, pulse or level, with an interval. */
static kd_node within_one(kd_plan *p, kd_node in, kd_interval within, kd_kind kind, const eng_operator *op) {
    const plan_node *x = take(p, in, op->name);
    kd_value words[2];
    size_t n = 0;
    if (!x || !put_interval(p, words, &n, within, op->name)) return 0;
    return plan_add(
        p,
        &(plan_node){.op = op, .in = {in}, .kind = kind, .width = x->width, .words = words, .word_count = n});
}

kd_node kd_plan_once(kd_plan *p, kd_node in, kd_interval within) {
    in = plan_spread(p, in);
    return in ? within_one(p, in, within, KD_LEVEL, &eng_op_once) : 0;
}

kd_node kd_plan_previous(kd_plan *p, kd_node in, kd_interval within) {
    const plan_node *x = take(p, in, "previous");
    if (!x) return 0;
    if (x->kind == KD_PULSE) return within_one(p, in, within, KD_PULSE, &eng_op_previous);
    p->log_time = true;
    return within_one(p, in, within, KD_LEVEL, &eng_op_previous_level);
}

/* The next time point's rows of a level are those that it spreads there. */
kd_node kd_plan_next(kd_plan *p, kd_node in, kd_interval within) {
    p->log_time = true;
    in = plan_spread(p, in);
    return in ? within_one(p, in, within, KD_PULSE, &eng_op_next) : 0;
}

static bool ends(kd_plan *p, kd_interval within, const char *what) {
    if (within.high != KD_NEVER) return true;
    plan_fail(p, KD_INVALID, "interval", "%s: what looks ahead must end", what);
    return false;
}

kd_node kd_plan_eventually(kd_plan *p, kd_node in, kd_interval within) {
    p->log_time = true;
    in = plan_spread(p, in);
    if (!in || !ends(p, within, "eventually")) return 0;
    return within_one(p, in, within, KD_LEVEL, &eng_op_eventually);
}

/* SINCE, or the first half of UNTIL: a node over a and b with an interval and pairs. */
static kd_node within_two(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count,
                          kd_interval within, kd_kind kind, unsigned more, const eng_operator *op) {
    a = plan_spread(p, a);
    b = plan_spread(p, b);
    const plan_node *x = a ? take(p, a, op->name) : NULL, *y = b ? take(p, b, op->name) : NULL;
    kd_value words[3 + 2 * KD_WIDTH_MAX];
    size_t n = 0;
    if (!x || !y || !put_interval(p, words, &n, within, op->name) ||
        !put_pairs(p, words, &n, on, count, x->width, y->width, op->name))
        return 0;
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < i; k++)
            if (on[i].right == on[k].right)
                return plan_fail(p, KD_INVALID, "column", "%s: column %u of b is matched twice", op->name,
                                 on[i].right);
    return plan_add(
        p,
        &(plan_node){
            .op = op, .in = {a, b}, .kind = kind, .width = y->width + more, .words = words, .word_count = n});
}

kd_node kd_plan_since(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count, kd_interval within,
                      bool negated) {
    return within_two(p, a, b, on, count, within, KD_LEVEL, 0,
                      negated ? &eng_op_since_absent : &eng_op_since_present);
}

kd_node kd_plan_until(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count, kd_interval within,
                      bool negated) {
    p->log_time = true;
    if (!ends(p, within, "until")) return 0;
    kd_node runs = within_two(p, a, b, on, count, within, KD_PULSE, 1,
                              negated ? &eng_op_runs_absent : &eng_op_runs_present);
    if (!runs) return 0;
    kd_value words[] = {within.low, within.high};
    return plan_add(p, &(plan_node){.op = &eng_op_until,
                                    .in = {runs},
                                    .kind = KD_LEVEL,
                                    .width = kd_plan_width(p, b),
                                    .words = words,
                                    .word_count = 2});
}

/* ---- Feedback -------------------------------------------------------------------------------------------*/

/* Its number among the feedbacks keeps two of them apart. */
kd_node kd_plan_feedback(kd_plan *p, unsigned width) {
    p->log_time = true;
    if (!eng_reserve(&p->mem, &p->feeds, &p->feed_room, p->feed_count + 1, sizeof *p->feeds))
        return plan_fail(p, KD_NOMEM, "", " ");
    if (p->feed_count >= FEEDS_MAX)
        return plan_fail(p, KD_INVALID, "feedback", "more than %d recursions in one plan", FEEDS_MAX);
    kd_value word = (kd_value)p->feed_count;
    kd_node made = plan_add(
        p, &(plan_node){
               .op = &eng_op_feedback, .kind = KD_PULSE, .width = width, .words = &word, .word_count = 1});
    if (made) p->feeds[p->feed_count++] = (eng_feed){made, 0};
    return made;
}

/* Does the node rest on the feedback at its own time point? */
static bool rests_on(const kd_plan *p, kd_node n, kd_node feedback, bool *seen) {
    if (n == feedback) return true;
    if (n < feedback || seen[n]) return false;
    seen[n] = true;
    const plan_node *x = &p->nodes[n];
    bool cut_last = x->op->reach == ENG_EARLIER || (x->op->reach == ENG_EARLIER_LOW && x->words[0] > 0);
    kd_node last = x->in[1] ? x->in[1] : x->in[0];
    for (unsigned k = 0; k < 2; k++)
        if (x->in[k] && !(cut_last && x->in[k] == last) && rests_on(p, x->in[k], feedback, seen)) return true;
    for (uint32_t k = 0; k < x->more_count; k++)
        if (rests_on(p, x->more[k], feedback, seen)) return true;
    return false;
}

void kd_plan_feed(kd_plan *p, kd_node feedback, kd_node body) {
    body = plan_spread(p, body);
    const plan_node *f = take(p, feedback, "feed"), *b = body ? take(p, body, "feed") : NULL;
    if (!f || !b) return;
    eng_feed *feed = NULL;
    for (size_t i = 0; i < p->feed_count; i++)
        if (p->feeds[i].feedback == feedback) feed = &p->feeds[i];
    if (!feed || feed->body || f->width != b->width) {
        plan_fail(p, KD_INVALID, "feedback", "feed: not a feedback of that width, or it is fed already");
        return;
    }
    bool *seen = NULL;
    size_t room = 0;
    if (!eng_reserve(&p->mem, &seen, &room, p->node_count, sizeof *seen)) {
        plan_fail(p, KD_NOMEM, "", " ");
        return;
    }
    memset(seen, 0, room * sizeof *seen);
    bool rests = rests_on(p, body, feedback, seen);
    eng_release(&p->mem, &seen, &room, sizeof *seen);
    feed->body = body;
    if (rests) plan_fail(p, KD_INVALID, "feedback", "feed: the body rests on itself at the same time point");
}

void kd_plan_watch(kd_plan *p, kd_node in) {
    if (!take(p, in, "watch")) return;
    if (p->watched && p->watched != in) plan_fail(p, KD_USAGE, "watch", "a plan has one watched node");
    p->watched = in;
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

/* 1 + the number of the order; 0 for integers, or when there is no memory. */
static kd_value order_of(kd_plan *p, const kd_fold_more *more) {
    if (!more->compare) return 0;
    for (size_t i = 0; i < p->order_count; i++)
        if (p->orders[i].compare == more->compare && p->orders[i].ctx == more->ctx) return (kd_value)i + 1;
    if (!eng_reserve(&p->mem, &p->orders, &p->order_room, p->order_count + 1, sizeof *p->orders)) {
        plan_fail(p, KD_NOMEM, "", " ");
        return 0;
    }
    p->orders[p->order_count++] = (eng_order){more->compare, more->ctx};
    return (kd_value)p->order_count;
}

static kd_node fold(kd_plan *p, kd_node in, kd_kind kind, const eng_operator *op, const unsigned *group,
                    unsigned count, kd_fold f, unsigned column, const kd_fold_more *more) {
    const plan_node *x = take(p, in, op->name);
    kd_value words[ENG_FOLD_GROUPS + KD_WIDTH_MAX];
    size_t n = ENG_FOLD_GROUPS;
    if (!x) return 0;
    if ((unsigned)f > KD_FMEDIAN)
        return plan_fail(p, KD_USAGE, "fold", "%s: there is no fold %u", op->name, f);
    if (more->compare && f != KD_LEAST && f != KD_GREATEST)
        return plan_fail(p, KD_USAGE, "fold", "%s: only LEAST and GREATEST compare", op->name);
    if (more->none && (count || kind != KD_LEVEL))
        return plan_fail(p, KD_USAGE, "fold", "%s: only a level without groups has a value of no rows",
                         op->name);
    if (f == KD_COUNT)
        column = 0;
    else if (!has_column(p, column, x->width, op->name))
        return 0;
    words[ENG_FOLD_WHAT] = f;
    words[ENG_FOLD_COLUMN] = column;
    words[ENG_FOLD_ORDER] = order_of(p, more);
    words[ENG_FOLD_ALWAYS] = more->none != NULL;
    words[ENG_FOLD_NONE] = more->none ? *more->none : 0;
    if (p->failed || !put_columns(p, words, &n, group, count, x->width, op->name)) return 0;
    return plan_add(
        p, &(plan_node){
               .op = op, .in = {in}, .kind = kind, .width = count + 1, .words = words, .word_count = n});
}

kd_node kd_plan_aggregate_more(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                               unsigned column, const kd_fold_more *more) {
    bool level = kd_plan_kind(p, in) == KD_LEVEL;
    return fold(p, in, level ? KD_LEVEL : KD_PULSE, level ? &eng_op_aggregate : &eng_op_aggregate_pulse,
                group, count, f, column, more);
}

kd_node kd_plan_aggregate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                          unsigned column) {
    return kd_plan_aggregate_more(p, in, group, count, f, column, &(kd_fold_more){0});
}

kd_node kd_plan_accumulate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                           unsigned column) {
    if (!take_kind(p, in, KD_PULSE, "accumulate")) return 0;
    return fold(p, in, KD_LEVEL, &eng_op_accumulate, group, count, f, column, &(kd_fold_more){0});
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

kd_node kd_plan_heard(const kd_plan *p, uint32_t id, size_t i) {
    for (size_t k = 0; k < p->sink_count; k++)
        if (p->sinks[k].id == id && i-- == 0) return p->sinks[k].node;
    return 0;
}

/* snapshot.c: the state of an engine as bytes, and an engine from such bytes.
 *
 *      "kdengin2" | sum of the plan u64 | the log, stages, sinks, the watch, nodes in order | sum of all before u64
 *
 * Little-endian on every machine; walk.h says how the pieces are written. The plan is not in it: its sum is made over
 * operators, inputs, words and expressions, never over addresses, so that the same plan built by another process has the
 * same; functions of the caller count by their operands only. The sums are kd_hash: they tell damage and mistakes,
 * they are no evidence against somebody who makes bytes on purpose. Against that, everything is checked when loaded. */
#include "engine/walk.h"

#include <string.h>

static const unsigned char magic[8] = {'k', 'd', 'e', 'n', 'g', 'i', 'n', '2'};

#define HEAD_BYTES 16 /* magic and the plan's sum */
#define SUM_BYTES  8

/* ---- The plan's sum -------------------------------------------------------------------------------------*/

/* Tells apart operators that share a name. New ones go to the end. */
static const eng_operator *const operators[] = {
    &eng_op_input_pulse,
    &eng_op_input_level,
    &eng_op_constant,
    &eng_op_schedule,
    &eng_op_tick,
    &eng_op_select,
    &eng_op_map,
    &eng_op_extend,
    &eng_op_union,
    &eng_op_join_pulses,
    &eng_op_join_probe_right,
    &eng_op_join_probe_left,
    &eng_op_join_levels,
    &eng_op_antijoin_pulses,
    &eng_op_antijoin_probe,
    &eng_op_antijoin_levels,
    &eng_op_distinct_pulse,
    &eng_op_distinct_level,
    &eng_op_hold,
    &eng_op_latest,
    &eng_op_once,
    &eng_op_since_present,
    &eng_op_since_absent,
    &eng_op_previous,
    &eng_op_previous_level,
    &eng_op_next,
    &eng_op_eventually,
    &eng_op_runs_present,
    &eng_op_runs_absent,
    &eng_op_until,
    &eng_op_match_past,
    &eng_op_match_future,
    &eng_op_feedback,
    &eng_op_carry,
    &eng_op_spread,
    &eng_op_rise,
    &eng_op_fall,
    &eng_op_timer,
    &eng_op_aggregate,
    &eng_op_aggregate_pulse,
    &eng_op_accumulate,
    &eng_op_join_many,
    &eng_op_join_many_levels,
};

static uint64_t number_of(const eng_operator *op) {
    uint64_t i = 0;
    while (i < sizeof operators / sizeof *operators && operators[i] != op) i++;
    return i;
}

static uint64_t mix(uint64_t sum, uint64_t word) {
    unsigned char bytes[8];
    for (unsigned i = 0; i < 8; i++) bytes[i] = (unsigned char)(word >> 8 * i);
    return kd_hash(bytes, sizeof bytes, sum);
}

static uint64_t sum_of_node(uint64_t sum, const plan_node *n) {
    sum = kd_hash(n->op->name, strlen(n->op->name), sum);
    sum = mix(sum, number_of(n->op) << 32 | (uint64_t)n->kind << 16 | n->width);
    sum = mix(sum, (uint64_t)n->in[0] << 32 | n->in[1]);
    sum = mix(sum, (uint64_t)n->more_count << 32 | (uint64_t)n->name.n);
    for (uint32_t i = 0; i < n->more_count; i++) sum = mix(sum, n->more[i]);
    if (n->name.n) sum = kd_hash(n->name.p, n->name.n, sum);
    sum = mix(sum, n->word_count);
    for (size_t i = 0; i < n->word_count; i++) sum = mix(sum, (uint64_t)n->words[i]);
    return sum;
}

static uint64_t sum_of_expr(uint64_t sum, const eng_expr *x) {
    sum = mix(sum, (uint64_t)x->op << 32 | x->part[0]);
    sum = mix(sum, (uint64_t)x->part[1] << 32 | x->part[2]);
    if (!x->call) return mix(sum, (uint64_t)x->value); /* a call's is made of addresses */
    sum = mix(sum, x->call->count);
    for (uint32_t i = 0; i < x->call->count; i++) sum = mix(sum, x->call->args[i]);
    return sum;
}

static uint64_t sum_of_plan(const kd_plan *p, bool log_time) {
    uint64_t sum = mix(0, log_time);
    sum = mix(sum, p->node_count);
    for (size_t i = 1; i < p->node_count; i++) sum = sum_of_node(sum, &p->nodes[i]);
    sum = mix(sum, p->expr_count);
    for (size_t i = 1; i < p->expr_count; i++) sum = sum_of_expr(sum, &p->exprs[i]);
    sum = mix(sum, p->sink_count);
    for (size_t i = 0; i < p->sink_count; i++)
        sum = mix(sum, (uint64_t)p->sinks[i].id << 32 | p->sinks[i].node);
    sum = mix(sum, (uint64_t)p->feed_count << 32 | p->watched);
    for (size_t i = 0; i < p->feed_count; i++)
        sum = mix(sum, (uint64_t)p->feeds[i].feedback << 32 | p->feeds[i].body);
    return sum;
}

/* ---- The engine's own -----------------------------------------------------------------------------------*/

/* Numbers of time points are below 2^62, so that whoever adds to them need not think. */
static void walk_time(eng_walk *w, kd_engine *g) {
    eng_walk_u64(w, &g->points);
    eng_walk_u64(w, &g->index);
    eng_walk_i64(w, &g->now);
    eng_walk_i64(w, &g->before);
    eng_walk_bool(w, &g->pushed);
    eng_walk_bool(w, &g->ended);
    eng_walk_u64(w, &g->stats.time_points);
    eng_walk_u64(w, &g->stats.events);
    eng_walk_u64(w, &g->stats.timers_fired);
    eng_walk_u64(w, &g->stats.rows_moved);
    eng_walk_u64(w, &g->stats.nodes_run);
    eng_walk_check(w, g->points < UINT64_C(1) << 62 && g->index + 1 <= g->points &&
                          (!g->ended || g->points > 0) &&
                          (g->ended ? g->options.log_time && g->now == KD_NEVER : g->now != KD_NEVER));
}

/* The instants from the one before the slowest stage's next on: whatever a stage may ask for is there. */
static void walk_log(eng_walk *w, kd_engine *g) {
    eng_log *l = &g->log;
    size_t n = l->n - l->head;
    eng_walk_u64(w, &l->first);
    if (!eng_walk_count(w, &n, 8)) return;
    if (eng_walk_loads(w)) {
        bool sound = g->stage_count > 1 ? l->first <= g->points && n == g->points - l->first : n == 0;
        if (!eng_walk_check(w, sound)) return;
        l->head = l->n = 0;
        if (!eng_reserve(&g->mem, &l->at, &l->room, n, sizeof *l->at)) {
            w->failed = KD_NOMEM;
            return;
        }
        l->n = n;
    }
    for (size_t i = 0; !w->failed && i < n; i++) {
        kd_instant *at = &l->at[l->head + i];
        eng_walk_i64(w, at);
        bool last = g->ended && i + 1 == n;
        eng_walk_check(w, *at != KD_ABSENT && (*at == KD_NEVER) == last && (i == 0 || *at >= at[-1]));
    }
    if (w->failed && eng_walk_loads(w)) l->n = 0;
}

/* Every node on it is one of the stage's own. */
static bool is_on(const eng_walk *w, const eng_stage *s, uint32_t node) {
    return node > 0 && node < w->g->node_count && w->g->nodes[node].stage->id == s->id;
}

static void walk_wakes(eng_walk *w, const eng_stage *s, eng_wakes *x) {
    size_t n = x->n;
    eng_walk_measure(w, 0, x->size * (sizeof *x->heap + sizeof *x->place));
    if (!eng_walk_count(w, &n, 12)) return;
    if (eng_walk_loads(w))
        while (x->n) eng_wakes_set(x, x->heap[0].node, KD_NEVER);
    for (size_t i = 0; !w->failed && i < n; i++) {
        struct eng_wake v = {0};
        if (!eng_walk_loads(w)) v = x->heap[i];
        eng_walk_u32(w, &v.node);
        eng_walk_i64(w, &v.at);
        if (eng_walk_loads(w) &&
            eng_walk_check(w, is_on(w, s, v.node) && !x->place[v.node] && v.at != KD_NEVER))
            eng_wakes_set(x, v.node, v.at);
    }
}

static void walk_node_set(eng_walk *w, const eng_stage *s, eng_bits *b) {
    eng_walk_bits(w, b, w->g->node_count);
    if (!eng_walk_loads(w)) return;
    for (size_t i = 0; i < b->words[0]; i++)
        for (uint64_t word = b->level[0][i]; word && !w->failed; word &= word - 1)
            eng_walk_check(w, is_on(w, s, (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(word)));
}

static void walk_stage(eng_walk *w, eng_stage *s) {
    const kd_engine *g = w->g;
    eng_walk_u64(w, &s->next);
    eng_walk_i64(w, &s->now);
    eng_walk_i64(w, &s->before);
    bool first = s->id == 0 || !g->options.log_time;
    uint64_t next = first ? (g->options.log_time ? g->points : 0) : s->next;
    bool kept = first || g->log.first <= (s->next ? s->next - 1 : 0);
    if (!eng_walk_check(w, s->next == next && s->next <= g->points && kept)) return;
    walk_node_set(w, s, &s->dirty);
    walk_node_set(w, s, &s->at_next);
    walk_wakes(w, s, &s->instants);
    walk_wakes(w, s, &s->indices);
}

/* No stage is ahead of those that it needs. */
static void check_needs(eng_walk *w) {
    const kd_engine *g = w->g;
    for (uint32_t i = 0; i < g->stage_count; i++)
        for (uint32_t k = 0; k < g->stages[i].need_count; k++) {
            const eng_stage_need *n = &g->stages[i].needs[k];
            eng_walk_check(w, g->stages[n->of].next + (n->by < 0) >= g->stages[i].next);
        }
}

static void walk_watch(eng_walk *w, kd_engine *g) {
    if (!g->watch.node) return;
    if (g->watch.idle) g->watch.told = g->watch.node->stage->next; /* not kept up */
    eng_walk_u64(w, &g->watch.told);
    eng_walk_check(w, g->options.log_time ? g->watch.told == g->watch.node->stage->next
                                          : eng_walk_knows(w, g->watch.told));
    eng_walk_bag(w, &g->watch.rows);
}

static kd_status walk_engine(eng_walk *w, kd_engine *g) {
    w->g = g;
    walk_time(w, g);
    if (!w->failed) walk_log(w, g);
    for (uint32_t i = 0; !w->failed && i < g->stage_count; i++) walk_stage(w, &g->stages[i]);
    if (!w->failed && eng_walk_loads(w) && g->options.log_time) check_needs(w);
    if (!w->failed) eng_walk_bits(w, &g->sinks_touched, g->sink_count);
    for (uint32_t i = 0; !w->failed && i < g->sink_count; i++) eng_walk_bag(w, &g->sinks[i].rows);
    if (!w->failed) walk_watch(w, g);
    for (uint32_t i = 1; !w->failed && i < g->node_count; i++) eng_walk_node(w, &g->nodes[i]);
    return w->failed;
}

/* ---- Saving ---------------------------------------------------------------------------------------------*/

/* Rows that were put and whose time point is still to come. */
static bool is_between(const kd_engine *g) {
    for (uint32_t i = 1; i < g->node_count; i++)
        if (g->nodes[i].out.n) return true;
    return false;
}

kd_status kd_engine_save(const kd_engine *g, kd_put put, void *ctx) {
    if (g->trace || g->failed || is_between(g)) return KD_USAGE;
    eng_walk w = {.way = ENG_SAVING, .put = put, .ctx = ctx};
    kd_engine shown = *g; /* a walk that saves changes nothing; the copy is for the compiler to believe it */
    eng_log_trim(&shown);
    unsigned char head[8];
    memcpy(head, magic, sizeof head);
    uint64_t plan = sum_of_plan(g->plan, g->options.log_time);
    eng_walk_bytes(&w, head, sizeof head);
    eng_walk_u64(&w, &plan);
    if (walk_engine(&w, &shown)) return w.failed;
    uint64_t sum = kd_hash(w.block, w.filled, w.sum);
    for (unsigned i = 0; i < SUM_BYTES; i++) head[i] = (unsigned char)(sum >> 8 * i);
    kd_status s = put(ctx, w.block, w.filled);
    return s ? s : put(ctx, head, SUM_BYTES);
}

/* ---- Loading --------------------------------------------------------------------------------------------*/

static kd_status refuse(kd_error *e, const char *how) {
    return kd_fail(e, KD_INVALID, "state", "this is not the state of an engine of this plan: %s", how);
}

static uint64_t word_at(const unsigned char *p) {
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++) v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static kd_status check(const kd_plan *p, const kd_engine_options *o, const unsigned char *bytes, size_t n,
                       kd_error *e) {
    if (n < HEAD_BYTES + SUM_BYTES || memcmp(bytes, magic, sizeof magic) != 0)
        return refuse(e, "it does not begin as one, or is of another version");
    if (word_at(bytes + n - SUM_BYTES) != eng_walk_sum(bytes, n - SUM_BYTES))
        return refuse(e, "it is damaged");
    if (word_at(bytes + sizeof magic) != sum_of_plan(p, o->log_time))
        return refuse(e, "it is of another plan");
    return KD_OK;
}

kd_status kd_engine_load(const kd_plan *p, const kd_engine_options *o, const void *bytes, size_t n,
                         kd_engine **out, kd_error *e) {
    *out = NULL;
    if (o->trace) return kd_fail(e, KD_USAGE, "trace", "an engine with trace is not loaded");
    kd_engine *g = NULL;
    const unsigned char *from = bytes;
    kd_status s = kd_plan_error(p, e);
    if (!s) s = check(p, o, from, n, e);
    if (!s) s = kd_engine_open(p, o, &g, e);
    if (s) return s;
    eng_walk w = {.way = ENG_LOADING, .p = from + HEAD_BYTES, .left = n - HEAD_BYTES - SUM_BYTES};
    walk_engine(&w, g);
    eng_walk_check(&w, w.left == 0);
    if (!w.failed) {
        *out = g;
        return KD_OK;
    }
    kd_engine_close(g);
    return w.failed == KD_NOMEM ? kd_fail_nomem(e) : refuse(e, "what it says cannot be");
}

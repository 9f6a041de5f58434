/* tell.c: the story of a part of the log: which rows nodes would have, and when, with some events only.
 *
 * Nodes are told in the order of the plan, each whole, from the stories of its inputs. Feedback is told from the
 * pass before: passes go on until the body stays the same, which is then its only story, since it rests on
 * earlier time points alone. */
#include "engine/story.h"

#include <string.h>

/* ---- What the question rests on -------------------------------------------------------------------------*/

kd_node eng_input_node(const kd_plan *p, kd_node node, unsigned k) {
    const plan_node *n = &p->nodes[node];
    for (size_t i = 0; n->op == &eng_op_feedback && k == 0 && i < p->feed_count; i++)
        if (p->feeds[i].feedback == node) return p->feeds[i].body;
    if (k < 2) return n->in[k];
    return k - 2 < n->more_count ? n->more[k - 2] : 0;
}

static unsigned inputs_at_most(const kd_plan *p, kd_node node) {
    return 2 + p->nodes[node].more_count;
}

/* Marks the node and all that it rests on; the stack has room for every edge. */
static kd_status mark_cone(eng_teller *t, kd_node node) {
    const kd_plan *p = t->g->plan;
    size_t edges = 1, n = 0;
    for (kd_node i = 1; i < p->node_count; i++) edges += inputs_at_most(p, i) + 1;
    kd_node *stack = kd_arena_array(&t->memory, edges, sizeof *stack);
    if (!stack) return KD_NOMEM;
    for (stack[n++] = node; n;) {
        kd_node i = stack[--n];
        if (t->cone[i]) continue;
        t->cone[i] = true;
        t->circular |= p->nodes[i].op == &eng_op_feedback;
        for (unsigned k = 0; k < inputs_at_most(p, i); k++)
            if (eng_input_node(p, i, k)) stack[n++] = eng_input_node(p, i, k);
    }
    return KD_OK;
}

static bool is_input(const eng_operator *op) {
    return op == &eng_op_input_pulse || op == &eng_op_input_level;
}

/* What rests on no event has the same story in every part. */
static void mark_moved(eng_teller *t) {
    const kd_plan *p = t->g->plan;
    for (bool more = true; more;) {
        more = false;
        for (kd_node i = 1; i < p->node_count; i++) {
            if (!t->cone[i] || t->moved[i]) continue;
            bool moved = is_input(p->nodes[i].op);
            for (unsigned k = 0; k < inputs_at_most(p, i); k++) moved |= t->moved[eng_input_node(p, i, k)];
            t->moved[i] = moved;
            more |= moved && t->circular;
        }
    }
}

static kd_status tell_inputs_of_whole(eng_teller *t) {
    for (kd_node i = 1; i < t->g->plan->node_count; i++)
        if (t->cone[i] && is_input(t->g->plan->nodes[i].op) && !eng_whole_tale(t->whole, i)) return KD_NOMEM;
    return KD_OK;
}

kd_status eng_teller_open(eng_teller *t, eng_story *whole, kd_node node, eng_when end) {
    kd_engine *g = whole->g;
    *t = (eng_teller){.g = g, .whole = whole, .end = end};
    kd_arena_open(&t->memory, &g->mem.counted);
    t->cone = kd_arena_array(&t->memory, g->plan->node_count, sizeof *t->cone);
    t->moved = kd_arena_array(&t->memory, g->plan->node_count, sizeof *t->moved);
    t->codes = kd_arena_array(&t->memory, g->plan->node_count, sizeof *t->codes);
    if (!t->cone || !t->moved || !t->codes || mark_cone(t, node)) return KD_NOMEM;
    mark_moved(t);
    return tell_inputs_of_whole(t);
}

void eng_teller_close(eng_teller *t) {
    if (!t->g) return;
    eng_story_close(&t->part);
    eng_story_close(&t->before);
    kd_arena_close(&t->memory);
}

/* ---- Row by row -----------------------------------------------------------------------------------------*/

static const eng_code *codes_of(eng_teller *t, kd_node node) {
    if (t->codes[node]) return t->codes[node];
    const kd_plan *p = t->g->plan;
    const plan_node *n = &p->nodes[node];
    const eng_call *call = n->op == &eng_op_extend ? p->exprs[n->words[1]].call : NULL;
    size_t count = call ? call->count : n->word_count;
    eng_code *codes = kd_arena_array(&t->memory, count + 1, sizeof *codes);
    for (size_t i = 0; codes && i < count; i++)
        if (eng_code_compile(&t->memory, p->exprs, call ? call->args[i] : (kd_expr)n->words[i], &codes[i]))
            return NULL;
    return t->codes[node] = codes;
}

static bool compute(eng_teller *t, const eng_code *c, const kd_value *row, eng_when when, kd_value *out) {
    const char *complaint;
    eng_moment m = {when.at, (int64_t)when.pushed - 1};
    if (!eng_code_run(c, row, &m, out, &complaint)) return true;
    t->wrong = true;
    return false;
}

static void extend_row(eng_teller *t, kd_node node, const eng_code *codes, const kd_value *row, eng_when when,
                       kd_value *out, bool *holds) {
    const kd_plan *p = t->g->plan;
    const plan_node *n = &p->nodes[node];
    const eng_call *call = p->exprs[n->words[1]].call;
    unsigned width = p->nodes[n->in[0]].width;
    kd_value args[KD_ARGS_MAX], results[KD_WIDTH_MAX] = {0};
    const char *complaint;
    *holds = true;
    for (uint32_t k = 0; *holds && k < call->count; k++) *holds = compute(t, &codes[k], row, when, &args[k]);
    if (!*holds) return;
    kd_status s = call->call(call->ctx, args, results, holds, &complaint);
    t->nomem |= s == KD_NOMEM;
    t->wrong |= s == KD_INVALID;
    if (s) *holds = false;
    if (!*holds) return;
    eng_copy(out, row, width);
    eng_copy(out + width, results, n->width - width);
}

bool eng_teller_row(eng_teller *t, kd_node node, const kd_value *row, eng_when when, kd_value *out,
                    bool *holds) {
    const plan_node *n = &t->g->plan->nodes[node];
    const eng_code *codes = codes_of(t, node);
    *holds = false;
    if (!codes) return !(t->nomem = true);
    if (n->op == &eng_op_extend) {
        extend_row(t, node, codes, row, when, out, holds);
    } else if (n->op == &eng_op_select) {
        kd_value v;
        *holds = compute(t, &codes[0], row, when, &v) && eng_true(v);
        eng_copy(out, row, n->width);
    } else {
        *holds = true;
        for (unsigned c = 0; *holds && c < n->width; c++) *holds = compute(t, &codes[c], row, when, &out[c]);
    }
    return !t->nomem;
}

static bool tell_rows(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = &t->g->plan->nodes[node];
    const eng_tale *in = &t->part.tales[n->in[0]];
    for (size_t i = 0; i < in->n; i++) {
        eng_span x = in->spans[i];
        kd_value row[KD_WIDTH_MAX];
        bool holds;
        if (!eng_teller_row(t, node, x.row, x.from, row, &holds)) return false;
        if (!holds) continue;
        if (n->op != &eng_op_select) {
            kd_value *copy = kd_arena_array(&t->part.arena, n->width + 1, sizeof *copy);
            if (!copy) return false;
            eng_copy(copy, row, n->width);
            x.row = copy;
        }
        if (!eng_tale_put(&t->part, out, x)) return false;
    }
    return true;
}

static bool tell_union(eng_teller *t, kd_node node, eng_tale *out) {
    for (unsigned k = 0; k < 2; k++) {
        const eng_tale *in = &t->part.tales[t->g->plan->nodes[node].in[k]];
        for (size_t i = 0; i < in->n; i++)
            if (!eng_tale_put(&t->part, out, in->spans[i])) return false;
    }
    return true;
}

/* ---- Join -----------------------------------------------------------------------------------------------*/

static bool put_both(eng_teller *t, const plan_node *n, eng_tale *out, const eng_span *a, const eng_span *b) {
    const plan_node *x = &t->g->plan->nodes[n->in[0]], *y = &t->g->plan->nodes[n->in[1]];
    kd_value *row = kd_arena_array(&t->part.arena, n->width + 1, sizeof *row);
    if (!row) return false;
    eng_copy(row, a->row, x->width);
    eng_copy(row + x->width, b->row, y->width);
    const eng_span *pulse = x->kind == KD_PULSE ? a : b;
    eng_span made = {.row = row, .from = pulse->from, .to = pulse->to, .count = 1, .order = pulse->order};
    if (x->kind == KD_PULSE && y->kind == KD_PULSE && b->order > a->order) made.order = b->order;
    if (n->kind == KD_LEVEL) {
        made.from = eng_when_less(a->from, b->from) ? b->from : a->from;
        made.to = eng_when_less(a->to, b->to) ? a->to : b->to;
        if (__builtin_mul_overflow(a->count, b->count, &made.count)) t->wrong = true;
        return eng_tale_put(&t->part, out, made);
    }
    int64_t copies = x->kind == KD_LEVEL ? a->count : y->kind == KD_LEVEL ? b->count : 1;
    for (; copies > 0; copies--)
        if (!eng_tale_put(&t->part, out, made)) return false;
    return true;
}

/* Are both there at one time? */
static bool meet(const plan_node *x, const plan_node *y, const eng_span *a, const eng_span *b) {
    if (x->kind == KD_PULSE) return eng_span_at(b, y->kind, a->from);
    if (y->kind == KD_PULSE) return eng_span_at(a, x->kind, b->from);
    return eng_when_less(a->from, b->to) && eng_when_less(b->from, a->to);
}

static bool tell_join(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = &t->g->plan->nodes[node];
    const plan_node *x = &t->g->plan->nodes[n->in[0]], *y = &t->g->plan->nodes[n->in[1]];
    const eng_tale *a = &t->part.tales[n->in[0]], *b = &t->part.tales[n->in[1]];
    eng_pairs on;
    eng_by_key by;
    eng_pairs_read(&on, n->words);
    if (!eng_by_key_open(&t->part.arena, &by, b, on.right, on.count)) return false;
    for (size_t i = 0; i < a->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, a->spans[i].row, on.left, on.count);
        for (uint32_t k = eng_by_key_first(&by, key); k != ENG_NONE; k = eng_by_key_next(&by, k, key))
            if (meet(x, y, &a->spans[i], &b->spans[k]) && !put_both(t, n, out, &a->spans[i], &b->spans[k]))
                return false;
    }
    return true;
}

/* ---- Antijoin -------------------------------------------------------------------------------------------*/

/* What is left of a level's span beside those of b that match it: `some`, in order of time. */
static bool put_rest(eng_teller *t, eng_tale *out, eng_span a, const eng_tale *some) {
    for (size_t i = 0; i < some->n; i++) {
        const eng_span *b = &some->spans[i];
        if (!eng_when_less(a.from, b->to) || !eng_when_less(b->from, a.to)) continue;
        if (eng_when_less(a.from, b->from)) {
            eng_span left = a;
            left.to = b->from;
            if (!eng_tale_put(&t->part, out, left)) return false;
        }
        a.from = b->to;
        if (!eng_when_less(a.from, a.to)) return true;
    }
    return eng_tale_put(&t->part, out, a);
}

static bool tell_antijoin(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = &t->g->plan->nodes[node];
    kd_kind kind = t->g->plan->nodes[n->in[1]].kind;
    const eng_tale *a = &t->part.tales[n->in[0]], *b = &t->part.tales[n->in[1]];
    eng_pairs on;
    eng_by_key by;
    eng_pairs_read(&on, n->words);
    if (!eng_by_key_open(&t->part.arena, &by, b, on.right, on.count)) return false;
    for (size_t i = 0; i < a->n; i++) {
        const eng_span *x = &a->spans[i];
        kd_value key[KD_WIDTH_MAX];
        eng_tale some = {0};
        bool met = false;
        eng_gather(key, x->row, on.left, on.count);
        for (uint32_t k = eng_by_key_first(&by, key); k != ENG_NONE; k = eng_by_key_next(&by, k, key)) {
            met |= eng_span_at(&b->spans[k], kind, x->from);
            if (n->kind == KD_LEVEL && !eng_tale_put(&t->part, &some, b->spans[k])) return false;
        }
        if (n->kind == KD_PULSE && !met && !eng_tale_put(&t->part, out, *x)) return false;
        if (n->kind == KD_PULSE) continue;
        if (!eng_tale_settle(&t->part, &some, KD_PULSE, 0) || !put_rest(t, out, *x, &some)) return false;
    }
    return true;
}

/* ---- Distinct -------------------------------------------------------------------------------------------*/

static bool tell_distinct(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = &t->g->plan->nodes[node];
    const eng_tale *in = &t->part.tales[n->in[0]];
    if (n->kind == KD_LEVEL) {
        eng_tale raw = {0};
        for (size_t i = 0; i < in->n; i++)
            if (!eng_tale_put(&t->part, &raw, in->spans[i])) return false;
        return eng_tale_merge(&t->part, &raw, out, n->width);
    }
    for (uint32_t i = 0; i < in->n; i++) {
        const eng_span *x = &in->spans[i];
        bool again = false;
        for (uint32_t k = eng_tale_first(in, x->row, n->width); !again && k < i;
             k = eng_tale_next(in, k, n->width))
            again = eng_when_order(in->spans[k].from, x->from) == 0;
        if (!again && !eng_tale_put(&t->part, out, *x)) return false;
    }
    return true;
}

/* ---- Node by node ---------------------------------------------------------------------------------------*/

static bool tell_input(eng_teller *t, kd_node node, eng_tale *out) {
    const eng_tale *all = &t->whole->tales[node];
    for (size_t i = 0; i < all->n; i++)
        if (t->in[all->spans[i].item] && !eng_tale_put(&t->part, out, all->spans[i])) return false;
    return true;
}

static bool tell_feedback(eng_teller *t, kd_node node, eng_tale *out) {
    const eng_tale *body = t->before.tales ? &t->before.tales[eng_input_node(t->g->plan, node, 0)] : NULL;
    for (size_t i = 0; body && i < body->n; i++) {
        const plan_node *n = &t->g->plan->nodes[node];
        kd_value *row = kd_arena_array(&t->part.arena, n->width + 1, sizeof *row); /* `before` goes first */
        eng_span x = body->spans[i];
        if (!row) return false;
        eng_copy(row, x.row, n->width);
        x.row = row;
        if (!eng_tale_put(&t->part, out, x)) return false;
    }
    return true;
}

static bool tell_node(eng_teller *t, kd_node node, eng_tale *out) {
    const eng_operator *op = t->g->plan->nodes[node].op;
    if (is_input(op)) return tell_input(t, node, out);
    if (op == &eng_op_feedback) return tell_feedback(t, node, out);
    if (op == &eng_op_select || op == &eng_op_map || op == &eng_op_extend) return tell_rows(t, node, out);
    if (op == &eng_op_union) return tell_union(t, node, out);
    if (op == &eng_op_distinct_pulse || op == &eng_op_distinct_level) return tell_distinct(t, node, out);
    if (op == &eng_op_aggregate || op == &eng_op_aggregate_pulse || op == &eng_op_accumulate)
        return eng_tell_fold(t, node, out);
    if (op == &eng_op_match_past || op == &eng_op_match_future) return eng_tell_match(t, node, out);
    if (op == &eng_op_antijoin_pulses || op == &eng_op_antijoin_probe || op == &eng_op_antijoin_levels)
        return tell_antijoin(t, node, out);
    if (op == &eng_op_join_pulses || op == &eng_op_join_probe_right || op == &eng_op_join_probe_left ||
        op == &eng_op_join_levels)
        return tell_join(t, node, out);
    if (op == &eng_op_join_many || op == &eng_op_join_many_levels) return eng_tell_join_many(t, node, out);
    return eng_tell_time(t, node, out);
}

static bool tell_all(eng_teller *t) {
    const kd_plan *p = t->g->plan;
    for (kd_node i = 1; i < p->node_count; i++) {
        if (!t->cone[i]) continue;
        eng_tale *out = &t->part.tales[i];
        if (!t->moved[i]) {
            const eng_tale *whole = eng_whole_tale(t->whole, i);
            if (!whole) return false;
            *out = *whole;
            continue;
        }
        if (!tell_node(t, i, out) ||
            (!out->told && !eng_tale_settle(&t->part, out, p->nodes[i].kind, p->nodes[i].width)))
            return false;
    }
    return true;
}

static bool same_tale(const eng_tale *a, const eng_tale *b, unsigned width) {
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++)
        if (eng_when_order(a->spans[i].from, b->spans[i].from) ||
            eng_when_order(a->spans[i].to, b->spans[i].to) ||
            !eng_same(a->spans[i].row, b->spans[i].row, width))
            return false;
    return true;
}

static bool is_settled(const eng_teller *t) {
    const kd_plan *p = t->g->plan;
    if (!t->before.tales) return false;
    for (size_t i = 0; i < p->feed_count; i++) {
        kd_node body = p->feeds[i].body;
        if (t->cone[body] && !same_tale(&t->part.tales[body], &t->before.tales[body], p->nodes[body].width))
            return false;
    }
    return true;
}

kd_status eng_tell(eng_teller *t, const bool *in) {
    t->in = in;
    eng_story_close(&t->part);
    do {
        eng_story_close(&t->before);
        t->before = t->part; /* none in the first pass */
        t->wrong = false;
        if (eng_story_open(&t->part, t->g) || !tell_all(t)) return KD_NOMEM;
    } while (t->circular && !is_settled(t));
    return KD_OK;
}

/* tell_time.c: stories of the operators of time: each row's spans from the pulses that make them. */
#include "engine/story.h"

#include <string.h>

static const plan_node *plan_of(const eng_teller *t, kd_node node) {
    return &t->g->plan->nodes[node];
}
static const eng_tale *tale_of(const eng_teller *t, kd_node node, unsigned k) {
    return &t->part.tales[eng_input_node(t->g->plan, node, k)];
}
static kd_interval interval_of(const plan_node *n) {
    return (kd_interval){n->words[0], n->words[1]};
}

/* ---- Windows --------------------------------------------------------------------------------------------*/

bool eng_once_span(const kd_engine *g, kd_interval within, eng_when pulse, eng_when *from, eng_when *to) {
    kd_instant old = eng_later(pulse.at, within.low), gone = KD_NEVER;
    *from = within.low == 0 ? pulse : eng_trace_at(g, old);
    *to = ENG_FOREVER;
    if (within.high != KD_NEVER && !__builtin_add_overflow(pulse.at, within.high, &gone) && gone < KD_NEVER)
        *to = eng_trace_at(g, gone + 1);
    if (within.low > 0 && old == KD_NEVER) return false;
    return eng_when_less(*from, *to);
}

/* The numbers of the first pushed time point at or after an instant. */
static uint64_t first_at(const kd_engine *g, kd_instant at) {
    return eng_trace_pushed_before(g->trace, at);
}

static eng_when push_or_never(const kd_engine *g, uint64_t i) {
    return i < g->trace->pushed_count ? eng_trace_push(g->trace, i) : ENG_FOREVER;
}

bool eng_ahead_span(const kd_engine *g, kd_interval within, eng_when pulse, eng_when *from, eng_when *to) {
    kd_instant near, far;
    uint64_t j = pulse.pushed - 1;
    if (pulse.at == KD_NEVER) return false;
    if (__builtin_sub_overflow(pulse.at, within.high, &far)) far = INT64_MIN;
    if (__builtin_sub_overflow(pulse.at, within.low, &near)) return false;
    uint64_t low = first_at(g, far), high = within.low == 0 ? j + 1 : first_at(g, near + 1);
    *from = push_or_never(g, low);
    *to = push_or_never(g, high < j + 1 ? high : j + 1);
    return eng_when_less(*from, *to);
}

static bool tell_window(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = plan_of(t, node);
    const eng_tale *in = tale_of(t, node, 0);
    bool ahead = n->op == &eng_op_eventually;
    eng_tale raw = {0};
    for (size_t i = 0; i < in->n; i++) {
        eng_span x = in->spans[i];
        bool stands = ahead ? eng_ahead_span(t->g, interval_of(n), in->spans[i].from, &x.from, &x.to)
                            : eng_once_span(t->g, interval_of(n), in->spans[i].from, &x.from, &x.to);
        if (stands && !eng_tale_put(&t->part, &raw, x)) return false;
    }
    return eng_tale_merge(&t->part, &raw, out, n->width);
}

/* ---- Since and until ------------------------------------------------------------------------------------*/

/* Is there an a for b's row at that time point? */
static bool has_a(const eng_by_key *by, const kd_value *key, eng_when when) {
    for (uint32_t i = eng_by_key_first(by, key); i != ENG_NONE; i = eng_by_key_next(by, i, key))
        if (eng_when_order(by->t->spans[i].from, when) == 0) return true;
    return false;
}

/* The first time point after b's at which a is missing, or (absent) comes. */
static eng_when broken(const eng_teller *t, const eng_by_key *a, const kd_value *key, eng_when b,
                       bool present) {
    if (!present) {
        for (uint32_t i = eng_by_key_first(a, key); i != ENG_NONE; i = eng_by_key_next(a, i, key))
            if (eng_when_less(b, a->t->spans[i].from)) return a->t->spans[i].from;
        return ENG_FOREVER;
    }
    for (uint64_t i = b.pushed; i < t->g->trace->pushed_count; i++)
        if (!has_a(a, key, eng_trace_push(t->g->trace, i))) return eng_trace_push(t->g->trace, i);
    return ENG_FOREVER;
}

static bool tell_since(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = plan_of(t, node);
    const eng_tale *b = tale_of(t, node, 1);
    eng_pairs on;
    eng_by_key a;
    eng_tale raw = {0};
    eng_pairs_read(&on, n->words + 2);
    if (!eng_by_key_open(&t->part.arena, &a, tale_of(t, node, 0), on.left, on.count)) return false;
    for (size_t i = 0; i < b->n; i++) {
        eng_span x = b->spans[i];
        kd_value key[KD_WIDTH_MAX];
        if (!eng_once_span(t->g, interval_of(n), b->spans[i].from, &x.from, &x.to)) continue;
        eng_gather(key, x.row, on.right, on.count);
        eng_when end = broken(t, &a, key, b->spans[i].from, n->op == &eng_op_since_present);
        if (eng_when_less(end, x.to)) x.to = end;
        if (eng_when_less(x.from, x.to) && !eng_tale_put(&t->part, &raw, x)) return false;
    }
    return eng_tale_merge(&t->part, &raw, out, n->width);
}

/* The first time point from which a held until just before b's (number j), or from which none came. */
static uint64_t begun(const eng_teller *t, const eng_by_key *a, const kd_value *key, uint64_t j,
                      bool present) {
    const eng_trace *trace = t->g->trace;
    uint64_t from = present ? j : 0;
    while (present && from > 0 && has_a(a, key, eng_trace_push(trace, from - 1))) from--;
    for (uint32_t i = present ? ENG_NONE : eng_by_key_first(a, key); i != ENG_NONE;
         i = eng_by_key_next(a, i, key))
        if (a->t->spans[i].from.pushed <= j) from = a->t->spans[i].from.pushed;
    return from;
}

/* RUNS and UNTIL are one: a row of RUNS says from when on a pulse of b counts. */
static bool tell_until(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = plan_of(t, node), *runs = plan_of(t, n->in[0]);
    const eng_tale *b = tale_of(t, n->in[0], 1);
    eng_pairs on;
    eng_by_key a;
    eng_tale raw = {0};
    eng_pairs_read(&on, runs->words + 2);
    if (!eng_by_key_open(&t->part.arena, &a, tale_of(t, n->in[0], 0), on.left, on.count)) return false;
    for (size_t i = 0; i < b->n; i++) {
        eng_span x = b->spans[i];
        kd_value key[KD_WIDTH_MAX];
        if (!eng_ahead_span(t->g, interval_of(n), b->spans[i].from, &x.from, &x.to)) continue;
        eng_gather(key, x.row, on.right, on.count);
        uint64_t from = begun(t, &a, key, b->spans[i].from.pushed - 1, runs->op == &eng_op_runs_present);
        eng_when valid = push_or_never(t->g, from);
        if (eng_when_less(x.from, valid)) x.from = valid;
        if (eng_when_less(x.from, x.to) && !eng_tale_put(&t->part, &raw, x)) return false;
    }
    return eng_tale_merge(&t->part, &raw, out, n->width);
}

/* ---- Previous, next, spread -----------------------------------------------------------------------------*/

static bool gap_fits(const eng_teller *t, kd_interval within, uint64_t earlier) {
    const eng_trace *trace = t->g->trace;
    return earlier + 1 < trace->pushed_count &&
           eng_within(eng_gap(trace->pushed[earlier], trace->pushed[earlier + 1]), within);
}

static bool is_pushed(const eng_teller *t, eng_when w) {
    return w.pushed > 0 && w.sub == 0 && eng_when_order(w, eng_trace_push(t->g->trace, w.pushed - 1)) == 0;
}

static bool tell_shifted(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = plan_of(t, node);
    const eng_tale *in = tale_of(t, node, 0);
    bool next = n->op == &eng_op_next;
    for (size_t i = 0; i < in->n; i++) {
        eng_span x = in->spans[i];
        if (!is_pushed(t, x.from)) continue;
        uint64_t at = x.from.pushed - 1, earlier = next ? at - 1 : at;
        if ((next && at == 0) || !gap_fits(t, interval_of(n), earlier)) continue;
        x.from = x.to = eng_trace_push(t->g->trace, next ? earlier : earlier + 1);
        x.order = 0;
        if (!eng_tale_put(&t->part, out, x)) return false;
    }
    return true;
}

/* The pushed time points at which a span is there, [*first, *end). */
static void pushes_of(const eng_teller *t, const eng_span *x, uint64_t *first, uint64_t *end) {
    uint64_t all = t->g->trace->pushed_count;
    *first = x->from.pushed ? x->from.pushed - 1 : 0;
    *end = x->to.pushed - 1 < all ? x->to.pushed - 1 : all;
}

/* In log time, of a level: one span for each time point whose gap fits; they touch, so they become one. */
static bool tell_previous_level(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = plan_of(t, node);
    const eng_tale *in = tale_of(t, node, 0);
    eng_tale raw = {0};
    for (size_t i = 0; i < in->n; i++) {
        uint64_t first, end;
        pushes_of(t, &in->spans[i], &first, &end);
        for (uint64_t k = first; k < end; k++) {
            eng_span x = in->spans[i];
            if (!gap_fits(t, interval_of(n), k)) continue;
            x.from = eng_trace_push(t->g->trace, k + 1);
            x.to = push_or_never(t->g, k + 2);
            if (!eng_tale_put(&t->part, &raw, x)) return false;
        }
    }
    return eng_tale_merge(&t->part, &raw, out, n->width);
}

static bool tell_spread(eng_teller *t, kd_node node, eng_tale *out) {
    const eng_tale *in = tale_of(t, node, 0);
    eng_tale raw = {0}, set = {0};
    for (size_t i = 0; i < in->n; i++)
        if (!eng_tale_put(&t->part, &raw, in->spans[i])) return false;
    if (!eng_tale_merge(&t->part, &raw, &set, plan_of(t, node)->width)) return false;
    for (size_t i = 0; i < set.n; i++) {
        uint64_t first, end;
        pushes_of(t, &set.spans[i], &first, &end);
        for (uint64_t k = first; k < end; k++) {
            eng_when at = eng_trace_push(t->g->trace, k);
            if (!eng_tale_put(&t->part, out,
                              (eng_span){.row = set.spans[i].row, .from = at, .to = at, .count = 1}))
                return false;
        }
    }
    return true;
}

/* ---- Rise, fall, timer ----------------------------------------------------------------------------------*/

eng_when eng_timer_at(const kd_engine *g, eng_when from, kd_value due) {
    if (due == KD_ABSENT || due == KD_NEVER) return ENG_FOREVER;
    if (due > from.at || (from.pushed == 0 && from.at == INT64_MIN)) return eng_trace_at(g, due);
    if (g->options.log_time) return push_or_never(g, from.pushed);
    from.sub += 2;
    return from;
}

static bool tell_edges(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = plan_of(t, node);
    const eng_tale *in = tale_of(t, node, 0);
    eng_tale raw = {0}, set = {0};
    for (size_t i = 0; i < in->n; i++)
        if (!eng_tale_put(&t->part, &raw, in->spans[i])) return false;
    if (!eng_tale_merge(&t->part, &raw, &set, n->width)) return false;
    for (size_t i = 0; i < set.n; i++) {
        eng_span x = set.spans[i];
        eng_when at = x.from;
        if (n->op == &eng_op_rise && eng_when_order(at, ENG_BEGINNING) == 0) continue;
        if (n->op == &eng_op_fall) at = x.to;
        if (n->op == &eng_op_timer) {
            at = eng_timer_at(t->g, x.from, x.row[n->words[0]]);
            if (!eng_when_less(at, x.to)) continue;
        }
        if (eng_when_less(t->end, at)) continue;
        if (!eng_tale_put(&t->part, out, (eng_span){.row = x.row, .from = at, .to = at, .count = 1}))
            return false;
    }
    return true;
}

/* ---- Hold and latest ------------------------------------------------------------------------------------*/

/* What is kept of a key; spans are numbers in the story under way. */
typedef struct current {
    uint32_t span;      /* 1 + that of the row that is there; 0: none */
    uint32_t candidate; /* 1 + the pulse of this time point that counts */
    bool ended, touched;
} current;

typedef struct currents {
    eng_teller *t;
    const plan_node *n;
    eng_table keys;
    eng_list touched;
    eng_tale *out;
} currents;

static current *touch(currents *c, const kd_value *key) {
    bool fresh;
    uint32_t e = eng_table_add(&c->keys, key, &fresh);
    if (e == ENG_NONE) return NULL;
    current *k = eng_table_payload(&c->keys, e);
    if (!k->touched && !eng_list_put(&c->t->g->mem, &c->touched, e)) return NULL;
    k->touched = true;
    return k;
}

static bool take_pulse(currents *c, const eng_tale *in, size_t i) {
    kd_value key[KD_WIDTH_MAX];
    for (size_t w = 0; w < c->n->word_count; w++) key[w] = in->spans[i].row[c->n->words[w]];
    current *k = touch(c, key);
    if (!k) return false;
    uint32_t order = k->candidate ? in->spans[k->candidate - 1].order : 0;
    bool hold = c->n->op == &eng_op_hold;
    if (hold && k->span && !k->ended) return true;
    if (k->candidate && (hold ? order <= in->spans[i].order : order > in->spans[i].order)) return true;
    k->candidate = (uint32_t)i + 1;
    return true;
}

/* At the end of a time point: what ended goes, the candidate takes its place. */
static bool settle(currents *c, const eng_tale *in, eng_when now) {
    for (size_t i = 0; i < c->touched.n; i++) {
        current *k = eng_table_payload(&c->keys, c->touched.items[i]);
        if (k->span && (k->candidate || k->ended)) {
            c->out->spans[k->span - 1].to = now;
            k->span = 0;
        }
        if (k->candidate) {
            eng_span x = {.row = in->spans[k->candidate - 1].row, .from = now, .to = ENG_FOREVER, .count = 1};
            if (!eng_tale_put(&c->t->part, c->out, x)) return false;
            k->span = (uint32_t)c->out->n;
        }
        k->candidate = 0;
        k->ended = k->touched = false;
    }
    c->touched.n = 0;
    return true;
}

static bool take_end(currents *c, const kd_value *key) {
    if (eng_table_find(&c->keys, key) == ENG_NONE) return true;
    current *k = touch(c, key);
    if (k) k->ended = true;
    return k != NULL;
}

static bool run_currents(currents *c, const eng_tale *in, const eng_tale *ends) {
    for (size_t i = 0, e = 0; i < in->n || e < ends->n;) {
        bool ending = e < ends->n && (i == in->n || !eng_when_less(in->spans[i].from, ends->spans[e].from));
        eng_when now = ending ? ends->spans[e].from : in->spans[i].from;
        for (; e < ends->n && eng_when_order(ends->spans[e].from, now) == 0; e++)
            if (!take_end(c, ends->spans[e].row)) return false;
        for (; i < in->n && eng_when_order(in->spans[i].from, now) == 0; i++)
            if (!take_pulse(c, in, i)) return false;
        if (!settle(c, in, now)) return false;
    }
    return true;
}

static bool tell_currents(eng_teller *t, kd_node node, eng_tale *out) {
    static const eng_tale none;
    const plan_node *n = plan_of(t, node);
    eng_tale raw = {0};
    currents c = {.t = t, .n = n, .out = &raw};
    eng_table_open(&c.keys, &t->g->mem, (unsigned)n->word_count, sizeof(current));
    bool fine = run_currents(&c, tale_of(t, node, 0), n->op == &eng_op_hold ? tale_of(t, node, 1) : &none);
    eng_table_close(&c.keys);
    eng_list_close(&t->g->mem, &c.touched);
    return fine && eng_tale_merge(&t->part, &raw, out, n->width);
}

/* ---- All of them ----------------------------------------------------------------------------------------*/

bool eng_tell_time(eng_teller *t, kd_node node, eng_tale *out) {
    const eng_operator *op = plan_of(t, node)->op;
    if (op == &eng_op_once || op == &eng_op_eventually) return tell_window(t, node, out);
    if (op == &eng_op_since_present || op == &eng_op_since_absent) return tell_since(t, node, out);
    if (op == &eng_op_until) return tell_until(t, node, out);
    if (op == &eng_op_previous || op == &eng_op_next) return tell_shifted(t, node, out);
    if (op == &eng_op_previous_level) return tell_previous_level(t, node, out);
    if (op == &eng_op_spread) return tell_spread(t, node, out);
    if (op == &eng_op_hold || op == &eng_op_latest) return tell_currents(t, node, out);
    if (op == &eng_op_rise || op == &eng_op_fall || op == &eng_op_timer) return tell_edges(t, node, out);
    return true; /* RUNS: told by its reader */
}

/* mend_time.c: the search through operators of time: which pulses make a row stand, what ends it. */
#include "engine/mend.h"

#define WAYS_MAX 64 /* looked at for one row */

static const plan_node *plan_of(const eng_mender *m, kd_node node) {
    return &m->t->g->plan->nodes[node];
}
static kd_interval interval_of(const plan_node *n) {
    return (kd_interval){n->words[0], n->words[1]};
}

/* The number of the last pushed time point not after a time; -1. */
static int64_t index_of(const eng_mender *m, eng_when when) {
    int64_t i = (int64_t)when.pushed - 1;
    return i >= 0 && eng_when_less(when, eng_trace_push(m->t->g->trace, (uint64_t)i)) ? i - 1 : i;
}

/* The spans of a row, as numbers; the last one first. */
static uint32_t *spans_of(eng_mender *m, const eng_tale *t, const kd_value *row, unsigned width, size_t *n) {
    size_t count = 0;
    for (uint32_t i = eng_tale_first(t, row, width); i != ENG_NONE; i = eng_tale_next(t, i, width)) count++;
    uint32_t *out = kd_arena_array(&m->arena, count + 1, sizeof *out);
    *n = out ? count : 0;
    m->nomem |= !out;
    for (uint32_t i = eng_tale_first(t, row, width); out && i != ENG_NONE; i = eng_tale_next(t, i, width))
        out[--count] = i;
    return out;
}

/* ---- Windows --------------------------------------------------------------------------------------------*/

static bool stands(const eng_mender *m, const plan_node *n, eng_when pulse, eng_when when) {
    eng_when from, to;
    bool ahead = n->op == &eng_op_eventually || n->op == &eng_op_until;
    bool any = ahead ? eng_ahead_span(m->t->g, interval_of(n), pulse, &from, &to)
                     : eng_once_span(m->t->g, interval_of(n), pulse, &from, &to);
    return any && !eng_when_less(when, from) && eng_when_less(when, to);
}

/* One pulse of the whole that lies within; or none of the part's. */
static eng_pick mend_window(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = plan_of(m, node);
    const eng_tale *t = eng_mender_tale(m, n->in[0], want != ENG_NO_MORE);
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(m);
    size_t count;
    unsigned ways = 0;
    uint32_t *spans = spans_of(m, t, row, n->width, &count);
    for (size_t i = 0; i < count; i++) {
        eng_when pulse = t->spans[spans[i]].from;
        if (!stands(m, n, pulse, when)) continue;
        if (want == ENG_NO_MORE) {
            eng_basket_add(&all, eng_ask(m, n->in[0], pulse, row, want));
            continue;
        }
        best = eng_better(best, eng_ask(m, n->in[0], pulse, row, ENG_SOME));
        if ((best.ok && best.n <= 1) || ++ways == WAYS_MAX) break;
    }
    return want == ENG_NO_MORE ? eng_basket_close(&all) : best;
}

/* ---- Since and until ------------------------------------------------------------------------------------
 *
 * A chain: b's pulse, and the time points between it and the one asked for, at each of which a has to be there
 * (present), or must not be (absent). UNTIL is SINCE read the other way. */
typedef struct chain {
    eng_mender *m;
    kd_node a, b;
    const plan_node *n;
    eng_pairs on;
    bool present, until;
    const kd_value *row;
    eng_when when;
} chain;

static bool matches_at(const chain *c, const eng_tale *t, size_t i, eng_when at) {
    return eng_when_order(t->spans[i].from, at) == 0 && eng_pairs_agree(&c->on, t->spans[i].row, c->row);
}

static bool has_a(const chain *c, bool whole, eng_when at) {
    const eng_tale *t = eng_mender_tale(c->m, c->a, whole);
    for (size_t i = eng_tale_from(t, at); i < t->n && eng_when_order(t->spans[i].from, at) == 0; i++)
        if (matches_at(c, t, i, at)) return true;
    return false;
}

/* The pushed time points at which a is asked for: [*first, *end). */
static void links(const chain *c, eng_when b, uint64_t *first, uint64_t *end) {
    int64_t here = index_of(c->m, c->when);
    *first = c->until ? (uint64_t)here : b.pushed;
    *end = c->until ? b.pushed - 1 : (uint64_t)(here + 1);
}

/* Does a pulse of a lie where none may be? */
static bool in_between(const chain *c, eng_when b, eng_when a) {
    if (c->until) return !eng_when_less(a, c->when) && eng_when_less(a, b);
    return eng_when_less(b, a) && !eng_when_less(c->when, a);
}

static bool unbroken(const chain *c, eng_when b, bool whole) {
    uint64_t first, end;
    links(c, b, &first, &end);
    for (uint64_t i = first; c->present && i < end; i++)
        if (!has_a(c, whole, eng_trace_push(c->m->t->g->trace, i))) return false;
    const eng_tale *t = eng_mender_tale(c->m, c->a, whole);
    for (size_t i = eng_tale_from(t, c->until ? c->when : b); !c->present && i < t->n; i++) {
        if (eng_when_less(c->until ? b : c->when, t->spans[i].from)) break;
        if (in_between(c, b, t->spans[i].from) && eng_pairs_agree(&c->on, t->spans[i].row, c->row))
            return false;
    }
    return true;
}

/* An a of the whole at a time point. */
static eng_pick some_a(const chain *c, eng_when at) {
    const eng_tale *t = eng_mender_tale(c->m, c->a, true);
    eng_pick best = ENG_NO_PICK;
    if (has_a(c, false, at)) return ENG_NOTHING;
    for (size_t i = eng_tale_from(t, at); i < t->n && eng_when_order(t->spans[i].from, at) == 0; i++)
        if (matches_at(c, t, i, at))
            best = eng_better(best, eng_ask(c->m, c->a, at, t->spans[i].row, ENG_SOME));
    return best;
}

/* No a of the part that the whole has not, at a time point. */
static eng_pick no_a(const chain *c, eng_when at) {
    const eng_tale *t = eng_mender_tale(c->m, c->a, false);
    eng_basket all = eng_basket_of(c->m);
    for (size_t i = eng_tale_from(t, at); i < t->n && eng_when_order(t->spans[i].from, at) == 0; i++)
        if (matches_at(c, t, i, at))
            eng_basket_add(&all, eng_ask(c->m, c->a, at, t->spans[i].row, ENG_NO_MORE));
    return eng_basket_close(&all);
}

/* Makes the chain of the whole from b's pulse stand in the part. */
static eng_pick build_chain(const chain *c, eng_when b) {
    eng_basket all = eng_basket_of(c->m);
    uint64_t first, end;
    links(c, b, &first, &end);
    eng_basket_add(&all, eng_ask(c->m, c->b, b, c->row, ENG_SOME));
    for (uint64_t i = first; c->present && all.all.ok && i < end; i++)
        eng_basket_add(&all, some_a(c, eng_trace_push(c->m->t->g->trace, i)));
    const eng_tale *t = eng_mender_tale(c->m, c->a, false);
    for (size_t i = eng_tale_from(t, c->until ? c->when : b); !c->present && i < t->n; i++) {
        const eng_span *x = &t->spans[i];
        if (eng_when_less(c->until ? b : c->when, x->from)) break;
        if (in_between(c, b, x->from) && eng_pairs_agree(&c->on, x->row, c->row))
            eng_basket_add(&all, eng_ask(c->m, c->a, x->from, x->row, ENG_NO_MORE));
    }
    return eng_basket_close(&all);
}

/* What the whole has against the part's chain from b's pulse. */
static eng_pick break_chain(const chain *c, eng_when b) {
    eng_pick best = eng_lessen(c->m, c->b, b, c->row);
    unsigned ways = 0;
    uint64_t first, end;
    links(c, b, &first, &end);
    for (uint64_t i = first; c->present && i < end && ways < WAYS_MAX && !(best.ok && best.n <= 1); i++) {
        eng_when at = eng_trace_push(c->m->t->g->trace, i);
        if (has_a(c, true, at)) continue;
        best = eng_better(best, no_a(c, at));
        ways++;
    }
    const eng_tale *t = eng_mender_tale(c->m, c->a, true);
    for (size_t i = eng_tale_from(t, c->until ? c->when : b); !c->present && i < t->n && ways < WAYS_MAX;
         i++) {
        const eng_span *x = &t->spans[i];
        if (eng_when_less(c->until ? b : c->when, x->from) || (best.ok && best.n <= 1)) break;
        if (!in_between(c, b, x->from) || !eng_pairs_agree(&c->on, x->row, c->row)) continue;
        best = eng_better(best, eng_gain(c->m, c->a, x->from, x->row));
        ways++;
    }
    return best;
}

static eng_pick mend_chain(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = plan_of(m, node);
    chain c = {.m = m, .n = n, .until = n->op == &eng_op_until, .row = row, .when = when};
    const plan_node *pairs = c.until ? plan_of(m, n->in[0]) : n;
    bool gone = want == ENG_NO_MORE;
    c.a = pairs->in[0], c.b = pairs->in[1];
    c.present = pairs->op == &eng_op_since_present || pairs->op == &eng_op_runs_present;
    eng_pairs_read(&c.on, pairs->words + 2);
    const eng_tale *t = eng_mender_tale(m, c.b, !gone);
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(m);
    unsigned ways = 0;
    size_t count;
    uint32_t *spans = spans_of(m, t, row, n->width, &count);
    for (size_t i = 0; i < count; i++) {
        eng_when b = t->spans[spans[c.until ? count - 1 - i : i]].from;
        if (!stands(m, n, b, when) || !unbroken(&c, b, !gone)) continue;
        if (gone) {
            eng_basket_add(&all, break_chain(&c, b));
            continue;
        }
        best = eng_better(best, build_chain(&c, b));
        if ((best.ok && best.n <= 1) || ++ways == WAYS_MAX) break;
    }
    return gone ? eng_basket_close(&all) : best;
}

/* ---- Previous and next ----------------------------------------------------------------------------------*/

static eng_pick mend_shifted(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = plan_of(m, node);
    int64_t i = index_of(m, when) + (n->op == &eng_op_next ? 1 : -1);
    if (i < 0 || i >= (int64_t)m->t->g->trace->pushed_count) return ENG_NO_PICK;
    return eng_ask(m, n->in[0], eng_trace_push(m->t->g->trace, (uint64_t)i), row, want);
}

/* ---- Rise, fall, timer ----------------------------------------------------------------------------------*/

static eng_pick all_of(eng_mender *m, eng_pick a, eng_pick b) {
    eng_basket all = eng_basket_of(m);
    eng_basket_add(&all, a);
    eng_basket_add(&all, b);
    return eng_basket_close(&all);
}

static eng_pick mend_edge(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = plan_of(m, node);
    eng_when before = eng_just_before(when);
    eng_when there = n->op == &eng_op_rise ? when : before, not_there = n->op == &eng_op_rise ? before : when;
    kd_node in = n->in[0];
    if (want == ENG_NO_MORE)
        return eng_better(eng_lessen(m, in, there, row), eng_gain(m, in, not_there, row));
    return all_of(m, eng_ask(m, in, there, row, ENG_SOME), eng_ask(m, in, not_there, row, ENG_NO_MORE));
}

/* When the row came that is there at a time. */
static bool came(eng_mender *m, kd_node in, bool whole, const kd_value *row, eng_when when, eng_when *out) {
    const eng_tale *t = eng_mender_tale(m, in, whole);
    unsigned width = plan_of(m, in)->width;
    bool there = false;
    for (bool more = true; more;) { /* spans that touch are one stay */
        more = false;
        for (uint32_t i = eng_tale_first(t, row, width); i != ENG_NONE; i = eng_tale_next(t, i, width)) {
            const eng_span *x = &t->spans[i];
            bool meets = there ? !eng_when_less(x->to, *out) && eng_when_less(x->from, *out)
                               : eng_span_at(x, KD_LEVEL, when);
            if (!meets) continue;
            *out = x->from;
            there = more = true;
        }
    }
    return there;
}

/* The row must be there, and have come when it did: a timer for the instant at hand goes with the moment at which
 * the row came, one that was set before with its having come before. */
static eng_pick mend_timer(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    kd_node in = plan_of(m, node)->in[0];
    eng_when mine, other, before = eng_just_before(when);
    if (want == ENG_NO_MORE) {
        eng_pick best = eng_lessen(m, in, when, row);
        if (!came(m, in, false, row, when, &mine)) return best;
        best = eng_better(best, eng_lessen(m, in, mine, row));
        return eng_better(best, eng_gain(m, in, eng_just_before(mine), row));
    }
    eng_pick all = all_of(m, eng_ask(m, in, when, row, ENG_SOME), eng_ask(m, in, before, row, ENG_SOME));
    if (!came(m, in, true, row, when, &other)) return all;
    kd_value due = row[plan_of(m, node)->words[0]];
    bool at_once = due <= other.at;
    if (at_once) all = all_of(m, all, eng_ask(m, in, other, row, ENG_SOME));
    if (at_once || came(m, in, false, row, when, &mine))
        all = all_of(m, all, eng_ask(m, in, eng_just_before(other), row, ENG_NO_MORE));
    return all;
}

eng_pick eng_mend_time(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const eng_operator *op = plan_of(m, node)->op;
    if (op == &eng_op_once || op == &eng_op_eventually) return mend_window(m, node, when, row, want);
    if (op == &eng_op_since_present || op == &eng_op_since_absent || op == &eng_op_until)
        return mend_chain(m, node, when, row, want);
    if (op == &eng_op_previous || op == &eng_op_next || op == &eng_op_previous_level)
        return mend_shifted(m, node, when, row, want);
    if (op == &eng_op_rise || op == &eng_op_fall) return mend_edge(m, node, when, row, want);
    if (op == &eng_op_timer) return mend_timer(m, node, when, row, want);
    return ENG_NO_PICK; /* constants, schedules and ticks are the same in every part */
}

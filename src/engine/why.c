/* why.c: a minimal set of events that forces a row, by following what the circuit gave out.
 *
 *      no events ─▶ tell the part's story ─▶ is the row there? ─ no ─▶ mend: add events ─┐
 *                          ▲                      │ yes                                  │
 *                          └──────────────────────┼──────────────────────────────────────┘
 *                                                 ▼
 *                          leave out, one at a time, what can be left out ─▶ the set
 *
 * The first round finds a proof of the row; the others what has to be there because something else would keep
 * the row away without it. Nothing is run again: a part's story is told from its few events (story.h). */
#include "engine/mend.h"

#include <stdio.h>
#include <stdlib.h>

/* Bounds the leaving out of sets that are very large: events, summed over all parts that are told. */
#define WORK_MOST INT64_C(200000000)

typedef struct asking {
    kd_engine *g;
    eng_story whole;
    eng_teller teller;
    kd_node node;
    eng_when when;
    const kd_value *row;
    bool *in; /* by item */
    uint32_t *set;
    size_t count; /* of the set */
} asking;

/* ---- Is the row there? ----------------------------------------------------------------------------------*/

/* At that instant, after as many pushed time points: timers may have come there by fewer turns, or by more. */
static bool is_at_place(const eng_span *x, kd_kind kind, eng_when when) {
    eng_when first = {when.at, when.pushed, 0}, last = {when.at, when.pushed, INT64_MAX};
    if (kind == KD_PULSE) return x->from.at == when.at && x->from.pushed == when.pushed;
    return !eng_when_less(last, x->from) && eng_when_less(first, x->to) && x->count > 0;
}

static bool is_there(const asking *q) {
    const plan_node *n = &q->g->plan->nodes[q->node];
    const eng_tale *t = &q->teller.part.tales[q->node];
    if (q->teller.wrong) return false;
    for (uint32_t i = eng_tale_first(t, q->row, n->width); i != ENG_NONE; i = eng_tale_next(t, i, n->width))
        if (is_at_place(&t->spans[i], n->kind, q->when)) return true;
    return false;
}

static kd_status tell(asking *q, bool *there) {
    kd_status s = eng_tell(&q->teller, q->in);
    *there = !s && is_there(q);
    return s;
}

/* ---- Finding a set --------------------------------------------------------------------------------------*/

static kd_status mend(asking *q, bool *more) {
    eng_mender m;
    eng_mender_open(&m, &q->teller);
    eng_pick p = eng_ask(&m, q->node, q->when, q->row, ENG_SOME);
    *more = p.ok && p.n > 0;
    for (uint32_t i = 0; p.ok && i < p.n; i++) q->in[p.items[i]] = true;
    bool nomem = m.nomem;
    eng_mender_close(&m);
    return nomem ? KD_NOMEM : KD_OK;
}

/* Where the search finds no way on, all events are a set, too. */
static kd_status find_set(asking *q) {
    bool there, more = true;
    kd_status s = tell(q, &there);
    while (!s && !there && more) {
        s = mend(q, &more);
        for (uint32_t i = 0; !more && i < q->whole.items.used; i++) q->in[i] = true;
        if (!s) s = tell(q, &there);
    }
    for (uint32_t i = 0; i < q->whole.items.used; i++)
        if (q->in[i]) q->set[q->count++] = i;
    return s;
}

/* ---- Leaving out ----------------------------------------------------------------------------------------*/

static void put(asking *q, size_t begin, size_t end, bool in) {
    for (size_t i = begin; i < end; i++) q->in[q->set[i]] = in;
}

/* Tries pieces of that size; true when one was left out. */
static kd_status leave_out(asking *q, size_t piece, int64_t *work, bool *any) {
    for (size_t i = 0; i<q->count && * work> 0;) {
        size_t end = i + piece < q->count ? i + piece : q->count;
        bool there;
        put(q, i, end, false);
        kd_status s = tell(q, &there);
        if (s) return s;
        *work -= (int64_t)q->count + 1;
        if (!there) {
            put(q, i, end, true);
            i = end;
            continue;
        }
        *any = true;
        for (size_t k = end; k < q->count; k++) q->set[i + k - end] = q->set[k];
        q->count -= end - i;
    }
    return KD_OK;
}

static kd_status reduce(asking *q) {
    int64_t work = WORK_MOST;
    for (size_t piece = q->count > 64 ? q->count / 2 : 1; work > 0;) {
        bool any = false;
        kd_status s = leave_out(q, piece, &work, &any);
        if (s) return s;
        if (!any && piece == 1) return KD_OK;
        if (!any) piece /= 2;
        if (piece > q->count) piece = q->count ? q->count : 1;
    }
    return KD_OK;
}

/* ---- The question ---------------------------------------------------------------------------------------*/

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static kd_status answer(asking *q) {
    kd_engine *g = q->g;
    kd_status s = eng_story_open(&q->whole, g);
    const eng_tale *t = s ? NULL : eng_whole_tale(&q->whole, q->node);
    if (!t) return KD_NOMEM;
    const plan_node *n = &g->plan->nodes[q->node];
    if (eng_tale_count(t, n->kind, q->row, n->width, q->when) <= 0) return KD_FAILED;
    eng_when end = {q->when.at, q->when.pushed, INT64_MAX};
    if ((s = eng_teller_open(&q->teller, &q->whole, q->node, end))) return s;
    q->in = kd_arena_array(&q->whole.arena, (size_t)q->whole.items.used + 1, sizeof *q->in);
    q->set = kd_arena_array(&q->whole.arena, (size_t)q->whole.items.used + 1, sizeof *q->set);
    if (!q->in || !q->set) return KD_NOMEM;
    if ((s = find_set(q)) || (s = reduce(q))) return s;
    for (size_t i = 0; i < q->count; i++) q->set[i] = (uint32_t)*eng_table_key(&q->whole.items, q->set[i]);
    qsort(q->set, q->count, sizeof *q->set, by_number);
    return KD_OK;
}

kd_status kd_engine_why(kd_engine *g, kd_node node, uint64_t point, const kd_value *row, uint32_t *origins,
                        size_t room, size_t *count, kd_error *e) {
    asking q = {.g = g, .node = node, .row = row};
    *count = 0;
    if (!g->trace) return kd_fail(e, KD_USAGE, "trace", "the engine was opened without trace");
    if (node == 0 || node >= g->plan->node_count)
        return kd_fail(e, KD_USAGE, "no_node", "the node is not in the plan");
    kd_status s = eng_trace_when(g, point, &q.when) ? answer(&q) : KD_FAILED;
    for (size_t i = 0; !s && i < q.count && i < room; i++) origins[i] = q.set[i];
    if (!s) *count = q.count;
    eng_teller_close(&q.teller);
    eng_story_close(&q.whole);
    if (s == KD_NOMEM) return kd_fail_nomem(e);
    return s ? kd_fail(e, s, "no_row", "the node has no such row at that time point") : KD_OK;
}

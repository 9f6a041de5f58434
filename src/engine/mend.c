/* mend.c: the search of kd_engine_why: from a row down the plan, along what the part lacks or has too much.
 *
 *      want the row  ─▶ join: both sides; union: the cheaper; antijoin: a, and no b ─▶ ... ─▶ an event to add
 *      want it gone  ─▶ join: either side; union: both; antijoin: no a, or a b      ─▶ ... ─▶ an event to add
 *
 * In the part that has no events yet this finds a proof of the row from events; in one whose row is kept away by
 * what came with them it finds what the whole has against that. Each (node, time, row, want) is searched once;
 * among ways the one with the fewest events is taken (dynamic programming over the circuit; that the smallest
 * sum is not always the smallest union is left to the last step, which leaves out what can be left out).
 * Proofs of this shape for metric first-order temporal logic are those of WhyMon (Lima et al., 2024). */
#include "engine/mend.h"

#include <stdlib.h>

#define DEPTH_MAX 3000 /* of the search: nodes one below the other, feedback counted at every time point */
#define WAYS_MAX  64   /* looked at for one row */

typedef struct memo {
    eng_pick pick;
    uint64_t done;
} memo;

#define KEY_WORDS (4 + KD_WIDTH_MAX)

void eng_mender_open(eng_mender *m, eng_teller *t) {
    *m = (eng_mender){.t = t};
    kd_arena_open(&m->arena, &t->g->mem.counted);
    eng_table_open(&m->memo, &t->g->mem, KEY_WORDS, sizeof(memo));
}

void eng_mender_close(eng_mender *m) {
    kd_arena_close(&m->arena);
    eng_table_close(&m->memo);
}

/* ---- Sets -----------------------------------------------------------------------------------------------*/

void eng_basket_add(eng_basket *b, eng_pick p) {
    b->all.ok = b->all.ok && p.ok;
    if (!b->all.ok) return;
    if (b->all.n + p.n > b->room) {
        uint32_t room = 2 * (b->all.n + p.n);
        uint32_t *items = kd_arena_array(&b->m->arena, room, sizeof *items);
        if (!items) {
            b->m->nomem = true;
            b->all.ok = false;
            return;
        }
        for (uint32_t i = 0; i < b->all.n; i++) items[i] = b->all.items[i];
        b->all.items = items;
        b->room = room;
    }
    for (uint32_t i = 0; i < p.n; i++) b->all.items[b->all.n++] = p.items[i];
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

eng_pick eng_basket_close(eng_basket *b) {
    eng_pick *p = &b->all;
    uint32_t n = 0;
    if (!p->ok || !p->n) return *p;
    qsort(p->items, p->n, sizeof *p->items, by_number);
    for (uint32_t i = 0; i < p->n; i++)
        if (!n || p->items[i] != p->items[n - 1]) p->items[n++] = p->items[i];
    p->n = n;
    return *p;
}

static eng_pick both(eng_mender *m, eng_pick a, eng_pick b) {
    eng_basket all = eng_basket_of(m);
    eng_basket_add(&all, a);
    eng_basket_add(&all, b);
    return eng_basket_close(&all);
}

/* ---- Asking ---------------------------------------------------------------------------------------------*/

const eng_tale *eng_mender_tale(eng_mender *m, kd_node node, bool whole) {
    static const eng_tale none;
    if (!whole) return &m->t->part.tales[node];
    const eng_tale *t = eng_whole_tale(m->t->whole, node);
    if (t) return t;
    m->nomem = true;
    return &none;
}

static int64_t count_in(eng_mender *m, kd_node node, bool whole, eng_when when, const kd_value *row) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    return eng_tale_count(eng_mender_tale(m, node, whole), n->kind, row, n->width, when);
}

static eng_pick mend(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want);

/* A question that is under way already has no answer through itself. */
static eng_pick search(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    kd_value key[KEY_WORDS] = {(kd_value)node << 2 | want, when.at, (kd_value)when.pushed, when.sub};
    unsigned width = m->t->g->plan->nodes[node].width;
    bool fresh;
    if (m->depth >= DEPTH_MAX || m->nomem) return ENG_NO_PICK;
    eng_copy(key + 4, row, width);
    uint32_t e = eng_table_add(&m->memo, key, &fresh);
    if (e == ENG_NONE) {
        m->nomem = true;
        return ENG_NO_PICK;
    }
    if (!fresh) return ((memo *)eng_table_payload(&m->memo, e))->pick;
    m->depth++;
    eng_pick p = mend(m, node, when, key + 4, want); /* the table may move meanwhile */
    m->depth--;
    ((memo *)eng_table_payload(&m->memo, e))->pick = p;
    return p;
}

eng_pick eng_ask(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    int64_t has = count_in(m, node, false, when, row), whole = count_in(m, node, true, when, row);
    if (want == ENG_SOME ? has > 0 : want == ENG_ALL ? has >= whole : has <= whole) return ENG_NOTHING;
    if (want == ENG_SOME && whole <= 0) return ENG_NO_PICK;
    return search(m, node, when, row, want);
}

eng_pick eng_gain(eng_mender *m, kd_node node, eng_when when, const kd_value *row) {
    if (count_in(m, node, true, when, row) <= 0 || count_in(m, node, false, when, row) > 0)
        return ENG_NO_PICK;
    return search(m, node, when, row, ENG_SOME);
}

eng_pick eng_lessen(eng_mender *m, kd_node node, eng_when when, const kd_value *row) {
    if (count_in(m, node, false, when, row) <= count_in(m, node, true, when, row)) return ENG_NO_PICK;
    return search(m, node, when, row, ENG_NO_MORE);
}

/* ---- Row by row -----------------------------------------------------------------------------------------*/

/* An event that the part has not: it is in the whole alone. */
static eng_pick mend_input(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    const eng_tale *t = eng_mender_tale(m, node, true);
    eng_basket all = eng_basket_of(m);
    if (want == ENG_NO_MORE) return ENG_NO_PICK;
    for (uint32_t i = eng_tale_first(t, row, n->width); i != ENG_NONE; i = eng_tale_next(t, i, n->width)) {
        uint32_t item = t->spans[i].item;
        if (!eng_span_at(&t->spans[i], n->kind, when) || m->t->in[item]) continue;
        eng_basket_add(&all, (eng_pick){.items = &item, .n = 1, .ok = true});
        if (want == ENG_SOME) break;
    }
    return all.all.n ? eng_basket_close(&all) : ENG_NO_PICK;
}

/* The rows that became this one: one of those of the whole, or all; or all of those of the part. */
static eng_pick mend_map(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    const eng_tale *t = eng_mender_tale(m, n->in[0], want != ENG_NO_MORE);
    kd_kind kind = n->kind;
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(m);
    unsigned ways = 0;
    for (size_t i = kind == KD_PULSE ? eng_tale_from(t, when) : 0; i < t->n; i++) {
        const eng_span *x = &t->spans[i];
        kd_value made[KD_WIDTH_MAX];
        bool holds;
        if (kind == KD_PULSE && eng_when_order(x->from, when) != 0) break;
        if (!eng_span_at(x, kind, when)) continue;
        if (!eng_teller_row(m->t, node, x->row, x->from, made, &holds)) m->nomem = true;
        if (!holds || !eng_same(made, row, n->width)) continue;
        eng_pick p = eng_ask(m, n->in[0], when, x->row, want);
        if (want == ENG_SOME)
            best = eng_better(best, p);
        else
            eng_basket_add(&all, p);
        if (want == ENG_SOME && ((best.ok && best.n <= 1) || ++ways == WAYS_MAX)) break;
    }
    return want == ENG_SOME ? best : eng_basket_close(&all);
}

static eng_pick mend_union(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    eng_pick a = eng_ask(m, n->in[0], when, row, want), b = eng_ask(m, n->in[1], when, row, want);
    return want == ENG_SOME ? eng_better(a, b) : both(m, a, b);
}

/* ---- Join and antijoin ----------------------------------------------------------------------------------*/

static eng_pick mend_join(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    const kd_value *right = row + m->t->g->plan->nodes[n->in[0]].width;
    if (want == ENG_NO_MORE)
        return eng_better(eng_lessen(m, n->in[0], when, row), eng_lessen(m, n->in[1], when, right));
    return both(m, eng_ask(m, n->in[0], when, row, want), eng_ask(m, n->in[1], when, right, want));
}

/* What of a row of the result is a side's. */
static eng_pick mend_join_many(eng_mender *m, kd_node node, eng_when when, const kd_value *row,
                               eng_want want) {
    const kd_plan *p = m->t->g->plan;
    const plan_node *n = &p->nodes[node];
    const kd_value *w = n->words + 1;
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(m);
    for (uint32_t k = n->in[0] ? 0 : 1; k <= n->more_count; k++) {
        kd_node side = k ? n->more[k - 1] : n->in[0];
        kd_value own[KD_WIDTH_MAX];
        for (unsigned i = 0; i < p->nodes[side].width; i++) own[i] = row[*w++];
        if (want == ENG_NO_MORE)
            best = eng_better(best, eng_lessen(m, side, when, own));
        else
            eng_basket_add(&all, eng_ask(m, side, when, own, want));
    }
    return want == ENG_NO_MORE ? best : eng_basket_close(&all);
}

/* The row, and nothing of b that matches; or no such row, or something of b. */
static eng_pick mend_antijoin(eng_mender *m, kd_node node, eng_when when, const kd_value *row,
                              eng_want want) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    kd_kind kind = m->t->g->plan->nodes[n->in[1]].kind;
    const eng_tale *t = eng_mender_tale(m, n->in[1], want == ENG_NO_MORE);
    bool gone = want == ENG_NO_MORE;
    eng_pick best = gone ? eng_lessen(m, n->in[0], when, row) : ENG_NOTHING;
    eng_basket all = eng_basket_of(m);
    eng_pairs on;
    unsigned ways = 0;
    eng_pairs_read(&on, n->words);
    if (!gone) eng_basket_add(&all, eng_ask(m, n->in[0], when, row, want));
    for (size_t i = kind == KD_PULSE ? eng_tale_from(t, when) : 0; i < t->n; i++) {
        const eng_span *x = &t->spans[i];
        if (kind == KD_PULSE && eng_when_order(x->from, when) != 0) break;
        if (!eng_span_at(x, kind, when) || !eng_pairs_agree(&on, row, x->row)) continue;
        if (!gone) {
            eng_basket_add(&all, eng_ask(m, n->in[1], when, x->row, ENG_NO_MORE));
            continue;
        }
        best = eng_better(best, eng_gain(m, n->in[1], when, x->row));
        if ((best.ok && best.n <= 1) || ++ways == WAYS_MAX) break;
    }
    return gone ? best : eng_basket_close(&all);
}

/* ---- Node by node ---------------------------------------------------------------------------------------*/

static eng_pick mend(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const kd_plan *p = m->t->g->plan;
    const eng_operator *op = p->nodes[node].op;
    kd_node in = eng_input_node(p, node, 0);
    if (op == &eng_op_input_pulse || op == &eng_op_input_level) return mend_input(m, node, when, row, want);
    if (op == &eng_op_map) return mend_map(m, node, when, row, want);
    if (op == &eng_op_union) return mend_union(m, node, when, row, want);
    if (op == &eng_op_select || op == &eng_op_extend || op == &eng_op_feedback || op == &eng_op_spread)
        return eng_ask(m, in, when, row, want); /* an extended row begins with the one it came from */
    if (op == &eng_op_distinct_pulse || op == &eng_op_distinct_level)
        return eng_ask(m, in, when, row, want == ENG_NO_MORE ? want : ENG_SOME);
    if (op == &eng_op_join_pulses || op == &eng_op_join_probe_right || op == &eng_op_join_probe_left ||
        op == &eng_op_join_levels)
        return mend_join(m, node, when, row, want);
    if (op == &eng_op_join_many || op == &eng_op_join_many_levels)
        return mend_join_many(m, node, when, row, want);
    if (op == &eng_op_antijoin_pulses || op == &eng_op_antijoin_probe || op == &eng_op_antijoin_levels)
        return mend_antijoin(m, node, when, row, want);
    if (op == &eng_op_hold || op == &eng_op_latest) return eng_mend_currents(m, node, when, row, want);
    if (op == &eng_op_aggregate || op == &eng_op_aggregate_pulse || op == &eng_op_accumulate)
        return eng_mend_fold(m, node, when, row, want);
    if (op == &eng_op_match_past || op == &eng_op_match_future)
        return eng_mend_match(m, node, when, row, want);
    return eng_mend_time(m, node, when, row, want);
}

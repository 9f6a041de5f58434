/* mend_current.c: the search through HOLD and LATEST: which pulse set the row of a key, what would have set
 * another. */
#include "engine/mend.h"

#define WAYS_MAX 64 /* looked at for one row */

typedef struct currency {
    eng_mender *m;
    kd_node node;
    const plan_node *n;
    uint8_t keys[KD_WIDTH_MAX];
    const kd_value *row;
    kd_value key[KD_WIDTH_MAX];
    eng_when when;
} currency;

static bool same_key(const currency *c, const kd_value *row) {
    for (size_t i = 0; i < c->n->word_count; i++)
        if (row[c->keys[i]] != c->key[i]) return false;
    return true;
}

/* ---- Hold -----------------------------------------------------------------------------------------------*/

/* An end of the key in (from, when]; then the others. */
static uint32_t next_end(const currency *c, const eng_tale *ends, uint32_t i, eng_when from) {
    unsigned width = (unsigned)c->n->word_count;
    i = i == ENG_NONE ? eng_tale_first(ends, c->key, width) : eng_tale_next(ends, i, width);
    for (; i != ENG_NONE; i = eng_tale_next(ends, i, width))
        if (eng_when_less(from, ends->spans[i].from) && !eng_when_less(c->when, ends->spans[i].from))
            return i;
    return ENG_NONE;
}

/* The other row of the key that is held at a time; NULL. */
static const kd_value *other_held(const currency *c, bool whole, eng_when at) {
    const eng_tale *t = eng_mender_tale(c->m, c->node, whole);
    for (size_t i = 0; i < t->n; i++)
        if (eng_span_at(&t->spans[i], KD_LEVEL, at) && same_key(c, t->spans[i].row) &&
            !eng_same(t->spans[i].row, c->row, c->n->width))
            return t->spans[i].row;
    return NULL;
}

/* Lets the row be held in the part from the whole's begin at `from` on: no end, and no other in its way. */
static eng_pick hold_from(const currency *c, eng_when from) {
    const eng_tale *ends = eng_mender_tale(c->m, c->n->in[1], false);
    eng_basket all = eng_basket_of(c->m);
    eng_basket_add(&all, eng_ask(c->m, c->n->in[0], from, c->row, ENG_SOME));
    for (uint32_t i = next_end(c, ends, ENG_NONE, from); i != ENG_NONE; i = next_end(c, ends, i, from))
        eng_basket_add(&all, eng_ask(c->m, c->n->in[1], ends->spans[i].from, c->key, ENG_NO_MORE));
    const kd_value *other = other_held(c, false, from);
    if (other) eng_basket_add(&all, eng_ask(c->m, c->node, from, other, ENG_NO_MORE));
    return eng_basket_close(&all);
}

/* What the whole has against a begin of the part. */
static eng_pick hold_not_from(const currency *c, eng_when from) {
    const eng_tale *ends = eng_mender_tale(c->m, c->n->in[1], true);
    eng_pick best = eng_lessen(c->m, c->n->in[0], from, c->row);
    unsigned ways = 0;
    for (uint32_t i = next_end(c, ends, ENG_NONE, from); i != ENG_NONE && ways < WAYS_MAX;
         i = next_end(c, ends, i, from), ways++)
        best = eng_better(best, eng_gain(c->m, c->n->in[1], ends->spans[i].from, c->key));
    const kd_value *other = other_held(c, true, from);
    return other ? eng_better(best, eng_gain(c->m, c->node, from, other)) : best;
}

static eng_pick mend_hold(currency *c, eng_want want) {
    bool gone = want == ENG_NO_MORE;
    const eng_tale *begins = eng_mender_tale(c->m, c->n->in[0], !gone);
    const eng_tale *ends = eng_mender_tale(c->m, c->n->in[1], !gone);
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(c->m);
    unsigned ways = 0, width = c->n->width;
    bool any = false;
    for (uint32_t i = eng_tale_first(begins, c->row, width); i != ENG_NONE;
         i = eng_tale_next(begins, i, width)) {
        eng_when from = begins->spans[i].from;
        if (eng_when_less(c->when, from) || next_end(c, ends, ENG_NONE, from) != ENG_NONE) continue;
        if (gone && other_held(c, false, from)) continue;
        any = true;
        if (gone)
            eng_basket_add(&all, hold_not_from(c, from));
        else
            best = eng_better(best, hold_from(c, from));
        if (!gone && ((best.ok && best.n <= 1) || ++ways == WAYS_MAX)) break;
    }
    return gone ? (any ? eng_basket_close(&all) : ENG_NO_PICK) : best;
}

/* ---- Latest ---------------------------------------------------------------------------------------------*/

/* Against another pulse of the key from `from` on: none in the part (gone false), or one of the whole. */
static eng_pick others_since(const currency *c, eng_when from, bool gain) {
    const eng_tale *t = eng_mender_tale(c->m, c->n->in[0], gain);
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(c->m);
    for (size_t i = eng_tale_from(t, from); i < t->n; i++) {
        const eng_span *x = &t->spans[i];
        if (eng_when_less(c->when, x->from)) break;
        if (!same_key(c, x->row) || eng_same(x->row, c->row, c->n->width)) continue;
        if (gain)
            best = eng_better(best, eng_gain(c->m, c->n->in[0], x->from, x->row));
        else
            eng_basket_add(&all, eng_ask(c->m, c->n->in[0], x->from, x->row, ENG_NO_MORE));
        if (gain && best.ok && best.n <= 1) break;
    }
    return gain ? best : eng_basket_close(&all);
}

/* Pulses of the row after which the whole has no other of its key. */
static eng_pick latest_is(const currency *c) {
    const eng_tale *t = eng_mender_tale(c->m, c->n->in[0], true);
    eng_pick best = ENG_NO_PICK;
    for (size_t i = t->n; i-- > 0;) {
        const eng_span *x = &t->spans[i];
        if (eng_when_less(c->when, x->from) || !same_key(c, x->row)) continue;
        if (!eng_same(x->row, c->row, c->n->width)) {
            if (best.ok) break;
            continue; /* of the same time point, and pushed before */
        }
        eng_basket all = eng_basket_of(c->m);
        eng_basket_add(&all, eng_ask(c->m, c->n->in[0], x->from, c->row, ENG_SOME));
        eng_basket_add(&all, others_since(c, x->from, false));
        best = eng_better(best, eng_basket_close(&all));
        if (best.ok && best.n <= 1) break;
    }
    return best;
}

static eng_pick latest_is_not(const currency *c) {
    const eng_tale *t = eng_mender_tale(c->m, c->n->in[0], false);
    for (size_t i = t->n; i-- > 0;) {
        const eng_span *x = &t->spans[i];
        if (eng_when_less(c->when, x->from) || !eng_same(x->row, c->row, c->n->width)) continue;
        return eng_better(eng_lessen(c->m, c->n->in[0], x->from, c->row), others_since(c, x->from, true));
    }
    return ENG_NO_PICK;
}

eng_pick eng_mend_currents(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    currency c = {.m = m, .node = node, .n = &m->t->g->plan->nodes[node], .row = row, .when = when};
    for (size_t i = 0; i < c.n->word_count; i++) c.keys[i] = (uint8_t)c.n->words[i];
    eng_gather(c.key, row, c.keys, (unsigned)c.n->word_count);
    if (c.n->op == &eng_op_hold) return mend_hold(&c, want);
    return want == ENG_NO_MORE ? latest_is_not(&c) : latest_is(&c);
}

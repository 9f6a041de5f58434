/* mend_fold.c: the search through folds: a group's value rests on its rows; the least and the greatest on one of
 * them, and on there being none beyond. */
#include "engine/fold.h"
#include "engine/mend.h"

#define WAYS_MAX 64 /* looked at for one row */

typedef struct folded {
    eng_mender *m;
    const plan_node *n;
    kd_fold what;
    unsigned column, group_count;
    const kd_value *row;
    eng_when when;
} folded;

static bool counts(const folded *f, const eng_span *x) {
    if (f->what != KD_COUNT && x->row[f->column] == KD_ABSENT) return false;
    for (unsigned i = 0; i < f->group_count; i++)
        if (x->row[f->n->words[2 + i]] != f->row[i]) return false;
    if (f->n->op == &eng_op_accumulate) return !eng_when_less(f->when, x->from);
    return eng_span_at(x, f->n->op == &eng_op_aggregate ? KD_LEVEL : KD_PULSE, f->when);
}

/* When the row is to be asked for. */
static eng_when time_of(const folded *f, const eng_span *x) {
    return f->n->op == &eng_op_aggregate ? f->when : x->from;
}

static kd_value in_order(const folded *f, kd_value v) {
    return eng_fold_by_order(f->what) && eng_fold_of_floats(f->what) ? eng_float_order(v) : v;
}

/* All that the whole has of the group; nothing of the part's that the whole has not. */
static eng_pick all_rows(const folded *f) {
    const eng_tale *whole = eng_mender_tale(f->m, f->n->in[0], true);
    const eng_tale *part = eng_mender_tale(f->m, f->n->in[0], false);
    eng_basket all = eng_basket_of(f->m);
    for (size_t i = 0; i < whole->n; i++)
        if (counts(f, &whole->spans[i]))
            eng_basket_add(
                &all, eng_ask(f->m, f->n->in[0], time_of(f, &whole->spans[i]), whole->spans[i].row, ENG_ALL));
    for (size_t i = 0; i < part->n; i++)
        if (counts(f, &part->spans[i]))
            eng_basket_add(&all, eng_ask(f->m, f->n->in[0], time_of(f, &part->spans[i]), part->spans[i].row,
                                         ENG_NO_MORE));
    return eng_basket_close(&all);
}

static eng_pick extreme_row(const folded *f, bool greatest) {
    const eng_tale *whole = eng_mender_tale(f->m, f->n->in[0], true);
    const eng_tale *part = eng_mender_tale(f->m, f->n->in[0], false);
    kd_value best_value = in_order(f, f->row[f->group_count]);
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(f->m);
    unsigned ways = 0;
    for (size_t i = 0; i < whole->n; i++) {
        const eng_span *x = &whole->spans[i];
        if (!counts(f, x) || in_order(f, x->row[f->column]) != best_value) continue;
        best = eng_better(best, eng_ask(f->m, f->n->in[0], time_of(f, x), x->row, ENG_SOME));
        if ((best.ok && best.n <= 1) || ++ways == WAYS_MAX) break;
    }
    eng_basket_add(&all, best);
    for (size_t i = 0; i < part->n; i++) {
        const eng_span *x = &part->spans[i];
        kd_value v = counts(f, x) ? in_order(f, x->row[f->column]) : best_value;
        if (greatest ? v > best_value : v < best_value)
            eng_basket_add(&all, eng_ask(f->m, f->n->in[0], time_of(f, x), x->row, ENG_NO_MORE));
    }
    return eng_basket_close(&all);
}

/* One row in which the groups differ. */
static eng_pick another_value(const folded *f) {
    eng_pick best = ENG_NO_PICK;
    for (int whole = 1; whole >= 0; whole--) {
        const eng_tale *t = eng_mender_tale(f->m, f->n->in[0], whole);
        unsigned ways = 0;
        for (size_t i = 0; i < t->n && ways < WAYS_MAX; i++) {
            const eng_span *x = &t->spans[i];
            if (!counts(f, x)) continue;
            eng_pick p = whole ? eng_ask(f->m, f->n->in[0], time_of(f, x), x->row, ENG_ALL)
                               : eng_lessen(f->m, f->n->in[0], time_of(f, x), x->row);
            if (p.ok && p.n) best = eng_better(best, p), ways++;
            if (best.ok && best.n <= 1) return best;
        }
    }
    return best;
}

eng_pick eng_mend_fold(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const plan_node *n = &m->t->g->plan->nodes[node];
    folded f = {.m = m,
                .n = n,
                .what = (kd_fold)n->words[0],
                .column = (unsigned)n->words[1],
                .group_count = (unsigned)n->word_count - 2,
                .row = row,
                .when = when};
    if (want == ENG_NO_MORE) return another_value(&f);
    bool greatest = f.what == KD_GREATEST || f.what == KD_FGREATEST;
    if (greatest || f.what == KD_LEAST || f.what == KD_FLEAST) return extreme_row(&f, greatest);
    return all_rows(&f);
}

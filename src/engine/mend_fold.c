/* mend_fold.c: the search through folds: a group's value rests on its rows; the least and the greatest on
 * one of them, and on there being none beyond. */
#include "engine/fold.h"
#include "engine/mend.h"

#define WAYS_MAX 64 /* looked at for one row */

typedef struct folded {
    eng_mender *m;
    const plan_node *n;
    eng_folding fold;
    const kd_value *row;
    eng_when when;
} folded;

static bool counts(const folded *f, const eng_span *x) {
    if (eng_fold_value(&f->fold, x->row) == KD_ABSENT) return false;
    for (unsigned i = 0; i < f->fold.group_count; i++)
        if (x->row[f->fold.groups[i]] != f->row[i]) return false;
    if (f->n->op == &eng_op_accumulate) return !eng_when_less(f->when, x->from);
    return eng_span_at(x, f->n->op == &eng_op_aggregate ? KD_LEVEL : KD_PULSE, f->when);
}

/* When the row is to be asked for. */
static eng_when time_of(const folded *f, const eng_span *x) {
    return f->n->op == &eng_op_aggregate ? f->when : x->from;
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

/* Does the whole have rows of the group? Else the value is that of none. */
static bool has_rows(const folded *f) {
    const eng_tale *whole = eng_mender_tale(f->m, f->n->in[0], true);
    for (size_t i = 0; i < whole->n; i++)
        if (counts(f, &whole->spans[i])) return true;
    return false;
}

static eng_pick extreme_row(const folded *f) {
    const eng_tale *whole = eng_mender_tale(f->m, f->n->in[0], true);
    const eng_tale *part = eng_mender_tale(f->m, f->n->in[0], false);
    kd_value best_value = eng_fold_told(&f->fold, f->row[f->fold.group_count]);
    eng_pick best = ENG_NO_PICK;
    eng_basket all = eng_basket_of(f->m);
    unsigned ways = 0;
    for (size_t i = 0; i < whole->n; i++) {
        const eng_span *x = &whole->spans[i];
        if (!counts(f, x) || eng_fold_value(&f->fold, x->row) != best_value) continue;
        best = eng_better(best, eng_ask(f->m, f->n->in[0], time_of(f, x), x->row, ENG_SOME));
        if ((best.ok && best.n <= 1) || ++ways == WAYS_MAX) break;
    }
    eng_basket_add(&all, best);
    for (size_t i = 0; i < part->n; i++) {
        const eng_span *x = &part->spans[i];
        if (counts(f, x) && eng_fold_beats(&f->fold, eng_fold_value(&f->fold, x->row), best_value))
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
    folded f = {.m = m, .n = n, .row = row, .when = when};
    eng_fold_read(&f.fold, m->t->g->plan, n->words, n->word_count);
    if (want == ENG_NO_MORE) return another_value(&f);
    return eng_fold_is_extreme(f.fold.what) && has_rows(&f) ? extreme_row(&f) : all_rows(&f);
}

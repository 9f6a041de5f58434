/* build_join_many.c: the builder of a join of many relations. */
#include "engine/run.h"

/* The words of its description: the width, then the columns of each side, the pulse first. */
#define WORDS_MAX (1 + KD_SIDES_MAX * KD_WIDTH_MAX)

typedef struct draft {
    kd_plan *p;
    unsigned width;
    kd_value words[WORDS_MAX];
    size_t word_count;
    kd_node pulse, levels[KD_SIDES_MAX];
    unsigned level_count;
    bool named[KD_WIDTH_MAX]; /* columns of the result that a side has */
} draft;

static bool refuse(draft *d, const char *how) {
    plan_fail(d->p, KD_INVALID, "sides", "join of many: %s", how);
    return false;
}

static bool put_side(draft *d, const kd_side *s) {
    unsigned width = kd_plan_width(d->p, s->node);
    if (s->node == 0 || s->node >= d->p->node_count) {
        plan_fail(d->p, KD_USAGE, "no_node", "join of many: a side is no node of the plan");
        return false;
    }
    for (unsigned i = 0; i < width; i++) {
        if (s->columns[i] >= d->width) return refuse(d, "a side names a column that the result has not");
        for (unsigned k = 0; k < i; k++)
            if (s->columns[k] == s->columns[i]) return refuse(d, "a side names a column twice");
        d->words[d->word_count++] = s->columns[i];
        d->named[s->columns[i]] = true;
    }
    return true;
}

static bool put_sides(draft *d, const kd_side *sides, unsigned count, kd_kind kind) {
    for (unsigned k = 0; k < count; k++) {
        if (kd_plan_kind(d->p, sides[k].node) != kind) continue;
        if (!put_side(d, &sides[k])) return false;
        if (kind == KD_PULSE && d->pulse) return refuse(d, "two sides are pulses");
        if (kind == KD_PULSE)
            d->pulse = sides[k].node;
        else
            d->levels[d->level_count++] = sides[k].node;
    }
    return true;
}

kd_node kd_plan_join_many(kd_plan *p, const kd_side *sides, unsigned count, unsigned width) {
    draft d = {.p = p, .width = width, .words = {width}, .word_count = 1};
    if (width > KD_WIDTH_MAX || count > KD_SIDES_MAX)
        return plan_fail(p, KD_INVALID, "width", "join of many: %u sides and %u columns; at most %d and %d",
                         count, width, KD_SIDES_MAX, KD_WIDTH_MAX);
    if (!put_sides(&d, sides, count, KD_PULSE) || !put_sides(&d, sides, count, KD_LEVEL)) return 0;
    if (!d.level_count) return refuse(&d, "no side is a level"), 0;
    for (unsigned i = 0; i < width; i++)
        if (!d.named[i]) return refuse(&d, "no side has a column of the result"), 0;
    return plan_add(p, &(plan_node){.op = d.pulse ? &eng_op_join_many : &eng_op_join_many_levels,
                                    .in = {d.pulse},
                                    .more = d.levels,
                                    .more_count = d.level_count,
                                    .kind = d.pulse ? KD_PULSE : KD_LEVEL,
                                    .width = width,
                                    .words = d.words,
                                    .word_count = d.word_count});
}

/* lower_life.c: the treaty's own life: entry into force, the last day, the end. */
#include "lang/lower.h"

/* Of rows (TAG_DAY, TAG_STATEMENT) the one of the latest or the earliest day; of one day the first statement. */
static rel outermost_day(lower *L, rel r, kd_fold fold) {
    static const uint8_t day[] = {TAG_DAY};
    if (!r.node) return r;
    rel best = rel_fold(L, r, NULL, 0, fold, TAG_DAY, TAG_DAY);
    return rel_fold(L, rel_join(L, r, best), day, 1, KD_LEAST, TAG_STATEMENT, TAG_STATEMENT);
}

/* Pulse of a notice's statements after the entry into force: TAG_ENTRY, TAG_STATEMENT and the field as TAG_WHEN. */
static rel spoken(lower *L, rel entry, int notice, int field) {
    rel r = low_notice(L, (uint32_t)notice, -1);
    if (field >= 0 && r.node) r.tag[low_field_column(&L->t->notices[notice].fields[field])] = TAG_WHEN;
    return rel_join(L, rel_retag(r, TAG_BY, TAG_NONE), entry);
}

static rel dated(lower *L, rel r, kd_expr day) {
    static const uint8_t columns[] = {TAG_DAY, TAG_STATEMENT};
    return rel_keep(L, rel_with(L, r, TAG_DAY, day), columns, 2);
}

/* Extensions given while the treaty lasts: by its own years, or by an extension given within these. */
static rel extensions(lower *L, rel entry, rel own) {
    const kd_ast_life *life = &L->ast->life;
    rel r = spoken(L, entry, life->extension, (int)life->extension_until);
    kd_expr until = x_op1(L, KD_X_DAY_BEGIN, rel_expr(L, &r, TAG_WHEN));
    if (life->extension_years && life->lasts) {
        kd_expr months = x_value(L, 12 * (life->lasts_years + life->extension_years));
        until = x_op(L, KD_X_MIN, until, x_op(L, KD_X_ADD_MONTHS, rel_expr(L, &r, TAG_ENTRY), months));
    }
    r = dated(L, r, until);
    if (!own.node) return rel_forever(L, r);
    rel last = rel_retag(rel_retag(own, TAG_DAY, TAG_WHEN), TAG_STATEMENT, TAG_NONE);
    rel in_time = rel_join(L, r, last);
    kd_expr still = x_op(L, KD_X_LE, x_today(L), rel_expr(L, &in_time, TAG_WHEN));
    in_time = dated(L, rel_where(L, in_time, still), rel_expr(L, &in_time, TAG_DAY));
    rel first = rel_forever(L, in_time);
    rel again = rel_join(L, r, rel_retag(rel_retag(first, TAG_DAY, TAG_WHEN), TAG_STATEMENT, TAG_NONE));
    still = x_op(L, KD_X_LE, x_today(L), rel_expr(L, &again, TAG_WHEN));
    again = dated(L, rel_where(L, again, still), rel_expr(L, &again, TAG_DAY));
    return rel_forever(L, rel_union(L, in_time, again));
}

static rel withdrawals(lower *L, rel entry) {
    const kd_ast_life *life = &L->ast->life;
    rel r = spoken(L, entry, life->withdrawal, life->withdrawal_on);
    kd_expr from = life->withdrawal_after.unit == KD_SPAN_SECONDS ? x_now(L) : x_today(L);
    kd_expr day = x_op1(L, KD_X_DAY_BEGIN, x_moved(L, from, life->withdrawal_after, 1));
    if (life->withdrawal_on >= 0) {
        kd_expr named = x_op1(L, KD_X_DAY_BEGIN, rel_expr(L, &r, TAG_WHEN));
        day = life->withdrawal_later ? x_op(L, KD_X_MAX, day, x_op(L, KD_X_OR_ELSE, named, day))
                                     : x_op(L, KD_X_OR_ELSE, named, day);
    }
    return rel_forever(L, dated(L, r, day));
}

/* The earlier of the two last days, or the only one. */
static rel earlier(lower *L, rel term, rel out) {
    static const uint8_t columns[] = {TAG_DAY, TAG_STATEMENT};
    if (!term.node || !out.node) return term.node ? term : out;
    rel other = rel_retag(rel_retag(out, TAG_DAY, TAG_WHEN), TAG_STATEMENT, TAG_EXTRA),
        both = rel_join(L, term, other);
    kd_expr day = rel_expr(L, &both, TAG_DAY), when = rel_expr(L, &both, TAG_WHEN);
    kd_expr sooner = x_op(L, KD_X_LT, when, day);
    kd_expr statement = x_if(L, sooner, rel_expr(L, &both, TAG_EXTRA), rel_expr(L, &both, TAG_STATEMENT));
    both = rel_with(L, rel_with(L, both, TAG_STATEMENT, statement), TAG_DAY, x_op(L, KD_X_MIN, day, when));
    rel alone = rel_union(L, rel_antijoin(L, term, other), rel_antijoin(L, out, rel_keep(L, term, NULL, 0)));
    return rel_union(L, rel_keep(L, both, columns, 2), alone);
}

/* Once the treaty has ended its last day is the one with which it ended, whatever is said later. */
static rel settled(lower *L, rel term, rel ended) {
    rel open = rel_antijoin(L, term, rel_keep(L, ended, NULL, 0));
    return rel_union(L, open, rel_keep(L, ended, term.tag, term.width));
}

/* Without a word of its life a treaty is in force always. */
static rel always(lower *L) {
    static const uint8_t tags[] = {TAG_ENTRY, TAG_STATEMENT};
    kd_value row[] = {kd_day_begin(kd_day_of(1, 1, 1)), KD_ABSENT};
    return rel_of(L->p, kd_plan_constant(L->p, row, 1, 2), tags);
}

void low_life(lower *L) {
    const kd_ast_life *life = &L->ast->life;
    L->vars = &life->vars;
    rel entry = always(L);
    if (life->in_force) {
        rel begin = low_pattern(L, life->in_force, -1, NULL, 0);
        static const uint8_t columns[] = {TAG_ENTRY, TAG_STATEMENT};
        begin = rel_keep(L, rel_with(L, begin, TAG_ENTRY, x_today(L)), columns, 2);
        entry = rel_hold(L, begin, rel_never(L, begin), NULL, 0);
    }
    rel own = {.node = 0}, out = {.node = 0}, days;
    if (life->lasts)
        own = dated(
            L, entry,
            x_op(L, KD_X_ADD_MONTHS, rel_expr(L, &entry, TAG_ENTRY), x_value(L, 12 * life->lasts_years)));
    days = own;
    if (life->extension >= 0) days = rel_union(L, days, extensions(L, entry, own));
    if (life->withdrawal >= 0) out = outermost_day(L, withdrawals(L, entry), KD_LEAST);
    L->term = earlier(L, outermost_day(L, days, KD_GREATEST), out);
    L->in_force = entry;
    if (L->term.node) {
        kd_expr over =
            x_op(L, KD_X_ADD, x_op1(L, KD_X_DAY_END, rel_expr(L, &L->term, TAG_DAY)), x_value(L, 1));
        rel end = rel_timer(L, rel_with(L, L->term, TAG_FIRE, over), TAG_FIRE);
        L->ended = rel_hold(L, end, rel_never(L, end), NULL, 0);
        L->in_force = rel_antijoin(L, entry, L->ended);
        L->term = settled(L, L->term, L->ended);
    }
    L->in_force_bare = rel_retag(L->in_force, TAG_STATEMENT, TAG_NONE);
}

static void life_sink(lower *L, rel r, kd_life what, unsigned a) {
    if (!r.node) return;
    kd_expr row[] = {x_value(L, what), rel_expr(L, &r, a), rel_expr(L, &r, TAG_STATEMENT)};
    kd_node node = kd_plan_map(L->p, r.node, row, 3);
    if (node) kd_plan_sink(L->p, node, KD_SINK_LIFE);
}

void low_life_sinks(lower *L) {
    life_sink(L, L->in_force, KD_LIFE_IN_FORCE, TAG_GROUP);
    life_sink(L, L->term, KD_LIFE_TERM, TAG_DAY);
    life_sink(L, L->ended, KD_LIFE_ENDED, TAG_GROUP);
}

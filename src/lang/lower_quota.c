/* lower_quota.c: quotas: so many at most, or at least, in each period. */
#include "lang/lower.h"

static const uint8_t INSTANCE[] = {TAG_PARTY, TAG_PERIOD};

typedef struct quota {
    const kd_rule *rule;
    uint32_t notice; /* counted */
    bool jointly;
    rel figures; /* level: TAG_PARTY, TAG_PERIOD, TAG_VALUE, TAG_STATEMENT: the larger of the count and the total */
    rel told;    /* level: TAG_PARTY, TAG_PERIOD of which a total was told; node 0: none can be */
    rel begins;  /* pulse at each boundary: TAG_PERIOD that begins, TAG_AFTER its end */
    rel running; /* level of one row: the same of the period that runs */
} quota;

static int field_named(const kd_notice *n, const char *name) {
    for (size_t i = 0; i < n->field_count; i++)
        if (kd_str_is(n->fields[i].name, name)) return (int)i;
    return -1;
}

/* First day of the period in which the instant falls. */
static kd_expr period_of(lower *L, uint32_t index, kd_expr at) {
    const kd_schedule *s = &L->t->periods[L->t->rules[index].period].schedule;
    kd_op op = s->months > 0 ? KD_X_PERIOD : KD_X_PERIOD_DAYS;
    kd_expr steps = x_value(L, s->months > 0 ? s->months : s->days);
    return kd_plan_op(L->p, op, at, steps, x_value(L, s->anchor));
}

/* Pulse of the counted, each with its period. */
static rel counted(lower *L, uint32_t index) {
    static const uint8_t columns[] = {TAG_PARTY, TAG_PERIOD, TAG_STATEMENT};
    rel r = low_judged(L, index, low_pattern(L, L->ast->rules[index].counts, -1, NULL, 0));
    return rel_keep(L, rel_with(L, r, TAG_PERIOD, period_of(L, index, x_now(L))), columns, 3);
}

/* Pulse of the totals that were told, each with its period and TAG_VALUE; one that does not begin on a
 * period's first day is a total of none. */
static rel totals(lower *L, uint32_t index) {
    static const uint8_t columns[] = {TAG_PARTY, TAG_PERIOD, TAG_VALUE, TAG_STATEMENT};
    const kd_ast_pattern *x = L->ast->rules[index].told;
    const kd_notice *n = &L->t->notices[x->index];
    int from = field_named(n, "from"), count = field_named(n, "count");
    if (x->target != KD_OF_NOTICE || from < 0 || count < 0) return (rel){.node = 0};
    low_want wants[] = {{from, TAG_FIRST}, {count, TAG_VALUE}};
    rel r = low_judged(L, index, low_pattern(L, x, -1, wants, 2));
    r = rel_where(L, r, x_op1(L, KD_X_NOT, x_op1(L, KD_X_IS_ABSENT, rel_expr(L, &r, TAG_VALUE))));
    kd_expr first = x_op1(L, KD_X_DAY_BEGIN, rel_expr(L, &r, TAG_FIRST));
    kd_expr is_first = x_op(L, KD_X_EQ, first, period_of(L, index, first));
    return rel_keep(L, rel_where(L, rel_with(L, r, TAG_PERIOD, first), is_first), columns, 4);
}

static quota open_quota(lower *L, uint32_t index) {
    static const uint8_t schedule[] = {TAG_NONE, TAG_PERIOD, TAG_AFTER};
    static const uint8_t figure[] = {TAG_PARTY, TAG_PERIOD, TAG_VALUE},
                         newest[] = {TAG_PARTY, TAG_PERIOD, TAG_STATEMENT};
    quota q = {.rule = &L->t->rules[index], .jointly = low_is_of_both(L, index)};
    q.notice = (uint32_t)low_pattern_notice(L, L->ast->rules[index].counts);
    rel said = counted(L, index);
    rel count = rel_fold(L, said, INSTANCE, 2, KD_COUNT, 0, TAG_VALUE);
    if (L->ast->rules[index].told) {
        rel total = totals(L, index), known = rel_latest(L, total, INSTANCE, 2);
        q.told = rel_keep(L, known, INSTANCE, 2);
        count = rel_union(L, count, rel_keep(L, known, figure, 3));
        count = rel_fold(L, count, INSTANCE, 2, KD_GREATEST, TAG_VALUE, TAG_VALUE);
        said = rel_union(L, said, rel_keep(L, total, newest, 3));
    }
    q.figures = rel_join(L, count, rel_latest(L, said, INSTANCE, 2));
    q.begins = rel_of(L->p, kd_plan_schedule(L->p, L->t->periods[q.rule->period].schedule), schedule);
    q.running = rel_latest(L, q.begins, NULL, 0);
    return q;
}

/* Rows of which silence, or a total, shows all; and the others. */
static rel shown(lower *L, const quota *q, rel rows) {
    rel untold = q->told.node ? rel_antijoin(L, rows, q->told) : rows;
    rel complete = low_shown(L, untold, q->notice, q->jointly);
    return q->told.node ? rel_union(L, rel_join(L, rows, q->told), complete) : complete;
}

static rel not_shown(lower *L, const quota *q, rel rows) {
    return low_silent(L, q->told.node ? rel_antijoin(L, rows, q->told) : rows, q->notice, q->jointly);
}

/* Rows with their figures: 0 where nothing was counted. */
static rel with_figures(lower *L, const quota *q, rel rows) {
    rel r = rel_union(L, rel_join(L, rows, q->figures),
                      rel_with(L, rel_antijoin(L, rows, q->figures), TAG_VALUE, x_value(L, 0)));
    static const uint8_t tags[] = {TAG_BOUND, TAG_DAY};
    kd_expr values[] = {x_value(L, q->rule->quota), rel_expr(L, &r, TAG_PERIOD)};
    return rel_with_all(L, r, tags, values, 2);
}

static rel reaches(lower *L, rel rows, kd_op op, int64_t bound) {
    return rel_where(L, rows, x_op(L, op, rel_expr(L, &rows, TAG_VALUE), x_value(L, bound)));
}

/* At most: the running period alone is judged. */
static rel at_most(lower *L, uint32_t index, const quota *q) {
    const kd_ast_x *excuse = L->ast->rules[index].excused;
    rel now = rel_join(L, low_judged_parties(L, index), rel_join(L, q->running, L->in_force_bare));
    rel rows = with_figures(L, q, rel_retag(now, TAG_AFTER, TAG_NONE));
    rel within = reaches(L, rows, KD_X_LE, q->rule->quota);
    rel over = low_status(L, reaches(L, rows, KD_X_GT, q->rule->quota), KD_BREACHED);
    rel r = low_excused(L, over, &excuse, excuse ? 1 : 0);
    r = rel_union(L, r, low_status(L, shown(L, q, within), KD_KEPT));
    return rel_union(L, r, low_status(L, not_shown(L, q, within), KD_NOT_SHOWN));
}

/* Rows that no later period ended: one that had its number, though it may have been corrected since. */
static rel until_reached(lower *L, rel late, rel enough) {
    static const uint8_t party[] = {TAG_PARTY};
    rel best = rel_fold(L, rel_rise(L, enough), party, 1, KD_GREATEST, TAG_PERIOD, TAG_WHEN);
    rel ended = rel_join(L, late, best);
    ended =
        rel_where(L, ended, x_op(L, KD_X_GT, rel_expr(L, &ended, TAG_WHEN), rel_expr(L, &ended, TAG_PERIOD)));
    return rel_antijoin(L, late, rel_keep(L, ended, INSTANCE, 2));
}

/* Pulse of the instances, each when its period begins or the treaty enters into force within it. */
static rel instances(lower *L, uint32_t index, const quota *q) {
    static const uint8_t days[] = {TAG_DAY, TAG_FIRE}, columns[] = {TAG_PARTY, TAG_PERIOD, TAG_DAY, TAG_FIRE};
    rel entered = rel_retag(rel_rise(L, L->in_force_bare), TAG_ENTRY, TAG_NONE);
    rel r = rel_union(L, rel_join(L, q->begins, L->in_force_bare), rel_join(L, entered, q->running));
    kd_expr values[] = {rel_expr(L, &r, TAG_PERIOD), rel_expr(L, &r, TAG_AFTER)};
    r = rel_with_all(L, r, days, values, 2);
    return rel_keep(L, rel_join(L, r, low_judged_parties(L, index)), columns, 4);
}

/* At least: each period that overlaps the time in force is owed its number by its end. What an instance
 * without its number is, is settled at the period's end; whether it has its number is asked at all times, for
 * a total may be corrected.
 *
 *      instance ─┬─ has its number ───▶ KEPT (the latest)
 *                └─ has not ─┬─ before the end ─▶ PENDING
 *                            └─ after it ─▶ as judged at the end: EXCUSED, or BREACHED or NOT SHOWN
 *                                           until a later instance has its number */
static rel at_least(lower *L, uint32_t index, const quota *q) {
    const kd_ast_x *excuse = L->ast->rules[index].excused;
    rel owed = rel_forever(L, instances(L, index, q));
    rel enough = rel_keep(L, reaches(L, q->figures, KD_X_GE, q->rule->quota), INSTANCE, 2);
    rel over = rel_timer(L, owed, TAG_FIRE);
    rel judged = rel_union(L, low_status(L, shown(L, q, over), KD_BREACHED),
                           low_status(L, not_shown(L, q, over), KD_NOT_SHOWN));
    judged = rel_forever(L, low_excused(L, judged, &excuse, excuse ? 1 : 0));
    rel kept = low_latest_rows(L, rel_join(L, owed, enough));
    rel pending = rel_antijoin(L, rel_antijoin(L, owed, enough), rel_keep(L, judged, INSTANCE, 2));
    rel unmet = rel_antijoin(L, judged, enough);
    kd_expr is_excused = x_op(L, KD_X_EQ, rel_expr(L, &unmet, TAG_STATUS), x_value(L, KD_EXCUSED));
    rel r = rel_where(L, unmet, is_excused);
    r = rel_union(L, r, until_reached(L, rel_where(L, unmet, x_op1(L, KD_X_NOT, is_excused)), enough));
    r = rel_union(L, r, low_status(L, pending, KD_PENDING));
    r = rel_union(L, r, low_status(L, kept, KD_KEPT));
    return rel_join(L, with_figures(L, q, r), L->in_force_bare);
}

rel low_quota(lower *L, uint32_t index) {
    quota q = open_quota(L, index);
    return q.rule->at_least ? at_least(L, index, &q) : at_most(L, index, &q);
}

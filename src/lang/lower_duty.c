/* lower_duty.c: duties: what triggers them, who owes, until when. */
#include "lang/lower.h"

#include <string.h>

/* ---- Triggers ------------------------------------------------------------------------------------------------*/

/* The end of each period while in force: its first day, its last, the day after. */
static rel period_ends(lower *L, int period) {
    static const uint8_t tags[] = {TAG_PERIOD, TAG_AFTER, TAG_NONE};
    rel r = rel_of(L->p, kd_plan_schedule(L->p, L->t->periods[period].schedule), tags);
    r = rel_where(L, r, x_op1(L, KD_X_NOT, x_op1(L, KD_X_IS_ABSENT, rel_expr(L, &r, TAG_PERIOD))));
    kd_expr after = rel_expr(L, &r, TAG_AFTER), first = rel_expr(L, &r, TAG_PERIOD);
    static const uint8_t days[] = {TAG_DAY, TAG_FIRST, TAG_LAST};
    kd_expr values[] = {first, first, x_op(L, KD_X_ADD_DAYS, after, x_value(L, -1))};
    return rel_with_all(L, r, days, values, 3);
}

static rel trigger(lower *L, const kd_rule *rule, const kd_ast_rule *x) {
    rel r;
    if (x->trigger == KD_EVERY_PERIOD)
        r = period_ends(L, rule->period);
    else if (x->trigger == KD_WHEN_IN_FORCE)
        r = rel_rise(L, L->in_force);
    else
        r = low_pattern(L, x->when, -1, NULL, 0);
    if (x->trigger != KD_EVERY_PERIOD) r = rel_with(L, r, TAG_DAY, x_today(L));
    return x->trigger == KD_WHEN_IN_FORCE ? r : rel_join(L, r, L->in_force_bare);
}

/* The variable of the slot, bound by the trigger or else every Party's. */
static rel with_party_slot(lower *L, rel r, uint32_t slot) {
    if (rel_has(&r, slot)) return r;
    return rel_join(L, r, rel_retag(low_parties(L, UINT64_MAX), TAG_PARTY, slot));
}

rel low_owing(lower *L, uint32_t rule, rel r, kd_ast_who kind, const kd_ast_term *who) {
    if (kind == KD_WHO_JOINTLY) return rel_with(L, r, TAG_PARTY, x_value(L, KD_BOTH));
    if (kind == KD_WHO_EACH_PARTY) return rel_join(L, r, low_parties(L, L->t->rules[rule].only));
    if (who->what == KD_TERM_VARIABLE || who->what == KD_TERM_OTHER) r = with_party_slot(L, r, who->slot);
    return rel_with(L, r, TAG_PARTY, low_term(L, &r, who));
}

kd_expr low_too_late(lower *L, const kd_ast_deadline *d, kd_expr from) {
    if (d->what == KD_DUE_WITHIN) return x_too_late(L, from, d->span);
    if (d->what == KD_DUE_BY_DATE) return x_value(L, kd_day_end(kd_instant_day(d->date)) + 1);
    return x_value(L, KD_ABSENT);
}

/* ---- What keeps it -------------------------------------------------------------------------------------------*/

rel low_keeping(lower *L, const kd_ast_pattern *x, kd_ast_who kind, const kd_ast_term *who) {
    static const low_want by = {-1, TAG_PARTY};
    int notice = low_pattern_notice(L, x);
    bool said_alone = kind != KD_WHO_JOINTLY && notice >= 0 && !L->t->notices[notice].by_both;
    rel r = low_pattern(L, x, -1, &by, said_alone && !x->has_by ? 1 : 0);
    if (kind == KD_WHO_JOINTLY) return rel_with(L, r, TAG_PARTY, x_value(L, KD_BOTH));
    bool by_ower = x->has_by && x->by.what == KD_TERM_VARIABLE && kind == KD_WHO_TERM &&
                   who->what == KD_TERM_VARIABLE && who->slot == x->by.slot;
    return by_ower ? rel_with(L, r, TAG_PARTY, rel_expr(L, &r, x->by.slot)) : r;
}

/* ---- when, every ---------------------------------------------------------------------------------------------*/

static rel duty_after(lower *L, uint32_t index) {
    const kd_rule *rule = &L->t->rules[index];
    const kd_ast_rule *x = &L->ast->rules[index];
    bool every = x->trigger == KD_EVERY_PERIOD;
    const kd_ast_x *excuse = x->excused;
    rel t = low_owing(L, index, trigger(L, rule, x), x->owed.who_kind, &x->owed.who);
    kd_expr from = every ? x_op1(L, KD_X_DAY_END, rel_expr(L, &t, TAG_LAST)) : x_now(L);
    t = rel_with(L, t, TAG_FIRE, low_too_late(L, &x->owed.deadline, from));
    low_owed o = {.trigger = low_bound_parties(L, index, t),
                  .kept_by_count = 1,
                  .period_key = every,
                  .notice = (uint32_t)low_pattern_notice(L, x->owed.pattern),
                  .jointly = x->owed.who_kind == KD_WHO_JOINTLY,
                  .excuses = &excuse,
                  .excuse_count = excuse ? 1 : 0};
    o.kept_by[0] = low_keeping(L, x->owed.pattern, x->owed.who_kind, &x->owed.who);
    if (x->also_kept)
        o.kept_by[o.kept_by_count++] = low_keeping(L, x->also_kept, x->owed.who_kind, &x->owed.who);
    return low_obligation(L, &o);
}

/* ---- before --------------------------------------------------------------------------------------------------*/

/* Seconds that are no fewer than the span, with the rest of a day at either end. */
static int64_t at_most_seconds(kd_ast_span s) {
    int64_t unit = s.unit == KD_SPAN_SECONDS ? 1 : s.unit == KD_SPAN_DAYS ? KD_DAY_S : 31 * KD_DAY_S;
    return s.amount > (KD_NEVER - 2 * KD_DAY_S) / unit ? KD_NEVER : s.amount * unit + 2 * KD_DAY_S;
}

/* Announcements with their instants, as TAG_WHEN: the first of each, or those not too old. */
static rel announcements(lower *L, const kd_ast_rule *x, const rel *event) {
    const kd_ast_deadline *d = &x->owed.deadline;
    uint8_t keys[KD_WIDTH_MAX + 1];
    rel r = low_keeping(L, x->owed.pattern, x->owed.who_kind, &x->owed.who);
    unsigned n = rel_shared(event, &r, keys);
    keys[n] = TAG_WHEN;
    r = rel_keep(L, rel_with(L, r, TAG_WHEN, x_now(L)), keys, n + 1);
    return d->has_most ? rel_once(L, r, at_most_seconds(d->most)) : rel_hold(L, r, rel_never(L, r), keys, n);
}

/* Whether an announcement was made at least (sign 1) or at most (-1) the span before now; of days, by days alone. */
static kd_expr ahead(lower *L, const rel *r, kd_ast_span span, int sign) {
    bool exact = span.unit == KD_SPAN_SECONDS;
    kd_expr when = rel_expr(L, r, TAG_WHEN), now = exact ? x_now(L) : x_today(L);
    kd_expr then = x_moved(L, exact ? when : x_op1(L, KD_X_DAY_BEGIN, when), span, 1);
    return x_op(L, sign > 0 ? KD_X_LE : KD_X_GE, then, now);
}

static rel duty_before(lower *L, uint32_t index) {
    const kd_rule *rule = &L->t->rules[index];
    const kd_ast_rule *x = &L->ast->rules[index];
    const kd_ast_deadline *d = &x->owed.deadline;
    const kd_ast_x *excuse = x->excused;
    bool jointly = x->owed.who_kind == KD_WHO_JOINTLY;
    uint32_t notice = (uint32_t)low_pattern_notice(L, x->owed.pattern);

    rel event = low_owing(L, index, trigger(L, rule, x), x->owed.who_kind, &x->owed.who);
    kd_expr from = d->span.unit == KD_SPAN_SECONDS ? x_now(L) : x_today(L),
            last = x_moved(L, from, d->span, -1);
    if (d->span.unit != KD_SPAN_SECONDS) last = x_op1(L, KD_X_DAY_END, last);
    event = low_bound_parties(L, index, rel_with(L, event, TAG_DUE, last));

    rel told = rel_join(L, event, announcements(L, x, &event));
    told = rel_where(L, told, ahead(L, &told, d->span, 1));
    if (d->has_most) told = rel_where(L, told, ahead(L, &told, d->most, -1));
    told = rel_keep(L, told, event.tag, event.width);
    rel missed = rel_antijoin(L, event, told);
    rel rows = rel_union(L, low_status(L, low_shown(L, missed, notice, jointly), KD_BREACHED),
                         low_status(L, low_silent(L, missed, notice, jointly), KD_NOT_SHOWN));
    rows = rel_forever(L, low_excused(L, rows, &excuse, excuse ? 1 : 0));
    rows = rel_union(L, rows, low_status(L, low_latest_instance(L, told), KD_KEPT));
    return rel_join(L, rows, L->in_force_bare);
}

rel low_duty(lower *L, uint32_t index) {
    return L->ast->rules[index].trigger == KD_BEFORE_PATTERN ? duty_before(L, index) : duty_after(L, index);
}

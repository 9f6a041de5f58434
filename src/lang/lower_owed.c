/* lower_owed.c: what is owed from a trigger on, until it is kept.
 *
 *      trigger ─▶ not kept on its own day yet ─▶ OWED ─▶ timer ─┬─▶ record complete ─▶ BREACHED
 *         │                                      ▲  │           └─▶ record open ─────▶ NOT SHOWN
 *         └─▶ kept at once ─▶ KEPT ◀─ fell ──────┴──┘
 *                                     kept by                                                                      */
#include "lang/lower.h"

#include <string.h>

/* The keys of an instance: the Party, what the owed pattern and the trigger both speak of, and the period. */
static unsigned instance_keys(const low_owed *o, uint8_t *keys) {
    unsigned n = rel_shared(&o->trigger, &o->kept_by[0], keys);
    if (!memchr(keys, TAG_PARTY, n)) keys[n++] = TAG_PARTY;
    bool by_day = memchr(keys, TAG_FIRST, n) || memchr(keys, TAG_LAST, n) || memchr(keys, TAG_AFTER, n);
    if (o->period_key && !by_day) keys[n++] = TAG_PERIOD;
    return n;
}

/* Triggers with the statement that keeps them, given earlier on the trigger's day or at its instant. */
static rel kept_at_once(lower *L, rel trigger, rel by) {
    rel today = rel_with(L, by, TAG_TODAY, x_today(L));
    uint8_t keys[KD_WIDTH_MAX + 2];
    unsigned n = rel_shared(&trigger, &today, keys);
    keys[n++] = TAG_TODAY;
    keys[n++] = TAG_STATEMENT;
    rel given = rel_once(L, rel_keep(L, today, keys, n), KD_DAY_S - 1);
    return rel_join(L, rel_with(L, trigger, TAG_TODAY, x_today(L)), given);
}

rel low_latest_instance(lower *L, rel pulses) {
    static const uint8_t party[] = {TAG_PARTY};
    /* The greatest day only grows, so one row a Party is enough, however long the record. */
    rel last = rel_fold(L, pulses, party, 1, KD_GREATEST, TAG_DAY, TAG_DAY);
    return rel_latest(L, rel_join(L, pulses, last), party, 1);
}

rel low_latest_rows(lower *L, rel rows) {
    static const uint8_t party[] = {TAG_PARTY};
    return rel_join(L, rows, rel_fold(L, rows, party, 1, KD_GREATEST, TAG_DAY, TAG_DAY));
}

rel low_shown(lower *L, rel pulses, uint32_t notice, bool jointly) {
    return rel_join(L, pulses, low_complete(L, notice, jointly));
}

rel low_silent(lower *L, rel pulses, uint32_t notice, bool jointly) {
    return rel_antijoin(L, pulses, low_complete(L, notice, jointly));
}

rel low_obligation(lower *L, const low_owed *o) {
    static const uint8_t kept_columns[] = {TAG_PARTY, TAG_DAY, TAG_FIRE, TAG_STATEMENT};
    uint8_t keys[KD_WIDTH_MAX + 2];
    if (!o->trigger.node || !o->kept_by[0].node) return (rel){.node = 0};
    unsigned n = instance_keys(o, keys);
    rel begin = o->trigger, end = {.node = 0}, kept = {.node = 0};
    for (unsigned i = 0; i < o->kept_by_count; i++) {
        rel at_once = kept_at_once(L, o->trigger, o->kept_by[i]);
        kept = rel_union(L, kept, rel_keep(L, at_once, kept_columns, 4));
        rel told = rel_retag(at_once, TAG_STATEMENT, TAG_NONE);
        begin = rel_antijoin(L, begin, rel_keys(L, rel_retag(told, TAG_TODAY, TAG_NONE)));
    }
    for (unsigned i = 0; i < o->kept_by_count; i++)
        end = rel_union(L, end, low_ends(L, begin, o->kept_by[i], keys, n));

    rel owed = rel_hold(L, begin, end, keys, n);
    kept = rel_union(L, kept, rel_keep(L, rel_join(L, rel_fall(L, owed), end), kept_columns, 4));
    rel over = rel_timer(L, owed, TAG_FIRE);
    rel breached = rel_hold(L, low_shown(L, over, o->notice, o->jointly), end, keys, n);
    rel not_shown = rel_hold(L, low_silent(L, over, o->notice, o->jointly), end, keys, n);
    rel late = rel_keep(L, rel_union(L, breached, not_shown), keys, n);

    rel unmet = low_status(L, rel_antijoin(L, owed, late), KD_PENDING);
    unmet = rel_union(L, unmet, low_status(L, breached, KD_BREACHED));
    unmet = rel_union(L, unmet, low_status(L, low_latest_rows(L, not_shown), KD_NOT_SHOWN));
    unmet = low_excused(L, unmet, o->excuses, o->excuse_count);
    rel all = rel_union(L, unmet, low_status(L, low_latest_instance(L, kept), KD_KEPT));
    return rel_join(L, all, L->in_force_bare);
}

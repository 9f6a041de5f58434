/* binding.c: who is bound, under which reading, at which second. */
#include "record/inside.h"

/* The earliest mark of a kind that holds at the second; the one that began it. */
static const kd_mark_row *mark_at(const kd_history *h, int mark, uint32_t reading, uint32_t group,
                                  uint32_t party, kd_instant at) {
    for (size_t i = 0; i < h->mark_count; i++) {
        const kd_mark_row *m = &h->marks[i];
        if (m->mark == mark && m->reading == reading && m->group == group &&
            (m->party == party || m->party == KD_BOTH) && m->since <= at && at < m->until)
            return m;
    }
    return NULL;
}

static kd_binding binding_of(const kd_history *h, uint32_t reading, uint32_t group, uint32_t party,
                             kd_instant at) {
    kd_binding b = {.shade = KD_BOUND};
    const kd_mark_row *freed = mark_at(h, KD_MARK_FREED, reading, group, party, at);
    const kd_mark_row *keeps = mark_at(h, KD_MARK_KEEPS, reading, group, party, at);
    const kd_mark_row *withheld = mark_at(h, KD_MARK_WITHHELD, reading, group, party, at);
    b.unsaid = mark_at(h, KD_MARK_UNSAID, reading, group, party, at) != NULL;
    b.no_claim = mark_at(h, KD_MARK_NO_CLAIM, reading, group, party, at) != NULL;
    if (at < h->in_force_since) {
        b.shade = KD_NOT_YET;
    } else if (at >= h->ended_since) {
        b.shade = KD_ENDED;
    } else if (freed) {
        b.shade = keeps ? KD_PLEDGED : KD_FREED;
        b.by = freed;
        b.kept_by = keeps;
    } else if (withheld) {
        b.shade = KD_WITHHELD;
        b.by = withheld;
    }
    return b;
}

kd_binding kd_history_binding_at(const kd_history *h, uint32_t reading, uint32_t group, uint32_t party,
                                 kd_instant at) {
    if (party != KD_BOTH) return binding_of(h, reading, group, party, at);
    /* What two owe together is owed by neither alone: the first that is not bound decides. */
    kd_binding first = {.shade = KD_BOUND};
    for (uint32_t p = 0; p < h->record->treaty->party_count; p++) {
        kd_binding b = binding_of(h, reading, group, p, at);
        if (p == 0) first = b;
        if (b.shade != KD_BOUND) return b;
    }
    return first;
}

kd_binding kd_history_binding(const kd_history *h, uint32_t reading, uint32_t group, uint32_t party) {
    return kd_history_binding_at(h, reading, group, party, kd_day_end(h->asked.on));
}

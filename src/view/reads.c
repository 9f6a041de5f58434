/* reads.c: which verdicts stand, and how each reads: who was bound when it began, and who has been freed since. */
#include "view/pen.h"

kd_instant kd_view_instant(const kd_history *h) {
    kd_instant end = kd_day_end(h->asked.on);
    if (h->ended && h->ended_since != KD_NEVER && h->ended_since <= end) return h->ended_since - 1;
    return end;
}

static bool is_free(int shade) {
    return shade == KD_FREED || shade == KD_WITHHELD;
}

kd_binding kd_view_binding(const kd_history *h, uint32_t rule, uint32_t party, uint32_t reading,
                           kd_instant at) {
    const kd_treaty *t = h->record->treaty;
    uint32_t group = t->rules[rule].group;
    if (party != KD_BOTH) return kd_history_binding_at(h, reading, group, party, at);
    kd_binding first = {.shade = KD_BOUND};
    for (uint32_t p = 0; p < t->party_count; p++) {
        kd_binding b = kd_history_binding_at(h, reading, group, p, at);
        if (p == 0 || (is_free(b.shade) && !is_free(first.shade))) first = b;
    }
    return first;
}

kd_read_as kd_view_read(const kd_history *h, const kd_verdict *v, uint32_t reading) {
    kd_read_as r = {KD_READS_NOT, v->status, KD_NEVER, v, KD_NO_STATEMENT};
    if (reading < 32 && !(v->readings >> reading & 1)) {
        r.row = NULL;
        return r;
    }
    kd_binding then = kd_view_binding(h, v->rule, v->party, reading, v->since);
    kd_binding now = kd_view_binding(h, v->rule, v->party, reading, kd_view_instant(h));
    if (now.shade == KD_FREED && now.by) {
        r.freed = now.by->since;
        r.freed_by = now.by->statement;
    }
    if (then.shade == KD_WITHHELD) {
        r.how = KD_READS_WITHHELD;
    } else if (then.shade == KD_FREED) {
        r.how = KD_READS_FREED;
    } else {
        r.how = r.freed != KD_NEVER ? KD_READS_ENDED : KD_READS_STANDS;
    }
    return r;
}

kd_read_as kd_view_read_due(const kd_history *h, const kd_due *d, uint32_t reading) {
    kd_verdict v = {.rule = d->rule, .party = d->party, .readings = d->readings, .since = kd_view_instant(h)};
    v.status = d->excused ? KD_EXCUSED : KD_PENDING;
    kd_read_as r = kd_view_read(h, &v, reading);
    r.row = NULL;
    return r;
}

bool kd_view_findings(const kd_history *h) {
    kd_instant at = kd_view_instant(h);
    for (size_t i = 0; i < h->verdict_count; i++) {
        const kd_verdict *v = &h->verdicts[i];
        if ((v->status != KD_BREACHED && v->status != KD_ALLEGED) || !kd_holds(v->since, v->until, at))
            continue;
        for (uint32_t r = 0; r < h->record->treaty->reading_count; r++) {
            kd_read_as x = kd_view_read(h, v, r);
            if (x.how == KD_READS_STANDS || x.how == KD_READS_ENDED) return true;
        }
    }
    return false;
}

uint32_t kd_view_party(const kd_treaty *t, uint32_t rule, size_t i) {
    const kd_rule *r = &t->rules[rule];
    if (r->jointly) return i == 0 ? KD_BOTH : UINT32_MAX;
    for (uint32_t p = 0; p < t->party_count; p++) {
        if ((r->only >> (p & 63) & 1) && i-- == 0) return p;
    }
    return UINT32_MAX;
}

bool kd_view_would_show(const kd_history *h, uint32_t rule, uint32_t party) {
    const kd_treaty *t = h->record->treaty;
    kd_instant at = kd_view_instant(h);
    int notice = t->rules[rule].notice;
    if (h->in_force_since == KD_NEVER || h->in_force_since > at) return true;
    for (uint32_t p = 0; p < t->party_count; p++) {
        if (party != KD_BOTH && p != party) continue;
        bool complete = false;
        for (size_t i = 0; notice >= 0 && i < t->complete_count; i++) {
            const kd_complete *c = &t->complete[i];
            complete |= c->notice == (uint32_t)notice && c->party == p && c->from <= at && at <= c->to;
        }
        if (!complete) return false;
    }
    return true;
}

int kd_status_weight(int status) {
    static const int weights[KD_VERDICTS] = {[KD_BREACHED] = 6, [KD_ALLEGED] = 5,   [KD_EXCUSED] = 4,
                                             [KD_PENDING] = 3,  [KD_NOT_SHOWN] = 2, [KD_KEPT] = 1};
    return status >= 0 && status < KD_VERDICTS ? weights[status] : 0;
}

bool kd_standing_make(kd_pen *p, kd_standing *out) {
    const kd_history *h = p->view->history;
    kd_instant at = kd_view_instant(h);
    size_t rules = p->words.treaty->rule_count;
    out->first = kd_pen_array(p, rules + 2, sizeof *out->first);
    size_t *next =
        out->first ? out->first + 1 : NULL; /* first[rule + 1], moved up to its end while rows are put */
    if (!next) return false;
    for (size_t i = 0; i < h->verdict_count; i++) {
        const kd_verdict *v = &h->verdicts[i];
        if (kd_holds(v->since, v->until, at)) next[v->rule + 1]++;
    }
    for (size_t r = 0; r < rules; r++) next[r + 1] += next[r];
    out->rows = kd_pen_array(p, next[rules], sizeof *out->rows);
    if (!out->rows) return false;
    for (size_t i = 0; i < h->verdict_count; i++) {
        const kd_verdict *v = &h->verdicts[i];
        if (kd_holds(v->since, v->until, at)) out->rows[next[v->rule]++] = v;
    }
    return true;
}

/* Which instance a row is of: later ones have later times. */
static kd_instant instance_of(const kd_verdict *v) {
    return v->instance != KD_ABSENT ? v->instance : v->since;
}

/* True when a page names `v` rather than `best`, which came before it. What was kept, or not shown, says nothing of a later
 * instance: of these two the newer one speaks. */
static bool named_before(const kd_verdict *v, const kd_verdict *best) {
    int silent = kd_status_weight(KD_NOT_SHOWN);
    int a = kd_status_weight(v->status), b = kd_status_weight(best->status);
    if (a == b || a > silent || b > silent) return a >= b;
    return instance_of(v) != instance_of(best) ? instance_of(v) > instance_of(best) : a > b;
}

const kd_verdict *kd_standing_verdict(const kd_standing *s, uint32_t rule, uint32_t party, uint32_t reading) {
    const kd_verdict *best = NULL;
    for (size_t i = s->first[rule]; i < s->first[rule + 1]; i++) {
        const kd_verdict *v = s->rows[i];
        if (v->party != party || !(v->readings >> reading & 1)) continue;
        if (!best || named_before(v, best)) best = v;
    }
    return best;
}

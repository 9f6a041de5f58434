/* brief_rows.c: what is unmet under some reading, and what comes due. */
#include "view/brief.h"
#include <stdlib.h>
#include <string.h>

/* The standing row of the same rule, Party and day under a reading; else what stands excused there, since an excuse that came
 * later begins a row of its own. A limit has one row for a Party under each reading, whichever figure began it. */
static const kd_verdict *counterpart(const kd_maker *m, const kd_verdict *of, uint32_t reading) {
    const kd_standing *x = &m->standing;
    const kd_verdict *best = NULL, *excused = NULL;
    for (size_t i = x->first[of->rule]; i < x->first[of->rule + 1]; i++) {
        const kd_verdict *v = x->rows[i];
        if (v->party != of->party || !(v->readings >> reading & 1)) continue;
        if (v->status == KD_EXCUSED) excused = v;
        if (v->ordinal != of->ordinal || kd_instant_day(v->since) != kd_instant_day(of->since)) continue;
        if (!best || kd_status_weight(v->status) > kd_status_weight(best->status)) best = v;
    }
    if (!best && m->t->rules[of->rule].kind == KD_LIMIT)
        best = kd_standing_verdict(x, of->rule, of->party, reading);
    return best ? best : excused;
}

static bool is_finding(const kd_verdict *v) {
    return v->status == KD_BREACHED || v->status == KD_ALLEGED;
}

/* What came round lately and is not shown: elsewhere silence is the rule, here it is news. */
static bool is_news(const kd_maker *m, const kd_verdict *v) {
    enum { NEWS_DAYS = 92 };
    const kd_rule *r = &m->t->rules[v->rule];
    return v->status == KD_NOT_SHOWN && r->kind == KD_DUTY && r->period >= 0 && v->instance != KD_ABSENT &&
           m->at - v->since <= NEWS_DAYS * KD_DAY_S;
}

static bool same_reads(const kd_maker *m, const kd_read_as *a, const kd_read_as *b) {
    for (size_t i = 0; i < m->t->reading_count; i++) {
        if (a[i].how != b[i].how || a[i].freed != b[i].freed) return false;
        if (a[i].how != KD_READS_NOT && a[i].status != b[i].status) return false;
    }
    return true;
}

static bool seen(const kd_maker *m, const kd_verdict *v) {
    for (size_t i = 0; i < m->b->row_count; i++) {
        const kd_brief_row *r = &m->b->rows[i];
        if (r->rule != v->rule || r->party != v->party) continue;
        for (size_t k = 0; k < m->t->reading_count; k++) {
            const kd_verdict *o = r->reads[k].row;
            if (o == v) return true;
            if (o && kd_instant_day(o->since) == kd_instant_day(v->since) && o->ordinal == v->ordinal)
                return true;
        }
    }
    return false;
}

static kd_str id_of(kd_maker *m, const kd_verdict *v) {
    kd_text t;
    kd_text_open(&t, m->pen.arena->from);
    kd_verdict_id(m->h, v, &t);
    kd_str id = kd_pen_printf(&m->pen, "%.*s", KD_STR_ARGS(kd_text_str(&t)));
    kd_text_close(&t);
    return id;
}

/* A later row of the same rule and Party that reads the same is one more time of the first. */
static kd_brief_row *same_row(kd_maker *m, const kd_verdict *v, const kd_read_as *reads) {
    for (size_t i = 0; i < m->b->row_count; i++) {
        kd_brief_row *r = &m->b->rows[i];
        if (r->rule == v->rule && r->party == v->party && same_reads(m, r->reads, reads)) return r;
    }
    return NULL;
}

static void add_finding(kd_maker *m, const kd_verdict *v) {
    if (seen(m, v)) return;
    kd_read_as *reads = kd_pen_array(&m->pen, m->t->reading_count, sizeof *reads);
    if (!reads) return;
    kd_cites cites = {.count = 0};
    kd_cite_pair(&cites, m->h, v->statement);
    for (uint32_t k = 0; k < m->t->reading_count; k++) {
        const kd_verdict *c = counterpart(m, v, k);
        reads[k] = (kd_read_as){KD_READS_NOT, v->status, KD_NEVER, NULL, KD_NO_STATEMENT};
        if (c) reads[k] = kd_view_read(m->h, c, k);
        if (c) kd_cite(&cites, c->statement);
    }
    kd_brief_row *row = same_row(m, v, reads);
    if (row) {
        row->times++;
        return;
    }
    row = &m->b->rows[m->b->row_count++];
    *row = (kd_brief_row){.rule = v->rule, .party = v->party, .since = v->since, .times = 1};
    row->reads = reads;
    row->cites = cites;
    row->id = id_of(m, v);
}

static void add_due(kd_maker *m, const kd_due *d) {
    kd_read_as *reads = kd_pen_array(&m->pen, m->t->reading_count, sizeof *reads);
    if (!reads) return;
    for (uint32_t k = 0; k < m->t->reading_count; k++) reads[k] = kd_view_read_due(m->h, d, k);
    kd_brief_row *row = &m->b->rows[m->b->row_count++];
    *row = (kd_brief_row){.rule = d->rule, .party = d->party, .since = d->due, .due = true, .times = 1};
    row->reads = reads;
    kd_cite(&row->cites, d->statement);
}

/* How it reads, counted from the day on which it came up when the Party has been freed since. */
static kd_read_as read_open(const kd_maker *m, const kd_due *d, uint32_t reading) {
    kd_read_as r = kd_view_read_due(m->h, d, reading);
    if (r.how != KD_READS_FREED) return r;
    kd_verdict v = {.rule = d->rule, .party = d->party, .readings = d->readings, .since = d->since};
    v.status = d->excused ? KD_EXCUSED : KD_PENDING;
    r = kd_view_read(m->h, &v, reading);
    r.row = NULL;
    return r;
}

/* What is owed with no day set, one row for what each reading has of it; nothing of what is excused under every reading. */
static void add_open(kd_maker *m, const kd_due *d) {
    kd_brief_row *row = NULL;
    for (size_t i = 0; i < m->b->row_count && !row; i++) {
        kd_brief_row *r = &m->b->rows[i];
        if (r->open && r->rule == d->rule && r->party == d->party && r->instance == d->instance) row = r;
    }
    if (!row) {
        kd_read_as *reads = kd_pen_array(&m->pen, m->t->reading_count, sizeof *reads);
        if (!reads) return;
        for (size_t k = 0; k < m->t->reading_count; k++)
            reads[k] = (kd_read_as){KD_READS_NOT, KD_PENDING, KD_NEVER, NULL, KD_NO_STATEMENT};
        row = &m->b->rows[m->b->row_count++];
        *row = (kd_brief_row){.rule = d->rule,
                              .party = d->party,
                              .since = d->since,
                              .instance = d->instance,
                              .open = true,
                              .times = 1};
        row->reads = reads;
    }
    for (uint32_t k = 0; k < m->t->reading_count; k++) {
        kd_read_as r = read_open(m, d, k);
        if (r.how != KD_READS_NOT) row->reads[k] = r;
    }
    if (!d->excused) row->since = d->since; /* an excuse may have held for longer */
    kd_cite(&row->cites, d->statement);
}

/* A reading under which it is excused has a verdict of it and nothing due. */
static void fill_excused(kd_maker *m, kd_brief_row *row) {
    const kd_standing *s = &m->standing;
    for (uint32_t k = 0; k < m->t->reading_count; k++) {
        for (size_t i = s->first[row->rule]; row->reads[k].how == KD_READS_NOT && i < s->first[row->rule + 1];
             i++) {
            const kd_verdict *v = s->rows[i];
            if (v->party == row->party && v->instance == row->instance && v->status == KD_EXCUSED)
                row->reads[k] = kd_view_read(m->h, v, k);
        }
    }
}

static bool all_excused(const kd_maker *m, const kd_brief_row *row) {
    for (size_t k = 0; k < m->t->reading_count; k++) {
        if (row->reads[k].how != KD_READS_NOT && row->reads[k].status != KD_EXCUSED) return false;
    }
    return true;
}

static void add_dues(kd_maker *m) {
    for (size_t i = 0; i < m->h->due_count && !m->h->ended; i++) {
        const kd_due *d = &m->h->dues[i];
        if (d->due == KD_NEVER) {
            if (d->since <= m->at) add_open(m, d);
        } else if (d->due > m->at && d->due <= kd_day_end(m->h->asked.horizon)) {
            add_due(m, d);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < m->b->row_count; i++) {
        if (m->b->rows[i].open) fill_excused(m, &m->b->rows[i]);
        if (m->b->rows[i].open && all_excused(m, &m->b->rows[i])) continue;
        m->b->rows[kept++] = m->b->rows[i];
    }
    m->b->row_count = kept;
}

/* True when nothing but `not shown` stands for anybody, and silence says nothing either. */
static bool shows_nothing(const kd_maker *m, uint32_t rule) {
    bool any = false;
    for (size_t i = m->standing.first[rule]; i < m->standing.first[rule + 1]; i++) {
        if (m->standing.rows[i]->status != KD_NOT_SHOWN) return false;
        any = true;
    }
    for (size_t i = 0; !any; i++) {
        uint32_t p = kd_view_party(m->t, rule, i);
        if (p == UINT32_MAX) return i > 0;
        if (kd_view_would_show(m->h, rule, p)) return false;
    }
    return true;
}

static size_t count_not_shown(const kd_maker *m) {
    size_t count = 0;
    for (uint32_t r = 0; r < m->t->rule_count; r++) count += shows_nothing(m, r);
    return count;
}

static int by_time(const void *a, const void *b) {
    const kd_brief_row *x = a, *y = b;
    if (x->due != y->due) return x->due ? 1 : -1;
    if (x->since != y->since) return x->since < y->since ? -1 : 1;
    if (x->rule != y->rule) return x->rule < y->rule ? -1 : 1;
    return x->party < y->party ? -1 : x->party > y->party;
}

void kd_maker_rows(kd_maker *m) {
    size_t standing = m->standing.first[m->t->rule_count];
    m->b->rows = kd_pen_array(&m->pen, standing + m->h->due_count, sizeof *m->b->rows);
    for (size_t i = 0; m->b->rows && i < standing; i++) {
        const kd_verdict *v = m->standing.rows[i];
        if (is_finding(v) || is_news(m, v)) add_finding(m, v);
    }
    if (m->pen.status) return;
    add_dues(m);
    qsort(m->b->rows, m->b->row_count, sizeof *m->b->rows, by_time);
    m->b->not_shown = count_not_shown(m);
}

kd_str kd_pen_reads(kd_pen *p, const kd_read_as *r) {
    static const char *const keys[] = {[KD_READS_NOT] = "reads.not",
                                       [KD_READS_STANDS] = "reads.stands",
                                       [KD_READS_ENDED] = "reads.ended",
                                       [KD_READS_FREED] = "reads.freed",
                                       [KD_READS_WITHHELD] = "reads.withheld"};
    const char *key = keys[r->how];
    if (r->status == KD_EXCUSED && r->how == KD_READS_ENDED) key = "reads.excused_ended";
    const kd_slot slots[] = {
        kd_slot_word(p, "status", "status", kd_verdict_name((kd_verdict_status)r->status)),
        kd_slot_instant("freed", r->freed)};
    return kd_pen_say(p, key, slots, 2);
}

/* True for an id that a shell takes as it stands, as "(" is not. */
static bool is_plain_word(kd_str id) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";
    for (size_t i = 0; i < id.n; i++) {
        if (!memchr(plain, id.p[i], sizeof plain - 1)) return false;
    }
    return id.n > 0;
}

/* True for a row that is a breach, or alleged, under some reading. */
static bool is_held_against(const kd_treaty *t, const kd_brief_row *row) {
    for (size_t r = 0; r < t->reading_count; r++) {
        const kd_read_as *x = &row->reads[r];
        if (x->how != KD_READS_NOT && (x->status == KD_BREACHED || x->status == KD_ALLEGED)) return true;
    }
    return false;
}

kd_str kd_brief_finding(kd_pen *p, const kd_brief *b) {
    kd_str first = KD_STR("");
    for (size_t i = 0; i < b->row_count; i++) {
        if (!is_held_against(p->words.treaty, &b->rows[i])) continue;
        kd_str id = b->rows[i].id;
        for (size_t k = 0; k < id.n; k++) { /* the day may be left out, and the page is shorter */
            if (id.p[k] == '@') id.n = k;
        }
        if (is_plain_word(id)) return id;
        if (!first.n) first = id;
    }
    return first.n ? kd_pen_printf(p, "'%.*s'", KD_STR_ARGS(first)) : first;
}

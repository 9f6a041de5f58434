/* timeline.c: statements and completeness laid on one line of time points, in the one order that all nodes
 * share. */
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

uint32_t rec_timeline_statement(const rec_timeline *t, size_t i) {
    return t->only ? t->only[i] : (uint32_t)i;
}

/* The statement whose fields count for this one: its newest known correction, or itself. REC_NONE: it is a
 * correction. */
static uint32_t effective(const rec_timeline *t, uint32_t statement) {
    return t->effective ? t->effective[statement] : statement;
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

/* Which feeds each notice has; they are sorted by notice. */
static bool open_feeds(rec_timeline *t) {
    t->feeds = rec_take(t->from, t->record->treaty->notice_count, sizeof *t->feeds);
    if (!t->feeds) return false;
    for (size_t i = 0; i < t->program->feed_count; i++) {
        const kd_feed *f = &t->program->feeds[i];
        rec_feeds *of = &t->feeds[f->notice];
        if (of->count++ == 0) of->first = (uint32_t)i;
        of->at_receipt = of->at_receipt || f->at < 0;
    }
    return true;
}

/* How many statements along the choice had been received by the end of `known`. */
static void find_limit(rec_timeline *t, size_t count, kd_instant known_end) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const kd_said *s = &t->record->statements[rec_timeline_statement(t, middle)];
        if (s->received.at == KD_NEVER || s->received.at > known_end)
            high = middle;
        else
            low = middle + 1;
    }
    t->limit = low;
}

/* The first of a chain of corrections. */
static uint32_t root_of(const kd_record *r, uint32_t statement) {
    while (r->statements[statement].corrects != REC_NONE) statement = r->statements[statement].corrects;
    return statement;
}

/* Later corrections replace earlier ones: they come later in the order. */
static bool apply_corrections(rec_timeline *t) {
    const kd_record *r = t->record;
    bool any = false;
    for (size_t i = 0; i < t->limit && !any; i++)
        any = r->statements[rec_timeline_statement(t, i)].corrects != REC_NONE;
    if (!any) return true;
    t->effective = rec_take(t->from, r->statement_count, sizeof *t->effective);
    if (!t->effective) return false;
    for (size_t i = 0; i < r->statement_count; i++) t->effective[i] = (uint32_t)i;
    for (size_t i = 0; i < t->limit; i++) {
        uint32_t n = rec_timeline_statement(t, i);
        if (r->statements[n].corrects == REC_NONE) continue;
        t->effective[n] = REC_NONE;
        t->effective[root_of(r, n)] = n;
    }
    return true;
}

static bool add_change(rec_timeline *t, kd_instant at, int sign, const kd_complete *c) {
    if (!rec_grow(t->from, (void **)&t->changes, &t->change_room, t->change_count + 1, sizeof *t->changes))
        return false;
    t->changes[t->change_count++] = (rec_change){at, sign, {c->notice, c->party}};
    return true;
}

static int by_time(const void *a, const void *b) {
    const rec_change *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->sign != y->sign) return x->sign - y->sign;
    if (x->row[0] != y->row[0]) return x->row[0] < y->row[0] ? -1 : 1;
    return x->row[1] < y->row[1] ? -1 : x->row[1] > y->row[1];
}

static bool lay_changes(rec_timeline *t) {
    const kd_treaty *treaty = t->record->treaty;
    for (size_t i = 0; i < treaty->complete_count; i++) {
        const kd_complete *c = &treaty->complete[i];
        if (!add_change(t, c->from, 1, c)) return false;
        if (c->to != KD_NEVER && !add_change(t, c->to + 1, -1, c)) return false;
    }
    if (t->change_count) qsort(t->changes, t->change_count, sizeof *t->changes, by_time);
    return true;
}

/* Adds what the statement tells to happen, one moment for each field that a feed is at. */
static bool lay_occurrences_of(rec_timeline *t, uint32_t statement) {
    const kd_record *r = t->record;
    uint32_t content = effective(t, statement);
    if (content == REC_NONE) return true;
    uint32_t notice = r->statements[statement].notice;
    const kd_notice *n = &r->treaty->notices[notice];
    const rec_feeds *of = &t->feeds[notice];
    for (uint32_t k = 0; k < of->count; k++) {
        const kd_feed *f = &t->program->feeds[of->first + k];
        if (f->at < 0 || f->list >= 0) continue;
        int column = n->fields[f->at].column;
        kd_value v = column < 0 ? KD_ABSENT : r->statements[content].row[column];
        if (v == KD_ABSENT) continue;
        bool day = n->fields[f->at].type == KD_T_DATE;
        if (!rec_grow(t->from, (void **)&t->occurrences, &t->occurrence_room, t->occurrence_count + 1,
                      sizeof *t->occurrences))
            return false;
        rec_moment m = {day ? kd_day_end(kd_instant_day(v)) : v, statement, (int16_t)f->at, day};
        t->occurrences[t->occurrence_count++] = m;
    }
    return true;
}

static bool lay_occurrences(rec_timeline *t) {
    bool any = false;
    for (size_t i = 0; i < t->program->feed_count && !any; i++) any = t->program->feeds[i].at >= 0;
    for (size_t i = 0; any && i < t->limit; i++)
        if (!lay_occurrences_of(t, rec_timeline_statement(t, i))) return false;
    return rec_moments_sort(t->record->statements, t->occurrences, t->occurrence_count, t->from);
}

kd_status rec_timeline_open(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                            const kd_allocator *from, rec_timeline *out) {
    *out = (rec_timeline){.record = r, .program = program, .from = from, .only = o->only};
    find_limit(out, o->only ? o->only_count : r->statement_count, kd_day_end(o->known));
    bool fine = open_feeds(out) && apply_corrections(out) && lay_occurrences(out);
    if (fine && program->complete && !o->leave_out_complete) fine = lay_changes(out);
    return fine ? KD_OK : KD_NOMEM;
}

void rec_timeline_close(rec_timeline *t) {
    rec_free(t->from, t->feeds, t->record->treaty->notice_count + 1, sizeof *t->feeds);
    rec_free(t->from, t->effective, t->record->statement_count + 1, sizeof *t->effective);
    rec_free(t->from, t->changes, t->change_room, sizeof *t->changes);
    rec_free(t->from, t->occurrences, t->occurrence_room, sizeof *t->occurrences);
    rec_free(t->from, t->events, t->event_room, sizeof *t->events);
    rec_free(t->from, t->rows, t->row_room, sizeof *t->rows);
}

/* ---- The next time point --------------------------------------------------------------------------------*/

/* Values that the lists of a moment's feeds hold. */
static size_t count_values(const rec_timeline *t, const kd_said *content, const rec_feeds *of, int at) {
    size_t values = 0;
    for (uint32_t k = 0; k < of->count; k++) {
        const kd_feed *f = &t->program->feeds[of->first + k];
        if (f->at == at && f->list >= 0 && content->lists) values += content->list_counts[f->list];
    }
    return values;
}

/* The rows of a statement at one of its moments: the row itself and one for each value of its lists. A
 * corrected statement keeps its own number. */
static bool lay_events(rec_timeline *t, uint32_t statement, int at, size_t *count) {
    const kd_said *content = &t->record->statements[effective(t, statement)];
    const kd_notice *notice = &t->record->treaty->notices[content->notice];
    const rec_feeds *of = &t->feeds[content->notice];
    size_t width = 2, values = count_values(t, content, of, at), n = 0;
    for (size_t i = 0; i < notice->field_count; i++) width += notice->fields[i].column >= 0;
    if (!rec_grow(t->from, (void **)&t->events, &t->event_room, of->count + values, sizeof *t->events) ||
        !rec_grow(t->from, (void **)&t->rows, &t->row_room, width + 2 * values, sizeof *t->rows))
        return false;
    memcpy(t->rows, content->row, width * sizeof *t->rows);
    t->rows[1] = statement;
    kd_value *next = t->rows + width;
    for (uint32_t k = 0; k < of->count; k++) {
        const kd_feed *f = &t->program->feeds[of->first + k];
        if (f->at != at) continue;
        if (f->list < 0) t->events[n++] = (kd_event){f->input, 1, statement, t->rows};
        for (uint32_t v = 0; f->list >= 0 && content->lists && v < content->list_counts[f->list];
             v++, next += 2) {
            next[0] = statement;
            next[1] = content->lists[f->list][v];
            t->events[n++] = (kd_event){f->input, 1, statement, next};
        }
    }
    *count = n;
    return true;
}

/* All changes of completeness at one instant are one time point. */
static bool lay_change_events(rec_timeline *t, kd_instant at, size_t *count) {
    size_t n = 0;
    while (t->next_change < t->change_count && t->changes[t->next_change].at == at) {
        if (!rec_grow(t->from, (void **)&t->events, &t->event_room, n + 1, sizeof *t->events)) return false;
        const rec_change *c = &t->changes[t->next_change++];
        t->events[n++] = (kd_event){t->program->complete, c->sign, REC_SILENCE, c->row};
    }
    *count = n;
    return true;
}

/* The next receipt that anything hears of; false when there is none. */
static bool peek_receipt(rec_timeline *t, rec_moment *out) {
    for (; t->next_receipt < t->limit; t->next_receipt++) {
        uint32_t n = rec_timeline_statement(t, t->next_receipt);
        const kd_said *s = &t->record->statements[n];
        if (!t->feeds[s->notice].at_receipt || effective(t, n) == REC_NONE) continue;
        *out = (rec_moment){s->received.at, n, REC_RECEIPT, s->received.day_only};
        return true;
    }
    return false;
}

static bool peek_occurrence(rec_timeline *t, kd_instant told_by, rec_moment *out) {
    for (; t->next_occurrence < t->occurrence_count; t->next_occurrence++) {
        *out = t->occurrences[t->next_occurrence];
        if (t->record->statements[out->statement].received.at <= told_by) return true;
    }
    return false;
}

kd_status rec_timeline_next(rec_timeline *t, kd_instant end, bool receipts, kd_instant told_by,
                            kd_instant *at, size_t *count) {
    rec_moment receipt, occurrence, *next = NULL;
    bool received = receipts && peek_receipt(t, &receipt), occurs = peek_occurrence(t, told_by, &occurrence);
    if (received) next = &receipt;
    if (occurs && (!next || rec_moment_order(t->record->statements, &occurrence, next) < 0))
        next = &occurrence;
    bool change =
        receipts && t->next_change < t->change_count && (!next || t->changes[t->next_change].at <= next->at);
    *count = 0;
    *at = change ? t->changes[t->next_change].at : next ? next->at : KD_NEVER;
    if (*at == KD_NEVER || *at > end) return KD_OK;
    if (change) return lay_change_events(t, *at, count) ? KD_OK : KD_NOMEM;
    if (next == &receipt)
        t->next_receipt++;
    else
        t->next_occurrence++;
    return lay_events(t, next->statement, next->what == REC_RECEIPT ? -1 : next->what, count) ? KD_OK
                                                                                              : KD_NOMEM;
}

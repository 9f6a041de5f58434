/* lower_harness.h: a treaty from strings, statements as lines, and the rows that its plan's sinks hold on a day.
 *
 *      static harness h;
 *      harness_open(&h, sources, count, &why)                       loads and compiles
 *      harness_run(&h, "complete report\n2012-03-05 US data as_of=2012-03-01 delivery=700\n", day)
 *      for (i = 0; i < h.row_count; i++) ... h.rows[i] ...          what the sinks hold at the end of the day
 *      harness_close(&h)
 *
 * A line is a day or an instant, a Party or `both`, a notice, and field=value; a list repeats its field. `complete
 * NOTICE` makes the record complete for every Party; `complete NOTICE PARTY` for one. Statements count as the language
 * says: each at its receipt, and at each date of its own that the plan listens to. */
#ifndef LOWER_HARNESS_H
#define LOWER_HARNESS_H

#include "kadesh/treaty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct harness_row {
    uint32_t sink;
    unsigned width;
    kd_value value[KD_WIDTH_MAX];
    kd_instant since;
} harness_row;

typedef struct harness_said {
    kd_instant received;
    uint32_t party, notice, index;
    kd_value row[KD_WIDTH_MAX];
    unsigned width;
    struct {
        int field;
        kd_value value;
    } list[32];
    unsigned list_count;
} harness_said;

typedef struct harness_moment {
    kd_instant at;
    uint32_t said;
    int field; /* -1: receipt */
} harness_moment;

typedef struct harness {
    kd_arena arena;
    kd_treaty *t;
    kd_symbols *symbols;
    kd_program program;
    harness_row *rows;
    size_t row_count, row_room;
    harness_said *said;
    size_t said_count, said_room;
    uint64_t went_and_came; /* rows heard, for checks of cost */
    char why[1024];
} harness;

static void harness_close(harness *h) {
    kd_plan_close(h->program.plan);
    kd_symbols_close(h->symbols);
    kd_arena_close(&h->arena);
    free(h->rows);
    free(h->said);
    memset(h, 0, sizeof *h);
}

/* False with `why` filled when the treaty does not load or compile. */
static bool harness_open(harness *h, const kd_source *sources, size_t count) {
    kd_diagnostics d = {0};
    kd_error e = {0};
    memset(h, 0, sizeof *h);
    kd_arena_open(&h->arena, &kd_allocator_libc);
    if (kd_symbols_open(&kd_allocator_libc, &h->symbols)) return false;
    if (kd_treaty_load(&h->arena, sources, count, &d, &h->t)) {
        size_t n = 0;
        for (size_t i = 0; i < d.count && i < 5 && n < sizeof h->why; i++)
            n += (size_t)snprintf(h->why + n, sizeof h->why - n, "%.*s:%u:%u: %.*s; ",
                                  KD_STR_ARGS(d.items[i].file), d.items[i].line, d.items[i].column,
                                  KD_STR_ARGS(d.items[i].message));
        return false;
    }
    if (!kd_treaty_compile(h->t, &h->arena, &kd_allocator_libc, h->symbols, &h->program, &e)) return true;
    snprintf(h->why, sizeof h->why, "compile: %s: %s", e.reason, e.message);
    return false;
}

static void harness_heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row,
                          unsigned width) {
    harness *h = ctx;
    h->went_and_came++;
    for (size_t i = 0; sign < 0 && i < h->row_count; i++) {
        harness_row *r = &h->rows[i];
        if (r->sink != sink || r->width != width || memcmp(r->value, row, width * sizeof *row) != 0) continue;
        *r = h->rows[--h->row_count];
        return;
    }
    if (sign < 0) {
        snprintf(h->why, sizeof h->why, "a row went that never came");
        return;
    }
    if (h->row_count == h->row_room) {
        h->row_room = h->row_room ? h->row_room * 2 : 64;
        h->rows = realloc(h->rows, h->row_room * sizeof *h->rows);
        if (!h->rows) abort();
    }
    harness_row *r = &h->rows[h->row_count++];
    *r = (harness_row){.sink = sink, .width = width, .since = at};
    memcpy(r->value, row, width * sizeof *row);
}

/* ---- Lines ---------------------------------------------------------------------------------------------------*/

static kd_str harness_word(kd_str *line) {
    *line = kd_str_trim(*line);
    size_t n = 0;
    while (n < line->n && line->p[n] != ' ') n++;
    kd_str word = {line->p, n};
    *line = (kd_str){line->p + n, line->n - n};
    return word;
}

static bool harness_when(kd_str s, kd_instant *out) {
    kd_day day;
    if (kd_instant_parse(s, out)) return true;
    if (!kd_day_parse(s, &day)) return false;
    *out = kd_day_end(day);
    return true;
}

static bool harness_say(harness *h, kd_instant at, uint32_t party, uint32_t notice, kd_str rest) {
    const kd_notice *n = &h->t->notices[notice];
    if (h->said_count == h->said_room) {
        h->said_room = h->said_room ? h->said_room * 2 : 16;
        h->said = realloc(h->said, h->said_room * sizeof *h->said);
        if (!h->said) abort();
    }
    harness_said *s = &h->said[h->said_count];
    *s = (harness_said){
        .received = at, .party = party, .notice = notice, .index = (uint32_t)h->said_count, .width = 2};
    for (size_t i = 0; i < n->field_count; i++)
        if (n->fields[i].column >= 0) s->row[s->width++] = KD_ABSENT;
    s->row[0] = party;
    s->row[1] = (kd_value)h->said_count;
    for (kd_str word; (word = harness_word(&rest)).n;) {
        kd_error e = {0};
        size_t equals = 0, i = 0;
        kd_value v;
        while (equals < word.n && word.p[equals] != '=') equals++;
        while (i < n->field_count && !kd_str_equal(n->fields[i].name, (kd_str){word.p, equals})) i++;
        if (equals == word.n || i == n->field_count) return false;
        kd_str text = {word.p + equals + 1, word.n - equals - 1};
        if (kd_treaty_value(h->t, &n->fields[i], text, h->symbols, &v, &e)) {
            snprintf(h->why, sizeof h->why, "%.*s: %s", KD_STR_ARGS(word), e.message);
            return false;
        }
        if (n->fields[i].column >= 0)
            s->row[n->fields[i].column] = v;
        else
            s->list[s->list_count].field = (int)i, s->list[s->list_count++].value = v;
    }
    h->said_count++;
    return true;
}

/* One line; false with `why` filled. Completeness is pushed at once. */
static bool harness_line(harness *h, kd_engine *g, kd_str line, kd_instant begin) {
    kd_str whole = line, first = harness_word(&line), second = harness_word(&line);
    kd_instant at;
    snprintf(h->why, sizeof h->why, "no such line: %.*s", KD_STR_ARGS(whole));
    if (kd_str_is(first, "complete")) {
        kd_str third = harness_word(&line);
        int notice = kd_treaty_notice(h->t, second), only = third.n ? kd_treaty_party(h->t, third) : -1;
        if (notice < 0) return false;
        for (int p = 0; p < (int)h->t->party_count; p++) {
            kd_value row[] = {notice, p};
            kd_event ev = {h->program.complete, 1, 0, row};
            if ((only < 0 || only == p) && kd_engine_push(g, begin, &ev, 1, NULL)) return false;
        }
        h->why[0] = 0;
        return true;
    }
    int notice = kd_treaty_notice(h->t, harness_word(&line)), party = kd_treaty_party(h->t, second);
    if (!harness_when(first, &at) || notice < 0 || (party < 0 && !kd_str_is(second, "both"))) return false;
    for (int p = 0; p < (int)h->t->party_count; p++)
        if ((party < 0 || p == party) && !harness_say(h, at, (uint32_t)p, (uint32_t)notice, line))
            return false;
    h->why[0] = 0;
    return true;
}

/* ---- The timeline --------------------------------------------------------------------------------------------*/

static const harness *harness_sorting;

/* Of one second and statement, what it tells to happen comes before its receipt. */
static int harness_order(const void *a, const void *b) {
    const harness_moment *x = a, *y = b;
    const harness_said *s = &harness_sorting->said[x->said], *o = &harness_sorting->said[y->said];
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (s->party != o->party) return s->party < o->party ? -1 : 1;
    if (s->index != o->index) return s->index < o->index ? -1 : 1;
    return (x->field < 0) != (y->field < 0) ? (x->field < 0) - (y->field < 0) : x->field - y->field;
}

static bool harness_push(harness *h, kd_engine *g, const harness_moment *m, kd_error *e) {
    const harness_said *s = &h->said[m->said];
    kd_event events[64];
    kd_value pairs[64][2];
    size_t n = 0;
    for (size_t i = 0; i < h->program.feed_count; i++) {
        const kd_feed *f = &h->program.feeds[i];
        if (f->notice != s->notice || f->at != m->field) continue;
        if (f->list < 0) events[n++] = (kd_event){f->input, 1, s->index + 1, s->row};
        for (unsigned j = 0; f->list >= 0 && j < s->list_count; j++) {
            if (s->list[j].field != f->list) continue;
            pairs[n][0] = s->index;
            pairs[n][1] = s->list[j].value;
            events[n] = (kd_event){f->input, 1, s->index + 1, pairs[n]};
            n++;
        }
    }
    return kd_engine_push(g, m->at, events, n, e) == KD_OK;
}

/* Lays out what was received by the end of the day: the receipts, and the times of their own that a feed is at. */
static size_t harness_lay(harness *h, kd_instant end, harness_moment **out) {
    size_t room = h->said_count * 8 + 1, n = 0;
    harness_moment *m = malloc(room * sizeof *m);
    if (!m) abort();
    for (size_t i = 0; i < h->said_count; i++) {
        const kd_notice *notice = &h->t->notices[h->said[i].notice];
        if (h->said[i].received > end) continue;
        m[n++] = (harness_moment){h->said[i].received, (uint32_t)i, -1};
        for (size_t f = 0; f < h->program.feed_count; f++) {
            const kd_feed *feed = &h->program.feeds[f];
            if (feed->notice != h->said[i].notice || feed->at < 0 || feed->list >= 0 || n == room) continue;
            kd_value v = h->said[i].row[notice->fields[feed->at].column];
            if (v == KD_ABSENT) continue;
            if (notice->fields[feed->at].type == KD_T_DATE) v = kd_day_end(kd_instant_day(v));
            if (v <= end) m[n++] = (harness_moment){v, (uint32_t)i, feed->at};
        }
    }
    harness_sorting = h;
    qsort(m, n, sizeof *m, harness_order);
    *out = m;
    return n;
}

/* The rows of the sinks at the end of the day, as known on it. May be called again. False with `why` filled. */
static bool harness_run(harness *h, const char *lines, kd_day day) {
    kd_error e = {0};
    kd_engine *g = NULL;
    kd_engine_options o = {.heard = harness_heard, .ctx = h};
    harness_moment *moments = NULL;
    kd_str rest = kd_str_of(lines);
    bool fine = kd_engine_open(h->program.plan, &o, &g, &e) == KD_OK;
    h->row_count = h->said_count = 0;
    h->why[0] = 0;
    while (fine && rest.n) {
        size_t n = 0;
        while (n < rest.n && rest.p[n] != '\n') n++;
        kd_str line = kd_str_trim((kd_str){rest.p, n});
        rest = (kd_str){rest.p + n + (n < rest.n), rest.n - n - (n < rest.n)};
        if (line.n && !harness_line(h, g, line, kd_day_begin(kd_day_of(1990, 1, 1)))) goto done;
    }
    size_t count = fine ? harness_lay(h, kd_day_end(day), &moments) : 0;
    for (size_t i = 0; fine && i < count; i++) fine = harness_push(h, g, &moments[i], &e);
    fine = fine && kd_engine_advance(g, kd_day_end(day), &e) == KD_OK;
    if (!fine) snprintf(h->why, sizeof h->why, "run: %s %s", e.reason, e.message);
done:
    free(moments);
    kd_engine_close(g);
    return h->why[0] == 0;
}

#endif

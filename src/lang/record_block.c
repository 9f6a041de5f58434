/* record_block.c: what a record says of itself, and the messages: the two kinds of block that are not the
 * treaty. */
#include "lang/parse.h"
#include "lang/resolve.h"
#include <stdlib.h>
#include <string.h>

#define COMPLETE_MAX 1000000 /* rows; a record has hundreds */

/* ---- Messages -------------------------------------------------------------------------------------------*/

/* KEY "=" STRING { STRING }: strings that follow each other are one text. */
static kd_str joined(kd_parser *p) {
    kd_str *parts = NULL;
    size_t count = 0, bytes = 0;
    while (p->tok[0].kind == TOK_STRING) {
        *(kd_str *)kd_front_push(p->f, &parts, &count, sizeof *parts) = p->tok[0].text;
        bytes += p->tok[0].text.n;
        kd_advance(p);
    }
    if (count == 1) return parts[0];
    char *all = p->f->nomem ? NULL : kd_arena_take(p->f->arena, bytes + 1);
    if (!all) {
        p->f->nomem = true;
        return (kd_str){0};
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + n, parts[i].p, parts[i].n);
        n += parts[i].n;
    }
    return (kd_str){all, n};
}

static bool parse_message(kd_parser *p) {
    kd_front *f = p->f;
    if (!kd_at(p, TOK_NAME) && !p->tok[0].first) return kd_wanted(p, "a key and `=`");
    if (p->tok[0].kind != TOK_NAME) {
        p->tok[0].first = false;
        return kd_wanted(p, "a key and `=`");
    }
    kd_place at = p->tok[0].at;
    kd_advance(p);
    while (p->tok[0].joined && p->tok[0].kind == '.') {
        kd_advance(p);
        if (!p->tok[0].joined || (p->tok[0].kind != TOK_NAME && p->tok[0].kind != TOK_INT))
            return kd_wanted(p, "a word of the key");
        kd_advance(p);
    }
    at = kd_join(at, p->last);
    kd_message m = {.language = p->file->language, .key = {p->file->bytes.p + at.offset, at.bytes}};
    if (!kd_need(p, '=', "`=`")) return false;
    if (p->tok[0].kind != TOK_STRING) return kd_wanted(p, "a text in quotes");
    m.text = joined(p);
    const kd_entry *e = kd_index_add(f, kd_index_language(m.language), m.key, KD_IS_MESSAGE,
                                     (uint32_t)f->t->message_count, at);
    if (e)
        kd_diagnose(f, at, "the message `%.*s` is here twice: line %u has it", KD_STR_ARGS(m.key),
                    (unsigned)e->at.line);
    *(kd_message *)kd_front_push(f, &f->t->messages, &f->t->message_count, sizeof m) = m;
    return true;
}

void kd_parse_messages(kd_parser *p) {
    while (p->tok[0].kind != TOK_END && p->tok[0].kind != TOK_BREAK) {
        p->depth = 0;
        if (parse_message(p)) continue;
        do kd_advance(p);
        while (!p->tok[0].first || p->tok[0].kind == TOK_STRING);
    }
}

/* ---- The record's own words -----------------------------------------------------------------------------*/

typedef struct gap {
    kd_instant from, to;
} gap;

typedef struct kd_record_words {
    kd_words notices, parties;
    kd_instant from, to; /* begin of the first day; end of the last */
    gap *gaps;
    size_t gap_count;
    kd_word treaty; /* the clause `treaty` */
} kd_record_words;

static bool record_treaty(kd_parser *p, void *it) {
    kd_record_words w = {0};
    (void)it;
    if (!kd_at(p, TOK_NAME)) return kd_wanted(p, "the treaty's id");
    kd_place at = p->tok[0].at;
    kd_advance(p);
    while (p->tok[0].joined &&
           (p->tok[0].kind == '-' || p->tok[0].kind == TOK_NAME || p->tok[0].kind == TOK_INT))
        kd_advance(p);
    w.treaty.at = kd_join(at, p->last);
    w.treaty.text = (kd_str){p->file->bytes.p + w.treaty.at.offset, w.treaty.at.bytes};
    *(kd_record_words *)kd_front_push(p->f, &p->f->record_words, &p->f->record_word_count, sizeof w) = w;
    return true;
}

static bool record_reconstructed(kd_parser *p, void *it) {
    (void)it;
    p->f->t->reconstructed = true;
    return true;
}

/* DATE ["to" DATE]: from the begin of the one to the end of the other. */
static bool days(kd_parser *p, kd_instant *from, kd_instant *to, bool open) {
    kd_place at = p->tok[0].at;
    if (!kd_need_day(p, from)) return false;
    *to = open ? KD_NEVER : kd_day_end(kd_instant_day(*from));
    if (!kd_eat_word(p, "to")) return true;
    if (!kd_need_day(p, to)) return false;
    *to = kd_day_end(kd_instant_day(*to));
    if (*to < *from) kd_diagnose(p->f, at, "the last day is before the first");
    return true;
}

static bool record_complete(kd_parser *p, void *it) {
    kd_record_words w = {0};
    (void)it;
    if (!kd_need_names(p, &w.notices, "a notice") || !kd_need_word(p, "for") ||
        !kd_need_names(p, &w.parties, "a Party") || !kd_need_word(p, "from") ||
        !days(p, &w.from, &w.to, true))
        return false;
    while (kd_eat_word(p, "but")) {
        gap g = {0};
        if (!kd_need_word(p, "for") || !days(p, &g.from, &g.to, false)) return false;
        *(gap *)kd_front_push(p->f, &w.gaps, &w.gap_count, sizeof g) = g;
    }
    *(kd_record_words *)kd_front_push(p->f, &p->f->record_words, &p->f->record_word_count, sizeof w) = w;
    return true;
}

static bool record_open(kd_parser *p, void *it) {
    (void)it;
    return kd_need_words(p, "everything", "else");
}

void kd_parse_record(kd_parser *p) {
    static const kd_clause clauses[] = {
        {"treaty", record_treaty, false},
        {"reconstructed", record_reconstructed, false},
        {"complete", record_complete, true},
        {"open", record_open, false},
    };
    static const char *const words[] = {"treaty", "reconstructed", "complete", "open"};
    p->clauses = words;
    p->clause_count = 4;
    p->what = "record";
    p->f->t->has_record = true;
    kd_clauses(p, clauses, 4, NULL, NULL, NULL);
}

static int by_begin(const void *a, const void *b) {
    const gap *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* The stretches of the clause that its gaps leave, for one notice and Party. */
static void add_stretches(kd_front *f, const kd_record_words *w, uint32_t notice, uint32_t party) {
    kd_instant from = w->from;
    kd_treaty *t = f->t;
    for (size_t i = 0; i <= w->gap_count && from <= w->to; i++) {
        bool last = i == w->gap_count;
        kd_instant to = last || w->gaps[i].from > w->to ? w->to : w->gaps[i].from - 1;
        if (to >= from && t->complete_count < COMPLETE_MAX)
            *(kd_complete *)kd_front_push(f, &t->complete, &t->complete_count, sizeof *t->complete) =
                (kd_complete){notice, party, from, to};
        if (last) return;
        if (w->gaps[i].to >= from) from = w->gaps[i].to + 1;
    }
}

void kd_resolve_records(kd_front *f) {
    for (size_t i = 0; i < f->record_word_count && !f->nomem; i++) {
        kd_record_words *w = &f->record_words[i];
        if (w->treaty.text.n) {
            if (f->treaty_declared && !kd_str_equal(w->treaty.text, f->t->id))
                kd_diagnose_near(f, w->treaty.at, w->treaty.text, &f->t->id, 1,
                                 "this record is of `%.*s`, the treaty is `%.*s`",
                                 KD_STR_ARGS(w->treaty.text), KD_STR_ARGS(f->t->id));
            continue;
        }
        if (w->gap_count > 1) qsort(w->gaps, w->gap_count, sizeof *w->gaps, by_begin);
        for (size_t p = 0; p < w->parties.count; p++) {
            int party = kd_lookup(f, w->parties.items[p].text, w->parties.items[p].at, KD_IS_PARTY);
            for (size_t n = 0; n < w->notices.count && !f->nomem; n++) {
                kd_word name = w->notices.items[n];
                int notice = kd_treaty_notice(f->t, name.text);
                if (notice < 0 && p == 0) kd_lookup(f, name.text, name.at, KD_IS_NOTICE);
                if (notice >= 0 && party >= 0 && f->t->complete_count < COMPLETE_MAX)
                    add_stretches(f, w, (uint32_t)notice, (uint32_t)party);
            }
        }
        if (f->t->complete_count >= COMPLETE_MAX && w->notices.count) {
            kd_diagnose(f, w->notices.items[0].at,
                        "a record says of at most %d stretches that they are complete", COMPLETE_MAX);
            return;
        }
    }
}

/* pen.h: what every page of this room is written with: words in the reader's language, kept failures, known statements.
 *
 * A pen keeps the first failure and goes on giving empty strings, so that a page reads like the page and not like its
 * errors; whoever opened it looks at `status` at the end. */
#ifndef KADESH_VIEW_PEN_H
#define KADESH_VIEW_PEN_H

#include "kadesh/treaty.h"
#include <kadesh/view.h>

#define KD_NO_STATEMENT UINT32_MAX
#define KD_NO_DAY       INT64_MIN

typedef struct kd_pen {
    const kd_view *view;
    kd_words words;
    kd_arena *arena;
    kd_error *e;
    kd_status status;
} kd_pen;

void kd_pen_open(kd_pen *p, const kd_view *v, kd_error *e);
/* What the page came to: after a failure nothing of it stays in `out`, which held `from` bytes before it was begun. */
kd_status kd_pen_end(kd_pen *p, kd_text *out, size_t from);
/* Keeps the failure unless there was one before. */
void kd_pen_failed(kd_pen *p, kd_status s);
/* The message `key`, filled; empty after a failure. */
kd_str kd_pen_say(kd_pen *p, const char *key, const kd_slot *slots, size_t count);
/* The same when the treaty has such a message, else the empty string. */
kd_str kd_pen_say_if(kd_pen *p, const char *key, const kd_slot *slots, size_t count);
/* printf into the arena. */
kd_str kd_pen_printf(kd_pen *p, const char *format, ...) KD_PRINTF(2, 3);
void *kd_pen_array(kd_pen *p, size_t count, size_t bytes);

/* Readings in the order of their Parties, whatever the order of the files that they came from. */
uint32_t *kd_pen_reading_order(kd_pen *p);

/* ---- Slots -----------------------------------------------------------------------------------------------------*/

kd_slot kd_slot_text(const char *name, kd_str text);
kd_slot kd_slot_count(const char *name, int64_t n);
kd_slot kd_slot_day(const char *name, kd_day day);        /* KD_NO_DAY: absent */
kd_slot kd_slot_instant(const char *name, kd_instant at); /* its day; KD_NEVER and KD_ABSENT: absent */
kd_slot kd_slot_list(const char *name, const kd_str *items, size_t count);
/* Names: their messages are party.US, group.data, rule.six_monthly_data and so on; the treaty's own names stand in. */
kd_slot kd_slot_party(kd_pen *p, const char *name,
                      uint32_t party); /* KD_BOTH: party.both; UINT32_MAX: absent */
kd_slot kd_slot_group(kd_pen *p, const char *name, uint32_t group);
kd_slot kd_slot_rule(kd_pen *p, const char *name, uint32_t rule);
kd_slot kd_slot_fact(kd_pen *p, const char *name, uint32_t fact);
kd_slot kd_slot_reading(kd_pen *p, const char *name, uint32_t reading);
kd_slot kd_slot_rung(kd_pen *p, const char *name, uint32_t ladder, uint32_t rung);
kd_slot kd_slot_value(kd_pen *p, const char *name, uint32_t kind, kd_value value); /* KD_ABSENT: absent */
/* A fixed word of the software's own, such as a status: message STEM.WORD, which must be there. */
kd_slot kd_slot_word(kd_pen *p, const char *name, const char *stem, kd_str word);
/* The treaty's own name. */
kd_str kd_pen_treaty(kd_pen *p);
/* A name as a word, and in another form of it ("short"). */
kd_str kd_pen_name(kd_pen *p, kd_slot name);
kd_str kd_pen_form(kd_pen *p, kd_slot name, const char *form);
/* Its form `short` when there is one, else the name. */
kd_str kd_pen_short(kd_pen *p, kd_slot name);

/* ---- Statements ------------------------------------------------------------------------------------------------*/

/* Received by the end of the day asked about and of the day known, delivered, and not corrected since. */
bool kd_told_counts(const kd_history *h, uint32_t statement);
kd_role kd_told_role(const kd_history *h, uint32_t statement);
kd_day kd_told_day(const kd_history *h, uint32_t statement);
/* Index of the field in the statement's notice, -1 when it has none of that name. */
int kd_told_field(const kd_history *h, uint32_t statement, const char *field);
/* True for what began a fact that holds at `at`, and for what began none at all. */
bool kd_told_in_effect(const kd_history *h, uint32_t statement, kd_instant at);
/* The words of a list field of a kind or of groups; *count 0 when there are none. */
kd_str *kd_told_words(kd_pen *p, uint32_t statement, const char *field, size_t *count);
/* The statement of the same notice and fields in another book, KD_NO_STATEMENT when there is none that counts. */
uint32_t kd_told_pair(const kd_history *h, uint32_t statement);
/* "RU/34" */
kd_str kd_pen_id(kd_pen *p, uint32_t statement);
/* "RU/34 US/12"; of an agreement that both books hold, the first half alone. */
kd_str kd_pen_ids(kd_pen *p, const kd_cites *c);

void kd_cite(kd_cites *c, uint32_t statement); /* KD_NO_STATEMENT and repeats change nothing */
void kd_cite_pair(kd_cites *c, const kd_history *h, uint32_t statement); /* with its other half */

/* True when what began at `since` and was over at `until` holds at `at`. */
bool kd_holds(kd_instant since, kd_instant until, kd_instant at);

/* ---- Rows ------------------------------------------------------------------------------------------------------*/

/* The binding of a rule's Party; of both, of the first of them that is free. */
kd_binding kd_view_binding(const kd_history *h, uint32_t rule, uint32_t party, uint32_t reading,
                           kd_instant at);
/* The verdicts that stand at the page's second, by rule, so that nothing looks through a long history twice:
 * rows[first[rule]] up to rows[first[rule + 1]], in the history's order. */
typedef struct kd_standing {
    const kd_verdict **rows;
    size_t *first; /* per rule, and one more */
} kd_standing;
/* False when there is no memory (kept in the pen). */
bool kd_standing_make(kd_pen *p, kd_standing *out);
/* Of a rule's rows for a Party under a reading the one that a page names first: breached before alleged, excused, pending;
 * then the newest instance that was kept or not shown. Of equals the latest. NULL when there is none. */
const kd_verdict *kd_standing_verdict(const kd_standing *s, uint32_t rule, uint32_t party, uint32_t reading);
/* The Parties that a rule has rows for: the i-th, KD_BOTH when it binds them jointly; UINT32_MAX behind the last. */
uint32_t kd_view_party(const kd_treaty *t, uint32_t rule, size_t i);
/* What the absence of every row of a rule and Party says: true when nothing is owed, since the treaty is not yet in force or
 * the record holds every notice of the rule by that Party on the page's day; false when the record would not show it. */
bool kd_view_would_show(const kd_history *h, uint32_t rule, uint32_t party);
/* How much a page cares for a status: the more the earlier it is named. */
int kd_status_weight(int status);
/* How a cell of a row reads, in words: "alleged", "excused, freed", "freed 02-28", "-". */
kd_str kd_pen_reads(kd_pen *p, const kd_read_as *r);

#endif

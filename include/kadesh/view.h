/* view.h: what a reader sees: the brief, the status, what is due; each as text and as JSON.
 *
 *      kd_history ─┐
 *                  ├─▶ kd_view ─▶ kd_brief_make ─▶ kd_brief ─┬▶ kd_brief_put   one page, 66 lines of 80 columns
 *      messages ───┘              (what is to be said)       └▶ kd_brief_json  the same, for machines
 *
 * The view knows no treaty. It knows the roles that a treaty gives to its notices, the groups that it gives to its rules,
 * readings and ladders; every word comes from the treaty's message templates, every date, figure and id from rules and
 * statements. A template that is missing or ill-formed is KD_INVALID and names its key. Pure: no files, no clock.
 */
#ifndef KADESH_VIEW_H
#define KADESH_VIEW_H

#include "kadesh/base.h"
#include "kadesh/record.h"

struct kd_treaty;

#define KD_PAGE_LINES   66
#define KD_PAGE_COLUMNS 80

/* ---- Templates -----------------------------------------------------------------------------------------------
 *
 *      "{P|short} withholds {groups|semicolon}[, since {day|near}]"
 *
 *   {x}          the value of x: a text as it is, a count in decimals, a day as 2023-03-20, a name by its own message
 *                (party.US) or, without one, as the treaty spells it, a list joined by `list.comma`
 *   {x|FORM}     another form of it: of a name, the message party.US.FORM; of a day, the message day.FORM, filled with
 *                {day} {month} {year} {mm} {dd}; of a list, joined by `list.FORM`, before the last item by
 *                `list.FORM.last` when there is one; of a count, the word that goes with it: FORM.one, FORM.few or FORM.many, as
 *                `plural.rule` says (two: 1 is one; slavic: 1, 21 are one, 2-4, 22-24 few; none: always many)
 *   [ ... ]      left out when a value directly in it is empty or absent; may be nested
 *   \{ \[ \] \}  the character itself
 *
 * `day.near` takes the place of {x|near} for a day of the reader's own year, else the day is written in full. */
typedef enum kd_slot_kind {
    KD_SLOT_TEXT,
    KD_SLOT_COUNT,
    KD_SLOT_DAY,
    KD_SLOT_NAME,
    KD_SLOT_LIST
} kd_slot_kind;

typedef struct kd_slot {
    const char *name;
    kd_slot_kind kind;
    kd_str text;        /* the text; of a name: what stands when no message has it */
    kd_str stem;        /* of a name: its message's key, "party.US" */
    int64_t number;     /* count or day */
    bool absent;        /* counts and days alone */
    const kd_str *list; /* items */
    size_t count;
} kd_slot;

/* The language that words are taken from, and the day on which the reader stands. */
typedef struct kd_words {
    const struct kd_treaty *treaty;
    kd_str language;
    kd_day today;
} kd_words;

/* Appends the message `key`, filled. KD_INVALID: missing_message (the error names the key), bad_template (and the
 * placeholder). `out` may then hold a part of it. */
kd_status kd_template_put(const kd_words *w, kd_text *out, const char *key, const kd_slot *slots,
                          size_t count, kd_error *e);
/* The same for a text that is at hand; `key` is what errors name. */
kd_status kd_template_fill(const kd_words *w, kd_text *out, const char *key, kd_str text,
                           const kd_slot *slots, size_t count, kd_error *e);
bool kd_template_exists(const kd_words *w, const char *key);

/* ---- What a page is made from --------------------------------------------------------------------------------*/

/* What whoever opened the books has checked: the last lines of a brief say so. */
typedef struct kd_checked {
    int64_t books, entries, signatures, heads;
} kd_checked;

typedef struct kd_view {
    const struct kd_treaty *treaty;
    const kd_history *history;
    kd_str language; /* "en", "ru" */
    kd_checked checked;
    kd_arena *arena; /* pages and what they are made of live here */
} kd_view;

/* ---- How a row reads -----------------------------------------------------------------------------------------*/

typedef enum kd_reads {
    KD_READS_NOT,     /* no such row under this reading */
    KD_READS_STANDS,  /* its status stands */
    KD_READS_ENDED,   /* it stood, and the Party was freed since: `freed` */
    KD_READS_FREED,   /* the Party was free when it began */
    KD_READS_WITHHELD /* the Party withheld it as an accepted answer when it began */
} kd_reads;

typedef struct kd_read_as {
    kd_reads how;
    int status;            /* kd_verdict_status */
    kd_instant freed;      /* KD_NEVER: not freed */
    const kd_verdict *row; /* NULL when there is none */
    uint32_t freed_by;     /* statement, or UINT32_MAX */
} kd_read_as;

/* The second that a history's page looks at: the end of its day, or the treaty's last second when it has ended. */
kd_instant kd_view_instant(const kd_history *h);
/* How a verdict reads under a reading. */
kd_read_as kd_view_read(const kd_history *h, const kd_verdict *v, uint32_t reading);
/* How an obligation that is still to be met reads: who is freed of it by now, or withholds it. */
kd_read_as kd_view_read_due(const kd_history *h, const kd_due *d, uint32_t reading);
/* True when some row stands that a reading holds against a Party: breached or alleged, and bound when it began. */
bool kd_view_findings(const kd_history *h);

/* ---- The brief -----------------------------------------------------------------------------------------------*/

#define KD_CITES_MAX 12

typedef struct kd_cites {
    uint32_t statements[KD_CITES_MAX]; /* numbers, in the order in which they matter */
    size_t count;
} kd_cites;

/* A sentence with what it rests on. */
typedef struct kd_say {
    const char *what; /* fixed word, for JSON: "in_force", "suspended" */
    kd_str label, text;
    uint32_t party; /* whom it is about, KD_BOTH or UINT32_MAX */
    kd_day day;     /* INT64_MIN: none of its own */
    kd_cites cites;
    int rank; /* 0 is never left out of the page, more is left out sooner */
} kd_say;

typedef struct kd_says {
    kd_say *items;
    size_t count, room;
} kd_says;

/* A row of what is unmet or comes due: equal rows of one rule and Party are one, `times` says how many. */
typedef struct kd_brief_row {
    uint32_t rule, party;
    kd_instant since;  /* unmet, open: since when; due: until when */
    bool due, open;    /* open: owed, and no day is set for it */
    kd_value instance; /* of what is open, as kd_due has it */
    size_t times;
    kd_read_as *reads; /* per reading */
    kd_str id;
    kd_cites cites;
} kd_brief_row;

typedef struct kd_brief_figure {
    bool known;
    int64_t figure;
    kd_day dated; /* INT64_MIN: not known */
    int status;
    uint32_t statement; /* or UINT32_MAX */
} kd_brief_figure;

/* A Party's figure as another reading counts it. */
typedef struct kd_brief_count {
    uint32_t reading, party;
    int64_t figure, more, over; /* over the limit by; 0 when within */
    uint32_t statement;         /* the claim, or UINT32_MAX */
} kd_brief_count;

typedef struct kd_brief_limit {
    uint32_t rule;
    int64_t bound;
    kd_day from;              /* first day of the limit; INT64_MIN when it was in force from the start */
    bool ahead;               /* that day is still to come */
    kd_brief_figure *figures; /* per Party */
    kd_brief_count *counts;
    size_t count_count;
} kd_brief_limit;

typedef struct kd_brief {
    const kd_view *view;
    kd_words words;
    kd_instant at;
    kd_says summary, standing, asks, ladder, agreement;
    kd_says quotas;       /* what is counted in the running period */
    uint32_t *order;      /* readings, in the order of the Parties that they are of */
    kd_binding *bindings; /* [group][reading][party], at `at` */
    kd_brief_row *rows;   /* unmet and open by since, then due by day */
    size_t row_count;
    size_t not_shown; /* rules of which the record shows nothing at `at` */
    kd_brief_limit *limits;
    size_t limit_count;
    size_t known, unconfirmed; /* statements known, and of them graded from memory */
} kd_brief;

/* Whatever puts a page puts it whole: after a failure nothing of it is in `out`. */
kd_status kd_brief_make(const kd_view *v, kd_brief **out, kd_error *e);
kd_status kd_brief_put(const kd_brief *b, kd_text *out, kd_error *e);
kd_status kd_brief_json(const kd_brief *b, kd_text *out, kd_error *e);

/* ---- Status, due, and where the record stands ----------------------------------------------------------------*/

typedef struct kd_status_asked {
    int reading, party; /* index, or -1: all */
} kd_status_asked;

/* Every rule by group: bound or not, status, since when, figure against limit. Where readings agree it is said once. */
kd_status kd_status_put(const kd_view *v, const kd_status_asked *asked, kd_text *out, kd_error *e);
kd_status kd_status_json(const kd_view *v, const kd_status_asked *asked, kd_text *out, kd_error *e);

/* What is overdue and what comes due within the history's horizon, per reading. */
kd_status kd_due_put(const kd_view *v, kd_text *out, kd_error *e);
kd_status kd_due_json(const kd_view *v, kd_text *out, kd_error *e);

/* Ten lines: where the record stands, and which verbs go on from there. */
kd_status kd_stand_put(const kd_view *v, kd_text *out, kd_error *e);

#endif

/* record.h: books and a treaty become one ordered run of events, and a run becomes a history.
 *
 *      entries of all books ─▶ kd_record (checked statements, one order) ─▶ kd_replay ─▶ kd_history
 *                                                                            on D, as known on K
 *
 * A record holds every statement of every book, bound to the treaty's declarations. A replay takes the
 * statements received by the end of K, lays their receipts and occurrences on one timeline, and runs the
 * program to the end of D. What comes out is a history: verdicts, bindings, facts, rungs, each with the time
 * it began and, when it is over, ended. Pure: no files, no clock.
 */
#ifndef KADESH_RECORD_H
#define KADESH_RECORD_H

#include "kadesh/base.h"
#include "kadesh/book.h"
#include "kadesh/engine.h"

struct kd_treaty;

/* One entry of a book as it stands in the log: the signed note whole. Whoever hands it over has checked
 * signatures and inclusion or says so to the reader. */
typedef struct kd_record_entry {
    uint32_t party; /* whose book */
    uint64_t index; /* leaf */
    kd_str note;
} kd_record_entry;

typedef enum kd_delivery {
    KD_DELIVERED_TOLD,    /* a `received` line of a reconstruction */
    KD_DELIVERED_RECEIPT, /* the counterpart's receipt */
    KD_DELIVERED_FIRST,   /* the first entry of a book (its roster): counts from its issue */
    KD_NOT_DELIVERED,     /* no receipt yet: it does not count; `received` is KD_NEVER */
    KD_DELIVERED_ISSUED   /* a receipt or a roster: counts from its issue, and needs no receipt of its own */
} kd_delivery;

/* A statement, bound. Its number in kd_record.statements is the engine's `statement` value and the
 * origin of its events; the statements are in the order of design.md: (second received, Party in treaty order, index in
 * the book). */
typedef struct kd_said {
    uint32_t party;
    uint64_t index;
    kd_str note, text; /* the signed note whole; its text without signatures */
    kd_statement told; /* envelope and fields as written */
    uint32_t notice;   /* index in the treaty */
    kd_stamp received;
    kd_delivery delivery;
    bool unconfirmed;             /* graded M */
    uint32_t corrected_by;        /* number of the statement that corrects it, or UINT32_MAX */
    const kd_value *row;          /* [ by, statement, field columns... ] for the inputs */
    const kd_value *const *lists; /* per field: its values when the field is a list, else NULL */
    const uint32_t *list_counts;
    uint32_t corrects; /* number of the statement that it corrects, or UINT32_MAX */
} kd_said;

typedef struct kd_record {
    const struct kd_treaty *treaty;
    kd_symbols *symbols;
    kd_said *statements;
    size_t statement_count;
    uint64_t *book_sizes; /* entries per Party */
    uint32_t **numbers;   /* per Party and index: the number of the statement */
} kd_record;

/* Binds every entry. An entry that is no statement, names another treaty, a notice that is not declared, a
 * field that does not fit, or a Party that may not say it gives KD_INVALID with the place: the error's file
 * is "RU/34", its line and column those of the statement. Each book must be whole, from 0 on. A `received`
 * line counts unless there is a record.md that does not say `reconstructed`. Everything lives in `arena`;
 * `entries` must outlive it. */
kd_status kd_record_open(const struct kd_treaty *t, kd_symbols *symbols, const kd_record_entry *entries,
                         size_t count, kd_arena *arena, kd_record **out, kd_error *e);

/* "RU/34" of a statement, into `out`. */
void kd_said_id(const kd_record *r, uint32_t statement, kd_text *out);
/* Number of a statement by its id; -1 when there is none. */
int64_t kd_record_find(const kd_record *r, kd_str id);
/* Value of a field that is no list by its name, KD_ABSENT when it was not given or there is no such field. */
kd_value kd_said_value(const kd_record *r, uint32_t statement, const char *field);
/* Text of a field as written; the i-th of a list. False when there is none. */
bool kd_said_text(const kd_record *r, uint32_t statement, const char *field, size_t i, kd_str *out);
/* The day that a statement tells of: that of its `dated` field if it was given, else of its receipt, else of
 * its issue. */
kd_day kd_said_day(const kd_record *r, uint32_t statement);

/* ---- Replay ---------------------------------------------------------------------------------------------*/

typedef struct kd_replay_options {
    kd_day on;      /* verdicts at the end of this day */
    kd_day known;   /* only statements received by the end of this day */
    kd_day horizon; /* dues are followed up to the end of this day (at least `on`), as if all fell silent */
    const uint32_t *only; /* these statements alone (ascending numbers), for derivations; NULL: all */
    size_t only_count;
    bool leave_out_complete; /* run as if the record were open for every notice */
} kd_replay_options;

/* What was missing by the end of `on` but was due after the end of `known` is pending, never breached.
 *
 * A row of a rule over time. `until` is KD_NEVER while it holds at the end of `on`, else the second at which
 * it was over. Rows that never held for a second are not kept. */
typedef struct kd_verdict {
    uint32_t rule, party; /* KD_BOTH for both */
    int status;           /* kd_verdict_status */
    uint32_t readings;    /* mask of the readings under which it was computed */
    kd_instant since, until;
    kd_value instance, due, figure, bound, dated;
    uint32_t statement; /* or UINT32_MAX */
    uint32_t ordinal;   /* among findings of one rule, Party and day: 0 for the first */
} kd_verdict;

typedef struct kd_mark_row { /* a binding mark over time */
    uint32_t reading, group, party;
    int mark; /* kd_mark */
    uint32_t statement;
    kd_instant since, until;
} kd_mark_row;

typedef struct kd_fact_row {
    uint32_t fact;
    kd_value args[6];
    uint32_t statement;
    kd_instant since, until;
} kd_fact_row;

typedef struct kd_rung_row {
    uint32_t ladder, rung, party, statement;
    kd_instant since, until;
} kd_rung_row;

/* An obligation that comes up between `on` and `horizon`, or stands pending at `on`. */
typedef struct kd_due {
    uint32_t rule, party;
    uint32_t readings;
    kd_instant since, due; /* due KD_NEVER: no day set */
    kd_value instance;
    uint32_t statement;
    bool excused;
} kd_due;

typedef struct kd_history {
    const kd_record *record;
    kd_replay_options asked;
    /* Findings (breached, alleged, excused, not_shown) of all time up to `on`, pending rows that hold at
     * `on`, and kept rows that hold at `on` or were the last of their kind; in the order of (since, rule,
     * Party). */
    kd_verdict *verdicts;
    size_t verdict_count;
    kd_mark_row *marks;
    size_t mark_count;
    kd_fact_row *facts;
    size_t fact_count;
    kd_rung_row *rungs;
    size_t rung_count;
    kd_due *dues; /* by (due, rule, Party) */
    size_t due_count;
    bool in_force, ended;      /* at the end of `on` */
    kd_instant in_force_since; /* KD_NEVER: not yet */
    kd_instant last_day;       /* begin of the last day as then known; KD_NEVER when no end is known */
    kd_instant ended_since;    /* KD_NEVER: not ended */
    uint32_t in_force_statement, term_statement; /* what they rest on, or UINT32_MAX */
    size_t statements_used;                      /* known and counted */
} kd_history;

/* Everything lives in `arena`. */
kd_status kd_replay(const kd_record *r, const kd_replay_options *o, kd_arena *arena, const kd_allocator *from,
                    kd_history **out, kd_error *e);

/* Who is bound: shade of (reading, group, Party) at the end of `on`, the mark row that makes it (NULL when
 * none), and whether the reading's author has not said so yet, or no claim was found. */
typedef struct kd_binding {
    int shade;                  /* kd_shade */
    const kd_mark_row *by;      /* what freed or lets withhold */
    const kd_mark_row *kept_by; /* what keeps, when pledged */
    bool unsaid, no_claim;
} kd_binding;
kd_binding kd_history_binding(const kd_history *h, uint32_t reading, uint32_t group, uint32_t party);
/* The same at any second up to the end of `on`. */
kd_binding kd_history_binding_at(const kd_history *h, uint32_t reading, uint32_t group, uint32_t party,
                                 kd_instant at);

/* Id of a finding, "RU-P5.I.1@2022-08-08" (with "#2" behind it for a second one of that day), and back: all
 * verdicts with that id (one per way of counting or status). `id` may also leave out the day: then the
 * latest ones of that rule and Party. */
void kd_verdict_id(const kd_history *h, const kd_verdict *v, kd_text *out);
kd_status kd_history_find(const kd_history *h, kd_str id, const kd_verdict **found, size_t room,
                          size_t *count, kd_error *e);

/* ---- Derivations ------------------------------------------------------------------------------------------
 *
 * The statements that alone give a finding, none of which can be left out. Found by following the circuit
 * (kd_engine_why), then confirmed: the finding is there when they alone are replayed, and gone when any one of
 * them is left out. */
typedef struct kd_derivation {
    const uint32_t *statements; /* ascending */
    size_t count;
    bool rests_on_silence; /* the absence of a notice is part of it: the record's completeness says so */
    bool confirmed;        /* replayed alone, and without each */
} kd_derivation;
kd_status kd_derive(const kd_history *h, const kd_verdict *v, kd_arena *arena, const kd_allocator *from,
                    kd_derivation *out, kd_error *e);

/* ---- Examples ---------------------------------------------------------------------------------------------
 *
 * Runs one in-file example. Gives KD_FAILED with the place and what was found instead when an expectation
 * does not hold. */
kd_status kd_example_run(const struct kd_treaty *t, size_t example, const kd_allocator *from, kd_error *e);

#endif

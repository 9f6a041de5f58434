/* inside.h: what the files of this room share: binding, order, the timeline, rows over time, the replay of a
 * program. */
#ifndef RECORD_INSIDE_H
#define RECORD_INSIDE_H

#include "kadesh/treaty.h"
#include <kadesh/record.h>

#define REC_NONE UINT32_MAX /* no statement */

/* ---- Memory ---------------------------------------------------------------------------------------------*/

/* Makes room for `need` items of `bytes` each in an array that doubles; false when there is none. */
bool rec_grow(const kd_allocator *from, void **items, size_t *room, size_t need, size_t bytes);
/* `count` items and one more, zeroed; NULL when there is no memory. */
void *rec_take(const kd_allocator *from, size_t count, size_t bytes);
/* NULL is fine. What rec_take gave has room for one more than its count. */
void rec_free(const kd_allocator *from, void *items, size_t room, size_t bytes);

/* ---- Binding (bind.c) -----------------------------------------------------------------------------------*/

/* Checks said->told, of said->party's book, against the treaty and fills notice, unconfirmed, row and lists.
 * `row` is the writable row: its statement column is set when the order is known. The error's line and
 * column are the statement's. */
kd_status rec_bind(const kd_treaty *t, kd_symbols *symbols, kd_arena *arena, kd_said *said, kd_value **row,
                   kd_error *e);
/* Lines of a statement before its fields; `corrects`, where it is, is the last of them. */
uint32_t rec_envelope_lines(const kd_statement *told);
/* Value of a field that is no list, by name; KD_ABSENT. */
kd_value rec_value(const kd_treaty *t, const kd_said *said, const char *field);

/* ---- From bound statements to a record (open.c) ---------------------------------------------------------*/

/* What bound statements become: delivery, order, numbers, corrections. `said` (party, index, told, row...
 * filled; each book whole) is put in order in place; `rows` are the writable rows, one each. */
kd_status rec_settle(kd_record *r, kd_arena *arena, kd_said *said, kd_value **rows, size_t count,
                     kd_error *e);
/* Fills delivery and received of each (receipt.c). */
kd_status rec_deliver(const kd_treaty *t, kd_said *said, size_t count, const kd_allocator *from);

/* ---- Order (order.c) ------------------------------------------------------------------------------------*/

/* When a statement does something: at its receipt, or when what a field tells occurs. */
typedef struct rec_moment {
    kd_instant at;
    uint32_t statement;
    int16_t what; /* the field that tells when it occurs, or REC_RECEIPT */
    bool day_only;
} rec_moment;

#define REC_RECEIPT INT16_MAX /* sorts after the occurrences of the same second and statement */

/* By (second, an hour before none, Party, index, occurrences before the receipt). */
int rec_moment_order(const kd_said *said, const rec_moment *a, const rec_moment *b);
/* Sorts; linear where the runs are long, as books are. False when there is no memory. */
bool rec_moments_sort(const kd_said *said, rec_moment *m, size_t count, const kd_allocator *from);

/* ---- The timeline (timeline.c)
 * ---------------------------------------------------------------------------------
 *
 * Time points one after the other, of three sources: changes of what the record is complete for, receipts,
 * occurrences. */
typedef struct rec_feeds { /* of a notice */
    uint32_t first, count;
    bool at_receipt;
} rec_feeds;

typedef struct rec_change {
    kd_instant at;
    int sign;
    kd_value row[2];
} rec_change;

typedef struct rec_timeline {
    const kd_record *record;
    const kd_program *program;
    const kd_allocator *from;
    const uint32_t *only; /* NULL: all */
    size_t limit;         /* statements that are known, counted along `only` */
    rec_feeds *feeds;     /* per notice */
    /* Per statement the one whose fields count, REC_NONE for a correction. NULL: each its own. */
    uint32_t *effective;
    rec_change *changes;
    size_t change_count, change_room, next_change;
    rec_moment *occurrences;
    size_t occurrence_count, occurrence_room, next_occurrence;
    size_t next_receipt;
    kd_event *events; /* of the time point at hand */
    size_t event_room;
    kd_value *rows; /* that events point into */
    size_t row_room;
} rec_timeline;

kd_status rec_timeline_open(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                            const kd_allocator *from, rec_timeline *out);
void rec_timeline_close(rec_timeline *t);
/* The next time point up to `end`; *count is 0 when there is none. `receipts` false leaves receipts and
 * changes of completeness out, and occurrences told by statements received after `told_by`. */
kd_status rec_timeline_next(rec_timeline *t, kd_instant end, bool receipts, kd_instant told_by,
                            kd_instant *at, size_t *count);
/* Number of the i-th statement along the timeline's choice. */
uint32_t rec_timeline_statement(const rec_timeline *t, size_t i);

/* The origin of events that say what the record is complete for: no statement's number. */
#define REC_SILENCE (REC_NONE - 1)

/* ---- Rows over time (spans.c) ---------------------------------------------------------------------------*/

#define REC_SPAN_WIDTH 9

typedef struct rec_span {
    kd_instant since, until; /* until: KD_NEVER while it holds */
    uint64_t hash;
    uint64_t point; /* of the engine, at which it came */
    uint32_t sink;
    uint32_t depth; /* how often it was said to hold */
    uint8_t width;
    uint8_t state; /* rec_span_state */
    kd_value row[REC_SPAN_WIDTH];
    kd_value
        heard[REC_SPAN_WIDTH]; /* the engine's row of that time point: of a breach that goes on, its first */
} rec_span;

typedef enum rec_span_state { REC_FREE, REC_HOLDS, REC_CLOSING, REC_OVER } rec_span_state;

typedef struct rec_slots { /* numbers plus one of spans, by hash; 0 is empty */
    uint32_t *slots;
    size_t room, used;
} rec_slots;

typedef struct rec_spans {
    const kd_allocator *from;
    rec_span *all;
    size_t count, room;
    uint32_t *unused; /* numbers of free ones */
    size_t unused_count, unused_room;
    uint32_t *lately; /* closed at the second `now`: what comes back within it was never away */
    size_t lately_count, lately_room;
    kd_instant now;
    rec_slots holding; /* holding and closing ones, by sink and row */
    rec_slots last;    /* the last kept row of each (sink, rule, Party) */
    bool failed;       /* out of memory: nothing more is taken in */
} rec_spans;

void rec_spans_open(rec_spans *s, const kd_allocator *from);
void rec_spans_close(rec_spans *s);
/* A row came, or went, at a second that is not before any earlier one. `since`, when it is not KD_NEVER, is
 * when it began; `point` is the engine's time point. */
void rec_spans_came(rec_spans *s, uint32_t sink, const kd_value *row, unsigned width, kd_instant at,
                    kd_instant since, uint64_t point);
void rec_spans_went(rec_spans *s, uint32_t sink, const kd_value *row, unsigned width, kd_instant at);
bool rec_spans_holds(const rec_spans *s, uint32_t sink, const kd_value *row, unsigned width);
/* When the pending row of the same rule, Party and instance that was closed at this very second began;
 * KD_NEVER. */
kd_instant rec_spans_pending_since(const rec_spans *s, uint32_t sink, const kd_value *verdict, kd_instant at);
/* The run is over: drops what is not worth keeping. */
void rec_spans_end(rec_spans *s);

/* ---- Replay ---------------------------------------------------------------------------------------------*/

/* kd_replay with a program that was compiled before, of the record's treaty and symbols. */
kd_status rec_replay(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                     kd_arena *arena, const kd_allocator *from, kd_history **out, kd_error *e);

/* The same, and the statements that force a finding, as the engine tells (kd_engine_why): ascending, in the arena,
 * with the corrections whose fields stand in for theirs. None when the finding is not there. */
typedef struct rec_why {
    const kd_verdict *of;
    uint32_t *statements;
    size_t count;
} rec_why;
kd_status rec_replay_why(const kd_record *r, const kd_program *program, const kd_replay_options *o,
                         kd_arena *arena, const kd_allocator *from, rec_why *why, kd_error *e);

/* Spans become a history (history.c). */
kd_status rec_history_make(kd_history *h, const rec_spans *s, kd_arena *arena, const kd_allocator *from);
/* Sorts dues and takes out repeated ones. */
void rec_dues_settle(kd_history *h);
/* Numbers the findings of one rule, Party and day (id.c). False when there is no memory. */
bool rec_ordinals(kd_history *h, const kd_allocator *from);

/* Name of the Party in ids and messages: "both" for both. */
kd_str rec_party_name(const kd_treaty *t, uint32_t party);

#endif

/* engine.h: a circuit of incremental operators over relations in time.
 *
 * The engine knows nothing of treaties, syntax or files. A caller builds a plan, node by node; opens an
 * engine on it; pushes time points; and hears, through sinks, which rows came and went.
 *
 * A relation is one of two kinds:
 *
 *      pulse   rows that hold at one time point only        inspection(US)  .  .  |  .  .  .  |  .
 *      level   rows that hold until changed                 in_force()      .  .  |###########|  .
 *
 * A pulse travels as rows, a level as insertions (+1) and deletions (-1) of rows. A level may hold a row more
 * than once inside the circuit (projection makes such rows); DISTINCT makes it a set. A level read at a time
 * point is read as it stands after that time point's own changes, as metric temporal logic has it (Basin et
 * al., JACM 2015): `A SINCE B` holds at B's own time point.
 *
 *      input ─▶ select ─▶ hold ─▶ antijoin ─▶ timer ─▶ hold ─▶ sink
 *                                    ▲
 *                 input ─▶ latest ───┘            a node sleeps until its input or its own timer wakes it
 *
 * Work is proportional to what arrives, expires and goes out, never to what is kept. An idle node costs
 * nothing.
 *
 * Values are 64-bit integers: counts, symbols (kd_symbols), instants in seconds, small enumerations.
 * KD_ABSENT stands for a value that was not given: arithmetic on it gives KD_ABSENT, every comparison with it
 * is false. As a join's or a group's key it is a value like any other.
 *
 * docs/engine.md has a worked example and what each operator keeps and costs.
 */
#ifndef KADESH_ENGINE_H
#define KADESH_ENGINE_H

#include "kadesh/base.h"

typedef int64_t kd_value;
#define KD_ABSENT INT64_MIN
#define KD_NEVER  INT64_MAX /* an instant after all others: no timer is set for it */

#define KD_WIDTH_MAX 24 /* columns of a row at most */

/* ---- The plan ---------------------------------------------------------------------------------------------
 *
 * A plan is a graph without cycles; a node's inputs are made before it. Asking for an operator that is
 * already there over the same inputs gives the same node (hash-consing), so two ways of counting share all
 * that they agree on. */
typedef struct kd_plan kd_plan;
typedef uint32_t kd_node; /* 0 is no node */
typedef uint32_t kd_expr; /* an expression over the columns of one row; 0 is no expression */

typedef enum kd_kind { KD_PULSE, KD_LEVEL } kd_kind;

kd_status kd_plan_open(const kd_allocator *from, kd_plan **out);
void kd_plan_close(kd_plan *p); /* NULL is fine; engines on it must be closed before */

/* Every builder below returns 0 when it cannot build: out of memory, a column that is not there, kinds that
 * do not fit, a node that is not there (as 0). The first failure is kept; this tells it (KD_OK when there was
 * none), and no engine opens on a plan that has one. */
kd_status kd_plan_error(const kd_plan *p, kd_error *e);

kd_kind kd_plan_kind(const kd_plan *p, kd_node n);
unsigned kd_plan_width(const kd_plan *p, kd_node n);
size_t kd_plan_size(const kd_plan *p); /* nodes, for --stats */
/* A name for errors and explanations, such as the article and line that a node comes from; copied. The first
 * stays. */
void kd_plan_label(kd_plan *p, kd_node n, kd_str label);

/* Expressions. Instants are seconds; a date is the instant at which its day begins. Overflow, a date outside
 * years 1 to 9999 and a period of no length are errors at run time that name the node's label and the time
 * point, never a wrong number. Absent and 0 are not true, all else is. AND, OR, IF and OR_ELSE compute only
 * the operands that they need. In calendar operators KD_NEVER stays KD_NEVER. At most 4,096 steps, 1,000
 * deep. */
typedef enum kd_op {
    KD_X_ADD,
    KD_X_SUB,
    KD_X_MUL,
    KD_X_MAX,
    KD_X_MIN,
    KD_X_EQ,
    KD_X_NE,
    KD_X_LT,
    KD_X_LE,
    KD_X_GT,
    KD_X_GE, /* 1 or 0; 0 when either side is absent */
    KD_X_AND,
    KD_X_OR,
    KD_X_NOT,
    KD_X_IF,         /* a ? b : c */
    KD_X_IS_ABSENT,  /* 1 when a is absent */
    KD_X_OR_ELSE,    /* a, or b when a is absent */
    KD_X_NOW,        /* instant of the time point; no operands; not allowed in a level's select or map */
    KD_X_DAY_BEGIN,  /* 00:00:00 of the day of instant a */
    KD_X_DAY_END,    /* 23:59:59 of the day of instant a */
    KD_X_ADD_DAYS,   /* instant a moved by b days, same hour */
    KD_X_ADD_MONTHS, /* instant a moved by b calendar months, same hour, last day of a shorter month */
    KD_X_PERIOD,     /* begin of the period of b months, counted from instant c, in which instant a falls */
    KD_X_PERIOD_DAYS /* the same with periods of b days */
} kd_op;

kd_expr kd_plan_column(kd_plan *p, unsigned column);
kd_expr kd_plan_value(kd_plan *p, kd_value v);
kd_expr kd_plan_op(kd_plan *p, kd_op op, kd_expr a, kd_expr b, kd_expr c); /* unused operands are 0 */

/* Columns a.x = b.y of a join; `count` pairs, 0 for a product with a level of few rows. */
typedef struct kd_on {
    unsigned left, right;
} kd_on;

/* Seconds, both ends included; high may be KD_NEVER. */
typedef struct kd_interval {
    int64_t low, high;
} kd_interval;

/* Boundaries anchor + k * (months, or days), k = 0, 1, ...; no boundary after `until` (KD_NEVER: for ever).
 * Exactly one of months and days is above 0. */
typedef struct kd_schedule {
    kd_instant anchor;
    int64_t months, days;
    kd_instant until;
} kd_schedule;

typedef enum kd_fold { KD_COUNT, KD_SUM, KD_LEAST, KD_GREATEST } kd_fold;

/* Sources. An input's rows come from kd_engine_push; a second input of one name is the same node (and a
 * failure when it is of another kind or width). */
kd_node kd_plan_input(kd_plan *p, kd_str name, kd_kind kind, unsigned width);
/* A level of fixed rows, there from before the first time point: it never rises, and its timers fire at their
 * instants even when those lie before the first push. */
kd_node kd_plan_constant(kd_plan *p, const kd_value *rows, size_t count, unsigned width);
/* Pulse (begin of the period that ends or KD_ABSENT at the first, begin of the period that begins, begin of
 * the next), at each boundary, by the engine's own timer. Each is counted from the anchor and keeps its hour;
 * the begin of the next is told even when it lies after `until`, and is KD_NEVER when it lies beyond year
 * 9999. */
kd_node kd_plan_schedule(kd_plan *p, kd_schedule s);

/* Row by row; pulse or level, the kind stays. */
kd_node kd_plan_select(kd_plan *p, kd_node in, kd_expr condition);
kd_node kd_plan_map(kd_plan *p, kd_node in, const kd_expr *columns, unsigned count);

/* a's columns, then b's. Pulse with pulse: rows of one time point. Pulse with level: the level is probed.
 * Level with level: kept on both sides. Copies multiply. */
kd_node kd_plan_join(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count);
/* Rows of a that match no row of b. b: level (or pulse when a is a pulse). */
kd_node kd_plan_antijoin(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count);
kd_node kd_plan_union(kd_plan *p, kd_node a, kd_node b); /* same kind and width */
kd_node kd_plan_distinct(kd_plan *p, kd_node in);

/* From pulses to levels. `keys` are columns that identify a row; the rest are carried along.
 *
 * HOLD     a row holds from its `begin` pulse until an `end` pulse with the same keys (end's columns are the
 *          keys in order): NOT end SINCE begin. A begin while it holds changes nothing; both at one time
 *          point: begin wins (what held ends, the new row holds). Of two begins at one time point the first
 *          pushed counts.
 * LATEST   per key the row of the newest pulse; with two at one time point, the later in the order they were
 *          pushed, whichever way they came.
 * ONCE     a row holds while some pulse of it is between low and high seconds old. Keys: all columns.
 * SINCE    ONCE of b's rows, while pulses a (matched on `on`) came at every time point after b's
 *          (negated = false) or at none (negated = true).
 *
 * The time points of timers are between those of a log: SINCE does not ask for a at them (an a that comes at
 * one ends a negated SINCE all the same), and PREVIOUS looks from a pushed time point to the pushed one
 * before it. */
kd_node kd_plan_hold(kd_plan *p, kd_node begin, kd_node end, const unsigned *keys, unsigned count);
kd_node kd_plan_latest(kd_plan *p, kd_node in, const unsigned *keys, unsigned count);
kd_node kd_plan_once(kd_plan *p, kd_node in, kd_interval within);
kd_node kd_plan_since(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count, kd_interval within,
                      bool negated);
/* Pulse: the previous time point's rows of a pulse when its gap lies within the interval. */
kd_node kd_plan_previous(kd_plan *p, kd_node in, kd_interval within);

/* From levels to pulses: RISE and FALL give the rows that came or went at this time point (as a set: a row
 * that was there before and still is gives nothing). TIMER gives a row at the instant that its column `due`
 * holds, if it is still there then: an obligation is a level, and what its timer finds left is overdue. A row
 * whose instant has already passed when it comes fires at once, at a time point of its own at the same
 * instant. Absent and KD_NEVER: no timer. */
kd_node kd_plan_rise(kd_plan *p, kd_node in);
kd_node kd_plan_fall(kd_plan *p, kd_node in);
kd_node kd_plan_timer(kd_plan *p, kd_node in, unsigned due);

/* Folds give a level (group columns, value). A group without rows has no row. Multiplicities count. AGGREGATE
 * folds the rows that a level holds now, ACCUMULATE all that a pulse ever gave (state per group, not per
 * row). KD_COUNT ignores `column`. Rows whose column is absent are left out. */
kd_node kd_plan_aggregate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                          unsigned column);
kd_node kd_plan_accumulate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                           unsigned column);

/* What the caller wants to hear of, under a number that several nodes may share. A level is heard as a set,
 * each node by itself. */
void kd_plan_sink(kd_plan *p, kd_node in, uint32_t id);

/* ---- Running --------------------------------------------------------------------------------------------*/

typedef struct kd_engine kd_engine;

/* The events that a row rests on, followed through the circuit: joins rest on both sides, folds on all that
 * they fold, a SINCE b on b and one a of each time point, ONCE and LATEST on the newest pulse, an absence on
 * nothing. A row that is there for several reasons rests on the oldest that still stands; what its reason
 * changes to is not heard. 0 when lineage is off or the row rests on no event. Valid as long as the engine;
 * reasons are not given back before. */
typedef uint32_t kd_reason;

/* A row came (sign +1; a pulse's row always), or went (-1), at the instant `at`. `row` is valid during the
 * call. Within one time point the net change alone is heard, in the order of sink ids, deletions first. Of
 * the engine only kd_engine_origins and kd_engine_statistics may be called from here. */
typedef void (*kd_heard)(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row,
                         unsigned width, kd_reason reason);

typedef struct kd_engine_options {
    const kd_allocator *from; /* NULL: libc */
    size_t ceiling_bytes;     /* memory it may hold; 0: no ceiling. above it KD_NOMEM; can still be closed */
    bool lineage;             /* keep reasons */
    kd_heard heard;
    void *ctx;
} kd_engine_options;

/* The plan must outlive the engine. Constants are in place at once and heard at the first time point. */
kd_status kd_engine_open(const kd_plan *p, const kd_engine_options *o, kd_engine **out, kd_error *e);
void kd_engine_close(kd_engine *g); /* NULL is fine */

/* One row for an input. sign is +1, or -1 to take a row out of a level input; to take out what is not there
 * is KD_INVALID. Within one push all rows come before any goes. `origin` names the event for lineage; that of
 * a -1 is not used. */
typedef struct kd_event {
    kd_node input;
    int sign;
    uint32_t origin;
    const kd_value *row;
} kd_event;

/* One time point. Timers due up to and including `at` fire first, each instant a time point of its own; so a
 * deadline whose last second counts is due one second later. `at` must not go back, and is neither KD_ABSENT
 * nor KD_NEVER. After an error the engine can only be closed. */
kd_status kd_engine_push(kd_engine *g, kd_instant at, const kd_event *events, size_t count, kd_error *e);
/* Lets time pass: fires the timers due up to and including `to`. */
kd_status kd_engine_advance(kd_engine *g, kd_instant to, kd_error *e);
kd_instant kd_engine_next_timer(const kd_engine *g); /* KD_NEVER when none is set */

/* Calls `each` for every row that the level sink `id` holds now (sign +1, at the instant the row came), in
 * step with what was heard. The sinks keep their rows for this; nothing else is enumerated. */
void kd_engine_rows(const kd_engine *g, uint32_t id, kd_heard each, void *ctx);

/* The distinct origins that a reason rests on, ascending, at most `room` of them; returns how many there are.
 * */
size_t kd_engine_origins(const kd_engine *g, kd_reason r, uint32_t *origins, size_t room);

typedef struct kd_engine_stats {
    uint64_t time_points, events, timers_fired, rows_moved;
    uint64_t nodes_run; /* how often a node was woken: an idle one never is */
    size_t live_rows, bytes;
} kd_engine_stats;
kd_engine_stats kd_engine_statistics(const kd_engine *g);

#endif

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
    KD_X_IF,          /* a ? b : c */
    KD_X_IS_ABSENT,   /* 1 when a is absent */
    KD_X_OR_ELSE,     /* a, or b when a is absent */
    KD_X_NOW,         /* instant of the time point; no operands; not allowed in a level's select or map */
    KD_X_DAY_BEGIN,   /* 00:00:00 of the day of instant a */
    KD_X_DAY_END,     /* 23:59:59 of the day of instant a */
    KD_X_ADD_DAYS,    /* instant a moved by b days, same hour */
    KD_X_ADD_MONTHS,  /* instant a moved by b calendar months, same hour, last day of a shorter month */
    KD_X_PERIOD,      /* begin of the period of b months, counted from instant c, in which instant a falls */
    KD_X_PERIOD_DAYS, /* the same with periods of b days */
    KD_X_INDEX,       /* number of the time point, from 0; as KD_X_NOW */
    KD_X_DIV,         /* toward zero; by 0 an error */
    KD_X_MOD,         /* sign of a; by 0 an error */
    KD_X_NEG,
    KD_X_FADD, /* floats: the bits of a double, 0.0 for -0.0 and one NaN for all (kd_float_value) */
    KD_X_FSUB,
    KD_X_FMUL,
    KD_X_FDIV,
    KD_X_FNEG,
    KD_X_FLT, /* 1 or 0; every number is below NaN, NaN equals itself */
    KD_X_FLE,
    KD_X_TO_FLOAT, /* of an integer */
    KD_X_TO_INT    /* of a float, toward zero; infinities and NaN give 0; beyond 64 bits an error */
} kd_op;

kd_value kd_float_value(double d);
double kd_value_float(kd_value v);

kd_expr kd_plan_column(kd_plan *p, unsigned column);
kd_expr kd_plan_value(kd_plan *p, kd_value v);
kd_expr kd_plan_op(kd_plan *p, kd_op op, kd_expr a, kd_expr b, kd_expr c); /* unused operands are 0 */

/* A function that the engine does not have: of texts, patterns, dates of the caller. Fills the results (one, or
 * as many as kd_plan_extend was asked for) and sets *holds (always true for kd_plan_call); KD_NOMEM, or
 * KD_INVALID with a constant text in *complaint. The same arguments give the same results. */
typedef kd_status (*kd_function)(void *ctx, const kd_value *args, kd_value *results, bool *holds,
                                 const char **complaint);
#define KD_ARGS_MAX 12
kd_expr kd_plan_call(kd_plan *p, kd_function f, void *ctx, const kd_expr *args, unsigned count);

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

/* The F folds read floats; AVERAGE and MEDIAN give floats (of an even number the mean of the middle two). A
 * sum of floats is that of its rows up to rounding, whatever went before. */
typedef enum kd_fold {
    KD_COUNT,
    KD_SUM,
    KD_LEAST,
    KD_GREATEST,
    KD_AVERAGE,
    KD_MEDIAN,
    KD_FSUM,
    KD_FLEAST,
    KD_FGREATEST,
    KD_FAVERAGE,
    KD_FMEDIAN
} kd_fold;

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

/* Pulse (index, instant) at every pushed time point. What reads it makes every time point matter. */
kd_node kd_plan_tick(kd_plan *p);

/* Row by row; pulse or level, the kind stays. */
kd_node kd_plan_select(kd_plan *p, kd_node in, kd_expr condition);
kd_node kd_plan_map(kd_plan *p, kd_node in, const kd_expr *columns, unsigned count);

/* The row and `results` columns more, of each row for which f holds. */
kd_node kd_plan_extend(kd_plan *p, kd_node in, kd_function f, void *ctx, const kd_expr *args, unsigned count,
                       unsigned results);

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
/* The rows of the previous time point, when the gap to it lies within the interval; NEXT those of the next.
 * PREVIOUS keeps the kind; NEXT gives a pulse, of a level its rows at every time point. */
kd_node kd_plan_previous(kd_plan *p, kd_node in, kd_interval within);
kd_node kd_plan_next(kd_plan *p, kd_node in, kd_interval within);

/* In log time (kd_engine_options.log_time) alone, and there a and b, as those of ONCE and SINCE, may be levels
 * too:
 *
 * EVENTUALLY   a row holds at a time point while some pulse of it comes between low and high seconds later.
 *              high is not KD_NEVER.
 * UNTIL        EVENTUALLY of b's rows, while a (matched on `on`) holds at every time point from then until
 *              just before b's (negated = false) or at none (negated = true).
 *
 * What reads them runs later: each time point is answered at the first pushed one that decides it. */
kd_node kd_plan_eventually(kd_plan *p, kd_node in, kd_interval within);
kd_node kd_plan_until(kd_plan *p, kd_node a, kd_node b, const kd_on *on, unsigned count, kd_interval within,
                      bool negated);

/* Past recursion, in log time: FEEDBACK is a pulse with the rows that `body` has at the same time point, for
 * plans that look at it through PREVIOUS, or through ONCE or b of SINCE with low > 0, alone (else the plan
 * fails): so body, made of it, rests on earlier time points only. kd_plan_feed ties the two, once. */
kd_node kd_plan_feedback(kd_plan *p, unsigned width);
void kd_plan_feed(kd_plan *p, kd_node feedback, kd_node body);

/* Regular expressions over time points (MFODL, Basin et al., IJCAR 2020), in log time. The states are 0 ..
 * states-1, 0 the first, states-1 the last. A step goes to the next time point; a test stays at its own, and
 * holds for the rows of its node; a jump costs nothing. Pulse with the columns of `width`, at every time point:
 * the rows that meet every test on a way from the first state to the last: ending now and begun between low
 * and high seconds ago (forward = false), or beginning now and ended between low and high seconds later (true;
 * high not KD_NEVER). The columns of a test's node are those of the whole row that `columns` names; a test with
 * `negated` holds where no row of its node matches. Every way has tests that name every column, not negated, so
 * that the rows are finite; the columns of all negated tests are bound on every way before them, or (forward)
 * on every way after them. At most 256 moves. */
typedef struct kd_move {
    unsigned from, to;
    enum { KD_MOVE_STEP, KD_MOVE_TEST, KD_MOVE_JUMP } what;
    kd_node test;
    const unsigned *columns; /* kd_plan_width(test) of them */
    bool negated;
} kd_move;
kd_node kd_plan_match(kd_plan *p, const kd_move *moves, unsigned count, unsigned states, unsigned width,
                      kd_interval within, bool forward);

/* From levels to pulses: RISE and FALL give the rows that came or went at this time point (as a set: a row
 * that was there before and still is gives nothing). TIMER gives a row at the instant that its column `due`
 * holds, if it is still there then: an obligation is a level, and what its timer finds left is overdue. A row
 * whose instant has already passed when it comes fires at once, at a time point of its own at the same
 * instant. Absent and KD_NEVER: no timer. */
kd_node kd_plan_rise(kd_plan *p, kd_node in);
kd_node kd_plan_fall(kd_plan *p, kd_node in);
kd_node kd_plan_timer(kd_plan *p, kd_node in, unsigned due);

/* Folds give a level (group columns, value); AGGREGATE of a pulse gives a pulse: its rows of one time point. A
 * group without rows has no row. Multiplicities count. AGGREGATE
 * folds the rows that a level holds now, ACCUMULATE all that a pulse ever gave (state per group, not per
 * row). KD_COUNT ignores `column`. Rows whose column is absent are left out. */
kd_node kd_plan_aggregate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                          unsigned column);
kd_node kd_plan_accumulate(kd_plan *p, kd_node in, const unsigned *group, unsigned count, kd_fold f,
                           unsigned column);

/* What the caller wants to hear of, under a number that several nodes may share. A level is heard as a set,
 * each node by itself. */
void kd_plan_sink(kd_plan *p, kd_node in, uint32_t id);
/* The nodes that are heard under a number, one after the other from i = 0; 0 when there are no more. */
kd_node kd_plan_heard(const kd_plan *p, uint32_t id, size_t i);

/* In log time: the rows that `in` has at each time point, told through kd_engine_options.verdicts in the order
 * of the time points. One a plan. */
void kd_plan_watch(kd_plan *p, kd_node in);

/* ---- Running --------------------------------------------------------------------------------------------*/

typedef struct kd_engine kd_engine;

/* A row came (sign +1; a pulse's row always), or went (-1), at the instant `at`. `row` is valid during the
 * call. Within one time point the net change alone is heard, in the order of sink ids, deletions first. Of
 * the engine only kd_engine_time_point and kd_engine_statistics may be called from here. */
typedef void (*kd_heard)(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row,
                         unsigned width);

/* Log time: the rows that the watched node has at a time point (number `index`, from 0), as soon as that is
 * decided; in no order, and a row of a pulse may be there twice. Called once for every pushed time point, in
 * order, also when there are none (count 0) unless quiet_verdicts. KD_OK, or what kd_engine_push is to
 * return. */
typedef kd_status (*kd_verdicts)(void *ctx, uint64_t index, kd_instant at, const kd_value *rows,
                                 size_t count);

typedef struct kd_engine_options {
    const kd_allocator *from; /* NULL: libc */
    size_t ceiling_bytes;     /* memory it may hold; 0: no ceiling. above it KD_NOMEM; can still be closed */
    bool trace;           /* keep what every node gave out, for kd_engine_why; memory grows with the log */
    bool log_time;        /* the pushed time points are all there are: nothing happens between them */
    bool quiet_verdicts;  /* log time: `verdicts` is called only where there are rows */
    bool eager;           /* log time: a verdict is told as soon as what is known decides it, at some cost */
    kd_heard heard;       /* may be NULL */
    kd_verdicts verdicts; /* may be NULL */
    void *ctx;
} kd_engine_options;

/* The plan must outlive the engine. Constants are in place at once and heard at the first time point. */
kd_status kd_engine_open(const kd_plan *p, const kd_engine_options *o, kd_engine **out, kd_error *e);
void kd_engine_close(kd_engine *g); /* NULL is fine */

/* One row for an input. sign is +1, or -1 to take a row out of a level input; to take out what is not there
 * is KD_INVALID. Within one push all rows come before any goes. `origin` names the event for kd_engine_why;
 * that of a -1 is not used. */
typedef struct kd_event {
    kd_node input;
    int sign;
    uint32_t origin;
    const kd_value *row;
} kd_event;

/* Rows of one time point, side by side. */
typedef struct kd_batch {
    kd_value *rows;
    int64_t *counts;  /* of a level: copies that come, or go when below 0; a row may be there several times */
    uint32_t *orders; /* of a pulse whose plan asks which row was pushed first: place of the pushed event */
    size_t n, room;   /* in rows */
    unsigned width;   /* values of a row */
} kd_batch;

/* One time point. Timers due up to and including `at` fire first, each instant a time point of its own; so a
 * deadline whose last second counts is due one second later. `at` must not go back, and is neither KD_ABSENT
 * nor KD_NEVER. After an error the engine can only be closed. */
kd_status kd_engine_push(kd_engine *g, kd_instant at, const kd_event *events, size_t count, kd_error *e);
/* Log time: the same without copying: the rows of a pulse input at the next time point, put where they stay; then
 * the time point itself. For readers of logs; not with trace. The batch is the engine's, stays at its place as long
 * as the engine, and is empty again after the time point. NULL when the node is no such input. */
kd_batch *kd_engine_batch(kd_engine *g, kd_node input);
bool kd_engine_grow(kd_engine *g, kd_batch *b); /* room for more rows; false: no memory */
/* Room for one more row, to be filled at once; NULL when there is no memory. */
static inline kd_value *kd_batch_put(kd_engine *g, kd_batch *b) {
    if (b->n == b->room && !kd_engine_grow(g, b)) return NULL;
    if (b->orders) b->orders[b->n] = (uint32_t)b->n;
    return b->rows + b->n++ * b->width;
}
kd_status kd_engine_point(kd_engine *g, kd_instant at, kd_error *e);
/* Log time: `count` time points without any event, the last at `at`, the one before it at `before` (of one: not
 * looked at): as that many pushes of nothing, if all lie before kd_engine_quiet_until. Else, and with several
 * stages, it is as if those but the last lay at `at` as well, which is right where nobody measures from them. */
kd_status kd_engine_pass(kd_engine *g, kd_instant before, kd_instant at, uint64_t count, kd_error *e);
/* Time points without any event, up to this instant (itself not included), are only counted: KD_NEVER when all
 * are, KD_ABSENT when none. Valid until the next time point. */
kd_instant kd_engine_quiet_until(const kd_engine *g);
/* Log time: the log has ended. One more time point is supposed, empty, at an infinitely late instant; it
 * gets no verdict itself, but decides all others. */
kd_status kd_engine_finish(kd_engine *g, kd_error *e);
/* Lets time pass: fires the timers due up to and including `to`. Not in log time. */
kd_status kd_engine_advance(kd_engine *g, kd_instant to, kd_error *e);
kd_instant kd_engine_next_timer(const kd_engine *g); /* KD_NEVER when none is set */
/* The number of the time point that runs or ran last, timers' own included: from 0 as kd_engine_why counts. */
uint64_t kd_engine_time_point(const kd_engine *g);

/* Calls `each` for every row that the level sink `id` holds now (sign +1, at the instant the row came), in
 * step with what was heard. The sinks keep their rows for this; nothing else is enumerated. */
void kd_engine_rows(const kd_engine *g, uint32_t id, kd_heard each, void *ctx);

/* Pending duties: each row of a timer that has not fired, with the instant at which it will; in log time each
 * row that waits for what comes later, with the last instant that can still matter to it (KD_NEVER when only
 * the number of time points counts). The node is the timer, or the node whose rows wait. In the order of nodes,
 * then instants. */
typedef void (*kd_pending)(void *ctx, kd_node node, kd_instant since, kd_instant until, const kd_value *row,
                           unsigned width);
void kd_engine_pending(const kd_engine *g, kd_pending each, void *ctx);

/* State as bytes: everything but the plan, versioned, with a check sum and the plan's own sum, in one order of
 * bytes for every machine. `put` gets pieces; what it returns other than KD_OK ends the saving. Loading opens
 * an engine: KD_INVALID when the bytes are damaged, of another version or of another plan. An engine with
 * trace, one that failed, and one to which rows were put whose time point is still to come are not saved
 * (KD_USAGE). Functions of the caller (kd_plan_call) count by their operands alone: that they are the same is
 * the caller's word. Quick to make and to check, the sums find damage; they are no evidence. */
typedef kd_status (*kd_put)(void *ctx, const void *bytes, size_t n);
kd_status kd_engine_save(const kd_engine *g, kd_put put, void *ctx);
kd_status kd_engine_load(const kd_plan *p, const kd_engine_options *o, const void *bytes, size_t n,
                         kd_engine **out, kd_error *e);

/* Why a node has a row at a time point (number `point`): the origins of a minimal set of events which, pushed
 * alone at their time points, give the row there, and which lack it when any one of them is left out; found
 * by following what the nodes gave out (trace) from the row down. Ascending; at most `room` are written,
 * *count says how many there are. KD_FAILED when the node has no such row there. */
kd_status kd_engine_why(kd_engine *g, kd_node node, uint64_t point, const kd_value *row, uint32_t *origins,
                        size_t room, size_t *count, kd_error *e);

typedef struct kd_engine_stats {
    uint64_t time_points, events, timers_fired, rows_moved;
    uint64_t nodes_run; /* how often a node was woken: an idle one never is */
    size_t live_rows, bytes;
} kd_engine_stats;
kd_engine_stats kd_engine_statistics(const kd_engine *g);

/* A plan's node in one line, without a newline: operator, parameters (columns from 1; a and b are the inputs), kind and
 * width, and what it holds. Of the whole plan a tree, a line a node, from the watched node and the sinks down to the
 * inputs; a node that is there twice is shown once and then named by its number, which is the engine's. */
void kd_engine_describe(const kd_engine *g, kd_node n, kd_text *out);
void kd_engine_explain(const kd_engine *g, kd_text *out);

#endif

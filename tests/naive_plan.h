/* naive_plan.h: plans evaluated by the letter of their definitions, from the full history, at every time
 * point.
 *
 * Slow and plain on purpose: relations are lists, everything is searched from the beginning, nothing is kept
 * but what was said before. It shares no file with the engine; only the public types of <kadesh/engine.h> are
 * common. */
#ifndef NAIVE_PLAN_H
#define NAIVE_PLAN_H

#include <kadesh/engine.h>

#define NAIVE_WIDTH    6   /* columns of a row at most */
#define NAIVE_NODES    16  /* nodes of a plan at most */
#define NAIVE_EXPRS    6   /* columns of a map at most */
#define NAIVE_TERMS    24  /* terms of a plan's expressions, of all nodes together, per node */
#define NAIVE_TOO_MANY 300 /* rows of a relation; beyond it a case is given up */

typedef enum naive_kind {
    NAIVE_INPUT,
    NAIVE_CONSTANT,
    NAIVE_SCHEDULE,
    NAIVE_SELECT,
    NAIVE_MAP,
    NAIVE_JOIN,
    NAIVE_ANTIJOIN,
    NAIVE_UNION,
    NAIVE_DISTINCT,
    NAIVE_HOLD,
    NAIVE_LATEST,
    NAIVE_ONCE,
    NAIVE_SINCE,
    NAIVE_PREVIOUS,
    NAIVE_RISE,
    NAIVE_FALL,
    NAIVE_TIMER,
    NAIVE_AGGREGATE,
    NAIVE_ACCUMULATE,
    NAIVE_KINDS
} naive_kind;

/* A term: an operator over earlier terms of the same node, a column, or a value. */
typedef struct naive_term {
    enum { TERM_OP, TERM_COLUMN, TERM_VALUE } what;
    kd_op op;
    int part[3];
    kd_value value; /* or column */
} naive_term;

typedef struct naive_node {
    naive_kind kind;
    kd_kind relation;
    unsigned width;
    int in[2];
    kd_on on[2];
    unsigned on_count;
    unsigned keys[NAIVE_WIDTH], key_count; /* of hold, latest; groups of a fold */
    kd_interval within;
    bool negated; /* of a fold: its order is turned around */
    kd_fold fold;
    unsigned column; /* folded, or due */
    kd_schedule schedule;
    kd_value rows[4][NAIVE_WIDTH]; /* of a constant; of a fold: its value of no rows */
    unsigned row_count;
    naive_term terms[NAIVE_TERMS];
    unsigned term_count;
    int columns[NAIVE_EXPRS]; /* terms: the condition of a select, the columns of a map */
} naive_node;

typedef struct naive_row {
    kd_value v[NAIVE_WIDTH];
    unsigned order; /* of the pushed event that a pulse's row comes from */
} naive_row;

typedef struct naive_relation {
    naive_row *rows;
    size_t n, room;
} naive_relation;

typedef struct naive_event {
    int input, sign;
    kd_value row[NAIVE_WIDTH];
} naive_event;

typedef struct naive_point {
    kd_instant at;
    bool pushed;
    const naive_event *events;
    size_t event_count;
    naive_relation value[NAIVE_NODES]; /* of every node, at this time point */
} naive_point;

/* points[0] is before the first time point: constants alone are there. */
typedef struct naive {
    const naive_node *nodes;
    unsigned node_count;
    naive_point *points;
    size_t n, room;
    bool unclear; /* rows came at once whose order says nothing, or became too many: the rest means nothing */
} naive;

void naive_open(naive *v, const naive_node *nodes, unsigned count);
void naive_close(naive *v);
/* Lets the timers up to `at` pass, adds the time point, and what it sets off at its own instant. Events must
 * stay. */
void naive_push(naive *v, kd_instant at, const naive_event *events, size_t count);
/* How often the row is there. */
size_t naive_copies(const naive_relation *r, const kd_value *row, unsigned width);

#endif

/* expr.h: expressions over the columns of a row: a shared tree in the plan, a straight list of steps when it
 * runs.
 *
 *      if(col 0 < 5, col 1, 7)      column 0 · value 5 · LT · else→6 · column 1 · go→7 · value 7
 *
 * AND, OR, IF and OR_ELSE leave what they do not need uncomputed, so that a condition can guard against
 * overflow. */
#ifndef ENGINE_EXPR_H
#define ENGINE_EXPR_H

#include "engine/memory.h"
#include <kadesh/engine.h>

#define EXPR_SIZE_MAX   4096 /* steps, shared parts counted as often as they are used */
#define EXPR_HEIGHT_MAX 1000 /* of the tree */
#define EXPR_STACK_MAX  256  /* values waiting */

/* A function of the caller's with its operands. */
typedef struct eng_call {
    kd_function call;
    void *ctx;
    kd_expr args[KD_ARGS_MAX];
    uint32_t count;
} eng_call;

/* A node of the plan's expression graph. */
typedef struct eng_expr {
    uint8_t op; /* kd_op, or one of the two below */
    bool now;   /* reads the time point's instant */
    kd_expr part[3];
    kd_value value; /* of a constant; the number of a column; the hash of a call */
    const eng_call *call;
    uint32_t columns, size, height, stack;
} eng_expr;

enum { EXPR_COLUMN = KD_X_TO_INT + 1, EXPR_VALUE, EXPR_CALL, EXPR_OPS };

/* Operands that an operator takes. */
unsigned eng_expr_arity(unsigned op);
/* Fills in columns, now, size, height and stack of `x` from its parts. */
void eng_expr_measure(const eng_expr *all, eng_expr *x);

typedef struct eng_step {
    uint8_t kind;    /* what to do: see expr.c */
    uint8_t op;      /* which function */
    uint32_t target; /* a step to go on from, or a column */
    kd_value value;
    const eng_call *call;
} eng_step;

/* The time point at which an expression is computed. */
typedef struct eng_moment {
    kd_instant now;
    int64_t index;
} eng_moment;

/* What needs no steps to be run. */
typedef enum eng_code_kind {
    ENG_CODE_STEPS,
    ENG_CODE_COLUMN,
    ENG_CODE_VALUE,
    ENG_CODE_NOW,
    ENG_CODE_INDEX
} eng_code_kind;

typedef struct eng_code {
    eng_step *steps;
    uint32_t count;
    eng_code_kind kind;
    uint32_t column; /* ENG_CODE_COLUMN */
    kd_value value;  /* ENG_CODE_VALUE */
} eng_code;

/* Compiles the expression into steps taken from the arena. KD_NOMEM. */
kd_status eng_code_compile(kd_arena *arena, const eng_expr *all, kd_expr x, eng_code *out);
/* Numbers the columns that it reads anew, from 0 in the order of their first use; columns[i] is what column
 * i was. Gives how many there are. */
unsigned eng_code_pack(eng_code *c, uint8_t columns[KD_WIDTH_MAX]);
/* Computes; `*complaint` is set on KD_INVALID to what went wrong, a constant text. */
kd_status eng_code_run(const eng_code *c, const kd_value *row, const eng_moment *at, kd_value *out,
                       const char **complaint);

/* The same, where the most frequent kinds are computed in place. */
static inline kd_status eng_code_value(const eng_code *c, const kd_value *row, const eng_moment *at,
                                       kd_value *out, const char **complaint) {
    switch (c->kind) {
    case ENG_CODE_COLUMN:
        *out = row[c->column];
        return KD_OK;
    case ENG_CODE_VALUE:
        *out = c->value;
        return KD_OK;
    case ENG_CODE_NOW:
        *out = at->now;
        return KD_OK;
    case ENG_CODE_INDEX:
        *out = at->index;
        return KD_OK;
    default:
        return eng_code_run(c, row, at, out, complaint);
    }
}

static inline bool eng_true(kd_value v) {
    return v != 0 && v != KD_ABSENT;
}

/* KD_X_EQ to KD_X_GE of two values. */
static inline bool eng_compare(unsigned op, kd_value a, kd_value b) {
    if (a == KD_ABSENT || b == KD_ABSENT) return false;
    switch (op) {
    case KD_X_EQ:
        return a == b;
    case KD_X_NE:
        return a != b;
    case KD_X_LT:
        return a < b;
    case KD_X_LE:
        return a <= b;
    case KD_X_GT:
        return a > b;
    default:
        return a >= b;
    }
}

/* Is the expression a comparison of a column with a column or a value? Then with the column on the left. */
typedef struct eng_comparison {
    uint8_t op, left, right;
    bool to_value; /* not with a column `right`, but with: */
    kd_value value;
} eng_comparison;
bool eng_expr_compares(const eng_expr *all, kd_expr x, eng_comparison *out);

#endif

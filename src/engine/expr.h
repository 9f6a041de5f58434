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

typedef struct eng_code {
    eng_step *steps;
    uint32_t count;
    int64_t column; /* the whole of it is this column; -1: it is more */
} eng_code;

/* Compiles the expression into steps taken from the arena. KD_NOMEM. */
kd_status eng_code_compile(kd_arena *arena, const eng_expr *all, kd_expr x, eng_code *out);
/* Computes; `*complaint` is set on KD_INVALID to what went wrong, a constant text. */
kd_status eng_code_run(const eng_code *c, const kd_value *row, const eng_moment *at, kd_value *out,
                       const char **complaint);

static inline bool eng_true(kd_value v) {
    return v != 0 && v != KD_ABSENT;
}

#endif

/* plan.h: the inside of a plan: its nodes, what each was asked for, and the builders' ground.
 *
 * A node is described by its operator, its inputs and a list of words (columns, bounds, expressions: each
 * operator knows the order of its own). Two nodes with the same description are the same node. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "engine/expr.h"
#include "engine/memory.h"
#include <kadesh/engine.h>

typedef struct eng_operator eng_operator;
#define FEEDS_MAX 64 /* recursions in one plan */
typedef struct eng_feed {
    kd_node feedback, body;
} eng_feed;

/* What an operator needs of its inputs to be answered at a time point (place.c). low is words[0], high words[1]. */
typedef enum eng_reach {
    ENG_NOW,        /* them at the same time point */
    ENG_NEXT,       /* them at the next one */
    ENG_AHEAD,      /* them at all time points up to `high` later */
    ENG_EARLIER,    /* as NOW; but where its last input rests on feedback, that at the time point before */
    ENG_EARLIER_LOW /* the same, when low is above 0 */
} eng_reach;

typedef struct plan_node {
    const eng_operator *op;
    kd_node in[2];       /* 0: none */
    const kd_node *more; /* a MATCH's tests */
    uint32_t more_count;
    kd_kind kind;
    unsigned width;
    bool ahead;  /* it, or what it rests on, is answered later than the inputs */
    kd_str name; /* of an input */
    const kd_value *words;
    size_t word_count;
    kd_str label;
    uint32_t hash;
} plan_node;

/* How LEAST and GREATEST compare; as integers when there is no function. */
typedef struct eng_order {
    kd_compare compare;
    void *ctx;
} eng_order;

static inline bool eng_order_less(const eng_order *o, kd_value a, kd_value b) {
    return o->compare ? o->compare(o->ctx, a, b) < 0 : a < b;
}

typedef struct plan_sink {
    kd_node node;
    uint32_t id;
} plan_sink;

/* Numbers of nodes or expressions by hash; 0 is empty. */
typedef struct plan_index {
    uint32_t *slots;
    size_t count; /* a power of two, or 0 */
} plan_index;

struct kd_plan {
    eng_mem mem;
    kd_arena arena;   /* names, labels, words */
    plan_node *nodes; /* nodes[0] is not used */
    size_t node_count, node_room;
    eng_expr *exprs; /* exprs[0] is not used */
    size_t expr_count, expr_room;
    plan_index node_index, expr_index, input_index;
    size_t input_count;
    plan_sink *sinks; /* in the order asked for */
    size_t sink_count, sink_room;
    eng_order *orders;
    size_t order_count, order_room;
    kd_node watched; /* 0: none */
    bool log_time;   /* it has operators that only log time has */
    eng_feed *feeds; /* which body feeds which feedback */
    size_t feed_count, feed_room;
    kd_status failed;
    kd_error error; /* the first failure */
};

/* Keeps the first failure; gives 0, so that a builder can return it. */
kd_node plan_fail(kd_plan *p, kd_status status, const char *reason, const char *format, ...) KD_PRINTF(4, 5);
/* The node of that description, made when there is none yet; its words, name and kind are copied. 0 on
 * failure. */
kd_node plan_add(kd_plan *p, const plan_node *wanted);
/* The rows of a level at every time point, as a pulse; a pulse is itself. What reads it costs the level's size
 * at each. */
kd_node plan_spread(kd_plan *p, kd_node in);
/* The same for an input: fails when there is one of that name and another kind or width. */
kd_node plan_add_input(kd_plan *p, const plan_node *wanted);

#endif

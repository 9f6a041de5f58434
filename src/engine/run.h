/* run.h: the inside of an engine: nodes with their batches, the run loop's bookkeeping, and what an operator
 * is.
 *
 * At a time point every woken node runs once, inputs before those that read them:
 *
 *      push ─▶ input.out ─▶ [select] ─▶ out ─▶ [join] ─▶ out ─▶ sinks ─▶ heard
 *
 * A node reads the batches (`out`) of its inputs and fills its own. A batch lives until the time point's end.
 * */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "engine/match.h"
#include "engine/plan.h"
#include "engine/reason.h"
#include "engine/table.h"
#include "engine/timers.h"

typedef struct eng_batch {
    kd_value *rows;
    eng_mark *marks;
    size_t n, row_room, mark_room; /* row_room in values */
} eng_batch;

typedef struct eng_node eng_node;
struct eng_node {
    const eng_operator *op;
    void *state; /* op->state_bytes, zeroed before open */
    eng_node *in[2];
    const kd_value *words; /* what it was asked for */
    size_t word_count;
    eng_batch out;
    kd_kind kind;
    unsigned width;
    uint32_t id;
    uint32_t first_reader, reader_count; /* in kd_engine.readers */
    uint32_t first_sink, sink_count;     /* in kd_engine.sinks_of */
};

/* An operator is a row of functions. Those that return kd_status give KD_NOMEM, or KD_INVALID with
 * g->complaint set. */
struct eng_operator {
    const char *name;
    size_t state_bytes;
    kd_status (*open)(kd_engine *g, eng_node *n); /* may be NULL */
    void (*close)(kd_engine *g, eng_node *n);     /* may be NULL; copes with an open that failed half way */
    kd_status (*run)(kd_engine *g, eng_node *n);
};

extern const eng_operator eng_op_input_pulse, eng_op_input_level, eng_op_constant, eng_op_schedule,
    eng_op_select, eng_op_map, eng_op_union, eng_op_join_pulses, eng_op_join_probe_right,
    eng_op_join_probe_left, eng_op_join_levels, eng_op_antijoin_pulses, eng_op_antijoin_probe,
    eng_op_antijoin_levels, eng_op_distinct_pulse, eng_op_distinct_level, eng_op_hold, eng_op_latest,
    eng_op_once, eng_op_since_present, eng_op_since_absent, eng_op_previous, eng_op_rise, eng_op_fall,
    eng_op_timer, eng_op_aggregate, eng_op_accumulate;

typedef struct eng_sink {
    uint32_t id;
    const eng_node *node;
    eng_bag rows; /* of a level */
} eng_sink;

struct kd_engine {
    const kd_plan *plan;
    eng_mem mem;
    kd_arena arena; /* nodes and their states */
    kd_engine_options options;
    eng_node *nodes; /* as in the plan: nodes[0] is not used */
    uint32_t node_count, opened;
    eng_node **readers;
    uint32_t *sinks_of;
    eng_sink *sinks; /* by ascending id, then node */
    uint32_t sink_count;
    eng_bits dirty;         /* nodes to run at this time point */
    eng_bits at_next_push;  /* nodes that must run at the next pushed time point whatever comes */
    eng_bits sinks_touched; /* sinks that have something to hear */
    eng_wakes wakes;        /* nodes to run at an instant */
    eng_list emitted;       /* nodes whose batch is not empty */
    eng_reasons reasons;
    eng_match match; /* scratch of the operator that is running */
    kd_instant now;
    uint64_t pushes; /* pushed time points so far: the number of this one while it runs */
    bool opening;    /* constants are being put in place: before the first time point */
    bool pushed;     /* this time point was pushed; else a timer made it */
    kd_status failed;
    const char *complaint, *complaint_word; /* of the operator that gave KD_INVALID */
    kd_engine_stats stats;
};

/* Room for one more row in the node's batch, to be filled by the caller; NULL when there is no memory.
 * Earlier pointers into the batch are void. */
kd_value *eng_emit(kd_engine *g, eng_node *n, int64_t count, kd_reason reason, uint32_t order);
/* The same with a copy of a row, which must not lie in the node's own batch. */
kd_status eng_emit_row(kd_engine *g, eng_node *n, const kd_value *row, int64_t count, kd_reason reason,
                       uint32_t order);

static inline const kd_value *eng_batch_row(const eng_node *n, size_t i) {
    return n->out.rows + i * n->width;
}

/* KD_INVALID with that complaint; both are constant texts, `word` is for kd_error.reason. */
static inline kd_status eng_complain(kd_engine *g, const char *word, const char *complaint) {
    g->complaint_word = word;
    g->complaint = complaint;
    return KD_INVALID;
}

/* The pairs of columns of a join, as build.c wrote them: their number, the left columns, the right ones. */
typedef struct eng_pairs {
    unsigned count;
    uint8_t left[KD_WIDTH_MAX], right[KD_WIDTH_MAX];
} eng_pairs;

static inline void eng_pairs_read(eng_pairs *p, const kd_value *words) {
    p->count = (unsigned)words[0];
    for (unsigned i = 0; i < p->count; i++) {
        p->left[i] = (uint8_t)words[1 + i];
        p->right[i] = (uint8_t)words[1 + p->count + i];
    }
}

/* Both from `reason`, when there is lineage; KD_NOMEM. */
static inline kd_status eng_both(kd_engine *g, kd_reason a, kd_reason b, kd_reason *out) {
    *out = 0;
    return g->options.lineage ? eng_reason_both(&g->reasons, a, b, out) : KD_OK;
}

/* ---- sink.c ---------------------------------------------------------------------------------------------*/

kd_status eng_sinks_open(kd_engine *g);
void eng_sinks_close(kd_engine *g);
/* Takes in what the sinks' nodes gave out and tells the caller; while opening it only takes in. */
kd_status eng_sinks_hear(kd_engine *g, const eng_node **failing); /* the node whose sink failed */

/* ---- source.c -------------------------------------------------------------------------------------------*/

/* Puts a pushed row into an input. KD_INVALID with a complaint when it takes out what is not there. */
kd_status eng_input_take(kd_engine *g, eng_node *n, int sign, const kd_value *row, kd_reason reason,
                         uint32_t order);

#endif

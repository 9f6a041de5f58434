/* run.h: the inside of an engine: nodes with their batches, stages, the run loop's bookkeeping, and what an
 * operator is.
 *
 * At a time point every woken node runs once, inputs before those that read them:
 *
 *      push ─▶ input.out ─▶ [select] ─▶ out ─▶ [join] ─▶ out ─▶ sinks ─▶ heard
 *
 * A node reads the batches (`out`) of its inputs and fills its own. A batch lives until the time point's end.
 *
 * What looks ahead runs later. All nodes that can be answered at the same moment stand on one stage, and each
 * stage has its own place in the log:
 *
 *      log      0   1   2   3   4   5   6   7   8 ...
 *      stage 1          ▲ EVENTUALLY and what reads it: time point 2, once 3 .. 7 are known
 *      stage 0                              ▲ inputs and what looks back only: time point 7
 *
 * What a node gives out is taken by readers on its own stage at once, by others into a queue. */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "engine/match.h"
#include "engine/plan.h"
#include "engine/table.h"
#include "engine/timers.h"

typedef kd_batch eng_batch;
typedef struct eng_stage eng_stage;
typedef struct eng_node eng_node;
typedef struct eng_walk eng_walk;

struct eng_node {
    const eng_operator *op;
    void *state; /* op->state_bytes, zeroed before open */
    eng_node *in[2];
    eng_node **more; /* a MATCH's tests */
    uint32_t more_count;
    const kd_value *words; /* what it was asked for */
    size_t word_count;
    kd_batch out;
    eng_stage *stage;
    kd_kind kind;
    unsigned width;
    uint32_t id;  /* its place in kd_engine.nodes: inputs before those that read them */
    kd_node plan; /* the plan's node that it stands for */
    kd_node head; /* the same, or below it the one whose operator it runs: see tail.h */
    bool counted; /* its batch has counts */
    bool ordered; /* its batch has orders */
    bool at_once; /* an input whose readers all stand on its stage: a row that is put wakes them */
    bool silent;  /* a level whose readers all look rows up: it gives nothing out */
    bool look[2]; /* input k is a level that is looked up, not taken in */
    uint32_t first_reader, reader_count; /* in kd_engine.readers */
    uint32_t first_sink, sink_count;     /* in kd_engine.sinks_of */
    uint32_t look_more;                  /* bit k: more[k] is a level whose rows are read in place */
    uint64_t wakes; /* readers on its own stage, as a set of ids, in an engine of fewer than 64 nodes */
    bool
        wakes_many; /* its readers are to be looked up one by one: there are more nodes, or some stand elsewhere */
};

typedef struct eng_reader {
    eng_node *node;
    unsigned input; /* which of its inputs */
    bool later;     /* on another stage: op->take */
} eng_reader;

/* All rows of a level where it keeps them, for a reader that has an index of its own: entries of a table, in the order
 * in which the rows came, of which those stand whose payload's first word is not below `least`. */
typedef struct eng_rows {
    const eng_table *table; /* no entry of it is free */
    int64_t least;
    uint64_t turn; /* an entry keeps its row until this changes: all that do not stand were swept */
} eng_rows;

static inline bool eng_rows_stands(const eng_rows *r, uint32_t entry) {
    return eng_table_key(r->table, entry)[r->table->key_words] >= r->least;
}

/* How a level lets its rows be looked up in place, so that a reader need keep no copy. `first` gives the first
 * row with that key (the columns that `offers` agreed to, ascending) or ENG_NONE, `next` the others. */
typedef struct eng_lookup {
    /* Before opening: can rows be found by these columns? A yes is binding. */
    bool (*offers)(eng_node *n, const uint8_t *columns, unsigned count);
    /* Brings the level up to the time point, if it did not run. KD_NOMEM. */
    kd_status (*settle)(kd_engine *g, eng_node *n);
    uint32_t (*first)(const eng_node *n, const kd_value *key);
    /* entries[i] = first(n, keys + i * count_of_key_words) for i < count; hashes all, then probes all, so that
     * misses of the cache overlap. May be NULL. */
    void (*first_many)(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries);
    /* Does nothing miss the cache, so that one row after the other is looked up faster? NULL: it may. */
    bool (*near)(const eng_node *n);
    uint32_t (*next)(const eng_node *n, uint32_t entry);
    const kd_value *(*row)(const eng_node *n, uint32_t entry);
    /* Looking ahead, by all columns: is it sure by now that the row will not stand at the time point that the
     * node runs? NULL: never before its time. */
    bool (*never)(const kd_engine *g, const eng_node *n, const kd_value *row);
    /* Before opening, when all readers look rows up: can all its rows be read in place? A yes is binding. NULL: no. */
    bool (*offers_rows)(eng_node *n);
    /* Its rows, once it is settled; with `sweep` those that do not stand go first. KD_NOMEM. */
    kd_status (*rows)(eng_node *n, bool sweep, eng_rows *out);
} eng_lookup;

/* An operator is a row of functions. Those that return kd_status give KD_NOMEM, or KD_INVALID with
 * g->complaint set. */
struct eng_operator {
    const char *name;
    size_t state_bytes;
    kd_status (*open)(kd_engine *g, eng_node *n); /* may be NULL */
    void (*close)(kd_engine *g, eng_node *n);     /* may be NULL; copes with an open that failed half way */
    kd_status (*run)(kd_engine *g, eng_node *n);
    /* What input k gives out at g's time point, when it runs on another stage. NULL: it never does. */
    kd_status (*take)(kd_engine *g, eng_node *n, unsigned k);
    const eng_lookup *lookup; /* may be NULL */
    eng_reach reach;          /* what it needs of its inputs to be answered: see place.c */
    /* Names every piece of its state: to save, load or measure it (walk.h). NULL: it has none. */
    kd_status (*walk)(eng_walk *w, eng_node *n);
    /* Tells of the rows that wait for what comes later (pending.c). NULL: none do. */
    void (*pending)(const kd_engine *g, const eng_node *n, kd_pending each, void *ctx);
};

extern const eng_operator eng_op_input_pulse, eng_op_input_level, eng_op_constant, eng_op_schedule,
    eng_op_tick, eng_op_select, eng_op_map, eng_op_extend, eng_op_union, eng_op_join_pulses,
    eng_op_join_probe_right, eng_op_join_probe_left, eng_op_join_levels, eng_op_antijoin_pulses,
    eng_op_antijoin_probe, eng_op_antijoin_levels, eng_op_distinct_pulse, eng_op_distinct_level, eng_op_hold,
    eng_op_latest, eng_op_once, eng_op_since_present, eng_op_since_absent, eng_op_previous,
    eng_op_previous_level, eng_op_next, eng_op_eventually, eng_op_runs_present, eng_op_runs_absent,
    eng_op_until, eng_op_match_past, eng_op_match_future, eng_op_feedback, eng_op_carry, eng_op_spread,
    eng_op_rise, eng_op_fall, eng_op_once_level, eng_op_once_before, eng_op_timer, eng_op_aggregate,
    eng_op_aggregate_pulse, eng_op_aggregate_window, eng_op_aggregate_extreme, eng_op_accumulate,
    eng_op_join_many, eng_op_join_many_levels;

typedef struct eng_sink {
    uint32_t id;
    const eng_node *node;
    eng_bag rows;   /* of a level */
    uint32_t aside; /* 1 + the sink put aside before this one: see eng_sinks_hear */
} eng_sink;

/* ---- Stages ---------------------------------------------------------------------------------------------*/

/* A stage runs time point i when every need is met: stage `of` has run through i + by; or (ahead) stage `of`
 * has run all time points up to `by` seconds after i's. */
typedef struct eng_stage_need {
    uint32_t of;
    bool ahead;
    int64_t by;
    uint64_t met; /* ahead: all time points before this one are known to be met */
} eng_stage_need;

struct eng_stage {
    uint32_t id;
    uint64_t next;          /* number of the first time point that has not run here */
    kd_instant now, before; /* instants of the time point that runs or ran last, and of the one before it */
    eng_bits dirty;         /* nodes to run at this time point */
    eng_bits at_next;       /* nodes that must run at the next pushed time point whatever comes */
    eng_wakes instants; /* nodes to run at an instant; in log time at the first time point not before it */
    eng_wakes indices;  /* nodes to run at the time point of that number */
    eng_list emitted;   /* nodes whose batch is not empty */
    eng_stage_need *needs;
    uint32_t need_count;
    int64_t reach;  /* seconds ahead that a time point may wait for; KD_NEVER: only how many come counts */
    bool may_hurry; /* its verdicts can be told before all needs are met: early.c */
};

/* The instants of the pushed time points that some stage has yet to run, and of the one before them. */
typedef struct eng_log {
    kd_instant *at;
    size_t head, n, room; /* at[head .. n) */
    uint64_t first;       /* number of the time point at[head] */
} eng_log;

/* The watched node and how far its verdicts were told. */
typedef struct eng_watch {
    eng_node *node;
    eng_bag rows; /* of a level */
    kd_value *set;
    size_t set_room;
    uint64_t
        told; /* number of the first time point not told of; idle when nothing is told of those without rows */
    bool idle;
} eng_watch;

struct kd_engine {
    const kd_plan *plan;
    eng_mem mem;
    kd_arena arena; /* nodes, stages and their states */
    kd_engine_options options;
    eng_node *nodes; /* nodes[0] is not used */
    uint32_t node_count, opened;
    eng_node **inputs; /* of pulses */
    uint32_t input_count;
    uint32_t *node_of; /* by the plan's number: the node that runs for it (a constant may have several) */
    eng_reader *readers;
    uint32_t *sinks_of;
    eng_sink *sinks; /* by ascending id, then node */
    uint32_t sink_count;
    eng_watch watch;
    eng_stage *stages;
    uint32_t stage_count;
    bool circular;          /* there is feedback: stages wait for each other in turns */
    eng_log log;            /* used when there are several stages */
    eng_bits sinks_touched; /* sinks that have something to hear */
    eng_match match;        /* scratch of the operator that is running */
    struct eng_trace *trace;
    eng_stage *stage;       /* that runs */
    kd_instant now, before; /* its time point, and the one before it */
    uint64_t index;         /* number of that time point among the pushed, from 0 */
    uint64_t points;        /* pushed so far */
    bool opening;           /* constants are being put in place: before the first time point */
    bool pushed;            /* this time point was pushed; else a timer made it */
    bool ended;             /* log time: the last, supposed time point was added */
    kd_status failed;
    bool hurried, undecided; /* early.c: a time point is tried before its needs are met; it is not decided */
    const char *complaint, *complaint_word; /* of the operator that gave KD_INVALID */
    kd_engine_stats stats;
};

/* ---- What operators do ----------------------------------------------------------------------------------*/

/* Room for one more row in the node's batch, to be filled by the caller; NULL when there is no memory.
 * Earlier pointers into the batch are void. */
static inline kd_value *eng_emit(kd_engine *g, eng_node *n, int64_t count, uint32_t order) {
    kd_batch *b = &n->out;
    if (b->n == b->room && !kd_engine_grow(g, b)) return NULL;
    if (n->counted) b->counts[b->n] = count;
    if (n->ordered) b->orders[b->n] = order;
    return b->rows + b->n++ * n->width;
}

/* The same with a copy of a row, which must not lie in the node's own batch. */
static inline kd_status eng_emit_row(kd_engine *g, eng_node *n, const kd_value *row, int64_t count,
                                     uint32_t order) {
    kd_value *to = eng_emit(g, n, count, order);
    if (!to) return KD_NOMEM;
    eng_copy(to, row, n->width);
    return KD_OK;
}

static inline const kd_value *eng_batch_row(const eng_node *n, size_t i) {
    return n->out.rows + i * n->width;
}
static inline int64_t eng_batch_count(const eng_node *n, size_t i) {
    return n->counted ? n->out.counts[i] : 1;
}
static inline uint32_t eng_batch_order(const eng_node *n, size_t i) {
    return n->ordered ? n->out.orders[i] : 0;
}

static inline void eng_wake_at(eng_node *n, kd_instant at) { /* KD_NEVER: not at all */
    eng_wakes_set(&n->stage->instants, n->id, at);
}
static inline void eng_wake_index(eng_node *n, uint64_t index) { /* UINT64_MAX: not at all */
    eng_wakes_set(&n->stage->indices, n->id, index < INT64_MAX ? (int64_t)index : KD_NEVER);
}
static inline void eng_wake_next(eng_node *n) {
    eng_bits_set(&n->stage->at_next, n->id);
}

/* A row looked for ahead of its time was not found: may it still come? Then the time point is not decided. */
static inline bool eng_is_open(kd_engine *g, const eng_node *b, const kd_value *row) {
    bool closed = b->op->lookup->never && b->op->lookup->never(g, b, row);
    g->undecided |= !closed;
    return !closed;
}

/* t + seconds, or never when that is beyond all instants. */
static inline kd_instant eng_later(kd_instant t, int64_t seconds) {
    kd_instant sum;
    return __builtin_add_overflow(t, seconds, &sum) ? KD_NEVER : sum;
}
/* Seconds from t to u, t not after u; beyond 63 bits, or when u is never, KD_NEVER: within no interval but
 * those that never end. */
static inline int64_t eng_gap(kd_instant t, kd_instant u) {
    int64_t gap;
    return u == KD_NEVER || __builtin_sub_overflow(u, t, &gap) ? KD_NEVER : gap;
}
static inline bool eng_within(int64_t gap, kd_interval within) {
    return gap >= within.low && gap <= within.high;
}

/* The instant of a pushed time point that a later stage has still to run, or of the one before. */
static inline kd_instant eng_log_at(const kd_engine *g, uint64_t index) {
    return g->log.at[g->log.head + (size_t)(index - g->log.first)];
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
/* The same in the order of the columns of one side (0: left), each once: the order that a lookup wants. False
 * when a column of that side is there twice. */
bool eng_pairs_sorted(eng_pairs *p, const kd_value *words, unsigned side);

/* ---- place.c --------------------------------------------------------------------------------------------*/

/* Makes the nodes and stages of the plan, connects them and settles who looks up whom. */
kd_status eng_place(kd_engine *g);
/* Is the node watched, or does a sink hear it? */
bool eng_is_heard(const kd_engine *g, const eng_node *n);

/* ---- fuse.c ---------------------------------------------------------------------------------------------*/

/* Folds that are looked up take the place of the windows that they read; *changed says that readers must be
 * settled again. KD_NOMEM. */
kd_status eng_fuse(kd_engine *g, bool *changed);

/* ---- run.c ----------------------------------------------------------------------------------------------*/

/* Runs the woken nodes of g->stage at g's time point. */
kd_status eng_run_point(kd_engine *g, kd_error *e);

/* Empties the batches of the time point. */
void eng_clear_point(kd_engine *g);

/* ---- log.c ----------------------------------------------------------------------------------------------*/

/* A pushed time point in log time: the inputs of the first stage are filled. */
kd_status eng_log_point(kd_engine *g, kd_instant at, kd_error *e);
/* Drops what is remembered of time points that all stages have run. */
void eng_log_trim(kd_engine *g);
/* kd_engine_pass and kd_engine_quiet_until. */
kd_status eng_log_pass(kd_engine *g, kd_instant before, kd_instant at, uint64_t count, kd_error *e);
kd_instant eng_log_quiet_until(const kd_engine *g);

/* ---- early.c --------------------------------------------------------------------------------------------*/

/* Can time points of the stage be decided before all needs are met? Asked once the plan is laid out. */
bool eng_may_hurry(const kd_engine *g, const eng_stage *s);
/* Runs the stage's next time point, whose needs other than those ahead are met, if what is known decides it;
 * *ran says whether it did. */
kd_status eng_hurry(kd_engine *g, eng_stage *s, bool *ran, kd_error *e);
/* carry.c: rows that were tried go (`done`) or wait for the next try. */
void eng_carry_tried(kd_engine *g, eng_node *n, bool done);

/* ---- sink.c ---------------------------------------------------------------------------------------------*/

kd_status eng_sinks_open(kd_engine *g);
void eng_sinks_close(kd_engine *g);
/* Have sinks something to hear already? Constants wait for the first time point. */
static inline bool eng_sinks_wait(const kd_engine *g) {
    return g->sink_count && !g->opening && !eng_bits_none(&g->sinks_touched);
}
/* Takes in what the sinks' nodes gave out and tells the caller; while opening it only takes in. */
kd_status eng_sinks_hear(kd_engine *g, const eng_node **failing); /* the node whose sink failed */

/* ---- watch.c --------------------------------------------------------------------------------------------*/

kd_status eng_watch_open(kd_engine *g);
void eng_watch_close(kd_engine *g);
/* Takes in what the watched node gave out at g's time point and tells it: all time points before it first.
 * KD_NOMEM, or what the caller's function gave. */
kd_status eng_watch_hear(kd_engine *g);
/* Tells of the time points before `index` at which nothing happened. */
kd_status eng_watch_pass(kd_engine *g, uint64_t index);
/* Would nothing be told of a time point at which nothing happens? */
bool eng_watch_is_quiet(const kd_engine *g);

/* ---- source.c -------------------------------------------------------------------------------------------*/

/* Puts a pushed row into an input. KD_INVALID with a complaint when it takes out what is not there. */
kd_status eng_input_take(kd_engine *g, eng_node *n, int sign, const kd_value *row, uint32_t order);

/* ---- trace.c --------------------------------------------------------------------------------------------*/

kd_status eng_trace_open(kd_engine *g); /* when options.trace */
void eng_trace_close(kd_engine *g);
/* What a node gave out at g's time point. KD_NOMEM. */
kd_status eng_trace_keep(kd_engine *g, const eng_node *n);
/* A time point of the caller's (log time: before any stage runs it) or of timers begins. KD_NOMEM. */
kd_status eng_trace_point(kd_engine *g, kd_instant at, bool pushed);
/* Which event the row is that was just put into an input. KD_NOMEM. */
kd_status eng_trace_event(kd_engine *g, const eng_node *n, const kd_event *v);

#endif

/* carry.c: what crosses from one stage to another, or from a level to a pulse: carry, feedback, next, spread. */
#include "engine/walk.h"

/* ---- Carry and feedback: the same rows, when this stage gets to their time point -------------------------*/

/* The batch is the queue's own memory: there is nothing to grow, and nothing is known of who came first. */
static kd_status carry_open(kd_engine *g, eng_node *n) {
    n->ordered = false;
    return KD_OK;
}

static void queue_close(kd_engine *g, eng_node *n) {
    n->out = (kd_batch){.width = n->width};
    eng_queue_close(n->state, &g->mem);
}

/* The node is to run at a time point of its stage, of which `next` is the next one. */
static void wake_for(eng_node *n, uint64_t index, uint64_t next) {
    if (index == next)
        eng_wake_next(n);
    else
        eng_wake_index(n, index);
}

/* What stood before the first time point is put out while this stage, too, is opened. */
static kd_status carry_take(kd_engine *g, eng_node *n, unsigned k) {
    if (g->opening)
        eng_bits_set(&n->stage->dirty, n->id);
    else if (eng_queue_empty(n->state))
        wake_for(n, g->index, n->stage->next);
    return eng_queue_put(n->state, g, n->in[0]);
}

/* Gives out the next `rows` of the queue where they lie: none are put there while this stage runs. */
static void lend(eng_node *n, const eng_queue *q, size_t rows) {
    n->out.rows = q->rows + q->row_head * n->width;
    n->out.counts = n->counted ? q->counts + q->row_head : NULL;
    n->out.n = rows;
}

void eng_carry_tried(kd_engine *g, eng_node *n, bool done) {
    eng_queue *q = n->state;
    if (done && !eng_queue_empty(q) && eng_queue_front(q)->index == g->index) eng_queue_drop(q);
    if (!eng_queue_empty(q)) wake_for(n, eng_queue_front(q)->index, done ? g->index + 1 : g->index);
}

static kd_status carry_run(kd_engine *g, eng_node *n) {
    eng_queue *q = n->state;
    if (eng_queue_empty(q)) return KD_OK;
    const eng_point *p = eng_queue_front(q);
    if (g->opening || p->index <= g->index) lend(n, q, p->rows);
    if (g->hurried) return KD_OK;
    if (n->out.n) eng_queue_drop(q);
    if (!eng_queue_empty(q)) wake_for(n, eng_queue_front(q)->index, g->index + 1);
    return KD_OK;
}

/* A row waits for its time point on this stage, which comes when the last instant that the stage needs is over. */
static void carry_pending(const kd_engine *g, const eng_node *n, kd_pending each, void *ctx) {
    const eng_queue *q = n->state;
    int64_t reach = n->stage->reach;
    size_t i = 0;
    for (size_t k = q->head; k < q->tail; k++)
        for (size_t end = i + q->points[k].rows; i < end; i++) {
            if (n->counted && q->counts[q->row_head + i] <= 0) continue;
            kd_instant at = q->points[k].at;
            each(ctx, n->plan, at, eng_later(at, reach), eng_queue_row(q, i, n->width), n->width);
        }
}

static kd_status queue_walk(eng_walk *w, eng_node *n) {
    return eng_walk_queue(w, n->state, n->width, n->counted);
}

const eng_operator eng_op_carry = {.name = "carry",
                                   .state_bytes = sizeof(eng_queue),
                                   .open = carry_open,
                                   .close = queue_close,
                                   .run = carry_run,
                                   .take = carry_take,
                                   .walk = queue_walk,
                                   .pending = carry_pending};
const eng_operator eng_op_feedback = {.name = "feedback",
                                      .state_bytes = sizeof(eng_queue),
                                      .open = carry_open,
                                      .close = queue_close,
                                      .run = carry_run,
                                      .take = carry_take,
                                      .walk = queue_walk};

/* ---- Next -----------------------------------------------------------------------------------------------*/

typedef struct next {
    eng_queue rows; /* first, as carry's functions have it */
    kd_interval within;
} next;

static kd_status next_open(kd_engine *g, eng_node *n) {
    next *s = n->state;
    s->within = (kd_interval){n->words[0], n->words[1]};
    return carry_open(g, n);
}

static kd_status next_take(kd_engine *g, eng_node *n, unsigned k) {
    next *s = n->state;
    if (g->opening || g->index == 0) return KD_OK; /* the next of no time point */
    if (eng_queue_empty(&s->rows)) wake_for(n, g->index - 1, n->stage->next);
    return eng_queue_put(&s->rows, g, n->in[0]);
}

static kd_status next_run(kd_engine *g, eng_node *n) {
    next *s = n->state;
    eng_queue *q = &s->rows;
    if (eng_queue_empty(q)) return KD_OK;
    const eng_point *p = eng_queue_front(q);
    if (p->index <= g->index + 1) {
        if (eng_within(eng_gap(g->now, p->at), s->within)) lend(n, q, p->rows);
        eng_queue_drop(q);
    }
    if (!eng_queue_empty(q)) wake_for(n, eng_queue_front(q)->index - 1, g->index + 1);
    return KD_OK;
}

static kd_status next_walk(eng_walk *w, eng_node *n) {
    return eng_walk_queue(w, n->state, n->width, false);
}

const eng_operator eng_op_next = {.name = "next",
                                  .state_bytes = sizeof(next),
                                  .open = next_open,
                                  .close = queue_close,
                                  .run = next_run,
                                  .take = next_take,
                                  .reach = ENG_NEXT,
                                  .walk = next_walk};

/* ---- Spread: the rows that a level holds, at every time point ------------------------------------------------
 *
 * It costs the level's size at each. Only operators that have no better way ask for it. */
typedef struct spread {
    eng_bag rows;
} spread;

static kd_status spread_open(kd_engine *g, eng_node *n) {
    spread *s = n->state;
    eng_bag_open(&s->rows, &g->mem, n->width);
    return KD_OK;
}

static void spread_close(kd_engine *g, eng_node *n) {
    spread *s = n->state;
    eng_bag_close(&s->rows);
}

static kd_status spread_run(kd_engine *g, eng_node *n) {
    eng_bag *b = &((spread *)n->state)->rows;
    const eng_batch *in = &n->in[0]->out;
    kd_status s = eng_bag_take(b, in->rows, in->counts, in->n);
    if (s) return s;
    for (size_t i = 0; i < b->touched.n; i++) eng_bag_release(b, b->touched.items[i]);
    b->touched.n = 0;
    if (b->rows.live) eng_wake_next(n);
    if (g->opening || !g->pushed) return KD_OK;
    for (uint32_t e = 0; b->rows.live && e < b->rows.used; e++) {
        if (!eng_table_live(&b->rows, e) || eng_bag_held(b, e)->total <= 0) continue;
        if ((s = eng_emit_row(g, n, eng_bag_row(b, e), 1, 0))) return s;
    }
    return KD_OK;
}

static kd_status spread_walk(eng_walk *w, eng_node *n) {
    return eng_walk_bag(w, &((spread *)n->state)->rows);
}

const eng_operator eng_op_spread = {.name = "spread",
                                    .state_bytes = sizeof(spread),
                                    .open = spread_open,
                                    .close = spread_close,
                                    .run = spread_run,
                                    .walk = spread_walk};

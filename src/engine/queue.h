/* queue.h: what a node gave out, kept until another stage gets there.
 *
 *      put ─▶ | 7: rows | 9: rows | 10: rows | ─▶ front, drop        time points in order; those without
 *                                                                    rows are not there
 *
 * The rows of all time points lie side by side, so that those at the front can be given out as they lie. */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "engine/run.h"

typedef struct eng_point {
    uint64_t index;
    kd_instant at;
    size_t rows;
} eng_point;

typedef struct eng_queue {
    eng_point *points; /* [head .. tail) */
    size_t head, tail, room;
    kd_value *rows;                                  /* [row_head .. row_tail), in rows */
    int64_t *counts;                                 /* of a level, alike */
    size_t row_head, row_tail, row_room, count_room; /* row_room in values */
} eng_queue;

void eng_queue_close(eng_queue *q, eng_mem *mem);
/* Room for one more time point with what `in` gives out; false when there is no memory. */
bool eng_queue_make_room(eng_queue *q, eng_mem *mem, const eng_node *in);

static inline bool eng_queue_empty(const eng_queue *q) {
    return q->head == q->tail;
}
/* Would what `in` gives out need more room than is left behind the last? */
static inline bool eng_queue_full(const eng_queue *q, const eng_node *in) {
    return q->tail == q->room || (q->row_tail + in->out.n) * in->width >= q->row_room ||
           (in->counted && q->row_tail + in->out.n > q->count_room);
}
/* Lays what `in` gives out behind the rows of the last point. KD_NOMEM. */
static inline kd_status eng_queue_lay(eng_queue *q, kd_engine *g, const eng_node *in) {
    const kd_batch *b = &in->out;
    if (eng_queue_full(q, in) && !eng_queue_make_room(q, &g->mem, in)) return KD_NOMEM;
    kd_value *to = q->rows + q->row_tail * in->width;
    for (size_t i = 0, n = b->n * in->width; i < n; i++) to[i] = b->rows[i];
    for (size_t i = 0; in->counted && i < b->n; i++) q->counts[q->row_tail + i] = b->counts[i];
    q->row_tail += b->n;
    return KD_OK;
}
/* Appends what `in` gives out at g's time point. KD_NOMEM. */
static inline kd_status eng_queue_put(eng_queue *q, kd_engine *g, const eng_node *in) {
    if (q->head == q->tail) q->head = q->tail = q->row_head = q->row_tail = 0;
    if (eng_queue_lay(q, g, in)) return KD_NOMEM;
    q->points[q->tail++] = (eng_point){g->index, g->now, in->out.n};
    return KD_OK;
}
/* The same where time points that share an instant may be one: then it joins the last. */
static inline kd_status eng_queue_join(eng_queue *q, kd_engine *g, const eng_node *in) {
    if (q->head == q->tail || q->points[q->tail - 1].at != g->now) return eng_queue_put(q, g, in);
    if (eng_queue_lay(q, g, in)) return KD_NOMEM;
    q->points[q->tail - 1].rows += in->out.n;
    return KD_OK;
}
/* Takes out the front point. Its rows stay where they are until the next put. */
static inline void eng_queue_drop(eng_queue *q) {
    q->row_head += q->points[q->head++].rows;
}
static inline const eng_point *eng_queue_front(const eng_queue *q) {
    return &q->points[q->head];
}
static inline const kd_value *eng_queue_row(const eng_queue *q, size_t i, unsigned width) {
    return q->rows + (q->row_head + i) * width;
}

#endif

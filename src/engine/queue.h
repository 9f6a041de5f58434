/* queue.h: what a node gave out, kept until another stage gets there.
 *
 *      put ─▶ | 7: rows | 9: rows | 10: rows | ─▶ front, drop        time points in order; those without
 *                                                                    rows are not there */
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
/* Appends what `in` gives out at g's time point. KD_NOMEM. */
kd_status eng_queue_put(eng_queue *q, kd_engine *g, const eng_node *in);
void eng_queue_drop(eng_queue *q); /* the front point */

static inline bool eng_queue_empty(const eng_queue *q) {
    return q->head == q->tail;
}
static inline const eng_point *eng_queue_front(const eng_queue *q) {
    return &q->points[q->head];
}
static inline const kd_value *eng_queue_row(const eng_queue *q, size_t i, unsigned width) {
    return q->rows + (q->row_head + i) * width;
}

#endif

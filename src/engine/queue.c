/* queue.c: a queue of time points with their rows, in arrays that are moved down when half is used up. */
#include "engine/queue.h"

#include <string.h>

void eng_queue_close(eng_queue *q, eng_mem *mem) {
    eng_release(mem, &q->points, &q->room, sizeof *q->points);
    eng_release(mem, &q->rows, &q->row_room, sizeof *q->rows);
    eng_release(mem, &q->counts, &q->count_room, sizeof *q->counts);
}

/* Moved only when at least half of the array is used up, so each row moves once a time that it is passed. */
bool eng_queue_make_room(eng_queue *q, eng_mem *mem, const eng_node *in) {
    unsigned width = in->width;
    size_t more = in->out.n;
    if (q->tail == q->room && q->head > q->room / 2) {
        memmove(q->points, q->points + q->head, (q->tail - q->head) * sizeof *q->points);
        q->tail -= q->head;
        q->head = 0;
    }
    if ((q->row_tail + more) * width + 1 > q->row_room && q->row_head > q->row_tail / 2) {
        size_t n = q->row_tail - q->row_head;
        if (width) memmove(q->rows, q->rows + q->row_head * width, n * width * sizeof *q->rows);
        if (in->counted) memmove(q->counts, q->counts + q->row_head, n * sizeof *q->counts);
        q->row_tail = n;
        q->row_head = 0;
    }
    size_t rows = q->row_tail + more;
    return eng_reserve(mem, &q->points, &q->room, q->tail + 1, sizeof *q->points) &&
           eng_reserve(mem, &q->rows, &q->row_room, rows * width + 1, sizeof *q->rows) &&
           (!in->counted || eng_reserve(mem, &q->counts, &q->count_room, rows, sizeof *q->counts));
}

/* once.c: a row stands while some pulse of it is between low and high seconds old.
 *
 * Pulses of a lazy window that is asked for by triggers only (joins of many) wait in the order of time
 * until one comes: most are too old by then, and were never put into a table. */
#include "engine/walk.h"

#define WAITING_MAX 256 /* rows, or a quarter of those in the window where that is more */

typedef struct once {
    eng_window window;
    bool waits;
    eng_queue late; /* pulses from another stage (feedback, which runs one time point behind), or that wait */
} once;

static bool may_wait(const kd_engine *g, const eng_node *n, const once *s) {
    bool may = s->window.lazy && n->in[0]->stage == n->stage;
    for (uint32_t k = 0; may && k < n->reader_count; k++) {
        const eng_node *r = g->readers[n->first_reader + k].node;
        may = r->op == &eng_op_join_many && r->in[0]->width == 0;
    }
    return may;
}

static kd_status open(kd_engine *g, eng_node *n) {
    once *s = n->state;
    eng_window_open(&s->window, g, n, (kd_interval){n->words[0], n->words[1]});
    s->waits = may_wait(g, n, s);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    once *s = n->state;
    eng_window_close(&s->window);
    eng_queue_close(&s->late, &g->mem);
}

static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    once *s = n->state;
    eng_wake_index(n, g->index + 1);
    return eng_queue_put(&s->late, g, n->in[k]);
}

static kd_status take_late(eng_node *n, once *s) {
    for (; !eng_queue_empty(&s->late); eng_queue_drop(&s->late)) {
        const eng_point *p = eng_queue_front(&s->late);
        for (size_t i = 0; i < p->rows; i++) {
            uint32_t entry;
            kd_status st = eng_window_pulse(&s->window, eng_queue_row(&s->late, i, n->width), p->at, &entry);
            if (st) return st;
        }
    }
    return KD_OK;
}

/* The window is up to date but for those that wait, and these are young enough. */
static kd_status pass(once *s) {
    kd_status st = eng_window_pass(&s->window);
    while (s->waits && !eng_queue_empty(&s->late) && eng_queue_front(&s->late)->at < s->window.bound)
        eng_queue_drop(&s->late);
    return st;
}

static kd_status wait(kd_engine *g, eng_node *n, once *s) {
    kd_status st = pass(s);
    if (!st && n->in[0]->out.n) st = eng_queue_put(&s->late, g, n->in[0]);
    size_t rows = s->late.row_tail - s->late.row_head;
    return st || rows <= WAITING_MAX || rows <= s->window.rows.used / 4 ? st : take_late(n, s);
}

static kd_status run(kd_engine *g, eng_node *n) {
    once *s = n->state;
    const eng_node *in = n->in[0];
    if (s->waits) return wait(g, n, s);
    kd_status st = take_late(n, s);
    if (!st) st = eng_window_pass(&s->window);
    for (size_t i = 0; !st && in->stage == n->stage && i < in->out.n; i++) {
        uint32_t entry;
        st = eng_window_pulse(&s->window, eng_batch_row(in, i), g->now, &entry);
    }
    if (st || n->silent) return st;
    st = eng_window_settle(&s->window, n);
    eng_wake_at(n, eng_window_wake(&s->window));
    return st;
}

static kd_status look(kd_engine *g, eng_node *n) {
    once *s = n->state;
    kd_status st = pass(s);
    return st || !s->waits ? st : take_late(n, s);
}

static const eng_lookup lookup = {.offers = eng_window_offers,
                                  .settle = look,
                                  .first = eng_window_first,
                                  .first_many = eng_window_first_many,
                                  .next = eng_window_next,
                                  .row = eng_window_found,
                                  .offers_rows = eng_window_offers_rows,
                                  .rows = eng_window_rows};

static kd_status walk(eng_walk *w, eng_node *n) {
    once *s = n->state;
    eng_walk_window(w, &s->window, false);
    return eng_walk_queue(w, &s->late, n->width, false);
}

const eng_operator eng_op_once = {.name = "once",
                                  .state_bytes = sizeof(once),
                                  .open = open,
                                  .close = close,
                                  .run = run,
                                  .take = take,
                                  .lookup = &lookup,
                                  .reach = ENG_EARLIER_LOW,
                                  .walk = walk};

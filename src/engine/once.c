/* once.c: a row stands while some pulse of it is between low and high seconds old. */
#include "engine/walk.h"

typedef struct once {
    eng_window window;
    eng_queue late; /* pulses from another stage: feedback, which runs one time point behind */
} once;

static kd_status open(kd_engine *g, eng_node *n) {
    once *s = n->state;
    eng_window_open(&s->window, g, n, (kd_interval){n->words[0], n->words[1]});
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

static kd_status run(kd_engine *g, eng_node *n) {
    once *s = n->state;
    const eng_node *in = n->in[0];
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
    return eng_window_pass(n->state);
}

static const eng_lookup lookup = {.offers = eng_window_offers,
                                  .settle = look,
                                  .first = eng_window_first,
                                  .first_many = eng_window_first_many,
                                  .next = eng_window_next,
                                  .row = eng_window_found};

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

/* once.c: a row stands while some pulse of it is between low and high seconds old.
 *
 * Pulses wait until they are of age. Those of a lazy window that is asked for by triggers only (joins of many) wait
 * until one comes: most are too old by then, and were never put into a table. */
#include "engine/walk.h"

/* Rows that wait for a trigger, or a quarter of those in the window where that is more. */
#define WAITING_MAX 256

/* Those from another stage (feedback, which runs one time point behind) wait until the time point after theirs. */
typedef struct once {
    eng_window window;
    int64_t low;
    bool triggered;
    eng_queue waiting;
} once;

static bool is_triggered(const kd_engine *g, const eng_node *n, const once *s) {
    bool may = s->window.lazy && s->low == 0 && n->reader_count && n->in[0]->stage == n->stage;
    for (uint32_t k = 0; may && k < n->reader_count; k++) {
        const eng_node *r = g->readers[n->first_reader + k].node;
        may = r->op == &eng_op_join_many && r->in[0]->width == 0;
    }
    return may;
}

static kd_status open(kd_engine *g, eng_node *n) {
    once *s = n->state;
    s->low = n->words[0];
    eng_window_open(&s->window, g, n, (kd_interval){0, n->words[1]});
    s->triggered = is_triggered(g, n, s);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    once *s = n->state;
    eng_window_close(&s->window);
    eng_queue_close(&s->waiting, &g->mem);
}

static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    once *s = n->state;
    eng_wake_index(n, g->index + 1);
    return eng_queue_put(&s->waiting, g, n->in[k]);
}

/* When the first of those that wait is of age. */
static kd_instant comes_of_age(const once *s) {
    return eng_queue_empty(&s->waiting) ? KD_NEVER : eng_later(eng_queue_front(&s->waiting)->at, s->low);
}

/* Pulses that waited for a trigger and are too old by now. */
static kd_status leave_old(once *s) {
    kd_status st = eng_window_pass(&s->window);
    while (!eng_queue_empty(&s->waiting) && eng_queue_front(&s->waiting)->at < s->window.bound)
        eng_queue_drop(&s->waiting);
    return st;
}

/* What came and what went of the window, as of g's time point. */
static kd_status pass(kd_engine *g, eng_node *n) {
    once *s = n->state;
    kd_status st = s->triggered ? leave_old(s) : KD_OK;
    for (; !st && !eng_queue_empty(&s->waiting) && comes_of_age(s) <= g->now; eng_queue_drop(&s->waiting)) {
        const eng_point *p = eng_queue_front(&s->waiting);
        if (p->at == KD_NEVER) break; /* the supposed end is of no age */
        st = eng_window_pulses(&s->window, eng_queue_row(&s->waiting, 0, n->width), p->rows, p->at);
    }
    return st ? st : eng_window_pass(&s->window);
}

static kd_status wait_for_trigger(kd_engine *g, eng_node *n, once *s) {
    kd_status st = leave_old(s);
    if (!st && n->in[0]->out.n) st = eng_queue_join(&s->waiting, g, n->in[0]);
    size_t rows = s->waiting.row_tail - s->waiting.row_head;
    return st || rows <= WAITING_MAX || rows <= s->window.rows.used / 4 ? st : pass(g, n);
}

/* The window is looked up, so that only what comes need be done. With `low` it waits, by instant, and what is of age is let
 * in when a new instant begins. */
static kd_status run_silent(kd_engine *g, eng_node *n, once *s) {
    const eng_node *in = n->in[0];
    if (s->low) {
        size_t points = s->waiting.tail;
        kd_status st = eng_queue_join(&s->waiting, g, in);
        return st || s->waiting.tail == points ? st : pass(g, n);
    }
    kd_status st = eng_window_pass(&s->window);
    return st ? st : eng_window_pulses(&s->window, in->out.rows, in->out.n, g->now);
}

static kd_status run(kd_engine *g, eng_node *n) {
    once *s = n->state;
    const eng_node *in = n->in[0];
    if (s->triggered) return wait_for_trigger(g, n, s);
    bool comes = in->out.n && in->stage == n->stage; /* else it was taken */
    if (comes && n->silent) return run_silent(g, n, s);
    kd_status st = pass(g, n);
    if (!st && comes)
        st = s->low ? eng_queue_join(&s->waiting, g, in)
                    : eng_window_pulses(&s->window, in->out.rows, in->out.n, g->now);
    if (st || n->silent) return st;
    st = eng_window_settle(&s->window, n);
    kd_instant age = comes_of_age(s), end = eng_window_wake(&s->window);
    eng_wake_at(n, age < end ? age : end);
    return st;
}

static const eng_lookup lookup = {.offers = eng_window_offers,
                                  .settle = pass,
                                  .first = eng_window_first,
                                  .first_many = eng_window_first_many,
                                  .near = eng_window_near,
                                  .next = eng_window_next,
                                  .row = eng_window_found,
                                  .offers_rows = eng_window_offers_rows,
                                  .rows = eng_window_rows};

static kd_status walk(eng_walk *w, eng_node *n) {
    once *s = n->state;
    eng_walk_window(w, &s->window, false);
    return eng_walk_queue(w, &s->waiting, n->width, false);
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

/* once_before.c: PREVIOUS of ONCE, where its rows are only looked up: the window itself, one time point late.
 *
 *      pulses of this time point ─▶ wait ─▶ pulses of the one before ─▶ window, as of the one before
 *
 * Nothing is kept twice and nobody is told what comes and goes. place.c puts it in the place of both. */
#include "engine/queue.h"
#include "engine/walk.h"
#include "engine/window.h"

typedef struct once_before {
    eng_window window;
    eng_queue waiting;
    kd_interval gap; /* to the time point before: PREVIOUS's */
    bool shown;      /* at the time point for which it was settled */
} once_before;

static kd_status open(kd_engine *g, eng_node *n) {
    once_before *s = n->state;
    const kd_value *once = g->plan->nodes[g->plan->nodes[n->head].in[0]].words;
    s->gap = (kd_interval){n->words[0], n->words[1]};
    eng_window_open(&s->window, g, n, (kd_interval){once[0], once[1]});
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    once_before *s = n->state;
    eng_window_close(&s->window);
    eng_queue_close(&s->waiting, &g->mem);
}

/* The window as it stood at the time point before: what was pulsed by then, less what was too old by then. */
static kd_status settle(kd_engine *g, eng_node *n) {
    once_before *s = n->state;
    kd_instant now = g->now;
    kd_status st = KD_OK;
    s->shown = g->index > 0 && eng_within(eng_gap(g->before, now), s->gap);
    while (!st && !eng_queue_empty(&s->waiting) && eng_queue_front(&s->waiting)->index < g->index) {
        const eng_point *p = eng_queue_front(&s->waiting);
        st = eng_window_pulses(&s->window, eng_queue_row(&s->waiting, 0, n->width), p->rows, p->at);
        eng_queue_drop(&s->waiting);
    }
    g->now = g->before; /* that is when the window looks at its rows */
    if (!st && g->index > 0) st = eng_window_pass(&s->window);
    g->now = now;
    return st;
}

static kd_status run(kd_engine *g, eng_node *n) {
    once_before *s = n->state;
    if (!n->in[0]->out.n) return KD_OK;
    kd_status st = settle(g, n);
    return st ? st : eng_queue_put(&s->waiting, g, n->in[0]);
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

static bool offers(eng_node *n, const uint8_t *columns, unsigned count) {
    return count == n->width; /* as eng_op_previous_level has promised */
}

static uint32_t first(const eng_node *n, const kd_value *key) {
    const once_before *s = n->state;
    return s->shown ? eng_window_first(n, key) : ENG_NONE;
}

static void first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries) {
    const once_before *s = n->state;
    if (s->shown) {
        eng_window_first_many(n, keys, count, entries);
        return;
    }
    for (size_t i = 0; i < count; i++) entries[i] = ENG_NONE;
}

static const eng_lookup lookup = {.offers = offers,
                                  .settle = settle,
                                  .first = first,
                                  .first_many = first_many,
                                  .next = eng_window_next,
                                  .row = eng_window_found};

static kd_status walk(eng_walk *w, eng_node *n) {
    once_before *s = n->state;
    eng_walk_window(w, &s->window, false);
    return eng_walk_queue(w, &s->waiting, n->width, false);
}

const eng_operator eng_op_once_before = {.name = "previous once",
                                         .state_bytes = sizeof(once_before),
                                         .open = open,
                                         .close = close,
                                         .run = run,
                                         .lookup = &lookup,
                                         .reach = ENG_EARLIER,
                                         .walk = walk};

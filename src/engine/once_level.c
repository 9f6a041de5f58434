/* once_level.c: ONCE[0,high] of a level: a row stands while the level holds it, and after that until the last time
 * point at which it did is too old.
 *
 *      level holds the row      ────────┐            its last time point is the one before it went
 *      it stands                ────────┴───high──┐
 *
 * This is what ONCE over spread comes to (carry.c), at the cost of the level's changes alone. */
#include "engine/walk.h"

typedef struct once_level {
    eng_window gone; /* rows that the level holds no more, by the last time point at which it did */
    eng_bag held;
} once_level;

static kd_status open(kd_engine *g, eng_node *n) {
    once_level *s = n->state;
    eng_window_open(&s->gone, g, n, (kd_interval){n->words[0], n->words[1]});
    eng_bag_open(&s->held, &g->mem, n->width);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    once_level *s = n->state;
    eng_window_close(&s->gone);
    eng_bag_close(&s->held);
}

/* A row is held or gone, never both; one that changes over is given out as one that goes and one that comes. What
 * was in place before the first time point and goes there has been held at none. */
static kd_status change(kd_engine *g, eng_node *n, once_level *s, uint32_t held) {
    const kd_value *row = eng_bag_row(&s->held, held);
    eng_change c = eng_bag_change(&s->held, held);
    if (c == ENG_SAME) return KD_OK;
    kd_status st = eng_emit_row(g, n, row, c == ENG_CAME ? 1 : -1, 0);
    uint32_t entry = eng_table_find(&s->gone.rows, row);
    if (!st && c == ENG_CAME && entry != ENG_NONE) st = eng_window_kill_row(&s->gone, entry);
    if (!st && c == ENG_WENT && g->index > 0 && eng_within(eng_gap(g->before, g->now), s->gone.within))
        st = eng_window_pulse(&s->gone, row, g->before, &entry);
    return st;
}

static kd_status run(kd_engine *g, eng_node *n) {
    once_level *s = n->state;
    const eng_batch *in = &n->in[0]->out;
    kd_status st = eng_window_pass(&s->gone);
    if (!st) st = eng_bag_take(&s->held, in->rows, in->counts, in->n);
    for (size_t i = 0; !st && i < s->held.touched.n; i++) {
        st = change(g, n, s, s->held.touched.items[i]);
        eng_bag_release(&s->held, s->held.touched.items[i]);
    }
    s->held.touched.n = 0;
    if (!st) st = eng_window_settle(&s->gone, n);
    eng_wake_at(n, eng_window_wake(&s->gone));
    return st;
}

static kd_status walk(eng_walk *w, eng_node *n) {
    once_level *s = n->state;
    eng_walk_window(w, &s->gone, false);
    return eng_walk_bag(w, &s->held);
}

const eng_operator eng_op_once_level = {.name = "once",
                                        .state_bytes = sizeof(once_level),
                                        .open = open,
                                        .close = close,
                                        .run = run,
                                        .reach = ENG_EARLIER_LOW,
                                        .walk = walk};

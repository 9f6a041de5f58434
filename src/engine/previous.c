/* previous.c: what a pulse gave at the pushed time point before this one; what a level held there. */
#include "engine/walk.h"

/* Rows of a pulse that were given at one time point and are due at the next. */
typedef struct previous {
    kd_interval within;
    eng_queue rows;
} previous;

static kd_status open(kd_engine *g, eng_node *n) {
    previous *s = n->state;
    s->within = (kd_interval){n->words[0], n->words[1]};
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    previous *s = n->state;
    eng_queue_close(&s->rows, &g->mem);
}

/* What comes from another stage (feedback, which runs one time point behind) is due at the next one here. */
static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    previous *s = n->state;
    if (eng_queue_empty(&s->rows)) eng_wake_index(n, g->index + 1);
    return eng_queue_put(&s->rows, g, n->in[k]);
}

/* A time point of a timer has no part in this. Rows that are kept ask for the next push, so they are never
 * older. */
static kd_status run(kd_engine *g, eng_node *n) {
    previous *s = n->state;
    if (!g->pushed) return KD_OK;
    while (!eng_queue_empty(&s->rows) && eng_queue_front(&s->rows)->index + 1 <= g->index) {
        const eng_point *p = eng_queue_front(&s->rows);
        bool due = p->index + 1 == g->index && eng_within(eng_gap(p->at, g->now), s->within);
        for (size_t i = 0; due && i < p->rows; i++) {
            kd_status st = eng_emit_row(g, n, eng_queue_row(&s->rows, i, n->width), 1, 0);
            if (st) return st;
        }
        eng_queue_drop(&s->rows);
    }
    if (n->in[0]->stage != n->stage) {
        if (!eng_queue_empty(&s->rows)) eng_wake_index(n, eng_queue_front(&s->rows)->index + 1);
        return KD_OK;
    }
    if (!n->in[0]->out.n) return KD_OK;
    eng_wake_next(n);
    return eng_queue_put(&s->rows, g, n->in[0]);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    previous *s = n->state;
    return eng_walk_queue(w, &s->rows, n->width, false);
}

/* ---- Of a level -------------------------------------------------------------------------------------------
 *
 * Its changes come one time point late. Where the interval may fail, all its rows go at a time point whose gap
 * lies outside and come back at the first one whose gap lies within. When it is only looked up, it is woken by
 * changes alone and shows whoever looks what stood at the time point before. */
typedef struct previous_level {
    kd_interval within;
    eng_queue changes;
    eng_bag rows; /* as of the time point before */
    bool shown;   /* they are given out */
} previous_level;

static bool may_fail(const previous_level *s) {
    return s->within.low > 0 || s->within.high != KD_NEVER;
}

static kd_status level_open(kd_engine *g, eng_node *n) {
    previous_level *s = n->state;
    s->within = (kd_interval){n->words[0], n->words[1]};
    s->shown = true;
    eng_bag_open(&s->rows, &g->mem, n->width);
    return KD_OK;
}

static void level_close(kd_engine *g, eng_node *n) {
    previous_level *s = n->state;
    eng_queue_close(&s->changes, &g->mem);
    eng_bag_close(&s->rows);
}

static kd_status give_all(kd_engine *g, eng_node *n, const previous_level *s, int sign) {
    const eng_table *t = &s->rows.rows;
    for (uint32_t e = 0; !n->silent && e < t->used; e++) {
        if (!eng_table_live(t, e) || !eng_bag_held(&s->rows, e)->was) continue;
        kd_status st = eng_emit_row(g, n, eng_bag_row(&s->rows, e), sign, 0);
        if (st) return st;
    }
    return KD_OK;
}

static kd_status give_changes(kd_engine *g, eng_node *n, previous_level *s, bool show) {
    while (!eng_queue_empty(&s->changes) && eng_queue_front(&s->changes)->index + 1 <= g->index) {
        const eng_point *p = eng_queue_front(&s->changes);
        for (size_t i = 0; i < p->rows; i++) {
            kd_status st = eng_bag_add(&s->rows, eng_queue_row(&s->changes, i, n->width),
                                       s->changes.counts[s->changes.row_head + i], NULL);
            if (st) return st;
        }
        eng_queue_drop(&s->changes);
    }
    for (size_t i = 0; i < s->rows.touched.n; i++) {
        uint32_t e = s->rows.touched.items[i];
        eng_change c = eng_bag_change(&s->rows, e);
        kd_status st = KD_OK;
        if (show && c != ENG_SAME && !n->silent)
            st = eng_emit_row(g, n, eng_bag_row(&s->rows, e), c == ENG_CAME ? 1 : -1, 0);
        if (st) return st;
        eng_bag_release(&s->rows, e);
    }
    s->rows.touched.n = 0;
    return KD_OK;
}

/* Silent: the rows as of the time point before, brought up to date by whoever looks. */
static kd_status catch_up(kd_engine *g, eng_node *n) {
    previous_level *s = n->state;
    if (!g->options.log_time) return KD_OK;
    s->shown = g->index > 0 && eng_within(eng_gap(g->before, g->now), s->within);
    return give_changes(g, n, s, false);
}

static kd_status level_run(kd_engine *g, eng_node *n) {
    previous_level *s = n->state;
    kd_status st = KD_OK;
    if (n->silent && g->options.log_time && n->in[0]->stage == n->stage && !g->opening) {
        st = catch_up(g, n);
        return st || !n->in[0]->out.n ? st : eng_queue_put(&s->changes, g, n->in[0]);
    }
    if (g->pushed && !g->opening) {
        bool show = g->index > 0 && eng_within(eng_gap(g->before, g->now), s->within);
        if (s->shown && !show) st = give_all(g, n, s, -1);
        bool turn = show && !s->shown;
        s->shown = show;
        if (!st) st = give_changes(g, n, s, show && !turn);
        if (!st && turn) st = give_all(g, n, s, 1);
        if (may_fail(s) || !s->shown) eng_wake_next(n);
    }
    if (!st && n->in[0]->stage != n->stage) {
        if (!eng_queue_empty(&s->changes)) eng_wake_index(n, eng_queue_front(&s->changes)->index + 1);
        return KD_OK;
    }
    if (st || !n->in[0]->out.n) return st;
    eng_wake_next(n);
    return eng_queue_put(&s->changes, g, n->in[0]);
}

static kd_status level_take(kd_engine *g, eng_node *n, unsigned k) {
    previous_level *s = n->state;
    if (eng_queue_empty(&s->changes)) eng_wake_index(n, g->index + 1);
    return eng_queue_put(&s->changes, g, n->in[0]);
}

static kd_status level_walk(eng_walk *w, eng_node *n) {
    previous_level *s = n->state;
    eng_walk_bool(w, &s->shown);
    eng_walk_queue(w, &s->changes, n->width, true);
    return eng_walk_bag(w, &s->rows);
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

static bool offers(eng_node *n, const uint8_t *columns, unsigned count) {
    return count == n->width;
}
static uint32_t first(const eng_node *n, const kd_value *key) {
    const previous_level *s = n->state;
    return s->shown ? eng_table_find(&s->rows.rows, key) : ENG_NONE;
}
static void first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries) {
    const previous_level *s = n->state;
    if (s->shown) {
        eng_table_find_many(&s->rows.rows, keys, count, entries);
        return;
    }
    for (size_t i = 0; i < count; i++) entries[i] = ENG_NONE;
}

static uint32_t next(const eng_node *n, uint32_t entry) {
    return ENG_NONE;
}
static const kd_value *row(const eng_node *n, uint32_t entry) {
    const previous_level *s = n->state;
    return eng_bag_row(&s->rows, entry);
}
static const eng_lookup lookup = {
    .offers = offers, .settle = catch_up, .first = first, .first_many = first_many, .next = next, .row = row};

const eng_operator eng_op_previous = {.name = "previous",
                                      .state_bytes = sizeof(previous),
                                      .open = open,
                                      .close = close,
                                      .run = run,
                                      .take = take,
                                      .reach = ENG_EARLIER,
                                      .walk = walk};
const eng_operator eng_op_previous_level = {.name = "previous",
                                            .state_bytes = sizeof(previous_level),
                                            .open = level_open,
                                            .close = level_close,
                                            .run = level_run,
                                            .take = level_take,
                                            .reach = ENG_EARLIER,
                                            .lookup = &lookup,
                                            .walk = level_walk};

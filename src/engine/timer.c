/* timer.c: a row of a level at the instant that one of its columns holds, if it is still there. */
#include "engine/run.h"

/* A row's note is the token of its timer, or 0: it has none, or it has fired. */
typedef struct timer {
    eng_bag rows;
    eng_timers timers;
    unsigned due; /* column */
} timer;

static kd_status open(kd_engine *g, eng_node *n) {
    timer *s = n->state;
    s->due = (unsigned)n->words[0];
    eng_bag_open(&s->rows, &g->mem, n->width, g->options.lineage);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    timer *s = n->state;
    eng_bag_close(&s->rows);
    eng_timers_close(&s->timers, &g->mem);
}

/* A token is never used twice, so that an entry that was reused does not revive the timer of the row it had
 * before. */
static bool alive(const void *owner, const eng_timer_row *t) {
    const timer *s = owner;
    return eng_table_live(&s->rows.rows, t->entry) && eng_bag_held(&s->rows, t->entry)->note == t->token;
}

static void drop_timers_of_rows_that_went(timer *s) {
    eng_bag *b = &s->rows;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        eng_held *h = eng_bag_held(b, e);
        if (eng_bag_change(b, e) != ENG_WENT || !h->note) continue;
        h->note = 0;
        eng_timers_died(&s->timers, alive, s);
    }
}

static kd_status fire(kd_engine *g, eng_node *n, timer *s) {
    eng_timer_row t;
    while (eng_timers_take(&s->timers, g->now, alive, s, &t)) {
        eng_bag_held(&s->rows, t.entry)->note = 0;
        kd_status st =
            eng_emit_row(g, n, eng_bag_row(&s->rows, t.entry), 1, eng_bag_reason(&s->rows, t.entry), 0);
        if (st) return st;
    }
    return KD_OK;
}

/* A row whose instant is over gets a timer for now, which the run loop fires at a time point of its own. */
static kd_status set_timers_of_rows_that_came(kd_engine *g, timer *s) {
    eng_bag *b = &s->rows;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        kd_value due = eng_bag_row(b, e)[s->due];
        if (eng_bag_change(b, e) == ENG_CAME && due != KD_ABSENT && due != KD_NEVER) {
            kd_instant at = due > g->now ? due : g->now;
            if (!eng_timers_put(&s->timers, &g->mem, at, e, &eng_bag_held(b, e)->note)) return KD_NOMEM;
        }
        eng_bag_release(b, e);
    }
    b->touched.n = 0;
    return KD_OK;
}

/* Rows that go at the instant they are due are gone: the level is read after the time point's changes. */
static kd_status run(kd_engine *g, eng_node *n) {
    timer *s = n->state;
    kd_status st = eng_bag_take(&s->rows, n->in[0]->out.rows, n->in[0]->out.marks, n->in[0]->out.n);
    if (st) return st;
    drop_timers_of_rows_that_went(s);
    if ((st = fire(g, n, s)) || (st = set_timers_of_rows_that_came(g, s))) return st;
    eng_wakes_set(&g->wakes, n->id, eng_timers_next(&s->timers, alive, s));
    return KD_OK;
}

const eng_operator eng_op_timer = {"timer", sizeof(timer), open, close, run};

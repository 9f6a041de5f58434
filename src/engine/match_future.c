/* match_future.c: MATCH forward in time: rows whose ways begin at the time point and end in the interval.
 *
 * Ways are followed from their ends backward, the ends in order. What an end leads back to stays known:
 *
 *      time points      i   ...   k   ...   j      a way back from j comes to a state and row at k where
 *      known           {..}      {s,r}    {end}    one from an earlier end has been: it stops
 *
 * For an earlier end is in time for every beginning before k for which the later one is, unless it comes too
 * early (low): then until some end lies `low` seconds after k. So each state and row is visited once a time
 * point, with low > 0 at most once more for each instant of the `low` seconds after it; and when time point i
 * is decided, what is known there is the answer.
 *
 * Run from the end, a negated test meets ways whose columns the tests after it have bound. Where only those
 * before it bind them, ways are followed forward, each beginning for itself. */
#include "engine/history.h"
#include "engine/ways.h"

#include <string.h>

#define ANSWER (-1) /* the state of what is no way but an answer */

/* Of a state and row at a time point. */
typedef struct known {
    kd_instant end; /* the newest that led here */
    uint32_t next;  /* of those at the same time point */
    uint8_t settled;
} known;

typedef struct future {
    bool backward;
    eng_automaton a;
    eng_ways ways;
    eng_history history;
    eng_table known; /* time point, way */
    uint32_t *first; /* by time point from g->index on: what is known there */
    size_t head, tail, room;
    uint64_t next;       /* number of the first time point that is not taken in */
    eng_list here, back; /* to be worked on, at a time point and the one before it */
} future;

/* An end that is being taken in. */
typedef struct ending {
    kd_engine *g;
    future *f;
    kd_instant at;
} ending;

static kd_status open(kd_engine *g, eng_node *n) {
    future *f = n->state;
    eng_wake_next(n);
    f->backward = n->words[MATCH_BACKWARD] != 0;
    eng_table_open(&f->known, &g->mem, 1 + WAY_WORDS + n->width, sizeof(known));
    kd_status s = eng_history_open(&f->history, g, n);
    if (s) return s;
    return f->backward ? eng_automaton_open(&f->a, g, n, true) : eng_ways_open(&f->ways, g, n, true);
}

static void close(kd_engine *g, eng_node *n) {
    future *f = n->state;
    eng_ways_close(&f->ways, &g->mem);
    eng_history_close(&f->history, &g->mem);
    eng_table_close(&f->known);
    eng_release(&g->mem, &f->first, &f->room, sizeof *f->first);
    eng_list_close(&g->mem, &f->here);
    eng_list_close(&g->mem, &f->back);
}

/* The constants that were there before the first time point come again with it. */
static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    future *f = n->state;
    return g->opening ? KD_OK : eng_history_put(&f->history, g, n->more[k], k);
}

/* ---- What is known --------------------------------------------------------------------------------------*/

static bool add_point(kd_engine *g, future *f) {
    if (f->tail == f->room && f->head > f->room / 2) {
        memmove(f->first, f->first + f->head, (f->tail - f->head) * sizeof *f->first);
        f->tail -= f->head;
        f->head = 0;
    }
    if (!eng_reserve(&g->mem, &f->first, &f->room, f->tail + 1, sizeof *f->first)) return false;
    f->first[f->tail++] = ENG_NONE;
    return true;
}

/* What is known of a way at a time point, made when there is nothing yet; NULL: no memory. */
static known *know(kd_engine *g, future *f, const kd_value *key, uint32_t *entry, bool *fresh) {
    *entry = eng_table_add(&f->known, key, fresh);
    if (*entry == ENG_NONE) return NULL;
    known *x = eng_table_payload(&f->known, *entry);
    if (*fresh) {
        uint32_t *first = &f->first[f->head + (size_t)((uint64_t)key[0] - g->index)];
        x->next = *first;
        *first = *entry;
    }
    return x;
}

static kd_status answer(kd_engine *g, future *f, uint64_t index, const kd_value *row) {
    kd_value key[1 + WAY_WORDS + KD_WIDTH_MAX] = {(kd_value)index, ANSWER, 0};
    uint32_t e;
    bool fresh;
    eng_copy(key + 1 + WAY_WORDS, row, f->known.key_words - 1 - WAY_WORDS);
    return know(g, f, key, &e, &fresh) ? KD_OK : KD_NOMEM;
}

/* ---- Backward -------------------------------------------------------------------------------------------*/

/* A way back from the end comes to a state and row at a time point. */
static kd_status visit(const ending *z, const kd_value *key, eng_list *list) {
    future *f = z->f;
    uint32_t e;
    bool fresh;
    known *x = know(z->g, f, key, &e, &fresh);
    if (!x) return KD_NOMEM;
    if (!fresh && (x->settled || x->end == z->at)) return KD_OK;
    int64_t age = eng_way_age(eng_log_at(z->g, (uint64_t)key[0]), z->at);
    x->end = z->at;
    x->settled = age >= f->a.within.low;
    if (!eng_list_put(&z->g->mem, list, e)) return KD_NOMEM;
    if (!f->a.ends[key[1 + WAY_STATE]] || !eng_within(age, f->a.within)) return KD_OK;
    return answer(z->g, f, (uint64_t)key[0], key + 1 + WAY_WORDS);
}

static kd_status follow_test(const ending *z, const eng_edge *d, const kd_value *key) {
    future *f = z->f;
    kd_value to[1 + WAY_WORDS + KD_WIDTH_MAX];
    eng_past_found found;
    kd_status s = eng_history_find(&f->history, &z->g->mem, d, (uint64_t)key[0], key + 1, &found);
    if (s || (d->negated && found.count)) return s;
    if (d->negated) {
        eng_copy(to, key, f->known.key_words);
        to[1 + WAY_STATE] = d->to;
        return visit(z, to, &f->here);
    }
    bool whole = found.count && found.index->count == d->count; /* all rows found are the same */
    to[0] = key[0];
    for (uint64_t i = 0; !s && i < (whole ? 1 : found.count); i++) {
        const kd_value *row = eng_history_row(&f->history, &found, i);
        if (eng_edge_bind(d, key + 1, row, f->a.width, to + 1)) s = visit(z, to, &f->here);
    }
    return s;
}

/* Goes on from one that was visited; `step`: to the time point before as well. */
static kd_status follow(const ending *z, uint32_t entry, bool may_step) {
    future *f = z->f;
    kd_value key[1 + WAY_WORDS + KD_WIDTH_MAX];
    eng_copy(key, eng_table_key(&f->known, entry), f->known.key_words);
    kd_value state = key[1 + WAY_STATE];
    for (uint32_t i = f->a.first_edge[state]; i < f->a.first_edge[state + 1]; i++) {
        const eng_edge *d = &f->a.edges[i];
        kd_status s = KD_OK;
        if (d->test != ENG_NONE) {
            s = follow_test(z, d, key);
        } else if (may_step) {
            kd_value to[1 + WAY_WORDS + KD_WIDTH_MAX];
            eng_copy(to, key, f->known.key_words);
            to[0]--;
            to[1 + WAY_STATE] = d->to;
            s = visit(z, to, &f->back);
        }
        if (s) return s;
    }
    return KD_OK;
}

static kd_status end_backward(kd_engine *g, future *f, uint64_t index, kd_instant at) {
    ending z = {g, f, at};
    kd_value key[1 + WAY_WORDS + KD_WIDTH_MAX] = {(kd_value)index, f->a.first};
    f->here.n = f->back.n = 0;
    kd_status s = visit(&z, key, &f->here);
    for (uint64_t k = index; !s && f->here.n; k--) {
        bool may_step = k > g->index && eng_way_age(eng_log_at(g, k - 1), at) <= f->a.within.high;
        while (!s && f->here.n) s = follow(&z, f->here.items[--f->here.n], may_step);
        eng_list swap = f->here;
        f->here = f->back;
        f->back = swap;
    }
    return s;
}

/* ---- Forward --------------------------------------------------------------------------------------------*/

static kd_status end_forward(kd_engine *g, future *f, uint64_t index, kd_instant at) {
    for (uint32_t k = 0; k < f->history.test_count; k++) {
        const eng_past_rows *t = &f->history.tests[k];
        bool there = !eng_queue_empty(&t->queue) && eng_queue_front(&t->queue)->index == index;
        f->ways.tests[k] = (eng_test_rows){NULL, 0, t->width};
        if (!there) continue;
        f->ways.tests[k].rows = eng_queue_row(&t->queue, 0, t->width);
        f->ways.tests[k].n = eng_queue_front(&t->queue)->rows;
    }
    kd_status s = eng_ways_advance(&f->ways, &g->mem, index, at);
    for (uint32_t e = 0; !s && e < f->ways.found.used; e++) {
        const kd_value *key = eng_table_key(&f->ways.found, e);
        if ((uint64_t)key[0] >= g->index) s = answer(g, f, (uint64_t)key[0], key + 1);
    }
    eng_history_drop(&f->history, index);
    return s;
}

/* ---- A time point ---------------------------------------------------------------------------------------*/

/* Takes in the time points up to the last that can matter to g's. */
static kd_status take_ends(kd_engine *g, future *f, int64_t high) {
    kd_status s = KD_OK;
    for (kd_instant last = eng_later(g->now, high); !s && f->next < g->points; f->next++) {
        kd_instant at = eng_log_at(g, f->next);
        if (f->next > g->index && (at == KD_NEVER || at > last)) break;
        if (!add_point(g, f)) return KD_NOMEM;
        s = f->backward ? end_backward(g, f, f->next, at) : end_forward(g, f, f->next, at);
    }
    return s;
}

static kd_status run(kd_engine *g, eng_node *n) {
    future *f = n->state;
    eng_wake_next(n);
    if (g->opening) return KD_OK;
    kd_status s = take_ends(g, f, n->words[MATCH_HIGH]);
    if (s) return s;
    for (uint32_t e = f->first[f->head], next; e != ENG_NONE; e = next) {
        const kd_value *key = eng_table_key(&f->known, e);
        next = ((const known *)eng_table_payload(&f->known, e))->next;
        if (key[1 + WAY_STATE] == ANSWER) s = eng_emit_row(g, n, key + 1 + WAY_WORDS, 1, 0);
        if (s) return s;
        eng_table_remove(&f->known, e);
    }
    f->head++;
    eng_history_drop(&f->history, g->index);
    return KD_OK;
}

/* ---- Saved and loaded -----------------------------------------------------------------------------------*/

static void walk_known(eng_walk *w, void *payload) {
    known *x = payload;
    eng_walk_i64(w, &x->end);
    eng_walk_u8(w, &x->settled);
    eng_walk_check(w, x->settled < 2);
}

/* What is known is chained anew, by its time point. */
static void load_points(eng_walk *w, const eng_node *n, future *f) {
    uint64_t begin = n->stage->next;
    bool sound = f->next >= begin && f->next <= w->g->points && eng_walk_runs_next(n);
    if (!eng_walk_check(w, sound)) return;
    f->head = f->tail = 0;
    for (uint64_t i = begin; i < f->next; i++)
        if (!add_point(w->g, f)) w->failed = KD_NOMEM;
    for (uint32_t e = 0; !w->failed && e < f->known.used; e++) {
        if (!eng_table_live(&f->known, e)) continue;
        const kd_value *key = eng_table_key(&f->known, e);
        sound = key[0] >= 0 && (uint64_t)key[0] >= begin && (uint64_t)key[0] < f->next &&
                (key[1 + WAY_STATE] == ANSWER ? key[1 + WAY_MASK] == 0
                                              : f->backward && eng_way_is_sound(n, key + 1));
        if (!eng_walk_check(w, sound)) return;
        uint32_t *first = &f->first[(size_t)((uint64_t)key[0] - begin)];
        ((known *)eng_table_payload(&f->known, e))->next = *first;
        *first = e;
    }
}

static kd_status walk(eng_walk *w, eng_node *n) {
    future *f = n->state;
    eng_walk_measure(w, 0, f->room * sizeof *f->first);
    eng_walk_u64(w, &f->next);
    eng_walk_table(w, &f->known, walk_known);
    if (!w->failed && eng_walk_loads(w)) load_points(w, n, f);
    if (!w->failed) eng_history_walk(w, &f->history);
    return w->failed || f->backward ? w->failed : eng_ways_walk(w, &f->ways, n, f->next);
}

const eng_operator eng_op_match_future = {.name = "match",
                                          .state_bytes = sizeof(future),
                                          .open = open,
                                          .close = close,
                                          .run = run,
                                          .take = take,
                                          .reach = ENG_AHEAD,
                                          .walk = walk};

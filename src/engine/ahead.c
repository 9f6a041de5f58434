/* ahead.c: EVENTUALLY, and the second half of UNTIL: a row stands while some pulse of it is to come between low
 * and high seconds later.
 *
 *      input, ahead ─▶ [to come] ─▶ high seconds before ─▶ [standing, by newest pulse] ─▶ passed ─▶ gone
 *                                        │         ▲
 *                                        └▶ [not yet valid: UNTIL's a begins to hold later]
 *
 * It is ONCE with time running towards the pulses. A row's newest pulse is kept by its time point's number when
 * low is 0 (several time points share an instant), else by its instant. */
#include "engine/runs.h"
#include "engine/walk.h"

/* A pulse of UNTIL that is near enough but valid only from a later time point on. */
typedef struct waiting {
    uint64_t from;
    int64_t newest;
    uint32_t slot; /* of its row in the pool */
} waiting;

typedef struct ahead {
    eng_window window;
    eng_queue to_come;
    kd_interval within;
    unsigned width; /* of a row; UNTIL's input has one column more: from when it is valid */
    waiting *heap;  /* lowest `from` first */
    size_t heap_n, heap_room;
    kd_value *pool;
    size_t pool_used, pool_room;
    eng_list free_slots;
} ahead;

static kd_status open(kd_engine *g, eng_node *n) {
    ahead *s = n->state;
    s->within = (kd_interval){n->words[0], n->words[1]};
    s->width = n->width;
    eng_window_open(&s->window, g, n, (kd_interval){0, s->within.high});
    s->window.heaped = n->op == &eng_op_until && s->window.listed; /* rows become valid in any order */
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    ahead *s = n->state;
    eng_window_close(&s->window);
    eng_queue_close(&s->to_come, &g->mem);
    eng_release(&g->mem, &s->heap, &s->heap_room, sizeof *s->heap);
    eng_release(&g->mem, &s->pool, &s->pool_room, sizeof *s->pool);
    eng_list_close(&g->mem, &s->free_slots);
}

/* ---- Not yet valid --------------------------------------------------------------------------------------*/

static bool before(const waiting *a, const waiting *b) {
    return a->from != b->from ? a->from < b->from : a->newest < b->newest;
}

static kd_status wait_for(kd_engine *g, ahead *s, const kd_value *row, uint64_t from, int64_t newest) {
    uint32_t slot;
    if (s->free_slots.n) {
        slot = s->free_slots.items[--s->free_slots.n];
    } else {
        size_t need = (s->pool_used + 1) * s->width + 1;
        if (s->pool_used >= UINT32_MAX ||
            !eng_reserve(&g->mem, &s->pool, &s->pool_room, need, sizeof *s->pool) ||
            !eng_reserve(&g->mem, &s->free_slots.items, &s->free_slots.room, s->pool_used + 1,
                         sizeof(uint32_t)))
            return KD_NOMEM;
        slot = (uint32_t)s->pool_used++;
    }
    if (!eng_reserve(&g->mem, &s->heap, &s->heap_room, s->heap_n + 1, sizeof *s->heap)) return KD_NOMEM;
    eng_copy(s->pool + (size_t)slot * s->width, row, s->width);
    size_t i = s->heap_n++;
    waiting v = {from, newest, slot};
    for (; i > 0 && before(&v, &s->heap[(i - 1) / 2]); i = (i - 1) / 2) s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = v;
    return KD_OK;
}

static waiting take_first(ahead *s) {
    waiting top = s->heap[0], v = s->heap[--s->heap_n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->heap_n; i = child) {
        if (child + 1 < s->heap_n && before(&s->heap[child + 1], &s->heap[child])) child++;
        if (!before(&s->heap[child], &v)) break;
        s->heap[i] = s->heap[child];
    }
    if (s->heap_n) s->heap[i] = v;
    return top;
}

/* ---- Going on in time -----------------------------------------------------------------------------------*/

/* Below this a pulse lies behind (or too near to) time point `index` at `now`. */
static int64_t bound_at(const ahead *s, uint64_t index, kd_instant now) {
    return s->within.low == 0 ? (int64_t)index : eng_later(now, s->within.low);
}

static bool is_near(const ahead *s, const eng_point *p, kd_instant now) {
    if (p->at == KD_NEVER) return now == KD_NEVER; /* the supposed end is near to itself alone */
    return p->at <= eng_later(now, s->within.high);
}

/* Of UNTIL's rows at the front, those that are valid at `index` are moved together, without the column that says
 * from when, and counted; the others wait. */
static kd_status part(kd_engine *g, ahead *s, size_t rows, uint64_t index, int64_t newest, size_t *valid) {
    kd_value *row = s->to_come.rows + s->to_come.row_head * (s->width + 1), *to = row;
    unsigned width = s->width;
    for (const kd_value *end = row + rows * (width + 1); row < end; row += width + 1) {
        uint64_t from = (uint64_t)row[width];
        if (from > index) {
            kd_status st = wait_for(g, s, row, from, newest);
            if (st) return st;
            continue;
        }
        eng_copy(to, row, width);
        to += width;
        ++*valid;
    }
    return KD_OK;
}

/* Pulses come near in the order of time, so that each is its row's newest. */
static kd_status come_near(kd_engine *g, ahead *s, uint64_t index, int64_t bound, kd_instant now,
                           bool until) {
    unsigned width = s->width + until;
    for (eng_queue *q = &s->to_come; !eng_queue_empty(q); eng_queue_drop(q)) {
        const eng_point *p = eng_queue_front(q);
        if (!is_near(s, p, now)) return KD_OK;
        int64_t newest = s->within.low == 0 ? (int64_t)p->index : p->at;
        if (newest < bound || (s->within.low > 0 && p->at == KD_NEVER)) continue;
        size_t valid = until ? 0 : p->rows;
        kd_status st = until ? part(g, s, p->rows, index, newest, &valid) : KD_OK;
        const kd_value *rows = q->rows + q->row_head * width;
        if (!st) st = eng_window_pulses(&s->window, rows, valid, newest);
        if (st) return st;
    }
    return KD_OK;
}

/* A pulse that waited is no longer the newest of its row where another came near since. */
static kd_status become_valid(ahead *s, uint64_t index, int64_t bound) {
    while (s->heap_n && s->heap[0].from <= index) {
        waiting v = take_first(s);
        const kd_value *row = s->pool + (size_t)v.slot * s->width;
        kd_status st = v.newest >= bound ? eng_window_stand_in_order(&s->window, row, v.newest) : KD_OK;
        if (st) return st;
        s->free_slots.items[s->free_slots.n++] = v.slot; /* reserved when the slot was first taken */
    }
    return KD_OK;
}

static kd_status go_on(kd_engine *g, eng_node *n, bool until) {
    ahead *s = n->state;
    int64_t bound = bound_at(s, g->index, g->now);
    kd_status st = eng_window_expire(&s->window, bound);
    if (!st) st = become_valid(s, g->index, bound);
    return st ? st : come_near(g, s, g->index, bound, g->now, until);
}

/* When something next changes by itself: a pulse comes near, a row has passed, a waiting one becomes valid. */
static void set_wakes(eng_node *n, const ahead *s) {
    kd_instant at = KD_NEVER;
    uint64_t index = UINT64_MAX;
    if (!eng_queue_empty(&s->to_come)) {
        kd_instant p = eng_queue_front(&s->to_come)->at, near;
        if (p == KD_NEVER) index = eng_queue_front(&s->to_come)->index;
        at = p == KD_NEVER ? p : __builtin_sub_overflow(p, s->within.high, &near) ? INT64_MIN : near;
    }
    if (s->window.first != ENG_NONE) {
        int64_t newest = eng_window_at(&s->window, s->window.first)->newest;
        if (s->within.low == 0)
            index = (uint64_t)newest + 1 < index ? (uint64_t)newest + 1 : index;
        else if (newest - s->within.low + 1 < at)
            at = newest - s->within.low + 1;
    }
    if (s->heap_n && s->heap[0].from < index) index = s->heap[0].from;
    eng_wake_at(n, at);
    eng_wake_index(n, index);
}

static kd_status run_either(kd_engine *g, eng_node *n, bool until) {
    kd_status st = go_on(g, n, until);
    if (st || n->silent) return st;
    st = eng_window_settle(&((ahead *)n->state)->window, n);
    set_wakes(n, n->state);
    return st;
}

/* ---- What comes in --------------------------------------------------------------------------------------*/

/* Nobody may ask for long: what lies behind the stage's next time point is dropped, so that no more is kept than
 * the window has. */
static void drop_passed(const kd_engine *g, const eng_node *n, ahead *s) {
    uint64_t next = n->stage->next;
    if (next >= g->points) return;
    int64_t bound = bound_at(s, next, eng_log_at(g, next));
    while (!eng_queue_empty(&s->to_come)) {
        const eng_point *p = eng_queue_front(&s->to_come);
        if ((s->within.low == 0 ? (int64_t)p->index : p->at) >= bound) return;
        eng_queue_drop(&s->to_come);
    }
}

static kd_status take(kd_engine *g, eng_node *n, unsigned k) {
    ahead *s = n->state;
    if (!n->silent || eng_queue_full(&s->to_come, n->in[0])) drop_passed(g, n, s);
    bool first = eng_queue_empty(&s->to_come);
    kd_status st = eng_queue_put(&s->to_come, g, n->in[0]);
    if (!st && first && !n->silent) set_wakes(n, s);
    return st;
}

static kd_status eventually_run(kd_engine *g, eng_node *n) {
    return run_either(g, n, false);
}
static kd_status until_run(kd_engine *g, eng_node *n) {
    return run_either(g, n, true);
}
static kd_status eventually_look(kd_engine *g, eng_node *n) {
    return go_on(g, n, false);
}
static kd_status until_look(kd_engine *g, eng_node *n) {
    return go_on(g, n, true);
}

/* The left side failed between now and the newest time point that is known. */
static bool until_never(const kd_engine *g, const eng_node *n, const kd_value *row) {
    return eng_runs_over(n->in[0], row, g->index);
}

static const eng_lookup eventually_lookup = {.offers = eng_window_offers,
                                             .settle = eventually_look,
                                             .first = eng_window_first,
                                             .first_many = eng_window_first_many,
                                             .near = eng_window_near,
                                             .next = eng_window_next,
                                             .row = eng_window_found};
static const eng_lookup until_lookup = {.offers = eng_window_offers,
                                        .settle = until_look,
                                        .first = eng_window_first,
                                        .first_many = eng_window_first_many,
                                        .near = eng_window_near,
                                        .next = eng_window_next,
                                        .row = eng_window_found,
                                        .never = until_never};

/* ---- Saved and loaded -----------------------------------------------------------------------------------*/

/* A newest pulse, as the window has it. */
static bool is_sound(const eng_walk *w, const ahead *s, int64_t newest) {
    int64_t since;
    if (s->within.low == 0) return newest >= 0 && (uint64_t)newest < w->g->points;
    return newest < KD_NEVER && !__builtin_sub_overflow(newest, s->within.low, &since);
}

/* Those that wait, in the order of their heap; each with its row, wherever that lay. */
static void walk_waiting(eng_walk *w, ahead *s) {
    size_t n = s->heap_n;
    if (!eng_walk_count(w, &n, 16 + 8 * (size_t)s->width)) return;
    if (eng_walk_loads(w)) s->heap_n = s->pool_used = s->free_slots.n = 0;
    for (size_t i = 0; !w->failed && i < n; i++) {
        waiting v = {0};
        kd_value row[KD_WIDTH_MAX];
        if (!eng_walk_loads(w)) {
            v = s->heap[i];
            eng_copy(row, s->pool + (size_t)v.slot * s->width, s->width);
        }
        eng_walk_u64(w, &v.from);
        eng_walk_i64(w, &v.newest);
        eng_walk_values(w, row, s->width);
        if (eng_walk_loads(w) && eng_walk_check(w, is_sound(w, s, v.newest)))
            w->failed = wait_for(w->g, s, row, v.from, v.newest);
    }
}

static kd_status walk(eng_walk *w, eng_node *n, bool until) {
    ahead *s = n->state;
    eng_walk_measure(w, s->heap_n, s->heap_room * sizeof *s->heap + s->pool_room * sizeof *s->pool);
    eng_walk_window(w, &s->window, s->within.low == 0);
    const eng_table *rows = &s->window.rows;
    for (uint32_t e = 0; eng_walk_loads(w) && !w->failed && !s->window.lazy && e < rows->used; e++)
        if (eng_table_live(rows, e) && eng_window_at(&s->window, e)->stands)
            eng_walk_check(w, is_sound(w, s, eng_window_at(&s->window, e)->newest));
    eng_walk_queue(w, &s->to_come, s->width + until, false);
    if (!w->failed && w->way != ENG_MEASURING) walk_waiting(w, s);
    return w->failed;
}
static kd_status eventually_walk(eng_walk *w, eng_node *n) {
    return walk(w, n, false);
}
static kd_status until_walk(eng_walk *w, eng_node *n) {
    return walk(w, n, true);
}

const eng_operator eng_op_eventually = {.name = "eventually",
                                        .state_bytes = sizeof(ahead),
                                        .open = open,
                                        .close = close,
                                        .run = eventually_run,
                                        .take = take,
                                        .lookup = &eventually_lookup,
                                        .reach = ENG_AHEAD,
                                        .walk = eventually_walk};
const eng_operator eng_op_until = {.name = "until",
                                   .state_bytes = sizeof(ahead),
                                   .open = open,
                                   .close = close,
                                   .run = until_run,
                                   .take = take,
                                   .lookup = &until_lookup,
                                   .reach = ENG_AHEAD,
                                   .walk = until_walk};

/* fold_extreme.c: the least or greatest of each group in ONCE[0,high], for readers that look groups up
 * (fuse.c).
 *
 * Of a group only those rows are kept that may still become its answer: each is older than the next and
 * beats it. A row that comes takes away those at the end that it beats or equals, as they would leave
 * before it; rows that are too old leave at the front. So each row comes and goes once at most, and few
 * are kept at a time, whatever the window.
 *
 *      greatest:   front ─▶ | t=3 v=90 | t=7 v=60 | t=9 v=20 | ◀─ t=10 v=60:   | t=3 v=90 | t=10 v=60 |
 *
 * Known as a monotonic queue, or "ascending minima" (Richard Harter, 2001); see also Tangwongsan, Hirzel
 * and Schneider, "In-Order Sliding-Window Aggregation in Worst-Case Constant Time", 2021. A row that is
 * pulsed again is one more row of the same value, so the window's rows themselves need not be kept.
 *
 * Rows and groups that are too old stay, seen to be old by whoever finds them, until the table or the pool
 * is full; then all are swept. */
#include "engine/fold.h"
#include "engine/walk.h"

#define SWEPT_FROM 64 /* groups; fewer are not worth it */

/* A group's entry: its key, then `value`, so that both together are the row that is given out. */
typedef struct line {
    kd_value value;
    uint32_t front, back;
} line;

typedef struct candidate {
    kd_value value;
    kd_instant at;
    uint32_t next, prev;
} candidate;

typedef struct extremes {
    kd_engine *g;
    eng_folding fold;
    int64_t high;
    kd_instant bound; /* candidates of before are too old */
    eng_table groups;
    uint32_t sweep_at; /* with so many groups they are swept */
    eng_pool candidates;
} extremes;

static line *line_at(const extremes *s, uint32_t e) {
    return eng_table_payload(&s->groups, e);
}
static candidate *candidate_at(const extremes *s, uint32_t c) {
    return eng_pool_at(&s->candidates, c);
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

static uint32_t group_of(extremes *s, const kd_value *key) {
    bool fresh;
    uint32_t e = eng_table_add(&s->groups, key, &fresh);
    if (fresh && e != ENG_NONE) *line_at(s, e) = (line){s->fold.none, ENG_NONE, ENG_NONE};
    return e;
}

static kd_status open(kd_engine *g, eng_node *n) {
    extremes *s = n->state;
    s->g = g;
    s->high = eng_fused_window(g->plan, n)->words[1];
    s->bound = INT64_MIN;
    s->sweep_at = SWEPT_FROM;
    eng_fold_read(&s->fold, g->plan, n->words, n->word_count);
    eng_table_open(&s->groups, &g->mem, s->fold.group_count, sizeof(line));
    eng_pool_open(&s->candidates, &g->mem, sizeof(candidate));
    return s->fold.always && group_of(s, NULL) == ENG_NONE ? KD_NOMEM : KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    extremes *s = n->state;
    eng_table_close(&s->groups);
    eng_pool_close(&s->candidates);
}

/* ---- Lines ----------------------------------------------------------------------------------------------*/

static void drop_old(extremes *s, line *l) {
    while (l->front != ENG_NONE && candidate_at(s, l->front)->at < s->bound) {
        uint32_t c = l->front;
        l->front = candidate_at(s, c)->next;
        if (l->front == ENG_NONE)
            l->back = ENG_NONE;
        else
            candidate_at(s, l->front)->prev = ENG_NONE;
        eng_pool_give(&s->candidates, c);
    }
}

/* Takes out the candidates at the end that v beats or equals; the last of them is handed back to be used
 * again. */
static uint32_t drop_beaten(extremes *s, line *l, kd_value v) {
    uint32_t free = ENG_NONE;
    while (l->back != ENG_NONE && !eng_fold_beats(&s->fold, candidate_at(s, l->back)->value, v)) {
        if (free != ENG_NONE) eng_pool_give(&s->candidates, free);
        free = l->back;
        l->back = candidate_at(s, free)->prev;
    }
    if (l->back == ENG_NONE)
        l->front = ENG_NONE;
    else
        candidate_at(s, l->back)->next = ENG_NONE;
    return free;
}

static kd_status append(extremes *s, line *l, kd_value v, kd_instant at) {
    bool for_ever = s->high == KD_NEVER && l->front != ENG_NONE;
    if (for_ever && eng_fold_beats(&s->fold, candidate_at(s, l->front)->value, v)) return KD_OK;
    uint32_t c = drop_beaten(s, l, v);
    if (c == ENG_NONE && (c = eng_pool_take(&s->candidates)) == ENG_NONE) return KD_NOMEM;
    *candidate_at(s, c) = (candidate){v, at, ENG_NONE, l->back};
    if (l->back == ENG_NONE)
        l->front = c;
    else
        candidate_at(s, l->back)->next = c;
    l->back = c;
    return KD_OK;
}

/* ---- Running --------------------------------------------------------------------------------------------*/

/* Gives up what is too old; the pool grows when that leaves less than half of it free. */
static bool sweep(extremes *s) {
    eng_pool *p = &s->candidates;
    for (uint32_t e = 0; e < s->groups.used; e++) {
        if (!eng_table_live(&s->groups, e)) continue;
        drop_old(s, line_at(s, e));
        if (line_at(s, e)->front == ENG_NONE && !s->fold.always) eng_table_remove(&s->groups, e);
    }
    s->sweep_at = s->groups.live < SWEPT_FROM / 2 ? SWEPT_FROM : s->groups.live * 2;
    return p->live * (size_t)2 <= p->room ||
           eng_reserve(p->mem, &p->pieces, &p->room, p->room + 1, p->piece_bytes);
}

static bool is_full(const extremes *s) {
    const eng_pool *p = &s->candidates;
    return s->groups.live >= s->sweep_at || (p->free == ENG_NONE && p->used == p->room);
}

static kd_status run(kd_engine *g, eng_node *n) {
    extremes *s = n->state;
    const eng_node *in = n->in[0];
    s->bound = eng_fused_bound(g, s->high);
    for (size_t i = 0; i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        kd_value key[KD_WIDTH_MAX], v = eng_fold_value(&s->fold, row);
        if (v == KD_ABSENT) continue;
        if (is_full(s) && !sweep(s)) return KD_NOMEM;
        eng_gather(key, row, s->fold.groups, s->fold.group_count);
        uint32_t e = group_of(s, key);
        if (e == ENG_NONE) return KD_NOMEM;
        drop_old(s, line_at(s, e));
        kd_status st = append(s, line_at(s, e), v, g->now);
        if (st) return st;
    }
    return KD_OK;
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

static kd_status look(kd_engine *g, eng_node *n) {
    extremes *s = n->state;
    s->bound = eng_fused_bound(g, s->high);
    return KD_OK;
}

static uint32_t first(const eng_node *n, const kd_value *key) {
    extremes *s = n->state;
    uint32_t e = eng_table_find(&s->groups, key);
    if (e == ENG_NONE) return e;
    line *l = line_at(s, e);
    drop_old(s, l);
    if (l->front == ENG_NONE && !s->fold.always) return ENG_NONE;
    l->value =
        l->front == ENG_NONE ? s->fold.none : eng_fold_told(&s->fold, candidate_at(s, l->front)->value);
    return e;
}

static const kd_value *row(const eng_node *n, uint32_t entry) {
    return eng_table_key(&((const extremes *)n->state)->groups, entry);
}

static const eng_lookup lookup = {
    .offers = eng_fold_offers, .settle = look, .first = first, .next = eng_fold_next, .row = row};

/* ---- Saved and loaded -----------------------------------------------------------------------------------
 *
 * Each group's key and its candidates, oldest first; appended in that order they are the same again. */

static void walk_line(eng_walk *w, extremes *s, uint32_t e) {
    kd_value key[KD_WIDTH_MAX] = {0};
    size_t n = 0;
    if (!eng_walk_loads(w)) {
        eng_copy(key, eng_table_key(&s->groups, e), s->fold.group_count);
        for (uint32_t c = line_at(s, e)->front; c != ENG_NONE; c = candidate_at(s, c)->next) n++;
    }
    eng_walk_values(w, key, s->fold.group_count);
    if (!eng_walk_count(w, &n, 16)) return;
    if (eng_walk_loads(w) && (e = group_of(s, key)) == ENG_NONE) w->failed = KD_NOMEM;
    if (w->failed || !eng_walk_check(w, line_at(s, e)->front == ENG_NONE)) return;
    kd_instant before = INT64_MIN;
    uint32_t c = line_at(s, e)->front;
    for (size_t i = 0; !w->failed && i < n; i++) {
        candidate v = {0};
        if (!eng_walk_loads(w)) v = *candidate_at(s, c);
        eng_walk_i64(w, &v.value);
        eng_walk_i64(w, &v.at);
        if (!eng_walk_check(w, v.value != KD_ABSENT && v.at > KD_ABSENT && v.at >= before)) return;
        before = v.at;
        c = v.next;
        kd_status st = eng_walk_loads(w) ? append(s, line_at(s, e), v.value, v.at) : KD_OK;
        if (st) w->failed = st;
    }
}

static kd_status walk(eng_walk *w, eng_node *n) {
    extremes *s = n->state;
    size_t groups = s->groups.live;
    eng_walk_measure(w, s->candidates.live, s->candidates.room * s->candidates.piece_bytes);
    if (w->way == ENG_MEASURING) return eng_walk_table(w, &s->groups, NULL);
    eng_walk_i64(w, &s->bound);
    if (!eng_walk_count(w, &groups, 8)) return w->failed;
    if (eng_walk_loads(w)) {
        eng_table_close(&s->groups);
        eng_pool_close(&s->candidates);
        for (size_t i = 0; !w->failed && i < groups; i++) walk_line(w, s, ENG_NONE);
        eng_walk_check(w, !s->fold.always || s->groups.live == 1);
        return w->failed;
    }
    for (uint32_t e = 0; !w->failed && e < s->groups.used; e++)
        if (eng_table_live(&s->groups, e)) walk_line(w, s, e);
    return w->failed;
}

const eng_operator eng_op_aggregate_extreme = {.name = "aggregate",
                                               .state_bytes = sizeof(extremes),
                                               .open = open,
                                               .close = close,
                                               .run = run,
                                               .lookup = &lookup,
                                               .walk = walk};

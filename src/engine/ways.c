/* ways.c: an automaton run forward, one time point at a time. */
#include "engine/ways.h"

typedef struct way {
    kd_instant began;
    int64_t queued;
} way;

typedef struct moment {
    eng_ways *w;
    eng_mem *mem;
    kd_instant at;
} moment;

kd_status eng_ways_open(eng_ways *w, kd_engine *g, const eng_node *n, bool each) {
    kd_status s = eng_automaton_open(&w->a, g, n, false);
    if (s) return s;
    w->each = each;
    unsigned words = WAY_WORDS + n->width + 1;
    eng_table_open(&w->begun, &g->mem, words, sizeof(way));
    eng_table_open(&w->now, &g->mem, words, sizeof(way));
    eng_table_open(&w->found, &g->mem, 1 + n->width, 0);
    w->tests = kd_arena_array(&g->arena, (size_t)n->more_count + 1, sizeof *w->tests);
    if (!w->tests) return KD_NOMEM;
    for (uint32_t k = 0; k < n->more_count; k++) w->tests[k].width = n->more[k]->width;
    return KD_OK;
}

void eng_ways_close(eng_ways *w, eng_mem *mem) {
    eng_table_close(&w->begun);
    eng_table_close(&w->now);
    eng_table_close(&w->found);
    eng_list_close(mem, &w->work);
    for (size_t i = 0; i < w->index_count; i++) eng_match_close(&w->indexes[i].match, mem);
    eng_release(mem, &w->indexes, &w->index_room, sizeof *w->indexes);
    w->index_count = 0;
}

/* ---- Beginnings -----------------------------------------------------------------------------------------*/

/* Old enough to count for as long as it is kept, so that one stands for all. */
static bool is_ripe(const moment *m, kd_instant began) {
    kd_interval within = m->w->a.within;
    return within.low == 0 || within.high == KD_NEVER || eng_way_age(began, m->at) >= within.low;
}

static bool is_better(const eng_ways *w, kd_instant a, kd_instant b) {
    return w->a.within.high == KD_NEVER ? a < b : a > b;
}

/* Adds a way that began then, or lets one that is there stand for it. It is worked on when that changed it. */
static kd_status put(const moment *m, eng_table *t, const kd_value *key, kd_instant began, bool work) {
    bool fresh;
    uint32_t e = eng_table_add(t, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    way *x = eng_table_payload(t, e);
    if (!fresh && !is_better(m->w, began, x->began)) return KD_OK;
    x->began = began;
    if (!work || x->queued) return KD_OK;
    x->queued = 1;
    return eng_list_put(m->mem, &m->w->work, e) ? KD_OK : KD_NOMEM;
}

/* ---- Tests ----------------------------------------------------------------------------------------------*/

static kd_status find_index(const moment *m, const eng_edge *d, uint32_t bound, eng_way_index **out) {
    eng_ways *w = m->w;
    size_t i = 0;
    while (i < w->index_count && (w->indexes[i].test != d->test || w->indexes[i].bound != bound)) i++;
    if (i == w->index_count) {
        if (!eng_reserve(m->mem, &w->indexes, &w->index_room, i + 1, sizeof *w->indexes)) return KD_NOMEM;
        w->indexes[w->index_count++] = (eng_way_index){.test = d->test, .bound = bound};
        for (unsigned c = 0; c < d->count; c++)
            if (bound >> c & 1) w->indexes[i].columns[w->indexes[i].count++] = (uint8_t)c;
    }
    eng_way_index *x = *out = &w->indexes[i];
    const eng_test_rows *r = &w->tests[d->test];
    x->match.columns = x->columns; /* the array of indexes may have moved */
    if (x->open) return KD_OK;
    x->open = true;
    return eng_match_open(&x->match, m->mem, r->rows, r->n, r->width, x->columns, x->count);
}

/* Goes along one edge that is no step. `key` is a copy of the way's. */
static kd_status follow(const moment *m, const eng_edge *d, const kd_value *key, kd_instant began) {
    eng_ways *w = m->w;
    const eng_test_rows *r = &w->tests[d->test];
    unsigned words = WAY_WORDS + w->a.width;
    kd_value to[WAY_WORDS + KD_WIDTH_MAX + 1], values[KD_WIDTH_MAX];
    uint8_t columns[KD_WIDTH_MAX];
    to[words] = key[words];
    if (!r->n) {
        if (!d->negated) return KD_OK;
        eng_copy(to, key, words);
        to[WAY_STATE] = d->to;
        return put(m, &w->now, to, began, true);
    }
    eng_way_index *x;
    uint32_t bound = eng_edge_bound(d, (uint64_t)key[WAY_MASK]);
    kd_status s = find_index(m, d, bound, &x);
    if (s) return s;
    eng_edge_key(d, bound, key + WAY_WORDS, columns, values);
    size_t i = eng_match_find(&x->match, values, 0);
    if (d->negated) {
        if (i < r->n) return KD_OK;
        eng_copy(to, key, words);
        to[WAY_STATE] = d->to;
        return put(m, &w->now, to, began, true);
    }
    for (; !s && i < r->n; i = eng_match_find(&x->match, values, i + 1)) {
        if (!eng_edge_bind(d, key, r->rows + i * r->width, w->a.width, to)) continue;
        s = put(m, &w->now, to, began, true);
        if (x->count == r->width) break;
    }
    return s;
}

/* Follows all tests from what is to be worked on, until nothing is new. */
static kd_status close_over(const moment *m) {
    eng_ways *w = m->w;
    while (w->work.n) {
        uint32_t e = w->work.items[--w->work.n];
        way *x = eng_table_payload(&w->now, e);
        kd_value key[WAY_WORDS + KD_WIDTH_MAX + 1];
        kd_instant began = x->began;
        x->queued = 0;
        eng_copy(key, eng_table_key(&w->now, e), w->now.key_words);
        for (uint32_t i = w->a.first_edge[key[WAY_STATE]]; i < w->a.first_edge[key[WAY_STATE] + 1]; i++) {
            if (w->a.edges[i].test == ENG_NONE) continue;
            kd_status s = follow(m, &w->a.edges[i], key, began);
            if (s) return s;
        }
    }
    return KD_OK;
}

/* ---- A time point ---------------------------------------------------------------------------------------*/

/* What was under way and can still end in time, and what begins. */
static kd_status bring(const moment *m, uint64_t index) {
    eng_ways *w = m->w;
    unsigned words = WAY_WORDS + w->a.width;
    kd_value key[WAY_WORDS + KD_WIDTH_MAX + 1];
    eng_table_clear(&w->now);
    for (uint32_t e = 0; e < w->begun.used; e++) {
        kd_instant began = ((const way *)eng_table_payload(&w->begun, e))->began;
        if (eng_way_age(began, m->at) > w->a.within.high) continue;
        eng_copy(key, eng_table_key(&w->begun, e), words + 1);
        if (!w->each && is_ripe(m, began)) key[words] = KD_ABSENT;
        kd_status s = put(m, &w->now, key, began, true);
        if (s) return s;
    }
    for (unsigned i = 0; i < words; i++) key[i] = 0;
    key[WAY_STATE] = w->a.first;
    key[words] = w->each ? (kd_value)index : is_ripe(m, m->at) ? KD_ABSENT : m->at;
    return put(m, &w->now, key, m->at, true);
}

static kd_status find_ends(const moment *m) {
    eng_ways *w = m->w;
    unsigned words = WAY_WORDS + w->a.width;
    eng_table_clear(&w->found);
    for (uint32_t e = 0; e < w->now.used; e++) {
        const kd_value *key = eng_table_key(&w->now, e);
        kd_instant began = ((const way *)eng_table_payload(&w->now, e))->began;
        if (!w->a.ends[key[WAY_STATE]] || !eng_within(eng_way_age(began, m->at), w->a.within)) continue;
        kd_value row[1 + KD_WIDTH_MAX];
        bool fresh;
        row[0] = w->each ? key[words] : 0;
        eng_copy(row + 1, key + WAY_WORDS, w->a.width);
        if (eng_table_add(&w->found, row, &fresh) == ENG_NONE) return KD_NOMEM;
    }
    return KD_OK;
}

static kd_status step(const moment *m) {
    eng_ways *w = m->w;
    kd_value key[WAY_WORDS + KD_WIDTH_MAX + 1];
    eng_table_clear(&w->begun);
    for (uint32_t e = 0; e < w->now.used; e++) {
        eng_copy(key, eng_table_key(&w->now, e), w->now.key_words);
        kd_instant began = ((const way *)eng_table_payload(&w->now, e))->began;
        kd_value state = key[WAY_STATE];
        for (uint32_t i = w->a.first_edge[state]; i < w->a.first_edge[state + 1]; i++) {
            if (w->a.edges[i].test != ENG_NONE) continue;
            key[WAY_STATE] = w->a.edges[i].to;
            kd_status s = put(m, &w->begun, key, began, false);
            if (s) return s;
        }
    }
    return KD_OK;
}

kd_status eng_ways_advance(eng_ways *w, eng_mem *mem, uint64_t index, kd_instant at) {
    moment m = {w, mem, at};
    w->work.n = 0;
    for (size_t i = 0; i < w->index_count; i++) w->indexes[i].open = false;
    kd_status s = bring(&m, index);
    if (!s) s = close_over(&m);
    if (!s) s = find_ends(&m);
    return s ? s : step(&m);
}

/* ---- Saved and loaded -----------------------------------------------------------------------------------*/

static void walk_way(eng_walk *w, void *payload) {
    way *x = payload;
    eng_walk_i64(w, &x->began);
}

/* Between time points there is only what has begun: the rest is made anew at each. */
kd_status eng_ways_walk(eng_walk *w, eng_ways *ways, const eng_node *n, uint64_t limit) {
    if (w->way == ENG_MEASURING) {
        eng_walk_table(w, &ways->now, walk_way);
        eng_walk_table(w, &ways->found, NULL);
        eng_walk_list(w, &ways->work, 0);
    }
    eng_walk_table(w, &ways->begun, walk_way);
    if (!eng_walk_loads(w)) return w->failed;
    eng_walk_check(w, ways->begun.used == ways->begun.live);
    for (uint32_t e = 0; !w->failed && e < ways->begun.used; e++) {
        const kd_value *key = eng_table_key(&ways->begun, e);
        kd_value number = key[WAY_WORDS + n->width];
        eng_walk_check(w, eng_way_is_sound(n, key) &&
                              (!ways->each || (number >= 0 && (uint64_t)number < limit)));
    }
    return w->failed;
}

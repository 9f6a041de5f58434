/* walk.c: how the pieces that operators are made of are saved, loaded and measured. */
#include "engine/walk.h"

#include <string.h>

kd_status eng_walk_refuse(eng_walk *w) {
    if (!w->failed) w->failed = KD_INVALID;
    return w->failed;
}

static kd_status no_memory(eng_walk *w) {
    if (!w->failed) w->failed = KD_NOMEM;
    return w->failed;
}

uint64_t eng_walk_sum(const unsigned char *bytes, size_t n) {
    uint64_t sum = 0;
    for (; n > ENG_WALK_BLOCK; n -= ENG_WALK_BLOCK, bytes += ENG_WALK_BLOCK)
        sum = kd_hash(bytes, ENG_WALK_BLOCK, sum);
    return kd_hash(bytes, n, sum);
}

/* ---- Bytes and words ------------------------------------------------------------------------------------*/

static void flush(eng_walk *w) {
    if (!w->failed) w->sum = kd_hash(w->block, w->filled, w->sum);
    if (!w->failed) w->failed = w->put(w->ctx, w->block, w->filled);
    w->filled = 0;
}

/* A full block goes when more comes, so that the last one is never empty: the sum is that of eng_walk_sum. */
static void save(eng_walk *w, const unsigned char *bytes, size_t n) {
    while (n && !w->failed) {
        if (w->filled == ENG_WALK_BLOCK) flush(w);
        size_t piece = ENG_WALK_BLOCK - w->filled;
        if (piece > n) piece = n;
        memcpy(w->block + w->filled, bytes, piece);
        w->filled += piece;
        bytes += piece;
        n -= piece;
    }
}

void eng_walk_bytes(eng_walk *w, void *bytes, size_t n) {
    if (w->way == ENG_SAVING) save(w, bytes, n);
    if (w->way != ENG_LOADING || !n) return;
    if (w->failed || n > w->left) {
        eng_walk_refuse(w);
        memset(bytes, 0, n);
        return;
    }
    memcpy(bytes, w->p, n);
    w->p += n;
    w->left -= n;
}

static uint64_t walk_word(eng_walk *w, uint64_t v, unsigned n) {
    unsigned char bytes[8];
    for (unsigned i = 0; i < n; i++) bytes[i] = (unsigned char)(v >> 8 * i);
    eng_walk_bytes(w, bytes, n);
    v = 0;
    for (unsigned i = 0; i < n; i++) v |= (uint64_t)bytes[i] << 8 * i;
    return v;
}

/* What is saved or measured is not written to. */
void eng_walk_u8(eng_walk *w, uint8_t *v) {
    uint8_t read = (uint8_t)walk_word(w, *v, 1);
    if (w->way == ENG_LOADING) *v = read;
}
void eng_walk_u32(eng_walk *w, uint32_t *v) {
    uint32_t read = (uint32_t)walk_word(w, *v, 4);
    if (w->way == ENG_LOADING) *v = read;
}
void eng_walk_u64(eng_walk *w, uint64_t *v) {
    uint64_t read = walk_word(w, *v, 8);
    if (w->way == ENG_LOADING) *v = read;
}
void eng_walk_i64(eng_walk *w, int64_t *v) {
    int64_t read = (int64_t)walk_word(w, (uint64_t)*v, 8);
    if (w->way == ENG_LOADING) *v = read;
}
void eng_walk_bool(eng_walk *w, bool *v) {
    uint64_t read = walk_word(w, *v, 1);
    if (w->way != ENG_LOADING) return;
    eng_walk_check(w, read < 2);
    *v = read == 1;
}
void eng_walk_values(eng_walk *w, kd_value *v, size_t n) {
    for (size_t i = 0; i < n; i++) eng_walk_i64(w, &v[i]);
}

bool eng_walk_count(eng_walk *w, size_t *n, size_t bytes_each) {
    uint64_t count = walk_word(w, *n, 8);
    if (w->way == ENG_LOADING) {
        if (!eng_walk_check(w, count <= w->left / bytes_each)) count = 0;
        *n = (size_t)count;
    }
    return !w->failed && w->way != ENG_MEASURING;
}

uint32_t eng_walk_member(eng_walk *w, const eng_table *t, uint32_t e) {
    eng_walk_u32(w, &e);
    if (w->failed) return ENG_NONE;
    if (w->way != ENG_LOADING || e == ENG_NONE) return e;
    return eng_walk_check(w, e < t->used && eng_table_live(t, e)) ? e : ENG_NONE;
}

/* ---- Tables ---------------------------------------------------------------------------------------------*/

static void walk_entry(eng_walk *w, eng_table *t, uint32_t e, eng_walk_payload *payload) {
    kd_value key[KD_WIDTH_MAX + 8];
    if (w->way == ENG_SAVING) {
        eng_walk_values(w, eng_table_key(t, e), t->key_words);
    } else {
        eng_walk_values(w, key, t->key_words);
        if (w->failed || !eng_walk_check(w, eng_table_lay(t, e, key))) return;
    }
    if (payload) payload(w, eng_table_payload(t, e));
}

static void walk_free_entries(eng_walk *w, eng_table *t) {
    uint32_t last = ENG_NONE;
    for (size_t i = t->live; !w->failed && i < t->used; i++) {
        uint32_t e = w->way == ENG_SAVING ? eng_table_free_after(t, last) : 0;
        eng_walk_u32(w, &e);
        if (w->way == ENG_LOADING && !w->failed) eng_walk_check(w, eng_table_lay_free(t, last, e));
        last = e;
    }
}

kd_status eng_walk_table(eng_walk *w, eng_table *t, eng_walk_payload *payload) {
    size_t used = t->used, live = t->live;
    eng_walk_measure(w, live,
                     t->room * sizeof *t->entries + t->spare_room * sizeof *t->spare +
                         t->slot_count * sizeof *t->slots);
    if (!eng_walk_count(w, &used, 1) || !eng_walk_count(w, &live, 1 + 8 * (size_t)t->key_words))
        return w->failed;
    if (w->way == ENG_LOADING) {
        if (!eng_walk_check(w, live <= used && used - live <= w->left / 5)) return w->failed;
        if (!eng_table_clear_for(t, used, live)) return no_memory(w);
    }
    size_t met = 0;
    for (uint32_t e = 0; !w->failed && e < used; e++) {
        bool is = w->way == ENG_SAVING && eng_table_live(t, e);
        eng_walk_bool(w, &is);
        if (!is || w->failed) continue;
        if (!eng_walk_check(w, ++met <= live)) break;
        walk_entry(w, t, e, payload);
    }
    if (eng_walk_check(w, met == live)) walk_free_entries(w, t);
    if (w->failed && w->way == ENG_LOADING) eng_table_close(t); /* not all of it is there */
    return w->failed;
}

kd_status eng_walk_list(eng_walk *w, eng_list *l, uint32_t limit) {
    size_t n = l->n;
    eng_walk_measure(w, 0, l->room * sizeof *l->items);
    if (!eng_walk_count(w, &n, 4)) return w->failed;
    if (w->way == ENG_LOADING) {
        l->n = 0;
        if (!eng_reserve(&w->g->mem, &l->items, &l->room, n, sizeof *l->items)) return no_memory(w);
    }
    for (size_t i = 0; !w->failed && i < n; i++) {
        uint32_t v = w->way == ENG_SAVING ? l->items[i] : 0;
        eng_walk_u32(w, &v);
        if (w->way == ENG_LOADING && eng_walk_check(w, v < limit)) l->items[l->n++] = v;
    }
    return w->failed;
}

/* ---- Bags, keyed tables, what HOLD and LATEST keep --------------------------------------------------------*/

static void walk_held(eng_walk *w, void *payload) {
    eng_held *h = payload;
    eng_walk_i64(w, &h->total);
    eng_walk_i64(w, &h->note);
    eng_walk_u8(w, &h->was);
    eng_walk_check(w, h->was < 2 && h->total != INT64_MIN);
}

/* Between time points nothing is touched, but for sinks that have not told of constants yet. */
kd_status eng_walk_bag(eng_walk *w, eng_bag *b) {
    if (!b->rows.mem) return w->failed;
    if (w->way == ENG_LOADING) b->touched.n = 0;
    eng_walk_table(w, &b->rows, walk_held);
    eng_walk_list(w, &b->touched, b->rows.used);
    if (w->way != ENG_LOADING) return w->failed;
    for (size_t i = 0; !w->failed && i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        if (!eng_walk_check(w, eng_table_live(&b->rows, e) && !eng_bag_held(b, e)->touched)) break;
        eng_bag_held(b, e)->touched = 1;
    }
    for (uint32_t e = 0; !w->failed && e < b->rows.used; e++) {
        if (!eng_table_live(&b->rows, e)) continue;
        const eng_held *h = eng_bag_held(b, e);
        eng_walk_check(w, h->touched || (h->total != 0 && h->was == (h->total > 0)));
    }
    if (w->failed) b->touched.n = 0;
    return w->failed;
}

static void walk_current_key(eng_walk *w, void *payload) {
    eng_current_key *k = payload;
    k->held = 1; /* a key that holds nothing is not kept */
    eng_walk_values(w, (kd_value *)(void *)(k + 1), w->node->width);
}

kd_status eng_walk_current(eng_walk *w, eng_current *c) {
    if (w->way == ENG_LOADING) c->touched.n = 0;
    eng_walk_measure(w, 0, c->touched.room * sizeof *c->touched.items);
    return eng_walk_table(w, &c->keys, walk_current_key);
}

/* ---- Queues ---------------------------------------------------------------------------------------------*/

static bool queue_room(eng_walk *w, eng_queue *q, size_t points, size_t rows, unsigned width, bool counted) {
    eng_mem *mem = &w->g->mem;
    q->head = q->tail = q->row_head = q->row_tail = 0;
    return eng_reserve(mem, &q->points, &q->room, points, sizeof *q->points) &&
           eng_reserve(mem, &q->rows, &q->row_room, rows * width + 1, sizeof *q->rows) &&
           (!counted || eng_reserve(mem, &q->counts, &q->count_room, rows, sizeof *q->counts));
}

/* Time points in order; what came before the first one has the number before 0. Gives the rows of all. */
static size_t walk_points(eng_walk *w, eng_queue *q, size_t n, size_t rows) {
    uint64_t next = 0;
    size_t sum = 0;
    for (size_t i = 0; !w->failed && i < n; i++) {
        eng_point p = w->way == ENG_SAVING ? q->points[q->head + i] : (eng_point){0};
        size_t of = p.rows;
        eng_walk_u64(w, &p.index);
        eng_walk_i64(w, &p.at);
        eng_walk_count(w, &of, 1);
        p.rows = of;
        if (w->way == ENG_LOADING) {
            bool sound = p.index + 1 >= next && eng_walk_knows(w, p.index + 1) && of <= rows - sum;
            if (!eng_walk_check(w, sound)) return 0;
            q->points[q->tail++] = p;
            next = p.index + 1;
        }
        sum += of;
    }
    return sum;
}

kd_status eng_walk_queue(eng_walk *w, eng_queue *q, unsigned width, bool counted) {
    size_t points = q->tail - q->head, rows = q->row_tail - q->row_head;
    eng_walk_measure(w, rows,
                     q->room * sizeof *q->points + q->row_room * sizeof *q->rows +
                         q->count_room * sizeof *q->counts);
    if (w->way == ENG_SAVING && !points) rows = 0;
    size_t row_bytes = 1 + 8 * ((size_t)width + counted);
    if (!eng_walk_count(w, &points, 24) || !eng_walk_count(w, &rows, row_bytes)) return w->failed;
    if (w->way == ENG_LOADING && !queue_room(w, q, points, rows, width, counted)) return no_memory(w);
    size_t sum = walk_points(w, q, points, rows);
    eng_walk_check(w, sum == rows);
    for (size_t i = 0; !w->failed && i < rows; i++) {
        uint8_t mark = 0; /* a row without columns has a byte too */
        eng_walk_u8(w, &mark);
        eng_walk_values(w, q->rows + (q->row_head + i) * width, width);
        if (!counted) continue;
        eng_walk_i64(w, &q->counts[q->row_head + i]);
        eng_walk_check(w, q->counts[q->row_head + i] != INT64_MIN);
    }
    if (w->way != ENG_LOADING) return w->failed;
    q->row_tail = rows;
    if (w->failed) q->head = q->tail = q->row_head = q->row_tail = 0;
    return w->failed;
}

/* ---- Sets of numbers, timers ------------------------------------------------------------------------------*/

kd_status eng_walk_bits(eng_walk *w, eng_bits *b, uint32_t limit) {
    size_t n = 0;
    for (size_t i = 0; b->levels && i < b->words[0]; i++) n += (size_t)__builtin_popcountll(b->level[0][i]);
    if (w->way == ENG_LOADING)
        while (eng_bits_take(b) != UINT32_MAX) continue;
    if (!eng_walk_count(w, &n, 4)) return w->failed;
    if (w->way == ENG_LOADING) {
        for (size_t i = 0; !w->failed && i < n; i++) {
            uint32_t v = 0;
            eng_walk_u32(w, &v);
            if (eng_walk_check(w, v < limit)) eng_bits_set(b, v);
        }
        return w->failed;
    }
    for (size_t i = 0; i < b->words[0]; i++)
        for (uint64_t word = b->level[0][i]; word; word &= word - 1) {
            uint32_t v = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(word);
            eng_walk_u32(w, &v);
        }
    return w->failed;
}

static size_t living(const eng_timers *t, eng_timer_alive *alive, const void *owner) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) n += alive(owner, &t->heap[i]);
    return n;
}

/* Loaded rows that have their timer are marked as touched meanwhile, so that none gets two. */
static void load_timer(eng_walk *w, eng_timers *t, const eng_bag *rows) {
    kd_instant at = 0;
    uint32_t e = eng_walk_member(w, &rows->rows, 0);
    eng_walk_i64(w, &at);
    if (w->failed || !eng_walk_check(w, e != ENG_NONE && at != KD_ABSENT && at != KD_NEVER)) return;
    eng_held *h = eng_bag_held(rows, e);
    if (!eng_walk_check(w, !h->touched && h->note > 0 && h->note <= t->last_token)) return;
    h->touched = 1;
    if (!eng_timers_restore(t, &w->g->mem, at, e, h->note)) no_memory(w);
}

kd_status eng_walk_timers(eng_walk *w, eng_timers *t, const eng_bag *rows, eng_timer_alive *alive,
                          const void *owner) {
    size_t n = w->way == ENG_SAVING ? living(t, alive, owner) : 0, with = 0;
    eng_walk_measure(w, 0, t->room * sizeof *t->heap);
    eng_walk_i64(w, &t->last_token);
    eng_walk_check(w, t->last_token >= 0 && t->last_token < INT64_MAX / 2 && !rows->touched.n);
    if (!eng_walk_count(w, &n, 12)) return w->failed;
    if (w->way == ENG_SAVING) {
        for (size_t i = 0; i < t->n; i++) {
            if (!alive(owner, &t->heap[i])) continue;
            eng_walk_u32(w, &t->heap[i].entry);
            eng_walk_i64(w, &t->heap[i].at);
        }
        return w->failed;
    }
    t->n = t->dead = 0;
    for (size_t i = 0; !w->failed && i < n; i++) load_timer(w, t, rows);
    for (uint32_t e = 0; !w->failed && e < rows->rows.used; e++) {
        if (!eng_table_live(&rows->rows, e)) continue;
        with += eng_bag_held(rows, e)->note != 0;
        eng_bag_held(rows, e)->touched = 0;
    }
    eng_walk_check(w, with == n);
    return w->failed;
}

/* ---- A node ---------------------------------------------------------------------------------------------*/

void eng_walk_node(eng_walk *w, eng_node *n) {
    w->node = n;
    if (w->way == ENG_MEASURING) {
        size_t values = n->width ? n->width : 1;
        size_t each =
            values * sizeof(kd_value) + n->counted * sizeof(int64_t) + n->ordered * sizeof(uint32_t);
        eng_walk_measure(w, 0, n->out.room * each + n->op->state_bytes);
    }
    if (n->op->walk && !w->failed) {
        kd_status s = n->op->walk(w, n);
        if (s && !w->failed) w->failed = s;
    }
}

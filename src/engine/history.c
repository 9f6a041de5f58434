/* history.c: the rows of a match's tests over a window of time points. */
#include "engine/history.h"

/* Of an index's entry: which row; and with ordinal 0 how many rows have the same key. */
typedef struct spot {
    uint64_t row, count;
} spot;

enum { KEY_POINT, KEY_ORDINAL, KEY_WORDS };

kd_status eng_history_open(eng_history *h, kd_engine *g, const eng_node *n) {
    h->tests = kd_arena_array(&g->arena, (size_t)n->more_count + 1, sizeof *h->tests);
    if (!h->tests) return KD_NOMEM;
    h->test_count = n->more_count;
    for (uint32_t k = 0; k < n->more_count; k++) h->tests[k].width = n->more[k]->width;
    return KD_OK;
}

void eng_history_close(eng_history *h, eng_mem *mem) {
    for (uint32_t k = 0; k < h->test_count; k++) eng_queue_close(&h->tests[k].queue, mem);
    for (size_t i = 0; i < h->index_count; i++) eng_table_close(&h->indexes[i].rows);
    eng_release(mem, &h->indexes, &h->index_room, sizeof *h->indexes);
    h->index_count = 0;
}

/* ---- Indexes --------------------------------------------------------------------------------------------*/

static void make_key(const eng_past_index *x, uint64_t index, const kd_value *row, kd_value *key) {
    key[KEY_POINT] = (kd_value)index;
    key[KEY_ORDINAL] = 0;
    eng_gather(key + KEY_WORDS, row, x->columns, x->count);
}

static kd_status index_row(eng_past_index *x, uint64_t index, const kd_value *row, uint64_t number) {
    kd_value key[KEY_WORDS + KD_WIDTH_MAX];
    make_key(x, index, row, key);
    bool fresh;
    uint32_t e = eng_table_add(&x->rows, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    uint64_t ordinal = ((const spot *)eng_table_payload(&x->rows, e))->count;
    if (ordinal) {
        key[KEY_ORDINAL] = (kd_value)ordinal;
        uint32_t other = eng_table_add(&x->rows, key, &fresh);
        if (other == ENG_NONE) return KD_NOMEM;
        ((spot *)eng_table_payload(&x->rows, other))->row = number;
    } else {
        ((spot *)eng_table_payload(&x->rows, e))->row = number;
    }
    ((spot *)eng_table_payload(&x->rows, e))->count++;
    return KD_OK;
}

/* Takes out all rows with the key of one of them; the others of that key are then gone already. */
static void forget_row(eng_past_index *x, uint64_t index, const kd_value *row) {
    kd_value key[KEY_WORDS + KD_WIDTH_MAX];
    make_key(x, index, row, key);
    uint32_t e = eng_table_find(&x->rows, key);
    if (e == ENG_NONE) return;
    uint64_t count = ((const spot *)eng_table_payload(&x->rows, e))->count;
    for (uint64_t i = count; i-- > 0;) {
        key[KEY_ORDINAL] = (kd_value)i;
        if ((e = eng_table_find(&x->rows, key)) != ENG_NONE) eng_table_remove(&x->rows, e);
    }
}

/* Puts what a test has had so far into a new index. */
static kd_status fill(const eng_history *h, eng_past_index *x) {
    const eng_past_rows *t = &h->tests[x->test];
    size_t row = 0;
    for (size_t p = t->queue.head; p < t->queue.tail; p++)
        for (size_t i = 0; i < t->queue.points[p].rows; i++, row++) {
            kd_status s = index_row(x, t->queue.points[p].index, eng_queue_row(&t->queue, row, t->width),
                                    t->dropped + row);
            if (s) return s;
        }
    return KD_OK;
}

static kd_status find_index(eng_history *h, eng_mem *mem, const eng_edge *d, uint32_t bound,
                            const eng_past_index **out) {
    size_t i = 0;
    while (i < h->index_count && (h->indexes[i].test != d->test || h->indexes[i].bound != bound)) i++;
    *out = NULL;
    if (i == h->index_count) {
        if (!eng_reserve(mem, &h->indexes, &h->index_room, i + 1, sizeof *h->indexes)) return KD_NOMEM;
        eng_past_index *x = &h->indexes[h->index_count++];
        *x = (eng_past_index){.test = d->test, .bound = bound};
        for (unsigned c = 0; c < d->count; c++)
            if (bound >> c & 1) x->columns[x->count++] = (uint8_t)c;
        eng_table_open(&x->rows, mem, KEY_WORDS + x->count, sizeof(spot));
        kd_status s = fill(h, x);
        if (s) return s;
    }
    *out = &h->indexes[i];
    return KD_OK;
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

kd_status eng_history_put(eng_history *h, kd_engine *g, const eng_node *test, uint32_t k) {
    eng_past_rows *t = &h->tests[k];
    size_t before = t->queue.row_tail - t->queue.row_head;
    kd_status s = eng_queue_put(&t->queue, g, test);
    for (size_t x = 0; !s && x < h->index_count; x++) {
        if (h->indexes[x].test != k) continue;
        for (size_t i = 0; !s && i < test->out.n; i++)
            s = index_row(&h->indexes[x], g->index, eng_batch_row(test, i), t->dropped + before + i);
    }
    return s;
}

void eng_history_drop(eng_history *h, uint64_t index) {
    for (uint32_t k = 0; k < h->test_count; k++) {
        eng_past_rows *t = &h->tests[k];
        while (!eng_queue_empty(&t->queue) && eng_queue_front(&t->queue)->index <= index) {
            const eng_point *p = eng_queue_front(&t->queue);
            for (size_t x = 0; x < h->index_count; x++)
                for (size_t i = 0; h->indexes[x].test == k && i < p->rows; i++)
                    forget_row(&h->indexes[x], p->index, eng_queue_row(&t->queue, i, t->width));
            t->dropped += p->rows;
            eng_queue_drop(&t->queue);
        }
    }
}

kd_status eng_history_find(eng_history *h, eng_mem *mem, const eng_edge *d, uint64_t index,
                           const kd_value *way, eng_past_found *out) {
    out->count = 0;
    if (eng_queue_empty(&h->tests[d->test].queue)) return KD_OK;
    uint32_t bound = eng_edge_bound(d, (uint64_t)way[WAY_MASK]);
    kd_status s = find_index(h, mem, d, bound, &out->index);
    if (s) return s;
    uint8_t columns[KD_WIDTH_MAX];
    out->key[KEY_POINT] = (kd_value)index;
    out->key[KEY_ORDINAL] = 0;
    eng_edge_key(d, bound, way + WAY_WORDS, columns, out->key + KEY_WORDS);
    uint32_t e = eng_table_find(&out->index->rows, out->key);
    if (e != ENG_NONE) out->count = ((const spot *)eng_table_payload(&out->index->rows, e))->count;
    return KD_OK;
}

const kd_value *eng_history_row(const eng_history *h, eng_past_found *f, uint64_t i) {
    const eng_past_rows *t = &h->tests[f->index->test];
    f->key[KEY_ORDINAL] = (kd_value)i;
    uint32_t e = eng_table_find(&f->index->rows, f->key);
    uint64_t number = ((const spot *)eng_table_payload(&f->index->rows, e))->row;
    return eng_queue_row(&t->queue, (size_t)(number - t->dropped), t->width);
}

kd_status eng_history_walk(eng_walk *w, eng_history *h) {
    for (size_t i = 0; i < h->index_count; i++) {
        if (w->way == ENG_MEASURING) eng_walk_table(w, &h->indexes[i].rows, NULL);
        if (eng_walk_loads(w)) eng_table_close(&h->indexes[i].rows);
    }
    if (eng_walk_loads(w)) h->index_count = 0;
    for (uint32_t k = 0; !w->failed && k < h->test_count; k++) {
        if (eng_walk_loads(w)) h->tests[k].dropped = 0;
        eng_walk_queue(w, &h->tests[k].queue, h->tests[k].width, false);
    }
    return w->failed;
}

/* bag.c: a multiset seen as a set. */
#include "engine/table.h"

#include <string.h>

void eng_bag_open(eng_bag *b, eng_mem *mem, unsigned width) {
    memset(b, 0, sizeof *b);
    eng_table_open(&b->rows, mem, width, sizeof(eng_held));
}

void eng_bag_close(eng_bag *b) {
    if (b->rows.mem) eng_list_close(b->rows.mem, &b->touched);
    eng_table_close(&b->rows);
}

kd_status eng_bag_add(eng_bag *b, const kd_value *row, int64_t count, uint32_t *entry) {
    bool fresh;
    uint32_t e = eng_table_add(&b->rows, row, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    eng_held *h = eng_bag_held(b, e);
    if (entry) *entry = e;
    if (!h->touched) {
        if (!eng_list_put(b->rows.mem, &b->touched, e)) return KD_NOMEM;
        h->touched = 1;
    }
    return __builtin_add_overflow(h->total, count, &h->total) ? KD_INVALID : KD_OK;
}

kd_status eng_bag_take(eng_bag *b, const kd_value *rows, const int64_t *counts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        kd_status s = eng_bag_add(b, rows + i * b->rows.key_words, counts[i], NULL);
        if (s) return s;
    }
    return KD_OK;
}

eng_change eng_bag_change(const eng_bag *b, uint32_t entry) {
    const eng_held *h = eng_bag_held(b, entry);
    bool is = h->total > 0;
    return is == (bool)h->was ? ENG_SAME : is ? ENG_CAME : ENG_WENT;
}

void eng_bag_release(eng_bag *b, uint32_t entry) {
    eng_held *h = eng_bag_held(b, entry);
    h->touched = 0;
    h->was = h->total > 0;
    if (h->total == 0) eng_table_remove(&b->rows, entry);
}

/* bag.c: a multiset seen as a set, with the reasons that each row is there for. */
#include "engine/table.h"

#include <string.h>

/* One reason of one row, in the list of that row's reasons. */
typedef struct support {
    int64_t count;
    uint32_t next, prev;
} support;

void eng_bag_open(eng_bag *b, eng_mem *mem, unsigned width, bool lineage) {
    memset(b, 0, sizeof *b);
    b->lineage = lineage;
    eng_table_open(&b->rows, mem, width, sizeof(eng_held));
    eng_table_open(&b->reasons, mem, 2, sizeof(support));
}

void eng_bag_close(eng_bag *b) {
    if (b->rows.mem) eng_list_close(b->rows.mem, &b->touched);
    eng_table_close(&b->rows);
    eng_table_close(&b->reasons);
}

static support *support_at(const eng_bag *b, uint32_t s) {
    return eng_table_payload(&b->reasons, s);
}

static void unlink_support(eng_bag *b, eng_held *h, uint32_t s) {
    support *p = support_at(b, s);
    if (p->prev == ENG_NONE)
        h->first = p->next;
    else
        support_at(b, p->prev)->next = p->next;
    if (p->next == ENG_NONE)
        h->last = p->prev;
    else
        support_at(b, p->next)->prev = p->prev;
    eng_table_remove(&b->reasons, s);
}

static kd_status add_reason(eng_bag *b, uint32_t entry, int64_t count, kd_reason reason) {
    kd_value key[2] = {entry, reason};
    bool fresh;
    uint32_t s = eng_table_add(&b->reasons, key, &fresh);
    if (s == ENG_NONE) return KD_NOMEM;
    eng_held *h = eng_bag_held(b, entry);
    support *p = support_at(b, s);
    if (fresh) {
        p->next = ENG_NONE;
        p->prev = h->last;
        if (h->last == ENG_NONE)
            h->first = s;
        else
            support_at(b, h->last)->next = s;
        h->last = s;
    }
    p->count += count; /* no larger than the row's total, which was checked */
    if (p->count == 0) unlink_support(b, h, s);
    return KD_OK;
}

kd_status eng_bag_add(eng_bag *b, const kd_value *row, int64_t count, kd_reason reason, uint32_t *entry) {
    bool fresh;
    uint32_t e = eng_table_add(&b->rows, row, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    eng_held *h = eng_bag_held(b, e);
    if (fresh) h->first = h->last = ENG_NONE;
    if (entry) *entry = e;
    if (!h->touched) {
        if (!eng_list_put(b->rows.mem, &b->touched, e)) return KD_NOMEM;
        h->touched = 1;
    }
    if (__builtin_add_overflow(h->total, count, &h->total)) return KD_INVALID;
    return b->lineage ? add_reason(b, e, count, reason) : KD_OK;
}

kd_status eng_bag_take(eng_bag *b, const kd_value *rows, const eng_mark *marks, size_t n) {
    for (size_t i = 0; i < n; i++) {
        kd_status s = eng_bag_add(b, rows + i * b->rows.key_words, marks[i].count, marks[i].reason, NULL);
        if (s) return s;
    }
    return KD_OK;
}

kd_reason eng_bag_reason(const eng_bag *b, uint32_t entry) {
    uint32_t first = eng_bag_held(b, entry)->first;
    if (!b->lineage || first == ENG_NONE) return 0;
    return (kd_reason)eng_table_key(&b->reasons, first)[1];
}

eng_change eng_bag_change(const eng_bag *b, uint32_t entry) {
    const eng_held *h = eng_bag_held(b, entry);
    bool is = h->total > 0;
    if (is != (bool)h->was) return is ? ENG_CAME : ENG_WENT;
    return is && eng_bag_reason(b, entry) != h->shown ? ENG_SWAPPED : ENG_SAME;
}

void eng_bag_release(eng_bag *b, uint32_t entry) {
    eng_held *h = eng_bag_held(b, entry);
    h->touched = 0;
    h->was = h->total > 0;
    h->shown = eng_bag_reason(b, entry);
    if (h->total != 0) return;
    while (h->first != ENG_NONE) unlink_support(b, h, h->first);
    eng_table_remove(&b->rows, entry);
}

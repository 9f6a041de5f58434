/* keyed.c: a multiset of rows with an index on some of their columns. */
#include "engine/table.h"

#include <string.h>

/* What is kept of a key: the first of its rows, in a word. */
typedef struct key_rows {
    uint32_t first, unused;
} key_rows;

void eng_keyed_open(eng_keyed *k, eng_mem *mem, unsigned width, const uint8_t *columns, unsigned key_count) {
    memset(k, 0, sizeof *k);
    k->width = width;
    k->key_count = key_count;
    if (key_count) memcpy(k->columns, columns, key_count);
    eng_table_open(&k->rows, mem, width, sizeof(eng_member));
    eng_table_open(&k->keys, mem, key_count, sizeof(key_rows));
}

void eng_keyed_close(eng_keyed *k) {
    eng_table_close(&k->rows);
    eng_table_close(&k->keys);
}

static eng_member *member_at(eng_keyed *k, uint32_t entry) {
    return eng_table_payload(&k->rows, entry);
}
static key_rows *key_at(const eng_keyed *k, uint32_t key) {
    return eng_table_payload(&k->keys, key);
}

static void unlink_row(eng_keyed *k, uint32_t entry) {
    eng_member *m = member_at(k, entry);
    if (m->next != ENG_NONE) member_at(k, m->next)->prev = m->prev;
    if (m->prev != ENG_NONE)
        member_at(k, m->prev)->next = m->next;
    else if (m->next != ENG_NONE)
        key_at(k, m->key)->first = m->next;
    else
        eng_table_remove(&k->keys, m->key);
    eng_table_remove(&k->rows, entry);
}

static kd_status link_row(eng_keyed *k, const kd_value *row, uint32_t entry) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, row, k->columns, k->key_count);
    bool fresh;
    uint32_t e = eng_table_add(&k->keys, key, &fresh);
    if (e == ENG_NONE) {
        eng_table_remove(&k->rows, entry);
        return KD_NOMEM;
    }
    uint32_t first = fresh ? ENG_NONE : key_at(k, e)->first;
    *member_at(k, entry) = (eng_member){.next = first, .prev = ENG_NONE, .key = e};
    if (first != ENG_NONE) member_at(k, first)->prev = entry;
    key_at(k, e)->first = entry;
    return KD_OK;
}

kd_status eng_keyed_add(eng_keyed *k, const kd_value *row, int64_t count) {
    bool fresh;
    uint32_t e = eng_table_add(&k->rows, row, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    if (fresh) {
        kd_status s = link_row(k, row, e);
        if (s) return s;
    }
    eng_member *m = member_at(k, e);
    if (__builtin_add_overflow(m->count, count, &m->count)) return KD_INVALID;
    if (m->count == 0) unlink_row(k, e);
    return KD_OK;
}

uint32_t eng_keyed_find(const eng_keyed *k, const kd_value *key) {
    uint32_t e = eng_table_find(&k->keys, key);
    return e == ENG_NONE ? ENG_NONE : key_at(k, e)->first;
}

uint32_t eng_keyed_first(const eng_keyed *k, uint32_t key) {
    return key_at(k, key)->first;
}

void eng_keyed_set_first(eng_keyed *k, uint32_t key, uint32_t entry) {
    key_at(k, key)->first = entry;
}

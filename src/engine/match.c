/* match.c: finds the rows of one batch by some of their columns. */
#include "engine/match.h"
#include "engine/table.h"

#include <string.h>

static uint32_t home_of(const eng_match *m, size_t row) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, m->rows + row * m->width, m->columns, m->key_count);
    return eng_hash(key, m->key_count) & m->mask;
}

kd_status eng_match_open(eng_match *m, eng_mem *mem, const kd_value *rows, size_t n, unsigned width,
                         const uint8_t *columns, unsigned key_count) {
    m->rows = rows;
    m->n = n;
    m->width = width;
    m->columns = columns;
    m->key_count = key_count;
    if (n <= ENG_LINEAR_MAX) return KD_OK;
    if (n >= UINT32_MAX / 4) return KD_NOMEM;
    size_t heads = 64;
    while (heads < n * 2) heads *= 2;
    if (!eng_reserve(mem, &m->heads, &m->heads_room, heads, sizeof *m->heads) ||
        !eng_reserve(mem, &m->next, &m->next_room, n, sizeof *m->next))
        return KD_NOMEM;
    m->mask = (uint32_t)heads - 1;
    memset(m->heads, 0, heads * sizeof *m->heads);
    for (size_t i = n; i-- > 0;) {
        uint32_t *head = &m->heads[home_of(m, i)];
        m->next[i] = *head;
        *head = (uint32_t)i + 1;
    }
    return KD_OK;
}

void eng_match_close(eng_match *m, eng_mem *mem) {
    eng_release(mem, &m->heads, &m->heads_room, sizeof *m->heads);
    eng_release(mem, &m->next, &m->next_room, sizeof *m->next);
}

static bool matches(const eng_match *m, size_t row, const kd_value *key) {
    const kd_value *r = m->rows + row * m->width;
    for (unsigned i = 0; i < m->key_count; i++)
        if (r[m->columns[i]] != key[i]) return false;
    return true;
}

size_t eng_match_find(const eng_match *m, const kd_value *key, size_t from) {
    if (m->n <= ENG_LINEAR_MAX) {
        while (from < m->n && !matches(m, from, key)) from++;
        return from;
    }
    uint32_t at = from ? m->next[from - 1] : m->heads[eng_hash(key, m->key_count) & m->mask];
    while (at && !matches(m, at - 1, key)) at = m->next[at - 1];
    return at ? at - 1 : m->n;
}

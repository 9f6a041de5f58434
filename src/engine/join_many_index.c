/* join_many_index.c: tries over rows that others keep. */
#include "engine/join_many_index.h"

#include <string.h>

#define SLOTS_MIN 64u

void eng_trie_open(eng_trie *t, eng_mem *mem, const uint8_t *columns, unsigned width) {
    *t = (eng_trie){.mem = mem, .width = width};
    if (width) memcpy(t->columns, columns, width);
}

void eng_trie_close(eng_trie *t) {
    if (!t->mem) return;
    eng_release(t->mem, &t->nodes, &t->node_room, sizeof *t->nodes);
    eng_release(t->mem, &t->slots, &t->slot_room, sizeof *t->slots);
    eng_release(t->mem, &t->mates, &t->mates_room, sizeof *t->mates);
}

/* As many slots as the next rows may want, if they are as many as the last ones. */
void eng_trie_clear(eng_trie *t) {
    if (!t->used) return;
    while (t->mask >= SLOTS_MIN && t->mask / 4 > t->used) t->mask /= 2;
    memset(t->slots, 0, ((size_t)t->mask + 1) * sizeof *t->slots);
    t->nodes[0].first = ENG_NONE;
    t->nodes[0].count = 0;
    t->used = 1;
    t->followed = 0;
}

size_t eng_trie_bytes(const eng_trie *t) {
    return t->node_room * sizeof *t->nodes + t->slot_room * sizeof *t->slots +
           t->mates_room * sizeof *t->mates;
}

static void place(eng_trie *t, uint32_t node) {
    uint32_t i = eng_trie_hash(t->nodes[node].above, t->nodes[node].value) & t->mask;
    while (t->slots[i]) i = (i + 1) & t->mask;
    t->slots[i] = node;
}

/* Room for one node more, with half of the slots empty. */
static bool make_room(eng_trie *t) {
    if (t->used && t->used < t->node_room && t->used <= t->mask / 2) return true;
    uint32_t slots = t->used ? t->mask + 1 : SLOTS_MIN;
    while (slots / 2 <= t->used) slots *= 2;
    if (t->used >= UINT32_MAX / 4 ||
        !eng_reserve(t->mem, &t->nodes, &t->node_room, (size_t)t->used + 1, sizeof *t->nodes))
        return false;
    if (t->used && slots == t->mask + 1) return true;
    if (!eng_reserve(t->mem, &t->slots, &t->slot_room, slots, sizeof *t->slots)) return false;
    memset(t->slots, 0, slots * sizeof *t->slots);
    t->mask = slots - 1;
    for (uint32_t e = 1; e < t->used; e++) place(t, e);
    if (t->used) return true;
    t->nodes[0] = (eng_trie_node){.next = ENG_NONE, .first = ENG_NONE};
    t->used = 1;
    return true;
}

static uint32_t add(eng_trie *t, uint32_t above, kd_value value) {
    if (!make_room(t)) return ENG_NONE;
    uint32_t e = t->used++;
    eng_trie_node *up = &t->nodes[above];
    t->nodes[e] = (eng_trie_node){value, above, up->first, ENG_NONE, 0};
    up->first = e;
    up->count++;
    place(t, e);
    return e;
}

static kd_status take_in(eng_trie *t, const kd_value *row, uint32_t entry) {
    uint32_t node = 0;
    for (unsigned d = 0; d + 1 < t->width; d++) {
        uint32_t below = eng_trie_find(t, node, row[t->columns[d]]);
        if (below == ENG_NONE) below = add(t, node, row[t->columns[d]]);
        if (below == ENG_NONE) return KD_NOMEM;
        node = below;
    }
    t->mates[entry] = t->nodes[node].first;
    t->nodes[node].first = entry;
    t->nodes[node].count++;
    return KD_OK;
}

kd_status eng_trie_follow(eng_trie *t, const eng_rows *rows) {
    kd_status s = KD_OK;
    if (t->turn != rows->turn) eng_trie_clear(t);
    t->turn = rows->turn;
    if (t->followed == rows->table->used) return s;
    if (!eng_reserve(t->mem, &t->mates, &t->mates_room, rows->table->used, sizeof *t->mates) || !make_room(t))
        return KD_NOMEM;
    for (; !s && t->followed < rows->table->used; t->followed++)
        s = take_in(t, eng_table_key(rows->table, t->followed), t->followed);
    return s;
}

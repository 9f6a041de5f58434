/* table.c: the open-addressing table: find, add, remove with backward shift, growth and shrinking. */
#include "engine/table.h"

#include <string.h>

#define LIVE UINT32_MAX /* in an entry's head, where a free one has the next free entry */

/* A table of slots is given back only when it is large and nearly empty, so that one that fills and empties
 * each day does not allocate each day. */
#define SHRINK_ABOVE 4096u
#define SLOTS_MAX    (UINT32_C(1) << 31)

typedef struct head {
    uint32_t hash, link;
} head;

/* The head shares its word with kd_value storage, hence the copies of bytes. */
static head head_of(const eng_table *t, uint32_t entry) {
    head h;
    memcpy(&h, t->entries + (size_t)entry * t->entry_words, sizeof h);
    return h;
}

static void set_head(eng_table *t, uint32_t entry, head h) {
    memcpy(t->entries + (size_t)entry * t->entry_words, &h, sizeof h);
}

void eng_table_open(eng_table *t, eng_mem *mem, unsigned key_words, size_t payload_bytes) {
    *t = (eng_table){.mem = mem,
                     .key_words = key_words,
                     .entry_words = (uint32_t)(1 + key_words + (payload_bytes + 7) / 8),
                     .free = LIVE};
}

void eng_table_close(eng_table *t) {
    if (!t->mem) return;
    t->mem->live_rows -= t->live;
    eng_release(t->mem, &t->entries, &t->room, sizeof *t->entries);
    if (t->slots) eng_resize(t->mem, t->slots, t->slot_count * sizeof *t->slots, 0);
    t->slots = NULL;
    t->slot_count = t->used = t->live = 0;
    t->free = LIVE;
}

uint32_t eng_hash(const kd_value *key, unsigned words) {
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) + words;
    for (unsigned i = 0; i < words; i++) {
        h = (h ^ (uint64_t)key[i]) * UINT64_C(0xFF51AFD7ED558CCD);
        h ^= h >> 32;
    }
    return (uint32_t)((h * UINT64_C(0xC4CEB9FE1A85EC53)) >> 32);
}

bool eng_table_live(const eng_table *t, uint32_t entry) {
    return head_of(t, entry).link == LIVE;
}

static uint32_t find(const eng_table *t, const kd_value *key, uint32_t hash) {
    if (!t->slot_count) return ENG_NONE;
    uint32_t mask = t->slot_count - 1;
    for (uint32_t i = hash & mask; t->slots[i]; i = (i + 1) & mask) {
        if ((uint32_t)(t->slots[i] >> 32) != hash) continue;
        uint32_t entry = (uint32_t)t->slots[i] - 1;
        if (eng_same(eng_table_key(t, entry), key, t->key_words)) return entry;
    }
    return ENG_NONE;
}

uint32_t eng_table_find(const eng_table *t, const kd_value *key) {
    return find(t, key, eng_hash(key, t->key_words));
}

static void place(eng_table *t, uint32_t hash, uint32_t entry) {
    uint32_t mask = t->slot_count - 1, i = hash & mask;
    while (t->slots[i]) i = (i + 1) & mask;
    t->slots[i] = (uint64_t)hash << 32 | (entry + 1);
}

/* Moves the slots into an array of `count`, a power of two. */
static bool rehash(eng_table *t, uint32_t count) {
    uint64_t *slots = eng_resize(t->mem, NULL, 0, count * sizeof *slots);
    if (!slots) return false;
    memset(slots, 0, count * sizeof *slots);
    uint64_t *old = t->slots;
    uint32_t old_count = t->slot_count;
    t->slots = slots;
    t->slot_count = count;
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i]) place(t, (uint32_t)(old[i] >> 32), (uint32_t)old[i] - 1);
    if (old) eng_resize(t->mem, old, old_count * sizeof *old, 0);
    return true;
}

/* An entry to fill: one that was given up, or the next of the array. */
static uint32_t take_entry(eng_table *t) {
    if (t->free != LIVE) {
        uint32_t entry = t->free;
        t->free = head_of(t, entry).link;
        return entry;
    }
    size_t need = ((size_t)t->used + 1) * t->entry_words;
    if (t->used >= SLOTS_MAX / 2 || !eng_reserve(t->mem, &t->entries, &t->room, need, sizeof *t->entries))
        return ENG_NONE;
    return t->used++;
}

uint32_t eng_table_add(eng_table *t, const kd_value *key, bool *fresh) {
    uint32_t hash = eng_hash(key, t->key_words);
    uint32_t entry = find(t, key, hash);
    *fresh = entry == ENG_NONE;
    if (entry != ENG_NONE) return entry;
    if (((size_t)t->live + 1) * 3 > (size_t)t->slot_count * 2) {
        if (t->slot_count >= SLOTS_MAX || !rehash(t, t->slot_count ? t->slot_count * 2 : 8)) return ENG_NONE;
    }
    entry = take_entry(t);
    if (entry == ENG_NONE) return ENG_NONE;
    set_head(t, entry, (head){hash, LIVE});
    eng_copy(eng_table_key(t, entry), key, t->key_words);
    memset(eng_table_payload(t, entry), 0, (t->entry_words - 1 - t->key_words) * sizeof(kd_value));
    place(t, hash, entry);
    t->live++;
    t->mem->live_rows++;
    return entry;
}

void eng_table_remove(eng_table *t, uint32_t entry) {
    head h = head_of(t, entry);
    uint32_t mask = t->slot_count - 1, hole = h.hash & mask;
    while ((uint32_t)t->slots[hole] != entry + 1) hole = (hole + 1) & mask;
    for (uint32_t i = (hole + 1) & mask; t->slots[i]; i = (i + 1) & mask) {
        uint32_t home = (uint32_t)(t->slots[i] >> 32) & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue; /* it would move before its home */
        t->slots[hole] = t->slots[i];
        hole = i;
    }
    t->slots[hole] = 0;
    set_head(t, entry, (head){0, t->free});
    t->free = entry;
    t->live--;
    t->mem->live_rows--;
    if (t->slot_count > SHRINK_ABOVE && t->live < t->slot_count / 16) rehash(t, t->slot_count / 4);
}

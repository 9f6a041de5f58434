/* table.c: the open-addressing table: find, add, remove with backward shift, growth and shrinking. */
#include "engine/table.h"

#include <string.h>

#define LIVE   UINT32_MAX /* in an entry's head, where a free one has the next free entry */
#define LAST   (LIVE - 1) /* there is no next free entry */
#define UNLAID (LIVE - 2) /* neither live nor free yet, of a table that is laid again */

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
                     .free = LAST};
}

void eng_table_close(eng_table *t) {
    if (!t->mem) return;
    t->mem->live_rows -= t->live;
    eng_release(t->mem, &t->entries, &t->room, sizeof *t->entries);
    if (t->slots) eng_resize(t->mem, t->slots, t->slot_count * sizeof *t->slots, 0);
    t->slots = NULL;
    t->slot_count = t->used = t->live = 0;
    t->free = LAST;
}

void eng_table_clear(eng_table *t) {
    if (t->slot_count > SHRINK_ABOVE && t->live < t->slot_count / 16) {
        eng_table_close(t);
        return;
    }
    if (t->live) memset(t->slots, 0, t->slot_count * sizeof *t->slots);
    t->mem->live_rows -= t->live;
    t->used = t->live = 0;
    t->free = LAST;
}

bool eng_table_live(const eng_table *t, uint32_t entry) {
    return head_of(t, entry).link == LIVE;
}

/* Made for a width that the compiler knows, below; the search is the same for all. */
static inline uint32_t probe(const eng_table *t, const kd_value *key, uint32_t hash, unsigned words) {
    uint32_t mask = t->slot_count - 1;
    for (uint32_t i = hash & mask; t->slots[i]; i = (i + 1) & mask) {
        if ((uint32_t)(t->slots[i] >> 32) != hash) continue;
        uint32_t entry = (uint32_t)t->slots[i] - 1;
        if (eng_same(eng_table_key(t, entry), key, words)) return entry;
    }
    return ENG_NONE;
}

static inline uint32_t hash_of(const eng_table *t, const kd_value *key) {
    switch (t->key_words) {
    case 1:
        return eng_hash(key, 1);
    case 2:
        return eng_hash(key, 2);
    default:
        return eng_hash(key, t->key_words);
    }
}

static inline uint32_t find(const eng_table *t, const kd_value *key, uint32_t hash) {
    switch (t->key_words) {
    case 1:
        return probe(t, key, hash, 1);
    case 2:
        return probe(t, key, hash, 2);
    default:
        return probe(t, key, hash, t->key_words);
    }
}

uint32_t eng_table_find(const eng_table *t, const kd_value *key) {
    if (!t->live) return ENG_NONE;
    return find(t, key, hash_of(t, key));
}

void eng_table_find_many(const eng_table *t, const kd_value *keys, size_t count, uint32_t *entries) {
    if (!t->live) {
        for (size_t i = 0; i < count; i++) entries[i] = ENG_NONE;
        return;
    }
    uint32_t mask = t->slot_count - 1;
    for (size_t i = 0; i < count; i++) {
        entries[i] = hash_of(t, keys + i * t->key_words);
        __builtin_prefetch(&t->slots[entries[i] & mask]);
    }
    for (size_t i = 0; i < count; i++) entries[i] = find(t, keys + i * t->key_words, entries[i]);
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

/* The entry is the key's from now on, with a zeroed payload. */
static inline void fill(eng_table *t, uint32_t entry, const kd_value *key, uint32_t hash) {
    set_head(t, entry, (head){hash, LIVE});
    eng_copy(eng_table_key(t, entry), key, t->key_words);
    memset(eng_table_payload(t, entry), 0, (t->entry_words - 1 - t->key_words) * sizeof(kd_value));
    place(t, hash, entry);
    t->live++;
    t->mem->live_rows++;
}

/* An entry to fill: one that was given up, or the next of the array. */
static uint32_t take_entry(eng_table *t) {
    if (t->free != LAST) {
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
    uint32_t hash = hash_of(t, key);
    uint32_t entry = t->live ? find(t, key, hash) : ENG_NONE;
    *fresh = entry == ENG_NONE;
    if (entry != ENG_NONE) return entry;
    if (eng_table_full(t)) {
        if (t->slot_count >= SLOTS_MAX || !rehash(t, t->slot_count ? t->slot_count * 2 : 8)) return ENG_NONE;
    }
    entry = take_entry(t);
    if (entry == ENG_NONE) return ENG_NONE;
    fill(t, entry, key, hash);
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

/* ---- Laid again entry by entry (walk.c) -------------------------------------------------------------------*/

bool eng_table_clear_for(eng_table *t, size_t used, size_t live) {
    eng_table_close(t);
    uint32_t count = 8;
    if (used >= SLOTS_MAX / 2) return false;
    while (live * 3 > (size_t)count * 2) count *= 2;
    if (!eng_reserve(t->mem, &t->entries, &t->room, used * t->entry_words, sizeof *t->entries)) return false;
    if (live && !rehash(t, count)) return false;
    t->used = (uint32_t)used;
    for (uint32_t e = 0; e < t->used; e++) set_head(t, e, (head){0, UNLAID});
    return true;
}

bool eng_table_lay(eng_table *t, uint32_t entry, const kd_value *key) {
    uint32_t hash = hash_of(t, key);
    if (head_of(t, entry).link != UNLAID || find(t, key, hash) != ENG_NONE) return false;
    fill(t, entry, key, hash);
    return true;
}

bool eng_table_lay_free(eng_table *t, uint32_t after, uint32_t entry) {
    if (entry >= t->used || head_of(t, entry).link != UNLAID) return false;
    set_head(t, entry, (head){0, LAST});
    if (after == ENG_NONE)
        t->free = entry;
    else
        set_head(t, after, (head){0, entry});
    return true;
}

uint32_t eng_table_free_after(const eng_table *t, uint32_t after) {
    return after == ENG_NONE ? t->free : head_of(t, after).link;
}

bool eng_table_sweep(eng_table *t, bool (*keep)(const void *owner, const void *payload), const void *owner) {
    uint32_t kept = 0;
    if (t->slots) memset(t->slots, 0, t->slot_count * sizeof *t->slots);
    for (uint32_t e = 0; e < t->used; e++) {
        head h = head_of(t, e);
        if (h.link != LIVE || !keep(owner, eng_table_payload(t, e))) continue;
        if (kept != e)
            memcpy(t->entries + (size_t)kept * t->entry_words, t->entries + (size_t)e * t->entry_words,
                   t->entry_words * sizeof *t->entries);
        place(t, h.hash, kept++);
    }
    t->mem->live_rows -= t->live - kept;
    t->live = t->used = kept;
    t->free = LAST;
    if ((size_t)kept * 3 <= t->slot_count || t->slot_count >= SLOTS_MAX) return true;
    return rehash(t, t->slot_count * 2);
}

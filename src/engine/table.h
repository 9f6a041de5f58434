/* table.h: tables of rows: found by hash, numbered so that others can point at them, reused when rows go.
 *
 *      slots    | .. | tag,2 | .. | tag,0 | tag,1 |   open addressing, linear probing; a slot is 4 bytes: the entry's
 *                       │            │       │        number, and above it as much of the hash as there is room for,
 *                       │            │       │        so that a probe nearly never touches a row that is another
 *      entries  |key words|payload|key words|payload| an entry keeps its number while it lives
 *
 * A row's hash is not kept: it is computed again where a row is moved or removed, which is rarer than that it is
 * looked for, and cheaper than the memory.
 *
 * On it stand two shapes that the operators share:
 *
 *      bag      a multiset seen as a set: which rows came and which went at this time point
 *      keyed    a multiset with an index on some columns, for whoever joins with it
 */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include "engine/memory.h"
#include <kadesh/engine.h>

#define ENG_NONE UINT32_MAX

/* A table of so many slots (64 KiB) is near: they stay in a cache, so that nothing is gained by asking for them ahead, and
 * not much lost by keeping two thirds of them empty instead of one. */
#define ENG_NEAR_SLOTS 16384u

/* ---- Table ----------------------------------------------------------------------------------------------*/

typedef struct eng_table {
    eng_mem *mem;
    uint32_t key_words, entry_words; /* an entry: the key, the payload; a word at least */
    uint32_t used, live;             /* entries that were ever used, and those that are live */
    uint32_t free;        /* the next entry to be used again, in whose first word is the one after it */
    uint32_t slot_count;  /* a power of two, or 0 */
    uint32_t number_mask; /* the bits of a slot that are 1 + the entry's number; 0 in a slot: empty */
    uint32_t limit;       /* with this many live entries the slots are full */
    uint32_t ready;       /* entries for which there is room */
    uint32_t *slots;
    kd_value *entries;
    uint64_t *spare;         /* a bit for each entry: it is not live */
    size_t room, spare_room; /* words in entries and in spare */
} eng_table;

/* Allocates nothing. payload_bytes is a multiple of 8. */
void eng_table_open(eng_table *t, eng_mem *mem, unsigned key_words, size_t payload_bytes);
void eng_table_close(eng_table *t);
/* ENG_NONE when it is not there. */
uint32_t eng_table_find(const eng_table *t, const kd_value *key);
/* The same of `count` keys, which lie one behind the other: all are hashed and their slots asked for before the first
 * is searched, so that misses of the cache overlap (Chen et al., "Improving hash join performance through
 * prefetching", 2004). */
void eng_table_find_many(const eng_table *t, const kd_value *keys, size_t count, uint32_t *entries);
/* Finds the entry or makes one with a zeroed payload; ENG_NONE when there is no memory. */
uint32_t eng_table_add(eng_table *t, const kd_value *key, bool *fresh);
void eng_table_remove(eng_table *t, uint32_t entry);
/* For payloads of an int64 and a word more at most: keeps the entries where it is `bound` or more, which get new numbers, and
 * forgets the others. Makes the slots as many as twice the kept entries need; false when there is no memory for that (the
 * entries are swept all the same). */
bool eng_table_sweep(eng_table *t, int64_t bound);
/* Removes all entries and keeps the room, unless that is far more than was needed. Until the next removal all
 * entries below t->used are live. */
void eng_table_clear(eng_table *t);

/* To lay a table again that was saved (walk.c): emptied, with room for `used` entries of which `live` are to be laid
 * (false: no memory); then each of these under its number, with a zeroed payload, and the free ones each after the one
 * before it in the order of their use (ENG_NONE: the first). False when that entry or key is there already. */
bool eng_table_clear_for(eng_table *t, size_t used, size_t live);
bool eng_table_lay(eng_table *t, uint32_t entry, const kd_value *key);
bool eng_table_lay_free(eng_table *t, uint32_t after, uint32_t entry);
uint32_t eng_table_free_after(const eng_table *t, uint32_t after);

static inline kd_value *eng_table_key(const eng_table *t, uint32_t entry) {
    return t->entries + (size_t)entry * t->entry_words;
}
static inline void *eng_table_payload(const eng_table *t, uint32_t entry) {
    return t->entries + (size_t)entry * t->entry_words + t->key_words;
}
static inline bool eng_table_live(const eng_table *t, uint32_t entry) { /* entry below t->used */
    return !(t->spare[entry / 64] >> (entry % 64) & 1);
}

static inline bool eng_same(const kd_value *a, const kd_value *b, unsigned words) {
    for (unsigned i = 0; i < words; i++)
        if (a[i] != b[i]) return false;
    return true;
}
static inline void eng_copy(kd_value *to, const kd_value *from, unsigned words) {
    for (unsigned i = 0; i < words; i++) to[i] = from[i];
}

/* ---- Where every instruction counts -----------------------------------------------------------------------
 *
 * For loops over batches: `words` is t->key_words, best as a number that the compiler knows. */

static inline uint32_t eng_hash(const kd_value *key, unsigned words) {
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) + words;
    for (unsigned i = 0; i < words; i++) {
        h = (h ^ (uint64_t)key[i]) * UINT64_C(0xFF51AFD7ED558CCD);
        h ^= h >> 32;
    }
    return (uint32_t)((h * UINT64_C(0xC4CEB9FE1A85EC53)) >> 32);
}

/* The compiler must not share one copy of what is made for several widths. */
#define ENG_FOR_WIDTH static inline __attribute__((always_inline))

/* The slot of the key, or the empty one where it belongs. There must be slots. */
ENG_FOR_WIDTH uint32_t eng_table_seek(const eng_table *t, const kd_value *key, uint32_t hash,
                                      unsigned words) {
    uint32_t mask = t->slot_count - 1, numbers = t->number_mask;
    for (uint32_t i = hash & mask, s;; i = (i + 1) & mask) {
        if (!(s = t->slots[i])) return i;
        if (((s ^ hash) & ~numbers) == 0 && eng_same(eng_table_key(t, (s & numbers) - 1), key, words))
            return i;
    }
}

/* The entry that a slot names; ENG_NONE of an empty one. */
static inline uint32_t eng_table_entry(const eng_table *t, uint32_t slot) {
    return (t->slots[slot] & t->number_mask) - 1;
}

/* As eng_table_find, quick where keys are a word or two. */
static inline uint32_t eng_table_search(const eng_table *t, const kd_value *key) {
    if (!t->live) return ENG_NONE;
    switch (t->key_words) {
    case 1:
        return eng_table_entry(t, eng_table_seek(t, key, eng_hash(key, 1), 1));
    case 2:
        return eng_table_entry(t, eng_table_seek(t, key, eng_hash(key, 2), 2));
    default:
        return eng_table_find(t, key);
    }
}

/* A new entry for a key that is not there, whatever the slots are; its payload is not set. ENG_NONE: no memory. */
uint32_t eng_table_make(eng_table *t, const kd_value *key, uint32_t hash);

/* The same in the empty slot that was found for it; an entry that was given up is used again. */
ENG_FOR_WIDTH uint32_t eng_table_fill(eng_table *t, uint32_t slot, const kd_value *key, uint32_t hash,
                                      unsigned words) {
    uint32_t entry = t->free;
    if (t->live >= t->limit || (entry == ENG_NONE && t->used >= t->ready))
        return eng_table_make(t, key, hash);
    if (entry == ENG_NONE) {
        entry = t->used++;
    } else {
        t->free = (uint32_t)*eng_table_key(t, entry);
        t->spare[entry / 64] &= ~(UINT64_C(1) << entry % 64);
    }
    t->slots[slot] = (hash & ~t->number_mask) | (entry + 1);
    t->live++;
    t->mem->live_rows++;
    eng_copy(eng_table_key(t, entry), key, words);
    return entry;
}

/* ---- Bag ------------------------------------------------------------------------------------------------*/

/* What a bag keeps of a row. */
typedef struct eng_held {
    int64_t total; /* how often the row is there */
    int64_t note;  /* the operator's own */
    uint8_t was;   /* it was there before this time point */
    uint8_t touched;
} eng_held;

typedef struct eng_bag {
    eng_table rows;
    eng_list touched;
} eng_bag;

typedef enum eng_change { ENG_SAME, ENG_CAME, ENG_WENT } eng_change;

void eng_bag_open(eng_bag *b, eng_mem *mem, unsigned width);
void eng_bag_close(eng_bag *b);
/* `count` more of the row (or fewer). The row is then in b->touched. KD_NOMEM; KD_INVALID
 * when the number of copies overflows. `entry` may be NULL. */
kd_status eng_bag_add(eng_bag *b, const kd_value *row, int64_t count, uint32_t *entry);
/* The same for a whole batch of rows. */
kd_status eng_bag_take(eng_bag *b, const kd_value *rows, const int64_t *counts, size_t n);
/* What became of a touched row since the last release. */
eng_change eng_bag_change(const eng_bag *b, uint32_t entry);
/* Settles a touched row: what it is now is what it was next time; a row that is gone gives up its entry. */
void eng_bag_release(eng_bag *b, uint32_t entry);

static inline const kd_value *eng_bag_row(const eng_bag *b, uint32_t entry) {
    return eng_table_key(&b->rows, entry);
}
static inline eng_held *eng_bag_held(const eng_bag *b, uint32_t entry) {
    return eng_table_payload(&b->rows, entry);
}

/* ---- Keyed ----------------------------------------------------------------------------------------------*/

/* What a keyed table keeps of a row: how often it is there, and the next row with the same key. */
typedef struct eng_member {
    int64_t count;
    uint32_t next, prev, key, unused;
} eng_member;

typedef struct eng_keyed {
    eng_table rows;
    eng_table keys; /* first row of each key */
    unsigned width, key_count;
    uint8_t columns[KD_WIDTH_MAX]; /* the key's columns, in its order */
} eng_keyed;

void eng_keyed_open(eng_keyed *k, eng_mem *mem, unsigned width, const uint8_t *columns, unsigned key_count);
void eng_keyed_close(eng_keyed *k);
/* KD_NOMEM, or KD_INVALID when the number of copies overflows. */
kd_status eng_keyed_add(eng_keyed *k, const kd_value *row, int64_t count);
/* First of the rows with that key, or ENG_NONE; the others by eng_member.next. */
uint32_t eng_keyed_find(const eng_keyed *k, const kd_value *key);

/* The first row of a key's entry; and setting it when the rows are chained anew (walk_window.c). */
uint32_t eng_keyed_first(const eng_keyed *k, uint32_t key);
void eng_keyed_set_first(eng_keyed *k, uint32_t key, uint32_t entry);

static inline const kd_value *eng_keyed_row(const eng_keyed *k, uint32_t entry) {
    return eng_table_key(&k->rows, entry);
}
static inline const eng_member *eng_keyed_member(const eng_keyed *k, uint32_t entry) {
    return eng_table_payload(&k->rows, entry);
}

/* The values of the columns, gathered: a key. */
static inline void eng_gather(kd_value *key, const kd_value *row, const uint8_t *columns, unsigned count) {
    for (unsigned i = 0; i < count; i++) key[i] = row[columns[i]];
}

#endif

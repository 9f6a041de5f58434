/* table.c: the open-addressing table: find, add, remove with backward shift, growth and shrinking. */
#include "engine/table.h"

#include <string.h>

/* In the first word of an entry that is neither live nor free yet, in a table that is laid again. */
#define UNLAID (-1)

/* A table of slots is given back only when it is large and nearly empty, so that one that fills and empties
 * each day does not allocate each day. */
#define SHRINK_ABOVE 4096u
#define LARGE        1024u /* entries above which the array grows by half, not to twice */
#define SLOTS_MAX    (UINT32_C(1) << 31)

void eng_table_open(eng_table *t, eng_mem *mem, unsigned key_words, size_t payload_bytes) {
    size_t words = key_words + (payload_bytes + 7) / 8;
    *t = (eng_table){
        .mem = mem, .key_words = key_words, .entry_words = (uint32_t)(words ? words : 1), .free = ENG_NONE};
}

void eng_table_close(eng_table *t) {
    if (!t->mem) return;
    t->mem->live_rows -= t->live;
    eng_release(t->mem, &t->entries, &t->room, sizeof *t->entries);
    eng_release(t->mem, &t->spare, &t->spare_room, sizeof *t->spare);
    if (t->slots) eng_resize(t->mem, t->slots, t->slot_count * sizeof *t->slots, 0);
    t->slots = NULL;
    t->slot_count = t->limit = t->ready = t->used = t->live = 0;
    t->free = ENG_NONE;
}

static void clear_bits(eng_table *t) {
    if (t->used) memset(t->spare, 0, (t->used + 63) / 64 * sizeof *t->spare);
}

void eng_table_clear(eng_table *t) {
    if (t->slot_count > SHRINK_ABOVE && t->live < t->slot_count / 16) {
        eng_table_close(t);
        return;
    }
    if (t->live) memset(t->slots, 0, t->slot_count * sizeof *t->slots);
    clear_bits(t);
    t->mem->live_rows -= t->live;
    t->used = t->live = 0;
    t->free = ENG_NONE;
}

/* ---- Slots ------------------------------------------------------------------------------------------------*/

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

/* The search is the same for all; made for the widths that most tables have. */
static inline uint32_t seek(const eng_table *t, const kd_value *key, uint32_t hash) {
    switch (t->key_words) {
    case 1:
        return eng_table_seek(t, key, hash, 1);
    case 2:
        return eng_table_seek(t, key, hash, 2);
    default:
        return eng_table_seek(t, key, hash, t->key_words);
    }
}

static inline void place(eng_table *t, uint32_t entry) {
    uint32_t mask = t->slot_count - 1, hash = hash_of(t, eng_table_key(t, entry)), i = hash & mask;
    while (t->slots[i]) i = (i + 1) & mask;
    t->slots[i] = (hash & ~t->number_mask) | (entry + 1);
}

/* How many entries so many slots hold. A near table is kept loose: there a search mostly ends at its first slot, a branch
 * that is foreseen. */
static uint32_t limit_of(uint32_t count) {
    return count <= ENG_NEAR_SLOTS ? count / 3 : (uint32_t)((uint64_t)count * 2 / 3);
}

/* An array of `count` empty slots, a power of two, in place of the old one, which is the caller's. Numbers take as many
 * bits as `count` has, so that they fit as long as the slots do, or as those in use need after much was removed. */
static bool change_slots(eng_table *t, uint32_t count) {
    uint32_t *slots = eng_resize(t->mem, NULL, 0, count * sizeof *slots);
    if (!slots) return false;
    memset(slots, 0, count * sizeof *slots);
    t->slots = slots;
    t->slot_count = count;
    t->limit = limit_of(count);
    t->number_mask = count - 1;
    while (t->number_mask < t->used) t->number_mask = t->number_mask << 1 | 1;
    return true;
}

/* Moves the slots into an array of `count`. Entries are met in their order, but for few among many that are free. */
static bool rehash(eng_table *t, uint32_t count) {
    uint32_t *old = t->slots, old_count = t->slot_count, numbers = t->number_mask;
    if (!change_slots(t, count)) return false;
    for (uint32_t e = 0; t->used <= old_count && e < t->used; e++)
        if (eng_table_live(t, e)) place(t, e);
    for (uint32_t i = 0; t->used > old_count && i < old_count; i++)
        if (old[i]) place(t, (old[i] & numbers) - 1);
    if (old) eng_resize(t->mem, old, old_count * sizeof *old, 0);
    return true;
}

/* ---- Found, made, removed ---------------------------------------------------------------------------------*/

uint32_t eng_table_find(const eng_table *t, const kd_value *key) {
    return t->live ? eng_table_entry(t, seek(t, key, hash_of(t, key))) : ENG_NONE;
}

ENG_FOR_WIDTH void find_many(const eng_table *t, const kd_value *keys, size_t count, uint32_t *entries,
                             unsigned words) {
    uint32_t mask = t->slot_count - 1;
    if (t->slot_count <= ENG_NEAR_SLOTS) {
        for (size_t i = 0; i < count; i++, keys += words)
            entries[i] = eng_table_entry(t, eng_table_seek(t, keys, eng_hash(keys, words), words));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        entries[i] = eng_hash(keys + i * words, words);
        __builtin_prefetch(&t->slots[entries[i] & mask]);
    }
    for (size_t i = 0; i < count; i++)
        entries[i] = eng_table_entry(t, eng_table_seek(t, keys + i * words, entries[i], words));
}

void eng_table_find_many(const eng_table *t, const kd_value *keys, size_t count, uint32_t *entries) {
    if (!t->live)
        for (size_t i = 0; i < count; i++) entries[i] = ENG_NONE;
    else if (t->key_words == 1)
        find_many(t, keys, count, entries, 1);
    else if (t->key_words == 2)
        find_many(t, keys, count, entries, 2);
    else
        find_many(t, keys, count, entries, t->key_words);
}

/* Room for `count` entries, and a bit of each that says that it is live. */
static bool make_ready(eng_table *t, size_t count) {
    if (count <= t->ready) return true;
    size_t bits = t->spare_room, wanted = t->ready + (t->ready < LARGE ? t->ready : t->ready / 2);
    if (wanted < count) wanted = count < 4 ? 4 : count;
    if (!eng_reserve_exactly(t->mem, &t->entries, &t->room, wanted * t->entry_words, sizeof *t->entries) ||
        !eng_reserve(t->mem, &t->spare, &t->spare_room, (count + 63) / 64, sizeof *t->spare))
        return false;
    memset(t->spare + bits, 0, (t->spare_room - bits) * sizeof *t->spare);
    size_t rows = t->room / t->entry_words, most = t->spare_room * 64;
    if (rows > most) rows = most;
    t->ready = rows < SLOTS_MAX / 2 ? (uint32_t)rows : SLOTS_MAX / 2;
    return true;
}

uint32_t eng_table_make(eng_table *t, const kd_value *key, uint32_t hash) {
    if (t->live >= t->limit) {
        if (t->slot_count >= SLOTS_MAX || !rehash(t, t->slot_count ? t->slot_count * 2 : 8)) return ENG_NONE;
    }
    if (t->free == ENG_NONE && t->used >= t->ready) {
        if (t->used >= SLOTS_MAX / 2 || !make_ready(t, (size_t)t->used + 1)) return ENG_NONE;
    }
    uint32_t mask = t->slot_count - 1, i = hash & mask;
    while (t->slots[i]) i = (i + 1) & mask;
    return eng_table_fill(t, i, key, hash, t->key_words);
}

/* Most payloads are a few words, which are set faster than a call takes. */
static inline void zero_payload(eng_table *t, uint32_t entry) {
    kd_value *p = eng_table_payload(t, entry);
    switch (t->entry_words - t->key_words) {
    case 3:
        p[2] = 0; /* and the others: */
        /* fall through */
    case 2:
        p[1] = 0;
        /* fall through */
    case 1:
        p[0] = 0;
        /* fall through */
    case 0:
        return;
    default:
        memset(p, 0, (t->entry_words - t->key_words) * sizeof *p);
    }
}

ENG_FOR_WIDTH uint32_t add(eng_table *t, const kd_value *key, bool *fresh, unsigned words) {
    uint32_t hash = eng_hash(key, words), slot = 0, entry;
    *fresh = false;
    if (t->slot_count && (entry = eng_table_entry(t, slot = eng_table_seek(t, key, hash, words))) != ENG_NONE)
        return entry;
    *fresh = true;
    entry = eng_table_fill(t, slot, key, hash, words);
    if (entry != ENG_NONE) zero_payload(t, entry);
    return entry;
}

uint32_t eng_table_add(eng_table *t, const kd_value *key, bool *fresh) {
    switch (t->key_words) {
    case 1:
        return add(t, key, fresh, 1);
    case 2:
        return add(t, key, fresh, 2);
    default:
        return add(t, key, fresh, t->key_words);
    }
}

/* Knuth's Algorithm R (The Art of Computer Programming, volume 3, section 6.4): what the hole would hide from a search
 * moves into it. */
ENG_FOR_WIDTH void empty_slot(eng_table *t, uint32_t entry, unsigned words) {
    uint32_t mask = t->slot_count - 1, numbers = t->number_mask, s;
    uint32_t hole = eng_hash(eng_table_key(t, entry), words) & mask;
    while ((t->slots[hole] & numbers) != entry + 1) hole = (hole + 1) & mask;
    for (uint32_t i = (hole + 1) & mask; (s = t->slots[i]); i = (i + 1) & mask) {
        uint32_t home = eng_hash(eng_table_key(t, (s & numbers) - 1), words);
        if (((i - home) & mask) < ((i - hole) & mask)) continue; /* it would move before its home */
        t->slots[hole] = s;
        hole = i;
    }
    t->slots[hole] = 0;
}

void eng_table_remove(eng_table *t, uint32_t entry) {
    switch (t->key_words) {
    case 1:
        empty_slot(t, entry, 1);
        break;
    case 2:
        empty_slot(t, entry, 2);
        break;
    default:
        empty_slot(t, entry, t->key_words);
    }
    *eng_table_key(t, entry) = t->free;
    t->spare[entry / 64] |= UINT64_C(1) << entry % 64;
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
    while (live > limit_of(count)) count *= 2;
    if (!make_ready(t, used)) return false;
    t->used = (uint32_t)used;
    if (live && !change_slots(t, count)) return false;
    if (used) memset(t->spare, 0xff, (used + 63) / 64 * sizeof *t->spare);
    if (used % 64) t->spare[used / 64] = (UINT64_C(1) << used % 64) - 1;
    for (uint32_t e = 0; e < t->used; e++) *eng_table_key(t, e) = UNLAID;
    return true;
}

bool eng_table_lay(eng_table *t, uint32_t entry, const kd_value *key) {
    if (eng_table_live(t, entry) || *eng_table_key(t, entry) != UNLAID) return false;
    uint32_t hash = hash_of(t, key), slot = seek(t, key, hash);
    if (t->slots[slot]) return false;
    t->slots[slot] = (hash & ~t->number_mask) | (entry + 1);
    eng_copy(eng_table_key(t, entry), key, t->key_words);
    t->spare[entry / 64] &= ~(UINT64_C(1) << entry % 64);
    zero_payload(t, entry);
    t->live++;
    t->mem->live_rows++;
    return true;
}

bool eng_table_lay_free(eng_table *t, uint32_t after, uint32_t entry) {
    if (entry >= t->used || eng_table_live(t, entry) || *eng_table_key(t, entry) != UNLAID) return false;
    *eng_table_key(t, entry) = ENG_NONE;
    if (after == ENG_NONE)
        t->free = entry;
    else
        *eng_table_key(t, after) = entry;
    return true;
}

uint32_t eng_table_free_after(const eng_table *t, uint32_t after) {
    return after == ENG_NONE ? t->free : (uint32_t)*eng_table_key(t, after);
}

/* ---- Swept ------------------------------------------------------------------------------------------------*/

/* Few entries are left of many slots, or many of few: half of what they can hold is right. */
static bool fit_slots(eng_table *t) {
    uint32_t count = t->slot_count;
    while (count < SLOTS_MAX && t->used > limit_of(count) / 2) count *= 2;
    while (count > SHRINK_ABOVE && (uint64_t)t->used * 6 <= count / 2) count /= 2;
    if (count != t->slot_count) {
        uint32_t *old = t->slots, old_count = t->slot_count;
        if (change_slots(t, count)) {
            eng_resize(t->mem, old, old_count * sizeof *old, 0);
            return true;
        }
    }
    if (t->slots) memset(t->slots, 0, t->slot_count * sizeof *t->slots);
    return count <= t->slot_count;
}

ENG_FOR_WIDTH uint32_t keep_new(eng_table *t, int64_t bound, unsigned words) {
    uint32_t kept = 0;
    bool whole = t->live == t->used, two = t->entry_words > words + 1;
    for (uint32_t e = 0; e < t->used; e++) {
        const kd_value *from = eng_table_key(t, e);
        if (from[words] < bound || !(whole || eng_table_live(t, e))) continue;
        kd_value *to = eng_table_key(t, kept++);
        if (to == from) continue;
        to[words] = from[words];
        if (two) to[words + 1] = from[words + 1];
        eng_copy(to, from, words);
    }
    return kept;
}

ENG_FOR_WIDTH void place_all(eng_table *t, unsigned words) {
    uint32_t mask = t->slot_count - 1;
    for (uint32_t e = 0; e < t->used; e++) {
        uint32_t hash = eng_hash(eng_table_key(t, e), words), i = hash & mask;
        while (t->slots[i]) i = (i + 1) & mask;
        t->slots[i] = (hash & ~t->number_mask) | (e + 1);
    }
}

ENG_FOR_WIDTH bool sweep(eng_table *t, int64_t bound, unsigned words) {
    uint32_t kept = keep_new(t, bound, words);
    clear_bits(t);
    t->mem->live_rows -= t->live - kept;
    t->live = t->used = kept;
    t->free = ENG_NONE;
    bool fits = fit_slots(t);
    place_all(t, words);
    return fits;
}

bool eng_table_sweep(eng_table *t, int64_t bound) {
    if (!t->slot_count) return true;
    switch (t->key_words) {
    case 1:
        return sweep(t, bound, 1);
    case 2:
        return sweep(t, bound, 2);
    default:
        return sweep(t, bound, t->key_words);
    }
}

/* symbols.c: distinct strings and their numbers. */
#include <kadesh/base.h>
#include <string.h>

/* Open addressing with linear steps, at most half full. A slot holds a number plus one, 0 when free. Texts
 * live in an arena and never move; texts[] and hashes[] are indexed by number. */
struct kd_symbols {
    const kd_allocator *from;
    kd_arena arena;
    kd_str *texts;
    uint64_t *hashes;
    size_t count, room;
    uint32_t *slots;
    size_t slot_count; /* a power of two, or 0 */
};

#define SYMBOLS_MAX ((size_t)UINT32_MAX / 2)

kd_status kd_symbols_open(const kd_allocator *from, kd_symbols **out) {
    if (!from) from = &kd_allocator_libc;
    kd_symbols *s = from->resize(from->ctx, NULL, 0, sizeof *s);
    if (!s) return KD_NOMEM;
    *s = (kd_symbols){.from = from};
    kd_arena_open(&s->arena, from);
    *out = s;
    return KD_OK;
}

static void release(const kd_allocator *from, void *p, size_t bytes) {
    if (p) from->resize(from->ctx, p, bytes, 0);
}

void kd_symbols_close(kd_symbols *s) {
    if (!s) return;
    const kd_allocator *from = s->from;
    release(from, s->texts, s->room * sizeof *s->texts);
    release(from, s->hashes, s->room * sizeof *s->hashes);
    release(from, s->slots, s->slot_count * sizeof *s->slots);
    kd_arena_close(&s->arena);
    release(from, s, sizeof *s);
}

/* The slot that holds `text`, or the free one where it belongs. Needs slot_count > count. */
static size_t find_slot(const kd_symbols *s, kd_str text, uint64_t hash) {
    size_t mask = s->slot_count - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        if (s->slots[i] == 0) return i;
        size_t number = s->slots[i] - 1;
        if (s->hashes[number] == hash && kd_str_equal(s->texts[number], text)) return i;
    }
}

static bool grow_slots(kd_symbols *s) {
    size_t wanted = s->slot_count ? s->slot_count * 2 : 64;
    uint32_t *slots = s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *slots);
    if (!slots) return false;
    memset(slots, 0, wanted * sizeof *slots);
    release(s->from, s->slots, s->slot_count * sizeof *s->slots);
    s->slots = slots;
    s->slot_count = wanted;
    for (size_t i = 0; i < s->count; i++) {
        size_t slot = (size_t)s->hashes[i] & (wanted - 1);
        while (slots[slot]) slot = (slot + 1) & (wanted - 1);
        slots[slot] = (uint32_t)(i + 1);
    }
    return true;
}

/* Doubles texts[] and hashes[]; when the second fails the first stays at its old, still correct, size. */
static bool grow_texts(kd_symbols *s) {
    size_t wanted = s->room ? s->room * 2 : 32;
    kd_str *texts = s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *texts);
    if (!texts) return false;
    uint64_t *hashes = s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *hashes);
    if (!hashes) {
        release(s->from, texts, wanted * sizeof *texts);
        return false;
    }
    if (s->count) {
        memcpy(texts, s->texts, s->count * sizeof *texts);
        memcpy(hashes, s->hashes, s->count * sizeof *hashes);
    }
    release(s->from, s->texts, s->room * sizeof *s->texts);
    release(s->from, s->hashes, s->room * sizeof *s->hashes);
    s->texts = texts;
    s->hashes = hashes;
    s->room = wanted;
    return true;
}

int64_t kd_symbol(kd_symbols *s, kd_str text) {
    uint64_t hash = kd_hash(text.p, text.n, 0);
    if (s->slot_count) {
        size_t slot = find_slot(s, text, hash);
        if (s->slots[slot]) return (int64_t)s->slots[slot] - 1;
    }
    if (s->count >= SYMBOLS_MAX) return -1;
    if ((s->count + 1) * 2 > s->slot_count && !grow_slots(s)) return -1;
    if (s->count == s->room && !grow_texts(s)) return -1;
    char *copy = kd_arena_copy(&s->arena, text.p, text.n);
    if (!copy) return -1;
    size_t number = s->count++;
    s->texts[number] = (kd_str){copy, text.n};
    s->hashes[number] = hash;
    s->slots[find_slot(s, text, hash)] = (uint32_t)(number + 1);
    return (int64_t)number;
}

int64_t kd_symbol_find(const kd_symbols *s, kd_str text) {
    if (s->slot_count == 0) return -1;
    return (int64_t)s->slots[find_slot(s, text, kd_hash(text.p, text.n, 0))] - 1;
}

kd_str kd_symbol_text(const kd_symbols *s, int64_t symbol) {
    if (symbol < 0 || (uint64_t)symbol >= s->count) return (kd_str){"", 0};
    return s->texts[symbol];
}

size_t kd_symbols_count(const kd_symbols *s) {
    return s->count;
}

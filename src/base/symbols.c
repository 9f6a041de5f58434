/* symbols.c: distinct strings and their numbers. */
#include <kadesh/base.h>
#include <string.h>

/* Open addressing with linear steps, at most half full. A slot holds a number plus one, 0 when free, and half
 * of the hash, so that a look-up touches the slot and the text alone. Texts live in an arena, many to a piece,
 * and never move; texts[] and hashes[] are indexed by number. */
typedef struct slot {
    uint32_t number, tag;
} slot;

struct kd_symbols {
    const kd_allocator *from;
    kd_arena arena;
    char *next, *end; /* free part of the newest piece */
    kd_str *texts;
    uint64_t *hashes; /* for growing */
    size_t count, room;
    slot *slots;
    size_t slot_count; /* a power of two, or 0 */
};

#define PIECE_BYTES ((size_t)16384)

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

static uint32_t tag_of(uint64_t hash) {
    return (uint32_t)(hash >> 32);
}

/* The slot that holds `text`, or the free one where it belongs. Needs slot_count > count. */
static inline slot *find_slot(const kd_symbols *s, kd_str text, uint64_t hash) {
    size_t mask = s->slot_count - 1;
    uint32_t tag = tag_of(hash);
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        slot *at = &s->slots[i];
        if (at->number == 0) return at;
        if (at->tag != tag) continue;
        kd_str there = s->texts[at->number - 1];
        if (there.n == text.n && (text.n == 0 || memcmp(there.p, text.p, text.n) == 0)) return at;
    }
}

static bool grow_slots(kd_symbols *s) {
    size_t wanted = s->slot_count ? s->slot_count * 2 : 64;
    slot *slots = s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *slots);
    if (!slots) return false;
    memset(slots, 0, wanted * sizeof *slots);
    release(s->from, s->slots, s->slot_count * sizeof *s->slots);
    s->slots = slots;
    s->slot_count = wanted;
    for (size_t i = 0; i < s->count; i++) {
        size_t at = (size_t)s->hashes[i] & (wanted - 1);
        while (slots[at].number) at = (at + 1) & (wanted - 1);
        slots[at] = (slot){(uint32_t)(i + 1), tag_of(s->hashes[i])};
    }
    return true;
}

/* A copy with a NUL behind it; long ones are pieces of their own. */
static char *keep(kd_symbols *s, kd_str text) {
    if (text.n >= PIECE_BYTES / 4) return kd_arena_copy(&s->arena, text.p, text.n);
    if ((size_t)(s->end - s->next) < text.n + 1) {
        char *piece = kd_arena_take(&s->arena, PIECE_BYTES);
        if (!piece) return NULL;
        s->next = piece;
        s->end = piece + PIECE_BYTES;
    }
    char *copy = s->next;
    if (text.n) memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    s->next += text.n + 1;
    return copy;
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
        const slot *at = find_slot(s, text, hash);
        if (at->number) return (int64_t)at->number - 1;
    }
    if (s->count >= SYMBOLS_MAX) return -1;
    if ((s->count + 1) * 2 > s->slot_count && !grow_slots(s)) return -1;
    if (s->count == s->room && !grow_texts(s)) return -1;
    char *copy = keep(s, text);
    if (!copy) return -1;
    size_t number = s->count++;
    s->texts[number] = (kd_str){copy, text.n};
    s->hashes[number] = hash;
    *find_slot(s, text, hash) = (slot){(uint32_t)(number + 1), tag_of(hash)};
    return (int64_t)number;
}

int64_t kd_symbol_find(const kd_symbols *s, kd_str text) {
    if (s->slot_count == 0) return -1;
    return (int64_t)find_slot(s, text, kd_hash(text.p, text.n, 0))->number - 1;
}

kd_str kd_symbol_text(const kd_symbols *s, int64_t symbol) {
    if (symbol < 0 || (uint64_t)symbol >= s->count) return (kd_str){"", 0};
    return s->texts[symbol];
}

size_t kd_symbols_count(const kd_symbols *s) {
    return s->count;
}

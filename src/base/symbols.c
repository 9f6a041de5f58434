/* symbols.c: distinct strings and their numbers. */
#include "base/mix.h"
#include <kadesh/base.h>
#include <string.h>

/* Open addressing with linear steps, at most half full. A slot holds a place plus one, 0 when free, and half
 * of the hash, so that a look-up touches the slot and the entry alone. Texts of up to 16 bytes, as most are, are
 * two words: they are hashed and compared as such. Entries are indexed by place, the number less the first; the
 * texts live in an arena, many to a piece. A place whose text is NULL was given up: its first word is then the
 * next such place plus one.
 *
 * Dropping copies the texts that stay to a new arena, so that the old one goes as a whole. It is due when as
 * much came as was left the last time, so that each symbol pays for a bounded number of copies and for its
 * share of the search. */
typedef struct slot {
    uint32_t number, tag;
} slot;

#define SHORT 16

typedef struct words {
    uint64_t low, high;
} words;

typedef struct entry {
    kd_str text;
    words words; /* of a longer text: its hash, and 0 */
} entry;

struct kd_symbols {
    const kd_allocator *from;
    int64_t first;
    kd_arena pinned, arena; /* texts that stay for good, and those that may go */
    char *next, *end;       /* free part of the newest piece */
    entry *entries;
    size_t span, live, room;      /* places given, of which live are in use */
    size_t pins;                  /* the first ones, which are never dropped */
    uint64_t gaps;                /* a place that was given up, plus one; the lowest first */
    size_t bytes;                 /* of the texts that may go */
    size_t next_live, next_bytes; /* dropping is due when one of them is reached */
    slot *slots;
    size_t slot_count; /* a power of two, or 0 */
};

#define PIECE_BYTES ((size_t)16384)

#define SYMBOLS_MAX ((size_t)UINT32_MAX / 2)

/* Fewer are never searched for what can go: texts that come again and again are there already then. */
#define CROWD_SYMBOLS ((size_t)16384)
#define CROWD_BYTES   ((size_t)1 << 21)

kd_status kd_symbols_open_from(const kd_allocator *from, int64_t first, kd_symbols **out) {
    if (!from) from = &kd_allocator_libc;
    kd_symbols *s = from->resize(from->ctx, NULL, 0, sizeof *s);
    if (!s) return KD_NOMEM;
    *s = (kd_symbols){.from = from, .first = first, .next_live = SIZE_MAX, .next_bytes = SIZE_MAX};
    kd_arena_open(&s->arena, from);
    kd_arena_open(&s->pinned, from);
    *out = s;
    return KD_OK;
}

kd_status kd_symbols_open(const kd_allocator *from, kd_symbols **out) {
    return kd_symbols_open_from(from, 0, out);
}

static void release(const kd_allocator *from, void *p, size_t bytes) {
    if (p) from->resize(from->ctx, p, bytes, 0);
}

void kd_symbols_close(kd_symbols *s) {
    if (!s) return;
    const kd_allocator *from = s->from;
    release(from, s->entries, s->room * sizeof *s->entries);
    release(from, s->slots, s->slot_count * sizeof *s->slots);
    kd_arena_close(&s->arena);
    kd_arena_close(&s->pinned);
    release(from, s, sizeof *s);
}

static inline uint32_t tag_of(uint64_t hash) {
    return (uint32_t)(hash >> 32);
}

/* A text of at most 16 bytes, zeros behind it. */
static inline words words_of(kd_str t) {
    size_t n = t.n;
    if (n >= 8) {
        unsigned half = 4 * (16 - (unsigned)n); /* a shift by 64, in two steps */
        return (words){kd_load8(t.p), kd_load8(t.p + n - 8) >> half >> half};
    }
    if (n >= 4) return (words){kd_load4(t.p) | (uint64_t)kd_load4(t.p + n - 4) << 8 * (n - 4), 0};
    if (n == 0) return (words){0, 0};
    const unsigned char *u = (const unsigned char *)t.p;
    return (words){u[0] | (uint64_t)u[n / 2] << 8 * (n / 2) | (uint64_t)u[n - 1] << 8 * (n - 1), 0};
}

/* The same where 16 bytes can be read: nothing depends on a guess of how many there are. */
static inline words words_of_wide(kd_str t) {
#define ONES(n) (UINT64_MAX >> (64 - 8 * (n)))
    static const uint64_t ones[] = {0,       ONES(1), ONES(2), ONES(3), ONES(4), ONES(5),
                                    ONES(6), ONES(7), ONES(8), ONES(8), ONES(8), ONES(8),
                                    ONES(8), ONES(8), ONES(8), ONES(8), ONES(8)};
    static const uint64_t more[] = {0,       0,       0,       0,       0,       0,       0,       0,      0,
                                    ONES(1), ONES(2), ONES(3), ONES(4), ONES(5), ONES(6), ONES(7), ONES(8)};
#undef ONES
    return (words){kd_load8(t.p) & ones[t.n], kd_load8(t.p + 8) & more[t.n]};
}

static inline uint64_t hash_of(words w, size_t n) {
    if (n > SHORT) return w.low;
    return kd_mix(w.low ^ UINT64_C(0xa0761d6478bd642f),
                  w.high ^ UINT64_C(0xe7037ed1a0b428db) ^ (uint64_t)n << 56);
}

/* A text that is looked for. */
typedef struct lookup {
    kd_str text;
    words words;
    uint64_t hash;
} lookup;

static inline __attribute__((always_inline)) lookup lookup_of(kd_str text) {
    words w = text.n > SHORT ? (words){kd_hash_text(text), 0} : words_of(text);
    return (lookup){text, w, hash_of(w, text.n)};
}

/* The slot that holds the text, or the free one where it belongs. Needs slot_count > count. `brief`: the text
 * is known to have at most 16 bytes. */
static inline __attribute__((always_inline)) slot *find_slot(const kd_symbols *s, const lookup *x,
                                                             bool brief) {
    size_t mask = s->slot_count - 1;
    uint32_t tag = tag_of(x->hash);
    for (size_t i = (size_t)x->hash & mask;; i = (i + 1) & mask) {
        slot *at = &s->slots[i];
        if (at->number == 0) return at;
        if (at->tag != tag) continue;
        const entry *e = &s->entries[at->number - 1];
        if ((e->text.n ^ x->text.n) | (e->words.low ^ x->words.low) | (e->words.high ^ x->words.high))
            continue;
        if (brief || x->text.n <= SHORT || memcmp(e->text.p, x->text.p, x->text.n) == 0) return at;
    }
}

static void fill_slots(kd_symbols *s) {
    for (size_t i = 0; i < s->span; i++) {
        const entry *e = &s->entries[i];
        if (!e->text.p) continue;
        uint64_t hash = hash_of(e->words, e->text.n);
        size_t at = (size_t)hash & (s->slot_count - 1);
        while (s->slots[at].number) at = (at + 1) & (s->slot_count - 1);
        s->slots[at] = (slot){(uint32_t)(i + 1), tag_of(hash)};
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
    fill_slots(s);
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

/* Gives entries[] another size; when there is no memory it stays as it is. */
static bool set_room(kd_symbols *s, size_t wanted) {
    entry *entries = s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *entries);
    if (!entries) return false;
    if (s->span) memcpy(entries, s->entries, s->span * sizeof *entries);
    release(s->from, s->entries, s->room * sizeof *s->entries);
    s->entries = entries;
    s->room = wanted;
    return true;
}

static bool grow_entries(kd_symbols *s) {
    return set_room(s, s->room ? s->room * 2 : 32);
}

/* A place for one more text, a gap if there is one; SIZE_MAX when there is no memory. */
static size_t new_place(kd_symbols *s, kd_str text, words w) {
    if (s->live >= SYMBOLS_MAX || (!s->gaps && s->span >= SYMBOLS_MAX)) return SIZE_MAX;
    if ((s->live + 1) * 2 > s->slot_count && !grow_slots(s)) return SIZE_MAX;
    if (!s->gaps && s->span == s->room && !grow_entries(s)) return SIZE_MAX;
    char *copy = keep(s, text);
    if (!copy) return SIZE_MAX;
    size_t place = s->span;
    if (s->gaps) {
        place = (size_t)s->gaps - 1;
        s->gaps = s->entries[place].words.low;
    } else {
        s->span++;
    }
    s->live++;
    s->bytes += text.n;
    s->entries[place] = (entry){{copy, text.n}, w};
    return place;
}

/* Gives the text a place and the slot that it belongs in, which is `at` when that was found. SIZE_MAX when
 * there is no memory. */
static size_t add(kd_symbols *s, const lookup *x, slot *at) {
    size_t slots = s->slot_count, place = new_place(s, x->text, x->words);
    if (place == SIZE_MAX) return SIZE_MAX;
    if (!at || s->slot_count != slots) at = find_slot(s, x, false);
    *at = (slot){(uint32_t)(place + 1), tag_of(x->hash)};
    return place;
}

/* Out of line, so that those who meet the text keep no registers for it. */
static __attribute__((noinline)) int64_t add_symbol(kd_symbols *s, kd_str text, words w, slot *at) {
    lookup x = {text, w, hash_of(w, text.n)};
    size_t place = add(s, &x, at);
    return place == SIZE_MAX ? -1 : s->first + (int64_t)place;
}

int64_t kd_symbol(kd_symbols *s, kd_str text) {
    lookup x = lookup_of(text);
    slot *at = s->slot_count ? find_slot(s, &x, false) : NULL;
    return at && at->number ? s->first + (int64_t)at->number - 1 : add_symbol(s, text, x.words, at);
}

int64_t kd_symbol_wide(kd_symbols *s, kd_str text) {
    if (text.n > SHORT || s->slot_count == 0) return kd_symbol(s, text);
    words w = words_of_wide(text);
    lookup x = {text, w, hash_of(w, text.n)};
    slot *at = find_slot(s, &x, true);
    return at->number ? s->first + (int64_t)at->number - 1 : add_symbol(s, text, w, at);
}

int64_t kd_symbol_find(const kd_symbols *s, kd_str text) {
    if (s->slot_count == 0) return -1;
    lookup x = lookup_of(text);
    const slot *at = find_slot(s, &x, false);
    return at->number ? s->first + (int64_t)at->number - 1 : -1;
}

bool kd_symbol_lives(const kd_symbols *s, int64_t symbol) {
    return symbol >= s->first && (uint64_t)symbol - (uint64_t)s->first < s->span &&
           s->entries[symbol - s->first].text.p;
}

kd_str kd_symbol_text(const kd_symbols *s, int64_t symbol) {
    return kd_symbol_lives(s, symbol) ? s->entries[symbol - s->first].text : (kd_str){"", 0};
}

size_t kd_symbols_count(const kd_symbols *s) {
    return s->live;
}

size_t kd_symbols_span(const kd_symbols *s) {
    return s->span;
}

/* ---- Symbols that go ------------------------------------------------------------------------------------*/

static size_t most(size_t a, size_t b) {
    return a > b ? a : b;
}

/* A search of `work` bytes is worth it once there are that many more; a scan of all places comes with it. */
static void set_due(kd_symbols *s, size_t work) {
    s->next_live = s->live + most(most(CROWD_SYMBOLS, s->live), most(work / 32, s->span / 8));
    s->next_bytes = s->bytes + most(most(CROWD_BYTES, s->bytes), most(work * 2, s->span));
}

void kd_symbols_pin(kd_symbols *s) {
    s->pins = s->span;
    s->pinned = s->arena;
    kd_arena_open(&s->arena, s->from);
    s->next = s->end = NULL;
    s->bytes = 0;
    set_due(s, 0);
}

bool kd_symbols_crowded(const kd_symbols *s) {
    return s->live >= s->next_live || s->bytes >= s->next_bytes;
}

static bool stays(const kd_symbols *s, const uint64_t *kept, size_t place) {
    return place < s->pins || (s->entries[place].text.p && kept[place / 64] >> place % 64 & 1);
}

/* Copies of the texts that stay, in an arena of their own; where they are goes into moved[]. */
static bool move_texts(kd_symbols *s, const uint64_t *kept, const char **moved) {
    for (size_t i = s->pins; i < s->span; i++) {
        moved[i] = stays(s, kept, i) ? keep(s, s->entries[i].text) : NULL;
        if (stays(s, kept, i) && !moved[i]) return false;
    }
    return true;
}

/* Gives up the places whose text goes, and those at the end altogether. */
static void give_up(kd_symbols *s, const char *const *moved) {
    s->bytes = s->gaps = 0;
    s->live = s->pins;
    while (s->span > s->pins && !moved[s->span - 1]) s->span--;
    for (size_t i = s->span; i-- > s->pins;) {
        s->entries[i].text.p = moved[i];
        if (moved[i]) {
            s->live++;
            s->bytes += s->entries[i].text.n;
        } else {
            s->entries[i].words.low = s->gaps;
            s->gaps = i + 1;
        }
    }
}

/* Places and slots as few as what is left needs: a table that was large once must not stay large and slow. */
static void shrink(kd_symbols *s) {
    size_t room = s->room;
    while (room > 32 && room / 4 > s->span) room /= 2;
    if (room < s->room) set_room(s, room);
    size_t wanted = s->slot_count;
    while (wanted > 64 && wanted / 8 > s->live) wanted /= 2;
    slot *fewer =
        wanted < s->slot_count ? s->from->resize(s->from->ctx, NULL, 0, wanted * sizeof *fewer) : NULL;
    if (fewer) {
        release(s->from, s->slots, s->slot_count * sizeof *s->slots);
        s->slots = fewer;
        s->slot_count = wanted;
    }
    memset(s->slots, 0, s->slot_count * sizeof *s->slots);
}

kd_status kd_symbols_drop(kd_symbols *s, const uint64_t *kept, size_t work) {
    size_t room = s->span;
    union {
        const char **texts;
        void *plain;
    } moved = {NULL};
    kd_arena old = s->arena;
    char *next = s->next, *end = s->end;
    kd_arena_open(&s->arena, s->from);
    s->next = s->end = NULL;
    if (room) moved.plain = s->from->resize(s->from->ctx, NULL, 0, room * sizeof *moved.texts);
    bool done = room && moved.texts && move_texts(s, kept, moved.texts);
    if (done) {
        kd_arena_close(&old);
        give_up(s, moved.texts);
        shrink(s);
        fill_slots(s);
    } else {
        kd_arena_close(&s->arena);
        s->arena = old;
        s->next = next;
        s->end = end;
    }
    set_due(s, work);
    release(s->from, moved.plain, room * sizeof *moved.texts);
    return done || !room ? KD_OK : KD_NOMEM;
}

kd_status kd_symbols_put(kd_symbols *s, int64_t symbol, kd_str text) {
    if (symbol < s->first || (uint64_t)symbol - (uint64_t)s->first >= SYMBOLS_MAX) return KD_INVALID;
    size_t place = (size_t)(symbol - s->first);
    int64_t found = kd_symbol_find(s, text);
    if (found >= 0 || place < s->span) return found == symbol ? KD_OK : KD_INVALID;
    uint64_t gaps = s->gaps;
    lookup x = lookup_of(text);
    while (s->span < place) { /* gaps, behind those that are there */
        if (s->span == s->room && !grow_entries(s)) return KD_NOMEM;
        s->entries[s->span] = (entry){{NULL, 0}, {gaps, 0}};
        gaps = ++s->span;
    }
    s->gaps = 0;
    size_t at = add(s, &x, NULL);
    s->gaps = gaps;
    return at == SIZE_MAX ? KD_NOMEM : KD_OK;
}

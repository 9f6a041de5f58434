/* timers.c: sets of numbers, the nodes' next instants, the rows' instants. */
#include "engine/timers.h"

#include <string.h>

/* ---- Sets of numbers ------------------------------------------------------------------------------------*/

bool eng_bits_open(eng_bits *b, eng_mem *mem, size_t size) {
    memset(b, 0, sizeof *b);
    do {
        size = size / 64 + 1;
        uint64_t *words = eng_resize(mem, NULL, 0, size * sizeof *words);
        if (!words) return false;
        memset(words, 0, size * sizeof *words);
        b->level[b->levels] = words;
        b->words[b->levels++] = size;
    } while (size > 1);
    return true;
}

void eng_bits_close(eng_bits *b, eng_mem *mem) {
    for (unsigned i = 0; i < b->levels; i++) eng_resize(mem, b->level[i], b->words[i] * sizeof(uint64_t), 0);
    b->levels = 0;
}

void eng_bits_set_above(eng_bits *b, uint32_t n) {
    for (unsigned i = 0; i < b->levels; i++, n /= 64) {
        uint64_t *word = &b->level[i][n / 64], bit = UINT64_C(1) << n % 64;
        if (*word & bit) return;
        *word |= bit;
    }
}

uint32_t eng_bits_take_above(eng_bits *b) {
    unsigned i = b->levels;
    if (!i || !b->level[i - 1][0]) return UINT32_MAX;
    uint32_t n = 0;
    while (i-- > 0) n = n * 64 + (uint32_t)__builtin_ctzll(b->level[i][n]);
    uint32_t taken = n;
    for (i = 0; i < b->levels; i++, n /= 64) {
        b->level[i][n / 64] &= ~(UINT64_C(1) << n % 64);
        if (b->level[i][n / 64]) break;
    }
    return taken;
}

/* ---- The nodes' next instants ---------------------------------------------------------------------------*/

bool eng_wakes_open(eng_wakes *w, eng_mem *mem, size_t size) {
    memset(w, 0, sizeof *w);
    w->size = size;
    w->heap = eng_resize(mem, NULL, 0, size * sizeof *w->heap);
    w->place = eng_resize(mem, NULL, 0, size * sizeof *w->place);
    if (w->place) memset(w->place, 0, size * sizeof *w->place);
    return w->heap && w->place;
}

void eng_wakes_close(eng_wakes *w, eng_mem *mem) {
    if (w->heap) eng_resize(mem, w->heap, w->size * sizeof *w->heap, 0);
    if (w->place) eng_resize(mem, w->place, w->size * sizeof *w->place, 0);
    w->heap = NULL;
    w->place = NULL;
}

static void wake_put(eng_wakes *w, size_t i, struct eng_wake v) {
    w->heap[i] = v;
    w->place[v.node] = (uint32_t)i + 1;
}

/* Moves what stands at i up or down to where it belongs. */
static void wake_settle(eng_wakes *w, size_t i) {
    struct eng_wake v = w->heap[i];
    while (i > 0 && w->heap[(i - 1) / 2].at > v.at) {
        wake_put(w, i, w->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (size_t child; (child = 2 * i + 1) < w->n; i = child) {
        if (child + 1 < w->n && w->heap[child + 1].at < w->heap[child].at) child++;
        if (w->heap[child].at >= v.at) break;
        wake_put(w, i, w->heap[child]);
    }
    wake_put(w, i, v);
}

void eng_wakes_set(eng_wakes *w, uint32_t node, kd_instant at) {
    size_t place = w->place[node];
    if (at != KD_NEVER) {
        size_t i = place ? place - 1 : w->n++;
        wake_put(w, i, (struct eng_wake){at, node});
        if (w->n > 1) wake_settle(w, i);
    } else if (place) {
        w->place[node] = 0;
        struct eng_wake last = w->heap[--w->n];
        if (last.node == node) return;
        wake_put(w, place - 1, last);
        wake_settle(w, place - 1);
    }
}

uint32_t eng_wakes_take_due(eng_wakes *w, kd_instant now) {
    if (!w->n || w->heap[0].at > now) return UINT32_MAX;
    uint32_t node = w->heap[0].node;
    eng_wakes_set(w, node, KD_NEVER);
    return node;
}

/* ---- The rows' instants ---------------------------------------------------------------------------------*/

/* Below this many timers the dead are left to come to the head. */
#define COMPACT_ABOVE 64u

void eng_timers_close(eng_timers *t, eng_mem *mem) {
    eng_release(mem, &t->heap, &t->room, sizeof *t->heap);
    t->n = t->dead = 0;
}

static bool before(const eng_timer_row *a, const eng_timer_row *b) {
    return a->at != b->at ? a->at < b->at : a->token < b->token;
}

static void sift_down(eng_timers *t, size_t i) {
    eng_timer_row v = t->heap[i];
    for (size_t child; (child = 2 * i + 1) < t->n; i = child) {
        if (child + 1 < t->n && before(&t->heap[child + 1], &t->heap[child])) child++;
        if (!before(&t->heap[child], &v)) break;
        t->heap[i] = t->heap[child];
    }
    t->heap[i] = v;
}

bool eng_timers_restore(eng_timers *t, eng_mem *mem, kd_instant at, uint32_t entry, int64_t token) {
    if (!eng_reserve(mem, &t->heap, &t->room, t->n + 1, sizeof *t->heap)) return false;
    eng_timer_row v = {at, token, entry};
    size_t i = t->n++;
    for (; i > 0 && before(&v, &t->heap[(i - 1) / 2]); i = (i - 1) / 2) t->heap[i] = t->heap[(i - 1) / 2];
    t->heap[i] = v;
    return true;
}

bool eng_timers_put(eng_timers *t, eng_mem *mem, kd_instant at, uint32_t entry, int64_t *token) {
    if (!eng_timers_restore(t, mem, at, entry, t->last_token + 1)) return false;
    *token = ++t->last_token;
    return true;
}

void eng_timers_died(eng_timers *t, eng_timer_alive *alive, const void *owner) {
    t->dead++;
    if (t->n <= COMPACT_ABOVE || t->dead * 2 <= t->n) return;
    size_t kept = 0;
    for (size_t i = 0; i < t->n; i++)
        if (alive(owner, &t->heap[i])) t->heap[kept++] = t->heap[i];
    t->n = kept;
    t->dead = 0;
    for (size_t i = kept / 2; i-- > 0;) sift_down(t, i);
}

static void drop_head(eng_timers *t) {
    t->heap[0] = t->heap[--t->n];
    if (t->n) sift_down(t, 0);
}

static void drop_dead(eng_timers *t, eng_timer_alive *alive, const void *owner) {
    while (t->n && t->dead && !alive(owner, &t->heap[0])) {
        drop_head(t);
        t->dead--;
    }
}

bool eng_timers_take(eng_timers *t, kd_instant now, eng_timer_alive *alive, const void *owner,
                     eng_timer_row *out) {
    drop_dead(t, alive, owner);
    if (!t->n || t->heap[0].at > now) return false;
    *out = t->heap[0];
    drop_head(t);
    return true;
}

kd_instant eng_timers_next(eng_timers *t, eng_timer_alive *alive, const void *owner) {
    drop_dead(t, alive, owner);
    return t->n ? t->heap[0].at : KD_NEVER;
}

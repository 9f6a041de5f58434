/* reason.c: the graph of reasons: adding, each once, and walking down to the events. */
#include "engine/reason.h"

#include <stdlib.h>
#include <string.h>

void eng_reasons_open(eng_reasons *r, eng_mem *mem) {
    *r = (eng_reasons){.mem = mem, .count = 1};
}

void eng_reasons_close(eng_reasons *r) {
    if (!r->mem) return;
    eng_release(r->mem, &r->all, &r->room, sizeof *r->all);
    eng_release(r->mem, &r->slots, &r->slot_count, sizeof *r->slots);
    eng_release(r->mem, &r->visited, &r->visited_room, sizeof *r->visited);
    eng_release(r->mem, &r->waiting, &r->waiting_room, sizeof *r->waiting);
    r->count = 1;
}

static size_t home_of(eng_because w, size_t slot_count) {
    uint64_t h = ((uint64_t)w.a << 32 | w.b) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ h >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    return (size_t)(h >> 24) & (slot_count - 1);
}

static bool rehash(eng_reasons *r) {
    uint32_t *slots = NULL;
    size_t count = 0;
    if (!eng_reserve(r->mem, &slots, &count, r->slot_count ? r->slot_count * 2 : 64, sizeof *slots))
        return false;
    memset(slots, 0, count * sizeof *slots);
    for (uint32_t i = 1; i < r->count; i++) {
        size_t at = home_of(r->all[i], count);
        while (slots[at]) at = (at + 1) & (count - 1);
        slots[at] = i;
    }
    eng_release(r->mem, &r->slots, &r->slot_count, sizeof *r->slots);
    r->slots = slots;
    r->slot_count = count;
    return true;
}

static bool make_room(eng_reasons *r) {
    size_t need = r->count + 1, visited = r->visited_room;
    if (need >= UINT32_MAX / 2) return false;
    if (!eng_reserve(r->mem, &r->all, &r->room, need, sizeof *r->all) ||
        !eng_reserve(r->mem, &r->visited, &r->visited_room, need, sizeof *r->visited) ||
        !eng_reserve(r->mem, &r->waiting, &r->waiting_room, need, sizeof *r->waiting))
        return false;
    if (r->visited_room > visited)
        memset(r->visited + visited, 0, (r->visited_room - visited) * sizeof *r->visited);
    return r->count * 2 < r->slot_count || rehash(r);
}

static kd_status add(eng_reasons *r, eng_because w, kd_reason *out) {
    if (!make_room(r)) return KD_NOMEM;
    size_t at = home_of(w, r->slot_count);
    for (; r->slots[at]; at = (at + 1) & (r->slot_count - 1)) {
        eng_because met = r->all[r->slots[at]];
        if (met.a != w.a || met.b != w.b) continue;
        *out = r->slots[at];
        return KD_OK;
    }
    *out = (kd_reason)r->count;
    r->slots[at] = *out;
    r->all[r->count++] = w;
    return KD_OK;
}

kd_status eng_reason_event(eng_reasons *r, uint32_t origin, kd_reason *out) {
    return add(r, (eng_because){origin, 0}, out);
}

kd_status eng_reason_both(eng_reasons *r, kd_reason a, kd_reason b, kd_reason *out) {
    *out = a == 0 ? b : a;
    if (a == 0 || b == 0 || a == b) return KD_OK;
    return add(r, a < b ? (eng_because){a, b} : (eng_because){b, a}, out);
}

static int by_number(const void *a, const void *b) {
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Each reason is put on the stack once at most, and leaves it before what it found is stored: the stack, from
 * the left, and the origins, from the right, never meet. */
size_t eng_reason_origins(const eng_reasons *r, kd_reason reason, uint32_t *origins, size_t room) {
    if (reason == 0 || reason >= r->count) return 0;
    if (++r->visited[0] == 0) {
        memset(r->visited, 0, r->visited_room * sizeof *r->visited);
        r->visited[0] = 1;
    }
    const uint32_t walk = r->visited[0];
    size_t depth = 0, found = r->waiting_room;
    r->waiting[depth++] = reason;
    r->visited[reason] = walk;
    while (depth) {
        eng_because w = r->all[r->waiting[--depth]];
        if (w.b == 0) {
            r->waiting[--found] = w.a;
            continue;
        }
        for (unsigned i = 0; i < 2; i++) {
            uint32_t part = i ? w.b : w.a;
            if (r->visited[part] == walk) continue;
            r->visited[part] = walk;
            r->waiting[depth++] = part;
        }
    }
    size_t n = r->waiting_room - found;
    qsort(r->waiting + found, n, sizeof *origins, by_number);
    for (size_t i = 0; i < n && i < room; i++) origins[i] = r->waiting[found + i];
    return n;
}

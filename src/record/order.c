/* order.c: which of two moments is earlier, and a sort that is linear where much is in order already. */
#include "record/inside.h"

int rec_moment_order(const kd_said *said, const rec_moment *a, const rec_moment *b) {
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if (a->day_only != b->day_only) return a->day_only ? 1 : -1;
    const kd_said *x = &said[a->statement], *y = &said[b->statement];
    if (x->party != y->party) return x->party < y->party ? -1 : 1;
    if (x->index != y->index) return x->index < y->index ? -1 : 1;
    return a->what - b->what;
}

/* Where the run that begins at `i` ends. */
static size_t run_end(const kd_said *said, const rec_moment *m, size_t i, size_t count) {
    size_t end = i + 1;
    while (end < count && rec_moment_order(said, &m[end - 1], &m[end]) <= 0) end++;
    return end;
}

static void merge(const kd_said *said, const rec_moment *m, size_t i, size_t middle, size_t end,
                  rec_moment *to) {
    size_t a = i, b = middle;
    for (size_t k = i; k < end; k++) {
        bool first = b >= end || (a < middle && rec_moment_order(said, &m[a], &m[b]) <= 0);
        to[k] = first ? m[a++] : m[b++];
    }
}

bool rec_moments_sort(const kd_said *said, rec_moment *m, size_t count, const kd_allocator *from) {
    if (count < 2 || run_end(said, m, 0, count) == count) return true;
    size_t room = 0;
    rec_moment *other = NULL;
    if (!rec_grow(from, (void **)&other, &room, count, sizeof *other)) return false;
    rec_moment *in = m, *to = other;
    for (size_t runs = 2; runs > 1;) { /* each pass merges runs by twos */
        runs = 0;
        for (size_t i = 0; i < count; runs++) {
            size_t middle = run_end(said, in, i, count);
            size_t end = middle < count ? run_end(said, in, middle, count) : count;
            merge(said, in, i, middle, end, to);
            i = end;
        }
        rec_moment *swap = in;
        in = to;
        to = swap;
    }
    if (in != m)
        for (size_t i = 0; i < count; i++) m[i] = in[i];
    rec_free(from, other, room, sizeof *other);
    return true;
}

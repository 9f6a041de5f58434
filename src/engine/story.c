/* story.c: rows with their spans of time, found by row and by time; the whole log's from the trace. */
#include "engine/story.h"

#include <stdlib.h>
#include <string.h>

kd_status eng_story_open(eng_story *s, kd_engine *g) {
    s->g = g;
    kd_arena_open(&s->arena, &g->mem.counted);
    eng_table_open(&s->items, &g->mem, 1, 0);
    s->tales = kd_arena_array(&s->arena, g->plan->node_count, sizeof *s->tales);
    return s->tales ? KD_OK : KD_NOMEM;
}

void eng_story_close(eng_story *s) {
    if (s->g) {
        kd_arena_close(&s->arena);
        eng_table_close(&s->items);
    }
    *s = (eng_story){0};
}

bool eng_tale_put(eng_story *s, eng_tale *t, eng_span x) {
    if (t->n == t->room) {
        size_t room = t->room ? t->room * 2 : 8;
        eng_span *spans = kd_arena_array(&s->arena, room, sizeof *spans);
        if (!spans || room >= UINT32_MAX) return false;
        if (t->n) memcpy(spans, t->spans, t->n * sizeof *spans);
        t->spans = spans;
        t->room = room;
    }
    t->spans[t->n++] = x;
    return true;
}

/* `next` holds the place in the batch while sorting. */
static int by_time(const void *a, const void *b) {
    const eng_span *x = a, *y = b;
    int order = eng_when_order(x->from, y->from);
    return order ? order : (x->next > y->next) - (x->next < y->next);
}

static void sort(eng_span *spans, size_t n) {
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        spans[i].next = (uint32_t)i;
        sorted = sorted && (!i || !eng_when_less(spans[i].from, spans[i - 1].from));
    }
    if (!sorted) qsort(spans, n, sizeof *spans, by_time);
}

bool eng_tale_settle(eng_story *s, eng_tale *t, kd_kind kind, unsigned width) {
    t->told = true;
    if (kind == KD_PULSE) sort(t->spans, t->n);
    uint32_t slots = 8;
    while (slots < t->n) slots *= 2;
    t->heads = kd_arena_array(&s->arena, slots, sizeof *t->heads);
    if (!t->heads) return false;
    t->mask = slots - 1;
    for (size_t i = t->n; i-- > 0;) { /* from the end, so that chains are in order */
        uint32_t *head = &t->heads[eng_hash(t->spans[i].row, width) & t->mask];
        t->spans[i].next = *head;
        *head = (uint32_t)i + 1;
    }
    return true;
}

static uint32_t same_row(const eng_tale *t, uint32_t link, const kd_value *row, unsigned width) {
    while (link && !eng_same(t->spans[link - 1].row, row, width)) link = t->spans[link - 1].next;
    return link ? link - 1 : ENG_NONE;
}

uint32_t eng_tale_first(const eng_tale *t, const kd_value *row, unsigned width) {
    return t->n ? same_row(t, t->heads[eng_hash(row, width) & t->mask], row, width) : ENG_NONE;
}

uint32_t eng_tale_next(const eng_tale *t, uint32_t i, unsigned width) {
    return same_row(t, t->spans[i].next, t->spans[i].row, width);
}

size_t eng_tale_from(const eng_tale *t, eng_when when) {
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (eng_when_less(t->spans[middle].from, when))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t eng_tale_count(const eng_tale *t, kd_kind kind, const kd_value *row, unsigned width, eng_when when) {
    int64_t count = 0;
    for (uint32_t i = eng_tale_first(t, row, width); i != ENG_NONE; i = eng_tale_next(t, i, width))
        if (eng_span_at(&t->spans[i], kind, when)) count += t->spans[i].count;
    return count;
}

/* ---- One span a row -------------------------------------------------------------------------------------*/

static bool merge_row(eng_story *s, eng_span *some, size_t n, eng_tale *out) {
    sort(some, n);
    eng_span x = some[0];
    for (size_t i = 1; i <= n; i++) {
        if (i < n && !eng_when_less(x.to, some[i].from)) {
            if (eng_when_less(x.to, some[i].to)) x.to = some[i].to;
            continue;
        }
        x.count = 1;
        if (eng_when_less(x.from, x.to) && !eng_tale_put(s, out, x)) return false;
        if (i < n) x = some[i];
    }
    return true;
}

bool eng_tale_merge(eng_story *s, eng_tale *raw, eng_tale *out, unsigned width) {
    eng_span *some = kd_arena_array(&s->arena, raw->n + 1, sizeof *some);
    bool *seen = kd_arena_array(&s->arena, raw->n + 1, sizeof *seen);
    if (!some || !seen || !eng_tale_settle(s, raw, KD_LEVEL, width)) return false;
    for (uint32_t i = 0; i < raw->n; i++) {
        if (seen[i]) continue;
        size_t n = 0;
        for (uint32_t k = i; k != ENG_NONE; k = eng_tale_next(raw, k, width)) {
            seen[k] = true;
            if (raw->spans[k].count > 0) some[n++] = raw->spans[k];
        }
        if (n && !merge_row(s, some, n, out)) return false;
    }
    return eng_tale_settle(s, out, KD_LEVEL, width);
}

/* ---- By key ---------------------------------------------------------------------------------------------*/

bool eng_by_key_open(kd_arena *arena, eng_by_key *k, const eng_tale *t, const uint8_t *columns,
                     unsigned count) {
    uint32_t slots = 8;
    while (slots < t->n) slots *= 2;
    *k = (eng_by_key){.t = t, .columns = columns, .count = count, .mask = slots - 1};
    k->heads = kd_arena_array(arena, slots, sizeof *k->heads);
    k->next = kd_arena_array(arena, t->n + 1, sizeof *k->next);
    if (!k->heads || !k->next) return false;
    for (size_t i = t->n; i-- > 0;) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, t->spans[i].row, columns, count);
        uint32_t *head = &k->heads[eng_hash(key, count) & k->mask];
        k->next[i] = *head;
        *head = (uint32_t)i + 1;
    }
    return true;
}

static uint32_t same_key(const eng_by_key *k, uint32_t link, const kd_value *key) {
    for (; link; link = k->next[link - 1]) {
        kd_value other[KD_WIDTH_MAX];
        eng_gather(other, k->t->spans[link - 1].row, k->columns, k->count);
        if (eng_same(other, key, k->count)) return link - 1;
    }
    return ENG_NONE;
}

uint32_t eng_by_key_first(const eng_by_key *k, const kd_value *key) {
    return same_key(k, k->heads[eng_hash(key, k->count) & k->mask], key);
}

uint32_t eng_by_key_next(const eng_by_key *k, uint32_t i, const kd_value *key) {
    return same_key(k, k->next[i], key);
}

/* ---- The whole log --------------------------------------------------------------------------------------*/

static bool tell_pulse(eng_story *s, eng_tale *t, const eng_track *track, unsigned width) {
    for (size_t i = 0; i < track->n; i++) {
        const eng_kept *k = &track->kept[i];
        if (!eng_tale_put(s, t,
                          (eng_span){.row = eng_track_row(track, i, width),
                                     .from = k->when,
                                     .to = k->when,
                                     .count = 1,
                                     .order = k->order}))
            return false;
    }
    return true;
}

/* What is kept of a row whose last span is known. */
typedef struct last_span {
    size_t span; /* 1 + its number; 0: none */
} last_span;

/* A change of a row's count ends its span and begins the next; several at one time point add up. */
static bool tell_change(eng_story *s, eng_tale *t, last_span *last, const kd_value *row, const eng_kept *k) {
    int64_t before = 0;
    if (last->span) {
        eng_span *x = &t->spans[last->span - 1];
        if (eng_when_order(x->from, k->when) == 0) {
            x->count += k->count;
            return true;
        }
        before = x->count;
        x->to = k->when;
    }
    last->span = t->n + 1;
    return eng_tale_put(
        s, t, (eng_span){.row = row, .from = k->when, .to = ENG_FOREVER, .count = before + k->count});
}

static bool tell_level(eng_story *s, eng_tale *t, const eng_track *track, unsigned width) {
    eng_table rows;
    bool fine = true;
    eng_table_open(&rows, &s->g->mem, width, sizeof(last_span));
    for (size_t i = 0; fine && i < track->n; i++) {
        bool fresh;
        const kd_value *row = eng_track_row(track, i, width);
        uint32_t e = eng_table_add(&rows, row, &fresh);
        fine = e != ENG_NONE && tell_change(s, t, eng_table_payload(&rows, e), row, &track->kept[i]);
    }
    eng_table_close(&rows);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->spans[i].count > 0) t->spans[n++] = t->spans[i];
    t->n = n;
    return fine;
}

/* The first event of the row that nothing took back yet. */
static void take_back(eng_tale *t, const kd_value *row, unsigned width, eng_when when) {
    for (size_t i = 0; i < t->n; i++) {
        eng_span *x = &t->spans[i];
        if (eng_when_order(x->to, ENG_FOREVER) != 0 || !eng_same(x->row, row, width)) continue;
        x->to = when;
        return;
    }
}

static bool tell_input(eng_story *s, eng_tale *t, const eng_track *track, kd_kind kind, unsigned width) {
    for (size_t i = 0; i < track->n; i++) {
        const eng_kept *k = &track->kept[i];
        const kd_value *row = eng_track_row(track, i, width);
        if (k->count < 0) {
            take_back(t, row, width, k->when);
            continue;
        }
        bool fresh;
        uint32_t item = eng_table_add(&s->items, &(kd_value){track->origins.items[i]}, &fresh);
        if (item == ENG_NONE || !eng_tale_put(s, t,
                                              (eng_span){.row = row,
                                                         .from = k->when,
                                                         .to = kind == KD_PULSE ? k->when : ENG_FOREVER,
                                                         .count = 1,
                                                         .order = k->order,
                                                         .item = item}))
            return false;
    }
    return true;
}

const eng_tale *eng_whole_tale(eng_story *whole, kd_node node) {
    eng_tale *t = &whole->tales[node];
    if (t->told) return t;
    const plan_node *n = &whole->g->plan->nodes[node];
    const eng_track *track = &whole->g->trace->tracks[node];
    bool fine;
    if (n->op == &eng_op_input_pulse || n->op == &eng_op_input_level)
        fine = tell_input(whole, t, track, n->kind, n->width);
    else if (n->kind == KD_PULSE)
        fine = tell_pulse(whole, t, track, n->width);
    else
        fine = tell_level(whole, t, track, n->width);
    return fine && eng_tale_settle(whole, t, n->kind, n->width) ? t : NULL;
}

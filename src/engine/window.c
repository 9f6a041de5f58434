/* window.c: rows that stand while a pulse of theirs is between low and high seconds old. */
#include "engine/window.h"

#include <string.h>

void eng_window_open(eng_window *w, kd_engine *g, unsigned width, kd_interval within) {
    memset(w, 0, sizeof *w);
    w->g = g;
    w->within = within;
    w->first = w->last = w->young_free = w->young_first = w->young_last = ENG_NONE;
    eng_table_open(&w->rows, &g->mem, width, sizeof(eng_window_row));
}

void eng_window_close(eng_window *w) {
    if (!w->g) return;
    eng_table_close(&w->rows);
    eng_release(&w->g->mem, &w->young, &w->young_room, sizeof *w->young);
    eng_list_close(&w->g->mem, &w->touched);
}

/* t + seconds, or never when that is beyond all instants. */
static kd_instant later(kd_instant t, int64_t seconds) {
    kd_instant sum;
    return __builtin_add_overflow(t, seconds, &sum) ? KD_NEVER : sum;
}

static kd_status touch(eng_window *w, uint32_t entry) {
    eng_window_row *r = eng_window_at(w, entry);
    if (r->touched) return KD_OK;
    if (!eng_list_put(&w->g->mem, &w->touched, entry)) return KD_NOMEM;
    r->touched = 1;
    return KD_OK;
}

/* ---- The standing ---------------------------------------------------------------------------------------*/

static void leave(eng_window *w, eng_window_row *r) {
    if (r->prev == ENG_NONE)
        w->first = r->next;
    else
        eng_window_at(w, r->prev)->next = r->next;
    if (r->next == ENG_NONE)
        w->last = r->prev;
    else
        eng_window_at(w, r->next)->prev = r->prev;
    r->stands = 0;
}

/* Pulses come of age in the order of their instants, so the newest always belongs at the end. */
static kd_status stand(eng_window *w, uint32_t entry, kd_instant at, kd_reason reason) {
    eng_window_row *r = eng_window_at(w, entry);
    if (r->stands) leave(w, r);
    r->newest = at;
    r->reason = reason;
    r->stands = 1;
    r->next = ENG_NONE;
    r->prev = w->last;
    if (w->last == ENG_NONE)
        w->first = entry;
    else
        eng_window_at(w, w->last)->next = entry;
    w->last = entry;
    return touch(w, entry);
}

/* ---- The young ------------------------------------------------------------------------------------------*/

static uint32_t take_young(eng_window *w) {
    uint32_t y = w->young_free;
    if (y != ENG_NONE) {
        w->young_free = w->young[y].next;
        return y;
    }
    if (w->young_used >= UINT32_MAX - 1 ||
        !eng_reserve(&w->g->mem, &w->young, &w->young_room, w->young_used + 1, sizeof *w->young))
        return ENG_NONE;
    return (uint32_t)w->young_used++;
}

static kd_status add_young(eng_window *w, uint32_t entry, kd_reason reason) {
    eng_window_row *r = eng_window_at(w, entry);
    if (r->young_last != ENG_NONE && w->young[r->young_last].at == w->g->now) {
        w->young[r->young_last].reason = reason;
        return KD_OK;
    }
    uint32_t y = take_young(w);
    if (y == ENG_NONE) return KD_NOMEM;
    w->young[y] = (eng_young){w->g->now, entry, ENG_NONE, w->young_last, ENG_NONE, reason};
    if (w->young_last == ENG_NONE)
        w->young_first = y;
    else
        w->young[w->young_last].next = y;
    w->young_last = y;
    if (r->young_last == ENG_NONE)
        r->young_first = y;
    else
        w->young[r->young_last].mate = y;
    r->young_last = y;
    return KD_OK;
}

/* Takes out the oldest young pulse of a row. */
static void drop_young(eng_window *w, eng_window_row *r) {
    uint32_t y = r->young_first;
    eng_young *p = &w->young[y];
    if (p->prev == ENG_NONE)
        w->young_first = p->next;
    else
        w->young[p->prev].next = p->next;
    if (p->next == ENG_NONE)
        w->young_last = p->prev;
    else
        w->young[p->next].prev = p->prev;
    r->young_first = p->mate;
    if (p->mate == ENG_NONE) r->young_last = ENG_NONE;
    p->next = w->young_free;
    w->young_free = y;
}

/* ---- What happens to rows -------------------------------------------------------------------------------*/

static kd_instant comes_of_age(const eng_window *w) {
    return w->young_first == ENG_NONE ? KD_NEVER : later(w->young[w->young_first].at, w->within.low);
}

/* The first instant at which the oldest of the standing is too old. */
static kd_instant expires(const eng_window *w) {
    if (w->first == ENG_NONE || w->within.high == KD_NEVER) return KD_NEVER;
    return later(later(eng_window_at(w, w->first)->newest, w->within.high), 1);
}

kd_status eng_window_pass(eng_window *w) {
    kd_status s = KD_OK;
    while (!s && comes_of_age(w) <= w->g->now) {
        eng_young y = w->young[w->young_first];
        drop_young(w, eng_window_at(w, y.row));
        s = stand(w, y.row, y.at, y.reason);
    }
    while (!s && expires(w) <= w->g->now) {
        uint32_t entry = w->first;
        leave(w, eng_window_at(w, entry));
        s = touch(w, entry);
    }
    return s;
}

kd_status eng_window_pulse(eng_window *w, const kd_value *row, kd_reason reason, uint32_t *entry,
                           bool *fresh) {
    *entry = eng_table_add(&w->rows, row, fresh);
    if (*entry == ENG_NONE) return KD_NOMEM;
    if (*fresh) {
        eng_window_row *r = eng_window_at(w, *entry);
        r->young_first = r->young_last = r->mate_next = r->mate_prev = ENG_NONE;
    }
    return w->within.low == 0 ? stand(w, *entry, w->g->now, reason) : add_young(w, *entry, reason);
}

kd_status eng_window_kill(eng_window *w, uint32_t entry) {
    eng_window_row *r = eng_window_at(w, entry);
    while (r->young_first != ENG_NONE) drop_young(w, r);
    if (r->stands) leave(w, r);
    return touch(w, entry);
}

kd_status eng_window_lean(eng_window *w, uint32_t entry, kd_reason reason) {
    eng_window_row *r = eng_window_at(w, entry);
    for (uint32_t y = r->young_first; y != ENG_NONE; y = w->young[y].mate) {
        kd_status s = eng_both(w->g, w->young[y].reason, reason, &w->young[y].reason);
        if (s) return s;
    }
    if (!r->stands) return KD_OK;
    kd_status s = eng_both(w->g, r->reason, reason, &r->reason);
    return s ? s : touch(w, entry);
}

/* ---- Putting out ----------------------------------------------------------------------------------------*/

static kd_status put_out(eng_window *w, eng_node *n, uint32_t entry) {
    eng_window_row *r = eng_window_at(w, entry);
    bool swapped = r->was && r->stands && r->reason != r->shown;
    kd_status s = KD_OK;
    if (r->was && (!r->stands || swapped))
        s = eng_emit_row(w->g, n, eng_table_key(&w->rows, entry), -1, r->shown, 0);
    if (!s && r->stands && (!r->was || swapped))
        s = eng_emit_row(w->g, n, eng_table_key(&w->rows, entry), 1, r->reason, 0);
    r->was = r->stands;
    r->shown = r->reason;
    r->touched = 0;
    return s;
}

kd_status eng_window_settle(eng_window *w, eng_node *n, void (*leaving)(void *owner, uint32_t entry),
                            void *owner) {
    for (size_t i = 0; i < w->touched.n; i++) {
        uint32_t entry = w->touched.items[i];
        kd_status s = put_out(w, n, entry);
        if (s) return s;
        const eng_window_row *r = eng_window_at(w, entry);
        if (r->stands || r->young_first != ENG_NONE) continue;
        if (leaving) leaving(owner, entry);
        eng_table_remove(&w->rows, entry);
    }
    w->touched.n = 0;
    kd_instant age = comes_of_age(w), end = expires(w);
    eng_wakes_set(&w->g->wakes, n->id, age < end ? age : end);
    return KD_OK;
}

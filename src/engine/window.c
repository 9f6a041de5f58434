/* window.c: rows that stand while the newest of their pulses is not too old. */
#include "engine/window.h"

#include <string.h>

void eng_window_chain(eng_window *w, const uint8_t *columns, unsigned count) {
    w->chained = true;
    w->key_count = count;
    if (count) memcpy(w->key_columns, columns, count);
}

void eng_window_open(eng_window *w, kd_engine *g, const eng_node *n, kd_interval within) {
    w->g = g;
    w->within = within;
    w->silent = n->silent;
    w->has_youth = within.low > 0;
    w->lazy = n->silent && within.low == 0 && within.high != KD_NEVER && !w->chained;
    w->listed = within.high != KD_NEVER && !w->lazy;
    w->bound = INT64_MIN;
    w->first = w->last = w->young_free = w->young_first = w->young_last = ENG_NONE;
    eng_table_open(&w->rows, &g->mem, n->width, sizeof(eng_window_row));
    eng_table_open(&w->keys, &g->mem, w->key_count, sizeof(eng_window_key));
}

void eng_window_close(eng_window *w) {
    if (!w->g) return;
    eng_table_close(&w->rows);
    eng_table_close(&w->keys);
    eng_release(&w->g->mem, &w->mates, &w->mates_room, sizeof *w->mates);
    eng_release(&w->g->mem, &w->youth, &w->youth_room, sizeof *w->youth);
    eng_release(&w->g->mem, &w->young, &w->young_room, sizeof *w->young);
    eng_list_close(&w->g->mem, &w->touched);
}

/* ---- Keys -----------------------------------------------------------------------------------------------*/

static kd_status chain(eng_window *w, const kd_value *row, uint32_t entry) {
    kd_value key[KD_WIDTH_MAX];
    bool fresh;
    if (!eng_reserve(&w->g->mem, &w->mates, &w->mates_room, (size_t)entry + 1, sizeof *w->mates))
        return KD_NOMEM;
    eng_gather(key, row, w->key_columns, w->key_count);
    uint32_t e = eng_table_add(&w->keys, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    eng_window_key *k = eng_window_key_at(w, e);
    if (fresh) k->first = k->next = k->prev = ENG_NONE;
    eng_window_at(w, entry)->key = e;
    w->mates[entry] = (eng_mates){k->first, ENG_NONE};
    if (k->first != ENG_NONE) w->mates[k->first].prev = entry;
    k->first = entry;
    return KD_OK;
}

/* The last row of a key takes the key with it. */
static void unchain(eng_window *w, uint32_t entry) {
    eng_mates m = w->mates[entry];
    uint32_t key = eng_window_at(w, entry)->key;
    if (m.next != ENG_NONE) w->mates[m.next].prev = m.prev;
    if (m.prev != ENG_NONE) {
        w->mates[m.prev].next = m.next;
    } else if (m.next != ENG_NONE) {
        eng_window_key_at(w, key)->first = m.next;
    } else {
        if (w->leaving) w->leaving(w, key);
        eng_table_remove(&w->keys, key);
    }
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

static bool is_fresh(const void *owner, const void *payload) {
    const eng_window *w = owner;
    const eng_window_row *r = payload;
    return r->newest >= w->bound;
}

static uint32_t add_row(eng_window *w, const kd_value *row) {
    bool fresh;
    if (w->lazy && eng_table_full(&w->rows) && !eng_table_sweep(&w->rows, is_fresh, w)) return ENG_NONE;
    uint32_t e = eng_table_add(&w->rows, row, &fresh);
    if (e == ENG_NONE || !fresh) return e;
    if (w->has_youth) {
        if (!eng_reserve(&w->g->mem, &w->youth, &w->youth_room, (size_t)e + 1, sizeof *w->youth))
            return ENG_NONE;
        w->youth[e] = (eng_youth){ENG_NONE, ENG_NONE};
    }
    return w->chained && chain(w, row, e) ? ENG_NONE : e;
}

static bool has_pulse(const eng_window *w, uint32_t entry) {
    return eng_window_at(w, entry)->stands || (w->has_youth && w->youth[entry].first != ENG_NONE);
}

static void give_up(eng_window *w, uint32_t entry) {
    if (w->chained) unchain(w, entry);
    eng_table_remove(&w->rows, entry);
}

/* The row changed. When nobody hears of it, one without a pulse goes at once. */
static kd_status touch(eng_window *w, uint32_t entry) {
    eng_window_row *r = eng_window_at(w, entry);
    if (w->silent) {
        if (!has_pulse(w, entry)) give_up(w, entry);
        return KD_OK;
    }
    if (r->touched) return KD_OK;
    if (!eng_list_put(&w->g->mem, &w->touched, entry)) return KD_NOMEM;
    r->touched = 1;
    return KD_OK;
}

static void leave(eng_window *w, eng_window_row *r) {
    r->stands = 0;
    if (!w->listed) return;
    if (r->prev == ENG_NONE)
        w->first = r->next;
    else
        eng_window_at(w, r->prev)->next = r->next;
    if (r->next == ENG_NONE)
        w->last = r->prev;
    else
        eng_window_at(w, r->next)->prev = r->prev;
}

/* Links the row in where its newest pulse belongs: nearly always at the end. */
static void enter(eng_window *w, uint32_t entry, eng_window_row *r) {
    uint32_t before = w->last;
    while (before != ENG_NONE && eng_window_at(w, before)->newest > r->newest)
        before = eng_window_at(w, before)->prev;
    r->prev = before;
    r->next = before == ENG_NONE ? w->first : eng_window_at(w, before)->next;
    if (before == ENG_NONE)
        w->first = entry;
    else
        eng_window_at(w, before)->next = entry;
    if (r->next == ENG_NONE)
        w->last = entry;
    else
        eng_window_at(w, r->next)->prev = entry;
}

/* Pulses come of age in the order of their instants, so the newest belongs at the end. */
static kd_status stand(eng_window *w, uint32_t entry, int64_t at) {
    eng_window_row *r = eng_window_at(w, entry);
    bool stood = r->stands;
    if (w->listed && !(stood && w->last == entry)) {
        if (stood) leave(w, r);
        r->newest = at;
        enter(w, entry, r);
    }
    r->newest = at;
    r->stands = 1;
    return stood || w->silent ? KD_OK : touch(w, entry);
}

kd_status eng_window_stand_in_order(eng_window *w, const kd_value *row, int64_t at) {
    uint32_t e = add_row(w, row);
    return e == ENG_NONE ? KD_NOMEM : stand(w, e, at);
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

static kd_status add_young(eng_window *w, uint32_t entry, kd_instant at) {
    eng_youth *r = &w->youth[entry];
    if (r->last != ENG_NONE && w->young[r->last].at == at) return KD_OK;
    uint32_t y = take_young(w);
    if (y == ENG_NONE) return KD_NOMEM;
    w->young[y] = (eng_young){at, entry, ENG_NONE, w->young_last, ENG_NONE};
    if (w->young_last == ENG_NONE)
        w->young_first = y;
    else
        w->young[w->young_last].next = y;
    w->young_last = y;
    if (r->last == ENG_NONE)
        r->first = y;
    else
        w->young[r->last].mate = y;
    r->last = y;
    return KD_OK;
}

/* Takes out the oldest young pulse of a row. */
static void drop_young(eng_window *w, uint32_t entry) {
    eng_youth *r = &w->youth[entry];
    uint32_t y = r->first;
    eng_young *p = &w->young[y];
    if (p->prev == ENG_NONE)
        w->young_first = p->next;
    else
        w->young[p->prev].next = p->next;
    if (p->next == ENG_NONE)
        w->young_last = p->prev;
    else
        w->young[p->next].prev = p->prev;
    r->first = p->mate;
    if (p->mate == ENG_NONE) r->last = ENG_NONE;
    p->next = w->young_free;
    w->young_free = y;
}

kd_status eng_window_pulse(eng_window *w, const kd_value *row, kd_instant at, uint32_t *entry) {
    *entry = add_row(w, row);
    if (*entry == ENG_NONE) return KD_NOMEM;
    return w->has_youth ? add_young(w, *entry, at) : stand(w, *entry, at);
}

/* ---- Time -----------------------------------------------------------------------------------------------*/

static kd_instant comes_of_age(const eng_window *w) {
    return w->young_first == ENG_NONE ? KD_NEVER : eng_later(w->young[w->young_first].at, w->within.low);
}

/* The first instant at which the oldest of the standing is too old. */
static kd_instant expires(const eng_window *w) {
    if (!w->listed || w->first == ENG_NONE) return KD_NEVER;
    return eng_later(eng_later(eng_window_at(w, w->first)->newest, w->within.high), 1);
}

kd_instant eng_window_wake(const eng_window *w) {
    kd_instant age = comes_of_age(w), end = expires(w);
    return age < end ? age : end;
}

kd_status eng_window_expire(eng_window *w, int64_t bound) {
    kd_status s = KD_OK;
    w->bound = bound;
    while (!s && w->first != ENG_NONE && eng_window_at(w, w->first)->newest < bound) {
        uint32_t entry = w->first;
        leave(w, eng_window_at(w, entry));
        if (w->silent && !w->has_youth)
            give_up(w, entry);
        else
            s = touch(w, entry);
    }
    return s;
}

/* At the supposed end of the log every window that ends has ended. */
static int64_t oldest_within(const eng_window *w) {
    int64_t bound;
    if (w->g->now == KD_NEVER) return KD_NEVER;
    return __builtin_sub_overflow(w->g->now, w->within.high, &bound) ? INT64_MIN : bound;
}

kd_status eng_window_pass(eng_window *w) {
    kd_status s = KD_OK;
    if (w->lazy) {
        w->bound = oldest_within(w);
        return KD_OK;
    }
    while (!s && w->young_first != ENG_NONE && w->young[w->young_first].at != KD_NEVER &&
           comes_of_age(w) <= w->g->now) {
        eng_young y = w->young[w->young_first];
        drop_young(w, y.row);
        s = stand(w, y.row, y.at);
    }
    return s || !w->listed ? s : eng_window_expire(w, oldest_within(w));
}

kd_status eng_window_kill_row(eng_window *w, uint32_t e) {
    if (w->lazy) {
        eng_table_remove(&w->rows, e);
        return KD_OK;
    }
    while (w->has_youth && w->youth[e].first != ENG_NONE) drop_young(w, e);
    if (eng_window_at(w, e)->stands) leave(w, eng_window_at(w, e));
    return touch(w, e);
}

kd_status eng_window_kill(eng_window *w, uint32_t key) {
    for (uint32_t e = eng_window_key_at(w, key)->first, next; e != ENG_NONE; e = next) {
        next = w->mates[e].next;
        kd_status s = eng_window_kill_row(w, e);
        if (s) return s;
    }
    return KD_OK;
}

/* ---- Putting out ----------------------------------------------------------------------------------------*/

kd_status eng_window_settle(eng_window *w, eng_node *n) {
    for (size_t i = 0; i < w->touched.n; i++) {
        uint32_t entry = w->touched.items[i];
        eng_window_row *r = eng_window_at(w, entry);
        if (r->was != r->stands) {
            kd_status s = eng_emit_row(w->g, n, eng_table_key(&w->rows, entry), r->stands ? 1 : -1, 0);
            if (s) return s;
        }
        r->was = r->stands;
        r->touched = 0;
        if (!has_pulse(w, entry)) give_up(w, entry);
    }
    w->touched.n = 0;
    return KD_OK;
}

/* ---- Looked up ------------------------------------------------------------------------------------------*/

bool eng_window_offers(eng_node *n, const uint8_t *columns, unsigned count) {
    eng_window *w = n->state;
    bool all = count == n->width;
    if (w->looked) return w->by_key ? w->key_count == count && !memcmp(w->key_columns, columns, count) : all;
    if (!all) {
        if (w->chained && (w->key_count != count || memcmp(w->key_columns, columns, count) != 0))
            return false;
        if (!w->chained) eng_window_chain(w, columns, count);
    }
    w->by_key = !all;
    w->looked = true;
    return true;
}

static uint32_t first_standing(const eng_window *w, uint32_t e) {
    while (e != ENG_NONE && !eng_window_at(w, e)->stands) e = w->mates[e].next;
    return e;
}

/* From what the table found, of rows or of keys. */
static uint32_t first_of(const eng_window *w, uint32_t e) {
    if (e == ENG_NONE) return e;
    if (w->by_key) return first_standing(w, eng_window_key_at(w, e)->first);
    const eng_window_row *r = eng_window_at(w, e);
    return r->stands && (!w->lazy || r->newest >= w->bound) ? e : ENG_NONE;
}

uint32_t eng_window_first(const eng_node *n, const kd_value *key) {
    const eng_window *w = n->state;
    return first_of(w, eng_table_find(w->by_key ? &w->keys : &w->rows, key));
}

void eng_window_first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries) {
    const eng_window *w = n->state;
    eng_table_find_many(w->by_key ? &w->keys : &w->rows, keys, count, entries);
    for (size_t i = 0; i < count; i++) entries[i] = first_of(w, entries[i]);
}

uint32_t eng_window_next(const eng_node *n, uint32_t entry) {
    const eng_window *w = n->state;
    return w->by_key ? first_standing(w, w->mates[entry].next) : ENG_NONE;
}

const kd_value *eng_window_found(const eng_node *n, uint32_t entry) {
    const eng_window *w = n->state;
    return eng_table_key(&w->rows, entry);
}

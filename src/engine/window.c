/* window.c: rows that stand while the newest of their pulses is not too old. */
#include "engine/window.h"

#include <string.h>

#define SWEPT_FROM 1024 /* rows of a lazy window; fewer are not worth it, whatever their age */
#define FEW        1024 /* rows that were left by a sweep: up to so many the next comes with four times as many */
#define AT_ONCE    16 /* slots that are asked for at once */

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
    w->lazy = n->silent && within.low == 0 && !(w->chained && w->picked);
    w->listed = within.high != KD_NEVER && !w->lazy;
    w->bound = INT64_MIN;
    w->sweep_at = within.high == KD_NEVER ? UINT32_MAX : SWEPT_FROM;
    w->first = w->last = w->young_free = w->young_first = w->young_last = ENG_NONE;
    size_t lazy = w->chained ? sizeof(eng_lazy_row) : sizeof(int64_t);
    eng_table_open(&w->rows, &g->mem, n->width, w->lazy ? lazy : sizeof(eng_window_row));
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
    eng_list_close(&w->g->mem, &w->heap);
}

/* ---- Keys -----------------------------------------------------------------------------------------------*/

static kd_status chain(eng_window *w, const kd_value *row, uint32_t entry) {
    kd_value key[KD_WIDTH_MAX];
    bool fresh;
    eng_gather(key, row, w->key_columns, w->key_count);
    uint32_t e = eng_table_add(&w->keys, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    eng_window_key *k = eng_window_key_at(w, e);
    if (fresh) k->first = ENG_NONE;
    uint32_t next = k->first;
    k->first = entry;
    if (w->lazy) {
        eng_window_lazy_at(w, entry)->next = next;
        eng_window_lazy_at(w, entry)->key = e;
        return KD_OK;
    }
    if (!eng_reserve(&w->g->mem, &w->mates, &w->mates_room, (size_t)entry + 1, sizeof *w->mates))
        return KD_NOMEM;
    eng_window_at(w, entry)->key = e;
    w->mates[entry] = (eng_mates){next, ENG_NONE};
    if (next != ENG_NONE) w->mates[next].prev = entry;
    return KD_OK;
}

static void forget_key(eng_window *w, uint32_t key) {
    if (w->leaving) w->leaving(w, key);
    eng_table_remove(&w->keys, key);
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
        forget_key(w, key);
    }
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

/* A lazy window's row whose key is known. */
static inline void chain_one(eng_window *w, uint32_t entry) {
    eng_lazy_row *r = eng_window_lazy_at(w, entry);
    eng_window_key *k = eng_window_key_at(w, r->key);
    r->next = k->first;
    k->first = entry;
}

/* Rows have new numbers after a sweep. So have keys, unless SINCE knows them by theirs. */
static bool chain_again(eng_window *w) {
    if (!w->leaving) {
        eng_table_clear(&w->keys);
        for (uint32_t e = 0; e < w->rows.used; e++)
            if (chain(w, eng_table_key(&w->rows, e), e)) return false;
        return true;
    }
    for (uint32_t k = 0; k < w->keys.used; k++)
        if (eng_table_live(&w->keys, k)) eng_window_key_at(w, k)->first = ENG_NONE;
    for (uint32_t e = 0; e < w->rows.used; e++) chain_one(w, e);
    for (uint32_t k = 0; k < w->keys.used; k++)
        if (eng_table_live(&w->keys, k) && eng_window_key_at(w, k)->first == ENG_NONE) forget_key(w, k);
    return true;
}

static bool sweep_old(eng_window *w) {
    w->turn++;
    bool fits = eng_table_sweep(&w->rows, w->bound);
    fits &= !w->chained || chain_again(w);
    uint32_t live = w->rows.live;
    w->sweep_at = live <= SWEPT_FROM / 4 ? SWEPT_FROM : live * (live <= FEW ? 4 : 2);
    return fits;
}

/* A lazy window's new row. When there are many, those that are gone make room first. */
static uint32_t make_lazy(eng_window *w, const kd_value *row, uint32_t hash) {
    if (w->rows.live >= w->sweep_at && !sweep_old(w)) return ENG_NONE;
    return eng_table_make(&w->rows, row, hash);
}

/* The entry of the row, made if need be; its newest pulse is then not set, or older than all. */
ENG_FOR_WIDTH uint32_t add_lazy(eng_window *w, const kd_value *row, uint32_t hash, unsigned width) {
    eng_table *t = &w->rows;
    uint32_t e = ENG_NONE, slot = 0;
    if (t->slot_count) e = eng_table_entry(t, slot = eng_table_seek(t, row, hash, width));
    if (e != ENG_NONE) {
        if (w->chained && eng_window_lazy_at(w, e)->next == ENG_UNCHAINED) chain_one(w, e);
        return e;
    }
    bool at_once = t->slot_count && t->live < w->sweep_at;
    e = at_once ? eng_table_fill(t, slot, row, hash, width) : make_lazy(w, row, hash);
    return e != ENG_NONE && w->chained && chain(w, row, e) ? ENG_NONE : e;
}

static uint32_t add_row(eng_window *w, const kd_value *row) {
    bool fresh;
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

/* Moves the row up or down the heap from place i to where it belongs. */
static void settle_in_heap(eng_window *w, size_t i, uint32_t entry) {
    uint32_t *h = w->heap.items;
    int64_t newest = eng_window_at(w, entry)->newest;
    for (; i > 0 && eng_window_at(w, h[(i - 1) / 2])->newest > newest; i = (i - 1) / 2) {
        h[i] = h[(i - 1) / 2];
        eng_window_at(w, h[i])->next = (uint32_t)i;
    }
    for (size_t child; (child = 2 * i + 1) < w->heap.n; i = child) {
        if (child + 1 < w->heap.n &&
            eng_window_at(w, h[child + 1])->newest < eng_window_at(w, h[child])->newest)
            child++;
        if (eng_window_at(w, h[child])->newest >= newest) break;
        h[i] = h[child];
        eng_window_at(w, h[i])->next = (uint32_t)i;
    }
    h[i] = entry;
    eng_window_at(w, entry)->next = (uint32_t)i;
    w->first = h[0];
}

static void leave_heap(eng_window *w, const eng_window_row *r) {
    uint32_t last = w->heap.items[--w->heap.n];
    if (r->next < w->heap.n) settle_in_heap(w, r->next, last);
    if (!w->heap.n) w->first = ENG_NONE;
}

static void leave(eng_window *w, eng_window_row *r) {
    r->stands = 0;
    if (!w->listed) return;
    if (w->heaped) {
        leave_heap(w, r);
        return;
    }
    if (r->prev == ENG_NONE)
        w->first = r->next;
    else
        eng_window_at(w, r->prev)->next = r->next;
    if (r->next == ENG_NONE)
        w->last = r->prev;
    else
        eng_window_at(w, r->next)->prev = r->prev;
}

kd_status eng_window_enter(eng_window *w, uint32_t entry) {
    eng_window_row *r = eng_window_at(w, entry);
    if (w->heaped) {
        if (!eng_list_put(&w->g->mem, &w->heap, entry)) return KD_NOMEM;
        settle_in_heap(w, w->heap.n - 1, entry);
        r->prev = ENG_NONE;
        return KD_OK;
    }
    r->prev = w->last;
    r->next = ENG_NONE;
    if (w->last == ENG_NONE)
        w->first = entry;
    else
        eng_window_at(w, w->last)->next = entry;
    w->last = entry;
    return KD_OK;
}

/* Pulses come in the order of their instants, so that the newest belongs at the end, or else there is a heap. */
static kd_status stand(eng_window *w, uint32_t entry, int64_t at) {
    eng_window_row *r = eng_window_at(w, entry);
    bool stood = r->stands;
    if (w->listed && !(stood && w->last == entry)) {
        if (stood) leave(w, r);
        r->newest = at;
        if (eng_window_enter(w, entry)) return KD_NOMEM;
    }
    r->newest = at;
    r->stands = 1;
    return stood || w->silent ? KD_OK : touch(w, entry);
}

ENG_FOR_WIDTH kd_status pulse_rows(eng_window *w, const kd_value *rows, size_t n, int64_t at,
                                   unsigned width) {
    for (; n > 0; n--, rows += width) {
        uint32_t e = add_lazy(w, rows, eng_hash(rows, width), width);
        if (e == ENG_NONE) return KD_NOMEM;
        eng_window_lazy_at(w, e)->newest = at;
    }
    return KD_OK;
}

static kd_status pulse_lazy(eng_window *w, const kd_value *rows, size_t n, int64_t at) {
    switch (w->rows.key_words) {
    case 1:
        return pulse_rows(w, rows, n, at, 1);
    case 2:
        return pulse_rows(w, rows, n, at, 2);
    default:
        return pulse_rows(w, rows, n, at, w->rows.key_words);
    }
}

/* The slots of a table that is large are asked for some rows at a time, so that misses of the cache overlap. */
static kd_status pulse_far(eng_window *w, const kd_value *rows, size_t n, int64_t at) {
    const eng_table *t = &w->rows;
    kd_status s = KD_OK;
    for (size_t some; !s && n > 0; n -= some, rows += some * t->key_words) {
        some = n < AT_ONCE ? n : AT_ONCE;
        for (size_t i = 0; i < some; i++) {
            uint32_t hash = eng_hash(rows + i * t->key_words, t->key_words);
            __builtin_prefetch(&t->slots[hash & (t->slot_count - 1)]);
        }
        s = pulse_lazy(w, rows, some, at);
    }
    return s;
}

kd_status eng_window_stand_in_order(eng_window *w, const kd_value *row, int64_t at) {
    if (w->lazy) {
        uint32_t e = eng_table_find(&w->rows, row);
        if (e != ENG_NONE && eng_window_lazy_at(w, e)->newest >= at) return KD_OK;
        return pulse_lazy(w, row, 1, at);
    }
    uint32_t e = add_row(w, row);
    if (e == ENG_NONE) return KD_NOMEM;
    const eng_window_row *r = eng_window_at(w, e);
    return r->stands && r->newest >= at ? KD_OK : stand(w, e, at);
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

/* Not of a lazy window. */
static inline kd_status pulse(eng_window *w, const kd_value *row, kd_instant at, uint32_t *entry) {
    *entry = add_row(w, row);
    if (*entry == ENG_NONE) return KD_NOMEM;
    return w->has_youth ? add_young(w, *entry, at) : stand(w, *entry, at);
}

kd_status eng_window_pulse(eng_window *w, const kd_value *row, kd_instant at, uint32_t *entry) {
    unsigned width = w->rows.key_words;
    if (!w->lazy) return pulse(w, row, at, entry);
    *entry = add_lazy(w, row, eng_hash(row, width), width);
    if (*entry == ENG_NONE) return KD_NOMEM;
    eng_window_lazy_at(w, *entry)->newest = at;
    return KD_OK;
}

kd_status eng_window_pulses(eng_window *w, const kd_value *rows, size_t n, kd_instant at) {
    unsigned width = w->rows.key_words;
    if (w->lazy)
        return n > 1 && w->rows.slot_count > ENG_NEAR_SLOTS ? pulse_far(w, rows, n, at)
                                                            : pulse_lazy(w, rows, n, at);
    kd_status s = KD_OK;
    uint32_t entry;
    for (size_t i = 0; !s && i < n; i++) s = pulse(w, rows + i * width, at, &entry);
    return s;
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

kd_status eng_window_go_on(eng_window *w) {
    kd_status s = KD_OK;
    while (!s && w->young_first != ENG_NONE && w->young[w->young_first].at != KD_NEVER &&
           comes_of_age(w) <= w->g->now) {
        eng_young y = w->young[w->young_first];
        drop_young(w, y.row);
        s = stand(w, y.row, y.at);
    }
    return s || !w->listed ? s : eng_window_expire(w, eng_window_oldest(w));
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
    kd_status s = KD_OK;
    for (uint32_t e = eng_window_key_at(w, key)->first, next; !s && e != ENG_NONE; e = next) {
        next = *eng_window_mate(w, e);
        s = eng_window_kill_row(w, e);
    }
    if (w->lazy) forget_key(w, key);
    return s;
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

/* From `link` on. Each old row is met once. */
static uint32_t first_standing(const eng_window *w, uint32_t *link) {
    bool prunes = eng_window_prunes(w);
    for (uint32_t e; (e = *link) != ENG_NONE;) {
        if (eng_window_stands(w, e)) return e;
        uint32_t *next = eng_window_mate(w, e);
        if (prunes) {
            *link = *next;
            *next = ENG_UNCHAINED;
        } else {
            link = next;
        }
    }
    return ENG_NONE;
}

/* From what the table found, of rows or of keys. */
static inline uint32_t first_of(const eng_window *w, uint32_t e) {
    if (e == ENG_NONE) return e;
    if (w->by_key) return first_standing(w, &eng_window_key_at(w, e)->first);
    return eng_window_stands(w, e) ? e : ENG_NONE;
}

uint32_t eng_window_first(const eng_node *n, const kd_value *key) {
    const eng_window *w = n->state;
    return first_of(w, eng_table_search(w->by_key ? &w->keys : &w->rows, key));
}

void eng_window_first_many(const eng_node *n, const kd_value *keys, size_t count, uint32_t *entries) {
    const eng_window *w = n->state;
    eng_table_find_many(w->by_key ? &w->keys : &w->rows, keys, count, entries);
    for (size_t i = 0; i < count; i++) entries[i] = first_of(w, entries[i]);
}

bool eng_window_near(const eng_node *n) {
    const eng_window *w = n->state;
    return w->rows.slot_count <= ENG_NEAR_SLOTS && w->keys.slot_count <= ENG_NEAR_SLOTS;
}

uint32_t eng_window_next(const eng_node *n, uint32_t entry) {
    const eng_window *w = n->state;
    return w->by_key ? first_standing(w, eng_window_mate(w, entry)) : ENG_NONE;
}

const kd_value *eng_window_found(const eng_node *n, uint32_t entry) {
    const eng_window *w = n->state;
    return eng_table_key(&w->rows, entry);
}

/* Lazy, or without end: then no entry goes but in a sweep. */
bool eng_window_offers_rows(eng_node *n) {
    eng_window *w = n->state;
    return n->words[0] == 0 && !w->chained;
}

kd_status eng_window_rows(eng_node *n, bool sweep, eng_rows *out) {
    eng_window *w = n->state;
    if (sweep && w->lazy && !sweep_old(w)) return KD_NOMEM;
    *out = (eng_rows){.table = &w->rows, .least = w->bound, .turn = w->turn};
    return KD_OK;
}

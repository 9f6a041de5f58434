/* walk_window.c: windows and keyed rows, saved and loaded: tables whose rows are chained by key, lists in time. */
#include "engine/walk.h"

/* A link that is still to be set: the row has not been met in its list. */
#define UNMET (ENG_NONE - 1)

static bool reserve(eng_walk *w, void *array, size_t *room, size_t need, size_t item_bytes) {
    if (eng_reserve(&w->g->mem, array, room, need, item_bytes)) return true;
    if (!w->failed) w->failed = KD_NOMEM;
    return false;
}

/* ---- Chains by key --------------------------------------------------------------------------------------*/

/* Does the entry's row have that key? */
static bool has_key(const eng_table *rows, uint32_t e, const kd_value *key, const uint8_t *columns,
                    unsigned count) {
    kd_value met[KD_WIDTH_MAX];
    eng_gather(met, eng_table_key(rows, e), columns, count);
    return eng_same(met, key, count);
}

static void load_mates(eng_walk *w, eng_window *x, uint32_t key, size_t *met) {
    eng_window_key *k = eng_window_key_at(x, key);
    uint32_t last = ENG_NONE;
    k->first = ENG_NONE;
    for (uint32_t e; (e = eng_walk_member(w, &x->rows, 0)) != ENG_NONE; last = e, ++*met) {
        bool sound = *eng_window_mate(x, e) == UNMET &&
                     has_key(&x->rows, e, eng_table_key(&x->keys, key), x->key_columns, x->key_count);
        if (!eng_walk_check(w, sound)) return;
        *eng_window_mate(x, e) = ENG_NONE;
        if (!x->lazy) x->mates[e].prev = last;
        *eng_window_key_of(x, e) = key;
        if (last == ENG_NONE)
            k->first = e;
        else
            *eng_window_mate(x, last) = e;
    }
    eng_walk_check(w, last != ENG_NONE || eng_window_prunes(x));
}

/* Rows that were found to be old are in no chain; their keys are there still. */
static void load_unchained(eng_walk *w, eng_window *x) {
    for (uint32_t e = 0; !w->failed && e < x->rows.used; e++) {
        if (!eng_table_live(&x->rows, e) || *eng_window_mate(x, e) != UNMET) continue;
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, eng_table_key(&x->rows, e), x->key_columns, x->key_count);
        *eng_window_key_of(x, e) = eng_table_find(&x->keys, key);
        *eng_window_mate(x, e) = ENG_UNCHAINED;
        eng_walk_check(w, *eng_window_key_of(x, e) != ENG_NONE);
    }
}

static void walk_key(eng_walk *w, void *payload) {
    eng_window_key *k = payload;
    eng_walk_u64(w, &k->renewed);
    eng_walk_check(w, k->renewed <= w->g->points + 1);
}

static void walk_chains(eng_walk *w, eng_window *x) {
    size_t met = 0;
    if (eng_walk_table(w, &x->keys, walk_key)) return;
    if (eng_walk_loads(w)) {
        if (!x->lazy && !reserve(w, &x->mates, &x->mates_room, x->rows.used, sizeof *x->mates)) return;
        for (uint32_t e = 0; e < x->rows.used; e++)
            if (eng_table_live(&x->rows, e)) *eng_window_mate(x, e) = UNMET;
    }
    for (uint32_t key = 0; !w->failed && key < x->keys.used; key++) {
        if (!eng_table_live(&x->keys, key)) continue;
        if (eng_walk_loads(w)) {
            load_mates(w, x, key, &met);
            continue;
        }
        for (uint32_t e = eng_window_key_at(x, key)->first; e != ENG_NONE; e = *eng_window_mate(x, e))
            eng_walk_member(w, &x->rows, e);
        eng_walk_member(w, &x->rows, ENG_NONE);
    }
    if (eng_walk_loads(w) && eng_window_prunes(x))
        load_unchained(w, x);
    else
        eng_walk_check(w, met == x->rows.live);
}

/* ---- Windows --------------------------------------------------------------------------------------------*/

static void walk_lazy_row(eng_walk *w, void *payload) {
    eng_walk_i64(w, (int64_t *)payload);
}

static void walk_row(eng_walk *w, void *payload) {
    eng_window_row *r = payload;
    eng_walk_i64(w, &r->newest);
    eng_walk_u8(w, &r->stands);
    eng_walk_u8(w, &r->was);
    eng_walk_check(w, r->stands < 2 && r->was < 2);
    if (eng_walk_loads(w)) r->next = r->prev = UNMET;
}

/* Some of the window's time, not before `after`. */
static bool is_sound(const eng_walk *w, const eng_window *x, int64_t at, int64_t after, bool by_number) {
    if (by_number) return at >= 0 && at >= after && (uint64_t)at < w->g->points;
    return at > KD_ABSENT && at < KD_NEVER && at >= after;
}

/* In the order of the list, or of the heap: one that is filled so is the same again. */
static void load_standing(eng_walk *w, eng_window *x, bool by_number) {
    int64_t newest = INT64_MIN;
    x->first = x->last = ENG_NONE;
    x->heap.n = 0;
    for (uint32_t e; (e = eng_walk_member(w, &x->rows, 0)) != ENG_NONE;) {
        const eng_window_row *r = eng_window_at(x, e);
        bool sound = r->stands && r->prev == UNMET && is_sound(w, x, r->newest, newest, by_number);
        if (!eng_walk_check(w, sound)) return;
        if (!x->heaped) newest = r->newest;
        if (eng_window_enter(x, e)) {
            w->failed = KD_NOMEM;
            return;
        }
    }
    for (uint32_t e = 0; !w->failed && e < x->rows.used; e++)
        if (eng_table_live(&x->rows, e)) {
            const eng_window_row *r = eng_window_at(x, e);
            eng_walk_check(w, !r->stands || r->prev != UNMET);
        }
}

static void walk_standing(eng_walk *w, eng_window *x, bool by_number) {
    if (eng_walk_loads(w)) {
        load_standing(w, x, by_number);
        return;
    }
    for (size_t i = 0; i < x->heap.n; i++) eng_walk_member(w, &x->rows, x->heap.items[i]);
    for (uint32_t e = x->heaped ? ENG_NONE : x->first; e != ENG_NONE; e = eng_window_at(x, e)->next)
        eng_walk_member(w, &x->rows, e);
    eng_walk_member(w, &x->rows, ENG_NONE);
}

/* The young pulses in the order of time; those of a row follow each other as they come here. */
static void load_young(eng_walk *w, eng_window *x, size_t n) {
    if (!reserve(w, &x->young, &x->young_room, n, sizeof *x->young) ||
        !reserve(w, &x->youth, &x->youth_room, x->rows.used, sizeof *x->youth))
        return;
    for (uint32_t e = 0; e < x->rows.used; e++) x->youth[e] = (eng_youth){ENG_NONE, ENG_NONE};
    x->young_used = n;
    x->young_free = ENG_NONE;
    x->young_first = n ? 0 : ENG_NONE;
    x->young_last = n ? (uint32_t)n - 1 : ENG_NONE;
    kd_instant at = INT64_MIN, before = INT64_MIN;
    for (uint32_t y = 0; y < n; y++, before = at) {
        uint32_t e = eng_walk_member(w, &x->rows, 0);
        eng_walk_i64(w, &at);
        if (w->failed || !eng_walk_check(w, e != ENG_NONE && is_sound(w, x, at, before, false))) return;
        x->young[y] = (eng_young){at, e, y + 1 < n ? y + 1 : ENG_NONE, y ? y - 1 : ENG_NONE, ENG_NONE};
        eng_youth *r = &x->youth[e];
        if (r->last == ENG_NONE)
            r->first = y;
        else if (eng_walk_check(w, x->young[r->last].at < at))
            x->young[r->last].mate = y;
        r->last = y;
    }
}

static void walk_young(eng_walk *w, eng_window *x) {
    size_t n = 0;
    for (uint32_t y = x->young_first; w->way == ENG_SAVING && y != ENG_NONE; y = x->young[y].next) n++;
    if (!eng_walk_count(w, &n, 12) || !eng_walk_check(w, n < UINT32_MAX - 1)) return;
    if (eng_walk_loads(w)) {
        load_young(w, x, n);
        return;
    }
    for (uint32_t y = x->young_first; y != ENG_NONE; y = x->young[y].next) {
        eng_walk_member(w, &x->rows, x->young[y].row);
        eng_walk_i64(w, &x->young[y].at);
    }
}

/* A row without any pulse is there only until what became of it is put out. */
static void check_rows(eng_walk *w, eng_window *x) {
    for (size_t i = 0; !w->failed && i < x->touched.n; i++) {
        uint32_t e = x->touched.items[i];
        bool sound = !x->lazy && eng_table_live(&x->rows, e) && !eng_window_at(x, e)->touched;
        if (!eng_walk_check(w, sound)) return;
        eng_window_at(x, e)->touched = 1;
    }
    for (uint32_t e = 0; !x->lazy && !w->failed && e < x->rows.used; e++) {
        if (!eng_table_live(&x->rows, e)) continue;
        const eng_window_row *r = eng_window_at(x, e);
        eng_walk_check(w, r->stands || r->touched || (x->has_youth && x->youth[e].first != ENG_NONE));
    }
}

kd_status eng_walk_window(eng_walk *w, eng_window *x, bool by_number) {
    eng_walk_measure(w, x->young_used,
                     x->mates_room * sizeof *x->mates + x->youth_room * sizeof *x->youth +
                         x->young_room * sizeof *x->young + x->heap.room * sizeof *x->heap.items);
    eng_walk_i64(w, &x->bound);
    eng_walk_u32(w, &x->sweep_at);
    eng_walk_table(w, &x->rows, x->lazy ? walk_lazy_row : walk_row);
    if (w->way == ENG_MEASURING) {
        eng_walk_table(w, &x->keys, walk_key);
        return eng_walk_list(w, &x->touched, 0);
    }
    if (!w->failed && x->chained) walk_chains(w, x);
    if (!w->failed && x->has_youth) walk_young(w, x);
    if (!w->failed && x->listed) walk_standing(w, x, by_number);
    eng_walk_list(w, &x->touched, x->rows.used);
    if (eng_walk_loads(w)) check_rows(w, x);
    return w->failed;
}

/* ---- Keyed ----------------------------------------------------------------------------------------------*/

static eng_member *member_at(const eng_keyed *k, uint32_t e) {
    return eng_table_payload(&k->rows, e);
}

static void walk_member(eng_walk *w, void *payload) {
    eng_member *m = payload;
    eng_walk_i64(w, &m->count);
    eng_walk_check(w, m->count != 0 && m->count != INT64_MIN);
    if (eng_walk_loads(w)) m->next = UNMET;
}

static void load_members(eng_walk *w, eng_keyed *k, uint32_t key, size_t *met) {
    uint32_t last = ENG_NONE;
    for (uint32_t e; (e = eng_walk_member(w, &k->rows, 0)) != ENG_NONE; last = e, ++*met) {
        eng_member *m = member_at(k, e);
        bool sound =
            m->next == UNMET && has_key(&k->rows, e, eng_table_key(&k->keys, key), k->columns, k->key_count);
        if (!eng_walk_check(w, sound)) return;
        m->next = ENG_NONE;
        m->prev = last;
        m->key = key;
        if (last == ENG_NONE)
            eng_keyed_set_first(k, key, e);
        else
            member_at(k, last)->next = e;
    }
    eng_walk_check(w, last != ENG_NONE);
}

kd_status eng_walk_keyed(eng_walk *w, eng_keyed *k) {
    size_t met = 0;
    eng_walk_table(w, &k->rows, walk_member);
    eng_walk_table(w, &k->keys, NULL);
    if (w->way == ENG_MEASURING) return w->failed;
    for (uint32_t key = 0; !w->failed && key < k->keys.used; key++) {
        if (!eng_table_live(&k->keys, key)) continue;
        if (eng_walk_loads(w)) {
            load_members(w, k, key, &met);
            continue;
        }
        for (uint32_t e = eng_keyed_first(k, key); e != ENG_NONE; e = member_at(k, e)->next)
            eng_walk_member(w, &k->rows, e);
        eng_walk_member(w, &k->rows, ENG_NONE);
    }
    eng_walk_check(w, met == k->rows.live);
    return w->failed;
}

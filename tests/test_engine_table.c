/* test_engine_table.c: tables of many rows, and windows of so many that they are swept, against arrays that say the
 * same by definition. */
#include "engine/table.h"
#include "kdtest.h"

#include <kadesh/engine.h>
#include <stdlib.h>
#include <string.h>

static uint64_t chance;

static unsigned below(unsigned n) {
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((chance >> 33) % n);
}

/* ---- Tables ---------------------------------------------------------------------------------------------*/

#define IDS 12000 /* more than a near table has room for, at times */

/* What the table should have: each id's number, and its payload's first word. */
typedef struct model {
    bool there[IDS];
    int64_t value[IDS];
    unsigned count;
} model;

static void key_of(kd_value *key, unsigned words, unsigned id) {
    for (unsigned i = 0; i < words; i++) key[i] = i + 1 == words ? (kd_value)id << 20 : (kd_value)(id % 3);
}

static bool agrees(const eng_table *t, const model *m) {
    static kd_value keys[IDS * 3];
    static uint32_t entries[IDS];
    for (unsigned id = 0; id < IDS; id++) key_of(keys + id * t->key_words, t->key_words, id);
    eng_table_find_many(t, keys, IDS, entries);
    for (unsigned id = 0; id < IDS; id++) {
        const kd_value *key = keys + id * t->key_words;
        uint32_t e = entries[id];
        if (e != eng_table_find(t, key) || (e != ENG_NONE) != m->there[id]) return false;
        if (e == ENG_NONE) continue;
        if (!eng_table_live(t, e) || !eng_same(eng_table_key(t, e), key, t->key_words)) return false;
        if (*(int64_t *)eng_table_payload(t, e) != m->value[id]) return false;
    }
    return t->live == m->count;
}

static void step(eng_table *t, model *m, bool *fine) {
    unsigned id = below(IDS);
    kd_value key[3];
    key_of(key, t->key_words, id);
    if (below(5) < 3) {
        bool fresh;
        uint32_t e = eng_table_add(t, key, &fresh);
        int64_t *value = eng_table_payload(t, e);
        *fine &= fresh == !m->there[id] && *value == (fresh ? 0 : m->value[id]);
        m->count += fresh;
        m->there[id] = true;
        *value = m->value[id] = 1 + below(1000);
    } else if (m->there[id]) {
        eng_table_remove(t, eng_table_find(t, key));
        m->there[id] = false;
        m->count--;
    }
}

static void sweep(eng_table *t, model *m, int64_t bound) {
    eng_table_sweep(t, bound);
    for (unsigned id = 0; id < IDS; id++) {
        if (!m->there[id] || m->value[id] >= bound) continue;
        m->there[id] = false;
        m->count--;
    }
}

/* All but few go, so that the slots shrink below the numbers in use; then they come again. */
static void nearly_empty(eng_table *t, model *m) {
    for (unsigned id = 0; id < IDS; id++) {
        if (!m->there[id] || id % 64 == 0) continue;
        kd_value key[3];
        key_of(key, t->key_words, id);
        eng_table_remove(t, eng_table_find(t, key));
        m->there[id] = false;
        m->count--;
    }
}

static void test_table(unsigned words, size_t payload_bytes) {
    static model m;
    memset(&m, 0, sizeof m);
    eng_mem mem;
    eng_table t;
    eng_mem_open(&mem, NULL, 0);
    eng_table_open(&t, &mem, words, payload_bytes);
    for (unsigned round = 0; round < 40; round++) {
        bool fine = true;
        for (unsigned i = 0; i < 8000; i++) step(&t, &m, &fine);
        if (round % 5 == 2) sweep(&t, &m, below(800));
        if (round % 7 == 3) nearly_empty(&t, &m);
        if (round == 30) {
            eng_table_clear(&t);
            memset(&m, 0, sizeof m);
        }
        fine &= agrees(&t, &m) && mem.live_rows == m.count;
        kdtest_claim(fine, "a table of %u words and %zu bytes has what was added and not removed, round %u",
                     words, payload_bytes, round);
    }
    eng_table_close(&t);
    kdtest_claim(mem.bytes == 0, "a table of %u words gives all its memory back", words);
}

/* ---- Windows ----------------------------------------------------------------------------------------------
 *
 * p(k,v) pulses, a(k) breaks or renews, q(k) asks; told are the rows (k,v) of a k that is asked for and stand. */
#define KEYS   500
#define VALUES 4
#define POINTS 2500

enum { ONCE, ABSENT, PRESENT };

typedef struct shape {
    const char *claim;
    unsigned kind;
    kd_interval within;
    unsigned values; /* 1: p has no v, so that the whole row is the key */
} shape;

static const shape shapes[] = {
    {"once of whole rows", ONCE, {0, 150}, 1},
    {"once by a column", ONCE, {0, 150}, VALUES},
    {"once for good", ONCE, {0, KD_NEVER}, VALUES},
    {"once of rows that must be of age", ONCE, {3, 150}, 1},
    {"once by a column of rows that must be of age", ONCE, {3, 90}, VALUES},
    {"NOT a SINCE b of whole rows", ABSENT, {0, 150}, 1},
    {"NOT a SINCE b of whole rows, for good", ABSENT, {0, KD_NEVER}, 1},
    {"NOT a SINCE b by a column", ABSENT, {0, 150}, VALUES},
    {"NOT a SINCE b of rows that must be of age", ABSENT, {2, 150}, VALUES},
    {"a SINCE b of whole rows", PRESENT, {0, 150}, 1},
    {"a SINCE b by a column", PRESENT, {0, 100}, VALUES},
    {"a SINCE b of rows that must be of age", PRESENT, {2, 100}, VALUES},
};

/* The log so far: pulses in their order, each with the one before it of its row. */
typedef struct truth {
    const shape *r;
    kd_instant at[POINTS];
    unsigned now;
    unsigned pulse_at[POINTS * 4], before[POINTS * 4], pulses; /* 1 + the number of a pulse; 0: none */
    unsigned last[KEYS * VALUES];
    unsigned last_a[KEYS]; /* 1 + the time point */
    unsigned run[KEYS];    /* the time point at which the run of a that is on at last_a began */
    bool asked[KEYS];
    bool fine;
} truth;

static bool holds_since(const truth *x, unsigned key, unsigned from) {
    if (x->r->kind == ABSENT) return x->last_a[key] <= from + 1;
    if (x->r->kind == PRESENT)
        return from == x->now || (x->last_a[key] == x->now + 1 && x->run[key] <= from + 1);
    return true;
}

static bool stands(const truth *x, unsigned key, unsigned value) {
    for (unsigned p = x->last[key * VALUES + value]; p; p = x->before[p - 1]) {
        unsigned from = x->pulse_at[p - 1];
        int64_t gap = x->at[x->now] - x->at[from];
        if (gap > x->r->within.high) return false;
        if (gap >= x->r->within.low && holds_since(x, key, from)) return true;
    }
    return false;
}

static kd_status hear(void *ctx, uint64_t index, kd_instant at, const kd_value *told, size_t count) {
    truth *x = ctx;
    if (index >= POINTS) return KD_OK;
    size_t wanted = 0;
    for (unsigned k = 0; k < KEYS; k++)
        for (unsigned v = 0; x->asked[k] && v < x->r->values; v++) wanted += stands(x, k, v);
    x->fine &= index == x->now && wanted == count;
    for (size_t i = 0; i < count; i++) {
        const kd_value *v = told + i * (x->r->values > 1 ? 2 : 1);
        x->fine &= x->asked[v[0]] && stands(x, (unsigned)v[0], x->r->values > 1 ? (unsigned)v[1] : 0);
    }
    return KD_OK;
}

static kd_node plan_of(kd_plan *p, const shape *r, kd_node *in) {
    const kd_on on = {0, 0};
    unsigned width = r->values > 1 ? 2 : 1;
    in[0] = kd_plan_input(p, KD_STR("p"), KD_PULSE, width);
    in[1] = kd_plan_input(p, KD_STR("a"), KD_PULSE, 1);
    in[2] = kd_plan_input(p, KD_STR("q"), KD_PULSE, 1);
    kd_node window = r->kind == ONCE ? kd_plan_once(p, in[0], r->within)
                                     : kd_plan_since(p, in[1], in[0], &on, 1, r->within, r->kind == ABSENT);
    kd_node joined = kd_plan_join(p, in[2], window, &on, 1);
    kd_expr all[2] = {kd_plan_column(p, 0), kd_plan_column(p, 2)};
    return kd_plan_map(p, joined, all, width);
}

/* The events of a time point. */
typedef struct pushed {
    kd_event events[2 * KEYS + 4];
    kd_value values[2 * KEYS + 4][2];
    size_t n;
} pushed;

static void put(pushed *to, kd_node in, kd_value first, kd_value second) {
    kd_value *v = to->values[to->n];
    v[0] = first;
    v[1] = second;
    to->events[to->n++] = (kd_event){in, 1, 0, v};
}

static void note_a(truth *x, unsigned key) {
    if (x->last_a[key] == x->now + 1) return;
    if (x->last_a[key] != x->now || !x->last_a[key]) x->run[key] = x->now;
    x->last_a[key] = x->now + 1;
}

/* Few keys are broken or asked for at a time point; those of PRESENT are renewed but for a few. */
static bool point(kd_engine *g, truth *x, const kd_node *in, kd_error *e) {
    static pushed to;
    unsigned now = x->now;
    to.n = 0;
    x->at[now] = (now ? x->at[now - 1] : 0) + below(3);
    memset(x->asked, 0, sizeof x->asked);
    bool quiet = now % 37 == 36; /* nothing comes: what asks for a at every time point has it at none */
    for (unsigned k = 0; !quiet && k < KEYS; k++) {
        bool a = x->r->kind == PRESENT ? below(30) > 0 : below(400) == 0;
        if (a) note_a(x, k);
        if (a) put(&to, in[1], k, 0);
        x->asked[k] = below(100) == 0;
        if (x->asked[k]) put(&to, in[2], k, 0);
    }
    for (unsigned i = quiet ? 0 : below(5); i > 0; i--) {
        unsigned k = below(KEYS), v = below(x->r->values), *last = &x->last[k * VALUES + v];
        put(&to, in[0], k, v);
        x->pulse_at[x->pulses] = now;
        x->before[x->pulses] = *last;
        *last = ++x->pulses;
    }
    return kd_engine_push(g, x->at[now], to.events, to.n, e) == KD_OK;
}

static kd_status keep(void *ctx, const void *bytes, size_t n) {
    kd_text_put(ctx, (kd_str){bytes, n});
    return KD_OK;
}

/* The engine goes on from what it saved. */
static kd_engine *load_again(kd_plan *p, const kd_engine_options *o, kd_engine *g) {
    kd_text saved;
    kd_error e;
    kd_engine *again = NULL;
    kd_text_open(&saved, NULL);
    if (kd_engine_save(g, keep, &saved) || kd_engine_load(p, o, saved.p, saved.n, &again, &e)) again = NULL;
    kd_text_close(&saved);
    kd_engine_close(g);
    return again;
}

static void test_window(const shape *r) {
    static truth x;
    memset(&x, 0, sizeof x);
    x.r = r;
    x.fine = true;
    kd_plan *p = NULL;
    kd_engine *g = NULL;
    kd_error e = {0};
    kd_node in[3];
    kd_engine_options o = {.log_time = true, .verdicts = hear, .ctx = &x};
    bool open = !kd_plan_open(NULL, &p);
    if (open) kd_plan_watch(p, plan_of(p, r, in));
    open = open && !kd_engine_open(p, &o, &g, &e);
    for (; open && x.now < POINTS && x.fine; x.now++) {
        if (!point(g, &x, in, &e)) break;
        if (x.now % 700 == 650 && !(g = load_again(p, &o, g))) break;
    }
    kdtest_claim(x.fine && x.now == POINTS, "%s, at time point %u of %u: %s", r->claim, x.now, POINTS,
                 e.message);
    kd_engine_close(g);
    kd_plan_close(p);
}

/* ---- Rows far away ----------------------------------------------------------------------------------------
 *
 * q asks at the end for every other row of a window of p whose slots are too many for a near table, and for as many that
 * never came. */
#define FAR_POINTS 20
#define FAR_ROWS   1000 /* at a time point */

static kd_status count(void *ctx, uint64_t index, kd_instant at, const kd_value *told, size_t n) {
    (void)index, (void)at, (void)told;
    *(size_t *)ctx += n;
    return KD_OK;
}

static void test_far(unsigned width, bool by_first) {
    static kd_event events[FAR_POINTS * FAR_ROWS];
    static kd_value values[FAR_POINTS * FAR_ROWS][3];
    const kd_on on[3] = {{0, 0}, {1, 1}, {2, 2}};
    unsigned asked = by_first ? 1 : width;
    size_t told = 0, total = FAR_POINTS * FAR_ROWS;
    kd_plan *p = NULL;
    kd_engine *g = NULL;
    kd_error e = {0};
    kd_engine_options o = {.verdicts = count, .ctx = &told};
    bool fine = !kd_plan_open(NULL, &p);
    if (!fine) return;
    kd_node in = kd_plan_input(p, KD_STR("p"), KD_PULSE, width);
    kd_node q = kd_plan_input(p, KD_STR("q"), KD_PULSE, asked);
    kd_node window = kd_plan_once(p, in, (kd_interval){0, KD_NEVER});
    kd_plan_watch(p, kd_plan_join(p, q, window, on, asked));
    fine = !kd_engine_open(p, &o, &g, &e);
    for (size_t i = 0; i < total; i++) {
        for (unsigned c = 0; c < width; c++) values[i][c] = (kd_value)i * 7;
        events[i] = (kd_event){in, 1, 0, values[i]};
    }
    for (kd_instant t = 0; fine && t < FAR_POINTS; t++)
        fine = !kd_engine_push(g, t, events + (size_t)t * FAR_ROWS, FAR_ROWS, &e);
    for (size_t i = 0; i < total; i++) {
        for (unsigned c = 0; c < width; c++) values[i][c] = (kd_value)(2 * i) * 7;
        events[i].input = q;
    }
    fine = fine && !kd_engine_push(g, FAR_POINTS, events, total, &e);
    kdtest_claim(fine && told == total / 2, "of %zu rows of %u values asked for by %u, %zu stand: %zu", total,
                 width, asked, total / 2, told);
    kd_engine_close(g);
    kd_plan_close(p);
}

/* ---- Bytes ------------------------------------------------------------------------------------------------*/

/* 48 bytes and the row's values are the most that a live row of a window that is looked up may take. */
static void test_bytes(unsigned width) {
    eng_mem mem;
    eng_table t;
    eng_mem_open(&mem, NULL, 0);
    eng_table_open(&t, &mem, width, sizeof(int64_t));
    double most = 0;
    for (kd_value i = 0; i < 300000; i++) {
        kd_value key[3] = {i, i, i};
        bool fresh;
        eng_table_add(&t, key, &fresh);
        double each = (double)mem.bytes / (double)t.live;
        if (i > 10000 && each > most) most = each;
    }
    kdtest_claim(most <= 48 + 8 * width, "a row of %u values takes at most %.1f bytes, not more than %u",
                 width, most, 48 + 8 * width);
    eng_table_close(&t);
}

int main(void) {
    for (unsigned words = 1; words <= 3; words++)
        for (size_t payload = 8; payload <= 16; payload += 8) {
            chance = words * 10 + payload;
            test_table(words, payload);
        }
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        chance = i + 1;
        test_window(&shapes[i]);
    }
    for (unsigned width = 1; width <= 3; width++) {
        test_far(width, false);
        test_far(width, true);
        test_bytes(width);
    }
    return kdtest_end("test_engine_table");
}

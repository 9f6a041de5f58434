/* test_monitor_texts.c: texts that come without end: symbols are dropped, numbers given again, and a monitor's
 * memory stays as large as what its windows hold. */
#include "failing.h"
#include "kdtest.h"
#include <kadesh/monitor.h>
#include <string.h>

/* ---- The table ------------------------------------------------------------------------------------------*/

#define FIRST INT64_C(0x7ff9000000000000)

static kd_str numbered(char *text, size_t room, unsigned number) {
    int n = snprintf(text, room, "text %u%.*s", number, (int)(number % 40),
                     "........................................");
    return (kd_str){text, (size_t)n};
}

static kd_str str(const char *text) {
    return kd_str_of(text);
}

/* Every text that was kept has its number, every other one is unknown. */
static unsigned long wrong_texts(const kd_symbols *s, const int64_t *numbers, unsigned count) {
    unsigned long wrong = 0;
    char text[64];
    for (unsigned i = 0; i < count; i++) {
        kd_str t = numbered(text, sizeof text, i);
        wrong += kd_symbol_find(s, t) != numbers[i];
        if (numbers[i] >= 0) wrong += !kd_str_equal(kd_symbol_text(s, numbers[i]), t);
    }
    return wrong;
}

static void drop_all_but(kd_symbols *s, int64_t *numbers, unsigned count, unsigned each) {
    static uint64_t kept[1024];
    memset(kept, 0, sizeof kept);
    for (unsigned i = 4; i < count; i++) {
        if (numbers[i] < 0) continue;
        uint64_t place = (uint64_t)(numbers[i] - FIRST);
        if (i % each == 0)
            kept[place / 64] |= UINT64_C(1) << place % 64;
        else
            numbers[i] = -1;
    }
    kdtest_claim(kd_symbols_drop(s, kept, 0) == KD_OK, "symbols are dropped");
}

static void test_drop(void) {
    enum { COUNT = 30000 };
    static int64_t numbers[COUNT];
    failing f = {.fail_at = -1};
    kd_allocator from = {failing_resize, &f};
    kd_symbols *s = NULL;
    char text[64];
    if (!kdtest_claim(kd_symbols_open_from(&from, FIRST, &s) == KD_OK, "a table with another first number"))
        return;
    for (unsigned i = 0; i < COUNT; i++) numbers[i] = -1;
    for (unsigned i = 0; i < 4; i++) numbers[i] = kd_symbol(s, numbered(text, sizeof text, i));
    kdtest_claim(numbers[0] == FIRST && numbers[3] == FIRST + 3, "numbers begin with the first");
    const char *pinned = kd_symbol_text(s, numbers[2]).p;
    kd_symbols_pin(s);
    for (unsigned i = 4; i < 20000; i++) numbers[i] = kd_symbol(s, numbered(text, sizeof text, i));
    kdtest_claim(kd_symbols_crowded(s), "twenty thousand new ones are a crowd");
    long full = f.bytes;
    drop_all_but(s, numbers, COUNT, 7);
    kdtest_claim(wrong_texts(s, numbers, COUNT) == 0, "a seventh is left, with its numbers");
    kdtest_claim(kd_symbol_text(s, numbers[2]).p == pinned, "pinned texts do not move");
    kdtest_claim(!kd_symbols_crowded(s) && f.bytes < full, "memory is given back");
    size_t span = kd_symbols_span(s);
    for (unsigned i = 20000; i < 25000; i++) numbers[i] = kd_symbol(s, numbered(text, sizeof text, i));
    kdtest_claim(kd_symbols_span(s) == span && wrong_texts(s, numbers, COUNT) == 0,
                 "numbers are given again");
    f.fail_at = f.calls;
    uint64_t none[1024] = {0};
    kdtest_claim(kd_symbols_drop(s, none, 0) == KD_NOMEM && wrong_texts(s, numbers, COUNT) == 0,
                 "without memory nothing is dropped");
    f.fail_at = -1;
    drop_all_but(s, numbers, COUNT, COUNT * 2);
    kdtest_claim(kd_symbols_count(s) == 4 && kd_symbols_span(s) == 4 && wrong_texts(s, numbers, COUNT) == 0,
                 "only what is pinned is left");
    kdtest_claim(f.bytes < full / 20, "and the table is small again");
    kdtest_claim(kd_symbols_put(s, FIRST + 2, numbered(text, sizeof text, 2)) == KD_OK &&
                     kd_symbols_put(s, FIRST + 2, str("other")) == KD_INVALID &&
                     kd_symbols_put(s, FIRST + 9, numbered(text, sizeof text, 1)) == KD_INVALID &&
                     kd_symbols_put(s, FIRST + 9, str("nine")) == KD_OK &&
                     kd_symbols_put(s, FIRST + 7, str("seven")) == KD_INVALID &&
                     kd_symbols_put(s, 9, str("small")) == KD_INVALID,
                 "texts are put back where they were, and nowhere else");
    int64_t seen = 0;
    for (unsigned i = 0; i < 5; i++) seen += kd_symbol(s, numbered(text, sizeof text, 100 + i)) - FIRST;
    kdtest_claim(seen == 4 + 5 + 6 + 7 + 8 && kd_symbols_count(s) == 10, "the gaps between are filled");
    kd_symbols_close(s);
    kdtest_claim(f.bytes == 0, "all memory is given back");
}

/* ---- Monitors -------------------------------------------------------------------------------------------*/

typedef struct heard {
    uint64_t sum, rows;
} heard;

static kd_status hear(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at, const kd_value *rows,
                      size_t count) {
    heard *h = ctx;
    size_t width;
    const kd_monitor_column *c = kd_monitor_columns(m, &width);
    for (size_t i = 0; i < count * width; i++) {
        bool text = c[i % width].type == KD_M_STRING;
        kd_str t = text ? kd_monitor_text(m, rows[i]) : (kd_str){NULL, 0};
        uint64_t hash = text ? kd_hash(t.p, t.n, index) : kd_hash(&rows[i], sizeof rows[i], index);
        h->sum = h->sum * 31 + hash;
    }
    h->rows += count;
    return KD_OK;
}

static kd_status put(void *ctx, const void *bytes, size_t n) {
    kd_text_put(ctx, (kd_str){bytes, n});
    return KD_OK;
}

/* A monitor that runs, and a new one that goes on where it stood. */
static kd_monitor *reopened(kd_monitor *m, const char *sig, const char *formula,
                            const kd_monitor_options *o) {
    kd_text state;
    kd_error e;
    kd_monitor *next = NULL;
    kd_text_open(&state, NULL);
    bool right = kd_monitor_save(m, put, &state) == KD_OK &&
                 kd_monitor_open(str(sig), "sig", str(formula), "formula", o, &next, &e) == KD_OK &&
                 kd_monitor_restore(next, state.p, state.n, &e) == KD_OK;
    kdtest_claim(right, "%s: a state with gaps is saved and loaded", formula);
    kd_text_close(&state);
    if (!right) {
        kd_monitor_close(next);
        return m;
    }
    kd_monitor_close(m);
    return next;
}

typedef struct row {
    const char *claim, *formula;
    unsigned points;       /* two new texts each */
    unsigned long most;    /* bytes held, at most, from a tenth of the log on */
    unsigned rows_each_10; /* verdict rows of ten time points */
} row;

static const char sig[] = "A(string) B(string,int) C(int)";

/* Time point i: A of two new texts, one of which B names at the next; B names one that never was and one that left
 * its window long ago; C(i). */
static int point(char *text, size_t room, unsigned i) {
    unsigned before = i ? i - 1 : 0, old = i > 1000 ? i - 1000 : 0;
    return snprintf(text, room,
                    "@%u A(\"key %u of a pair\") A(\"other %u, never asked for\") B(\"key %u of a pair\",1) "
                    "B(nobody%u,2) B(\"key %u of a pair\",3) C(%u);\n",
                    i, i, i, before, i, old, i);
}

static void test_monitor(const row *r, bool reload) {
    failing f = {.fail_at = -1};
    kd_allocator from = {failing_resize, &f};
    heard h = {0};
    kd_monitor_options o = {.from = &from, .heard = hear, .ctx = &h};
    kd_monitor *m = NULL;
    kd_error e;
    if (!kdtest_claim(kd_monitor_open(str(sig), "sig", str(r->formula), "formula", &o, &m, &e) == KD_OK, "%s",
                      r->claim))
        return;
    char block[65536];
    size_t n = 0, used;
    long most = 0;
    kd_status s = KD_OK;
    for (unsigned i = 0; i < r->points && !s; i++) {
        n += (size_t)point(block + n, sizeof block - n, i);
        if (n < sizeof block - 256 && i + 1 < r->points) continue;
        s = kd_monitor_feed(m, "log", block, n, true, &used, &e);
        n = 0;
        if (i > r->points / 10 && f.bytes > most) most = f.bytes;
        if (reload && i > r->points / 2) {
            m = reopened(m, sig, r->formula, &o);
            reload = false;
        }
    }
    kdtest_claim(s == KD_OK, "%s: %s", r->claim, s ? e.message : "");
    kdtest_claim((unsigned long)most <= r->most, "%s: %ld bytes held, not %lu", r->claim, most, r->most);
    uint64_t rows = (uint64_t)r->points / 10 * r->rows_each_10;
    kdtest_claim(h.rows + 3000 > rows && h.rows < rows + 3000, "%s: %llu rows, about %llu", r->claim,
                 (unsigned long long)h.rows, (unsigned long long)rows);
    kd_monitor_close(m);
    kdtest_claim(f.bytes == 0, "%s: all memory is given back", r->claim);
}

int main(void) {
    static const row rows[] = {
        {"a window of texts", "B(s,y) AND NOT ONCE[0,200] A(s)", 1000000, 4000000, 20},
        {"a look ahead", "A(s) AND NOT EVENTUALLY[0,10] B(s,1)", 200000, 4000000, 10},
        {"texts that a function makes",
         "C(x) AND NOT ONCE[0,10] (EXISTS s. (C(x) AND s = i2s(x) AND B(s,9)))", 100000, 4000000, 10},
        {"texts that wait", "A(s) AND NOT ONCE[1,50] (EXISTS y. B(s,y))", 200000, 4000000, 20},
        {"made texts in a window", "C(x) AND ONCE[5,9] (C(y) AND s = i2s(y)) AND x = y + 7", 200000, 4000000,
         10},
    };
    test_drop();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) test_monitor(&rows[i], false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        row r = rows[i];
        r.points = 50000;
        test_monitor(&r, true);
    }
    return kdtest_end("test_monitor_texts");
}

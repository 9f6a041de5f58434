/* test_monitor_meta.c: the monitor against itself: two ways of asking the same give the same verdicts.
 * MFOTL_FIRST and MFOTL_N choose the seeds. */
#include "kdtest.h"
#include "monitor_change.h"
#include "shrink_mfotl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 3000, SHOWN_EACH = 2 };

typedef struct tally {
    unsigned compared, with_rows, refused, failing;
} tally;

static uint64_t number(const char *name, uint64_t otherwise) {
    const char *z = getenv(name);
    return z && *z ? strtoull(z, NULL, 10) : otherwise;
}

/* NULL when the two agree as they must. */
static const char *differ(const mc_trial *t, const mp_answer *a, const mp_answer *b, bool *rows) {
    static char what[600];
    *rows = false;
    for (size_t i = 0; i < a->room; i++) {
        mp_verdict x = a->verdicts[i];
        *rows = *rows || x.text.n > 0;
        for (size_t k = t->how == MC_STAMPS ? 0 : i; k < (t->how == MC_STAMPS ? b->room : i + 1); k++) {
            mp_verdict y = b->verdicts[k];
            if (t->how == MC_BEGIN && !x.text.p) continue;
            if (t->how == MC_STAMPS && x.at != y.at) continue;
            if (x.text.p && y.text.p && y.at - x.at == t->shift && kd_str_equal(x.text, y.text)) continue;
            snprintf(what, sizeof what,
                     "time point %zu @%" PRId64 " %s[%.*s], time point %zu @%" PRId64 " %s[%.*s]", i, x.at,
                     x.text.p ? "" : "not heard ", (int)(x.text.n < 200 ? x.text.n : 200), x.text.p, k, y.at,
                     y.text.p ? "" : "not heard ", (int)(y.text.n < 200 ? y.text.n : 200), y.text.p);
            return what;
        }
    }
    return NULL;
}

/* Integers that are too big stop a run, and where an engine looks first is its own business. */
static bool may_overflow(kd_str formula) {
    static const char *const words[] = {" + ", " - ", " * ", " / ", " MOD ", "SUM", "f2i", "- ("};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t i = 0; i < formula.n; i++)
            if (kd_str_starts((kd_str){formula.p + i, formula.n - i}, words[w])) return true;
    return false;
}

/* Both runs of a row over one pair; the seed fixes what is random in the change. */
typedef struct run {
    const mc_row *row;
    uint64_t seed;
    enum { OTHER, REFUSED, SAME, DIFFERENT } outcome;
    bool rows; /* some verdict is not empty */
} run;

static void try_both(run *r, mc_trial *t, kd_text *what) {
    mp_answer a, b;
    r->outcome = OTHER;
    if (!r->row->make(t)) return;
    mp_monitor(t->a, &t->first, t->first_way, &a);
    mp_monitor(t->a, &t->second, t->second_way, &b);
    r->outcome = REFUSED;
    if (a.refused || b.refused) return;
    r->outcome = OTHER;
    if ((a.status != KD_OK || b.status != KD_OK) && may_overflow(t->first.formula)) return;
    const char *complaint = a.status != KD_OK   ? a.error.message
                            : b.status != KD_OK ? b.error.message
                                                : differ(t, &a, &b, &r->rows);
    r->outcome = complaint ? DIFFERENT : SAME;
    if (!complaint || !what) return;
    mp_put(what, "first", &t->first);
    mp_put(what, "second", &t->second);
    kd_text_printf(what, "%s: %s\n", r->row->claim, complaint);
}

static void try_pair(run *r, const rm_pair *p, kd_text *what) {
    kd_arena a;
    nm_world w;
    rm_dice d = {r->seed};
    kd_arena_open(&a, &kd_allocator_libc);
    nm_world_open(&w, &a);
    mc_trial t = {
        .a = &a, .d = &d, .w = &w, .first = *p, .second = *p, .first_way = MP_WHOLE, .second_way = MP_WHOLE};
    r->outcome = OTHER;
    if (nm_read_signature(&w, p->sig) && (t.f = nm_parse(&w, p->formula)) && nm_read_log(&w, p->log) &&
        w.point_count)
        try_both(r, &t, what);
    nm_world_close(&w);
    kd_arena_close(&a);
}

static bool fails(void *ctx, const rm_pair *p) {
    run r = *(const run *)ctx;
    try_pair(&r, p, NULL);
    return r.outcome == DIFFERENT;
}

static void show(run *r, rm_pair p) {
    kd_arena a;
    kd_text what;
    kd_arena_open(&a, &kd_allocator_libc);
    kd_text_open(&what, &kd_allocator_libc);
    sm_shrink(&a, &p, fails, r);
    try_pair(r, &p, &what);
    printf("%s", what.p ? what.p : "");
    kd_text_close(&what);
    kd_arena_close(&a);
}

static void run_pair(uint64_t seed, tally *counts) {
    kd_arena a;
    rm_pair p;
    kd_arena_open(&a, &kd_allocator_libc);
    rm_make(&a, seed, &p);
    p.no_last_point = false;
    for (size_t k = 0; k < mc_row_count; k++) {
        run r = {.row = &mc_rows[k], .seed = seed * 31 + k};
        tally *n = &counts[k];
        try_pair(&r, &p, NULL);
        n->refused += r.outcome == REFUSED;
        if (r.outcome < SAME) continue;
        n->compared++;
        n->with_rows += r.rows;
        if (!kdtest_claim(r.outcome == SAME, "seed-%" PRIu64 ", %s", seed, r.row->claim) &&
            n->failing++ < SHOWN_EACH)
            show(&r, p);
    }
    kd_arena_close(&a);
}

int main(void) {
    uint64_t first = number("MFOTL_FIRST", 1000000), count = number("MFOTL_N", PAIRS);
    tally *counts = calloc(mc_row_count, sizeof *counts);
    if (!counts) return 1;
    for (uint64_t i = 0; i < count && kdtest_failed < 500; i++) run_pair(first + i, counts);
    for (size_t k = 0; k < mc_row_count; k++) {
        printf("%6u compared, %5u with verdicts, %4u refused: %s\n", counts[k].compared, counts[k].with_rows,
               counts[k].refused, mc_rows[k].claim);
        kdtest_claim(counts[k].with_rows * UINT64_C(400) >= count, "is tried often enough: %s",
                     mc_rows[k].claim);
    }
    free(counts);
    return kdtest_end("test_monitor_meta");
}

/* test_spans.c: the insides of a replay: the sort of moments, and rows over time. */
#include "kdtest.h"
#include "record/inside.h"
#include <stdlib.h>

/* ---- Order ----------------------------------------------------------------------------------------------*/

static int naive_order(const void *a, const void *b) {
    return (*(const rec_moment *)a).at < (*(const rec_moment *)b).at
               ? -1
               : (*(const rec_moment *)a).at > (*(const rec_moment *)b).at;
}

/* The sort against qsort, on runs of all kinds. */
static void test_sort(void) {
    enum { N = 500 };
    kd_said *said = calloc(N, sizeof *said);
    rec_moment m[N], want[N];
    uint64_t seed = 7;
    bool same = true, stable = true;
    for (int round = 0; round < 60 && said; round++) {
        size_t n = (size_t)(round * 8 + 1);
        for (size_t i = 0; i < n; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            int64_t at = (int64_t)(seed >> 40) % (round % 3 == 0 ? 5 : 1000);
            if (round % 3 == 1) at += (int64_t)i * 40;
            said[i].index = i;
            m[i] = want[i] = (rec_moment){at, (uint32_t)i, REC_RECEIPT, false};
        }
        qsort(want, n, sizeof *want, naive_order);
        if (!rec_moments_sort(said, m, n, &kd_allocator_libc)) same = false;
        for (size_t i = 0; i < n; i++) {
            same = same && m[i].at == want[i].at;
            stable = stable && (i == 0 || rec_moment_order(said, &m[i - 1], &m[i]) < 0);
        }
    }
    kdtest_claim(same && stable, "sorting gives what qsort gives, equals by index");
    free(said);
}

static void test_moments(void) {
    static const struct {
        const char *claim;
        rec_moment first, then;
    } table[] = {
        {"an earlier second comes first", {1, 1, 0, true}, {2, 0, REC_RECEIPT, false}},
        {"of one second an hour comes before a day alone",
         {5, 1, REC_RECEIPT, false},
         {5, 0, REC_RECEIPT, true}},
        {"then the Parties in the treaty's order", {5, 0, REC_RECEIPT, true}, {5, 1, 0, true}},
        {"then the entries of a book", {5, 1, REC_RECEIPT, true}, {5, 2, 0, true}},
        {"then what occurred before that it was told", {5, 1, 3, true}, {5, 1, REC_RECEIPT, true}},
        {"then the fields that tell when it occurred", {5, 1, 3, true}, {5, 1, 4, true}},
    };
    kd_said said[3] = {{.party = 0, .index = 9}, {.party = 1, .index = 0}, {.party = 1, .index = 1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        kdtest_claim(rec_moment_order(said, &table[i].first, &table[i].then) < 0 &&
                         rec_moment_order(said, &table[i].then, &table[i].first) > 0,
                     "%s", table[i].claim);
}

static void test_dues_settle(void) {
    kd_due dues[] = {{.rule = 1, .due = 9, .since = 4}, {.rule = 1, .due = 9, .since = 2},
                     {.rule = 0, .due = 9, .since = 3}, {.rule = 1, .due = 9, .since = 2, .readings = 2},
                     {.rule = 1, .due = 7, .since = 5}, {.rule = 1, .due = 9, .since = 6, .excused = true}};
    kd_history h = {.dues = dues, .due_count = sizeof dues / sizeof *dues};
    rec_dues_settle(&h);
    kdtest_claim(h.due_count == 5 && dues[0].due == 7 && dues[1].rule == 0 && dues[2].since == 2,
                 "an obligation that comes up again is no second one: the earliest stays");
}

/* ---- Rows over time -------------------------------------------------------------------------------------*/

static void came(rec_spans *s, kd_instant at, kd_value party, int status, kd_value figure) {
    kd_value row[KD_V_WIDTH] = {0, party, status, 5, 6, figure, 8, 9, 10};
    rec_spans_came(s, KD_SINK_VERDICT + 1, row, KD_V_WIDTH, at, KD_NEVER, 0);
}

static void went(rec_spans *s, kd_instant at, kd_value party, int status, kd_value figure) {
    kd_value row[KD_V_WIDTH] = {0, party, status, 5, 6, figure, 8, 9, 10};
    rec_spans_went(s, KD_SINK_VERDICT + 1, row, KD_V_WIDTH, at);
}

static size_t spans_kept(const rec_spans *s, kd_instant *since, kd_instant *until) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->all[i].state != REC_HOLDS && s->all[i].state != REC_OVER) continue;
        n++;
        *since = s->all[i].since;
        *until = s->all[i].until;
    }
    return n;
}

static void test_spans(void) {
    static const struct {
        const char *claim, *script; /* each step: second, + or -, status; B: breached, with another figure */
        size_t kept;
        kd_instant since, until;
    } table[] = {
        {"a row that never held for a second is not kept", "3+b 3-b", 0, 0, 0},
        {"a row is kept from when it came to when it went", "3+b 5-b", 1, 3, 5},
        {"a row that came back within the second was never away", "3+b 5-b 5+b 8-b", 1, 3, 8},
        {"a row that came back later is another", "3+b 5-b 6+b", 2, 6, KD_NEVER},
        {"a pending row that is over is dropped", "3+p 5-p", 0, 0, 0},
        {"a kept row that was the last is kept", "3+k 5-k 6+k 8-k", 1, 6, 8},
        {"a kept row before one that holds is dropped", "3+k 5-k 6+k", 1, 6, KD_NEVER},
        {"what goes without having come changes nothing", "3-b", 0, 0, 0},
        {"a row that came twice goes when it went twice", "3+b 4+b 5-b 6-b", 1, 3, 6},
        {"a breach goes on when only its figure changes", "3+b 5-b 5+B", 1, 3, KD_NEVER},
        {"and when the figure changes back within the second", "3+b 5-b 5+B 5-B 5+b", 1, 3, KD_NEVER},
        {"a breach that ended a second before begins anew", "3+b 5-b 6+B", 2, 6, KD_NEVER},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        rec_spans s;
        rec_spans_open(&s, &kd_allocator_libc);
        for (const char *p = table[i].script; *p; p += p[3] ? 4 : 3) {
            int status = p[2] == 'b' || p[2] == 'B' ? KD_BREACHED : p[2] == 'p' ? KD_PENDING : KD_KEPT;
            if (p[1] == '+')
                came(&s, p[0] - '0', 0, status, p[2] == 'B' ? 77 : 7);
            else
                went(&s, p[0] - '0', 0, status, p[2] == 'B' ? 77 : 7);
        }
        rec_spans_end(&s);
        kd_instant since = 0, until = 0;
        size_t n = spans_kept(&s, &since, &until);
        kdtest_claim(n == table[i].kept && since == table[i].since && until == table[i].until && !s.failed,
                     "%s", table[i].claim);
        rec_spans_close(&s);
    }
}

/* Random comings and goings of many rows against a plain list of what holds. */
static void test_spans_against_model(void) {
    enum { ROWS = 200, STEPS = 20000 };
    kd_instant since[ROWS];
    bool holds[ROWS] = {false};
    size_t over = 0;
    rec_spans s;
    rec_spans_open(&s, &kd_allocator_libc);
    uint64_t seed = 11;
    for (int i = 0; i < STEPS; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t r = (size_t)(seed >> 33) % ROWS;
        kd_instant at = i + 1; /* each its own second: nothing comes back within one */
        if (holds[r])
            went(&s, at, (kd_value)r, KD_BREACHED, 7);
        else
            came(&s, at, (kd_value)r, KD_BREACHED, 7);
        over += holds[r];
        holds[r] = !holds[r];
        since[r] = at;
    }
    rec_spans_end(&s);
    size_t met_over = 0, met_holding = 0, wrong = 0, holding = 0;
    for (size_t i = 0; i < s.count; i++) {
        const rec_span *x = &s.all[i];
        met_over += x->state == REC_OVER;
        if (x->state != REC_HOLDS) continue;
        met_holding++;
        wrong += !holds[x->row[1]] || x->since != since[x->row[1]];
    }
    for (size_t r = 0; r < ROWS; r++) holding += holds[r];
    kdtest_claim(wrong == 0 && met_over == over && met_holding == holding && !s.failed,
                 "%d comings and goings of %d rows leave what a plain list leaves", STEPS, ROWS);
    rec_spans_close(&s);
}

int main(void) {
    test_sort();
    test_moments();
    test_dues_settle();
    test_spans();
    test_spans_against_model();
    return kdtest_end("test_spans");
}

/* test_engine_snapshot.c: an engine that was saved and loaded says what it would have said; damaged bytes are refused or
 * load into an engine that runs; what waits is told.
 *
 *      test_engine_snapshot [cases [first seed]] */
#include "engine/walk.h"
#include "failing.h"
#include "kdtest.h"
#include "snapshot_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 40

/* What was heard, as a sum that does not ask for the order within a push. */
typedef struct heard {
    uint64_t sum, push, rows;
} heard;

static void add(heard *h, const kd_value *row, unsigned width, uint64_t what, kd_instant at) {
    uint64_t words[3] = {what, (uint64_t)at, h->push};
    h->sum += kd_hash(row, width * sizeof *row, kd_hash(words, sizeof words, 1));
    h->rows++;
}

static void hear(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    add(ctx, row, width, sink * 4 + (unsigned)(sign + 1), at);
}

typedef struct run {
    const snapshot_plan *s;
    unsigned width;
    heard heard;
} run;

static void hear_row(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    hear(&((run *)ctx)->heard, sink, at, sign, row, width);
}

static kd_status hear_verdict(void *ctx, uint64_t index, kd_instant at, const kd_value *rows, size_t count) {
    run *r = ctx;
    add(&r->heard, NULL, 0, index * 16 + 9, at);
    for (size_t i = 0; i < count; i++) add(&r->heard, rows + i * r->width, r->width, index * 16 + 8, at);
    return KD_OK;
}

static kd_engine_options options_of(run *r, const snapshot_plan *s, const kd_allocator *from) {
    *r = (run){.s = s, .width = kd_plan_width(s->p, s->nodes[s->count - 1])};
    return (kd_engine_options){
        .from = from, .log_time = s->log_time, .heard = hear_row, .verdicts = hear_verdict, .ctx = r};
}

/* ---- Bytes ----------------------------------------------------------------------------------------------*/

static kd_status put(void *ctx, const void *bytes, size_t n) {
    kd_text_put(ctx, (kd_str){bytes, n});
    return ((kd_text *)ctx)->failed ? KD_NOMEM : KD_OK;
}

static kd_status put_nothing(void *ctx, const void *bytes, size_t n) {
    return KD_SYSTEM;
}

/* Goes on to the end of the events; false on a failure other than those an engine may have of its own. */
static kd_status go_on(const snapshot_plan *s, kd_engine *g, run *r, uint64_t seed, unsigned from,
                       kd_instant at) {
    kd_error e = {0};
    kd_status st = KD_OK;
    for (unsigned i = from; !st && i < POINTS; i++) {
        r->heard.push = i;
        st = snapshot_push(s, g, seed, i, &at, &e);
    }
    r->heard.push = POINTS;
    if (!st) st = s->log_time ? kd_engine_finish(g, &e) : kd_engine_advance(g, at + 100000, &e);
    return st;
}

/* ---- The same verdicts ----------------------------------------------------------------------------------*/

typedef struct saved {
    snapshot_plan s;
    kd_text bytes;
    unsigned from;
    kd_instant at;
    heard after; /* what was heard after it was saved */
    kd_status end;
    kd_engine_stats stats;
} saved;

/* A case that was run to its end, and saved on the way; false when the plan or the run failed before. */
static bool make(saved *c, uint64_t seed) {
    kd_error e = {0};
    uint64_t chance = seed ^ 99;
    *c = (saved){.from = snapshot_below(&chance, POINTS)};
    kd_text_open(&c->bytes, &kd_allocator_libc);
    if (!snapshot_build(&c->s, seed, 4 + snapshot_below(&chance, 20), seed % 4 != 0)) return false;
    run r;
    kd_engine_options o = options_of(&r, &c->s, NULL);
    kd_engine *g = NULL;
    if (kd_engine_open(c->s.p, &o, &g, &e)) return false;
    kd_status st = KD_OK;
    for (unsigned i = 0; !st && i < c->from; i++) st = snapshot_push(&c->s, g, seed, i, &c->at, &e);
    bool sound = !st && kd_engine_save(g, put, &c->bytes) == KD_OK;
    if (!st) kdtest_claim(sound, "seed %" PRIu64 ": it is saved", seed);
    kd_engine_stats before = kd_engine_statistics(g);
    r.heard = (heard){0};
    if (sound) c->end = go_on(&c->s, g, &r, seed, c->from, c->at);
    c->after = r.heard;
    c->stats = kd_engine_statistics(g);
    if (sound) kdtest_claim(before.time_points <= c->stats.time_points, "saving changes nothing");
    kd_engine_close(g);
    return sound;
}

static void drop(saved *c) {
    kd_text_close(&c->bytes);
    kd_plan_close(c->s.p);
}

static void same_verdicts(const saved *c, uint64_t seed) {
    kd_error e = {0};
    run r;
    kd_engine_options o = options_of(&r, &c->s, NULL);
    kd_engine *g = NULL;
    kd_status st = kd_engine_load(c->s.p, &o, c->bytes.p, c->bytes.n, &g, &e);
    if (!kdtest_claim(st == KD_OK, "seed %" PRIu64 ": what was saved is loaded (%s)", seed, e.message))
        return;
    kd_text again;
    kd_text_open(&again, &kd_allocator_libc);
    kdtest_claim(kd_engine_save(g, put, &again) == KD_OK && again.n == c->bytes.n,
                 "seed %" PRIu64 ": saved again it is as long", seed);
    kd_text_close(&again);
    kdtest_claim(kd_engine_save(g, put_nothing, NULL) == KD_SYSTEM, "what put gives ends the saving");
    st = go_on(&c->s, g, &r, seed, c->from, c->at);
    kd_engine_stats now = kd_engine_statistics(g);
    kdtest_claim(st == c->end && r.heard.sum == c->after.sum && r.heard.rows == c->after.rows &&
                     now.time_points == c->stats.time_points && now.rows_moved == c->stats.rows_moved &&
                     now.nodes_run == c->stats.nodes_run,
                 "seed %" PRIu64 ", saved before %u: loaded, it says the same: %" PRIu64 " rows, %" PRIu64
                 " uninterrupted; moved %" PRIu64 ", %" PRIu64 "; run %" PRIu64 ", %" PRIu64,
                 seed, c->from, r.heard.rows, c->after.rows, now.rows_moved, c->stats.rows_moved,
                 now.nodes_run, c->stats.nodes_run);
    kd_engine_close(g);
}

/* ---- Damage ---------------------------------------------------------------------------------------------*/

/* Loads bytes; what is loaded runs on, under a ceiling. KD_OK also when it then failed. */
static kd_status load(const saved *c, const char *bytes, size_t n, uint64_t seed) {
    kd_error e = {0};
    run r;
    kd_engine_options o = options_of(&r, &c->s, NULL);
    o.ceiling_bytes = 1 << 24;
    kd_engine *g = NULL;
    char *copy = malloc(n + 1); /* exactly as long, so that a read beyond is found */
    if (!copy) abort();
    memcpy(copy, bytes, n);
    kd_status st = kd_engine_load(c->s.p, &o, copy, n, &g, &e);
    free(copy);
    if (st) return st;
    go_on(&c->s, g, &r, seed, c->from, c->at);
    kd_engine_close(g);
    return KD_OK;
}

static void seal(char *bytes, size_t n) {
    uint64_t sum = eng_walk_sum((unsigned char *)bytes, n - 8);
    for (unsigned i = 0; i < 8; i++) bytes[n - 8 + i] = (char)(sum >> 8 * i);
}

static void damage(const saved *c, uint64_t seed) {
    size_t n = c->bytes.n, cut = 0, flipped = 0, forged = 0, tries = 150;
    uint64_t chance = seed;
    char *bytes = malloc(n);
    if (!bytes) abort();
    size_t step = n > 600 ? n / 300 : 1, cuts = 0;
    for (size_t left = 0; left < n; left += step, cuts++)
        cut += load(c, c->bytes.p, left, seed) == KD_INVALID;
    kdtest_claim(cut == cuts, "seed %" PRIu64 ": cut short it is refused", seed);
    for (size_t i = 0; i < tries; i++) {
        memcpy(bytes, c->bytes.p, n);
        bytes[snapshot_below(&chance, (unsigned)n)] ^= (char)(1 + snapshot_below(&chance, 255));
        flipped += load(c, bytes, n, seed) == KD_INVALID;
        /* and with a sum that fits: a value may be another, or it is refused */
        unsigned more = snapshot_below(&chance, 3);
        for (unsigned k = 0; k < more; k++)
            bytes[16 + snapshot_below(&chance, (unsigned)n - 16)] =
                (char)(snapshot_below(&chance, 2) ? 0xff : 1);
        memcpy(bytes, c->bytes.p, 16);
        seal(bytes, n);
        kd_status st = load(c, bytes, n, seed);
        forged += st == KD_INVALID || st == KD_OK || st == KD_NOMEM;
    }
    kdtest_claim(flipped == tries, "seed %" PRIu64 ": with a byte changed it is refused", seed);
    kdtest_claim(forged == tries, "seed %" PRIu64 ": with a sum made to fit it is refused, or runs", seed);
    free(bytes);
}

static void without_memory(const saved *c, uint64_t seed) {
    failing f = {.fail_at = -1};
    kd_allocator from = {failing_resize, &f};
    run r;
    kd_engine_options o = options_of(&r, &c->s, &from);
    long told = 0, calls = 0;
    for (long n = -1; n < calls; n++) {
        kd_engine *g = NULL;
        kd_error e = {0};
        f.calls = 0;
        f.fail_at = n;
        kd_status st = kd_engine_load(c->s.p, &o, c->bytes.p, c->bytes.n, &g, &e);
        if (n < 0) calls = f.calls;
        told += n < 0 ? st == KD_OK : st == KD_NOMEM && !g;
        kd_engine_close(g);
    }
    kdtest_claim(told == calls + 1 && f.bytes == 0,
                 "seed %" PRIu64 ": without memory it says so and keeps none (%ld of %ld, %ld bytes)", seed,
                 told, calls + 1, f.bytes);
}

/* ---- Other plans ----------------------------------------------------------------------------------------*/

static void other_plans(const saved *c, const saved *other) {
    kd_error e = {0};
    run r;
    kd_engine_options o = options_of(&r, &other->s, NULL);
    kd_engine *g = NULL;
    kd_status st = kd_engine_load(other->s.p, &o, c->bytes.p, c->bytes.n, &g, &e);
    kdtest_claim(st == KD_INVALID && strstr(e.message, "another plan"),
                 "the state of another plan is refused");
    o.trace = true;
    st = kd_engine_load(other->s.p, &o, other->bytes.p, other->bytes.n, &g, &e);
    kdtest_claim(st == KD_USAGE && !g, "with trace nothing is loaded");
    st = kd_engine_open(other->s.p, &o, &g, &e);
    kdtest_claim(st == KD_OK && kd_engine_save(g, put_nothing, NULL) == KD_USAGE,
                 "with trace nothing is saved");
    kd_engine_close(g);
}

/* ---- Pending --------------------------------------------------------------------------------------------*/

static void tell(void *ctx, kd_node node, kd_instant since, kd_instant until, const kd_value *row,
                 unsigned width) {
    kd_text *t = ctx;
    kd_text_printf(t, "%u:", (unsigned)node);
    if (since == KD_ABSENT)
        kd_text_puts(t, "?");
    else
        kd_text_printf(t, "%lld", (long long)since);
    if (until == KD_NEVER)
        kd_text_puts(t, "..never");
    else
        kd_text_printf(t, "..%lld", (long long)until);
    for (unsigned i = 0; i < width; i++) kd_text_printf(t, "%c%lld", i ? ',' : '(', (long long)row[i]);
    kd_text_puts(t, ") ");
}

static void expect(const kd_engine *g, const char *wanted, const char *claim) {
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_text_putc(&t, ' ');
    kd_engine_pending(g, tell, &t);
    kdtest_claim(strcmp(t.p + 1, wanted) == 0, "%s: wanted %s got %s", claim, wanted, t.p + 1);
    kd_text_close(&t);
}

static void push_rows(kd_engine *g, kd_node in, kd_instant at, const kd_value *rows, size_t count, int sign) {
    kd_event v[8];
    for (size_t i = 0; i < count; i++) v[i] = (kd_event){in, sign, 0, rows + 2 * i};
    kd_error e = {0};
    kdtest_claim(kd_engine_push(g, at, v, count, &e) == KD_OK, "a push (%s)", e.message);
}

static void pending_timers(bool told) {
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    if (kd_plan_open(NULL, &p)) abort();
    kd_node f = kd_plan_input(p, KD_STR("f"), KD_LEVEL, 2), t = kd_plan_timer(p, f, 1);
    kd_plan_sink(p, t, 1);
    if (told) kd_plan_sink(p, f, 2);
    kd_engine_options o = {0};
    if (kd_engine_open(p, &o, &g, &e)) abort();
    expect(g, "", "nothing waits yet");
    static const kd_value rows[] = {1, 50, 2, 30, 3, 30};
    push_rows(g, f, 10, rows, 3, 1);
    expect(g,
           told ? "2:10..30(2,30) 2:10..30(3,30) 2:10..50(1,50) "
                : "2:?..30(2,30) 2:?..30(3,30) 2:?..50(1,50) ",
           "timers, the earliest first");
    push_rows(g, f, 11, rows + 2, 1, -1);
    expect(g, told ? "2:10..30(3,30) 2:10..50(1,50) " : "2:?..30(3,30) 2:?..50(1,50) ",
           "one that went owes nothing");
    kdtest_claim(kd_engine_advance(g, 30, &e) == KD_OK, "time passes");
    expect(g, told ? "2:10..50(1,50) " : "2:?..50(1,50) ", "one that fired neither");
    kd_engine_close(g);
    kd_plan_close(p);
}

static void pending_ahead(void) {
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    if (kd_plan_open(NULL, &p)) abort();
    kd_node a = kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), b = kd_plan_input(p, KD_STR("b"), KD_PULSE, 2);
    kd_node soon = kd_plan_eventually(p, b, (kd_interval){0, 5});
    kd_on on[] = {{0, 0}};
    kd_node owes = kd_plan_antijoin(p, a, soon, on, 1);
    kd_node later = kd_plan_join(p, owes, kd_plan_eventually(p, soon, (kd_interval){2, 10}), on, 1);
    kd_plan_watch(p, later);
    kd_node n = kd_plan_next(p, b, (kd_interval){0, KD_NEVER});
    kd_plan_sink(p, kd_plan_join(p, a, n, on, 1), 1);
    kd_engine_options o = {.log_time = true};
    if (kd_engine_open(p, &o, &g, &e)) abort();
    static const kd_value rows[] = {1, 2, 3, 4};
    push_rows(g, a, 10, rows, 2, 1);
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_engine_pending(g, tell, &t);
    kdtest_claim(t.p && strstr(t.p, "1:10..15(1,2) 1:10..15(3,4) "),
                 "a row waits until the window ahead is over: %s", t.p);
    kdtest_claim(t.p && strstr(t.p, "1:10..never(1,2) "),
                 "one that waits for the next time point waits for any: %s", t.p);
    kd_text_clear(&t);
    push_rows(g, b, 16, rows, 1, 1);
    kd_engine_pending(g, tell, &t);
    char wanted[40];
    snprintf(wanted, sizeof wanted, "%u:10..25(1,2) ", (unsigned)owes);
    kdtest_claim(t.p && strstr(t.p, wanted), "over two windows it waits for both: %s", t.p);
    kdtest_claim(t.p && !strstr(t.p, "..15("), "what is decided waits no more: %s", t.p);
    kd_text_close(&t);
    kd_engine_close(g);
    kd_plan_close(p);
}

/* ---- In words -------------------------------------------------------------------------------------------*/

static void in_words(void) {
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    if (kd_plan_open(NULL, &p)) abort();
    kd_node a = kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), b = kd_plan_input(p, KD_STR("b"), KD_PULSE, 1);
    kd_expr low = kd_plan_op(p, KD_X_LT, kd_plan_column(p, 1), kd_plan_value(p, 5), 0);
    kd_node few = kd_plan_select(p, a, low), soon = kd_plan_eventually(p, b, (kd_interval){0, 5});
    kd_on on[] = {{0, 0}};
    kd_node owes = kd_plan_antijoin(p, few, soon, on, 1);
    unsigned by = 0;
    kd_node most = kd_plan_accumulate(p, a, &by, 1, KD_GREATEST, 1);
    kd_plan_label(p, most, KD_STR("III.2"));
    kd_plan_watch(p, owes);
    kd_plan_sink(p, most, 7);
    kd_engine_options o = {.log_time = true};
    if (kd_engine_open(p, &o, &g, &e)) abort();
    static const kd_value rows[] = {1, 2, 3, 4};
    push_rows(g, a, 10, rows, 2, 1);
    static const struct {
        const char *wanted, *claim;
    } table[] = {
        {"watched\n  ", "the tree begins with the watched node"},
        {" antijoin a1 = b1 · pulse of 2, stage 1, holds 0 entries", "a join's pairs, kind, width and stage"},
        {" carry from stage 0 · pulse of 2, stage 1, holds 2 entries in ", "what is carried, and how much"},
        {" select (#2 < 5) · pulse of 2", "an expression over columns from 1"},
        {" eventually [0,5] · level of 1, stage 1, looked up, holds 0 entries in ", "an interval, who looks"},
        {" input a · pulse of 2, stage 0\n", "an input's name"},
        {"sink 7\n  ", "sinks by their numbers"},
        {" accumulate greatest of #2 by #1 · level of 2, stage 0, holds 2 entries in ",
         "a fold and its groups"},
        {" (III.2)\n", "labels"},
        {" input, as above\n", "what is shown twice is shown once"},
    };
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_engine_explain(g, &t);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        kdtest_claim(t.p && strstr(t.p, table[i].wanted), "%s: wanted %s in\n%s", table[i].claim,
                     table[i].wanted, t.p);
    kd_text_clear(&t);
    kd_engine_describe(g, few, &t);
    kdtest_claim(t.p && strcmp(t.p, "select (#2 < 5) · pulse of 2, stage 0") == 0, "one node in a line: %s",
                 t.p);
    kd_text_close(&t);
    kd_engine_close(g);
    kd_plan_close(p);
}

/* What is done with its input is told in the input's line; with a trace every node is its own. */
static void in_fewer_words(bool trace) {
    kd_plan *p;
    kd_engine *g;
    kd_error e = {0};
    if (kd_plan_open(NULL, &p)) abort();
    kd_node a = kd_plan_input(p, KD_STR("a"), KD_PULSE, 2), b = kd_plan_input(p, KD_STR("b"), KD_PULSE, 2);
    kd_node once = kd_plan_once(p, b, (kd_interval){0, 9}),
            before = kd_plan_previous(p, once, (kd_interval){1, 3});
    kd_on both[] = {{0, 0}, {1, 1}};
    kd_node joined = kd_plan_join(p, a, before, both, 2);
    kd_expr more = kd_plan_op(p, KD_X_LT, kd_plan_column(p, 0), kd_plan_column(p, 3), 0), column[2];
    for (unsigned i = 0; i < 2; i++) column[i] = kd_plan_column(p, 3 - i);
    kd_node end = kd_plan_map(p, kd_plan_select(p, joined, more), column, 2);
    kd_plan_watch(p, end);
    kd_engine_options o = {.log_time = true, .trace = trace};
    if (kd_engine_open(p, &o, &g, &e)) abort();
    static const struct {
        const char *wanted, *claim;
        bool traced;
    } table[] = {
        {"join a1 = b1, a2 = b2, if (#1 < #4), as #4, #3 · pulse of 2,", "a join with what follows it",
         false},
        {"previous once [1,3] [0,9] · level of 2, looked up,", "PREVIOUS of ONCE in one", false},
        {"map #4, #3 · pulse of 2\n", "a map of its own", true},
        {"select (#1 < #4) · pulse of 4\n", "a select of its own", true},
        {"previous [1,3] · level of 2, holds", "PREVIOUS of its own", true},
    };
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_engine_explain(g, &t);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        kdtest_claim(t.p && !strstr(t.p, table[i].wanted) == (table[i].traced != trace),
                     "%s, %s a trace: %s in\n%s", table[i].claim, trace ? "with" : "without", table[i].wanted,
                     t.p);
    kd_text_close(&t);
    kd_engine_close(g);
    kd_plan_close(p);
}

int main(int argc, char **argv) {
    unsigned cases = argc > 1 ? (unsigned)atoi(argv[1]) : 600;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    saved last = {0};
    for (uint64_t seed = first; seed < first + cases; seed++) {
        saved c;
        if (make(&c, seed)) {
            same_verdicts(&c, seed);
            if (seed % 10 == 0) without_memory(&c, seed);
            if (seed % 6 == 0) damage(&c, seed);
            if (seed > first && last.bytes.n) other_plans(&last, &c);
        }
        if (last.s.p) drop(&last);
        last = c;
    }
    if (last.s.p) drop(&last);
    pending_timers(false);
    pending_timers(true);
    pending_ahead();
    in_words();
    in_fewer_words(false);
    in_fewer_words(true);
    return kdtest_end("test_engine_snapshot");
}

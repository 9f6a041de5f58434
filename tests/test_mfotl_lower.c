/* test_mfotl_lower.c: what plan a formula becomes: how many nodes, what is taken from events, when time
 * points without events matter; and that memory may run out at any allocation. */
#include "kdtest.h"
#include "lang/mfotl.h"

#include <stdlib.h>
#include <string.h>

static const char signature[] = "A() B() P(int) Q(int) R(int,int) S(int,int,int) F(float,int) W(string)";

typedef struct row {
    const char *claim, *formula;
    size_t nodes;      /* of the plan; 0: not looked at */
    const char *takes; /* of the first input: p put, s skipped, = constant, a again */
    bool future, all_points;
} row;

static const row rows[] = {
    {"an atom is an input", "P(x)", 1, "p", false, false},
    {"a constant is tested when the event is read", "R(x,3)", 1, "p=", false, false},
    {"a repeated variable too", "S(x,x,y)", 1, "pap", false, false},
    {"columns that nothing needs are not taken", "S(_,x,_)", 1, "sps", false, false},
    {"a projection goes down through ONCE and OR", "ONCE[0,5] EXISTS y. (R(x,y) OR S(x,y,_))", 4, "ps", false,
     true},
    {"a column that only tests need is taken", "EXISTS y. (R(x,y) AND y < 3)", 3, "pp", false, false},
    {"equal subformulas are one", "Q(x) AND (ONCE[0,5] P(x)) AND NOT ONCE[0,5] P(x)", 6, "p", false, false},
    {"NOT beside rows is an anti-join", "P(x) AND NOT ONCE[0,9] Q(x)", 4, "p", false, false},
    {"the past asks for no empty time points", "P(x) AND NOT (NOT Q(x) SINCE[0,9] R(x,_))", 0, "p", false,
     false},
    {"a positive left side of SINCE does", "P(x) AND (Q(x) SINCE[0,9] R(x,_))", 0, "p", false, true},
    {"so does PREVIOUS", "P(x) AND PREVIOUS Q(x)", 0, "p", false, true},
    {"tp beside a pulse is a column of it", "P(x) AND tp(i)", 0, "p", false, false},
    {"EVENTUALLY looks ahead", "P(x) AND NOT EVENTUALLY[0,9] Q(x)", 4, "p", true, false},
    {"ALWAYS too", "ALWAYS[0,9] P(x)", 0, "p", true, true},
    {"NEXT too", "NEXT P(x)", 2, "p", true, true},
    {"HISTORICALLY does not", "HISTORICALLY[0,9] P(x)", 0, "p", false, true},
    {"nor TRIGGER away from the present", "P(x) AND (Q(x) TRIGGER[1,9] Q(x))", 0, "p", false, true},
    {"a LET is shared by its uses", "LET T(x) = ONCE[0,5] P(x) IN T(x) AND Q(y) AND T(y)", 0, 0, false,
     false},
    {"a recursion is tied", "LETPAST T(x) = P(x) OR ONCE[1,4] T(x) IN T(x)", 0, "p", false, true},
    {"an aggregation keeps all columns of its body", "c <- CNT x; y R(x,y)", 4, "pp", false, false},
    {"without groups there is a row at every time point", "c <- CNT x R(x,y)", 0, "pp", false, true},
    {"texts have a least one", "s <- MIN w W(w)", 0, "p", false, true},
    {"a cycle that is asked for is joined at once",
     "A() AND (ONCE[0,9] R(x,y)) AND (ONCE[0,9] R(y,z)) AND (ONCE[0,9] R(z,x))", 4, "", false, false},
    {"so is one of levels alone", "(ONCE[0,9] R(x,y)) AND (ONCE[0,9] R(y,z)) AND (ONCE[0,9] R(z,x))", 3, "pp",
     false, true},
    {"one that a pulse closes", "R(x,y) AND (ONCE[0,9] R(y,z)) AND (ONCE[0,9] S(z,x,_))", 5, "pp", false,
     false},
    {"a path is joined two by two", "Q(x) AND (ONCE[0,9] R(x,y)) AND (ONCE[0,9] R(y,z))", 7, "p", false,
     false},
    {"but not under a trigger", "A() AND (ONCE[0,9] R(x,y)) AND (ONCE[0,9] R(y,z))", 4, "", false, false},
    {"a test that narrows one side comes before the rest at once",
     "A() AND (ONCE[0,9] R(x,y)) AND x < y AND (ONCE[0,9] R(y,z)) AND (ONCE[0,9] R(z,x))", 6, "", false,
     false},
    {"an automaton of tests", "|>[0,5] (P(x)? .)* Q(x)?", 0, "p", true, true},
};

/* ---- Memory that runs out -------------------------------------------------------------------------------*/

typedef struct meter {
    size_t allowed, live;
} meter;

static void *resize(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    meter *m = ctx;
    if (new_bytes == 0) {
        m->live -= old_bytes;
        free(p);
        return NULL;
    }
    if (m->allowed == 0) return NULL;
    m->allowed--;
    void *to = realloc(p, new_bytes);
    if (to) m->live += new_bytes - old_bytes;
    return to;
}

typedef struct outcome {
    kd_status status;
    kd_error error;
    size_t nodes;
    char takes[32];
    bool future, all_points;
} outcome;

static void *no_compile(void *ctx, kd_str pattern, const char **complaint) {
    *complaint = "no patterns here";
    return NULL;
}
static int no_search(void *ctx, void *compiled, kd_str text, int64_t *pairs, unsigned room) {
    return 0;
}
static void no_release(void *ctx, void *compiled) {}

static void describe(const mf_circuit *c, outcome *o) {
    for (uint32_t i = 0; c->use_count && i < c->uses[0].predicate->arity && i < sizeof o->takes - 1; i++)
        o->takes[i] = "sp=a"[c->uses[0].takes[i].kind];
    o->future = c->future;
    o->all_points = c->all_points;
}

static void lower(kd_arena *arena, kd_plan *plan, kd_symbols *symbols, const char *formula, outcome *o) {
    static const kd_patterns patterns = {NULL, no_compile, no_search, no_release};
    mf_functions functions = {.from = arena->from, .symbols = symbols, .patterns = &patterns, .arena = arena};
    mf_signature *s;
    mf_program *p;
    mf_circuit circuit = {0};
    const mf_rewriting plain = {0};
    kd_error *e = &o->error;
    o->status = mf_signature_read(arena, KD_STR(signature), "sig", &s, e);
    if (o->status == KD_OK) o->status = mf_read(arena, s, kd_str_of(formula), "formula", &p, e);
    if (o->status == KD_OK) o->status = mf_normalize(p, &plain, NULL, e);
    if (o->status == KD_OK) o->status = mf_lower(p, plan, &functions, &circuit, e);
    o->nodes = kd_plan_size(plan);
    if (o->status == KD_OK) describe(&circuit, o);
    mf_functions_close(&functions);
}

static outcome run(const char *formula, meter *m) {
    kd_allocator from = {resize, m};
    kd_arena arena;
    kd_plan *plan = NULL;
    kd_symbols *symbols = NULL;
    outcome o = {.status = KD_NOMEM};
    kd_arena_open(&arena, &from);
    if (kd_plan_open(&from, &plan) == KD_OK && kd_symbols_open(&from, &symbols) == KD_OK)
        lower(&arena, plan, symbols, formula, &o);
    kd_symbols_close(symbols);
    kd_plan_close(plan);
    kd_arena_close(&arena);
    return o;
}

static void check(const row *r) {
    meter m = {.allowed = SIZE_MAX};
    outcome o = run(r->formula, &m);
    if (!kdtest_claim(o.status == KD_OK, "%s: %s", r->claim, o.error.message)) return;
    kdtest_claim(r->nodes == 0 || r->nodes == o.nodes, "%s: %zu nodes", r->claim, o.nodes);
    kdtest_claim(!r->takes || strcmp(r->takes, o.takes) == 0, "%s: takes %s", r->claim, o.takes);
    kdtest_claim(r->future == o.future, "%s: future", r->claim);
    kdtest_claim(r->all_points == o.all_points, "%s: all time points", r->claim);
    kdtest_claim(m.live == 0, "%s: %zu bytes are left", r->claim, m.live);
    bool wrong = false, leaks = false;
    for (size_t n = 0; n < 100000; n++) {
        meter few = {.allowed = n};
        o = run(r->formula, &few);
        wrong |= o.status != KD_OK && o.status != KD_NOMEM;
        leaks |= few.live != 0;
        if (o.status == KD_OK) break;
    }
    kdtest_claim(!wrong && o.status == KD_OK, "%s: without memory it is said so: %s", r->claim,
                 o.error.message);
    kdtest_claim(!leaks, "%s: without memory nothing is left behind", r->claim);
}

int main(void) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check(&rows[i]);
    return kdtest_end("test_mfotl_lower");
}

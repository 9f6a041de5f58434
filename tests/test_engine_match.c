/* test_engine_match.c: regular expressions over time points: hand-made ones, random ones against a search along
 * every way, what the builder refuses, and memory that runs out. Expressions and logs are lines of text:
 *
 *      expression   ".": a step; "p0": a test of p with column 0; "!p0": none such; "(a+b)*"; side by side
 *      log          "@3 p1 r12 +l1 @3 -l1"     two time points at 3; l is a level
 *      verdicts     "0:1,2 4:"                 rows at 0: (1) and (2); at 4: the row without columns
 */
#include "kdtest.h"
#include <kadesh/engine.h>

#include <stdlib.h>
#include <string.h>

#define MOVES  240
#define POINTS 64
#define EVENTS 40
#define TEXT   4096

/* ---- Expressions as automata ----------------------------------------------------------------------------*/

typedef struct machine {
    kd_move moves[MOVES];
    unsigned columns[MOVES][2];
    char input[MOVES]; /* of a test */
    unsigned count, states;
    const char *at;
} machine;

static void move(machine *m, unsigned from, unsigned to, int what) {
    if (m->count == MOVES) abort();
    m->moves[m->count] = (kd_move){.from = from, .to = to};
    m->moves[m->count].what = what == 0 ? KD_MOVE_STEP : what == 1 ? KD_MOVE_TEST : KD_MOVE_JUMP;
    m->count++;
}

static unsigned parse_sum(machine *m, unsigned from);

/* Gives the state in which it ends. */
static unsigned parse_atom(machine *m, unsigned from) {
    unsigned to;
    if (*m->at == '(') {
        m->at++;
        to = parse_sum(m, from);
        m->at++;
        return to;
    }
    to = m->states++;
    if (*m->at == '.') {
        m->at++;
        move(m, from, to, 0);
        return to;
    }
    move(m, from, to, 1);
    unsigned i = m->count - 1, c = 0;
    if ((m->moves[i].negated = *m->at == '!')) m->at++;
    m->input[i] = *m->at++;
    while (*m->at >= '0' && *m->at <= '9') m->columns[i][c++] = (unsigned)(*m->at++ - '0');
    m->moves[i].columns = m->columns[i];
    return to;
}

static unsigned parse_star(machine *m, unsigned from) {
    unsigned begin = m->states++;
    move(m, from, begin, 2);
    unsigned to = parse_atom(m, begin);
    while (*m->at == '*') {
        m->at++;
        move(m, to, begin, 2);
        move(m, begin, to, 2);
    }
    unsigned end = m->states++;
    move(m, to, end, 2);
    return end;
}

static unsigned parse_sum(machine *m, unsigned from) {
    unsigned to = from, end = m->states++;
    for (;; m->at++) {
        to = from;
        while (*m->at && *m->at != ')' && *m->at != '+') to = parse_star(m, to);
        move(m, to, end, 2);
        if (*m->at != '+') return end;
    }
}

/* The last state is the one with the highest number. */
static void parse(machine *m, const char *text) {
    memset(m, 0, sizeof *m);
    m->states = 1;
    m->at = text;
    unsigned end = parse_sum(m, 0), last = m->states++;
    move(m, end, last, 2);
}

/* ---- Logs -----------------------------------------------------------------------------------------------*/

#define INPUTS "epqrln" /* without columns; one; one; two; a level of one; q at the next time point */
static unsigned width_of(char input) {
    return input == 'e' ? 0 : input == 'r' ? 2 : 1;
}

typedef struct point {
    kd_instant at;
    char input[EVENTS];
    int sign[EVENTS];
    kd_value rows[EVENTS][2];
    unsigned n;
} point;

typedef struct logged {
    point points[POINTS + 1]; /* and the supposed one */
    unsigned n;
} logged;

static void read_log(logged *l, const char *text) {
    memset(l, 0, sizeof *l);
    point *p = NULL;
    for (const char *c = text; *c;) {
        if (*c == ' ') {
            c++;
        } else if (*c == '@') {
            p = &l->points[l->n++];
            char *end;
            p->at = strtoll(c + 1, &end, 10);
            c = end;
        } else {
            p->sign[p->n] = *c == '-' ? -1 : 1;
            if (*c == '-' || *c == '+') c++;
            p->input[p->n] = *c++;
            for (unsigned k = 0; *c >= '0' && *c <= '9'; k++) p->rows[p->n][k] = *c++ - '0';
            p->n++;
        }
    }
    l->points[l->n].at = KD_NEVER;
}

/* ---- The search along every way -------------------------------------------------------------------------*/

/* Does the input have the row at the time point? */
static bool has(const logged *l, unsigned at, char input, const kd_value *row) {
    int n = 0;
    if (input == 'n') input = 'q', at++;
    for (unsigned i = input == 'l' ? 0 : at; i <= at && i <= l->n; i++)
        for (unsigned k = 0; k < l->points[i].n; k++)
            if (l->points[i].input[k] == input &&
                memcmp(l->points[i].rows[k], row, width_of(input) * sizeof *row) == 0)
                n += l->points[i].sign[k];
    return n > 0;
}

static bool passes(const machine *m, const logged *l, unsigned move_number, unsigned at,
                   const kd_value *row) {
    kd_value test[2] = {0};
    char input = m->input[move_number];
    for (unsigned c = 0; c < width_of(input); c++) test[c] = row[m->columns[move_number][c]];
    return has(l, at, input, test) != m->moves[move_number].negated;
}

/* All states and time points that can be reached from the first state at `from`. */
static void search(const machine *m, const logged *l, unsigned from, const kd_value *row,
                   bool reached[POINTS + 1][2 * MOVES]) {
    memset(reached, 0, (POINTS + 1) * sizeof *reached);
    reached[from][0] = true;
    for (bool more = true; more;) {
        more = false;
        for (unsigned at = from; at <= l->n; at++)
            for (unsigned i = 0; i < m->count; i++) {
                const kd_move *v = &m->moves[i];
                unsigned to = at + (v->what == KD_MOVE_STEP);
                if (!reached[at][v->from] || to > l->n || reached[to][v->to]) continue;
                if (v->what == KD_MOVE_TEST && !passes(m, l, i, at, row)) continue;
                more = reached[to][v->to] = true;
            }
    }
}

static bool is_between(const logged *l, unsigned from, unsigned to, kd_interval within) {
    kd_instant a = l->points[from].at, b = l->points[to].at;
    int64_t gap = from == to ? 0 : b == KD_NEVER ? KD_NEVER : b - a;
    return gap >= within.low && gap <= within.high;
}

static void print_row(char *text, size_t *n, bool first, unsigned at, const kd_value *row, unsigned width) {
    char sep = first ? ':' : ',';
    int k = first ? snprintf(text + *n, TEXT - *n, "%s%u", *n ? " " : "", at) : 0;
    *n += (size_t)k;
    text[(*n)++] = sep;
    for (unsigned i = 0; i < width; i++) text[(*n)++] = (char)('0' + row[i]);
    text[*n] = 0;
    if (*n > TEXT - 64) abort();
}

static void expect(const machine *m, const logged *l, unsigned width, kd_interval within, bool forward,
                   char *text) {
    static bool reached[POINTS + 1][2 * MOVES], holds[POINTS + 1][16];
    memset(holds, 0, sizeof holds);
    unsigned rows = width == 0 ? 1 : width == 1 ? 3 : 9;
    for (unsigned r = 0; r < rows; r++) {
        kd_value row[2] = {width == 2 ? 1 + r / 3 : 1 + r, 1 + r % 3};
        for (unsigned from = 0; from <= l->n; from++) {
            search(m, l, from, row, reached);
            for (unsigned to = from; to <= l->n; to++)
                if (reached[to][m->states - 1] && is_between(l, from, to, within))
                    holds[forward ? from : to][r] = true;
        }
    }
    size_t n = 0;
    text[0] = 0;
    for (unsigned i = 0; i < l->n; i++) {
        bool first = true;
        for (unsigned r = 0; r < rows; r++) {
            kd_value row[2] = {width == 2 ? 1 + r / 3 : 1 + r, 1 + r % 3};
            if (!holds[i][r]) continue;
            print_row(text, &n, first, i, row, width);
            first = false;
        }
    }
}

/* ---- The engine -----------------------------------------------------------------------------------------*/

typedef struct told {
    char text[TEXT];
    size_t n;
    unsigned width;
} told;

static int by_value(const void *a, const void *b) {
    const kd_value *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : x[1] != y[1] ? (x[1] < y[1] ? -1 : 1) : 0;
}

static kd_status tell(void *ctx, uint64_t index, kd_instant at, const kd_value *rows, size_t count) {
    told *t = ctx;
    kd_value sorted[256][2] = {{0}};
    if (count > 256) return KD_FAILED;
    for (size_t i = 0; i < count; i++)
        for (unsigned c = 0; c < t->width; c++) sorted[i][c] = rows[i * t->width + c];
    qsort(sorted, count, sizeof *sorted, by_value);
    for (size_t i = 0; i < count; i++)
        print_row(t->text, &t->n, i == 0, (unsigned)index, sorted[i], t->width);
    return KD_OK;
}

static kd_node node_of(kd_plan *p, char input) {
    if (input == 'n') return kd_plan_next(p, node_of(p, 'q'), (kd_interval){0, KD_NEVER});
    return kd_plan_input(p, (kd_str){&input, 1}, input == 'l' ? KD_LEVEL : KD_PULSE, width_of(input));
}

static kd_status feed(kd_engine *g, kd_plan *p, const logged *l, kd_error *e) {
    kd_status s = KD_OK;
    for (unsigned i = 0; !s && i < l->n; i++) {
        kd_event events[EVENTS];
        for (unsigned k = 0; k < l->points[i].n; k++)
            events[k] =
                (kd_event){node_of(p, l->points[i].input[k]), l->points[i].sign[k], 0, l->points[i].rows[k]};
        s = kd_engine_push(g, l->points[i].at, events, l->points[i].n, e);
    }
    return s ? s : kd_engine_finish(g, e);
}

/* Builds, runs, closes. KD_INVALID also when the builder refuses: `refused` says so. */
static kd_status run(const kd_allocator *from, machine *m, const logged *l, unsigned width,
                     kd_interval within, bool forward, bool *refused, told *t, kd_error *e) {
    kd_plan *p;
    kd_engine *g = NULL;
    memset(t, 0, sizeof *t);
    t->width = width;
    *refused = false;
    if (kd_plan_open(from, &p)) return kd_fail_nomem(e);
    for (const char *c = INPUTS; *c; c++) node_of(p, *c);
    for (unsigned i = 0; i < m->count; i++)
        if (m->moves[i].what == KD_MOVE_TEST) m->moves[i].test = node_of(p, m->input[i]);
    kd_plan_watch(p, kd_plan_match(p, m->moves, m->count, m->states, width, within, forward));
    kd_status s = kd_plan_error(p, e);
    *refused = s == KD_INVALID;
    kd_engine_options o = {.from = from, .log_time = true, .verdicts = tell, .ctx = t};
    if (!s) s = kd_engine_open(p, &o, &g, e);
    if (!s) s = feed(g, p, l, e);
    kd_engine_close(g);
    kd_plan_close(p);
    return s;
}

/* ---- By hand --------------------------------------------------------------------------------------------*/

#define NEVER KD_NEVER

static const struct {
    const char *claim;
    bool forward;
    const char *expression;
    unsigned width;
    kd_interval within;
    const char *log, *verdicts; /* NULL: refused for the reason in `log` */
} by_hand[] = {
    {"a past test holds where it stands", false, "p0", 1, {0, 0}, "@0 p1 @1 @2 p2 p3", "0:1 2:2,3"},
    {"a step goes to the next time point, whatever its instant",
     false,
     "p0.",
     1,
     {0, NEVER},
     "@0 p1 @0 @9 p2 @100",
     "1:1 3:2"},
    {"past: p ever since q",
     false,
     "q0(.p0)*",
     1,
     {0, NEVER},
     "@0 q1 q2 @1 p1 p2 @2 p1 @3 p2",
     "0:1,2 1:1,2 2:1"},
    {"past: the newest beginning is kept where it suffices",
     false,
     "q0.*",
     1,
     {0, 2},
     "@0 q1 @1 @2 q1 @4 @5",
     "0:1 1:1 2:1 3:1"},
    {"past: a beginning is too young, then in time, then too old",
     false,
     "q0.*",
     1,
     {2, 3},
     "@0 q1 @1 q1 @2 @3 @4 @5",
     "2:1 3:1 4:1"},
    {"past: with no upper end the oldest beginning counts",
     false,
     "q0.*",
     1,
     {5, NEVER},
     "@0 q1 @4 q1 @5 @100",
     "2:1 3:1"},
    {"past: a negated test meets what was bound before it",
     false,
     "q0(.!p0)*",
     1,
     {0, NEVER},
     "@0 q1 q2 @1 @2 p1 @3",
     "0:1,2 1:1,2 2:2 3:2"},
    {"past: columns of several tests join",
     false,
     "p0.r01.q1",
     2,
     {0, 9},
     "@0 p1 p2 @1 r12 r23 r31 @2 q2 q1",
     "2:12"},
    {"a test that names one column twice wants equal values",
     false,
     "r00",
     1,
     {0, 9},
     "@0 r12 r22 @1 r11",
     "0:2 1:1"},
    {"rows found on two ways are told once", false, "p0.+p0q0.+p0*p0.", 1, {0, 9}, "@0 p1 q1 @1", "1:1"},
    {"a level is tested as it stands at each time point",
     false,
     "l0.l0",
     1,
     {0, 9},
     "@0 +l1 @1 +l2 @2 -l1 @3",
     "1:1 2:2 3:2"},
    {"without columns the row is empty", false, "e(.!e)*", 0, {0, 3}, "@0 e @1 @2 @3 e @4", "0: 1: 2: 3: 4:"},
    {"nothing at all to test: a number of steps", false, "..", 0, {0, 5}, "@0 @1 @2 @9 @10", "2:"},
    {"a way without end in jumps", false, "(p0*)*p0", 1, {0, 0}, "@0 p1", "0:1"},
    {"future: p until q", true, "(p0.)*q0", 1, {0, 9}, "@0 p1 @1 p1 p2 @2 q1 q2", "0:1 1:1,2 2:1,2"},
    {"future: the end comes in time", true, ".*q0", 1, {2, 3}, "@0 @1 @2 @3 q1 @4 q2", "0:1 1:1,2 2:2"},
    {"future: a negated test before what binds it",
     true,
     "(!p0.)*q0",
     1,
     {0, 9},
     "@0 @1 p1 @2 @3 q1 q2",
     "0:2 1:2 2:1,2 3:1,2"},
    {"future: a negated test after what binds it",
     true,
     "p0.!q0",
     1,
     {0, 9},
     "@0 p1 p2 @1 q1 p1 @2",
     "0:2 1:1"},
    {"future: a time point is supposed after the last, out of any interval",
     true,
     "p0.*.",
     1,
     {0, 9},
     "@0 p1 @1 p2",
     "0:1"},
    {"future: time points at one instant are steps",
     true,
     "p0..q0",
     1,
     {0, 0},
     "@5 p1 @5 @5 q1 @6 q1",
     "0:1"},
    {"future: no tests", true, "...", 0, {2, 3}, "@0 @1 @2 @3 @9 @10", "0:"},
    {"future: a level", true, "l0.!l0", 1, {0, 9}, "@0 +l1 @1 @2 -l1 @3", "1:1"},
    {"future: the last time point is decided when the log ends", true, "p0", 1, {0, 100}, "@0 @1 p3", "1:3"},
    {"past: a test that is known later", false, "p0.n0", 1, {0, 9}, "@0 p1 @1 p2 @2 q1 @3 q2", "1:1 2:2"},
    {"future: tests that are known at different times",
     true,
     "(p0+n0).q0",
     1,
     {0, 9},
     "@0 p1 @1 q1 @2 q2 @3",
     "0:1 1:2"},
    {"refused: a way that names not every column", false, "p0+e", 1, {0, 9}, "unbound", NULL},
    {"refused: a column named by a negated test alone", true, "!p0", 1, {0, 9}, "unbound", NULL},
    {"refused: past, negated before it is bound", false, "!p0.q0", 1, {0, 9}, "negated", NULL},
    {"refused: negated before one binding and after another", true, "p0.!r01.q1", 2, {0, 9}, "negated", NULL},
    {"refused: a future without end", true, "p0", 1, {0, NEVER}, "interval", NULL},
    {"refused: an empty interval", false, "p0", 1, {3, 2}, "interval", NULL},
    {"refused: a column beyond the row", false, "p0q1", 1, {0, 2}, "column", NULL},
};

static void check_by_hand(void) {
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        static machine m;
        static logged l;
        static told t;
        kd_error e = {0};
        bool refused;
        parse(&m, by_hand[i].expression);
        read_log(&l, by_hand[i].verdicts ? by_hand[i].log : "@0");
        kd_status s =
            run(NULL, &m, &l, by_hand[i].width, by_hand[i].within, by_hand[i].forward, &refused, &t, &e);
        if (by_hand[i].verdicts)
            kdtest_claim(s == KD_OK && !strcmp(t.text, by_hand[i].verdicts), "%s: \"%s\", wanted \"%s\" %s",
                         by_hand[i].claim, t.text, by_hand[i].verdicts, e.message);
        else
            kdtest_claim(refused && !strcmp(e.reason, by_hand[i].log), "%s: %s %s", by_hand[i].claim,
                         e.reason, e.message);
    }
}

/* What no expression can ask for. */
static void check_moves(void) {
    static kd_move many[300];
    const unsigned column = 0;
    static const struct {
        const char *claim;
        unsigned from, to, count, states, width;
        const char *reason;
    } wrong[] = {{"a state beyond the last", 0, 2, 1, 2, 0, "match"},
                 {"from a state beyond the last", 5, 1, 1, 2, 0, "match"},
                 {"257 moves", 0, 1, 257, 2, 0, "match"},
                 {"no state", 0, 0, 0, 0, 0, "match"},
                 {"25 columns", 0, 1, 1, 2, 25, "width"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        kd_plan *p;
        kd_error e = {0};
        if (kd_plan_open(NULL, &p)) abort();
        for (unsigned k = 0; k < 300; k++)
            many[k] = (kd_move){wrong[i].from, wrong[i].to, KD_MOVE_STEP, 0, &column, 0};
        kd_node n = kd_plan_match(p, many, wrong[i].count, wrong[i].states, wrong[i].width,
                                  (kd_interval){0, 1}, true);
        kdtest_claim(n == 0 && kd_plan_error(p, &e) && !strcmp(e.reason, wrong[i].reason), "refused: %s: %s",
                     wrong[i].claim, e.message);
        kd_plan_close(p);
    }
}

/* ---- At random ------------------------------------------------------------------------------------------*/

static uint64_t seed = 1;
static unsigned below(unsigned n) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

static void make_expression(char *text, unsigned width, unsigned depth) {
    char *to = text + strlen(text);
    unsigned kind = below(depth ? 10 : 4);
    if (kind == 0) {
        strcpy(to, ".");
    } else if (kind < 4) {
        char input = INPUTS[width ? below(6) : 0];
        unsigned c = width_of(input), n = 0;
        if (below(4) == 0) to[n++] = '!';
        to[n++] = input;
        for (unsigned i = 0; i < c; i++) to[n++] = (char)('0' + below(width));
        to[n] = 0;
    } else if (kind < 7) {
        make_expression(text, width, depth - 1);
        make_expression(text, width, depth - 1);
    } else {
        strcat(text, "(");
        make_expression(text, width, depth - 1);
        if (kind == 7) strcat(text, "+");
        if (kind == 7) make_expression(text, width, depth - 1);
        strcat(text, kind == 7 ? ")" : ")*");
    }
}

/* What binds all columns, somewhere, so that not too many are refused. */
static void make_whole(char *text, unsigned width, bool forward) {
    static const char *const binds[] = {"", "p0", "r01"};
    text[0] = 0;
    unsigned where = width ? below(4) : 3;
    if (where == 0 || (where == 1 && !forward)) strcat(text, binds[width]);
    make_expression(text, width, 4);
    if (where == 1 && forward) strcat(text, binds[width]);
    if (where == 2) {
        strcat(text, width == 2 ? "r10" : "q0");
        make_expression(text, width, 3);
    }
}

static void make_log(char *text) {
    unsigned at = 0, n = 1 + below(14);
    bool there[4] = {false};
    size_t k = 0;
    for (unsigned i = 0; i < n; i++) {
        at += below(3) ? below(3) : 0;
        k += (size_t)sprintf(text + k, "@%u ", at);
        for (unsigned r = below(20) ? below(9) : EVENTS; r > 0; r--) {
            unsigned v = 1 + below(3);
            switch (below(5)) {
            case 0:
                k += (size_t)sprintf(text + k, "e ");
                break;
            case 1:
                k += (size_t)sprintf(text + k, "%c%u ", below(2) ? 'p' : 'q', v);
                break;
            case 2:
                k += (size_t)sprintf(text + k, "%cl%u ", there[v] ? '-' : '+', v);
                there[v] = !there[v];
                break;
            default:
                k += (size_t)sprintf(text + k, "r%u%u ", v, 1 + below(3));
            }
        }
    }
}

static void check_at_random(unsigned rounds) {
    static machine m;
    static logged l;
    static told t;
    unsigned held = 0, accepted = 0, told_of = 0;
    for (unsigned i = 0; i < rounds; i++) {
        char expression[TEXT], log[TEXT] = "", wanted[TEXT];
        unsigned width = below(3);
        bool forward = below(2), refused;
        kd_interval within = {below(3) ? 0 : below(4), 0};
        within.high = forward || below(2) ? within.low + below(5) : KD_NEVER;
        uint64_t from = seed;
        make_whole(expression, width, forward);
        make_log(log);
        parse(&m, expression);
        read_log(&l, log);
        kd_error e = {0};
        kd_status s = run(NULL, &m, &l, width, within, forward, &refused, &t, &e);
        if (refused) continue;
        accepted++;
        expect(&m, &l, width, within, forward, wanted);
        told_of += wanted[0] != 0;
        bool same = s == KD_OK && !strcmp(t.text, wanted);
        held += same;
        if (!same)
            kdtest_claim(false, "seed %llu: %s [%lld,%lld] %s over %s: \"%s\", wanted \"%s\" %s",
                         (unsigned long long)from, forward ? "future" : "past", (long long)within.low,
                         (long long)within.high, expression, log, t.text, wanted, e.message);
        if (accepted - held > 5) break;
    }
    kdtest_claim(held == accepted && accepted > rounds / 3 && told_of > accepted / 4,
                 "random expressions as a search along every way has them: %u of %u (%u with rows)", held,
                 accepted, told_of);
}

/* ---- Without memory -------------------------------------------------------------------------------------*/

typedef struct purse {
    size_t calls, fail_at, bytes;
} purse;

static void *take(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    purse *u = ctx;
    if (new_bytes && ++u->calls == u->fail_at) return NULL;
    u->bytes += new_bytes - old_bytes;
    if (new_bytes) return realloc(p, new_bytes);
    free(p);
    return NULL;
}

static void check_without_memory(void) {
    static const char *const expressions[] = {"r01(.!p0+.q1)*", "(!p0.)*r01.*", "r01.!p0"};
    for (size_t i = 0; i < 6; i++) {
        static machine m;
        static logged l;
        static told t;
        bool refused, forward = i % 2;
        size_t calls = 1, sound = 0;
        for (size_t n = 0; n <= calls; n++) {
            purse u = {.fail_at = n};
            kd_allocator from = {take, &u};
            kd_error e = {0};
            parse(&m, expressions[forward ? 1 + i / 3 : 0]);
            read_log(&l,
                     "@0 p1 r12 r23 r33 @1 q2 r11 +l1 @2 p2 r13 r21 @2 q3 r32 @4 r22 r12 @5 p1 q1 @6 @9 r33");
            kd_status s = run(&from, &m, &l, 2, (kd_interval){(int)i / 2, 4}, forward, &refused, &t, &e);
            if (!n) calls = u.calls;
            sound += s == (n ? KD_NOMEM : KD_OK) && u.bytes == 0;
        }
        kdtest_claim(sound == calls + 1,
                     "memory runs out at each of %zu calls: said and given back %zu times", calls, sound);
    }
}

int main(int argc, char **argv) {
    check_by_hand();
    check_moves();
    check_at_random(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000);
    check_without_memory();
    return kdtest_end("test_engine_match");
}

/* build_match.c: the builder of MATCH: checks an automaton, drops what lies on no way, and settles in which
 * direction it can run.
 *
 * Run forward, a test that is negated meets ways whose columns were bound before it; run backward, those bound
 * after it. Which columns every way to (or from) a state binds is a fixpoint over sets of columns. */
#include "engine/automaton.h"

#include <string.h>

#define MOVES_MAX  256
#define STATES_MAX 1024

typedef struct draft {
    const kd_move *moves;
    unsigned count, states, width;
    bool used[MOVES_MAX];                           /* lies on a way from the first state to the last */
    uint32_t sets[MOVES_MAX];                       /* the columns that its test names */
    uint32_t before[STATES_MAX], after[STATES_MAX]; /* columns bound on every way to the state, and from it */
    kd_node tests[MOVES_MAX];
    uint32_t test_of[MOVES_MAX];
    uint32_t test_count;
} draft;

static bool check_move(kd_plan *p, draft *d, unsigned i) {
    const kd_move *m = &d->moves[i];
    if (m->from >= d->states || m->to >= d->states || (unsigned)m->what > KD_MOVE_JUMP) {
        plan_fail(p, KD_INVALID, "match", "match: move %u leads from or to a state that is not there", i);
        return false;
    }
    if (m->what != KD_MOVE_TEST) return true;
    if (m->test == 0 || m->test >= p->node_count) {
        plan_fail(p, KD_USAGE, "no_node", "match: the test of move %u is no node of the plan", i);
        return false;
    }
    for (unsigned c = 0; c < p->nodes[m->test].width; c++) {
        if (m->columns[c] >= d->width) {
            plan_fail(p, KD_INVALID, "column", "match: column %u of a row that has %u", m->columns[c],
                      d->width);
            return false;
        }
        d->sets[i] |= UINT32_C(1) << m->columns[c];
    }
    return true;
}

/* Marks what can be reached along the moves, from the first state or, against them, from the last. */
static void reach(const draft *d, bool against, bool *reached) {
    reached[against ? d->states - 1 : 0] = true;
    for (bool more = true; more;) {
        more = false;
        for (unsigned i = 0; i < d->count; i++) {
            unsigned from = against ? d->moves[i].to : d->moves[i].from;
            unsigned to = against ? d->moves[i].from : d->moves[i].to;
            if (!reached[from] || reached[to]) continue;
            more = reached[to] = true;
        }
    }
}

/* The greatest fixpoint: sets only shrink, at most once a column and state. */
static void bind(const draft *d, bool against, uint32_t *bound) {
    for (unsigned s = 0; s < d->states; s++) bound[s] = UINT32_MAX;
    bound[against ? d->states - 1 : 0] = 0;
    for (bool more = true; more;) {
        more = false;
        for (unsigned i = 0; i < d->count; i++) {
            const kd_move *m = &d->moves[i];
            if (!d->used[i]) continue;
            uint32_t set = bound[against ? m->to : m->from] | (m->negated ? 0 : d->sets[i]);
            uint32_t *to = &bound[against ? m->from : m->to];
            more |= (*to & ~set) != 0;
            *to &= set;
        }
    }
}

/* Are the columns of all negated tests bound when they are met in that direction? */
static bool can_run(const draft *d, bool backward) {
    for (unsigned i = 0; i < d->count; i++) {
        const kd_move *m = &d->moves[i];
        if (!d->used[i] || m->what != KD_MOVE_TEST || !m->negated) continue;
        if (d->sets[i] & ~(backward ? d->after[m->to] : d->before[m->from])) return false;
    }
    return true;
}

static bool analyse(kd_plan *p, draft *d) {
    bool from[STATES_MAX] = {false}, to[STATES_MAX] = {false};
    reach(d, false, from);
    reach(d, true, to);
    for (unsigned i = 0; i < d->count; i++) d->used[i] = from[d->moves[i].from] && to[d->moves[i].to];
    bind(d, false, d->before);
    bind(d, true, d->after);
    uint32_t all = (uint32_t)((UINT64_C(1) << d->width) - 1);
    if (!from[d->states - 1] || !(all & ~d->before[d->states - 1])) return true;
    plan_fail(p, KD_INVALID, "unbound",
              "match: a way from the first state to the last names not every column");
    return false;
}

/* Each node that is tested once; levels as what they hold at every time point. */
static bool gather_tests(kd_plan *p, draft *d) {
    for (unsigned i = 0; i < d->count; i++) {
        const kd_move *m = &d->moves[i];
        if (!d->used[i] || m->what != KD_MOVE_TEST) continue;
        kd_node test = p->nodes[m->test].kind == KD_LEVEL ? plan_spread(p, m->test) : m->test;
        if (!test) return false;
        uint32_t k = 0;
        while (k < d->test_count && d->tests[k] != test) k++;
        if (k == d->test_count) d->tests[d->test_count++] = test;
        d->test_of[i] = k;
    }
    return true;
}

static size_t write_words(const kd_plan *p, const draft *d, kd_interval within, bool backward,
                          kd_value *words) {
    size_t n = MATCH_WORDS;
    kd_value moves = 0;
    for (unsigned i = 0; i < d->count; i++) {
        const kd_move *m = &d->moves[i];
        if (!d->used[i]) continue;
        bool test = m->what == KD_MOVE_TEST;
        kd_value head[6] = {m->from, m->to, m->what, d->test_of[i], test && m->negated, 0};
        if (test) head[5] = p->nodes[m->test].width;
        memcpy(words + n, head, sizeof head);
        n += 6;
        for (kd_value c = 0; c < head[5]; c++) words[n++] = m->columns[c];
        moves++;
    }
    words[MATCH_LOW] = within.low;
    words[MATCH_HIGH] = within.high;
    words[MATCH_WIDTH] = d->width;
    words[MATCH_STATES] = d->states;
    words[MATCH_BACKWARD] = backward;
    words[MATCH_MOVES] = moves;
    return n;
}

static kd_node add(kd_plan *p, draft *d, kd_interval within, bool forward) {
    /* A node that looks ahead needs an input to wait for. */
    if (forward && !d->test_count && !(d->tests[d->test_count++] = kd_plan_tick(p))) return 0;
    kd_value *words = NULL;
    size_t room = 0;
    if (!eng_reserve(&p->mem, &words, &room, MATCH_WORDS + (size_t)d->count * (6 + KD_WIDTH_MAX),
                     sizeof *words))
        return plan_fail(p, KD_NOMEM, "", " ");
    plan_node n = {.op = forward ? &eng_op_match_future : &eng_op_match_past,
                   .kind = KD_PULSE,
                   .width = d->width,
                   .more = d->tests,
                   .more_count = d->test_count,
                   .words = words};
    n.word_count = write_words(p, d, within, forward && can_run(d, true), words);
    kd_node made = plan_add(p, &n);
    eng_release(&p->mem, &words, &room, sizeof *words);
    if (made) p->log_time = true;
    return made;
}

kd_node kd_plan_match(kd_plan *p, const kd_move *moves, unsigned count, unsigned states, unsigned width,
                      kd_interval within, bool forward) {
    if (within.low < 0 || within.high < within.low || within.low == KD_NEVER ||
        (forward && within.high == KD_NEVER))
        return plan_fail(p, KD_INVALID, "interval",
                         "match: the interval is empty, begins below zero, or has no "
                         "end where the future is looked at");
    if (count > MOVES_MAX || states == 0 || states > STATES_MAX)
        return plan_fail(p, KD_INVALID, "match",
                         "match: %u moves and %u states; at most %d and 1 to %d are possible", count, states,
                         MOVES_MAX, STATES_MAX);
    if (width > KD_WIDTH_MAX)
        return plan_fail(p, KD_INVALID, "width", "match: a row of %u columns; at most %d are possible", width,
                         KD_WIDTH_MAX);
    draft d = {.moves = moves, .count = count, .states = states, .width = width};
    for (unsigned i = 0; i < count; i++)
        if (!check_move(p, &d, i)) return 0;
    if (!analyse(p, &d)) return 0;
    if (!can_run(&d, false) && !(forward && can_run(&d, true)))
        return plan_fail(p, KD_INVALID, "negated",
                         "match: a negated test names a column that not every way binds %s it",
                         forward ? "before it, or every way after" : "before");
    return gather_tests(p, &d) ? add(p, &d, within, forward) : 0;
}

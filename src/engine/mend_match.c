/* mend_match.c: the search through MATCH. The row asked for binds every column, so every test is that one row of
 * its node is there, or (negated) is not: what is left is the shortest way through the automaton along the
 * pushed time points, each test costing the events that it needs. */
#include "engine/automaton.h"
#include "engine/mend.h"

#include <string.h>

typedef struct step {
    uint32_t cost;      /* UINT32_MAX: no way */
    const kd_value *by; /* the move that led here; NULL: it begins here */
} step;

typedef struct matched {
    eng_mender *m;
    const plan_node *n;
    const kd_value *row;
    uint64_t low, high; /* pushed time points that a way may touch */
    uint64_t here;      /* the one asked for */
    uint32_t states;
    step *steps; /* by time point from low, then state */
    bool whole;  /* ways of the whole that the part is to have; else ways that the part has, at no cost */
} matched;

static step *step_at(const matched *s, uint64_t point, uint32_t state) {
    return &s->steps[(point - s->low) * s->states + state];
}

static eng_when when_of(const matched *s, uint64_t point) {
    return eng_trace_push(s->m->t->g->trace, point);
}

/* The row that the test of a move asks for. */
static kd_node test_of(const matched *s, const kd_value *move, kd_value *row) {
    for (kd_value c = 0; c < move[5]; c++) row[c] = s->row[move[6 + c]];
    return s->n->more[move[3]];
}

static bool is_there(const matched *s, const kd_value *move, uint64_t point, bool whole) {
    kd_value row[KD_WIDTH_MAX];
    kd_node node = test_of(s, move, row);
    return eng_tale_count(eng_mender_tale(s->m, node, whole), KD_PULSE, row, (unsigned)move[5],
                          when_of(s, point)) > 0;
}

/* What a test needs of the part. */
static eng_pick needs(const matched *s, const kd_value *move, uint64_t point) {
    kd_value row[KD_WIDTH_MAX];
    if (move[2] != KD_MOVE_TEST) return ENG_NOTHING;
    kd_node node = test_of(s, move, row);
    if (is_there(s, move, point, s->whole) != (move[4] == 0)) return ENG_NO_PICK;
    return eng_ask(s->m, node, when_of(s, point), row, move[4] ? ENG_NO_MORE : ENG_SOME);
}

static bool relax(const matched *s, const kd_value *move, uint64_t point, const step *from) {
    uint64_t to = move[2] == KD_MOVE_STEP ? point + 1 : point;
    if (from->cost == UINT32_MAX || to > s->high) return false;
    eng_pick p = needs(s, move, point);
    step *next = step_at(s, to, (uint32_t)move[1]);
    uint32_t cost = from->cost + (s->whole ? p.n : 0);
    if (!p.ok || cost >= next->cost) return false;
    *next = (step){cost, move};
    return true;
}

/* Every move at a time point, until nothing gets cheaper: costs are whole numbers and only fall. */
static void relax_point(const matched *s, uint64_t point) {
    for (bool more = true; more;) {
        more = false;
        const kd_value *move = s->n->words + MATCH_WORDS;
        for (kd_value k = 0; k < s->n->words[MATCH_MOVES]; k++, move += 6 + move[5]) {
            step from = *step_at(s, point, (uint32_t)move[0]);
            bool cheaper = relax(s, move, point, &from);
            more |= cheaper && move[2] != KD_MOVE_STEP;
        }
    }
}

/* May a way that touches the time point asked for begin (past) or end (future) at this one? */
static bool may_turn(const matched *s, uint64_t point) {
    const kd_instant *at = s->m->t->g->trace->pushed;
    uint64_t a = point < s->here ? point : s->here, b = point < s->here ? s->here : point;
    int64_t age = eng_way_age(at[a], at[b]);
    return age >= s->n->words[MATCH_LOW] && age <= s->n->words[MATCH_HIGH];
}

/* The cheapest way's last time point; false when there is no way. */
static bool find_way(matched *s, bool future, uint64_t *end) {
    size_t count = (size_t)(s->high - s->low + 1) * s->states;
    uint32_t best = UINT32_MAX;
    s->steps = kd_arena_array(&s->m->arena, count, sizeof *s->steps);
    if (!s->steps) return !(s->m->nomem = true);
    for (size_t i = 0; i < count; i++) s->steps[i].cost = UINT32_MAX;
    for (uint64_t point = s->low; point <= s->high; point++) {
        if (future ? point == s->here : may_turn(s, point)) *step_at(s, point, 0) = (step){0, NULL};
        relax_point(s, point);
        uint32_t cost = step_at(s, point, s->states - 1)->cost;
        if (cost >= best || (future ? !may_turn(s, point) : point != s->here)) continue;
        best = cost;
        *end = point;
    }
    return best != UINT32_MAX;
}

/* What the whole has against a test of the part's way. */
static eng_pick against(const matched *s, const kd_value *move, uint64_t point) {
    kd_value row[KD_WIDTH_MAX];
    if (move[2] != KD_MOVE_TEST) return ENG_NO_PICK;
    kd_node node = test_of(s, move, row);
    return move[4] ? eng_gain(s->m, node, when_of(s, point), row)
                   : eng_lessen(s->m, node, when_of(s, point), row);
}

static eng_pick walk_back(const matched *s, uint64_t point) {
    eng_basket all = eng_basket_of(s->m);
    eng_pick best = ENG_NO_PICK;
    uint32_t state = s->states - 1;
    for (const kd_value *move; (move = step_at(s, point, state)->by) != NULL;) {
        if (move[2] == KD_MOVE_STEP) point--;
        state = (uint32_t)move[0];
        if (s->whole)
            eng_basket_add(&all, needs(s, move, point));
        else
            best = eng_better(best, against(s, move, point));
    }
    return s->whole ? eng_basket_close(&all) : best;
}

eng_pick eng_mend_match(eng_mender *m, kd_node node, eng_when when, const kd_value *row, eng_want want) {
    const eng_trace *trace = m->t->g->trace;
    const plan_node *n = &m->t->g->plan->nodes[node];
    bool future = n->op == &eng_op_match_future;
    matched s = {.m = m,
                 .n = n,
                 .row = row,
                 .here = when.pushed - 1,
                 .states = (uint32_t)n->words[MATCH_STATES],
                 .whole = want != ENG_NO_MORE};
    s.low = s.high = s.here;
    int64_t most = n->words[MATCH_HIGH];
    while (!future && s.low > 0 && eng_way_age(trace->pushed[s.low - 1], when.at) <= most) s.low--;
    while (future && s.high + 1 < trace->pushed_count &&
           eng_way_age(when.at, trace->pushed[s.high + 1]) <= most)
        s.high++;
    uint64_t end;
    return find_way(&s, future, &end) ? walk_back(&s, end) : ENG_NO_PICK;
}

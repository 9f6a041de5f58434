/* tell_match.c: the story of MATCH: ways through its automaton over the pushed time points.
 *
 * A way is a state, the columns bound so far, and the time point at which it began. Ways of one beginning go on
 * together: tests and jumps at one time point until there are no more of them, then steps to the next. Read
 * backward, moves are turned round and time runs down. */
#include "engine/automaton.h"
#include "engine/story.h"

typedef struct way {
    uint32_t state, mask; /* mask: the columns that are bound; the others are 0 */
    kd_value row[KD_WIDTH_MAX];
} way;

typedef struct ways {
    way *all;
    size_t n, room;
} ways;

typedef struct matching {
    eng_teller *t;
    const plan_node *n;
    bool backward;
    uint32_t last; /* the state at which a way ends */
    ways here, next;
    eng_tale *out;
} matching;

static bool put_way(matching *m, ways *to, const way *w) {
    for (size_t i = 0; i < to->n; i++)
        if (to->all[i].state == w->state && to->all[i].mask == w->mask &&
            eng_same(to->all[i].row, w->row, m->n->width))
            return true;
    if (!eng_reserve(&m->t->g->mem, &to->all, &to->room, to->n + 1, sizeof *to->all)) return false;
    to->all[to->n++] = *w;
    return true;
}

/* Binds the columns of a test's row; false when the way has others there. */
static bool bind(way *w, const kd_value *columns, unsigned count, const kd_value *row) {
    for (unsigned i = 0; i < count; i++) {
        uint32_t bit = UINT32_C(1) << columns[i];
        if ((w->mask & bit) && w->row[columns[i]] != row[i]) return false;
        w->mask |= bit;
        w->row[columns[i]] = row[i];
    }
    return true;
}

/* Goes through a test at a time point, with every row of its node that agrees. */
static bool test(matching *m, const way *from, uint32_t to, const kd_value *move, uint64_t point) {
    const eng_tale *in = &m->t->part.tales[m->n->more[move[3]]];
    eng_when when = eng_trace_push(m->t->g->trace, point);
    bool met = false;
    for (size_t i = eng_tale_from(in, when); i < in->n && eng_when_order(in->spans[i].from, when) == 0; i++) {
        way w = *from;
        if (!bind(&w, move + 6, (unsigned)move[5], in->spans[i].row)) continue;
        met = true;
        w.state = to;
        if (!move[4] && !put_way(m, &m->here, &w)) return false;
    }
    if (!move[4] || met) return true;
    way w = *from;
    w.state = to;
    return put_way(m, &m->here, &w);
}

/* All ways at a time point go on; new ones are put behind those that are there. */
static bool go_on(matching *m, uint64_t point) {
    m->next.n = 0;
    for (size_t i = 0; i < m->here.n; i++) {
        const kd_value *move = m->n->words + MATCH_WORDS;
        for (kd_value k = 0; k < m->n->words[MATCH_MOVES]; k++, move += 6 + move[5]) {
            uint32_t from = (uint32_t)move[m->backward ? 1 : 0], to = (uint32_t)move[m->backward ? 0 : 1];
            way w = m->here.all[i];
            if (w.state != from) continue;
            bool fine;
            if (move[2] == KD_MOVE_TEST) {
                fine = test(m, &w, to, move, point);
            } else {
                w.state = to;
                fine = put_way(m, move[2] == KD_MOVE_STEP ? &m->next : &m->here, &w);
            }
            if (!fine) return false;
        }
    }
    return true;
}

static bool put_row(matching *m, const way *w, uint64_t point) {
    eng_when when = eng_trace_push(m->t->g->trace, point);
    kd_value *row = kd_arena_array(&m->t->part.arena, m->n->width + 1, sizeof *row);
    if (!row) return false;
    eng_copy(row, w->row, m->n->width);
    return eng_tale_put(&m->t->part, m->out, (eng_span){.row = row, .from = when, .to = when, .count = 1});
}

static bool fits(const matching *m, uint64_t a, uint64_t b, bool *too_far) {
    const kd_instant *at = m->t->g->trace->pushed;
    int64_t age = eng_way_age(at[a < b ? a : b], at[a < b ? b : a]);
    *too_far = age > m->n->words[MATCH_HIGH];
    return age >= m->n->words[MATCH_LOW] && !*too_far;
}

/* All ways from one time point on, in the direction of reading. */
static bool run_from(matching *m, uint64_t begin) {
    uint64_t points = m->t->g->trace->pushed_count;
    bool future = m->n->op == &eng_op_match_future;
    way first = {.state = m->backward ? m->last : 0};
    uint32_t end = m->backward ? 0 : m->last;
    m->here.n = 0;
    if (!put_way(m, &m->here, &first)) return false;
    for (uint64_t point = begin; m->here.n && point < points; point = m->backward ? point - 1 : point + 1) {
        bool too_far, near = fits(m, begin, point, &too_far);
        if (too_far) return true;
        if (!go_on(m, point)) return false;
        uint64_t tell = future == m->backward ? point : begin; /* the earlier of the two, or the later */
        for (size_t i = 0; near && i < m->here.n; i++)
            if (m->here.all[i].state == end && !put_row(m, &m->here.all[i], tell)) return false;
        ways turn = m->here;
        m->here = m->next;
        m->next = turn;
    }
    return true;
}

bool eng_tell_match(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = &t->g->plan->nodes[node];
    eng_tale raw = {0};
    matching m = {.t = t,
                  .n = n,
                  .backward = n->words[MATCH_BACKWARD] != 0,
                  .last = (uint32_t)n->words[MATCH_STATES] - 1,
                  .out = &raw};
    bool fine = true;
    for (uint64_t i = 0; fine && i < t->g->trace->pushed_count; i++) fine = run_from(&m, i);
    eng_release(&t->g->mem, &m.here.all, &m.here.room, sizeof *m.here.all);
    eng_release(&t->g->mem, &m.next.all, &m.next.room, sizeof *m.next.all);
    if (!fine || !eng_tale_settle(&t->part, &raw, KD_PULSE, n->width)) return false;
    for (uint32_t i = 0; i < raw.n; i++) { /* each row once a time point */
        bool again = false;
        for (uint32_t k = eng_tale_first(&raw, raw.spans[i].row, n->width); !again && k < i;
             k = eng_tale_next(&raw, k, n->width))
            again = eng_when_order(raw.spans[k].from, raw.spans[i].from) == 0;
        if (!again && !eng_tale_put(&t->part, out, raw.spans[i])) return false;
    }
    return true;
}

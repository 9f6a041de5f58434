/* mfotl_lower_match.c: regular expressions over time points as automata (Thompson, CACM 11(6), 1968).
 *
 *      r s    ─▶(r)─▶(s)─▶        r + s   ─┬▶(r)─┬▶        r*   ─▶( )─┬▶(r)─┐
 *                                          └▶(s)─┘                    ▲└─────┴▶   */
#include "lang/mfotl_lower.h"

typedef struct automaton {
    mf_lowering *l;
    mf_vars row; /* variables of a whole row */
    kd_move *moves;
    uint32_t count, room;
    uint32_t states;
} automaton;

static bool add_move(automaton *a, kd_move m) {
    if (a->count == a->room) {
        uint32_t room = a->room ? 2 * a->room : 16;
        kd_move *moves = kd_arena_array(&a->l->scratch, room, sizeof *moves);
        if (!moves) {
            a->l->status = KD_NOMEM;
            return false;
        }
        for (uint32_t i = 0; i < a->count; i++) moves[i] = a->moves[i];
        a->moves = moves;
        a->room = room;
    }
    a->moves[a->count++] = m;
    return true;
}

static bool jump(automaton *a, uint32_t from, uint32_t to) {
    return add_move(a, (kd_move){.from = from, .to = to, .what = KD_MOVE_JUMP});
}

static bool add_test(automaton *a, const mf_formula *f, uint32_t from, uint32_t to) {
    mf_lowering *l = a->l;
    if (mf_is_true(f)) return jump(a, from, to);
    if (mf_is_false(f)) return true;
    bool negated = mf_is_negated(f);
    const mf_formula *h = negated ? f->a : f;
    mf_rel r = mf_rel_tidy(l, mf_lower_formula(l, h, mf_vars_of(h)), mf_vars_of(h));
    unsigned *columns = kd_arena_array(&l->scratch, (size_t)r.width + 1, sizeof *columns);
    if (!columns) l->status = KD_NOMEM;
    if (r.node == 0 || !columns) return false;
    for (unsigned i = 0; i < r.width; i++)
        for (uint32_t k = 0; k < a->row.count; k++)
            if (a->row.items[k] == r.at[i]) columns[i] = k;
    return add_move(a, (kd_move){.from = from,
                                 .to = to,
                                 .what = KD_MOVE_TEST,
                                 .test = r.node,
                                 .columns = columns,
                                 .negated = negated});
}

/* Moves that lead from `from` to `to` along r. */
static bool build(automaton *a, const mf_regex *r, uint32_t from, uint32_t to) {
    uint32_t middle;
    switch (r->kind) {
    case MF_RE_STEP:
        return add_move(a, (kd_move){.from = from, .to = to, .what = KD_MOVE_STEP});
    case MF_RE_TEST:
        return add_test(a, r->test, from, to);
    case MF_RE_CONCAT:
        middle = a->states++;
        return build(a, r->a, from, middle) && build(a, r->b, middle, to);
    case MF_RE_EITHER:
        return build(a, r->a, from, to) && build(a, r->b, from, to);
    case MF_RE_STAR:
        middle = a->states++;
        return jump(a, from, middle) && build(a, r->a, middle, middle) && jump(a, middle, to);
    }
    return false;
}

mf_rel mf_lower_match(mf_lowering *l, const mf_formula *f, mf_vars need) {
    automaton a = {.l = l, .row = mf_vars_of(f), .states = 2};
    if (f->free_count > KD_WIDTH_MAX)
        return mf_lower_fail(l, KD_INVALID, f, "width", "a subformula needs rows of more than 24 columns");
    if (!build(&a, f->regex, 0, 1)) return mf_rel_failed();
    /* The last state has the last number. */
    uint32_t last = a.states - 1;
    for (uint32_t i = 0; i < a.count; i++) {
        kd_move *m = &a.moves[i];
        m->from = m->from == 1 ? last : m->from == last ? 1 : m->from;
        m->to = m->to == 1 ? last : m->to == last ? 1 : m->to;
    }
    l->out->all_points = true;
    l->out->future |= f->kind == MF_FORWARD;
    kd_node n =
        kd_plan_match(l->plan, a.moves, a.count, a.states, f->free_count, f->within, f->kind == MF_FORWARD);
    return mf_rel_of(l, n, mf_vars_of(f), NULL);
}

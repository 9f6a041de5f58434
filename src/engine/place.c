/* place.c: lays a plan out: which stage each node stands on, what is carried from stage to stage, who looks
 * rows up where they are.
 *
 * A stage is a set of needs (run.h). A node that looks back only stands where its inputs stand; where these
 * differ, on the one that implies the other, or on a new stage that needs both. EVENTUALLY, UNTIL and NEXT
 * open a stage of their own. Feedback stands on a stage that runs after its body's, and the operator through
 * which it is looked at needs it one time point earlier. */
#include "engine/tail.h"

#include <string.h>

#define NEEDS_MAX 256 /* of one stage */

typedef struct plot {
    eng_stage_need *needs;
    uint32_t need_count;
    uint32_t asked; /* by which question of implies it was met last */
} plot;

typedef struct placer {
    kd_engine *g;
    const kd_plan *p;
    plot *plots; /* one a stage */
    size_t plot_count, plot_room;
    uint32_t question;
    uint32_t *stage_of;   /* by plan node */
    uint64_t *open_on;    /* by plan node: the feedbacks that it rests on at the same time point */
    uint32_t *readers_of; /* by plan node: how many read it, sinks, the watch and feedback included */
    eng_node **carries;   /* nodes that stand for another one on their own stage */
    size_t carry_count, carry_room;
    size_t node_room;
} placer;

/* ---- Stages ---------------------------------------------------------------------------------------------*/

static bool same_needs(const plot *a, const eng_stage_need *needs, uint32_t count) {
    if (a->need_count != count) return false;
    for (uint32_t i = 0; i < count; i++)
        if (a->needs[i].of != needs[i].of || a->needs[i].ahead != needs[i].ahead ||
            a->needs[i].by != needs[i].by)
            return false;
    return true;
}

static kd_status new_stage(placer *w, const eng_stage_need *needs, uint32_t count, uint32_t *out) {
    if (!eng_reserve(&w->g->mem, &w->plots, &w->plot_room, w->plot_count + 1, sizeof *w->plots))
        return KD_NOMEM;
    plot made = {.needs = kd_arena_array(&w->g->arena, count + 1, sizeof *needs), .need_count = count};
    if (!made.needs) return KD_NOMEM;
    if (count) memcpy(made.needs, needs, count * sizeof *needs);
    *out = (uint32_t)w->plot_count;
    w->plots[w->plot_count++] = made;
    return KD_OK;
}

/* The stage with those needs. Stage 0 has none; a feedback's has none yet, and is never found. */
static kd_status stage_with(placer *w, const eng_stage_need *needs, uint32_t count, uint32_t *out) {
    for (uint32_t i = 1; i < w->plot_count; i++)
        if (count && same_needs(&w->plots[i], needs, count)) {
            *out = i;
            return KD_OK;
        }
    return new_stage(w, needs, count, out);
}

/* Each stage is met once a question: stages that meet again and again have many ways to one another. */
static bool reaches(placer *w, uint32_t s, uint32_t t) {
    if (s == t || t == 0) return true;
    plot *p = &w->plots[s];
    if (p->asked == w->question) return false;
    p->asked = w->question;
    for (uint32_t i = 0; i < p->need_count; i++)
        if (p->needs[i].by >= 0 && p->needs[i].of < s && reaches(w, p->needs[i].of, t)) return true;
    return false;
}

/* Has stage t run time point i whenever stage s runs it? */
static bool implies(placer *w, uint32_t s, uint32_t t) {
    w->question++;
    return reaches(w, s, t);
}

/* The stage that runs as soon as both have run the same time point. */
static kd_status meet(placer *w, uint32_t s, uint32_t t, uint32_t *out) {
    *out = implies(w, s, t) ? s : t;
    if (implies(w, s, t) || implies(w, t, s)) return KD_OK;
    eng_stage_need needs[2] = {{s < t ? s : t, false, 0, 0}, {s < t ? t : s, false, 0, 0}};
    return stage_with(w, needs, 2, out);
}

static uint32_t input_count(const plan_node *n) {
    return (n->in[0] != 0) + (n->in[1] != 0) + n->more_count;
}
static kd_node input_of(const plan_node *n, uint32_t k) {
    return k < 2 && n->in[k] ? n->in[k] : n->more[k - (n->in[0] != 0) - (n->in[1] != 0)];
}

static bool looks_ahead(const plan_node *n) {
    return n->op->reach == ENG_NEXT || n->op->reach == ENG_AHEAD;
}

/* Does the node look at input k one time point earlier? PREVIOUS does, wherever that is decided later; and what
 * rests on feedback must be looked at so. */
static bool is_cut(const placer *w, const plan_node *n, uint32_t k) {
    if (n->op->reach == ENG_EARLIER && w->stage_of[input_of(n, k)]) return true;
    if (k + 1 != input_count(n) || !w->open_on[input_of(n, k)]) return false;
    return n->op->reach == ENG_EARLIER_LOW && n->words[0] > 0;
}

static kd_status place_ahead(placer *w, const plan_node *n, uint32_t *out) {
    eng_stage_need needs[NEEDS_MAX];
    uint32_t count = 0;
    for (uint32_t k = 0; k < input_count(n); k++) {
        uint32_t of = w->stage_of[input_of(n, k)];
        eng_stage_need need = {of, n->op->reach == ENG_AHEAD, n->op->reach == ENG_AHEAD ? n->words[1] : 1, 0};
        bool there = false;
        for (uint32_t i = 0; i < count; i++) there |= needs[i].of == of;
        if (there) continue;
        if (count == NEEDS_MAX) return KD_INVALID;
        needs[count++] = need;
    }
    return stage_with(w, needs, count, out);
}

static kd_status place_node(placer *w, kd_node id) {
    const plan_node *n = &w->p->nodes[id];
    if (n->op == &eng_op_feedback) return new_stage(w, NULL, 0, &w->stage_of[id]);
    for (uint32_t k = 0; k < input_count(n); k++)
        if (!is_cut(w, n, k)) w->open_on[id] |= w->open_on[input_of(n, k)];
    if (looks_ahead(n)) return place_ahead(w, n, &w->stage_of[id]);
    uint32_t stage = 0;
    for (uint32_t k = 0; k < input_count(n); k++) {
        uint32_t of = w->stage_of[input_of(n, k)];
        kd_status s = KD_OK;
        if (is_cut(w, n, k)) {
            eng_stage_need needs[2] = {{stage, false, 0, 0}, {of, false, -1, 0}};
            s = w->open_on[input_of(n, k)] ? new_stage(w, needs, 2, &stage) : stage_with(w, needs, 2, &stage);
        } else {
            s = meet(w, stage, of, &stage);
        }
        if (s) return s;
    }
    w->stage_of[id] = stage;
    return KD_OK;
}

static kd_status place_all(placer *w) {
    const kd_plan *p = w->p;
    w->stage_of = kd_arena_array(&w->g->arena, p->node_count, sizeof *w->stage_of);
    w->open_on = kd_arena_array(&w->g->arena, p->node_count, sizeof *w->open_on);
    uint32_t zero;
    if (!w->stage_of || !w->open_on || new_stage(w, NULL, 0, &zero)) return KD_NOMEM;
    for (size_t i = 0; i < p->feed_count; i++)
        w->open_on[p->feeds[i].feedback] = UINT64_C(1) << i % FEEDS_MAX;
    for (kd_node i = 1; i < p->node_count; i++) {
        kd_status s = place_node(w, i);
        if (s) return s;
    }
    for (size_t i = 0; i < p->feed_count; i++) {
        plot *f = &w->plots[w->stage_of[p->feeds[i].feedback]];
        f->needs[0] = (eng_stage_need){w->stage_of[p->feeds[i].body], false, 0, 0};
        f->need_count = 1;
    }
    return KD_OK;
}

/* The farthest of a stage's needs, each with what that one needs in turn. Feedback is looked at one time point back, and
 * adds nothing. */
static int64_t reach_of(const kd_engine *g, const eng_stage *s) {
    int64_t reach = 0;
    for (uint32_t k = 0; k < s->need_count; k++) {
        const eng_stage_need *n = &s->needs[k];
        if (n->of >= s->id || n->by < 0) continue;
        bool counts = !n->ahead && n->by > 0;
        int64_t by = counts ? KD_NEVER : eng_later(g->stages[n->of].reach, n->by);
        if (by > reach) reach = by;
    }
    return reach;
}

static kd_status make_stages(placer *w) {
    kd_engine *g = w->g;
    g->stage_count = (uint32_t)w->plot_count;
    g->stages = kd_arena_array(&g->arena, g->stage_count, sizeof *g->stages);
    if (!g->stages) return KD_NOMEM;
    for (uint32_t i = 0; i < g->stage_count; i++) {
        eng_stage *s = &g->stages[i];
        s->id = i;
        s->now = s->before = INT64_MIN;
        s->needs = w->plots[i].needs;
        s->need_count = w->plots[i].need_count;
        for (uint32_t k = 0; k < s->need_count; k++) g->circular |= s->needs[k].of >= i;
        s->reach = reach_of(g, s);
    }
    return KD_OK;
}

/* ---- Nodes ----------------------------------------------------------------------------------------------*/

static eng_node *new_node(placer *w, const eng_operator *op, kd_node plan, eng_stage *stage) {
    kd_engine *g = w->g;
    const plan_node *p = &w->p->nodes[plan];
    eng_node *n = &g->nodes[g->node_count];
    *n = (eng_node){.op = op,
                    .words = p->words,
                    .word_count = p->word_count,
                    .kind = p->kind,
                    .width = p->width,
                    .id = g->node_count,
                    .plan = plan,
                    .head = plan,
                    .stage = stage};
    if (op->state_bytes && !(n->state = kd_arena_take(&g->arena, op->state_bytes))) return NULL;
    n->counted = n->kind == KD_LEVEL;
    g->node_count++;
    return n;
}

/* What stands for node `in` on a stage: itself, a copy of a constant, or a carrier. */
static eng_node *standing_for(placer *w, eng_node *in, eng_stage *stage) {
    if (in->stage == stage) return in;
    for (size_t i = 0; i < w->carry_count; i++)
        if (w->carries[i]->plan == in->plan && w->carries[i]->stage == stage) return w->carries[i];
    bool constant = in->op == &eng_op_constant;
    eng_node *made = new_node(w, constant ? &eng_op_constant : &eng_op_carry, in->plan, stage);
    if (!made ||
        !eng_reserve(&w->g->mem, &w->carries, &w->carry_room, w->carry_count + 1, sizeof *w->carries))
        return NULL;
    if (!constant) made->in[0] = in;
    w->carries[w->carry_count++] = made;
    return made;
}

static kd_status count_readers(placer *w) {
    const kd_plan *p = w->p;
    w->readers_of = kd_arena_array(&w->g->arena, p->node_count, sizeof *w->readers_of);
    if (!w->readers_of) return KD_NOMEM;
    for (kd_node i = 1; i < p->node_count; i++)
        for (uint32_t k = 0; k < input_count(&p->nodes[i]); k++) w->readers_of[input_of(&p->nodes[i], k)]++;
    for (size_t i = 0; i < p->sink_count; i++) w->readers_of[p->sinks[i].node]++;
    for (size_t i = 0; i < p->feed_count; i++) w->readers_of[p->feeds[i].body]++;
    w->readers_of[p->watched]++;
    return KD_OK;
}

/* A select or a choice of columns that alone reads its input is done by that one, as it makes its rows.
 * With a trace each node gives out what it has. */
static bool is_done_below(const placer *w, kd_node id) {
    kd_node in = w->p->nodes[id].in[0];
    if (!in || w->g->options.trace || w->readers_of[in] != 1) return false;
    return eng_tail_takes(w->p, &w->g->nodes[w->g->node_of[in]], id);
}

static void do_below(placer *w, kd_node id) {
    uint32_t at = w->g->node_of[w->p->nodes[id].in[0]];
    w->g->nodes[at].plan = id;
    w->g->nodes[at].width = w->p->nodes[id].width;
    w->g->node_of[id] = at;
}

/* ONCE[0,high] follows a level by itself. Traced, it is told as the plan has it, over what spread gives
 * out. */
static bool follows_level(const placer *w, const plan_node *n) {
    return !w->g->options.trace && n->op == &eng_op_once && n->words[0] == 0 &&
           w->p->nodes[n->in[0]].op == &eng_op_spread;
}

/* Is there nobody left to read it? */
static bool is_left_out(const placer *w, kd_node id) {
    bool read = false;
    if (w->p->nodes[id].op != &eng_op_spread) return false;
    for (kd_node i = id + 1; i < w->p->node_count; i++)
        for (uint32_t k = 0; k < input_count(&w->p->nodes[i]); k++)
            read |= input_of(&w->p->nodes[i], k) == id && !follows_level(w, &w->p->nodes[i]);
    for (size_t i = 0; i < w->p->feed_count; i++) read |= w->p->feeds[i].body == id;
    return !read;
}

static kd_status make_node(placer *w, kd_node id) {
    kd_engine *g = w->g;
    const plan_node *p = &w->p->nodes[id];
    bool follows = follows_level(w, p);
    if (is_left_out(w, id)) return KD_OK;
    if (is_done_below(w, id)) {
        do_below(w, id);
        return KD_OK;
    }
    eng_stage *stage = &g->stages[w->stage_of[id]];
    eng_node *ins[2] = {NULL, NULL}, **more = NULL;
    if (p->more_count && !(more = kd_arena_array(&g->arena, p->more_count, sizeof *more))) return KD_NOMEM;
    for (uint32_t k = 0; k < input_count(p); k++) {
        kd_node from = input_of(p, k);
        eng_node *in = &g->nodes[g->node_of[follows ? w->p->nodes[from].in[0] : from]];
        bool direct = looks_ahead(p) || is_cut(w, p, k);
        if (!direct && !(in = standing_for(w, in, stage))) return KD_NOMEM;
        if (k < 2 && p->in[k])
            ins[k] = in;
        else
            more[k - (p->in[0] != 0) - (p->in[1] != 0)] = in;
    }
    eng_node *n = new_node(w, follows ? &eng_op_once_level : p->op, id, stage);
    if (!n) return KD_NOMEM;
    n->in[0] = ins[0];
    n->in[1] = ins[1];
    n->more = more;
    n->more_count = p->more_count;
    g->node_of[id] = n->id;
    return KD_OK;
}

/* Every node could be carried to each of its readers. */
static size_t nodes_at_most(const placer *w) {
    size_t n = w->p->node_count;
    for (kd_node i = 1; i < w->p->node_count; i++) n += w->stage_of[i] ? input_count(&w->p->nodes[i]) : 0;
    return n;
}

static kd_status make_nodes(placer *w) {
    kd_engine *g = w->g;
    g->nodes = kd_arena_array(&g->arena, nodes_at_most(w) + 1, sizeof *g->nodes);
    g->node_of = kd_arena_array(&g->arena, w->p->node_count, sizeof *g->node_of);
    if (!g->nodes || !g->node_of) return KD_NOMEM;
    g->node_count = 1;
    for (kd_node i = 1; i < w->p->node_count; i++) {
        kd_status s = make_node(w, i);
        if (s) return s;
    }
    for (size_t i = 0; i < w->p->feed_count; i++)
        g->nodes[g->node_of[w->p->feeds[i].feedback]].in[0] = &g->nodes[g->node_of[w->p->feeds[i].body]];
    return KD_OK;
}

/* Rows keep the place of their event only where HOLD or LATEST asks which was pushed first. */
static void keep_orders(kd_engine *g) {
    bool asked = false;
    for (uint32_t i = 1; i < g->node_count; i++)
        asked |= g->nodes[i].op == &eng_op_hold || g->nodes[i].op == &eng_op_latest;
    for (uint32_t i = 1; asked && i < g->node_count; i++) g->nodes[i].ordered = g->nodes[i].kind == KD_PULSE;
}

/* ---- Readers --------------------------------------------------------------------------------------------*/

static uint32_t inputs_of(const eng_node *n) {
    return (n->in[0] != NULL) + (n->in[1] != NULL) + n->more_count;
}
static eng_node *input_at(const eng_node *n, uint32_t k) {
    return k < 2 && n->in[k] ? n->in[k] : n->more[k - (n->in[0] != NULL) - (n->in[1] != NULL)];
}

/* Who reads whom: the readers of all nodes in one array, those of one node side by side. */
static kd_status connect(kd_engine *g) {
    size_t edges = 0;
    for (uint32_t i = 1; i < g->node_count; i++) g->nodes[i].reader_count = 0;
    for (uint32_t i = 1; i < g->node_count; i++)
        for (uint32_t k = 0; k < inputs_of(&g->nodes[i]); k++)
            input_at(&g->nodes[i], k)->reader_count++, edges++;
    g->readers = kd_arena_array(&g->arena, edges + 1, sizeof *g->readers);
    if (!g->readers) return KD_NOMEM;
    uint32_t first = 0;
    for (uint32_t i = 1; i < g->node_count; i++) {
        g->nodes[i].first_reader = first;
        first += g->nodes[i].reader_count;
        g->nodes[i].reader_count = 0;
    }
    for (uint32_t i = 1; i < g->node_count; i++)
        for (uint32_t k = 0; k < inputs_of(&g->nodes[i]); k++) {
            eng_node *n = &g->nodes[i], *in = input_at(n, k);
            g->readers[in->first_reader + in->reader_count++] = (eng_reader){n, k, in->stage != n->stage};
        }
    return KD_OK;
}

bool eng_pairs_sorted(eng_pairs *p, const kd_value *words, unsigned side) {
    eng_pairs_read(p, words);
    uint8_t *by = side ? p->right : p->left, *other = side ? p->left : p->right;
    for (unsigned i = 1; i < p->count; i++)
        for (unsigned k = i; k > 0 && by[k - 1] > by[k]; k--) {
            uint8_t b = by[k], o = other[k];
            by[k] = by[k - 1], other[k] = other[k - 1];
            by[k - 1] = b, other[k - 1] = o;
        }
    for (unsigned i = 1; i < p->count; i++)
        if (by[i] == by[i - 1]) return false;
    return true;
}

/* Which input of a node is a level that a pulse is held against; 2: none. */
static unsigned level_of(const eng_node *n) {
    if (n->op == &eng_op_join_probe_right || n->op == &eng_op_antijoin_probe) return 1;
    return n->op == &eng_op_join_probe_left ? 0 : 2;
}

bool eng_is_heard(const kd_engine *g, const eng_node *n) {
    for (size_t k = 0; k < g->plan->sink_count; k++)
        if (g->plan->sinks[k].node == n->plan) return true;
    return g->plan->watched == n->plan;
}

/* Is the node moved by its other input alone? Looking up a level asks nothing of its changes, and where no
 * pulse came there is nothing to join it with or to take away. */
static bool is_moved_by_other(const eng_node *n, unsigned input) {
    if (input > 1 || !n->in[input] || n->in[input]->stage != n->stage) return false;
    if (n->look[input]) return true;
    if (n->op == &eng_op_antijoin_pulses) return input == 1 && n->in[0] != n->in[1];
    if (n->op != &eng_op_join_pulses || n->in[0] == n->in[1]) return false;
    /* Both are needed: what is made of others is there less often than what comes from outside. */
    bool first_is_input = n->in[0]->op == &eng_op_input_pulse;
    return input == (first_is_input ? 0 : 1);
}

/* Who need not be woken is no reader any more. */
static void leave_asleep(kd_engine *g) {
    for (uint32_t i = 1; i < g->node_count; i++) {
        eng_node *n = &g->nodes[i];
        eng_reader *r = &g->readers[n->first_reader];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < n->reader_count; k++)
            if (!is_moved_by_other(r[k].node, r[k].input)) r[kept++] = r[k];
        n->reader_count = kept;
        n->at_once &= kept > 0; /* a row that wakes nobody is cleared away only when its input has run */
    }
}

static bool is_looking(const eng_reader *r) {
    if (r->node->op == &eng_op_join_many) return r->input > 0 && (r->node->look_more >> (r->input - 1) & 1);
    return r->input < 2 && r->node->look[r->input];
}

/* Do all readers look rows up, so that none wants to hear what comes and goes? Joins of many may still choose to. */
static bool may_be_silent(const kd_engine *g, const eng_node *n) {
    if (eng_is_heard(g, n)) return false;
    for (uint32_t k = 0; k < n->reader_count; k++) {
        const eng_reader *r = &g->readers[n->first_reader + k];
        if (r->later || (r->node->op != &eng_op_join_many && !is_looking(r))) return false;
    }
    return true;
}

/* A join of many reads the rows of its levels in place where these lie still for as long as nobody sweeps them. */
static void look_at_rows(kd_engine *g, eng_node *n) {
    for (uint32_t k = 0; k < n->more_count; k++) {
        const eng_lookup *look = n->more[k]->op->lookup;
        if (look && look->offers_rows && may_be_silent(g, n->more[k]) && look->offers_rows(n->more[k]))
            n->look_more |= UINT32_C(1) << k;
    }
}

/* A level whose readers all look its rows up need not give out what comes and goes. */
static void settle_lookups(kd_engine *g) {
    for (uint32_t i = 1; i < g->node_count && !g->options.trace; i++) {
        eng_node *n = &g->nodes[i];
        unsigned k = level_of(n);
        eng_pairs on;
        if (k == 2 || n->in[k]->stage != n->stage || !n->in[k]->op->lookup) continue;
        if (!eng_pairs_sorted(&on, n->words, k)) continue;
        n->look[k] = n->in[k]->op->lookup->offers(n->in[k], k ? on.right : on.left, on.count);
    }
    for (uint32_t i = 1; i < g->node_count && !g->options.trace; i++)
        if (g->nodes[i].op == &eng_op_join_many) look_at_rows(g, &g->nodes[i]);
    for (uint32_t i = 1; i < g->node_count; i++) {
        eng_node *n = &g->nodes[i];
        bool silent = n->kind == KD_LEVEL && n->reader_count && !eng_is_heard(g, n);
        bool at_once = n->op == &eng_op_input_pulse && !eng_is_heard(g, n);
        for (uint32_t k = 0; k < n->reader_count; k++) {
            const eng_reader *r = &g->readers[n->first_reader + k];
            silent &= is_looking(r);
            at_once &= !r->later;
        }
        n->silent = silent;
        n->at_once = at_once;
    }
}

/* PREVIOUS of ONCE in one (once_before.c), where PREVIOUS is only looked up and nobody else reads the
 * window. */
static kd_status join_previous(kd_engine *g) {
    for (uint32_t i = 1; i < g->node_count; i++) {
        eng_node *n = &g->nodes[i], *once = n->in[0];
        if (n->op != &eng_op_previous_level || !n->silent || once->op != &eng_op_once ||
            once->reader_count != 1 || eng_is_heard(g, once) || once->stage != n->stage ||
            once->in[0]->stage != n->stage)
            continue;
        n->op = &eng_op_once_before;
        if (!(n->state = kd_arena_take(&g->arena, n->op->state_bytes))) return KD_NOMEM;
        n->in[0] = once->in[0];
        for (uint32_t k = 0; k < n->in[0]->reader_count; k++) {
            eng_reader *r = &g->readers[n->in[0]->first_reader + k];
            if (r->node == once) r->node = n;
        }
    }
    return KD_OK;
}

kd_status eng_place(kd_engine *g) {
    placer w = {.g = g, .p = g->plan};
    kd_status s = place_all(&w);
    if (!s) s = make_stages(&w);
    if (!s) s = count_readers(&w);
    if (!s) s = make_nodes(&w);
    if (!s) s = connect(g);
    if (!s) keep_orders(g);
    for (bool changed = true; !s && changed;) {
        settle_lookups(g);
        if (!(s = eng_fuse(g, &changed)) && changed) s = connect(g);
    }
    if (!s) s = join_previous(g);
    if (!s) leave_asleep(g);
    eng_release(&g->mem, &w.plots, &w.plot_room, sizeof *w.plots);
    eng_release(&g->mem, &w.carries, &w.carry_room, sizeof *w.carries);
    return s;
}

/* tail.c: selects and choices of columns, done to rows as they are made. */
#include "engine/tail.h"

bool eng_chooses_columns(const kd_plan *p, kd_node node) {
    const plan_node *n = &p->nodes[node];
    if (n->op != &eng_op_map) return false;
    for (size_t i = 0; i < n->word_count; i++)
        if (p->exprs[n->words[i]].op != EXPR_COLUMN) return false;
    return true;
}

static bool has_tail(const kd_plan *p, const eng_node *n) {
    return n->op == &eng_op_join_pulses || n->op == &eng_op_join_probe_right ||
           n->op == &eng_op_join_probe_left || n->op == &eng_op_join_levels ||
           n->op == &eng_op_antijoin_pulses || n->op == &eng_op_antijoin_probe ||
           n->op == &eng_op_antijoin_levels || n->op == &eng_op_select || eng_chooses_columns(p, n->head);
}

bool eng_tail_takes(const kd_plan *p, const eng_node *n, kd_node node) {
    unsigned length = 0;
    for (kd_node at = n->plan; at != n->head; at = p->nodes[at].in[0]) length++;
    return length < ENG_TAIL_MAX && has_tail(p, n) &&
           (p->nodes[node].op == &eng_op_select || eng_chooses_columns(p, node));
}

kd_str eng_label_of(const kd_plan *p, const eng_node *n) {
    kd_node at = n->plan;
    while (!p->nodes[at].label.n && at != n->head) at = p->nodes[at].in[0];
    return p->nodes[at].label;
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

static eng_spot spot_of(const eng_tail *t, uint8_t column) {
    if (column < t->left) return (eng_spot){0, column};
    return (eng_spot){1, (uint8_t)(column - t->left)};
}

/* A condition over a row whose column c is columns[c] of the made one. */
static kd_status add_test(kd_engine *g, eng_tail *t, kd_expr condition, const uint8_t *columns) {
    eng_tail_test *test = &t->tests[t->test_count++];
    eng_comparison c;
    test->compares = eng_expr_compares(g->plan->exprs, condition, &c);
    if (test->compares) {
        test->op = c.op;
        test->value = c.value;
        test->x = spot_of(t, columns[c.left]);
        test->y = c.to_value ? (eng_spot){2, 0} : spot_of(t, columns[c.right]);
        return KD_OK;
    }
    kd_status s = eng_code_compile(&g->arena, g->plan->exprs, condition, &test->code);
    uint8_t read[KD_WIDTH_MAX];
    if (!s) test->count = eng_code_pack(&test->code, read);
    for (unsigned i = 0; i < test->count; i++) test->from[i] = spot_of(t, columns[read[i]]);
    return s;
}

kd_status eng_tail_open(kd_engine *g, const eng_node *n, bool own, eng_tail *t) {
    const kd_plan *p = g->plan;
    kd_node chain[ENG_TAIL_MAX + 1];
    size_t count = 0;
    for (kd_node at = n->plan; at != n->head; at = p->nodes[at].in[0]) chain[count++] = at;
    if (own) chain[count++] = n->head;
    *t = (eng_tail){.width = n->width, .left = n->in[0]->width};
    t->tests = kd_arena_array(&g->arena, count + 1, sizeof *t->tests);
    if (!t->tests) return KD_NOMEM;
    uint8_t columns[2 * KD_WIDTH_MAX];
    for (unsigned i = 0; i < 2 * KD_WIDTH_MAX; i++) columns[i] = (uint8_t)i;
    while (count-- > 0) {
        const plan_node *x = &p->nodes[chain[count]];
        if (x->op == &eng_op_select) {
            kd_status s = add_test(g, t, (kd_expr)x->words[0], columns);
            if (s) return s;
            continue;
        }
        uint8_t chosen[KD_WIDTH_MAX];
        for (unsigned i = 0; i < x->width; i++) chosen[i] = columns[p->exprs[x->words[i]].value];
        for (unsigned i = 0; i < x->width; i++) columns[i] = chosen[i];
    }
    for (unsigned i = 0; i < t->width; i++) t->from[i] = spot_of(t, columns[i]);
    return KD_OK;
}

static void prefer(eng_spot *at, const eng_pairs *on, unsigned side) {
    if (at->side != 1 - side) return;
    const uint8_t *other = side ? on->left : on->right, *mine = side ? on->right : on->left;
    for (unsigned i = 0; i < on->count; i++)
        if (other[i] == at->column) {
            *at = (eng_spot){(uint8_t)side, mine[i]};
            return;
        }
}

void eng_tail_prefer(eng_tail *t, const eng_pairs *on, unsigned side) {
    for (unsigned i = 0; i < t->width; i++) prefer(&t->from[i], on, side);
    for (uint32_t k = 0; k < t->test_count; k++) {
        eng_tail_test *test = &t->tests[k];
        prefer(&test->x, on, side);
        prefer(&test->y, on, side);
        for (unsigned i = 0; i < test->count; i++) prefer(&test->from[i], on, side);
    }
}

bool eng_tail_is_of(const eng_tail *t, unsigned side) {
    unsigned other = 1 - side;
    for (unsigned i = 0; i < t->width; i++)
        if (t->from[i].side == other) return false;
    for (uint32_t k = 0; k < t->test_count; k++) {
        const eng_tail_test *test = &t->tests[k];
        if (test->compares && (test->x.side == other || test->y.side == other)) return false;
        for (unsigned i = 0; i < test->count; i++)
            if (test->from[i].side == other) return false;
    }
    return true;
}

/* ---- Testing --------------------------------------------------------------------------------------------*/

bool eng_is_forgiven(kd_engine *g, kd_status s) {
    if (s != KD_INVALID || !eng_is_behind_the_end(g)) return false;
    g->complaint = g->complaint_word = NULL;
    return true;
}

static kd_status compute(kd_engine *g, const eng_tail_test *test, const kd_value *a, const kd_value *b,
                         bool *passes) {
    kd_value row[KD_WIDTH_MAX], v;
    const char *complaint;
    const kd_value *side[2] = {a, b};
    for (unsigned i = 0; i < test->count; i++) row[i] = side[test->from[i].side][test->from[i].column];
    kd_status s = eng_code_value(&test->code, row, &(eng_moment){g->now, (int64_t)g->index}, &v, &complaint);
    *passes = !s && eng_true(v);
    if (s == KD_INVALID) eng_complain(g, "overflow", complaint);
    return eng_is_forgiven(g, s) ? KD_OK : s;
}

kd_status eng_tail_test_row(kd_engine *g, const eng_tail *t, const kd_value *a, const kd_value *b,
                            bool *passes) {
    *passes = true;
    for (uint32_t i = 0; *passes && i < t->test_count; i++) {
        const eng_tail_test *test = &t->tests[i];
        const kd_value *side[3] = {a, b, &test->value};
        if (test->compares) {
            *passes =
                eng_compare(test->op, side[test->x.side][test->x.column], side[test->y.side][test->y.column]);
            continue;
        }
        kd_status s = compute(g, test, a, b, passes);
        if (s) return s;
    }
    return KD_OK;
}

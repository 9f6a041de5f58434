/* lower_pattern.c: patterns: which rows of a notice, an event or a fact agree with what is written. */
#include "lang/lower.h"

#include <string.h>

/* ---- Matching ------------------------------------------------------------------------------------------------
 *
 * A match looks at the columns of `from` and gathers what must hold of them and which columns come out. */
typedef struct match {
    rel from;
    kd_expr condition; /* 0: none */
    kd_expr out[KD_WIDTH_MAX];
    uint8_t tag[KD_WIDTH_MAX];
    unsigned count;
    unsigned computed; /* how many come out that are no plain columns */
} match;

static void demand(lower *L, match *m, kd_expr condition) {
    m->condition = m->condition ? x_op(L, KD_X_AND, m->condition, condition) : condition;
}

static void put(lower *L, match *m, unsigned tag, kd_expr x) {
    if (m->count == KD_WIDTH_MAX) {
        low_fail(L, "width", "a pattern binds more than %d values", KD_WIDTH_MAX);
        return;
    }
    m->out[m->count] = x;
    m->tag[m->count++] = (uint8_t)tag;
}

static kd_expr found(const match *m, unsigned tag) {
    for (unsigned i = 0; i < m->count; i++)
        if (m->tag[i] == tag) return m->out[i];
    return 0;
}

/* The tag's value is that of x: bound by it, or equal to it when it is bound. */
static void bind(lower *L, match *m, unsigned tag, kd_expr x) {
    kd_expr bound = found(m, tag);
    if (bound) {
        demand(L, m, x_op(L, KD_X_EQ, bound, x));
        return;
    }
    put(L, m, tag, x);
}

static kd_value text_value(lower *L, kd_str text) {
    kd_value v = kd_symbol(L->symbols, text);
    if (v < 0) L->failed = kd_fail_nomem(L->e);
    return v;
}

static void match_term(lower *L, match *m, unsigned column, const kd_ast_term *x, bool may_lack) {
    kd_expr value = kd_plan_column(L->p, column);
    if (may_lack && x->what != KD_TERM_ANY) demand(L, m, x_op1(L, KD_X_NOT, x_op1(L, KD_X_IS_ABSENT, value)));
    switch (x->what) {
    case KD_TERM_ANY:
        return;
    case KD_TERM_VARIABLE:
        bind(L, m, x->slot, value);
        return;
    case KD_TERM_VALUE:
        demand(L, m, x_op(L, KD_X_EQ, value, x_value(L, x->value)));
        return;
    case KD_TERM_TEXT:
        demand(L, m, x_op(L, KD_X_EQ, value, x_value(L, text_value(L, x->text))));
        return;
    case KD_TERM_OTHER:
        bind(L, m, x->slot, x_other(L, value));
        m->computed++;
        return;
    case KD_TERM_DAY_AFTER:
        bind(L, m, TAG_AFTER, value);
        return;
    case KD_TERM_FIRST_DAY:
        bind(L, m, TAG_FIRST, value);
        return;
    case KD_TERM_LAST_DAY:
        bind(L, m, TAG_LAST, value);
        return;
    }
}

/* What came of a match. Plain columns stay where they are when `narrow` does not ask for them alone. */
static rel matched(lower *L, match *m, bool narrow) {
    rel r = m->from;
    if (m->condition) r = rel_where(L, r, m->condition);
    if (!r.node) return r;
    if (narrow || m->computed) return rel_of(L->p, kd_plan_map(L->p, r.node, m->out, m->count), m->tag);
    memset(r.tag, TAG_NONE, sizeof r.tag);
    for (unsigned i = 0; i < m->count; i++)
        for (unsigned column = 0; column < r.width; column++)
            if (kd_plan_column(L->p, column) == m->out[i]) r.tag[column] = m->tag[i];
    return r;
}

kd_expr low_term(lower *L, const rel *r, const kd_ast_term *x) {
    switch (x->what) {
    case KD_TERM_VALUE:
        return x_value(L, x->value);
    case KD_TERM_TEXT:
        return x_value(L, text_value(L, x->text));
    case KD_TERM_VARIABLE:
        return rel_expr(L, r, x->slot);
    case KD_TERM_OTHER:
        return x_other(L, rel_expr(L, r, x->slot));
    case KD_TERM_DAY_AFTER:
        return rel_expr(L, r, TAG_AFTER);
    case KD_TERM_FIRST_DAY:
        return rel_expr(L, r, TAG_FIRST);
    case KD_TERM_LAST_DAY:
        return rel_expr(L, r, TAG_LAST);
    case KD_TERM_ANY:
        break;
    }
    return x_value(L, KD_ABSENT);
}

rel low_apply(lower *L, rel r, const kd_ast_term *args, size_t count) {
    match m = {.from = r};
    if (!r.node) return r;
    for (size_t i = 0; i < count; i++) {
        int column = rel_column(&r, (unsigned)i);
        if (column >= 0) match_term(L, &m, (unsigned)column, &args[i], false);
    }
    for (unsigned i = 0; i < r.width; i++)
        if (r.tag[i] >= TAG_CARRIED && r.tag[i] != TAG_NONE) put(L, &m, r.tag[i], kd_plan_column(L->p, i));
    return matched(L, &m, false);
}

/* ---- Of notices ----------------------------------------------------------------------------------------------*/

/* Joins the values of a list field; gives the column of the value. */
static unsigned join_list(lower *L, match *m, uint32_t notice, int at, uint32_t field) {
    static const kd_on statement = {1, 0};
    kd_node list = low_input(L, notice, at, (int)field);
    if (!list || !m->from.node) return 0;
    m->from = rel_of(L->p, kd_plan_join(L->p, m->from.node, list, &statement, 1), NULL);
    return m->from.width ? m->from.width - 1 : 0;
}

static rel notice_pattern(lower *L, const kd_ast_pattern *x, int at, const low_want *wants,
                          size_t want_count) {
    const kd_notice *n = &L->t->notices[x->index];
    match m = {.from = low_notice(L, x->index, at)};
    for (size_t i = 0; i < x->arg_count; i++) {
        const kd_field *f = &n->fields[x->args[i].field];
        unsigned column =
            f->column >= 0 ? low_field_column(f) : join_list(L, &m, x->index, at, x->args[i].field);
        match_term(L, &m, column, &x->args[i].term, f->many == KD_OPTIONAL);
    }
    if (x->has_by) match_term(L, &m, 0, &x->by, false);
    put(L, &m, TAG_STATEMENT, kd_plan_column(L->p, 1));
    for (size_t i = 0; i < want_count; i++)
        put(L, &m, wants[i].tag,
            kd_plan_column(L->p, wants[i].field < 0 ? 0 : low_field_column(&n->fields[wants[i].field])));
    return matched(L, &m, true);
}

/* ---- Of events and facts -------------------------------------------------------------------------------------*/

static rel low_event(lower *L, uint32_t event) {
    static const low_want by = {-1, TAG_BY};
    const kd_ast_event *e = &L->ast->events[event];
    if (L->events[event].node) return L->events[event];
    const kd_ast_vars *outer = L->vars;
    uint8_t tags[KD_WIDTH_MAX];
    if (e->arity > KD_WIDTH_MAX - 2) {
        low_fail(L, "width", "event `%.*s` has %u parameters; %d are possible", KD_STR_ARGS(e->name),
                 e->arity, KD_WIDTH_MAX - 2);
        return (rel){.node = 0};
    }
    L->vars = &e->vars;
    rel r = low_pattern(L, e->pattern, (int)e->field, &by, 1);
    L->vars = outer;
    for (unsigned i = 0; i < e->arity; i++) tags[i] = (uint8_t)i;
    tags[e->arity] = TAG_BY;
    tags[e->arity + 1] = TAG_STATEMENT;
    return L->events[event] = rel_keep(L, r, tags, e->arity + 2);
}

static rel row_pattern(lower *L, rel from, const kd_ast_pattern *x, const low_want *wants,
                       size_t want_count) {
    match m = {.from = from};
    if (!from.node) return from;
    for (size_t i = 0; i < x->arg_count; i++) {
        int column = rel_column(&from, x->args[i].field);
        if (column >= 0) match_term(L, &m, (unsigned)column, &x->args[i].term, false);
    }
    int by = rel_column(&from, TAG_BY), statement = rel_column(&from, TAG_STATEMENT);
    if (x->has_by && by >= 0) match_term(L, &m, (unsigned)by, &x->by, false);
    if (statement >= 0) put(L, &m, TAG_STATEMENT, kd_plan_column(L->p, (unsigned)statement));
    for (size_t i = 0; i < want_count; i++)
        if (wants[i].field < 0 && by >= 0) {
            put(L, &m, wants[i].tag, kd_plan_column(L->p, (unsigned)by));
            m.computed++; /* a column may then come out twice */
        }
    return matched(L, &m, false);
}

rel low_pattern(lower *L, const kd_ast_pattern *x, int at, const low_want *wants, size_t want_count) {
    rel r = x->target == KD_OF_NOTICE  ? notice_pattern(L, x, at, wants, want_count)
            : x->target == KD_OF_EVENT ? row_pattern(L, low_event(L, x->index), x, wants, want_count)
                                       : row_pattern(L, low_fact(L, x->index), x, NULL, 0);
    for (size_t i = 0; i < x->where_count; i++) r = low_filter(L, r, x->where[i]);
    return r;
}

int low_pattern_notice(const lower *L, const kd_ast_pattern *x) {
    return x->target == KD_OF_NOTICE  ? (int)x->index
           : x->target == KD_OF_EVENT ? low_pattern_notice(L, L->ast->events[x->index].pattern)
                                      : -1;
}

rel low_ends(lower *L, rel begun, rel end, const uint8_t *keys, unsigned count) {
    uint8_t shared[KD_WIDTH_MAX + 1], known[2 * KD_WIDTH_MAX];
    if (!begun.node || !end.node) return (rel){.node = 0};
    unsigned n = rel_shared(&begun, &end, shared), in_both = 0;
    memcpy(known, keys, count);
    for (unsigned i = 0; i < n; i++)
        if (memchr(keys, shared[i], count)) in_both++;
    known[count] = TAG_STATEMENT;
    if (in_both == count && n == count) return rel_keep(L, end, known, count + 1);

    unsigned all = count;
    for (unsigned i = 0; i < n; i++)
        if (!memchr(keys, shared[i], count)) known[all++] = shared[i];
    rel open = rel_since_absent(L, rel_keep(L, end, shared, n), rel_keep(L, begun, known, all));
    shared[n] = TAG_STATEMENT;
    rel r = rel_join(L, rel_keep(L, end, shared, n + 1), rel_fall(L, open));
    known[count] = TAG_STATEMENT;
    return rel_keep(L, r, known, count + 1);
}

rel low_fact_as_declared(lower *L, uint32_t fact) {
    const kd_ast_fact *f = &L->ast->facts[fact];
    if (L->facts[fact].node) return L->facts[fact];
    const kd_ast_vars *outer = L->vars;
    uint8_t tags[KD_AST_FACT_ARITY + 1];
    rel begin = {.node = 0}, end = {.node = 0};
    L->vars = &f->vars;
    for (unsigned i = 0; i < f->arity; i++) tags[i] = (uint8_t)i;
    tags[f->arity] = TAG_STATEMENT;
    for (size_t i = 0; i < f->begins_count; i++)
        begin =
            rel_union(L, begin, rel_keep(L, low_pattern(L, f->begins[i], -1, NULL, 0), tags, f->arity + 1));
    for (size_t i = 0; i < f->ends_count; i++)
        end = rel_union(L, end, low_ends(L, begin, low_pattern(L, f->ends[i], -1, NULL, 0), tags, f->arity));
    if (!f->ends_count) end = rel_never(L, begin);
    L->vars = outer;
    return L->facts[fact] = rel_hold(L, begin, end, tags, f->arity);
}

/* lower.c: a treaty becomes a plan: its life, its rules under every reading, and what is heard of them. */
#include "lang/lower.h"

#include <stdio.h>
#include <string.h>

void low_fail(lower *L, const char *reason, const char *format, ...) {
    char message[400];
    va_list args;
    if (L->failed) return;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    L->failed = kd_fail(L->e, KD_INVALID, reason, "%s", message);
}

/* ---- What rules share ----------------------------------------------------------------------------------------*/

rel low_status(lower *L, rel r, kd_verdict_status s) {
    return rel_with(L, r, TAG_STATUS, x_value(L, s));
}

static uint64_t everyone(const lower *L) {
    return L->t->party_count >= 64 ? UINT64_MAX : (UINT64_C(1) << L->t->party_count) - 1;
}

bool low_is_of_both(const lower *L, uint32_t rule) {
    const kd_rule *r = &L->t->rules[rule];
    return !L->ast->rules[rule].has_each && (r->jointly || (r->only & everyone(L)) == everyone(L));
}

rel low_bound_parties(lower *L, uint32_t rule, rel r) {
    uint64_t only = L->t->rules[rule].only & everyone(L);
    kd_expr bound = x_op(L, KD_X_EQ, rel_expr(L, &r, TAG_PARTY), x_value(L, KD_BOTH));
    if (only == everyone(L)) return r;
    for (unsigned i = 0; i < L->t->party_count && i < 64; i++)
        if (only >> i & 1)
            bound = x_op(L, KD_X_OR, bound, x_op(L, KD_X_EQ, rel_expr(L, &r, TAG_PARTY), x_value(L, i)));
    return rel_where(L, r, bound);
}

rel low_judged_parties(lower *L, uint32_t rule) {
    static const uint8_t tags[] = {TAG_PARTY};
    static const kd_value both = KD_BOTH;
    if (!low_is_of_both(L, rule)) return low_parties(L, L->t->rules[rule].only);
    return rel_of(L->p, kd_plan_constant(L->p, &both, 1, 1), tags);
}

rel low_judged(lower *L, uint32_t rule, rel r) {
    const kd_ast_rule *x = &L->ast->rules[rule];
    if (low_is_of_both(L, rule)) return rel_with(L, r, TAG_PARTY, x_value(L, KD_BOTH));
    if (!x->has_each) return rel_join(L, r, low_parties(L, L->t->rules[rule].only));
    if (!rel_has(&r, x->each)) r = rel_join(L, r, rel_retag(low_parties(L, UINT64_MAX), TAG_PARTY, x->each));
    return low_bound_parties(L, rule, rel_with(L, r, TAG_PARTY, rel_expr(L, &r, x->each)));
}

rel low_excused(lower *L, rel rows, const kd_ast_x *const *list, size_t count) {
    rel excused = {.node = 0};
    for (size_t i = 0; i < count && rows.node; i++) {
        uint8_t shared[KD_WIDTH_MAX];
        rel c = low_condition(L, list[i]);
        if (L->rule->has_each && !rel_has(&rows, L->rule->each)) c = rel_retag(c, L->rule->each, TAG_PARTY);
        unsigned n = rel_shared(&rows, &c, shared);
        c = rel_distinct(L, rel_keep(L, c, shared, n));
        excused = rel_union(L, excused, rel_keep(L, rel_join(L, rows, c), rows.tag, rows.width));
        rows = rel_antijoin(L, rows, c);
    }
    return excused.node ? rel_union(L, rows, low_status(L, excused, KD_EXCUSED)) : rows;
}

rel low_verdict(lower *L, rel r, uint32_t rule) {
    static const uint8_t tags[KD_V_WIDTH] = {TAG_RULE,  TAG_PARTY, TAG_STATUS,    TAG_DAY,  TAG_DUE,
                                             TAG_VALUE, TAG_BOUND, TAG_STATEMENT, TAG_DATED};
    kd_expr row[KD_V_WIDTH];
    if (!r.node) return r;
    for (unsigned i = 0; i < KD_V_WIDTH; i++) row[i] = rel_expr(L, &r, tags[i]);
    if (!rel_has(&r, TAG_RULE)) row[KD_V_RULE] = x_value(L, rule);
    if (!rel_has(&r, TAG_DUE)) row[KD_V_DUE] = x_op(L, KD_X_SUB, rel_expr(L, &r, TAG_FIRE), x_value(L, 1));
    return rel_of(L->p, kd_plan_map(L->p, r.node, row, KD_V_WIDTH), tags);
}

/* ---- Rules under readings ------------------------------------------------------------------------------------*/

static void lower_rule(lower *L, uint32_t index) {
    static rel (*const by_kind[KD_RULE_KINDS])(lower *, uint32_t) = {[KD_LIMIT] = low_limit,
                                                                     [KD_DUTY] = low_duty,
                                                                     [KD_BAN] = low_ban,
                                                                     [KD_QUOTA] = low_quota,
                                                                     [KD_RIGHT] = low_right};
    const kd_rule *r = &L->t->rules[index];
    kd_node first = (kd_node)kd_plan_size(L->p) + 1;
    L->rule = &L->ast->rules[index];
    L->vars = &L->rule->vars;
    L->verdicts[L->reading * L->t->rule_count + index] = low_verdict(L, by_kind[r->kind](L, index), index);
    for (kd_node n = first; n <= kd_plan_size(L->p); n++) kd_plan_label(L->p, n, r->id);
}

/* One sink a node, with a bit for each reading that has it; the plan makes it once. */
static void verdict_sinks(lower *L, const rel *rels, size_t stride) {
    for (uint32_t i = 0; i < L->t->reading_count; i++) {
        kd_node node = rels[i * stride].node;
        uint32_t mask = 0;
        for (uint32_t j = 0; j < L->t->reading_count; j++)
            if (rels[j * stride].node == node) mask |= UINT32_C(1) << j;
        if (node) kd_plan_sink(L->p, node, KD_SINK_VERDICT + mask);
    }
}

static rel party_of(lower *L, rel verdict, kd_verdict_status s) {
    static const uint8_t party[] = {TAG_PARTY};
    rel r = rel_where(L, verdict, x_op(L, KD_X_EQ, rel_expr(L, &verdict, TAG_STATUS), x_value(L, s)));
    return rel_keep(L, r, party, 1);
}

rel low_breaches(lower *L) {
    rel *known = &L->breaches[L->reading], *parts;
    const rel *verdicts = &L->verdicts[L->reading * L->t->rule_count];
    if (known->node) return *known;
    parts = kd_arena_array(L->arena, L->t->rule_count + 1, sizeof *parts);
    if (!parts) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    for (size_t i = 0; i < L->t->rule_count; i++) parts[i] = party_of(L, verdicts[i], KD_BREACHED);
    parts[L->t->rule_count] = party_of(L, L->alleged[L->reading], KD_ALLEGED);
    return *known = rel_distinct(L, rel_union_all(L, parts, L->t->rule_count + 1));
}

static void fact_sinks(lower *L) {
    for (uint32_t i = 0; i < L->t->fact_count; i++) {
        rel r = low_fact_as_declared(L, i);
        kd_expr row[2 + KD_AST_FACT_ARITY] = {x_value(L, i), rel_expr(L, &r, TAG_STATEMENT)};
        for (unsigned j = 0; j < KD_AST_FACT_ARITY; j++) row[2 + j] = rel_expr(L, &r, j);
        kd_node node = r.node ? kd_plan_map(L->p, r.node, row, 2 + KD_AST_FACT_ARITY) : 0;
        if (node) kd_plan_sink(L->p, node, KD_SINK_FACT);
    }
}

/* Definitions before rules, each after those that it uses, so that none is reached through a chain of others. */
static void lower_definitions(lower *L) {
    for (size_t i = 0; i < L->ast->order_count; i++) {
        const kd_ast_ref *r = &L->ast->order[i];
        if (r->target == KD_OF_FACT) low_fact(L, r->index);
        if (r->target == KD_OF_NUMBER) low_number(L, r->index);
    }
}

static void lower_all(lower *L) {
    const kd_treaty *t = L->t;
    low_life(L);
    for (L->reading = 0; L->reading < t->reading_count; L->reading++) {
        lower_definitions(L);
        for (uint32_t i = 0; i < t->rule_count && !L->failed; i++) lower_rule(L, i);
        L->rule = NULL;
        low_alleged(L);
    }
    for (size_t i = 0; i < t->rule_count; i++) verdict_sinks(L, &L->verdicts[i], t->rule_count);
    verdict_sinks(L, L->alleged, 1);
    for (L->reading = 0; L->reading < t->reading_count; L->reading++) low_bindings(L);
    L->reading = 0;
    fact_sinks(L);
    low_rungs(L);
    low_life_sinks(L);
    low_paired_sinks(L);
}

/* ---- From outside --------------------------------------------------------------------------------------------*/

static void *array(lower *L, size_t count, size_t bytes) {
    void *p = kd_arena_array(L->arena, count ? count : 1, bytes);
    if (!p) L->failed = kd_fail_nomem(L->e);
    return p;
}

static void open(lower *L) {
    static const kd_value row = KD_NEVER; /* no other constant is this one: it would be the same node */
    const kd_treaty *t = L->t;
    size_t readings = t->reading_count;
    L->first_feed = array(L, t->notice_count, sizeof *L->first_feed);
    L->notices = array(L, t->notice_count, sizeof *L->notices);
    L->events = array(L, L->ast->event_count, sizeof *L->events);
    L->facts = array(L, t->fact_count, sizeof *L->facts);
    L->held = array(L, t->fact_count * readings, sizeof *L->held);
    L->numbers = array(L, L->ast->number_count * readings, sizeof *L->numbers);
    L->breaches = array(L, readings, sizeof *L->breaches);
    L->verdicts = array(L, t->rule_count * readings, sizeof *L->verdicts);
    L->alleged = array(L, readings, sizeof *L->alleged);
    if (L->failed) return;
    L->unit = rel_of(L->p, kd_plan_constant(L->p, &row, 1, 1), NULL);
    static const uint8_t complete[] = {TAG_NONE, TAG_PARTY};
    L->complete = rel_of(L->p, kd_plan_input(L->p, KD_STR("(complete)"), KD_LEVEL, 2), complete);
}

static void close(lower *L, kd_program *out) {
    kd_feed *feeds = array(L, L->feed_count, sizeof *feeds);
    size_t n = 0;
    for (uint32_t i = 0; feeds && i < L->t->notice_count; i++)
        for (uint32_t f = L->first_feed[i]; f; f = L->feeds[f - 1].next) feeds[n++] = L->feeds[f - 1].feed;
    *out = (kd_program){L->p, feeds, n, L->complete.node, (uint32_t)L->t->reading_count};
}

kd_status kd_treaty_compile(const kd_treaty *t, kd_arena *arena, const kd_allocator *from,
                            kd_symbols *symbols, kd_program *out, kd_error *e) {
    lower L = {.t = t, .ast = t->syntax, .arena = arena, .symbols = symbols, .e = e};
    *out = (kd_program){.plan = NULL};
    kd_status s = kd_plan_open(from, &L.p);
    if (s) return s == KD_NOMEM ? kd_fail_nomem(e) : s;
    open(&L);
    if (!L.failed) lower_all(&L);
    if (!L.failed) L.failed = kd_plan_error(L.p, e);
    if (!L.failed) close(&L, out);
    if (!L.failed) return KD_OK;
    kd_plan_close(L.p);
    *out = (kd_program){.plan = NULL};
    return L.failed;
}

/* lower_alleged.c: what one Party has determined of another, against the rules that cite the article. */
#include "lang/lower.h"

#include <stdlib.h>
#include <string.h>

static int field_named(const kd_notice *n, const char *name) {
    for (size_t i = 0; i < n->field_count; i++)
        if (kd_str_is(n->fields[i].name, name)) return (int)i;
    return -1;
}

/* ---- Findings ------------------------------------------------------------------------------------------------*/

static rel where_field(lower *L, rel r, const kd_notice *n, int field, kd_value value) {
    if (field < 0) return r;
    return rel_where(
        L, r, x_op(L, KD_X_EQ, kd_plan_column(L->p, low_field_column(&n->fields[field])), x_value(L, value)));
}

/* Level of (by, article, party, day) from a determination's day until its author takes it back. What a Party says of
 * itself is no allegation. */
static rel findings(lower *L, uint32_t notice) {
    static const uint8_t keys[] = {TAG_BY, TAG_ARTICLE, TAG_PARTY};
    static const uint8_t columns[] = {TAG_BY, TAG_ARTICLE, TAG_PARTY, TAG_DAY, TAG_STATEMENT};
    const kd_notice *n = &L->t->notices[notice];
    const kd_ast_notice *x = &L->ast->notices[notice];
    int about = field_named(n, "about"), party = field_named(n, "party"), from = field_named(n, "from");
    if (about < 0 || party < 0 || from < 0) return (rel){.node = 0};
    rel r = low_notice(L, notice, from);
    if (!r.node) return r;
    r.tag[low_field_column(&n->fields[about])] = TAG_ARTICLE;
    r.tag[low_field_column(&n->fields[party])] = TAG_PARTY;
    r.tag[low_field_column(&n->fields[from])] = TAG_DAY;
    r = rel_where(L, r, x_op(L, KD_X_NE, rel_expr(L, &r, TAG_BY), rel_expr(L, &r, TAG_PARTY)));
    rel begin = where_field(L, r, n, x->alleges_field, x->alleges_value);
    rel end = x->clears_field < 0 ? rel_never(L, r) : where_field(L, r, n, x->clears_field, x->clears_value);
    begin = rel_keep(L, begin, columns, 5);
    begin = rel_with(L, begin, TAG_DAY, x_op1(L, KD_X_DAY_BEGIN, rel_expr(L, &begin, TAG_DAY)));
    return rel_hold(L, begin, end, keys, 3);
}

/* Which rules cite which article and bind whom: (article, rule, party). */
static rel citations(lower *L) {
    static const uint8_t tags[] = {TAG_ARTICLE, TAG_RULE, TAG_PARTY};
    const kd_treaty *t = L->t;
    size_t most = 0, n = 0;
    for (size_t i = 0; i < t->rule_count; i++) most += t->rules[i].cites_count * t->party_count;
    kd_value *rows = kd_arena_array(L->arena, most ? most : 1, 3 * sizeof *rows);
    if (!rows) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    for (size_t i = 0; i < t->rule_count; i++)
        for (size_t j = 0; j < t->rules[i].cites_count; j++) {
            kd_value article = kd_symbol(L->symbols, t->rules[i].cites[j]);
            if (article < 0) L->failed = kd_fail_nomem(L->e);
            for (size_t party = 0; party < t->party_count; party++) {
                if (party < 64 && !(t->rules[i].only >> party & 1)) continue;
                kd_value row[] = {article, (kd_value)i, (kd_value)party};
                memcpy(rows + 3 * n++, row, sizeof row);
            }
        }
    return rel_of(L->p, kd_plan_constant(L->p, rows, n, 3), tags);
}

/* ---- Excuses -------------------------------------------------------------------------------------------------*/

typedef struct excuse {
    rel parties; /* level (TAG_PARTY) that it excuses */
    uint32_t rule;
} excuse;

/* Of whom the condition speaks: the rule's variable, or the Party that it says owes; else it excuses every one. */
static rel excused_parties(lower *L, const kd_ast_rule *x, const kd_ast_x *cond, const kd_ast_term *who) {
    static const uint8_t party[] = {TAG_PARTY};
    rel r = low_condition(L, cond);
    bool of_ower =
        who && (who->what == KD_TERM_VARIABLE || who->what == KD_TERM_OTHER) && rel_has(&r, who->slot);
    if (of_ower || (who && who->what == KD_TERM_VALUE))
        r = rel_with(L, r, TAG_PARTY, low_term(L, &r, who));
    else if (x->has_each && rel_has(&r, x->each))
        r = rel_retag(r, x->each, TAG_PARTY);
    else
        r = rel_join(L, rel_retag(rel_keep(L, r, NULL, 0), TAG_STATEMENT, TAG_NONE),
                     low_parties(L, UINT64_MAX));
    return rel_distinct(L, rel_keep(L, r, party, 1));
}

static size_t gather(lower *L, excuse *all) {
    size_t n = 0;
    for (uint32_t i = 0; i < L->t->rule_count; i++) {
        const kd_ast_rule *x = &L->ast->rules[i];
        L->vars = &x->vars;
        const kd_ast_term *who = x->has_reply                                         ? &x->reply.who
                                 : x->owed.pattern && x->owed.who_kind == KD_WHO_TERM ? &x->owed.who
                                                                                      : NULL;
        if (x->excused) all[n++] = (excuse){excused_parties(L, x, x->excused, who), i};
        for (size_t j = 0; j < x->refuse_count; j++)
            all[n++] = (excuse){excused_parties(L, x, x->refuse[j], who), i};
    }
    return n;
}

static int by_node(const void *a, const void *b) {
    const excuse *x = a, *y = b;
    if (x->parties.node != y->parties.node) return x->parties.node < y->parties.node ? -1 : 1;
    return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* Rules of one excuse share its relation: (party) x (rule). */
static rel excused_rules(lower *L, const excuse *same, size_t count) {
    static const uint8_t rule[] = {TAG_RULE}, columns[] = {TAG_PARTY, TAG_RULE};
    kd_value *rows = kd_arena_array(L->arena, count, sizeof *rows);
    if (!rows) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    for (size_t i = 0; i < count; i++) rows[i] = same[i].rule;
    rel table = rel_of(L->p, kd_plan_constant(L->p, rows, count, 1), rule);
    return rel_keep(L, rel_join(L, same->parties, table), columns, 2);
}

/* Level (TAG_PARTY, TAG_RULE) of what is excused under the present reading; node 0 when no rule has an excuse. */
static rel excuses(lower *L) {
    size_t most = 0, count, groups = 0;
    for (size_t i = 0; i < L->t->rule_count; i++) most += L->ast->rules[i].refuse_count + 1;
    excuse *all = kd_arena_array(L->arena, most, sizeof *all);
    rel *parts = kd_arena_array(L->arena, most, sizeof *parts);
    if (!all || !parts) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    count = gather(L, all);
    if (count) qsort(all, count, sizeof *all, by_node);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && all[next].parties.node == all[i].parties.node;) next++;
        parts[groups++] = excused_rules(L, all + i, next - i);
    }
    return rel_union_all(L, parts, groups);
}

/* ---- Verdicts ------------------------------------------------------------------------------------------------*/

void low_alleged(lower *L) {
    static const uint8_t columns[] = {TAG_PARTY, TAG_RULE, TAG_DAY, TAG_STATUS, TAG_STATEMENT};
    rel all = {.node = 0};
    for (uint32_t i = 0; i < L->t->notice_count; i++)
        if (L->t->notices[i].role == KD_ROLE_DETERMINATION) all = rel_union(L, all, findings(L, i));
    if (!all.node || !L->t->rule_count) return;
    rel rows = rel_join(L, rel_join(L, all, citations(L)), L->in_force_bare);
    rows = rel_keep(L, low_status(L, rows, KD_ALLEGED), columns, 5);
    rel excused = excuses(L);
    if (excused.node)
        rows = rel_union(L, rel_antijoin(L, rows, excused),
                         low_status(L, rel_join(L, rows, excused), KD_EXCUSED));
    L->alleged[L->reading] = low_verdict(L, rows, 0);
}

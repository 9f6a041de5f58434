/* resolve_reading.c: the names in readings and on the rungs of ladders. */
#include "lang/resolve.h"

static void resolve_groups(kd_front *f, kd_ast_reading_clause *c) {
    size_t count = c->all ? f->t->group_count : c->group_name_count;
    c->groups = kd_front_take(f, count, sizeof *c->groups);
    if (f->nomem) return;
    for (size_t i = 0; i < count; i++) {
        int group = c->all ? (int)i : kd_lookup(f, c->group_names[i].text, c->group_names[i].at, KD_IS_GROUP);
        if (group >= 0) c->groups[c->group_count++] = (uint32_t)group;
    }
}

static void resolve_what(kd_front *f, kd_ast_reading_clause *c) {
    int notice = kd_lookup(f, c->notice_name, c->notice_at, KD_IS_NOTICE);
    if (notice < 0) return;
    c->notice = (uint32_t)notice;
    int field = kd_field_lookup(f, &f->t->notices[notice], c->field_name, c->field_at);
    if (field < 0) return;
    c->field = (uint32_t)field;
    const kd_field *x = &f->t->notices[notice].fields[field];
    if (x->type != KD_T_GROUP)
        kd_diagnose(f, c->field_at, "a field of groups is wanted here; `%.*s` is none", KD_STR_ARGS(x->name));
}

static void resolve_clause(kd_front *f, kd_ast_reading_clause *c) {
    kd_scope s = kd_scope_of(f, &c->vars);
    s.reading = true;
    if (c->party_name.n) {
        int party = kd_lookup(f, c->party_name, c->party_at, KD_IS_PARTY);
        if (party >= 0) c->party = (uint32_t)party;
    }
    if (c->all || c->group_name_count) resolve_groups(f, c);
    if (c->notice_name.n && c->field_name.n) resolve_what(f, c);
    bool whole = true;
    if (c->op == KD_READ_HOLDS_INVALID) {
        whole = c->fact && c->since;
        if (c->fact && kd_resolve_pattern(&s, c->fact, KD_MAY_FACT) && c->fact->where_count) {
            kd_diagnose(f, c->fact->at,
                        "a fact that is held invalid is told by its arguments; `where` has no place here");
        }
        if (c->since) kd_resolve_pattern(&s, c->since, KD_MAY_NOTICE);
    }
    if (c->cond) {
        uint64_t outside = s.visible;
        kd_resolve_condition(&s, c->cond);
        kd_check_bound(&s, c->cond, outside);
    }
    if (whole) kd_check_used(&s);
}

void kd_resolve_readings(kd_front *f) {
    kd_treaty *t = f->t;
    for (size_t i = 0; i < t->reading_count && !f->nomem; i++) {
        kd_word of = f->reading_words[i].of;
        int party = of.text.n ? kd_lookup(f, of.text, of.at, KD_IS_PARTY) : -1;
        t->readings[i].of = party < 0 ? KD_BOTH : (uint32_t)party;
        kd_ast_reading *a = &f->ast->readings[i];
        for (size_t k = 0; k < a->clause_count && !f->nomem; k++) resolve_clause(f, &a->clauses[k]);
    }
    if (t->reading_count) return;
    /* Without any there is one, which frees nobody. */
    kd_reading *r = kd_front_push(f, &t->readings, &t->reading_count, sizeof *r);
    *r = (kd_reading){.name = KD_STR("text"), .title = KD_STR("The text"), .of = KD_BOTH};
    kd_ast_reading *a = kd_front_push(f, &f->ast->readings, &f->ast_readings, sizeof *a);
    a->at = f->treaty_at;
    kd_index_add(f, KD_SPACE_READINGS, r->name, KD_IS_READING, 0, f->treaty_at);
}

/* `each party` fills the fact's first argument: it may be left out, or written as `_` or as a name. */
static void resolve_each(kd_front *f, kd_ast_rung *a, uint32_t arity) {
    size_t written = a->arg_count;
    if (written != arity && written + 1 != arity) return;
    kd_ast_term *args = kd_front_take(f, arity, sizeof *args);
    kd_ast_vars *vars = &a->vars;
    size_t count = vars->count;
    kd_ast_var *v = kd_front_push(f, &vars->items, &count, sizeof *v);
    if (f->nomem) return;
    bool named = written == arity && a->args[0].what == KD_TERM_VARIABLE;
    *v = (kd_ast_var){.name = named ? a->args[0].text : KD_STR("party"),
                      .at = a->fact_at,
                      .type = KD_T_PARTY,
                      .uses = 2,
                      .typed = true};
    vars->count = 1;
    args[0] = (kd_ast_term){.what = KD_TERM_VARIABLE, .type = KD_T_PARTY, .text = v->name, .at = a->fact_at};
    if (written == arity && !named && a->args[0].what != KD_TERM_ANY)
        kd_diagnose(f, a->args[0].at, "`each party` is the first argument itself: leave it out");
    for (uint32_t i = 1; i < arity; i++) args[i] = a->args[written == arity ? i : i - 1];
    a->args = args;
    a->arg_count = arity;
}

static void resolve_rung(kd_front *f, kd_ast_rung *a) {
    if (a->broken) return;
    int fact = kd_lookup(f, a->fact_name, a->fact_at, KD_IS_FACT);
    a->broken = true;
    if (fact < 0) return;
    a->fact = (uint32_t)fact;
    const kd_ast_fact *of = &f->ast->facts[fact];
    bool party = of->arity && of->vars.items[0].typed && of->vars.items[0].type == KD_T_PARTY;
    if (!a->both && !party) {
        if (!of->broken)
            kd_diagnose(f, a->fact_at,
                        "`each party` wants a fact whose first argument is a Party; `%.*s` is none",
                        KD_STR_ARGS(a->fact_name));
        return;
    }
    if (!a->both) resolve_each(f, a, of->arity);
    if (a->arg_count != of->arity) {
        kd_diagnose(f, a->fact_at, "`%.*s` has %u argument%s, not %zu%s", KD_STR_ARGS(a->fact_name),
                    (unsigned)of->arity, of->arity == 1 ? "" : "s", a->arg_count,
                    a->both ? "" : "; `each party` fills the first");
        return;
    }
    kd_scope s = kd_scope_of(f, &a->vars);
    for (uint32_t i = a->both ? 0 : 1; i < of->arity && !f->nomem; i++)
        if (of->vars.items[i].typed)
            kd_resolve_term(&s, &a->args[i], of->vars.items[i].type, of->vars.items[i].kind);
        else
            kd_touch_term(&s, &a->args[i]);
    kd_check_used(&s);
    a->broken = s.failed;
}

void kd_resolve_ladders(kd_front *f) {
    for (size_t i = 0; i < f->t->ladder_count && !f->nomem; i++)
        for (size_t k = 0; k < f->t->ladders[i].rung_count && !f->nomem; k++)
            resolve_rung(f, &f->ast->ladders[i].rungs[k]);
}

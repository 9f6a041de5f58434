/* resolve_decl.c: the names in notices, events, facts, numbers and in the treaty's own life. */
#include "lang/resolve.h"

/* ---- Notices --------------------------------------------------------------------------------------------*/

static void resolve_type(kd_front *f, kd_field *field, kd_word type) {
    if (kd_type_find(type.text, &field->type)) return;
    const kd_entry *e = kd_index_find(f->index, KD_SPACE_NAMES, type.text);
    if (e && e->what == KD_IS_KIND) {
        field->type = KD_T_KIND;
        field->kind = e->index;
        return;
    }
    size_t count = 0, n = 0;
    kd_str *kinds = kd_room_for_mistakes(f) ? kd_front_names(f, 1u << KD_IS_KIND, &count) : NULL;
    kd_str *names = kd_front_take(f, count + KD_T_KIND, sizeof *names);
    if (f->nomem) return;
    for (; n < KD_T_KIND; n++) names[n] = kd_type_name((kd_value_type)n);
    for (size_t i = 0; i < count; i++) names[n++] = kinds[i];
    kd_diagnose_near(f, type.at, type.text, names, n, "unknown type `%.*s`", KD_STR_ARGS(type.text));
    /* Read as the nearest, so that what uses the field is not told too. */
    int nearest = f->diagnostics->left_out ? -1 : kd_str_nearest(type.text, names, n);
    field->type = KD_T_TEXT;
    if (nearest >= 0) resolve_type(f, field, (kd_word){names[nearest], type.at});
}

/* FIELD = NAME, of a determination. */
static void resolve_when(kd_front *f, const kd_notice *n, kd_word field, kd_word value, int *at,
                         kd_value *out) {
    if (field.text.n == 0 || value.text.n == 0) return;
    if (n->role != KD_ROLE_DETERMINATION)
        kd_diagnose(f, field.at,
                    "`alleges` and `clears` are clauses of a notice with the role `determination`");
    *at = kd_field_lookup(f, n, field.text, field.at);
    if (*at < 0) return;
    kd_str nearest = {0};
    if (kd_is_list(&n->fields[*at]))
        kd_diagnose(f, field.at, "a field of one value is wanted here, not a list");
    else if (!kd_value_form(f->t, &n->fields[*at], value.text, out, &nearest)) {
        kd_str wanted = kd_type_wanted(f->t, n->fields[*at].type, n->fields[*at].kind);
        kd_diagnose_near(f, value.at, value.text, &nearest, nearest.n != 0, "%.*s is wanted here, not `%.*s`",
                         KD_STR_ARGS(wanted), KD_STR_ARGS(value.text));
    }
}

static void resolve_notice(kd_front *f, uint32_t index) {
    kd_notice *n = &f->t->notices[index];
    const kd_notice_words *w = &f->notice_words[index];
    kd_ast_notice *a = &f->ast->notices[index];
    int column = 2;
    for (size_t i = 0; i < n->field_count; i++) {
        kd_field *field = &n->fields[i];
        resolve_type(f, field, w->types.items[i]);
        field->column = kd_is_list(field) ? -1 : column++;
        if (column == KD_WIDTH_MAX + 1)
            kd_diagnose(f, w->fields.items[i].at, "a notice has at most %d fields beside lists",
                        KD_WIDTH_MAX - 2);
    }
    n->may_say = w->by.count ? 0 : UINT64_MAX;
    for (size_t i = 0; i < w->by.count; i++) {
        int party = kd_lookup(f, w->by.items[i].text, w->by.items[i].at, KD_IS_PARTY);
        if (party >= 0) n->may_say |= (uint64_t)1 << party;
    }
    if (f->t->party_count < 64) n->may_say &= ((uint64_t)1 << f->t->party_count) - 1;
    if (w->role.text.n) {
        n->role = kd_role_find(w->role.text);
        if (n->role == KD_ROLE_COUNT) {
            kd_str names[KD_ROLE_COUNT];
            for (int r = 1; r < KD_ROLE_COUNT; r++) names[r - 1] = kd_role_name((kd_role)r);
            kd_diagnose_near(f, w->role.at, w->role.text, names, KD_ROLE_COUNT - 1, "unknown role `%.*s`",
                             KD_STR_ARGS(w->role.text));
            int nearest = kd_str_nearest(w->role.text, names, KD_ROLE_COUNT - 1);
            n->role = nearest < 0 ? KD_ROLE_NONE : (kd_role)(nearest + 1);
        }
    }
    if (w->dated.text.n) {
        n->dated = kd_field_lookup(f, n, w->dated.text, w->dated.at);
        if (n->dated >= 0 && (n->fields[n->dated].type != KD_T_DATE || kd_is_list(&n->fields[n->dated])))
            kd_diagnose(f, w->dated.at, "a field of one date is wanted here");
    }
    if (w->role.text.n) kd_role_check(f, n, w->role.at);
    resolve_when(f, n, w->alleges, w->alleges_value, &a->alleges_field, &a->alleges_value);
    resolve_when(f, n, w->clears, w->clears_value, &a->clears_field, &a->clears_value);
}

void kd_resolve_names(kd_front *f) {
    for (size_t i = 0; i < f->t->notice_count && !f->nomem; i++) resolve_notice(f, (uint32_t)i);
}

/* ---- Events, facts, numbers -----------------------------------------------------------------------------*/

/* A parameter that is called as a constant would never be met. */
static void check_parameters(kd_scope *s, uint32_t arity) {
    for (uint32_t i = 0; i < arity; i++) {
        kd_ast_var *v = &s->vars->items[i];
        const kd_entry *e = kd_index_find(s->f->index, KD_SPACE_NAMES, v->name);
        if (!e || (e->what != KD_IS_PARTY && e->what != KD_IS_GROUP && e->what != KD_IS_NOTICE)) continue;
        kd_diagnose(s->f, v->at, "`%.*s` is %.*s; a parameter needs another name", KD_STR_ARGS(v->name),
                    KD_STR_ARGS(kd_thing_name(e->what)));
        v->uses += 2;
        s->failed = true;
    }
}

static uint64_t slots(uint32_t arity) {
    return ((uint64_t)1 << arity) - 1;
}

/* Every parameter gets its value from the pattern. */
static void check_binds(kd_scope *s, const kd_ast_pattern *p, uint32_t arity) {
    uint64_t loose = s->failed ? 0 : slots(arity) & ~p->variables;
    for (uint32_t i = 0; i < arity; i++)
        if (loose >> i & 1) {
            kd_diagnose(s->f, p->at, "nothing in this pattern of `%.*s` binds `%.*s`", KD_STR_ARGS(p->name),
                        KD_STR_ARGS(s->vars->items[i].name));
            s->vars->items[i].uses += 2;
            s->failed = true;
        }
}

/* What its comparisons speak of is in the pattern itself. */
static void check_where(kd_scope *s, const kd_ast_pattern *p) {
    for (size_t i = 0; i < p->where_count; i++) {
        uint64_t loose = s->failed ? 0 : p->where[i]->variables & ~p->variables;
        for (uint32_t v = 0; v < s->vars->count && loose; v++)
            if (loose >> v & 1) {
                kd_diagnose(s->f, p->where[i]->at, "nothing in this pattern of `%.*s` binds `%.*s`",
                            KD_STR_ARGS(p->name), KD_STR_ARGS(s->vars->items[v].name));
                s->failed = true;
                loose = 0;
            }
    }
}

static void copy_types(kd_field *params, const kd_ast_vars *vars, uint32_t arity) {
    for (uint32_t i = 0; i < arity; i++) {
        params[i].name = vars->items[i].name;
        params[i].type = vars->items[i].typed ? vars->items[i].type : KD_T_TEXT;
        params[i].kind = vars->items[i].kind;
        params[i].column = (int)i;
    }
}

void kd_resolve_event(kd_front *f, uint32_t index) {
    kd_ast_event *e = &f->ast->events[index];
    kd_scope s = kd_scope_of(f, &e->vars);
    e->params = kd_front_take(f, e->arity, sizeof *e->params);
    if (f->nomem) return;
    check_parameters(&s, e->arity);
    bool found = e->pattern && kd_resolve_pattern(&s, e->pattern, KD_MAY_NOTICE);
    if (found && !e->broken) {
        check_binds(&s, e->pattern, e->arity);
        check_where(&s, e->pattern);
    }
    const kd_notice *n = found ? &f->t->notices[e->pattern->index] : NULL;
    int field = n && e->field_name.n ? kd_field_lookup(f, n, e->field_name, e->field_at) : -1;
    if (field >= 0) {
        const kd_field *x = &n->fields[field];
        e->field = (uint32_t)field;
        if (kd_is_list(x) || (x->type != KD_T_DATE && x->type != KD_T_INSTANT))
            kd_diagnose(f, e->field_at, "an event happens at a field of one date or instant; `%.*s` is none",
                        KD_STR_ARGS(x->name));
    }
    if (!e->broken) kd_check_used(&s);
    e->broken |= s.failed || field < 0;
    copy_types(e->params, &e->vars, e->arity);
}

void kd_resolve_fact(kd_front *f, uint32_t index) {
    kd_ast_fact *a = &f->ast->facts[index];
    kd_scope s = kd_scope_of(f, &a->vars);
    check_parameters(&s, a->arity);
    uint64_t parameters = s.visible;
    for (size_t i = 0; i < a->begins_count; i++) {
        s.visible = parameters;
        if (!kd_resolve_pattern(&s, a->begins[i], KD_MAY_NOTICE | KD_MAY_EVENT)) continue;
        if (!a->broken) check_binds(&s, a->begins[i], a->arity);
        check_where(&s, a->begins[i]);
    }
    for (size_t i = 0; i < a->ends_count; i++) {
        s.visible = parameters;
        if (kd_resolve_pattern(&s, a->ends[i], KD_MAY_NOTICE | KD_MAY_EVENT)) check_where(&s, a->ends[i]);
    }
    if (!a->broken) kd_check_used(&s);
    a->broken |= s.failed;
    copy_types(f->t->facts[index].params, &a->vars, a->arity);
}

static bool is_finite(kd_value_type type) {
    return type == KD_T_PARTY || type == KD_T_KIND || type == KD_T_GROUP || type == KD_T_NOTICE ||
           type == KD_T_YES_NO;
}

/* What the latest values, sums, counts and numbers in it speak of. */
static uint64_t bound_by(const kd_ast_x *x) {
    uint64_t bound =
        x->op == KD_AST_SUM || x->op == KD_AST_PRODUCT || x->op == KD_AST_TERM ? 0 : x->variables;
    for (size_t i = 0; i < x->kid_count; i++) bound |= bound_by(x->kids[i]);
    return bound;
}

void kd_resolve_number(kd_front *f, uint32_t index) {
    kd_ast_number *n = &f->ast->numbers[index];
    kd_scope s = kd_scope_of(f, &n->vars);
    check_parameters(&s, n->arity);
    if (n->value) kd_resolve_count(&s, n->value);
    uint64_t counting = 0;
    for (size_t i = 0; i < n->counted_count; i++) {
        kd_ast_counted *c = &n->counted[i];
        int party = kd_lookup(f, c->name, c->at, KD_IS_PARTY);
        if (party >= 0) {
            c->party = (uint32_t)party;
            if (counting >> party & 1)
                kd_diagnose(f, c->at, "`%.*s` adds to this number twice", KD_STR_ARGS(c->name));
            counting |= (uint64_t)1 << party;
        }
        kd_resolve_count(&s, c->add);
    }
    uint64_t bound = n->value ? bound_by(n->value) : UINT64_MAX;
    for (uint32_t i = 0; i < n->arity && !s.failed; i++) {
        kd_ast_var *v = &n->vars.items[i];
        if (bound >> i & 1 || v->uses < 2 || (v->typed && is_finite(v->type))) continue;
        kd_diagnose(f, v->at, "nothing binds `%.*s`: no notice, event or fact in `:=` speaks of it",
                    KD_STR_ARGS(v->name));
        s.failed = true;
    }
    if (!n->broken) kd_check_used(&s);
    n->broken |= s.failed;
    copy_types(n->params, &n->vars, n->arity);
}

/* ---- The treaty's own life ------------------------------------------------------------------------------*/

static int need_notice(kd_front *f, kd_word name) {
    return name.text.n ? kd_lookup(f, name.text, name.at, KD_IS_NOTICE) : -1;
}

static int need_date(kd_front *f, int notice, kd_word name) {
    if (notice < 0 || name.text.n == 0) return -1;
    int field = kd_field_lookup(f, &f->t->notices[notice], name.text, name.at);
    if (field < 0) return -1;
    const kd_field *x = &f->t->notices[notice].fields[field];
    if (x->type == KD_T_DATE && !kd_is_list(x)) return field;
    kd_diagnose(f, name.at, "a field of one date is wanted here; `%.*s` is none", KD_STR_ARGS(name.text));
    return -1;
}

void kd_resolve_life(kd_front *f) {
    kd_ast_life *life = &f->ast->life;
    const kd_life_words *w = &f->life_words;
    kd_treaty *t = f->t;
    kd_scope s = kd_scope_of(f, &life->vars);
    t->in_force_notice = life->extension = life->withdrawal = life->withdrawal_on = -1;
    if (life->in_force && kd_resolve_pattern(&s, life->in_force, KD_MAY_NOTICE)) {
        t->in_force_notice = (int)life->in_force->index;
        if (!t->notices[t->in_force_notice].by_both)
            kd_diagnose(f, life->in_force->at,
                        "a treaty enters into force on a notice of both; `%.*s` is not `by both`",
                        KD_STR_ARGS(life->in_force->name));
    }
    kd_check_used(&s);
    life->extension = t->extension_notice = need_notice(f, w->extension);
    int until = need_date(f, life->extension, w->until);
    if (until >= 0) life->extension_until = (uint32_t)until;
    life->withdrawal = t->withdrawal_notice = need_notice(f, w->withdrawal);
    life->withdrawal_on = need_date(f, life->withdrawal, w->on);
}

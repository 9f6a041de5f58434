/* resolve_expr.c: conditions and values: which are which, of what type, and whether every variable is
 * bound. */
#include "lang/resolve.h"

static void resolve_value(kd_scope *s, kd_ast_x *x, bool typed, kd_value_type want, uint32_t kind);

static bool is_condition(const kd_ast_x *x) {
    return x->op <= KD_AST_SOME_BREACH;
}

static void gather(kd_ast_x *x) {
    for (size_t i = 0; i < x->kid_count; i++) x->variables |= x->kids[i]->variables;
}

/* The names in something that cannot be resolved are met all the same. */
static void touch_x(kd_scope *s, kd_ast_x *x) {
    s->failed = true;
    if (x->op == KD_AST_TERM || x->op == KD_AST_SOME_BREACH) kd_touch_term(s, &x->term);
    for (size_t i = 0; i < x->kid_count; i++) touch_x(s, x->kids[i]);
    if (!x->pattern) return;
    for (size_t i = 0; i < x->pattern->arg_count; i++) kd_touch_term(s, &x->pattern->args[i].term);
    if (x->pattern->has_by) kd_touch_term(s, &x->pattern->by);
    if (x->pattern->has_about) kd_touch_term(s, &x->pattern->about);
}

/* ---- Conditions -----------------------------------------------------------------------------------------*/

static void resolve_fact(kd_scope *s, kd_ast_x *x) {
    kd_front *f = s->f;
    const kd_entry *e = kd_index_find(f->index, KD_SPACE_NAMES, x->pattern->name);
    if (e && e->what == KD_IS_NUMBER) {
        kd_diagnose(f, x->at, "a condition is wanted here; `%.*s` is a number and wants to be compared",
                    KD_STR_ARGS(x->pattern->name));
        touch_x(s, x);
        return;
    }
    x->op = KD_AST_FACT;
    if (e && (e->what == KD_IS_NOTICE || e->what == KD_IS_EVENT)) {
        kd_diagnose(f, x->at, "a fact is wanted here; `%.*s` is %.*s, which holds at no time but its own",
                    KD_STR_ARGS(x->pattern->name), KD_STR_ARGS(kd_thing_name(e->what)));
        touch_x(s, x);
        return;
    }
    kd_resolve_pattern(s, x->pattern, KD_MAY_FACT);
    x->variables = x->pattern->variables;
}

static void tell_no_condition(kd_scope *s, kd_ast_x *x) {
    kd_front *f = s->f;
    const kd_entry *e = NULL;
    if (x->op == KD_AST_TERM) e = kd_index_find(f->index, KD_SPACE_NAMES, x->term.text);
    if (e && e->what == KD_IS_FACT) {
        kd_str hint = kd_front_format(f, "did you mean `%.*s()`?", KD_STR_ARGS(x->term.text));
        kd_diagnose_hint(f, x->at, hint, "a fact is asked for with brackets");
    } else {
        kd_diagnose(f, x->at, "a condition is wanted here, not a value");
    }
    touch_x(s, x);
}

void kd_resolve_condition(kd_scope *s, kd_ast_x *x) {
    switch (x->op) {
    case KD_AST_AND:
        /* Facts bind what comparisons, and counts, then speak of. */
        for (size_t i = 0; i < x->kid_count; i++)
            if (x->kids[i]->op == KD_AST_CALL)
                kd_resolve_condition(s, x->kids[i]);
            else
                x->kids[i]->field = 1;
        for (size_t i = 0; i < x->kid_count; i++)
            if (x->kids[i]->field) {
                x->kids[i]->field = 0;
                kd_resolve_condition(s, x->kids[i]);
            }
        break;
    case KD_AST_OR:
    case KD_AST_NOT:
        for (size_t i = 0; i < x->kid_count; i++) kd_resolve_condition(s, x->kids[i]);
        break;
    case KD_AST_COMPARE:
        kd_resolve_comparison(s, x);
        return;
    case KD_AST_CALL:
        resolve_fact(s, x);
        return;
    case KD_AST_IN_FORCE:
        return;
    case KD_AST_SOME_BREACH:
        if (!s->reading) {
            kd_diagnose(s->f, x->at,
                        "`some breach` can be asked for in a reading alone: a rule would depend on itself");
            touch_x(s, x);
            return;
        }
        kd_resolve_party(s, &x->term, false);
        x->variables = kd_term_variables(&x->term);
        return;
    default:
        tell_no_condition(s, x);
        return;
    }
    gather(x);
}

/* ---- Values ---------------------------------------------------------------------------------------------*/

static void resolve_field_of(kd_scope *s, kd_ast_x *x) {
    kd_front *f = s->f;
    const char *what = x->op == KD_AST_LATEST ? "latest" : "sum of";
    x->type = KD_T_COUNT;
    if (!kd_resolve_pattern(s, x->pattern, KD_MAY_NOTICE)) return;
    x->variables = x->pattern->variables;
    const kd_notice *n = &f->t->notices[x->pattern->index];
    int field = kd_field_lookup(f, n, x->field_name, x->at);
    if (field < 0) {
        s->failed = true;
        return;
    }
    x->field = (uint32_t)field;
    x->type = n->fields[field].type;
    x->kind = n->fields[field].kind;
    bool list = kd_is_list(&n->fields[field]);
    if (!list && (x->op == KD_AST_LATEST || x->type == KD_T_COUNT)) return;
    kd_diagnose(f, x->at, "`%s` wants %s; `%.*s` is %s", what,
                x->op == KD_AST_LATEST ? "a field of one value" : "a count", KD_STR_ARGS(x->field_name),
                list ? "a list" : "none");
    x->type = KD_T_COUNT;
    s->failed = true;
}

static void resolve_count_of(kd_scope *s, kd_ast_x *x) {
    uint64_t outside = s->visible;
    x->type = KD_T_COUNT;
    kd_resolve_pattern(s, x->pattern, KD_MAY_NOTICE | KD_MAY_EVENT | KD_MAY_FACT);
    x->variables = x->pattern->variables;
    for (size_t i = 0; i < x->pattern->where_count; i++) x->variables |= x->pattern->where[i]->variables;
    /* What is met in it alone lives in it alone. */
    x->variables &= outside;
    s->visible = outside;
}

static void resolve_number(kd_scope *s, kd_ast_x *x) {
    kd_front *f = s->f;
    kd_ast_pattern *p = x->pattern;
    const kd_entry *e = kd_index_find(f->index, KD_SPACE_NAMES, p->name);
    x->type = KD_T_COUNT;
    x->op = KD_AST_NUMBER;
    if (!e || e->what != KD_IS_NUMBER) {
        if (e && e->what == KD_IS_FACT)
            kd_diagnose(f, x->at, "a number is wanted here; `%.*s` is a fact: `count of %.*s(...)`?",
                        KD_STR_ARGS(p->name), KD_STR_ARGS(p->name));
        else
            kd_lookup(f, p->name, p->at, KD_IS_NUMBER);
        touch_x(s, x);
        return;
    }
    const kd_ast_number *n = &f->ast->numbers[e->index];
    x->index = e->index;
    if (p->arg_count != n->arity) {
        kd_diagnose(f, p->at, "`%.*s` has %u argument%s, not %zu", KD_STR_ARGS(p->name), (unsigned)n->arity,
                    n->arity == 1 ? "" : "s", p->arg_count);
        touch_x(s, x);
        return;
    }
    x->args = kd_front_take(f, n->arity, sizeof *x->args);
    for (uint32_t i = 0; i < n->arity && !f->nomem; i++) {
        kd_ast_arg *a = &p->args[i];
        if (a->field_name.n) kd_diagnose(f, a->at, "the arguments of a number go by place, without names");
        if (!n->vars.items[i].typed) {
            kd_touch_term(s, &a->term);
        } else if (a->term.what == KD_TERM_ANY) {
            kd_diagnose(f, a->at, "a number wants a value for each of its parameters, not `_`");
            s->failed = true;
        } else {
            kd_resolve_term(s, &a->term, n->vars.items[i].type, n->vars.items[i].kind);
        }
        x->args[i] = a->term;
        x->variables |= kd_term_variables(&a->term);
    }
    x->arg_count = n->arity;
    x->pattern = NULL;
}

/* A name that stands alone: a variable that is bound, or a constant. */
static void resolve_alone(kd_scope *s, kd_ast_x *x, bool typed, kd_value_type want, uint32_t kind) {
    kd_ast_term *t = &x->term;
    int slot = kd_scope_find(s, t->text);
    if (!typed && slot >= 0 && s->vars->items[slot].typed) {
        typed = true;
        want = s->vars->items[slot].type;
        kind = s->vars->items[slot].kind;
    }
    if (!typed) {
        const kd_entry *e = kd_index_find(s->f->index, KD_SPACE_NAMES, t->text);
        if (!e) e = kd_index_find(s->f->index, KD_SPACE_GROUPS, t->text);
        if (e && e->what <= KD_IS_NOTICE && e->what != KD_IS_KIND && e->what != KD_IS_PERIOD) {
            typed = true;
            want = e->what == KD_IS_PARTY ? KD_T_PARTY : e->what == KD_IS_GROUP ? KD_T_GROUP : KD_T_NOTICE;
        }
    }
    uint32_t before = s->vars->count;
    if (typed) kd_resolve_term(s, t, want, kind);
    bool fresh = typed && t->what == KD_TERM_VARIABLE && s->vars->count > before;
    if (fresh) {
        /* Told here, so not again as used once. */
        s->vars->items[t->slot].uses++;
        kd_tell_unbound(s, x->at, t->text, typed, want, kind);
    } else if (!typed) {
        kd_str name = t->text;
        kd_touch_term(s, t);
        kd_tell_unbound(s, x->at, name, false, KD_T_COUNT, 0);
    }
}

static void resolve_value(kd_scope *s, kd_ast_x *x, bool typed, kd_value_type want, uint32_t kind) {
    switch (x->op) {
    case KD_AST_TERM:
        if (x->term.what == KD_TERM_VARIABLE)
            resolve_alone(s, x, typed, want, kind);
        else if (x->term.what == KD_TERM_ANY) {
            kd_diagnose(s->f, x->at, "a value is wanted here, not `_`");
            s->failed = true;
        } else
            kd_resolve_term(s, &x->term, typed ? want : x->term.type, typed ? kind : x->term.kind);
        x->type = x->term.type;
        x->kind = x->term.kind;
        x->variables = kd_term_variables(&x->term);
        return;
    case KD_AST_SUM:
    case KD_AST_PRODUCT:
        for (size_t i = 0; i < x->kid_count; i++) kd_resolve_count(s, x->kids[i]);
        x->type = KD_T_COUNT;
        gather(x);
        return;
    case KD_AST_CALL:
        resolve_number(s, x);
        return;
    case KD_AST_LATEST:
    case KD_AST_TOTAL:
        resolve_field_of(s, x);
        return;
    case KD_AST_COUNT:
        resolve_count_of(s, x);
        return;
    default:
        kd_diagnose(s->f, x->at, "a value is wanted here, not a condition");
        x->type = KD_T_COUNT;
        touch_x(s, x);
        return;
    }
}

void kd_resolve_count(kd_scope *s, kd_ast_x *x) {
    resolve_value(s, x, true, KD_T_COUNT, 0);
    if (x->type == KD_T_COUNT || (x->op == KD_AST_TERM)) return;
    kd_str met = kd_type_wanted(s->f->t, x->type, x->kind);
    kd_diagnose(s->f, x->at, "a number is wanted here, not %.*s", KD_STR_ARGS(met));
    s->failed = true;
}

/* True when the side says of itself which type it has. */
static bool knows_type(const kd_scope *s, const kd_ast_x *x) {
    if (x->op != KD_AST_TERM) return true;
    if (x->term.what == KD_TERM_TEXT) return x->term.type == KD_T_RULE;
    if (x->term.what != KD_TERM_VARIABLE) return true;
    int slot = kd_scope_find(s, x->term.text);
    return slot >= 0 && s->vars->items[slot].typed;
}

void kd_resolve_comparison(kd_scope *s, kd_ast_x *x) {
    kd_front *f = s->f;
    if (x->op != KD_AST_COMPARE) {
        kd_diagnose(f, x->at, "a comparison is wanted here");
        touch_x(s, x);
        return;
    }
    kd_ast_x *left = x->kids[0], *right = x->kids[1];
    if (is_condition(left) || is_condition(right)) {
        kd_diagnose(f, is_condition(left) ? left->at : right->at, "a condition cannot be compared");
        touch_x(s, x);
        return;
    }
    bool failed = s->failed;
    s->failed = false;
    bool swap = !knows_type(s, left) && knows_type(s, right);
    kd_ast_x *first = swap ? right : left, *second = swap ? left : right;
    resolve_value(s, first, false, KD_T_COUNT, 0);
    bool told = s->failed;
    resolve_value(s, second, !told, first->type, first->kind);
    told |= s->failed;
    s->failed |= failed;
    gather(x);
    if (told) return;
    bool same = first->type == second->type && (first->type != KD_T_KIND || first->kind == second->kind);
    if (!same) {
        kd_str a = kd_type_wanted(f->t, left->type, left->kind),
               b = kd_type_wanted(f->t, right->type, right->kind);
        kd_diagnose(f, x->at, "%.*s cannot be compared with %.*s", KD_STR_ARGS(a), KD_STR_ARGS(b));
        s->failed = true;
    } else if (x->compare > KD_CMP_NE && first->type != KD_T_COUNT && first->type != KD_T_DATE &&
               first->type != KD_T_INSTANT) {
        kd_str a = kd_type_wanted(f->t, left->type, left->kind);
        kd_diagnose(f, x->at, "%.*s is neither more nor less than another: `=` or `!=`", KD_STR_ARGS(a));
        s->failed = true;
    }
}

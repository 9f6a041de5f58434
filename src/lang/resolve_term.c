/* resolve_term.c: what a name in a pattern means: a constant of the treaty, or a variable. */
#include "lang/resolve.h"

kd_scope kd_scope_of(kd_front *f, kd_ast_vars *vars) {
    kd_scope s = {.f = f, .vars = vars};
    s.visible = vars->count >= 64 ? UINT64_MAX : ((uint64_t)1 << vars->count) - 1;
    return s;
}

int kd_scope_find(const kd_scope *s, kd_str name) {
    for (uint32_t i = 0; i < s->vars->count; i++)
        if (s->visible >> i & 1 && kd_str_equal(s->vars->items[i].name, name)) return (int)i;
    return -1;
}

uint64_t kd_term_variables(const kd_ast_term *t) {
    return t->what == KD_TERM_VARIABLE || t->what == KD_TERM_OTHER ? (uint64_t)1 << t->slot : 0;
}

/* A new variable, or -1. */
static int add_variable(kd_scope *s, kd_str name, kd_place at) {
    if (s->vars->count == KD_AST_VARS_MAX) {
        if (!s->full) kd_diagnose(s->f, at, "a declaration has at most %d variables", KD_AST_VARS_MAX);
        s->full = s->failed = true;
        return -1;
    }
    size_t count = s->vars->count;
    kd_ast_var *v = kd_front_push(s->f, &s->vars->items, &count, sizeof *v);
    if (s->f->nomem) return -1;
    s->vars->count = (uint32_t)count;
    *v = (kd_ast_var){.name = name, .at = at};
    s->visible |= (uint64_t)1 << (count - 1);
    return (int)count - 1;
}

static bool same_type(kd_value_type a, uint32_t a_kind, kd_value_type b, uint32_t b_kind) {
    return a == b && (a != KD_T_KIND || a_kind == b_kind);
}

static void tell_type(kd_scope *s, const kd_ast_term *t, kd_value_type want, uint32_t kind, const char *met) {
    kd_str wanted = kd_type_wanted(s->f->t, want, kind);
    s->failed = true;
    kd_diagnose(s->f, t->at, "%.*s is wanted here; `%.*s` is %s", KD_STR_ARGS(wanted), KD_STR_ARGS(t->text),
                met);
}

static void use_variable(kd_scope *s, kd_ast_term *t, kd_value_type want, uint32_t kind) {
    int slot = kd_scope_find(s, t->text);
    if (slot < 0) slot = add_variable(s, t->text, t->at);
    t->type = want;
    t->kind = kind;
    if (slot < 0) {
        t->what = KD_TERM_ANY;
        return;
    }
    t->slot = (uint32_t)slot;
    kd_ast_var *v = &s->vars->items[slot];
    v->uses++;
    if (!v->typed) {
        v->typed = true;
        v->type = want;
        v->kind = kind;
    } else if (!same_type(v->type, v->kind, want, kind)) {
        kd_str wanted = kd_type_wanted(s->f->t, want, kind), was = kd_type_wanted(s->f->t, v->type, v->kind);
        kd_diagnose(s->f, t->at, "%.*s is wanted here; `%.*s` is %.*s on line %u", KD_STR_ARGS(wanted),
                    KD_STR_ARGS(t->text), KD_STR_ARGS(was), (unsigned)v->at.line);
        s->failed = true;
    }
}

static void set_value(kd_ast_term *t, kd_value_type type, uint32_t kind, kd_value value) {
    t->what = KD_TERM_VALUE;
    t->type = type;
    t->kind = kind;
    t->value = value;
}

/* A name of the treaty that is a constant wherever it stands: a group where one is wanted, a Party, a
 * notice. */
static bool constant(const kd_front *f, kd_str name, kd_value_type want, kd_value_type *type, kd_value *value,
                     kd_thing *what) {
    const kd_entry *group = kd_index_find(f->index, KD_SPACE_GROUPS, name);
    const kd_entry *e = want == KD_T_GROUP ? group : NULL;
    if (!e) e = kd_index_find(f->index, KD_SPACE_NAMES, name);
    if (!e) e = group;
    if (!e || (e->what != KD_IS_PARTY && e->what != KD_IS_GROUP && e->what != KD_IS_NOTICE)) return false;
    *type = e->what == KD_IS_PARTY ? KD_T_PARTY : e->what == KD_IS_GROUP ? KD_T_GROUP : KD_T_NOTICE;
    *value = e->index;
    *what = e->what;
    return true;
}

static void resolve_name(kd_scope *s, kd_ast_term *t, kd_value_type want, uint32_t kind) {
    kd_front *f = s->f;
    if (want == KD_T_KIND) {
        const kd_kind_decl *k = &f->t->kinds[kind];
        for (size_t i = 0; i < k->count; i++)
            if (kd_str_equal(k->values[i], t->text)) {
                set_value(t, want, kind, (kd_value)i);
                return;
            }
    }
    if (want == KD_T_YES_NO && (kd_str_is(t->text, "yes") || kd_str_is(t->text, "no"))) {
        set_value(t, want, 0, kd_str_is(t->text, "yes"));
        return;
    }
    kd_value_type type;
    kd_value value;
    kd_thing what;
    if (constant(f, t->text, want, &type, &value, &what)) {
        if (type != want) tell_type(s, t, want, kind, kd_thing_name(what).p);
        set_value(t, type, 0, value);
        return;
    }
    if (want == KD_T_RULE && kd_index_find(f->index, KD_SPACE_CITED, t->text)) {
        t->what = KD_TERM_TEXT;
        t->type = KD_T_RULE;
        return;
    }
    use_variable(s, t, want, kind);
}

static void resolve_text(kd_scope *s, kd_ast_term *t, kd_value_type want, uint32_t kind) {
    kd_field field = {.type = want, .kind = kind};
    bool article = t->type == KD_T_RULE;
    bool fits = want == KD_T_TEXT || want == KD_T_STATEMENT || want == KD_T_HASH;
    kd_value value;
    kd_str nearest;
    if (article != (want == KD_T_RULE) || (!article && !fits) ||
        (fits && !kd_value_form(s->f->t, &field, t->text, &value, &nearest))) {
        tell_type(s, t, want, kind, article ? "an article" : "a text");
    } else if (article && !kd_index_find(s->f->index, KD_SPACE_CITED, t->text)) {
        size_t count = 0;
        bool room = kd_room_for_mistakes(s->f);
        kd_str *names = room ? kd_front_names(s->f, 1u << KD_IS_ARTICLE, &count) : NULL;
        kd_diagnose_near(s->f, t->at, t->text, names, count, "nothing cites the article `%.*s`",
                         KD_STR_ARGS(t->text));
        s->failed = true;
    }
    t->type = want;
}

static void resolve_other(kd_scope *s, kd_ast_term *t) {
    if (s->f->t->party_count != 2) {
        kd_diagnose(s->f, t->at,
                    "`the other` has a meaning in treaties of two Parties alone; this one has %zu",
                    s->f->t->party_count);
        s->failed = true;
    } else if (!s->has_subject) {
        kd_diagnose(s->f, t->at, "`the other` than whom? `each P: party` would say it");
        s->failed = true;
    } else if (s->subject.what == KD_TERM_VALUE) {
        set_value(t, KD_T_PARTY, 0, 1 - s->subject.value);
        return;
    } else {
        t->slot = s->subject.slot;
        s->vars->items[t->slot].uses++;
        return;
    }
    t->what = KD_TERM_ANY;
}

void kd_resolve_term(kd_scope *s, kd_ast_term *t, kd_value_type want, uint32_t kind) {
    switch (t->what) {
    case KD_TERM_ANY:
        return;
    case KD_TERM_VARIABLE:
        resolve_name(s, t, want, kind);
        return;
    case KD_TERM_TEXT:
        resolve_text(s, t, want, kind);
        return;
    case KD_TERM_OTHER:
        resolve_other(s, t);
        break;
    case KD_TERM_DAY_AFTER:
    case KD_TERM_FIRST_DAY:
    case KD_TERM_LAST_DAY:
        if (s->period) break;
        kd_diagnose(s->f, t->at,
                    "the days of a period have a meaning in what a duty `every` period owes alone");
        s->failed = true;
        return;
    case KD_TERM_VALUE:
        break;
    }
    if (t->what == KD_TERM_ANY || same_type(t->type, t->kind, want, kind)) return;
    kd_str met = kd_type_wanted(s->f->t, t->type, t->kind), wanted = kd_type_wanted(s->f->t, want, kind);
    s->failed = true;
    kd_diagnose(s->f, t->at, "%.*s is wanted here, not %.*s", KD_STR_ARGS(wanted), KD_STR_ARGS(met));
}

void kd_touch_term(kd_scope *s, kd_ast_term *t) {
    s->failed = true;
    if (t->what == KD_TERM_VARIABLE) {
        int slot = kd_scope_find(s, t->text);
        if (slot < 0) slot = add_variable(s, t->text, t->at);
        /* Used as often as need be: what it stands in is wrong already. */
        if (slot >= 0) s->vars->items[slot].uses += 2;
    }
    t->what = KD_TERM_ANY;
}

void kd_resolve_party(kd_scope *s, kd_ast_term *t, bool bound) {
    if (t->what == KD_TERM_VALUE && t->type == KD_T_PARTY && t->value == KD_BOTH) {
        kd_diagnose(s->f, t->at, "`both` is no Party; a notice `by both` is of both without saying so");
        s->failed = true;
        return;
    }
    bool name = t->what == KD_TERM_VARIABLE;
    bool known = !name || kd_scope_find(s, t->text) >= 0;
    uint32_t before = s->vars->count;
    kd_resolve_term(s, t, KD_T_PARTY, 0);
    if (!bound || !name || known || t->what != KD_TERM_VARIABLE || s->vars->count == before) return;
    s->vars->items[t->slot].uses++;
    kd_tell_unbound(s, t->at, t->text, true, KD_T_PARTY, 0);
}

static unsigned things_of(kd_value_type type) {
    return type == KD_T_PARTY    ? 1u << KD_IS_PARTY
           : type == KD_T_GROUP  ? 1u << KD_IS_GROUP
           : type == KD_T_NOTICE ? 1u << KD_IS_NOTICE
           : type == KD_T_RULE   ? 1u << KD_IS_ARTICLE
                                 : 0;
}

/* What a name that stands for nothing may have been meant to be: a constant of its type, or another
 * variable. */
static kd_str *candidates(kd_scope *s, kd_str name, bool typed, kd_value_type type, uint32_t kind,
                          size_t *count) {
    unsigned things = typed ? things_of(type) : 1u << KD_IS_PARTY | 1u << KD_IS_GROUP | 1u << KD_IS_NOTICE;
    kd_str *names = NULL;
    size_t n = 0;
    *count = 0;
    if (!kd_room_for_mistakes(s->f)) return NULL;
    if (things) names = kd_front_names(s->f, things, &n);
    const kd_kind_decl *k = typed && type == KD_T_KIND ? &s->f->t->kinds[kind] : NULL;
    size_t more = s->vars->count + (k ? k->count : 0);
    kd_str *all = s->f->nomem ? NULL : kd_arena_array(s->f->arena, n + more + 1, sizeof *all);
    if (!all) {
        s->f->nomem = true;
        return NULL;
    }
    for (size_t i = 0; i < n; i++) all[(*count)++] = names[i];
    for (size_t i = 0; k && i < k->count; i++) all[(*count)++] = k->values[i];
    for (uint32_t i = 0; i < s->vars->count; i++)
        if (!kd_str_equal(s->vars->items[i].name, name)) all[(*count)++] = s->vars->items[i].name;
    return all;
}

void kd_tell_unbound(kd_scope *s, kd_place at, kd_str name, bool typed, kd_value_type type, uint32_t kind) {
    size_t count;
    kd_str *all = candidates(s, name, typed, type, kind, &count);
    s->failed = true;
    kd_diagnose_near(s->f, at, name, all, count, "nothing binds `%.*s`", KD_STR_ARGS(name));
}

void kd_check_used(kd_scope *s) {
    for (uint32_t i = 0; i < s->vars->count; i++) {
        const kd_ast_var *v = &s->vars->items[i];
        if (v->uses != 1) continue;
        size_t count;
        kd_str *all = candidates(s, v->name, v->typed, v->type, v->kind, &count);
        s->failed = true;
        kd_diagnose_near(s->f, v->at, v->name, all, count,
                         "nothing else uses `%.*s`; `_` stands for any value", KD_STR_ARGS(v->name));
    }
}

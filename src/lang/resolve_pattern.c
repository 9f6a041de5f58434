/* resolve_pattern.c: which notice, event or fact a pattern is of, and which of its fields. */
#include "lang/resolve.h"

int kd_lookup(kd_front *f, kd_str name, kd_place at, kd_thing what) {
    uint64_t space = what == KD_IS_READING ? KD_SPACE_READINGS
                     : what == KD_IS_GROUP ? KD_SPACE_GROUPS
                                           : KD_SPACE_NAMES;
    const kd_entry *e = kd_index_find(f->index, space, name);
    if (e && e->what == what) return (int)e->index;
    kd_str wanted = kd_thing_name(what);
    if (e) {
        kd_diagnose(f, at, "%.*s is wanted here; `%.*s` is %.*s", KD_STR_ARGS(wanted), KD_STR_ARGS(name),
                    KD_STR_ARGS(kd_thing_name(e->what)));
        return -1;
    }
    size_t count = 0;
    kd_str *names = kd_room_for_mistakes(f) ? kd_front_names(f, 1u << what, &count) : NULL;
    /* "a notice" without its article */
    int skip = wanted.p[1] == 'n' ? 3 : 2;
    kd_diagnose_near(f, at, name, names, count, "unknown %s `%.*s`", wanted.p + skip, KD_STR_ARGS(name));
    return -1;
}

int kd_field_lookup(kd_front *f, const kd_notice *n, kd_str name, kd_place at) {
    for (size_t i = 0; i < n->field_count; i++)
        if (kd_str_equal(n->fields[i].name, name)) return (int)i;
    kd_str names[256];
    size_t count = 0;
    for (; count < n->field_count && count < 256; count++) names[count] = n->fields[count].name;
    kd_diagnose_near(f, at, name, names, count, "the notice `%.*s` has no field `%.*s`", KD_STR_ARGS(n->name),
                     KD_STR_ARGS(name));
    return -1;
}

static const char *may_be(unsigned may) {
    switch (may) {
    case KD_MAY_NOTICE:
        return "notice";
    case KD_MAY_FACT:
        return "fact";
    case KD_MAY_NOTICE | KD_MAY_EVENT:
        return "notice or event";
    default:
        return "notice, event or fact";
    }
}

/* Finds what the pattern is of; false when that is unknown or of a wrong sort. */
static bool find_target(kd_scope *s, kd_ast_pattern *p, unsigned may) {
    kd_front *f = s->f;
    const kd_entry *e = kd_index_find(f->index, KD_SPACE_NAMES, p->name);
    if (!e) {
        size_t count = 0;
        kd_str *names = kd_room_for_mistakes(f) ? kd_front_names(f, may, &count) : NULL;
        kd_diagnose_near(f, p->at, p->name, names, count, "unknown %s `%.*s`", may_be(may),
                         KD_STR_ARGS(p->name));
        return false;
    }
    if (!(may >> e->what & 1)) {
        const char *why = e->what == KD_IS_FACT ? "; a fact holds, it does not happen" : "";
        kd_diagnose(f, p->at, "a %s is wanted here; `%.*s` is %.*s%s", may_be(may), KD_STR_ARGS(p->name),
                    KD_STR_ARGS(kd_thing_name(e->what)), why);
        return false;
    }
    p->target = e->what == KD_IS_NOTICE ? KD_OF_NOTICE : e->what == KD_IS_EVENT ? KD_OF_EVENT : KD_OF_FACT;
    p->index = e->index;
    return true;
}

/* The names of a pattern that cannot be resolved are met all the same. */
static void touch(kd_scope *s, kd_ast_pattern *p) {
    for (size_t i = 0; i < p->arg_count; i++) kd_touch_term(s, &p->args[i].term);
    if (p->has_by) kd_touch_term(s, &p->by);
    if (p->has_about) kd_touch_term(s, &p->about);
}

static void notice_args(kd_scope *s, kd_ast_pattern *p) {
    const kd_notice *n = &s->f->t->notices[p->index];
    for (size_t i = 0; i < p->arg_count; i++) {
        kd_ast_arg *a = &p->args[i];
        int field = -1;
        if (a->field_name.n)
            field = kd_field_lookup(s->f, n, a->field_name, a->at);
        else
            kd_diagnose(s->f, a->at, "the fields of a notice go by name: `field: %.*s`",
                        KD_STR_ARGS(a->term.text));
        if (field < 0) {
            kd_touch_term(s, &a->term);
            continue;
        }
        a->field = (uint32_t)field;
        kd_resolve_term(s, &a->term, n->fields[field].type, n->fields[field].kind);
    }
}

/* `about T`: the field `about`, or the only field of type party. */
static void about_arg(kd_scope *s, kd_ast_pattern *p) {
    if (!p->has_about) return;
    const kd_notice *n = p->target == KD_OF_NOTICE ? &s->f->t->notices[p->index] : NULL;
    int field = -1, parties = 0;
    for (size_t i = 0; n && i < n->field_count; i++) {
        if (n->fields[i].type == KD_T_PARTY && parties++ == 0 && field < 0) field = (int)i;
        if (kd_str_is(n->fields[i].name, "about")) {
            field = (int)i;
            parties = 1;
            break;
        }
    }
    if (field < 0 || parties != 1) {
        kd_touch_term(s, &p->about);
        if (!n)
            kd_diagnose(s->f, p->about.at, "`about` speaks of a notice's field; `%.*s` is no notice",
                        KD_STR_ARGS(p->name));
        else
            kd_diagnose(s->f, p->about.at, "`%.*s` has no field `about`, and %s field of type party",
                        KD_STR_ARGS(p->name), parties ? "more than one" : "no");
        return;
    }
    kd_resolve_term(s, &p->about, n->fields[field].type, n->fields[field].kind);
    kd_ast_arg *a = kd_front_push(s->f, &p->args, &p->arg_count, sizeof *a);
    *a = (kd_ast_arg){
        .field = (uint32_t)field, .term = p->about, .field_name = n->fields[field].name, .at = p->about.at};
}

static void placed_args(kd_scope *s, kd_ast_pattern *p) {
    kd_front *f = s->f;
    bool fact = p->target == KD_OF_FACT;
    const kd_ast_vars *vars = fact ? &f->ast->facts[p->index].vars : &f->ast->events[p->index].vars;
    uint32_t arity = fact ? f->ast->facts[p->index].arity : f->ast->events[p->index].arity;
    bool broken = fact ? f->ast->facts[p->index].broken : f->ast->events[p->index].broken;
    if (!p->has_args) {
        for (uint32_t i = 0; i < arity; i++) {
            kd_ast_arg *a = kd_front_push(f, &p->args, &p->arg_count, sizeof *a);
            *a = (kd_ast_arg){.field = i, .term = {.what = KD_TERM_ANY, .at = p->at}, .at = p->at};
        }
        return;
    }
    if (p->arg_count != arity) {
        if (!broken)
            kd_diagnose(f, p->at, "`%.*s` has %u argument%s, not %zu", KD_STR_ARGS(p->name), (unsigned)arity,
                        arity == 1 ? "" : "s", p->arg_count);
        s->failed = true;
        for (size_t i = 0; i < p->arg_count; i++) kd_touch_term(s, &p->args[i].term);
        return;
    }
    for (uint32_t i = 0; i < arity; i++) {
        kd_ast_arg *a = &p->args[i];
        a->field = i;
        if (a->field_name.n) {
            kd_diagnose(f, a->at, "the arguments of %s go by place, without names",
                        fact ? "a fact" : "an event");
            s->failed = true;
        }
        if (vars->items[i].typed)
            kd_resolve_term(s, &a->term, vars->items[i].type, vars->items[i].kind);
        else
            kd_touch_term(s, &a->term);
    }
}

static void resolve_by(kd_scope *s, kd_ast_pattern *p) {
    if (!p->has_by) return;
    kd_front *f = s->f;
    const kd_notice *n = NULL;
    if (p->target == KD_OF_NOTICE) n = &f->t->notices[p->index];
    if (p->target == KD_OF_EVENT) {
        const kd_ast_event *e = &f->ast->events[p->index];
        if (e->pattern && !e->broken) n = &f->t->notices[e->pattern->index];
    }
    if (p->target == KD_OF_FACT)
        kd_diagnose(f, p->by.at, "nobody says a fact: `by` has no place behind `%.*s`", KD_STR_ARGS(p->name));
    else if (n && n->by_both)
        kd_diagnose(f, p->by.at, "`%.*s` is said by both: `by` has no place behind it", KD_STR_ARGS(p->name));
    if (p->target == KD_OF_FACT || !n || n->by_both) {
        kd_touch_term(s, &p->by);
        p->has_by = false;
        return;
    }
    kd_resolve_party(s, &p->by, false);
    bool outsider = p->by.what == KD_TERM_VALUE && p->by.type == KD_T_PARTY && p->by.value < 64 &&
                    !(n->may_say >> p->by.value & 1);
    if (!outsider) return;
    kd_diagnose(f, p->by.at, "`%.*s` may not say the notice `%.*s`", KD_STR_ARGS(p->by.text),
                KD_STR_ARGS(n->name));
    s->failed = true;
}

bool kd_resolve_pattern(kd_scope *s, kd_ast_pattern *p, unsigned may) {
    bool found = find_target(s, p, may);
    if (!found) {
        s->failed = true;
        touch(s, p);
    } else {
        if (p->target == KD_OF_NOTICE)
            notice_args(s, p);
        else
            placed_args(s, p);
        about_arg(s, p);
        resolve_by(s, p);
    }
    p->variables = p->has_by ? kd_term_variables(&p->by) : 0;
    for (size_t i = 0; i < p->arg_count; i++) p->variables |= kd_term_variables(&p->args[i].term);
    for (size_t i = 0; i < p->where_count; i++) kd_resolve_comparison(s, p->where[i]);
    return found && !s->f->nomem;
}

/* resolve_rule.c: the names and types of rules, and the id by which each is cited. */
#include "lang/resolve.h"

/* A rule while its names are resolved. */
typedef struct rule_scope {
    kd_scope s;
    kd_rule *r;
    kd_ast_rule *a;
    const kd_rule_words *w;
} rule_scope;

/* The notice that a pattern comes to in the end, or -1. */
static int notice_of(const kd_front *f, const kd_ast_pattern *p) {
    if (p->target == KD_OF_NOTICE) return (int)p->index;
    const kd_ast_event *e = &f->ast->events[p->index];
    return p->target == KD_OF_EVENT && e->pattern && !e->broken ? (int)e->pattern->index : -1;
}

static void tell(rule_scope *x, kd_place at, const char *message) {
    kd_diagnose(x->s.f, at, "%s", message);
    x->s.failed = true;
}

static void resolve_head(rule_scope *x) {
    kd_front *f = x->s.f;
    const kd_rule_words *w = x->w;
    int group = w->group.text.n ? kd_lookup(f, w->group.text, w->group.at, KD_IS_GROUP) : -1;
    if (group >= 0) x->r->group = (uint32_t)group;
    x->r->only = f->t->party_count < 64 ? ((uint64_t)1 << f->t->party_count) - 1 : UINT64_MAX;
    if (w->only.count) x->r->only = 0;
    for (size_t i = 0; i < w->only.count; i++) {
        int party = kd_lookup(f, w->only.items[i].text, w->only.items[i].at, KD_IS_PARTY);
        if (party >= 0) x->r->only |= (uint64_t)1 << party;
    }
    if (w->period.text.n) x->r->period = kd_lookup(f, w->period.text, w->period.at, KD_IS_PERIOD);
    if (!x->a->has_each) return;
    x->s.has_subject = true;
    x->s.subject = (kd_ast_term){.what = KD_TERM_VARIABLE, .type = KD_T_PARTY, .slot = x->a->each};
    const kd_ast_var *v = &x->a->vars.items[0];
    const kd_entry *e = kd_index_find(f->index, KD_SPACE_NAMES, v->name);
    if (e && e->what <= KD_IS_NOTICE && e->what != KD_IS_KIND && e->what != KD_IS_PERIOD) {
        kd_diagnose(f, v->at, "`%.*s` is %.*s; a variable needs another name", KD_STR_ARGS(v->name),
                    KD_STR_ARGS(kd_thing_name(e->what)));
        x->s.failed = true;
    }
}

/* Conditions see what the rule's patterns bound. */
static void resolve_bound(rule_scope *x, kd_ast_x *cond) {
    if (!cond) return;
    bool failed = x->s.failed;
    uint64_t outside = x->s.visible;
    x->s.failed = false;
    kd_resolve_condition(&x->s, cond);
    kd_check_bound(&x->s, cond, outside);
    x->s.failed |= failed;
    x->s.visible = outside;
}

/* Who owes or may say a notice says it: `by` may say so once more, and nothing else. */
static void drop_by(rule_scope *x, kd_ast_pattern *p, const kd_ast_term *who) {
    if (!p->has_by) return;
    kd_ast_term by = p->by;
    p->has_by = false;
    kd_resolve_party(&x->s, &by, true);
    bool same = who && by.what == who->what && by.slot == who->slot && by.value == who->value;
    if (!same && !x->s.failed)
        tell(x, by.at, "who owes a notice, or may say it, says it: another has no place here");
}

/* ---- Who owes what --------------------------------------------------------------------------------------*/

static void resolve_owed(rule_scope *x, kd_ast_owed *o, kd_ast_trigger trigger) {
    kd_front *f = x->s.f;
    if (o->who_kind == KD_WHO_TERM) kd_resolve_party(&x->s, &o->who, true);
    if (o->who_kind == KD_WHO_TERM && o->who.what == KD_TERM_ANY && !x->s.failed)
        tell(x, o->at, "a Party owes; `_` is none");
    x->s.period = trigger == KD_EVERY_PERIOD;
    drop_by(x, o->pattern, o->who_kind == KD_WHO_TERM ? &o->who : NULL);
    if (kd_resolve_pattern(&x->s, o->pattern, KD_MAY_NOTICE)) {
        const kd_notice *n = &f->t->notices[o->pattern->index];
        x->r->notice = (int)o->pattern->index;
        if (o->who_kind == KD_WHO_JOINTLY && !n->by_both)
            kd_diagnose(f, o->pattern->at, "a notice of both is owed jointly; `%.*s` is not `by both`",
                        KD_STR_ARGS(n->name));
    }
    const kd_ast_deadline *d = &o->deadline;
    if (trigger == KD_BEFORE_PATTERN && d->what != KD_DUE_AHEAD)
        tell(x, o->at, "what is owed `before` something is owed `at least ... ahead` of it");
    if (trigger != KD_BEFORE_PATTERN && d->what == KD_DUE_AHEAD)
        tell(x, o->at, "`ahead` has a meaning in a duty `before` something alone");
    if (trigger == KD_EVERY_PERIOD && d->what == KD_DUE_BY_DATE)
        tell(x, o->at, "what is owed every period is owed `within` a time, or with `no day set`");
}

static void set_subject(rule_scope *x, const kd_ast_term *t) {
    if (x->s.has_subject || (t->what != KD_TERM_VARIABLE && t->what != KD_TERM_VALUE) ||
        t->type != KD_T_PARTY)
        return;
    x->s.has_subject = true;
    x->s.subject = *t;
}

static void resolve_duty(rule_scope *x) {
    kd_ast_rule *a = x->a;
    if (a->when) {
        kd_resolve_pattern(&x->s, a->when, KD_MAY_NOTICE | KD_MAY_EVENT);
        if (a->when->has_by) set_subject(x, &a->when->by);
    }
    if (a->owed.pattern) resolve_owed(x, &a->owed, a->trigger);
    if (a->also_kept) kd_resolve_pattern(&x->s, a->also_kept, KD_MAY_NOTICE | KD_MAY_EVENT);
    x->s.period = false;
}

static void resolve_ban(rule_scope *x) {
    kd_ast_rule *a = x->a;
    if (a->never) {
        const kd_entry *e = kd_index_find(x->s.f->index, KD_SPACE_NAMES, a->never->name);
        bool bare = !a->never->has_by && !a->never->has_about && a->never->where_count == 0;
        if (e && e->what == KD_IS_FACT && bare) {
            /* never F(x): while it holds */
            a->never_while = kd_front_take(x->s.f, 1, sizeof *a->never_while);
            *a->never_while = (kd_ast_x){.op = KD_AST_CALL, .at = a->never->at, .pattern = a->never};
            a->never = NULL;
        } else if (kd_resolve_pattern(&x->s, a->never,
                                      KD_MAY_NOTICE | KD_MAY_EVENT | (e ? 0u : KD_MAY_FACT))) {
            x->r->notice = notice_of(x->s.f, a->never);
        }
    }
    if (a->never_while) {
        uint64_t outside = x->s.visible;
        kd_resolve_condition(&x->s, a->never_while);
        kd_check_bound(&x->s, a->never_while, outside);
    }
    resolve_bound(x, a->unless);
}

static void resolve_quota(rule_scope *x) {
    kd_ast_rule *a = x->a;
    kd_front *f = x->s.f;
    if (!a->counts) return;
    uint64_t outside = x->s.visible;
    if (kd_resolve_pattern(&x->s, a->counts, KD_MAY_NOTICE | KD_MAY_EVENT)) {
        x->r->notice = notice_of(f, a->counts);
        bool both = x->r->notice >= 0 && f->t->notices[x->r->notice].by_both;
        if (x->r->notice >= 0 && x->r->jointly && !both)
            kd_diagnose(f, a->counts->at, "a quota `jointly` counts a notice of both; `%.*s` is none",
                        KD_STR_ARGS(a->counts->name));
    }
    if (a->told && kd_resolve_pattern(&x->s, a->told, KD_MAY_NOTICE) &&
        f->t->notices[a->told->index].role != KD_ROLE_TOTAL)
        kd_diagnose(f, a->told->at, "a notice with the role `total` is wanted here; `%.*s` has it not",
                    KD_STR_ARGS(a->told->name));
    /* An excuse is of the Party and its period, not of one event in it. */
    x->s.visible = outside;
}

static void resolve_right(rule_scope *x) {
    kd_ast_rule *a = x->a;
    kd_front *f = x->s.f;
    if (!a->may) return;
    kd_resolve_party(&x->s, &a->may_who, false);
    if (a->may_who.what != KD_TERM_VARIABLE && a->may_who.what != KD_TERM_VALUE && !x->s.failed)
        tell(x, a->may_who.at, "a Party has a right; this names none");
    set_subject(x, &a->may_who);
    drop_by(x, a->may, &a->may_who);
    int exercised = -1;
    if (kd_resolve_pattern(&x->s, a->may, KD_MAY_NOTICE | KD_MAY_EVENT)) exercised = notice_of(f, a->may);
    if (exercised >= 0 && f->t->notices[exercised].by_both)
        kd_diagnose(f, a->may->at, "`%.*s` is said by both; a right is of one Party",
                    KD_STR_ARGS(a->may->name));
    if (a->has_reply && a->reply.pattern) resolve_owed(x, &a->reply, KD_WHEN_PATTERN);
    x->r->notice = exercised;
    for (size_t i = 0; i < a->refuse_count; i++) resolve_bound(x, a->refuse[i]);
    if (a->refuse_count && !a->has_reply) tell(x, x->a->at, "nothing is owed that the other may refuse");
}

static void resolve_rule(kd_front *f, size_t index) {
    rule_scope x = {.r = &f->t->rules[index], .a = &f->ast->rules[index], .w = &f->rule_words[index]};
    x.s = kd_scope_of(f, &x.a->vars);
    resolve_head(&x);
    switch (x.r->kind) {
    case KD_LIMIT:
        if (x.a->on) kd_resolve_count(&x.s, x.a->on);
        break;
    case KD_DUTY:
        resolve_duty(&x);
        break;
    case KD_BAN:
        resolve_ban(&x);
        break;
    case KD_QUOTA:
        resolve_quota(&x);
        break;
    case KD_RIGHT:
        resolve_right(&x);
        break;
    case KD_RULE_KINDS:
        break;
    }
    resolve_bound(&x, x.a->excused);
    if (!x.a->broken) kd_check_used(&x.s);
    x.a->broken |= x.s.failed;
}

/* ---- Ids ------------------------------------------------------------------------------------------------*/

/* The first article is the id of the rule that alone has it first; the others add their names. */
static void give_ids(kd_front *f) {
    kd_treaty *t = f->t;
    bool *shared = kd_front_take(f, t->rule_count, sizeof *shared);
    if (f->nomem) return;
    for (size_t i = 0; i < t->rule_count; i++) {
        kd_rule *r = &t->rules[i];
        kd_place at = f->ast->rules[i].at;
        for (size_t k = 0; k < r->cites_count; k++)
            kd_index_add(f, KD_SPACE_ARTICLES, r->cites[k], KD_IS_RULE, (uint32_t)i, at);
        if (r->cites_count == 0) continue;
        const kd_entry *e = kd_index_add(f, KD_SPACE_RULE_IDS, r->cites[0], KD_IS_RULE, (uint32_t)i, at);
        if (e) shared[i] = shared[e->index] = true;
    }
    for (size_t i = 0; i < t->rule_count && !f->nomem; i++) {
        kd_rule *r = &t->rules[i];
        r->id = r->cites_count ? r->cites[0] : r->name;
        if (r->cites_count && !shared[i]) continue;
        const kd_entry *taken;
        do {
            r->id = kd_front_format(f, "%.*s.%.*s", KD_STR_ARGS(r->id), KD_STR_ARGS(r->name));
            taken = kd_index_add(f, KD_SPACE_RULE_IDS, r->id, KD_IS_RULE, (uint32_t)i, f->ast->rules[i].at);
        } while (taken && taken->index != i && !f->nomem);
    }
}

void kd_resolve_rules(kd_front *f) {
    for (size_t i = 0; i < f->t->rule_count && !f->nomem; i++) resolve_rule(f, i);
    if (!f->nomem) give_ids(f);
}

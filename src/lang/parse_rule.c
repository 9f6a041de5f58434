/* parse_rule.c: what is owed: limit, duty, ban, quota, right. */
#include "lang/parse.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A rule while it is read. */
typedef struct rule_parts {
    kd_rule r;
    kd_ast_rule a;
    kd_rule_words w;
    kd_word name;
    unsigned triggers;
} rule_parts;

/* ---- The head, of all kinds -----------------------------------------------------------------------------*/

static bool head_cites(kd_parser *p, void *it) {
    rule_parts *x = it;
    return kd_need_articles(p, &x->r.cites, &x->r.cites_count);
}

static bool head_group(kd_parser *p, void *it) {
    return kd_need_name(p, &((rule_parts *)it)->w.group, "a group");
}

static bool head_for(kd_parser *p, void *it) {
    return kd_need_names(p, &((rule_parts *)it)->w.only, "a Party") && kd_need_word(p, "only");
}

static bool head_excused(kd_parser *p, void *it) {
    rule_parts *x = it;
    if (!kd_need_word(p, "while")) return false;
    x->a.excused = kd_parse_condition(p);
    return x->a.excused != NULL;
}

static bool head_jointly(kd_parser *p, void *it) {
    (void)p;
    ((rule_parts *)it)->r.jointly = true;
    return true;
}

static bool head_each(kd_parser *p, void *it) {
    rule_parts *x = it;
    kd_word name = {0}, type = {0};
    if (!kd_need_name(p, &name, "a variable") || !kd_need(p, ':', "`:`") ||
        !kd_need_name(p, &type, "`party`"))
        return false;
    if (!kd_str_is(type.text, "party")) {
        kd_diagnose(p->f, type.at, "a rule is for each `party`, not `%.*s`", KD_STR_ARGS(type.text));
        p->broken = true;
    }
    if (x->a.has_each) return true; /* told already that it is here twice */
    size_t count = 0;
    kd_ast_var *v = kd_front_push(p->f, &x->a.vars.items, &count, sizeof *v);
    *v = (kd_ast_var){.name = name.text, .at = name.at, .type = KD_T_PARTY, .typed = true, .uses = 1};
    x->a.vars.count = 1;
    x->a.has_each = true;
    return true;
}

#define HEAD                                                                                                 \
    {"cites", head_cites, false}, {"group", head_group, false}, {"each", head_each, false},                  \
        {"jointly", head_jointly, false}, {"for", head_for, false}, {                                        \
        "excused", head_excused, false                                                                       \
    }
#define HEAD_WORDS "en", "ru", "cites", "group", "each", "jointly", "for", "excused"
enum { CITES, GROUP, EACH, JOINTLY, FOR, EXCUSED, OWN /* the first clause of the kind's own */ };

static void missing(kd_parser *p, const rule_parts *x, const char *clause, const char *why) {
    if (!p->lost) kd_diagnose(p->f, x->a.at, "this %s has no %s: %s", p->what, clause, why);
    p->broken = true;
}

/* Reads the rule. `need` are the bits of clauses that its kind cannot do without. */
static void parse_rule(kd_parser *p, kd_place keyword, rule_parts *x, const kd_clause *table, size_t count,
                       uint32_t need, int (*extra)(kd_parser *p, void *it)) {
    p->rule = true;
    x->r.period = x->r.notice = -1;
    if (!kd_need_name(p, &x->name, "the rule's name") ||
        !kd_need_string(p, &x->r.title, "the rule's title in quotes"))
        kd_lose(p);
    uint32_t seen = kd_clauses(p, table, count, &x->r.names, x, extra);
    x->a.at = kd_join(keyword, x->name.at);
    x->r.name = x->name.text;
    x->r.file = p->file->name;
    x->r.line = keyword.line;
    if (!(seen >> CITES & 1)) missing(p, x, "`cites`", "every rule cites an article");
    if (!(seen >> GROUP & 1)) missing(p, x, "`group`", "every rule belongs to a group");
    for (size_t i = OWN; i < count; i++) {
        if (!(need >> i & 1) || seen >> i & 1) continue;
        if (!p->lost) kd_diagnose(p->f, x->a.at, "this %s has no clause `%s`", p->what, table[i].word);
        p->broken = true;
    }
}

/* Whose rows does it give? */
static void need_whose(kd_parser *p, const rule_parts *x) {
    if (x->a.has_each || x->r.jointly) return;
    missing(p, x, "`each`", "it needs `each P: party`, or `jointly`");
}

static void end_rule(kd_parser *p, rule_parts *x, kd_rule_kind kind) {
    kd_front *f = p->f;
    if (x->a.has_each && x->r.jointly) {
        kd_diagnose(f, x->a.at, "this %s has both `each` and `jointly`", p->what);
        p->broken = true;
    }
    if (x->name.text.n == 0) return;
    x->r.kind = kind;
    kd_declare(p, KD_SPACE_NAMES, x->name, KD_IS_RULE, f->t->rule_count);
    x->a.broken = p->broken;
    *(kd_rule *)kd_front_push(f, &f->t->rules, &f->t->rule_count, sizeof x->r) = x->r;
    *(kd_ast_rule *)kd_front_push(f, &f->ast->rules, &f->ast_rules, sizeof x->a) = x->a;
    *(kd_rule_words *)kd_front_push(f, &f->rule_words, &f->rule_word_count, sizeof x->w) = x->w;
}

/* ---- Limits ---------------------------------------------------------------------------------------------*/

static bool limit_from(kd_parser *p, void *it) {
    rule_parts *x = it;
    kd_limit_phase phase = {0};
    if (kd_eat_word(p, "in")) {
        phase.from_in_force = true;
        if (!kd_need_word(p, "force")) return false;
    } else if (kd_at(p, TOK_INT)) {
        phase.from_in_force = true;
        kd_place at = p->tok[0].at;
        if (!kd_need_count(p, &phase.years) || (!kd_eat_word(p, "years") && !kd_need_word(p, "year")) ||
            !kd_need_words(p, "after", "in") || !kd_need_word(p, "force"))
            return false;
        if (phase.years > 9999) kd_diagnose(p->f, at, "at most 9999 years");
    } else if (kd_at(p, TOK_DATE)) {
        kd_need_day(p, &phase.from);
    } else {
        return kd_wanted(p, "a date, `INT years after in force` or `in force`");
    }
    if (!kd_need_words(p, "at", "most") || !kd_need_count(p, &phase.at_most)) return false;
    *(kd_limit_phase *)kd_front_push(p->f, &x->r.phases, &x->r.phase_count, sizeof phase) = phase;
    x->r.quota = phase.at_most;
    return true;
}

static bool limit_on(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->a.on = kd_parse_value(p);
    return x->a.on != NULL;
}

void kd_parse_limit(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {HEAD, {"from", limit_from, true}, {"on", limit_on, false}};
    static const char *const words[] = {"from", "on", HEAD_WORDS};
    rule_parts x = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    parse_rule(p, keyword, &x, clauses, COUNT(clauses), 3u << OWN, NULL);
    need_whose(p, &x);
    if (!x.a.on) p->broken = true;
    end_rule(p, &x, KD_LIMIT);
}

/* ---- Who owes what until when ---------------------------------------------------------------------------*/

static bool parse_deadline(kd_parser *p, kd_ast_deadline *d) {
    /* It may stand on a line of its own: no clause beside it begins with these. */
    if (kd_is(&p->tok[0], "at") || kd_is(&p->tok[0], "no")) p->tok[0].first = false;
    if (kd_eat_word(p, "within")) {
        d->what = KD_DUE_WITHIN;
        return kd_need_span(p, &d->span);
    }
    if (kd_eat_word(p, "by")) {
        d->what = KD_DUE_BY_DATE;
        return kd_need_day(p, &d->date);
    }
    if (kd_eat_word(p, "at")) {
        d->what = KD_DUE_AHEAD;
        if (!kd_need_word(p, "least") || !kd_need_span(p, &d->span) || !kd_need_word(p, "ahead"))
            return false;
        if (!kd_eat_word(p, "and")) return true;
        d->has_most = true;
        return kd_need_words(p, "at", "most") && kd_need_span(p, &d->most);
    }
    if (kd_eat_word(p, "no")) {
        d->what = KD_DUE_NO_DAY;
        return kd_need_words(p, "day", "set");
    }
    return kd_wanted(p, "a deadline (`within`, `by` a date, `at least ... ahead` or `no day set`)");
}

/* From the word that says who owes. */
static bool parse_owed(kd_parser *p, kd_ast_owed *o) {
    o->at = p->tok[0].at;
    if (kd_eat_word(p, "each")) {
        o->who_kind = KD_WHO_EACH_PARTY;
        if (!kd_need_word(p, "party")) return false;
    } else if (kd_eat_word(p, "jointly")) {
        o->who_kind = KD_WHO_JOINTLY;
    } else if (!kd_parse_term(p, &o->who)) {
        return false;
    }
    if (!kd_need_word(p, "owes")) return false;
    o->pattern = kd_parse_pattern(p);
    return o->pattern && parse_deadline(p, &o->deadline);
}

/* `owse` in the place of `owes`: told, and read as what it was to be. */
static bool slip_of(kd_parser *p, kd_token *t, const char *word) {
    kd_str name = kd_str_of(word);
    if (t->kind != TOK_NAME || t->first || kd_str_equal(t->text, name) ||
        kd_str_distance(t->text, name, 3) > 2)
        return false;
    kd_diagnose_near(p->f, t->at, t->text, &name, 1, "`%s` is wanted here, not `%.*s`", word,
                     KD_STR_ARGS(t->text));
    p->broken = true;
    t->text = name;
    return true;
}

/* The clause's first word is where a name would be, and no clause of the kind begins with it. */
static bool at_who(const kd_parser *p) {
    const kd_token *t = &p->tok[0];
    if (t->kind != TOK_NAME) return false;
    for (size_t i = 0; i < p->clause_count; i++)
        if (kd_is(t, p->clauses[i])) return false;
    return true;
}

static int duty_owes(kd_parser *p, void *it) {
    rule_parts *x = it;
    kd_token *t = p->tok;
    bool owes = (t[0].kind == TOK_NAME && kd_is(&t[1], "owes")) ||
                (kd_is(&t[0], "each") && kd_is(&t[1], "party") && t[2].kind != ':') ||
                (kd_is(&t[0], "the") && kd_is(&t[1], "other"));
    if (!owes && !(at_who(p) && slip_of(p, &t[1], "owes"))) return 0;
    if (x->w.owed_seen) {
        kd_diagnose(p->f, t[0].at, "a duty owes one thing; `owes` is here twice");
        p->broken = true;
    }
    x->w.owed_seen = true;
    p->tok[0].first = false;
    return parse_owed(p, &x->a.owed) ? 1 : -1;
}

/* ---- Duties ---------------------------------------------------------------------------------------------*/

static bool duty_when(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->triggers++;
    if (kd_at_words(p, "in", "force")) {
        kd_advance(p);
        kd_advance(p);
        x->a.trigger = KD_WHEN_IN_FORCE;
        return true;
    }
    x->a.trigger = KD_WHEN_PATTERN;
    x->a.when = kd_parse_pattern(p);
    return x->a.when != NULL;
}

static bool duty_every(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->triggers++;
    x->a.trigger = KD_EVERY_PERIOD;
    return kd_need_name(p, &x->w.period, "a period");
}

static bool duty_before(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->triggers++;
    x->a.trigger = KD_BEFORE_PATTERN;
    x->a.when = kd_parse_pattern(p);
    return x->a.when != NULL;
}

static bool duty_also(kd_parser *p, void *it) {
    rule_parts *x = it;
    if (!kd_need_words(p, "kept", "by")) return false;
    x->a.also_kept = kd_parse_pattern(p);
    return x->a.also_kept != NULL;
}

void kd_parse_duty(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {HEAD,
                                        {"when", duty_when, false},
                                        {"every", duty_every, false},
                                        {"before", duty_before, false},
                                        {"also", duty_also, false}};
    static const char *const words[] = {"when", "every", "before", "also", "the", HEAD_WORDS};
    rule_parts x = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    parse_rule(p, keyword, &x, clauses, COUNT(clauses), 0, duty_owes);
    if (x.triggers == 0) missing(p, &x, "trigger", "`when`, `every` or `before` says what gives it");
    if (x.triggers > 1)
        kd_diagnose(p->f, x.a.at, "this duty has more than one of `when`, `every` and `before`");
    if (!x.w.owed_seen) missing(p, &x, "`owes`", "it says who owes what until when");
    bool whole = x.a.trigger == KD_WHEN_IN_FORCE ||
                 (x.a.trigger == KD_EVERY_PERIOD ? x.w.period.text.n != 0 : x.a.when != NULL);
    if (x.triggers != 1 || !whole || !x.a.owed.pattern) p->broken = true;
    if (x.a.owed.who_kind == KD_WHO_JOINTLY && x.w.owed_seen) x.r.jointly = true;
    end_rule(p, &x, KD_DUTY);
}

/* ---- Bans -----------------------------------------------------------------------------------------------*/

/* What is banned is a pattern when it ends as one does, and a condition when it goes on as one. */
static bool goes_on(const kd_parser *p) {
    static const int signs[] = {'=', TOK_NE, '<', TOK_LE, '>', TOK_GE, '+', '-', '*'};
    for (size_t i = 0; i < COUNT(signs); i++)
        if (kd_at(p, signs[i])) return true;
    return kd_at_word(p, "and") || kd_at_word(p, "or");
}

static bool ban_never(kd_parser *p, void *it) {
    rule_parts *x = it;
    bool condition = !kd_at(p, TOK_NAME) || kd_at_word(p, "not") || kd_at_words(p, "in", "force") ||
                     kd_at_words(p, "some", "breach") || kd_at_words(p, "sum", "of") ||
                     kd_at_words(p, "count", "of") || (kd_at_word(p, "latest") && p->tok[1].kind == TOK_NAME);
    if (!condition) {
        x->a.never = kd_parse_pattern(p);
        if (!x->a.never) return false;
        if (!goes_on(p)) return true;
        kd_ast_x *atom = kd_new_x(p, x->a.never->has_args ? KD_AST_CALL : KD_AST_TERM, x->a.never->at);
        atom->pattern = x->a.never;
        if (atom->op == KD_AST_TERM)
            atom->term =
                (kd_ast_term){.what = KD_TERM_VARIABLE, .text = x->a.never->name, .at = x->a.never->at};
        p->pending = atom;
        x->a.never = NULL;
    }
    x->a.never_while = kd_parse_condition(p);
    return x->a.never_while != NULL;
}

static bool ban_unless(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->a.unless = kd_parse_condition(p);
    return x->a.unless != NULL;
}

void kd_parse_ban(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {HEAD, {"never", ban_never, false}, {"unless", ban_unless, false}};
    static const char *const words[] = {"never", "unless", HEAD_WORDS};
    rule_parts x = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    parse_rule(p, keyword, &x, clauses, COUNT(clauses), 1u << OWN, NULL);
    need_whose(p, &x);
    if (!x.a.never && !x.a.never_while) p->broken = true;
    end_rule(p, &x, KD_BAN);
}

/* ---- Quotas ---------------------------------------------------------------------------------------------*/

static bool quota_counts(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->a.counts = kd_parse_pattern(p);
    if (!x->a.counts || !kd_need_word(p, "per") || !kd_need_name(p, &x->w.period, "a period")) return false;
    if (!kd_eat_word(p, "or")) return true;
    if (!kd_need_words(p, "as", "told") || !kd_need_word(p, "by")) return false;
    x->a.told = kd_parse_pattern(p);
    return x->a.told != NULL;
}

static bool quota_at(kd_parser *p, void *it) {
    rule_parts *x = it;
    x->r.at_least = kd_eat_word(p, "least");
    return (x->r.at_least || kd_need_word(p, "most")) && kd_need_count(p, &x->r.quota);
}

void kd_parse_quota(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {HEAD, {"counts", quota_counts, false}, {"at", quota_at, false}};
    static const char *const words[] = {"counts", "at", HEAD_WORDS};
    rule_parts x = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    parse_rule(p, keyword, &x, clauses, COUNT(clauses), 3u << OWN, NULL);
    need_whose(p, &x);
    if (!x.a.counts) p->broken = true;
    end_rule(p, &x, KD_QUOTA);
}

/* ---- Rights ---------------------------------------------------------------------------------------------*/

static bool right_may(kd_parser *p, rule_parts *x) {
    if (x->a.may) {
        kd_diagnose(p->f, p->tok[0].at, "a right is to one thing; `may` is here twice");
        p->broken = true;
    }
    if (!kd_parse_term(p, &x->a.may_who) || !kd_need_word(p, "may")) return false;
    x->a.may = kd_parse_pattern(p);
    return x->a.may != NULL;
}

static bool right_other(kd_parser *p, rule_parts *x) {
    if (kd_is(&p->tok[2], "owes")) {
        if (x->w.reply_seen) {
            kd_diagnose(p->f, p->tok[0].at, "the other owes one thing; `owes` is here twice");
            p->broken = true;
        }
        x->w.reply_seen = x->a.has_reply = true;
        return parse_owed(p, &x->a.reply);
    }
    kd_advance(p);
    kd_advance(p);
    if (!kd_need_words(p, "may", "refuse") || !kd_need_word(p, "while")) return false;
    kd_ast_x *cond = kd_parse_condition(p);
    if (!cond) return false;
    *(kd_ast_x **)kd_front_push(p->f, &x->a.refuse, &x->a.refuse_count, sizeof cond) = cond;
    return true;
}

static int right_clause(kd_parser *p, void *it) {
    kd_token *t = p->tok;
    bool other = kd_is(&t[0], "the") && kd_is(&t[1], "other"),
         may = t[0].kind == TOK_NAME && kd_is(&t[1], "may");
    if (!other && !may && !(at_who(p) && slip_of(p, &t[1], "may"))) return 0;
    p->tok[0].first = false;
    return (other ? right_other(p, it) : right_may(p, it)) ? 1 : -1;
}

void kd_parse_right(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {HEAD};
    static const char *const words[] = {"the", HEAD_WORDS};
    rule_parts x = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    parse_rule(p, keyword, &x, clauses, COUNT(clauses), 0, right_clause);
    if (!x.a.may) missing(p, &x, "`may`", "it says who may do what");
    if (!x.a.may || (x.a.has_reply && !x.a.reply.pattern)) p->broken = true;
    end_rule(p, &x, KD_RIGHT);
}

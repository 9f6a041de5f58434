/* parse_decl.c: the declarations that set the scene: treaty, party, group, kind, period, life. */
#include "lang/parse.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* The words that a table of clauses begins with, for recovery and suggestions. */
static void no_clauses(kd_parser *p) {
    p->clauses = NULL;
    p->clause_count = 0;
}

static const char *const text_words[] = {"en", "ru"};

static void text_clauses(kd_parser *p, kd_names *names) {
    p->clauses = text_words;
    p->clause_count = COUNT(text_words);
    kd_clauses(p, NULL, 0, names, NULL, NULL);
}

/* moscow-2002: names, numbers and dashes without a blank between. */
static bool need_id(kd_parser *p, kd_str *out, const char *wanted) {
    if (!kd_at(p, TOK_NAME)) return kd_wanted(p, "%s", wanted);
    kd_place at = p->tok[0].at;
    kd_advance(p);
    while (p->tok[0].joined &&
           (p->tok[0].kind == '-' || p->tok[0].kind == TOK_NAME || p->tok[0].kind == TOK_INT))
        kd_advance(p);
    at = kd_join(at, p->last);
    *out = (kd_str){p->file->bytes.p + at.offset, at.bytes};
    return true;
}

void kd_parse_treaty(kd_parser *p, kd_place keyword) {
    kd_front *f = p->f;
    kd_treaty again = {0}, *t = f->t;
    if (f->treaty_declared) {
        kd_diagnose(f, keyword, "the treaty is declared twice: line %u is the first",
                    (unsigned)f->treaty_at.line);
        t = &again;
    } else {
        f->treaty_declared = true;
        f->treaty_at = keyword;
    }
    p->clauses = text_words;
    p->clause_count = COUNT(text_words);
    if (!need_id(p, &t->id, "the treaty's id, as moscow-2002,") ||
        !kd_need_string(p, &t->title, "the treaty's title in quotes"))
        kd_lose(p);
    text_clauses(p, &t->names);
}

void kd_parse_party(kd_parser *p, kd_place keyword) {
    kd_party one = {0};
    kd_word name = {0};
    p->clauses = text_words;
    p->clause_count = COUNT(text_words);
    if (!kd_need_name(p, &name, "the Party's name")) kd_lose(p);
    text_clauses(p, &one.names);
    one.name = name.text;
    if (name.text.n == 0) return;
    if (p->f->t->party_count == 64) {
        kd_diagnose(p->f, keyword, "a treaty has at most 64 Parties");
        return;
    }
    if (kd_str_is(name.text, "both") || kd_str_is(name.text, "each")) {
        kd_diagnose(p->f, name.at, "`%.*s` is a word of the language and cannot name a Party",
                    KD_STR_ARGS(name.text));
        return;
    }
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_PARTY, p->f->t->party_count);
    *(kd_party *)kd_front_push(p->f, &p->f->t->parties, &p->f->t->party_count, sizeof one) = one;
}

static bool rests(kd_parser *p, void *it) {
    kd_group *g = it;
    return kd_need_word(p, "on") && kd_need_articles(p, &g->rests_on, &g->rests_on_count);
}

void kd_parse_group(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {{"rests", rests, false}};
    static const char *const words[] = {"en", "ru", "rests"};
    (void)keyword;
    kd_group one = {0};
    kd_word name = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the group's name")) kd_lose(p);
    kd_clauses(p, clauses, COUNT(clauses), &one.names, &one, NULL);
    one.name = name.text;
    if (name.text.n == 0) return;
    kd_declare(p, KD_SPACE_GROUPS, name, KD_IS_GROUP, p->f->t->group_count);
    *(kd_group *)kd_front_push(p->f, &p->f->t->groups, &p->f->t->group_count, sizeof one) = one;
}

/* What stands behind a declaration of one line. */
static void end_line(kd_parser *p) {
    if (p->tok[0].first && p->depth == 0) return;
    kd_wanted(p, "the end of the line");
    kd_recover(p);
}

/* Twice the same value in one kind. A table, since a kind may be long. */
static void check_values(kd_parser *p, const kd_words *values, const kd_word *kind) {
    kd_index seen = {0}, *names = p->f->index;
    p->f->index = &seen;
    for (size_t i = 0; i < values->count && !p->f->nomem; i++)
        if (kd_index_add(p->f, KD_SPACE_NAMES, values->items[i].text, KD_IS_KIND, 0, values->items[i].at))
            kd_diagnose(p->f, values->items[i].at, "`%.*s` is here twice in the kind `%.*s`",
                        KD_STR_ARGS(values->items[i].text), KD_STR_ARGS(kind->text));
    p->f->index = names;
}

void kd_parse_kind(kd_parser *p, kd_place keyword) {
    kd_word name = {0};
    kd_words values = {0};
    (void)keyword;
    no_clauses(p);
    bool fine = kd_need_name(p, &name, "the kind's name") && kd_need(p, '=', "`=` and the kind's values");
    while (fine) {
        kd_word value = {0};
        if (!(fine = kd_need_name(p, &value, "a value of the kind"))) break;
        *(kd_word *)kd_front_push(p->f, &values.items, &values.count, sizeof value) = value;
        if (!kd_eat(p, '|')) break;
    }
    if (fine)
        end_line(p);
    else
        kd_recover(p);
    kd_value_type type;
    if (name.text.n == 0 || p->f->nomem) return;
    if (kd_type_find(name.text, &type)) {
        kd_diagnose(p->f, name.at, "`%.*s` is a type of the language; a kind needs another name",
                    KD_STR_ARGS(name.text));
        return;
    }
    check_values(p, &values, &name);
    kd_kind_decl one = {.name = name.text, .count = values.count};
    one.values = kd_front_take(p->f, values.count, sizeof *one.values);
    if (p->f->nomem) return;
    for (size_t i = 0; i < values.count; i++) one.values[i] = values.items[i].text;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_KIND, p->f->t->kind_count);
    *(kd_kind_decl *)kd_front_push(p->f, &p->f->t->kinds, &p->f->t->kind_count, sizeof one) = one;
}

void kd_parse_period(kd_parser *p, kd_place keyword) {
    kd_word name = {0};
    kd_ast_span span = {0};
    kd_period one = {0};
    (void)keyword;
    no_clauses(p);
    bool fine = kd_need_name(p, &name, "the period's name") && kd_need_word(p, "every");
    kd_place at = p->tok[0].at;
    fine = fine && kd_need_span(p, &span) && kd_need_word(p, "from") && kd_need_day(p, &one.schedule.anchor);
    if (fine)
        end_line(p);
    else
        kd_recover(p);
    if (name.text.n == 0) return;
    if (fine && span.unit == KD_SPAN_SECONDS)
        kd_diagnose(p->f, at, "a period is of days, months or years");
    else if (fine && span.amount == 0)
        kd_diagnose(p->f, at, "a period has at least one day");
    one.name = name.text;
    one.schedule.until = KD_NEVER;
    if (span.unit == KD_SPAN_MONTHS)
        one.schedule.months = span.amount;
    else
        one.schedule.days = span.amount;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_PERIOD, p->f->t->period_count);
    *(kd_period *)kd_front_push(p->f, &p->f->t->periods, &p->f->t->period_count, sizeof one) = one;
}

/* ---- The treaty's own life ------------------------------------------------------------------------------*/

static bool in_force(kd_parser *p, void *it) {
    kd_ast_life *life = &p->f->ast->life;
    (void)it;
    if (!kd_need_words(p, "force", "on")) return false;
    life->in_force = kd_parse_pattern(p);
    return life->in_force != NULL;
}

static bool lasts(kd_parser *p, void *it) {
    kd_ast_life *life = &p->f->ast->life;
    kd_place at = p->tok[0].at;
    (void)it;
    life->lasts = true;
    if (!kd_need_count(p, &life->lasts_years)) return false;
    if (kd_at_end(p) || !(kd_at_word(p, "years") || kd_at_word(p, "year"))) return kd_wanted(p, "`years`");
    kd_advance(p);
    if (life->lasts_years > 9999) {
        kd_diagnose(p->f, at, "a treaty lasts at most 9999 years");
        life->lasts_years = 9999;
    }
    return true;
}

static bool extended(kd_parser *p, void *it) {
    kd_ast_life *life = &p->f->ast->life;
    kd_life_words *w = &p->f->life_words;
    (void)it;
    if (!kd_need_word(p, "by") || !kd_need_name(p, &w->extension, "a notice") ||
        !kd_need_words(p, "until", "its") || !kd_need_name(p, &w->until, "a field"))
        return false;
    if (!kd_eat(p, ',')) return true;
    kd_place at = p->tok[0].at;
    if (!kd_need_words(p, "up", "to")) return false;
    at = p->tok[0].at;
    if (!kd_need_count(p, &life->extension_years)) return false;
    if (life->extension_years > 9999) {
        kd_diagnose(p->f, at, "a treaty lasts at most 9999 years");
        life->extension_years = 9999;
    }
    if (!kd_eat_word(p, "years") && !kd_need_word(p, "year")) return false;
    return kd_need_words(p, "in", "all");
}

static bool ends(kd_parser *p, void *it) {
    kd_ast_life *life = &p->f->ast->life;
    kd_life_words *w = &p->f->life_words;
    (void)it;
    if (!kd_need_span(p, &life->withdrawal_after) || !kd_need_word(p, "after") ||
        !kd_need_name(p, &w->withdrawal, "a notice"))
        return false;
    if (!kd_eat(p, ',')) return true;
    if (!kd_need_words(p, "or", "on") || !kd_need_word(p, "its") || !kd_need_name(p, &w->on, "a field"))
        return false;
    if (!kd_eat_word(p, "if")) return true;
    life->withdrawal_later = true;
    return kd_need_word(p, "later");
}

static bool life_cites(kd_parser *p, void *it) {
    (void)it;
    return kd_need_articles(p, &p->f->t->life_cites, &p->f->t->life_cites_count);
}

void kd_parse_life(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {
        {"in", in_force, false}, {"lasts", lasts, false},      {"extended", extended, false},
        {"ends", ends, false},   {"cites", life_cites, false},
    };
    static const char *const words[] = {"in", "lasts", "extended", "ends", "cites"};
    kd_ast_life *life = &p->f->ast->life;
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (life->declared)
        kd_diagnose(p->f, keyword, "the treaty's life is declared twice: line %u is the first",
                    (unsigned)life->at.line);
    life->declared = true;
    life->at = keyword;
    kd_clauses(p, clauses, COUNT(clauses), NULL, NULL, NULL);
}

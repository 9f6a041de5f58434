/* parse_reading.c: who reads the treaty how, and the steps back to it: reading, ladder. */
#include "lang/parse.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* ---- Readings -------------------------------------------------------------------------------------------*/

typedef struct reading_parts {
    kd_ast_reading a;
    kd_reading_words w;
} reading_parts;

static kd_ast_reading_clause *new_clause(kd_parser *p, reading_parts *x, kd_ast_reading_op op) {
    kd_ast_reading_clause *c = kd_front_push(p->f, &x->a.clauses, &x->a.clause_count, sizeof *c);
    c->op = op;
    c->at = p->last;
    return c;
}

static bool need_party(kd_parser *p, kd_ast_reading_clause *c) {
    kd_word party = {0};
    if (!kd_need_name(p, &party, "a Party")) return false;
    c->party_name = party.text;
    c->party_at = party.at;
    return true;
}

static bool need_groups(kd_parser *p, kd_ast_reading_clause *c) {
    kd_words groups = {0};
    if (!kd_need_names(p, &groups, "a group")) return false;
    c->group_names = groups.items;
    c->group_name_count = groups.count;
    return true;
}

/* what NOTICE names in FIELD, behind `what`. */
static bool need_what(kd_parser *p, kd_ast_reading_clause *c) {
    kd_word notice = {0}, field = {0};
    if (!kd_need_name(p, &notice, "a notice") || !kd_need_words(p, "names", "in") ||
        !kd_need_name(p, &field, "a field"))
        return false;
    c->notice_name = notice.text;
    c->notice_at = notice.at;
    c->field_name = field.text;
    c->field_at = field.at;
    return true;
}

static bool need_while(kd_parser *p, kd_ast_reading_clause *c) {
    if (!kd_need_word(p, "while")) return false;
    c->cond = kd_parse_condition(p);
    return c->cond != NULL;
}

static bool reading_of(kd_parser *p, void *it) {
    return kd_need_name(p, &((reading_parts *)it)->w.of, "a Party");
}

static bool reading_holds(kd_parser *p, void *it) {
    kd_ast_reading_clause *c = new_clause(p, it, KD_READ_HOLDS_INVALID);
    if (!kd_need_word(p, "invalid")) return false;
    c->fact = kd_parse_pattern(p);
    if (!c->fact || !kd_need_word(p, "since")) return false;
    c->since = kd_parse_pattern(p);
    return c->since != NULL;
}

static bool reading_frees(kd_parser *p, void *it) {
    kd_ast_reading_clause *c = new_clause(p, it, KD_READ_FREES);
    if (!need_party(p, c) || !kd_need_word(p, "from")) return false;
    c->all = kd_eat_word(p, "all");
    return (c->all || need_groups(p, c)) && need_while(p, c);
}

static bool reading_keeps(kd_parser *p, void *it) {
    kd_ast_reading_clause *c = new_clause(p, it, KD_READ_KEEPS);
    if (!kd_eat_word(p, "what")) return need_groups(p, c) && need_while(p, c);
    c->op = KD_READ_KEEPS_WHAT;
    return need_what(p, c);
}

static bool reading_lets(kd_parser *p, void *it) {
    kd_ast_reading_clause *c = new_clause(p, it, KD_READ_LETS_WITHHOLD);
    if (!need_party(p, c) || !kd_need_word(p, "withhold")) return false;
    bool what = kd_eat_word(p, "what");
    if (what) c->op = KD_READ_LETS_WHAT;
    if (!(what ? need_what(p, c) : need_groups(p, c))) return false;
    return !kd_at_word(p, "while") || need_while(p, c);
}

static bool reading_says(kd_parser *p, void *it) {
    kd_ast_reading_clause *c = new_clause(p, it, KD_READ_SAYS_NOTHING);
    return kd_need_words(p, "nothing", "of") && need_party(p, c) && need_while(p, c);
}

void kd_parse_reading(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {
        {"of", reading_of, false},      {"holds", reading_holds, true}, {"frees", reading_frees, true},
        {"keeps", reading_keeps, true}, {"lets", reading_lets, true},   {"says", reading_says, true},
    };
    static const char *const words[] = {"en", "ru", "of", "holds", "frees", "keeps", "lets", "says"};
    kd_front *f = p->f;
    kd_reading r = {0};
    reading_parts x = {0};
    kd_word name = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the reading's name") ||
        !kd_need_string(p, &r.title, "the reading's title in quotes"))
        kd_lose(p);
    uint32_t seen = kd_clauses(p, clauses, COUNT(clauses), &r.names, &x, NULL);
    x.a.at = kd_join(keyword, name.at);
    if (!(seen & 1) && !p->lost) kd_diagnose(f, x.a.at, "this reading has no clause `of`: it is of a Party");
    r.name = name.text;
    if (name.text.n == 0) return;
    if (f->t->reading_count == KD_READINGS_MAX) {
        kd_diagnose(f, keyword, "a treaty has at most %d readings", KD_READINGS_MAX);
        return;
    }
    kd_declare(p, KD_SPACE_READINGS, name, KD_IS_READING, f->t->reading_count);
    *(kd_reading *)kd_front_push(f, &f->t->readings, &f->t->reading_count, sizeof r) = r;
    *(kd_ast_reading *)kd_front_push(f, &f->ast->readings, &f->ast_readings, sizeof x.a) = x.a;
    *(kd_reading_words *)kd_front_push(f, &f->reading_words, &f->reading_word_count, sizeof x.w) = x.w;
}

/* ---- Ladders --------------------------------------------------------------------------------------------*/

typedef struct ladder_parts {
    kd_ladder l;
    kd_ast_ladder a;
    size_t ast_rungs;
    uint32_t index; /* that the ladder will have */
} ladder_parts;

static bool ladder_cites(kd_parser *p, void *it) {
    kd_str *cites = NULL;
    size_t count = 0;
    (void)it;
    return kd_need_articles(p, &cites, &count);
}

/* NAME [STRING] { text } ( each party | both ) FACT ( args ), over as many lines as it likes. */
static bool ladder_rung(kd_parser *p, void *it) {
    ladder_parts *x = it;
    kd_rung rung = {0};
    kd_ast_rung a = {.broken = true};
    kd_word name = {0};
    if (!kd_need_name(p, &name, "the rung's name")) return false;
    if (p->tok[0].kind == TOK_STRING) kd_need_string(p, &rung.title, "a title");
    int text;
    while ((text = kd_text_clause(p, &rung.names)) > 0) continue;
    bool fine = text == 0;
    if (kd_is(&p->tok[0], "each") || kd_is(&p->tok[0], "both")) p->tok[0].first = false;
    rung.name = name.text;
    rung.both = a.both = kd_at_word(p, "both");
    if (fine && a.both)
        kd_advance(p);
    else
        fine = fine && ((kd_at_word(p, "each") && kd_need_words(p, "each", "party")) ||
                        kd_wanted(p, "`each party` or `both`"));
    kd_ast_pattern *fact = fine ? kd_parse_pattern(p) : NULL;
    a.at = name.at;
    if (fact) {
        a.fact_name = fact->name;
        a.fact_at = fact->at;
        a.broken = fact->has_by || fact->has_about || fact->where_count;
        if (a.broken)
            kd_diagnose(p->f, fact->at,
                        "a rung holds while a fact does: `by`, `about` and `where` have no place");
        if (!p->f->nomem) a.args = kd_front_take(p->f, fact->arg_count, sizeof *a.args);
        for (size_t i = 0; i < fact->arg_count && !p->f->nomem; i++) {
            a.args[i] = fact->args[i].term;
            if (fact->args[i].field_name.n == 0 || a.broken) continue;
            kd_diagnose(p->f, fact->args[i].at, "the arguments of a fact go by place, without names");
            a.broken = true;
        }
        a.arg_count = fact->arg_count;
    }
    kd_declare(p, KD_SPACE_RUNGS, name, KD_IS_RUNG, x->index);
    *(kd_rung *)kd_front_push(p->f, &x->l.rungs, &x->l.rung_count, sizeof rung) = rung;
    *(kd_ast_rung *)kd_front_push(p->f, &x->a.rungs, &x->ast_rungs, sizeof a) = a;
    return fact != NULL;
}

void kd_parse_ladder(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {{"cites", ladder_cites, false}, {"rung", ladder_rung, true}};
    static const char *const words[] = {"en", "ru", "cites", "rung"};
    kd_front *f = p->f;
    ladder_parts x = {.index = (uint32_t)f->t->ladder_count};
    kd_word name = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the ladder's name") ||
        !kd_need_string(p, &x.l.title, "the ladder's title in quotes"))
        kd_lose(p);
    uint32_t seen = kd_clauses(p, clauses, COUNT(clauses), &x.l.names, &x, NULL);
    x.a.at = kd_join(keyword, name.at);
    if (!(seen & 2) && !p->lost) kd_diagnose(f, x.a.at, "this ladder has no `rung`");
    x.l.name = name.text;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_LADDER, f->t->ladder_count);
    *(kd_ladder *)kd_front_push(f, &f->t->ladders, &f->t->ladder_count, sizeof x.l) = x.l;
    *(kd_ast_ladder *)kd_front_push(f, &f->ast->ladders, &f->ast_ladders, sizeof x.a) = x.a;
}

/* parse_notice.c: what Parties say and what follows from it: notice, event, fact, number. */
#include "lang/parse.h"

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define FIELDS_MAX 256

/* ---- Notices --------------------------------------------------------------------------------------------*/

typedef struct notice_parts {
    kd_notice *n;
    kd_notice_words *w;
} notice_parts;

static bool notice_cites(kd_parser *p, void *it) {
    kd_notice *n = ((notice_parts *)it)->n;
    return kd_need_articles(p, &n->cites, &n->cites_count);
}

static bool notice_role(kd_parser *p, void *it) {
    return kd_need_name(p, &((notice_parts *)it)->w->role, "a role");
}

static bool notice_by(kd_parser *p, void *it) {
    notice_parts *x = it;
    if (kd_eat_word(p, "each")) return true;
    if (kd_eat_word(p, "both")) {
        x->n->by_both = true;
        return true;
    }
    return kd_need_names(p, &x->w->by, "`both`, `each` or a Party");
}

/* A statement has its fields and its envelope's side by side, so a field cannot be called as one of those. */
static bool is_of_envelope(kd_str name) {
    static const char *const names[] = {"treaty",   "notice", "by",    "to",       "issued",
                                        "received", "source", "grade", "corrects", "attach"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (kd_str_is(name, names[i])) return true;
    return false;
}

static bool one_field(kd_parser *p, notice_parts *x) {
    kd_word name = {0}, type = {0};
    if (!kd_need_name(p, &name, "a field's name") || !kd_need(p, ':', "`:` and a type") ||
        !kd_need_name(p, &type, "a type"))
        return false;
    kd_field field = {.name = name.text};
    if (kd_eat(p, '?'))
        field.many = KD_OPTIONAL;
    else if (kd_eat(p, '*'))
        field.many = KD_ANY;
    else if (kd_eat(p, '+'))
        field.many = KD_SOME;
    else
        field.many = KD_ONE;
    for (size_t i = 0; i < x->n->field_count; i++)
        if (kd_str_equal(x->n->fields[i].name, name.text)) {
            kd_diagnose(p->f, name.at, "the field `%.*s` is here twice", KD_STR_ARGS(name.text));
            p->broken = true;
        }
    if (is_of_envelope(name.text)) {
        kd_diagnose(p->f, name.at,
                    "every statement has a field `%.*s` of its own; this one needs another name",
                    KD_STR_ARGS(name.text));
        p->broken = true;
    }
    if (x->n->field_count == FIELDS_MAX) {
        kd_diagnose(p->f, name.at, "a notice has at most %d fields", FIELDS_MAX);
        p->broken = true;
        return true;
    }
    *(kd_field *)kd_front_push(p->f, &x->n->fields, &x->n->field_count, sizeof field) = field;
    *(kd_word *)kd_front_push(p->f, &x->w->types.items, &x->w->types.count, sizeof type) = type;
    *(kd_word *)kd_front_push(p->f, &x->w->fields.items, &x->w->fields.count, sizeof name) = name;
    return true;
}

static bool notice_fields(kd_parser *p, void *it) {
    for (;;) {
        /* A line break may stand for the comma, and the first field may stand on the next line. */
        bool on_line = p->tok[0].first && p->tok[0].kind == TOK_NAME && p->tok[1].kind == ':';
        if (on_line) p->tok[0].first = false;
        if (!one_field(p, it)) {
            /* The other fields are on the lines that follow. */
            while (!p->tok[0].first) kd_advance(p);
            if (!(p->tok[0].kind == TOK_NAME && p->tok[1].kind == ':')) return true;
            continue;
        }
        bool more = p->tok[0].first && p->tok[0].kind == TOK_NAME && p->tok[1].kind == ':';
        if (!kd_eat(p, ',') && !more) return true;
    }
}

static bool notice_dated(kd_parser *p, void *it) {
    return kd_need_name(p, &((notice_parts *)it)->w->dated, "a field");
}

static bool when_field(kd_parser *p, kd_word *field, kd_word *value) {
    return kd_need_word(p, "when") && kd_need_name(p, field, "a field") && kd_need(p, '=', "`=`") &&
           kd_need_name(p, value, "a value");
}

static bool notice_alleges(kd_parser *p, void *it) {
    kd_notice_words *w = ((notice_parts *)it)->w;
    return when_field(p, &w->alleges, &w->alleges_value);
}

static bool notice_clears(kd_parser *p, void *it) {
    kd_notice_words *w = ((notice_parts *)it)->w;
    return when_field(p, &w->clears, &w->clears_value);
}

/* What the language brings gives way to what the treaty declares. */
static bool replaced(kd_parser *p, kd_word name) {
    const kd_entry *e =
        p->source == KD_PLACE_PRELUDE ? kd_index_find(p->f->index, KD_SPACE_NAMES, name.text) : NULL;
    if (e && e->what != KD_IS_NOTICE)
        kd_diagnose(p->f, e->at, "`%.*s` is a notice that every record has; %.*s needs another name",
                    KD_STR_ARGS(name.text), KD_STR_ARGS(kd_thing_name(e->what)));
    return e != NULL;
}

void kd_parse_notice(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {
        {"cites", notice_cites, false},   {"role", notice_role, false},   {"by", notice_by, false},
        {"fields", notice_fields, false}, {"dated", notice_dated, false}, {"alleges", notice_alleges, false},
        {"clears", notice_clears, false},
    };
    static const char *const words[] = {"en",     "ru",    "cites",   "role",  "by",
                                        "fields", "dated", "alleges", "clears"};
    kd_notice n = {.dated = -1, .prelude = p->source == KD_PLACE_PRELUDE};
    kd_notice_words w = {0};
    kd_word name = {0};
    notice_parts x = {&n, &w};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the notice's name") ||
        !kd_need_string(p, &n.title, "the notice's title in quotes"))
        kd_lose(p);
    kd_clauses(p, clauses, COUNT(clauses), &n.names, &x, NULL);
    n.name = name.text;
    if (name.text.n == 0 || replaced(p, name)) return;
    kd_front *f = p->f;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_NOTICE, f->t->notice_count);
    *(kd_notice *)kd_front_push(f, &f->t->notices, &f->t->notice_count, sizeof n) = n;
    *(kd_notice_words *)kd_front_push(f, &f->notice_words, &f->notice_word_count, sizeof w) = w;
    kd_ast_notice *a = kd_front_push(f, &f->ast->notices, &f->ast_notices, sizeof *a);
    *a = (kd_ast_notice){.at = kd_join(keyword, name.at), .alleges_field = -1, .clears_field = -1};
}

/* ---- Parameters -----------------------------------------------------------------------------------------*/

/* "(" names ")": each becomes a variable of its own; `none` may be left out. */
static bool parameters(kd_parser *p, kd_ast_vars *vars, uint32_t *arity) {
    size_t count = 0;
    if (!kd_open(p)) return false;
    while (!kd_at(p, ')')) {
        kd_word name = {0};
        if (!kd_need_name(p, &name, "a parameter's name")) return false;
        for (size_t i = 0; i < count; i++)
            if (kd_str_equal(vars->items[i].name, name.text)) {
                kd_diagnose(p->f, name.at, "the parameter `%.*s` is here twice", KD_STR_ARGS(name.text));
                p->broken = true;
            }
        if (count == KD_AST_FACT_ARITY) {
            kd_diagnose(p->f, name.at, "at most %d parameters", KD_AST_FACT_ARITY);
            return false;
        }
        kd_ast_var *v = kd_front_push(p->f, &vars->items, &count, sizeof *v);
        *v = (kd_ast_var){.name = name.text, .at = name.at, .uses = 1};
        vars->count = *arity = (uint32_t)count;
        if (!kd_eat(p, ',')) break;
    }
    return kd_close(p);
}

/* ---- Events ---------------------------------------------------------------------------------------------*/

static bool event_at(kd_parser *p, void *it) {
    kd_ast_event *e = it;
    kd_word field = {0};
    if (!kd_need_name(p, &field, "a field of the notice")) return false;
    e->field_name = field.text;
    e->field_at = field.at;
    return true;
}

static bool event_from(kd_parser *p, void *it) {
    kd_ast_event *e = it;
    e->pattern = kd_parse_pattern(p);
    return e->pattern != NULL;
}

void kd_parse_event(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {{"at", event_at, false}, {"from", event_from, false}};
    static const char *const words[] = {"at", "from"};
    kd_ast_event e = {0};
    kd_word name = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the event's name") || !parameters(p, &e.vars, &e.arity)) kd_lose(p);
    uint32_t seen = kd_clauses(p, clauses, COUNT(clauses), NULL, &e, NULL);
    e.name = name.text;
    e.at = kd_join(keyword, name.at);
    for (size_t i = 0; i < COUNT(clauses) && !p->lost; i++)
        if (!(seen >> i & 1)) kd_diagnose(p->f, e.at, "this event has no clause `%s`", clauses[i].word);
    if (name.text.n == 0) return;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_EVENT, p->f->ast->event_count);
    e.broken = p->broken || !e.pattern || e.field_name.n == 0;
    *(kd_ast_event *)kd_front_push(p->f, &p->f->ast->events, &p->f->ast->event_count, sizeof e) = e;
}

/* ---- Facts ----------------------------------------------------------------------------------------------*/

typedef struct fact_parts {
    kd_fact *fact;
    kd_ast_fact *a;
} fact_parts;

static bool fact_cites(kd_parser *p, void *it) {
    kd_str *cites = NULL;
    size_t count = 0;
    (void)it;
    return kd_need_articles(p, &cites, &count);
}

static bool source(kd_parser *p, kd_ast_pattern ***items, size_t *count) {
    if (!kd_need_word(p, "on")) return false;
    do {
        kd_ast_pattern *one = kd_parse_pattern(p);
        if (!one) return false;
        *(kd_ast_pattern **)kd_front_push(p->f, items, count, sizeof one) = one;
    } while (kd_eat_word(p, "or"));
    return true;
}

static bool fact_begins(kd_parser *p, void *it) {
    kd_ast_fact *a = ((fact_parts *)it)->a;
    return source(p, &a->begins, &a->begins_count);
}

static bool fact_ends(kd_parser *p, void *it) {
    kd_ast_fact *a = ((fact_parts *)it)->a;
    return source(p, &a->ends, &a->ends_count);
}

void kd_parse_fact(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {
        {"cites", fact_cites, false}, {"begins", fact_begins, false}, {"ends", fact_ends, false}};
    static const char *const words[] = {"en", "ru", "cites", "begins", "ends"};
    kd_fact fact = {0};
    kd_ast_fact a = {0};
    kd_word name = {0};
    fact_parts x = {&fact, &a};
    kd_front *f = p->f;
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the fact's name") || !parameters(p, &a.vars, &a.arity)) kd_lose(p);
    uint32_t seen = kd_clauses(p, clauses, COUNT(clauses), &fact.names, &x, NULL);
    fact.name = a.name = name.text;
    a.at = kd_join(keyword, name.at);
    if (!(seen & 2) && !p->lost) kd_diagnose(f, a.at, "this fact has no clause `begins on`");
    if (name.text.n == 0 || f->nomem) return;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_FACT, f->t->fact_count);
    fact.arity = a.arity;
    fact.params = kd_front_take(f, a.arity, sizeof *fact.params);
    if (f->nomem) return;
    for (uint32_t i = 0; i < a.arity; i++) fact.params[i].name = a.vars.items[i].name;
    a.broken = p->broken || a.begins_count == 0;
    *(kd_fact *)kd_front_push(f, &f->t->facts, &f->t->fact_count, sizeof fact) = fact;
    *(kd_ast_fact *)kd_front_push(f, &f->ast->facts, &f->ast_facts, sizeof a) = a;
}

/* ---- Numbers --------------------------------------------------------------------------------------------*/

static bool number_cites(kd_parser *p, void *it) {
    kd_ast_number *n = it;
    return kd_need_articles(p, &n->cites, &n->cites_count);
}

static bool number_value(kd_parser *p, void *it) {
    kd_ast_number *n = it;
    n->value = kd_parse_value(p);
    return n->value != NULL;
}

static bool number_counted(kd_parser *p, void *it) {
    kd_ast_number *n = it;
    kd_word party = {0};
    if (!kd_need_words(p, "counted", "by") || !kd_need_name(p, &party, "a Party") || !kd_need_word(p, "add"))
        return false;
    kd_ast_counted one = {.name = party.text, .at = party.at, .add = kd_parse_value(p)};
    if (!one.add) return false;
    *(kd_ast_counted *)kd_front_push(p->f, &n->counted, &n->counted_count, sizeof one) = one;
    return true;
}

void kd_parse_number(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {
        {"cites", number_cites, false}, {":=", number_value, false}, {"as", number_counted, true}};
    static const char *const words[] = {"cites", ":=", "as"};
    kd_ast_number n = {0};
    kd_word name = {0};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_name(p, &name, "the number's name") || !parameters(p, &n.vars, &n.arity))
        kd_lose(p);
    else if (p->tok[0].kind == TOK_STRING)
        kd_need_string(p, &n.title, "a title");
    uint32_t seen = kd_clauses(p, clauses, COUNT(clauses), NULL, &n, NULL);
    n.name = name.text;
    n.at = kd_join(keyword, name.at);
    if (!(seen & 2) && !p->lost) kd_diagnose(p->f, n.at, "this number has no clause `:=`");
    if (name.text.n == 0 || p->f->nomem) return;
    n.params = kd_front_take(p->f, n.arity, sizeof *n.params);
    if (p->f->nomem) return;
    for (uint32_t i = 0; i < n.arity; i++) n.params[i].name = n.vars.items[i].name;
    kd_declare(p, KD_SPACE_NAMES, name, KD_IS_NUMBER, p->f->ast->number_count);
    n.broken = p->broken || !n.value;
    *(kd_ast_number *)kd_front_push(p->f, &p->f->ast->numbers, &p->f->ast->number_count, sizeof n) = n;
}

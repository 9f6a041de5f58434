/* parse.c: declarations and their clauses, and how reading goes on after a mistake. */
#include "lang/parse.h"
#include <stdio.h>
#include <string.h>

static const struct declaration {
    const char *word;
    kd_declaration *parse;
    bool in_reading; /* may stand in a reading's file */
} declarations[] = {
    {"treaty", kd_parse_treaty, false},  {"party", kd_parse_party, false},
    {"group", kd_parse_group, false},    {"kind", kd_parse_kind, false},
    {"period", kd_parse_period, false},  {"life", kd_parse_life, false},
    {"notice", kd_parse_notice, false},  {"event", kd_parse_event, true},
    {"fact", kd_parse_fact, true},       {"number", kd_parse_number, true},
    {"limit", kd_parse_limit, false},    {"duty", kd_parse_duty, false},
    {"ban", kd_parse_ban, false},        {"quota", kd_parse_quota, false},
    {"right", kd_parse_right, false},    {"ladder", kd_parse_ladder, false},
    {"reading", kd_parse_reading, true}, {"example", kd_parse_example, true},
};
#define DECLARATIONS (sizeof declarations / sizeof declarations[0])

/* Words that go on with the clause of the line before. */
static bool continues(const kd_token *t) {
    static const char *const words[] = {"and",   "or",     "but",   "where", "by",
                                        "about", "within", "while", "since", "per"};
    if (t->kind == '+' || t->kind == '-' || t->kind == '*' || t->kind == ',' || t->kind == ')' ||
        t->kind == '|')
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (kd_is(t, words[i])) return true;
    return false;
}

bool kd_at_end(const kd_parser *p) {
    const kd_token *t = &p->tok[0];
    return t->kind == TOK_END || t->kind == TOK_BREAK || (t->first && p->depth == 0 && !continues(t));
}

bool kd_at(const kd_parser *p, int kind) {
    return !kd_at_end(p) && p->tok[0].kind == kind;
}

bool kd_at_word(const kd_parser *p, const char *word) {
    return !kd_at_end(p) && kd_is(&p->tok[0], word);
}

bool kd_at_words(const kd_parser *p, const char *word, const char *next) {
    return kd_at_word(p, word) && kd_is(&p->tok[1], next);
}

bool kd_eat(kd_parser *p, int kind) {
    if (!kd_at(p, kind)) return false;
    kd_advance(p);
    return true;
}

bool kd_eat_word(kd_parser *p, const char *word) {
    if (!kd_at_word(p, word)) return false;
    kd_advance(p);
    return true;
}

kd_place kd_join(kd_place first, kd_place last) {
    if (last.source == first.source && last.offset >= first.offset)
        first.bytes = last.offset + last.bytes - first.offset;
    return first;
}

/* Just behind the last word. */
static kd_place behind(const kd_parser *p) {
    kd_place at = p->last;
    at.offset += at.bytes;
    at.bytes = 0;
    return at;
}

static kd_str shown(const kd_token *t) {
    if (t->kind == TOK_STRING) return KD_STR("a string");
    kd_str s = t->text;
    if (s.n > 40) s.n = 40;
    return s;
}

bool kd_wanted(kd_parser *p, const char *format, ...) {
    char wanted[200];
    va_list args;
    va_start(args, format);
    vsnprintf(wanted, sizeof wanted, format, args);
    va_end(args);
    p->broken = true;
    const kd_token *t = &p->tok[0];
    if (p->f->nomem) return false;
    if (kd_at_end(p))
        kd_diagnose(p->f, behind(p), "%s is missing at the end of this line", wanted);
    else if (t->kind == TOK_STRING)
        kd_diagnose(p->f, t->at, "%s is wanted here, not a string", wanted);
    else
        kd_diagnose(p->f, t->at, "%s is wanted here, not `%.*s`", wanted, KD_STR_ARGS(shown(t)));
    return false;
}

bool kd_need(kd_parser *p, int kind, const char *wanted) {
    return kd_eat(p, kind) || kd_wanted(p, "%s", wanted);
}

bool kd_need_word(kd_parser *p, const char *word) {
    return kd_eat_word(p, word) || kd_wanted(p, "`%s`", word);
}

bool kd_need_words(kd_parser *p, const char *first, const char *second) {
    return kd_need_word(p, first) && kd_need_word(p, second);
}

bool kd_need_name(kd_parser *p, kd_word *out, const char *wanted) {
    if (!kd_at(p, TOK_NAME)) return kd_wanted(p, "%s", wanted);
    *out = (kd_word){p->tok[0].text, p->tok[0].at};
    kd_advance(p);
    return true;
}

bool kd_need_names(kd_parser *p, kd_words *out, const char *wanted) {
    do {
        kd_word w = {0};
        if (!kd_need_name(p, &w, wanted)) return false;
        *(kd_word *)kd_front_push(p->f, &out->items, &out->count, sizeof w) = w;
    } while (kd_eat(p, ','));
    return true;
}

static bool need_number(kd_parser *p, int kind, int64_t *out, const char *wanted) {
    if (!kd_at(p, kind)) return kd_wanted(p, "%s", wanted);
    const kd_token *t = &p->tok[0];
    if (t->bad) {
        kd_diagnose(p->f, t->at, "`%.*s`: %s", KD_STR_ARGS(shown(t)), t->bad);
        p->broken = true;
    }
    *out = t->number;
    kd_advance(p);
    return true;
}

bool kd_need_count(kd_parser *p, int64_t *out) {
    return need_number(p, TOK_INT, out, "a number");
}

bool kd_need_day(kd_parser *p, kd_instant *out) {
    return need_number(p, TOK_DATE, out, "a date as 2018-02-05");
}

bool kd_need_string(kd_parser *p, kd_str *out, const char *wanted) {
    /* A string begins no clause, so it may as well stand on a line of its own. */
    if (p->tok[0].kind != TOK_STRING) return kd_wanted(p, "%s", wanted);
    *out = p->tok[0].text;
    kd_advance(p);
    return true;
}

/* II.1(a): what stands without a blank between. */
bool kd_need_article(kd_parser *p, kd_str *text, kd_place *at) {
    if (!kd_at(p, TOK_NAME)) return kd_wanted(p, "an article as II.1(a)");
    *at = p->tok[0].at;
    kd_advance(p);
    while (p->tok[0].joined) {
        int kind = p->tok[0].kind, next = p->tok[1].kind;
        bool part = (next == TOK_NAME || next == TOK_INT) && p->tok[1].joined;
        if (kind == TOK_NAME || kind == TOK_INT || (kind == '.' && part)) {
            kd_advance(p);
        } else if (kind == '(' && part && p->tok[2].joined &&
                   (p->tok[2].kind == ')' || p->tok[2].kind == TOK_NAME || p->tok[2].kind == TOK_INT)) {
            kd_advance(p);
            while (p->tok[0].joined && (p->tok[0].kind == TOK_NAME || p->tok[0].kind == TOK_INT))
                kd_advance(p);
            *at = kd_join(*at, p->last);
            if (p->tok[0].kind != ')' || !p->tok[0].joined) return kd_wanted(p, "`)` of the article");
            kd_advance(p);
        } else {
            break;
        }
    }
    *at = kd_join(*at, p->last);
    *text = (kd_str){p->file->bytes.p + at->offset, at->bytes};
    return true;
}

bool kd_need_articles(kd_parser *p, kd_str **items, size_t *count) {
    do {
        kd_str text = {0};
        kd_place at;
        if (!kd_need_article(p, &text, &at)) return false;
        *(kd_str *)kd_front_push(p->f, items, count, sizeof text) = text;
        kd_index_add(p->f, KD_SPACE_CITED, text, KD_IS_ARTICLE, 0, at);
    } while (kd_eat(p, ','));
    return true;
}

static const struct unit {
    const char *one, *many;
    int64_t scale, most; /* most: 9999 years */
    int unit;
} units[] = {
    {"second", "seconds", 1, INT64_C(315537897600), KD_SPAN_SECONDS},
    {"minute", "minutes", 60, INT64_C(5258964960), KD_SPAN_SECONDS},
    {"hour", "hours", 3600, INT64_C(87649416), KD_SPAN_SECONDS},
    {"day", "days", 1, INT64_C(3652059), KD_SPAN_DAYS},
    {"month", "months", 1, INT64_C(119988), KD_SPAN_MONTHS},
    {"year", "years", 12, INT64_C(9999), KD_SPAN_MONTHS},
};
#define UNITS (sizeof units / sizeof units[0])

bool kd_need_span(kd_parser *p, kd_ast_span *out) {
    kd_place at = p->tok[0].at;
    if (!kd_need_count(p, &out->amount)) return false;
    const kd_token *t = &p->tok[0];
    kd_str names[UNITS];
    for (size_t i = 0; i < UNITS; i++) {
        names[i] = kd_str_of(units[i].many);
        if (!kd_at_word(p, units[i].one) && !kd_at_word(p, units[i].many)) continue;
        if (out->amount > units[i].most) {
            kd_diagnose(p->f, at, "a span is at most 9999 years");
            p->broken = true;
            out->amount = units[i].most;
        }
        out->amount *= units[i].scale;
        if (units[i].unit == KD_SPAN_SECONDS)
            out->unit = KD_SPAN_SECONDS;
        else if (units[i].unit == KD_SPAN_DAYS)
            out->unit = KD_SPAN_DAYS;
        else
            out->unit = KD_SPAN_MONTHS;
        kd_advance(p);
        return true;
    }
    p->broken = true;
    if (kd_at(p, TOK_NAME) && kd_str_nearest(t->text, names, UNITS) >= 0) {
        kd_diagnose_near(p->f, t->at, t->text, names, UNITS, "unknown unit `%.*s`", KD_STR_ARGS(t->text));
        kd_advance(p);
        return true;
    }
    kd_diagnose(p->f, p->last, "this number has no unit: seconds, minutes, hours, days, months or years");
    return kd_at_end(p);
}

bool kd_open(kd_parser *p) {
    if (!kd_need(p, '(', "`(`")) return false;
    p->depth++;
    return true;
}

bool kd_close(kd_parser *p) {
    if (!kd_at(p, ')')) return kd_wanted(p, "`)`");
    if (p->depth) p->depth--;
    kd_advance(p);
    return true;
}

int kd_text_clause(kd_parser *p, kd_names *names) {
    bool en = kd_is(&p->tok[0], "en");
    if (!en && !kd_is(&p->tok[0], "ru")) return 0;
    if (p->tok[1].kind == ':') return 0;
    kd_str *text = en ? &names->en : &names->ru;
    if (text->p) {
        kd_diagnose(p->f, p->tok[0].at, "the name in `%s` is here twice", en ? "en" : "ru");
        p->broken = true;
    }
    kd_advance(p);
    return kd_need_string(p, text, "a name in quotes") ? 1 : -1;
}

void kd_declare(kd_parser *p, uint64_t space, kd_word name, kd_thing what, size_t index) {
    if (name.text.n == 0 || p->f->nomem) return;
    const kd_entry *taken = kd_index_add(p->f, space, name.text, what, (uint32_t)index, name.at);
    if (!taken) return;
    p->broken = true;
    kd_str kind = kd_thing_name(taken->what);
    if (taken->at.source == p->source) {
        kd_diagnose(p->f, name.at, "`%.*s` is declared twice: %.*s on line %u has this name",
                    KD_STR_ARGS(name.text), KD_STR_ARGS(kind), (unsigned)taken->at.line);
    } else {
        kd_str file = kd_front_source(p->f, taken->at.source)->name;
        kd_diagnose(p->f, name.at, "`%.*s` is declared twice: %.*s on line %u of %.*s has this name",
                    KD_STR_ARGS(name.text), KD_STR_ARGS(kind), (unsigned)taken->at.line, KD_STR_ARGS(file));
    }
}

/* ---- Clauses --------------------------------------------------------------------------------------------*/

static const struct declaration *find_declaration(const kd_token *t) {
    for (size_t i = 0; i < DECLARATIONS; i++)
        if (kd_is(t, declarations[i].word)) return &declarations[i];
    return NULL;
}

static bool is_clause(const kd_parser *p, const kd_token *t) {
    for (size_t i = 0; i < p->clause_count; i++)
        if (kd_is(t, p->clauses[i])) return true;
    return false;
}

bool kd_begins_declaration(const kd_parser *p) {
    const kd_token *t = &p->tok[0];
    if (!p->declares || !t->first || p->tok[1].kind == ':' || !find_declaration(t)) return false;
    if (!p->rule || !kd_is(t, "group")) return true;
    /* A rule's own `group NAME`, or a group that is declared: that one says more of it, or comes after the
     * rule's. */
    const kd_token *third = &p->tok[2];
    return kd_is(third, "rests") || (!third->first && (kd_is(third, "en") || kd_is(third, "ru")));
}

/* True at a line that begins something the declaration, or the file, can go on with. */
static bool may_go_on(const kd_parser *p) {
    const kd_token *t = &p->tok[0];
    if (t->kind == TOK_END || t->kind == TOK_BREAK) return true;
    if (!t->first) return false;
    if (t->kind == TOK_NAME && p->depth == 0 && !continues(t)) return true;
    if ((t->kind == TOK_DATE || t->kind == TOK_INSTANT || t->kind == TOK_DEFINE) && p->depth == 0)
        return true;
    if (p->rule && (kd_is(&p->tok[1], "owes") || kd_is(&p->tok[1], "may"))) return true;
    return p->tok[1].kind != ':' && (is_clause(p, t) || find_declaration(t));
}

void kd_recover(kd_parser *p) {
    p->broken = true;
    while (!may_go_on(p)) {
        if (p->tok[0].kind == '(') p->depth++;
        if (p->tok[0].kind == ')' && p->depth) p->depth--;
        kd_advance(p);
    }
    p->depth = 0;
}

void kd_lose(kd_parser *p) {
    p->lost = true;
    kd_recover(p);
}

/* A word that begins a clause of some declaration, if not of this one: it was hardly to be a declaration. */
static bool begins_some_clause(kd_str word) {
    static const char *const words[] = {
        "rests",  "in",    "lasts",   "extended", "ends",     "cites", "role",   "by",
        "fields", "dated", "alleges", "clears",   "at",       "from",  "begins", "as",
        "each",   "for",   "jointly", "excused",  "on",       "when",  "every",  "also",
        "before", "never", "unless",  "the",      "counts",   "rung",  "of",     "holds",
        "frees",  "keeps", "lets",    "says",     "complete", "under", "expect"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (kd_str_is(word, words[i])) return true;
    return false;
}

static uint32_t column_of(const kd_parser *p, const kd_token *t) {
    uint32_t n = 0;
    while (n < t->at.offset && p->file->bytes.p[t->at.offset - n - 1] != '\n') n++;
    return n;
}

/* What an unknown word at the place of a clause turned out to be. */
typedef enum unknown { UNKNOWN_NOTHING, UNKNOWN_CLAUSE, UNKNOWN_DECLARATION } unknown;

/* A word that begins no clause: tells, and puts the clause that it was to be in its place. */
static unknown unknown_clause(kd_parser *p) {
    kd_token *t = &p->tok[0];
    p->broken = true;
    if (t->kind != TOK_NAME) {
        if (t->kind == TOK_STRING)
            kd_diagnose(p->f, t->at, "a string has no meaning here in %s", p->what);
        else
            kd_diagnose(p->f, t->at, "`%.*s` has no meaning here in %s", KD_STR_ARGS(shown(t)), p->what);
        return UNKNOWN_NOTHING;
    }
    kd_str words[DECLARATIONS];
    for (size_t i = 0; i < DECLARATIONS; i++) words[i] = kd_str_of(declarations[i].word);
    kd_str clauses[40];
    size_t n = 0;
    for (; n < p->clause_count && n < 40; n++) clauses[n] = kd_str_of(p->clauses[n]);
    int clause = kd_str_nearest(t->text, clauses, n), declaration = -1;
    if (t->first && p->declares) declaration = kd_str_nearest(t->text, words, DECLARATIONS);
    unsigned far = (unsigned)-1;
    unsigned to_clause = clause < 0 ? far : kd_str_distance(t->text, clauses[clause], 64);
    unsigned to_declaration = declaration < 0 ? far : kd_str_distance(t->text, words[declaration], 64);
    bool outside = p->declares && t->first && !begins_some_clause(t->text) && column_of(p, t) <= p->column &&
                   !p->tok[1].first;
    if (to_declaration < to_clause || (outside && (to_clause == far || to_declaration == to_clause)))
        return UNKNOWN_DECLARATION;
    if (to_clause == 0) { /* one that goes on in another way */
        kd_diagnose(p->f, t->at, "`%.*s` has no meaning here in %s", KD_STR_ARGS(t->text), p->what);
        return UNKNOWN_NOTHING;
    }
    kd_diagnose_near(p->f, t->at, t->text, clauses, n, "unknown clause `%.*s` in %s", KD_STR_ARGS(t->text),
                     p->what);
    if (clause < 0) return UNKNOWN_NOTHING;
    t->text = clauses[clause];
    return UNKNOWN_CLAUSE;
}

uint32_t kd_clauses(kd_parser *p, const kd_clause *table, size_t count, kd_names *names, void *it,
                    int (*extra)(kd_parser *p, void *it)) {
    uint32_t seen = 0;
    for (;;) {
        const kd_token *t = &p->tok[0];
        p->depth = p->nesting = 0;
        p->pending = NULL;
        if (t->kind == TOK_END || t->kind == TOK_BREAK || kd_begins_declaration(p)) return seen;
        int read = names ? kd_text_clause(p, names) : 0;
        if (read == 0 && extra) read = extra(p, it);
        if (read < 0) kd_recover(p);
        if (read != 0) continue;
        size_t i = 0;
        while (i < count && !kd_is(t, table[i].word)) i++;
        if (i == count && t->kind == TOK_DEFINE)
            for (i = 0; i < count && strcmp(table[i].word, ":=") != 0;) i++;
        if (i == count) {
            unknown what = unknown_clause(p);
            if (what == UNKNOWN_DECLARATION) return seen;
            if (what == UNKNOWN_NOTHING) {
                kd_advance(p);
                kd_lose(p);
            }
            continue;
        }
        if (!table[i].many && seen >> i & 1) {
            if (p->rule && kd_is(t, "group") && t->first) return seen;
            kd_diagnose(p->f, t->at, "the clause `%s` is here twice", table[i].word);
            p->broken = true;
        }
        seen |= (uint32_t)1 << i;
        kd_advance(p);
        if (!table[i].parse(p, it)) kd_recover(p);
    }
}

/* ---- Files ----------------------------------------------------------------------------------------------*/

static const struct declaration *unknown_declaration(kd_parser *p) {
    const kd_token *t = &p->tok[0];
    kd_str words[DECLARATIONS];
    for (size_t i = 0; i < DECLARATIONS; i++) words[i] = kd_str_of(declarations[i].word);
    if (t->kind == TOK_STRING) {
        kd_diagnose(p->f, t->at, "a declaration is wanted here, not a string");
        return NULL;
    }
    if (t->kind != TOK_NAME) {
        kd_diagnose(p->f, t->at, "a declaration is wanted here, not `%.*s`", KD_STR_ARGS(shown(t)));
        return NULL;
    }
    kd_diagnose_near(p->f, t->at, t->text, words, DECLARATIONS, "unknown declaration `%.*s`",
                     KD_STR_ARGS(shown(t)));
    int nearest = kd_str_nearest(t->text, words, DECLARATIONS);
    return nearest < 0 ? NULL : &declarations[nearest];
}

static void parse_declaration(kd_parser *p) {
    p->clause_count = 0;
    p->rule = p->broken = p->lost = false;
    const struct declaration *d = find_declaration(&p->tok[0]);
    if (d && !p->tok[0].first) {
        kd_diagnose(p->f, p->tok[0].at, "a declaration begins on a line of its own");
    } else if (!d) {
        d = p->tok[0].first ? unknown_declaration(p) : NULL;
        if (!p->tok[0].first)
            kd_diagnose(p->f, p->tok[0].at, "`%.*s` has no meaning here", KD_STR_ARGS(shown(&p->tok[0])));
        p->broken = true;
    }
    kd_place at = p->tok[0].at;
    p->column = column_of(p, &p->tok[0]);
    kd_advance(p);
    if (d && p->file->kind == KD_SOURCE_READING && !d->in_reading)
        kd_diagnose(p->f, at, "a reading's file holds readings and their facts; `%s` belongs into the treaty",
                    d->word);
    if (d) {
        p->what = d->word;
        d->parse(p, at);
        return;
    }
    while (p->tok[0].kind != TOK_END && p->tok[0].kind != TOK_BREAK && !kd_begins_declaration(p))
        kd_advance(p);
}

void kd_parse_source(kd_front *f, uint32_t source) {
    kd_parser p = {.f = f, .source = source, .file = kd_front_source(f, source)};
    kd_block *blocks = NULL;
    if (!kd_source_blocks(f, source, &blocks, &p.block_count) || p.block_count == 0 || f->nomem) return;
    p.blocks = blocks;
    p.declares = p.file->kind == KD_SOURCE_TREATY || p.file->kind == KD_SOURCE_READING;
    kd_lex_open(&p);
    while (p.tok[0].kind != TOK_END && !f->nomem) {
        p.depth = p.nesting = 0;
        if (p.tok[0].kind == TOK_BREAK)
            kd_advance(&p);
        else if (p.file->kind == KD_SOURCE_MESSAGES)
            kd_parse_messages(&p);
        else if (p.file->kind == KD_SOURCE_RECORD)
            kd_parse_record(&p);
        else
            parse_declaration(&p);
    }
}

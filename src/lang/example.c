/* example.c: examples in the treaty's own text: what is said when, and what is expected of it. */
#include "lang/parse.h"
#include "lang/resolve.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef enum step_kind { STEP_COMPLETE, STEP_UNDER, STEP_SAYS, STEP_NOTHING, STEP_EXPECT } step_kind;

typedef struct said_field {
    kd_word name;
    kd_words values;
    bool list;
} said_field;

typedef struct step {
    step_kind kind;
    kd_place at;
    kd_words names; /* complete, under */
    kd_instant when;
    bool day_only, has_day; /* has_day: `on DATE` of an expectation */
    kd_word party, notice;  /* says; party of an expectation too */
    said_field *fields;
    size_t field_count;
    kd_expectation expect; /* what, negated, figure, since, until */
    kd_word status, thing; /* the status or shade; the rule, group or rung */
} step;

typedef struct kd_example_words {
    step *steps;
    size_t count;
    kd_place at;
} kd_example_words;

typedef struct example_parts {
    kd_example_words w;
} example_parts;

static step *new_step(kd_parser *p, example_parts *x, const step *s) {
    step *out = kd_front_push(p->f, &x->w.steps, &x->w.count, sizeof *s);
    *out = *s;
    return out;
}

/* ---- Reading --------------------------------------------------------------------------------------------*/

static bool need_value(kd_parser *p, kd_words *out) {
    kd_word w = {.at = p->tok[0].at};
    if (p->tok[0].kind == TOK_NAME && p->tok[1].kind == '/' && p->tok[1].joined &&
        p->tok[2].kind == TOK_INT) {
        for (int i = 0; i < 3; i++) kd_advance(p); /* US/34 */
        w.at = kd_join(w.at, p->last);
        w.text = (kd_str){p->file->bytes.p + w.at.offset, w.at.bytes};
    } else {
        kd_ast_term t;
        if (!kd_parse_term(p, &t)) return false;
        if (t.what == KD_TERM_ANY || t.what >= KD_TERM_OTHER) {
            kd_diagnose(p->f, t.at, "a value is wanted here: an example says what a statement would");
            return false;
        }
        w = (kd_word){t.text, t.at};
    }
    *(kd_word *)kd_front_push(p->f, &out->items, &out->count, sizeof w) = w;
    return true;
}

static bool need_field(kd_parser *p, step *s) {
    said_field field = {0};
    if (!kd_need_name(p, &field.name, "a field") || !kd_need(p, ':', "`:`")) return false;
    field.list = kd_eat(p, '{');
    if (field.list) {
        p->depth++;
        if (!kd_at(p, '}')) {
            do
                if (!need_value(p, &field.values)) return false;
            while (kd_eat(p, ','));
        }
        if (!kd_need(p, '}', "`}`")) return false;
        p->depth--;
    } else if (!need_value(p, &field.values)) {
        return false;
    }
    *(said_field *)kd_front_push(p->f, &s->fields, &s->field_count, sizeof field) = field;
    return true;
}

/* WHEN PARTY NOTICE(FIELD: value, ...), or WHEN nothing. */
static bool parse_says(kd_parser *p, example_parts *x) {
    step s = {.kind = STEP_SAYS,
              .at = p->tok[0].at,
              .when = p->tok[0].number,
              .day_only = p->tok[0].kind == TOK_DATE};
    if (p->tok[0].bad) {
        kd_diagnose(p->f, s.at, "`%.*s`: %s", KD_STR_ARGS(p->tok[0].text), p->tok[0].bad);
        p->broken = true;
    }
    kd_advance(p);
    if (s.day_only) s.when = kd_day_end(kd_instant_day(s.when));
    if (kd_eat_word(p, "nothing")) {
        s.kind = STEP_NOTHING;
    } else {
        if (!kd_need_name(p, &s.party, "a Party, `both` or `nothing`") ||
            !kd_need_name(p, &s.notice, "a notice") || !kd_open(p))
            return false;
        if (!kd_at(p, ')')) {
            do
                if (!need_field(p, &s)) return false;
            while (kd_eat(p, ','));
        }
        if (!kd_at(p, ')')) return kd_wanted(p, "`,` or `)`");
        kd_close(p);
    }
    new_step(p, x, &s);
    return true;
}

static bool under_reading(kd_parser *p, kd_words *out) {
    if (!kd_eat_word(p, "under")) return true;
    return kd_need_names(p, out, "a reading");
}

static bool need_day(kd_parser *p, kd_day *out) {
    kd_instant begin = 0;
    if (!kd_need_day(p, &begin)) return false;
    *out = kd_instant_day(begin);
    return true;
}

static bool expect_status(kd_parser *p, step *s) {
    kd_place at;
    if (!kd_need_article(p, &s->thing.text, &at)) return false;
    s->thing.at = at;
    if (kd_eat_word(p, "by") && !kd_need_name(p, &s->party, "a Party or `both`")) return false;
    if (kd_eat_word(p, "since") && !need_day(p, &s->expect.since)) return false;
    if (kd_eat_word(p, "until") && !need_day(p, &s->expect.until)) return false;
    return true;
}

static bool expect_figure(kd_parser *p, step *s) {
    s->expect.what = KD_EXPECT_FIGURE;
    return kd_need_article(p, &s->thing.text, &s->thing.at) && kd_need_word(p, "by") &&
           kd_need_name(p, &s->party, "a Party") && kd_need_count(p, &s->expect.figure);
}

static bool expect_rung(kd_parser *p, step *s) {
    s->expect.what = KD_EXPECT_RUNG;
    if (!kd_need_name(p, &s->thing, "a rung")) return false;
    if (kd_eat_word(p, "open"))
        s->expect.negated = true;
    else if (!kd_eat_word(p, "held"))
        return kd_wanted(p, "`held` or `open`");
    return !kd_eat_word(p, "by") || kd_need_name(p, &s->party, "a Party");
}

static int shade_of(kd_str word) {
    for (int i = 0; i < KD_SHADES; i++)
        if (kd_str_equal(word, kd_shade_name((kd_shade)i))) return i;
    return -1;
}

static int status_of(kd_str word) {
    for (int i = 0; i < KD_VERDICTS; i++)
        if (kd_str_equal(word, kd_verdict_name((kd_verdict_status)i))) return i;
    return -1;
}

/* A word that is neither a status nor a shade: told, and read as the nearest of them. */
static bool need_status(kd_parser *p, step *s) {
    if (!kd_need_name(p, &s->status, "a status, a shade, `in force`, `rung` or `figure`")) return false;
    if (shade_of(s->status.text) >= 0 || status_of(s->status.text) >= 0) return true;
    kd_str names[KD_VERDICTS + KD_SHADES];
    size_t n = 0;
    for (int i = 0; i < KD_VERDICTS; i++) names[n++] = kd_verdict_name((kd_verdict_status)i);
    for (int i = 0; i < KD_SHADES; i++) names[n++] = kd_shade_name((kd_shade)i);
    kd_diagnose_near(p->f, s->status.at, s->status.text, names, n, "unknown status `%.*s`",
                     KD_STR_ARGS(s->status.text));
    return false;
}

static bool parse_expect(kd_parser *p, example_parts *x, step *s) {
    s->kind = STEP_EXPECT;
    s->expect.since = s->expect.until = INT64_MIN;
    bool fine = true;
    if (kd_at_words(p, "in", "force") || kd_at_words(p, "not", "in")) {
        s->expect.what = KD_EXPECT_IN_FORCE;
        s->expect.negated = kd_eat_word(p, "not");
        fine = kd_need_words(p, "in", "force");
    } else if (kd_eat_word(p, "rung")) {
        fine = expect_rung(p, s);
    } else if (kd_eat_word(p, "figure")) {
        fine = expect_figure(p, s);
    } else {
        s->expect.negated = kd_eat_word(p, "no");
        if (!need_status(p, s)) return false;
        if (!s->expect.negated && shade_of(s->status.text) >= 0) {
            s->expect.what = KD_EXPECT_SHADE;
            fine = kd_need_name(p, &s->party, "a Party") && kd_need_name(p, &s->thing, "a group");
        } else {
            s->expect.what = KD_EXPECT_STATUS;
            fine = expect_status(p, s);
        }
    }
    if (!fine || !under_reading(p, &s->names)) return false;
    new_step(p, x, s);
    return true;
}

static bool example_expect(kd_parser *p, void *it) {
    step s = {.at = p->last};
    return parse_expect(p, it, &s);
}

static bool example_on(kd_parser *p, void *it) {
    step s = {.at = p->last, .has_day = true};
    kd_day day = 0;
    if (!need_day(p, &day) || !kd_need_word(p, "expect")) return false;
    s.when = day;
    return parse_expect(p, it, &s);
}

static bool example_complete(kd_parser *p, void *it) {
    step s = {.kind = STEP_COMPLETE, .at = p->last};
    if (!kd_need_names(p, &s.names, "a notice")) return false;
    new_step(p, it, &s);
    return true;
}

static bool example_under(kd_parser *p, void *it) {
    step s = {.kind = STEP_UNDER, .at = p->last};
    if (!kd_need_word(p, "reading") || !kd_need_names(p, &s.names, "a reading")) return false;
    while (kd_at(p, TOK_NAME))
        if (!kd_need_names(p, &s.names, "a reading")) return false;
    new_step(p, it, &s);
    return true;
}

static int example_when(kd_parser *p, void *it) {
    if (p->tok[0].kind != TOK_DATE && p->tok[0].kind != TOK_INSTANT) return 0;
    p->tok[0].first = false;
    return parse_says(p, it) ? 1 : -1;
}

void kd_parse_example(kd_parser *p, kd_place keyword) {
    static const kd_clause clauses[] = {
        {"complete", example_complete, true},
        {"under", example_under, true},
        {"on", example_on, true},
        {"expect", example_expect, true},
    };
    static const char *const words[] = {"complete", "under", "on", "expect"};
    kd_example one = {.file = p->file->name, .line = keyword.line};
    example_parts x = {.w = {.at = keyword}};
    p->clauses = words;
    p->clause_count = COUNT(words);
    if (!kd_need_string(p, &one.title, "the example's title in quotes")) kd_lose(p);
    kd_clauses(p, clauses, COUNT(clauses), NULL, &x, example_when);
    *(kd_example *)kd_front_push(p->f, &p->f->t->examples, &p->f->t->example_count, sizeof one) = one;
    *(kd_example_words *)kd_front_push(p->f, &p->f->example_words, &p->f->example_word_count, sizeof x.w) =
        x.w;
}

/* ---- Meaning --------------------------------------------------------------------------------------------*/

/* A Party, or `both`: UINT32_MAX when it is neither. */
static uint32_t party_of(kd_front *f, kd_word w) {
    if (kd_str_is(w.text, "both")) return KD_BOTH;
    int party = kd_lookup(f, w.text, w.at, KD_IS_PARTY);
    return party < 0 ? UINT32_MAX : (uint32_t)party;
}

/* False when the notice has no such field. */
static bool resolve_field(kd_front *f, const kd_notice *n, const said_field *from, kd_example_statement *to,
                          bool *given) {
    int at = kd_field_lookup(f, n, from->name.text, from->name.at);
    if (at < 0) return false;
    const kd_field *field = &n->fields[at];
    if (given[at]) kd_diagnose(f, from->name.at, "the field `%.*s` is here twice", KD_STR_ARGS(field->name));
    given[at] = true;
    if (from->list && !kd_is_list(field))
        kd_diagnose(f, from->name.at, "the field `%.*s` holds one value, not a list",
                    KD_STR_ARGS(field->name));
    for (size_t i = 0; i < from->values.count; i++) {
        kd_word w = from->values.items[i];
        kd_value value;
        kd_str nearest = {0};
        if (!kd_value_form(f->t, field, w.text, &value, kd_room_for_mistakes(f) ? &nearest : NULL)) {
            kd_str wanted = kd_type_wanted(f->t, field->type, field->kind);
            kd_diagnose_near(f, w.at, w.text, &nearest, nearest.n != 0, "%.*s is wanted here, not `%.*s`",
                             KD_STR_ARGS(wanted), KD_STR_ARGS(w.text));
        }
        struct kd_example_field *out = kd_front_push(f, &to->fields, &to->field_count, sizeof *out);
        *out = (struct kd_example_field){(uint32_t)at, w.text};
    }
    return true;
}

static void resolve_says(kd_front *f, kd_example *e, const step *s) {
    kd_example_statement one = {.at = s->when, .day_only = s->day_only, .line = s->at.line};
    one.party = party_of(f, s->party);
    int notice = kd_lookup(f, s->notice.text, s->notice.at, KD_IS_NOTICE);
    if (notice < 0) return;
    const kd_notice *n = &f->t->notices[notice];
    bool given[256] = {false}, known = true;
    one.notice = (uint32_t)notice;
    for (size_t i = 0; i < s->field_count; i++) known &= resolve_field(f, n, &s->fields[i], &one, given);
    /* A field that is misspelt is not told to be missing. */
    for (size_t i = 0; known && i < n->field_count; i++)
        if (!given[i] && (n->fields[i].many == KD_ONE || n->fields[i].many == KD_SOME))
            kd_diagnose(f, s->notice.at, "`%.*s` needs its field `%.*s`", KD_STR_ARGS(n->name),
                        KD_STR_ARGS(n->fields[i].name));
    if (one.party < 64 && !(n->may_say >> one.party & 1))
        kd_diagnose(f, s->party.at, "`%.*s` may not say the notice `%.*s`", KD_STR_ARGS(s->party.text),
                    KD_STR_ARGS(n->name));
    *(kd_example_statement *)kd_front_push(f, &e->statements, &e->statement_count, sizeof one) = one;
}

static void resolve_rung(kd_front *f, kd_expectation *x, kd_word rung) {
    const kd_entry *e = kd_index_find(f->index, KD_SPACE_RUNGS, rung.text);
    if (!e) {
        size_t count = 0;
        kd_str *names = kd_room_for_mistakes(f) ? kd_front_names(f, 1u << KD_IS_RUNG, &count) : NULL;
        kd_diagnose_near(f, rung.at, rung.text, names, count, "unknown rung `%.*s`", KD_STR_ARGS(rung.text));
        return;
    }
    x->ladder = e->index;
    const kd_ladder *l = &f->t->ladders[e->index];
    for (size_t i = 0; i < l->rung_count; i++)
        if (kd_str_equal(l->rungs[i].name, rung.text)) x->rung = (uint32_t)i;
}

static void resolve_expect(kd_front *f, kd_example *e, const step *s, const kd_words *under, kd_day day) {
    kd_expectation x = s->expect;
    x.line = s->at.line;
    x.on = s->has_day ? s->when : day;
    x.reading = -1;
    x.party = s->party.text.n ? party_of(f, s->party) : UINT32_MAX;
    if (!s->has_day && day == INT64_MIN)
        kd_diagnose(f, s->at, "nothing was said before: `on DATE expect` says which day is meant");
    if (x.what == KD_EXPECT_STATUS || x.what == KD_EXPECT_FIGURE) {
        int rule = kd_treaty_rule(f->t, s->thing.text);
        if (rule < 0)
            kd_lookup(f, s->thing.text, s->thing.at, KD_IS_RULE);
        else
            x.rule = (uint32_t)rule;
        x.status = s->status.text.n ? status_of(s->status.text) : 0;
        if (x.status < 0)
            kd_diagnose(f, s->status.at,
                        "`no` goes with a status: kept, breached, alleged, pending, not_shown, excused");
    } else if (x.what == KD_EXPECT_SHADE) {
        int group = kd_lookup(f, s->thing.text, s->thing.at, KD_IS_GROUP);
        if (group >= 0) x.group = (uint32_t)group;
        x.status = shade_of(s->status.text);
    } else if (x.what == KD_EXPECT_RUNG) {
        resolve_rung(f, &x, s->thing);
    }
    const kd_words *readings = s->names.count ? &s->names : under;
    size_t times = readings && readings->count ? readings->count : 1;
    for (size_t i = 0; i < times && !f->nomem; i++) {
        if (readings && readings->count)
            x.reading = kd_lookup(f, readings->items[i].text, readings->items[i].at, KD_IS_READING);
        *(kd_expectation *)kd_front_push(f, &e->expectations, &e->expectation_count, sizeof x) = x;
    }
}

void kd_resolve_examples(kd_front *f) {
    for (size_t i = 0; i < f->t->example_count && !f->nomem; i++) {
        kd_example *e = &f->t->examples[i];
        const kd_example_words *w = &f->example_words[i];
        const kd_words *under = NULL;
        kd_day day = INT64_MIN;
        e->last = INT64_MIN;
        for (size_t k = 0; k < w->count && !f->nomem; k++) {
            const step *s = &w->steps[k];
            if (s->kind == STEP_SAYS) resolve_says(f, e, s);
            if (s->kind == STEP_SAYS || s->kind == STEP_NOTHING) {
                day = kd_instant_day(s->when);
                if (s->when > e->last) e->last = s->when;
            }
            if (s->kind == STEP_UNDER) under = &s->names;
            if (s->kind == STEP_EXPECT) resolve_expect(f, e, s, under, day);
            for (size_t n = 0; s->kind == STEP_COMPLETE && n < s->names.count; n++) {
                int notice = kd_lookup(f, s->names.items[n].text, s->names.items[n].at, KD_IS_NOTICE);
                if (notice >= 0)
                    *(uint32_t *)kd_front_push(f, &e->complete, &e->complete_count, sizeof(uint32_t)) =
                        (uint32_t)notice;
            }
            if (s->has_day) {
                kd_instant end = kd_day_end(s->when);
                if (end > e->last) e->last = end;
            }
        }
    }
}

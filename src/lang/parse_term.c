/* parse_term.c: terms and patterns: what a notice, an event or a fact is asked to look like. */
#include "lang/parse.h"

static bool at_number(kd_parser *p, int kind) {
    return p->tok[0].kind == kind;
}

/* A name stands for a variable until it is resolved. */
bool kd_parse_term(kd_parser *p, kd_ast_term *out) {
    const kd_token *t = &p->tok[0];
    *out = (kd_ast_term){.at = t->at, .text = t->text};
    if (kd_at_end(p)) return kd_wanted(p, "a name or a value");
    if (at_number(p, TOK_INT) || at_number(p, TOK_DATE) || at_number(p, TOK_INSTANT)) {
        out->what = KD_TERM_VALUE;
        out->type = t->kind == TOK_INT ? KD_T_COUNT : t->kind == TOK_DATE ? KD_T_DATE : KD_T_INSTANT;
        out->value = t->number;
        if (t->bad) {
            kd_diagnose(p->f, t->at, "`%.*s`: %s", KD_STR_ARGS(t->text), t->bad);
            p->broken = true;
        }
    } else if (t->kind == TOK_STRING) {
        out->what = KD_TERM_TEXT;
        out->type = KD_T_TEXT;
    } else if (t->kind == '_') {
        out->what = KD_TERM_ANY;
    } else if (kd_at_words(p, "the", "other")) {
        kd_advance(p);
        out->what = KD_TERM_OTHER;
        out->type = KD_T_PARTY;
        out->at = kd_join(out->at, p->tok[0].at);
    } else if (kd_at_words(p, "the", "day")) {
        kd_advance(p);
        kd_advance(p);
        if (!kd_need_words(p, "after", "it")) return false;
        *out = (kd_ast_term){.what = KD_TERM_DAY_AFTER, .type = KD_T_DATE, .at = kd_join(out->at, p->last)};
        return true;
    } else if (kd_at_words(p, "its", "first") || kd_at_words(p, "its", "last")) {
        kd_advance(p);
        out->what = kd_is(&p->tok[0], "first") ? KD_TERM_FIRST_DAY : KD_TERM_LAST_DAY;
        out->type = KD_T_DATE;
        kd_advance(p);
        if (!kd_need_word(p, "day")) return false;
        out->at = kd_join(out->at, p->last);
        return true;
    } else if (kd_at_word(p, "both")) {
        out->what = KD_TERM_VALUE;
        out->type = KD_T_PARTY;
        out->value = KD_BOTH;
    } else if (t->kind == TOK_NAME && p->tok[1].joined && (p->tok[1].kind == '.' || p->tok[1].kind == '(')) {
        out->what = KD_TERM_TEXT;
        out->type = KD_T_RULE;
        return kd_need_article(p, &out->text, &out->at);
    } else if (t->kind == TOK_NAME) {
        out->what = KD_TERM_VARIABLE;
    } else {
        return kd_wanted(p, "a name or a value");
    }
    kd_advance(p);
    return true;
}

bool kd_parse_args(kd_parser *p, kd_ast_pattern *out) {
    out->has_args = true;
    if (kd_at(p, ')')) return kd_close(p);
    do {
        kd_ast_arg arg = {.at = p->tok[0].at};
        if (kd_at(p, TOK_NAME) && p->tok[1].kind == ':') {
            arg.field_name = p->tok[0].text;
            kd_advance(p);
            kd_advance(p);
        }
        if (!kd_parse_term(p, &arg.term)) return false;
        *(kd_ast_arg *)kd_front_push(p->f, &out->args, &out->arg_count, sizeof arg) = arg;
    } while (kd_eat(p, ','));
    if (!kd_at(p, ')')) return kd_wanted(p, "`,` or `)`");
    return kd_close(p);
}

bool kd_parse_speaker(kd_parser *p, kd_ast_pattern *out) {
    for (;;) {
        /* `by 2018-02-05` is a deadline. */
        bool by = !out->has_by && kd_at_word(p, "by") && p->tok[1].kind != TOK_DATE;
        if (!by && (out->has_about || !kd_at_word(p, "about"))) return true;
        kd_advance(p);
        if (by)
            out->has_by = true;
        else
            out->has_about = true;
        if (!kd_parse_term(p, by ? &out->by : &out->about)) return false;
    }
}

kd_ast_pattern *kd_parse_pattern(kd_parser *p) {
    kd_ast_pattern *out = kd_front_take(p->f, 1, sizeof *out);
    kd_word name = {0};
    if (!kd_need_name(p, &name, "a notice, an event or a fact")) return NULL;
    out->name = name.text;
    out->at = name.at;
    if (kd_at(p, '(') && (!kd_open(p) || !kd_parse_args(p, out))) return NULL;
    if (!kd_parse_speaker(p, out)) return NULL;
    while (kd_eat_word(p, "where")) {
        kd_ast_x *x = kd_parse_comparison(p);
        if (!x) return NULL;
        *(kd_ast_x **)kd_front_push(p->f, &out->where, &out->where_count, sizeof x) = x;
    }
    return p->f->nomem ? NULL : out;
}

/* mfotl_parse_term.c: terms, comparisons, intervals.
 *
 *      1  + -    left        2  * /   left        3  unary -        4  MOD
 *
 * MOD binds tighter than what stands to its left and takes everything arithmetic to its right: x * 3 MOD 2
 * + 1 is x * (3 MOD (2 + 1)). */
#include "lang/mfotl_front.h"
#include <math.h>
#include <stdlib.h>

enum { LEVEL_SUM = 1, LEVEL_PRODUCT = 2, LEVEL_SIGN = 3, LEVEL_MOD = 4 };

static bool parse_level(mf_parser *s, unsigned level, mf_read_part *out);

bool mf_put_term(mf_parser *s, mf_term like, unsigned below, mf_read_part *out) {
    if (below >= MF_DEPTH)
        return mf_stop(s, like.place, "depth", "more than %d operators within each other in a term",
                       MF_DEPTH);
    if (s->term_count == s->term_room) {
        size_t room = s->term_room ? 2 * s->term_room : 32;
        mf_term **terms = kd_arena_array(s->arena, room, sizeof(mf_term *));
        if (!terms) return mf_no_memory(s);
        for (size_t i = 0; i < s->term_count; i++) terms[i] = s->terms[i];
        s->terms = terms;
        s->term_room = room;
    }
    mf_term *t = kd_arena_take(s->arena, sizeof *t);
    if (!t) return mf_no_memory(s);
    *t = like;
    s->terms[s->term_count++] = t;
    *out = (mf_read_part){.sort = MF_IS_TERM, .height = below + 1, .t = t, .place = like.place};
    return true;
}

/* ---- Constants ------------------------------------------------------------------------------------------*/

/* The number that the token says; false when it does not fit. INT64_MIN is no value of the engine. */
static bool integer(kd_str text, int64_t *out) {
    bool negative = text.n && text.p[0] == '-';
    uint64_t n = 0;
    for (size_t i = negative; i < text.n; i++) {
        uint64_t digit = (uint64_t)(text.p[i] - '0');
        if (n > (INT64_MAX - digit) / 10) return false;
        n = 10 * n + digit;
    }
    *out = negative ? -(int64_t)n : (int64_t)n;
    return true;
}

static bool constant(mf_parser *s, mf_read_part *out) {
    const mf_token *t = s->at++;
    char met[MF_EXCERPT];
    mf_term c = {.place = t->place, .text = t->text};
    switch (t->kind) {
    case T_INT:
        c.kind = MF_CONST_INT;
        c.type = MF_INT;
        if (!integer(t->text, &c.number))
            return mf_stop(s, t->place, "range",
                           "the number %s is too large: whole numbers lie between -9223372036854775807 and "
                           "9223372036854775807",
                           mf_excerpt_text(t->text, met));
        break;
    case T_FLOAT: {
        c.kind = MF_CONST_FLOAT;
        c.type = MF_FLOAT;
        const char *z = kd_arena_copy(s->arena, t->text.p, t->text.n);
        if (!z) return mf_no_memory(s);
        c.real = strtod(z, NULL);
        if (isinf(c.real))
            return mf_stop(s, t->place, "range", "the number %s is too large for a float",
                           mf_excerpt_text(t->text, met));
        break;
    }
    default:
        c.kind = t->kind == T_STRING ? MF_CONST_STRING : MF_CONST_REGEXP;
        c.type = t->kind == T_STRING ? MF_STRING : MF_REGEXP;
        break;
    }
    return mf_put_term(s, c, 0, out);
}

static bool variable(mf_parser *s, mf_read_part *out) {
    const mf_token *t = s->at++;
    mf_term v = {.kind = MF_VAR, .place = t->place};
    return mf_resolve(s, t->text, &v.var) && mf_put_term(s, v, 0, out);
}

/* ---- Operators ------------------------------------------------------------------------------------------*/

static bool function(mf_parser *s, mf_read_part *out) {
    const mf_token *t = s->at++;
    mf_read_part a;
    if (!mf_take_token(s, T_OPEN, "\"(\" behind the name of a function")) return false;
    if (!parse_level(s, LEVEL_SUM, &a) || !mf_take_token(s, T_CLOSE, "\")\"")) return false;
    mf_term f = {.kind = (mf_term_kind)t->aux, .place = t->place, .a = a.t};
    return mf_put_term(s, f, a.height, out);
}

static bool term_operand(mf_parser *s, mf_read_part *out) {
    mf_place place = s->at->place;
    switch (s->at->kind) {
    case T_INT:
    case T_FLOAT:
    case T_STRING:
    case T_REGEXP:
        return constant(s, out);
    case T_FUNCTION:
        return function(s, out);
    case T_WORD:
        return variable(s, out);
    case T_MINUS: {
        mf_read_part a;
        s->at++;
        if (!parse_level(s, LEVEL_SIGN, &a)) return false;
        mf_term f = {.kind = MF_NEGATE, .place = place, .a = a.t};
        return mf_put_term(s, f, a.height, out);
    }
    case T_OPEN:
        s->at++;
        if (!parse_level(s, LEVEL_SUM, out) || !mf_take_token(s, T_CLOSE, "\")\"")) return false;
        out->place = place;
        return true;
    default:
        return mf_unexpected(s, "a term");
    }
}

/* The operator that comes; 0: none. */
static unsigned level_of(const mf_token *t, mf_term_kind *kind) {
    switch (t->kind) {
    case T_PLUS:
        *kind = MF_ADD;
        return LEVEL_SUM;
    case T_MINUS:
        *kind = MF_SUB;
        return LEVEL_SUM;
    case T_STAR:
        *kind = MF_MUL;
        return LEVEL_PRODUCT;
    case T_SLASH:
        *kind = MF_DIV;
        return LEVEL_PRODUCT;
    case T_MOD:
        *kind = MF_MOD;
        return LEVEL_MOD;
    default:
        return 0;
    }
}

static bool rest(mf_parser *s, unsigned level, mf_read_part *left) {
    mf_term_kind kind = MF_ADD;
    for (unsigned mine; (mine = level_of(s->at, &kind)) != 0 && mine >= level;) {
        mf_read_part right;
        s->at++;
        if (!parse_level(s, mine == LEVEL_MOD ? LEVEL_SUM : mine + 1, &right)) return false;
        mf_term f = {.kind = kind, .place = left->place, .a = left->t, .b = right.t};
        if (!mf_put_term(s, f, mf_higher(left->height, right.height), left)) return false;
    }
    return true;
}

static bool parse_level(mf_parser *s, unsigned level, mf_read_part *out) {
    if (!mf_enter(s) || !term_operand(s, out) || !rest(s, level, out)) return false;
    s->depth--;
    return true;
}

bool mf_parse_term(mf_parser *s, mf_read_part *out) {
    return parse_level(s, LEVEL_SUM, out);
}

bool mf_parse_term_rest(mf_parser *s, mf_read_part *left) {
    return rest(s, LEVEL_SUM, left);
}

bool mf_starts_term(const mf_parser *s) {
    switch (s->at->kind) {
    case T_WORD:
    case T_INT:
    case T_FLOAT:
    case T_STRING:
    case T_REGEXP:
    case T_FUNCTION:
    case T_MINUS:
    case T_OPEN:
        return true;
    default:
        return false;
    }
}

/* ---- Comparisons ----------------------------------------------------------------------------------------*/

/* The groups of MATCHES: a lone _ takes any. */
static bool groups(mf_parser *s, mf_formula *f) {
    const mf_token *open = s->at++, *t = open + 1;
    size_t room = 1, deep = 0;
    for (; t->kind != T_END && !(t->kind == T_CLOSE && !deep); t++) {
        deep += t->kind == T_OPEN;
        deep -= t->kind == T_CLOSE;
        room += t->kind == T_COMMA;
    }
    const mf_term **args = kd_arena_array(s->arena, room, sizeof(mf_term *));
    if (!args) return mf_no_memory(s);
    while (s->at->kind != T_CLOSE) {
        mf_read_part g = {.t = NULL};
        bool any = s->at->kind == T_WORD && kd_str_is(s->at->text, "_") &&
                   (s->at[1].kind == T_COMMA || s->at[1].kind == T_CLOSE);
        if (any)
            s->at++;
        else if (!mf_parse_term(s, &g))
            return false;
        args[f->arg_count++] = g.t;
        if (s->at->kind != T_CLOSE && !mf_take_token(s, T_COMMA, "\",\" or \")\"")) return false;
    }
    s->at++;
    f->args = args;
    return true;
}

bool mf_parse_comparison(mf_parser *s, const mf_read_part *first, mf_allow allow, mf_read_part *out) {
    mf_read_part left, right;
    if (first) {
        left = *first;
        if (!mf_parse_term_rest(s, &left)) return false;
    } else if (!mf_parse_term(s, &left)) {
        return false;
    }
    const mf_token *op = s->at;
    if (op->kind != T_COMPARE && op->kind != T_GREATER) {
        *out = left;
        if (allow == MF_OR_TERM && op->kind == T_CLOSE) return true;
        return mf_unexpected(s, "a comparison (= < <= > >= SUBSTRING MATCHES)");
    }
    s->at++;
    if (!mf_parse_term(s, &right)) return false;
    mf_formula f = {.kind = (mf_kind)op->aux, .place = left.place, .t1 = left.t, .t2 = right.t};
    if (op->kind == T_GREATER) {
        f.t1 = right.t;
        f.t2 = left.t;
    }
    if (f.kind == MF_MATCHES && s->at->kind == T_OPEN && !groups(s, &f)) return false;
    return mf_put_formula(s, f, 0, out);
}

/* ---- Intervals ------------------------------------------------------------------------------------------*/

/* One bound, in units of the log. False when the parser has stopped; what is out of bounds is put aside. */
static bool bound(mf_parser *s, int64_t *out) {
    static const struct {
        char letter;
        int64_t units;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    const mf_token *t = s->at;
    char met[MF_EXCERPT];
    kd_str digits = t->text;
    int64_t unit = 1;
    if (t->kind != T_INT && t->kind != T_SPAN)
        return mf_unexpected(s, "a bound of the interval (a number, with a unit s, m, h, d or without)");
    if (t->kind == T_SPAN) {
        char letter = digits.p[--digits.n];
        for (unsigned i = 0; i < 4; i++)
            if (units[i].letter == letter) unit = -units[i].units;
        if (unit > 0)
            return mf_stop(s, t->place, "syntax", "%s: the units are s, m, h and d; there is no unit %c",
                           mf_excerpt_text(t->text, met), letter);
        unit = -unit;
    }
    s->at++;
    if (!integer(digits, out) || *out > (INT64_MAX - 1) / unit)
        return mf_stop(s, t->place, "range", "the bound %s is too large: it must stay below 2^63 - 1 seconds",
                       mf_excerpt_text(t->text, met));
    *out *= unit;
    return true;
}

/* "(" opens an interval only before a bound and a comma: else a formula or a regular expression follows. */
static bool starts_interval(const mf_parser *s) {
    if (s->at->kind == T_OPEN_SQUARE) return true;
    return s->at->kind == T_OPEN && (s->at[1].kind == T_INT || s->at[1].kind == T_SPAN) &&
           s->at[2].kind == T_COMMA;
}

bool mf_parse_interval(mf_parser *s, mf_interval *out) {
    *out = (mf_interval){0, KD_NEVER};
    if (!starts_interval(s)) return true;
    const mf_token *open = s->at++;
    if (!bound(s, &out->low)) return false;
    const mf_token *high = s->at + 1;
    if (!mf_take_token(s, T_COMMA, "\",\" between the two bounds")) return false;
    bool endless = s->at->kind == T_STAR;
    if (endless)
        s->at++;
    else if (!bound(s, &out->high))
        return false;
    bool closed = s->at->kind == T_CLOSE_SQUARE;
    if (!closed && s->at->kind != T_CLOSE)
        return mf_unexpected(s, "\")\" or \"]\" at the end of the interval");
    s->at++;
    if (out->low < 0 || out->high < 0) {
        mf_late(s, R_INTERVAL, (out->low < 0 ? open + 1 : high)->place,
                "a bound of the interval is negative: bounds count from now, whether back or ahead");
        *out = (mf_interval){0, 0};
        return true;
    }
    if (open->kind == T_OPEN) out->low++;
    if (!closed && !endless) out->high--;
    if (out->high < out->low) {
        mf_late(s, R_INTERVAL, open->place,
                "no whole number lies in this interval: its second bound must be larger "
                "(or equal, between [ and ])");
        *out = (mf_interval){0, 0};
    }
    return true;
}

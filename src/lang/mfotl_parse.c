/* mfotl_parse.c: formulas: prefix operators, connectives by their levels, atoms.
 *
 *      1  LET .. IN f, r <- AGG x f     prefix, as far right as possible
 *      2  SINCE UNTIL TRIGGER RELEASE   right
 *      3  ONCE f, PREVIOUS f, ...       prefix, over 4 to 8
 *      4  EXISTS x. f, FORALL x. f      prefix, over 5 to 8
 *      5  EQUIV   6 IMPLIES (right)   7 OR   8 AND
 *      9  NOT f and match operators     prefix, over one atom, parenthesis or prefix formula
 *
 * A prefix operator may stand wherever an operand may and then reaches as far as its own level lets it: p
 * AND ONCE q OR r is p AND (ONCE (q OR r)). */
#include "lang/mfotl_front.h"
#include <stdio.h>
#include <string.h>

enum { LEVEL_ALL = 1, LEVEL_IN_TIME = 2, LEVEL_PREFIX = 3, LEVEL_NOT = 9 };

static const struct {
    unsigned level;
    bool right; /* associative to the right */
    mf_kind kind;
} connectives[] = {
    {2, true, MF_SINCE},  {2, true, MF_UNTIL},   {2, true, MF_TRIGGER}, {2, true, MF_RELEASE},
    {5, false, MF_EQUIV}, {6, true, MF_IMPLIES}, {7, false, MF_OR},     {8, false, MF_AND},
};

/* ---- Failing --------------------------------------------------------------------------------------------*/

bool mf_no_memory(mf_parser *s) {
    s->status = kd_fail_nomem(s->error);
    return false;
}

static void fill(kd_error *e, const char *file, mf_place at, const char *reason, const char *format,
                 va_list args) {
    char message[sizeof e->message];
    vsnprintf(message, sizeof message, format, args);
    kd_fail(e, KD_INVALID, reason, "%s", message);
    kd_error_place(e, file, at.line, at.column);
}

bool mf_stop(mf_parser *s, mf_place at, const char *reason, const char *format, ...) {
    va_list args;
    va_start(args, format);
    s->status = KD_INVALID;
    if (s->error) fill(s->error, s->p->file, at, reason, format, args);
    va_end(args);
    return false;
}

void mf_late(mf_parser *s, mf_rank rank, mf_place at, const char *format, ...) {
    static const char *const reasons[] = {"predicate", "let", "interval", "unbounded", "aggregate"};
    if (rank >= s->late_rank) return;
    va_list args;
    va_start(args, format);
    s->late_rank = rank;
    fill(&s->late, s->p->file, at, reasons[rank], format, args);
    va_end(args);
}

bool mf_unexpected(mf_parser *s, const char *wanted) {
    char met[MF_EXCERPT];
    const mf_token *t = s->at;
    if (t->kind == T_END)
        return mf_stop(s, t->place, "syntax", "the formula ends where %s is to come", wanted);
    mf_excerpt_text(t->text, met);
    if ((t->kind == T_INT || t->kind == T_FLOAT) && met[0] == '-')
        return mf_stop(
            s, t->place, "syntax",
            "met the number %s where %s is to come: a sign belongs to the number that follows it; put a "
            "blank behind a minus that subtracts",
            met, wanted);
    return mf_stop(s, t->place, "syntax", "met \"%s\" where %s is to come", met, wanted);
}

bool mf_take_token(mf_parser *s, mf_tok kind, const char *wanted) {
    if (s->at->kind != kind) return mf_unexpected(s, wanted);
    s->at++;
    return true;
}

bool mf_enter(mf_parser *s) {
    if (s->depth == MF_DEPTH)
        return mf_stop(
            s, s->at->place, "depth",
            "more than %d levels of nesting: name parts of the formula with LET, or ask less at once",
            MF_DEPTH);
    s->depth++;
    return true;
}

/* ---- Nodes ----------------------------------------------------------------------------------------------*/

unsigned mf_higher(unsigned a, unsigned b) {
    return a > b ? a : b;
}

static bool tall(mf_parser *s, mf_place at, unsigned below) {
    if (below < MF_DEPTH) return false;
    mf_stop(s, at, "depth",
            "more than %d operators within each other: use parentheses to balance a long chain", MF_DEPTH);
    return true;
}

bool mf_put_formula(mf_parser *s, mf_formula like, unsigned below, mf_read_part *out) {
    if (tall(s, like.place, below)) return false;
    const mf_formula *f = mf_make(s->p, like);
    if (!f) return mf_no_memory(s);
    *out = (mf_read_part){.sort = MF_IS_FORMULA, .height = below + 1, .f = f, .place = like.place};
    return true;
}

/* ---- Connectives ----------------------------------------------------------------------------------------*/

bool mf_is_connective(const mf_parser *s) {
    return s->at->kind == T_CONNECTIVE;
}

static bool is_future(mf_kind k) {
    return k == MF_EVENTUALLY || k == MF_ALWAYS || k == MF_UNTIL || k == MF_RELEASE || k == MF_FORWARD;
}

static void check_bounded(mf_parser *s, const mf_formula *f) {
    char text[MF_EXCERPT];
    if (!is_future(f->kind) || f->within.high != KD_NEVER || s->late_rank <= R_UNBOUNDED) return;
    mf_late(
        s, R_UNBOUNDED, f->place,
        "%s looks into the future without a bound: no verdict would ever be certain; give an interval that "
        "ends, as [0,10]",
        mf_excerpt(s->p, f, text));
}

bool mf_parse_connectives(mf_parser *s, unsigned level, mf_read_part *left) {
    while (s->at->kind == T_CONNECTIVE) {
        unsigned i = 0;
        while (connectives[i].kind != (mf_kind)s->at->aux) i++;
        unsigned mine = connectives[i].level;
        if (mine < level) break;
        mf_read_part right;
        mf_formula f = {.kind = connectives[i].kind, .place = left->place, .within = {0, KD_NEVER}};
        s->at++;
        if (mine == LEVEL_IN_TIME && !mf_parse_interval(s, &f.within)) return false;
        bool deeper = connectives[i].right; /* the others come back before the next one */
        if (deeper && !mf_enter(s)) return false;
        if (!mf_parse_formula(s, deeper ? mine : mine + 1, &right)) return false;
        if (deeper) s->depth--;
        f.a = left->f;
        f.b = right.f;
        if (!mf_put_formula(s, f, mf_higher(left->height, right.height), left)) return false;
        check_bounded(s, left->f);
    }
    return true;
}

/* ---- Operands -------------------------------------------------------------------------------------------*/

static bool prefix(mf_parser *s, mf_read_part *out) {
    const mf_token *op = s->at++;
    mf_read_part a;
    mf_formula f = {.kind = MF_NOT, .place = op->place, .within = {0, KD_NEVER}};
    if (op->kind == T_PREFIX) {
        f.kind = (mf_kind)op->aux;
        if (!mf_parse_interval(s, &f.within)) return false;
    }
    if (!mf_parse_formula(s, op->kind == T_NOT ? LEVEL_NOT : LEVEL_PREFIX + 1, &a)) return false;
    f.a = a.f;
    if (!mf_put_formula(s, f, a.height, out)) return false;
    check_bounded(s, out->f);
    return true;
}

static bool truth(mf_parser *s, mf_read_part *out) {
    const mf_token *t = s->at++;
    mf_read_part zero, other;
    mf_term c = {.kind = MF_CONST_INT, .type = MF_INT, .place = t->place};
    if (!mf_put_term(s, c, 0, &zero)) return false;
    c.number = t->kind == T_FALSE;
    if (!mf_put_term(s, c, 0, &other)) return false;
    mf_formula f = {.kind = MF_EQUAL, .place = t->place, .t1 = zero.t, .t2 = other.t};
    return mf_put_formula(s, f, 1, out);
}

/* What a parenthesis holds; a term in it is the beginning of a comparison, or of a term when that is
 * allowed. */
static bool parenthesis(mf_parser *s, mf_allow allow, mf_read_part *out) {
    mf_place place = s->at++->place;
    mf_read_part inner;
    if (!mf_parse_any(s, LEVEL_ALL, MF_OR_TERM, &inner)) return false;
    if (!mf_take_token(s, T_CLOSE, "\")\"")) return false;
    inner.place = place;
    if (inner.sort == MF_IS_TERM) return mf_parse_comparison(s, &inner, allow, out);
    *out = inner;
    return true;
}

static bool operand(mf_parser *s, mf_allow allow, mf_read_part *out) {
    switch (s->at->kind) {
    case T_NOT:
    case T_PREFIX:
        return prefix(s, out);
    case T_TRUE:
    case T_FALSE:
        return truth(s, out);
    case T_QUANTIFIER:
        return mf_parse_quantifier(s, out);
    case T_LET:
        return mf_parse_let(s, out);
    case T_MATCH: {
        if (!mf_parse_match(s, out)) return false;
        check_bounded(s, out->f);
        return true;
    }
    case T_OPEN:
        return parenthesis(s, allow, out);
    case T_WORD:
        if (s->at[1].kind == T_OPEN) return mf_parse_predicate(s, out);
        if (s->at[1].kind == T_ARROW) return mf_parse_aggregate(s, out);
        break;
    default:
        break;
    }
    if (!mf_starts_term(s)) return mf_unexpected(s, "a formula");
    return mf_parse_comparison(s, NULL, allow, out);
}

bool mf_starts_formula(const mf_parser *s) {
    switch (s->at->kind) {
    case T_NOT:
    case T_PREFIX:
    case T_TRUE:
    case T_FALSE:
    case T_QUANTIFIER:
    case T_LET:
    case T_MATCH:
    case T_OPEN:
        return true;
    default:
        return mf_starts_term(s);
    }
}

bool mf_parse_operand(mf_parser *s, mf_allow allow, mf_read_part *out) {
    if (!mf_enter(s) || !operand(s, allow, out)) return false;
    s->depth--;
    return true;
}

bool mf_parse_any(mf_parser *s, unsigned level, mf_allow allow, mf_read_part *out) {
    if (!mf_parse_operand(s, allow, out)) return false;
    return out->sort == MF_IS_TERM || mf_parse_connectives(s, level, out);
}

bool mf_parse_formula(mf_parser *s, unsigned level, mf_read_part *out) {
    return mf_parse_any(s, level, MF_ONLY_FORMULA, out);
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

static kd_status parse(mf_parser *s) {
    mf_read_part all;
    if (!mf_parse_formula(s, LEVEL_ALL, &all)) return s->status;
    if (s->at->kind != T_END) {
        mf_unexpected(s, "a connective or the end of the formula");
        return s->status;
    }
    if (s->late_rank != R_NONE) {
        if (s->error) *s->error = s->late;
        return KD_INVALID;
    }
    s->p->formula = all.f;
    s->p->columns = all.f->free;
    s->p->column_count = all.f->free_count;
    return mf_type_check(s->p, s->terms, s->term_count, s->error);
}

kd_status mf_read(kd_arena *arena, const mf_signature *sig, kd_str text, const char *file, mf_program **out,
                  kd_error *e) {
    mf_token *tokens;
    size_t count;
    *out = NULL;
    kd_status st = mf_lex(arena, text, file, &tokens, &count, e);
    if (st != KD_OK) return st;
    mf_program *p = kd_arena_take(arena, sizeof *p);
    mf_parser *s = kd_arena_take(arena, sizeof *s);
    mf_frame *frame = kd_arena_take(arena, sizeof *frame);
    if (!p || !s || !frame) return kd_fail_nomem(e);
    *p = (mf_program){.arena = arena, .signature = sig, .file = file};
    *s = (mf_parser){.p = p, .arena = arena, .at = tokens, .frame = frame, .error = e, .late_rank = R_NONE};
    st = parse(s);
    if (st == KD_OK) *out = p;
    return st;
}

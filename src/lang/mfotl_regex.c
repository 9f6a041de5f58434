/* mfotl_regex.c: the match operators and their regular expressions.
 *
 *      re ::= item | item re | item + re          item ::= . | f? | f | (re) | item*
 *
 * What follows + belongs to its right side, also a concatenation: p + q r is p + (q r), p q + r is p (q + r).
 * A formula in a regular expression is an operand: a connective ends the whole. A parenthesis may hold a
 * regular expression, a formula or a term; which, is known when what it holds has been read. */
#include "lang/mfotl_front.h"

/* `group`: in a parenthesis, where a formula may still turn out to be meant. */
static bool parse_sequence(mf_parser *s, mf_kind direction, bool group, mf_read_part *out);

bool mf_put_regex(mf_parser *s, mf_regex like, unsigned below, mf_read_part *out) {
    if (below >= MF_DEPTH)
        return mf_stop(s, like.place, "depth", "more than %d levels in a regular expression", MF_DEPTH);
    mf_regex *r = kd_arena_take(s->arena, sizeof *r);
    if (!r) return mf_no_memory(s);
    *r = like;
    *out = (mf_read_part){.sort = MF_IS_REGEX, .height = below + 1, .r = r, .place = like.place};
    return true;
}

/* A formula as a regular expression: a test, and unless it stands before "?" the step behind or before it. */
static bool as_regex(mf_parser *s, mf_kind direction, bool with_step, mf_read_part *part) {
    if (part->sort == MF_IS_REGEX) return true;
    mf_read_part test, step;
    mf_place at = part->place;
    if (!mf_put_regex(s, (mf_regex){.kind = MF_RE_TEST, .place = at, .test = part->f}, part->height, &test))
        return false;
    if (!with_step) {
        *part = test;
        return true;
    }
    if (!mf_put_regex(s, (mf_regex){.kind = MF_RE_STEP, .place = at}, 0, &step)) return false;
    mf_regex both = {.kind = MF_RE_CONCAT, .place = at, .a = test.r, .b = step.r};
    if (direction == MF_BACKWARD) {
        both.a = step.r;
        both.b = test.r;
    }
    return mf_put_regex(s, both, test.height, part);
}

static bool starts_item(const mf_parser *s) {
    return s->at->kind == T_DOT || mf_starts_formula(s);
}

/* Behind ")" of a term: the comparison it began. */
static bool parenthesis(mf_parser *s, mf_kind direction, bool group, mf_read_part *out) {
    mf_place place = s->at++->place;
    mf_read_part inner;
    if (!mf_enter(s) || !parse_sequence(s, direction, true, &inner)) return false;
    s->depth--;
    if (!mf_take_token(s, T_CLOSE, "\")\"")) return false;
    inner.place = place;
    if (inner.sort == MF_IS_TERM)
        return mf_parse_comparison(s, &inner, group ? MF_OR_TERM : MF_ONLY_FORMULA, out);
    *out = inner;
    return true;
}

static bool item(mf_parser *s, mf_kind direction, bool group, mf_read_part *out) {
    if (s->at->kind == T_DOT) {
        mf_place at = s->at++->place;
        if (!mf_put_regex(s, (mf_regex){.kind = MF_RE_STEP, .place = at}, 0, out)) return false;
    } else if (s->at->kind == T_OPEN) {
        if (!parenthesis(s, direction, group, out)) return false;
    } else if (!mf_starts_formula(s)) {
        return mf_unexpected(s, "a part of a regular expression (\".\", a formula or \"(\")");
    } else if (!mf_parse_operand(s, group ? MF_OR_TERM : MF_ONLY_FORMULA, out)) {
        return false;
    }
    if (out->sort == MF_IS_TERM) return true;
    if (s->at->kind == T_QUESTION && out->sort == MF_IS_FORMULA) {
        s->at++;
        if (!as_regex(s, direction, false, out)) return false;
    }
    while (s->at->kind == T_STAR) {
        s->at++;
        if (!as_regex(s, direction, true, out)) return false;
        mf_regex star = {.kind = MF_RE_STAR, .place = out->place, .a = out->r};
        if (!mf_put_regex(s, star, out->height, out)) return false;
    }
    return true;
}

static bool sequence(mf_parser *s, mf_kind direction, bool group, mf_read_part *out) {
    if (!item(s, direction, group, out)) return false;
    if (out->sort == MF_IS_TERM) return true;
    if (group && out->sort == MF_IS_FORMULA && mf_is_connective(s)) return mf_parse_connectives(s, 1, out);
    bool either = s->at->kind == T_PLUS;
    if (!either && !starts_item(s)) return group || as_regex(s, direction, true, out);
    mf_read_part right;
    if (either) s->at++;
    if (!as_regex(s, direction, true, out) || !parse_sequence(s, direction, false, &right)) return false;
    mf_regex r = {
        .kind = either ? MF_RE_EITHER : MF_RE_CONCAT, .place = out->place, .a = out->r, .b = right.r};
    return mf_put_regex(s, r, mf_higher(out->height, right.height), out);
}

static bool parse_sequence(mf_parser *s, mf_kind direction, bool group, mf_read_part *out) {
    if (!mf_enter(s) || !sequence(s, direction, group, out)) return false;
    s->depth--;
    return true;
}

bool mf_parse_match(mf_parser *s, mf_read_part *out) {
    const mf_token *op = s->at++;
    mf_formula f = {.kind = (mf_kind)op->aux, .place = op->place};
    mf_read_part r;
    if (!mf_parse_interval(s, &f.within) || !parse_sequence(s, f.kind, false, &r)) return false;
    f.regex = r.r;
    return mf_put_formula(s, f, r.height, out);
}

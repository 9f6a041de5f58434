/* mfotl_front.h: inside the reading of formulas: tokens, the parser's state and what its files share.
 *
 *      text ─▶ tokens ─▶ parser (names resolved on the way) ─▶ types ─▶ program
 *
 * What is wrong with the form stops the parser at once. Everything else (an unknown predicate, an empty
 * interval, a LET whose parameters do not fit, ...) is put aside, and of all that was met the first in the
 * order of checks is told at the end. */
#ifndef LANG_MFOTL_FRONT_H
#define LANG_MFOTL_FRONT_H

#include "lang/mfotl.h"

#define MF_DEPTH 200 /* nested levels of text, and of operators, that a formula may have */

/* ---- Tokens ---------------------------------------------------------------------------------------------*/

typedef enum mf_tok {
    T_END,
    T_WORD,
    T_INT,   /* its sign is part of it */
    T_FLOAT, /* likewise */
    T_SPAN,  /* digits and a unit */
    T_STRING,
    T_REGEXP,
    T_OPEN,
    T_CLOSE,
    T_OPEN_SQUARE,
    T_CLOSE_SQUARE,
    T_COMMA,
    T_SEMICOLON,
    T_DOT,
    T_QUESTION,
    T_PLUS,
    T_MINUS,
    T_STAR,
    T_SLASH,
    T_ARROW,   /* <- */
    T_COMPARE, /* aux: mf_kind */
    T_GREATER, /* aux: mf_kind that it is with its sides swapped */
    T_TRUE,
    T_FALSE,
    T_NOT,
    T_QUANTIFIER, /* aux: mf_kind */
    T_LET,        /* aux: mf_kind */
    T_IN,
    T_PREFIX,     /* temporal, before its formula; aux: mf_kind */
    T_CONNECTIVE, /* between two formulas; aux: mf_kind */
    T_MATCH,      /* before a regular expression; aux: mf_kind */
    T_FOLD,       /* aux: mf_fold */
    T_MOD,
    T_FUNCTION /* aux: mf_term_kind */
} mf_tok;

typedef struct mf_token {
    mf_tok kind;
    unsigned aux;
    mf_place place;
    kd_str text; /* as written; of T_STRING and T_REGEXP what stands between the quotes */
} mf_token;

/* All tokens of the text, a T_END last, in the arena. KD_INVALID with place and reason "syntax"; KD_NOMEM. */
kd_status mf_lex(kd_arena *arena, kd_str text, const char *file, mf_token **out, size_t *count, kd_error *e);

/* ---- Functions of terms ---------------------------------------------------------------------------------*/

typedef struct mf_function {
    mf_term_kind kind;
    const char *name;
    mf_type from, to;
} mf_function;

const mf_function *mf_function_of(mf_term_kind k); /* NULL: no function with one argument in parentheses */

/* ---- The parser -----------------------------------------------------------------------------------------*/

typedef struct mf_binding {
    kd_str name;
    mf_var var;
} mf_binding;

typedef struct mf_bindings {
    mf_binding *items;
    size_t count, room;
} mf_bindings;

/* Where names of variables mean one thing: the whole formula, the body of an aggregation, the definition of a
 * LET. `bound` is the stack of the quantifiers around the present place. A name that is neither is new and
 * free. */
typedef struct mf_frame {
    struct mf_frame *up;
    mf_bindings bound, free;
} mf_frame;

/* A LET that holds at the present place; the innermost first. */
typedef struct mf_let {
    const struct mf_let *up;
    kd_str name;
    uint32_t arity, number;
} mf_let;

/* The order of checks. */
typedef enum mf_rank { R_PREDICATE, R_LET, R_INTERVAL, R_UNBOUNDED, R_AGGREGATE, R_NONE } mf_rank;

typedef struct mf_parser {
    mf_program *p;
    kd_arena *arena;
    const mf_token *at;
    mf_frame *frame;
    const mf_let *lets;
    unsigned depth;
    kd_status status; /* of what stopped the parser */
    kd_error *error;
    mf_rank late_rank; /* of what was put aside */
    kd_error late;
    mf_term **terms; /* all, those below before those above: typed at the end */
    size_t term_count, term_room;
} mf_parser;

/* What was read: a parenthesis may turn out to hold any of these. `height` is that of the tree. */
typedef enum mf_sort { MF_IS_FORMULA, MF_IS_TERM, MF_IS_REGEX } mf_sort;

typedef struct mf_read_part {
    mf_sort sort;
    unsigned height;
    const mf_formula *f;
    const mf_term *t;
    const mf_regex *r;
    mf_place place;
} mf_read_part;

/* What a parenthesis may hold besides a formula. */
typedef enum mf_allow { MF_ONLY_FORMULA, MF_OR_TERM } mf_allow;

/* All of these: false when the parser has stopped. */
bool mf_parse_formula(mf_parser *s, unsigned level,
                      mf_read_part *out); /* operators of this level and tighter */
bool mf_parse_any(mf_parser *s, unsigned level, mf_allow allow, mf_read_part *out);
bool mf_parse_operand(mf_parser *s, mf_allow allow, mf_read_part *out);
/* The operators, from `level` on, that follow the formula in `left`. */
bool mf_parse_connectives(mf_parser *s, unsigned level, mf_read_part *left);
/* An atom whose first term (when `first` is not NULL: its first operand in parentheses) comes now. A term
 * without comparison is one when `allow` says so. */
bool mf_parse_comparison(mf_parser *s, const mf_read_part *first, mf_allow allow, mf_read_part *out);
bool mf_parse_term(mf_parser *s, mf_read_part *out);
/* The operators that follow the operand `left` of a term. */
bool mf_parse_term_rest(mf_parser *s, mf_read_part *left);
bool mf_starts_term(const mf_parser *s);
bool mf_starts_formula(const mf_parser *s);
bool mf_is_connective(const mf_parser *s);
bool mf_parse_predicate(mf_parser *s, mf_read_part *out);
bool mf_parse_let(mf_parser *s, mf_read_part *out);
bool mf_parse_aggregate(mf_parser *s, mf_read_part *out);
bool mf_parse_quantifier(mf_parser *s, mf_read_part *out);
bool mf_parse_match(mf_parser *s, mf_read_part *out);
bool mf_parse_interval(mf_parser *s, mf_interval *out); /* none there: [0,*) */

/* Names of variables. */
bool mf_bind(mf_parser *s, mf_bindings *to, kd_str name, mf_var v);
bool mf_declare(mf_parser *s, kd_str name, mf_var *out); /* a variable of its own */
bool mf_resolve(mf_parser *s, kd_str name, mf_var *out); /* what the name means here */

/* Steps. */
bool mf_take_token(mf_parser *s, mf_tok kind, const char *wanted);
bool mf_enter(mf_parser *s); /* one level deeper; leave by s->depth-- */
bool mf_no_memory(mf_parser *s);
bool mf_unexpected(mf_parser *s, const char *wanted);
bool mf_stop(mf_parser *s, mf_place at, const char *reason, const char *format, ...) KD_PRINTF(4, 5);
void mf_late(mf_parser *s, mf_rank rank, mf_place at, const char *format, ...) KD_PRINTF(4, 5);
/* Nodes; `out` gets the tree with height one more than `below`. */
bool mf_put_formula(mf_parser *s, mf_formula like, unsigned below, mf_read_part *out);
bool mf_put_term(mf_parser *s, mf_term like, unsigned below, mf_read_part *out);
bool mf_put_regex(mf_parser *s, mf_regex like, unsigned below, mf_read_part *out);
unsigned mf_higher(unsigned a, unsigned b);

/* ---- Checks of the whole --------------------------------------------------------------------------------*/

/* What a use of the LETPAST `let` inside its definition can look at, at worst. */
typedef enum mf_guard { MF_UNUSED, MF_EARLIER, MF_PRESENT, MF_LATER } mf_guard;

/* `place` is that of the worst use. False: no memory. */
bool mf_guard_of(const mf_program *p, const mf_formula *definition, uint32_t let, mf_guard *out,
                 mf_place *place);

/* Types of all variables and terms. `terms`: those below before those above. */
kd_status mf_type_check(mf_program *p, mf_term *const *terms, size_t count, kd_error *e);

#define MF_EXCERPT 160
/* The formula, or the term, as it prints, shortened, for messages. */
const char *mf_excerpt(const mf_program *p, const mf_formula *f, char out[MF_EXCERPT]);
const char *mf_excerpt_term(const mf_program *p, const mf_term *t, char out[MF_EXCERPT]);
const char *mf_excerpt_text(kd_str text, char out[MF_EXCERPT]);

#endif

/* mfotl.h: formulas of metric first-order temporal logic as the front end holds them, from text to plan.
 *
 *      signature ─┐
 *      formula ───┴─▶ parse ─▶ resolve and type ─▶ normal ─▶ safe ─▶ lower ─▶ plan + uses + columns
 *
 * The language is MonPoly's and VeriMon's (Basin, Klaedtke, Mueller, Zalinescu, JACM 2015; with regular
 * expressions, Basin et al., IJCAR 2020); docs/monitor.md has it. All nodes live in one arena and are never
 * changed after they are shared: a rewriting makes new ones. */
#ifndef LANG_MFOTL_H
#define LANG_MFOTL_H

#include <kadesh/monitor.h>

/* Where something begins in the formula's text: from 1; column in code points. */
typedef struct mf_place {
    uint32_t line, column;
} mf_place;

/* ---- Types ----------------------------------------------------------------------------------------------*/

/* OPEN and NUMBER (int or float) are left only where nothing decides; what is still open counts as float. */
typedef enum mf_type { MF_OPEN, MF_NUMBER, MF_INT, MF_FLOAT, MF_STRING, MF_REGEXP } mf_type;

const char *mf_type_name(mf_type t); /* "int", "float", "string", "regexp", "num", "any" */

/* ---- Signature ------------------------------------------------------------------------------------------*/

typedef struct mf_predicate {
    kd_str name;
    uint32_t arity;
    const mf_type *types;
} mf_predicate;

typedef struct mf_signature {
    mf_predicate *items; /* in the order declared; tp, ts, tpts are not here */
    size_t count;
} mf_signature;

/* Everything in the arena; names are views of `text`. KD_INVALID with file, line, column and
 * reason "signature"; KD_NOMEM. */
kd_status mf_signature_read(kd_arena *arena, kd_str text, const char *file, mf_signature **out, kd_error *e);
const mf_predicate *mf_signature_find(const mf_signature *s, kd_str name); /* NULL when it is not declared */

/* ---- Terms ----------------------------------------------------------------------------------------------*/

typedef uint32_t mf_var; /* a variable, numbered through the whole formula: each binder makes a new one */

typedef enum mf_term_kind {
    MF_VAR,
    MF_CONST_INT,
    MF_CONST_FLOAT,
    MF_CONST_STRING,
    MF_CONST_REGEXP,
    MF_ADD, /* from here on: operators; two operands up to MOD, then one */
    MF_SUB,
    MF_MUL,
    MF_DIV,
    MF_MOD,
    MF_NEGATE,
    MF_I2F,
    MF_F2I,
    MF_I2S,
    MF_S2I,
    MF_F2S,
    MF_S2F,
    MF_R2S,
    MF_S2R,
    MF_YEAR,
    MF_MONTH,
    MF_DAY_OF_MONTH,
    MF_FORMAT_DATE
} mf_term_kind;

typedef struct mf_term mf_term;
struct mf_term {
    mf_term_kind kind;
    mf_type type; /* once typed */
    mf_place place;
    mf_var var;
    int64_t number;
    double real;
    kd_str text; /* of a string or regexp constant: between the quotes, backslashes as written */
    const mf_term *a, *b;
};

/* ---- Formulas -------------------------------------------------------------------------------------------*/

/* Both ends included, in units of the log's time stamps; high KD_NEVER: no end. (`(a,b)` has become
 * [a+1,b-1].) */
typedef kd_interval mf_interval;

typedef enum mf_kind {
    MF_PREDICATE, /* args; `predicate` (NULL: a LET's, then `let`; or tp, ts, tpts: `builtin`) */
    MF_EQUAL,     /* t1 = t2 */
    MF_LESS,      /* t1 < t2; > and >= are read with the sides swapped */
    MF_LESS_EQUAL,
    MF_SUBSTRING, /* t1 occurs in t2 */
    MF_MATCHES,   /* text t1, pattern t2, args: the groups, NULL where ignored */
    MF_NOT,
    MF_AND,
    MF_OR,
    MF_IMPLIES,
    MF_EQUIV,
    MF_EXISTS, /* vars bound in a */
    MF_FORALL,
    MF_AGGREGATE, /* result <- fold over ; vars (the group) a */
    MF_PREVIOUS,
    MF_NEXT,
    MF_ONCE,
    MF_EVENTUALLY,
    MF_HISTORICALLY,
    MF_ALWAYS,
    MF_SINCE,
    MF_UNTIL,
    MF_TRIGGER,
    MF_RELEASE,
    MF_LET, /* vars: the parameters; a: the definition; b: where it holds; let: its number */
    MF_LETPAST,
    MF_FORWARD, /* regex, within */
    MF_BACKWARD
} mf_kind;

typedef enum mf_fold { MF_CNT, MF_SUM, MF_MIN, MF_MAX, MF_AVG, MF_MED } mf_fold;
typedef enum mf_builtin { MF_NO_BUILTIN, MF_TP, MF_TS, MF_TPTS } mf_builtin;

typedef struct mf_formula mf_formula;
typedef struct mf_regex mf_regex;

struct mf_formula {
    mf_kind kind;
    mf_place place;
    const mf_formula *a, *b;
    mf_interval within; /* of the temporal operators */
    const mf_term *t1, *t2;
    /* predicate */
    kd_str name;
    const mf_predicate *predicate;
    mf_builtin builtin;
    uint32_t let; /* number of the LET that binds or is bound; 0: none */
    const mf_term *const *args;
    uint32_t arg_count;
    /* variables: bound, grouping, parameters */
    const mf_var *vars;
    uint32_t var_count;
    /* aggregate */
    mf_fold fold;
    mf_var result, over;
    const mf_regex *regex;
    /* Free variables in the order of the output's columns, as monpoly-style monitors print them: filled when
     * the formula is made by mf_make. */
    const mf_var *free;
    uint32_t free_count;
};

/* A bare formula inside a regular expression has become a test and a step (future: f? . ; past: . f?). */
typedef enum mf_regex_kind { MF_RE_STEP, MF_RE_TEST, MF_RE_CONCAT, MF_RE_EITHER, MF_RE_STAR } mf_regex_kind;

struct mf_regex {
    mf_regex_kind kind;
    mf_place place;
    const mf_formula *test;
    const mf_regex *a, *b;
};

/* ---- A whole formula ------------------------------------------------------------------------------------*/

typedef struct mf_name {
    kd_str text;  /* as written, for messages and columns; of a made one: "_1" and so on */
    mf_type type; /* once typed */
} mf_name;

typedef struct mf_program {
    kd_arena *arena;
    const mf_signature *signature;
    const char *file;
    const mf_formula *formula; /* as written (`_` arguments have become EXISTS), typed, intervals checked */
    const mf_formula *normal;  /* what is monitored; set by mf_normalize */
    const mf_var *columns;     /* of the output, in order: formula->free */
    uint32_t column_count;
    mf_name *vars; /* vars[v] for every mf_var; grows as rewritings make new ones */
    uint32_t var_count, var_room;
    uint32_t let_count; /* LETs are numbered 1 .. let_count */
    uint32_t made_vars; /* names "_1" and so on given so far */
    uint64_t *mark;     /* mf_make's own: unions of variables, one mark a variable */
    uint64_t mark_now;
} mf_program;

/* Parses, resolves names, checks LETs, intervals, bounds of future operators, aggregations and types, in that
 * order. `text` must outlive the program. KD_INVALID with file, line, column, the term or subformula, what was
 * expected; e->reason is "syntax", "let", "interval", "unbounded", "aggregate", "type" or "predicate"; a number that
 * does not fit is "range". At most 200 nested levels ("depth"): of parentheses and prefixes in the text, and of
 * operators in the tree. */
kd_status mf_read(kd_arena *arena, const mf_signature *s, kd_str text, const char *file, mf_program **out,
                  kd_error *e);

/* A node with its free variables computed; all fields of `like` are copied. NULL: no memory. */
const mf_formula *mf_make(mf_program *p, mf_formula like);
const mf_formula *mf_make1(mf_program *p, mf_kind kind, const mf_formula *a);
const mf_formula *mf_make2(mf_program *p, mf_kind kind, const mf_formula *a, const mf_formula *b);
const mf_term *mf_make_term(mf_program *p, mf_term like);
bool mf_new_var(mf_program *p, mf_type type, mf_var *out); /* false: no memory */
bool mf_new_named_var(mf_program *p, kd_str name, mf_type type, mf_var *out);
bool mf_is_free(const mf_formula *f, mf_var v);
/* The variables of a term, each once, in order; returns how many there are, of which at most `room` are kept. */
uint32_t mf_term_vars(const mf_term *t, mf_var *out, uint32_t room);

/* The formula as MonPoly prints it: intervals in plain numbers, NOT, PAST_ALWAYS, parentheses around binary
 * subformulas. */
void mf_print(kd_text *out, const mf_program *p, const mf_formula *f);
void mf_print_term(kd_text *out, const mf_program *p, const mf_term *t);

/* ---- Normal form and what can be monitored --------------------------------------------------------------*/

typedef enum mf_unfold { MF_UNFOLD_NO, MF_UNFOLD_FULL, MF_UNFOLD_SMART } mf_unfold;

typedef struct mf_rewriting {
    bool negate; /* monitor NOT formula; the columns stay */
    bool
        as_it_is; /* -no_rw: no normal form, no rewriting: IMPLIES, EQUIV, FORALL, ALWAYS, HISTORICALLY fail */
    mf_unfold unfold;
} mf_rewriting;

/* Sets p->normal to an equivalent formula that mf_lower takes. KD_FAILED, e->reason "unsafe" or "fragment",
 * when there is none: the message names the smallest subformula that cannot be monitored and why, `refused`
 * is that subformula. In the normal form there is no IMPLIES, EQUIV, FORALL, ALWAYS, HISTORICALLY. */
kd_status mf_normalize(mf_program *p, const mf_rewriting *r, const mf_formula **refused, kd_error *e);

/* ---- Lowering -------------------------------------------------------------------------------------------*/

/* What becomes of one argument of an event when it is put into an input. */
typedef enum mf_take_kind {
    MF_SKIP,   /* nothing above looks at it */
    MF_PUT,    /* goes to column `column` */
    MF_EQUALS, /* must be `value`, else the event is of no concern */
    MF_AGAIN   /* must be what went to column `column` */
} mf_take_kind;

typedef struct mf_take {
    mf_take_kind kind;
    uint32_t column;
    kd_value value;
} mf_take;

/* An input of the plan: which events feed it. Constants and repeated variables are tested, and columns that
 * nothing needs are dropped, by whoever reads the log, before a row exists. */
typedef struct mf_use {
    const mf_predicate *predicate;
    kd_node input;
    uint32_t width;
    const mf_take *takes; /* one an argument */
} mf_use;

typedef struct mf_circuit {
    mf_use *uses;
    size_t use_count;
    kd_node watched; /* its rows are the verdicts: column k is p->columns[k] */
    bool future;     /* there is a future operator: the end of the log is a time point of its own */
    bool all_points; /* every time point matters, also an empty one (tp, ts, PREVIOUS, NEXT, ...) */
} mf_circuit;

/* Values of the rows: ints as they are; strings and regexps symbols of `symbols`; floats by the bits of their double
 * (-0.0 becomes 0.0, every NaN the same). */
kd_value mf_float_value(double d);
double mf_value_float(kd_value v);

/* What the functions of terms need (mfotl_terms.c): texts are symbols here. It must outlive the plan. */
typedef struct mf_functions {
    const kd_allocator *from;
    kd_symbols *symbols;
    const kd_patterns *patterns; /* NULL: MATCHES is refused */
    kd_arena *arena;             /* compiled patterns and the calls' contexts */
    struct mf_pattern *compiled; /* those made so far, for release */
} mf_functions;
void mf_functions_forget(mf_functions *f); /* symbols were dropped: nothing is known of those that are gone */
void mf_functions_close(mf_functions *f);  /* releases the patterns; not symbols, not the arena */

/* A term as an expression over the columns that `column_of[var]` names. 0 when it cannot be made (kd_plan_error
 * tells). Integer arithmetic and floats are the engine's own operators, the rest kd_plan_call. */
kd_expr mf_lower_term(const mf_program *p, kd_plan *plan, mf_functions *f, const mf_term *t,
                      const uint32_t *column_of);
/* t1 < t2, t1 <= t2 (by the type of its sides), t1 = t2, t1 SUBSTRING t2 as an expression: 1 or 0. */
kd_expr mf_lower_comparison(const mf_program *p, kd_plan *plan, mf_functions *f, const mf_formula *atom,
                            const uint32_t *column_of);
/* t1 MATCHES t2 (...): `in` and, for each variable among the groups that column_of does not have (UINT32_MAX),
 * one column more, in order. `new_vars` (room for arg_count) gets these variables. 0 as above. */
kd_node mf_lower_matches(const mf_program *p, kd_plan *plan, mf_functions *f, const mf_formula *atom,
                         kd_node in, const uint32_t *column_of, mf_var *new_vars, uint32_t *new_count);
/* The value of a constant, or of a text from the log; false: no memory. */
bool mf_constant_value(mf_functions *f, const mf_term *t, kd_value *out);

/* Builds the plan of p->normal. KD_INVALID when a constant is out of range; KD_NOMEM. */
kd_status mf_lower(const mf_program *p, kd_plan *plan, mf_functions *functions, mf_circuit *out, kd_error *e);

#endif

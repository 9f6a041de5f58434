/* naive_mfotl.h: metric first-order temporal logic by its definitions, slowly: the truth that the monitor is
 * tested against.
 *
 *      formula ─▶ nm_parse ─▶ nm_core (names to numbers, NOT inward) ─▶ nm_run: for every time point
 *      log ────────────────────────────────────────────────────────────────▶       the tuples that satisfy it
 *
 * The evaluator is a table of rules, one an operator, that read as the definitions do (Basin, Klaedtke,
 * Müller, Zălinescu, Monitoring Metric First-Order Temporal Properties, JACM 62(2), 2015; match operators:
 * Basin et al., IJCAR 2020). It looks at the whole log for every time point and keeps nothing but what it has
 * found already. Nothing is shared with the room `lang` or the engine: own lexer, own parser, own reader of
 * logs. Running out of memory ends the test. */
#ifndef NAIVE_MFOTL_H
#define NAIVE_MFOTL_H

#include <kadesh/base.h>

enum { NM_VARIABLES_MAX = 256, NM_COLUMNS_MAX = 48 };

/* ---- Values -------------------------------------------------------------------------------------------*/

typedef enum nm_type { NM_OPEN, NM_INT, NM_FLOAT, NM_STRING, NM_REGEXP } nm_type;

/* Two values are the same when both fields are: a float is its bits, a string its number in the table of
 * texts. */
typedef struct nm_value {
    nm_type type; /* NM_OPEN: no value */
    int64_t bits;
} nm_value;

/* ---- Terms and formulas -------------------------------------------------------------------------------*/

typedef enum nm_term_op {
    NM_VARIABLE,
    NM_CONSTANT,
    NM_ADD,
    NM_SUB,
    NM_MUL,
    NM_DIV,
    NM_MOD,
    NM_NEG,
    NM_F2I,
    NM_I2F,
    NM_I2S,
    NM_S2I,
    NM_F2S,
    NM_S2F,
    NM_R2S,
    NM_S2R,
    NM_YEAR,
    NM_MONTH,
    NM_DAY,
    NM_DATE
} nm_term_op;

typedef struct nm_term {
    nm_term_op op;
    kd_str name;  /* of a variable, as written */
    unsigned var; /* its number, in the core form */
    nm_value value;
    struct nm_term *a, *b;
} nm_term;

typedef enum nm_op {
    NM_TRUE,
    NM_FALSE,
    NM_EQ,
    NM_LT,
    NM_LE,
    NM_SUBSTRING,
    NM_MATCHES,
    NM_PRED,
    NM_NOT,
    NM_AND,
    NM_OR,
    NM_IMPLIES, /* not in the core form, as are EQUIV and FORALL */
    NM_EQUIV,
    NM_EXISTS,
    NM_FORALL,
    NM_PREVIOUS,
    NM_NEXT,
    NM_ONCE,
    NM_EVENTUALLY,
    NM_HISTORICALLY,
    NM_ALWAYS,
    NM_SINCE,
    NM_UNTIL,
    NM_TRIGGER,
    NM_RELEASE,
    NM_AGGREGATE,
    NM_LET,
    NM_LETPAST,
    NM_FORWARD,
    NM_BACKWARD,
    NM_RE_STEP, /* regular expressions over time points: only below the two match operators */
    NM_RE_TEST,
    NM_RE_PLAIN, /* a formula without "?"; not in the core form */
    NM_RE_CAT,
    NM_RE_ALT,
    NM_RE_STAR,
    NM_OPS
} nm_op;

typedef enum nm_fold { NM_CNT, NM_SUM, NM_MIN, NM_MAX, NM_AVG, NM_MED } nm_fold;

/* Distances of time stamps, both ends included. */
typedef struct nm_interval {
    uint64_t low, high;
    bool unbounded;
} nm_interval;

typedef struct nm_set {
    uint64_t words[NM_VARIABLES_MAX / 64];
} nm_set;

typedef struct nm_formula nm_formula;
struct nm_formula {
    nm_op op;
    kd_str name;    /* predicate, defined predicate, or result of an aggregation */
    nm_term **args; /* of a predicate; both sides of a comparison, then the groups of MATCHES (NULL: "_") */
    unsigned count;
    kd_str *names; /* bound variables, parameters, or groups of an aggregation */
    unsigned name_count;
    bool grouped; /* MATCHES with groups */
    nm_fold fold;
    kd_str over; /* the variable that is folded */
    nm_interval in;
    nm_formula *a, *b;
    /* Core form. */
    unsigned *vars; /* numbers of `names` */
    unsigned id;    /* from 0 */
    unsigned result, over_var;
    const nm_formula *def;  /* predicate: the LET that defines it, or NULL */
    unsigned *fv, fv_count; /* free variables */
    nm_set free;            /* the same */
};

/* ---- Reading ------------------------------------------------------------------------------------------*/

typedef struct nm_pred {
    kd_str name;
    nm_type *types;
    unsigned arity;
} nm_pred;

typedef struct nm_tuple {
    unsigned pred; /* place in the signature */
    nm_value *values;
} nm_tuple;

typedef struct nm_point {
    kd_str text; /* as it stands in the log, with its @ */
    int64_t at;
    nm_tuple *tuples;
    size_t count;
} nm_point;

typedef struct nm_world {
    kd_arena *arena;
    kd_symbols *texts;
    nm_pred *preds;
    unsigned pred_count;
    nm_point *points;
    size_t point_count;
    bool stopped; /* the log said terminate: no end */
    char complaint[200];
} nm_world;

void nm_world_open(nm_world *w, kd_arena *a);
void nm_world_close(nm_world *w);
/* Each says in w->complaint what is wrong when it returns false or NULL. */
bool nm_read_signature(nm_world *w, kd_str text);
bool nm_read_log(nm_world *w, kd_str text);
nm_formula *nm_parse(nm_world *w, kd_str text);
/* The formula as text that reads back as the same one, fully parenthesized. */
void nm_print(const nm_world *w, const nm_formula *f, kd_text *out);
/* Output columns, in the order of the notes. Returns how many. */
unsigned nm_columns(const nm_world *w, const nm_formula *f, kd_str *out);

/* ---- Core form ----------------------------------------------------------------------------------------*/

typedef struct nm_core {
    nm_formula *formula;
    nm_type types[NM_VARIABLES_MAX];
    unsigned variables, nodes;
    kd_str columns[NM_COLUMNS_MAX];
    unsigned column_vars[NM_COLUMNS_MAX], column_count;
} nm_core;

bool nm_make_core(nm_world *w, const nm_formula *f, bool negate, nm_core *out);

/* ---- Terms --------------------------------------------------------------------------------------------*/

nm_value nm_int(int64_t i);
nm_value nm_float(double d);
double nm_double(nm_value v);
nm_value nm_text(nm_world *w, nm_type type, kd_str s);
bool nm_same(nm_value a, nm_value b);
int nm_order(const nm_world *w, nm_value a, nm_value b); /* by value, strings by bytes */
/* The term under an assignment; false when the integers overflow or divide by zero. All its variables must
 * have values. */
bool nm_evaluate(nm_world *w, const nm_term *t, const nm_value *env, nm_value *out);
/* As verdicts print it: floats %g, strings quoted. */
void nm_put_value(const nm_world *w, nm_value v, kd_text *out);

/* One event as logs have it, with a blank before it. */
void nm_put_event(const nm_world *w, const nm_tuple *e, kd_text *out);

/* ---- Running ------------------------------------------------------------------------------------------*/

typedef enum nm_status {
    NM_DONE,
    NM_WRONG,      /* signature, formula or log cannot be read */
    NM_CANNOT,     /* no order of evaluation binds the variables, or an operator that is left out here */
    NM_ARITHMETIC, /* somewhere an integer overflowed or was divided by zero: the sets may miss what depends
                      on it */
    NM_TOO_MUCH    /* more work than was allowed */
} nm_status;

typedef struct nm_verdict {
    int64_t at;
    bool decided; /* by the time points that there are (with no_last_point); else always */
    nm_value *rows;
    size_t count; /* of a closed formula 1 or 0 */
} nm_verdict;

typedef struct nm_options {
    bool negate, no_last_point;
    uint64_t steps; /* 0: without limit */
} nm_options;

typedef struct nm_result {
    nm_world world;
    nm_core core;
    nm_verdict *verdicts;
    size_t count;
    bool arithmetic;
} nm_result;

/* Everything in the arena, which must outlive the result. nm_close frees what is not. */
nm_status nm_run(kd_arena *a, kd_str sig, kd_str formula, kd_str log, const nm_options *o, nm_result *out);
void nm_close(nm_result *r);
/* One verdict as a line "@at (time point i): ..." without line break, tuples sorted; nothing for an empty
 * one. */
void nm_put_verdict(const nm_result *r, size_t i, kd_text *out);

#endif

/* ast.h: the resolved syntax of a treaty, which kd_treaty_load leaves at kd_treaty.syntax and the lowering
 * reads.
 *
 * Nothing in it is a name to be looked up: a pattern says which notice, event or fact it is of, an argument
 * which field, a term which variable or which value. What was wrong has been refused before: types agree,
 * arguments are as many as they must be, every variable of a condition is bound, and nothing depends on
 * itself.
 *
 *      kd_treaty ── syntax ─▶ kd_ast ─┬─▶ rules[i]   says more of kd_treaty.rules[i]; likewise notices, facts,
 *                                     │              ladders, readings: same index, same count
 *                                     ├─▶ events, numbers
 *                                     └─▶ order      events, facts and numbers, each after those that it uses
 *
 * Variables belong to a declaration (a rule, an event, a fact, a number, a clause of a reading), which
 * lists them in `vars`; a term names one by its slot there. Two variables of one name in places that do not
 * see each other (two alternatives of a source, two `count of`) have slots of their own. At most
 * KD_AST_VARS_MAX in a declaration, so that a set of them is one 64-bit word.
 *
 * Everything is owned by the treaty's arena. Names and places are kept for labels and errors. */
#ifndef KADESH_LANG_AST_H
#define KADESH_LANG_AST_H

#include "kadesh/treaty.h"

#define KD_AST_VARS_MAX    64
#define KD_AST_FACT_ARITY  6 /* what a row of KD_SINK_FACT has room for */
#define KD_AST_NESTING_MAX 200

/* A stretch of a source: of `bytes` bytes from `offset`. */
typedef struct kd_place {
    uint32_t source; /* index into the sources that were loaded; KD_PLACE_PRELUDE for the language's own */
    uint32_t line;   /* from 1 */
    uint32_t offset, bytes;
} kd_place;
#define KD_PLACE_PRELUDE UINT32_MAX

/* ---- Variables and terms --------------------------------------------------------------------------------*/

typedef struct kd_ast_var {
    kd_str name;
    kd_place at; /* where it is met first */
    kd_value_type type;
    uint32_t kind; /* of KD_T_KIND */
    uint32_t uses;
    bool typed;
} kd_ast_var;

typedef struct kd_ast_vars {
    kd_ast_var *items;
    uint32_t count;
} kd_ast_vars;

typedef enum kd_ast_term_kind {
    KD_TERM_ANY,      /* `_` */
    KD_TERM_VARIABLE, /* slot */
    /* value: a count, date (its day's begin), instant, Party, group, kind's value, notice, yes_no */
    KD_TERM_VALUE,
    /* text: to be interned when lowered; type KD_T_TEXT, KD_T_RULE, KD_T_STATEMENT or KD_T_HASH */
    KD_TERM_TEXT,
    KD_TERM_OTHER,     /* the Party that the variable `slot` is not; of two Parties */
    KD_TERM_DAY_AFTER, /* the day after the period (type date): duties `every` alone have these three */
    KD_TERM_FIRST_DAY, /* of the period */
    KD_TERM_LAST_DAY
} kd_ast_term_kind;

typedef struct kd_ast_term {
    kd_ast_term_kind what;
    kd_value_type type; /* not of ANY */
    uint32_t kind;      /* of KD_T_KIND */
    uint32_t slot;
    kd_value value;
    kd_str text; /* as written, without quotes */
    kd_place at;
} kd_ast_term;

/* ---- Patterns -------------------------------------------------------------------------------------------*/

typedef enum kd_ast_target { KD_OF_NOTICE, KD_OF_EVENT, KD_OF_FACT, KD_OF_NUMBER } kd_ast_target;

typedef struct kd_ast_x kd_ast_x;

typedef struct kd_ast_arg {
    uint32_t field; /* notices: index of the field; events and facts: the place */
    kd_ast_term term;
    kd_str field_name;
    kd_place at;
} kd_ast_arg;

/* `NAME(args) by T about T where C`. `about` has become an argument. */
typedef struct kd_ast_pattern {
    kd_ast_target target; /* never a number */
    uint32_t index;
    /* Notices: the fields that were named, in the order written; a list field matches when one of its
     * values does; a field named twice must match both. Events and facts: one for each place, in order, `_`
     * filled in where none was given. */
    kd_ast_arg *args;
    size_t arg_count;
    bool has_by;
    /* A Party that speaks: ANY, VARIABLE, VALUE or OTHER; never of a notice `by both`. Of an event: of the
     * notice that it is from. */
    kd_ast_term by;
    kd_ast_x **where; /* comparisons, all to hold */
    size_t where_count;
    uint64_t variables; /* slots that it binds: args and by, not those of `where` alone */
    /* As written: of no use after the load. */
    kd_str name;
    kd_place at;
    bool has_args, has_about;
    kd_ast_term about;
} kd_ast_pattern;

/* ---- Expressions and conditions -------------------------------------------------------------------------*/

typedef enum kd_ast_op {
    /* Conditions. */
    KD_AST_AND, /* kids, two or more */
    KD_AST_OR,
    KD_AST_NOT,         /* one kid */
    KD_AST_COMPARE,     /* two kids of one type; `compare` */
    KD_AST_FACT,        /* the pattern (of a fact, without by and where) has a row */
    KD_AST_IN_FORCE,    /* the treaty is in force */
    KD_AST_SOME_BREACH, /* some rule is breached by the Party `term`; in readings alone */
    /* Values. */
    KD_AST_TERM,    /* `term`: VARIABLE, VALUE, TEXT or OTHER */
    KD_AST_SUM,     /* kids, each added, or taken away when its `minus` is set */
    KD_AST_PRODUCT, /* kids */
    KD_AST_NUMBER,  /* number `index` of `args`, one for each parameter */
    KD_AST_LATEST,  /* field `field` of the latest notice that matches the pattern (no where) */
    KD_AST_TOTAL,   /* sum of it over all that match; a count */
    KD_AST_COUNT,   /* how many rows match the pattern (notices and events: ever; facts: now) */
    KD_AST_CALL     /* before it is known to be FACT or NUMBER; never after the load */
} kd_ast_op;

typedef enum kd_ast_compare {
    KD_CMP_EQ,
    KD_CMP_NE,
    KD_CMP_LT,
    KD_CMP_LE,
    KD_CMP_GT,
    KD_CMP_GE
} kd_ast_compare;

struct kd_ast_x {
    kd_ast_op op;
    kd_value_type type; /* of a value */
    uint32_t kind;
    kd_ast_compare compare;
    bool minus; /* as a kid of a SUM */
    kd_ast_x **kids;
    size_t kid_count;
    kd_ast_term term;
    kd_ast_pattern *pattern;
    uint32_t index, field;
    kd_ast_term *args;
    size_t arg_count;
    uint64_t variables; /* all slots that it speaks of, but those that live inside a `count of` alone */
    kd_place at;
    kd_str field_name;
};

/* ---- Spans ----------------------------------------------------------------------------------------------*/

/* Minutes and hours have become seconds, years months. */
typedef struct kd_ast_span {
    int64_t amount;
    enum { KD_SPAN_SECONDS, KD_SPAN_DAYS, KD_SPAN_MONTHS } unit;
} kd_ast_span;

/* ---- Declarations ---------------------------------------------------------------------------------------*/

typedef struct kd_ast_notice {
    kd_place at;
    int alleges_field,
        clears_field; /* -1: not said. A determination without either alleges always and clears never */
    kd_value alleges_value, clears_value;
} kd_ast_notice;

typedef struct kd_ast_event {
    kd_str name;
    kd_place at;
    kd_ast_vars vars; /* the parameters are slots 0 .. arity - 1 */
    uint32_t arity;
    kd_field *params;        /* name, type, kind */
    uint32_t field;          /* of the notice: when it happens; a date (its end) or an instant */
    kd_ast_pattern *pattern; /* of a notice, binds all parameters */
    /* As written. */
    kd_str field_name;
    kd_place field_at;
    bool broken;
} kd_ast_event;

typedef struct kd_ast_fact {
    kd_str name;
    kd_place at;
    kd_ast_vars vars; /* the parameters are slots 0 .. arity - 1; treaty.facts[i].params has their types */
    uint32_t arity;
    kd_ast_pattern **begins; /* at least one, of notices and events; each binds all parameters */
    size_t begins_count;
    kd_ast_pattern **ends; /* each binds some parameters and ends all rows that agree with them */
    size_t ends_count;
    bool broken;
} kd_ast_fact;

typedef struct kd_ast_counted {
    uint32_t party; /* its readings add */
    kd_ast_x *add;
    /* As written. */
    kd_str name;
    kd_place at;
} kd_ast_counted;

typedef struct kd_ast_number {
    kd_str name, title;
    kd_place at;
    /* The parameters are slots 0 .. arity - 1; those that are not of a finite type (party, kind, group, notice,
     * yes_no) are bound by `value`. */
    kd_ast_vars vars;
    uint32_t arity;
    kd_field *params;
    kd_str *cites;
    size_t cites_count;
    kd_ast_x *value; /* a count */
    kd_ast_counted *counted;
    size_t counted_count;
    bool broken;
} kd_ast_number;

typedef struct kd_ast_life {
    bool declared;
    kd_place at;
    kd_ast_vars vars;
    kd_ast_pattern *in_force; /* of a notice by both; NULL: never said */
    bool lasts;
    int64_t lasts_years;
    int extension; /* notice, or -1 */
    uint32_t extension_until;
    int64_t extension_years; /* in all; 0: no bound */
    int withdrawal;          /* notice, or -1 */
    kd_ast_span withdrawal_after;
    int withdrawal_on;     /* its field "or on its FIELD", or -1 */
    bool withdrawal_later; /* "if later": the later of the two; otherwise the field alone when it is given */
} kd_ast_life;

typedef enum kd_ast_who {
    KD_WHO_TERM,       /* `who`: a variable, a Party, or the other */
    KD_WHO_EACH_PARTY, /* each Party that the rule binds */
    KD_WHO_JOINTLY     /* the Party `both` */
} kd_ast_who;

typedef struct kd_ast_deadline {
    enum {
        KD_DUE_WITHIN,  /* span after the trigger, or after the period's last day */
        KD_DUE_BY_DATE, /* `date` is the begin of the last day */
        KD_DUE_AHEAD,   /* at least `span`, at most `most` before the event */
        KD_DUE_NO_DAY
    } what;
    kd_ast_span span;
    kd_instant date;
    bool has_most;
    kd_ast_span most;
} kd_ast_deadline;

typedef struct kd_ast_owed {
    kd_ast_who who_kind;
    kd_ast_term who;
    kd_ast_pattern *pattern; /* of a notice; without `by`: who owes it says it */
    kd_ast_deadline deadline;
    kd_place at;
} kd_ast_owed;

typedef enum kd_ast_trigger {
    KD_WHEN_PATTERN,
    KD_WHEN_IN_FORCE,
    KD_EVERY_PERIOD, /* treaty.rules[i].period */
    KD_BEFORE_PATTERN
} kd_ast_trigger;

/* What treaty.rules[i] does not say. Clauses that its kind does not have are NULL. */
typedef struct kd_ast_rule {
    kd_place at;
    kd_ast_vars vars;
    bool has_each;
    uint32_t each;     /* slot of `each P: party` */
    kd_ast_x *excused; /* `excused while`, or NULL */

    kd_ast_x *on; /* limit: a count */

    kd_ast_trigger trigger; /* duty */
    kd_ast_pattern *when;   /* duty: WHEN_PATTERN and BEFORE_PATTERN: of a notice or an event */
    kd_ast_owed owed;
    kd_ast_pattern *also_kept; /* or NULL */

    kd_ast_pattern *never; /* ban: of a notice or an event; or NULL, and then */
    kd_ast_x *never_while; /* ... the condition */
    kd_ast_x *unless;      /* or NULL */

    kd_ast_pattern *counts; /* quota: of a notice or an event */
    kd_ast_pattern *told;   /* of a notice with role total, or NULL */

    kd_ast_term may_who; /* right: a variable or a Party */
    kd_ast_pattern *may; /* of a notice or an event, without `by`: may_who says it */
    bool has_reply;
    kd_ast_owed reply; /* the other owes: who is OTHER, or the other Party itself */
    kd_ast_x **refuse; /* the other may refuse while any of these holds */
    size_t refuse_count;

    bool broken;
} kd_ast_rule;

typedef struct kd_ast_rung {
    kd_place at;
    bool both;
    uint32_t fact;
    /* One for each parameter of the fact. Of `each party` the first is the variable, slot 0, that stands
     * for the Party. */
    kd_ast_term *args;
    size_t arg_count;
    kd_ast_vars vars;
    /* As written. */
    kd_str fact_name;
    kd_place fact_at;
    bool broken;
} kd_ast_rung;

typedef struct kd_ast_ladder {
    kd_place at;
    kd_ast_rung *rungs; /* as treaty.ladders[i].rungs */
} kd_ast_ladder;

typedef enum kd_ast_reading_op {
    KD_READ_HOLDS_INVALID, /* pattern: the fact and which of its rows; since: of a notice */
    KD_READ_FREES,         /* party, groups, cond */
    KD_READ_KEEPS,         /* groups, cond: those of the reading's own Party */
    KD_READ_KEEPS_WHAT,    /* notice, field: a list of groups */
    KD_READ_LETS_WITHHOLD, /* party, groups; cond or NULL */
    KD_READ_LETS_WHAT,     /* party, notice, field; cond or NULL */
    KD_READ_SAYS_NOTHING   /* party, cond */
} kd_ast_reading_op;

typedef struct kd_ast_reading_clause {
    kd_ast_reading_op op;
    kd_place at;
    kd_ast_vars vars;
    kd_ast_pattern *fact, *since;
    uint32_t party;
    uint32_t *groups; /* "all" lists them all */
    size_t group_count;
    uint32_t notice, field;
    kd_ast_x *cond;
    /* As written. */
    kd_str party_name, notice_name, field_name;
    kd_place party_at, notice_at, field_at;
    struct kd_ast_word {
        kd_str text;
        kd_place at;
    } * group_names;
    size_t group_name_count;
    bool all;
} kd_ast_reading_clause;

typedef struct kd_ast_reading {
    kd_place at;
    kd_ast_reading_clause *clauses;
    size_t clause_count;
} kd_ast_reading;

typedef struct kd_ast_ref {
    kd_ast_target target; /* event, fact or number */
    uint32_t index;
} kd_ast_ref;

typedef struct kd_ast {
    kd_ast_life life;
    kd_ast_notice *notices;
    kd_ast_event *events;
    size_t event_count;
    kd_ast_fact *facts;
    kd_ast_number *numbers;
    size_t number_count;
    kd_ast_rule *rules;
    kd_ast_ladder *ladders;
    kd_ast_reading *readings;
    kd_ast_ref *order; /* events, facts and numbers, each after those that it uses */
    size_t order_count;
    struct kd_index *index; /* names to things, for the lookups of treaty.h */
    kd_str *kind_phrases;   /* of each kind, for errors: "a value of `delivery`" */
} kd_ast;

#endif

/* lower.h: the inside of the lowering: from the checked syntax of a treaty to a plan of the engine.
 *
 * Everything is made of relations whose columns have tags. Tags below TAG_CARRIED are keys: two relations are
 * joined on the keys that both have, so that a variable of a rule, the Party that owes, or a period's first day
 * means the same wherever it comes from. Carried columns (the statement, a figure, ...) say more of a row and are
 * never joined on.
 *
 *      pattern ─▶ (P, item, #statement)  ─┐
 *                                         ├─ join ─▶ (P, item, base, #statement)
 *      fact    ─▶ (item, base, #statement)┘
 *
 * A builder that is given a relation without a node gives one without a node; the plan keeps the first failure, so
 * nothing is checked in between. What depends on a reading is lowered under `reading`; the plan makes equal parts one
 * node, so parts that the readings agree on exist once. */
#ifndef LANG_LOWER_H
#define LANG_LOWER_H

#include "kadesh/treaty.h"
#include "lang/ast.h"

/* ---- Relations -----------------------------------------------------------------------------------------------*/

enum {
    /* 0 to 63: the variables of the declaration, by slot. */
    TAG_PARTY = 64, /* whose row it is: who owes, who is judged */
    TAG_BY,         /* who says it; KD_BOTH for a notice of both */
    TAG_PERIOD,     /* first day of the period that an instance belongs to */
    TAG_FIRST,      /* `its first day`, `its last day`, `the day after it`, where a pattern speaks of them */
    TAG_LAST,
    TAG_AFTER,
    TAG_DAY,     /* the day that tells instances apart: begin of the trigger's or the period's */
    TAG_TODAY,   /* begin of the day of the time point */
    TAG_GROUP,   /* an obligation group */
    TAG_ARTICLE, /* symbol of an article */
    TAG_RULE,    /* index of a rule */
    TAG_ROW,     /* number of a statement, where rows are told apart by it */
    TAG_COUNT,   /* which of several equal statements of a Party */
    TAG_CARRIED = 128,
    TAG_STATEMENT = TAG_CARRIED,
    TAG_STATUS,
    TAG_FIRE,  /* first second in which it is too late; absent: there is no day */
    TAG_DUE,   /* last second in which it is in time */
    TAG_VALUE, /* a number */
    TAG_BOUND,
    TAG_DATED, /* the day that a figure speaks of */
    TAG_WHEN,  /* an instant */
    TAG_UNTIL,
    TAG_ENTRY, /* begin of the day on which the treaty entered into force */
    TAG_EXTRA, /* values of an expression's parts: TAG_EXTRA, + 1, ... */
    TAG_NONE = 255
};

typedef struct rel {
    kd_node node;
    unsigned width;
    uint8_t tag[KD_WIDTH_MAX];
} rel;

/* An input of the plan, and the next of the same notice (index + 1; 0: none). */
typedef struct low_feed {
    kd_feed feed;
    uint32_t next;
} low_feed;

/* A number: rows of keys, TAG_VALUE, TAG_STATEMENT and TAG_DATED. `shown` holds the keys for which anything at all
 * was said, when `whole` also has rows (of value 0) for others; its node is 0 when the two are the same. */
typedef struct number {
    rel whole, shown;
} number;

typedef struct lower {
    const kd_treaty *t;
    const kd_ast *ast;
    kd_arena *arena;
    kd_plan *p;
    kd_symbols *symbols;
    kd_status failed; /* of what is not the plan's to keep */
    kd_error *e;
    uint32_t reading;        /* under which is lowered now */
    const kd_ast_vars *vars; /* of the declaration that is lowered now */
    const kd_ast_rule *rule; /* that is lowered now, or NULL */
    low_feed *feeds;
    size_t feed_count, feed_room;
    uint32_t *first_feed; /* by notice: index + 1 */
    rel *notices;         /* by notice: rows at receipt; node 0: not yet */
    rel *events;          /* by event */
    rel *facts;           /* by fact, as declared */
    rel *held;            /* by reading, then fact: without what the reading holds invalid */
    number *numbers;      /* by reading, then number */
    rel *breaches;        /* by reading: see low_breaches */
    rel *verdicts;        /* by reading, then rule: columns as kd_verdict_column */
    rel *alleged;         /* by reading */
    rel unit;             /* a level of one row */
    rel complete;         /* level input (notice, party) */
    rel in_force;         /* level of one row while in force: carries TAG_ENTRY and TAG_STATEMENT */
    rel in_force_bare;    /* the same without TAG_STATEMENT */
    rel term, ended;      /* levels: the last day (TAG_DAY) with its statement; the one that it ended with */
} lower;

/* lower_rel.c */
bool rel_has(const rel *r, unsigned tag);
int rel_column(const rel *r, unsigned tag);             /* -1: it has none */
kd_expr rel_expr(lower *L, const rel *r, unsigned tag); /* the column; absent when it has none */
bool rel_is_level(lower *L, rel r);
bool rel_is_unit(const lower *L, const rel *r);
rel rel_of(kd_plan *p, kd_node node, const uint8_t *tags); /* tags of all columns, or NULL: TAG_NONE */
rel rel_join(lower *L, rel a, rel b); /* on the keys that both have; of carried columns that both have, a's */
rel rel_antijoin(lower *L, rel a,
                 rel b); /* rows of a that agree with no row of b on the keys that both have */
rel rel_where(lower *L, rel r, kd_expr condition);
rel rel_keep(lower *L, rel r, const uint8_t *tags, unsigned count); /* absent where it has no such column */
rel rel_keys(lower *L, rel r);                                      /* its keys alone */
rel rel_with(lower *L, rel r, unsigned tag, kd_expr x); /* one more column, or another value of it */
/* The same for several columns at once, all computed from r as it was. */
rel rel_with_all(lower *L, rel r, const uint8_t *tags, const kd_expr *x, unsigned count);
rel rel_retag(rel r, unsigned from, unsigned to);
rel rel_union(lower *L, rel a, rel b); /* b's columns in a's order; a node-less one is empty */
rel rel_union_all(lower *L, rel *parts, size_t count); /* as a balanced tree; takes `parts` to pieces */
rel rel_distinct(lower *L, rel r);
rel rel_hold(lower *L, rel begin, rel end, const uint8_t *keys, unsigned count);
rel rel_forever(lower *L, rel r); /* every row from its pulse on; equal rows once */
rel rel_once(lower *L, rel r, int64_t high);
rel rel_latest(lower *L, rel r, const uint8_t *keys, unsigned count);
/* Of each group the value, as column TAG_VALUE or `as`. Levels are aggregated, pulses accumulated. */
rel rel_fold(lower *L, rel r, const uint8_t *group, unsigned count, kd_fold f, unsigned column, unsigned as);
rel rel_since_absent(lower *L, rel a,
                     rel b);    /* rows of b, until one of a agrees on the keys that both have */
rel rel_never(lower *L, rel r); /* its columns, and no row ever */
rel rel_rise(lower *L, rel r);
rel rel_fall(lower *L, rel r);
rel rel_timer(lower *L, rel r, unsigned tag);
unsigned rel_shared(const rel *a, const rel *b, uint8_t *tags); /* the keys that both have */

kd_expr x_value(lower *L, kd_value v);
kd_expr x_op(lower *L, kd_op op, kd_expr a, kd_expr b);
kd_expr x_op1(lower *L, kd_op op, kd_expr a);
kd_expr x_if(lower *L, kd_expr a, kd_expr b, kd_expr c);
kd_expr x_now(lower *L);
kd_expr x_today(lower *L);                /* begin of the time point's day */
kd_expr x_other(lower *L, kd_expr party); /* of two Parties the other */
/* The instant moved by n days, months or seconds. */
kd_expr x_moved(lower *L, kd_expr from, kd_ast_span by, int sign);
/* First second in which it is too late for a deadline counted from the instant or, of days and months, its day. */
kd_expr x_too_late(lower *L, kd_expr from, kd_ast_span by);

/* Keeps the first failure that is not the plan's. */
void low_fail(lower *L, const char *reason, const char *format, ...) KD_PRINTF(3, 4);

/* lower_notice.c */
kd_node low_input(lower *L, uint32_t notice, int at, int list);
/* A pulse of the notice's rows as the feed has them, columns 0 by and 1 statement; of a notice by both, when both
 * have said it, with KD_BOTH and the statement that completed it. */
rel low_notice(lower *L, uint32_t notice, int at);
unsigned low_field_column(const kd_field *f); /* of such a row */
void low_paired_sinks(lower *L);
/* Level (TAG_PARTY) of those for whom the record is complete for the notice; `jointly`: of KD_BOTH, when it is for
 * all. Of a notice by both without TAG_PARTY: complete for all. */
rel low_complete(lower *L, uint32_t notice, bool jointly);
rel low_parties(lower *L, uint64_t only); /* (TAG_PARTY) constant */
rel low_domain(lower *L,
               unsigned slot); /* all values of a variable of a finite type; node 0 of any other type */

/* lower_pattern.c */
typedef struct low_want { /* a column of the notice wanted besides the variables */
    int field;            /* index, or -1: who says it */
    unsigned tag;
} low_want;
/* Pulse (or level, of a fact) of the pattern's variables with TAG_STATEMENT and the columns wanted. `at`: the field
 * at whose time it happens, or -1. Wants are of notices alone, but for who says it. */
rel low_pattern(lower *L, const kd_ast_pattern *x, int at, const low_want *wants, size_t want_count);
int low_pattern_notice(const lower *L, const kd_ast_pattern *x); /* which it comes from; -1 of a fact */
rel low_fact_as_declared(lower *L, uint32_t fact); /* level of slots 0 .. arity - 1, carries TAG_STATEMENT */
/* `r`, whose slots are parameters, with the variables of the arguments: rows that agree with the arguments. */
rel low_apply(lower *L, rel r, const kd_ast_term *args, size_t count);
kd_expr low_term(lower *L, const rel *r,
                 const kd_ast_term *x); /* its value in a row of r; absent: not bound there */
/* Pulse of `keys` and TAG_STATEMENT: which of the begun rows an end pulse that knows some of their keys ends. */
rel low_ends(lower *L, rel begun, rel end, const uint8_t *keys, unsigned count);

/* lower_expr.c */
/* The values of x in the rows of *base, which is joined with what they need; false when that failed. */
bool low_values(lower *L, rel *base, kd_ast_x *const *x, size_t count, kd_expr *out);
/* x as a number of the slots in `keys`; those of a finite type that x does not bind take all their values. */
number low_figure(lower *L, kd_ast_x *x, uint64_t keys);
const number *low_number(lower *L, uint32_t index); /* under the present reading */

/* lower_cond.c */
/* Rows of base for which c holds, with the variables that c binds. */
rel low_filter(lower *L, rel base, const kd_ast_x *c);
rel low_unless(lower *L, rel base, const kd_ast_x *c); /* those for which it does not */
/* Level of the values of c's variables for which it holds; carries the statement of its first fact. */
rel low_condition(lower *L, const kd_ast_x *c);
/* The same with comparisons taken as true where their sides have values. */
rel low_condition_loosely(lower *L, const kd_ast_x *c);
rel low_domains(lower *L,
                uint64_t slots); /* product of the domains of finite types among them, or the unit */

/* lower_life.c */
void low_life(lower *L);
void low_life_sinks(lower *L);

/* lower_limit.c, lower_duty.c, lower_ban.c, lower_quota.c, lower_right.c: a level of TAG_PARTY, TAG_STATUS and what
 * else a verdict's columns say. */
rel low_limit(lower *L, uint32_t rule);
rel low_duty(lower *L, uint32_t rule);
rel low_ban(lower *L, uint32_t rule);
rel low_quota(lower *L, uint32_t rule);
rel low_right(lower *L, uint32_t rule);

/* What is owed from a trigger on until it is kept. */
typedef struct low_owed {
    rel trigger;    /* pulse: TAG_PARTY, TAG_DAY, TAG_FIRE, TAG_STATEMENT, variables, days of the period */
    rel kept_by[2]; /* pulses */
    unsigned kept_by_count;
    bool period_key; /* instances are told apart by TAG_PERIOD */
    uint32_t notice; /* whose completeness makes silence a breach */
    bool jointly;
    const kd_ast_x *const *excuses; /* any of them excuses */
    size_t excuse_count;
} low_owed;
rel low_obligation(lower *L, const low_owed *o);
/* Rows of a trigger with TAG_PARTY: who owes. */
rel low_owing(lower *L, uint32_t rule, rel r, kd_ast_who kind, const kd_ast_term *who);
/* Pulse of what keeps it, with TAG_PARTY where the one who says it is the one who owes it. */
rel low_keeping(lower *L, const kd_ast_pattern *x, kd_ast_who kind, const kd_ast_term *who);
/* First second in which it is too late; absent: there is no day. */
kd_expr low_too_late(lower *L, const kd_ast_deadline *d, kd_expr from);
/* Those of whom the record is complete for the notice, and the others. */
rel low_shown(lower *L, rel pulses, uint32_t notice, bool jointly);
rel low_silent(lower *L, rel pulses, uint32_t notice, bool jointly);
/* Rows of (TAG_PARTY, TAG_DAY, ...) that came with the greatest TAG_DAY of each Party. */
rel low_latest_instance(lower *L, rel pulses);
rel low_latest_rows(lower *L, rel rows); /* of rows that hold, those of each Party's greatest TAG_DAY */

/* lower.c */
rel low_excused(lower *L, rel rows, const kd_ast_x *const *excuses,
                size_t count); /* status changed where one holds */
rel low_verdict(lower *L, rel r,
                uint32_t rule); /* its columns as kd_verdict_column; `rule` when it has no TAG_RULE */
rel low_breaches(
    lower *L); /* (TAG_PARTY) of whom some rule is breached under the present reading, or alleged to be */
rel low_status(lower *L, rel r, kd_verdict_status s);
rel low_judged(lower *L, uint32_t rule,
               rel r); /* TAG_PARTY added from the rule's `each`; rows of Parties it binds */
bool low_is_of_both(const lower *L, uint32_t rule);    /* whether its Party is `both` */
rel low_bound_parties(lower *L, uint32_t rule, rel r); /* rows whose TAG_PARTY the rule binds */
rel low_judged_parties(lower *L, uint32_t rule);       /* (TAG_PARTY) of whom it has rows */

/* lower_alleged.c, lower_reading.c, lower_ladder.c */
void low_alleged(lower *L);            /* under the present reading, into `alleged` */
rel low_fact(lower *L, uint32_t fact); /* under the present reading */
void low_bindings(lower *L);           /* sinks of the present reading */
void low_rungs(lower *L);

#endif

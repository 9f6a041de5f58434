/* mfotl_lower.h: between normal form and plan: what the files of rewriting share, and what those of
 * lowering do.
 *
 *      normal ─▶ safe (push, let, range) ─▶ p->normal ─▶ lower: relation of each subformula ─▶ plan
 *
 * A formula is *safe* when its rows are finite and the plan can have them: then lowering takes it as it
 * stands. In a safe formula
 *
 *      AND         has parts that give rows, and parts that only filter or extend the rows of the others:
 *                  comparisons, x = t, MATCHES, NOT h, TRIGGER away from the present, SINCE with a wider
 *                  left side
 *      TRIGGER     is FALSE TRIGGER (HISTORICALLY) of a safe formula when its interval has 0, else a filter
 *      SINCE       has a left side that is safe, or NOT of a safe one; when that has variables that the
 *                  right side lacks, both are safe, and with 0 in the interval it is a filter
 *      UNTIL       has a left side with no more variables than the right one, safe or NOT of a safe one
 *      RELEASE     is not there; IMPLIES, EQUIV, FORALL, ALWAYS, HISTORICALLY neither */
#ifndef LANG_MFOTL_LOWER_H
#define LANG_MFOTL_LOWER_H

#include "lang/mfotl.h"

/* ---- Normal form ----------------------------------------------------------------------------------------*/

bool mf_is_true(const mf_formula *f); /* TRUE or any equation of one integer constant with itself */
bool mf_is_false(const mf_formula *f);
/* A comparison, SUBSTRING or MATCHES. */
bool mf_is_comparison(const mf_formula *f);
/* NOT (x = x): rows of one column, of which there are none. */
bool mf_is_never(const mf_formula *f);
/* NOT h where the rows of h are had, not those of the whole. */
bool mf_is_negated(const mf_formula *f);
/* All free variables of `inner` are free in `outer`. */
bool mf_covers(const mf_formula *outer, const mf_formula *inner);
bool mf_same_free(const mf_formula *a, const mf_formula *b);

/* NULL: no memory, in all of these. */
const mf_formula *mf_truth(mf_program *p, bool truth, mf_place place);
const mf_formula *mf_time(mf_program *p, mf_kind kind, mf_interval within, const mf_formula *a,
                          const mf_formula *b);
const mf_formula *mf_bind_vars(mf_program *p, const mf_formula *like, const mf_var *vars, uint32_t count,
                               const mf_formula *a); /* EXISTS of those that are free in a */
/* NOT f, with the NOT one operator further in where that is possible: through connectives and, by duality,
 * through time. */
const mf_formula *mf_negate(mf_program *p, const mf_formula *f);
/* Without IMPLIES, EQUIV, FORALL, ALWAYS, HISTORICALLY, compound arguments and bound variables that are not
 * used; NOT through OR, LET and NOT. */
const mf_formula *mf_plain(mf_program *p, const mf_formula *f);

/* LETs replaced by their definitions: all, or those used at most once. The copies bind variables of their
 * own. */
const mf_formula *mf_unfold_lets(mf_program *p, const mf_formula *f, mf_unfold how);

/* ---- What can be monitored ------------------------------------------------------------------------------*/

#define MF_SAFE_STEPS 20000
#define MF_SAFE_DEPTH 500

typedef struct mf_verdict {
    const mf_formula *asked, *safe, *refused; /* safe NULL: refused */
    const char *why;
} mf_verdict;

typedef struct mf_safety {
    mf_program *program;
    bool as_it_is; /* no rewriting by pushing */
    uint32_t steps;
    unsigned depth;
    bool no_memory, too_large;
    const mf_formula *refused; /* the smallest that was met, and the rule that it breaks */
    const char *why;
    mf_verdict *known; /* what was asked before: by address, open addressing */
    size_t known_count, known_room;
} mf_safety;

/* A safe formula with the same rows and free variables; NULL when none was found (refused, why) or when
 * there is no memory. */
const mf_formula *mf_safe(mf_safety *s, const mf_formula *f);
/* The same without leaving a trace of a refusal. */
const mf_formula *mf_try(mf_safety *s, const mf_formula *f);
const mf_formula *mf_refuse(mf_safety *s, const mf_formula *f, const char *why);
const mf_formula *mf_safe_and(mf_safety *s, const mf_formula *f);
const mf_formula *mf_safe_since(mf_safety *s, const mf_formula *f);
const mf_formula *mf_safe_until(mf_safety *s, const mf_formula *f);
const mf_formula *mf_safe_trigger(mf_safety *s, const mf_formula *f);
const mf_formula *mf_safe_release(mf_safety *s, const mf_formula *f);
const mf_formula *mf_safe_match(mf_safety *s, const mf_formula *f);
/* The left side of TRIGGER, or NULL: TRUE, FALSE, a safe formula or NOT of one. */
const mf_formula *mf_safe_side(mf_safety *s, const mf_formula *f);
/* A safe formula that, beside `guard` (safe), holds for the same rows as `f`; NULL when none was found. */
const mf_formula *mf_push(mf_safety *s, const mf_formula *guard, const mf_formula *f);
/* Whether the formula is safe-range (all its variables are restricted to finitely many values by its form),
 * so that it could be written in a way that can be monitored. */
bool mf_safe_range(mf_program *p, const mf_formula *f);
/* Whether every way through r has a test of v that is not negated. */
bool mf_regex_binds(const mf_regex *r, mf_var v);
/* t1 = t2 over integers solved for `v`, which occurs once: `v = t`. NULL when it cannot be, or no memory. */
const mf_formula *mf_solve(mf_program *p, const mf_formula *equal, mf_var v);

/* ---- Lowering -------------------------------------------------------------------------------------------
 *
 * What a subformula has become: a node, and for each of its columns the variable that it holds. A row may
 * have columns that nobody asks for: what they hold follows from the others (MF_SAME) or is left over
 * (MF_GONE), and they go when an operator would mind them. */
#define MF_SAME (UINT32_MAX - 1)
#define MF_GONE UINT32_MAX

typedef struct mf_rel {
    kd_node node; /* 0: failed */
    kd_kind kind;
    unsigned width;
    mf_var at[KD_WIDTH_MAX];
    bool bag; /* a row may be there more than once: something was dropped, or rows of two were put together */
    bool loose; /* only an event that the log repeats is there more than once */
} mf_rel;

/* A list of variables: those that are needed above. */
typedef struct mf_vars {
    const mf_var *items;
    uint32_t count;
} mf_vars;

typedef struct mf_shared mf_shared; /* what a LET has become */

typedef struct mf_lowering {
    const mf_program *p;
    kd_plan *plan;
    mf_functions *functions;
    kd_arena scratch; /* lists of variables; closed at the end */
    mf_circuit *out;
    size_t use_room;
    const mf_formula **definitions; /* of LET number k */
    mf_shared **shared;             /* by LET number, a list each */
    uint32_t *column_of;            /* for terms: by variable; UINT32_MAX where none */
    unsigned depth;
    kd_status status; /* the first failure that is not the plan's */
    kd_error *error;
    kd_text text; /* for labels */
    size_t printed;
} mf_lowering;

/* The rows of f, a safe formula, with columns for at least those of its free variables that are needed. */
mf_rel mf_lower_formula(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_and(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_predicate(mf_lowering *l, const mf_formula *f, mf_vars need);
/* tp, ts and tpts beside rows of a pulse; f has no other variables than `r`, or new ones. */
mf_rel mf_rel_at_point(mf_lowering *l, mf_rel r, const mf_formula *f);
mf_rel mf_lower_let_call(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_since(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_until(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_historically(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_aggregate(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_rel mf_lower_match(mf_lowering *l, const mf_formula *f, mf_vars need);
/* Filters: the rows of `in` for which f holds. */
mf_rel mf_filter_trigger(mf_lowering *l, mf_rel in, const mf_formula *f);
mf_rel mf_filter_since(mf_lowering *l, mf_rel in, const mf_formula *f);
mf_rel mf_filter_comparison(mf_lowering *l, mf_rel in, const mf_formula *f, bool negated);

/* Relations. */
mf_rel mf_rel_failed(void);
/* A relation of `n` with the columns of `order`; like `from` in the rest when that is not NULL. */
mf_rel mf_rel_of(mf_lowering *l, kd_node n, mf_vars order, const mf_rel *from);
int mf_rel_column(const mf_rel *r, mf_var v); /* -1: none */
/* Exactly the columns of `order`, those that the relation has; each must be there. */
mf_rel mf_rel_tidy(mf_lowering *l, mf_rel r, mf_vars order);
mf_vars mf_rel_named(mf_lowering *l, const mf_rel *r);
mf_rel mf_rel_set(mf_lowering *l, mf_rel r);   /* each row once; r is tidy */
mf_rel mf_rel_pulse(mf_lowering *l, mf_rel r); /* a level becomes the rows that it has at each time point */
mf_rel mf_rel_join(mf_lowering *l, mf_rel a, mf_rel b);
/* A pulse (NULL: none) and levels joined at once; node 0 when joins of two are as good. `levels` can all be so joined. */
mf_rel mf_rel_join_many(mf_lowering *l, const mf_rel *known, const mf_rel *const *levels, unsigned count);
bool mf_can_join_many(const mf_rel *r);
mf_rel mf_rel_antijoin(mf_lowering *l, mf_rel a, mf_rel b);
mf_rel mf_rel_union(mf_lowering *l, mf_rel a, mf_rel b); /* columns alike */
mf_rel mf_rel_constant(mf_lowering *l, bool truth);      /* a level without columns */
mf_rel mf_rel_tick(mf_lowering *l);                      /* one row without columns at every time point */
bool mf_rel_is_bag(const mf_rel *r);                     /* as far as the named columns go */
/* One column more that holds `e`, under the name v. */
mf_rel mf_rel_with(mf_lowering *l, mf_rel r, kd_expr e, mf_var v);
mf_rel mf_rel_select(mf_lowering *l, mf_rel r, kd_expr condition);
/* Columns shared by a and b, in the order of b's columns. */
unsigned mf_rel_shared(const mf_rel *a, const mf_rel *b, kd_on *on);
/* column_of filled from r; mf_rel_forget clears what was filled. */
const uint32_t *mf_rel_columns(mf_lowering *l, const mf_rel *r);
void mf_rel_forget(mf_lowering *l, const mf_rel *r);

/* Lists of variables in the scratch arena; `failed` of the lowering is set when there is no memory. */
mf_vars mf_vars_of(const mf_formula *f);
bool mf_vars_have(mf_vars a, mf_var v);
/* The free variables of f that are needed, in the order of f. */
mf_vars mf_vars_needed(mf_lowering *l, const mf_formula *f, mf_vars need);
mf_vars mf_vars_plus(mf_lowering *l, mf_vars a, mf_vars b);
mf_vars mf_vars_minus(mf_lowering *l, mf_vars a, mf_vars b);
bool mf_lower_failed(mf_lowering *l); /* the plan or the lowering has failed */
mf_rel mf_lower_fail(mf_lowering *l, kd_status status, const mf_formula *at, const char *reason,
                     const char *message);

#endif

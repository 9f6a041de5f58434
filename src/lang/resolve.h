/* resolve.h: what the files that give names their meaning share.
 *
 * A scope is what a term sees: the variables of its declaration that are met so far, and whom `the other`
 * is not. A name that is no constant and that the scope has not met becomes a new variable; comparisons may
 * not make one. */
#ifndef KADESH_LANG_RESOLVE_H
#define KADESH_LANG_RESOLVE_H

#include "lang/front.h"

typedef struct kd_scope {
    kd_front *f;
    kd_ast_vars *vars;
    uint64_t visible;    /* slots that a name may mean here */
    bool period;         /* `the day after it` has a meaning */
    bool reading;        /* `some breach` has one */
    bool has_subject;    /* `the other` has one */
    kd_ast_term subject; /* VARIABLE or VALUE */
    bool full;           /* told that there are too many variables */
    bool failed;         /* something was told */
} kd_scope;

enum { KD_MAY_NOTICE = 1 << KD_IS_NOTICE, KD_MAY_EVENT = 1 << KD_IS_EVENT, KD_MAY_FACT = 1 << KD_IS_FACT };

/* Parameters are visible from the first. */
kd_scope kd_scope_of(kd_front *f, kd_ast_vars *vars);
/* A term where a value of that type is wanted. */
void kd_resolve_term(kd_scope *s, kd_ast_term *t, kd_value_type want, uint32_t kind);
/* A term of a place whose type is not known since something else is wrong: counts as a use. */
void kd_touch_term(kd_scope *s, kd_ast_term *t);
/* A Party that speaks or owes; `both` and `_` are not one. The variable must be bound when `bound`. */
void kd_resolve_party(kd_scope *s, kd_ast_term *t, bool bound);
/* A name that stands alone, as in a comparison: the slot of a visible variable, or -1. */
int kd_scope_find(const kd_scope *s, kd_str name);
uint64_t kd_term_variables(const kd_ast_term *t);
bool kd_resolve_pattern(kd_scope *s, kd_ast_pattern *p, unsigned may);
void kd_resolve_condition(kd_scope *s, kd_ast_x *x);
void kd_resolve_comparison(kd_scope *s, kd_ast_x *x);
/* A count. */
void kd_resolve_count(kd_scope *s, kd_ast_x *x);
/* "nothing binds `x`", with what may have been meant. */
void kd_tell_unbound(kd_scope *s, kd_place at, kd_str name, bool typed, kd_value_type type, uint32_t kind);

/* Every variable of a condition is bound by a fact that holds, or from outside (safe range). */
void kd_check_bound(kd_scope *s, const kd_ast_x *x, uint64_t outside);
/* Every variable is used twice. */
void kd_check_used(kd_scope *s);

/* Events, facts and numbers in an order in which each comes after those that it uses; those in a circle are
 * told. */
void kd_resolve_order(kd_front *f);
void kd_resolve_names(kd_front *f); /* parties to ladders: tables without variables */
void kd_resolve_event(kd_front *f, uint32_t index);
void kd_resolve_fact(kd_front *f, uint32_t index);
void kd_resolve_number(kd_front *f, uint32_t index);
void kd_resolve_life(kd_front *f);
void kd_resolve_rules(kd_front *f);
void kd_resolve_readings(kd_front *f);
void kd_resolve_ladders(kd_front *f);
void kd_resolve_examples(kd_front *f);
void kd_resolve_records(kd_front *f);

/* Looks a name up in the namespace where a `what` is wanted, tells when it is none; -1 then. */
int kd_lookup(kd_front *f, kd_str name, kd_place at, kd_thing what);
int kd_field_lookup(kd_front *f, const kd_notice *n, kd_str name, kd_place at);

static inline bool kd_is_list(const kd_field *x) {
    return x->many == KD_ANY || x->many == KD_SOME;
}

#endif

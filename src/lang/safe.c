/* safe.c: every variable of a condition takes its values from somewhere.
 *
 * A fact that is asked to hold gives values to its variables; so do the numbers, counts and latest values
 * in a comparison, each for its own. `not` gives none, `or` gives what all its branches give, `and` what
 * any of its parts does:
 *
 *      deployed(m, b) and not exempt(b)        b comes from the first part
 *      exempt(b) or b = x                      b comes from nowhere in the second branch: refused */
#include "lang/resolve.h"

/* What values come from, in a side of a comparison. */
static uint64_t given_by_value(const kd_ast_x *x) {
    if (x->op == KD_AST_TERM) return 0;
    uint64_t given = x->op == KD_AST_SUM || x->op == KD_AST_PRODUCT ? 0 : x->variables;
    for (size_t i = 0; i < x->kid_count; i++) given |= given_by_value(x->kids[i]);
    return given;
}

static uint64_t given_by(const kd_ast_x *x) {
    uint64_t given = 0;
    switch (x->op) {
    case KD_AST_AND:
        for (size_t i = 0; i < x->kid_count; i++) given |= given_by(x->kids[i]);
        return given;
    case KD_AST_OR:
        given = UINT64_MAX;
        for (size_t i = 0; i < x->kid_count; i++) given &= given_by(x->kids[i]);
        return given;
    case KD_AST_COMPARE:
        return given_by_value(x->kids[0]) | given_by_value(x->kids[1]);
    case KD_AST_FACT:
        return x->variables;
    default:
        return 0;
    }
}

static void tell(kd_scope *s, const kd_ast_x *x, uint64_t unbound) {
    for (uint32_t i = 0; i < s->vars->count; i++) {
        if (!(unbound >> i & 1)) continue;
        kd_str name = s->vars->items[i].name;
        kd_diagnose(s->f, x->at, "nothing binds `%.*s` here: no fact that holds gives it a value",
                    KD_STR_ARGS(name));
        s->failed = true;
        return; /* one is enough: the others are often bound by what mends it */
    }
}

void kd_check_bound(kd_scope *s, const kd_ast_x *x, uint64_t outside) {
    if (s->failed || !x) return;
    switch (x->op) {
    case KD_AST_AND: {
        uint64_t bound = outside;
        for (size_t i = 0; i < x->kid_count; i++) bound |= given_by(x->kids[i]);
        for (size_t i = 0; i < x->kid_count; i++) kd_check_bound(s, x->kids[i], bound);
        return;
    }
    case KD_AST_OR: {
        /* What a branch gives must not be looked at beside another that does not give it. */
        uint64_t bound = outside | given_by(x), once = 0, shared = 0;
        for (size_t i = 0; i < x->kid_count; i++) {
            shared |= once & x->kids[i]->variables;
            once |= x->kids[i]->variables;
        }
        for (size_t i = 0; i < x->kid_count; i++) kd_check_bound(s, x->kids[i], outside);
        for (size_t i = 0; i < x->kid_count; i++) {
            uint64_t loose = x->kids[i]->variables & shared & ~bound;
            if (!s->failed && loose) tell(s, x, loose);
        }
        return;
    }
    case KD_AST_NOT:
        if (x->variables & ~outside)
            tell(s, x, x->variables & ~outside);
        else
            kd_check_bound(s, x->kids[0], outside);
        return;
    case KD_AST_COMPARE: {
        uint64_t loose = x->variables & ~outside & ~given_by(x);
        if (loose) tell(s, x, loose);
        return;
    }
    case KD_AST_SOME_BREACH:
        if (x->variables & ~outside) tell(s, x, x->variables & ~outside);
        return;
    default:
        return;
    }
}

/* test_mfotl_safe.c: which formulas can be monitored, in which form, and what is told of those that cannot.
 * */
#include "kdtest.h"
#include "lang/mfotl.h"

#include <string.h>

static const char signature[] = "A() B() P(int) Q(int) R(int,int) S(int,int,int) F(float,int) W(string)";

typedef enum how { PLAIN, NEGATED, AS_IT_IS, UNFOLDED } how;

typedef struct row {
    const char *claim, *formula;
    how how;
    const char *normal; /* what is monitored, NULL: refused */
    const char *reason, *refused;
} row;

static const row rows[] = {
    /* atoms */
    {"a predicate gives rows", "P(x)", PLAIN, "P(x)", 0, 0},
    {"an equation with a constant gives a row", "x = 3", PLAIN, "x = 3", 0, 0},
    {"an equation of one unknown is solved over integers", "x + 1 = 3", PLAIN, "x = 3 - 1", 0, 0},
    {"x = x has infinitely many rows", "x = x", PLAIN, 0, "unsafe", "x = x"},
    {"x = y too", "x = y", PLAIN, 0, "unsafe", "x = y"},
    {"NOT (x = x) has none", "NOT (x = x)", PLAIN, "NOT x = x", 0, 0},
    {"a comparison alone has infinitely many rows", "x < 3", PLAIN, 0, "unsafe", "x < 3"},
    {"x < x has none, but that is not seen", "x < x", PLAIN, 0, "fragment", "x < x"},
    {"a comparison of constants is a formula", "1 < 2", PLAIN, "1 < 2", 0, 0},
    /* conjunctions */
    {"a comparison stands beside rows", "P(x) AND x < 3", PLAIN, "P(x) AND x < 3", 0, 0},
    {"on either side", "x < 3 AND P(x)", PLAIN, "P(x) AND x < 3", 0, 0},
    {"but not with a variable of its own", "P(x) AND x < y", PLAIN, 0, "unsafe", "P(x) AND x < y"},
    {"an equation makes a variable known to what follows", "y < 9 AND y = x + 1 AND P(x)", PLAIN,
     "(P(x) AND y = x + 1) AND y < 9", 0, 0},
    {"also where it must be solved", "P(x) AND x = 5 - y", PLAIN, "P(x) AND y = 5 - x", 0, 0},
    {"but not over floats", "F(x,_) AND x = y * 2.0", PLAIN, 0, "unsafe", 0},
    {"NOT stands beside rows with its variables", "NOT Q(x) AND P(x)", PLAIN, "P(x) AND (NOT Q(x))", 0, 0},
    {"and not beside others", "P(x) AND NOT Q(y)", PLAIN, 0, "unsafe", "P(x) AND (NOT Q(y))"},
    {"NOT of OR is two filters", "P(x) AND NOT (Q(x) OR R(x,x))", PLAIN,
     "(P(x) AND (NOT Q(x))) AND (NOT R(x,x))", 0, 0},
    {"compound arguments are equations", "P(x) AND Q(x + 1)", PLAIN,
     "P(x) AND (EXISTS _1. (Q(_1) AND x = _1 - 1))", 0, 0},
    /* disjunctions */
    {"OR needs the same variables", "P(x) OR Q(y)", PLAIN, 0, "unsafe", "P(x) OR Q(y)"},
    {"EXISTS goes over an OR that lacks its variable", "EXISTS y. (R(x,y) OR P(x))", PLAIN,
     "(EXISTS y. R(x,y)) OR P(x)", 0, 0},
    {"IMPLIES is no rows", "P(x) IMPLIES Q(x)", PLAIN, 0, "unsafe", "NOT P(x)"},
    {"but a condition beside them", "R(x,y) AND (P(x) IMPLIES Q(x))", PLAIN,
     "R(x,y) AND (((EXISTS y. R(x,y)) AND (NOT P(x))) OR ((EXISTS y. R(x,y)) AND Q(x)))", 0, 0},
    {"FORALL is a condition too", "P(x) AND FORALL y. (R(x,y) IMPLIES Q(y))", PLAIN,
     "P(x) AND (NOT EXISTS y. (R(x,y) AND (NOT Q(y))))", 0, 0},
    {"EQUIV of closed formulas is monitored", "A() EQUIV B()", PLAIN,
     "((NOT A()) OR B()) AND (A() OR (NOT B()))", 0, 0},
    {"a variable that is bound and not used goes", "EXISTS x. P(y)", PLAIN, "P(y)", 0, 0},
    /* negation */
    {"the negation of a conjunction has infinitely many rows", "P(x) AND Q(x)", NEGATED, 0, "unsafe",
     "NOT (P(x) AND Q(x))"},
    {"that of a closed formula is fine", "A() AND B()", NEGATED, "NOT (A() AND B())", 0, 0},
    {"two negations are none", "NOT P(x)", NEGATED, "P(x)", 0, 0},
    /* time */
    {"the left side of SINCE may be negated", "NOT P(x) SINCE[0,5] R(x,y)", PLAIN,
     "(NOT P(x)) SINCE[0,5] R(x,y)", 0, 0},
    {"or a condition on what is to its right", "x < 3 SINCE[0,5] P(x)", PLAIN,
     "((ONCE[0,5] P(x)) AND x < 3) SINCE[0,5] P(x)", 0, 0},
    {"or have more variables, away from the present", "R(x,y) SINCE[1,5] P(x)", PLAIN,
     "R(x,y) SINCE[1,5] P(x)", 0, 0},
    {"but not with the present", "R(x,y) SINCE[0,5] P(x)", PLAIN, 0, "unsafe", "R(x,y) SINCE[0,5] P(x)"},
    {"unless they are known beside it", "S(x,y,_) AND (R(x,y) SINCE[0,5] P(x))", PLAIN,
     "(EXISTS _1. S(x,y,_1)) AND (R(x,y) SINCE[0,5] P(x))", 0, 0},
    {"UNTIL likewise", "R(x,y) UNTIL[1,5] P(x)", PLAIN, "R(x,y) UNTIL[1,5] (P(x) AND (PREVIOUS[0,*) R(x,y)))",
     0, 0},
    {"TRUE SINCE is ONCE", "TRUE SINCE[0,5] P(x)", PLAIN, "ONCE[0,5] P(x)", 0, 0},
    {"ONCE of NOT is not", "ONCE[0,5] NOT P(x)", PLAIN, 0, "unsafe", "NOT P(x)"},
    {"but beside rows it is a condition", "Q(x) AND ONCE[0,5] NOT P(x)", PLAIN,
     "Q(x) AND (NOT (FALSE TRIGGER[0,5] P(x)))", 0, 0},
    {"also in the future", "Q(x) AND EVENTUALLY[0,5] NOT P(x)", PLAIN,
     "Q(x) AND (EVENTUALLY[0,5] ((ONCE[0,5] Q(x)) AND (NOT P(x))))", 0, 0},
    {"PREVIOUS goes over what is inside", "Q(x) AND PREVIOUS NOT P(x)", PLAIN,
     "Q(x) AND ((Q(x) AND (PREVIOUS[0,*) TRUE)) AND (NOT PREVIOUS[0,*) P(x)))", 0, 0},
    /* duals */
    {"HISTORICALLY with the present gives rows", "HISTORICALLY[0,3] P(x)", PLAIN, "FALSE TRIGGER[0,3] P(x)",
     0, 0},
    {"away from it not", "HISTORICALLY[1,3] P(x)", PLAIN, 0, "unsafe", 0},
    {"unless beside rows", "Q(x) AND HISTORICALLY[1,3] P(x)", PLAIN, "Q(x) AND (FALSE TRIGGER[1,3] P(x))", 0,
     0},
    {"of NOT it is NOT ONCE", "Q(x) AND HISTORICALLY[1,3] NOT P(x)", PLAIN, "Q(x) AND (NOT ONCE[1,3] P(x))",
     0, 0},
    {"closed it needs nothing", "HISTORICALLY[1,3] A()", PLAIN, "NOT ONCE[1,3] NOT A()", 0, 0},
    {"ALWAYS looks back from what fails", "ALWAYS[0,3] P(x)", PLAIN,
     "P(x) AND (NOT EVENTUALLY[0,3] ((ONCE[0,3] P(x)) AND (NOT P(x))))", 0, 0},
    {"the negation of RELEASE is not monitored", "P(x) RELEASE[0,2] Q(x)", NEGATED, 0, "unsafe", 0},
    /* LET, aggregations, match operators */
    {"a LET is kept", "LET T(x) = P(x) AND x < 3 IN Q(y) AND NOT T(y)", PLAIN, 0, 0, 0},
    {"a definition that is not safe may be where it is used", "LET T(x) = x < 3 IN Q(y) AND T(y)", PLAIN,
     "Q(y) AND y < 3", 0, 0},
    {"unfolding puts in the arguments", "LET T(x,z) = EXISTS y. S(x,y,z) IN T(y,3)", UNFOLDED, 0, 0, 0},
    {"an aggregation needs a body that is safe", "c <- CNT x; y (P(x) AND x < y)", PLAIN, 0, "unsafe",
     "P(x) AND x < y"},
    {"a test may be negated where its variables are bound", "|>[0,5] (NOT P(x))? . Q(x)?", PLAIN, 0, 0, 0},
    {"not where they are not", "|>[0,5] (NOT P(x))? . Q(y)?", PLAIN, 0, "unsafe", 0},
    {"a starred part binds nothing", "|>[0,5] (P(x)? .)*", PLAIN, 0, "unsafe", 0},
    /* as it is */
    {"without rewriting there is no IMPLIES", "A() IMPLIES B()", AS_IT_IS, 0, "fragment", "A() IMPLIES B()"},
    {"nor pushing", "P(x) AND (Q(x) OR NOT R(x,x))", AS_IT_IS, 0, "fragment", "NOT R(x,x)"},
};

static void text_of(const mf_program *p, const mf_formula *f, char *out, size_t room) {
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    if (f) mf_print(&t, p, f);
    size_t n = t.n < room - 1 ? t.n : room - 1;
    memcpy(out, t.p ? t.p : "", n);
    out[n] = 0;
    kd_text_close(&t);
}

static void check(const row *r) {
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_error e = {.message = ""};
    mf_signature *s;
    mf_program *p = NULL;
    kd_status status = mf_signature_read(&arena, KD_STR(signature), "sig", &s, &e);
    if (status == KD_OK) status = mf_read(&arena, s, kd_str_of(r->formula), "formula", &p, &e);
    if (!kdtest_claim(status == KD_OK, "%s: %s", r->claim, e.message)) {
        kd_arena_close(&arena);
        return;
    }
    mf_rewriting options = {.negate = r->how == NEGATED,
                            .as_it_is = r->how == AS_IT_IS,
                            .unfold = r->how == UNFOLDED ? MF_UNFOLD_FULL : MF_UNFOLD_NO};
    const mf_formula *refused = NULL;
    char text[1000];
    status = mf_normalize(p, &options, &refused, &e);
    text_of(p, status == KD_OK ? p->normal : refused, text, sizeof text);
    if (r->reason) {
        kdtest_claim(status == KD_FAILED && strcmp(e.reason, r->reason) == 0, "%s: %s %s", r->claim, e.reason,
                     text);
        kdtest_claim(!r->refused || strcmp(text, r->refused) == 0, "%s: refuses %s", r->claim, text);
    } else {
        kdtest_claim(status == KD_OK, "%s: %s", r->claim, e.message);
        kdtest_claim(!r->normal || strcmp(text, r->normal) == 0, "%s: monitors %s", r->claim, text);
    }
    kd_arena_close(&arena);
}

int main(void) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check(&rows[i]);
    return kdtest_end("test_mfotl_safe");
}

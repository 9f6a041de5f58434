/* random_mfotl.c: a generator of formulas by type and monitorability, over all operators, and of logs.
 *
 * exact(V) writes a formula whose free variables are exactly V and all of whose values come from events, as
 * the fragment of the notes has it; test(V) writes what may stand right of AND where V is bound already. A
 * variable's name is its type. */
#include "random_mfotl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Dice ---------------------------------------------------------------------------------------------*/

static uint64_t roll(rm_dice *d) { /* splitmix64 */
    uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned rm_below(rm_dice *d, unsigned n) {
    return (unsigned)(roll(d) % n);
}
bool rm_chance(rm_dice *d, unsigned percent) {
    return rm_below(d, 100) < percent;
}

/* ---- Variables and predicates -------------------------------------------------------------------------*/

typedef enum type { INT, FLOAT, STRING } type;
typedef uint32_t set; /* of variables */

static const struct {
    const char *name;
    type type;
} vars[] = {{"x", INT},   {"y", INT},    {"z", INT},    {"u", INT}, {"m", FLOAT},
            {"n", FLOAT}, {"s", STRING}, {"t", STRING}, {"k", INT}};
enum { VARS = 9, DEFINED = 4, ARGS = 4 };
#define OF(v) ((set)1 << (v))

typedef struct pred {
    char name[8];
    unsigned arity;
    type types[ARGS];
} pred;

static const pred own[] = {{"A", 0, {INT}},        {"B", 0, {INT}},         {"P", 1, {INT}},
                           {"Q", 1, {INT}},        {"R", 2, {INT, INT}},    {"S", 3, {INT, INT, INT}},
                           {"W", 1, {STRING}},     {"V", 2, {STRING, INT}}, {"F", 2, {FLOAT, INT}},
                           {"G", 1, {FLOAT}},      {"tp", 1, {INT}},        {"ts", 1, {INT}},
                           {"tpts", 2, {INT, INT}}};
enum { OWN = 13, EVENTS = 10 };

static const char signature[] =
    "A()\nB()\nP(int)\nQ(x:int)\nR(int,int)\nS(a:int, b:int, c:int)\nW(string)\nV(string,int)\n"
    "F(float,int)\nG(float)\n";

kd_str rm_signature(void) {
    return (kd_str){signature, sizeof signature - 1};
}

typedef struct maker {
    rm_dice *d;
    kd_text *out;
    pred defined[DEFINED];
    unsigned defined_count;
    unsigned style; /* of time */
    bool inside;
} maker;

static void put(maker *m, const char *z) {
    kd_text_puts(m->out, z);
}
static unsigned below(maker *m, unsigned n) {
    return rm_below(m->d, n);
}
static bool chance(maker *m, unsigned percent) {
    return rm_chance(m->d, percent);
}

static unsigned size_of(set v) {
    return (unsigned)__builtin_popcount(v);
}

/* One of the set's variables; it must not be empty. */
static unsigned any_of(maker *m, set v) {
    unsigned k = below(m, size_of(v));
    for (unsigned i = 0;; i++)
        if (v & OF(i) && k-- == 0) return i;
}

static set of_type(set v, type t) {
    set r = 0;
    for (unsigned i = 0; i < VARS; i++)
        if (v & OF(i) && vars[i].type == t) r |= OF(i);
    return r;
}

static set some_of(maker *m, set v) {
    set r = 0;
    for (unsigned i = 0; i < VARS; i++)
        if (v & OF(i) && chance(m, 60)) r |= OF(i);
    return r;
}

static unsigned fresh(maker *m, set v) {
    return any_of(m, ~v & (OF(VARS) - 1));
}

static void put_set(maker *m, set v) {
    const char *comma = "";
    for (unsigned i = 0; i < VARS; i++)
        if (v & OF(i)) {
            put(m, comma);
            put(m, vars[i].name);
            comma = ", ";
        }
}

/* ---- Values, terms, intervals -------------------------------------------------------------------------*/

/* Few values, so that they meet. */
static int number(maker *m) {
    return chance(m, 85) ? (int)below(m, 3) : (int)below(m, 6) - 2;
}

static void put_constant(maker *m, type t) {
    static const char *const floats[] = {"0.5", "1.", "2.25", "-0.5"};
    static const char *const strings[] = {"\"a\"", "\"b\"", "\"x y\""};
    if (t == INT)
        kd_text_printf(m->out, "%d", number(m));
    else
        put(m, t == FLOAT ? floats[below(m, 4)] : strings[below(m, 3)]);
}

static void term(maker *m, type t, set v, unsigned depth) {
    set mine = of_type(v, t);
    if (!depth || t == STRING || chance(m, 30)) {
        if (t == STRING && of_type(v, INT) && chance(m, 15)) {
            kd_text_printf(m->out, "i2s(%s)", vars[any_of(m, of_type(v, INT))].name);
        } else if (mine && chance(m, 75)) {
            put(m, vars[any_of(m, mine)].name);
        } else {
            put_constant(m, t);
        }
        return;
    }
    static const char *const signs[] = {" + ", " - ", " * "};
    unsigned pick = below(m, 10);
    put(m, "(");
    if (pick < 6) {
        term(m, t, v, depth - 1);
        put(m, signs[pick % 3]);
        if (chance(m, 5) && t == INT)
            put(m, "4611686018427387904");
        else
            term(m, t, v, depth - 1);
    } else if (pick == 6) {
        put(m, "- ");
        term(m, t, v, depth - 1);
    } else if (pick == 7) {
        term(m, t, v, depth - 1);
        put(m, t == INT ? (chance(m, 60) ? " / 2" : " MOD 3") : " / 4.");
    } else {
        put(m, t == INT ? "f2i(" : "i2f(");
        term(m, t == INT ? FLOAT : INT, v, depth - 1);
        put(m, ")");
    }
    put(m, ")");
}

/* Distances that fit the log's gaps. */
static uint64_t distance(maker *m) {
    static const uint64_t unit[RM_STYLES] = {1, 1, 100000, UINT64_C(1) << 60, 1};
    uint64_t u = unit[m->style];
    if (chance(m, 3)) return UINT64_C(1) << (58 + below(m, 5));
    return u * below(m, 4) + (u > 1 ? below(m, 4) : chance(m, 20) ? below(m, 40) : 0);
}

/* `low`: the smallest low end. */
static void interval(maker *m, bool bounded, uint64_t low) {
    uint64_t a = low + (chance(m, 50) ? 0 : distance(m));
    if (!bounded && chance(m, 30)) {
        bool open = a > 0 && chance(m, 30);
        if (a || chance(m, 50))
            kd_text_printf(m->out, "%c%llu,*)", open ? '(' : '[', (unsigned long long)(a - open));
        return;
    }
    uint64_t b = a + distance(m);
    if (b >= INT64_MAX - 1) b = a; /* beyond what can be said */
    if (chance(m, 5) && a <= 60 && b <= 60) {
        kd_text_printf(m->out, "[%llus,1m]", (unsigned long long)a);
        return;
    }
    bool left = a > 0 && chance(m, 30), right = chance(m, 25);
    kd_text_printf(m->out, "%c%llu,%llu%c", left ? '(' : '[', (unsigned long long)(a - left),
                   (unsigned long long)(b + right), right ? ')' : ']');
}

/* ---- Atoms --------------------------------------------------------------------------------------------*/

static const pred *pick_pred(maker *m) {
    if (m->defined_count && chance(m, 30)) return &m->defined[below(m, m->defined_count)];
    return &own[chance(m, 94) ? below(m, EVENTS) : EVENTS + below(m, OWN - EVENTS)];
}

/* A predicate with `must` (or with nothing when `closed`) and more of v; returns what it binds. */
static set predicate(maker *m, set v, unsigned must, bool closed) {
    const pred *p = pick_pred(m);
    unsigned slot = ARGS;
    for (unsigned tries = 0; !closed && slot == ARGS; tries++) {
        for (unsigned i = 0; i < p->arity; i++)
            if (p->types[i] == vars[must].type && (slot == ARGS || chance(m, 50))) slot = i;
        if (slot == ARGS)
            p = tries < 20 ? pick_pred(m)
                           : &own[vars[must].type == INT     ? 2
                                  : vars[must].type == FLOAT ? 9
                                                             : 6];
    }
    set bound = 0;
    kd_text_printf(m->out, "%s(", p->name);
    for (unsigned i = 0; i < p->arity; i++) {
        set fit = of_type(v, p->types[i]);
        put(m, i ? "," : "");
        if (i == slot || (!closed && fit && chance(m, 70))) {
            unsigned var = i == slot ? must : any_of(m, fit);
            put(m, vars[var].name);
            bound |= OF(var);
        } else if (chance(m, 20)) {
            put_constant(m, p->types[i]);
        } else {
            put(m, "_");
        }
    }
    put(m, ")");
    return bound;
}

static void atoms(maker *m, set v) {
    if (!v) {
        if (chance(m, 8))
            put(m, chance(m, 50) ? "TRUE" : "FALSE");
        else
            predicate(m, 0, 0, true);
        return;
    }
    if (size_of(v) == 1 && chance(m, 5)) {
        unsigned x = any_of(m, v);
        kd_text_printf(m->out, "%s = ", vars[x].name);
        put_constant(m, vars[x].type);
        return;
    }
    put(m, "(");
    for (set left = v; left;) {
        left &= ~predicate(m, v, any_of(m, left), false);
        if (left) put(m, " AND ");
    }
    put(m, ")");
}

static void comparison(maker *m, set v) {
    static const char *const signs[] = {" = ", " < ", " <= ", " > ", " >= "};
    unsigned x = any_of(m, v);
    type t = vars[x].type;
    put(m, chance(m, 25) ? "NOT (" : "(");
    if (t == STRING && chance(m, 30)) {
        term(m, t, v, 1);
        put(m, " SUBSTRING ");
    } else {
        term(m, t, v, 2);
        put(m, signs[below(m, 5)]);
    }
    term(m, t, v, 2);
    put(m, ")");
}

/* ---- Formulas -----------------------------------------------------------------------------------------*/

static void exact(maker *m, set v, unsigned depth);

/* f or NOT f, on some of the variables. */
static void left_side(maker *m, set v, unsigned depth) {
    put(m, chance(m, 40) ? "NOT " : "");
    exact(m, chance(m, 30) ? v : some_of(m, v), depth);
}

static void unary(maker *m, set v, unsigned depth, const char *word, bool bounded) {
    put(m, word);
    interval(m, bounded, 0);
    put(m, " ");
    exact(m, v, depth);
}

static void binary(maker *m, set v, unsigned depth, const char *word, bool bounded) {
    left_side(m, v, depth);
    put(m, word);
    interval(m, bounded, 0);
    put(m, " ");
    exact(m, v, depth);
}

/* The duals fix their values at the time point itself, so 0 must lie in the interval. */
static void dual(maker *m, set v, unsigned depth) {
    static const char *const words[] = {" TRIGGER", " RELEASE", "HISTORICALLY", "ALWAYS"};
    unsigned k = below(m, 4);
    if (k < 2) left_side(m, v, depth);
    put(m, words[k]);
    if (k % 2 || chance(m, 70)) kd_text_printf(m->out, "[0,%llu]", (unsigned long long)distance(m));
    put(m, " ");
    exact(m, v, depth);
}

/* What may stand behind AND when all of v has values. */
static void test(maker *m, set v, unsigned depth) {
    set w = some_of(m, v);
    unsigned pick = below(m, 20);
    if (pick < 7 && v) {
        comparison(m, v);
    } else if (pick < 14) {
        put(m, "NOT ");
        exact(m, w, depth);
    } else if (pick < 16) {
        exact(m, w, depth);
    } else if (pick < 18) { /* a dual whose interval leaves out 0: both sides have all variables */
        put(m, "(");
        put(m, chance(m, 40) ? "NOT " : "");
        exact(m, v, depth);
        bool past = chance(m, 50);
        put(m, past ? " TRIGGER" : " RELEASE");
        interval(m, !past, 1);
        put(m, " ");
        exact(m, v, depth);
        put(m, ")");
    } else { /* beyond the fragment as it is written; an engine may take it */
        m->inside = false;
        put(m, "(");
        exact(m, w, depth);
        put(m, pick == 18 ? " IMPLIES " : " EQUIV ");
        exact(m, some_of(m, v), depth);
        put(m, ")");
    }
}

static void closed(maker *m, unsigned depth) {
    unsigned pick = below(m, 4), x = below(m, VARS);
    if (pick == 0) {
        put(m, "NOT ");
        exact(m, 0, depth);
    } else if (pick == 1) {
        kd_text_printf(m->out, "FORALL %s. (", vars[x].name);
        exact(m, OF(x), depth);
        put(m, " IMPLIES ");
        exact(m, some_of(m, OF(x)), depth);
        put(m, ")");
    } else {
        exact(m, 0, depth);
        put(m, pick == 2 ? " IMPLIES " : " EQUIV ");
        exact(m, 0, depth);
    }
}

static bool aggregate(maker *m, set v, unsigned depth) {
    if (!v) return false;
    unsigned r = any_of(m, v);
    set group = v & ~OF(r);
    unsigned x = fresh(m, group);
    static const char *const same[] = {"SUM", "MIN", "MAX"};
    const char *op = NULL;
    type t = vars[x].type;
    if (vars[r].type == INT && (t != INT || chance(m, 40)))
        op = "CNT";
    else if (vars[r].type == FLOAT && t != STRING && (t == INT || chance(m, 40)))
        op = chance(m, 50) ? "AVG" : "MED";
    else if (vars[r].type == t)
        op = same[t == STRING ? 1 + below(m, 2) : below(m, 3)];
    else
        return false;
    set body = group | OF(x);
    if (chance(m, 50)) body |= OF(fresh(m, body));
    kd_text_printf(m->out, "%s <- %s %s", vars[r].name, op, vars[x].name);
    put(m, group ? "; " : " ");
    put_set(m, group);
    put(m, " ");
    exact(m, body, depth);
    return true;
}

static bool define(maker *m, set v, unsigned depth, bool past);
static void match(maker *m, set v, unsigned depth);

static void conjunction(maker *m, set v, unsigned depth) {
    unsigned pick = below(m, 10);
    unsigned x = v ? any_of(m, v) : 0;
    set rest = v & ~OF(x);
    if (pick < 3) {
        set a = some_of(m, v);
        exact(m, a, depth);
        put(m, " AND ");
        exact(m, (v & ~a) | some_of(m, v), depth);
    } else if (pick < 5 && v && rest) { /* a new variable by an equation */
        exact(m, rest, depth);
        kd_text_printf(m->out, " AND %s = ", vars[x].name);
        term(m, vars[x].type, rest, 2);
    } else {
        exact(m, v, depth);
        put(m, " AND ");
        test(m, v, depth);
    }
}

static void exact(maker *m, set v, unsigned depth) {
    if (!depth || chance(m, 12)) {
        atoms(m, v);
        return;
    }
    unsigned d = depth - 1, x = fresh(m, v);
    put(m, "(");
    switch (below(m, 22)) {
    case 0:
    case 1:
    case 2:
    case 3:
        conjunction(m, v, d);
        break;
    case 4:
    case 5:
        exact(m, v, d);
        put(m, " OR ");
        exact(m, v, d);
        break;
    case 6:
    case 7:
        kd_text_printf(m->out, "EXISTS %s. ", vars[x].name);
        exact(m, v | OF(x), d);
        break;
    case 8:
        unary(m, v, d, "PREVIOUS", false);
        break;
    case 9:
        unary(m, v, d, "NEXT", false);
        break;
    case 10:
        unary(m, v, d, "ONCE", false);
        break;
    case 11:
        unary(m, v, d, "EVENTUALLY", true);
        break;
    case 12:
    case 13:
        binary(m, v, d, " SINCE", false);
        break;
    case 14:
    case 15:
        binary(m, v, d, " UNTIL", true);
        break;
    case 16:
        dual(m, v, d);
        break;
    case 17:
        if (v)
            atoms(m, v);
        else
            closed(m, d);
        break;
    case 18:
    case 19:
        if (!aggregate(m, v, d)) exact(m, v, d);
        break;
    case 20:
        if (!define(m, v, d, chance(m, 50))) exact(m, v, d);
        break;
    default:
        match(m, v, d);
    }
    put(m, ")");
}

/* ---- Definitions --------------------------------------------------------------------------------------*/

static void use(maker *m, const char *name, set v, unsigned instead, unsigned other) {
    const char *comma = "";
    kd_text_printf(m->out, "%s(", name);
    for (unsigned i = 0; i < VARS; i++)
        if (v & OF(i)) {
            put(m, comma);
            put(m, vars[i == instead ? other : i].name);
            comma = ",";
        }
    put(m, ")");
}

/* Itself at earlier time points, with exactly the variables v. */
static void recursion(maker *m, const char *name, set v, unsigned depth) {
    unsigned pick = below(m, 4);
    set whole = of_type(v, INT), beside = of_type(~v & (OF(VARS) - 1), INT);
    if (pick == 0) {
        put(m, "PREVIOUS");
        interval(m, false, 0);
        put(m, " ");
        use(m, name, v, VARS, 0);
    } else if (pick == 1 || !whole || !beside) {
        put(m, "ONCE");
        interval(m, true, 1);
        put(m, " ");
        use(m, name, v, VARS, 0);
    } else if (pick == 2) {
        left_side(m, v, depth ? depth - 1 : 0);
        put(m, " SINCE");
        interval(m, true, 1);
        put(m, " ");
        use(m, name, v, VARS, 0);
    } else { /* a step along an edge */
        unsigned x = any_of(m, whole), z = any_of(m, beside);
        kd_text_printf(m->out, "EXISTS %s. ((PREVIOUS", vars[z].name);
        interval(m, false, 0);
        put(m, " ");
        use(m, name, v, x, z);
        kd_text_printf(m->out, ") AND R(%s,%s))", vars[z].name, vars[x].name);
    }
}

static bool define(maker *m, set v, unsigned depth, bool past) {
    if (m->defined_count == DEFINED) return false;
    set w = some_of(m, OF(VARS) - 1) & (chance(m, 50) ? 0x013u : 0x0c3u);
    pred p = {.arity = 0};
    snprintf(p.name, sizeof p.name, "%s%u", past ? "N" : "L", below(m, 2));
    for (unsigned i = 0; i < VARS; i++)
        if (w & OF(i)) {
            if (p.arity == ARGS) return false;
            p.types[p.arity++] = vars[i].type;
        }
    kd_text_printf(m->out, "%s %s(", past ? "LETPAST" : "LET", p.name);
    put_set(m, w);
    put(m, ") = (");
    /* A use of the same name and arity with other types would mean the inner definition: hide what it hides.
     */
    unsigned count = m->defined_count, kept = 0;
    pred before[DEFINED];
    memcpy(before, m->defined, sizeof before);
    if (past) {
        for (unsigned k = 0; k < count; k++)
            if (strcmp(before[k].name, p.name) != 0 || before[k].arity != p.arity)
                m->defined[kept++] = before[k];
        m->defined_count = kept;
    }
    exact(m, w, depth);
    if (past) {
        put(m, " OR (");
        recursion(m, p.name, w, depth);
        put(m, ")");
    }
    put(m, ") IN ");
    for (kept = 0, m->defined_count = 0; kept < count; kept++)
        if (strcmp(before[kept].name, p.name) != 0 || before[kept].arity != p.arity)
            m->defined[m->defined_count++] = before[kept];
    m->defined[m->defined_count++] = p;
    exact(m, v, depth);
    memcpy(m->defined, before, sizeof before);
    m->defined_count = count;
    return true;
}

/* ---- Regular expressions over time points -------------------------------------------------------------*/

/* Any expression: its variables, of v, get their values elsewhere. */
static void loose(maker *m, set v, unsigned depth, unsigned size) {
    unsigned pick = below(m, size ? 7 : 3);
    put(m, "(");
    switch (pick) {
    case 0:
        put(m, ".");
        break;
    case 1:
    case 2:
        put(m, chance(m, 40) ? "(NOT " : "(");
        exact(m, some_of(m, v), depth);
        put(m, pick == 1 ? ")?" : ")");
        break;
    case 3:
    case 4:
        loose(m, v, depth, size - 1);
        put(m, " ");
        loose(m, v, depth, size - 1);
        break;
    case 5:
        loose(m, v, depth, size - 1);
        put(m, " + ");
        loose(m, v, depth, size - 1);
        break;
    default:
        loose(m, v, depth, size - 1);
        put(m, "*");
    }
    put(m, ")");
}

/* An expression that gives all of v values. */
static void fixing(maker *m, set v, unsigned depth, unsigned size, bool forward) {
    unsigned pick = below(m, size ? (v ? 5 : 7) : 1);
    put(m, "(");
    switch (pick) {
    case 0:
        put(m, "(");
        exact(m, v, depth);
        put(m, ")?");
        break;
    case 1:
    case 2:
    case 3:
        if (forward)
            loose(m, v, depth, size - 1);
        else
            fixing(m, v, depth, size - 1, forward);
        put(m, " ");
        if (forward)
            fixing(m, v, depth, size - 1, forward);
        else
            loose(m, v, depth, size - 1);
        break;
    case 4:
        fixing(m, v, depth, size - 1, forward);
        put(m, " + ");
        fixing(m, v, depth, size - 1, forward);
        break;
    case 5:
        put(m, ".");
        break;
    default:
        fixing(m, v, depth, size - 1, forward);
        put(m, "*");
    }
    put(m, ")");
}

static void match(maker *m, set v, unsigned depth) {
    bool forward = chance(m, 50);
    put(m, forward ? "|>" : "<|");
    interval(m, forward, 0);
    put(m, " ");
    fixing(m, v, depth ? depth - 1 : 0, 2, forward);
}

/* ---- Logs ---------------------------------------------------------------------------------------------*/

static void event(maker *m, const pred *p) {
    static const char *const floats[] = {"0.5", "1", "2.25", "-0.5"};
    static const char *const strings[] = {"a", "\"b\"", "\"x y\""};
    kd_text_printf(m->out, " %s", p->name);
    if (!p->arity && chance(m, 50)) return;
    for (unsigned more = 1; more; more = p->arity && chance(m, 55)) {
        put(m, "(");
        for (unsigned i = 0; i < p->arity; i++) {
            put(m, i ? "," : "");
            if (p->types[i] == INT)
                kd_text_printf(m->out, "%d", number(m));
            else
                put(m, p->types[i] == FLOAT ? floats[below(m, 4)] : strings[below(m, 3)]);
        }
        put(m, ")");
    }
}

static uint64_t gap(maker *m, unsigned style) {
    switch (style) {
    case 0:
        return below(m, 4);
    case 1:
        return chance(m, 75) ? 0 : 1;
    case 2:
        return chance(m, 40) ? below(m, 3) : UINT64_C(100000) * below(m, 4);
    case 3:
        return chance(m, 70) ? below(m, 3) : UINT64_C(1) << (56 + below(m, 4));
    default:
        return chance(m, 5) ? 50 : below(m, 3);
    }
}

kd_str rm_log(kd_arena *a, rm_dice *d, unsigned most, unsigned style) {
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    maker m = {.d = d, .out = &text, .style = style};
    static const uint64_t starts[RM_STYLES] = {0, 5, 1000000000, UINT64_C(1) << 61, 0};
    uint64_t at = chance(&m, 30) ? 0 : starts[style], end = UINT64_C(1) << 62;
    unsigned count = 1 + below(&m, most), fullness = 2 + below(&m, 12);
    for (unsigned i = 0; i < count; i++) {
        if (i) at += gap(&m, style);
        at = at > end ? end : at;
        kd_text_printf(&text, "@%llu", (unsigned long long)at);
        unsigned events = chance(&m, 15) ? 0 : chance(&m, 4) ? 25 : below(&m, fullness + 1);
        for (unsigned k = 0; k < events; k++) event(&m, &own[below(&m, EVENTS)]);
        put(&m, chance(&m, 20) ? ";\n" : chance(&m, 5) ? " " : "\n");
    }
    const char *copy = kd_arena_copy(a, text.p, text.n);
    if (!copy || text.failed) abort();
    kd_str s = {copy, text.n};
    kd_text_close(&text);
    return s;
}

void rm_make(kd_arena *a, uint64_t seed, rm_pair *out) {
    rm_dice d = {seed * UINT64_C(0x2545f4914f6cdd1d) + 1};
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    maker m = {.d = &d, .out = &text, .style = below(&(maker){.d = &d}, RM_STYLES), .inside = true};
    set v = 0;
    for (unsigned k = below(&m, 100), n = k < 25 ? 0 : k < 70 ? 1 : k < 92 ? 2 : 3; n; n--)
        v |= OF(fresh(&m, v));
    exact(&m, v, 1 + below(&m, 5));
    const char *formula = kd_arena_copy(a, text.p, text.n);
    if (!formula || text.failed) abort();
    *out = (rm_pair){.sig = rm_signature(), .formula = {formula, text.n}, .inside = m.inside};
    kd_text_close(&text);
    out->negate = !v && chance(&m, 15);
    out->no_last_point = chance(&m, 20);
    out->log = rm_log(a, &d, chance(&m, 10) ? 40 : 18, m.style);
}

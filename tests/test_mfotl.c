/* test_mfotl.c: reading signatures and formulas: precedence, lexical habits, scopes, order of columns,
 * types, and every error with its place. */
#include "failing.h"
#include "kdtest.h"
#include "lang/mfotl.h"
#include <string.h>

static const char SIGNATURE[] = "p(int) q(int) r(int,int) s(a:string) f(x:float) w(string,int,float)\n"
                                "e() m(regexp) # the rest of the line is not read\n t(int,int,int)";

typedef struct world {
    kd_arena arena;
    mf_signature *signature;
    mf_program *program;
    kd_status status;
    kd_error error;
    kd_text printed, columns;
} world;

static void read_with(world *w, const kd_allocator *from, const char *signature, const char *formula,
                      size_t n) {
    memset(w, 0, sizeof *w);
    kd_arena_open(&w->arena, from);
    kd_text_open(&w->printed, NULL);
    kd_text_open(&w->columns, NULL);
    w->status = mf_signature_read(&w->arena, kd_str_of(signature), "sig", &w->signature, &w->error);
    if (w->status == KD_OK)
        w->status = mf_read(&w->arena, w->signature, (kd_str){formula, n}, "formula", &w->program, &w->error);
    if (w->status != KD_OK) return;
    mf_print(&w->printed, w->program, w->program->formula);
    for (uint32_t i = 0; i < w->program->column_count; i++) {
        mf_name name = w->program->vars[w->program->columns[i]];
        kd_text_printf(&w->columns, "%s%.*s:%s", i ? " " : "", KD_STR_ARGS(name.text),
                       mf_type_name(name.type));
    }
}

static void read_formula(world *w, const char *formula) {
    read_with(w, NULL, SIGNATURE, formula, strlen(formula));
}

static void end(world *w) {
    kd_text_close(&w->printed);
    kd_text_close(&w->columns);
    kd_arena_close(&w->arena);
}

/* ---- What a text means, seen in how it prints ----------------------------------------------------------*/

static const struct {
    const char *claim, *text, *printed;
} meanings[] = {
    {"ONCE reaches over AND", "ONCE e() AND p(1)", "ONCE[0,*) (e() AND p(1))"},
    {"NOT ONCE reaches over AND", "NOT ONCE e() AND p(1)", "NOT ONCE[0,*) (e() AND p(1))"},
    {"NOT takes one atom", "NOT e() AND p(1)", "(NOT e()) AND p(1)"},
    {"EXISTS does not reach over SINCE", "EXISTS y. p(y) SINCE e()", "(EXISTS y. p(y)) SINCE[0,*) e()"},
    {"EXISTS reaches over OR", "EXISTS y. p(y) OR q(y)", "EXISTS y. (p(y) OR q(y))"},
    {"ONCE does not reach over SINCE", "ONCE e() SINCE p(1)", "(ONCE[0,*) e()) SINCE[0,*) p(1)"},
    {"EXISTS ONCE does not reach over SINCE", "EXISTS y. ONCE p(y) SINCE e()",
     "(EXISTS y. ONCE[0,*) p(y)) SINCE[0,*) e()"},
    {"SINCE is looser than AND and NOT", "e() AND NOT p(1) SINCE q(1)",
     "(e() AND (NOT p(1))) SINCE[0,*) q(1)"},
    {"SINCE takes a conjunction on its right", "e() SINCE p(1) AND q(1)", "e() SINCE[0,*) (p(1) AND q(1))"},
    {"SINCE and UNTIL share a level, to the right", "e() SINCE p(1) UNTIL[0,3] q(1)",
     "e() SINCE[0,*) (p(1) UNTIL[0,3] q(1))"},
    {"a prefix operator within a conjunction reaches on", "e() AND ONCE p(1) OR q(1)",
     "e() AND (ONCE[0,*) (p(1) OR q(1)))"},
    {"LET within a conjunction takes all", "e() AND LET z(x) = q(x) IN z(1) SINCE p(1)",
     "e() AND (LET z(x) = q(x) IN z(1) SINCE[0,*) p(1))"},
    {"an aggregation takes all, also SINCE", "n <- CNT x p(x) SINCE q(x)",
     "n <- CNT x (p(x) SINCE[0,*) q(x))"},
    {"AND binds tighter than OR", "e() OR p(1) AND q(1)", "e() OR (p(1) AND q(1))"},
    {"AND goes to the left", "e() AND p(1) AND q(1)", "(e() AND p(1)) AND q(1)"},
    {"IMPLIES goes to the right", "e() IMPLIES p(1) IMPLIES q(1)", "e() IMPLIES (p(1) IMPLIES q(1))"},
    {"EQUIV goes to the left and is looser than IMPLIES", "e() EQUIV p(1) IMPLIES q(1) EQUIV e()",
     "(e() EQUIV (p(1) IMPLIES q(1))) EQUIV e()"},
    {"parentheses may hold a term", "(x + 1) * 2 = y AND ((x)) < y", "(x + 1) * 2 = y AND x < y"},
    {"MOD takes what is to its right", "x MOD 2 + 1 = y", "x MOD (2 + 1) = y"},
    {"MOD binds tighter than what is to its left", "x * 3 MOD 2 = y", "x * (3 MOD 2) = y"},
    {"MOD binds tighter than + to its left", "x + 1 MOD 2 = y", "x + (1 MOD 2) = y"},
    {"MOD binds tighter than a sign", "-x MOD 2 = y", "-(x MOD 2) = y"},
    {"* binds tighter than -", "x - y * 2 - 1 = 0", "(x - (y * 2)) - 1 = 0"},
    {"a sign binds tighter than *", "-x * 2 = y", "(-(x)) * 2 = y"},
    {"> swaps its sides", "x > 3 AND 4 >= x", "3 < x AND x <= 4"},
    {"TRUE and FALSE print as such", "TRUE AND FALSE", "TRUE AND FALSE"},
    {"a name may hold a minus", "x-5 = y", "x-5 = y"},
    {"a name may hold - / : ' and a quote", "a/b = c:d AND e'f = g\"h", "a/b = c:d AND e'f = g\"h"},
    {"a name may begin with a digit", "5-3 = y", "5-3 = y"},
    {"a minus between blanks subtracts", "x - 5 = y", "x - 5 = y"},
    {"a sign belongs to its number", "x = -5", "x = -5"},
    {"a float needs no digits behind its point", "x = 2. AND y = -0.50", "x = 2. AND y = -0.5"},
    {"floats print without an exponent", "x = 0.0000005 AND y = 100000000000000000000000.",
     "x = 0.0000005 AND y = 99999999999999991611392."},
    {"a sign before a name that begins with a digit", "x = - 5-a", "x = -(5-a)"},
    {"a backslash keeps a quote and stays", "s(\"a\\\"b\")", "s(\"a\\\"b\")"},
    {"r\"...\" is a pattern", "x MATCHES r\"a+\"", "x MATCHES r\"a+\""},
    {"MATCHES has groups", "x MATCHES r\"(a)(b)\" (_, y, r2s(r\"c\"))",
     "x MATCHES r\"(a)(b)\" (_,y,r2s(r\"c\"))"},
    {"comments are skipped", "e() (* one (* not two *) AND # to the end\n p(1)", "e() AND p(1)"},
    {"other words for the operators", "PREV e() AND SOMETIMES[0,1] PAST_ALWAYS e()",
     "PREVIOUS[0,*) (e() AND (EVENTUALLY[0,1] PAST_ALWAYS[0,*) e()))"},
    {"a trailing comma is tolerated", "r(1,2,)", "r(1,2)"},
    {"units count", "ONCE[1m,2h] e() AND (ONCE[3s,1d) e())", "ONCE[60,7200] (e() AND (ONCE[3,86399] e()))"},
    {"open ends become closed", "ONCE(0,5) e() AND (ONCE(1,*] e())", "ONCE[1,4] (e() AND (ONCE[2,*) e()))"},
    {"a parenthesis behind ONCE need not be an interval", "ONCE (3 = 3)", "ONCE[0,*) 3 = 3"},
    {"_ is bound at its predicate", "NOT r(_,x)", "NOT EXISTS _1. r(_1,x)"},
    {"each _ is new", "t(_,_,x)", "EXISTS _1,_2. t(_1,_2,x)"},
    {"_y is bound at its predicate, once", "t(_y,x,_y) AND p(_y)",
     "(EXISTS _y. t(_y,x,_y)) AND (EXISTS _y. p(_y))"},
    {"a star binds to one part", "|>[0,5] e() p(1)* .", "|>[0,5] (e()? .) (p(1)? .)* ."},
    {"+ takes all to its right", "<| e()? + p(1)? q(1)?", "<|[0,*) e()? + (p(1)? q(1)?)"},
    {"+ behind a concatenation", "<| e()? p(1)? + q(1)?", "<|[0,*) e()? (p(1)? + q(1)?)"},
    {"a bare formula steps behind it in the future", "|>[0,1] e()", "|>[0,1] e()? ."},
    {"a bare formula steps before it in the past", "<| e()", "<|[0,*) . e()?"},
    {"NOT in a regular expression takes one atom", "|>[0,1] NOT e() .", "|>[0,1] ((NOT e())? .) ."},
    {"a connective ends the regular expression", "|>[0,5] e()? . p(1)? AND q(1)",
     "(|>[0,5] e()? . p(1)?) AND q(1)"},
    {"a parenthesis in a regular expression may hold a formula", "|>[0,5] (e() AND p(1))? .",
     "|>[0,5] (e() AND p(1))? ."},
    {"or an expression", "|>[0,5] (e()? .)* (.)", "|>[0,5] (e()? .)* ."},
    {"or a term", "|>[0,5] ((x + 1) = 2)? . ", "|>[0,5] (x + 1 = 2)? ."},
    {"match operators by their other signs",
     "\xe2\x96\xb7[0,1] . AND \xe2\x97\x81 . AND MATCHP . OR FORWARD[0,2] .",
     "(((|>[0,1] .) AND (<|[0,*) .)) AND (<|[0,*) .)) OR (|>[0,2] .)"},
};

static void test_meanings(void) {
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        world w, again;
        read_formula(&w, meanings[i].text);
        bool same = w.status == KD_OK && kd_str_is(kd_text_str(&w.printed), meanings[i].printed);
        kdtest_claim(same, "%s: %s", meanings[i].claim, w.status == KD_OK ? w.printed.p : w.error.message);
        if (w.status == KD_OK && !strchr(meanings[i].text, '_')) {
            read_formula(&again, w.printed.p);
            kdtest_claim(again.status == KD_OK &&
                             kd_str_equal(kd_text_str(&again.printed), kd_text_str(&w.printed)),
                         "%s: what is printed reads the same", meanings[i].claim);
            end(&again);
        }
        end(&w);
    }
}

/* ---- Columns and their types ----------------------------------------------------------------------------*/

static const struct {
    const char *claim, *text, *columns;
} columns[] = {
    {"arguments from left to right", "t(z,x,y)", "z:int x:int y:int"},
    {"connectives from left to right", "q(b) AND p(a)", "b:int a:int"},
    {"the right side of SINCE first", "q(b) SINCE p(a)", "a:int b:int"},
    {"the right side of UNTIL first, then what the left adds", "r(a,b) UNTIL[0,1] r(b,c)",
     "b:int c:int a:int"},
    {"the right side of TRIGGER and RELEASE first", "q(b) TRIGGER (p(a) RELEASE[0,1] q(c))",
     "c:int a:int b:int"},
    {"an aggregation: result, then groups", "n <- SUM x; z, y t(x,y,z)", "n:int z:int y:int"},
    {"the groups of MATCHES last", "a MATCHES b (c)", "a:string b:regexp c:string"},
    {"a regular expression from left to right", "<| p(b)? q(a)", "b:int a:int"},
    {"LET: what stands behind IN", "LET z(x,y) = r(y,x) IN z(b,a)", "b:int a:int"},
    {"bound variables are none", "EXISTS x. r(x,y) AND p(x)", "y:int"},
    {"a plain argument before one inside a compound", "r(x + 1, y)", "y:int x:int"},
    {"a bound name may be free elsewhere, with another type", "(EXISTS x. p(x)) AND s(x)", "x:string"},
    {"the body of an aggregation has names of its own", "x <- CNT y r(x,y) AND s(z)", "x:int"},
    {"the aggregated variable may be free outside", "s(y) AND x <- CNT y p(y)", "y:string x:int"},
    {"SUM, MIN, MAX have the type of what they fold", "a <- MIN x s(x)", "a:string"},
    {"AVG and MED are floats", "a <- AVG x p(x)", "a:float"},
    {"comparisons unite", "x = y AND y = 1.", "x:float y:float"},
    {"arithmetic leaves a number open", "x = y + z", "x:num y:num z:num"},
    {"nothing decides", "x < y", "x:any y:any"},
    {"MOD is of ints", "x = y MOD z", "x:int y:int z:int"},
    {"functions have their types", "x = FORMAT_DATE(i2f(y))", "x:string y:int"},
    {"a LET's parameters have its definition's types", "LET z(a,b) = w(a,_,b) IN z(x,y)", "x:string y:float"},
    {"a LETPAST types its own uses", "LETPAST z(a) = s(a) OR PREVIOUS z(a) IN z(x)", "x:string"},
    {"a LET may share a name with a predicate", "LET p(x) = s(x) IN p(y)", "y:string"},
    {"inside its definition the name means what it meant", "LET p(x) = p(x) AND q(x) IN p(y)", "y:int"},
    {"LET may overload by arity", "LET p(x,y) = s(x) AND s(y) IN p(a,b) AND p(c)", "a:string b:string c:int"},
    {"tp, ts and tpts are there", "tp(i) AND ts(t) AND tpts(i,t)", "i:int t:int"},
    {"a LETPAST may be guarded by ONCE without 0", "LETPAST z(a) = p(a) OR ONCE[1,*) z(a) IN z(x)", "x:int"},
    {"a LETPAST may be guarded by the right of SINCE without 0",
     "LETPAST z(a) = p(a) OR q(a) SINCE(0,*) z(a) IN z(x)", "x:int"},
};

static void test_columns(void) {
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        world w;
        read_formula(&w, columns[i].text);
        kdtest_claim(w.status == KD_OK && kd_str_is(kd_text_str(&w.columns), columns[i].columns), "%s: %s",
                     columns[i].claim,
                     w.status != KD_OK ? w.error.message
                     : w.columns.p     ? w.columns.p
                                       : "");
        end(&w);
    }
}

/* ---- Errors ---------------------------------------------------------------------------------------------*/

static const struct {
    const char *text, *reason;
    uint32_t line, column;
    const char *says; /* part of the message */
} errors[] = {
    {"", "syntax", 1, 1, "the formula ends where a formula is to come"},
    {"e() e()", "syntax", 1, 5, "met \"e\" where a connective"},
    {"e() AND", "syntax", 1, 8, "ends"},
    {"x -5 = y", "syntax", 1, 3, "a sign belongs to the number"},
    {"e() & p(1)", "syntax", 1, 5, "write AND"},
    {"NOT e() != x", "syntax", 1, 9, "write AND"},
    {"s(\"ab", "syntax", 1, 3, "no closing quote"},
    {"e() (* AND", "syntax", 1, 5, "no end"},
    {"s(\"\xc3\xa4\xc3\xb6\") \xe2\x82\xac", "syntax", 1, 9, "begins nothing"},
    {"e()\n  AND ]", "syntax", 2, 7, "met \"]\""},
    {"x", "syntax", 1, 2, "a comparison"},
    {"(x + 1)", "syntax", 1, 8, "a comparison"},
    {"ONCE[0,3x] e()", "syntax", 1, 8, "there is no unit x"},
    {"ONCE[0.5,3] e()", "syntax", 1, 6, "a bound"},
    {"ONCE[0 3] e()", "syntax", 1, 8, "between the two bounds"},
    {"EXISTS . e()", "syntax", 1, 8, "a variable"},
    {"r(1 2)", "syntax", 1, 5, "\",\" or \")\""},
    {"n <- FOO x p(x)", "syntax", 1, 6, "CNT, SUM"},
    {"LET z(x) p(x) IN z(1)", "syntax", 1, 10, "\"=\""},
    {"|>[0,1] AND", "syntax", 1, 9, "regular expression"},
    {"x = 9223372036854775808", "range", 1, 5, "too large"},
    {"x = -9223372036854775808", "range", 1, 5, "too large"},
    {"ONCE[0,9223372036854775807] e()", "range", 1, 8, "too large"},
    {"ONCE[0,106751991167301d] e()", "range", 1, 8, "too large"},
    {"pp(1)", "predicate", 1, 1, "there is no predicate pp"},
    {"LET zebra(x) = p(x) IN zebta(x)", "predicate", 1, 24, "did you mean zebra?"},
    {"e() AND r(1)", "predicate", 1, 9, "r takes 2 arguments, not 1"},
    {"LET z(x) = p(x) IN z(1,2)", "predicate", 1, 20, "not with 2 arguments"},
    {"LET z(x) = z(x) IN z(1)", "predicate", 1, 12, "there is no predicate z"},
    {"LET z(x,x) = p(x) IN z(1,2)", "let", 1, 9, "x is there twice"},
    {"LET z(x,y) = p(x) IN z(1,2)", "let", 1, 9, "y is not free"},
    {"LET z(x) = r(x,y) IN z(1)", "let", 1, 1, "y is free in the definition"},
    {"LETPAST z(x) = p(x) OR z(x) IN z(1)", "let", 1, 24, "at the same time point"},
    {"LETPAST z(x) = p(x) OR ONCE z(x) IN z(1)", "let", 1, 29, "at the same time point"},
    {"LETPAST z(x) = z(x) SINCE[1,2] p(x) IN z(1)", "let", 1, 16, "at the same time point"},
    {"LETPAST z(x) = p(x) OR NEXT z(x) IN z(1)", "let", 1, 24, "under a future operator"},
    {"LETPAST z(x) = p(x) OR (EVENTUALLY[0,1] PREVIOUS z(x)) IN z(1)", "let", 1, 25,
     "under a future operator"},
    {"LETPAST z(x) = LET y(x) = z(x) IN p(x) OR y(x) IN z(1)", "let", 1, 27, "at the same time point"},
    {"ONCE[3,2] e()", "interval", 1, 5, "no whole number"},
    {"ONCE(0,0) e()", "interval", 1, 5, "no whole number"},
    {"ONCE[0,0) e()", "interval", 1, 5, "no whole number"},
    {"ONCE(0,0] e()", "interval", 1, 5, "no whole number"},
    {"ONCE(0,1) e()", "interval", 1, 5, "no whole number"},
    {"e() SINCE[-1,2] e()", "interval", 1, 11, "negative"},
    {"EVENTUALLY e()", "unbounded", 1, 1, "EVENTUALLY[0,*) e() looks into the future"},
    {"ALWAYS[1,*) e()", "unbounded", 1, 1, "an interval that ends, as [0,10]"},
    {"e() UNTIL p(1)", "unbounded", 1, 1, "UNTIL"},
    {"e() RELEASE[0,*] p(1)", "unbounded", 1, 1, "RELEASE"},
    {"|> .", "unbounded", 1, 1, "|>"},
    {"n <- CNT y p(x)", "aggregate", 1, 10, "y is aggregated"},
    {"n <- CNT x; y p(x)", "aggregate", 1, 13, "y groups"},
    {"x <- CNT y; x r(x,y)", "aggregate", 1, 1, "x is the result"},
    {"p(\"a\")", "type", 1, 3, "\"a\" has the type string where int"},
    {"p(x) AND s(x)", "type", 1, 12, "x has the type int where string"},
    {"p(x) AND x = 1.", "type", 1, 14, "1. has the type float where int is expected; nothing is converted"},
    {"x = \"a\" + 1", "type", 1, 5, "a number"},
    {"x = 1 + 1.", "type", 1, 9, "1. has the type float"},
    {"x MATCHES \"a\"", "type", 1, 11, "use s2r"},
    {"n <- SUM x s(x)", "type", 1, 1, "x has the type string where a number"},
    {"s(n) AND n <- CNT x p(x)", "type", 1, 10, "n has the type string where int"},
    {"LET z(x) = p(x) IN z(\"a\")", "type", 1, 22, "where int"},
    {"p(s2i(1))", "type", 1, 7, "1 has the type int where string"},
    /* the order of checks */
    {"(EVENTUALLY e()) AND (ONCE[3,2] e()) AND pp(1)", "predicate", 1, 42, "pp"},
    {"p(\"a\") AND (EVENTUALLY e()) AND ONCE[3,2] e()", "interval", 1, 37, "no whole"},
    {"(ONCE[3,2] e()) AND LET z(x) = e() IN z(1)", "let", 1, 27, "not free"},
    {"(n <- CNT y p(x)) AND EVENTUALLY e()", "unbounded", 1, 23, "EVENTUALLY"},
    {"p(\"a\") AND n <- CNT y p(x)", "aggregate", 1, 21, "y"},
    {"pp(1) AND", "syntax", 1, 10, "ends"},
};

static bool told(const world *w, const char *reason, uint32_t line, uint32_t column, const char *says) {
    return w->status == KD_INVALID && strcmp(w->error.reason, reason) == 0 && w->error.line == line &&
           w->error.column == column && strstr(w->error.message, says);
}

static void test_errors(void) {
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        world w;
        read_formula(&w, errors[i].text);
        kdtest_claim(told(&w, errors[i].reason, errors[i].line, errors[i].column, errors[i].says) &&
                         strcmp(w.error.file, "formula") == 0,
                     "%s is refused: %s %u:%u %s", errors[i].text, w.error.reason, (unsigned)w.error.line,
                     (unsigned)w.error.column, w.error.message);
        end(&w);
    }
}

static const struct {
    const char *text;
    uint32_t line, column;
    const char *says; /* NULL: it is one */
} signatures[] = {
    {"", 0, 0, NULL},
    {"p(int)q(x:int , string)\n# comment\nlong-name/2() \"a b\"(regexp)", 0, 0, NULL},
    {"p(int) q(real)", 1, 10, "met real"},
    {"p(x :int)", 1, 3, "met x"},
    {"p(x: int)", 1, 3, "met x:"},
    {"p(int) p(string)", 1, 8, "declared twice: p"},
    {"p(int,)", 1, 7, "a type"},
    {"p(int", 1, 6, "\",\" or \")\""},
    {"p", 1, 2, "\"(\""},
    {"p(int); q()", 1, 7, "met ;"},
    {"ts(int)", 1, 1, "always there"},
    {"\n \"p(int)", 2, 2, "no closing quote"},
};

static void test_signatures(void) {
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        world w;
        read_with(&w, NULL, signatures[i].text, "TRUE", 4);
        bool good = signatures[i].says
                        ? told(&w, "signature", signatures[i].line, signatures[i].column, signatures[i].says)
                        : w.status == KD_OK;
        kdtest_claim(good, "signature \"%s\": %u:%u %s", signatures[i].text, (unsigned)w.error.line,
                     (unsigned)w.error.column, w.error.message);
        end(&w);
    }
    world w;
    read_formula(&w, "TRUE");
    const mf_predicate *p = mf_signature_find(w.signature, KD_STR("w"));
    kdtest_claim(p && p->arity == 3 && p->types[0] == MF_STRING && p->types[1] == MF_INT &&
                     p->types[2] == MF_FLOAT,
                 "a predicate has its fields' types in order");
    kdtest_claim(mf_signature_find(w.signature, KD_STR("tp")) == NULL, "tp is not among the declared");
    end(&w);
}

/* ---- Depth, memory, made nodes --------------------------------------------------------------------------*/

/* `times` times `piece`, then `tail`, then `times` times `close`. */
static void deep(kd_text *t, const char *piece, const char *tail, const char *close, unsigned times) {
    kd_text_clear(t);
    for (unsigned i = 0; i < times; i++) kd_text_puts(t, piece);
    kd_text_puts(t, tail);
    for (unsigned i = 0; i < times; i++) kd_text_puts(t, close);
}

static void test_depth(void) {
    static const struct {
        const char *claim, *piece, *tail, *close;
    } rows[] = {
        {"NOT", "NOT ", "e()", ""},
        {"parentheses", "(", "e()", ")"},
        {"parentheses of terms", "(", "x", ") = 1"},
        {"AND to the left", "e() AND ", "e()", ""},
        {"SINCE to the right", "e() SINCE ", "e()", ""},
        {"LET", "LET z(x) = p(x) IN ", "z(1)", ""},
        {"LETPAST in its definition", "LETPAST z() = ", "e()", " IN z()"},
        {"aggregations", "x <- CNT x ", "p(x)", ""},
        {"signs", "- ", "x = 1", ""},
        {"sums", "1 + ", "x = 1", ""},
        {"functions", "i2f(f2i(", "x", "))"},
        {"regular expressions", "<| (", "e()", ")"},
        {"concatenations", "", "<| e()", " e()"},
        {"stars", "", "<| e()", "*"},
    };
    kd_text t;
    kd_text_open(&t, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world w;
        deep(&t, rows[i].piece, rows[i].tail, rows[i].close, 100000);
        read_formula(&w, t.p);
        kdtest_claim(w.status == KD_INVALID && (strcmp(w.error.reason, "depth") == 0), "%s too deep: %s",
                     rows[i].claim, w.error.message);
        end(&w);
    }
    world w;
    deep(&t, "NOT ", "e()", "", 190);
    read_formula(&w, t.p);
    kdtest_claim(w.status == KD_OK, "190 levels are read: %s", w.error.message);
    end(&w);
    kd_text_close(&t);
}

static void test_memory(void) {
    static const char part[] =
        "(LETPAST z(a) = (EXISTS b. r(a,b)) OR PREVIOUS z(a) IN n <- CNT x; y z(x) AND r(_,y) "
        "AND (|>[0,5] (p(x)? .)* (i2s(f2i(1.5)) = \"1\" AND x = x))) AND ";
    kd_text t;
    kd_text_open(&t, NULL);
    deep(&t, part, "r(y,y)", "", 90);
    failing f = {0, -1, 0};
    kd_allocator from = {failing_resize, &f};
    world w;
    read_with(&w, &from, SIGNATURE, t.p, t.n);
    kdtest_claim(w.status == KD_OK, "with memory enough it is read: %s", w.error.message);
    end(&w);
    long calls = f.calls;
    for (long i = 0; i < calls; i++) {
        f = (failing){0, i, 0};
        read_with(&w, &from, SIGNATURE, t.p, t.n);
        kdtest_claim(w.status == KD_NOMEM && !w.program, "without the memory of call %ld it fails as such",
                     i);
        end(&w);
        kdtest_claim(f.bytes == 0, "and gives everything back (call %ld)", i);
    }
    kd_text_close(&t);
}

static void test_nodes(void) {
    world w;
    read_formula(&w, "p(x) AND EXISTS y. r(y,x)");
    mf_program *p = w.program;
    mf_var one = 0, two = 0;
    bool made = mf_new_var(p, MF_INT, &one) && mf_new_var(p, MF_INT, &two);
    kdtest_claim(made && one != two && p->vars[one].type == MF_INT, "new variables are numbers of their own");
    const mf_formula *and = p->formula, *exists = and->b;
    const mf_formula *not = mf_make1(p, MF_NOT, and), *both = mf_make2(p, MF_OR, exists->a, and);
    kdtest_claim(not &&not ->free_count == 1 && not ->free[0] == and->free[0],
                 "NOT has the free variables of its part");
    kdtest_claim(both && both->free_count == 2 && both->free[0] == exists->vars[0] &&
                     mf_is_free(both, and->free[0]) && !mf_is_free(and, exists->vars[0]),
                 "OR has those of both, each once, in order");
    mf_term x = {.kind = MF_VAR, .var = one}, y = {.kind = MF_VAR, .var = two};
    const mf_term *tx = mf_make_term(p, x), *ty = mf_make_term(p, y);
    const mf_term *sum = mf_make_term(p, (mf_term){.kind = MF_ADD, .a = ty, .b = tx});
    const mf_term *all = mf_make_term(p, (mf_term){.kind = MF_MUL, .a = sum, .b = ty});
    mf_var vars[2] = {99, 99};
    kdtest_claim(mf_term_vars(all, vars, 1) == 2 && vars[0] == two && vars[1] == 99,
                 "a term's variables are counted each once, and kept as far as there is room");
    mf_formula q = {.kind = MF_EXISTS, .vars = exists->vars, .var_count = 1};
    mf_formula inner = *exists->a;
    mf_var twin = 0;
    made = mf_new_named_var(p, KD_STR("x"), MF_INT, &twin);
    q.vars = &twin;
    mf_term tt = {.kind = MF_VAR, .var = twin};
    const mf_term *args[2] = {mf_make_term(p, tt), inner.args[1]};
    inner.args = args;
    q.a = mf_make(p, inner);
    kd_text_clear(&w.printed);
    mf_print(&w.printed, p, mf_make(p, q));
    kdtest_claim(made && kd_str_is(kd_text_str(&w.printed), "EXISTS x'. r(x',x)"),
                 "two variables of one name print apart: %s", w.printed.p);
    end(&w);
}

int main(void) {
    test_meanings();
    test_columns();
    test_errors();
    test_signatures();
    test_depth();
    test_memory();
    test_nodes();
    return kdtest_end("test_mfotl");
}

/* test_monitor_log.c: the reader of logs: what it takes, what it refuses and where, in one piece or byte by byte. */
#include "kdtest.h"
#include <kadesh/monitor.h>
#include <stdlib.h>
#include <string.h>

static const char *const signature =
    "p(int) q(int,string) f(float) r(string,regexp) none() wide(int,int,int)\n"
    "unused(int,string) a_name_longer_than_sixteen(int) pair(int,int) pairs(int,int) asked(int)\n"
    "looked_over(string,int,string,float,string) said(string,string)";

typedef struct hearing {
    kd_text out;
    size_t warnings;
    bool stop;
} hearing;

static kd_status hear(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at, const kd_value *rows,
                      size_t count) {
    hearing *h = ctx;
    size_t width;
    const kd_monitor_column *c = kd_monitor_columns(m, &width);
    kd_text_printf(&h->out, "%llu@%lld:", (unsigned long long)index, (long long)at);
    for (size_t i = 0; i < count; i++, rows += width) {
        kd_text_puts(&h->out, " (");
        for (size_t k = 0; k < width; k++) {
            if (k) kd_text_putc(&h->out, ',');
            if (c[k].type == KD_M_INT)
                kd_text_printf(&h->out, "%lld", (long long)rows[k]);
            else if (c[k].type == KD_M_FLOAT)
                kd_text_printf(&h->out, "%g", kd_value_float(rows[k]));
            else
                kd_text_put(&h->out, kd_monitor_text(m, rows[k]));
        }
        kd_text_putc(&h->out, ')');
    }
    kd_text_putc(&h->out, '\n');
    return KD_OK;
}

static kd_status command(void *ctx, kd_monitor *m, kd_str name, const kd_str *args, size_t count) {
    hearing *h = ctx;
    kd_text_printf(&h->out, ">%.*s", KD_STR_ARGS(name));
    for (size_t i = 0; i < count; i++) kd_text_printf(&h->out, " %.*s", KD_STR_ARGS(args[i]));
    kd_text_putc(&h->out, '\n');
    h->stop = kd_str_is(name, "stop");
    return h->stop ? KD_FAILED : KD_OK;
}

static void warn(void *ctx, const kd_error *what) {
    hearing *h = ctx;
    kd_text_printf(&h->out, "warning %u:%u %s\n", what->line, what->column, what->reason);
    h->warnings++;
}

enum { FORGIVE = 1, STRICT = 2, ALL = 4, EVERY = 8 };

/* Feeds pieces of `piece` bytes (0: all at once), what was not taken again with what follows. Each comes in memory
 * of its own, so that a read behind its end is caught under ASan and valgrind. */
static kd_status feed(kd_monitor *m, kd_str log, size_t piece, kd_error *e) {
    size_t begin = 0, end = 0;
    for (;;) {
        end = piece && piece < log.n - end ? end + piece : log.n;
        char *copy = malloc(end - begin + 1);
        if (!copy) return KD_NOMEM;
        memcpy(copy, log.p + begin, end - begin);
        char *exact = realloc(copy, end - begin ? end - begin : 1);
        if (exact) copy = exact;
        size_t used = 0;
        kd_status s = kd_monitor_feed(m, "log", copy, end - begin, end == log.n, &used, e);
        free(copy);
        begin += used;
        if (s || end == log.n) return s;
    }
}

/* What is heard, then `error line:column reason` when it ends so. */
static void run(kd_text *out, const char *formula, kd_str log, unsigned how, size_t piece) {
    hearing h = {0};
    kd_error e = {0};
    kd_monitor *m = NULL;
    kd_text_open(&h.out, NULL);
    kd_monitor_options o = {.heard = hear,
                            .command = command,
                            .warning = warn,
                            .ctx = &h,
                            .forgive_errors = how & FORGIVE,
                            .stop_out_of_order = how & STRICT,
                            .keep_all_events = how & ALL,
                            .every_point = how & EVERY};
    kd_status s = kd_monitor_open(kd_str_of(signature), "sig", kd_str_of(formula), "formula", &o, &m, &e);
    if (s) {
        kd_text_printf(&h.out, "not opened: %s\n", e.message);
    } else {
        s = feed(m, log, piece, &e);
        if (!s) s = kd_monitor_end(m, &e);
        if (s && !h.stop) kd_text_printf(&h.out, "error %u:%u %s\n", e.line, e.column, e.reason);
    }
    kd_text_put(out, kd_text_str(&h.out));
    kd_text_close(&h.out);
    kd_monitor_close(m);
}

typedef struct row {
    const char *claim, *formula, *log, *heard;
    unsigned how;
} row;

static const row rows[] = {
    {"events of one time point", "p(x)", "@10 p(1) p(2) p(2) (3);", "0@10: (1) (2) (3)\n", 0},
    {"time points need no semicolon", "p(x)", "@1 p(1) @2 p(2)\n@3 p(3)", "0@1: (1)\n1@2: (2)\n2@3: (3)\n",
     0},
    {"empty time points count", "p(x)", "@1;@2;@2 @3 p(7);", "3@3: (7)\n", 0},
    {"several time points may share a time stamp", "p(x)", "@5 p(1); @5 p(2);", "0@5: (1)\n1@5: (2)\n", 0},
    {"a negative time stamp", "p(x)", "@-5 p(1); @-4 p(-2);", "0@-5: (1)\n1@-4: (-2)\n", 0},
    {"blanks are free", "q(x,y)", "@ 1\n q ( 1 ,\ta ) \r\n( 2,b );", "0@1: (1,a) (2,b)\n", 0},
    {"comments between all parts", "q(x,y)", "#c\n@1 #c;\n q #c(\n( #c)\n1 #\n, a #\"\n) #c\n; # end",
     "0@1: (1,a)\n", 0},
    {"a quoted value keeps its backslashes", "q(x,y)", "@1 q(1,\"a\\\"b\\\\\");", "0@1: (1,a\\\"b\\\\)\n", 0},
    {"a quoted value may hold anything", "q(x,y)", "@1 q(1,\"@2; #>(\n\");", "0@1: (1,@2; #>(\n)\n", 0},
    {"bare and quoted are the same value", "q(x,y)", "@1 q(1,ab) q(\"1\",\"ab\");", "0@1: (1,ab)\n", 0},
    {"the empty text is a value", "q(x,y)", "@1 q(1,\"\");", "0@1: (1,)\n", 0},
    {"all characters of a word", "q(x,y)", "@1 q(1,aZ09_[]/:-.!);", "0@1: (1,aZ09_[]/:-.!)\n", 0},
    {"integers up to the largest", "p(x)", "@1 p(9223372036854775807) p(-9223372036854775807) p(007) p(-0);",
     "0@1: (-9223372036854775807) (0) (7) (9223372036854775807)\n", 0},
    {"integers of 8, 9, 16 and 17 digits", "p(x)",
     "@1 p(12345678) p(123456789) p(1234567890123456) p(12345678901234567)                                ;",
     "0@1: (12345678) (123456789) (1234567890123456) (12345678901234567)\n", 0},
    {"two integers of up to 8 digits", "pair(x,y)",
     "@1;@2 pair(1,2) pair(12345678,87654321) pair(10,123456789) pair(123456789,3)pair(0,00000007) (-5,6);",
     "1@2: (-5,6) (0,7) (1,2) (10,123456789) (12345678,87654321) (123456789,3)\n", 0},
    {"the second of two integers", "EXISTS x. pair(x,y)", "@1; @2 pair(1,20) pair(3,4) pair(50000,6);",
     "1@2: (4) (6) (20)\n", 0},
    {"the first of two integers", "EXISTS y. pair(x,y)", "@1; @2 pair(1,20) pair(3,4) pair(50000,6);",
     "1@2: (1) (3) (50000)\n", 0},
    {"names that begin alike", "pairs(x,y) AND NOT ONCE pair(x,y)", "@1; @2 pair(1,2) pairs(1,2) pairs(3,4);",
     "1@2: (3,4)\n", 0},
    {"more rows than a batch begins with", "asked(x)",
     "@1; @2 asked(1) asked(2) asked(3) asked(4) asked(5) asked(6) asked(7) asked(8) asked(9) asked(10);",
     "1@2: (1) (2) (3) (4) (5) (6) (7) (8) (9) (10)\n", 0},
    {"an event that is looked over", "p(x)",
     "@1 looked_over(\"a),(b\",x,\"\",y,-.!) p(1) looked_over(,1,2,3,4)", "error 1:53 syntax\n", 0},
    {"... of 70 bytes", "p(x)",
     "@1 looked_over(\"0123456789 0123456789 0123456789 0123456789 012345\",1,abcdefghijk,2,x) p(1)",
     "0@1: (1)\n", 0},
    {"... with a backslash", "p(x)", "@1 looked_over(\"\\\",1,1,1)\",2,3,4,5) p(1)", "0@1: (1)\n", 0},
    {"... with a word behind a text", "p(x)", "@1 looked_over(\"a\"b,2,3,4,5) p(1)", "error 1:19 syntax\n",
     0},
    {"... with a text behind a word", "p(x)", "@1 looked_over(a\"b\",2,3,4,5) p(1)", "error 1:17 syntax\n",
     0},
    {"... with a field too few", "p(x)", "@1 looked_over(1,2,3,4) p(1)", "error 1:15 arity\n", 0},
    {"... with a field too many", "p(x)", "@1 looked_over(1,2,3,4,5,6) p(1)", "error 1:15 arity\n", 0},
    {"floats as strtod has them", "f(x)", "@1 f(1) f(2.5) f(-3.0e-2) f(\"1e3\") f(.5) f(1.) f(\"+7\");",
     "0@1: (-0.03) (0.5) (1) (2.5) (7) (1000)\n", 0},
    {"a float at the edges", "f(x)", "@1 f(-0.0) f(0) f(1e999) f(1e-999) f(inf);", "0@1: (0) (inf)\n", 0},
    {"floats by value, not by text", "f(x)", "@1 f(10) f(9) f(-1) f(1e1);", "0@1: (-1) (9) (10)\n", 0},
    {"texts by bytes", "q(x,y)", "@1 q(1,b) q(1,B) q(1,ab) q(1,a);", "0@1: (1,B) (1,a) (1,ab) (1,b)\n", 0},
    {"a predicate without fields", "none()", "@1 none @2 none() @3; @4 none;", "0@1: ()\n1@2: ()\n3@4: ()\n",
     0},
    {"a long name", "a_name_longer_than_sixteen(x)", "@1 a_name_longer_than_sixteen(3)                     ;",
     "0@1: (3)\n", 0},
    {"constants choose events", "q(x,\"a\")",
     "@1 q(1,a) q(2,b) q(3,a)                                      ;", "0@1: (1) (3)\n", 0},
    {"repeated variables choose events", "wide(x,y,x)",
     "@1 wide(1,2,1) wide(1,2,3)                          ;", "0@1: (1,2)\n", 0},
    {"... of one or two integers, in one order or the other",
     "pair(x,y) AND (EXISTS z. pair(z,x)) AND ONCE pair(y,x)",
     "@1 pair(1,2) pair(2,1) pair(3,1) pair(1,3) pair(3,3) pair(12345678,1) pair(1,123456789) ; @2 pair(2,3)",
     "0@1: (1,2) (1,3) (2,1) (3,1) (3,3)\n", 0},
    {"... with room for a row in one batch alone", "pair(x,y) AND (EXISTS z. pair(x,z)) AND pair(y,x)",
     "@1; @2 pair(1,1)(2,2)(3,3)(4,4)(5,5)(6,6)(7,7)(8,8)(9,9); @3 pair(1,1) pair(2,2) pair(3,4) pair(5,5) pair(6,6)",
     "1@2: (1,1) (2,2) (3,3) (4,4) (5,5) (6,6) (7,7) (8,8) (9,9)\n2@3: (1,1) (2,2) (5,5) (6,6)\n", 0},
    {"texts of all lengths", "said(x,y)",
     "@1 said(\"\",\"1\") said(\"123\",\"1234567\") said(\"12345678\",\"123456789012345\")"
     " said(\"1234567890123456\",\"12345678901234567\") (\"a \\\" b\",\"0123456789 0123\\\"\") said(a,\"b\");",
     "0@1: (,1) (123,1234567) (12345678,123456789012345) (1234567890123456,12345678901234567)"
     " (a,b) (a \\\" b,0123456789 0123\\\")\n",
     0},
    {"two uses of one predicate", "p(x) AND ONCE[1,5] p(x)", "@1 p(1) p(2); @2 p(2);", "1@2: (2)\n", 0},
    {"what the formula does not use is not typed", "p(x)", "@1 unused(x,y) p(1);", "0@1: (1)\n", 0},
    {"a verdict of each time point, when asked for", "p(x)", "@1;@2 p(1);", "0@1:\n1@2: (1)\n", EVERY},
    {"no bytes at all", "p(x)", "", "", 0},
    {"only a comment", "p(x)", "# nothing", "", 0},

    {"commands", "p(x)", "@1 p(1) > get_pos < @2 p(2); >a b \"c d\"<",
     "0@1: (1)\n>get_pos\n1@2: (2)\n>a b c d\n", 0},
    {"a semicolon behind a command", "p(x)", "@1 p(1);> a < ; @2 p(2)", "0@1: (1)\n>a\n1@2: (2)\n", 0},
    {"a command that stops", "p(x)", "@1 p(1) >stop< @2 p(2)", "0@1: (1)\n>stop\n", 0},

    {"a time stamp that goes back", "p(x)", "@5 p(1); @4 p(2) p(3); @6 p(4);",
     "0@5: (1)\nwarning 1:10 out_of_order\n1@6: (4)\n", 0},
    {"... as an error", "p(x)", "@5 p(1);\n @4 p(2);", "0@5: (1)\nerror 2:2 out_of_order\n", STRICT},

    {"an undeclared predicate", "p(x)", "@1 p(1)\n  x(2);", "error 2:3 predicate\n", 0},
    {"a wrong number of fields", "p(x)", "@1 p(1,2);", "error 1:5 arity\n", 0},
    {"... too few", "q(x,y)", "@1 q(1);", "error 1:5 arity\n", 0},
    {"... none", "q(x,y)", "@1 q ;", "error 1:4 arity\n", 0},
    {"... of what is not used", "p(x)", "@1 unused(1,2,3);", "error 1:10 arity\n", 0},
    {"a text for an int", "p(x)", "@1 p(1) p(two);", "error 1:11 type\n", 0},
    {"... in a field that is not read", "EXISTS x. q(x,y)", "@1 q(two,a);", "error 1:6 type\n", 0},
    {"a float for an int", "p(x)", "@1 p(1.5);", "error 1:6 type\n", 0},
    {"a text for a float", "f(x)", "@1 f(1e);", "error 1:6 type\n", 0},
    {"hexadecimal is no float", "f(x)", "@1 f(0x10);", "error 1:6 type\n", 0},
    {"what is not used, when all is to be checked", "p(x)", "@1 unused(x,y);", "error 1:11 type\n", ALL},
    {"an integer beyond 64 bits", "p(x)", "@1 p(9223372036854775808);", "error 1:6 range\n", 0},
    {"the least integer of 64 bits", "p(x)", "@1 p(-9223372036854775808);", "error 1:6 range\n", 0},
    {"a time stamp beyond 64 bits", "p(x)", "@1;\n@99999999999999999999 p(1);", "error 2:2 range\n", 0},
    {"a float as time stamp", "p(x)", "@1.5 p(1);", "error 1:2 syntax\n", 0},
    {"a word as time stamp", "p(x)", "@now p(1);", "error 1:2 syntax\n", 0},
    {"an event before any time point", "p(x)", "p(1)", "error 1:1 syntax\n", 0},
    {"an event behind a semicolon", "p(x)", "@1 p(1); p(2)", "0@1: (1)\nerror 1:10 syntax\n", 0},
    {"two semicolons", "p(x)", "@1 p(1);;", "0@1: (1)\nerror 1:9 syntax\n", 0},
    {"a tuple without a name", "p(x)", "@1 (1)", "error 1:4 syntax\n", 0},
    {"a missing value", "wide(x,y,z)", "@1 wide(1,,2)", "error 1:11 syntax\n", 0},
    {"two values without a comma", "wide(x,y,z)", "@1 wide(1 2,3)", "error 1:11 syntax\n", 0},
    {"... of what is not used", "p(x)", "@1 unused(1 2)", "error 1:13 syntax\n", 0},
    {"a tuple that does not end", "p(x)", "@1 p(1", "error 1:5 syntax\n", 0},
    {"a quoted value that does not end", "q(x,y)", "@1\nq(1,\"abc);", "error 2:5 syntax\n", 0},
    {"a command that does not end", "p(x)", "@1 p(1)\n>stop", "0@1: (1)\nerror 2:1 syntax\n", 0},
    {"a column counts code points", "q(x,y)", "@1 q(1,\"\xc3\xa4\xe2\x82\xac\") q(x,a)", "error 1:16 type\n",
     0},
    {"a foreign byte", "p(x)", "@1 p(1) \x01;", "error 1:9 syntax\n", 0},

    {"forgiven: the rest of the time point is left out", "p(x)", "@1 p(1) ? p(2);\n@2 p(3)",
     "warning 1:9 syntax\n0@1: (1)\n1@2: (3)\n", FORGIVE},
    {"forgiven: an undeclared predicate", "p(x)", "@1 p(1) x(5) p(2)\n@2 p(3)",
     "warning 1:9 predicate\n0@1: (1)\n1@2: (3)\n", FORGIVE},
    {"forgiven: a quoted text in what is left out", "p(x)", "@1 ? \"@7 p(9)\" p(2); @2 p(3)",
     "warning 1:4 syntax\n1@2: (3)\n", FORGIVE},
    {"forgiven: a broken quoted text", "q(x,y)", "@1 q(1,a) ? \"x\n@2 q(3,b)",
     "warning 1:11 syntax\n0@1: (1,a)\n1@2: (3,b)\n", FORGIVE},
    {"forgiven: a broken time stamp has no index", "p(x)", "@x p(1)\n@2 p(3)",
     "warning 1:2 syntax\n0@2: (3)\n", FORGIVE},
    {"a wrong type is not forgiven", "p(x)", "@1 p(x)\n@2 p(3)", "error 1:6 type\n", FORGIVE},
};

static void check_rows(void) {
    static const size_t pieces[] = {0, 1, 2, 3, 7, 64};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
            kd_text out;
            kd_text_open(&out, NULL);
            run(&out, r->formula, kd_str_of(r->log), r->how, pieces[k]);
            kdtest_claim(kd_str_is(kd_text_str(&out), r->heard),
                         "%s (pieces of %zu): heard\n%s    wanted\n%s", r->claim, pieces[k],
                         out.p ? out.p : "", r->heard);
            kd_text_close(&out);
        }
    }
}

/* The same log behind blanks, so that the fast way sees each part far from the end of its bytes too, and in the
 * same rows with much more behind it. */
static void check_far_from_the_end(void) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        if (strstr(r->heard, "error") || strchr(r->log, '#') || !*r->log || strchr(r->log, '>')) continue;
        kd_text log, out;
        kd_text_open(&log, NULL);
        kd_text_open(&out, NULL);
        kd_text_puts(&log, r->log);
        kd_text_repeat(&log, ' ', 200);
        run(&out, r->formula, kd_text_str(&log), r->how, 0);
        kdtest_claim(kd_str_is(kd_text_str(&out), r->heard),
                     "%s (with blanks behind it): heard\n%s    wanted\n%s", r->claim, out.p ? out.p : "",
                     r->heard);
        kd_text_close(&log);
        kd_text_close(&out);
    }
}

/* Random logs of valid parts: pieces of random lengths give what one piece gives. */
static void check_random_pieces(void) {
    static const char *const parts[] = {"@%u ",           "p(%u) ", "q(%u,\"x y\") ", "(%u,z)",
                                        "unused(%u,u)\n", ";",      "f(%u.25)",       "# %u\n",
                                        "@%u;",           "none ",  "wide(%u,2,3) ",  "q( 1 , b%u )"};
    uint32_t seed = 12345;
    for (unsigned round = 0; round < 300; round++) {
        kd_text log, whole, pieces;
        kd_text_open(&log, NULL);
        kd_text_open(&whole, NULL);
        kd_text_open(&pieces, NULL);
        for (unsigned i = 0; i < 60; i++) {
            seed = seed * 1664525 + 1013904223;
            const char *part = parts[(seed >> 16) % (sizeof parts / sizeof *parts)];
            const char *at = strstr(part, "%u");
            kd_text_put(&log, (kd_str){part, at ? (size_t)(at - part) : strlen(part)});
            if (at) kd_text_printf(&log, "%u%s", part[0] == '@' ? i : (seed >> 8) % 1000, at + 2);
        }
        unsigned how = round % 2 ? FORGIVE : 0;
        run(&whole, "q(x,y) AND NOT p(x)", kd_text_str(&log), how, 0);
        run(&pieces, "q(x,y) AND NOT p(x)", kd_text_str(&log), how, 1 + seed % 50);
        kdtest_claim(kd_str_equal(kd_text_str(&whole), kd_text_str(&pieces)),
                     "pieces of %u give what one piece gives, of\n%s\n%s---\n%s", 1 + seed % 50, log.p,
                     whole.p ? whole.p : "", pieces.p ? pieces.p : "");
        kd_text_close(&log);
        kd_text_close(&whole);
        kd_text_close(&pieces);
    }
}

static uint32_t next(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Events as programs write them, with any one byte made another: read at once or byte by byte, that is
 * with the fast way or the careful one alone, they give the same rows and the same errors at the same
 * places. */
static void check_damage(void) {
    static const char *const formulas[] = {"pair(x,y)",
                                           "EXISTS x. pair(x,y)",
                                           "asked(x) AND NOT p(x)",
                                           "q(x,y) AND NOT p(x)",
                                           "looked_over(_,x,\"b\",_,_)",
                                           "pair(x,y) AND NOT EXISTS z. pair(y,z)",
                                           "said(x,y)",
                                           "said(x,\"two words\") AND NOT PREVIOUS said(\"7\",x)"};
    static const char *const parts[] = {";\n@%u ",
                                        "p(%u) ",
                                        "pair(%u,%u) ",
                                        "(%u,%u)",
                                        "asked(%u) ",
                                        "looked_over(\"a b\",%u,\"b\",1.5,c) ",
                                        "pairs(%u,%u) ",
                                        "looked_over(abc,%u,\"(),\",%u,\"long enough for a wider window\") ",
                                        "q(%u,\"word\") ",
                                        "unused(%u,\"x\") ",
                                        "said(\"%u\",\"two words\") ",
                                        "said(\"%u %u %u %u\",\"\\\"%u\") "};
    static const char bytes[] = "(),;@ \"\\0a-\n19.x_!";
    enum { FORMULAS = sizeof formulas / sizeof *formulas, PARTS = sizeof parts / sizeof *parts };
    uint32_t seed = 99;
    for (unsigned round = 0; round < 4000; round++) {
        kd_text log, whole, careful;
        kd_text_open(&log, NULL);
        kd_text_open(&whole, NULL);
        kd_text_open(&careful, NULL);
        kd_text_puts(&log, "@0 ");
        for (unsigned i = 0; i < 12; i++) {
            unsigned a = next(&seed) >> next(&seed) % 24, b = next(&seed) >> next(&seed) % 24;
            const char *p = parts[next(&seed) % PARTS];
            for (unsigned k = 0; *p; p++) {
                if (*p != '%') {
                    kd_text_putc(&log, *p);
                } else {
                    kd_text_int(&log, p[-1] == '@' ? i : k++ ? b : a);
                    p++;
                }
            }
        }
        if (round % 4) log.p[next(&seed) % log.n] = bytes[next(&seed) % (sizeof bytes - 1)];
        kd_text_repeat(&log, ' ', 150);
        unsigned how = next(&seed) % 8 & (FORGIVE | ALL);
        const char *formula = formulas[round % FORMULAS];
        run(&whole, formula, kd_text_str(&log), how, 0);
        run(&careful, formula, kd_text_str(&log), how, 1);
        kdtest_claim(kd_str_equal(kd_text_str(&whole), kd_text_str(&careful)),
                     "damage %u: the fast way reads what the careful one does, of\n%s\n%s---\n%s", round,
                     log.p, whole.p ? whole.p : "", careful.p ? careful.p : "");
        kd_text_close(&log);
        kd_text_close(&whole);
        kd_text_close(&careful);
    }
}

/* Of lines as they are heard, those with rows. */
static void put_with_rows(kd_text *out, kd_str lines) {
    while (lines.n) {
        const char *end = memchr(lines.p, '\n', lines.n);
        size_t n = end ? (size_t)(end - lines.p) + 1 : lines.n;
        if (n < 2 || lines.p[n - 2] != ':') kd_text_put(out, (kd_str){lines.p, n});
        lines = (kd_str){lines.p + n, lines.n - n};
    }
}

/* Runs of empty time points, at which something may happen or nothing: whether the engine hears of each or
 * only how many there were, there are the same rows. */
static void check_quiet(void) {
    static const char *const formulas[] = {"p(x) AND NOT PREVIOUS[0,2] ONCE[0,9] asked(x)",
                                           "PREVIOUS[0,1] p(x)",
                                           "NEXT (p(x) AND tp(y))",
                                           "ONCE[3,5] PREVIOUS[1,1] p(x)",
                                           "p(x) AND PREVIOUS ONCE[0,20] asked(x)",
                                           "p(x) AND EVENTUALLY[2,7] PREVIOUS[0,1] asked(x)"};
    enum { FORMULAS = sizeof formulas / sizeof *formulas };
    uint32_t seed = 5;
    for (unsigned round = 0; round < 300; round++) {
        kd_text log, each, some, counted;
        kd_text_open(&log, NULL);
        kd_text_open(&each, NULL);
        kd_text_open(&some, NULL);
        kd_text_open(&counted, NULL);
        unsigned at = 0;
        for (unsigned i = 0; i < 150; i++) {
            unsigned what = next(&seed) % 24;
            at += next(&seed) % 8 ? next(&seed) % 2 : next(&seed) % 30;
            kd_text_printf(&log, "@%u", at);
            if (what < 4) kd_text_printf(&log, " %s(%u)", what % 2 ? "p" : "asked", next(&seed) % 3);
            kd_text_puts(&log, what % 5 ? ";\n" : " ;");
        }
        const char *formula = formulas[round % FORMULAS];
        run(&each, formula, kd_text_str(&log), EVERY, 0);
        put_with_rows(&some, kd_text_str(&each));
        run(&counted, formula, kd_text_str(&log), 0, next(&seed) % 2 ? 0 : 1 + next(&seed) % 300);
        kdtest_claim(kd_str_equal(kd_text_str(&some), kd_text_str(&counted)),
                     "quiet %u, %s: counted time points give what each by itself gives, of\n%s\n%s---\n%s",
                     round, formula, log.p, some.p ? some.p : "", counted.p ? counted.p : "");
        kd_text_close(&log);
        kd_text_close(&each);
        kd_text_close(&some);
        kd_text_close(&counted);
    }
}

int main(void) {
    check_rows();
    check_quiet();
    check_damage();
    check_far_from_the_end();
    check_random_pieces();
    return kdtest_end("test_monitor_log");
}

/* fuzz_mfotl.c: a signature and a formula, with a NUL byte between them: any bytes give a formula or an
 * error with a place; and a formula prints as a text that reads as the same formula. */
#include "lang/mfotl.h"
#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) abort();
}

static void check_place(kd_status st, const kd_error *e) {
    must(st == KD_INVALID && e->line > 0 && e->column > 0 && e->reason[0] && e->message[0]);
}

/* Printing and reading again gives the same text, unless there are variables that predicates bind
 * themselves, or quotes: a name may have one in it, and then r"a is a name or not by what follows. */
static void again(kd_arena *arena, const mf_signature *s, const mf_program *p) {
    kd_text first, second;
    mf_program *other = NULL;
    kd_error e = {.line = 0};
    kd_text_open(&first, NULL);
    kd_text_open(&second, NULL);
    mf_print(&first, p, p->formula);
    must(!first.failed && first.n > 0);
    if (!memchr(first.p, '_', first.n) && !memchr(first.p, '"', first.n)) {
        kd_status st = mf_read(arena, s, kd_text_str(&first), "again", &other, &e);
        /* parentheses that the print adds may be one level too many, and floats may need an exponent */
        if (st == KD_OK) {
            mf_print(&second, other, other->formula);
            must(kd_str_equal(kd_text_str(&first), kd_text_str(&second)));
            must(other->column_count == p->column_count);
        }
    }
    kd_text_close(&first);
    kd_text_close(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t n = nul ? (size_t)(nul - data) : 0, from = nul ? n + 1 : 0;
    kd_str sig = {(const char *)data, n}, text = {(const char *)data + from, size - from};
    kd_arena arena;
    mf_signature *s;
    mf_program *p;
    kd_error e = {.line = 0};
    kd_arena_open(&arena, NULL);
    kd_status st = mf_signature_read(&arena, sig, "sig", &s, &e);
    if (st != KD_OK) {
        check_place(st, &e);
        st = mf_signature_read(&arena, KD_STR("p(int) q(int) r(int,int) s(string) f(float) e()"), "sig", &s,
                               &e);
        must(st == KD_OK);
    }
    e = (kd_error){.line = 0};
    st = mf_read(&arena, s, text, "formula", &p, &e);
    if (st == KD_OK)
        again(&arena, s, p);
    else
        check_place(st, &e);
    kd_arena_close(&arena);
    return 0;
}

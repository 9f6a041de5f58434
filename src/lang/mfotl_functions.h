/* mfotl_functions.h: the functions of terms that the engine calls, and the patterns of MATCHES. */
#ifndef LANG_MFOTL_FUNCTIONS_H
#define LANG_MFOTL_FUNCTIONS_H

#include "lang/mfotl.h"

/* All have the engine's form (kd_function), with an mf_functions as ctx; texts are symbols, floats bits. */
kd_status mf_call_i2s(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_s2i(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_f2s(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_s2f(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_year(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_month(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_day(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_date(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_less(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_less_equal(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);
kd_status mf_call_substring(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint);

/* The order of texts by bytes (kd_compare). */
int mf_compare_texts(void *ctx, kd_value a, kd_value b);

/* A pattern in the syntax of OCaml's Str (groups \(..\), alternatives \|, * + ? sets ^ $ . \b \1..\9) in that of
 * PCRE2, for bytes and without options. *groups: how many it has. False with *complaint for what is none,
 * without when there is no memory (out->failed). */
bool mf_pattern_translate(kd_str pattern, kd_text *out, unsigned *groups, const char **complaint);

#endif

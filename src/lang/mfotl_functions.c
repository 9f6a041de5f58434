/* mfotl_functions.c: the functions of texts and dates that terms may use. */
#include "lang/mfotl_functions.h"
#include "lang/mfotl_number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

kd_value mf_float_value(double d) {
    return kd_float_value(d);
}

double mf_value_float(kd_value v) {
    return kd_value_float(v);
}

static kd_str text_of(void *ctx, kd_value v) {
    const mf_functions *f = ctx;
    return kd_symbol_text(f->symbols, v);
}

static kd_status put_text(void *ctx, const char *p, size_t n, kd_value *r) {
    const mf_functions *f = ctx;
    *r = kd_symbol(f->symbols, (kd_str){p, n});
    return *r < 0 ? KD_NOMEM : KD_OK;
}

/* ---- Conversions ----------------------------------------------------------------------------------------*/

kd_status mf_call_i2s(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    char text[24];
    *holds = true;
    return put_text(ctx, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)a[0]), r);
}

kd_status mf_call_s2i(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = 0;
    if (mf_read_int(text_of(ctx, a[0]), r) != MF_HUGE_NUMERAL) return KD_OK;
    *complaint = "s2i of a number beyond 64 bits";
    return KD_INVALID;
}

/* As OCaml prints a float: twelve digits, and a point behind what would else read as an integer. */
kd_status mf_call_f2s(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    char text[MF_FLOAT_BYTES + 1];
    size_t n = mf_write_float(text, 12, mf_value_float(a[0])), i = 0;
    while (i < n && (text[i] == '-' || (text[i] >= '0' && text[i] <= '9'))) i++;
    if (i == n) text[n++] = '.';
    *holds = true;
    return put_text(ctx, text, n, r);
}

kd_status mf_call_s2f(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    double d = 0.0;
    if (mf_read_float(text_of(ctx, a[0]), &d) != MF_NUMERAL) d = 0.0;
    *holds = true;
    *r = mf_float_value(d);
    return KD_OK;
}

/* ---- Dates ----------------------------------------------------------------------------------------------*/

/* The day of a Unix time; before year 1 its first day, from 2100 on the first day of 2100, as MonPoly has it. */
static kd_civil civil_of(kd_value v) {
    const double first = -62135596800.0, last = 4102444800.0;
    double seconds = floor(mf_value_float(v));
    if (!(seconds >= first)) seconds = seconds < first ? first : 0.0;
    if (seconds > last) seconds = last;
    return kd_civil_of((kd_instant)seconds);
}

kd_status mf_call_year(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = civil_of(a[0]).year;
    return KD_OK;
}

kd_status mf_call_month(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = civil_of(a[0]).month;
    return KD_OK;
}

kd_status mf_call_day(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = civil_of(a[0]).day;
    return KD_OK;
}

kd_status mf_call_date(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    char text[40];
    kd_civil c = civil_of(a[0]);
    int n = snprintf(text, sizeof text, "%04d-%02u-%02u", c.year, c.month, c.day);
    *holds = true;
    return put_text(ctx, text, (size_t)n, r);
}

/* ---- Comparisons ----------------------------------------------------------------------------------------*/

kd_status mf_call_less(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = kd_str_order(text_of(ctx, a[0]), text_of(ctx, a[1])) < 0;
    return KD_OK;
}

kd_status mf_call_less_equal(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = kd_str_order(text_of(ctx, a[0]), text_of(ctx, a[1])) <= 0;
    return KD_OK;
}

int mf_compare_texts(void *ctx, kd_value a, kd_value b) {
    return a == b ? 0 : kd_str_order(text_of(ctx, a), text_of(ctx, b));
}

static bool occurs(kd_str part, kd_str whole) {
    if (part.n == 0) return true;
    const char *p = whole.p, *end = whole.p + whole.n;
    while ((size_t)(end - p) >= part.n) {
        p = memchr(p, part.p[0], (size_t)(end - p) - part.n + 1);
        if (!p) return false;
        if (memcmp(p, part.p, part.n) == 0) return true;
        p++;
    }
    return false;
}

kd_status mf_call_substring(void *ctx, const kd_value *a, kd_value *r, bool *holds, const char **complaint) {
    *holds = true;
    *r = occurs(text_of(ctx, a[0]), text_of(ctx, a[1]));
    return KD_OK;
}

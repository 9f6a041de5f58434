/* naive_mfotl_term.c: values and terms of the naive evaluator. */
#include "naive_mfotl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

nm_value nm_int(int64_t i) {
    return (nm_value){NM_INT, i};
}

nm_value nm_float(double d) {
    nm_value v = {NM_FLOAT, 0};
    if (d == 0) d = 0;           /* one zero */
    if (d != d) d = (double)NAN; /* one NaN */
    memcpy(&v.bits, &d, sizeof d);
    return v;
}

double nm_double(nm_value v) {
    double d;
    memcpy(&d, &v.bits, sizeof d);
    return d;
}

nm_value nm_text(nm_world *w, nm_type type, kd_str s) {
    int64_t n = kd_symbol(w->texts, s);
    if (n < 0) abort();
    return (nm_value){type, n};
}

bool nm_same(nm_value a, nm_value b) {
    return a.type == b.type && a.bits == b.bits;
}

int nm_order(const nm_world *w, nm_value a, nm_value b) {
    if (a.type != b.type) return a.type < b.type ? -1 : 1;
    if (a.bits == b.bits) return 0;
    if (a.type == NM_STRING || a.type == NM_REGEXP)
        return kd_str_order(kd_symbol_text(w->texts, a.bits), kd_symbol_text(w->texts, b.bits));
    if (a.type == NM_FLOAT) {
        double x = nm_double(a), y = nm_double(b);
        return x != x ? 1 : y != y ? -1 : x < y ? -1 : 1;
    }
    return a.bits < b.bits ? -1 : 1;
}

/* ---- Conversions --------------------------------------------------------------------------------------*/

static const char *zero_ended(nm_world *w, nm_value v) {
    kd_str s = kd_symbol_text(w->texts, v.bits);
    char *z = kd_arena_copy(w->arena, s.p, s.n);
    if (!z) abort();
    return z;
}

static nm_value text_to_int(nm_world *w, nm_value v) {
    const char *z = zero_ended(w, v);
    char *end;
    long long i = strtoll(z, &end, 10);
    return nm_int(*z && !*end && strspn(z, "-0123456789") == strlen(z) ? i : 0);
}

static nm_value text_to_float(nm_world *w, nm_value v) {
    const char *z = zero_ended(w, v);
    char *end;
    double d = strtod(z, &end);
    return nm_float(*z && !*end ? d : 0);
}

/* 12 significant digits, and always a point, an exponent or a name in it. */
static nm_value float_to_text(nm_world *w, double d) {
    char z[40];
    snprintf(z, sizeof z, d != d ? "nan" : "%.12g", d);
    if (strspn(z, "-0123456789") == strlen(z)) strcat(z, ".");
    return nm_text(w, NM_STRING, kd_str_of(z));
}

static nm_value date_part(nm_world *w, nm_term_op op, double seconds) {
    int64_t t = !(seconds < 4102444800.0) ? INT64_C(4102444800) : (int64_t)floor(seconds); /* 2100-01-01 */
    kd_civil c = kd_civil_of(t);
    char z[40];
    snprintf(z, sizeof z, "%04d-%02u-%02u", c.year, c.month, c.day);
    switch (op) {
    case NM_YEAR:
        return nm_int(c.year);
    case NM_MONTH:
        return nm_int(c.month);
    case NM_DAY:
        return nm_int(c.day);
    default:
        return nm_text(w, NM_STRING, kd_str_of(z));
    }
}

static bool convert(nm_world *w, nm_term_op op, nm_value a, nm_value *out) {
    char z[40];
    double d = a.type == NM_FLOAT ? nm_double(a) : 0;
    switch (op) {
    case NM_F2I:
        if (d != d || isinf(d)) d = 0;
        if (d >= 9223372036854775808.0 || d <= -9223372036854775808.0) return false;
        *out = nm_int((int64_t)d);
        break;
    case NM_I2F:
        *out = nm_float((double)a.bits);
        break;
    case NM_I2S:
        snprintf(z, sizeof z, "%lld", (long long)a.bits);
        *out = nm_text(w, NM_STRING, kd_str_of(z));
        break;
    case NM_S2I:
        *out = text_to_int(w, a);
        break;
    case NM_F2S:
        *out = float_to_text(w, d);
        break;
    case NM_S2F:
        *out = text_to_float(w, a);
        break;
    case NM_R2S:
        *out = (nm_value){NM_STRING, a.bits};
        break;
    case NM_S2R:
        *out = (nm_value){NM_REGEXP, a.bits};
        break;
    default:
        *out = date_part(w, op, d);
    }
    return true;
}

/* ---- Arithmetic ---------------------------------------------------------------------------------------*/

/* The smallest 64-bit number counts as too big: the monitor keeps it for "absent". */
static bool whole(nm_term_op op, int64_t a, int64_t b, int64_t *out) {
    bool fits = false;
    switch (op) {
    case NM_ADD:
        fits = !__builtin_add_overflow(a, b, out);
        break;
    case NM_SUB:
        fits = !__builtin_sub_overflow(a, b, out);
        break;
    case NM_MUL:
        fits = !__builtin_mul_overflow(a, b, out);
        break;
    case NM_NEG:
        fits = !__builtin_sub_overflow((int64_t)0, a, out);
        break;
    case NM_DIV:
    case NM_MOD:
        fits = b != 0 && a != INT64_MIN;
        if (fits) *out = op == NM_DIV ? a / b : a % b;
        break;
    default:
        break;
    }
    return fits && *out != INT64_MIN;
}

static double real(nm_term_op op, double a, double b) {
    switch (op) {
    case NM_ADD:
        return a + b;
    case NM_SUB:
        return a - b;
    case NM_MUL:
        return a * b;
    case NM_DIV:
        return a / b;
    default:
        return -a;
    }
}

bool nm_evaluate(nm_world *w, const nm_term *t, const nm_value *env, nm_value *out) {
    nm_value a = {NM_OPEN, 0}, b = {NM_OPEN, 0};
    if (t->op == NM_VARIABLE || t->op == NM_CONSTANT) {
        *out = t->op == NM_VARIABLE ? env[t->var] : t->value;
        return true;
    }
    if (!nm_evaluate(w, t->a, env, &a) || (t->b && !nm_evaluate(w, t->b, env, &b))) return false;
    if (t->op > NM_NEG) return convert(w, t->op, a, out);
    if (a.type == NM_FLOAT) {
        *out = nm_float(real(t->op, nm_double(a), t->b ? nm_double(b) : 0));
        return true;
    }
    out->type = NM_INT;
    return whole(t->op, a.bits, b.bits, &out->bits);
}

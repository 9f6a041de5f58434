/* mfotl_number.c: numbers in outside text, whatever the locale. */
#include "lang/mfotl_number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

mf_numeral mf_read_int(kd_str s, int64_t *out) {
    bool minus = s.n && s.p[0] == '-';
    size_t i = minus;
    uint64_t value = 0;
    bool huge = false;
    if (i == s.n) return MF_NO_NUMERAL;
    for (; i < s.n; i++) {
        if (!is_digit(s.p[i])) return MF_NO_NUMERAL;
        unsigned digit = (unsigned)(s.p[i] - '0');
        if (value > ((uint64_t)INT64_MAX - digit) / 10) huge = true;
        if (!huge) value = value * 10 + digit;
    }
    if (huge) return MF_HUGE_NUMERAL;
    *out = minus ? -(int64_t)value : (int64_t)value;
    return MF_NUMERAL;
}

/* ---- Floats ---------------------------------------------------------------------------------------------*/

/* A decimal as 0.d1d2d3... would be awkward for strtod: here it is the integer d1...dn times 10^exponent, so
 * that no decimal point, which depends on the locale, is ever handed over. More than 767 digits cannot change
 * how a double is rounded, but for whether anything but zeros follows them. */
enum { DIGITS_KEPT = 770 };

typedef struct decimal {
    char digits[DIGITS_KEPT + 1];
    size_t count;
    int64_t exponent;
    bool any, more; /* a digit was met; digits other than 0 were dropped */
} decimal;

static void add_digit(decimal *d, char c, bool after_point) {
    d->any = true;
    if (d->count == 0 && c == '0') {
        if (after_point) d->exponent--;
    } else if (d->count < DIGITS_KEPT) {
        d->digits[d->count++] = c;
        if (after_point) d->exponent--;
    } else {
        if (c != '0') d->more = true;
        if (!after_point) d->exponent++;
    }
}

/* `e[+-]digits` at s[i], whole; what is beyond any double is as good as 100,000. */
static bool read_exponent(kd_str s, size_t i, int64_t *out) {
    bool minus = false;
    int64_t value = 0;
    if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) minus = s.p[i++] == '-';
    if (i == s.n) return false;
    for (; i < s.n; i++) {
        if (!is_digit(s.p[i])) return false;
        if (value < 100000) value = value * 10 + (s.p[i] - '0');
    }
    *out = minus ? -value : value;
    return true;
}

static bool same_word(kd_str s, const char *word) {
    size_t n = strlen(word);
    if (s.n != n) return false;
    for (size_t i = 0; i < n; i++) {
        if ((s.p[i] | 0x20) != word[i]) return false;
    }
    return true;
}

static bool read_word(kd_str s, double *out) {
    if (same_word(s, "inf") || same_word(s, "infinity")) {
        *out = (double)INFINITY;
        return true;
    }
    if (!same_word(s, "nan")) return false;
    *out = (double)NAN;
    return true;
}

/* 10^0 to 10^22 are exact doubles, so that one multiplication or division of an integer below 2^53 is rounded
 * once (Clinger, "How to read floating point numbers accurately", 1990). */
static bool exact(const decimal *d, double *out) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count > 15 || d->exponent < -22 || d->exponent > 22) return false;
    int64_t whole = 0;
    for (size_t i = 0; i < d->count; i++) whole = whole * 10 + (d->digits[i] - '0');
    *out = d->exponent < 0 ? (double)whole / powers[-d->exponent] : (double)whole * powers[d->exponent];
    return true;
}

static double by_strtod(decimal *d) {
    char text[DIGITS_KEPT + 40];
    int64_t exponent = d->exponent;
    if (d->more) {
        d->digits[d->count++] = '1';
        exponent--;
    }
    memcpy(text, d->digits, d->count);
    if (exponent > 200000) exponent = 200000;
    if (exponent < -200000) exponent = -200000;
    snprintf(text + d->count, sizeof text - d->count, "e%d", (int)exponent);
    return strtod(text, NULL);
}

mf_numeral mf_read_float(kd_str s, double *out) {
    decimal d;
    d.count = 0;
    d.exponent = 0;
    d.any = d.more = false;
    bool minus = false, point = false;
    size_t i = 0;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) minus = s.p[i++] == '-';
    if (read_word((kd_str){s.p + i, s.n - i}, out)) {
        if (minus) *out = -*out;
        return MF_NUMERAL;
    }
    for (; i < s.n; i++) {
        if (is_digit(s.p[i])) {
            add_digit(&d, s.p[i], point);
        } else if (s.p[i] == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (!d.any) return MF_NO_NUMERAL;
    if (i < s.n) {
        int64_t exponent;
        if ((s.p[i] | 0x20) != 'e' || !read_exponent(s, i + 1, &exponent)) return MF_NO_NUMERAL;
        d.exponent += exponent;
    }
    if (d.count == 0) {
        *out = 0.0;
    } else if (!exact(&d, out)) {
        *out = by_strtod(&d);
    }
    if (minus) *out = -*out;
    return MF_NUMERAL;
}

/* The locale's decimal point may be a comma, or some bytes: whatever is neither digit, sign nor letter. */
size_t mf_write_float(char out[MF_FLOAT_BYTES], int digits, double d) {
    char text[64];
    int length = snprintf(text, sizeof text, "%.*g", digits > 17 ? 17 : digits, d);
    size_t n = 0;
    bool point = false;
    for (int i = 0; i < length && i < (int)sizeof text - 1 && n + 1 < MF_FLOAT_BYTES; i++) {
        char c = text[i];
        bool plain = is_digit(c) || c == '-' || c == '+' || (c >= 'a' && c <= 'z');
        if (plain) {
            out[n++] = c;
        } else if (!point) {
            out[n++] = '.';
            point = true;
        }
    }
    if (n == 4 && memcmp(out, "-nan", 4) == 0) {
        memcpy(out, "nan", 3);
        n = 3;
    }
    out[n] = 0;
    return n;
}

/* floats.h: numbers of binary64 as values: their order, and sums of them that are exact until they are read.
 *
 * A finite double is a whole number of 2^-1074, below 2^2098: a fixed-point number of 33 words of 64 bits. A
 * sum keeps one 128-bit limb for each word, without carries:
 *
 *      double   mantissa (53 bits) << place     ─▶   limb k += low part,  limb k+1 += high part
 *
 * What is added and taken away again leaves no trace, whatever its size, so that a sum under deletion is that
 * of the rows that are left. A limb is the total of its rows' parts, each below 2^64; as a group has less than
 * 2^63 rows, it always fits (the idea of a superaccumulator is Kulisch's; R. M. Neal, "Fast exact summation
 * using small and large superaccumulators", 2015). Infinities and NaN are counted apart. */
#ifndef ENGINE_FLOATS_H
#define ENGINE_FLOATS_H

#include <kadesh/engine.h>

#include <string.h>

/* 33 words of numbers, then how many rows are infinite, minus infinite, and no number. */
enum { ENG_FLOAT_WORDS = 33, ENG_FLOAT_LIMBS = ENG_FLOAT_WORDS + 3 };

typedef struct eng_float_part {
    unsigned __int128 add; /* modulo 2^128, as all arithmetic on limbs */
    uint32_t limb;
} eng_float_part;

#define ENG_NOT_A_NUMBER INT64_C(0x7FF8000000000000)

/* kd_float_value and kd_value_float, in place. */
static inline kd_value eng_float_value(double d) {
    kd_value v;
    memcpy(&v, &d, sizeof v);
    return d != d ? ENG_NOT_A_NUMBER : d == 0 ? 0 : v;
}
static inline double eng_value_float(kd_value v) {
    double d;
    memcpy(&d, &v, sizeof d);
    return d;
}

/* What `count` copies of a float add to which limbs; at most two. Returns how many. */
unsigned eng_float_parts(kd_value v, int64_t count, eng_float_part parts[2]);

/* The sum of all limbs, rounded once (ties to even), divided by `count` when that is above 1.
 * A sum beyond the largest double is infinite; its mean need not be. */
kd_value eng_float_sum(const unsigned __int128 limbs[ENG_FLOAT_LIMBS], int64_t count);

/* A bijection that takes the order of floats (NaN above all) to that of integers; its own inverse. */
static inline kd_value eng_float_order(kd_value v) {
    return v < 0 ? v ^ INT64_MAX : v;
}

#endif

/* floats.c: binary64 as values, and their exact sums. */
#include "engine/floats.h"

#define INFINITE     INT64_C(0x7FF0000000000000)
#define HIDDEN_BIT   (UINT64_C(1) << 52)
#define EXPONENT_MAX 2047 /* of infinities and NaN */
#define LOWEST_BIT   1074 /* the smallest double is 2^-1074 */

kd_value kd_float_value(double d) {
    return eng_float_value(d);
}

double kd_value_float(kd_value v) {
    return eng_value_float(v);
}

unsigned eng_float_parts(kd_value v, int64_t count, eng_float_part parts[2]) {
    uint64_t bits = (uint64_t)v, mantissa = bits & (HIDDEN_BIT - 1);
    unsigned exponent = (unsigned)(bits >> 52) & EXPONENT_MAX;
    unsigned __int128 times = (unsigned __int128)(__int128)count;
    if (exponent == EXPONENT_MAX) {
        parts[0] = (eng_float_part){times, ENG_FLOAT_WORDS + (mantissa ? 2u : (unsigned)(bits >> 63))};
        return 1;
    }
    if (exponent) mantissa |= HIDDEN_BIT;
    if (v < 0) times = -times;
    unsigned place = exponent ? exponent - 1 : 0, word = place / 64, shift = place % 64;
    uint64_t low = mantissa << shift, high = shift ? mantissa >> (64 - shift) : 0;
    unsigned n = 0;
    if (low) parts[n++] = (eng_float_part){times * low, word};
    if (high) parts[n++] = (eng_float_part){times * high, word + 1};
    return n;
}

/* ---- Reading a sum --------------------------------------------------------------------------------------*/

enum { WIDE = ENG_FLOAT_WORDS + 1 }; /* a word more for what a great many rows make */

/* Hands the carries on; true when the sum is below zero, and then the words are those of its opposite. */
static bool carry_out(const unsigned __int128 *limbs, uint64_t *words) {
    __int128 carry = 0;
    for (unsigned i = 0; i < ENG_FLOAT_WORDS; i++) {
        carry = (__int128)(limbs[i] + (unsigned __int128)carry);
        words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    words[ENG_FLOAT_WORDS] = (uint64_t)carry;
    if (carry >= 0) return false;
    bool one = true;
    for (unsigned i = 0; i < WIDE; i++) {
        words[i] = ~words[i] + one;
        one = one && words[i] == 0;
    }
    return true;
}

static bool bit_at(const uint64_t *words, unsigned bit) {
    return words[bit / 64] >> bit % 64 & 1;
}

/* Is any bit below that one set? */
static bool any_below(const uint64_t *words, unsigned bit) {
    for (unsigned i = 0; i < bit / 64; i++)
        if (words[i]) return true;
    return (words[bit / 64] & ((UINT64_C(1) << bit % 64) - 1)) != 0;
}

/* The 53 leading bits (fewer of a number that small), rounded, as mantissa << place. */
static uint64_t leading(const uint64_t *words, unsigned *place) {
    unsigned top = WIDE;
    *place = 0;
    while (top > 0 && !words[top - 1]) top--;
    if (!top) return 0;
    unsigned highest = top * 64 - 1 - (unsigned)__builtin_clzll(words[top - 1]);
    if (highest <= 52) return words[0];
    *place = highest - 52;
    unsigned w = *place / 64, shift = *place % 64;
    uint64_t m = words[w] >> shift;
    if (shift && w + 1 < WIDE) m |= words[w + 1] << (64 - shift);
    m &= (HIDDEN_BIT << 1) - 1;
    if (!bit_at(words, *place - 1) || (!any_below(words, *place - 1) && !(m & 1))) return m;
    if (++m < HIDDEN_BIT << 1) return m;
    ++*place;
    return HIDDEN_BIT;
}

static double power_of_two(int exponent) { /* a normal number */
    return kd_value_float((kd_value)(exponent + 1023) << 52);
}

/* mantissa * 2^(place - 1074) / count. Two multiplications, as one factor may be too great or small. */
static double scaled(uint64_t mantissa, unsigned place, int64_t count) {
    double d = (double)mantissa / (double)count;
    int exponent = (int)place - LOWEST_BIT, half = exponent / 2;
    return d * power_of_two(half) * power_of_two(exponent - half);
}

static double sum_of(const unsigned __int128 *limbs, int64_t count) {
    uint64_t words[WIDE];
    unsigned place;
    bool below = carry_out(limbs, words);
    uint64_t mantissa = leading(words, &place);
    double d = scaled(mantissa, place, count > 1 ? count : 1);
    return below ? -d : d;
}

kd_value eng_float_sum(const unsigned __int128 limbs[ENG_FLOAT_LIMBS], int64_t count) {
    bool plus = limbs[ENG_FLOAT_WORDS] != 0, minus = limbs[ENG_FLOAT_WORDS + 1] != 0;
    if (limbs[ENG_FLOAT_WORDS + 2] != 0 || (plus && minus)) return ENG_NOT_A_NUMBER;
    if (plus || minus) return plus ? INFINITE : INFINITE | INT64_MIN;
    return kd_float_value(sum_of(limbs, count));
}

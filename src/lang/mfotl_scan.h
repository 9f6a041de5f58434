/* mfotl_scan.h: finding the ends of words, quotes and digits in a log, eight or sixteen bytes at a time.
 *
 * A log is mostly words of a few bytes: what costs there is not the bytes but the branches that guess wrongly
 * where a word ends. So each end is computed from a whole machine word at once:
 *
 *      bytes     7 3 2 9 2 ) _ B           loaded as one word, lowest byte first
 *      digits?   1 1 1 1 1 0 0 0           ─▶ count the trailing ones ─▶ 5 digits, value by three multiplications
 *
 * All of these need `MF_MARGIN` readable bytes at p; whoever calls keeps to that and takes the byte-wise way
 * near the end of its bytes. */
#ifndef LANG_MFOTL_SCAN_H
#define LANG_MFOTL_SCAN_H

#include "base/mix.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MF_MARGIN 96

/* Letters, digits and _ [ ] / : - . ! */
static inline bool mf_is_word(unsigned char c) {
    static const uint32_t set[8] = {0, 0x07ffe002, 0xaffffffe, 0x07fffffe, 0, 0, 0, 0};
    return set[c >> 5] >> (c & 31) & 1;
}

static inline bool mf_is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

#define MF_ONES  UINT64_C(0x0101010101010101)
#define MF_HIGHS UINT64_C(0x8080808080808080)

/* The high bit of each byte that is zero, exact up to and including the first one. */
static inline uint64_t mf_zero_bytes(uint64_t w) {
    return (w - MF_ONES) & ~w & MF_HIGHS;
}

/* The high bit of each byte that is no digit; exact for all. */
static inline uint64_t mf_not_digits(uint64_t w) {
    uint64_t x = w ^ (MF_ONES * '0'); /* a digit is 0 to 9 now */
    return (((x & ~MF_HIGHS) + MF_ONES * (0x80 - 10)) | x) & MF_HIGHS;
}

/* The same of a word that was xored with the digits 0, in two steps less; exact up to the first one. */
static inline uint64_t mf_first_no_digit(uint64_t x) {
    return ((x + MF_ONES * (0x80 - 10)) | x) & MF_HIGHS;
}

/* The number that n (1 to 8) digits are, of which the first is the lowest byte of w. */
static inline uint64_t mf_digits_value(uint64_t w, unsigned n) {
    w = (w & (MF_ONES * 0x0f)) << (64 - 8 * n); /* the rest becomes leading zeros */
    w = w * 2561 >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    w = w * 6553601 >> 16 & UINT64_C(0x0000ffff0000ffff);
    return w * UINT64_C(42949672960001) >> 32;
}

/* The digits behind eight that are there already, up to 16 in all; NULL for more. */
static inline const char *mf_scan_more_digits(const char *p, uint64_t *value) {
    static const uint32_t powers[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t w = kd_load8(p), not_digits = mf_not_digits(w);
    if (!not_digits) return NULL;
    unsigned n = (unsigned)__builtin_ctzll(not_digits) >> 3;
    if (n) *value = *value * powers[n] + mf_digits_value(w, n);
    return p + n;
}

/* Behind an integer of at most 16 digits at p, or NULL when there is none or a longer one. */
static inline __attribute__((always_inline)) const char *mf_scan_int(const char *p, int64_t *out) {
    int64_t minus = -(int64_t)(*p == '-');
    p -= minus;
    uint64_t w = kd_load8(p), not_digits = mf_not_digits(w), value;
    if (__builtin_expect(not_digits != 0, 1)) {
        unsigned n = (unsigned)__builtin_ctzll(not_digits) >> 3;
        if (n == 0) return NULL;
        value = mf_digits_value(w, n);
        p += n;
    } else {
        value = mf_digits_value(w, 8);
        p = mf_scan_more_digits(p + 8, &value);
        if (!p) return NULL;
    }
    *out = ((int64_t)value ^ minus) - minus;
    return p;
}

/* The same for what logs are full of: a number of at most seven digits, without a sign. What comes behind waits
 * for nothing but where it ends; what is seldom there (a blank, a minus) is left to a branch that is guessed
 * right. *odd: it is something else, and nothing was done. */
static inline __attribute__((always_inline)) const char *mf_scan_plain_int(const char *p, int64_t *out,
                                                                           bool *odd) {
    uint64_t x = kd_load8(p) ^ MF_ONES * '0', end = mf_first_no_digit(x);
    unsigned bits = end ? (unsigned)__builtin_ctzll(end) - 7 : 0; /* eight for each digit */
    *odd = bits == 0;
    x <<= (64 - bits) & 63; /* what is behind the digits falls out, leading zeros come in */
    x = x * 2561 >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    x = x * 6553601 >> 16 & UINT64_C(0x0000ffff0000ffff);
    *out = (int64_t)(x * UINT64_C(42949672960001) >> 32);
    return p + (bits >> 3);
}

/* The same of a time stamp, 8 to 15 digits as often as not: where it ends is found at once. */
static inline __attribute__((always_inline)) const char *mf_scan_stamp(const char *p, int64_t *out) {
#ifdef __SSE2__
    __m128i x = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
    unsigned digits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(9)), x));
    unsigned n = (unsigned)__builtin_ctz(~digits);
    if (__builtin_expect(n > 0 && n < 16, 1)) {
        uint64_t value = mf_digits_value(kd_load8(p), n > 8 ? n - 8 : n);
        if (n > 8) value = value * 100000000 + mf_digits_value(kd_load8(p + n - 8), 8);
        *out = (int64_t)value;
        return p + n;
    }
#endif
    return mf_scan_int(p, out);
}

#ifdef __SSE2__
static inline __m128i mf_load16(const char *p) {
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* -1 in each of the 16 bytes at p that is c. */
static inline __m128i mf_equal16(const char *p, char c) {
    return _mm_cmpeq_epi8(mf_load16(p), _mm_set1_epi8(c));
}

/* Do the bytes whose mask is ones equal those of the key? */
static inline bool mf_same16(__m128i bytes, const void *mask, const void *key) {
    __m128i masked = _mm_and_si128(bytes, _mm_load_si128(mask));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(masked, _mm_load_si128(key))) == 0xffff;
}

/* Which of the 16 bytes at p are no digits, and ones for all behind. */
static inline unsigned mf_scan_no_digits(const char *p) {
    __m128i x = _mm_sub_epi8(mf_load16(p), _mm_set1_epi8('0'));
    return ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(9)), x));
}

/* Where the first `)` is in `front` and the 16 bytes behind it at `rest`; more than 32 when there is none. */
static inline unsigned mf_scan_close(__m128i front, const char *rest) {
    __m128i close = _mm_set1_epi8(')');
    unsigned low = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(front, close));
    unsigned high = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(mf_load16(rest), close));
    return (unsigned)__builtin_ctzll((uint64_t)(low | high << 16) | UINT64_C(1) << 63);
}

/* Two numbers of n and m (0 to 8) digits that end before p and q, side by side. Eight bytes are read before p and q each; of those before the digits nothing is
 * left. The digits are then added up in pairs, these in pairs, and these again (after Mula, "Parsing
 * series of integers with SIMD", 2018). */
static inline __m128i mf_read_pair(const char *p, unsigned n, const char *q, unsigned m) {
#define F UINT64_C(0x0f0f0f0f0f0f0f0f)
    static const uint64_t digits[9] = {0, F << 56, F << 48, F << 40, F << 32, F << 24, F << 16, F << 8, F};
#undef F
    __m128i x =
        _mm_unpacklo_epi64(_mm_loadl_epi64((const void *)(p - 8)), _mm_loadl_epi64((const void *)(q - 8)));
    x = _mm_and_si128(x, _mm_unpacklo_epi64(_mm_loadl_epi64((const void *)(digits + n)),
                                            _mm_loadl_epi64((const void *)(digits + m))));
    x = _mm_srli_epi16(_mm_mullo_epi16(x, _mm_set1_epi16(2561)), 8);
    x = _mm_madd_epi16(x, _mm_set1_epi32(100 | 1 << 16));
    x = _mm_madd_epi16(_mm_packs_epi32(x, _mm_setzero_si128()), _mm_set1_epi32(10000 | 1 << 16));
    return _mm_unpacklo_epi32(x, _mm_setzero_si128());
}

/* Both into row[0] and row[1], or the other way round. */
static inline void mf_put_pair(int64_t *row, __m128i pair, bool swapped) {
    if (swapped) pair = _mm_shuffle_epi32(pair, _MM_SHUFFLE(1, 0, 3, 2));
    _mm_storeu_si128((__m128i *)(void *)row, pair);
}
#endif

#ifdef __SSE2__
/* Which bytes are of a word: letters, - . / 0 to 9 :, the three that differ from _ in bits 1 and 2 alone
 * (and Y, a letter), and !. Unsigned c - a <= span is told as min(c - a, span) == c - a. */
static inline __m128i mf_words16(__m128i v) {
    __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('-'));
    __m128i in = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter),
                              _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(':' - '-')), digit));
    in = _mm_or_si128(in, _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(6)), _mm_set1_epi8('_')));
    return _mm_or_si128(in, _mm_cmpeq_epi8(v, _mm_set1_epi8('!')));
}

/* Bytes at p, which is outside of quotes, a bit for each. */
typedef struct mf_marks {
    uint64_t quotes, inside; /* inside: from a quote that begins a text up to before the one that ends it */
    uint64_t ends;           /* outside of texts, and of no word */
    bool escapes;            /* there is a backslash: nothing of this is to be relied on */
} mf_marks;

/* `span` is 32 or 64: how many bytes; all behind are ends of nothing. */
static inline __attribute__((always_inline)) mf_marks mf_scan_marks(const char *p, unsigned span) {
    uint64_t words = 0, quotes = 0;
    __m128i escapes = _mm_setzero_si128();
    for (unsigned i = 0; i < span; i += 16) {
        __m128i v = mf_load16(p + i);
        words |= (uint64_t)(unsigned)_mm_movemask_epi8(mf_words16(v)) << i;
        quotes |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('"'))) << i;
        escapes = _mm_or_si128(escapes, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    }
    uint64_t inside = quotes; /* each bit: how many quotes there are up to it, whether even or odd */
    for (unsigned i = 1; i < span; i *= 2) inside ^= inside << i;
    uint64_t ends = ~(words | quotes | inside) & (span < 64 ? (UINT64_C(1) << (span & 63)) - 1 : UINT64_MAX);
    return (mf_marks){quotes, inside, ends, _mm_movemask_epi8(escapes) != 0};
}
#endif

/* The first byte from p that is none of a word; NULL when there is none before `limit`, up to which (and
 * MF_MARGIN beyond) is readable. */
static inline const char *mf_scan_word(const char *p, const char *limit) {
#ifdef __SSE2__
    for (; p < limit; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned out = ~(unsigned)_mm_movemask_epi8(mf_words16(v)) & 0xffff;
        if (out) return p + __builtin_ctz(out);
    }
#else
    for (; p < limit; p++) {
        if (!mf_is_word((unsigned char)*p)) return p;
    }
#endif
    return NULL;
}

/* The first quote or backslash in the 16 bytes from p on, or what is behind these. */
static inline const char *mf_scan_near_quote(const char *p) {
#ifdef __SSE2__
    __m128i hit = _mm_or_si128(mf_equal16(p, '"'), mf_equal16(p, '\\'));
    return p + __builtin_ctz((unsigned)_mm_movemask_epi8(hit) | 1 << 16);
#else
    const char *end = p + 16;
    while (p < end && *p != '"' && *p != '\\') p++;
    return p;
#endif
}

/* The first quote or backslash from p; NULL as above. */
static inline const char *mf_scan_quote(const char *p, const char *limit) {
#ifdef __SSE2__
    for (; p < limit; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit =
            _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        unsigned out = (unsigned)_mm_movemask_epi8(hit);
        if (out) return p + __builtin_ctz(out);
    }
#else
    for (; p < limit; p += 8) {
        uint64_t w = kd_load8(p);
        uint64_t hit = mf_zero_bytes(w ^ MF_ONES * '"') | mf_zero_bytes(w ^ MF_ONES * '\\');
        if (hit) return p + (__builtin_ctzll(hit) >> 3);
    }
#endif
    return NULL;
}

#endif

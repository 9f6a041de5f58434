/* mfotl_number.h: numbers in outside text, whatever the locale. */
#ifndef LANG_MFOTL_NUMBER_H
#define LANG_MFOTL_NUMBER_H

#include <kadesh/base.h>

typedef enum mf_numeral {
    MF_NUMERAL,     /* a number, and here it is */
    MF_NO_NUMERAL,  /* not a number */
    MF_HUGE_NUMERAL /* a number that does not fit: an integer that is not between -(2^63-1) and 2^63-1 */
} mf_numeral;

/* `-?digits`, whole. INT64_MIN does not fit: it is KD_ABSENT. */
mf_numeral mf_read_int(kd_str s, int64_t *out);
/* What strtod takes in decimal, whole and without blanks: also inf, infinity and nan. Rounded to nearest. */
mf_numeral mf_read_float(kd_str s, double *out);
/* As "%.*g" in the C locale; `out` has room for 40 bytes. Returns the length. */
#define MF_FLOAT_BYTES 40
size_t mf_write_float(char out[MF_FLOAT_BYTES], int digits, double d);

#endif

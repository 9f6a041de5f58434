/* random_mfotl.h: random formulas and logs of metric first-order temporal logic, by seed. */
#ifndef RANDOM_MFOTL_H
#define RANDOM_MFOTL_H

#include <kadesh/base.h>

typedef struct rm_pair {
    kd_str sig, formula, log;
    bool negate, no_last_point;
    bool inside; /* by construction in the fragment that can be monitored: a refusal is a fault */
} rm_pair;

/* The same seed gives the same pair, all in the arena; running out of memory ends the test. */
void rm_make(kd_arena *a, uint64_t seed, rm_pair *out);
/* The same of a conjunction of relations that share variables, most often in a cycle. */
void rm_make_join(kd_arena *a, uint64_t seed, rm_pair *out);

/* The generator's own numbers, for tests that need more of them. */
typedef struct rm_dice {
    uint64_t state;
} rm_dice;
unsigned rm_below(rm_dice *d, unsigned n); /* 0 .. n-1 */
bool rm_chance(rm_dice *d, unsigned percent);

/* A log of at most `most` time points over the signature of rm_make. */
kd_str rm_log(kd_arena *a, rm_dice *d, unsigned most, unsigned style);
enum { RM_STYLES = 5 };
kd_str rm_signature(void);

#endif

/* hash.c: a fast hash of bytes for tables in memory; it proves nothing to anybody. */
#include "base/mix.h"
#include <kadesh/base.h>

static const uint64_t k0 = 0xa0761d6478bd642full, k1 = 0xe7037ed1a0b428dbull, k2 = 0x8ebc6af09c88c6e3ull;

/* Up to eight bytes, lowest first, whatever the machine's order: equal everywhere, so that traces are too. Two
 * reads that may overlap cost less than a loop whose end nobody can guess. */
static inline uint64_t load(const unsigned char *p, size_t n) {
    if (n >= 4) return kd_load4(p) | (uint64_t)kd_load4(p + n - 4) << 8 * (n - 4);
    if (n == 0) return 0;
    return p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
}

uint64_t kd_hash(const void *bytes, size_t n, uint64_t seed) {
    const unsigned char *p = bytes;
    uint64_t state = seed ^ kd_mix(seed ^ k0, k1);
    size_t left = n;
    for (; left > 16; left -= 16, p += 16) state = kd_mix(kd_load8(p) ^ k1, kd_load8(p + 8) ^ state);
    uint64_t a = load(p, left < 8 ? left : 8);
    uint64_t b = left > 8 ? load(p + 8, left - 8) : 0;
    return kd_mix(k1 ^ (uint64_t)n, kd_mix(a ^ k2, b ^ state));
}

/* Two chains at once, so that a product waits for the one before the last alone; the last 16 bytes may have been
 * in a step before. */
uint64_t kd_hash_text(kd_str text) {
    if (text.n <= 16) return kd_hash(text.p, text.n, 0);
    const unsigned char *p = (const unsigned char *)text.p, *end = p + text.n;
    uint64_t a = k0, b = k1 ^ (uint64_t)text.n;
    for (; end - p > 32; p += 32) {
        a = kd_mix(kd_load8(p) ^ k1, kd_load8(p + 8) ^ a);
        b = kd_mix(kd_load8(p + 16) ^ k2, kd_load8(p + 24) ^ b);
    }
    if (end - p > 16) a = kd_mix(kd_load8(p) ^ k1, kd_load8(p + 8) ^ a);
    b = kd_mix(kd_load8(end - 16) ^ k2, kd_load8(end - 8) ^ b);
    return kd_mix(a ^ k2, b ^ k0);
}

/* hash.c: a fast hash of bytes for tables in memory; it proves nothing to anybody. */
#include <kadesh/base.h>

/* The mixing of wyhash (Wang Yi, public domain): the two halves of a 128-bit product, folded. */
static inline uint64_t mix(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t ll = al * bl, lh = al * bh, hl = ah * bl, hh = ah * bh;
    uint64_t middle = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;
    return ((middle << 32) | (uint32_t)ll) ^ (hh + (lh >> 32) + (hl >> 32) + (middle >> 32));
#endif
}

static inline uint32_t load4(const unsigned char *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Up to eight bytes, lowest first, whatever the machine's order: equal everywhere, so that traces are too. Two
 * reads that may overlap cost less than a loop whose end nobody can guess. */
static inline uint64_t load(const unsigned char *p, size_t n) {
    if (n >= 4) return load4(p) | (uint64_t)load4(p + n - 4) << 8 * (n - 4);
    if (n == 0) return 0;
    return p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
}

uint64_t kd_hash(const void *bytes, size_t n, uint64_t seed) {
    static const uint64_t k0 = 0xa0761d6478bd642full, k1 = 0xe7037ed1a0b428dbull, k2 = 0x8ebc6af09c88c6e3ull;
    const unsigned char *p = bytes;
    uint64_t state = seed ^ mix(seed ^ k0, k1);
    size_t left = n;
    for (; left > 16; left -= 16, p += 16) state = mix(load(p, 8) ^ k1, load(p + 8, 8) ^ state);
    uint64_t a = load(p, left < 8 ? left : 8);
    uint64_t b = left > 8 ? load(p + 8, left - 8) : 0;
    return mix(k1 ^ (uint64_t)n, mix(a ^ k2, b ^ state));
}

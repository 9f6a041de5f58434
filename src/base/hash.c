/* hash.c: a fast hash of bytes for tables in memory; it proves nothing to anybody. */
#include <kadesh/base.h>

/* The mixing of wyhash (Wang Yi, public domain): the two halves of a 128-bit product, folded. */
static uint64_t mix(uint64_t a, uint64_t b) {
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

/* Up to eight bytes, lowest first, whatever the machine's order: equal everywhere, so that traces are too. */
static uint64_t load(const unsigned char *p, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value |= (uint64_t)p[i] << (8 * i);
    return value;
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

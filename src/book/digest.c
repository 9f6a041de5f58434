/* digest.c: a SHA-256 value: comparing and reading it. */
#include <kadesh/book.h>
#include <string.h>

const kd_digest kd_empty_root = {{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                  0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                  0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}};

bool kd_digest_equal(const kd_digest *a, const kd_digest *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool kd_digest_parse(kd_str s, kd_digest *out) {
    return kd_base64_decode(s, out->b, sizeof out->b) == (long)sizeof out->b;
}

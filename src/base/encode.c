/* encode.c: numbers and bytes as text: decimal, base64, hex. Each value has one spelling; every other is
 * refused. */
#include <kadesh/base.h>

bool kd_decimal(kd_str s, int64_t *out) {
    if (s.n == 0 || (s.n > 1 && s.p[0] == '0')) return false;
    int64_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        int digit = s.p[i] - '0';
        if (value > (INT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* The six bits of a base64 letter, or -1. */
static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

long kd_base64_decode(kd_str s, unsigned char *out, size_t room) {
    if (s.n % 4) return -1;
    if (s.n == 0) return 0;
    size_t padding = s.p[s.n - 1] != '=' ? 0 : s.p[s.n - 2] != '=' ? 1 : 2;
    size_t letters = s.n - padding, length = s.n / 4 * 3 - padding;
    if (length > room || length > INT32_MAX) return -1;
    uint32_t bits = 0;
    size_t put = 0;
    for (size_t i = 0; i < letters; i++) {
        int v = sextet(s.p[i]);
        if (v < 0) return -1;
        bits = bits << 6 | (uint32_t)v;
        if (i % 4 == 0) continue;
        /* After the 2nd, 3rd and 4th letter a byte is whole, with 4, 2 and 0 bits left over. */
        out[put++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    uint32_t trailing = padding == 0 ? 0 : bits & (padding == 1 ? 0x3u : 0xFu);
    return trailing ? -1 : (long)put;
}

void kd_base64_put(kd_text *t, const void *bytes, size_t n) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t bits = (uint32_t)p[i] << 16;
        if (left > 1) bits |= (uint32_t)p[i + 1] << 8;
        if (left > 2) bits |= p[i + 2];
        char quad[4] = {letters[bits >> 18], letters[bits >> 12 & 63], '=', '='};
        if (left > 1) quad[2] = letters[bits >> 6 & 63];
        if (left > 2) quad[3] = letters[bits & 63];
        kd_text_put(t, (kd_str){quad, 4});
    }
}

static int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool kd_hex_decode(kd_str s, unsigned char *out, size_t n) {
    if (n > SIZE_MAX / 2 || s.n != 2 * n) return false;
    for (size_t i = 0; i < n; i++) {
        int high = nibble(s.p[2 * i]), low = nibble(s.p[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

void kd_hex_put(kd_text *t, const void *bytes, size_t n) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        char pair[2] = {digits[p[i] >> 4], digits[p[i] & 15]};
        kd_text_put(t, (kd_str){pair, 2});
    }
}

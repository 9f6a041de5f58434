/* utf8.c: UTF-8 as RFC 3629 has it, and how wide it is on a terminal. */
#include <kadesh/base.h>

static bool is_tail(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

unsigned kd_utf8_next(const char *p, size_t n, uint32_t *code_point) {
    if (n == 0) return 0;
    unsigned char first = (unsigned char)p[0];
    unsigned length = first < 0x80   ? 1
                      : first < 0xC2 ? 0
                      : first < 0xE0 ? 2
                      : first < 0xF0 ? 3
                      : first < 0xF5 ? 4
                                     : 0;
    if (length == 0 || length > n) return 0;
    /* A first byte of `length` has 7 - length bits of its own (7 when alone). */
    uint32_t value = length == 1 ? first : first & (0x7Fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if (!is_tail(p[i])) return 0;
        value = value << 6 | ((unsigned char)p[i] & 0x3Fu);
    }
    bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF) return 0;
    if (code_point) *code_point = value;
    return length;
}

size_t kd_utf8_check(kd_str s) {
    size_t i = 0;
    while (i < s.n) {
        unsigned length = kd_utf8_next(s.p + i, s.n - i, NULL);
        if (length == 0) break;
        i += length;
    }
    return i;
}

/* Code points that take no column: combining marks of the scripts in use, zero-width joiners, variation
 * selectors. From Unicode 15, general categories Mn and Me, ranges that touch joined. */
static const struct {
    uint32_t first, last;
} no_width[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF},   {0x05C1, 0x05C2},
    {0x05C4, 0x05C5}, {0x05C7, 0x05C7}, {0x0610, 0x061A}, {0x064B, 0x065F},   {0x0670, 0x0670},
    {0x06D6, 0x06DC}, {0x06DF, 0x06E4}, {0x06E7, 0x06E8}, {0x06EA, 0x06ED},   {0x0900, 0x0902},
    {0x093A, 0x093A}, {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},   {0x0951, 0x0957},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1ACE},   {0x1DC0, 0x1DFF},
    {0x200B, 0x200F}, {0x2060, 0x2064}, {0x20D0, 0x20F0}, {0x302A, 0x302D},   {0x3099, 0x309A},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};

static bool takes_column(uint32_t point) {
    if (point < 0x300) return true;
    for (size_t i = 0; i < sizeof no_width / sizeof no_width[0]; i++)
        if (point <= no_width[i].last) return point < no_width[i].first;
    return true;
}

size_t kd_utf8_width(kd_str s) {
    size_t width = 0;
    for (size_t i = 0; i < s.n;) {
        uint32_t point = 0;
        unsigned length = kd_utf8_next(s.p + i, s.n - i, &point);
        if (length == 0 || takes_column(point)) width++;
        i += length ? length : 1;
    }
    return width;
}

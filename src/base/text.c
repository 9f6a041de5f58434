/* text.c: text that grows. */
#include <kadesh/base.h>
#include <stdio.h>
#include <string.h>

void kd_text_open(kd_text *t, const kd_allocator *from) {
    *t = (kd_text){.from = from ? from : &kd_allocator_libc};
}

void kd_text_close(kd_text *t) {
    if (t->p) t->from->resize(t->from->ctx, t->p, t->room, 0);
    t->p = NULL;
    t->n = t->room = 0;
}

void kd_text_clear(kd_text *t) {
    t->n = 0;
    if (t->p) t->p[0] = 0;
    t->failed = false;
}

static bool grow(kd_text *t, size_t n) {
    if (t->failed) return false;
    size_t wanted = 64;
    if (n > SIZE_MAX / 2 || t->n > SIZE_MAX / 4) goto none;
    if (t->room > wanted / 2) wanted = t->room * 2;
    if (wanted < t->n + n + 1) wanted = t->n + n + 1;
    char *p = t->from->resize(t->from->ctx, t->p, t->room, wanted);
    if (!p) goto none;
    t->p = p;
    t->room = wanted;
    return true;
none:
    t->failed = true;
    return false;
}

/* Makes room for n more bytes and the NUL; false (and `failed`) when there is none. */
static inline bool reserve(kd_text *t, size_t n) {
    return (!t->failed && t->room > t->n && n < t->room - t->n) || grow(t, n);
}

void kd_text_put(kd_text *t, kd_str s) {
    if (!reserve(t, s.n)) return;
    if (s.n) memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
    t->p[t->n] = 0;
}

void kd_text_puts(kd_text *t, const char *z) {
    kd_text_put(t, kd_str_of(z));
}

void kd_text_putc(kd_text *t, char c) {
    if (!reserve(t, 1)) return;
    t->p[t->n++] = c;
    t->p[t->n] = 0;
}

/* Two digits a division, from the last ones on; as many bytes are copied as fit into a few machine words. */
void kd_text_int(kd_text *t, int64_t v) {
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    enum { DIGITS = 24 };
    char digits[2 * DIGITS] = {0};
    size_t at = DIGITS;
    uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
    for (; left >= 100; left /= 100) memcpy(digits + (at -= 2), pairs + left % 100 * 2, 2);
    if (left >= 10) {
        memcpy(digits + (at -= 2), pairs + left * 2, 2);
    } else {
        digits[--at] = (char)('0' + left);
    }
    if (v < 0) digits[--at] = '-';
    if (!reserve(t, DIGITS)) return;
    memcpy(t->p + t->n, digits + at, DIGITS);
    t->n += DIGITS - at;
    t->p[t->n] = 0;
}

void kd_text_printf(kd_text *t, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) {
        t->failed = true;
    } else if (reserve(t, (size_t)n)) {
        vsnprintf(t->p + t->n, (size_t)n + 1, format, again);
        t->n += (size_t)n;
    }
    va_end(again);
}

void kd_text_repeat(kd_text *t, char c, size_t times) {
    if (!reserve(t, times)) return;
    memset(t->p + t->n, c, times);
    t->n += times;
    t->p[t->n] = 0;
}

kd_str kd_text_str(const kd_text *t) {
    return t->p ? (kd_str){t->p, t->n} : (kd_str){"", 0};
}

/* The short escape of a byte in JSON, or 0. */
static char json_escape(char c) {
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

void kd_text_json(kd_text *t, kd_str s) {
    kd_text_putc(t, '"');
    for (size_t i = 0; i < s.n;) {
        uint32_t point;
        unsigned length = kd_utf8_next(s.p + i, s.n - i, &point);
        char escape = json_escape(s.p[i]);
        if (length == 0) {
            kd_text_puts(t, "\xEF\xBF\xBD");
            length = 1;
        } else if (escape) {
            char pair[2] = {'\\', escape};
            kd_text_put(t, (kd_str){pair, 2});
        } else if (point < 0x20 || point == 0x7F || point == 0x2028 || point == 0x2029) {
            kd_text_printf(t, "\\u%04x", (unsigned)point);
        } else {
            kd_text_put(t, (kd_str){s.p + i, length});
        }
        i += length;
    }
    kd_text_putc(t, '"');
}

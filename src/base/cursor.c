/* cursor.c: reading outside bytes without running past their end. */
#include <kadesh/base.h>
#include <string.h>

kd_cursor kd_cursor_of(const void *bytes, size_t n) {
    static const unsigned char nothing[1];
    const unsigned char *p = bytes ? bytes : nothing;
    return (kd_cursor){p, p + (bytes ? n : 0), false};
}

size_t kd_cursor_left(const kd_cursor *c) {
    return c->short_read ? 0 : (size_t)(c->end - c->p);
}

/* The next n bytes, or NULL when they are not there. */
static const unsigned char *advance(kd_cursor *c, size_t n) {
    if (kd_cursor_left(c) < n || c->short_read) {
        c->short_read = true;
        return NULL;
    }
    const unsigned char *p = c->p;
    c->p += n;
    return p;
}

static uint64_t big_endian(kd_cursor *c, size_t n) {
    const unsigned char *p = advance(c, n);
    uint64_t value = 0;
    for (size_t i = 0; p && i < n; i++) value = value << 8 | p[i];
    return value;
}

uint16_t kd_cursor_u16(kd_cursor *c) {
    return (uint16_t)big_endian(c, 2);
}

uint32_t kd_cursor_u32(kd_cursor *c) {
    return (uint32_t)big_endian(c, 4);
}

uint64_t kd_cursor_u64(kd_cursor *c) {
    return big_endian(c, 8);
}

kd_str kd_cursor_bytes(kd_cursor *c, size_t n) {
    const unsigned char *p = advance(c, n);
    return p ? (kd_str){(const char *)p, n} : (kd_str){"", 0};
}

bool kd_cursor_line(kd_cursor *c, kd_str *line) {
    size_t left = kd_cursor_left(c);
    const unsigned char *lf = left ? memchr(c->p, '\n', left) : NULL;
    if (!lf) {
        *line = (kd_str){"", 0};
        return false;
    }
    *line = (kd_str){(const char *)c->p, (size_t)(lf - c->p)};
    c->p = lf + 1;
    return true;
}

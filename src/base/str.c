/* str.c: views of bytes: comparing, trimming, and how near one name is to another. */
#include <kadesh/base.h>
#include <string.h>

kd_str kd_str_of(const char *z) {
    return z ? (kd_str){z, strlen(z)} : (kd_str){"", 0};
}

bool kd_str_equal(kd_str a, kd_str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool kd_str_is(kd_str a, const char *z) {
    return kd_str_equal(a, kd_str_of(z));
}

bool kd_str_starts(kd_str a, const char *z) {
    size_t n = strlen(z);
    return a.n >= n && (n == 0 || memcmp(a.p, z, n) == 0);
}

int kd_str_order(kd_str a, kd_str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order) return order;
    return a.n < b.n ? -1 : a.n > b.n;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

kd_str kd_str_trim(kd_str s) {
    while (s.n && is_blank(s.p[0])) s.p++, s.n--;
    while (s.n && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

/* Names longer than this are never near to anything: three rows of it fit the stack. */
#define NAME_MAX_BYTES 63

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned kd_str_distance(kd_str a, kd_str b, unsigned cap) {
    size_t apart = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (apart >= cap || a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES) return kd_str_equal(a, b) ? 0 : cap;
    unsigned rows[3][NAME_MAX_BYTES + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.n; j++) before[j] = last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned best = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            best = least(best, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                best = least(best, before[j - 2] + 1);
            now[j] = best;
        }
        unsigned *spare = before;
        before = last, last = now, now = spare;
    }
    return least(last[b.n], cap);
}

int kd_str_nearest(kd_str met, const kd_str *names, size_t count) {
    /* A third of the letters may differ: fewer misses real slips, more names the unrelated. */
    unsigned allowed = (unsigned)(met.n > 30 ? 10 : (met.n + 2) / 3);
    unsigned best = allowed + 1;
    int found = -1;
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        unsigned d = kd_str_distance(met, names[i], best);
        if (d < best && d < names[i].n) {
            best = d;
            found = (int)i;
        }
    }
    return found;
}

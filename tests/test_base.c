/* test_base.c: what every room stands on: the calendar against independent truth, encodings, tables,
 * running out of memory. */
#include "failing.h"
#include "kdtest.h"
#include <kadesh/base.h>
#include <stdlib.h>
#include <string.h>

static kd_str str(const char *z) {
    return kd_str_of(z);
}

/* ---- The calendar ---- */

/* Days that others have written down: Unix time of well-known dates, and the weekday that is known for
 * them (0 Sunday). */
static const struct {
    const char *date;
    int64_t day;
    unsigned weekday;
    const char *source;
} known_days[] = {
    {"1970-01-01", 0, 4, "the epoch, a Thursday"},
    {"0001-01-01", -719162, 1, "Rata Die 1, a Monday"},
    {"1582-10-15", -141427, 5, "the first Gregorian day, a Friday"},
    {"1858-11-17", -40587, 3, "Modified Julian Day 0, a Wednesday"},
    {"1900-01-01", -25567, 1, "the NTP epoch is 2208988800 s before 1970"},
    {"1969-07-20", -165, 0, "the landing on the Moon, a Sunday"},
    {"2000-01-01", 10957, 6, "946684800 s, a Saturday"},
    {"2000-02-29", 11016, 2, "a leap day of a year divisible by 400"},
    {"2001-09-09", 11574, 0, "1000000000 s, a Sunday"},
    {"2010-04-08", 14707, 4, "a Thursday"},
    {"2011-02-05", 15010, 6, "a Saturday"},
    {"2038-01-19", 24855, 2, "2147483647 s, a Tuesday"},
    {"9999-12-31", 2932896, 5, "the last day, a Friday"},
};

static void test_known_days(void) {
    for (size_t i = 0; i < sizeof known_days / sizeof known_days[0]; i++) {
        kd_day day = 0;
        bool parsed = kd_day_parse(str(known_days[i].date), &day);
        /* Day 0 was a Thursday; 719163 days before it brings all to positive numbers. */
        unsigned weekday = (unsigned)((day + 719163 * 7 + 4) % 7);
        kdtest_claim(parsed && day == known_days[i].day, "%s is day %lld (%s)", known_days[i].date,
                     (long long)known_days[i].day, known_days[i].source);
        kdtest_claim(weekday == known_days[i].weekday, "%s falls on weekday %u", known_days[i].date,
                     known_days[i].weekday);
    }
}

static bool is_leap(int year) {
    return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
}

static unsigned month_days(int year, unsigned month) {
    if (month == 2) return is_leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Walks every day from 0001-01-01 to 9999-12-31, counting as a calendar on a wall does. */
static void test_every_day(void) {
    kd_day day = -719162;
    long wrong = 0, days = 0;
    kd_text t;
    kd_text_open(&t, NULL);
    for (int year = 1; year <= 9999; year++)
        for (unsigned month = 1; month <= 12; month++)
            for (unsigned d = 1; d <= month_days(year, month); d++, day++, days++) {
                kd_civil c = kd_civil_of_day(day);
                bool right = kd_day_of(year, month, d) == day && c.year == year && c.month == month &&
                             c.day == d && c.hour == 0 && kd_civil_valid(c);
                if (right && d == 1) { /* text, once a month */
                    kd_day again = 0;
                    kd_text_clear(&t);
                    kd_day_put(&t, day);
                    right = t.n == 10 && kd_day_parse(kd_text_str(&t), &again) && again == day;
                }
                wrong += !right;
            }
    kd_text_close(&t);
    kdtest_claim(days == 3652059 && day == 2932897, "years 1 to 9999 have 3652059 days");
    kdtest_claim(wrong == 0, "every day from 0001 to 9999 goes to its date and back (%ld do not)", wrong);
}

static void test_steps(void) {
    static const struct {
        const char *from;
        int64_t months;
        const char *to;
    } rows[] = {
        {"2023-01-31", 1, "2023-02-28"},         {"2024-01-31", 1, "2024-02-29"},
        {"2023-03-31", -1, "2023-02-28"},        {"2022-09-01", 6, "2023-03-01"},
        {"2023-03-01", 6, "2023-09-01"},         {"2023-08-31", 6, "2024-02-29"},
        {"2024-02-29", 12, "2025-02-28"},        {"2024-02-29", 48, "2028-02-29"},
        {"2011-02-05", 120, "2021-02-05"},       {"2021-02-05", 60, "2026-02-05"},
        {"2023-12-31", 2, "2024-02-29"},         {"2024-01-31", -2, "2023-11-30"},
        {"2023-05-15", 0, "2023-05-15"},         {"2023-05-31", -24, "2021-05-31"},
        {"0001-01-31", -1, "0001-01-01"},        {"9999-12-01", 1, "9999-12-31"},
        {"2000-01-01", INT64_MAX, "9999-12-31"}, {"2000-01-01", INT64_MIN, "0001-01-01"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kd_day from, to;
        kd_day_parse(str(rows[i].from), &from);
        kd_day_parse(str(rows[i].to), &to);
        kdtest_claim(kd_day_add_months(from, rows[i].months) == to, "%s and %lld months is %s", rows[i].from,
                     (long long)rows[i].months, rows[i].to);
    }
    kdtest_claim(kd_day_add_years(kd_day_of(2024, 2, 29), 1) == kd_day_of(2025, 2, 28),
                 "a leap day plus a year");
    kdtest_claim(kd_day_add_years(kd_day_of(2011, 2, 5), 10) == kd_day_of(2021, 2, 5), "ten years later");
    kdtest_claim(kd_day_add_years(kd_day_of(2011, 2, 5), INT64_MAX) == kd_day_of(9999, 12, 31),
                 "no year overflows");
    kdtest_claim(kd_day_add_years(kd_day_of(2011, 2, 5), INT64_MIN) == kd_day_of(1, 1, 1),
                 "nor the other way");
}

static void test_instants(void) {
    static const struct {
        const char *text;
        kd_instant at;
    } good[] = {{"1970-01-01T00:00:00Z", 0},
                {"1969-12-31T23:59:59Z", -1},
                {"2001-09-09T01:46:40Z", 1000000000},
                {"2038-01-19T03:14:07Z", 2147483647},
                {"2022-09-01T14:02:11Z", 1662040931},
                {"0001-01-01T00:00:00Z", INT64_C(-62135596800)},
                {"9999-12-31T23:59:59Z", INT64_C(253402300799)}};
    static const char *bad[] = {"",
                                "2023-02-30",
                                "2023-02-29",
                                "2023-13-01",
                                "2023-00-01",
                                "2023-01-00",
                                "2023-1-01",
                                "0000-01-01",
                                "2023-02-28 ",
                                " 2023-02-28",
                                "2023/02/28",
                                "+023-02-28",
                                "2023-02-28T14:02:11",
                                "2023-02-28T24:00:00Z",
                                "2023-02-28T23:60:00Z",
                                "2023-02-28T23:59:60Z",
                                "2023-02-28t23:59:00Z",
                                "2023-02-28T23:59:00z",
                                "2023-02-28 23:59:00Z",
                                "2023-02-28T23:59:00+00:00",
                                "2023-04-31T00:00:00Z",
                                "10000-01-01",
                                "2023-02-28T1:02:03Z"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        kd_instant at = 1;
        kd_text t;
        kd_text_open(&t, NULL);
        bool parsed = kd_instant_parse(str(good[i].text), &at);
        kd_instant_put(&t, good[i].at);
        kdtest_claim(parsed && at == good[i].at && kd_str_is(kd_text_str(&t), good[i].text), "%s is %lld s",
                     good[i].text, (long long)good[i].at);
        kd_text_close(&t);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kd_day day;
        kd_instant at;
        kdtest_claim(!kd_day_parse(str(bad[i]), &day) && !kd_instant_parse(str(bad[i]), &at),
                     "`%s` is no time", bad[i]);
    }
    kdtest_claim(kd_instant_day(-1) == -1 && kd_instant_day(0) == 0 && kd_instant_day(86399) == 0 &&
                     kd_instant_day(86400) == 1 && kd_instant_day(-86400) == -1 &&
                     kd_instant_day(-86401) == -2,
                 "an instant falls on its day, before 1970 too");
    kdtest_claim(kd_day_begin(3) == 3 * 86400 && kd_day_end(3) == 4 * 86400 - 1, "a day begins and ends");
    kdtest_claim(kd_civil_of(INT64_MAX).year == 9999 && kd_civil_of(INT64_MIN).year == 1 &&
                     kd_day_end(INT64_MAX) == INT64_C(253402300799),
                 "what is outside of the calendar is clamped to it");
}

/* ---- Numbers and encodings ---- */

static void test_decimal(void) {
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"7", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"", false, 0},
        {"00", false, 0},
        {"9223372036854775808", false, 0},
        {"07", false, 0},
        {"+7", false, 0},
        {"18446744073709551623", false, 0},
        {"-7", false, 0},
        {" 7", false, 0},
        {"7 ", false, 0},
        {"7a", false, 0},
        {"0x7", false, 0},
        {"99999999999999999999999999", false, 0},
        {"\xD9\xA3", false, 0},
        {"1000000", true, 1000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = 0;
        bool good = kd_decimal(str(rows[i].text), &value);
        kdtest_claim(good == rows[i].good && (!good || value == rows[i].value), "decimal `%s`", rows[i].text);
    }
    int64_t value;
    kdtest_claim(!kd_decimal((kd_str){"1\0002", 3}, &value), "a zero byte does not end a number");
}

static void test_base64(void) {
    static const struct {
        const char *text, *bytes;
        long n;
    } rows[] = {
        /* RFC 4648 section 10 */
        {"", "", 0},
        {"Zg==", "f", 1},
        {"Zm8=", "fo", 2},
        {"Zm9v", "foo", 3},
        {"Zm9vYg==", "foob", 4},
        {"Zm9vYmE=", "fooba", 5},
        {"Zm9vYmFy", "foobar", 6},
        {"+/+/", "\xFB\xFF\xBF", 3},
        {"Zh==", "", -1},
        {"Zm9=", "", -1},
        {"Zg=", "", -1},
        {"Zg", "", -1},
        {"Zg===", "", -1},
        {"====", "", -1},
        {"Z===", "", -1},
        {"Zm9v Zm9v", "", -1},
        {"Zm9v\n", "", -1},
        {" Zm9v", "", -1},
        {"Zm-_", "", -1},
        {"Zg==Zg==", "", -1},
        {"Z=9v", "", -1},
        {"=m9v", "", -1},
        {"Zm9vZm9vZm9vZm9vZm9v", "", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char out[12];
        long n = kd_base64_decode(str(rows[i].text), out, sizeof out);
        kdtest_claim(n == rows[i].n && (n <= 0 || memcmp(out, rows[i].bytes, (size_t)n) == 0), "base64 `%s`",
                     rows[i].text);
        if (n < 0) continue;
        kd_text t;
        kd_text_open(&t, NULL);
        kd_base64_put(&t, rows[i].bytes, (size_t)n);
        kdtest_claim(kd_str_is(kd_text_str(&t), rows[i].text), "to base64 `%s`", rows[i].text);
        kd_text_close(&t);
    }
}

static void test_hex(void) {
    unsigned char out[2] = {0};
    kdtest_claim(kd_hex_decode(str("0aff"), out, 2) && out[0] == 0x0a && out[1] == 0xff, "hex is read");
    static const char *bad[] = {"", "0a", "0aff0", "0aff00", "0AFF", "0ag0", "0x0a", " 0af"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        kdtest_claim(!kd_hex_decode(str(bad[i]), out, 2), "`%s` is not two bytes of hex", bad[i]);
    kd_text t;
    kd_text_open(&t, NULL);
    kd_hex_put(&t, "\x00\x7f\xff", 3);
    kdtest_claim(kd_str_is(kd_text_str(&t), "007fff"), "hex is written");
    kd_text_close(&t);
}

/* ---- Text ---- */

static void test_utf8(void) {
    static const struct {
        const char *bytes;
        size_t n, valid;
        size_t width;
        const char *what;
    } rows[] = {
        {"abc", 3, 3, 3, "ASCII"},
        {"\xC3\xA9", 2, 2, 1, "e acute"},
        {"e\xCC\x81", 3, 3, 1, "e and a combining acute take one column"},
        {"\xD0\xA0\xD0\xA4", 4, 4, 2, "Cyrillic"},
        {"\xE2\x82\xAC", 3, 3, 1, "the euro sign"},
        {"\xF0\x9F\x98\x80", 4, 4, 1, "beyond the first plane"},
        {"\xF4\x8F\xBF\xBF", 4, 4, 1, "U+10FFFF"},
        {"\xF4\x90\x80\x80", 4, 0, 4, "above U+10FFFF"},
        {"\xC0\x80", 2, 0, 2, "zero, overlong"},
        {"\xC1\xBF", 2, 0, 2, "overlong in two"},
        {"\xE0\x9F\xBF", 3, 0, 3, "overlong in three"},
        {"\xF0\x8F\xBF\xBF", 4, 0, 4, "overlong in four"},
        {"\xED\xA0\x80", 3, 0, 3, "a surrogate"},
        {"\xED\x9F\xBF", 3, 3, 1, "the last before the surrogates"},
        {"\xEE\x80\x80", 3, 3, 1, "the first after the surrogates"},
        {"a\xE2\x82", 3, 1, 3, "cut short"},
        {"\x80", 1, 0, 1, "a tail alone"},
        {"\xFF", 1, 0, 1, "never in UTF-8"},
        {"a\0b", 3, 3, 3, "a zero byte is a code point"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kd_str s = {rows[i].bytes, rows[i].n};
        kdtest_claim(kd_utf8_check(s) == rows[i].valid && kd_utf8_width(s) == rows[i].width, "UTF-8: %s",
                     rows[i].what);
    }
}

static void test_text(void) {
    kd_text t;
    kd_text_open(&t, NULL);
    kdtest_claim(kd_text_str(&t).n == 0, "text begins empty");
    for (int i = 0; i < 1000; i++) kd_text_printf(&t, "%d,", i);
    kd_text_repeat(&t, '-', 3);
    kdtest_claim(t.n == 3893 && strcmp(t.p + 3885, "998,999,---") != 0 &&
                     strcmp(t.p + t.n - 11, "998,999,---") == 0,
                 "text grows");
    kd_text_clear(&t);
    kd_text_json(&t, (kd_str){"a\"\\\n\t\x01\xFF\xC3\xA9\0z", 11});
    kdtest_claim(kd_str_is(kd_text_str(&t), "\"a\\\"\\\\\\n\\t\\u0001\xEF\xBF\xBD\xC3\xA9\\u0000z\""),
                 "JSON escapes what it must: %s", t.p);
    kd_text_close(&t);
    kd_text_close(&t);
    kdtest_claim(kd_str_equal(kd_str_trim(str(" \t a b\t ")), str("a b")) && kd_str_trim(str(" ")).n == 0,
                 "trim");
    kdtest_claim(kd_str_order(str("a"), str("ab")) < 0 && kd_str_order(str("b"), str("ab")) > 0 &&
                     kd_str_order(str("\xFF"), str("a")) > 0 && kd_str_order(str(""), str("")) == 0,
                 "order is of bytes, a prefix first");
    kdtest_claim(kd_str_of(NULL).n == 0 && kd_str_starts(str("abc"), "ab") && !kd_str_starts(str("a"), "ab"),
                 "views");
}

static void test_nearest(void) {
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {{"", "", 0},
                {"kitten", "sitting", 3},
                {"ab", "ba", 1},
                {"launchers", "lauchners", 2},
                {"wahrheads", "warheads", 1},
                {"abc", "", 3},
                {"duty", "duty", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        kdtest_claim(kd_str_distance(str(rows[i].a), str(rows[i].b), 9) == rows[i].distance &&
                         kd_str_distance(str(rows[i].b), str(rows[i].a), 9) == rows[i].distance,
                     "from `%s` to `%s` is %u", rows[i].a, rows[i].b, rows[i].distance);
    kdtest_claim(kd_str_distance(str("abcdef"), str("uvwxyz"), 3) == 3, "distance stops at its cap");
    const kd_str names[] = {str("delivery"), str("warheads"), str("launchers"), str("as_of")};
    kdtest_claim(kd_str_nearest(str("warhead"), names, 4) == 1 &&
                     kd_str_nearest(str("lauchers"), names, 4) == 2 &&
                     kd_str_nearest(str("asof"), names, 4) == 3,
                 "the nearest name is found");
    kdtest_claim(kd_str_nearest(str("submarine"), names, 4) == -1 && kd_str_nearest(str("x"), names, 4) == -1,
                 "what is near nothing names nothing");
}

static void test_cursor(void) {
    kd_cursor c = kd_cursor_of("\x01\x02\x00\x00\x00\x2A\x00\x00\x00\x00\x00\x00\x01\x00xyz\n", 18);
    kdtest_claim(kd_cursor_u16(&c) == 0x0102 && kd_cursor_u32(&c) == 42 && kd_cursor_u64(&c) == 256,
                 "big-endian");
    kd_str line;
    kdtest_claim(kd_cursor_line(&c, &line) && kd_str_is(line, "xyz") && kd_cursor_left(&c) == 0,
                 "a line is eaten");
    kdtest_claim(!kd_cursor_line(&c, &line) && !c.short_read, "no line is left, and that is no fault");
    kdtest_claim(kd_cursor_u16(&c) == 0 && c.short_read && kd_cursor_bytes(&c, 0).n == 0,
                 "a short read stays");
    c = kd_cursor_of("abc", 3);
    kdtest_claim(kd_cursor_bytes(&c, SIZE_MAX).n == 0 && c.short_read && kd_cursor_left(&c) == 0,
                 "no overflow");
    c = kd_cursor_of(NULL, 0);
    kdtest_claim(kd_cursor_left(&c) == 0 && !kd_cursor_line(&c, &line), "nothing at all");
}

static void test_errors(void) {
    kd_error e = {0};
    char longest[700];
    memset(longest, 'x', sizeof longest);
    memcpy(longest + 508, "\xE2\x82\xAC", 3); /* the euro sign across the end of the message */
    longest[sizeof longest - 1] = 0;
    kdtest_claim(kd_fail(&e, KD_INVALID, "bad", "%s", longest) == KD_INVALID && strlen(e.message) == 511 &&
                     strcmp(e.reason, "bad") == 0,
                 "a long message is cut (%zu)", strlen(e.message));
    longest[508] = 'x';
    memcpy(longest + 509, "\xE2\x82\xAC", 3);
    kd_fail(&e, KD_INVALID, "bad", "%s", longest);
    kdtest_claim(strlen(e.message) == 509 && kd_utf8_check(str(e.message)) == 509,
                 "and never within a code point");
    kd_error_place(&e, "a.md", 3, 7);
    kd_error_place(&e, NULL, 4, 8);
    kdtest_claim(strcmp(e.file, "a.md") == 0 && e.line == 4 && e.column == 8, "an error has a place");
    kdtest_claim(kd_fail(NULL, KD_FAILED, "x", "y") == KD_FAILED && kd_fail_nomem(NULL) == KD_NOMEM,
                 "or no reader");
}

/* ---- Tables and memory ---- */

static void test_symbols(void) {
    kd_symbols *s = NULL;
    kdtest_claim(kd_symbols_open(NULL, &s) == KD_OK && kd_symbols_count(s) == 0, "a table opens empty");
    kdtest_claim(kd_symbol_find(s, str("a")) == -1, "and finds nothing");
    char name[32];
    int64_t wrong = 0;
    for (int64_t i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "symbol %lld", (long long)i);
        wrong += kd_symbol(s, str(name)) != i;
    }
    for (int64_t i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "symbol %lld", (long long)i);
        wrong += kd_symbol(s, str(name)) != i || kd_symbol_find(s, str(name)) != i ||
                 !kd_str_is(kd_symbol_text(s, i), name);
    }
    kdtest_claim(wrong == 0 && kd_symbols_count(s) == 5000, "5000 names keep their numbers");
    kdtest_claim(kd_symbol(s, (kd_str){"a\0b", 3}) == 5000 && kd_symbol(s, str("a")) == 5001 &&
                     kd_symbol(s, (kd_str){"", 0}) == 5002,
                 "a zero byte and the empty name are names");
    kdtest_claim(kd_symbol_text(s, -1).n == 0 && kd_symbol_text(s, 9999).n == 0, "no number, no text");
    wrong = 0;
    for (unsigned n = 0; n <= 40; n++) { /* whatever is behind them */
        char one[64], two[64];
        memset(one, 'x', sizeof one);
        memset(two, n % 2 ? 0 : 'y', sizeof two);
        for (unsigned i = 0; i < n; i++) one[i] = two[i] = (char)(i * 37 + n);
        int64_t number = kd_symbol_wide(s, (kd_str){one, n});
        wrong += number < 0 || kd_symbol(s, (kd_str){two, n}) != number ||
                 kd_symbol_wide(s, (kd_str){two, n}) != number ||
                 !kd_str_equal(kd_symbol_text(s, number), (kd_str){two, n});
        if (n) two[n - 1] ^= 1;
        wrong += n && kd_symbol_wide(s, (kd_str){two, n}) == number;
        wrong += kd_symbol_find(s, (kd_str){one, n}) != number;
    }
    kdtest_claim(wrong == 0, "texts of each length have one number, found either way");
    kd_symbols_close(s);
    kd_symbols_close(NULL);
}

/* Every length and every bit must change it. */
static size_t text_hashes_alike(void) {
    char bytes[64];
    for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 37);
    uint64_t seen[64 * 8 + 65];
    size_t count = 0, equal = 0;
    for (size_t n = 0; n <= 64; n++) seen[count++] = kd_hash_text((kd_str){bytes, n});
    for (size_t bit = 0; bit < 61 * 8; bit++) {
        bytes[bit / 8] ^= (char)(1u << bit % 8);
        seen[count++] = kd_hash_text((kd_str){bytes, 61});
        bytes[bit / 8] ^= (char)(1u << bit % 8);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) equal += seen[i] == seen[j];
    return equal;
}

static void test_hash(void) {
    kdtest_claim(text_hashes_alike() == 0, "every length and every bit of a text changes its hash");
    unsigned char bytes[64];
    for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 37);
    uint64_t seen[64 * 8 + 65];
    size_t count = 0, equal = 0;
    for (size_t n = 0; n <= 64; n++) seen[count++] = kd_hash(bytes, n, 0);
    for (size_t bit = 0; bit < 64 * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        seen[count++] = kd_hash(bytes, 64, 0);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) equal += seen[i] == seen[j];
    kdtest_claim(equal == 0, "every length and every bit changes the hash");
    kdtest_claim(kd_hash("a", 1, 1) != kd_hash("a", 1, 2) && kd_hash("a", 1, 7) == kd_hash("a", 1, 7),
                 "so does a seed");
}

static void test_arena(void) {
    kd_arena a;
    kd_arena_open(&a, NULL);
    bool aligned = true, zeroed = true;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 16384, 16385, 65536, 300000, 3};
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *p = kd_arena_take(&a, sizes[i]);
            aligned = aligned && p && (uintptr_t)p % 16 == 0;
            for (size_t k = 0; p && k < sizes[i]; k++) zeroed = zeroed && p[k] == 0;
            if (p) memset(p, 0xAA, sizes[i]);
        }
    kdtest_claim(aligned && zeroed, "what an arena gives is aligned and zeroed");
    kdtest_claim(kd_arena_array(&a, SIZE_MAX / 2, 3) == NULL && kd_arena_take(&a, SIZE_MAX) == NULL &&
                     kd_arena_copy(&a, "", SIZE_MAX) == NULL,
                 "sizes do not overflow");
    char *copy = kd_arena_copy(&a, "ab\0c", 4), *printed = kd_arena_printf(&a, "%s-%d", "x", 7);
    kdtest_claim(copy && memcmp(copy, "ab\0c", 5) == 0 && printed && strcmp(printed, "x-7") == 0,
                 "copies and prints");
    kd_arena_close(&a);
    kd_arena_close(&a);
}

/* Uses everything that allocates; true when all of it got its memory. */
static bool use_memory(const kd_allocator *from) {
    kd_arena a;
    kd_text t;
    kd_symbols *s = NULL;
    bool enough = true;
    kd_arena_open(&a, from);
    kd_text_open(&t, from);
    for (size_t i = 1; i < 200000; i *= 3) enough = kd_arena_take(&a, i) && enough;
    enough = kd_arena_printf(&a, "%d", 7) && enough;
    for (int i = 0; i < 300; i++) kd_text_printf(&t, "line %d\n", i);
    kd_text_json(&t, str("x"));
    enough = enough && !t.failed;
    if (kd_symbols_open(from, &s) == KD_OK)
        for (int i = 0; i < 300; i++) {
            char name[16];
            snprintf(name, sizeof name, "%d", i);
            int64_t number = kd_symbol(s, str(name));
            enough = number >= 0 && enough;
            if (number < 0) enough = kd_symbol_find(s, str(name)) == -1 && enough;
        }
    else
        enough = false;
    kd_symbols_close(s);
    kd_text_close(&t);
    kd_arena_close(&a);
    return enough;
}

static void test_no_memory(void) {
    long calls = -1;
    for (long fail_at = 0; fail_at < 200; fail_at++) {
        failing f = {.fail_at = fail_at};
        const kd_allocator from = {failing_resize, &f};
        bool enough = use_memory(&from);
        kdtest_claim(f.bytes == 0, "all is given back when call %ld fails", fail_at);
        if (enough) {
            calls = fail_at;
            break;
        }
    }
    kdtest_claim(calls > 10, "each of the %ld calls for memory may fail", calls);
}

int main(void) {
    test_known_days();
    test_every_day();
    test_steps();
    test_instants();
    test_decimal();
    test_base64();
    test_hex();
    test_utf8();
    test_text();
    test_nearest();
    test_cursor();
    test_errors();
    test_symbols();
    test_hash();
    test_arena();
    test_no_memory();
    return kdtest_end("test_base");
}

/* civil.c: the calendar: days and instants from dates and back. */
#include <kadesh/base.h>

/* 0001-01-01 and 9999-12-31 as days since 1970-01-01. */
#define FIRST_DAY INT64_C(-719162)
#define LAST_DAY  INT64_C(2932896)

static kd_day clamp_day(kd_day d) {
    return d < FIRST_DAY ? FIRST_DAY : d > LAST_DAY ? LAST_DAY : d;
}

static unsigned month_length(int year, unsigned month) {
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool kd_civil_valid(kd_civil c) {
    return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= month_length(c.year, c.month) && c.hour <= 23 && c.minute <= 59 && c.second <= 59;
}

/* days_from_civil and civil_from_days: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". A
 * year begins on 1 March there, so that the leap day is its last; an era is 400 years, 146097 days. */
kd_day kd_day_of(int year, unsigned month, unsigned day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

kd_civil kd_civil_of_day(kd_day d) {
    int64_t z = clamp_day(d) + 719468;
    int64_t era = z / 146097; /* z is positive: 0001-01-01 is day 306 of it */
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    kd_civil c = {0};
    c.day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    return c;
}

kd_day kd_instant_day(kd_instant t) {
    return t / KD_DAY_S - (t % KD_DAY_S < 0);
}

kd_civil kd_civil_of(kd_instant t) {
    if (t < FIRST_DAY * KD_DAY_S) t = FIRST_DAY * KD_DAY_S;
    if (t > LAST_DAY * KD_DAY_S + KD_DAY_S - 1) t = LAST_DAY * KD_DAY_S + KD_DAY_S - 1;
    kd_day d = kd_instant_day(t);
    kd_civil c = kd_civil_of_day(d);
    unsigned second = (unsigned)(t - d * KD_DAY_S);
    c.hour = second / 3600;
    c.minute = second / 60 % 60;
    c.second = second % 60;
    return c;
}

kd_instant kd_day_begin(kd_day d) {
    return clamp_day(d) * KD_DAY_S;
}

kd_instant kd_day_end(kd_day d) {
    return clamp_day(d) * KD_DAY_S + KD_DAY_S - 1;
}

kd_day kd_day_add_months(kd_day d, int64_t months) {
    kd_civil c = kd_civil_of_day(d);
    /* Nothing further than the whole calendar matters; bounded so that the sum cannot overflow. */
    const int64_t all = INT64_C(12) * 10000;
    if (months > all) months = all;
    if (months < -all) months = -all;
    int64_t month = (int64_t)c.year * 12 + (int64_t)c.month - 1 + months;
    if (month < 12) return FIRST_DAY;
    if (month >= all) return LAST_DAY;
    int year = (int)(month / 12);
    unsigned of_year = (unsigned)(month % 12) + 1, last = month_length(year, of_year);
    return kd_day_of(year, of_year, c.day < last ? c.day : last);
}

kd_day kd_day_add_years(kd_day d, int64_t years) {
    if (years > 10000) years = 10000;
    if (years < -10000) years = -10000;
    return kd_day_add_months(d, years * 12);
}

/* Reads exactly `digits` decimal digits at *p and steps over them. */
static bool read_digits(const char **p, unsigned digits, unsigned *out) {
    unsigned value = 0;
    for (unsigned i = 0; i < digits; i++, (*p)++) {
        if (**p < '0' || **p > '9') return false;
        value = value * 10 + (unsigned)(**p - '0');
    }
    *out = value;
    return true;
}

static bool read_char(const char **p, char wanted) {
    return *(*p)++ == wanted;
}

static bool read_date(const char **p, kd_civil *c) {
    unsigned year;
    if (!read_digits(p, 4, &year)) return false;
    c->year = (int)year;
    return read_char(p, '-') && read_digits(p, 2, &c->month) && read_char(p, '-') &&
           read_digits(p, 2, &c->day);
}

bool kd_day_parse(kd_str s, kd_day *out) {
    kd_civil c = {0};
    const char *p = s.p;
    if (s.n != 10 || !read_date(&p, &c) || !kd_civil_valid(c)) return false;
    *out = kd_day_of(c.year, c.month, c.day);
    return true;
}

bool kd_instant_parse(kd_str s, kd_instant *out) {
    kd_civil c = {0};
    const char *p = s.p;
    if (s.n != 20 || !read_date(&p, &c) || !read_char(&p, 'T') || !read_digits(&p, 2, &c.hour) ||
        !read_char(&p, ':') || !read_digits(&p, 2, &c.minute) || !read_char(&p, ':') ||
        !read_digits(&p, 2, &c.second) || !read_char(&p, 'Z') || !kd_civil_valid(c))
        return false;
    *out = kd_day_of(c.year, c.month, c.day) * KD_DAY_S + (int64_t)c.hour * 3600 + c.minute * 60 + c.second;
    return true;
}

void kd_day_put(kd_text *t, kd_day d) {
    kd_civil c = kd_civil_of_day(d);
    kd_text_printf(t, "%04d-%02u-%02u", c.year, c.month, c.day);
}

void kd_instant_put(kd_text *t, kd_instant i) {
    kd_civil c = kd_civil_of(i);
    kd_text_printf(t, "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/* calendar.c: instants moved by days and calendar months, and the periods that an instant falls in. */
#include "engine/calendar.h"

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
#define FIRST INT64_C(-62135596800)
#define LAST  INT64_C(253402300799)

static bool in_range(kd_instant t) {
    return t >= FIRST && t <= LAST;
}

/* Months since the beginning of year 0. */
static int64_t month_number(kd_instant t) {
    kd_civil c = kd_civil_of(t);
    return (int64_t)c.year * 12 + (int64_t)c.month - 1;
}

bool eng_day_begin(kd_instant t, kd_instant *out) {
    if (!in_range(t)) return false;
    *out = kd_day_begin(kd_instant_day(t));
    return true;
}

bool eng_day_end(kd_instant t, kd_instant *out) {
    if (!in_range(t)) return false;
    *out = kd_day_end(kd_instant_day(t));
    return true;
}

bool eng_add_days(kd_instant t, int64_t days, kd_instant *out) {
    int64_t seconds;
    if (!in_range(t) || __builtin_mul_overflow(days, KD_DAY_S, &seconds)) return false;
    return !__builtin_add_overflow(t, seconds, out) && in_range(*out);
}

bool eng_add_months(kd_instant t, int64_t months, kd_instant *out) {
    int64_t number;
    if (!in_range(t) || __builtin_add_overflow(month_number(t), months, &number)) return false;
    if (number < 12 || number >= INT64_C(10000) * 12) return false;
    kd_day day = kd_instant_day(t);
    *out = kd_day_begin(kd_day_add_months(day, months)) + (t - kd_day_begin(day));
    return true;
}

/* a / b rounded down; b above 0. */
static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

bool eng_period_days(kd_instant t, int64_t days, kd_instant from, kd_instant *out) {
    int64_t span;
    if (!in_range(t) || !in_range(from) || __builtin_mul_overflow(days, KD_DAY_S, &span)) return false;
    int64_t moved;
    if (__builtin_mul_overflow(floor_div(t - from, span), span, &moved)) return false;
    return !__builtin_add_overflow(from, moved, out) && in_range(*out);
}

/* Every begin is counted from `from`, not from the begin before it, so that a 31st does not become a 28th for
 * good. */
bool eng_period_months(kd_instant t, int64_t months, kd_instant from, kd_instant *out) {
    if (!in_range(t) || !in_range(from)) return false;
    int64_t k = floor_div(month_number(t) - month_number(from), months), moved;
    if (__builtin_mul_overflow(k, months, &moved)) return false;
    if (!eng_add_months(from, moved, out)) return false;
    if (*out <= t) return true;
    return !__builtin_sub_overflow(moved, months, &moved) && eng_add_months(from, moved, out);
}

/* calendar.h: instants moved by days and calendar months, and the periods that an instant falls in.
 *
 * Each gives false when an operand or the result lies outside years 1 to 9999. Periods are above 0 long. */
#ifndef ENGINE_CALENDAR_H
#define ENGINE_CALENDAR_H

#include <kadesh/base.h>

bool eng_day_begin(kd_instant t, kd_instant *out);
bool eng_day_end(kd_instant t, kd_instant *out);
bool eng_add_days(kd_instant t, int64_t days, kd_instant *out);
bool eng_add_months(kd_instant t, int64_t months,
                    kd_instant *out); /* same hour, last day of a shorter month */
/* Begin of the period, counted from `from`, in which t falls. */
bool eng_period_days(kd_instant t, int64_t days, kd_instant from, kd_instant *out);
bool eng_period_months(kd_instant t, int64_t months, kd_instant from, kd_instant *out);

#endif

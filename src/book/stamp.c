/* stamp.c: the two ways in which a statement tells a time: an instant, or a day of which no hour is known. */
#include <kadesh/book.h>

bool kd_stamp_parse(kd_str s, kd_stamp *out) {
    kd_day day;
    kd_instant at;
    if (kd_day_parse(s, &day))
        *out = (kd_stamp){kd_day_end(day), true};
    else if (kd_instant_parse(s, &at))
        *out = (kd_stamp){at, false};
    else
        return false;
    return true;
}

void kd_stamp_put(kd_text *t, kd_stamp stamp) {
    if (stamp.day_only)
        kd_day_put(t, kd_instant_day(stamp.at));
    else
        kd_instant_put(t, stamp.at);
}

int kd_stamp_order(kd_stamp a, kd_stamp b) {
    if (a.at != b.at) return a.at < b.at ? -1 : 1;
    return (int)a.day_only - (int)b.day_only;
}

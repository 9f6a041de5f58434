/* clock.c: the time of day, and a clock that runs evenly. */
#include <kadesh/store.h>
#include <time.h>

kd_instant kd_clock_now(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0) return 0;
    return (kd_instant)t.tv_sec;
}

int64_t kd_clock_ns(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) return 0;
    return (int64_t)t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

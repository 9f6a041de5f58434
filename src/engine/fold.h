/* fold.h: what the folds of a level and those of a pulse share: how a result is told from what was kept. */
#ifndef ENGINE_FOLD_H
#define ENGINE_FOLD_H

#include "engine/floats.h"
#include "engine/run.h"

static const char eng_fold_too_large[] = "a sum does not fit 63 bits";

static inline kd_status eng_fold_whole(kd_engine *g, __int128 sum, kd_value *out) {
    if (sum > INT64_MAX || sum <= INT64_MIN) return eng_complain(g, "overflow", eng_fold_too_large);
    *out = (kd_value)sum;
    return KD_OK;
}

static inline kd_value eng_fold_mean(__int128 sum, int64_t count) {
    return kd_float_value((double)sum / (double)count);
}

static inline bool eng_fold_of_floats(kd_fold f) {
    return f == KD_FSUM || f == KD_FLEAST || f == KD_FGREATEST || f == KD_FAVERAGE || f == KD_FMEDIAN;
}
/* Those that compare see floats as integers of the same order. */
static inline bool eng_fold_by_order(kd_fold f) {
    return f == KD_FLEAST || f == KD_FGREATEST || f == KD_FMEDIAN;
}

/* The mean of the middle two, as a float; of floats these are as eng_float_order made them. Their sum may lie
 * beyond all doubles where their mean does not. */
static inline kd_value eng_fold_middle(kd_value a, kd_value b, bool floats) {
    if (!floats) return kd_float_value((double)((__int128)a + b) / 2);
    if (a == b) return eng_float_order(a);
    double x = kd_value_float(eng_float_order(a)), y = kd_value_float(eng_float_order(b));
    double sum = x + y, limit = 1e308;
    return kd_float_value(sum <= limit && sum >= -limit ? sum / 2 : x / 2 + y / 2);
}

#endif

/* look.c: the keys of rows that are looked up. */
#include "engine/look.h"

void eng_look_open(eng_look *l, unsigned width, const uint8_t *columns, unsigned count) {
    *l = (eng_look){.columns = columns, .count = count, .whole = width == count};
    l->most = ENG_LOOK_WORDS / (count ? count : 1);
    for (unsigned i = 0; i < count; i++) l->whole &= columns[i] == i;
}

/* `count` is known to the compiler. */
static inline void gather(kd_value *keys, const kd_value *rows, size_t n, unsigned width,
                          const uint8_t *columns, unsigned count) {
    for (size_t i = 0; i < n; i++, rows += width, keys += count) eng_gather(keys, rows, columns, count);
}

void eng_look_gather(const eng_look *l, const kd_value *rows, size_t n, unsigned width, kd_value *keys) {
    switch (l->count) {
    case 1:
        gather(keys, rows, n, width, l->columns, 1);
        break;
    case 2:
        gather(keys, rows, n, width, l->columns, 2);
        break;
    default:
        gather(keys, rows, n, width, l->columns, l->count);
    }
}

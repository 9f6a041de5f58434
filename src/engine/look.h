/* look.h: rows of a pulse looked up in a level where it is, as many at once as fit a small array: their
 * keys are gathered, then asked for together. */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include "engine/run.h"

#define ENG_LOOK_WORDS 256 /* of keys in one round */

/* What is looked up: settled when the reader opens. */
typedef struct eng_look {
    const uint8_t *columns; /* of the pulse: the key, in the order of the level's columns */
    unsigned count;
    bool whole;    /* the pulse's rows are keys as they stand */
    uint32_t most; /* rows in one round */
} eng_look;

typedef struct eng_found {
    uint32_t entries[ENG_LOOK_WORDS]; /* the first row of the level for each row of the round, or ENG_NONE */
    kd_value keys[ENG_LOOK_WORDS];
} eng_found;

/* `columns` of a pulse of `width`; the array must outlive the use. */
void eng_look_open(eng_look *l, unsigned width, const uint8_t *columns, unsigned count);
/* Fills `keys` from n rows. */
void eng_look_gather(const eng_look *l, const kd_value *rows, size_t n, unsigned width, kd_value *keys);

/* Is it faster to look up row by row? There is one, or nothing misses the cache: then each loop less is an end less to
 * foresee. */
static inline bool eng_look_singly(const eng_node *pulse, const eng_node *level) {
    const eng_lookup *how = level->op->lookup;
    return pulse->out.n == 1 || !how->first_many || (how->near && how->near(level));
}

/* Looks up row i of the pulse. The level is settled before. */
static inline uint32_t eng_look_up(const eng_look *l, const eng_node *pulse, const eng_node *level,
                                   size_t i) {
    const kd_value *row = eng_batch_row(pulse, i);
    kd_value key[KD_WIDTH_MAX];
    if (l->whole) return level->op->lookup->first(level, row);
    eng_gather(key, row, l->columns, l->count);
    return level->op->lookup->first(level, key);
}

/* Looks up the rows of the pulse from number `from` on, and gives how many of them were. The level is
 * settled before. */
static inline size_t eng_look_round(const eng_look *l, const eng_node *pulse, const eng_node *level,
                                    size_t from, eng_found *f) {
    size_t n = pulse->out.n - from;
    if (n > l->most) n = l->most;
    const kd_value *keys = eng_batch_row(pulse, from);
    if (!l->whole) {
        eng_look_gather(l, keys, n, pulse->width, f->keys);
        keys = f->keys;
    }
    level->op->lookup->first_many(level, keys, n, f->entries);
    return n;
}

#endif

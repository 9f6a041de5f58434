/* match.h: finds the rows of one batch by some of their columns, within one time point.
 *
 * Up to 16 rows are searched one after the other; more get a table of chains, built once and in the order of
 * the rows. */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "engine/memory.h"
#include <kadesh/engine.h>

#define ENG_LINEAR_MAX 16

typedef struct eng_match {
    const kd_value *rows;
    size_t n;
    unsigned width, key_count;
    const uint8_t *columns;
    uint32_t *heads, *next; /* 1 + the number of a row; 0: none */
    size_t heads_room, next_room;
    uint32_t mask;
} eng_match;

/* Looks at n rows of `width` values by those columns; the arrays must outlive the use. KD_NOMEM. */
kd_status eng_match_open(eng_match *m, eng_mem *mem, const kd_value *rows, size_t n, unsigned width,
                         const uint8_t *columns, unsigned key_count);
void eng_match_close(eng_match *m, eng_mem *mem);
/* The first row with that key at or after `from`, where `from` is 0 or one more than the row found last; m->n
 * when there is none. */
size_t eng_match_find(const eng_match *m, const kd_value *key, size_t from);

#endif

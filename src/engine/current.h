/* current.h: one row a key: what HOLD and LATEST keep.
 *
 * During a time point a key may get a candidate, a row of the batch; at its end the difference is put out. */
#ifndef ENGINE_CURRENT_H
#define ENGINE_CURRENT_H

#include "engine/run.h"

/* What is kept of a key; the row's values follow it. */
typedef struct eng_current_key {
    uint32_t candidate; /* 1 + its place in the batch; 0: none */
    uint32_t order;     /* of the candidate */
    uint8_t held, ended, touched, unused[5];
} eng_current_key;

typedef struct eng_current {
    eng_table keys;
    eng_list touched;
    unsigned key_count;
    uint8_t columns[KD_WIDTH_MAX];
} eng_current;

void eng_current_open(eng_current *c, kd_engine *g, unsigned width, const kd_value *columns, size_t count);
void eng_current_close(eng_current *c, kd_engine *g);
/* The key of a row, or a key given as such, to be looked at when settling; NULL when there is no memory. */
eng_current_key *eng_current_touch(eng_current *c, kd_engine *g, const kd_value *key);
eng_current_key *eng_current_touch_row(eng_current *c, kd_engine *g, const kd_value *row);
/* Puts out through `n` what the touched keys changed to; candidates are rows of `in`. KD_NOMEM. */
kd_status eng_current_settle(eng_current *c, kd_engine *g, eng_node *n, const eng_node *in);

#endif

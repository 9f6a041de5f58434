/* window.h: rows that stand while a pulse of theirs is between low and high seconds old.
 *
 *      pulse ─▶ [young, by time] ─▶ low seconds ─▶ [standing, by newest pulse] ─▶ above high seconds ─▶ gone
 *
 * A row that is pulsed again while it stands moves to the end of the standing: there is one entry a row, and
 * nothing is searched when time goes on. With low = 0 there are no young. */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include "engine/run.h"

typedef struct eng_window_row {
    kd_instant newest;   /* of its pulses that are old enough */
    uint32_t next, prev; /* among the standing */
    uint32_t young_first, young_last;
    uint32_t mate_next, mate_prev, key; /* since.c: rows with the same key */
    kd_reason reason, shown;
    uint8_t stands, was, touched;
} eng_window_row;

typedef struct eng_young {
    kd_instant at;
    uint32_t row;
    uint32_t next, prev; /* among all young, by time; `next` of one that is free */
    uint32_t mate;       /* the row's next younger pulse */
    kd_reason reason;
} eng_young;

typedef struct eng_window {
    kd_engine *g;
    eng_table rows;
    kd_interval within;
    uint32_t first, last; /* standing, oldest first */
    eng_young *young;
    size_t young_used, young_room;
    uint32_t young_free, young_first, young_last;
    eng_list touched;
} eng_window;

void eng_window_open(eng_window *w, kd_engine *g, unsigned width, kd_interval within);
void eng_window_close(eng_window *w);
/* Lets the young come of age and the old go, as of g->now. KD_NOMEM. */
kd_status eng_window_pass(eng_window *w);
/* A pulse of the row, now. `fresh`: the row had no entry. KD_NOMEM. */
kd_status eng_window_pulse(eng_window *w, const kd_value *row, kd_reason reason, uint32_t *entry,
                           bool *fresh);
/* Takes away all pulses that the row ever had. KD_NOMEM. */
kd_status eng_window_kill(eng_window *w, uint32_t entry);
/* All pulses of the row rest on `reason` too. KD_NOMEM. */
kd_status eng_window_lean(eng_window *w, uint32_t entry, kd_reason reason);
/* Puts out through `n` what changed and sets its next instant. `leaving` (may be NULL) is told of each entry
 * that is about to be given up. KD_NOMEM. */
kd_status eng_window_settle(eng_window *w, eng_node *n, void (*leaving)(void *owner, uint32_t entry),
                            void *owner);

static inline eng_window_row *eng_window_at(const eng_window *w, uint32_t entry) {
    return eng_table_payload(&w->rows, entry);
}

#endif

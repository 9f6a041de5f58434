/* reason.h: what rows rest on: a graph of reasons, each kept once.
 *
 *      7 ─▶ both(5, 6)     5 ─▶ both(1, 2)     1 ─▶ event 40     2 ─▶ event 41     6 ─▶ event 58
 *
 * A reason's parts have lower numbers than itself. Reasons are kept as long as the engine. */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

#include "engine/memory.h"
#include <kadesh/engine.h>

typedef struct eng_because {
    uint32_t a, b; /* two reasons, or b = 0 and a the origin of an event */
} eng_because;

typedef struct eng_reasons {
    eng_mem *mem;
    eng_because *all; /* all[0] is not used */
    size_t count, room;
    uint32_t *slots; /* numbers by hash; 0 is empty */
    size_t slot_count;
    /* Scratch of eng_reason_origins. */
    uint32_t *visited; /* per reason, the walk that saw it last; [0] counts the walks */
    uint32_t *waiting; /* the stack, and from the other end the origins found */
    size_t visited_room, waiting_room;
} eng_reasons;

void eng_reasons_open(eng_reasons *r, eng_mem *mem);
void eng_reasons_close(eng_reasons *r);
kd_status eng_reason_event(eng_reasons *r, uint32_t origin, kd_reason *out); /* KD_NOMEM */
kd_status eng_reason_both(eng_reasons *r, kd_reason a, kd_reason b,
                          kd_reason *out); /* KD_NOMEM; 0 is no reason */
/* Distinct origins, ascending, at most `room`; how many there are. Allocates nothing. */
size_t eng_reason_origins(const eng_reasons *r, kd_reason reason, uint32_t *origins, size_t room);

#endif

/* engine_script.h: plans of a few nodes driven by a line of text; what is heard is compared with another.
 *
 *      script     "@10 p(1,2) -f(3) @12 >20"   time point 10 with two events (-: a row goes), an empty one at
 *                                              12, and time passes to 20
 *      expected   "10:1+(1,2)[1] 20:2-(3)"     at 10 sink 1 heard a row come, which event 1 forces
 *                 "!overflow:label"            then the engine failed; the message has the text
 *
 * Events are numbered from 1 in the order of the script. Values are numbers, dates (their first second),
 * instants, `-` for absent, `never`. Events in [] are what
 * kd_engine_why is to tell of the row, and are compared when the engine keeps a trace. */
#ifndef ENGINE_SCRIPT_H
#define ENGINE_SCRIPT_H

#include <kadesh/engine.h>

#define SCRIPT_INPUTS 8

typedef struct script_inputs {
    char names[SCRIPT_INPUTS];
    kd_node nodes[SCRIPT_INPUTS];
    unsigned count;
} script_inputs;

/* A plan under construction, with the inputs that its script may name: one letter each. */
typedef struct script_plan {
    kd_plan *p;
    script_inputs inputs;
} script_plan;

kd_node script_pulse(script_plan *s, char name, unsigned width);
kd_node script_level(script_plan *s, char name, unsigned width);

/* Builds, runs, compares. What was heard goes to `got`, in the form of `expected`. Without trace the
 * events in [] are passed over. */
bool script_passes(void (*build)(script_plan *s), const char *script, const char *expected, bool trace,
                   char *got, size_t room);

#endif

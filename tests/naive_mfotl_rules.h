/* naive_mfotl_rules.h: what the two halves of the naive evaluator share. */
#ifndef NAIVE_MFOTL_RULES_H
#define NAIVE_MFOTL_RULES_H

#include "naive_mfotl.h"

/* Solutions of a formula: a value for each of its free variables (f->fv), sorted, each once. */
typedef struct rows {
    nm_value *values;
    size_t count, room;
} rows;

typedef struct found {
    uint64_t hash;
    const nm_formula *f;
    unsigned i, j;
    nm_value *key; /* the assignment of f's free variables; NM_OPEN where there was none */
    enum { NEW, BUSY, DONE } state;
    rows rows;
} found;

typedef struct machine {
    nm_world *w;
    const nm_core *core;
    unsigned count, total; /* time points of the log, and with the one that is supposed behind it */
    nm_value *env;         /* by variable; NM_OPEN: none */
    found **memo;
    size_t memo_count, memo_room;
    unsigned char *decided; /* by formula and time point: 0 unknown, 1 no, 2 yes */
    uint64_t steps, limit;
    nm_status status;
    bool arithmetic;
} machine;

typedef void (*nm_rule)(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r);
extern const nm_rule nm_rules[NM_OPS];

void *nm_take(machine *m, size_t count, size_t bytes);
void nm_stuck(machine *m, const char *why);
void nm_bind(machine *m, const nm_formula *f, const nm_value *row, nm_value *saved);
void nm_unbind(machine *m, const nm_formula *f, const nm_value *saved);
void nm_emit(machine *m, const nm_formula *f, rows *r);
void nm_sort(machine *m, rows *r, unsigned width);
/* Solutions of f at i under the assignment; of a regular expression from i to j. */
const rows *nm_solve(machine *m, const nm_formula *f, unsigned i, unsigned j);
/* Whether f has a rule that binds all its variables when those in `bound` have values. */
bool nm_can(machine *m, const nm_formula *f, const nm_set *bound);
/* From i to a later j in units of time stamps; UINT64_MAX to the supposed one. */
uint64_t nm_distance(const machine *m, unsigned i, unsigned j);

#endif

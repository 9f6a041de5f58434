/* mfotl_lower_run.h: runs: the stretches of time points at which a row holds without a break.
 *
 *      h holds   . # # # . . # # .        begins: at 1 and at 6; the run at 3 began at 1 */
#ifndef LANG_MFOTL_LOWER_RUN_H
#define LANG_MFOTL_LOWER_RUN_H

#include "lang/mfotl_lower.h"

/* f with all its variables, in order. */
mf_rel mf_all_rows(mf_lowering *l, const mf_formula *f);
/* The rows of a pulse (a level becomes one) and the index of the time point as a last column, without a
 * name. */
mf_rel mf_with_index(mf_lowering *l, mf_rel r);
/* a SINCE b, columns matched by name. */
kd_node mf_since_node(mf_lowering *l, const mf_rel *a, const mf_rel *b, mf_interval within, bool negated);
/* Rows that hold and did not at the time point before. */
mf_rel mf_begins(mf_lowering *l, mf_rel h);
/* A level of the rows of h that hold, with the index at which their run began as a last column. */
mf_rel mf_runs(mf_lowering *l, mf_rel h);

#endif

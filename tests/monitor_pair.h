/* monitor_pair.h: a formula and a log through the library's monitor, in process, beside the naive evaluator;
 * pairs kept in files. */
#ifndef MONITOR_PAIR_H
#define MONITOR_PAIR_H

#include "naive_mfotl.h"
#include "random_mfotl.h"

#include <kadesh/monitor.h>

/* How a log is fed. */
typedef struct mp_way {
    size_t cut; /* after about this many time points save, close, open another and restore; SIZE_MAX: never */
    size_t piece; /* bytes more each time; 0: all at once */
    kd_unfold unfold;
    bool renamed; /* print each int i as mp_renamed(i), and strings with MP_TAIL behind them */
} mp_way;
#define MP_WHOLE ((mp_way){SIZE_MAX, 0, KD_UNFOLD_NO, false})
#define MP_TAIL  "~"
int64_t mp_renamed(int64_t i); /* keeps order */

/* Verdicts by time point: tuples as text, sorted, each once, "true" for a closed formula that holds, "" when
 * there are none; p NULL where nothing was heard. */
typedef struct mp_verdict {
    int64_t at;
    kd_str text;
} mp_verdict;

typedef struct mp_answer {
    bool refused; /* sound, but cannot be monitored */
    kd_status status;
    kd_error error;
    mp_verdict *verdicts;
    size_t count, room; /* time points that can be told apart */
} mp_answer;

void mp_monitor(kd_arena *a, const rm_pair *p, mp_way way, mp_answer *out);
mp_verdict mp_naive(kd_arena *a, const nm_result *r, size_t i);

typedef enum mp_outcome {
    MP_SAME,
    MP_REFUSED,  /* by the monitor, which it may */
    MP_SKIPPED,  /* the naive evaluator cannot say */
    MP_OVERFLOW, /* both met an integer too big */
    MP_UNSURE,   /* one of them did, the other did not look there */
    MP_LATE, /* the log stops before the monitor tells what the definitions can: RELEASE beside what looks ahead */
    MP_DIFFERENT
} mp_outcome;

/* Runs both; what differs goes to `why` (may be NULL). */
mp_outcome mp_compare(const rm_pair *p, mp_way way, kd_text *why);

/* Does the monitor's plan for it have an operator of that name? */
bool mp_has_operator(const rm_pair *p, const char *name);

/* Pairs in a text file:
 *
 *      ==== name [flags ...]
 *      ---- sig                             left out: as in the pair before; the same for the log
 *      ...
 *      ---- formula
 *      ---- log
 *      ---- expected                        verdicts, in kept.txt left out
 */
typedef struct mp_kept {
    kd_str name;
    rm_pair pair;
    kd_str expected;
} mp_kept;
mp_kept *mp_read(kd_arena *a, const char *path, size_t *count); /* none when there is no such file */
void mp_put(kd_text *out, const char *name, const rm_pair *p);

#endif

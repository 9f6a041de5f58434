/* open.h: what a verb is about, opened: a treaty in a file, or the record in -C DIR replayed for the day
 * asked about.
 *
 *      FILE or -C DIR ─▶ sources ─▶ check, test
 *      -C DIR ─▶ load.h: texts, treaty, books, statements ─▶ kd_replay --on, --as-known ─▶ kd_opened
 *
 * Diagnostics of a bad treaty go to call->err; every other failure is in call->error. */
#ifndef KADESH_CLI_OPEN_H
#define KADESH_CLI_OPEN_H

#include "cli/load.h"

typedef struct kd_opened {
    kd_loaded loaded; /* folder, treaty, symbols, books, record */
    kd_day on, known;
    kd_history *history;
} kd_opened;

/* Loads the record and replays it. `horizon_days` after --on is how far dues are followed (0 or more).
 * Everything lives in call->arena but for what kd_open_close lets go; call that whatever the status is. */
kd_status kd_open_record(kd_call *call, int64_t horizon_days, kd_opened *out);
void kd_open_close(kd_opened *o);

/* The texts of a treaty: of `path`, which is a treaty file, a folder of them, or a record's folder; of -C
 * DIR when it is NULL. A record's readings, messages and record.md are among them, also when `path` is the
 * treaty.md of a record. */
kd_status kd_open_sources(kd_call *call, const char *path, kd_source **sources, size_t *count);

#endif

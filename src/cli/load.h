/* load.h: the record in -C DIR, opened for a report: texts, treaty, books checked, statements bound. */
#ifndef KADESH_CLI_LOAD_H
#define KADESH_CLI_LOAD_H

#include "cli/cli.h"
#include "kadesh/treaty.h"
#include <kadesh/record.h>
#include <kadesh/store.h>

typedef struct kd_loaded {
    kd_crypto crypto;
    kd_folder folder;
    kd_treaty *treaty;
    kd_symbols *symbols; /* closed by kd_load_close */
    kd_books books;      /* in treaty order; counts of entries, signatures and heads that were checked */
    kd_record *record;
} kd_loaded;

/* Texts and treaty alone. Diagnostics go to call->err, and then the status is KD_INVALID with no message. */
kd_status kd_load_treaty(kd_call *call, kd_loaded *out);
/* The treaty, then the books (checked; what was checked before is remembered), then the statements. */
kd_status kd_load_record(kd_call *call, kd_loaded *out);
/* Sources of a treaty from texts, in the arena of the call. */
kd_status kd_load_sources(kd_call *call, const kd_text_file *texts, size_t count, kd_source **out);
/* Reads `sources` and puts the diagnostics of a bad treaty into call->err. */
kd_status kd_load_parse(kd_call *call, const kd_source *sources, size_t count, kd_treaty **out);
void kd_load_close(kd_loaded *l);

#endif

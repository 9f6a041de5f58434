/* facts.h: the tables of a reconstructed record, row by row as statements. docs/formats.md has the form of
 * the files. */
#ifndef KADESH_STORE_FACTS_H
#define KADESH_STORE_FACTS_H

#include "kadesh/treaty.h"
#include <kadesh/store.h>

/* A row that makes a statement, not yet held against the treaty. */
typedef struct kd_fact_statement {
    kd_statement statement; /* without treaty, by and to */
    uint32_t party;         /* index, or KD_BOTH */
    const char *file;
    uint32_t line;
    uint32_t *columns; /* per field: where its value stands, in code points from 1 */
} kd_fact_statement;

typedef struct kd_facts {
    kd_stamp first; /* of the books' first entries */
    kd_str source, grade, remark;
    kd_fact_statement *statements; /* by time of receipt, then table, then row */
    size_t count;
    size_t tables, rows;
} kd_facts;

/* Reads FOLDER/facts/tables.txt and the tables that it names. KD_INVALID with file, line and column. */
kd_status kd_facts_read(const kd_os *os, const char *folder, const kd_treaty *treaty, kd_arena *arena,
                        kd_facts *out, kd_error *e);

#endif

/* journal.h: the file that makes an append durable with one write and one fdatasync.
 *
 *      state/US/journal, reserved in advance and full of zeros at first:
 *
 *      | kadesh.journal/1 | record | record | ... | zeros                         |
 *
 *      record = "KJ01" || kind[1] || u32 length of body || body || SHA-256 of all before
 *      kind A = u64 old size || old root[32] || u32 count || entries as in a bundle || u32 length || signed head
 *      kind P = u64 size: everything up to this size is published, durably
 *
 * Records are only added, each old size being the size before it. What does not hash to its sum ends the
 * file: nothing after it was ever acknowledged. A file that ends so, or that holds records not yet published,
 * is never added to: recovery writes those records into a new one first, since an fsync that failed once may
 * lie the next time. */
#ifndef KADESH_STORE_JOURNAL_H
#define KADESH_STORE_JOURNAL_H

#include <kadesh/store.h>

#define JOURNAL_LEAST_BYTES  (INT64_C(1) << 18)
#define JOURNAL_RECORD_BYTES (UINT32_C(64) << 20) /* the most that one append may take */

typedef struct journal_record {
    int64_t old_size, new_size;
    kd_digest old_root;
    kd_str entries; /* as in a bundle */
    uint32_t count;
    kd_str head;
    kd_str bytes; /* the whole record */
} journal_record;

/* A journal as it was read. */
typedef struct journal_read {
    journal_record *records;
    size_t count;
    int64_t marked;  /* the last mark, -1 when there is none */
    size_t unmarked; /* first record that no mark covers */
    bool present, torn;
    int64_t end; /* offset after the last good record */
    int64_t capacity;
} journal_read;

/* Reads it into `arena`. A file that is not there is empty; one with another beginning is KD_FAILED damaged. */
kd_status journal_load(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                       journal_read *out, kd_error *e);
/* Appends a record's bytes to `out`: begin, entries, end. */
void journal_begin(kd_text *out, int64_t old_size, const kd_digest *old_root, uint32_t count);
kd_status journal_entry(kd_text *out, kd_str entry, kd_error *e);
void journal_end(kd_text *out, const kd_crypto *crypto, kd_str head);
void journal_mark(kd_text *out, const kd_crypto *crypto, int64_t size);
/* Makes a new journal in place of the old one, durably, with these records in it, and room for `room` bytes
 * more. Gives it open for writing. */
kd_status journal_fresh(const kd_os *os, const char *path, const journal_record *records, size_t count,
                        int64_t room, int *fd, int64_t *end, int64_t *capacity, kd_error *e);

#endif

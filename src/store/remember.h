/* remember.h: which statements' signatures were found good before, so that a report need not check them
 * again.
 *
 * .kadesh/verified, one line a book:
 *
 *      kadesh.verified/1
 *      US 184 ROOT KEYS            the first 184 entries, below this root, are good by these keys
 *
 * The file is believed for nothing but that. Whoever uses it has rebuilt the tree from the entries at hand
 * and found the root; so a byte that changed since changes the root, and the line is then of no use. */
#ifndef KADESH_STORE_REMEMBER_H
#define KADESH_STORE_REMEMBER_H

#include "store/check.h"

typedef struct remembered {
    int64_t size; /* 0: nothing */
    kd_digest root, keys;
} remembered;

/* Hash of the keys that statements of a book were checked with. */
void remember_keys(const kd_crypto *crypto, const entry_check *c, kd_digest *out);
/* What is remembered of each book; nothing on any fault of the file. */
void remember_read(const kd_folder *f, const kd_str *parties, size_t count, remembered *out);
/* Writes it anew. A folder that cannot be written to is no fault. */
void remember_write(const kd_folder *f, const kd_str *parties, size_t count, const remembered *all);

#endif

/* check.h: what a book's entries are held against: the keys of its Party, the first entries, the treaty's
 * text. */
#ifndef KADESH_STORE_CHECK_H
#define KADESH_STORE_CHECK_H

#include <kadesh/store.h>

/* One book under check. */
typedef struct entry_check {
    const kd_crypto *crypto;
    kd_arena *arena;  /* for what stays */
    kd_arena scratch; /* for one entry */
    unsigned scratch_uses;
    kd_str party;
    const kd_public_key *keys; /* of all Parties, as keys/ has them */
    size_t key_count;
    kd_vkey *statement_keys; /* of this Party */
    size_t statement_key_count;
    kd_vkey *head_keys; /* that sign this Party's heads, then everybody's cosignature keys */
    size_t head_key_count;
    kd_str origin;
    kd_digest pinned; /* by the first entry */
    bool has_pin;
    kd_digest *revisions; /* of the treaty's text, as this book tells them, in order */
    size_t revision_count, revision_room;
    int64_t signatures; /* that hold */
} entry_check;

/* Picks the keys of `party`. KD_FAILED no_keys when keys/ lacks one for statements or heads. */
kd_status entry_check_open(entry_check *c, const kd_crypto *crypto, kd_arena *arena, const kd_allocator *from,
                           kd_str party, const kd_public_key *keys, size_t key_count, kd_error *e);
void entry_check_close(entry_check *c);
/* Form, signature, author, first entry and revisions; of one that was found good before, with these keys,
 * only what the first entries need. The message names the entry. */
kd_status entry_check_one(entry_check *c, int64_t index, kd_str entry, bool found_good, kd_error *e);
/* Holds the first entries of all books against each other and against the treaty's text. `pinned` is what
 * they pin now. */
kd_status entry_check_pins(const entry_check *books, size_t count, const kd_digest *treaty_hash,
                           kd_digest *pinned, bool *checked, kd_error *e);

#endif

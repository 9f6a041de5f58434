/* roster.h: the first entry of a book: the treaty's text by its hash, and every Party's keys. */
#ifndef KADESH_CLI_ROSTER_H
#define KADESH_CLI_ROSTER_H

#include "cli/cli.h"
#include "cli/say.h"

typedef struct kd_roster {
    const kd_treaty *treaty;
    kd_symbols *symbols;
    kd_digest treaty_hash;
    const kd_public_key *keys; /* of all Parties */
    size_t key_count;
    kd_stamp issued;
    bool has_received; /* of a reconstruction: then it is as issued */
    kd_str source, grade, remark;
} kd_roster;

/* Every Party of the treaty must have a key for each purpose, and nobody else. KD_INVALID. */
kd_status kd_roster_check(const kd_treaty *t, const kd_public_key *keys, size_t count, kd_error *e);
/* The ring's keys must be those that the roster names for its Party. KD_INVALID. */
kd_status kd_roster_has(const kd_roster *r, const kd_crypto *crypto, const kd_keyring *ring, kd_error *e);
/* Appends the whole signed entry to `entry`. `ring` signs for its Party. */
kd_status kd_roster_entry(const kd_roster *r, const kd_crypto *crypto, const kd_keyring *ring,
                          kd_arena *arena, kd_text *entry, kd_error *e);

#endif

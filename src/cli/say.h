/* say.h: a statement before it is signed: held against the treaty's declaration of its notice, then written
 * out. */
#ifndef KADESH_CLI_SAY_H
#define KADESH_CLI_SAY_H

#include "kadesh/treaty.h"
#include <kadesh/store.h>

/* What is to be said: names and values as given, in any order. */
typedef struct kd_saying {
    const kd_treaty *treaty;
    kd_symbols *symbols;
    uint32_t party;
    kd_statement statement; /* treaty, by and to may be left out; fields as given */
} kd_saying;

/* One thing that is wrong. */
typedef struct kd_say_fault {
    int field; /* index in statement.fields, or -1 */
    const char *message;
} kd_say_fault;

#define KD_SAY_FAULTS 32

/* Checks the notice, who may say it, every field and how often it is given; orders the fields as the notice
 * declares them and fills in treaty, by and to. KD_INVALID with the faults, all in `arena`. */
kd_status kd_say_check(kd_saying *s, kd_arena *arena, kd_say_fault faults[KD_SAY_FAULTS], size_t *count,
                       kd_error *e);
/* The text, checked; signed by the ring's key for statements, the whole entry. */
kd_status kd_say_sign(const kd_crypto *crypto, const kd_keyring *keys, kd_str text, kd_text *entry,
                      kd_error *e);

#endif

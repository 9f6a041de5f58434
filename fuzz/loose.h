/* loose.h: what the fuzz targets share: real hashes, and signatures that nearly all hold, so that a
 * changed text still gets past its signature and deeper into the code. */
#ifndef KADESH_FUZZ_LOOSE_H
#define KADESH_FUZZ_LOOSE_H

#include "store/crypto.h"
#include <kadesh/book.h>
#include <stdlib.h>
#include <string.h>

static inline bool loose_verify(void *ctx, const unsigned char key[32], const void *message, size_t n,
                                const unsigned char sig[64]) {
    (void)ctx, (void)key, (void)message, (void)n;
    return sig[0] != 0xFF;
}

static inline kd_crypto loose_crypto(void) {
    kd_crypto crypto;
    if (kd_crypto_sodium(&crypto, NULL)) abort();
    crypto.verify = loose_verify;
    return crypto;
}

/* The keys of the vectors' files, so that the corpus opens. */
#define LOOSE_KEYS 3
static const char *const loose_vkeys[LOOSE_KEYS] = {
    "us.example/book+0bd03e9b+AaSw9EPLCWglm9n4/ML+IyZ91pU2AM9M+qXFb2xnth8t",
    "alice.example/office+62977a27+ATasAi/+TEHzluxndli9yBRVR0pJATALnuI8AeEfxTDi",
    "w1.example/witness+94724b80+BIvnn+l38v2B8+lyo0TTQtuKICtJZd62N6oBkmSEfIRZ",
};

static inline void loose_keys(const kd_crypto *crypto, kd_vkey keys[LOOSE_KEYS]) {
    for (size_t i = 0; i < LOOSE_KEYS; i++)
        if (kd_vkey_parse(crypto, kd_str_of(loose_vkeys[i]), &keys[i], NULL)) abort();
}

/* A claim about what was parsed; a failure stops the fuzzer. */
static inline void must(bool holds) {
    if (!holds) abort();
}

#endif

/* crypto.c: SHA-256 and Ed25519 from libsodium, behind the table that the pure rooms call. */
#include "store/crypto.h"
#include <sodium.h>
#include <string.h>

static const unsigned char *bytes_of(kd_str s) {
    return (const unsigned char *)(s.p ? s.p : "");
}

static void sodium_sha256(void *ctx, const kd_str *pieces, size_t count, unsigned char out[32]) {
    (void)ctx;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++) crypto_hash_sha256_update(&state, bytes_of(pieces[i]), pieces[i].n);
    crypto_hash_sha256_final(&state, out);
}

static bool sodium_verify(void *ctx, const unsigned char key[32], const void *message, size_t n,
                          const unsigned char sig[64]) {
    (void)ctx;
    return crypto_sign_verify_detached(sig, message, n, key) == 0;
}

static bool sodium_sign(void *ctx, const unsigned char seed[32], const unsigned char key[32],
                        const void *message, size_t n, unsigned char sig[64]) {
    (void)ctx;
    /* libsodium's secret key is the seed followed by the public key. */
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    memcpy(secret, seed, 32);
    memcpy(secret + 32, key, 32);
    bool signed_well = crypto_sign_detached(sig, NULL, message, n, secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return signed_well;
}

static bool sodium_public_key(void *ctx, const unsigned char seed[32], unsigned char key[32]) {
    (void)ctx;
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    bool made = crypto_sign_seed_keypair(key, secret, seed) == 0;
    sodium_memzero(secret, sizeof secret);
    return made;
}

kd_status kd_crypto_sodium(kd_crypto *out, kd_error *e) {
    if (sodium_init() < 0) return kd_fail(e, KD_SYSTEM, "no_crypto", "libsodium cannot start");
    *out = (kd_crypto){sodium_sha256, sodium_verify, sodium_sign, sodium_public_key, NULL};
    return KD_OK;
}

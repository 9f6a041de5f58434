/* crypto.h: the table of cryptographic functions, filled from libsodium. */
#ifndef KADESH_STORE_CRYPTO_H
#define KADESH_STORE_CRYPTO_H

#include <kadesh/base.h>

/* Fills `out` with SHA-256 and strict Ed25519. Starts the library when it was not; may be called often and
 * from several threads. KD_SYSTEM when the library cannot start. */
kd_status kd_crypto_sodium(kd_crypto *out, kd_error *e);

#endif

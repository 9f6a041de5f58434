/* key.c: keys as text: the public ones that verify and the secret ones that sign. */
#include "book/inside.h"
#include <string.h>

bool kd_book_is_space(uint32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

bool kd_key_name_valid(kd_str name) {
    if (name.n == 0 || name.n > KD_NAME_MAX_BYTES) return false;
    for (size_t i = 0; i < name.n;) {
        uint32_t point;
        unsigned length = kd_utf8_next(name.p + i, name.n - i, &point);
        if (length == 0 || point < 0x20 || point == '+' || kd_book_is_space(point)) return false;
        i += length;
    }
    return true;
}

static bool is_known_type(unsigned type) {
    return type == KD_KEY_SIGNS || type == KD_KEY_COSIGNS;
}

/* The first four bytes of H(name || LF || type || key). */
static void make_id(const kd_crypto *crypto, kd_vkey *key) {
    unsigned char digest[KD_DIGEST_BYTES];
    kd_str pieces[4] = {key->name, KD_STR("\n"), {(const char *)&key->type, 1}, {(const char *)key->key, 32}};
    crypto->sha256(crypto->ctx, pieces, 4, digest);
    memcpy(key->id, digest, sizeof key->id);
}

kd_status kd_vkey_make(const kd_crypto *crypto, kd_str name, unsigned type, const unsigned char key[32],
                       kd_vkey *out, kd_error *e) {
    if (!kd_key_name_valid(name))
        return kd_fail(e, KD_INVALID, "bad_key_name",
                       "a key's name is 1 to 255 bytes of UTF-8 without blanks, control characters and `+`");
    if (!is_known_type(type))
        return kd_fail(e, KD_INVALID, "unknown_type",
                       "keys of type 0x%02x are not known here; 0x01 and 0x04 are", type);
    *out = (kd_vkey){.name = name, .type = (unsigned char)type};
    memcpy(out->key, key, sizeof out->key);
    make_id(crypto, out);
    return KD_OK;
}

/* The text up to the next `+`, which is eaten; false when there is none. */
static bool cut_at_plus(kd_str *rest, kd_str *part) {
    const char *plus = rest->n ? memchr(rest->p, '+', rest->n) : NULL;
    if (!plus) return false;
    size_t n = (size_t)(plus - rest->p);
    *part = (kd_str){rest->p, n};
    *rest = (kd_str){plus + 1, rest->n - n - 1};
    return true;
}

/* A type byte and what follows it: large enough for an ML-DSA-44 key, the longest that C2SP names, so that
 * it is called unknown and not malformed. */
#define BLOB_ROOM 2048

/* Reads name+id+base64(type || 32 bytes) into the name, ID, type and `bytes`. */
static kd_status parse_parts(kd_str text, kd_vkey *out, unsigned char bytes[32], kd_error *e) {
    kd_str name, id, rest = text;
    if (!cut_at_plus(&rest, &name) || !cut_at_plus(&rest, &id))
        return kd_fail(e, KD_INVALID, "bad_vkey",
                       "a key is written name+id+base64, with two `+` before the base64");
    if (!kd_key_name_valid(name))
        return kd_fail(e, KD_INVALID, "bad_key_name",
                       "a key's name is 1 to 255 bytes of UTF-8 without blanks, control characters and `+`");
    *out = (kd_vkey){.name = name};
    if (!kd_hex_decode(id, out->id, sizeof out->id))
        return kd_fail(e, KD_INVALID, "bad_key_id", "a key's ID is 8 lower-case hex digits");
    unsigned char blob[BLOB_ROOM] = {0};
    if (rest.n > BLOB_ROOM / 3 * 4) return kd_fail(e, KD_INVALID, "bad_key_length", "the key is too long");
    long n = kd_base64_decode(rest, blob, sizeof blob);
    kd_status status = KD_OK;
    if (n < 0) {
        status = kd_fail(e, KD_INVALID, "bad_base64", "the key's last part is not base64");
    } else if (n < 2) {
        status = kd_fail(e, KD_INVALID, "bad_key_length", "the key has no bytes");
    } else if (!is_known_type(blob[0])) {
        status =
            kd_fail(e, KD_INVALID, "unknown_type",
                    "keys of type 0x%02x cannot be used here; Ed25519 keys (0x01) and cosigners' (0x04) can",
                    blob[0]);
    } else if (n != 33) {
        status = kd_fail(e, KD_INVALID, "bad_key_length",
                         "an Ed25519 key has 32 bytes after its type, not %ld", n - 1);
    } else {
        out->type = blob[0];
        memcpy(bytes, blob + 1, 32);
    }
    memset(blob, 0, sizeof blob);
    return status;
}

/* Whether the ID that was read is that of the key. */
static kd_status check_id(const kd_crypto *crypto, kd_vkey *key, kd_error *e) {
    unsigned char id[sizeof key->id];
    memcpy(id, key->id, sizeof id);
    make_id(crypto, key);
    if (memcmp(id, key->id, sizeof id) == 0) return KD_OK;
    return kd_fail(e, KD_INVALID, "key_id_mismatch", "the ID is not that of this name, type and key");
}

kd_status kd_vkey_parse(const kd_crypto *crypto, kd_str text, kd_vkey *out, kd_error *e) {
    unsigned char bytes[32];
    kd_status status = parse_parts(text, out, bytes, e);
    if (status) return status;
    memcpy(out->key, bytes, sizeof out->key);
    return check_id(crypto, out, e);
}

static void put_parts(kd_text *t, const kd_vkey *key, const unsigned char bytes[32]) {
    unsigned char blob[33] = {key->type};
    memcpy(blob + 1, bytes, 32);
    kd_text_put(t, key->name);
    kd_text_putc(t, '+');
    kd_hex_put(t, key->id, sizeof key->id);
    kd_text_putc(t, '+');
    kd_base64_put(t, blob, sizeof blob);
    memset(blob, 0, sizeof blob);
}

void kd_vkey_put(kd_text *t, const kd_vkey *key) {
    put_parts(t, key, key->key);
}

kd_status kd_signer_make(const kd_crypto *crypto, kd_str name, unsigned type, const unsigned char seed[32],
                         kd_signer *out, kd_error *e) {
    unsigned char key[32];
    if (!crypto->public_key || !crypto->public_key(crypto->ctx, seed, key))
        return kd_fail(e, KD_SYSTEM, "no_crypto", "the cryptographic library cannot make a public key");
    kd_status status = kd_vkey_make(crypto, name, type, key, &out->public_key, e);
    if (status == KD_OK) memcpy(out->seed, seed, sizeof out->seed);
    return status;
}

static const char secret_prefix[] = "PRIVATE+KEY+";

kd_status kd_signer_parse(const kd_crypto *crypto, kd_str text, kd_signer *out, kd_error *e) {
    size_t skip = sizeof secret_prefix - 1;
    if (!kd_str_starts(text, secret_prefix))
        return kd_fail(e, KD_INVALID, "bad_secret_key", "a secret key begins with PRIVATE+KEY+");
    kd_vkey written;
    kd_status status = parse_parts((kd_str){text.p + skip, text.n - skip}, &written, out->seed, e);
    if (status) return status;
    unsigned char seed[32];
    memcpy(seed, out->seed, sizeof seed);
    status = kd_signer_make(crypto, written.name, written.type, seed, out, e);
    memset(seed, 0, sizeof seed);
    if (status) return status;
    if (memcmp(written.id, out->public_key.id, sizeof written.id) == 0) return KD_OK;
    return kd_fail(e, KD_INVALID, "key_id_mismatch", "the ID is not that of this name, type and secret key");
}

void kd_signer_put(kd_text *t, const kd_signer *signer) {
    kd_text_puts(t, secret_prefix);
    put_parts(t, &signer->public_key, signer->seed);
}

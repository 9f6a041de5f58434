/* fuzz_keys.c: key files, the secret and the public: what is read is written back and read again the same,
 * what is refused leaves nothing behind, and no error repeats a secret. */
#include "disk.h"
#include "loose.h"

static const char path[] = "keys/US.key";

/* Stretching a passphrase takes as long as the file asks: only the cheapest is tried. */
static bool is_cheap(kd_str file) {
    const kd_str costs = KD_STR("argon2id "), cheap = KD_STR("argon2id ops=1 memory=8192 ");
    for (size_t i = 0; i + costs.n <= file.n; i++) {
        if (memcmp(file.p + i, costs.p, costs.n) != 0) continue;
        if (file.n - i < cheap.n || memcmp(file.p + i, cheap.p, cheap.n) != 0) return false;
    }
    return true;
}

static bool answer(void *ctx, char *out, size_t room) {
    if (!is_cheap(*(kd_str *)ctx)) return false;
    snprintf(out, room, "a passphrase");
    return true;
}

/* The last letters of each secret that the file holds stand nowhere in the message. */
static void check_silence(kd_str file, const kd_error *e) {
    const char word[] = "PRIVATE+KEY+";
    const size_t n = sizeof word - 1, tail = 12;
    for (size_t i = 0; i + n <= file.n; i++) {
        if (memcmp(file.p + i, word, n) != 0) continue;
        const char *end = memchr(file.p + i, '\n', file.n - i);
        size_t length = end ? (size_t)(end - (file.p + i)) : file.n - i;
        char secret[16] = "";
        if (length < n + tail) continue;
        memcpy(secret, file.p + i + length - tail, tail);
        bool is_secret = strlen(secret) == tail && !strchr(secret, ' ') && !strstr(secret, "KEY");
        must(!is_secret || !strstr(e->message, secret));
    }
}

static void check_ring(const kd_crypto *crypto, kd_keyring *ring) {
    simdisk d;
    kd_arena arena;
    kd_keyring again;
    kd_public_key *keys;
    size_t count;
    kd_text once, twice;
    simdisk_open(&d);
    kd_arena_open(&arena, NULL);
    kd_text_open(&once, NULL);
    kd_text_open(&twice, NULL);
    must(kd_keyring_put(ring, NULL, &once, NULL) == KD_OK);
    disk_put(&d, path, kd_text_str(&once));
    must(kd_keyring_read(&d.os, crypto, path, NULL, &again, NULL) == KD_OK);
    must(kd_keyring_put(&again, NULL, &twice, NULL) == KD_OK);
    must(kd_str_equal(kd_text_str(&once), kd_text_str(&twice)));
    kd_text_clear(&once);
    kd_keyring_put_public(ring, &once);
    must(kd_public_keys_parse(crypto, kd_text_str(&once), &arena, &keys, &count, NULL) == KD_OK);
    must(count == KD_PURPOSES);
    for (size_t i = 0; i < count; i++) {
        must(keys[i].purpose == (kd_purpose)i && kd_str_is(keys[i].party, ring->party));
        must(memcmp(keys[i].key.key, ring->signers[i].public_key.key, 32) == 0);
    }
    kd_text_close(&once);
    kd_text_close(&twice);
    kd_arena_close(&arena);
    simdisk_close(&d);
}

static void read_secret_file(const kd_crypto *crypto, kd_str bytes) {
    simdisk d;
    kd_keyring ring;
    static const kd_keyring nothing;
    const kd_passphrase ask = {answer, &bytes};
    kd_error e = {0};
    simdisk_open(&d);
    disk_put(&d, path, bytes);
    kd_status s = kd_keyring_read(&d.os, crypto, path, &ask, &ring, &e);
    simdisk_close(&d);
    if (s == KD_OK) {
        check_ring(crypto, &ring);
    } else {
        must(s == KD_INVALID || s == KD_FAILED || s == KD_USAGE);
        must(e.reason[0] && e.message[0] && strcmp(e.file, path) == 0);
        must(memcmp(&ring, &nothing, sizeof ring) == 0);
        check_silence(bytes, &e);
    }
    kd_keyring_wipe(&ring);
}

static void read_public_file(const kd_crypto *crypto, kd_str bytes) {
    kd_arena arena;
    kd_public_key *keys;
    size_t count;
    kd_error e = {0};
    kd_text line;
    kd_arena_open(&arena, NULL);
    kd_text_open(&line, NULL);
    kd_status s = kd_public_keys_parse(crypto, bytes, &arena, &keys, &count, &e);
    must(s == KD_OK || (s == KD_INVALID && e.reason[0] && e.message[0]));
    if (kd_utf8_check(bytes) == bytes.n) must(kd_utf8_check(kd_str_of(e.message)) == strlen(e.message));
    for (size_t i = 0; !s && i < count; i++) {
        kd_text_clear(&line);
        kd_text_printf(&line, "%.*s %s ", KD_STR_ARGS(keys[i].party), kd_purpose_names[keys[i].purpose]);
        kd_vkey_put(&line, &keys[i].key);
        bool whole = !memchr(keys[i].party.p, 0, keys[i].party.n); /* printf would stop at a NUL */
        must(!whole || kd_str_equal(kd_text_str(&line), keys[i].line));
    }
    kd_text_close(&line);
    kd_arena_close(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_crypto crypto = loose_crypto();
    kd_str bytes = {(const char *)data, size};
    read_secret_file(&crypto, bytes);
    read_public_file(&crypto, bytes);
    return 0;
}

/* keyring.c: a Party's secret keys and the file that keeps them.
 *
 *      kadesh.key/1
 *      party US
 *      note Demonstration keys ...                       remarks; of a demonstration, this one and `phrase`
 *      phrase any words                                 only of a demonstration
 *      statements PRIVATE+KEY+us.example/nrrc+...        plain
 *      heads PRIVATE+KEY+us.example/book+...
 *      cosignatures PRIVATE+KEY+us.example/cosigner+...
 *
 *      argon2id ops=4 memory=268435456 salt=BASE64       sealed: instead of the three lines
 *      sealed BASE64(nonce[24] || XChaCha20-Poly1305(the three lines))
 *
 * What stands before `sealed` is authenticated with it, so that nobody can weaken the costs or relabel the
 * file. */
#include "store/files.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define KEY_FILE_MAX_BYTES 65536
#define KEY_HEADER         "kadesh.key/1\n"
/* The most that a key file may ask of a machine: its costs are its author's word. */
#define OPS_MOST          100
#define MEMORY_MOST_BYTES (INT64_C(4) << 30)

static const char *const suffixes[KD_PURPOSES] = {"nrrc", "book", "cosigner"};

static unsigned type_of(kd_purpose p) {
    return p == KD_FOR_COSIGNATURES ? KD_KEY_COSIGNS : KD_KEY_SIGNS;
}

void kd_keyring_wipe(kd_keyring *k) {
    sodium_memzero(k, sizeof *k);
}

/* ---- Making ---------------------------------------------------------------------------------------------*/

/* SHA-256 over "kadesh demonstration key/1", the phrase, the Party and the purpose, each with its LF. */
static void demonstration_seed(const kd_crypto *crypto, kd_str phrase, kd_str party, kd_purpose p,
                               unsigned char seed[32]) {
    const kd_str lf = KD_STR("\n");
    const kd_str pieces[] = {KD_STR("kadesh demonstration key/1"), lf, phrase, lf, party, lf,
                             kd_str_of(kd_purpose_names[p]),       lf};
    crypto->sha256(crypto->ctx, pieces, sizeof pieces / sizeof *pieces, seed);
}

static bool one_line(kd_str s, size_t room) {
    if (s.n == 0 || s.n >= room || kd_utf8_check(s) != s.n) return false;
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20) return false;
    }
    return true;
}

/* The name is a folder's too, and begins lines in which # would make a remark. */
static kd_status set_party(kd_keyring *k, kd_str party, kd_error *e) {
    bool good = one_line(party, sizeof k->party) && party.p[0] != '.' && party.p[0] != '#' &&
                !memchr(party.p, ' ', party.n) && !memchr(party.p, '/', party.n);
    if (!good) return kd_fail(e, KD_INVALID, "bad_party", "`%.*s` is no Party's name", KD_STR_ARGS(party));
    memcpy(k->party, party.p, party.n);
    return KD_OK;
}

kd_status kd_keyring_make(const kd_crypto *crypto, kd_str party, kd_str name, const char *phrase,
                          kd_keyring *out, kd_error *e) {
    memset(out, 0, sizeof *out);
    kd_status s = set_party(out, party, e);
    if (s) return s;
    if (phrase && !one_line(kd_str_of(phrase), sizeof out->phrase))
        return kd_fail(e, KD_INVALID, "bad_phrase", "the phrase must be one line of 1 to 255 bytes");
    if (phrase) snprintf(out->phrase, sizeof out->phrase, "%s", phrase);
    out->demonstration = phrase != NULL;
    for (kd_purpose p = 0; !s && p < KD_PURPOSES; p++) {
        unsigned char seed[32];
        int n = snprintf(out->names[p], sizeof out->names[p], "%.*s/%s", KD_STR_ARGS(name), suffixes[p]);
        if (n < 0 || (size_t)n >= sizeof out->names[p]) {
            s = kd_fail(e, KD_INVALID, "bad_key_name", "the name is longer than a key's may be");
            break;
        }
        if (phrase) {
            demonstration_seed(crypto, kd_str_of(phrase), party, p, seed);
        } else {
            randombytes_buf(seed, sizeof seed);
        }
        s = kd_signer_make(crypto, kd_str_of(out->names[p]), type_of(p), seed, &out->signers[p], e);
        sodium_memzero(seed, sizeof seed);
    }
    if (s) kd_keyring_wipe(out);
    return s;
}

/* ---- Writing --------------------------------------------------------------------------------------------*/

static const char demonstration_note[] =
    "Demonstration keys: derived from the published phrase below. Anybody can sign with them; they prove nothing.";

static void put_secret_lines(const kd_keyring *k, kd_text *out) {
    for (kd_purpose p = 0; p < KD_PURPOSES; p++) {
        kd_text_printf(out, "%s ", kd_purpose_names[p]);
        kd_signer_put(out, &k->signers[p]);
        kd_text_putc(out, '\n');
    }
}

/* The memory of a kd_text that held secrets is wiped before it goes back. */
static void close_secret(kd_text *t) {
    if (t->p) sodium_memzero(t->p, t->room);
    kd_text_close(t);
}

static kd_status stretch(const char *passphrase, int64_t ops, int64_t memory, const unsigned char *salt,
                         unsigned char key[32], kd_error *e) {
    if (crypto_pwhash(key, 32, passphrase, strlen(passphrase), salt, (unsigned long long)ops, (size_t)memory,
                      crypto_pwhash_ALG_ARGON2ID13) == 0)
        return KD_OK;
    return kd_fail(e, KD_NOMEM, "no_memory", "Argon2id wants %lld MiB of memory, which there are not",
                   (long long)(memory >> 20));
}

static kd_status put_sealed(const kd_keyring *k, const char *passphrase, kd_text *out, kd_error *e) {
    unsigned char salt[crypto_pwhash_SALTBYTES], key[32];
    unsigned char nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES], sealed[4096];
    unsigned long long sealed_bytes = 0;
    const int64_t ops = crypto_pwhash_OPSLIMIT_MODERATE, memory = crypto_pwhash_MEMLIMIT_MODERATE;
    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    kd_text_printf(out, "argon2id ops=%lld memory=%lld salt=", (long long)ops, (long long)memory);
    kd_base64_put(out, salt, sizeof salt);
    kd_text_putc(out, '\n');
    kd_text plain; /* roomy from the start: growing would leave copies behind */
    kd_text_open(&plain, &kd_allocator_libc);
    kd_text_repeat(&plain, ' ', 2048);
    kd_text_clear(&plain);
    put_secret_lines(k, &plain);
    kd_status s = plain.failed || out->failed ? kd_fail_nomem(e) : KD_OK;
    if (!s) s = stretch(passphrase, ops, memory, salt, key, e);
    if (!s) {
        memcpy(sealed, nonce, sizeof nonce);
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + sizeof nonce, &sealed_bytes,
                                                   (const unsigned char *)plain.p, plain.n,
                                                   (const unsigned char *)out->p, out->n, NULL, nonce, key);
        kd_text_puts(out, "sealed ");
        kd_base64_put(out, sealed, sizeof nonce + (size_t)sealed_bytes);
        kd_text_putc(out, '\n');
        sodium_memzero(key, sizeof key);
    }
    close_secret(&plain);
    return s;
}

kd_status kd_keyring_put(const kd_keyring *k, const char *passphrase, kd_text *out, kd_error *e) {
    kd_text_printf(out, KEY_HEADER "party %s\n", k->party);
    if (k->demonstration) kd_text_printf(out, "note %s\nphrase %s\n", demonstration_note, k->phrase);
    if (passphrase) {
        kd_status s = put_sealed(k, passphrase, out, e);
        if (s) return s;
    } else {
        put_secret_lines(k, out);
    }
    return out->failed ? kd_fail_nomem(e) : KD_OK;
}

void kd_keyring_put_public(const kd_keyring *k, kd_text *out) {
    if (k->demonstration) kd_text_printf(out, "# %s\n# phrase %s\n", demonstration_note, k->phrase);
    for (kd_purpose p = 0; p < KD_PURPOSES; p++) {
        kd_text_printf(out, "%s %s ", k->party, kd_purpose_names[p]);
        kd_vkey_put(out, &k->signers[p].public_key);
        kd_text_putc(out, '\n');
    }
}

/* ---- Reading --------------------------------------------------------------------------------------------*/

static kd_status bad_file(kd_error *e, uint32_t line) {
    kd_fail(e, KD_INVALID, "bad_key_file",
            "this is not a line that a key file has here; see docs/appending.md");
    kd_error_place(e, NULL, line, 1);
    return KD_INVALID;
}

static bool strip(kd_str *line, const char *word) {
    if (!kd_str_starts(*line, word)) return false;
    size_t n = strlen(word);
    line->p += n;
    line->n -= n;
    return true;
}

/* One of the three lines. The names live in the ring, so that the signer does not point into the file's
 * bytes. */
static kd_status read_secret(const kd_crypto *crypto, kd_str line, kd_purpose p, kd_keyring *out,
                             kd_error *e) {
    kd_signer signer;
    if (!strip(&line, kd_purpose_names[p]) || !strip(&line, " "))
        return kd_fail(e, KD_INVALID, "bad_key_file", "wanted the %s key", kd_purpose_names[p]);
    kd_status s = kd_signer_parse(crypto, line, &signer, e);
    if (!s && signer.public_key.type != type_of(p))
        s = kd_fail(e, KD_INVALID, "wrong_purpose", "the key's type does not fit %s", kd_purpose_names[p]);
    if (!s) {
        memcpy(out->names[p], signer.public_key.name.p, signer.public_key.name.n);
        out->names[p][signer.public_key.name.n] = 0;
        out->signers[p] = signer;
        out->signers[p].public_key.name = kd_str_of(out->names[p]);
    }
    sodium_memzero(&signer, sizeof signer);
    return s;
}

static kd_status read_secrets(const kd_crypto *crypto, kd_cursor *c, uint32_t first_line, kd_keyring *out,
                              kd_error *e) {
    for (kd_purpose p = 0; p < KD_PURPOSES; p++) {
        kd_str line;
        if (!kd_cursor_line(c, &line)) return bad_file(e, first_line + p);
        kd_status s = read_secret(crypto, line, p, out, e);
        if (s) {
            kd_error_place(e, NULL, first_line + p, 1);
            return s;
        }
    }
    return kd_cursor_left(c) ? bad_file(e, first_line + KD_PURPOSES) : KD_OK;
}

/* "argon2id ops=3 memory=268435456 salt=..." */
static bool read_costs(kd_str line, int64_t *ops, int64_t *memory,
                       unsigned char salt[crypto_pwhash_SALTBYTES]) {
    if (!strip(&line, "argon2id ops=")) return false;
    const char *blank = line.n ? memchr(line.p, ' ', line.n) : NULL;
    if (!blank || !kd_decimal((kd_str){line.p, (size_t)(blank - line.p)}, ops)) return false;
    line.n -= (size_t)(blank - line.p);
    line.p = blank;
    if (!strip(&line, " memory=")) return false;
    blank = line.n ? memchr(line.p, ' ', line.n) : NULL;
    if (!blank || !kd_decimal((kd_str){line.p, (size_t)(blank - line.p)}, memory)) return false;
    line.n -= (size_t)(blank - line.p);
    line.p = blank;
    if (!strip(&line, " salt=")) return false;
    return kd_base64_decode(line, salt, crypto_pwhash_SALTBYTES) == crypto_pwhash_SALTBYTES && *ops >= 1 &&
           *ops <= OPS_MOST && *memory >= 8192 && *memory <= MEMORY_MOST_BYTES;
}

static kd_status open_sealed(const kd_crypto *crypto, kd_str header, kd_str costs, kd_str sealed_line,
                             uint32_t line, const kd_passphrase *ask, kd_keyring *out, kd_error *e) {
    unsigned char salt[crypto_pwhash_SALTBYTES], key[32], sealed[4096], plain[4096];
    char passphrase[1024];
    int64_t ops = 0, memory = 0;
    unsigned long long n = 0;
    if (!read_costs(costs, &ops, &memory, salt)) return bad_file(e, line);
    long bytes = strip(&sealed_line, "sealed ") ? kd_base64_decode(sealed_line, sealed, sizeof sealed) : -1;
    const long nonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    if (bytes < nonce + (long)crypto_aead_xchacha20poly1305_ietf_ABYTES) return bad_file(e, line + 1);
    if (!ask || !ask->ask(ask->ctx, passphrase, sizeof passphrase))
        return kd_fail(e, KD_USAGE, "no_passphrase",
                       "the key is sealed with a passphrase, and none was given");
    kd_status s = stretch(passphrase, ops, memory, salt, key, e);
    sodium_memzero(passphrase, sizeof passphrase);
    if (s) return s;
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, &n, NULL, sealed + nonce, (unsigned long long)(bytes - nonce), (const unsigned char *)header.p,
        header.n, sealed, key);
    if (failed) {
        s = kd_fail(e, KD_FAILED, "bad_passphrase",
                    "the passphrase does not open this key, or the file was changed");
    } else {
        kd_cursor c = kd_cursor_of(plain, (size_t)n);
        s = read_secrets(crypto, &c, 1, out, e);
    }
    sodium_memzero(plain, sizeof plain);
    sodium_memzero(key, sizeof key);
    return s;
}

static kd_status parse_file(const kd_crypto *crypto, kd_str file, const kd_passphrase *ask, kd_keyring *out,
                            kd_error *e) {
    kd_cursor c = kd_cursor_of(file.p, file.n), before = c;
    kd_str line;
    uint32_t number = 1;
    if (!kd_cursor_line(&c, &line) || !kd_str_is(line, "kadesh.key/1")) return bad_file(e, 1);
    for (;;) {
        before = c;
        number++;
        if (!kd_cursor_line(&c, &line)) return bad_file(e, number);
        kd_str value = line;
        if (strip(&value, "party ")) {
            if (out->party[0] || set_party(out, value, NULL)) return bad_file(e, number);
        } else if (strip(&value, "phrase ")) {
            if (out->demonstration || !one_line(value, sizeof out->phrase)) return bad_file(e, number);
            memcpy(out->phrase, value.p, value.n);
            out->demonstration = true;
        } else if (!kd_str_starts(line, "note ")) {
            break;
        }
    }
    if (!out->party[0]) return bad_file(e, 2);
    if (!kd_str_starts(line, "argon2id ")) {
        c = before;
        return read_secrets(crypto, &c, number, out, e);
    }
    kd_str header = {file.p, (size_t)(c.p - (const unsigned char *)file.p)}, sealed;
    if (!kd_cursor_line(&c, &sealed) || kd_cursor_left(&c)) return bad_file(e, number + 1);
    return open_sealed(crypto, header, line, sealed, number, ask, out, e);
}

kd_status kd_keyring_read(const kd_os *os, const kd_crypto *crypto, const char *path,
                          const kd_passphrase *ask, kd_keyring *out, kd_error *e) {
    memset(out, 0, sizeof *out);
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_str file;
    kd_status s = kd_read_file(os, path, KEY_FILE_MAX_BYTES, &arena, &file, e);
    if (!s) {
        s = parse_file(crypto, file, ask, out, e);
        if (s) kd_error_place(e, path, e ? e->line : 0, e ? e->column : 0);
        if (file.n) sodium_memzero((char *)(uintptr_t)file.p, file.n);
    }
    if (s) kd_keyring_wipe(out);
    kd_arena_close(&arena);
    return s;
}

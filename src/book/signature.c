/* signature.c: verifying the lines of a note and making them. */
#include "book/inside.h"
#include <string.h>

static const char cosignature_header[] = "cosignature/v1";

void kd_cosignature_message(kd_text *out, kd_str text, kd_instant time) {
    kd_text_printf(out, "%s\ntime %lld\n", cosignature_header, (long long)time);
    kd_text_put(out, text);
}

/* A cosignature's blob: time as 8 bytes big-endian, 64 bytes of Ed25519 over the message. */
static kd_status verify_cosignature(kd_arena *arena, const kd_crypto *crypto, kd_str text, kd_str signature,
                                    const kd_vkey *key, kd_instant *time, kd_error *e) {
    if (signature.n != 72)
        return kd_fail(e, KD_FAILED, "cosignature_length",
                       "a cosignature has 72 bytes after the ID, this one %zu", signature.n);
    kd_cursor cursor = kd_cursor_of(signature.p, signature.n);
    uint64_t seconds = kd_cursor_u64(&cursor);
    if (seconds > INT64_MAX)
        return kd_fail(e, KD_FAILED, "timestamp_range", "the cosignature's time is out of range");
    if (seconds == 0) return kd_fail(e, KD_FAILED, "timestamp_zero", "the cosignature has no time");
    *time = (kd_instant)seconds;
    char *message = kd_arena_printf(arena, "%s\ntime %lld\n%.*s", cosignature_header, (long long)*time,
                                    KD_STR_ARGS(text));
    if (!message) return kd_fail_nomem(e);
    if (crypto->verify(crypto->ctx, key->key, message, strlen(message), cursor.p)) return KD_OK;
    return kd_fail(e, KD_FAILED, "bad_signature", "the cosignature of %.*s does not hold",
                   KD_STR_ARGS(key->name));
}

static kd_status verify_line(kd_arena *arena, const kd_crypto *crypto, kd_str text, const kd_note_line *line,
                             const kd_vkey *key, kd_instant *time, kd_error *e) {
    *time = 0;
    if (key->type == KD_KEY_COSIGNS)
        return verify_cosignature(arena, crypto, text, line->signature, key, time, e);
    const unsigned char *signature = (const unsigned char *)line->signature.p;
    if (line->signature.n == 64 && crypto->verify(crypto->ctx, key->key, text.p, text.n, signature))
        return KD_OK;
    return kd_fail(e, KD_FAILED, "bad_signature", "the signature of %.*s does not hold",
                   KD_STR_ARGS(key->name));
}

/* The key of a line: name and ID must both be its own. */
static const kd_vkey *find_key(const kd_note_line *line, const kd_vkey *keys, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(line->id, keys[i].id, sizeof line->id) == 0 && kd_str_equal(line->name, keys[i].name))
            return &keys[i];
    return NULL;
}

static bool is_repeated(const kd_signatures *found, kd_str line) {
    for (size_t i = 0; i < found->count; i++)
        if (kd_str_equal(found->by[i].line, line)) return true;
    return false;
}

kd_status kd_book_verify_lines(kd_arena *arena, const kd_crypto *crypto, const kd_note *note,
                               const kd_vkey *keys, size_t key_count, kd_signatures *out, kd_error *e) {
    kd_signatures found = {kd_arena_array(arena, note->line_count, sizeof *found.by), 0, 0};
    if (!found.by) return kd_fail_nomem(e);
    for (size_t i = 0; i < note->line_count; i++) {
        const kd_note_line *line = &note->lines[i];
        const kd_vkey *key = find_key(line, keys, key_count);
        if (!key) {
            found.ignored++;
            continue;
        }
        if (is_repeated(&found, line->line)) continue;
        kd_instant time;
        kd_status status = verify_line(arena, crypto, note->text, line, key, &time, e);
        if (status) return status;
        found.by[found.count++] = (kd_verified){(size_t)(key - keys), time, line->line};
    }
    *out = found;
    return KD_OK;
}

kd_status kd_note_verify(kd_arena *arena, const kd_crypto *crypto, const kd_note *note, const kd_vkey *keys,
                         size_t key_count, kd_signatures *out, kd_error *e) {
    kd_status status = kd_book_verify_lines(arena, crypto, note, keys, key_count, out, e);
    if (status || out->count) return status;
    return kd_fail(e, KD_FAILED, "no_known_signature",
                   "none of its signatures is by a key that is trusted for it");
}

void kd_book_put_line(kd_text *out, const kd_vkey *key, const unsigned char *blob, size_t n) {
    unsigned char bytes[4 + 72];
    memcpy(bytes, key->id, 4);
    memcpy(bytes + 4, blob, n);
    kd_text_puts(out, "\xE2\x80\x94 ");
    kd_text_put(out, key->name);
    kd_text_putc(out, ' ');
    kd_base64_put(out, bytes, 4 + n);
    kd_text_putc(out, '\n');
}

static kd_status sign(const kd_crypto *crypto, const kd_signer *signer, kd_str message, unsigned char out[64],
                      kd_error *e) {
    if (crypto->sign &&
        crypto->sign(crypto->ctx, signer->seed, signer->public_key.key, message.p, message.n, out))
        return KD_OK;
    return kd_fail(e, KD_SYSTEM, "no_crypto", "the cryptographic library cannot sign");
}

kd_status kd_note_sign(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                       kd_error *e) {
    if (signer->public_key.type != KD_KEY_SIGNS)
        return kd_fail(e, KD_USAGE, "bad_key_type", "a cosigner's key signs no note");
    if (text.n == 0 || text.p[text.n - 1] != '\n' || kd_book_check_bytes(text, NULL))
        return kd_fail(e, KD_USAGE, "bad_text", "what is signed is lines of UTF-8, each with its newline");
    /* The same key must not be brought to sign what would pass as a cosignature. */
    if (kd_str_is(kd_book_first_line(text), cosignature_header))
        return kd_fail(e, KD_USAGE, "bad_text", "a text that begins with %s is never signed",
                       cosignature_header);
    unsigned char signature[64];
    kd_status status = sign(crypto, signer, text, signature, e);
    if (status) return status;
    kd_book_put_line(out, &signer->public_key, signature, sizeof signature);
    return out->failed ? kd_fail_nomem(e) : KD_OK;
}

kd_status kd_note_make(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                       kd_error *e) {
    kd_text_put(out, text);
    kd_text_putc(out, '\n');
    return kd_note_sign(out, crypto, signer, text, e);
}

kd_status kd_cosign(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                    kd_instant time, kd_error *e) {
    if (signer->public_key.type != KD_KEY_COSIGNS)
        return kd_fail(e, KD_USAGE, "bad_key_type", "this key is not a cosigner's");
    if (time < 1)
        return kd_fail(e, KD_USAGE, "bad_time", "a cosignature needs a time after 1970-01-01T00:00:00Z");
    kd_checkpoint ignored;
    if (kd_book_check_bytes(text, NULL) || kd_checkpoint_parse(text, &ignored, NULL))
        return kd_fail(e, KD_USAGE, "bad_text", "only the text of a checkpoint is cosigned");
    kd_text message;
    kd_text_open(&message, out->from);
    kd_cosignature_message(&message, text, time);
    unsigned char blob[72];
    for (unsigned i = 0; i < 8; i++) blob[i] = (unsigned char)((uint64_t)time >> (56 - 8 * i));
    kd_status status =
        message.failed ? kd_fail_nomem(e) : sign(crypto, signer, kd_text_str(&message), blob + 8, e);
    kd_text_close(&message);
    if (status) return status;
    kd_book_put_line(out, &signer->public_key, blob, sizeof blob);
    return out->failed ? kd_fail_nomem(e) : KD_OK;
}

/* checkpoint.c: heads: origin, size and root, signed. */
#include "book/inside.h"

kd_status kd_book_checkpoint_lines(kd_str text, kd_checkpoint *out, kd_error *e) {
    kd_cursor cursor = kd_cursor_of(text.p, text.n);
    kd_str origin, size, root, line;
    if (!kd_cursor_line(&cursor, &origin) || !kd_cursor_line(&cursor, &size) ||
        !kd_cursor_line(&cursor, &root))
        return kd_fail(e, KD_INVALID, "too_few_lines",
                       "a checkpoint has at least three lines: origin, size, root");
    if (origin.n == 0) return kd_fail(e, KD_INVALID, "bad_origin", "the checkpoint's origin is empty");
    kd_checkpoint at = {.origin = origin};
    if (!kd_decimal(size, &at.size))
        return kd_fail(e, KD_INVALID, "bad_size", "the checkpoint's size is not a decimal below 2^63");
    if (!kd_digest_parse(root, &at.root))
        return kd_fail(e, KD_INVALID, "bad_root", "the checkpoint's root is not base64 of 32 bytes");
    at.extensions = (kd_str){(const char *)cursor.p, kd_cursor_left(&cursor)};
    while (kd_cursor_line(&cursor, &line))
        if (line.n == 0) return kd_fail(e, KD_INVALID, "bad_extension", "the checkpoint has an empty line");
    if (kd_cursor_left(&cursor))
        return kd_fail(e, KD_INVALID, "no_final_newline", "the checkpoint's last line does not end");
    *out = at;
    return KD_OK;
}

kd_status kd_checkpoint_parse(kd_str text, kd_checkpoint *out, kd_error *e) {
    kd_checkpoint at;
    kd_status status = kd_book_checkpoint_lines(text, &at, e);
    if (status) return status;
    if (at.size == 0 && !kd_digest_equal(&at.root, &kd_empty_root))
        return kd_fail(e, KD_INVALID, "bad_empty_root", "the root of an empty tree is SHA-256 of nothing");
    *out = at;
    return KD_OK;
}

void kd_checkpoint_put(kd_text *t, kd_str origin, int64_t size, const kd_digest *root) {
    kd_text_put(t, origin);
    kd_text_printf(t, "\n%lld\n", (long long)size);
    kd_base64_put(t, root->b, sizeof root->b);
    kd_text_putc(t, '\n');
}

kd_status kd_head_open(kd_arena *arena, const kd_crypto *crypto, kd_str bytes, const kd_vkey *keys,
                       size_t key_count, kd_str origin, kd_head *out, kd_error *e) {
    kd_head head;
    kd_status status = kd_note_parse(arena, bytes, &head.note, e);
    if (status == KD_OK)
        status = kd_note_verify(arena, crypto, &head.note, keys, key_count, &head.signatures, e);
    if (status == KD_OK) status = kd_checkpoint_parse(head.note.text, &head.at, e);
    if (status) return status;
    if (origin.n && !kd_str_equal(origin, head.at.origin))
        return kd_fail(e, KD_FAILED, "wrong_origin", "this is the head of another log than %.*s",
                       origin.n > 200 ? 200 : (int)origin.n, origin.p);
    *out = head;
    return KD_OK;
}

kd_status kd_head_make(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, int64_t size,
                       const kd_digest *root, kd_error *e) {
    if (size < 0 || (size == 0 && !kd_digest_equal(root, &kd_empty_root)))
        return kd_fail(e, KD_USAGE, "bad_size", "no tree has this size and root");
    kd_text text;
    kd_text_open(&text, out->from);
    kd_checkpoint_put(&text, signer->public_key.name, size, root);
    kd_status status =
        text.failed ? kd_fail_nomem(e) : kd_note_make(out, crypto, signer, kd_text_str(&text), e);
    kd_text_close(&text);
    return status;
}

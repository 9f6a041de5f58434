/* tlogproof.c: an entry's proof as a file of its own (tlog-proof). */
#include "book/inside.h"

static const char header[] = "c2sp.org/tlog-proof@v1";

/* The next line without its LF, or what is left when no LF follows. */
static kd_str next_line(kd_cursor *c) {
    kd_str line;
    if (!kd_cursor_line(c, &line)) line = kd_cursor_bytes(c, kd_cursor_left(c));
    return line;
}

/* What follows `word` on the line; false when the line does not begin with it. */
static bool after(kd_str line, const char *word, kd_str *rest) {
    size_t n = kd_str_of(word).n;
    if (!kd_str_starts(line, word)) return false;
    *rest = (kd_str){line.p + n, line.n - n};
    return true;
}

static kd_status parse_extra(kd_arena *arena, kd_str letters, kd_str *out, kd_error *e) {
    unsigned char *bytes = kd_arena_take(arena, letters.n / 4 * 3 + 1);
    if (!bytes) return kd_fail_nomem(e);
    long n = kd_base64_decode(letters, bytes, letters.n / 4 * 3);
    if (n < 0) return kd_fail(e, KD_INVALID, "bad_extra", "the proof's extra data are not base64");
    *out = (kd_str){(const char *)bytes, (size_t)n};
    return KD_OK;
}

kd_status kd_tlog_proof_parse(kd_arena *arena, kd_str bytes, kd_tlog_proof *out, kd_error *e) {
    /* The head's bound, and as much again for the lines before it. */
    if (bytes.n > 2 * KD_NOTE_MAX_BYTES)
        return kd_fail(e, KD_INVALID, "too_long", "a proof has at most %d bytes", 2 * KD_NOTE_MAX_BYTES);
    kd_cursor cursor = kd_cursor_of(bytes.p, bytes.n);
    kd_str line = next_line(&cursor), rest;
    *out = (kd_tlog_proof){0};
    if (!kd_str_is(line, header))
        return kd_fail(e, KD_INVALID, "bad_header", "the first line of a proof is %s", header);
    line = next_line(&cursor);
    if (after(line, "extra ", &rest)) {
        kd_status status = parse_extra(arena, rest, &out->extra, e);
        if (status) return status;
        out->has_extra = true;
        line = next_line(&cursor);
    }
    if (!after(line, "index ", &rest) || !kd_decimal(rest, &out->index))
        return kd_fail(e, KD_INVALID, "bad_index", "a line `index` and a decimal should stand here");
    for (line = next_line(&cursor); line.n; line = next_line(&cursor)) {
        if (out->path.count == KD_PROOF_MAX || !kd_digest_parse(line, &out->path.nodes[out->path.count]))
            return kd_fail(e, KD_INVALID, "bad_hash",
                           "line %u of the path is not base64 of 32 bytes, or too many", out->path.count + 1);
        out->path.count++;
    }
    out->checkpoint = kd_cursor_bytes(&cursor, kd_cursor_left(&cursor));
    return KD_OK;
}

void kd_tlog_proof_put(kd_text *t, const kd_tlog_proof *proof) {
    kd_text_printf(t, "%s\n", header);
    if (proof->has_extra) {
        kd_text_puts(t, "extra ");
        kd_base64_put(t, proof->extra.p, proof->extra.n);
        kd_text_putc(t, '\n');
    }
    kd_text_printf(t, "index %lld\n", (long long)proof->index);
    for (unsigned i = 0; i < proof->path.count; i++) {
        kd_base64_put(t, proof->path.nodes[i].b, KD_DIGEST_BYTES);
        kd_text_putc(t, '\n');
    }
    kd_text_putc(t, '\n');
    kd_text_put(t, proof->checkpoint);
}

kd_status kd_tlog_proof_check(kd_arena *arena, const kd_crypto *crypto, const kd_tlog_proof *proof,
                              kd_str entry, const kd_vkey *keys, size_t key_count, kd_str origin,
                              kd_head *head, kd_error *e) {
    kd_head opened;
    kd_status status = kd_head_open(arena, crypto, proof->checkpoint, keys, key_count, origin, &opened, e);
    if (status) return status;
    kd_digest leaf;
    kd_leaf_hash(crypto, entry, &leaf);
    status = kd_check_inclusion(crypto, proof->index, opened.at.size, &leaf, proof->path.nodes,
                                proof->path.count, &opened.at.root, e);
    if (status == KD_OK && head) *head = opened;
    return status;
}

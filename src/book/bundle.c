/* bundle.c: entry bundles: a length of two bytes and the entry, up to 256 times. */
#include <kadesh/book.h>

kd_status kd_bundle_parse(kd_str bytes, unsigned width, kd_str entries[KD_TILE_WIDTH], kd_error *e) {
    kd_cursor cursor = kd_cursor_of(bytes.p, bytes.n);
    for (unsigned i = 0; i < width && i < KD_TILE_WIDTH; i++) {
        entries[i] = kd_cursor_bytes(&cursor, kd_cursor_u16(&cursor));
        if (cursor.short_read)
            return kd_fail(e, KD_INVALID, "truncated", "the bundle ends within entry %u of %u", i + 1, width);
    }
    if (kd_cursor_left(&cursor) == 0) return KD_OK;
    return kd_fail(e, KD_INVALID, "trailing_data", "%zu bytes follow the %u entries of the bundle",
                   kd_cursor_left(&cursor), width);
}

kd_status kd_bundle_put(kd_text *bundle, kd_str entry, kd_error *e) {
    if (entry.n > KD_ENTRY_MAX_BYTES)
        return kd_fail(e, KD_INVALID, "too_long", "an entry has at most %d bytes, this one %zu",
                       KD_ENTRY_MAX_BYTES, entry.n);
    kd_text_putc(bundle, (char)(entry.n >> 8));
    kd_text_putc(bundle, (char)(entry.n & 0xFF));
    kd_text_put(bundle, entry);
    return bundle->failed ? kd_fail_nomem(e) : KD_OK;
}

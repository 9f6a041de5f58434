/* read.c: tiles and bundles out of a reader; a full one does for a partial one that is gone. */
#include "book/inside.h"
#include <string.h>

/* Reads one file; the error is placed at it. */
static kd_status read_file(const kd_book_reader *reader, kd_tile tile, size_t limit, kd_str *out,
                           kd_error *e) {
    char path[KD_TILE_PATH_MAX_BYTES];
    kd_tile_path(tile, path);
    kd_error_place(e, path, 0, 0);
    kd_status status = reader->read(reader->ctx, path, limit, out, e);
    if (status == KD_OK && out->n > limit)
        return kd_fail(e, KD_INVALID, "too_long", "the file has more than %zu bytes", limit);
    return status;
}

/* Reads the file of a tile, or, when a partial one is absent, the full one: then *width becomes 256. A log
 * may drop a partial tile once the full one is there. The error of the partial one stands when both are
 * absent. */
static kd_status read_either(const kd_book_reader *reader, kd_tile *tile, size_t limit, kd_str *out,
                             kd_error *e) {
    kd_error own = {0};
    kd_error *first = e ? e : &own;
    kd_status status = read_file(reader, *tile, limit, out, first);
    if (status != KD_FAILED || strcmp(first->reason, "absent") || tile->width == KD_TILE_WIDTH) return status;
    kd_tile full = *tile;
    full.width = KD_TILE_WIDTH;
    kd_error second = {0};
    kd_status again = read_file(reader, full, limit, out, &second);
    if (again == KD_FAILED && strcmp(second.reason, "absent") == 0) return status;
    if (again) {
        *first = second;
        return again;
    }
    *tile = full;
    return KD_OK;
}

kd_status kd_tile_read(const kd_book_reader *reader, kd_tile tile, kd_str *out, kd_error *e) {
    size_t wanted = (size_t)tile.width * KD_DIGEST_BYTES;
    kd_str bytes;
    kd_status status = read_either(reader, &tile, KD_TILE_MAX_BYTES, &bytes, e);
    if (status) return status;
    if (bytes.n != (size_t)tile.width * KD_DIGEST_BYTES)
        return kd_fail(e, KD_INVALID, "bad_tile_length", "the tile has %zu bytes and should have %u", bytes.n,
                       tile.width * KD_DIGEST_BYTES);
    *out = (kd_str){bytes.p, wanted};
    return KD_OK;
}

kd_status kd_bundle_read(const kd_book_reader *reader, int64_t index, unsigned width,
                         kd_str entries[KD_TILE_WIDTH], kd_str *bytes, kd_error *e) {
    kd_tile tile = {KD_TILE_ENTRIES, index, width};
    kd_str file;
    kd_status status = read_either(reader, &tile, KD_BUNDLE_MAX_BYTES, &file, e);
    if (status == KD_OK) status = kd_bundle_parse(file, tile.width, entries, e);
    if (status || !bytes) return status;
    bytes->p = file.p;
    bytes->n = 0;
    for (unsigned i = 0; i < width; i++) bytes->n += 2 + entries[i].n;
    return KD_OK;
}

kd_status kd_book_entries(const kd_book_reader *reader, int64_t size, int64_t first, int64_t last,
                          kd_status (*entry)(void *ctx, int64_t index, kd_str bytes, kd_error *e), void *ctx,
                          kd_error *e) {
    if (first < 0 || last > size || first > last)
        return kd_fail(e, KD_USAGE, "index_out_of_range", "entries %lld to %lld are not in a book of %lld",
                       (long long)first, (long long)last, (long long)size);
    while (first < last) {
        kd_str entries[KD_TILE_WIDTH];
        int64_t bundle = first / KD_TILE_WIDTH, begin = bundle * KD_TILE_WIDTH;
        unsigned width = kd_tile_width(size, KD_TILE_ENTRIES, bundle);
        kd_status status = kd_bundle_read(reader, bundle, width, entries, NULL, e);
        for (; status == KD_OK && first < last && first < begin + width; first++)
            status = entry(ctx, first, entries[first - begin], e);
        if (status) return status;
    }
    return KD_OK;
}

/* edge.c: the right edge of a tree of tiles, which grows leaf by leaf. */
#include "book/inside.h"
#include <string.h>

void kd_edge_open(kd_edge *edge) {
    edge->size = 0;
    memset(edge->width, 0, sizeof edge->width);
}

kd_status kd_edge_load(const kd_book_reader *reader, int64_t size, kd_edge *edge, kd_error *e) {
    kd_edge_open(edge);
    if (size < 0) return kd_fail(e, KD_USAGE, "bad_size", "a tree has no negative size");
    for (int level = 0; level < KD_TREE_LEVELS; level++) {
        int64_t hashes = size >> (8 * level);
        unsigned width = (unsigned)(hashes % KD_TILE_WIDTH);
        if (width == 0) continue;
        kd_str bytes;
        kd_status status = kd_tile_read(reader, (kd_tile){level, hashes / KD_TILE_WIDTH, width}, &bytes, e);
        if (status) return status;
        memcpy(edge->hashes[level], bytes.p, bytes.n);
        edge->width[level] = width;
    }
    edge->size = size;
    return KD_OK;
}

static kd_status give(const kd_tile_sink *sink, kd_tile tile, const kd_digest *hashes, kd_error *e) {
    if (!sink) return KD_OK;
    return sink->put(sink->ctx, tile, (kd_str){(const char *)hashes, (size_t)tile.width * KD_DIGEST_BYTES},
                     e);
}

kd_status kd_edge_add(const kd_crypto *crypto, kd_edge *edge, const kd_digest *leaf, const kd_tile_sink *sink,
                      kd_error *e) {
    if (edge->size == INT64_MAX) return kd_fail(e, KD_USAGE, "tree_full", "the tree has 2^63-1 entries");
    kd_digest hash = *leaf;
    edge->size++;
    for (int level = 0; level < KD_TREE_LEVELS; level++) {
        kd_digest *hashes = edge->hashes[level];
        hashes[edge->width[level]++] = hash;
        if (edge->width[level] < KD_TILE_WIDTH) break;
        /* The tile is full: its root is one hash of the level above. */
        kd_book_fold(crypto, hashes, KD_TILE_WIDTH, &hash);
        edge->width[level] = 0;
        int64_t index = (edge->size >> (8 * level)) / KD_TILE_WIDTH - 1;
        kd_status status = give(sink, (kd_tile){level, index, KD_TILE_WIDTH}, hashes, e);
        if (status) return status;
    }
    return KD_OK;
}

kd_status kd_edge_partials(const kd_edge *edge, const kd_tile_sink *sink, kd_error *e) {
    for (int level = 0; level < KD_TREE_LEVELS; level++) {
        unsigned width = edge->width[level];
        if (width == 0) continue;
        kd_tile tile = {level, (edge->size >> (8 * level)) / KD_TILE_WIDTH, width};
        kd_status status = give(sink, tile, edge->hashes[level], e);
        if (status) return status;
    }
    return KD_OK;
}

void kd_edge_root(const kd_crypto *crypto, const kd_edge *edge, kd_digest *out) {
    /* What stands at a level is perfect subtrees of one height; all that stands below is the rest to their
     * right, and smaller than one of them: it takes the place of a last hash of the level. */
    kd_digest rest;
    bool has_rest = false;
    for (int level = 0; level < KD_TREE_LEVELS; level++) {
        if (edge->width[level] == 0) continue;
        kd_frontier f;
        kd_frontier_open(&f);
        for (unsigned i = 0; i < edge->width[level]; i++)
            kd_frontier_add(crypto, &f, &edge->hashes[level][i]);
        if (has_rest) kd_frontier_add(crypto, &f, &rest);
        kd_frontier_root(crypto, &f, &rest);
        has_rest = true;
    }
    *out = has_rest ? rest : kd_empty_root;
}

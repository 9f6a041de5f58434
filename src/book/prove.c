/* prove.c: making proofs out of tiles. A proof is a list of ranges of leaves; the hash of a range comes
 * from few tiles. */
#include "book/inside.h"
#include <string.h>

/* A source of hashes: a tree of `size` leaves. */
typedef struct tree {
    const kd_crypto *crypto;
    const kd_book_reader *reader;
    int64_t size;
} tree;

/* The root of the perfect subtree number `number` of a height: the fold of 2^(height % 8) hashes in a row
 * of level height / 8, which never span two tiles. */
static kd_status subtree(const tree *t, unsigned height, int64_t number, kd_digest *out, kd_error *e) {
    int level = (int)(height / 8);
    unsigned count = 1u << (height % 8);
    int64_t first = number * (int64_t)count, index = first / KD_TILE_WIDTH;
    kd_tile tile = {level, index, kd_tile_width(t->size, level, index)};
    if (tile.width == 0) return kd_fail(e, KD_USAGE, "index_out_of_range", "the tree has no such subtree");
    kd_str bytes;
    kd_status status = kd_tile_read(t->reader, tile, &bytes, e);
    if (status) return status;
    kd_digest hashes[KD_TILE_WIDTH / 2];
    memcpy(hashes, bytes.p + (first % KD_TILE_WIDTH) * KD_DIGEST_BYTES, (size_t)count * KD_DIGEST_BYTES);
    kd_book_fold(t->crypto, hashes, count, out);
    return KD_OK;
}

/* The hash of the leaves lo to hi, of which lo is a multiple of the largest power of two that fits: cut
 * from the left into perfect subtrees, folded from the right. */
static kd_status range(const tree *t, int64_t lo, int64_t hi, kd_digest *out, kd_error *e) {
    kd_digest roots[63];
    unsigned count = 0;
    for (unsigned height = 62; lo < hi; height--) {
        int64_t leaves = INT64_C(1) << height;
        if (leaves > hi - lo) continue;
        kd_status status = subtree(t, height, lo / leaves, &roots[count++], e);
        if (status) return status;
        lo += leaves;
    }
    kd_digest hash = roots[--count];
    while (count) kd_node_hash(t->crypto, &roots[--count], &hash, &hash);
    *out = hash;
    return KD_OK;
}

/* The largest power of two below n, n > 1. */
static int64_t split(int64_t n) {
    int64_t k = 1;
    while (k < n - k) k *= 2;
    return k;
}

/* Adds a range at the front: they are found from the root down and travel from the leaf up. */
static kd_status put(const tree *t, int64_t lo, int64_t hi, kd_proof *proof, kd_error *e) {
    if (proof->count == KD_PROOF_MAX) return kd_fail(e, KD_USAGE, "proof_length", "the proof is too long");
    memmove(proof->nodes + 1, proof->nodes, proof->count * sizeof *proof->nodes);
    proof->count++;
    return range(t, lo, hi, &proof->nodes[0], e);
}

kd_status kd_prove_inclusion(const kd_crypto *crypto, const kd_book_reader *reader, int64_t index,
                             int64_t size, kd_proof *out, kd_error *e) {
    out->count = 0;
    if (index < 0 || index >= size)
        return kd_fail(e, KD_USAGE, "index_out_of_range", "entry %lld is not in a book of %lld",
                       (long long)index, (long long)size);
    tree t = {crypto, reader, size};
    kd_status status = KD_OK;
    for (int64_t lo = 0, hi = size; status == KD_OK && hi - lo > 1;) {
        int64_t middle = lo + split(hi - lo);
        if (index < middle) {
            status = put(&t, middle, hi, out, e);
            hi = middle;
        } else {
            status = put(&t, lo, middle, out, e);
            lo = middle;
        }
    }
    return status;
}

/* Consistency, 0 < m < n; `prefix` writes out the node that ends at m also where the checker has it as the
 * old root. */
static kd_status prove_growth(const tree *t, int64_t m, bool prefix, kd_proof *out, kd_error *e) {
    kd_status status = KD_OK;
    int64_t lo = 0, hi = t->size;
    bool is_old_root = true;
    while (status == KD_OK && hi != m) {
        int64_t middle = lo + split(hi - lo);
        if (m <= middle) {
            status = put(t, middle, hi, out, e);
            hi = middle;
        } else {
            status = put(t, lo, middle, out, e);
            lo = middle;
            is_old_root = false;
        }
    }
    if (status == KD_OK && (prefix || !is_old_root)) status = put(t, lo, hi, out, e);
    return status;
}

kd_status kd_prove_consistency(const kd_crypto *crypto, const kd_book_reader *reader, int64_t old_size,
                               int64_t new_size, kd_proof *out, kd_error *e) {
    out->count = 0;
    if (old_size < 0 || old_size > new_size)
        return kd_fail(e, KD_USAGE, "size_order", "the old size %lld is above the new one %lld",
                       (long long)old_size, (long long)new_size);
    if (old_size == 0 || old_size == new_size) return KD_OK;
    tree t = {crypto, reader, new_size};
    return prove_growth(&t, old_size, false, out, e);
}

kd_status kd_prove_prefix(const kd_crypto *crypto, const kd_book_reader *reader, int64_t old_size,
                          int64_t new_size, kd_proof *out, kd_error *e) {
    out->count = 0;
    if (old_size < 1 || old_size >= new_size)
        return kd_fail(e, KD_USAGE, "size_order", "evidence is about a size of 1 to %lld, not %lld",
                       (long long)new_size - 1, (long long)old_size);
    tree t = {crypto, reader, new_size};
    return prove_growth(&t, old_size, true, out, e);
}

/* merkle.c: the hash tree of RFC 6962 section 2.1: roots, and checking proofs with the loops of RFC 9162. */
#include "book/inside.h"

void kd_leaf_hash(const kd_crypto *crypto, kd_str entry, kd_digest *out) {
    kd_str pieces[2] = {{"\0", 1}, entry};
    crypto->sha256(crypto->ctx, pieces, 2, out->b);
}

void kd_node_hash(const kd_crypto *crypto, const kd_digest *left, const kd_digest *right, kd_digest *out) {
    kd_str pieces[3] = {
        {"\1", 1}, {(const char *)left->b, KD_DIGEST_BYTES}, {(const char *)right->b, KD_DIGEST_BYTES}};
    kd_digest made;
    crypto->sha256(crypto->ctx, pieces, 3, made.b);
    *out = made;
}

void kd_frontier_open(kd_frontier *f) {
    f->size = 0;
    f->count = 0;
}

kd_status kd_frontier_add(const kd_crypto *crypto, kd_frontier *f, const kd_digest *leaf) {
    if (f->size == INT64_MAX) return kd_fail(NULL, KD_USAGE, "", "the tree is full");
    kd_digest hash = *leaf;
    for (int64_t s = f->size; s & 1; s >>= 1) kd_node_hash(crypto, &f->roots[--f->count], &hash, &hash);
    f->roots[f->count++] = hash;
    f->size++;
    return KD_OK;
}

void kd_book_fold(const kd_crypto *crypto, const kd_digest *hashes, size_t count, kd_digest *out) {
    kd_frontier f;
    kd_frontier_open(&f);
    for (size_t i = 0; i < count; i++) kd_frontier_add(crypto, &f, &hashes[i]);
    kd_frontier_root(crypto, &f, out);
}

void kd_frontier_root(const kd_crypto *crypto, const kd_frontier *f, kd_digest *out) {
    if (f->count == 0) {
        *out = kd_empty_root;
        return;
    }
    kd_digest hash = f->roots[f->count - 1];
    for (unsigned i = f->count - 1; i > 0; i--) kd_node_hash(crypto, &f->roots[i - 1], &hash, &hash);
    *out = hash;
}

/* Steps up until the node is a right child or the root. */
static void climb(uint64_t *f, uint64_t *s) {
    while (*f && !(*f & 1)) *f >>= 1, *s >>= 1;
}

kd_status kd_check_inclusion(const kd_crypto *crypto, int64_t index, int64_t size, const kd_digest *leaf,
                             const kd_digest *nodes, size_t count, const kd_digest *root, kd_error *e) {
    if (index < 0 || index >= size)
        return kd_fail(e, KD_FAILED, "index_out_of_range", "entry %lld is not in a tree of %lld",
                       (long long)index, (long long)size);
    uint64_t f = (uint64_t)index, s = (uint64_t)size - 1;
    kd_digest r = *leaf;
    size_t i = 0;
    for (; i < count && s; i++) {
        if ((f & 1) || f == s) {
            kd_node_hash(crypto, &nodes[i], &r, &r);
            climb(&f, &s);
        } else {
            kd_node_hash(crypto, &r, &nodes[i], &r);
        }
        f >>= 1, s >>= 1;
    }
    if (s || i < count)
        return kd_fail(e, KD_FAILED, "proof_length", "%zu nodes do not prove entry %lld in a tree of %lld",
                       count, (long long)index, (long long)size);
    if (kd_digest_equal(&r, root)) return KD_OK;
    return kd_fail(e, KD_FAILED, "root_mismatch", "entry %lld is not what the root of size %lld holds",
                   (long long)index, (long long)size);
}

bool kd_book_fold_consistency(const kd_crypto *crypto, int64_t m, int64_t n, const kd_digest *nodes,
                              size_t count, kd_digest *old_root, kd_digest *new_root) {
    if (count == 0) return false;
    uint64_t f = (uint64_t)m - 1, s = (uint64_t)n - 1;
    while (f & 1) f >>= 1, s >>= 1;
    *old_root = *new_root = nodes[0];
    size_t i = 1;
    for (; i < count && s; i++) {
        if ((f & 1) || f == s) {
            kd_node_hash(crypto, &nodes[i], old_root, old_root);
            kd_node_hash(crypto, &nodes[i], new_root, new_root);
            climb(&f, &s);
        } else {
            kd_node_hash(crypto, new_root, &nodes[i], new_root);
        }
        f >>= 1, s >>= 1;
    }
    return s == 0 && i == count;
}

/* The cases in which no node is needed: nothing grew, or it grew from nothing. */
static kd_status check_trivial(int64_t m, const kd_digest *old_root, int64_t n, const kd_digest *new_root,
                               size_t count, kd_error *e) {
    if (count)
        return kd_fail(e, KD_FAILED, "proof_length", "sizes %lld and %lld call for an empty proof",
                       (long long)m, (long long)n);
    if ((m == 0 && !kd_digest_equal(old_root, &kd_empty_root)) ||
        (n == 0 && !kd_digest_equal(new_root, &kd_empty_root)))
        return kd_fail(e, KD_FAILED, "bad_empty_root", "the root of an empty tree is SHA-256 of nothing");
    if (m == n && !kd_digest_equal(old_root, new_root))
        return kd_fail(e, KD_FAILED, "roots_differ", "two roots of one size, %lld", (long long)n);
    return KD_OK;
}

kd_status kd_check_consistency(const kd_crypto *crypto, int64_t m, const kd_digest *old_root, int64_t n,
                               const kd_digest *new_root, const kd_digest *nodes, size_t count, kd_error *e) {
    if (m < 0 || m > n)
        return kd_fail(e, KD_FAILED, "size_order", "the old size %lld is above the new one %lld",
                       (long long)m, (long long)n);
    if (m == 0 || m == n) return check_trivial(m, old_root, n, new_root, count, e);
    kd_digest all[KD_PROOF_MAX + 1], a, b;
    size_t used = 0;
    if (count && (m & (m - 1)) == 0) all[used++] = *old_root;
    bool fits = count > 0 && count <= KD_PROOF_MAX;
    for (size_t i = 0; fits && i < count; i++) all[used++] = nodes[i];
    if (!fits || !kd_book_fold_consistency(crypto, m, n, all, used, &a, &b))
        return kd_fail(e, KD_FAILED, "proof_length",
                       "%zu nodes do not prove that size %lld continues size %lld", count, (long long)n,
                       (long long)m);
    bool old_holds = kd_digest_equal(&a, old_root), new_holds = kd_digest_equal(&b, new_root);
    if (old_holds && new_holds) return KD_OK;
    const char *reason = old_holds   ? "new_root_mismatch"
                         : new_holds ? "old_root_mismatch"
                                     : "both_roots_mismatch";
    return kd_fail(e, KD_FAILED, reason, "the proof does not show that size %lld continues size %lld",
                   (long long)n, (long long)m);
}

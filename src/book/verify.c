/* verify.c: a whole book: head, bundles, tiles and root, in one pass and in bounded memory.
 *
 * The edge of the tree is grown from the entries' own hashes. Every tile that it completes is compared with
 * the one that the book serves, so that no served hash is ever built upon:
 *
 *      bundle ─▶ leaf hashes = tile/0/N ?  ─▶ edge ─▶ tile/1/.. = ? ... ─▶ root = the head's ?
 */
#include "book/inside.h"
#include <string.h>

typedef struct pass {
    const kd_book_check *check;
    kd_book_report *report;
    kd_edge edge;
    kd_digest served[KD_TILE_WIDTH]; /* the level 0 tile of the bundle at hand */
} pass;

/* Notes where the first fault is and hands the status through. */
static kd_status fault(pass *p, kd_tile tile, int64_t entry, kd_status status, kd_error *e) {
    kd_tile_path(tile, p->report->fault_path);
    p->report->fault_entry = entry;
    if (e) kd_error_place(e, p->report->fault_path, e->line, e->column);
    return status;
}

/* Compares a tile of level 1 or above with the one that is served; level 0 was compared hash by hash. */
static kd_status compare_tile(void *ctx, kd_tile tile, kd_str bytes, kd_error *e) {
    pass *p = ctx;
    if (tile.level > 0) {
        kd_str served;
        kd_status status = kd_tile_read(&p->check->reader, tile, &served, e);
        if (status) return fault(p, tile, -1, status, e);
        if (memcmp(served.p, bytes.p, bytes.n)) {
            char path[KD_TILE_PATH_MAX_BYTES];
            kd_tile_path(tile, path);
            return fault(
                p, tile, -1,
                kd_fail(e, KD_FAILED, "tile_mismatch", "%s does not agree with the entries below it", path),
                e);
        }
    }
    p->report->tiles++;
    return KD_OK;
}

/* One entry: its hash against the tile's, then the caller's own checks. */
static kd_status check_entry(pass *p, kd_tile bundle, unsigned at, kd_str entry, kd_error *e) {
    const kd_book_check *check = p->check;
    int64_t index = bundle.index * KD_TILE_WIDTH + at;
    kd_digest leaf;
    kd_leaf_hash(check->crypto, entry, &leaf);
    kd_status status = KD_OK;
    if (!kd_digest_equal(&leaf, &p->served[at]))
        status = kd_fail(e, KD_FAILED, "leaf_mismatch", "entry %lld is not what its leaf hash says",
                         (long long)index);
    else if (check->entry)
        status = check->entry(check->ctx, index, entry, &leaf, e);
    if (status) return fault(p, bundle, index, status, e);
    p->report->entries++;
    p->report->entry_bytes += (int64_t)entry.n;
    return KD_OK;
}

static kd_status check_bundle(pass *p, kd_tile bundle, kd_error *e) {
    const kd_book_check *check = p->check;
    kd_tile tile = {0, bundle.index, bundle.width};
    kd_str hashes, entries[KD_TILE_WIDTH];
    kd_status status = kd_tile_read(&check->reader, tile, &hashes, e);
    if (status) return fault(p, tile, -1, status, e);
    memcpy(p->served, hashes.p, hashes.n);
    status = kd_bundle_read(&check->reader, bundle.index, bundle.width, entries, NULL, e);
    if (status) return fault(p, bundle, -1, status, e);
    for (unsigned i = 0; status == KD_OK && i < bundle.width; i++)
        status = check_entry(p, bundle, i, entries[i], e);
    if (status) return status;
    p->report->bundles++;
    const kd_tile_sink sink = {compare_tile, p};
    for (unsigned i = 0; status == KD_OK && i < bundle.width; i++)
        status = kd_edge_add(check->crypto, &p->edge, &p->served[i], &sink, e);
    return status;
}

/* Bundles, tiles and root of the tree that the head names. */
static kd_status check_tree(pass *p, const kd_checkpoint *at, kd_error *e) {
    kd_tile_walk walk = kd_tile_walk_open(at->size);
    kd_tile bundle;
    while (kd_tile_walk_next(&walk, &bundle) && bundle.level == KD_TILE_ENTRIES) {
        kd_status status = check_bundle(p, bundle, e);
        if (status) return status;
    }
    const kd_tile_sink sink = {compare_tile, p};
    kd_status status = kd_edge_partials(&p->edge, &sink, e);
    if (status) return status;
    kd_digest root;
    kd_edge_root(p->check->crypto, &p->edge, &root);
    if (kd_digest_equal(&root, &at->root)) return KD_OK;
    return kd_fail(e, KD_FAILED, "root_mismatch",
                   "the %lld entries do not have the root that the head is signed for", (long long)at->size);
}

/* Reads the head into the arena: the reader's bytes may go with its next read. */
static kd_status read_head(const kd_book_check *check, kd_arena *arena, kd_head *head, kd_error *e) {
    kd_str bytes;
    kd_error_place(e, "checkpoint", 0, 0);
    kd_status status = check->reader.read(check->reader.ctx, "checkpoint", KD_NOTE_MAX_BYTES, &bytes, e);
    if (status) return status;
    const char *copy = kd_arena_copy(arena, bytes.p, bytes.n);
    if (!copy) return kd_fail_nomem(e);
    return kd_head_open(arena, check->crypto, (kd_str){copy, bytes.n}, check->keys, check->key_count,
                        check->origin, head, e);
}

kd_status kd_book_verify(const kd_book_check *check, kd_book_report *report, kd_error *e) {
    *report = (kd_book_report){.fault_entry = -1};
    strcpy(report->fault_path, "checkpoint");
    kd_arena arena;
    kd_arena_open(&arena, check->from);
    kd_head head;
    kd_status status = read_head(check, &arena, &head, e);
    if (status == KD_OK && check->head) status = check->head(check->ctx, &head, e);
    pass *p = status ? NULL : kd_arena_take(&arena, sizeof *p);
    if (status == KD_OK && !p) status = kd_fail_nomem(e);
    if (status == KD_OK) {
        report->size = head.at.size;
        report->root = head.at.root;
        report->head_signatures = head.signatures.count;
        p->check = check;
        p->report = report;
        kd_edge_open(&p->edge);
        status = check_tree(p, &head.at, e);
    }
    if (status == KD_OK) report->fault_path[0] = 0;
    kd_arena_close(&arena);
    return status;
}

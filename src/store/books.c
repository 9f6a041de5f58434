/* books.c: loads the books of a record, or verifies them from nothing. */
#include "store/check.h"
#include "store/extras.h"
#include "store/files.h"
#include "store/reader.h"
#include "store/remember.h"
#include <string.h>

/* One book on its way through kd_book_verify. */
typedef struct reading {
    entry_check check;
    kd_held_book *book;
    const kd_books_options *options;
    bool keeps;        /* entries stay, signatures are checked afterwards */
    remembered before; /* what is remembered of it */
    bool holds_before; /* ... and the root at that size is this book's */
    kd_frontier frontier;
    int64_t total; /* by the head */
} reading;

static void tell(const reading *r, int64_t done) {
    if (r->options->progress) r->options->progress(r->options->ctx, done, r->total);
}

static kd_status see_head(void *ctx, const kd_head *head, kd_error *e) {
    reading *r = ctx;
    r->total = head->at.size;
    r->book->unknown_lines = head->signatures.ignored;
    if (!r->keeps) return KD_OK;
    /* A head can claim any size: what its entries cannot need is not reserved. */
    if (head->at.size > (int64_t)(SIZE_MAX / 64 / sizeof(kd_str)) - 1) return kd_fail_nomem(e);
    r->book->entries = kd_arena_array(r->check.arena, (size_t)head->at.size + 1, sizeof(kd_str));
    return r->book->entries ? KD_OK : kd_fail_nomem(e);
}

/* Follows the tree up to the remembered size, to see whether it is the same tree. */
static kd_status follow(reading *r, int64_t index, const kd_digest *leaf) {
    if (index >= r->before.size) return KD_OK;
    kd_status s = kd_frontier_add(r->check.crypto, &r->frontier, leaf);
    if (s || index + 1 < r->before.size) return s;
    kd_digest root;
    kd_frontier_root(r->check.crypto, &r->frontier, &root);
    r->holds_before = kd_digest_equal(&root, &r->before.root);
    return KD_OK;
}

static kd_status see_entry(void *ctx, int64_t index, kd_str bytes, const kd_digest *leaf, kd_error *e) {
    reading *r = ctx;
    if ((index & 255) == 0) tell(r, index);
    if (!r->keeps) return entry_check_one(&r->check, index, bytes, false, e);
    r->book->entries[index] = bytes;
    r->book->count = index + 1;
    return follow(r, index, leaf);
}

/* Where an entry lies, for errors found after the tree was checked. */
static void place_entry(const kd_held_book *b, int64_t index, const char *prefix, kd_error *e) {
    kd_tile tile = {KD_TILE_ENTRIES, index / KD_TILE_WIDTH, 0};
    char name[KD_TILE_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    tile.width = kd_tile_width(b->count, KD_TILE_ENTRIES, tile.index);
    kd_tile_path(tile, name);
    if (!kd_path_join(path, prefix, name, NULL)) kd_error_place(e, path, 0, 0);
}

static kd_status check_kept(reading *r, const char *prefix, kd_error *e) {
    kd_held_book *b = r->book;
    kd_digest keys;
    remember_keys(r->check.crypto, &r->check, &keys);
    int64_t known = r->holds_before && kd_digest_equal(&keys, &r->before.keys) ? r->before.size : 0;
    for (int64_t i = 0; i < b->count; i++) {
        if (i >= known && (i & 255) == 0) tell(r, i);
        kd_status s = entry_check_one(&r->check, i, b->entries[i], i < known, e);
        if (!s) continue;
        place_entry(b, i, prefix, e);
        return s;
    }
    b->remembered = known;
    return KD_OK;
}

/* Puts the book's folder before the place of an error that kd_book_verify has placed. */
static void place_fault(const char *prefix, const char *fault, kd_error *e) {
    char path[KD_PATH_MAX_BYTES];
    if (e && !kd_path_join(path, prefix, *fault ? fault : "checkpoint", NULL))
        kd_error_place(e, path, e->line, e->column);
}

static kd_status read_book(reading *r, const kd_folder *f, const kd_crypto *crypto, const kd_allocator *from,
                           const char *prefix, kd_error *e) {
    kd_book_report report;
    disk_reader disk;
    disk_reader_open(&disk, f->os, prefix, from, r->keeps ? r->check.arena : NULL);
    const kd_book_check check = {
        .crypto = crypto,
        .from = from,
        .reader = disk_reader_table(&disk),
        .origin = r->check.origin,
        .keys = r->check.head_keys,
        .key_count = r->check.head_key_count,
        .entry = see_entry,
        .head = see_head,
        .ctx = r,
    };
    kd_frontier_open(&r->frontier);
    kd_status s = kd_book_verify(&check, &report, e);
    disk_reader_close(&disk);
    kd_held_book *b = r->book;
    b->root = report.root;
    b->head_signatures = report.head_signatures;
    b->tiles = report.tiles;
    b->bundles = report.bundles;
    b->bytes = report.entry_bytes;
    b->count = report.entries;
    if (s) place_fault(prefix, report.fault_path, e);
    if (!s && r->keeps) s = check_kept(r, prefix, e);
    if (!s && !r->keeps) s = extras_check(f->os, prefix, report.size, from, b, e);
    b->signatures = r->check.signatures;
    return s;
}

/* A book that is not there at all is none; one whose head is gone is a broken one. */
static kd_status one_book(reading *r, const kd_folder *f, const kd_crypto *crypto, const kd_public_key *keys,
                          size_t key_count, kd_arena *arena, const kd_allocator *from, kd_error *e) {
    char books[KD_PATH_MAX_BYTES], prefix[KD_PATH_MAX_BYTES], party[128];
    kd_str name = r->book->party;
    if (name.n >= sizeof party)
        return kd_fail(e, KD_USAGE, "path_too_long", "the name of a Party is too long");
    memcpy(party, name.p, name.n);
    party[name.n] = 0;
    kd_status s = kd_path_join(books, f->path, "books", e);
    if (!s) s = kd_path_join(prefix, books, party, e);
    if (s) return s;
    if (!kd_path_exists(f->os, prefix)) {
        r->book->absent = true;
        return KD_OK;
    }
    s = entry_check_open(&r->check, crypto, arena, from, name, keys, key_count, e);
    if (s) {
        kd_error_place(e, prefix, 0, 0);
        return s;
    }
    return read_book(r, f, crypto, from, prefix, e);
}

typedef struct run {
    const kd_folder *f;
    const kd_crypto *crypto;
    const kd_books_options *options;
    kd_arena *arena;
    const kd_allocator *from;
    kd_public_key *keys;
    size_t key_count;
    const kd_str *parties;
    size_t count;
    reading *readings;
    remembered *known;
} run;

static kd_status run_open(run *r, kd_books *out, kd_error *e) {
    char books[KD_PATH_MAX_BYTES];
    r->parties = r->options->parties;
    r->count = r->options->party_count;
    kd_status s = kd_folder_keys(r->f, r->crypto, r->arena, &r->keys, &r->key_count, e);
    if (!s) s = kd_path_join(books, r->f->path, "books", e);
    if (!s && !r->parties) {
        kd_str *names = NULL;
        s = kd_folder_list(r->f->os, books, NULL, r->arena, &names, &r->count, e);
        r->parties = names;
    }
    if (s) return s;
    *out = (kd_books){.count = r->count};
    out->books = kd_arena_array(r->arena, r->count + 1, sizeof *out->books);
    r->readings = kd_arena_array(r->arena, r->count + 1, sizeof *r->readings);
    r->known = kd_arena_array(r->arena, r->count + 1, sizeof *r->known);
    if (!out->books || !r->readings || !r->known) return kd_fail_nomem(e);
    for (size_t i = 0; i < r->count; i++) {
        out->books[i].party = r->parties[i];
        r->readings[i].book = &out->books[i];
        r->readings[i].options = r->options;
    }
    return KD_OK;
}

static void sum_up(kd_books *out) {
    for (size_t i = 0; i < out->count; i++) {
        out->entries += out->books[i].count;
        out->signatures += out->books[i].signatures;
        out->heads += out->books[i].head_signatures > 0;
    }
}

static kd_status check_pins(const run *r, kd_books *out, kd_error *e) {
    entry_check *checks = kd_arena_array(r->arena, r->count + 1, sizeof *checks);
    if (!checks) return kd_fail_nomem(e);
    for (size_t i = 0; i < r->count; i++) checks[i] = r->readings[i].check;
    kd_status s =
        entry_check_pins(checks, r->count, &r->f->treaty_hash, &out->treaty_hash, &out->checked_pin, e);
    if (s && r->f->text_count) kd_error_place(e, r->f->texts[0].name.p, 0, 0);
    return s;
}

static void run_close(run *r) {
    for (size_t i = 0; r->readings && i < r->count; i++) entry_check_close(&r->readings[i].check);
}

/* Remembers the books as they are now, when that says more than before. */
static void remember(const run *r, const kd_books *books) {
    bool changed = false;
    for (size_t i = 0; i < r->count; i++) {
        const kd_held_book *b = &books->books[i];
        if (b->absent || b->remembered == b->count) continue;
        r->known[i].size = b->count;
        r->known[i].root = b->root;
        remember_keys(r->crypto, &r->readings[i].check, &r->known[i].keys);
        changed = true;
    }
    if (changed) remember_write(r->f, r->parties, r->count, r->known);
}

kd_status kd_books_load(const kd_folder *f, const kd_crypto *crypto, const kd_books_options *o,
                        kd_arena *arena, const kd_allocator *from, kd_books *out, kd_error *e) {
    run r = {.f = f, .crypto = crypto, .options = o, .arena = arena, .from = from};
    kd_status s = run_open(&r, out, e);
    if (!s) remember_read(f, r.parties, r.count, r.known);
    for (size_t i = 0; !s && i < r.count; i++) {
        reading *one = &r.readings[i];
        one->keeps = true;
        one->before = r.known[i];
        kd_error here = {0}; /* reading places it at each file that it opens, good or not */
        s = one_book(one, f, crypto, r.keys, r.key_count, arena, from, &here);
        if (s && e) *e = here;
    }
    if (!s) s = check_pins(&r, out, e);
    if (!s) {
        sum_up(out);
        remember(&r, out);
    }
    run_close(&r);
    return s;
}

kd_status kd_books_verify(const kd_folder *f, const kd_crypto *crypto, const kd_books_options *o,
                          kd_arena *arena, const kd_allocator *from, kd_books *out,
                          void (*fault)(void *ctx, kd_status status, const kd_error *e), void *fault_ctx,
                          kd_error *e) {
    run r = {.f = f, .crypto = crypto, .options = o, .arena = arena, .from = from};
    kd_status first = run_open(&r, out, e);
    if (first) {
        if (fault) fault(fault_ctx, first, e);
        run_close(&r);
        return first;
    }
    for (size_t i = 0; i <= r.count; i++) {
        kd_error here = {0};
        kd_status s = i < r.count
                          ? one_book(&r.readings[i], f, crypto, r.keys, r.key_count, arena, from, &here)
                          : check_pins(&r, out, &here);
        if (!s) continue;
        if (fault) fault(fault_ctx, s, &here);
        if (!first && e) *e = here;
        if (!first) first = s;
    }
    sum_up(out);
    run_close(&r);
    return first;
}

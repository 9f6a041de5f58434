/* test_book.c: whole books: every file is checked, the first fault is named, growth and proofs agree with
 * the whole. */
#include "failing.h"
#include "kdtest.h"
#include "shelf.h"
#include "store/crypto.h"
#include <kadesh/book.h>

static kd_crypto crypto;
static kd_signer log_key, other_key, cosigner;
static kd_edge edge; /* 64 KiB: not for the stack */

typedef struct counts {
    int64_t entries, wrong, heads;
    int64_t stop_at; /* entry that the callback refuses, -1 for none */
} counts;

static kd_status count_entry(void *ctx, int64_t index, kd_str bytes, const kd_digest *leaf, kd_error *e) {
    counts *c = ctx;
    char room[128];
    (void)leaf;
    if (index == c->stop_at) {
        kd_error_place(e, NULL, 3, 9);
        return kd_fail(e, KD_FAILED, "no_such_officer", "nobody may sign this");
    }
    c->wrong += index != c->entries || !kd_str_equal(bytes, shelf_entry(index, room));
    c->entries++;
    return KD_OK;
}

static kd_status count_head(void *ctx, const kd_head *head, kd_error *e) {
    (void)head, (void)e;
    ((counts *)ctx)->heads++;
    return KD_OK;
}

static kd_status check(shelf *s, counts *c, kd_book_report *report, kd_error *e) {
    kd_book_check what = {.crypto = &crypto,
                          .reader = {shelf_read, s},
                          .origin = log_key.public_key.name,
                          .keys = &log_key.public_key,
                          .key_count = 1,
                          .entry = count_entry,
                          .head = count_head,
                          .ctx = c};
    return kd_book_verify(&what, report, e);
}

static void test_sizes(void) {
    static const int64_t sizes[] = {0, 1, 2, 255, 256, 257, 511, 512, 700, 65535, 65536, 65537, 70000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        shelf s = {0};
        counts c = {.stop_at = -1};
        kd_book_report r;
        kd_error e = {0};
        kd_edge_open(&edge);
        shelf_grow(&s, &crypto, &log_key, &edge, sizes[i]);
        kd_status status = check(&s, &c, &r, &e);
        kdtest_claim(status == KD_OK && r.size == sizes[i] && r.entries == sizes[i] &&
                         c.entries == sizes[i] && c.wrong == 0 && c.heads == 1 && r.head_signatures == 1 &&
                         r.fault_path[0] == 0,
                     "a book of %lld entries holds: %s", (long long)sizes[i], e.message);
        int64_t files = 0;
        kd_tile_walk walk = kd_tile_walk_open(sizes[i]);
        for (kd_tile tile; kd_tile_walk_next(&walk, &tile);) files++;
        kdtest_claim(r.bundles + r.tiles == files, "every file of %lld was checked: %lld of %lld",
                     (long long)sizes[i], (long long)(r.bundles + r.tiles), (long long)files);
        shelf_close(&s);
    }
}

/* Grows in steps, each from an edge read back from the tiles: the same files as at once. */
static void test_growth(void) {
    static const int64_t steps[] = {1, 3, 200, 256, 257, 600, 1024, 1025, 66000};
    shelf grown = {0}, whole = {0};
    kd_book_reader reader = {shelf_read, &grown};
    kd_edge_open(&edge);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (i) kd_edge_load(&reader, steps[i - 1], &edge, NULL);
        shelf_grow(&grown, &crypto, &log_key, &edge, steps[i]);
    }
    kd_edge_open(&edge);
    shelf_grow(&whole, &crypto, &log_key, &edge, 66000);
    size_t different = 0;
    for (size_t i = 0; i < whole.count; i++) {
        shelf_file *a = &whole.files[i], *b = shelf_find(&grown, a->path);
        different += !b || a->n != b->n || memcmp(a->bytes, b->bytes, a->n) != 0;
    }
    kdtest_claim(different == 0 && whole.count > 500,
                 "a book that grew in steps has the files of one made at once");
    shelf_close(&grown);
    shelf_close(&whole);
}

/* One fault put into a good book of 700 entries. */
static const struct {
    const char *path;
    long flip;   /* byte to change: from 0, or from the end when negative; ignored when the size changes */
    long resize; /* bytes to add or take */
    bool absent; /* take the file away */
    const char *reason, *fault_path;
    int64_t entry;
    const char *claim;
} faults[] = {
    {"checkpoint", 0, 0, true, "absent", "checkpoint", -1, "no head"},
    {"checkpoint", 0, 0, false, "bad_signature", "checkpoint", -1, "a letter of the head changed"},
    {"checkpoint", 0, -1, false, "no_final_newline", "checkpoint", -1, "the head cut"},
    {"tile/entries/000", 4, 0, false, "leaf_mismatch", "tile/entries/000", 0,
     "a letter of the first entry changed"},
    {"tile/entries/001", -1, 0, false, "leaf_mismatch", "tile/entries/001", 511,
     "the last letter of a bundle"},
    {"tile/entries/002.p/188", -1, 0, false, "leaf_mismatch", "tile/entries/002.p/188", 699,
     "the last entry"},
    {"tile/entries/001", 0, -1, false, "truncated", "tile/entries/001", -1, "a bundle cut"},
    {"tile/entries/001", 0, 1, false, "trailing_data", "tile/entries/001", -1, "a byte after a bundle"},
    {"tile/entries/001", 0, 0, true, "absent", "tile/entries/001", -1, "a bundle gone"},
    {"tile/entries/002.p/188", 0, 0, true, "absent", "tile/entries/002.p/188", -1, "the partial bundle gone"},
    {"tile/0/000", 33, 0, false, "leaf_mismatch", "tile/entries/000", 1, "a leaf hash changed"},
    {"tile/0/002.p/188", -1, 0, false, "leaf_mismatch", "tile/entries/002.p/188", 699,
     "the last leaf hash changed"},
    {"tile/0/001", 0, -32, false, "bad_tile_length", "tile/0/001", -1, "a tile one hash short"},
    {"tile/0/001", 0, 1, false, "too_long", "tile/0/001", -1, "a tile above its size"},
    {"tile/0/002.p/188", 0, 32, false, "bad_tile_length", "tile/0/002.p/188", -1,
     "a partial tile one hash long"},
    {"tile/0/000", 0, 0, true, "absent", "tile/0/000", -1, "a tile gone"},
    {"tile/1/000.p/2", 0, 0, false, "tile_mismatch", "tile/1/000.p/2", -1, "a hash of level 1 changed"},
    {"tile/1/000.p/2", 0, 0, true, "absent", "tile/1/000.p/2", -1, "the tile of level 1 gone"},
};

static void put_fault(shelf *s, const char *path, long flip, long resize, bool absent) {
    shelf_file *file = shelf_find(s, path);
    if (!kdtest_claim(file != NULL, "the book has %s", path)) return;
    file->absent = absent;
    if (resize) {
        file->bytes = realloc(file->bytes, file->n + (resize > 0 ? (size_t)resize : 0) + 1);
        if (!file->bytes) abort();
        if (resize > 0) memset(file->bytes + file->n, 0, (size_t)resize);
        file->n = (size_t)((long)file->n + resize);
    } else if (!absent) {
        file->bytes[flip >= 0 ? flip : (long)file->n + flip] ^= 1;
    }
}

static void test_faults(void) {
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        shelf s = {0};
        counts c = {.stop_at = -1};
        kd_book_report r;
        kd_error e = {0};
        kd_edge_open(&edge);
        shelf_grow(&s, &crypto, &log_key, &edge, 700);
        put_fault(&s, faults[i].path, faults[i].flip, faults[i].resize, faults[i].absent);
        kd_status status = check(&s, &c, &r, &e);
        kdtest_claim(status != KD_OK && strcmp(e.reason, faults[i].reason) == 0 &&
                         strcmp(r.fault_path, faults[i].fault_path) == 0 &&
                         strcmp(e.file, r.fault_path) == 0 && r.fault_entry == faults[i].entry &&
                         e.message[0],
                     "%s: expected %s at %s (%lld), met %s at %s (%lld)", faults[i].claim, faults[i].reason,
                     faults[i].fault_path, (long long)faults[i].entry, status ? e.reason : "nothing",
                     r.fault_path, (long long)r.fault_entry);
        shelf_close(&s);
    }
}

/* Faults that no single file shows. */
static void test_deceit(void) {
    shelf s = {0};
    counts c = {.stop_at = -1};
    kd_book_report r;
    kd_error e = {0};
    kd_edge_open(&edge);
    shelf_grow(&s, &crypto, &log_key, &edge, 700);
    kd_text t;
    kd_text_open(&t, NULL);
    /* An entry exchanged together with its leaf hash: only the tiles above and the root can tell. */
    shelf_file *bundle = shelf_find(&s, "tile/entries/002.p/188"), *tile = shelf_find(&s, "tile/0/002.p/188");
    kd_str entries[KD_TILE_WIDTH];
    kd_digest leaf;
    bundle->bytes[3] ^= 1;
    kd_bundle_parse((kd_str){bundle->bytes, bundle->n}, 188, entries, NULL);
    kd_leaf_hash(&crypto, entries[0], &leaf);
    memcpy(tile->bytes, leaf.b, 32);
    c.wrong = 0;
    kd_status status = check(&s, &c, &r, &e);
    kdtest_claim(status == KD_FAILED && strcmp(e.reason, "root_mismatch") == 0 &&
                     strcmp(r.fault_path, "checkpoint") == 0,
                 "an entry exchanged with its leaf hash does not have the signed root: %s", e.reason);
    /* The same head signed by another. */
    kd_digest root;
    kd_edge_root(&crypto, &edge, &root);
    kd_head_make(&t, &crypto, &other_key, 700, &root, NULL);
    shelf_put(&s, "checkpoint", kd_text_str(&t));
    c = (counts){.stop_at = -1};
    status = check(&s, &c, &r, &e);
    kdtest_claim(status == KD_FAILED && strcmp(e.reason, "no_known_signature") == 0 && c.entries == 0,
                 "a head that another signed is refused before any entry is looked at");
    kd_text_close(&t);
    shelf_close(&s);
}

static void test_callback(void) {
    shelf s = {0};
    counts c = {.stop_at = 300};
    kd_book_report r;
    kd_error e = {0};
    kd_edge_open(&edge);
    shelf_grow(&s, &crypto, &log_key, &edge, 700);
    kd_status status = check(&s, &c, &r, &e);
    kdtest_claim(status == KD_FAILED && strcmp(e.reason, "no_such_officer") == 0 && r.fault_entry == 300 &&
                     strcmp(r.fault_path, "tile/entries/001") == 0 && e.line == 3 && e.column == 9 &&
                     c.entries == 300,
                 "what the caller refuses ends the check and is placed at its entry");
    shelf_close(&s);
}

/* A log that has grown since the head may have dropped the partial tiles of it. */
static void test_wider(void) {
    shelf s = {0};
    counts c = {.stop_at = -1};
    kd_book_report r;
    kd_error e = {0};
    kd_edge_open(&edge);
    shelf_grow(&s, &crypto, &log_key, &edge, 700);
    shelf_file *head = shelf_find(&s, "checkpoint");
    kd_str old_head = {head->bytes, head->n};
    kd_text keep;
    kd_text_open(&keep, NULL);
    kd_text_put(&keep, old_head);
    shelf_grow(&s, &crypto, &log_key, &edge, 256 * 256);
    shelf_put(&s, "checkpoint", kd_text_str(&keep));
    static const char *dropped[] = {"tile/entries/002.p/188", "tile/0/002.p/188", "tile/1/000.p/2"};
    for (size_t i = 0; i < 3; i++) shelf_find(&s, dropped[i])->absent = true;
    kd_status status = check(&s, &c, &r, &e);
    kdtest_claim(status == KD_OK && r.entries == 700 && c.wrong == 0,
                 "full tiles do for the partial ones of an older head: %s %s", e.reason, e.message);
    shelf_find(&s, "tile/1/000")->bytes[40] ^= 1;
    c = (counts){.stop_at = -1};
    status = check(&s, &c, &r, &e);
    kdtest_claim(status == KD_FAILED && strcmp(e.reason, "tile_mismatch") == 0, "and are checked no less");
    kd_text_close(&keep);
    shelf_close(&s);
}

typedef struct ranged {
    int64_t next, wrong;
} ranged;

static kd_status take_range(void *ctx, int64_t index, kd_str bytes, kd_error *e) {
    ranged *r = ctx;
    char room[128];
    (void)e;
    r->wrong += index != r->next++ || !kd_str_equal(bytes, shelf_entry(index, room));
    return KD_OK;
}

/* Proofs out of the tiles of a large book, for many sizes of it, against its roots. */
static void test_proofs(void) {
    static const int64_t size = 70000;
    static kd_digest roots[70001];
    shelf s = {0};
    kd_book_reader reader = {shelf_read, &s};
    kd_frontier f;
    kd_frontier_open(&f);
    kd_edge_open(&edge);
    shelf_grow(&s, &crypto, &log_key, &edge, size);
    for (int64_t i = 0; i <= size; i++) {
        char room[128];
        kd_digest leaf;
        kd_frontier_root(&crypto, &f, &roots[i]);
        kd_leaf_hash(&crypto, shelf_entry(i, room), &leaf);
        kd_frontier_add(&crypto, &f, &leaf);
    }
    int64_t wrong = 0, made = 0;
    uint64_t seed = 1;
    for (int i = 0; i < 300; i++) {
        seed = kd_hash(&seed, sizeof seed, 7);
        int64_t m = (int64_t)(seed >> 8) % size + 1;
        if (i < 17) m = INT64_C(1) << i;
        kd_proof proof;
        char room[128];
        kd_digest leaf;
        kd_leaf_hash(&crypto, shelf_entry(m - 1, room), &leaf);
        wrong +=
            kd_prove_inclusion(&crypto, &reader, m - 1, size, &proof, NULL) != KD_OK ||
            kd_check_inclusion(&crypto, m - 1, size, &leaf, proof.nodes, proof.count, &roots[size], NULL);
        wrong +=
            kd_prove_consistency(&crypto, &reader, m, size, &proof, NULL) != KD_OK ||
            kd_check_consistency(&crypto, m, &roots[m], size, &roots[size], proof.nodes, proof.count, NULL);
        wrong += kd_check_consistency(&crypto, m, &roots[m ? m - 1 : 0], size, &roots[size], proof.nodes,
                                      proof.count, NULL) == KD_OK;
        made += 3;
    }
    kdtest_claim(wrong == 0, "%lld proofs out of tiles hold", (long long)made);
    kd_proof proof;
    kdtest_claim(kd_prove_inclusion(&crypto, &reader, size, size, &proof, NULL) == KD_USAGE &&
                     kd_prove_inclusion(&crypto, &reader, -1, size, &proof, NULL) == KD_USAGE &&
                     kd_prove_consistency(&crypto, &reader, size + 1, size, &proof, NULL) == KD_USAGE &&
                     kd_prove_prefix(&crypto, &reader, 0, size, &proof, NULL) == KD_USAGE,
                 "what is outside of the tree is not proven");
    ranged r = {250, 0};
    kdtest_claim(kd_book_entries(&reader, size, 250, 1030, take_range, &r, NULL) == KD_OK && r.next == 1030 &&
                     r.wrong == 0,
                 "a range of entries is given in order");
    kdtest_claim(kd_book_entries(&reader, size, 5, size + 1, take_range, &r, NULL) == KD_USAGE,
                 "no more than there are");
    shelf_close(&s);
}

/* Evidence made by kd_prove_prefix shows a fork, and a forged line of the cosigner takes nothing from it. */
static void test_fork(void) {
    shelf a = {0}, b = {0};
    kd_arena arena;
    kd_fork fork;
    kd_proof proof;
    kd_text t;
    kd_arena_open(&arena, NULL);
    kd_text_open(&t, NULL);
    kd_edge_open(&edge);
    shelf_grow(&a, &crypto, &log_key, &edge, 512);
    kd_digest leaf = {{1}};
    edge.hashes[1][0] = leaf; /* the second tree has another first bundle */
    shelf_grow(&b, &crypto, &log_key, &edge, 700);
    shelf_file *small = shelf_find(&a, "checkpoint"), *large = shelf_find(&b, "checkpoint");
    kd_book_reader reader = {shelf_read, &b};
    kd_trust trust = {log_key.public_key.name, &log_key.public_key, 1};
    kd_status status = kd_prove_prefix(&crypto, &reader, 512, 700, &proof, NULL);
    kd_fork_evidence evidence = {KD_EVIDENCE_PREFIX, 512, 700, proof.nodes, proof.count};
    kd_text_put(&t, (kd_str){small->bytes, small->n});
    kd_text_puts(&t, "\xE2\x80\x94 w.example/1 ");
    unsigned char forged[76] = {0};
    memcpy(forged, cosigner.public_key.id, 4);
    kd_base64_put(&t, forged, sizeof forged);
    kd_text_putc(&t, '\n');
    if (status == KD_OK)
        status = kd_fork_judge(&arena, &crypto, kd_text_str(&t), (kd_str){large->bytes, large->n}, &trust, 1,
                               &evidence, &cosigner.public_key, &fork, NULL);
    kdtest_claim(status == KD_OK && fork.verdict == KD_FORK_PROVEN &&
                     strcmp(fork.reason, "prefix_mismatch") == 0 && fork.cosigner == KD_COSIGNER_NONE,
                 "evidence out of tiles proves a fork, a forged line beside it or not");
    kd_text_close(&t);
    kd_arena_close(&arena);
    shelf_close(&a);
    shelf_close(&b);
}

static void test_keys(void) {
    kd_text t;
    kd_signer again;
    kd_error e = {0};
    kd_text_open(&t, NULL);
    kd_signer_put(&t, &log_key);
    kdtest_claim(kd_str_starts(kd_text_str(&t), "PRIVATE+KEY+log.example/book+") &&
                     kd_signer_parse(&crypto, kd_text_str(&t), &again, NULL) == KD_OK &&
                     memcmp(again.seed, log_key.seed, 32) == 0 &&
                     memcmp(&again.public_key.key, log_key.public_key.key, 32) == 0,
                 "a secret key is written and read");
    t.p[t.n - 3] = t.p[t.n - 3] == 'A' ? 'B' : 'A';
    kdtest_claim(kd_signer_parse(&crypto, kd_text_str(&t), &again, &e) == KD_INVALID &&
                     strcmp(e.reason, "key_id_mismatch") == 0,
                 "a slip in a secret key is found");
    kdtest_claim(kd_signer_parse(&crypto, KD_STR("log.example/book+00+00"), &again, &e) == KD_INVALID &&
                     strcmp(e.reason, "bad_secret_key") == 0,
                 "a public key is no secret one");
    char name[300];
    memset(name, 'n', sizeof name);
    kdtest_claim(kd_key_name_valid((kd_str){name, 255}) && !kd_key_name_valid((kd_str){name, 256}),
                 "a name has at most 255 bytes");
    kd_text_close(&t);
}

static void test_bounds(void) {
    kd_arena arena;
    kd_text t;
    kd_note note;
    kd_error e = {0};
    kd_arena_open(&arena, NULL);
    kd_text_open(&t, NULL);
    kd_note_make(&t, &crypto, &log_key, KD_STR("x\n"), NULL);
    for (int i = 1; i < 100; i++) kd_note_sign(&t, &crypto, &log_key, KD_STR("x\n"), NULL);
    kdtest_claim(kd_note_parse(&arena, kd_text_str(&t), &note, NULL) == KD_OK && note.line_count == 100,
                 "a note of 100 signature lines is read");
    kd_note_sign(&t, &crypto, &log_key, KD_STR("x\n"), NULL);
    kdtest_claim(kd_note_parse(&arena, kd_text_str(&t), &note, &e) == KD_INVALID &&
                     strcmp(e.reason, "too_many_signatures") == 0,
                 "one of 101 is not");
    kd_text_clear(&t);
    kd_text_repeat(&t, 'x', KD_NOTE_MAX_BYTES + 1);
    kdtest_claim(kd_note_parse(&arena, kd_text_str(&t), &note, &e) == KD_INVALID &&
                     strcmp(e.reason, "too_long") == 0,
                 "nor one above 128 KiB");
    kd_frontier f = {.size = INT64_MAX};
    kd_digest leaf = {{0}};
    kdtest_claim(kd_frontier_add(&crypto, &f, &leaf) == KD_USAGE, "a tree ends at 2^63-1");
    kd_text_close(&t);
    kd_arena_close(&arena);
}

/* Verifies a book, makes and opens a head, a proof and a policy with an allocator that fails at one call. */
static kd_status use_memory(shelf *s, const kd_allocator *from) {
    kd_arena arena;
    kd_text t;
    kd_head head;
    kd_book_report r;
    kd_policy policy;
    kd_tlog_proof proof;
    kd_book_check what = {.crypto = &crypto,
                          .from = from,
                          .reader = {shelf_read, s},
                          .keys = &log_key.public_key,
                          .key_count = 1};
    kd_arena_open(&arena, from);
    kd_text_open(&t, from);
    kd_status status = kd_book_verify(&what, &r, NULL);
    if (status == KD_OK) status = kd_head_make(&t, &crypto, &log_key, r.size, &r.root, NULL);
    kd_str text = {t.p, 0};
    while (status == KD_OK && (text.n < 2 || text.p[text.n - 1] != '\n' || text.p[text.n] != '\n')) text.n++;
    char keep[256] = "";
    if (status == KD_OK) memcpy(keep, text.p, text.n);
    text.p = keep;
    if (status == KD_OK) status = kd_cosign(&t, &crypto, &cosigner, text, 9, NULL);
    const kd_vkey keys[2] = {log_key.public_key, cosigner.public_key};
    if (status == KD_OK)
        status =
            kd_head_open(&arena, &crypto, kd_text_str(&t), keys, 2, log_key.public_key.name, &head, NULL);
    kd_text file;
    kd_text_open(&file, from);
    kd_text_puts(&file, "log ");
    kd_vkey_put(&file, &keys[0]);
    kd_text_puts(&file, "\nwitness w ");
    kd_vkey_put(&file, &keys[1]);
    kd_text_puts(&file, "\ngroup g any w\nquorum g\n");
    if (status == KD_OK && file.failed) status = KD_NOMEM;
    if (status == KD_OK) status = kd_policy_parse(&arena, &crypto, kd_text_str(&file), &policy, NULL);
    if (status == KD_OK) status = kd_policy_check(&arena, &crypto, &policy, kd_text_str(&t), 9, NULL);
    if (status == KD_OK && kd_policy_check(&arena, &crypto, &policy, kd_text_str(&t), 8, NULL) != KD_FAILED)
        status = KD_USAGE; /* a cosignature of a later time must not count */
    if (status == KD_OK)
        status = kd_tlog_proof_parse(&arena, KD_STR("c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n\n"),
                                     &proof, NULL);
    kd_text_close(&file);
    kd_text_close(&t);
    kd_arena_close(&arena);
    return status;
}

/* The witness's step with an allocator that fails at one call: it answers, or says that there is no
 * memory. */
static kd_status use_witness(const kd_allocator *from) {
    kd_arena arena;
    kd_text t;
    kd_witness_answer answer = {0};
    kd_witness_state state = {0};
    kd_trust trust = {log_key.public_key.name, &log_key.public_key, 1};
    kd_digest root = {{5}};
    kd_arena_open(&arena, from);
    kd_text_open(&t, from);
    kd_text_puts(&t, "old 0\n\n");
    kd_status status = kd_head_make(&t, &crypto, &log_key, 3, &root, NULL);
    if (status == KD_OK)
        status = kd_witness_step(&arena, &crypto, &cosigner, &trust, &state, 1, kd_text_str(&t), 100, &answer,
                                 NULL);
    if (status == KD_OK && answer.status != 200) status = KD_USAGE;
    state = answer.state;
    if (status == KD_OK) /* the same again, now refused: old is 3 */
        status = kd_witness_step(&arena, &crypto, &cosigner, &trust, &state, 1, kd_text_str(&t), 50, &answer,
                                 NULL);
    if (status == KD_OK && answer.status != 409) status = KD_USAGE;
    kd_text_close(&t);
    kd_arena_close(&arena);
    return status;
}

static void test_no_memory(void) {
    shelf s = {0};
    kd_edge_open(&edge);
    shelf_grow(&s, &crypto, &log_key, &edge, 300);
    for (int part = 0; part < 2; part++) {
        kd_status status = KD_NOMEM;
        long fail_at = 0;
        for (; fail_at < 100 && status == KD_NOMEM; fail_at++) {
            failing f = {.fail_at = fail_at};
            const kd_allocator from = {failing_resize, &f};
            status = part ? use_witness(&from) : use_memory(&s, &from);
            kdtest_claim(f.bytes == 0, "all is given back when call %ld fails", fail_at);
        }
        kdtest_claim(status == KD_OK && fail_at > 3, "each call for memory may fail (%d after %ld)",
                     (int)status, fail_at);
    }
    shelf_close(&s);
}

/* The clock was set back, or the log has the witness's name. */
static void test_witness(void) {
    kd_arena arena;
    kd_text t;
    kd_witness_answer answer = {0};
    kd_digest root = {{5}};
    kd_witness_state state = {true, 3, root, 1000};
    kd_trust trust = {log_key.public_key.name, &log_key.public_key, 1};
    kd_arena_open(&arena, NULL);
    kd_text_open(&t, NULL);
    kd_text_puts(&t, "old 3\n\n");
    kd_head_make(&t, &crypto, &log_key, 3, &root, NULL);
    kd_status status =
        kd_witness_step(&arena, &crypto, &cosigner, &trust, &state, 1, kd_text_str(&t), 900, &answer, NULL);
    kdtest_claim(status == KD_OK && answer.status == 200 && answer.state.time == 1000,
                 "a witness's times never go back");
    kd_text_clear(&t);
    kd_text_puts(&t, "old 0\n\n");
    root.b[0] = 6;
    kd_head_make(&t, &crypto, &log_key, 3, &root, NULL);
    status =
        kd_witness_step(&arena, &crypto, &cosigner, &trust, &state, 1, kd_text_str(&t), 900, &answer, NULL);
    kdtest_claim(status == KD_OK && answer.status == 409 &&
                     kd_str_starts(answer.refused, "log.example/book\n3\n"),
                 "another root of the size it knows is kept as evidence, whatever old size is claimed");
    kd_signer same;
    kd_signer_make(&crypto, log_key.public_key.name, KD_KEY_COSIGNS, cosigner.seed, &same, NULL);
    status = kd_witness_step(&arena, &crypto, &same, &trust, &state, 1, kd_text_str(&t), 900, &answer, NULL);
    kdtest_claim(status == KD_USAGE, "no log may have the witness's own name");
    kd_text_close(&t);
    kd_arena_close(&arena);
}

int main(void) {
    const unsigned char seeds[3][32] = {{1}, {2}, {3}};
    if (kd_crypto_sodium(&crypto, NULL)) return 1;
    kd_signer_make(&crypto, KD_STR("log.example/book"), KD_KEY_SIGNS, seeds[0], &log_key, NULL);
    kd_signer_make(&crypto, KD_STR("log.example/book"), KD_KEY_SIGNS, seeds[1], &other_key, NULL);
    kd_signer_make(&crypto, KD_STR("w.example/1"), KD_KEY_COSIGNS, seeds[2], &cosigner, NULL);
    test_sizes();
    test_growth();
    test_faults();
    test_deceit();
    test_callback();
    test_wider();
    test_proofs();
    test_fork();
    test_keys();
    test_bounds();
    test_no_memory();
    test_witness();
    return kdtest_end("test_book");
}

/* bench_verify.c: verification of a record's books beside the least that it can cost, in one run.
 *
 *      bench_verify DIR [ROUNDS]
 *
 * The least is what no verification can do without: one Ed25519 check for each statement and each head,
 * SHA-256 over every entry (its leaf hash), over every inner node of each tree, and over the treaty's
 * text. The entries lie in memory and their signatures are decoded before the clock starts, so that
 * nothing is read, parsed or compared in that time. The two take turns; the least of each counts, in the
 * processor's time of this process, its system calls included.
 *
 * Prints: whole time and bare time in milliseconds, their ratio, signatures, bytes of entries. */
#define _DEFAULT_SOURCE
#include "store/crypto.h"
#include <kadesh/store.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One signature that is to be checked. */
typedef struct check {
    kd_str message;
    const unsigned char *key;
    unsigned char signature[64];
} check;

typedef struct bare {
    check *checks;
    size_t count;
    kd_str *entries;
    size_t entry_count;
    size_t nodes; /* inner nodes of all trees */
    kd_str treaty;
    unsigned char sum; /* of all hashes: so that none is left out by the compiler */
} bare;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void stop(const kd_error *e) {
    fprintf(stderr, "bench_verify: %s: %s\n", e->file, e->message);
    exit(1);
}

/* A note with one signature line: its text, and the 64 bytes after the key's four. */
static void add_check(bare *b, kd_str note, const kd_vkey *key) {
    unsigned char decoded[68];
    size_t text = 0;
    while (text + 1 < note.n && (note.p[text] != '\n' || note.p[text + 1] != '\n')) text++;
    size_t blank = note.n - 1;
    while (blank > text && note.p[blank] != ' ') blank--;
    kd_str base64 = {note.p + blank + 1, note.n - blank - 2};
    if (kd_base64_decode(base64, decoded, sizeof decoded) != (long)sizeof decoded) abort();
    check *c = &b->checks[b->count++];
    c->message = (kd_str){note.p, text + 1};
    c->key = key->key;
    memcpy(c->signature, decoded + 4, sizeof c->signature);
}

static const kd_vkey *key_of(const kd_public_key *keys, size_t count, kd_str party, kd_purpose purpose) {
    for (size_t i = 0; i < count; i++) {
        if (kd_str_equal(keys[i].party, party) && keys[i].purpose == purpose) return &keys[i].key;
    }
    abort();
}

static void add_book(bare *b, const kd_folder *f, const kd_held_book *book, const kd_public_key *keys,
                     size_t key_count, kd_arena *arena) {
    char name[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    kd_str head = {0};
    kd_error e = {0};
    snprintf(name, sizeof name, "books/%.*s/checkpoint", KD_STR_ARGS(book->party));
    if (kd_path_join(path, f->path, name, &e) ||
        kd_read_file(f->os, path, KD_NOTE_MAX_BYTES, arena, &head, &e))
        stop(&e);
    add_check(b, head, key_of(keys, key_count, book->party, KD_FOR_HEADS));
    const kd_vkey *key = key_of(keys, key_count, book->party, KD_FOR_STATEMENTS);
    for (int64_t i = 0; i < book->count; i++) {
        add_check(b, book->entries[i], key);
        b->entries[b->entry_count++] = book->entries[i];
    }
    if (book->count > 1) b->nodes += (size_t)book->count - 1;
}

static void prepare(bare *b, const kd_folder *f, const kd_crypto *crypto, kd_arena *arena) {
    kd_error e = {0};
    kd_books books;
    kd_public_key *keys;
    size_t key_count;
    const kd_books_options all = {0};
    if (kd_folder_keys(f, crypto, arena, &keys, &key_count, &e)) stop(&e);
    if (kd_books_load(f, crypto, &all, arena, &kd_allocator_libc, &books, &e)) stop(&e);
    b->checks = kd_arena_array(arena, (size_t)books.entries + books.count, sizeof *b->checks);
    b->entries = kd_arena_array(arena, (size_t)books.entries, sizeof *b->entries);
    if (!b->checks || !b->entries) abort();
    for (size_t i = 0; i < books.count; i++) add_book(b, f, &books.books[i], keys, key_count, arena);
    b->treaty = f->texts[0].bytes;
}

static double bare_ms(bare *b) {
    unsigned char hash[32];
    crypto_hash_sha256_state state;
    const unsigned char leaf = 0, inner = 1, children[64] = {0};
    double begin = now_ms();
    for (size_t i = 0; i < b->count; i++) {
        const check *c = &b->checks[i];
        const unsigned char *message = (const unsigned char *)c->message.p;
        if (crypto_sign_verify_detached(c->signature, message, c->message.n, c->key) != 0) abort();
    }
    for (size_t i = 0; i < b->entry_count; i++) {
        crypto_hash_sha256_init(&state);
        crypto_hash_sha256_update(&state, &leaf, 1);
        crypto_hash_sha256_update(&state, (const unsigned char *)b->entries[i].p, b->entries[i].n);
        crypto_hash_sha256_final(&state, hash);
        b->sum ^= hash[0];
    }
    for (size_t i = 0; i < b->nodes; i++) {
        crypto_hash_sha256_init(&state);
        crypto_hash_sha256_update(&state, &inner, 1);
        crypto_hash_sha256_update(&state, children, sizeof children);
        crypto_hash_sha256_final(&state, hash);
        b->sum ^= hash[0];
    }
    crypto_hash_sha256(hash, (const unsigned char *)b->treaty.p, b->treaty.n);
    b->sum ^= hash[0];
    return now_ms() - begin;
}

/* The whole: from the folder's path to the last check, texts and keys read too. */
static double whole_ms(const char *path, const kd_crypto *crypto, const bare *b) {
    kd_arena arena;
    kd_folder f;
    kd_books books;
    kd_error e = {0};
    const kd_books_options all = {0};
    double begin = now_ms();
    kd_arena_open(&arena, &kd_allocator_libc);
    if (kd_folder_open(&kd_os_real, crypto, path, &arena, &f, &e)) stop(&e);
    if (kd_books_verify(&f, crypto, &all, &arena, &kd_allocator_libc, &books, NULL, NULL, &e)) stop(&e);
    if ((size_t)books.signatures != b->entry_count) abort();
    kd_arena_close(&arena);
    return now_ms() - begin;
}

int main(int argc, char **argv) {
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    if (argc < 2 || rounds < 1) {
        fprintf(stderr, "usage: bench_verify DIR [ROUNDS]\n");
        return 2;
    }
    kd_crypto crypto;
    kd_error e = {0};
    kd_arena arena;
    kd_folder f;
    bare b = {0};
    kd_arena_open(&arena, &kd_allocator_libc);
    if (kd_crypto_sodium(&crypto, &e) || kd_folder_open(&kd_os_real, &crypto, argv[1], &arena, &f, &e))
        stop(&e);
    prepare(&b, &f, &crypto, &arena);
    double whole = 0, least = 0;
    for (int i = 0; i < rounds; i++) {
        double w = whole_ms(argv[1], &crypto, &b), l = bare_ms(&b);
        if (i == 0 || w < whole) whole = w;
        if (i == 0 || l < least) least = l;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < b.entry_count; i++) bytes += b.entries[i].n;
    printf("%.3f %.3f %.3f %zu %zu\n", whole, least, whole / least, b.count, bytes);
    kd_arena_close(&arena);
    return 0;
}

/* shelf.h: a book's files held in memory, for tests: put, read, alter, take away. */
#ifndef KADESH_TESTS_SHELF_H
#define KADESH_TESTS_SHELF_H

#include <kadesh/book.h>
#include <stdlib.h>
#include <string.h>

typedef struct shelf_file {
    char path[KD_TILE_PATH_MAX_BYTES];
    char *bytes;
    size_t n;
    bool absent;
} shelf_file;

typedef struct shelf {
    shelf_file *files;
    size_t count, room;
} shelf;

static shelf_file *shelf_find(shelf *s, const char *path) {
    /* from the end: tests read what they wrote last */
    for (size_t i = s->count; i > 0; i--)
        if (strcmp(s->files[i - 1].path, path) == 0) return &s->files[i - 1];
    return NULL;
}

static void shelf_put(shelf *s, const char *path, kd_str bytes) {
    shelf_file *file = shelf_find(s, path);
    if (!file) {
        if (s->count == s->room) {
            s->room = s->room ? s->room * 2 : 64;
            s->files = realloc(s->files, s->room * sizeof *s->files);
            if (!s->files) abort();
        }
        file = &s->files[s->count++];
        *file = (shelf_file){.bytes = NULL};
        snprintf(file->path, sizeof file->path, "%s", path);
    }
    free(file->bytes);
    file->bytes = malloc(bytes.n + 1);
    if (!file->bytes) abort();
    if (bytes.n) memcpy(file->bytes, bytes.p, bytes.n);
    file->n = bytes.n;
    file->absent = false;
}

static void shelf_close(shelf *s) {
    for (size_t i = 0; i < s->count; i++) free(s->files[i].bytes);
    free(s->files);
    *s = (shelf){0};
}

static kd_status shelf_read(void *ctx, const char *path, size_t limit, kd_str *out, kd_error *e) {
    shelf_file *file = shelf_find(ctx, path);
    if (!file || file->absent) return kd_fail(e, KD_FAILED, "absent", "%s is not there", path);
    if (file->n > limit) return kd_fail(e, KD_INVALID, "too_long", "%s has more than %zu bytes", path, limit);
    *out = (kd_str){file->bytes, file->n};
    return KD_OK;
}

static kd_status shelf_tile(void *ctx, kd_tile tile, kd_str bytes, kd_error *e) {
    char path[KD_TILE_PATH_MAX_BYTES];
    (void)e;
    kd_tile_path(tile, path);
    shelf_put(ctx, path, bytes);
    return KD_OK;
}

/* Entry `i` of the books of the tests: its number, and a length that varies. */
static kd_str shelf_entry(int64_t i, char room[128]) {
    int n = snprintf(room, 128, "entry %lld %.*s", (long long)i, (int)(i * 7 % 64),
                     "................................................................");
    return (kd_str){room, (size_t)n};
}

/* Appends entries to a shelf that holds the edge's size of them, and signs the head of the new size. */
static void shelf_grow(shelf *s, const kd_crypto *crypto, const kd_signer *signer, kd_edge *edge,
                       int64_t size) {
    kd_tile_sink sink = {shelf_tile, s};
    int64_t first = edge->size / KD_TILE_WIDTH;
    for (int64_t i = edge->size; i < size; i++) {
        char room[128];
        kd_digest leaf;
        kd_leaf_hash(crypto, shelf_entry(i, room), &leaf);
        kd_edge_add(crypto, edge, &leaf, &sink, NULL);
    }
    kd_edge_partials(edge, &sink, NULL);
    kd_text t;
    kd_text_open(&t, NULL);
    for (int64_t bundle = first; bundle * KD_TILE_WIDTH < size; bundle++) {
        kd_tile tile = {KD_TILE_ENTRIES, bundle, kd_tile_width(size, KD_TILE_ENTRIES, bundle)};
        kd_text_clear(&t);
        for (unsigned i = 0; i < tile.width; i++) {
            char room[128];
            kd_bundle_put(&t, shelf_entry(bundle * KD_TILE_WIDTH + i, room), NULL);
        }
        shelf_tile(s, tile, kd_text_str(&t), NULL);
    }
    kd_digest root;
    kd_edge_root(crypto, edge, &root);
    kd_text_clear(&t);
    kd_head_make(&t, crypto, signer, size, &root, NULL);
    shelf_put(s, "checkpoint", kd_text_str(&t));
    kd_text_close(&t);
}

#endif

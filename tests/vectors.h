/* vectors.h: reading the rows of tests/vectors: strings, bytes in hex, keys by label. */
#ifndef KADESH_TESTS_VECTORS_H
#define KADESH_TESTS_VECTORS_H

#include "kdtest.h"
#include "store/crypto.h"
#include <cjson/cJSON.h>
#include <kadesh/book.h>
#include <stdlib.h>
#include <string.h>

/* One file of vectors, with its keys. Everything lives in the arena and the tree until the file is closed. */
typedef struct vectors {
    const char *name;
    cJSON *json;
    kd_arena arena;
    kd_crypto crypto;
    const char *labels[32];
    kd_vkey keys[32];
    unsigned char seeds[32][32];
    size_t key_count;
    int passed_before, failed_before;
} vectors;

/* The member of an object, or NULL. */
static const cJSON *member(const cJSON *row, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(row, name);
}

/* A string member; "" when there is none. */
static const char *string(const cJSON *row, const char *name) {
    const cJSON *item = member(row, name);
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* A number, as a JSON number or as a decimal string. */
static int64_t number(const cJSON *row, const char *name) {
    const cJSON *item = member(row, name);
    int64_t value = -1;
    if (cJSON_IsNumber(item)) return (int64_t)item->valuedouble;
    if (cJSON_IsString(item) && kd_decimal(kd_str_of(item->valuestring), &value)) return value;
    return -1;
}

static bool yes(const cJSON *row, const char *name) {
    return cJSON_IsTrue(member(row, name));
}

static kd_str unhex(vectors *v, const char *hex) {
    size_t n = strlen(hex) / 2;
    unsigned char *bytes = kd_arena_take(&v->arena, n + 1);
    if (!bytes || !kd_hex_decode(kd_str_of(hex), bytes, n)) return (kd_str){"", 0};
    return (kd_str){(const char *)bytes, n};
}

/* The bytes of a member that is given as X_hex, X_text or both, which must then agree. */
static kd_str bytes_of(vectors *v, const cJSON *row, const char *name) {
    char hex[64], text[64];
    snprintf(hex, sizeof hex, "%s_hex", name);
    snprintf(text, sizeof text, "%s_text", name);
    const cJSON *as_text = member(row, text);
    if (!member(row, hex)) return kd_str_of(string(row, text));
    kd_str bytes = unhex(v, string(row, hex));
    if (cJSON_IsString(as_text))
        kdtest_claim(kd_str_is(bytes, as_text->valuestring), "%s %s: text and hex agree", v->name,
                     string(row, "id"));
    return bytes;
}

static kd_digest digest_of(const cJSON *row, const char *name) {
    kd_digest d = {{0}};
    kd_hex_decode(kd_str_of(string(row, name)), d.b, sizeof d.b);
    return d;
}

/* The hashes of an array of hex strings, in the arena. */
static kd_digest *digests_of(vectors *v, const cJSON *row, const char *name, size_t *count) {
    const cJSON *list = member(row, name), *item;
    kd_digest *all = kd_arena_array(&v->arena, (size_t)cJSON_GetArraySize(list) + 1, sizeof *all);
    *count = 0;
    cJSON_ArrayForEach(item, list) kd_hex_decode(kd_str_of(item->valuestring), all[(*count)++].b, 32);
    return all;
}

static const kd_vkey *key_of(const vectors *v, const char *label) {
    for (size_t i = 0; i < v->key_count; i++)
        if (strcmp(v->labels[i], label) == 0) return &v->keys[i];
    kdtest_claim(false, "%s: there is a key %s", v->name, label);
    return &v->keys[0];
}

/* The keys of an array of labels, after what stands in `out` already. */
static size_t keys_of(const vectors *v, const cJSON *labels, kd_vkey *out, size_t count) {
    const cJSON *label;
    cJSON_ArrayForEach(label, labels) out[count++] = *key_of(v, label->valuestring);
    return count;
}

/* Whether a refusal's reason is the row's, or the second one that is as good. A failing cosignature has
 * reasons of its own only in cosignatures.json. */
static bool is_reason(const cJSON *row, const char *met) {
    const char *coarse =
        strncmp(met, "cosignature_", 12) == 0 || strncmp(met, "timestamp_", 10) == 0 ? "bad_signature" : met;
    const char *wanted = string(row, "reason"), *also = string(row, "reason_also");
    return strcmp(met, wanted) == 0 || (*also && strcmp(met, also) == 0) || strcmp(coarse, wanted) == 0;
}

/* The row's verdict against ours. True when both say that it is valid: then the caller looks at what it
 * yields. */
static bool judge(const vectors *v, const cJSON *row, kd_status status, const kd_error *e) {
    if (yes(row, "valid"))
        return kdtest_claim(status == KD_OK, "%s %s: is valid: %s (%s: %s)", v->name, string(row, "id"),
                            string(row, "title"), e->reason, e->message);
    kdtest_claim(status != KD_OK && is_reason(row, e->reason), "%s %s: %s: refused as %s, met %s", v->name,
                 string(row, "id"), string(row, "title"), string(row, "reason"),
                 status ? e->reason : "nothing");
    return false;
}

static char *read_whole(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    long n = ftell(file);
    rewind(file);
    char *text = n < 0 ? NULL : malloc((size_t)n + 1);
    size_t got = text ? fread(text, 1, (size_t)n, file) : 0;
    if (text) text[got] = 0;
    fclose(file);
    return text;
}

/* Reads the keys and checks each row of them: the vkey parses to what is spelled out and is written back
 * the same. */
static void read_keys(vectors *v) {
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "keys")) {
        size_t i = v->key_count++;
        kd_vkey *key = &v->keys[i];
        kd_signer signer = {.seed = {0}};
        unsigned char id[4] = {0}, public_key[32] = {0};
        kd_text t;
        v->labels[i] = string(row, "label");
        kd_status status = kd_vkey_parse(&v->crypto, kd_str_of(string(row, "vkey")), key, NULL);
        kd_hex_decode(kd_str_of(string(row, "key_id")), id, 4);
        kd_hex_decode(kd_str_of(string(row, "public_hex")), public_key, 32);
        kd_hex_decode(kd_str_of(string(row, "seed_hex")), v->seeds[i], 32);
        kdtest_claim(status == KD_OK && memcmp(id, key->id, 4) == 0 &&
                         memcmp(public_key, key->key, 32) == 0 && kd_str_is(key->name, string(row, "name")),
                     "%s: the key %s reads as it is spelled out", v->name, v->labels[i]);
        status = kd_signer_make(&v->crypto, key->name, key->type, v->seeds[i], &signer, NULL);
        kd_text_open(&t, NULL);
        kd_vkey_put(&t, &signer.public_key);
        kdtest_claim(status == KD_OK && kd_str_is(kd_text_str(&t), string(row, "vkey")),
                     "%s: the seed of %s gives its key", v->name, v->labels[i]);
        kd_text_close(&t);
    }
}

static bool vectors_open(vectors *v, const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    memset(v, 0, sizeof *v);
    v->name = name;
    v->passed_before = kdtest_passed;
    v->failed_before = kdtest_failed;
    kd_arena_open(&v->arena, NULL);
    char *text = read_whole(path);
    v->json = text ? cJSON_Parse(text) : NULL;
    free(text);
    if (!kdtest_claim(v->json && kd_crypto_sodium(&v->crypto, NULL) == KD_OK, "%s can be read", path))
        return false;
    read_keys(v);
    return true;
}

static void vectors_close(vectors *v) {
    printf("  %-20s %5d passed, %d failed\n", v->name, kdtest_passed - v->passed_before,
           kdtest_failed - v->failed_before);
    cJSON_Delete(v->json);
    kd_arena_close(&v->arena);
}

#endif

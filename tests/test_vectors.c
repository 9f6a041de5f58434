/* test_vectors.c: every row of tests/vectors: what is valid is taken, what is not is refused for the
 * stated reason. */
#include "vectors.h"

/* ---- signed-notes.json ---- */

static void note_row(vectors *v, const cJSON *row) {
    kd_vkey keys[32];
    kd_note note = {0};
    kd_signatures found = {0};
    kd_error e = {0};
    size_t count = keys_of(v, member(row, "known"), keys, 0), i = 0;
    const char *id = string(row, "id");
    kd_status status = kd_note_parse(&v->arena, bytes_of(v, row, "note"), &note, &e);
    if (status == KD_OK) status = kd_note_verify(&v->arena, &v->crypto, &note, keys, count, &found, &e);
    if (!judge(v, row, status, &e)) return;
    kdtest_claim(kd_str_equal(note.text, bytes_of(v, row, "text")), "%s %s: gives the signed text", v->name,
                 id);
    kdtest_claim(found.ignored == (size_t)number(row, "ignored_lines"), "%s %s: ignores as many lines",
                 v->name, id);
    const cJSON *label, *verified = member(row, "verified");
    bool same = found.count == (size_t)cJSON_GetArraySize(verified);
    cJSON_ArrayForEach(label, verified) {
        const kd_vkey *key = key_of(v, label->valuestring);
        same = same && memcmp(keys[found.by[i++].key].key, key->key, 32) == 0;
    }
    kdtest_claim(same, "%s %s: gives the keys in order", v->name, id);
}

static void vkey_row(vectors *v, const cJSON *row) {
    kd_vkey key;
    kd_error e = {0};
    kd_status status = kd_vkey_parse(&v->crypto, kd_str_of(string(row, "vkey")), &key, &e);
    if (!judge(v, row, status, &e)) return;
    unsigned char id[4], public_key[32];
    kd_hex_decode(kd_str_of(string(row, "key_id")), id, 4);
    kd_hex_decode(kd_str_of(string(row, "public_hex")), public_key, 32);
    kdtest_claim(kd_str_is(key.name, string(row, "name")) && memcmp(key.id, id, 4) == 0 &&
                     memcmp(key.key, public_key, 32) == 0 &&
                     key.type == strtoul(string(row, "type"), NULL, 16),
                 "%s %s: reads as it is spelled out", v->name, string(row, "id"));
}

static void signed_notes(vectors *v) {
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "vectors")) note_row(v, row);
    cJSON_ArrayForEach(row, member(v->json, "vkeys")) vkey_row(v, row);
}

/* ---- checkpoints.json ---- */

static void checkpoint_row(vectors *v, const cJSON *row) {
    kd_vkey keys[32];
    kd_head head;
    kd_error e = {0};
    size_t count = keys_of(v, member(row, "known"), keys, 0);
    kd_status status = kd_head_open(&v->arena, &v->crypto, bytes_of(v, row, "note"), keys, count,
                                    kd_str_of(string(row, "expected_origin")), &head, &e);
    if (!judge(v, row, status, &e)) return;
    kd_digest root = digest_of(row, "root_hex");
    kdtest_claim(head.at.size == number(row, "size") && kd_digest_equal(&root, &head.at.root),
                 "%s %s: gives size and root", v->name, string(row, "id"));
    kd_text extensions;
    kd_text_open(&extensions, NULL);
    const cJSON *line;
    cJSON_ArrayForEach(line, member(row, "extensions"))
        kd_text_printf(&extensions, "%s\n", line->valuestring);
    kdtest_claim(kd_str_equal(kd_text_str(&extensions), head.at.extensions),
                 "%s %s: gives the extension lines", v->name, string(row, "id"));
    kd_text_close(&extensions);
}

static void checkpoints(vectors *v) {
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "vectors")) checkpoint_row(v, row);
}

/* ---- merkle.json ---- */

/* The leaf hash of entry `index` of the trees that all files share. */
static kd_digest leaf_of(const vectors *v, int64_t index) {
    char entry[32];
    kd_digest leaf;
    snprintf(entry, sizeof entry, "entry %lld", (long long)index);
    kd_leaf_hash(&v->crypto, kd_str_of(entry), &leaf);
    return leaf;
}

static kd_digest root_of(const vectors *v, int64_t size) {
    kd_frontier f;
    kd_digest root;
    kd_frontier_open(&f);
    for (int64_t i = 0; i < size; i++) {
        kd_digest leaf = leaf_of(v, i);
        kd_frontier_add(&v->crypto, &f, &leaf);
    }
    kd_frontier_root(&v->crypto, &f, &root);
    return root;
}

/* Tiles of the tree of entries, kept in memory so that the proofs can be made too. */
typedef struct memory {
    const vectors *v;
    kd_edge edge;
    int64_t size;
    kd_text levels[3]; /* the hashes of each level, one after the other: sizes here stay below 2^24 */
    kd_text bundle;
} memory;

static kd_status keep_tile(void *ctx, kd_tile tile, kd_str bytes, kd_error *e) {
    memory *m = ctx;
    (void)e;
    kd_text *level = &m->levels[tile.level];
    level->n = (size_t)tile.index * KD_TILE_MAX_BYTES;
    kd_text_put(level, bytes);
    return KD_OK;
}

static kd_status read_memory(void *ctx, const char *path, size_t limit, kd_str *out, kd_error *e) {
    memory *m = ctx;
    kd_tile tile;
    kd_status status = kd_tile_path_parse(kd_str_of(path), &tile, e);
    if (status) return status;
    if (kd_tile_width(m->size, tile.level, tile.index) != tile.width)
        return kd_fail(e, KD_FAILED, "absent", "%s is not there", path);
    if (tile.level == KD_TILE_ENTRIES) {
        kd_text_clear(&m->bundle);
        for (unsigned i = 0; i < tile.width; i++) {
            char entry[32];
            snprintf(entry, sizeof entry, "entry %lld", (long long)(tile.index * KD_TILE_WIDTH + i));
            kd_bundle_put(&m->bundle, kd_str_of(entry), NULL);
        }
        *out = kd_text_str(&m->bundle);
        return KD_OK;
    }
    *out = (kd_str){m->levels[tile.level].p + tile.index * KD_TILE_MAX_BYTES, (size_t)tile.width * 32};
    (void)limit;
    return KD_OK;
}

static void memory_open(memory *m, const vectors *v, int64_t size) {
    m->v = v;
    m->size = size;
    kd_edge_open(&m->edge);
    for (size_t i = 0; i < 3; i++) kd_text_open(&m->levels[i], NULL);
    kd_text_open(&m->bundle, NULL);
    kd_tile_sink sink = {keep_tile, m};
    for (int64_t i = 0; i < size; i++) {
        kd_digest leaf = leaf_of(v, i);
        kd_edge_add(&v->crypto, &m->edge, &leaf, &sink, NULL);
    }
    kd_edge_partials(&m->edge, &sink, NULL);
}

static void memory_close(memory *m) {
    for (size_t i = 0; i < 3; i++) kd_text_close(&m->levels[i]);
    kd_text_close(&m->bundle);
}

static bool same_proof(const kd_proof *proof, const kd_digest *nodes, size_t count) {
    bool same = proof->count == count;
    for (size_t i = 0; same && i < count; i++) same = kd_digest_equal(&proof->nodes[i], &nodes[i]);
    return same;
}

/* Proofs of the trees that exist: they check, and ours are the same. */
static void tree_proofs(vectors *v) {
    static memory m; /* 64 KiB of edge */
    const cJSON *row;
    size_t count;
    kd_proof proof;
    cJSON_ArrayForEach(row, member(v->json, "inclusion")) {
        int64_t size = number(row, "size"), index = number(row, "index");
        kd_digest *nodes = digests_of(v, row, "proof_hex", &count), leaf = leaf_of(v, index);
        memory_open(&m, v, size);
        kd_book_reader reader = {read_memory, &m};
        kd_digest root = root_of(v, size);
        kdtest_claim(kd_check_inclusion(&v->crypto, index, size, &leaf, nodes, count, &root, NULL) == KD_OK,
                     "%s: entry %lld is in the tree of %lld", v->name, (long long)index, (long long)size);
        kdtest_claim(kd_prove_inclusion(&v->crypto, &reader, index, size, &proof, NULL) == KD_OK &&
                         same_proof(&proof, nodes, count),
                     "%s: our proof of entry %lld in %lld is the same", v->name, (long long)index,
                     (long long)size);
        memory_close(&m);
    }
    cJSON_ArrayForEach(row, member(v->json, "consistency")) {
        int64_t old_size = number(row, "old_size"), new_size = number(row, "new_size");
        kd_digest *nodes = digests_of(v, row, "proof_hex", &count);
        kd_digest old_root = root_of(v, old_size), new_root = root_of(v, new_size);
        memory_open(&m, v, new_size);
        kd_book_reader reader = {read_memory, &m};
        kdtest_claim(kd_check_consistency(&v->crypto, old_size, &old_root, new_size, &new_root, nodes, count,
                                          NULL) == KD_OK,
                     "%s: the tree of %lld continues that of %lld", v->name, (long long)new_size,
                     (long long)old_size);
        kdtest_claim(kd_prove_consistency(&v->crypto, &reader, old_size, new_size, &proof, NULL) == KD_OK &&
                         same_proof(&proof, nodes, count),
                     "%s: our proof from %lld to %lld is the same", v->name, (long long)old_size,
                     (long long)new_size);
        memory_close(&m);
    }
}

/* A row with all its inputs: `synthetic_*`, `broken` and `holds`. */
static void proof_row(vectors *v, const cJSON *row, bool inclusion) {
    kd_error e = {0};
    kd_status status;
    size_t count;
    kd_digest *nodes = digests_of(v, row, "proof_hex", &count);
    if (inclusion) {
        kd_digest leaf = digest_of(row, "leaf_hash_hex"), root = digest_of(row, "root_hex");
        status = kd_check_inclusion(&v->crypto, number(row, "index"), number(row, "size"), &leaf, nodes,
                                    count, &root, &e);
    } else {
        kd_digest old_root = digest_of(row, "old_root_hex"), new_root = digest_of(row, "new_root_hex");
        status = kd_check_consistency(&v->crypto, number(row, "old_size"), &old_root, number(row, "new_size"),
                                      &new_root, nodes, count, &e);
    }
    kdtest_claim(strcmp(string(row, "reason"), e.reason) == 0 && (status == KD_OK) == (e.reason[0] == 0),
                 "%s %s: %s: expected %s, met %s", v->name, string(row, "id"), string(row, "title"),
                 string(row, "reason"), e.reason);
}

static void merkle(vectors *v) {
    const cJSON *row;
    static memory m;
    kd_digest empty = digest_of(v->json, "empty_root_hex");
    kdtest_claim(kd_digest_equal(&empty, &kd_empty_root), "%s: the empty root is SHA-256 of nothing",
                 v->name);
    cJSON_ArrayForEach(row, member(v->json, "leaves")) {
        kd_digest leaf, wanted = digest_of(row, "leaf_hash_hex");
        kd_leaf_hash(&v->crypto, bytes_of(v, row, "data"), &leaf);
        kdtest_claim(kd_digest_equal(&leaf, &wanted), "%s: leaf %lld", v->name,
                     (long long)number(row, "index"));
    }
    cJSON_ArrayForEach(row, member(v->json, "trees")) {
        int64_t size = number(row, "size");
        kd_digest wanted = digest_of(row, "root_hex"), root = root_of(v, size), edge;
        memory_open(&m, v, size);
        kd_edge_root(&v->crypto, &m.edge, &edge);
        memory_close(&m);
        kdtest_claim(kd_digest_equal(&root, &wanted) && kd_digest_equal(&edge, &wanted),
                     "%s: the root of %lld, by frontier and by edge", v->name, (long long)size);
    }
    tree_proofs(v);
    cJSON_ArrayForEach(row, member(v->json, "synthetic_inclusion")) proof_row(v, row, true);
    cJSON_ArrayForEach(row, member(v->json, "synthetic_consistency")) proof_row(v, row, false);
    cJSON_ArrayForEach(row, member(v->json, "broken"))
        proof_row(v, row, strcmp(string(row, "kind"), "inclusion") == 0);
    cJSON_ArrayForEach(row, member(v->json, "holds"))
        proof_row(v, row, strcmp(string(row, "kind"), "inclusion") == 0);
}

/* ---- tiles.json ---- */

static bool has_sha256(const vectors *v, kd_str bytes, const char *hex) {
    unsigned char wanted[32], met[32];
    v->crypto.sha256(v->crypto.ctx, &bytes, 1, met);
    return kd_hex_decode(kd_str_of(hex), wanted, 32) && memcmp(wanted, met, 32) == 0;
}

/* The files of one tree: the walk gives each of them once and no other, and their contents are as stated. */
static void tree_files(vectors *v, const cJSON *tree) {
    static memory m;
    int64_t size = number(tree, "size"), count = 0;
    memory_open(&m, v, size);
    kd_digest root, wanted = digest_of(tree, "root_hex");
    kd_edge_root(&v->crypto, &m.edge, &root);
    kdtest_claim(kd_digest_equal(&root, &wanted), "%s: the root of %lld", v->name, (long long)size);
    kd_tile_walk walk = kd_tile_walk_open(size);
    for (kd_tile tile; kd_tile_walk_next(&walk, &tile);) count++;
    kdtest_claim(count == number(tree, "files"), "%s: the walk of %lld gives every file once", v->name,
                 (long long)size);
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "files")) {
        if (number(row, "size") != size) continue;
        const char *path = string(row, "path");
        kd_tile tile;
        kd_str bytes = {"", 0};
        char again[KD_TILE_PATH_MAX_BYTES] = "";
        kd_status status = kd_tile_path_parse(kd_str_of(path), &tile, NULL);
        if (status == KD_OK) status = read_memory(&m, path, SIZE_MAX, &bytes, NULL);
        if (status == KD_OK) kd_tile_path(tile, again);
        kdtest_claim(status == KD_OK && strcmp(path, again) == 0 &&
                         tile.width == (unsigned)number(row, "width") &&
                         (tile.level == KD_TILE_ENTRIES) == (strcmp(string(row, "kind"), "entries") == 0),
                     "%s: a tree of %lld has %s", v->name, (long long)size, path);
        kdtest_claim((int64_t)bytes.n == number(row, "bytes") && has_sha256(v, bytes, string(row, "sha256")),
                     "%s: %s of %lld has the stated bytes", v->name, path, (long long)size);
    }
    memory_close(&m);
}

static void path_row(vectors *v, const cJSON *row) {
    kd_tile tile = {0};
    kd_error e = {0};
    kd_status status = kd_tile_path_parse(kd_str_of(string(row, "path")), &tile, &e);
    if (!judge(v, row, status, &e)) return;
    int64_t level = strcmp(string(row, "level"), "entries") == 0 ? KD_TILE_ENTRIES : number(row, "level");
    char again[KD_TILE_PATH_MAX_BYTES];
    kd_tile_path(tile, again);
    kdtest_claim(tile.level == level && tile.index == number(row, "index") &&
                     tile.width == (unsigned)number(row, "width") && strcmp(again, string(row, "path")) == 0,
                 "%s %s: reads as it is spelled out", v->name, string(row, "id"));
}

/* The bundles over 4 KB are made as their remarks say. */
static kd_str bundle_bytes(vectors *v, const cJSON *row, kd_text *made) {
    if (member(row, "bundle_hex")) return bytes_of(v, row, "bundle");
    kd_text_puts(made, "\xFF\xFF");
    kd_text_repeat(made, 'a', 65535);
    return kd_text_str(made);
}

static void bundle_row(vectors *v, const cJSON *row) {
    unsigned width = (unsigned)number(row, "width");
    kd_str entries[KD_TILE_WIDTH];
    kd_error e = {0};
    kd_text made, tile, again;
    kd_text_open(&made, NULL);
    kd_text_open(&tile, NULL);
    kd_text_open(&again, NULL);
    kd_str bytes = bundle_bytes(v, row, &made);
    kdtest_claim((int64_t)bytes.n == number(row, "bundle_bytes") &&
                     has_sha256(v, bytes, string(row, "bundle_sha256")),
                 "%s %s: the bytes are the stated ones", v->name, string(row, "id"));
    kd_status status = kd_bundle_parse(bytes, width, entries, &e);
    for (unsigned i = 0; status == KD_OK && i < width; i++) {
        kd_digest leaf;
        kd_leaf_hash(&v->crypto, entries[i], &leaf);
        kd_text_put(&tile, (kd_str){(const char *)leaf.b, 32});
        kd_bundle_put(&again, entries[i], NULL);
    }
    const char *hex = string(row, "tile_hex"), *sum = string(row, "tile_sha256");
    kd_str hashes = kd_text_str(&tile);
    if (status == KD_OK &&
        ((*hex && !kd_str_equal(hashes, unhex(v, hex))) || (*sum && !has_sha256(v, hashes, sum))))
        status = kd_fail(&e, KD_FAILED, "leaf_mismatch", "the leaf hashes are others");
    if (judge(v, row, status, &e)) {
        const cJSON *size;
        size_t i = 0;
        cJSON_ArrayForEach(size, member(row, "entry_sizes")) kdtest_claim(
            entries[i++].n == (size_t)size->valueint, "%s %s: entry sizes", v->name, string(row, "id"));
        kdtest_claim(kd_str_equal(kd_text_str(&again), bytes), "%s %s: is written back the same", v->name,
                     string(row, "id"));
    }
    kd_text_close(&made);
    kd_text_close(&tile);
    kd_text_close(&again);
}

static void tiles(vectors *v) {
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "trees")) tree_files(v, row);
    cJSON_ArrayForEach(row, member(v->json, "paths")) path_row(v, row);
    cJSON_ArrayForEach(row, member(v->json, "bundles")) bundle_row(v, row);
}

/* ---- cosignatures.json ---- */

/* What the cosigners' lines are, in order, against the row's. */
static bool same_cosigned(const vectors *v, const cJSON *row, const kd_head *head, const kd_vkey *keys) {
    size_t next = 0;
    const cJSON *wanted;
    cJSON_ArrayForEach(wanted, member(row, "cosigned")) {
        /* key 0 is the log's */
        while (next < head->signatures.count && head->signatures.by[next].key == 0) next++;
        if (next == head->signatures.count) return false;
        const kd_verified *by = &head->signatures.by[next++];
        const kd_vkey *key = key_of(v, string(wanted, "label"));
        if (memcmp(keys[by->key].id, key->id, 4) || by->time != number(wanted, "time")) return false;
    }
    while (next < head->signatures.count && head->signatures.by[next].key == 0) next++;
    return next == head->signatures.count;
}

static void cosignature_row(vectors *v, const cJSON *row) {
    kd_vkey keys[32] = {*key_of(v, string(row, "log"))};
    kd_error e = {0};
    kd_head head;
    size_t count = keys_of(v, member(row, "cosigners"), keys, 1);
    const char *id = string(row, "id");
    kd_status status = kd_head_open(&v->arena, &v->crypto, bytes_of(v, row, "note"), keys, count,
                                    (kd_str){"", 0}, &head, &e);
    if (!judge(v, row, status, &e)) return;
    kdtest_claim(same_cosigned(v, row, &head, keys), "%s %s: gives cosigners and times", v->name, id);
    bool in_future = false;
    for (size_t i = 0; i < head.signatures.count; i++)
        in_future = in_future || head.signatures.by[i].time > number(row, "now");
    kdtest_claim(in_future == yes(row, "in_future"), "%s %s: in the future or not", v->name, id);
    if (!member(row, "message_hex")) return;
    kd_text message;
    kd_text_open(&message, NULL);
    const cJSON *first = cJSON_GetArrayItem(member(row, "cosigned"), 0);
    kd_cosignature_message(&message, head.note.text, number(first, "time"));
    kdtest_claim(kd_str_equal(kd_text_str(&message), bytes_of(v, row, "message")), "%s %s: the message",
                 v->name, id);
    kd_text_close(&message);
}

static void cosignatures(vectors *v) {
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "vectors")) cosignature_row(v, row);
}

/* ---- witness.json ---- */

static size_t read_trust(vectors *v, kd_trust *logs, kd_vkey keys[][8]) {
    const cJSON *row;
    size_t count = 0;
    cJSON_ArrayForEach(row, member(v->json, "logs")) {
        logs[count] = (kd_trust){kd_str_of(string(row, "origin")), keys[count],
                                 keys_of(v, member(row, "keys"), keys[count], 0)};
        count++;
    }
    return count;
}

static bool same_states(const cJSON *row, const kd_trust *logs, const kd_witness_state *states,
                        size_t count) {
    const cJSON *after = member(row, "state_after");
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        char origin[64];
        snprintf(origin, sizeof origin, "%.*s", KD_STR_ARGS(logs[i].origin));
        const cJSON *wanted = member(after, origin);
        if (states[i].seen != (wanted != NULL)) return false;
        if (!wanted) continue;
        kd_digest root = digest_of(wanted, "root_hex");
        if (states[i].size != number(wanted, "size") || !kd_digest_equal(&root, &states[i].root))
            return false;
        seen++;
    }
    return seen == (size_t)cJSON_GetArraySize(after);
}

/* The note that is to be stored opens again with the log's keys and the witness's, and has nothing else in
 * it. */
static bool stored_note_opens(vectors *v, const kd_trust *log, const kd_vkey *witness, kd_str note,
                              kd_instant now) {
    kd_vkey keys[9];
    kd_head head;
    memcpy(keys, log->keys, log->key_count * sizeof *keys);
    keys[log->key_count] = *witness;
    if (kd_head_open(&v->arena, &v->crypto, note, keys, log->key_count + 1, log->origin, &head, NULL))
        return false;
    const kd_verified *last = &head.signatures.by[head.signatures.count - 1];
    return head.signatures.ignored == 0 && last->key == log->key_count && last->time == now;
}

static void witness_step(vectors *v, const cJSON *row, const kd_signer *witness, const kd_trust *logs,
                         kd_witness_state *states, size_t count) {
    kd_witness_answer answer;
    char where[128];
    snprintf(where, sizeof where, "%s %lld.%lld %s", v->name, (long long)number(row, "sequence"),
             (long long)number(row, "step"), string(row, "title"));
    kd_status status = kd_witness_step(&v->arena, &v->crypto, witness, logs, states, count,
                                       bytes_of(v, row, "request"), number(row, "now"), &answer, NULL);
    if (!kdtest_claim(status == KD_OK && answer.status == number(row, "status") &&
                          strcmp(answer.reason, string(row, "reason")) == 0,
                      "%s: answers %lld %s, met %d %s", where, (long long)number(row, "status"),
                      string(row, "reason"), answer.status, answer.reason))
        return;
    if (answer.status == 200 || answer.status == 409)
        kdtest_claim(kd_str_equal(answer.body, bytes_of(v, row, "body")), "%s: the body", where);
    if (answer.status == 409)
        kdtest_claim(strcmp(answer.content_type, string(row, "content_type")) == 0, "%s: the content type",
                     where);
    if (answer.status != 200) return;
    states[answer.log] = answer.state;
    kdtest_claim(
        stored_note_opens(v, &logs[answer.log], &witness->public_key, answer.note, number(row, "now")),
        "%s: what is stored opens, and has no foreign line", where);
}

static void witness(vectors *v) {
    kd_trust logs[8];
    kd_vkey keys[8][8];
    kd_witness_state states[8] = {{0}};
    kd_signer signer;
    size_t count = read_trust(v, logs, keys);
    const kd_vkey *key = key_of(v, string(v->json, "witness"));
    if (kd_signer_make(&v->crypto, key->name, key->type, v->seeds[key - v->keys], &signer, NULL)) return;
    int64_t sequence = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "steps")) {
        if (number(row, "sequence") != sequence) memset(states, 0, sizeof states);
        sequence = number(row, "sequence");
        if (strcmp(string(row, "event"), "restart")) witness_step(v, row, &signer, logs, states, count);
        kdtest_claim(same_states(row, logs, states, count), "%s %lld.%lld: the state afterwards", v->name,
                     (long long)sequence, (long long)number(row, "step"));
    }
    cJSON_ArrayForEach(row, member(v->json, "logs"))
        kdtest_claim(has_sha256(v, kd_str_of(string(row, "origin")), string(row, "origin_hash")),
                     "%s: origin hash", v->name);
}

/* ---- equivocation.json ---- */

static void pair_row(vectors *v, const cJSON *row, const kd_trust *logs, size_t count,
                     const kd_vkey *cosigner) {
    static const char *verdicts[] = {"none", "undecided", "fork"};
    static const char *cosigner_verdicts[] = {"none", "witness_fork", "witness_rollback"};
    const cJSON *given = member(row, "evidence");
    kd_fork_evidence evidence = {0};
    if (given) {
        bool prefix = strcmp(string(given, "type"), "prefix") == 0;
        evidence.kind = prefix ? KD_EVIDENCE_PREFIX : KD_EVIDENCE_LEAVES;
        evidence.hashes = digests_of(v, given, prefix ? "proof_hex" : "leaf_hashes_hex", &evidence.count);
        evidence.old_size = number(given, "old_size");
        evidence.new_size = number(given, "new_size");
    }
    kd_str a = bytes_of(v, row, "a"), b = bytes_of(v, row, "b");
    kd_fork fork, back;
    kd_status status = kd_fork_judge(&v->arena, &v->crypto, a, b, logs, count, given ? &evidence : NULL,
                                     cosigner, &fork, NULL);
    if (status == KD_OK)
        status = kd_fork_judge(&v->arena, &v->crypto, b, a, logs, count, given ? &evidence : NULL, cosigner,
                               &back, NULL);
    if (!kdtest_claim(status == KD_OK && strcmp(verdicts[fork.verdict], string(row, "verdict")) == 0 &&
                          strcmp(fork.reason, string(row, "reason")) == 0,
                      "%s %s: %s: %s, met %s", v->name, string(row, "id"), string(row, "title"),
                      string(row, "reason"), status ? "a failure" : fork.reason))
        return;
    kdtest_claim(back.verdict == fork.verdict && strcmp(back.reason, fork.reason) == 0 &&
                     back.cosigner == fork.cosigner,
                 "%s %s: the same with the heads exchanged", v->name, string(row, "id"));
    if (member(row, "witness_verdict"))
        kdtest_claim(strcmp(cosigner_verdicts[fork.cosigner], string(row, "witness_verdict")) == 0,
                     "%s %s: the cosigner: %s", v->name, string(row, "id"), string(row, "witness_verdict"));
}

static void equivocation(vectors *v) {
    kd_trust logs[8];
    kd_vkey keys[8][8];
    size_t count = read_trust(v, logs, keys);
    const kd_vkey *cosigner = key_of(v, string(v->json, "witness"));
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "pairs")) pair_row(v, row, logs, count, cosigner);
}

/* ---- policies.json ---- */

static void policies(vectors *v) {
    const cJSON *row, *item;
    cJSON_ArrayForEach(row, member(v->json, "policies")) {
        kd_policy policy;
        kd_error e = {0};
        kd_status status = kd_policy_parse(&v->arena, &v->crypto, bytes_of(v, row, "policy"), &policy, &e);
        if (!judge(v, row, status, &e)) continue;
        cJSON_ArrayForEach(item, member(row, "cases")) {
            kd_error why = {0};
            status = kd_policy_check(&v->arena, &v->crypto, &policy, bytes_of(v, item, "note"), 0, &why);
            bool right = yes(item, "met") ? status == KD_OK : status != KD_OK && is_reason(item, why.reason);
            kdtest_claim(right, "%s %s: a head meets it or not: %s, met %s", v->name, string(row, "id"),
                         string(item, "reason"), why.reason);
        }
    }
}

/* ---- tlog-proofs.json ---- */

static void proofs(vectors *v) {
    const cJSON *row;
    cJSON_ArrayForEach(row, member(v->json, "vectors")) {
        kd_vkey keys[32];
        kd_tlog_proof proof;
        kd_error e = {0};
        size_t count = keys_of(v, member(row, "known"), keys, 0);
        kd_str bytes = bytes_of(v, row, "proof");
        kd_status status = kd_tlog_proof_parse(&v->arena, bytes, &proof, &e);
        if (status == KD_OK)
            status = kd_tlog_proof_check(&v->arena, &v->crypto, &proof, bytes_of(v, row, "entry"), keys,
                                         count, kd_str_of(string(v->json, "origin")), NULL, &e);
        if (!judge(v, row, status, &e)) continue;
        bool has_extra = cJSON_IsString(member(row, "extra_hex"));
        kd_text again;
        kd_text_open(&again, NULL);
        kd_tlog_proof_put(&again, &proof);
        kdtest_claim(proof.index == number(row, "index") && proof.has_extra == has_extra &&
                         (!has_extra || kd_str_equal(proof.extra, unhex(v, string(row, "extra_hex")))) &&
                         kd_str_equal(kd_text_str(&again), bytes),
                     "%s %s: reads as it is spelled out and is written back the same", v->name,
                     string(row, "id"));
        kd_text_close(&again);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(vectors *v);
    } files[] = {
        {"signed-notes.json", signed_notes},
        {"checkpoints.json", checkpoints},
        {"merkle.json", merkle},
        {"tiles.json", tiles},
        {"cosignatures.json", cosignatures},
        {"witness.json", witness},
        {"equivocation.json", equivocation},
        {"policies.json", policies},
        {"tlog-proofs.json", proofs},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        static vectors v;
        if (!vectors_open(&v, argc > 1 ? argv[1] : "tests/vectors", files[i].name)) continue;
        files[i].run(&v);
        vectors_close(&v);
    }
    return kdtest_end("test_vectors");
}

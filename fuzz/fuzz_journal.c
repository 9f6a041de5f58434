/* fuzz_journal.c: a journal, and behind marks the last signed head and the checkpoint that lie beside it.
 *
 * The journal is read as it stands; then once more with every record's sum made right, so that changed bytes
 * get past the sums, both alone and as the state of a book of three entries that is opened for writing. What
 * opens must take an append and open again. */
#include "disk.h"
#include "loose.h"
#include "store/journal.h"

static const char *const heads[] = {"r/state/US/head", "r/books/US/checkpoint"};
static const char journal_path[] = "r/state/US/journal";
static const char fresh_path[] = "r/state/US/fresh";

/* A book of three entries, closed, that every input starts from. */
typedef struct ground {
    bool ready;
    kd_crypto crypto;
    kd_keyring keys;
    simdisk disk;
} ground;

static const ground *stand(void) {
    static ground g;
    if (g.ready) return &g;
    const kd_writer_options o = {.create = true};
    kd_writer *w;
    g.crypto = loose_crypto();
    simdisk_open(&g.disk);
    must(!kd_keyring_make(&g.crypto, KD_STR("US"), KD_STR("us.example"), "published words", &g.keys, NULL));
    must(!kd_writer_open(&g.disk.os, &g.crypto, &kd_allocator_libc, "r", &g.keys, &o, &w, NULL));
    for (int i = 0; i < 3; i++) {
        char entry[] = "entry 0";
        int64_t first;
        entry[6] = (char)('0' + i);
        kd_str view = kd_str_of(entry);
        must(!kd_writer_append(w, &view, 1, &first, NULL));
        must(!kd_writer_publish(w, NULL));
    }
    must(!kd_writer_close(w, NULL));
    g.ready = true;
    return &g;
}

/* A copy of the journal whose records have the sums that their bytes give; the caller frees it. */
static char *mend_sums(const kd_crypto *crypto, kd_str journal) {
    const size_t header = strlen("kadesh.journal/1"), prefix = 9;
    char *copy = malloc(journal.n + 1);
    must(copy != NULL);
    if (journal.n) memcpy(copy, journal.p, journal.n);
    for (size_t at = header; at < journal.n;) {
        kd_cursor c = kd_cursor_of(copy + at, journal.n - at);
        kd_cursor_bytes(&c, 5);
        kd_str body = kd_cursor_bytes(&c, kd_cursor_u32(&c));
        kd_cursor_bytes(&c, KD_DIGEST_BYTES);
        if (c.short_read) break;
        const kd_str summed = {copy + at, prefix + body.n};
        crypto->sha256(crypto->ctx, &summed, 1, (unsigned char *)copy + at + summed.n);
        at += summed.n + KD_DIGEST_BYTES;
    }
    return copy;
}

static void check_records(const journal_read *j) {
    must(j->unmarked <= j->count && j->marked >= -1 && j->end <= j->capacity);
    for (size_t i = 0; i < j->count; i++) {
        const journal_record *r = &j->records[i];
        kd_cursor c = kd_cursor_of(r->entries.p, r->entries.n);
        must(r->old_size >= 0 && r->count > 0 && r->new_size == r->old_size + (int64_t)r->count);
        must(i == 0 || r->old_size == j->records[i - 1].new_size);
        for (uint32_t k = 0; k < r->count; k++) kd_cursor_bytes(&c, kd_cursor_u16(&c));
        must(!c.short_read && kd_cursor_left(&c) == 0);
    }
}

/* Reads a journal; the records that it holds, written into a new one, are those that this one holds. */
static void read_alone(const ground *g, kd_str journal) {
    simdisk d;
    kd_arena arena;
    journal_read j, again;
    kd_error e = {0};
    int fd;
    int64_t end, capacity;
    simdisk_copy(&d, &g->disk);
    kd_arena_open(&arena, NULL);
    disk_put(&d, journal_path, journal);
    kd_status s = journal_load(&d.os, &g->crypto, journal_path, &arena, &j, &e);
    must(s == KD_OK || (s == KD_FAILED && strcmp(e.reason, "damaged") == 0));
    if (!s) {
        must(j.present && j.capacity == (int64_t)journal.n);
        check_records(&j);
        must(!journal_fresh(&d.os, fresh_path, j.records, j.count, 64, &fd, &end, &capacity, NULL));
        must(!journal_load(&d.os, &g->crypto, fresh_path, &arena, &again, NULL));
        must(again.count == j.count && !again.torn && again.marked == -1 && again.end == end);
        for (size_t i = 0; i < j.count; i++) must(kd_str_equal(j.records[i].bytes, again.records[i].bytes));
    }
    kd_arena_close(&arena);
    simdisk_close(&d);
}

static void recover(const ground *g, kd_str journal, const kd_str files[2], bool adopt) {
    simdisk d;
    kd_writer *w;
    kd_error e = {0};
    int64_t first;
    const kd_writer_options o = {.adopt = adopt};
    const kd_str entry = KD_STR("one more");
    simdisk_copy(&d, &g->disk);
    disk_put(&d, journal_path, journal);
    for (size_t i = 0; i < 2; i++) {
        if (kd_str_is(files[i], "-"))
            must(d.os.unlink(d.os.ctx, heads[i]) == 0);
        else if (files[i].n)
            disk_put(&d, heads[i], files[i]);
    }
    kd_status s = kd_writer_open(&d.os, &g->crypto, &kd_allocator_libc, "r", &g->keys, &o, &w, &e);
    must(s == KD_OK || (e.reason[0] && e.message[0]));
    if (!s) {
        int64_t size = kd_writer_size(w);
        must(!kd_writer_append(w, &entry, 1, &first, NULL) && first == size && !kd_writer_close(w, NULL));
        must(!kd_writer_open(&d.os, &g->crypto, &kd_allocator_libc, "r", &g->keys, &o, &w, NULL));
        must(kd_writer_size(w) == size + 1 && !kd_writer_close(w, NULL));
    }
    simdisk_close(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const ground *g = stand();
    kd_str rest = {(const char *)data, size};
    kd_str journal = disk_cut(&rest, "\n=head=\n"), files[2];
    files[0] = disk_cut(&rest, "\n=checkpoint=\n");
    files[1] = rest;
    read_alone(g, journal);
    char *mended = mend_sums(&g->crypto, journal);
    read_alone(g, (kd_str){mended, journal.n});
    recover(g, (kd_str){mended, journal.n}, files, false);
    recover(g, (kd_str){mended, journal.n}, files, true);
    free(mended);
    return 0;
}

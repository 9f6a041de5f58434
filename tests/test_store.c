/* test_store.c: books that grow on a real disk: sizes over the end of a tile, reopening, two writers,
 * refusals, and what is remembered of a check. */
#include "failing.h"
#include "kdtest.h"
#include "simdisk.h"
#include "store/crypto.h"
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static kd_crypto crypto;
static kd_keyring us;
static char root[] = "/tmp/kadesh-store-XXXXXX";

static const char *in_root(const char *name) {
    static char paths[8][KD_PATH_MAX_BYTES];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, KD_PATH_MAX_BYTES, "%s/%s", root, name);
    return path;
}

/* A signed statement of US, number i; number 0 is the roster. */
static void put_entry(kd_text *out, int64_t i, const kd_digest *treaty) {
    kd_text text, line;
    kd_text_open(&text, &kd_allocator_libc);
    kd_text_puts(&text, "kadesh.statement/1\ntreaty t\n");
    if (i == 0) {
        kd_text_puts(&text, "notice roster\nby US\nissued 2020-01-01\ntreaty_hash sha256:");
        kd_hex_put(&text, treaty->b, 32);
        kd_text_open(&line, &kd_allocator_libc);
        kd_keyring_put_public(&us, &line);
        kd_cursor c = kd_cursor_of(line.p, line.n);
        kd_str one;
        while (kd_cursor_line(&c, &one)) {
            if (one.p[0] != '#') kd_text_printf(&text, "\nkeys %.*s", KD_STR_ARGS(one));
        }
        kd_text_putc(&text, '\n');
        kd_text_close(&line);
    } else {
        kd_text_printf(&text, "notice word\nby US\nissued 2020-01-02\nnumber %lld\n", (long long)i);
    }
    kd_entry_make(out, &crypto, &us.signers[KD_FOR_STATEMENTS], kd_text_str(&text), NULL);
    kd_text_close(&text);
}

/* A record's folder with a treaty, keys and, in the book of US, `count` entries, appended `batch` at once. */
static kd_status make_record(const char *folder, int64_t count, int64_t batch, kd_error *e) {
    kd_arena arena;
    kd_digest hash;
    kd_text pub, entry;
    kd_writer *w = NULL;
    char path[KD_PATH_MAX_BYTES];
    kd_arena_open(&arena, &kd_allocator_libc);
    snprintf(path, sizeof path, "%s/treaty.md", folder);
    kd_status s = kd_write_file(&kd_os_real, path, KD_STR("# A treaty\n"), 0644, false, e);
    if (!s) s = kd_treaty_hash(&kd_os_real, &crypto, path, &arena, &hash, NULL, NULL, e);
    kd_text_open(&pub, &kd_allocator_libc);
    kd_keyring_put_public(&us, &pub);
    snprintf(path, sizeof path, "%s/keys/US.pub", folder);
    if (!s) s = kd_write_file(&kd_os_real, path, kd_text_str(&pub), 0644, false, e);
    const kd_writer_options o = {.create = true};
    if (!s) s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, folder, &us, &o, &w, e);
    kd_text_open(&entry, &kd_allocator_libc);
    for (int64_t i = 0; !s && i < count; i += batch) {
        kd_str views[64];
        size_t ends[65] = {0}, n = 0;
        kd_text_clear(&entry);
        for (; n < (size_t)batch && i + (int64_t)n < count; n++) {
            put_entry(&entry, i + (int64_t)n, &hash);
            ends[n + 1] = entry.n;
        }
        for (size_t k = 0; k < n; k++) views[k] = (kd_str){entry.p + ends[k], ends[k + 1] - ends[k]};
        int64_t first = -1;
        s = kd_writer_append(w, views, n, &first, e);
        if (!s && first != i) s = KD_FAILED;
    }
    kd_status closed = kd_writer_close(w, s ? NULL : e);
    kd_text_close(&pub);
    kd_text_close(&entry);
    kd_arena_close(&arena);
    return s ? s : closed;
}

static kd_status check_record(const char *folder, bool remembering, kd_held_book *book, kd_error *e) {
    static kd_arena arena;
    kd_folder f;
    kd_books books;
    const kd_books_options o = {0};
    kd_arena_close(&arena);
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_status s = kd_folder_open(&kd_os_real, &crypto, folder, &arena, &f, e);
    if (!s && remembering) s = kd_books_load(&f, &crypto, &o, &arena, &kd_allocator_libc, &books, e);
    if (!s && !remembering)
        s = kd_books_verify(&f, &crypto, &o, &arena, &kd_allocator_libc, &books, NULL, NULL, e);
    *book = (kd_held_book){0};
    if (!s && books.count == 1) *book = books.books[0];
    return s;
}

/* ---- Growing --------------------------------------------------------------------------------------------*/

static void test_sizes(void) {
    static const struct {
        int64_t count, batch;
    } rows[] = {{1, 1}, {2, 1}, {3, 2}, {255, 64}, {256, 64}, {257, 1}, {511, 64}, {513, 7}, {600, 64}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kd_error e = {0};
        kd_held_book book;
        char name[32];
        snprintf(name, sizeof name, "size-%lld", (long long)rows[i].count);
        kd_status s = make_record(in_root(name), rows[i].count, rows[i].batch, &e);
        kdtest_claim(s == KD_OK, "a book of %lld entries is written: %s", (long long)rows[i].count,
                     e.message);
        s = check_record(in_root(name), false, &book, &e);
        kdtest_claim(s == KD_OK && book.count == rows[i].count && book.signatures == rows[i].count,
                     "a book of %lld entries verifies: %s: %s", (long long)rows[i].count, e.file, e.message);
        kdtest_claim(book.beyond_head == 0 && book.foreign_files == 0,
                     "a book of %lld entries has no file too many", (long long)rows[i].count);
    }
}

static kd_status append_one(const char *folder, int64_t i, int64_t *first, const kd_writer_options *o,
                            kd_error *e) {
    kd_writer *w = NULL;
    kd_text entry;
    kd_text_open(&entry, &kd_allocator_libc);
    kd_status s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, folder, &us, o, &w, e);
    put_entry(&entry, i, NULL);
    kd_str view = kd_text_str(&entry);
    if (!s) s = kd_writer_append(w, &view, 1, first, e);
    kd_status closed = kd_writer_close(w, s ? NULL : e);
    kd_text_close(&entry);
    return s ? s : closed;
}

static void test_reopening(void) {
    kd_error e = {0};
    kd_held_book book;
    const kd_writer_options o = {0};
    make_record(in_root("reopened"), 250, 50, &e);
    for (int64_t i = 250; i < 262; i++) {
        int64_t first = -1;
        kd_status s = append_one(in_root("reopened"), i, &first, &o, &e);
        kdtest_claim(s == KD_OK && first == i, "entry %lld is appended by a new writer: %s", (long long)i,
                     e.message);
    }
    kd_status s = check_record(in_root("reopened"), false, &book, &e);
    kdtest_claim(s == KD_OK && book.count == 262, "what twelve writers appended verifies: %s: %s", e.file,
                 e.message);
    kdtest_claim(access(in_root("reopened/books/US/tile/0/000.p"), F_OK) != 0,
                 "partial tiles go when the tile is full");
    kdtest_claim(book.old_partials > 0, "those of the tile that is not full stay");
}

static void test_batch_equals_lone(void) {
    kd_error e = {0};
    kd_held_book lone, batch;
    make_record(in_root("lone"), 40, 1, &e);
    make_record(in_root("batch"), 40, 40, &e);
    check_record(in_root("lone"), false, &lone, &e);
    kd_digest root_of_lone = lone.root;
    check_record(in_root("batch"), false, &batch, &e);
    kdtest_claim(batch.count == 40 && kd_digest_equal(&root_of_lone, &batch.root),
                 "a batch gives the same book as its entries one by one");
}

/* ---- Refusals -------------------------------------------------------------------------------------------*/

static void test_two_writers(void) {
    kd_error e = {0};
    kd_writer *w = NULL, *second = NULL;
    const kd_writer_options o = {0}, waits = {.wait_ms = 60};
    make_record(in_root("two"), 3, 3, &e);
    kd_status s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, in_root("two"), &us, &o, &w, &e);
    kdtest_claim(s == KD_OK, "the first writer opens");
    s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, in_root("two"), &us, &o, &second, &e);
    kdtest_claim(s == KD_SYSTEM && strcmp(e.reason, "locked") == 0 && strstr(e.file, "state/US/lock"),
                 "a second writer is told of the lock: %s: %s", e.file, e.message);
    s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, in_root("two"), &us, &waits, &second, &e);
    kdtest_claim(s == KD_SYSTEM && second == NULL, "one that waits gives up in the end");
    kd_writer_close(w, NULL);
    s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, in_root("two"), &us, &o, &second, &e);
    kdtest_claim(s == KD_OK, "the lock is free once the first has closed: %s", e.message);
    kd_writer_close(second, NULL);
}

static void test_refusals(void) {
    kd_error e = {0};
    int64_t first;
    const kd_writer_options o = {0}, create = {.create = true}, adopt = {.adopt = true};
    kd_status s = append_one(in_root("nothing"), 1, &first, &o, &e);
    kdtest_claim(s == KD_USAGE && strcmp(e.reason, "no_book") == 0,
                 "a book that is not there cannot be appended to");
    make_record(in_root("refusing"), 3, 1, &e);
    s = append_one(in_root("refusing"), 3, &first, &create, &e);
    kdtest_claim(s == KD_USAGE && strcmp(e.reason, "exists") == 0, "a book that is there is not begun again");

    kd_keyring other;
    kd_writer *w = NULL;
    kd_keyring_make(&crypto, KD_STR("US"), KD_STR("us.example"), "another phrase", &other, &e);
    s = kd_writer_open(&kd_os_real, &crypto, &kd_allocator_libc, in_root("refusing"), &other, &o, &w, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.reason, "wrong_key") == 0,
                 "another key does not go on with it: %s", e.message);

    kd_remove_folder(&kd_os_real, in_root("refusing/state"), &e);
    s = append_one(in_root("refusing"), 3, &first, &o, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.reason, "state_lost") == 0,
                 "a book whose state is lost is not signed for");
    s = append_one(in_root("refusing"), 3, &first, &adopt, &e);
    kdtest_claim(s == KD_OK && first == 3, "... unless one says so: %s", e.message);
    s = append_one(in_root("refusing"), 4, &first, &o, &e);
    kdtest_claim(s == KD_OK && first == 4, "... after which it is known: %s", e.message);
}

static void copy_folder(const char *from, const char *to) {
    char command[2 * KD_PATH_MAX_BYTES + 32];
    snprintf(command, sizeof command, "rm -rf '%s' && cp -r '%s' '%s'", to, from, to);
    if (system(command) != 0) abort();
}

/* A book that was put back from a backup would be signed for twice (trap 28). */
static void test_rollback(void) {
    kd_error e = {0};
    int64_t first;
    const kd_writer_options o = {0};
    make_record(in_root("rolled"), 3, 1, &e);
    copy_folder(in_root("rolled/books"), in_root("rolled/books.old"));
    copy_folder(in_root("rolled/state"), in_root("rolled/state.old"));
    append_one(in_root("rolled"), 3, &first, &o, &e);
    copy_folder(in_root("rolled/books"), in_root("rolled/books.new"));
    copy_folder(in_root("rolled/state.old"), in_root("rolled/state"));
    kd_status s = append_one(in_root("rolled"), 4, &first, &o, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.reason, "rolled_back") == 0,
                 "an old state with a newer book signs nothing: %s", e.message);
    copy_folder(in_root("rolled/books.old"), in_root("rolled/books"));
    s = append_one(in_root("rolled"), 4, &first, &o, &e);
    kdtest_claim(s == KD_OK, "both of one backup cannot be told from the present, and go on: %s", e.message);
    copy_folder(in_root("rolled/books.new"), in_root("rolled/books"));
    s = append_one(in_root("rolled"), 5, &first, &o, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.reason, "fork") == 0,
                 "... and the fork is seen once both heads are there: %s", e.message);
}

static void test_full_disk(void) {
    simdisk d;
    kd_error e = {0};
    kd_writer *w = NULL;
    const kd_writer_options o = {.create = true};
    int64_t first = -1;
    kd_str entry = KD_STR("entry");
    simdisk_open(&d);
    sim_mkdir(&d, "r", 0);
    kd_status s = kd_writer_open(&d.os, &crypto, &kd_allocator_libc, "r", &us, &o, &w, &e);
    kdtest_claim(s == KD_OK, "a book opens on a disk with room: %s", e.message);
    d.fail_at = d.calls + 3;
    d.fault = SIM_ENOSPC;
    s = kd_writer_append(w, &entry, 1, &first, &e);
    kdtest_claim(s == KD_SYSTEM && e.file[0] && strstr(e.message, "No space left"),
                 "a full disk is told: %s: %s", e.file, e.message);
    kdtest_claim(first == -1, "... and nothing is acknowledged");
    kd_writer_close(w, NULL);
    simdisk_kill(&d);
    d.fail_at = d.calls + 4; /* the lock file is made */
    d.fault = SIM_ENOSPC;
    s = kd_writer_open(&d.os, &crypto, &kd_allocator_libc, "r", &us, &o, &w, &e);
    kdtest_claim(s == KD_SYSTEM && w == NULL && strstr(e.file, "/lock"), "no room for the lock: %s: %s",
                 e.file, e.message);
    simdisk_close(&d);
}

static void test_unreadable(void) {
    kd_error e = {0};
    kd_held_book book;
    make_record(in_root("closed"), 3, 3, &e);
    chmod(in_root("closed/treaty.md"), 0);
    if (geteuid() != 0) { /* nothing is unreadable to root */
        kd_status s = check_record(in_root("closed"), false, &book, &e);
        kdtest_claim(s == KD_SYSTEM && strstr(e.file, "treaty.md"), "an unreadable treaty is told: %s: %s",
                     e.file, e.message);
    }
    chmod(in_root("closed/treaty.md"), 0644);
    kd_status s = check_record(in_root("no-such-folder"), false, &book, &e);
    kdtest_claim(s == KD_INVALID && strcmp(e.reason, "no_treaty") == 0,
                 "a folder without a treaty is no record: %s", e.message);
    if (truncate(in_root("closed/treaty.md"), KD_TEXT_MAX_BYTES + 1) == 0) {
        s = check_record(in_root("closed"), false, &book, &e);
        kdtest_claim(s == KD_INVALID && strcmp(e.reason, "too_long") == 0,
                     "a treaty over 16 MiB is refused: %s", e.message);
    }
}

/* ---- What is remembered ---------------------------------------------------------------------------------*/

static void flip(const char *path, long offset) {
    FILE *f = fopen(path, "r+b");
    if (!f) abort();
    fseek(f, offset, SEEK_SET);
    int c = fgetc(f);
    fseek(f, offset, SEEK_SET);
    fputc(c ^ 1, f);
    fclose(f);
}

static void test_remembering(void) {
    kd_error e = {0};
    kd_held_book book;
    int64_t first;
    const kd_writer_options o = {0};
    make_record(in_root("kept"), 20, 20, &e);
    check_record(in_root("kept"), true, &book, &e);
    kdtest_claim(book.signatures == 20 && book.remembered == 0, "at first every signature is checked");
    check_record(in_root("kept"), true, &book, &e);
    kdtest_claim(book.signatures == 20 && book.remembered == 20, "then none is checked again");
    append_one(in_root("kept"), 20, &first, &o, &e);
    check_record(in_root("kept"), true, &book, &e);
    kdtest_claim(book.signatures == 21 && book.remembered == 20, "a new entry's alone is checked");
    flip(in_root("kept/books/US/tile/entries/000.p/21"), 400);
    kd_status s = check_record(in_root("kept"), true, &book, &e);
    kdtest_claim(s == KD_FAILED && strstr(e.file, "books/US/tile/entries/000.p/21"),
                 "a changed byte is seen all the same: %s", e.message);
    flip(in_root("kept/books/US/tile/entries/000.p/21"), 400);
    flip(in_root("kept/.kadesh/verified"), 30);
    s = check_record(in_root("kept"), true, &book, &e);
    kdtest_claim(s == KD_OK && book.remembered == 0, "a changed memory is of no use and no harm");
    flip(in_root("kept/books/US/tile/entries/000.p/20"), 400);
    s = check_record(in_root("kept"), false, &book, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.reason, "stale_tile") == 0,
                 "a changed tile of an earlier head is found: %s", e.message);
}

/* ---- Keys -----------------------------------------------------------------------------------------------*/

static bool answer(void *ctx, char *out, size_t room) {
    if (!ctx) return false;
    snprintf(out, room, "%s", (const char *)ctx);
    return true;
}

static void test_keys(void) {
    kd_error e = {0};
    kd_keyring fresh, read;
    kd_text file;
    char right[] = "a passphrase", wrong[] = "another";
    const kd_passphrase good = {answer, right}, bad = {answer, wrong}, none = {answer, NULL};
    kd_text_open(&file, &kd_allocator_libc);
    kd_keyring_make(&crypto, KD_STR("RU"), KD_STR("ru.example"), NULL, &fresh, &e);
    kd_status s = kd_keyring_put(&fresh, right, &file, &e);
    kdtest_claim(s == KD_OK && !strstr(file.p, "PRIVATE"), "a sealed key file shows no secret");
    const char *path = in_root("ru.key");
    s = kd_write_file(&kd_os_real, path, kd_text_str(&file), 0600, true, &e);
    struct stat st;
    kdtest_claim(s == KD_OK && stat(path, &st) == 0 && (st.st_mode & 0777) == 0600,
                 "a key file has mode 0600");
    s = kd_write_file(&kd_os_real, path, kd_text_str(&file), 0600, true, &e);
    kdtest_claim(s == KD_USAGE && strcmp(e.reason, "exists") == 0, "a key file is never written over");
    s = kd_keyring_read(&kd_os_real, &crypto, path, &good, &read, &e);
    kdtest_claim(s == KD_OK && memcmp(read.signers[1].seed, fresh.signers[1].seed, 32) == 0,
                 "the passphrase opens it: %s", e.message);
    s = kd_keyring_read(&kd_os_real, &crypto, path, &bad, &read, &e);
    kdtest_claim(s == KD_FAILED && strcmp(e.reason, "bad_passphrase") == 0, "another does not: %s",
                 e.message);
    s = kd_keyring_read(&kd_os_real, &crypto, path, &none, &read, &e);
    kdtest_claim(s == KD_USAGE && strcmp(e.reason, "no_passphrase") == 0, "none does not: %s", e.message);
    flip(path, 20);
    s = kd_keyring_read(&kd_os_real, &crypto, path, &good, &read, &e);
    kdtest_claim(s == KD_FAILED, "a relabelled file does not open");
    kd_text_clear(&file);
    kd_keyring_put(&us, NULL, &file, &e);
    kd_write_file(&kd_os_real, in_root("us.key"), kd_text_str(&file), 0600, true, &e);
    s = kd_keyring_read(&kd_os_real, &crypto, in_root("us.key"), NULL, &read, &e);
    kdtest_claim(s == KD_OK && read.demonstration && strcmp(read.phrase, us.phrase) == 0,
                 "a demonstration key says so: %s", e.message);
    kd_text_close(&file);
}

/* ---- Files that are not as we write them ----------------------------------------------------------------*/

/* What stands above the secrets is refused by itself, with its line, before they are looked at. */
static void test_bad_key_files(void) {
    static const struct {
        const char *claim, *file;
        unsigned line;
    } rows[] = {
        {"a key file of two Parties is refused", "kadesh.key/1\nparty RUS\nparty US\n", 3},
        {"a Party is no way out of its folder", "kadesh.key/1\nparty ..\n", 2},
        {"a Party does not begin as a remark does", "kadesh.key/1\nparty #US\n", 2},
        {"a key file of two phrases is refused", "kadesh.key/1\nparty US\nphrase a b\nphrase c\n", 4},
        {"a phrase is text", "kadesh.key/1\nparty US\nphrase a\tb\n", 3},
        {"a phrase is not empty", "kadesh.key/1\nparty US\nphrase \n", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        simdisk d;
        kd_keyring read;
        kd_error e = {0};
        simdisk_open(&d);
        kd_write_file(&d.os, "US.key", kd_str_of(rows[i].file), 0600, false, NULL);
        kd_status s = kd_keyring_read(&d.os, &crypto, "US.key", NULL, &read, &e);
        kdtest_claim(s == KD_INVALID && e.line == rows[i].line && strcmp(e.reason, "bad_key_file") == 0,
                     "%s: %s:%u: %s", rows[i].claim, e.reason, e.line, e.message);
        simdisk_close(&d);
    }
}

/* 127 bytes of two-byte letters: cut at 120 from an odd beginning, the last letter would be half there. */
static void test_long_key_line(void) {
    char line[128] = "x";
    kd_public_key key;
    kd_error e = {0};
    for (int i = 1; i < 127; i += 2) memcpy(line + i, "\xD0\xB6", 2);
    kd_status s = kd_public_key_parse(&crypto, kd_str_of(line), &key, &e);
    kdtest_claim(s == KD_INVALID && kd_utf8_check(kd_str_of(e.message)) == strlen(e.message),
                 "a long line is not cut within a letter: %s", e.message);
}

/* Power that went while a new journal was begun leaves a header and no record that holds. */
static void test_torn_journal(void) {
    simdisk d;
    kd_error e = {0};
    kd_writer *w = NULL;
    int64_t first = -1;
    kd_str entry = KD_STR("entry");
    kd_writer_options o = {.create = true};
    simdisk_open(&d);
    kd_writer_open(&d.os, &crypto, &kd_allocator_libc, "r", &us, &o, &w, NULL);
    kd_writer_append(w, &entry, 1, &first, NULL);
    kd_writer_close(w, NULL);
    kd_write_file(&d.os, "r/state/US/journal", KD_STR("kadesh.journal/1KJ01 torn"), 0666, false, NULL);
    o.create = false;
    kd_status s = kd_writer_open(&d.os, &crypto, &kd_allocator_libc, "r", &us, &o, &w, &e);
    if (!s) s = kd_writer_append(w, &entry, 1, &first, &e);
    kdtest_claim(s == KD_OK && first == 1, "a torn journal without a record is begun anew: %s", e.message);
    kd_writer_close(w, NULL);
    simdisk_close(&d);
}

/* ---- Out of memory --------------------------------------------------------------------------------------*/

/* Appends three entries with memory that runs out at call `fail_at`; true when it did not. */
static bool append_short_of_memory(simdisk *d, long fail_at, int64_t *acknowledged, long *left) {
    failing memory = {.fail_at = fail_at};
    const kd_allocator from = {failing_resize, &memory};
    const kd_writer_options o = {.create = true};
    kd_error e = {0};
    kd_writer *w = NULL;
    kd_str entry = KD_STR("entry");
    int64_t first;
    *acknowledged = 0;
    kd_status s = kd_writer_open(&d->os, &crypto, &from, "r", &us, &o, &w, &e);
    for (int i = 0; !s && i < 3; i++) {
        s = kd_writer_append(w, &entry, 1, &first, &e);
        if (!s) *acknowledged = first + 1;
        if (!s && i == 1) s = kd_writer_publish(w, &e);
    }
    kd_status closed = kd_writer_close(w, s ? NULL : &e);
    *left = memory.bytes;
    kdtest_claim(!(s || closed) || s == KD_NOMEM || closed == KD_NOMEM || s == KD_SYSTEM,
                 "call %ld: out of memory is told: %s", fail_at, e.message);
    return !s && !closed;
}

static void test_memory(void) {
    bool whole = false;
    for (long at = 0; !whole && at < 500; at++) {
        simdisk d;
        kd_error e = {0};
        kd_writer *w = NULL;
        int64_t acknowledged;
        long left;
        simdisk_open(&d);
        sim_mkdir(&d, "r", 0);
        whole = append_short_of_memory(&d, at, &acknowledged, &left);
        kdtest_claim(left == 0, "call %ld: all memory was given back: %ld bytes are out", at, left);
        simdisk_kill(&d);
        const kd_writer_options o = {.create = acknowledged == 0};
        kd_status s = kd_writer_open(&d.os, &crypto, &kd_allocator_libc, "r", &us, &o, &w, &e);
        bool kept = s == KD_OK && kd_writer_size(w) >= acknowledged;
        /* One that failed after its commit may be there without having been acknowledged. */
        if (s == KD_USAGE && strcmp(e.reason, "exists") == 0) kept = true;
        kdtest_claim(kept, "call %ld: nothing acknowledged is lost: %s", at, e.message);
        kd_writer_close(w, NULL);
        simdisk_close(&d);
    }
    kdtest_claim(whole, "with memory enough it goes through");
}

int main(void) {
    if (kd_crypto_sodium(&crypto, NULL) || !mkdtemp(root)) return 1;
    if (kd_keyring_make(&crypto, KD_STR("US"), KD_STR("us.example"), "published words", &us, NULL)) return 1;
    test_sizes();
    test_reopening();
    test_batch_equals_lone();
    test_two_writers();
    test_refusals();
    test_rollback();
    test_full_disk();
    test_unreadable();
    test_remembering();
    test_keys();
    test_bad_key_files();
    test_long_key_line();
    test_torn_journal();
    test_memory();
    kd_remove_folder(&kd_os_real, root, NULL);
    return kdtest_end("test_store");
}

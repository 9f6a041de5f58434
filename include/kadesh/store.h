/* store.h: the only room that touches the disk and the clock: a record's folder, its keys, and books that
 * grow.
 *
 *      treaty.md | treaty/    kd_folder_open ─▶ the texts, whole, and the hash of the treaty's
 *      readings/ messages/
 *      record.md
 *      keys/US.pub            kd_public_keys_parse ─▶ whom to believe
 *      keys/US.key            kd_keyring_read ─▶ what signs
 *      books/US/              kd_books_load ─▶ entries in memory, checked; kd_books_verify ─▶ all, from nothing
 *      state/US/              kd_writer ─▶ appends: lock, journal, one fdatasync, then tiles, then the head
 *      .kadesh/               what may be deleted at any time
 *
 * Every call of the system goes through a kd_os, so that a test can refuse, cut short or forget any of them.
 * Statuses: KD_SYSTEM when the system refused, KD_INVALID when bytes lack their form, KD_FAILED when they
 * have it and are false. */
#ifndef KADESH_STORE_H
#define KADESH_STORE_H

#include <kadesh/base.h>
#include <kadesh/book.h>
#include <kadesh/monitor.h>

/* ---- The clock ------------------------------------------------------------------------------------------*/

kd_instant kd_clock_now(void); /* of the day, in seconds */
int64_t kd_clock_ns(void);     /* runs evenly; for measuring only */

/* ---- Regular expressions --------------------------------------------------------------------------------*/

/* By PCRE2, on bytes. A pattern that backtracks without end gives up (search is -1) after a bounded number of
 * steps. One compiled pattern is not for two threads at a time. */
extern const kd_patterns kd_patterns_pcre2;

/* ---- The system -------------------------------------------------------------------------------------------
 *
 * As POSIX has them: -1 and errno on failure. Calls may be interrupted and may be short; whoever calls copes. */
typedef struct kd_os {
    int (*open)(void *ctx, const char *path, int flags, unsigned mode);
    int (*close)(void *ctx, int fd);
    long (*read)(void *ctx, int fd, void *bytes, size_t n, int64_t offset);
    long (*write)(void *ctx, int fd, const void *bytes, size_t n, int64_t offset);
    int64_t (*size)(void *ctx, int fd); /* of a regular file; -1 with EISDIR or EINVAL for anything else */
    int (*allocate)(void *ctx, int fd,
                    int64_t size); /* reserves the room; the file grows to it, with zeros */
    int (*fsync)(void *ctx, int fd);
    int (*fdatasync)(void *ctx, int fd);
    int (*lock)(void *ctx, int fd); /* exclusive; EWOULDBLOCK when another holds it */
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*unlink)(void *ctx, const char *path);
    int (*mkdir)(void *ctx, const char *path, unsigned mode);
    int (*rmdir)(void *ctx, const char *path);
    /* Calls `each` for every name in a folder but . and .., in no order; `is_folder` says what it is. */
    int (*list)(void *ctx, const char *path, void (*each)(void *to, const char *name, bool is_folder),
                void *to);
    void (*pause)(void *ctx, unsigned milliseconds); /* while waiting for a lock */
    void *ctx;
} kd_os;

extern const kd_os kd_os_real;

#define KD_PATH_MAX_BYTES 1024
#define KD_TEXT_MAX_BYTES (16 << 20) /* of a treaty, reading, messages or record file */

/* Reads a whole file into `arena`, NUL after it. KD_SYSTEM with reason absent (is not there) or system;
 * KD_INVALID too_long above `limit`, not_a_file. */
kd_status kd_read_file(const kd_os *os, const char *path, size_t limit, kd_arena *arena, kd_str *out,
                       kd_error *e);
/* Puts a whole file: temp, write, fsync, rename, fsync of the folder. Folders on the way are made. With
 * `fresh` an existing file is refused (KD_USAGE exists). */
kd_status kd_write_file(const kd_os *os, const char *path, kd_str bytes, unsigned mode, bool fresh,
                        kd_error *e);
bool kd_path_exists(const kd_os *os, const char *path);
/* Joins with "/"; a folder "." is left out. KD_USAGE path_too_long. */
kd_status kd_path_join(char out[KD_PATH_MAX_BYTES], const char *folder, const char *name, kd_error *e);
/* Makes a folder and those above it, durably. */
kd_status kd_make_folder(const kd_os *os, const char *path, kd_error *e);
/* Removes a folder with all that is in it; nothing there is fine. */
kd_status kd_remove_folder(const kd_os *os, const char *path, kd_error *e);

/* ---- A record's folder ----------------------------------------------------------------------------------*/

typedef enum kd_text_kind { KD_TEXT_TREATY, KD_TEXT_READING, KD_TEXT_MESSAGES, KD_TEXT_RECORD } kd_text_kind;

typedef struct kd_text_file {
    kd_text_kind kind;
    kd_str name;     /* as errors name it: the folder's path and the file's */
    kd_str language; /* of messages: "en" */
    kd_str bytes;
} kd_text_file;

typedef struct kd_folder {
    const kd_os *os;
    const char *path;
    kd_text_file *texts; /* treaty first (a folder's files by name), then readings, messages, record.md */
    size_t text_count;
    kd_digest treaty_hash; /* of treaty.md; of a folder treaty/: SHA-256 over its sorted lines "hash name" */
    bool is_record;        /* there is a books/ */
} kd_folder;

/* Reads the texts of a record. KD_INVALID: no_treaty (neither treaty.md nor a treaty/ with .md files),
 * too_long; KD_SYSTEM: unreadable. All lives in `arena`; `path` too must stay. */
kd_status kd_folder_open(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                         kd_folder *out, kd_error *e);
/* Hash of a treaty file or folder as the first entries pin it. `files` (may be NULL) receives its texts, as
 * above. */
kd_status kd_treaty_hash(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                         kd_digest *hash, kd_text_file **files, size_t *count, kd_error *e);
/* Names of the folders in books/ (or of what `suffix` ends, in another folder), sorted. Absent: none. */
kd_status kd_folder_list(const kd_os *os, const char *path, const char *suffix, kd_arena *arena,
                         kd_str **names, size_t *count, kd_error *e);

/* ---- Keys -------------------------------------------------------------------------------------------------
 *
 * keys/US.pub, and the `keys` fields of a roster, one line a key; lines that begin with # are remarks:
 *
 *      US statements us.example/nrrc+1d2c...+AQ...
 *      US heads us.example/book+...
 *      US cosignatures us.example/cosigner+...
 *
 * keys/US.key or any other place, mode 0600, holds the seeds; docs/appending.md has the format. */
typedef enum kd_purpose { KD_FOR_STATEMENTS, KD_FOR_HEADS, KD_FOR_COSIGNATURES, KD_PURPOSES } kd_purpose;

extern const char *const kd_purpose_names[KD_PURPOSES]; /* "statements", ... */

typedef struct kd_public_key {
    kd_str party;
    kd_purpose purpose;
    kd_vkey key;
    kd_str line; /* as it stands in a roster */
} kd_public_key;

/* One line. KD_INVALID: bad_key_line, and those of kd_vkey_parse; wrong_purpose when the key's type does not
 * fit it. */
kd_status kd_public_key_parse(const kd_crypto *crypto, kd_str line, kd_public_key *out, kd_error *e);
/* A whole file. The error has the line. */
kd_status kd_public_keys_parse(const kd_crypto *crypto, kd_str text, kd_arena *arena, kd_public_key **out,
                               size_t *count, kd_error *e);
/* Every keys/NAME.pub of a record, by name of file. */
kd_status kd_folder_keys(const kd_folder *f, const kd_crypto *crypto, kd_arena *arena, kd_public_key **out,
                         size_t *count, kd_error *e);

/* What signs for a Party. */
typedef struct kd_keyring {
    char party[64];
    char names[KD_PURPOSES][KD_NAME_MAX_BYTES + 1];
    kd_signer signers[KD_PURPOSES];
    bool demonstration; /* derived from a published phrase: anybody can sign with it */
    char phrase[256];   /* of a demonstration */
} kd_keyring;

/* Fresh keys of a Party under `name` (us.example): name/nrrc, name/book, name/cosigner. With a `phrase` they
 * are derived from it and from nothing else: demonstration keys, marked as such. KD_INVALID bad_key_name. */
kd_status kd_keyring_make(const kd_crypto *crypto, kd_str party, kd_str name, const char *phrase,
                          kd_keyring *out, kd_error *e);
/* The file's bytes. A passphrase seals the seeds (Argon2id, XChaCha20-Poly1305); NULL leaves them plain. */
kd_status kd_keyring_put(const kd_keyring *k, const char *passphrase, kd_text *out, kd_error *e);
/* The public half, as keys/US.pub. */
void kd_keyring_put_public(const kd_keyring *k, kd_text *out);
/* Asks for a passphrase when the file needs one: fills `out` and gives true, or false when there is none to
 * be had. */
typedef struct kd_passphrase {
    bool (*ask)(void *ctx, char *out, size_t room);
    void *ctx;
} kd_passphrase;
/* Reads a key file. KD_INVALID bad_key_file; KD_FAILED bad_passphrase; KD_USAGE no_passphrase. No error
 * repeats a secret. */
kd_status kd_keyring_read(const kd_os *os, const kd_crypto *crypto, const char *path,
                          const kd_passphrase *ask, kd_keyring *out, kd_error *e);
void kd_keyring_wipe(kd_keyring *k);

/* ---- Books that are read --------------------------------------------------------------------------------*/

/* A book in memory, and what was done to believe it. Head, tree and tiles are checked anew each time; a
 * statement's signature that was found good before, below a root that this book still has, is remembered (in
 * .kadesh/verified). */
typedef struct kd_held_book {
    kd_str party;
    bool absent; /* there is no book of this Party here */
    kd_str *entries;
    int64_t count;
    kd_digest root;
    int64_t signatures;     /* of statements, that hold */
    int64_t remembered;     /* ... of which these were not checked again */
    size_t head_signatures; /* lines of known keys on the head, all good */
    size_t unknown_lines;   /* lines of keys that nobody told of, on the head */
    int64_t tiles, bundles, bytes;
    int64_t beyond_head, old_partials,
        foreign_files; /* files that the head does not call for (kd_books_verify alone) */
} kd_held_book;

typedef struct kd_books {
    kd_held_book *books; /* in the order of `parties` */
    size_t count;
    int64_t entries, signatures, heads; /* of all */
    kd_digest treaty_hash;              /* as pinned now: the first entries', moved by agreed revisions */
    bool checked_pin;                   /* false when there is no book at all */
} kd_books;

typedef struct kd_books_options {
    const kd_str *parties; /* NULL: every folder of books/, by name */
    size_t party_count;
    void (*progress)(void *ctx, int64_t done, int64_t total); /* may be NULL */
    void *ctx;
} kd_books_options;

/* Loads and checks the books: heads, trees, tiles, statements' form and signatures, first entries against
 * keys/ and the treaty's text. `arena` holds everything. The first fault ends it: e->file is the file, the
 * message names the entry. */
kd_status kd_books_load(const kd_folder *f, const kd_crypto *crypto, const kd_books_options *o,
                        kd_arena *arena, const kd_allocator *from, kd_books *out, kd_error *e);
/* The same from nothing: remembers nothing, holds no entries (`entries` is NULL), memory does not grow with
 * the books, and the files that no head calls for are looked at too. Books after a faulty one are still
 * checked; the first fault is returned, `fault` (may be NULL) is called for each. */
kd_status kd_books_verify(const kd_folder *f, const kd_crypto *crypto, const kd_books_options *o,
                          kd_arena *arena, const kd_allocator *from, kd_books *out,
                          void (*fault)(void *ctx, kd_status status, const kd_error *e), void *fault_ctx,
                          kd_error *e);

/* ---- A book that is written -------------------------------------------------------------------------------
 *
 *      entries ─▶ journal record (old size, entries, new head) ─▶ one write, one fdatasync ─▶ acknowledged
 *                                                                                         │ later
 *                        bundles, tiles ─▶ state/US/head ─▶ checkpoint ─▶ mark in the journal
 *
 * One writer per book: state/US/lock is held from open to close. Opening recovers whatever a crash left. A
 * head is signed only when the tree that it extends is the last one signed. docs/appending.md has the formats
 * and every crash point. */
typedef struct kd_writer kd_writer;

typedef struct kd_writer_options {
    bool create;      /* a new book; where a head or a journal exists already this is KD_USAGE exists */
    bool adopt;       /* sign on although state/ knows nothing of this book; else KD_FAILED state_lost */
    unsigned wait_ms; /* for the lock; then KD_SYSTEM locked */
} kd_writer_options;

/* KD_SYSTEM: locked, system. KD_FAILED: rolled_back, fork (state, journal and book do not agree), state_lost,
 * wrong_key (the book's head is not signed by this ring's key). */
kd_status kd_writer_open(const kd_os *os, const kd_crypto *crypto, const kd_allocator *from,
                         const char *folder, const kd_keyring *keys, const kd_writer_options *o,
                         kd_writer **out, kd_error *e);
int64_t kd_writer_size(const kd_writer *w); /* acknowledged entries */
void kd_writer_root(const kd_writer *w, kd_digest *out);
/* Appends entries (whole signed notes): all of them or none. When it returns KD_OK they are durable and will
 * never be lost; `*first` is the index of the first. After KD_SYSTEM nothing is acknowledged, the writer
 * refuses everything, and opening it again finds out what became of them. KD_INVALID too_long, no_entry. */
kd_status kd_writer_append(kd_writer *w, const kd_str *entries, size_t count, int64_t *first, kd_error *e);
/* Writes what was acknowledged into the book that others read. A failure loses nothing and may be tried again
 * after reopening. */
kd_status kd_writer_publish(kd_writer *w, kd_error *e);
/* The index of an entry with exactly these bytes among the latest that were appended, -1 when there is none:
 * for one who sends again after a lost answer. */
#define KD_FIND_ENTRIES 4096
kd_status kd_writer_find(kd_writer *w, kd_str entry, int64_t *index, kd_error *e);
/* Publishes what is left, then lets go of the lock and of everything. NULL is fine. */
kd_status kd_writer_close(kd_writer *w, kd_error *e);

#endif

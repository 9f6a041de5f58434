/* writer.c: opens a book for writing, appends to it, and closes it. */
#include "store/writer.h"
#include "store/files.h"
#include "store/reader.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Published before more is taken in, so that memory stays bounded. */
#define PENDING_MOST_BYTES ((size_t)8 << 20)
#define LOCK_PAUSE_MS      20

kd_status writer_stop(kd_writer *w, kd_status s) {
    w->stopped = true;
    return s;
}

static kd_status refuse_stopped(kd_error *e) {
    return kd_fail(e, KD_SYSTEM, "stopped",
                   "an earlier step failed, so that what is on disk is not known; open the book "
                   "again to find out");
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

static void release(kd_writer *w) {
    if (w->journal_fd >= 0) w->os->close(w->os->ctx, w->journal_fd);
    if (w->lock_fd >= 0) w->os->close(w->os->ctx, w->lock_fd);
    kd_text_close(&w->head);
    kd_text_close(&w->pending);
    if (w->edge) w->from->resize(w->from->ctx, w->edge, sizeof *w->edge, 0);
    w->from->resize(w->from->ctx, w, sizeof *w, 0);
}

static kd_status set_paths(kd_writer *w, const char *folder, kd_error *e) {
    char above[KD_PATH_MAX_BYTES];
    size_t n = strlen(folder);
    if (n >= sizeof w->folder)
        return kd_fail(e, KD_USAGE, "path_too_long", "the path %s is too long", folder);
    memcpy(w->folder, folder, n + 1);
    kd_status s = kd_path_join(above, folder, "books", e);
    if (!s) s = kd_path_join(w->prefix, above, w->keys->party, e);
    if (!s) s = kd_path_join(above, folder, "state", e);
    if (!s) s = kd_path_join(w->state, above, w->keys->party, e);
    return s ? s : kd_path_join(w->journal, w->state, "journal", e);
}

/* flock on a file of its own: the kernel lets go of it when its holder dies (trap 42). */
static kd_status take_lock(kd_writer *w, unsigned wait_ms, kd_error *e) {
    char path[KD_PATH_MAX_BYTES];
    kd_status s = kd_path_join(path, w->state, "lock", e);
    if (s) return s;
    w->lock_fd = kd_open_retry(w->os, path, O_RDWR | O_CREAT, 0666);
    if (w->lock_fd < 0) return kd_system_fail(e, "create", path);
    for (unsigned waited = 0;; waited += LOCK_PAUSE_MS) {
        if (w->os->lock(w->os->ctx, w->lock_fd) == 0) return KD_OK;
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return kd_system_fail(e, "lock", path);
        if (waited >= wait_ms) break;
        w->os->pause(w->os->ctx, LOCK_PAUSE_MS);
    }
    kd_fail(e, KD_SYSTEM, "locked", "another process is writing the book of %s; nothing was appended",
            w->keys->party);
    kd_error_place(e, path, 0, 0);
    return KD_SYSTEM;
}

static kd_status open_here(kd_writer *w, const kd_writer_options *o, kd_error *e) {
    char checkpoint[KD_PATH_MAX_BYTES];
    kd_status s = kd_path_join(checkpoint, w->prefix, "checkpoint", e);
    if (s) return s;
    if (!kd_path_exists(w->os, w->state) && !o->create && !(o->adopt && kd_path_exists(w->os, checkpoint))) {
        bool book = kd_path_exists(w->os, checkpoint);
        kd_fail(
            e, book ? KD_FAILED : KD_USAGE, book ? "state_lost" : "no_book",
            book
                ? "there is a book of %s and nothing in state/: a head signed from a copy may be a second head of one "
                  "size. Restore state/ from where the book was last written"
                : "there is no book of %s here; `kadesh init` begins one",
            w->keys->party);
        kd_error_place(e, w->prefix, 0, 0);
        return book ? KD_FAILED : KD_USAGE;
    }
    s = kd_make_folder(w->os, w->state, e);
    if (!s) s = take_lock(w, o->wait_ms, e);
    return s ? s : writer_recover(w, o, e);
}

kd_status kd_writer_open(const kd_os *os, const kd_crypto *crypto, const kd_allocator *from,
                         const char *folder, const kd_keyring *keys, const kd_writer_options *o,
                         kd_writer **out, kd_error *e) {
    *out = NULL;
    kd_writer *w = from->resize(from->ctx, NULL, 0, sizeof *w);
    if (!w) return kd_fail_nomem(e);
    memset(w, 0, sizeof *w);
    w->os = os;
    w->crypto = crypto;
    w->from = from;
    w->keys = keys;
    w->lock_fd = w->journal_fd = -1;
    kd_text_open(&w->head, from);
    kd_text_open(&w->pending, from);
    kd_frontier_open(&w->tip);
    w->edge = from->resize(from->ctx, NULL, 0, sizeof *w->edge);
    kd_status s = w->edge ? set_paths(w, folder, e) : kd_fail_nomem(e);
    if (!s) kd_edge_open(w->edge);
    if (!s) s = open_here(w, o, e);
    if (s) {
        release(w);
        return s;
    }
    *out = w;
    return KD_OK;
}

int64_t kd_writer_size(const kd_writer *w) {
    return w->tip.size;
}

void kd_writer_root(const kd_writer *w, kd_digest *out) {
    kd_frontier_root(w->crypto, &w->tip, out);
}

kd_status writer_open_head(kd_writer *w, kd_str bytes, known_head *out, kd_error *e) {
    kd_arena arena;
    kd_arena_open(&arena, w->from);
    kd_head head;
    const kd_vkey *own = &w->keys->signers[KD_FOR_HEADS].public_key;
    kd_status s = kd_head_open(&arena, w->crypto, bytes, own, 1, own->name, &head, e);
    if (!s) *out = (known_head){true, head.at.size, head.at.root};
    if (s == KD_FAILED && e &&
        (strcmp(e->reason, "no_known_signature") == 0 || strcmp(e->reason, "wrong_origin") == 0))
        s = kd_fail(e, KD_FAILED, "wrong_key", "the book's head is not signed by %s, the key at hand",
                    w->keys->names[KD_FOR_HEADS]);
    kd_arena_close(&arena);
    return s;
}

kd_status writer_read_head(kd_writer *w, const char *path, known_head *out, kd_error *e) {
    *out = (known_head){0};
    kd_arena arena;
    kd_arena_open(&arena, w->from);
    kd_error here = {0};
    kd_str bytes;
    kd_status s = kd_read_file(w->os, path, KD_NOTE_MAX_BYTES, &arena, &bytes, &here);
    if (s == KD_SYSTEM && strcmp(here.reason, "absent") == 0) {
        s = KD_OK;
    } else {
        if (!s) s = writer_open_head(w, bytes, out, &here);
        if (s && e) *e = here;
        if (s) kd_error_place(e, path, 0, 0);
    }
    kd_arena_close(&arena);
    return s;
}

/* ---- Appending ------------------------------------------------------------------------------------------*/

kd_status writer_rotate(kd_writer *w, int64_t room, kd_error *e) {
    int fd;
    int64_t end, capacity;
    kd_status s = journal_fresh(w->os, w->journal, NULL, 0, room, &fd, &end, &capacity, e);
    if (s) return writer_stop(w, s); /* the new one may be in place: the old one must not be added to */
    if (w->journal_fd >= 0) w->os->close(w->os->ctx, w->journal_fd);
    w->journal_fd = fd;
    w->journal_end = end;
    w->journal_capacity = capacity;
    return KD_OK;
}

/* Makes sure that `bytes` more fit into the journal and into memory. */
static kd_status make_room(kd_writer *w, size_t bytes, kd_error *e) {
    const int64_t slack = 256; /* for the mark that follows */
    bool full = w->journal_fd < 0 || w->journal_end + (int64_t)bytes + slack > w->journal_capacity;
    kd_status s = KD_OK;
    if (full || w->pending.n > PENDING_MOST_BYTES) s = writer_publish(w, false, e);
    if (!s && full) s = writer_rotate(w, (int64_t)bytes + slack, e);
    return s;
}

/* Adds the leaves of entries as in a bundle; `out` becomes the tree after them. */
static kd_status add_leaves(const kd_writer *w, kd_str entries, kd_frontier *out, kd_error *e) {
    kd_cursor c = kd_cursor_of(entries.p, entries.n);
    kd_status s = KD_OK;
    while (!s && kd_cursor_left(&c)) {
        kd_digest leaf;
        kd_leaf_hash(w->crypto, kd_cursor_bytes(&c, kd_cursor_u16(&c)), &leaf);
        s = kd_frontier_add(w->crypto, out, &leaf);
    }
    return s ? kd_fail(e, s, "too_many", "the book is full") : KD_OK;
}

/* The record of an append, and the tree after it. The hashes are taken twice, from the entries as given and
 * from the bytes that will be stored: a bit that flips between the two would stay in the tree for ever (trap
 * 17). */
static kd_status make_record(kd_writer *w, const kd_str *entries, size_t count, kd_text *record,
                             kd_frontier *after, kd_text *head, kd_error *e) {
    kd_digest old_root, root, again_root;
    kd_frontier again = w->tip;
    kd_frontier_root(w->crypto, &w->tip, &old_root);
    *after = w->tip;
    journal_begin(record, w->tip.size, &old_root, (uint32_t)count);
    size_t begin = record->n;
    kd_status s = KD_OK;
    for (size_t i = 0; !s && i < count; i++) {
        kd_digest leaf;
        kd_leaf_hash(w->crypto, entries[i], &leaf);
        s = kd_frontier_add(w->crypto, after, &leaf);
        if (s) return kd_fail(e, s, "too_many", "the book is full");
        s = journal_entry(record, entries[i], e);
    }
    if (!s && record->failed) s = kd_fail_nomem(e);
    if (!s) s = add_leaves(w, (kd_str){record->p + begin, record->n - begin}, &again, e);
    if (s) return s;
    kd_frontier_root(w->crypto, after, &root);
    kd_frontier_root(w->crypto, &again, &again_root);
    if (!kd_digest_equal(&root, &again_root))
        return kd_fail(e, KD_SYSTEM, "memory",
                       "the same bytes gave two hashes: this machine's memory is not sound");
    s = kd_head_make(head, w->crypto, &w->keys->signers[KD_FOR_HEADS], after->size, &root, e);
    if (s) return s;
    journal_end(record, w->crypto, kd_text_str(head));
    return record->failed || head->failed ? kd_fail_nomem(e) : KD_OK;
}

/* One write, one fdatasync: the point of no return. After a failure nobody can know what the disk holds. */
static kd_status commit(kd_writer *w, kd_str record, kd_error *e) {
    kd_status s = kd_write_all(w->os, w->journal_fd, w->journal, record, w->journal_end, e);
    if (!s) {
        int failed;
        do failed = w->os->fdatasync(w->os->ctx, w->journal_fd);
        while (failed && errno == EINTR);
        if (failed) s = kd_system_fail(e, "make durable", w->journal);
    }
    if (s) return writer_stop(w, s);
    w->journal_end += (int64_t)record.n;
    return KD_OK;
}

static kd_status check_entries(const kd_str *entries, size_t count, size_t *bytes, kd_error *e) {
    *bytes = 4096; /* the record's own and the head */
    if (!count) return kd_fail(e, KD_INVALID, "no_entry", "there is nothing to append");
    for (size_t i = 0; i < count; i++) {
        if (entries[i].n > KD_ENTRY_MAX_BYTES)
            return kd_fail(e, KD_INVALID, "too_long", "an entry of %zu bytes; at most %d fit", entries[i].n,
                           KD_ENTRY_MAX_BYTES);
        *bytes += 2 + entries[i].n;
        if (*bytes > JOURNAL_RECORD_BYTES)
            return kd_fail(e, KD_INVALID, "too_long", "more than %u bytes in one append",
                           JOURNAL_RECORD_BYTES);
    }
    return KD_OK;
}

kd_status kd_writer_append(kd_writer *w, const kd_str *entries, size_t count, int64_t *first, kd_error *e) {
    if (w->stopped) return refuse_stopped(e);
    size_t bytes;
    kd_status s = check_entries(entries, count, &bytes, e);
    if (!s) s = make_room(w, bytes, e);
    if (s) return s;
    kd_text record, head;
    kd_frontier after;
    kd_text_open(&record, w->from);
    kd_text_open(&head, w->from);
    /* What follows the commit must not run out of memory. */
    size_t pending = w->pending.n;
    for (size_t i = 0; !s && i < count; i++) s = journal_entry(&w->pending, entries[i], e);
    if (!s && w->pending.failed) s = writer_stop(w, kd_fail_nomem(e));
    if (!s) s = make_record(w, entries, count, &record, &after, &head, e);
    if (!s) s = commit(w, kd_text_str(&record), e);
    if (s) {
        w->pending.n = pending;
        kd_text_close(&head);
    } else {
        *first = w->tip.size;
        w->tip = after;
        kd_text_close(&w->head);
        w->head = head;
    }
    kd_text_close(&record);
    return s;
}

kd_status kd_writer_publish(kd_writer *w, kd_error *e) {
    if (w->stopped) return refuse_stopped(e);
    return writer_publish(w, false, e);
}

/* ---- Finding --------------------------------------------------------------------------------------------*/

typedef struct search {
    kd_str wanted;
    int64_t found;
} search;

static kd_status compare_entry(void *ctx, int64_t index, kd_str bytes, kd_error *e) {
    search *f = ctx;
    if (f->found < 0 && kd_str_equal(bytes, f->wanted)) f->found = index;
    return KD_OK;
}

kd_status kd_writer_find(kd_writer *w, kd_str entry, int64_t *index, kd_error *e) {
    search f = {entry, -1};
    kd_error here = {0};
    disk_reader disk;
    disk_reader_open(&disk, w->os, w->prefix, w->from, NULL);
    kd_book_reader reader = disk_reader_table(&disk);
    int64_t from = w->published > KD_FIND_ENTRIES ? w->published - KD_FIND_ENTRIES : 0;
    kd_status s = kd_book_entries(&reader, w->published, from, w->published, compare_entry, &f, &here);
    disk_reader_close(&disk);
    if (s && e) *e = here;
    kd_cursor c = kd_cursor_of(w->pending.p, w->pending.n);
    for (int64_t i = w->published; !s && kd_cursor_left(&c); i++)
        s = compare_entry(&f, i, kd_cursor_bytes(&c, kd_cursor_u16(&c)), e);
    *index = f.found;
    return s;
}

kd_status kd_writer_close(kd_writer *w, kd_error *e) {
    if (!w) return KD_OK;
    kd_status s = w->stopped ? KD_OK : writer_publish(w, false, e);
    release(w);
    return s;
}

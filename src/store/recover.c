/* recover.c: what a book, its journal and its last signed head say, brought together before anything is
 * signed.
 *
 *      checkpoint  P  what others read           <=
 *      state/head  H  signed and published last  <=  tip  =  the last good record of the journal
 *
 * Records that no mark covers are written into a new journal and published again. Every head that is known
 * must be one that the tip continues; where it is not, nothing is signed any more. */
#include "store/files.h"
#include "store/reader.h"
#include "store/writer.h"
#include <fcntl.h>
#include <string.h>

typedef struct recovery {
    kd_writer *w;
    kd_arena arena;
    journal_read journal;
    known_head checkpoint, last;
    size_t begin;      /* first record to be redone */
    kd_digest at_base; /* root of the tree that they start from, whose size is w->published */
    known_head *tips;  /* after each of them */
    size_t tip_count;
} recovery;

static kd_status refuse(const recovery *r, const char *reason, const char *why, kd_error *e) {
    kd_fail(e, KD_FAILED, reason, "%s; nothing is signed. See docs/appending.md, \"When a book refuses\"",
            why);
    kd_error_place(e, r->w->state, 0, 0);
    return KD_FAILED;
}

/* ---- What there is --------------------------------------------------------------------------------------*/

/* Half-written files of ours: nobody has been told of them. */
static kd_status drop_temps(const kd_writer *w, kd_error *e) {
    const char *const temps[][2] = {{w->prefix, ".new"}, {w->state, "head.new"}, {w->state, "journal.new"}};
    for (size_t i = 0; i < sizeof temps / sizeof *temps; i++) {
        char path[KD_PATH_MAX_BYTES];
        kd_status s = kd_path_join(path, temps[i][0], temps[i][1], e);
        if (s) return s;
        w->os->unlink(w->os->ctx, path);
    }
    return KD_OK;
}

static kd_status look(recovery *r, const kd_writer_options *o, kd_error *e) {
    kd_writer *w = r->w;
    char path[KD_PATH_MAX_BYTES];
    kd_status s = drop_temps(w, e);
    if (!s) s = journal_load(w->os, w->crypto, w->journal, &r->arena, &r->journal, e);
    if (!s) s = kd_path_join(path, w->state, "head", e);
    if (!s) s = writer_read_head(w, path, &r->last, e);
    if (!s) s = kd_path_join(path, w->prefix, "checkpoint", e);
    if (!s) s = writer_read_head(w, path, &r->checkpoint, e);
    if (s) return s;
    bool state = r->journal.count || r->journal.marked > 0 || r->last.present;
    if (o->create && (state || r->checkpoint.present)) {
        kd_fail(e, KD_USAGE, "exists", "there is a book of %s here already", w->keys->party);
        kd_error_place(e, w->prefix, 0, 0);
        return KD_USAGE;
    }
    if (!o->create && !state && !r->checkpoint.present)
        return kd_fail(e, KD_USAGE, "no_book", "there is no book of %s here; `kadesh init` begins one",
                       w->keys->party);
    if (!state && r->checkpoint.present && !o->adopt)
        return refuse(r, "state_lost",
                      "there is a book and state/ knows nothing of it: its last head may be lost", e);
    return KD_OK;
}

/* ---- Where the redoing starts ---------------------------------------------------------------------------*/

static kd_status choose_base(recovery *r, int64_t *base, kd_digest *root, kd_error *e) {
    const journal_read *j = &r->journal;
    int64_t published = r->checkpoint.present ? r->checkpoint.size : 0;
    r->begin = 0;
    while (r->begin < j->unmarked && j->records[r->begin].new_size <= published) r->begin++;
    bool redo = r->begin < j->count;
    *base = redo ? j->records[r->begin].old_size : published;
    if (redo) {
        *root = j->records[r->begin].old_root;
    } else if (r->checkpoint.present) {
        *root = r->checkpoint.root;
    } else {
        *root = kd_empty_root;
    }
    if (published < *base || (!redo && j->marked > published))
        return refuse(r, "rolled_back",
                      "the book in books/ is older than what this node has signed and published", e);
    if (!redo && j->marked >= 0 && j->marked < published)
        return refuse(r, "rolled_back",
                      "the book in books/ has entries that the journal in state/ does not know of", e);
    return KD_OK;
}

/* The roots of the perfect subtrees, out of the edge's unfinished tiles: the bits of a tile's width are their
 * sizes. */
static void frontier_of_edge(const kd_crypto *crypto, const kd_edge *edge, kd_frontier *out) {
    kd_frontier_open(out);
    out->size = edge->size;
    for (int level = KD_TREE_LEVELS - 1; level >= 0; level--) {
        unsigned at = 0;
        for (unsigned leaves = KD_TILE_WIDTH / 2; leaves; leaves /= 2) {
            if (!(edge->width[level] & leaves)) continue;
            kd_digest fold[KD_TILE_WIDTH];
            memcpy(fold, &edge->hashes[level][at], leaves * sizeof *fold);
            for (unsigned n = leaves; n > 1; n /= 2) {
                for (unsigned i = 0; i < n / 2; i++)
                    kd_node_hash(crypto, &fold[2 * i], &fold[2 * i + 1], &fold[i]);
            }
            out->roots[out->count++] = fold[0];
            at += leaves;
        }
    }
}

static kd_status load_base(recovery *r, kd_error *e) {
    kd_writer *w = r->w;
    int64_t base;
    kd_digest root;
    kd_status s = choose_base(r, &base, &root, e);
    if (s) return s;
    disk_reader disk;
    disk_reader_open(&disk, w->os, w->prefix, w->from, NULL);
    kd_book_reader reader = disk_reader_table(&disk);
    kd_error here = {0};
    s = kd_edge_load(&reader, base, w->edge, &here);
    disk_reader_close(&disk);
    if (s == KD_NOMEM || s == KD_SYSTEM) return kd_fail(e, s, here.reason, "%s", here.message);
    if (!s) kd_edge_root(w->crypto, w->edge, &r->at_base);
    if (s || !kd_digest_equal(&r->at_base, &root))
        return refuse(r, "damaged", "the tiles in books/ do not give the root that is signed", e);
    frontier_of_edge(w->crypto, w->edge, &w->tip);
    w->published = base;
    return KD_OK;
}

/* ---- Redoing --------------------------------------------------------------------------------------------*/

static kd_status redo_record(recovery *r, const journal_record *record, kd_error *e) {
    kd_writer *w = r->w;
    known_head head;
    kd_digest root;
    kd_cursor c = kd_cursor_of(record->entries.p, record->entries.n);
    while (kd_cursor_left(&c)) {
        kd_digest leaf;
        kd_leaf_hash(w->crypto, kd_cursor_bytes(&c, kd_cursor_u16(&c)), &leaf);
        kd_status s = kd_frontier_add(w->crypto, &w->tip, &leaf);
        if (s) return kd_fail(e, s, "too_many", "the book is full");
    }
    kd_status s = writer_open_head(w, record->head, &head, e);
    if (s) return s;
    kd_frontier_root(w->crypto, &w->tip, &root);
    if (head.size != w->tip.size || !kd_digest_equal(&head.root, &root))
        return refuse(r, "damaged", "a record of the journal holds a head that its entries do not have", e);
    r->tips[r->tip_count++] = head;
    kd_text_put(&w->pending, record->entries);
    kd_text_clear(&w->head);
    kd_text_put(&w->head, record->head);
    return w->pending.failed || w->head.failed ? kd_fail_nomem(e) : KD_OK;
}

static kd_status redo(recovery *r, kd_error *e) {
    const journal_read *j = &r->journal;
    r->tips = kd_arena_array(&r->arena, j->count + 1, sizeof *r->tips);
    if (!r->tips) return kd_fail_nomem(e);
    kd_status s = KD_OK;
    for (size_t i = r->begin; !s && i < j->count; i++) s = redo_record(r, &j->records[i], e);
    return s;
}

/* ---- What is known must be continued --------------------------------------------------------------------*/

static kd_status continues(recovery *r, const known_head *known, kd_error *e) {
    kd_writer *w = r->w;
    if (!known->present) return KD_OK;
    if (known->size > w->tip.size)
        return refuse(r, "rolled_back", "a head of this book is known that is larger than what is here", e);
    for (size_t i = 0; i < r->tip_count; i++) {
        if (r->tips[i].size == known->size)
            return kd_digest_equal(&r->tips[i].root, &known->root)
                       ? KD_OK
                       : refuse(r, "fork", "two heads of one size are signed for this book", e);
    }
    if (known->size > w->published)
        return refuse(r, "fork", "a head is signed that the journal does not know of", e);
    kd_proof proof;
    disk_reader disk;
    disk_reader_open(&disk, w->os, w->prefix, w->from, NULL);
    kd_book_reader reader = disk_reader_table(&disk);
    kd_error here = {0};
    kd_status s = kd_prove_consistency(w->crypto, &reader, known->size, w->published, &proof, &here);
    disk_reader_close(&disk);
    if (s == KD_NOMEM || s == KD_SYSTEM) return kd_fail(e, s, here.reason, "%s", here.message);
    if (!s)
        s = kd_check_consistency(w->crypto, known->size, &known->root, w->published, &r->at_base, proof.nodes,
                                 proof.count, &here);
    return s ? refuse(r, "fork", "a head is signed that the book here does not continue", e) : KD_OK;
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

static kd_status reopen_journal(recovery *r, kd_error *e) {
    kd_writer *w = r->w;
    const journal_read *j = &r->journal;
    size_t left = j->count - r->begin;
    if (left || j->torn) {
        const journal_record *kept = left ? j->records + r->begin : NULL; /* a torn file may hold none */
        return journal_fresh(w->os, w->journal, kept, left, 4096, &w->journal_fd, &w->journal_end,
                             &w->journal_capacity, e);
    }
    if (!j->present) return KD_OK; /* the first append makes one */
    w->journal_fd = kd_open_retry(w->os, w->journal, O_RDWR, 0);
    if (w->journal_fd < 0) return kd_system_fail(e, "open", w->journal);
    w->journal_end = j->end;
    w->journal_capacity = j->capacity;
    return KD_OK;
}

/* A book that is adopted: its head becomes the last one that this node knows of. */
static kd_status adopt(recovery *r, kd_error *e) {
    char from[KD_PATH_MAX_BYTES], to[KD_PATH_MAX_BYTES];
    kd_str bytes;
    kd_status s = kd_path_join(from, r->w->prefix, "checkpoint", e);
    if (!s) s = kd_path_join(to, r->w->state, "head", e);
    if (!s) s = kd_read_file(r->w->os, from, KD_NOTE_MAX_BYTES, &r->arena, &bytes, e);
    return s ? s : kd_write_file(r->w->os, to, bytes, 0666, false, e);
}

kd_status writer_recover(kd_writer *w, const kd_writer_options *o, kd_error *e) {
    recovery r = {.w = w};
    kd_arena_open(&r.arena, w->from);
    kd_status s = look(&r, o, e);
    if (!s) s = load_base(&r, e);
    if (!s) s = redo(&r, e);
    if (!s) s = continues(&r, &r.checkpoint, e);
    if (!s) s = continues(&r, &r.last, e);
    if (!s) s = reopen_journal(&r, e);
    if (!s && r.checkpoint.present && !r.last.present && !r.journal.count) s = adopt(&r, e);
    if (!s && w->tip.size > w->published) s = writer_publish(w, true, e);
    kd_arena_close(&r.arena);
    return s;
}

/* publish.c: from the journal into the files that others read: bundles and tiles, then the head, then what is
 * old goes.
 *
 * Every file is written under the one temporary name books/US/.new, made durable and renamed; a folder is
 * made durable after the last file that went into it. So no reader ever sees a head whose tiles are not
 * there. */
#include "store/files.h"
#include "store/reader.h"
#include "store/writer.h"
#include <stdio.h>
#include <string.h>

typedef struct publication {
    kd_writer *w;
    kd_arena arena;
    kd_edge *next;     /* of the tree that is being published */
    const char **dirs; /* to be made durable */
    size_t dir_count, dir_room;
    kd_tile *full; /* tiles that took the place of partial ones */
    size_t full_count, full_room;
    bool again;
} publication;

/* ---- Folders to sync ------------------------------------------------------------------------------------*/

static kd_status add_folder(publication *p, const char *path, kd_error *e) {
    for (size_t i = p->dir_count; i-- > 0;) {
        if (strcmp(p->dirs[i], path) == 0) return KD_OK;
    }
    if (p->dir_count == p->dir_room) {
        size_t room = p->dir_room ? 2 * p->dir_room : 16;
        const char **all = kd_arena_array(&p->arena, room, sizeof *all);
        if (!all) return kd_fail_nomem(e);
        if (p->dir_count) memcpy(all, p->dirs, p->dir_count * sizeof *all);
        p->dirs = all;
        p->dir_room = room;
    }
    char *copy = kd_arena_copy(&p->arena, path, strlen(path));
    if (!copy) return kd_fail_nomem(e);
    p->dirs[p->dir_count++] = copy;
    return KD_OK;
}

/* The folder of a file; after a crash all those above it too, for they may have been made and not been made
 * durable. */
static kd_status add_folders_of(publication *p, const char *path, kd_error *e) {
    char at[KD_PATH_MAX_BYTES], above[KD_PATH_MAX_BYTES];
    kd_status s = kd_parent(at, path, e);
    if (!s) s = add_folder(p, at, e);
    while (!s && p->again && strcmp(at, p->w->folder) != 0 && strchr(at, '/')) {
        s = kd_parent(above, at, e);
        if (!s) s = add_folder(p, above, e);
        memcpy(at, above, sizeof at);
    }
    return s;
}

static kd_status sync_folders(publication *p, kd_error *e) {
    kd_status s = KD_OK;
    for (size_t i = 0; !s && i < p->dir_count; i++) s = kd_folder_sync(p->w->os, p->dirs[i], e);
    p->dir_count = 0;
    return s;
}

/* ---- Files ----------------------------------------------------------------------------------------------*/

static kd_status temp_path(const kd_writer *w, char out[KD_PATH_MAX_BYTES], kd_error *e) {
    return kd_path_join(out, w->prefix, ".new", e);
}

static kd_status put_tile(publication *p, kd_tile tile, kd_str bytes, kd_error *e) {
    char name[KD_TILE_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES], folder[KD_PATH_MAX_BYTES],
        temp[KD_PATH_MAX_BYTES];
    kd_tile_path(tile, name);
    kd_status s = kd_path_join(path, p->w->prefix, name, e);
    if (!s) s = kd_parent(folder, path, e);
    if (!s) s = temp_path(p->w, temp, e);
    if (!s) s = kd_make_folder(p->w->os, folder, e);
    if (!s) s = kd_put_renamed(p->w->os, temp, path, bytes, 0666, e);
    return s ? s : add_folders_of(p, path, e);
}

static kd_status note_full(publication *p, kd_tile tile, kd_error *e) {
    if (p->full_count == p->full_room) {
        size_t room = p->full_room ? 2 * p->full_room : 16;
        kd_tile *all = kd_arena_array(&p->arena, room, sizeof *all);
        if (!all) return kd_fail_nomem(e);
        if (p->full_count) memcpy(all, p->full, p->full_count * sizeof *all);
        p->full = all;
        p->full_room = room;
    }
    p->full[p->full_count++] = tile;
    return KD_OK;
}

/* A finished tile of hashes. One that the published tree had in this width already is there. */
static kd_status take_tile(void *ctx, kd_tile tile, kd_str bytes, kd_error *e) {
    publication *p = ctx;
    bool there = kd_tile_width(p->w->published, tile.level, tile.index) == tile.width;
    if (there && !p->again) return KD_OK;
    kd_status s = put_tile(p, tile, bytes, e);
    if (!s && tile.width == KD_TILE_WIDTH) s = note_full(p, tile, e);
    return s;
}

static kd_status take_bundle(publication *p, int64_t index, unsigned width, const kd_text *bundle,
                             kd_error *e) {
    kd_tile tile = {KD_TILE_ENTRIES, index, width};
    if (bundle->failed) return kd_fail_nomem(e);
    kd_status s = put_tile(p, tile, kd_text_str(bundle), e);
    if (!s && width == KD_TILE_WIDTH) s = note_full(p, tile, e);
    return s;
}

/* The entries of the last bundle that is published and not full; they must still be what their hashes say. */
static kd_status read_partial(publication *p, kd_text *bundle, kd_error *e) {
    kd_writer *w = p->w;
    unsigned width = (unsigned)(w->published % KD_TILE_WIDTH);
    if (!width) return KD_OK;
    disk_reader disk;
    disk_reader_open(&disk, w->os, w->prefix, w->from, NULL);
    kd_book_reader reader = disk_reader_table(&disk);
    kd_str entries[KD_TILE_WIDTH], bytes;
    kd_error here = {0};
    kd_status s = kd_bundle_read(&reader, w->published / KD_TILE_WIDTH, width, entries, &bytes, &here);
    if (s && e) *e = here;
    for (unsigned i = 0; !s && i < width; i++) {
        kd_digest leaf;
        kd_leaf_hash(w->crypto, entries[i], &leaf);
        if (!kd_digest_equal(&leaf, &w->edge->hashes[0][i]))
            s = kd_fail(e, KD_FAILED, "damaged", "entry %s/%lld on disk is not what its leaf hash says",
                        w->keys->party, (long long)(w->published - width + i));
    }
    if (!s) kd_text_put(bundle, bytes);
    disk_reader_close(&disk);
    return s;
}

static kd_status put_tree(publication *p, kd_error *e) {
    kd_writer *w = p->w;
    const kd_tile_sink sink = {take_tile, p};
    kd_text bundle;
    kd_text_open(&bundle, w->from);
    kd_status s = read_partial(p, &bundle, e);
    kd_cursor c = kd_cursor_of(w->pending.p, w->pending.n);
    while (!s && kd_cursor_left(&c)) {
        kd_str entry = kd_cursor_bytes(&c, kd_cursor_u16(&c));
        kd_digest leaf;
        kd_leaf_hash(w->crypto, entry, &leaf);
        s = kd_bundle_put(&bundle, entry, e);
        if (!s) s = kd_edge_add(w->crypto, p->next, &leaf, &sink, e);
        if (s || p->next->size % KD_TILE_WIDTH) continue;
        s = take_bundle(p, p->next->size / KD_TILE_WIDTH - 1, KD_TILE_WIDTH, &bundle, e);
        kd_text_clear(&bundle);
    }
    unsigned rest = (unsigned)(p->next->size % KD_TILE_WIDTH);
    if (!s && rest) s = take_bundle(p, p->next->size / KD_TILE_WIDTH, rest, &bundle, e);
    if (!s) s = kd_edge_partials(p->next, &sink, e);
    kd_text_close(&bundle);
    return s;
}

/* The tree about to be published must be the one that the head was signed for. */
static kd_status check_root(const publication *p, kd_error *e) {
    kd_digest tip, root;
    kd_frontier_root(p->w->crypto, &p->w->tip, &tip);
    kd_edge_root(p->w->crypto, p->next, &root);
    if (p->next->size == p->w->tip.size && kd_digest_equal(&tip, &root)) return KD_OK;
    return kd_fail(e, KD_FAILED, "damaged",
                   "the tiles of %s do not give the root that its head is signed for", p->w->keys->party);
}

/* The head goes into state/ before it goes into the book: what others have seen this node must know. */
static kd_status put_head(publication *p, kd_error *e) {
    kd_writer *w = p->w;
    char path[KD_PATH_MAX_BYTES], temp[KD_PATH_MAX_BYTES];
    kd_status s = kd_path_join(path, w->state, "head", e);
    if (!s) s = kd_path_join(temp, w->state, "head.new", e);
    if (!s) s = kd_put_renamed(w->os, temp, path, kd_text_str(&w->head), 0666, e);
    if (!s) s = kd_folder_sync(w->os, w->state, e);
    if (!s) s = kd_path_join(path, w->prefix, "checkpoint", e);
    if (!s) s = temp_path(w, temp, e);
    if (!s) s = kd_put_renamed(w->os, temp, path, kd_text_str(&w->head), 0666, e);
    return s ? s : kd_folder_sync(w->os, w->prefix, e);
}

/* Tells the next opening that nothing is to be redone. It need not be durable: without it the same is done
 * again. */
static void put_mark(kd_writer *w) {
    kd_text mark;
    kd_text_open(&mark, w->from);
    journal_mark(&mark, w->crypto, w->published);
    bool fits = !mark.failed && w->journal_fd >= 0 && w->journal_end + (int64_t)mark.n <= w->journal_capacity;
    if (fits &&
        kd_write_all(w->os, w->journal_fd, w->journal, kd_text_str(&mark), w->journal_end, NULL) == KD_OK)
        w->journal_end += (int64_t)mark.n;
    else
        writer_stop(w, KD_SYSTEM); /* half a mark may stand there: a new opening makes a new journal */
    kd_text_close(&mark);
}

/* ---- Old partial tiles ----------------------------------------------------------------------------------*/

static void collect(void *to, const char *name, bool is_folder) {
    if (!is_folder) kd_text_put(to, (kd_str){name, strlen(name) + 1});
}

/* Partial tiles of a tile that is now full, once the head that covers it is durable. What fails here stays,
 * unharmful. */
static void drop_partials(publication *p) {
    const kd_os *os = p->w->os;
    kd_text names;
    kd_text_open(&names, p->w->from);
    for (size_t i = 0; i < p->full_count; i++) {
        char name[KD_TILE_PATH_MAX_BYTES + 2], folder[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
        size_t n = kd_tile_path(p->full[i], name);
        memcpy(name + n, ".p", 3);
        kd_text_clear(&names);
        if (kd_path_join(folder, p->w->prefix, name, NULL) ||
            os->list(os->ctx, folder, collect, &names) != 0 || names.failed)
            continue;
        for (size_t at = 0; at < names.n; at += strlen(names.p + at) + 1) {
            if (!kd_path_join(path, folder, names.p + at, NULL)) os->unlink(os->ctx, path);
        }
        os->rmdir(os->ctx, folder);
    }
    kd_text_close(&names);
}

/* ---- The whole ------------------------------------------------------------------------------------------*/

kd_status writer_publish(kd_writer *w, bool again, kd_error *e) {
    if (w->published == w->tip.size && !again) return KD_OK;
    publication p = {.w = w, .again = again};
    kd_arena_open(&p.arena, w->from);
    p.next = w->from->resize(w->from->ctx, NULL, 0, sizeof *p.next);
    kd_status s = p.next ? KD_OK : kd_fail_nomem(e);
    if (!s) *p.next = *w->edge;
    if (!s) s = kd_make_folder(w->os, w->prefix, e);
    if (!s) s = put_tree(&p, e);
    if (!s) s = check_root(&p, e);
    if (!s) s = sync_folders(&p, e);
    if (!s) s = put_head(&p, e);
    if (!s) {
        *w->edge = *p.next;
        w->published = w->tip.size;
        kd_text_clear(&w->pending);
        put_mark(w);
        drop_partials(&p);
    }
    if (p.next) w->from->resize(w->from->ctx, p.next, sizeof *p.next, 0);
    kd_arena_close(&p.arena);
    return s ? writer_stop(w, s) : KD_OK;
}

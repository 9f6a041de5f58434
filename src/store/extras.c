/* extras.c: earlier partial tiles must be beginnings of what stands now; a mirror may still be given them. */
#include "store/extras.h"
#include "store/files.h"
#include "store/reader.h"
#include <errno.h>
#include <string.h>

typedef struct walk {
    const kd_os *os;
    const char *prefix;
    int64_t size;
    const kd_allocator *from;
    kd_held_book *b;
} walk;

/* The bytes of a tile, or of a bundle's first `width` entries, into `arena`. */
static kd_status read_bytes(const walk *w, kd_tile tile, unsigned width, kd_arena *arena, kd_str *out,
                            kd_error *e) {
    disk_reader disk;
    disk_reader_open(&disk, w->os, w->prefix, w->from, NULL);
    kd_book_reader reader = disk_reader_table(&disk);
    kd_str entries[KD_TILE_WIDTH];
    kd_status s = tile.level == KD_TILE_ENTRIES
                      ? kd_bundle_read(&reader, tile.index, tile.width, entries, out, e)
                      : kd_tile_read(&reader, tile, out, e);
    if (!s && tile.level == KD_TILE_ENTRIES) {
        out->n = 0;
        for (unsigned i = 0; i < width; i++) out->n += 2 + entries[i].n;
    } else if (!s) {
        out->n = (size_t)width * KD_DIGEST_BYTES;
    }
    if (!s) {
        out->p = kd_arena_copy(arena, out->p, out->n);
        if (!out->p) s = kd_fail_nomem(e);
    }
    disk_reader_close(&disk);
    return s;
}

static kd_status compare(const walk *w, kd_tile old, unsigned now, kd_error *e) {
    kd_arena arena;
    kd_arena_open(&arena, w->from);
    kd_str earlier, current;
    kd_tile wider = {old.level, old.index, now};
    kd_status s = read_bytes(w, old, old.width, &arena, &earlier, e);
    if (!s) s = read_bytes(w, wider, old.width, &arena, &current, e);
    if (!s && !kd_str_equal(earlier, current))
        s = kd_fail(e, KD_FAILED, "stale_tile",
                    "this earlier partial tile is not how the present one begins");
    kd_arena_close(&arena);
    return s;
}

static kd_status see_file(const walk *w, const char *path, kd_error *e) {
    kd_tile tile;
    if (strcmp(path, "checkpoint") == 0) return KD_OK;
    if (kd_tile_path_parse(kd_str_of(path), &tile, NULL)) {
        w->b->foreign_files++;
        return KD_OK;
    }
    unsigned now = kd_tile_width(w->size, tile.level, tile.index);
    if (tile.width == now) return KD_OK; /* verified with the book */
    if (tile.width > now) {
        w->b->beyond_head++;
        return KD_OK;
    }
    w->b->old_partials++;
    kd_status s = compare(w, tile, now, e);
    if (s) {
        char at[KD_PATH_MAX_BYTES];
        if (!kd_path_join(at, w->prefix, path, NULL)) kd_error_place(e, at, 0, 0);
    }
    return s;
}

/* ---- The folder, depth first ----------------------------------------------------------------------------*/

static void collect(void *to, const char *name, bool is_folder) {
    kd_text *t = to;
    kd_text_putc(t, is_folder ? 'd' : 'f');
    kd_text_put(t, (kd_str){name, strlen(name) + 1});
}

/* `inside` is the path below the prefix, "" at first. Tiles lie at most eight folders deep; deeper is
 * foreign. */
static kd_status see_folder(const walk *w, const char *inside, unsigned depth, kd_error *e) {
    enum { DEEPEST = 12 };
    char at[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    kd_status s = *inside ? kd_path_join(at, w->prefix, inside, e) : kd_path_join(at, w->prefix, ".", e);
    kd_text names;
    kd_text_open(&names, w->from);
    if (!s && w->os->list(w->os->ctx, at, collect, &names) != 0) s = kd_system_fail(e, "read the folder", at);
    if (!s && names.failed) s = kd_fail_nomem(e);
    for (size_t i = 0; !s && i < names.n;) {
        bool is_folder = names.p[i] == 'd';
        const char *name = names.p + i + 1;
        i += 2 + strlen(name);
        s = kd_path_join(path, inside, name, e);
        if (!s && is_folder && depth < DEEPEST) s = see_folder(w, path, depth + 1, e);
        if (!s && is_folder && depth >= DEEPEST) w->b->foreign_files++;
        if (!s && !is_folder) s = see_file(w, path, e);
    }
    kd_text_close(&names);
    return s;
}

kd_status extras_check(const kd_os *os, const char *prefix, int64_t size, const kd_allocator *from,
                       kd_held_book *b, kd_error *e) {
    const walk w = {os, prefix, size, from, b};
    return see_folder(&w, "", 0, e);
}

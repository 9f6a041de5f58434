/* folder.c: finds and reads the texts of a record, and hashes the treaty's as the first entries pin it. */
#include "store/files.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Listing --------------------------------------------------------------------------------------------*/

typedef struct listing {
    kd_arena *arena;
    const char *suffix; /* of files; NULL: folders are meant */
    kd_str *names;
    size_t count, room;
    bool failed;
} listing;

static bool grow(listing *l) {
    if (l->count < l->room) return true;
    size_t room = l->room ? 2 * l->room : 16;
    kd_str *names = kd_arena_array(l->arena, room, sizeof *names);
    if (!names) return false;
    if (l->count) memcpy(names, l->names, l->count * sizeof *names);
    l->names = names;
    l->room = room;
    return true;
}

static void take_name(void *to, const char *name, bool is_folder) {
    listing *l = to;
    size_t n = strlen(name), suffix = l->suffix ? strlen(l->suffix) : 0;
    if (name[0] == '.' || is_folder == (l->suffix != NULL)) return;
    if (l->suffix && (n <= suffix || strcmp(name + n - suffix, l->suffix) != 0)) return;
    char *copy = kd_arena_copy(l->arena, name, n);
    if (!copy || !grow(l)) {
        l->failed = true;
        return;
    }
    l->names[l->count++] = (kd_str){copy, n};
}

static int by_name(const void *a, const void *b) {
    return kd_str_order(*(const kd_str *)a, *(const kd_str *)b);
}

kd_status kd_folder_list(const kd_os *os, const char *path, const char *suffix, kd_arena *arena,
                         kd_str **names, size_t *count, kd_error *e) {
    listing l = {.arena = arena, .suffix = suffix};
    *names = NULL;
    *count = 0;
    if (os->list(os->ctx, path, take_name, &l) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return KD_OK;
        return kd_system_fail(e, "read the folder", path);
    }
    if (l.failed) return kd_fail_nomem(e);
    if (l.count) qsort(l.names, l.count, sizeof *l.names, by_name);
    *names = l.names;
    *count = l.count;
    return KD_OK;
}

/* ---- Reading texts --------------------------------------------------------------------------------------*/

typedef struct text_list {
    kd_text_file *files;
    size_t count, room;
} text_list;

static kd_status add_text(const kd_os *os, const char *path, kd_text_kind kind, kd_str language,
                          kd_arena *arena, text_list *l, kd_error *e) {
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 16;
        kd_text_file *files = kd_arena_array(arena, room, sizeof *files);
        if (!files) return kd_fail_nomem(e);
        if (l->count) memcpy(files, l->files, l->count * sizeof *files);
        l->files = files;
        l->room = room;
    }
    kd_text_file *f = &l->files[l->count];
    char *name = kd_arena_copy(arena, path, strlen(path));
    if (!name) return kd_fail_nomem(e);
    *f = (kd_text_file){.kind = kind, .name = kd_str_of(name), .language = language};
    kd_status s = kd_read_file(os, path, KD_TEXT_MAX_BYTES, arena, &f->bytes, e);
    if (!s) l->count++;
    return s;
}

/* Every .md file of a folder, by name. */
static kd_status add_folder(const kd_os *os, const char *folder, kd_text_kind kind, kd_arena *arena,
                            text_list *l, kd_error *e) {
    kd_str *names = NULL;
    size_t count = 0;
    kd_status s = kd_folder_list(os, folder, ".md", arena, &names, &count, e);
    for (size_t i = 0; !s && i < count; i++) {
        char path[KD_PATH_MAX_BYTES];
        kd_str language = kind == KD_TEXT_MESSAGES ? (kd_str){names[i].p, names[i].n - 3} : (kd_str){NULL, 0};
        s = kd_path_join(path, folder, names[i].p, e);
        if (!s) s = add_text(os, path, kind, language, arena, l, e);
    }
    return s;
}

/* ---- The treaty's hash ------------------------------------------------------------------------------------
 *
 * One file: its SHA-256. A folder: SHA-256 over one line a file, sorted by name, "hash name" and LF. */

static kd_status hash_files(const kd_crypto *crypto, const kd_text_file *files, size_t count, kd_digest *out,
                            kd_error *e) {
    kd_text lines;
    kd_text_open(&lines, &kd_allocator_libc);
    for (size_t i = 0; i < count; i++) {
        unsigned char hash[32];
        crypto->sha256(crypto->ctx, &files[i].bytes, 1, hash);
        const char *slash = strrchr(files[i].name.p, '/');
        kd_hex_put(&lines, hash, 32);
        kd_text_printf(&lines, " %s\n", slash ? slash + 1 : files[i].name.p);
    }
    kd_str all = kd_text_str(&lines);
    crypto->sha256(crypto->ctx, &all, 1, out->b);
    bool failed = lines.failed;
    kd_text_close(&lines);
    return failed ? kd_fail_nomem(e) : KD_OK;
}

static kd_status hash_texts(const kd_crypto *crypto, const text_list *l, bool folder, kd_digest *out,
                            kd_error *e) {
    if (folder) return hash_files(crypto, l->files, l->count, out, e);
    crypto->sha256(crypto->ctx, &l->files[0].bytes, 1, out->b);
    return KD_OK;
}

/* A folder can be listed, a file can be read: the first tells which it is. */
static kd_status add_treaty(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                            text_list *l, kd_digest *hash, kd_error *e) {
    kd_status s = add_folder(os, path, KD_TEXT_TREATY, arena, l, e);
    if (s) return s;
    bool folder = l->count > 0;
    if (!folder) s = add_text(os, path, KD_TEXT_TREATY, (kd_str){NULL, 0}, arena, l, e);
    return s ? s : hash_texts(crypto, l, folder, hash, e);
}

kd_status kd_treaty_hash(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                         kd_digest *hash, kd_text_file **files, size_t *count, kd_error *e) {
    text_list l = {0};
    kd_status s = add_treaty(os, crypto, path, arena, &l, hash, e);
    if (files) *files = l.files;
    if (count) *count = l.count;
    return s;
}

static kd_status no_treaty(const kd_folder *f, kd_error *e) {
    kd_fail(e, KD_INVALID, "no_treaty",
            "there is no record here: neither treaty.md nor a folder treaty/ with .md files "
            "(-C names a record's folder)");
    kd_error_place(e, f->path, 0, 0);
    return KD_INVALID;
}

kd_status kd_folder_open(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                         kd_folder *out, kd_error *e) {
    *out = (kd_folder){.os = os, .path = path};
    text_list l = {0};
    char at[KD_PATH_MAX_BYTES], none[KD_PATH_MAX_BYTES];
    kd_status s = kd_path_join(at, path, "treaty.md", e);
    if (!s) s = kd_path_join(none, path, "treaty", e);
    if (s) return s;
    /* An unreadable folder must not be told as one without a treaty. */
    int fd = kd_open_retry(os, at, 0, 0);
    if (fd >= 0) os->close(os->ctx, fd);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR) return kd_system_fail(e, "open", at);
    if (fd >= 0) {
        s = add_text(os, at, KD_TEXT_TREATY, (kd_str){NULL, 0}, arena, &l, e);
    } else {
        s = add_folder(os, none, KD_TEXT_TREATY, arena, &l, e);
        if (!s && !l.count) return no_treaty(out, e);
    }
    if (!s) s = hash_texts(crypto, &l, fd < 0, &out->treaty_hash, e);
    if (!s) s = kd_path_join(at, path, "readings", e);
    if (!s) s = add_folder(os, at, KD_TEXT_READING, arena, &l, e);
    if (!s) s = kd_path_join(at, path, "messages", e);
    if (!s) s = add_folder(os, at, KD_TEXT_MESSAGES, arena, &l, e);
    if (!s) s = kd_path_join(at, path, "record.md", e);
    if (!s && kd_path_exists(os, at)) s = add_text(os, at, KD_TEXT_RECORD, (kd_str){NULL, 0}, arena, &l, e);
    if (!s) s = kd_path_join(at, path, "books", e);
    out->is_record = !s && kd_path_exists(os, at);
    out->texts = l.files;
    out->text_count = l.count;
    return s;
}

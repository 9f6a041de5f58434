/* files.c: whole files in and out, so that a crash leaves the old one or the new one. */
#include "store/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

kd_status kd_system_fail(kd_error *e, const char *verb, const char *path) {
    int why = errno;
    kd_fail(e, KD_SYSTEM, why == ENOENT ? "absent" : "system", "cannot %s: %s", verb, strerror(why));
    kd_error_place(e, path, 0, 0);
    return KD_SYSTEM;
}

int kd_open_retry(const kd_os *os, const char *path, int flags, unsigned mode) {
    int fd;
    do fd = os->open(os->ctx, path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

kd_status kd_write_all(const kd_os *os, int fd, const char *path, kd_str bytes, int64_t offset, kd_error *e) {
    while (bytes.n) {
        long wrote = os->write(os->ctx, fd, bytes.p, bytes.n, offset);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote == 0) errno = ENOSPC; /* a write of something that writes nothing has no room */
        if (wrote <= 0) return kd_system_fail(e, "write", path);
        bytes.p += wrote;
        bytes.n -= (size_t)wrote;
        offset += wrote;
    }
    return KD_OK;
}

kd_status kd_read_all(const kd_os *os, int fd, const char *path, void *out, size_t n, int64_t offset,
                      size_t *got, kd_error *e) {
    unsigned char *to = out;
    *got = 0;
    while (*got < n) {
        long read = os->read(os->ctx, fd, to + *got, n - *got, offset + (int64_t)*got);
        if (read < 0 && errno == EINTR) continue;
        if (read < 0) return kd_system_fail(e, "read", path);
        if (read == 0) break;
        *got += (size_t)read;
    }
    return KD_OK;
}

kd_status kd_path_join(char out[KD_PATH_MAX_BYTES], const char *folder, const char *name, kd_error *e) {
    bool here = strcmp(folder, ".") == 0 || !*folder;
    size_t n = strlen(folder);
    bool slash = n && folder[n - 1] == '/';
    int length =
        snprintf(out, KD_PATH_MAX_BYTES, "%s%s%s", here ? "" : folder, here || slash ? "" : "/", name);
    if (length >= 0 && length < KD_PATH_MAX_BYTES) return KD_OK;
    return kd_fail(e, KD_USAGE, "path_too_long", "the path %s/%s is longer than %d bytes", folder, name,
                   KD_PATH_MAX_BYTES - 1);
}

kd_status kd_parent(char out[KD_PATH_MAX_BYTES], const char *path, kd_error *e) {
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 1;
    if (slash == path) n = 1;
    if (n >= KD_PATH_MAX_BYTES) return kd_fail(e, KD_USAGE, "path_too_long", "the path %s is too long", path);
    memcpy(out, slash ? path : ".", n);
    out[n] = 0;
    return KD_OK;
}

bool kd_path_exists(const kd_os *os, const char *path) {
    int fd = kd_open_retry(os, path, O_RDONLY, 0);
    if (fd < 0) return errno != ENOENT && errno != ENOTDIR;
    os->close(os->ctx, fd);
    return true;
}

kd_status kd_read_file(const kd_os *os, const char *path, size_t limit, kd_arena *arena, kd_str *out,
                       kd_error *e) {
    int fd = kd_open_retry(os, path, O_RDONLY, 0);
    if (fd < 0) return kd_system_fail(e, "open", path);
    kd_status s = KD_OK;
    int64_t size = os->size(os->ctx, fd);
    size_t got = 0;
    char *bytes = NULL;
    if (size < 0) {
        s = errno == EISDIR || errno == EINVAL
                ? kd_fail(e, KD_INVALID, "not_a_file", "this is no regular file")
                : kd_system_fail(e, "read", path);
    } else if ((uint64_t)size > limit) {
        s = kd_fail(e, KD_INVALID, "too_long", "the file has %lld bytes; at most %zu are read",
                    (long long)size, limit);
    } else {
        bytes = kd_arena_take(arena, (size_t)size + 1);
        s = bytes ? kd_read_all(os, fd, path, bytes, (size_t)size, 0, &got, e) : kd_fail_nomem(e);
    }
    if (s) kd_error_place(e, path, 0, 0);
    os->close(os->ctx, fd);
    *out = (kd_str){bytes, got};
    return s;
}

kd_status kd_folder_sync(const kd_os *os, const char *folder, kd_error *e) {
    int fd = kd_open_retry(os, folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) return kd_system_fail(e, "open", folder);
    int failed;
    do failed = os->fsync(os->ctx, fd);
    while (failed && errno == EINTR);
    kd_status s = failed ? kd_system_fail(e, "make durable", folder) : KD_OK;
    os->close(os->ctx, fd);
    return s;
}

/* Writes and makes durable. A close that fails after a good fsync has lost nothing. */
static kd_status put_bytes(const kd_os *os, const char *path, kd_str bytes, unsigned mode, int flags,
                           kd_error *e) {
    int fd = kd_open_retry(os, path, O_WRONLY | O_CREAT | flags, mode);
    if (fd < 0) return kd_system_fail(e, "create", path);
    kd_status s = kd_write_all(os, fd, path, bytes, 0, e);
    if (!s) {
        int failed;
        do failed = os->fsync(os->ctx, fd);
        while (failed && errno == EINTR);
        if (failed) s = kd_system_fail(e, "make durable", path);
    }
    os->close(os->ctx, fd);
    return s;
}

kd_status kd_put_renamed(const kd_os *os, const char *temp, const char *path, kd_str bytes, unsigned mode,
                         kd_error *e) {
    kd_status s = put_bytes(os, temp, bytes, mode, O_TRUNC, e);
    if (!s && os->rename(os->ctx, temp, path) != 0) s = kd_system_fail(e, "rename", path);
    if (s) os->unlink(os->ctx, temp);
    return s;
}

kd_status kd_make_folder(const kd_os *os, const char *path, kd_error *e) {
    int failed;
    do failed = os->mkdir(os->ctx, path, 0777);
    while (failed && errno == EINTR);
    if (failed && errno == EEXIST) return KD_OK;
    char above[KD_PATH_MAX_BYTES];
    kd_status s = KD_OK;
    if (failed && errno == ENOENT) {
        s = kd_parent(above, path, e);
        if (!s && strcmp(above, path) == 0) return kd_system_fail(e, "make the folder", path);
        if (!s) s = kd_make_folder(os, above, e);
        if (s) return s;
        do failed = os->mkdir(os->ctx, path, 0777);
        while (failed && errno == EINTR);
        if (failed && errno == EEXIST) return KD_OK;
    }
    if (failed) return kd_system_fail(e, "make the folder", path);
    s = kd_parent(above, path, e);
    return s ? s : kd_folder_sync(os, above, e);
}

kd_status kd_write_file(const kd_os *os, const char *path, kd_str bytes, unsigned mode, bool fresh,
                        kd_error *e) {
    char above[KD_PATH_MAX_BYTES], temp[KD_PATH_MAX_BYTES + 8];
    kd_status s = kd_parent(above, path, e);
    if (!s) s = kd_make_folder(os, above, e);
    if (s) return s;
    if (fresh) {
        /* O_EXCL decides who makes it; a secret is never written into a file that somebody else had opened. */
        s = put_bytes(os, path, bytes, mode, O_EXCL, e);
        if (s && errno == EEXIST) {
            kd_fail(e, KD_USAGE, "exists", "the file exists already and is left as it is");
            kd_error_place(e, path, 0, 0);
            return KD_USAGE;
        }
    } else {
        int n = snprintf(temp, sizeof temp, "%s.new", path);
        if (n < 0 || n >= KD_PATH_MAX_BYTES)
            return kd_fail(e, KD_USAGE, "path_too_long", "the path %s is too long", path);
        s = kd_put_renamed(os, temp, path, bytes, mode, e);
    }
    return s ? s : kd_folder_sync(os, above, e);
}

/* ---- Removing -------------------------------------------------------------------------------------------*/

typedef struct name_list {
    kd_text names; /* one after the other, each with its NUL, before it 'd' or 'f' */
} name_list;

static void collect(void *to, const char *name, bool is_folder) {
    name_list *l = to;
    kd_text_putc(&l->names, is_folder ? 'd' : 'f');
    kd_text_put(&l->names, (kd_str){name, strlen(name) + 1});
}

kd_status kd_remove_folder(const kd_os *os, const char *path, kd_error *e) {
    name_list l;
    kd_text_open(&l.names, &kd_allocator_libc);
    kd_status s = KD_OK;
    if (os->list(os->ctx, path, collect, &l) != 0) {
        bool gone = errno == ENOENT;
        if (!gone) s = kd_system_fail(e, "read the folder", path);
        kd_text_close(&l.names);
        return s;
    }
    if (l.names.failed) s = kd_fail_nomem(e);
    for (size_t i = 0; !s && i < l.names.n;) {
        bool is_folder = l.names.p[i] == 'd';
        const char *name = l.names.p + i + 1;
        char inner[KD_PATH_MAX_BYTES];
        s = kd_path_join(inner, path, name, e);
        if (!s && is_folder) s = kd_remove_folder(os, inner, e);
        if (!s && !is_folder && os->unlink(os->ctx, inner) != 0) s = kd_system_fail(e, "remove", inner);
        i += 2 + strlen(name);
    }
    kd_text_close(&l.names);
    if (!s && os->rmdir(os->ctx, path) != 0) s = kd_system_fail(e, "remove the folder", path);
    return s;
}

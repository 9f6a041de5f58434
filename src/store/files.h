/* files.h: steps that every writer of files takes: retry what was interrupted, finish what was short, make it
 * durable. */
#ifndef KADESH_STORE_FILES_H
#define KADESH_STORE_FILES_H

#include <kadesh/store.h>

/* Fails with KD_SYSTEM from errno: "cannot VERB: why". The place is `path`. */
kd_status kd_system_fail(kd_error *e, const char *verb, const char *path);

int kd_open_retry(const kd_os *os, const char *path, int flags, unsigned mode);
/* All n bytes, or KD_SYSTEM. */
kd_status kd_write_all(const kd_os *os, int fd, const char *path, kd_str bytes, int64_t offset, kd_error *e);
/* All n bytes, or KD_SYSTEM; *got is less than n only at the file's end. */
kd_status kd_read_all(const kd_os *os, int fd, const char *path, void *out, size_t n, int64_t offset,
                      size_t *got, kd_error *e);
/* Files of the same folder in a row are made durable by one fsync of it at the end: see kd_folder_sync. */
kd_status kd_folder_sync(const kd_os *os, const char *folder, kd_error *e);
/* temp, write, fsync, close, rename; the folder is not yet synced. The temp is removed again when it fails. */
kd_status kd_put_renamed(const kd_os *os, const char *temp, const char *path, kd_str bytes, unsigned mode,
                         kd_error *e);
/* The folder part of a path, "." when there is none. */
kd_status kd_parent(char out[KD_PATH_MAX_BYTES], const char *path, kd_error *e);

#endif

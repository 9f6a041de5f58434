/* os.c: the table of system calls, filled with those of POSIX. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <kadesh/store.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int real_open(void *ctx, const char *path, int flags, unsigned mode) {
    return open(path, flags | O_CLOEXEC, (mode_t)mode);
}

static int real_close(void *ctx, int fd) {
    return close(fd);
}

static long real_read(void *ctx, int fd, void *bytes, size_t n, int64_t offset) {
    return (long)pread(fd, bytes, n, (off_t)offset);
}

static long real_write(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    return (long)pwrite(fd, bytes, n, (off_t)offset);
}

static int64_t real_size(void *ctx, int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0) return -1;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    return (int64_t)st.st_size;
}

static int real_allocate(void *ctx, int fd, int64_t size) {
    int failed = posix_fallocate(fd, 0, (off_t)size);
    if (failed == 0) return 0;
    errno = failed;
    return -1;
}

static int real_fsync(void *ctx, int fd) {
    return fsync(fd);
}

static int real_fdatasync(void *ctx, int fd) {
    return fdatasync(fd);
}

static int real_lock(void *ctx, int fd) {
    return flock(fd, LOCK_EX | LOCK_NB);
}

static int real_rename(void *ctx, const char *from, const char *to) {
    return rename(from, to);
}

static int real_unlink(void *ctx, const char *path) {
    return unlink(path);
}

static int real_mkdir(void *ctx, const char *path, unsigned mode) {
    return mkdir(path, (mode_t)mode);
}

static int real_rmdir(void *ctx, const char *path) {
    return rmdir(path);
}

static int real_list(void *ctx, const char *path, void (*each)(void *to, const char *name, bool is_folder),
                     void *to) {
    DIR *d = opendir(path);
    if (!d) return -1;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(d);
        if (!entry) break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        struct stat st; /* d_type is not POSIX; a name that is gone by now is no folder */
        bool is_folder =
            fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
        each(to, entry->d_name, is_folder);
    }
    int failed = errno;
    closedir(d);
    errno = failed;
    return failed ? -1 : 0;
}

static void real_pause(void *ctx, unsigned milliseconds) {
    struct timespec t = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000L};
    nanosleep(&t, NULL);
}

const kd_os kd_os_real = {
    real_open, real_close,  real_read,   real_write, real_size,  real_allocate, real_fsync, real_fdatasync,
    real_lock, real_rename, real_unlink, real_mkdir, real_rmdir, real_list,     real_pause, NULL,
};

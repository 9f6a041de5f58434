/* simdisk.h: a disk in memory for tests: it counts calls, refuses or cuts the one that it is told to, and
 * forgets at a power cut what was not made durable.
 *
 * Every file has what programs see and what is on the platter; every folder has the names that programs see
 * and those that are on the platter. fsync of a file moves its bytes down, fsync of a folder its names. A
 * failed fsync moves nothing and marks the file clean, as Linux does: the next fsync of the same bytes
 * succeeds and moves nothing either. */
#ifndef SIMDISK_H
#define SIMDISK_H

#include <errno.h>
#include <fcntl.h>
#include <kadesh/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIM_NODES = 512, SIM_FDS = 64 };

typedef enum sim_fault {
    SIM_NONE,
    SIM_KILL,
    SIM_TORN_KILL,
    SIM_EIO,
    SIM_ENOSPC,
    SIM_EINTR,
    SIM_SHORT
} sim_fault;

typedef struct sim_name {
    char *name;
    int node;
} sim_name;

/* Bytes that several may hold; who changes them takes a copy first. */
typedef struct sim_bytes {
    long holders;
    size_t n;
    char p[];
} sim_bytes;

typedef struct sim_node {
    bool used, folder, dirty, locked;
    sim_bytes *seen, *kept;       /* as programs see them, and on the platter; NULL: none */
    sim_name *names, *kept_names; /* of a folder */
    size_t name_count, kept_name_count;
} sim_node;

typedef struct simdisk {
    sim_node *nodes; /* 0 is the root */
    int fds[SIM_FDS];
    long calls, fail_at; /* the call that fails, from 1; 0: none */
    sim_fault fault;
    bool dead;
    long hit;                                      /* calls that were refused or cut */
    void (*changed)(struct simdisk *d, void *ctx); /* after each call that changed something */
    void *ctx;
    kd_os os;
} simdisk;

/* ---- Memory ---------------------------------------------------------------------------------------------*/

static char *sim_copy(const char *p, size_t n) {
    char *copy = malloc(n + 1);
    if (!copy) abort();
    memcpy(copy, p, n);
    copy[n] = 0;
    return copy;
}

static size_t sim_length(const sim_bytes *b) {
    return b ? b->n : 0;
}

static sim_bytes *sim_hold(sim_bytes *b) {
    if (b) b->holders++;
    return b;
}

static void sim_drop(sim_bytes *b) {
    if (b && --b->holders == 0) free(b);
}

/* Bytes of its own, n of them, beginning as `b` does and going on with zeros. `b` is let go. */
static sim_bytes *sim_own(sim_bytes *b, size_t n) {
    if (b && b->holders == 1 && b->n == n) return b;
    sim_bytes *own = malloc(sizeof *own + n);
    if (!own) abort();
    own->holders = 1;
    own->n = n;
    size_t same = sim_length(b) < n ? sim_length(b) : n;
    if (same) memcpy(own->p, b->p, same);
    memset(own->p + same, 0, n - same);
    sim_drop(b);
    return own;
}

static sim_name *sim_copy_names(const sim_name *names, size_t count) {
    sim_name *copy = calloc(count + 1, sizeof *copy);
    if (!copy) abort();
    for (size_t i = 0; i < count; i++) {
        copy[i].name = sim_copy(names[i].name, strlen(names[i].name));
        copy[i].node = names[i].node;
    }
    return copy;
}

static void sim_free_names(sim_name *names, size_t count) {
    for (size_t i = 0; i < count; i++) free(names[i].name);
    free(names);
}

static void sim_free_node(sim_node *n) {
    sim_drop(n->seen);
    sim_drop(n->kept);
    sim_free_names(n->names, n->name_count);
    sim_free_names(n->kept_names, n->kept_name_count);
    *n = (sim_node){0};
}

static int sim_new(simdisk *d, bool folder) {
    for (int i = 0; i < SIM_NODES; i++) {
        if (d->nodes[i].used) continue;
        d->nodes[i] = (sim_node){.used = true, .folder = folder};
        return i;
    }
    abort();
}

/* ---- Names ----------------------------------------------------------------------------------------------*/

static int sim_in(const sim_node *folder, const char *name, size_t n) {
    for (size_t i = 0; i < folder->name_count; i++) {
        if (strlen(folder->names[i].name) == n && memcmp(folder->names[i].name, name, n) == 0) return (int)i;
    }
    return -1;
}

/* The node of a path, or -1 with errno; the folder that it is or would be in and its last name. */
static int sim_walk(simdisk *d, const char *path, int *parent, const char **last) {
    int at = 0;
    *parent = 0;
    *last = path;
    for (;;) {
        while (*path == '/' || (path[0] == '.' && (path[1] == '/' || !path[1]))) path++;
        if (!*path) return at;
        size_t n = strcspn(path, "/");
        if (!d->nodes[at].folder) {
            errno = ENOTDIR;
            *last = NULL;
            return -1;
        }
        int i = sim_in(&d->nodes[at], path, n);
        *parent = at;
        *last = path;
        if (i < 0) {
            if (path[n]) *last = NULL;
            errno = ENOENT;
            return -1;
        }
        at = d->nodes[at].names[i].node;
        path += n;
    }
}

static void sim_link(simdisk *d, int folder, const char *name, int node) {
    sim_node *f = &d->nodes[folder];
    int i = sim_in(f, name, strlen(name));
    if (i >= 0) {
        f->names[i].node = node;
        return;
    }
    sim_name *more = realloc(f->names, (f->name_count + 1) * sizeof *more);
    if (!more) abort();
    f->names = more;
    f->names[f->name_count++] = (sim_name){sim_copy(name, strlen(name)), node};
}

static void sim_unlink(simdisk *d, int folder, const char *name) {
    sim_node *f = &d->nodes[folder];
    int i = sim_in(f, name, strlen(name));
    if (i < 0) return;
    free(f->names[i].name);
    f->names[i] = f->names[--f->name_count];
}

/* ---- Faults ---------------------------------------------------------------------------------------------*/

/* True when the call is not to be done; errno says why. */
static bool sim_refused(simdisk *d) {
    if (d->dead) {
        errno = EIO;
        return true;
    }
    if (++d->calls != d->fail_at || d->fault == SIM_NONE || d->fault == SIM_SHORT ||
        d->fault == SIM_TORN_KILL)
        return false;
    d->hit++;
    if (d->fault == SIM_KILL) d->dead = true;
    errno = d->fault == SIM_ENOSPC ? ENOSPC : d->fault == SIM_EINTR ? EINTR : EIO;
    return true;
}

static void sim_tell(simdisk *d) {
    if (d->changed && !d->dead) d->changed(d, d->ctx);
}

/* ---- The calls ------------------------------------------------------------------------------------------*/

static int sim_open(void *ctx, const char *path, int flags, unsigned mode) {
    simdisk *d = ctx;
    int parent;
    const char *last;
    (void)mode;
    if (sim_refused(d)) return -1;
    int node = sim_walk(d, path, &parent, &last);
    if (node < 0 && (!(flags & O_CREAT) || !last)) return -1;
    if (node >= 0 && (flags & O_EXCL)) {
        errno = EEXIST;
        return -1;
    }
    if (node < 0) {
        node = sim_new(d, false);
        d->nodes[node].dirty = true;
        sim_link(d, parent, last, node);
    }
    if (flags & O_TRUNC) {
        sim_drop(d->nodes[node].seen);
        d->nodes[node].seen = NULL;
        d->nodes[node].dirty = true;
    }
    for (int fd = 0; fd < SIM_FDS; fd++) {
        if (d->fds[fd] >= 0) continue;
        d->fds[fd] = node;
        sim_tell(d);
        return fd;
    }
    abort();
}

static int sim_close(void *ctx, int fd) {
    simdisk *d = ctx;
    bool refused = sim_refused(d);
    if (d->fds[fd] >= 0 && d->nodes[d->fds[fd]].locked) d->nodes[d->fds[fd]].locked = false;
    d->fds[fd] = -1; /* gone, whatever close says */
    return refused ? -1 : 0;
}

static long sim_read(void *ctx, int fd, void *bytes, size_t n, int64_t offset) {
    simdisk *d = ctx;
    if (sim_refused(d)) return -1;
    const sim_node *f = &d->nodes[d->fds[fd]];
    if ((size_t)offset >= sim_length(f->seen)) return 0;
    size_t left = f->seen->n - (size_t)offset;
    if (n > left) n = left;
    if (d->calls == d->fail_at && d->fault == SIM_SHORT && n > 1) d->hit++, n /= 2;
    memcpy(bytes, f->seen->p + offset, n);
    return (long)n;
}

static void sim_grow(sim_node *f, size_t n) {
    size_t now = sim_length(f->seen);
    f->seen = sim_own(f->seen, n > now ? n : now);
    f->dirty = true;
}

static long sim_write(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    simdisk *d = ctx;
    if (sim_refused(d)) return -1;
    bool cut = d->calls == d->fail_at && (d->fault == SIM_SHORT || d->fault == SIM_TORN_KILL) && n > 1;
    if (cut) d->hit++, n /= 2;
    sim_node *f = &d->nodes[d->fds[fd]];
    sim_grow(f, (size_t)offset + n);
    memcpy(f->seen->p + offset, bytes, n);
    sim_tell(d);
    if (cut && d->fault == SIM_TORN_KILL) d->dead = true;
    return (long)n;
}

static int64_t sim_size(void *ctx, int fd) {
    simdisk *d = ctx;
    if (sim_refused(d)) return -1;
    if (d->nodes[d->fds[fd]].folder) {
        errno = EISDIR;
        return -1;
    }
    return (int64_t)sim_length(d->nodes[d->fds[fd]].seen);
}

static int sim_allocate(void *ctx, int fd, int64_t size) {
    simdisk *d = ctx;
    if (sim_refused(d)) return -1;
    sim_grow(&d->nodes[d->fds[fd]], (size_t)size);
    return 0;
}

static void sim_keep(sim_node *f) {
    if (f->folder) {
        sim_free_names(f->kept_names, f->kept_name_count);
        f->kept_names = sim_copy_names(f->names, f->name_count);
        f->kept_name_count = f->name_count;
    } else if (f->dirty) {
        sim_drop(f->kept);
        f->kept = sim_hold(f->seen);
    }
    f->dirty = false;
}

static int sim_fsync(void *ctx, int fd) {
    simdisk *d = ctx;
    sim_node *f = &d->nodes[d->fds[fd]];
    bool was_dead = d->dead;
    if (sim_refused(d)) {
        if (!was_dead && d->fault != SIM_EINTR) f->dirty = false;
        return -1;
    }
    sim_keep(f);
    return 0;
}

static int sim_lock(void *ctx, int fd) {
    simdisk *d = ctx;
    if (sim_refused(d)) return -1;
    sim_node *f = &d->nodes[d->fds[fd]];
    if (f->locked) {
        errno = EWOULDBLOCK;
        return -1;
    }
    f->locked = true;
    return 0;
}

static int sim_rename(void *ctx, const char *from, const char *to) {
    simdisk *d = ctx;
    int parent, to_parent;
    const char *last, *to_last;
    if (sim_refused(d)) return -1;
    int node = sim_walk(d, from, &parent, &last);
    if (node < 0) return -1;
    if (sim_walk(d, to, &to_parent, &to_last) < 0 && !to_last) return -1;
    char name[256], to_name[256];
    snprintf(name, sizeof name, "%s", last);
    snprintf(to_name, sizeof to_name, "%s", to_last);
    sim_unlink(d, parent, name);
    sim_link(d, to_parent, to_name, node);
    sim_tell(d);
    return 0;
}

static int sim_remove(void *ctx, const char *path) {
    simdisk *d = ctx;
    int parent;
    const char *last;
    if (sim_refused(d)) return -1;
    int node = sim_walk(d, path, &parent, &last);
    if (node < 0) return -1;
    if (d->nodes[node].folder && d->nodes[node].name_count) {
        errno = ENOTEMPTY;
        return -1;
    }
    sim_unlink(d, parent, last);
    sim_tell(d);
    return 0;
}

static int sim_mkdir(void *ctx, const char *path, unsigned mode) {
    simdisk *d = ctx;
    int parent;
    const char *last;
    (void)mode;
    if (sim_refused(d)) return -1;
    if (sim_walk(d, path, &parent, &last) >= 0) {
        errno = EEXIST;
        return -1;
    }
    if (!last) return -1;
    int node = sim_new(d, true);
    sim_link(d, parent, last, node);
    sim_tell(d);
    return 0;
}

static int sim_list(void *ctx, const char *path, void (*each)(void *to, const char *name, bool is_folder),
                    void *to) {
    simdisk *d = ctx;
    int parent;
    const char *last;
    if (sim_refused(d)) return -1;
    int node = sim_walk(d, path, &parent, &last);
    if (node < 0) return -1;
    if (!d->nodes[node].folder) {
        errno = ENOTDIR;
        return -1;
    }
    const sim_node *f = &d->nodes[node];
    for (size_t i = 0; i < f->name_count; i++) each(to, f->names[i].name, d->nodes[f->names[i].node].folder);
    return 0;
}

static void sim_pause(void *ctx, unsigned milliseconds) {
    (void)ctx, (void)milliseconds;
}

/* ---- Disks ----------------------------------------------------------------------------------------------*/

__attribute__((unused)) static void simdisk_open(simdisk *d) {
    memset(d, 0, sizeof *d);
    d->nodes = calloc(SIM_NODES, sizeof *d->nodes);
    if (!d->nodes) abort();
    d->nodes[0] = (sim_node){.used = true, .folder = true};
    for (int i = 0; i < SIM_FDS; i++) d->fds[i] = -1;
    d->os =
        (kd_os){sim_open, sim_close,  sim_read,   sim_write, sim_size,   sim_allocate, sim_fsync, sim_fsync,
                sim_lock, sim_rename, sim_remove, sim_mkdir, sim_remove, sim_list,     sim_pause, d};
}

__attribute__((unused)) static void simdisk_close(simdisk *d) {
    for (int i = 0; i < SIM_NODES; i++) sim_free_node(&d->nodes[i]);
    free(d->nodes);
}

/* A disk with the same files; no call of it is refused and nothing of it is open. */
__attribute__((unused)) static void simdisk_copy(simdisk *to, const simdisk *from) {
    simdisk_open(to);
    for (int i = 0; i < SIM_NODES; i++) {
        const sim_node *n = &from->nodes[i];
        if (!n->used) continue;
        to->nodes[i] = *n;
        to->nodes[i].locked = false;
        sim_hold(n->seen);
        sim_hold(n->kept);
        to->nodes[i].names = sim_copy_names(n->names, n->name_count);
        to->nodes[i].kept_names = sim_copy_names(n->kept_names, n->kept_name_count);
    }
}

/* Its processes end, its files stay as programs saw them. */
__attribute__((unused)) static void simdisk_kill(simdisk *d) {
    for (int i = 0; i < SIM_FDS; i++) d->fds[i] = -1;
    for (int i = 0; i < SIM_NODES; i++) d->nodes[i].locked = false;
    d->dead = false;
    d->fail_at = 0;
    d->fault = SIM_NONE;
}

static uint64_t sim_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* What was not made durable, of one file: gone, or there, or half there with zeros behind it. */
static void sim_lose_bytes(sim_node *f, uint64_t *seed) {
    unsigned fate = seed && f->dirty ? (unsigned)(sim_random(seed) % 3) : 0;
    if (fate == 1) {
        sim_keep(f);
    } else if (fate == 2) {
        size_t n = sim_length(f->seen), half = (size_t)(sim_random(seed) % (n + 1));
        f->kept = sim_own(f->kept, n);
        if (half) memcpy(f->kept->p, f->seen->p, half);
    }
    sim_drop(f->seen);
    f->seen = sim_hold(f->kept);
    f->dirty = false;
}

static int sim_kept_in(const sim_node *f, const char *name) {
    for (size_t i = 0; i < f->kept_name_count; i++) {
        if (strcmp(f->kept_names[i].name, name) == 0) return (int)i;
    }
    return -1;
}

/* Each changed name of a folder is as it was or as it became. */
static void sim_lose_names(simdisk *d, int folder, uint64_t *seed) {
    sim_node *f = &d->nodes[folder];
    sim_node after = {.folder = true,
                      .names = sim_copy_names(f->kept_names, f->kept_name_count),
                      .name_count = f->kept_name_count};
    sim_node was = d->nodes[folder];
    d->nodes[folder] = after;
    for (size_t i = 0; seed && i < was.name_count; i++) {
        int kept = sim_kept_in(&was, was.names[i].name);
        bool same = kept >= 0 && was.kept_names[kept].node == was.names[i].node;
        if (!same && sim_random(seed) % 2) sim_link(d, folder, was.names[i].name, was.names[i].node);
    }
    for (size_t i = 0; seed && i < was.kept_name_count; i++) {
        if (sim_in(&was, was.kept_names[i].name, strlen(was.kept_names[i].name)) < 0 && sim_random(seed) % 2)
            sim_unlink(d, folder, was.kept_names[i].name);
    }
    sim_node *now = &d->nodes[folder];
    now->used = true;
    sim_free_names(was.names, was.name_count);
    sim_free_names(was.kept_names, was.kept_name_count);
    now->kept_names = sim_copy_names(now->names, now->name_count);
    now->kept_name_count = now->name_count;
}

/* The power goes. Without a seed all that was not made durable is gone; with one, any part of it may be
 * there. */
__attribute__((unused)) static void simdisk_power_cut(simdisk *d, uint64_t *seed) {
    simdisk_kill(d);
    for (int i = 0; i < SIM_NODES; i++) {
        if (!d->nodes[i].used) continue;
        if (d->nodes[i].folder)
            sim_lose_names(d, i, seed);
        else
            sim_lose_bytes(&d->nodes[i], seed);
    }
}

#endif

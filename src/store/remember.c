/* remember.c: the file that remembers which signatures were found good. */
#include "store/remember.h"
#include "store/files.h"
#include <fcntl.h>
#include <string.h>

#define FILE_MAX_BYTES 65536
#define HEADER         "kadesh.verified/1"

void remember_keys(const kd_crypto *crypto, const entry_check *c, kd_digest *out) {
    kd_digest sum = {{0}};
    for (size_t i = 0; i < c->statement_key_count; i++) {
        const kd_vkey *k = &c->statement_keys[i];
        const kd_str pieces[] = {{(const char *)sum.b, sizeof sum.b},
                                 {(const char *)k->id, sizeof k->id},
                                 {(const char *)k->key, sizeof k->key},
                                 k->name};
        crypto->sha256(crypto->ctx, pieces, sizeof pieces / sizeof *pieces, out->b);
        sum = *out;
    }
    *out = sum;
}

static kd_status path_of(const kd_folder *f, char out[KD_PATH_MAX_BYTES]) {
    return kd_path_join(out, f->path, ".kadesh/verified", NULL);
}

/* "US 184 ROOT KEYS" */
static bool read_line(kd_str line, kd_str *party, remembered *out) {
    kd_str words[4];
    for (size_t i = 0; i < 4; i++) {
        const char *blank = line.n ? memchr(line.p, ' ', line.n) : NULL;
        size_t n = blank ? (size_t)(blank - line.p) : line.n;
        words[i] = (kd_str){line.p, n};
        line.p += n + (blank != NULL);
        line.n -= n + (blank != NULL);
        if (!blank && i < 3) return false;
    }
    *party = words[0];
    return line.n == 0 && kd_decimal(words[1], &out->size) && kd_digest_parse(words[2], &out->root) &&
           kd_digest_parse(words[3], &out->keys);
}

void remember_read(const kd_folder *f, const kd_str *parties, size_t count, remembered *out) {
    memset(out, 0, count * sizeof *out);
    char path[KD_PATH_MAX_BYTES];
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_str file, line, party;
    if (!path_of(f, path) && !kd_read_file(f->os, path, FILE_MAX_BYTES, &arena, &file, NULL)) {
        kd_cursor c = kd_cursor_of(file.p, file.n);
        bool good = kd_cursor_line(&c, &line) && kd_str_is(line, HEADER);
        while (good && kd_cursor_line(&c, &line)) {
            remembered r;
            if (!read_line(line, &party, &r)) break;
            for (size_t i = 0; i < count; i++) {
                if (kd_str_equal(parties[i], party)) out[i] = r;
            }
        }
    }
    kd_arena_close(&arena);
}

void remember_write(const kd_folder *f, const kd_str *parties, size_t count, const remembered *all) {
    char path[KD_PATH_MAX_BYTES], temp[KD_PATH_MAX_BYTES], folder[KD_PATH_MAX_BYTES];
    if (path_of(f, path) || kd_path_join(temp, f->path, ".kadesh/verified.new", NULL) ||
        kd_path_join(folder, f->path, ".kadesh", NULL))
        return;
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_text_puts(&t, HEADER "\n");
    for (size_t i = 0; i < count; i++) {
        if (!all[i].size) continue;
        kd_text_printf(&t, "%.*s %lld ", KD_STR_ARGS(parties[i]), (long long)all[i].size);
        kd_base64_put(&t, all[i].root.b, sizeof all[i].root.b);
        kd_text_putc(&t, ' ');
        kd_base64_put(&t, all[i].keys.b, sizeof all[i].keys.b);
        kd_text_putc(&t, '\n');
    }
    /* No fsync: what a power cut leaves of it is read as nothing, or as a root that no book has. */
    f->os->mkdir(f->os->ctx, folder, 0777);
    int fd = t.failed ? -1 : kd_open_retry(f->os, temp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd >= 0) {
        kd_status s = kd_write_all(f->os, fd, temp, kd_text_str(&t), 0, NULL);
        f->os->close(f->os->ctx, fd);
        if (s || f->os->rename(f->os->ctx, temp, path) != 0) f->os->unlink(f->os->ctx, temp);
    }
    kd_text_close(&t);
}

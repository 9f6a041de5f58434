/* journal.c: the journal's records, in and out. */
#include "store/journal.h"
#include "store/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define HEADER       "kadesh.journal/1"
#define HEADER_BYTES ((int64_t)sizeof(HEADER) - 1)
#define MAGIC        "KJ01"
#define PREFIX_BYTES 9 /* magic, kind, length */
#define SUM_BYTES    32

/* ---- Writing --------------------------------------------------------------------------------------------*/

static void put_be(kd_text *out, uint64_t value, unsigned bytes) {
    while (bytes--) kd_text_putc(out, (char)(unsigned char)(value >> (8 * bytes)));
}

void journal_begin(kd_text *out, int64_t old_size, const kd_digest *old_root, uint32_t count) {
    kd_text_puts(out, MAGIC "A");
    put_be(out, 0, 4); /* set by journal_end */
    put_be(out, (uint64_t)old_size, 8);
    kd_text_put(out, (kd_str){(const char *)old_root->b, sizeof old_root->b});
    put_be(out, count, 4);
}

kd_status journal_entry(kd_text *out, kd_str entry, kd_error *e) {
    return kd_bundle_put(out, entry, e);
}

static void put_sum(kd_text *out, const kd_crypto *crypto, size_t from) {
    unsigned char sum[SUM_BYTES];
    if (out->failed) return;
    const kd_str all = {out->p + from, out->n - from};
    crypto->sha256(crypto->ctx, &all, 1, sum);
    kd_text_put(out, (kd_str){(const char *)sum, sizeof sum});
}

void journal_end(kd_text *out, const kd_crypto *crypto, kd_str head) {
    put_be(out, head.n, 4);
    kd_text_put(out, head);
    if (out->failed) return;
    uint64_t body = out->n - PREFIX_BYTES;
    for (unsigned i = 0; i < 4; i++) out->p[5 + i] = (char)(unsigned char)(body >> (24 - 8 * i));
    put_sum(out, crypto, 0);
}

void journal_mark(kd_text *out, const kd_crypto *crypto, int64_t size) {
    size_t from = out->n;
    kd_text_puts(out, MAGIC "P");
    put_be(out, 8, 4);
    put_be(out, (uint64_t)size, 8);
    put_sum(out, crypto, from);
}

kd_status journal_fresh(const kd_os *os, const char *path, const journal_record *records, size_t count,
                        int64_t room, int *fd, int64_t *end, int64_t *capacity, kd_error *e) {
    char temp[KD_PATH_MAX_BYTES], folder[KD_PATH_MAX_BYTES];
    int n = snprintf(temp, sizeof temp, "%s.new", path);
    if (n < 0 || n >= KD_PATH_MAX_BYTES)
        return kd_fail(e, KD_USAGE, "path_too_long", "the path %s is too long", path);
    kd_status s = kd_parent(folder, path, e);
    if (s) return s;
    int64_t at = HEADER_BYTES;
    for (size_t i = 0; i < count; i++) at += (int64_t)records[i].bytes.n;
    *capacity = at + room < JOURNAL_LEAST_BYTES ? JOURNAL_LEAST_BYTES : at + room;
    *fd = kd_open_retry(os, temp, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (*fd < 0) return kd_system_fail(e, "create", temp);
    int failed;
    do failed = os->allocate(os->ctx, *fd, *capacity);
    while (failed && errno == EINTR);
    if (failed) s = kd_system_fail(e, "reserve room for", temp);
    if (!s) s = kd_write_all(os, *fd, temp, KD_STR(HEADER), 0, e);
    at = HEADER_BYTES;
    for (size_t i = 0; !s && i < count; i++) {
        s = kd_write_all(os, *fd, temp, records[i].bytes, at, e);
        at += (int64_t)records[i].bytes.n;
    }
    if (!s) {
        do failed = os->fsync(os->ctx, *fd);
        while (failed && errno == EINTR);
        if (failed) s = kd_system_fail(e, "make durable", temp);
    }
    if (!s && os->rename(os->ctx, temp, path) != 0) s = kd_system_fail(e, "rename", temp);
    if (!s) s = kd_folder_sync(os, folder, e);
    *end = at;
    if (!s) return KD_OK;
    os->close(os->ctx, *fd);
    os->unlink(os->ctx, temp);
    *fd = -1;
    return s;
}

/* ---- Reading --------------------------------------------------------------------------------------------*/

static bool read_append(kd_str body, journal_record *r) {
    kd_cursor c = kd_cursor_of(body.p, body.n);
    uint64_t old_size = kd_cursor_u64(&c);
    kd_str root = kd_cursor_bytes(&c, sizeof r->old_root.b);
    r->count = kd_cursor_u32(&c);
    if (c.short_read || old_size > INT64_MAX - UINT32_MAX || r->count == 0) return false;
    memcpy(r->old_root.b, root.p, sizeof r->old_root.b);
    const char *first = (const char *)c.p;
    for (uint32_t i = 0; i < r->count && !c.short_read; i++) kd_cursor_bytes(&c, kd_cursor_u16(&c));
    r->entries = (kd_str){first, (size_t)((const char *)c.p - first)};
    r->head = kd_cursor_bytes(&c, kd_cursor_u32(&c));
    r->old_size = (int64_t)old_size;
    r->new_size = r->old_size + r->count;
    return !c.short_read && kd_cursor_left(&c) == 0;
}

typedef struct scan {
    const kd_crypto *crypto;
    kd_arena *arena;
    journal_read *out;
    size_t room;
} scan;

static kd_status add_record(scan *sc, const journal_record *r, kd_error *e) {
    journal_read *out = sc->out;
    if (out->count == sc->room) {
        size_t room = sc->room ? 2 * sc->room : 16;
        journal_record *all = kd_arena_array(sc->arena, room, sizeof *all);
        if (!all) return kd_fail_nomem(e);
        if (out->count) memcpy(all, out->records, out->count * sizeof *all);
        out->records = all;
        sc->room = room;
    }
    out->records[out->count++] = *r;
    return KD_OK;
}

/* One record at the beginning of `left`; *bytes is its length, 0 when there is none that holds. */
static kd_status scan_one(scan *sc, kd_str left, size_t *bytes, kd_error *e) {
    *bytes = 0;
    kd_cursor c = kd_cursor_of(left.p, left.n);
    kd_str magic = kd_cursor_bytes(&c, 4), kind = kd_cursor_bytes(&c, 1);
    uint32_t length = kd_cursor_u32(&c);
    kd_str body = kd_cursor_bytes(&c, length), sum = kd_cursor_bytes(&c, SUM_BYTES);
    if (c.short_read || !kd_str_is(magic, MAGIC)) return KD_OK;
    unsigned char own[SUM_BYTES];
    const kd_str summed = {left.p, PREFIX_BYTES + body.n};
    sc->crypto->sha256(sc->crypto->ctx, &summed, 1, own);
    if (memcmp(own, sum.p, sizeof own) != 0) return KD_OK;
    size_t whole = PREFIX_BYTES + body.n + SUM_BYTES;
    journal_read *out = sc->out;
    if (kd_str_is(kind, "P") && body.n == 8) {
        kd_cursor b = kd_cursor_of(body.p, body.n);
        out->marked = (int64_t)(kd_cursor_u64(&b) & INT64_MAX);
        out->unmarked = out->count;
        *bytes = whole;
        return KD_OK;
    }
    journal_record r = {.bytes = {left.p, whole}};
    if (!kd_str_is(kind, "A") || !read_append(body, &r)) return KD_OK;
    if (out->count && out->records[out->count - 1].new_size != r.old_size) return KD_OK;
    *bytes = whole;
    return add_record(sc, &r, e);
}

/* Each byte equals the one after it, and the first is zero. */
static bool only_zeros(kd_str s) {
    return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

kd_status journal_load(const kd_os *os, const kd_crypto *crypto, const char *path, kd_arena *arena,
                       journal_read *out, kd_error *e) {
    *out = (journal_read){.marked = -1};
    kd_error here = {0};
    kd_str file;
    kd_status s = kd_read_file(os, path, (size_t)2 * JOURNAL_RECORD_BYTES, arena, &file, &here);
    if (s == KD_SYSTEM && strcmp(here.reason, "absent") == 0) return KD_OK;
    if (s) {
        if (e) *e = here;
        return s;
    }
    out->present = true;
    out->capacity = (int64_t)file.n;
    if (!kd_str_starts(file, HEADER)) {
        kd_fail(e, KD_FAILED, "damaged", "this is no journal: it does not begin as one");
        kd_error_place(e, path, 0, 0);
        return KD_FAILED;
    }
    scan sc = {crypto, arena, out, 0};
    size_t at = (size_t)HEADER_BYTES, bytes = 0;
    do {
        s = scan_one(&sc, (kd_str){file.p + at, file.n - at}, &bytes, e);
        at += bytes;
    } while (!s && bytes);
    out->end = (int64_t)at;
    out->torn = !only_zeros((kd_str){file.p + at, file.n - at});
    return s;
}

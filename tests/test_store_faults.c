/* test_store_faults.c: every call that an append makes of the system is killed, refused, cut short or
 * forgotten; after each, no acknowledged entry is lost, no two heads of one size were ever seen, and the
 * whole book verifies. */
#include "kdtest.h"
#include "simdisk.h"
#include "store/crypto.h"
#include "store/reader.h"

enum { MOST = 400, ENTRY_ROOM = 30016 };

static kd_crypto crypto;
static kd_keyring keys;

/* What the world outside has been told or shown. */
typedef struct world {
    kd_digest root[MOST];
    bool shown[MOST];     /* a head of this size was in books/ */
    bool two_heads;       /* ... and then another of the same size */
    int64_t acknowledged; /* entries that an append returned for */
    int64_t attempted;    /* ... and that it was asked for */
    char last[512];       /* checkpoint, as last seen */
    size_t last_n;
} world;

/* A scenario is a run of appends: sizes of batches, a 0 is a publish. */
typedef struct scenario {
    const char *name;
    int before;    /* entries in the book at first */
    int steps[12]; /* ends with -1 */
    size_t entry_bytes;
} scenario;

static const scenario scenarios[] = {
    {"a new book, four lone appends", 0, {1, 0, 1, 1, 0, 1, -1}, 200},
    {"appends that fill a tile", 254, {1, 0, 1, 0, 1, -1}, 60},
    {"a batch over the end of a tile", 250, {9, -1}, 60},
    {"large entries that fill the journal", 0, {5, 4, 1, -1}, 30000},
};

static const char *entry_at(int64_t index, size_t bytes, char *out) {
    int n = snprintf(out, ENTRY_ROOM, "entry %lld ", (long long)index);
    memset(out + n, 'a' + (int)(index % 26), bytes - (size_t)n);
    return out;
}

/* ---- What is seen ---------------------------------------------------------------------------------------*/

static void see_checkpoint(simdisk *d, void *ctx) {
    world *w = ctx;
    int parent;
    const char *last;
    int saved = errno, node = sim_walk(d, "r/books/US/checkpoint", &parent, &last);
    errno = saved;
    if (node < 0) return;
    const sim_node *f = &d->nodes[node];
    kd_str seen = {f->seen ? f->seen->p : "", sim_length(f->seen)};
    if (seen.n == w->last_n && memcmp(seen.p, w->last, w->last_n) == 0) return;
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_head head;
    const kd_vkey *own = &keys.signers[KD_FOR_HEADS].public_key;
    if (kd_head_open(&arena, &crypto, seen, own, 1, own->name, &head, NULL) == KD_OK && head.at.size < MOST &&
        seen.n < sizeof w->last) {
        int64_t size = head.at.size;
        if (w->shown[size] && !kd_digest_equal(&w->root[size], &head.at.root)) w->two_heads = true;
        w->shown[size] = true;
        w->root[size] = head.at.root;
        memcpy(w->last, seen.p, seen.n);
        w->last_n = seen.n;
    } else {
        w->two_heads = true; /* a head that is none must never be seen */
    }
    kd_arena_close(&arena);
}

/* ---- Running --------------------------------------------------------------------------------------------*/

/* Runs the scenario until it ends or fails, as one process would. */
static kd_status run_scenario(simdisk *d, const scenario *s, bool create, world *w, kd_error *e) {
    kd_writer *writer = NULL;
    static char rooms[12][ENTRY_ROOM];
    const kd_writer_options o = {.create = create};
    kd_status status = kd_writer_open(&d->os, &crypto, &kd_allocator_libc, "r", &keys, &o, &writer, e);
    for (int i = 0; !status && s->steps[i] >= 0; i++) {
        kd_str views[12];
        int64_t first = -1;
        if (s->steps[i] == 0) {
            status = kd_writer_publish(writer, e);
            continue;
        }
        for (int j = 0; j < s->steps[i]; j++)
            views[j] = (kd_str){entry_at(w->acknowledged + j, s->entry_bytes, rooms[j]), s->entry_bytes};
        w->attempted = w->acknowledged + s->steps[i];
        status = kd_writer_append(writer, views, (size_t)s->steps[i], &first, e);
        /* One who tries again after a failure is refused, or what is acknowledged then holds too. */
        if (status && !kd_writer_append(writer, views, (size_t)s->steps[i], &first, NULL)) {
            w->acknowledged += s->steps[i];
            w->attempted = w->acknowledged;
        }
        if (!status && first != w->acknowledged) w->two_heads = true;
        if (!status) w->acknowledged += s->steps[i];
    }
    kd_status closed = kd_writer_close(writer, status ? NULL : e);
    return status ? status : closed;
}

static kd_status fill(simdisk *d, const scenario *s, world *w) {
    kd_writer *writer = NULL;
    char room[ENTRY_ROOM];
    const kd_writer_options o = {.create = true};
    kd_status status = kd_writer_open(&d->os, &crypto, &kd_allocator_libc, "r", &keys, &o, &writer, NULL);
    for (int i = 0; !status && i < s->before; i++) {
        int64_t first;
        kd_str view = {entry_at(i, s->entry_bytes, room), s->entry_bytes};
        status = kd_writer_append(writer, &view, 1, &first, NULL);
        if (i == s->before / 2 && !status) status = kd_writer_publish(writer, NULL);
        w->acknowledged = w->attempted = i + 1;
    }
    kd_status closed = kd_writer_close(writer, NULL);
    return status ? status : closed;
}

/* ---- Checking -------------------------------------------------------------------------------------------*/

typedef struct expected {
    const scenario *s;
    const world *w;
    kd_frontier tree;
    bool wrong;
} expected;

static kd_status check_entry(void *ctx, int64_t index, kd_str bytes, const kd_digest *leaf, kd_error *e) {
    expected *x = ctx;
    char room[ENTRY_ROOM];
    (void)e;
    kd_str want = {entry_at(index, x->s->entry_bytes, room), x->s->entry_bytes};
    if (!kd_str_equal(bytes, want)) x->wrong = true;
    kd_frontier_add(&crypto, &x->tree, leaf);
    if (x->w->shown[index + 1]) {
        kd_digest root;
        kd_frontier_root(&crypto, &x->tree, &root);
        if (!kd_digest_equal(&root, &x->w->root[index + 1])) x->wrong = true;
    }
    return KD_OK;
}

/* The book as a reader sees it: -1 when there is none, its size when it verifies and continues every head
 * that was shown, -2 when it does not. */
static int64_t book_size(simdisk *d, const scenario *s, const world *w, kd_error *e) {
    disk_reader disk;
    disk_reader_open(&disk, &d->os, "r/books/US", &kd_allocator_libc, NULL);
    expected x = {.s = s, .w = w};
    kd_frontier_open(&x.tree);
    const kd_vkey *own = &keys.signers[KD_FOR_HEADS].public_key;
    const kd_book_check check = {.crypto = &crypto,
                                 .reader = disk_reader_table(&disk),
                                 .origin = own->name,
                                 .keys = own,
                                 .key_count = 1,
                                 .entry = check_entry,
                                 .ctx = &x};
    kd_book_report report;
    kd_status status = kd_book_verify(&check, &report, e);
    disk_reader_close(&disk);
    if (status == KD_FAILED && strcmp(e->reason, "absent") == 0 &&
        strcmp(report.fault_path, "checkpoint") == 0)
        return -1;
    return status || x.wrong ? -2 : report.size;
}

/* Opens the book again as a new process would, and looks at what came of it. */
static bool recovers(simdisk *d, const scenario *s, world *w, const char *how, long call) {
    kd_error e = {0};
    kd_writer *writer = NULL;
    int64_t seen = book_size(d, s, w, &e);
    bool good = kdtest_claim(seen != -2, "%s, call %ld, %s: readers never see a broken book: %s: %s", s->name,
                             call, how, e.file, e.message);
    kd_writer_options o = {0};
    d->changed = see_checkpoint;
    d->ctx = w;
    kd_status status = kd_writer_open(&d->os, &crypto, &kd_allocator_libc, "r", &keys, &o, &writer, &e);
    if (status == KD_USAGE && w->acknowledged == 0) { /* nothing ever was: it may be begun */
        o.create = true;
        status = kd_writer_open(&d->os, &crypto, &kd_allocator_libc, "r", &keys, &o, &writer, &e);
    }
    good = kdtest_claim(status == KD_OK, "%s, call %ld, %s: the book opens again: %s: %s", s->name, call, how,
                        e.file, e.message) &&
           good;
    if (status) return false;
    int64_t size = kd_writer_size(writer);
    good = kdtest_claim(size >= w->acknowledged && size <= w->attempted,
                        "%s, call %ld, %s: nothing acknowledged is lost: %lld of %lld entries", s->name, call,
                        how, (long long)size, (long long)w->acknowledged) &&
           good;
    char room[ENTRY_ROOM];
    kd_str view = {entry_at(size, s->entry_bytes, room), s->entry_bytes};
    int64_t first = -1;
    status = kd_writer_append(writer, &view, 1, &first, &e);
    kd_status closed = kd_writer_close(writer, &e);
    good = kdtest_claim(!status && !closed && first == size, "%s, call %ld, %s: it goes on: %s", s->name,
                        call, how, e.message) &&
           good;
    int64_t after = book_size(d, s, w, &e);
    good = kdtest_claim(after == size + 1, "%s, call %ld, %s: the whole book verifies: %lld, %s: %s", s->name,
                        call, how, (long long)after, e.file, e.message) &&
           good;
    return kdtest_claim(!w->two_heads, "%s, call %ld, %s: no two heads of one size, no index twice", s->name,
                        call, how) &&
           good;
}

/* ---- The tables -----------------------------------------------------------------------------------------*/

typedef struct crash {
    const char *name;
    sim_fault fault;
    bool power, partly;
    bool may_go_on; /* the run may end well all the same */
} crash;

static const crash crashes[] = {
    {"killed", SIM_KILL, false, false, false},
    {"killed in the middle of a write", SIM_TORN_KILL, false, false, false},
    {"power cut, all that was not durable is gone", SIM_KILL, true, false, false},
    {"power cut, some of it is there", SIM_KILL, true, true, false},
    {"power cut in the middle of a write", SIM_TORN_KILL, true, true, false},
    {"EIO, then killed", SIM_EIO, false, false, true},
    {"EIO, then a power cut", SIM_EIO, true, true, true},
    {"ENOSPC, then a power cut", SIM_ENOSPC, true, true, true},
    {"EINTR", SIM_EINTR, false, false, true},
    {"a short read or write", SIM_SHORT, false, false, true},
};

static void settle(simdisk *d, const crash *c, uint64_t *seed) {
    if (c->power)
        simdisk_power_cut(d, c->partly ? seed : NULL);
    else
        simdisk_kill(d);
}

static bool one_crash(const simdisk *base, const world *before, const scenario *s, const crash *c, long call,
                      uint64_t *seed) {
    simdisk d;
    static world w;
    kd_error e = {0};
    simdisk_copy(&d, base);
    w = *before;
    d.changed = see_checkpoint;
    d.ctx = &w;
    d.fail_at = call;
    d.fault = c->fault;
    kd_status status = run_scenario(&d, s, s->before == 0, &w, &e);
    bool good = true;
    if (c->fault == SIM_EINTR || c->fault == SIM_SHORT) {
        bool only_lists =
            status == KD_SYSTEM && c->fault == SIM_EINTR; /* not every call is retried, but none may lie */
        good = kdtest_claim(status == KD_OK || only_lists, "%s, call %ld, %s: it is no error: %s", s->name,
                            call, c->name, e.message);
    }
    settle(&d, c, seed);
    good = recovers(&d, s, &w, c->name, call) && good;
    simdisk_close(&d);
    return good;
}

/* A crash in the middle of the recovery from a crash. */
static bool two_crashes(const simdisk *base, const world *before, const scenario *s, long call,
                        uint64_t *seed) {
    simdisk d;
    static world w;
    kd_error e = {0};
    kd_writer *writer = NULL;
    const kd_writer_options o = {0};
    simdisk_copy(&d, base);
    w = *before;
    d.changed = see_checkpoint;
    d.ctx = &w;
    d.fail_at = call;
    d.fault = SIM_KILL;
    run_scenario(&d, s, s->before == 0, &w, &e);
    simdisk_power_cut(&d, seed);
    d.calls = 0;
    d.fail_at = 1 + (long)(sim_random(seed) % 60);
    d.fault = sim_random(seed) % 2 ? SIM_KILL : SIM_EIO;
    kd_writer_open(&d.os, &crypto, &kd_allocator_libc, "r", &keys, &o, &writer, &e);
    kd_writer_close(writer, NULL);
    simdisk_power_cut(&d, sim_random(seed) % 2 ? seed : NULL);
    bool good = recovers(&d, s, &w, "two crashes", call);
    simdisk_close(&d);
    return good;
}

static void run_table(const scenario *s) {
    simdisk base, d;
    static world before, w;
    kd_error e = {0};
    uint64_t seed = 0x9e3779b97f4a7c15u;
    simdisk_open(&base);
    memset(&before, 0, sizeof before);
    sim_mkdir(&base, "r", 0);
    sim_keep(&base.nodes[0]);
    if (s->before) {
        base.changed = see_checkpoint;
        base.ctx = &before;
        kdtest_claim(fill(&base, s, &before) == KD_OK, "%s: filled", s->name);
        base.changed = NULL;
    }
    simdisk_copy(&d, &base);
    w = before;
    d.changed = see_checkpoint;
    d.ctx = &w;
    kdtest_claim(run_scenario(&d, s, s->before == 0, &w, &e) == KD_OK, "%s: runs through: %s", s->name,
                 e.message);
    long calls = d.calls;
    simdisk_close(&d);
    bool good = true;
    for (size_t c = 0; c < sizeof crashes / sizeof *crashes; c++) {
        for (long call = 1; call <= calls && good; call++)
            good = one_crash(&base, &before, s, &crashes[c], call, &seed);
    }
    for (long call = 1; call <= calls && good; call++) good = two_crashes(&base, &before, s, call, &seed);
    printf("  %s: %ld calls, each with %zu faults\n", s->name, calls, sizeof crashes / sizeof *crashes + 1);
    simdisk_close(&base);
}

int main(void) {
    if (kd_crypto_sodium(&crypto, NULL)) return 1;
    if (kd_keyring_make(&crypto, KD_STR("US"), KD_STR("us.example"), "faults", &keys, NULL)) return 1;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) run_table(&scenarios[i]);
    return kdtest_end("test_store_faults");
}

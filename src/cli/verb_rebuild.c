/* verb_rebuild.c: makes the books of a reconstruction anew from its tables. */
#include "cli/load.h"
#include "cli/passphrase.h"
#include "cli/roster.h"
#include "store/crypto.h"
#include "store/facts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define WORKSHOP ".rebuild"

typedef struct rebuild {
    kd_call *call;
    kd_loaded loaded;
    kd_facts facts;
    kd_roster roster;
    kd_keyring *rings; /* by Party */
    int64_t *sizes;
    char workshop[KD_PATH_MAX_BYTES];
    int *locks;
} rebuild;

/* ---- What it is made of ---------------------------------------------------------------------------------*/

static kd_status read_keys(rebuild *r) {
    kd_call *call = r->call;
    kd_error *e = &call->error;
    const kd_treaty *t = r->loaded.treaty;
    kd_public_key *keys = NULL;
    kd_status s =
        kd_folder_keys(&r->loaded.folder, &r->loaded.crypto, call->arena, &keys, &r->roster.key_count, e);
    if (!s) s = kd_roster_check(t, keys, r->roster.key_count, e);
    if (s && !e->file[0]) kd_error_place(e, "keys/", 0, 0);
    r->roster.keys = keys;
    r->rings = kd_arena_array(call->arena, t->party_count + 1, sizeof *r->rings);
    if (!r->rings) return kd_fail_nomem(e);
    for (size_t p = 0; !s && p < t->party_count; p++) {
        char name[128], folder[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES], prompt[] = "Passphrase: ";
        snprintf(name, sizeof name, "%.*s.key", KD_STR_ARGS(t->parties[p].name));
        const kd_passphrase ask = {kd_passphrase_ask, prompt};
        s = kd_path_join(folder, call->folder, "keys", e);
        if (!s) s = kd_path_join(path, folder, name, e);
        if (!s) s = kd_keyring_read(&kd_os_real, &r->loaded.crypto, path, &ask, &r->rings[p], e);
        if (!s && !kd_str_is(t->parties[p].name, r->rings[p].party)) {
            s = kd_fail(e, KD_INVALID, "wrong_key", "this key is of `%s`", r->rings[p].party);
            kd_error_place(e, path, 0, 0);
        }
    }
    return s;
}

static kd_status read_all(rebuild *r) {
    kd_call *call = r->call;
    kd_status s = kd_load_treaty(call, &r->loaded);
    if (s) return s;
    if (!r->loaded.treaty->reconstructed) {
        return kd_fail(
            &call->error, KD_USAGE, "not_reconstructed",
            "record.md does not say `reconstructed`: the books of a record that its Parties keep are never "
            "made anew");
    }
    if (kd_symbols_open(call->from, &r->loaded.symbols)) return kd_fail_nomem(&call->error);
    s = read_keys(r);
    if (!s)
        s = kd_facts_read(&kd_os_real, call->folder, r->loaded.treaty, call->arena, &r->facts, &call->error);
    if (s) return s;
    r->roster.treaty = r->loaded.treaty;
    r->roster.symbols = r->loaded.symbols;
    r->roster.treaty_hash = r->loaded.folder.treaty_hash;
    r->roster.issued = r->facts.first;
    r->roster.has_received = true;
    r->roster.source = r->facts.source;
    r->roster.grade = r->facts.grade;
    r->roster.remark = r->facts.remark;
    return KD_OK;
}

/* ---- Entries --------------------------------------------------------------------------------------------*/

static void put_fault(rebuild *r, const kd_fact_statement *f, const kd_say_fault *fault) {
    uint32_t column = fault->field >= 0 ? f->columns[fault->field] : 1;
    kd_text_printf(&r->call->err, "kadesh: %s:%u:%u: %.*s: %s\n", f->file, f->line, column,
                   KD_STR_ARGS(f->statement.notice), fault->message);
}

/* The entry that a row makes in a Party's book; *good turns false when it does not fit the treaty. */
static kd_status make_entry(rebuild *r, const kd_fact_statement *f, uint32_t party, kd_text *entry,
                            bool *good) {
    kd_call *call = r->call;
    kd_saying saying = {r->loaded.treaty, r->loaded.symbols, party, f->statement};
    kd_say_fault faults[KD_SAY_FAULTS];
    size_t count;
    kd_error *e = &call->error;
    kd_status s = kd_say_check(&saying, call->arena, faults, &count, e);
    if (s == KD_INVALID) {
        for (size_t i = 0; i < count; i++) put_fault(r, f, &faults[i]);
        *good = false;
        return KD_OK;
    }
    kd_text text;
    kd_text_open(&text, call->from);
    if (!s) s = kd_statement_put(&text, &saying.statement, e);
    if (!s) s = kd_say_sign(&r->loaded.crypto, &r->rings[party], kd_text_str(&text), entry, e);
    kd_text_close(&text);
    if (s) kd_error_place(e, f->file, f->line, 1);
    return s;
}

/* Whole signed notes, one after the other: a text to hold them and where each begins. */
typedef struct entries {
    kd_text bytes;
    size_t *begins;
    size_t count;
} entries;

static kd_status make_entries(rebuild *r, uint32_t party, entries *out, bool *good) {
    kd_error *e = &r->call->error;
    out->count = 0;
    kd_text_clear(&out->bytes);
    out->begins[out->count++] = 0;
    kd_status s =
        kd_roster_entry(&r->roster, &r->loaded.crypto, &r->rings[party], r->call->arena, &out->bytes, e);
    for (size_t i = 0; !s && i < r->facts.count; i++) {
        const kd_fact_statement *f = &r->facts.statements[i];
        if (f->party != KD_BOTH && f->party != party) continue;
        out->begins[out->count++] = out->bytes.n;
        s = make_entry(r, f, party, &out->bytes, good);
    }
    return !s && out->bytes.failed ? kd_fail_nomem(e) : s;
}

static kd_status write_book(rebuild *r, uint32_t party, const entries *all) {
    kd_call *call = r->call;
    kd_error *e = &call->error;
    kd_writer *w = NULL;
    kd_str *views = kd_arena_array(call->arena, all->count + 1, sizeof *views);
    if (!views) return kd_fail_nomem(e);
    for (size_t i = 0; i < all->count; i++) {
        size_t end = i + 1 < all->count ? all->begins[i + 1] : all->bytes.n;
        views[i] = (kd_str){all->bytes.p + all->begins[i], end - all->begins[i]};
    }
    const kd_writer_options o = {.create = true};
    kd_status s =
        kd_writer_open(&kd_os_real, &r->loaded.crypto, call->from, r->workshop, &r->rings[party], &o, &w, e);
    enum { AT_ONCE = 4096 };
    for (size_t i = 0; !s && i < all->count; i += AT_ONCE) {
        int64_t first;
        size_t n = all->count - i < AT_ONCE ? all->count - i : AT_ONCE;
        s = kd_writer_append(w, views + i, n, &first, e);
        kd_progress(call, "building", (int64_t)(i + n), (int64_t)all->count);
    }
    if (!s) r->sizes[party] = kd_writer_size(w);
    kd_error closing = {0};
    kd_status closed = kd_writer_close(w, &closing);
    if (!s && closed) *e = closing;
    return s ? s : closed;
}

static kd_status build(rebuild *r) {
    kd_call *call = r->call;
    const kd_treaty *t = r->loaded.treaty;
    entries all;
    bool good = true;
    kd_text_open(&all.bytes, call->from);
    all.begins = kd_arena_array(call->arena, r->facts.count + 2, sizeof *all.begins);
    r->sizes = kd_arena_array(call->arena, t->party_count + 1, sizeof *r->sizes);
    kd_status s = all.begins && r->sizes ? KD_OK : kd_fail_nomem(&call->error);
    for (uint32_t p = 0; !s && p < t->party_count; p++) {
        s = make_entries(r, p, &all, &good);
        if (!s && good) s = write_book(r, p, &all);
    }
    kd_text_close(&all.bytes);
    if (!s && !good) {
        call->error.message[0] = 0; /* each fault has been told */
        s = KD_INVALID;
    }
    return s;
}

/* ---- In place of the old books --------------------------------------------------------------------------*/

/* Nobody may be writing what is about to go. */
static kd_status lock_old(rebuild *r) {
    kd_call *call = r->call;
    const kd_os *os = &kd_os_real;
    const kd_treaty *t = r->loaded.treaty;
    r->locks = kd_arena_array(call->arena, t->party_count + 1, sizeof *r->locks);
    if (!r->locks) return kd_fail_nomem(&call->error);
    for (size_t p = 0; p < t->party_count; p++) r->locks[p] = -1;
    for (size_t p = 0; p < t->party_count; p++) {
        char name[160], path[KD_PATH_MAX_BYTES];
        snprintf(name, sizeof name, "state/%.*s/lock", KD_STR_ARGS(t->parties[p].name));
        kd_status s = kd_path_join(path, call->folder, name, &call->error);
        if (s) return s;
        r->locks[p] = os->open(os->ctx, path, O_RDWR, 0);
        if (r->locks[p] < 0 || os->lock(os->ctx, r->locks[p]) == 0) continue;
        s = kd_fail(&call->error, KD_SYSTEM, "locked",
                    "another process is writing this book; nothing was rebuilt");
        kd_error_place(&call->error, path, 0, 0);
        return s;
    }
    return KD_OK;
}

static void unlock_old(rebuild *r) {
    for (size_t p = 0; r->locks && p < r->loaded.treaty->party_count; p++) {
        if (r->locks[p] >= 0) kd_os_real.close(kd_os_real.ctx, r->locks[p]);
    }
}

/* Puts one new folder where the old one stood; the old one goes with the workshop. */
static kd_status swap(rebuild *r, const char *name) {
    kd_call *call = r->call;
    kd_error *e = &call->error;
    char fresh[KD_PATH_MAX_BYTES], place[KD_PATH_MAX_BYTES], aside[KD_PATH_MAX_BYTES], old[64];
    snprintf(old, sizeof old, "old-%s", name);
    kd_status s = kd_path_join(fresh, r->workshop, name, e);
    if (!s) s = kd_path_join(place, call->folder, name, e);
    if (!s) s = kd_path_join(aside, r->workshop, old, e);
    if (s) return s;
    const kd_os *os = &kd_os_real;
    bool failed = os->rename(os->ctx, place, aside) != 0 && errno != ENOENT;
    if (!failed) failed = os->rename(os->ctx, fresh, place) != 0;
    if (!failed) return KD_OK;
    kd_fail(e, KD_SYSTEM, "system", "cannot put the new folder in place: %s", strerror(errno));
    kd_error_place(e, place, 0, 0);
    return KD_SYSTEM;
}

static void report(rebuild *r) {
    kd_text *out = &r->call->out;
    const kd_treaty *t = r->loaded.treaty;
    if (r->call->json) {
        kd_text_printf(out, "{\"tables\":%zu,\"rows\":%zu,\"books\":[", r->facts.tables, r->facts.rows);
        for (size_t p = 0; p < t->party_count; p++) {
            kd_text_puts(out, p ? ",{\"party\":" : "{\"party\":");
            kd_text_json(out, t->parties[p].name);
            kd_text_printf(out, ",\"entries\":%lld}", (long long)r->sizes[p]);
        }
        kd_text_puts(out, "]}\n");
        return;
    }
    for (size_t p = 0; p < t->party_count; p++)
        kd_text_printf(out, "book of %.*s: %lld entries\n", KD_STR_ARGS(t->parties[p].name),
                       (long long)r->sizes[p]);
    kd_text_printf(out, "from %zu rows of %zu tables\n", r->facts.rows, r->facts.tables);
}

static kd_status run(kd_call *call) {
    rebuild r = {.call = call};
    kd_status s = read_all(&r);
    if (!s) s = kd_path_join(r.workshop, call->folder, WORKSHOP, &call->error);
    if (!s) s = lock_old(&r);
    if (!s) s = kd_remove_folder(&kd_os_real, r.workshop, &call->error);
    if (!s) s = kd_make_folder(&kd_os_real, r.workshop, &call->error);
    if (!s) {
        s = build(&r);
        if (!s) s = swap(&r, "books");
        if (!s) s = swap(&r, "state");
        kd_error removing = {0};
        kd_status removed = kd_remove_folder(&kd_os_real, r.workshop, &removing);
        if (!s && removed) {
            call->error = removing;
            s = removed;
        }
    }
    if (!s) report(&r);
    unlock_old(&r);
    for (size_t p = 0; r.rings && p < r.loaded.treaty->party_count; p++) kd_keyring_wipe(&r.rings[p]);
    kd_load_close(&r.loaded);
    return s;
}

static const kd_option options[] = {KD_OPTION_JSON, KD_OPTION_END};

const kd_verb kd_verb_rebuild = {
    .name = "rebuild",
    .summary = "make the books of a reconstruction anew from its tables",
    .arguments = "",
    .help = "Reads facts/tables.txt and the tables that it names, holds each row against the treaty as\n"
            "`notify` does, signs the statements with keys/*.key and puts the new books/ and state/ where\n"
            "the old ones stood: the same bytes each time, since every time comes from the tables and none\n"
            "from the clock. When a row does not fit it is told with file, line and column, and the old\n"
            "books stay. Only for a record whose record.md says `reconstructed`.\n"
            "\n"
            "Examples:\n"
            "  kadesh rebuild\n"
            "  kadesh -C ../record rebuild && kadesh -C ../record verify\n",
    .options = options,
    .least = 0,
    .most = 0,
    .run = run,
};

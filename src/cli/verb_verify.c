/* verb_verify.c: every signature, entry, tile, head and first entry of every book, from nothing. */
#include "cli/cli.h"
#include "store/crypto.h"
#include <kadesh/store.h>
#include <string.h>

typedef struct verification {
    kd_call *call;
    kd_crypto crypto;
    kd_folder folder;
    kd_str *parties;
    size_t count;
    kd_books books;
    int64_t elapsed_ns;
    kd_text faults; /* JSON objects, or lines */
    size_t fault_count;
} verification;

/* Parties that have a key or a book here: a book without keys is a fault, keys without a book are not. */
static kd_status find_parties(verification *v, kd_error *e) {
    kd_call *call = v->call;
    char books[KD_PATH_MAX_BYTES];
    kd_public_key *keys = NULL;
    kd_str *names = NULL;
    size_t key_count = 0, name_count = 0;
    kd_status s = kd_folder_keys(&v->folder, &v->crypto, call->arena, &keys, &key_count, e);
    if (!s) s = kd_path_join(books, call->folder, "books", e);
    if (!s) s = kd_folder_list(v->folder.os, books, NULL, call->arena, &names, &name_count, e);
    if (s) return s;
    v->parties = kd_arena_array(call->arena, key_count + name_count + 1, sizeof *v->parties);
    if (!v->parties) return kd_fail_nomem(e);
    for (size_t i = 0; i < key_count + name_count; i++) {
        kd_str name = i < key_count ? keys[i].party : names[i - key_count];
        bool listed = false;
        for (size_t j = 0; j < v->count; j++) listed = listed || kd_str_equal(v->parties[j], name);
        if (!listed) v->parties[v->count++] = name;
    }
    return KD_OK;
}

static void put_place(kd_text *out, const kd_error *e) {
    kd_text_puts(out, e->file);
    if (e->line) kd_text_printf(out, ":%u", e->line);
    if (e->line && e->column) kd_text_printf(out, ":%u", e->column);
}

static void see_fault(void *ctx, kd_status status, const kd_error *e) {
    verification *v = ctx;
    kd_progress_end(v->call);
    if (v->call->json) {
        kd_text_printf(&v->faults, "%s{\"file\":", v->fault_count ? "," : "");
        kd_text_json(&v->faults, kd_str_of(e->file));
        kd_text_printf(&v->faults, ",\"line\":%u,\"column\":%u,\"reason\":", e->line, e->column);
        kd_text_json(&v->faults, kd_str_of(e->reason));
        kd_text_puts(&v->faults, ",\"message\":");
        kd_text_json(&v->faults, kd_str_of(e->message));
        kd_text_printf(&v->faults, ",\"status\":%d}", (int)status);
    } else {
        kd_text_puts(&v->faults, "kadesh: ");
        put_place(&v->faults, e);
        kd_text_printf(&v->faults, "%s%s\n", e->file[0] ? ": " : "", e->message);
    }
    v->fault_count++;
}

static void show_progress(void *ctx, int64_t done, int64_t total) {
    kd_progress(ctx, "verifying", done, total);
}

/* 1234567 as 1,234,567. */
static void put_number(kd_text *out, int64_t n) {
    if (n >= 1000) {
        put_number(out, n / 1000);
        kd_text_printf(out, ",%03d", (int)(n % 1000));
    } else {
        kd_text_printf(out, "%d", (int)n);
    }
}

static void put_count(kd_text *out, int64_t n, const char *one, const char *many) {
    put_number(out, n);
    kd_text_printf(out, " %s", n == 1 ? one : many);
}

/* ---- As text --------------------------------------------------------------------------------------------*/

static void put_extras(kd_text *out, const kd_held_book *b) {
    if (b->old_partials) {
        kd_text_puts(out, ", ");
        put_count(out, b->old_partials, "tile of an earlier head", "tiles of earlier heads");
    }
    if (b->unknown_lines) {
        kd_text_puts(out, ", ");
        put_count(out, (int64_t)b->unknown_lines, "signature by a key not in keys/",
                  "signatures by keys not in keys/");
    }
    if (b->beyond_head) {
        kd_text_puts(out, ", not looked at: ");
        put_count(out, b->beyond_head, "file that the head does not cover yet",
                  "files that the head does not cover yet");
    }
    if (b->foreign_files) {
        kd_text_puts(out, ", not looked at: ");
        put_count(out, b->foreign_files, "file that is no part of a book",
                  "files that are no part of a book");
    }
}

static void put_book(kd_text *out, const kd_held_book *b) {
    kd_text_printf(out, "book of %.*s: ", KD_STR_ARGS(b->party));
    if (b->absent) {
        kd_text_puts(out, "not here\n");
        return;
    }
    put_count(out, b->count, "entry", "entries");
    kd_text_puts(out, ", ");
    put_count(out, b->signatures, "statement signature", "statement signatures");
    kd_text_puts(out, ", ");
    put_count(out, (int64_t)b->head_signatures, "head signature", "head signatures");
    kd_text_puts(out, ", ");
    put_count(out, b->tiles, "tile", "tiles");
    kd_text_puts(out, ", ");
    put_count(out, b->bundles, "bundle", "bundles");
    put_extras(out, b);
    kd_text_putc(out, '\n');
    if (!b->head_signatures) return;
    kd_text_puts(out, "  root ");
    kd_base64_put(out, b->root.b, sizeof b->root.b);
    kd_text_putc(out, '\n');
}

static void put_text(verification *v, kd_text *out) {
    for (size_t i = 0; i < v->books.count; i++) put_book(out, &v->books.books[i]);
    if (!v->fault_count && v->books.checked_pin) {
        kd_text_puts(out, "first entries: they pin this treaty's text, sha256:");
        kd_hex_put(out, v->books.treaty_hash.b, sizeof v->books.treaty_hash.b);
        kd_text_puts(out, ", and the keys in keys/\n");
    }
    const char *style = kd_style(v->call, v->fault_count ? KD_RED : KD_GREEN);
    kd_text_printf(out, "%schecked ", style);
    put_count(out, v->books.entries, "entry", "entries");
    kd_text_puts(out, ", ");
    put_count(out, v->books.signatures, "statement signature", "statement signatures");
    kd_text_puts(out, " and ");
    put_count(out, v->books.heads, "head", "heads");
    kd_text_printf(out, " in %lld.%03lld s: ", (long long)(v->elapsed_ns / 1000000000),
                   (long long)(v->elapsed_ns / 1000000 % 1000));
    if (v->fault_count) {
        put_count(out, (int64_t)v->fault_count, "fault", "faults");
    } else {
        kd_text_puts(out, v->books.checked_pin ? "all hold" : "there is no book here");
    }
    kd_text_printf(out, "%s\n", kd_style(v->call, KD_PLAIN));
}

/* ---- As JSON --------------------------------------------------------------------------------------------*/

static void put_json_book(kd_text *out, const kd_held_book *b) {
    kd_text_puts(out, "{\"party\":");
    kd_text_json(out, b->party);
    kd_text_printf(
        out,
        ",\"here\":%s,\"entries\":%lld,\"signatures\":%lld,\"head_signatures\":%zu,\"unknown_lines\":%zu,"
        "\"tiles\":%lld,\"bundles\":%lld,\"entry_bytes\":%lld,\"earlier_tiles\":%lld,\"beyond_head\":%lld,"
        "\"foreign_files\":%lld,\"root\":\"",
        b->absent ? "false" : "true", (long long)b->count, (long long)b->signatures, b->head_signatures,
        b->unknown_lines, (long long)b->tiles, (long long)b->bundles, (long long)b->bytes,
        (long long)b->old_partials, (long long)b->beyond_head, (long long)b->foreign_files);
    kd_base64_put(out, b->root.b, sizeof b->root.b);
    kd_text_puts(out, "\"}");
}

static void put_json(verification *v, kd_text *out) {
    kd_text_puts(out, "{\"books\":[");
    for (size_t i = 0; i < v->books.count; i++) {
        if (i) kd_text_putc(out, ',');
        put_json_book(out, &v->books.books[i]);
    }
    kd_text_printf(out, "],\"entries\":%lld,\"signatures\":%lld,\"heads\":%lld,\"treaty_hash\":",
                   (long long)v->books.entries, (long long)v->books.signatures, (long long)v->books.heads);
    if (v->books.checked_pin) {
        kd_text_puts(out, "\"sha256:");
        kd_hex_put(out, v->books.treaty_hash.b, sizeof v->books.treaty_hash.b);
        kd_text_putc(out, '"');
    } else {
        kd_text_puts(out, "null");
    }
    kd_text_printf(out, ",\"microseconds\":%lld,\"faults\":[", (long long)(v->elapsed_ns / 1000));
    kd_text_put(out, kd_text_str(&v->faults));
    kd_text_puts(out, "]}\n");
}

/* One Party's book alone is half a record: what the other said cannot be checked, nor that both pin one text. */
static kd_status all_here(verification *v, kd_error *e) {
    kd_status s = KD_OK;
    for (size_t i = 0; v->books.checked_pin && i < v->books.count; i++) {
        const kd_held_book *b = &v->books.books[i];
        if (!b->absent) continue;
        s = kd_fail(e, KD_FAILED, "book_absent",
                    "the book of %.*s is not here: nothing of it was checked; mirror it first",
                    KD_STR_ARGS(b->party));
        kd_error_place(e, "books", 0, 0);
        see_fault(v, s, e);
    }
    return s;
}

static kd_status run(kd_call *call) {
    verification v = {.call = call};
    kd_text_open(&v.faults, call->from);
    kd_error *e = &call->error;
    kd_status s = kd_crypto_sodium(&v.crypto, e);
    if (!s) s = kd_folder_open(&kd_os_real, &v.crypto, call->folder, call->arena, &v.folder, e);
    if (!s) s = find_parties(&v, e);
    if (s) return s;
    int64_t began = kd_clock_ns();
    const kd_books_options o = {v.parties, v.count, show_progress, call};
    s = kd_books_verify(&v.folder, &v.crypto, &o, call->arena, call->from, &v.books, see_fault, &v, e);
    if (!s) s = all_here(&v, e);
    v.elapsed_ns = kd_clock_ns() - began;
    kd_progress_end(call);
    if (call->json) {
        put_json(&v, &call->out);
    } else {
        put_text(&v, &call->out);
        kd_text_put(&call->err, kd_text_str(&v.faults));
    }
    if (v.fault_count) e->message[0] = 0; /* each has been told */
    kd_text_close(&v.faults);
    return s;
}

static const kd_option options[] = {KD_OPTION_JSON, KD_OPTION_END};

const kd_verb kd_verb_verify = {
    .name = "verify",
    .summary = "check every signature, entry, tile, head and first entry of the books",
    .arguments = "",
    .help = "Reads every file of every book and believes none of it: each statement's signature by the keys\n"
            "in keys/, each entry against its leaf hash, each tile against the level below, the root\n"
            "against the signed head, and the first entries against each other, against keys/ and against\n"
            "the treaty's text. Nothing that was found before is used. Says what was checked; the first\n"
            "fault of each book is told with the file and the entry. Exits 1 when something does not hold,\n"
            "3 when it lacks its form.\n"
            "\n"
            "Examples:\n"
            "  kadesh verify\n"
            "  kadesh -C ../mirror verify --json\n",
    .options = options,
    .least = 0,
    .most = 0,
    .run = run,
};

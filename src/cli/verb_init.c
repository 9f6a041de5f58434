/* verb_init.c: begins a record: the treaty's text, the roster, and the first entry of each book whose key is
 * at hand. */
#include "cli/load.h"
#include "cli/passphrase.h"
#include "cli/roster.h"
#include "store/crypto.h"
#include <stdio.h>
#include <string.h>

typedef struct beginning {
    kd_call *call;
    kd_loaded loaded;
    kd_roster roster;
    kd_text_file *texts; /* of the treaty */
    size_t text_count;
    bool is_folder;
} beginning;

/* ---- The treaty -----------------------------------------------------------------------------------------*/

/* Writes a file that may be there already, but then with these bytes. */
static kd_status put_same(beginning *b, const char *path, kd_str bytes) {
    kd_call *call = b->call;
    kd_error here = {0};
    kd_str there;
    kd_status s = kd_read_file(&kd_os_real, path, KD_TEXT_MAX_BYTES, call->arena, &there, &here);
    if (!s && kd_str_equal(there, bytes)) return KD_OK;
    if (!s) {
        kd_fail(&call->error, KD_USAGE, "exists", "there is another file here already; it is left as it is");
        kd_error_place(&call->error, path, 0, 0);
        return KD_USAGE;
    }
    if (strcmp(here.reason, "absent") != 0) {
        call->error = here;
        return s;
    }
    return kd_write_file(&kd_os_real, path, bytes, 0644, false, &call->error);
}

/* Reads the treaty that was named, or the one that the folder has. */
static kd_status read_treaty(beginning *b) {
    kd_call *call = b->call;
    kd_error *e = &call->error;
    kd_source *sources = NULL;
    kd_status s = kd_crypto_sodium(&b->loaded.crypto, e);
    if (s) return s;
    if (!call->argument_count) {
        s = kd_load_treaty(call, &b->loaded);
        b->roster.treaty_hash = b->loaded.folder.treaty_hash;
        return s;
    }
    const char *path = call->arguments[0];
    s = kd_treaty_hash(&kd_os_real, &b->loaded.crypto, path, call->arena, &b->roster.treaty_hash, &b->texts,
                       &b->text_count, e);
    b->is_folder = !s && (b->text_count > 1 || !kd_str_is(b->texts[0].name, path));
    if (!s) s = kd_load_sources(call, b->texts, b->text_count, &sources);
    return s ? s : kd_load_parse(call, sources, b->text_count, &b->loaded.treaty);
}

static kd_status write_treaty(beginning *b) {
    kd_call *call = b->call;
    char folder[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    kd_status s = kd_path_join(folder, call->folder, "treaty", &call->error);
    for (size_t i = 0; !s && i < b->text_count; i++) {
        const char *slash = strrchr(b->texts[i].name.p, '/');
        const char *name = slash ? slash + 1 : b->texts[i].name.p;
        s = b->is_folder ? kd_path_join(path, folder, name, &call->error)
                         : kd_path_join(path, call->folder, "treaty.md", &call->error);
        if (!s) s = put_same(b, path, b->texts[i].bytes);
    }
    return s;
}

/* ---- The roster -----------------------------------------------------------------------------------------*/

typedef struct key_file {
    kd_public_key *keys;
    size_t count;
    kd_str text;
} key_file;

static kd_status read_key_file(beginning *b, const char *path, key_file *out) {
    kd_call *call = b->call;
    kd_error *e = &call->error;
    kd_status s = kd_read_file(&kd_os_real, path, KD_NOTE_MAX_BYTES, call->arena, &out->text, e);
    if (!s) {
        s = kd_public_keys_parse(&b->loaded.crypto, out->text, call->arena, &out->keys, &out->count, e);
        if (!s && !out->count) s = kd_fail(e, KD_INVALID, "bad_key_line", "there is no key in this file");
        for (size_t i = 1; !s && i < out->count; i++) {
            if (!kd_str_equal(out->keys[i].party, out->keys[0].party))
                s = kd_fail(e, KD_INVALID, "bad_key_line", "a file of keys is of one Party");
        }
        if (s) kd_error_place(e, path, e->line, e->column);
    }
    return s;
}

/* The files of --roster, and where each goes; or those that keys/ has. */
static kd_status read_roster(beginning *b, key_file **files, size_t *count) {
    kd_call *call = b->call;
    kd_error *e = &call->error;
    kd_public_key *keys = NULL;
    *count = kd_call_count(call, "roster");
    *files = kd_arena_array(call->arena, *count + 1, sizeof **files);
    if (!*files) return kd_fail_nomem(e);
    kd_status s = KD_OK;
    size_t total = 0;
    for (size_t i = 0; !s && i < *count; i++) {
        s = read_key_file(b, kd_call_nth(call, "roster", i), &(*files)[i]);
        if (!s) total += (*files)[i].count;
    }
    if (s) return s;
    if (!*count) {
        const kd_folder here = {.os = &kd_os_real, .path = call->folder};
        s = kd_folder_keys(&here, &b->loaded.crypto, call->arena, &keys, &total, e);
    } else {
        keys = kd_arena_array(call->arena, total + 1, sizeof *keys);
        if (!keys) return kd_fail_nomem(e);
        total = 0;
        for (size_t i = 0; i < *count; i++) {
            for (size_t k = 0; k < (*files)[i].count; k++) keys[total++] = (*files)[i].keys[k];
        }
    }
    b->roster.keys = keys;
    b->roster.key_count = total;
    return s ? s : kd_roster_check(b->loaded.treaty, keys, total, e);
}

static kd_status write_roster(beginning *b, const key_file *files, size_t count) {
    kd_call *call = b->call;
    char folder[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES], name[160];
    kd_status s = kd_path_join(folder, call->folder, "keys", &call->error);
    for (size_t i = 0; !s && i < count; i++) {
        snprintf(name, sizeof name, "%.*s.pub", KD_STR_ARGS(files[i].keys[0].party));
        s = kd_path_join(path, folder, name, &call->error);
        if (!s) s = put_same(b, path, files[i].text);
    }
    return s;
}

/* ---- Books ----------------------------------------------------------------------------------------------*/

static kd_status begin_book(beginning *b, const kd_keyring *ring) {
    kd_call *call = b->call;
    kd_error *e = &call->error;
    kd_text entry;
    kd_writer *w = NULL;
    const kd_writer_options o = {.create = true};
    int64_t first;
    kd_text_open(&entry, call->from);
    kd_status s = kd_roster_entry(&b->roster, &b->loaded.crypto, ring, call->arena, &entry, e);
    if (!s) s = kd_writer_open(&kd_os_real, &b->loaded.crypto, call->from, call->folder, ring, &o, &w, e);
    kd_str view = kd_text_str(&entry);
    if (!s) s = kd_writer_append(w, &view, 1, &first, e);
    kd_error closing = {0};
    kd_status closed = kd_writer_close(w, &closing);
    if (!s && closed) {
        *e = closing;
        s = closed;
    }
    kd_text_close(&entry);
    if (!s)
        kd_text_printf(&call->out, "book of %s: begun, with the roster as %s/0\n", ring->party, ring->party);
    return s;
}

static kd_status read_ring(beginning *b, size_t i, kd_keyring *ring) {
    kd_call *call = b->call;
    char prompt[] = "Passphrase: ";
    const kd_passphrase ask = {kd_passphrase_ask, prompt};
    const char *path = kd_call_nth(call, "key", i);
    kd_status s = kd_keyring_read(&kd_os_real, &b->loaded.crypto, path, &ask, ring, &call->error);
    if (s) return s;
    s = kd_roster_has(&b->roster, &b->loaded.crypto, ring, &call->error);
    if (s) kd_error_place(&call->error, path, 0, 0);
    return s;
}

/* Nothing is written before all keys are known to fit. */
static kd_status begin(beginning *b) {
    kd_call *call = b->call;
    size_t key_count = kd_call_count(call, "key"), file_count = 0;
    key_file *files = NULL;
    const char *issued = kd_call_value(call, "issued");
    kd_keyring *rings = kd_arena_array(call->arena, key_count + 1, sizeof *rings);
    if (!rings) return kd_fail_nomem(&call->error);
    if (!key_count)
        return kd_fail(&call->error, KD_USAGE, "missing_option",
                       "init wants --key FILE: whose book is to be begun");
    b->roster.issued = (kd_stamp){kd_clock_now(), false};
    if (issued && !kd_stamp_parse(kd_str_of(issued), &b->roster.issued))
        return kd_fail(&call->error, KD_USAGE, "bad_stamp", "--issued wants a day or an instant, not `%s`",
                       issued);
    kd_status s = read_treaty(b);
    if (!s && kd_symbols_open(call->from, &b->loaded.symbols)) s = kd_fail_nomem(&call->error);
    b->roster.treaty = b->loaded.treaty;
    b->roster.symbols = b->loaded.symbols;
    if (!s) s = read_roster(b, &files, &file_count);
    for (size_t i = 0; !s && i < key_count; i++) s = read_ring(b, i, &rings[i]);
    if (!s) s = write_treaty(b);
    if (!s) s = write_roster(b, files, file_count);
    for (size_t i = 0; !s && i < key_count; i++) s = begin_book(b, &rings[i]);
    for (size_t i = 0; i < key_count; i++) kd_keyring_wipe(&rings[i]);
    return s;
}

static kd_status run(kd_call *call) {
    beginning b = {.call = call};
    kd_status s = begin(&b);
    kd_load_close(&b.loaded);
    return s;
}

static const kd_option options[] = {
    {"roster", "FILE", "a Party's public keys; once for each Party (default: keys/*.pub)", true},
    {"key", "FILE", "the key of a Party whose book is begun; may repeat", true},
    {"issued", "TIME", "day or instant of the first entries (default: now)", false},
    KD_OPTION_END,
};

const kd_verb kd_verb_init = {
    .name = "init",
    .summary = "begin a record from a treaty and a roster",
    .arguments = "[TREATY] --roster FILE... --key FILE...",
    .help = "Copies the treaty (a file, or a folder of .md files) and every Party's public keys into the\n"
            "record's folder and begins the book of each Party whose key is given. The first entry of a\n"
            "book, the roster, holds the hash of the treaty's text and everybody's keys: both Parties must\n"
            "begin with the same. Without TREATY the text that the folder has is taken; a book that is\n"
            "there already is never begun again.\n"
            "\n"
            "Examples:\n"
            "  kadesh -C record init treaty.md --roster us.pub --roster ru.pub --key us.key\n"
            "  kadesh init --key keys/US.key --key keys/RU.key\n",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
};

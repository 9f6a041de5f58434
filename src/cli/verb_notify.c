/* verb_notify.c: checks a statement against the treaty, shows it, signs it and appends it to a Party's book. */
#include "cli/load.h"
#include "cli/passphrase.h"
#include "cli/roster.h"
#include "store/crypto.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 2000 };

typedef struct notification {
    kd_call *call;
    kd_loaded loaded;
    kd_saying saying;
    kd_keyring keys;
    kd_text text, entry;
    int64_t corrected; /* index of the statement that it takes the place of, or -1 */
} notification;

/* ---- What is said ---------------------------------------------------------------------------------------*/

static kd_status find_party(notification *n) {
    kd_call *call = n->call;
    const kd_treaty *t = n->loaded.treaty;
    const char *as = kd_call_value(call, "as");
    if (!as) return kd_fail(&call->error, KD_USAGE, "missing_option", "notify wants --as PARTY: who says it");
    int party = kd_treaty_party(t, kd_str_of(as));
    if (party >= 0) {
        n->saying.party = (uint32_t)party;
        return KD_OK;
    }
    kd_str *names = kd_arena_array(call->arena, t->party_count + 1, sizeof *names);
    if (!names) return kd_fail_nomem(&call->error);
    for (size_t i = 0; i < t->party_count; i++) names[i] = t->parties[i].name;
    return kd_call_unknown(call, "Party", kd_str_of(as), names, t->party_count);
}

static kd_status read_stamp(notification *n, const char *option, kd_stamp *out) {
    const char *value = kd_call_value(n->call, option);
    if (!value || kd_stamp_parse(kd_str_of(value), out)) return KD_OK;
    return kd_fail(&n->call->error, KD_USAGE, "bad_stamp",
                   "--%s wants a day as 2022-09-01 or an instant as 2022-09-01T14:02:11Z, not `%s`", option,
                   value);
}

static kd_status read_fields(notification *n) {
    kd_call *call = n->call;
    kd_statement *s = &n->saying.statement;
    s->notice = kd_str_of(call->arguments[0]);
    s->fields = kd_arena_array(call->arena, call->argument_count, sizeof *s->fields);
    s->to = kd_arena_array(call->arena, kd_call_count(call, "to") + 1, sizeof *s->to);
    if (!s->fields || !s->to) return kd_fail_nomem(&call->error);
    for (size_t i = 1; i < call->argument_count; i++) {
        const char *given = call->arguments[i], *equals = strchr(given, '=');
        if (!equals)
            return kd_fail(&call->error, KD_USAGE, "bad_field", "a field is given as name=value, not as `%s`",
                           given);
        s->fields[s->field_count++] =
            (kd_statement_field){{given, (size_t)(equals - given)}, kd_str_of(equals + 1), 0};
    }
    for (size_t i = 0; i < kd_call_count(call, "to"); i++)
        s->to[s->to_count++] = kd_str_of(kd_call_nth(call, "to", i));
    s->source = kd_str_of(kd_call_value(call, "source"));
    s->grade = kd_str_of(kd_call_value(call, "grade"));
    s->corrects = kd_str_of(kd_call_value(call, "corrects"));
    s->issued = (kd_stamp){kd_clock_now(), false};
    kd_status status = read_stamp(n, "issued", &s->issued);
    s->has_received = kd_call_has(call, "received");
    if (s->has_received && !n->loaded.treaty->reconstructed)
        return kd_fail(
            &call->error, KD_USAGE, "not_reconstructed",
            "--received is for a record whose record.md says `reconstructed`: elsewhere the other Party's receipt "
            "tells it");
    if (!status) status = read_stamp(n, "received", &s->received);
    if (!s->has_received && n->loaded.treaty->reconstructed) {
        /* No receipts are exchanged in a reconstruction: without the line the statement would never count. */
        s->has_received = true;
        s->received = s->issued;
    }
    return status;
}

/* A correction is of a statement of its own book; that there is one is seen once the book is open. */
static kd_status check_corrects(notification *n) {
    kd_call *call = n->call;
    kd_str id = n->saying.statement.corrects, book;
    if (!id.n) return KD_OK;
    if (!kd_entry_id_parse(id, &book, &n->corrected))
        return kd_fail(&call->error, KD_USAGE, "bad_id", "--corrects wants a statement as US/34, not `%.*s`",
                       KD_STR_ARGS(id));
    if (!kd_str_equal(book, n->loaded.treaty->parties[n->saying.party].name))
        return kd_fail(&call->error, KD_INVALID, "bad_id",
                       "--corrects %.*s: a Party corrects what it said itself", KD_STR_ARGS(id));
    return KD_OK;
}

/* All that is wrong, not the first alone. */
static kd_status check(notification *n) {
    kd_call *call = n->call;
    kd_say_fault faults[KD_SAY_FAULTS];
    size_t count;
    kd_status s = kd_say_check(&n->saying, call->arena, faults, &count, &call->error);
    if (s == KD_INVALID) {
        for (size_t i = 0; i < count; i++) kd_text_printf(&call->err, "kadesh: %s\n", faults[i].message);
        kd_text_puts(&call->err, "nothing was appended\n");
        call->error.message[0] = 0;
    }
    if (!s) s = check_corrects(n);
    if (!s) s = kd_statement_put(&n->text, &n->saying.statement, &call->error);
    return s;
}

/* ---- Signing and appending ------------------------------------------------------------------------------*/

static kd_status read_key(notification *n) {
    kd_call *call = n->call;
    kd_error *e = &call->error;
    char prompt[] = "Passphrase: ";
    const kd_passphrase ask = {kd_passphrase_ask, prompt};
    const char *path = kd_call_value(call, "key");
    kd_roster roster = {.treaty = n->loaded.treaty};
    kd_public_key *keys = NULL;
    if (!path)
        return kd_fail(e, KD_USAGE, "missing_option", "notify wants --key FILE: what signs; or --draft");
    kd_status s = kd_keyring_read(&kd_os_real, &n->loaded.crypto, path, &ask, &n->keys, e);
    if (s) return s;
    if (!kd_str_is(n->loaded.treaty->parties[n->saying.party].name, n->keys.party)) {
        kd_fail(e, KD_INVALID, "wrong_key", "this key is of %s and cannot sign for %s; nothing was appended",
                n->keys.party, kd_call_value(call, "as"));
        kd_error_place(e, path, 0, 0);
        return KD_INVALID;
    }
    s = kd_folder_keys(&n->loaded.folder, &n->loaded.crypto, call->arena, &keys, &roster.key_count, e);
    roster.keys = keys;
    if (!s) s = kd_roster_has(&roster, &n->loaded.crypto, &n->keys, e);
    if (s) kd_error_place(e, path, 0, 0);
    return s;
}

/* Asks on the terminal, when there is one to ask; --yes says it beforehand. */
static bool confirmed(notification *n) {
    if (kd_call_has(n->call, "yes") || isatty(STDIN_FILENO) != 1) return true;
    if (kd_call_flush(n->call)) return false;
    char answer[16];
    fputs("Sign and append this? It can never be taken back. [y/N] ", stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static kd_status append(notification *n) {
    kd_call *call = n->call;
    kd_error *e = &call->error;
    kd_writer *w = NULL;
    const kd_writer_options o = {.adopt = kd_call_has(call, "adopt"), .wait_ms = LOCK_WAIT_MS};
    int64_t index = 0, found = -1;
    kd_status s =
        kd_writer_open(&kd_os_real, &n->loaded.crypto, call->from, call->folder, &n->keys, &o, &w, e);
    if (s) return s;
    kd_str entry = kd_text_str(&n->entry);
    if (n->corrected >= kd_writer_size(w))
        s = kd_fail(e, KD_INVALID, "bad_id", "--corrects: there is no %s/%lld yet; nothing was appended",
                    n->keys.party, (long long)n->corrected);
    if (!s) s = kd_writer_find(w, entry, &found, e);
    if (!s && found < 0) s = kd_writer_append(w, &entry, 1, &index, e);
    if (s) {
        kd_writer_close(w, NULL);
        return s;
    }
    if (found >= 0) index = found; /* sent again after a lost answer: it has its place already */
    if (call->json) {
        kd_text_printf(&call->out, "{\"id\":\"%s/%lld\",\"new\":%s}\n", n->keys.party, (long long)index,
                       found < 0 ? "true" : "false");
    } else {
        kd_text_printf(&call->out, "%s/%lld%s\n", n->keys.party, (long long)index,
                       found < 0 ? "" : " (it was there already)");
    }
    s = kd_writer_close(w, e);
    if (s)
        kd_text_printf(&call->err,
                       "the statement is safe in the journal and not yet in the book that others read:\n");
    return s;
}

static kd_status run_open(notification *n) {
    kd_call *call = n->call;
    kd_status s = kd_load_treaty(call, &n->loaded);
    if (!s && kd_symbols_open(call->from, &n->loaded.symbols)) s = kd_fail_nomem(&call->error);
    n->saying.treaty = n->loaded.treaty;
    n->saying.symbols = n->loaded.symbols;
    if (!s) s = find_party(n);
    if (!s) s = read_fields(n);
    return s ? s : check(n);
}

static kd_status run(kd_call *call) {
    notification n = {.call = call, .corrected = -1};
    kd_text_open(&n.text, call->from);
    kd_text_open(&n.entry, call->from);
    kd_status s = run_open(&n);
    bool draft = kd_call_has(call, "draft");
    if (!s && (draft || !call->json)) kd_text_put(&call->out, kd_text_str(&n.text));
    if (!s && !draft) {
        s = read_key(&n);
        if (!s) s = kd_say_sign(&n.loaded.crypto, &n.keys, kd_text_str(&n.text), &n.entry, &call->error);
        if (!s && !confirmed(&n)) {
            kd_text_puts(&call->err, "nothing was appended\n");
            s = KD_USAGE;
        } else if (!s) {
            s = append(&n);
        }
    }
    kd_keyring_wipe(&n.keys);
    kd_text_close(&n.text);
    kd_text_close(&n.entry);
    kd_load_close(&n.loaded);
    return s;
}

static const kd_option options[] = {
    {"as", "PARTY", "who says it", false},
    {"key", "FILE", "the Party's key file", false},
    {"to", "PARTY", "to whom; may repeat (default: all others)", true},
    {"issued", "TIME", "day or instant of issue (default: now)", false},
    {"received", "TIME", "day or instant of receipt: of a reconstruction only (default: as issued)", false},
    {"source", "TEXT", "where it is known from", false},
    {"grade", "GRADE", "how sure that is: S, T or M", false},
    {"corrects", "ID", "the statement that it takes the place of", false},
    {"draft", NULL, "show the statement and stop before signing", false},
    {"yes", NULL, "do not ask before signing", false},
    {"adopt", NULL, "go on with a book of which state/ knows nothing", false},
    KD_OPTION_JSON,
    KD_OPTION_END,
};

const kd_verb kd_verb_notify = {
    .name = "notify",
    .summary = "check, show, sign and append a statement",
    .arguments = "NOTICE field=value... --as PARTY --key FILE",
    .help =
        "Holds the statement against the treaty's declaration of the notice: the fields that it has,\n"
        "their types, who may say it. Whatever is wrong is told, with the nearest name, and nothing is\n"
        "appended. Then it is shown, signed, and appended to the Party's book; its id is printed once\n"
        "it can no longer be lost. A field that takes a list is given once for each value.\n"
        "\n"
        "Examples:\n"
        "  kadesh notify data as_of=2022-09-01 delivery=659 warheads=1420 launchers=800 "
        "--as US --key us.key\n"
        "  kadesh notify data as_of=2022-09-01 delivery=659 warheads=1420 launchers=800 --as US --draft\n",
    .options = options,
    .least = 1,
    .most = KD_MANY,
    .run = run,
};

/* verb_show.c: one statement whole, as it is signed and logged. */
#include "cli/cli.h"
#include "store/crypto.h"
#include <kadesh/store.h>

typedef struct shown {
    kd_call *call;
    kd_crypto crypto;
    kd_books books;
    const kd_held_book *book;
    int64_t index;
    kd_note note;
} shown;

static kd_status load(shown *s) {
    kd_call *call = s->call;
    kd_error *e = &call->error;
    kd_folder folder;
    const kd_books_options all = {0};
    kd_status status = kd_crypto_sodium(&s->crypto, e);
    if (!status) status = kd_folder_open(&kd_os_real, &s->crypto, call->folder, call->arena, &folder, e);
    return status ? status : kd_books_load(&folder, &s->crypto, &all, call->arena, call->from, &s->books, e);
}

static kd_status find(shown *s) {
    kd_call *call = s->call;
    kd_error *e = &call->error;
    const char *id = call->arguments[0];
    kd_str party;
    if (!kd_entry_id_parse(kd_str_of(id), &party, &s->index))
        return kd_fail(e, KD_USAGE, "bad_id",
                       "`%s` is no statement's id: wanted a book and an index, as US/34", id);
    kd_str *names = kd_arena_array(call->arena, s->books.count + 1, sizeof *names);
    if (!names) return kd_fail_nomem(e);
    for (size_t i = 0; i < s->books.count; i++) {
        names[i] = s->books.books[i].party;
        if (kd_str_equal(names[i], party)) s->book = &s->books.books[i];
    }
    if (!s->book) return kd_call_unknown(call, "book", party, names, s->books.count);
    if (s->index < s->book->count) return kd_note_parse(call->arena, s->book->entries[s->index], &s->note, e);
    return kd_fail(e, KD_USAGE, "no_entry",
                   "there is no %s: the book of %.*s has %lld entries, the first is %.*s/0", id,
                   KD_STR_ARGS(party), (long long)s->book->count, KD_STR_ARGS(party));
}

static void put_text(shown *s, const kd_digest *leaf) {
    kd_text *out = &s->call->out;
    kd_text_put(out, s->book->entries[s->index]);
    kd_text_printf(
        out,
        "\n%.*s/%lld: entry %lld of %lld in the book of %.*s; its signature and the head hold\nleaf hash ",
        KD_STR_ARGS(s->book->party), (long long)s->index, (long long)s->index + 1, (long long)s->book->count,
        KD_STR_ARGS(s->book->party));
    kd_base64_put(out, leaf->b, sizeof leaf->b);
    kd_text_putc(out, '\n');
}

static void put_json(shown *s, const kd_digest *leaf) {
    kd_text *out = &s->call->out;
    kd_text_puts(out, "{\"id\":");
    kd_text_json(out, kd_str_of(s->call->arguments[0]));
    kd_text_puts(out, ",\"text\":");
    kd_text_json(out, s->note.text);
    kd_text_puts(out, ",\"signatures\":[");
    for (size_t i = 0; i < s->note.line_count; i++) {
        const kd_note_line *line = &s->note.lines[i];
        kd_text_puts(out, i ? ",{\"name\":" : "{\"name\":");
        kd_text_json(out, line->name);
        kd_text_puts(out, ",\"key_id\":\"");
        kd_hex_put(out, line->id, sizeof line->id);
        kd_text_puts(out, "\"}");
    }
    kd_text_printf(out, "],\"index\":%lld,\"size\":%lld,\"leaf_hash\":\"", (long long)s->index,
                   (long long)s->book->count);
    kd_base64_put(out, leaf->b, sizeof leaf->b);
    kd_text_puts(out, "\",\"root\":\"");
    kd_base64_put(out, s->book->root.b, sizeof s->book->root.b);
    kd_text_puts(out, "\"}\n");
}

static kd_status run(kd_call *call) {
    shown s = {.call = call};
    kd_digest leaf;
    kd_status status = load(&s);
    if (!status) status = find(&s);
    if (status) return status;
    kd_leaf_hash(&s.crypto, s.book->entries[s.index], &leaf);
    if (call->json) {
        put_json(&s, &leaf);
    } else {
        put_text(&s, &leaf);
    }
    return KD_OK;
}

static const kd_option options[] = {KD_OPTION_JSON, KD_OPTION_END};

const kd_verb kd_verb_show = {
    .name = "show",
    .summary = "show one statement whole",
    .arguments = "ID",
    .help = "The statement exactly as it was signed and logged, with its signature lines, then where it\n"
            "stands in its book. An id is a book and an index, from 0: US/34.\n"
            "\n"
            "Examples:\n"
            "  kadesh show US/0\n"
            "  kadesh show RU/34 --json\n",
    .options = options,
    .least = 1,
    .most = 1,
    .run = run,
};

/* load.c: opens the record that a report is about. */
#include "cli/load.h"
#include "store/crypto.h"

kd_status kd_load_sources(kd_call *call, const kd_text_file *texts, size_t count, kd_source **out) {
    kd_source *sources = kd_arena_array(call->arena, count ? count : 1, sizeof *sources);
    if (!sources) return kd_fail_nomem(&call->error);
    for (size_t i = 0; i < count; i++) {
        sources[i].name = texts[i].name;
        sources[i].bytes = texts[i].bytes;
        sources[i].language = texts[i].language;
        switch (texts[i].kind) {
        case KD_TEXT_TREATY:
            sources[i].kind = KD_SOURCE_TREATY;
            break;
        case KD_TEXT_READING:
            sources[i].kind = KD_SOURCE_READING;
            break;
        case KD_TEXT_MESSAGES:
            sources[i].kind = KD_SOURCE_MESSAGES;
            break;
        case KD_TEXT_RECORD:
            sources[i].kind = KD_SOURCE_RECORD;
            break;
        }
    }
    *out = sources;
    return KD_OK;
}

kd_status kd_load_parse(kd_call *call, const kd_source *sources, size_t count, kd_treaty **out) {
    kd_diagnostics diagnostics = {0};
    kd_status s = kd_treaty_load(call->arena, sources, count, &diagnostics, out);
    if (s == KD_NOMEM) return kd_fail_nomem(&call->error);
    for (size_t i = 0; s && i < diagnostics.count; i++) kd_diagnostic_put(&call->err, &diagnostics.items[i]);
    if (s && diagnostics.left_out) kd_text_printf(&call->err, "and %zu more\n", diagnostics.left_out);
    return s;
}

kd_status kd_load_treaty(kd_call *call, kd_loaded *out) {
    kd_source *sources = NULL;
    kd_status s = kd_crypto_sodium(&out->crypto, &call->error);
    if (!s)
        s = kd_folder_open(&kd_os_real, &out->crypto, call->folder, call->arena, &out->folder, &call->error);
    if (!s) s = kd_load_sources(call, out->folder.texts, out->folder.text_count, &sources);
    return s ? s : kd_load_parse(call, sources, out->folder.text_count, &out->treaty);
}

static void show_progress(void *ctx, int64_t done, int64_t total) {
    kd_progress(ctx, "checking the books", done, total);
}

static kd_status load_books(kd_call *call, kd_loaded *out) {
    const kd_treaty *t = out->treaty;
    kd_str *parties = kd_arena_array(call->arena, t->party_count + 1, sizeof *parties);
    if (!parties) return kd_fail_nomem(&call->error);
    for (size_t i = 0; i < t->party_count; i++) parties[i] = t->parties[i].name;
    kd_books_options o = {parties, t->party_count, show_progress, call};
    kd_status s =
        kd_books_load(&out->folder, &out->crypto, &o, call->arena, call->from, &out->books, &call->error);
    kd_progress_end(call);
    return s;
}

/* Every entry of every book, with the Party whose book it is. */
static kd_status open_record(kd_call *call, kd_loaded *out) {
    size_t count = (size_t)out->books.entries, n = 0;
    kd_record_entry *entries = kd_arena_array(call->arena, count + 1, sizeof *entries);
    if (!entries) return kd_fail_nomem(&call->error);
    for (size_t b = 0; b < out->books.count; b++) {
        const kd_held_book *book = &out->books.books[b];
        for (int64_t i = 0; i < book->count; i++)
            entries[n++] = (kd_record_entry){(uint32_t)b, (uint64_t)i, book->entries[i]};
    }
    return kd_record_open(out->treaty, out->symbols, entries, n, call->arena, &out->record, &call->error);
}

kd_status kd_load_record(kd_call *call, kd_loaded *out) {
    kd_status s = kd_load_treaty(call, out);
    if (!s && kd_symbols_open(call->from, &out->symbols)) s = kd_fail_nomem(&call->error);
    if (!s) s = load_books(call, out);
    return s ? s : open_record(call, out);
}

void kd_load_close(kd_loaded *l) {
    kd_symbols_close(l->symbols);
    l->symbols = NULL;
}

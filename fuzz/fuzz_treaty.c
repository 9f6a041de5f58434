/* fuzz_treaty.c: any bytes are a treaty or mistakes with places in them; what is a treaty compiles. The
 * same bytes are also read as a reading, as messages and as a record's own words, beside a small treaty. */
#include "kadesh/treaty.h"
#include <stdint.h>
#include <stdlib.h>

static void must(bool holds) {
    if (!holds) abort();
}

static const char small[] = "```treaty\n"
                            "treaty demo \"Demo\"\n"
                            "party US\n"
                            "party RU\n"
                            "group limits\n"
                            "notice data \"Data\" fields as_of: date, launchers: count\n"
                            "notice stop \"Stop\" by RU\n"
                            "fact stopped(P) begins on stop() by P\n"
                            "```\n";

static void check_diagnostics(const kd_diagnostics *d, size_t size) {
    kd_text out;
    kd_text_open(&out, NULL);
    must(d->count > 0 && d->count <= 100);
    for (size_t i = 0; i < d->count; i++) {
        const kd_diagnostic *x = &d->items[i];
        must(x->line >= 1 && x->column >= 1 && x->length >= 1 && x->message.n > 0);
        must(x->column <= x->source_line.n + 1 && x->line <= size + sizeof small + 2);
        must(kd_utf8_check(x->message) == x->message.n);
        kd_diagnostic_put(&out, x);
    }
    must(!out.failed);
    kd_text_close(&out);
}

static void compile(kd_arena *arena, const kd_treaty *t) {
    kd_symbols *symbols = NULL;
    kd_program program = {0};
    kd_error e = {0};
    must(kd_symbols_open(NULL, &symbols) == KD_OK);
    kd_status status = kd_treaty_compile(t, arena, NULL, symbols, &program, &e);
    /* A plan may be too wide; it says at which rule. */
    must(status == KD_OK || (status == KD_INVALID && e.message[0]));
    if (status == KD_OK) kd_plan_close(program.plan);
    kd_symbols_close(symbols);
}

static void load(const kd_source *sources, size_t count, size_t size) {
    kd_arena arena;
    kd_diagnostics d;
    kd_treaty *t;
    kd_arena_open(&arena, NULL);
    kd_status status = kd_treaty_load(&arena, sources, count, &d, &t);
    must(status == KD_OK || status == KD_INVALID);
    must((status == KD_OK) == (t != NULL));
    if (status == KD_OK)
        compile(&arena, t);
    else
        check_diagnostics(&d, size);
    kd_arena_close(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_source sources[2] = {
        {.name = KD_STR("fuzz.md"), .bytes = {(const char *)data, size}, .language = KD_STR("en")},
        {.name = KD_STR("small.md"), .bytes = {small, sizeof small - 1}}};
    load(sources, 1, size);
    sources[0].kind = KD_SOURCE_READING;
    load(sources, 2, size);
    sources[0].kind = KD_SOURCE_MESSAGES;
    load(sources, 2, size);
    sources[0].kind = KD_SOURCE_RECORD;
    load(sources, 2, size);
    return 0;
}

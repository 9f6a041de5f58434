/* phases.c: where the time of a report goes: reading the treaty, lowering it, the books, the record, the
 * replay.
 *
 *      phases DIR DAY [ROUNDS]
 *
 * Prints one line a phase: its name, milliseconds (the least of the rounds, the processor's time of this
 * process), and nanoseconds for each statement; then what the engine did: events, events a second with
 * nothing behind the sinks, node runs for each event, rows alive at the end. The books are believed as
 * they were the last time (.kadesh). */
#define _DEFAULT_SOURCE
#include "record/inside.h"
#include "store/crypto.h"
#include <kadesh/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum phase { TREATY, COMPILE, BOOKS, RECORD, REPLAY, ENGINE, PHASES } phase;
static const char *const names[PHASES] = {"treaty", "compile", "books", "record", "replay", "engine"};

typedef struct bench {
    const char *path;
    kd_day on;
    kd_crypto crypto;
    kd_arena arena;
    kd_folder folder;
    kd_treaty *treaty;
    kd_symbols *symbols;
    kd_program program;
    kd_books books;
    kd_record *record;
    kd_engine_stats engine;
    double ms[PHASES];
    kd_error e;
} bench;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static kd_status load_treaty(bench *b) {
    kd_status s = kd_folder_open(&kd_os_real, &b->crypto, b->path, &b->arena, &b->folder, &b->e);
    if (s) return s;
    kd_source *sources = kd_arena_array(&b->arena, b->folder.text_count, sizeof *sources);
    kd_diagnostics found = {0};
    if (!sources) return kd_fail_nomem(&b->e);
    for (size_t i = 0; i < b->folder.text_count; i++) {
        static const int kinds[] = {[KD_TEXT_TREATY] = KD_SOURCE_TREATY,
                                    [KD_TEXT_READING] = KD_SOURCE_READING,
                                    [KD_TEXT_MESSAGES] = KD_SOURCE_MESSAGES,
                                    [KD_TEXT_RECORD] = KD_SOURCE_RECORD};
        const kd_text_file *t = &b->folder.texts[i];
        sources[i] = (kd_source){.name = t->name, .bytes = t->bytes, .language = t->language};
        sources[i].kind = kinds[t->kind];
    }
    return kd_treaty_load(&b->arena, sources, b->folder.text_count, &found, &b->treaty);
}

static kd_status compile(bench *b) {
    if (kd_symbols_open(&kd_allocator_libc, &b->symbols)) return kd_fail_nomem(&b->e);
    return kd_treaty_compile(b->treaty, &b->arena, &kd_allocator_libc, b->symbols, &b->program, &b->e);
}

static kd_status load_books(bench *b) {
    kd_str *parties = kd_arena_array(&b->arena, b->treaty->party_count, sizeof *parties);
    if (!parties) return kd_fail_nomem(&b->e);
    for (size_t i = 0; i < b->treaty->party_count; i++) parties[i] = b->treaty->parties[i].name;
    const kd_books_options o = {.parties = parties, .party_count = b->treaty->party_count};
    return kd_books_load(&b->folder, &b->crypto, &o, &b->arena, &kd_allocator_libc, &b->books, &b->e);
}

static kd_status open_record(bench *b) {
    size_t n = 0;
    kd_record_entry *entries = kd_arena_array(&b->arena, (size_t)b->books.entries + 1, sizeof *entries);
    if (!entries) return kd_fail_nomem(&b->e);
    for (size_t p = 0; p < b->books.count; p++) {
        for (int64_t i = 0; i < b->books.books[p].count; i++)
            entries[n++] = (kd_record_entry){(uint32_t)p, (uint64_t)i, b->books.books[p].entries[i]};
    }
    return kd_record_open(b->treaty, b->symbols, entries, n, &b->arena, &b->record, &b->e);
}

static kd_status replay(bench *b) {
    kd_history *h;
    const kd_replay_options o = {.on = b->on, .known = b->on, .horizon = b->on};
    return rec_replay(b->record, &b->program, &o, &b->arena, &kd_allocator_libc, &h, &b->e);
}

static void hear(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    (void)sink, (void)at, (void)sign, (void)row, (void)width;
    ++*(uint64_t *)ctx;
}

/* The same events through the same circuit, with nobody who keeps what is heard. */
static kd_status run_engine(bench *b) {
    uint64_t heard = 0;
    rec_timeline t;
    kd_engine *g = NULL;
    kd_instant at, end = kd_day_end(b->on);
    const kd_replay_options o = {.on = b->on, .known = b->on, .horizon = b->on};
    const kd_engine_options engine = {.heard = hear, .ctx = &heard};
    if (rec_timeline_open(b->record, &b->program, &o, &kd_allocator_libc, &t)) return kd_fail_nomem(&b->e);
    kd_status s = kd_engine_open(b->program.plan, &engine, &g, &b->e);
    while (!s) {
        size_t count;
        s = rec_timeline_next(&t, end, true, KD_NEVER, &at, &count);
        if (s || at > end) break;
        if (count) s = kd_engine_push(g, at, t.events, count, &b->e);
    }
    if (!s) s = kd_engine_advance(g, end, &b->e);
    if (!s) b->engine = kd_engine_statistics(g);
    kd_engine_close(g);
    rec_timeline_close(&t);
    return s;
}

static void one_round(bench *b, int round) {
    static kd_status (*const steps[PHASES])(bench *) = {load_treaty, compile, load_books,
                                                        open_record, replay,  run_engine};
    kd_arena_open(&b->arena, &kd_allocator_libc);
    for (phase p = 0; p < PHASES; p++) {
        double begin = now_ms();
        if (steps[p](b)) {
            fprintf(stderr, "phases: %s: %s: %s\n", names[p], b->e.file, b->e.message);
            exit(1);
        }
        double took = now_ms() - begin;
        if (round == 0 || took < b->ms[p]) b->ms[p] = took;
    }
    kd_plan_close(b->program.plan);
    kd_symbols_close(b->symbols);
}

int main(int argc, char **argv) {
    bench b = {.path = argc > 1 ? argv[1] : ""};
    int rounds = argc > 3 ? atoi(argv[3]) : 3;
    if (argc < 3 || rounds < 1 || !kd_day_parse(kd_str_of(argv[2]), &b.on)) {
        fprintf(stderr, "usage: phases DIR DAY [ROUNDS]\n");
        return 2;
    }
    if (kd_crypto_sodium(&b.crypto, &b.e)) return 1;
    for (int i = 0; i < rounds; i++) {
        one_round(&b, i);
        if (i + 1 < rounds) kd_arena_close(&b.arena);
    }
    double statements = (double)b.record->statement_count;
    for (phase p = 0; p < PHASES; p++)
        printf("%s %.3f %.0f\n", names[p], b.ms[p], b.ms[p] * 1e6 / statements);
    double events = (double)b.engine.events;
    printf("events %.0f %.0f\nruns %.1f %zu\n", events, events / b.ms[ENGINE] * 1e3,
           (double)b.engine.nodes_run / events, b.engine.live_rows);
    kd_arena_close(&b.arena);
    return 0;
}

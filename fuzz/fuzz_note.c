/* fuzz_note.c: signed notes: what is taken apart is what was given, and verifying reads nothing outside of
 * it. */
#include "loose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_crypto crypto = loose_crypto();
    kd_vkey keys[LOOSE_KEYS];
    kd_arena arena;
    kd_note note;
    kd_signatures found;
    kd_str bytes = {(const char *)data, size};
    loose_keys(&crypto, keys);
    kd_arena_open(&arena, NULL);
    if (kd_note_parse(&arena, bytes, &note, NULL) == KD_OK) {
        size_t n = note.text.n + 1;
        for (size_t i = 0; i < note.line_count; i++) n += note.lines[i].line.n;
        must(n == size && note.text.n && note.text.p[note.text.n - 1] == '\n' && note.line_count > 0);
        if (kd_note_verify(&arena, &crypto, &note, keys, LOOSE_KEYS, &found, NULL) == KD_OK)
            must(found.count > 0 && found.count + found.ignored <= note.line_count);
    }
    kd_arena_close(&arena);
    return 0;
}

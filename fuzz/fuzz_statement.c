/* fuzz_statement.c: statements: what is read is written back byte for byte. */
#include "loose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_arena arena;
    kd_statement s;
    kd_error e = {0};
    kd_text t;
    kd_str bytes = {(const char *)data, size};
    kd_arena_open(&arena, NULL);
    kd_text_open(&t, NULL);
    if (kd_statement_parse(&arena, bytes, &s, &e) == KD_OK)
        must(kd_statement_put(&t, &s, NULL) == KD_OK && kd_str_equal(kd_text_str(&t), bytes));
    else
        must(e.reason[0] && e.message[0] && (e.line > 0 || size > KD_ENTRY_MAX_BYTES));
    kd_text_close(&t);
    kd_arena_close(&arena);
    return 0;
}

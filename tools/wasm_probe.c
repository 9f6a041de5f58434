/* wasm_probe.c: links the pure rooms into one WebAssembly program, which proves that they ask nothing of an operating system
 * but memory: it checks the treaty text that comes on its input and says how many rules it holds. */
#include "kadesh/treaty.h"

#include <stdio.h>
#include <stdlib.h>

int main(void) {
    static char text[1 << 20];
    size_t n = fread(text, 1, sizeof text, stdin);
    kd_source source = {KD_STR("treaty.md"), {text, n}, KD_SOURCE_TREATY, {NULL, 0}};
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_diagnostics diagnostics = {NULL, 0, 0};
    kd_treaty *treaty = NULL;
    kd_symbols *symbols = NULL;
    kd_status status = kd_treaty_load(&arena, &source, 1, &diagnostics, &treaty);
    kd_program program = {0};
    if (status == KD_OK) status = kd_symbols_open(&kd_allocator_libc, &symbols);
    if (status == KD_OK)
        status = kd_treaty_compile(treaty, &arena, &kd_allocator_libc, symbols, &program, NULL);
    if (status == KD_OK)
        printf("%zu rules, %zu nodes\n", treaty->rule_count, kd_plan_size(program.plan));
    else
        printf("%zu errors\n", diagnostics.count);
    kd_plan_close(program.plan);
    kd_symbols_close(symbols);
    kd_arena_close(&arena);
    return (int)status;
}

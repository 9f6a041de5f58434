/* fuzz_bundle.c: entry bundles and tile paths; the first byte is the bundle's width less one. */
#include "loose.h"

static void bundle(unsigned width, kd_str bytes) {
    kd_str entries[KD_TILE_WIDTH];
    if (kd_bundle_parse(bytes, width, entries, NULL)) return;
    kd_text t;
    kd_text_open(&t, NULL);
    for (unsigned i = 0; i < width; i++) must(kd_bundle_put(&t, entries[i], NULL) == KD_OK);
    must(kd_str_equal(kd_text_str(&t), bytes));
    kd_text_close(&t);
}

static void path(kd_str bytes) {
    kd_tile tile;
    char again[KD_TILE_PATH_MAX_BYTES];
    if (kd_tile_path_parse(bytes, &tile, NULL)) return;
    must(tile.level >= KD_TILE_ENTRIES && tile.level <= 63 && tile.index >= 0 && tile.width >= 1 &&
         tile.width <= 256);
    size_t n = kd_tile_path(tile, again);
    must(kd_str_equal((kd_str){again, n}, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    kd_str rest = {(const char *)data + 1, size - 1};
    bundle((unsigned)data[0] + 1, rest);
    path(rest);
    return 0;
}

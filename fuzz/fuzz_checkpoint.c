/* fuzz_checkpoint.c: heads: what is read is written back the same; a vkey too. */
#include "loose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_crypto crypto = loose_crypto();
    kd_vkey keys[LOOSE_KEYS], key;
    kd_arena arena;
    kd_head head;
    kd_text t;
    kd_str bytes = {(const char *)data, size};
    loose_keys(&crypto, keys);
    kd_arena_open(&arena, NULL);
    kd_text_open(&t, NULL);
    if (kd_head_open(&arena, &crypto, bytes, keys, LOOSE_KEYS, (kd_str){"", 0}, &head, NULL) == KD_OK) {
        kd_checkpoint_put(&t, head.at.origin, head.at.size, &head.at.root);
        kd_text_put(&t, head.at.extensions);
        must(kd_str_equal(kd_text_str(&t), head.note.text) && head.at.size >= 0 && head.at.origin.n > 0);
    }
    kd_text_clear(&t);
    if (kd_vkey_parse(&crypto, bytes, &key, NULL) == KD_OK) {
        kd_vkey_put(&t, &key);
        must(kd_str_equal(kd_text_str(&t), bytes));
    }
    kd_text_close(&t);
    kd_arena_close(&arena);
    return 0;
}

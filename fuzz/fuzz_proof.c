/* fuzz_proof.c: proofs to carry away: read, written back and checked. */
#include "loose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_crypto crypto = loose_crypto();
    kd_vkey keys[LOOSE_KEYS];
    kd_arena arena;
    kd_tlog_proof proof;
    kd_text t;
    kd_str bytes = {(const char *)data, size};
    loose_keys(&crypto, keys);
    kd_arena_open(&arena, NULL);
    kd_text_open(&t, NULL);
    if (kd_tlog_proof_parse(&arena, bytes, &proof, NULL) == KD_OK) {
        kd_tlog_proof_put(&t, &proof);
        /* A file that ends before its head is read to the end and refused only when the head is opened. */
        must(proof.checkpoint.n == 0 || kd_str_equal(kd_text_str(&t), bytes));
        kd_tlog_proof_check(&arena, &crypto, &proof, KD_STR("entry 3"), keys, LOOSE_KEYS, (kd_str){"", 0},
                            NULL, NULL);
    }
    kd_text_close(&t);
    kd_arena_close(&arena);
    return 0;
}

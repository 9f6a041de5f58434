/* fuzz_witness.c: requests to a witness; the first byte chooses what it knows already. */
#include "loose.h"

/* What the witness must never break: it answers, goes forward only, and stores what it can read again. */
static void check_answer(const kd_witness_answer *answer, const kd_witness_state *before, kd_arena *arena) {
    kd_note note;
    must(answer->status >= 200 && answer->status <= 422 && answer->body.n > 0);
    if (answer->status != 200) {
        must(answer->reason[0] && !answer->state.seen && answer->note.n == 0);
        return;
    }
    must(answer->state.seen && answer->state.time > 0 && answer->log == 0);
    must(answer->state.size >= before->size && (!before->seen || answer->state.time >= before->time));
    if (before->seen && answer->state.size == before->size)
        must(kd_digest_equal(&answer->state.root, &before->root));
    must(kd_note_parse(arena, answer->note, &note, NULL) == KD_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    kd_crypto crypto = loose_crypto();
    kd_vkey keys[LOOSE_KEYS];
    kd_signer witness;
    kd_arena arena;
    kd_witness_answer answer;
    const unsigned char seed[32] = {9};
    kd_witness_state state = {0};
    loose_keys(&crypto, keys);
    if (kd_signer_make(&crypto, KD_STR("witness.example/w1"), KD_KEY_COSIGNS, seed, &witness, NULL)) abort();
    if (data[0]) state = (kd_witness_state){true, data[0] % 16, kd_empty_root, 1700000000};
    const kd_trust log = {keys[0].name, keys, 1};
    kd_arena_open(&arena, NULL);
    must(kd_witness_step(&arena, &crypto, &witness, &log, &state, 1,
                         (kd_str){(const char *)data + 1, size - 1}, 1700000100, &answer, NULL) == KD_OK);
    check_answer(&answer, &state, &arena);
    kd_arena_close(&arena);
    return 0;
}

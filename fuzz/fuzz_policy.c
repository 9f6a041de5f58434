/* fuzz_policy.c: policies, and a head judged by each. */
#include "loose.h"

/* Signed by the log of the vectors and cosigned by their first witness. */
static const char head[] =
    "us.example/book\n"
    "5\n"
    "fKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=\n"
    "\n"
    "\xE2\x80\x94 us.example/book C9A+m3HnGOQbflN+3CKNL+O7jIkcU60GjEnt3vbSfuoXPpBx3e2HW2WKPCjQfQ4fDehbyIZ/XiJPfox0s1cM1m2kFAM=\n"
    "\xE2\x80\x94 w1.example/witness lHJLgAAAAABkGFDLlXY/mk0PBkxPCfbNunfv6jwpJP87FkDkPDtJNneJRIiTgXjigCRcUuuNtBktRGiqKMxh/OU+oBhAePHufaI2AA==\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kd_crypto crypto = loose_crypto();
    kd_arena arena;
    kd_policy policy;
    kd_arena_open(&arena, NULL);
    if (kd_policy_parse(&arena, &crypto, (kd_str){(const char *)data, size}, &policy, NULL) == KD_OK) {
        must(policy.quorum < (int64_t)policy.name_count && policy.log_count <= KD_POLICY_MAX_NAMES);
        for (size_t i = 0; i < policy.name_count; i++)
            for (size_t k = 0; k < policy.names[i].member_count; k++) must(policy.names[i].members[k] < i);
        kd_policy_check(&arena, &crypto, &policy, KD_STR(head), 0, NULL);
    }
    kd_arena_close(&arena);
    return 0;
}

/* fuzz_remember.c: what is remembered of checked signatures: any file gives something or nothing, and what
 * it gives is written and read again the same. */
#include "disk.h"
#include "loose.h"
#include "store/remember.h"

enum { PARTIES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const kd_str parties[PARTIES] = {{"US", 2}, {"RU", 2}, {"", 0}};
    remembered once[PARTIES], twice[PARTIES];
    simdisk d;
    simdisk_open(&d);
    const kd_folder f = {.os = &d.os, .path = "r"};
    must(!kd_make_folder(&d.os, "r", NULL));
    remember_read(&f, parties, PARTIES, once);
    for (size_t i = 0; i < PARTIES; i++) must(once[i].size == 0);
    disk_put(&d, "r/.kadesh/verified", (kd_str){(const char *)data, size});
    remember_read(&f, parties, PARTIES, once);
    remember_write(&f, parties, PARTIES, once);
    remember_read(&f, parties, PARTIES, twice);
    for (size_t i = 0; i < PARTIES; i++) {
        must(once[i].size >= 0 && twice[i].size == once[i].size);
        if (once[i].size == 0) continue;
        must(kd_digest_equal(&once[i].root, &twice[i].root) &&
             kd_digest_equal(&once[i].keys, &twice[i].keys));
    }
    simdisk_close(&d);
    return 0;
}

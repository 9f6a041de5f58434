/* corpus_main.c: runs a fuzz target over every file of the folders it is given, so that a corpus is a test with any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return 1;
    size_t room = 1 << 16, n = 0;
    uint8_t *bytes = malloc(room);
    while (bytes) {
        n += fread(bytes + n, 1, room - n, f);
        if (n < room) break;
        uint8_t *more = realloc(bytes, room *= 2);
        if (!more) {
            free(bytes);
            bytes = NULL;
        } else {
            bytes = more;
        }
    }
    fclose(f);
    if (!bytes) return 1;
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    return 0;
}

int main(int argc, char **argv) {
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    int ran = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        if (!d) {
            printf("  FAILED: no folder %s\n", argv[i]);
            failed++;
            continue;
        }
        for (struct dirent *e; (e = readdir(d));) {
            char path[1024];
            if (e->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
            if (run_file(path))
                failed++;
            else
                ran++;
        }
        closedir(d);
    }
    printf("%s: %d passed, %d failed\n", name, ran, failed);
    return failed == 0 && ran > 0 ? 0 : 1;
}

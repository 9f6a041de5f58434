/* open.c: opens what a verb is about: a treaty's texts, or the record of -C DIR replayed for --on and
 * --as-known. */
#include "cli/open.h"
#include "store/crypto.h"
#include <string.h>

/* Far past every treaty; so that a huge --days cannot overflow a day. */
#define HORIZON_MOST_DAYS INT64_C(3660000)

kd_status kd_open_record(kd_call *call, int64_t horizon_days, kd_opened *out) {
    *out = (kd_opened){0};
    kd_status s = kd_call_days(call, &out->on, &out->known);
    if (!s) s = kd_load_record(call, &out->loaded);
    if (s) return s;
    call->error = (kd_error){0}; /* what was tried on the way left its place behind */
    if (horizon_days > HORIZON_MOST_DAYS) horizon_days = HORIZON_MOST_DAYS;
    kd_replay_options o = {.on = out->on, .known = out->known, .horizon = out->on + horizon_days};
    return kd_replay(out->loaded.record, &o, call->arena, call->from, &out->history, &call->error);
}

void kd_open_close(kd_opened *o) {
    kd_load_close(&o->loaded);
}

/* Is there a treaty.md or a treaty/ in it? */
static bool is_record(const char *path) {
    char inside[KD_PATH_MAX_BYTES];
    if (!kd_path_join(inside, path, "treaty.md", NULL) && kd_path_exists(&kd_os_real, inside)) return true;
    return !kd_path_join(inside, path, "treaty", NULL) && kd_path_exists(&kd_os_real, inside);
}

/* The record's folder that a file or folder belongs to: itself, or the one that it is the treaty of when
 * readings lie beside it, since a treaty may speak of its readings. NULL: it stands alone. */
static const char *record_of(kd_call *call, const char *path) {
    char beside[KD_PATH_MAX_BYTES];
    if (is_record(path)) return path;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (strcmp(name, "treaty.md") != 0 && strcmp(name, "treaty") != 0) return NULL;
    const char *folder =
        slash ? kd_arena_copy(call->arena, path, (size_t)(slash - path) + (slash == path)) : ".";
    if (!folder || kd_path_join(beside, folder, "readings", NULL)) return NULL;
    return kd_path_exists(&kd_os_real, beside) ? folder : NULL;
}

kd_status kd_open_sources(kd_call *call, const char *path, kd_source **sources, size_t *count) {
    kd_crypto crypto;
    kd_folder folder = {0};
    kd_digest hash;
    kd_status s = kd_crypto_sodium(&crypto, &call->error);
    if (s) return s;
    const char *record = path ? record_of(call, path) : call->folder;
    if (record) {
        s = kd_folder_open(&kd_os_real, &crypto, record, call->arena, &folder, &call->error);
    } else {
        s = kd_treaty_hash(&kd_os_real, &crypto, path, call->arena, &hash, &folder.texts, &folder.text_count,
                           &call->error);
    }
    *count = folder.text_count;
    return s ? s : kd_load_sources(call, folder.texts, folder.text_count, sources);
}

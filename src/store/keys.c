/* keys.c: a Party's public keys as files and rosters have them, one line a key. */
#include "store/files.h"
#include <string.h>

const char *const kd_purpose_names[KD_PURPOSES] = {"statements", "heads", "cosignatures"};

static bool cut_word(kd_str *rest, kd_str *word) {
    const char *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    if (!blank || blank == rest->p) return false;
    *word = (kd_str){rest->p, (size_t)(blank - rest->p)};
    rest->p = blank + 1;
    rest->n -= word->n + 1;
    return true;
}

kd_status kd_public_key_parse(const kd_crypto *crypto, kd_str line, kd_public_key *out, kd_error *e) {
    kd_str rest = line, purpose;
    *out = (kd_public_key){.line = line};
    bool whole = cut_word(&rest, &out->party) && cut_word(&rest, &purpose);
    for (out->purpose = 0; whole && out->purpose < KD_PURPOSES; out->purpose++) {
        if (kd_str_is(purpose, kd_purpose_names[out->purpose])) break;
    }
    if (!whole || out->purpose == KD_PURPOSES) {
        kd_str shown = {line.p ? line.p : "", line.n < 120 ? line.n : 120};
        if (shown.n < line.n) shown.n = kd_utf8_check(shown);
        return kd_fail(
            e, KD_INVALID, "bad_key_line",
            "`%.*s` is no key line: wanted PARTY, then statements, heads or cosignatures, then name+id+key",
            KD_STR_ARGS(shown));
    }
    kd_status s = kd_vkey_parse(crypto, rest, &out->key, e);
    unsigned char wanted = out->purpose == KD_FOR_COSIGNATURES ? KD_KEY_COSIGNS : KD_KEY_SIGNS;
    if (!s && out->key.type != wanted) {
        s = kd_fail(e, KD_INVALID, "wrong_purpose", "the key %.*s has type %u and cannot serve for %s",
                    KD_STR_ARGS(out->key.name), out->key.type, kd_purpose_names[out->purpose]);
    }
    return s;
}

kd_status kd_public_keys_parse(const kd_crypto *crypto, kd_str text, kd_arena *arena, kd_public_key **out,
                               size_t *count, kd_error *e) {
    size_t room = 0;
    for (size_t i = 0; i < text.n; i++) room += text.p[i] == '\n';
    *count = 0;
    *out = kd_arena_array(arena, room + 1, sizeof **out);
    if (!*out) return kd_fail_nomem(e);
    kd_cursor c = kd_cursor_of(text.p, text.n);
    kd_str line;
    for (uint32_t number = 1; kd_cursor_line(&c, &line); number++) {
        if (line.n == 0 || line.p[0] == '#') continue;
        kd_status s = kd_public_key_parse(crypto, line, &(*out)[*count], e);
        if (s) {
            kd_error_place(e, NULL, number, 1);
            return s;
        }
        ++*count;
    }
    if (kd_cursor_left(&c))
        return kd_fail(e, KD_INVALID, "bad_key_line", "the last line does not end with a line feed");
    return KD_OK;
}

kd_status kd_folder_keys(const kd_folder *f, const kd_crypto *crypto, kd_arena *arena, kd_public_key **out,
                         size_t *count, kd_error *e) {
    char folder[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    kd_str *names = NULL;
    size_t files = 0;
    *out = NULL;
    *count = 0;
    kd_status s = kd_path_join(folder, f->path, "keys", e);
    if (!s) s = kd_folder_list(f->os, folder, ".pub", arena, &names, &files, e);
    for (size_t i = 0; !s && i < files; i++) {
        kd_str text;
        kd_public_key *keys = NULL;
        size_t n = 0;
        s = kd_path_join(path, folder, names[i].p, e);
        if (!s) s = kd_read_file(f->os, path, KD_NOTE_MAX_BYTES, arena, &text, e);
        if (s) return s;
        s = kd_public_keys_parse(crypto, text, arena, &keys, &n, e);
        if (s) {
            kd_error_place(e, path, e ? e->line : 0, e ? e->column : 0);
            return s;
        }
        kd_public_key *all = kd_arena_array(arena, *count + n + 1, sizeof *all);
        if (!all) return kd_fail_nomem(e);
        if (*count) memcpy(all, *out, *count * sizeof *all);
        if (n) memcpy(all + *count, keys, n * sizeof *all);
        *out = all;
        *count += n;
    }
    return s;
}

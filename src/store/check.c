/* check.c: holds each entry against its Party's keys, and the first entries against keys/ and the treaty's
 * text. */
#include "store/check.h"
#include <string.h>

/* ---- Keys -----------------------------------------------------------------------------------------------*/

kd_status entry_check_open(entry_check *c, const kd_crypto *crypto, kd_arena *arena, const kd_allocator *from,
                           kd_str party, const kd_public_key *keys, size_t key_count, kd_error *e) {
    *c =
        (entry_check){.crypto = crypto, .arena = arena, .party = party, .keys = keys, .key_count = key_count};
    kd_arena_open(&c->scratch, from);
    c->statement_keys = kd_arena_array(arena, key_count + 1, sizeof *c->statement_keys);
    c->head_keys = kd_arena_array(arena, key_count + 1, sizeof *c->head_keys);
    if (!c->statement_keys || !c->head_keys) return kd_fail_nomem(e);
    for (size_t i = 0; i < key_count; i++) {
        bool own = kd_str_equal(keys[i].party, party);
        if (own && keys[i].purpose == KD_FOR_STATEMENTS)
            c->statement_keys[c->statement_key_count++] = keys[i].key;
        if (own && keys[i].purpose == KD_FOR_HEADS) c->head_keys[c->head_key_count++] = keys[i].key;
    }
    if (!c->statement_key_count || !c->head_key_count) {
        return kd_fail(e, KD_FAILED, "no_keys",
                       "keys/ has no keys of %.*s for its statements and heads, so that nothing "
                       "in its book can be believed",
                       KD_STR_ARGS(party));
    }
    c->origin = c->head_keys[0].name;
    for (size_t i = 0; i < key_count; i++) {
        if (keys[i].purpose == KD_FOR_COSIGNATURES) c->head_keys[c->head_key_count++] = keys[i].key;
    }
    return KD_OK;
}

void entry_check_close(entry_check *c) {
    kd_arena_close(&c->scratch);
}

/* ---- Entries --------------------------------------------------------------------------------------------*/

static const kd_statement_field *field_of(const kd_statement *s, const char *name) {
    for (size_t i = 0; i < s->field_count; i++) {
        if (kd_str_is(s->fields[i].name, name)) return &s->fields[i];
    }
    return NULL;
}

/* "sha256:" and 64 digits. */
static bool read_hash(const kd_statement *s, const char *name, kd_digest *out) {
    const kd_statement_field *f = field_of(s, name);
    if (!f || !kd_str_starts(f->value, "sha256:")) return false;
    return kd_hex_decode((kd_str){f->value.p + 7, f->value.n - 7}, out->b, sizeof out->b);
}

static bool roster_names(const kd_statement *s, kd_str line) {
    for (size_t i = 0; i < s->field_count; i++) {
        if (kd_str_is(s->fields[i].name, "keys") && kd_str_equal(s->fields[i].value, line)) return true;
    }
    return false;
}

/* The first entry fixes the treaty's text and every Party's keys: keys/ must say the same, no more and no
 * less. */
static kd_status check_first(entry_check *c, const kd_statement *s, kd_error *e) {
    if (!kd_str_is(s->notice, "roster"))
        return kd_fail(e, KD_FAILED, "first_entry",
                       "the first entry is the notice `%.*s` and must be `roster`", KD_STR_ARGS(s->notice));
    c->has_pin = read_hash(s, "treaty_hash", &c->pinned);
    if (!c->has_pin)
        return kd_fail(e, KD_INVALID, "first_entry",
                       "the first entry names no treaty_hash of the form sha256:...");
    for (size_t i = 0; i < c->key_count; i++) {
        if (roster_names(s, c->keys[i].line)) continue;
        return kd_fail(e, KD_FAILED, "roster_keys",
                       "keys/ has a %s key of %.*s that the first entry does not name",
                       kd_purpose_names[c->keys[i].purpose], KD_STR_ARGS(c->keys[i].party));
    }
    size_t named = 0;
    for (size_t i = 0; i < s->field_count; i++) named += kd_str_is(s->fields[i].name, "keys");
    if (named == c->key_count) return KD_OK;
    return kd_fail(e, KD_FAILED, "roster_keys", "the first entry names %zu keys and keys/ has %zu", named,
                   c->key_count);
}

static kd_status note_revision(entry_check *c, const kd_statement *s, kd_error *e) {
    kd_digest hash;
    if (!read_hash(s, "treaty_hash", &hash))
        return KD_OK; /* a replaced declaration: nothing is moved by it */
    if (c->revision_count == c->revision_room) {
        size_t room = c->revision_room ? 2 * c->revision_room : 8;
        kd_digest *all = kd_arena_array(c->arena, room, sizeof *all);
        if (!all) return kd_fail_nomem(e);
        if (c->revision_count) memcpy(all, c->revisions, c->revision_count * sizeof *all);
        c->revisions = all;
        c->revision_room = room;
    }
    c->revisions[c->revision_count++] = hash;
    return KD_OK;
}

static kd_status check_statement(entry_check *c, int64_t index, kd_str text, kd_error *e) {
    kd_statement s;
    kd_status status = kd_statement_parse(&c->scratch, text, &s, e);
    if (status) return status;
    if (!kd_str_equal(s.by, c->party))
        return kd_fail(e, KD_FAILED, "wrong_author", "a statement by %.*s stands in the book of %.*s",
                       KD_STR_ARGS(s.by), KD_STR_ARGS(c->party));
    if (index == 0) return check_first(c, &s, e);
    if (kd_str_is(s.notice, "text_revised")) return note_revision(c, &s, e);
    return KD_OK;
}

/* Does the third line, which is the notice's, say that the treaty's text was revised? */
static bool tells_revision(kd_str entry) {
    kd_cursor c = kd_cursor_of(entry.p, entry.n);
    kd_str line = {NULL, 0};
    for (int i = 0; i < 3; i++) {
        if (!kd_cursor_line(&c, &line)) return false;
    }
    return kd_str_is(line, "notice text_revised");
}

kd_status entry_check_one(entry_check *c, int64_t index, kd_str entry, bool found_good, kd_error *e) {
    if (found_good && index > 0 && !tells_revision(entry)) {
        c->signatures++;
        return KD_OK;
    }
    enum { USES_OF_SCRATCH = 16 }; /* a new region for each entry would cost more than the entry */
    if (c->scratch_uses++ % USES_OF_SCRATCH == 0) {
        const kd_allocator *from = c->scratch.from;
        kd_arena_close(&c->scratch);
        kd_arena_open(&c->scratch, from);
    }
    kd_note note;
    kd_signatures found;
    kd_error why = {0};
    kd_status s = kd_note_parse(&c->scratch, entry, &note, &why);
    if (!s && !found_good) {
        s = kd_note_verify(&c->scratch, c->crypto, &note, c->statement_keys, c->statement_key_count, &found,
                           &why);
    }
    if (!s) {
        c->signatures++;
        s = check_statement(c, index, note.text, &why);
    }
    if (!s) return KD_OK;
    if (s == KD_NOMEM) return kd_fail_nomem(e);
    if (why.line) {
        return kd_fail(e, s, why.reason, "%.*s/%lld, line %u: %s", KD_STR_ARGS(c->party), (long long)index,
                       why.line, why.message);
    }
    return kd_fail(e, s, why.reason, "%.*s/%lld: %s", KD_STR_ARGS(c->party), (long long)index, why.message);
}

/* ---- First entries of all books -------------------------------------------------------------------------*/

static bool has_revision(const entry_check *c, const kd_digest *hash) {
    for (size_t i = 0; i < c->revision_count; i++) {
        if (kd_digest_equal(&c->revisions[i], hash)) return true;
    }
    return false;
}

/* A revision counts once every book has it. */
static bool agreed(const entry_check *books, size_t count, const kd_digest *hash) {
    for (size_t i = 0; i < count; i++) {
        if (books[i].has_pin && !has_revision(&books[i], hash)) return false;
    }
    return true;
}

kd_status entry_check_pins(const entry_check *books, size_t count, const kd_digest *treaty_hash,
                           kd_digest *pinned, bool *checked, kd_error *e) {
    const entry_check *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!books[i].has_pin) continue;
        if (!first) first = &books[i];
        if (!kd_digest_equal(&first->pinned, &books[i].pinned)) {
            return kd_fail(e, KD_FAILED, "treaty_hash",
                           "the first entries of %.*s and %.*s pin different treaty texts",
                           KD_STR_ARGS(first->party), KD_STR_ARGS(books[i].party));
        }
    }
    *checked = first != NULL;
    if (!first) return KD_OK;
    *pinned = first->pinned;
    for (size_t i = 0; i < first->revision_count; i++) {
        if (agreed(books, count, &first->revisions[i])) *pinned = first->revisions[i];
    }
    if (kd_digest_equal(pinned, treaty_hash)) return KD_OK;
    return kd_fail(
        e, KD_FAILED, "treaty_hash",
        "the treaty's text is not the one that the books pin: it was changed without an agreed revision");
}

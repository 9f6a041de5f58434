/* roster.c: makes the first entry of a book. */
#include "cli/roster.h"
#include <string.h>

kd_status kd_roster_check(const kd_treaty *t, const kd_public_key *keys, size_t count, kd_error *e) {
    for (size_t i = 0; i < count; i++) {
        if (kd_treaty_party(t, keys[i].party) < 0)
            return kd_fail(e, KD_INVALID, "roster_keys",
                           "a key is given for `%.*s`, which is no Party of the treaty",
                           KD_STR_ARGS(keys[i].party));
    }
    for (size_t p = 0; p < t->party_count; p++) {
        for (kd_purpose purpose = 0; purpose < KD_PURPOSES; purpose++) {
            bool found = false;
            for (size_t i = 0; i < count; i++)
                found =
                    found || (keys[i].purpose == purpose && kd_str_equal(keys[i].party, t->parties[p].name));
            if (!found)
                return kd_fail(e, KD_INVALID, "roster_keys", "the roster has no key of %.*s for %s",
                               KD_STR_ARGS(t->parties[p].name), kd_purpose_names[purpose]);
        }
    }
    return KD_OK;
}

static bool same_key(const kd_vkey *a, const kd_vkey *b) {
    return a->type == b->type && kd_str_equal(a->name, b->name) && memcmp(a->key, b->key, sizeof a->key) == 0;
}

kd_status kd_roster_has(const kd_roster *r, const kd_crypto *crypto, const kd_keyring *ring, kd_error *e) {
    for (kd_purpose p = 0; p < KD_PURPOSES; p++) {
        bool found = false;
        for (size_t i = 0; i < r->key_count && !found; i++) {
            const kd_public_key *k = &r->keys[i];
            found = k->purpose == p && kd_str_is(k->party, ring->party) &&
                    same_key(&k->key, &ring->signers[p].public_key);
        }
        if (!found)
            return kd_fail(e, KD_INVALID, "wrong_key",
                           "the key of %s for %s is not the one that the roster names", ring->party,
                           kd_purpose_names[p]);
    }
    return KD_OK;
}

/* treaty_hash, a line for each key, and the remark. */
static kd_status put_fields(const kd_roster *r, kd_arena *arena, kd_statement *s, kd_error *e) {
    kd_text hash;
    kd_text_open(&hash, &kd_allocator_libc);
    kd_text_puts(&hash, "sha256:");
    kd_hex_put(&hash, r->treaty_hash.b, sizeof r->treaty_hash.b);
    char *copy = hash.failed ? NULL : kd_arena_copy(arena, hash.p, hash.n);
    kd_text_close(&hash);
    s->fields = kd_arena_array(arena, r->key_count + 2, sizeof *s->fields);
    if (!copy || !s->fields) return kd_fail_nomem(e);
    s->fields[s->field_count++] =
        (kd_statement_field){.name = KD_STR("treaty_hash"), .value = kd_str_of(copy)};
    for (size_t i = 0; i < r->key_count; i++)
        s->fields[s->field_count++] = (kd_statement_field){.name = KD_STR("keys"), .value = r->keys[i].line};
    if (r->remark.n)
        s->fields[s->field_count++] = (kd_statement_field){.name = KD_STR("remark"), .value = r->remark};
    return KD_OK;
}

kd_status kd_roster_entry(const kd_roster *r, const kd_crypto *crypto, const kd_keyring *ring,
                          kd_arena *arena, kd_text *entry, kd_error *e) {
    kd_saying saying = {.treaty = r->treaty, .symbols = r->symbols};
    kd_say_fault faults[KD_SAY_FAULTS];
    size_t fault_count;
    kd_text text;
    int party = kd_treaty_party(r->treaty, kd_str_of(ring->party));
    if (party < 0) return kd_fail(e, KD_INVALID, "bad_party", "`%s` is no Party of the treaty", ring->party);
    saying.party = (uint32_t)party;
    saying.statement = (kd_statement){.notice = KD_STR("roster"),
                                      .issued = r->issued,
                                      .received = r->issued,
                                      .has_received = r->has_received,
                                      .source = r->source,
                                      .grade = r->grade};
    kd_text_open(&text, &kd_allocator_libc);
    kd_status s = kd_roster_has(r, crypto, ring, e);
    if (!s) s = put_fields(r, arena, &saying.statement, e);
    if (!s) s = kd_say_check(&saying, arena, faults, &fault_count, e);
    if (!s) s = kd_statement_put(&text, &saying.statement, e);
    if (!s) s = kd_say_sign(crypto, ring, kd_text_str(&text), entry, e);
    kd_text_close(&text);
    return s;
}

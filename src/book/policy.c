/* policy.c: whose signatures and cosignatures a head must carry (tlog-policy). */
#include "book/inside.h"
#include <string.h>

/* The file as it is read: what is there so far, and which names are members already. */
typedef struct reading {
    kd_arena *arena;
    const kd_crypto *crypto;
    kd_policy *policy;
    bool *used;
    bool has_quorum;
    kd_error *e;
} reading;

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Cuts the first field off a line. */
static bool next_field(kd_str *line, kd_str *field) {
    *line = kd_str_trim(*line);
    if (line->n == 0) return false;
    size_t n = 0;
    while (n < line->n && !is_blank(line->p[n])) n++;
    *field = (kd_str){line->p, n};
    *line = (kd_str){line->p + n, line->n - n};
    return true;
}

static size_t count_fields(kd_str line) {
    kd_str field;
    size_t count = 0;
    while (next_field(&line, &field)) count++;
    return count;
}

static int64_t find_name(const kd_policy *policy, kd_str name) {
    for (size_t i = 0; i < policy->name_count; i++)
        if (kd_str_equal(policy->names[i].name, name)) return (int64_t)i;
    return -1;
}

static kd_status check_fields(reading *r, kd_str rest, size_t least, size_t most, const char *form) {
    size_t count = count_fields(rest);
    if (count >= least && count <= most) return KD_OK;
    return kd_fail(r->e, KD_INVALID, "wrong_fields",
                   "this line has %zu fields after its first; it is written `%s`", count, form);
}

static kd_status check_room(reading *r, size_t count) {
    if (count < KD_POLICY_MAX_NAMES) return KD_OK;
    return kd_fail(r->e, KD_INVALID, "too_many_names", "a policy has at most %d logs and as many other names",
                   KD_POLICY_MAX_NAMES);
}

static kd_status read_key(reading *r, kd_str text, unsigned char type, kd_vkey *out) {
    kd_status status = kd_vkey_parse(r->crypto, text, out, r->e);
    if (status) {
        if (r->e && status == KD_INVALID) strcpy(r->e->reason, "bad_vkey");
        return status;
    }
    if (out->type == type) return KD_OK;
    return kd_fail(r->e, KD_INVALID, "bad_key_type", "a %s key has type 0x%02x, this one 0x%02x",
                   type == KD_KEY_SIGNS ? "log's" : "witness's", type, out->type);
}

static kd_status new_name(reading *r, kd_str name) {
    if (find_name(r->policy, name) < 0 && !kd_str_is(name, "none"))
        return check_room(r, r->policy->name_count);
    return kd_fail(r->e, KD_INVALID, "duplicate_name", "this name is taken");
}

static kd_status duplicate_key(reading *r) {
    return kd_fail(r->e, KD_INVALID, "duplicate_key", "this public key stands in the file already");
}

static kd_status read_log(reading *r, kd_str rest) {
    kd_policy *policy = r->policy;
    kd_policy_log *log = &policy->logs[policy->log_count];
    kd_str field = {0};
    kd_status status = check_fields(r, rest, 1, 2, "log <vkey> [<url>]");
    if (status == KD_OK) status = check_room(r, policy->log_count);
    if (status) return status;
    next_field(&rest, &field);
    status = read_key(r, field, KD_KEY_SIGNS, &log->key);
    if (status) return status;
    for (size_t i = 0; i < policy->log_count; i++)
        if (memcmp(policy->logs[i].key.key, log->key.key, sizeof log->key.key) == 0) return duplicate_key(r);
    log->url = next_field(&rest, &field) ? field : (kd_str){"", 0};
    policy->log_count++;
    return KD_OK;
}

static kd_status read_witness(reading *r, kd_str rest) {
    kd_policy *policy = r->policy;
    kd_str name = {0}, field = {0};
    kd_policy_name made = {0};
    kd_status status = check_fields(r, rest, 2, 3, "witness <name> <vkey> [<url>]");
    if (status) return status;
    next_field(&rest, &name);
    next_field(&rest, &field);
    status = read_key(r, field, KD_KEY_COSIGNS, &made.key);
    if (status == KD_OK) status = new_name(r, name);
    if (status) return status;
    for (size_t i = 0; i < policy->name_count; i++)
        if (!policy->names[i].is_group && memcmp(policy->names[i].key.key, made.key.key, 32) == 0)
            return duplicate_key(r);
    made.name = name;
    made.url = next_field(&rest, &field) ? field : (kd_str){"", 0};
    policy->names[policy->name_count++] = made;
    return KD_OK;
}

static kd_status read_threshold(reading *r, kd_str field, kd_policy_name *group) {
    int64_t k = 0;
    if (kd_str_is(field, "any"))
        k = 1;
    else if (kd_str_is(field, "all"))
        k = (int64_t)group->member_count;
    else if (!kd_decimal(field, &k) || k < 1 || (uint64_t)k > group->member_count)
        return kd_fail(r->e, KD_INVALID, "bad_threshold",
                       "the threshold is all, any, or 1 to %zu, the members", group->member_count);
    group->threshold = (size_t)k;
    return KD_OK;
}

static kd_status read_member(reading *r, kd_str name, size_t *out) {
    if (kd_str_is(name, "none")) return kd_fail(r->e, KD_INVALID, "bad_member", "none cannot be a member");
    int64_t found = find_name(r->policy, name);
    if (found < 0)
        return kd_fail(r->e, KD_INVALID, "undefined_name",
                       "a member is a witness or group of an earlier line");
    if (r->used[found])
        return kd_fail(r->e, KD_INVALID, "member_twice", "a name is a member once in the whole file");
    r->used[found] = true;
    *out = (size_t)found;
    return KD_OK;
}

static kd_status read_group(reading *r, kd_str rest) {
    kd_str name = {0}, threshold = {0}, member;
    kd_status status = check_fields(r, rest, 3, SIZE_MAX, "group <name> all|any|<k> <member>...");
    if (status) return status;
    next_field(&rest, &name);
    next_field(&rest, &threshold);
    kd_policy_name made = {
        .name = name, .is_group = true, .url = {"", 0}, .member_count = count_fields(rest)};
    status = read_threshold(r, threshold, &made);
    if (status == KD_OK) status = new_name(r, name);
    if (status) return status;
    made.members = kd_arena_array(r->arena, made.member_count, sizeof *made.members);
    if (!made.members) return kd_fail_nomem(r->e);
    for (size_t i = 0; next_field(&rest, &member); i++) {
        status = read_member(r, member, &made.members[i]);
        if (status) return status;
    }
    r->policy->names[r->policy->name_count++] = made;
    return KD_OK;
}

static kd_status read_quorum(reading *r, kd_str rest) {
    kd_str name = {0};
    kd_status status = check_fields(r, rest, 1, 1, "quorum <name>|none");
    if (status) return status;
    next_field(&rest, &name);
    if (r->has_quorum) return kd_fail(r->e, KD_INVALID, "two_quorums", "a policy has one quorum line");
    int64_t found = find_name(r->policy, name);
    if (found < 0 && !kd_str_is(name, "none"))
        return kd_fail(r->e, KD_INVALID, "undefined_name",
                       "the quorum names a witness or group of an earlier line");
    r->policy->quorum = found;
    r->has_quorum = true;
    return KD_OK;
}

static const struct {
    const char *word;
    kd_status (*read)(reading *r, kd_str rest);
} keywords[] = {{"log", read_log}, {"witness", read_witness}, {"group", read_group}, {"quorum", read_quorum}};

static kd_status read_line(reading *r, kd_str line) {
    kd_str word;
    if (!next_field(&line, &word) || word.p[0] == '#') return KD_OK;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (kd_str_is(word, keywords[i].word)) return keywords[i].read(r, line);
    return kd_fail(r->e, KD_INVALID, "unknown_keyword",
                   "a line begins with log, witness, group, quorum or #");
}

/* Bytes 09, 0A, 20-7E and 80-FF are allowed. */
static kd_status check_bytes(kd_str text, kd_error *e) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c != 0x7F && (c >= 0x20 || c == '\t' || c == '\n')) continue;
        kd_book_place(text, i, e);
        return kd_fail(e, KD_INVALID, "control_character", "byte 0x%02x is not allowed", c);
    }
    return KD_OK;
}

kd_status kd_policy_parse(kd_arena *arena, const kd_crypto *crypto, kd_str text, kd_policy *out,
                          kd_error *e) {
    kd_status status = check_bytes(text, e);
    if (status) return status;
    *out = (kd_policy){.quorum = -1};
    out->logs = kd_arena_array(arena, KD_POLICY_MAX_NAMES, sizeof *out->logs);
    out->names = kd_arena_array(arena, KD_POLICY_MAX_NAMES, sizeof *out->names);
    bool *used = kd_arena_array(arena, KD_POLICY_MAX_NAMES, sizeof *used);
    if (!out->logs || !out->names || !used) return kd_fail_nomem(e);
    reading r = {arena, crypto, out, used, false, e};
    kd_cursor cursor = kd_cursor_of(text.p, text.n);
    for (uint32_t number = 1; kd_cursor_left(&cursor); number++) {
        kd_str line;
        if (!kd_cursor_line(&cursor, &line)) line = kd_cursor_bytes(&cursor, kd_cursor_left(&cursor));
        kd_error_place(e, NULL, number, 0);
        status = read_line(&r, line);
        if (status) return status;
    }
    kd_error_place(e, NULL, 0, 0);
    if (r.has_quorum) return KD_OK;
    return kd_fail(e, KD_INVALID, "no_quorum", "the policy has no quorum line");
}

/* Logs' keys, then witnesses'; *from[i] is the name of witness key i. */
static kd_status gather_keys(kd_arena *arena, const kd_policy *policy, kd_vkey **keys, size_t **from,
                             size_t *count, kd_error *e) {
    size_t room = policy->log_count + policy->name_count;
    *keys = kd_arena_array(arena, room, sizeof **keys);
    *from = kd_arena_array(arena, room, sizeof **from);
    if (!*keys || !*from) return kd_fail_nomem(e);
    *count = 0;
    for (size_t i = 0; i < policy->log_count; i++) (*keys)[(*count)++] = policy->logs[i].key;
    for (size_t i = 0; i < policy->name_count; i++) {
        if (policy->names[i].is_group) continue;
        (*from)[*count] = i;
        (*keys)[(*count)++] = policy->names[i].key;
    }
    return KD_OK;
}

/* Whether the quorum holds; met[] says which witnesses cosigned, and members always stand before their
 * group. */
static bool quorum_holds(const kd_policy *policy, bool *met) {
    for (size_t i = 0; i < policy->name_count; i++) {
        const kd_policy_name *group = &policy->names[i];
        if (!group->is_group) continue;
        size_t count = 0;
        for (size_t k = 0; k < group->member_count; k++) count += met[group->members[k]];
        met[i] = count >= group->threshold;
    }
    return policy->quorum < 0 || met[policy->quorum];
}

kd_status kd_policy_check(kd_arena *arena, const kd_crypto *crypto, const kd_policy *policy, kd_str head,
                          kd_instant latest, kd_error *e) {
    kd_vkey *keys = NULL;
    size_t *from = NULL, count = 0;
    kd_note note;
    kd_signatures found;
    kd_checkpoint at;
    kd_status status = gather_keys(arena, policy, &keys, &from, &count, e);
    if (status == KD_OK) status = kd_note_parse(arena, head, &note, e);
    if (status == KD_OK) status = kd_book_verify_lines(arena, crypto, &note, keys, count, &found, e);
    if (status == KD_OK) status = kd_checkpoint_parse(note.text, &at, e);
    if (status) return status;
    bool *met = kd_arena_array(arena, policy->name_count + 1, sizeof *met);
    if (!met) return kd_fail_nomem(e);
    bool listed = false, own = false;
    for (size_t i = 0; i < found.count; i++) {
        const kd_vkey *key = &keys[found.by[i].key];
        if (key->type == KD_KEY_SIGNS) {
            listed = true;
            own = own || kd_str_equal(key->name, at.origin);
        } else if (latest <= 0 || found.by[i].time <= latest) {
            met[from[found.by[i].key]] = true;
        }
    }
    if (!listed) return kd_fail(e, KD_FAILED, "log_not_listed", "no log of the policy signed this head");
    if (!own)
        return kd_fail(e, KD_FAILED, "origin_mismatch",
                       "the log that signed this head is not the one that it names");
    if (quorum_holds(policy, met)) return KD_OK;
    return kd_fail(e, KD_FAILED, "quorum_not_met", "too few of the policy's witnesses cosigned this head");
}

/* witness.c: what a witness answers to add-checkpoint, as a function of the request, its state and its
 * clock. */
#include "book/inside.h"

typedef struct request {
    int64_t old;
    kd_proof proof;
    kd_note note;
    kd_checkpoint at;
} request;

static const char size_type[] = "text/x.tlog.size";

/* Reads `old N`, the proof's lines, the empty line and the note. KD_INVALID when the body is not of this
 * form. */
static kd_status parse_request(kd_arena *arena, kd_str body, request *out) {
    kd_cursor cursor = kd_cursor_of(body.p, body.n);
    kd_str line;
    if (body.n > KD_NOTE_MAX_BYTES || !kd_cursor_line(&cursor, &line) || !kd_str_starts(line, "old ") ||
        !kd_decimal((kd_str){line.p + 4, line.n - 4}, &out->old))
        return KD_INVALID;
    out->proof.count = 0;
    for (;;) {
        if (!kd_cursor_line(&cursor, &line)) return KD_INVALID;
        if (line.n == 0) break;
        /* 63 nodes: one fewer than there is room for. */
        if (out->proof.count == KD_PROOF_MAX - 1 ||
            !kd_digest_parse(line, &out->proof.nodes[out->proof.count]))
            return KD_INVALID;
        out->proof.count++;
    }
    kd_str rest = kd_cursor_bytes(&cursor, kd_cursor_left(&cursor));
    return kd_note_parse(arena, rest, &out->note, NULL);
}

static int64_t find_log(const kd_trust *logs, size_t count, kd_str origin) {
    for (size_t i = 0; i < count; i++)
        if (kd_str_equal(logs[i].origin, origin)) return (int64_t)i;
    return -1;
}

/* Fills the answer of a refusal; the body repeats the reason for a person who reads it. */
static kd_status refuse(kd_arena *arena, kd_witness_answer *out, int status, const char *reason,
                        kd_error *e) {
    const char *body = kd_arena_printf(arena, "%s\n", reason);
    if (!body) return kd_fail_nomem(e);
    out->status = status;
    out->reason = reason;
    out->body = kd_str_of(body);
    return KD_OK;
}

static kd_status refuse_old(kd_arena *arena, kd_witness_answer *out, int64_t have, kd_error *e) {
    const char *body = kd_arena_printf(arena, "%lld\n", (long long)have);
    if (!body) return kd_fail_nomem(e);
    out->status = 409;
    out->reason = "old_size";
    out->content_type = size_type;
    out->body = kd_str_of(body);
    return KD_OK;
}

/* The head with only those of the submitted lines that hold, and then `more`. A forged line, of this
 * witness's own name perhaps, must not come into its store. */
static kd_status rewrite_note(kd_arena *arena, const kd_note *note, const kd_signatures *found, kd_str more,
                              kd_str *out, kd_error *e) {
    kd_text t;
    kd_text_open(&t, arena->from);
    kd_text_put(&t, note->text);
    kd_text_putc(&t, '\n');
    for (size_t i = 0; i < found->count; i++) kd_text_put(&t, found->by[i].line);
    kd_text_put(&t, more);
    const char *copy = t.failed ? NULL : kd_arena_copy(arena, t.p, t.n);
    *out = (kd_str){copy, t.n};
    kd_text_close(&t);
    return copy ? KD_OK : kd_fail_nomem(e);
}

/* Fills the answer of a head that is taken. */
static kd_status accept(kd_arena *arena, const kd_crypto *crypto, const kd_signer *witness, const request *r,
                        const kd_signatures *found, const kd_witness_state *state, kd_instant now,
                        kd_witness_answer *out, kd_error *e) {
    /* A clock that was set back must not make this look like an earlier promise. */
    kd_instant time = state->seen && state->time > now ? state->time : now;
    kd_text line;
    kd_text_open(&line, arena->from);
    kd_status status = kd_cosign(&line, crypto, witness, r->note.text, time, e);
    if (status == KD_OK) status = rewrite_note(arena, &r->note, found, kd_text_str(&line), &out->note, e);
    if (status == KD_OK) {
        const char *copy = kd_arena_copy(arena, line.p, line.n);
        if (!copy) status = kd_fail_nomem(e);
        out->body = (kd_str){copy, line.n};
        out->status = 200;
        out->reason = "";
        out->state = (kd_witness_state){true, r->at.size, r->at.root, time};
    }
    kd_text_close(&line);
    return status;
}

/* What is wrong between a rightly signed head and the state: the status of HTTP and its reason, 200 when
 * nothing is. */
static int compare(const kd_crypto *crypto, const request *r, int64_t size, const kd_digest *root,
                   const char **reason) {
    *reason = "";
    if (r->old > r->at.size) {
        *reason = "old_above_new";
        return 400;
    }
    if (r->old != size) {
        *reason = "old_size";
        return 409;
    }
    if (r->at.size == 0 && !kd_digest_equal(&r->at.root, &kd_empty_root)) {
        *reason = "bad_empty_root";
        return 422;
    }
    kd_status status = kd_check_consistency(crypto, size, root, r->at.size, &r->at.root, r->proof.nodes,
                                            r->proof.count, NULL);
    if (status == KD_OK) return 200;
    bool other_root = r->at.size == size && r->proof.count == 0;
    *reason = other_root ? "roots_differ" : "proof";
    return 422;
}

kd_status kd_witness_step(kd_arena *arena, const kd_crypto *crypto, const kd_signer *witness,
                          const kd_trust *logs, const kd_witness_state *states, size_t log_count, kd_str body,
                          kd_instant now, kd_witness_answer *out, kd_error *e) {
    *out = (kd_witness_answer){.log = -1};
    request r;
    kd_status status = parse_request(arena, body, &r);
    if (status == KD_NOMEM) return kd_fail_nomem(e);
    if (status) return refuse(arena, out, 400, "malformed", e);
    int64_t found = find_log(logs, log_count, kd_book_first_line(r.note.text));
    if (found < 0) return refuse(arena, out, 404, "unknown_origin", e);
    const kd_trust *log = &logs[found];
    for (size_t i = 0; i < log->key_count; i++)
        if (kd_str_equal(log->keys[i].name, witness->public_key.name))
            return kd_fail(e, KD_USAGE, "bad_key_name", "a log has the name of this witness's key");
    out->log = found;
    kd_signatures good;
    kd_error why = {0};
    status = kd_note_verify(arena, crypto, &r.note, log->keys, log->key_count, &good, &why);
    if (status == KD_NOMEM) return kd_fail_nomem(e);
    if (status) {
        bool unknown = kd_str_is(kd_str_of(why.reason), "no_known_signature");
        return refuse(arena, out, 403, unknown ? "no_known_signature" : "bad_signature", e);
    }
    if (kd_book_checkpoint_lines(r.note.text, &r.at, NULL)) return refuse(arena, out, 400, "malformed", e);
    const kd_witness_state *state = &states[found];
    int64_t size = state->seen ? state->size : 0;
    const kd_digest *root = state->seen ? &state->root : &kd_empty_root;
    const char *reason;
    int http = compare(crypto, &r, size, root, &reason);
    if (http == 200) return accept(arena, crypto, witness, &r, &good, state, now, out, e);
    bool fork = r.at.size == size && !kd_digest_equal(&r.at.root, root);
    if (http == 422 || fork) status = rewrite_note(arena, &r.note, &good, (kd_str){"", 0}, &out->refused, e);
    if (status) return status;
    return http == 409 ? refuse_old(arena, out, size, e) : refuse(arena, out, http, reason, e);
}

/* fork.c: whether two heads of one log prove that it, or a cosigner, said two things that cannot both be
 * true. */
#include "book/inside.h"

/* A head that is well signed, and when the cosigner in question cosigned it. */
typedef struct opened {
    kd_checkpoint at;
    const char *fault; /* "unsigned" or "malformed", NULL when fine */
    bool cosigned;
    kd_instant earliest, latest;
} opened;

static const kd_trust *find_trust(kd_str origin, const kd_trust *trust, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (kd_str_equal(trust[i].origin, origin)) return &trust[i];
    return NULL;
}

/* When the cosigner signed this head. A line of its name that does not hold is nobody's: it counts for
 * nothing, and spoils nothing, else whoever passes a proof on could void it by adding a line. */
static kd_status read_times(kd_arena *arena, const kd_crypto *crypto, const kd_note *note,
                            const kd_vkey *cosigner, opened *out) {
    for (size_t i = 0; i < note->line_count; i++) {
        kd_note one = {note->text, &note->lines[i], 1};
        kd_signatures found;
        kd_status status = kd_book_verify_lines(arena, crypto, &one, cosigner, 1, &found, NULL);
        if (status == KD_NOMEM) return status;
        if (status || found.count == 0) continue;
        kd_instant time = found.by[0].time;
        if (!out->cosigned || time < out->earliest) out->earliest = time;
        if (!out->cosigned || time > out->latest) out->latest = time;
        out->cosigned = true;
    }
    return KD_OK;
}

static kd_status open_one(kd_arena *arena, const kd_crypto *crypto, kd_str bytes, const kd_trust *trust,
                          size_t count, const kd_vkey *cosigner, opened *out) {
    *out = (opened){.fault = NULL};
    kd_note note;
    kd_signatures found;
    kd_status status = kd_note_parse(arena, bytes, &note, NULL);
    if (status == KD_NOMEM) return status;
    if (status) {
        out->fault = "malformed";
        return KD_OK;
    }
    const kd_trust *log = find_trust(kd_book_first_line(note.text), trust, count);
    status =
        kd_note_verify(arena, crypto, &note, log ? log->keys : NULL, log ? log->key_count : 0, &found, NULL);
    if (status == KD_NOMEM) return status;
    if (status) {
        out->fault = "unsigned";
        return KD_OK;
    }
    if (kd_checkpoint_parse(note.text, &out->at, NULL)) {
        out->fault = "malformed";
        return KD_OK;
    }
    return cosigner ? read_times(arena, crypto, &note, cosigner, out) : KD_OK;
}

static kd_cosigner_verdict judge_cosigner(const opened *a, const opened *b) {
    if (!a->cosigned || !b->cosigned) return KD_COSIGNER_NONE;
    if (a->at.size == b->at.size)
        return kd_digest_equal(&a->at.root, &b->at.root) ? KD_COSIGNER_NONE : KD_COSIGNER_FORK;
    const opened *small = a->at.size < b->at.size ? a : b, *large = small == a ? b : a;
    return large->earliest < small->latest ? KD_COSIGNER_ROLLBACK : KD_COSIGNER_NONE;
}

static kd_fork verdict(kd_fork_verdict v, const char *reason) {
    return (kd_fork){v, reason, KD_COSIGNER_NONE};
}

/* The roots that the evidence gives for both sizes; false when it does not fit them. */
static bool fold_evidence(const kd_crypto *crypto, const kd_fork_evidence *evidence, int64_t m, int64_t n,
                          kd_digest *old_root, kd_digest *new_root) {
    if (evidence->kind == KD_EVIDENCE_PREFIX)
        return evidence->old_size == m && evidence->new_size == n &&
               kd_book_fold_consistency(crypto, m, n, evidence->hashes, evidence->count, old_root, new_root);
    if ((uint64_t)n != evidence->count) return false;
    kd_book_fold(crypto, evidence->hashes, (size_t)m, old_root);
    kd_book_fold(crypto, evidence->hashes, (size_t)n, new_root);
    return true;
}

static kd_fork judge(const kd_crypto *crypto, const opened *a, const opened *b,
                     const kd_fork_evidence *evidence) {
    if (!kd_str_equal(a->at.origin, b->at.origin)) return verdict(KD_FORK_NONE, "different_origins");
    bool same_root = kd_digest_equal(&a->at.root, &b->at.root);
    if (a->at.size == b->at.size)
        return same_root ? verdict(KD_FORK_NONE, "same_head")
                         : verdict(KD_FORK_PROVEN, "same_size_other_root");
    if (same_root) return verdict(KD_FORK_PROVEN, "same_root_other_size");
    const kd_checkpoint *small = a->at.size < b->at.size ? &a->at : &b->at;
    const kd_checkpoint *large = small == &a->at ? &b->at : &a->at;
    if (small->size == 0) return verdict(KD_FORK_NONE, "consistent");
    if (!evidence) return verdict(KD_FORK_UNDECIDED, "no_evidence");
    kd_digest old_root, new_root;
    bool folds = fold_evidence(crypto, evidence, small->size, large->size, &old_root, &new_root);
    /* Only nodes that give the signed root of the larger tree are that tree's own; others anybody can
     * write. */
    if (!folds || !kd_digest_equal(&new_root, &large->root))
        return verdict(KD_FORK_UNDECIDED, "evidence_invalid");
    if (kd_digest_equal(&old_root, &small->root)) return verdict(KD_FORK_NONE, "consistent");
    return verdict(KD_FORK_PROVEN, "prefix_mismatch");
}

kd_status kd_fork_judge(kd_arena *arena, const kd_crypto *crypto, kd_str a, kd_str b, const kd_trust *trust,
                        size_t trust_count, const kd_fork_evidence *evidence, const kd_vkey *cosigner,
                        kd_fork *out, kd_error *e) {
    opened heads[2];
    for (size_t i = 0; i < 2; i++)
        if (open_one(arena, crypto, i ? b : a, trust, trust_count, cosigner, &heads[i]))
            return kd_fail_nomem(e);
    /* "malformed" before "unsigned", so that the order of the two heads does not matter. */
    const char *fault = heads[0].fault;
    if (!fault || (heads[1].fault && heads[1].fault[0] == 'm'))
        fault = heads[1].fault ? heads[1].fault : fault;
    if (fault) {
        *out = verdict(KD_FORK_NONE, fault);
        return KD_OK;
    }
    *out = judge(crypto, &heads[0], &heads[1], evidence);
    if (kd_str_equal(heads[0].at.origin, heads[1].at.origin))
        out->cosigner = judge_cosigner(&heads[0], &heads[1]);
    return KD_OK;
}

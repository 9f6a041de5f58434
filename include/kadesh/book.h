/* book.h: a Party's book: signed statements in an append-only Merkle log, in open formats.
 *
 * A book is plain files under one prefix, and everything here works on their bytes in memory:
 *
 *      checkpoint            the head: origin, size, root, signed by the log, cosigned by others
 *      tile/0/000 ...        leaf hashes, 256 to a tile; a partial tile is tile/0/000.p/17
 *      tile/1/000 ...        each hash the root of a full tile of the level below
 *      tile/entries/000 ...  the entries themselves, 256 to a bundle
 *
 *                     root = H(1 || left || right)             an entry is a signed note: a statement's
 *                    /                  \                      text, an empty line, signature lines; its
 *              subtree                 subtree                 leaf hash is H(0 || entry). A head names one
 *             /       \               /       \                tree and with it every byte of every entry;
 *         leaf 0    leaf 1        leaf 2    leaf 3             an inclusion proof shows an entry in a head,
 *                                                              a consistency proof one head continuing another
 *
 * The formats are C2SP's signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-witness, tlog-proof
 * and tlog-policy; docs/book.md has every byte. SHA-256 and Ed25519 come from a kd_crypto. Functions return
 * KD_INVALID for bytes that do not have the form they must have and KD_FAILED for well-formed bytes that
 * prove to be false; `reason` of the kd_error is then a fixed word ("bad_base64", "root_mismatch"). Views
 * point into the bytes that were parsed or into the arena that was handed in; both must outlive them.
 */
#ifndef KADESH_BOOK_H
#define KADESH_BOOK_H

#include <kadesh/base.h>

/* ---- Limits ----------------------------------------------------------------------------------------- */

#define KD_DIGEST_BYTES     32
#define KD_ENTRY_MAX_BYTES  65535 /* the length of an entry is two bytes in its bundle (tlog-tiles) */
#define KD_NOTE_MAX_BYTES   131072
#define KD_NOTE_MAX_LINES   100 /* signature lines; C2SP wants at least 16 accepted */
#define KD_NAME_MAX_BYTES   255 /* of a key, and of an origin of ours */
#define KD_PROOF_MAX        64  /* nodes; 63 suffice up to 2^62 leaves */
#define KD_TILE_WIDTH       256
#define KD_TILE_MAX_BYTES   (KD_TILE_WIDTH * KD_DIGEST_BYTES)
#define KD_BUNDLE_MAX_BYTES (KD_TILE_WIDTH * (2 + KD_ENTRY_MAX_BYTES))
#define KD_TREE_LEVELS      8 /* of tiles that a tree of fewer than 2^63 leaves can have */

typedef struct kd_digest {
    unsigned char b[KD_DIGEST_BYTES];
} kd_digest;

bool kd_digest_equal(const kd_digest *a, const kd_digest *b);
/* 44 characters of base64; false when they are anything else. */
bool kd_digest_parse(kd_str s, kd_digest *out);

/* ---- Keys ----------------------------------------------------------------------------------------------
 *
 * A verifier key is written name+id+base64(type || public key), the ID being the first four bytes of
 * H(name || LF || type || public key). A Party has three keys and never mixes them: one signs statements
 * and one signs heads (both of type 1, under two names), one cosigns others' heads (type 4). */
enum { KD_KEY_SIGNS = 0x01, KD_KEY_COSIGNS = 0x04 };

typedef struct kd_vkey {
    kd_str name;
    unsigned char type;
    unsigned char id[4];
    unsigned char key[32];
} kd_vkey;

/* A key that can sign. Whoever holds one wipes it. */
typedef struct kd_signer {
    kd_vkey public_key;
    unsigned char seed[32];
} kd_signer;

/* True for what may be a key's name: not empty, UTF-8, no `+`, no Unicode space, at most 255 bytes. */
bool kd_key_name_valid(kd_str name);
/* The key of a name, type and public key. KD_INVALID: bad_key_name, unknown_type. */
kd_status kd_vkey_make(const kd_crypto *crypto, kd_str name, unsigned type, const unsigned char key[32],
                       kd_vkey *out, kd_error *e);
/* Reads a vkey; out->name points into `text`. KD_INVALID: bad_vkey, bad_key_name, bad_key_id, bad_base64,
 * bad_key_length, unknown_type, key_id_mismatch. */
kd_status kd_vkey_parse(const kd_crypto *crypto, kd_str text, kd_vkey *out, kd_error *e);
void kd_vkey_put(kd_text *t, const kd_vkey *key);

/* The signer of a name, type and seed. As kd_vkey_make; KD_SYSTEM when the library fails. */
kd_status kd_signer_make(const kd_crypto *crypto, kd_str name, unsigned type, const unsigned char seed[32],
                         kd_signer *out, kd_error *e);
/* PRIVATE+KEY+name+id+base64(type || seed), as the Go tools write it. An error never repeats any of the
 * text. */
kd_status kd_signer_parse(const kd_crypto *crypto, kd_str text, kd_signer *out, kd_error *e);
void kd_signer_put(kd_text *t, const kd_signer *signer);

/* ---- Signed notes ----------------------------------------------------------------------------------- */

/* One signature line; nothing about it is true until it is verified. */
typedef struct kd_note_line {
    kd_str line; /* with its LF */
    kd_str name;
    unsigned char id[4];
    kd_str signature; /* decoded, without the ID; in the arena */
} kd_note_line;

typedef struct kd_note {
    kd_str text; /* what is signed, with its final LF */
    kd_note_line *lines;
    size_t line_count;
} kd_note;

/* A line that holds. */
typedef struct kd_verified {
    size_t key;      /* index in the keys that were handed in */
    kd_instant time; /* of a cosignature; 0 for a plain signature */
    kd_str line;     /* with its LF */
} kd_verified;

typedef struct kd_signatures {
    kd_verified *by; /* in order of first appearance; a repeated line once */
    size_t count;
    size_t ignored; /* lines of keys that were not handed in, repeats counted */
} kd_signatures;

/* Takes a note apart. KD_INVALID: too_long, control_character, not_utf8, no_final_newline, no_separator,
 * no_signatures, too_many_signatures, bad_signature_line, bad_key_name, bad_base64, short_signature. */
kd_status kd_note_parse(kd_arena *arena, kd_str bytes, kd_note *out, kd_error *e);
/* Verifies every line whose name and ID are those of one of `keys`; needs one at least. KD_FAILED:
 * bad_signature, cosignature_length, timestamp_range, timestamp_zero, no_known_signature. */
kd_status kd_note_verify(kd_arena *arena, const kd_crypto *crypto, const kd_note *note, const kd_vkey *keys,
                         size_t key_count, kd_signatures *out, kd_error *e);
/* Appends one signature line over `text` to `out`. Refuses (KD_USAGE) a signer of another type than
 * KD_KEY_SIGNS, a text that could not be a note's and one that begins as a cosignature message does.
 * KD_SYSTEM: the library failed. */
kd_status kd_note_sign(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                       kd_error *e);
/* Appends the whole note: text, empty line, one signature line. */
kd_status kd_note_make(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                       kd_error *e);

/* ---- Statements ----------------------------------------------------------------------------------------
 *
 *      kadesh.statement/1               first line, always
 *      treaty kadesh                    the envelope, in this order; one line each but `to`
 *      notice data
 *      by US
 *      to RU                            may be absent, may repeat
 *      issued 2022-09-01T14:02:11Z      or a day: 2022-09-01
 *      received 2022-09-02              may be absent, as may those that follow
 *      source https://...
 *      grade M
 *      corrects US/34
 *      as_of 2022-09-01                 the notice's fields, in its order; a list repeats its line
 *      delivery 659
 *
 * The text says what it says in one spelling: one blank after the name, no empty line, no trailing blank. */

/* An instant, or a day of which no hour is known; a day sorts after every instant of it that has an hour. */
typedef struct kd_stamp {
    kd_instant at; /* kd_day_end of the day when day_only */
    bool day_only;
} kd_stamp;

bool kd_stamp_parse(kd_str s, kd_stamp *out);
void kd_stamp_put(kd_text *t, kd_stamp stamp);
/* Before, equal, after: by second; at one second the stamp with an hour first. */
int kd_stamp_order(kd_stamp a, kd_stamp b);

typedef struct kd_statement_field {
    kd_str name, value;
    uint32_t line; /* in the statement's text, from 1 */
} kd_statement_field;

typedef struct kd_statement {
    kd_str treaty, notice, by;
    kd_str *to;
    size_t to_count;
    kd_stamp issued, received;
    bool has_received;
    kd_str source, grade, corrects; /* empty when absent */
    kd_statement_field *fields;
    size_t field_count;
} kd_statement;

/* Splits the text of a statement (a note's text, with its final LF). The error has line and column.
 * KD_INVALID: not_utf8, control_character, no_final_newline, bad_header, empty_line, bad_field_line,
 * bad_field_name, empty_value, bad_blank, envelope_order, envelope_repeated, envelope_missing, bad_stamp,
 * bad_value, reserved, too_long. */
kd_status kd_statement_parse(kd_arena *arena, kd_str text, kd_statement *out, kd_error *e);
/* Appends the text of a statement and makes sure that kd_statement_parse takes it; KD_INVALID as there,
 * and `out` is then as it was. */
kd_status kd_statement_put(kd_text *out, const kd_statement *statement, kd_error *e);
/* Appends a whole entry: the statement's text, signed. KD_INVALID: too_long when it is above 65535 bytes. */
kd_status kd_entry_make(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                        kd_error *e);
/* "RU/34": the book and the index of an entry in it. */
bool kd_entry_id_parse(kd_str s, kd_str *book, int64_t *index);

/* ---- Checkpoints and cosignatures ------------------------------------------------------------------- */

typedef struct kd_checkpoint {
    kd_str origin;
    int64_t size;
    kd_digest root;
    kd_str extensions; /* the lines after the third, each with its LF; "" in books of ours */
} kd_checkpoint;

/* A head that was opened: a note whose text is a checkpoint. */
typedef struct kd_head {
    kd_checkpoint at;
    kd_note note;
    kd_signatures signatures;
} kd_head;

/* Reads a note's text. KD_INVALID: too_few_lines, bad_origin, bad_size, bad_root, bad_extension,
 * bad_empty_root. */
kd_status kd_checkpoint_parse(kd_str text, kd_checkpoint *out, kd_error *e);
/* The three lines of a checkpoint of ours. */
void kd_checkpoint_put(kd_text *t, kd_str origin, int64_t size, const kd_digest *root);
/* Opens a signed head: note, signatures by `keys` (those trusted for this origin), checkpoint, origin.
 * `origin` may be empty when any will do. Reasons of the three steps, then wrong_origin (KD_FAILED). */
kd_status kd_head_open(kd_arena *arena, const kd_crypto *crypto, kd_str bytes, const kd_vkey *keys,
                       size_t key_count, kd_str origin, kd_head *out, kd_error *e);
/* Appends a signed head of ours; the origin is the signer's name. */
kd_status kd_head_make(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, int64_t size,
                       const kd_digest *root, kd_error *e);
/* Appends one cosignature line over a checkpoint's whole text. KD_USAGE for a signer of another type than
 * KD_KEY_COSIGNS, a time below 1, or a text that is no checkpoint. */
kd_status kd_cosign(kd_text *out, const kd_crypto *crypto, const kd_signer *signer, kd_str text,
                    kd_instant time, kd_error *e);
/* The bytes that a cosigner signs. */
void kd_cosignature_message(kd_text *out, kd_str text, kd_instant time);

/* ---- The Merkle tree -------------------------------------------------------------------------------- */

extern const kd_digest kd_empty_root; /* SHA-256 of nothing */

void kd_leaf_hash(const kd_crypto *crypto, kd_str entry, kd_digest *out);
void kd_node_hash(const kd_crypto *crypto, const kd_digest *left, const kd_digest *right, kd_digest *out);

/* The roots of the perfect subtrees that a tree falls into, largest first: all that appending needs. */
typedef struct kd_frontier {
    int64_t size;
    unsigned count;
    kd_digest roots[63];
} kd_frontier;

void kd_frontier_open(kd_frontier *f);
/* KD_USAGE when the tree has 2^63-1 leaves already. */
kd_status kd_frontier_add(const kd_crypto *crypto, kd_frontier *f, const kd_digest *leaf);
void kd_frontier_root(const kd_crypto *crypto, const kd_frontier *f, kd_digest *out);

/* Nodes as they travel: leaf towards root. */
typedef struct kd_proof {
    unsigned count;
    kd_digest nodes[KD_PROOF_MAX];
} kd_proof;

/* KD_FAILED: index_out_of_range, proof_length, root_mismatch. The entry must be hashed by the caller, and
 * size and root must come from one signed head: a proof alone fixes neither. */
kd_status kd_check_inclusion(const kd_crypto *crypto, int64_t index, int64_t size, const kd_digest *leaf,
                             const kd_digest *nodes, size_t count, const kd_digest *root, kd_error *e);
/* KD_FAILED: size_order, proof_length, bad_empty_root, roots_differ, old_root_mismatch, new_root_mismatch,
 * both_roots_mismatch. */
kd_status kd_check_consistency(const kd_crypto *crypto, int64_t old_size, const kd_digest *old_root,
                               int64_t new_size, const kd_digest *new_root, const kd_digest *nodes,
                               size_t count, kd_error *e);

/* ---- Tiles and bundles ------------------------------------------------------------------------------ */

#define KD_TILE_ENTRIES        (-1) /* the level of an entry bundle */
#define KD_TILE_PATH_MAX_BYTES 64   /* with the NUL */

typedef struct kd_tile {
    int level;      /* 0 to 63, or KD_TILE_ENTRIES */
    int64_t index;  /* from 0 */
    unsigned width; /* 1 to 256 */
} kd_tile;

/* Writes the path (tile/0/x001/234.p/17) with a NUL; returns its length. */
size_t kd_tile_path(kd_tile tile, char out[KD_TILE_PATH_MAX_BYTES]);
/* KD_INVALID: bad_prefix, bad_level, bad_index, bad_width. */
kd_status kd_tile_path_parse(kd_str path, kd_tile *out, kd_error *e);

/* Walks every file that a tree of `size` leaves calls for: bundles first, then tiles level by level. */
typedef struct kd_tile_walk {
    int64_t size;
    int level;
    int64_t index;
} kd_tile_walk;

kd_tile_walk kd_tile_walk_open(int64_t size);
bool kd_tile_walk_next(kd_tile_walk *w, kd_tile *out);
/* How wide tile `index` of a level is in a tree of `size` leaves: 0 when it is not there, 256 when full. */
unsigned kd_tile_width(int64_t size, int level, int64_t index);

/* Cuts a bundle into exactly `width` entries (1 to 256). KD_INVALID: truncated, trailing_data. */
kd_status kd_bundle_parse(kd_str bytes, unsigned width, kd_str entries[KD_TILE_WIDTH], kd_error *e);
/* Appends an entry. KD_INVALID: too_long. */
kd_status kd_bundle_put(kd_text *bundle, kd_str entry, kd_error *e);

/* Where a book's files come from. `path` is relative to the book's prefix and NUL-terminated. The bytes
 * stay until the next read or longer. A file above `limit` bytes is KD_INVALID too_long, one that is not
 * there KD_FAILED absent. */
typedef struct kd_book_reader {
    kd_status (*read)(void *ctx, const char *path, size_t limit, kd_str *out, kd_error *e);
    void *ctx;
} kd_book_reader;

/* Reads a tile of hashes, exactly 32 * width bytes; when a partial one is absent, the first bytes of the
 * full one. KD_INVALID: bad_tile_length. */
kd_status kd_tile_read(const kd_book_reader *reader, kd_tile tile, kd_str *out, kd_error *e);
/* Reads a bundle and cuts it; when a partial one is absent, the first entries of the full one. `bytes`,
 * when not NULL, is the extent of these entries within the file. */
kd_status kd_bundle_read(const kd_book_reader *reader, int64_t index, unsigned width,
                         kd_str entries[KD_TILE_WIDTH], kd_str *bytes, kd_error *e);
/* Gives the entries first <= i < last of a book of `size` entries to `entry`, unverified; stops at its
 * first failure. */
kd_status kd_book_entries(const kd_book_reader *reader, int64_t size, int64_t first, int64_t last,
                          kd_status (*entry)(void *ctx, int64_t index, kd_str bytes, kd_error *e), void *ctx,
                          kd_error *e);

/* Takes a finished tile: 32 * width bytes. */
typedef struct kd_tile_sink {
    kd_status (*put)(void *ctx, kd_tile tile, kd_str bytes, kd_error *e);
    void *ctx;
} kd_tile_sink;

/* The right edge of a tree: the hashes of the last, unfinished tile of each level (64 KiB). Appending
 * gives out every tile that it completes; kd_edge_partials gives out what a head of this size calls for
 * besides. */
typedef struct kd_edge {
    int64_t size;
    unsigned width[KD_TREE_LEVELS]; /* 0 to 255 */
    kd_digest hashes[KD_TREE_LEVELS][KD_TILE_WIDTH];
} kd_edge;

void kd_edge_open(kd_edge *edge);
/* Reads the edge of a tree of `size` leaves from its partial tiles. The root must be compared by the
 * caller. */
kd_status kd_edge_load(const kd_book_reader *reader, int64_t size, kd_edge *edge, kd_error *e);
/* Appends a leaf; full tiles go to `sink` (may be NULL). After a failure of the sink the edge is not to be
 * used. */
kd_status kd_edge_add(const kd_crypto *crypto, kd_edge *edge, const kd_digest *leaf, const kd_tile_sink *sink,
                      kd_error *e);
kd_status kd_edge_partials(const kd_edge *edge, const kd_tile_sink *sink, kd_error *e);
void kd_edge_root(const kd_crypto *crypto, const kd_edge *edge, kd_digest *out);

/* Proofs out of tiles. Tiles are taken as they are read: check the proof against signed heads before
 * handing it on. KD_USAGE: index_out_of_range, size_order. Consistency from size 0 and between equal sizes
 * is the empty proof. */
kd_status kd_prove_inclusion(const kd_crypto *crypto, const kd_book_reader *reader, int64_t index,
                             int64_t size, kd_proof *out, kd_error *e);
kd_status kd_prove_consistency(const kd_crypto *crypto, const kd_book_reader *reader, int64_t old_size,
                               int64_t new_size, kd_proof *out, kd_error *e);
/* The same with the node that ends at old_size always written out: evidence for kd_fork_judge. 0 <
 * old_size < new_size. */
kd_status kd_prove_prefix(const kd_crypto *crypto, const kd_book_reader *reader, int64_t old_size,
                          int64_t new_size, kd_proof *out, kd_error *e);

/* ---- A whole book ----------------------------------------------------------------------------------- */

typedef struct kd_book_check {
    const kd_crypto *crypto;
    const kd_allocator *from; /* NULL: the C library's */
    kd_book_reader reader;
    kd_str origin; /* empty when any will do */
    const kd_vkey
        *keys; /* trusted to sign heads of this origin, and cosigners whose lines shall be verified too */
    size_t key_count;
    /* Called for each entry in order once it agrees with its leaf hash; may be NULL. A failure ends the
     * check. The root is compared only at the end: nothing is true before kd_book_verify returns KD_OK. */
    kd_status (*entry)(void *ctx, int64_t index, kd_str bytes, const kd_digest *leaf, kd_error *e);
    /* Called when the head is verified, before the first entry; may be NULL. */
    kd_status (*head)(void *ctx, const kd_head *head, kd_error *e);
    void *ctx;
} kd_book_check;

typedef struct kd_book_report {
    int64_t size; /* of the head */
    kd_digest root;
    int64_t entries, entry_bytes, bundles, tiles; /* that agree */
    size_t head_signatures;                       /* lines of known keys, all good */
    char fault_path[KD_TILE_PATH_MAX_BYTES];      /* file of the first fault, "" when there is none */
    int64_t fault_entry;                          /* its entry, or -1 */
} kd_book_report;

/* Verifies the head's signatures, every bundle against the leaf hashes, every tile against the level
 * below, and the root; stops at the first fault. Memory does not grow with the book. Reasons: those of
 * kd_head_open, truncated, trailing_data, bad_tile_length, absent, leaf_mismatch, tile_mismatch,
 * root_mismatch, and the callbacks' own. */
kd_status kd_book_verify(const kd_book_check *check, kd_book_report *report, kd_error *e);

/* ---- tlog-proof: an entry's proof to carry away ----------------------------------------------------- */

typedef struct kd_tlog_proof {
    bool has_extra;
    kd_str extra; /* decoded; unauthenticated */
    int64_t index;
    kd_proof path;
    kd_str checkpoint; /* a signed head, verbatim */
} kd_tlog_proof;

/* KD_INVALID: bad_header, bad_extra, bad_index, bad_hash, too_long. */
kd_status kd_tlog_proof_parse(kd_arena *arena, kd_str bytes, kd_tlog_proof *out, kd_error *e);
void kd_tlog_proof_put(kd_text *t, const kd_tlog_proof *proof);
/* Opens the head with `keys` and checks that it holds `entry` at the index. Fills `head` (may be NULL).
 * Reasons of kd_head_open and kd_check_inclusion. */
kd_status kd_tlog_proof_check(kd_arena *arena, const kd_crypto *crypto, const kd_tlog_proof *proof,
                              kd_str entry, const kd_vkey *keys, size_t key_count, kd_str origin,
                              kd_head *head, kd_error *e);

/* ---- tlog-policy: whose cosignatures are asked for -------------------------------------------------- */

#define KD_POLICY_MAX_NAMES 1024 /* logs, and witnesses with groups; C2SP wants 32 of each */

typedef struct kd_policy_log {
    kd_vkey key; /* its name is the origin */
    kd_str url;  /* "" when absent */
} kd_policy_log;

/* A witness or a group of what stands before it. */
typedef struct kd_policy_name {
    kd_str name;
    bool is_group;
    kd_vkey key; /* of a witness */
    kd_str url;
    size_t threshold; /* of a group */
    size_t *members;
    size_t member_count;
} kd_policy_name;

typedef struct kd_policy {
    kd_policy_log *logs;
    size_t log_count;
    kd_policy_name *names;
    size_t name_count;
    int64_t quorum; /* index in names, or -1 for none */
} kd_policy;

/* The error has the line. KD_INVALID: control_character, unknown_keyword, wrong_fields, bad_vkey,
 * bad_key_type, duplicate_key, duplicate_name, bad_threshold, bad_member, undefined_name, member_twice,
 * two_quorums, no_quorum, too_many_names. */
kd_status kd_policy_parse(kd_arena *arena, const kd_crypto *crypto, kd_str text, kd_policy *out, kd_error *e);
/* Does this head meet the policy? KD_OK, or KD_FAILED: quorum_not_met, log_not_listed, origin_mismatch,
 * bad_signature; KD_INVALID with the reasons of kd_note_parse and kd_checkpoint_parse. `latest`, when
 * above 0, is the latest time of a cosignature that counts: later ones are verified but not counted. */
kd_status kd_policy_check(kd_arena *arena, const kd_crypto *crypto, const kd_policy *policy, kd_str head,
                          kd_instant latest, kd_error *e);

/* ---- Two heads that cannot both be true ------------------------------------------------------------- */

/* The keys trusted for an origin. */
typedef struct kd_trust {
    kd_str origin;
    const kd_vkey *keys;
    size_t key_count;
} kd_trust;

/* Shown beside two heads of sizes m < n: nodes of kd_prove_prefix, or all n leaf hashes of the larger
 * tree. */
typedef struct kd_fork_evidence {
    enum { KD_EVIDENCE_PREFIX, KD_EVIDENCE_LEAVES } kind;
    int64_t old_size, new_size; /* of a prefix */
    const kd_digest *hashes;
    size_t count;
} kd_fork_evidence;

typedef enum kd_fork_verdict {
    KD_FORK_NONE, /* nothing wrong is shown: same_head, consistent, different_origins, unsigned, malformed */
    KD_FORK_UNDECIDED, /* no_evidence, evidence_invalid */
    KD_FORK_PROVEN     /* same_size_other_root, same_root_other_size, prefix_mismatch */
} kd_fork_verdict;

typedef enum kd_cosigner_verdict {
    KD_COSIGNER_NONE,
    KD_COSIGNER_FORK,    /* cosigned two roots of one size */
    KD_COSIGNER_ROLLBACK /* cosigned a larger size at an earlier second than a smaller one */
} kd_cosigner_verdict;

typedef struct kd_fork {
    kd_fork_verdict verdict;
    const char *reason; /* one of the words above */
    kd_cosigner_verdict cosigner;
} kd_fork;

/* Judges two heads; the same with the two exchanged. `evidence` and `cosigner` may be NULL. Fails only
 * with KD_NOMEM: heads that cannot be opened are a verdict. */
kd_status kd_fork_judge(kd_arena *arena, const kd_crypto *crypto, kd_str a, kd_str b, const kd_trust *trust,
                        size_t trust_count, const kd_fork_evidence *evidence, const kd_vkey *cosigner,
                        kd_fork *out, kd_error *e);

/* ---- The witness's step (tlog-witness, add-checkpoint) -------------------------------------------------
 *
 *      request ─┐
 *               ├─▶ kd_witness_step ─▶ status, body, and what to store before the answer leaves
 *      state ───┘
 *
 * Comparing and storing is one atomic act of the caller: the state must not change between the step and
 * the store. */

/* What a witness remembers of a log. All zeros when it has seen nothing of it. */
typedef struct kd_witness_state {
    bool seen;
    int64_t size;
    kd_digest root;
    kd_instant time; /* of its latest cosignature */
} kd_witness_state;

typedef struct kd_witness_answer {
    int status;               /* of HTTP: 200, 400, 403, 404, 409, 422 */
    const char *reason;       /* "" when 200, else the fixed word */
    const char *content_type; /* NULL when any will do */
    kd_str body;              /* in the arena */
    int64_t log;              /* index of the log that it is about, -1 when the origin is unknown */
    kd_witness_state state;   /* when 200: the new state of that log */
    kd_str note;    /* when 200: the head to store and serve: text, verified lines of the log, own line */
    kd_str refused; /* evidence to keep: a rightly signed head refused as inconsistent, its verified lines */
} kd_witness_answer;

/* `states` runs parallel to `logs`. `now` is the clock, in seconds. Fails with KD_NOMEM, with KD_SYSTEM
 * when the library cannot sign, and with KD_USAGE when a log has the witness's own key name; every refusal
 * of a request is an answer. */
kd_status kd_witness_step(kd_arena *arena, const kd_crypto *crypto, const kd_signer *witness,
                          const kd_trust *logs, const kd_witness_state *states, size_t log_count,
                          kd_str request, kd_instant now, kd_witness_answer *out, kd_error *e);

#endif

/* inside.h: what the files of this room share and nobody else needs. */
#ifndef KADESH_BOOK_INSIDE_H
#define KADESH_BOOK_INSIDE_H

#include <kadesh/book.h>

/* True for a code point with the Unicode property White_Space. */
bool kd_book_is_space(uint32_t code_point);

/* Whether the bytes can stand in a note: UTF-8 without control characters but LF. KD_INVALID:
 * control_character, not_utf8, whichever is met first, with its line and column. */
kd_status kd_book_check_bytes(kd_str bytes, kd_error *e);

/* Line and column (from 1, in code points) of an offset. */
void kd_book_place(kd_str bytes, size_t offset, kd_error *e);

/* kd_note_verify that is content with no line at all. */
kd_status kd_book_verify_lines(kd_arena *arena, const kd_crypto *crypto, const kd_note *note,
                               const kd_vkey *keys, size_t key_count, kd_signatures *out, kd_error *e);

/* Appends "— name base64(id || blob)" and LF. */
void kd_book_put_line(kd_text *out, const kd_vkey *key, const unsigned char *blob, size_t n);

/* kd_checkpoint_parse but for the rule about the empty tree's root. */
kd_status kd_book_checkpoint_lines(kd_str text, kd_checkpoint *out, kd_error *e);

/* Root of the tree over `count` hashes, at least 1. */
void kd_book_fold(const kd_crypto *crypto, const kd_digest *hashes, size_t count, kd_digest *out);

/* Both roots out of the nodes of a consistency proof whose first belongs to the old tree; 0 < m < n. False
 * when the number of nodes is not what m and n call for. */
bool kd_book_fold_consistency(const kd_crypto *crypto, int64_t m, int64_t n, const kd_digest *nodes,
                              size_t count, kd_digest *old_root, kd_digest *new_root);

/* The first line of a note's text, without its LF. */
kd_str kd_book_first_line(kd_str text);

#endif

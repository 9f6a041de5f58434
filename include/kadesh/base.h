/* base.h: what every room stands on: failing, memory, text, bytes, names, civil time, crypto functions.
 *
 * Nothing here knows of the operating system. Memory comes from a kd_allocator that the caller may replace, so that
 * running out of it can be rehearsed; cryptographic functions come from a table (kd_crypto) that `store` fills from
 * a library and a browser fills from its own. There are no globals.
 */
#ifndef KADESH_BASE_H
#define KADESH_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define KD_PRINTF(fmt, args)
#endif

/* ---- Failing -------------------------------------------------------------------------------------------------
 *
 * One way to fail: a function that can fail returns kd_status and fills the kd_error it was handed (which may be
 * NULL when the caller does not care). The first five are also the exit codes of the program. */
typedef enum kd_status {
    KD_OK = 0,      /* done */
    KD_FAILED = 1,  /* what was to hold does not (a signature, a hash, an expectation) */
    KD_USAGE = 2,   /* the caller asked for something that does not exist */
    KD_INVALID = 3, /* bad input: it does not have the form it must have */
    KD_SYSTEM = 4,  /* the system refused: a file, a lock, the disk */
    KD_NOMEM = 5    /* out of memory, or above the ceiling that was set; exits as KD_SYSTEM */
} kd_status;

/* Where and why something failed. `reason` is a short fixed word for scripts and tests ("bad_base64"), or "". */
typedef struct kd_error {
    char file[256];    /* the file or thing that was read, "" when there is none */
    uint32_t line;     /* from 1; 0 when the place has no lines */
    uint32_t column;   /* from 1, in code points; 0 when unknown */
    char reason[40];   /* fixed word, for tables; "" when there is none */
    char message[512]; /* what was met, what was wanted, what to do; no newline at its end */
} kd_error;

/* Fills `e` (may be NULL) with a message, leaving file, line and column as they are, and returns `status`. */
kd_status kd_fail(kd_error *e, kd_status status, const char *reason, const char *format, ...) KD_PRINTF(4, 5);
/* The same for out of memory: never allocates. */
kd_status kd_fail_nomem(kd_error *e);
/* Sets the place of an error already filled. `file` may be NULL to leave it. */
void kd_error_place(kd_error *e, const char *file, uint32_t line, uint32_t column);

/* ---- Memory --------------------------------------------------------------------------------------------------*/

/* Where memory comes from. resize(ctx, NULL, 0, n) allocates, resize(ctx, p, old, 0) frees and returns NULL.
 * Returns NULL when there is none; then `p` is untouched. */
typedef struct kd_allocator {
    void *(*resize)(void *ctx, void *p, size_t old_bytes, size_t new_bytes);
    void *ctx;
} kd_allocator;

/* malloc, realloc and free. */
extern const kd_allocator kd_allocator_libc;

/* A region of memory released as a whole. What lives as long as a plan, a replay or a page is taken from one.
 *
 *      arena ─▶ [block 64 KiB |used...|free]─▶[block]─▶[block]        no piece is freed alone
 */
typedef struct kd_arena_block kd_arena_block;
typedef struct kd_arena {
    const kd_allocator *from;
    kd_arena_block *blocks; /* newest first */
    unsigned char *next;    /* free part of the newest block */
    unsigned char *end;
    size_t used_bytes; /* handed out so far, for --stats and ceilings */
} kd_arena;

void kd_arena_open(kd_arena *a, const kd_allocator *from); /* allocates nothing yet */
void kd_arena_close(kd_arena *a);                          /* frees all; may be called twice */
void *kd_arena_take(kd_arena *a, size_t bytes);            /* 16-aligned, zeroed; NULL when there is none */
/* `count` items of `bytes` each, zeroed; NULL on overflow or when there is none. */
void *kd_arena_array(kd_arena *a, size_t count, size_t bytes);
/* A copy of n bytes with a NUL after them; NULL when there is none. */
char *kd_arena_copy(kd_arena *a, const void *bytes, size_t n);
/* printf into the arena; NULL when there is none. */
char *kd_arena_printf(kd_arena *a, const char *format, ...) KD_PRINTF(2, 3);

/* ---- Text ----------------------------------------------------------------------------------------------------*/

/* A view of bytes that somebody else owns; not NUL-terminated. */
typedef struct kd_str {
    const char *p;
    size_t n;
} kd_str;

#define KD_STR(literal) ((kd_str){(literal), sizeof(literal) - 1})
#define KD_STR_ARGS(s)  (int)(s).n, (s).p /* for %.*s */

kd_str kd_str_of(const char *z); /* of a C string; NULL gives the empty one */
bool kd_str_equal(kd_str a, kd_str b);
bool kd_str_is(kd_str a, const char *z);
bool kd_str_starts(kd_str a, const char *z);
int kd_str_order(kd_str a, kd_str b); /* as memcmp, a shorter prefix first */
kd_str kd_str_trim(kd_str s);         /* without blanks and tabs at both ends */

/* Levenshtein distance with transpositions, at most `cap`: for "did you mean". */
unsigned kd_str_distance(kd_str a, kd_str b, unsigned cap);
/* Index of the nearest of `count` names, or -1 when none is near enough to be worth naming. */
int kd_str_nearest(kd_str met, const kd_str *names, size_t count);

/* Length of the valid UTF-8 sequence at p (1-4), or 0: no overlong forms, no surrogates, at most U+10FFFF. */
unsigned kd_utf8_next(const char *p, size_t n, uint32_t *code_point);
/* Offset of the first byte that is not valid UTF-8, or n. */
size_t kd_utf8_check(kd_str s);
/* Columns that the text takes on a terminal: code points, combining marks counted as none. */
size_t kd_utf8_width(kd_str s);

/* Text that grows. Every put is ignored after memory ran out; `failed` says so once at the end. */
typedef struct kd_text {
    const kd_allocator *from;
    char *p; /* NUL-terminated once anything was put */
    size_t n, room;
    bool failed;
} kd_text;

void kd_text_open(kd_text *t, const kd_allocator *from);
void kd_text_close(kd_text *t);
void kd_text_clear(kd_text *t); /* empties, keeps the room */
void kd_text_put(kd_text *t, kd_str s);
void kd_text_puts(kd_text *t, const char *z);
void kd_text_putc(kd_text *t, char c);
void kd_text_int(kd_text *t, int64_t v); /* as %lld */
void kd_text_printf(kd_text *t, const char *format, ...) KD_PRINTF(2, 3);
void kd_text_repeat(kd_text *t, char c, size_t times);
kd_str kd_text_str(const kd_text *t);
/* The string as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void kd_text_json(kd_text *t, kd_str s);

/* ---- Numbers and encodings in outside bytes -------------------------------------------------------------------*/

/* Decimal without sign, blanks or leading zeros, 0 to 2^63-1; false otherwise (never wraps). */
bool kd_decimal(kd_str s, int64_t *out);
/* Base64, RFC 4648 section 4, padded, zero trailing bits, nothing else. Returns the decoded length, or -1 when it is not
 * base64 or longer than `room`. */
long kd_base64_decode(kd_str s, unsigned char *out, size_t room);
void kd_base64_put(kd_text *t, const void *bytes, size_t n);
/* Lower-case hex of exactly n bytes; false otherwise. */
bool kd_hex_decode(kd_str s, unsigned char *out, size_t n);
void kd_hex_put(kd_text *t, const void *bytes, size_t n);

/* Reads outside bytes and cannot run past their end. After a read that does not fit `short_read` stays set and every
 * further read gives zero or the empty string. */
typedef struct kd_cursor {
    const unsigned char *p, *end;
    bool short_read;
} kd_cursor;

kd_cursor kd_cursor_of(const void *bytes, size_t n);
size_t kd_cursor_left(const kd_cursor *c);
uint16_t kd_cursor_u16(kd_cursor *c); /* big-endian */
uint32_t kd_cursor_u32(kd_cursor *c);
uint64_t kd_cursor_u64(kd_cursor *c);
kd_str kd_cursor_bytes(kd_cursor *c, size_t n);
/* The text up to the next LF, which is eaten and not part of it; false when no LF is left. */
bool kd_cursor_line(kd_cursor *c, kd_str *line);

/* ---- Names ---------------------------------------------------------------------------------------------------
 *
 * A table of distinct strings, numbered from 0 in order of first sight. Engine rows carry the numbers. */
typedef struct kd_symbols kd_symbols;

kd_status kd_symbols_open(const kd_allocator *from, kd_symbols **out);
void kd_symbols_close(kd_symbols *s); /* NULL is fine */
/* The number of `text`, added when new; -1 when there is no memory. */
int64_t kd_symbol(kd_symbols *s, kd_str text);
int64_t kd_symbol_wide(kd_symbols *s, kd_str text);         /* the same; 16 bytes can be read at text.p */
int64_t kd_symbol_find(const kd_symbols *s, kd_str text);   /* -1 when it is not there */
kd_str kd_symbol_text(const kd_symbols *s, int64_t symbol); /* "" when there is no such number */
size_t kd_symbols_count(const kd_symbols *s);               /* those that are there */

/* For texts that come and go without end. The table may have another first number; what is there when it is
 * pinned stays for good. Of the rest, whoever refers to symbols says from time to time which ones it still
 * refers to, and all others are dropped: their numbers are given again, the texts of those that stay move.
 *
 *      pinned | kept  -  kept kept  -   -  kept |  new ...          span: all numbers up to here
 *                     ▲ given next  */
kd_status kd_symbols_open_from(const kd_allocator *from, int64_t first,
                               kd_symbols **out); /* first: 0 or more */
void kd_symbols_pin(kd_symbols *s);               /* once, before any is dropped */
/* Is it time to drop? When as many came as there were, in number or in bytes, and as make up for the work. */
bool kd_symbols_crowded(const kd_symbols *s);
/* Bit i of `kept` (kd_symbols_span bits): first + i is referred to. `work`: bytes that were looked through to
 * find out, so that the next time comes late enough. KD_NOMEM: nothing was dropped, and it is not crowded for a
 * while. */
kd_status kd_symbols_drop(kd_symbols *s, const uint64_t *kept, size_t work);
size_t kd_symbols_span(const kd_symbols *s); /* numbers are in first .. first + span - 1 */
bool kd_symbol_lives(const kd_symbols *s, int64_t symbol);
/* Puts a text where it was in a table that was saved: in ascending order, into one that has only what is
 * pinned. KD_INVALID when another text is there or this text has another number; KD_NOMEM. */
kd_status kd_symbols_put(kd_symbols *s, int64_t symbol, kd_str text);

/* Hash of bytes (wyhash-like mixing, unkeyed by default): for tables in memory, never for evidence. */
uint64_t kd_hash(const void *bytes, size_t n, uint64_t seed);
uint64_t kd_hash_text(kd_str text); /* another one, for tables of texts, long ones above all */

/* ---- Civil time ----------------------------------------------------------------------------------------------
 *
 * An instant is seconds since 1970-01-01T00:00:00Z without leap seconds; a day is days since 1970-01-01. Both are the
 * proleptic Gregorian calendar, UTC, years 0001 to 9999. The day arithmetic is Howard Hinnant's days_from_civil. */
typedef int64_t kd_instant;
typedef int64_t kd_day;

#define KD_DAY_S INT64_C(86400)

typedef struct kd_civil {
    int year;
    unsigned month, day;
    unsigned hour, minute, second;
} kd_civil;

bool kd_civil_valid(kd_civil c);
kd_day kd_day_of(int year, unsigned month, unsigned day);
kd_civil kd_civil_of_day(kd_day d);
kd_civil kd_civil_of(kd_instant t);
kd_day kd_instant_day(kd_instant t); /* the day it falls on */
kd_instant kd_day_begin(kd_day d);   /* 00:00:00 */
kd_instant kd_day_end(kd_day d);     /* 23:59:59: the last second that counts */
/* Calendar steps; the 31st plus a month is the last day of the shorter month (RFC 5545 has it otherwise; lawyers do
 * not). Steps may be negative. Outside years 1-9999 the result is clamped. */
kd_day kd_day_add_months(kd_day d, int64_t months);
kd_day kd_day_add_years(kd_day d, int64_t years);

/* "2023-02-28" exactly; false for a day that does not exist. */
bool kd_day_parse(kd_str s, kd_day *out);
/* "2023-02-28T14:02:11Z" exactly. */
bool kd_instant_parse(kd_str s, kd_instant *out);
void kd_day_put(kd_text *t, kd_day d);         /* 2023-02-28 */
void kd_instant_put(kd_text *t, kd_instant i); /* 2023-02-28T14:02:11Z */

/* ---- Crypto functions ----------------------------------------------------------------------------------------
 *
 * The pure rooms call these through a table; no primitive is written in this project. */
typedef struct kd_crypto {
    /* SHA-256 of the concatenation of `count` pieces. */
    void (*sha256)(void *ctx, const kd_str *pieces, size_t count, unsigned char out[32]);
    /* Ed25519 (RFC 8032), strict: S < L, no small-order key or R. */
    bool (*verify)(void *ctx, const unsigned char key[32], const void *message, size_t n,
                   const unsigned char sig[64]);
    /* Signs with a 32-byte seed and its public key; false when the library fails. May be NULL where nothing signs. */
    bool (*sign)(void *ctx, const unsigned char seed[32], const unsigned char key[32], const void *message,
                 size_t n, unsigned char sig[64]);
    /* Public key of a seed. May be NULL where nothing signs. */
    bool (*public_key)(void *ctx, const unsigned char seed[32], unsigned char key[32]);
    void *ctx;
} kd_crypto;

#endif

/* front.h: what the files of the front of `lang` share: from bytes to a checked treaty.
 *
 *      source.c  blocks ─▶ lex.c  words ─▶ parse*.c  declarations ─▶ resolve*.c  names and types
 *                                                                          │
 *      every mistake ─▶ diagnose.c                                         └─▶ kd_treaty with a kd_ast
 *
 * Memory runs out in one place: kd_front_take. From then on `nomem` is set, whatever is asked for comes
 * from a spare piece that nobody reads, the words of the source end, and kd_treaty_load gives KD_NOMEM. */
#ifndef KADESH_LANG_FRONT_H
#define KADESH_LANG_FRONT_H

#include "lang/ast.h"

#define KD_SOURCE_BYTES_MAX ((size_t)16 << 20)
#define KD_DIAGNOSTICS_KEPT 100

/* ---- Names to things ------------------------------------------------------------------------------------*/

typedef enum kd_space {
    KD_SPACE_NAMES,    /* parties, kinds, periods, notices, events, facts, numbers, rules, ladders */
    KD_SPACE_GROUPS,   /* a group may be called as a notice is */
    KD_SPACE_READINGS, /* a reading may be called as its Party is */
    KD_SPACE_RULE_IDS,
    KD_SPACE_CITED,    /* articles that anything cites or rests on */
    KD_SPACE_ARTICLES, /* that rules cite: the first rule that cites it */
    KD_SPACE_RUNGS,
    KD_SPACE_MESSAGE_LANGUAGES /* and up: one space for each language */
} kd_space;

typedef enum kd_thing {
    KD_IS_PARTY,
    KD_IS_GROUP,
    KD_IS_KIND,
    KD_IS_PERIOD,
    KD_IS_NOTICE,
    KD_IS_EVENT,
    KD_IS_FACT,
    KD_IS_NUMBER,
    KD_IS_RULE,
    KD_IS_LADDER,
    KD_IS_READING,
    KD_IS_RUNG,
    KD_IS_MESSAGE,
    KD_IS_ARTICLE
} kd_thing;

typedef struct kd_entry {
    kd_str key;
    uint64_t space;
    kd_thing what;
    uint32_t index;
    kd_place at;
    bool used;
} kd_entry;

/* Open addressing; at most half full. */
struct kd_index {
    kd_entry *entries;
    size_t room, count;
};
typedef struct kd_index kd_index;

const kd_entry *kd_index_find(const kd_index *x, uint64_t space, kd_str key);
uint64_t kd_index_language(kd_str language); /* the space of a language's messages */

/* ---- Words ----------------------------------------------------------------------------------------------*/

/* Signs are their own character; the rest follow. */
enum {
    TOK_END = 256, /* of the file */
    TOK_BREAK,     /* of a block: it ends a declaration */
    TOK_NAME,
    TOK_INT,
    TOK_DATE,
    TOK_INSTANT,
    TOK_STRING,
    TOK_DEFINE, /* := */
    TOK_NE,
    TOK_LE,
    TOK_GE
};

typedef struct kd_token {
    int kind;
    kd_str text;     /* of a string: what it says */
    int64_t number;  /* int; begin of a date; instant */
    const char *bad; /* why the number is none, told where it is used */
    kd_place at;
    bool first;  /* on its line */
    bool joined; /* to the word before, without a blank */
} kd_token;

typedef struct kd_block {
    uint32_t begin, end, line; /* bytes of the source; the line it begins on */
} kd_block;

/* ---- What is written, until it is resolved --------------------------------------------------------------*/

typedef struct kd_ast_word kd_word; /* text, at */

typedef struct kd_words {
    kd_word *items;
    size_t count;
} kd_words;

typedef struct kd_rule_words {
    kd_word group, period;
    kd_words only;
    bool owed_seen, reply_seen;
} kd_rule_words;

typedef struct kd_notice_words {
    kd_words by, types; /* one type for each field */
    kd_words fields;    /* the places of their names */
    kd_word role, dated, alleges, alleges_value, clears, clears_value;
} kd_notice_words;

typedef struct kd_life_words {
    kd_word extension, until, withdrawal, on;
} kd_life_words;

typedef struct kd_reading_words {
    kd_word of;
} kd_reading_words;

/* ---- The front ------------------------------------------------------------------------------------------*/

typedef struct kd_front {
    kd_arena *arena;
    const kd_source *sources;
    size_t source_count;
    kd_source prelude;
    kd_diagnostics *diagnostics;
    bool nomem;
    kd_treaty *t;
    kd_ast *ast;
    kd_index *index;
    /* Parallel to the tables of the treaty. */
    kd_rule_words *rule_words;
    size_t rule_word_count;
    kd_notice_words *notice_words;
    size_t notice_word_count;
    kd_reading_words *reading_words;
    size_t reading_word_count;
    kd_life_words life_words;
    struct kd_example_words *example_words;
    size_t example_word_count;
    struct kd_record_words *record_words;
    size_t record_word_count;
    kd_place treaty_at;
    bool treaty_declared;
    size_t ast_notices, ast_rules, ast_facts, ast_ladders,
        ast_readings; /* as many as the treaty's, once parsed */
    unsigned char spare[2048];
} kd_front;

/* Zeroed memory of the arena, never NULL (see above). */
void *kd_front_take(kd_front *f, size_t count, size_t bytes);
/* One more item, zeroed, at the end of the array that `items` (a T **) points to. Arrays grow twofold when
 * their count is a power of two, so that no room need be kept. */
void *kd_front_push(kd_front *f, void *items, size_t *count, size_t bytes);
kd_str kd_front_format(kd_front *f, const char *format, ...) KD_PRINTF(2, 3);
/* Adds a name; when it is taken, gives the entry that has it and adds nothing. */
const kd_entry *kd_index_add(kd_front *f, uint64_t space, kd_str key, kd_thing what, uint32_t index,
                             kd_place at);

/* ---- Mistakes -------------------------------------------------------------------------------------------*/

void kd_diagnose(kd_front *f, kd_place at, const char *format, ...) KD_PRINTF(3, 4);
/* The same with "did you mean `x`?" for the nearest of the names, if one is near. */
void kd_diagnose_near(kd_front *f, kd_place at, kd_str met, const kd_str *names, size_t count,
                      const char *format, ...) KD_PRINTF(6, 7);
/* With a suggestion of one's own. */
void kd_diagnose_hint(kd_front *f, kd_place at, kd_str hint, const char *format, ...) KD_PRINTF(4, 5);
void kd_diagnostics_sort(kd_front *f);
const kd_source *kd_front_source(const kd_front *f, uint32_t source);
kd_str kd_thing_name(kd_thing what); /* "a Party" */
/* Whether one more mistake would be kept: what is costly to suggest need not be sought otherwise. */
static inline bool kd_room_for_mistakes(const kd_front *f) {
    return f->diagnostics->count < KD_DIAGNOSTICS_KEPT;
}
/* The names of all things of a kind in the namespace that pass `wanted` (bit 1 << kd_thing). */
kd_str *kd_front_names(kd_front *f, unsigned wanted, size_t *count);

/* ---- Sources --------------------------------------------------------------------------------------------*/

/* The blocks of a source; false when it cannot be read at all. Says what is wrong. */
bool kd_source_blocks(kd_front *f, uint32_t source, kd_block **blocks, size_t *count);
const char *kd_source_word(const kd_source *s); /* "treaty" */
extern const char *const kd_prelude_text;

/* ---- Roles ----------------------------------------------------------------------------------------------*/

kd_role kd_role_find(kd_str name); /* KD_ROLE_COUNT when there is none */
void kd_role_check(kd_front *f, const kd_notice *n, kd_place at);

/* ---- Types ----------------------------------------------------------------------------------------------*/

kd_str kd_type_name(kd_value_type type);            /* "date" */
bool kd_type_find(kd_str name, kd_value_type *out); /* the built-in ones */
kd_str kd_type_wanted(const kd_treaty *t, kd_value_type type,
                      uint32_t kind); /* "a date", "a value of `delivery`" */
bool kd_article_form(kd_str s);       /* II.1(a) */
/* A field's text to a value without a table of symbols: texts are checked only (value 0). When it is none, the nearest
 * name is left in `nearest`, or nothing; NULL when nobody asks. */
bool kd_value_form(const kd_treaty *t, const kd_field *f, kd_str text, kd_value *out, kd_str *nearest);

#endif

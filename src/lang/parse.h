/* parse.h: what the files of the parser share: the words of one source, read with a few words of foresight.
 *
 * Lines matter: a clause ends where a line begins, unless a bracket is open or the line begins with a word
 * that goes on with the one before (language.md, section 2). So the parser asks in two ways: kd_at_* sees
 * no word beyond the end of the clause, `p->tok` sees the next word wherever it is.
 *
 * A parse function gives false (or NULL) when it has told of a mistake; the words are then somewhere in the
 * clause, and kd_recover goes to the next line that begins one. */
#ifndef KADESH_LANG_PARSE_H
#define KADESH_LANG_PARSE_H

#include "lang/front.h"

#define KD_FORESIGHT 3

typedef struct kd_parser {
    kd_front *f;
    uint32_t source;
    const kd_source *file;
    bool declares; /* its blocks hold declarations: not messages or a record's own words */
    const kd_block *blocks;
    size_t block_count, block; /* block: the one that is read */
    uint32_t pos, line;
    bool fresh;                 /* no word yet on this line */
    bool broke;                 /* the end of the block has been given */
    kd_token tok[KD_FORESIGHT]; /* tok[0] is the next word */
    kd_place last;              /* the word before it */
    unsigned depth;             /* brackets open */
    unsigned nesting;           /* of conditions, expressions and brackets in them */
    kd_ast_x *pending;          /* an atom that has been read already */
    const char *const *clauses; /* of the declaration that is read, for recovery and for suggestions */
    size_t clause_count;
    const char *what; /* "limit" */
    bool rule; /* the declaration is a rule: `NAME owes` and `NAME may` begin clauses, and `group` one */
    uint32_t column; /* bytes before the declaration's keyword on its line */
    bool broken;     /* something in this declaration could not be read */
    bool lost;       /* ... and it may have been a clause: none is told to be missing */
} kd_parser;

/* ---- Words (lex.c) --------------------------------------------------------------------------------------*/

void kd_lex_open(kd_parser *p);
void kd_advance(kd_parser *p);
bool kd_is(const kd_token *t, const char *word); /* a name spelt so */

/* ---- Asking and eating (parse.c) ------------------------------------------------------------------------*/

bool kd_at_end(const kd_parser *p);                    /* of the clause */
bool kd_at(const kd_parser *p, int kind);              /* the next word of the clause is one of this kind */
bool kd_at_word(const kd_parser *p, const char *word); /* ... is this word */
bool kd_at_words(const kd_parser *p, const char *word, const char *next);
bool kd_eat(kd_parser *p, int kind);
bool kd_eat_word(kd_parser *p, const char *word);
/* Tells that something else was wanted. Always false. */
bool kd_wanted(kd_parser *p, const char *format, ...) KD_PRINTF(2, 3);
bool kd_need(kd_parser *p, int kind, const char *wanted);
bool kd_need_word(kd_parser *p, const char *word);
bool kd_need_words(kd_parser *p, const char *first, const char *second);
bool kd_need_name(kd_parser *p, kd_word *out, const char *wanted);
bool kd_need_names(kd_parser *p, kd_words *out, const char *wanted);
bool kd_need_count(kd_parser *p, int64_t *out);
bool kd_need_day(kd_parser *p, kd_instant *out);
bool kd_need_string(kd_parser *p, kd_str *out, const char *wanted);
bool kd_need_articles(kd_parser *p, kd_str **items, size_t *count);
bool kd_need_article(kd_parser *p, kd_str *text, kd_place *at);
bool kd_need_span(kd_parser *p, kd_ast_span *out);
bool kd_open(kd_parser *p);  /* ( */
bool kd_close(kd_parser *p); /* ) */
kd_place kd_join(kd_place first, kd_place last);

/* en "..." or ru "..." when one stands here (on this line or, `anywhere`, on the next): 1 eaten, 0 not
 * here, -1 wrong. */
int kd_text_clause(kd_parser *p, kd_names *names);

/* ---- Clauses (parse.c) ----------------------------------------------------------------------------------*/

typedef struct kd_clause {
    const char *word;
    bool (*parse)(kd_parser *p, void *it); /* the keyword has been eaten */
    bool many;                             /* may stand more than once */
} kd_clause;

/* Reads clauses until the declaration ends. `extra` is asked first, for clauses that begin with no fixed
 * word: 1 read, 0 not one, -1 wrong; it may be NULL. Returns the clauses met, as bits by their place in the
 * table. */
uint32_t kd_clauses(kd_parser *p, const kd_clause *table, size_t count, kd_names *names, void *it,
                    int (*extra)(kd_parser *p, void *it));
void kd_recover(kd_parser *p);
void kd_lose(kd_parser *p); /* the same where clauses may be passed over */
bool kd_begins_declaration(const kd_parser *p);
/* Adds the name to the namespace, or tells where it was taken before. */
void kd_declare(kd_parser *p, uint64_t space, kd_word name, kd_thing what, size_t index);
void kd_parse_source(kd_front *f, uint32_t source);

/* ---- Pieces (parse_term.c, parse_expr.c) ----------------------------------------------------------------*/

bool kd_parse_term(kd_parser *p, kd_ast_term *out);
bool kd_parse_args(kd_parser *p, kd_ast_pattern *out);    /* after `(`, through `)` */
bool kd_parse_speaker(kd_parser *p, kd_ast_pattern *out); /* ["by" term] ["about" term], in either order */
kd_ast_pattern *kd_parse_pattern(kd_parser *p);
kd_ast_x *kd_parse_condition(kd_parser *p);
kd_ast_x *kd_parse_comparison(kd_parser *p);
kd_ast_x *kd_parse_value(kd_parser *p);
kd_ast_x *kd_new_x(kd_parser *p, kd_ast_op op, kd_place at);
bool kd_deeper(kd_parser *p);

/* ---- Declarations ---------------------------------------------------------------------------------------*/

typedef void kd_declaration(kd_parser *p, kd_place keyword);

kd_declaration kd_parse_treaty, kd_parse_party, kd_parse_group, kd_parse_kind, kd_parse_period, kd_parse_life,
    kd_parse_notice, kd_parse_event, kd_parse_fact, kd_parse_number, kd_parse_limit, kd_parse_duty,
    kd_parse_ban, kd_parse_quota, kd_parse_right, kd_parse_ladder, kd_parse_reading, kd_parse_example;
void kd_parse_record(kd_parser *p);
void kd_parse_messages(kd_parser *p);

#endif

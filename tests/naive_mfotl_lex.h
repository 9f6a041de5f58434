/* naive_mfotl_lex.h: the tokens of a formula, for the naive evaluator's parser. */
#ifndef NAIVE_MFOTL_LEX_H
#define NAIVE_MFOTL_LEX_H

#include "naive_mfotl.h"

typedef enum nm_kind { T_END, T_WORD, T_KEY, T_INT, T_FLOAT, T_UNIT, T_STRING, T_REGEXP } nm_kind;

typedef struct nm_token {
    nm_kind kind;
    kd_str text; /* of a keyword or sign its canonical form */
} nm_token;

/* All tokens of the text, in the world's arena; NULL when one cannot be read. */
nm_token *nm_lex(nm_world *w, kd_str text, size_t *count);

#endif

/* naive_mfotl_lex.c: formula text to tokens: the longest match, on equal length keywords and units before
 * words. */
#include "naive_mfotl_lex.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static const char *const aliases[][2] = {
    {"PREV", "PREVIOUS"},
    {"SOMETIMES", "EVENTUALLY"},
    {"PAST_ALWAYS", "HISTORICALLY"},
    {"FORWARD", "|>"},
    {"MATCHF", "|>"},
    {"BACKWARD", "<|"},
    {"MATCHP", "<|"},
    {"\xe2\x96\xb7", "|>"},
    {"\xe2\x97\x81", "<|"},
};
static const char *const keywords[] = {
    "TRUE",   "FALSE", "NOT",         "AND",     "OR",           "IMPLIES", "EQUIV",        "EXISTS",
    "FORALL", "LET",   "IN",          "LETPAST", "PREVIOUS",     "NEXT",    "ONCE",         "ALWAYS",
    "SINCE",  "UNTIL", "EVENTUALLY",  "TRIGGER", "CNT",          "RELEASE", "MIN",          "MAX",
    "SUM",    "AVG",   "MED",         "MATCHES", "HISTORICALLY", "MOD",     "f2i",          "SUBSTRING",
    "i2f",    "i2s",   "s2i",         "f2s",     "s2f",          "r2s",     "DAY_OF_MONTH", "s2r",
    "YEAR",   "MONTH", "FORMAT_DATE",
};
/* Longest first where one begins another. */
static const char *const signs[] = {"\xe2\x96\xb7",
                                    "\xe2\x97\x81",
                                    "<-",
                                    "<|",
                                    "<=",
                                    ">=",
                                    "|>",
                                    "(",
                                    ")",
                                    "[",
                                    "]",
                                    "<",
                                    ">",
                                    "=",
                                    ",",
                                    ";",
                                    ".",
                                    "+",
                                    "-",
                                    "*",
                                    "/",
                                    "?"};

static bool digit(char c) {
    return c >= '0' && c <= '9';
}
static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool in_word(char c) {
    return letter(c) || digit(c) || (c && strchr("_-/:'\"", c));
}

static size_t skip_blank(kd_str s, size_t i) {
    for (;;) {
        if (i < s.n && strchr(" \t\r\n\f", s.p[i]) && s.p[i]) {
            i++;
        } else if (i < s.n && s.p[i] == '#') {
            while (i < s.n && s.p[i] != '\n') i++;
        } else if (i + 1 < s.n && s.p[i] == '(' && s.p[i + 1] == '*') {
            i += 2;
            while (i + 1 < s.n && !(s.p[i] == '*' && s.p[i + 1] == ')')) i++;
            i = i + 2 < s.n ? i + 2 : s.n;
        } else {
            return i;
        }
    }
}

static size_t string_end(kd_str s, size_t i) { /* behind the opening quote */
    while (i < s.n && s.p[i] != '"') i += s.p[i] == '\\' ? 2 : 1;
    return i;
}

static nm_token lex_word(kd_str s, size_t i, size_t *end) {
    size_t word = i, number = i;
    if (letter(s.p[i]) || digit(s.p[i]) || s.p[i] == '_')
        while (word < s.n && in_word(s.p[word])) word++;
    if (s.p[number] == '-') number++;
    size_t first = number;
    while (number < s.n && digit(s.p[number])) number++;
    nm_kind k = T_INT;
    if (number == first) {
        number = i;
    } else if (number < s.n && s.p[number] == '.') {
        k = T_FLOAT;
        for (number++; number < s.n && digit(s.p[number]);) number++;
    } else if (first == i && number < s.n && letter(s.p[number])) {
        number++;
        k = T_UNIT;
    }
    if (number >= word && number > i) {
        *end = number;
        return (nm_token){k, {s.p + i, number - i}};
    }
    *end = word;
    kd_str text = {s.p + i, word - i};
    for (size_t k2 = 0; k2 < LENGTH(aliases); k2++)
        if (kd_str_is(text, aliases[k2][0])) text = kd_str_of(aliases[k2][1]);
    if (kd_str_is(text, "|>") || kd_str_is(text, "<|")) return (nm_token){T_KEY, text};
    for (size_t k2 = 0; k2 < LENGTH(keywords); k2++)
        if (kd_str_is(text, keywords[k2])) return (nm_token){T_KEY, text};
    return (nm_token){T_WORD, text};
}

static bool lex_one(kd_str s, size_t i, nm_token *t, size_t *end) {
    size_t quote = s.p[i] == 'r' && i + 1 < s.n && s.p[i + 1] == '"' ? i + 1 : i;
    if (s.p[quote] == '"') {
        size_t e = string_end(s, quote + 1);
        if (e >= s.n) return false;
        *t = (nm_token){quote > i ? T_REGEXP : T_STRING, {s.p + quote + 1, e - quote - 1}};
        *end = e + 1;
        return true;
    }
    *t = lex_word(s, i, end);
    if (*end > i) return true;
    for (size_t k = 0; k < LENGTH(signs); k++)
        if (kd_str_starts((kd_str){s.p + i, s.n - i}, signs[k])) {
            *t = (nm_token){T_KEY, kd_str_of(signs[k])};
            *end = i + strlen(signs[k]);
            for (size_t a = 0; a < LENGTH(aliases); a++)
                if (kd_str_is(t->text, aliases[a][0])) t->text = kd_str_of(aliases[a][1]);
            return true;
        }
    return false;
}

nm_token *nm_lex(nm_world *w, kd_str text, size_t *count) {
    nm_token *tokens = kd_arena_array(w->arena, text.n + 1, sizeof *tokens);
    if (!tokens) abort();
    *count = 0;
    for (size_t i = skip_blank(text, 0); i < text.n; i = skip_blank(text, i))
        if (!lex_one(text, i, &tokens[(*count)++], &i)) return NULL;
    return tokens;
}

/* mfotl_lex.c: the text of a formula as tokens.
 *
 * The longest match wins. Two habits of the language surprise: a name may contain - / : ' and ", so x-5 is
 * one name; and a sign belongs to the number that follows it, so x -5 is x followed by -5. */
#include "lang/mfotl_front.h"

static const struct {
    const char *word;
    mf_tok kind;
    unsigned aux;
} keywords[] = {
    {"TRUE", T_TRUE, 0},
    {"FALSE", T_FALSE, 0},
    {"NOT", T_NOT, 0},
    {"AND", T_CONNECTIVE, MF_AND},
    {"OR", T_CONNECTIVE, MF_OR},
    {"IMPLIES", T_CONNECTIVE, MF_IMPLIES},
    {"EQUIV", T_CONNECTIVE, MF_EQUIV},
    {"EXISTS", T_QUANTIFIER, MF_EXISTS},
    {"FORALL", T_QUANTIFIER, MF_FORALL},
    {"LET", T_LET, MF_LET},
    {"LETPAST", T_LET, MF_LETPAST},
    {"IN", T_IN, 0},
    {"PREVIOUS", T_PREFIX, MF_PREVIOUS},
    {"PREV", T_PREFIX, MF_PREVIOUS},
    {"NEXT", T_PREFIX, MF_NEXT},
    {"EVENTUALLY", T_PREFIX, MF_EVENTUALLY},
    {"SOMETIMES", T_PREFIX, MF_EVENTUALLY},
    {"ONCE", T_PREFIX, MF_ONCE},
    {"ALWAYS", T_PREFIX, MF_ALWAYS},
    {"HISTORICALLY", T_PREFIX, MF_HISTORICALLY},
    {"PAST_ALWAYS", T_PREFIX, MF_HISTORICALLY},
    {"SINCE", T_CONNECTIVE, MF_SINCE},
    {"UNTIL", T_CONNECTIVE, MF_UNTIL},
    {"TRIGGER", T_CONNECTIVE, MF_TRIGGER},
    {"RELEASE", T_CONNECTIVE, MF_RELEASE},
    {"CNT", T_FOLD, MF_CNT},
    {"MIN", T_FOLD, MF_MIN},
    {"MAX", T_FOLD, MF_MAX},
    {"SUM", T_FOLD, MF_SUM},
    {"AVG", T_FOLD, MF_AVG},
    {"MED", T_FOLD, MF_MED},
    {"SUBSTRING", T_COMPARE, MF_SUBSTRING},
    {"MATCHES", T_COMPARE, MF_MATCHES},
    {"MOD", T_MOD, 0},
    {"f2i", T_FUNCTION, MF_F2I},
    {"i2f", T_FUNCTION, MF_I2F},
    {"i2s", T_FUNCTION, MF_I2S},
    {"s2i", T_FUNCTION, MF_S2I},
    {"f2s", T_FUNCTION, MF_F2S},
    {"s2f", T_FUNCTION, MF_S2F},
    {"r2s", T_FUNCTION, MF_R2S},
    {"s2r", T_FUNCTION, MF_S2R},
    {"YEAR", T_FUNCTION, MF_YEAR},
    {"MONTH", T_FUNCTION, MF_MONTH},
    {"DAY_OF_MONTH", T_FUNCTION, MF_DAY_OF_MONTH},
    {"FORMAT_DATE", T_FUNCTION, MF_FORMAT_DATE},
    {"FORWARD", T_MATCH, MF_FORWARD},
    {"MATCHF", T_MATCH, MF_FORWARD},
    {"BACKWARD", T_MATCH, MF_BACKWARD},
    {"MATCHP", T_MATCH, MF_BACKWARD},
};

/* Longer signs before their beginnings. */
static const struct {
    const char *sign;
    mf_tok kind;
    unsigned aux;
} signs[] = {
    {"<-", T_ARROW, 0},
    {"<|", T_MATCH, MF_BACKWARD},
    {"|>", T_MATCH, MF_FORWARD},
    {"\xe2\x96\xb7", T_MATCH, MF_FORWARD},
    {"\xe2\x97\x81", T_MATCH, MF_BACKWARD},
    {"<=", T_COMPARE, MF_LESS_EQUAL},
    {">=", T_GREATER, MF_LESS_EQUAL},
    {"<", T_COMPARE, MF_LESS},
    {">", T_GREATER, MF_LESS},
    {"=", T_COMPARE, MF_EQUAL},
    {"(", T_OPEN, 0},
    {")", T_CLOSE, 0},
    {"[", T_OPEN_SQUARE, 0},
    {"]", T_CLOSE_SQUARE, 0},
    {",", T_COMMA, 0},
    {";", T_SEMICOLON, 0},
    {".", T_DOT, 0},
    {"?", T_QUESTION, 0},
    {"+", T_PLUS, 0},
    {"-", T_MINUS, 0},
    {"*", T_STAR, 0},
    {"/", T_SLASH, 0},
};

typedef struct lexer {
    kd_arena *arena;
    kd_str text;
    size_t at;
    mf_place place; /* of `at` */
    const char *file;
    kd_error *error;
    mf_token *items;
    size_t count, room;
} lexer;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts_word(char c) {
    return is_digit(c) || is_letter(c) || c == '_';
}

static bool in_word(char c) {
    return starts_word(c) || c == '-' || c == '/' || c == ':' || c == '\'' || c == '"';
}

/* The byte `ahead` bytes further; NUL past the end (a NUL byte in the text is not part of any token
 * either). */
static char peek(const lexer *x, size_t ahead) {
    return ahead < x->text.n - x->at ? x->text.p[x->at + ahead] : '\0';
}

static void advance(lexer *x, size_t n) {
    for (; n; n--, x->at++) {
        unsigned char c = (unsigned char)x->text.p[x->at];
        if (c == '\n')
            x->place = (mf_place){x->place.line + 1, 1};
        else if ((c & 0xC0) != 0x80 && x->place.column < UINT32_MAX)
            x->place.column++;
    }
}

static kd_status bad(lexer *x, const char *message) {
    kd_fail(x->error, KD_INVALID, "syntax", "%s", message);
    kd_error_place(x->error, x->file, x->place.line, x->place.column);
    return KD_INVALID;
}

/* Length of the quoted text whose opening quote is `from` bytes ahead, counted from x->at; 0: no end. */
static size_t quoted(const lexer *x, size_t from) {
    size_t left = x->text.n - x->at;
    for (size_t i = from + 1; i < left; i++) {
        if (x->text.p[x->at + i] == '"') return i + 1;
        if (x->text.p[x->at + i] == '\\') i++;
    }
    return 0;
}

/* Blanks and comments. */
static kd_status skip(lexer *x) {
    while (x->at < x->text.n) {
        char c = peek(x, 0);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            advance(x, 1);
        } else if (c == '#') {
            while (x->at < x->text.n && peek(x, 0) != '\n') advance(x, 1);
        } else if (c == '(' && peek(x, 1) == '*') {
            size_t n = 2, left = x->text.n - x->at;
            while (n < left && !(peek(x, n) == '*' && peek(x, n + 1) == ')')) n++;
            if (n >= left) return bad(x, "this comment has no end: \"(*\" opens one, \"*)\" ends it");
            advance(x, n + 2);
        } else {
            break;
        }
    }
    return KD_OK;
}

static kd_status put(lexer *x, mf_tok kind, unsigned aux, kd_str text, size_t n) {
    if (x->count == x->room) {
        size_t room = x->room ? 2 * x->room : 64;
        mf_token *items = kd_arena_array(x->arena, room, sizeof *items);
        if (!items) return kd_fail_nomem(x->error);
        for (size_t i = 0; i < x->count; i++) items[i] = x->items[i];
        x->items = items;
        x->room = room;
    }
    x->items[x->count++] = (mf_token){kind, aux, x->place, text};
    advance(x, n);
    return KD_OK;
}

static kd_status word(lexer *x, kd_str text) {
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (kd_str_is(text, keywords[i].word)) return put(x, keywords[i].kind, keywords[i].aux, text, text.n);
    return put(x, T_WORD, 0, text, text.n);
}

/* What begins with a letter, a digit or a minus before a digit: a name, a number, a span or r"...". */
static kd_status word_or_number(lexer *x) {
    size_t name = 0, number = 0;
    mf_tok kind = T_INT;
    if (peek(x, 0) != '-')
        while (in_word(peek(x, name))) name++;
    if (peek(x, 0) == 'r' && peek(x, 1) == '"') {
        size_t n = quoted(x, 1);
        if (n && n >= name) return put(x, T_REGEXP, 0, (kd_str){x->text.p + x->at + 2, n - 3}, n);
    }
    size_t digits = peek(x, 0) == '-';
    while (is_digit(peek(x, digits))) digits++;
    if (is_digit(peek(x, digits - 1))) {
        number = digits;
        if (peek(x, digits) == '.') {
            kind = T_FLOAT;
            number++;
            while (is_digit(peek(x, number))) number++;
        } else if (peek(x, 0) != '-' && is_letter(peek(x, digits))) {
            kind = T_SPAN;
            number++;
        }
    }
    kd_str all = {x->text.p + x->at, number};
    if (number && number >= name) return put(x, kind, 0, all, number);
    all.n = name;
    return word(x, all);
}

static kd_status sign(lexer *x) {
    kd_str rest = {x->text.p + x->at, x->text.n - x->at};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (kd_str_starts(rest, signs[i].sign)) {
            rest.n = kd_str_of(signs[i].sign).n;
            return put(x, signs[i].kind, signs[i].aux, rest, rest.n);
        }
    switch (peek(x, 0)) {
    case '&':
    case '|':
    case '!':
    case '~':
        return bad(
            x, "the connectives have no symbols: write AND, OR, NOT, IMPLIES, EQUIV; for \"not equal\" NOT "
               "x = y");
    default:
        return bad(x, "this character begins nothing in a formula: a text goes between quotes");
    }
}

static kd_status next(lexer *x) {
    char c = peek(x, 0);
    if (c == '"') {
        size_t n = quoted(x, 0);
        if (!n)
            return bad(x,
                       "this text has no closing quote (a backslash before a quote keeps it from closing)");
        return put(x, T_STRING, 0, (kd_str){x->text.p + x->at + 1, n - 2}, n);
    }
    if (starts_word(c) || (c == '-' && is_digit(peek(x, 1)))) return word_or_number(x);
    return sign(x);
}

kd_status mf_lex(kd_arena *arena, kd_str text, const char *file, mf_token **out, size_t *count, kd_error *e) {
    lexer x = {.arena = arena, .text = text, .place = {1, 1}, .file = file, .error = e};
    kd_status st = skip(&x);
    while (st == KD_OK && x.at < text.n) {
        st = next(&x);
        if (st == KD_OK) st = skip(&x);
    }
    if (st == KD_OK) st = put(&x, T_END, 0, (kd_str){0}, 0);
    *out = x.items;
    *count = x.count;
    return st;
}

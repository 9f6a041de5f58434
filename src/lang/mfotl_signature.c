/* mfotl_signature.c: which events there are, with how many values of which types.
 *
 *      name(field, field, ...)   name()        a field is a type, or fieldname:type in one piece
 */
#include "lang/mfotl.h"

typedef struct reader {
    kd_str text;
    size_t at;
    mf_place place;
    const char *file;
    kd_error *error;
} reader;

typedef struct piece {
    kd_str text; /* of a word; of a sign the one character */
    mf_place place;
    bool word, end;
} piece;

static bool in_word(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c == '_' || c == '[' || c == ']' || c == '/' || c == ':' || c == '-' || c == '.' || c == '!';
}

static void advance(reader *r) {
    unsigned char c = (unsigned char)r->text.p[r->at++];
    if (c == '\n')
        r->place = (mf_place){r->place.line + 1, 1};
    else if ((c & 0xC0) != 0x80)
        r->place.column++;
}

static kd_status bad(reader *r, mf_place at, const char *message, kd_str met) {
    size_t n = met.n < 80 ? met.n : 80;
    kd_fail(r->error, KD_INVALID, "signature", "%s%.*s", message, (int)n, n ? met.p : "");
    kd_error_place(r->error, r->file, at.line, at.column);
    return KD_INVALID;
}

static char here(const reader *r) {
    return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static void skip(reader *r) {
    for (; r->at < r->text.n; advance(r)) {
        char c = here(r);
        if (c == '#') {
            while (r->at < r->text.n && here(r) != '\n') advance(r);
            if (r->at == r->text.n) return;
        } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            return;
        }
    }
}

/* The next word (bare or quoted) or sign. */
static kd_status next(reader *r, piece *out) {
    skip(r);
    *out = (piece){.place = r->place, .end = r->at == r->text.n};
    if (out->end) return KD_OK;
    size_t from = r->at;
    if (here(r) == '"') {
        advance(r);
        while (r->at < r->text.n && here(r) != '"') {
            if (here(r) == '\\') advance(r);
            if (r->at < r->text.n) advance(r);
        }
        if (r->at == r->text.n) return bad(r, out->place, "this name has no closing quote", (kd_str){0});
        out->text = (kd_str){r->text.p + from + 1, r->at - from - 1};
        out->word = true;
        advance(r);
        return KD_OK;
    }
    while (r->at < r->text.n && in_word(here(r))) advance(r);
    out->word = r->at > from;
    if (!out->word) advance(r);
    out->text = (kd_str){r->text.p + from, r->at - from};
    return KD_OK;
}

static bool is_sign(const piece *x, const char *sign) {
    return !x->word && !x->end && kd_str_is(x->text, sign);
}

static kd_status type_of(reader *r, const piece *field, mf_type *out) {
    static const struct {
        const char *name;
        mf_type type;
    } types[] = {{"int", MF_INT}, {"string", MF_STRING}, {"float", MF_FLOAT}, {"regexp", MF_REGEXP}};
    kd_str t = field->text;
    for (size_t i = t.n; i-- > 0;)
        if (t.p[i] == ':') {
            t = (kd_str){t.p + i + 1, t.n - i - 1};
            break;
        }
    for (unsigned i = 0; i < 4; i++)
        if (kd_str_is(t, types[i].name)) {
            *out = types[i].type;
            return KD_OK;
        }
    return bad(r, field->place,
               "a field is int, float, string or regexp, or name:type without blanks around the colon; met ",
               field->text);
}

/* The fields up to the closing parenthesis. */
static kd_status fields(reader *r, kd_arena *arena, mf_predicate *p) {
    uint32_t room = 0;
    mf_type *types = NULL;
    piece x;
    kd_status st = next(r, &x);
    while (st == KD_OK && !(is_sign(&x, ")") && p->arity == 0)) {
        if (p->arity == room) {
            uint32_t more = room ? 2 * room : 4;
            mf_type *grown = more > UINT32_MAX / 2 ? NULL : kd_arena_array(arena, more, sizeof *grown);
            if (!grown) return kd_fail_nomem(r->error);
            for (uint32_t i = 0; i < room; i++) grown[i] = types[i];
            types = grown;
            room = more;
        }
        if (!x.word)
            return bad(r, x.place, "a type (int, float, string, regexp) is to come here, met ", x.text);
        st = type_of(r, &x, &types[p->arity]);
        if (st == KD_OK) st = next(r, &x);
        if (st != KD_OK) return st;
        p->arity++;
        if (is_sign(&x, ")")) break;
        if (!is_sign(&x, ","))
            return bad(r, x.place, "\",\" or \")\" is to come behind a field, met ", x.text);
        st = next(r, &x);
    }
    p->types = types;
    return st;
}

static bool always_there(kd_str name) {
    return kd_str_is(name, "tp") || kd_str_is(name, "ts") || kd_str_is(name, "tpts");
}

/* name(fields), whose name has been read. */
static kd_status declaration(reader *r, kd_arena *arena, kd_symbols *seen, const piece *name,
                             mf_predicate *p) {
    piece x;
    if (!name->word || !name->text.n)
        return bad(r, name->place, "the name of a predicate is to come here, met ", name->text);
    if (always_there(name->text))
        return bad(r, name->place, "tp, ts and tpts are always there: leave out the declaration of ",
                   name->text);
    int64_t number = (int64_t)kd_symbols_count(seen), met = kd_symbol(seen, name->text);
    if (met < 0) return kd_fail_nomem(r->error);
    if (met != number) return bad(r, name->place, "declared twice: ", name->text);
    kd_status st = next(r, &x);
    if (st != KD_OK) return st;
    if (!is_sign(&x, "("))
        return bad(r, x.place, "\"(\" is to come behind the name of a predicate, met ", x.text);
    *p = (mf_predicate){.name = name->text};
    return fields(r, arena, p);
}

static kd_status read_all(reader *r, kd_arena *arena, kd_symbols *seen, mf_signature *s) {
    size_t room = 0;
    piece x;
    kd_status st = next(r, &x);
    while (st == KD_OK && !x.end) {
        if (s->count == room) {
            size_t more = room ? 2 * room : 16;
            mf_predicate *items = kd_arena_array(arena, more, sizeof *items);
            if (!items) return kd_fail_nomem(r->error);
            for (size_t i = 0; i < room; i++) items[i] = s->items[i];
            s->items = items;
            room = more;
        }
        st = declaration(r, arena, seen, &x, &s->items[s->count]);
        if (st == KD_OK) {
            s->count++;
            st = next(r, &x);
        }
    }
    return st;
}

kd_status mf_signature_read(kd_arena *arena, kd_str text, const char *file, mf_signature **out, kd_error *e) {
    reader r = {.text = text, .place = {1, 1}, .file = file, .error = e};
    kd_symbols *seen = NULL;
    *out = NULL;
    mf_signature *s = kd_arena_take(arena, sizeof *s);
    if (!s || kd_symbols_open(arena->from, &seen) != KD_OK) return kd_fail_nomem(e);
    kd_status st = read_all(&r, arena, seen, s);
    kd_symbols_close(seen);
    if (st == KD_OK) *out = s;
    return st;
}

const mf_predicate *mf_signature_find(const mf_signature *s, kd_str name) {
    for (size_t i = 0; i < s->count; i++)
        if (kd_str_equal(s->items[i].name, name)) return &s->items[i];
    return NULL;
}

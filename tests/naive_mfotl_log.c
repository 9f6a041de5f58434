/* naive_mfotl_log.c: signatures and logs for the naive evaluator, read whole. */
#include "naive_mfotl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word of the log: "..." or bare, or one of the signs @ ; ( ) , > < */
typedef struct piece {
    char sign; /* 'w' for a word, 0 at the end, '!' for what is none */
    kd_str text;
    const char *at;
} piece;

typedef struct scan {
    nm_world *w;
    kd_str s;
    size_t i;
    piece now;
} scan;

static void *take(nm_world *w, size_t count, size_t bytes) {
    void *p = kd_arena_array(w->arena, count, bytes);
    if (!p) abort();
    return p;
}

void nm_world_open(nm_world *w, kd_arena *a) {
    *w = (nm_world){.arena = a};
    if (kd_symbols_open(&kd_allocator_libc, &w->texts) != KD_OK) abort();
}

void nm_world_close(nm_world *w) {
    kd_symbols_close(w->texts);
    w->texts = NULL;
}

static bool bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_[]/:-.!+", c));
}

static void next(scan *s) {
    const char *p = s->s.p;
    size_t n = s->s.n;
    while (s->i < n && ((p[s->i] && strchr(" \t\r\n\f", p[s->i])) || p[s->i] == '#')) {
        if (p[s->i] == '#')
            while (s->i + 1 < n && p[s->i] != '\n') s->i++;
        s->i++;
    }
    size_t i = s->i;
    if (i >= n) {
        s->now = (piece){0, {p + n, 0}, p + n};
        return;
    }
    if (p[i] == '"') {
        size_t e = i + 1;
        while (e < n && p[e] != '"') e += p[e] == '\\' ? 2 : 1;
        s->now = (piece){e < n ? 'w' : '!', {p + i + 1, e < n ? e - i - 1 : 0}, p + i};
        s->i = e + 1;
        return;
    }
    size_t e = i;
    while (e < n && bare(p[e])) e++;
    if (e > i)
        s->now = (piece){'w', {p + i, e - i}, p + i};
    else
        s->now = (piece){strchr("@;(),><", p[i]) && p[i] ? p[i] : '!', {p + i, 1}, p + i};
    s->i = e > i ? e : i + 1;
}

static bool eat(scan *s, char sign) {
    if (s->now.sign != sign) return false;
    next(s);
    return true;
}

/* ---- Signature ----------------------------------------------------------------------------------------*/

static bool type_of(kd_str field, nm_type *out) {
    static const char *const names[] = {"", "int", "float", "string", "regexp"};
    for (size_t i = 0; i < field.n; i++)
        if (field.p[i] == ':') {
            field = (kd_str){field.p + i + 1, field.n - i - 1};
            break;
        }
    for (int k = NM_INT; k <= NM_REGEXP; k++)
        if (kd_str_is(field, names[k])) {
            *out = (nm_type)k;
            return true;
        }
    return false;
}

bool nm_read_signature(nm_world *w, kd_str text) {
    scan s = {.w = w, .s = text};
    w->preds = take(w, text.n / 2 + 4, sizeof *w->preds);
    static const char *const own[] = {"tp", "ts", "tpts"};
    for (unsigned k = 0; k < 3; k++) {
        nm_pred *p = &w->preds[w->pred_count++];
        *p = (nm_pred){kd_str_of(own[k]), take(w, 2, sizeof(nm_type)), k == 2 ? 2 : 1};
        p->types[0] = p->types[1] = NM_INT;
    }
    next(&s);
    while (s.now.sign == 'w') {
        nm_pred *p = &w->preds[w->pred_count++];
        *p = (nm_pred){s.now.text, take(w, text.n + 1, sizeof(nm_type)), 0};
        next(&s);
        bool good = eat(&s, '(');
        while (good && s.now.sign == 'w') {
            good = type_of(s.now.text, &p->types[p->arity++]);
            next(&s);
            if (!eat(&s, ',')) break;
        }
        if (!good || !eat(&s, ')')) break;
    }
    if (s.now.sign == 0) return true;
    snprintf(w->complaint, sizeof w->complaint, "signature cannot be read near '%.*s'",
             KD_STR_ARGS(s.now.text));
    return false;
}

/* ---- Log ----------------------------------------------------------------------------------------------*/

static bool number(nm_world *w, kd_str s, nm_type type, nm_value *out) {
    char *z = kd_arena_copy(w->arena, s.p, s.n), *end = NULL;
    if (!z) abort();
    if (type == NM_FLOAT) {
        *out = nm_float(strtod(z, &end));
        return s.n && end == z + s.n;
    }
    uint64_t u = 0;
    bool minus = s.n && s.p[0] == '-';
    if (s.n == (size_t)minus) return false;
    for (size_t i = minus; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(u, (uint64_t)10, &u) ||
            __builtin_add_overflow(u, (uint64_t)(s.p[i] - '0'), &u))
            return false;
    if (u > (uint64_t)INT64_MAX + minus) return false;
    *out = nm_int(minus ? (int64_t)(0 - u) : (int64_t)u);
    return true;
}

static bool value(nm_world *w, kd_str s, nm_type type, nm_value *out) {
    if (type == NM_INT || type == NM_FLOAT) return number(w, s, type, out);
    *out = nm_text(w, type, s);
    return true;
}

static bool event(scan *s, nm_point *p) {
    nm_world *w = s->w;
    unsigned k = 3; /* tp, ts and tpts are no events */
    while (k < w->pred_count && !kd_str_equal(w->preds[k].name, s->now.text)) k++;
    if (k == w->pred_count) return false;
    next(s);
    const nm_pred *pred = &w->preds[k];
    bool alone = s->now.sign != '(';
    if (alone) {
        if (pred->arity) return false;
        p->tuples[p->count++] = (nm_tuple){k, NULL};
    }
    while (s->now.sign == '(') {
        next(s);
        nm_value *values = take(w, pred->arity + 1, sizeof *values);
        unsigned n = 0;
        for (; s->now.sign == 'w' && n < pred->arity; n++) {
            if (!value(w, s->now.text, pred->types[n], &values[n])) return false;
            next(s);
            if (n + 1 < pred->arity && !eat(s, ',')) return false;
        }
        if (n != pred->arity || !eat(s, ')')) return false;
        p->tuples[p->count++] = (nm_tuple){k, values};
    }
    return true;
}

static bool command(scan *s) {
    next(s);
    s->w->stopped = kd_str_is(s->now.text, "terminate") || kd_str_is(s->now.text, "save_and_exit");
    while (s->now.sign && s->now.sign != '<') next(s);
    return eat(s, '<');
}

static bool point(scan *s) {
    nm_world *w = s->w;
    nm_point *p = &w->points[w->point_count];
    const char *begin = s->now.at;
    nm_value at;
    next(s);
    if (s->now.sign != 'w' || !number(w, s->now.text, NM_INT, &at)) return false;
    next(s);
    *p = (nm_point){.at = at.bits};
    size_t left = s->s.n - s->i + 1;
    size_t room = 0; /* events of this time point are no more than its signs */
    for (size_t i = s->i; i < s->s.n && s->s.p[i] != '@'; i++) room++;
    p->tuples = take(w, (room < left ? room : left) + 2, sizeof *p->tuples);
    while (s->now.sign == 'w')
        if (!event(s, p)) return false;
    p->text = kd_str_trim((kd_str){begin, (size_t)(s->now.at - begin)});
    if (w->point_count && p->at < p[-1].at) return true; /* goes back: skipped, without a number */
    w->point_count++;
    return true;
}

bool nm_read_log(nm_world *w, kd_str text) {
    scan s = {.w = w, .s = text};
    size_t room = 1;
    for (size_t i = 0; i < text.n; i++) room += text.p[i] == '@';
    w->points = take(w, room + 1, sizeof *w->points);
    next(&s);
    while (s.now.sign && !w->stopped) {
        bool good = s.now.sign == ';'   ? eat(&s, ';')
                    : s.now.sign == '>' ? command(&s)
                                        : s.now.sign == '@' && point(&s);
        if (!good) {
            snprintf(w->complaint, sizeof w->complaint, "log cannot be read at byte %zu",
                     (size_t)(s.now.at - text.p));
            return false;
        }
    }
    return true;
}

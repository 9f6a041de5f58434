/* mfotl_log_step.c: the reader of logs, the careful way: one part at a time, and all that can be wrong with it. */
#include "lang/mfotl_log_inside.h"
#include "lang/mfotl_number.h"
#include "lang/mfotl_scan.h"
#include <stdio.h>

enum { COMMAND_WORDS = 64 };

/* ---- Errors ---------------------------------------------------------------------------------------------*/

typedef struct shown {
    char text[48];
} shown;

/* The beginning of what was met, fit for a message. */
static shown show(kd_str s) {
    shown out;
    size_t n = 0;
    while (n < s.n && n < 40) {
        uint32_t point;
        unsigned length = kd_utf8_next(s.p + n, s.n - n, &point);
        if (length == 0 || n + length > 40) break;
        memcpy(out.text + n, s.p + n, length);
        if (point < 0x20 || point == 0x7f) out.text[n] = '?';
        n += length;
    }
    memcpy(out.text + n, n < s.n ? "..." : "", n < s.n ? 4 : 1);
    return out;
}

static log_step fault_at(const mf_log *l, kd_error *what, const char *p) {
    mf_log_error_at(l, what, p);
    return LOG_FAULT;
}

static log_step failed_at(const mf_log *l, kd_error *what, const char *p) {
    mf_log_error_at(l, what, p);
    return LOG_FAILED;
}

/* The bytes end inside of something that begins at p. */
static log_step ended(const mf_log *l, kd_error *what, const char *p, const char *inside) {
    if (!l->last) return LOG_WAIT;
    kd_fail(what, KD_INVALID, "syntax", "the log ends inside of %s", inside);
    return fault_at(l, what, p);
}

static log_step unexpected(const mf_log *l, kd_error *what, const char *p, const char *wanted) {
    uint32_t point;
    /* A character of several bytes is shown whole. */
    if (!l->last && (unsigned char)*p >= 0x80 && l->end - p < 4) return LOG_WAIT;
    unsigned length = kd_utf8_next(p, (size_t)(l->end - p), &point);
    if (length > 1 || (length == 1 && point > 0x20 && point < 0x7f)) {
        kd_fail(what, KD_INVALID, "syntax", "`%.*s` where %s should be", (int)length, p, wanted);
    } else {
        kd_fail(what, KD_INVALID, "syntax", "the byte 0x%02X where %s should be", (unsigned char)*p, wanted);
    }
    return fault_at(l, what, p);
}

/* ---- Parts ----------------------------------------------------------------------------------------------*/

const char *mf_log_blank(const mf_log *l, const char *p) {
    while (p < l->end) {
        if (mf_is_blank(*p)) {
            p++;
        } else if (*p == '#') {
            const char *line = memchr(p, '\n', (size_t)(l->end - p));
            if (!line) return l->last ? l->end : p;
            p = line + 1;
        } else {
            break;
        }
    }
    return p;
}

/* Moves over blanks; false when nothing that is known stands behind them. */
static bool there(const mf_log *l, const char **p) {
    *p = mf_log_blank(l, *p);
    return *p < l->end && **p != '#';
}

/* A bare word or a quoted text at *p. */
static log_step read_text(const mf_log *l, const char **p, kd_str *text, const char *wanted, kd_error *what) {
    const char *begin = *p, *q = begin;
    if (*q == '"') {
        for (q++; q < l->end && *q != '"'; q++) {
            if (*q == '\\' && ++q == l->end) break;
        }
        if (q == l->end) return ended(l, what, begin, "a quoted value");
        *text = (kd_str){begin + 1, (size_t)(q - begin) - 1};
        *p = q + 1;
        return LOG_DONE;
    }
    while (q < l->end && mf_is_word((unsigned char)*q)) q++;
    if (q == begin) return unexpected(l, what, q, wanted);
    if (q == l->end && !l->last) return LOG_WAIT;
    *text = (kd_str){begin, (size_t)(q - begin)};
    *p = q;
    return LOG_DONE;
}

/* ---- Events ---------------------------------------------------------------------------------------------*/

static log_step bad_value(const mf_log *l, const log_predicate *d, uint32_t i, mf_numeral n, kd_str text,
                          const char *p, kd_error *what) {
    const char *type = mf_type_name(d->declared->types[i]);
    if (n == MF_HUGE_NUMERAL) {
        kd_fail(what, KD_INVALID, "range", "%.*s, field %u: %s is beyond 64 bits",
                KD_STR_ARGS(d->declared->name), i + 1, show(text).text);
    } else {
        kd_fail(what, KD_INVALID, "type", "%.*s, field %u: `%s` is no %s", KD_STR_ARGS(d->declared->name),
                i + 1, show(text).text, type);
    }
    return failed_at(l, what, p);
}

/* One value becomes l->fields[i], or says that the event is of no concern. */
static log_step take_value(mf_log *l, const log_predicate *d, uint32_t i, kd_str text, const char *p,
                           bool *missed, kd_error *what) {
    log_field *f = &l->fields[i];
    log_op op = (log_op)(*missed ? d->ops_missed[i] : d->ops[i]);
    mf_numeral n = MF_NUMERAL;
    double real = 0;
    f->text = text;
    if (op == LOG_INT || op == LOG_INT_IS) n = mf_read_int(text, &f->value);
    if (op == LOG_FLOAT) n = mf_read_float(text, &real);
    if (n != MF_NUMERAL) return bad_value(l, d, i, n, text, p, what);
    if (op == LOG_FLOAT) f->value = mf_float_value(real);
    if (op == LOG_INT_IS && f->value != d->wanted[i].value) *missed = true;
    if (op == LOG_TEXT_IS && !kd_str_equal(text, d->wanted[i].text)) *missed = true;
    return LOG_DONE;
}

static log_step wrong_count(const mf_log *l, const log_predicate *d, uint32_t met, const char *p,
                            kd_error *what) {
    kd_fail(what, KD_INVALID, "arity", "%.*s has %u field%s, not %u", KD_STR_ARGS(d->declared->name),
            d->arity, d->arity == 1 ? "" : "s", met);
    return failed_at(l, what, p);
}

/* The tuple whose `(` is at *p. */
static log_step read_tuple(mf_log *l, const log_predicate *d, const char **p, bool *missed, kd_error *what) {
    const char *begin = *p, *q = begin + 1;
    uint32_t count = 0;
    if (!there(l, &q)) return ended(l, what, begin, "an event");
    for (bool more = *q != ')'; more; count++) {
        kd_str text;
        if (!there(l, &q)) return ended(l, what, begin, "an event");
        const char *value = q;
        log_step s = read_text(l, &q, &text, "a value", what);
        if (s == LOG_DONE && count < d->arity) s = take_value(l, d, count, text, value, missed, what);
        if (s != LOG_DONE) return s;
        if (!there(l, &q)) return ended(l, what, begin, "an event");
        if (*q != ',' && *q != ')') return unexpected(l, what, q, "`,` or `)`");
        more = *q == ',';
        if (more) q++;
        if (count == UINT32_MAX - 1) return wrong_count(l, d, count, begin, what);
    }
    if (count != d->arity) return wrong_count(l, d, count, begin, what);
    *p = q + 1;
    return LOG_DONE;
}

static log_step undeclared(const mf_log *l, kd_str name, const char *p, kd_error *what) {
    const mf_signature *s = l->o.signature;
    int near = -1;
    kd_str names[64];
    size_t count = 0;
    for (; count < s->count && count < 64; count++) names[count] = s->items[count].name;
    near = kd_str_nearest(name, names, count);
    if (near >= 0) {
        kd_fail(what, KD_INVALID, "predicate", "`%s` is not declared in the signature; did you mean `%.*s`?",
                show(name).text, KD_STR_ARGS(names[near]));
    } else {
        kd_fail(what, KD_INVALID, "predicate", "`%s` is not declared in the signature", show(name).text);
    }
    return fault_at(l, what, p);
}

/* `name`, `name(...)`, or one more tuple `(...)` of the last name. */
static log_step read_event(mf_log *l, const char **p, kd_error *what) {
    const char *begin = *p, *q = begin;
    log_predicate *d = l->current;
    bool missed = false;
    if (*q != '(') {
        kd_str name;
        log_step s = read_text(l, &q, &name, "an event, `;` or `@`", what);
        if (s != LOG_DONE) return s;
        d = mf_log_find(l, name);
        if (!d) return undeclared(l, name, begin, what);
        if (!there(l, &q) && !l->last) return LOG_WAIT;
    } else if (!d) {
        kd_fail(what, KD_INVALID, "syntax", "a tuple without the name of its predicate");
        return fault_at(l, what, q);
    }
    if (q < l->end && *q == '(') {
        log_step s = read_tuple(l, d, &q, &missed, what);
        if (s != LOG_DONE) return s;
    } else if (d->arity > 0) {
        return wrong_count(l, d, 0, begin, what);
    }
    l->current = d;
    *p = q;
    if (missed || l->dropped || d->use_count == 0) return LOG_DONE;
    return mf_log_put(l, d) ? LOG_DONE : LOG_FAILED;
}

/* ---- Time points and commands ---------------------------------------------------------------------------*/

static log_step read_time_point(mf_log *l, const char **p, kd_error *what) {
    const char *begin = *p, *q = begin + 1;
    kd_str text = {q, 0};
    if (!there(l, &q)) return ended(l, what, begin, "a time stamp");
    const char *number = q;
    log_step s =
        *q == '"' ? unexpected(l, what, q, "a time stamp") : read_text(l, &q, &text, "a time stamp", what);
    if (s != LOG_DONE) return s;
    kd_instant at = 0;
    mf_numeral n = mf_read_int(text, &at);
    if (n == MF_NO_NUMERAL) {
        kd_fail(what, KD_INVALID, "syntax", "the time stamp `%s` is no integer", show(text).text);
        return fault_at(l, what, number);
    }
    if (n == MF_HUGE_NUMERAL || at == KD_NEVER) {
        kd_fail(what, KD_INVALID, "range", "the time stamp %s is beyond 64 bits", show(text).text);
        return failed_at(l, what, number);
    }
    *p = q;
    return mf_log_open_point(l, begin, at) ? LOG_DONE : LOG_FAILED;
}

static bool is_command_byte(char c) {
    return !mf_is_blank(c) && c != '<' && c != '"' && c != '#';
}

/* `> name arg ... <`; its words are anything but blanks and `<`, or quoted. */
static log_step read_command(mf_log *l, const char **p, kd_error *what) {
    const char *begin = *p, *q = begin + 1;
    kd_str words[COMMAND_WORDS];
    size_t count = 0;
    for (;;) {
        if (!there(l, &q)) return ended(l, what, begin, "a command");
        if (*q == '<') break;
        if (count == COMMAND_WORDS) {
            kd_fail(what, KD_INVALID, "syntax", "a command of more than %d words", COMMAND_WORDS);
            return fault_at(l, what, begin);
        }
        const char *word = q;
        if (*q == '"') {
            log_step s = read_text(l, &q, &words[count++], "a word", what);
            if (s != LOG_DONE) return s;
        } else {
            while (q < l->end && is_command_byte(*q)) q++;
            words[count++] = (kd_str){word, (size_t)(q - word)};
        }
    }
    if (count == 0) return unexpected(l, what, q, "the name of a command");
    if (!l->o.command) {
        kd_fail(what, KD_INVALID, "command", "the command `%s`: none is taken here", show(words[0]).text);
        return failed_at(l, what, begin);
    }
    if (!mf_log_pass(l)) return LOG_FAILED;
    kd_status s = l->o.command(l->o.ctx, words[0], words + 1, count - 1);
    if (s != KD_OK) {
        l->status = s;
        if (l->error && l->error->message[0] && l->error->line == 0) mf_log_error_at(l, l->error, begin);
        return LOG_FAILED;
    }
    mf_log_ask_quiet(l);
    l->after_command = true;
    *p = q + 1;
    return LOG_DONE;
}

/* ---- After a fault --------------------------------------------------------------------------------------*/

/* A quoted text is stepped over when it ends on its line: what is left of a broken one must not swallow the
 * rest of the log. */
static log_step skip_quoted(const mf_log *l, const char **p) {
    const char *q = *p + 1;
    for (; q < l->end && *q != '"' && *q != '\n'; q++) {
        if (*q == '\\' && ++q == l->end) break;
    }
    if (q >= l->end && !l->last) return LOG_WAIT;
    *p = q < l->end && *q == '"' ? q + 1 : *p + 1;
    return LOG_DONE;
}

static log_step skip_part(mf_log *l, const char **p) {
    char c = **p;
    if (c == '@' || c == '>') {
        l->skipping = false;
        return LOG_DONE;
    }
    if (c == '"') return skip_quoted(l, p);
    ++*p;
    if (c != ';') return LOG_DONE;
    l->skipping = false;
    return l->open && !mf_log_close_point(l) ? LOG_FAILED : LOG_DONE;
}

log_step mf_log_step(mf_log *l, const char **p, kd_error *what) {
    char c = **p;
    log_step s;
    if (l->skipping) return skip_part(l, p);
    if (c == '@' || c == ';' || c == '>') {
        bool was_open = l->open;
        if (was_open && !mf_log_close_point(l)) return LOG_FAILED;
        if (c == ';') {
            if (!was_open && !l->after_command) {
                s = unexpected(l, what, *p, "`@` or a command");
            } else {
                l->after_command = false;
                s = LOG_DONE;
            }
            ++*p;
            return s;
        }
        s = c == '@' ? read_time_point(l, p, what) : read_command(l, p, what);
        if (s == LOG_FAULT) ++*p; /* so that skipping does not come back here */
        return s;
    }
    if (!l->open) return unexpected(l, what, *p, "`@` or a command");
    return read_event(l, p, what);
}

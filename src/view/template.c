/* template.c: fills a treaty's message templates with values; the only maker of sentences. */
#include "kadesh/treaty.h"
#include <kadesh/view.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX   160
#define DEPTH_MAX 8
#define ABOUT_MAX 60 /* bytes of a template that an error shows */

typedef struct filling {
    const kd_words *w;
    kd_text *out;
    const char *key;
    const kd_slot *slots;
    size_t count;
    kd_error *e;
    unsigned depth;
} filling;

static kd_status missing(const kd_words *w, const char *key, kd_error *e) {
    return kd_fail(e, KD_INVALID, "missing_message",
                   "no message `%s` in messages/%.*s.md, nor in messages/en.md", key,
                   KD_STR_ARGS(w->language));
}

/* Names the fault and the beginning of the text that has it, cut between characters. */
static kd_status bad(const filling *f, const char *why, kd_str about) {
    kd_str shown = {about.p, about.n < ABOUT_MAX ? about.n : ABOUT_MAX};
    if (shown.n < about.n) shown.n = kd_utf8_check(shown);
    return kd_fail(f->e, KD_INVALID, "bad_template", "message `%s`: %s `%.*s`", f->key, why,
                   KD_STR_ARGS(shown));
}

/* The text of a message whose key is made of parts; a NULL string when there is none. */
static kd_str message(const kd_words *w, kd_str stem, const char *dot, kd_str form) {
    char key[KEY_MAX];
    int n = snprintf(key, sizeof key, "%.*s%s%.*s", KD_STR_ARGS(stem), dot, KD_STR_ARGS(form));
    if (n < 0 || (size_t)n >= sizeof key) return (kd_str){NULL, 0};
    return kd_treaty_message(w->treaty, w->language, key);
}

static kd_status needed(const filling *f, kd_str stem, const char *dot, kd_str form, kd_str *text) {
    *text = message(f->w, stem, dot, form);
    if (text->p) return KD_OK;
    char key[KEY_MAX];
    int n = snprintf(key, sizeof key, "%.*s%s%.*s", KD_STR_ARGS(stem), dot, KD_STR_ARGS(form));
    if (n >= KEY_MAX) key[kd_utf8_check(kd_str_of(key))] = 0; /* it was cut: not within a character */
    return missing(f->w, key, f->e);
}

/* ---- Forms of values -------------------------------------------------------------------------------------------*/

/* one, few or many, as the language's rule has it. */
static const char *plural(const kd_words *w, int64_t n) {
    kd_str rule = message(w, KD_STR("plural"), ".", KD_STR("rule"));
    int64_t ten = n % 10, hundred = n % 100;
    if (kd_str_is(rule, "none")) return "many";
    if (!kd_str_is(rule, "slavic")) return n == 1 ? "one" : "many";
    if (ten == 1 && hundred != 11) return "one";
    return ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14) ? "few" : "many";
}

static kd_status put_count(filling *f, const kd_slot *s, kd_str form) {
    if (!form.n) {
        kd_text_printf(f->out, "%lld", (long long)s->number);
        return KD_OK;
    }
    kd_str word;
    kd_status status = needed(f, form, ".", kd_str_of(plural(f->w, s->number)), &word);
    if (!status) kd_text_put(f->out, word);
    return status;
}

static kd_status put_day(filling *f, const kd_slot *s, kd_str form) {
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec"};
    kd_civil c = kd_civil_of_day(s->number);
    bool near = kd_str_is(form, "near");
    if (!form.n || (near && c.year != kd_civil_of_day(f->w->today).year)) {
        kd_day_put(f->out, s->number);
        return KD_OK;
    }
    kd_str text, month;
    kd_status status = needed(f, KD_STR("day"), ".", form, &text);
    if (!status) status = needed(f, KD_STR("month"), ".", kd_str_of(months[c.month - 1]), &month);
    if (status) return status;
    char mm[4], dd[4], key[KEY_MAX];
    snprintf(mm, sizeof mm, "%02u", c.month % 100);
    snprintf(dd, sizeof dd, "%02u", c.day % 100);
    snprintf(key, sizeof key, "day.%.*s", KD_STR_ARGS(form));
    const kd_slot parts[] = {{.name = "day", .kind = KD_SLOT_COUNT, .number = c.day},
                             {.name = "month", .kind = KD_SLOT_TEXT, .text = month},
                             {.name = "year", .kind = KD_SLOT_COUNT, .number = c.year},
                             {.name = "mm", .kind = KD_SLOT_TEXT, .text = kd_str_of(mm)},
                             {.name = "dd", .kind = KD_SLOT_TEXT, .text = kd_str_of(dd)}};
    return kd_template_fill(f->w, f->out, key, text, parts, sizeof parts / sizeof *parts, f->e);
}

static kd_status put_name(filling *f, const kd_slot *s, kd_str form) {
    kd_str text = message(f->w, s->stem, form.n ? "." : "", form);
    if (text.p) {
        kd_text_put(f->out, text);
        return KD_OK;
    }
    if (!form.n) {
        kd_text_put(f->out, s->text);
        return KD_OK;
    }
    return needed(f, s->stem, ".", form, &text);
}

static kd_status put_list(filling *f, const kd_slot *s, kd_str form) {
    kd_str between, last;
    kd_status status = needed(f, KD_STR("list"), ".", form.n ? form : KD_STR("comma"), &between);
    if (status) return status;
    char stem[KEY_MAX];
    snprintf(stem, sizeof stem, "list.%.*s", KD_STR_ARGS(form));
    last = message(f->w, kd_str_of(stem), ".", KD_STR("last"));
    for (size_t i = 0; i < s->count; i++) {
        if (i) kd_text_put(f->out, i + 1 == s->count && last.p ? last : between);
        kd_text_put(f->out, s->list[i]);
    }
    return KD_OK;
}

static bool is_empty(const kd_slot *s) {
    switch (s->kind) {
    case KD_SLOT_COUNT:
    case KD_SLOT_DAY:
        return s->absent;
    case KD_SLOT_LIST:
        return s->count == 0;
    case KD_SLOT_NAME:
        return s->text.n == 0 && s->stem.n == 0;
    case KD_SLOT_TEXT:
        break;
    }
    return s->text.n == 0;
}

static kd_status put_value(filling *f, const kd_slot *s, kd_str form) {
    switch (s->kind) {
    case KD_SLOT_COUNT:
        return put_count(f, s, form);
    case KD_SLOT_DAY:
        return put_day(f, s, form);
    case KD_SLOT_NAME:
        return put_name(f, s, form);
    case KD_SLOT_LIST:
        return put_list(f, s, form);
    case KD_SLOT_TEXT:
        break;
    }
    if (form.n) return bad(f, "a text has no form", form);
    kd_text_put(f->out, s->text);
    return KD_OK;
}

/* ---- The template's own text -----------------------------------------------------------------------------------*/

/* `{name|form}` at *at, which moves behind it; *empty is set when the value is. */
static kd_status placeholder(filling *f, kd_str t, size_t *at, bool *empty) {
    size_t from = *at + 1, end = from;
    while (end < t.n && t.p[end] != '}') end++;
    if (end == t.n) return bad(f, "a `{` is not closed:", (kd_str){t.p + *at, t.n - *at});
    kd_str name = {t.p + from, end - from}, form = {t.p + end, 0};
    for (size_t i = from; i < end; i++) {
        if (t.p[i] != '|') continue;
        name.n = i - from;
        form = (kd_str){t.p + i + 1, end - i - 1};
        break;
    }
    *at = end + 1;
    for (size_t i = 0; i < f->count; i++) {
        if (!kd_str_is(name, f->slots[i].name)) continue;
        if (is_empty(&f->slots[i])) {
            *empty = true;
            return KD_OK;
        }
        return put_value(f, &f->slots[i], form);
    }
    return bad(f, "nothing here is called", name);
}

/* Fills up to the end, or inside brackets up to the closing one, which is eaten. */
static kd_status fill(filling *f, kd_str t, size_t *at, bool inside, bool *empty) {
    while (*at < t.n) {
        char c = t.p[*at];
        kd_status status = KD_OK;
        if (c == '\\' && *at + 1 < t.n) {
            kd_text_putc(f->out, t.p[*at + 1]);
            *at += 2;
        } else if (c == '{') {
            status = placeholder(f, t, at, empty);
        } else if (c == '[') {
            if (f->depth == DEPTH_MAX) return bad(f, "brackets too deep at", (kd_str){t.p + *at, t.n - *at});
            size_t mark = f->out->n;
            bool left_out = false;
            ++*at;
            f->depth++;
            status = fill(f, t, at, true, &left_out);
            f->depth--;
            if (left_out && f->out->p && f->out->n > mark) {
                f->out->n = mark;
                f->out->p[mark] = 0;
            }
        } else if (c == ']') {
            if (!inside) return bad(f, "a `]` without its `[` at", (kd_str){t.p + *at, t.n - *at});
            ++*at;
            return KD_OK;
        } else {
            kd_text_putc(f->out, c);
            ++*at;
        }
        if (status) return status;
    }
    return inside ? bad(f, "a `[` is not closed:", t) : KD_OK;
}

kd_status kd_template_fill(const kd_words *w, kd_text *out, const char *key, kd_str text,
                           const kd_slot *slots, size_t count, kd_error *e) {
    filling f = {w, out, key, slots, count, e, 0};
    size_t at = 0;
    bool empty = false;
    kd_status s = fill(&f, text, &at, false, &empty);
    return s ? s : out->failed ? kd_fail_nomem(e) : KD_OK;
}

kd_status kd_template_put(const kd_words *w, kd_text *out, const char *key, const kd_slot *slots,
                          size_t count, kd_error *e) {
    kd_str text = kd_treaty_message(w->treaty, w->language, key);
    return text.p ? kd_template_fill(w, out, key, text, slots, count, e) : missing(w, key, e);
}

bool kd_template_exists(const kd_words *w, const char *key) {
    return kd_treaty_message(w->treaty, w->language, key).p != NULL;
}

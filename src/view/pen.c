/* pen.c: words in the reader's language, and the slots that carry names, days and counts into templates. */
#include "view/pen.h"
#include <stdio.h>
#include <string.h>

void kd_pen_open(kd_pen *p, const kd_view *v, kd_error *e) {
    *p = (kd_pen){.view = v, .arena = v->arena, .e = e};
    p->words = (kd_words){v->treaty, v->language, v->history->asked.on};
}

kd_status kd_pen_end(kd_pen *p, kd_text *out, size_t from) {
    if (out->failed) kd_pen_failed(p, kd_fail_nomem(p->e));
    if (p->status && from < out->n) {
        out->n = from;
        out->p[from] = '\0';
    }
    return p->status;
}

void kd_pen_failed(kd_pen *p, kd_status s) {
    if (p->status == KD_OK) p->status = s;
}

static kd_str keep(kd_pen *p, kd_text *t) {
    kd_str s = kd_text_str(t);
    char *copy = t->failed ? NULL : kd_arena_copy(p->arena, s.n ? s.p : "", s.n);
    if (!copy && !p->status) p->status = kd_fail_nomem(p->e);
    kd_text_close(t);
    return copy ? (kd_str){copy, s.n} : KD_STR("");
}

kd_str kd_pen_say(kd_pen *p, const char *key, const kd_slot *slots, size_t count) {
    if (p->status) return KD_STR("");
    kd_text t;
    kd_text_open(&t, p->arena->from);
    kd_pen_failed(p, kd_template_put(&p->words, &t, key, slots, count, p->e));
    return keep(p, &t);
}

kd_str kd_pen_say_if(kd_pen *p, const char *key, const kd_slot *slots, size_t count) {
    return kd_template_exists(&p->words, key) ? kd_pen_say(p, key, slots, count) : KD_STR("");
}

kd_str kd_pen_printf(kd_pen *p, const char *format, ...) {
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    char *s = n < 0 ? NULL : kd_arena_take(p->arena, (size_t)n + 1);
    if (s) vsnprintf(s, (size_t)n + 1, format, again);
    va_end(again);
    if (!s && !p->status) p->status = kd_fail_nomem(p->e);
    return s ? (kd_str){s, (size_t)n} : KD_STR("");
}

void *kd_pen_array(kd_pen *p, size_t count, size_t bytes) {
    void *a = kd_arena_array(p->arena, count ? count : 1, bytes);
    if (!a && !p->status) p->status = kd_fail_nomem(p->e);
    return a;
}

uint32_t *kd_pen_reading_order(kd_pen *p) {
    const kd_treaty *t = p->words.treaty;
    uint32_t *order = kd_pen_array(p, t->reading_count, sizeof *order);
    for (uint32_t i = 0; order && i < t->reading_count; i++) {
        uint32_t at = i;
        for (; at > 0 && t->readings[order[at - 1]].of > t->readings[i].of; at--) order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

/* ---- Slots -----------------------------------------------------------------------------------------------------*/

kd_slot kd_slot_text(const char *name, kd_str text) {
    return (kd_slot){.name = name, .kind = KD_SLOT_TEXT, .text = text};
}

kd_slot kd_slot_count(const char *name, int64_t n) {
    return (kd_slot){.name = name, .kind = KD_SLOT_COUNT, .number = n};
}

kd_slot kd_slot_day(const char *name, kd_day day) {
    return (kd_slot){.name = name, .kind = KD_SLOT_DAY, .number = day, .absent = day == KD_NO_DAY};
}

kd_slot kd_slot_instant(const char *name, kd_instant at) {
    bool absent = at == KD_NEVER || at == KD_ABSENT;
    return kd_slot_day(name, absent ? KD_NO_DAY : kd_instant_day(at));
}

kd_slot kd_slot_list(const char *name, const kd_str *items, size_t count) {
    return (kd_slot){.name = name, .kind = KD_SLOT_LIST, .list = items, .count = count};
}

static kd_slot name_slot(kd_pen *p, const char *name, const char *stem, kd_str word, kd_str fallback) {
    return (kd_slot){.name = name,
                     .kind = KD_SLOT_NAME,
                     .stem = kd_pen_printf(p, "%s.%.*s", stem, KD_STR_ARGS(word)),
                     .text = fallback};
}

static kd_slot absent_name(const char *name) {
    return (kd_slot){.name = name, .kind = KD_SLOT_NAME};
}

static kd_str in_language(const kd_pen *p, kd_names n, kd_str declared) {
    kd_str s = kd_str_is(p->words.language, "ru") ? n.ru : n.en;
    return s.n ? s : declared;
}

kd_slot kd_slot_party(kd_pen *p, const char *name, uint32_t party) {
    const kd_treaty *t = p->words.treaty;
    if (party == KD_BOTH) return name_slot(p, name, "party", KD_STR("both"), KD_STR("both"));
    if (party >= t->party_count) return absent_name(name);
    const kd_party *x = &t->parties[party];
    return name_slot(p, name, "party", x->name, in_language(p, x->names, x->name));
}

kd_slot kd_slot_group(kd_pen *p, const char *name, uint32_t group) {
    const kd_group *g = &p->words.treaty->groups[group];
    return name_slot(p, name, "group", g->name, in_language(p, g->names, g->name));
}

kd_slot kd_slot_rule(kd_pen *p, const char *name, uint32_t rule) {
    const kd_rule *r = &p->words.treaty->rules[rule];
    return name_slot(p, name, "rule", r->name, in_language(p, r->names, r->title.n ? r->title : r->name));
}

kd_slot kd_slot_fact(kd_pen *p, const char *name, uint32_t fact) {
    const kd_fact *f = &p->words.treaty->facts[fact];
    return name_slot(p, name, "fact", f->name, in_language(p, f->names, f->name));
}

kd_slot kd_slot_reading(kd_pen *p, const char *name, uint32_t reading) {
    const kd_reading *r = &p->words.treaty->readings[reading];
    return name_slot(p, name, "reading", r->name, in_language(p, r->names, r->title.n ? r->title : r->name));
}

kd_slot kd_slot_rung(kd_pen *p, const char *name, uint32_t ladder, uint32_t rung) {
    const kd_rung *r = &p->words.treaty->ladders[ladder].rungs[rung];
    return name_slot(p, name, "rung", r->name, in_language(p, r->names, r->title.n ? r->title : r->name));
}

kd_slot kd_slot_value(kd_pen *p, const char *name, uint32_t kind, kd_value value) {
    const kd_treaty *t = p->words.treaty;
    if (kind >= t->kind_count || value < 0 || (size_t)value >= t->kinds[kind].count) return absent_name(name);
    kd_str word = t->kinds[kind].values[value];
    kd_str stem = kd_pen_printf(p, "%.*s.%.*s", KD_STR_ARGS(t->kinds[kind].name), KD_STR_ARGS(word));
    char *plain = kd_arena_copy(p->arena, word.p, word.n);
    for (size_t i = 0; plain && i < word.n; i++) plain[i] = plain[i] == '_' ? ' ' : plain[i];
    return (kd_slot){
        .name = name, .kind = KD_SLOT_NAME, .stem = stem, .text = {plain ? plain : word.p, word.n}};
}

kd_slot kd_slot_word(kd_pen *p, const char *name, const char *stem, kd_str word) {
    kd_str key = kd_pen_printf(p, "%s.%.*s", stem, KD_STR_ARGS(word));
    return kd_slot_text(name, kd_pen_say(p, key.p, NULL, 0));
}

kd_str kd_pen_treaty(kd_pen *p) {
    return in_language(p, p->words.treaty->names, p->words.treaty->title);
}

kd_str kd_pen_name(kd_pen *p, kd_slot name) {
    kd_str s = kd_treaty_message(p->words.treaty, p->words.language, name.stem.n ? name.stem.p : "");
    return s.p ? s : name.text;
}

kd_str kd_pen_form(kd_pen *p, kd_slot name, const char *form) {
    kd_str key = kd_pen_printf(p, "%.*s.%s", KD_STR_ARGS(name.stem), form);
    return kd_pen_say(p, key.p, NULL, 0);
}

kd_str kd_pen_short(kd_pen *p, kd_slot name) {
    kd_str key = kd_pen_printf(p, "%.*s.short", KD_STR_ARGS(name.stem));
    return kd_template_exists(&p->words, key.p) ? kd_pen_say(p, key.p, NULL, 0) : kd_pen_name(p, name);
}

/* treaty.c: what other rooms ask of a treaty that has been read: things by name, messages, values of
 * fields. */
#include "kadesh/treaty.h"
#include "lang/front.h"

static const kd_entry *find(const kd_treaty *t, uint64_t space, kd_str name) {
    const kd_ast *a = t->syntax;
    return a ? kd_index_find(a->index, space, name) : NULL;
}

static int find_thing(const kd_treaty *t, uint64_t space, kd_str name, kd_thing what) {
    const kd_entry *e = find(t, space, name);
    return e && e->what == what ? (int)e->index : -1;
}

int kd_treaty_party(const kd_treaty *t, kd_str name) {
    return find_thing(t, KD_SPACE_NAMES, name, KD_IS_PARTY);
}

int kd_treaty_notice(const kd_treaty *t, kd_str name) {
    return find_thing(t, KD_SPACE_NAMES, name, KD_IS_NOTICE);
}

int kd_treaty_group(const kd_treaty *t, kd_str name) {
    return find_thing(t, KD_SPACE_GROUPS, name, KD_IS_GROUP);
}

int kd_treaty_reading(const kd_treaty *t, kd_str name) {
    return find_thing(t, KD_SPACE_READINGS, name, KD_IS_READING);
}

int kd_treaty_rule(const kd_treaty *t, kd_str name) {
    int rule = find_thing(t, KD_SPACE_NAMES, name, KD_IS_RULE);
    if (rule < 0) rule = find_thing(t, KD_SPACE_RULE_IDS, name, KD_IS_RULE);
    return rule < 0 ? find_thing(t, KD_SPACE_ARTICLES, name, KD_IS_RULE) : rule;
}

kd_str kd_treaty_message(const kd_treaty *t, kd_str language, const char *key) {
    kd_str k = kd_str_of(key);
    const kd_entry *e = find(t, kd_index_language(language), k);
    if (!e) e = find(t, kd_index_language(KD_STR("en")), k);
    return e && e->what == KD_IS_MESSAGE ? t->messages[e->index].text : (kd_str){NULL, 0};
}

/* ---- Fixed words ----------------------------------------------------------------------------------------*/

static kd_str word(const char *const *words, size_t count, size_t i) {
    return i < count ? kd_str_of(words[i]) : KD_STR("");
}

kd_str kd_rule_kind_name(kd_rule_kind k) {
    static const char *const words[] = {"limit", "duty", "ban", "quota", "right"};
    return word(words, KD_RULE_KINDS, (size_t)k);
}

kd_str kd_verdict_name(kd_verdict_status s) {
    static const char *const words[] = {"kept", "breached", "alleged", "pending", "not_shown", "excused"};
    return word(words, KD_VERDICTS, (size_t)s);
}

kd_str kd_shade_name(kd_shade s) {
    static const char *const words[] = {"bound", "pledged", "freed", "withheld", "not_yet", "ended"};
    return word(words, KD_SHADES, (size_t)s);
}

/* ---- Types ----------------------------------------------------------------------------------------------*/

/* As kd_value_type. */
static const struct type {
    const char *name, *wanted;
} types[] = {
    {"party", "a Party"},
    {"text", "a text"},
    {"count", "a number"},
    {"date", "a date as 2018-02-05"},
    {"instant", "an instant as 2018-02-05T10:00:00Z"},
    {"rule", "an article as II.1(a)"},
    {"group", "a group"},
    {"notice", "a notice"},
    {"yes_no", "`yes` or `no`"},
    {"statement", "a statement as US/34"},
    {"hash", "a hash as sha256: and 64 hexadecimal digits"},
    {"kind", "a value of a kind"},
};

kd_str kd_type_name(kd_value_type type) {
    return type <= KD_T_KIND ? kd_str_of(types[type].name) : KD_STR("");
}

bool kd_type_find(kd_str name, kd_value_type *out) {
    for (int i = 0; i < KD_T_KIND; i++)
        if (kd_str_is(name, types[i].name)) {
            *out = (kd_value_type)i;
            return true;
        }
    return false;
}

kd_str kd_type_wanted(const kd_treaty *t, kd_value_type type, uint32_t kind) {
    const kd_ast *a = t->syntax;
    if (type == KD_T_KIND && a && a->kind_phrases && kind < t->kind_count) return a->kind_phrases[kind];
    return type <= KD_T_KIND ? kd_str_of(types[type].wanted) : KD_STR("");
}

/* ---- Values ---------------------------------------------------------------------------------------------*/

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_part(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

static size_t part(kd_str s, size_t i) {
    size_t from = i;
    while (i < s.n && is_part(s.p[i])) i++;
    return i - from;
}

bool kd_article_form(kd_str s) {
    if (s.n == 0 || !is_letter(s.p[0])) return false;
    size_t i = part(s, 0);
    while (i < s.n) {
        char open = s.p[i++];
        size_t n = part(s, i);
        if ((open != '.' && open != '(') || n == 0) return false;
        i += n;
        if (open == '.') continue;
        if (i == s.n || s.p[i] != ')') return false;
        i++;
        i += part(s, i);
    }
    return true;
}

/* US/34 */
static bool statement_form(const kd_treaty *t, kd_str s) {
    size_t slash = 0;
    int64_t number;
    while (slash < s.n && s.p[slash] != '/') slash++;
    return slash < s.n && kd_treaty_party(t, (kd_str){s.p, slash}) >= 0 &&
           kd_decimal((kd_str){s.p + slash + 1, s.n - slash - 1}, &number);
}

static bool hash_form(kd_str s) {
    unsigned char bytes[32];
    return kd_str_starts(s, "sha256:") && kd_hex_decode((kd_str){s.p + 7, s.n - 7}, bytes, sizeof bytes);
}

/* The nearest name of a table whose items begin with their name. */
static kd_str nearest_of(bool wanted, kd_str met, const void *items, size_t bytes, size_t count) {
    kd_str best = {0};
    unsigned distance = (unsigned)((met.n + 2) / 3) + 1;
    for (size_t i = 0; wanted && i < count; i++) {
        const kd_str *name = (const kd_str *)(const void *)((const char *)items + i * bytes);
        unsigned d = kd_str_distance(met, *name, distance);
        if (d < distance && d < name->n) {
            distance = d;
            best = *name;
        }
    }
    return best;
}

static bool named(int index, kd_value *out) {
    *out = index;
    return index >= 0;
}

bool kd_value_form(const kd_treaty *t, const kd_field *f, kd_str text, kd_value *out, kd_str *nearest) {
    kd_day day;
    kd_str none;
    *out = 0;
    bool wanted = nearest != NULL;
    if (!wanted) nearest = &none;
    *nearest = (kd_str){0};
    switch (f->type) {
    case KD_T_PARTY:
        if (kd_str_is(text, "both")) return named(KD_BOTH, out);
        if (named(kd_treaty_party(t, text), out)) return true;
        *nearest = nearest_of(wanted, text, t->parties, sizeof *t->parties, t->party_count);
        return false;
    case KD_T_TEXT:
        return true;
    case KD_T_COUNT:
        return kd_decimal(text, out);
    case KD_T_DATE:
        if (!kd_day_parse(text, &day)) return false;
        *out = kd_day_begin(day);
        return true;
    case KD_T_INSTANT:
        return kd_instant_parse(text, out);
    case KD_T_RULE:
        return kd_article_form(text);
    case KD_T_GROUP:
        if (named(kd_treaty_group(t, text), out)) return true;
        *nearest = nearest_of(wanted, text, t->groups, sizeof *t->groups, t->group_count);
        return false;
    case KD_T_NOTICE:
        if (named(kd_treaty_notice(t, text), out)) return true;
        *nearest = nearest_of(wanted, text, t->notices, sizeof *t->notices, t->notice_count);
        return false;
    case KD_T_YES_NO:
        *out = kd_str_is(text, "yes");
        return *out || kd_str_is(text, "no");
    case KD_T_STATEMENT:
        return statement_form(t, text);
    case KD_T_HASH:
        return hash_form(text);
    case KD_T_KIND:
        break;
    }
    const kd_kind_decl *k = f->kind < t->kind_count ? &t->kinds[f->kind] : NULL;
    for (size_t i = 0; k && i < k->count; i++)
        if (kd_str_equal(k->values[i], text)) return named((int)i, out);
    if (k) *nearest = nearest_of(wanted, text, k->values, sizeof *k->values, k->count);
    return false;
}

static bool is_symbol(kd_value_type type) {
    return type == KD_T_TEXT || type == KD_T_RULE || type == KD_T_STATEMENT || type == KD_T_HASH;
}

kd_status kd_treaty_value(const kd_treaty *t, const kd_field *f, kd_str text, kd_symbols *symbols,
                          kd_value *out, kd_error *e) {
    kd_str nearest;
    if (!kd_value_form(t, f, text, out, &nearest)) {
        kd_str wanted = kd_type_wanted(t, f->type, f->kind);
        kd_str shown = text.n > 80 ? (kd_str){text.p, 80} : text;
        shown.n = kd_utf8_check(shown);
        if (nearest.n)
            return kd_fail(e, KD_INVALID, "bad_value",
                           "%.*s: %.*s is wanted, not `%.*s`; did you mean `%.*s`?", KD_STR_ARGS(f->name),
                           KD_STR_ARGS(wanted), KD_STR_ARGS(shown), KD_STR_ARGS(nearest));
        return kd_fail(e, KD_INVALID, "bad_value", "%.*s: %.*s is wanted, not `%.*s`", KD_STR_ARGS(f->name),
                       KD_STR_ARGS(wanted), KD_STR_ARGS(shown));
    }
    if (!is_symbol(f->type)) return KD_OK;
    *out = kd_symbol(symbols, text);
    return *out < 0 ? kd_fail_nomem(e) : KD_OK;
}

static void put_name(kd_text *out, kd_value v, size_t count, const void *items, size_t bytes) {
    if (v < 0 || (uint64_t)v >= count) return;
    kd_text_put(out, *(const kd_str *)(const void *)((const char *)items + (size_t)v * bytes));
}

void kd_treaty_value_put(const kd_treaty *t, kd_value_type type, uint32_t kind, kd_value v,
                         const kd_symbols *symbols, kd_text *out) {
    if (v == KD_ABSENT) return;
    switch (type) {
    case KD_T_PARTY:
        if (v == KD_BOTH)
            kd_text_puts(out, "both");
        else
            put_name(out, v, t->party_count, t->parties, sizeof *t->parties);
        return;
    case KD_T_COUNT:
        kd_text_printf(out, "%lld", (long long)v);
        return;
    case KD_T_DATE:
        kd_day_put(out, kd_instant_day(v));
        return;
    case KD_T_INSTANT:
        kd_instant_put(out, v);
        return;
    case KD_T_GROUP:
        put_name(out, v, t->group_count, t->groups, sizeof *t->groups);
        return;
    case KD_T_NOTICE:
        put_name(out, v, t->notice_count, t->notices, sizeof *t->notices);
        return;
    case KD_T_YES_NO:
        kd_text_puts(out, v ? "yes" : "no");
        return;
    case KD_T_KIND:
        if (kind < t->kind_count)
            put_name(out, v, t->kinds[kind].count, t->kinds[kind].values, sizeof(kd_str));
        return;
    case KD_T_TEXT:
    case KD_T_RULE:
    case KD_T_STATEMENT:
    case KD_T_HASH:
        kd_text_put(out, kd_symbol_text(symbols, v));
        return;
    }
}

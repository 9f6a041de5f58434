/* say.c: holds a statement against its notice, and signs it. */
#include "cli/say.h"
#include <string.h>

typedef struct check {
    kd_saying *s;
    const kd_notice *notice;
    kd_arena *arena;
    kd_say_fault *faults;
    size_t count;
    bool failed; /* out of memory */
} check;

static void fault(check *c, int field, const char *message) {
    if (!message) c->failed = true;
    if (message && c->count < KD_SAY_FAULTS) c->faults[c->count++] = (kd_say_fault){field, message};
}

static const char *nearest(check *c, kd_str met, const kd_str *names, size_t count) {
    int near = kd_str_nearest(met, names, count);
    if (near < 0) return "";
    const char *text = kd_arena_printf(c->arena, "; did you mean `%.*s`?", KD_STR_ARGS(names[near]));
    if (!text) c->failed = true;
    return text ? text : "";
}

/* ---- Names ----------------------------------------------------------------------------------------------*/

static bool find_notice(check *c) {
    const kd_treaty *t = c->s->treaty;
    kd_str met = c->s->statement.notice;
    int found = kd_treaty_notice(t, met);
    if (found >= 0) {
        c->notice = &t->notices[found];
        return true;
    }
    kd_str *names = kd_arena_array(c->arena, t->notice_count + 1, sizeof *names);
    for (size_t i = 0; names && i < t->notice_count; i++) names[i] = t->notices[i].name;
    fault(c, -1,
          names ? kd_arena_printf(c->arena, "the treaty has no notice `%.*s`%s", KD_STR_ARGS(met),
                                  nearest(c, met, names, t->notice_count))
                : NULL);
    return false;
}

static int find_field(const kd_notice *n, kd_str name) {
    for (size_t i = 0; i < n->field_count; i++) {
        if (kd_str_equal(n->fields[i].name, name)) return (int)i;
    }
    return -1;
}

static void unknown_field(check *c, int at) {
    const kd_notice *n = c->notice;
    kd_str met = c->s->statement.fields[at].name;
    kd_str *names = kd_arena_array(c->arena, n->field_count + 1, sizeof *names);
    for (size_t i = 0; names && i < n->field_count; i++) names[i] = n->fields[i].name;
    const char *near = names ? nearest(c, met, names, n->field_count) : NULL;
    if (near && !*near) {
        kd_text all;
        kd_text_open(&all, &kd_allocator_libc);
        for (size_t i = 0; i < n->field_count; i++)
            kd_text_printf(&all, "%s%.*s", i ? ", " : "; it has ", KD_STR_ARGS(names[i]));
        near = all.failed ? NULL : kd_arena_copy(c->arena, all.p ? all.p : "", all.n);
        kd_text_close(&all);
    }
    fault(c, at,
          near ? kd_arena_printf(c->arena, "the notice `%.*s` has no field `%.*s`%s", KD_STR_ARGS(n->name),
                                 KD_STR_ARGS(met), near)
               : NULL);
}

/* ---- Values ---------------------------------------------------------------------------------------------*/

static void check_value(check *c, int at, const kd_field *f) {
    const kd_statement_field *given = &c->s->statement.fields[at];
    kd_error why = {0};
    kd_value ignored;
    kd_status s = kd_treaty_value(c->s->treaty, f, given->value, c->s->symbols, &ignored, &why);
    if (s == KD_NOMEM) c->failed = true;
    if (s) fault(c, at, kd_arena_copy(c->arena, why.message, strlen(why.message))); /* it names the field */
}

/* How often a field is given against how often it may be. */
static void check_times(check *c, const kd_field *f, size_t given, int last) {
    const char *name = kd_arena_copy(c->arena, f->name.p, f->name.n);
    if (!name) {
        c->failed = true;
        return;
    }
    if (!given && (f->many == KD_ONE || f->many == KD_SOME))
        fault(c, -1, kd_arena_printf(c->arena, "the field `%s` is missing", name));
    if (given > 1 && (f->many == KD_ONE || f->many == KD_OPTIONAL))
        fault(
            c, last,
            kd_arena_printf(c->arena, "the field `%s` is given %zu times and takes one value", name, given));
}

/* Brings the fields into the order of the notice; values of a list stay as they were given. */
static void order_fields(check *c) {
    kd_statement *st = &c->s->statement;
    const kd_notice *n = c->notice;
    kd_statement_field *ordered = kd_arena_array(c->arena, st->field_count + 1, sizeof *ordered);
    size_t count = 0;
    if (!ordered) {
        c->failed = true;
        return;
    }
    for (size_t f = 0; f < n->field_count; f++) {
        size_t given = 0;
        int last = -1;
        for (size_t i = 0; i < st->field_count; i++) {
            if (!kd_str_equal(st->fields[i].name, n->fields[f].name)) continue;
            check_value(c, (int)i, &n->fields[f]);
            ordered[count++] = st->fields[i];
            given++;
            last = (int)i;
        }
        check_times(c, &n->fields[f], given, last);
    }
    for (size_t i = 0; i < st->field_count; i++) {
        if (find_field(n, st->fields[i].name) < 0) unknown_field(c, (int)i);
    }
    st->fields = ordered;
    st->field_count = count;
}

/* ---- Envelope -------------------------------------------------------------------------------------------*/

static void fill_envelope(check *c) {
    kd_saying *s = c->s;
    const kd_treaty *t = s->treaty;
    s->statement.treaty = t->id;
    s->statement.by = t->parties[s->party].name;
    if (s->statement.to_count) {
        for (size_t i = 0; i < s->statement.to_count; i++) {
            if (kd_treaty_party(t, s->statement.to[i]) < 0)
                fault(c, -1,
                      kd_arena_printf(c->arena, "--to: the treaty has no Party `%.*s`",
                                      KD_STR_ARGS(s->statement.to[i])));
        }
        return;
    }
    s->statement.to = kd_arena_array(c->arena, t->party_count + 1, sizeof *s->statement.to);
    if (!s->statement.to) c->failed = true;
    for (size_t i = 0; s->statement.to && i < t->party_count; i++) {
        if (i != s->party) s->statement.to[s->statement.to_count++] = t->parties[i].name;
    }
}

kd_status kd_say_check(kd_saying *s, kd_arena *arena, kd_say_fault faults[KD_SAY_FAULTS], size_t *count,
                       kd_error *e) {
    check c = {.s = s, .arena = arena, .faults = faults};
    *count = 0;
    if (find_notice(&c)) {
        if (!c.notice->by_both && !(c.notice->may_say >> s->party & 1))
            fault(&c, -1,
                  kd_arena_printf(arena, "%.*s may not say `%.*s`",
                                  KD_STR_ARGS(s->treaty->parties[s->party].name),
                                  KD_STR_ARGS(c.notice->name)));
        order_fields(&c);
    }
    fill_envelope(&c);
    *count = c.count;
    if (c.failed) return kd_fail_nomem(e);
    return c.count ? kd_fail(e, KD_INVALID, "bad_statement", "%s", faults[0].message) : KD_OK;
}

kd_status kd_say_sign(const kd_crypto *crypto, const kd_keyring *keys, kd_str text, kd_text *entry,
                      kd_error *e) {
    kd_status s = kd_entry_make(entry, crypto, &keys->signers[KD_FOR_STATEMENTS], text, e);
    return !s && entry->failed ? kd_fail_nomem(e) : s;
}

/* bind.c: a statement's text against the treaty: whose it is, which notice, which values. */
#include "record/inside.h"

typedef struct binder {
    const kd_treaty *treaty;
    kd_symbols *symbols;
    kd_arena *arena;
    kd_said *said;
    const kd_notice *notice;
    kd_error *e;
} binder;

uint32_t rec_envelope_lines(const kd_statement *told) {
    return 5 + (uint32_t)told->to_count + told->has_received + (told->source.n > 0) + (told->grade.n > 0) +
           (told->corrects.n > 0);
}

static int find_field(const kd_notice *n, kd_str name) {
    for (size_t i = 0; i < n->field_count; i++)
        if (kd_str_equal(n->fields[i].name, name)) return (int)i;
    return -1;
}

kd_value rec_value(const kd_treaty *t, const kd_said *said, const char *field) {
    const kd_notice *n = &t->notices[said->notice];
    int i = find_field(n, kd_str_of(field));
    int column = i < 0 ? -1 : n->fields[i].column;
    return column < 0 ? KD_ABSENT : said->row[column];
}

/* An error at an envelope line: its value begins after the name and a blank. */
static void place(binder *b, uint32_t line, kd_str name) {
    kd_error_place(b->e, NULL, line, (uint32_t)name.n + 2);
}

/* "; did you mean `data`?" for the nearest of the treaty's notices or a notice's fields, or "". */
static const char *meant(binder *b, kd_str met, const kd_str *names, size_t count) {
    int near = kd_str_nearest(met, names, count);
    if (near < 0) return "";
    const char *text = kd_arena_printf(b->arena, "; did you mean `%.*s`?", KD_STR_ARGS(names[near]));
    return text ? text : "";
}

static kd_status unknown_notice(binder *b, kd_str met) {
    const kd_treaty *t = b->treaty;
    kd_str *names = kd_arena_array(b->arena, t->notice_count, sizeof *names);
    for (size_t i = 0; names && i < t->notice_count; i++) names[i] = t->notices[i].name;
    place(b, 3, KD_STR("notice"));
    return kd_fail(b->e, KD_INVALID, "unknown_notice", "the treaty has no notice `%.*s`%s", KD_STR_ARGS(met),
                   meant(b, met, names, names ? t->notice_count : 0));
}

static kd_status bind_envelope(binder *b) {
    const kd_treaty *t = b->treaty;
    const kd_statement *told = &b->said->told;
    if (!kd_str_equal(told->treaty, t->id)) {
        place(b, 2, KD_STR("treaty"));
        return kd_fail(b->e, KD_INVALID, "other_treaty",
                       "this record is of the treaty `%.*s`, the statement of `%.*s`", KD_STR_ARGS(t->id),
                       KD_STR_ARGS(told->treaty));
    }
    int notice = kd_treaty_notice(t, told->notice);
    if (notice < 0) return unknown_notice(b, told->notice);
    b->said->notice = (uint32_t)notice;
    b->notice = &t->notices[notice];
    kd_str own = t->parties[b->said->party].name;
    place(b, 4, KD_STR("by"));
    if (!kd_str_equal(told->by, own))
        return kd_fail(b->e, KD_INVALID, "wrong_book", "a statement by `%.*s` stands in the book of `%.*s`",
                       KD_STR_ARGS(told->by), KD_STR_ARGS(own));
    if (b->said->party < 64 && !(b->notice->may_say >> b->said->party & 1))
        return kd_fail(b->e, KD_INVALID, "may_not_say", "`%.*s` may not give the notice `%.*s`",
                       KD_STR_ARGS(own), KD_STR_ARGS(told->notice));
    for (size_t i = 0; i < told->to_count; i++) {
        place(b, 5 + (uint32_t)i, KD_STR("to"));
        if (kd_treaty_party(t, told->to[i]) < 0)
            return kd_fail(b->e, KD_INVALID, "unknown_party", "the treaty has no Party `%.*s`",
                           KD_STR_ARGS(told->to[i]));
    }
    kd_error_place(b->e, NULL, 0, 0);
    b->said->unconfirmed = kd_str_is(told->grade, "M");
    return KD_OK;
}

static bool is_list(const kd_field *f) {
    return f->many == KD_ANY || f->many == KD_SOME;
}

static kd_status unknown_field(binder *b, const kd_statement_field *met) {
    const kd_notice *n = b->notice;
    kd_str *names = kd_arena_array(b->arena, n->field_count, sizeof *names);
    for (size_t i = 0; names && i < n->field_count; i++) names[i] = n->fields[i].name;
    kd_error_place(b->e, NULL, met->line, 1);
    return kd_fail(b->e, KD_INVALID, "unknown_field", "the notice `%.*s` has no field `%.*s`%s",
                   KD_STR_ARGS(n->name), KD_STR_ARGS(met->name),
                   meant(b, met->name, names, names ? n->field_count : 0));
}

/* Fields after `from` and before `to` were not given: none of them may be required. */
static kd_status check_absent(binder *b, int from, int to, uint32_t line) {
    for (int i = from + 1; i < to; i++) {
        const kd_field *f = &b->notice->fields[i];
        if (f->many == KD_OPTIONAL || f->many == KD_ANY) continue;
        kd_error_place(b->e, NULL, line, 1);
        return kd_fail(b->e, KD_INVALID, "missing_field",
                       "the field `%.*s` of the notice `%.*s` should stand here", KD_STR_ARGS(f->name),
                       KD_STR_ARGS(b->notice->name));
    }
    return KD_OK;
}

/* Finds which field each line is, in the notice's order; counts what lists hold. */
static kd_status match_fields(binder *b, int *which, uint32_t *counts) {
    const kd_statement *told = &b->said->told;
    int last = -1;
    uint32_t line = rec_envelope_lines(told) + 1;
    for (size_t i = 0; i < told->field_count; i++) {
        const kd_statement_field *met = &told->fields[i];
        int f = find_field(b->notice, met->name);
        line = met->line;
        if (f < 0) return unknown_field(b, met);
        kd_error_place(b->e, NULL, line, 1);
        if (f < last)
            return kd_fail(b->e, KD_INVALID, "field_order",
                           "the field `%.*s` stands before `%.*s` in the notice `%.*s`",
                           KD_STR_ARGS(met->name), KD_STR_ARGS(b->notice->fields[last].name),
                           KD_STR_ARGS(b->notice->name));
        if (f == last && !is_list(&b->notice->fields[f]))
            return kd_fail(b->e, KD_INVALID, "repeated_field",
                           "the field `%.*s` is no list and stands there already", KD_STR_ARGS(met->name));
        kd_status s = check_absent(b, last, f, line);
        if (s) return s;
        which[i] = f;
        counts[f]++;
        last = f;
        line++;
    }
    return check_absent(b, last, (int)b->notice->field_count, line);
}

static kd_status read_value(binder *b, const kd_field *f, const kd_statement_field *met, kd_value *out) {
    kd_status s = kd_treaty_value(b->treaty, f, met->value, b->symbols, out, b->e);
    if (s) place(b, met->line, met->name);
    return s;
}

/* Rooms for the values of each list. */
static kd_value **open_lists(binder *b, const uint32_t *counts) {
    size_t n = b->notice->field_count;
    kd_value **lists = kd_arena_array(b->arena, n, sizeof *lists);
    uint32_t *kept = kd_arena_array(b->arena, n, sizeof *kept);
    if (!lists || !kept) return NULL;
    for (size_t i = 0; i < n; i++) {
        if (!is_list(&b->notice->fields[i])) continue;
        kept[i] = counts[i];
        lists[i] = kd_arena_array(b->arena, counts[i], sizeof **lists);
        if (!lists[i]) return NULL;
    }
    b->said->list_counts = kept;
    return lists;
}

/* The row and the lists of a statement whose lines were matched. */
static kd_status bind_values(binder *b, const int *which, uint32_t *counts, kd_value **row) {
    const kd_notice *n = b->notice;
    size_t width = 2, list_fields = 0;
    for (size_t i = 0; i < n->field_count; i++) {
        list_fields += is_list(&n->fields[i]);
        width += !is_list(&n->fields[i]);
    }
    kd_value *values = kd_arena_array(b->arena, width, sizeof *values);
    kd_value **lists = list_fields ? open_lists(b, counts) : NULL;
    if (!values || (list_fields && !lists)) return kd_fail_nomem(b->e);
    values[0] = b->said->party;
    for (size_t i = 1; i < width; i++) values[i] = KD_ABSENT;
    for (size_t i = 0; i < n->field_count; i++) counts[i] = 0;
    for (size_t i = 0; i < b->said->told.field_count; i++) {
        const kd_field *f = &n->fields[which[i]];
        kd_value *to = is_list(f) ? &lists[which[i]][counts[which[i]]++] : &values[f->column];
        kd_status s = read_value(b, f, &b->said->told.fields[i], to);
        if (s) return s;
    }
    b->said->row = *row = values;
    b->said->lists = (const kd_value *const *)lists;
    return KD_OK;
}

#define FIELDS_ON_STACK 64

kd_status rec_bind(const kd_treaty *t, kd_symbols *symbols, kd_arena *arena, kd_said *said, kd_value **row,
                   kd_error *e) {
    binder b = {.treaty = t, .symbols = symbols, .arena = arena, .said = said, .e = e};
    kd_status s = bind_envelope(&b);
    if (s) return s;
    int which_few[FIELDS_ON_STACK], *which = which_few;
    uint32_t counts_few[FIELDS_ON_STACK] = {0}, *counts = counts_few;
    if (said->told.field_count > FIELDS_ON_STACK)
        which = kd_arena_array(arena, said->told.field_count, sizeof *which);
    if (b.notice->field_count > FIELDS_ON_STACK)
        counts = kd_arena_array(arena, b.notice->field_count, sizeof *counts);
    if (!which || !counts) return kd_fail_nomem(e);
    s = match_fields(&b, which, counts);
    if (!s) s = bind_values(&b, which, counts, row);
    if (!s) kd_error_place(e, NULL, 0, 0);
    return s;
}

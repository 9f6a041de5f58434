/* facts.c: reads facts/tables.txt and its tables. */
#include "store/facts.h"
#include <stdlib.h>
#include <string.h>

#define TABLE_MAX_BYTES ((size_t)256 << 20)
#define COLUMNS_MOST    64
#define WORDS_MOST      64

/* One `name=value` or `name:=value` of a line of tables.txt. */
typedef struct word {
    kd_str name, value;
    bool literal;
    uint32_t column;
} word;

/* What a statement's envelope takes from a table. */
enum { BY, RECEIVED, ISSUED, SOURCE, GRADE, CORRECTS, NOTICE, ENVELOPE };
static const char *const envelope_names[ENVELOPE] = {"by",    "received", "issued", "source",
                                                     "grade", "corrects", "notice"};

typedef struct table {
    kd_str columns[COLUMNS_MOST]; /* the header */
    size_t column_count;
    int envelope[ENVELOPE];     /* column, or -1 */
    kd_str fixed[ENVELOPE];     /* literal, when there is one */
    kd_str field[COLUMNS_MOST]; /* the field that a column gives, or empty */
    bool soft[COLUMNS_MOST];    /* gives it only to notices that have it, and is no error otherwise */
    int more;                   /* the column `fields`, or -1 */
    word literals[WORDS_MOST];  /* fields that are fixed */
    size_t literal_count;
    const char *file;
} table;

typedef struct reader {
    const kd_os *os;
    const char *folder;
    const kd_treaty *treaty;
    kd_arena *arena;
    kd_facts *out;
    size_t room;
    kd_error *e;
} reader;

static kd_status bad(reader *r, const char *file, uint32_t line, uint32_t column, const char *message,
                     kd_str met) {
    kd_fail(r->e, KD_INVALID, "bad_table", "%s `%.*s`", message, KD_STR_ARGS(met));
    kd_error_place(r->e, file, line, column);
    return KD_INVALID;
}

/* ---- tables.txt -----------------------------------------------------------------------------------------*/

/* Cuts a line into words; a value may stand in double quotes. False when a quote does not close. */
static bool cut_words(kd_str line, word *words, size_t *count) {
    size_t i = 0;
    *count = 0;
    for (;;) {
        while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t')) i++;
        if (i == line.n) return true;
        if (*count == WORDS_MOST) return false;
        word *w = &words[(*count)++];
        *w = (word){.column = (uint32_t)i + 1};
        size_t from = i;
        while (i < line.n && line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '=') i++;
        w->name = (kd_str){line.p + from, i - from};
        if (i == line.n || line.p[i] != '=') continue;
        if (w->name.n && w->name.p[w->name.n - 1] == ':') {
            w->literal = true;
            w->name.n--;
        }
        i++;
        bool quoted = i < line.n && line.p[i] == '"';
        from = i += quoted;
        while (i < line.n && (quoted ? line.p[i] != '"' : line.p[i] != ' ' && line.p[i] != '\t')) i++;
        w->value = (kd_str){line.p + from, i - from};
        if (quoted && i++ == line.n) return false;
    }
}

static kd_status read_first(reader *r, const word *words, size_t count, const char *file, uint32_t line) {
    if (count < 2 || !kd_stamp_parse(words[1].name, &r->out->first))
        return bad(r, file, line, count < 2 ? 1 : words[1].column, "`first` wants a day as 2010-04-08, not",
                   count < 2 ? KD_STR("") : words[1].name);
    for (size_t i = 2; i < count; i++) {
        if (kd_str_is(words[i].name, "source"))
            r->out->source = words[i].value;
        else if (kd_str_is(words[i].name, "grade"))
            r->out->grade = words[i].value;
        else if (kd_str_is(words[i].name, "note"))
            r->out->remark = words[i].value;
        else
            return bad(r, file, line, words[i].column, "`first` takes source=, grade= and note=, not",
                       words[i].name);
    }
    return KD_OK;
}

/* ---- A table's header -----------------------------------------------------------------------------------*/

static int find_column(const table *t, kd_str name) {
    for (size_t i = 0; i < t->column_count; i++) {
        if (kd_str_equal(t->columns[i], name)) return (int)i;
    }
    return -1;
}

static int envelope_of(kd_str name) {
    for (int i = 0; i < ENVELOPE; i++) {
        if (kd_str_is(name, envelope_names[i])) return i;
    }
    return -1;
}

static bool cut_cells(kd_str line, kd_str cells[COLUMNS_MOST], size_t *count) {
    *count = 0;
    for (;;) {
        const char *tab = line.n ? memchr(line.p, '\t', line.n) : NULL;
        size_t n = tab ? (size_t)(tab - line.p) : line.n;
        if (*count == COLUMNS_MOST) return false;
        cells[(*count)++] = (kd_str){line.p, n};
        if (!tab) return true;
        line.p += n + 1;
        line.n -= n + 1;
    }
}

/* Names that columns have of themselves. */
static void default_columns(table *t) {
    for (int i = 0; i < ENVELOPE; i++) {
        t->envelope[i] = find_column(t, kd_str_of(envelope_names[i]));
        t->fixed[i] = (kd_str){NULL, 0};
    }
    t->more = find_column(t, KD_STR("fields"));
    for (size_t c = 0; c < t->column_count; c++) {
        bool taken = envelope_of(t->columns[c]) >= 0 || (int)c == t->more;
        t->field[c] = taken ? (kd_str){NULL, 0} : t->columns[c];
        t->soft[c] = false;
    }
}

static kd_status ignore_columns(reader *r, table *t, const word *w, const char *file, uint32_t line) {
    kd_str left = w->value;
    while (left.n) {
        const char *comma = memchr(left.p, ',', left.n);
        kd_str name = {left.p, comma ? (size_t)(comma - left.p) : left.n};
        int column = find_column(t, name);
        if (column < 0) return bad(r, file, line, w->column, "ignore=: the table has no column", name);
        t->field[column] = (kd_str){NULL, 0};
        left.p += name.n + (comma != NULL);
        left.n -= name.n + (comma != NULL);
    }
    return KD_OK;
}

/* One word of a `table` line, after the file's name. */
static kd_status apply_word(reader *r, table *t, const word *w, const char *file, uint32_t line) {
    int envelope = envelope_of(w->name);
    if (kd_str_is(w->name, "ignore")) return ignore_columns(r, t, w, file, line);
    if (envelope == NOTICE || (w->literal && envelope >= 0)) {
        t->fixed[envelope] = w->value;
        return KD_OK;
    }
    if (w->literal) {
        if (t->literal_count == WORDS_MOST)
            return bad(r, file, line, w->column, "too many fixed fields, at", w->name);
        t->literals[t->literal_count++] = *w;
        return KD_OK;
    }
    int column = find_column(t, w->value);
    if (column < 0) return bad(r, file, line, w->column, "the table has no column", w->value);
    if (envelope < 0) {
        t->field[column] = w->name;
    } else {
        t->envelope[envelope] = column;
        /* The day of receipt may be a field of the notice too, such as the last day of a total's period. */
        t->soft[column] = envelope == RECEIVED || envelope == ISSUED;
        if (!t->soft[column]) t->field[column] = (kd_str){NULL, 0};
    }
    return KD_OK;
}

/* ---- Rows -----------------------------------------------------------------------------------------------*/

/* A row on its way: its cells, and its fields as they gather. */
typedef struct row {
    const table *t;
    kd_str cells[COLUMNS_MOST];
    size_t cell_count;
    uint32_t line;
    kd_str whole;
    kd_statement_field *fields;
    uint32_t *columns;
    size_t field_count, field_room;
} row;

static kd_str cell(const row *w, int column) {
    return column >= 0 && (size_t)column < w->cell_count ? kd_str_trim(w->cells[column]) : (kd_str){NULL, 0};
}

static kd_str envelope(const row *w, int what) {
    return w->t->fixed[what].p ? w->t->fixed[what] : cell(w, w->t->envelope[what]);
}

/* Where a cell stands, in code points from 1. */
static uint32_t column_of(const row *w, int column) {
    if (column < 0 || (size_t)column >= w->cell_count) return 1;
    uint32_t at = 1;
    for (const char *p = w->whole.p; p < w->cells[column].p; p++) at += ((unsigned char)*p & 0xc0) != 0x80;
    return at;
}

static kd_status add_field(reader *r, row *w, kd_str name, kd_str value, uint32_t column) {
    if (w->field_count == w->field_room) {
        size_t room = w->field_room ? 2 * w->field_room : 16;
        kd_statement_field *fields = kd_arena_array(r->arena, room, sizeof *fields);
        uint32_t *columns = kd_arena_array(r->arena, room, sizeof *columns);
        if (!fields || !columns) return kd_fail_nomem(r->e);
        if (w->field_count) memcpy(fields, w->fields, w->field_count * sizeof *fields);
        if (w->field_count) memcpy(columns, w->columns, w->field_count * sizeof *columns);
        w->fields = fields;
        w->columns = columns;
        w->field_room = room;
    }
    w->columns[w->field_count] = column;
    w->fields[w->field_count++] = (kd_statement_field){name, value, w->line};
    return KD_OK;
}

static bool has_field(const kd_notice *n, kd_str name) {
    for (size_t i = 0; i < n->field_count; i++) {
        if (kd_str_equal(n->fields[i].name, name)) return true;
    }
    return false;
}

/* `name=value; name=value` */
static kd_status more_fields(reader *r, row *w, int column) {
    kd_str left = cell(w, column);
    uint32_t at = column_of(w, column);
    while (left.n) {
        size_t n = 0;
        while (n < left.n && !(left.p[n] == ';' && (n + 1 == left.n || left.p[n + 1] == ' '))) n++;
        kd_str one = kd_str_trim((kd_str){left.p, n});
        const char *equals = one.n ? memchr(one.p, '=', one.n) : NULL;
        if (!equals) return bad(r, w->t->file, w->line, at, "the column `fields` wants name=value, not", one);
        kd_str name = {one.p, (size_t)(equals - one.p)},
               value = {equals + 1, one.n - (size_t)(equals - one.p) - 1};
        kd_status s = add_field(r, w, kd_str_trim(name), kd_str_trim(value), at);
        if (s) return s;
        n += n < left.n;
        left.p += n;
        left.n -= n;
    }
    return KD_OK;
}

static kd_status gather_fields(reader *r, row *w, const kd_notice *n) {
    const table *t = w->t;
    kd_status s = KD_OK;
    for (size_t c = 0; !s && c < t->column_count; c++) {
        kd_str value = cell(w, (int)c);
        if (!t->field[c].n || !value.n || (t->soft[c] && !has_field(n, t->field[c]))) continue;
        s = add_field(r, w, t->field[c], value, column_of(w, (int)c));
    }
    for (size_t i = 0; !s && i < t->literal_count; i++)
        s = add_field(r, w, t->literals[i].name, t->literals[i].value, 1);
    return s || t->more < 0 ? s : more_fields(r, w, t->more);
}

static kd_status read_stamp(reader *r, const row *w, int what, kd_stamp *out) {
    kd_str text = envelope(w, what);
    if (kd_stamp_parse(text, out)) return KD_OK;
    return bad(r, w->t->file, w->line, column_of(w, w->t->envelope[what]),
               "wanted a day as 2018-02-05 or an instant as 2018-02-05T10:00:00Z, met", text);
}

static kd_status add_statement(reader *r, const kd_fact_statement *one) {
    kd_facts *out = r->out;
    if (out->count == r->room) {
        size_t room = r->room ? 2 * r->room : 256;
        kd_fact_statement *all = kd_arena_array(r->arena, room, sizeof *all);
        if (!all) return kd_fail_nomem(r->e);
        if (out->count) memcpy(all, out->statements, out->count * sizeof *all);
        out->statements = all;
        r->room = room;
    }
    out->statements[out->count++] = *one;
    return KD_OK;
}

static kd_status take_row(reader *r, row *w) {
    kd_str notice = envelope(w, NOTICE), by = envelope(w, BY);
    if (!notice.n || kd_str_is(notice, "-")) return KD_OK;
    int party = kd_str_is(by, "both") ? KD_BOTH : kd_treaty_party(r->treaty, by);
    if (party < 0) return KD_OK; /* what observers said is in no book */
    int found = kd_treaty_notice(r->treaty, notice);
    if (found < 0)
        return bad(r, w->t->file, w->line, column_of(w, w->t->envelope[NOTICE]), "the treaty has no notice",
                   notice);
    kd_fact_statement one = {.party = (uint32_t)party, .file = w->t->file, .line = w->line};
    kd_status s = read_stamp(r, w, RECEIVED, &one.statement.received);
    one.statement.has_received = true;
    one.statement.issued = one.statement.received;
    if (!s && envelope(w, ISSUED).n) s = read_stamp(r, w, ISSUED, &one.statement.issued);
    if (!s) s = gather_fields(r, w, &r->treaty->notices[found]);
    if (s) return s;
    one.statement.notice = notice;
    one.statement.source = envelope(w, SOURCE);
    one.statement.grade = envelope(w, GRADE);
    one.statement.corrects = envelope(w, CORRECTS);
    one.statement.fields = w->fields;
    one.statement.field_count = w->field_count;
    one.columns = w->columns;
    return add_statement(r, &one);
}

static kd_status read_table(reader *r, const word *words, size_t count, const char *file, uint32_t line) {
    char folder[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    const char *name = count < 2 ? NULL : kd_arena_copy(r->arena, words[1].name.p, words[1].name.n);
    if (count < 2) return bad(r, file, line, 1, "`table` wants the name of a file, not", KD_STR(""));
    if (!name) return kd_fail_nomem(r->e);
    kd_str text, header;
    kd_status s = kd_path_join(folder, r->folder, "facts", r->e);
    if (!s) s = kd_path_join(path, folder, name, r->e);
    if (!s) s = kd_read_file(r->os, path, TABLE_MAX_BYTES, r->arena, &text, r->e);
    if (s) return s;
    table *t = kd_arena_take(r->arena, sizeof *t);
    if (t) t->file = kd_arena_copy(r->arena, path, strlen(path));
    if (!t || !t->file) return kd_fail_nomem(r->e);
    kd_cursor c = kd_cursor_of(text.p, text.n);
    if (!kd_cursor_line(&c, &header) || !cut_cells(header, t->columns, &t->column_count))
        return bad(r, t->file, 1, 1, "wanted a line of column names, met", KD_STR(""));
    default_columns(t);
    for (size_t i = 2; !s && i < count; i++) s = apply_word(r, t, &words[i], file, line);
    kd_str met;
    for (uint32_t number = 2; !s && kd_cursor_line(&c, &met); number++) {
        row w = {.t = t, .line = number, .whole = met};
        if (!met.n) continue;
        if (!cut_cells(met, w.cells, &w.cell_count) || w.cell_count > t->column_count)
            return bad(r, t->file, number, 1,
                       "the row has more cells than the header has columns:", w.cells[0]);
        r->out->rows++;
        s = take_row(r, &w);
    }
    if (!s && kd_cursor_left(&c))
        return bad(r, t->file, 0, 0, "the last row does not end with a line feed, in", words[1].name);
    r->out->tables++;
    return s;
}

/* ---- All of it ------------------------------------------------------------------------------------------*/

/* By time of receipt; rows of one time stay as they were read, which is why their address decides. */
static int by_receipt(const void *a, const void *b) {
    const kd_fact_statement *x = *(const kd_fact_statement *const *)a,
                            *y = *(const kd_fact_statement *const *)b;
    int order = kd_stamp_order(x->statement.received, y->statement.received);
    return order ? order : (x > y) - (x < y);
}

static kd_status sort_statements(reader *r) {
    kd_facts *out = r->out;
    const kd_fact_statement **order = kd_arena_array(r->arena, out->count + 1, sizeof *order);
    kd_fact_statement *sorted = kd_arena_array(r->arena, out->count + 1, sizeof *sorted);
    if (!order || !sorted) return kd_fail_nomem(r->e);
    for (size_t i = 0; i < out->count; i++) order[i] = &out->statements[i];
    if (out->count) qsort(order, out->count, sizeof *order, by_receipt);
    for (size_t i = 0; i < out->count; i++) sorted[i] = *order[i];
    out->statements = sorted;
    return KD_OK;
}

kd_status kd_facts_read(const kd_os *os, const char *folder, const kd_treaty *treaty, kd_arena *arena,
                        kd_facts *out, kd_error *e) {
    *out = (kd_facts){0};
    reader r = {.os = os, .folder = folder, .treaty = treaty, .arena = arena, .out = out, .e = e};
    char above[KD_PATH_MAX_BYTES], path[KD_PATH_MAX_BYTES];
    kd_str text, line;
    kd_status s = kd_path_join(above, folder, "facts", e);
    if (!s) s = kd_path_join(path, above, "tables.txt", e);
    if (!s) s = kd_read_file(os, path, KD_TEXT_MAX_BYTES, arena, &text, e);
    if (s) return s;
    bool first = false;
    kd_cursor c = kd_cursor_of(text.p, text.n);
    for (uint32_t number = 1; !s && kd_cursor_line(&c, &line); number++) {
        word words[WORDS_MOST];
        size_t count;
        line = kd_str_trim(line);
        if (!line.n || line.p[0] == '#') continue;
        if (!cut_words(line, words, &count))
            return bad(&r, path, number, 1, "a quote does not close in", line);
        if (kd_str_is(words[0].name, "first") && !first) {
            first = true;
            s = read_first(&r, words, count, path, number);
        } else if (kd_str_is(words[0].name, "table")) {
            s = read_table(&r, words, count, path, number);
        } else {
            s = bad(&r, path, number, 1, "a line is `table FILE ...` or, once, `first DAY ...`, not",
                    words[0].name);
        }
    }
    if (!s && !first) s = bad(&r, path, 1, 1, "there must be a line", KD_STR("first DAY source=\"...\""));
    return s ? s : sort_statements(&r);
}

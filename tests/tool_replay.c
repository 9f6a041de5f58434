/* tool_replay.c: the product's side of the comparison with the oracle: replays a statements file through a treaty's
 * compiled plan and prints the intervals in which rows held.
 *
 *      tool_replay --treaty FILE [--treaty FILE ...] --statements FILE --until DATE
 *
 * Input and output are those of tests/oracle/oracle.py. A row's interval runs from the second at whose end it first
 * stood to the second at whose end it no longer did, so what came and went within one second is not printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kadesh/base.h"
#include "kadesh/engine.h"
#include "kadesh/treaty.h"

#define SOURCES_MAX 64
#define FIELDS_MAX  64
#define ALWAYS      INT64_MIN /* since before the first statement */

typedef struct replay_field {
    uint32_t field;
    kd_value value;
} replay_field;

typedef struct replay_statement {
    kd_instant at;
    bool day_only;
    uint32_t party, notice;
    int64_t index;
    replay_field fields[FIELDS_MAX];
    size_t field_count;
} replay_statement;

/* One time point: a statement's receipt (field -1) or occurrence, or an edge of the record's completeness. */
typedef struct replay_point {
    kd_instant at;
    bool day_only;
    int64_t party, index; /* -1: an edge, which comes before the statements of its second */
    int field;
    size_t which; /* statement, or complete */
    int sign;     /* of an edge */
} replay_point;

typedef struct replay_row {
    char *text, *rest;
    int64_t count;
    kd_instant since, until;
    bool closed; /* `until` is set, and could still be taken back within its second */
    struct replay_row *next;
} replay_row;

#define BUCKETS 4096

typedef struct replay {
    const kd_treaty *treaty;
    kd_symbols *symbols;
    kd_arena arena;
    replay_statement *statements;
    size_t statement_count;
    replay_point *points;
    size_t point_count;
    replay_row *rows[BUCKETS];
    char **lines;
    size_t line_count, line_room;
    int64_t *marks; /* [reading][mark][group][party] */
    int64_t in_force, ended;
    bool bindings_changed;
    kd_instant changed_at;
    char **shades; /* the shade that stands, [reading][group][party] */
} replay;

static void die(const char *what, const char *detail) {
    fprintf(stderr, "tool_replay: %s: %s\n", what, detail);
    exit(3);
}

static void *need(void *p) {
    if (p == NULL) die("memory", "there is none");
    return p;
}

/* ---- Rows to intervals -----------------------------------------------------------------------------------------*/

static const char *instant_text(replay *r, kd_instant at) {
    if (at == ALWAYS) return "-";
    kd_civil c = kd_civil_of(at);
    return need(kd_arena_printf(&r->arena, "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year, c.month, c.day, c.hour,
                                c.minute, c.second));
}

static void add_line(replay *r, const replay_row *row, bool ends) {
    if (ends && row->since == row->until) return;
    if (r->line_count == r->line_room) {
        r->line_room = r->line_room == 0 ? 256 : r->line_room * 2;
        r->lines = need(realloc(r->lines, r->line_room * sizeof *r->lines));
    }
    r->lines[r->line_count++] = need(kd_arena_printf(
        &r->arena, "%s %s %s%s%s", row->text, instant_text(r, row->since),
        ends ? instant_text(r, row->until) : "-", row->rest[0] != '\0' ? " " : "", row->rest));
}

static replay_row *find_row(replay *r, const char *text, const char *rest) {
    size_t bucket = (kd_hash(text, strlen(text), 1) ^ kd_hash(rest, strlen(rest), 2)) % BUCKETS;
    for (replay_row *row = r->rows[bucket]; row != NULL; row = row->next)
        if (strcmp(row->text, text) == 0 && strcmp(row->rest, rest) == 0) return row;
    replay_row *row = need(kd_arena_take(&r->arena, sizeof *row));
    row->text = need(kd_arena_copy(&r->arena, text, strlen(text)));
    row->rest = need(kd_arena_copy(&r->arena, rest, strlen(rest)));
    row->next = r->rows[bucket];
    r->rows[bucket] = row;
    return row;
}

/* The row gains or loses one of its reasons to stand. */
static void move_row(replay *r, const char *text, const char *rest, int sign, kd_instant at) {
    replay_row *row = find_row(r, text, rest);
    row->count += sign;
    if (row->count < 0) die("a row went that had not come", text);
    if (sign > 0 && row->count == 1) {
        if (row->closed && row->until == at) {
            row->closed = false;
            return;
        }
        if (row->closed) add_line(r, row, true);
        row->closed = false;
        row->since = at;
    } else if (sign < 0 && row->count == 0) {
        row->closed = true;
        row->until = at;
    }
}

/* ---- Shades: put together from life and marks once a second is over ---------------------------------------------*/

static int64_t *mark_of(replay *r, size_t reading, size_t mark, size_t group, size_t party) {
    const kd_treaty *t = r->treaty;
    return &r->marks[((reading * (KD_MARK_NO_CLAIM + 1) + mark) * t->group_count + group) * t->party_count +
                     party];
}

static const char *shade_of(replay *r, size_t reading, size_t group, size_t party) {
    if (r->in_force == 0) return r->ended > 0 ? "ended" : "not_yet";
    bool freed = *mark_of(r, reading, KD_MARK_FREED, group, party) > 0;
    kd_shade shade = KD_BOUND;
    if (freed)
        shade = *mark_of(r, reading, KD_MARK_KEEPS, group, party) > 0 ? KD_PLEDGED : KD_FREED;
    else if (*mark_of(r, reading, KD_MARK_WITHHELD, group, party) > 0)
        shade = KD_WITHHELD;
    return need(kd_arena_printf(&r->arena, "%.*s%s%s", KD_STR_ARGS(kd_shade_name(shade)),
                                *mark_of(r, reading, KD_MARK_UNSAID, group, party) > 0 ? "+unsaid" : "",
                                *mark_of(r, reading, KD_MARK_NO_CLAIM, group, party) > 0 ? "+no_claim" : ""));
}

static void settle_shades(replay *r, kd_instant at) {
    const kd_treaty *t = r->treaty;
    for (size_t reading = 0, i = 0; reading < t->reading_count; reading++)
        for (size_t group = 0; group < t->group_count; group++)
            for (size_t party = 0; party < t->party_count; party++, i++) {
                const char *shade = shade_of(r, reading, group, party);
                if (r->shades[i] != NULL && strcmp(r->shades[i], shade) == 0) continue;
                char *text = need(kd_arena_printf(
                    &r->arena, "shade %.*s %.*s %.*s %s", KD_STR_ARGS(t->readings[reading].name),
                    KD_STR_ARGS(t->groups[group].name), KD_STR_ARGS(t->parties[party].name), shade));
                if (r->shades[i] != NULL) {
                    char *before = need(kd_arena_printf(&r->arena, "shade %.*s %.*s %.*s %s",
                                                        KD_STR_ARGS(t->readings[reading].name),
                                                        KD_STR_ARGS(t->groups[group].name),
                                                        KD_STR_ARGS(t->parties[party].name), r->shades[i]));
                    move_row(r, before, "", -1, at);
                }
                move_row(r, text, "", 1, at);
                r->shades[i] = need(kd_arena_copy(&r->arena, shade, strlen(shade)));
            }
    r->bindings_changed = false;
}

/* ---- Hearing the engine -----------------------------------------------------------------------------------------*/

static const char *party_text(replay *r, kd_value party) {
    if (party == KD_BOTH) return "both";
    if (party < 0 || (size_t)party >= r->treaty->party_count)
        return need(kd_arena_printf(&r->arena, "?%lld", (long long)party));
    return need(kd_arena_printf(&r->arena, "%.*s", KD_STR_ARGS(r->treaty->parties[party].name)));
}

static const char *number_text(replay *r, kd_value v) {
    return v == KD_ABSENT ? "-" : need(kd_arena_printf(&r->arena, "%lld", (long long)v));
}

static void hear_verdict(replay *r, uint32_t mask, kd_instant at, int sign, const kd_value *row) {
    const kd_treaty *t = r->treaty;
    const char *due = row[KD_V_DUE] == KD_ABSENT ? "-" : instant_text(r, row[KD_V_DUE]);
    char *rest = need(kd_arena_printf(&r->arena, "due=%s figure=%s bound=%s", due,
                                      number_text(r, row[KD_V_FIGURE]), number_text(r, row[KD_V_BOUND])));
    for (size_t reading = 0; reading < t->reading_count; reading++) {
        if ((mask >> reading & 1) == 0) continue;
        char *text = need(
            kd_arena_printf(&r->arena, "verdict %.*s %.*s %s %.*s", KD_STR_ARGS(t->readings[reading].name),
                            KD_STR_ARGS(t->rules[row[KD_V_RULE]].name), party_text(r, row[KD_V_PARTY]),
                            KD_STR_ARGS(kd_verdict_name((kd_verdict_status)row[KD_V_STATUS]))));
        move_row(r, text, rest, sign, at);
    }
}

static void hear_life(replay *r, kd_instant at, int sign, const kd_value *row) {
    if (row[0] == KD_LIFE_IN_FORCE) {
        r->in_force += sign;
        move_row(r, "life in_force", "", sign, at);
    } else if (row[0] == KD_LIFE_ENDED) {
        r->ended += sign;
    } else if (row[1] != KD_ABSENT && row[1] != KD_NEVER) {
        kd_civil c = kd_civil_of(row[1]);
        char *text = need(kd_arena_printf(&r->arena, "life term %04d-%02u-%02u", c.year, c.month, c.day));
        move_row(r, text, "", sign, at);
    }
}

static void hear(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    (void)width;
    replay *r = ctx;
    const kd_treaty *t = r->treaty;
    if (r->bindings_changed && at > r->changed_at) settle_shades(r, r->changed_at);
    if (sink >= KD_SINK_VERDICT) {
        hear_verdict(r, sink - KD_SINK_VERDICT, at, sign, row);
    } else if (sink == KD_SINK_LIFE) {
        hear_life(r, at, sign, row);
    } else if (sink == KD_SINK_BINDING) {
        *mark_of(r, (size_t)row[0], (size_t)row[1], (size_t)row[2], (size_t)row[3]) += sign;
    } else if (sink == KD_SINK_RUNG) {
        const kd_ladder *ladder = &t->ladders[row[0]];
        char *text = need(kd_arena_printf(&r->arena, "rung %.*s %.*s %s", KD_STR_ARGS(ladder->name),
                                          KD_STR_ARGS(ladder->rungs[row[1]].name), party_text(r, row[2])));
        move_row(r, text, "", sign, at);
    }
    if (sink == KD_SINK_LIFE || sink == KD_SINK_BINDING) {
        r->bindings_changed = true;
        r->changed_at = at;
    }
}

/* ---- Reading ----------------------------------------------------------------------------------------------------*/

static kd_str read_file(replay *r, const char *path) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) die("cannot open", path);
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    char piece[65536];
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;) kd_text_put(&text, (kd_str){piece, n});
    fclose(f);
    kd_str out = {need(kd_arena_copy(&r->arena, text.n > 0 ? text.p : "", text.n)), text.n};
    kd_text_close(&text);
    return out;
}

static kd_str next_word(kd_str *line) {
    *line = kd_str_trim(*line);
    size_t n = 0;
    while (n < line->n && line->p[n] != ' ') n++;
    kd_str word = {line->p, n};
    line->p += n;
    line->n -= n;
    return word;
}

static int nibble(char c) {
    const char *digits = "0123456789abcdefABCDEF", *at = c != '\0' ? strchr(digits, c) : NULL;
    return at == NULL ? -1 : at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static kd_str percent_decoded(replay *r, kd_str s) {
    char *out = need(kd_arena_copy(&r->arena, s.p, s.n));
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && i + 2 < s.n && nibble(s.p[i + 1]) >= 0 && nibble(s.p[i + 2]) >= 0) {
            out[n++] = (char)(nibble(s.p[i + 1]) * 16 + nibble(s.p[i + 2]));
            i += 2;
        } else {
            out[n++] = s.p[i];
        }
    }
    return (kd_str){out, n};
}

static void read_field(replay *r, replay_statement *s, kd_str word) {
    const kd_notice *n = &r->treaty->notices[s->notice];
    size_t sign = 0;
    while (sign < word.n && word.p[sign] != '=') sign++;
    kd_str name = {word.p, sign};
    if (sign == word.n || s->field_count == FIELDS_MAX)
        die("not field=value", kd_arena_printf(&r->arena, "%.*s", KD_STR_ARGS(word)));
    kd_str text = percent_decoded(r, (kd_str){word.p + sign + 1, word.n - sign - 1});
    for (uint32_t i = 0; i < n->field_count; i++) {
        if (!kd_str_equal(n->fields[i].name, name)) continue;
        kd_error e = {0};
        replay_field *f = &s->fields[s->field_count++];
        f->field = i;
        if (kd_treaty_value(r->treaty, &n->fields[i], text, r->symbols, &f->value, &e) != KD_OK)
            die("a field's value", e.message);
        return;
    }
    die("no such field", kd_arena_printf(&r->arena, "%.*s", KD_STR_ARGS(name)));
}

static void read_statement(replay *r, kd_str line) {
    replay_statement *s = &r->statements[r->statement_count++];
    kd_str received = next_word(&line), party = next_word(&line), index = next_word(&line),
           notice = next_word(&line);
    kd_day day;
    if (kd_day_parse(received, &day)) {
        s->day_only = true;
        s->at = kd_day_end(day);
    } else if (!kd_instant_parse(received, &s->at)) {
        die("not a time", kd_arena_printf(&r->arena, "%.*s", KD_STR_ARGS(received)));
    }
    int p = kd_treaty_party(r->treaty, party), n = kd_treaty_notice(r->treaty, notice);
    if (p < 0 || n < 0 || !kd_decimal(index, &s->index))
        die("no such Party, notice or index", kd_arena_printf(&r->arena, "%.*s", KD_STR_ARGS(notice)));
    s->party = (uint32_t)p;
    s->notice = (uint32_t)n;
    for (kd_str word = next_word(&line); word.n > 0; word = next_word(&line)) read_field(r, s, word);
}

static void read_statements(replay *r, const char *path) {
    kd_str text = read_file(r, path);
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++) lines += text.p[i] == '\n';
    r->statements = need(calloc(lines, sizeof *r->statements));
    kd_cursor c = kd_cursor_of(text.p, text.n);
    for (kd_str line; kd_cursor_line(&c, &line);)
        if (kd_str_trim(line).n > 0) read_statement(r, line);
}

static void load_treaty(replay *r, char **paths, size_t count) {
    kd_source sources[SOURCES_MAX];
    for (size_t i = 0; i < count; i++) {
        const char *base = strrchr(paths[i], '/');
        base = base != NULL ? base + 1 : paths[i];
        sources[i] = (kd_source){kd_str_of(paths[i]), read_file(r, paths[i]), KD_SOURCE_TREATY, KD_STR("en")};
        if (strstr(paths[i], "readings/") != NULL)
            sources[i].kind = KD_SOURCE_READING;
        else if (strcmp(base, "record.md") == 0)
            sources[i].kind = KD_SOURCE_RECORD;
    }
    kd_diagnostics found = {0};
    kd_treaty *t = NULL;
    if (kd_treaty_load(&r->arena, sources, count, &found, &t) != KD_OK) {
        kd_text text;
        kd_text_open(&text, &kd_allocator_libc);
        for (size_t i = 0; i < found.count; i++) kd_diagnostic_put(&text, &found.items[i]);
        die("the treaty does not load", text.n > 0 ? text.p : "memory");
    }
    r->treaty = t;
}

/* ---- Order and feeding ------------------------------------------------------------------------------------------*/

/* A statement's own receipt comes after what it tells to happen in the same second. */
static int64_t field_order(const replay_point *p) {
    return p->field < 0 ? INT64_MAX : p->field;
}

static int point_order(const void *x, const void *y) {
    const replay_point *a = x, *b = y;
    int64_t left[] = {a->at, a->party < 0 ? -1 : a->day_only, a->party, a->index, field_order(a)};
    int64_t right[] = {b->at, b->party < 0 ? -1 : b->day_only, b->party, b->index, field_order(b)};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    return 0;
}

static void add_point(replay *r, replay_point p) {
    r->points[r->point_count++] = p;
}

static void add_statement_points(replay *r, size_t i) {
    const replay_statement *s = &r->statements[i];
    const kd_notice *n = &r->treaty->notices[s->notice];
    add_point(r, (replay_point){s->at, s->day_only, s->party, s->index, -1, i, 1});
    for (size_t f = 0; f < s->field_count; f++) {
        const kd_field *field = &n->fields[s->fields[f].field];
        if (field->column < 0 || (field->type != KD_T_DATE && field->type != KD_T_INSTANT)) continue;
        bool day = field->type == KD_T_DATE;
        kd_instant at = day ? kd_day_end(kd_instant_day(s->fields[f].value)) : s->fields[f].value;
        add_point(r, (replay_point){at, day, s->party, s->index, (int)s->fields[f].field, i, 1});
    }
}

static void order_points(replay *r) {
    const kd_treaty *t = r->treaty;
    r->points =
        need(calloc(r->statement_count * (FIELDS_MAX + 1) + t->complete_count * 2 + 1, sizeof *r->points));
    for (size_t i = 0; i < t->complete_count; i++) {
        add_point(r, (replay_point){t->complete[i].from, false, -1, -1, -1, i, 1});
        if (t->complete[i].to != KD_NEVER)
            add_point(r, (replay_point){t->complete[i].to + 1, false, -1, -1, -1, i, -1});
    }
    for (size_t i = 0; i < r->statement_count; i++) add_statement_points(r, i);
    qsort(r->points, r->point_count, sizeof *r->points, point_order);
}

/* The rows that one statement puts on one feed; returns how many. */
static size_t feed_rows(const replay *r, const kd_feed *feed, size_t which, unsigned width,
                        kd_value rows[FIELDS_MAX][KD_WIDTH_MAX]) {
    const replay_statement *s = &r->statements[which];
    const kd_notice *n = &r->treaty->notices[s->notice];
    size_t count = 0;
    if (feed->list >= 0) {
        for (size_t f = 0; f < s->field_count; f++)
            if (s->fields[f].field == (uint32_t)feed->list) {
                rows[count][0] = (kd_value)which;
                rows[count++][1] = s->fields[f].value;
            }
        return count;
    }
    for (unsigned c = 0; c < width; c++) rows[0][c] = KD_ABSENT;
    rows[0][0] = s->party;
    rows[0][1] = (kd_value)which;
    for (size_t f = 0; f < s->field_count; f++) {
        int column = n->fields[s->fields[f].field].column;
        if (column >= 0) rows[0][column] = s->fields[f].value;
    }
    return 1;
}

static void push_statement(replay *r, const kd_program *program, kd_engine *engine, const replay_point *p) {
    static kd_value rows[64][FIELDS_MAX][KD_WIDTH_MAX];
    static kd_event events[64 * FIELDS_MAX];
    size_t count = 0, used = 0;
    for (size_t i = 0; i < program->feed_count && used < 64; i++) {
        const kd_feed *feed = &program->feeds[i];
        if (feed->notice != r->statements[p->which].notice || feed->at != p->field) continue;
        size_t made = feed_rows(r, feed, p->which, kd_plan_width(program->plan, feed->input), rows[used]);
        for (size_t k = 0; k < made; k++)
            events[count++] = (kd_event){feed->input, 1, (uint32_t)p->which, rows[used][k]};
        used++;
    }
    kd_error e = {0};
    if (count > 0 && kd_engine_push(engine, p->at, events, count, &e) != KD_OK)
        die("the engine refuses a statement", e.message);
}

static void replay_all(replay *r, const kd_program *program, kd_engine *engine, kd_instant until) {
    kd_error e = {0};
    for (size_t i = 0; i < r->point_count && r->points[i].at <= until; i++) {
        const replay_point *p = &r->points[i];
        if (p->party >= 0) {
            push_statement(r, program, engine, p);
            continue;
        }
        kd_value row[2] = {r->treaty->complete[p->which].notice, r->treaty->complete[p->which].party};
        kd_event event = {program->complete, p->sign, 0, row};
        if (program->complete != 0 && kd_engine_push(engine, p->at, &event, 1, &e) != KD_OK)
            die("the engine refuses the record's completeness", e.message);
    }
    if (kd_engine_advance(engine, until, &e) != KD_OK) die("the engine refuses time", e.message);
    if (r->bindings_changed) settle_shades(r, r->changed_at);
}

static int line_order(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_lines(replay *r) {
    for (size_t i = 0; i < BUCKETS; i++)
        for (replay_row *row = r->rows[i]; row != NULL; row = row->next)
            if (row->count > 0 || row->closed) add_line(r, row, row->count == 0);
    qsort(r->lines, r->line_count, sizeof *r->lines, line_order);
    for (size_t i = 0; i < r->line_count; i++) puts(r->lines[i]);
}

static void run(replay *r, kd_instant until) {
    kd_program program;
    kd_error e = {0};
    const kd_treaty *t = r->treaty;
    if (kd_treaty_compile(t, &r->arena, &kd_allocator_libc, r->symbols, &program, &e) != KD_OK)
        die("the treaty does not compile", e.message);
    size_t cells = t->reading_count * t->group_count * t->party_count + 1;
    r->marks = need(calloc(cells * (KD_MARK_NO_CLAIM + 1), sizeof *r->marks));
    r->shades = need(calloc(cells, sizeof *r->shades));
    settle_shades(r, ALWAYS);
    order_points(r);
    kd_engine *engine = NULL;
    kd_engine_options options = {.from = &kd_allocator_libc, .heard = hear, .ctx = r};
    if (kd_engine_open(program.plan, &options, &engine, &e) != KD_OK)
        die("the engine does not open", e.message);
    replay_all(r, &program, engine, until);
    print_lines(r);
    kd_engine_close(engine);
    kd_plan_close(program.plan);
}

int main(int argc, char **argv) {
    static replay r;
    char *paths[SOURCES_MAX];
    size_t count = 0;
    const char *statements = NULL, *until = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--treaty") == 0 && count < SOURCES_MAX)
            paths[count++] = argv[i + 1];
        else if (strcmp(argv[i], "--statements") == 0)
            statements = argv[i + 1];
        else if (strcmp(argv[i], "--until") == 0)
            until = argv[i + 1];
    }
    kd_day last;
    if (count == 0 || statements == NULL || until == NULL || !kd_day_parse(kd_str_of(until), &last)) {
        fputs("usage: tool_replay --treaty FILE [--treaty FILE ...] --statements FILE --until DATE\n",
              stderr);
        return 2;
    }
    kd_arena_open(&r.arena, &kd_allocator_libc);
    if (kd_symbols_open(&kd_allocator_libc, &r.symbols) != KD_OK) die("memory", "there is none");
    load_treaty(&r, paths, count);
    read_statements(&r, statements);
    run(&r, kd_day_end(last));
    free(r.statements);
    free(r.points);
    free(r.lines);
    free(r.marks);
    free(r.shades);
    kd_symbols_close(r.symbols);
    kd_arena_close(&r.arena);
    return 0;
}

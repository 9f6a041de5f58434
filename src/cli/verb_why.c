/* verb_why.c: `kadesh why ID`: what a finding is, who was bound, and the statements that alone make it so. */
#include "cli/open.h"
#include <string.h>

static const kd_option options[] = {KD_OPTION_ON, KD_OPTION_AS_KNOWN, KD_OPTION_JSON, KD_OPTION_EXIT,
                                    KD_OPTION_END};

/* Rows of one id: one per way of counting, or per stage that began on that day. */
#define ROWS_MOST 32

typedef struct why {
    kd_call *call;
    const kd_treaty *treaty;
    const kd_record *record;
    const kd_history *history;
    const kd_verdict *rows[ROWS_MOST];
    kd_derivation derivations[ROWS_MOST];
    size_t count;
} why;

static kd_str party_name(const why *w, uint32_t party) {
    return party < w->treaty->party_count ? w->treaty->parties[party].names.en : KD_STR("both");
}

static void put_statement_id(const why *w, uint32_t statement, kd_text *out) {
    if (statement < w->record->statement_count) kd_said_id(w->record, statement, out);
}

static void put_day_of(kd_text *out, kd_instant at) {
    kd_day_put(out, kd_instant_day(at));
}

/* Names of the readings in a mask: "US, RU". */
static void put_readings(const why *w, uint32_t mask, kd_text *out) {
    const char *lead = "";
    for (size_t r = 0; r < w->treaty->reading_count; r++) {
        if (!(mask >> r & 1)) continue;
        kd_text_printf(out, "%s%.*s", lead, KD_STR_ARGS(w->treaty->readings[r].name));
        lead = ", ";
    }
}

/* The stamp itself says whether an hour is known. */
static void put_received(const kd_said *s, kd_text *out) {
    if (s->delivery == KD_NOT_DELIVERED)
        kd_text_puts(out, "not received");
    else
        kd_stamp_put(out, s->received);
}

/* "as_of 2022-09-01, delivery 659": fields as written, a list's values joined. */
static void put_fields(const kd_said *s, kd_text *out) {
    for (size_t i = 0; i < s->told.field_count; i++) {
        const kd_statement_field *f = &s->told.fields[i];
        bool again = i && kd_str_equal(f->name, s->told.fields[i - 1].name);
        if (again)
            kd_text_printf(out, " + %.*s", KD_STR_ARGS(f->value));
        else
            kd_text_printf(out, "%s%.*s %.*s", i ? ", " : "", KD_STR_ARGS(f->name), KD_STR_ARGS(f->value));
    }
}

/* ---- The page -------------------------------------------------------------------------------------------*/

/* Puts words so that no line is wider than the page, each line after `indent` blanks. */
static void put_wrapped(kd_text *out, kd_str text, size_t indent) {
    enum { PAGE_COLUMNS = 80 };
    size_t column = 0;
    for (size_t i = 0; i < text.n;) {
        size_t end = i;
        while (end < text.n && text.p[end] != ' ') end++;
        kd_str word = {text.p + i, end - i};
        size_t width = kd_utf8_width(word);
        if (column && column + 1 + width > PAGE_COLUMNS) {
            kd_text_putc(out, '\n');
            column = 0;
        }
        if (column == 0)
            kd_text_repeat(out, ' ', indent);
        else
            kd_text_putc(out, ' ');
        column += column ? 1 + width : indent + width;
        kd_text_put(out, word);
        i = end < text.n ? end + 1 : end;
    }
    kd_text_putc(out, '\n');
}

static void put_head(const why *w, kd_text *out) {
    const kd_verdict *v = w->rows[0];
    const kd_rule *r = &w->treaty->rules[v->rule];
    kd_text_puts(out, kd_style(w->call, KD_BOLD));
    kd_verdict_id(w->history, v, out);
    kd_text_printf(out, "%s\n", kd_style(w->call, KD_PLAIN));
    kd_text_printf(out, "  %.*s\n", KD_STR_ARGS(r->names.en.n ? r->names.en : r->title));
    kd_text_puts(out, "  rule      ");
    kd_text_printf(out, "%.*s %.*s, %.*s:%lu\n", KD_STR_ARGS(kd_rule_kind_name(r->kind)),
                   KD_STR_ARGS(r->name), KD_STR_ARGS(r->file), (unsigned long)r->line);
    kd_text_puts(out, "  articles  ");
    for (size_t i = 0; i < r->cites_count; i++)
        kd_text_printf(out, "%s%.*s", i ? ", " : "", KD_STR_ARGS(r->cites[i]));
    const kd_group *g = &w->treaty->groups[r->group];
    kd_text_printf(out, "\n  group     %.*s\n  Party     %.*s\n",
                   KD_STR_ARGS(g->names.en.n ? g->names.en : g->name), KD_STR_ARGS(party_name(w, v->party)));
}

static void put_shade(const why *w, kd_binding b, kd_text *out) {
    kd_text_put(out, kd_shade_name((kd_shade)b.shade));
    if (b.by) {
        kd_text_puts(out, " since ");
        put_day_of(out, b.by->since);
        if (b.by->statement != UINT32_MAX) {
            kd_text_puts(out, " by ");
            put_statement_id(w, b.by->statement, out);
        }
    }
    if (b.kept_by && b.kept_by->statement != UINT32_MAX) {
        kd_text_puts(out, ", kept by ");
        put_statement_id(w, b.kept_by->statement, out);
    }
    if (b.unsaid) kd_text_puts(out, " (has not said)");
    if (b.no_claim) kd_text_puts(out, " (no claim found)");
}

/* Was the Party bound when the row began; and is it now, when that differs. */
static void put_bindings(const why *w, const kd_verdict *v, kd_text *out) {
    uint32_t group = w->treaty->rules[v->rule].group;
    for (uint32_t r = 0; r < w->treaty->reading_count; r++) {
        if (!(v->readings >> r & 1)) continue;
        kd_binding then = kd_history_binding_at(w->history, r, group, v->party, v->since);
        kd_binding now = kd_history_binding(w->history, r, group, v->party);
        kd_text_printf(out, "    under %.*s: ", KD_STR_ARGS(w->treaty->readings[r].name));
        put_shade(w, then, out);
        if (v->until == KD_NEVER && now.shade != then.shade) {
            kd_text_puts(out, "; on ");
            kd_day_put(out, w->history->asked.on);
            kd_text_putc(out, ' ');
            put_shade(w, now, out);
        }
        kd_text_putc(out, '\n');
    }
}

static void put_row(const why *w, const kd_verdict *v, kd_text *out) {
    kd_style_name style = v->status == KD_BREACHED ? KD_RED : v->status == KD_KEPT ? KD_GREEN : KD_YELLOW;
    kd_text_printf(out, "\n  %s%.*s%s since ", kd_style(w->call, style),
                   KD_STR_ARGS(kd_verdict_name((kd_verdict_status)v->status)), kd_style(w->call, KD_PLAIN));
    put_day_of(out, v->since);
    if (v->until != KD_NEVER) {
        kd_text_puts(out, " until ");
        put_day_of(out, v->until);
    }
    if (v->due != KD_ABSENT && v->due != KD_NEVER) {
        kd_text_puts(out, ", due ");
        put_day_of(out, v->due);
    }
    if (v->figure != KD_ABSENT) {
        kd_text_printf(out, ", figure %lld", (long long)v->figure);
        if (v->bound != KD_ABSENT) kd_text_printf(out, " against %lld", (long long)v->bound);
    }
    if (v->dated != KD_ABSENT) {
        kd_text_puts(out, ", as of ");
        put_day_of(out, v->dated);
    }
    kd_text_puts(out, ", counted under ");
    put_readings(w, v->readings, out);
    kd_text_putc(out, '\n');
    put_bindings(w, v, out);
}

static void put_source(const why *w, const kd_said *s, kd_text *out) {
    kd_text_printf(out, "        %s", kd_style(w->call, KD_DIM));
    if (s->told.source.n) kd_text_printf(out, "source %.*s", KD_STR_ARGS(s->told.source));
    if (s->told.grade.n)
        kd_text_printf(out, "%sgrade %.*s", s->told.source.n ? ", " : "", KD_STR_ARGS(s->told.grade));
    kd_text_printf(out, "%s\n", kd_style(w->call, KD_PLAIN));
}

static void put_statement(const why *w, uint32_t number, kd_text *out) {
    const kd_said *s = &w->record->statements[number];
    kd_text line;
    kd_text_open(&line, w->call->from);
    put_statement_id(w, number, &line);
    kd_text_puts(&line, "  ");
    put_received(s, &line);
    kd_text_printf(&line, "  %.*s  %.*s", KD_STR_ARGS(w->treaty->parties[s->party].name),
                   KD_STR_ARGS(s->told.notice));
    if (s->unconfirmed) kd_text_puts(&line, "  (not confirmed)");
    if (s->corrects != UINT32_MAX) {
        kd_text_puts(&line, "  corrects ");
        put_statement_id(w, s->corrects, &line);
    }
    kd_text_printf(out, "    %.*s\n", KD_STR_ARGS(kd_text_str(&line)));
    kd_text_clear(&line);
    put_fields(s, &line);
    if (line.n) put_wrapped(out, kd_text_str(&line), 8);
    if (s->told.source.n || s->told.grade.n) put_source(w, s, out);
    kd_text_close(&line);
}

static void put_derivation(const why *w, size_t i, kd_text *out) {
    const kd_derivation *d = &w->derivations[i];
    if (d->confirmed && d->count == 1)
        kd_text_puts(out, "  This statement alone gives it, and without it it is gone:\n");
    else if (d->confirmed)
        kd_text_printf(out, "  These %zu statements alone give it, and without any one of them it is gone:\n",
                       d->count);
    else
        kd_text_printf(out, "  It rests on these %zu statements (not narrowed down further):\n", d->count);
    for (size_t k = 0; k < d->count; k++) put_statement(w, d->statements[k], out);
    if (d->rests_on_silence)
        kd_text_puts(
            out,
            "  It rests on silence too: the record is complete for what was to be said, and it was not.\n");
}

static bool same_derivation(const kd_derivation *a, const kd_derivation *b) {
    return a->count == b->count && a->confirmed == b->confirmed &&
           a->rests_on_silence == b->rests_on_silence &&
           (a->count == 0 || memcmp(a->statements, b->statements, a->count * sizeof *a->statements) == 0);
}

/* Each row, and its derivation unless the next row has the same. */
static void put_page(const why *w, kd_text *out) {
    put_head(w, out);
    for (size_t i = 0; i < w->count; i++) {
        put_row(w, w->rows[i], out);
        bool next_too = i + 1 < w->count && same_derivation(&w->derivations[i], &w->derivations[i + 1]);
        if (!next_too) put_derivation(w, i, out);
    }
}

/* ---- JSON -----------------------------------------------------------------------------------------------*/

static void put_key(kd_text *out, const char *lead, const char *key) {
    kd_text_printf(out, "%s\"%s\": ", lead, key);
}

static void put_json_text(kd_text *out, const char *lead, const char *key, kd_str value) {
    put_key(out, lead, key);
    kd_text_json(out, value);
}

static void put_json_day(kd_text *out, const char *lead, const char *key, kd_instant at) {
    put_key(out, lead, key);
    if (at == KD_NEVER || at == KD_ABSENT) {
        kd_text_puts(out, "null");
        return;
    }
    kd_text_putc(out, '"');
    put_day_of(out, at);
    kd_text_putc(out, '"');
}

static void put_json_number(kd_text *out, const char *lead, const char *key, kd_value v) {
    put_key(out, lead, key);
    if (v == KD_ABSENT)
        kd_text_puts(out, "null");
    else
        kd_text_printf(out, "%lld", (long long)v);
}

static void put_json_id(const why *w, kd_text *out, const char *lead, const char *key, uint32_t statement) {
    put_key(out, lead, key);
    if (statement >= w->record->statement_count) {
        kd_text_puts(out, "null");
        return;
    }
    kd_text_putc(out, '"');
    put_statement_id(w, statement, out);
    kd_text_putc(out, '"');
}

static void put_json_bindings(const why *w, const kd_verdict *v, kd_text *out) {
    uint32_t group = w->treaty->rules[v->rule].group;
    const char *lead = "\n        {";
    put_key(out, ",\n      ", "readings");
    kd_text_putc(out, '[');
    for (uint32_t r = 0; r < w->treaty->reading_count; r++) {
        if (!(v->readings >> r & 1)) continue;
        kd_binding then = kd_history_binding_at(w->history, r, group, v->party, v->since);
        kd_binding now = kd_history_binding(w->history, r, group, v->party);
        put_json_text(out, lead, "reading", w->treaty->readings[r].name);
        put_json_text(out, ", ", "then", kd_shade_name((kd_shade)then.shade));
        put_json_id(w, out, ", ", "by", then.by ? then.by->statement : UINT32_MAX);
        put_json_text(out, ", ", "now", kd_shade_name((kd_shade)now.shade));
        put_json_id(w, out, ", ", "now_by", now.by ? now.by->statement : UINT32_MAX);
        kd_text_printf(out, ", \"has_not_said\": %s, \"no_claim_found\": %s}", now.unsaid ? "true" : "false",
                       now.no_claim ? "true" : "false");
        lead = ",\n        {";
    }
    kd_text_putc(out, ']');
}

static void put_json_statement(const why *w, uint32_t number, const char *lead, kd_text *out) {
    const kd_said *s = &w->record->statements[number];
    kd_text_puts(out, lead);
    put_json_id(w, out, "{", "id", number);
    put_key(out, ", ", "received");
    if (s->delivery == KD_NOT_DELIVERED) {
        kd_text_puts(out, "null");
    } else {
        kd_text_putc(out, '"');
        put_received(s, out);
        kd_text_putc(out, '"');
    }
    put_json_text(out, ", ", "by", w->treaty->parties[s->party].name);
    put_json_text(out, ", ", "notice", s->told.notice);
    put_json_text(out, ", ", "source", s->told.source);
    put_json_text(out, ", ", "grade", s->told.grade);
    put_key(out, ", ", "fields");
    for (size_t i = 0; i < s->told.field_count; i++) {
        kd_text_puts(out, i ? ", [" : "[[");
        kd_text_json(out, s->told.fields[i].name);
        kd_text_puts(out, ", ");
        kd_text_json(out, s->told.fields[i].value);
        kd_text_putc(out, ']');
    }
    kd_text_puts(out, s->told.field_count ? "]}" : "[]}");
}

static void put_json_row(const why *w, size_t i, kd_text *out) {
    const kd_verdict *v = w->rows[i];
    const kd_derivation *d = &w->derivations[i];
    put_json_text(out, i ? ",\n    {" : "\n    {", "status", kd_verdict_name((kd_verdict_status)v->status));
    put_json_day(out, ", ", "since", v->since);
    put_json_day(out, ", ", "until", v->until);
    put_json_day(out, ", ", "due", v->due);
    put_json_number(out, ", ", "figure", v->figure);
    put_json_number(out, ", ", "bound", v->bound);
    put_json_day(out, ", ", "dated", v->dated);
    put_json_bindings(w, v, out);
    kd_text_printf(out, ",\n      \"rests_on_silence\": %s, \"confirmed\": %s,\n      \"statements\": [",
                   d->rests_on_silence ? "true" : "false", d->confirmed ? "true" : "false");
    for (size_t k = 0; k < d->count; k++)
        put_json_statement(w, d->statements[k], k ? ",\n        " : "\n        ", out);
    kd_text_puts(out, "]}");
}

static void put_json(const why *w, kd_text *out) {
    const kd_rule *r = &w->treaty->rules[w->rows[0]->rule];
    kd_text id;
    kd_text_open(&id, w->call->from);
    kd_verdict_id(w->history, w->rows[0], &id);
    put_json_text(out, "{\n  ", "id", kd_text_str(&id));
    kd_text_close(&id);
    put_json_text(out, ",\n  ", "rule", r->name);
    put_json_text(out, ",\n  ", "kind", kd_rule_kind_name(r->kind));
    put_json_text(out, ",\n  ", "title", r->title);
    put_json_text(out, ",\n  ", "group", w->treaty->groups[r->group].name);
    put_json_text(out, ",\n  ", "party",
                  w->rows[0]->party == KD_BOTH ? KD_STR("both") : w->treaty->parties[w->rows[0]->party].name);
    put_key(out, ",\n  ", "articles");
    for (size_t i = 0; i < r->cites_count; i++) {
        kd_text_puts(out, i ? ", " : "[");
        kd_text_json(out, r->cites[i]);
    }
    kd_text_puts(out, r->cites_count ? "]" : "[]");
    put_key(out, ",\n  ", "on");
    kd_text_putc(out, '"');
    kd_day_put(out, w->history->asked.on);
    kd_text_puts(out, "\",\n  \"rows\": [");
    for (size_t i = 0; i < w->count; i++) put_json_row(w, i, out);
    kd_text_puts(out, "\n  ]\n}\n");
}

/* ---- The verb -------------------------------------------------------------------------------------------*/

static bool is_finding(const kd_verdict *v) {
    return v->status == KD_BREACHED || v->status == KD_ALLEGED;
}

static kd_status explain(kd_call *call, const kd_opened *o) {
    why w = {.call = call, .treaty = o->loaded.treaty, .record = o->loaded.record, .history = o->history};
    kd_status s =
        kd_history_find(w.history, kd_str_of(call->arguments[0]), w.rows, ROWS_MOST, &w.count, &call->error);
    bool finding = false;
    for (size_t i = 0; !s && i < w.count; i++) {
        s = kd_derive(w.history, w.rows[i], call->arena, call->from, &w.derivations[i], &call->error);
        finding = finding || is_finding(w.rows[i]);
    }
    if (s) return s;
    if (call->json)
        put_json(&w, &call->out);
    else
        put_page(&w, &call->out);
    return finding && kd_call_has(call, "exit-code") ? KD_FAILED : KD_OK;
}

static kd_status run(kd_call *call) {
    kd_opened o;
    kd_status s = kd_open_record(call, 0, &o);
    if (!s) s = explain(call, &o);
    kd_open_close(&o);
    return s;
}

const kd_verb kd_verb_why = {
    .name = "why",
    .summary = "the derivation of a finding: rule, readings, and the statements that make it so",
    .arguments = "ID",
    .help =
        "Explains a finding: the rule and its articles, what it found and since when, who was bound under\n"
        "each reading and by which statement one was freed, and the statements that alone give it, none of\n"
        "which can be left out (each is left out in turn, and the record computed anew, to make sure).\n"
        "ID is a finding's name as `status` and `brief` print it: Party, rule, day it began. Without the\n"
        "day it is the newest one of that Party and rule.\n\n"
        "Examples:\n"
        "  kadesh why RU-P5.I.1@2022-08-08\n"
        "  kadesh -C treaties/demo why RU-P4.II.2 --on 2023-07-01 --json\n",
    .options = options,
    .least = 1,
    .most = 1,
    .run = run,
};

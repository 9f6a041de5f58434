/* verb_log.c: the statements of all books in the order in which they count. */
#include "cli/load.h"
#include <kadesh/store.h>
#include <kadesh/view.h>
#include <string.h>
#include <unistd.h>

typedef struct listing {
    kd_call *call;
    kd_loaded loaded;
    int party;              /* or -1 */
    int notice;             /* or -1 */
    kd_day first, last;     /* of receipt */
    size_t listed, columns; /* 0: lines are not cut */
} listing;

enum { FLUSH_BYTES = 1 << 16 };

static kd_status read_filters(listing *l) {
    kd_call *call = l->call;
    const kd_treaty *t = l->loaded.treaty;
    const char *party = kd_call_value(call, "party"), *notice = kd_call_value(call, "notice");
    kd_str *names = kd_arena_array(call->arena, t->party_count + t->notice_count + 1, sizeof *names);
    if (!names) return kd_fail_nomem(&call->error);
    l->party = party ? kd_treaty_party(t, kd_str_of(party)) : -1;
    l->notice = notice ? kd_treaty_notice(t, kd_str_of(notice)) : -1;
    if (party && l->party < 0) {
        for (size_t i = 0; i < t->party_count; i++) names[i] = t->parties[i].name;
        return kd_call_unknown(call, "Party", kd_str_of(party), names, t->party_count);
    }
    if (notice && l->notice < 0) {
        for (size_t i = 0; i < t->notice_count; i++) names[i] = t->notices[i].name;
        return kd_call_unknown(call, "notice", kd_str_of(notice), names, t->notice_count);
    }
    kd_status s = kd_call_day(call, "from", INT64_MIN, &l->first);
    return s ? s : kd_call_day(call, "until", INT64_MAX, &l->last);
}

/* One that nobody has received yet stands by its day of issue. */
static kd_stamp stamp_of(const kd_said *s) {
    return s->delivery == KD_NOT_DELIVERED ? s->told.issued : s->received;
}

static bool wanted(const listing *l, const kd_said *s) {
    kd_day day = kd_instant_day(stamp_of(s).at);
    return (l->party < 0 || s->party == (uint32_t)l->party) &&
           (l->notice < 0 || s->notice == (uint32_t)l->notice) && day >= l->first && day <= l->last;
}

static void put_id(const listing *l, const kd_said *s, kd_text *out) {
    kd_text_printf(out, "%.*s/%llu", KD_STR_ARGS(l->loaded.treaty->parties[s->party].name),
                   (unsigned long long)s->index);
}

/* ---- As text --------------------------------------------------------------------------------------------*/

/* A list of more than a few values is told by their number; `show` has them. */
static void put_fields(kd_text *out, const kd_said *s) {
    enum { VALUES_SHOWN = 3 };
    size_t times = 1;
    for (size_t i = 0; i < s->told.field_count; i += times) {
        const kd_statement_field *f = &s->told.fields[i];
        for (times = 1; i + times < s->told.field_count && kd_str_equal(f[times].name, f->name);) times++;
        kd_text_printf(out, "%s%.*s", i ? ", " : "", KD_STR_ARGS(f->name));
        if (times > VALUES_SHOWN) kd_text_printf(out, " (%zu values)", times);
        for (size_t v = 0; v < times && times <= VALUES_SHOWN; v++)
            kd_text_printf(out, "%s %.*s", v ? " +" : "", KD_STR_ARGS(f[v].value));
    }
}

/* Cuts what was put since `from` to the terminal's columns. */
static void cut_line(listing *l, kd_text *out, size_t from) {
    if (!l->columns || out->failed) return;
    size_t n = from, columns = 0;
    while (n < out->n && columns + 1 < l->columns) {
        uint32_t c;
        unsigned bytes = kd_utf8_next(out->p + n, out->n - n, &c);
        n += bytes ? bytes : 1;
        columns++;
    }
    if (n >= out->n) return;
    out->n = n;
    kd_text_puts(out, "…");
}

static void put_line(listing *l, const kd_said *s) {
    kd_text *out = &l->call->out;
    size_t from = out->n, at;
    kd_stamp_put(out, stamp_of(s));
    at = out->n - from;
    kd_text_repeat(out, ' ', at < 22 ? 22 - at : 1);
    at = out->n;
    put_id(l, s, out);
    kd_text_repeat(out, ' ', out->n - at < 8 ? 8 - (out->n - at) : 1);
    kd_text_printf(out, "%-22.*s ", KD_STR_ARGS(s->told.notice));
    if (s->delivery == KD_NOT_DELIVERED) kd_text_puts(out, "(not yet received) ");
    if (s->unconfirmed) kd_text_puts(out, "(not confirmed) ");
    if (s->corrected_by != UINT32_MAX) {
        kd_text_puts(out, "(corrected by ");
        put_id(l, &l->loaded.record->statements[s->corrected_by], out);
        kd_text_puts(out, ") ");
    }
    put_fields(out, s);
    cut_line(l, out, from);
    kd_text_putc(out, '\n');
}

/* ---- As JSON --------------------------------------------------------------------------------------------*/

static void put_member(kd_text *out, const char *name, kd_str value) {
    if (!value.n) return;
    kd_text_printf(out, ",\"%s\":", name);
    kd_text_json(out, value);
}

static void put_stamp(kd_text *out, const char *name, kd_stamp stamp) {
    kd_text_printf(out, ",\"%s\":\"", name);
    kd_stamp_put(out, stamp);
    kd_text_putc(out, '"');
}

static void put_object(listing *l, const kd_said *s) {
    kd_text *out = &l->call->out;
    kd_text_puts(out, l->listed ? ",\n{\"id\":\"" : "{\"id\":\"");
    put_id(l, s, out);
    kd_text_printf(out, "\",\"party\":");
    kd_text_json(out, l->loaded.treaty->parties[s->party].name);
    kd_text_printf(out, ",\"index\":%llu", (unsigned long long)s->index);
    put_member(out, "notice", s->told.notice);
    kd_text_puts(out, ",\"to\":[");
    for (size_t i = 0; i < s->told.to_count; i++) {
        if (i) kd_text_putc(out, ',');
        kd_text_json(out, s->told.to[i]);
    }
    kd_text_putc(out, ']');
    put_stamp(out, "issued", s->told.issued);
    if (s->delivery == KD_NOT_DELIVERED) {
        kd_text_puts(out, ",\"received\":null");
    } else {
        put_stamp(out, "received", s->received);
    }
    put_member(out, "source", s->told.source);
    put_member(out, "grade", s->told.grade);
    put_member(out, "corrects", s->told.corrects);
    if (s->corrected_by != UINT32_MAX) {
        kd_text_puts(out, ",\"corrected_by\":\"");
        put_id(l, &l->loaded.record->statements[s->corrected_by], out);
        kd_text_putc(out, '"');
    }
    kd_text_printf(out, ",\"confirmed\":%s,\"fields\":[", s->unconfirmed ? "false" : "true");
    for (size_t i = 0; i < s->told.field_count; i++) {
        kd_text_puts(out, i ? ",{\"name\":" : "{\"name\":");
        kd_text_json(out, s->told.fields[i].name);
        kd_text_puts(out, ",\"value\":");
        kd_text_json(out, s->told.fields[i].value);
        kd_text_putc(out, '}');
    }
    kd_text_puts(out, "]}");
}

static kd_status list(listing *l) {
    kd_call *call = l->call;
    const kd_record *r = l->loaded.record;
    kd_status s = KD_OK;
    if (call->json) kd_text_puts(&call->out, "[");
    for (size_t i = 0; !s && i < r->statement_count; i++) {
        if (!wanted(l, &r->statements[i])) continue;
        if (call->json) {
            put_object(l, &r->statements[i]);
        } else {
            put_line(l, &r->statements[i]);
        }
        l->listed++;
        if (call->out.n > FLUSH_BYTES) s = kd_call_flush(call);
    }
    if (call->json) kd_text_puts(&call->out, "]\n");
    return s;
}

/* KD_FAILED without a message when what had been received by the last day listed makes a finding. */
static kd_status look_for_findings(listing *l) {
    kd_call *call = l->call;
    kd_day today = kd_instant_day(kd_clock_now()), on = l->last < today ? l->last : today;
    const kd_replay_options o = {.on = on, .known = on, .horizon = on};
    kd_history *h = NULL;
    kd_status s = kd_replay(l->loaded.record, &o, call->arena, call->from, &h, &call->error);
    return !s && kd_view_findings(h) ? KD_FAILED : s;
}

static kd_status run(kd_call *call) {
    listing l = {.call = call};
    if (isatty(STDOUT_FILENO) == 1) l.columns = kd_columns();
    kd_status s = kd_load_record(call, &l.loaded);
    if (!s) s = read_filters(&l);
    if (!s) s = list(&l);
    if (!s && kd_call_has(call, "exit-code")) s = look_for_findings(&l);
    kd_load_close(&l.loaded);
    return s;
}

static const kd_option options[] = {
    {"party", "PARTY", "only what this Party said", false},
    {"notice", "NOTICE", "only this notice", false},
    {"from", "DAY", "only what was received on this day or later", false},
    {"until", "DAY", "only what was received on this day or earlier", false},
    KD_OPTION_EXIT,
    KD_OPTION_JSON,
    KD_OPTION_END,
};

const kd_verb kd_verb_log = {
    .name = "log",
    .summary = "list the statements of all books in time order",
    .arguments = "",
    .help = "One line a statement: when it was received, its id, its notice, its fields. The order is the\n"
            "one in which they count: by the second of receipt, then by Party, then by place in the book;\n"
            "one known to the day only stands after those of that day that have an hour.\n"
            "\n"
            "Examples:\n"
            "  kadesh log --from 2023-02-01 --until 2023-03-31\n"
            "  kadesh log --party US --notice data --json\n",
    .options = options,
    .least = 0,
    .most = 0,
    .run = run,
};

/* verb_check.c: `kadesh check [FILE]`: everything that is wrong with a treaty, or what it holds when nothing
 * is. */
#include "cli/open.h"

static const kd_option options[] = {KD_OPTION_JSON, KD_OPTION_END};

/* The diagnostic as kd_diagnostic_put has it, its `error:` in colour. */
static void put_diagnostic(kd_call *call, const kd_diagnostic *d) {
    kd_text text;
    kd_text_open(&text, call->from);
    kd_diagnostic_put(&text, d);
    kd_str all = kd_text_str(&text), word = KD_STR("error:");
    size_t at = 0;
    while (at < all.n && all.p[at] != '\n' && !kd_str_starts((kd_str){all.p + at, all.n - at}, word.p)) at++;
    if (call->color && at < all.n && all.p[at] != '\n') {
        kd_text_puts(&call->err, kd_style(call, KD_BOLD));
        kd_text_put(&call->err, (kd_str){all.p, at});
        kd_text_printf(&call->err, "%s%s%s", kd_style(call, KD_RED), word.p, kd_style(call, KD_PLAIN));
        at += word.n;
        kd_text_put(&call->err, (kd_str){all.p + at, all.n - at});
    } else {
        kd_text_put(&call->err, all);
    }
    call->err.failed = call->err.failed || text.failed;
    kd_text_close(&text);
}

static void put_pair(kd_text *out, const char *lead, const char *key, kd_str value) {
    kd_text_printf(out, "%s\"%s\": ", lead, key);
    kd_text_json(out, value);
}

static void put_diagnostics_json(kd_text *out, const kd_diagnostics *all) {
    kd_text_puts(out, "{\n  \"fine\": false,\n  \"diagnostics\": [");
    for (size_t i = 0; i < all->count; i++) {
        const kd_diagnostic *d = &all->items[i];
        put_pair(out, i ? ",\n    {" : "\n    {", "file", d->file);
        kd_text_printf(out, ", \"line\": %lu, \"column\": %lu, \"length\": %lu", (unsigned long)d->line,
                       (unsigned long)d->column, (unsigned long)d->length);
        put_pair(out, ", ", "message", d->message);
        put_pair(out, ", ", "suggestion", d->suggestion);
        put_pair(out, ", ", "source", d->source_line);
        kd_text_putc(out, '}');
    }
    kd_text_printf(out, "\n  ],\n  \"left_out\": %zu\n}\n", all->left_out);
}

static void put_errors(kd_call *call, const kd_diagnostics *all) {
    if (call->json) {
        put_diagnostics_json(&call->out, all);
        return;
    }
    for (size_t i = 0; i < all->count; i++) put_diagnostic(call, &all->items[i]);
    size_t count = all->count + all->left_out;
    if (all->left_out) kd_text_printf(&call->err, "and %zu more\n", all->left_out);
    kd_text_printf(&call->err, "%zu error%s\n", count, count == 1 ? "" : "s");
}

/* What a treaty that is fine holds, in the order of the page. */
typedef struct holding {
    const char *one, *many;
    size_t count;
} holding;

enum { HOLDINGS = KD_RULE_KINDS + 10 };

static size_t own_notices(const kd_treaty *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->notice_count; i++) n += !t->notices[i].prelude;
    return n;
}

static size_t count_holdings(const kd_treaty *t, holding out[HOLDINGS]) {
    static const struct {
        const char *one, *many;
    } kinds[KD_RULE_KINDS] = {[KD_LIMIT] = {"limit", "limits"},
                              [KD_DUTY] = {"duty", "duties"},
                              [KD_BAN] = {"ban", "bans"},
                              [KD_QUOTA] = {"quota", "quotas"},
                              [KD_RIGHT] = {"right", "rights"}};
    size_t n = 0;
    out[n++] = (holding){"rule", "rules", t->rule_count};
    for (int k = 0; k < KD_RULE_KINDS; k++) {
        out[n] = (holding){kinds[k].one, kinds[k].many, 0};
        for (size_t i = 0; i < t->rule_count; i++) out[n].count += t->rules[i].kind == (kd_rule_kind)k;
        n++;
    }
    out[n++] = (holding){"ladder", "ladders", t->ladder_count};
    out[n++] = (holding){"group", "groups", t->group_count};
    out[n++] = (holding){"notice", "notices", own_notices(t)};
    out[n++] = (holding){"fact", "facts", t->fact_count};
    out[n++] = (holding){"reading", "readings", t->reading_count};
    out[n++] = (holding){"example", "examples", t->example_count};
    out[n++] = (holding){"message", "messages", t->message_count};
    return n;
}

static void put_fine(kd_call *call, const kd_treaty *t) {
    holding all[HOLDINGS];
    size_t count = count_holdings(t, all);
    if (call->json) {
        kd_text_puts(&call->out, "{\n  \"fine\": true,\n");
        put_pair(&call->out, "  ", "treaty", t->id);
        for (size_t i = 0; i < count; i++)
            kd_text_printf(&call->out, ",\n  \"%s\": %zu", all[i].many, all[i].count);
        kd_text_puts(&call->out, "\n}\n");
        return;
    }
    kd_text_printf(&call->out, "%s%.*s%s: fine\n", kd_style(call, KD_BOLD), KD_STR_ARGS(t->id),
                   kd_style(call, KD_PLAIN));
    for (size_t i = 0; i < count; i++) {
        bool kind = i >= 1 && i <= KD_RULE_KINDS;
        if (kind && all[i].count == 0) continue;
        kd_text_printf(&call->out, "%s%6zu %s\n", kind ? "    " : "", all[i].count,
                       all[i].count == 1 ? all[i].one : all[i].many);
    }
}

/* Reads and checks; a treaty that reads must also lower to a plan. */
static kd_status check(kd_call *call, const kd_source *sources, size_t count) {
    kd_diagnostics diagnostics = {0};
    kd_treaty *t = NULL;
    kd_status s = kd_treaty_load(call->arena, sources, count, &diagnostics, &t);
    if (s == KD_NOMEM) return kd_fail_nomem(&call->error);
    if (s) {
        put_errors(call, &diagnostics);
        return s;
    }
    kd_symbols *symbols = NULL;
    kd_program program = {0};
    if (kd_symbols_open(call->from, &symbols)) return kd_fail_nomem(&call->error);
    s = kd_treaty_compile(t, call->arena, call->from, symbols, &program, &call->error);
    if (!s) put_fine(call, t);
    kd_plan_close(program.plan);
    kd_symbols_close(symbols);
    return s;
}

static kd_status run(kd_call *call) {
    kd_source *sources = NULL;
    size_t count = 0;
    kd_status s = kd_open_sources(call, call->argument_count ? call->arguments[0] : NULL, &sources, &count);
    return s ? s : check(call, sources, count);
}

const kd_verb kd_verb_check = {
    .name = "check",
    .summary = "diagnose a treaty: every mistake with its place, or what the treaty holds",
    .arguments = "[FILE]",
    .help =
        "Reads a treaty and says everything that is wrong with it: file, line, column, the line with a caret\n"
        "under the place, and what was probably meant. Without FILE it checks the record in -C DIR with its\n"
        "readings, messages and record.md; FILE may be a treaty file, a folder of them, or a record's\n"
        "folder; the treaty.md of a record is read with the record's readings. When all is fine it prints\n"
        "how many rules of each kind there are, and the rest. Exits 3 when anything is wrong.\n\n"
        "Examples:\n"
        "  kadesh check treaty.md\n"
        "  kadesh -C treaties/demo check --json\n",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
};

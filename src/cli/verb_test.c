/* verb_test.c: `kadesh test [FILE]`: runs the examples that a treaty and its readings hold. */
#include "cli/open.h"

static const kd_option options[] = {KD_OPTION_JSON, KD_OPTION_END};

static void put_failure(kd_call *call, const kd_example *ex, const kd_error *e) {
    kd_text_printf(&call->out, "%s%s:%lu%s: %sfailed%s \"%.*s\"\n    %s\n", kd_style(call, KD_BOLD), e->file,
                   (unsigned long)e->line, kd_style(call, KD_PLAIN), kd_style(call, KD_RED),
                   kd_style(call, KD_PLAIN), KD_STR_ARGS(ex->title), e->message);
}

static void put_json(kd_text *out, const kd_example *ex, const kd_error *e, bool first) {
    kd_text_puts(out, first ? "\n    {\"file\": " : ",\n    {\"file\": ");
    kd_text_json(out, ex->file);
    kd_text_printf(out, ", \"line\": %lu, \"title\": ", (unsigned long)ex->line);
    kd_text_json(out, ex->title);
    if (e) {
        kd_text_printf(out, ", \"passed\": false, \"at\": %lu, \"message\": ", (unsigned long)e->line);
        kd_text_json(out, kd_str_of(e->message));
    } else {
        kd_text_puts(out, ", \"passed\": true");
    }
    kd_text_putc(out, '}');
}

/* Runs every example. One that cannot even be run (a value that does not fit) is a failure like any other. */
static kd_status run_all(kd_call *call, const kd_treaty *t) {
    size_t failed = 0;
    if (call->json) kd_text_puts(&call->out, "{\n  \"examples\": [");
    for (size_t i = 0; i < t->example_count; i++) {
        kd_error e = {0};
        kd_status s = kd_example_run(t, i, call->from, &e);
        if (s == KD_NOMEM || s == KD_SYSTEM) {
            call->error = e;
            return s;
        }
        failed += s != KD_OK;
        if (call->json)
            put_json(&call->out, &t->examples[i], s ? &e : NULL, i == 0);
        else if (s)
            put_failure(call, &t->examples[i], &e);
        kd_progress(call, "running examples", (int64_t)i + 1, (int64_t)t->example_count);
    }
    kd_progress_end(call);
    size_t passed = t->example_count - failed;
    if (call->json)
        kd_text_printf(&call->out, "%s],\n  \"passed\": %zu,\n  \"failed\": %zu\n}\n",
                       t->example_count ? "\n  " : "", passed, failed);
    else
        kd_text_printf(&call->out, "%zu example%s: %zu passed, %zu failed\n", t->example_count,
                       t->example_count == 1 ? "" : "s", passed, failed);
    return failed ? KD_FAILED : KD_OK;
}

static kd_status run(kd_call *call) {
    kd_source *sources = NULL;
    size_t count = 0;
    kd_treaty *t = NULL;
    kd_status s = kd_open_sources(call, call->argument_count ? call->arguments[0] : NULL, &sources, &count);
    if (!s) s = kd_load_parse(call, sources, count, &t);
    return s ? s : run_all(call, t);
}

const kd_verb kd_verb_test = {
    .name = "test",
    .summary = "run the examples that a treaty holds",
    .arguments = "[FILE]",
    .help =
        "Runs every `example` of a treaty and of its readings: its statements make a small record, and what\n"
        "it expects of a day must hold on that day. Prints each one that does not, with its place, what was\n"
        "expected and what was found, then the counts. Without FILE it takes the record in -C DIR; FILE may\n"
        "be a treaty file, a folder of them, or a record's folder. Exits 1 when an example does not hold.\n\n"
        "Examples:\n"
        "  kadesh test treaty.md\n"
        "  kadesh -C treaties/demo test --json\n",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
};

/* verb_monitor.c: a log against a formula of metric first-order temporal logic. */
#include "cli/monitor_run.h"
#include <kadesh/store.h>

static kd_status read_text(monitor_run *r, const char *name, kd_str *out) {
    return kd_read_file(&kd_os_real, name, KD_TEXT_MAX_BYTES, r->call->arena, out, &r->call->error);
}

static void put_formulas(monitor_run *r) {
    kd_text *out = &r->call->err;
    kd_text_puts(out, "The input formula is:\n  ");
    kd_monitor_formula(r->monitor, out);
    kd_text_puts(out, "\nThe analyzed formula is:\n  ");
    kd_monitor_normal(r->monitor, out);
    kd_text_puts(out, "\nThe sequence of free variables is: (");
    monitor_print_columns(out, r->monitor, false);
    kd_text_puts(out, ")\n");
}

/* A formula that is sound but cannot be monitored. */
static kd_status refuse(monitor_run *r) {
    kd_call *call = r->call;
    kd_text *out = &call->err;
    if (r->json) {
        kd_text what;
        kd_text_open(&what, call->from);
        kd_monitor_refusal(r->monitor, &what);
        kd_text_puts(&call->out, "{\"monitorable\":false,\"subformula\":");
        kd_text_json(&call->out, kd_text_str(&what));
        kd_text_puts(&call->out, ",\"kind\":");
        kd_text_json(&call->out, kd_str_of(call->error.reason));
        kd_text_puts(&call->out, ",\"reason\":");
        kd_text_json(&call->out, kd_str_of(call->error.message));
        kd_text_puts(&call->out, "}\n");
        kd_text_close(&what);
    }
    if (r->verbose) put_formulas(r);
    kd_text_puts(out, "The analyzed formula is NOT monitorable, because of the subformula:\n  ");
    kd_monitor_refusal(r->monitor, out);
    kd_text_printf(out, "\n%s\n", call->error.message);
    call->error.message[0] = 0;
    return KD_FAILED;
}

/* Opens the monitor; the formula's mistakes are told with their line. */
static kd_status open_monitor(monitor_run *r) {
    kd_call *call = r->call;
    kd_str sig = {0}, formula = {0};
    kd_status s = read_text(r, r->sig_name, &sig);
    if (!s) s = read_text(r, r->formula_name, &formula);
    if (s) return s;
    s = kd_monitor_open(sig, r->sig_name, formula, r->formula_name, &r->options, &r->monitor, &call->error);
    if (s == KD_OK || r->monitor) return s;
    if (call->error.line) {
        bool in_sig = kd_str_is(kd_str_of(call->error.file), r->sig_name);
        monitor_say_error(call, &call->error, in_sig ? sig : formula, 1, 1);
        call->error.message[0] = 0;
    }
    return s;
}

static kd_status answer_check(monitor_run *r) {
    kd_call *call = r->call;
    if (r->verbose) put_formulas(r);
    if (r->json) kd_text_puts(&call->out, "{\"monitorable\":true}\n");
    kd_text_puts(&call->err, "The analyzed formula is monitorable.\n");
    return KD_OK;
}

static kd_status run_log(monitor_run *r) {
    kd_call *call = r->call;
    if (r->verbose) {
        put_formulas(r);
        monitor_say_now(call);
    }
    kd_status s = monitor_print_open(r);
    if (!s) s = monitor_load(r);
    if (s) return s;
    r->began_ns = kd_clock_ns();
    s = monitor_read_log(r);
    if (!s && !r->stopped) s = kd_monitor_end(r->monitor, &call->error);
    if (r->stopped && s == KD_FAILED) s = KD_OK;
    if (!s) call->error.message[0] = 0;
    if (r->explain) kd_monitor_explain(r->monitor, &call->err);
    if (r->stats) monitor_say_stats(r);
    return s;
}

static kd_status run(kd_call *call) {
    monitor_run r = {.call = call, .fd = -1};
    if (kd_call_has(call, "version")) {
        kd_text_puts(&call->out, "kadesh " KD_VERSION "\n");
        return KD_OK;
    }
    kd_status s = monitor_options_read(&r);
    if (!s) s = open_monitor(&r);
    if (r.monitor && r.sigout) {
        monitor_print_columns(&call->out, r.monitor, true);
        kd_text_putc(&call->out, '\n');
        s = KD_OK;
    } else if (s == KD_FAILED && r.monitor) {
        s = refuse(&r);
    } else if (!s) {
        s = r.check ? answer_check(&r) : run_log(&r);
    }
    if (s == KD_NOMEM && r.options.ceiling_bytes)
        kd_fail(&call->error, s, "ceiling",
                "the state needs more than the %zu bytes that --ceiling allows: allow more, or narrow the "
                "formula's intervals",
                r.options.ceiling_bytes);
    kd_monitor_close(r.monitor);
    return s;
}

const kd_verb kd_verb_monitor = {
    .name = "monitor",
    .summary = "checks a log against a formula of metric first-order temporal logic",
    .arguments = "-sig FILE -formula FILE [-log FILE]",
    .help =
        "Reads a signature, a formula and a log in MonPoly's languages (docs/monitor.md) and prints, for each\n"
        "time point, the values for which the formula holds: from a pipe, a terminal or with -verbose as soon\n"
        "as what was read decides it, and before the next byte is waited for; from a file, where nobody can\n"
        "tell, when its windows have passed. Options may have one dash or two.\n"
        "\n"
        "Exit codes: 0 the log was read to its end, 1 the formula cannot be monitored, 2 usage, 3 a mistake in\n"
        "the signature, the formula or the log, 4 system.\n"
        "\n"
        "Examples:\n"
        "  kadesh monitor -sig bank.sig -formula late.mfotl -log bank.log\n"
        "  tail -f events.log | kadesh monitor -sig bank.sig -formula late.mfotl -negate --json\n"
        "  kadesh monitor -sig bank.sig -formula late.mfotl -check -verbose\n",
    .options = monitor_option_table,
    .least = 0,
    .most = 0,
    .run = run,
    .one_dash = true,
};

/* monitor_options.c: the options of `kadesh monitor`: MonPoly's, as its users know them, and our own. */
#include "cli/monitor_run.h"
#include <kadesh/store.h>
#include <string.h>

const kd_option monitor_option_table[] = {
    {"sig", "FILE", "the signature: predicates and the types of their fields", false},
    {"formula", "FILE", "the formula", false},
    {"log", "FILE", "the log; `-`, or none: standard input", false},
    {"negate", NULL, "monitor NOT formula", true},
    {"check", NULL, "only say whether the formula can be monitored", true},
    {"sigout", NULL, "only print the free variables and their types", true},
    {"verbose", NULL, "the formula, every time point as it is read, also verdicts without rows", true},
    {"unix", NULL, "print time stamps as dates, ISO 8601", true},
    KD_OPTION_JSON,
    {"explain", NULL, "at the end the plan with what it holds, on stderr", true},
    {"stats", NULL, "at the end events, time, memory, on stderr", true},
    {"ceiling", "BYTES", "memory for the state, at most; K, M, G may follow", false},
    {"stop_at_first_viol", NULL, "stop after the first time point with a verdict, with one row of it", true},
    {"nonewlastts", NULL, "do not decide at the end of the log what is still open", true},
    {"ignore_parse_errors", NULL, "warn and go on at the next time point", true},
    {"stop_at_out_of_order_ts", NULL, "a time stamp that goes back is an error", true},
    {"nofilterrel", NULL, "also check events that the formula does not use", true},
    {"no_rw", NULL, "monitor the formula as it is written", true},
    {"unfold_let", "HOW", "no, smart or full: replace LET by its definition", false},
    {"load", "FILE", "go on from a saved state", false},
    {"combine", "FILES", "not supported: merges states of a distributed run", false},
    {"version", NULL, "the version", true},
    {"nofilteremptytp", NULL, "accepted: changes nothing here", true},
    {"verified", NULL, "accepted: changes nothing here", true},
    {"no_mw", NULL, "accepted: changes nothing here", true},
    {"no_trigger", NULL, "accepted: changes nothing here", true},
    {"mem", NULL, "accepted: changes nothing here; see --stats", true},
    {"strcache", NULL, "accepted: changes nothing here", true},
    {"profile", "FILE", "accepted: changes nothing here", true},
    {"debug", "UNITS", "accepted: changes nothing here", true},
    KD_OPTION_END,
};

static kd_status read_ceiling(monitor_run *r) {
    kd_call *call = r->call;
    const char *value = kd_call_value(call, "ceiling");
    if (!value) return KD_OK;
    kd_str digits = kd_str_of(value);
    int64_t number = 0;
    unsigned shift = 0;
    if (digits.n) {
        char unit = digits.p[digits.n - 1];
        shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0;
        if (shift) digits.n--;
    }
    if (!kd_decimal(digits, &number) || number < 1 || number > (INT64_MAX >> shift) ||
        (uint64_t)number << shift > SIZE_MAX) {
        return kd_fail(&call->error, KD_USAGE, "bad_number",
                       "--ceiling wants a number of bytes, such as 500000000 or 500M, not `%s`", value);
    }
    r->options.ceiling_bytes = (size_t)number << shift;
    return KD_OK;
}

static kd_status read_unfold(monitor_run *r) {
    static const char *const words[] = {
        [KD_UNFOLD_NO] = "no", [KD_UNFOLD_FULL] = "full", [KD_UNFOLD_SMART] = "smart"};
    const char *value = kd_call_value(r->call, "unfold_let");
    if (!value) return KD_OK;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i]) == 0) {
            r->options.unfold = (kd_unfold)i;
            return KD_OK;
        }
    }
    return kd_fail(&r->call->error, KD_USAGE, "unknown_name", "-unfold_let wants no, smart or full, not `%s`",
                   value);
}

const char *monitor_path(monitor_run *r, const char *name, kd_status *s) {
    kd_call *call = r->call;
    char path[KD_PATH_MAX_BYTES];
    if (!name || name[0] == '/' || strcmp(call->folder, ".") == 0) return name;
    *s = kd_path_join(path, call->folder, name, &call->error);
    if (*s) return NULL;
    const char *kept = kd_arena_copy(call->arena, path, strlen(path));
    if (!kept) *s = kd_fail_nomem(&call->error);
    return kept;
}

static kd_status read_names(monitor_run *r) {
    kd_call *call = r->call;
    kd_status s = KD_OK;
    const char *sig = kd_call_value(call, "sig"), *formula = kd_call_value(call, "formula");
    const char *log = kd_call_value(call, "log");
    if (!sig || !formula) {
        return kd_fail(&call->error, KD_USAGE, "missing_option",
                       "monitor wants -%s FILE: kadesh monitor -sig FILE -formula FILE [-log FILE]",
                       sig ? "formula" : "sig");
    }
    if (log && strcmp(log, "-") == 0) log = NULL;
    r->sig_name = monitor_path(r, sig, &s);
    r->formula_name = monitor_path(r, formula, &s);
    r->log_name = monitor_path(r, log, &s);
    r->load_name = monitor_path(r, kd_call_value(call, "load"), &s);
    return s;
}

kd_status monitor_options_read(monitor_run *r) {
    kd_call *call = r->call;
    if (kd_call_has(call, "combine")) {
        return kd_fail(
            &call->error, KD_USAGE, "unsupported",
            "-combine is not supported: one run here holds the whole state; -load goes on from one");
    }
    r->check = kd_call_has(call, "check");
    r->sigout = kd_call_has(call, "sigout");
    r->verbose = kd_call_has(call, "verbose");
    r->unix_time = kd_call_has(call, "unix");
    r->first_only = kd_call_has(call, "stop_at_first_viol");
    r->explain = kd_call_has(call, "explain");
    r->stats = kd_call_has(call, "stats");
    r->json = call->json;
    kd_monitor_options *o = &r->options;
    o->from = call->from;
    o->patterns = &kd_patterns_pcre2;
    o->negate = kd_call_has(call, "negate");
    o->as_it_is = kd_call_has(call, "no_rw");
    o->no_last_point = kd_call_has(call, "nonewlastts");
    o->keep_all_events = kd_call_has(call, "nofilterrel");
    o->every_point = r->verbose;
    o->forgive_errors = kd_call_has(call, "ignore_parse_errors");
    o->stop_out_of_order = kd_call_has(call, "stop_at_out_of_order_ts");
    o->only_check = r->check || r->sigout;
    o->heard = monitor_print_verdict;
    o->command = monitor_command;
    o->warning = monitor_warning;
    o->read = r->verbose && !r->json ? monitor_print_read : NULL;
    o->ctx = r;
    kd_status s = read_ceiling(r);
    if (!s) s = read_unfold(r);
    if (!s) s = read_names(r);
    if (!s) o->eager = r->verbose || monitor_is_awaited(r);
    return s;
}

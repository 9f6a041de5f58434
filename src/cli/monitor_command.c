/* monitor_command.c: the commands that stand in a log, `> name arg ... <`, and states saved and loaded. */
#include "cli/monitor_run.h"
#include <kadesh/store.h>
#include <string.h>

static kd_status put_state(void *ctx, const void *bytes, size_t n) {
    kd_text *out = ctx;
    kd_text_put(out, (kd_str){bytes, n});
    return out->failed ? KD_NOMEM : KD_OK;
}

static kd_status save(monitor_run *r, kd_monitor *m, kd_str name) {
    kd_call *call = r->call;
    kd_text state;
    kd_status s = KD_OK;
    const char *given = kd_arena_copy(call->arena, name.p, name.n);
    const char *path = monitor_path(r, given, &s);
    if (!given || s) return s ? s : kd_fail_nomem(&call->error);
    kd_text_open(&state, call->from);
    s = kd_monitor_save(m, put_state, &state);
    if (s) {
        kd_fail(&call->error, s, "state", "the state cannot be saved");
    } else {
        s = kd_write_file(&kd_os_real, path, kd_text_str(&state), 0644, false, &call->error);
    }
    kd_text_close(&state);
    if (!s) kd_text_puts(&call->out, "Saved state\n");
    return s;
}

kd_status monitor_load(monitor_run *r) {
    kd_call *call = r->call;
    kd_str bytes;
    if (!r->load_name) return KD_OK;
    kd_status s = kd_read_file(&kd_os_real, r->load_name, SIZE_MAX / 4, call->arena, &bytes, &call->error);
    if (s) return s;
    s = kd_monitor_restore(r->monitor, bytes.p, bytes.n, &call->error);
    if (s) kd_error_place(&call->error, r->load_name, 0, 0);
    return s;
}

/* The number of the last time point that was read, -1 before the first. */
static long long last_point(const kd_monitor *m) {
    return (long long)kd_monitor_points(m) - 1;
}

static kd_status get_pos(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    kd_text_printf(&r->call->out, "Current timepoint: %lld\n", last_point(m));
    return KD_OK;
}

static kd_status terminate(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    kd_text_printf(&r->call->out, "Terminated at timepoint: %lld\n", last_point(m));
    r->stopped = true;
    return KD_FAILED;
}

static kd_status print(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    kd_monitor_explain(m, &r->call->err);
    monitor_say_now(r->call);
    return KD_OK;
}

static kd_status save_state(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    return save(r, m, args[0]);
}

static kd_status save_and_exit(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    kd_status s = save(r, m, args[0]);
    if (s) return s;
    r->stopped = true;
    return KD_FAILED;
}

/* Comes back when it is reached, so that somebody who times both ends knows how long a log takes to get here. */
static kd_status latency(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    kd_text *out = &r->call->out;
    kd_text_puts(out, "LATENCY");
    for (size_t i = 0; i < count; i++) {
        kd_text_putc(out, ' ');
        kd_text_put(out, args[i]);
    }
    kd_engine_stats now = kd_monitor_statistics(m);
    kd_text_printf(out, " timepoint %lld events %llu\n", last_point(m), (unsigned long long)now.events);
    return KD_OK;
}

static kd_status unsupported(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count) {
    return kd_fail(&r->call->error, KD_INVALID, "command",
                   "this command belongs to a distributed run, which is not supported: one run holds it all");
}

typedef struct command {
    const char *name;
    size_t least; /* words behind it, at least */
    kd_status (*run)(monitor_run *r, kd_monitor *m, const kd_str *args, size_t count);
} command;

kd_status monitor_command(void *ctx, kd_monitor *m, kd_str name, const kd_str *args, size_t count) {
    static const command commands[] = {
        {"get_pos", 0, get_pos},        {"terminate", 0, terminate},         {"print", 0, print},
        {"save_state", 1, save_state},  {"save_and_exit", 1, save_and_exit}, {"LATENCY", 0, latency},
        {"set_slicer", 0, unsupported}, {"split_save", 0, unsupported},      {"split_state", 0, unsupported},
    };
    enum { COUNT = sizeof commands / sizeof *commands };
    monitor_run *r = ctx;
    kd_error *e = &r->call->error;
    kd_str names[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        names[i] = kd_str_of(commands[i].name);
        if (!kd_str_is(name, commands[i].name)) continue;
        if (count < commands[i].least)
            return kd_fail(e, KD_INVALID, "command", "%s wants a file: > %s FILE <", commands[i].name,
                           commands[i].name);
        return commands[i].run(r, m, args, count);
    }
    int near = kd_str_nearest(name, names, COUNT);
    if (near >= 0)
        return kd_fail(e, KD_INVALID, "command", "there is no command `%.*s`; did you mean `%s`?",
                       KD_STR_ARGS(name), commands[near].name);
    return kd_fail(e, KD_INVALID, "command", "there is no command `%.*s`", KD_STR_ARGS(name));
}

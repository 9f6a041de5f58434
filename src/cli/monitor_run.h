/* monitor_run.h: one run of `kadesh monitor`: what was asked, what it reads, where it stands.
 *
 *      monitor_options ─▶ kd_monitor_open ─▶ monitor_input ─▶ monitor_print ─▶ call->out
 *                                                 └─▶ monitor_command (words in the log) */
#ifndef KADESH_CLI_MONITOR_RUN_H
#define KADESH_CLI_MONITOR_RUN_H

#include "cli/cli.h"
#include <kadesh/monitor.h>

typedef struct monitor_run {
    kd_call *call;
    kd_monitor *monitor;
    /* What was asked. Names of files are as given, under -C. */
    const char *sig_name, *formula_name, *log_name;
    const char *load_name; /* NULL: from the beginning */
    kd_monitor_options options;
    bool check, verbose, sigout, unix_time, first_only, explain, stats, json;
    /* The log. */
    int fd;
    bool regular;       /* a file: read in large blocks, nobody waits for the output */
    int64_t size_bytes; /* of a regular file, else 0 */
    int64_t read_bytes;
    char *buffer;
    size_t begin, end, room; /* buffer[begin .. end) is what was not taken yet */
    bool stopped;            /* by a command or by -stop_at_first_viol: no verdicts for what is open */
    int64_t began_ns;
    size_t peak_rows, peak_bytes; /* as seen after each block */
    /* A verdict being written. */
    kd_str *names; /* of the columns as JSON keys, "\"x\":" */
} monitor_run;

/* monitor_options.c */
extern const kd_option monitor_option_table[];
kd_status monitor_options_read(monitor_run *r);
/* A file's name as the system is to have it: under -C, unless it begins at the root. NULL stays. */
const char *monitor_path(monitor_run *r, const char *name, kd_status *s);

/* monitor_input.c */
/* Does somebody wait for each verdict: is the log no regular file, so that it comes as it happens? */
bool monitor_is_awaited(const monitor_run *r);
/* Reads the whole log, from r->fd or the file that was named. Not the end of the log itself. */
kd_status monitor_read_log(monitor_run *r);

/* monitor_print.c */
kd_status monitor_print_open(monitor_run *r);
kd_status monitor_print_verdict(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at,
                                const kd_value *rows, size_t count);
void monitor_print_read(void *ctx, uint64_t index, kd_instant at);
const char *monitor_type_word(const kd_monitor_column *c);
void monitor_print_columns(kd_text *out, const kd_monitor *m, bool with_types);

/* monitor_command.c */
kd_status monitor_command(void *ctx, kd_monitor *m, kd_str name, const kd_str *args, size_t count);
kd_status monitor_load(monitor_run *r);

/* monitor_say.c */
/* `e` with the line of `text` that it names and a caret; `text` begins at line, column of the file. */
void monitor_say_error(kd_call *call, const kd_error *e, kd_str text, uint32_t line, uint32_t column);
/* Writes what is in call->err at once: for remarks while the log is being read. */
void monitor_say_now(kd_call *call);
void monitor_warning(void *ctx, const kd_error *what);
void monitor_say_stats(monitor_run *r);

#endif

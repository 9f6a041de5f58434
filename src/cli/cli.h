/* cli.h: what a verb of the program is, and what it is handed when it is called.
 *
 * A verb is one file, src/cli/verb_NAME.c, that exports one row, kd_verb_NAME; src/cli/verbs.c lists the
 * rows. The options are a table, from which parsing, --help and suggestions follow. `run` reads like the
 * sentence it carries out:
 *
 *      argv ─▶ kd_call (options, folder, colour) ─▶ run ─▶ out, err, error of the call ─▶ stdout, stderr, exit
 *
 * A verb prints nothing itself: it puts its page into call->out, remarks into call->err, and when it fails it
 * fills call->error and returns the status. main writes all of it, each stream at once, and turns the status
 * into the exit code: 0 fine, 1 what was to hold does not, 2 usage, 3 bad input, 4 system or out of memory. A
 * verb that has already put into `out` or `err` what is wrong leaves call->error.message empty. */
#ifndef KADESH_CLI_CLI_H
#define KADESH_CLI_CLI_H

#include <kadesh/base.h>

typedef struct kd_call kd_call;

typedef struct kd_option {
    const char *name;  /* "on" for --on */
    const char *value; /* what help calls its value, "DAY"; NULL: it takes none */
    const char *help;  /* one line */
    bool repeats;      /* may be given more than once */
} kd_option;

#define KD_MANY 0xffffu

typedef struct kd_verb {
    const char *name;    /* "brief"; "" for the verb that is none */
    const char *summary; /* one line, no full stop */
    const char *
        arguments; /* as usage shows them before [options]: "NOTICE field=value..."; "" when there are none */
    const char *help; /* paragraphs, then "Examples:" with two real ones, indented; ends in LF */
    const kd_option
        *options; /* ends with a row without a name; NULL when there are none. -C and --help are not listed;
                                 --json is listed by the verbs that take it, see KD_OPTION_JSON */
    unsigned least, most; /* how many arguments; KD_MANY: no bound */
    kd_status (*run)(kd_call *call);
    bool one_dash; /* options may have one dash, and _ for -: as other monitors have them */
} kd_verb;

/* Rows that several verbs have. */
#define KD_OPTION_JSON                                                                                       \
    { "json", NULL, "print JSON", false }
#define KD_OPTION_ON                                                                                         \
    { "on", "DAY", "the day asked about, to its end (default: today)", false }
#define KD_OPTION_AS_KNOWN                                                                                   \
    { "as-known", "DAY", "use only what had been received by then (default: as --on)", false }
#define KD_OPTION_EXIT                                                                                       \
    { "exit-code", NULL, "exit 1 when there is a finding", false }
#define KD_OPTION_END                                                                                        \
    { NULL, NULL, NULL, false }

typedef struct kd_given { /* an option as given */
    const kd_option *option;
    const char *value; /* NULL for a flag */
} kd_given;

struct kd_call {
    const kd_verb *verb;
    const char *folder; /* -C, or "." */
    const char **arguments;
    size_t argument_count;
    kd_given *given;
    size_t given_count;
    bool json;
    bool color;      /* stdout is a terminal and NO_COLOR is not set */
    kd_arena *arena; /* lives until the program ends */
    const kd_allocator *from;
    kd_text out, err;
    kd_error error;
    void *progress; /* the bar's own */
};

/* ---- Options as given (options.c) -----------------------------------------------------------------------*/

/* Reads argv of main into `call`. KD_USAGE with the message filled, and the nearest name. `*help` is set when
 * --help was among the options: then nothing else was checked. */
kd_status kd_call_parse(kd_call *call, int argc, char **argv, bool *help);
bool kd_call_has(const kd_call *call, const char *option);
/* Its value, the last when it repeats; NULL when it was not given. */
const char *kd_call_value(const kd_call *call, const char *option);
/* How often it was given; with `i`, the i-th value. */
size_t kd_call_count(const kd_call *call, const char *option);
const char *kd_call_nth(const kd_call *call, const char *option, size_t i);
/* The day of an option, or `otherwise` when it was not given. KD_USAGE for anything but YYYY-MM-DD of the
 * calendar. */
kd_status kd_call_day(kd_call *call, const char *option, kd_day otherwise, kd_day *out);
/* --on and --as-known: today and as --on when they are not given. */
kd_status kd_call_days(kd_call *call, kd_day *on, kd_day *as_known);
/* A whole number from `least` to `most`. KD_USAGE. */
kd_status kd_call_number(kd_call *call, const char *option, int64_t otherwise, int64_t least, int64_t most,
                         int64_t *out);
/* Fails with KD_USAGE: the value that was met, what was wanted, and the nearest of `names` when one is near. */
kd_status kd_call_unknown(kd_call *call, const char *what, kd_str met, const kd_str *names, size_t count);

/* ---- The screen (screen.c) ------------------------------------------------------------------------------*/

/* The escape that begins a style, "" without colour. End each with kd_style(call, KD_PLAIN). */
typedef enum kd_style_name { KD_PLAIN, KD_BOLD, KD_DIM, KD_RED, KD_GREEN, KD_YELLOW } kd_style_name;
const char *kd_style(const kd_call *call, kd_style_name style);
/* Columns of the terminal that stdout is, or 80. */
unsigned kd_columns(void);
/* Writes out what has been put into call->out so far and empties it: for pages that do not fit in memory.
 * KD_SYSTEM when stdout refuses; a reader that has gone away (EPIPE) ends the program quietly. */
kd_status kd_call_flush(kd_call *call);
/* The error as a line: `kadesh: file:line:column: message`. */
void kd_put_error(kd_text *out, const kd_error *e);
/* A bar on stderr, when that is a terminal and a second has gone by. `total` 0: not known. Calls are cheap. */
void kd_progress(kd_call *call, const char *doing, int64_t done, int64_t total);
void kd_progress_end(kd_call *call);

/* ---- The verbs (verbs.c) --------------------------------------------------------------------------------*/

/* In the order in which help lists them; ends with NULL. */
extern const kd_verb *const kd_verbs[];
/* What runs when no verb is named: where the record stands. */
extern const kd_verb kd_verb_none;
extern const kd_verb kd_verb_monitor;
extern const kd_verb kd_verb_check, kd_verb_test, kd_verb_verify, kd_verb_log, kd_verb_show, kd_verb_notify,
    kd_verb_status, kd_verb_due, kd_verb_why, kd_verb_brief, kd_verb_keygen, kd_verb_init, kd_verb_rebuild;

const kd_verb *kd_verb_find(kd_str name); /* NULL when there is none */
/* The help page of a verb, and of the program. */
void kd_verb_help(kd_text *out, const kd_verb *verb);
void kd_program_help(kd_text *out);

#endif

/* monitor.h: monitors a log against a formula of metric first-order temporal logic.
 *
 *      signature, formula ─▶ kd_monitor_open ─▶ kd_monitor_feed (bytes of the log) ─▶ verdicts ─▶ kd_monitor_end
 *
 * The languages are MonPoly's (docs/monitor.md has them whole); the engine is engine.h's. No files here: the caller
 * hands over bytes and hears verdicts. */
#ifndef KADESH_MONITOR_H
#define KADESH_MONITOR_H

#include "kadesh/base.h"
#include "kadesh/engine.h"

/* Regular expressions of the atom MATCHES, from a library that the caller has (the program: PCRE2). */
typedef struct kd_patterns {
    void *ctx;
    /* A pattern in PCRE2's syntax, made ready; NULL with *complaint set when it is none, NULL without when
     * there is no memory. Freed with `release`. */
    void *(*compile)(void *ctx, kd_str pattern, const char **complaint);
    /* The leftmost match: begin and end of the whole and of each group, -1 for one that took no part, into
     * pairs[0 .. 2*room). 1 found, 0 not, -1 the library gave up. */
    int (*search)(void *ctx, void *compiled, kd_str text, int64_t *pairs, unsigned room);
    void (*release)(void *ctx, void *compiled);
} kd_patterns;

typedef enum kd_unfold { KD_UNFOLD_NO, KD_UNFOLD_FULL, KD_UNFOLD_SMART } kd_unfold;

typedef enum kd_monitor_type { KD_M_INT, KD_M_FLOAT, KD_M_STRING, KD_M_REGEXP } kd_monitor_type;

typedef struct kd_monitor_column {
    kd_str name;
    kd_monitor_type type;
    bool any_type, number; /* nothing decides the type: any at all, or int or float */
} kd_monitor_column;

typedef struct kd_monitor kd_monitor;

/* What a time point's verdict is: `rows` sorted column by column (ints and floats by value, texts by bytes), each
 * once; valid during the call. For a closed formula there are no columns and `count` is 1 (true) or 0.
 * Return KD_OK to go on, anything else to stop with it. */
typedef kd_status (*kd_monitor_heard)(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at,
                                      const kd_value *rows, size_t count);

/* A command `> name arg ... <` in the log, or something the reader wants to say of it (`warning`: a time point
 * that goes back, a forgiven error). KD_OK to go on. */
typedef kd_status (*kd_monitor_command)(void *ctx, kd_monitor *m, kd_str name, const kd_str *args,
                                        size_t count);
typedef void (*kd_monitor_warning)(void *ctx, const kd_error *what);
/* A time point has been read whole (for -verbose); NULL when nobody asks. */
typedef void (*kd_monitor_read)(void *ctx, uint64_t index, kd_instant at);

typedef struct kd_monitor_options {
    const kd_allocator *from;    /* NULL: libc */
    size_t ceiling_bytes;        /* 0: none */
    const kd_patterns *patterns; /* NULL: MATCHES is refused */
    bool negate, as_it_is;       /* -negate, -no_rw */
    kd_unfold unfold;
    bool no_last_point;     /* -nonewlastts */
    bool keep_all_events;   /* -nofilterrel: also type-check events that the formula does not use */
    bool every_point;       /* verdicts are heard of every time point, also where there are none */
    bool forgive_errors;    /* -ignore_parse_errors */
    bool stop_out_of_order; /* -stop_at_out_of_order_ts */
    bool only_check;        /* no plan, no engine: types and whether it can be monitored */
    bool eager; /* a verdict is heard as soon as what was read decides it, at some cost; else it may
                               come as late as the formula looks ahead */
    kd_monitor_heard heard;
    kd_monitor_command command; /* may be NULL: a command is then an error */
    kd_monitor_warning warning; /* may be NULL */
    kd_monitor_read read;       /* may be NULL */
    void *ctx;
} kd_monitor_options;

/* `sig` and `formula` must outlive the monitor; the names are for errors. KD_INVALID with file, line and column for what
 * cannot be read, with e->reason as mfotl.h has it; KD_FAILED with e->reason "unsafe" or "fragment" when the
 * formula is sound but cannot be monitored: then *out is there all the same, for kd_monitor_columns and
 * kd_monitor_refusal, and can only be closed. */
kd_status kd_monitor_open(kd_str sig, const char *sig_name, kd_str formula, const char *formula_name,
                          const kd_monitor_options *o, kd_monitor **out, kd_error *e);
void kd_monitor_close(kd_monitor *m); /* NULL is fine */

const kd_monitor_column *kd_monitor_columns(const kd_monitor *m, size_t *count);
/* The formula as it was written and as it is monitored; the subformula that cannot be ("" when it can). */
void kd_monitor_formula(const kd_monitor *m, kd_text *out);
void kd_monitor_normal(const kd_monitor *m, kd_text *out);
void kd_monitor_refusal(const kd_monitor *m, kd_text *out);
/* Text of a string or regexp value; valid until more of the log is fed. */
kd_str kd_monitor_text(const kd_monitor *m, kd_value v);
/* The plan as a tree, a line a node, with what each holds now. */
void kd_monitor_explain(const kd_monitor *m, kd_text *out);
kd_engine_stats kd_monitor_statistics(const kd_monitor *m);
const kd_engine *kd_monitor_engine(const kd_monitor *m);

/* Bytes of the log, from where the last call stopped: *used says how many were taken (whole time points; what is left
 * is to come again with more behind it). `last`: no bytes come after these. `name` is the log's, for errors,
 * whose lines count from the first byte ever fed. KD_INVALID for a log that is none. */
kd_status kd_monitor_feed(kd_monitor *m, const char *name, const char *bytes, size_t n, bool last,
                          size_t *used, kd_error *e);
/* The end of the log, when it is not told to stop before: decides what is still open (unless no_last_point). */
kd_status kd_monitor_end(kd_monitor *m, kd_error *e);
/* How many time points were read. */
uint64_t kd_monitor_points(const kd_monitor *m);
/* Where the first byte stands that was not taken yet, from 1, 1: for showing a line of the log with an error. */
void kd_monitor_place(const kd_monitor *m, uint32_t *line, uint32_t *column);

/* State as bytes and back, as kd_engine_save: the symbols and where the log stood are in it too. */
kd_status kd_monitor_save(const kd_monitor *m, kd_put put, void *ctx);
kd_status kd_monitor_restore(kd_monitor *m, const void *bytes, size_t n, kd_error *e); /* one just opened */

#endif

/* mfotl_log.h: the reader of logs: bytes in, rows of the engine's inputs out.
 *
 *      @10 p(1,foo) p(2,"x y") (3,z) q(7);        docs/monitor.md has the language
 *
 * Each byte is looked at once. What no use of an input needs is stepped over: predicates, fields, events whose
 * constants differ, time points without any event of concern. There is a fast way, for events as programs write
 * them, and a careful one, for everything; the fast one changes nothing before it has understood an event
 * whole, so whatever it does not understand, the careful one reads again, and alone says what is wrong. */
#ifndef LANG_MFOTL_LOG_H
#define LANG_MFOTL_LOG_H

#include "lang/mfotl.h"

typedef struct mf_log mf_log;

typedef struct mf_log_options {
    const kd_allocator *from;
    const mf_signature *signature;
    const mf_circuit *circuit;
    kd_symbols *symbols;
    bool keep_all_events;   /* check the types of all declared predicates, also where nothing uses them */
    bool every_point;       /* the engine hears of each time point by itself, also of those without rows */
    bool forgive_errors;    /* after what cannot be read, go on at the next time point or command */
    bool stop_out_of_order; /* a time stamp that goes back is an error; else its time point is left out */
    /* As in monitor.h; each may be NULL. The words of a command are valid during the call. */
    kd_status (*command)(void *ctx, kd_str name, const kd_str *args, size_t count);
    void (*warning)(void *ctx, const kd_error *what);
    void (*read)(void *ctx, uint64_t index, kd_instant at);
    void (*tidy)(void *ctx); /* behind a time point: the symbols are crowded, some may be dropped */
    void *ctx;
} mf_log_options;

/* Everything that `o` points at must outlive the reader. KD_NOMEM. */
kd_status mf_log_open(const mf_log_options *o, mf_log **out);
void mf_log_close(mf_log *l); /* NULL is fine */

/* As kd_monitor_feed; rows and time points go to `g`. After an error the log can only be closed. */
kd_status mf_log_feed(mf_log *l, kd_engine *g, const char *name, const char *bytes, size_t n, bool last,
                      size_t *used, kd_error *e);

/* What is kept of the past besides the engine's state: how many time points there were, and the last time
 * stamp if any. */
typedef struct mf_log_position {
    uint64_t points;
    bool stamped;
    kd_instant at;
} mf_log_position;
mf_log_position mf_log_where(const mf_log *l);
void mf_log_resume(mf_log *l, mf_log_position p); /* of one just opened */
/* Line and column of the first byte that is to come. */
mf_place mf_log_place(const mf_log *l);

#endif

/* monitor_inside.h: what a monitor is made of. */
#ifndef LANG_MONITOR_INSIDE_H
#define LANG_MONITOR_INSIDE_H

#include "lang/mfotl.h"
#include "lang/mfotl_log.h"
#include <kadesh/monitor.h>

/* Rows on their way out: sorted by way of pointers, then laid side by side. */
typedef struct monitor_rows {
    const kd_allocator *from;
    const kd_symbols *symbols;
    const kd_monitor_column *columns;
    size_t width;
    const kd_value **order, **spare; /* room for `room` rows each, and for their values */
    kd_value *values;
    size_t room;
} monitor_rows;

/* The rows sorted column by column, each once; they may be those given. False: no memory. */
bool monitor_sort(monitor_rows *r, const kd_value *rows, size_t count, const kd_value **out, size_t *left);
void monitor_rows_close(monitor_rows *r);

struct kd_monitor {
    kd_monitor_options o;
    const kd_allocator *from;
    kd_arena arena;
    mf_signature *signature;
    mf_program *program;
    const mf_formula *refused; /* NULL: it can be monitored */
    kd_monitor_column *columns;
    size_t column_count;
    kd_symbols *symbols;
    mf_functions functions;
    kd_plan *plan;
    mf_circuit circuit;
    kd_engine *engine;
    mf_log *log;
    monitor_rows rows;
    kd_status heard; /* what the caller's own functions ended the run with */
};

/* monitor_symbols.c: the symbols of a monitor, some of which go when the engine holds them no longer. */
kd_status monitor_symbols_open(kd_monitor *m);
int64_t monitor_symbol(uint32_t place); /* the number of that place */
void monitor_symbols_tidy(void *monitor);

/* Options of the engine that the monitor runs on. */
kd_engine_options monitor_engine_options(kd_monitor *m);

#endif

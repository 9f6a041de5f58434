/* monitor_print.c: verdicts as lines, in MonPoly's form or as JSON. */
#include "cli/monitor_run.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Standard output of a file gets blocks of this size. */
#define BLOCK_BYTES ((size_t)65536)

const char *monitor_type_word(const kd_monitor_column *c) {
    static const char *const words[] = {
        [KD_M_INT] = "int", [KD_M_FLOAT] = "float", [KD_M_STRING] = "string", [KD_M_REGEXP] = "regexp"};
    return c->any_type ? "any" : c->number ? "num" : words[c->type];
}

void monitor_print_columns(kd_text *out, const kd_monitor *m, bool with_types) {
    size_t count;
    const kd_monitor_column *c = kd_monitor_columns(m, &count);
    for (size_t i = 0; i < count; i++) {
        if (i) kd_text_puts(out, with_types ? ", " : ",");
        kd_text_put(out, c[i].name);
        if (with_types) kd_text_printf(out, ":%s", monitor_type_word(&c[i]));
    }
}

/* The instant as a date where the calendar has it. */
static void put_time(kd_text *out, const monitor_run *r, kd_instant at) {
    const kd_instant first = INT64_C(-62135596800), last = INT64_C(253402300799); /* years 1 to 9999 */
    if (r->unix_time && at >= first && at <= last) {
        kd_instant_put(out, at);
    } else {
        kd_text_int(out, at);
    }
}

/* ---- MonPoly's form -------------------------------------------------------------------------------------*/

static void put_value(kd_text *out, const kd_monitor *m, kd_monitor_type type, kd_value v) {
    kd_str text;
    switch (type) {
    case KD_M_INT:
        kd_text_int(out, v);
        return;
    case KD_M_FLOAT:
        kd_text_printf(out, "%g", kd_value_float(v));
        return;
    case KD_M_REGEXP:
        kd_text_puts(out, "r\"");
        kd_text_put(out, kd_monitor_text(m, v));
        kd_text_putc(out, '"');
        return;
    case KD_M_STRING:
        text = kd_monitor_text(m, v);
        bool quoted = text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"';
        if (!quoted) kd_text_putc(out, '"');
        kd_text_put(out, text);
        if (!quoted) kd_text_putc(out, '"');
        return;
    }
}

static void put_rows(monitor_run *r, const kd_monitor *m, const kd_value *rows, size_t count) {
    kd_text *out = &r->call->out;
    size_t width;
    const kd_monitor_column *c = kd_monitor_columns(m, &width);
    if (r->verbose) kd_text_putc(out, '(');
    for (size_t i = 0; i < count; i++, rows += width) {
        if (i) kd_text_putc(out, r->verbose ? ',' : ' ');
        kd_text_putc(out, '(');
        for (size_t k = 0; k < width; k++) {
            if (k) kd_text_putc(out, ',');
            put_value(out, m, c[k].type, rows[k]);
        }
        kd_text_putc(out, ')');
    }
    if (r->verbose) kd_text_putc(out, ')');
}

static void put_line(monitor_run *r, const kd_monitor *m, uint64_t index, kd_instant at, const kd_value *rows,
                     size_t count) {
    kd_text *out = &r->call->out;
    size_t width;
    kd_monitor_columns(m, &width);
    kd_text_putc(out, '@');
    put_time(out, r, at);
    kd_text_put(out, KD_STR(" (time point "));
    kd_text_int(out, (int64_t)index);
    kd_text_put(out, KD_STR("): "));
    if (width == 0) {
        kd_text_puts(out, count ? "true" : "false");
    } else {
        put_rows(r, m, rows, count);
    }
    kd_text_putc(out, '\n');
}

/* ---- JSON -----------------------------------------------------------------------------------------------*/

/* The shortest digits that give the same number again; what JSON has no number for is a string. */
static void put_json_float(kd_text *out, double d) {
    char text[40];
    if (isnan(d) || isinf(d)) {
        kd_text_puts(out, isnan(d) ? "\"nan\"" : d < 0 ? "\"-inf\"" : "\"inf\"");
        return;
    }
    int digits = 15;
    double again = 0;
    do {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (sscanf(text, "%lf", &again) != 1) again = 0;
    } while (again != d && ++digits <= 17);
    kd_text_puts(out, text);
    if (!strpbrk(text, ".e")) kd_text_puts(out, ".0");
}

static void put_json_value(kd_text *out, const kd_monitor *m, kd_monitor_type type, kd_value v) {
    if (type == KD_M_INT) {
        kd_text_int(out, v);
    } else if (type == KD_M_FLOAT) {
        put_json_float(out, kd_value_float(v));
    } else {
        kd_text_json(out, kd_monitor_text(m, v));
    }
}

/* {"time_point":3,"ts":10,"rows":[{"x":1,"who":"Ann"}]}; of a closed formula "holds" in place of rows. */
static void put_json_line(monitor_run *r, const kd_monitor *m, uint64_t index, kd_instant at,
                          const kd_value *rows, size_t count) {
    kd_text *out = &r->call->out;
    size_t width;
    const kd_monitor_column *c = kd_monitor_columns(m, &width);
    kd_text_puts(out, "{\"time_point\":");
    kd_text_int(out, (int64_t)index);
    kd_text_puts(out, ",\"ts\":");
    kd_text_int(out, at);
    if (r->unix_time) {
        kd_text_puts(out, ",\"time\":\"");
        put_time(out, r, at);
        kd_text_putc(out, '"');
    }
    if (width == 0) {
        kd_text_puts(out, count ? ",\"holds\":true}\n" : ",\"holds\":false}\n");
        return;
    }
    kd_text_puts(out, ",\"rows\":[");
    for (size_t i = 0; i < count; i++, rows += width) {
        kd_text_puts(out, i ? ",{" : "{");
        for (size_t k = 0; k < width; k++) {
            if (k) kd_text_putc(out, ',');
            kd_text_put(out, r->names[k]);
            put_json_value(out, m, c[k].type, rows[k]);
        }
        kd_text_putc(out, '}');
    }
    kd_text_puts(out, "]}\n");
}

/* ---- As they are heard ----------------------------------------------------------------------------------*/

kd_status monitor_print_open(monitor_run *r) {
    kd_call *call = r->call;
    size_t width;
    const kd_monitor_column *c = kd_monitor_columns(r->monitor, &width);
    r->names = kd_arena_array(call->arena, width + 1, sizeof *r->names);
    if (!r->names) return kd_fail_nomem(&call->error);
    for (size_t k = 0; k < width; k++) {
        kd_text name;
        kd_text_open(&name, call->from);
        kd_text_json(&name, c[k].name);
        kd_text_putc(&name, ':');
        const char *kept = name.failed ? NULL : kd_arena_copy(call->arena, name.p, name.n);
        r->names[k] = (kd_str){kept, name.n};
        kd_text_close(&name);
        if (!kept) return kd_fail_nomem(&call->error);
    }
    return KD_OK;
}

kd_status monitor_print_verdict(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at,
                                const kd_value *rows, size_t count) {
    monitor_run *r = ctx;
    kd_call *call = r->call;
    if (r->first_only && count > 1) count = 1;
    if (r->json) {
        put_json_line(r, m, index, at, rows, count);
    } else {
        put_line(r, m, index, at, rows, count);
    }
    if (call->out.failed) return kd_fail_nomem(&call->error);
    if (call->out.n >= BLOCK_BYTES) {
        kd_status s = kd_call_flush(call);
        if (s) return s;
    }
    if (!r->first_only || !count) return KD_OK;
    r->stopped = true;
    return KD_FAILED;
}

void monitor_print_read(void *ctx, uint64_t index, kd_instant at) {
    const monitor_run *r = ctx;
    kd_text *out = &r->call->out;
    kd_text_puts(out, "At time point ");
    kd_text_int(out, (int64_t)index);
    kd_text_puts(out, ":\n");
}

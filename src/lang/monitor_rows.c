/* monitor_rows.c: the rows of a verdict in the order in which they are heard. */
#include "lang/monitor_inside.h"
#include <string.h>

static int order_floats(double a, double b) {
    if (a < b) return -1;
    if (a > b) return 1;
    return (a != a) - (b != b); /* no number: behind all */
}

static int order_rows(const monitor_rows *r, const kd_value *a, const kd_value *b) {
    for (size_t i = 0; i < r->width; i++) {
        if (a[i] == b[i]) continue;
        int order;
        switch (r->columns[i].type) {
        case KD_M_INT:
            return a[i] < b[i] ? -1 : 1;
        case KD_M_FLOAT:
            order = order_floats(mf_value_float(a[i]), mf_value_float(b[i]));
            break;
        default:
            order = kd_str_order(kd_symbol_text(r->symbols, a[i]), kd_symbol_text(r->symbols, b[i]));
        }
        if (order) return order;
    }
    return 0;
}

static bool in_order(const monitor_rows *r, const kd_value *rows, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (order_rows(r, rows + (i - 1) * r->width, rows + i * r->width) >= 0) return false;
    }
    return true;
}

static void release(const kd_allocator *from, void *p, size_t bytes) {
    if (p) from->resize(from->ctx, p, bytes, 0);
}

void monitor_rows_close(monitor_rows *r) {
    union {
        const kd_value **p;
        void *plain;
    } order = {r->order}, spare = {r->spare};
    release(r->from, order.plain, r->room * sizeof *r->order);
    release(r->from, spare.plain, r->room * sizeof *r->spare);
    release(r->from, r->values, r->room * r->width * sizeof *r->values);
    r->order = r->spare = NULL;
    r->values = NULL;
    r->room = 0;
}

static bool make_room(monitor_rows *r, size_t count) {
    if (count <= r->room) return true;
    monitor_rows_close(r);
    size_t room = 64;
    while (room < count && room < SIZE_MAX / 2) room *= 2;
    if (room < count || room > SIZE_MAX / 8 / (r->width + 1)) return false;
    r->room = room;
    r->order = r->from->resize(r->from->ctx, NULL, 0, room * sizeof *r->order);
    r->spare = r->from->resize(r->from->ctx, NULL, 0, room * sizeof *r->spare);
    r->values = r->from->resize(r->from->ctx, NULL, 0, room * r->width * sizeof *r->values);
    if (r->order && r->spare && r->values) return true;
    monitor_rows_close(r);
    return false;
}

static void insert(const monitor_rows *r, const kd_value **p, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const kd_value *row = p[i];
        size_t at = i;
        for (; at && order_rows(r, row, p[at - 1]) < 0; at--) p[at] = p[at - 1];
        p[at] = row;
    }
}

/* Merges p[0..middle) and p[middle..count) by way of `to`. */
static void merge(const monitor_rows *r, const kd_value **p, size_t middle, size_t count,
                  const kd_value **to) {
    size_t a = 0, b = middle, n = 0;
    while (a < middle && b < count) to[n++] = order_rows(r, p[b], p[a]) < 0 ? p[b++] : p[a++];
    while (a < middle) to[n++] = p[a++];
    while (b < count) to[n++] = p[b++];
}

/* Runs of 8, then merged from one array into the other; returns the one that has them. */
static const kd_value **sort(const monitor_rows *r, size_t count) {
    enum { RUN = 8 };
    const kd_value **from = r->order, **to = r->spare;
    for (size_t i = 0; i < count; i += RUN) insert(r, from + i, count - i < RUN ? count - i : RUN);
    for (size_t run = RUN; run < count; run *= 2) {
        for (size_t i = 0; i < count; i += 2 * run) {
            size_t n = count - i < 2 * run ? count - i : 2 * run;
            merge(r, from + i, n < run ? n : run, n, to + i);
        }
        const kd_value **swap = from;
        from = to;
        to = swap;
    }
    return from;
}

bool monitor_sort(monitor_rows *r, const kd_value *rows, size_t count, const kd_value **out, size_t *left) {
    *out = rows;
    *left = count;
    if (count < 2 || in_order(r, rows, count)) return true;
    if (!make_room(r, count)) return false;
    for (size_t i = 0; i < count; i++) r->order[i] = rows + i * r->width;
    const kd_value **sorted = sort(r, count);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && order_rows(r, sorted[i - 1], sorted[i]) == 0) continue;
        memcpy(r->values + n++ * r->width, sorted[i], r->width * sizeof *r->values);
    }
    *out = r->values;
    *left = n;
    return true;
}

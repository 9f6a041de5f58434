/* error.c: filling a kd_error. */
#include <kadesh/base.h>
#include <stdio.h>
#include <string.h>

/* Copies a C string into a field of `room` bytes, cut where it must be. */
static void copy_cut(char *to, size_t room, const char *from) {
    size_t n = strlen(from);
    if (n >= room) n = room - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

/* vsnprintf cuts between bytes; a message must not end within a code point. */
static void drop_broken_tail(char *text) {
    size_t n = strlen(text), valid = kd_utf8_check((kd_str){text, n});
    if (valid < n && n - valid < 4) text[valid] = 0;
}

kd_status kd_fail(kd_error *e, kd_status status, const char *reason, const char *format, ...) {
    if (!e) return status;
    copy_cut(e->reason, sizeof e->reason, reason ? reason : "");
    va_list args;
    va_start(args, format);
    int n = vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    if (n < 0) e->message[0] = 0;
    if (n >= (int)sizeof e->message) drop_broken_tail(e->message);
    return status;
}

kd_status kd_fail_nomem(kd_error *e) {
    if (e) {
        copy_cut(e->reason, sizeof e->reason, "out_of_memory");
        copy_cut(e->message, sizeof e->message, "out of memory");
    }
    return KD_NOMEM;
}

void kd_error_place(kd_error *e, const char *file, uint32_t line, uint32_t column) {
    if (!e) return;
    if (file) copy_cut(e->file, sizeof e->file, file);
    e->line = line;
    e->column = column;
}

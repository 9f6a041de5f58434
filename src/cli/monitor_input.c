/* monitor_input.c: the log of `kadesh monitor`, from a file, a pipe or a terminal. */
#include "cli/monitor_run.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As large as stays in a second-level cache: what was just read is parsed from there. */
#define BLOCK_BYTES ((size_t)262144)

static const char *log_label(const monitor_run *r) {
    return r->log_name ? r->log_name : "<stdin>";
}

static kd_status system_error(monitor_run *r, const char *what) {
    int code = errno;
    return kd_fail(&r->call->error, KD_SYSTEM, "system", "cannot %s %s: %s", what, log_label(r),
                   strerror(code));
}

bool monitor_is_awaited(const monitor_run *r) {
    struct stat st;
    int failed = r->log_name ? stat(r->log_name, &st) : fstat(STDIN_FILENO, &st);
    return !failed && !S_ISREG(st.st_mode);
}

static kd_status open_log(monitor_run *r) {
    struct stat st;
    r->fd = STDIN_FILENO;
    if (r->log_name) r->fd = open(r->log_name, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0 || fstat(r->fd, &st) != 0) return system_error(r, "open");
    r->regular = S_ISREG(st.st_mode);
    if (r->regular) r->size_bytes = (int64_t)st.st_size;
    return KD_OK;
}

/* Room for a block behind what is there. What was taken makes room when that is the larger part, so that a
 * byte is moved a bounded number of times however long its time point is. */
static kd_status make_room(monitor_run *r) {
    const kd_allocator *from = r->call->from;
    if (r->begin == r->end) r->begin = r->end = 0;
    if (r->room - r->end >= BLOCK_BYTES) return KD_OK;
    if (r->begin > r->room / 2) {
        memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
        if (r->room - r->end >= BLOCK_BYTES) return KD_OK;
    }
    size_t wanted = r->room ? r->room * 2 : 2 * BLOCK_BYTES;
    if (wanted < r->room) return kd_fail_nomem(&r->call->error);
    char *grown = from->resize(from->ctx, r->buffer, r->room, wanted);
    if (!grown) return kd_fail_nomem(&r->call->error);
    r->buffer = grown;
    r->room = wanted;
    return KD_OK;
}

/* Somebody may be waiting for what was found so far: it goes out before we wait ourselves. */
static kd_status flush_before_waiting(monitor_run *r) {
    if (r->regular || r->call->out.n == 0) return KD_OK;
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    if (poll(&p, 1, 0) > 0) return KD_OK;
    return kd_call_flush(r->call);
}

static kd_status read_block(monitor_run *r, bool *last) {
    kd_status s = make_room(r);
    if (!s) s = flush_before_waiting(r);
    while (!s) {
        ssize_t n = read(r->fd, r->buffer + r->end, BLOCK_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return system_error(r, "read");
        *last = n == 0;
        r->end += (size_t)n;
        r->read_bytes += n;
        break;
    }
    return s;
}

static void show_progress(monitor_run *r) {
    if (isatty(STDOUT_FILENO) != 1) kd_progress(r->call, "monitoring", r->read_bytes, r->size_bytes);
}

static kd_status feed(monitor_run *r, bool last) {
    kd_call *call = r->call;
    size_t used = 0;
    uint32_t line, column;
    kd_monitor_place(r->monitor, &line, &column);
    kd_str bytes = {r->buffer + r->begin, r->end - r->begin};
    kd_status s = kd_monitor_feed(r->monitor, log_label(r), bytes.p, bytes.n, last, &used, &call->error);
    r->begin += used;
    if (r->stats) {
        kd_engine_stats now = kd_monitor_statistics(r->monitor);
        if (now.live_rows > r->peak_rows) r->peak_rows = now.live_rows;
        if (now.bytes > r->peak_bytes) r->peak_bytes = now.bytes;
    }
    if (s == KD_OK || r->stopped) return KD_OK;
    if (call->error.line) {
        kd_progress_end(call);
        monitor_say_error(call, &call->error, bytes, line, column);
        call->error.message[0] = 0;
    }
    return s;
}

kd_status monitor_read_log(monitor_run *r) {
    kd_status s = open_log(r);
    bool last = false;
    while (!s && !last && !r->stopped) {
        s = read_block(r, &last);
        if (!s) s = feed(r, last);
        show_progress(r);
    }
    kd_progress_end(r->call);
    if (r->log_name && r->fd >= 0) close(r->fd);
    if (r->buffer) r->call->from->resize(r->call->from->ctx, r->buffer, r->room, 0);
    r->buffer = NULL;
    return s;
}

/* screen.c: what goes to the terminal: styles, one write for a page, and a progress bar that waits a second. */
#include "cli/cli.h"
#include <errno.h>
#include <kadesh/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *kd_style(const kd_call *call, kd_style_name style) {
    static const char *const escapes[] = {
        [KD_PLAIN] = "\033[0m", [KD_BOLD] = "\033[1m",   [KD_DIM] = "\033[2m",
        [KD_RED] = "\033[31m",  [KD_GREEN] = "\033[32m", [KD_YELLOW] = "\033[33m",
    };
    return call->color ? escapes[style] : "";
}

unsigned kd_columns(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    return 80;
}

kd_status kd_call_flush(kd_call *call) {
    kd_str left = kd_text_str(&call->out);
    while (left.n) {
        ssize_t wrote = write(STDOUT_FILENO, left.p, left.n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EPIPE) exit(0);
        if (wrote < 0)
            return kd_fail(&call->error, KD_SYSTEM, "stdout", "cannot write to stdout: %s", strerror(errno));
        left.p += wrote;
        left.n -= (size_t)wrote;
    }
    kd_text_clear(&call->out);
    return KD_OK;
}

/* ---- The bar --------------------------------------------------------------------------------------------*/

#define BAR_FROM_NS  INT64_C(1000000000)
#define BAR_EVERY_NS INT64_C(100000000)
#define BAR_COLUMNS  30

typedef struct bar {
    int64_t began_ns, drawn_ns;
    bool shown, wanted;
} bar;

static bar *bar_of(kd_call *call) {
    if (call->progress) return call->progress;
    bar *b = kd_arena_take(call->arena, sizeof *b);
    if (!b) return NULL;
    b->wanted = isatty(STDERR_FILENO) == 1;
    b->began_ns = kd_clock_ns();
    call->progress = b;
    return b;
}

void kd_progress(kd_call *call, const char *doing, int64_t done, int64_t total) {
    bar *b = bar_of(call);
    if (!b || !b->wanted) return;
    int64_t now = kd_clock_ns();
    if (now - b->began_ns < BAR_FROM_NS || now - b->drawn_ns < BAR_EVERY_NS) return;
    b->drawn_ns = now;
    b->shown = true;
    if (total <= 0) {
        fprintf(stderr, "\r%s %lld\033[K", doing, (long long)done);
        return;
    }
    if (done > total) done = total;
    int filled = (int)(done / (total / BAR_COLUMNS + 1));
    if (filled > BAR_COLUMNS) filled = BAR_COLUMNS;
    fprintf(stderr, "\r%s [%.*s%*s] %lld of %lld\033[K", doing, filled, "##############################",
            BAR_COLUMNS - filled, "", (long long)done, (long long)total);
}

void kd_progress_end(kd_call *call) {
    bar *b = call->progress;
    if (b && b->shown) fputs("\r\033[K", stderr);
    call->progress = NULL;
}

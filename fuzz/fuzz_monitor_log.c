/* fuzz_monitor_log.c: any bytes as a log, in pieces of any length: never a crash, and the pieces change nothing. */
#include <kadesh/monitor.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char signature[] = "p(int) q(int,string) f(float) none() unused(int,string,float) pair(int,int)";
static const char formula[] =
    "((q(x,y) OR (EXISTS z. q(x,\"a\") AND q(x,y) AND f(z))) AND NOT ONCE[0,3] p(x)) AND NOT "
    "ONCE[0,3] (EXISTS z. pair(z,x))";

enum { BLANKS = 200 };

typedef struct heard {
    uint64_t sum, points;
    kd_status status;
    uint32_t line, column;
} heard;

static kd_status hear(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at, const kd_value *rows,
                      size_t count) {
    heard *h = ctx;
    for (size_t i = 0; i < count; i++) {
        kd_str text = kd_monitor_text(m, rows[2 * i + 1]);
        h->sum = kd_hash(text.p, text.n, h->sum ^ (uint64_t)rows[2 * i] ^ index ^ (uint64_t)at);
    }
    return KD_OK;
}

static kd_status command(void *ctx, kd_monitor *m, kd_str name, const kd_str *args, size_t count) {
    heard *h = ctx;
    h->sum = kd_hash(name.p, name.n, h->sum);
    for (size_t i = 0; i < count; i++) h->sum = kd_hash(args[i].p, args[i].n, h->sum);
    return KD_OK;
}

static void warn(void *ctx, const kd_error *what) {
    heard *h = ctx;
    h->sum = kd_hash(what->message, strlen(what->message), h->sum + what->line * 131u + what->column);
}

/* `seed` gives the lengths; 0: one piece. */
static void run(heard *h, const uint8_t *data, size_t size, uint32_t seed, unsigned how) {
    kd_monitor *m = NULL;
    kd_error e = {0};
    kd_monitor_options o = {.heard = hear,
                            .command = command,
                            .warning = warn,
                            .ctx = h,
                            .forgive_errors = how & 1,
                            .keep_all_events = how & 2};
    if (kd_monitor_open(KD_STR(signature), "sig", KD_STR(formula), "formula", &o, &m, &e)) abort();
    size_t begin = 0, end = 0;
    do {
        seed = seed * 1664525 + 1013904223;
        size_t piece = (seed >> 20) % 40;
        end = seed != 1013904223 && piece < size - end ? end + piece : size;
        char *copy = malloc(end - begin + 1);
        if (!copy) break;
        memcpy(copy, data + begin, end - begin);
        size_t used = 0;
        h->status = kd_monitor_feed(m, "log", copy, end - begin, end == size, &used, &e);
        free(copy);
        begin += used;
    } while (!h->status && end < size);
    if (!h->status) h->status = kd_monitor_end(m, &e);
    h->points = kd_monitor_points(m);
    h->line = e.line;
    h->column = e.column;
    if (h->status && (!e.message[0] || !e.line)) abort();
    kd_monitor_close(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 20000) return 0;
    /* With blanks behind it the fast way reads the whole; the pieces are left to the careful way. */
    static uint8_t log[20000 + BLANKS];
    unsigned how = data[0] & 3, blanks = data[0] & 4 ? BLANKS : 0;
    memcpy(log, data + 1, size - 1);
    memset(log + size - 1, ' ', blanks);
    heard whole = {0}, pieces = {0};
    run(&whole, log, size - 1 + blanks, 0, how);
    run(&pieces, log, size - 1 + blanks, data[0] * 7919u + 1, how);
    if (whole.sum != pieces.sum || whole.status != pieces.status || whole.line != pieces.line ||
        whole.column != pieces.column || whole.points != pieces.points)
        abort();
    return 0;
}

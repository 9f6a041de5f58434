/* test_naive_mfotl.c: the naive evaluator, by which the monitor is judged, gives the verdicts of our case
 * files itself. */
#include "kdtest.h"
#include "monitor_pair.h"

#include <string.h>

/* Whether the verdicts are the expected lines; where the end of the log is left open, more may be decided. */
static bool agrees(const nm_result *r, kd_str expected, bool more) {
    kd_cursor c = kd_cursor_of(expected.p, expected.n);
    kd_str want;
    kd_text line;
    bool same = true, left = kd_cursor_line(&c, &want);
    kd_text_open(&line, &kd_allocator_libc);
    for (size_t i = 0; i < r->count && same; i++) {
        kd_text_clear(&line);
        nm_put_verdict(r, i, &line);
        if (!line.n) continue;
        if (left && kd_str_equal(kd_text_str(&line), kd_str_trim(want)))
            left = kd_cursor_line(&c, &want);
        else
            same = more;
    }
    kd_text_close(&line);
    return same && !left;
}

static void run_file(const char *path) {
    kd_arena files;
    size_t count;
    kd_arena_open(&files, &kd_allocator_libc);
    const mp_kept *cases = mp_read(&files, path, &count);
    kdtest_claim(count > 0, "%s has cases", path);
    for (size_t i = 0; i < count; i++) {
        const rm_pair *p = &cases[i].pair;
        kd_arena a;
        nm_result r;
        kd_arena_open(&a, &kd_allocator_libc);
        nm_options o = {.negate = p->negate, .no_last_point = p->no_last_point};
        nm_status s = nm_run(&a, p->sig, p->formula, p->log, &o, &r);
        kdtest_claim(s == NM_DONE && agrees(&r, cases[i].expected, p->no_last_point), "%.*s %s",
                     KD_STR_ARGS(cases[i].name), r.world.complaint);
        nm_close(&r);
        kd_arena_close(&a);
    }
    kd_arena_close(&files);
}

int main(void) {
    run_file("tests/monitor-cases/made-syn.txt");
    run_file("tests/monitor-cases/made.txt");
    return kdtest_end("test_naive_mfotl");
}

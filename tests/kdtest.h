/* kdtest.h: the few lines that every C test shares: a claim is checked, counted, and named when it fails.
 *
 * A test program calls kdtest_claim for each row of its table and ends with `return kdtest_end("test_window")`, which
 * prints "test_window: N passed, M failed" and gives 0 or 1. */
#ifndef KDTEST_H
#define KDTEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int kdtest_passed, kdtest_failed;

/* Counts the claim; when it does not hold, prints its name and the details. Returns `holds`. */
__attribute__((format(printf, 2, 3))) static bool kdtest_claim(bool holds, const char *format, ...) {
    if (holds) {
        kdtest_passed++;
        return true;
    }
    va_list args;
    va_start(args, format);
    fputs("  FAILED: ", stdout);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    kdtest_failed++;
    return false;
}

static int kdtest_end(const char *name) {
    printf("%s: %d passed, %d failed\n", name, kdtest_passed, kdtest_failed);
    return kdtest_failed == 0 && kdtest_passed > 0 ? 0 : 1;
}

#endif

/* main.c: from argv to a verb and from its status to an exit code. */
#include "cli/cli.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wants_color(void) {
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    const char *term = getenv("TERM");
    if (no_color && *no_color) return false;
    if (!term || strcmp(term, "dumb") == 0) return false;
    return isatty(STDOUT_FILENO) == 1;
}

/* `kadesh: file:line:column: message`, as compilers do it, so that editors can jump there. */
void kd_put_error(kd_text *out, const kd_error *e) {
    kd_text_puts(out, "kadesh: ");
    if (e->file[0]) {
        kd_text_puts(out, e->file);
        if (e->line) kd_text_printf(out, ":%u", e->line);
        if (e->line && e->column) kd_text_printf(out, ":%u", e->column);
        kd_text_puts(out, ": ");
    }
    kd_text_printf(out, "%s\n", e->message);
}

static void write_stderr(kd_str left) {
    while (left.n) {
        ssize_t wrote = write(STDERR_FILENO, left.p, left.n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return; /* nobody is left to be told */
        left.p += wrote;
        left.n -= (size_t)wrote;
    }
}

static int exit_code(kd_status s) {
    return s == KD_NOMEM ? KD_SYSTEM : (int)s;
}

/* Writes both streams and gives the exit code: stdout first, so that a page stands above the remark about it. */
static int finish(kd_call *call, kd_status s) {
    kd_progress_end(call);
    if (call->out.failed && s == KD_OK) s = kd_fail_nomem(&call->error);
    kd_status wrote = kd_call_flush(call);
    if (wrote && s == KD_OK) s = wrote;
    if (s != KD_OK && call->error.message[0]) kd_put_error(&call->err, &call->error);
    write_stderr(kd_text_str(&call->err));
    if (s == KD_NOMEM && call->err.failed) write_stderr(KD_STR("kadesh: out of memory\n"));
    kd_text_close(&call->out);
    kd_text_close(&call->err);
    kd_arena_close(call->arena);
    return exit_code(s);
}

/* `kadesh --help`, `kadesh help [VERB]`, `kadesh --version`: what is answered without any verb. */
static bool answered(kd_call *call, int argc, char **argv, kd_status *s) {
    *s = KD_OK;
    if (argc < 2) return false;
    bool word = strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--version") == 0) {
        kd_text_puts(&call->out, "kadesh " KD_VERSION "\n");
        return true;
    }
    if (!word && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) return false;
    if (!word || argc < 3) {
        kd_program_help(&call->out);
        return true;
    }
    char *asked[] = {argv[0], argv[2], NULL};
    bool help = false;
    *s = kd_call_parse(call, 2, asked, &help);
    if (*s == KD_OK || call->verb != NULL) {
        *s = KD_OK;
        kd_verb_help(&call->out, call->verb);
    }
    return true;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is noticed at the write */
    kd_arena arena;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_call call = {.arena = &arena, .from = &kd_allocator_libc, .color = wants_color()};
    kd_text_open(&call.out, call.from);
    kd_text_open(&call.err, call.from);
    kd_status s;
    if (answered(&call, argc, argv, &s)) return finish(&call, s);
    bool help = false;
    s = kd_call_parse(&call, argc, argv, &help);
    if (s == KD_OK && help) {
        if (*call.verb->name) {
            kd_verb_help(&call.out, call.verb);
        } else {
            kd_program_help(&call.out);
        }
    } else if (s == KD_OK) {
        s = call.verb->run(&call);
    }
    return finish(&call, s);
}

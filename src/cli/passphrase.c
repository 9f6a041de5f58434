/* passphrase.c: the terminal with its echo off; stdin when there is no terminal, for scripts. */
#include "cli/passphrase.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void say(int fd, const char *text) {
    ssize_t ignored = write(fd, text, strlen(text));
    (void)ignored;
}

/* One byte at a time: what stands behind the line is somebody else's. */
static bool read_line(int fd, char *out, size_t room) {
    size_t n = 0;
    for (;;) {
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0 || c == '\n') break;
        if (n + 1 >= room || c == 0) return false;
        out[n++] = c;
    }
    out[n] = 0;
    return n > 0;
}

bool kd_passphrase_read(const char *prompt, char *out, size_t room) {
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool on_terminal = tty >= 0 && isatty(STDIN_FILENO) == 1;
    int fd = on_terminal ? tty : STDIN_FILENO;
    struct termios before, quiet;
    bool silent = on_terminal && tcgetattr(fd, &before) == 0;
    if (silent) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &quiet);
    }
    if (on_terminal) say(fd, prompt);
    bool got = read_line(fd, out, room);
    if (silent) tcsetattr(fd, TCSAFLUSH, &before);
    if (on_terminal) say(fd, "\n");
    if (tty >= 0) close(tty);
    return got;
}

bool kd_passphrase_ask(void *ctx, char *out, size_t room) {
    return kd_passphrase_read(ctx, out, room);
}

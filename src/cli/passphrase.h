/* passphrase.h: asks for a passphrase without showing it. */
#ifndef KADESH_CLI_PASSPHRASE_H
#define KADESH_CLI_PASSPHRASE_H

#include <kadesh/store.h>

/* Reads a line from the terminal, or from stdin when there is none, into `out`, without its LF. False when
 * there is none to be had, when it is empty or when it does not fit. */
bool kd_passphrase_read(const char *prompt, char *out, size_t room);
/* For kd_keyring_read: ctx is the prompt. */
bool kd_passphrase_ask(void *ctx, char *out, size_t room);

#endif

/* writer.h: a book that is open for writing, as the files of the writer share it. */
#ifndef KADESH_STORE_WRITER_H
#define KADESH_STORE_WRITER_H

#include "store/journal.h"

/* A head that is known to be signed. */
typedef struct known_head {
    bool present;
    int64_t size;
    kd_digest root;
} known_head;

struct kd_writer {
    const kd_os *os;
    const kd_crypto *crypto;
    const kd_allocator *from;
    const kd_keyring *keys;
    char folder[KD_PATH_MAX_BYTES];  /* the record's */
    char prefix[KD_PATH_MAX_BYTES];  /* books/US */
    char state[KD_PATH_MAX_BYTES];   /* state/US */
    char journal[KD_PATH_MAX_BYTES]; /* state/US/journal */
    int lock_fd, journal_fd;
    int64_t journal_end, journal_capacity;
    kd_frontier tip;   /* of what is acknowledged */
    kd_text head;      /* signed, of the tip */
    kd_text pending;   /* acknowledged and not yet published, as in a bundle */
    int64_t published; /* entries in the book that others read */
    kd_edge *edge;     /* of the published tree */
    bool stopped;      /* something failed after which the disk's state is not known */
};

/* Stops the writer for good and hands the status through. */
kd_status writer_stop(kd_writer *w, kd_status s);
/* Recovers what a crash left: see docs/appending.md. */
kd_status writer_recover(kd_writer *w, const kd_writer_options *o, kd_error *e);
/* Makes everything acknowledged visible, durably. With `again` every folder on the way is synced too. */
kd_status writer_publish(kd_writer *w, bool again, kd_error *e);
/* A fresh journal with room for a record of `room` bytes. Everything must be published. */
kd_status writer_rotate(kd_writer *w, int64_t room, kd_error *e);
/* A signed head of ours, from a file. Absent: present is false. */
kd_status writer_read_head(kd_writer *w, const char *path, known_head *out, kd_error *e);
kd_status writer_open_head(kd_writer *w, kd_str bytes, known_head *out, kd_error *e);

#endif

/* mfotl_log_inside.h: what the fast and the careful reader of logs share. */
#ifndef LANG_MFOTL_LOG_INSIDE_H
#define LANG_MFOTL_LOG_INSIDE_H

#include "base/mix.h"
#include "lang/mfotl_log.h"
#include <string.h>

/* What is done with a field. From TAKE_INT on its type is checked. */
typedef enum log_op {
    LOG_WORD, /* stepped over: a word or a quoted text of any kind */
    LOG_TEXT, /* kept as it stands */
    LOG_TEXT_IS,
    LOG_INT,
    LOG_INT_IS, /* ... and the event is of no concern if it is another than log_field.wanted */
    LOG_FLOAT
} log_op;

/* A field's value in the event at hand. */
typedef struct log_field {
    kd_value value;
    kd_str text;
} log_field;

typedef struct log_wanted {
    kd_value value;
    kd_str text;
} log_wanted;

/* Two fields, or a field and a constant, that must be equal. */
typedef struct log_test {
    uint32_t field, other; /* other: UINT32_MAX when it is a constant */
    bool text;
    log_wanted wanted;
} log_test;

typedef struct log_put {
    uint32_t field, column;
    bool text;
} log_put;

typedef struct log_use {
    kd_node input;
    kd_batch *batch; /* the input's, of the engine at hand */
    const log_test *tests;
    const log_put *puts;
    uint32_t test_count, put_count;
    bool numbers; /* no text is put, and nothing tested */
    bool swapped; /* of a brief predicate: the second value comes first */
} log_use;

/* A declared predicate. The fast way compares its name and the `(` behind it as two words:
 *
 *      key   "auth(" 0 0 0 ...       mask   ff ff ff ff ff 0 0 0 ...       skip 5
 *
 * A longer name has a key that nothing is equal to, and is left to the careful way. */
typedef struct log_predicate {
    _Alignas(16) uint64_t key[2];
    uint64_t mask[2];
    struct log_predicate *next; /* in its slot; the last one there is equal to all names */
    uint8_t skip;               /* the length of its name, and one */
    bool brief;                 /* one or two integers, which become rows of one or two values */
    bool swapped;               /* ... the second one first, in that of the first use */
    bool more;                  /* ... there are more uses than one */
    unsigned mark;              /* ... `,` behind the first one, or `)` */
    unsigned two;               /* ... all ones when there are two, else 0 */
    kd_batch *batch;            /* ... where the row of the first use goes */
    bool ints;                  /* there are fields, all LOG_INT */
    bool texts;                 /* ... all LOG_TEXT */
    uint32_t arity;
    const uint8_t *ops;        /* one log_op a field */
    const uint8_t *ops_missed; /* for the fields behind one that does not fit */
    bool skipped;              /* there are fields, all LOG_WORD: an event is looked over as a whole */
    size_t span;               /* ... bytes of the fields of the last one */
    const log_wanted *wanted;
    log_use *uses;
    uint32_t use_count;
    const mf_predicate *declared;
} log_predicate;

struct mf_log {
    mf_log_options o;
    kd_arena arena;            /* all tables */
    log_predicate *predicates; /* those declared, and one without key and name, the last in each slot */
    log_predicate **slots;     /* by the first bytes of the name and the `(`; few hold more than one */
    uint64_t slot_factor;
    unsigned slot_left, slot_right; /* slot: (bytes << left) * factor >> right */
    bool briefs;                    /* there are brief predicates */
    log_field *fields;              /* of the event at hand, as many as the widest predicate has */

    /* The time point that is being read. */
    bool open;              /* between `@ts` and its end */
    bool dropped;           /* it goes back: nothing of it is used */
    bool skipping;          /* after a forgiven error, up to the next time point or command */
    bool after_command;     /* a `;` may stand here */
    bool rows;              /* it has given some */
    log_predicate *current; /* that of the last event: `(3,z)` is one more of it */
    kd_instant at;
    bool stamped; /* there was a time point: `at` is its time stamp */

    /* Time points without rows that the engine has not heard of yet: the last one's instant, and that of the
     * one before it, if any. Those at quiet_until and behind are none of them: the engine hears of each. It is
     * KD_NEVER when they matter to nobody, KD_ABSENT when somebody asks for each, else the engine says it. */
    uint64_t pass_count;
    kd_instant pass_at, pass_before;
    kd_instant quiet_until;
    uint64_t points;

    /* The bytes at hand. */
    const char *name, *bytes, *end, *begin; /* begin: `@` of the time point that is open */
    bool last;
    size_t resume; /* bytes behind `begin` that have been read already */
    mf_place place;
    kd_engine *engine;
    kd_error *error; /* may be NULL */
    kd_status status;
};

/* The slot of a name, by the first eight bytes of it and the `(` behind it. */
static inline size_t mf_log_slot(const mf_log *l, uint64_t bytes) {
    return (size_t)((bytes << l->slot_left) * l->slot_factor >> l->slot_right);
}
size_t mf_log_slot_of(const mf_log *l, kd_str name);

/* Any name, by its bytes; NULL when it is not declared. */
log_predicate *mf_log_find(const mf_log *l, kd_str name);
/* The fast way: reads on from p while everything is as programs write it; where it stops, the careful way goes
 * on. */
const char *mf_log_fast(mf_log *l, const char *p);
/* Are they equal? Those of up to 16 bytes, as constants are, by two words that may overlap. */
static inline bool mf_log_same(kd_str a, kd_str b) {
    size_t n = a.n;
    if (n != b.n) return false;
    if (n > 16) return memcmp(a.p, b.p, n) == 0;
    if (n >= 8) return kd_load8(a.p) == kd_load8(b.p) && kd_load8(a.p + n - 8) == kd_load8(b.p + n - 8);
    if (n >= 4) return kd_load4(a.p) == kd_load4(b.p) && kd_load4(a.p + n - 4) == kd_load4(b.p + n - 4);
    return n == 0 || (a.p[0] == b.p[0] && a.p[n / 2] == b.p[n / 2] && a.p[n - 1] == b.p[n - 1]);
}

/* The event in l->fields becomes rows. False: l->status is set. */
bool mf_log_put(mf_log *l, const log_predicate *d);
/* The open time point ends. False: l->status is set. */
bool mf_log_close_point(mf_log *l);
/* A time stamp has been read; false when that is an error, and l->status is set. */
bool mf_log_open_point(mf_log *l, const char *begin, kd_instant at);
/* The engine hears of what was passed over. */
bool mf_log_pass(mf_log *l);
/* How long nothing happens at empty time points: to be asked again once the engine has run. */
static inline void mf_log_ask_quiet(mf_log *l) {
    if (l->o.circuit->all_points && !l->o.every_point) l->quiet_until = kd_engine_quiet_until(l->engine);
}
void mf_log_error_at(const mf_log *l, kd_error *e, const char *p);

/* One step of the careful way at p, which is no blank: a time stamp, an event, a `;`, a command. */
typedef enum log_step {
    LOG_DONE,
    LOG_WAIT,   /* it may go on behind the last byte: nothing was done */
    LOG_FAULT,  /* `what` is filled and can be forgiven */
    LOG_FAILED, /* `what` is filled; or l->status is set already */
} log_step;
log_step mf_log_step(mf_log *l, const char **p, kd_error *what);
/* Behind blanks and comments: at the end, or at a `#` whose line may go on, when only those are left. */
const char *mf_log_blank(const mf_log *l, const char *p);

#endif

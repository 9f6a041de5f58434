/* brief.h: what the makers of a brief's parts share. */
#ifndef KADESH_VIEW_BRIEF_H
#define KADESH_VIEW_BRIEF_H

#include "view/pen.h"

typedef struct kd_maker {
    kd_pen pen;
    const kd_treaty *t;
    const kd_history *h;
    const kd_record *r;
    kd_brief *b;
    kd_instant at;
    kd_standing standing;
} kd_maker;

/* A new sentence at the end of a list, its text the message `part.what`, filled; NULL when there is no memory. */
kd_say *kd_maker_say(kd_maker *m, kd_says *to, const char *part, const char *what, const kd_slot *slots,
                     size_t count);
/* The newest known statement of a role by a Party (UINT32_MAX: any) that is in effect; KD_NO_STATEMENT when none. */
uint32_t kd_maker_newest(const kd_maker *m, kd_role role, uint32_t party);
/* The reading of a Party, -1 when it has none. */
int kd_maker_reading_of(const kd_maker *m, uint32_t party);
const kd_binding *kd_maker_binding(const kd_maker *m, uint32_t group, uint32_t reading, uint32_t party);
/* Names of the groups in which a Party has the shade under a reading; the first row that makes it, if asked for. */
kd_str *kd_maker_groups(kd_maker *m, uint32_t reading, uint32_t party, int shade, size_t *count,
                        kd_cites *by);
/* The groups named in the list fields of a Party's statements of a role and day that are in effect, each once, in the treaty's
 * order. */
kd_str *kd_maker_named(kd_maker *m, kd_role role, uint32_t party, kd_day day, size_t *count, kd_cites *by);

/* A finding to ask `why` about: the first that a shell takes as it stands, else the first, quoted; empty when there is none. */
kd_str kd_brief_finding(kd_pen *p, const kd_brief *b);

/* The stance that a statement of position takes, as the slot `stance`; empty for KD_NO_STATEMENT. */
kd_slot kd_maker_stance(kd_maker *m, uint32_t statement);

/* The parts, in the order in which they are made: later ones read earlier ones. */
void kd_maker_rows(kd_maker *m);
void kd_maker_limits(kd_maker *m);
void kd_maker_standing(kd_maker *m);
void kd_maker_asks(kd_maker *m);
void kd_maker_ladder(kd_maker *m);
void kd_maker_agreement(kd_maker *m);
void kd_maker_summary(kd_maker *m);

#endif

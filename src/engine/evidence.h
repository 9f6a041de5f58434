/* evidence.h: the reason for a fold: that of all the rows it folds, kept up to date as they come and go.
 *
 *                  (2,0)                a tree of reasons over the group's rows; one that comes or goes
 *            (1,0)       (1,1)          changes the way from its leaf to the top and no more
 *         (0,0) (0,1) (0,2) (0,3)
 *
 * Used with lineage only. */
#ifndef ENGINE_EVIDENCE_H
#define ENGINE_EVIDENCE_H

#include "engine/run.h"

typedef struct eng_evidence {
    kd_engine *g;
    eng_table leaves; /* (group, reason) */
    eng_table tree;   /* (group, level and place) */
} eng_evidence;

void eng_evidence_open(eng_evidence *v, kd_engine *g);
void eng_evidence_close(eng_evidence *v);
/* `count` more rows for that reason in the group, or fewer; *leaf_count is the group's own. KD_NOMEM. */
kd_status eng_evidence_add(eng_evidence *v, uint32_t group, uint32_t *leaf_count, kd_reason reason,
                           int64_t count);
/* What the whole group rests on. */
kd_reason eng_evidence_all(const eng_evidence *v, uint32_t group, uint32_t leaf_count);

#endif

/* fuse.c: a fold of ONCE[0,high] takes the window's place, and reads its pulse itself:
 *
 *      pulse ─▶ once ─▶ aggregate ─ ─ looked up       becomes       pulse ─▶ aggregate ─ ─ looked up
 *
 * when the fold is looked up only, so that nobody hears of changes, and nobody else reads the window. The
 * least and the greatest need no rows of the window's, and may leave it to others. With `trace` nothing is
 * looked up, nor fused. */
#include "engine/fold.h"

static kd_status nothing(kd_engine *g, eng_node *n) {
    return KD_OK;
}

/* A window whose place was taken: it has no input and no readers. */
static const eng_operator once_fused = {.name = "once", .run = nothing};

const plan_node *eng_fused_window(const kd_plan *p, const eng_node *fold) {
    return &p->nodes[p->nodes[fold->plan].in[0]];
}

/* The operator that does both, or NULL. */
static const eng_operator *both(const kd_engine *g, const eng_node *fold) {
    const eng_node *window = fold->in[0];
    if (fold->op != &eng_op_aggregate || !fold->silent) return NULL;
    if (window->op != &eng_op_once || window->words[0] != 0) return NULL;
    if (window->stage != fold->stage || window->in[0]->stage != fold->stage) return NULL;
    if (eng_fold_is_extreme((kd_fold)fold->words[ENG_FOLD_WHAT])) return &eng_op_aggregate_extreme;
    bool alone = window->reader_count == 1 && !eng_is_heard(g, window);
    return alone ? &eng_op_aggregate_window : NULL;
}

kd_status eng_fuse(kd_engine *g, bool *changed) {
    *changed = false;
    for (uint32_t i = 1; i < g->node_count; i++) {
        eng_node *fold = &g->nodes[i];
        const eng_operator *op = both(g, fold);
        if (!op) continue;
        eng_node *window = fold->in[0];
        if (!(fold->state = kd_arena_take(&g->arena, op->state_bytes))) return KD_NOMEM;
        fold->op = op;
        fold->in[0] = window->in[0];
        *changed = true;
        if (--window->reader_count || eng_is_heard(g, window)) continue;
        window->op = &once_fused;
        window->in[0] = NULL;
    }
    return KD_OK;
}

/* latest.c: per key the row of the newest pulse. */
#include "engine/walk.h"

static kd_status open(kd_engine *g, eng_node *n) {
    eng_current_open(n->state, g, n->width, n->words, n->word_count);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    eng_current_close(n->state, g);
}

/* Of two at one time point the later pushed counts, whichever way they came here. */
static kd_status run(kd_engine *g, eng_node *n) {
    eng_current *c = n->state;
    const eng_node *in = n->in[0];
    for (size_t i = 0; i < in->out.n; i++) {
        eng_current_key *k = eng_current_touch_row(c, g, eng_batch_row(in, i));
        uint32_t order = eng_batch_order(in, i);
        if (!k) return KD_NOMEM;
        if (k->candidate && k->order > order) continue;
        k->candidate = (uint32_t)i + 1;
        k->order = order;
    }
    return eng_current_settle(c, g, n, in);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    return eng_walk_current(w, n->state);
}

const eng_operator eng_op_latest = {.name = "latest",
                                    .state_bytes = sizeof(eng_current),
                                    .open = open,
                                    .close = close,
                                    .run = run,
                                    .walk = walk};

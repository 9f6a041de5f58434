/* hold.c: a row holds from its begin until an end with its keys. */
#include "engine/walk.h"

static kd_status open(kd_engine *g, eng_node *n) {
    eng_current_open(n->state, g, n->width, n->words, n->word_count);
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    eng_current_close(n->state, g);
}

/* An end of what does not hold is nothing. */
static kd_status take_ends(kd_engine *g, eng_current *c, const eng_node *end) {
    for (size_t i = 0; i < end->out.n; i++) {
        const kd_value *key = eng_batch_row(end, i);
        if (eng_table_find(&c->keys, key) == ENG_NONE) continue;
        eng_current_key *k = eng_current_touch(c, g, key);
        if (!k) return KD_NOMEM;
        k->ended = 1;
    }
    return KD_OK;
}

/* What was ended at this time point may begin anew at it. Of several begins the first pushed counts. */
static kd_status take_begins(kd_engine *g, eng_current *c, const eng_node *begin) {
    for (size_t i = 0; i < begin->out.n; i++) {
        eng_current_key *k = eng_current_touch_row(c, g, eng_batch_row(begin, i));
        uint32_t order = eng_batch_order(begin, i);
        if (!k) return KD_NOMEM;
        if ((k->held && !k->ended) || (k->candidate && k->order <= order)) continue;
        k->candidate = (uint32_t)i + 1;
        k->order = order;
    }
    return KD_OK;
}

static kd_status run(kd_engine *g, eng_node *n) {
    eng_current *c = n->state;
    kd_status s = take_ends(g, c, n->in[1]);
    if (!s) s = take_begins(g, c, n->in[0]);
    return s ? s : eng_current_settle(c, g, n, n->in[0]);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    return eng_walk_current(w, n->state);
}

const eng_operator eng_op_hold = {.name = "hold",
                                  .state_bytes = sizeof(eng_current),
                                  .open = open,
                                  .close = close,
                                  .run = run,
                                  .walk = walk};

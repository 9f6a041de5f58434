/* once.c: a row stands while some pulse of it is between low and high seconds old. */
#include "engine/window.h"

static kd_status open(kd_engine *g, eng_node *n) {
    eng_window_open(n->state, g, n->width, (kd_interval){n->words[0], n->words[1]});
    return KD_OK;
}

static void close(kd_engine *g, eng_node *n) {
    eng_window_close(n->state);
}

static kd_status run(kd_engine *g, eng_node *n) {
    eng_window *w = n->state;
    const eng_node *in = n->in[0];
    kd_status s = eng_window_pass(w);
    for (size_t i = 0; !s && i < in->out.n; i++) {
        uint32_t entry;
        bool fresh;
        s = eng_window_pulse(w, eng_batch_row(in, i), in->out.marks[i].reason, &entry, &fresh);
    }
    return s ? s : eng_window_settle(w, n, NULL, NULL);
}

const eng_operator eng_op_once = {"once", sizeof(eng_window), open, close, run};

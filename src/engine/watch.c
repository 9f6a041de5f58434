/* watch.c: the watched node: tells what rows it has at every time point, in order. */
#include "engine/run.h"

kd_status eng_watch_open(kd_engine *g) {
    if (!g->plan->watched) return KD_OK;
    g->watch.node = &g->nodes[g->node_of[g->plan->watched]];
    g->watch.idle = g->watch.node->kind == KD_PULSE && (g->options.quiet_verdicts || !g->options.verdicts);
    eng_bag_open(&g->watch.rows, &g->mem, g->watch.node->width);
    return KD_OK;
}

void eng_watch_close(kd_engine *g) {
    if (!g->watch.node) return;
    eng_bag_close(&g->watch.rows);
    eng_release(&g->mem, &g->watch.set, &g->watch.set_room, sizeof *g->watch.set);
}

/* The supposed last time point has no verdict. */
static kd_status tell(kd_engine *g, uint64_t index, kd_instant at, const kd_value *rows, size_t count) {
    if (!g->options.verdicts || (!count && g->options.quiet_verdicts) || (g->ended && index + 1 == g->points))
        return KD_OK;
    return g->options.verdicts(g->options.ctx, index, at, rows, count);
}

/* The rows of a level, side by side. */
static kd_status collect(kd_engine *g, size_t *count) {
    eng_watch *w = &g->watch;
    const eng_table *t = &w->rows.rows;
    unsigned width = w->node->width;
    *count = 0;
    if (!eng_reserve(&g->mem, &w->set, &w->set_room, (size_t)t->live * width + 1, sizeof *w->set))
        return KD_NOMEM;
    for (uint32_t e = 0; t->live && e < t->used; e++) {
        if (!eng_table_live(t, e) || eng_bag_held(&w->rows, e)->total <= 0) continue;
        eng_copy(w->set + *count * width, eng_bag_row(&w->rows, e), width);
        ++*count;
    }
    return KD_OK;
}

static kd_instant instant_of(const kd_engine *g, uint64_t index) {
    return g->stage_count > 1 ? eng_log_at(g, index) : g->stages[0].now;
}

kd_status eng_watch_pass(kd_engine *g, uint64_t index) {
    eng_watch *w = &g->watch;
    if (w->node->kind == KD_PULSE || !w->rows.rows.live) {
        if (g->options.quiet_verdicts || !g->options.verdicts) w->told = index;
        for (; w->told < index; w->told++) {
            kd_status s = tell(g, w->told, instant_of(g, w->told), NULL, 0);
            if (s) return s;
        }
        return KD_OK;
    }
    size_t count;
    kd_status s = w->told < index ? collect(g, &count) : KD_OK;
    for (; !s && w->told < index; w->told++) s = tell(g, w->told, instant_of(g, w->told), w->set, count);
    return s;
}

static void settle(eng_bag *b) {
    for (size_t i = 0; i < b->touched.n; i++) eng_bag_release(b, b->touched.items[i]);
    b->touched.n = 0;
}

kd_status eng_watch_hear(kd_engine *g) {
    eng_watch *w = &g->watch;
    const eng_node *n = w->node;
    if (!n) return KD_OK;
    kd_status s = KD_OK;
    if (g->opening) {
        if (n->kind == KD_LEVEL) s = eng_bag_take(&w->rows, n->out.rows, n->out.counts, n->out.n);
        settle(&w->rows);
        return s;
    }
    if (n->stage != g->stage || !n->out.n) return KD_OK;
    if (!w->idle && (s = eng_watch_pass(g, g->index))) return s;
    if (n->kind == KD_LEVEL) {
        s = eng_bag_take(&w->rows, n->out.rows, n->out.counts, n->out.n);
        settle(&w->rows);
        return s; /* told when the stage goes on */
    }
    w->told = g->index + 1;
    return tell(g, g->index, g->now, n->out.rows, n->out.n);
}

bool eng_watch_is_quiet(const kd_engine *g) {
    const eng_watch *w = &g->watch;
    return !w->node || w->idle || ((g->options.quiet_verdicts || !g->options.verdicts) && !w->rows.rows.live);
}

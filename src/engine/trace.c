/* trace.c: keeps what every node gave out, by time point, when the caller wants to ask why. */
#include "engine/trace.h"

kd_status eng_trace_open(kd_engine *g) {
    g->trace = kd_arena_take(&g->arena, sizeof *g->trace);
    if (!g->trace) return KD_NOMEM;
    g->trace->tracks = kd_arena_array(&g->arena, g->plan->node_count, sizeof *g->trace->tracks);
    g->trace->now = ENG_BEGINNING;
    return g->trace->tracks ? KD_OK : KD_NOMEM;
}

void eng_trace_close(kd_engine *g) {
    eng_trace *t = g->trace;
    if (!t) return;
    for (size_t i = 1; t->tracks && i < g->plan->node_count; i++) {
        eng_track *k = &t->tracks[i];
        eng_release(&g->mem, &k->kept, &k->kept_room, sizeof *k->kept);
        eng_release(&g->mem, &k->rows, &k->row_room, sizeof *k->rows);
        eng_list_close(&g->mem, &k->origins);
    }
    eng_release(&g->mem, &t->pushed, &t->pushed_room, sizeof *t->pushed);
    eng_release(&g->mem, &t->points, &t->point_room, sizeof *t->points);
}

static kd_status add_pushed(kd_engine *g, kd_instant at) {
    eng_trace *t = g->trace;
    if (!eng_reserve(&g->mem, &t->pushed, &t->pushed_room, t->pushed_count + 1, sizeof *t->pushed))
        return KD_NOMEM;
    t->pushed[t->pushed_count++] = at;
    t->now = (eng_when){at, t->pushed_count, 0};
    return KD_OK;
}

/* In log time a stage runs time points that were pushed long before: their place is told by their number. */
kd_status eng_trace_point(kd_engine *g, kd_instant at, bool pushed) {
    eng_trace *t = g->trace;
    if (g->options.log_time) return add_pushed(g, at);
    if (!eng_reserve(&g->mem, &t->points, &t->point_room, t->point_count + 1, sizeof *t->points))
        return KD_NOMEM;
    if (pushed) {
        if (add_pushed(g, at)) return KD_NOMEM;
    } else if (t->now.at == at && t->now.pushed == t->pushed_count) {
        t->now.sub += 2;
    } else {
        t->now = (eng_when){at, t->pushed_count, 0};
    }
    t->points[t->point_count++] = t->now;
    return KD_OK;
}

static eng_when now(const kd_engine *g) {
    if (g->opening) return ENG_BEGINNING;
    return g->options.log_time ? eng_trace_push(g->trace, g->index) : g->trace->now;
}

/* What carries another node's rows to its own stage gives nothing new. */
kd_status eng_trace_keep(kd_engine *g, const eng_node *n) {
    if (g->node_of[n->plan] != n->id) return KD_OK;
    eng_track *k = &g->trace->tracks[n->plan];
    size_t need = k->n + n->out.n;
    if (!eng_reserve(&g->mem, &k->kept, &k->kept_room, need, sizeof *k->kept) ||
        !eng_reserve(&g->mem, &k->rows, &k->row_room, need * n->width + 1, sizeof *k->rows))
        return KD_NOMEM;
    for (size_t i = 0; i < n->out.n; i++, k->n++) {
        k->kept[k->n] = (eng_kept){now(g), eng_batch_count(n, i), eng_batch_order(n, i)};
        eng_copy(k->rows + k->n * n->width, eng_batch_row(n, i), n->width);
    }
    return KD_OK;
}

kd_status eng_trace_event(kd_engine *g, const eng_node *n, const kd_event *v) {
    return eng_list_put(&g->mem, &g->trace->tracks[n->plan].origins, v->origin) ? KD_OK : KD_NOMEM;
}

uint64_t eng_trace_pushed_before(const eng_trace *t, kd_instant at) {
    size_t low = 0, high = t->pushed_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->pushed[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

eng_when eng_trace_at(const kd_engine *g, kd_instant at) {
    uint64_t i = eng_trace_pushed_before(g->trace, at);
    if (!g->options.log_time) return at == KD_NEVER ? ENG_FOREVER : (eng_when){at, i, 0};
    return i < g->trace->pushed_count ? eng_trace_push(g->trace, i) : ENG_FOREVER;
}

bool eng_trace_when(const kd_engine *g, uint64_t point, eng_when *out) {
    const eng_trace *t = g->trace;
    if (g->options.log_time) {
        if (point >= t->pushed_count) return false;
        *out = eng_trace_push(t, point);
        return true;
    }
    if (point >= t->point_count) return false;
    *out = t->points[point];
    return true;
}

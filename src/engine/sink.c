/* sink.c: tells the caller which rows came and went, and keeps a level's rows for whoever asks. */
#include "engine/run.h"

#include <stdlib.h>

static int by_number(const void *a, const void *b) {
    const plan_sink *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* The plan's sinks by number, then node, each once. */
static kd_status sort_sinks(kd_engine *g) {
    const kd_plan *p = g->plan;
    plan_sink *sorted = kd_arena_array(&g->arena, p->sink_count + 1, sizeof *sorted);
    g->sinks = kd_arena_array(&g->arena, p->sink_count + 1, sizeof *g->sinks);
    if (!sorted || !g->sinks) return KD_NOMEM;
    for (size_t i = 0; i < p->sink_count; i++) sorted[i] = p->sinks[i];
    qsort(sorted, p->sink_count, sizeof *sorted, by_number);
    for (size_t i = 0; i < p->sink_count; i++) {
        if (i && by_number(&sorted[i], &sorted[i - 1]) == 0) continue;
        g->sinks[g->sink_count++] =
            (eng_sink){.id = sorted[i].id, .node = &g->nodes[g->node_of[sorted[i].node]]};
    }
    return KD_OK;
}

/* For each node which sinks are its own: in one array, those of one node side by side. */
kd_status eng_sinks_open(kd_engine *g) {
    kd_status s = sort_sinks(g);
    if (s) return s;
    g->sinks_of = kd_arena_array(&g->arena, g->sink_count + 1, sizeof *g->sinks_of);
    if (!g->sinks_of) return KD_NOMEM;
    for (uint32_t i = 0; i < g->sink_count; i++) {
        eng_node *n = &g->nodes[g->sinks[i].node->id];
        if (n->kind == KD_LEVEL) eng_bag_open(&g->sinks[i].rows, &g->mem, n->width);
        n->sink_count++;
    }
    uint32_t first = 0;
    for (uint32_t i = 1; i < g->node_count; i++) {
        g->nodes[i].first_sink = first;
        first += g->nodes[i].sink_count;
        g->nodes[i].sink_count = 0;
    }
    for (uint32_t i = 0; i < g->sink_count; i++) {
        eng_node *n = &g->nodes[g->sinks[i].node->id];
        g->sinks_of[n->first_sink + n->sink_count++] = i;
    }
    return KD_OK;
}

void eng_sinks_close(kd_engine *g) {
    for (uint32_t i = 0; i < g->sink_count; i++) eng_bag_close(&g->sinks[i].rows);
}

static void tell(kd_engine *g, const eng_sink *k, int sign, const kd_value *row) {
    if (g->options.heard) g->options.heard(g->options.ctx, k->id, g->now, sign, row, k->node->width);
}

static void hear_pulse(kd_engine *g, const eng_sink *k) {
    const eng_node *n = k->node;
    for (size_t i = 0; i < n->out.n; i++) tell(g, k, 1, eng_batch_row(n, i));
}

static kd_status take_in(eng_sink *k) {
    const eng_batch *out = &k->node->out;
    return eng_bag_take(&k->rows, out->rows, out->counts, out->n);
}

/* Deletions before insertions; then all is settled. */
static void hear_level(kd_engine *g, eng_sink *k) {
    eng_bag *b = &k->rows;
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        if (eng_bag_change(b, e) == ENG_WENT) tell(g, k, -1, eng_bag_row(b, e));
    }
    for (size_t i = 0; i < b->touched.n; i++) {
        uint32_t e = b->touched.items[i];
        if (eng_bag_change(b, e) == ENG_CAME) {
            eng_bag_held(b, e)->note = g->now;
            tell(g, k, 1, eng_bag_row(b, e));
        }
        eng_bag_release(b, e);
    }
    b->touched.n = 0;
}

/* Constants that came while opening stay touched until the first time point, when they are heard. */
kd_status eng_sinks_hear(kd_engine *g, const eng_node **failing) {
    if (g->opening) {
        for (uint32_t i = 0; i < g->sink_count; i++) {
            eng_sink *k = &g->sinks[i];
            *failing = k->node;
            kd_status s = k->node->kind == KD_LEVEL ? take_in(k) : KD_OK;
            if (s) return s;
        }
        return KD_OK;
    }
    uint32_t aside = 0; /* constants of a later stage wait for that stage's first time point */
    for (uint32_t i; (i = eng_bits_take(&g->sinks_touched)) != UINT32_MAX;) {
        eng_sink *k = &g->sinks[i];
        if (k->node->stage != g->stage) {
            k->aside = aside;
            aside = i + 1;
            continue;
        }
        if (k->node->kind == KD_PULSE) {
            hear_pulse(g, k);
            continue;
        }
        *failing = k->node;
        kd_status s = take_in(k);
        if (s) return s;
        hear_level(g, k);
    }
    for (; aside; aside = g->sinks[aside - 1].aside) eng_bits_set(&g->sinks_touched, aside - 1);
    return KD_OK;
}

void kd_engine_rows(const kd_engine *g, uint32_t id, kd_heard each, void *ctx) {
    uint32_t low = 0, high = g->sink_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (g->sinks[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < g->sink_count && g->sinks[low].id == id; low++) {
        const eng_sink *k = &g->sinks[low];
        if (k->node->kind != KD_LEVEL) continue;
        for (uint32_t e = 0; e < k->rows.rows.used; e++) {
            if (!eng_table_live(&k->rows.rows, e)) continue;
            const eng_held *h = eng_bag_held(&k->rows, e);
            if (h->was) each(ctx, id, h->note, 1, eng_bag_row(&k->rows, e), k->node->width);
        }
    }
}

/* resolve_order.c: events, facts and numbers, each after those that it uses; what uses itself is told. */
#include "lang/resolve.h"
#include <string.h>

/* Nodes are events, then facts, then numbers. `uses` of node i are edges[from[i]] to edges[from[i + 1]]. */
typedef struct graph {
    kd_front *f;
    size_t events, facts, count;
    size_t *from;
    uint32_t *edges;
    size_t edge_count;
} graph;

static int node_of(const graph *g, kd_str name) {
    const kd_entry *e = kd_index_find(g->f->index, KD_SPACE_NAMES, name);
    if (!e) return -1;
    if (e->what == KD_IS_EVENT) return (int)e->index;
    if (e->what == KD_IS_FACT) return (int)(g->events + e->index);
    if (e->what == KD_IS_NUMBER) return (int)(g->events + g->facts + e->index);
    return -1;
}

static void add_edge(graph *g, kd_str name) {
    int node = node_of(g, name);
    if (node >= 0)
        *(uint32_t *)kd_front_push(g->f, &g->edges, &g->edge_count, sizeof *g->edges) = (uint32_t)node;
}

static void walk_x(graph *g, const kd_ast_x *x);

static void walk_pattern(graph *g, const kd_ast_pattern *p) {
    if (!p) return;
    add_edge(g, p->name);
    for (size_t i = 0; i < p->where_count; i++) walk_x(g, p->where[i]);
}

static void walk_x(graph *g, const kd_ast_x *x) {
    if (!x) return;
    walk_pattern(g, x->pattern);
    for (size_t i = 0; i < x->kid_count; i++) walk_x(g, x->kids[i]);
}

static void walk(graph *g, size_t node) {
    const kd_ast *a = g->f->ast;
    if (node < g->events) {
        walk_pattern(g, a->events[node].pattern);
    } else if (node < g->events + g->facts) {
        const kd_ast_fact *x = &a->facts[node - g->events];
        for (size_t i = 0; i < x->begins_count; i++) walk_pattern(g, x->begins[i]);
        for (size_t i = 0; i < x->ends_count; i++) walk_pattern(g, x->ends[i]);
    } else {
        const kd_ast_number *n = &a->numbers[node - g->events - g->facts];
        walk_x(g, n->value);
        for (size_t i = 0; i < n->counted_count; i++) walk_x(g, n->counted[i].add);
    }
}

static kd_str name_of(const graph *g, size_t node) {
    const kd_ast *a = g->f->ast;
    if (node < g->events) return a->events[node].name;
    if (node < g->events + g->facts) return a->facts[node - g->events].name;
    return a->numbers[node - g->events - g->facts].name;
}

static kd_ast_ref ref_of(const graph *g, size_t node) {
    if (node < g->events) return (kd_ast_ref){KD_OF_EVENT, (uint32_t)node};
    if (node < g->events + g->facts) return (kd_ast_ref){KD_OF_FACT, (uint32_t)(node - g->events)};
    return (kd_ast_ref){KD_OF_NUMBER, (uint32_t)(node - g->events - g->facts)};
}

static kd_place place_of(const graph *g, size_t node) {
    const kd_ast *a = g->f->ast;
    if (node < g->events) return a->events[node].at;
    if (node < g->events + g->facts) return a->facts[node - g->events].at;
    return a->numbers[node - g->events - g->facts].at;
}

/* stack[from..depth) is the circle. */
static void tell_circle(graph *g, const uint32_t *stack, size_t from, size_t depth) {
    char path[300];
    size_t n = 0;
    for (size_t i = from; i <= depth; i++) {
        kd_str name = name_of(g, stack[i < depth ? i : from]);
        const char *arrow = i == from ? "`" : "`, which uses `";
        if (n + name.n + 40 > sizeof path) {
            static const char more[] = "`, and so on, `";
            memcpy(path + n, more, sizeof more - 1);
            n += sizeof more - 1;
            break;
        }
        memcpy(path + n, arrow, strlen(arrow));
        n += strlen(arrow);
        memcpy(path + n, name.p, name.n);
        n += name.n;
    }
    path[n++] = '`';
    path[n] = '\0';
    static const char *const sorts[] = {"notice", "event", "fact", "number"};
    kd_diagnose(g->f, place_of(g, stack[from]), "this %s depends on itself: %s",
                sorts[ref_of(g, stack[from]).target], path);
}

/* Depth first, with a stack of its own: a chain may be as long as the treaty. */
static void sort(graph *g, unsigned char *state, uint32_t *stack, size_t *next) {
    kd_ast *a = g->f->ast;
    enum { NEW, OPEN, DONE };
    for (size_t root = 0; root < g->count; root++) {
        if (state[root] != NEW) continue;
        size_t depth = 0;
        stack[depth++] = (uint32_t)root;
        state[root] = OPEN;
        next[root] = g->from[root];
        while (depth) {
            uint32_t node = stack[depth - 1];
            if (next[node] == g->from[node + 1]) {
                state[node] = DONE;
                a->order[a->order_count++] = ref_of(g, node);
                depth--;
                continue;
            }
            uint32_t used = g->edges[next[node]++];
            if (state[used] == NEW) {
                state[used] = OPEN;
                next[used] = g->from[used];
                stack[depth++] = used;
            } else if (state[used] == OPEN) {
                size_t from = depth;
                while (stack[from - 1] != used) from--;
                tell_circle(g, stack, from - 1, depth);
            }
        }
    }
}

void kd_resolve_order(kd_front *f) {
    graph g = {.f = f, .events = f->ast->event_count, .facts = f->t->fact_count};
    g.count = g.events + g.facts + f->ast->number_count;
    g.from = kd_front_take(f, g.count + 1, sizeof *g.from);
    if (f->nomem) return;
    for (size_t i = 0; i < g.count; i++) {
        g.from[i] = g.edge_count;
        walk(&g, i);
    }
    g.from[g.count] = g.edge_count;
    unsigned char *state = kd_front_take(f, g.count, sizeof *state);
    uint32_t *stack = kd_front_take(f, g.count, sizeof *stack);
    size_t *next = kd_front_take(f, g.count, sizeof *next);
    f->ast->order = kd_front_take(f, g.count, sizeof *f->ast->order);
    if (!f->nomem) sort(&g, state, stack, next);
}

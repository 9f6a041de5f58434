/* mfotl_lower_join.c: which parts of a conjunction are joined all at once.
 *
 *      A(x,y), B(y,z), C(z,x)      a cycle: any two of them may make far more rows than all three
 *      T(), A(x,y), B(y,z)         levels that are seldom asked for need not be kept by key
 *
 * Conjuncts are the edges of a hypergraph over variables. It has no cycle when nothing is left of it after
 * taking away, again and again, variables that one edge alone has and edges that lie within others (Graham
 * 1979; Yu and Ozsoyoglu, COMPSAC 1979). Without cycles joins of two, in a fitting order, make no more
 * rows than they must. */
#include "lang/mfotl_lower.h"

typedef struct edge {
    mf_var vars[KD_WIDTH_MAX];
    unsigned count;
} edge;

static edge edge_of(const mf_rel *r) {
    edge e = {.count = 0};
    for (unsigned i = 0; i < r->width; i++)
        if (r->at[i] < MF_SAME) e.vars[e.count++] = r->at[i];
    return e;
}

static bool has(const edge *e, mf_var v) {
    for (unsigned i = 0; i < e->count; i++)
        if (e->vars[i] == v) return true;
    return false;
}

static bool lies_within(const edge *a, const edge *b) {
    for (unsigned i = 0; i < a->count; i++)
        if (!has(b, a->vars[i])) return false;
    return true;
}

/* Takes away variables that no other edge has. */
static bool drop_lone_variables(edge *edges, unsigned n, unsigned k) {
    unsigned kept = 0, before = edges[k].count;
    for (unsigned i = 0; i < before; i++) {
        bool shared = false;
        for (unsigned o = 0; !shared && o < n; o++) shared = o != k && has(&edges[o], edges[k].vars[i]);
        if (shared) edges[k].vars[kept++] = edges[k].vars[i];
    }
    edges[k].count = kept;
    return kept < before;
}

static bool drop_inner_edge(edge *edges, unsigned *n, unsigned k) {
    for (unsigned o = 0; o < *n; o++) {
        if (o == k || !lies_within(&edges[k], &edges[o])) continue;
        edges[k] = edges[--*n];
        return true;
    }
    return false;
}

static bool is_cyclic(edge *edges, unsigned n) {
    for (bool more = true; more && n > 1;) {
        more = false;
        for (unsigned k = 0; k < n; k++)
            if (drop_lone_variables(edges, n, k) || drop_inner_edge(edges, &n, k)) more = true;
    }
    return n > 1;
}

/* A trigger without columns asks levels that share variables. */
static bool is_trigger(const mf_rel *known, const edge *levels, unsigned n) {
    for (unsigned i = 0; known && known->width == 0 && i + 1 < n; i++)
        for (unsigned k = 0; k < levels[i].count; k++)
            for (unsigned o = i + 1; o < n; o++)
                if (has(&levels[o], levels[i].vars[k])) return true;
    return false;
}

static bool is_worth_it(const mf_rel *known, const mf_rel *const *levels, unsigned count) {
    edge edges[KD_SIDES_MAX + 1];
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++) edges[n++] = edge_of(levels[i]);
    if (is_trigger(known, edges, n)) return true;
    if (known) edges[n++] = edge_of(known);
    return is_cyclic(edges, n);
}

/* The pulse's columns first, each for itself, then a column for each variable more. */
static bool put_side(mf_rel *r, const mf_rel *part, unsigned *columns) {
    for (unsigned i = 0; i < part->width; i++) {
        int c = mf_rel_column(r, part->at[i]);
        if (c < 0 && r->width == KD_WIDTH_MAX) return false;
        if (c < 0) r->at[c = (int)r->width++] = part->at[i];
        columns[i] = (unsigned)c;
    }
    return true;
}

bool mf_can_join_many(const mf_rel *r) {
    for (unsigned i = 0; i < r->width; i++)
        if (r->at[i] >= MF_SAME) return false;
    return r->kind == KD_LEVEL && !r->bag && !r->loose;
}

mf_rel mf_rel_join_many(mf_lowering *l, const mf_rel *known, const mf_rel *const *levels, unsigned count) {
    unsigned columns[KD_SIDES_MAX + 1][KD_WIDTH_MAX], n = 0;
    kd_side sides[KD_SIDES_MAX + 1];
    mf_rel r = known ? *known : (mf_rel){.kind = KD_LEVEL};
    if (count + (known != NULL) > KD_SIDES_MAX || !is_worth_it(known, levels, count)) return mf_rel_failed();
    if (known) {
        for (unsigned i = 0; i < known->width; i++) columns[0][i] = i;
        sides[n++] = (kd_side){known->node, columns[0]};
    }
    for (unsigned i = 0; i < count; i++, n++) {
        if (!put_side(&r, levels[i], columns[n])) return mf_rel_failed();
        sides[n] = (kd_side){levels[i]->node, columns[n]};
    }
    r.node = kd_plan_join_many(l->plan, sides, n, r.width);
    return r;
}

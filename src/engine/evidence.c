/* evidence.c: a tree of reasons over the rows of each group. */
#include "engine/evidence.h"

typedef struct leaf {
    int64_t count;
    uint32_t place, unused;
} leaf;

typedef struct tree_node {
    kd_reason reason;
    uint32_t leaf; /* at level 0 */
} tree_node;

void eng_evidence_open(eng_evidence *v, kd_engine *g) {
    v->g = g;
    eng_table_open(&v->leaves, &g->mem, 2, sizeof(leaf));
    eng_table_open(&v->tree, &g->mem, 2, sizeof(tree_node));
}

void eng_evidence_close(eng_evidence *v) {
    eng_table_close(&v->leaves);
    eng_table_close(&v->tree);
}

/* The level at which one node stands over all leaves. */
static unsigned top_of(uint32_t leaf_count) {
    unsigned level = 0;
    while (leaf_count && (leaf_count - 1) >> level) level++;
    return level;
}

static uint32_t find(const eng_evidence *v, uint32_t group, unsigned level, uint32_t place) {
    kd_value key[2] = {group, (kd_value)level << 32 | place};
    return eng_table_find(&v->tree, key);
}

static tree_node *node_at(const eng_evidence *v, uint32_t e) {
    return eng_table_payload(&v->tree, e);
}

static kd_reason reason_at(const eng_evidence *v, uint32_t group, unsigned level, uint32_t place) {
    uint32_t e = find(v, group, level, place);
    return e == ENG_NONE ? 0 : node_at(v, e)->reason;
}

static kd_status set(eng_evidence *v, uint32_t group, unsigned level, uint32_t place, tree_node value) {
    kd_value key[2] = {group, (kd_value)level << 32 | place};
    bool fresh;
    uint32_t e = eng_table_add(&v->tree, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    *node_at(v, e) = value;
    return KD_OK;
}

static void clear(eng_evidence *v, uint32_t group, unsigned level, uint32_t place) {
    uint32_t e = find(v, group, level, place);
    if (e != ENG_NONE) eng_table_remove(&v->tree, e);
}

/* Computes anew what stands over the leaf at `place`, as far as it stands over any of the leaves. */
static kd_status climb(eng_evidence *v, uint32_t group, uint32_t place, uint32_t leaf_count) {
    unsigned top = top_of(leaf_count);
    for (unsigned level = 1; level <= top; level++) {
        place /= 2;
        if (place << level >= leaf_count) continue;
        tree_node n = {0, 0};
        kd_status s = eng_both(v->g, reason_at(v, group, level - 1, 2 * place),
                               reason_at(v, group, level - 1, 2 * place + 1), &n.reason);
        if (!s) s = set(v, group, level, place, n);
        if (s) return s;
    }
    return KD_OK;
}

/* Takes the last leaf's place out of the tree, and what stands over nothing any more. */
static kd_status shorten(eng_evidence *v, uint32_t group, uint32_t leaf_count) {
    uint32_t last = leaf_count - 1;
    unsigned old_top = top_of(leaf_count), top = top_of(last);
    for (unsigned level = 0; level <= old_top; level++)
        if (level > top || (last >> level) << level >= last) clear(v, group, level, last >> level);
    return climb(v, group, last, last);
}

static kd_status remove_leaf(eng_evidence *v, uint32_t group, uint32_t *leaf_count, uint32_t e) {
    uint32_t place = ((const leaf *)eng_table_payload(&v->leaves, e))->place, last = *leaf_count - 1;
    eng_table_remove(&v->leaves, e);
    tree_node moved = *node_at(v, find(v, group, 0, last));
    kd_status s = shorten(v, group, *leaf_count);
    *leaf_count = last;
    if (s || place == last) return s;
    ((leaf *)eng_table_payload(&v->leaves, moved.leaf))->place = place;
    s = set(v, group, 0, place, moved);
    return s ? s : climb(v, group, place, last);
}

kd_status eng_evidence_add(eng_evidence *v, uint32_t group, uint32_t *leaf_count, kd_reason reason,
                           int64_t count) {
    kd_value key[2] = {group, reason};
    bool fresh;
    uint32_t e = eng_table_add(&v->leaves, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    leaf *l = eng_table_payload(&v->leaves, e);
    l->count += count;
    if (fresh) {
        l->place = (*leaf_count)++;
        kd_status s = set(v, group, 0, l->place, (tree_node){reason, e});
        return s ? s : climb(v, group, l->place, *leaf_count);
    }
    return l->count == 0 ? remove_leaf(v, group, leaf_count, e) : KD_OK;
}

kd_reason eng_evidence_all(const eng_evidence *v, uint32_t group, uint32_t leaf_count) {
    return leaf_count ? reason_at(v, group, top_of(leaf_count), 0) : 0;
}

/* median.c: trees of values balanced by weight. */
#include "engine/median.h"

/* Of two siblings one weighs at most HEAVY times the other; LEANS decides between one rotation and two. That
 * pair keeps the balance under insertion and deletion (Hirai and Yamamoto, JFP 2011). */
#define HEAVY 3u
#define LEANS 2u

/* A tree of 2^32 nodes with these weights is lower than log 2^32 / log (4/3) = 78. */
#define DEEPEST 96

typedef struct node {
    kd_value value;
    int64_t count;  /* copies of the value */
    uint64_t total; /* copies in the tree below, this node's own too; exact once a time point is settled */
    uint32_t side[2], size;
    uint32_t unused;
} node;

void eng_ordered_open(eng_ordered *o, eng_mem *mem) {
    eng_pool_open(&o->nodes, mem, sizeof(node));
}

void eng_ordered_close(eng_ordered *o) {
    eng_pool_close(&o->nodes);
}

static node *at(const eng_ordered *o, uint32_t e) {
    return eng_pool_at(&o->nodes, e);
}
static uint64_t total(const eng_ordered *o, uint32_t e) {
    return e == ENG_NONE ? 0 : at(o, e)->total;
}
static uint64_t weight(const eng_ordered *o, uint32_t e) {
    return e == ENG_NONE ? 1 : (uint64_t)at(o, e)->size + 1;
}

static void measure(const eng_ordered *o, uint32_t e) {
    node *n = at(o, e);
    n->total = (uint64_t)n->count + total(o, n->side[0]) + total(o, n->side[1]);
    n->size = (uint32_t)(weight(o, n->side[0]) + weight(o, n->side[1]) - 1);
}

/* The child on side d comes up, the tree's root goes down on the other; returns the new root.
 *
 *          e             c                  (d = 1)
 *         / \           / \
 *        A   c   ─▶    e   C
 *           / \       / \
 *          B   C     A   B                                                                          */
static uint32_t rotate(const eng_ordered *o, uint32_t e, unsigned d) {
    node *n = at(o, e);
    uint32_t c = n->side[d];
    n->side[d] = at(o, c)->side[1 - d];
    at(o, c)->side[1 - d] = e;
    measure(o, e);
    measure(o, c);
    return c;
}

/* Measures the tree at e, whose sides are balanced and at most one node from where they were; balances it. */
static uint32_t mend(const eng_ordered *o, uint32_t e) {
    node *n = at(o, e);
    measure(o, e);
    for (unsigned d = 0; d < 2; d++) {
        if (weight(o, n->side[d]) <= HEAVY * weight(o, n->side[1 - d])) continue;
        const node *c = at(o, n->side[d]);
        if (weight(o, c->side[1 - d]) >= LEANS * weight(o, c->side[d]))
            n->side[d] = rotate(o, n->side[d], 1 - d);
        return rotate(o, e, d);
    }
    return e;
}

/* The way from the root down to a node. */
typedef struct way {
    uint32_t nodes[DEEPEST];
    uint8_t sides[DEEPEST]; /* the side taken from each */
    unsigned n;
} way;

static void go(way *w, uint32_t e, unsigned side) {
    w->nodes[w->n] = e;
    w->sides[w->n++] = (uint8_t)side;
}

/* Hangs `below` where the way ends and mends all trees on it. */
static void go_back(const eng_ordered *o, way *w, uint32_t below, uint32_t *root) {
    while (w->n > 0) {
        uint32_t e = w->nodes[--w->n];
        at(o, e)->side[w->sides[w->n]] = below;
        below = mend(o, e);
    }
    *root = below;
}

/* Gives up node e, at which the way ends; returns what takes its place there. Of two sides, the next value
 * moves into e, and its own node goes. */
static uint32_t take_out(eng_ordered *o, way *w, uint32_t e) {
    if (at(o, e)->side[0] != ENG_NONE && at(o, e)->side[1] != ENG_NONE) {
        uint32_t after = at(o, e)->side[1];
        go(w, e, 1);
        for (; at(o, after)->side[0] != ENG_NONE; after = at(o, after)->side[0]) go(w, after, 0);
        at(o, e)->value = at(o, after)->value;
        at(o, e)->count = at(o, after)->count;
        e = after;
    }
    const node *n = at(o, e);
    uint32_t rest = n->side[0] != ENG_NONE ? n->side[0] : n->side[1];
    eng_pool_give(&o->nodes, e);
    return rest;
}

kd_status eng_ordered_add(eng_ordered *o, uint32_t *root, kd_value value, int64_t count) {
    way w = {.n = 0};
    uint32_t e = *root;
    while (e != ENG_NONE && at(o, e)->value != value) {
        unsigned d = value > at(o, e)->value;
        go(&w, e, d);
        e = at(o, e)->side[d];
    }
    if (count == 0) return KD_OK;
    if (e == ENG_NONE) {
        if ((e = eng_pool_take(&o->nodes)) == ENG_NONE) return KD_NOMEM;
        *at(o, e) = (node){.value = value, .count = count, .side = {ENG_NONE, ENG_NONE}};
    } else if (__builtin_add_overflow(at(o, e)->count, count, &at(o, e)->count)) {
        return KD_INVALID;
    }
    uint32_t below = at(o, e)->count ? mend(o, e) : take_out(o, &w, e);
    go_back(o, &w, below, root);
    return KD_OK;
}

kd_value eng_ordered_at(const eng_ordered *o, uint32_t root, int64_t k) {
    for (uint32_t e = root;;) {
        const node *n = at(o, e);
        int64_t before = (int64_t)total(o, n->side[0]);
        if (k >= before && k < before + n->count) return n->value;
        unsigned d = k >= before;
        if (d) k -= before + n->count;
        e = n->side[d];
    }
}

/* ---- Saved and loaded -----------------------------------------------------------------------------------*/

static void load_value(eng_walk *w, eng_ordered *o, uint32_t *root, int64_t *left) {
    kd_value value = 0;
    int64_t count = 0;
    eng_walk_i64(w, &value);
    eng_walk_i64(w, &count);
    if (w->failed || !eng_walk_check(w, count > 0 && count <= *left)) return;
    *left -= count;
    kd_status s = eng_ordered_add(o, root, value, count);
    if (s && !w->failed) w->failed = s;
}

static void save_values(eng_walk *w, eng_ordered *o, uint32_t root) {
    uint32_t above[DEEPEST];
    unsigned n = 0;
    for (uint32_t e = root; e != ENG_NONE || n > 0;) {
        for (; e != ENG_NONE; e = at(o, e)->side[0]) above[n++] = e;
        e = above[--n];
        eng_walk_i64(w, &at(o, e)->value);
        eng_walk_i64(w, &at(o, e)->count);
        e = at(o, e)->side[1];
    }
}

kd_status eng_ordered_walk(eng_walk *w, eng_ordered *o, uint32_t *root, int64_t count) {
    size_t n = *root == ENG_NONE ? 0 : at(o, *root)->size;
    if (!eng_walk_count(w, &n, 16)) return w->failed;
    if (!eng_walk_loads(w)) {
        save_values(w, o, *root);
        return w->failed;
    }
    for (size_t i = 0; !w->failed && i < n; i++) load_value(w, o, root, &count);
    eng_walk_check(w, count == 0);
    return w->failed;
}

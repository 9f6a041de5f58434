/* extreme.c: pairing heaps over the entries of a table (Fredman, Sedgewick, Sleator, Tarjan 1986). */
#include "engine/extreme.h"

/* A node's first child, its next sibling, and the sibling before it, or the parent when it is the first. */
typedef struct heap_node {
    int64_t count;
    uint32_t child, next, prev;
    uint8_t in_heap, touched;
} heap_node;

void eng_extremes_open(eng_extremes *x, eng_mem *mem, bool greatest, eng_order order) {
    *x = (eng_extremes){.greatest = greatest, .order = order};
    eng_table_open(&x->values, mem, 2, sizeof(heap_node));
}

void eng_extremes_close(eng_extremes *x) {
    if (!x->values.mem) return;
    eng_list_close(x->values.mem, &x->touched);
    eng_table_close(&x->values);
}

static heap_node *at(const eng_extremes *x, uint32_t e) {
    return eng_table_payload(&x->values, e);
}

kd_value eng_extremes_value(const eng_extremes *x, uint32_t root) {
    return eng_table_key(&x->values, root)[1];
}

/* Makes one heap of two; the loser becomes the winner's first child. */
static uint32_t meld(eng_extremes *x, uint32_t a, uint32_t b) {
    if (a == ENG_NONE) return b;
    if (b == ENG_NONE) return a;
    kd_value va = eng_extremes_value(x, a), vb = eng_extremes_value(x, b);
    bool b_wins = x->greatest ? eng_order_less(&x->order, va, vb) : eng_order_less(&x->order, vb, va);
    uint32_t winner = b_wins ? b : a, loser = b_wins ? a : b;
    heap_node *w = at(x, winner), *l = at(x, loser);
    l->next = w->child;
    l->prev = winner;
    if (w->child != ENG_NONE) at(x, w->child)->prev = loser;
    w->child = loser;
    w->next = w->prev = ENG_NONE;
    return winner;
}

/* Melds siblings two by two from the left, then the pairs from the right. */
static uint32_t meld_siblings(eng_extremes *x, uint32_t first) {
    uint32_t pairs = ENG_NONE; /* the last pair first, linked by next */
    while (first != ENG_NONE) {
        uint32_t second = at(x, first)->next;
        uint32_t rest = second == ENG_NONE ? ENG_NONE : at(x, second)->next;
        uint32_t pair = meld(x, first, second);
        at(x, pair)->next = pairs;
        pairs = pair;
        first = rest;
    }
    uint32_t root = ENG_NONE;
    while (pairs != ENG_NONE) {
        uint32_t rest = at(x, pairs)->next;
        at(x, pairs)->next = ENG_NONE;
        root = meld(x, root, pairs);
        pairs = rest;
    }
    if (root != ENG_NONE) at(x, root)->next = at(x, root)->prev = ENG_NONE;
    return root;
}

static void insert(eng_extremes *x, uint32_t *root, uint32_t e) {
    heap_node *n = at(x, e);
    n->child = n->next = n->prev = ENG_NONE;
    n->in_heap = 1;
    *root = meld(x, *root, e);
}

static void take_out(eng_extremes *x, uint32_t *root, uint32_t e) {
    heap_node *n = at(x, e);
    uint32_t below = meld_siblings(x, n->child);
    n->in_heap = 0;
    if (*root == e) {
        *root = below;
        return;
    }
    heap_node *before = at(x, n->prev);
    if (before->child == e)
        before->child = n->next;
    else
        before->next = n->next;
    if (n->next != ENG_NONE) at(x, n->next)->prev = n->prev;
    *root = meld(x, *root, below);
}

kd_status eng_extremes_add(eng_extremes *x, uint32_t group, kd_value value, int64_t count) {
    kd_value key[2] = {group, value};
    bool fresh;
    uint32_t e = eng_table_add(&x->values, key, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    heap_node *n = at(x, e);
    if (!n->touched) {
        if (!eng_list_put(x->values.mem, &x->touched, e)) return KD_NOMEM;
        n->touched = 1;
    }
    return __builtin_add_overflow(n->count, count, &n->count) ? KD_INVALID : KD_OK;
}

void eng_extremes_settle(eng_extremes *x, uint32_t *(*root_of)(void *owner, uint32_t group), void *owner) {
    for (size_t i = 0; i < x->touched.n; i++) {
        uint32_t e = x->touched.items[i];
        heap_node *n = at(x, e);
        uint32_t *root = root_of(owner, (uint32_t)eng_table_key(&x->values, e)[0]);
        n->touched = 0;
        if (n->count > 0 && !n->in_heap) insert(x, root, e);
        if (n->count != 0) continue;
        if (n->in_heap) take_out(x, root, e);
        eng_table_remove(&x->values, e);
    }
    x->touched.n = 0;
}

int64_t eng_extremes_count(const eng_extremes *x, uint32_t e) {
    return at(x, e)->count;
}

static void walk_value(eng_walk *w, void *payload) {
    heap_node *n = payload;
    eng_walk_i64(w, &n->count);
    eng_walk_check(w, n->count > 0);
}

kd_status eng_extremes_walk(eng_walk *w, eng_extremes *x, const eng_table *groups,
                            uint32_t *(*root_of)(void *owner, uint32_t group), void *owner) {
    if (eng_walk_loads(w)) x->touched.n = 0;
    eng_walk_measure(w, 0, x->touched.room * sizeof *x->touched.items);
    eng_walk_table(w, &x->values, walk_value);
    for (uint32_t e = 0; eng_walk_loads(w) && !w->failed && e < x->values.used; e++) {
        if (!eng_table_live(&x->values, e)) continue;
        kd_value group = eng_table_key(&x->values, e)[0];
        bool there = group >= 0 && group < groups->used && eng_table_live(groups, (uint32_t)group);
        if (eng_walk_check(w, there)) insert(x, root_of(owner, (uint32_t)group), e);
    }
    return w->failed;
}

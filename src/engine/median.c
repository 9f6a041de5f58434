/* median.c: values in order: sorted arrays, and trees balanced by weight. */
#include "engine/median.h"
#include "engine/walk.h"

#include <string.h>

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

/* Form f, from 1, is an array in arrays[f - 1]; form 0 is a tree. */
#define TREE 0u
#define FEW  64u /* so many values of a tree go back into an array */

typedef struct array {
    uint64_t n;
    kd_value values[];
} array;

static size_t room_of(unsigned form) { /* with `n`, a power of two of words */
    return ((size_t)8 << (form - 1)) - 1;
}

void eng_ordered_open(eng_ordered *o, eng_mem *mem) {
    eng_pool_open(&o->nodes, mem, sizeof(node));
    for (unsigned f = 1; f <= ENG_ORDERED_ARRAYS; f++)
        eng_pool_open(&o->arrays[f - 1], mem, sizeof(array) + room_of(f) * sizeof(kd_value));
}

void eng_ordered_close(eng_ordered *o) {
    eng_pool_close(&o->nodes);
    for (unsigned f = 1; f <= ENG_ORDERED_ARRAYS; f++) eng_pool_close(&o->arrays[f - 1]);
}

/* ---- Trees ----------------------------------------------------------------------------------------------*/

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

static kd_status tree_add(eng_ordered *o, uint32_t *root, kd_value value, int64_t count) {
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

static kd_value tree_at(const eng_ordered *o, uint32_t root, int64_t k) {
    for (uint32_t e = root;;) {
        const node *n = at(o, e);
        int64_t before = (int64_t)total(o, n->side[0]);
        if (k >= before && k < before + n->count) return n->value;
        unsigned d = k >= before;
        if (d) k -= before + n->count;
        e = n->side[d];
    }
}

/* The nodes of a tree in the order of their values, one after the other. */
typedef struct tour {
    uint32_t above[DEEPEST], below;
    unsigned n;
} tour;

static uint32_t tour_next(const eng_ordered *o, tour *t) {
    for (; t->below != ENG_NONE; t->below = at(o, t->below)->side[0]) t->above[t->n++] = t->below;
    if (!t->n) return ENG_NONE;
    uint32_t e = t->above[--t->n];
    t->below = at(o, e)->side[1];
    return e;
}

/* ---- Arrays ---------------------------------------------------------------------------------------------*/

static array *array_at(const eng_ordered *o, uint32_t root, unsigned form) {
    return eng_pool_at(&o->arrays[form - 1], root);
}

/* How many of the values are below x; without a branch that the values decide. */
static size_t below(const kd_value *v, size_t n, kd_value x) {
    const kd_value *from = v;
    while (n > 1) {
        size_t half = n / 2;
        from += half & -(size_t)(from[half - 1] < x);
        n -= half;
    }
    return (size_t)(from - v) + (n && *from < x);
}

/* Moves the values [i .. n) of an array by some places. A few are moved one by one: a call that must look
 * how many they are takes longer. */
static void move_up(kd_value *v, size_t i, size_t n, size_t by) {
    if (n - i > 16)
        memmove(v + i + by, v + i, (n - i) * sizeof *v);
    else
        for (size_t k = n; k > i; k--) v[k - 1 + by] = v[k - 1];
}
static void move_down(kd_value *v, size_t i, size_t n, size_t by) {
    if (n - i > 16)
        memmove(v + i - by, v + i, (n - i) * sizeof *v);
    else
        for (; i < n; i++) v[i - by] = v[i];
}

/* The values move into an array of another form. */
static kd_status change_form(eng_ordered *o, uint32_t *root, uint8_t *form, unsigned to) {
    uint32_t fresh = eng_pool_take(&o->arrays[to - 1]);
    if (fresh == ENG_NONE) return KD_NOMEM;
    array *a = array_at(o, fresh, to);
    a->n = 0;
    if (*form) {
        const array *old = array_at(o, *root, *form);
        memcpy(a, old, sizeof *old + old->n * sizeof *old->values);
        eng_pool_give(&o->arrays[*form - 1], *root);
    }
    *root = fresh;
    *form = (uint8_t)to;
    return KD_OK;
}

static kd_status array_to_tree(eng_ordered *o, uint32_t *root, uint8_t *form) {
    uint32_t tree = ENG_NONE;
    const array *a = array_at(o, *root, *form);
    for (size_t i = 0, k; i < a->n; i = k) {
        for (k = i + 1; k < a->n && a->values[k] == a->values[i];) k++;
        kd_status s = tree_add(o, &tree, a->values[i], (int64_t)(k - i));
        if (s) return s;
    }
    eng_pool_give(&o->arrays[*form - 1], *root);
    *root = tree;
    *form = TREE;
    return KD_OK;
}

/* When the tree has few values by now, and while a time point is not settled none that is owed. */
static kd_status tree_to_array(eng_ordered *o, uint32_t *root, uint8_t *form) {
    enum { FORM = ENG_ORDERED_ARRAYS - 1 };
    uint32_t nodes[FEW], n = 0;
    kd_value values[FEW];
    size_t count = 0;
    tour t = {.below = *root};
    for (uint32_t e; (e = tour_next(o, &t)) != ENG_NONE;) {
        int64_t copies = at(o, e)->count;
        if (n == FEW || copies <= 0 || copies > (int64_t)FEW - (int64_t)count) return KD_OK;
        nodes[n++] = e;
        while (copies-- > 0) values[count++] = at(o, e)->value;
    }
    uint32_t fresh = eng_pool_take(&o->arrays[FORM - 1]);
    if (fresh == ENG_NONE) return KD_NOMEM;
    array *a = array_at(o, fresh, FORM);
    a->n = count;
    memcpy(a->values, values, count * sizeof *values);
    while (n > 0) eng_pool_give(&o->nodes, nodes[--n]);
    *root = fresh;
    *form = FORM;
    return KD_OK;
}

/* An array with room for n values; a tree when none has it. */
static kd_status make_room(eng_ordered *o, uint32_t *root, uint8_t *form, size_t n) {
    unsigned to = *form ? *form : 1;
    while (to <= ENG_ORDERED_ARRAYS && room_of(to) < n) to++;
    if (to == *form) return KD_OK;
    if (to <= ENG_ORDERED_ARRAYS) return change_form(o, root, form, to);
    return *form ? array_to_tree(o, root, form) : KD_OK;
}

static kd_status put_in(eng_ordered *o, uint32_t *root, uint8_t *form, kd_value value, int64_t count) {
    size_t n = *form ? array_at(o, *root, *form)->n : 0;
    kd_status s = make_room(o, root, form, count > UINT8_MAX ? SIZE_MAX : n + (size_t)count);
    if (s) return s;
    if (*form == TREE) return tree_add(o, root, value, count);
    array *a = array_at(o, *root, *form);
    size_t i = below(a->values, n, value);
    move_up(a->values, i, n, (size_t)count);
    for (int64_t k = 0; k < count; k++) a->values[i + (size_t)k] = value;
    a->n = n + (size_t)count;
    return KD_OK;
}

/* More copies than there are are owed to a later row of the time point: a tree can count below 0. */
static kd_status take_from(eng_ordered *o, uint32_t *root, uint8_t *form, kd_value value, int64_t count) {
    array *a = array_at(o, *root, *form);
    size_t n = a->n, i = below(a->values, n, value), k = i;
    while (k < n && a->values[k] == value && (int64_t)(k - i) < count) k++;
    if ((int64_t)(k - i) < count) {
        kd_status s = array_to_tree(o, root, form);
        return s ? s : tree_add(o, root, value, -count);
    }
    move_down(a->values, k, n, (size_t)count);
    a->n = n - (size_t)count;
    if (a->n == 0) {
        eng_pool_give(&o->arrays[*form - 1], *root);
        *root = ENG_NONE;
        *form = TREE;
    } else if (*form > 1 && a->n < room_of(*form) / 4) {
        return change_form(o, root, form, *form - 1u);
    }
    return KD_OK;
}

/* ---- One value among few --------------------------------------------------------------------------------*/

#define SOME 16u

static inline void put_one(kd_value *v, size_t n, kd_value x) {
    for (; n > 0 && v[n - 1] > x; n--) v[n] = v[n - 1];
    v[n] = x;
}

/* False when there is no x. */
static inline bool take_one(kd_value *v, size_t n, kd_value x) {
    size_t i = 0;
    while (i < n && v[i] < x) i++;
    if (i == n || v[i] != x) return false;
    for (; i + 1 < n; i++) v[i] = v[i + 1];
    return true;
}

/* One copy more, or one less (count -1), where the form stays and none is owed; else false, and nothing is
 * changed. Among so few a plain search and plain moves cost less than better ones. */
static inline bool add_one(array *a, unsigned form, kd_value value, int64_t count) {
    size_t n = a->n, room = room_of(form);
    if (count == 1 && n < room && n < SOME)
        put_one(a->values, n, value);
    else if (count != -1 || n <= room / 4 || n > SOME || !take_one(a->values, n, value))
        return false;
    a->n = n + (size_t)count;
    return true;
}

/* ---- Both -----------------------------------------------------------------------------------------------*/

static kd_status add(eng_ordered *o, uint32_t *root, uint8_t *form, kd_value value, int64_t count) {
    bool array_or_none = *form || *root == ENG_NONE;
    if (count == 0) return KD_OK;
    if (array_or_none && count > 0) return put_in(o, root, form, value, count);
    if (*form && count > -INT64_MAX) return take_from(o, root, form, value, -count);
    kd_status s = *form ? array_to_tree(o, root, form) : KD_OK;
    if (!s) s = tree_add(o, root, value, count);
    if (!s && count < 0 && *root != ENG_NONE && at(o, *root)->total <= FEW) s = tree_to_array(o, root, form);
    return s;
}

kd_status eng_ordered_add(eng_ordered *o, uint32_t *root, uint8_t *form, kd_value value, int64_t count) {
    if (*form && add_one(array_at(o, *root, *form), *form, value, count)) return KD_OK;
    return add(o, root, form, value, count);
}

kd_value eng_ordered_at(const eng_ordered *o, uint32_t root, uint8_t form, int64_t k) {
    return form ? array_at(o, root, form)->values[k] : tree_at(o, root, k);
}

/* ---- Saved and loaded -----------------------------------------------------------------------------------
 *
 * Each different value with the number of its copies, in order: the form shows only in memory. */

static void save_value(eng_walk *w, kd_value value, int64_t count) {
    eng_walk_i64(w, &value);
    eng_walk_i64(w, &count);
}

static void load_value(eng_walk *w, eng_ordered *o, uint32_t *root, uint8_t *form, int64_t *left) {
    kd_value value = 0;
    int64_t count = 0;
    eng_walk_i64(w, &value);
    eng_walk_i64(w, &count);
    if (w->failed || !eng_walk_check(w, count > 0 && count <= *left)) return;
    *left -= count;
    kd_status s = eng_ordered_add(o, root, form, value, count);
    if (s && !w->failed) w->failed = s;
}

static void save_array(eng_walk *w, const array *a) {
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) n += i == 0 || a->values[i] != a->values[i - 1];
    if (!eng_walk_count(w, &n, 16)) return;
    for (size_t i = 0, k; i < a->n; i = k) {
        for (k = i + 1; k < a->n && a->values[k] == a->values[i];) k++;
        save_value(w, a->values[i], (int64_t)(k - i));
    }
}

static void save_tree(eng_walk *w, const eng_ordered *o, uint32_t root) {
    size_t n = root == ENG_NONE ? 0 : at(o, root)->size;
    tour t = {.below = root};
    if (!eng_walk_count(w, &n, 16)) return;
    for (uint32_t e; (e = tour_next(o, &t)) != ENG_NONE;) save_value(w, at(o, e)->value, at(o, e)->count);
}

kd_status eng_ordered_walk(eng_walk *w, eng_ordered *o, uint32_t *root, uint8_t *form, int64_t count) {
    if (!eng_walk_loads(w)) {
        if (*form)
            save_array(w, array_at(o, *root, *form));
        else
            save_tree(w, o, *root);
        return w->failed;
    }
    size_t n = 0;
    if (!eng_walk_count(w, &n, 16)) return w->failed;
    for (size_t i = 0; !w->failed && i < n; i++) load_value(w, o, root, form, &count);
    eng_walk_check(w, count == 0);
    return w->failed;
}

void eng_ordered_measure(eng_walk *w, const eng_ordered *o) {
    eng_walk_measure(w, o->nodes.live, o->nodes.room * o->nodes.piece_bytes);
    for (unsigned f = 1; f <= ENG_ORDERED_ARRAYS; f++) {
        const eng_pool *p = &o->arrays[f - 1];
        eng_walk_measure(w, p->live, p->room * p->piece_bytes);
    }
}

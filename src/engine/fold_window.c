/* fold_window.c: folds of the rows of ONCE[0,high], for readers that look groups up, where nobody else
 * reads the window (fuse.c): rows go from the pulse into their groups and, when they are too old, out
 * again, in the order in which they came. No change is put out between the two, and nothing happens until
 * somebody asks.
 *
 *      pulse ─▶ | instant, what is folded, group | ... ─▶ front is too old: out of its group
 *
 * A window is a set: a row that is pulsed again moves to the end of the line, and what it leaves behind
 * counts for nothing. A table says for each row what its place in the line is. Rows whose place has left the
 * line are too old; they stay in the table until there are as many as half of the others, and are then swept,
 * which costs a fraction of taking each out. Rows that have the number of their time point among their
 * columns differ from all earlier ones and need no table; without an end there is no line. */
#include "engine/fold.h"
#include "engine/walk.h"

#include <string.h>

#define SWEPT_FROM 1024 /* rows of the table; fewer are not worth it */

typedef struct folded {
    kd_instant at; /* of the row's newest pulse */
    kd_value value;
    uint32_t group, row; /* the table's entry; ENG_NONE: it was pulsed again */
} folded;

typedef struct windowed {
    eng_groups groups;
    int64_t high;
    bool come_once; /* rows of different time points differ */
    eng_table rows; /* with each its place in the line, an int64_t */
    uint32_t sweep_at;
    folded *line; /* places [head .. tail), each modulo the room, a power of two */
    size_t room;
    int64_t head, tail;
    size_t left_behind; /* places of rows that were pulsed again */
} windowed;

/* ---- Opening --------------------------------------------------------------------------------------------*/

/* Is the number of the time point one of the columns? */
static bool is_numbered(const kd_engine *g, const eng_node *pulse) {
    for (size_t i = 0; pulse->op == &eng_op_map && i < pulse->word_count; i++)
        if (g->plan->exprs[pulse->words[i]].op == KD_X_INDEX) return true;
    return false;
}

static kd_status open_groups(windowed *s, kd_engine *g, const eng_node *n) {
    kd_status st = eng_groups_open(&s->groups, g, n, false);
    if (!st && s->groups.fold.always) eng_group_at(&s->groups, 0)->was = 1;
    return st;
}

static kd_status open(kd_engine *g, eng_node *n) {
    windowed *s = n->state;
    s->high = eng_fused_window(g->plan, n)->words[1];
    s->come_once = is_numbered(g, n->in[0]);
    s->sweep_at = s->high == KD_NEVER ? UINT32_MAX : SWEPT_FROM;
    eng_table_open(&s->rows, &g->mem, n->in[0]->width, sizeof(int64_t));
    return open_groups(s, g, n);
}

static void close(kd_engine *g, eng_node *n) {
    windowed *s = n->state;
    eng_groups_close(&s->groups);
    eng_table_close(&s->rows);
    eng_release(&g->mem, &s->line, &s->room, sizeof *s->line);
}

/* ---- In and out of groups -------------------------------------------------------------------------------*/

static kd_status enter(windowed *s, uint32_t group, kd_value v) {
    eng_group *p = eng_group_at(&s->groups, group);
    p->was = p->stale = 1;
    return eng_groups_add(&s->groups, group, v, 1);
}

static kd_status leave(windowed *s, uint32_t group, kd_value v) {
    kd_status st = eng_groups_add(&s->groups, group, v, -1);
    eng_group_at(&s->groups, group)->stale = 1;
    eng_groups_release(&s->groups, group);
    return st;
}

/* ---- The line -------------------------------------------------------------------------------------------*/

static inline folded *line_at(const windowed *s, int64_t place) {
    return &s->line[(size_t)place & (s->room - 1)];
}
static inline int64_t *place_of(const windowed *s, uint32_t row) {
    return eng_table_payload(&s->rows, row);
}
static inline bool stands(const windowed *s, uint32_t row) {
    return *place_of(s, row) >= s->head;
}

/* Rows move up to where others have left the line. */
static void close_up(windowed *s) {
    int64_t to = s->head;
    for (int64_t i = s->head; i < s->tail; i++) {
        folded f = *line_at(s, i);
        if (f.row == ENG_NONE) continue;
        *place_of(s, f.row) = to;
        *line_at(s, to++) = f;
    }
    s->tail = to;
    s->left_behind = 0;
}

static bool make_longer(windowed *s) {
    size_t old = s->room;
    if (s->left_behind > old / 4) {
        close_up(s);
        return true;
    }
    if (!eng_reserve(&s->groups.g->mem, &s->line, &s->room, old + 1, sizeof *s->line)) return false;
    for (int64_t i = s->head; old && i < s->tail; i++)
        if ((size_t)i & old) *line_at(s, i) = s->line[(size_t)i & (old - 1)];
    return true;
}

static inline bool line_has_room(windowed *s) {
    return (size_t)(s->tail - s->head) < s->room || make_longer(s);
}

/* Rows leave that are too old. */
static kd_status drop_before(windowed *s, kd_instant bound) {
    kd_status st = KD_OK;
    for (; !st && s->head < s->tail && line_at(s, s->head)->at < bound; s->head++) {
        const folded *f = line_at(s, s->head);
        if (f->row == ENG_NONE)
            s->left_behind--;
        else
            st = leave(s, f->group, f->value);
    }
    return st;
}

/* ---- Rows that may come again ---------------------------------------------------------------------------*/

/* Rows have new numbers after a sweep. */
static bool sweep(windowed *s) {
    bool fits = eng_table_sweep(&s->rows, s->head);
    for (uint32_t e = 0; e < s->rows.used; e++) line_at(s, *place_of(s, e))->row = e;
    uint32_t live = s->rows.live;
    s->sweep_at = live < SWEPT_FROM / 2 ? SWEPT_FROM : live + live / 2;
    return fits;
}

static uint32_t make_row(windowed *s, const kd_value *row, uint32_t hash) {
    if (s->rows.live >= s->sweep_at && !sweep(s)) return ENG_NONE;
    return eng_table_make(&s->rows, row, hash);
}

/* To the end of the line; a row that is not in it enters its group too. */
static inline kd_status append(windowed *s, const kd_value *row, uint32_t e, kd_value v, kd_instant at,
                               uint32_t group) {
    bool enters = group == ENG_NONE;
    if (enters && (group = eng_groups_of(&s->groups, row)) == ENG_NONE) return KD_NOMEM;
    *place_of(s, e) = s->tail;
    if (s->high != KD_NEVER) *line_at(s, s->tail++) = (folded){at, v, group, e};
    return enters ? enter(s, group, v) : KD_OK;
}

ENG_FOR_WIDTH kd_status take_row(windowed *s, const kd_value *row, uint32_t hash, kd_instant at,
                                 unsigned width) {
    eng_table *t = &s->rows;
    kd_value v = eng_fold_value(&s->groups.fold, row);
    uint32_t e = ENG_NONE, slot = 0, group = ENG_NONE;
    if (v == KD_ABSENT) return KD_OK;
    if (s->high != KD_NEVER && !line_has_room(s)) return KD_NOMEM;
    if (t->slot_count) e = eng_table_entry(t, slot = eng_table_seek(t, row, hash, width));
    if (e == ENG_NONE) {
        bool at_once = t->slot_count && t->live < s->sweep_at;
        e = at_once ? eng_table_fill(t, slot, row, hash, width) : make_row(s, row, hash);
        if (e == ENG_NONE) return KD_NOMEM;
    } else if (stands(s, e)) {
        if (s->high == KD_NEVER) return KD_OK;
        folded *f = line_at(s, *place_of(s, e));
        if (f->at == at) return KD_OK;
        group = f->group;
        f->row = ENG_NONE;
        s->left_behind++;
    }
    return append(s, row, e, v, at, group);
}

/* Rows are taken some at a time: all are hashed, and their slots asked for, before the first is searched. */
ENG_FOR_WIDTH kd_status take_some(windowed *s, const kd_value *rows, size_t n, kd_instant at,
                                  unsigned width) {
    kd_status st = KD_OK;
    uint32_t hashes[16];
    for (size_t from = 0; !st && from < n; from += 16) {
        size_t some = n - from < 16 ? n - from : 16;
        for (size_t i = 0; i < some; i++) {
            hashes[i] = eng_hash(rows + (from + i) * width, width);
            if (s->rows.slot_count) __builtin_prefetch(&s->rows.slots[hashes[i] & (s->rows.slot_count - 1)]);
        }
        for (size_t i = 0; !st && i < some; i++)
            st = take_row(s, rows + (from + i) * width, hashes[i], at, width);
    }
    return st;
}

static kd_status take_rows(windowed *s, const kd_value *rows, size_t n, kd_instant at) {
    switch (s->rows.key_words) {
    case 1:
        return take_some(s, rows, n, at, 1);
    case 2:
        return take_some(s, rows, n, at, 2);
    default:
        return take_some(s, rows, n, at, s->rows.key_words);
    }
}

/* ---- Rows that come once --------------------------------------------------------------------------------*/

static kd_status take_folded(windowed *s, uint32_t group, kd_value v, kd_instant at) {
    if (group == ENG_NONE) return KD_NOMEM;
    if (s->high != KD_NEVER) {
        if (!line_has_room(s)) return KD_NOMEM;
        *line_at(s, s->tail++) = (folded){at, v, group, 0};
    }
    return enter(s, group, v);
}

/* A row may be there twice at its time point. */
static bool is_first(const kd_engine *g, const eng_node *in, size_t i) {
    const kd_value *row = eng_batch_row(in, i);
    if (in->out.n > ENG_LINEAR_MAX) return eng_match_find(&g->match, row, 0) == i;
    for (size_t k = 0; k < i; k++)
        if (eng_same(eng_batch_row(in, k), row, in->width)) return false;
    return true;
}

static kd_status take_once(kd_engine *g, windowed *s, const eng_node *in) {
    uint8_t columns[KD_WIDTH_MAX];
    for (unsigned i = 0; i < in->width; i++) columns[i] = (uint8_t)i;
    kd_status st = KD_OK;
    if (in->out.n > ENG_LINEAR_MAX)
        st = eng_match_open(&g->match, &g->mem, in->out.rows, in->out.n, in->width, columns, in->width);
    for (size_t i = 0; !st && i < in->out.n; i++) {
        const kd_value *row = eng_batch_row(in, i);
        kd_value v = eng_fold_value(&s->groups.fold, row);
        if (v == KD_ABSENT || !is_first(g, in, i)) continue;
        st = take_folded(s, eng_groups_of(&s->groups, row), v, g->now);
    }
    return st;
}

/* ---- Running --------------------------------------------------------------------------------------------*/

/* A sum that does not fit is told of when the rows of a time point are in, as if it were asked for. */
static kd_status check(kd_engine *g, const windowed *s) {
    if (!s->groups.unfit || !s->groups.kind->fails) return KD_OK;
    kd_status st = eng_complain(g, "overflow", eng_fold_too_large);
    return eng_is_forgiven(g, st) ? KD_OK : st;
}

static kd_status run(kd_engine *g, eng_node *n) {
    windowed *s = n->state;
    const eng_node *in = n->in[0];
    kd_status st = drop_before(s, eng_fused_bound(g, s->high));
    if (!st) st = s->come_once ? take_once(g, s, in) : take_rows(s, in->out.rows, in->out.n, g->now);
    return st ? st : check(g, s);
}

static kd_status look(kd_engine *g, eng_node *n) {
    windowed *s = n->state;
    kd_status st = drop_before(s, eng_fused_bound(g, s->high));
    return st ? st : check(g, s);
}

static const eng_lookup lookup = {.offers = eng_fold_offers,
                                  .settle = look,
                                  .first = eng_groups_first,
                                  .first_many = eng_groups_first_many,
                                  .next = eng_fold_next,
                                  .row = eng_groups_row};

/* ---- Saved and loaded -----------------------------------------------------------------------------------
 *
 * The rows, oldest first: groups are what they make, and are made of them again. */

/* One of the rows that come once: its group's key, what is folded, its instant. */
static kd_status walk_folded(eng_walk *w, windowed *s, folded *f) {
    unsigned keys = s->groups.fold.group_count;
    kd_value key[KD_WIDTH_MAX] = {0};
    if (!eng_walk_loads(w)) eng_copy(key, eng_table_key(&s->groups.table, f->group), keys);
    eng_walk_values(w, key, keys);
    eng_walk_i64(w, &f->value);
    if (!eng_walk_loads(w) || !eng_walk_check(w, f->value != KD_ABSENT)) return w->failed;
    return take_folded(s, eng_groups_find(&s->groups, key), f->value, f->at);
}

static kd_status walk_row(eng_walk *w, windowed *s, uint32_t e, kd_instant at) {
    kd_value row[KD_WIDTH_MAX] = {0};
    size_t live = s->rows.live;
    if (!eng_walk_loads(w)) eng_copy(row, eng_table_key(&s->rows, e), s->rows.key_words);
    eng_walk_values(w, row, s->rows.key_words);
    if (!eng_walk_loads(w) || w->failed) return w->failed;
    kd_status st = take_rows(s, row, 1, at);
    if (!st) eng_walk_check(w, s->rows.live == live + 1);
    return st;
}

/* Without an end there is no line, and nobody asks when a row came. */
static void walk_rows(eng_walk *w, windowed *s) {
    bool lined = s->high != KD_NEVER;
    size_t n = lined ? (size_t)(s->tail - s->head) - s->left_behind : s->rows.live;
    kd_instant before = INT64_MIN;
    if (!eng_walk_count(w, &n, 8)) return;
    int64_t place = s->head;
    for (uint32_t e = 0; !w->failed && e < n; e++) {
        folded f = {.row = e};
        if (!eng_walk_loads(w) && lined) do
                f = *line_at(s, place++);
            while (f.row == ENG_NONE);
        eng_walk_i64(w, &f.at);
        if (!eng_walk_check(w, f.at > KD_ABSENT && f.at >= before)) return;
        before = f.at;
        kd_status st = s->come_once ? walk_folded(w, s, &f) : walk_row(w, s, f.row, f.at);
        if (st && !w->failed) w->failed = st;
    }
    eng_walk_check(w, !s->groups.unfit || !s->groups.kind->fails || eng_is_behind_the_end(w->g));
}

static kd_status empty(eng_walk *w, windowed *s) {
    eng_table_close(&s->rows);
    eng_groups_close(&s->groups);
    s->head = s->tail = 0;
    s->left_behind = s->groups.unfit = 0;
    return open_groups(s, w->g, w->node);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    windowed *s = n->state;
    bool groups_alone = s->come_once && s->high == KD_NEVER;
    eng_walk_measure(w, s->come_once ? (size_t)(s->tail - s->head) : 0, s->room * sizeof *s->line);
    if (w->way == ENG_MEASURING) eng_walk_table(w, &s->rows, NULL);
    if (w->way == ENG_MEASURING || groups_alone) return eng_groups_walk(w, &s->groups);
    if (eng_walk_loads(w) && empty(w, s)) return w->failed = w->failed ? w->failed : KD_NOMEM;
    walk_rows(w, s);
    return w->failed;
}

const eng_operator eng_op_aggregate_window = {.name = "aggregate",
                                              .state_bytes = sizeof(windowed),
                                              .open = open,
                                              .close = close,
                                              .run = run,
                                              .lookup = &lookup,
                                              .walk = walk};

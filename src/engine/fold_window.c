/* fold_window.c: folds of the rows of ONCE[0,high], for readers that look groups up, where nobody else
 * reads the window (fuse.c): rows go from the pulse into their groups and, when they are too old, out
 * again, in the order in which they came. No change is put out between the two, and nothing happens until
 * somebody asks.
 *
 *      pulse ─▶ | row, newest pulse, group | ... ─▶ front is too old: out of its group
 *
 * A window is a set: a row that is pulsed again moves to the end, and is found by a table. Rows that have
 * the number of their time point among their columns differ from all earlier ones; of these only what is
 * folded is kept, in one array, and without an end not even that. */
#include "engine/fold.h"
#include "engine/walk.h"

#include <string.h>

typedef struct windowed_row {
    int64_t newest;      /* instant of its newest pulse */
    uint32_t next, prev; /* by that instant */
    uint32_t group, unused;
} windowed_row;

typedef struct folded {
    kd_instant at;
    kd_value value;
    uint32_t group, unused;
} folded;

typedef struct windowed {
    eng_groups groups;
    int64_t high;
    bool come_once; /* rows of different time points differ */
    eng_table rows;
    uint32_t first, last;
    folded *line; /* [head .. tail) */
    size_t head, tail, line_room;
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
    s->first = s->last = ENG_NONE;
    eng_table_open(&s->rows, &g->mem, n->in[0]->width, sizeof(windowed_row));
    return open_groups(s, g, n);
}

static void close(kd_engine *g, eng_node *n) {
    windowed *s = n->state;
    eng_groups_close(&s->groups);
    eng_table_close(&s->rows);
    eng_release(&g->mem, &s->line, &s->line_room, sizeof *s->line);
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

/* ---- Rows that may come again ---------------------------------------------------------------------------*/

static windowed_row *row_at(const windowed *s, uint32_t e) {
    return eng_table_payload(&s->rows, e);
}

static void unlink_row(windowed *s, const windowed_row *r) {
    if (r->prev == ENG_NONE)
        s->first = r->next;
    else
        row_at(s, r->prev)->next = r->next;
    if (r->next == ENG_NONE)
        s->last = r->prev;
    else
        row_at(s, r->next)->prev = r->prev;
}

static void link_last(windowed *s, uint32_t e, windowed_row *r) {
    r->prev = s->last;
    r->next = ENG_NONE;
    if (s->last == ENG_NONE)
        s->first = e;
    else
        row_at(s, s->last)->next = e;
    s->last = e;
}

static kd_status take_row(windowed *s, const kd_value *row, kd_instant at) {
    kd_value v = eng_fold_value(&s->groups.fold, row);
    bool fresh;
    if (v == KD_ABSENT) return KD_OK;
    uint32_t e = eng_table_add(&s->rows, row, &fresh);
    if (e == ENG_NONE) return KD_NOMEM;
    windowed_row *r = row_at(s, e);
    if (!fresh && (e == s->last || r->newest == at)) {
        r->newest = at;
        return KD_OK;
    }
    if (!fresh) unlink_row(s, r);
    r->newest = at;
    link_last(s, e, r);
    if (!fresh) return KD_OK;
    r->group = eng_groups_of(&s->groups, row);
    return r->group == ENG_NONE ? KD_NOMEM : enter(s, r->group, v);
}

static kd_status drop_rows(windowed *s, kd_instant bound) {
    kd_status st = KD_OK;
    while (!st && s->first != ENG_NONE && row_at(s, s->first)->newest < bound) {
        uint32_t e = s->first;
        windowed_row *r = row_at(s, e);
        unlink_row(s, r);
        st = leave(s, r->group, eng_fold_value(&s->groups.fold, eng_table_key(&s->rows, e)));
        eng_table_remove(&s->rows, e);
    }
    return st;
}

/* ---- Rows that come once --------------------------------------------------------------------------------*/

static bool line_has_room(windowed *s) {
    if (s->tail < s->line_room) return true;
    if (s->head > s->line_room / 2) {
        memmove(s->line, s->line + s->head, (s->tail - s->head) * sizeof *s->line);
        s->tail -= s->head;
        s->head = 0;
        return true;
    }
    return eng_reserve(&s->groups.g->mem, &s->line, &s->line_room, s->tail + 1, sizeof *s->line);
}

static kd_status take_folded(windowed *s, uint32_t group, kd_value v, kd_instant at) {
    if (group == ENG_NONE) return KD_NOMEM;
    if (s->high != KD_NEVER) {
        if (!line_has_room(s)) return KD_NOMEM;
        s->line[s->tail++] = (folded){at, v, group, 0};
    }
    return enter(s, group, v);
}

static kd_status drop_folded(windowed *s, kd_instant bound) {
    kd_status st = KD_OK;
    for (; !st && s->head < s->tail && s->line[s->head].at < bound; s->head++)
        st = leave(s, s->line[s->head].group, s->line[s->head].value);
    return st;
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

/* Rows leave that are too old by now. */
static kd_status drop_old(kd_engine *g, windowed *s) {
    kd_instant bound = eng_fused_bound(g, s->high);
    return s->come_once ? drop_folded(s, bound) : drop_rows(s, bound);
}

/* A sum that does not fit is told of when the rows of a time point are in, as if it were asked for. */
static kd_status check(kd_engine *g, const windowed *s) {
    if (!s->groups.unfit || !s->groups.kind->fails) return KD_OK;
    kd_status st = eng_complain(g, "overflow", eng_fold_too_large);
    return eng_is_forgiven(g, st) ? KD_OK : st;
}

static kd_status run(kd_engine *g, eng_node *n) {
    windowed *s = n->state;
    const eng_node *in = n->in[0];
    kd_status st = drop_old(g, s);
    if (!st && s->come_once) st = take_once(g, s, in);
    for (size_t i = 0; !st && !s->come_once && i < in->out.n; i++)
        st = take_row(s, eng_batch_row(in, i), g->now);
    return st ? st : check(g, s);
}

static kd_status look(kd_engine *g, eng_node *n) {
    kd_status st = drop_old(g, n->state);
    return st ? st : check(g, n->state);
}

static const eng_lookup lookup = {.offers = eng_fold_offers,
                                  .settle = look,
                                  .first = eng_groups_first,
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
    kd_status st = take_row(s, row, at);
    if (!st) eng_walk_check(w, s->rows.live == live + 1);
    return st;
}

static void walk_rows(eng_walk *w, windowed *s) {
    size_t n = s->come_once ? s->tail - s->head : s->rows.live;
    kd_instant at = INT64_MIN, before = INT64_MIN;
    if (!eng_walk_count(w, &n, 8)) return;
    uint32_t e = s->first;
    for (size_t i = 0; !w->failed && i < n; i++, before = at) {
        folded f = {0};
        if (!eng_walk_loads(w) && s->come_once) f = s->line[s->head + i];
        if (!eng_walk_loads(w)) at = s->come_once ? f.at : row_at(s, e)->newest;
        eng_walk_i64(w, &at);
        if (!eng_walk_check(w, at > KD_ABSENT && at >= before)) return;
        f.at = at;
        kd_status st = s->come_once ? walk_folded(w, s, &f) : walk_row(w, s, e, at);
        if (st && !w->failed) w->failed = st;
        if (!eng_walk_loads(w) && !s->come_once) e = row_at(s, e)->next;
    }
    eng_walk_check(w, !s->groups.unfit || !s->groups.kind->fails || eng_is_behind_the_end(w->g));
}

static kd_status empty(eng_walk *w, windowed *s) {
    eng_table_close(&s->rows);
    eng_groups_close(&s->groups);
    s->first = s->last = ENG_NONE;
    s->head = s->tail = s->groups.unfit = 0;
    return open_groups(s, w->g, w->node);
}

static kd_status walk(eng_walk *w, eng_node *n) {
    windowed *s = n->state;
    bool groups_alone = s->come_once && s->high == KD_NEVER;
    eng_walk_measure(w, s->tail - s->head, s->line_room * sizeof *s->line);
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

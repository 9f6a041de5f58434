/* join_many.c: rows of many relations at once, one column after the other: a worst-case optimal join.
 *
 * For each row of one side, the seed, the columns that it lacks are bound in turn: of the sides that have
 * the column the one with the fewest candidates is walked, the others are probed.
 *
 *      T() with A(x,y), B(y,z), C(z,x)       x: from A or C      y: from A[x] or B      z: from B[y] or C[x]
 *      b(y,z) with A(x,y), C(z,x)            x: from A[y] or C[z], whichever is shorter
 *
 * So no more is done than the largest possible answer asks for (Atserias, Grohe, Marx, FOCS 2008), where
 * two relations at a time may make more rows than that: Generic Join (Ngo, Re, Rudra, SIGMOD Record 2013);
 * as a trie of hash tables instead of sorted lists it differs from Leapfrog Triejoin (Veldhuizen, ICDT
 * 2014) in how candidates are found.
 *
 * The seed is the pulse, when there is one; then levels give their rows in place or are kept here. Of
 * levels alone each one's changes are the seed in turn: they meet the sides before it as they are now,
 * those after it as they were. */
#include "engine/join_many_index.h"
#include "engine/walk.h"

#include <string.h>

#define SPARE_WALKS 8 /* steps of the search that cost as much as to take in a row */

static const char TOO_MANY[] = "there are too many copies of a row";

typedef struct side {
    eng_node *in;
    unsigned width;
    uint8_t column_of[KD_WIDTH_MAX]; /* by its own columns: the result's */
    bool looked;
    eng_table kept; /* unless looked up: its rows, each with the number of its copies; 0: swept later */
    uint64_t turn;  /* of those */
    eng_rows rows;  /* as of this question */
    size_t met;     /* rows and nodes that were walked since it was last seen to be clean */
} side;

typedef struct visit {
    uint8_t side, depth; /* depth of its columns are bound before this step */
} visit;

/* One column is bound. */
typedef struct step {
    unsigned column, count;
    visit at[KD_SIDES_MAX]; /* sides that have it; the first one has a trie */
} step;

/* How the rows of one side are completed. */
typedef struct course {
    unsigned seed, count;
    step *steps;
    eng_trie *tries;                 /* by side */
    uint8_t given[KD_SIDES_MAX];     /* by side: how many of its columns the seed has */
    bool spare[KD_SIDES_MAX];        /* the search could do without its trie, by probing whole rows */
    bool has_trie[KD_SIDES_MAX];     /* it is up to date for this question */
    uint64_t walked;                 /* candidates, all along */
    uint64_t paid_for[KD_SIDES_MAX]; /* of these: by bringing a spare trie up to date */
} course;

/* A row of the seed that is being completed. */
typedef struct search {
    kd_engine *g;
    eng_node *n;
    side *sides;
    course *c;
    kd_status failed;
    uint32_t order;                            /* of the seed */
    kd_value values[KD_WIDTH_MAX];             /* of the result's columns, as far as they are bound */
    uint32_t node[KD_SIDES_MAX][KD_WIDTH_MAX]; /* by side and depth: of its trie */
} search;

typedef struct many {
    unsigned side_count, course_count;
    side *sides;
    course *courses; /* one for a pulse, else one a side */
    search search;
} many;

/* ---- Opening --------------------------------------------------------------------------------------------*/

static bool has_column(const side *s, unsigned column) {
    return memchr(s->column_of, (int)column, s->width) != NULL;
}

static unsigned bound_of(const side *s, const bool *bound) {
    unsigned n = 0;
    for (unsigned i = 0; i < s->width; i++) n += bound[s->column_of[i]];
    return n;
}

/* The next column: where most sides that were begun are gone on with, then which most sides have. */
static unsigned next_column(const many *m, const course *c, const bool *bound, unsigned width) {
    unsigned best = width, most = 0;
    for (unsigned v = 0; v < width; v++) {
        unsigned score = 1;
        if (bound[v]) continue;
        for (unsigned k = 0; k < m->side_count; k++)
            if (k != c->seed && has_column(&m->sides[k], v))
                score += bound_of(&m->sides[k], bound) ? KD_SIDES_MAX + 1 : 1;
        if (score <= most) continue;
        most = score;
        best = v;
    }
    return best;
}

/* A side that lacks one column alone can be probed by whole rows where another is walked. */
static void find_spare(const many *m, course *c) {
    for (unsigned i = 0; i < c->count; i++) {
        step *s = &c->steps[i];
        unsigned first = s->count;
        for (unsigned k = s->count; k-- > 0;) {
            unsigned of = s->at[k].side;
            c->spare[of] = c->given[of] + 1u == m->sides[of].width;
            if (!c->spare[of]) first = k;
        }
        if (first == s->count) first = 0;
        visit walked = s->at[first];
        s->at[first] = s->at[0];
        s->at[0] = walked;
        c->spare[walked.side] = false;
    }
}

static void open_course(kd_engine *g, const many *m, course *c, unsigned width) {
    bool bound[KD_WIDTH_MAX] = {false};
    uint8_t orders[KD_SIDES_MAX][KD_WIDTH_MAX];
    unsigned done[KD_SIDES_MAX];
    for (unsigned i = 0; i < m->sides[c->seed].width; i++) bound[m->sides[c->seed].column_of[i]] = true;
    for (unsigned k = 0; k < m->side_count; k++) {
        done[k] = 0;
        for (unsigned i = 0; i < m->sides[k].width; i++)
            if (bound[m->sides[k].column_of[i]]) orders[k][done[k]++] = (uint8_t)i;
        c->given[k] = (uint8_t)done[k];
    }
    for (unsigned v; (v = next_column(m, c, bound, width)) < width; bound[v] = true) {
        step *s = &c->steps[c->count++];
        s->column = v;
        for (unsigned k = 0; k < m->side_count; k++)
            for (unsigned i = 0; k != c->seed && i < m->sides[k].width; i++) {
                if (m->sides[k].column_of[i] != v) continue;
                s->at[s->count++] = (visit){(uint8_t)k, (uint8_t)done[k]};
                orders[k][done[k]++] = (uint8_t)i;
            }
    }
    for (unsigned k = 0; k < m->side_count; k++)
        if (k != c->seed) eng_trie_open(&c->tries[k], &g->mem, orders[k], m->sides[k].width);
    find_spare(m, c);
}

static kd_status open_courses(kd_engine *g, eng_node *n, many *m, unsigned count) {
    m->courses = kd_arena_array(&g->arena, count, sizeof *m->courses);
    if (!m->courses) return KD_NOMEM;
    for (unsigned i = 0; i < count; i++) {
        course *c = &m->courses[i];
        c->seed = i;
        c->steps = kd_arena_array(&g->arena, n->width + 1, sizeof *c->steps);
        c->tries = kd_arena_array(&g->arena, m->side_count, sizeof *c->tries);
        if (!c->steps || !c->tries) return KD_NOMEM;
        m->course_count++;
        open_course(g, m, c, n->width);
    }
    return KD_OK;
}

static kd_status open_sides(kd_engine *g, eng_node *n, many *m) {
    bool pulse = n->in[0] != NULL;
    const kd_value *w = n->words + 1;
    m->sides = kd_arena_array(&g->arena, n->more_count + pulse, sizeof *m->sides);
    if (!m->sides) return KD_NOMEM;
    m->side_count = n->more_count + pulse;
    for (unsigned k = 0; k < m->side_count; k++) {
        side *s = &m->sides[k];
        s->in = pulse && k == 0 ? n->in[0] : n->more[k - pulse];
        s->width = s->in->width;
        s->looked = pulse && k > 0 && (n->look_more >> (k - 1) & 1);
        for (unsigned i = 0; i < s->width; i++) s->column_of[i] = (uint8_t)*w++;
        eng_table_open(&s->kept, &g->mem, s->width, sizeof(int64_t));
    }
    return KD_OK;
}

static kd_status open(kd_engine *g, eng_node *n) {
    many *m = n->state;
    kd_status s = open_sides(g, n, m);
    return s ? s : open_courses(g, n, m, n->in[0] ? 1 : m->side_count);
}

static void close(kd_engine *g, eng_node *n) {
    many *m = n->state;
    for (unsigned k = 0; k < m->side_count; k++)
        if (m->sides[k].kept.mem) eng_table_close(&m->sides[k].kept);
    for (unsigned i = 0; i < m->course_count; i++)
        for (unsigned k = 0; k < m->side_count && m->courses[i].tries; k++)
            eng_trie_close(&m->courses[i].tries[k]);
}

/* ---- The sides' rows ------------------------------------------------------------------------------------*/

static bool sweep_kept(side *s) {
    s->turn++;
    return eng_table_sweep(&s->kept, 1);
}

/* A level's changes. A row that went keeps its entry, should it come again. Swept between time points, when there are
 * as many copies of each row as there should be. */
static kd_status take_changes(kd_engine *g, side *s) {
    if (s->in->out.n > s->kept.limit - s->kept.live && !sweep_kept(s)) return KD_NOMEM;
    for (size_t i = 0; i < s->in->out.n; i++) {
        bool fresh;
        uint32_t e = eng_table_add(&s->kept, eng_batch_row(s->in, i), &fresh);
        if (e == ENG_NONE) return KD_NOMEM;
        int64_t *count = eng_table_payload(&s->kept, e);
        if (__builtin_add_overflow(*count, s->in->out.counts[i], count))
            return eng_complain(g, "overflow", TOO_MANY);
    }
    return KD_OK;
}

static kd_status see_rows(side *s, bool sweep) {
    if (s->looked) return s->in->op->lookup->rows(s->in, sweep, &s->rows);
    if (sweep && !sweep_kept(s)) return KD_NOMEM;
    s->rows = (eng_rows){.table = &s->kept, .least = 1, .turn = s->turn};
    return KD_OK;
}

/* More than one row in `part`. */
static bool is_old(const eng_rows *r, unsigned part) {
    uint32_t old = 0;
    for (uint32_t e = 0; e < r->table->used; e++) old += !eng_rows_stands(r, e);
    return old > r->table->used / part;
}

/* Rows that stand no more are walked over, too: when as much was walked as a sweep costs, it is looked
 * whether one is worth while. */
static kd_status sweep_at_times(side *s, uint32_t behind) {
    const eng_table *x = s->rows.table;
    if (s->met <= x->used || s->met <= x->slot_count / 16) return KD_OK;
    s->met = 0;
    /* A trie that is to be made anew anyway is no loss. */
    return is_old(&s->rows, behind > x->used / 2 ? 4 : 2) ? see_rows(s, true) : KD_OK;
}

/* A spare trie is brought up to date when so much was walked that this costs no more: neither those walks
 * nor this can then be more than a small multiple of the other (as the skier rents until a pair of skis is
 * paid for). */
static bool is_wanted(course *c, unsigned k, uint32_t behind) {
    uint64_t price = (uint64_t)behind * SPARE_WALKS;
    if (!c->spare[k]) return true;
    if (c->walked - c->paid_for[k] < price) return false;
    c->paid_for[k] += price;
    return true;
}

/* The rows of a side, swept or not. Does it want a trie? */
static kd_status look_over(side *s, course *c, unsigned k) {
    const eng_trie *t = &c->tries[k];
    kd_status st = see_rows(s, false);
    c->has_trie[k] = false;
    if (st || c->given[k] == s->width) return st; /* whole rows are found in their table */
    uint32_t used = s->rows.table->used, behind = t->turn == s->rows.turn ? used - t->followed : used;
    if (!is_wanted(c, k, behind)) return KD_OK;
    c->has_trie[k] = true;
    s->met += behind;
    return sweep_at_times(s, behind);
}

/* Sides may be the same level, so that no trie follows before all that are to be swept are. */
static kd_status prepare(many *m, course *c) {
    kd_status st = KD_OK;
    for (unsigned k = 0; !st && k < m->side_count; k++)
        if (k != c->seed) st = look_over(&m->sides[k], c, k);
    for (unsigned k = 0; !st && k < m->side_count; k++) {
        if (k == c->seed || (st = see_rows(&m->sides[k], false))) continue;
        if (c->has_trie[k]) st = eng_trie_follow(&c->tries[k], &m->sides[k].rows);
    }
    return st;
}

/* ---- The search -----------------------------------------------------------------------------------------*/

static void put_out(search *q, int64_t copies) {
    if (q->n->kind == KD_LEVEL)
        q->failed = eng_emit_row(q->g, q->n, q->values, copies, 0);
    else
        for (; !q->failed && copies > 0; copies--)
            q->failed = eng_emit_row(q->g, q->n, q->values, 1, q->order);
}

/* A whole row of a side is bound: copies multiply. */
static inline bool multiply(search *q, const side *s, uint32_t entry, int64_t *copies) {
    if (s->looked) return true;
    if (!__builtin_mul_overflow(*copies, *(int64_t *)eng_table_payload(s->rows.table, entry), copies))
        return true;
    q->failed = eng_complain(q->g, "overflow", TOO_MANY);
    return false;
}

/* Is a whole row of a side there? */
static inline bool probe_row(search *q, const side *s, int64_t *copies) {
    kd_value key[KD_WIDTH_MAX];
    for (unsigned i = 0; i < s->width; i++) key[i] = q->values[s->column_of[i]];
    uint32_t e = eng_table_find(s->rows.table, key);
    return e != ENG_NONE && eng_rows_stands(&s->rows, e) && multiply(q, s, e, copies);
}

/* Has a side rows with the value that was bound as its last one, of `depth`? */
static bool probe_node(search *q, unsigned k, unsigned depth) {
    const side *s = &q->sides[k];
    const eng_trie *t = &q->c->tries[k];
    kd_value value = q->values[s->column_of[t->columns[depth - 1]]];
    return (q->node[k][depth] = eng_trie_find(t, q->node[k][depth - 1], value)) != ENG_NONE;
}

static const eng_trie_node *node_at(const search *q, const visit *v) {
    return &q->c->tries[v->side].nodes[q->node[v->side][v->depth]];
}

static const visit *fewest(const search *q, const step *s) {
    const visit *best = &s->at[0];
    uint32_t least = node_at(q, best)->count;
    for (unsigned i = 1; i < s->count; i++) {
        uint32_t count = q->c->has_trie[s->at[i].side] ? node_at(q, &s->at[i])->count : UINT32_MAX;
        if (count >= least) continue;
        least = count;
        best = &s->at[i];
    }
    return best;
}

static void bind(search *q, unsigned i, int64_t copies);

/* The column of step i has its value: what do the other sides say, and what follows? */
static inline void go_on(search *q, unsigned i, const visit *walked, int64_t copies) {
    const step *s = &q->c->steps[i];
    for (const visit *v = s->at; v < s->at + s->count; v++) {
        const side *other = &q->sides[v->side];
        if (v == walked) continue;
        if (v->depth + 1u == other->width ? !probe_row(q, other, &copies)
                                          : !probe_node(q, v->side, v->depth + 1u))
            return;
    }
    if (i + 1 == q->c->count)
        put_out(q, copies);
    else
        bind(q, i + 1, copies);
}

/* Candidates that are rows: the side's last column is bound with this step. */
static void bind_rows(search *q, unsigned i, const visit *v, const eng_trie_node *at, int64_t copies) {
    const side *s = &q->sides[v->side];
    const eng_trie *t = &q->c->tries[v->side];
    unsigned column = q->c->steps[i].column, own = t->columns[v->depth];
    for (uint32_t e = at->first; !q->failed && e != ENG_NONE; e = t->mates[e]) {
        int64_t all = copies;
        if (!eng_rows_stands(&s->rows, e) || !multiply(q, s, e, &all)) continue;
        q->values[column] = eng_table_key(s->rows.table, e)[own];
        go_on(q, i, v, all);
    }
}

static void bind_nodes(search *q, unsigned i, const visit *v, const eng_trie_node *at, int64_t copies) {
    const eng_trie *t = &q->c->tries[v->side];
    unsigned column = q->c->steps[i].column, below = v->depth + 1u;
    for (uint32_t e = at->first; !q->failed && e != ENG_NONE; e = t->nodes[e].next) {
        q->values[column] = t->nodes[e].value;
        q->node[v->side][below] = e;
        go_on(q, i, v, copies);
    }
}

/* Step i: its column takes all values that the sides before allow. */
static void bind(search *q, unsigned i, int64_t copies) {
    const visit *v = fewest(q, &q->c->steps[i]);
    const eng_trie_node *at = node_at(q, v);
    q->sides[v->side].met += at->count;
    q->c->walked += at->count;
    if (v->depth + 1u == q->sides[v->side].width)
        bind_rows(q, i, v, at, copies);
    else
        bind_nodes(q, i, v, at, copies);
}

/* What the seed says of a side. */
static bool begin(search *q, unsigned k, int64_t *copies) {
    const side *s = &q->sides[k];
    unsigned given = q->c->given[k];
    if (given == s->width) return probe_row(q, s, copies);
    if (!q->c->has_trie[k]) return true;
    q->node[k][0] = 0;
    bool found = q->c->tries[k].used > 0;
    for (unsigned d = 1; found && d <= given; d++) found = probe_node(q, k, d);
    return found;
}

/* All that one row of the seed makes. */
static void complete(search *q, unsigned side_count, const kd_value *row, int64_t copies) {
    const side *seed = &q->sides[q->c->seed];
    for (unsigned i = 0; i < seed->width; i++) q->values[seed->column_of[i]] = row[i];
    for (unsigned k = 0; k < side_count; k++)
        if (k != q->c->seed && !begin(q, k, &copies)) return;
    if (q->c->count)
        bind(q, 0, copies);
    else
        put_out(q, copies);
}

static kd_status complete_all(kd_engine *g, eng_node *n, many *m, course *c) {
    search *q = &m->search;
    const eng_node *in = m->sides[c->seed].in;
    kd_status s = prepare(m, c);
    q->g = g, q->n = n, q->sides = m->sides, q->c = c, q->failed = KD_OK;
    for (size_t i = 0; !s && i < in->out.n; i++) {
        q->order = eng_batch_order(in, i);
        complete(q, m->side_count, eng_batch_row(in, i), eng_batch_count(in, i));
        s = q->failed;
    }
    return s;
}

/* ---- A pulse with levels --------------------------------------------------------------------------------*/

static kd_status run(kd_engine *g, eng_node *n) {
    many *m = n->state;
    bool asked = n->in[0]->out.n > 0;
    kd_status s = KD_OK;
    for (unsigned k = 1; !s && k < m->side_count; k++) {
        if (!m->sides[k].looked)
            s = take_changes(g, &m->sides[k]);
        else if (asked)
            s = n->more[k - 1]->op->lookup->settle(g, n->more[k - 1]);
    }
    return s || !asked ? s : complete_all(g, n, m, &m->courses[0]);
}

/* ---- Levels alone ---------------------------------------------------------------------------------------*/

static kd_status levels_run(kd_engine *g, eng_node *n) {
    many *m = n->state;
    for (unsigned k = 0; k < m->side_count; k++) {
        if (!m->sides[k].in->out.n) continue;
        kd_status s = complete_all(g, n, m, &m->courses[k]);
        if (!s) s = take_changes(g, &m->sides[k]);
        if (s) return s;
    }
    return KD_OK;
}

/* ---- Saved and loaded -----------------------------------------------------------------------------------*/

static void walk_count(eng_walk *w, void *payload) {
    eng_walk_i64(w, payload);
}

/* Tries are made again from the rows. */
static kd_status walk(eng_walk *w, eng_node *n) {
    many *m = n->state;
    for (unsigned k = n->in[0] != NULL; !w->failed && k < m->side_count; k++) {
        if (!m->sides[k].looked) eng_walk_table(w, &m->sides[k].kept, walk_count);
        if (eng_walk_loads(w) && !w->failed && !see_rows(&m->sides[k], false))
            eng_walk_check(w, m->sides[k].rows.table->live == m->sides[k].rows.table->used);
    }
    for (unsigned i = 0; i < m->course_count; i++)
        for (unsigned k = 0; k < m->side_count; k++) {
            eng_trie *t = &m->courses[i].tries[k];
            if (eng_walk_loads(w)) eng_trie_clear(t);
            eng_walk_measure(w, 0, eng_trie_bytes(t));
        }
    return w->failed;
}

const eng_operator eng_op_join_many = {.name = "join of many",
                                       .state_bytes = sizeof(many),
                                       .open = open,
                                       .close = close,
                                       .run = run,
                                       .walk = walk};
const eng_operator eng_op_join_many_levels = {.name = "join of many",
                                              .state_bytes = sizeof(many),
                                              .open = open,
                                              .close = close,
                                              .run = levels_run,
                                              .walk = walk};

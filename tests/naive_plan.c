/* naive_plan.c: plans evaluated by the letter of their definitions. */
#include "naive_plan.h"

#include <stdlib.h>
#include <string.h>

/* ---- Relations as lists ---------------------------------------------------------------------------------*/

static void put(naive_relation *r, const kd_value *row, unsigned width, unsigned order) {
    if (r->n == r->room) {
        r->room = r->room ? r->room * 2 : 8;
        r->rows = realloc(r->rows, r->room * sizeof *r->rows);
        if (!r->rows) abort();
    }
    naive_row *to = &r->rows[r->n++];
    memset(to, 0, sizeof *to);
    for (unsigned i = 0; i < width; i++) to->v[i] = row[i];
    to->order = order;
}

static bool same(const kd_value *a, const kd_value *b, unsigned width) {
    for (unsigned i = 0; i < width; i++)
        if (a[i] != b[i]) return false;
    return true;
}

size_t naive_copies(const naive_relation *r, const kd_value *row, unsigned width) {
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) n += same(r->rows[i].v, row, width);
    return n;
}

static bool agree(const naive_node *d, const kd_value *left, const kd_value *right) {
    for (unsigned i = 0; i < d->on_count; i++)
        if (left[d->on[i].left] != right[d->on[i].right]) return false;
    return true;
}

static bool same_keys(const naive_node *d, const kd_value *a, const kd_value *b) {
    for (unsigned i = 0; i < d->key_count; i++)
        if (a[d->keys[i]] != b[d->keys[i]]) return false;
    return true;
}

/* What node `of` was at time point k. */
static const naive_relation *at(const naive *v, size_t k, int of) {
    return &v->points[k].value[of];
}

/* ---- Terms ----------------------------------------------------------------------------------------------*/

static bool holds(kd_value x) {
    return x != 0 && x != KD_ABSENT;
}

static kd_value term(const naive_node *d, int t, const kd_value *row, kd_instant now) {
    const naive_term *x = &d->terms[t];
    if (x->what == TERM_COLUMN) return row[x->value];
    if (x->what == TERM_VALUE) return x->value;
    kd_value p[3] = {0, 0, 0};
    for (unsigned i = 0; i < 3; i++)
        if (x->part[i] >= 0) p[i] = term(d, x->part[i], row, now);
    bool none = p[0] == KD_ABSENT || p[1] == KD_ABSENT;
    switch (x->op) {
    case KD_X_ADD:
        return none ? KD_ABSENT : p[0] + p[1];
    case KD_X_SUB:
        return none ? KD_ABSENT : p[0] - p[1];
    case KD_X_MUL:
        return none ? KD_ABSENT : p[0] * p[1];
    case KD_X_MAX:
        return none ? KD_ABSENT : p[0] > p[1] ? p[0] : p[1];
    case KD_X_MIN:
        return none ? KD_ABSENT : p[0] < p[1] ? p[0] : p[1];
    case KD_X_EQ:
        return !none && p[0] == p[1];
    case KD_X_NE:
        return !none && p[0] != p[1];
    case KD_X_LT:
        return !none && p[0] < p[1];
    case KD_X_LE:
        return !none && p[0] <= p[1];
    case KD_X_GT:
        return !none && p[0] > p[1];
    case KD_X_GE:
        return !none && p[0] >= p[1];
    case KD_X_AND:
        return holds(p[0]) && holds(p[1]);
    case KD_X_OR:
        return holds(p[0]) || holds(p[1]);
    case KD_X_NOT:
        return !holds(p[0]);
    case KD_X_IF:
        return holds(p[0]) ? p[1] : p[2];
    case KD_X_IS_ABSENT:
        return p[0] == KD_ABSENT;
    case KD_X_OR_ELSE:
        return p[0] == KD_ABSENT ? p[1] : p[0];
    case KD_X_NOW:
        return now;
    default:
        abort(); /* the calendar is tested by tables */
    }
}

/* ---- Operators, each by its definition ------------------------------------------------------------------*/

static void input(naive *v, size_t k, int i, const naive_node *d, naive_relation *out) {
    if (k == 0) return;
    if (d->relation == KD_LEVEL) { /* what was there, and what came, less what went */
        const naive_relation *was = at(v, k - 1, i);
        for (size_t r = 0; r < was->n; r++) put(out, was->rows[r].v, d->width, 0);
    }
    const naive_point *p = &v->points[k];
    for (size_t e = 0; e < p->event_count; e++)
        if (p->events[e].input == i && p->events[e].sign > 0)
            put(out, p->events[e].row, d->width, (unsigned)e);
    for (size_t e = 0; e < p->event_count; e++) {
        if (p->events[e].input != i || p->events[e].sign > 0) continue;
        for (size_t r = 0; r < out->n; r++)
            if (same(out->rows[r].v, p->events[e].row, d->width)) {
                out->rows[r] = out->rows[--out->n];
                break;
            }
    }
}

static kd_instant boundary(const kd_schedule *s, int64_t n) {
    if (s->days) return s->anchor + n * s->days * KD_DAY_S;
    kd_day day = kd_instant_day(s->anchor);
    return kd_day_begin(kd_day_add_months(day, n * s->months)) + (s->anchor - kd_day_begin(day));
}

/* The first boundary after t, or KD_NEVER. */
static kd_instant next_boundary(const kd_schedule *s, kd_instant t) {
    for (int64_t n = 0;; n++) {
        kd_instant b = boundary(s, n);
        if (b > s->until) return KD_NEVER;
        if (b > t) return b;
    }
}

static void schedule(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    if (k == 0 || next_boundary(&d->schedule, v->points[k - 1].at) != v->points[k].at) return;
    for (int64_t n = 0;; n++) {
        if (boundary(&d->schedule, n) != v->points[k].at) continue;
        kd_value row[3] = {n ? boundary(&d->schedule, n - 1) : KD_ABSENT, boundary(&d->schedule, n),
                           boundary(&d->schedule, n + 1)};
        put(out, row, 3, 0);
        return;
    }
}

static void select_or_map(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    const naive_relation *in = at(v, k, d->in[0]);
    for (size_t r = 0; r < in->n; r++) {
        const kd_value *row = in->rows[r].v;
        kd_value made[NAIVE_WIDTH];
        if (d->kind == NAIVE_SELECT) {
            if (holds(term(d, d->columns[0], row, v->points[k].at)))
                put(out, row, d->width, in->rows[r].order);
            continue;
        }
        for (unsigned c = 0; c < d->width; c++) made[c] = term(d, d->columns[c], row, v->points[k].at);
        put(out, made, d->width, in->rows[r].order);
    }
}

static void join(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    const naive_relation *a = at(v, k, d->in[0]), *b = at(v, k, d->in[1]);
    unsigned left = v->nodes[d->in[0]].width;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++) {
            if (!agree(d, a->rows[i].v, b->rows[j].v)) continue;
            kd_value row[2 * NAIVE_WIDTH];
            memcpy(row, a->rows[i].v, left * sizeof *row);
            memcpy(row + left, b->rows[j].v, (d->width - left) * sizeof *row);
            unsigned oa = a->rows[i].order, ob = b->rows[j].order;
            bool a_level = v->nodes[d->in[0]].relation == KD_LEVEL,
                 b_level = v->nodes[d->in[1]].relation == KD_LEVEL;
            put(out, row, d->width, a_level ? ob : b_level ? oa : oa > ob ? oa : ob);
        }
}

static void antijoin(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    const naive_relation *a = at(v, k, d->in[0]), *b = at(v, k, d->in[1]);
    for (size_t i = 0; i < a->n; i++) {
        bool met = false;
        for (size_t j = 0; j < b->n; j++) met |= agree(d, a->rows[i].v, b->rows[j].v);
        if (!met) put(out, a->rows[i].v, d->width, a->rows[i].order);
    }
}

static void both(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    for (int side = 0; side < 2; side++) {
        const naive_relation *in = at(v, k, d->in[side]);
        for (size_t i = 0; i < in->n; i++) put(out, in->rows[i].v, d->width, in->rows[i].order);
    }
}

static void distinct(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    const naive_relation *in = at(v, k, d->in[0]);
    for (size_t i = 0; i < in->n; i++)
        if (!naive_copies(out, in->rows[i].v, d->width)) put(out, in->rows[i].v, d->width, in->rows[i].order);
}

/* Among the rows of time point j with the keys of row r: the one pushed first (sign -1) or last (+1). When
 * two different rows claim that, nobody can say. */
static const naive_row *chosen(naive *v, const naive_node *d, const naive_relation *in, const kd_value *like,
                               int sign) {
    const naive_row *best = NULL;
    for (size_t i = 0; i < in->n; i++) {
        const naive_row *x = &in->rows[i];
        if (!same_keys(d, x->v, like)) continue;
        if (best && x->order == best->order && !same(x->v, best->v, d->width)) v->unclear = true;
        if (!best || (sign > 0 ? x->order > best->order : x->order < best->order)) best = x;
    }
    return best;
}

static bool ends_at(naive *v, size_t k, const naive_node *d, const kd_value *row) {
    const naive_relation *end = at(v, k, d->in[1]);
    for (size_t i = 0; i < end->n; i++) {
        bool met = true;
        for (unsigned c = 0; c < d->key_count; c++) met &= end->rows[i].v[c] == row[d->keys[c]];
        if (met) return true;
    }
    return false;
}

/* NOT end SINCE begin; a begin while it holds is nothing. */
static void hold(naive *v, size_t k, int i, const naive_node *d, naive_relation *out) {
    if (k == 0) return;
    const naive_relation *was = at(v, k - 1, i), *begin = at(v, k, d->in[0]);
    for (size_t r = 0; r < was->n; r++)
        if (!ends_at(v, k, d, was->rows[r].v)) put(out, was->rows[r].v, d->width, 0);
    for (size_t r = 0; r < begin->n; r++) {
        bool there = false;
        for (size_t o = 0; o < out->n; o++) there |= same_keys(d, out->rows[o].v, begin->rows[r].v);
        if (there) continue;
        put(out, chosen(v, d, begin, begin->rows[r].v, -1)->v, d->width, 0);
    }
}

/* For each key ever pulsed: go back to the last time point that had it. */
static void latest(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    for (size_t j = k + 1; j-- > 0;) {
        const naive_relation *in = at(v, j, d->in[0]);
        for (size_t r = 0; r < in->n; r++) {
            bool there = false;
            for (size_t o = 0; o < out->n; o++) there |= same_keys(d, out->rows[o].v, in->rows[r].v);
            if (!there) put(out, chosen(v, d, in, in->rows[r].v, 1)->v, d->width, 0);
        }
    }
}

static bool within(kd_interval i, kd_instant from, kd_instant to) {
    return to - from >= i.low && (i.high == KD_NEVER || to - from <= i.high);
}

/* Did a keep (present) or stay away (absent) at every time point after j, up to k? Timers' time points do not
 * ask for a. */
static bool unbroken(naive *v, const naive_node *d, size_t j, size_t k, const kd_value *row) {
    for (size_t l = j + 1; l <= k; l++) {
        const naive_relation *a = at(v, l, d->in[0]);
        bool met = false;
        for (size_t i = 0; i < a->n; i++) met |= agree(d, a->rows[i].v, row);
        if (d->negated ? met : !met && v->points[l].pushed) return false;
    }
    return true;
}

static void once_or_since(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    int of = d->kind == NAIVE_ONCE ? d->in[0] : d->in[1];
    for (size_t j = 0; j <= k; j++) {
        const naive_relation *in = at(v, j, of);
        if (!in->n || !within(d->within, v->points[j].at, v->points[k].at)) continue;
        for (size_t r = 0; r < in->n; r++) {
            const kd_value *row = in->rows[r].v;
            if (naive_copies(out, row, d->width)) continue;
            if (d->kind == NAIVE_ONCE || unbroken(v, d, j, k, row)) put(out, row, d->width, 0);
        }
    }
}

static void previous(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    if (!v->points[k].pushed) return;
    size_t j = k;
    while (j > 0 && !v->points[--j].pushed) {
    }
    if (j == 0 || !within(d->within, v->points[j].at, v->points[k].at)) return;
    const naive_relation *in = at(v, j, d->in[0]);
    for (size_t i = 0; i < in->n; i++) put(out, in->rows[i].v, d->width, 0);
}

static void rise_or_fall(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    if (k == 0) return;
    const naive_relation *now = at(v, k, d->in[0]), *was = at(v, k - 1, d->in[0]);
    const naive_relation *here = d->kind == NAIVE_RISE ? now : was,
                         *there = d->kind == NAIVE_RISE ? was : now;
    for (size_t i = 0; i < here->n; i++) {
        const kd_value *row = here->rows[i].v;
        if (!naive_copies(there, row, d->width) && !naive_copies(out, row, d->width))
            put(out, row, d->width, 0);
    }
}

/* The time point at which a row that is there at k came. */
static size_t came_at(naive *v, size_t k, int of, const kd_value *row) {
    while (k > 0 && naive_copies(at(v, k - 1, of), row, v->nodes[of].width)) k--;
    return k;
}

/* A row fires at the first time point after the one at which it came that is not before its instant. */
static void timer(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    const naive_relation *in = at(v, k, d->in[0]);
    for (size_t i = 0; i < in->n; i++) {
        const kd_value *row = in->rows[i].v;
        kd_value due = row[d->column];
        if (due == KD_ABSENT || due == KD_NEVER || naive_copies(out, row, d->width)) continue;
        size_t j = came_at(v, k, d->in[0], row) + 1;
        while (j < k && v->points[j].at < due) j++;
        if (j == k && v->points[k].at >= due) put(out, row, d->width, 0);
    }
}

/* Is x further out than the best so far? `negated`: in the order of the caller's that turns all around. */
static bool is_further(const naive_node *d, kd_value x, kd_value best) {
    return (d->fold == KD_LEAST) != d->negated ? x < best : x > best;
}

/* All rows that count at k: of the level as it is, or of the pulse ever. */
static void fold(naive *v, size_t k, const naive_node *d, naive_relation *out) {
    naive_relation all = {0};
    for (size_t j = d->kind == NAIVE_AGGREGATE ? k : 0; j <= k; j++) {
        const naive_relation *in = at(v, j, d->in[0]);
        for (size_t i = 0; i < in->n; i++)
            if (d->fold == KD_COUNT || in->rows[i].v[d->column] != KD_ABSENT)
                put(&all, in->rows[i].v, v->nodes[d->in[0]].width, 0);
    }
    for (size_t i = 0; i < all.n; i++) {
        kd_value row[NAIVE_WIDTH + 1], value = 0;
        bool first = true, earlier = false;
        for (size_t j = 0; j < all.n; j++) {
            if (!same_keys(d, all.rows[j].v, all.rows[i].v)) continue;
            earlier |= j < i;
            kd_value x = all.rows[j].v[d->column];
            if (d->fold == KD_COUNT)
                value++;
            else if (d->fold == KD_SUM)
                value += x;
            else if (first || is_further(d, x, value))
                value = x;
            first = false;
        }
        if (earlier) continue;
        for (unsigned c = 0; c < d->key_count; c++) row[c] = all.rows[i].v[d->keys[c]];
        row[d->key_count] = value;
        put(out, row, d->width, 0);
    }
    if (!all.n && d->row_count) put(out, d->rows[0], d->width, 0); /* the value of no rows */
    free(all.rows);
}

static void evaluate(naive *v, size_t k, int i) {
    const naive_node *d = &v->nodes[i];
    naive_relation *out = &v->points[k].value[i];
    switch (d->kind) {
    case NAIVE_INPUT:
        input(v, k, i, d, out);
        break;
    case NAIVE_CONSTANT:
        for (unsigned r = 0; r < d->row_count; r++) put(out, d->rows[r], d->width, 0);
        break;
    case NAIVE_SCHEDULE:
        schedule(v, k, d, out);
        break;
    case NAIVE_SELECT:
    case NAIVE_MAP:
        select_or_map(v, k, d, out);
        break;
    case NAIVE_JOIN:
        join(v, k, d, out);
        break;
    case NAIVE_ANTIJOIN:
        antijoin(v, k, d, out);
        break;
    case NAIVE_UNION:
        both(v, k, d, out);
        break;
    case NAIVE_DISTINCT:
        distinct(v, k, d, out);
        break;
    case NAIVE_HOLD:
        hold(v, k, i, d, out);
        break;
    case NAIVE_LATEST:
        latest(v, k, d, out);
        break;
    case NAIVE_ONCE:
    case NAIVE_SINCE:
        once_or_since(v, k, d, out);
        break;
    case NAIVE_PREVIOUS:
        previous(v, k, d, out);
        break;
    case NAIVE_RISE:
    case NAIVE_FALL:
        rise_or_fall(v, k, d, out);
        break;
    case NAIVE_TIMER:
        timer(v, k, d, out);
        break;
    case NAIVE_AGGREGATE:
    case NAIVE_ACCUMULATE:
        fold(v, k, d, out);
        break;
    default:
        abort();
    }
    if (out->n > NAIVE_TOO_MANY) v->unclear = true;
}

/* ---- Time points ----------------------------------------------------------------------------------------*/

static void add_point(naive *v, kd_instant when, bool pushed, const naive_event *events, size_t count) {
    if (v->n == v->room) {
        v->room = v->room ? v->room * 2 : 16;
        v->points = realloc(v->points, v->room * sizeof *v->points);
        if (!v->points) abort();
    }
    size_t k = v->n++;
    v->points[k] = (naive_point){.at = when, .pushed = pushed, .events = events, .event_count = count};
    for (unsigned i = 0; i < v->node_count && !v->unclear; i++) evaluate(v, k, (int)i);
}

static void sooner(kd_instant *best, kd_instant t, kd_instant after) {
    if (t > after && t < *best) *best = t;
}

/* The next instant at which a node may change by itself, seen from the last time point. Too many of them do
 * no harm. */
static kd_instant next_instant(naive *v) {
    size_t k = v->n - 1;
    kd_instant best = KD_NEVER, now = v->points[k].at;
    for (unsigned i = 0; i < v->node_count; i++) {
        const naive_node *d = &v->nodes[i];
        if (d->kind == NAIVE_SCHEDULE) sooner(&best, next_boundary(&d->schedule, now), now);
        if (d->kind == NAIVE_ONCE || d->kind == NAIVE_SINCE) {
            for (size_t j = 1; j <= k; j++) {
                if (!at(v, j, d->in[d->kind == NAIVE_SINCE])->n) continue;
                sooner(&best, v->points[j].at + d->within.low, now);
                if (d->within.high != KD_NEVER) sooner(&best, v->points[j].at + d->within.high + 1, now);
            }
        }
        if (d->kind != NAIVE_TIMER) continue;
        const naive_relation *in = at(v, k, d->in[0]);
        for (size_t r = 0; r < in->n; r++) {
            kd_value due = in->rows[r].v[d->column];
            if (due == KD_ABSENT || due == KD_NEVER) continue;
            if (due <= now && came_at(v, k, d->in[0], in->rows[r].v) == k) return now;
            sooner(&best, due, now);
        }
    }
    return best;
}

void naive_open(naive *v, const naive_node *nodes, unsigned count) {
    memset(v, 0, sizeof *v);
    v->nodes = nodes;
    v->node_count = count;
    add_point(v, INT64_MIN, false, NULL, 0);
}

void naive_close(naive *v) {
    for (size_t k = 0; k < v->n; k++)
        for (unsigned i = 0; i < v->node_count; i++) free(v->points[k].value[i].rows);
    free(v->points);
}

static void pass(naive *v, kd_instant to) {
    for (kd_instant t; !v->unclear && (t = next_instant(v)) <= to && t != KD_NEVER;)
        add_point(v, t, false, NULL, 0);
}

void naive_push(naive *v, kd_instant when, const naive_event *events, size_t count) {
    pass(v, when);
    if (!v->unclear) add_point(v, when, true, events, count);
    pass(v, when);
}

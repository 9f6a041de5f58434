/* shrink_mfotl.c: a greedy shrinker: one node of the formula or one piece of the log at a time, as long as
 * the fault stays. */
#include "shrink_mfotl.h"
#include "naive_mfotl.h"

#include <stdlib.h>
#include <string.h>

typedef struct shrinker {
    kd_arena *a;     /* for what stays */
    kd_arena *round; /* for what is tried */
    rm_pair *p;
    sm_fails fails;
    void *ctx;
} shrinker;

static kd_str keep(kd_arena *a, kd_str s) {
    char *p = kd_arena_copy(a, s.n ? s.p : "", s.n);
    if (!p) abort();
    return (kd_str){p, s.n};
}

static bool accept(shrinker *s, rm_pair smaller) {
    if (!s->fails(s->ctx, &smaller)) return false;
    *s->p = smaller;
    s->p->formula = keep(s->a, smaller.formula);
    s->p->log = keep(s->a, smaller.log);
    return true;
}

/* ---- Formula ------------------------------------------------------------------------------------------*/

static void list_nodes(nm_formula **slot, nm_formula ***list, size_t *count) {
    if (!*slot || *count >= 400) return;
    list[(*count)++] = slot;
    list_nodes(&(*slot)->a, list, count);
    list_nodes(&(*slot)->b, list, count);
}

static nm_formula *plain(shrinker *s, nm_op op, nm_formula *a) {
    nm_formula *f = kd_arena_take(s->round, sizeof *f);
    if (!f) abort();
    f->op = op;
    f->a = a;
    return f;
}

enum { EDITS = 12 };

/* Edit number k of a node; NULL when it has no such edit. Whether the result is still a formula is for the
 * reader to say. */
static nm_formula *edited(shrinker *s, const nm_formula *f, unsigned k) {
    nm_formula *g = plain(s, f->op, NULL);
    bool regex = f->op >= NM_RE_STEP, timed = f->op >= NM_PREVIOUS && f->op <= NM_BACKWARD &&
                                              f->op != NM_AGGREGATE && f->op != NM_LET && f->op != NM_LETPAST;
    *g = *f;
    switch (k) {
    case 0:
        return f->op == NM_FORWARD || f->op == NM_BACKWARD   ? f->a->op == NM_RE_TEST ? f->a->a : NULL
               : f->op == NM_RE_TEST || f->op == NM_RE_PLAIN ? NULL
                                                             : f->a;
    case 1:
        return f->b;
    case 2:
        return regex              ? f->op == NM_RE_STEP ? NULL : plain(s, NM_RE_STEP, NULL)
                            : f->op == NM_TRUE ? NULL
                                  : plain(s, NM_TRUE, NULL);
    case 3:
        return regex || f->op == NM_FALSE || f->op == NM_TRUE ? NULL : plain(s, NM_FALSE, NULL);
    case 4:
        g->in.low = 0;
        return timed && f->in.low && (f->in.unbounded || f->in.high) ? g : NULL;
    case 5:
        g->in.low = f->in.low / 2;
        return timed && f->in.low ? g : NULL;
    case 6:
        g->in.high = f->in.low + (f->in.high - f->in.low) / 2;
        return timed && f->in.high > f->in.low && !f->in.unbounded ? g : NULL;
    case 7:
        g->in.high -= 1;
        return timed && !f->in.unbounded && f->in.high > f->in.low ? g : NULL;
    case 8:
        g->in.unbounded = true;
        return timed && !f->in.unbounded ? g : NULL;
    case 9:
        g->fold = NM_CNT;
        return f->op == NM_AGGREGATE && f->fold != NM_CNT ? g : NULL;
    case 10:
        g->in.low -= 1;
        g->in.high -= 1;
        return timed && f->in.low && !f->in.unbounded ? g : NULL;
    default:
        return NULL;
    }
}

static bool try_formula(shrinker *s, const nm_world *w, const nm_formula *root) {
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    nm_print(w, root, &t);
    rm_pair smaller = *s->p;
    smaller.formula = keep(s->round, kd_text_str(&t));
    kd_text_close(&t);
    return !kd_str_equal(smaller.formula, s->p->formula) && accept(s, smaller);
}

static bool shrink_formula(shrinker *s) {
    nm_world w;
    nm_world_open(&w, s->round);
    nm_formula *root = nm_read_signature(&w, s->p->sig) ? nm_parse(&w, s->p->formula) : NULL, **slots[400];
    size_t count = 0;
    bool smaller = false;
    if (root) list_nodes(&root, slots, &count);
    for (size_t i = 0; i < count && !smaller; i++)
        for (unsigned k = 0; k < EDITS && !smaller; k++) {
            nm_formula *before = *slots[i], *after = edited(s, before, k);
            if (!after) continue;
            *slots[i] = after;
            smaller = try_formula(s, &w, root);
            *slots[i] = before;
        }
    nm_world_close(&w);
    return smaller;
}

/* ---- Log ----------------------------------------------------------------------------------------------*/

static bool try_log(shrinker *s, const nm_world *w) {
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    for (size_t i = 0; i < w->point_count; i++) {
        if (!w->points[i].text.p) continue;
        kd_text_printf(&t, "@%lld", (long long)w->points[i].at);
        for (size_t k = 0; k < w->points[i].count; k++) nm_put_event(w, &w->points[i].tuples[k], &t);
        kd_text_putc(&t, '\n');
    }
    rm_pair smaller = *s->p;
    smaller.log = keep(s->round, kd_text_str(&t));
    kd_text_close(&t);
    return !kd_str_equal(smaller.log, s->p->log) && accept(s, smaller);
}

/* Moves the time stamps from point i on nearer to the one before. */
static bool closer(shrinker *s, nm_world *w, size_t i) {
    int64_t base = i ? w->points[i - 1].at : 0, gap = w->points[i].at - base;
    for (unsigned k = 0; k < 3 && gap > 0; k++) {
        int64_t less = k == 0 ? gap : k == 1 ? gap / 2 : 1;
        for (size_t n = i; n < w->point_count; n++) w->points[n].at -= less;
        if (less && try_log(s, w)) return true;
        for (size_t n = i; n < w->point_count; n++) w->points[n].at += less;
    }
    return false;
}

static bool without_points(shrinker *s, nm_world *w, size_t from, size_t count) {
    kd_str *texts = kd_arena_array(s->round, count, sizeof *texts);
    if (!texts) abort();
    for (size_t i = 0; i < count; i++) {
        texts[i] = w->points[from + i].text;
        w->points[from + i].text.p = NULL;
    }
    bool smaller = try_log(s, w);
    for (size_t i = 0; i < count; i++) w->points[from + i].text = texts[i];
    return smaller;
}

static bool shrink_log(shrinker *s) {
    nm_world w;
    nm_world_open(&w, s->round);
    bool smaller = false;
    bool good = nm_read_signature(&w, s->p->sig) && nm_read_log(&w, s->p->log);
    for (size_t run = w.point_count; good && run > 0 && !smaller;
         run /= 2) /* whole time points, many at once first */
        for (size_t i = w.point_count; i >= run && !smaller; i -= run)
            smaller = without_points(s, &w, i - run, run);
    for (size_t i = 0; good && i < w.point_count && !smaller; i++) {
        nm_point *p = &w.points[i];
        for (size_t k = p->count; k-- > 0 && !smaller;) {
            nm_tuple gone = p->tuples[k];
            p->tuples[k] = p->tuples[--p->count];
            smaller = try_log(s, &w);
            p->tuples[p->count++] = p->tuples[k];
            p->tuples[k] = gone;
        }
        smaller = smaller || closer(s, &w, i);
    }
    nm_world_close(&w);
    return smaller;
}

void sm_shrink(kd_arena *a, rm_pair *p, sm_fails fails, void *ctx) {
    kd_arena round;
    shrinker s = {a, &round, p, fails, ctx};
    rm_pair bare = *p;
    bare.no_last_point = false;
    if (p->no_last_point) accept(&s, bare);
    for (bool smaller = true; smaller;) {
        kd_arena_open(&round, &kd_allocator_libc);
        smaller = shrink_formula(&s) || shrink_log(&s);
        kd_arena_close(&round);
    }
}

/* monitor_change.c: what may be changed about a formula and a log, each with the reason why the verdicts must
 * stay. */
#include "monitor_change.h"

#include <stdlib.h>
#include <string.h>

static kd_str keep(mc_trial *t, kd_text *text) {
    char *p = kd_arena_copy(t->a, text->p ? text->p : "", text->n);
    if (!p || text->failed) abort();
    kd_str s = {p, text->n};
    kd_text_close(text);
    return s;
}

static void *take(mc_trial *t, size_t bytes) {
    void *p = kd_arena_take(t->a, bytes);
    if (!p) abort();
    return p;
}

/* ---- Formulas -----------------------------------------------------------------------------------------*/

static nm_formula *node(mc_trial *t, nm_op op, nm_formula *a, nm_formula *b) {
    nm_formula *f = take(t, sizeof *f);
    *f = (nm_formula){.op = op, .in = {0, 0, true}, .a = a, .b = b};
    return f;
}

static nm_formula *timed(mc_trial *t, nm_op op, nm_interval in, nm_formula *a, nm_formula *b) {
    nm_formula *f = node(t, op, a, b);
    f->in = in;
    return f;
}

static nm_formula *negation(mc_trial *t, nm_formula *f) {
    return node(t, NM_NOT, f, NULL);
}

typedef nm_formula *(*rewrite)(mc_trial *t, nm_formula *f, unsigned *changed);

/* Every node, parts first, by what the rewriting makes of it. */
static nm_formula *everywhere(mc_trial *t, nm_formula *f, rewrite r, unsigned *changed) {
    if (!f) return NULL;
    f->a = everywhere(t, f->a, r, changed);
    f->b = everywhere(t, f->b, r, changed);
    return r(t, f, changed);
}

static bool by_rewriting(mc_trial *t, rewrite r) {
    unsigned changed = 0;
    kd_text text;
    t->f = everywhere(t, t->f, r, &changed);
    kd_text_open(&text, &kd_allocator_libc);
    nm_print(t->w, t->f, &text);
    t->second.formula = keep(t, &text);
    return changed > 0;
}

static bool has(const nm_formula *f, bool (*test)(const nm_formula *f)) {
    return f && (test(f) || has(f->a, test) || has(f->b, test));
}

static bool is_closed(mc_trial *t, const nm_formula *f) {
    kd_str names[NM_COLUMNS_MAX];
    return nm_columns(t->w, f, names) == 0;
}

static bool names_time(const nm_formula *f) {
    return f->op == NM_PRED && (kd_str_is(f->name, "ts") || kd_str_is(f->name, "tpts"));
}

static bool names_index(const nm_formula *f) {
    return f->op == NM_PRED && (kd_str_is(f->name, "tp") || kd_str_is(f->name, "tpts"));
}

/* NOT NOT f is f, wherever it stands. */
static nm_formula *twice_negated(mc_trial *t, nm_formula *f, unsigned *changed) {
    if (f->op >= NM_RE_STEP || !rm_chance(t->d, 30)) return f;
    ++*changed;
    return negation(t, negation(t, f));
}

static bool double_negation(mc_trial *t) {
    return by_rewriting(t, twice_negated);
}

static bool negated_option(mc_trial *t) {
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    nm_print(t->w, negation(t, t->f), &text);
    t->second.formula = keep(t, &text);
    t->second.negate = !t->first.negate;
    return true;
}

/* ONCE is TRUE SINCE, EVENTUALLY is TRUE UNTIL. */
static nm_formula *since_true(mc_trial *t, nm_formula *f, unsigned *changed) {
    if (f->op != NM_ONCE && f->op != NM_EVENTUALLY) return f;
    ++*changed;
    return timed(t, f->op == NM_ONCE ? NM_SINCE : NM_UNTIL, f->in, node(t, NM_TRUE, NULL, NULL), f->a);
}

static bool once_as_since(mc_trial *t) {
    return by_rewriting(t, since_true);
}

/* The duals by their definitions. The inner NOT g has to be guarded where g has free variables: since g must
 * hold now, a time point without g in the window is one from which g comes within the window (past), or came
 * (future). */
static nm_formula *without_dual(mc_trial *t, nm_formula *f, unsigned *changed) {
    bool past = f->op == NM_TRIGGER || f->op == NM_HISTORICALLY;
    if (!past && f->op != NM_RELEASE && f->op != NM_ALWAYS) return f;
    nm_formula *g = f->b ? f->b : f->a, *left = f->b ? negation(t, f->a) : NULL, *bad = negation(t, g);
    bool closed = is_closed(t, f);
    if (!closed && (f->in.low > 0 || f->in.unbounded)) return f;
    ++*changed;
    if (!closed) bad = node(t, NM_AND, timed(t, past ? NM_EVENTUALLY : NM_ONCE, f->in, g, NULL), bad);
    nm_formula *found = left ? timed(t, past ? NM_SINCE : NM_UNTIL, f->in, left, bad)
                             : timed(t, past ? NM_ONCE : NM_EVENTUALLY, f->in, bad, NULL);
    return closed ? negation(t, found) : node(t, NM_AND, g, negation(t, found));
}

static bool dualities(mc_trial *t) {
    return by_rewriting(t, without_dual);
}

/* f SINCE g is g, or f and PREVIOUS (f SINCE g). */
static nm_formula *one_step(mc_trial *t, nm_formula *f, unsigned *changed) {
    if ((f->op != NM_SINCE && f->op != NM_ONCE) || f->in.low > 0 || !f->in.unbounded) return f;
    ++*changed;
    nm_formula *before = node(t, NM_PREVIOUS, f, NULL);
    return node(t, NM_OR, f->b ? f->b : f->a, f->b ? node(t, NM_AND, before, f->a) : before);
}

static bool since_unfolded(mc_trial *t) {
    return by_rewriting(t, one_step);
}

static nm_formula *spelled_out(mc_trial *t, nm_formula *f, unsigned *changed) {
    if ((f->op != NM_IMPLIES && f->op != NM_EQUIV) || !is_closed(t, f)) return f;
    ++*changed;
    nm_formula *yes = node(t, NM_AND, f->a, f->b),
               *no = node(t, NM_AND, negation(t, f->a), negation(t, f->b));
    return node(t, NM_OR, f->op == NM_EQUIV ? yes : negation(t, f->a), f->op == NM_EQUIV ? no : f->b);
}

static bool connectives(mc_trial *t) {
    return by_rewriting(t, spelled_out);
}

static bool defines(const nm_formula *f) {
    return f->op == NM_LET;
}

static bool let_unfolded(mc_trial *t) {
    t->second_way.unfold = rm_chance(t->d, 50) ? KD_UNFOLD_FULL : KD_UNFOLD_SMART;
    return has(t->f, defines);
}

/* ---- Logs ---------------------------------------------------------------------------------------------*/

typedef void (*put_point)(mc_trial *t, const nm_point *p, kd_text *out);

static void new_log(mc_trial *t, put_point put) {
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    for (size_t i = 0; i < t->w->point_count; i++) put(t, &t->w->points[i], &text);
    t->second.log = keep(t, &text);
}

static void put_events(mc_trial *t, const nm_point *p, int64_t at, size_t from, size_t to, kd_text *out) {
    kd_text_printf(out, "@%lld", (long long)at);
    for (size_t k = from; k < to; k++) nm_put_event(t->w, &p->tuples[k], out);
    kd_text_putc(out, '\n');
}

static void put_later(mc_trial *t, const nm_point *p, kd_text *out) {
    put_events(t, p, p->at + t->shift, 0, p->count, out);
}

static bool shifted(mc_trial *t) {
    static const int64_t by[] = {1, 7, 86400, INT64_C(1) << 40, INT64_C(1) << 61};
    t->shift = by[rm_below(t->d, 5)];
    new_log(t, put_later);
    return !has(t->f, names_time);
}

static void put_mixed(mc_trial *t, const nm_point *p, kd_text *out) {
    for (size_t k = p->count; k-- > 1;) {
        size_t other = rm_below(t->d, (unsigned)k + 1);
        nm_tuple e = p->tuples[k];
        p->tuples[k] = p->tuples[other];
        p->tuples[other] = e;
    }
    put_events(t, p, p->at, 0, p->count, out);
    for (size_t k = 0; k < p->count && rm_chance(t->d, 50); k++) nm_put_event(t->w, &p->tuples[k], out);
}

static bool mixed(mc_trial *t) {
    new_log(t, put_mixed);
    return true;
}

static bool names_g(const nm_formula *f) {
    return f->op == NM_PRED && kd_str_is(f->name, "G");
}

static void put_beside(mc_trial *t, const nm_point *p, kd_text *out) {
    put_events(t, p, p->at, 0, p->count, out);
    kd_text_puts(out, rm_chance(t->d, 50) ? " G(7.5)(-0.25)\n" : "");
}

static bool beside(mc_trial *t) {
    new_log(t, put_beside);
    return !has(t->f, names_g);
}

/* A verdict never depends on what comes after it came out. */
static bool begun(mc_trial *t) {
    size_t cut = t->w->point_count / 2 + rm_below(t->d, (unsigned)t->w->point_count / 2 + 1);
    if (cut >= t->w->point_count) return false;
    t->how = MC_BEGIN;
    t->first.no_last_point = t->second.no_last_point = true;
    t->first.log.n = (size_t)(t->w->points[cut].text.p - t->first.log.p);
    return true;
}

/* ---- Splitting a time point -------------------------------------------------------------------------------
 *
 * Where every event is looked at as "at some time point of this time stamp", and no operator counts time
 * points, whether a formula holds depends on the time stamp alone: AND, OR, NOT, EXISTS and aggregations keep
 * that; ONCE, EVENTUALLY, SINCE and UNTIL too, since of several time points with one time stamp the nearest
 * to here serves as well as any. So an event may move to another time point of its time stamp, and there may
 * be more or fewer of them. */
static bool counts_points(const nm_formula *f) {
    return f->op == NM_PREVIOUS || f->op == NM_NEXT || f->op == NM_FORWARD || f->op == NM_BACKWARD ||
           names_index(f);
}

static nm_formula *at_stamp(mc_trial *t, nm_formula *f, unsigned *changed) {
    const nm_interval now = {0, 0, false};
    if (f->op != NM_PRED || f->name.p[0] == 'L' || f->name.p[0] == 'N' || names_time(f)) return f;
    ++*changed;
    return node(t, NM_OR, timed(t, NM_ONCE, now, f, NULL), timed(t, NM_EVENTUALLY, now, f, NULL));
}

static void put_split(mc_trial *t, const nm_point *p, kd_text *out) {
    size_t cut = rm_below(t->d, (unsigned)p->count + 1);
    if (rm_chance(t->d, 50)) {
        put_events(t, p, p->at, 0, p->count, out);
        return;
    }
    put_events(t, p, p->at, cut, p->count, out);
    if (rm_chance(t->d, 30)) put_events(t, p, p->at, 0, 0, out);
    put_events(t, p, p->at, 0, cut, out);
}

static bool split(mc_trial *t) {
    if (has(t->f, counts_points) || !by_rewriting(t, at_stamp)) return false;
    t->first.formula = t->second.formula;
    t->how = MC_STAMPS;
    new_log(t, put_split);
    return true;
}

/* ---- Renaming constants -------------------------------------------------------------------------------*/

static nm_value renamed(mc_trial *t, nm_value v) {
    if (v.type == NM_INT) return nm_int(mp_renamed(v.bits));
    if (v.type != NM_STRING) return v;
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    kd_text_put(&text, kd_symbol_text(t->w->texts, v.bits));
    kd_text_puts(&text, MP_TAIL);
    return nm_text(t->w, NM_STRING, keep(t, &text));
}

/* What knows more of a value than its place in the order. */
static bool looks_inside(const nm_formula *f) {
    if (f->op == NM_AGGREGATE || f->op == NM_SUBSTRING || f->op == NM_MATCHES || names_time(f) ||
        names_index(f))
        return true;
    for (unsigned i = 0; i < f->count; i++)
        if (f->args[i] && f->args[i]->op != NM_VARIABLE && f->args[i]->op != NM_CONSTANT) return true;
    return false;
}

static nm_formula *rename_constants(mc_trial *t, nm_formula *f, unsigned *changed) {
    for (unsigned i = 0; i < f->count; i++)
        if (f->args[i]->op == NM_CONSTANT) f->args[i]->value = renamed(t, f->args[i]->value);
    ++*changed;
    return f;
}

static void put_renamed(mc_trial *t, const nm_point *p, kd_text *out) {
    for (size_t k = 0; k < p->count; k++)
        for (unsigned i = 0; i < t->w->preds[p->tuples[k].pred].arity; i++)
            p->tuples[k].values[i] = renamed(t, p->tuples[k].values[i]);
    put_events(t, p, p->at, 0, p->count, out);
}

static bool renaming(mc_trial *t) {
    if (has(t->f, looks_inside)) return false;
    t->first_way.renamed = true;
    new_log(t, put_renamed);
    return by_rewriting(t, rename_constants);
}

const mc_row mc_rows[] = {
    {"shifting all time stamps shifts the verdicts", shifted},
    {"renaming values in their order renames the verdicts", renaming},
    {"NOT NOT changes nothing", double_negation},
    {"NOT of the negated formula is the formula", negated_option},
    {"the duals are what they are defined as", dualities},
    {"ONCE is TRUE SINCE, EVENTUALLY is TRUE UNTIL", once_as_since},
    {"SINCE unfolds one step", since_unfolded},
    {"IMPLIES and EQUIV are what they are defined as", connectives},
    {"unfolding LET changes nothing", let_unfolded},
    {"the order of events at a time point, and events told twice, change nothing", mixed},
    {"events that the formula does not name change nothing", beside},
    {"a verdict is never taken back", begun},
    {"splitting a time point changes nothing where none are counted", split},
};
const size_t mc_row_count = sizeof mc_rows / sizeof *mc_rows;

/* naive_mfotl.c: the rules of the naive evaluator: which valuations satisfy a formula at a time point of a
 * whole log.
 *
 * solve(f, i) gives, under an assignment of some variables (env), all ways to extend it to the free variables
 * of f such that f holds at i. Each rule below is the operator's definition; what has been found is
 * remembered by (f, i, assignment). In f AND g one side is solved and the other under each of its solutions,
 * whichever order binds all variables. */
#include "naive_mfotl.h"
#include "naive_mfotl_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *nm_take(machine *m, size_t count, size_t bytes) {
    void *p = kd_arena_array(m->w->arena, count, bytes);
    if (!p) abort();
    return p;
}

void nm_stuck(machine *m, const char *why) {
    if (m->status == NM_DONE) snprintf(m->w->complaint, sizeof m->w->complaint, "%s", why);
    m->status = NM_CANNOT;
}

/* ---- Rows ---------------------------------------------------------------------------------------------*/

void nm_bind(machine *m, const nm_formula *f, const nm_value *row, nm_value *saved) {
    for (unsigned c = 0; c < f->fv_count; c++) {
        saved[c] = m->env[f->fv[c]];
        m->env[f->fv[c]] = row[c];
    }
}

void nm_unbind(machine *m, const nm_formula *f, const nm_value *saved) {
    for (unsigned c = 0; c < f->fv_count; c++) m->env[f->fv[c]] = saved[c];
}

/* The assignment as a row of the solutions of f. */
void nm_emit(machine *m, const nm_formula *f, rows *r) {
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 4;
        nm_value *more = nm_take(m, room * (f->fv_count + 1), sizeof *more);
        if (r->count) memcpy(more, r->values, r->count * f->fv_count * sizeof *more);
        r->values = more;
        r->room = room;
    }
    for (unsigned c = 0; c < f->fv_count; c++) {
        nm_value v = m->env[f->fv[c]];
        if (v.type == NM_OPEN) nm_stuck(m, "a variable stays open");
        r->values[r->count * f->fv_count + c] = v;
    }
    r->count++;
    m->steps++;
}

static bool row_same(const nm_value *a, const nm_value *b, unsigned width) {
    for (unsigned c = 0; c < width; c++)
        if (!nm_same(a[c], b[c])) return false;
    return true;
}

static int row_order(machine *m, const nm_value *a, const nm_value *b, unsigned width) {
    for (unsigned c = 0; c < width; c++) {
        int o = nm_order(m->w, a[c], b[c]);
        if (o) return o;
    }
    return 0;
}

/* Sorts and drops what is there twice: bottom-up merge sort. */
void nm_sort(machine *m, rows *r, unsigned width) {
    if (r->count < 2) return;
    if (!width) {
        r->count = 1;
        return;
    }
    size_t n = r->count, bytes = width * sizeof(nm_value);
    nm_value *from = r->values, *to = nm_take(m, n * width, sizeof *to);
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t begin = 0; begin < n; begin += 2 * run) {
            size_t mid = begin + run < n ? begin + run : n, end = begin + 2 * run < n ? begin + 2 * run : n;
            size_t a = begin, b = mid;
            for (size_t k = begin; k < end; k++) {
                bool left =
                    a < mid && (b >= end || row_order(m, from + a * width, from + b * width, width) <= 0);
                memcpy(to + k * width, from + (left ? a++ : b++) * width, bytes);
            }
        }
        nm_value *t = from;
        from = to;
        to = t;
    }
    r->values = from;
    size_t kept = 1;
    for (size_t k = 1; k < n; k++)
        if (!row_same(from + k * width, from + (kept - 1) * width, width))
            memmove(from + kept++ * width, from + k * width, bytes);
    r->count = kept;
}

/* ---- What has been found already ----------------------------------------------------------------------*/

static uint64_t key_hash(const machine *m, const nm_formula *f, unsigned i, unsigned j) {
    uint64_t h = kd_hash(&f->id, sizeof f->id, ((uint64_t)i << 32) + j);
    for (unsigned c = 0; c < f->fv_count; c++) {
        nm_value v = m->env[f->fv[c]];
        uint64_t pair[2] = {(uint64_t)v.bits, v.type};
        h = kd_hash(pair, sizeof pair, h);
    }
    return h;
}

static void grow(machine *m) {
    size_t room = m->memo_room ? 2 * m->memo_room : 1024;
    found **memo = nm_take(m, room, sizeof *memo);
    for (size_t k = 0; k < m->memo_room; k++) {
        if (!m->memo[k]) continue;
        size_t at = m->memo[k]->hash & (room - 1);
        while (memo[at]) at = (at + 1) & (room - 1);
        memo[at] = m->memo[k];
    }
    m->memo = memo;
    m->memo_room = room;
}

static found *look_up(machine *m, const nm_formula *f, unsigned i, unsigned j) {
    if (2 * m->memo_count >= m->memo_room) grow(m);
    uint64_t h = key_hash(m, f, i, j);
    size_t at = h & (m->memo_room - 1);
    for (; m->memo[at]; at = (at + 1) & (m->memo_room - 1)) {
        found *e = m->memo[at];
        bool same = e->hash == h && e->f == f && e->i == i && e->j == j;
        for (unsigned c = 0; same && c < f->fv_count; c++) same = nm_same(e->key[c], m->env[f->fv[c]]);
        if (same) return e;
    }
    found *e = nm_take(m, 1, sizeof *e);
    *e = (found){.hash = h, .f = f, .i = i, .j = j, .key = nm_take(m, f->fv_count + 1, sizeof(nm_value))};
    for (unsigned c = 0; c < f->fv_count; c++) e->key[c] = m->env[f->fv[c]];
    m->memo[at] = e;
    m->memo_count++;
    return e;
}

const rows *nm_solve(machine *m, const nm_formula *f, unsigned i, unsigned j) {
    static const rows none = {0};
    if (m->status == NM_DONE && m->limit && ++m->steps > m->limit) m->status = NM_TOO_MUCH;
    if (m->status != NM_DONE) return &none;
    found *e = look_up(m, f, i, j);
    if (e->state == BUSY) {
        nm_stuck(m, "LETPAST looks at the present");
        return &none;
    }
    if (e->state == NEW) {
        e->state = BUSY;
        nm_rules[f->op](m, f, i, j, &e->rows);
        nm_sort(m, &e->rows, f->fv_count);
        e->state = DONE;
    }
    return &e->rows;
}

/* ---- Decided ------------------------------------------------------------------------------------------*/

static bool decided(machine *m, const nm_formula *f, unsigned i);

static bool decided_until(machine *m, const nm_formula *f, unsigned first, unsigned last) {
    if (!f) return true;
    if (f->op >= NM_RE_STEP && f->op != NM_RE_TEST)
        return decided_until(m, f->a, first, last) && decided_until(m, f->b, first, last);
    for (unsigned k = first; k <= last; k++)
        if (!decided(m, f->op == NM_RE_TEST ? f->a : f, k)) return false;
    return true;
}

static bool find_decided(machine *m, const nm_formula *f, unsigned i) {
    unsigned last = i;
    switch (f->op) {
    case NM_PRED:
        return !f->def || decided(m, f->def->a, i);
    case NM_PREVIOUS:
        return i == 0 || decided(m, f->a, i - 1);
    case NM_NEXT:
        return i + 1 < m->count && decided(m, f->a, i + 1);
    case NM_EVENTUALLY:
    case NM_ALWAYS:
    case NM_UNTIL:
    case NM_RELEASE:
    case NM_FORWARD:
        while (last < m->count && nm_distance(m, i, last) <= f->in.high) last++;
        return last < m->count && decided_until(m, f->a, i, last - 1) && decided_until(m, f->b, i, last - 1);
    case NM_ONCE:
    case NM_HISTORICALLY:
    case NM_SINCE:
    case NM_TRIGGER:
    case NM_BACKWARD:
        return decided_until(m, f->a, 0, i) && decided_until(m, f->b, 0, i);
    case NM_LET:
    case NM_LETPAST:
        return decided(m, f->b, i);
    default:
        return (!f->a || decided(m, f->a, i)) && (!f->b || decided(m, f->b, i));
    }
}

static bool decided(machine *m, const nm_formula *f, unsigned i) {
    unsigned char *known = &m->decided[f->id * m->count + i];
    if (!*known) {
        *known = 2; /* LETPAST that comes back here asks nothing new */
        *known = find_decided(m, f, i) ? 2 : 1;
    }
    return *known == 2;
}

/* ---- The whole log ------------------------------------------------------------------------------------*/

static void verdict(machine *m, const nm_core *core, unsigned i, nm_verdict *v) {
    const nm_formula *f = core->formula;
    rows out = {0};
    const rows *r = nm_solve(m, f, i, 0);
    out.count = r->count;
    out.values = nm_take(m, r->count * (f->fv_count + 1) + 1, sizeof(nm_value));
    nm_value saved[NM_COLUMNS_MAX];
    for (size_t k = 0; k < r->count; k++) { /* columns in the order of the output */
        nm_bind(m, f, r->values + k * f->fv_count, saved);
        for (unsigned c = 0; c < core->column_count; c++)
            out.values[k * f->fv_count + c] = m->env[core->column_vars[c]];
        nm_unbind(m, f, saved);
    }
    nm_sort(m, &out, f->fv_count);
    v->rows = out.values;
    v->count = out.count;
}

nm_status nm_run(kd_arena *a, kd_str sig, kd_str formula, kd_str log, const nm_options *o, nm_result *out) {
    *out = (nm_result){0};
    nm_world *w = &out->world;
    nm_world_open(w, a);
    nm_formula *f = nm_read_signature(w, sig) ? nm_parse(w, formula) : NULL;
    if (!f || !nm_make_core(w, f, o->negate, &out->core) || !nm_read_log(w, log)) return NM_WRONG;
    machine m = {.w = w, .core = &out->core, .count = (unsigned)w->point_count, .limit = o->steps};
    bool last = !o->no_last_point && !w->stopped; /* one more, empty, infinitely late */
    m.total = m.count + last;
    m.env = nm_take(&m, NM_VARIABLES_MAX, sizeof *m.env);
    m.decided = nm_take(&m, (size_t)out->core.nodes * (m.count + 1), 1);
    nm_set none = {{0}};
    if (!nm_can(&m, out->core.formula, &none)) nm_stuck(&m, "no order of evaluation binds all variables");
    out->count = m.count;
    out->verdicts = nm_take(&m, m.count + 1, sizeof *out->verdicts);
    for (unsigned i = 0; i < m.count && m.status == NM_DONE; i++) {
        out->verdicts[i].at = w->points[i].at;
        out->verdicts[i].decided = last || decided(&m, out->core.formula, i);
        if (out->verdicts[i].decided) verdict(&m, &out->core, i, &out->verdicts[i]);
    }
    out->arithmetic = m.arithmetic;
    return m.status == NM_DONE && m.arithmetic ? NM_ARITHMETIC : m.status;
}

void nm_close(nm_result *r) {
    nm_world_close(&r->world);
}

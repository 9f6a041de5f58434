/* naive_mfotl_fold.c: the rule of aggregations: every solution of the body counts, in its group. */
#include "naive_mfotl_rules.h"

#include <math.h>

static nm_value default_of(machine *m, const nm_formula *f) {
    nm_type type = m->core->types[f->over_var];
    switch (f->fold) {
    case NM_CNT:
        return nm_int(0);
    case NM_AVG:
    case NM_MED:
        return nm_float(0);
    case NM_SUM:
        return type == NM_INT ? nm_int(0) : nm_float(0);
    default:
        if (type == NM_INT) return nm_int(0);
        if (type == NM_STRING || type == NM_REGEXP) return nm_text(m->w, type, KD_STR(""));
        return nm_float(f->fold == NM_MIN ? (double)INFINITY : -(double)INFINITY);
    }
}

static double real(nm_value v) {
    return v.type == NM_INT ? (double)v.bits : nm_double(v);
}

/* The bag is not empty and is sorted, without anything dropped. */
static bool fold(const nm_value *bag, size_t n, nm_fold op, nm_value *out) {
    int64_t whole = 0;
    double sum = 0;
    bool fits = true;
    for (size_t k = 0; k < n; k++) {
        if (bag[k].type == NM_INT) fits = !__builtin_add_overflow(whole, bag[k].bits, &whole) && fits;
        sum += real(bag[k]);
    }
    switch (op) {
    case NM_CNT:
        *out = nm_int((int64_t)n);
        return true;
    case NM_SUM:
        *out = bag[0].type == NM_INT ? nm_int(whole) : nm_float(sum);
        return fits;
    case NM_MIN:
        *out = bag[0];
        return true;
    case NM_MAX:
        *out = bag[n - 1];
        return true;
    case NM_AVG:
        *out = nm_float((bag[0].type == NM_INT && fits ? (double)whole : sum) / (double)n);
        return true;
    default:
        *out = n % 2 ? nm_float(real(bag[n / 2])) : nm_float((real(bag[n / 2 - 1]) + real(bag[n / 2])) / 2);
        return true;
    }
}

static void sort_bag(const nm_world *w, nm_value *bag, size_t n) {
    for (size_t k = 1; k < n; k++)
        for (size_t i = k; i > 0 && nm_order(w, bag[i - 1], bag[i]) > 0; i--) {
            nm_value v = bag[i];
            bag[i] = bag[i - 1];
            bag[i - 1] = v;
        }
}

static void emit_result(machine *m, const nm_formula *f, nm_value v, rows *r) {
    nm_value *result = &m->env[f->result];
    bool open = result->type == NM_OPEN;
    if (open) *result = v;
    if (nm_same(*result, v)) nm_emit(m, f, r);
    if (open) result->type = NM_OPEN;
}

static unsigned place(const nm_formula *body, unsigned var) {
    unsigned c = 0;
    while (c + 1 < body->fv_count && body->fv[c] != var) c++;
    return c;
}

static bool same_group(const nm_formula *f, const nm_value *a, const nm_value *b) {
    for (unsigned g = 0; g < f->name_count; g++) {
        unsigned c = place(f->a, f->vars[g]);
        if (!nm_same(a[c], b[c])) return false;
    }
    return true;
}

void nm_rule_aggregate(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r);
void nm_rule_aggregate(machine *m, const nm_formula *f, unsigned i, unsigned j, rows *r) {
    const nm_formula *body = f->a;
    const rows *all = nm_solve(m, body, i, 0);
    unsigned width = body->fv_count, over = place(body, f->over_var);
    bool *seen = nm_take(m, all->count + 1, sizeof *seen);
    nm_value *bag = nm_take(m, all->count + 1, sizeof *bag), saved[NM_COLUMNS_MAX], v;
    if (!all->count && !f->name_count && m->status == NM_DONE) emit_result(m, f, default_of(m, f), r);
    for (size_t k = 0; k < all->count; k++) {
        const nm_value *row = all->values + k * width;
        size_t n = 0;
        for (size_t other = k; !seen[k] && other < all->count; other++)
            if (same_group(f, row, all->values + other * width)) {
                bag[n++] = all->values[other * width + over];
                seen[other] = other > k;
            }
        if (!n) continue;
        sort_bag(m->w, bag, n);
        if (!fold(bag, n, f->fold, &v)) {
            m->arithmetic = true;
            continue;
        }
        nm_bind(m, body, row, saved); /* the group's values */
        emit_result(m, f, v, r);
        nm_unbind(m, body, saved);
    }
}

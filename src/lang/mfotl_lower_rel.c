/* mfotl_lower_rel.c: relations while a formula is lowered: nodes whose columns have the names of variables.
 * */
#include "lang/mfotl_lower.h"

/* ---- Lists of variables ---------------------------------------------------------------------------------*/

mf_vars mf_vars_of(const mf_formula *f) {
    return (mf_vars){f->free, f->free_count};
}

bool mf_vars_have(mf_vars a, mf_var v) {
    for (uint32_t i = 0; i < a.count; i++)
        if (a.items[i] == v) return true;
    return false;
}

static mf_var *room_for(mf_lowering *l, size_t count) {
    mf_var *at = kd_arena_array(&l->scratch, count + 1, sizeof *at);
    if (!at) l->status = KD_NOMEM;
    return at;
}

mf_vars mf_vars_needed(mf_lowering *l, const mf_formula *f, mf_vars need) {
    mf_var *at = room_for(l, f->free_count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->free_count && at; i++)
        if (mf_vars_have(need, f->free[i])) at[n++] = f->free[i];
    return (mf_vars){at, n};
}

mf_vars mf_vars_plus(mf_lowering *l, mf_vars a, mf_vars b) {
    mf_var *at = room_for(l, (size_t)a.count + b.count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < a.count && at; i++) at[n++] = a.items[i];
    for (uint32_t i = 0; i < b.count && at; i++)
        if (!mf_vars_have(a, b.items[i])) at[n++] = b.items[i];
    return (mf_vars){at, n};
}

mf_vars mf_vars_minus(mf_lowering *l, mf_vars a, mf_vars b) {
    mf_var *at = room_for(l, a.count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < a.count && at; i++)
        if (!mf_vars_have(b, a.items[i])) at[n++] = a.items[i];
    return (mf_vars){at, n};
}

/* ---- Failing --------------------------------------------------------------------------------------------*/

bool mf_lower_failed(mf_lowering *l) {
    return l->status != KD_OK || kd_plan_error(l->plan, NULL) != KD_OK;
}

mf_rel mf_rel_failed(void) {
    return (mf_rel){.node = 0};
}

mf_rel mf_lower_fail(mf_lowering *l, kd_status status, const mf_formula *at, const char *reason,
                     const char *message) {
    if (l->status == KD_OK) {
        l->status = kd_fail(l->error, status, reason, "%s", message);
        if (at) kd_error_place(l->error, l->p->file, at->place.line, at->place.column);
    }
    return mf_rel_failed();
}

static mf_rel too_wide(mf_lowering *l) {
    return mf_lower_fail(l, KD_INVALID, NULL, "width",
                         "a subformula needs rows of more than 24 columns; take it apart with EXISTS or LET");
}

/* ---- Columns --------------------------------------------------------------------------------------------*/

mf_rel mf_rel_of(mf_lowering *l, kd_node n, mf_vars order, const mf_rel *from) {
    if (n == 0 || l->status != KD_OK) return mf_rel_failed();
    if (order.count > KD_WIDTH_MAX) return too_wide(l);
    mf_rel r = {.node = n, .kind = kd_plan_kind(l->plan, n), .width = order.count};
    for (unsigned i = 0; i < r.width; i++) r.at[i] = order.items[i];
    if (from) {
        r.bag = from->bag;
        r.loose = from->loose;
    }
    return r;
}

int mf_rel_column(const mf_rel *r, mf_var v) {
    for (unsigned i = 0; i < r->width; i++)
        if (r->at[i] == v) return (int)i;
    return -1;
}

mf_vars mf_rel_named(mf_lowering *l, const mf_rel *r) {
    mf_var *at = room_for(l, r->width);
    uint32_t n = 0;
    for (unsigned i = 0; i < r->width && at; i++)
        if (r->at[i] < MF_SAME) at[n++] = r->at[i];
    return (mf_vars){at, n};
}

bool mf_rel_is_bag(const mf_rel *r) {
    bool gone = false;
    for (unsigned i = 0; i < r->width; i++) gone |= r->at[i] == MF_GONE;
    return r->bag || gone;
}

mf_rel mf_rel_tidy(mf_lowering *l, mf_rel r, mf_vars order) {
    kd_expr columns[KD_WIDTH_MAX];
    if (r.node == 0) return r;
    if (order.count > KD_WIDTH_MAX) return too_wide(l);
    bool as_it_is = order.count == r.width, dropped = false;
    for (uint32_t i = 0; i < order.count; i++) {
        int c = mf_rel_column(&r, order.items[i]);
        if (c < 0) return mf_lower_fail(l, KD_INVALID, NULL, "column", "a variable has no column");
        as_it_is = as_it_is && (uint32_t)c == i;
        columns[i] = kd_plan_column(l->plan, (unsigned)c);
    }
    if (as_it_is) return r;
    for (unsigned i = 0; i < r.width; i++) dropped |= r.at[i] != MF_SAME && !mf_vars_have(order, r.at[i]);
    mf_rel to = mf_rel_of(l, kd_plan_map(l->plan, r.node, columns, order.count), order, &r);
    to.bag |= dropped;
    return to;
}

mf_rel mf_rel_set(mf_lowering *l, mf_rel r) {
    if (r.node == 0 || (!r.bag && !r.loose)) return r;
    r.node = kd_plan_distinct(l->plan, r.node);
    r.bag = r.loose = false;
    return r;
}

/* ---- Row by row -----------------------------------------------------------------------------------------*/

mf_rel mf_rel_select(mf_lowering *l, mf_rel r, kd_expr condition) {
    if (r.node) r.node = condition ? kd_plan_select(l->plan, r.node, condition) : 0;
    return r;
}

mf_rel mf_rel_with(mf_lowering *l, mf_rel r, kd_expr e, mf_var v) {
    kd_expr columns[KD_WIDTH_MAX];
    if (r.node == 0 || e == 0) return mf_rel_failed();
    if (r.width == KD_WIDTH_MAX) return too_wide(l);
    for (unsigned i = 0; i < r.width; i++) columns[i] = kd_plan_column(l->plan, i);
    columns[r.width] = e;
    r.node = kd_plan_map(l->plan, r.node, columns, r.width + 1);
    r.at[r.width++] = v;
    return r;
}

const uint32_t *mf_rel_columns(mf_lowering *l, const mf_rel *r) {
    for (unsigned i = 0; i < r->width; i++)
        if (r->at[i] < MF_SAME) l->column_of[r->at[i]] = i;
    return l->column_of;
}

void mf_rel_forget(mf_lowering *l, const mf_rel *r) {
    for (unsigned i = 0; i < r->width; i++)
        if (r->at[i] < MF_SAME) l->column_of[r->at[i]] = UINT32_MAX;
}

/* ---- Two relations --------------------------------------------------------------------------------------*/

mf_rel mf_rel_constant(mf_lowering *l, bool truth) {
    kd_value none = 0;
    return mf_rel_of(l, kd_plan_constant(l->plan, &none, truth, 0), (mf_vars){0}, NULL);
}

mf_rel mf_rel_tick(mf_lowering *l) {
    l->out->all_points = true;
    kd_node tick = kd_plan_tick(l->plan);
    return mf_rel_of(l, tick ? kd_plan_map(l->plan, tick, NULL, 0) : 0, (mf_vars){0}, NULL);
}

mf_rel mf_rel_pulse(mf_lowering *l, mf_rel r) {
    if (r.node == 0 || r.kind == KD_PULSE) return r;
    mf_rel tick = mf_rel_tick(l);
    if (tick.node == 0) return tick;
    if (r.node == mf_rel_constant(l, true).node) return tick;
    r.node = kd_plan_join(l->plan, tick.node, r.node, NULL, 0);
    r.kind = KD_PULSE;
    return r;
}

unsigned mf_rel_shared(const mf_rel *a, const mf_rel *b, kd_on *on) {
    unsigned n = 0;
    for (unsigned i = 0; i < b->width; i++) {
        int c = b->at[i] < MF_SAME ? mf_rel_column(a, b->at[i]) : -1;
        if (c >= 0) on[n++] = (kd_on){(unsigned)c, i};
    }
    return n;
}

mf_rel mf_rel_join(mf_lowering *l, mf_rel a, mf_rel b) {
    if (a.node == 0 || b.node == 0) return mf_rel_failed();
    if (a.kind == KD_LEVEL && b.kind == KD_PULSE) return mf_rel_join(l, b, a);
    /* Copies multiply: one side may have them, not both. */
    if (mf_rel_is_bag(&a) && mf_rel_is_bag(&b)) b = mf_rel_set(l, mf_rel_tidy(l, b, mf_rel_named(l, &b)));
    if (a.width + b.width > KD_WIDTH_MAX) {
        a = mf_rel_tidy(l, a, mf_rel_named(l, &a));
        b = mf_rel_tidy(l, b, mf_rel_named(l, &b));
    }
    if (a.node == 0 || b.node == 0) return mf_rel_failed();
    if (a.width + b.width > KD_WIDTH_MAX) return too_wide(l);
    kd_on on[KD_WIDTH_MAX];
    unsigned shared = mf_rel_shared(&a, &b, on);
    mf_rel r = a;
    r.node = kd_plan_join(l->plan, a.node, b.node, on, shared);
    if (r.node == 0) return mf_rel_failed();
    r.kind = kd_plan_kind(l->plan, r.node);
    for (unsigned i = 0; i < b.width; i++)
        r.at[r.width++] = b.at[i] < MF_SAME && mf_rel_column(&a, b.at[i]) >= 0 ? MF_SAME : b.at[i];
    r.bag |= b.bag;
    r.loose |= b.loose;
    return r;
}

mf_rel mf_rel_antijoin(mf_lowering *l, mf_rel a, mf_rel b) {
    if (a.kind == KD_LEVEL && b.kind == KD_PULSE) a = mf_rel_pulse(l, a);
    if (a.node == 0 || b.node == 0) return mf_rel_failed();
    kd_on on[KD_WIDTH_MAX];
    unsigned shared = mf_rel_shared(&a, &b, on);
    a.node = kd_plan_antijoin(l->plan, a.node, b.node, on, shared);
    return a;
}

mf_rel mf_rel_union(mf_lowering *l, mf_rel a, mf_rel b) {
    if (a.kind != b.kind) {
        a = mf_rel_pulse(l, a);
        b = mf_rel_pulse(l, b);
    }
    if (a.node == 0 || b.node == 0) return mf_rel_failed();
    a.node = kd_plan_union(l->plan, a.node, b.node);
    a.bag = true;
    return a;
}

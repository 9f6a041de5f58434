/* lower_rel.c: relations whose columns have tags, over the builders of a plan. */
#include "lang/lower.h"

#include <string.h>

static const rel NOTHING;

bool rel_has(const rel *r, unsigned tag) {
    return rel_column(r, tag) >= 0;
}

int rel_column(const rel *r, unsigned tag) {
    for (unsigned i = 0; i < r->width; i++)
        if (r->tag[i] == tag) return (int)i;
    return -1;
}

kd_expr rel_expr(lower *L, const rel *r, unsigned tag) {
    int column = rel_column(r, tag);
    return column < 0 ? x_value(L, KD_ABSENT) : kd_plan_column(L->p, (unsigned)column);
}

bool rel_is_level(lower *L, rel r) {
    return kd_plan_kind(L->p, r.node) == KD_LEVEL;
}

bool rel_is_unit(const lower *L, const rel *r) {
    return r->node != 0 && r->node == L->unit.node;
}

rel rel_of(kd_plan *p, kd_node node, const uint8_t *tags) {
    if (!node) return NOTHING;
    rel r = {.node = node, .width = kd_plan_width(p, node)};
    if (tags)
        memcpy(r.tag, tags, r.width);
    else
        memset(r.tag, TAG_NONE, r.width);
    return r;
}

/* A relation of the same columns over another node. */
static rel rel_over(rel r, kd_node node) {
    if (!node) return NOTHING;
    r.node = node;
    return r;
}

/* ---- Columns -------------------------------------------------------------------------------------------------*/

rel rel_keep(lower *L, rel r, const uint8_t *tags, unsigned count) {
    kd_expr columns[KD_WIDTH_MAX];
    if (!r.node) return NOTHING;
    if (r.width == count && (count == 0 || memcmp(r.tag, tags, count) == 0)) return r;
    for (unsigned i = 0; i < count && i < KD_WIDTH_MAX; i++) columns[i] = rel_expr(L, &r, tags[i]);
    return rel_of(L->p, kd_plan_map(L->p, r.node, columns, count), tags);
}

/* Its tags without doubles and TAG_NONE. */
static unsigned tags_of(const rel *r, uint8_t *tags) {
    unsigned n = 0;
    for (unsigned i = 0; i < r->width; i++)
        if (r->tag[i] != TAG_NONE && !memchr(tags, r->tag[i], n)) tags[n++] = r->tag[i];
    return n;
}

static rel rel_compact(lower *L, rel r) {
    uint8_t tags[KD_WIDTH_MAX];
    return r.node ? rel_keep(L, r, tags, tags_of(&r, tags)) : NOTHING;
}

rel rel_keys(lower *L, rel r) {
    uint8_t tags[KD_WIDTH_MAX];
    unsigned n = 0, all = tags_of(&r, tags);
    for (unsigned i = 0; i < all; i++)
        if (tags[i] < TAG_CARRIED) tags[n++] = tags[i];
    return rel_keep(L, r, tags, n);
}

rel rel_with_all(lower *L, rel r, const uint8_t *tags, const kd_expr *x, unsigned count) {
    kd_expr columns[2 * KD_WIDTH_MAX];
    uint8_t kept[2 * KD_WIDTH_MAX];
    if (!r.node) return NOTHING;
    unsigned n = tags_of(&r, kept);
    for (unsigned i = 0; i < n; i++) columns[i] = rel_expr(L, &r, kept[i]);
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *at = memchr(kept, tags[i], n);
        unsigned column = at ? (unsigned)(at - kept) : n++;
        columns[column] = x[i];
        kept[column] = tags[i];
    }
    return rel_of(L->p, kd_plan_map(L->p, r.node, columns, n), kept);
}

rel rel_with(lower *L, rel r, unsigned tag, kd_expr x) {
    uint8_t tags[] = {(uint8_t)tag};
    return rel_with_all(L, r, tags, &x, 1);
}

rel rel_retag(rel r, unsigned from, unsigned to) {
    for (unsigned i = 0; i < r.width; i++)
        if (r.tag[i] == from) r.tag[i] = (uint8_t)to;
    return r;
}

/* ---- Two relations -------------------------------------------------------------------------------------------*/

unsigned rel_shared(const rel *a, const rel *b, uint8_t *tags) {
    unsigned n = 0;
    for (unsigned i = 0; i < a->width; i++) {
        unsigned tag = a->tag[i];
        if (tag < TAG_CARRIED && rel_has(b, tag) && !memchr(tags, (int)tag, n)) tags[n++] = (uint8_t)tag;
    }
    return n;
}

static unsigned pairs(const rel *a, const rel *b, kd_on *on) {
    uint8_t tags[KD_WIDTH_MAX];
    unsigned n = rel_shared(a, b, tags);
    for (unsigned i = 0; i < n; i++)
        on[i] = (kd_on){(unsigned)rel_column(a, tags[i]), (unsigned)rel_column(b, tags[i])};
    return n;
}

/* Without the carried columns that `a` has too: a's are the ones that stay. */
static rel without_doubles(lower *L, rel b, const rel *a) {
    uint8_t tags[KD_WIDTH_MAX];
    unsigned n = 0, all = tags_of(&b, tags);
    for (unsigned i = 0; i < all; i++)
        if (tags[i] < TAG_CARRIED || !rel_has(a, tags[i])) tags[n++] = tags[i];
    return rel_keep(L, b, tags, n);
}

rel rel_join(lower *L, rel a, rel b) {
    kd_on on[KD_WIDTH_MAX];
    if (!a.node || !b.node) return NOTHING;
    if (rel_is_unit(L, &a)) return b;
    if (rel_is_unit(L, &b)) return a;
    if (a.width + b.width > KD_WIDTH_MAX) {
        a = rel_compact(L, a);
        b = without_doubles(L, b, &a);
    }
    unsigned n = pairs(&a, &b, on);
    kd_node node = kd_plan_join(L->p, a.node, b.node, on, n);
    if (!node) return NOTHING;
    rel r = {.node = node, .width = a.width + b.width};
    memcpy(r.tag, a.tag, a.width);
    for (unsigned i = 0; i < b.width; i++)
        r.tag[a.width + i] = rel_has(&a, b.tag[i]) ? (uint8_t)TAG_NONE : b.tag[i];
    return r;
}

rel rel_antijoin(lower *L, rel a, rel b) {
    kd_on on[KD_WIDTH_MAX];
    if (!a.node || !b.node) return NOTHING;
    unsigned n = pairs(&a, &b, on);
    return rel_over(a, kd_plan_antijoin(L->p, a.node, b.node, on, n));
}

rel rel_union(lower *L, rel a, rel b) {
    uint8_t tags[2 * KD_WIDTH_MAX];
    if (!a.node || !b.node) return a.node ? a : b;
    unsigned n = tags_of(&a, tags);
    for (unsigned i = 0; i < b.width; i++)
        if (b.tag[i] != TAG_NONE && !memchr(tags, b.tag[i], n)) tags[n++] = b.tag[i];
    a = rel_keep(L, a, tags, n);
    b = rel_keep(L, b, tags, n);
    return a.node && b.node && a.node != b.node ? rel_over(a, kd_plan_union(L->p, a.node, b.node)) : a;
}

rel rel_union_all(lower *L, rel *parts, size_t count) {
    if (count == 0) return NOTHING;
    for (; count > 1; count = (count + 1) / 2)
        for (size_t i = 0; i < count; i += 2)
            parts[i / 2] = i + 1 < count ? rel_union(L, parts[i], parts[i + 1]) : parts[i];
    return parts[0];
}

/* ---- One relation --------------------------------------------------------------------------------------------*/

rel rel_where(lower *L, rel r, kd_expr condition) {
    return r.node ? rel_over(r, kd_plan_select(L->p, r.node, condition)) : NOTHING;
}

rel rel_distinct(lower *L, rel r) {
    r = rel_compact(L, r);
    return r.node ? rel_over(r, kd_plan_distinct(L->p, r.node)) : NOTHING;
}

static void columns_of(const rel *r, const uint8_t *tags, unsigned count, unsigned *columns) {
    for (unsigned i = 0; i < count; i++) {
        int column = rel_column(r, tags[i]);
        columns[i] = column < 0 ? KD_WIDTH_MAX : (unsigned)column; /* the plan refuses it */
    }
}

rel rel_hold(lower *L, rel begin, rel end, const uint8_t *keys, unsigned count) {
    unsigned columns[KD_WIDTH_MAX];
    begin = rel_compact(L, begin);
    end = rel_keep(L, end, keys, count);
    if (!begin.node || !end.node) return NOTHING;
    columns_of(&begin, keys, count, columns);
    return rel_over(begin, kd_plan_hold(L->p, begin.node, end.node, columns, count));
}

rel rel_once(lower *L, rel r, int64_t high) {
    r = rel_compact(L, r);
    return r.node ? rel_over(r, kd_plan_once(L->p, r.node, (kd_interval){0, high})) : NOTHING;
}

rel rel_forever(lower *L, rel r) {
    return rel_once(L, r, KD_NEVER);
}

rel rel_latest(lower *L, rel r, const uint8_t *keys, unsigned count) {
    unsigned columns[KD_WIDTH_MAX];
    r = rel_compact(L, r);
    if (!r.node) return NOTHING;
    columns_of(&r, keys, count, columns);
    return rel_over(r, kd_plan_latest(L->p, r.node, columns, count));
}

rel rel_fold(lower *L, rel r, const uint8_t *group, unsigned count, kd_fold f, unsigned column, unsigned as) {
    unsigned columns[KD_WIDTH_MAX];
    uint8_t tags[KD_WIDTH_MAX + 1];
    if (!r.node) return NOTHING;
    columns_of(&r, group, count, columns);
    int folded = f == KD_COUNT ? 0 : rel_column(&r, column);
    kd_node node = rel_is_level(L, r) ? kd_plan_aggregate(L->p, r.node, columns, count, f, (unsigned)folded)
                                      : kd_plan_accumulate(L->p, r.node, columns, count, f, (unsigned)folded);
    if (count) memcpy(tags, group, count);
    tags[count] = (uint8_t)as;
    return rel_of(L->p, node, tags);
}

rel rel_since_absent(lower *L, rel a, rel b) {
    kd_on on[KD_WIDTH_MAX];
    b = rel_compact(L, b);
    if (!a.node || !b.node) return NOTHING;
    unsigned n = pairs(&a, &b, on);
    return rel_over(b, kd_plan_since(L->p, a.node, b.node, on, n, (kd_interval){0, KD_NEVER}, true));
}

rel rel_never(lower *L, rel r) {
    return rel_where(L, r, x_value(L, 0));
}

rel rel_rise(lower *L, rel r) {
    return r.node ? rel_over(r, kd_plan_rise(L->p, r.node)) : NOTHING;
}

rel rel_fall(lower *L, rel r) {
    return r.node ? rel_over(r, kd_plan_fall(L->p, r.node)) : NOTHING;
}

rel rel_timer(lower *L, rel r, unsigned tag) {
    int column = rel_column(&r, tag);
    return r.node ? rel_over(r, kd_plan_timer(L->p, r.node, column < 0 ? KD_WIDTH_MAX : (unsigned)column))
                  : NOTHING;
}

/* ---- Expressions ---------------------------------------------------------------------------------------------*/

kd_expr x_value(lower *L, kd_value v) {
    return kd_plan_value(L->p, v);
}

kd_expr x_op(lower *L, kd_op op, kd_expr a, kd_expr b) {
    return a && b ? kd_plan_op(L->p, op, a, b, 0) : 0;
}

kd_expr x_op1(lower *L, kd_op op, kd_expr a) {
    return a ? kd_plan_op(L->p, op, a, 0, 0) : 0;
}

kd_expr x_if(lower *L, kd_expr a, kd_expr b, kd_expr c) {
    return a && b && c ? kd_plan_op(L->p, KD_X_IF, a, b, c) : 0;
}

kd_expr x_now(lower *L) {
    return kd_plan_op(L->p, KD_X_NOW, 0, 0, 0);
}

kd_expr x_today(lower *L) {
    return x_op1(L, KD_X_DAY_BEGIN, x_now(L));
}

kd_expr x_other(lower *L, kd_expr party) {
    return x_op(L, KD_X_SUB, x_value(L, (kd_value)L->t->party_count - 1), party);
}

kd_expr x_moved(lower *L, kd_expr from, kd_ast_span by, int sign) {
    static const kd_op ops[] = {
        [KD_SPAN_SECONDS] = KD_X_ADD, [KD_SPAN_DAYS] = KD_X_ADD_DAYS, [KD_SPAN_MONTHS] = KD_X_ADD_MONTHS};
    return x_op(L, ops[by.unit], from, x_value(L, sign * by.amount));
}

kd_expr x_too_late(lower *L, kd_expr from, kd_ast_span by) {
    kd_expr last = by.unit == KD_SPAN_SECONDS
                       ? x_moved(L, from, by, 1)
                       : x_op1(L, KD_X_DAY_END, x_moved(L, x_op1(L, KD_X_DAY_BEGIN, from), by, 1));
    return x_op(L, KD_X_ADD, last, x_value(L, 1));
}

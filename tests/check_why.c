/* check_why.c: replays with a few of a log's events, and looks whether a row is there. */
#include "check_why.h"

#include <stdlib.h>
#include <string.h>

typedef struct look {
    kd_engine *g;
    const check_row *r;
    unsigned width;
    kd_kind kind;
    bool log_time;
    bool at_place; /* what is heard now happens at the place that is asked about */
    uint64_t first_point, since;
    bool there, found;
} look;

/* ---- Hearing --------------------------------------------------------------------------------------------*/

static void heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *row, unsigned width) {
    look *l = ctx;
    uint64_t point = kd_engine_time_point(l->g);
    if (width != l->width || (width && memcmp(row, l->r->row, width * sizeof *row) != 0)) return;
    bool here = l->log_time ? point + 1 == l->r->pushed : l->at_place && at == l->r->at;
    if (l->kind == KD_PULSE) {
        l->found |= here;
        return;
    }
    if (l->log_time && sign < 0) l->found |= l->there && l->since < l->r->pushed && point + 1 > l->r->pushed;
    if (!l->log_time) l->found |= here && (sign > 0 || (l->there && point > l->first_point));
    l->there = sign > 0;
    l->since = point;
}

/* ---- The events that are left ---------------------------------------------------------------------------*/

static bool is_left(uint32_t origin, const uint32_t *set, size_t count, uint32_t but) {
    for (size_t i = 0; i < count; i++)
        if (set[i] == origin) return origin != but;
    return false;
}

static bool same_row(const kd_event *a, const kd_event *b, unsigned width) {
    return a->input == b->input && (!width || memcmp(a->row, b->row, width * sizeof *a->row) == 0);
}

typedef struct stay {
    const kd_event *came;
    bool over;
} stay;

/* Which event put there the row that this one takes out. */
static uint32_t taken_back(const kd_plan *p, stay *stays, size_t n, const kd_event *v) {
    for (size_t i = 0; i < n; i++) {
        if (stays[i].over || !same_row(stays[i].came, v, kd_plan_width(p, v->input))) continue;
        stays[i].over = true;
        return stays[i].came->origin;
    }
    return UINT32_MAX;
}

typedef struct filter {
    const kd_plan *p;
    const uint32_t *set;
    size_t count;
    uint32_t but;
    stay *stays;
    size_t n;
    kd_event *left;
} filter;

/* Within one push all rows come before any goes. */
static size_t events_left(filter *f, const check_push *push) {
    size_t left = 0;
    for (size_t i = 0; i < push->count; i++) {
        const kd_event *v = &push->events[i];
        if (v->sign < 0) continue;
        f->stays[f->n++] = (stay){v, false};
        if (is_left(v->origin, f->set, f->count, f->but)) f->left[left++] = *v;
    }
    for (size_t i = 0; i < push->count; i++) {
        const kd_event *v = &push->events[i];
        if (v->sign > 0) continue;
        if (is_left(taken_back(f->p, f->stays, f->n, v), f->set, f->count, f->but)) f->left[left++] = *v;
    }
    return left;
}

/* ---- Running --------------------------------------------------------------------------------------------*/

/* Timers one instant at a time, so that what is heard can be placed. */
static kd_status let_pass(look *l, kd_instant to, bool asked, kd_error *e) {
    for (kd_instant at; (at = kd_engine_next_timer(l->g)) <= to && at != KD_NEVER;) {
        l->at_place = asked && at == l->r->at;
        l->first_point = kd_engine_statistics(l->g).time_points;
        kd_status s = kd_engine_advance(l->g, at, e);
        if (s) return s;
    }
    return KD_OK;
}

static kd_status push_one(look *l, const check_case *c, size_t i, filter *f, kd_error *e) {
    const check_push *push = &c->pushes[i];
    size_t left = events_left(f, push);
    if (c->log_time) return kd_engine_push(l->g, push->at, f->left, left, e);
    bool before = l->r->pushed == i && l->r->at <= push->at;
    kd_status s = let_pass(l, before ? l->r->at : push->at, l->r->pushed == i, e);
    if (before) l->found |= l->there;
    if (!s && before) s = let_pass(l, push->at, false, e);
    if (s) return s;
    l->at_place = l->r->pushed == i + 1;
    l->first_point = kd_engine_statistics(l->g).time_points;
    s = kd_engine_push(l->g, push->at, f->left, left, e);
    if (l->at_place && l->r->at == push->at) l->found |= l->there;
    return s;
}

static kd_status run(look *l, const check_case *c, filter *f, kd_error *e) {
    kd_status s = KD_OK;
    for (size_t i = 0; !s && i < c->push_count; i++) s = push_one(l, c, i, f, e);
    if (c->log_time) {
        if (!s) s = kd_engine_finish(l->g, e);
        if (l->kind == KD_LEVEL) l->found |= l->there && l->since < l->r->pushed;
        return s;
    }
    if (s) return s;
    bool after = l->r->pushed == c->push_count;
    if (after) s = let_pass(l, l->r->at, true, e);
    if (after && l->kind == KD_LEVEL) l->found |= l->there;
    return s;
}

bool check_gives(const check_case *c, const check_row *r, const uint32_t *set, size_t count, uint32_t but) {
    kd_plan *p;
    kd_error e;
    size_t events = 0;
    if (kd_plan_open(NULL, &p)) abort();
    kd_node node = c->build(c->ctx, p);
    kd_plan_sink(p, node, 1);
    look l = {
        .r = r, .width = kd_plan_width(p, node), .kind = kd_plan_kind(p, node), .log_time = c->log_time};
    kd_engine_options o = {.log_time = c->log_time, .heard = heard, .ctx = &l};
    for (size_t i = 0; i < c->push_count; i++) events += c->pushes[i].count;
    filter f = {.p = p, .set = set, .count = count, .but = but};
    f.stays = calloc(events + 1, sizeof *f.stays);
    f.left = calloc(events + 1, sizeof *f.left);
    if (!f.stays || !f.left) abort();
    kd_status s = kd_engine_open(p, &o, &l.g, &e);
    if (!s) run(&l, c, &f, &e);
    kd_engine_close(l.g);
    kd_plan_close(p);
    free(f.stays);
    free(f.left);
    return l.found; /* what was heard was there, whatever another node failed at later */
}

const char *check_why(const check_case *c, const check_row *r, const uint32_t *set, size_t count) {
    if (!check_gives(c, r, set, count, UINT32_MAX)) return "the set alone does not give the row";
    for (size_t i = 0; i < count; i++)
        if (check_gives(c, r, set, count, set[i])) return "an event of the set can be left out";
    return "";
}

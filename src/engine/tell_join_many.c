/* tell_join_many.c: how a join of many relations is told: side by side, each found by the columns that
 * those before it have. A part is small; who asks why does not need the engine's search. */
#include "engine/story.h"

typedef struct side {
    const eng_tale *t;
    unsigned width, shared;
    uint8_t column_of[KD_WIDTH_MAX]; /* of the result */
    uint8_t columns[KD_WIDTH_MAX];   /* its own that a side before it has, too */
    eng_by_key by;
} side;

typedef struct telling {
    eng_teller *t;
    const plan_node *n;
    eng_tale *out;
    side *sides;
    unsigned count;
    kd_value row[KD_WIDTH_MAX];
} telling;

static bool open_sides(telling *x) {
    const plan_node *n = x->n;
    const kd_value *w = n->words + 1;
    bool bound[KD_WIDTH_MAX] = {false}, pulse = n->in[0] != 0;
    x->count = n->more_count + pulse;
    x->sides = kd_arena_array(&x->t->part.arena, x->count, sizeof *x->sides);
    if (!x->sides) return false;
    for (unsigned k = 0; k < x->count; k++) {
        side *s = &x->sides[k];
        kd_node in = pulse && k == 0 ? n->in[0] : n->more[k - pulse];
        s->t = &x->t->part.tales[in];
        s->width = x->t->g->plan->nodes[in].width;
        for (unsigned i = 0; i < s->width; i++) {
            s->column_of[i] = (uint8_t)*w++;
            if (bound[s->column_of[i]]) s->columns[s->shared++] = (uint8_t)i;
        }
        for (unsigned i = 0; i < s->width; i++) bound[s->column_of[i]] = true;
        if (!eng_by_key_open(&x->t->part.arena, &s->by, s->t, s->columns, s->shared)) return false;
    }
    return true;
}

static bool put(telling *x, eng_span made) {
    kd_value *row = kd_arena_array(&x->t->part.arena, x->n->width + 1, sizeof *row);
    if (!row) return false;
    eng_copy(row, x->row, x->n->width);
    made.row = row;
    if (x->n->kind == KD_LEVEL) return eng_tale_put(&x->t->part, x->out, made);
    int64_t copies = made.count;
    made.count = 1;
    for (; copies > 0; copies--)
        if (!eng_tale_put(&x->t->part, x->out, made)) return false;
    return true;
}

/* While both are there; false: never. */
static bool narrow(telling *x, eng_span *made, const eng_span *other) {
    if (x->n->kind == KD_PULSE) {
        if (!eng_span_at(other, KD_LEVEL, made->from)) return false;
    } else {
        if (eng_when_less(made->from, other->from)) made->from = other->from;
        if (eng_when_less(other->to, made->to)) made->to = other->to;
        if (!eng_when_less(made->from, made->to)) return false;
    }
    if (__builtin_mul_overflow(made->count, other->count, &made->count)) x->t->wrong = true;
    return true;
}

/* The rows of the sides from k on that go with those before. */
static bool go_on(telling *x, unsigned k, const eng_span *so_far) {
    if (k == x->count) return put(x, *so_far);
    const side *s = &x->sides[k];
    kd_value key[KD_WIDTH_MAX];
    for (unsigned i = 0; i < s->shared; i++) key[i] = x->row[s->column_of[s->columns[i]]];
    for (uint32_t i = eng_by_key_first(&s->by, key); i != ENG_NONE; i = eng_by_key_next(&s->by, i, key)) {
        const eng_span *other = &s->t->spans[i];
        eng_span made = k ? *so_far : *other;
        if (k && !narrow(x, &made, other)) continue;
        for (unsigned c = 0; c < s->width; c++) x->row[s->column_of[c]] = other->row[c];
        if (!go_on(x, k + 1, &made)) return false;
    }
    return true;
}

bool eng_tell_join_many(eng_teller *t, kd_node node, eng_tale *out) {
    telling x = {.t = t, .n = &t->g->plan->nodes[node], .out = out};
    return open_sides(&x) && go_on(&x, 0, NULL);
}

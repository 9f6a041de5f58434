/* tell_fold.c: stories of the folds: each group's value between the times at which its rows change. */
#include "engine/fold.h"
#include "engine/story.h"

#include <stdlib.h>

typedef struct part {
    kd_value value; /* floats that are compared: as eng_float_order has them */
    int64_t count;
} part;

typedef struct folding {
    eng_teller *t;
    const plan_node *n;
    const eng_tale *in;
    eng_by_key by;
    kd_fold what;
    unsigned column, width; /* of the fold, of the input */
    uint8_t group[KD_WIDTH_MAX];
    unsigned group_count;
    part *parts; /* of the group at one time */
    size_t part_count;
    eng_when *times; /* at which the group changes */
    size_t time_count;
    eng_tale *out;
} folding;

/* ---- A value --------------------------------------------------------------------------------------------*/

static int by_value(const void *a, const void *b) {
    const part *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static kd_value at_place(const part *p, int64_t k) {
    while (k >= p->count) k -= p++->count;
    return p->value;
}

static __int128 whole_sum(const folding *f) {
    __int128 sum = 0;
    for (size_t i = 0; i < f->part_count; i++) sum += (__int128)f->parts[i].value * f->parts[i].count;
    return sum;
}

static kd_value float_sum(const folding *f, int64_t count) {
    unsigned __int128 limbs[ENG_FLOAT_LIMBS] = {0};
    for (size_t i = 0; i < f->part_count; i++) {
        eng_float_part parts[2];
        unsigned k = eng_float_parts(f->parts[i].value, f->parts[i].count, parts);
        while (k-- > 0) limbs[parts[k].limb] += parts[k].add;
    }
    return eng_float_sum(limbs, count);
}

/* Of `count` rows; false when it does not fit. */
static bool value_of(folding *f, int64_t count, kd_value *out) {
    part *p = f->parts;
    size_t last = f->part_count - 1;
    __int128 sum = eng_fold_of_floats(f->what) ? 0 : whole_sum(f);
    qsort(p, f->part_count, sizeof *p, by_value);
    switch (f->what) {
    case KD_COUNT:
        *out = count;
        return true;
    case KD_SUM:
        *out = (kd_value)sum;
        return sum <= INT64_MAX && sum > INT64_MIN;
    case KD_AVERAGE:
        *out = eng_fold_mean(sum, count);
        return true;
    case KD_LEAST:
        *out = p[0].value;
        return true;
    case KD_GREATEST:
        *out = p[last].value;
        return true;
    case KD_FLEAST:
        *out = eng_float_order(p[0].value);
        return true;
    case KD_FGREATEST:
        *out = eng_float_order(p[last].value);
        return true;
    case KD_MEDIAN:
    case KD_FMEDIAN: {
        kd_value high = at_place(p, count / 2), low = count % 2 ? high : at_place(p, count / 2 - 1);
        *out = eng_fold_middle(low, high, f->what == KD_FMEDIAN);
        return true;
    }
    case KD_FSUM:
        *out = float_sum(f, 1);
        return true;
    default:
        *out = float_sum(f, count);
        return true;
    }
}

/* ---- A group --------------------------------------------------------------------------------------------*/

static bool is_there(const folding *f, const eng_span *x, eng_when when) {
    if (f->n->op == &eng_op_accumulate) return !eng_when_less(when, x->from);
    return eng_span_at(x, f->n->op == &eng_op_aggregate ? KD_LEVEL : KD_PULSE, when);
}

static bool counts(const folding *f, const eng_span *x) {
    return f->what == KD_COUNT || x->row[f->column] != KD_ABSENT;
}

/* The rows of the group at one time; how many. */
static int64_t gather(folding *f, const kd_value *key, eng_when when) {
    int64_t count = 0;
    f->part_count = 0;
    for (uint32_t i = eng_by_key_first(&f->by, key); i != ENG_NONE; i = eng_by_key_next(&f->by, i, key)) {
        const eng_span *x = &f->in->spans[i];
        if (!counts(f, x) || !is_there(f, x, when)) continue;
        kd_value v = f->what == KD_COUNT ? 0 : x->row[f->column];
        f->parts[f->part_count++] = (part){eng_fold_by_order(f->what) ? eng_float_order(v) : v, x->count};
        count += x->count;
    }
    return count;
}

static bool tell_at(folding *f, const kd_value *key, eng_when from, eng_when to) {
    int64_t count = gather(f, key, from);
    kd_value value;
    if (count <= 0) return true;
    if (!value_of(f, count, &value)) {
        f->t->wrong = true;
        return true;
    }
    kd_value *row = kd_arena_array(&f->t->part.arena, f->group_count + 1, sizeof *row);
    if (!row) return false;
    eng_copy(row, key, f->group_count);
    row[f->group_count] = value;
    return eng_tale_put(&f->t->part, f->out, (eng_span){.row = row, .from = from, .to = to, .count = 1});
}

static int by_when(const void *a, const void *b) {
    return eng_when_order(*(const eng_when *)a, *(const eng_when *)b);
}

static bool tell_group(folding *f, const kd_value *key) {
    bool pulse = f->n->op == &eng_op_aggregate_pulse, level = f->n->op == &eng_op_aggregate;
    f->time_count = 0;
    for (uint32_t i = eng_by_key_first(&f->by, key); i != ENG_NONE; i = eng_by_key_next(&f->by, i, key)) {
        f->times[f->time_count++] = f->in->spans[i].from;
        if (level && eng_when_order(f->in->spans[i].to, ENG_FOREVER) != 0)
            f->times[f->time_count++] = f->in->spans[i].to;
    }
    qsort(f->times, f->time_count, sizeof *f->times, by_when);
    for (size_t i = 0; i < f->time_count; i++) {
        if (i && eng_when_order(f->times[i - 1], f->times[i]) == 0) continue;
        size_t next = i + 1;
        while (next < f->time_count && eng_when_order(f->times[next], f->times[i]) == 0) next++;
        eng_when to = pulse ? f->times[i] : next < f->time_count ? f->times[next] : ENG_FOREVER;
        if (!tell_at(f, key, f->times[i], to)) return false;
    }
    return true;
}

bool eng_tell_fold(eng_teller *t, kd_node node, eng_tale *out) {
    const plan_node *n = &t->g->plan->nodes[node];
    kd_arena *arena = &t->part.arena;
    folding f = {.t = t,
                 .n = n,
                 .in = &t->part.tales[n->in[0]],
                 .what = (kd_fold)n->words[0],
                 .column = (unsigned)n->words[1],
                 .group_count = (unsigned)n->word_count - 2,
                 .out = out};
    for (unsigned i = 0; i < f.group_count; i++) f.group[i] = (uint8_t)n->words[2 + i];
    f.parts = kd_arena_array(arena, f.in->n + 1, sizeof *f.parts);
    f.times = kd_arena_array(arena, 2 * f.in->n + 1, sizeof *f.times);
    if (!f.parts || !f.times || !eng_by_key_open(arena, &f.by, f.in, f.group, f.group_count)) return false;
    for (uint32_t i = 0; i < f.in->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, f.in->spans[i].row, f.group, f.group_count);
        if (eng_by_key_first(&f.by, key) == i && !tell_group(&f, key)) return false; /* each group once */
    }
    return true;
}

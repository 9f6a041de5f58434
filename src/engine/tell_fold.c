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
    eng_folding fold;
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

static kd_value furthest(const folding *f) {
    kd_value best = f->parts[0].value;
    for (size_t i = 1; i < f->part_count; i++)
        if (eng_fold_beats(&f->fold, f->parts[i].value, best)) best = f->parts[i].value;
    return eng_fold_told(&f->fold, best);
}

static kd_value middle(folding *f, int64_t count) {
    qsort(f->parts, f->part_count, sizeof *f->parts, by_value);
    kd_value high = at_place(f->parts, count / 2), low = count % 2 ? high : at_place(f->parts, count / 2 - 1);
    return eng_fold_middle(low, high, f->fold.by_order);
}

/* Of `count` rows; false when it does not fit. */
static bool value_of(folding *f, int64_t count, kd_value *out) {
    __int128 sum = eng_fold_of_floats(f->fold.what) ? 0 : whole_sum(f);
    switch (f->fold.what) {
    case KD_COUNT:
        *out = count;
        return true;
    case KD_SUM:
        *out = (kd_value)sum;
        return eng_fold_fits(sum);
    case KD_AVERAGE:
        *out = eng_fold_mean(sum, count);
        return true;
    case KD_LEAST:
    case KD_GREATEST:
    case KD_FLEAST:
    case KD_FGREATEST:
        *out = furthest(f);
        return true;
    case KD_MEDIAN:
    case KD_FMEDIAN:
        *out = middle(f, count);
        return true;
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

/* The rows of the group at one time; how many. */
static int64_t gather(folding *f, const kd_value *key, eng_when when) {
    int64_t count = 0;
    f->part_count = 0;
    for (uint32_t i = eng_by_key_first(&f->by, key); i != ENG_NONE; i = eng_by_key_next(&f->by, i, key)) {
        const eng_span *x = &f->in->spans[i];
        kd_value v = eng_fold_value(&f->fold, x->row);
        if (v == KD_ABSENT || !is_there(f, x, when)) continue;
        f->parts[f->part_count++] = (part){v, x->count};
        count += x->count;
    }
    return count;
}

static bool tell_at(folding *f, const kd_value *key, eng_when from, eng_when to) {
    int64_t count = gather(f, key, from);
    kd_value value = f->fold.none;
    if (count <= 0 && !f->fold.always) return true;
    if (count > 0 && !value_of(f, count, &value)) {
        f->t->wrong = true;
        return true;
    }
    kd_value *row = kd_arena_array(&f->t->part.arena, f->fold.group_count + 1, sizeof *row);
    if (!row) return false;
    eng_copy(row, key, f->fold.group_count);
    row[f->fold.group_count] = value;
    return eng_tale_put(&f->t->part, f->out, (eng_span){.row = row, .from = from, .to = to, .count = 1});
}

static int by_when(const void *a, const void *b) {
    return eng_when_order(*(const eng_when *)a, *(const eng_when *)b);
}

static bool tell_group(folding *f, const kd_value *key) {
    bool pulse = f->n->op == &eng_op_aggregate_pulse, level = f->n->op == &eng_op_aggregate;
    f->time_count = 0;
    if (f->fold.always) f->times[f->time_count++] = ENG_BEGINNING;
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
    folding f = {.t = t, .n = n, .in = &t->part.tales[n->in[0]], .out = out};
    eng_fold_read(&f.fold, t->g->plan, n->words, n->word_count);
    f.parts = kd_arena_array(arena, f.in->n + 1, sizeof *f.parts);
    f.times = kd_arena_array(arena, 2 * f.in->n + 2, sizeof *f.times);
    if (!f.parts || !f.times || !eng_by_key_open(arena, &f.by, f.in, f.fold.groups, f.fold.group_count))
        return false;
    if (f.fold.always) return tell_group(&f, NULL);
    for (uint32_t i = 0; i < f.in->n; i++) {
        kd_value key[KD_WIDTH_MAX];
        eng_gather(key, f.in->spans[i].row, f.fold.groups, f.fold.group_count);
        if (eng_by_key_first(&f.by, key) == i && !tell_group(&f, key)) return false; /* each group once */
    }
    return true;
}

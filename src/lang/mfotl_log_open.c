/* mfotl_log_open.c: the tables of the reader of logs: which predicate feeds what, and how its fields are taken. */
#include "lang/mfotl_log_inside.h"
#include "lang/mfotl_scan.h"

static bool is_text(mf_type t) {
    return t == MF_STRING || t == MF_REGEXP;
}

/* What checks a type and keeps nothing more. */
static log_op op_of_type(mf_type t) {
    return t == MF_INT ? LOG_INT : t == MF_FLOAT ? LOG_FLOAT : LOG_WORD;
}

/* The field whose value goes to a column of the use. */
static uint32_t field_of(const mf_use *u, uint32_t column) {
    for (uint32_t i = 0; i < u->predicate->arity; i++) {
        if (u->takes[i].kind == MF_PUT && u->takes[i].column == column) return i;
    }
    return UINT32_MAX;
}

static bool has_use(const log_predicate *d, const mf_use *u) {
    return u->predicate == d->declared || kd_str_equal(u->predicate->name, d->declared->name);
}

/* When a predicate has one use alone, its constants are compared as soon as they are read. */
static bool add_use(mf_log *l, log_predicate *d, const mf_use *u, log_use *out, uint8_t *ops,
                    log_wanted *wanted, bool alone) {
    log_test *tests = kd_arena_array(&l->arena, d->arity + 1, sizeof *tests);
    log_put *puts = kd_arena_array(&l->arena, d->arity + 1, sizeof *puts);
    if (!tests || !puts) return false;
    *out = (log_use){.input = u->input, .tests = tests, .puts = puts, .numbers = true};
    for (uint32_t i = 0; i < d->arity; i++) {
        const mf_take *take = &u->takes[i];
        mf_type type = d->declared->types[i];
        bool text = is_text(type);
        if (take->kind != MF_SKIP && text) ops[i] = LOG_TEXT;
        if (take->kind == MF_PUT) {
            puts[out->put_count++] = (log_put){i, take->column, text};
            out->numbers &= !text;
        } else if (take->kind == MF_AGAIN) {
            tests[out->test_count++] =
                (log_test){.field = i, .other = field_of(u, take->column), .text = text};
        } else if (take->kind == MF_EQUALS) {
            log_wanted w = {take->value, {"", 0}};
            if (text) w.text = kd_symbol_text(l->o.symbols, take->value);
            if (alone && type != MF_FLOAT) {
                ops[i] = text ? LOG_TEXT_IS : LOG_INT_IS;
                wanted[i] = w;
            } else {
                tests[out->test_count++] = (log_test){i, UINT32_MAX, text, w};
            }
        }
    }
    out->numbers &= out->test_count == 0;
    return true;
}

static bool add_predicate(mf_log *l, log_predicate *d, const mf_predicate *declared) {
    const mf_circuit *c = l->o.circuit;
    d->declared = declared;
    d->arity = declared->arity;
    uint8_t *ops = kd_arena_take(&l->arena, d->arity + 1u), *missed = kd_arena_take(&l->arena, d->arity + 1u);
    log_wanted *wanted = kd_arena_array(&l->arena, d->arity + 1u, sizeof *wanted);
    uint32_t count = 0;
    for (size_t i = 0; i < c->use_count; i++) count += has_use(d, &c->uses[i]);
    log_use *uses = kd_arena_array(&l->arena, count + 1u, sizeof *uses);
    if (!ops || !missed || !wanted || !uses) return false;
    for (uint32_t i = 0; i < d->arity; i++) {
        log_op typed = op_of_type(declared->types[i]);
        missed[i] = (uint8_t)(l->o.keep_all_events ? typed : LOG_WORD);
        ops[i] = count ? (uint8_t)typed : missed[i];
    }
    for (size_t i = 0; i < c->use_count; i++) {
        if (!has_use(d, &c->uses[i])) continue;
        if (!add_use(l, d, &c->uses[i], &uses[d->use_count++], ops, wanted, count == 1)) return false;
    }
    d->ints = d->texts = d->skipped = d->arity > 0;
    for (uint32_t i = 0; i < d->arity; i++) {
        d->ints &= ops[i] == LOG_INT;
        d->texts &= ops[i] == LOG_TEXT;
        d->skipped &= ops[i] == LOG_WORD;
    }
    d->ops = ops;
    d->ops_missed = missed;
    d->wanted = wanted;
    d->uses = uses;
    return true;
}

/* ---- Names ----------------------------------------------------------------------------------------------*/

size_t mf_log_slot_of(const mf_log *l, kd_str name) {
    char bytes[8] = {0};
    if (name.n < 8) bytes[name.n] = '(';
    if (name.n) memcpy(bytes, name.p, name.n < 8 ? name.n : 8);
    return mf_log_slot(l, kd_load8(bytes));
}

static void set_key(log_predicate *d) {
    kd_str name = d->declared->name;
    char key[16] = {0}, mask[16] = {0};
    d->key[0] = 1; /* of bytes of which none is compared: equal to nothing */
    if (name.n > 15) return;
    if (name.n) memcpy(key, name.p, name.n);
    key[name.n] = '(';
    memset(mask, 0xff, name.n + 1);
    for (unsigned i = 0; i < 2; i++) {
        d->key[i] = kd_load8(key + 8 * i);
        d->mask[i] = kd_load8(mask + 8 * i);
    }
    d->skip = (uint8_t)(name.n + 1);
}

/* How many names fall into a slot that is taken. */
static size_t fill_slots(mf_log *l, size_t count) {
    size_t met = 0, slots = (size_t)1 << (64 - l->slot_right);
    log_predicate *none = &l->predicates[count];
    for (size_t i = 0; i < slots; i++) l->slots[i] = none;
    for (size_t i = 0; i < count; i++) {
        log_predicate *d = &l->predicates[i];
        log_predicate **slot = &l->slots[mf_log_slot_of(l, d->declared->name)];
        met += *slot != none;
        d->next = *slot;
        *slot = d;
    }
    return met;
}

/* Chooses, of a few factors, the one with which fewest names share a slot: mostly none do. As many bytes count
 * as the shortest name has, and its `(`: so whatever comes behind a name changes nothing. */
static void choose_slots(mf_log *l, size_t count) {
    enum { FACTORS = 32 };
    size_t shortest = 7, best_met = SIZE_MAX;
    uint64_t factor = 0, best = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = l->predicates[i].declared->name.n;
        if (n < shortest) shortest = n;
    }
    l->slot_left = 64 - 8 * ((unsigned)shortest + 1);
    for (unsigned i = 0; i < FACTORS && best_met; i++) {
        factor += UINT64_C(0x9e3779b97f4a7c15); /* 2^64 over the golden ratio (Knuth, volume 3, 6.4) */
        l->slot_factor = factor | 1;
        size_t met = fill_slots(l, count);
        if (met >= best_met) continue;
        best_met = met;
        best = l->slot_factor;
    }
    l->slot_factor = best;
    fill_slots(l, count);
}

static bool make_tables(mf_log *l) {
    const mf_signature *s = l->o.signature;
    unsigned bits = 4;
    while (((size_t)1 << bits) < s->count * 4) bits++;
    l->slot_right = 64 - bits;
    l->slots = kd_arena_array(&l->arena, (size_t)1 << bits, sizeof *l->slots);
    l->predicates = kd_arena_array(&l->arena, s->count + 1, sizeof *l->predicates);
    if (!l->slots || !l->predicates) return false;
    uint32_t widest = 0;
    for (size_t i = 0; i < s->count; i++) {
        log_predicate *d = &l->predicates[i];
        if (!add_predicate(l, d, &s->items[i])) return false;
        if (d->arity > widest) widest = d->arity;
        set_key(d);
    }
    choose_slots(l, s->count);
    l->fields = kd_arena_array(&l->arena, widest + 1u, sizeof *l->fields);
    return l->fields != NULL;
}

kd_status mf_log_open(const mf_log_options *o, mf_log **out) {
    const kd_allocator *from = o->from ? o->from : &kd_allocator_libc;
    *out = NULL;
    mf_log *l = from->resize(from->ctx, NULL, 0, sizeof *l);
    if (!l) return KD_NOMEM;
    *l = (mf_log){.o = *o, .place = {1, 1}};
    l->o.from = from;
    l->quiet_until = o->every_point ? KD_ABSENT : KD_NEVER;
    kd_arena_open(&l->arena, from);
    if (!make_tables(l)) {
        mf_log_close(l);
        return KD_NOMEM;
    }
    *out = l;
    return KD_OK;
}

void mf_log_close(mf_log *l) {
    if (!l) return;
    const kd_allocator *from = l->o.from;
    kd_arena_close(&l->arena);
    from->resize(from->ctx, l, sizeof *l, 0);
}

/* plan.c: a plan's nodes and expressions, each kept once. */
#include "engine/run.h"

#include <stdio.h>
#include <string.h>

kd_status kd_plan_open(const kd_allocator *from, kd_plan **out) {
    *out = NULL;
    if (!from) from = &kd_allocator_libc;
    kd_plan *p = from->resize(from->ctx, NULL, 0, sizeof *p);
    if (!p) return KD_NOMEM;
    memset(p, 0, sizeof *p);
    eng_mem_open(&p->mem, from, 0);
    kd_arena_open(&p->arena, &p->mem.counted);
    p->node_count = p->expr_count = 1;
    *out = p;
    return KD_OK;
}

void kd_plan_close(kd_plan *p) {
    if (!p) return;
    kd_arena_close(&p->arena);
    eng_release(&p->mem, &p->nodes, &p->node_room, sizeof *p->nodes);
    eng_release(&p->mem, &p->exprs, &p->expr_room, sizeof *p->exprs);
    eng_release(&p->mem, &p->sinks, &p->sink_room, sizeof *p->sinks);
    eng_release(&p->mem, &p->feeds, &p->feed_room, sizeof *p->feeds);
    eng_release(&p->mem, &p->orders, &p->order_room, sizeof *p->orders);
    eng_release(&p->mem, &p->node_index.slots, &p->node_index.count, sizeof *p->node_index.slots);
    eng_release(&p->mem, &p->input_index.slots, &p->input_index.count, sizeof *p->input_index.slots);
    eng_release(&p->mem, &p->expr_index.slots, &p->expr_index.count, sizeof *p->expr_index.slots);
    const kd_allocator *from = p->mem.from;
    from->resize(from->ctx, p, sizeof *p, 0);
}

kd_node plan_fail(kd_plan *p, kd_status status, const char *reason, const char *format, ...) {
    if (p->failed) return 0;
    p->failed = status;
    if (status == KD_NOMEM) {
        kd_fail_nomem(&p->error);
        return 0;
    }
    char message[sizeof p->error.message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    kd_fail(&p->error, status, reason, "%s", message);
    return 0;
}

static uint32_t no_memory(kd_plan *p) {
    return plan_fail(p, KD_NOMEM, "", " ");
}

kd_status kd_plan_error(const kd_plan *p, kd_error *e) {
    if (p->failed && e) *e = p->error;
    return p->failed;
}

/* ---- Each thing once ------------------------------------------------------------------------------------*/

/* Doubles the index when `n` more numbers would fill it beyond a half; `hash_of` tells each number's hash. */
static bool index_room(kd_plan *p, plan_index *x, size_t n, uint32_t (*hash_of)(const kd_plan *, uint32_t)) {
    if ((n + 1) * 2 <= x->count) return true;
    plan_index wider = {NULL, 0};
    if (!eng_reserve(&p->mem, &wider.slots, &wider.count, x->count ? x->count * 2 : 16, sizeof *wider.slots))
        return false;
    memset(wider.slots, 0, wider.count * sizeof *wider.slots);
    for (size_t i = 0; i < x->count; i++) {
        if (!x->slots[i]) continue;
        size_t at = hash_of(p, x->slots[i]) & (wider.count - 1);
        while (wider.slots[at]) at = (at + 1) & (wider.count - 1);
        wider.slots[at] = x->slots[i];
    }
    eng_release(&p->mem, &x->slots, &x->count, sizeof *x->slots);
    *x = wider;
    return true;
}

static uint32_t hash_of_node(const kd_plan *p, uint32_t n) {
    return p->nodes[n].hash;
}

static bool same_node(const plan_node *a, const plan_node *b) {
    return a->hash == b->hash && a->op == b->op && a->in[0] == b->in[0] && a->in[1] == b->in[1] &&
           a->more_count == b->more_count && a->kind == b->kind && a->width == b->width &&
           kd_str_equal(a->name, b->name) &&
           (a->more_count == 0 || memcmp(a->more, b->more, a->more_count * sizeof *a->more) == 0) &&
           a->word_count == b->word_count &&
           (a->word_count == 0 || memcmp(a->words, b->words, a->word_count * sizeof *a->words) == 0);
}

static uint32_t describe(const plan_node *n) {
    uint64_t h = kd_hash(&n->op, sizeof n->op, n->in[0]);
    kd_value head[] = {n->in[1], n->kind, n->width};
    h = kd_hash(head, sizeof head, h);
    if (n->name.n) h = kd_hash(n->name.p, n->name.n, h);
    if (n->more_count) h = kd_hash(n->more, n->more_count * sizeof *n->more, h);
    if (n->word_count) h = kd_hash(n->words, n->word_count * sizeof *n->words, h);
    return (uint32_t)(h ^ h >> 32);
}

/* Copies of what the caller's description points at. */
static bool keep_parts(kd_plan *p, plan_node *n) {
    if (n->word_count) {
        kd_value *words = kd_arena_array(&p->arena, n->word_count, sizeof *words);
        if (!words) return false;
        memcpy(words, n->words, n->word_count * sizeof *words);
        n->words = words;
    }
    if (n->more_count) {
        kd_node *more = kd_arena_array(&p->arena, n->more_count, sizeof *more);
        if (!more) return false;
        memcpy(more, n->more, n->more_count * sizeof *more);
        n->more = more;
    }
    if (n->name.n) n->name.p = kd_arena_copy(&p->arena, n->name.p, n->name.n);
    return n->name.n == 0 || n->name.p;
}

static bool is_ahead(const kd_plan *p, const plan_node *n) {
    bool ahead = n->op == &eng_op_feedback || n->op->reach == ENG_NEXT || n->op->reach == ENG_AHEAD;
    for (unsigned k = 0; k < 2; k++) ahead |= n->in[k] && p->nodes[n->in[k]].ahead;
    for (uint32_t k = 0; k < n->more_count; k++) ahead |= p->nodes[n->more[k]].ahead;
    return ahead;
}

kd_node plan_add(kd_plan *p, const plan_node *wanted) {
    plan_node n = *wanted;
    if (n.width > KD_WIDTH_MAX)
        return plan_fail(p, KD_INVALID, "width", "a row of %u columns; at most %d are possible", n.width,
                         KD_WIDTH_MAX);
    n.hash = describe(&n);
    n.ahead = is_ahead(p, &n);
    if (!index_room(p, &p->node_index, p->node_count, hash_of_node)) return no_memory(p);
    size_t mask = p->node_index.count - 1, at = n.hash & mask;
    for (; p->node_index.slots[at]; at = (at + 1) & mask)
        if (same_node(&p->nodes[p->node_index.slots[at]], &n)) return p->node_index.slots[at];
    if (p->node_count >= UINT32_MAX - 1 || !keep_parts(p, &n) ||
        !eng_reserve(&p->mem, &p->nodes, &p->node_room, p->node_count + 1, sizeof *p->nodes))
        return no_memory(p);
    p->nodes[p->node_count] = n;
    p->node_index.slots[at] = (uint32_t)p->node_count;
    return (kd_node)p->node_count++;
}

static uint32_t hash_of_name(const kd_plan *p, uint32_t n) {
    return (uint32_t)kd_hash(p->nodes[n].name.p, p->nodes[n].name.n, 0);
}

kd_node plan_add_input(kd_plan *p, const plan_node *wanted) {
    if (!wanted->name.n) return plan_fail(p, KD_USAGE, "name", "an input has no name");
    if (!index_room(p, &p->input_index, p->input_count + 1, hash_of_name)) return no_memory(p);
    size_t mask = p->input_index.count - 1, at = kd_hash(wanted->name.p, wanted->name.n, 0) & mask;
    for (; p->input_index.slots[at]; at = (at + 1) & mask) {
        kd_node met = p->input_index.slots[at];
        const plan_node *n = &p->nodes[met];
        if (!kd_str_equal(n->name, wanted->name)) continue;
        if (n->kind == wanted->kind && n->width == wanted->width) return met;
        return plan_fail(p, KD_INVALID, "input", "input %.*s: it is there already, of another kind or width",
                         (int)(n->name.n < 200 ? n->name.n : 200), n->name.p);
    }
    kd_node made = plan_add(p, wanted);
    if (!made) return 0;
    p->input_index.slots[at] = made;
    p->input_count++;
    return made;
}

/* ---- What is asked of a node ----------------------------------------------------------------------------*/

static bool known(const kd_plan *p, kd_node n) {
    return n > 0 && n < p->node_count;
}

kd_kind kd_plan_kind(const kd_plan *p, kd_node n) {
    return known(p, n) ? p->nodes[n].kind : KD_PULSE;
}

unsigned kd_plan_width(const kd_plan *p, kd_node n) {
    return known(p, n) ? p->nodes[n].width : 0;
}

bool kd_plan_looks_ahead(const kd_plan *p, kd_node n) {
    return known(p, n) && p->nodes[n].ahead;
}

size_t kd_plan_size(const kd_plan *p) {
    return p->node_count - 1;
}

void kd_plan_label(kd_plan *p, kd_node n, kd_str label) {
    if (!known(p, n) || p->nodes[n].label.n || !label.n) return;
    char *copy = kd_arena_copy(&p->arena, label.p, label.n);
    if (copy)
        p->nodes[n].label = (kd_str){copy, label.n};
    else
        no_memory(p);
}

/* ---- Expressions ----------------------------------------------------------------------------------------*/

static uint32_t hash_of_expr(const kd_plan *p, uint32_t x) {
    const eng_expr *e = &p->exprs[x];
    kd_value words[] = {e->op, e->part[0], e->part[1], e->part[2], e->value}; /* a call's value is its hash */
    return eng_hash(words, 5);
}

static bool same_call(const eng_call *a, const eng_call *b) {
    if (!a || !b) return a == b;
    return a->call == b->call && a->ctx == b->ctx && a->count == b->count &&
           memcmp(a->args, b->args, sizeof a->args) == 0;
}

static bool same_expr(const eng_expr *a, const eng_expr *b) {
    return a->op == b->op && a->part[0] == b->part[0] && a->part[1] == b->part[1] &&
           a->part[2] == b->part[2] && a->value == b->value && same_call(a->call, b->call);
}

static kd_expr add_expr(kd_plan *p, eng_expr x) {
    eng_expr_measure(p->exprs, &x);
    if (x.size > EXPR_SIZE_MAX || x.height > EXPR_HEIGHT_MAX || x.stack > EXPR_STACK_MAX)
        return plan_fail(p, KD_INVALID, "expression",
                         "an expression of more than %d steps, or nested too deeply", EXPR_SIZE_MAX);
    if (p->expr_count >= UINT32_MAX - 1 ||
        !eng_reserve(&p->mem, &p->exprs, &p->expr_room, p->expr_count + 1, sizeof *p->exprs))
        return no_memory(p);
    if (!index_room(p, &p->expr_index, p->expr_count, hash_of_expr)) return no_memory(p);
    p->exprs[p->expr_count] = x; /* one past the end, where its hash can be taken */
    size_t mask = p->expr_index.count - 1, at = hash_of_expr(p, (uint32_t)p->expr_count) & mask;
    for (; p->expr_index.slots[at]; at = (at + 1) & mask)
        if (same_expr(&p->exprs[p->expr_index.slots[at]], &x)) return p->expr_index.slots[at];
    p->expr_index.slots[at] = (uint32_t)p->expr_count;
    return (kd_expr)p->expr_count++;
}

kd_expr kd_plan_column(kd_plan *p, unsigned column) {
    if (column >= KD_WIDTH_MAX)
        return plan_fail(p, KD_INVALID, "column", "column %u; rows have at most %d", column, KD_WIDTH_MAX);
    return add_expr(p, (eng_expr){.op = EXPR_COLUMN, .value = column});
}

kd_expr kd_plan_value(kd_plan *p, kd_value v) {
    return add_expr(p, (eng_expr){.op = EXPR_VALUE, .value = v});
}

kd_expr kd_plan_op(kd_plan *p, kd_op op, kd_expr a, kd_expr b, kd_expr c) {
    if ((unsigned)op > KD_X_TO_INT)
        return plan_fail(p, KD_USAGE, "expression", "there is no expression operator %u", (unsigned)op);
    eng_expr x = {.op = (uint8_t)op, .part = {a, b, c}};
    unsigned arity = eng_expr_arity(op);
    for (unsigned i = 0; i < 3; i++)
        if ((x.part[i] != 0) != (i < arity) || x.part[i] >= p->expr_count)
            return plan_fail(p, KD_USAGE, "expression", "expression operator %u takes %u operands",
                             (unsigned)op, arity);
    return add_expr(p, x);
}

kd_expr kd_plan_call(kd_plan *p, kd_function f, void *ctx, const kd_expr *args, unsigned count) {
    if (count > KD_ARGS_MAX)
        return plan_fail(p, KD_INVALID, "expression", "a call of %u operands; at most %d are possible", count,
                         KD_ARGS_MAX);
    eng_call *call = kd_arena_take(&p->arena, sizeof *call);
    if (!call) return no_memory(p);
    *call = (eng_call){.call = f, .ctx = ctx, .count = count};
    for (unsigned i = 0; i < count; i++) {
        if (args[i] == 0 || args[i] >= p->expr_count)
            return plan_fail(p, KD_USAGE, "expression", "a call's operand is no expression");
        call->args[i] = args[i];
    }
    kd_value hash = (kd_value)kd_hash(call->args, sizeof call->args, (uint64_t)(uintptr_t)ctx);
    return add_expr(p, (eng_expr){.op = EXPR_CALL, .value = hash, .call = call});
}

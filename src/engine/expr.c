/* expr.c: compiles expressions into steps and runs them. */
#include "engine/expr.h"
#include "engine/calendar.h"
#include "engine/floats.h"

enum {
    STEP_COLUMN,
    STEP_VALUE,
    STEP_NOW,
    STEP_INDEX,
    STEP_CALL,
    STEP_OUTSIDE,
    STEP_TRUTH,
    STEP_ELSE,
    STEP_AND,
    STEP_OR,
    STEP_GIVEN,
    STEP_GO,
    STEP_OPS /* and above: operators that are computed in place, by their number */
};

static const char OUT_OF_RANGE[] = "a result does not fit 63 bits";
static const char OUT_OF_CALENDAR[] = "a date lies outside years 1 to 9999";
static const char BY_ZERO[] = "a division by zero";
static const char NO_PERIOD[] = "a period is not longer than zero";

/* ---- Functions of values ----------------------------------------------------------------------------------
 *
 * Each gives NULL when all is well, else the complaint. a, b and c are the operands; those not taken are 0.
 * */
typedef const char *function(kd_value a, kd_value b, kd_value c, kd_value *out);

static bool absent(kd_value a, kd_value b) {
    return a == KD_ABSENT || b == KD_ABSENT;
}

/* A result that equals the mark of the absent would be read as absent. */
static const char *in_range(bool overflow, const kd_value *out) {
    return overflow || *out == KD_ABSENT ? OUT_OF_RANGE : NULL;
}

static const char *add(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = KD_ABSENT;
    return absent(a, b) ? NULL : in_range(__builtin_add_overflow(a, b, out), out);
}
static const char *subtract(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = KD_ABSENT;
    return absent(a, b) ? NULL : in_range(__builtin_sub_overflow(a, b, out), out);
}
static const char *multiply(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = KD_ABSENT;
    return absent(a, b) ? NULL : in_range(__builtin_mul_overflow(a, b, out), out);
}
static const char *maximum(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = absent(a, b) ? KD_ABSENT : a > b ? a : b;
    return NULL;
}
static const char *minimum(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = absent(a, b) ? KD_ABSENT : a < b ? a : b;
    return NULL;
}
static const char *negation(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = !eng_true(a);
    return NULL;
}
static const char *is_absent(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = a == KD_ABSENT;
    return NULL;
}

/* Never stays never, however far it is moved. */
static bool settled(kd_value a, kd_value b, kd_value c, kd_value *out) {
    if (absent(a, b) || c == KD_ABSENT)
        *out = KD_ABSENT;
    else if (a == KD_NEVER)
        *out = KD_NEVER;
    else
        return false;
    return true;
}
static const char *day_begin(kd_value a, kd_value b, kd_value c, kd_value *out) {
    return settled(a, 0, 0, out) || eng_day_begin(a, out) ? NULL : OUT_OF_CALENDAR;
}
static const char *day_end(kd_value a, kd_value b, kd_value c, kd_value *out) {
    return settled(a, 0, 0, out) || eng_day_end(a, out) ? NULL : OUT_OF_CALENDAR;
}
static const char *add_days(kd_value a, kd_value b, kd_value c, kd_value *out) {
    return settled(a, b, 0, out) || eng_add_days(a, b, out) ? NULL : OUT_OF_CALENDAR;
}
static const char *add_months(kd_value a, kd_value b, kd_value c, kd_value *out) {
    return settled(a, b, 0, out) || eng_add_months(a, b, out) ? NULL : OUT_OF_CALENDAR;
}
static const char *period(kd_value a, kd_value b, kd_value c, kd_value *out) {
    if (settled(a, b, c, out)) return NULL;
    return b <= 0 ? NO_PERIOD : eng_period_months(a, b, c, out) ? NULL : OUT_OF_CALENDAR;
}
static const char *period_days(kd_value a, kd_value b, kd_value c, kd_value *out) {
    if (settled(a, b, c, out)) return NULL;
    return b <= 0 ? NO_PERIOD : eng_period_days(a, b, c, out) ? NULL : OUT_OF_CALENDAR;
}

static const char *divide(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = KD_ABSENT;
    if (absent(a, b)) return NULL;
    if (b == 0) return BY_ZERO;
    *out = b == -1 ? -a : a / b; /* a is never the least value, which stands for the absent */
    return NULL;
}
static const char *modulo(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = KD_ABSENT;
    if (absent(a, b)) return NULL;
    if (b == 0) return BY_ZERO;
    *out = b == -1 ? 0 : a % b;
    return NULL;
}
static const char *negate(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = a == KD_ABSENT ? KD_ABSENT : -a;
    return NULL;
}

static const char *float_add(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = eng_float_value(eng_value_float(a) + eng_value_float(b));
    return NULL;
}
static const char *float_subtract(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = eng_float_value(eng_value_float(a) - eng_value_float(b));
    return NULL;
}
static const char *float_multiply(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = eng_float_value(eng_value_float(a) * eng_value_float(b));
    return NULL;
}
static const char *float_divide(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = eng_float_value(eng_value_float(a) / eng_value_float(b));
    return NULL;
}
static const char *float_negate(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = eng_float_value(-eng_value_float(a));
    return NULL;
}
/* NaN stands above every number and equals itself. */
static const char *float_less(kd_value a, kd_value b, kd_value c, kd_value *out) {
    double x = eng_value_float(a), y = eng_value_float(b);
    *out = y != y ? x == x : x < y;
    return NULL;
}
static const char *float_at_most(kd_value a, kd_value b, kd_value c, kd_value *out) {
    double x = eng_value_float(a), y = eng_value_float(b);
    *out = y != y || x <= y;
    return NULL;
}
static const char *to_float(kd_value a, kd_value b, kd_value c, kd_value *out) {
    *out = a == KD_ABSENT ? KD_ABSENT : eng_float_value((double)a);
    return NULL;
}
static const char *to_int(kd_value a, kd_value b, kd_value c, kd_value *out) {
    double x = eng_value_float(a);
    *out = 0;
    if (x != x || x - x != 0) return NULL; /* NaN, infinities */
    if (x <= -9223372036854775808.0 || x >= 9223372036854775808.0) return OUT_OF_RANGE;
    *out = (kd_value)x;
    return NULL;
}

/* One row an operator; those without a function are made of jumps, read something, or are done in place. */
static const struct operation {
    unsigned arity;
    function *call;
} operations[EXPR_OPS] = {
    [KD_X_ADD] = {2, add},
    [KD_X_SUB] = {2, subtract},
    [KD_X_MUL] = {2, multiply},
    [KD_X_MAX] = {2, maximum},
    [KD_X_MIN] = {2, minimum},
    [KD_X_EQ] = {2, NULL},
    [KD_X_NE] = {2, NULL},
    [KD_X_LT] = {2, NULL},
    [KD_X_LE] = {2, NULL},
    [KD_X_GT] = {2, NULL},
    [KD_X_GE] = {2, NULL},
    [KD_X_AND] = {2, NULL},
    [KD_X_OR] = {2, NULL},
    [KD_X_NOT] = {1, negation},
    [KD_X_IF] = {3, NULL},
    [KD_X_IS_ABSENT] = {1, is_absent},
    [KD_X_OR_ELSE] = {2, NULL},
    [KD_X_NOW] = {0, NULL},
    [KD_X_DAY_BEGIN] = {1, day_begin},
    [KD_X_DAY_END] = {1, day_end},
    [KD_X_ADD_DAYS] = {2, add_days},
    [KD_X_ADD_MONTHS] = {2, add_months},
    [KD_X_PERIOD] = {3, period},
    [KD_X_PERIOD_DAYS] = {3, period_days},
    [KD_X_INDEX] = {0, NULL},
    [KD_X_DIV] = {2, divide},
    [KD_X_MOD] = {2, modulo},
    [KD_X_NEG] = {1, negate},
    [KD_X_FADD] = {2, float_add},
    [KD_X_FSUB] = {2, float_subtract},
    [KD_X_FMUL] = {2, float_multiply},
    [KD_X_FDIV] = {2, float_divide},
    [KD_X_FNEG] = {1, float_negate},
    [KD_X_FLT] = {2, float_less},
    [KD_X_FLE] = {2, float_at_most},
    [KD_X_TO_FLOAT] = {1, to_float},
    [KD_X_TO_INT] = {1, to_int},
    [EXPR_COLUMN] = {0, NULL},
    [EXPR_VALUE] = {0, NULL},
    [EXPR_CALL] = {0, NULL},
};

unsigned eng_expr_arity(unsigned op) {
    return operations[op].arity;
}

/* Operators whose operands are not all on the stack at once: each begins where the one before it began. */
static bool one_at_a_time(unsigned op) {
    return op == KD_X_AND || op == KD_X_OR || op == KD_X_IF || op == KD_X_OR_ELSE;
}

void eng_expr_measure(const eng_expr *all, eng_expr *x) {
    x->columns = x->op == EXPR_COLUMN ? (uint32_t)x->value + 1 : 0;
    x->now = x->op == KD_X_NOW || x->op == KD_X_INDEX;
    x->size = 3; /* jumps included */
    x->height = x->stack = 1;
    unsigned arity = x->call ? x->call->count : eng_expr_arity(x->op);
    for (unsigned i = 0; i < arity; i++) {
        const eng_expr *part = &all[x->call ? x->call->args[i] : x->part[i]];
        uint32_t below = one_at_a_time(x->op) ? 0 : i;
        if (part->columns > x->columns) x->columns = part->columns;
        if (part->height + 1 > x->height) x->height = part->height + 1;
        if (part->stack + below > x->stack) x->stack = part->stack + below;
        x->now |= part->now;
        x->size += part->size; /* both at most EXPR_SIZE_MAX, as every expression that was built */
    }
}

/* ---- Compiling ------------------------------------------------------------------------------------------*/

static eng_step *put(eng_code *c, unsigned kind) {
    eng_step *s = &c->steps[c->count++];
    s->kind = (uint8_t)kind;
    return s;
}

static void compile(const eng_expr *all, kd_expr x, eng_code *c);

/* a, then a jump over b when a settles it. */
static void compile_lazy(const eng_expr *all, const eng_expr *x, unsigned jump, eng_code *c) {
    compile(all, x->part[0], c);
    eng_step *over = put(c, jump);
    compile(all, x->part[1], c);
    if (jump != STEP_GIVEN) put(c, STEP_TRUTH);
    over->target = c->count;
}

static void compile_if(const eng_expr *all, const eng_expr *x, eng_code *c) {
    compile(all, x->part[0], c);
    eng_step *otherwise = put(c, STEP_ELSE);
    compile(all, x->part[1], c);
    eng_step *end = put(c, STEP_GO);
    otherwise->target = c->count;
    compile(all, x->part[2], c);
    end->target = c->count;
}

/* Frequent ones that cannot fail: see eng_code_run. */
static bool is_in_place(unsigned op) {
    return (op >= KD_X_EQ && op <= KD_X_GE) || op == KD_X_FMUL || op == KD_X_FLT || op == KD_X_TO_FLOAT;
}

/* The depth of this recursion is the height of the tree, which the plan bounds. */
static void compile(const eng_expr *all, kd_expr e, eng_code *c) {
    const eng_expr *x = &all[e];
    switch (x->op) {
    case EXPR_COLUMN:
        put(c, STEP_COLUMN)->target = (uint32_t)x->value;
        return;
    case EXPR_VALUE:
        put(c, STEP_VALUE)->value = x->value;
        return;
    case KD_X_NOW:
        put(c, STEP_NOW);
        return;
    case KD_X_INDEX:
        put(c, STEP_INDEX);
        return;
    case EXPR_CALL:
        for (uint32_t i = 0; i < x->call->count; i++) compile(all, x->call->args[i], c);
        put(c, STEP_OUTSIDE)->call = x->call;
        return;
    case KD_X_AND:
        compile_lazy(all, x, STEP_AND, c);
        return;
    case KD_X_OR:
        compile_lazy(all, x, STEP_OR, c);
        return;
    case KD_X_OR_ELSE:
        compile_lazy(all, x, STEP_GIVEN, c);
        return;
    case KD_X_IF:
        compile_if(all, x, c);
        return;
    default:
        break;
    }
    for (unsigned i = 0; i < operations[x->op].arity; i++) compile(all, x->part[i], c);
    put(c, is_in_place(x->op) ? STEP_OPS + x->op : STEP_CALL)->op = x->op;
}

kd_status eng_code_compile(kd_arena *arena, const eng_expr *all, kd_expr x, eng_code *out) {
    static const eng_code_kind kinds[EXPR_OPS] = {[EXPR_COLUMN] = ENG_CODE_COLUMN,
                                                  [EXPR_VALUE] = ENG_CODE_VALUE,
                                                  [KD_X_NOW] = ENG_CODE_NOW,
                                                  [KD_X_INDEX] = ENG_CODE_INDEX};
    *out =
        (eng_code){.steps = kd_arena_array(arena, all[x].size, sizeof *out->steps), .kind = kinds[all[x].op]};
    if (!out->steps) return KD_NOMEM;
    if (out->kind == ENG_CODE_COLUMN) out->column = (uint32_t)all[x].value;
    out->value = all[x].value;
    compile(all, x, out);
    return KD_OK;
}

unsigned eng_code_pack(eng_code *c, uint8_t columns[KD_WIDTH_MAX]) {
    unsigned count = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        eng_step *s = &c->steps[i];
        if (s->kind != STEP_COLUMN) continue;
        unsigned k = 0;
        while (k < count && columns[k] != s->target) k++;
        if (k == count) columns[count++] = (uint8_t)s->target;
        s->target = k;
    }
    c->column = 0; /* where it is a column, that is the only one */
    return count;
}

/* The comparison with its sides changed. */
static uint8_t turned(uint8_t op) {
    switch (op) {
    case KD_X_LT:
        return KD_X_GT;
    case KD_X_LE:
        return KD_X_GE;
    case KD_X_GT:
        return KD_X_LT;
    case KD_X_GE:
        return KD_X_LE;
    default:
        return op;
    }
}

bool eng_expr_compares(const eng_expr *all, kd_expr x, eng_comparison *out) {
    uint8_t op = all[x].op;
    if (op < KD_X_EQ || op > KD_X_GE) return false;
    const eng_expr *a = &all[all[x].part[0]], *b = &all[all[x].part[1]];
    if (a->op != EXPR_COLUMN) {
        const eng_expr *c = a;
        a = b, b = c;
        op = turned(op);
    }
    if (a->op != EXPR_COLUMN || (b->op != EXPR_COLUMN && b->op != EXPR_VALUE)) return false;
    *out = (eng_comparison){
        .op = op, .left = (uint8_t)a->value, .to_value = b->op == EXPR_VALUE, .value = b->value};
    if (!out->to_value) out->right = (uint8_t)b->value;
    return true;
}

/* ---- Running --------------------------------------------------------------------------------------------*/

/* Calls the function of a step on the values at the top of the stack; gives the stack that is left. */
static kd_value *call(const eng_step *s, kd_value *top, const char **complaint) {
    const struct operation *o = &operations[s->op];
    top -= o->arity;
    kd_value result;
    *complaint = o->call(top[0], o->arity > 1 ? top[1] : 0, o->arity > 2 ? top[2] : 0, &result);
    *top++ = result;
    return top;
}

/* Calls a function of the caller's on the values at the top of the stack. */
static kd_status call_outside(const eng_call *f, kd_value **top, const char **complaint) {
    kd_value result = 0;
    bool holds = true;
    *top -= f->count;
    kd_status s = f->call(f->ctx, *top, &result, &holds, complaint);
    if (s == KD_INVALID && !*complaint) *complaint = OUT_OF_RANGE;
    *(*top)++ = result;
    return s;
}

kd_status eng_code_run(const eng_code *c, const kd_value *row, const eng_moment *at, kd_value *out,
                       const char **complaint) {
    kd_value stack[EXPR_STACK_MAX + 1], *top = stack;
    kd_status outside;
    *complaint = NULL;
    for (uint32_t i = 0; i < c->count; i++) {
        const eng_step *s = &c->steps[i];
        uint32_t next = s->target - 1; /* where a jump goes on, before i++ */
        switch (s->kind) {
        case STEP_COLUMN:
            *top++ = row[s->target];
            break;
        case STEP_VALUE:
            *top++ = s->value;
            break;
        case STEP_NOW:
            *top++ = at->now;
            break;
        case STEP_INDEX:
            *top++ = at->index;
            break;
        case STEP_OUTSIDE:
            if ((outside = call_outside(s->call, &top, complaint))) return outside;
            break;
        case STEP_TRUTH:
            top[-1] = eng_true(top[-1]);
            break;
        case STEP_ELSE: /* IF: the condition is eaten */
            if (!eng_true(*--top)) i = next;
            break;
        case STEP_GO:
            i = next;
            break;
        case STEP_AND:
            if (eng_true(*--top)) break;
            *top++ = 0;
            i = next;
            break;
        case STEP_OR:
            if (!eng_true(*--top)) break;
            *top++ = 1;
            i = next;
            break;
        case STEP_GIVEN: /* OR_ELSE */
            if (top[-1] == KD_ABSENT)
                top--;
            else
                i = next;
            break;
        case STEP_OPS + KD_X_EQ:
        case STEP_OPS + KD_X_NE:
        case STEP_OPS + KD_X_LT:
        case STEP_OPS + KD_X_LE:
        case STEP_OPS + KD_X_GT:
        case STEP_OPS + KD_X_GE:
            top--;
            top[-1] = eng_compare(s->op, top[-1], *top);
            break;
        case STEP_OPS + KD_X_FMUL:
            top--;
            float_multiply(top[-1], *top, 0, &top[-1]);
            break;
        case STEP_OPS + KD_X_FLT:
            top--;
            float_less(top[-1], *top, 0, &top[-1]);
            break;
        case STEP_OPS + KD_X_TO_FLOAT:
            to_float(top[-1], 0, 0, &top[-1]);
            break;
        default:
            top = call(s, top, complaint);
            if (*complaint) return KD_INVALID;
        }
    }
    *out = stack[0];
    return KD_OK;
}

/* mfotl_terms.c: terms and comparisons as expressions of the engine. */
#include "lang/mfotl_functions.h"

bool mf_constant_value(mf_functions *f, const mf_term *t, kd_value *out) {
    switch (t->kind) {
    case MF_CONST_INT:
        *out = t->number;
        return true;
    case MF_CONST_FLOAT:
        *out = mf_float_value(t->real);
        return true;
    case MF_CONST_STRING:
    case MF_CONST_REGEXP:
        *out = kd_symbol(f->symbols, t->text);
        return *out >= 0;
    default:
        return false;
    }
}

/* What one operator becomes: the engine's own for ints and floats, or a function of one text or number. */
typedef struct lowering {
    kd_op of_ints, of_floats;
    kd_function call;
} lowering;

static const lowering *lowering_of(mf_term_kind kind) {
    static const lowering table[] = {
        [MF_ADD] = {KD_X_ADD, KD_X_FADD, NULL},
        [MF_SUB] = {KD_X_SUB, KD_X_FSUB, NULL},
        [MF_MUL] = {KD_X_MUL, KD_X_FMUL, NULL},
        [MF_DIV] = {KD_X_DIV, KD_X_FDIV, NULL},
        [MF_MOD] = {KD_X_MOD, KD_X_MOD, NULL},
        [MF_NEGATE] = {KD_X_NEG, KD_X_FNEG, NULL},
        [MF_I2F] = {KD_X_TO_FLOAT, KD_X_TO_FLOAT, NULL},
        [MF_F2I] = {KD_X_TO_INT, KD_X_TO_INT, NULL},
        [MF_I2S] = {0, 0, mf_call_i2s},
        [MF_S2I] = {0, 0, mf_call_s2i},
        [MF_F2S] = {0, 0, mf_call_f2s},
        [MF_S2F] = {0, 0, mf_call_s2f},
        [MF_YEAR] = {0, 0, mf_call_year},
        [MF_MONTH] = {0, 0, mf_call_month},
        [MF_DAY_OF_MONTH] = {0, 0, mf_call_day},
        [MF_FORMAT_DATE] = {0, 0, mf_call_date},
    };
    return &table[kind];
}

kd_expr mf_lower_term(const mf_program *p, kd_plan *plan, mf_functions *f, const mf_term *t,
                      const uint32_t *column_of) {
    if (t->kind == MF_VAR) return kd_plan_column(plan, column_of[t->var]);
    if (t->kind < MF_ADD) {
        kd_value value;
        return mf_constant_value(f, t, &value) ? kd_plan_value(plan, value) : 0;
    }
    kd_expr a = mf_lower_term(p, plan, f, t->a, column_of), b = 0;
    if (!a) return 0;
    if (t->kind == MF_R2S || t->kind == MF_S2R) return a; /* both are the symbol of the same bytes */
    if (t->kind < MF_NEGATE) {
        b = mf_lower_term(p, plan, f, t->b, column_of);
        if (!b) return 0;
    }
    const lowering *l = lowering_of(t->kind);
    if (l->call) return kd_plan_call(plan, l->call, f, &a, 1);
    return kd_plan_op(plan, t->type == MF_INT ? l->of_ints : l->of_floats, a, b, 0);
}

kd_expr mf_lower_comparison(const mf_program *p, kd_plan *plan, mf_functions *f, const mf_formula *atom,
                            const uint32_t *column_of) {
    kd_expr sides[2] = {mf_lower_term(p, plan, f, atom->t1, column_of),
                        mf_lower_term(p, plan, f, atom->t2, column_of)};
    if (!sides[0] || !sides[1]) return 0;
    if (atom->kind == MF_SUBSTRING) return kd_plan_call(plan, mf_call_substring, f, sides, 2);
    /* Equal texts are one symbol, equal floats have the same bits. */
    if (atom->kind == MF_EQUAL) return kd_plan_op(plan, KD_X_EQ, sides[0], sides[1], 0);
    bool strict = atom->kind == MF_LESS;
    mf_type type = atom->t1->type;
    if (type == MF_STRING || type == MF_REGEXP)
        return kd_plan_call(plan, strict ? mf_call_less : mf_call_less_equal, f, sides, 2);
    kd_op op = type == MF_INT ? (strict ? KD_X_LT : KD_X_LE) : (strict ? KD_X_FLT : KD_X_FLE);
    return kd_plan_op(plan, op, sides[0], sides[1], 0);
}

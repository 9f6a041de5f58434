/* mfotl_lower_atom.c: predicates: inputs of the plan that take from an event only what is needed; tp, ts,
 * tpts. */
#include "lang/mfotl_lower.h"

#include <inttypes.h>

/* ---- Inputs ---------------------------------------------------------------------------------------------*/

/* Where argument i was met before, or -1. */
static int met_before(const mf_formula *f, uint32_t i) {
    for (uint32_t k = 0; k < i; k++)
        if (f->args[k]->kind == MF_VAR && f->args[k]->var == f->args[i]->var) return (int)k;
    return -1;
}

static bool met_again(const mf_formula *f, uint32_t i) {
    for (uint32_t k = i + 1; k < f->arg_count; k++)
        if (f->args[k]->kind == MF_VAR && f->args[k]->var == f->args[i]->var) return true;
    return false;
}

/* Fills `takes` and the columns of r. */
static bool take_arguments(mf_lowering *l, const mf_formula *f, mf_vars need, mf_take *takes, mf_rel *r) {
    for (uint32_t i = 0; i < f->arg_count; i++) {
        const mf_term *t = f->args[i];
        mf_take *to = &takes[i];
        if (t->kind != MF_VAR) {
            to->kind = MF_EQUALS;
            if (mf_constant_value(l->functions, t, &to->value)) continue;
            l->status = KD_NOMEM;
            return false;
        }
        int before = met_before(f, i);
        bool needed = mf_vars_have(need, t->var);
        if (before >= 0) {
            *to = (mf_take){.kind = MF_AGAIN, .column = takes[before].column};
        } else if (needed || met_again(f, i)) {
            if (r->width == KD_WIDTH_MAX) {
                mf_lower_fail(l, KD_INVALID, f, "width",
                              "more than 24 arguments of one predicate are needed");
                return false;
            }
            *to = (mf_take){.kind = MF_PUT, .column = r->width};
            r->at[r->width++] = needed ? t->var : MF_GONE;
        } else {
            to->kind = MF_SKIP;
            r->bag = true;
        }
    }
    return true;
}

/* A name that says what is taken, so that equal inputs are one: `p(0,_,=7,~0)`. */
static kd_str input_name(mf_lowering *l, const mf_formula *f, const mf_take *takes) {
    kd_text_clear(&l->text);
    kd_text_put(&l->text, f->name);
    kd_text_putc(&l->text, '(');
    for (uint32_t i = 0; i < f->arg_count; i++) {
        if (i) kd_text_putc(&l->text, ',');
        switch (takes[i].kind) {
        case MF_SKIP:
            kd_text_putc(&l->text, '_');
            break;
        case MF_PUT:
            kd_text_printf(&l->text, "%" PRIu32, takes[i].column);
            break;
        case MF_EQUALS:
            kd_text_printf(&l->text, "=%" PRId64, takes[i].value);
            break;
        case MF_AGAIN:
            kd_text_printf(&l->text, "~%" PRIu32, takes[i].column);
            break;
        }
    }
    kd_text_putc(&l->text, ')');
    if (l->text.failed) l->status = KD_NOMEM;
    return kd_text_str(&l->text);
}

static bool add_use(mf_lowering *l, mf_use use) {
    mf_circuit *c = l->out;
    for (size_t i = 0; i < c->use_count; i++)
        if (c->uses[i].input == use.input) return true;
    if (c->use_count == l->use_room) {
        size_t room = l->use_room ? 2 * l->use_room : 8;
        mf_use *uses = kd_arena_array(l->functions->arena, room, sizeof *uses);
        if (!uses) return false;
        for (size_t i = 0; i < c->use_count; i++) uses[i] = c->uses[i];
        c->uses = uses;
        l->use_room = room;
    }
    c->uses[c->use_count++] = use;
    return true;
}

mf_rel mf_lower_predicate(mf_lowering *l, const mf_formula *f, mf_vars need) {
    if (f->builtin != MF_NO_BUILTIN) return mf_rel_at_point(l, mf_rel_tick(l), f);
    mf_take *takes = kd_arena_array(l->functions->arena, (size_t)f->arg_count + 1, sizeof *takes);
    mf_rel r = {.kind = KD_PULSE, .loose = true};
    if (!takes) return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    if (!take_arguments(l, f, need, takes, &r)) return mf_rel_failed();
    kd_str name = input_name(l, f, takes);
    if (l->status != KD_OK) return mf_rel_failed();
    r.node = kd_plan_input(l->plan, name, KD_PULSE, r.width);
    if (r.node && !add_use(l, (mf_use){f->predicate, r.node, r.width, takes}))
        return mf_lower_fail(l, KD_NOMEM, f, "", "out of memory");
    return r;
}

/* ---- tp, ts, tpts ---------------------------------------------------------------------------------------*/

static mf_rel meet_value(mf_lowering *l, mf_rel r, const mf_term *t, kd_op what) {
    if (r.node == 0) return r;
    kd_expr now = kd_plan_op(l->plan, what, 0, 0, 0);
    int c = t->kind == MF_VAR ? mf_rel_column(&r, t->var) : -1;
    if (t->kind == MF_VAR && c < 0) return mf_rel_with(l, r, now, t->var);
    kd_value v = 0;
    if (t->kind != MF_VAR && !mf_constant_value(l->functions, t, &v)) {
        l->status = KD_NOMEM;
        return mf_rel_failed();
    }
    kd_expr other = c >= 0 ? kd_plan_column(l->plan, (unsigned)c) : kd_plan_value(l->plan, v);
    return mf_rel_select(l, r, kd_plan_op(l->plan, KD_X_EQ, now, other, 0));
}

mf_rel mf_rel_at_point(mf_lowering *l, mf_rel r, const mf_formula *f) {
    r = mf_rel_pulse(l, r);
    if (f->builtin != MF_TS) r = meet_value(l, r, f->args[0], KD_X_INDEX);
    if (f->builtin != MF_TP) r = meet_value(l, r, f->args[f->builtin == MF_TPTS], KD_X_NOW);
    return r;
}

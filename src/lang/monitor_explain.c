/* monitor_explain.c: what a monitor would say of itself: the formula, what feeds the plan, and what it holds now. */
#include "lang/monitor_inside.h"

static void put_take(kd_text *out, const kd_monitor *m, const mf_use *u, uint32_t i) {
    const mf_take *t = &u->takes[i];
    mf_type type = u->predicate->types[i];
    switch (t->kind) {
    case MF_SKIP:
        kd_text_putc(out, '_');
        return;
    case MF_PUT:
    case MF_AGAIN:
        kd_text_printf(out, "%s%u", t->kind == MF_AGAIN ? "=" : "", t->column + 1);
        return;
    case MF_EQUALS:
        if (type == MF_INT) {
            kd_text_printf(out, "%lld", (long long)t->value);
        } else if (type == MF_FLOAT) {
            kd_text_printf(out, "%g", mf_value_float(t->value));
        } else {
            kd_text_printf(out, "\"%.*s\"", KD_STR_ARGS(kd_symbol_text(m->symbols, t->value)));
        }
        return;
    }
}

void kd_monitor_explain(const kd_monitor *m, kd_text *out) {
    if (!m->engine) return;
    kd_text_puts(out, "formula  ");
    kd_monitor_normal(m, out);
    kd_text_puts(out, "\n\nevents that are taken (numbers are columns, _ is not read)\n");
    for (size_t i = 0; i < m->circuit.use_count; i++) {
        const mf_use *u = &m->circuit.uses[i];
        kd_text_printf(out, "  %.*s(", KD_STR_ARGS(u->predicate->name));
        for (uint32_t k = 0; k < u->predicate->arity; k++) {
            if (k) kd_text_putc(out, ',');
            put_take(out, m, u, k);
        }
        kd_text_puts(out, ")\n");
    }
    kd_engine_stats now = kd_engine_statistics(m->engine);
    kd_text_printf(out, "\nplan: %zu nodes, %zu rows and %zu bytes held\n", kd_plan_size(m->plan),
                   now.live_rows, now.bytes);
    kd_engine_explain(m->engine, out);
}

/* monitor.c: from a signature and a formula to a running monitor. */
#include "lang/monitor_inside.h"
#include <string.h>

/* ---- What is heard --------------------------------------------------------------------------------------*/

static kd_status hear_verdicts(void *ctx, uint64_t index, kd_instant at, const kd_value *rows, size_t count) {
    kd_monitor *m = ctx;
    if (m->column_count == 0) {
        if (count > 1) count = 1;
        rows = NULL;
    } else if (!monitor_sort(&m->rows, rows, count, &rows, &count)) {
        return KD_NOMEM;
    }
    if (!m->o.heard || (count == 0 && !m->o.every_point)) return KD_OK;
    m->heard = m->o.heard(m->o.ctx, m, index, at, rows, count);
    return m->heard;
}

static kd_status hear_command(void *ctx, kd_str name, const kd_str *args, size_t count) {
    kd_monitor *m = ctx;
    m->heard = m->o.command(m->o.ctx, m, name, args, count);
    return m->heard;
}

static void hear_warning(void *ctx, const kd_error *what) {
    kd_monitor *m = ctx;
    if (m->o.warning) m->o.warning(m->o.ctx, what);
}

static void hear_read(void *ctx, uint64_t index, kd_instant at) {
    kd_monitor *m = ctx;
    m->o.read(m->o.ctx, index, at);
}

/* ---- Opening --------------------------------------------------------------------------------------------*/

kd_engine_options monitor_engine_options(kd_monitor *m) {
    return (kd_engine_options){
        .from = m->from,
        .ceiling_bytes = m->o.ceiling_bytes,
        .log_time = true,
        .quiet_verdicts = !m->o.every_point,
        .eager = m->o.eager,
        .verdicts = hear_verdicts,
        .ctx = m,
    };
}

static kd_monitor_type type_of(mf_type t) {
    return t == MF_INT ? KD_M_INT : t == MF_STRING ? KD_M_STRING : t == MF_REGEXP ? KD_M_REGEXP : KD_M_FLOAT;
}

static bool make_columns(kd_monitor *m) {
    const mf_program *p = m->program;
    m->column_count = p->column_count;
    m->columns = kd_arena_array(&m->arena, m->column_count + 1, sizeof *m->columns);
    if (!m->columns) return false;
    for (size_t i = 0; i < m->column_count; i++) {
        const mf_name *v = &p->vars[p->columns[i]];
        m->columns[i] = (kd_monitor_column){.name = v->text,
                                            .type = type_of(v->type),
                                            .any_type = v->type == MF_OPEN,
                                            .number = v->type == MF_NUMBER};
    }
    return true;
}

/* Reads and judges the formula. */
static kd_status open_formula(kd_monitor *m, kd_str sig, const char *sig_name, kd_str formula,
                              const char *formula_name, kd_error *e) {
    static const mf_unfold unfold[] = {[KD_UNFOLD_NO] = MF_UNFOLD_NO,
                                       [KD_UNFOLD_FULL] = MF_UNFOLD_FULL,
                                       [KD_UNFOLD_SMART] = MF_UNFOLD_SMART};
    kd_status s = mf_signature_read(&m->arena, sig, sig_name, &m->signature, e);
    if (!s) s = mf_read(&m->arena, m->signature, formula, formula_name, &m->program, e);
    if (s) return s;
    if (!make_columns(m)) return kd_fail_nomem(e);
    mf_rewriting r = {.negate = m->o.negate, .as_it_is = m->o.as_it_is, .unfold = unfold[m->o.unfold]};
    return mf_normalize(m->program, &r, &m->refused, e);
}

/* Makes the circuit and the reader that feeds it. */
static kd_status open_circuit(kd_monitor *m, kd_error *e) {
    if (monitor_symbols_open(m)) return kd_fail_nomem(e);
    m->functions =
        (mf_functions){.from = m->from, .symbols = m->symbols, .patterns = m->o.patterns, .arena = &m->arena};
    if (kd_plan_open(m->from, &m->plan)) return kd_fail_nomem(e);
    kd_status s = mf_lower(m->program, m->plan, &m->functions, &m->circuit, e);
    if (!s) s = kd_plan_error(m->plan, e);
    if (s) return s;
    m->rows = (monitor_rows){
        .from = m->from, .symbols = m->symbols, .columns = m->columns, .width = m->column_count};
    kd_engine_options options = monitor_engine_options(m);
    s = kd_engine_open(m->plan, &options, &m->engine, e);
    if (s) return s;
    mf_log_options log = {
        .from = m->from,
        .signature = m->signature,
        .circuit = &m->circuit,
        .symbols = m->symbols,
        .keep_all_events = m->o.keep_all_events,
        .every_point = m->o.every_point,
        .forgive_errors = m->o.forgive_errors,
        .stop_out_of_order = m->o.stop_out_of_order,
        .command = m->o.command ? hear_command : NULL,
        .warning = hear_warning,
        .read = m->o.read ? hear_read : NULL,
        .tidy = monitor_symbols_tidy,
        .ctx = m,
    };
    kd_symbols_pin(m->symbols); /* constants of the formula */
    return mf_log_open(&log, &m->log) ? kd_fail_nomem(e) : KD_OK;
}

kd_status kd_monitor_open(kd_str sig, const char *sig_name, kd_str formula, const char *formula_name,
                          const kd_monitor_options *o, kd_monitor **out, kd_error *e) {
    const kd_allocator *from = o->from ? o->from : &kd_allocator_libc;
    kd_error ours;
    if (!e) e = &ours;
    *e = (kd_error){0};
    *out = NULL;
    kd_monitor *m = from->resize(from->ctx, NULL, 0, sizeof *m);
    if (!m) return kd_fail_nomem(e);
    *m = (kd_monitor){.o = *o, .from = from};
    m->o.every_point = o->every_point || o->read;
    kd_arena_open(&m->arena, from);
    kd_status s = open_formula(m, sig, sig_name, formula, formula_name, e);
    if (s == KD_FAILED && m->program) {
        *out = m;
        return s;
    }
    if (!s && !o->only_check) s = open_circuit(m, e);
    if (s) {
        kd_monitor_close(m);
        return s;
    }
    *out = m;
    return KD_OK;
}

void kd_monitor_close(kd_monitor *m) {
    if (!m) return;
    const kd_allocator *from = m->from;
    mf_log_close(m->log);
    kd_engine_close(m->engine);
    kd_plan_close(m->plan);
    mf_functions_close(&m->functions);
    kd_symbols_close(m->symbols);
    if (m->rows.from) monitor_rows_close(&m->rows);
    kd_arena_close(&m->arena);
    from->resize(from->ctx, m, sizeof *m, 0);
}

/* ---- Running --------------------------------------------------------------------------------------------*/

static kd_status not_open(kd_error *e) {
    return kd_fail(e, KD_USAGE, "monitor", "this formula is not monitored");
}

kd_status kd_monitor_feed(kd_monitor *m, const char *name, const char *bytes, size_t n, bool last,
                          size_t *used, kd_error *e) {
    *used = 0;
    if (e) *e = (kd_error){0};
    return m->log ? mf_log_feed(m->log, m->engine, name, bytes, n, last, used, e) : not_open(e);
}

kd_status kd_monitor_end(kd_monitor *m, kd_error *e) {
    if (e) *e = (kd_error){0};
    if (!m->engine) return not_open(e);
    if (!m->circuit.future || m->o.no_last_point) return KD_OK;
    return kd_engine_finish(m->engine, e);
}

uint64_t kd_monitor_points(const kd_monitor *m) {
    return m->log ? mf_log_where(m->log).points : 0;
}

void kd_monitor_place(const kd_monitor *m, uint32_t *line, uint32_t *column) {
    mf_place at = m->log ? mf_log_place(m->log) : (mf_place){1, 1};
    *line = at.line;
    *column = at.column;
}

/* ---- Questions ------------------------------------------------------------------------------------------*/

const kd_monitor_column *kd_monitor_columns(const kd_monitor *m, size_t *count) {
    *count = m->column_count;
    return m->columns;
}

void kd_monitor_formula(const kd_monitor *m, kd_text *out) {
    mf_print(out, m->program, m->program->formula);
}

void kd_monitor_normal(const kd_monitor *m, kd_text *out) {
    mf_print(out, m->program, m->program->normal ? m->program->normal : m->program->formula);
}

void kd_monitor_refusal(const kd_monitor *m, kd_text *out) {
    if (m->refused) mf_print(out, m->program, m->refused);
}

kd_str kd_monitor_text(const kd_monitor *m, kd_value v) {
    return kd_symbol_text(m->symbols, v);
}

kd_engine_stats kd_monitor_statistics(const kd_monitor *m) {
    return m->engine ? kd_engine_statistics(m->engine) : (kd_engine_stats){0};
}

const kd_engine *kd_monitor_engine(const kd_monitor *m) {
    return m->engine;
}

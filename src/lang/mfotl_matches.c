/* mfotl_matches.c: the atom MATCHES: a text, a pattern, and what its groups have to be. */
#include "lang/mfotl_functions.h"
#include <string.h>

/* Patterns made ready, newest use first. A formula has few; a log may bring any number, of which the last ones
 * are kept. */
typedef struct mf_pattern mf_pattern;
struct mf_pattern {
    mf_pattern *next;
    kd_value symbol;
    void *compiled;
};

enum { PATTERNS_KEPT = 64, PAIRS_MAX = 201 };

/* What a group has to be. */
typedef struct group {
    enum { GROUP_IGNORED, GROUP_EQUALS, GROUP_NEW } kind;
    uint32_t which; /* argument, or result; of a variable met again the same result */
} group;

typedef struct matching {
    mf_functions *f;
    uint32_t group_count;
    const group *groups;
} matching;

void mf_functions_close(mf_functions *f) {
    for (mf_pattern *m = f->compiled; m; m = m->next) {
        if (m->compiled) f->patterns->release(f->patterns->ctx, m->compiled);
        m->compiled = NULL;
    }
    f->compiled = NULL;
}

void mf_functions_forget(mf_functions *f) {
    for (mf_pattern *m = f->compiled; m; m = m->next) {
        if (!kd_symbol_lives(f->symbols, m->symbol)) m->symbol = -1;
    }
}

/* A record to be filled, first in the list: a new one, or that of the pattern not used for longest. */
static mf_pattern *first_place(mf_functions *f) {
    size_t count = 0;
    mf_pattern **last = &f->compiled;
    for (mf_pattern **m = &f->compiled; *m; m = &(*m)->next, count++) last = m;
    mf_pattern *m;
    if (count >= PATTERNS_KEPT) {
        m = *last;
        *last = NULL;
        if (m->compiled) f->patterns->release(f->patterns->ctx, m->compiled);
    } else {
        m = kd_arena_take(f->arena, sizeof *m);
        if (!m) return NULL;
    }
    m->compiled = NULL;
    m->symbol = -1;
    m->next = f->compiled;
    f->compiled = m;
    return m;
}

static kd_status compile(mf_functions *f, kd_value symbol, void **out, const char **complaint) {
    kd_text text;
    unsigned groups = 0;
    mf_pattern *m = first_place(f);
    if (!m) return KD_NOMEM;
    kd_text_open(&text, f->from);
    kd_status s = KD_NOMEM;
    if (mf_pattern_translate(kd_symbol_text(f->symbols, symbol), &text, &groups, complaint)) {
        m->compiled = f->patterns->compile(f->patterns->ctx, kd_text_str(&text), complaint);
        if (m->compiled) s = KD_OK;
    }
    if (s != KD_OK && *complaint) s = KD_INVALID;
    kd_text_close(&text);
    if (s == KD_OK) m->symbol = symbol;
    *out = m->compiled;
    return s;
}

static kd_status find_pattern(mf_functions *f, kd_value symbol, void **out, const char **complaint) {
    for (mf_pattern **at = &f->compiled; *at; at = &(*at)->next) {
        mf_pattern *m = *at;
        if (m->symbol != symbol || !m->compiled) continue;
        *at = m->next;
        m->next = f->compiled;
        f->compiled = m;
        *out = m->compiled;
        return KD_OK;
    }
    return compile(f, symbol, out, complaint);
}

/* The groups' texts against what they have to be; the new ones go into `results`. */
static kd_status take_groups(const matching *m, kd_str text, const int64_t *pairs, const kd_value *args,
                             kd_value *results, bool *holds) {
    uint64_t filled = 0; /* results that are there: at most KD_WIDTH_MAX */
    *holds = true;
    for (uint32_t i = 0; i < m->group_count && *holds; i++) {
        const group *g = &m->groups[i];
        if (g->kind == GROUP_IGNORED) continue;
        int64_t begin = pairs[2 * (i + 1)], end = pairs[2 * (i + 1) + 1];
        if (begin < 0 || end < begin || (uint64_t)end > text.n) {
            *holds = false;
            break;
        }
        kd_str part = {text.p + begin, (size_t)(end - begin)};
        if (g->kind == GROUP_EQUALS) {
            *holds = kd_str_equal(part, kd_symbol_text(m->f->symbols, args[g->which]));
        } else if (filled >> g->which & 1) {
            *holds = kd_str_equal(part, kd_symbol_text(m->f->symbols, results[g->which]));
        } else {
            results[g->which] = kd_symbol(m->f->symbols, part);
            if (results[g->which] < 0) return KD_NOMEM;
            filled |= UINT64_C(1) << g->which;
        }
    }
    return KD_OK;
}

/* args: text, pattern, then the terms that groups have to equal. */
static kd_status search(void *ctx, const kd_value *args, kd_value *results, bool *holds,
                        const char **complaint) {
    const matching *m = ctx;
    const kd_patterns *patterns = m->f->patterns;
    void *compiled = NULL;
    *holds = false;
    kd_status s = find_pattern(m->f, args[1], &compiled, complaint);
    if (s) return s;
    int64_t pairs[2 * PAIRS_MAX];
    for (size_t i = 0; i < 2 * PAIRS_MAX; i++) pairs[i] = -1;
    kd_str text = kd_symbol_text(m->f->symbols, args[0]);
    int found = patterns->search(patterns->ctx, compiled, text, pairs, PAIRS_MAX);
    if (found < 0) {
        *complaint = "MATCHES: the pattern takes too long on a text";
        return KD_INVALID;
    }
    /* Symbols may move while new ones are made, their bytes do not. */
    return found ? take_groups(m, text, pairs, args, results, holds) : KD_OK;
}

/* The same as 1 or 0, where no group brings a new variable. */
static kd_status search_only(void *ctx, const kd_value *args, kd_value *results, bool *holds,
                             const char **complaint) {
    bool found = false;
    kd_status s = search(ctx, args, NULL, &found, complaint);
    results[0] = found;
    *holds = true;
    return s;
}

/* How far the groups have been looked at while lowering. */
typedef struct gathering {
    kd_expr args[KD_ARGS_MAX + 1];
    unsigned count;
    mf_var *new_vars;
    uint32_t new_count;
} gathering;

static uint32_t new_variable(gathering *g, mf_var v) {
    for (uint32_t i = 0; i < g->new_count; i++) {
        if (g->new_vars[i] == v) return i;
    }
    g->new_vars[g->new_count] = v;
    return g->new_count++;
}

kd_node mf_lower_matches(const mf_program *p, kd_plan *plan, mf_functions *f, const mf_formula *atom,
                         kd_node in, const uint32_t *column_of, mf_var *new_vars, uint32_t *new_count) {
    gathering g = {.count = 2, .new_vars = new_vars};
    *new_count = 0;
    group *groups = kd_arena_array(f->arena, atom->arg_count + 1u, sizeof *groups);
    matching *m = kd_arena_take(f->arena, sizeof *m);
    if (!groups || !m || !f->patterns || atom->arg_count >= PAIRS_MAX) return 0;
    *m = (matching){f, atom->arg_count, groups};
    g.args[0] = mf_lower_term(p, plan, f, atom->t1, column_of);
    g.args[1] = mf_lower_term(p, plan, f, atom->t2, column_of);
    if (!g.args[0] || !g.args[1]) return 0;
    for (uint32_t i = 0; i < atom->arg_count; i++) {
        const mf_term *t = atom->args[i];
        if (!t) continue;
        if (t->kind == MF_VAR && column_of[t->var] == UINT32_MAX) {
            groups[i] = (group){GROUP_NEW, new_variable(&g, t->var)};
        } else {
            if (g.count >= KD_ARGS_MAX) return 0;
            groups[i] = (group){GROUP_EQUALS, g.count};
            g.args[g.count] = mf_lower_term(p, plan, f, t, column_of);
            if (!g.args[g.count++]) return 0;
        }
    }
    *new_count = g.new_count;
    if (g.new_count == 0)
        return kd_plan_select(plan, in, kd_plan_call(plan, search_only, m, g.args, g.count));
    return kd_plan_extend(plan, in, search, m, g.args, g.count, g.new_count);
}

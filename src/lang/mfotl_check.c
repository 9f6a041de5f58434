/* mfotl_check.c: whether a LETPAST rests on earlier time points only. */
#include "lang/mfotl_front.h"

typedef struct guards {
    mf_guard *of; /* by number of LET: what a use of it looks at; UNUSED: nothing of the one in question */
    mf_guard worst_use;
    mf_place place;
} guards;

static mf_guard worse(mf_guard a, mf_guard b) {
    return a > b ? a : b;
}

/* Under an operator that looks at earlier time points only. */
static mf_guard back(mf_guard g) {
    return g == MF_PRESENT ? MF_EARLIER : g;
}

static mf_guard ahead(mf_guard g) {
    return g == MF_UNUSED ? MF_UNUSED : MF_LATER;
}

static mf_guard walk(guards *g, const mf_formula *f);

static mf_guard walk_regex(guards *g, const mf_regex *r) {
    if (!r) return MF_UNUSED;
    mf_guard here = r->kind == MF_RE_TEST ? walk(g, r->test) : MF_UNUSED;
    return worse(here, worse(walk_regex(g, r->a), walk_regex(g, r->b)));
}

static mf_guard combine(guards *g, const mf_formula *f) {
    mf_guard a = f->a ? walk(g, f->a) : MF_UNUSED;
    bool strict = f->within.low > 0;
    switch (f->kind) {
    case MF_PREDICATE:
        return f->let ? g->of[f->let] : MF_UNUSED;
    case MF_PREVIOUS:
        return back(a);
    case MF_ONCE:
    case MF_HISTORICALLY:
        return strict ? back(a) : a;
    case MF_SINCE: {
        mf_guard b = walk(g, f->b);
        return worse(a, strict ? back(b) : b);
    }
    case MF_NEXT:
    case MF_EVENTUALLY:
    case MF_ALWAYS:
        return ahead(a);
    case MF_UNTIL:
    case MF_RELEASE:
        return ahead(worse(a, walk(g, f->b)));
    case MF_FORWARD:
        return ahead(walk_regex(g, f->regex));
    case MF_BACKWARD:
        return walk_regex(g, f->regex);
    case MF_LET:
    case MF_LETPAST:
        g->of[f->let] = a;
        return walk(g, f->b);
    default:
        return f->b ? worse(a, walk(g, f->b)) : a;
    }
}

/* Keeps the place where the uses below first turn into what they are at worst. */
static mf_guard walk(guards *g, const mf_formula *f) {
    mf_guard here = combine(g, f);
    if (here > g->worst_use) {
        g->worst_use = here;
        g->place = f->place;
    }
    return here;
}

bool mf_guard_of(const mf_program *p, const mf_formula *definition, uint32_t let, mf_guard *out,
                 mf_place *place) {
    guards g = {.of = kd_arena_array(p->arena, (size_t)p->let_count + 1, sizeof *g.of),
                .place = definition->place};
    if (!g.of) return false;
    g.of[let] = MF_PRESENT;
    *out = walk(&g, definition);
    *place = g.place;
    return true;
}

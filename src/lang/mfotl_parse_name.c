/* mfotl_parse_name.c: what binds names or is one: predicates, EXISTS and FORALL, aggregations, LET. */
#include "lang/mfotl_front.h"

/* ---- Variables ------------------------------------------------------------------------------------------*/

bool mf_bind(mf_parser *s, mf_bindings *to, kd_str name, mf_var v) {
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 8;
        mf_binding *items = kd_arena_array(s->arena, room, sizeof *items);
        if (!items) return mf_no_memory(s);
        for (size_t i = 0; i < to->count; i++) items[i] = to->items[i];
        to->items = items;
        to->room = room;
    }
    to->items[to->count++] = (mf_binding){name, v};
    return true;
}

static bool is_blank(kd_str name) {
    return kd_str_is(name, "_");
}

bool mf_declare(mf_parser *s, kd_str name, mf_var *out) {
    bool made = is_blank(name) ? mf_new_var(s->p, MF_OPEN, out) : mf_new_named_var(s->p, name, MF_OPEN, out);
    return made || mf_no_memory(s);
}

static bool look_up(const mf_bindings *in, kd_str name, mf_var *out) {
    for (size_t i = in->count; i-- > 0;)
        if (kd_str_equal(in->items[i].name, name)) {
            *out = in->items[i].var;
            return true;
        }
    return false;
}

bool mf_resolve(mf_parser *s, kd_str name, mf_var *out) {
    mf_frame *f = s->frame;
    if (!is_blank(name) && (look_up(&f->bound, name, out) || look_up(&f->free, name, out))) return true;
    return mf_declare(s, name, out) && mf_bind(s, &f->free, name, *out);
}

/* Names between commas; how many there are at most is known from the tokens. */
typedef struct name_list {
    const mf_token **items;
    uint32_t count;
} name_list;

static bool parse_names(mf_parser *s, name_list *out) {
    size_t room = 1;
    for (const mf_token *t = s->at; t->kind == T_WORD && t[1].kind == T_COMMA; t += 2) room++;
    *out = (name_list){kd_arena_array(s->arena, room, sizeof(mf_token *)), 0};
    if (!out->items) return mf_no_memory(s);
    do {
        if (s->at->kind == T_COMMA) s->at++;
        out->items[out->count++] = s->at;
        if (!mf_take_token(s, T_WORD, "a variable")) return false;
    } while (s->at->kind == T_COMMA && out->count < room);
    return true;
}

static mf_var *take_vars(mf_parser *s, size_t count) {
    mf_var *vars = kd_arena_array(s->arena, count ? count : 1, sizeof *vars);
    if (!vars) mf_no_memory(s);
    return vars;
}

/* ---- Quantifiers ----------------------------------------------------------------------------------------*/

bool mf_parse_quantifier(mf_parser *s, mf_read_part *out) {
    const mf_token *op = s->at++;
    mf_bindings *bound = &s->frame->bound;
    size_t before = bound->count;
    name_list list;
    mf_read_part a;
    if (!parse_names(s, &list) || !mf_take_token(s, T_DOT, "\",\" or \".\" behind the variables"))
        return false;
    mf_var *vars = take_vars(s, list.count);
    if (!vars) return false;
    for (uint32_t i = 0; i < list.count; i++) {
        kd_str name = list.items[i]->text;
        if (!mf_declare(s, name, &vars[i])) return false;
        if (!is_blank(name) && !mf_bind(s, bound, name, vars[i])) return false;
    }
    if (!mf_parse_formula(s, 5, &a)) return false;
    bound->count = before;
    mf_formula f = {
        .kind = (mf_kind)op->aux, .place = op->place, .a = a.f, .vars = vars, .var_count = list.count};
    return mf_put_formula(s, f, a.height, out);
}

/* ---- Predicates -----------------------------------------------------------------------------------------*/

static mf_builtin builtin_of(kd_str name, uint32_t arity) {
    if (arity == 1 && kd_str_is(name, "tp")) return MF_TP;
    if (arity == 1 && kd_str_is(name, "ts")) return MF_TS;
    if (arity == 2 && kd_str_is(name, "tpts")) return MF_TPTS;
    return MF_NO_BUILTIN;
}

static void unknown(mf_parser *s, const mf_formula *f) {
    char met[MF_EXCERPT], near[MF_EXCERPT];
    const mf_signature *sig = s->p->signature;
    size_t count = sig->count + 3;
    mf_excerpt_text(f->name, met);
    if (f->predicate) {
        mf_late(s, R_PREDICATE, f->place, "%s takes %u arguments, not %u", met, (unsigned)f->predicate->arity,
                (unsigned)f->arg_count);
        return;
    }
    for (const mf_let *l = s->lets; l; l = l->up) count++;
    kd_str *names = kd_arena_array(s->arena, count, sizeof *names);
    if (names) {
        size_t n = 0;
        for (size_t i = 0; i < sig->count; i++) names[n++] = sig->items[i].name;
        names[n++] = KD_STR("tp");
        names[n++] = KD_STR("ts");
        names[n++] = KD_STR("tpts");
        for (const mf_let *l = s->lets; l; l = l->up) names[n++] = l->name;
        int i = kd_str_nearest(f->name, names, n);
        for (size_t k = 0; k < n; k++)
            if (kd_str_equal(names[k], f->name)) {
                mf_late(s, R_PREDICATE, f->place, "there is a predicate %s, but not with %u arguments", met,
                        (unsigned)f->arg_count);
                return;
            }
        if (i >= 0)
            mf_late(s, R_PREDICATE, f->place, "there is no predicate %s; did you mean %s?", met,
                    mf_excerpt_text(names[i], near));
    }
    mf_late(s, R_PREDICATE, f->place,
            "there is no predicate %s: declare it in the signature, or define it with LET around this place",
            met);
}

/* What the name and the number of arguments mean here: the innermost LET, else what is always there, else the
 * signature. */
static void identify(mf_parser *s, mf_formula *f) {
    for (const mf_let *l = s->lets; l; l = l->up)
        if (l->arity == f->arg_count && kd_str_equal(l->name, f->name)) {
            f->let = l->number;
            return;
        }
    f->builtin = builtin_of(f->name, f->arg_count);
    if (f->builtin != MF_NO_BUILTIN) return;
    f->predicate = mf_signature_find(s->p->signature, f->name);
    if (!f->predicate || f->predicate->arity != f->arg_count) unknown(s, f);
}

/* A variable that stands alone as an argument and begins with _ is bound at the predicate itself. */
static bool hidden(mf_parser *s, mf_bindings *own, mf_read_part *out) {
    const mf_token *t = s->at++;
    mf_term v = {.kind = MF_VAR, .place = t->place};
    if (is_blank(t->text) || !look_up(own, t->text, &v.var))
        if (!mf_declare(s, t->text, &v.var) || !mf_bind(s, own, t->text, v.var)) return false;
    return mf_put_term(s, v, 0, out);
}

static bool ends_argument(const mf_token *t) {
    return t->kind == T_COMMA || t->kind == T_CLOSE;
}

static bool arguments(mf_parser *s, mf_bindings *own, mf_formula *f, unsigned *height) {
    size_t room = 0;
    const mf_term **args = NULL;
    while (s->at->kind != T_CLOSE) {
        if (f->arg_count == room) {
            size_t more = room ? 2 * room : 4;
            const mf_term **grown = kd_arena_array(s->arena, more, sizeof(mf_term *));
            if (!grown || more > UINT32_MAX / 2) return mf_no_memory(s);
            for (size_t i = 0; i < room; i++) grown[i] = args[i];
            args = grown;
            room = more;
        }
        mf_read_part a;
        bool own_one = s->at->kind == T_WORD && s->at->text.p[0] == '_' && ends_argument(s->at + 1);
        if (!(own_one ? hidden(s, own, &a) : mf_parse_term(s, &a))) return false;
        args[f->arg_count++] = a.t;
        *height = mf_higher(*height, a.height);
        if (!ends_argument(s->at)) return mf_unexpected(s, "\",\" or \")\"");
        if (s->at->kind == T_COMMA) s->at++;
    }
    s->at++;
    f->args = args;
    return true;
}

bool mf_parse_predicate(mf_parser *s, mf_read_part *out) {
    mf_formula f = {.kind = MF_PREDICATE, .place = s->at->place, .name = s->at->text};
    mf_bindings own = {0};
    unsigned height = 0;
    s->at += 2;
    if (!arguments(s, &own, &f, &height)) return false;
    identify(s, &f);
    if (!mf_put_formula(s, f, 0, out)) return false;
    if (!own.count) return true;
    mf_var *vars = take_vars(s, own.count);
    if (!vars) return false;
    for (size_t i = 0; i < own.count; i++) vars[i] = own.items[i].var;
    mf_formula q = {
        .kind = MF_EXISTS, .place = f.place, .a = out->f, .vars = vars, .var_count = (uint32_t)own.count};
    return mf_put_formula(s, q, out->height, out);
}

/* ---- Aggregations ---------------------------------------------------------------------------------------*/

static void check_aggregate(mf_parser *s, const mf_formula *f, const mf_token *over, const name_list *group,
                            const mf_token *result) {
    char met[MF_EXCERPT];
    if (!mf_is_free(f->a, f->over))
        mf_late(s, R_AGGREGATE, over->place,
                "%s is aggregated but is not free in the formula behind it: use a variable that is",
                mf_excerpt_text(over->text, met));
    for (uint32_t i = 0; i < group->count; i++) {
        mf_excerpt_text(group->items[i]->text, met);
        if (!mf_is_free(f->a, f->vars[i]))
            mf_late(s, R_AGGREGATE, group->items[i]->place,
                    "%s groups but is not free in the formula behind it: use a variable that is", met);
        if (kd_str_equal(group->items[i]->text, result->text))
            mf_late(s, R_AGGREGATE, result->place,
                    "%s is the result and also groups: give the result a name of its own", met);
    }
}

bool mf_parse_aggregate(mf_parser *s, mf_read_part *out) {
    const mf_token *result = s->at;
    s->at += 2;
    mf_formula f = {.kind = MF_AGGREGATE, .place = result->place, .fold = (mf_fold)s->at->aux};
    if (!mf_take_token(s, T_FOLD, "CNT, SUM, MIN, MAX, AVG or MED")) return false;
    const mf_token *over = s->at;
    name_list group = {NULL, 0};
    mf_frame body = {.up = s->frame};
    mf_read_part a;
    if (!mf_take_token(s, T_WORD, "the variable to aggregate")) return false;
    if (s->at->kind == T_SEMICOLON) {
        s->at++;
        if (!parse_names(s, &group)) return false;
    }
    mf_var *vars = take_vars(s, group.count);
    if (!vars || !mf_resolve(s, result->text, &f.result)) return false;
    for (uint32_t i = 0; i < group.count; i++) {
        kd_str name = group.items[i]->text;
        if (!mf_resolve(s, name, &vars[i]) || !mf_bind(s, &body.free, name, vars[i])) return false;
    }
    s->frame = &body;
    if (!mf_resolve(s, over->text, &f.over) || !mf_parse_formula(s, 1, &a)) return false;
    s->frame = body.up;
    f.a = a.f;
    f.vars = vars;
    f.var_count = group.count;
    check_aggregate(s, &f, over, &group, result);
    return mf_put_formula(s, f, a.height, out);
}

/* ---- LET ------------------------------------------------------------------------------------------------*/

static void check_parameters(mf_parser *s, const mf_formula *f, const name_list *list) {
    char met[MF_EXCERPT];
    for (uint32_t i = 0; i < list->count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (kd_str_equal(list->items[i]->text, list->items[k]->text))
                mf_late(s, R_LET, list->items[i]->place, "the parameter %s is there twice",
                        mf_excerpt_text(list->items[i]->text, met));
    for (uint32_t i = 0; i < list->count; i++) {
        mf_excerpt_text(list->items[i]->text, met);
        if (!mf_is_free(f->a, f->vars[i]))
            mf_late(s, R_LET, list->items[i]->place,
                    "the parameter %s is not free in the definition of %.*s: leave it out, or use it", met,
                    (int)(f->name.n < 80 ? f->name.n : 80), f->name.p);
    }
    for (uint32_t i = 0; i < f->a->free_count; i++) {
        uint32_t k = 0;
        while (k < f->var_count && f->vars[k] != f->a->free[i]) k++;
        if (k == f->var_count)
            mf_late(
                s, R_LET, f->place,
                "%s is free in the definition of %.*s but no parameter of it: add it, or bind it with EXISTS",
                mf_excerpt_text(s->p->vars[f->a->free[i]].text, met), (int)(f->name.n < 80 ? f->name.n : 80),
                f->name.p);
    }
}

static bool check_guards(mf_parser *s, const mf_formula *f) {
    mf_guard guard;
    mf_place at;
    char met[MF_EXCERPT];
    if (!mf_guard_of(s->p, f->a, f->let, &guard, &at)) return mf_no_memory(s);
    mf_excerpt_text(f->name, met);
    if (guard == MF_LATER)
        mf_late(s, R_LET, at,
                "%s is used under a future operator in its own definition, which may rest on "
                "earlier time points only",
                met);
    if (guard == MF_PRESENT)
        mf_late(s, R_LET, at,
                "%s is used in its own definition at the same time point: put it under PREVIOUS, or "
                "under ONCE or on the right of SINCE with an interval without 0",
                met);
    return true;
}

/* p(x, ...): the head of a definition. */
static bool parse_head(mf_parser *s, mf_formula *f, name_list *list) {
    f->name = s->at->text;
    if (!mf_take_token(s, T_WORD, "the name of the predicate that LET defines")) return false;
    if (!mf_take_token(s, T_OPEN, "\"(\" with the parameters")) return false;
    if (s->at->kind != T_CLOSE && !parse_names(s, list)) return false;
    if (s->at->kind == T_COMMA) s->at++;
    if (!mf_take_token(s, T_CLOSE, "\",\" or \")\"")) return false;
    return s->at->kind == T_COMPARE && s->at->aux == MF_EQUAL ? (s->at++, true) : mf_unexpected(s, "\"=\"");
}

static bool parse_definition(mf_parser *s, const name_list *list, mf_var *vars, mf_read_part *out) {
    mf_frame body = {.up = s->frame};
    for (uint32_t i = 0; i < list->count; i++) {
        kd_str name = list->items[i]->text;
        if (!mf_declare(s, name, &vars[i]) || !mf_bind(s, &body.free, name, vars[i])) return false;
    }
    s->frame = &body;
    if (!mf_parse_formula(s, 1, out)) return false;
    s->frame = body.up;
    return true;
}

bool mf_parse_let(mf_parser *s, mf_read_part *out) {
    const mf_token *op = s->at++;
    const mf_let *outer = s->lets;
    name_list list = {NULL, 0};
    mf_formula f = {.kind = (mf_kind)op->aux, .place = op->place};
    mf_read_part a, b;
    if (!parse_head(s, &f, &list)) return false;
    mf_var *vars = take_vars(s, list.count);
    if (!vars) return false;
    f.let = ++s->p->let_count;
    f.vars = vars;
    f.var_count = list.count;
    mf_let inner = {outer, f.name, list.count, f.let};
    if (f.kind == MF_LETPAST) s->lets = &inner;
    if (!parse_definition(s, &list, vars, &a)) return false;
    s->lets = &inner;
    if (!mf_take_token(s, T_IN, "IN (with what the definition is for)") || !mf_parse_formula(s, 1, &b))
        return false;
    s->lets = outer;
    f.a = a.f;
    f.b = b.f;
    check_parameters(s, &f, &list);
    if (f.kind == MF_LETPAST && !check_guards(s, &f)) return false;
    return mf_put_formula(s, f, mf_higher(a.height, b.height), out);
}

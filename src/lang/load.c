/* load.c: from files to a checked treaty. */
#include "lang/parse.h"
#include "lang/resolve.h"

/* `en` falls back to the title, or the declared name; `ru` to `en`. */
static void fall_back(kd_names *names, kd_str title, kd_str name) {
    if (!names->en.p) names->en = title.n ? title : name;
    if (!names->ru.p) names->ru = names->en;
}

static void fill_names(kd_treaty *t) {
    const kd_str none = {0};
    fall_back(&t->names, t->title, t->id);
    for (size_t i = 0; i < t->party_count; i++) fall_back(&t->parties[i].names, none, t->parties[i].name);
    for (size_t i = 0; i < t->group_count; i++) fall_back(&t->groups[i].names, none, t->groups[i].name);
    for (size_t i = 0; i < t->notice_count; i++)
        fall_back(&t->notices[i].names, t->notices[i].title, t->notices[i].name);
    for (size_t i = 0; i < t->rule_count; i++)
        fall_back(&t->rules[i].names, t->rules[i].title, t->rules[i].name);
    for (size_t i = 0; i < t->fact_count; i++) fall_back(&t->facts[i].names, none, t->facts[i].name);
    for (size_t i = 0; i < t->reading_count; i++)
        fall_back(&t->readings[i].names, t->readings[i].title, t->readings[i].name);
    for (size_t i = 0; i < t->ladder_count; i++) {
        kd_ladder *l = &t->ladders[i];
        fall_back(&l->names, l->title, l->name);
        for (size_t k = 0; k < l->rung_count; k++)
            fall_back(&l->rungs[k].names, l->rungs[k].title, l->rungs[k].name);
    }
}

static void parse_all(kd_front *f) {
    static const int order[] = {KD_SOURCE_TREATY, KD_SOURCE_READING};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < f->source_count && !f->nomem; i++)
            if ((int)f->sources[i].kind == order[k]) kd_parse_source(f, (uint32_t)i);
    if (!f->nomem) kd_parse_source(f, KD_PLACE_PRELUDE);
    for (size_t i = 0; i < f->source_count && !f->nomem; i++)
        if (f->sources[i].kind == KD_SOURCE_MESSAGES || f->sources[i].kind == KD_SOURCE_RECORD)
            kd_parse_source(f, (uint32_t)i);
}

/* What a treaty cannot be without. */
static void check_whole(kd_front *f) {
    uint32_t first = KD_PLACE_PRELUDE;
    for (size_t i = f->source_count; i-- > 0;)
        if (f->sources[i].kind == KD_SOURCE_TREATY) first = (uint32_t)i;
    kd_place at = f->treaty_declared ? f->treaty_at : (kd_place){first, 1, 0, 0};
    if (first == KD_PLACE_PRELUDE)
        kd_diagnose(f, at, "no treaty was given, only files about one");
    else if (f->diagnostics->count && (!f->treaty_declared || f->t->party_count == 0))
        return;
    else if (!f->treaty_declared)
        kd_diagnose(f, at, "the treaty is not declared: `treaty ID \"Title\"` is missing");
    else if (f->t->party_count == 0)
        kd_diagnose(f, at, "the treaty has no `party`");
}

static void name_kinds(kd_front *f) {
    kd_str *phrases = kd_front_take(f, f->t->kind_count, sizeof *phrases);
    for (size_t i = 0; i < f->t->kind_count && !f->nomem; i++)
        phrases[i] = kd_front_format(f, "a value of `%.*s`", KD_STR_ARGS(f->t->kinds[i].name));
    f->ast->kind_phrases = f->nomem ? NULL : phrases;
}

static void resolve_all(kd_front *f) {
    name_kinds(f);
    kd_resolve_names(f);
    if (!f->nomem) kd_resolve_order(f);
    for (size_t i = 0; i < f->ast->order_count && !f->nomem; i++) {
        kd_ast_ref ref = f->ast->order[i];
        if (ref.target == KD_OF_EVENT)
            kd_resolve_event(f, ref.index);
        else if (ref.target == KD_OF_FACT)
            kd_resolve_fact(f, ref.index);
        else
            kd_resolve_number(f, ref.index);
    }
    if (!f->nomem) kd_resolve_life(f);
    if (!f->nomem) kd_resolve_rules(f);
    if (!f->nomem) kd_resolve_readings(f);
    if (!f->nomem) kd_resolve_ladders(f);
    if (!f->nomem) kd_resolve_records(f);
    if (!f->nomem) kd_resolve_examples(f);
}

kd_status kd_treaty_load(kd_arena *arena, const kd_source *sources, size_t count, kd_diagnostics *diagnostics,
                         kd_treaty **out) {
    kd_front f = {.arena = arena, .sources = sources, .source_count = count, .diagnostics = diagnostics};
    *out = NULL;
    *diagnostics = (kd_diagnostics){0};
    f.prelude = (kd_source){.name = KD_STR("(the language)"), .bytes = kd_str_of(kd_prelude_text)};
    f.t = kd_front_take(&f, 1, sizeof *f.t);
    f.ast = f.nomem ? NULL : kd_front_take(&f, 1, sizeof *f.ast);
    f.index = f.nomem ? NULL : kd_front_take(&f, 1, sizeof *f.index);
    if (f.nomem) return KD_NOMEM;
    f.t->syntax = f.ast;
    f.ast->index = f.index;
    f.t->in_force_notice = f.t->extension_notice = f.t->withdrawal_notice = -1;
    parse_all(&f);
    if (!f.nomem) check_whole(&f);
    if (!f.nomem) resolve_all(&f);
    if (f.nomem) return KD_NOMEM;
    if (diagnostics->count) {
        kd_diagnostics_sort(&f);
        return KD_INVALID;
    }
    fill_names(f.t);
    *out = f.t;
    return KD_OK;
}

/* page.c: opens the record for a page and hands on what was checked on the way. */
#include "cli/page.h"

/* Messages in the language that was asked for; English stands in for a sentence, never for a whole language. */
static kd_status language_of(kd_call *call, const kd_treaty *t, kd_str *out) {
    const char *asked = kd_call_value(call, "lang");
    kd_str known[8];
    size_t count = 0;
    *out = kd_str_of(asked ? asked : "en");
    for (size_t i = 0; i < t->message_count; i++) {
        kd_str language = t->messages[i].language;
        if (kd_str_equal(language, *out)) return KD_OK;
        bool seen = false;
        for (size_t k = 0; k < count; k++) seen |= kd_str_equal(known[k], language);
        if (!seen && count < sizeof known / sizeof *known) known[count++] = language;
    }
    if (!asked) return KD_OK; /* the first sentence that is missing will be named */
    return kd_call_unknown(call, "language", *out, known, count);
}

kd_status kd_page_of(kd_call *call, int64_t horizon_days, kd_opened *opened, kd_view *view) {
    kd_status s = kd_open_record(call, horizon_days, opened);
    if (s) return s;
    const kd_loaded *l = &opened->loaded;
    *view = (kd_view){.treaty = l->treaty, .history = opened->history, .arena = call->arena};
    view->checked.books = (int64_t)l->books.count;
    view->checked.entries = l->books.entries;
    view->checked.signatures = l->books.signatures;
    view->checked.heads = l->books.heads;
    return language_of(call, l->treaty, &view->language);
}

kd_status kd_page_exit(const kd_call *call, const kd_view *view) {
    return kd_call_has(call, "exit-code") && kd_view_findings(view->history) ? KD_FAILED : KD_OK;
}

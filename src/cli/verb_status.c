/* verb_status.c: `kadesh status`: each rule, who is bound by it, and how it stands. */
#include "cli/page.h"

static const kd_option options[] = {
    KD_OPTION_ON,   KD_OPTION_AS_KNOWN, {"reading", "READING", "under this reading alone", false},
    KD_OPTION_LANG, KD_OPTION_JSON,     {"party", "PARTY", "of this Party alone, and of both", false},
    KD_OPTION_EXIT, KD_OPTION_END};

/* The index of a name among the treaty's, or KD_USAGE with the nearest. */
static kd_status find(kd_call *call, const char *option, const kd_treaty *t, int *out) {
    const char *asked = kd_call_value(call, option);
    bool reading = option[0] == 'r';
    *out = -1;
    if (!asked) return KD_OK;
    *out = reading ? kd_treaty_reading(t, kd_str_of(asked)) : kd_treaty_party(t, kd_str_of(asked));
    if (*out >= 0) return KD_OK;
    size_t count = reading ? t->reading_count : t->party_count;
    kd_str *names = kd_arena_array(call->arena, count + 1, sizeof *names);
    if (!names) return kd_fail_nomem(&call->error);
    for (size_t i = 0; i < count; i++) names[i] = reading ? t->readings[i].name : t->parties[i].name;
    return kd_call_unknown(call, reading ? "reading" : "Party", kd_str_of(asked), names, count);
}

static kd_status run(kd_call *call) {
    kd_opened opened = {0};
    kd_view view;
    kd_status_asked asked;
    kd_status s = kd_page_of(call, 0, &opened, &view);
    if (!s) s = find(call, "reading", opened.loaded.treaty, &asked.reading);
    if (!s) s = find(call, "party", opened.loaded.treaty, &asked.party);
    if (!s) {
        s = call->json ? kd_status_json(&view, &asked, &call->out, &call->error)
                       : kd_status_put(&view, &asked, &call->out, &call->error);
    }
    if (!s) s = kd_page_exit(call, &view);
    kd_open_close(&opened);
    return s;
}

const kd_verb kd_verb_status = {
    .name = "status",
    .summary = "each rule: bound or not, kept or not, under each reading",
    .arguments = "",
    .help =
        "Lists every rule by its group: for each Party the verdict, since when, the figure against the limit, and\n"
        "whether the Party is bound. Where the readings agree it is said once; where they differ, each is shown.\n"
        "The last column names the statement that a row rests on.\n"
        "\n"
        "Examples:\n"
        "  kadesh status --on 2023-03-20 --party RU\n"
        "  kadesh status --reading US --json\n",
    .options = options,
    .run = run,
};

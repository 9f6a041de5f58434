/* verb_brief.c: `kadesh brief`: one page for a reader with no time. */
#include "cli/page.h"

enum { HORIZON_DAYS = 31 }; /* what comes due within a month is on the page */

static const kd_option options[] = {KD_OPTION_ON,   KD_OPTION_AS_KNOWN, KD_OPTION_LANG,
                                    KD_OPTION_JSON, KD_OPTION_EXIT,     KD_OPTION_END};

static kd_status run(kd_call *call) {
    kd_opened opened = {0};
    kd_view view;
    kd_brief *brief = NULL;
    kd_status s = kd_page_of(call, HORIZON_DAYS, &opened, &view);
    if (!s) s = kd_brief_make(&view, &brief, &call->error);
    if (!s)
        s = call->json ? kd_brief_json(brief, &call->out, &call->error)
                       : kd_brief_put(brief, &call->out, &call->error);
    if (!s) s = kd_page_exit(call, &view);
    kd_open_close(&opened);
    return s;
}

const kd_verb kd_verb_brief = {
    .name = "brief",
    .summary = "one page: who is bound by what, under whose reading",
    .arguments = "",
    .help =
        "Says on one page, at most 66 lines of 80 columns, where the treaty stands on a day: in force or not,\n"
        "who is bound under each reading, what is unmet or comes due within a month, the declared figures\n"
        "against the limits, what each side asks and offers, and what all of it rests on. Every claim\n"
        "names its statement; `kadesh show ID` prints it. What does not fit is one command away, as the page says.\n"
        "\n"
        "Examples:\n"
        "  kadesh brief --on 2023-03-20\n"
        "  kadesh brief --on 2022-12-31 --as-known 2023-03-20 --lang ru\n",
    .options = options,
    .run = run,
};

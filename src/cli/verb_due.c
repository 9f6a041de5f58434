/* verb_due.c: `kadesh due`: what each Party owes next, and what is overdue. */
#include "cli/page.h"

enum { DAYS = 90, DAYS_MOST = 36600 };

static const kd_option options[] = {
    KD_OPTION_ON,   KD_OPTION_AS_KNOWN, {"days", "N", "look so many days ahead (default: 90)", false},
    KD_OPTION_LANG, KD_OPTION_JSON,     KD_OPTION_EXIT,
    KD_OPTION_END};

static kd_status run(kd_call *call) {
    kd_opened opened = {0};
    kd_view view;
    int64_t days;
    kd_status s = kd_call_number(call, "days", DAYS, 0, DAYS_MOST, &days);
    if (!s) s = kd_page_of(call, days, &opened, &view);
    if (!s)
        s = call->json ? kd_due_json(&view, &call->out, &call->error)
                       : kd_due_put(&view, &call->out, &call->error);
    if (!s) s = kd_page_exit(call, &view);
    kd_open_close(&opened);
    return s;
}

const kd_verb kd_verb_due = {
    .name = "due",
    .summary = "what each Party owes next, and what is overdue",
    .arguments = "",
    .help =
        "Lists what is overdue, what comes due in the days ahead and what is owed without a day, with how each\n"
        "reading has it: owed, freed, withheld or excused.\n"
        "\n"
        "Examples:\n"
        "  kadesh due --on 2023-03-20\n"
        "  kadesh due --days 30 --json\n",
    .options = options,
    .run = run,
};

/* verb_none.c: `kadesh` alone: where the record stands, and which verbs go on from there. */
#include "cli/page.h"

enum { HORIZON_DAYS = 31 };

static const kd_option options[] = {KD_OPTION_ON, KD_OPTION_AS_KNOWN, KD_OPTION_LANG, KD_OPTION_END};

static kd_status run(kd_call *call) {
    kd_opened opened = {0};
    kd_view view;
    kd_status s = kd_page_of(call, HORIZON_DAYS, &opened, &view);
    if (!s) s = kd_stand_put(&view, &call->out, &call->error);
    kd_open_close(&opened);
    return s;
}

const kd_verb kd_verb_none = {
    .name = "",
    .summary = "where the record stands, and which verbs go on from there",
    .arguments = "",
    .help = "Without a verb: ten lines on the record in the folder.\n"
            "\n"
            "Examples:\n"
            "  kadesh -C RECORD\n"
            "  kadesh --on 2023-03-20\n",
    .options = options,
    .run = run,
};

/* page.h: the record in -C DIR, opened and ready for the pages of the view. */
#ifndef KADESH_CLI_PAGE_H
#define KADESH_CLI_PAGE_H

#include "cli/open.h"
#include <kadesh/view.h>

#define KD_OPTION_LANG                                                                                       \
    { "lang", "LANG", "en or ru (default: en)", false }

/* Opens the record for a page whose dues reach `horizon_days` ahead. KD_USAGE for a language without messages. Close
 * `opened` whatever the status is. */
kd_status kd_page_of(kd_call *call, int64_t horizon_days, kd_opened *opened, kd_view *view);
/* KD_FAILED without a message when --exit-code was given and something is found against a Party, else KD_OK. */
kd_status kd_page_exit(const kd_call *call, const kd_view *view);

#endif

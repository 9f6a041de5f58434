/* notices.h: the notices that a generated record tells, and what their fields are.
 *
 * What is told has a thing, two times and three counts; a row of the table says which of these a notice's
 * fields are. */
#ifndef BENCH_NOTICES_H
#define BENCH_NOTICES_H

#include <stddef.h>

/* clang-format off */
typedef enum value {
    ITEM, REF, TEXT,                        /* text: `fixed` */
    DATE_A, DATE_B, INSTANT_A, INSTANT_B,   /* the two times */
    COUNT_0, COUNT_1, COUNT_2, KIND, PARTY, /* the three counts; KIND: of inspection, by the first */
} value;

typedef enum notice {
    IN_FORCE, EXTENSION, DATA_INITIAL, INSPECTORS, AIRPLANES, FACILITIES, DATA, INSPECTOR_LIST, BCC_REQUEST,
    BCC_SESSION, TELEMETRY_AGREED, TELEMETRY_GIVEN, TELEMETRY_POOR, TELEMETRY_EXPLAINED, NEW_TYPE, EXHIBITION,
    BOMBERS_SHOWN, RS24_SHOWN,
    NOTIFICATION, CHANGE, LOSS, FACILITY_NEW, EXIT_PLANNED, ITEM_LEFT, TRANSIT_BEGUN, TRANSIT_COMPLETED,
    CONVERSION_INTENT, CONVERSION_DONE, LAUNCH, LAUNCH_MADE, ASKED, ANSWERED, REQUEST, REPLY, FLIGHT_PLAN,
    ARRIVAL, SITE, RESTRICTIONS, SITE_ARRIVAL, BRIEFING, BEGUN, ENDED, REPORT, NOTICES
} notice;

typedef struct spec {
    const char *name;
    struct { const char *name; value what; const char *fixed; } fields[5];
} spec;

static const spec specs[NOTICES] = {
    [IN_FORCE] = {"in_force", {{"place", TEXT, "Munich"}}},
    [EXTENSION] = {"extension", {{"until", DATE_A, NULL}}},
    [DATA_INITIAL] = {"data_initial", {{0}}},
    [INSPECTORS] = {"inspectors", {{0}}},
    [AIRPLANES] = {"airplanes", {{0}}},
    [FACILITIES] = {"facilities", {{0}}},
    [DATA] = {"data", {{"as_of", DATE_A, NULL}, {"delivery", COUNT_0, NULL}, {"warheads", COUNT_1, NULL},
                       {"launchers", COUNT_2, NULL}}},
    [INSPECTOR_LIST] = {"inspector_list", {{"count", COUNT_0, NULL}}},
    [BCC_REQUEST] = {"bcc_request", {{"agenda", TEXT, "conversion, telemetry"}}},
    [BCC_SESSION] = {"bcc_session", {{"number", COUNT_0, NULL}, {"from", DATE_A, NULL},
                                     {"until", DATE_B, NULL}, {"place", TEXT, "Geneva"}}},
    [TELEMETRY_AGREED] = {"agreement", {{"about", TEXT, "P7.2"}}},
    [TELEMETRY_GIVEN] = {"telemetry_given", {{"launch", REF, NULL}}},
    [TELEMETRY_POOR] = {"telemetry_poor", {{"launch", REF, NULL}}},
    [TELEMETRY_EXPLAINED] = {"telemetry_explained", {{"launch", REF, NULL}}},
    [NEW_TYPE] = {"new_type", {{"type", REF, NULL}}},
    [EXHIBITION] = {"exhibition_held", {{"of", PARTY, NULL}, {"type", REF, NULL}}},
    [BOMBERS_SHOWN] = {"exhibition_held", {{"of", PARTY, NULL}, {"type", TEXT, "B-1B and B-2A"}}},
    [RS24_SHOWN] = {"exhibition_held", {{"of", PARTY, NULL}, {"type", TEXT, "RS-24"}}},
    [NOTIFICATION] = {"notification", {{"item", ITEM, NULL}, {"occurred", DATE_A, NULL}}},
    [CHANGE] = {"change_in_data", {{"item", ITEM, NULL}, {"category", TEXT, "deployed, another base"},
                                   {"occurred", DATE_A, NULL}}},
    [LOSS] = {"loss", {{"item", ITEM, NULL}, {"place", TEXT, "maintenance area"},
                       {"occurred", DATE_A, NULL}}},
    [FACILITY_NEW] = {"facility_new", {{"facility", ITEM, NULL}, {"occurred", DATE_A, NULL}}},
    [EXIT_PLANNED] = {"exit_planned", {{"item", ITEM, NULL}, {"planned", INSTANT_A, NULL}}},
    [ITEM_LEFT] = {"item_left", {{"item", ITEM, NULL}, {"left", INSTANT_A, NULL}}},
    [TRANSIT_BEGUN] = {"transit_begun", {{"item", ITEM, NULL}, {"left", DATE_A, NULL}}},
    [TRANSIT_COMPLETED] = {"transit_completed", {{"item", ITEM, NULL}, {"arrived", DATE_A, NULL}}},
    [CONVERSION_INTENT] = {"conversion_intent", {{"item", ITEM, NULL}, {"planned", DATE_A, NULL}}},
    [CONVERSION_DONE] = {"conversion_done", {{"item", ITEM, NULL}, {"began", DATE_A, NULL},
                                             {"occurred", DATE_B, NULL}}},
    [LAUNCH] = {"launch", {{"item", ITEM, NULL}, {"planned", INSTANT_A, NULL}}},
    [LAUNCH_MADE] = {"launch_made", {{"item", ITEM, NULL}, {"launched", INSTANT_A, NULL}}},
    [ASKED] = {"clarification_asked", {{"ref", REF, NULL}}},
    [ANSWERED] = {"clarification_given", {{"ref", REF, NULL}}},
    [REQUEST] = {"inspection_request", {{"ref", REF, NULL}, {"point", TEXT, "point of entry"},
                                        {"team", COUNT_0, NULL}}},
    [REPLY] = {"inspection_reply", {{"ref", REF, NULL}, {"accepted", TEXT, "yes"}}},
    [FLIGHT_PLAN] = {"flight_plan", {{"ref", REF, NULL}}},
    [ARRIVAL] = {"arrival", {{"ref", REF, NULL}, {"at", INSTANT_A, NULL}, {"departed", INSTANT_B, NULL}}},
    [SITE] = {"site_designated", {{"ref", REF, NULL}}},
    [RESTRICTIONS] = {"restrictions_in_place", {{"ref", REF, NULL}}},
    [SITE_ARRIVAL] = {"site_arrival", {{"ref", REF, NULL}}},
    [BRIEFING] = {"briefing", {{"ref", REF, NULL}}},
    [BEGUN] = {"inspection_begun", {{"kind", KIND, NULL}, {"day", DATE_A, NULL}}},
    [ENDED] = {"inspection_ended", {{"ref", REF, NULL}}},
    [REPORT] = {"inspection_report", {{"ref", REF, NULL}}},
};
/* clang-format on */

/* Complete too, and never told here. */
static const char silent[] =
    "withdrawal, suspension, inspections_resumed, disclosure, interference, restoration_claimed";

#endif

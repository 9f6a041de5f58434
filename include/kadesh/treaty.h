/* treaty.h: a treaty that has been read and checked, as the rooms below lang see it.
 *
 * No syntax is left here: tables of parties, groups, notices, rules, readings and ladders; message templates; what the
 * record says of its own completeness; and a plan for the engine with a table of which statement feeds which input
 * and which sink says what. Everything is owned by the arena it was loaded into.
 *
 *      files ─▶ kd_treaty_load ─▶ kd_treaty ─▶ kd_treaty_compile ─▶ kd_program (plan, inputs)
 *
 * Indices are positions in the tables. Values in rows are as kd_value_type says. */
#ifndef KADESH_TREATY_H
#define KADESH_TREATY_H

#include "kadesh/base.h"
#include "kadesh/engine.h"

/* ---- Diagnostics ---------------------------------------------------------------------------------------------*/

typedef struct kd_diagnostic {
    kd_str file;
    uint32_t line, column; /* from 1; column in code points */
    uint32_t length;       /* code points to underline, at least 1 */
    kd_str message;        /* what was met, what was wanted */
    kd_str suggestion;     /* "did you mean `limit`?", or empty */
    kd_str source_line;    /* the line itself, for the caret */
} kd_diagnostic;

typedef struct kd_diagnostics {
    kd_diagnostic *items;
    size_t count;
    size_t left_out; /* past the first hundred */
} kd_diagnostics;

/* The diagnostic as text: "file:line:column: error: message", the line, the caret, the suggestion. */
void kd_diagnostic_put(kd_text *out, const kd_diagnostic *d);

/* ---- The model -----------------------------------------------------------------------------------------------*/

typedef struct kd_source {
    kd_str name;  /* as errors name it */
    kd_str bytes; /* whole file; must outlive the treaty */
    enum { KD_SOURCE_TREATY, KD_SOURCE_READING, KD_SOURCE_MESSAGES, KD_SOURCE_RECORD } kind;
    kd_str language; /* "en", "ru" for messages */
} kd_source;

/* Names in languages. `en` falls back to the declared name, `ru` to `en`. */
typedef struct kd_names {
    kd_str en, ru;
} kd_names;

typedef enum kd_value_type {
    KD_T_PARTY,     /* index of the Party; KD_BOTH for both */
    KD_T_TEXT,      /* symbol */
    KD_T_COUNT,     /* the integer */
    KD_T_DATE,      /* instant at which the day begins */
    KD_T_INSTANT,   /* seconds */
    KD_T_RULE,      /* symbol of the article as cited, "P5.I.1" */
    KD_T_GROUP,     /* index of the group */
    KD_T_NOTICE,    /* index of the notice */
    KD_T_YES_NO,    /* 1 or 0 */
    KD_T_STATEMENT, /* symbol of the id, "RU/34" */
    KD_T_HASH,      /* symbol of the text, "sha256:..." */
    KD_T_KIND       /* index of the value in its kind; kd_field.kind says which */
} kd_value_type;

#define KD_BOTH 1000000 /* the Party `both` in rows */

typedef struct kd_party {
    kd_str name; /* "US" */
    kd_names names;
} kd_party;

typedef struct kd_group {
    kd_str name;
    kd_names names;
    kd_str *rests_on; /* articles */
    size_t rests_on_count;
} kd_group;

typedef struct kd_kind_decl {
    kd_str name;
    kd_str *values;
    size_t count;
} kd_kind_decl;

typedef enum kd_role {
    KD_ROLE_NONE,
    KD_ROLE_IN_FORCE,
    KD_ROLE_EXTENSION,
    KD_ROLE_SUSPENSION,
    KD_ROLE_SUSPENSION_ANNOUNCED,
    KD_ROLE_WITHDRAWAL,
    KD_ROLE_POSITION,
    KD_ROLE_DETERMINATION,
    KD_ROLE_COUNTERMEASURE,
    KD_ROLE_COUNTERMEASURE_ENDED,
    KD_ROLE_PLEDGE,
    KD_ROLE_CONDITION,
    KD_ROLE_OFFER,
    KD_ROLE_DENIAL,
    KD_ROLE_AGREEMENT,
    KD_ROLE_DATA,
    KD_ROLE_DATA_PUBLIC,
    KD_ROLE_COUNT_CLAIM,
    KD_ROLE_EXEMPTION,
    KD_ROLE_TOTAL,
    KD_ROLE_PLAN,
    KD_ROLE_CONSENT,
    KD_ROLE_PAUSE,
    KD_ROLE_RESUMPTION,
    KD_ROLE_RESTORATION,
    KD_ROLE_ROSTER,
    KD_ROLE_RECEIPT,
    KD_ROLE_TEXT_REVISED,
    KD_ROLE_APPOINTMENT,
    KD_ROLE_REVOCATION,
    KD_ROLE_KEY_ROTATION,
    KD_ROLE_DELIVERY_PROOF,
    KD_ROLE_CORRECTION,
    KD_ROLE_ACKNOWLEDGEMENT,
    KD_ROLE_REPORT,
    KD_ROLE_COUNT
} kd_role;

kd_str kd_role_name(kd_role r);

typedef struct kd_field {
    kd_str name;
    kd_value_type type;
    uint32_t kind; /* index into kinds when type is KD_T_KIND */
    enum { KD_ONE, KD_OPTIONAL, KD_ANY, KD_SOME } many;
    /* Position among the columns of the notice's input row, or -1 for a list (its values travel on an input of their
     * own). */
    int column;
} kd_field;

typedef struct kd_notice {
    kd_str name, title;
    kd_names names;
    kd_role role;
    bool by_both;
    uint64_t may_say; /* bit per Party */
    kd_field *fields;
    size_t field_count;
    kd_str *cites;
    size_t cites_count;
    int dated;    /* index of the field that dates its figures, or -1 */
    bool prelude; /* of the language, not of the treaty */
} kd_notice;

typedef enum kd_rule_kind { KD_LIMIT, KD_DUTY, KD_BAN, KD_QUOTA, KD_RIGHT, KD_RULE_KINDS } kd_rule_kind;

kd_str kd_rule_kind_name(kd_rule_kind k); /* "limit" */

typedef struct kd_limit_phase {
    bool from_in_force; /* years after the entry into force instead of a date */
    kd_instant from;    /* day begin, when a date */
    int64_t years;      /* when from_in_force */
    int64_t at_most;
} kd_limit_phase;

typedef struct kd_rule {
    kd_rule_kind kind;
    kd_str name, title;
    kd_names names;
    kd_str *cites; /* the first is the rule's id when no other rule has it first */
    size_t cites_count;
    kd_str id; /* "II.1(a)", or "II.1(a).name" when the first article is not its own */
    uint32_t group;
    bool jointly;
    uint64_t only;          /* bit per Party that it binds; all by default */
    kd_limit_phase *phases; /* limits */
    size_t phase_count;
    int64_t quota; /* quotas: the number; limits: of the last phase */
    bool at_least; /* quotas */
    int period;    /* index into periods, or -1 */
    int notice;    /* the notice owed, counted, banned or exercised, or -1 */
    kd_str file;
    uint32_t line;
} kd_rule;

typedef struct kd_period {
    kd_str name;
    kd_schedule schedule;
} kd_period;

typedef struct kd_fact {
    kd_str name;
    kd_names names;
    uint32_t arity;
    kd_field *params; /* name, type, kind of each */
} kd_fact;

typedef struct kd_rung {
    kd_str name, title;
    kd_names names;
    bool both; /* held jointly; else by each Party */
} kd_rung;

typedef struct kd_ladder {
    kd_str name, title;
    kd_names names;
    kd_rung *rungs;
    size_t rung_count;
} kd_ladder;

typedef struct kd_reading {
    kd_str name, title;
    kd_names names;
    uint32_t of; /* Party; KD_BOTH for the reading `text` that stands in when there is none */
} kd_reading;

#define KD_READINGS_MAX 16

typedef struct kd_complete {
    uint32_t notice, party;
    kd_instant from, to; /* seconds, both included; to may be KD_NEVER; gaps are already cut out */
} kd_complete;

typedef struct kd_message {
    kd_str language, key, text;
} kd_message;

/* ---- Examples: parsed here, run by record --------------------------------------------------------------------*/

typedef struct kd_example_statement {
    kd_instant at;
    bool day_only;  /* then `at` is the day's end */
    uint32_t party; /* KD_BOTH: in both books */
    uint32_t notice;
    struct kd_example_field {
        uint32_t field; /* index in the notice */
        kd_str value;   /* as a statement would spell it; a list repeats the field */
    } * fields;
    size_t field_count;
    uint32_t line;
} kd_example_statement;

typedef enum kd_expect_what {
    KD_EXPECT_STATUS,
    KD_EXPECT_SHADE,
    KD_EXPECT_IN_FORCE,
    KD_EXPECT_RUNG,
    KD_EXPECT_FIGURE
} kd_expect_what;

typedef struct kd_expectation {
    kd_expect_what what;
    bool negated;   /* "no", "not in force", rung open */
    kd_day on;      /* end of this day; the day of the step before when none was written */
    uint32_t rule;  /* status, figure */
    uint32_t party; /* KD_BOTH, or UINT32_MAX for any */
    int status;     /* kd_verdict_status, or kd_shade for KD_EXPECT_SHADE */
    uint32_t group; /* shade */
    uint32_t ladder, rung;
    int64_t figure;
    kd_day since, until; /* INT64_MIN when not written */
    int reading;         /* -1: under every reading */
    uint32_t line;
} kd_expectation;

typedef struct kd_example {
    kd_str title, file;
    uint32_t line;
    uint32_t *complete; /* notices declared complete, for all Parties and all time */
    size_t complete_count;
    kd_example_statement *statements; /* in the order written */
    size_t statement_count;
    kd_instant last; /* the latest time written, "nothing" included */
    kd_expectation *expectations;
    size_t expectation_count;
} kd_example;

typedef struct kd_treaty {
    kd_str id, title; /* as the file names it, "moscow-2002" */
    kd_names names;
    kd_party *parties;
    size_t party_count;
    kd_group *groups;
    size_t group_count;
    kd_kind_decl *kinds;
    size_t kind_count;
    kd_period *periods;
    size_t period_count;
    kd_notice *notices;
    size_t notice_count;
    kd_rule *rules;
    size_t rule_count;
    kd_fact *facts;
    size_t fact_count;
    kd_ladder *ladders;
    size_t ladder_count;
    kd_reading *readings; /* at least one */
    size_t reading_count;
    kd_example *examples;
    size_t example_count;
    kd_message *messages;
    size_t message_count;
    kd_str *life_cites; /* of the life clauses: in force, extension, withdrawal */
    size_t life_cites_count;
    int in_force_notice, extension_notice, withdrawal_notice; /* or -1 */
    /* record.md */
    bool has_record, reconstructed;
    kd_complete *complete;
    size_t complete_count;
    void *syntax; /* for kd_treaty_compile and the formatter; of no use elsewhere */
} kd_treaty;

/* Reads, resolves and checks. Gives KD_INVALID with diagnostics filled (never empty then), KD_NOMEM, or KD_OK. At least
 * one source must be a treaty. Diagnostics and treaty live in `arena`. */
kd_status kd_treaty_load(kd_arena *arena, const kd_source *sources, size_t count, kd_diagnostics *diagnostics,
                         kd_treaty **out);

int kd_treaty_party(const kd_treaty *t, kd_str name);  /* index or -1 */
int kd_treaty_notice(const kd_treaty *t, kd_str name); /* index or -1 */
int kd_treaty_group(const kd_treaty *t, kd_str name);
int kd_treaty_reading(const kd_treaty *t, kd_str name);
/* A rule by name, by id, or by an article that it cites; -1 when there is none. */
int kd_treaty_rule(const kd_treaty *t, kd_str name);
/* The template of a key in a language, English when that is missing, NULL string when both are. */
kd_str kd_treaty_message(const kd_treaty *t, kd_str language, const char *key);

/* Text of a statement's field to a value and back. The error says what was wanted ("a date as 2018-02-05"), with the
 * nearest name when there is one. Texts become symbols. */
kd_status kd_treaty_value(const kd_treaty *t, const kd_field *f, kd_str text, kd_symbols *symbols,
                          kd_value *out, kd_error *e);
void kd_treaty_value_put(const kd_treaty *t, kd_value_type type, uint32_t kind, kd_value v,
                         const kd_symbols *symbols, kd_text *out);

/* ---- The program: a plan, what feeds it, what comes out --------------------------------------------------------
 *
 * Inputs. For every notice that the plan uses, rows
 *
 *      [ by, statement, field columns... ]          by: Party index; statement: the caller's own number of it
 *
 * on its main input at receipt; the same row on each `at` input at the instant of that date or instant field (a day: its
 * end; an absent field: no row); and for each list field rows [ statement, value ] at receipt and at each `at`, in the
 * same time point as the row that they belong to. Absent optional fields are KD_ABSENT. */
typedef struct kd_feed {
    uint32_t notice;
    int at;   /* field whose time it happens at, or -1: at receipt */
    int list; /* list field whose values it carries, or -1: the row itself */
    kd_node input;
} kd_feed;

/* Verdict rows, sinks KD_SINK_VERDICT + mask of the readings for which the row is computed (bit per reading):
 * columns as kd_verdict_column. A verdict's `since` is when the row came, its end when it went. */
enum {
    KD_SINK_VERDICT = 0x10000,
    KD_SINK_BINDING = 1,
    KD_SINK_FACT = 2,
    KD_SINK_LIFE = 3,
    KD_SINK_RUNG = 4,
    KD_SINK_PAIRED = 5
};

typedef enum kd_verdict_status {
    KD_KEPT,
    KD_BREACHED,
    KD_ALLEGED,
    KD_PENDING,
    KD_NOT_SHOWN,
    KD_EXCUSED,
    KD_VERDICTS
} kd_verdict_status;
kd_str kd_verdict_name(kd_verdict_status s); /* "not_shown" */

typedef enum kd_verdict_column {
    KD_V_RULE,  /* index of the rule */
    KD_V_PARTY, /* index, or KD_BOTH */
    KD_V_STATUS,
    KD_V_INSTANCE, /* instant that tells instances of a rule and Party apart: the period's or trigger's day; or KD_ABSENT */
    KD_V_DUE,    /* last second in which it can be kept, KD_ABSENT: no day */
    KD_V_FIGURE, /* limits and quotas: the figure; else KD_ABSENT */
    KD_V_BOUND,  /* ... and the number it is held against */
    KD_V_STATEMENT, /* the statement that it rests on first: the figure's, the trigger's, the determination's; or KD_ABSENT */
    KD_V_DATED, /* the day that the figure speaks of, or KD_ABSENT */
    KD_V_WIDTH
} kd_verdict_column;

/* Binding rows, sink KD_SINK_BINDING: [ reading, mark, group, party, statement or KD_ABSENT ]. Shades not_yet, ended and
 * bound follow from KD_SINK_LIFE and from the absence of marks. */
typedef enum kd_mark {
    KD_MARK_FREED,
    KD_MARK_KEEPS,
    KD_MARK_WITHHELD,
    KD_MARK_UNSAID,
    KD_MARK_NO_CLAIM
} kd_mark;

typedef enum kd_shade {
    KD_BOUND,
    KD_PLEDGED,
    KD_FREED,
    KD_WITHHELD,
    KD_NOT_YET,
    KD_ENDED,
    KD_SHADES
} kd_shade;
kd_str kd_shade_name(kd_shade s);

/* Fact rows, sink KD_SINK_FACT: [ fact, statement or KD_ABSENT, arguments..., KD_ABSENT up to width 8 ].
 * Life rows, sink KD_SINK_LIFE: [ what, a, statement ]: */
typedef enum kd_life {
    KD_LIFE_IN_FORCE, /* a: KD_ABSENT; while the treaty is in force */
    KD_LIFE_TERM,     /* a: begin of the last day, as now known; stays after the end */
    KD_LIFE_ENDED     /* while it has ended */
} kd_life;
/* Rung rows, sink KD_SINK_RUNG: [ ladder, rung, party or KD_BOTH, statement or KD_ABSENT ] while held.
 * Paired rows, sink KD_SINK_PAIRED, a level: [ notice, statement in the one book, in the other ] once both hold it. */

typedef struct kd_program {
    kd_plan *plan;
    kd_feed *feeds; /* sorted by notice */
    size_t feed_count;
    kd_node complete; /* level input [ notice, party ] */
    uint32_t reading_count;
} kd_program;

/* Lowers the treaty to a plan. Cannot fail on a treaty that loaded, but for memory and for a plan too wide (an error at
 * the rule). The plan is the caller's to close (kd_plan_close); feeds live in `arena`. `symbols` receives the texts that
 * the program compares with and must be the one used for values. */
kd_status kd_treaty_compile(const kd_treaty *t, kd_arena *arena, const kd_allocator *from,
                            kd_symbols *symbols, kd_program *out, kd_error *e);

#endif

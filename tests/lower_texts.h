/* lower_texts.h: the treaty texts that the claims about lowering share. */
#ifndef LOWER_TEXTS_H
#define LOWER_TEXTS_H

#define COMMON                                                                                               \
    "treaty t \"T\"\n"                                                                                       \
    "party US en \"A\"\n"                                                                                    \
    "party RU en \"B\"\n"                                                                                    \
    "group limits\n"                                                                                         \
    "group data\n"                                                                                           \
    "group visits\n"                                                                                         \
    "period half_year every 6 months from 2011-03-01\n"                                                      \
    "period treaty_year every 1 year from 2011-02-05\n"                                                      \
    "kind finding = breach | cleared\n"                                                                      \
    "life\n"                                                                                                 \
    "  in force on ratified\n"                                                                               \
    "  lasts 10 years\n"                                                                                     \
    "  extended by extension until its until, up to 5 years in all\n"                                        \
    "  ends 3 months after withdrawal, or on its ends if later\n"                                            \
    "notice ratified \"Exchange\"\n  role in_force\n  by both\n  fields place: text?\n"                      \
    "notice extension \"Extension\"\n  role extension\n  by both\n  fields until: date\n"                    \
    "notice withdrawal \"Withdrawal\"\n  role withdrawal\n  fields ends: date?\n"                            \
    "notice determination \"Finding\"\n  role determination\n"                                               \
    "  fields about: rule, party: party, from: date, result: finding\n"                                      \
    "  alleges when result = breach\n  clears when result = cleared\n"                                       \
    "notice figures \"Figures\"\n  role data\n  fields as_of: date, delivery: count, warheads: count?\n"     \
    "  dated as_of\n"                                                                                        \
    "notice claim \"Claim\"\n  role count_claim\n  fields about: party, delivery: count\n"                   \
    "notice suspension \"Suspension\"\n  role suspension\n"                                                  \
    "notice resumed \"Resumed\"\n"                                                                           \
    "notice invalid \"Position\"\n  role position\n  fields party: party, from: date?\n"                     \
    "notice moved \"Moved\"\n  fields item: text, day: date\n"                                               \
    "notice report \"Report\"\n  fields item: text\n"                                                        \
    "notice excuse \"Excuse\"\n"                                                                             \
    "notice excuse_over \"Excuse over\"\n"                                                                   \
    "notice session \"Session\"\n  by both\n  fields day: date\n"                                            \
    "notice pledge \"Pledge\"\n  role pledge\n  fields keeps: group+\n"                                      \
    "notice total \"Total\"\n  role total\n  fields of: notice, count: count, from: date, until: date\n"     \
    "event move(item) at day from moved(item: item)\n"                                                       \
    "event met() at day from session\n"                                                                      \
    "fact suspended(P)\n  begins on suspension by P\n  ends on resumed by P\n"                               \
    "fact excused(P)\n  begins on excuse by P\n  ends on excuse_over by P\n"

#define IN_FORCE "2011-02-05 both ratified\n"

#define LIMIT                                                                                                \
    "limit ceiling \"Ceiling\"\n  cites II.1\n  group limits\n  each P: party\n"                             \
    "  from 2018-02-05 at most 700\n  on latest figures.delivery by P\n"

#define CHANGE                                                                                               \
    "duty change \"Change\"\n  cites VII.2\n  group data\n  each P: party\n  excused while excused(P)\n"     \
    "  when moved(item: i) by P\n  P owes report(item: i)\n  within 5 days\n"

#define SIX                                                                                                  \
    "duty six \"Six\"\n  cites P4.II\n  group data\n  every half_year\n"                                     \
    "  each party owes figures(as_of: the day after it)\n  within 30 days\n"

#define READING_US                                                                                           \
    "reading US \"US\"\n  of US\n  holds invalid suspended(RU) since invalid(party: RU) by US\n"             \
    "  lets US withhold data while suspended(RU) and some breach by RU\n"
#define READING_RU                                                                                              \
    "reading RU \"RU\"\n  of RU\n  frees RU from all while suspended(RU)\n  keeps what pledge names in keeps\n" \
    "  says nothing of US while suspended(RU)\n"

#define STEPS                                                                                                \
    "limit steps \"Steps\"\n  cites II.2\n  group limits\n  each P: party\n"                                 \
    "  from in force at most 900\n  from 7 years after in force at most 700\n"
#define REPLY                                                                                                \
    "duty reply \"R\"\n  cites VII.3\n  group data\n  each P: party\n"                                       \
    "  when moved(item: i) by P\n  the other owes report(item: i)\n  within 24 hours\n"
#define FIRST                                                                                                \
    "duty first \"F\"\n  cites XII\n  group visits\n  when in force\n  jointly owes session\n"               \
    "  within 45 days\n"
#define SOME                                                                                                 \
    "duty some \"F\"\n  cites XII\n  group visits\n  when moved(item: i) by US\n"                            \
    "  US owes report(item: i)\n  within 5 days\n  also kept by excuse\n"
#define EXIT                                                                                                 \
    "duty exit \"E\"\n  cites P4.III\n  group data\n  each P: party\n  before move(i) by P\n"                \
    "  P owes report(item: i) at least 48 hours ahead\n"
#define EXIT_2                                                                                               \
    "duty exit \"E\"\n  cites P4.III\n  group data\n  each P: party\n  before move(i) by P\n"                \
    "  P owes report(item: i) at least 14 days ahead and at most 30 days\n"
#define NEVER_MOVE "ban never_move \"N\"\n  cites V\n  group limits\n  each P: party\n  never moved by P\n"
#define NEVER_SUSP "ban never_susp \"N\"\n  cites V\n  group limits\n  each P: party\n  never suspended(P)\n"
#define TWO                                                                                                  \
    "quota two \"Q\"\n  cites XI\n  group visits\n  each P: party\n"                                         \
    "  counts move(_) by P per treaty_year\n  at most 2\n"
#define MEET                                                                                                 \
    "quota meet \"Q\"\n  cites XII\n  group visits\n  jointly\n  counts met() per treaty_year\n"             \
    "  at least 2\n"
#define TOLD                                                                                                 \
    "quota meet \"Q\"\n  cites XII\n  group visits\n  each P: party\n  excused while excused(P)\n"           \
    "  counts move(_) by P per treaty_year\n  or as told by total(of: moved) by P\n  at least 2\n"
#define ASK                                                                                                  \
    "right ask \"A\"\n  cites XI.1\n  group visits\n  each P: party\n  P may moved(item: i)\n"               \
    "  the other owes report(item: i)\n  within 24 hours\n"                                                  \
    "  the other may refuse while excused(the other)\n"
#define THERE "fact there(i, P)\n  begins on moved(item: i) by P\n  ends on excuse by P\n"
#define MEET_2                                                                                               \
    "quota meet \"Q\"\n  cites XII\n  group visits\n  jointly\n  counts met() per treaty_year\n"             \
    "  at most 1\n"

#endif

#!/bin/sh
# rules.sh: writes a treaty of N rules to standard output: limits, duties, bans, quotas and rights by turns, each
# over a notice of its own, in ten groups. The same N gives the same bytes.
set -eu
n=${1:?usage: rules.sh N}
awk -v n="$n" '
function head(kind, title) {
    printf "%s r%d \"%s %d\"\n  cites A%d.%d.rule\n", kind, i, title, i, i % 10 + 1, i
    printf "  group g%d\n  each P: party\n", i % 10
}
BEGIN {
    print "# A treaty of " n " rules\n\nMade to measure how long reading and lowering take.\n"
    print "```treaty\ntreaty many \"Many rules\"\n\nparty US\nparty RU\n"
    for (g = 0; g < 10; g++) printf "group g%d en \"group %d\" rests on A%d\n", g, g, g + 1
    print "\nperiod calendar_year every 1 year from 2011-01-01\n"
    print "life\n  cites A0.1\n  in force on in_force\n  lasts 10 years\n"
    print "notice in_force \"Entry into force\"\n  role in_force\n  by both\n  fields text: text?\n```"
    for (i = 0; i < n; i++) {
        article = "A" i % 10 + 1 "." i
        printf "\n## Article %s\n\n```treaty\nnotice n%d \"Notice %d\"\n  cites %s\n", article, i, i, article
        print "  fields item: text, occurred: date, number: count\n"
        if (i % 5 == 0) {
            head("limit", "Limit")
            printf "  from in force at most %d\n  on latest n%d.number by P\n", 100 + i % 900, i
        } else if (i % 5 == 1) {
            printf "event e%d(m) at occurred from n%d(item: m)\n\n", i, i
            head("duty", "Duty")
            printf "  when e%d(m) by P\n  P owes n%d(item: m)\n  within %d days\n", i, i, i % 60 + 1
        } else if (i % 5 == 2) {
            head("ban", "Ban")
            printf "  never n%d by P\n", i
        } else if (i % 5 == 3) {
            head("quota", "Quota")
            printf "  counts n%d by P per calendar_year\n  at most %d\n", i, i % 20 + 1
        } else {
            head("right", "Right")
            printf "  P may n%d by P\n", i
        }
        print "```"
    }
}'

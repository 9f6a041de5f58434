#!/bin/sh
# test_brief.sh: the brief of the demonstration record says what the tables say, on every day that matters, keeps its size in both
# languages, and follows the tables when they change. What is expected is computed from facts/*.tsv by awk, not typed.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${B:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
kadesh=$build/kadesh
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM
passed=0 failed=0
# A copy with its books made anew from its tables: what is tested is what the tables and texts say now.
cp -r treaties/new-start "$tmp/record"
rec=$tmp/record
if ! "$kadesh" -C "$rec" rebuild >"$tmp/out" 2>&1; then
    echo "  FAILED: the record is not rebuilt: $(cat "$tmp/out")"
    echo "test_brief: 0 passed, 1 failed"
    exit 1
fi
ok() { passed=$((passed + 1)); }
no() { failed=$((failed + 1)); echo "  FAILED: $*"; }
page() { "$kadesh" -C "$rec" brief --on "$@" >"$tmp/page" 2>"$tmp/err" || no "brief --on $*: $(cat "$tmp/err")"; }
# The page as one line, so that a sentence may wrap where it likes.
flat() { tr '\n' ' ' <"$tmp/page" | tr -s ' '; }
says() { # claim, text
    if flat | grep -qF -- "$2"; then ok; else no "$1: \`$2\` is not on the page"; fi
}
row() { # claim, extended regular expression for one line
    if grep -qE -- "$2" "$tmp/page"; then ok; else no "$1: no line like \`$2\`"; fi
}
silent() { # claim, text
    if flat | grep -qF -- "$2"; then no "$1: \`$2\` is on the page"; else ok; fi
}
# ---- what the tables say
# The newest declaration of a Party that was known by a day: as_of delivery warheads launchers
declared() { awk -F'\t' -v p="$1" -v d="$2" 'NR > 1 && $2 == p && $3 == "data" && $7 <= d && $1 > b { b = $1; r = $1 " " $4 " " $5 " " $6 }
    END { print r }' "$rec/facts/aggregate-data.tsv"; }
# The date, or a field, of the newest event of a notice by a Party up to a day.
event() { awk -F'\t' -v n="$1" -v p="$2" -v d="$3" 'NR > 1 && $3 == n && $4 == p && $1 <= d { r = $1 } END { print r }' "$rec/facts/events.tsv"; }
field() { awk -F'\t' -v n="$1" -v p="$2" -v d="$3" -v f="$4" 'NR > 1 && $3 == n && $4 == p && $1 <= d { k = split($8, a, /; */)
    for (i = 1; i <= k; i++) if (index(a[i], f "=") == 1) r = substr(a[i], length(f) + 2) } END { print r }' "$rec/facts/events.tsv"; }
long() { # 2026-02-05 -> 5 February 2026
    echo "$1" | awk -F- '{ split("January February March April May June July August September October November December", m, " ")
        print $3 + 0, m[$2 + 0], $1 }'; }
after() { date -u -d "$1 + $2 days" +%Y-%m-%d; }

# ---- size, on every day and in both languages
for day in 2009-01-01 2011-02-05 2012-06-01 2014-09-30 2018-02-05 2018-02-06 2018-03-31 2020-04-01 2021-02-04 2022-08-08 2023-02-28 \
    2023-03-20 2023-03-31 2023-07-01 2024-06-01 2026-02-05 2026-02-06 2040-01-01; do
    for lang in en ru; do
        page "$day" --lang $lang
        lines=$(wc -l <"$tmp/page")
        wide=$(LC_ALL=C.UTF-8 wc -L <"$tmp/page")
        [ "$lines" -ge 10 ] && [ "$lines" -le 66 ] && [ "$wide" -le 80 ] && ok || no "$day $lang: the page is $lines lines of $wide columns"
        grep -qE '[{}]|\[|%' "$tmp/page" && no "$day $lang: a template shows" || ok
    done
done
page 2023-03-20 --lang en
cp "$tmp/page" "$tmp/first"
page 2023-03-20
cmp -s "$tmp/page" "$tmp/first" && ok || no "English is not the default, or the page is not the same each time"

# ---- 20 March 2023, line by line
D=2023-03-20
page $D
extended=$(event extension both $D)
until=$(field extension both $D until)
since=$(event in_force both $D)
announced=$(event suspension_announced RU $D)
law=$(event suspension RU $D)
pledged=$(event pledge RU $D)
answer=$(event position US $D)
says "in force, until when" "In force until $(long "$until")."
says "since when and by which extension" "from $since, extended $extended, to $until"
says "it is a reconstruction" "A reconstruction from public sources, signed with published demonstration keys, not by any government"
row "the suspension, announced and in law, with both statements" "suspended .*announced $announced, law $law +RU/[0-9]+ RU/[0-9]+"
row "what Russia keeps, with its statement" "keeps +RU $pledged: central limits; launch notifications +RU/[0-9]+"
says "what Russia says it no longer owes" "freed of RU: six-monthly data; notifications; inspections, exhibitions; consultative commission; telemetry"
row "the United States calls it invalid and holds Russia bound to all" "answer +US $answer: legally invalid; Russia bound by all [0-9]+ groups +US/[0-9]+"
row "central limits: bound as the US reads it, pledged as Russia does" "central limits +II +bound +bound +bound [*] +pledged"
for group in "six-monthly data +VII" "notifications +VII" "inspections, exhibitions +XI" "consultative commission +XII" "telemetry +IX"; do
    row "$group: bound as the US reads it, freed as Russia does" "$group +bound +bound +bound [*] +freed"
done
says "what no claim was found for is marked" "* no claim on it by that side was found"
exempt=$(awk -F'\t' '$3 == "determination" && $8 ~ /about=P5.I.1/ { sub(/.*from=/, "", $8); sub(/;.*/, "", $8); print $8; exit }' $rec/facts/events.tsv)
session=$(awk -F'\t' '$3 == "determination" && $8 ~ /about=P6.II/ { sub(/.*from=/, "", $8); sub(/;.*/, "", $8); print $8; exit }' $rec/facts/events.tsv)
row "inspections: alleged under one reading, excused under the other" "RU +allow inspections +P5.I.1 +$exempt alleged +excused, freed +US/[0-9]+"
row "inspections not resumed: open under one reading, excused and then freed under the other" "both +resume inspecting +P5.I.2 +$exempt open, no day +excused, freed +(RU|US)/[0-9]+"
row "the commission: alleged, and freed since the law" "RU +convene session +P6.II +$session alleged +freed ${law#*-} +US/[0-9]+"
due=$(after 2023-02-28 30)
n=$((($(date -u -d "$due" +%s) - $(date -u -d $D +%s)) / 86400))
row "the data of Russia are due, not overdue, and freed as Russia reads it" "RU +six-monthly data +P4.II.2 $due due in $n days +freed"
row "the data of the United States are due under both" "US +six-monthly data +P4.II.2 $due due in $n days +due in $n days"
set -- $(declared US $D) $(declared RU $D)
says "of which day the figures are" "LIMITS, declared US $1 US/"
row "vehicles against their limit" "deployed missiles and bombers +II.1\(a\) +700 +$2 +$6\$"
row "warheads against their limit" "warheads +II.1\(b\) +1550 +$3 +$7\$"
row "launchers against their limit" "launchers, deployed and not +II.1\(c\) +800 +$4 +$8\$"
more=$(field count_claim RU $D launchers)
row "the other count, from its statement" "as Russia counts US, $(event count_claim RU $D): $more more: $(($4 + more)), $(($4 + more - 800)) over +RU/[0-9]+"
known=$("$kadesh" -C "$rec" brief --on $D --json | sed -E 's/.*"statements_known":([0-9]+).*/\1/')
says "neither book holds an agreement, over how many statements" "NO AGREEMENT to restore or replace the treaty, in $known statements of both books"
# Nothing that a Party asks, offers or denies is missing from a page: each such statement stands there after its day, which is
# written near when it is of the page's own year.
nothing_missing() { # day
    "$kadesh" -C "$rec" log --until "$1" | awk '$3 ~ /^(condition|offer|denial)$/ { print $1, $2 }' >"$tmp/asked"
    [ -s "$tmp/asked" ] || no "$1: the log shows no condition, offer or denial"
    while read -r said id; do
        case $said in ${1%%-*}-*) said=${said#*-} ;; esac
        row "$1: $id of $said is on the page" "(^| )$said( (US|RU)/[0-9]+)* $id(,| |\$)"
    done <"$tmp/asked"
}
nothing_missing $D
says "a denial, with its day and statement" "denies: talks on restoring the treaty; any pact, secret, explicit or implicit 03-20 RU/"
says "nothing loose" "nothing untransparent or loose 03-20 RU/"
says "what the United States offers, and on what condition" "offers: to meet; if: compliance, verification and trust 03-20 US/"
says "what Russia offers, and on what condition" "offers: talks on practical questions; inspection rights; verification; if: its essential concerns met 03-20 RU/"
says "what Russia asks, in one sentence" "asks: political will; de-escalation; conditions for the treaty to work; new realities; a broader package of guarantees; its essential concerns met; no misreadings; suspension to have consequences 02-21 RU/"
says "that suspension has consequences" "suspension to have consequences"
says "the next step, who has taken it and who has not" "both state they keep the limits: RU has, not yet US"
says "what is open to each at once" "open to each at once, by its own word: limits; figures; notifications"
says "what observers said is one file away" "what observers said: record.md"
grep -q "robust inspection" "$rec/record.md" && ok || no "record.md does not hold what observers said"
says "what is unconfirmed on the page" "UNCONFIRMED US/"
unsure=$(sed -nE 's/.* ([A-Z]+\/[0-9]+)$/\1/p' "$tmp/page" | sort -u | while read -r id; do
    "$kadesh" -C "$rec" show "$id" | grep -qx 'grade M' && echo "$id"; done)
told=$(flat | sed -E 's/.*UNCONFIRMED (.*); in all.*/\1/')
for id in $unsure; do case $told in *"$id"*) ok ;; *) no "$id is graded M and on the page, and UNCONFIRMED does not name it" ;; esac; done
says "whose day is not certain" "; day not certain: "
says "what was checked" "2 books, "
says "the verbs to go on with" "kadesh verify, why RU-P5.I.1, log, show ID, status, due"
"$kadesh" -C "$rec" why RU-P5.I.1 --on $D >"$tmp/why" 2>&1 && grep -q "US/" "$tmp/why" && ok || no "the page names a finding that why does not know"
for id in $(grep -oE '(US|RU)/[0-9]+' "$tmp/page" | sort -u); do
    "$kadesh" -C "$rec" show "$id" >/dev/null 2>&1 && ok || no "the page cites $id, which show does not know"
done

# ---- the other days
page 2012-06-01
set -- $(declared US 2012-06-01) $(declared RU 2012-06-01)
says "2012: ten years" "from 2011-02-05 to 2021-02-05"
says "2012: the limits are still to come" "The limits bind from $(long 2018-02-05)"
row "2012: figures against the coming limits" "warheads +II.1\(b\) +1550 +$3 +$7\$"
inspected=$(awk -F'\t' '$1 <= "2012-06-01" && $3 == "total" && $8 ~ /of=inspection_begun; of_party=US/ { sub(/.*count=/, "", $8); sub(/;.*/, "", $8); r = $8 } END { print r }' $rec/facts/events.tsv)
says "2012: inspections of the treaty year so far" "inspections in all P5.VII.3, this year: US $inspected; RU "
says "2012: all are bound by all" "every Party, in all 9 groups, as every side reads it: bound"
silent "2012: nobody has suspended" suspended
page 2018-02-06
set -- $(declared US 2018-02-06) $(declared RU 2018-02-06)
says "the day after: figures of before judge nothing" "figures from before the limits' first day judge nothing yet"
row "the day after: one Party's old figure beside the other's new one" "launchers, deployed and not +II.1\(c\) +800 +$4 +$8\$"
says "the day after: half can be judged" "3 of 6 declared figures"
silent "the day after: no breach follows from an old figure" "launcher limit"
page 2018-03-31
row "a declaration that was never published is not shown, for both, as both read it" "both six-monthly data +P4.II.2 2018-03-31 not shown +not shown"
first=$(awk -F'\t' 'NR > 1 && $2 == "US" && $3 == "data" && $1 >= "2018-02-05" { print $7; exit }' $rec/facts/aggregate-data.tsv)
row "the other count is over the limit under the reading that counts so, since the first figure that the limit judges" \
    "US +launcher limit +II.1\(c\) +$first kept +breached"
page 2021-02-04
row "and goes on over the figures that follow" "US +launcher limit +II.1\(c\) +$first kept +breached"
says "the extension of the day before" "from 2011-02-05, extended $(event extension both 2021-02-04), to $(field extension both 2021-02-04 until)"
says "what is paused by agreement" "agreed inspections paused, since 2020-03-31"
page 2021-02-02
says "before the extension it ends with its tenth year" "In force until $(long 2021-02-05)."
page 2023-07-01
nothing_missing 2023-07-01
row "countermeasures withhold, as the United States reads it" "six-monthly data +VII +withheld +bound"
row "what the United States withholds, since when" "withheld +US $(event countermeasure US 2023-07-01), as countermeasures: six-monthly data; notifications;"
row "the data that were due are unmet, and freed as Russia reads it" "RU +six-monthly data +P4.II.2 2023-03-31 breached +freed"
row "both have stated that they keep the limits: the step is taken" "next step 2 of 7: both give aggregate figures: US has, not yet RU"
page 2023-03-31
row "a day late is unmet" "RU +six-monthly data +P4.II.2 2023-03-31 breached +freed"
page 2026-02-05
says "the last day is in force" "In force until $(long 2026-02-05)."
page 2026-02-06
nothing_missing 2026-02-06
says "the first day out" "The treaty ended with $(long 2026-02-05) and"
says "what stood unmet at the end" "UNMET AT THE END"
says "nobody is bound any more" "and binds nobody now."
row "the table is of the last day" "^WHO WAS BOUND ON THE LAST DAY"
row "an offer without an answer" "RU +offers: one more year of limits; if: the other does too +2025-09-22 RU/[0-9]+"
page 2011-01-01
says "before entry into force" "Not yet in force."
says "each side's steps towards it" "the United States $(event consent US 2011-01-01)"
"$kadesh" -C "$rec" brief --on 2022-12-31 --as-known 2023-03-20 >"$tmp/page"
says "as it was, known later" "As known on 2023-03-20."
row "an allegation made later speaks of the day before" "RU +allow inspections +P5.I.1 +$exempt alleged"
page 2022-12-31
silent "as known that day nobody had alleged it" "alleged"

# ---- status, due and no verb
"$kadesh" -C "$rec" due --on $D >"$tmp/page"
says "due: how each reading has it" "pending: as the US reads it; freed: as Russia reads it"
"$kadesh" -C "$rec" due --on $D --days 9 >"$tmp/page"
silent "due: not beyond the days that were asked for" "$due"
"$kadesh" -C "$rec" log --until $D >/dev/null && ok || no "log without --exit-code does not give 0"
"$kadesh" -C "$rec" log --until $D --exit-code >/dev/null && no "log --exit-code gives 0 with findings" || ok
"$kadesh" -C "$rec" log --until 2012-06-01 --exit-code >/dev/null && ok || no "log --exit-code gives no 0 without findings"
"$kadesh" -C "$rec" due --on $D --exit-code >/dev/null && no "due --exit-code gives 0 with findings" || ok
"$kadesh" -C "$rec" status --on $D --reading US --party RU >"$tmp/page"
row "status: an allegation under the reading that was asked for" "RU +alleged +$exempt +bound +US reading +US/"
silent "status: no other reading" "RU reading"
"$kadesh" -C "$rec" status --on 2021-02-04 >"$tmp/page"
last=$(awk -F'\t' 'NR > 1 && $2 == "US" && $3 == "data" && $7 <= "2021-02-04" { print $7 }' $rec/facts/aggregate-data.tsv | tail -n 1)
grep -A1 "P4.II.2  " "$tmp/page" | grep -qE "US +kept +$last" && ok || no "status: a declaration of $last that was kept does not come before one of 2018 that is not shown"
grep -A1 "VII.2  notifications" "$tmp/page" | grep -qE "US +not shown +bound" && ok || no "status: silence on what need not be public is not said to be not shown"
"$kadesh" -C "$rec" status --on 2011-01-01 >"$tmp/page"
row "status: before the entry into force nothing is owed" "US +nothing owed +not yet"
"$kadesh" -C "$rec" status --on $D --party FR >/dev/null 2>"$tmp/err"
[ $? -eq 2 ] && grep -q "RU" "$tmp/err" && ok || no "status --party FR does not say which Parties there are"
"$kadesh" -C "$rec" --on $D >"$tmp/page"
[ "$(wc -l <"$tmp/page")" -le 10 ] && ok || no "without a verb there are more than ten lines"
for verb in brief status due; do
    "$kadesh" -C "$rec" $verb --on $D --json >"$tmp/json"
    if command -v python3 >/dev/null; then
        python3 -m json.tool <"$tmp/json" >/dev/null && ok || no "$verb --json is no JSON"
    fi
done

# ---- every key in both languages, and no date, figure or id in a template
keys() { grep -oE '^[a-z][A-Za-z0-9_.]* =' "$1" | sort; }
keys $rec/messages/en.md >"$tmp/en"
keys $rec/messages/ru.md >"$tmp/ru"
missing=$(comm -23 "$tmp/en" "$tmp/ru" | grep -v 'clause =$')
[ -z "$missing" ] && ok || no "messages/ru.md lacks: $missing"
digits=$(grep -hE '^[a-z][A-Za-z0-9_.]* = "' $rec/messages/*.md | sed -E 's/^[^=]*= //; s/RS-24|РС-24//g' | grep '[0-9]')
[ -z "$digits" ] && ok || no "a template holds a figure: $digits"
twice=$(cat "$tmp/en" | uniq -d)
[ -z "$twice" ] && ok || no "a message stands twice: $twice"

# ---- the page follows the tables
cp -r "$rec" "$tmp/copy"
rec=$tmp/copy
change() { # file, sed expression
    sed -E "$2" "$rec/facts/$1" >"$tmp/changed"
    cmp -s "$tmp/changed" "$rec/facts/$1" && no "the change to $1 changes nothing: $2"
    cp "$tmp/changed" "$rec/facts/$1"
}
change aggregate-data.tsv 's/^(2022-09-01\tRU\tdata\t)540\t1549\t759/\1611\t1551\t760/'
change aggregate-data.tsv 's/^2022-09-01(\tUS\tdata)/2022-08-31\1/'
change events.tsv 's/^2023-02-21(\tRU\tsuspension_announced)/2023-02-20\1/'
change events.tsv 's/launchers=101/launchers=77/'
change events.tsv 's/until=2026-02-05/until=2025-12-31/'
"$kadesh" -C "$rec" rebuild >/dev/null 2>"$tmp/err" || no "rebuild of the copy: $(cat "$tmp/err")"
told=$(awk -F'\t' '$1 == "2022-09-01" && $2 == "RU" && $3 == "data" { print $7 }' $rec/facts/aggregate-data.tsv)
page $D
row "a figure that was changed is on the page" "deployed missiles and bombers +II.1\(a\) +700 +659 +611\$"
row "a figure above its limit is marked" "warheads +II.1\(b\) +1550 +1420 +1551 !"
row "and is a finding" "RU +warhead limit +II.1\(b\) +$told breached"
says "a day that was changed is on the page" "announced 2023-02-20, law 2023-02-28"
says "the day of the figures follows" "declared US 2022-08-31"
row "a count that was changed is on the page" "77 more: 877, 77 over"
says "the last day follows" "In force until 31 December 2025."
silent "the old figure is gone" 901

echo "test_brief: $passed passed, $failed failed"
[ $failed -eq 0 ]

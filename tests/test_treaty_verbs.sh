#!/bin/sh
# The verbs check, test and why: what they print, and their exit codes.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
K=$(cd "$B" && pwd)/kadesh
REC=treaties/new-start
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
passed=0 failed=0

# claim TEXT EXIT COMMAND...: runs it and keeps its output in $T/out and $T/err, for `says` to look at.
claim() {
    text=$1 want=$2
    shift 2
    "$@" >"$T/out" 2>"$T/err" </dev/null
    got=$?
    if [ "$got" -eq "$want" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $text: exit $got, not $want"
        head -n 5 "$T/out" "$T/err"
    fi
}
says() { # out|err PATTERN
    if grep -q -e "$2" "$T/$1"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $text: $1 has no \`$2\`"
        head -n 8 "$T/$1"
    fi
}

cat >"$T/fine.md" <<'EOF'
# A treaty

```treaty
treaty toy "Toy"
party UR en "Ur"
party OM en "Om"
group moves en "movements" rests on IV
life
  cites XIV
  in force on in_force
  lasts 10 years
notice in_force "Entry into force"
  role in_force
  by both
notice moving "A missile moved"
  fields item: text, occurred: date
notice told "A movement told"
  fields item: text
event moved(m) at occurred from moving(item: m)
duty move_told "Tell each movement"
  cites IV.2
  group moves
  each P: party
  when moved(m) by P
  P owes told(item: m)
  within 5 days
example "a movement that nobody told is a breach"
  complete told
  2011-02-05 both in_force()
  2011-03-01 UR moving(item: "m1", occurred: 2011-03-01)
  2011-03-09 nothing
  expect breached move_told by UR since 2011-03-07
```
EOF
sed 's/expect breached/expect kept/' "$T/fine.md" >"$T/failing.md"
sed 's/P owes told/P owes tolled/; s/  within 5 days/  within 5/; s/group moves$/group mooves/' \
    "$T/fine.md" >"$T/bad.md"

claim "check takes a treaty that is fine" 0 "$K" check "$T/fine.md"
says out "toy: fine"
says out " 1 duty"
says out " 3 notices"
claim "check counts as JSON" 0 "$K" check "$T/fine.md" --json
says out '"fine": true'
says out '"duties": 1'
claim "check names every mistake" 3 "$K" check "$T/bad.md"
says err "bad.md:22:9: error: "
says err "bad.md:25:10: error: "
says err "bad.md:26:10: "
says err "\^\^\^"
says err 'did you mean `moves`'
says err "errors$"
claim "check names every mistake as JSON" 3 "$K" check "$T/bad.md" --json
says out '"fine": false'
says out '"line": 25, "column": 10'
claim "check says that a file is not there" 4 "$K" check "$T/none.md"
says err "none.md"
claim "check takes no two files" 2 "$K" check a b

claim "test runs an example that holds" 0 "$K" test "$T/fine.md"
says out "1 example: 1 passed, 0 failed"
claim "test names one that does not" 1 "$K" test "$T/failing.md"
says out "failing.md:32: failed \"a movement that nobody told is a breach\""
says out "expected 2011-03-09 kept move_told by UR since 2011-03-07; found breached by UR since 2011-03-07"
says out "1 example: 0 passed, 1 failed"
claim "test gives JSON" 1 "$K" test "$T/failing.md" --json
says out '"passed": false, "at": 32'
claim "test of a bad treaty is bad input" 3 "$K" test "$T/bad.md"
says err "error: "

if [ -e "$REC/books/US/checkpoint" ]; then
    claim "check of a record takes its readings along" 0 "$K" -C "$REC" check
    says out "2 readings"
    claim "check of a record's treaty takes them along too" 0 "$K" check "$REC/treaty.md"
    says out "2 readings"
    claim "why explains a finding" 0 "$K" -C "$REC" why RU-P5.I.1@2022-08-08 --on 2023-03-20
    says out "^RU-P5.I.1@2022-08-08$"
    says out "alleged since 2022-08-08, counted under US"
    says out "alone give it, and without any one of them it is gone"
    claim "why says who was freed, and by what" 0 "$K" -C "$REC" why RU-P4.II.2@2023-03-31 --on 2023-07-01
    says out "under RU: freed since 2023-02-28 by RU/"
    says out "under US: bound"
    says out "rests on silence"
    claim "why takes a rule without a day" 0 "$K" -C "$REC" why 'US-II.1(c)' --on 2023-03-20
    says out "figure 901 against 800"
    says out "figure 800 against 800"
    claim "why gives JSON" 0 "$K" -C "$REC" why 'US-II.1(c)' --on 2023-03-20 --json
    says out '"confirmed": true'
    claim "why of a finding exits 1 when that is asked for" 1 \
        "$K" -C "$REC" why RU-P4.II.2@2023-03-31 --on 2023-07-01 --exit-code
    claim "why names the nearest when there is no such finding" 2 \
        "$K" -C "$REC" why RU-P4.II.2@2023-04-01 --on 2023-07-01
    says err "RU-P4.II.2@2023-03-31"
    claim "why names the nearest rule" 2 "$K" -C "$REC" why RU-P4.II.9 --on 2023-07-01
    says err "did you mean"
fi

echo "test_treaty_verbs: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

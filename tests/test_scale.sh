#!/bin/sh
# test_scale.sh: a generated record and a treaty of 10,000 rules go through the program; nothing here is timed,
# bench/ does that. The record is 2,000 statements, about a year of the treaty's real course, complete for every
# notice that it tells.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build} CC=${CC:-gcc}
kadesh=$B/kadesh
work=$(mktemp -d "${TMPDIR:-/tmp}/kadesh-scale.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
claim() { # sentence command...: holds when the command does
    what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $what"
    fi
}
run() { # exit-code command...: output in $work/out
    want=$1
    shift
    timeout 120 "$@" > "$work/out" 2> "$work/err"
    code=$?
    [ $code -eq "$want" ] && return 0
    echo "  exit code $code: $*"
    head -n 3 "$work/err"
    return 1
}
says() { grep -qE "$1" "$work/out"; }
generate() { # folder seed
    run 0 "$B/bench/generate" --seed "$2" --statements 2000 --folder "$work/$1"
}
same() { cmp -s "$1" "$2"; }
differ() { ! cmp -s "$1" "$2"; }

[ -x "$B/bench/generate" ] || make -s B="$B" CC="$CC" "$B/bench/generate" || exit 1

# ---- A generated record

claim "a record of 2,000 statements is made" generate one 2
claim "it says how many it made" says "^2000 statements in 1 year about"
claim "the same seed gives the same record" generate same 2
for book in US RU; do
    head=books/$book/checkpoint
    claim "the same seed gives the same book of $book" same "$work/one/$head" "$work/same/$head"
done
claim "another seed gives another record" generate other 1
claim "... with other books" differ "$work/one/$head" "$work/other/$head"
claim "a folder that is there already is left alone" \
    run 2 "$B/bench/generate" --seed 2 --statements 2000 --folder "$work/one"

on="--on 2012-02-05"
claim "its books verify" run 0 "$kadesh" -C "$work/one" verify
claim "... every statement of them" \
    says "^checked 2,000 entries, 2,000 statement signatures and 2 heads in .*: all hold"
# shellcheck disable=SC2086
claim "status reads it" run 0 "$kadesh" -C "$work/one" status $on
claim "... deadlines that were met are kept" says "US +kept"
cp "$work/out" "$work/first"
# shellcheck disable=SC2086
claim "status reads it again, its signatures remembered" run 0 "$kadesh" -C "$work/one" status $on
claim "... and says the same" same "$work/out" "$work/first"
# shellcheck disable=SC2086
claim "status as JSON" run 0 "$kadesh" -C "$work/one" status $on --json
claim "... finds the deadlines that this seed misses for good" says '"status":"breached"'
# shellcheck disable=SC2086
claim "brief as JSON" run 0 "$kadesh" -C "$work/one" brief $on --json
claim "... is of that day, in force" says '"on":"2012-02-05".*"in_force":true'
if command -v python3 > /dev/null; then
    claim "... and is JSON" python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/out"
fi

# ---- The same record with one byte of an entry changed

bundle=$(find "$work/other/books/US/tile/entries" -type f | sort | head -n 1)
offset=$(LC_ALL=C grep -abo 'notice change_in_data' "$bundle" | head -n 1 | cut -d: -f1)
claim "a generated book has changes of data" [ -n "$offset" ]
printf 'N' | dd of="$bundle" bs=1 seek="${offset:-0}" conv=notrunc 2> /dev/null
claim "a changed byte is found among 2,000 statements" run 1 "$kadesh" -C "$work/other" verify

# ---- A treaty of 10,000 rules

bench/rules.sh 10000 > "$work/rules.md"
claim "a treaty of 10,000 rules is checked" run 0 "$kadesh" check "$work/rules.md"
claim "... and has them all" says "^ *10000 rules"
sed 's/owes n5001(/owes n5001x(/' "$work/rules.md" > "$work/wrong.md"
claim "one mistake in 10,000 rules is found" run 3 "$kadesh" check "$work/wrong.md"
claim "... at its line" grep -q "^$work/wrong.md:[0-9]*:[0-9]*: error: .*n5001x" "$work/err"

echo "test_scale: $passed passed, $failed failed"
[ $failed -eq 0 ]

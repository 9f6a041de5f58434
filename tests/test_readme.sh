#!/bin/sh
# test_readme.sh: every output that the README shows is what the program prints, and its two commands exist.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
claim() { # what, then the status of the command before
    if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $1"
    fi
}
tools/update-readme --check
claim "the outputs shown in the README were produced" $?
grep -q '^<!-- output: kadesh .* brief ' README.md
claim "the README shows a brief" $?
for c in tools/demo tools/check; do
    [ -x $c ] && grep -q "    $c" README.md
    claim "the README names $c, which can be run" $?
done
for v in $("${B:-build}/kadesh" --help | sed -nE 's/^  ([a-z]+)  .*/\1/p'); do
    grep -q "^.It Cm $v" docs/kadesh.1
    claim "the manual page has $v" $?
done
if command -v mandoc >/dev/null; then
    mandoc -T lint -W warning docs/kadesh.1
    claim "the manual page is well formed" $?
fi
echo "test_readme: $passed passed, $failed failed"
[ $failed -eq 0 ]

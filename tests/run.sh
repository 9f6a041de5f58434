#!/bin/sh
# Runs the tests that are built in $B and sums their closing lines "name: N passed, M failed". ONLY=binaries runs the C tests and
# the corpora alone, ONLY=memcheck a few of them under valgrind; LONG=1 asks the random tests for their long runs.
set -u
B=${B:-build} CC=${CC:-gcc}
export B CC
log=$B/test-log
mkdir -p "$log"
passed=0 failed=0 skipped=0
one() { # name command...
    name=$1
    shift
    start=$(date +%s)
    "$@" >"$log/$name" 2>&1 </dev/null
    rc=$?
    line=$(grep -E "^$name: [0-9]+ passed, [0-9]+ failed" "$log/$name" | tail -n 1)
    if [ -n "$line" ]; then
        p=$(echo "$line" | sed -E 's/.*: ([0-9]+) passed.*/\1/')
        f=$(echo "$line" | sed -E 's/.*, ([0-9]+) failed.*/\1/')
        [ $rc -ne 0 ] && [ "$f" -eq 0 ] && f=1
    elif [ $rc -eq 0 ] && grep -q "^$name: skipped" "$log/$name"; then
        skipped=$((skipped + 1))
        grep "^$name: skipped" "$log/$name"
        return
    else
        p=0 f=1
    fi
    passed=$((passed + p)) failed=$((failed + f))
    printf '%-28s %6d passed %4d failed %4d s\n' "$name" "$p" "$f" $(($(date +%s) - start))
    [ "$f" -eq 0 ] || tail -n 25 "$log/$name" | sed 's/^/    /'
}
if [ "${ONLY:-}" = memcheck ]; then
    if ! command -v valgrind >/dev/null; then echo "memcheck: skipped, no valgrind"; exit 0; fi
    v="valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite"
    for t in base book engine lang lower record view statement; do
        [ -x "$B/tests/test_$t" ] && one "test_$t" $v "$B/tests/test_$t"
    done
    one brief sh -c "$v $B/kadesh -C treaties/new-start brief --on 2023-03-20 && echo 'brief: 1 passed, 0 failed'"
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
fi
for t in "$B"/tests/test_*; do
    case $t in *.d) continue ;; esac
    one "$(basename "$t")" "$t"
done
for t in "$B"/corpus/fuzz_*; do
    case $t in *.d) continue ;; esac
    n=$(basename "$t")
    one "$n" "$t" "fuzz/corpus/${n#fuzz_}"
done
if [ "${ONLY:-}" != binaries ]; then
    one check-rooms tools/check-rooms
    for t in tests/test_*.sh; do [ -e "$t" ] && one "$(basename "$t" .sh)" sh "$t"; done
    for t in tests/test_*.py tests/*/test_*.py; do
        [ -e "$t" ] || continue
        if command -v python3 >/dev/null; then one "$(basename "$t" .py)" python3 "$t"; else
            echo "$(basename "$t" .py): skipped, no python3"
            skipped=$((skipped + 1))
        fi
    done
fi
echo
[ $skipped -eq 0 ] || echo "$skipped test programs were skipped, as said above."
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]

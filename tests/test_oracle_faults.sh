#!/bin/sh
# test_oracle_faults.sh: plants faults in copies of what turns a treaty into a plan and asks the oracle to find each of them.
#
# A fault is a line of sed. It counts as found when the line really changed the source, the copy still compiles and links
# in place of the original, and the comparison with the oracle (the cases by hand, then random ones) then differs. Reads
# CC (gcc) and B (build).
set -u
cd "$(dirname "$0")/.." || exit 2
CC=${CC:-gcc}
B=${B:-build}
D=$B/oracle-faults
SEEDS=300
FLAGS="-std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w -Iinclude -Isrc -Itests"
LIBS="$(pkg-config --libs libsodium libpcre2-8 2>/dev/null || echo -lsodium -lpcre2-8) -lm"
passed=0
failed=0
if ! command -v python3 >/dev/null 2>&1; then
    echo "test_oracle_faults: skipped, no python3"
    exit 0
fi

claim() { # holds? what
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $2"
    fi
}

link() { # output object...: objects stand before the archive, so what they define is not taken from it
    $CC -o "$@" "$D/tool_replay.o" "$B/libkadesh.a" $LIBS -lm
}

ask() { # tool log
    PYTHONDONTWRITEBYTECODE=1 python3 tests/oracle/differ.py --tool "$1" --keep "$D/kept" --count "$SEEDS" \
        --stop-after 1 --no-shrink >"$2" 2>&1
}

rm -rf "$D"
mkdir -p "$D" || exit 2
$CC $FLAGS -c tests/tool_replay.c -o "$D/tool_replay.o" && link "$D/sound" || exit 2
SEEDS=20 ask "$D/sound" "$D/sound.log"
claim $? "the product as it is agrees with the oracle"

fault() { # what is wrong | file | sed
    name=$(echo "$1" | tr -c 'a-zA-Z0-9\n' '_')
    sed "$3" "src/lang/$2" >"$D/$name.c"
    if cmp -s "src/lang/$2" "$D/$name.c"; then
        claim 1 "$1: the line to spoil is not in $2"
        return
    fi
    if ! $CC $FLAGS -c "$D/$name.c" -o "$D/$name.o" || ! link "$D/$name" "$D/$name.o"; then
        claim 1 "$1: the spoiled copy of $2 does not compile"
        return
    fi
    ask "$D/$name" "$D/$name.log"
    [ $? = 1 ] && grep -q '^  FAILED: ' "$D/$name.log"
    claim $? "not found: $1"
}

while IFS='|' read -r what file line; do
    case $what in '' | '#'*) continue ;; esac
    fault "$what" "$file" "$line"
done <<'END'
a limit is kept only below its bound|lower_limit.c|s/kd_expr kept = x_op(L, KD_X_LE,/kd_expr kept = x_op(L, KD_X_LT,/
a duty is late a second early|lower_rel.c|s/x_op(L, KD_X_ADD, last, x_value(L, 1))/last/
what keeps a duty earlier on its day is not seen|lower_owed.c|s/KD_DAY_S - 1/0/
silence in an open record is a breach|lower_owed.c|s/rel_antijoin(L, pulses, low_complete(L, notice, jointly))/rel_never(L, pulses)/;s/rel_join(L, pulses, low_complete(L, notice, jointly))/pulses/
an announcement must come a day earlier|lower_duty.c|s/KD_X_LE : KD_X_GE, then, now/KD_X_LT : KD_X_GE, then, now/
a ban forgets its exception|lower_ban.c|s/if (x->unless) r = low_unless/if (0) r = low_unless/
an excuse is no excuse|lower.c|s/return excused.node ? .*/return excused.node ? rel_union(L, rows, excused) : rows;/
a kept quota is excused too|lower_quota.c|s/rel unmet = rel_antijoin(L, judged, enough)/rel unmet = judged/
a total of no period counts|lower_quota.c|s/rel_where(L, rel_with(L, r, TAG_PERIOD, first), is_first)/rel_with(L, r, TAG_PERIOD, first)/
a quota's own period ends its breach|lower_quota.c|s/x_op(L, KD_X_GT, rel_expr(L, &ended/x_op(L, KD_X_GE, rel_expr(L, \&ended/
a withdrawal after the end moves the last day|lower_life.c|s/L->term = settled(.*//
an extension has no most|lower_life.c|s/until = x_op(L, KD_X_MIN, until.*//
a Party alleges against itself|lower_alleged.c|s/rel_expr(L, &r, TAG_BY), rel_expr(L, &r, TAG_PARTY)/rel_expr(L, \&r, TAG_BY), x_value(L, -1)/
an allegation is cleared with any article|lower_alleged.c|s/keys\[\] = {TAG_BY, TAG_ARTICLE, TAG_PARTY}/keys[] = {TAG_BY, TAG_PARTY, TAG_PARTY}/
a reading frees while nothing is asked|lower_reading.c|s/rel r = c->cond ? /rel r = 0 ? /
what is held invalid counts|lower_reading.c|s/r = rel_antijoin(L, r, invalid(L, &x->clauses\[i\]));/(void)0;/
END

echo "test_oracle_faults: $passed passed, $failed failed"
[ "$failed" = 0 ]

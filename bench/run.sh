#!/bin/sh
# run.sh: measures what the project promises about its speed; prints a table and writes $B/bench/results.tsv.
# bench/README.md says what each row means. Generated records stay in $B/bench/records and are used again as long
# as they are the same.
set -eu
cd "$(dirname "$0")/.."
B=${B:-build}
bin=$B/bench records=$B/bench/records out=$B/bench/results.tsv demo=treaties/new-start kadesh=$B/kadesh
real_size=25000
sizes=${BENCH_SIZES-250000 2500000} # besides the real one
runs=${BENCH_RUNS:-25}
seed=1
mkdir -p "$records"
rm -f "$out"

row() { # name value unit reference what; `reference` - when there is none
    ratio=$(awk -v v="$2" -v r="$4" 'BEGIN { if (r ~ /^[0-9.]+$/ && r > 0) printf "%.3f", v / r; else print "-" }')
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$ratio" "$5" >> "$out"
    printf '%-42s %12s %-10s %10s %8s  %s\n' "$1" "$2" "$3" "$4" "$ratio" "$5"
}
word() { # N WORD...: the N-th of the words
    shift "$1"
    echo "$1"
}
calc() { awk "BEGIN { printf \"%.${2:-3}f\", $1 }"; }
memory_mb() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || echo 0; }

say() { echo "  $*" >&2; }

# The record of a size; made when it is not there, or is of another treaty or generator. Sets `folder` and `last`.
texts() { cat "$demo"/treaty.md "$demo"/readings/*.md "$demo"/messages/*.md bench/generate.c bench/notices.h; }
stamp="$seed $(texts | cksum)"
record() { # name statements [years]
    folder=$records/$1
    if [ ! -f "$folder/stamp" ] || [ "$(head -n 1 "$folder/stamp")" != "$stamp" ]; then
        rm -rf "$folder"
        say "making a record of $2 statements ..."
        said=$("$bin/generate" --seed $seed --statements "$2" ${3:+--years $3} --folder "$folder" --from "$demo")
        printf '%s\n%s\n' "$stamp" "$said" > "$folder/stamp"
    fi
    last=$(sed -n 's/.* up to //p' "$folder/stamp")
}

# What a statement costs in the record at hand, beside what it costs in the first one that was asked for.
first='' first_books='' first_record='' first_replay=''
cost_rows() { # name statements
    r=3
    [ "$2" -le 250000 ] || r=1
    if [ ! -f "$folder/.kadesh/verified" ]; then
        say "verifying $2 statements once ..."
        "$kadesh" -C "$folder" status --on "$last" > /dev/null
    fi
    m=$("$bin/measure" -n $r "$kadesh" -C "$folder" status --on "$last")
    cost=$(calc "$(word 4 $m) * 1000 / $2")
    first=${first:-$cost}
    row "status_per_statement_$1" "$cost" us "$first" "the same at $real_size statements; must be flat"
    "$bin/phases" "$folder" "$last" $r > "$B/bench/phases-$1"
    for phase in books record replay; do
        cost=$(awk -v p=$phase '$1 == p { printf "%.3f", $3 / 1000 }' "$B/bench/phases-$1")
        eval "base=\${first_$phase:-$cost}; first_$phase=\$base"
        row "${phase}_per_statement_$1" "$cost" us "$base" "the same at $real_size statements"
    done
}

printf '%-42s %12s %-10s %10s %8s  %s\n' name value unit reference ratio 'what the reference is'
printf 'name\tvalue\tunit\treference\tratio\twhat the reference is\n' > "$out"

# ---- The demonstration record

m=$("$bin/measure" -n "$runs" -w 2 "$kadesh" -C "$demo" brief --on 2023-03-20)
row brief_demo "$(word 1 $m)" ms 50 "the aim; median of $runs cold processes to the last byte"
row brief_demo_processor "$(word 4 $m)" ms 50 "the same, the processor's time alone"
fresh=$B/bench/demo
rm -rf "$fresh"
cp -r "$demo" "$fresh"
m=$("$bin/measure" -n "$runs" -w 2 sh -c "rm -rf $fresh/.kadesh; exec $kadesh -C $fresh brief --on 2023-03-20")
row brief_demo_unverified "$(word 1 $m)" ms 50 "the same with nothing verified before, and a shell that sees to that"
v=$("$bin/bench_verify" "$demo" 15)
row verify_demo "$(word 1 $v)" ms "$(word 2 $v)" "bare signature checks and hashes of the same record; aim 1.2"

# ---- The real size

record "$real_size" "$real_size"
real=$folder
v=$("$bin/bench_verify" "$real" 3)
row verify_real "$(word 1 $v)" ms "$(word 2 $v)" "bare signature checks and hashes of the same record; aim 1.2"
m=$("$bin/measure" -n 9 -w 1 "$kadesh" -C "$real" status --on "$last")
row status_real "$(calc "$(word 1 $m) / 1000")" s 0.5 "the aim; median of 9 cold processes, books verified before"
row status_real_processor "$(calc "$(word 4 $m) / 1000")" s 0.5 "the same, the processor's time alone"
row status_real_memory "$(calc "$(word 5 $m) / 1024" 1)" MiB 64 "the aim; most resident memory of these"
m=$("$bin/measure" -n 9 "$kadesh" -C "$real" brief --on "$last")
row brief_real "$(calc "$(word 1 $m) / 1000")" s "-" "brief on that record"

# ---- Cost of a statement as the record grows

for n in $real_size $sizes; do
    need=$((n / 700)) # MiB; a report holds about 1 KiB for each statement
    if [ "$need" -gt 256 ] && [ "$(memory_mb)" -lt "$need" ]; then
        say "left out: $n statements, which need $need MiB of memory"
        continue
    fi
    record "$n" "$n"
    cost_rows "$n" "$n"
done
record 250000-in-12-years 250000 12 # not longer but denser: ten times the items and the open deadlines
cost_rows 250000_in_12_years 250000

# ---- The engine and the language

e=$(awk '$1 == "events" { print $3 }' "$B/bench/phases-$real_size")
row engine_treaty "$e" events/s - "the real size through the treaty's whole circuit"
e=$("$bin/engine" 2000000 7000)
row engine_duty "$(word 1 $e)" events/s - "one duty of five days, 7,000 items"
for shape in even-trigger even-pulse hub-trigger hub-pulse; do
    for n in 100 1000; do
        j=$("$bin/joins" $shape $n 300000)
        row "joins_${shape}_$n" "$(word 2 $j)" ns "$(word 1 $j)" "the same, two relations at a time"
    done
done
m=$("$bin/measure" -n "$runs" -w 2 "$kadesh" -C "$demo" check)
row check_treaty "$(word 1 $m)" ms - "check of the demonstration record's treaty: a cold process"
ms=$(awk '$1 == "treaty" { print $2 }' "$B/bench/phases-$real_size")
row treaty_in_process "$ms" ms - "reading and checking it; the processor's time"
ms=$(awk '$1 == "compile" { print $2 }' "$B/bench/phases-$real_size")
row compile_in_process "$ms" ms - "lowering it to a circuit; the processor's time"
for n in 1000 10000; do
    bench/rules.sh $n > "$B/bench/rules-$n.md"
    m=$("$bin/measure" -n 5 "$kadesh" check "$B/bench/rules-$n.md")
    rule=$(calc "$(word 4 $m) * 1000 / $n" 2)
    [ $n = 1000 ] && few=$rule
    row "check_rules_$n" "$(word 1 $m)" ms - "check of a treaty of $n rules: a cold process"
    row "check_per_rule_$n" "$rule" us "$few" "the same at 1,000 rules; must be flat"
done

# ---- The monitor: every workload, and what an event costs as windows, state and logs grow

echo
fine=0
if python3 -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null; then
    B=$B bench/monitor.py || fine=1
else
    echo "left out: the monitor's workloads, which need Python 3.6"
fi
echo
echo "written to $out"
exit $fine

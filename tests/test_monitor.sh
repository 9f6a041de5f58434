#!/bin/sh
# test_monitor.sh: `kadesh monitor` from outside: options in both spellings, verdicts, exit codes, pipes, commands, saved states.
# Usage: test_monitor.sh [PROGRAM]
set -u
k=$(realpath "${1:-${B:-build}/kadesh}")
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
passed=0 failed=0
NO_COLOR=1; export NO_COLOR
cd "$t" || exit 1

claim() { # claim NAME CONDITION...
    name=$1; shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "  FAILED: $name"; sed 's/^/    /' out err | head -6; fi
}
exits() { # exits CODE ARGUMENTS...: the log, if any, is in the file in
    want=$1; shift
    timeout 20 "$k" monitor "$@" >out 2>err <in; got=$?
    [ "$got" -eq "$want" ] || { echo "    kadesh monitor $*: exit $got, wanted $want"; return 1; }
}
prints() { printf "$1" | cmp -s - out; }
says() { grep -qF -- "$1" err; }
silent() { [ ! -s err ]; }
is_json() { command -v python3 >/dev/null || return 0; python3 -c 'import json,sys; [json.loads(l) for l in sys.stdin]' <out 2>/dev/null; }

cat >sig <<'SIG'
p(int) q(int,string)
r(float) # a comment
t()
SIG
echo 'p(x) AND NOT ONCE[0,3] q(x,"ok")' >past
echo 'p(x) AND NOT EVENTUALLY[0,3] q(x,"ok")' >future
echo 'q(x,y)' >pairs
echo 'EXISTS x. p(x)' >closed
echo 'NOT p(x)' >unsafe
echo 'p(x) AND EVENTUALLY q(x,"ok")' >unbounded
printf 'p(x) AND\n  q(x, 5)' >wrong
printf '@10 p(1) p(2);\n@11 q(1,ok);\n@20 p(3);\n' >log
: >in

# ---- verdicts
claim "a past formula"                          exits 0 -sig sig -formula past -log log
claim "... prints what holds"                   prints '@10 (time point 0): (1) (2)\n@20 (time point 2): (3)\n'
claim "... and says nothing else"               silent
claim "a future formula, options in any order"  exits 0 -log log -formula future -sig sig
claim "... is decided at the end of the log"    prints '@10 (time point 0): (2)\n@20 (time point 2): (3)\n'
claim "-nonewlastts leaves open what is open"   exits 0 -sig sig -formula future -log log -nonewlastts
claim "... "                                    prints '@10 (time point 0): (2)\n'
claim "two dashes, and - for _"                 exits 0 --sig sig --formula=future --log log --nonewlastts --no-mw
cp log in
claim "standard input, when no log is named"    exits 0 -sig sig -formula past
claim "... "                                    prints '@10 (time point 0): (1) (2)\n@20 (time point 2): (3)\n'
claim "standard input as -"                     exits 0 -sig sig -formula past -log -
claim "... "                                    prints '@10 (time point 0): (1) (2)\n@20 (time point 2): (3)\n'
claim "a closed formula"                        exits 0 -sig sig -formula closed
claim "... is true or silent"                   prints '@10 (time point 0): true\n@20 (time point 2): true\n'
claim "-negate"                                 exits 0 -sig sig -formula closed -negate
claim "... "                                    prints '@11 (time point 1): true\n'
claim "-stop_at_first_viol"                     exits 0 -sig sig -formula past -stop_at_first_viol
claim "... one row of one time point"           prints '@10 (time point 0): (1)\n'
claim "-verbose"                                exits 0 -sig sig -formula past -verbose
claim "... each time point, and those without"  prints 'At time point 0:\n@10 (time point 0): ((1),(2))\nAt time point 1:\n@11 (time point 1): ()\nAt time point 2:\n@20 (time point 2): ((3))\n'
claim "... the formula on stderr"               says 'The sequence of free variables is: (x)'
claim "-unix"                                   exits 0 -sig sig -formula past -unix
claim "... prints dates"                        prints '@1970-01-01T00:00:10Z (time point 0): (1) (2)\n@1970-01-01T00:00:20Z (time point 2): (3)\n'
claim "--json"                                  exits 0 -sig sig -formula past --json
claim "... one object a line"                   is_json
claim "... with typed columns"                  grep -qF '{"time_point":0,"ts":10,"rows":[{"x":1},{"x":2}]}' out
claim "--json of a closed formula"              exits 0 -sig sig -formula closed --json
claim "... says that it holds"                  grep -qF '{"time_point":0,"ts":10,"holds":true}' out
printf '@1 q(2,"a\\"b") q(10,c) q(2,B);' >in
claim "texts keep their backslashes"            exits 0 -sig sig -formula pairs
claim "... sorted by value, then by bytes"      prints '@1 (time point 0): (2,"B") (2,"a\\"b") (10,"c")\n'
claim "... and are JSON"                        exits 0 -sig sig -formula pairs -json
claim "... "                                    is_json
printf '@1 r(2.5) r(1e20) r(0.1234567);' >in
echo 'r(x)' >floats
claim "floats"                                  exits 0 -sig sig -formula floats
claim "... with six digits"                     prints '@1 (time point 0): (0.123457) (2.5) (1e+20)\n'

# ---- what can be monitored
: >in
claim "-check"                                  exits 0 -sig sig -formula past -check
claim "... says so"                             says 'is monitorable'
claim "a formula that cannot be monitored"      exits 1 -sig sig -formula unsafe
claim "... is refused with its subformula"      says 'NOT p(x)'
claim "... and -check says the same"            exits 1 -sig sig -formula unsafe -check
claim "... as JSON too"                         exits 1 -sig sig -formula unsafe -check --json
claim "... "                                    grep -qF '"monitorable":false' out
claim "an unbounded future"                     exits 3 -sig sig -formula unbounded
claim "a type error"                            exits 3 -sig sig -formula wrong
claim "... has its place"                       says 'wrong:2:'
claim "... and a caret under the source line"   grep -q '^ *^' err
claim "-sigout"                                 exits 0 -sig sig -formula pairs -sigout
claim "... prints columns and types"            prints 'x:int, y:string\n'

# ---- usage
claim "--help"                                  exits 0 --help
claim "... has examples"                        grep -q 'Examples:' out
claim "-help"                                   exits 0 -help
claim "no signature"                            exits 2 -formula past
claim "an unknown option"                       exits 2 -sig sig -formula past -negat
claim "... is answered with the nearest"        says '--negate'
claim "-combine"                                exits 2 -sig sig -formula past -combine a,b
claim "... says that it is not supported"       says 'not supported'
claim "-unfold_let with another word"           exits 2 -sig sig -formula past -unfold_let some
claim "a ceiling that is none"                  exits 2 -sig sig -formula past --ceiling much
claim "options that change nothing"             exits 0 -sig sig -formula past -log log -verified -no_mw -mem -debug perf -profile x -strcache -no_trigger -nofilteremptytp -nofilterrel -unfold_let smart
claim "... change nothing"                      prints '@10 (time point 0): (1) (2)\n@20 (time point 2): (3)\n'
claim "a log that is not there"                 exits 4 -sig sig -formula past -log nowhere
claim "a signature that is not there"           exits 4 -sig nowhere -formula past
claim "files under -C"                          sh -c "cd / && '$k' -C '$t' monitor -sig sig -formula past -log log >'$t/out' 2>'$t/err'"
claim "... "                                    prints '@10 (time point 0): (1) (2)\n@20 (time point 2): (3)\n'
echo 'p(int) p(string)' >twice
claim "a bad signature"                         exits 3 -sig twice -formula past

# ---- mistakes in the log
printf '@1 p(1);\n@2 p(1) p(x) p(2);\n' >in
claim "a wrong type in the log"                 exits 3 -sig sig -formula past
claim "... has its place"                       says '<stdin>:2:11:'
claim "... a caret"                             grep -q '^            ^' err
claim "... and the verdicts before it"          prints '@1 (time point 0): (1)\n'
printf '@1 p(1) ?;\n@2 p(2);\n' >in
claim "a syntax error"                          exits 3 -sig sig -formula past
claim "... forgiven"                            exits 0 -sig sig -formula past -ignore_parse_errors
claim "... with a warning"                      says 'warning: <stdin>:1:9:'
claim "... goes on"                             prints '@1 (time point 0): (1)\n@2 (time point 1): (2)\n'
printf '@5 p(1);\n@4 p(2);@6 p(3)\n' >in
claim "a time stamp that goes back"             exits 0 -sig sig -formula past
claim "... is left out"                         prints '@5 (time point 0): (1)\n@6 (time point 1): (3)\n'
claim "... with a warning"                      says 'warning: <stdin>:2:1:'
claim "... or an error"                         exits 3 -sig sig -formula past -stop_at_out_of_order_ts

# ---- commands, states
printf '@1 p(1); > get_pos < @2 p(2) >terminate< @3 p(3)' >in
claim "get_pos and terminate"                   exits 0 -sig sig -formula future
claim "... the end is not evaluated"            prints 'Current timepoint: 0\nTerminated at timepoint: 1\n'
printf '@1 p(1); > nonsense <' >in
claim "an unknown command"                      exits 3 -sig sig -formula past
claim "... has its place"                       says '<stdin>:1:10:'
printf '@1 p(1) p(7) p(8); > LATENCY a b <  @2 q(7,ok) > save_state st < @9 p(5);' >in
claim "save_state"                              exits 0 -sig sig -formula future
claim "... goes on"                             grep -qF 'Saved state' out
tail -n 2 out >rest
printf '@9 p(5);' >in
claim "-load goes on from there"                exits 0 -sig sig -formula future -load st
claim "... with the same verdicts"              cmp -s rest out
claim "a state of another formula"              exits 3 -sig sig -formula pairs -load st
head -c 40 st >cut
claim "half a state"                            exits 3 -sig sig -formula future -load cut
printf '@1 p(1);@2; > save_and_exit st2 < @3 q(1,ok);' >in
claim "save_and_exit"                           exits 0 -sig sig -formula future
claim "... stops"                               prints 'Saved state\n'
printf '@3 q(1,ok);' >in
claim "... and is resumed"                      exits 0 -sig sig -formula future -load st2
claim "... "                                    prints ''
printf '@1 p(1); > print <' >in
claim "print"                                   exits 0 -sig sig -formula past
claim "... shows the plan on stderr"            says 'events that are taken'
claim "--stats"                                 exits 0 -sig sig -formula past -log log --stats
claim "... on stderr"                           says 'events a second'
claim "--explain"                               exits 0 -sig sig -formula past -log log --explain
claim "... on stderr"                           says 'plan'
i=0; while [ $i -lt 20000 ]; do echo "@$i p($i) q($i,\"text $i\");"; i=$((i + 1)); done >many
echo '(ONCE[0,*) q(x,y)) AND p(x) AND x < 0' >keep
claim "a ceiling that is met"                   exits 4 -sig sig -formula keep -log many --ceiling 300K
claim "... is said"                             grep -qi 'memory\|ceiling' err

# ---- pipes
mkfifo pipe
"$k" monitor -sig sig -formula past <pipe >out 2>err &
pid=$!
exec 9>pipe
printf '@1 p(1);\n@2' >&9
i=0; while [ $i -lt 50 ] && [ ! -s out ]; do sleep 0.1; i=$((i + 1)); done
claim "a verdict goes out while the pipe waits" prints '@1 (time point 0): (1)\n'
printf ' p(2) ' >&9; sleep 0.2
claim "... not before its time point ends"      prints '@1 (time point 0): (1)\n'
printf ';' >&9
i=0; while [ $i -lt 50 ] && [ "$(wc -l <out)" -lt 2 ]; do sleep 0.1; i=$((i + 1)); done
claim "... which a semicolon says"              prints '@1 (time point 0): (1)\n@2 (time point 1): (2)\n'
exec 9>&-
wait $pid
claim "a pipe that closes is the end"           [ $? -eq 0 ]
claim "a reader that goes away ends it quietly" sh -c "'$k' monitor -sig sig -formula past -log many 2>err | head -n 1 >out; [ ! -s err ]"

# ---- early verdicts: each line is fed when what the lines before it decide has come out
early() { # early FORMULA: from the feeds on descriptor 8: `< bytes` feeds a line, `> line` waits for it on stdout
    echo "$1" >formula
    rm -f pipe && mkfifo pipe
    "$k" monitor -sig ab -formula formula <pipe >out 2>err &
    pid=$!
    exec 9>pipe
    lines=0 late=0
    while read -r way line; do
        if [ "$way" = '<' ]; then echo "$line" >&9; continue; fi
        lines=$((lines + 1)) i=0
        while [ $i -lt 30 ] && [ "$(sed -n "${lines}p" out)" != "$line" ]; do sleep 0.1; i=$((i + 1)); done
        [ "$(sed -n "${lines}p" out)" = "$line" ] || { late=1; echo "    not in time: $line"; break; }
    done <<FEEDS
$2
FEEDS
    [ "$(wc -l <out)" -eq $lines ] || { late=1; echo "    too early, or too many"; }
    exec 9>&-
    wait $pid && [ $late -eq 0 ]
}
echo 'A(int) B(int)' >ab
claim "EVENTUALLY is told when it has come"     early 'A(x) AND EVENTUALLY[0,100] B(x)' '< @0 A(1);
< @1 B(1);
> @0 (time point 0): (1)
< @2 A(4) A(5);
< @3 B(5);
< @4 A(6) B(6) B(4);
> @2 (time point 2): (4) (5)
> @4 (time point 4): (6)'
claim "NOT EVENTUALLY goes past what has come"  early 'A(x) AND NOT EVENTUALLY[0,100] B(x)' '< @0 A(1);
< @1 B(1);
< @2 A(2) A(3);
< @3 B(3);
< @103;
> @2 (time point 2): (2)
< @110 A(9) A(8);
< @111 B(8) B(9);
< @112 A(7);
< @213;
> @112 (time point 7): (7)'
claim "an empty guard never waits"              early 'A(x) AND NOT (B(x) AND NOT EVENTUALLY[0,100] A(x))' '< @0 A(1);
> @0 (time point 0): (1)
< @1;
< @2 A(2);
> @2 (time point 2): (2)'
claim "UNTIL is told when its left side fails"  early 'A(x) AND NOT ((NOT B(x)) UNTIL[50,100] (A(x) AND NOT B(x)))' '< @0 A(1);
< @1 B(1);
> @0 (time point 0): (1)'
# With -verbose what is read is told too: the verdict of an empty guard comes out at its own time point.
printf '@0 A(1);\n@1 B(1);\n@2;\n@3 A(2);\n@4;\n' >in
echo 'A(x) AND NOT EVENTUALLY[0,100] B(x)' >formula
claim "-verbose from a file is as early"        exits 0 -sig ab -formula formula -log in -verbose -nonewlastts
claim "... "                                    prints 'At time point 0:\nAt time point 1:\n@0 (time point 0): ()\n@1 (time point 1): ()\nAt time point 2:\n@2 (time point 2): ()\nAt time point 3:\nAt time point 4:\n'

echo "test_monitor: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]

#!/bin/sh
# test_cli.sh: the program from outside: exit codes, help, JSON, keys, a record of two Parties from nothing, two writers at once.
# Usage: test_cli.sh [PROGRAM]
set -u
k=$(realpath "${1:-${B:-build}/kadesh}")
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
passed=0 failed=0
NO_COLOR=1; export NO_COLOR

claim() { # claim NAME CONDITION...
    name=$1; shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "  FAILED: $name"; sed 's/^/    /' "$t/err" | head -3; fi
}
exits() { # exits CODE ARGUMENTS...: runs the program in the record
    want=$1; shift
    "$k" "$@" >"$t/out" 2>"$t/err" </dev/null; got=$?
    [ "$got" -eq "$want" ] || { echo "    kadesh $*: exit $got, wanted $want"; return 1; }
}
says() { grep -qF -- "$1" "$t/out" "$t/err"; }
is_json() { command -v python3 >/dev/null || return 0; python3 -m json.tool <"$t/out" >/dev/null 2>&1; }

mkdir "$t/r"; cd "$t/r" || exit 1
cat >treaty.md <<'TREATY'
# A small treaty

```treaty
treaty small "A small treaty"
party A  en "Aland"
party B  en "Beland"
group counts en "Counts"  rests on I

notice in_force "Entry into force"
  role in_force
  by both

notice data "Figures"
  role data
  fields as_of: date, count: count, remark: text?, sites: text*
  dated as_of

life
  in force on in_force()
  lasts 10 years

limit few "Few items"
  cites I
  group counts
  each P: party
  from 2020-01-01 at most 100
  on latest data.count by P
```
TREATY

# ---- usage
claim "--help is fine"                     exits 0 --help
claim "... and lists the verbs"            says notify
claim "--version is fine"                  exits 0 --version
for v in check test verify log show notify status due why brief keygen init rebuild; do
    claim "$v --help is fine"              exits 0 $v --help
    claim "help $v is fine"                exits 0 help $v
    claim "... and has two examples"       [ "$(grep -c '^  kadesh ' "$t/out")" -ge 2 ]
done
claim "an unknown verb is a usage error"   exits 2 notfy
claim "... with the nearest"               says 'did you mean `notify`'
claim "an unknown option is one"           exits 2 verify --jsn
claim "... with the nearest"               says 'did you mean --json'
claim "an option without its value too"    exits 2 log --party
claim "an option given twice too"          exits 2 log --party A --party B
claim "a missing argument too"             exits 2 show
claim "an argument too many too"           exits 2 show A/0 A/1
claim "a day that does not exist too"      exits 2 log --from 2023-02-30
claim "... and is named"                   says 2023-02-30
claim "-C without a folder too"            exits 2 verify -C
claim "a folder that is no record is bad input" exits 3 -C "$t" verify
claim "a folder that is not there too"     exits 3 -C "$t/none" verify

# ---- keys
claim "keygen wants a Party"               exits 2 keygen --name a.example
claim "plain keys are made"                exits 0 keygen --as A --name a.example --plain
claim "the secret file has mode 0600"      [ "$(stat -c %a keys/A.key)" = 600 ]
claim "keys are never written over"        exits 2 keygen --as A --name a.example --plain
claim "demonstration keys are made"        exits 0 keygen --as B --name b.example --demonstration 'small words'
claim "... and marked"                     grep -q Demonstration keys/B.key keys/B.pub
claim "... and are the same each time"     exits 0 -C "$t/again" keygen --as B --name b.example --demonstration 'small words'
claim "... byte for byte"                  cmp -s keys/B.key "$t/again/keys/B.key"
claim "a passphrase that is not given is a usage error" exits 2 -C "$t/sealed" keygen --as A --name a.example
printf 'open sesame\nopen sesame\n' | "$k" -C "$t/sealed" keygen --as A --name a.example >"$t/out" 2>"$t/err"
claim "one that is given seals the file"   grep -q '^sealed ' "$t/sealed/keys/A.key"
claim "... with no secret in sight"        sh -c "! grep -rq PRIVATE '$t/sealed'"

# ---- a record from nothing
claim "a record without books verifies as empty" exits 0 verify
claim "init wants a key"                   exits 2 init
claim "a record is begun for one Party"    exits 0 init --key keys/A.key --issued 2020-01-01
claim "... and then for the other"         exits 0 init --key keys/B.key --issued 2020-01-01
claim "a book is not begun twice"          exits 2 init --key keys/A.key
claim "it verifies"                        exits 0 verify
claim "... and says how much"              says 'checked 2 entries, 2 statement signatures and 2 heads'
claim "... also as JSON"                   exits 0 verify --json
claim "... which is JSON"                  is_json
mkdir "$t/other"
claim "init copies a treaty elsewhere"     exits 0 -C "$t/other" init treaty.md --roster keys/A.pub --roster keys/B.pub --key keys/B.key
claim "... where one book alone is half a record" exits 1 -C "$t/other" verify
claim "... which verify says"              grep -q "book of A is not here" "$t/err"
claim "a roster without a Party is refused" exits 3 -C "$t/third" init treaty.md --roster keys/A.pub --key keys/A.key

# ---- notify
before=$(cat books/A/checkpoint)
bad() { claim "$1" exits "$2" notify $3 --as A --key keys/A.key; claim "... and says so" says "$4"; }
bad "a wrong notice"          3 "dta as_of=2021-01-01 count=1"             'did you mean `data`'
bad "a wrong field"           3 "data as_of=2021-01-01 count=1 remrk=x"    'did you mean `remark`'
bad "a wrong date"            3 "data as_of=2021-02-30 count=1"            2021-02-30
bad "a wrong number"          3 "data as_of=2021-01-01 count=many"         many
bad "a number past 63 bits"   3 "data as_of=2021-01-01 count=9223372036854775808" 9223372036854775808
bad "a missing field"         3 "data as_of=2021-01-01"                    '`count` is missing'
bad "a field given twice"     3 "data as_of=2021-01-01 count=1 count=2"    count
bad "a field without a value" 2 "data as_of"                               name=value
bad "an empty value"          3 "data as_of=2021-01-01 count="             count
claim "an unknown Party is a usage error"  exits 2 notify data as_of=2021-01-01 count=1 --as C --key keys/A.key
claim "the other's key is refused"         exits 3 notify data as_of=2021-01-01 count=1 --as A --key keys/B.key
claim "a key of another roster is refused" exits 3 notify data as_of=2021-01-01 count=1 --as A --key "$t/again/keys/B.key"
claim "a key file that is not there is a system error" exits 4 notify data as_of=2021-01-01 count=1 --as A --key none.key
claim "a wrong time of issue is a usage error" exits 2 notify data as_of=2021-01-01 count=1 --as A --key keys/A.key --issued yesterday
claim "a Party does not tell its own receipt" exits 2 notify data as_of=2021-01-01 count=1 --as A --key keys/A.key --received 2021-01-01
claim "a correction of what is not there is refused" exits 3 notify data as_of=2021-01-01 count=1 --as A --key keys/A.key --corrects A/77
claim "... or of what the other said"      exits 3 notify data as_of=2021-01-01 count=1 --as A --key keys/A.key --corrects B/0
claim "a draft is shown"                   exits 0 notify data as_of=2021-01-01 count=1 --as A --draft
claim "... as it would be signed"          says 'kadesh.statement/1'
claim "nothing of all this was appended"   [ "$before" = "$(cat books/A/checkpoint)" ]
claim "a right statement is appended"      exits 0 notify data count=7 as_of=2021-01-01 --as A --key keys/A.key --issued 2021-01-02
claim "... and its id told"                says A/1
claim "... fields in the notice's order"   sh -c "grep -A1 '^as_of' '$t/out' | grep -q '^count 7'"
claim "the same again keeps its place"     exits 0 notify data count=7 as_of=2021-01-01 --as A --key keys/A.key --issued 2021-01-02 --json
claim "... and says that it is not new"    says '"new":false'
claim "... as JSON"                        is_json
claim "a list is given value by value"     exits 0 notify data as_of=2021-07-01 count=8 sites=x sites='y z' --as A --key keys/A.key
claim "the books verify"                   exits 0 verify
claim "show gives it whole"                exits 0 show A/2
claim "... to the letter"                  says 'sites y z'
claim "show as JSON"                       exits 0 show A/2 --json
claim "... is JSON"                        is_json
claim "an entry that is not there"         exits 2 show A/9
claim "a book that is not there"           exits 2 show C/0
claim "an id that is none"                 exits 2 show thing
claim "the log lists all"                  exits 0 log
claim "... four statements"                [ "$(wc -l <"$t/out")" -eq 4 ]
claim "the log of one Party"               exits 0 log --party B
claim "... has one"                        [ "$(wc -l <"$t/out")" -eq 1 ]
claim "the log as JSON"                    exits 0 log --json
claim "... is JSON"                        is_json
claim "no escapes where nobody looks"      sh -c "! grep -q \"\$(printf '\\033')\" '$t/out'"

# ---- faults
claim "rebuild leaves a kept record alone" exits 2 rebuild
flock -o state/A/lock sleep 6 & holder=$!
sleep 0.3
claim "two writers: the second is told of the lock" exits 4 notify data as_of=2022-01-01 count=9 --as A --key keys/A.key
claim "... by name"                        says state/A/lock
kill $holder 2>/dev/null; wait $holder 2>/dev/null
claim "... and can go on when it is free"  exits 0 notify data as_of=2022-01-01 count=9 --as A --key keys/A.key
cp -r . "$t/broken"
file=$(find "$t/broken/books/A/tile/entries" -type f | sort | tail -1)
printf 'X' | dd of="$file" bs=1 seek=300 conv=notrunc 2>/dev/null
claim "an altered entry does not verify"   exits 1 -C "$t/broken" verify
claim "... and the place is told"          says "books/A/tile/entries"
claim "... in every report"                exits 1 -C "$t/broken" log
head -c 100 "$file" >"$t/short"; cp "$t/short" "$file"
claim "a truncated book is malformed"      exits 3 -C "$t/broken" verify
claim "... as JSON"                        sh -c "'$k' -C '$t/broken' verify --json >'$t/out' 2>'$t/err'; [ \$? -eq 3 ]"
claim "... which is JSON"                  is_json
rm -rf "$t/broken"; cp -r . "$t/broken"; echo changed >>"$t/broken/treaty.md"
claim "a changed treaty is not the one that is pinned" exits 1 -C "$t/broken" verify
cp keys/B.pub "$t/broken/keys/A.pub"; cp treaty.md "$t/broken/"
claim "other keys are not those of the roster" exits 1 -C "$t/broken" verify
rm "$t/broken/books/A/checkpoint"; cp keys/A.pub "$t/broken/keys/"
claim "a book without its head does not verify" exits 1 -C "$t/broken" verify
rm -rf "$t/broken"; cp -r . "$t/broken"; rm -rf "$t/broken/state/A"
claim "a book whose state is lost is not signed for" exits 1 -C "$t/broken" notify data as_of=2023-01-01 count=1 --as A --key keys/A.key
claim "... unless one says so"             exits 0 -C "$t/broken" notify data as_of=2023-01-01 count=1 --as A --key keys/A.key --adopt
truncate -s 16777217 "$t/broken/treaty.md"
claim "a treaty over 16 MiB is refused"    exits 3 -C "$t/broken" verify
claim "a full stdout is a system error"    sh -c "'$k' log >/dev/full 2>'$t/err'; [ \$? -eq 4 ]"
claim "a reader that goes away is no error" sh -c "'$k' log 2>'$t/err' | head -c 1 >/dev/null; [ ! -s '$t/err' ]"

# ---- a reconstruction
mkdir facts
printf 'record\n\n```record\ntreaty small\nreconstructed\n```\n' >record.md
printf 'first 2020-01-01 source="a test" grade=T note="made up"\ntable d.tsv by=who received=on notice=data ignore=why\n' >facts/tables.txt
printf 'who\ton\tas_of\tcount\twhy\nA\t2021-02-01\t2021-01-01\t5\tx\nboth\t2021-01-03\t2021-01-01\t6\t\nobservers\t2021-01-03\t2021-01-01\t6\t\n' >facts/d.tsv
claim "a reconstruction is rebuilt"        exits 0 rebuild
claim "... and verifies"                   exits 0 verify
claim "... with what its tables say"       says 'checked 5 entries'
cp -r books "$t/books"; exits 0 rebuild
claim "... the same bytes each time"       diff -r books "$t/books"
claim "a statement added to it"            exits 0 notify data as_of=2021-03-01 count=7 --as A --key keys/A.key --issued 2021-03-05 --yes
claim "... counts from its issue when no receipt is told" grep -q '^received 2021-03-05$' "$t/out"
rm -rf books; cp -r "$t/books" books
printf 'A\t2021-02-01\t2021-01-01\tfive\tx\n' >>facts/d.tsv
claim "a wrong row is told"                exits 3 rebuild
claim "... by line and column"             says 'facts/d.tsv:5:25'
claim "... and the old books stay"         diff -r books "$t/books"

# ---- what the reader may not read (root may read everything: then the program is run as nobody)
mkdir "$t/shut" && cp -r treaty.md record.md keys books "$t/shut/" && chmod -R a+rX "$t" && chmod 700 "$t/shut/books"
as=
[ "$(id -u)" -ne 0 ] || as="setpriv --reuid 65534 --regid 65534 --clear-groups"
if [ -z "$as" ]; then chmod 000 "$t/shut/books"; fi
if [ -z "$as" ] || $as test -x "$k" 2>/dev/null; then
    $as "$k" -C "$t/shut" verify >"$t/out" 2>"$t/err"
    [ $? -eq 4 ]
    claim_status=$?
    claim "an unreadable folder is a matter of the system" [ $claim_status -eq 0 ]
    claim "... which is named"              grep -q "books.*Permission denied" "$t/err"
fi
chmod 700 "$t/shut/books"

echo "test_cli: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

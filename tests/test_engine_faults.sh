#!/bin/sh
# test_engine_faults.sh: plants faults in copies of the engine's operators and asks the random test, or that of folds of
# windows or of joins of many relations, to find each of them.
#
# A fault is a line of sed. It counts as found when the line really changed the source, the copy still compiles, and the
# test then fails: the random test, or one that asks more of what it spoils. Reads CC (gcc) and B (build).
set -u
cd "$(dirname "$0")/.." || exit 2
CC=${CC:-gcc}
B=${B:-build}
D=$B/faults
CASES=2500
FLAGS="-std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w -Iinclude -Isrc -Itests"
passed=0
failed=0

claim() { # holds? what
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $2"
    fi
}

compile() { # source object
    $CC $FLAGS -c "$1" -o "$2"
}

rm -rf "$D"
mkdir -p "$D/obj" "$D/src" || exit 2
build() { # sources: their objects are in $built
    built=
    for f in "$@"; do
        o=$D/obj/$(echo "$f" | tr / _).o
        compile "$f" "$o" || exit 2
        built="$built $o"
    done
}

sound() { # name: the test of $objects passes with the engine as it is
    $CC -o "$D/$1" $objects || exit 2
    "$D/$1" "$CASES" >"$D/$1.log"
    claim $? "the engine as it is passes the random test"
}

build src/base/*.c src/engine/*.c
engine=$built
build tests/naive_plan.c tests/test_engine_random.c
objects="$engine $built"
sound sound

fault() { # what is wrong | file | sed
    name=$(echo "$1" | tr -c 'a-zA-Z0-9\n' '_')
    sed "$3" "src/engine/$2" >"$D/src/$name.c"
    if cmp -s "src/engine/$2" "$D/src/$name.c"; then
        claim 1 "$1: the line to spoil is not in $2"
        return
    fi
    if ! compile "$D/src/$name.c" "$D/obj/$name.o"; then
        claim 1 "$1: the spoiled copy of $2 does not compile"
        return
    fi
    original=$D/obj/src_engine_$2.o
    linked=
    for o in $objects; do
        if [ "$o" = "$original" ]; then linked="$linked $D/obj/$name.o"; else linked="$linked $o"; fi
    done
    $CC -o "$D/$name" $linked || exit 2
    timeout 20 "$D/$name" "$CASES" >"$D/$name.log" 2>&1
    status=$?
    # 1: the test found a difference; 124: the fault made it run for ever; above 128: it crashed
    [ "$status" = 1 ] && grep -q 'FAILED' "$D/$name.log"
    if [ $? = 0 ] || [ "$status" -ge 124 ]; then claim 0 ""; else claim 1 "not found: $1"; fi
}

faults() { # one a line: what is wrong | file | sed
while IFS='|' read -r what file line; do
    case $what in '' | '#'*) continue ;; esac
    fault "$what" "$file" "$line"
done
}

faults <<'END'
antijoin forgets that a match takes a row away|antijoin.c|s/if (c == ENG_CAME) st = flip.*;/;/
antijoin forgets that a row returns|antijoin.c|s/if (c == ENG_WENT) st = flip.*;/;/
antijoin of pulses asks for a match|antijoin.c|s/eng_match_find(&g->match, key, 0) == b->n/eng_match_find(\&g->match, key, 0) != b->n/
join of levels loses copies|join.c|s/__builtin_mul_overflow(copies, /__builtin_mul_overflow(copies > 0 ? 1 : -1, /
join of a pulse reads the level as it was|join.c|/probe_run(/,/^}/s/kd_status st = take_level(&s->level, n->in\[level\]);/kd_status st = KD_OK;/;/probe_run(/,/^}/s/^    return st;$/    return st ? st : take_level(\&s->level, n->in[level]);/
few rows of two pulses all agree|join.c|s/if (a\[on->left\[i\]\] != b\[on->right\[i\]\]) return false;//
a level's row is taken for the pulse's|join.c|s/s->only_key = eng_tail_is_of.*/s->only_key = true;/
a join leaves out the first test of its rows|tail.c|s/for (uint32_t i = 0; \*passes \&\& i/for (uint32_t i = 1; *passes \&\& i/
a join chooses columns of another map|tail.c|s/chosen\[i\] = columns\[\(p->exprs.*\)\];/chosen[i] = (uint8_t)\1;/
a join takes another column for one that is equal|tail.c|s/(uint8_t)side, mine\[i\]/(uint8_t)side, mine[0]/
a timer is a second late|timer.c|s/due > g->now ? due : g->now/due > g->now ? due + 1 : g->now/
a timer outlives its row|timer.c|s/return eng_table_live(.*/return true;/
a timer fires for a row that goes at that instant|timer.c|s/^    drop_timers_of_rows_that_went(s);//;s/fire(g, n, s)) ||/fire(g, n, s)) || (drop_timers_of_rows_that_went(s), 0) ||/
end wins over begin|hold.c|s/k->held \&\& !k->ended/k->held || k->ended/
a begin while it holds replaces the row|hold.c|s/(k->held \&\& !k->ended) ||/0 ||/
the earlier of two latest wins|latest.c|s/k->order > order/k->order <= order/
once lasts a second too short|window.c|s/eng_later(eng_later(\(.*\), w->within.high), 1)/eng_later(\1, w->within.high)/;s/>newest < bound) {/>newest <= bound) {/
once begins a second too late|once.c|s/->at, s->low)/->at, s->low + 1)/
a row that is pulsed again keeps its old instant|window.c|s/r->newest = at;/if (!r->was) r->newest = at;/
a killed row's young pulses live on|window.c|s/^    while (w->has_youth .*drop_young(w, e);//
a timer's time point breaks A SINCE B|since.c|s/return g->index + 2;/return g->stats.time_points;/
A SINCE B does not ask for A again|since.c|s/^    if (s->oldest >= mark) return KD_OK;/    return KD_OK;/
NOT A SINCE B asks at B's own time point|since.c|s/^    if (!st) st = take_b(g, n, s, false);//;s/kd_status st = take_late(s, false);/&if (!st) st = take_b(g, n, s, false);/
previous counts the time points of timers|previous.c|s/if (!g->pushed) return KD_OK;//
previous leaves out the end of its interval|previous.c|s/eng_within(eng_gap(p->at, g->now), s->within)/eng_gap(p->at, g->now) < s->within.high/
a sum adds what goes|fold_groups.c|s/(__int128)v \* count/(__int128)v * (count < 0 ? -count : count)/
a count takes each row once|fold.c|s/e, v, count);/e, v, count > 0 ? 1 : -1);/
the least keeps what went|extreme.c|s/\*root = meld(x, \*root, below);//
greatest and least change places|extreme.c|s/x->greatest ? /!x->greatest ? /
accumulate keeps the last instead of the best|fold_groups.c|s/if (first || eng_fold_beats.*, best))/if (true)/
absent values are folded|fold.c|s/if (v == KD_ABSENT) return KD_OK;//
distinct gives what comes again|distinct.c|s/eng_match_find(&g->match, row, 0) != i/eng_match_find(\&g->match, row, 0) == i + 1/
rise sees what was there before|bag.c|s/is == (bool)h->was/!is/
a removed row breaks the table's chains|table.c|s/if (((i - home) \& mask) < ((i - hole) \& mask)) continue;/continue;/
union forgets one side|select.c|s/k < 2; k++/k < 1; k++/
a schedule leaves out its last boundary|schedule.c|s/at <= s->plan.until/at < s->plan.until/
a comparison keeps its sign when its sides change|expr.c|s/op = turned(op);/op = op;/
the greater of two is the absent one|expr.c|s/\*out = absent(a, b) ? KD_ABSENT : a > b ? a : b;/*out = a > b ? a : b;/
END

build tests/test_engine_fold_window.c
objects="$engine $built"
sound sound_windows
faults <<'END'
a row that comes again keeps its old instant|fold_window.c|s/if (f->at == at) return KD_OK;/return KD_OK;/
a window's row leaves a second too early|fold_window.c|s/->at < bound;/->at <= bound;/
a row that came again leaves when it came first|fold_window.c|s/if (f->row == ENG_NONE)$/if (0)/
a row is folded twice at its time point|fold_window.c|s/ || !is_first(g, in, i)//
an asked group shows what it was|fold_window.c|s/p->was = p->stale = 1/p->was = 1/
a candidate leaves a second too early|fold_extreme.c|s/->at < s->bound/->at <= s->bound/
a lesser row takes a greater one's place|fold_extreme.c|s/!eng_fold_beats(&s->fold, candidate_at(s, l->back)->value, v)/true/
a candidate that is beaten stays|fold_extreme.c|s/!eng_fold_beats(&s->fold, candidate_at(s, l->back)->value, v)/false/
a sweep forgets those that are wanted|fold_extreme.c|s/front == ENG_NONE \&\& !s->fold.always) eng/front != ENG_NONE) eng/
an array loses its order|median.c|s/i = below(a->values, n, value);/i = n;/
a tree becomes an array in the wrong order|median.c|s/values\[count++\] = /values[FEW - ++count] = /
a fold that is heard of takes a window's place|fuse.c|s/ || !fold->silent//
END

build tests/engine_script.c tests/test_engine_join_many.c
objects="$engine $built"
CASES=600
sound sound_many
faults <<'END'
a row that went is joined|join_many.c|s/!eng_rows_stands(&s->rows, e) || //
a row that went closes a cycle|join_many.c|s/e != ENG_NONE \&\& eng_rows_stands(&s->rows, e)/e != ENG_NONE/
copies of one side are lost|join_many.c|s/if (s->looked) return true;/if (s->looked || s->turn) return true;/
changes of the first side are not kept|join_many.c|s/if (!s) s = take_changes(g, &m->sides\[k\]);/if (!s \&\& k) s = take_changes(g, \&m->sides[k]);/
a trie outlives a sweep|join_many_index.c|s/if (t->turn != rows->turn) eng_trie_clear(t);//
a trie forgets what came since it was asked|join_many_index.c|s/if (t->followed == rows->table->used) return s;/if (t->followed) return s;/
a pulse that waits for a question is too old a second early|once.c|s/->at < s->window.bound)/->at <= s->window.bound)/
a lazy window tells nobody that it was swept|window.c|s/w->turn++;//
END

echo "test_engine_faults: $passed passed, $failed failed"
[ "$failed" = 0 ]

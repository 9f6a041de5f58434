# differ.py: makes random cases, asks the oracle and the product, and compares their answers line by line.
#
# First come the cases of test_oracle.py, worked out by hand (not with --random).
#
#   differ.py --tool build/tests/tool_replay --keep build/diff [--first SEED] [--count N] [--treaty FILE ... --start DATE]
#
# Without --treaty each seed has a treaty of its own; with it the given treaty is fed random statements. What differs is
# shrunk (statements, then rules, are dropped while a difference stays) and kept under --keep/SEED.
import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

import generate
import oracle

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import test_oracle  # noqa: E402


def ask_product(tool, paths, statements, until):
    """The product's lines, or one line that says how it failed."""
    argv = [tool]
    for p in paths:
        argv += ["--treaty", p]
    try:
        done = subprocess.run(argv + ["--statements", statements, "--until", until], capture_output=True, text=True,
                              timeout=20)
    except subprocess.TimeoutExpired:
        return ["failed: no answer within 20 seconds"]
    if done.returncode != 0:
        return ["failed with %d: %s" % (done.returncode, " ".join(done.stderr.split())[:2000])]
    return done.stdout.splitlines()


def difference(tool, paths, statements, until):
    """Lines that differ, "-" before the oracle's and "+" before the product's; empty when the answers agree."""
    wanted = oracle.answer(paths, statements, until)
    met = ask_product(tool, paths, statements, until)
    if wanted == met:
        return []
    return [d for d in difflib.unified_diff(wanted, met, "oracle", "product", lineterm="", n=0)
            if not d.startswith(("---", "+++", "@@"))]


def kind_of(lines):
    """What a difference is about, so that shrinking does not wander off to another: a crash, or rows of some kind."""
    if any(line.startswith("+failed") for line in lines):
        return "failed"
    return lines[0][1:].split()[0] if lines else ""


def shrink(tool, paths, statements, until, lines):
    """Drops statements while a difference of the same kind stays; the shortest difference is returned."""
    kind = kind_of(lines)
    with open(statements, encoding="utf-8") as f:
        said = f.read().splitlines()
    size = max(1, len(said) // 2)
    while size >= 1:
        i = 0
        while i < len(said):
            fewer = said[:i] + said[i + size:]
            generate.write(statements, "".join(s + "\n" for s in fewer))
            now = difference(tool, paths, statements, until)
            if now and kind_of(now) == kind:
                said, lines = fewer, now
            else:
                i += size
        size //= 2
    generate.write(statements, "".join(s + "\n" for s in said))
    return lines


def shrink_treaty(tool, paths, statements, until, lines):
    """Drops whole rules from the treaty's own copy while a difference of the same kind stays."""
    kind = kind_of(lines)
    with open(paths[0], encoding="utf-8") as f:
        text = f.read()
    starts = re.compile(r"(?m)^(?=(?:limit|duty|ban|quota|right|ladder) )")
    pieces = starts.split(text)
    if not pieces[-1].endswith("```\n"):
        return lines
    tail, pieces[-1] = "```\n", pieces[-1][:-4]
    for i in range(len(pieces) - 1, 0, -1):
        fewer = pieces[:i] + pieces[i + 1:]
        generate.write(paths[0], "".join(fewer) + tail)
        now = difference(tool, paths, statements, until)
        if now and kind_of(now) == kind:
            pieces, lines = fewer, now
    generate.write(paths[0], "".join(pieces) + tail)
    return lines


def compare(a, seed, folder):
    if a.treaty:
        statements, until = generate.make_for(seed, folder, a.treaty, a.start)
        paths = a.treaty
    else:
        paths, statements, until = generate.make_case(seed, folder)
    lines = difference(a.tool, paths, statements, until)
    if not lines:
        return True
    kept = os.path.join(a.keep, str(seed))
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept)
    kept_paths = a.treaty or [os.path.join(kept, os.path.relpath(p, folder)) for p in paths]
    if a.shrink:
        lines = shrink(a.tool, kept_paths, os.path.join(kept, "statements"), until, lines)
        if not a.treaty:
            lines = shrink_treaty(a.tool, kept_paths, os.path.join(kept, "statements"), until, lines)
    print("  FAILED: seed %d, inputs in %s, until %s (- oracle, + product)" % (seed, kept, until))
    for line in lines[:a.lines]:
        print("    " + line)
    sys.stdout.flush()
    return False


def by_hand(a):
    """The cases worked out by hand, which the product must get right too: (passed, failed)."""
    passed = failed = 0
    for case in test_oracle.CASES:
        with tempfile.TemporaryDirectory() as folder:
            paths, statements, until = test_oracle.write(folder, case)
            wrong = test_oracle.complaints(case, ask_product(a.tool, paths, statements, until))
            wrong += difference(a.tool, paths, statements, until)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print("  FAILED: %s\n    %s" % (case[0], "\n    ".join(wrong[:a.lines])))
    return passed, failed


def main():
    p = argparse.ArgumentParser(description="Oracle against product, on random cases.")
    p.add_argument("--tool", required=True)
    p.add_argument("--keep", required=True)
    p.add_argument("--first", type=int, default=1)
    p.add_argument("--count", type=int, default=300)
    p.add_argument("--treaty", action="append")
    p.add_argument("--start", default="2011-02-05")
    p.add_argument("--lines", type=int, default=8)
    p.add_argument("--stop-after", type=int, default=20, help="differences after which no more seeds are tried")
    p.add_argument("--random", action="store_true", help="no cases by hand")
    p.add_argument("--no-shrink", dest="shrink", action="store_false")
    a = p.parse_args()
    passed, failed = (0, 0) if a.treaty or a.random else by_hand(a)
    for seed in range(a.first, a.first + a.count):
        with tempfile.TemporaryDirectory() as folder:
            if compare(a, seed, folder):
                passed += 1
            else:
                failed += 1
        if failed >= a.stop_after:
            break
    print("test_differential: %d passed, %d failed" % (passed, failed))
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())

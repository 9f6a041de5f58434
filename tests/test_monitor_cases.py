#!/usr/bin/env python3
"""The case suite of `kadesh monitor`: verdicts as sets per time point, refusals, inferred types, and no verdict later than expected.

Our own cases are in tests/monitor-cases; those in ../shared/monpoly-cases beside the project run when that folder is there.
test_monitor_cases.py [NAME ...] runs the cases whose names contain one of the words."""
import concurrent.futures
import csv
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KADESH = os.path.join(ROOT, os.environ.get("B", "build"), "kadesh")
OWN = os.path.join(ROOT, "tests", "monitor-cases")
OTHERS = os.path.join(os.path.dirname(ROOT), "shared", "monpoly-cases")
SECONDS = 20  # one run at most
INT_MIN, INT_MAX = -(1 << 63), (1 << 63) - 1


class Case:
    def __init__(self, name, flags, files, row):
        self.name, self.flags, self.files, self.row = name, flags.split(), files, row


# ---- reading cases ----------------------------------------------------------------------------------------------------


def packed(path):
    """The cases of one text file; tests/monitor-cases/README.md has its form."""
    cases, parts, part = [], {}, None
    for line in open(path, encoding="utf-8", newline=""):
        if line.startswith("==== "):
            name, _, flags = line[5:].strip().partition(" ")
            parts = {k: parts[k] for k in ("sig", "log") if k in parts}
            row = {"kind": "run", "refused": "n", "refusal": "-", "types": "-", "note": "-"}
            cases.append(Case(name, flags, parts, row))
            parts, part = cases[-1].files, None
        elif line.startswith("---- "):
            part = line[5:].strip()
            parts[part] = ""
        else:
            parts[part] += line
    return cases


def folders():
    cases = []
    if not os.path.exists(os.path.join(OTHERS, "cases.tsv")):
        return cases
    with open(os.path.join(OTHERS, "cases.tsv"), encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["name"].startswith("made-"):
                continue
            files, folder = {}, os.path.join(OTHERS, row["name"])
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), encoding="utf-8", errors="surrogateescape", newline="") as f:
                    files["formula" if name == "formula.mfotl" else name] = f.read()
            cases.append(Case(row["name"], "" if row["flags"] == "-" else row["flags"], files, row))
    return cases


# ---- reading verdicts -------------------------------------------------------------------------------------------------


def tuples(text):
    """The tuples of a verdict, as text each: "(1,2) (3,4)" or "((1,2),(3,4))"."""
    found, begin, depth, quoted, i = set(), 0, 0, False, 0
    nested = text.startswith("((") or text == "()"
    while i < len(text):
        c = text[i]
        if quoted:
            i += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c == "(":
            depth += 1
            if depth == 1 + nested:
                begin = i
        elif c == ")":
            if depth == 1 + nested:
                found.add(text[begin : i + 1])
            depth -= 1
        i += 1
    return frozenset(found)


VERDICT = re.compile(r"@(-?\d+)\.? \(time point (\d+)\): ?(.*)", re.S)
WHEN = re.compile(r"At time point (\d+):")


def verdicts(text):
    """Time point: (time stamp, set of tuples or truth, time point read last), and whether they came in order."""
    out, order, now = {}, [], -1
    for line in text.split("\n"):
        when, verdict = WHEN.match(line), VERDICT.match(line)
        if when:
            now = int(when[1])
        elif verdict:
            what = verdict[3].strip()
            order.append(int(verdict[2]))
            out[order[-1]] = (verdict[1], what if what in ("true", "false") else tuples(what), now)
    return out, order == sorted(set(order))


def holds(verdict):
    return verdict[1] not in ("false", frozenset())


def too_big(verdict):
    return any(not INT_MIN <= int(n) <= INT_MAX for t in verdict[1] if t[0] == "(" for n in re.findall(r"(?<=[(,])-?\d+(?=[,)])", t))


# ---- running ----------------------------------------------------------------------------------------------------------


def kadesh(case, folder, *options):
    for name in ("sig", "formula", "log"):
        path = os.path.join(folder, name)
        if name in case.files:
            with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
                f.write(case.files[name])
    command = [KADESH, "monitor", "-sig", "sig", "-formula", "formula", *options]
    if "log" in case.files and "-sigout" not in options:
        command += ["-log", "log"]
    run = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS)
    decode = lambda b: b.decode("utf-8", "surrogateescape")
    return run.returncode, decode(run.stdout), decode(run.stderr)


def first_line(text):
    return next((line for line in text.split("\n") if line.strip()), "")[:160]


def check_refused(case, code, out, err):
    found, _ = verdicts(out)
    if case.row["refusal"] in ("unsafe", "interval", "type"):
        if code == 0 or found:
            return f"must be refused ({case.row['refusal']}), exit {code}"
        return None if err.strip() else "is refused without a reason"
    if code != 0:
        return None if err.strip() else "is refused without a reason"
    want = case.files.get("expected.verified")
    return compare(case, want, out) if want is not None else None


def compare(case, want, out):
    wanted, _ = verdicts(want)
    found, ordered = verdicts(out)
    if not ordered:
        return "verdicts are not in the order of time points"
    open_end = "-nonewlastts" in case.flags  # there a verdict may come that others leave open
    for i in sorted(set(wanted) | set(found)):
        if i not in wanted and open_end:
            continue
        if wanted.get(i, "nothing")[:2] != found.get(i, "nothing")[:2]:
            show = lambda v: "nothing" if v is None else f"@{v[0]} {v[1] if isinstance(v[1], str) else ' '.join(sorted(v[1]))}"
            return f"time point {i}: expected {show(wanted.get(i))}, printed {show(found.get(i))}"
    return None


def check_run(case, code, out, err):
    want, row = case.files["expected"], case.row
    beyond = [i for i, v in verdicts(want)[0].items() if too_big(v)]
    if beyond:  # integers have 64 bits here: an error, never a wrong number
        lines = [line for line in want.split("\n") if not VERDICT.match(line) or int(VERDICT.match(line)[2]) < min(beyond)]
        complaint = compare(case, "\n".join(lines), out)
        return complaint or (None if code else "an integer that is too big must be an error")
    complaint = compare(case, want, out)
    if complaint:
        return complaint + (f"; {first_line(err)}" if code else "")
    if row["refusal"] == "runtime":
        return None if code else "must end with an error"
    others = [line for line in want.split("\n") if line and not VERDICT.match(line)]
    missing = [line for line in others if line not in out.split("\n")]
    return f"does not print '{missing[0]}'" if missing else None if code == 0 else f"exit {code}: {first_line(err)}"


def check_verbose(case, folder):
    """The same verdicts with -verbose, each at the time point where it is expected or before."""
    code, out, err = kadesh(case, folder, *case.flags, "-verbose")
    wanted, _ = verdicts(case.files["expected.verbose"])
    found, _ = verdicts(out)
    for i, (at, what, when) in wanted.items():
        got = found.get(i)
        if got is None:
            if what not in ("false", frozenset()):
                return f"-verbose: time point {i} is missing; {first_line(err)}"
        elif got[:2] != (at, what):
            return f"-verbose: time point {i}: expected {what}, printed {got[1]}"
        elif got[2] > when:
            return f"-verbose: time point {i} came out after {got[2]} was read, not {when}"
    return None


def check_types(case, folder):
    code, out, err = kadesh(case, folder, "-sigout")
    if code:
        return f"-sigout: exit {code}: {first_line(err)}"
    found = sorted(out.replace(",", " ").split()) or ["none"]
    return None if found == sorted(case.row["types"].split()) else f"types are {' '.join(found)}, not {case.row['types']}"


def check(case):
    row = case.row
    with tempfile.TemporaryDirectory() as folder:
        try:
            if row["kind"] == "check" and row["refused"] != "y" and row["types"] != "-":
                return case, check_types(case, folder)
            code, out, err = kadesh(case, folder, *case.flags)
            if code < 0:
                return case, f"signal {-code}"
            if row["refused"] == "y":
                return case, check_refused(case, code, out, err)
            if row["kind"] == "check":
                return case, None if code == 0 else f"exit {code}: {first_line(err)}"
            complaint = check_run(case, code, out, err)
            if not complaint and "expected.verbose" in case.files and row["refusal"] != "runtime":
                beyond = any(too_big(v) for v in verdicts(case.files["expected"])[0].values())
                complaint = None if beyond else check_verbose(case, folder)
            return case, complaint
        except subprocess.TimeoutExpired:
            return case, f"takes longer than {SECONDS} s"


def main():
    own = packed(os.path.join(OWN, "made-syn.txt")) + packed(os.path.join(OWN, "made.txt"))
    others = folders()
    words = sys.argv[1:]
    chosen = [c for c in own + others if not words or any(w in c.name for w in words)]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for case, complaint in pool.map(check, chosen):
            passed += not complaint
            failed += bool(complaint)
            if complaint:
                print(f"  FAILED: {case.name} {' '.join(case.flags)}: {complaint}")
    ran = [c for c in chosen if c.row["kind"] == "run"]
    ours = sum(c.name.startswith("made-") for c in chosen)
    print(f"{ours} cases of ours, " + (f"{len(chosen) - ours} of others" if others else "those of others are not here"), end="; ")
    print(f"{len(ran)} with a log, {sum(c.row['refused'] == 'y' for c in chosen)} to be refused, {len(chosen) - len(ran)} of types")
    print(f"test_monitor_cases: {passed} passed, {failed} failed")
    return 0 if failed == 0 and passed else 1


sys.exit(main())

#!/usr/bin/env python3
"""monitor.py: `kadesh monitor` on the workloads of gen_mfotl.py: are its verdicts right, how fast is it, how
much memory does it hold; beside a loop that only tokenizes the log, and beside MonPoly, VeriMon and CppMon.

    bench/monitor.py [WORKLOAD...]        all of them when none is named

bench/README.md has the environment and says what each row means. Exit status 1 when a verdict was wrong or a
workload did not run."""

import hashlib
import json
import os
import re
import statistics
import subprocess
import sys

import gen_mfotl
import monitor_runs as runs
import monitor_sweeps

AIM_SIMPLE, AIM_JOINED = 2.0, 5.0  # times the floor
# Joins, aggregations, and formulas of three or more temporal operators; the others have one or two.
JOINED = {
    "nested",
    "triangle",
    "star",
    "linear",
    "triangle-zipf",
    "agg-cnt",
    "agg-sum",
    "agg-max",
    "agg-med",
    "agg-avg",
    "let",
    "empty-prev",
    "quota",
}
STOPPED = re.compile(r"signal (9|24)$")  # SIGKILL, SIGXCPU: beyond the limit
PEER_FLOOR_MB_S = 650.0  # where peers.tsv was measured, on `once`
PEERS = ("monpoly", "verimon", "cppmon")
TITLES = {"monpoly": "MonPoly", "verimon": "VeriMon", "cppmon": "CppMon"}


# ---- Verdicts


def tsv(name):
    """Rows of a table beside this file, as dictionaries; comment lines are left out."""
    with open(os.path.join(runs.HERE, name), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def check_verdict(row):
    """What is wrong with the verdicts of one row of verdicts.tsv; "" when they are right."""
    log = runs.make_log(row["workload"], int(row["events"]), row["seed"], **runs.parse_options(row["args"]))
    with open(log.log, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != row["log_sha256"]:
            return "the generator made another log"
    try:
        done = subprocess.run(
            runs.monitor(log), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=runs.LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return "not done after %d s" % runs.LIMIT_S
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")
        return "exit status %d: %s" % (done.returncode, said[0])
    count, digest = runs.normalize(done.stdout)
    if digest == row["verdicts_sha256"]:
        return ""
    kept = os.path.join(log.folder, "verdicts")
    with open(kept, "wb") as f:
        f.write(done.stdout)
    return "%d verdicts, not these %s (see %s)" % (count, row["verdicts"], kept)


def check_verdicts(workloads, results):
    """The workloads of which a verdict is wrong."""
    wrong, right, asked = set(), 0, 0
    for row in tsv("verdicts.tsv"):
        if row["workload"] not in workloads:
            continue
        asked += 1
        why = check_verdict(row)
        if why:
            wrong.add(row["workload"])
            print("WRONG  %s %s --seed %s: %s" % (row["workload"], row["args"], row["seed"], why), flush=True)
        else:
            right += 1
    print("verdicts: %d of %d logs right" % (right, asked), flush=True)
    results.row("verdicts", right, "logs", asked, "logs of verdicts.tsv; must be all")
    return wrong


# ---- Peers


class Peer:
    """A peer on a workload: its seconds; `sure`: it ran here and now; `least`: it would have taken longer."""

    def __init__(self, seconds, sure=False, least=False):
        self.seconds, self.sure, self.least = seconds, sure, least


def peers_table():
    return {(r["workload"], int(r["events"]), r["tool"]): r for r in tsv("peers.tsv") if r["args"] == "-"}


def told_peer(table, workload, tool, log, machine):
    """From peers.tsv, at the size nearest to this log's; `machine`: how fast this one is beside that one."""
    for events in (1000000, 100000):
        row = table.get((workload, events, tool))
        if row and row["seconds"] != "refused":
            size = log.bytes / (float(row["log_mb"]) * 1e6)
            if abs(size - 1) < 0.02:
                size = 1.0  # the same log; the table rounds its size
            return Peer(
                float(row["seconds"].lstrip(">")) * size / machine, least=row["seconds"].startswith(">")
            )
    return None


# The options with which versions of MonPoly print a formula as CppMon reads it.
JSON_OPTIONS = (["-cppmon"], ["-verified", "-dump_verified"])


def formula_for_cppmon(log):
    """The file of the formula as JSON, which a MonPoly of 2022 makes; None when none does."""
    reader = os.environ.get("CPPMON_READER") or os.environ.get("MONPOLY")
    for options in JSON_OPTIONS if reader else ():
        done = subprocess.run(
            [reader] + options + ["-sig", log.sig, "-formula", log.formula],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            json.loads(done.stdout.decode("utf-8"))
        except ValueError:
            continue
        name = os.path.join(log.folder, "formula.json")
        with open(name, "wb") as f:
            f.write(done.stdout)
        return name
    return None


def peer_command(tool, program, log):
    """How a peer is called; None when it cannot take the formula."""
    files = ["-sig", log.sig, "-formula", log.formula, "-log", log.log]
    if tool == "monpoly":
        return [program] + files
    if tool == "verimon":
        return [program, "-verified"] + files
    formula = formula_for_cppmon(log)
    return [program, "--sig", log.sig, "--formula", formula, "--log", log.log] if formula else None


def run_peer(tool, log, points):
    """The peer here and now when the environment names it; None when it does not, when the run fails, or when
    it refuses the formula: that is, says nothing where `points` time points have verdicts."""
    program = os.environ.get(tool.upper())
    command = peer_command(tool, program, log) if program else None
    if not command:
        return None
    output = os.path.join(runs.LOGS, "peer.out")
    run, why = runs.best_of(command, output)
    if run and (not points or runs.points_with_verdicts(output)):
        return Peer(run.seconds, sure=True)
    if STOPPED.search(why):
        return Peer(float(runs.LIMIT_S), sure=True, least=True)
    runs.say("%s on %s: %s" % (TITLES[tool], log.workload, why.split("\n")[0] or "refused"))
    return None


# ---- Workloads


class Measured:
    """One workload: the run, the floor, the peers."""

    def __init__(self, log, floor, run, peak_mb, peers, points):
        self.workload, self.log, self.floor, self.run = log.workload, log, floor, run
        self.peak_mb, self.peers, self.points = peak_mb, peers, points
        self.aim = AIM_JOINED if log.workload in JOINED else AIM_SIMPLE
        self.over_floor = run.seconds / floor.seconds
        self.events_per_s = floor.events / run.seconds

    def times(self, tool):
        """How many times faster than a peer; None when that is not known."""
        peer = self.peers[tool]
        return peer.seconds / self.run.seconds if peer else None


def measure_workload(workload, events, table, machine):
    log = runs.make_log(workload, events)
    floor = runs.Floor(log)
    verdicts = os.path.join(runs.LOGS, "verdicts.out")
    run, why = runs.best_of(runs.monitor(log), verdicts)
    if run is None:
        print("%-14s did not run: %s" % (workload, why.split("\n")[0]), flush=True)
        return None
    points = runs.points_with_verdicts(verdicts)
    peak = runs.peak_from_pipe(log)
    peers = {
        tool: run_peer(tool, log, points) or told_peer(table, workload, tool, log, machine) for tool in PEERS
    }
    return Measured(log, floor, run, peak if peak is not None else run.peak_mb, peers, points)


HEAD = "%-14s %10s %9s %9s %8s %5s %7s %10s %10s %10s" % (
    "workload",
    "events/s",
    "ms",
    "floor ms",
    "x floor",
    "aim",
    "MB",
    "x MonPoly",
    "x VeriMon",
    "x CppMon",
)


def shown_times(m, tool):
    times, peer = m.times(tool), m.peers[tool]
    if times is None:
        return "-"
    return ("" if peer.sure else "~") + (">" if peer.least else "") + "%.1f" % times


def print_line(m):
    print(
        "%-14s %10.0f %9.1f %9.1f %8.2f %5g %7.1f %10s %10s %10s%s"
        % (
            m.workload,
            m.events_per_s,
            m.run.seconds * 1e3,
            m.floor.seconds * 1e3,
            m.over_floor,
            m.aim,
            m.peak_mb,
            shown_times(m, "monpoly"),
            shown_times(m, "verimon"),
            shown_times(m, "cppmon"),
            "  !" if m.over_floor > m.aim else "",
        ),
        flush=True,
    )


def write_rows(m, results):
    name = m.workload
    results.row(
        name,
        m.run.seconds * 1e3,
        "ms",
        m.floor.seconds * 1e3,
        "the floor: the same log only tokenized; aim %g" % m.aim,
    )
    for tool in PEERS:
        peer = m.peers[tool]
        what = "%s, %s" % (TITLES[tool], "in this run" if peer and peer.sure else "told by peers.tsv, scaled")
        if peer and peer.least:
            what += ", at most"
        results.row(
            "%s_%s" % (name, tool),
            m.events_per_s,
            "events/s",
            m.floor.events / peer.seconds if peer else None,
            what,
        )
    results.row(name + "_memory", m.peak_mb, "MB", None, "most resident memory; the log comes through a pipe")


def check_points(measured, events, table):
    """At the size that the peers were told of, as many time points have verdicts as theirs. Where not."""
    wrong = []
    for m in measured:
        told = [int(table[k]["verdict_time_points"]) for k in table if k[0] == m.workload and k[1] == events]
        if told and m.points != max(told):
            wrong.append(m.workload)
            print(
                "WRONG  %s at %d events: %d time points have verdicts, not %d"
                % (m.workload, events, m.points, max(told))
            )
    return wrong


def summarize(measured, results):
    def least(tool):
        told = [(m.times(tool), m.workload) for m in measured if m.times(tool) is not None]
        return min(told) if told else None

    monpoly = [m.times("monpoly") for m in measured if m.times("monpoly") is not None]
    if monpoly:
        median = statistics.median(monpoly)
        print("\nmedian %.1f times MonPoly (aim 50)" % median)
        results.row("median_monpoly", median, "times", 50, "the aim, median over the workloads")
    for tool, aim in (("monpoly", 10), ("verimon", 1), ("cppmon", 1)):
        found = least(tool)
        if found:
            print("least  %.1f times %s, on %s (aim %d)" % (found[0], TITLES[tool], found[1], aim))
            results.row(
                "least_" + tool, found[0], "times", aim, "the aim; least of all workloads: " + found[1]
            )
    for aim, what in (
        (AIM_SIMPLE, "one or two temporal operators"),
        (AIM_JOINED, "joins, aggregations, more operators"),
    ):
        those = [m for m in measured if m.aim == aim]
        beyond = [m for m in those if m.over_floor > aim]
        if those:
            print(
                "%d of %d workloads of %s within %g times the floor%s"
                % (
                    len(those) - len(beyond),
                    len(those),
                    what,
                    aim,
                    (
                        "; beyond: " + ", ".join("%s %.1f" % (m.workload, m.over_floor) for m in beyond)
                        if beyond
                        else ""
                    ),
                )
            )
            results.row("within_%gx_floor" % aim, len(those) - len(beyond), "workloads", len(those), what)


def run_workloads(names, results):
    """Whether all ran, and gave verdicts as often as the peers."""
    events = runs.number("BENCH_EVENTS", 1000000)
    table = peers_table()
    floor = runs.Floor(runs.make_log("once", 1000000), 25)
    machine = floor.mb_per_s / PEER_FLOOR_MB_S
    print(
        "\n%d events; the floor on `once` is %.0f MB/s here. ~: told by peers.tsv, scaled by %.2f; "
        ">: at least; !: beyond the aim" % (events, floor.mb_per_s, machine)
    )
    results.row("floor", floor.mb_per_s, "MB/s", PEER_FLOOR_MB_S, "the machine of peers.tsv")
    print(HEAD)
    measured = []
    for name in names:
        m = measure_workload(name, events, table, machine)
        if m:
            measured.append(m)
            print_line(m)
            write_rows(m, results)
    summarize(measured, results)
    return len(measured) == len(names) and not check_points(measured, events, table)


def main(names):
    unknown = [n for n in names if n not in gen_mfotl.WORKLOADS]
    if unknown:
        raise SystemExit(
            "monitor.py: no workload %s; there are %s" % (unknown[0], ", ".join(gen_mfotl.WORKLOADS))
        )
    os.makedirs(runs.LOGS, exist_ok=True)
    results = runs.Results()
    chosen = names or list(gen_mfotl.WORKLOADS)
    wrong = check_verdicts(chosen, results)
    fine = run_workloads(chosen, results)
    if not names and os.environ.get("BENCH_SWEEPS") != "0":
        monitor_sweeps.run_all(results)
    results.close()
    return 0 if fine and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

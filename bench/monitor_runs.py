"""monitor_runs.py: what bench/monitor.py and bench/monitor_sweeps.py stand on: logs made once and kept, cold
processes measured, verdicts as sets, rows of the results."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

import gen_mfotl

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(os.path.dirname(HERE), os.environ.get("B", "build"))
BENCH = os.path.join(BUILD, "bench")
LOGS = os.path.join(BENCH, "monitor")
RESULTS = os.path.join(BENCH, "results.tsv")
KADESH = os.path.abspath(os.environ.get("KADESH") or os.path.join(BUILD, "kadesh"))
LIMIT_S = int(os.environ.get("BENCH_LIMIT", "120"))  # of the processor, for one run of whatever is measured
QUICK_S = 3.0  # what takes longer runs once, what does not three times


def say(text):
    print("  " + text, file=sys.stderr, flush=True)


def number(name, fallback):
    """A number from the environment."""
    text = os.environ.get(name, "")
    if not text:
        return fallback
    try:
        return int(text)
    except ValueError:
        raise SystemExit("%s is to be a number, and is %r" % (name, text))


# ---- Logs


class Log:
    """A workload on the disk: sig, formula and log in one folder."""

    def __init__(self, workload, folder):
        self.workload, self.folder = workload, folder
        self.sig, self.formula, self.log = (os.path.join(folder, x) for x in ("sig", "formula.mfotl", "log"))
        self.bytes = os.path.getsize(self.log)

    def remove(self):
        shutil.rmtree(self.folder)


def _generator_stamp():
    with open(os.path.join(HERE, "gen_mfotl.py"), "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


GENERATOR = _generator_stamp()
OPTIONS = {
    "--index-rate": ("R", float),
    "--window": ("W", int),
    "--state": ("K", int),
    "--empty-tps": ("E", int),
    "--per-tp": ("P", float),
}


def parse_options(text):
    """The generator's options as verdicts.tsv and peers.tsv write them ("-": none), as its arguments."""
    words = [] if text == "-" else text.split()
    return {OPTIONS[o][0]: OPTIONS[o][1](v) for o, v in zip(words[::2], words[1::2])}


def make_log(workload, events, seed="1", **options):
    """The log of these arguments: made when it is not there, or was made by another generator."""
    name = "-".join([workload, str(events), str(seed)] + ["%s%g" % x for x in sorted(options.items())])
    folder = os.path.join(LOGS, name)
    stamp = os.path.join(folder, "stamp")
    if os.path.exists(stamp):
        with open(stamp) as f:
            if f.read() == GENERATOR:
                return Log(workload, folder)
    shutil.rmtree(folder, ignore_errors=True)
    gen_mfotl.generate(workload, events, seed, directory=folder, **options)
    with open(stamp, "w") as f:
        f.write(GENERATOR)
    return Log(workload, folder)


# ---- Processes


class Run:
    """The best of some cold processes: seconds to the exit, and the most resident memory of all in MB."""

    def __init__(self, seconds, peak_mb):
        self.seconds, self.peak_mb = seconds, peak_mb


def _measure(command, runs, output):
    done = subprocess.run(
        [os.path.join(BENCH, "measure"), "-n", str(runs), "-l", str(LIMIT_S), "-o", output] + command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    if done.returncode != 0:
        return None, done.stderr.decode("utf-8", "replace").strip()
    words = done.stdout.split()
    return Run(float(words[1]) / 1e3, int(words[4]) * 1024 / 1e6), ""


def best_of(command, output=os.devnull):
    """Best of three, or the only one where one takes long. A Run and "", or None and what went wrong."""
    run, why = _measure(command, 1, output)
    if run is None or run.seconds > QUICK_S:
        return run, why
    more, why = _measure(command, 2, output)
    if more is None:
        return more, why
    return Run(min(run.seconds, more.seconds), max(run.peak_mb, more.peak_mb)), ""


class Floor:
    """A log that is only tokenized: seconds, best of `count`, and what is in it."""

    def __init__(self, log, count=5):
        with tempfile.NamedTemporaryFile("r", dir=LOGS) as said:
            run, why = _measure([os.path.join(BENCH, "floor"), log.log], count, said.name)
            if run is None:
                raise SystemExit("bench/floor: " + why)
            counts = [int(x) for x in re.findall(r"\d+", said.read())]
        self.seconds, self.points, self.events = run.seconds, counts[0], counts[1]
        self.mb_per_s = log.bytes / 1e6 / run.seconds


def monitor(log):
    return [KADESH, "monitor", "-sig", log.sig, "-formula", log.formula, "-log", log.log]


def peak_from_pipe(log):
    """Most resident memory in MB when the log comes through a pipe: the pages of a mapped log, which belong to
    the page cache, do not count then. None when the run fails."""
    script = 'cat "$1" | "$2" monitor -sig "$3" -formula "$4"'
    run, _ = _measure(["sh", "-c", script, "sh", log.log, KADESH, log.sig, log.formula], 1, os.devnull)
    return run.peak_mb if run else None


# ---- Verdicts

VERDICT = re.compile(rb"^@\S+ \(time point (\d+)\): (.*)$")
TUPLE = re.compile(rb'\((?:[^"()]|"(?:[^"\\]|\\.)*")*\)')


def normalize(output):
    """Verdicts as verdicts.tsv hashes them: how many different ones, and the sha256 of the sorted lines."""
    lines = set()
    for line in output.split(b"\n"):
        found = VERDICT.match(line)
        if found:
            point, rest = found.groups()
            tuples = [b"true"] if rest.strip() == b"true" else TUPLE.findall(rest)
            lines.update(point + b"\t" + t + b"\n" for t in tuples)
    return len(lines), hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def points_with_verdicts(path):
    """How many time points have a verdict in a file of them."""
    with open(path, "rb") as f:
        return sum(1 for line in f if line.startswith(b"@"))


# ---- Rows


class Results:
    """Rows of results.tsv as bench/run.sh writes them; those of an earlier run of this bench are dropped."""

    def __init__(self):
        kept = []
        if os.path.exists(RESULTS):
            with open(RESULTS) as f:
                kept = [line for line in f if not line.startswith("monitor_")]
        self.file = open(RESULTS, "w")
        self.file.writelines(kept or ["name\tvalue\tunit\treference\tratio\twhat the reference is\n"])

    def close(self):
        self.file.close()

    def row(self, name, value, unit, reference, what):
        """`reference`: a number or None."""
        ratio = "%.3f" % (value / reference) if reference else "-"
        shown = "-" if reference is None else "%.6g" % reference
        self.file.write("monitor_%s\t%.6g\t%s\t%s\t%s\t%s\n" % (name, value, unit, shown, ratio, what))
        self.file.flush()

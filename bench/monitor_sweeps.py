"""monitor_sweeps.py: what an event costs as one thing grows: the window, the state, empty time points, the size
of time points, the log. Everything else that the cost could depend on is held: how many tuples are alive when
the window does not ask for more, how many verdicts come out."""

import os
import platform

import monitor_runs as runs
import plot


class Sweep:
    """One chart: the workloads along one parameter of the generator. `others` gives, for a workload and a
    value, the generator's other arguments; a key "events" replaces the usual number of events."""

    def __init__(self, name, letter, label, title, values, others=None, per_point=False):
        self.name, self.letter, self.label, self.title = name, letter, label, title
        self.values, self.others, self.per_point = values, others or (lambda w, v: {}), per_point


EVENTS = runs.number("BENCH_SWEEP_EVENTS", 1000000)
LONGEST = runs.number("BENCH_LONGEST", 10000000)
WINDOWS = {
    "once": 100,
    "since-anti": 0,
    "until": 30,
    "agg-sum": 200,
    "empty": 20,
}  # at one time point a time unit


def window_others(workload, value):
    if workload == "agg-sum":
        return {"K": value}  # as many groups as time units, or every sum would be large enough for a verdict
    return {"E": 5} if workload == "empty" else {}


def empty_others(workload, value):
    """The window grows with the gaps, so that as many tuples are alive."""
    others = {"events": EVENTS // 5}
    if WINDOWS[workload]:
        others["W"] = WINDOWS[workload] * (value + 1)
    return others


def size_others(workload, value):
    """As many events in a time unit whatever the size."""
    others = {"R": 4.0 / value}
    if workload == "until":
        others["W"] = 1000  # its answers come whole time points later, which must fit
    return others


def length_others(workload, value):
    return {"E": 5} if workload == "empty" else {}


def lengths(longest):
    return [n for n in (100000, 300000, 1000000, 3000000, 10000000) if n <= longest] or [longest]


SEVEN = ("once", "since-anti", "until", "window", "idle", "agg-sum", "empty")
EMPTIES, SIZES = [0, 1, 4, 16, 64, 200], [1, 4, 16, 64, 256]
SWEEPS = (
    Sweep(
        "window",
        "W",
        "window, time units",
        "Cost against the window",
        {
            "once": [10, 100, 1000, 10000, 100000],
            "until": [10, 100, 1000, 10000],
            "window": [1000, 10000, 100000],
            "agg-sum": [200, 2000, 20000],
            "empty": [100, 1000, 10000, 100000],
        },
        window_others,
    ),
    Sweep(
        "state",
        "K",
        "keys alive, or in the domain",
        "Cost against the state",
        {
            "once": [1000, 10000, 100000, 1000000],
            "since-anti": [200, 2000, 20000, 200000],
            "idle": [1000, 10000, 100000, 1000000],
            "agg-sum": [200, 2000, 20000],
        },
    ),
    Sweep(
        "empty",
        "E",
        "empty time points after each with events",
        "Cost against empty time points",
        {w: EMPTIES for w in ("once", "since-anti", "until", "agg-sum", "empty")},
        empty_others,
        per_point=True,
    ),
    Sweep(
        "size",
        "P",
        "events at a time point",
        "Cost against the size of time points",
        {w: SIZES for w in ("once", "since-anti", "until", "agg-sum")},
        size_others,
    ),
    Sweep(
        "length",
        "N",
        "events in the log",
        "Cost against the length of the log",
        {w: lengths(LONGEST) for w in SEVEN},
        length_others,
    ),
)


class Point:
    """One run of a sweep: nanoseconds an event (or an event or empty time point), those of the floor, MB held."""

    def __init__(self, value, ns, floor_ns, peak_mb):
        self.value, self.ns, self.floor_ns, self.peak_mb = value, ns, floor_ns, peak_mb


def measure_point(sweep, workload, value):
    """None when the program did not run to its end."""
    options = sweep.others(workload, value)
    events = options.pop("events", EVENTS)
    if sweep.letter == "N":
        events = value
    else:
        options[sweep.letter] = value
    log = runs.make_log(workload, events, **options)
    floor = runs.Floor(log)
    run, why = runs.best_of(runs.monitor(log), os.path.join(runs.LOGS, "verdicts.out"))
    peak = runs.peak_from_pipe(log) if run else None
    log.remove()  # some are of hundreds of megabytes, and none takes long to make
    if run is None:
        runs.say("%s, %s %s: %s" % (workload, sweep.letter, value, why.split("\n")[0]))
        return None
    empties = floor.points - floor.points // (value + 1) if sweep.per_point else 0
    count = (floor.events + empties) / 1e9
    return Point(value, run.seconds / count, floor.seconds / count, peak if peak is not None else run.peak_mb)


def write(name, text):
    with open(os.path.join(runs.BENCH, name), "w") as f:
        f.write(text)


def draw(sweep, found):
    """The chart of the costs, and of the memory along the log's length."""
    note = "%d cores, %s; dashed: the floor, the same log only tokenized" % (
        os.cpu_count() or 1,
        platform.machine(),
    )
    what = "event or empty time point" if sweep.per_point else "event"
    shift = 1 if sweep.letter == "E" else 0  # a logarithmic axis has no 0
    label = "time points for each with events" if shift else sweep.label
    lines = [
        plot.Line(
            w,
            SEVEN.index(w),
            [(p.value + shift, p.ns) for p in ps],
            [(p.value + shift, p.floor_ns) for p in ps],
        )
        for w, ps in found.items()
    ]
    costs = [p.ns for ps in found.values() for p in ps]
    write(
        "monitor-%s.svg" % sweep.name,
        plot.chart(
            sweep.title, note, label, "nanoseconds, each " + what, lines, y_log=max(costs) > 40 * min(costs)
        ),
    )
    if sweep.letter == "N":
        lines = [plot.Line(w, SEVEN.index(w), [(p.value, p.peak_mb) for p in ps]) for w, ps in found.items()]
        write(
            "monitor-memory.svg",
            plot.chart(
                "Memory against the length of the log",
                note.split(";")[0],
                sweep.label,
                "most resident memory, MB",
                lines,
            ),
        )


def rows(sweep, found, results):
    for workload, points in found.items():
        first, last = points[0], points[-1]
        what = "the same at %s %d; must be flat" % (sweep.letter, first.value)
        results.row("%s_%d_%s" % (sweep.name, last.value, workload), last.ns, "ns", first.ns, what)
        if sweep.letter == "N" and len(points) > 1:
            base = max(
                (p for p in points if p.value <= last.value // 10), key=lambda p: p.value, default=first
            )
            results.row(
                "memory_%d_%s" % (last.value, workload),
                last.peak_mb,
                "MB",
                base.peak_mb,
                "the same at %d events; must be flat" % base.value,
            )
    if sweep.letter == "K" and len(found.get("idle", ())) > 1:
        first, last = found["idle"][0], found["idle"][-1]
        each = (last.peak_mb - first.peak_mb) * 1e6 / (last.value - first.value)
        print("  idle: %.0f bytes a live tuple of one value (aim 48 and 8 for the value)" % each)
        results.row(
            "bytes_per_tuple", each, "bytes", 56, "the aim: 48 and a value of 8; idle, %d tuples" % last.value
        )


def run_sweep(sweep, results):
    print("\n%s: nanoseconds each (the floor)" % sweep.title)
    found = {}
    for workload, values in sweep.values.items():
        points = [p for p in (measure_point(sweep, workload, v) for v in values) if p]
        if points:
            found[workload] = points
            print(
                "  %-11s" % workload
                + "  ".join(
                    "%s=%d: %.1f (%.1f) %.1f MB" % (sweep.letter, p.value, p.ns, p.floor_ns, p.peak_mb)
                    for p in points
                ),
                flush=True,
            )
    if found:
        draw(sweep, found)
        rows(sweep, found, results)
    return found


def run_all(results):
    """All sweeps; monitor-sweeps.tsv has every point, the charts are beside it."""
    table = ["sweep\tworkload\tvalue\tns\tfloor_ns\tpeak_mb"]
    for sweep in SWEEPS:
        for workload, points in run_sweep(sweep, results).items():
            table += [
                "%s\t%s\t%d\t%.3f\t%.3f\t%.1f" % (sweep.name, workload, p.value, p.ns, p.floor_ns, p.peak_mb)
                for p in points
            ]
        write("monitor-sweeps.tsv", "\n".join(table) + "\n")
    print("\ncharts: %s" % os.path.relpath(os.path.join(runs.BENCH, "monitor-*.svg")))

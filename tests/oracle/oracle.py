# oracle.py: the slow and literal truth about a treaty and its statements, for comparison with the product.
#
#   oracle.py --treaty FILE [--treaty FILE ...] --statements FILE --until DATE
#
# Every instant at which anything may change is looked at, and all rows that hold then are computed anew from the whole
# history; what is printed are the longest intervals in which a row held. Lines are sorted.
import argparse
import heapq
import sys
import urllib.parse

import days
import syntax
from rules import Verdicts
from truth import LAST, Statement, Treaty


def read_treaty(paths):
    declarations, record = [], []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if path.rsplit("/", 1)[-1] == "record.md":
            record += syntax.read_record(syntax.blocks(text, "record"))
        else:
            declarations += syntax.Reader(syntax.blocks(text, "treaty")).file()
    return Treaty(declarations, record)


def read_statements(path):
    out = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            received, party, index, notice = words[:4]
            fields = [(w.split("=", 1)[0], urllib.parse.unquote(w.split("=", 1)[1])) for w in words[4:]]
            day_only = days.is_day(received)
            sec = days.instant_of(received)
            out.append(Statement(days.end(days.day_at(sec)) if day_only else sec, day_only, party, int(index), notice,
                                 fields))
    return out


def number(value):
    return "-" if value is None else str(value)


def rows_at(world, sec):
    """All output rows, without their times, that hold at the end of a second."""
    t, pos, out = world.t, (sec, LAST), set()
    for reading in t.readings:
        for rule in t.rules:
            for party, status, due, figure, bound in world.rows(rule, reading, pos):
                out.add(("verdict", "%s %s %s %s" % (reading.name, rule.name, party, status),
                         "due=%s figure=%s bound=%s" % ("-" if due is None else days.show(due), number(figure),
                                                        number(bound))))
        for group in t.groups:
            for party in t.parties:
                out.add(("shade", "%s %s %s %s" % (reading.name, group, party,
                                                   world.shade(reading, group, party, pos)), ""))
    if world.in_force(pos):
        out.add(("life", "in_force", ""))
    last = world.term(pos)[0]
    if last is not None:
        out.add(("life", "term " + days.show_day(last), ""))
    for ladder, rung, party in world.rungs(pos):
        out.add(("rung", "%s %s %s" % (ladder, rung, party), ""))
    return out


def intervals(world, until):
    """The lines of the answer, sorted."""
    final = days.end(days.day_of(until))
    start = days.day_of("1990-01-01") * days.DAY
    due = [start] + [p.sec for p in world.pulses] + world.t.complete_edges()
    due = sorted({s for s in due if s <= final})
    known, since, lines = set(due), {}, []
    now = set()
    while due:
        sec = heapq.heappop(due)
        world.forget()
        rows = rows_at(world, sec)
        for row in now - rows:
            lines.append(line(row, since.pop(row), days.show(sec)))
        for row in rows - now:
            since[row] = "-" if sec == start else days.show(sec)
        now = rows
        for edge in world.edges:
            if edge > sec and edge <= final and edge not in known:
                known.add(edge)
                heapq.heappush(due, edge)
    return sorted(lines + [line(row, since[row], "-") for row in now])


def line(row, since, until):
    kind, what, rest = row
    return " ".join(w for w in (kind, what, since, until, rest) if w)


def answer(treaty_paths, statements_path, until):
    return intervals(Verdicts(read_treaty(treaty_paths), read_statements(statements_path)), until)


def main():
    p = argparse.ArgumentParser(description="The literal truth about a treaty and its statements.")
    p.add_argument("--treaty", action="append", required=True)
    p.add_argument("--statements", required=True)
    p.add_argument("--until", required=True)
    a = p.parse_args()
    sys.setrecursionlimit(10000)
    for text in answer(a.treaty, a.statements, a.until):
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

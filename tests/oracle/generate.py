# generate.py: random small treaties and random statements for them, from a seed: the same seed, the same files.
#
#   generate.py --seed N --out DIR                          a treaty, its record.md, readings and statements
#   generate.py --seed N --out DIR --treaty FILE ...        statements alone, for a given treaty
#
# Statements crowd around the edges: the second of a deadline and the next, days without an hour, equal seconds, days
# long before their receipt, agreements that one book alone holds.
import argparse
import os
import random
import re
import sys
import urllib.parse

import days
import oracle
import syntax

YEARS, YEARS_GIVEN = 4, 16  # what is looked at of a treaty made here, and of one that was given
TIMES = ("", "", "T00:00:00Z", "T23:59:59Z", "T10:00:00Z", "T10:00:00Z", "T09:59:59Z")
ITEMS = ("x", "y", "z w")


class Maker:
    """Writes one random treaty. Each make_* returns the lines of a rule."""

    def __init__(self, r):
        self.r, self.rules, self.used = r, 0, set()
        self.readings = r.choice((0, 0, 1, 2, 2))
        self.start = days.day_of("2010-01-01") + r.randrange(0, 90)
        self.years = r.randint(1, 3)

    def pick(self, *options):
        return self.r.choice(options)

    def maybe(self, *lines, p=0.5):
        return list(lines) if self.r.random() < p else []

    def date(self, low, high):
        return days.show_day(self.start + self.r.randint(low, high))

    def head(self, kind, *more):
        self.rules += 1
        article = self.pick("I.1", "I.2", "II.1(a)", "P4.II.2")
        return ["%s rule_%d \"Rule %d\"" % (kind, self.rules, self.rules), "cites " + article,
                "group " + self.pick("limits", "info")] + list(more)

    def within(self):
        return "within " + self.pick("5 days", "1 day", "24 hours", "1 hour", "30 days", "1 month", "2 months",
                                     "1 year", "90 minutes")

    def excuse(self, who="P", p=0.4):
        cond = self.pick("paused({0})", "paused({0})", "crisis()", "paused({0}) and crisis()", "not crisis()",
                         "latest data.n by {0} > 8", "stored(_, {0})", "paused({0}) or crisis()",
                         "count of stored(_, {0}) >= 2", "count of stored(_, {0}) < 1",
                         "sum of data.n by {0} < 10", "count of told() by {0} != 1",
                         "latest data.m by {0} * 2 < latest data.n by {0} + 3")
        return self.maybe("excused while " + cond.format(who), p=p)

    # ---- rules

    def make_limit(self):
        phases = sorted(self.r.sample(range(-100, 600), self.pick(1, 1, 2, 3)))
        on = self.pick("latest data.n by P", "latest data.n by P", "latest data.m by P", "total_of(P)", "counted(P)",
                       "latest data.n by P + latest data.m by P", "sum of data.n by P")
        if self.r.random() < 0.25:
            lines = ["from " + self.pick("in force", "1 years after in force") + " at most %d" % self.r.randint(3, 12)]
        else:
            lines = ["from %s at most %d" % (days.show_day(self.start + d), self.r.randint(3, 12)) for d in phases]
        lines += ["on " + on] + self.excuse(p=0.15)
        return self.head("limit", "each P: party") + self.maybe("for South only", p=0.1) + lines

    def make_duty(self):
        shape = self.r.randrange(9)
        if shape == 0:
            trigger, owed = "when moved(i, _)", self.pick("told(item: i)", "told(item: i)", "planned(item: i)")
        elif shape == 1:
            trigger, owed = "when moved(i, s)", "planned(item: i, size: s)"
        elif shape == 2:
            trigger, owed = "when fired(i)", "told(item: i)"
        elif shape == 3:
            trigger, owed = "when loaded(i)", "told(item: i)"
        elif shape == 4:
            trigger, owed = self.pick("when told()", "when pause()", "when met(_)"), self.pick("planned()", "resume()")
        elif shape == 5:
            trigger, owed = "when asked(item: i)", "replied(item: i)"
        elif shape == 6:
            trigger, owed = "when moved(i, %s)" % self.pick("big", "small"), "told(item: i)"
        elif shape == 7:
            trigger, owed = "when grown(_)", "asked()"
        else:
            trigger, owed = "when planned(item: i, size: big)", self.pick("told(item: i)", "asked(item: i)")
        who = self.r.randrange(5)
        if "met" in trigger and who < 3:
            who = 4
        lines = self.head("duty")
        if who < 2:
            lines += ["each P: party", trigger + " by P", "P owes %s %s" % (owed, self.within())] + self.excuse()
        elif who == 2:
            lines += self.maybe("each P: party", p=0.7)
            lines += [trigger + " by P", "the other owes %s %s" % (owed, self.within())]
            lines += self.excuse("the other")
        elif who == 3:
            lines += [trigger, "each party owes %s %s" % (owed, self.within())]
        else:
            lines += ["each P: party", trigger, "P owes %s %s" % (owed, self.pick(self.within(), "no day set"))]
            lines += self.excuse()
        if "item: i" in owed:
            lines += self.maybe("also kept by planned(item: i)", p=0.25)
        return lines + self.maybe("for North only", p=0.1 if who != 3 else 0.0)

    def make_first(self):
        who = self.pick("each party owes told()", "jointly owes meeting()", "P owes data()")
        lines = self.head("duty", "when in force", who + " " + self.pick("within 30 days", "by " + self.date(20, 200),
                                                                         "within 2 months", "no day set"))
        return lines + (["each P: party"] + self.excuse() if who.startswith("P") else [])

    def make_every(self):
        period = self.pick("half", "year", "month", "span")
        owed = self.pick("data(as_of: the day after it)", "data(as_of: its last day)", "data()", "told()")
        lines = self.head("duty", "every " + period)
        if self.r.random() < 0.2:
            return lines + ["jointly owes meeting() within 30 days"]
        if self.r.random() < 0.5:
            return lines + ["each party owes %s within %s" % (owed, self.pick("30 days", "5 days", "1 month"))]
        owes = "P owes %s within %s" % (owed, self.pick("30 days", "45 days"))
        return lines + ["each P: party", owes] + self.excuse()

    def make_before(self):
        event = self.pick("moved(i, _)", "fired(i)", "loaded(i)")
        lead = self.pick("at least 48 hours ahead", "at least 5 days ahead", "at least 1 month ahead",
                         "at least 5 days ahead and at most 30 days", "at least 24 hours ahead and at most 96 hours")
        owes = "P owes planned(item: i) " + lead
        return self.head("duty", "each P: party", "before %s by P" % event, owes) + self.excuse()

    def make_ban(self):
        shape = self.r.randrange(9)
        if shape == 7:
            return self.head("ban", "each P: party", "never told_by(P, i) != planned_by(P, i)")
        if shape == 8:
            return self.head("ban", "each P: party", "never stored(i, P) and told_by(P, i) > %d" % self.r.randint(0, 2))
        if shape == 5:
            return self.head("ban", "each P: party", "never data(n: k) by P where k %s %d" % (
                self.pick(">", ">=", "=", "!="), self.r.randint(3, 9))) + self.unless()
        if shape == 6:
            return self.head("ban", "each P: party", "never data(n: k, m: k) by P") + self.unless()
        if shape == 0:
            return self.head("ban", "each P: party", "never moved(_, big) by P") + self.unless() + self.excuse(p=0.2)
        if shape == 1:
            return self.head("ban", "each P: party", "never told(item: \"x\") by P") + self.unless()
        if shape == 2:
            return self.head("ban", "each P: party", "never fired(_) by P") + self.unless()
        if shape == 3:
            return self.head("ban", "each P: party",
                             "never paused(P) and latest data.n by P > %d" % self.r.randint(3, 9))
        return self.head("ban", "each P: party", "never stored(%s, P)" % self.pick("_", "\"x\"")) + \
            self.maybe("unless crisis()", p=0.4) + self.maybe("excused while paused(P)", p=0.3)

    def unless(self):
        return self.maybe("unless " + self.pick("paused(P)", "crisis()", "paused(P) and not crisis()", "stored(_, P)"))

    def make_quota(self):
        period = self.pick("half", "year", "month", "span")
        told, what = [], self.pick("moved(_, _)", "moved(_, big)", "told()", "fired(_)", "grown(_)")
        if self.r.random() < 0.5:
            notice = {"m": "move", "t": "told", "f": "fire", "g": "data"}[what[0]]
            told = ["or as told by total_told(of: %s) by P" % notice]
        if self.r.random() < 0.25:
            lines = self.head("quota", "jointly", "counts meeting() per " + period)
            return lines + [self.pick("at least 1", "at least 2", "at most 1")]
        lines = self.head("quota", "each P: party", "counts %s by P per %s" % (what, period)) + told
        if self.r.random() < 0.5:
            return lines + ["at most %d" % self.r.randint(0, 2)] + self.excuse(p=0.2)
        return lines + ["at least %d" % self.r.randint(1, 2)] + self.excuse()

    def make_right(self):
        may = self.pick("P may asked(item: i)", "P may asked(item: i)", "P may asked()", "P may asked() by P")
        each = self.maybe("each P: party", p=0.6) or (["each P: party"] if may == "P may asked()" else [])
        lines = self.head("right", *each, may)
        if "item" in lines[-1]:
            lines.append("the other owes replied(item: i) " + self.within())
            lines += self.maybe("the other may refuse while " + self.pick("paused(the other)", "crisis()"))
        return lines

    # ---- the whole

    def reading(self, name, of):
        other = "South" if of == "North" else "North"
        lines = ["reading %s \"As %s reads it\"" % (name, of), "of " + of]
        lines += self.maybe("holds invalid paused(%s) since %s" % (other, self.pick(
            "stance(party: %s) by %s" % (other, of), "finding(party: %s, holds: yes) by %s" % (other, of))))
        lines += self.maybe("holds invalid crisis() since stance() by " + of, p=0.2)
        groups = self.pick("all", "limits", "limits, info")
        lines += self.maybe("frees %s from %s while paused(%s)" % (of, groups, of), p=0.6)
        lines += self.maybe("frees %s from info while crisis()" % other, p=0.2)
        lines += self.maybe("keeps what pledged names in kept", p=0.4)
        lines += self.maybe("keeps limits while crisis()", p=0.2)
        lines += self.maybe("lets %s withhold info while paused(%s)" % (of, other), p=0.3)
        lines += self.maybe("lets %s withhold limits while some breach by %s" % (of, other), p=0.3)
        lines += self.maybe("lets %s withhold what withheld names in groups" % of, p=0.2)
        lines += self.maybe("says nothing of %s while crisis()" % other, p=0.2)
        return lines

    def treaty(self):
        r = self.r
        extended = r.random() < 0.5
        left = r.random() < 0.4
        lines = ["treaty tiny \"Tiny\"", "party North", "party South", "group limits", "group info",
                 "kind size = small | big", "life", "in force on ratified"]
        lasts = r.random() < 0.85
        if lasts:
            lines.append("lasts %d years" % self.years)
        if extended:
            most = self.pick("", ", up to 1 years in all")
            lines.append("extended by prolonged until its until" + (most if lasts else ""))
        if left:
            lines.append("ends %s after leaving" % self.pick("3 months", "30 days", "1 month") +
                         self.pick("", ", or on its day if later", ", or on its day"))
        lines += """
notice ratified "Ratified"
role in_force
by both
notice prolonged "Prolonged"
role extension
by both
fields until: date
notice leaving "Leaving"
role withdrawal
fields day: date?
notice data "Data"
role data
fields as_of: date, n: count, m: count
dated as_of
notice move "Move"
fields item: text, size: size, day: date
notice fire "Fire"
fields item: text, moment: instant
notice cargo "Cargo"
fields items: text+
day: date
notice told "Told"
fields item: text
notice planned "Planned"
fields item: text
size: size
notice asked "Asked"
fields item: text
notice replied "Replied"
fields item: text
notice meeting "Meeting"
by both
fields day: date
notice pause "Pause"
notice resume "Resume"
notice alarm "Alarm"
by %s
notice calm "Calm"
notice stance "Stance"
role position
fields party: party, from: date
notice finding "Finding"
role determination
fields about: rule, party: party, from: date, holds: yes_no
alleges when holds = yes
%s
notice claim "Claim"
role count_claim
fields about: party, extra: count
notice total_told "Total"
role total
fields of: notice, count: count, from: date, until: date
notice pledged "Pledged"
role pledge
fields kept: group*
notice withheld "Withheld"
fields groups: group*
event moved(i, s) at day from move(item: i, size: s)
event fired(i) at moment from fire(item: i)
event loaded(i) at day from cargo(items: i)
event grown(k) at as_of from data(n: k) where k > 5
event met(d) at day from meeting(day: d)
fact paused(P)
begins on pause() by P
ends on resume() by P
fact crisis()
begins on alarm()
ends on calm()
fact stored(i, P)
begins on moved(i, big) by P
ends on loaded(i) by P
period half every 6 months from 2010-01-01
period year every 1 years from 2009-03-05
period month every 1 months from 2010-01-31
period span every 45 days from 2010-02-01
""".strip().replace("by %s", "by " + self.pick("each", "North, South", "South")).replace(
            "%s", self.pick("clears when holds = no", "clears when holds = no", "")).split("\n")
        lines += ["number total_of(P) := latest data.n by P + latest data.m by P"]
        lines += ["number told_by(P, i) := count of told(item: i) by P",
                  "number planned_by(P, i) := count of planned(item: i) by P + count of asked(item: i) by P"]
        lines += ["number counted(P)", ":= latest data.n by P"]
        if self.readings == 2:
            lines += ["as counted by South add latest claim.extra by South about P"]
        makers = (self.make_limit, self.make_duty, self.make_duty, self.make_first, self.make_every, self.make_before,
                  self.make_ban, self.make_quota, self.make_right)
        for _ in range(r.randint(1, 4)):
            lines += r.choice(makers)()
        if r.random() < 0.3:
            lines += ["ladder back \"Back\"", "rung pausing \"Pausing\" each party paused(_)"]
            lines += ["rung calm both crisis()"]
        return [line for line in lines if line]

    def record(self):
        r, out = self.r, ["treaty tiny"]
        names = ("data", "told", "planned", "replied", "meeting", "move", "fire", "resume", "cargo")
        for n in names:
            if r.random() < 0.55:
                who = r.choice(("North, South", "North, South", "South"))
                line = "complete %s for %s from %s" % (n, who, self.date(-50, 100) if r.random() < 0.3 else "2009-01-01")
                if r.random() < 0.2:
                    line += " to " + self.date(150, 700)
                if r.random() < 0.2:
                    gap = self.r.randint(30, 400)
                    line += " but for %s to %s" % (days.show_day(self.start + gap), days.show_day(self.start + gap + 20))
                out.append(line)
        return out + ["open everything else"]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def make_treaty(r, folder):
    """Writes treaty.md, record.md and readings/*.md; returns their paths and the day about which all turns."""
    m = Maker(r)
    lines = m.treaty()
    files = [("treaty.md", "treaty", lines), ("record.md", "record", m.record())]
    if m.readings > 0:
        files.append(("readings/RN.md", "treaty", m.reading("RN", "North")))
    if m.readings > 1:
        files.append(("readings/RS.md", "treaty", m.reading("RS", "South")))
    paths = []
    for name, word, content in files:
        paths.append(os.path.join(folder, name))
        write(paths[-1], "# Tiny\n\n```%s\n%s\n```\n" % (word, "\n".join(content)))
    return paths, m.start


class Teller:
    """Makes random statements for any treaty."""

    def __init__(self, r, treaty, texts, start, years):
        self.r, self.t, self.start, self.years = r, treaty, start, years
        self.moments = [start]
        words = " ".join(texts)
        self.spans = [(int(n), u.rstrip("s")) for n, u in
                      re.findall(r"\b(?:within|least|most|after|every)\s+(\d+)\s+(day|month|year|hour)s?\b", words)]
        self.spans = self.spans or [(5, "day")]
        self.bounds = [int(n) for n in re.findall(r"\bat (?:most|least) (\d+)\b", words)] or [5]
        self.strings = sorted(set(re.findall(r'item: "([^"]*)"', words)) | set(ITEMS))
        self.cites = sorted({c for rule in treaty.rules for c in rule.cites}) or ["I.1"]
        self.days = [days.day_of(d) for d in re.findall(r"\b\d{4}-\d{2}-\d{2}\b", words)]
        self.days = [d for d in self.days if start - 200 <= d <= start + 366 * years] or [start]
        self.edges = [self.boundary(p) for p in treaty.periods.values() for _ in range(2)] or [start]
        self.last = {}

    def boundary(self, period):
        day, n = days.day_of(period.anchor), 0
        while day < self.start:
            n += 1
            day = days.step(days.day_of(period.anchor), n * period.count, period.unit)
        n += self.r.randrange(0, 5 if self.r.random() < 0.5 else 5 * self.years // 4)
        return days.step(days.day_of(period.anchor), n * period.count, period.unit)

    def day(self):
        """A day near something."""
        r = self.r
        base = r.choice((r.choice(self.moments), r.choice(self.moments), r.choice(self.edges), r.choice(self.days),
                         self.start + r.randrange(0, 125 * self.years)))
        how = r.randrange(6)
        if how < 3:
            count, unit = r.choice(self.spans)
            if unit != "hour":
                base = days.step(base, count * r.choice((1, 1, 1, -1)), unit)
        return max(self.start - 40, base + r.choice((0, 0, 1, 1, -1, 2)))

    def instant(self):
        return days.show_day(self.day()) + (self.r.choice(TIMES) or "T12:00:00Z")

    def value(self, field, received):
        r, kind = self.r, field.type
        if kind == "count":
            return str(max(0, r.choice(self.bounds) + r.choice((-3, -1, 0, 0, 1, 2))))
        if kind == "date":
            how = r.randrange(5)
            if field.name in ("from", "as_of", "until") and how < 2:
                return days.show_day(r.choice(self.edges) + r.choice((0, 0, -1)))
            if how < 3:
                return days.show_day(received + r.choice((0, 0, 0, 1, -1, 5, -30, 40)))
            return days.show_day(self.day())
        if kind == "instant":
            base = days.show_day(received + r.choice((0, 0, 1, -2))) + (r.choice(TIMES) or "T10:00:00Z")
            return base if r.random() < 0.7 else self.instant()
        if kind == "party":
            return r.choice(self.t.parties)
        if kind == "rule":
            return r.choice(self.cites)
        if kind == "group":
            return r.choice(self.t.groups)
        if kind == "notice":
            return r.choice(sorted(self.t.notices))
        if kind == "yes_no":
            return r.choice(("yes", "yes", "no"))
        if kind == "statement":
            return r.choice(self.t.parties) + "/0"
        if kind == "hash":
            return "sha256:" + "%064x" % r.getrandbits(256)
        if kind in self.t.kinds:
            return r.choice(self.t.kinds[kind])
        return r.choice(self.strings)

    def fields(self, notice, received):
        r, out = self.r, []
        if notice.fields and notice.name in self.last and r.random() < 0.15 and not notice.both:
            return self.last[notice.name]
        for f in notice.fields:
            if f.many == "?" and r.random() < 0.4:
                continue
            count = 1 if f.many in ("", "?") else r.choice((1, 1, 2, 3)) if f.many == "+" else r.choice((0, 1, 2))
            values = []
            for _ in range(count):
                v = self.value(f, received)
                if v not in values:
                    values.append(v)
            out += [(f.name, v) for v in values]
        if notice.role == "total":
            self.total_fields(out)
        self.last[notice.name] = out
        return out

    def total_fields(self, out):
        """A total mostly speaks of a notice that a rule counts, for one of its periods."""
        counted = [(rule, self.t.periods[rule.period]) for rule in self.t.rules if rule.kind == "quota"]
        if not counted or self.r.random() < 0.2:
            return
        rule, period = self.r.choice(counted)
        name = rule.counts.name
        name = name if name in self.t.notices else self.t.events[name].source.name
        for i, (field, value) in enumerate(out):
            if field == "of":
                out[i] = (field, name)
            elif field == "from":
                out[i] = (field, days.show_day(self.boundary(period)))

    def statements(self, count):
        """Lines of a statements file, and the last day that is looked at."""
        said, life = [], self.t.life
        names = sorted(n.name for n in self.t.notices.values())
        first = life.in_force.name if life is not None and life.in_force is not None else None
        if first:
            names.remove(first)
            self.say(said, self.t.notices[first], self.start)
        used = self.used()
        weights = [1 if self.t.notices[n].role in ("extension", "withdrawal") or n not in used else 8 for n in names]
        names = self.r.choices(names, weights, k=min(len(names), self.r.choice((4, 7, 12, 40))))
        for _ in range(count):
            if said and names and self.r.random() < 0.4:
                self.echo(said, self.t.notices[self.r.choice(names)])
            else:
                self.say(said, self.t.notices[self.r.choice(names)], self.day())
        books = {p: sorted((s for s in said if s[1] == p), key=lambda s: self.second(s[0])) for p in self.t.parties}
        lines = []
        for party in self.t.parties:
            for i, (at, _, notice, fields) in enumerate(books[party]):
                lines.append(" ".join([at, party, str(i), notice] +
                                      ["%s=%s" % (n, urllib.parse.quote(v, safe=":()./")) for n, v in fields]))
        return lines, days.show_day(self.start + 366 * self.years)

    def used(self):
        """Names of the notices that rules, readings and ladders rest on."""
        names, todo = set(), list(self.t.rules) + self.t.readings + self.t.ladders
        while todo:
            node = todo.pop()
            if isinstance(node, (list, tuple)):
                todo += node
            elif isinstance(node, syntax.Node):
                todo += [v for k, v in vars(node).items() if k not in ("kind", "title", "cites", "group")]
            elif isinstance(node, str) and node not in names:
                names.add(node)
                for table in (self.t.events, self.t.facts, self.t.numbers):
                    if node in table:
                        todo.append(table[node])
        return names | {n.name for n in self.t.notices.values() if n.role == "determination"}

    @staticmethod
    def second(received):
        return (days.end(days.day_of(received)), 1) if days.is_day(received) else (days.instant_of(received), 0)

    def echo(self, said, notice):
        """A statement that speaks of what another spoke of, a deadline after it or ahead of it."""
        r = self.r
        received, _, _, fields = r.choice(said)
        bases = [received[:10]] + [v[:10] for _, v in fields if days.is_day(v[:10])]
        day = days.day_of(r.choice(bases))
        count, unit = r.choice(self.spans)
        if unit != "hour":
            day = days.step(day, count * r.choice((1, 1, -1)), unit)
        day = max(self.start - 40, day + r.choice((0, 0, 0, 1, -1, -2)))
        same = dict(fields)
        mine = [(n, same.get(n, v)) if len([f for f in notice.fields if f.name == n and f.type == "text"]) else (n, v)
                for n, v in self.fields(notice, day)]
        self.say(said, notice, day, mine)

    def say(self, said, notice, day, fields=None):
        r = self.r
        self.moments.append(day)
        fields = fields if fields is not None else self.fields(notice, day)
        if notice.both:
            same = [s for s in said if s[2] == notice.name and s[3] == fields]
            if same:
                return
            for party in self.t.parties:
                if r.random() < 0.9 or notice.role == "in_force":
                    said.append((self.received(day + r.choice((0, 0, 0, 1, 7))), party, notice.name, fields))
            return
        party = r.choice(notice.by or self.t.parties)
        said.append((self.received(day), party, notice.name, fields))

    def received(self, day):
        return days.show_day(day) + self.r.choice(TIMES)


def make_statements(r, paths, folder, start, count, years):
    texts = []
    for p in paths:
        with open(p, encoding="utf-8") as f:
            texts.append(f.read())
    lines, until = Teller(r, oracle.read_treaty(paths), texts, start, years).statements(count)
    path = os.path.join(folder, "statements")
    write(path, "".join(line + "\n" for line in lines))
    return path, until


def make_case(seed, folder):
    """A whole case: (treaty paths, statements path, until)."""
    r = random.Random(seed)
    paths, start = make_treaty(r, folder)
    path, until = make_statements(r, paths, folder, start, r.choice((3, 8, 15, 30, 45)), YEARS)
    return paths, path, until


def make_for(seed, folder, paths, start, count=60):
    """Statements for a given treaty that enters into force about `start`."""
    return make_statements(random.Random(seed), paths, folder, days.day_of(start), count, YEARS_GIVEN)


def main():
    p = argparse.ArgumentParser(description="Random treaties and statements.")
    p.add_argument("--seed", type=int, required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--treaty", action="append")
    p.add_argument("--start", default="2011-02-05")
    a = p.parse_args()
    if a.treaty:
        print("until", make_for(a.seed, a.out, a.treaty, a.start)[1])
    else:
        print("until", make_case(a.seed, a.out)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())

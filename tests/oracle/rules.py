# rules.py: verdict rows, shades and rungs at one position, as sections 7 and 8 of docs/language.md define them.
#
# A row is (party, status, due, figure, bound); due is a second, and what a row does not have is None.
import days
from truth import FREE, LAST, TIMERS, World


class Instance:
    """One thing owed: to be kept by `due`, kept at `kept` or not yet."""

    def __init__(self, party, pos, due, env, kept, notice):
        self.party, self.pos, self.due, self.env, self.kept, self.notice = party, pos, due, env, kept, notice


class Verdicts(World):
    # ---- who, and while

    def each_name(self, rule):
        """The variable that stands for every Party: the `each` one, or that of `P may`; None when there is none."""
        if rule.each is None and rule.right is not None and not self.t.constant(rule.right[0], "party")[0]:
            return rule.right[0][1]
        return rule.each

    def parties_of(self, rule):
        """The environments in which a rule is judged: one for each Party, or one when it has no `each`."""
        name = self.each_name(rule)
        if name is None:
            return [{}]
        return [{name: p, "each of the rule": p} for p in self.t.parties]

    def binds(self, rule, party):
        return rule.only is None or party == "both" or party in rule.only

    def excused(self, conds, env, reading, pos):
        return any(self.holds(c, env, reading, pos) for c in conds if c is not None)

    def rows(self, rule, reading, pos):
        if not self.in_force(pos):
            return set()
        made = getattr(self, "rows_of_" + rule.kind)(rule, reading, pos)
        made |= self.alleged(rule, reading, pos)
        return {r for r in made if self.binds(rule, r[0])}

    # ---- limit

    def phases(self, rule):
        """(first second, bound) of each phase, in order."""
        out = []
        for (what, when), bound in rule.phases:
            if what == "date":
                out.append((days.instant_of(when), bound))
            else:
                out.append((days.begin(days.step(days.day_at(self.entry()[0]), when, "year")), bound))
        return sorted(out)

    def rows_of_limit(self, rule, reading, pos):
        out, phases = set(), self.phases(rule)
        self.edges.update(f for f, _ in phases)
        first, bound = ([p for p in phases if p[0] <= pos[0]] or phases[:1])[-1]
        for env in self.parties_of(rule):
            party = env[rule.each] if rule.each else "both"
            figure, dated = self.worth(rule.on, dict(env, **{FREE: tuple(env)}), reading, pos)
            if figure is None:
                out.add((party, "not_shown", None, None, bound))
                continue
            if dated is None:  # a sum or a count is of now
                dated = pos[0]
            judged = [b for f, b in phases if f <= dated]
            if dated >= first:
                status = "kept" if figure <= judged[-1] else "breached"
                if status == "breached" and self.excused([rule.excuse], env, reading, pos):
                    status = "excused"
                out.add((party, status, None, figure, judged[-1]))
            elif pos[0] < first:
                out.add((party, "pending", first, figure, bound))
            else:
                out.add((party, "not_shown", None, figure, bound))
        return out

    # ---- periods

    def boundary(self, period, k):
        """The day on which period number k begins."""
        return days.step(days.day_of(period.anchor), k * period.count, period.unit)

    def periods_begun(self, period, sec):
        """Numbers of the periods that have begun by a second; the last is the running one."""
        k = 0
        while days.begin(self.boundary(period, k)) <= sec:
            k += 1
        self.edges.add(days.begin(self.boundary(period, k)))
        return range(k)

    # ---- duties

    def owing(self, who, env):
        if who[0] == "each party":
            return list(self.t.parties)
        if who[0] == "jointly":
            return ["both"]
        return [self.known(who, "party", env)]

    def triggers(self, rule, env, reading, pos):
        """(position, env, last day of the period or None, number of the period) of each trigger in force up to pos."""
        out = []
        if rule.trigger[0] == "in_force":
            out.append((self.entry(), env, None, None))
        elif rule.trigger[0] == "every":
            period = self.t.periods[rule.trigger[1]]
            for k in self.periods_begun(period, pos[0]):
                if k > 0:
                    first, after = self.boundary(period, k - 1), self.boundary(period, k)
                    named = dict(env, **{"the day after it": days.begin(after), "its first day": days.begin(first),
                                         "its last day": days.begin(after - 1)})
                    out.append(((days.begin(after), TIMERS), named, after - 1, k))
        else:
            for p, e in self.happenings(rule.trigger[1], env, reading):
                out.append((p.pos, e if "each of the rule" in e else dict(e, **{"each of the rule": p.by}), None, None))
        return [t for t in out if t[0] <= pos and self.in_force(t[0])]

    def answers(self, pattern, party, env, reading):
        """Positions of all that keeps a thing owed by a Party."""
        notice = self.t.notices[self.notice_of(pattern)]
        return [p.pos for p, _ in self.happenings(pattern, env, reading)
                if notice.both or pattern.by is not None or p.by == party]

    def variables(self, pattern):
        """The words of a pattern that may be its variables, in order."""
        terms = [t for t, _ in self.t.typed_terms(pattern)]
        return [t[1] for t in terms if t[0] == "word"]

    def instances(self, triggers, owed, also, reading):
        """Everything owed because of the triggers, in the order of the triggers."""
        out, open_keys = [], {}
        names = sorted(set(self.variables(owed.pattern)))
        for at, env, last_day, number in triggers:
            for party in self.owing(owed.who, env):
                key = (party, number, tuple(env.get(n) for n in names))
                before = open_keys.get(key)
                if before is not None and (before.kept is None or before.kept > at):
                    continue
                found = []
                for p in [owed.pattern] + (also or []):
                    found += self.answers(p, party, env, reading)
                since = days.begin(days.day_at(at[0]))
                found = sorted(max(a, at) for a in found if a[0] >= since)
                instance = Instance(party, at, self.due(owed, at, last_day), env, found[0] if found else None,
                                    self.notice_of(owed.pattern))
                open_keys[key] = instance
                out.append(instance)
        return out

    def due(self, owed, at, last_day):
        """The last second in which a thing owed can be kept; None: no day set."""
        if owed.by is not None:
            return days.end(days.day_of(owed.by))
        if owed.within is None:
            return None
        start = at[0] if last_day is None else days.end(last_day)
        return days.last_second(start, *owed.within)

    def judge(self, instances, conds, reading, pos):
        """Rows of instances: unmet ones, and per Party the latest kept and the latest not shown: those of the latest
        trigger's day, which is what tells instances apart."""
        out, kept, unseen = set(), {}, {}
        for i in instances:
            if i.due is not None:
                self.edges.add(i.due + 1)
            if i.kept is not None and i.kept <= pos:
                kept.setdefault(i.party, []).append((days.day_at(i.pos[0]), (i.party, "kept", i.due, None, None)))
                continue
            excused = self.excused(conds, i.env, reading, pos)
            if i.due is None or pos[0] <= i.due:
                out.add((i.party, "excused" if excused else "pending", i.due, None, None))
            elif self.t.is_complete(i.notice, i.party, i.due):
                out.add((i.party, "excused" if excused else "breached", i.due, None, None))
            else:
                row = (i.party, "excused" if excused else "not_shown", i.due, None, None)
                unseen.setdefault(i.party, []).append((days.day_at(i.pos[0]), row))
        for rows in list(kept.values()) + list(unseen.values()):
            latest = max(day for day, _ in rows)
            out |= {row for day, row in rows if day == latest}
        return out

    def rows_of_duty(self, rule, reading, pos):
        if rule.trigger[0] == "before":
            return self.rows_of_before(rule, reading, pos)
        found = []
        for env in self.parties_of(rule):
            found += self.instances(self.triggers(rule, env, reading, pos), rule.owed, rule.also, reading)
        return self.judge(found, [rule.excuse], reading, pos)

    def rows_of_before(self, rule, reading, pos):
        out, kept = set(), {}
        for env in self.parties_of(rule):
            for pulse, e in self.happenings(rule.trigger[1], env, reading):
                if pulse.pos > pos or not self.in_force(pulse.pos):
                    continue
                for party in self.owing(rule.owed.who, e):
                    status, due = self.announced(rule, party, pulse, e, reading)
                    row = (party, status, due, None, None)
                    if status != "kept":
                        out.add(row)
                    elif party not in kept or pulse.pos >= kept[party][0]:
                        kept[party] = (pulse.pos, row)
        return out | {r for _, r in kept.values()}

    def announced(self, rule, party, pulse, env, reading):
        """The status of an event that had to be announced, and the last second in which it could be."""
        owed, day = rule.owed, days.day_at(pulse.sec)
        count, unit = owed.least
        if unit in days.SECONDS:
            latest = pulse.sec - count * days.SECONDS[unit]
        else:
            latest = days.end(days.step(day, -count, unit))
        earliest = None
        if owed.most is not None:
            count, unit = owed.most
            if unit in days.SECONDS:
                earliest = pulse.sec - count * days.SECONDS[unit]
            else:
                earliest = days.begin(days.step(day, -count, unit))
        found = []
        for p in [owed.pattern] + (rule.also or []):
            found += self.answers(p, party, env, reading)
        if any(a[0] <= latest and (earliest is None or a[0] >= earliest) for a in found):
            return "kept", latest
        if self.excused([rule.excuse], env, reading, pulse.pos):
            return "excused", latest
        if self.t.is_complete(self.notice_of(owed.pattern), party, pulse.sec):
            return "breached", latest
        return "not_shown", latest

    # ---- bans

    def rows_of_ban(self, rule, reading, pos):
        out, never = set(), rule.never
        is_pattern = never.pattern is not None and (never.pattern.name in self.t.notices or
                                                    never.pattern.name in self.t.events)
        for env in self.parties_of(rule):
            party = env[rule.each] if rule.each else "both"
            if is_pattern:
                statuses = self.ban_pattern(rule, never.pattern, party, env, reading, pos)
            else:
                statuses = [self.ban_cond(rule, never.cond, env, reading, pos)]
            out |= {(party, s, None, None, None) for s in statuses}
        return out

    def ban_pattern(self, rule, pattern, party, env, reading, pos):
        found = set()
        for pulse, e in self.happenings(pattern, env, reading):
            if pulse.pos <= pos and self.in_force(pulse.pos) and \
                    not self.excused([rule.unless], e, reading, pulse.pos):
                found.add("excused" if self.excused([rule.excuse], e, reading, pulse.pos) else "breached")
        if "breached" in found:
            return found
        return found | {"kept" if self.t.is_complete(self.notice_of(pattern), party, pos[0]) else "not_shown"}

    def ban_cond(self, rule, cond, env, reading, pos):
        broken = [e for e in self.solve(cond, env, reading, pos)
                  if not self.excused([rule.unless], e, reading, pos)]
        if broken:
            return "excused" if all(self.excused([rule.excuse], e, reading, pos) for e in broken) else "breached"
        if cond.kind == "and" and any(p.kind == "compare" for p in cond.parts):
            envs = [env]
            for part in [p for p in cond.parts if p.kind != "compare"]:
                envs = [e2 for e in envs for e2 in self.solve(part, e, reading, pos)]
            compared = [p for p in cond.parts if p.kind == "compare"]
            if any(self.is_false(c, e2, reading, pos) for e in envs for c in compared for e2 in self.choices(c, e, pos)):
                return "kept"
        return "not_shown"

    def is_false(self, c, env, reading, pos):
        """Whether a comparison is known not to hold: with a figure that nobody has told it is neither."""
        told = [self.worth(e, env, reading, pos)[0] for e in (c.left, c.right)]
        return None not in told and not self.compare(c, env, reading, pos)

    # ---- quotas

    def tally(self, rule, env, first, after, reading, pos):
        """(count, whether a total is known) for the period of days [first, after)."""
        a, b = days.begin(first), days.begin(after)
        events = [p for p, _ in self.happenings(rule.counts, env, reading) if p.pos <= pos and a <= p.sec < b]
        total = None
        if rule.told is not None:
            for p, _ in self.happenings(rule.told, env, reading):
                if p.pos <= pos and p.values["from"] == a:
                    total = p.values["count"]
        return max(len(events), total or 0), total is not None

    def rows_of_quota(self, rule, reading, pos):
        out, period = set(), self.t.periods[rule.period]
        begun = self.periods_begun(period, pos[0])
        for env in self.parties_of(rule):
            party = env[rule.each] if rule.each else "both"
            if rule.at_least:
                out |= self.at_least(rule, party, env, period, begun, reading, pos)
            elif begun:
                first, after = self.boundary(period, begun[-1]), self.boundary(period, begun[-1] + 1)
                count, told = self.tally(rule, env, first, after, reading, pos)
                status = "breached" if count > rule.bound else "not_shown"
                if status == "breached" and self.excused([rule.excuse], env, reading, pos):
                    status = "excused"
                elif status != "breached" and (told or self.complete_for_count(rule, party, pos[0])):
                    status = "kept"
                out.add((party, status, None, count, rule.bound))
        return out

    def complete_for_count(self, rule, party, sec):
        return self.t.is_complete(self.notice_of(rule.counts), party, sec)

    def at_least(self, rule, party, env, period, begun, reading, pos):
        out, kept = set(), None
        later = self.reached_ahead(rule, env, period, len(begun), reading, pos)
        for k in reversed(begun):
            first, after = self.boundary(period, k), self.boundary(period, k + 1)
            if days.begin(after) <= self.entry()[0]:
                continue
            last = days.end(after - 1)
            count = self.tally(rule, env, first, after, reading, pos)[0]
            if count >= rule.bound:
                if kept is None:
                    kept = (party, "kept", last, count, rule.bound)
                later = True
                continue
            ended, later = later, later or self.was_reached(rule, env, first, reading, pos)
            if pos[0] <= last:
                status = "pending"
            elif self.excused([rule.excuse], env, reading, (last, LAST)):
                status = "excused"
            elif ended:
                continue
            elif self.tally(rule, env, first, after, reading, (last, LAST))[1] or \
                    self.complete_for_count(rule, party, last):
                status = "breached"
            else:
                status = "not_shown"
            out.add((party, status, last, count, rule.bound))
        return out | ({kept} if kept else set())

    def reached_ahead(self, rule, env, period, k, reading, pos):
        """Whether a total told ahead already reaches the number for a period that has not begun."""
        if rule.told is None:
            return False
        told = [p.values["from"] for p, _ in self.happenings(rule.told, env, reading) if p.pos <= pos]
        while told and days.begin(self.boundary(period, k)) <= max(told):
            if self.was_reached(rule, env, self.boundary(period, k), reading, pos):
                return True
            k += 1
        return False

    def was_reached(self, rule, env, first, reading, pos):
        """Whether some total told up to pos, though perhaps corrected since, reached the number for a period."""
        return rule.told is not None and any(
            p.pos <= pos and p.values["from"] == days.begin(first) and p.values["count"] >= rule.bound
            for p, _ in self.happenings(rule.told, env, reading))

    # ---- rights

    def rows_of_right(self, rule, reading, pos):
        out, found = set(), []
        who, pattern = rule.right
        for env in self.parties_of(rule):
            used = [(p.pos, e) for p, e in self.happenings(pattern, env, reading)
                    if p.pos <= pos and self.in_force(p.pos) and
                    (pattern.by is not None or p.by == self.known(who, "party", e))]
            party = self.known(who, "party", env)
            out.add((party, "kept" if used else "not_shown", None, None, None))
            if rule.owed is not None:
                found += self.instances([(at, e, None, None) for at, e in used], rule.owed, None, reading)
        return out | self.judge(found, rule.refuse + [rule.excuse], reading, pos)

    # ---- determinations

    def alleged(self, rule, reading, pos):
        held = set()
        for notice in self.t.notices.values():
            if notice.role != "determination":
                continue
            for p in self.occurrences.get((notice.name, "from"), ()):
                about, party = p.values["about"], p.values["party"]
                if p.pos > pos or about not in rule.cites or party == p.by:
                    continue
                key = (notice.name, p.by, about, party)
                if notice.clears and p.values[notice.clears[0]] == notice.clears[1]:
                    held.discard(key)
                elif not notice.alleges or p.values[notice.alleges[0]] == notice.alleges[1]:
                    held.add(key)
        out = set()
        for _, _, _, party in held:
            owed_by_other = rule.owed is not None and rule.owed.who == ("the other",)
            each = self.other(party) if owed_by_other else party
            name = self.each_name(rule)
            env = {"each of the rule": each}
            if name is not None:
                env[name] = each
            excused = self.excused([rule.excuse] + rule.refuse, env, reading, pos)
            out.add((party, "excused" if excused else "alleged", None, None, None))
        return out

    # ---- who is bound

    def shade(self, reading, group, party, pos):
        entry = self.entry()
        if entry is None or entry > pos:
            return "not_yet"
        if not self.in_force(pos):
            return "ended"
        freed = keeps = withheld = no_claim = False
        for c in reading.clauses:
            if c.kind == "frees" and self.known(c.party, "party", {}) == party:
                freed |= (c.groups is None or group in c.groups) and self.holds(c.cond, {}, reading, pos)
            elif c.kind == "keeps":
                keeps |= group in c.groups and self.holds(c.cond, {}, reading, pos)
            elif c.kind == "keeps_what":
                keeps |= party == reading.of and group in self.listed(c.notice, c.field, party, pos)
            elif c.kind == "lets" and self.known(c.party, "party", {}) == party:
                named = c.groups if c.groups is not None else self.listed(c.notice, c.field, party, pos)
                withheld |= group in named and (c.cond is None or self.holds(c.cond, {}, reading, pos))
            elif c.kind == "silent" and self.known(c.party, "party", {}) == party:
                no_claim |= self.holds(c.cond, {}, reading, pos)
        shade = "pledged" if freed and keeps else "freed" if freed else "withheld" if withheld else "bound"
        return shade + ("+unsaid" if self.unsaid(reading, group, party, pos) else "") + ("+no_claim" if no_claim else "")

    def listed(self, notice, field, party, pos):
        """The groups that the statements of a Party list."""
        out = []
        for p in self.receipts.get(notice, ()):
            if p.pos <= pos and p.by in (party, "both"):
                named = p.values[field]
                out += named if isinstance(named, list) else [named]
        return out

    def unsaid(self, reading, group, party, pos):
        """Whether the reading would hold invalid a fact that matters to the group, and its author has not said so yet.
        A fact is a Party's when it names the Party, and everybody's when it names none."""
        for c in reading.clauses:
            if c.kind != "invalid" or group not in self.touched_by(c.fact):
                continue
            types = self.t.fact_types[c.fact]
            for values in self.fact(c.fact, reading, pos):
                ours = party in values or "party" not in types
                if ours and self.unify_all(list(zip(c.args, types, values)), {}) is not None:
                    return True
        return False

    def touched_by(self, fact):
        """The groups that some reading frees a Party from while the fact holds, and those of the rules that it excuses;
        all when there are none."""
        out = set()
        for reading in self.t.readings:
            for c in reading.clauses:
                if c.kind == "frees" and self.speaks_of(c.cond, fact):
                    out |= set(self.t.groups if c.groups is None else c.groups)
        for rule in self.t.rules:
            if any(self.speaks_of(c, fact) for c in [rule.excuse] + rule.refuse):
                out.add(rule.group)
        return out or set(self.t.groups)

    def speaks_of(self, cond, fact):
        """Whether a condition, or an expression in it, asks for the fact by its name."""
        if cond is None:
            return False
        if cond.kind == "fact":
            return cond.name == fact
        if cond.kind == "count":
            return cond.of.name == fact
        parts = getattr(cond, "parts", []) + [getattr(cond, n) for n in ("of", "left", "right") if hasattr(cond, n)]
        return any(self.speaks_of(part, fact) for part in parts)

    def rungs(self, pos):
        out, reading = set(), self.t.readings[0]
        for ladder in self.t.ladders:
            for rung in ladder.rungs:
                types = self.t.fact_types[rung.fact]
                for values in self.told(rung.fact, reading, pos):
                    if rung.both:
                        if self.unify_all(list(zip(rung.args, types, values)), {}) is not None:
                            out.add((ladder.name, rung.name, "both"))
                    elif self.unify_all(list(zip(rung.args, types, values)), {}) is not None:
                        out.add((ladder.name, rung.name, values[0]))
        return out

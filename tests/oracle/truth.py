# truth.py: what statements mean: patterns, events, facts, numbers, conditions and the treaty's life, as sections 4 to 6
# and 8 of docs/language.md define them, each recomputed from the whole history at the position that is asked about.
#
# A position is (second, order): order is the place of a pulse among all pulses, TIMERS before all of a second's
# statements, LAST after them. "As of position p" means all pulses up to and including p, and no other.
import days
import syntax

TIMERS, LAST = -1, 1 << 60
FREE = "variables of the comparison"  # in an environment: those that take their values from its numbers


class Pulse:
    """A statement at one of its times: its receipt, or an occurrence at one of its fields."""

    def __init__(self, sec, notice, by, values, key):
        self.sec, self.notice, self.by, self.values, self.key = sec, notice, by, values, key
        self.pos = None


class Statement:
    def __init__(self, sec, day_only, party, index, notice, fields):
        self.sec, self.day_only, self.party, self.index = sec, day_only, party, index
        self.notice, self.fields = notice, fields


class Treaty:
    """Declarations by name."""

    def __init__(self, declarations, record):
        self.parties, self.groups, self.kinds, self.periods = [], [], {}, {}
        self.notices, self.events, self.facts, self.numbers = {}, {}, {}, {}
        self.rules, self.ladders, self.readings, self.life, self.id = [], [], [], None, None
        for d in declarations:
            if d.kind == "treaty":
                self.id = d.id
            elif d.kind == "party":
                self.parties.append(d.name)
            elif d.kind == "group":
                self.groups.append(d.name)
            elif d.kind == "kind":
                self.kinds[d.name] = d.values
            elif d.kind == "life":
                self.life = d
            elif d.kind in ("limit", "duty", "ban", "quota", "right"):
                self.rules.append(d)
            elif d.kind in ("ladder", "reading"):
                getattr(self, d.kind + "s").append(d)
            elif d.kind != "example":
                getattr(self, d.kind + "s")[d.name] = d
        if not self.readings:
            self.readings = [syntax.Node("reading", name="text", title="", of=None, clauses=[])]
        self.complete = []
        for notices, parties, first, last, gaps in record:
            out = [(days.begin(days.day_of(a)), days.end(days.day_of(b))) for a, b in gaps]
            self.complete.append((set(notices), set(parties), days.begin(days.day_of(first)),
                                  days.end(days.day_of(last)) if last else None, out))
        self.event_types = {e.name: self.types_of(e.names, [e.source]) for e in self.events.values()}
        self.fact_types = {f.name: self.types_of(f.names, f.begins) for f in self.facts.values()}

    def types_of(self, names, patterns):
        found = {}
        for p in patterns:
            for term, kind in self.typed_terms(p):
                if term[0] == "word":
                    found.setdefault(term[1], kind)
        return [found.get(n, "text") for n in names]

    def typed_terms(self, p):
        """The terms of a pattern, each with the type that it must have."""
        if p.name in self.notices:
            notice = self.notices[p.name]
            out = [(t, self.field(notice, f).type) for f, t in p.args]
        else:
            types = self.event_types.get(p.name) if p.name in self.events else self.fact_types.get(p.name)
            out = [(t, types[i] if types else "text") for i, (_, t) in enumerate(p.args)]
        return out + [(t, "party") for t in (p.by, p.about) if t is not None]

    def field(self, notice, name):
        for f in notice.fields:
            if f.name == name:
                return f
        raise KeyError(notice.name + "." + name)

    def about_field(self, notice):
        names = [f.name for f in notice.fields]
        if "about" in names:
            return "about"
        parties = [f.name for f in notice.fields if f.type == "party"]
        return parties[0]

    def is_complete(self, notice, party, sec):
        """Whether the record is complete for a notice of a Party (of both: of every Party) at a second."""
        if party == "both":
            return all(self.is_complete(notice, p, sec) for p in self.parties)
        for notices, parties, first, last, gaps in self.complete:
            if notice in notices and party in parties and sec >= first and (last is None or sec <= last):
                if not any(a <= sec <= b for a, b in gaps):
                    return True
        return False

    def complete_edges(self):
        out = []
        for _, _, first, last, gaps in self.complete:
            out.append(first)
            if last is not None:
                out.append(last + 1)
            for a, b in gaps:
                out += [a, b + 1]
        return out

    def value(self, kind, text):
        """The value that a statement spells; a date is the second at which its day begins."""
        if kind == "count":
            return int(text)
        if kind in ("date", "instant"):
            return days.instant_of(text)
        return text

    def constant(self, term, kind):
        """(True, value) of a term that is a constant where a value of `kind` is wanted, else (False, None)."""
        what = term[0]
        if what in ("int", "text", "article"):
            return True, term[1]
        if what in ("date", "instant"):
            return True, days.instant_of(term[1])
        if what == "word":
            word = term[1]
            if word in self.parties or word in self.groups or word in self.notices:
                return True, word
            if word == "both" or word in self.kinds.get(kind, ()):
                return True, word
            if kind == "yes_no" and word in ("yes", "no"):
                return True, word
            if kind is None and any(word in v for v in self.kinds.values()):
                return True, word
        return False, None


class World:
    """A treaty and all the statements that are known."""

    def __init__(self, treaty, statements):
        self.t = treaty
        self.memo = {}
        self.receipts, self.occurrences = {}, {}
        self.pulses = []
        self.order_pulses(statements)
        self.edges = set()  # instants at which time alone may change something

    # ---- statements to pulses (sections 5 and 6)

    def order_pulses(self, statements):
        both = {}
        for s in statements:
            notice = self.t.notices.get(s.notice)
            if notice is None:
                continue
            values = {}
            for f in notice.fields:
                given = [self.t.value(f.type, v) for n, v in s.fields if n == f.name]
                if f.many in ("*", "+"):
                    values[f.name] = given
                else:
                    values[f.name] = given[0] if given else None
            if notice.both:
                same = (s.notice, tuple((k, v) for k, v in values.items() if not isinstance(v, list)))
                both.setdefault(same, {}).setdefault(s.party, []).append((s, values))
                continue
            self.add_pulses(notice, s.party, values, [s])
        for held in both.values():
            said = [sorted(v, key=lambda sv: self.book_key(sv[0])) for v in held.values()]
            for together in zip(*said) if len(held) == len(self.t.parties) else ():  # the n-th saying of each
                last, values = max(together, key=lambda sv: self.book_key(sv[0]))
                self.add_pulses(self.t.notices[last.notice], "both", values, [s for s, _ in together])
        self.pulses.sort(key=lambda p: p.key)
        for i, p in enumerate(self.pulses):
            p.pos = (p.sec, i)
            where = self.receipts if p.at is None else self.occurrences
            where.setdefault(p.notice if p.at is None else (p.notice, p.at), []).append(p)

    def book_key(self, s):
        return (s.sec, s.day_only, self.t.parties.index(s.party), s.index)

    def add_pulses(self, notice, by, values, statements):
        """The receipt's pulse and one for each field that is a day or an instant, which comes first in one second."""
        key = max(self.book_key(s) for s in statements)
        p = Pulse(key[0], notice.name, by, values, key + (len(notice.fields),))
        p.at = None
        self.pulses.append(p)
        for i, f in enumerate(notice.fields):
            if f.type in ("date", "instant") and f.many in ("", "?") and values[f.name] is not None:
                sec, day_only = values[f.name], False
                if f.type == "date":
                    sec, day_only = days.end(days.day_at(sec)), True
                writer = max((self.t.parties.index(s.party), s.index) for s in statements)
                o = Pulse(sec, notice.name, by, values, (sec, day_only) + writer + (i,))
                o.at = f.name
                self.pulses.append(o)

    def forget(self):
        """Before another instant: keeps only what was found without asking when."""
        self.memo = {k: v for k, v in self.memo.items() if k[0] in ("moves", "ever", "entry")}
        self.edges = set()

    # ---- terms

    def other(self, party):
        return [p for p in self.t.parties if p != party][0] if party in self.t.parties else None

    def known(self, term, kind, env):
        """The value of a term, or None when it is a variable that nothing has bound."""
        fixed, value = self.t.constant(term, kind)
        if fixed:
            return value
        if term[0] == "word":
            return env.get(term[1])
        if term[0] == "the other":
            return self.other(env.get("each of the rule"))
        return env.get(term[0])

    def unify(self, term, kind, value, env):
        """env with the term equal to the value, or None when it cannot be."""
        if term[0] == "any":
            return env
        have = self.known(term, kind, env)
        if have is not None:
            return env if have == value else None
        if term[0] != "word" or value is None:
            return None
        return dict(env, **{term[1]: value})

    def unify_all(self, pairs, env):
        for term, kind, value in pairs:
            env = self.unify(term, kind, value, env)
            if env is None:
                return None
        return env

    # ---- patterns over pulses

    def match_notice(self, p, pulse, env, reading):
        """All ways in which a notice's pulse fits the pattern."""
        notice = self.t.notices[p.name]
        pairs = [(t, self.t.field(notice, f), pulse.values[f]) for f, t in p.args]
        if p.about is not None:
            f = self.t.about_field(notice)
            pairs.append((p.about, self.t.field(notice, f), pulse.values[f]))
        envs = [env]
        if p.by is not None:
            envs = [self.unify(p.by, "party", pulse.by, env)]
        for term, field, value in pairs:
            options = value if isinstance(value, list) else [value]
            envs = [self.unify(term, field.type, v, e) for e in envs if e is not None for v in options]
        return [e for e in envs if e is not None and self.where_holds(p, e, reading, pulse.pos)]

    def where_holds(self, p, env, reading, pos):
        return all(self.compare(c, env, reading, pos) for c in p.where)

    def happenings(self, p, env, reading):
        """(pulse, env) of all that ever matches the pattern of a notice or an event, in order."""
        key = ("ever", id(p), reading.name, tuple(sorted(env.items(), key=lambda i: i[0])))
        if key not in self.memo:
            self.memo[key] = self.happened(p, env, reading)
        return self.memo[key]

    def happened(self, p, env, reading):
        out = []
        if p.name in self.t.notices:
            for pulse in self.receipts.get(p.name, ()):
                out += [(pulse, e) for e in self.match_notice(p, pulse, env, reading)]
            return out
        event = self.t.events[p.name]
        types = self.t.event_types[p.name]
        for pulse in self.occurrences.get((event.source.name, event.at), ()):
            seen = set()
            for found in self.match_notice(event.source, pulse, {}, reading):
                values = tuple(found.get(n) for n in event.names)
                if values in seen:
                    continue
                seen.add(values)
                pairs = [(t, types[i], values[i]) for i, (_, t) in enumerate(p.args)]
                if p.by is not None:
                    pairs.append((p.by, "party", pulse.by))
                if p.about is not None:
                    i = types.index("party")
                    pairs.append((p.about, "party", values[i]))
                e = self.unify_all(pairs, env)
                if e is not None and self.where_holds(p, e, reading, pulse.pos):
                    out.append((pulse, e))
        return out

    def notice_of(self, p):
        """The notice that a pattern's events are told by."""
        return p.name if p.name in self.t.notices else self.t.events[p.name].source.name

    # ---- facts

    def moves(self, name, reading):
        """(position, tuple, holds) in order: every change of the fact as everybody tells it."""
        key = ("moves", name, reading.name)
        if key in self.memo:
            return self.memo[key]
        fact, at = self.t.facts[name], {}
        for p in fact.ends:
            for pulse, e in self.happenings(p, {}, reading):
                at.setdefault(pulse.pos, ([], []))[0].append(tuple(e.get(n) for n in fact.names))
        for p in fact.begins:
            for pulse, e in self.happenings(p, {}, reading):
                at.setdefault(pulse.pos, ([], []))[1].append(tuple(e.get(n) for n in fact.names))
        out, now = [], set()
        for pos in sorted(at):
            ends, begins = at[pos]
            after = {t for t in now if not any(self.fits(t, e) for e in ends)} | set(begins)
            out += [(pos, t, False) for t in now - after] + [(pos, t, True) for t in after - now]
            now = after
        self.memo[key] = out
        return out

    @staticmethod
    def fits(values, wanted):
        return all(w is None or v == w for v, w in zip(values, wanted))

    def told(self, name, reading, pos):
        """The tuples of a fact, as everybody tells it."""
        now = set()
        for at, values, holds in self.moves(name, reading):
            if at > pos:
                break
            (now.add if holds else now.discard)(values)
        return now

    def invalid(self, name, reading, pos):
        """The tuples that hold and that this reading holds invalid (section 8)."""
        out = set()
        for clause in reading.clauses:
            if clause.kind != "invalid" or clause.fact != name:
                continue
            notice = self.t.notices[clause.since.name]
            at = [f.name for f in notice.fields if f.name == "from" and f.type in ("date", "instant")]
            source = self.occurrences.get((notice.name, "from"), ()) if at else self.receipts.get(notice.name, ())
            for pulse in source:
                if pulse.pos > pos:
                    continue
                for env in self.match_notice(clause.since, pulse, {}, reading):
                    for values in self.told(name, reading, pos):
                        pairs = list(zip(clause.args, self.t.fact_types[name], values))
                        fell = [m[0] for m in self.moves(name, reading) if m[1] == values and not m[2]]
                        if self.unify_all(pairs, env) is not None and not any(pulse.pos < f <= pos for f in fell):
                            out.add(values)
        return out

    def fact(self, name, reading, pos):
        key = ("fact", name, reading.name, pos)
        if key not in self.memo:
            self.memo[key] = sorted(self.told(name, reading, pos) - self.invalid(name, reading, pos), key=repr)
        return self.memo[key]

    def fact_envs(self, name, args, env, reading, pos):
        types, out = self.t.fact_types[name], []
        for values in self.fact(name, reading, pos):
            e = self.unify_all(list(zip(args, types, values)), env)
            if e is not None:
                out.append(e)
        return out

    # ---- numbers: (value or None, the second that dates it)

    def worth(self, expr, env, reading, pos):
        kind = expr.kind
        if kind == "int":
            return expr.value, None
        if kind == "term":
            return self.known(expr.term, None, env), None
        if kind == "math":
            a, da = self.worth(expr.left, env, reading, pos)
            b, db = self.worth(expr.right, env, reading, pos)
            if expr.sign == "+" and (a is None) != (b is None):  # a sum of nothing adds nothing to what there is
                a = 0 if a is None and self.is_fold(expr.left) else a
                b = 0 if b is None and self.is_fold(expr.right) else b
            if a is None or b is None:
                return None, None
            dates = [d for d in (da, db) if d is not None]
            value = a + b if expr.sign == "+" else a - b if expr.sign == "-" else a * b
            return value, max(dates) if dates else None
        if kind == "number":
            return self.number(expr, env, reading, pos)
        if kind == "count":
            return self.count(expr.of, env, reading, pos)
        return self.told_number(expr, env, reading, pos)

    def is_fold(self, expr):
        """Whether an expression adds up what there is, and so is dated by nothing."""
        if expr.kind == "number":
            return self.is_fold(self.t.numbers[expr.name].expr)
        return expr.kind in ("sum", "count") or \
            expr.kind == "math" and expr.sign == "+" and self.is_fold(expr.left) and self.is_fold(expr.right)

    def nothing(self, terms, env):
        """What a sum or count of nothing is: 0, but no value at all when a variable was to take its values from it."""
        names = [t[1] for t in terms if t is not None and t[0] == "word"]
        return None if any(n in env.get(FREE, ()) for n in names) else 0

    def told_number(self, expr, env, reading, pos):
        """`latest N.f` and `sum of N.f`."""
        notice = self.t.notices[expr.notice]
        p = syntax.Node("pattern", name=expr.notice, args=expr.args, by=expr.by, about=expr.about, where=[])
        told = [pulse for pulse in self.receipts.get(expr.notice, ())
                if pulse.pos <= pos and pulse.values[expr.field] is not None
                and self.match_notice(p, pulse, env, reading)]
        if expr.kind == "sum":
            if not told:
                return self.nothing([t for _, t in expr.args] + [expr.by, expr.about], env), None
            return sum(pulse.values[expr.field] for pulse in told), None
        if not told:
            return None, None
        newest = told[-1]
        date = newest.values[notice.dated] if notice.dated else days.begin(days.day_at(newest.sec))
        return newest.values[expr.field], date

    def count(self, p, env, reading, pos):
        if p.name in self.t.facts:
            found = [e for e in self.fact_envs(p.name, [t for _, t in p.args], env, reading, pos)
                     if self.where_holds(p, e, reading, pos)]
        else:
            found = [pulse for pulse, _ in self.happenings(p, env, reading) if pulse.pos <= pos]
        return len(found) or self.nothing([t for _, t in p.args] + [p.by, p.about], env), None

    def number(self, expr, env, reading, pos):
        n = self.t.numbers[expr.name]
        inner = {name: self.known(t, None, env) for name, t in zip(n.names, expr.args)}
        inner[FREE] = tuple(name for name, t in zip(n.names, expr.args)
                            if t[0] == "word" and t[1] in env.get(FREE, ()) or not self.is_finite(n, name))
        value, date = self.worth(n.expr, inner, reading, pos)
        if value is None:
            return None, None
        for who, extra in n.counted:
            if who == reading.of:
                value += self.worth(extra, inner, reading, pos)[0] or 0
        return value, date

    def is_finite(self, number, name):
        """Whether a parameter has a type of few values; of others a number has values only where something was told."""
        types = {}
        self.expr_types(number.expr, types)
        return types.get(name) in ("party", "group", "notice", "yes_no") or types.get(name) in self.t.kinds

    # ---- conditions: all environments in which one holds

    def compare(self, c, env, reading, pos):
        a, b = self.worth(c.left, env, reading, pos)[0], self.worth(c.right, env, reading, pos)[0]
        if a is None or b is None:
            return False
        return {"=": a == b, "!=": a != b}[c.sign] if c.sign in ("=", "!=") else \
            {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[c.sign]

    def solve(self, c, env, reading, pos):
        if c.kind == "or":
            return [e for part in c.parts for e in self.solve(part, env, reading, pos)]
        if c.kind == "and":
            envs = [env]
            ordered = [p for p in c.parts if p.kind not in ("not", "compare")] + \
                      [p for p in c.parts if p.kind in ("not", "compare")]
            for part in ordered:
                envs = [e2 for e in envs for e2 in self.solve(part, e, reading, pos)]
            return envs
        if c.kind == "not":
            return [] if self.solve(c.of, env, reading, pos) else [env]
        if c.kind == "compare":
            found = [e for e in self.choices(c, env, pos) if self.compare(c, e, reading, pos)]
            return [{k: v for k, v in e.items() if k != FREE} for e in found]
        if c.kind == "in_force":
            return [env] if self.in_force(pos) else []
        if c.kind == "some_breach":
            return [env] if self.some_breach(self.known(c.by, "party", env), reading, pos) else []
        return self.fact_envs(c.name, c.args, env, reading, pos)

    # Variables that a comparison gives values to (section 4): every value of their type that was ever told is tried.

    def choices(self, c, env, pos):
        types = {}
        for e in (c.left, c.right):
            self.expr_types(e, types)
        free = tuple(name for name in sorted(types) if name not in env)
        envs = [dict(env, **{FREE: free})] if free else [env]
        for name in free:
            envs = [dict(e, **{name: v}) for e in envs for v in self.values_of(types[name], pos)]
        return envs

    def expr_types(self, e, types):
        """The types of the variables of an expression, by name."""
        if e.kind == "math":
            self.expr_types(e.left, types)
            self.expr_types(e.right, types)
        elif e.kind in ("latest", "sum"):
            p = syntax.Node("pattern", name=e.notice, args=e.args, by=e.by, about=e.about, where=[])
            self.note_types(self.t.typed_terms(p), types)
        elif e.kind == "count":
            self.note_types(self.t.typed_terms(e.of), types)
        elif e.kind == "number":
            inner, n = {}, self.t.numbers[e.name]
            for part in [n.expr] + [extra for _, extra in n.counted]:
                self.expr_types(part, inner)
            self.note_types([(t, inner.get(name)) for t, name in zip(e.args, n.names)], types)

    def note_types(self, typed, types):
        for term, kind in typed:
            if term[0] == "word" and not self.t.constant(term, kind)[0]:
                types.setdefault(term[1], kind)

    def values_of(self, kind, pos):
        if kind in self.t.kinds:
            return self.t.kinds[kind]
        if kind == "party":
            return self.t.parties
        out = set()
        for p in self.pulses:
            if p.pos <= pos:
                for f in self.t.notices[p.notice].fields:
                    if f.type == kind and p.values[f.name] is not None:
                        out |= set(p.values[f.name]) if isinstance(p.values[f.name], list) else {p.values[f.name]}
        return sorted(out)

    def holds(self, c, env, reading, pos):
        return bool(self.solve(c, env, reading, pos))

    def some_breach(self, party, reading, pos):
        """Found or alleged, of any rule."""
        return any(row[0] == party and row[1] in ("breached", "alleged")
                   for rule in self.t.rules for row in self.rows(rule, reading, pos))

    # ---- the treaty's life

    def entry(self):
        """The position of the entry into force, or None; without a life, before everything."""
        if ("entry",) not in self.memo:
            life = self.t.life
            if life is None or life.in_force is None:
                self.memo[("entry",)] = (-1 << 60, TIMERS)
            else:
                found = self.happenings(life.in_force, {}, self.t.readings[0])
                self.memo[("entry",)] = found[0][0].pos if found else None
        return self.memo[("entry",)]

    def term(self, pos):
        """(last day as known at pos or None, position of the end when it has ended)."""
        key = ("term", pos)
        if key in self.memo:
            return self.memo[key]
        life, entry = self.t.life, self.entry()
        if life is None or entry is None or entry > pos:
            return None, None
        steps = [entry]
        for name in (life.extension, life.withdrawal):
            steps += [p.pos for p in self.receipts.get(name, ()) if entry < p.pos <= pos]
        last = None
        for at in sorted(steps):
            if last is not None and (days.end(last) + 1, TIMERS) <= at:
                break
            last = self.last_day(at, entry)
        ended = None
        if last is not None:
            over = (days.end(last) + 1, TIMERS)
            self.edges.add(over[0])
            ended = over if over <= pos else None
        self.memo[key] = (last, ended)
        return last, ended

    def last_day(self, pos, entry):
        """The last day as known at pos, nothing having ended yet."""
        life, last = self.t.life, None
        if life.years is not None:
            last = days.step(days.day_at(entry[0]), life.years, "year")
        for p in self.receipts.get(life.extension, ()):
            if entry < p.pos <= pos and p.values[life.until] is not None:
                until = days.day_at(p.values[life.until])
                if life.most is not None:
                    until = min(until, days.step(days.day_at(entry[0]), life.years + life.most, "year"))
                last = until if last is None else max(last, until)
        for p in self.receipts.get(life.withdrawal, ()):
            if entry < p.pos <= pos:
                end = days.step(days.day_at(p.sec), *life.after)
                named = p.values[life.its] if life.its else None
                if named is not None:
                    named = days.day_at(named)
                    end = max(end, named) if life.if_later else named
                last = end if last is None else min(last, end)
        return last

    def in_force(self, pos):
        entry = self.entry()
        return entry is not None and entry <= pos and self.term(pos)[1] is None

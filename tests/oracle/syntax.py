# syntax.py: reads the treaty language into plain Python objects, following section 3 of docs/language.md.
#
# It serves programs that are known to be right: a mistake raises an exception and is not explained. Every node is a
# Node: a kind and named parts. Terms stay unresolved (("word", "P")); truth.py knows which words are constants.
import re

UNITS = {}
for _unit in ("second", "minute", "hour", "day", "month", "year"):
    UNITS[_unit] = UNITS[_unit + "s"] = _unit

STATUSES = ("kept", "breached", "alleged", "pending", "not_shown", "excused")
SHADES = ("bound", "pledged", "freed", "withheld", "not_yet", "ended")
TYPES = ("party", "text", "count", "date", "instant", "rule", "group", "notice", "yes_no", "statement", "hash")


class Node:
    def __init__(self, kind, **parts):
        self.kind = kind
        self.__dict__.update(parts)

    def __repr__(self):
        return "%s(%s)" % (self.kind, ", ".join("%s=%r" % i for i in self.__dict__.items() if i[0] != "kind"))


def blocks(text, word):
    """The contents of the fenced blocks marked `word`, joined."""
    out, fence, take = [], None, False
    for line in text.split("\n"):
        bare = line.strip()
        ticks = len(bare) - len(bare.lstrip("`"))
        if fence is None:
            if ticks >= 3:
                fence, take = ticks, bare[ticks:].strip() == word
        elif ticks >= fence and bare == "`" * ticks:
            fence = None
        elif take:
            out.append(line)
    return "\n".join(out) + "\n"


BLANK = re.compile(r"(?:\s|#[^\n]*)*")
TOKEN = re.compile(
    r'(?P<instant>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)|(?P<date>\d{4}-\d{2}-\d{2})|(?P<int>\d+)'
    r'|(?P<word>[A-Za-z][A-Za-z0-9_]*)|(?P<string>"(?:[^"\\\n]|\\["\\])*")|(?P<sign>:=|!=|<=|>=|[-_(){},:=<>+*?|.])')
ARTICLE = re.compile(r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+|\([A-Za-z0-9]+\))*")
IDENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    # ---- words

    def skip(self):
        self.at = BLANK.match(self.text, self.at).end()

    def look(self, ahead=0):
        """The kind and text of the token `ahead` places on, without eating it."""
        at = self.at
        while True:
            at = BLANK.match(self.text, at).end()
            if at >= len(self.text):
                return ("end", "")
            m = TOKEN.match(self.text, at)
            if not m:
                self.fail("a character that no word has", at)
            if ahead == 0:
                return (m.lastgroup, m.group())
            ahead, at = ahead - 1, m.end()

    def fail(self, what, at=None):
        at = self.at if at is None else at
        line = self.text.count("\n", 0, at) + 1
        raise SyntaxError("line %d: %s, near %r" % (line, what, self.text[at:at + 40]))

    def take(self):
        self.skip()
        m = TOKEN.match(self.text, self.at)
        if not m:
            self.fail("a word was wanted")
        self.at = m.end()
        return m.lastgroup, m.group()

    def raw(self, pattern):
        self.skip()
        m = pattern.match(self.text, self.at)
        if not m:
            self.fail("wanted " + pattern.pattern)
        self.at = m.end()
        return m.group()

    def sees(self, *words):
        return all(self.look(i)[1] == w and self.look(i)[0] != "string" for i, w in enumerate(words))

    def eats(self, *words):
        if not self.sees(*words):
            return False
        for _ in words:
            self.take()
        return True

    def need(self, *words):
        for w in words:
            if not self.eats(w):
                self.fail("wanted `%s`" % w)

    def name(self):
        kind, text = self.take()
        if kind != "word":
            self.fail("wanted a name, met " + text)
        return text

    def number(self):
        kind, text = self.take()
        if kind != "int":
            self.fail("wanted a number, met " + text)
        return int(text)

    def string(self):
        kind, text = self.take()
        if kind != "string":
            self.fail("wanted a string, met " + text)
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])

    def date(self):
        kind, text = self.take()
        if kind != "date":
            self.fail("wanted a date, met " + text)
        return text

    def unit(self):
        text = self.name()
        if text not in UNITS:
            self.fail("wanted a unit, met " + text)
        return UNITS[text]

    def names(self):
        out = [self.name()]
        while self.eats(","):
            out.append(self.name())
        return out

    def articles(self):
        out = [self.raw(ARTICLE)]
        while self.eats(","):
            out.append(self.raw(ARTICLE))
        return out

    def texts(self):
        """Eats `en "..."` and `ru "..."`; which names a thing has in languages says nothing of verdicts."""
        while self.look()[1] in ("en", "ru") and self.look(1)[0] == "string":
            self.take()
            self.take()

    # ---- terms, patterns, expressions, conditions

    def term(self):
        kind, text = self.look()
        if kind == "string":
            return ("text", self.string())
        if kind == "int":
            return ("int", self.number())
        if kind in ("date", "instant"):
            return (kind, self.take()[1])
        if text == "_":
            self.take()
            return ("any",)
        for words in (("the", "day", "after", "it"), ("its", "first", "day"), ("its", "last", "day"),
                      ("the", "other")):
            if self.eats(*words):
                return (" ".join(words),)
        if kind == "word":
            self.skip()
            if self.text[self.at + len(text):self.at + len(text) + 1] in (".", "("):
                return ("article", self.raw(ARTICLE))
            return ("word", self.name())
        self.fail("wanted a term")

    def args(self):
        """The arguments in brackets, each (field or None, term)."""
        out = []
        self.need("(")
        while not self.eats(")"):
            field = None
            if self.look()[0] == "word" and self.look(1)[1] == ":":
                field = self.name()
                self.need(":")
            out.append((field, self.term()))
            if not self.sees(")"):
                self.need(",")
        return out

    def place_args(self):
        return [t for _, t in self.args()]

    def pattern(self):
        p = Node("pattern", name=self.name(), args=[], by=None, about=None, where=[])
        if self.sees("("):
            p.args = self.args()
        while True:
            if self.sees("by") and not self.look(1)[0] == "date":
                self.take()
                p.by = self.term()
            elif self.eats("about"):
                p.about = self.term()
            elif self.eats("where"):
                p.where.append(self.comparison())
            else:
                return p

    def comparison(self):
        left = self.expr()
        sign = self.take()[1]
        if sign not in ("=", "!=", "<", "<=", ">", ">="):
            self.fail("wanted a comparison")
        return Node("compare", left=left, sign=sign, right=self.expr())

    def expr(self):
        left = self.product()
        while self.look()[1] in ("+", "-"):
            sign = self.take()[1]
            left = Node("math", sign=sign, left=left, right=self.product())
        return left

    def product(self):
        left = self.atom()
        while self.sees("*"):
            self.take()
            left = Node("math", sign="*", left=left, right=self.atom())
        return left

    def atom(self):
        if self.look()[0] == "int":
            return Node("int", value=self.number())
        if self.eats("("):
            e = self.expr()
            self.need(")")
            return e
        if self.eats("count", "of"):
            return Node("count", of=self.pattern())
        if self.sees("latest") or self.sees("sum", "of"):
            kind = self.take()[1]
            if kind == "sum":
                self.need("of")
            e = Node(kind, notice=self.name(), field=None, args=[], by=None, about=None)
            self.need(".")
            e.field = self.name()
            if self.sees("("):
                e.args = self.args()
            while self.sees("by") or self.sees("about"):
                if self.eats("by"):
                    e.by = self.term()
                else:
                    self.need("about")
                    e.about = self.term()
            return e
        if self.look()[0] == "word" and self.look(1)[1] == "(":
            start, word = self.at, self.name()
            try:
                return Node("number", name=word, args=self.place_args())
            except SyntaxError:
                self.at = start  # an article such as II(a)
        return Node("term", term=self.term())

    def cond(self):
        parts = [self.conj()]
        while self.eats("or"):
            parts.append(self.conj())
        return parts[0] if len(parts) == 1 else Node("or", parts=parts)

    def conj(self):
        parts = [self.test()]
        while self.eats("and"):
            parts.append(self.test())
        return Node("and", parts=parts)

    def test(self):
        if self.eats("not"):
            return Node("not", of=self.test())
        if self.eats("in", "force"):
            return Node("in_force")
        if self.eats("some", "breach"):
            self.need("by")
            return Node("some_breach", by=self.term())
        if self.sees("("):
            start = self.at
            try:
                return self.comparison()
            except SyntaxError:
                self.at = start
            self.need("(")
            c = self.cond()
            self.need(")")
            return c
        start = self.at
        if self.look()[0] == "word" and self.look(1)[1] == "(":
            node = Node("fact", name=self.name(), args=self.place_args())
            if self.look()[1] not in ("=", "!=", "<", "<=", ">", ">=", "+", "-", "*"):
                return node
            self.at = start
        return self.comparison()

    # ---- declarations

    def file(self):
        out = []
        while self.look()[0] != "end":
            word = self.name()
            make = getattr(self, "read_" + word, None)
            if make is None:
                self.fail("unknown declaration " + word)
            out.append(make())
        return out

    def read_treaty(self):
        node = Node("treaty", id=self.raw(IDENT), title=self.string())
        self.texts()
        return node

    def read_party(self):
        node = Node("party", name=self.name())
        self.texts()
        return node

    def read_group(self):
        node = Node("group", name=self.name())
        while True:
            self.texts()
            if not self.eats("rests", "on"):
                return node
            self.articles()

    def read_kind(self):
        node = Node("kind", name=self.name(), values=[])
        self.need("=")
        node.values.append(self.name())
        while self.eats("|"):
            node.values.append(self.name())
        return node

    def read_period(self):
        name = self.name()
        self.need("every")
        count, unit = self.number(), self.unit()
        self.need("from")
        return Node("period", name=name, count=count, unit=unit, anchor=self.date())

    def read_life(self):
        node = Node("life", in_force=None, years=None, extension=None, until=None, most=None, withdrawal=None,
                    after=None, its=None, if_later=False)
        while True:
            if self.eats("in", "force"):
                self.need("on")
                node.in_force = self.pattern()
            elif self.eats("lasts"):
                node.years = self.number()
                self.unit()
            elif self.eats("extended"):
                self.need("by")
                node.extension = self.name()
                self.need("until", "its")
                node.until = self.name()
                self.eats(",")
                if self.eats("up"):
                    self.need("to")
                    node.most = self.number()
                    self.unit()
                    self.need("in", "all")
            elif self.eats("ends"):
                node.after = (self.number(), self.unit())
                self.need("after")
                node.withdrawal = self.name()
                self.eats(",")
                if self.eats("or"):
                    self.need("on", "its")
                    node.its = self.name()
                    if self.eats("if"):
                        self.need("later")
                        node.if_later = True
            elif self.eats("cites"):
                self.articles()
            else:
                return node

    def read_notice(self):
        node = Node("notice", name=self.name(), title=self.string(), role=None, both=False, by=None, fields=[],
                    dated=None, alleges=None, clears=None)
        while True:
            self.texts()
            if self.eats("cites"):
                self.articles()
            elif self.eats("role"):
                node.role = self.name()
            elif self.eats("by"):
                if self.eats("both"):
                    node.both = True
                elif not self.eats("each"):
                    node.by = self.names()
            elif self.eats("fields"):
                while self.look()[0] == "word" and self.look(1)[1] == ":":
                    name = self.name()
                    self.need(":")
                    field = Node("field", name=name, type=self.name(), many="")
                    if self.look()[1] in ("?", "*", "+"):
                        field.many = self.take()[1]
                    node.fields.append(field)
                    self.eats(",")
            elif self.eats("dated"):
                node.dated = self.name()
            elif self.sees("alleges") or self.sees("clears"):
                word = self.take()[1]
                self.need("when")
                field = self.name()
                self.need("=")
                setattr(node, word, (field, self.name()))
            else:
                return node

    def bracket_names(self):
        out = []
        self.need("(")
        while not self.eats(")"):
            out.append(self.name())
            if self.eats(":"):
                self.name()
            self.eats(",")
        return out

    def read_event(self):
        node = Node("event", name=self.name(), names=self.bracket_names())
        self.need("at")
        node.at = self.name()
        self.need("from")
        node.source = self.pattern()
        return node

    def source(self):
        out = [self.pattern()]
        while self.eats("or"):
            out.append(self.pattern())
        return out

    def read_fact(self):
        node = Node("fact", name=self.name(), names=self.bracket_names(), begins=[], ends=[])
        while True:
            self.texts()
            if self.eats("cites"):
                self.articles()
            elif self.eats("begins"):
                self.need("on")
                node.begins = self.source()
            elif self.eats("ends"):
                self.need("on")
                node.ends = self.source()
            else:
                return node

    def read_number(self):
        node = Node("number", name=self.name(), names=self.bracket_names(), expr=None, counted=[])
        if self.look()[0] == "string":
            self.string()
        while True:
            if self.eats("cites"):
                self.articles()
            elif self.eats(":="):
                node.expr = self.expr()
            elif self.eats("as", "counted"):
                self.need("by")
                who = self.name()
                self.need("add")
                node.counted.append((who, self.expr()))
            else:
                return node

    # ---- rules

    def head(self, kind):
        node = Node(kind, name=self.name(), title=self.string(), cites=[], group=None, each=None, jointly=False,
                    only=None, excuse=None, phases=[], on=None, trigger=None, owed=None, also=None, never=None,
                    unless=None, counts=None, told=None, period=None, bound=None, at_least=False, right=None,
                    refuse=[])
        return node

    def head_clause(self, node):
        """Eats one clause that any rule may have; False when the next word begins none."""
        at = self.at
        self.texts()
        if self.at != at:
            return True
        if self.eats("cites"):
            node.cites = self.articles()
        elif self.eats("group"):
            node.group = self.name()
        elif self.sees("each") and self.look(2)[1] == ":":
            self.take()
            node.each = self.name()
            self.need(":", "party")
        elif self.sees("jointly") and self.look(1)[1] != "owes":
            self.take()
            node.jointly = True
        elif self.eats("for"):
            node.only = self.names()
            self.need("only")
        elif self.eats("excused"):
            self.need("while")
            node.excuse = self.cond()
        else:
            return False
        return True

    def read_limit(self):
        node = self.head("limit")
        while True:
            if self.head_clause(node):
                continue
            if self.eats("from"):
                if self.eats("in", "force"):
                    start = ("in_force", 0)
                elif self.look()[0] == "int":
                    start = ("in_force", self.number())
                    self.unit()
                    self.need("after", "in", "force")
                else:
                    start = ("date", self.date())
                self.need("at", "most")
                node.phases.append((start, self.number()))
            elif self.eats("on"):
                node.on = self.expr()
            else:
                return node

    def owes(self, who):
        """The pattern owed and its term, after the word `owes`."""
        owed = Node("owed", who=who, pattern=self.pattern(), within=None, by=None, least=None, most=None)
        if self.eats("within"):
            owed.within = (self.number(), self.unit())
        elif self.eats("by"):
            owed.by = self.date()
        elif self.eats("at"):
            self.need("least")
            owed.least = (self.number(), self.unit())
            self.need("ahead")
            if self.eats("and"):
                self.need("at", "most")
                owed.most = (self.number(), self.unit())
        elif self.eats("no"):
            self.need("day", "set")
        return owed

    def read_duty(self):
        node = self.head("duty")
        while True:
            if self.head_clause(node):
                continue
            if self.eats("when"):
                if self.eats("in", "force"):
                    node.trigger = ("in_force",)
                else:
                    node.trigger = ("when", self.pattern())
            elif self.eats("every"):
                node.trigger = ("every", self.name())
            elif self.eats("before"):
                node.trigger = ("before", self.pattern())
            elif self.eats("also"):
                self.need("kept", "by")
                node.also = (node.also or []) + [self.pattern()]
            elif self.eats("each", "party", "owes"):
                node.owed = self.owes(("each party",))
            elif self.eats("jointly", "owes"):
                node.owed = self.owes(("jointly",))
            elif self.eats("the", "other", "owes"):
                node.owed = self.owes(("the other",))
            elif self.look()[0] == "word" and self.look(1)[1] == "owes":
                who = ("word", self.name())
                self.need("owes")
                node.owed = self.owes(who)
            else:
                return node

    def read_ban(self):
        node = self.head("ban")
        while True:
            if self.head_clause(node):
                continue
            if self.eats("never"):
                node.never = self.never()
            elif self.eats("unless"):
                node.unless = self.cond()
            else:
                return node

    def never(self):
        """A pattern when it stands alone, else a condition. Which one is settled by truth.py, which knows the names."""
        at = self.at
        try:
            pattern = self.pattern()
            after = self.at
        except SyntaxError:
            pattern = None
        self.at = at
        try:
            cond = self.cond()
            cond_after = self.at
        except SyntaxError:
            cond = None
        if cond is None or pattern is not None and after >= cond_after:
            self.at = after
            return Node("never", pattern=pattern, cond=cond if cond is not None and after == cond_after else None)
        return Node("never", pattern=None, cond=cond)

    def read_quota(self):
        node = self.head("quota")
        while True:
            if self.head_clause(node):
                continue
            if self.eats("counts"):
                node.counts = self.pattern()
            elif self.eats("per"):
                node.period = self.name()
            elif self.eats("or", "as", "told", "by"):
                node.told = self.pattern()
            elif self.eats("at", "most"):
                node.bound = self.number()
            elif self.eats("at", "least"):
                node.bound, node.at_least = self.number(), True
            else:
                return node

    def read_right(self):
        node = self.head("right")
        while True:
            if self.head_clause(node):
                continue
            if self.eats("the", "other", "owes"):
                node.owed = self.owes(("the other",))
            elif self.eats("the", "other", "may", "refuse", "while"):
                node.refuse.append(self.cond())
            elif self.look()[0] == "word" and self.look(1)[1] == "may":
                who = self.name()
                self.need("may")
                node.right = (("word", who), self.pattern())
            else:
                return node

    def read_ladder(self):
        node = Node("ladder", name=self.name(), title=self.string(), rungs=[])
        while True:
            self.texts()
            if self.eats("cites"):
                self.articles()
            elif self.eats("rung"):
                rung = Node("rung", name=self.name(), both=False)
                if self.look()[0] == "string":
                    self.string()
                self.texts()
                if self.eats("both"):
                    rung.both = True
                else:
                    self.need("each", "party")
                rung.fact = self.name()
                rung.args = self.place_args()
                node.rungs.append(rung)
            else:
                return node

    def read_reading(self):
        node = Node("reading", name=self.name(), title=self.string(), of=None, clauses=[])
        while True:
            self.texts()
            if self.eats("of"):
                node.of = self.name()
            elif self.eats("holds", "invalid"):
                clause = Node("invalid", fact=self.name(), args=self.place_args())
                self.need("since")
                clause.since = self.pattern()
                node.clauses.append(clause)
            elif self.eats("frees"):
                clause = Node("frees", party=self.term())
                self.need("from")
                clause.groups = None if self.eats("all") else self.names()
                self.need("while")
                clause.cond = self.cond()
                node.clauses.append(clause)
            elif self.eats("keeps", "what"):
                clause = Node("keeps_what", notice=self.name())
                self.need("names", "in")
                clause.field = self.name()
                node.clauses.append(clause)
            elif self.eats("keeps"):
                clause = Node("keeps", groups=self.names())
                self.need("while")
                clause.cond = self.cond()
                node.clauses.append(clause)
            elif self.eats("lets"):
                clause = Node("lets", party=self.term(), groups=None, notice=None, field=None, cond=None)
                self.need("withhold")
                if self.eats("what"):
                    clause.notice = self.name()
                    self.need("names", "in")
                    clause.field = self.name()
                else:
                    clause.groups = self.names()
                if self.eats("while"):
                    clause.cond = self.cond()
                node.clauses.append(clause)
            elif self.eats("says", "nothing", "of"):
                clause = Node("silent", party=self.term())
                self.need("while")
                clause.cond = self.cond()
                node.clauses.append(clause)
            else:
                return node

    def read_example(self):
        """Eaten whole: the oracle is fed from statement files, examples speak to `kadesh test`."""
        title = self.string()
        starts = ("treaty", "party", "group", "kind", "period", "life", "notice", "event", "fact", "number", "limit",
                  "duty", "ban", "quota", "right", "ladder", "reading", "example")
        while self.look()[0] != "end":
            self.skip()
            column = self.at - (self.text.rfind("\n", 0, self.at) + 1)
            if column == 0 and self.look()[1] in starts:
                break
            if self.look()[0] == "word":
                self.raw(ARTICLE)
            else:
                self.take()
        return Node("example", title=title)


def read_record(text):
    """What a record block says: a list of (notices, parties, first day, last day or None, gaps)."""
    r, out = Reader(text), []
    while r.look()[0] != "end":
        if r.eats("treaty"):
            r.raw(IDENT)
        elif r.eats("reconstructed") or r.eats("open", "everything", "else"):
            pass
        elif r.eats("complete"):
            notices = r.names()
            r.need("for")
            parties = r.names()
            r.need("from")
            first, last, gaps = r.date(), None, []
            if r.eats("to"):
                last = r.date()
            while r.eats("but", "for"):
                gap = [r.date(), None]
                gap[1] = r.date() if r.eats("to") else gap[0]
                gaps.append(tuple(gap))
            out.append((notices, parties, first, last, gaps))
        else:
            r.fail("unknown word of a record")
    return out

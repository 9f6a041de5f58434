# syntax.py: declarations of the treaty language and record blocks, following section 3 of docs/language.md.
from words import ARTICLE, IDENT, Node, Words, blocks

__all__ = ["Node", "Reader", "blocks", "read_record"]


class Reader(Words):
    """A file's declarations, each as a Node."""

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

# words.py: the words of the treaty language, and what rules are made of: terms, patterns, expressions, conditions.
#
# It serves programs that are known to be right: a mistake raises an exception and is not explained. Every node is a
# Node: a kind and named parts. Terms stay unresolved (("word", "P")); truth.py knows which words are constants.
import re

UNITS = {}
for _unit in ("second", "minute", "hour", "day", "month", "year"):
    UNITS[_unit] = UNITS[_unit + "s"] = _unit


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


class Words:
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

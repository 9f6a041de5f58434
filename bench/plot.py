"""plot.py: charts of lines as SVG, with nothing but the standard library.

A chart has one horizontal axis, logarithmic or not, and a vertical one that begins at 0 where it is linear, so
that a flat line is flat. The colours follow the reader's light or dark scheme; every line carries its name at
its end, and its own marker, so that no colour need be told apart."""

import html
import math

WIDTH, HEIGHT = 760, 430
LEFT, RIGHT, TOP, BOTTOM = 78, 142, 64, 62

LIGHT = ("#0b62a3", "#b04a00", "#00785a", "#8a3d83", "#7a6200", "#bd2742", "#4a5560")
DARK = ("#6ab7f5", "#f59a57", "#45cfa5", "#dc9ad6", "#e3c64b", "#ff8a9b", "#b3bec9")

STYLE = """svg{font:13px system-ui,sans-serif;background:#fff;color:#1c2126}
text{fill:currentColor}.title{font-size:16px;font-weight:600}.soft{opacity:.72}
.grid{stroke:currentColor;stroke-opacity:.13}.axis{stroke:currentColor;stroke-opacity:.6}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.floor{fill:none;stroke-width:1.2;stroke-dasharray:4 4;opacity:.75}
%s
@media(prefers-color-scheme:dark){svg{background:#15191d;color:#e8ecf0}
%s}"""


def _colours(palette):
    return "".join(".c%d{stroke:%s}.f%d{fill:%s}" % (i, c, i, c) for i, c in enumerate(palette))


class Line:
    """Points of one line, and optionally those of its floor, which is drawn thin and dashed. Lines of the same
    `look` have the same colour and marker in every chart."""

    def __init__(self, name, look, points, floor=()):
        self.name, self.look, self.points, self.floor = name, look % len(LIGHT), list(points), list(floor)


class Axis:
    """Values to places along one side."""

    def __init__(self, label, values, begin, end, log):
        self.label, self.log = label, log
        low, high = min(values), max(values)
        if log:
            self.low, self.high = math.log10(low), math.log10(high)
            if self.low == self.high:
                self.high += 1
            self.ticks = self._decades(low, high)
        else:
            self.low, step = 0.0, self._step(high)
            self.high = step * math.ceil(high * 1.04 / step)
            self.ticks = [step * i for i in range(int(round(self.high / step)) + 1)]
        self.begin, self.end = begin, end

    @staticmethod
    def _step(high):
        """A round step that makes four to eight of them."""
        rough = high / 5 if high > 0 else 1.0
        power = 10 ** math.floor(math.log10(rough))
        return next(m * power for m in (1, 2, 5, 10) if m * power >= rough)

    @staticmethod
    def _decades(low, high):
        ticks = [10.0**k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
        inside = [t for t in ticks if low * 0.999 <= t <= high * 1.001]
        return inside if len(inside) > 1 else sorted({low, high})

    def place(self, value):
        v = math.log10(value) if self.log else value
        return self.begin + (v - self.low) / (self.high - self.low) * (self.end - self.begin)


def _short(value):
    """1000000 as 1M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return "%g%s" % (value / size, unit)
    return "%g" % value


def _spread(wanted, gap, low, high):
    """Places near those wanted, at least `gap` apart, in the same order."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    last = low - gap
    for i in order:
        last = placed[i] = max(wanted[i], last + gap)
    ceiling = high
    for i in reversed(order):
        ceiling = placed[i] = min(placed[i], ceiling)
        ceiling -= gap
    return placed


def _marker(look, x, y):
    """One of seven shapes."""
    shapes = (
        "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
        "M-3.6,-3.6h7.2v7.2h-7.2z",
        "M0,-4.8L4.4,3.2H-4.4z",
        "M0,-5L4.6,0L0,5L-4.6,0z",
        "M0,4.8L4.4,-3.2H-4.4z",
        "M-4.6,-1.6h9.2v3.2h-9.2z",
        "M-1.6,-4.6h3.2v9.2h-3.2z",
    )
    return '<path class="f%d" transform="translate(%.1f %.1f)" d="%s"/>' % (look, x, y, shapes[look])


def _axes(x, y):
    out, bottom, right = [], HEIGHT - BOTTOM, WIDTH - RIGHT
    for t in y.ticks:
        at = y.place(t)
        out.append('<path class="grid" d="M%d,%.1fH%d"/>' % (LEFT, at, right))
        out.append(
            '<text class="soft" x="%d" y="%.1f" text-anchor="end">%s</text>' % (LEFT - 8, at + 4, _short(t))
        )
    for t in x.ticks:
        at = x.place(t)
        out.append('<path class="axis" d="M%.1f,%dv5"/>' % (at, bottom))
        out.append(
            '<text class="soft" x="%.1f" y="%d" text-anchor="middle">%s</text>' % (at, bottom + 20, _short(t))
        )
    out.append('<path class="axis" fill="none" d="M%d,%dV%dH%d"/>' % (LEFT, TOP, bottom, right))
    out.append(
        '<text x="%.1f" y="%d" text-anchor="middle">%s</text>'
        % ((LEFT + right) / 2, HEIGHT - 16, html.escape(x.label))
    )
    middle = (TOP + bottom) / 2
    out.append(
        '<text transform="translate(20 %.1f) rotate(-90)" text-anchor="middle">%s</text>'
        % (middle, html.escape(y.label))
    )
    return out


def _path(points, x, y):
    return "M" + "L".join("%.1f,%.1f" % (x.place(a), y.place(b)) for a, b in points)


def chart(title, note, x_label, y_label, lines, x_log=True, y_log=False):
    """The text of an SVG file. On logarithmic axes all values are above 0."""
    everything = [p for line in lines for p in line.points + line.floor]
    x = Axis(x_label, [p[0] for p in everything], LEFT, WIDTH - RIGHT, x_log)
    y = Axis(y_label, [p[1] for p in everything], HEIGHT - BOTTOM, TOP, y_log)
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">'
        % (WIDTH, HEIGHT, html.escape(title, quote=True)),
        "<style>" + STYLE % (_colours(LIGHT), _colours(DARK)) + "</style>",
    ]
    out.append('<text class="title" x="%d" y="26">%s</text>' % (LEFT, html.escape(title)))
    out.append('<text class="soft" x="%d" y="46">%s</text>' % (LEFT, html.escape(note)))
    out += _axes(x, y)
    for line in lines:
        if line.floor:
            out.append('<path class="floor c%d" d="%s"/>' % (line.look, _path(line.floor, x, y)))
        out.append('<path class="line c%d" d="%s"/>' % (line.look, _path(line.points, x, y)))
        out += [_marker(line.look, x.place(a), y.place(b)) for a, b in line.points]
    wanted = [y.place(line.points[-1][1]) for line in lines]
    for line, from_, at in zip(lines, wanted, _spread(wanted, 17, TOP, HEIGHT - BOTTOM)):
        end = x.place(line.points[-1][0])
        out.append(
            '<path class="grid" fill="none" d="M%.1f,%.1fL%d,%.1f"/>'
            % (end + 6, from_, WIDTH - RIGHT + 16, at)
        )
        out.append(_marker(line.look, WIDTH - RIGHT + 22, at))
        out.append('<text x="%d" y="%.1f">%s</text>' % (WIDTH - RIGHT + 32, at + 4, html.escape(line.name)))
    out.append("</svg>")
    return "\n".join(out) + "\n"

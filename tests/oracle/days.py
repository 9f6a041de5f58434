# days.py: civil time, UTC: instants are seconds since 1970-01-01T00:00:00Z, days are days since 1970-01-01.
import datetime
import re

DAY = 86400
EPOCH = datetime.date(1970, 1, 1).toordinal()
DATE_RE = re.compile(r"\d{4}-\d{2}-\d{2}$")
INSTANT_RE = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})Z$")


def day_of(text):
    """The day that "2018-02-05" names."""
    return datetime.date(int(text[0:4]), int(text[5:7]), int(text[8:10])).toordinal() - EPOCH


def instant_of(text):
    """The second that "2018-02-05T10:00:00Z" names, or that a day begins with."""
    if DATE_RE.match(text):
        return day_of(text) * DAY
    m = INSTANT_RE.match(text)
    if not m:
        raise ValueError("not a day or an instant: " + text)
    return day_of(m.group(1)) * DAY + int(m.group(2)) * 3600 + int(m.group(3)) * 60 + int(m.group(4))


def is_day(text):
    return bool(DATE_RE.match(text))


def day_at(instant):
    return instant // DAY


def begin(day):
    return day * DAY


def end(day):
    return day * DAY + DAY - 1


def show_day(day):
    return datetime.date.fromordinal(day + EPOCH).isoformat()


def show(instant):
    seconds = instant % DAY
    return "%sT%02d:%02d:%02dZ" % (show_day(instant // DAY), seconds // 3600, seconds // 60 % 60, seconds % 60)


def add_months(day, months):
    """The same day of the month so many months on; the last day of a shorter month."""
    date = datetime.date.fromordinal(day + EPOCH)
    month = date.year * 12 + date.month - 1 + months
    year, month = month // 12, month % 12 + 1
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return datetime.date(year, month, min(date.day, last)).toordinal() - EPOCH


def step(day, count, unit):
    """A day moved by a count of calendar units."""
    if unit == "day":
        return day + count
    if unit == "month":
        return add_months(day, count)
    return add_months(day, 12 * count)


SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def last_second(instant, count, unit):
    """The last second of `count` units from an instant: exact for hours, the end of the last day for days and more."""
    if unit in SECONDS:
        return instant + count * SECONDS[unit]
    return end(step(day_at(instant), count, unit))

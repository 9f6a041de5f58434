# test_oracle.py: the oracle itself, on small cases whose answers were worked out by hand from docs/language.md.
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle"))
import oracle  # noqa: E402

HEAD = """
treaty tiny "Tiny"
party A
party B
group g
life
  in force on ratified
  lasts 2 years
  extended by longer until its until, up to 1 years in all
  ends 3 months after leaving, or on its day if later
notice longer "Longer"
  by both
  role extension
  fields until: date
notice leaving "Leaving"
  role withdrawal
  fields day: date?
notice ratified "Ratified"
  by both
notice data "Data"
  fields as_of: date, n: count
  dated as_of
notice move "Move"
  fields item: text, day: date
notice told "Told"
  fields item: text
notice pause "Pause"
notice resume "Resume"
notice finding "Finding"
  role determination
  fields about: rule, party: party, from: date, holds: yes_no
  alleges when holds = yes
  clears when holds = no
event moved(i) at day from move(item: i)
fact paused(P)
  begins on pause by P
  ends on resume by P
period half every 6 months from 2010-01-01
"""
IN_FORCE = "2010-01-01T00:00:00Z A 0 ratified\n2010-01-01T00:00:00Z B 0 ratified\n"
ENDED = "2012-01-02T00:00:00Z"  # two years last to the end of 2012-01-01

# name, declarations, record, statements after the entry into force, lines that must be there, words that must not be
CASES = [
    ("the last day of the treaty counts to its end", "", "", "",
     ["life in_force 2010-01-01T00:00:00Z " + ENDED, "life term 2012-01-01 2010-01-01T00:00:00Z -"], []),
    ("a Party that no clause frees is bound while the treaty is in force", "", "", "",
     ["shade text g A not_yet - 2010-01-01T00:00:00Z", "shade text g A bound 2010-01-01T00:00:00Z " + ENDED,
      "shade text g A ended " + ENDED + " -"], []),
    ("within 5 days of 1 March is missed on 7 March",
     'duty report "R"\ncites I\ngroup g\neach P: party\nwhen moved(i)\nP owes told(item: i) within 5 days',
     "complete told for A, B from 2010-01-01", "2010-03-01T10:00:00Z A 1 move item=x day=2010-03-01\n"
     "2010-03-04T10:00:00Z A 2 told item=x\n2010-03-08T00:00:00Z B 1 told item=x\n",
     ["verdict text report A pending 2010-03-01T23:59:59Z 2010-03-04T10:00:00Z due=2010-03-06T23:59:59Z figure=- bound=-",
      "verdict text report A kept 2010-03-04T10:00:00Z %s due=2010-03-06T23:59:59Z figure=- bound=-" % ENDED,
      "verdict text report B breached 2010-03-07T00:00:00Z 2010-03-08T00:00:00Z due=2010-03-06T23:59:59Z figure=- bound=-",
      "verdict text report B kept 2010-03-08T00:00:00Z %s due=2010-03-06T23:59:59Z figure=- bound=-" % ENDED], []),
    ("where the record is open the missing notice is not shown",
     'duty report "R"\ncites I\ngroup g\neach P: party\nwhen moved(i)\nP owes told(item: i) within 5 days',
     "", "2010-03-01T10:00:00Z A 1 move item=x day=2010-03-01\n",
     ["verdict text report B not_shown 2010-03-07T00:00:00Z %s due=2010-03-06T23:59:59Z figure=- bound=-" % ENDED],
     ["breached"]),
    ("a notice on the very last second keeps, to the hour exactly",
     'duty report "R"\ncites I\ngroup g\neach P: party\nwhen moved(i)\nP owes told(item: i) within 24 hours',
     "complete told for A, B from 2010-01-01", "2010-03-01T10:00:00Z A 1 move item=x day=2010-03-01\n"
     "2010-03-02T23:59:59Z A 2 told item=x\n2010-03-03T00:00:00Z B 1 told item=x\n", [], ["breached"]),
    ("a notice of the trigger's own day keeps, though it came before the trigger",
     'duty report "R"\ncites I\ngroup g\neach P: party\nwhen moved(i)\nP owes told(item: i) within 5 days',
     "", "2010-03-01T00:00:00Z A 1 told item=x\n2010-03-01T10:00:00Z A 2 move item=x day=2010-03-01\n"
     "2010-02-28T23:59:59Z B 1 told item=x\n",
     ["verdict text report A kept 2010-03-01T23:59:59Z %s due=2010-03-06T23:59:59Z figure=- bound=-" % ENDED,
      "verdict text report B pending 2010-03-01T23:59:59Z 2010-03-07T00:00:00Z due=2010-03-06T23:59:59Z figure=- bound=-"],
     ["report A pending"]),
    ("30 days after a half-year that ends on 30 June is 30 July, asked for from 1 July",
     'duty halves "H"\ncites I\ngroup g\nevery half\neach party owes data(as_of: the day after it) within 30 days',
     "complete data for A, B from 2010-01-01", "2010-07-31 A 1 data as_of=2010-07-01 n=1\n"
     "2010-07-30 B 1 data as_of=2010-07-01 n=1\n",
     ["verdict text halves A pending 2010-07-01T00:00:00Z 2010-07-31T00:00:00Z due=2010-07-30T23:59:59Z figure=- bound=-",
      "verdict text halves A breached 2010-07-31T00:00:00Z 2010-07-31T23:59:59Z due=2010-07-30T23:59:59Z figure=- bound=-",
      "verdict text halves B kept 2010-07-30T23:59:59Z %s due=2010-07-30T23:59:59Z figure=- bound=-" % ENDED], []),
    ("figures before the first day are pending, then not shown, later ones are judged",
     'limit most "M"\ncites I\ngroup g\neach P: party\nfrom 2010-06-01 at most 10\non latest data.n by P',
     "", "2010-02-01T00:00:00Z A 1 data as_of=2010-02-01 n=11\n2010-08-01T00:00:00Z A 2 data as_of=2010-06-01 n=11\n"
     "2010-09-01T00:00:00Z A 3 data as_of=2010-08-31 n=10\n",
     ["verdict text most A not_shown 2010-01-01T00:00:00Z 2010-02-01T00:00:00Z due=- figure=- bound=10",
      "verdict text most A pending 2010-02-01T00:00:00Z 2010-06-01T00:00:00Z due=2010-06-01T00:00:00Z figure=11 bound=10",
      "verdict text most A not_shown 2010-06-01T00:00:00Z 2010-08-01T00:00:00Z due=- figure=11 bound=10",
      "verdict text most A breached 2010-08-01T00:00:00Z 2010-09-01T00:00:00Z due=- figure=11 bound=10",
      "verdict text most A kept 2010-09-01T00:00:00Z %s due=- figure=10 bound=10" % ENDED], []),
    ("an unmet duty is excused while the excuse holds and no longer",
     'duty report "R"\ncites I\ngroup g\neach P: party\nwhen moved(i)\nP owes told(item: i) within 5 days\n'
     'excused while paused(P)',
     "complete told for A, B from 2010-01-01", "2010-03-01T10:00:00Z A 1 move item=x day=2010-03-01\n"
     "2010-03-05T10:00:00Z A 2 pause\n2010-04-01T10:00:00Z A 3 resume\n",
     ["verdict text report A pending 2010-03-01T23:59:59Z 2010-03-05T10:00:00Z due=2010-03-06T23:59:59Z figure=- bound=-",
      "verdict text report A excused 2010-03-05T10:00:00Z 2010-04-01T10:00:00Z due=2010-03-06T23:59:59Z figure=- bound=-",
      "verdict text report A breached 2010-04-01T10:00:00Z %s due=2010-03-06T23:59:59Z figure=- bound=-" % ENDED], []),
    ("48 hours ahead is exact",
     'duty ahead "A"\ncites I\ngroup g\neach P: party\nbefore moved(i) by P\nP owes told(item: i) at least 48 hours ahead',
     "complete told for A, B from 2010-01-01", "2010-03-01T10:00:00Z A 1 told item=x\n2010-03-03 A 2 move item=x day=2010-03-03\n"
     "2010-03-02T00:00:00Z B 1 told item=y\n2010-03-03 B 2 move item=y day=2010-03-03\n",
     ["verdict text ahead A kept 2010-03-03T23:59:59Z %s due=2010-03-01T23:59:59Z figure=- bound=-" % ENDED,
      "verdict text ahead B breached 2010-03-03T23:59:59Z %s due=2010-03-01T23:59:59Z figure=- bound=-" % ENDED], []),
    ("the eleventh of at most ten is a breach until the year ends",
     'quota few "F"\ncites I\ngroup g\neach P: party\ncounts told() by P per half\nat most 1',
     "", "2010-02-01T00:00:00Z A 1 told item=x\n2010-02-02T00:00:00Z A 2 told item=y\n",
     ["verdict text few A not_shown 2010-02-01T00:00:00Z 2010-02-02T00:00:00Z due=- figure=1 bound=1",
      "verdict text few A breached 2010-02-02T00:00:00Z 2010-07-01T00:00:00Z due=- figure=2 bound=1"], []),
    ("a determination alleges from the day that it names until one that clears",
     'ban never_paused "N"\ncites I.1\ngroup g\neach P: party\nnever told(item: "bad") by P',
     "", "2010-05-01T00:00:00Z A 1 finding about=I.1 party=B from=2010-03-01 holds=yes\n"
     "2010-07-01T00:00:00Z A 2 finding about=I.1 party=B from=2010-06-15 holds=no\n",
     ["verdict text never_paused B alleged 2010-03-01T23:59:59Z 2010-06-15T23:59:59Z due=- figure=- bound=-"], []),
    ("a reading holds a fact invalid from the day that the statement speaks of, as long as the fact holds",
     'reading RA "RA"\nof A\nholds invalid paused(B) since finding(party: B) by A\n'
     'reading RB "RB"\nof B\nfrees B from all while paused(B)\n'
     'ban no_told "N"\ncites II\ngroup g\neach P: party\nnever told() by P\nunless paused(P)',
     "complete told for A, B from 2010-01-01", "2010-02-01T00:00:00Z B 1 pause\n2010-03-05T00:00:00Z B 2 told item=x\n"
     "2010-04-01T00:00:00Z A 1 finding about=IX.9 party=B from=2010-03-01 holds=yes\n2010-05-01T00:00:00Z B 3 resume\n",
     ["verdict RA no_told B breached 2010-03-05T00:00:00Z %s due=- figure=- bound=-" % ENDED,
      "verdict RB no_told B kept 2010-01-01T00:00:00Z %s due=- figure=- bound=-" % ENDED,
      "shade RA g B bound+unsaid 2010-02-01T00:00:00Z 2010-03-01T23:59:59Z",
      "shade RB g B freed 2010-02-01T00:00:00Z 2010-05-01T00:00:00Z"], []),
    ("an agreement counts when the last book holds it",
     'notice joint "J"\nby both\nfields k: count\n'
     'duty meet "M"\ncites III\ngroup g\nwhen in force\njointly owes joint(k: 3) within 1 month',
     "complete joint for A, B from 2010-01-01", "2010-01-05T00:00:00Z A 1 joint k=3\n2010-02-02T00:00:00Z B 1 joint k=3\n",
     ["verdict text meet both pending 2010-01-01T00:00:00Z 2010-02-02T00:00:00Z due=2010-02-01T23:59:59Z figure=- bound=-",
      "verdict text meet both kept 2010-02-02T00:00:00Z %s due=2010-02-01T23:59:59Z figure=- bound=-" % ENDED], []),
    ("at least two a half-year, kept once reached, else a breach at the end where the record is complete",
     'quota sessions "S"\ncites IV\ngroup g\neach P: party\ncounts told() by P per half\nat least 1',
     "complete told for A from 2010-01-01", "2010-08-01T00:00:00Z A 1 told item=x\n",
     ["verdict text sessions A pending 2010-01-01T00:00:00Z 2010-07-01T00:00:00Z due=2010-06-30T23:59:59Z figure=0 bound=1",
      "verdict text sessions A breached 2010-07-01T00:00:00Z 2010-08-01T00:00:00Z due=2010-06-30T23:59:59Z figure=0 bound=1",
      "verdict text sessions B not_shown 2010-07-01T00:00:00Z %s due=2010-06-30T23:59:59Z figure=0 bound=1" % ENDED],
     []),
    ("both counts of a number that a reading adds to",
     'reading RA "RA"\nof A\nreading RB "RB"\nof B\n'
     'notice claim "C"\nrole count_claim\nfields about: party, extra: count\n'
     'number n(P)\n:= latest data.n by P\nas counted by B add latest claim.extra by B about P\n'
     'limit most "M"\ncites I\ngroup g\neach P: party\nfrom 2010-06-01 at most 10\non n(P)',
     "", "2010-08-01T00:00:00Z A 2 data as_of=2010-06-01 n=9\n2010-09-01T00:00:00Z B 1 claim about=A extra=2\n",
     ["verdict RA most A kept 2010-08-01T00:00:00Z %s due=- figure=9 bound=10" % ENDED,
      "verdict RB most A kept 2010-08-01T00:00:00Z 2010-09-01T00:00:00Z due=- figure=9 bound=10",
      "verdict RB most A breached 2010-09-01T00:00:00Z %s due=- figure=11 bound=10" % ENDED], []),
    ("three months after 30 November is the last day of February", "", "",
     "2010-11-30T10:00:00Z A 1 leaving\n",
     ["life term 2012-01-01 2010-01-01T00:00:00Z 2010-11-30T10:00:00Z", "life term 2011-02-28 2010-11-30T10:00:00Z -",
      "life in_force 2010-01-01T00:00:00Z 2011-03-01T00:00:00Z"], []),
    ("a withdrawal may name a later day but no earlier one", "", "",
     "2010-11-30T10:00:00Z A 1 leaving day=2011-04-10\n2010-12-01T10:00:00Z B 1 leaving day=2010-12-20\n",
     ["life term 2011-04-10 2010-11-30T10:00:00Z 2010-12-01T10:00:00Z", "life term 2011-03-01 2010-12-01T10:00:00Z -",
      "life in_force 2010-01-01T00:00:00Z 2011-03-02T00:00:00Z"], []),
    ("an extension runs to its day, or as far as the treaty lets it", "", "",
     "2011-05-01T00:00:00Z A 1 longer until=2012-06-01\n2011-05-02 B 1 longer until=2012-06-01\n"
     "2012-05-01T00:00:00Z A 2 longer until=2014-06-01\n2012-05-02T10:00:00Z B 2 longer until=2014-06-01\n",
     ["life term 2012-06-01 2011-05-02T23:59:59Z 2012-05-02T10:00:00Z", "life term 2013-01-01 2012-05-02T10:00:00Z -",
      "life in_force 2010-01-01T00:00:00Z -"], []),
    ("a right is kept once used; the other answers within its hours, or may refuse",
     'right ask "Ask"\ncites V\ngroup g\neach P: party\nP may told(item: i)\n'
     'the other owes answered(item: i) within 24 hours\nthe other may refuse while paused(the other)\n'
     'notice answered "Answered"\nfields item: text',
     "complete answered for A, B from 2010-01-01", "2010-02-01T10:00:00Z A 1 told item=x\n2010-02-03T00:00:00Z B 1 pause\n"
     "2010-02-04T00:00:00Z B 2 answered item=x\n",
     ["verdict text ask A kept 2010-02-01T10:00:00Z %s due=- figure=- bound=-" % ENDED,
      "verdict text ask B not_shown 2010-01-01T00:00:00Z %s due=- figure=- bound=-" % ENDED,
      "verdict text ask B pending 2010-02-01T10:00:00Z 2010-02-02T10:00:01Z due=2010-02-02T10:00:00Z figure=- bound=-",
      "verdict text ask B breached 2010-02-02T10:00:01Z 2010-02-03T00:00:00Z due=2010-02-02T10:00:00Z figure=- bound=-",
      "verdict text ask B excused 2010-02-03T00:00:00Z 2010-02-04T00:00:00Z due=2010-02-02T10:00:00Z figure=- bound=-",
      "verdict text ask B kept 2010-02-04T00:00:00Z %s due=2010-02-02T10:00:00Z figure=- bound=-" % ENDED], []),
    ("a condition that is banned is a breach while it holds and kept while only the comparison fails",
     'ban quiet "Q"\ncites VI\ngroup g\neach P: party\nnever paused(P) and latest data.n by P > 5',
     "", "2010-02-01T00:00:00Z A 1 data as_of=2010-02-01 n=6\n2010-03-01T00:00:00Z A 2 pause\n"
     "2010-04-01T00:00:00Z A 3 data as_of=2010-02-01 n=5\n2010-05-01T00:00:00Z A 4 resume\n",
     ["verdict text quiet A not_shown 2010-01-01T00:00:00Z 2010-03-01T00:00:00Z due=- figure=- bound=-",
      "verdict text quiet A breached 2010-03-01T00:00:00Z 2010-04-01T00:00:00Z due=- figure=- bound=-",
      "verdict text quiet A kept 2010-04-01T00:00:00Z 2010-05-01T00:00:00Z due=- figure=- bound=-",
      "verdict text quiet A not_shown 2010-05-01T00:00:00Z %s due=- figure=- bound=-" % ENDED], []),
    ("a rung is held by a Party while its fact holds for it",
     'ladder back "Back"\nrung pausing each party paused(_)', "",
     "2010-02-01T00:00:00Z A 1 pause\n2010-03-01 A 2 resume\n",
     ["rung back pausing A 2010-02-01T00:00:00Z 2010-03-01T23:59:59Z"], []),
    ("an announcement at least 5 and at most 30 days ahead counts by whole days",
     'duty ahead "A"\ncites I\ngroup g\neach P: party\nbefore moved(i) by P\n'
     'P owes told(item: i) at least 5 days ahead and at most 30 days',
     "complete told for A, B from 2010-01-01",
     "2010-03-05 A 1 told item=x\n2010-03-10 A 2 move item=x day=2010-03-10\n"
     "2010-02-08T00:00:00Z A 3 told item=y\n2010-03-10 A 4 move item=y day=2010-03-10\n"
     "2010-03-06T00:00:00Z B 1 told item=x\n2010-03-10 B 2 move item=x day=2010-03-10\n",
     ["verdict text ahead A kept 2010-03-10T23:59:59Z %s due=2010-03-05T23:59:59Z figure=- bound=-" % ENDED,
      "verdict text ahead B breached 2010-03-10T23:59:59Z %s due=2010-03-05T23:59:59Z figure=- bound=-" % ENDED],
     ["ahead A breached"]),
    ("a total that is corrected downward leaves nothing kept, and one of no period counts for none",
     'notice tally "Tally"\nrole total\nfields of: notice, count: count, from: date, until: date\n'
     'quota talk "T"\ncites I\ngroup g\neach P: party\ncounts told by P per half\nor as told by tally(of: told) by P\n'
     'at least 2',
     "complete told for A, B from 2010-01-01",
     "2010-03-01T00:00:00Z A 1 tally of=told count=2 from=2010-01-01 until=2010-02-28\n"
     "2010-08-01T00:00:00Z A 2 tally of=told count=1 from=2010-01-01 until=2010-06-30\n"
     "2010-08-01T00:00:00Z B 1 tally of=told count=2 from=2010-07-02 until=2010-07-31\n",
     ["verdict text talk A pending 2010-01-01T00:00:00Z 2010-03-01T00:00:00Z due=2010-06-30T23:59:59Z figure=0 bound=2",
      "verdict text talk A kept 2010-03-01T00:00:00Z 2010-08-01T00:00:00Z due=2010-06-30T23:59:59Z figure=2 bound=2",
      "verdict text talk A breached 2010-08-01T00:00:00Z %s due=2010-06-30T23:59:59Z figure=1 bound=2" % ENDED,
      "verdict text talk B breached 2010-07-01T00:00:00Z %s due=2010-06-30T23:59:59Z figure=0 bound=2" % ENDED],
     ["talk B kept"]),
    ("what both say twice counts twice: the second time of one belongs to the second of the other",
     'notice met "Met"\nby both\nfields day: date\n'
     'quota meet "M"\ncites I\ngroup g\njointly\ncounts met per half\nat most 1', "",
     "2010-02-01T00:00:00Z A 1 met day=2010-02-01\n2010-02-02T00:00:00Z A 2 met day=2010-02-01\n"
     "2010-02-03T00:00:00Z B 1 met day=2010-02-01\n2010-02-04T00:00:00Z B 2 met day=2010-02-01\n",
     ["verdict text meet both not_shown 2010-02-03T00:00:00Z 2010-02-04T00:00:00Z due=- figure=1 bound=1",
      "verdict text meet both breached 2010-02-04T00:00:00Z 2010-07-01T00:00:00Z due=- figure=2 bound=1"], []),
]


def write(folder, case):
    """Writes a case's files; returns the treaty's paths, the statements' path and the last day."""
    treaty, said = os.path.join(folder, "treaty.md"), os.path.join(folder, "statements")
    paths = [treaty]
    with open(treaty, "w", encoding="utf-8") as f:
        f.write("```treaty\n%s\n%s\n```\n" % (HEAD, case[1]))
    if case[2]:
        paths.append(os.path.join(folder, "record.md"))
        with open(paths[1], "w", encoding="utf-8") as f:
            f.write("```record\ntreaty tiny\n%s\n```\n" % case[2])
    with open(said, "w", encoding="utf-8") as f:
        f.write(IN_FORCE + case[3])
    return paths, said, "2012-12-31"


def complaints(case, lines):
    """What is wrong with an answer, as lines to print; empty when it is right."""
    missing = ["wanted " + w for w in case[4] if w not in lines]
    return missing + ["not wanted " + line for line in lines for w in case[5] if w in line]


def main():
    passed = failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            lines = oracle.answer(*write(folder, case))
        wrong = complaints(case, lines)
        if wrong:
            failed += 1
            print("  FAILED: %s\n    %s\n      %s" % (case[0], "\n    ".join(wrong), "\n      ".join(lines)))
        else:
            passed += 1
    print("test_oracle: %d passed, %d failed" % (passed, failed))
    return 0 if failed == 0 and passed else 1


if __name__ == "__main__":
    sys.exit(main())

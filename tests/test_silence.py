#!/usr/bin/env python3
"""Silence and completeness: declare a notice complete in a copy of the demonstration record, and each "not shown" of it becomes
a breach on its day; nothing else changes its status."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KADESH = os.path.join(ROOT, os.environ.get("B", "build"), "kadesh")
RECORD = os.path.join(ROOT, "treaties", "new-start")
# What is declared complete; the articles of duties and quotas whose silence it turns; days on which both records are asked.
CASES = [
    ("telemetry_given", {"P7.II"}, ["2013-04-25", "2013-04-26", "2014-06-01", "2020-01-01"]),
    ("agreement", {"P7.2"}, ["2011-12-31", "2012-01-01", "2016-07-01", "2022-12-31"]),
    ("data", {"P4.II.2"}, ["2018-03-30", "2018-03-31", "2018-06-01"]),
]
passed = failed = 0


def claim(holds, what):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print("  FAILED:", what)


def verdicts(folder, day):
    page = subprocess.run([KADESH, "-C", folder, "status", "--on", day, "--json"], capture_output=True, text=True, check=True)
    return {(r["article"], v["id"], v["since"]): v["status"] for r in json.loads(page.stdout)["rules"] for v in r["verdicts"]}


def declare(folder, notice):
    path = os.path.join(folder, "record.md")
    text = open(path, encoding="utf-8").read()
    text = re.sub(r"^complete data .*\n", "", text, flags=re.M) if notice == "data" else text
    line = f"complete {notice} for US, RU from 2011-02-05\nopen everything else"
    open(path, "w", encoding="utf-8").write(text.replace("open everything else", line))


with tempfile.TemporaryDirectory() as tmp:
    before = os.path.join(tmp, "before")
    shutil.copytree(RECORD, before)
    for notice, articles, days in CASES:
        after = os.path.join(tmp, notice)
        shutil.copytree(RECORD, after)
        declare(after, notice)
        turned = 0
        for day in days:
            old, new = verdicts(before, day), verdicts(after, day)
            for key, status in old.items():
                if key[0] in articles and status == "not_shown":
                    turned += 1
                    claim(new.get(key) == "breached", f"{notice} on {day}: {key} not shown, then {new.get(key)}")
                elif key[0] not in articles:
                    claim(new.get(key) == status or (status == "not_shown" and new.get(key) == "kept"),
                          f"{notice} on {day}: {key} was {status} and is {new.get(key)}")
        claim(turned > 0, f"{notice}: nothing was not shown, so nothing was tried")
print(f"test_silence: {passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)

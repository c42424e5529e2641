#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_hostile.py SERVER REPORTS: the evidence of every rule that fires once more, with names in its configuration that somebody
chose to harm who mends the machine. What the report tells to run is read again as cmd and PowerShell read it; what it shows must be
printable. REPORTS: what test_rules left, reports that name their bundles."""
import concurrent.futures
import glob
import hashlib
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

# EVIL is what is to be run.
HOSTILE = ['a" & EVIL /s /q C:\\ & "', "a & EVIL", "a'; EVIL; '", "%EVIL%", "$(EVIL)", "a\u202e | EVIL", "a\u2019; EVIL; \u2019"]
NAMES = ("Partner", "Default Web Site", "Portal", "orders", "OrdersPool", "PartnerPool", "PortalPool")
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def rewrite(source, target, value):
    """A copy of the bundle whose configuration has other names; their hashes in the manifest are right."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        hashes = {}
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith(".config"):
                before = hashlib.sha256(data).hexdigest()
                text = html.escape(value).encode()
                for name in NAMES:
                    data = re.sub(rb'(?<=["/])%s(?=["/])' % re.escape(name.encode()), lambda m: text, data)
                hashes[before.encode()] = hashlib.sha256(data).hexdigest().encode()
            if info.filename.endswith(".json"):
                for before, after in hashes.items():
                    data = data.replace(before, after)
            new.writestr(info, data)


def is_safe_for_cmd(command):
    for at in (m.start() for m in re.finditer("EVIL", command)):
        if command[:at].count('"') % 2 == 0 or command[at + 4:at + 5] in ("%", "!"):
            return False
    return command.count('"') % 2 == 0


def is_safe_for_ps(command):
    """Without what stands in single quotes (any that PowerShell takes for one) nothing may be left of it."""
    return "EVIL" not in re.sub("['\u2018-\u201b](?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*['\u2018-\u201b]", "", command)


def self_test():
    assert not is_safe_for_cmd('appcmd set "a" & EVIL & ""') and not is_safe_for_cmd('appcmd "%EVIL%"')
    assert is_safe_for_cmd('appcmd set "a & EVIL"')
    assert not is_safe_for_ps("Set-It 'a'; EVIL; ''") and not is_safe_for_ps("Set-It 'a\u2019; EVIL; \u2019'")
    assert is_safe_for_ps("Set-It 'a''; EVIL; '''")


def steps(report):
    for finding in report["findings"]:
        for step in finding["remedy"]:
            yield finding["rule"], step
    for diagnosis in report["diagnoses"]:
        for cause in diagnosis["causes"]:
            for step in cause["confirm"]:
                yield cause["rule"], step


def run(server, bundles, arguments):
    done = subprocess.run([server, "lint", *arguments, *bundles], capture_output=True, timeout=120, check=False)
    return done.stdout.decode("utf-8", "surrogateescape")


def try_one(server, path, value):
    """What is wrong, which rules said what to do, and how many commands had such a name to deal with."""
    with open(path, encoding="utf-8") as f:
        known = json.load(f)
    with tempfile.TemporaryDirectory() as work:
        bundles = []
        for i, bundle in enumerate(known["bundles"]):
            bundles.append(os.path.join(work, f"{i}.zip"))
            rewrite(bundle, bundles[-1], value)
        wrong, rules, met = [], set(), 0
        text = run(server, bundles, [])
        if UNPRINTABLE.search(text):
            wrong.append(f"{known['scenario']}: the text report shows what is not printable")
        for rule, step in steps(json.loads(run(server, bundles, ["--format", "json"]))):
            rules.add(rule)
            if step["kind"] != "command":
                continue
            met += "EVIL" in step["text"] or "<" in step["text"]
            safe = is_safe_for_cmd if step["shell"] == "cmd" else is_safe_for_ps
            if not safe(step["text"]) or UNPRINTABLE.search(step["text"]):
                wrong.append(f"{known['scenario']}: {rule}: {step['text']}")
        return wrong, rules, met


def main():
    self_test()
    server = sys.argv[1]
    jobs, told = [], set()
    for path in sorted(glob.glob(sys.argv[2] + "/*.json"), key=lambda p: int(re.sub(r"\D", "", os.path.basename(p)))):
        with open(path, encoding="utf-8") as f:
            rules = {finding["rule"] for finding in json.load(f)["findings"]}
        if rules - told:  # each rule once, with what fires beside it
            told |= rules
            jobs.append((path, HOSTILE[len(jobs) % len(HOSTILE)]))
    seen, bad, met = set(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for wrong, rules, n in pool.map(lambda job: try_one(server, *job), jobs):
            seen |= rules
            met += n
            bad += len(wrong)
            for line in wrong:
                print("FAIL " + line)
    print(f"{len(jobs)} cases, {len(seen)} rules that say what to do, {met} commands with such a name or a gap for it, {bad} wrong")
    return 1 if bad or len(seen) < 100 or met < 50 else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_reports.py DIR: reports that name their bundles (bench_diagnosis --reports). Each piece of evidence must be found in
a bundle: an entry and its line, a registry key in a .reg text, a certificate by its thumbprint. Of no two commands of one
report may one undo the other. A rule says no subject of a machine twice. No command names what the Windows of its machine
does not have yet (the table of server/rules/step.c)."""
import base64
import collections
import glob
import hashlib
import json
import os
import re
import shlex
import sys
import zipfile


class Bundle:
    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.names = set(self.zip.namelist())
        self.thumbprints, self.keys = set(), set()
        for name in self.names:
            if name.endswith(".cer"):
                self.thumbprints.add(hashlib.sha1(self.zip.read(name)).hexdigest())
            if name.endswith(".reg"):
                raw = self.zip.read(name)
                text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
                self.keys |= {k.lower() for k in re.findall(r"^(?:; Absent=)?\[-?(.*?)\]\r?$", text, re.M)}
            if name.endswith(".config"):  # certificates that are mapped one to one
                for text in re.findall(rb'certificate="([A-Za-z0-9+/=]{200,})"', self.zip.read(name)):
                    self.thumbprints.add(hashlib.sha1(base64.b64decode(text)).hexdigest())
            if name.endswith(("stores.json", "manifest.json")):  # the complaint names one in the manifest
                self.thumbprints |= set(re.findall(r"\b[0-9a-f]{40}\b", self.zip.read(name).decode().lower()))

    def lines(self, name):
        raw = self.zip.read(name)
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16", "replace").count("\n") + 1
        return raw.count(b"\n") + 1


def hive_names(key):
    """A key as a report writes it, as a .reg text may write it."""
    key = key.lower().replace("hklm\\", "hkey_local_machine\\").replace("hkcu\\", "hkey_current_user\\").replace("hku\\", "hkey_users\\")
    return {key, key.replace("currentcontrolset", "controlset001")}


def resolve(evidence, bundles):
    if "entry" in evidence:
        holders = [b for b in bundles if evidence["entry"] in b.names]
        if not holders:
            return "no such entry"
        if evidence.get("line", 1) < 1 or all(evidence.get("line", 1) > b.lines(evidence["entry"]) for b in holders):
            return "no such line"
        return None
    if "key" in evidence:
        # A value that is not set is evidence as well: its key need not be there. The nearest that is there counts.
        parts = hive_names(evidence["key"])
        for depth in range(8):
            if any(p in b.keys or any(k.endswith(p) for k in b.keys) for p in parts for b in bundles):
                return None
            parts = {p.rsplit("\\", 1)[0] for p in parts}
        return "no such key"
    if "thumbprint" in evidence:
        # What the complaint or a mapping names may be in no store: then it must be named in a text of the bundle.
        return None if any(evidence["thumbprint"] in b.thumbprints for b in bundles) else "no such certificate"
    return "no evidence"


def settings(command):
    """What a command sets: {(where, what): value}."""
    try:
        words = shlex.split(command.replace("\\", "\\\\"))
    except ValueError:
        words = command.split()
    low = [w.lower() for w in words]
    if not low:
        return {}
    program = low[0].split("\\")[-1]
    if program == "netsh" and "sslcert" in low and ("add" in low or "update" in low):
        pairs = dict(w.split("=", 1) for w in low if "=" in w)
        where = next((k + "=" + pairs[k] for k in ("ipport", "hostnameport", "ccs", "scopedccs") if k in pairs), "")
        return {(where, k): v for k, v in pairs.items() if v in ("enable", "disable")}
    if program == "appcmd" or program == "appcmd.exe":
        place = next((w for w in low[3:] if not w.startswith(("/", "-"))), "")
        section = next((w for w in low if w.startswith(("-section:", "/section:"))), "")
        return {(place, section[1:], w[1:].split(":", 1)[0]): w.split(":", 1)[1] for w in low[3:]
                if w.startswith("/") and ":" in w and not w.startswith("/commit")}
    if program == "certutil" and len(low) > 3:
        for verb in ("-addstore", "-delstore"):
            if verb in low:
                at = low.index(verb)
                return {("store", low[at + 1], low[at + 2] if len(low) > at + 2 else ""): verb}
    if program == "reg" and "/v" in low:
        value = low[low.index("/d") + 1] if "/d" in low else low[1]
        return {(low[2], low[low.index("/v") + 1]): value}
    return {}


def contradictions(report):
    seen = {}
    for finding in report["findings"]:
        for step in finding["remedy"]:
            if step["kind"] != "command" or "<" in step["text"]:
                continue
            for what, value in settings(step["text"]).items():
                other = seen.setdefault((finding["machine"],) + what, (value, finding["rule"]))
                if other[0] != value:
                    yield f"{what}: {other[1]} sets {other[0]}, {finding['rule']} sets {value}"


def newer_words():
    """[(build, word, then)] as step.c has them."""
    path = os.path.join(os.path.dirname(__file__), "../../server/rules/step.c")
    with open(path, encoding="utf-8") as f:
        rows = re.findall(r'\{(\d+), "([^"]+)", (?:NULL|"([^"]+)")\}', f.read())
    assert len(rows) > 10
    return [(int(b), word, then) for b, word, then in rows]


def too_new(report, words):
    builds = {m["machine"]: m.get("build") or 10**6 for m in report["machines"]}
    advised = [(f["rule"], f["machine"], s) for f in report["findings"] for s in f["remedy"]]
    prints = {f["fingerprint"]: f["machine"] for f in report["findings"]}
    advised += [(c["rule"], prints.get(c["findings"][0]), s) for d in report["diagnoses"] for c in d["causes"] for s in c["confirm"]]
    for rule, machine, step in advised:
        for build, word, then in words:
            rest = step["text"].partition(word)[2]
            if step.get("shell") and build > builds.get(machine, 10**6) and rest and not (then and (rest.startswith("{") or then not in rest)):
                yield f"{rule} advises {word.strip()} on build {builds[machine]}: {step['text']}"


def self_test():
    old = {"machines": [{"machine": "A", "build": 7601}], "diagnoses": [], "findings": [
        {"rule": "x", "machine": "A", "fingerprint": "1", "remedy": [{"kind": "command", "shell": "powershell", "text": "Install-WindowsFeature X"}]}]}
    assert list(too_new(old, newer_words()))
    old["machines"][0]["build"] = 9200
    assert not list(too_new(old, newer_words()))
    assert settings("netsh http update sslcert ipport=1.2.3.4:443 clientcertnegotiation=enable") == {
        ("ipport=1.2.3.4:443", "clientcertnegotiation"): "enable"}
    one = {"machine": "A", "rule": "x", "remedy": [{"kind": "command", "text": 'reg add "HKLM\\A" /v V /t REG_DWORD /d 1 /f'}]}
    two = {"machine": "A", "rule": "y", "remedy": [{"kind": "command", "text": 'reg delete "HKLM\\A" /v V /f'}]}
    assert list(contradictions({"findings": [one, two]})) and not list(contradictions({"findings": [one, one]}))


def main():
    self_test()
    words = newer_words()
    bad = pieces = reports = 0
    for path in sorted(glob.glob(sys.argv[1] + "/*.json")):
        with open(path, encoding="utf-8") as f:
            report = json.load(f)
        bundles = [Bundle(p) for p in report["bundles"]]
        reports += 1
        twice = [k for k, n in collections.Counter((f["rule"], f["machine"], f["subject"]) for f in report["findings"]).items() if n > 1]
        for key in twice:
            bad += 1
            print(f"FAIL {report['scenario']}: two findings of one subject: {key}")
        for finding in report["findings"]:
            for evidence in finding["evidence"]:
                pieces += 1
                wrong = resolve(evidence, bundles)
                if wrong:
                    bad += 1
                    print(f"FAIL {report['scenario']}: {finding['rule']}: {wrong}: {json.dumps(evidence)}")
        for wrong in too_new(report, words):
            bad += 1
            print(f"FAIL {report['scenario']}: {wrong}")
        for wrong in contradictions(report):
            bad += 1
            print(f"FAIL {report['scenario']}: {wrong}")
    print(f"{reports} reports, {pieces} pieces of evidence, {bad} wrong")
    return 1 if bad or not pieces else 0


sys.exit(main())

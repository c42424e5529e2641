#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_metrics.py FILE: is it Prometheus' text format 0.0.4 as its parser reads it? HELP and TYPE once before the samples of a
metric, those in one block, no sample twice, counters named _total, histograms cumulative up to +Inf."""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(r"^(%s)(\{(.*)\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$" % NAME)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
failures, types, helps, seen, closed = [], {}, {}, {}, set()
current = None


def enter(name):
    """A metric's lines stand together."""
    global current
    if name != current:
        if name in closed:
            failures.append("%s: not in one block" % name)
        closed.add(current)
        current = name


with open(sys.argv[1], encoding="utf-8", newline="") as f:
    text = f.read()
if not text.endswith("\n") or "\r" in text:
    failures.append("lines must end with a line feed")
for line in text.split("\n")[:-1]:
    said = re.match(r"^# (HELP|TYPE) (%s) (.+)$" % NAME, line)
    if said:
        kind, name, rest = said.groups()
        enter(name)
        where = helps if kind == "HELP" else types
        if name in where:
            failures.append("%s: %s twice" % (name, kind))
        where[name] = rest
        continue
    sample = SAMPLE.match(line)
    if not sample:
        failures.append("no sample: %r" % line)
        continue
    name, _, inner, value = sample.groups()
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    metric = base if types.get(base) == "histogram" else name
    enter(metric)
    labels = LABEL.findall(inner or "")
    if "".join('%s="%s",' % pair for pair in labels).rstrip(",") != (inner or ""):
        failures.append("labels: %r" % line)
    if metric not in types or metric not in helps:
        failures.append("%s: no HELP or no TYPE before it" % metric)
    if (name, inner) in seen:
        failures.append("twice: %r" % line)
    seen[name, inner] = float(value)
for name, kind in types.items():
    if kind not in ("counter", "gauge", "histogram") or (kind == "counter") != name.endswith("_total"):
        failures.append("%s: %s" % (name, kind))
    if kind != "histogram":
        continue
    series = {}
    for (sample, inner), value in seen.items():
        if sample == name + "_bucket":
            labels = dict(LABEL.findall(inner))
            series.setdefault(labels["kind"], []).append((float(labels["le"]), value))
    for label, buckets in series.items():
        counts = [value for _, value in sorted(buckets)]
        if counts != sorted(counts) or sorted(buckets)[-1][0] != float("inf"):
            failures.append("%s: buckets of %s: %s" % (name, label, buckets))
        if counts[-1] != seen[name + "_count", 'kind="%s"' % label]:
            failures.append("%s: count of %s" % (name, label))
    if not series:
        failures.append("%s: no buckets" % name)
if len(types) < 10:
    failures.append("only %d metrics" % len(types))
print("\n".join(failures), end="\n" if failures else "")
sys.exit(1 if failures else 0)

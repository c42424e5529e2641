# SPDX-License-Identifier: Apache-2.0
"""Random logs with all that odd logs have, counted here line by line and by certtriage-server: every number is the same.

logs_counted.py SERVER FOLDER ROUNDS [SEED]. The reader here is written from what schema/facts/60-log.sql and the W3C format
(https://www.w3.org/TR/WD-logfile) say, with splitting and dictionaries: no code and no trick of the server's.
"""
import collections
import datetime
import gzip
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import zipfile

HOUR = 3600000
MINUTE = 60000
LINE_MAX = 65536
COLUMNS = ["date", "time", "s-sitename", "s-computername", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip",
           "cs-version", "cs(User-Agent)", "cs(Cookie)", "cs(Referer)", "cs-host", "sc-status", "sc-substatus", "sc-win32-status", "sc-bytes",
           "cs-bytes", "time-taken", "X-Forwarded-For", "crypt-protocol"]
CLIENTS = ["10.0.0.%d" % i for i in range(1, 12)] + ["fe80::1%12", "2001:db8::17", "::1%0", "-"]
AGENTS = ["Mozilla/5.0+(Windows+NT+10.0)", "-", "curl/7.8", "odd\"quote", "\xfcml\xe4ut", "a" * 400, "kube-probe/1.2"]
QUOTED = ["\"Mozilla/5.0 (X11; Linux)\"", "\"two \"\"quoted\"\" words\"", "\"\""]
URLS = ["/", "/app/x.aspx", "/app/deep/y", "/gr%C3%BC%C3%9Fe", "/gr\xfc\xdfe", "/a+b", "/" + "l" * 900]
STATUS = [(200, 0, 0), (200, 0, 64), (304, 0, 0), (401, 2, 2147942405), (403, 7, 64), (403, 7, 5), (403, 16, 2148204809), (403, 16, -2146762487),
          (413, 0, 0), (500, 0, 64), (500, 0, 995), (500, 19, 33), (500, 0, 0), (502, 3, 12002), (404, 0, 2)]


def utc(ms):
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)


class Writer:
    """One log file, as bytes."""

    def __init__(self, rng, central, now):
        self.rng, self.central, self.out = rng, central, bytearray()
        self.end = rng.choice([b"\r\n", b"\n"])
        self.now = now
        self.head()

    def add(self, text):
        self.out += text.encode("latin-1") + (self.end if self.rng.random() < 0.97 else self.rng.choice([b"\r\n", b"\n"]))

    def head(self):
        rng = self.rng
        must = ["time", "sc-status", "c-ip", "cs-uri-stem"] + (["s-sitename"] if self.central else [])
        rest = [c for c in COLUMNS if c not in must and (self.central or c != "s-sitename" or rng.random() < 0.5) and rng.random() < 0.75]
        self.columns = must + rest
        rng.shuffle(self.columns)
        if rng.random() < 0.1:
            self.columns.append(rng.choice(self.columns))  # named twice: the first one counts
        if rng.random() < 0.8:
            self.add("#Software: Microsoft Internet Information Services %s" % rng.choice(["6.0", "7.5", "8.5", "10.0"]))
            self.add("#Version: 1.0")
        self.add("#Date: " + utc(self.now).strftime("%Y-%m-%d %H:%M:%S"))
        names = " ".join(c.upper() if rng.random() < 0.1 else c for c in self.columns)
        self.add("#Fields: " + names + (" " if rng.random() < 0.2 else ""))

    def value(self, column):
        rng = self.rng
        t = utc(self.now)
        if column == "cs(User-Agent)" and rng.random() < 0.05:
            return rng.choice(QUOTED)
        return {
            "date": t.strftime("%Y-%m-%d"), "time": t.strftime("%H:%M:%S") + (".%03d" % rng.randrange(1000) if rng.random() < 0.02 else ""),
            "s-sitename": rng.choice(["W3SVC1", "W3SVC2", "W3SVC77"]), "cs-method": rng.choice(["GET", "POST", "OPTIONS"]), "cs-uri-stem": rng.choice(URLS),
            "s-port": "443", "c-ip": rng.choice(CLIENTS), "cs(User-Agent)": rng.choice(AGENTS), "sc-status": str(self.status[0]),
            "sc-substatus": str(self.status[1]), "sc-win32-status": str(self.status[2]), "time-taken": "0", "cs-bytes": str(rng.randrange(10000)),
        }.get(column, rng.choice(["-", "x", "1.1.1.1"]))

    def line(self):
        rng = self.rng
        self.status = rng.choice(STATUS)
        self.now += rng.choice([0, 0, 1000, 1000, 3000, 61000, 700000])
        parts = [self.value(c) for c in self.columns]
        odd = rng.random()
        if odd < 0.01:
            parts = parts[:-1]  # cut
        elif odd < 0.02:
            parts[self.columns.index("sc-status")] = rng.choice(["abc", "1000", "", "99999999999999999999", "+200"])
        elif odd < 0.03:
            parts[self.columns.index("time")] = rng.choice(["25:00:00", "12:60:00", "1:2:3", "-", "12.00.00"])
        elif odd < 0.035:
            parts[self.columns.index("cs-uri-stem")] = "/" + "x" * (LINE_MAX + rng.randrange(-700, 3))
        elif odd < 0.04:
            parts.append("more")
        self.add((" " if odd < 0.045 else "").join([""] * 2) + rng.choice([" ", " ", " ", "  "]).join(parts))

    def step(self):
        odd = self.rng.random()
        if odd < 0.004:
            self.head()
        elif odd < 0.008:
            self.add(self.rng.choice(["", "# a remark", "#", "not a line of a log", "\x00\x00\x00", "#fields"]))
        elif odd < 0.010:
            self.out += b"\0" * self.rng.randrange(1, 40)  # a machine went down here; the next line begins behind it
        elif odd < 0.012:
            self.out += b"\xef\xbb\xbf"
        else:
            self.line()

    def bytes(self, n):
        if self.rng.random() < 0.2:
            self.out = bytearray(b"\xef\xbb\xbf") + self.out
        for _ in range(n):
            self.step()
        return bytes(self.out[:-self.rng.randrange(1, 30)] if self.rng.random() < 0.3 else self.out)


def parts_of(text, n):
    parts = [p for p in text.split(" ") if p]
    if len(parts) == n or len(parts) < n or '"' not in text:
        return parts if len(parts) == n else None
    parts, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
        elif text[at] == '"':
            end = at + 1
            while end < len(text) and (text[end] != '"' or text[end + 1:end + 2] == '"'):
                end += 2 if text[end] == '"' else 1
            parts.append(text[at + 1:end])
            at = end + 1
        else:
            end = text.find(" ", at)
            end = len(text) if end < 0 else end
            parts.append(text[at:end])
            at = end
    return parts if len(parts) == n else None


def number(text, limit):
    """None: absent; False: not a number."""
    if text is None or text == "-":
        return None
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        return False
    v = int(text)
    return v + 2**32 if v < 0 else v if v <= limit else False


class Counter:
    def __init__(self):
        self.counts = collections.defaultdict(lambda: [0, None, None, set()])
        self.symptoms = collections.defaultdict(lambda: [0, 0, 0, None, None])
        self.failures = collections.defaultdict(list)  # of a client at a site: what a 403.7 may follow
        self.asked = collections.defaultdict(list)  # and what it may answer with a success
        self.pairs = collections.Counter()
        self.files = {}

    def day_of(self, text):
        m = re.fullmatch(r"(\d\d\d\d)-(\d\d)-(\d\d)", text or "")
        if not m:
            return None
        return int(datetime.datetime(*map(int, m.groups()), tzinfo=datetime.timezone.utc).timestamp()) * 1000

    def read(self, name, data, site):
        lines = data.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        columns, day, last, skipped, first_ms, last_ms = [], None, -1, 0, None, None
        for raw in lines:
            raw = raw[:-1] if raw.endswith(b"\r") else raw
            if len(raw) > LINE_MAX:
                skipped += 1
                continue
            raw = raw.lstrip(b"\0")
            raw = raw[3:] if raw.startswith(b"\xef\xbb\xbf") else raw
            text = raw.decode("latin-1")
            if text.startswith("#"):
                if text.lower().startswith("#fields:"):
                    columns = text[8:].split()
                elif text.lower().startswith("#date:") and self.day_of(text[6:].strip()[:10]):
                    day, last = self.day_of(text[6:].strip()[:10]), -1
                continue
            if not text.strip(" "):
                continue
            parts = parts_of(text, len(columns))
            row = dict(reversed(list(zip((c.lower() for c in columns), parts)))) if parts else {}
            m = re.match(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)", row.get("time", ""))
            if not m:
                skipped += 1
                continue
            second = int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3])
            if "date" in row:
                at = self.day_of(row["date"])
                if at is None:
                    skipped += 1
                    continue
            else:
                if second + 3600 < last:
                    day += 86400000
                last, at = second, day
            time = at + second * 1000
            first_ms = time if first_ms is None else min(first_ms, time)
            last_ms = time if last_ms is None else max(last_ms, time)
            status, sub, win32 = number(row.get("sc-status"), 999), number(row.get("sc-substatus"), 9999), number(row.get("sc-win32-status"), 2**62)
            if status is None or status is False or sub is False or win32 is False:
                skipped += 1
                continue
            whose = site
            if site is None:
                m = re.match(r"W3SVC(\d+)$", row.get("s-sitename", ""))
                whose = int(m[1]) if m else None
            self.count(whose, status, sub, win32, time, row)
        self.files[name] = (len(lines), skipped, first_ms, last_ms)

    def count(self, site, status, sub, win32, time, row):
        c = self.counts[site, status, sub, win32, time - time % HOUR]
        c[0] += 1
        c[1] = time if c[1] is None else min(c[1], time)
        c[2] = time if c[2] is None else max(c[2], time)
        c[3].add(row.get("c-ip", "-"))
        if status in (401, 403, 413, 502) or (status == 500 and (sub == 19 or (win32 or 0) > 0)):
            s = self.symptoms[site, status, sub, win32]
            s[0] += 1
            s[1] += row.get("cs-method") == "OPTIONS"
            s[3] = time if s[3] is None else min(s[3], time)
            s[4] = time if s[4] is None else max(s[4], time)
        if row.get("c-ip", "-") != "-":
            self.follow((row["c-ip"], site), (site, status, sub, win32), time, row)

    def follow(self, client, kind, time, row):
        status, sub, win32 = kind[1:]
        agent = client + (row.get("cs(user-agent)", "-").strip("-"),)
        if status == 403 and sub == 7:
            for failure in self.failures[client]:  # the oldest one that fits, and each only once
                if failure[0] <= time <= failure[0] + MINUTE:
                    self.pairs[failure[1]] += 1
                    self.failures[client].remove(failure)
                    break
        elif status == 413 or (status == 500 and (sub == 19 or win32 in (50, 64, 995, 1236, 2147943395, 2147942450))):
            self.failures[client].append((time, kind))
        if status == 401 or (status == 403 and sub == 7):
            self.asked[agent].append((time, kind))
        elif status < 400:
            for asked in [a for a in self.asked[agent] if a[0] <= time]:
                self.symptoms[asked[1]][2] += time - asked[0] <= MINUTE
                self.asked[agent].remove(asked)


def facts_of(server, bundle):
    facts = bundle + ".sqlite"
    if os.path.exists(facts):
        os.unlink(facts)
    subprocess.run([server, "facts", bundle, "-o", facts], check=True)
    return sqlite3.connect(facts)


def ask(facts, sql):
    return [list(row) for row in facts.execute(sql)]


def same(what, seed, expected, answer):
    if sorted(expected, key=str) == sorted(answer, key=str):
        return
    missing = [r for r in expected if r not in answer]
    surplus = [r for r in answer if r not in expected]
    sys.exit("seed %d, %s: expected and not there %s; there and not expected %s" % (seed, what, json.dumps(missing[:5]), json.dumps(surplus[:5])))


def one_round(server, folder, seed):
    rng = random.Random(seed)
    counter, bundle = Counter(), os.path.join(folder, "bundle.zip")
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as z:
        now = 1441497600000 + rng.randrange(86400) * 1000
        places = [("1", 1), ("77", 77), ("central", None)]  # in the order in which they are read, as pairs want it
        for i, (where, site) in enumerate(sorted(rng.choices(places, k=rng.randrange(1, 5)), key=places.index)):
            name = "logs/w3svc/%s/u_ex15090%d.log" % (where, i + 1)
            writer = Writer(rng, site is None, now)
            data = writer.bytes(rng.randrange(20, 1500))
            now = writer.now + rng.choice([0, 1000, 40000])
            counter.read(name, data, site)
            if rng.random() < 0.3:
                cut = rng.randrange(len(data))
                packed = gzip.compress(data[:cut]) + gzip.compress(data[cut:])  # two members behind each other
                counter.files[name + ".gz"] = counter.files.pop(name)
                name, data = name + ".gz", packed
            z.writestr(name, data)
    facts = facts_of(server, bundle)
    same("files", seed, [[n, *f] for n, f in counter.files.items()], ask(facts, "SELECT entry, lines, skipped, first, last FROM log_file"))
    same("counts", seed, [[*k, c[0], c[1], c[2], len(c[3] - {"-"})] for k, c in counter.counts.items()],
         ask(facts, "SELECT site_id, status, substatus, win32, hour, count, first, last, clients FROM request_count"))
    same("symptoms", seed, [[*k, *s] for k, s in counter.symptoms.items()],
         ask(facts, "SELECT site_id, status, substatus, win32, count, preflights, answered, first, last FROM request_symptom"))
    same("pairs", seed, [[*k, n] for k, n in counter.pairs.items()],
         ask(facts, "SELECT site_id, first_status, first_substatus, first_win32, count FROM request_pair_count"))
    facts.close()
    return [sum(c[0] for c in counter.counts.values()), sum(f[1] for f in counter.files.values()), sum(counter.pairs.values()),
            sum(s[2] for s in counter.symptoms.values())]


REASONS = ["Timer_ConnectionIdle", "Timer_SslRenegotiation", "Connection_Dropped", "BadRequest", "URL", "QueueFull", "A_New_Reason", "-"]


def httperr_columns(rng):
    names = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri".split() + (["streamid"] if rng.random() < 0.5 else [])
    return names + "sc-status s-siteid s-reason s-queuename".split() + (["transport"] if rng.random() < 0.3 else [])


def httperr_round(server, folder, seed):
    """http.sys writes a URL as it came, with its blanks."""
    rng, bundle = random.Random(seed), os.path.join(folder, "httperr.zip")
    text, counts, skipped, lines, now = "", collections.Counter(), 0, 0, 1441497600000
    for i in range(rng.randrange(20, 800)):
        if i == 0 or rng.random() < 0.01:
            columns = httperr_columns(rng)
            text += "#Software: Microsoft HTTP API 2.0\r\n#Fields: " + " ".join(columns) + "\r\n"
            lines += 2
        now += rng.choice([0, 1000, 50000, 900000])
        when, lines = utc(now), lines + 1
        row = {"date": when.strftime("%Y-%m-%d"), "time": when.strftime("%H:%M:%S"), "cs-uri": rng.choice(["-", "/a", "/a b c", "/x?q=1 2", "/" + "y" * 600]),
               "sc-status": rng.choice(["-", "400", "503"]), "s-siteid": rng.choice(["-", "1", "2"]), "s-reason": rng.choice(REASONS),
               "s-queuename": rng.choice(["-", "DefaultAppPool"]), "c-ip": "10.0.0.9", "cs-method": "GET"}
        parts = [row.get(c, "-") for c in columns]
        if rng.random() < 0.02:
            skipped, parts = skipped + 1, parts[:rng.randrange(1, 9)]
        else:
            site, status, reason, queue = (None if row[c] == "-" else row[c] for c in ("s-siteid", "sc-status", "s-reason", "s-queuename"))
            counts[site and int(site), status and int(status), reason, queue, now - now % HOUR] += 1
        text += " ".join(parts) + "\r\n"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("logs/httperr/httperr1.log", text)
    facts = facts_of(server, bundle)
    same("HTTPERR lines", seed, [[lines, skipped]], ask(facts, "SELECT lines, skipped FROM log_file"))
    same("HTTPERR", seed, [[*k, n] for k, n in counts.items()], ask(facts, "SELECT site_id, status, reason, queue, hour, count FROM http_error_count"))
    facts.close()


def main():
    server, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    seen = [0, 0, 0, 0]
    for seed in range(first, first + rounds):
        httperr_round(server, folder, seed)
        seen = [a + b for a, b in zip(seen, one_round(server, folder, seed))]
    print("%d rounds: %d requests, %d lines that cannot be read, %d pairs, %d answers: counted alike" % (rounds, *seen))
    if min(seen[0] / 100, *seen[1:]) < rounds:
        sys.exit("the logs that were made hold too little")


main()

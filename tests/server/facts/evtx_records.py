# SPDX-License-Identifier: Apache-2.0
"""Event log files read by python3-evtx and by certtriage-server: as many records, the same first and last time, and each record that is
kept has its number and its time. evtx_records.py SERVER FOLDER FILE…  (That package's XML is not used: it gives up at CAPI2's templates.)"""
import datetime
import os
import sqlite3
import subprocess
import sys
import zipfile

from Evtx.Evtx import Evtx


def ms_of(when):
    return round(when.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000000) // 1000


def main():
    server, folder, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    for file in files:
        with Evtx(file) as log:
            times = {r.record_num(): ms_of(r.timestamp()) for r in log.records()}
        bundle, facts = os.path.join(folder, "one.zip"), os.path.join(folder, "one.sqlite")
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as z:
            z.write(file, "logs/events/one.evtx")
        subprocess.run([server, "facts", bundle, "-o", facts], check=True)
        with sqlite3.connect(facts) as db:
            events = db.execute("SELECT sum(events), min(first), max(last) FROM event_channel").fetchone()
            kept = db.execute("SELECT record, time FROM event WHERE record IS NOT NULL").fetchall()
            problems = db.execute("SELECT problem FROM bundle_problem WHERE entry LIKE 'logs/%'").fetchall()
        os.unlink(facts)
        expected = (len(times), min(times.values()), max(times.values()))
        wrong = [(n, t, times.get(n)) for n, t in kept if n not in times or abs(times[n] - t) > 1]
        if events != expected and (events[0] != expected[0] or abs(events[1] - expected[1]) > 1 or abs(events[2] - expected[2]) > 1):
            sys.exit("%s: %s, and python3-evtx says %s" % (file, events, expected))
        if wrong or problems or len(kept) < 20:
            sys.exit("%s: %d records kept, wrong are %s; problems %s" % (file, len(kept), wrong[:5], problems))
        print("%d records, %d of them kept with their number and time" % (len(times), len(kept)))


main()

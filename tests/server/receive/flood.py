#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""flood.py WHAT URL TOKEN PID: many connections, or slow ones, to a server of a test, and what becomes of them. All of it is
bounded: no more than some hundred connections, no longer than some seconds."""
import hashlib
import json
import os
import random
import re
import select
import signal
import socket
import sys
import time
import urllib.parse

what, url, token, pid = sys.argv[1:5]
where = urllib.parse.urlsplit(url)
failures = []


def check(name, is_right, seen):
    if not is_right:
        failures.append("%s: %s: %r" % (what, name, seen))


def connect():
    return socket.create_connection((where.hostname, where.port), timeout=10)


def head(method, path, *more):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: " + where.netloc, "Authorization: Bearer " + token] + list(more)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_all(s, seconds):
    """What comes until the other side ends it; None behind it when it does not in time."""
    data, until = b"", time.monotonic() + seconds
    s.setblocking(False)
    while time.monotonic() < until:
        if not select.select([s], [], [], max(0, until - time.monotonic()))[0]:
            return data, None
        try:
            piece = s.recv(65536)
        except ConnectionError:
            return data, "reset"
        if not piece:
            return data, "end"
        data += piece
    return data, None


def status(answer):
    found = re.match(rb"HTTP/1\.1 (\d+) ", answer)
    return int(found.group(1)) if found else 0


def problem(answer):
    """The body, when it is a problem as the API says them."""
    top, _, body = answer.partition(b"\r\n\r\n")
    return json.loads(body) if b"application/problem+json" in top else None


def ask(path="/api/v1/health"):
    s = connect()
    began = time.monotonic()
    s.sendall(head("GET", path, "Connection: close"))
    answer, _ = read_all(s, 10)
    s.close()
    return status(answer), time.monotonic() - began, answer


def memory_kb(field):
    with open("/proc/%s/status" % pid, encoding="ascii") as f:
        return int(re.search(r"^%s:\s*(\d+)" % field, f.read(), re.M).group(1))


def drip(sockets, pieces, pause, meanwhile=None):
    """One piece to each in turn; those that the other side has ended are left out. Gives the time each was ended after."""
    began, ended = time.monotonic(), {}
    for piece in pieces:
        for s in sockets:
            if s in ended:
                continue
            try:
                s.sendall(piece)
                if select.select([s], [], [], 0)[0]:
                    ended[s] = time.monotonic() - began
            except OSError:
                ended[s] = time.monotonic() - began
        if len(ended) == len(sockets):
            break
        if meanwhile:
            meanwhile()
        time.sleep(pause)
    return ended


def begin_tus(length):
    """Where an upload in pieces is to be sent."""
    with connect() as s:
        s.sendall(head("POST", "/api/v1/uploads", "Tus-Resumable: 1.0.0", "Upload-Length: %d" % length, "Content-Length: 0", "Connection: close"))
        answer = read_all(s, 10)[0]
    found = re.search(rb"\r\nLocation: (\S+)\r\n", answer)
    check("an upload begins", found, answer)
    return "/api/v1/uploads/" + found.group(1).decode().split("/")[-1]


def slow_uploads():
    """Half of them simple, half in pieces."""
    body = random.Random(1).randbytes(64 << 10)
    before = memory_kb("VmRSS")
    places = [begin_tus(len(body)) for _ in range(100)]
    sockets, waits, peak = [connect() for _ in range(200)], [], [0]
    for s, place in zip(sockets, places + [None] * 100):
        rest = ["Content-Length: %d" % len(body), "Connection: close"]
        if place:
            s.sendall(head("PATCH", place, "Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream", *rest))
        else:
            s.sendall(head("POST", "/api/v1/bundles", *rest))

    def meanwhile():
        code, seconds, _ = ask()
        waits.append(seconds if code == 200 else 99)
        peak[0] = max(peak[0], memory_kb("VmRSS"))

    # 4 KiB in half a second, each: 8 seconds, four times as long as a silent client may be.
    ended = drip(sockets, [body[i : i + 4096] for i in range(0, len(body), 4096)], 0.5, meanwhile)
    check("none is ended before its last byte", all(t > 7 for t in ended.values()), sorted(ended.values())[:3])
    answers = [read_all(s, 30)[0] for s in sockets]
    check("all are kept", [status(a) for a in answers] == [204] * 100 + [201] * 100, [status(a) for a in answers])
    sha = hashlib.sha256(body).hexdigest().encode()
    check("whole", all(sha in a for a in answers), answers[0])  # of the pieces, in X-Certtriage-Bundle
    # The last one waits behind 200 uploads that are all made durable at that moment.
    check("others are answered meanwhile", max(waits[:-1]) < 1 and waits[-1] < 20, waits)
    grown = peak[0] - before
    print("200 slow uploads: %d KiB more memory (%d KiB in all); others wait at most %.0f ms, at the end, when all are stored, %.0f ms"
          % (grown, peak[0], max(waits[:-1]) * 1000, waits[-1] * 1000))
    if memory_kb("VmSize") < 1 << 30:  # AddressSanitizer maps terabytes, and keeps what is freed
        check("their memory is bounded", grown < 200 * 128, grown)


def slow_headers():
    sockets = [connect() for _ in range(50)]
    for s in sockets:
        s.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    ended = drip(sockets, [b"a"] * 60, 0.1)
    check("all are ended", len(ended) == 50, len(ended))
    check("not before their time", min(ended.values(), default=0) > 1.5, ended.values())
    answer = read_all(sockets[0], 2)[0]
    check("with its status", status(answer) == 408, answer)
    check("as a problem", (problem(answer) or {}).get("status") == 408, answer)


def slow_bodies():
    sockets = [connect() for _ in range(20)]
    for s in sockets:
        s.sendall(head("POST", "/api/v1/bundles", "Content-Length: 100000"))
    ended = drip(sockets, [b"a"] * 60, 0.1)
    check("all are ended", len(ended) == 20, len(ended))
    check("not before their time", min(ended.values(), default=0) > 1.5, ended.values())


def slow_reader():
    body = random.Random(2).randbytes(16 << 20)
    s = connect()
    s.sendall(head("POST", "/api/v1/bundles", "Content-Length: %d" % len(body), "Connection: close") + body)
    check("a bundle", status(read_all(s, 30)[0]) == 201, "")
    path = "/api/v1/cases/A1/bundles/" + hashlib.sha256(body).hexdigest()
    code, _, _ = ask(path)
    check("is read", code == 200, code)
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect((where.hostname, where.port))
    s.sendall(head("GET", path))
    time.sleep(6)
    answer, how = read_all(s, 5)
    check("who does not read it is cut off", how is not None and len(answer) < len(body), (how, len(answer)))


def many_of_address():
    kept = [connect() for _ in range(20)]
    time.sleep(0.3)
    code, _, answer = ask()
    check("one more is told", code == 429, answer)
    check("when to come again", b"Retry-After: 10" in answer, answer)
    check("as a problem", (problem(answer) or {}).get("status") == 429, answer)
    crowd = [connect() for _ in range(100)]
    began = time.monotonic()
    closed = [read_all(s, 0.2)[1] for s in crowd[-5:]]
    check("a crowd is closed at once", None not in closed, (closed, time.monotonic() - began))
    for s in crowd + kept:
        s.close()
    time.sleep(0.5)
    check("there is room again", ask()[0] == 200, "")


def many_idle():
    kept = [connect() for _ in range(20)]
    time.sleep(2.5)
    for _ in range(5):
        code, _, answer = ask()
        check("who does nothing gives way", code == 200, answer)
    ended = [read_all(s, 0.01)[1] for s in kept]
    check("the oldest first", ended[0] is not None and ended[-1] is None, ended)
    for s in kept:
        s.close()


def many_busy():
    kept = [connect() for _ in range(20)]
    for s in kept:
        s.sendall(head("POST", "/api/v1/bundles", "Content-Length: 10", "Connection: close") + b"a")
    time.sleep(2.5)
    code, _, answer = ask()
    check("uploads do not give way", code == 503, answer)
    check("the other is told when to come again", b"Retry-After: 10" in answer, answer)
    check("as a problem", (problem(answer) or {}).get("status") == 503, answer)
    for s in kept:
        s.sendall(b"bcdefghij")
    answers = [status(read_all(s, 20)[0]) for s in kept]
    check("they are kept", answers == [201] * 20, answers)


def drain():
    """An upload under way when SIGTERM comes is finished and kept; who only waits is sent away; nobody new gets in."""
    idle, slow = connect(), connect()
    slow.sendall(head("POST", "/api/v1/bundles", "Content-Length: 20", "Connection: keep-alive") + b"a")
    check("it answers", ask()[0] == 200, "")
    os.kill(int(pid), signal.SIGTERM)
    check("who waits is sent away", read_all(idle, 2)[1] is not None, "")
    try:
        with connect() as late:
            late.sendall(head("GET", "/api/v1/health"))
            check("nobody new gets in", not read_all(late, 1)[0], "")
    except ConnectionError:
        pass
    for _ in range(18):
        slow.sendall(b"a")
        time.sleep(0.1)
    slow.sendall(b"b")
    answer, how = read_all(slow, 10)
    check("the upload is kept", status(answer) == 201, answer)
    check("then its connection ends", how is not None, how)


def drain_late():
    """Requests that go on for too long are not waited for."""
    slow = connect()
    slow.sendall(head("POST", "/api/v1/bundles", "Content-Length: 20") + b"a")
    check("it answers", ask()[0] == 200, "")
    began = time.monotonic()
    os.kill(int(pid), signal.SIGTERM)
    answer, how = read_all(slow, 10)
    check("it is cut", how is not None and not answer, (answer, how))
    check("in time", 0.8 < time.monotonic() - began < 5, time.monotonic() - began)


{f.__name__.replace("_", "-"): f for f in (slow_uploads, slow_headers, slow_bodies, slow_reader, many_of_address, many_idle, many_busy, drain, drain_late)}[what]()
print("\n".join(failures) if failures else what + ": as it should be")
sys.exit(1 if failures else 0)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile_http.py URL TOKEN PID: sends each request of ALL over a connection of its own and compares the statuses that come back,
whether they are problems as the API says them (libmicrohttpd refuses some before the server sees them), and whether the
connection ends. After each one a good request is answered."""
import json
import os
import re
import socket
import sys
import time
import urllib.parse

url, token, pid = sys.argv[1:4]
where = urllib.parse.urlsplit(url)
failures = []
HOST = b"Host: " + where.netloc.encode() + b"\r\n"
AUTH = b"Authorization: Bearer " + token.encode() + b"\r\n"
HEALTH = b"/api/v1/health"


def get(path=HEALTH, *headers, version=b"HTTP/1.1", method=b"GET"):
    return method + b" " + path + b" " + version + b"\r\n" + HOST + b"".join(h + b"\r\n" for h in headers) + b"\r\n"


def post(*headers, body=b""):
    return b"POST /api/v1/bundles HTTP/1.1\r\n" + HOST + AUTH + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body


def chunked(body):
    return post(b"Transfer-Encoding: chunked", body=body)


PROBLEM, PLAIN = True, False  # PLAIN: by libmicrohttpd, or no refusal
ENDS, STAYS = True, False
ALL = [
    # name, request, statuses, is the first one a problem, does the connection end
    ("a header that is too large", get(HEALTH, b"X: " + b"a" * 17000), [431], PROBLEM, ENDS),
    ("a header that is larger", get(HEALTH, b"X: " + b"a" * 50000), [431], PROBLEM, ENDS),
    ("a header that a connection cannot hold", get(HEALTH, b"X: " + b"a" * 100000), [431], PLAIN, ENDS),
    ("a header that is not too large", get(HEALTH, b"X: " + b"a" * 16000), [200], PLAIN, STAYS),
    ("headers that are too many", get(HEALTH, *[b"X-%d: a" % i + b"a" * 40 for i in range(400)]), [431], PROBLEM, ENDS),
    ("too many headers", get(HEALTH, *[b"X-%d: a" % i for i in range(5000)]), [431], PLAIN, ENDS),
    ("a long address", get(b"/" + b"a" * 2000), [414], PROBLEM, STAYS),
    ("a very long address", get(b"/" + b"a" * 50000), [414], PROBLEM, STAYS),
    ("an address that a connection cannot hold", get(b"/" + b"a" * 100000), [414], PLAIN, ENDS),
    ("a very long argument", get(HEALTH + b"?q=" + b"a" * 9000), [414], PROBLEM, STAYS),
    ("a long argument", get(HEALTH + b"?q=" + b"a" * 8000), [200], PLAIN, STAYS),
    ("too many arguments", get(HEALTH + b"?" + b"a=1&" * 5000), [414], PROBLEM, ENDS),
    ("too many arguments after a good request", get() + get(HEALTH + b"?" + b"&" * 70), [200, 414], PLAIN, ENDS),
    ("some arguments", get(HEALTH + b"?" + b"a=1&" * 50), [200], PLAIN, STAYS),
    ("a method that the path does not know", get(method=b"PUT"), [405], PROBLEM, STAYS),
    ("a method that nobody knows", get(method=b"A" * 3000), [405], PROBLEM, STAYS),
    ("TRACE", get(method=b"TRACE"), [405], PROBLEM, STAYS),
    ("CONNECT", get(b"host:443", method=b"CONNECT"), [404], PROBLEM, STAYS),
    ("a chunk whose size is no number", chunked(b"zz\r\nabc\r\n0\r\n\r\n"), [411], PROBLEM, ENDS),
    ("a chunk of a negative size", chunked(b"-1\r\nabc\r\n0\r\n\r\n"), [411], PROBLEM, ENDS),
    ("a chunk of a size over 64 bits", chunked(b"f" * 18 + b"\r\nabc\r\n0\r\n\r\n"), [411], PROBLEM, ENDS),
    ("a chunk that is longer than its size", chunked(b"1\r\nabc\r\n0\r\n\r\n"), [411], PROBLEM, ENDS),
    ("trailers without end", chunked(b"3\r\nabc\r\n0\r\n" + b"X: a\r\n" * 20000), [411], PROBLEM, ENDS),
    ("a chunk's extension without end", chunked(b"3;" + b"x" * 40000 + b"\r\nabc\r\n0\r\n\r\n"), [411], PROBLEM, ENDS),
    ("a good chunk", chunked(b"3\r\nabc\r\n0\r\n\r\n"), [411], PROBLEM, ENDS),
    ("a length and chunks", post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + get()), [400], PROBLEM, ENDS),
    ("chunks and a length", post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n" + get()), [400], PROBLEM, ENDS),
    ("chunks twice", post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + get()), [400], PROBLEM, ENDS),
    ("an encoding that nobody knows", post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + get()), [400], PROBLEM, ENDS),
    ("two encodings", post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + get()), [400], PROBLEM, ENDS),
    ("two lengths", post(b"Content-Length: 3", b"Content-Length: 30", body=b"abc" + get()), [400], PROBLEM, ENDS),
    ("a length twice", post(b"Content-Length: 3", b"Content-Length: 3", body=b"abc" + get()), [400], PROBLEM, ENDS),
    ("a list of lengths", post(b"Content-Length: 3, 3", body=b"abc"), [400], PLAIN, ENDS),
    ("a negative length", post(b"Content-Length: -1", body=b"abc"), [400], PLAIN, ENDS),
    ("a length with more behind it", post(b"Content-Length: 3abc", body=b"abc"), [400], PLAIN, ENDS),
    ("a length over 64 bits", post(b"Content-Length: " + b"9" * 26, body=b"abc"), [413], PLAIN, ENDS),
    ("a length over the limit", post(b"Content-Length: 9223372036854775807", body=b"abc"), [413], PROBLEM, ENDS),
    ("a name with a blank", get(HEALTH, b"Content-Length : 3") + b"abc", [400], PROBLEM, ENDS),
    ("a line that is no header", get(HEALTH, b"nothing"), [400], PLAIN, ENDS),
    ("fifty requests at once", get() * 50, [200] * 50, PLAIN, STAYS),
    ("a body that nobody wants", get(HEALTH, b"Content-Length: 5") + b"hello" + get(), [200, 200], PLAIN, STAYS),
    ("HTTP/0.9", b"GET /api/v1/health\r\n\r\n", [400], PLAIN, ENDS),
    ("HTTP/1.0", b"GET /api/v1/health HTTP/1.0\r\n\r\n", [200], PLAIN, ENDS),
    ("HTTP/2.0", get(version=b"HTTP/2.0"), [505], PLAIN, ENDS),
    ("another protocol", get(version=b"XTTP/1.1"), [400], PLAIN, ENDS),
    ("no host", b"GET /api/v1/health HTTP/1.1\r\n\r\n", [400], PROBLEM, STAYS),
    ("two hosts", get(HEALTH, b"Host: other"), [400], PROBLEM, STAYS),
    ("a NUL in the address", get(b"/api/v1/hea\0lth"), [404], PROBLEM, STAYS),
    ("a NUL in a header", get(HEALTH, b"X: a\0b"), [200], PLAIN, STAYS),
    ("an escaped NUL", get(HEALTH + b"%00x"), [404], PROBLEM, STAYS),
    ("an escaped NUL in a case's name", get(b"/api/v1/cases/A1%00x", AUTH.strip()), [404], PROBLEM, STAYS),
    ("an escape that is none", get(HEALTH + b"%zz"), [404], PROBLEM, STAYS),
    ("an absolute address", get(b"http://" + where.netloc.encode() + HEALTH), [200], PLAIN, STAYS),
    ("an absolute address without a path", get(b"http://" + where.netloc.encode()), [200], PLAIN, STAYS),
    ("folders above", get(b"/../../etc/passwd"), [404], PROBLEM, STAYS),
    ("folders above, escaped", get(b"/api/v1/cases/%2e%2e%2fx", AUTH.strip()), [404], PROBLEM, STAYS),
    ("a token that is very long", get(b"/api/v1/cases", b"Authorization: Bearer " + b"a" * 12000), [401], PROBLEM, STAYS),
    ("every byte", bytes(range(256)) * 20, [400], PLAIN, ENDS),
    ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500, [408], PROBLEM, ENDS),
]


def exchange(request, seconds, is_end_awaited):
    """What comes back, and whether the connection ends. A short silence is the end where nothing more is awaited."""
    data, until = b"", time.monotonic() + seconds
    with socket.create_connection((where.hostname, where.port), timeout=5) as s:
        try:
            s.sendall(request)
        except ConnectionError:
            pass
        while time.monotonic() < until:
            s.settimeout(seconds if is_end_awaited or not data else 0.3)
            try:
                piece = s.recv(65536)
            except TimeoutError:
                return data, False
            except ConnectionError:
                return data, True
            if not piece:
                return data, True
            data += piece
    return data, False


def is_problem(answer, code):
    top, _, body = answer.partition(b"\r\n\r\n")
    if b"application/problem+json" not in top:
        return False
    return json.JSONDecoder().raw_decode(body.decode())[0]["status"] == code


def look(name, request, expected, problem, ends):
    answer, ended = exchange(request, 8, ends)
    # libmicrohttpd writes some of its own refusals' status lines twice.
    codes = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]
    if len(expected) == 1 and len(set(codes)) == 1:
        codes = codes[:1]
    if codes != expected:
        failures.append("%s: expected %s, got %s: %r" % (name, expected, codes, answer[:200]))
    elif problem != is_problem(answer, codes[0]) and codes[0] >= 400:
        failures.append("%s: %sa problem as the API says them: %r" % (name, "not " if problem else "", answer[-300:]))
    elif codes[0] == 405 and b"\r\nAllow: GET, HEAD, OPTIONS\r\n" not in answer:
        failures.append("%s: no Allow: %r" % (name, answer[:400]))
    if ended != ends:
        failures.append("%s: the connection %s" % (name, "ends" if ended else "stays"))
    good, _ = exchange(get(HEALTH, b"Connection: close"), 5, True)
    if not good.startswith(b"HTTP/1.1 200 "):
        failures.append("%s: then the server does not answer: %r" % (name, good[:200]))


def spent():
    with open("/proc/%s/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


before = spent()
for one in ALL:
    look(*one)
cost = spent() - before
if cost > 5:
    failures.append("all of them take %.1f s of processor time" % cost)
print("\n".join(failures) if failures else "%d requests, %.2f s of processor time" % (len(ALL), cost))
sys.exit(1 if failures else 0)

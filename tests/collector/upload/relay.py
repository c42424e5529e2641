#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# relay.py PORT_FILE FAULT…: a proxy that speaks HTTP and passes requests on to the port that PORT_FILE names, with faults:
#   patch=STATUS       answers PATCH itself, as proxies do that do not know it
#   drop-patch=1       closes the connection when it sees PATCH
#   busy=N wait=S      the first N times PATCH: 429, Retry-After: S
#   fail=N             the first N times PATCH: 502
#   damage=N           the first N pieces have one byte changed on the way
#   lie=1              the receipt names another hash
#   no-tus=1           knows nothing of /api/v1/uploads
#   stall=N after=M    N pieces, when M have passed, are taken and not answered; PORT_FILE.go, once there, ends that with the connection
#   elsewhere=URL      Location names this
#   forget=N           the first N times PATCH: 410 from the server behind it, whose upload is ended before
# Prints its port, then a line for each request: METHOD PATH STATUS.
import http.client
import http.server
import os
import sys
import time

port_file, faults = sys.argv[1], dict(a.split("=", 1) for a in sys.argv[2:])


def left(name):
    """True as often as the fault's number says."""
    n = int(faults.get(name, "0"))
    faults[name] = str(max(n - 1, 0))
    return n > 0


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, headers=(), body=b""):
        print(self.command, self.path, status, flush=True)
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304) and not any(n.lower() == "content-length" for n, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def ask(self, method, body):
        with open(port_file) as f:
            server = http.client.HTTPConnection("127.0.0.1", int(f.read()), timeout=60)
        dropped = ("connection", "host") if body else ("connection", "host", "content-length")
        headers = {n: v for n, v in self.headers.items() if n.lower() not in dropped}
        server.request(method, self.path, body=body, headers=headers)
        r = server.getresponse()
        data = r.read()
        server.close()
        return r.status, [(n, v) for n, v in r.getheaders() if n.lower() not in ("connection", "transfer-encoding")], data

    def piece_fault(self, body):
        """The body to pass on; None: it was answered here."""
        if "drop-patch" in faults and self.command == "PATCH":
            print("PATCH", self.path, "dropped", flush=True)
            self.close_connection = True
            return None
        if "patch" in faults and self.command == "PATCH":
            return self.answer(int(faults["patch"]))
        if left("busy"):
            return self.answer(429, [("Retry-After", faults["wait"])])
        if left("fail"):
            return self.answer(502)
        if not left("after") and left("stall"):
            print("PATCH", self.path, "stalled", flush=True)
            while not os.path.exists(port_file + ".go"):
                time.sleep(0.02)
            self.close_connection = True
            return None
        if left("forget"):
            self.ask("DELETE", None)
        if left("damage"):
            return bytes([body[0] ^ 1]) + body[1:]
        return body

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "no-tus" in faults and self.path.startswith("/api/v1/uploads"):
            return self.answer(404)
        if self.command == "PATCH" or self.headers.get("X-HTTP-Method-Override") == "PATCH":
            body = self.piece_fault(body)
            if body is None:
                return None
        try:
            status, headers, data = self.ask(self.command, body)
        except OSError:
            self.close_connection = True
            return None
        if "lie" in faults:
            headers = [(n, "0" * 64 if n.lower() == "x-certtriage-bundle" else v) for n, v in headers]
        if "elsewhere" in faults:
            headers = [(n, faults["elsewhere"] if n.lower() == "location" else v) for n, v in headers]
        return self.answer(status, headers, data)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = do_OPTIONS = pass_on


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Relay)
print(server.server_address[1], flush=True)
server.serve_forever()

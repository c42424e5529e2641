#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# connect_proxy.py PORT_FILE STATUS: an HTTP proxy that answers CONNECT with STATUS; 200: a tunnel to the port that PORT_FILE names,
# whatever host was asked for. Prints its port, then each line that asks for something.
import socket
import sys
import threading

port_file, status = sys.argv[1], int(sys.argv[2])


def copy(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(4096)
        if not data:
            return
        head += data
    print(head.decode().splitlines()[0], "with the token" if b"Bearer" in head else "", flush=True)
    client.sendall(b"HTTP/1.1 %d x\r\n%s\r\n" % (status, b"" if status == 200 else b"Content-Length: 0\r\n"))
    if status != 200:
        client.close()
        return
    with open(port_file) as f:
        server = socket.create_connection(("127.0.0.1", int(f.read())))
    threading.Thread(target=copy, args=(server, client), daemon=True).start()
    copy(client, server)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

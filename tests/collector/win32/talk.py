#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# talk.py QUESTION=ANSWER… -- COMMAND…: runs it on a terminal of its own, answers what it asks, and prints what it said.
import os
import pty
import select
import sys
import time
import tty

at = sys.argv.index("--")
answers = [a.split("=", 1) for a in sys.argv[1:at]]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
tty.setraw(fd)  # as Wine's console sets it, but from the first moment on
said, end = b"", time.time() + 100
while time.time() < end:
    if select.select([fd], [], [], 1)[0]:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    if answers and answers[0][0].encode() in said:
        time.sleep(0.3)
        os.write(fd, answers.pop(0)[1].encode() + b"\r")
sys.stdout.buffer.write(said)
os.close(fd)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

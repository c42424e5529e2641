#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""upload.py URL TOKEN FILE CASE CHUNK: tuspy, with checksums; goes on when the connection broke. Prints the same as upload.js."""
import sys
import time

import requests
from tusclient import client
from tusclient.exceptions import TusCommunicationError

url, token, file, name, chunk = sys.argv[1:6]
tus = client.TusClient(url + "/api/v1/uploads", headers={"Authorization": "Bearer " + token})
uploader = tus.uploader(file, chunk_size=int(chunk), metadata={"filename": "server.zip", "case": name}, upload_checksum=True)
failures, resumed = 0, []
while True:
    try:
        if failures and uploader.url:
            uploader.offset = uploader.get_offset()
            resumed.append(str(uploader.offset))
        uploader.upload()
        break
    except (TusCommunicationError, requests.exceptions.RequestException) as e:
        failures += 1
        if failures > 40:
            sys.exit("failed %s" % e)
        time.sleep(0.1)
print("failures", failures)
print("resumed", " ".join(resumed))
answer = requests.head(uploader.url, headers={"Authorization": "Bearer " + token, "Tus-Resumable": "1.0.0"}, timeout=20)
print("bundle", answer.headers["X-Certtriage-Bundle"])

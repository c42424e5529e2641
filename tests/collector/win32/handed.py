#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# handed.py CASE SID FILE: the memory that a user's process hands to the one that goes on elevated (collector/handed.c), as it should be or
# with one thing wrong.
import hashlib
import io
import json
import struct
import sys
import zipfile

case, sid, path = sys.argv[1:4]
mark = "PLANTED"
certificate = b"\x30\x07PLANTED"
sha1 = hashlib.sha1(certificate).hexdigest()
registry = f'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_USERS\\{sid}\\Software\\{mark}]\r\n"SecureProtocols"=dword:00000a00\r\n'
record = {"location": "CurrentUser", "user": sid, "store": "My", "physical": "Registry", "thumbprint": sha1, "entry": "x", "chains": None}


def item(number, **more):
    return f"items/{number:06}.json", json.dumps({"id": number, "outcome": "ok", "user": sid, **more})


def stores(*names):
    return [item(2 + i, kind="cert-store", store=name, source=mark, entry="iis/config/x.config") for i, name in enumerate(names)]


entries = [
    (f"registry/client-{sid}.reg", registry),
    item(1, kind="reg-client", source=mark),
    (f"certs/CurrentUser-{sid}/My/{sha1}.cer", certificate),
    (f"certs/stores-{sid}.json", json.dumps({"stores": [], "certificates": [record], "lists": []})),
    *stores("My", "Root", "CA"),
]
if case == "machine-key":
    entries[0] = (entries[0][0], registry + "\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP]\r\n")
elif case == "absent-machine-key":
    entries[0] = (entries[0][0], registry + "; Absent=[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP]\r\n")
elif case == "utf-16":
    entries[0] = (entries[0][0], registry.encode("utf-16"))
elif case == "configuration":
    entries.append(("iis/config/applicationHost.config", f"<{mark}/>"))
elif case == "other-user":
    entries.append((f"registry/client-{sid}1.reg", registry))
elif case == "machine-store":
    entries.append((f"certs/LocalMachine/Root/{sha1}.cer", certificate))
elif case == "wrong-name":
    entries[2] = (f"certs/CurrentUser-{sid}/My/{'0' * 40}.cer", certificate)
elif case == "machine-item":
    entries.append(item(9, kind="iis-config", entry="registry/x.reg"))
elif case == "many-items":
    entries += [item(n, kind="reg-client") for n in range(20, 60)]
elif case == "bomb":
    entries.append((f"certs/CurrentUser-{sid}/CA/{sha1}.cer", bytes(20 << 20)))
elif case == "denied":  # what that process could not read is read again
    entries[1] = item(1, kind="reg-client", source=mark, outcome="denied", reason=mark)

file = io.BytesIO()
with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zip:
    for name, text in entries:
        zip.writestr(name, text)
data = bytearray(file.getvalue())
if case == "damaged":
    data[data.index(b"registry/") + 60] ^= 0xFF
elif case == "no-zip":
    data = bytearray(mark.encode() * 100)
length = {"longer-than-it-is": 1 << 40, "negative": (1 << 64) - 8, "too-long": len(data) + 200000}.get(case, len(data))
with open(path, "wb") as out:
    out.write(struct.pack("<Q", length) + data)

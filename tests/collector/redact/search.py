# SPDX-License-Identifier: Apache-2.0
# Which of the secrets in the file NAMES are in the zip, in any encoding.
import base64, re, sys, zipfile
names, bundle = sys.argv[1:]
zip = zipfile.ZipFile(bundle)
texts = [(n, zip.read(n)) for n in zip.namelist()] + [("the zip", open(bundle, "rb").read())]
texts += [(n, re.sub(rb"\\\r?\n *", b"", t)) for n, t in texts if n.endswith(".reg")] # hex over several lines
texts += [(n, t.decode("utf-16").encode()) for n, t in texts if t[:2] in (b"\xff\xfe", b"\xfe\xff")]
texts = [(n, t.lower()) for n, t in texts]
def forms(secret):
    for plain in (secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield ",".join("%02x" % b for b in plain).encode()
        yield "".join("%%%02x" % b for b in plain).encode()
        for shift in range(3): # what base64 makes of it wherever it stands, without the ends that its neighbours change
            form = base64.b64encode(bytes(shift) + plain)[2 * (shift > 0) + 2:-4]
            if len(form) >= 8: # less is found anywhere
                yield form
for line in open(names):
    secret, kind = line.split()
    where = sorted({n for n, t in texts if any(f.lower() in t for f in forms(secret))})
    if where:
        print(kind, secret, *where)

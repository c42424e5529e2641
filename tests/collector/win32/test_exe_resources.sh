#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What Windows reads of the EXE before it runs: the manifest (as whom, long paths, UTF-8, which Windows) and the version.
set -u
build=$1
found=no failed=0
for kind in win64:x86_64 win32:i686; do
  exe=$build/${kind%:*}/certtriage-collect.exe objcopy=${kind#*:}-w64-mingw32-objcopy
  [ -f "$exe" ] && command -v "$objcopy" >/dev/null || continue
  found=yes
  work=$(mktemp -d)
  "$objcopy" -O binary --only-section=.rsrc "$exe" "$work/rsrc" && python3 - "$work/rsrc" "$CT_SOURCE_DIR/CMakeLists.txt" "$exe" <<'END' || failed=1
import re, struct, sys
import xml.etree.ElementTree as xml

data, wrong = open(sys.argv[1], "rb").read(), []
begin, end = data.find(b"<?xml"), data.find(b"</assembly>")
manifest = xml.fromstring(data[begin:end + len(b"</assembly>")])
text = {e.tag.split("}")[1]: (e.text or "").strip() for e in manifest.iter()}
level = [e.attrib for e in manifest.iter() if e.tag.endswith("}requestedExecutionLevel")]
if level != [{"level": "asInvoker", "uiAccess": "false"}]:
    wrong.append(f"requestedExecutionLevel: {level}")
for name, value in (("longPathAware", "true"), ("activeCodePage", "UTF-8")):
    if text.get(name) != value:
        wrong.append(f"{name}: {text.get(name)}")
# Windows 7, 8, 8.1 and 10: without them Windows plays an older one.
ids = {e.attrib["Id"][1:9] for e in manifest.iter() if e.tag.endswith("}supportedOS")}
if ids != {"35138b9a", "4a2f28e3", "1f676c76", "8e0f7a12"}:
    wrong.append(f"supportedOS: {sorted(ids)}")

project = re.search(r"project\(certtriage VERSION ([0-9.]+)", open(sys.argv[2]).read()).group(1)
at = data.find(struct.pack("<I", 0xFEEF04BD))  # VS_FIXEDFILEINFO
ms, ls = struct.unpack_from("<II", data, at + 8)
number = f"{ms >> 16}.{ms & 0xffff}.{ls >> 16}"
if at < 0 or number != project:
    wrong.append(f"the version is {number}, not {project}")
strings = data.decode("utf-16-le", "replace") + data[1:].decode("utf-16-le", "replace")
for value in ("FileDescription", "ProductName", "OriginalFilename", "certtriage-collect.exe", "LegalCopyright", project):
    if value not in strings:
        wrong.append(f"the version resource has no {value}")
print(*(f"{sys.argv[3]}: {w}" for w in wrong), sep="\n", end="\n" if wrong else "")
sys.exit(bool(wrong))
END
  rm -rf "$work"
done
[ $found = yes ] || { echo "skipped: no certtriage-collect.exe under $build, or no mingw-w64"; exit 77; }
exit $failed

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The 32-bit EXE on a 64-bit server takes what the image backend takes: the 64-bit registry, and the System32 that is not SysWOW64.
set -u
build=$1
exe=${CERTTRIAGE_EXE:-$build/win32/certtriage-collect.exe}
[ -f "$exe" ] || { echo "skipped: $exe is not there: deploy/build --windows --x86"; exit 77; }
[ -n "${CERTTRIAGE_EXE:-}" ] || [ -x /usr/lib/wine/wine ] || { echo "skipped: Wine for 32 bits is not there (the package wine32 of i386)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A prefix of its own making: the template of the other tests may be older than wine32, and have no SysWOW64.
mkdir "$work/build" && ln -s "$build/bin" "$work/build/bin"
export CERTTRIAGE_BUILD=$work/build CERTTRIAGE_EXE=$exe
"$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/wine" --role server -o x86.zip >"$work/out" 2>"$work/err"
code=$?
[ $code = 1 ] && unzip -tqq "$work/wine/x86.zip" || { echo "no bundle, exit code $code:"; tail -n 3 "$work/err"; exit 1; } # 1: no event logs in Wine
"$build/bin/certtriage-collect" --image "$work/wine/image" --role server -o "$work/image.zip" >/dev/null 2>&1
"$CT_SOURCE_DIR/tests/tools/wine-compare" "$work/wine/x86.zip" "$work/image.zip"

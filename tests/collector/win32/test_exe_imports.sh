#!/usr/bin/env bash
# The EXE is small, needs nothing but Windows 7's own DLLs, and is built with what Windows offers against exploits.
set -u
exe=$1/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
objdump=x86_64-w64-mingw32-objdump
command -v $objdump >/dev/null || { echo "skipped: $objdump is not there"; exit 77; }
failures=0
fail() {
  echo "$*"
  failures=$((failures + 1))
}
headers=$($objdump -p "$exe") || exit 1

size=$(stat -c %s "$exe")
[ "$size" -le $((768 * 1024)) ] || fail "$size bytes: more than 768 KiB"

# In System32 of every Windows since 7. ucrtbase and api-ms-win-… are not.
ours='advapi32|bcrypt|crypt32|iphlpapi|kernel32|msvcrt|ncrypt|netapi32|ole32|rpcrt4|secur32|shell32|user32|winhttp|ws2_32'
dlls=$(printf '%s\n' "$headers" | sed -n 's/.*DLL Name: //p' | tr 'A-Z' 'a-z')
[ -n "$dlls" ] || fail "no imports were found at all"
for dll in $dlls; do
  printf '%s\n' "$dll" | grep -qxE "($ours)\.dll" || fail "imports $dll"
done

# Newer than Windows 7, and known to slip in with a library or a newer header: looked up while running, or not at all.
newer='GetSystemTimePreciseAsFileTime|CreateFile2|GetTempPath2[AW]|SetThreadDescription|WaitOnAddress|GetOverlappedResultEx|BCryptHash|ProcessPrng|GetHostNameW|GetAddrInfoExCancel|WinHttpCreateProxyResolver|IsWow64Process2|GetFileInformationByName'
found=$(printf '%s\n' "$headers" | awk '$3 != "" {print $NF}' | grep -xE "$newer")
[ -z "$found" ] || fail "imports what Windows 7 does not have: $found"

for flag in DYNAMIC_BASE NX_COMPAT HIGH_ENTROPY_VA; do
  printf '%s\n' "$headers" | grep -q "$flag" || fail "$flag is not set"
done
grep -qa 'requestedExecutionLevel level="asInvoker"' "$exe" || fail "no manifest"
[ "$failures" = 0 ] && echo "$size bytes, imports" $dlls
exit $((failures > 0))

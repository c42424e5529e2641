#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The EXE, for x64 and for x86 where it is built: small, needs no function that Windows 7 does not have, takes no memory of the process heap,
# names paths, keys and accounts by ...W functions, and is built with what Windows offers against exploits.
set -u
build=$1
list=$CT_SOURCE_DIR/tests/collector/win32/windows7.imports
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
  echo "$*"
  failures=$((failures + 1))
}
grep -v '^#' "$list" | grep . | sort -u >"$work/windows7"

# imports OBJDUMP EXE: "dll function", one a line
imports() { "$1" -p "$2" | awk '/DLL Name:/ { dll = tolower($3) } dll != "" && NF == 3 && $2 ~ /^[0-9]+$/ { print dll, $3 }' | sort -u; }

# What is not on the list, one a line.
unknown() { comm -23 "$1" "$work/windows7"; }

# ...A functions that take no name of a path, a key or an account.
# CryptAcquireContextA: libzip, without a container's name. GetEnvironmentVariableA: libcurl, http_proxy and its kind. GetModuleHandleA:
# libraries, names of system DLLs as constants. GetStartupInfoA: start-up code of C. LoadLibraryA: that of libgcc on x86, where a program
# with several libgcc wants to keep the shared one loaded; here there is none, so it is not called.
harmless='CryptAcquireContextA|GetEnvironmentVariableA|GetModuleHandleA|GetStartupInfoA'
harmless_win32='LoadLibraryA'
# msvcrt functions that give or take memory of its own heap, and those of Windows that are about the process heap. LocalFree and GlobalFree
# only free what Windows returned.
memory='malloc|calloc|realloc|free|_?strdup|_?wcsdup|_msize|_expand|_recalloc|_aligned_[a-z]*|_getcwd|_fullpath|GetProcessHeap|LocalAlloc|GlobalAlloc|LocalReAlloc|GlobalReAlloc|CoTaskMemAlloc|SysAllocString'

check() { # check EXE OBJDUMP FLAG…
  local exe=$1 objdump=$2 size found flag
  shift 2
  size=$(stat -c %s "$exe")
  [ "$size" -le 786432 ] || fail "$exe: $size bytes, more than 768 KiB"
  imports "$objdump" "$exe" >"$work/imports"
  [ "$(wc -l <"$work/imports")" -gt 200 ] || fail "$exe: the imports were not found"
  found=$(unknown "$work/imports")
  [ -z "$found" ] || fail "$exe imports what $list does not have:
$found"
  found=$(awk '{ print $2 }' "$work/imports" | grep -xE "$memory")
  [ -z "$found" ] || fail "$exe: memory that is not the own heap's: $found"
  found=$(awk '$1 != "msvcrt.dll" { print $2 }' "$work/imports" | grep -E '[a-z]A$' | grep -vxE "$harmless${allowed:+|$allowed}")
  [ -z "$found" ] || fail "$exe: ...A functions: $found"
  for flag; do
    "$objdump" -p "$exe" | grep -q "$flag" || fail "$exe: $flag is not set"
  done
  echo "$exe: $size bytes, $(wc -l <"$work/imports") functions of" $(cut -d' ' -f1 "$work/imports" | sort -u)
}

# The test sees what it is there for: a program that imports what is newer, an ...A function and memory.
sees() { # sees GCC OBJDUMP
  cat >"$work/newer.c" <<'END'
#include <windows.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    FILETIME t;
    GetSystemTimePreciseAsFileTime(&t);
    return CreateFileA(argv[argc - 1], 0, 0, NULL, 0, 0, NULL) == malloc(t.dwLowDateTime);
}
END
  "$1" -D_WIN32_WINNT=0x0602 -o "$work/newer.exe" "$work/newer.c" || fail "the counter-example was not built"
  imports "$2" "$work/newer.exe" >"$work/newer"
  unknown "$work/newer" | grep -qx 'kernel32.dll GetSystemTimePreciseAsFileTime' || fail "what is newer than Windows 7 is not seen"
  unknown "$work/newer" | grep -qx 'kernel32.dll CreateFileA' || fail "an ...A function is not seen"
  awk '{ print $2 }' "$work/newer" | grep -qxE "$memory" || fail "malloc of msvcrt is not seen"
}

found=no
for kind in win64:x86_64 win32:i686; do
  exe=$build/${kind%:*}/certtriage-collect.exe tools=${kind#*:}-w64-mingw32
  [ -f "$exe" ] && command -v "$tools-objdump" >/dev/null && command -v "$tools-gcc" >/dev/null || continue
  found=yes
  case $kind in
    win64:*) allowed= check "$exe" "$tools-objdump" DYNAMIC_BASE NX_COMPAT HIGH_ENTROPY_VA ;;
    *) allowed=$harmless_win32 check "$exe" "$tools-objdump" DYNAMIC_BASE NX_COMPAT ;;
  esac
  sees "$tools-gcc" "$tools-objdump"
done
[ $found = yes ] || { echo "skipped: no certtriage-collect.exe under $build, or no mingw-w64"; exit 77; }
# json_load_file and zip_source_file would open by the code page; libraries hold them, and nothing here calls them.
found=$(cd "$CT_SOURCE_DIR" && grep -rnE '\b(json_load_file|json_dump_file|zip_source_file|fopen|_open)\(' --include=*.c collector schema/lib | grep -v 'collector/os/image/')
[ -z "$found" ] || fail "opens by the code page: $found"
exit $((failures > 0))

#!/usr/bin/env bash
# What CMake cannot enforce: formatting, functions that we do not use, sizes, where an OS header may stand, a README a folder.
# An excuse is a comment on the same line: "style: why".
set -u
cd "$CT_SOURCE_DIR" || exit 1
broken=$(mktemp)
trap 'rm -f "$broken"' EXIT
report() { # report TITLE (lines on stdin); counts in a file, for it runs in the subshell of a pipe
  local lines
  lines=$(grep -v 'style: ' | head -20)
  [ -z "$lines" ] && return
  echo "$1" >>"$broken"
  printf '%s:\n%s\n' "$1" "$lines"
}
list() { git ls-files -co --exclude-standard -- "$@"; }
sources=$(list '*.c' '*.h')

printf '%s\n' "$sources" | xargs clang-format --dry-run 2>&1 | grep 'code should be clang-formatted' | cut -d: -f1 | sort -u | report "not formatted (clang-format -i)"
printf '%s\n' "$sources" | xargs grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|alloca|popen|system|strncat)[[:space:]]*\(' | report "functions that we do not use"
list 'schema/lib/*.c' 'collector/**/*.c' 'server/**/*.c' | grep -vE '^(server/(commands|cage)/)' | xargs grep -nE '\b(exit|abort|_exit)[[:space:]]*\(' | report "a library ends the program"
list 'collector/*.c' 'collector/*.h' 'schema/lib/*.c' 'schema/lib/*.h' | grep -v '^collector/os/' | xargs grep -nE '#include <(windows|unistd|sys/|fcntl|dirent|wincrypt)|_WIN32' | grep -v 'compiler.h' | report "an operating system outside of collector/os"
printf '%s\n' "$sources" | xargs wc -l | awk '$2 != "total" && $1 > 500 {print $1 " lines: " $2}' | report "files over 500 lines"
for dir in $(printf '%s\n' "$sources" | grep -v '^tests/' | xargs -n1 dirname | sort -u); do
  [ -e "$dir/README.md" ] || [ -e "$(dirname "$dir")/README.md" ] || echo "$dir"
done | report "folders of code without a README"
list | cut -d/ -f1 | sort -u | grep -vxE 'collector|server|schema|tests|deploy|CMakeLists\.txt|README\.md|LICENSE|CMakePresets\.json|\..*' | report "at the top level, where only the agreed names stand"
printf '%s\n' "$sources" | while read -r f; do head -1 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$f"; done | report "no SPDX line"

[ -s "$broken" ] || exit 0
echo "$(wc -l <"$broken") rules of style are broken"
exit 1

#!/usr/bin/env bash
# wine_crypt.sh BUILD FOLDER PROGRAM: builds PROGRAM.c of this folder and runs it on FOLDER/cases under a fresh Wine prefix; FOLDER/answers. 77: there is no
# Wine or no compiler for it.
set -eu
build=$1 folder=$2 program=$3
here=$(cd "$(dirname "$0")" && pwd)
wine=/usr/lib/wine/wine64 wineserver=/usr/lib/wine/wineserver
[ -x "$wine" ] || wine=$(command -v wine64 || command -v wine) || exit 77
[ -x "$wineserver" ] || wineserver=$(command -v wineserver) || exit 77
command -v x86_64-w64-mingw32-gcc >/dev/null || exit 77
[ -f "$build/win64/certtriage-collect.exe" ] || exit 77 # the Windows part was not asked for
x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -Os -static -o "$folder/$program.exe" "$here/$program.c" -lcrypt32 -ladvapi32
export WINEPREFIX=$folder/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d" DISPLAY=
if [ -f "$build/wine-template/system.reg" ]; then # the one that deploy/demo-wine made
  cp -a "$build/wine-template" "$WINEPREFIX"
fi
end() {
  "$wineserver" -k >/dev/null 2>&1 || true
  timeout 60 "$wineserver" -w || true
}
trap end EXIT
cd "$folder"
timeout 240 "$wine" "$program.exe" cases >answers 2>wine.log

#!/usr/bin/env bash
# Events: which logs are asked for what, what becomes of the answers, and that nothing of an event leaves the machine but what is
# listed. Wine has no events; a wevtapi.dll of the tests (wevtapi_double.c) stands in for it. Wine's own: an error.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
cc=x86_64-w64-mingw32-gcc
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
command -v $cc >/dev/null || { echo "skipped: $cc is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() { # check WHAT EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    echo "$1: expected '$2', got '$3'"
    failures=$((failures + 1))
  fi
}

mkdir -p "$work/overlay/files/Windows/System32/winevt/Logs"
$cc -std=c11 -Wall -Wextra -Werror -Os -shared -static -Wl,--kill-at -o "$work/overlay/files/Windows/System32/wevtapi.dll" \
  "$CT_SOURCE_DIR/tests/collector/win32/wevtapi_double.c" || exit 1
printf 'ElfFile' >"$work/overlay/files/Windows/System32/winevt/Logs/System.evtx"
export CERTTRIAGE_BUILD=$build CERTTRIAGE_OVERLAY=$work/overlay
collect() { # collect NAME DLLS OPTION…
  local name=$1
  export CERTTRIAGE_DLLS=$2
  shift 2
  "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/$name" --role server -o x.zip "$@" \
    >"$work/out" 2>"$work/err"
}
items() { # items NAME: the events' items
  unzip -p "$work/$1/x.zip" manifest.json | python3 -c 'import json,sys
for i in json.load(sys.stdin)["items"]:
    if i["kind"]=="log-event":
        print(i["source"].split("\\")[-1], i["outcome"], i.get("osCode"), i.get("entry"))'
}

collect double 'wevtapi=n' --security-log
check "what became of each log" "System ok None logs/events/System.xml
Microsoft-Windows-CAPI2/Operational ok None logs/events/Microsoft-Windows-CAPI2%4Operational.xml
Application absent 15007 None
Security denied 5 None" "$(items double)"
unzip -p "$work/double/x.zip" logs/events/System.xml >"$work/system.xml"
check "the events, newest first" "36887 36888" "$(grep -o '<EventID>[0-9]*' "$work/system.xml" | cut -d'>' -f2 | paste -sd' ')"
check "a listed value stays" 1 "$(grep -c '<Data Name=.TargetName.>証明.contoso.com<' "$work/system.xml")"
check "what is not listed goes, and the message too" 0 "$(unzip -p "$work/double/x.zip" | grep -ac Pl4nted)"
check "well-formed" 0 "$(python3 -c 'import sys,xml.dom.minidom as m; m.parse(sys.argv[1])' "$work/system.xml" >/dev/null 2>&1; echo $?)"
check "an empty log is an entry without events" 0 "$(unzip -p "$work/double/x.zip" 'logs/events/Microsoft-Windows-CAPI2%4Operational.xml' | grep -c '<Event>')"
queries=$work/double/prefix/drive_c/queries.txt
check "newest first, by channel" 4 "$(grep -c ' 201 \*\[System\[' "$queries")"
check "each within a window" 4 "$(grep -cE "TimeCreated\[@SystemTime>='20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z'\]\]\]" "$queries")"
check "of the security log only logons" 1 "$(grep -c '^Security .*EventID=4625 or EventID=4768' "$queries")"
check "brackets and quotes match" 0 "$(python3 -c 'import sys
sys.exit(any(q.count(a) != q.count(b) for q in open(sys.argv[1], encoding="utf-8") for a, b in ("[]", "()")) or any(q.count(chr(39)) % 2 for q in open(sys.argv[1])))' "$queries"; echo $?)"

rm "$work/overlay/files/Windows/System32/wevtapi.dll"
collect plain '' --evtx
check "Wine's own wevtapi: an error" 3 "$(items plain | grep -cE '(Operational|System|Application) error (None|[0-9]+) None')"
check "the security log is not even asked for" 0 "$(items plain | grep -c Security)"
check "a log file that is there, others that are not" "System.evtx ok None logs/events/System.evtx
Microsoft-Windows-CAPI2%4Operational.evtx absent 2 None
Application.evtx absent 2 None" "$(items plain | grep evtx)"
[ "$failures" = 0 ] || cat "$work/err"
exit $((failures > 0))

#!/usr/bin/env bash
# The EXE on a client under Wine: the stores and settings of a user who is not the one that runs it, and a bundle that stands in the way.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() { # check WHAT COMMAND…
  local what=$1
  shift
  "$@" && return
  echo "failed: $what"
  failures=$((failures + 1))
}

export CERTTRIAGE_BUILD=$build
mkdir -p "$work/wine"
echo "what stood here before" >"$work/wine/client.zip"
"$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-client" "$work/wine" --role client -o client.zip \
  >"$work/out" 2>"$work/err"
check "Wine's event logs could not be read: exit code 1" [ $? = 1 ]
zip=$work/wine/client.zip
check "all else could" \
  python3 -c 'import json,sys; b=[i for i in json.load(sys.stdin)["items"] if i["outcome"] in ("error","denied","timeout") and i["kind"]!="log-event"]; print(*b, sep="\n", end=""); sys.exit(len(b)>0)' < <(unzip -p "$zip" manifest.json)
check "it is a valid zip" unzip -tqq "$zip"
"$build/bin/certtriage-collect" --image "$work/wine/image" --role client -o "$work/image.zip" 2>"$work/image.err"
check "the same as from the image" "$CT_SOURCE_DIR/tests/tools/wine-compare" "$zip" "$work/image.zip"
check "the other user's key is known by its container" \
  python3 -c 'import json,sys; c=[c for c in json.load(sys.stdin)["certificates"] if c["location"].startswith("CurrentUser") and c["store"]=="My"]; sys.exit(not (len(c)==1 and c[0]["key"] and c[0]["key"]["container"].startswith("le-client01") and c[0]["friendlyName"]=="client01"))' \
  < <(unzip -p "$zip" certs/stores.json)

# What is wrong with the command line is said in one line, and nothing is left behind.
"$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-client" "$work/refused" --role nobody -o x.zip \
  >"$work/out2" 2>"$work/err2"
check "a wrong option: exit code 2" [ $? = 2 ]
check "in one line" [ "$(wc -l <"$work/err2")" = 1 ]
check "and no bundle" [ ! -e "$work/refused/x.zip" ]
"$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-client" "$work/nowhere" --role client -o no/such/x.zip \
  >"$work/out3" 2>"$work/err3"
check "a folder that is not there: exit code 2" [ $? = 2 ]
check "with Windows' own code" grep -q '(3)' "$work/err3"
[ "$failures" = 0 ] || cat "$work/err"
exit $((failures > 0))

#!/usr/bin/env bash
# From the EXE under Wine to the diagnosis: the article's two machines have the cause that the article names, and the same findings as
# from their images.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() { # check WHAT EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    echo "$1: expected '$2', got '$3'"
    failures=$((failures + 1))
  fi
}

export CERTTRIAGE_BUILD=$build
collect() { # collect MACHINE ROLE
  "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/$1" "$work/$1" --role "$2" --case wine-1 -o wine.zip \
    >"$work/$1.out" 2>"$work/$1.err"
  "$build/bin/certtriage-collect" --image "$work/$1/image" --role "$2" --case wine-1 -o "$work/$1/image.zip" 2>>"$work/$1.err" >/dev/null
}
lint() { # lint KIND: the report of both bundles
  "$build/bin/certtriage-server" lint --format json -o "$work/$1.json" "$work/article-server/$1.zip" "$work/article-client/$1.zip" 2>"$work/$1.err"
  check "$1: an error was found" 1 $?
}
ask() { # ask KIND EXPRESSION
  python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/$1.json" "$2"
}

collect article-server server
collect article-client client
lint wine
lint image
check "the most likely cause" reneg-500-0-64 "$(ask wine 'r["diagnoses"][0]["causes"][0]["rule"]')"
# Wine's SetNamedSecurityInfo says yes and changes nothing, so the rights of folders are those of the Linux user; it brings root certificates of its own.
found='sorted((f["rule"], f["machine"] if isinstance(f["machine"], str) else "", str(f["subject"])) for f in r["findings"] if f["rule"] not in ("key-folder-acl-broken", "root-store-bloat"))'
check "the findings" "$(ask image "$found")" "$(ask wine "$found")"
check "the commands that mend it" "$(ask image 'next(f["remedy"] for f in r["findings"] if f["rule"]=="reneg-500-0-64")')" \
  "$(ask wine 'next(f["remedy"] for f in r["findings"] if f["rule"]=="reneg-500-0-64")')"
exit $((failures > 0))

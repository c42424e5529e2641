#!/usr/bin/env bash
# The EXE on a filled IIS server under Wine takes what the image backend takes of the same machine, with certificates of every kind
# in its stores; what cannot be read is an item with an error and its code, and the run goes on to the end.
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

machine=$CT_SOURCE_DIR/tests/machines/article-server
export CERTTRIAGE_BUILD=$build CERTTRIAGE_OVERLAY=$CT_SOURCE_DIR/tests/collector/win32/stores-overlay
"$CT_SOURCE_DIR/deploy/demo-wine" "$machine" "$work/wine" --role both --case wine-1 \
  -o 'Bündel 証明.zip' --url https://chiranth.com/ >"$work/out" 2>"$work/err"
check "an item that could not be read: exit code 1" [ $? = 1 ]
zip="$work/wine/Bündel 証明.zip"
check "the bundle has the name that was asked for" [ -f "$zip" ]
check "it is a valid zip" unzip -tqq "$zip"
"$build/bin/certtriage-collect" --image "$work/wine/image" --role both --case wine-1 -o "$work/image.zip" 2>"$work/image.err"
check "the same as from the image" "$CT_SOURCE_DIR/tests/tools/wine-compare" "$zip" "$work/image.zip"

manifest() { unzip -p "$zip" manifest.json; }
check "http.sys, which Wine does not have, is an error with its code" \
  python3 -c 'import json,sys; i=[i for i in json.load(sys.stdin)["items"] if i["kind"]=="http-sslcert"]; sys.exit(not (len(i)==1 and i[0]["outcome"]=="error" and "(2)" in i[0]["reason"]))' < <(manifest)
check "a store with a damaged certificate is an error that names it" \
  python3 -c 'import json,sys; i=[i for i in json.load(sys.stdin)["items"] if i.get("store")=="TrustedPeople"]; sys.exit(not (len(i)==1 and i[0]["outcome"]=="error" and "0123456789ABCDEF" in i[0]["reason"]))' < <(manifest)
check "and nothing else is" \
  python3 -c 'import json,sys; b=[i for i in json.load(sys.stdin)["items"] if i["outcome"] in ("error","denied","timeout") and i["kind"] not in ("http-sslcert","log-event") and i.get("store")!="TrustedPeople"]; print(*b, sep="\n", end=""); sys.exit(len(b)>0)' < <(manifest)
check "an account that Windows does not know is absent, with the code that says so" \
  python3 -c 'import json,sys; i=[i for i in json.load(sys.stdin)["items"] if i["kind"]=="account"]; sys.exit(not (i and all(x["outcome"]=="absent" and "(1332)" in x["reason"] for x in i)))' < <(manifest)
check "the system's chain of each certificate in My, without revocation and with what is cached" \
  python3 -c 'import json,sys; my=[c for c in json.load(sys.stdin)["certificates"] if c["store"]=="My" and c["location"]=="LocalMachine"]
sys.exit(not (my and all([x["revocation"] for x in c["chains"]] == ["none","cache"] and all(x["outcome"]=="ok" and x["elements"][0]["thumbprint"]==c["thumbprint"] and isinstance(x["error"], int) for x in c["chains"]) for c in my)))' \
  < <(unzip -p "$zip" certs/stores.json)
check "of no other store" \
  python3 -c 'import json,sys; sys.exit(any(c["chains"] for c in json.load(sys.stdin)["certificates"] if c["store"]!="My"))' < <(unzip -p "$zip" certs/stores.json)
check "each key file has a security descriptor" \
  python3 -c 'import json,sys; f=json.load(sys.stdin)["files"]; sys.exit(not (f and all("D:" in x["sddl"] and x["sddl"].startswith("O:S-1-") for x in f)))' < <(unzip -p "$zip" acl/keys.json)
[ "$failures" = 0 ] || cat "$work/err"
exit $((failures > 0))

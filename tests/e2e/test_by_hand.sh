#!/usr/bin/env bash
# A zip made by hand, without a manifest: it is linted by its entry names, and the coverage says what is not known.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server
mkdir "$work/hand"
(cd "$work/hand" && unzip -q "$work/article-server.zip" && rm -rf manifest.json items acl && zip -qr ../hand.zip .)
"$bin/certtriage-server" lint "$work/hand.zip" >"$work/report.txt"
check "it is linted, and the error is found" 1 $?
has "the coverage says that there is no manifest" 'no manifest|without a manifest' "$work/report.txt"
has "the cause is found all the same" 'reneg-500-0-64' "$work/report.txt"
"$bin/certtriage-server" lint --format json -o "$work/report.json" "$work/hand.zip"
unknown=$(/usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
print(sorted({v["verdict"] for v in r["verdicts"] if v["rule"] == "key-acl-identity-missing"}))' "$work/report.json")
check "what was not collected is not fine" "['not-evaluated']" "$unknown"

printf 'this is no zip' >"$work/not.zip"
"$bin/certtriage-server" lint "$work/not.zip" 2>"$work/refusal"
check "what is no zip cannot be linted" 2 $?
check "one line says so" 1 "$(wc -l <"$work/refusal")"
has "and names it" 'not\.zip' "$work/refusal"
[ "$failures" = 0 ]
